//! What is kept over a restart, and versions: listed, activated, rolled back.

mod common;

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    thread,
    time::Duration,
};

use common::{Reply, TestServer, config, read_to_end, until};
use sandtide_server::{Server, ServerConfig};
use serde_json::{Value as Json, json};

fn kept_in(directory: &Path) -> ServerConfig {
    ServerConfig { data: Some(directory.to_owned()), ..config() }
}

fn as_tenant(server: &TestServer, tenant: &str, method: &str, path: &str, body: &str) -> Reply {
    let kind = if method == "PUT" { "text/javascript" } else { "application/json" };
    let headers = [("sandtide-tenant", tenant), ("content-type", kind)];
    server.send(method, path, if body.is_empty() { &headers[..1] } else { &headers }, body)
}

fn version(reply: &Reply) -> String {
    assert!(matches!(reply.status, 200 | 201), "{}", reply.text());
    reply.json()["version"].as_str().unwrap().to_owned()
}

fn versions(server: &TestServer, name: &str) -> Vec<Json> {
    let reply = server.get(&format!("/v1/scripts/{name}/versions"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["versions"].as_array().unwrap().clone()
}

fn activate(server: &TestServer, name: &str, version: &str) -> Reply {
    server.send("POST", &format!("/v1/scripts/{name}/versions/{version}/activate"), &[], "")
}

fn roll_back(server: &TestServer, name: &str) -> Reply {
    server.send("POST", &format!("/v1/scripts/{name}/rollback"), &[], "")
}

#[test]
fn scripts_answer_after_a_restart_as_they_were_deployed() {
    let directory = tempfile::tempdir().unwrap();
    let server = TestServer::with(kept_in(directory.path()));
    server.put("one", "export default n => n + 1");
    server.put("two", "'former'");
    let two = version(&server.put("two", "'latter'"));
    server.put("gone", "1");
    assert_eq!(server.send("DELETE", "/v1/scripts/gone", &[], "").status, 204);
    let whole = json!({
        "source": "import { twice } from 'twice'; export default n => twice(n) + base + extra",
        "file": "whole.mjs",
        "setup": ["globalThis.extra = 7"],
        "modules": {"twice": "export const twice = n => 2 * n"},
        "globals": {"base": 100},
        "limits": {"wall_ms": 1234},
    });
    assert_eq!(server.put_json("whole", &whole).status, 201);
    as_tenant(&server, "other", "PUT", "/v1/scripts/one", "'of another'");
    let listed = server.get("/v1/scripts").json();
    let shown = server.get("/v1/scripts/whole").json();
    server.stop();

    let server = TestServer::with(kept_in(directory.path()));
    assert_eq!(server.get("/v1/scripts").json(), listed, "before anything was built");
    assert_eq!(server.health()["scripts"], 4);
    assert_eq!(server.health()["tenants"], 2);
    assert_eq!(server.run("one", &json!({"input": 41})).value(), 42);
    assert_eq!(server.run("two", &json!({})).value(), "latter");
    assert_eq!(server.run("whole", &json!({"input": 4})).value(), 115);
    let path = "/v1/scripts/one/runs";
    assert_eq!(as_tenant(&server, "other", "POST", path, "{}").value(), "of another");
    server.run("gone", &json!({})).assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    let again = server.get("/v1/scripts/whole").json();
    for member in ["version", "file", "limits", "source", "form"] {
        assert_eq!(again[member], shown[member], "{member}");
    }
    assert_eq!(server.get("/v1/scripts/two").json()["version"], two);
    // A version is built once, also where many ask for it at once.
    assert_eq!(server.get("/v1/scripts/one").json()["runs"]["total"], 1);
}

#[test]
fn many_scripts_that_are_asked_for_at_once_after_a_restart_all_answer() {
    let directory = tempfile::tempdir().unwrap();
    let server = TestServer::with(kept_in(directory.path()));
    let name = |number: usize| format!("s{number}");
    for number in 0..40 {
        assert_eq!(server.put(&name(number), &format!("{number}")).status, 201);
    }
    server.stop();
    let server = TestServer::with(kept_in(directory.path()));
    thread::scope(|scope| {
        let asked = (0..80).map(|number| {
            let server = &server;
            scope.spawn(move || server.run(&name(number % 40), &json!({})).value())
        });
        for (number, run) in asked.collect::<Vec<_>>().into_iter().enumerate() {
            assert_eq!(run.join().unwrap(), number % 40);
        }
    });
}

#[test]
fn a_script_whose_source_no_longer_builds_says_why_and_can_be_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let server = TestServer::with(kept_in(directory.path()));
    let large = json!({"source": "1", "setup": ["globalThis.kept = 'x'.repeat(8 << 20) + 'y'"]});
    assert_eq!(server.put_json("large", &large).status, 201);
    server.stop();
    let mut smaller = kept_in(directory.path());
    smaller.limits.heap = 4 << 20;
    let server = TestServer::with(smaller);
    for _ in 0..2 {
        server.run("large", &json!({})).assert_error(422, "ERR_HEAP_LIMIT");
    }
    assert_eq!(server.put("large", "'small'").status, 200);
    assert_eq!(server.run("large", &json!({})).value(), "small");
}

#[test]
fn versions_are_listed_activated_and_rolled_back_over_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = TestServer::with(kept_in(directory.path()));
    let all: Vec<_> =
        ["'a'", "'b'", "'c'"].iter().map(|source| version(&server.put("s", source))).collect();
    let value = |server: &TestServer| server.run("s", &json!({})).value();

    let listed = versions(&server, "s");
    let names: Vec<_> = listed.iter().map(|one| one["version"].as_str().unwrap()).collect();
    assert_eq!(names, [&*all[2], &all[1], &all[0]]);
    assert_eq!((&listed[0]["active"], &listed[1]["active"]), (&json!(true), &json!(false)));
    assert_eq!(listed[0]["rolls_back_to"], *all[1]);
    assert!(listed[0]["deployed_ms"].as_u64().unwrap() > 1_700_000_000_000);
    let source = server.get(&format!("/v1/scripts/s/versions/{}", all[0])).json();
    assert_eq!((&source["source"], &source["file"]), (&json!("'a'"), &json!("s.js")));

    assert_eq!(version(&roll_back(&server, "s")), all[1]);
    assert_eq!(value(&server), "b");
    server.stop();
    server = TestServer::with(kept_in(directory.path()));
    assert_eq!(value(&server), "b");
    assert_eq!(version(&roll_back(&server, "s")), all[0]);
    assert_eq!(value(&server), "a");
    roll_back(&server, "s").assert_error(409, "ERR_NO_FORMER_VERSION");
    assert_eq!(version(&activate(&server, "s", &all[2])), all[2]);
    assert_eq!(version(&activate(&server, "s", &all[2])), all[2], "which changes nothing");
    assert_eq!(value(&server), "c");
    assert_eq!(server.get("/v1/scripts/s").json()["version"], all[2]);
    assert_eq!(versions(&server, "s")[0]["rolls_back_to"], *all[0]);

    let path = format!("/v1/scripts/s/versions/{}", all[0]);
    as_tenant(&server, "other", "GET", &path, "").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    activate(&server, "s", "0000").assert_error(404, "ERR_VERSION_NOT_FOUND");
    activate(&server, "t", &all[0]).assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    roll_back(&server, "t").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    server.get("/v1/scripts/s/versions/0/x").assert_error(404, "ERR_NOT_FOUND");
    server.get("/v1/scripts/s/versions/").assert_error(404, "ERR_NOT_FOUND");
    let reply = server.send("DELETE", "/v1/scripts/s/versions", &[], "");
    reply.assert_error(405, "ERR_METHOD_NOT_ALLOWED");
}

#[test]
fn without_a_directory_versions_are_there_as_long_as_the_server() {
    let server = TestServer::start();
    let first = version(&server.put("s", "'a'"));
    server.put("s", "'b'");
    assert_eq!(version(&roll_back(&server, "s")), first);
    assert_eq!(server.run("s", &json!({})).value(), "a");
    server.stop();
    assert_eq!(TestServer::start().get("/v1/scripts").json(), json!({"scripts": []}));
}

#[test]
fn runs_that_have_begun_end_in_the_version_they_began_in() {
    let mut limits = sandtide::Limits::default();
    (limits.wall, limits.cpu) = (Duration::from_secs(50), Duration::from_secs(50));
    let server = TestServer::with(ServerConfig { limits, ..config() });
    server.put("s", "const end = Date.now() + 5000; while (Date.now() < end); 'former'");
    thread::scope(|scope| {
        let run = scope.spawn(|| server.run("s", &json!({})).value());
        until("it runs", || server.health()["running"] == 1);
        let second = version(&server.put("s", "'latter'"));
        assert_eq!(server.run("s", &json!({})).value(), "latter");
        assert_ne!(version(&roll_back(&server, "s")), second);
        assert_eq!(version(&activate(&server, "s", &second)), second);
        assert_eq!(server.run("s", &json!({})).value(), "latter");
        assert_eq!(run.join().unwrap(), "former");
    });
}

#[test]
fn former_versions_go_beyond_their_number() {
    let server = TestServer::with(ServerConfig { former_versions: 1, ..config() });
    let all: Vec<_> =
        ["1", "2", "3"].iter().map(|source| version(&server.put("s", source))).collect();
    assert_eq!(versions(&server, "s").len(), 2);
    activate(&server, "s", &all[0]).assert_error(404, "ERR_VERSION_NOT_FOUND");
    assert_eq!(version(&roll_back(&server, "s")), all[1]);
    assert!(versions(&server, "s")[1].get("rolls_back_to").is_none(), "it is not kept");
}

#[test]
fn scripts_that_are_kept_count_in_the_memory_for_scripts() {
    let directory = tempfile::tempdir().unwrap();
    let server = TestServer::with(kept_in(directory.path()));
    server.put("s", &format!("'{}'", "x".repeat(20_000)));
    let bytes = server.health()["script_bytes"].clone();
    assert!(bytes.as_u64().unwrap() > 40_000, "{bytes}");
    server.stop();
    // What was deployed stays where there is room for less now, but nothing more is taken.
    let small = ServerConfig { max_script_bytes: 30_000, ..kept_in(directory.path()) };
    let server = TestServer::with(small);
    assert_eq!(server.health()["script_bytes"], bytes);
    assert_eq!(server.run("s", &json!({})).status, 200);
    server.put("t", "1").assert_error(507, "ERR_SCRIPT_BYTES");
    assert_eq!(server.send("DELETE", "/v1/scripts/s", &[], "").status, 204);
    assert_eq!(server.health()["script_bytes"], 0);
    assert_eq!(server.put("t", "1").status, 201);
}

#[tokio::test]
async fn a_directory_in_use_is_refused_by_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let _server = Server::bind(kept_in(directory.path())).await.unwrap();
    let Err(error) = Server::bind(kept_in(directory.path())).await else { panic!("two of them") };
    assert_eq!(error.code(), "ERR_STORE_IN_USE");
    assert!(error.to_string().contains(directory.path().to_str().unwrap()), "{error}");
}

#[test]
fn what_is_damaged_is_told_to_whoever_asks_and_keeps_no_other_script_from_answering() {
    let directory = tempfile::tempdir().unwrap();
    let server = TestServer::with(kept_in(directory.path()));
    for name in ["whole", "facts", "body"] {
        server.put(name, "'it'");
    }
    server.stop();
    let file = rusqlite::Connection::open(directory.path().join("sandtide.db")).unwrap();
    file.execute("UPDATE versions SET facts = '{' WHERE script = 'facts'", ()).unwrap();
    file.execute("UPDATE versions SET body = x'2727' WHERE script = 'body'", ()).unwrap();
    drop(file);
    let server = TestServer::with(kept_in(directory.path()));
    assert_eq!(server.run("whole", &json!({})).value(), "it");
    for name in ["facts", "body"] {
        server.run(name, &json!({})).assert_error(500, "ERR_STORE_DAMAGED");
        assert_eq!(server.put(name, "'it again'").status, 200);
        assert_eq!(server.run(name, &json!({})).value(), "it again");
    }
}

#[test]
fn a_script_that_was_removed_does_not_come_back_by_a_deploy_asked_for_before() {
    let server = TestServer::start();
    for (removed, status) in [("s", "409"), ("another", "200")] {
        server.put("s", "1");
        server.put("another", "1");
        let mut deploy = TcpStream::connect(server.address).unwrap();
        let head = "PUT /v1/scripts/s HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\n\
                    expect: 100-continue\r\nconnection: close\r\n\r\n";
        deploy.write_all(head.as_bytes()).unwrap();
        // So it has been asked for.
        let mut told = [0; 25];
        deploy.read_exact(&mut told).unwrap();
        assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
        let path = format!("/v1/scripts/{removed}");
        assert_eq!(server.send("DELETE", &path, &[], "").status, 204);
        deploy.write_all(b"2").unwrap();
        let answer = read_to_end(deploy);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert_eq!(answer.contains("ERR_VERSION_CHANGED"), status == "409", "{answer}");
        let there = server.get("/v1/scripts/s").status;
        assert_eq!(there, if status == "409" { 404 } else { 200 });
        // What is asked for after that is another deploy.
        assert!(matches!(server.put("s", "3").status, 200 | 201));
    }
}
