//! Bodies and queries are taken as they are described, or refused: members of another type, names
//! without end, parameters that no route knows.

mod common;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use common::{TestServer, config};
use sandtide_server::ServerConfig;
use serde_json::{Value as Json, json};

/// One value of each kind that JSON has, by its kind's name.
fn kinds() -> Vec<(&'static str, Json)> {
    vec![
        ("null", Json::Null),
        ("bool", json!(true)),
        ("number", json!(1)),
        ("negative", json!(-1)),
        ("fraction", json!(1.5)),
        ("string", json!("x")),
        ("array", json!([1, 2])),
        ("empty array", json!([])),
        ("object", json!({"changed": null})),
        ("empty object", json!({})),
    ]
}

/// Sends each value in the place of each member; `allowed` are the kinds that the member takes.
fn check(server: &TestServer, path: &str, method: &str, rest: &Json, members: &[(&str, &[&str])]) {
    for (member, allowed) in members {
        for (kind, value) in kinds() {
            let mut body = rest.clone();
            let (outer, inner) = member.split_once('.').unwrap_or(("", member));
            if outer.is_empty() {
                body[inner] = value.clone();
            } else {
                body[outer][inner] = value.clone();
            }
            let headers = [("content-type", "application/json")];
            let reply = server.send(method, path, &headers, body.to_string());
            if allowed.contains(&kind) {
                // A limit of 1 ms may have passed before the run's turn came: it was understood.
                assert!(
                    reply.status < 300 || matches!(reply.status, 422 | 503),
                    "{method} {path} {body}: {}",
                    reply.text()
                );
            } else {
                assert_eq!(reply.status, 400, "{method} {path} {body}: {}", reply.text());
            }
        }
    }
}

const NUMBER: &[&str] = &["number"];
const OBJECT: &[&str] = &["empty object"];
const RUN_MEMBERS: [(&str, &[&str]); 15] = [
    ("limits", OBJECT),
    ("limits.wall_ms", NUMBER),
    ("limits.cpu_ms", NUMBER),
    // One byte of heap or stack is out of range.
    ("limits.heap_bytes", &[]),
    ("limits.stack_bytes", &[]),
    ("limits.output_bytes", NUMBER),
    ("limits.log_bytes", NUMBER),
    ("limits.jobs", NUMBER),
    // No zone is called "x".
    ("time_zone", &[]),
    ("globals", &["object", "empty object"]),
    ("globals_back", &["empty array"]),
    ("frozen", &[]),
    ("frozen.seed", &[]),
    ("frozen.now_ms", &[]),
    (
        "input",
        &[
            "null",
            "bool",
            "number",
            "negative",
            "fraction",
            "string",
            "array",
            "empty array",
            "object",
            "empty object",
        ],
    ),
];

#[test]
fn members_of_another_type_are_refused_and_null_is_one() {
    let server = TestServer::start();
    server.put("s", "export default () => 1");
    check(&server, "/v1/scripts/s/runs", "POST", &json!({}), &RUN_MEMBERS);
    let rest = json!({"source": "export default () => 1"});
    check(&server, "/v1/runs", "POST", &rest, &RUN_MEMBERS);
    check(&server, "/v1/runs", "POST", &rest, &[("source", &["string"]), ("file", &["string"])]);

    let frozen = json!({"frozen": {"seed": 1, "now_ms": 1}});
    let any_number: &[&str] = &["number", "negative", "fraction"];
    let members = [("frozen.seed", NUMBER), ("frozen.now_ms", any_number)];
    check(&server, "/v1/scripts/s/runs", "POST", &frozen, &members);

    check(&server, "/v1/scripts/t", "PUT", &rest, &RUN_MEMBERS[..9]);
    let objects: &[&str] = &["object", "empty object"];
    let members: [(&str, &[&str]); 5] = [
        ("source", &["string"]),
        ("file", &["string"]),
        ("setup", &["empty array"]),
        ("modules", OBJECT),
        ("globals", objects),
    ];
    check(&server, "/v1/scripts/t", "PUT", &rest, &members);
    for item in
        [json!(null), json!(1), json!([]), json!(["x", "y"]), json!({}), json!({"source": null})]
    {
        let body = json!({"source": "1", "setup": [item]});
        server.put_json("t", &body).assert_error(400, "ERR_INVALID_REQUEST");
    }
    server
        .put_json("t", &json!({"source": "1", "setup": [{"source": "1", "file": null}]}))
        .assert_error(400, "ERR_INVALID_REQUEST");
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    let server = TestServer::start();
    server.put("s", "1");
    for (_, body) in kinds().into_iter().filter(|(kind, _)| !kind.contains("object")) {
        server.run("s", &body).assert_error(400, "ERR_INVALID_REQUEST");
        server.post("/v1/runs", &body).assert_error(400, "ERR_INVALID_REQUEST");
        server.put_json("s", &body).assert_error(400, "ERR_INVALID_REQUEST");
    }
}

#[test]
fn a_global_asked_back_twice_is_refused() {
    let server = TestServer::start();
    let body = json!({"source": "a = 1", "globals_back": ["a", "b", "a"]});
    let error = server.post("/v1/runs", &body).assert_error(400, "ERR_INVALID_REQUEST");
    assert!(error["detail"].as_str().unwrap().contains("`a` is given twice"), "{error}");
}

#[test]
fn a_query_parameter_that_a_route_does_not_know_is_refused_on_every_route() {
    let server = TestServer::start();
    server.put("s", "1");
    let json = [("content-type", "application/json")];
    let text = [("content-type", "text/javascript")];
    let none = &json[..0];
    let routes = [
        ("GET", "/healthz", none, ""),
        ("HEAD", "/healthz", none, ""),
        ("GET", "/v1/scripts", none, ""),
        ("GET", "/v1/usage", none, ""),
        ("GET", "/v1/errors", none, ""),
        ("GET", "/ui", none, ""),
        ("GET", "/v1/scripts/s", none, ""),
        ("DELETE", "/v1/scripts/s", none, ""),
        ("PUT", "/v1/scripts/s", &text[..], "2"),
        ("PUT", "/v1/scripts/s", &json[..], r#"{"source":"2"}"#),
        ("POST", "/v1/scripts/s/runs", &json[..], "{}"),
        ("POST", "/v1/runs", &text[..], "1"),
    ];
    for (method, path, headers, body) in routes {
        for query in ["x", "x=1", "RAW", "fiel=a.js", "=", "raw&x", "file=a&x", "%72aw%00"] {
            let reply = server.send(method, &format!("{path}?{query}"), headers, body);
            assert_eq!(reply.status, 400, "{method} {path}?{query}: {}", reply.text());
        }
        for query in ["raw&raw", "file=a&file=b", "raw=%ff", "file=%ff"] {
            let reply = server.send(method, &format!("{path}?{query}"), headers, body);
            assert_eq!(reply.status, 400, "{method} {path}?{query}: {}", reply.text());
        }
    }
    assert_eq!(server.run("s", &json!({})).value(), 1, "nothing was done");
    assert_eq!(server.get("/v1/scripts?").status, 200);
}

fn many_names(
    member: &str,
    item: impl Fn(usize) -> String,
    ends: [&str; 2],
    count: usize,
) -> String {
    let items: Vec<_> = (0..count).map(item).collect();
    format!("{{\"source\":\"1\",\"{member}\":{}{}{}}}", ends[0], items.join(","), ends[1])
}

#[test]
fn names_without_end_are_refused_with_how_many_there_may_be() {
    let server = TestServer::start();
    let object = |member, count| many_names(member, |n| format!("\"{n}\":\"\""), ["{", "}"], count);
    let array = |member, count| many_names(member, |n| format!("\"{n}\""), ["[", "]"], count);
    for (method, path, body, bound) in [
        ("POST", "/v1/runs", object("globals", 4_097), "4096"),
        ("POST", "/v1/runs", array("globals_back", 4_097), "4096"),
        ("PUT", "/v1/scripts/s", object("globals", 4_097), "4096"),
        ("PUT", "/v1/scripts/s", object("modules", 4_097), "4096"),
        ("PUT", "/v1/scripts/s", array("setup", 257), "256"),
        ("POST", "/v1/runs", object("globals", 500_000), "4096"),
        ("POST", "/v1/runs", array("globals_back", 500_000), "4096"),
    ] {
        let reply = server.send(method, path, &[("content-type", "application/json")], body);
        let error = reply.assert_error(400, "ERR_INVALID_REQUEST");
        assert!(error["detail"].as_str().unwrap().contains(bound), "{error}");
    }
    let most = server.post_text("/v1/runs", &object("globals", 4_096));
    assert_eq!(most.value(), 1);
}

#[test]
fn small_requests_are_answered_while_large_bodies_arrive_refused_or_not() {
    let server = TestServer::with(ServerConfig { max_bytes_in_flight: 256 << 20, ..config() });
    server.put("s", "export default () => 1");
    let refused = many_names("globals", |n| format!("\"{n}\":1"), ["{", "}"], 500_000);
    let taken = format!("{{\"input\":\"{}\"}}", "\\u0041".repeat(1_000_000));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for (path, body, status) in
            [("/v1/runs", &refused, 400), ("/v1/scripts/s/runs", &taken, 200)]
        {
            let (server, done) = (&server, &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let reply = server.post_text(path, body);
                    assert!([status, 422, 503].contains(&reply.status), "{}", reply.text());
                }
            });
        }
        for _ in 0..100 {
            assert_eq!(server.health()["status"], "ok");
            assert_eq!(server.run("s", &json!({"input": 1})).value(), 1);
        }
        done.store(true, Ordering::Relaxed);
    });
}

#[test]
fn scripts_are_held_within_their_bytes() {
    let server = TestServer::with(ServerConfig { max_script_bytes: 1 << 20, ..config() });
    let large = format!("/*{}*/ 1", "x".repeat(200_000));
    assert_eq!(server.put("a", &large).status, 201);
    assert_eq!(server.put("b", &large).status, 201);
    let error = server.put("c", &large).assert_error(507, "ERR_SCRIPT_BYTES");
    assert!(error["detail"].as_str().unwrap().contains("--script-bytes"), "{error}");
    let held = server.health()["script_bytes"].as_u64().unwrap();
    assert!((800_000..1 << 20).contains(&held), "{held}");

    // What else a script brings counts too.
    let text = "x".repeat(300_000);
    for with in [
        json!({"source": "1", "setup": [format!("/*{text}*/")]}),
        json!({"source": "1", "modules": {"m": format!("/*{text}*/")}}),
        json!({"source": "1", "globals": {"g": text}}),
        json!({"source": "1", "globals": {"g": vec![0; 10_000]}}),
    ] {
        server.put_json("c", &with).assert_error(507, "ERR_SCRIPT_BYTES");
    }
    assert_eq!(server.put("c", "1").status, 201);
    assert_eq!(server.send("DELETE", "/v1/scripts/a", &[], "").status, 204);
    assert_eq!(server.put("d", &large).status, 201);
    for name in ["b", "c", "d"] {
        server.send("DELETE", &format!("/v1/scripts/{name}"), &[], "");
    }
    assert_eq!(server.health()["script_bytes"], 0);
    // A deploy that fails holds nothing.
    server.put("e", "let = ;").assert_error(422, "ERR_SYNTAX");
    assert_eq!(server.health()["script_bytes"], 0);
}

#[test]
fn a_version_that_still_runs_counts_until_it_ended() {
    let server = TestServer::with(ServerConfig { max_script_bytes: 1 << 20, ..config() });
    let busy = "var end = Date.now() + 500; while (Date.now() < end) {} 1";
    server.put("s", &format!("{busy} /*{}*/", "x".repeat(100_000)));
    let client = server.begin("/v1/scripts/s/runs", &json!({}));
    common::until("the run has begun", || server.health()["queued"] == 0);
    thread::sleep(Duration::from_millis(50));
    server.put("s", "1");
    assert!(server.health()["script_bytes"].as_u64().unwrap() > 200_000);
    assert!(common::read_to_end(client).contains("\"value\":1"));
    common::until("the former version is gone", || {
        server.health()["script_bytes"].as_u64().unwrap() < 10_000
    });
}
