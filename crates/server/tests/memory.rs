//! What the server tells of its scripts' memory: over time and by version, and in heap snapshots.

mod common;

use std::{io::Write, net::TcpStream, thread};

use common::{TestServer, config, until};
use sandtide::Limits;
use sandtide_server::{Isolation, ServerConfig};
use serde_json::{Value as Json, json};

/// A server whose runs are on threads of its own.
fn on_threads() -> TestServer {
    let limits = Limits { heap: 8 << 20, ..Limits::default() };
    TestServer::with(ServerConfig { isolation: Isolation::Thread, limits, ..config() })
}

/// How many objects of a class a snapshot has.
fn count(snapshot: &Json, class: &str) -> usize {
    let strings = snapshot["strings"].as_array().unwrap();
    let nodes = snapshot["nodes"].as_array().unwrap().chunks(6);
    nodes
        .filter(|node| node[0] == 3 && strings[node[1].as_u64().unwrap() as usize] == class)
        .count()
}

#[test]
fn the_version_that_made_memory_rise_is_named() {
    let server = on_threads();
    let versions = [
        "function f() { return 1 } f()",
        "function f() { return 2 } f()",
        "const all = []; for (let i = 0; i < 20000; i++) all.push({ i }); all.length",
    ];
    let mut hashes = Vec::new();
    for source in versions {
        let deployed = server.put("rule", source);
        hashes.push(deployed.json()["version"].clone());
        for _ in 0..5 {
            assert_eq!(server.run("rule", &json!({})).status, 200);
        }
    }
    let told = server.get("/v1/scripts/rule/memory").json();
    assert_eq!(told["version"], hashes[2]);
    let seen = told["versions"].as_array().unwrap();
    assert_eq!(
        seen.iter().map(|seen| &seen["version"]).collect::<Vec<_>>(),
        hashes.iter().collect::<Vec<_>>()
    );
    assert!(seen.iter().all(|seen| seen["runs"] == 5 && seen["minutes"][0]["since_ms"].is_u64()));
    let rises = told["rises"].as_array().unwrap();
    let of_peak = rises.iter().filter(|rise| rise["what"] == "peak_heap_bytes").collect::<Vec<_>>();
    let [rise] = of_peak[..] else { panic!("{told}") };
    assert_eq!((&rise["version"], &rise["after"]), (&hashes[2], &hashes[1]));
    assert!(rise["now"].as_u64() > rise["before"].as_u64());
    server.get("/v1/scripts/none/memory").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    server.post("/v1/scripts/rule/memory", &json!({})).assert_error(405, "ERR_METHOD_NOT_ALLOWED");
}

#[test]
fn an_image_can_be_looked_into() {
    let server = on_threads();
    let body = json!({
        "source": "kept.length",
        "setup": ["class Kept {} const kept = []; for (let i = 0; i < 700; i++) kept.push(new Kept)"],
    });
    server.put_json("rule", &body);
    for _ in 0..2 {
        let taken = server.send("POST", "/v1/scripts/rule/heap-snapshot", &[], b"");
        assert_eq!(taken.status, 200, "{}", taken.text());
        assert_eq!(count(&taken.json(), "Kept"), 700);
        assert_eq!(server.run("rule", &json!({})).value(), json!(700));
    }
    server
        .send("POST", "/v1/scripts/rule/heap-snapshot?of=run", &[], b"")
        .assert_error(400, "ERR_INVALID_REQUEST");
}

#[test]
fn the_next_run_that_hits_its_limit_is_looked_into_at_that_moment() {
    let server = on_threads();
    let source = "class Kept { constructor(i) { this.i = i } }
        export default (fill) => { const all = []; for (let i = 0; fill || i < 10; i++) all.push(new Kept(i)); return 1 }";
    server.put("rule", source);
    let mut waits = TcpStream::connect(server.address).unwrap();
    let path = "/v1/scripts/rule/heap-snapshot?of=limit&seconds=600";
    let head = "host: localhost\r\nconnection: close\r\ncontent-length: 0";
    write!(waits, "POST {path} HTTP/1.1\r\n{head}\r\n\r\n").unwrap();
    let answer = thread::spawn(move || common::read_to_end(waits));
    // Runs that hit their limit before anybody waits are nobody's.
    until("there is a snapshot", || {
        assert_eq!(server.run("rule", &json!({ "input": false })).value(), json!(1));
        server.run("rule", &json!({ "input": true })).assert_error(422, "ERR_HEAP_LIMIT");
        answer.is_finished()
    });
    let answer = answer.join().unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(count(&serde_json::from_str(body).unwrap(), "Kept") > 5_000);
    server
        .send("POST", "/v1/scripts/rule/heap-snapshot?of=limit&seconds=1", &[], b"")
        .assert_error(404, "ERR_NO_RUN_AT_LIMIT");
}
