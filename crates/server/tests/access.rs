//! Which hosts and origins may ask: web pages cannot reach a server on their reader's machine.

mod common;

use common::{Reply, TestServer, config};
use sandtide_server::ServerConfig;

/// A request that a page can send to any origin without asking: its script would run.
fn simple_post(server: &TestServer, headers: &[(&str, &str)]) -> Reply {
    let all: Vec<_> = [("content-type", "text/plain")].iter().chain(headers).copied().collect();
    server.send("POST", "/v1/runs", &all, "6 * 7")
}

#[test]
fn a_page_of_another_origin_runs_nothing() {
    let server = TestServer::start();
    let port = server.address.port();
    let other_port = format!("http://127.0.0.1:{}", port ^ 1);
    for origin in
        ["http://evil.example", "https://evil.example", "null", &other_port, "http://localhost", ""]
    {
        simple_post(&server, &[("origin", origin)]).assert_error(403, "ERR_ORIGIN_NOT_ALLOWED");
        for (method, path) in [
            ("GET", "/healthz"),
            ("GET", "/v1/scripts"),
            ("GET", "/v1/usage"),
            ("PUT", "/v1/scripts/s"),
            ("DELETE", "/v1/scripts/s"),
            ("POST", "/v1/scripts/s/runs"),
            ("OPTIONS", "/v1/runs"),
            ("GET", "/nowhere"),
        ] {
            let headers = [("origin", origin), ("access-control-request-method", "PUT")];
            server.send(method, path, &headers, "").assert_error(403, "ERR_ORIGIN_NOT_ALLOWED");
        }
    }
    for site in ["cross-site", "same-site", "x"] {
        simple_post(&server, &[("sec-fetch-site", site)])
            .assert_error(403, "ERR_ORIGIN_NOT_ALLOWED");
    }
    assert_eq!(server.health()["runs"], 0);
}

#[test]
fn programs_and_pages_of_its_own_origin_are_served() {
    let server = TestServer::start();
    let own = server.base.clone();
    assert_eq!(simple_post(&server, &[]).value(), 42);
    assert_eq!(simple_post(&server, &[("origin", &own)]).value(), 42);
    assert_eq!(simple_post(&server, &[("sec-fetch-site", "none")]).value(), 42);
}

#[test]
fn a_name_that_was_made_to_stand_for_the_server_is_refused() {
    let server = TestServer::start();
    let port = server.address.port();
    let rebound = format!("evil.example:{port}");
    let origin = format!("http://{rebound}");
    let refused = [
        vec![("host", &*rebound)],
        vec![("host", &*rebound), ("origin", &*origin)],
        vec![("host", "127.0.0.1.evil.example")],
        vec![("host", "localhost.evil.example")],
        vec![("host", "")],
    ];
    for headers in refused {
        let error = simple_post(&server, &headers).assert_error(403, "ERR_HOST_NOT_ALLOWED");
        assert!(error["detail"].as_str().unwrap().contains("--allow-host"), "{error}");
        server.send("GET", "/healthz", &headers, "").assert_error(403, "ERR_HOST_NOT_ALLOWED");
    }
    for host in ["localhost", "LocalHost:1", "[::1]:80", "127.9.9.9", "192.0.2.1:8080"] {
        assert_eq!(simple_post(&server, &[("host", host)]).value(), 42, "{host}");
    }
}

#[test]
fn a_whole_address_is_held_to_the_same() {
    use std::io::Write;
    let server = TestServer::start();
    for (address, host, status) in [
        ("http://evil.example/healthz", "localhost", 403),
        ("http://localhost/healthz", "evil.example", 403),
        ("http://localhost:1/healthz", "localhost", 200),
    ] {
        let mut stream = std::net::TcpStream::connect(server.address).unwrap();
        write!(stream, "GET {address} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")
            .unwrap();
        let text = common::read_to_end(stream);
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{address}: {text}");
    }
}

#[test]
fn hosts_and_origins_that_were_named_are_served() {
    let app = "https://app.example";
    let server = TestServer::with(ServerConfig {
        allowed_hosts: vec!["sandtide.internal".to_owned()],
        allowed_origins: vec![app.to_owned()],
        ..config()
    });
    assert_eq!(simple_post(&server, &[("host", "Sandtide.Internal:99")]).value(), 42);
    simple_post(&server, &[("host", "x.sandtide.internal")])
        .assert_error(403, "ERR_HOST_NOT_ALLOWED");
    let reply = simple_post(&server, &[("origin", app)]);
    assert_eq!(reply.value(), 42);
    assert_eq!(reply.allow_origin.as_deref(), Some(app));
    simple_post(&server, &[("origin", "https://app.example.evil.example")])
        .assert_error(403, "ERR_ORIGIN_NOT_ALLOWED");

    let asks = [("origin", app), ("access-control-request-method", "PUT")];
    let may = server.send("OPTIONS", "/v1/scripts/s", &asks, "");
    assert_eq!(may.status, 204, "{may:?}");
    assert_eq!(may.allow_origin.as_deref(), Some(app));
    assert!(may.allow_methods.as_deref().is_some_and(|methods| methods.contains("PUT")), "{may:?}");
    assert!(
        may.allow_headers.as_deref().is_some_and(|all| all.contains("last-event-id")),
        "{may:?}"
    );
    let body = r#"{"source": "1"}"#;
    let headers = [("origin", app), ("content-type", "application/json")];
    let run = server.send("POST", "/v1/runs?async", &headers, body);
    assert!(run.exposed.as_deref().is_some_and(|all| all.contains("location")), "{run:?}");
}

#[test]
fn all_hosts_and_origins_are_served_where_that_was_asked_for() {
    let any = || vec!["*".to_owned()];
    let server =
        TestServer::with(ServerConfig { allowed_hosts: any(), allowed_origins: any(), ..config() });
    let headers = [("host", "any.example"), ("origin", "https://other.example")];
    assert_eq!(simple_post(&server, &headers).value(), 42);
}
