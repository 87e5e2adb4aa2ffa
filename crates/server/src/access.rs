//! Which hosts and origins a request may name. This guards against web pages, whose scripts can
//! reach a server on the reader's own machine; it is no authentication.
//!
//! A page can do so in two ways. It can send a request to another origin, whose answer it may not
//! read; the browser names the page in `Origin`. And it can let its own name stand for the
//! server's address (DNS rebinding), so that the browser takes both for one origin; then `Host` has
//! the page's name.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{
    error::ApiError,
    http1::{Head, Response},
};

/// Stands for all hosts or origins in the lists of those allowed.
const ANY: &str = "*";

/// The hosts and origins that are allowed beside the usual ones.
pub(crate) struct Access {
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// What a request is allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// The request comes from a program, or from a page of this very origin.
    Own,
    /// The request comes from a page of this other origin, which may read the answer.
    Page(String),
}

impl Access {
    pub(crate) fn new(hosts: &[String], origins: &[String]) -> Self {
        let lower = |names: &[String]| names.iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { hosts: lower(hosts), origins: lower(origins) }
    }

    pub(crate) fn check(&self, head: &Head) -> Result<Allowed, ApiError> {
        for host in [&head.host, &head.authority].into_iter().flatten() {
            if !self.allows_host(host) {
                return Err(ApiError::HostNotAllowed(host.clone()));
            }
        }
        let Some(origin) = &head.origin else {
            return match head.fetch_site.as_deref() {
                None | Some("same-origin" | "none") => Ok(Allowed::Own),
                _ if head.method.only_reads() => Ok(Allowed::Own),
                Some(site) => Err(ApiError::OriginNotAllowed(format!("({site})"))),
            };
        };
        let host = head.authority.as_ref().or(head.host.as_ref());
        if host.is_some_and(|host| same_origin(origin, host)) {
            return Ok(Allowed::Own);
        }
        let allowed = |known: &String| known == ANY || known.eq_ignore_ascii_case(origin);
        if self.origins.iter().any(allowed) {
            return Ok(Allowed::Page(origin.clone()));
        }
        Err(ApiError::OriginNotAllowed(origin.clone()))
    }

    /// An address is always allowed: no name server is asked for it, so none can lie about it.
    fn allows_host(&self, host: &str) -> bool {
        let Some((name, _)) = name_and_port(host) else {
            return false;
        };
        let name = name.to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || is_address(&name)
            || self.hosts.iter().any(|known| known == ANY || *known == name)
    }
}

impl Allowed {
    /// Lets the page that asked read the answer.
    pub(crate) fn mark(self, response: Response) -> Response {
        match self {
            Self::Own => response,
            Self::Page(origin) => response
                .header("access-control-allow-origin", origin)
                .header(
                    "access-control-expose-headers",
                    "etag, idempotent-replayed, location, retry-after, sandtide-usage, sandtide-version",
                )
                .header("vary", "origin"),
        }
    }
}

fn is_address(name: &str) -> bool {
    let v6 = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    name.parse::<Ipv4Addr>().is_ok() || v6.is_some_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

/// Splits `name:port`; `None` for what is no host. The name of an IPv6 address keeps its brackets.
fn name_and_port(host: &str) -> Option<(&str, Option<u16>)> {
    let name_end = match host.find(']') {
        Some(end) => end + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    let (name, port) = host.split_at(name_end);
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:".contains(&byte);
    if name.is_empty() || !name.bytes().all(in_name) {
        return None;
    }
    match port.strip_prefix(':') {
        None if port.is_empty() => Some((name, None)),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok().map(|port| (name, Some(port)))
        }
        _ => None,
    }
}

/// Whether a page of `origin` was served by `host`. A proxy may have added TLS, so either scheme
/// will do, each with its port where none is given.
fn same_origin(origin: &str, host: &str) -> bool {
    let Some((scheme, rest)) = origin.split_once("://") else {
        return false;
    };
    let usual = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    let (Some((page, page_port)), Some((name, port))) = (name_and_port(rest), name_and_port(host))
    else {
        return false;
    };
    page.eq_ignore_ascii_case(name) && page_port.unwrap_or(usual) == port.unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_localhost_are_hosts_and_other_names_are_not() {
        let access = Access::new(&["Sandtide.internal".to_owned()], &[]);
        for host in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "[::1]:80",
            "10.0.0.9",
            "localhost:1",
            "LOCALHOST",
            "a.localhost",
            "sandtide.INTERNAL:99",
        ] {
            assert!(access.allows_host(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "example.com",
            "localhost.example.com",
            "127.0.0.1.example.com",
            "notlocalhost",
            "localhost:x",
            "localhost:99999",
            "a@127.0.0.1",
            "127.0.0.1/x",
            "[::1",
            "::1]",
            "[::1]x",
            "127.0.0.1 ",
        ] {
            assert!(!access.allows_host(host), "{host}");
        }
    }

    #[test]
    fn a_page_is_of_the_same_origin_when_host_and_port_are_the_same() {
        for (origin, host) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://a", "A:80"),
            ("https://a:443", "a"),
            ("http://[::1]:1", "[::1]:1"),
        ] {
            assert!(same_origin(origin, host), "{origin} {host}");
        }
        for (origin, host) in [
            ("null", "a"),
            ("http://127.0.0.1:3000", "127.0.0.1:8080"),
            ("http://a.b", "a"),
            ("https://a", "a:80"),
            ("file://", ""),
            ("ftp://a", "a"),
            ("http://a/", "a"),
        ] {
            assert!(!same_origin(origin, host), "{origin} {host}");
        }
    }
}
