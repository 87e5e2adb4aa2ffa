//! Deploying, showing, listing and removing scripts over HTTP.

mod common;

use common::{TestServer, config};
use sandtide_server::ServerConfig;
use serde_json::json;

#[test]
fn a_script_is_deployed_shown_listed_and_removed() {
    let server = TestServer::start();
    let created = server.put("sum", "a + b");
    assert_eq!(created.status, 201, "{}", created.text());
    let facts = created.json();
    assert_eq!(facts["name"], "sum");
    assert_eq!(facts["form"], "classic");
    assert_eq!(facts["version"].as_str().unwrap().len(), 64);
    for number in ["image_bytes", "heap_bytes", "build_ms"] {
        assert!(facts[number].as_f64().unwrap() > 0.0, "{number} in {facts}");
    }

    assert_eq!(server.run("sum", &json!({"globals": {"a": 2, "b": 3}})).value(), 5);
    server.run("sum", &json!({})).assert_error(422, "ERR_EXCEPTION");

    let shown = server.get("/v1/scripts/sum").json();
    assert_eq!(shown["source"], "a + b");
    assert_eq!(shown["file"], "sum.js");
    assert_eq!(shown["version"], facts["version"]);
    assert_eq!(shown["runs"], json!({"total": 2, "failed": 1}));
    assert_eq!(shown["limits"]["wall_ms"], 1000);

    server.put("another", "1");
    let list = server.get("/v1/scripts").json();
    let names: Vec<_> = list["scripts"].as_array().unwrap().iter().map(|s| &s["name"]).collect();
    assert_eq!(names, ["another", "sum"]);

    assert_eq!(server.send("DELETE", "/v1/scripts/sum", &[], "").status, 204);
    server.send("DELETE", "/v1/scripts/sum", &[], "").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    server.get("/v1/scripts/sum").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    server.run("sum", &json!({})).assert_error(404, "ERR_SCRIPT_NOT_FOUND");
}

#[test]
fn a_script_is_built_with_its_setup_modules_globals_and_limits() {
    let server = TestServer::start();
    let deploy = json!({
        "source": "import { twice } from 'lib/twice';\nexport default (input) => twice(input) + offset + base();",
        "file": "main.mjs",
        "setup": ["globalThis.base = () => plus;", {"source": "var plus = 100;", "file": "plus.js"}],
        "modules": {"lib/twice": "export const twice = (n) => 2 * n;"},
        "globals": {"offset": 7},
        "limits": {"wall_ms": 250, "heap_bytes": 16 << 20}
    });
    let created = server.put_json("built", &deploy);
    assert_eq!(created.status, 201, "{}", created.text());
    assert_eq!(created.json()["form"], "function");
    assert_eq!(server.run("built", &json!({"input": 4})).value(), 115);
    let limits = server.get("/v1/scripts/built").json()["limits"].clone();
    assert_eq!(limits["wall_ms"], 250);
    assert_eq!(limits["heap_bytes"], 16 << 20);
}

#[test]
fn the_version_changes_with_the_source_and_a_new_one_takes_over_at_once() {
    let server = TestServer::start();
    let first = server.put("v", "1").json();
    let second = server.put("v", "2");
    assert_eq!(second.status, 200);
    assert_ne!(second.json()["version"], first["version"]);
    assert_eq!(server.run("v", &json!({})).value(), 2);
    assert_eq!(server.put("v", "1").json()["version"], first["version"]);
}

#[test]
fn a_syntax_error_is_answered_with_its_place_and_the_old_version_serves_on() {
    let server = TestServer::start();
    server.put("steady", "'old'");
    let error = server.put("steady", "let a = 1;\nlet b = ;").assert_error(422, "ERR_SYNTAX");
    assert_eq!(error["file"], "steady.js");
    assert_eq!(error["line"], 2);
    assert!(error["column"].as_u64().is_some_and(|column| column >= 8), "{error}");
    assert_eq!(server.run("steady", &json!({})).value(), "old");
}

#[test]
fn a_setup_that_throws_or_never_ends_leaves_the_old_version_serving() {
    let mut config = config();
    config.limits.wall = std::time::Duration::from_millis(200);
    let server = TestServer::with(config);
    server.put("steady", "'old'");
    let thrown = server
        .put_json("steady", &json!({"source": "1", "setup": ["null.x"]}))
        .assert_error(422, "ERR_EXCEPTION");
    assert_eq!(thrown["name"], "TypeError");
    assert!(thrown["stack"].as_str().unwrap().contains("setup-1.js:1"), "{thrown}");
    server
        .put_json("steady", &json!({"source": "1", "setup": ["for (;;) {}"]}))
        .assert_error(422, "ERR_WALL_TIME_LIMIT");
    server
        .put_json("steady", &json!({"source": "import 'nowhere'; export default () => 1"}))
        .assert_error(422, "ERR_MODULE_NOT_FOUND");
    assert_eq!(server.run("steady", &json!({})).value(), "old");
    assert_eq!(server.health()["scripts"], 1);
}

#[test]
fn bad_names_are_refused_with_the_rule() {
    let server = TestServer::start();
    for name in ["a%20b", "%C3%A9", "a%2Fb", "%ff", &"x".repeat(129)] {
        let error = server.put(name, "1").assert_error(400, "ERR_INVALID_NAME");
        assert!(error["detail"].as_str().unwrap().contains("1 to 128"), "{error}");
        server.get(&format!("/v1/scripts/{name}")).assert_error(400, "ERR_INVALID_NAME");
        server
            .post(&format!("/v1/scripts/{name}/runs"), &json!({}))
            .assert_error(400, "ERR_INVALID_NAME");
    }
    assert_eq!(server.put(&"x".repeat(128), "1").status, 201);
}

#[test]
fn what_a_deploy_does_not_take_is_refused_by_name() {
    let server = TestServer::start();
    let unknown = server.put_json("s", &json!({"source": "1", "sauce": 1}));
    let error = unknown.assert_error(400, "ERR_INVALID_REQUEST");
    assert!(error["detail"].as_str().unwrap().contains("`sauce`"), "{error}");

    let unknown = server.put_json("s", &json!({"source": "1", "limits": {"wall_s": 1}}));
    let error = unknown.assert_error(400, "ERR_INVALID_REQUEST");
    assert!(error["detail"].as_str().unwrap().contains("`wall_s`"), "{error}");

    server.put_json("s", &json!({"file": "a.js"})).assert_error(400, "ERR_INVALID_REQUEST");
    server
        .put_json("s", &json!({"source": "1", "limits": {"wall_ms": 0}}))
        .assert_error(400, "ERR_INVALID_LIMIT");
    server
        .send("PUT", "/v1/scripts/s", &[("content-type", "application/json")], "{")
        .assert_error(400, "ERR_INVALID_REQUEST");
    server
        .send("PUT", "/v1/scripts/s", &[("content-type", "image/png")], "1")
        .assert_error(415, "ERR_UNSUPPORTED_MEDIA_TYPE");
    server.send("PUT", "/v1/scripts/s", &[], [0xff, 0xfe]).assert_error(400, "ERR_INVALID_REQUEST");
    let error = server.send("PUT", "/v1/scripts/s?fiel=a.js", &[], "1");
    let error = error.assert_error(400, "ERR_INVALID_REQUEST");
    assert!(error["detail"].as_str().unwrap().contains("fiel"), "{error}");
    assert_eq!(server.health()["scripts"], 0);
}

#[test]
fn a_name_given_twice_in_a_body_is_refused() {
    let server = TestServer::start();
    let body = r#"{"source":"1","globals":{"a":1,"b":2,"a":3}}"#;
    let error = server
        .send("PUT", "/v1/scripts/s", &[("content-type", "application/json")], body)
        .assert_error(400, "ERR_INVALID_REQUEST");
    assert!(error["detail"].as_str().unwrap().contains("`a` is given twice"), "{error}");
}

#[test]
fn a_source_can_come_with_each_of_its_types_and_a_file_name() {
    let server = TestServer::start();
    for kind in ["text/javascript", "application/javascript; charset=utf-8", "text/plain"] {
        let reply =
            server.send("PUT", "/v1/scripts/s?file=mine.js", &[("content-type", kind)], "1");
        assert!(reply.status < 300, "{kind}: {}", reply.text());
    }
    assert_eq!(server.get("/v1/scripts/s").json()["file"], "mine.js");
}

#[test]
fn no_more_scripts_are_held_than_configured() {
    let server = TestServer::with(ServerConfig { max_scripts: 1, ..config() });
    assert_eq!(server.put("one", "1").status, 201);
    server.put("two", "2").assert_error(507, "ERR_TOO_MANY_SCRIPTS");
    assert_eq!(server.put("one", "3").status, 200);
}

#[test]
fn many_deploys_and_runs_at_a_time_see_one_version_or_the_other() {
    let server = TestServer::start();
    server.put("flip", "'a' + 'a'");
    std::thread::scope(|scope| {
        for letter in ["a", "b"] {
            let server = &server;
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(server.put("flip", &format!("'{letter}' + '{letter}'")).status, 200);
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..100 {
                let value = server.run("flip", &json!({})).value();
                assert!(value == "aa" || value == "bb", "{value}");
            }
        });
    });
}

#[test]
fn sources_are_in_the_language_that_is_said_or_that_their_names_tell() {
    let server = TestServer::start();
    let typed = "const a: number = 1; enum B { C = 2 }\nexport default (n: number) => n + a + B.C";
    let of_type = |kind| server.send("PUT", "/v1/scripts/typed", &[("content-type", kind)], typed);
    of_type("text/javascript").assert_error(422, "ERR_SYNTAX");
    assert_eq!(of_type("text/typescript").status, 201);
    assert_eq!(server.run("typed", &json!({"input": 4})).value(), 7);
    let shown = server.get("/v1/scripts/typed").json();
    assert_eq!((&shown["source"], &shown["file"]), (&json!(typed), &json!("typed.ts")));

    for deploy in [
        json!({"source": typed, "language": "typescript"}),
        json!({"source": typed, "file": "rules/main.ts"}),
        json!({"source": "import { f } from './f.ts';\nexport default f",
            "modules": {"./f.ts": "export const f = (n: number): number => n + 3"}}),
    ] {
        let created = server.put_json("other", &deploy);
        assert!(created.status < 300, "{}", created.text());
        assert_eq!(server.run("other", &json!({"input": 4})).value(), 7);
    }
    let unknown = json!({"source": "1", "language": "coffeescript"});
    let error = server.put_json("other", &unknown).assert_error(400, "ERR_INVALID_REQUEST");
    assert!(error["detail"].as_str().unwrap().contains("typescript"), "{error}");

    let ad_hoc =
        json!({"source": "a as number + 1", "language": "typescript", "globals": {"a": 1}});
    assert_eq!(server.post("/v1/runs", &ad_hoc).value(), 2);
    let thrown = json!({"source": "enum A { B } throw new Error('x')", "file": "x.ts"});
    let error = server.post("/v1/runs", &thrown).assert_error(422, "ERR_EXCEPTION");
    assert_eq!((&error["line"], &error["column"]), (&json!(1), &json!(20)), "{error}");
}
