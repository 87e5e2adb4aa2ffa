//! A request as a handler is given it. Knows nothing of sockets.

use http::StatusCode;
use sandtide::{HttpRequest, Value};

use crate::{
    error::ApiError,
    http1::{Head, Method, Response},
};

/// Headers that are between the client and this server: of the connection, who asks it, and what this server adds.
const OURS: [&str; 13] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "sandtide-canary-key",
    "sandtide-tenant",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-forwarded-prefix",
];

/// Where a handler is mounted. It sees URLs as if it had the whole host.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    /// `/h/NAME`
    prefix: String,
    /// `http://HOST` or `https://HOST`
    origin: String,
}

impl Mount {
    pub(crate) fn of(name: &str, head: &Head) -> Mount {
        let host = head.authority.as_deref().or(head.host.as_deref()).unwrap_or("localhost");
        let scheme = if head.secure { "https" } else { "http" };
        Mount { prefix: format!("/h/{name}"), origin: format!("{scheme}://{host}") }
    }

    /// Has redirects within the handler's own paths lead where it is mounted.
    pub(crate) fn leads_back(&self, mut response: Response) -> Response {
        for (name, value) in &mut response.headers {
            if !name.eq_ignore_ascii_case("location") {
                continue;
            }
            let path = value.strip_prefix(&*self.origin).unwrap_or(value);
            if path.starts_with('/') && !path.starts_with("//") {
                *value = format!("{}{path}", self.prefix).into();
            }
        }
        response
    }
}

/// The request that a handler is given, whose path is what follows where it is mounted.
pub(crate) fn request(
    head: &Head,
    mount: &Mount,
    path: &str,
    body: Vec<u8>,
) -> Result<HttpRequest, ApiError> {
    let method = head.method.name();
    if ["CONNECT", "TRACE", "TRACK"].contains(&method) {
        return Err(ApiError::MethodNotAllowed {
            allowed: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
            method: method.to_owned(),
            path: head.path.clone(),
        });
    }
    let mut url = format!("{}{path}", mount.origin);
    if let Some(query) = &head.query {
        url.extend(["?", query]);
    }
    let named = options_of_connection(head);
    let mut headers = Vec::new();
    for (name, value) in &head.lines {
        let name = name.to_ascii_lowercase();
        // A token for this server is not the script's to see.
        let is_token = name == "authorization" && crate::auth::is_ours(value);
        if OURS.contains(&&*name) || is_token || named.contains(&name) {
            continue;
        }
        headers.push((name, value.iter().copied().map(char::from).collect()));
    }
    headers.push(("x-forwarded-prefix".to_owned(), mount.prefix.clone()));
    let has_body = !matches!(head.method, Method::Get | Method::Head) && !body.is_empty();
    Ok(HttpRequest {
        method: method.to_owned(),
        url,
        headers,
        body: has_body.then_some(body),
        // Given when the run begins: many may wait, and each would hold a copy.
        env: Value::Undefined,
    })
}

/// The headers that `Connection` says are of the connection.
fn options_of_connection(head: &Head) -> Vec<String> {
    let lines = head.lines.iter().filter(|(name, _)| name.eq_ignore_ascii_case("connection"));
    let names = lines.flat_map(|(_, value)| value.split(|&byte| byte == b','));
    names.map(|name| String::from_utf8_lossy(name.trim_ascii()).to_ascii_lowercase()).collect()
}

/// Whether a status has no body.
pub(super) fn is_without_body(status: StatusCode) -> bool {
    matches!(status.as_u16(), 204 | 205 | 304)
}
