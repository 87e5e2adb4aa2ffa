//! Heap snapshots of scripts in `sandtide serve`, whatever keeps the scripts apart.

#[path = "inspector/server.rs"]
#[expect(dead_code, reason = "the other half is for sessions of debuggers")]
mod server;

use std::{thread, time::Duration};

use serde_json::{Value, json};

use server::{ISOLATIONS, Server, post};

fn each(test: impl Fn(Server)) {
    for isolation in ISOLATIONS {
        test(Server::start(&["--isolation", isolation, "--memory", "8M", "--timeout", "60s"]));
    }
}

/// How many objects of a class a snapshot has.
fn count(snapshot: &Value, class: &str) -> usize {
    let strings = snapshot["strings"].as_array().expect("strings");
    let nodes = snapshot["nodes"].as_array().expect("nodes").chunks(6);
    nodes
        .filter(|node| node[0] == 3 && strings[node[1].as_u64().unwrap() as usize] == class)
        .count()
}

/// Status and body.
fn taken(server: &Server, query: &str) -> (u16, Value) {
    post(&server.base, "default", &format!("/v1/scripts/rule/heap-snapshot{query}"), "")
}

#[test]
fn an_image_can_be_looked_into() {
    each(|server| {
        let set_up =
            "class Kept {} const kept = []; for (let i = 0; i < 700; i++) kept.push(new Kept)";
        server.deploy("rule", &format!("{set_up}; export default () => kept.length;"));
        for _ in 0..2 {
            let (status, snapshot) = taken(&server, "");
            assert_eq!(status, 200, "{snapshot}");
            assert_eq!(count(&snapshot, "Kept"), 700);
            let (_, body) = server.run("rule", json!({})).join().expect("an answer");
            assert_eq!(body["value"], json!(700), "{body}");
        }
        let (status, body) = taken(&server, "?of=run");
        assert_eq!((status, &body["code"]), (400, &json!("ERR_INVALID_REQUEST")));
    });
}

#[test]
fn the_next_run_that_hits_its_limit_is_looked_into_at_that_moment() {
    each(|server| {
        let source = "class Kept { constructor(i) { this.i = i } }
            export default (fill) => { const all = []; for (let i = 0; fill || i < 10; i++) all.push(new Kept(i)); return 1 }";
        server.deploy("rule", source);
        let base = server.base.clone();
        let path = "/v1/scripts/rule/heap-snapshot?of=limit&seconds=600";
        let answer = thread::spawn(move || post(&base, "default", path, ""));
        // Runs that hit their limit before anybody waits are nobody's.
        while !answer.is_finished() {
            let (_, body) =
                server.run("rule", json!({ "input": false })).join().expect("an answer");
            assert_eq!(body["value"], json!(1), "{body}");
            let (status, body) =
                server.run("rule", json!({ "input": true })).join().expect("an answer");
            assert_eq!(status, 422, "{body}");
            assert_eq!(body["code"], json!("ERR_HEAP_LIMIT"), "{body}");
            // The worker looked, and is as good as new.
            thread::sleep(Duration::from_millis(1));
        }
        let (status, snapshot) = answer.join().expect("an answer");
        assert_eq!(status, 200, "{snapshot}");
        assert!(count(&snapshot, "Kept") > 5_000);
        let (status, body) = taken(&server, "?of=limit&seconds=1");
        assert_eq!((status, &body["code"]), (404, &json!("ERR_NO_RUN_AT_LIMIT")));
    });
}

#[test]
fn a_snapshot_that_is_larger_than_answers_may_be_is_refused_and_the_script_goes_on() {
    let source = "const kept = Array.from({ length: 90000 }, (_, i) => ({ i, s: 's' + i }));
        export default () => kept.length;";
    for isolation in ISOLATIONS {
        let room = ["--max-body", "64K", "--max-output", "64K", "--in-flight", "1M"];
        let options = [&["--isolation", isolation, "--timeout", "60s"][..], &room].concat();
        let server = Server::start(&options);
        server.deploy("rule", source);
        let (status, body) = taken(&server, "");
        let code = &body["code"];
        assert_eq!((status, code), (422, &json!("ERR_ANSWER_TOO_LARGE")), "{body}");
        let (_, body) = server.run("rule", json!({})).join().expect("an answer");
        assert_eq!(body["value"], json!(90_000), "{body}");
    }
}
