//! What the server does at its limits: full queues, endless scripts, clients that leave, shutdown.

mod common;

use std::{io::Write, net::TcpStream, thread, time::Duration};

use common::{TestServer, config, read_to_end, until};
use sandtide::Limits;
use sandtide_server::ServerConfig;
use serde_json::json;

const ENDLESS: &str = "for (;;) {}";

/// Limits under which an endless loop outlives any test: only being cancelled ends it.
fn patient() -> Limits {
    let long = Duration::from_secs(50);
    Limits { wall: long, cpu: long, ..Limits::default() }
}

#[test]
fn full_queues_are_answered_with_503_and_retry_after() {
    let server = TestServer::with(ServerConfig {
        workers: 1,
        tenant_queue: 1,
        limits: patient(),
        ..config()
    });
    server.put("loop", ENDLESS);
    server.put("quick", "1");
    let running = server.begin("/v1/scripts/loop/runs", &json!({}));
    until("the loop runs", || server.health()["running"] == 1);
    let waiting = server.begin("/v1/scripts/loop/runs", &json!({}));
    until("another one waits", || server.health()["queued"] == 1);
    let refused = server.run("quick", &json!({}));
    refused.assert_error(503, "ERR_QUEUE_FULL");
    assert_eq!(refused.retry_after.as_deref(), Some("1"));
    assert_eq!(server.health()["status"], "ok");

    drop((running, waiting));
    until("there is room again", || server.run("quick", &json!({})).status == 200);
}

#[test]
fn a_client_that_leaves_cancels_its_run() {
    let server = TestServer::with(ServerConfig { workers: 1, limits: patient(), ..config() });
    server.put("loop", ENDLESS);
    let client = server.begin("/v1/scripts/loop/runs", &json!({}));
    thread::sleep(Duration::from_millis(100));
    let before = server.health()["runs"].clone();
    assert_eq!(before, 0);
    drop(client);
    until("the worker is free", || server.health()["runs"] == 1);
    let counted = server.get("/v1/scripts/loop").json();
    assert_eq!(counted["runs"], json!({"total": 1, "failed": 1}));
}

#[test]
fn others_are_served_while_a_script_loops_for_ever() {
    let server = TestServer::with(ServerConfig { limits: patient(), ..config() });
    server.put("loop", ENDLESS);
    server.put("quick", "n + 1");
    let client = server.begin("/v1/scripts/loop/runs", &json!({}));
    until("the loop runs", || server.health()["running"] == 1);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for n in 0..50 {
                    assert_eq!(server.run("quick", &json!({"globals": {"n": n}})).value(), n + 1);
                }
            });
        }
    });
    until("all are counted", || server.health()["runs"] == 200);
    drop(client);
}

#[test]
fn others_are_served_while_many_clients_run_a_script_that_is_known_to_be_slow() {
    let server = TestServer::with(ServerConfig { limits: patient(), ..config() });
    server.put("loop", ENDLESS);
    server.put("quick", "n + 1");
    let known = json!({"limits": {"wall_ms": 100}});
    server.run("loop", &known).assert_error(422, "ERR_WALL_TIME_LIMIT");
    server.run("quick", &json!({"globals": {"n": 0}}));
    // However long ago others were served: a loop may have a worker, but never the last one.
    thread::sleep(Duration::from_millis(1_200));
    let clients: Vec<_> =
        (0..6).map(|_| server.begin("/v1/scripts/loop/runs", &json!({}))).collect();
    until("the loops have come", || server.health()["queued"] == 5);
    for n in 0..100 {
        assert_eq!(server.run("quick", &json!({"globals": {"n": n}})).value(), n + 1);
    }
    drop(clients);
}

#[test]
fn an_endless_loop_is_ended_and_the_worker_goes_on() {
    let server = TestServer::with(ServerConfig { workers: 1, ..config() });
    server.put("loop", ENDLESS);
    server.put("async-loop", "export default async () => { for (;;) await null; }");
    let body = json!({"limits": {"wall_ms": 200}});
    for script in ["loop", "async-loop"] {
        let reply = server.run(script, &body);
        assert_eq!(reply.status, 422, "{}", reply.text());
        let code = reply.json()["code"].clone();
        assert!(code == "ERR_WALL_TIME_LIMIT" || code == "ERR_JOB_LIMIT", "{code}");
        server.put("after", "'fine'");
        assert_eq!(server.run("after", &json!({})).value(), "fine");
    }
}

#[test]
fn a_request_cannot_raise_a_limit_of_the_script_nor_a_script_one_of_the_server() {
    let mut config = config();
    config.limits = Limits { wall: Duration::from_millis(300), ..config.limits };
    config.limits.heap = 8 << 20;
    let server = TestServer::with(config);
    let asks = json!({"wall_ms": 3_600_000, "heap_bytes": 1u64 << 32});
    let reply = server.put_json("loop", &json!({"source": ENDLESS, "limits": asks}));
    assert_eq!(reply.status, 201, "{}", reply.text());
    let limits = server.get("/v1/scripts/loop").json()["limits"].clone();
    assert_eq!(limits["wall_ms"], 300);
    assert_eq!(limits["heap_bytes"], 8 << 20);
    server.run("loop", &json!({"limits": asks})).assert_error(422, "ERR_WALL_TIME_LIMIT");

    let bomb = "var a = []; for (;;) a.push(new Uint8Array(1 << 20))";
    server
        .post("/v1/runs", &json!({"source": bomb, "limits": asks}))
        .assert_error(422, "ERR_HEAP_LIMIT");

    let tight = json!({"source": "console.log('x'.repeat(500))", "limits": {"log_bytes": 100}});
    server.put_json("tight", &tight);
    let reply = server.run("tight", &json!({"limits": {"log_bytes": 10_000}}));
    reply.assert_error(422, "ERR_LOG_LIMIT");
}

#[test]
fn a_body_that_is_too_large_is_refused_whether_or_not_it_says_so() {
    let server = TestServer::with(ServerConfig { max_body_bytes: 1_000, ..config() });
    server.put("s", "export default (input) => input.length");
    let large = "x".repeat(2_000);
    server.run("s", &json!({"input": large})).assert_error(413, "ERR_BODY_TOO_LARGE");
    server.put("s", &format!("'{large}'")).assert_error(413, "ERR_BODY_TOO_LARGE");

    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(
        stream,
        "POST /v1/scripts/s/runs?raw HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n\
         connection: close\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n{large}\r\n0\r\n\r\n"
    )
    .unwrap();
    let reply = read_to_end(stream);
    assert!(reply.starts_with("HTTP/1.1 413 "), "{reply}");
    assert!(reply.contains("ERR_BODY_TOO_LARGE"), "{reply}");

    assert_eq!(server.run("s", &json!({"input": "small"})).value(), 5);
}

#[test]
fn a_body_that_does_not_arrive_is_given_up() {
    let server =
        TestServer::with(ServerConfig { read_timeout: Duration::from_millis(100), ..config() });
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(
        stream,
        "POST /v1/runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: 100\r\n\r\n{{"
    )
    .unwrap();
    let reply = read_to_end(stream);
    assert!(reply.starts_with("HTTP/1.1 408 "), "{reply}");
    assert!(reply.contains("ERR_BODY_TIMEOUT"), "{reply}");
}

#[test]
fn a_shutdown_lets_runs_end_and_takes_no_new_connection() {
    let mut server = TestServer::start();
    server.put("busy", "var end = Date.now() + 300; while (Date.now() < end) {} 'done'");
    let client = server.begin("/v1/scripts/busy/runs", &json!({}));
    thread::sleep(Duration::from_millis(50));
    server.begin_stop();
    let reply = read_to_end(client);
    assert!(reply.starts_with("HTTP/1.1 200 "), "{reply}");
    assert!(reply.contains(r#""value":"done""#), "{reply}");
    let address = server.address;
    server.stop();
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn a_shutdown_cancels_what_does_not_end_in_time() {
    let server = TestServer::with(ServerConfig {
        limits: patient(),
        drain_timeout: Duration::from_millis(50),
        ..config()
    });
    server.put("loop", ENDLESS);
    let client = server.begin("/v1/scripts/loop/runs", &json!({}));
    thread::sleep(Duration::from_millis(50));
    server.stop();
    drop(client);
}
