//! What a server tells of itself: metrics, and whether it is alive and ready.

mod common;

use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
    time::Duration,
};

use common::{TestServer, config, read_to_end, until};
use sandtide_server::ServerConfig;
use serde_json::json;

fn metrics(server: &TestServer) -> String {
    let reply = server.get("/metrics");
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.content_type.starts_with("application/openmetrics-text"), "{reply:?}");
    reply.text().to_owned()
}

/// The value of a series, as it is written in front of it.
#[track_caller]
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in:\n{text}")).parse().unwrap()
}

#[test]
fn what_was_asked_and_what_came_of_it_is_counted() {
    let server = TestServer::with(ServerConfig { tenant_queue: 7, ..config() });
    server.put("one", "1 + 1");
    server.put("one", "1 +");
    server.put("bad", "throw new Error('x')");
    server.run("one", &json!({}));
    server.run("one", &json!({}));
    server.run("bad", &json!({}));
    server.run("none", &json!({}));
    server.get("/nowhere");
    server.post("/v1/runs", &json!({"source": "for (;;) {}", "limits": {"wall_ms": 500}}));
    // A run's turn ends a moment after its answer.
    until("none runs", || value(&metrics(&server), "sandtide_runs_running") == 0.0);
    let text = metrics(&server);
    for (series, expected) in [
        ("sandtide_runs_total{outcome=\"ok\"}", 2.0),
        ("sandtide_runs_total{outcome=\"ERR_EXCEPTION\"}", 1.0),
        ("sandtide_deploys_total{outcome=\"ok\"}", 2.0),
        ("sandtide_deploys_total{outcome=\"ERR_SYNTAX\"}", 1.0),
        ("sandtide_requests_total{route=\"run\",status=\"200\"}", 2.0),
        ("sandtide_requests_total{route=\"run\",status=\"404\"}", 1.0),
        ("sandtide_requests_total{route=\"run\",status=\"422\"}", 1.0),
        ("sandtide_requests_total{route=\"none\",status=\"404\"}", 1.0),
        ("sandtide_requests_total{route=\"script\",status=\"201\"}", 2.0),
        ("sandtide_run_seconds_count", 4.0),
        ("sandtide_run_wait_seconds_count", 4.0),
        ("sandtide_run_cpu_seconds_count", 4.0),
        ("sandtide_queue_depth", 0.0),
        ("sandtide_runs_running", 0.0),
        ("sandtide_workers", 2.0),
        ("sandtide_scripts", 2.0),
        ("sandtide_tenants", 1.0),
    ] {
        assert_eq!(value(&text, series), expected, "{series}");
    }
    assert!(value(&text, "sandtide_run_cpu_seconds_sum") > 0.001, "{text}");
    assert!(value(&text, "sandtide_restored_bytes_total") > 1e3, "{text}");
    assert!(value(&text, "sandtide_resident_memory_bytes{role=\"server\"}") > 1e6, "{text}");
    assert!(value(&text, "sandtide_scripts_held_bytes") > 8e3, "{text}");
    assert!(text.ends_with("# EOF\n"), "{text}");
}

#[test]
fn no_name_that_a_client_gave_is_in_the_metrics() {
    let server = TestServer::start();
    let series = |text: &str| text.lines().filter(|line| !line.starts_with('#')).count();
    server.put("first", "1");
    server.run("first", &json!({}));
    // Seen once, so that its own route is counted.
    metrics(&server);
    let before = series(&metrics(&server));
    for number in 0..50 {
        let (name, tenant) = (format!("zebra{number}"), format!("walrus{number}"));
        let headers = [("sandtide-tenant", &*tenant), ("content-type", "text/javascript")];
        let path = format!("/v1/scripts/{name}");
        assert_eq!(server.send("PUT", &path, &headers, "1").status, 201);
        assert_eq!(server.send("POST", &format!("{path}/runs"), &headers[..1], "").status, 200);
    }
    let text = metrics(&server);
    assert_eq!(series(&text), before, "{text}");
    assert!(!text.contains("zebra") && !text.contains("walrus"), "{text}");
}

#[test]
fn what_is_no_request_is_counted_where_it_is_answered() {
    let server = TestServer::start();
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(stream, "no request\r\n\r\n").unwrap();
    assert!(read_to_end(stream).starts_with("HTTP/1.1 400 "));
    let counted = "sandtide_requests_total{route=\"none\",status=\"400\"}";
    assert_eq!(value(&metrics(&server), counted), 1.0);
}

#[test]
fn runs_that_are_refused_are_counted_by_why() {
    let mut limits = sandtide::Limits::default();
    (limits.wall, limits.cpu) = (Duration::from_secs(50), Duration::from_secs(50));
    let server = TestServer::with(ServerConfig { tenant_queue: 1, limits, ..config() });
    server.put("endless", "for (;;) {}");
    let path = "/v1/scripts/endless/runs";
    let first = server.begin(path, &json!({}));
    until("one runs", || value(&metrics(&server), "sandtide_runs_running") == 1.0);
    let waiting = [first, server.begin(path, &json!({}))];
    until("one runs and one waits", || {
        let text = metrics(&server);
        value(&text, "sandtide_runs_running") == 1.0 && value(&text, "sandtide_queue_depth") == 1.0
    });
    server.run("endless", &json!({})).assert_error(503, "ERR_QUEUE_FULL");
    assert_eq!(value(&metrics(&server), "sandtide_runs_total{outcome=\"ERR_QUEUE_FULL\"}"), 1.0);
    drop(waiting);
    until("the one that ran is cancelled", || {
        let text = metrics(&server);
        // The one that waits may begin before it is noticed that nobody waits for it.
        let cancelled = |runs| {
            text.contains(&format!("sandtide_runs_total{{outcome=\"ERR_CANCELLED\"}} {runs}\n"))
        };
        cancelled(1) || cancelled(2)
    });
}

#[test]
fn whoever_comes_while_the_server_ends_is_told_so_and_what_has_begun_ends() {
    let mut limits = sandtide::Limits::default();
    (limits.wall, limits.cpu) = (Duration::from_secs(50), Duration::from_secs(50));
    // The head that is begun below waits for all that is asked meanwhile.
    let (drain_timeout, read_timeout) = (Duration::from_secs(60), Duration::from_secs(60));
    let config = ServerConfig { limits, drain_timeout, read_timeout, ..config() };
    let mut server = TestServer::with(config);
    let path = "/v1/runs?raw";
    let endless = server.begin("/v1/runs", &json!({"source": "for (;;) {}"}));
    until("it runs", || server.health()["running"] == 1);
    let address = server.address;
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            .unwrap();
        read_to_end(stream)
    };
    assert!(ask("/readyz").starts_with("HTTP/1.1 200 "));
    // Behind a request that is answered, the beginning of one that ends after the server's end has begun.
    let mut scrape = TcpStream::connect(address).unwrap();
    let alive = "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n";
    write!(scrape, "{alive}GET /metrics HTTP/1.1\r\nhost: localhost\r\n").unwrap();
    let mut answered = Vec::new();
    while !answered.ends_with(b"}") {
        let mut byte = [0];
        scrape.read_exact(&mut byte).unwrap();
        answered.extend(byte);
    }
    server.begin_stop();
    until("it is told", || ask("/v1/usage").starts_with("HTTP/1.1 503 "));
    let told = ask(path);
    assert!(told.contains("ERR_ENDING") && told.contains("connection: close"), "{told}");
    assert!(told.contains("retry-after: "), "{told}");
    assert!(ask("/readyz").starts_with("HTTP/1.1 503 "));
    assert!(ask("/livez").starts_with("HTTP/1.1 200 "));
    let far =
        format!("GET {path} HTTP/1.1\r\nhost: elsewhere.example\r\nconnection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{far}").unwrap();
    assert!(read_to_end(stream).starts_with("HTTP/1.1 403 "), "hosts are looked at as always");
    // All of them are counted as others are.
    write!(scrape, "\r\n").unwrap();
    let text = read_to_end(scrape);
    let counted = |route: &str, status: u16| {
        value(&text, &format!("sandtide_requests_total{{route=\"{route}\",status=\"{status}\"}}"))
    };
    assert_eq!((counted("ad-hoc-run", 503), counted("none", 403)), (1.0, 1.0), "{text}");
    assert!(counted("usage", 503) >= 1.0 && counted("readyz", 503) >= 1.0, "{text}");
    // It ends with the last request that had begun.
    drop(endless);
    server.stop();
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_server_is_alive_and_ready_where_what_is_kept_can_be_written() {
    let directory = tempfile::tempdir().unwrap();
    let kept = ServerConfig { data: Some(directory.path().to_owned()), ..config() };
    let server = TestServer::with(kept);
    assert_eq!(server.get("/livez").json(), json!({"status": "ok"}));
    assert_eq!(server.get("/readyz").json(), json!({"status": "ready"}));
    server.put("s", "'runs'");

    // Another process holds the file, so that nothing can be written for a while.
    let other = rusqlite::Connection::open(directory.path().join("sandtide.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    thread::scope(|scope| {
        let deploy = scope.spawn(|| server.put("s", "'latter'"));
        until("it is not ready", || server.get("/readyz").status == 503);
        let reply = server.get("/readyz");
        if reply.status == 503 {
            assert_eq!(reply.json()["status"], "not ready");
            assert!(reply.json()["because"][0].is_string(), "{}", reply.text());
        }
        assert_eq!(server.get("/livez").status, 200);
        // What is in memory goes on, and nobody sees a version that is not on the disk.
        assert_eq!(server.run("s", &json!({})).value(), "runs");
        deploy.join().unwrap().assert_error(503, "ERR_STORE");
        assert_eq!(server.run("s", &json!({})).value(), "runs");
    });
    drop(other);
    until("it is ready again", || server.get("/readyz").status == 200);
    assert_eq!(server.put("s", "'latter'").status, 200);
    assert_eq!(server.run("s", &json!({})).value(), "latter");
}
