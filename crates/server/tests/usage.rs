//! Usage over time against the real port: what is counted, who sees it, and that it is kept.

mod common;

use std::path::Path;

use common::{Reply, TestServer, config};
use sandtide_server::ServerConfig;
use sandtide_store::{Role, Secret, SqliteStore, Store};
use serde_json::{Value as Json, json};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

fn kept_in(directory: &Path) -> ServerConfig {
    ServerConfig { data: Some(directory.to_owned()), ..config() }
}

fn with_token(directory: &Path, role: Role) -> String {
    let store = SqliteStore::open(directory, Default::default()).unwrap();
    let secret = Secret::generate().unwrap();
    let record = secret.record(role, "", None).unwrap();
    store.add_token(record, "test".to_owned()).wait().unwrap();
    format!("Bearer {}", secret.text())
}

/// One line for each tenant and script.
fn usage(reply: &Reply) -> Vec<Json> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let usage = reply.json()["usage"].as_array().unwrap().clone();
    let mut whole: Vec<Json> = Vec::new();
    for line in usage {
        let same = |other: &&mut Json| {
            other["tenant"] == line["tenant"] && other["script"] == line["script"]
        };
        let Some(sum) = whole.iter_mut().find(same) else {
            whole.push(line);
            continue;
        };
        // The test ran while a day began.
        for name in ["runs", "failed", "cpu_us", "wall_us", "received_bytes", "answered_bytes"] {
            sum[name] = (sum[name].as_u64().unwrap() + line[name].as_u64().unwrap()).into();
        }
        for (code, times) in line["failures"].as_object().unwrap() {
            let before = sum["failures"][code].as_u64().unwrap_or(0);
            sum["failures"][code] = (before + times.as_u64().unwrap()).into();
        }
    }
    whole
}

#[test]
fn runs_are_counted_by_script_with_what_they_took_and_how_they_failed() {
    let server = TestServer::start();
    server.put("s", "export default n => { if (n > 1) throw new Error('no'); return 'ab' }");
    for input in [0, 0, 2] {
        server.run("s", &json!({ "input": input }));
    }
    server.run("s", &json!({ "input": 0, "limits": { "heap_bytes": "x" } }));
    server.post("/v1/runs", &json!({ "source": "let i = 0; while (i < 1e5) i++" }));
    for step in ["minute", "hour", "day"] {
        let all = usage(&server.get(&format!("/v1/usage?step={step}")));
        assert_eq!(all.len(), 2, "{all:?}");
        let (ad_hoc, named) = (&all[0], &all[1]);
        assert_eq!((&ad_hoc["script"], &ad_hoc["runs"]), (&Json::Null, &1.into()));
        assert!(ad_hoc["cpu_us"].as_u64().unwrap() > 0, "{ad_hoc}");
        assert!(ad_hoc["wall_us"].as_u64() >= ad_hoc["cpu_us"].as_u64(), "{ad_hoc}");
        assert_eq!((&named["script"], &named["tenant"]), (&"s".into(), &"default".into()));
        // What was refused before it began is no run.
        assert_eq!((&named["runs"], &named["failed"]), (&3.into(), &1.into()));
        assert_eq!(named["failures"], json!({ "ERR_EXCEPTION": 1 }));
        assert_eq!(named["received_bytes"], 3 * r#"{"input":0}"#.len());
        assert!(named["answered_bytes"].as_u64().unwrap() >= 4, "{named}");
    }
    let named = usage(&server.get("/v1/usage?script=s"));
    assert_eq!(named.len(), 1);
    assert!(usage(&server.get("/v1/usage?script=t")).is_empty());
    let begin = named[0]["at_ms"].as_u64().unwrap();
    let past = format!("/v1/usage?from={}&to={begin}", begin - DAY_MS);
    assert!(usage(&server.get(&past)).is_empty());
    assert_eq!(usage(&server.get(&format!("/v1/usage?from={begin}"))).len(), 2);
    // Without a question it tells what there is now.
    assert_eq!(server.get("/v1/usage").json()["scripts"], 1);
}

#[test]
fn usage_is_told_as_csv_where_it_is_asked_for() {
    let server = TestServer::start();
    server.post("/v1/runs", &json!({ "source": "throw 1" }));
    for reply in [
        server.get("/v1/usage?format=csv"),
        server.send("GET", "/v1/usage", &[("accept", "text/csv")], ""),
    ] {
        assert_eq!((reply.status, &*reply.content_type), (200, "text/csv; charset=utf-8"));
        let lines: Vec<_> = reply.text().lines().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        let columns: Vec<_> = lines[0].split(',').collect();
        let values: Vec<_> = lines[1].split(',').collect();
        assert_eq!(columns.len(), values.len());
        let of = |name| values[columns.iter().position(|column| *column == name).unwrap()];
        assert_eq!((of("tenant"), of("script"), of("runs")), ("default", "", "1"));
        assert_eq!(of("failures"), "ERR_EXCEPTION=1");
    }
    assert_eq!(server.get("/v1/usage?step=day&format=json").content_type, "application/json");
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let server = TestServer::start();
    for query in
        ["step=week", "from=x", "from=-1", "from=5&to=5", "format=xml", "until=3", "from=1&from=2"]
    {
        server.get(&format!("/v1/usage?{query}")).assert_error(400, "ERR_INVALID_REQUEST");
    }
    server.get("/v1/usage?script=a%20b").assert_error(400, "ERR_INVALID_NAME");
    server.get("/v1/usage?tenant=a%20b").assert_error(400, "ERR_INVALID_TENANT");
    let other = [("sandtide-tenant", "a")];
    let reply = server.send("GET", "/v1/usage?tenant=b", &other, "");
    reply.assert_error(400, "ERR_INVALID_REQUEST");
}

#[test]
fn tenants_see_their_own_and_an_admin_sees_all_also_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let admin = with_token(directory.path(), Role::Admin);
    let [a, b] = ["a", "b"].map(|name| with_token(directory.path(), Role::Tenant(name.to_owned())));
    let server = TestServer::with(kept_in(directory.path()));
    let send = |server: &TestServer, token: &str, method: &str, path: &str, body: &str| {
        let headers = [("authorization", token), ("content-type", "application/json")];
        server.send(method, path, if body.is_empty() { &headers[..1] } else { &headers }, body)
    };
    for token in [&a, &b, &b] {
        send(&server, token, "POST", "/v1/runs", r#"{"source": "1"}"#).value();
    }
    let runs = |server: &TestServer, token: &str, query: &str| {
        let reply = send(server, token, "GET", &format!("/v1/usage?step=day{query}"), "");
        let mut all: Vec<_> = usage(&reply)
            .iter()
            .map(|line| format!("{}{}", line["tenant"].as_str().unwrap(), line["runs"]))
            .collect();
        all.sort();
        all.join(" ")
    };
    let check = |server: &TestServer| {
        assert_eq!(runs(server, &a, ""), "a1");
        assert_eq!(runs(server, &b, "&tenant=b"), "b2");
        assert_eq!(runs(server, &admin, ""), "a1 b2");
        assert_eq!(runs(server, &admin, "&tenant=a"), "a1");
        let other = send(server, &a, "GET", "/v1/usage?tenant=b", "");
        other.assert_error(403, "ERR_TENANT_OF_TOKEN");
    };
    check(&server);
    server.stop();
    let server = TestServer::with(kept_in(directory.path()));
    check(&server);
    send(&server, &b, "POST", "/v1/runs", r#"{"source": "1"}"#).value();
    assert_eq!(runs(&server, &b, ""), "b3");
}
