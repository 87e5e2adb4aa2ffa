//! What clients find a program by: the answers of `/json`, and whose requests are answered. Must not know
//! how HTTP is served.

use serde_json::{Value, json};

/// The release of the protocol.
pub const PROTOCOL: &str = "1.1";

/// Something that can be debugged.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// Its number, a UUID: the path of its WebSocket.
    pub id: &'a str,
    /// What it is called: the program's file.
    pub title: &'a str,
    /// The file as a URL.
    pub url: &'a str,
    /// Host and port that the client came by.
    pub authority: &'a str,
}

/// The answer of `/json/list` for one program.
pub fn list(listed: &Listed<'_>) -> Value {
    let Listed { id, title, url, authority } = *listed;
    let frontend = |page: &str| {
        format!(
            "devtools://devtools/bundled/{page}?experiments=true&v8only=true&ws={authority}/{id}"
        )
    };
    json!([{
        "description": "sandtide node instance",
        "devtoolsFrontendUrl": frontend("js_app.html"),
        "devtoolsFrontendUrlCompat": frontend("inspector.html"),
        "faviconUrl": "",
        "id": id,
        "title": title,
        "type": "node",
        "url": url,
        "webSocketDebuggerUrl": format!("ws://{authority}/{id}"),
    }])
}

/// The answer of `/json/version`; `browser` is the program's name and release.
pub fn version(browser: &str) -> Value {
    json!({ "Browser": browser, "Protocol-Version": PROTOCOL })
}

/// The host of an authority, without its port and brackets.
fn host_of(authority: &str) -> &str {
    if let Some(rest) = authority.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    authority.rsplit_once(':').map_or(authority, |(host, _)| host)
}

/// Whether a request by this `Host` is answered: a page may not reach the port by a name of its own that
/// was made to lead here. Addresses and names of the machine itself are fine, and so is `bound`, the
/// host that the port was opened on.
pub fn is_allowed_host(authority: Option<&str>, bound: &str) -> bool {
    let Some(authority) = authority else { return false };
    let host = host_of(authority);
    let local = host.eq_ignore_ascii_case("localhost") || host.eq_ignore_ascii_case("localhost6");
    local || host.parse::<std::net::IpAddr>().is_ok() || host.eq_ignore_ascii_case(bound)
}

/// Whether a page of this `Origin` may open a WebSocket. Programs send none; Chrome's own tools are no
/// page of the web's.
pub fn is_allowed_origin(origin: Option<&str>) -> bool {
    let Some(origin) = origin else { return true };
    let Some((scheme, rest)) = origin.split_once("://") else { return false };
    match scheme {
        "devtools" | "chrome-extension" | "vscode-webview" | "vscode-file" | "file" => true,
        "http" | "https" => {
            let host = host_of(rest.split('/').next().unwrap_or_default());
            host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_names_of_the_machine_are_answered() {
        for host in
            ["127.0.0.1:9229", "localhost:9229", "[::1]:9229", "10.0.0.2", "LOCALHOST", "my.host:1"]
        {
            assert!(is_allowed_host(Some(host), "my.host"), "{host}");
        }
        for host in [Some("evil.example:9229"), Some("localhost.evil.example"), Some(""), None] {
            assert!(!is_allowed_host(host, "127.0.0.1"), "{host:?}");
        }
    }

    #[test]
    fn pages_of_the_web_may_not_connect() {
        for origin in [
            None,
            Some("devtools://devtools"),
            Some("http://localhost:8080"),
            Some("http://127.0.0.1"),
        ] {
            assert!(is_allowed_origin(origin), "{origin:?}");
        }
        for origin in
            ["https://evil.example", "http://localhost.evil.example", "null", "http://10.0.0.1"]
        {
            assert!(!is_allowed_origin(Some(origin)), "{origin}");
        }
    }

    #[test]
    fn a_program_is_listed_with_where_its_socket_is() {
        let listed =
            Listed { id: "1-2", title: "a.js", url: "file:///a.js", authority: "127.0.0.1:9229" };
        let list = list(&listed);
        assert_eq!(list[0]["webSocketDebuggerUrl"], "ws://127.0.0.1:9229/1-2");
        assert_eq!(list[0]["type"], "node");
    }
}
