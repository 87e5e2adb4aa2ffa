//! Running deployed and ad hoc scripts over HTTP: values, globals, logs, usage and errors.

mod common;

use common::TestServer;
use sandtide::MAX_DEPTH;
use serde_json::{Value as Json, json};

#[test]
fn the_articles_script_gives_its_value_and_the_global_it_made() {
    let server = TestServer::start();
    server.put_json(
        "fibonacci",
        &json!({
            "source": "a = fibonacci(number)",
            "setup": ["function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }"]
        }),
    );
    let reply = server
        .run("fibonacci", &json!({"globals": {"number": 10}, "globals_back": "changed"}))
        .json();
    assert_eq!(reply["value"], 55);
    assert_eq!(reply["globals"]["a"], 55);
    let named = server.run("fibonacci", &json!({"globals": {"number": 11}, "globals_back": ["a"]}));
    assert_eq!(named.json()["globals"], json!({"a": 89}));
    let plain = server.run("fibonacci", &json!({"globals": {"number": 1}})).json();
    assert!(plain.get("globals").is_none(), "{plain}");
}

#[test]
fn a_run_tells_its_logs_and_what_it_took() {
    let server = TestServer::start();
    server.put("chatty", "console.log('a', 1); console.error('b'); 0");
    let reply = server.run("chatty", &json!({})).json();
    assert_eq!(
        reply["logs"],
        json!([{"level": "log", "text": "a 1"}, {"level": "error", "text": "b"}])
    );
    let usage = reply["usage"].as_object().unwrap();
    let names: Vec<_> = usage.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "wall_us",
            "build_us",
            "cpu_us",
            "peak_heap_bytes",
            "bytes_restored",
            "restore_us",
            "jobs",
            "output_bytes",
            "log_bytes"
        ]
    );
    assert!(usage.values().all(Json::is_u64), "{usage:?}");
    assert!(usage["bytes_restored"].as_u64().unwrap() > 0, "{usage:?}");
    assert!(usage["peak_heap_bytes"].as_u64().unwrap() > 0, "{usage:?}");
}

#[test]
fn input_reaches_a_function_as_its_argument_and_a_classic_script_as_a_global() {
    let server = TestServer::start();
    server.put("function", "export default async (input) => input.items[1].name");
    server.put("classic", "input.items[1].name");
    let body = json!({"input": {"items": [{"name": "a"}, {"name": "b"}]}});
    assert_eq!(server.run("function", &body).value(), "b");
    assert_eq!(server.run("classic", &body).value(), "b");
}

#[test]
fn a_source_that_comes_with_its_run_takes_input_only_as_a_function() {
    let server = TestServer::start();
    let of = |source: &str| server.post("/v1/runs", &json!({"source": source, "input": 41}));
    assert_eq!(of("export default (input) => input + 1").value(), 42);
    let error = of("input + 1").assert_error(422, "ERR_WRONG_FORM");
    assert!(error["detail"].as_str().unwrap().contains("globals"), "{error}");
    let given = json!({"source": "input + 1", "globals": {"input": 41}});
    assert_eq!(server.post("/v1/runs", &given).value(), 42);
}

#[test]
fn a_log_takes_no_more_of_the_answer_than_its_limit_says() {
    let server = TestServer::start();
    for text in ["''", "'\\0'.repeat(50)", "'\"'.repeat(9)", "'x'", "'\\ud800'", "'é'.repeat(30)"]
    {
        let source = json!({"source": format!("for (;;) console.log({text})")});
        let reply = server.post("/v1/runs", &source);
        reply.assert_error(422, "ERR_LOG_LIMIT");
        // All of the answer but the log is some hundred bytes.
        assert!(reply.body.len() < (64 << 10) + 1_000, "{text}: {} bytes", reply.body.len());
    }
}

#[test]
fn a_null_input_is_null_and_no_input_is_undefined() {
    let server = TestServer::start();
    server.put("kind", "export default (input) => String(input)");
    assert_eq!(server.run("kind", &json!({"input": null})).value(), "null");
    assert_eq!(server.run("kind", &json!({})).value(), "undefined");
    let empty = server.send("POST", "/v1/scripts/kind/runs", &[], "");
    assert_eq!(empty.value(), "undefined");
}

#[test]
fn values_that_json_has_no_form_for_are_tagged() {
    let server = TestServer::start();
    server.put(
        "rich",
        "({ big: 10n, date: new Date(0), none: undefined, bytes: new Uint8Array([1, 2]) })",
    );
    let value = server.run("rich", &json!({})).value();
    for (member, kind) in
        [("big", "bigint"), ("date", "date"), ("none", "undefined"), ("bytes", "bytes")]
    {
        assert_eq!(value[member]["$type"], kind, "{value}");
    }
}

#[test]
fn the_deepest_value_that_crosses_is_answered() {
    let server = TestServer::start();
    let source = format!(
        "var value = 1; for (var i = 1; i < {MAX_DEPTH}; i++) value = new Map([[[], value]]); value"
    );
    let reply = server.post("/v1/runs", &json!({"source": source}));
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert!(reply.text().matches("\"map\"").count() >= MAX_DEPTH - 2, "{}", reply.text());
    assert_eq!(server.post("/v1/runs", &json!({"source": "1"})).value(), 1);
}

#[test]
fn what_an_error_says_is_cut_where_it_is_long() {
    let server = TestServer::start();
    let source = "var e = new Error('x'.repeat(3e6)); e.name = 'y'.repeat(3e6); throw e";
    let reply = server.post("/v1/runs", &json!({"source": source}));
    let error = reply.assert_error(422, "ERR_EXCEPTION");
    assert!(error["detail"].as_str().unwrap().ends_with("x…"));
    assert!(reply.body.len() < 300_000, "{}", reply.body.len());
}

#[test]
fn nothing_of_a_run_is_seen_by_the_next_one() {
    let server = TestServer::start();
    server.put(
        "leak",
        "var before = [typeof secret, Array.prototype.stolen, seen].join();
         seen = 'yes'; globalThis.secret = user; Array.prototype.stolen = user; before",
    );
    let body = |user| json!({"globals": {"user": user, "seen": "no"}});
    for user in ["ann", "bob", "cem", "dee"] {
        assert_eq!(server.run("leak", &body(user)).value(), "undefined,,no");
    }
}

#[test]
fn two_scripts_on_the_same_workers_do_not_see_each_other() {
    let server = TestServer::start();
    server.put("one", "globalThis.mark = 'one'; typeof other + typeof mark");
    server.put("two", "globalThis.other = 'two'; typeof mark + typeof other");
    for _ in 0..10 {
        assert_eq!(server.run("one", &json!({})).value(), "undefinedstring");
        assert_eq!(server.run("two", &json!({})).value(), "undefinedstring");
    }
}

#[test]
fn a_frozen_run_can_be_replayed_exactly() {
    let server = TestServer::start();
    server.put("dice", "[Math.random(), Math.random(), Date.now()]");
    let body = json!({"frozen": {"seed": 7, "now_ms": 1000.0}});
    let first = server.run("dice", &body).value();
    assert_eq!(first[2], 1000);
    assert_eq!(server.run("dice", &body).value(), first);
    assert_ne!(server.run("dice", &json!({})).value()[0], first[0]);
}

#[test]
fn a_run_is_in_its_own_time_zone_or_in_its_scripts() {
    let server = TestServer::start();
    let source = "export default () => [new Date(0).getHours(), started].join(); \
                  const started = new Date(0).getHours()";
    server.put("utc", source);
    server.put_json("tokyo", &json!({"source": source, "time_zone": "Asia/Tokyo"}));
    for (name, body, hours) in [
        ("utc", json!({}), "0,0"),
        ("utc", json!({"time_zone": "Europe/Berlin"}), "1,1"),
        ("utc", json!({}), "0,0"),
        ("tokyo", json!({}), "9,9"),
        ("tokyo", json!({"time_zone": "-03:00"}), "21,21"),
        ("tokyo", json!({"time_zone": "UTC"}), "0,0"),
    ] {
        assert_eq!(server.run(name, &body).value(), hours, "{name} {body}");
    }
    let ad_hoc = json!({"source": "new Date(0).getHours()", "time_zone": "asia/tokyo"});
    assert_eq!(server.post("/v1/runs", &ad_hoc).value(), 9);
    let bad = json!({"source": "1", "time_zone": "Mars/Olympus"});
    for refused in [
        server.run("utc", &json!({"time_zone": "Mars/Olympus"})),
        server.post("/v1/runs", &bad),
        server.put_json("utc", &bad),
    ] {
        let error = refused.assert_error(400, "ERR_INVALID_TIME_ZONE");
        assert!(error["detail"].as_str().unwrap().contains("Mars/Olympus"), "{error}");
    }
    assert_eq!(server.run("utc", &json!({})).value(), "0,0");
}

#[test]
fn an_exception_is_answered_with_its_stack_and_the_logs_up_to_it() {
    let server = TestServer::start();
    let source =
        "console.log('so far');\nfunction f() {\n  throw new RangeError('too far');\n}\nf();";
    server.put("throws", source);
    let reply = server.run("throws", &json!({}));
    let error = reply.assert_error(422, "ERR_EXCEPTION");
    assert_eq!(error["name"], "RangeError");
    assert_eq!(error["detail"], "too far");
    assert_eq!(error["file"], "throws.js");
    assert_eq!(error["line"], 3);
    assert!(error["stack"].as_str().unwrap().contains("throws.js:3:"), "{error}");
    let body = reply.json();
    assert_eq!(body["logs"][0]["text"], "so far");
    assert!(body["usage"]["wall_us"].is_u64());
}

#[test]
fn a_value_that_cannot_cross_is_named_by_its_path() {
    let server = TestServer::start();
    server.put("callback", "({ items: [1, { callback() {} }] })");
    let error = server.run("callback", &json!({})).assert_error(422, "ERR_NOT_CROSSABLE");
    assert!(error["path"].as_str().unwrap().ends_with("items[1].callback"), "{error}");
}

#[test]
fn a_promise_that_never_settles_is_an_error_of_its_own() {
    let server = TestServer::start();
    server.put("never", "export default () => new Promise(() => {})");
    server.run("never", &json!({})).assert_error(422, "ERR_NEVER_SETTLED");
}

#[test]
fn an_ad_hoc_run_brings_its_source() {
    let server = TestServer::start();
    let reply = server.post("/v1/runs", &json!({"source": "a * 2", "globals": {"a": 21}}));
    assert_eq!(reply.value(), 42);
    let module = json!({"source": "export default (n) => n + 1", "input": 1});
    assert_eq!(server.post("/v1/runs", &module).value(), 2);
    let error = server
        .post("/v1/runs", &json!({"source": "let = ;", "file": "mine.js"}))
        .assert_error(422, "ERR_SYNTAX");
    assert_eq!(error["file"], "mine.js");
    assert_eq!(error["line"], 1);
    let plain = server.send("POST", "/v1/runs", &[("content-type", "text/javascript")], "6 * 7");
    assert_eq!(plain.value(), 42);
}

#[test]
fn a_raw_run_takes_the_body_as_the_input_and_answers_the_bare_value() {
    let server = TestServer::start();
    server.put("echo", "export default (input) => input");
    let path = "/v1/scripts/echo/runs?raw";
    let send = |kind: &str, body: &[u8]| server.send("POST", path, &[("content-type", kind)], body);

    let text = send("text/plain", "grüße".as_bytes());
    assert_eq!(text.content_type, "text/plain; charset=utf-8");
    assert_eq!(text.text(), "grüße");
    let usage: Json = serde_json::from_str(&text.usage.unwrap()).unwrap();
    assert!(usage["wall_us"].is_u64(), "{usage}");

    let bytes = send("image/png", &[0, 255, 1]);
    assert_eq!(bytes.content_type, "application/octet-stream");
    assert_eq!(bytes.body, [0, 255, 1]);

    let json = send("application/json", br#"{"b":[1,null],"a":2}"#);
    assert_eq!(json.content_type, "application/json");
    assert_eq!(json.text(), r#"{"b":[1,null],"a":2}"#);

    server
        .send("POST", path, &[("content-type", "text/plain")], [0xff])
        .assert_error(400, "ERR_INVALID_REQUEST");
}

#[test]
fn a_raw_run_gives_a_classic_script_the_body_as_the_global_input() {
    let server = TestServer::start();
    server.put("size", "input.length + ''");
    let path = "/v1/scripts/size/runs?raw=true";
    let reply = server.send("POST", path, &[("content-type", "application/x-thing")], [1, 2, 3]);
    assert_eq!(reply.text(), "3");
}

#[test]
fn a_raw_run_that_fails_answers_the_error_as_json() {
    let server = TestServer::start();
    server.put("throws", "export default () => { throw new Error('no'); }");
    let reply =
        server.send("POST", "/v1/scripts/throws/runs?raw", &[("content-type", "text/plain")], "");
    let error = reply.assert_error(422, "ERR_EXCEPTION");
    assert_eq!(error["detail"], "no");
}

#[test]
fn accept_decides_between_the_bare_value_and_json() {
    let server = TestServer::start();
    server.put("word", "'word'");
    let run = |accept: &str| {
        let headers = [("content-type", "application/json"), ("accept", accept)];
        server.send("POST", "/v1/scripts/word/runs", &headers, "{}")
    };
    for accept in ["text/plain", "text/*;q=0.9", "application/octet-stream, */*"] {
        assert_eq!(run(accept).text(), "word", "{accept}");
    }
    for accept in ["*/*", "application/json", "application/json, text/plain"] {
        assert_eq!(run(accept).value(), "word", "{accept}");
    }
    let headers = [("content-type", "application/json"), ("accept", "text/plain")];
    server
        .send("POST", "/v1/scripts/word/runs", &headers, r#"{"globals_back":"changed"}"#)
        .assert_error(400, "ERR_INVALID_REQUEST");
}

#[test]
fn bad_requests_are_refused_with_what_is_wrong() {
    let server = TestServer::start();
    server.put("s", "1");
    let refused = |body: &str, says: &str| {
        let error =
            server.post_text("/v1/scripts/s/runs", body).assert_error(400, "ERR_INVALID_REQUEST");
        assert!(error["detail"].as_str().unwrap().contains(says), "{body}: {error}");
    };
    refused("{", "EOF");
    refused("[{}, 1]", "expected an object");
    refused(r#"{"inptu":1}"#, "`inptu`");
    refused(r#"{"source":"1"}"#, "`source`");
    refused(r#"{"limits":{"wall":1}}"#, "`wall`");
    refused(r#"{"globals":{"a":1,"a":2}}"#, "`a` is given twice");
    refused(r#"{"globals":{"a":}}"#, "expected value");
    refused(r#"{"globals_back":"all"}"#, "globals_back");
    refused(r#"{"frozen":{"seed":-1,"now_ms":0}}"#, "-1");
    refused("{} {}", "trailing");
    server.post("/v1/runs", &json!({})).assert_error(400, "ERR_INVALID_REQUEST");
    server.run("s", &json!({"limits": {"heap_bytes": 1}})).assert_error(400, "ERR_INVALID_LIMIT");
    server
        .send("POST", "/v1/scripts/s/runs?raw=maybe", &[], "")
        .assert_error(400, "ERR_INVALID_REQUEST");
    server
        .send("POST", "/v1/scripts/s/runs", &[("content-type", "text/plain")], "x")
        .assert_error(415, "ERR_UNSUPPORTED_MEDIA_TYPE");
    server
        .send("POST", "/v1/runs", &[("content-type", "image/png")], "x")
        .assert_error(415, "ERR_UNSUPPORTED_MEDIA_TYPE");
}

#[test]
fn deeply_nested_json_is_an_error_and_not_the_end_of_the_server() {
    let server = TestServer::start();
    server.put("s", "export default () => 1");
    let deep = format!("{{\"input\":{}{}}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let reply = server.post_text("/v1/scripts/s/runs", &deep);
    assert!(matches!(reply.status, 200 | 400 | 422), "{}", reply.status);
    assert_eq!(server.run("s", &json!({})).value(), 1);
}

#[test]
fn paths_and_methods_that_do_not_exist_are_told_apart() {
    let server = TestServer::start();
    server.get("/").assert_error(404, "ERR_NOT_FOUND");
    server.get("/v2/runs").assert_error(404, "ERR_NOT_FOUND");
    server.get("/v1/runs").assert_error(405, "ERR_METHOD_NOT_ALLOWED");
    let reply = server.send("PATCH", "/v1/scripts/s", &[], "");
    reply.assert_error(405, "ERR_METHOD_NOT_ALLOWED");
    assert!(reply.allow.as_deref().is_some_and(|allow| allow.contains("PUT")), "{reply:?}");
}
