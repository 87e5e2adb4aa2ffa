//! Quotas against the real port: what is refused, how it is told, and who sets them.

mod common;

use std::{path::Path, time::Duration};

use common::{Reply, TestServer, config, until};
use sandtide_server::ServerConfig;
use sandtide_store::{Quota, SqliteStore, Store};
use serde_json::{Value as Json, json};

/// Headers of another tenant's source.
const OTHER: [(&str, &str); 2] =
    [("sandtide-tenant", "other"), ("content-type", "text/javascript")];

/// A server whose tenant `default` has this quota.
fn with_quota(directory: &Path, quota: Quota) -> TestServer {
    with_quota_and(directory, quota, config())
}

fn with_quota_and(directory: &Path, quota: Quota, config: ServerConfig) -> TestServer {
    let store = SqliteStore::open(directory, Default::default()).unwrap();
    store.set_quota("default".to_owned(), quota, "test".to_owned()).wait().unwrap();
    drop(store);
    TestServer::with(ServerConfig { data: Some(directory.to_owned()), ..config })
}

fn run_as(server: &TestServer, tenant: &str, name: &str) -> Reply {
    let path = format!("/v1/scripts/{name}/runs");
    server.send("POST", &path, &[("sandtide-tenant", tenant)], "")
}

#[test]
fn more_runs_than_may_begin_in_a_second_are_refused_until_they_may() {
    let directory = tempfile::tempdir().unwrap();
    let quota = Quota { runs_per_second: Some(1), ..Quota::default() };
    let server = with_quota(directory.path(), quota);
    server.put("s", "1");
    server.send("PUT", "/v1/scripts/s", &OTHER, "1");
    let mut refused = None;
    // However slow this machine is: some two runs come within a second.
    until("one is refused", || {
        let reply = run_as(&server, "default", "s");
        if reply.status == 429 {
            refused = Some(reply);
        }
        refused.is_some()
    });
    let refused = refused.unwrap();
    assert_eq!(refused.retry_after.as_deref(), Some("1"));
    refused.assert_error(429, "ERR_QUOTA_RUN_RATE");
    assert_eq!(run_as(&server, "other", "s").status, 200, "others are not held to it");
    until("it may again", || run_as(&server, "default", "s").status == 200);
    let text = server.get("/metrics").text().to_owned();
    assert!(text.contains("sandtide_runs_total{outcome=\"ERR_QUOTA_RUN_RATE\"}"), "{text}");
}

#[test]
fn no_more_runs_are_under_way_than_may_be() {
    let directory = tempfile::tempdir().unwrap();
    let quota = Quota { concurrent_runs: Some(1), ..Quota::default() };
    let mut limits = sandtide::Limits::default();
    (limits.wall, limits.cpu) = (Duration::from_secs(50), Duration::from_secs(50));
    let server = with_quota_and(directory.path(), quota, ServerConfig { limits, ..config() });
    server.put("s", "1");
    let endless = server.begin("/v1/runs", &json!({"source": "for (;;) {}"}));
    until("it runs", || server.health()["running"] == 1);
    let refused = run_as(&server, "default", "s");
    assert_eq!(refused.retry_after.as_deref(), Some("1"));
    refused.assert_error(429, "ERR_QUOTA_CONCURRENT_RUNS");
    assert_eq!(server.send("POST", "/v1/runs?raw", &OTHER, "1").text(), "1");
    // One whose client leaves is no longer under way.
    drop(endless);
    until("it may again", || run_as(&server, "default", "s").status == 200);
}

#[test]
fn a_client_that_waits_for_each_answer_has_one_run_under_way() {
    let directory = tempfile::tempdir().unwrap();
    let quota = Quota { concurrent_runs: Some(1), ..Quota::default() };
    let server = with_quota(directory.path(), quota);
    for number in 0..200 {
        if number % 20 == 0 {
            let reply = server.put("s", &number.to_string());
            assert!(matches!(reply.status, 200 | 201), "{}", reply.text());
        }
        let reply = run_as(&server, "default", "s");
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

#[test]
fn what_builds_a_script_counts_as_a_run() {
    let directory = tempfile::tempdir().unwrap();
    let quota = Quota { cpu_ms_per_minute: Some(100), ..Quota::default() };
    let server = with_quota(directory.path(), quota);
    let busy = |number: usize| {
        let busy = "const end = Date.now() + 300; while (Date.now() < end);";
        json!({"source": number.to_string(), "setup": [busy]})
    };
    let mut last = None;
    until("the time is used up", || {
        let reply = server.put_json("s", &busy(1));
        let refused = reply.status == 429;
        last = Some(reply);
        refused
    });
    last.unwrap().assert_error(429, "ERR_QUOTA_CPU");
    let path = "/v1/scripts/s/rollback";
    server.send("POST", path, &[], "").assert_error(429, "ERR_QUOTA_CPU");
    assert_eq!(server.send("PUT", "/v1/scripts/s", &OTHER, "1").status, 201);
}

#[test]
fn cpu_time_that_is_used_up_is_told_with_how_long_to_wait() {
    let directory = tempfile::tempdir().unwrap();
    let quota = Quota { cpu_ms_per_minute: Some(100), ..Quota::default() };
    let server = with_quota(directory.path(), quota);
    server.put("busy", "const end = Date.now() + 300; while (Date.now() < end); 1");
    let mut refused = None;
    until("it is used up", || {
        let reply = run_as(&server, "default", "busy");
        if reply.status == 429 {
            refused = Some(reply);
        }
        refused.is_some()
    });
    let refused = refused.unwrap();
    let wait: u64 = refused.retry_after.as_deref().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let error = refused.assert_error(429, "ERR_QUOTA_CPU");
    assert!(error["detail"].as_str().unwrap().contains("cpu_ms_per_minute"), "{error}");
}

#[test]
fn scripts_and_their_bytes_are_bounded() {
    let directory = tempfile::tempdir().unwrap();
    let quota = Quota { scripts: Some(2), script_bytes: Some(40_000), ..Quota::default() };
    let server = with_quota(directory.path(), quota);
    assert_eq!(server.put("a", "1").status, 201);
    assert_eq!(server.put("b", "1").status, 201);
    let reply = server.put("c", "1");
    assert!(reply.retry_after.is_none(), "waiting does not help");
    reply.assert_error(429, "ERR_QUOTA_SCRIPTS");
    assert_eq!(server.put("a", "2").status, 200, "a new version is no other script");
    let large = format!("'{}'", "x".repeat(20_000));
    server.put("a", &large).assert_error(429, "ERR_QUOTA_SCRIPT_BYTES");
    // Whatever is sent counts, because it is kept: spaces and names too.
    let json = [("content-type", "application/json")];
    let spaces = format!("{{\"source\": \"1\"{}}}", " ".repeat(50_000));
    let reply = server.send("PUT", "/v1/scripts/a", &json, spaces);
    reply.assert_error(429, "ERR_QUOTA_SCRIPT_BYTES");
    let name = "x".repeat(33_000);
    for named in [
        json!({"source": "1", "file": name}),
        json!({"source": "1", "setup": [{"source": "1", "file": name}]}),
        json!({"source": "1", "time_zone": name}),
    ] {
        // Each is little enough by itself, beside the 4 KiB of `b` and those of its own.
        server.put_json("a", &named).assert_error(429, "ERR_QUOTA_SCRIPT_BYTES");
    }
    assert_eq!(server.run("a", &json!({})).value(), 2);
    server.send("DELETE", "/v1/scripts/b", &[], "");
    assert_eq!(server.put("c", "1").status, 201);
    let told = server.get("/v1/usage").json()["quota"].clone();
    assert_eq!(told, json!({"scripts": 2, "script_bytes": 40_000}));
}

#[test]
fn an_admin_sets_lists_and_removes_quotas() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path(), Default::default()).unwrap();
    let admin = format!("Bearer {}", store.make_first_token().wait().unwrap().unwrap().text());
    drop(store);
    let kept = ServerConfig { data: Some(directory.path().to_owned()), ..config() };
    let server = TestServer::with(kept);
    let ask = |method: &str, path: &str, body: &Json| {
        let headers = [("authorization", &*admin), ("content-type", "application/json")];
        match body {
            Json::Null => server.send(method, path, &headers[..1], ""),
            body => server.send(method, path, &headers, body.to_string()),
        }
    };
    // Nobody bounds another tenant, or unbounds itself, without a token.
    let quota = json!({"concurrent_runs": 0});
    let open = [("content-type", "application/json")];
    server
        .send("PUT", "/v1/quotas/a", &open, quota.to_string())
        .assert_error(401, "ERR_TOKEN_MISSING");
    server.send("DELETE", "/v1/quotas/a", &[], "").assert_error(401, "ERR_TOKEN_MISSING");

    let set = ask("PUT", "/v1/quotas/a", &quota);
    assert_eq!((set.status, set.json()), (200, json!({"tenant": "a", "concurrent_runs": 0})));
    let headers = [("sandtide-tenant", "a"), ("content-type", "text/javascript")];
    server
        .send("POST", "/v1/runs?raw", &headers, "1")
        .assert_error(429, "ERR_QUOTA_CONCURRENT_RUNS");
    let listed = ask("GET", "/v1/quotas", &Json::Null).json();
    assert_eq!(listed, json!({"quotas": [{"tenant": "a", "concurrent_runs": 0}]}));
    for bad in [json!({"runs": 1}), json!({"scripts": -1}), json!({"scripts": null}), json!([])] {
        ask("PUT", "/v1/quotas/a", &bad).assert_error(400, "ERR_INVALID_REQUEST");
    }
    ask("PUT", "/v1/quotas/a%20b", &quota).assert_error(400, "ERR_INVALID_TENANT");
    assert_eq!(ask("DELETE", "/v1/quotas/a", &Json::Null).status, 204);
    assert_eq!(server.send("POST", "/v1/runs?raw", &headers, "1").text(), "1");
    ask("DELETE", "/v1/quotas/a", &Json::Null).assert_error(404, "ERR_QUOTA_NOT_FOUND");
}
