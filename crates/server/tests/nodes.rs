//! Several servers on one PostgreSQL: each serves what the others were given, and goes on while the database is
//! away.

#[path = "../../store/tests/cluster/mod.rs"]
mod cluster;
mod common;

use std::{thread, time::Duration};

use cluster::Cluster;
use common::{TestServer, config, until};
use sandtide_server::{SecretKey, ServerConfig};
use serde_json::json;

fn server(address: &str) -> TestServer {
    let secret_key = Some(SecretKey::parse(&"07".repeat(32)).unwrap());
    TestServer::with(ServerConfig {
        store: Some(address.parse().unwrap()),
        secret_key,
        usage_interval: Duration::from_millis(100),
        ..config()
    })
}

/// Two servers of a database.
fn two(cluster: &Cluster) -> (TestServer, TestServer) {
    let address = cluster.database();
    (server(&address), server(&address))
}

fn deploy(server: &TestServer, name: &str, source: &str) -> u16 {
    server.put(name, source).status
}

/// What a run of a script answers: its value, or the error's code.
fn run(server: &TestServer, name: &str) -> serde_json::Value {
    let reply = server.run(name, &json!({}));
    let body = reply.json();
    if reply.status == 200 { body["value"].clone() } else { body["code"].clone() }
}

#[test]
fn what_one_server_is_given_the_other_serves() {
    let Some(cluster) = Cluster::shared() else { return };
    let (one, other) = two(cluster);
    assert_eq!(deploy(&one, "s", "1"), 201);
    until("it is deployed", || run(&other, "s") == json!(1));
    assert_eq!(deploy(&other, "s", "2"), 200);
    until("it is deployed again", || run(&one, "s") == json!(2));
    assert_eq!(one.send("POST", "/v1/scripts/s/rollback", &[], "").status, 200);
    until("it is rolled back", || run(&other, "s") == json!(1));
    assert_eq!(other.send("DELETE", "/v1/scripts/s", &[], "").status, 204);
    until("it is removed", || run(&one, "s") == json!("ERR_SCRIPT_NOT_FOUND"));
    assert_eq!(deploy(&one, "s", "3"), 201);
    until("it is there again", || run(&other, "s") == json!(3));
}

#[test]
fn a_share_that_one_server_is_given_holds_on_the_others_for_the_same_keys() {
    let Some(cluster) = Cluster::shared() else { return };
    let (one, other) = two(cluster);
    assert_eq!(deploy(&one, "s", "'active'"), 201);
    until("it is deployed", || run(&other, "s") == json!("active"));
    let beside = one.send("PUT", "/v1/scripts/s?canary=40", &[], "'canary'");
    assert_eq!(beside.status, 200, "{}", beside.text());
    let canary = beside.json()["version"].clone();
    let share =
        |server: &TestServer| server.get("/v1/scripts/s").json()["canary"]["percent"].clone();
    until("it is told", || share(&other) == json!(40));
    let taken = |server: &TestServer| {
        let of = |key: u32| {
            let headers = [("sandtide-canary-key", &*key.to_string())];
            server.send("POST", "/v1/scripts/s/runs", &headers, "").value() == "canary"
        };
        (0..30).map(of).collect::<Vec<_>>()
    };
    let all = taken(&one);
    assert!(all.contains(&true) && all.contains(&false));
    assert_eq!(taken(&other), all);
    // Another share builds nothing again: what the versions came to goes on.
    let runs =
        |server: &TestServer| server.get("/v1/scripts/s/canary").json()["active"]["runs"].clone();
    let before = runs(&other);
    let body = json!({"version": canary, "percent": 41}).to_string();
    let headers = [("content-type", "application/json")];
    assert_eq!(one.send("PUT", "/v1/scripts/s/canary", &headers, body).status, 200);
    until("it is told", || share(&other) == json!(41));
    assert_eq!(runs(&other), before);
    assert_eq!(other.send("DELETE", "/v1/scripts/s/canary", &[], "").status, 204);
    until("it has ended", || share(&one) == json!(null));
    assert!(!taken(&one).contains(&true));
}

#[test]
fn names_that_the_database_cannot_hold_are_of_nothing_that_there_is() {
    let Some(cluster) = Cluster::shared() else { return };
    let server = server(&cluster.database());
    assert_eq!(deploy(&server, "s", "1"), 201);
    for method in ["GET", "DELETE"] {
        let reply = server.send(method, "/v1/scripts/s/schedules/a%00b", &[], "");
        reply.assert_error(400, "ERR_INVALID_NAME");
    }
    for (method, path) in [("GET", "versions/a%00b"), ("POST", "versions/a%00b/activate")] {
        let reply = server.send(method, &format!("/v1/scripts/s/{path}"), &[], "");
        reply.assert_error(404, "ERR_VERSION_NOT_FOUND");
    }
    let body = json!({"version": "a\0b", "percent": 5}).to_string();
    let headers = [("content-type", "application/json")];
    let reply = server.send("PUT", "/v1/scripts/s/canary", &headers, body);
    reply.assert_error(404, "ERR_VERSION_NOT_FOUND");
}

#[test]
fn each_run_that_is_due_is_carried_out_by_one_of_the_servers() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let database = address.rsplit('/').next().unwrap();
    let (one, other) = (server(&address), server(&address));
    assert_eq!(deploy(&one, "s", "1"), 201);
    until("it is deployed", || run(&other, "s") == json!(1));
    let ids: Vec<_> = (0..20).map(|number| format!("n{number}")).collect();
    for id in &ids {
        let body = json!({"cron": "0 0 1 1 *"}).to_string();
        let headers = [("content-type", "application/json")];
        let path = format!("/v1/scripts/s/schedules/{id}");
        assert_eq!(one.send("PUT", &path, &headers, body).status, 201);
    }
    let runs = || {
        let told = other.get("/v1/scripts/s/schedules").json();
        let all = told["schedules"].as_array().unwrap().iter();
        all.map(|one| one["runs"].as_array().unwrap().clone()).collect::<Vec<_>>()
    };
    for (round, due) in (1..=3).zip([60_000, 120_000, 180_000]) {
        cluster.sql(database, &format!("UPDATE schedules SET next_ms = {due}"));
        until("all have ended", || {
            let all = runs();
            let ended = |run: &serde_json::Value| run["outcome"] == "ok";
            all.len() == 20 && all.iter().all(|runs| runs.len() == round && runs.iter().all(ended))
        });
    }
    let used = || {
        let told = one.get("/v1/usage?script=s&step=day").json();
        let of = told["usage"].as_array().unwrap().iter();
        of.map(|line| line["runs"].as_u64().unwrap()).sum::<u64>()
    };
    // And the one that was asked for.
    until("all are written", || used() >= 61);
    assert_eq!(used(), 61);
}

#[test]
fn a_secret_that_one_server_is_given_is_the_others_scripts() {
    let Some(cluster) = Cluster::shared() else { return };
    let (one, other) = two(cluster);
    let set = |value: &str| one.send("PUT", "/v1/secrets/KEY", &[], value).status;
    assert_eq!(set("first"), 201);
    let source = "export default { fetch: (request, env) => new Response(env.KEY) }";
    let made = one.put_json("s", &json!({"source": source, "secrets": ["KEY"]}));
    assert_eq!(made.status, 201, "{}", made.text());
    let told = |server: &TestServer| server.get("/h/s/").text().to_owned();
    until("it has the secret", || told(&other) == "first");
    assert_eq!(set("second"), 204);
    until("it has the other secret", || told(&other) == "second");
    assert_eq!(told(&one), "second");
}

#[test]
fn a_condition_holds_over_all_servers() {
    let Some(cluster) = Cluster::shared() else { return };
    let (one, other) = two(cluster);
    let deploy_first = |server: &TestServer, source: &str| {
        let headers = [("content-type", "text/javascript"), ("if-none-match", "*")];
        server.send("PUT", "/v1/scripts/s", &headers, source).status
    };
    let (a, b) = thread::scope(|scope| {
        let a = scope.spawn(|| deploy_first(&one, "1"));
        let b = scope.spawn(|| deploy_first(&other, "2"));
        (a.join().unwrap(), b.join().unwrap())
    });
    let mut both = [a, b];
    both.sort_unstable();
    assert_eq!(both[0], 201, "{both:?}");
    assert!(matches!(both[1], 409 | 412), "{both:?}");
}

#[test]
fn what_was_deployed_elsewhere_meanwhile_is_not_removed_under_a_condition() {
    let Some(cluster) = Cluster::shared() else { return };
    let (one, other) = two(cluster);
    let first = one.put("s", "1").etag.unwrap();
    until("it is deployed", || run(&other, "s") == json!(1));
    // The other one may have heard of it or not.
    assert_eq!(deploy(&one, "s", "2"), 200);
    let refused = other.send("DELETE", "/v1/scripts/s", &[("if-match", &first)], "").status;
    assert!(matches!(refused, 409 | 412), "{refused}");
    until("it is taken up", || run(&other, "s") == json!(2));
    assert_eq!(run(&one, "s"), json!(2));
    let second = one.get("/v1/scripts/s").etag.unwrap();
    let removed = other.send("DELETE", "/v1/scripts/s", &[("if-match", &second)], "").status;
    assert_eq!(removed, 204);
}

#[test]
fn each_server_tells_what_was_used_on_all_of_them() {
    let Some(cluster) = Cluster::shared() else { return };
    let (one, other) = two(cluster);
    assert_eq!(deploy(&one, "s", "1"), 201);
    until("it is deployed", || run(&other, "s") == json!(1));
    assert_eq!(run(&one, "s"), json!(1));
    let runs = |server: &TestServer| {
        let told = server.get("/v1/usage?step=day").json();
        let of = told["usage"].as_array().unwrap().iter().filter(|line| line["script"] == "s");
        of.map(|line| line["runs"].as_u64().unwrap()).sum::<u64>()
    };
    until("both are told", || runs(&one) >= 2 && runs(&one) == runs(&other));
}

#[test]
fn while_the_database_is_away_runs_go_on_and_changes_are_refused() {
    let Some(cluster) = Cluster::start() else { return };
    let (one, other) = two(&cluster);
    assert_eq!(one.get("/readyz").json(), json!({"status": "ready"}));
    assert_eq!(deploy(&one, "s", "1"), 201);
    until("it is deployed", || run(&other, "s") == json!(1));

    cluster.stop();
    until("it is noticed", || other.get("/readyz").json()["status"] == "degraded");
    until("it is noticed", || one.get("/readyz").json()["status"] == "degraded");
    assert_eq!((one.get("/readyz").status, one.get("/livez").status), (200, 200));
    // Nobody is told what the database or the system said of it.
    let sentence = "the database that keeps scripts cannot be reached or changed just now: try again \
                    when it is back";
    assert_eq!(one.get("/readyz").json()["because"], json!([sentence]));
    let refused = one.put("s", "2");
    assert!(refused.text().contains(sentence), "{}", refused.text());
    for server in [&one, &other] {
        assert_eq!(run(server, "s"), json!(1));
        let refused = server.put("s", "2");
        refused.assert_error(503, "ERR_STORE_UNAVAILABLE");
        assert_eq!(refused.retry_after.as_deref(), Some("1"));
        server.send("DELETE", "/v1/scripts/s", &[], "").assert_error(503, "ERR_STORE_UNAVAILABLE");
        assert_eq!(run(server, "s"), json!(1));
    }
    cluster.start_again();
    until("it is noticed", || one.get("/readyz").json()["status"] == "ready");
    assert_eq!(deploy(&one, "s", "3"), 200);
    until("it is deployed", || run(&other, "s") == json!(3));
    assert_eq!(other.get("/readyz").json(), json!({"status": "ready"}));
}
