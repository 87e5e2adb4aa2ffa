//! Versions that have a share of their scripts' runs beside the active ones, against the real port.

mod common;

use std::{path::Path, time::Duration};

use common::{Reply, TestServer, config, until};
use sandtide_server::ServerConfig;
use serde_json::{Value as Json, json};

const CANARY: &str = "/v1/scripts/s/canary";

fn version(reply: &Reply) -> String {
    assert!(matches!(reply.status, 200 | 201), "{}", reply.text());
    reply.json()["version"].as_str().unwrap().to_owned()
}

/// Deploys a source beside the active version.
fn beside(server: &TestServer, percent: u32, source: &str) -> String {
    let path = format!("/v1/scripts/s?canary={percent}");
    let reply = server.send("PUT", &path, &[("content-type", "text/javascript")], source);
    assert_eq!((reply.status, &reply.etag), (200, &None), "{}", reply.text());
    version(&reply)
}

fn set(server: &TestServer, version: &str, percent: u32) -> Reply {
    let body = json!({"version": version, "percent": percent}).to_string();
    server.send("PUT", CANARY, &[("content-type", "application/json")], body)
}

fn run_of(server: &TestServer, key: &str) -> Reply {
    server.send("POST", "/v1/scripts/s/runs", &[("sandtide-canary-key", key)], "")
}

/// Which of so many keys are given the canary, whose value is "canary".
fn taken(server: &TestServer, keys: u32) -> Vec<u32> {
    (0..keys).filter(|key| run_of(server, &key.to_string()).value() == "canary").collect()
}

/// A key that is given the canary, and one that is not.
fn one_of_each(server: &TestServer) -> (String, String) {
    let find = |wanted: &str| {
        let keys = (0..1_000).map(|key: u32| key.to_string());
        keys.into_iter().find(|key| run_of(server, key).value() == wanted).unwrap()
    };
    (find("canary"), find("active"))
}

#[test]
fn a_version_beside_the_active_one_gets_runs_by_key_and_always_the_same() {
    let server = TestServer::start();
    let active = version(&server.put("s", "'active'"));
    let canary = beside(&server, 30, "'canary'");
    let first = taken(&server, 60);
    assert!(!first.is_empty() && first.len() < 60, "{first:?}");
    assert_eq!(taken(&server, 60), first);
    // A larger share has all that a smaller one had.
    assert_eq!(set(&server, &canary, 70).status, 200);
    let more = taken(&server, 60);
    assert!(more.len() > first.len() && first.iter().all(|key| more.contains(key)), "{more:?}");

    // The script itself is the active version.
    let shown = server.get("/v1/scripts/s");
    assert_eq!(shown.etag, Some(format!("\"{active}\"")));
    let told = shown.json();
    assert_eq!((&told["version"], &told["source"]), (&json!(active), &json!("'active'")));
    assert_eq!(
        (&told["canary"]["version"], &told["canary"]["percent"]),
        (&json!(canary), &json!(70))
    );
    let listed = &server.get("/v1/scripts").json()["scripts"][0];
    assert_eq!(listed["canary"]["version"], json!(canary));
    let versions = server.get("/v1/scripts/s/versions").json();
    let told = |at: usize| {
        let one = &versions["versions"][at];
        (one["version"].clone(), one["active"].clone(), one["percent"].clone())
    };
    assert_eq!(told(0), (json!(canary), json!(false), json!(70)));
    assert_eq!(told(1), (json!(active), json!(true), Json::Null));
}

#[test]
fn runs_without_a_key_are_given_both_versions() {
    let server = TestServer::start();
    server.put("s", "'active'");
    beside(&server, 50, "'canary'");
    for wanted in ["active", "canary"] {
        until("it is given", || server.run("s", &json!({})).value() == wanted);
    }
}

#[test]
fn what_both_versions_came_to_is_told_apart() {
    let server = TestServer::start();
    let source = |what: &str| format!("if (globalThis.fails) throw new Error('{what}'); '{what}'");
    let active = version(&server.put("s", &source("active")));
    let canary = beside(&server, 50, &source("canary"));
    let (of_canary, of_active) = one_of_each(&server);
    let before = server.get(CANARY).json();
    let send = |key: &str, body: &str| {
        let headers = [("sandtide-canary-key", key), ("content-type", "application/json")];
        server.send("POST", "/v1/scripts/s/runs", &headers, body)
    };
    assert_eq!(send(&of_canary, "").version, Some(canary.clone()));
    assert_eq!(send(&of_active, "").version, Some(active.clone()));
    let failed = send(&of_canary, r#"{"globals": {"fails": true}}"#);
    failed.assert_error(422, "ERR_EXCEPTION");
    assert_eq!(failed.version, Some(canary.clone()));

    let after = server.get(CANARY).json();
    let grew = |side: &str, what: &str| {
        let of = |told: &Json| told[side]["runs"][what].as_u64().unwrap();
        of(&after) - of(&before)
    };
    assert_eq!((grew("canary", "total"), grew("canary", "failed")), (2, 1));
    assert_eq!((grew("active", "total"), grew("active", "failed")), (1, 0));
    assert_eq!(
        (&after["active"]["version"], &after["canary"]["version"]),
        (&json!(active), &json!(canary))
    );
    assert_eq!(
        (&after["canary"]["percent"], &after["canary"]["held_back"]),
        (&json!(50), &json!(false))
    );
    assert!(after["canary"]["cpu_us"].is_u64());
    let errors = server.get("/v1/errors").json();
    assert_eq!(errors["errors"][0]["version"], json!(canary));
    // Both are the script's, and the tenant's.
    let runs = |told: &Json| told["runs"]["total"].as_u64().unwrap();
    assert_eq!(
        runs(&server.get("/v1/usage").json()),
        runs(&after["active"]) + runs(&after["canary"])
    );
    let metrics = server.get("/metrics").text().to_owned();
    let line = r#"sandtide_canary_runs_total{version="canary",outcome="ERR_EXCEPTION"} 1"#;
    assert!(metrics.contains(line), "{metrics}");
    assert!(!metrics.contains(&canary) && metrics.contains(r#"version="active",outcome="ok""#));
    // Without a canary no answer names its version.
    assert_eq!(server.send("DELETE", CANARY, &[], "").status, 204);
    assert_eq!(send(&of_canary, "").version, None);
}

#[test]
fn a_handler_is_picked_by_key_too_and_is_not_given_it() {
    let server = TestServer::start();
    let source = |what: &str| {
        format!(
            "export default {{ fetch: r => new Response('{what} ' + r.headers.get('sandtide-canary-key')) }}"
        )
    };
    server.put("s", &source("active"));
    beside(&server, 50, &source("canary"));
    let ask = |headers: &[(&str, &str)]| server.send("GET", "/h/s/", headers, "").text().to_owned();
    let of = |key: u32| ask(&[("sandtide-canary-key", &key.to_string())]);
    let all: Vec<_> = (0..60).map(of).collect();
    assert!(
        all.iter().any(|text| text == "canary null")
            && all.iter().any(|text| text == "active null")
    );
    assert_eq!((0..60).map(of).collect::<Vec<_>>(), all);
    // A request that is sent again with its key is given the same version.
    let keyed = |key: u32| ask(&[("idempotency-key", &key.to_string())]);
    assert_eq!((0..60).map(keyed).collect::<Vec<_>>(), all);
}

#[test]
fn an_asynchronous_run_tells_its_version_and_ends_in_it() {
    let limits = sandtide::Limits {
        wall: Duration::from_secs(600),
        cpu: Duration::from_secs(600),
        ..Default::default()
    };
    let server = TestServer::with(ServerConfig { limits, ..config() });
    let source = |what: &str| {
        format!("const end = Date.now() + (globalThis.ms ?? 0); while (Date.now() < end); '{what}'")
    };
    server.put("s", &source("active"));
    let canary = beside(&server, 50, &source("canary"));
    let (key, _) = one_of_each(&server);
    let headers = [("sandtide-canary-key", &*key), ("content-type", "application/json")];
    let body = r#"{"globals": {"ms": 300}}"#;
    let begun = server.send("POST", "/v1/scripts/s/runs?async", &headers, body);
    assert_eq!((begun.status, &begun.version), (202, &Some(canary.clone())), "{}", begun.text());
    let url = begun.json()["url"].as_str().unwrap().to_owned();
    until("it has begun", || server.get(&url).json()["state"] != "queued");
    server.put("s", "'another'");
    until("it is done", || server.get(&url).json()["state"] == "done");
    let told = server.get(&url).json();
    assert_eq!((&told["version"], &told["outcome"]["value"]), (&json!(canary), &json!("canary")));
}

#[test]
fn a_canary_ends_with_whatever_changes_the_active_version() {
    let server = TestServer::start();
    let first = version(&server.put("s", "'first'"));
    let post = |path: &str| server.send("POST", &format!("/v1/scripts/s/{path}"), &[], "").status;
    let none = || server.get(CANARY).assert_error(404, "ERR_CANARY_NOT_FOUND");
    none();
    let second = beside(&server, 5, "'second'");
    // It becomes the active one, and a roll back goes to the one that it was beside.
    assert_eq!(post(&format!("versions/{second}/activate")), 200);
    none();
    assert_eq!(server.run("s", &json!({})).value(), "second");
    assert_eq!(set(&server, &first, 5).status, 200);
    assert_eq!(post("rollback"), 200);
    none();
    assert_eq!(version(&server.get("/v1/scripts/s")), first);
    assert_eq!(set(&server, &second, 5).status, 200);
    server.put("s", "'third'");
    none();
    assert_eq!(set(&server, &second, 5).status, 200);
    assert_eq!(server.send("DELETE", CANARY, &[], "").status, 204);
    none();
    server.send("DELETE", CANARY, &[], "").assert_error(404, "ERR_CANARY_NOT_FOUND");
    assert_eq!(set(&server, &second, 5).status, 200);
    assert_eq!(server.send("DELETE", "/v1/scripts/s", &[], "").status, 204);
    server.get(CANARY).assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    assert_eq!(server.health()["script_bytes"], 0);
}

#[test]
fn to_activate_the_active_version_again_ends_the_canary_beside_it() {
    let server = TestServer::start();
    let active = version(&server.put("s", "'active'"));
    beside(&server, 50, "'canary'");
    let path = format!("/v1/scripts/s/versions/{active}/activate");
    for _ in 0..2 {
        let reply = server.send("POST", &path, &[], "");
        assert_eq!((reply.status, version(&reply)), (200, active.clone()));
        server.get(CANARY).assert_error(404, "ERR_CANARY_NOT_FOUND");
    }
    assert!(taken(&server, 30).is_empty());
    // Where all was so already nothing is told.
    let audit = server.get("/v1/audit").json();
    let lines = audit["entries"].as_array().unwrap().iter();
    let told: Vec<_> =
        lines.filter(|line| line["object"] == "s").map(|line| &line["action"]).collect();
    assert_eq!(told, ["activate", "deploy-canary", "deploy"]);
}

#[test]
fn what_cannot_have_a_share_is_refused_and_changes_nothing() {
    let server = TestServer::start();
    let put = |path: &str| server.send("PUT", path, &[("content-type", "text/javascript")], "'x'");
    put("/v1/scripts/s?canary=5").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    set(&server, "x", 5).assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    let former = version(&server.put("s", "'former'"));
    let active = version(&server.put("s", "'active'"));
    for percent in ["0", "100", "-1", "5.5", "x", ""] {
        let path = format!("/v1/scripts/s?canary={percent}");
        put(&path).assert_error(400, "ERR_INVALID_REQUEST");
    }
    for percent in [0, 100] {
        set(&server, &former, percent).assert_error(400, "ERR_INVALID_REQUEST");
    }
    let told = set(&server, &active, 5).assert_error(400, "ERR_INVALID_REQUEST");
    assert!(told["detail"].as_str().unwrap().contains("is the active one"), "{told}");
    set(&server, &"0".repeat(64), 5).assert_error(404, "ERR_VERSION_NOT_FOUND");
    let same = server.send(
        "PUT",
        "/v1/scripts/s?canary=5",
        &[("content-type", "text/javascript")],
        "'active'",
    );
    same.assert_error(400, "ERR_INVALID_REQUEST");
    let send = |headers: &[(&str, &str)], body: &str| server.send("PUT", CANARY, headers, body);
    let body = json!({"version": former, "percent": 5}).to_string();
    send(&[("content-type", "text/plain")], &body).assert_error(415, "ERR_UNSUPPORTED_MEDIA_TYPE");
    let json = ("content-type", "application/json");
    send(&[json], r#"{"version": "x"}"#).assert_error(400, "ERR_INVALID_REQUEST");
    let other = format!("\"{former}\"");
    send(&[json, ("if-match", &other)], &body).assert_error(412, "ERR_PRECONDITION_FAILED");
    server.get(CANARY).assert_error(404, "ERR_CANARY_NOT_FOUND");
    let matching = format!("\"{active}\"");
    assert_eq!(send(&[json, ("if-match", &matching)], &body).status, 200);
    server
        .send("DELETE", CANARY, &[("if-match", &other)], "")
        .assert_error(412, "ERR_PRECONDITION_FAILED");
    assert_eq!(server.get(CANARY).json()["canary"]["version"], json!(former));
}

#[test]
fn a_deploy_beside_with_a_key_is_carried_out_once_and_another_share_is_another_deploy() {
    let server = TestServer::start();
    server.put("s", "'active'");
    let headers = [("content-type", "text/javascript"), ("idempotency-key", "k")];
    let put = |percent: u32| {
        server.send("PUT", &format!("/v1/scripts/s?canary={percent}"), &headers, "'canary'")
    };
    let first = put(5);
    let again = put(5);
    assert_eq!((first.status, again.status), (200, 200));
    assert_eq!((first.replayed, again.replayed.as_deref()), (None, Some("true")));
    assert_eq!((first.body, again.etag), (again.body, None));
    put(6).assert_error(422, "ERR_IDEMPOTENCY_KEY_REUSED");
    let plain = server.send("PUT", "/v1/scripts/s", &headers, "'canary'");
    plain.assert_error(422, "ERR_IDEMPOTENCY_KEY_REUSED");
    assert_eq!(server.get(CANARY).json()["canary"]["percent"], 5);
}

fn kept_in(directory: &Path) -> TestServer {
    TestServer::with(ServerConfig { data: Some(directory.to_owned()), ..config() })
}

#[test]
fn a_share_is_kept_over_a_restart_with_the_same_keys() {
    let directory = tempfile::tempdir().unwrap();
    let server = kept_in(directory.path());
    server.put("s", "'active'");
    let canary = beside(&server, 40, "'canary'");
    let keys = taken(&server, 30);
    drop(server);
    let server = kept_in(directory.path());
    let told = server.get(CANARY).json();
    assert_eq!(
        (&told["canary"]["version"], &told["canary"]["percent"]),
        (&json!(canary), &json!(40))
    );
    assert_eq!(taken(&server, 30), keys);
    let audit = server.get("/v1/audit").json();
    let line = &audit["entries"][0];
    assert_eq!((&line["action"], &line["object"]), (&json!("deploy-canary"), &json!("s")));
    assert_eq!(line["detail"], format!("{canary} 40%"));
    assert_eq!(server.send("DELETE", CANARY, &[], "").status, 204);
    drop(server);
    let server = kept_in(directory.path());
    server.get(CANARY).assert_error(404, "ERR_CANARY_NOT_FOUND");
    assert!(taken(&server, 30).is_empty());
}

#[test]
fn both_versions_count_their_bytes() {
    let server = TestServer::start();
    server.put("s", "'active'");
    let bytes = |server: &TestServer| {
        let usage = server.get("/v1/usage").json();
        assert_eq!(usage["script_bytes"], server.health()["script_bytes"]);
        usage["script_bytes"].as_u64().unwrap()
    };
    let alone = bytes(&server);
    beside(&server, 5, &format!("'canary' /* {} */", "x".repeat(1_000)));
    assert!(bytes(&server) > 2 * alone);
    assert_eq!(server.send("DELETE", CANARY, &[], "").status, 204);
    assert_eq!(bytes(&server), alone);
}
