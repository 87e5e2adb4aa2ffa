//! Requests that handlers are given, and what they answer: a default export with a method `fetch`, as
//! workerd and Deno have it. Both cross as plain values, so that nothing between a broker and a worker
//! knows of them.
//!
//! Must not know the engine.

use crate::value::Value;
use std::fmt;

/// A request for a handler.
#[derive(Clone, Default, PartialEq)]
pub struct HttpRequest {
    /// The method, a token of HTTP's.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Names and values in their order. A value is a string of bytes: a character up to U+00FF for each.
    pub headers: Vec<(String, String)>,
    /// The body; `None` for a request without one.
    pub body: Option<Vec<u8>>,
    /// What the handler is given as `env`.
    pub env: Value,
}

/// What a handler answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HttpResponse {
    /// The status, 200 to 599.
    pub status: u16,
    /// The reason phrase that the script gave; mostly empty.
    pub status_text: String,
    /// Names in lower case and values, as [`HttpRequest::headers`].
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Without what is secret: values of headers, the body, and all of `env`.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl HttpRequest {
    /// What the guest's half takes.
    pub(crate) fn to_value(&self) -> Value {
        let body = self.body.clone().map_or(Value::Undefined, Value::Bytes);
        [
            ("method", Value::from(&*self.method)),
            ("url", Value::from(&*self.url)),
            ("headers", Value::String(header_lines(&self.headers))),
            ("body", body),
            ("env", self.env.clone()),
        ]
        .into_iter()
        .collect()
    }
}

impl HttpResponse {
    /// The response that a run of a handler came to; `None` for what is none. A worker that its guest has
    /// taken over can answer anything, so nothing in it is believed.
    pub fn of(value: Value) -> Option<HttpResponse> {
        let Value::Object(members) = value else { return None };
        let mut made = HttpResponse::default();
        for (name, value) in members {
            match (&*name, value) {
                ("status", Value::Number(number)) if (200.0..600.0).contains(&number) => {
                    made.status = number as u16;
                }
                ("statusText", Value::String(text)) => made.status_text = text,
                ("headers", Value::String(text)) => {
                    made.headers = headers_of(&text)?;
                    // The guest's half writes lower case, and whoever sends them tells names apart by it.
                    let mut names = made.headers.iter().flat_map(|(name, _)| name.bytes());
                    if names.any(|byte| byte.is_ascii_uppercase()) {
                        return None;
                    }
                }
                ("body", Value::Bytes(bytes)) => made.body = bytes,
                _ => return None,
            }
        }
        (made.status != 0).then_some(made)
    }
}

/// Headers as the one text that crosses: a line for each.
#[must_use]
pub fn header_lines(headers: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        // A value with a line end would be two headers.
        if is_value(value) && is_name(name) {
            text.extend([name, ":", value, "\n"]);
        }
    }
    text
}

/// The headers that [`header_lines`] wrote; `None` where a name or a value is none of HTTP's.
#[must_use]
pub fn headers_of(text: &str) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    for line in text.split_terminator('\n') {
        let (name, value) = line.split_once(':')?;
        if !is_name(name) || !is_value(value) {
            return None;
        }
        headers.push((name.to_owned(), value.to_owned()));
    }
    Some(headers)
}

/// A token: section 5.6.2 of RFC 9110.
fn is_name(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token)
}

/// Bytes, of which none ends a line or a string or is another control but the tabulator: section 5.5 of RFC 9110.
fn is_value(text: &str) -> bool {
    text.chars().all(|c| c <= '\u{ff}' && (c == '\t' || !c.is_ascii_control()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn response(members: Vec<(&str, Value)>) -> Option<HttpResponse> {
        HttpResponse::of(members.into_iter().collect())
    }

    #[test]
    fn what_a_worker_says_is_a_response_only_where_it_can_be_sent() {
        let status = ("status", Value::from(200));
        assert_eq!(response(vec![status.clone()]).map(|it| it.status), Some(200));
        for bad in [
            vec![],
            vec![("status", Value::from(99))],
            vec![("status", Value::from(f64::NAN))],
            vec![("status", Value::from(600))],
            vec![("status", Value::from("200"))],
            vec![status.clone(), ("headers", Value::from("a b:c\n"))],
            vec![status.clone(), ("headers", Value::from("a:c\rd:e\n"))],
            vec![status.clone(), ("headers", Value::from("a:\u{100}\n"))],
            vec![status.clone(), ("headers", Value::from("a:\u{1b}[2J\n"))],
            vec![status.clone(), ("headers", Value::from("a:\u{7f}\n"))],
            vec![status.clone(), ("headers", Value::from("a"))],
            vec![status.clone(), ("headers", Value::from("Content-Length:1\n"))],
            vec![status.clone(), ("other", Value::Null)],
        ] {
            assert_eq!(response(bad.clone()), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn headers_come_back_as_they_were(
            headers in proptest::collection::vec(("[a-z-]{1,9}", "[ -~\u{a0}-\u{ff}\t]{0,20}"), 0..9)
        ) {
            prop_assert_eq!(headers_of(&header_lines(&headers)), Some(headers));
        }

        #[test]
        fn no_text_makes_a_header_that_is_two(text in ".{0,40}") {
            for (name, value) in headers_of(&text).unwrap_or_default() {
                prop_assert!(is_name(&name) && is_value(&value));
            }
        }
    }
}
