//! Addresses as `--inspect` and its like have them. Must not know what is opened there.

/// A host and a port, as `--inspect=` has them: either, or both.
pub(crate) fn parse_address(text: &str) -> Result<(Option<String>, Option<u16>), String> {
    let port = |text: &str| {
        let port = text.parse::<u16>().ok().filter(|port| *port == 0 || *port >= 1024);
        port.ok_or_else(|| format!("{text} must be 0 or in range 1024 to 65535."))
    };
    if text.is_empty() {
        return Ok((None, None));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or_else(|| format!("{text} has no ]"))?;
        let given = rest.strip_prefix(':').map(port).transpose()?;
        return Ok((Some(host.to_owned()), given));
    }
    match text.rsplit_once(':') {
        Some((host, given)) => Ok((Some(host.to_owned()), Some(port(given)?))),
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok((None, Some(port(text)?))),
        None => Ok((Some(text.to_owned()), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_address;

    #[test]
    fn an_address_is_a_host_a_port_or_both() {
        let host = |host: &str| Some(host.to_owned());
        assert_eq!(parse_address(""), Ok((None, None)));
        assert_eq!(parse_address("0"), Ok((None, Some(0))));
        assert_eq!(parse_address("9230"), Ok((None, Some(9230))));
        assert_eq!(parse_address("0.0.0.0"), Ok((host("0.0.0.0"), None)));
        assert_eq!(parse_address("localhost:9230"), Ok((host("localhost"), Some(9230))));
        assert_eq!(parse_address("[::1]:9230"), Ok((host("::1"), Some(9230))));
        assert!(parse_address("80").is_err());
        assert!(parse_address("99999").is_err());
        assert!(parse_address("host:x").is_err());
    }
}
