//! Clients that do not do their part: that never read, that leave, that only half close, that send
//! more than is asked for.

mod common;

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    thread,
    time::Duration,
};

use common::{TestServer, config, read_to_end, until};
use sandtide::Limits;
use sandtide_server::ServerConfig;
use serde_json::json;

const MIB: usize = 1 << 20;

/// Limits under which an endless loop outlives any test: only being cancelled ends it.
fn patient() -> Limits {
    let long = Duration::from_secs(50);
    Limits { wall: long, cpu: long, ..Limits::default() }
}

fn endless() -> TestServer {
    let server = TestServer::with(ServerConfig { workers: 1, limits: patient(), ..config() });
    server.put("loop", "for (;;) {}");
    server.put("busy", "var end = Date.now() + 700; while (Date.now() < end) {} 'done'");
    server
}

fn request(path: &str, version: &str, headers: &str) -> String {
    format!("POST {path} HTTP/{version}\r\nhost: localhost\r\ncontent-length: 0\r\n{headers}\r\n")
}

fn connect(server: &TestServer, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

const LOOP: &str = "/v1/scripts/loop/runs";

#[test]
fn a_run_is_cancelled_however_its_client_left() {
    let server = endless();
    let more_requests = request(LOOP, "1.1", "").repeat(3);
    let more_bytes = "x".repeat(60_000);
    let mut ended = 0;
    for (how, after, half_close_first) in [
        ("after the request", "", false),
        ("with requests sent ahead", &*more_requests, false),
        ("with more sent ahead than is read", &*more_bytes, false),
        ("after a half close", "", true),
        ("after a half close with requests sent ahead", &*more_requests, true),
    ] {
        for version in ["1.1", "1.0"] {
            let client = connect(&server, &(request(LOOP, version, "") + after));
            until("the run has begun", || server.health()["queued"] == 0);
            if half_close_first {
                client.shutdown(Shutdown::Write).unwrap();
                thread::sleep(Duration::from_millis(150));
                assert_eq!(server.health()["runs"], ended, "{how}: a reader was taken for gone");
            }
            drop(client);
            ended += 1;
            until(how, || server.health()["runs"] == ended);
        }
    }
}

#[test]
fn a_client_that_only_half_closed_gets_its_answers() {
    let server = endless();
    let busy = "/v1/scripts/busy/runs?raw";
    for (version, requests) in [("1.1", 1), ("1.0", 1), ("1.1", 2)] {
        let text = request(busy, version, "").repeat(requests);
        let client = connect(&server, &text);
        client.shutdown(Shutdown::Write).unwrap();
        let text = read_to_end(client);
        assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), requests, "{text}");
        assert_eq!(text.matches("done").count(), requests, "{text}");
        assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    }
}

#[test]
fn a_client_that_sends_ahead_gets_its_answers_though_the_first_takes_long() {
    let server = endless();
    let ahead = request("/v1/scripts/busy/runs?raw", "1.1", "")
        + &request("/v1/runs", "1.1", "").repeat(400);
    let last = request("/v1/runs", "1.1", "connection: close\r\n");
    let text = read_to_end(connect(&server, &(ahead + &last)));
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("done"), "{text}");
    assert_eq!(text.matches("HTTP/1.1 400 Bad Request\r\n").count(), 401);
}

/// Connections that ask for an answer of `bytes` and do not read it.
fn unread(server: &TestServer, clients: usize, bytes: usize) -> Vec<TcpStream> {
    let body = format!("'x'.repeat({bytes})");
    let head = format!(
        "POST /v1/runs?raw HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/javascript\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    (0..clients).map(|_| connect(server, &format!("{head}{body}"))).collect()
}

fn in_flight(server: &TestServer) -> u64 {
    server.health()["bytes_in_flight"].as_u64().unwrap()
}

#[test]
fn answers_that_nobody_takes_stay_within_the_bytes_in_flight() {
    let cap = 16 * MIB;
    // None of them may have to wait for so long that it is refused.
    let server =
        TestServer::with(ServerConfig { max_bytes_in_flight: cap, limits: patient(), ..config() });
    let clients = unread(&server, 40, 3 * MIB);
    until("all runs have ended", || server.health()["runs"] == 40);
    let held = in_flight(&server);
    assert!(held >= 9 << 20, "{held} bytes of answers are held");
    assert!(held <= cap as u64, "{held} bytes of answers are held");
    // Small answers have room all the same, and large ones have it when the others were cut off.
    let small = server.post("/v1/runs", &json!({"source": "1 + 1"}));
    assert_eq!(small.value(), 2);
    let large = json!({"source": "'y'.repeat(3 << 20)"});
    until("a reader gets a large answer", || {
        let reply = server.post("/v1/runs", &large);
        if reply.status != 200 {
            reply.assert_error(503, "ERR_BYTES_IN_FLIGHT");
            assert_eq!(reply.retry_after.as_deref(), Some("1"));
        }
        reply.status == 200
    });
    drop(clients);
    until("all room is given back", || in_flight(&server) == 0);
}

#[test]
fn a_client_that_takes_nothing_is_given_up_after_the_write_timeout() {
    let server =
        TestServer::with(ServerConfig { write_timeout: Duration::from_millis(300), ..config() });
    let clients = unread(&server, 3, 4 * MIB - 8);
    until("the runs have ended", || server.health()["runs"] == 3);
    until("their answers are given up", || in_flight(&server) == 0);
    for mut client in clients {
        let mut got = Vec::new();
        let _ = client.read_to_end(&mut got);
        assert!(got.len() < 4 * MIB, "the whole answer came");
    }
}

#[test]
fn a_client_that_reads_slowly_gets_all_of_its_answer() {
    let server =
        TestServer::with(ServerConfig { write_timeout: Duration::from_millis(500), ..config() });
    let mut client = unread(&server, 1, 4 * MIB - 8).pop().unwrap();
    let (mut all, mut piece) = (0, vec![0; 256 << 10]);
    while all < 4 * MIB {
        thread::sleep(Duration::from_millis(30));
        all += client.read(&mut piece).unwrap();
    }
}

#[test]
fn bodies_that_are_not_sent_whole_stay_within_the_bytes_in_flight() {
    let cap = 16 * MIB;
    let server = TestServer::with(ServerConfig { max_bytes_in_flight: cap, ..config() });
    let part = vec![b' '; 3 * MIB];
    let head = "POST /v1/runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                content-length: 8000000\r\n\r\n";
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let mut client = connect(&server, head);
                // Refused, or waited for; either way the server may end it.
                let _ = client.write_all(&part);
                let _ = client.set_read_timeout(Some(Duration::from_secs(2)));
                let _ = client.read(&mut [0; 100]);
            });
        }
        for _ in 0..20 {
            let held = in_flight(&server);
            assert!(held <= cap as u64, "{held} bytes of bodies are held");
            thread::sleep(Duration::from_millis(50));
        }
    });
    until("all room is given back", || in_flight(&server) == 0);
}

#[test]
fn a_client_that_never_reads_cannot_have_many_answers_made() {
    let server = TestServer::start();
    let mut client = TcpStream::connect(server.address).unwrap();
    client.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let one = "GET /v1/scripts HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1_000);
    let mut sent = 0;
    // The server stops taking requests long before this.
    while sent < 64 * MIB {
        match client.write(one.as_bytes()) {
            Ok(bytes) => sent += bytes,
            Err(_) => break,
        }
    }
    assert!(sent < 64 * MIB, "requests were taken without end");
    assert!(in_flight(&server) <= 64 * MIB as u64);
}

#[test]
fn a_head_that_does_not_end_is_given_up_and_an_idle_connection_is_closed() {
    let server =
        TestServer::with(ServerConfig { read_timeout: Duration::from_millis(200), ..config() });
    let text = read_to_end(connect(&server, "GET /healthz HTTP/1.1\r\nhost: loc"));
    assert!(text.starts_with("HTTP/1.1 408 ") && text.contains("ERR_HEAD_TIMEOUT"), "{text}");
    assert_eq!(read_to_end(connect(&server, "")), "");
}

#[test]
fn a_server_does_not_start_where_its_largest_body_has_no_room() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for wrong in [
        ServerConfig { max_bytes_in_flight: 8 * MIB, ..config() },
        ServerConfig {
            max_bytes_in_flight: 16 * MIB,
            limits: Limits { output: 15 * MIB, ..Limits::default() },
            ..config()
        },
    ] {
        let refused = runtime.block_on(sandtide_server::Server::bind(wrong)).err().unwrap();
        assert_eq!(refused.code(), "ERR_CONFIG");
        assert!(refused.to_string().contains("in flight"), "{refused}");
    }
}
