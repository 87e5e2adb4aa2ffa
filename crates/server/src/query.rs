//! Reads query strings. Knows nothing of what their parameters mean.

use percent_encoding::percent_decode;

use crate::error::ApiError;

/// The values of the parameters that a route knows, in their order. One that it does not know, one
/// given twice, and one that is not UTF-8 are refused.
pub(crate) fn parameters<const N: usize>(
    query: Option<&str>,
    known: [&str; N],
) -> Result<[Option<String>; N], ApiError> {
    let mut values = [const { None }; N];
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        let Some(at) = known.iter().position(|known| *known == name) else {
            return Err(ApiError::InvalidRequest(unknown(&name, &known)));
        };
        if values[at].replace(value).is_some() {
            return Err(ApiError::InvalidRequest(format!(
                "the query parameter `{name}` is given twice"
            )));
        }
    }
    Ok(values)
}

fn unknown(name: &str, known: &[&str]) -> String {
    match known {
        [] => format!("there is no query parameter `{name}` here; leave the query out"),
        known => {
            format!("there is no query parameter `{name}` here; there is `{}`", known.join("`, `"))
        }
    }
}

fn decode(text: &str) -> Result<String, ApiError> {
    let spaced = text.replace('+', " ");
    match percent_decode(spaced.as_bytes()).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(ApiError::InvalidRequest("the query is not UTF-8".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn known_parameters_are_decoded() {
        let [file, raw] = parameters(Some("raw&file=a%20b+c%C3%A9"), ["file", "raw"]).unwrap();
        assert_eq!(file.as_deref(), Some("a b cé"));
        assert_eq!(raw.as_deref(), Some(""));
        assert!(parameters(None, []).is_ok());
        assert!(parameters(Some(""), []).is_ok());
    }

    #[test]
    fn all_others_are_refused() {
        for query in ["b", "a&b=1", "a&a", "a=1&%61=2", "a=%ff", "%ff", "A"] {
            assert!(parameters(Some(query), ["a"]).is_err(), "{query}");
        }
    }
}
