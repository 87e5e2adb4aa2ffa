//! Tenants against the real port: names, whose scripts are whose, and who waits for whom.

mod common;

use std::{
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use common::{Reply, TestServer, config, until};
use sandtide::Limits;
use sandtide_server::ServerConfig;
use serde_json::{Value as Json, json};

const ENDLESS: &str = "for (;;) {}";
const JSON: (&str, &str) = ("content-type", "application/json");

fn put(server: &TestServer, tenant: &str, name: &str, source: &str) -> Reply {
    let headers = [("content-type", "text/javascript"), ("sandtide-tenant", tenant)];
    server.send("PUT", &format!("/v1/scripts/{name}"), &headers, source)
}

fn run(server: &TestServer, tenant: &str, name: &str, body: &Json) -> Reply {
    let headers = [JSON, ("sandtide-tenant", tenant)];
    server.send("POST", &format!("/v1/scripts/{name}/runs"), &headers, body.to_string())
}

fn get(server: &TestServer, tenant: &str, path: &str) -> Reply {
    server.send("GET", path, &[("sandtide-tenant", tenant)], "")
}

/// Sends a run and does not wait for its answer.
fn begin(server: &TestServer, tenant: &str, name: &str) -> TcpStream {
    server.begin_as(tenant, &format!("/v1/scripts/{name}/runs"), &json!({}))
}

fn limited(wall: Duration) -> Limits {
    Limits { wall, cpu: wall, ..Limits::default() }
}

/// Limits under which an endless loop outlives any test: only being cancelled ends it.
fn patient() -> Limits {
    limited(Duration::from_secs(50))
}

fn number(server: &TestServer, what: &str) -> u64 {
    server.health()[what].as_u64().unwrap()
}

#[test]
fn a_tenant_is_told_its_own_figures_and_nobody_those_of_all() {
    let server = TestServer::with(ServerConfig { totals: false, limits: patient(), ..config() });
    put(&server, "a", "s", "1 + 1");
    put(&server, "b", "s", "x");
    put(&server, "b", "t", "2");
    put(&server, "b", "endless", ENDLESS);
    assert_eq!(run(&server, "a", "s", &json!({})).value(), 2);
    run(&server, "b", "s", &json!({}));
    run(&server, "b", "t", &json!({}));
    let loops = [(), ()].map(|()| begin(&server, "b", "endless"));
    let usage = |tenant| get(&server, tenant, "/v1/usage").json();
    until("a loop runs and another one waits for it", || {
        let of_b = usage("b");
        (of_b["running"] == 1) && (of_b["queued"] == 1)
    });
    let mut of_a = usage("a");
    assert!(of_a["script_bytes"].take().as_u64().is_some_and(|bytes| bytes > 0));
    let runs = json!({"total": 1, "failed": 0});
    let expected = json!({"tenant": "a", "queued": 0, "running": 0, "scripts": 1,
        "script_bytes": null, "runs": runs});
    assert_eq!(of_a, expected);
    let of_b = usage("b");
    assert_eq!(of_b["scripts"], 3);
    assert_eq!(of_b["runs"], json!({"total": 2, "failed": 1}));
    let runs = json!({"total": 0, "failed": 0});
    let of_nobody = json!({"tenant": "nobody", "queued": 0, "running": 0, "scripts": 0,
        "script_bytes": 0, "runs": runs});
    assert_eq!(usage("nobody"), of_nobody, "no workers are lost of a server that runs on threads");
    // Health says nothing of either, whoever asks.
    for tenant in ["a", "b"] {
        let health = get(&server, tenant, "/healthz").json();
        assert_eq!(health, json!({"status": "ok", "workers": 2}));
    }
    drop(loops);
    let told = TestServer::start().health();
    assert_eq!((&told["runs"], &told["tenants"]), (&json!(0), &json!(0)), "it was asked to");
}

#[test]
fn tenants_have_scripts_of_one_name_and_see_only_their_own() {
    let server = TestServer::start();
    assert_eq!(put(&server, "a", "same", "'of a'").status, 201);
    assert_eq!(put(&server, "b", "same", "'of b'").status, 201);
    assert_eq!(server.put("same", "'of nobody'").status, 201);
    assert_eq!(put(&server, "a", "only-a", "1").status, 201);
    assert_eq!(run(&server, "a", "same", &json!({})).value(), "of a");
    assert_eq!(run(&server, "b", "same", &json!({})).value(), "of b");
    assert_eq!(run(&server, "default", "same", &json!({})).value(), "of nobody");

    let names = |tenant: &str| -> Vec<String> {
        let list = get(&server, tenant, "/v1/scripts").json();
        let scripts = list["scripts"].as_array().unwrap().iter();
        scripts.map(|script| script["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("a"), ["only-a", "same"]);
    assert_eq!(names("b"), ["same"]);
    assert!(names("c").is_empty());
    assert_eq!(get(&server, "a", "/v1/scripts/same").json()["source"], "'of a'");
    assert_eq!(get(&server, "a", "/v1/scripts/same").json()["runs"]["total"], 1);
    get(&server, "b", "/v1/scripts/only-a").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    run(&server, "b", "only-a", &json!({})).assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    assert_eq!((number(&server, "tenants"), number(&server, "scripts")), (3, 4));

    let headers = [("sandtide-tenant", "b")];
    let gone = server.send("DELETE", "/v1/scripts/only-a", &headers, "");
    gone.assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    assert_eq!(server.send("DELETE", "/v1/scripts/same", &headers, "").status, 204);
    assert_eq!(run(&server, "a", "same", &json!({})).value(), "of a");
    run(&server, "b", "same", &json!({})).assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    assert_eq!((number(&server, "tenants"), number(&server, "scripts")), (2, 3));
}

#[test]
fn a_tenants_name_is_checked_on_every_route() {
    let server = TestServer::start();
    for bad in ["", "a b", "a/b", "a,b", &"x".repeat(65)] {
        for (method, path) in [
            ("GET", "/v1/scripts"),
            ("GET", "/v1/scripts/s"),
            ("PUT", "/v1/scripts/s"),
            ("DELETE", "/v1/scripts/s"),
            ("POST", "/v1/scripts/s/runs"),
            ("POST", "/v1/runs"),
        ] {
            let reply = server.send(method, path, &[("sandtide-tenant", bad)], "");
            let error = reply.assert_error(400, "ERR_INVALID_TENANT");
            assert!(error["detail"].as_str().unwrap().contains("1 to 64"), "{error}");
        }
    }
}

#[test]
fn a_hundred_loops_of_one_tenant_do_not_hold_up_another_ones_script() {
    let server = TestServer::with(ServerConfig { workers: 4, limits: patient(), ..config() });
    put(&server, "calm", "quick", "n + 1");
    put(&server, "noisy", "loop", ENDLESS);
    assert_eq!(run(&server, "calm", "quick", &json!({"globals": {"n": 0}})).value(), 1);
    let loops: Vec<_> = (0..100).map(|_| begin(&server, "noisy", "loop")).collect();
    until("all loops have come", || number(&server, "queued") >= 97);
    // The loops end long after this test; each of these answers came past them.
    for n in 0..100 {
        assert_eq!(run(&server, "calm", "quick", &json!({"globals": {"n": n}})).value(), n + 1);
    }
    // Whoever is new has no better claim than a loop, and has an answer all the same.
    put(&server, "newcomer", "first", "'here'");
    assert_eq!(run(&server, "newcomer", "first", &json!({})).value(), "here");
    assert!(number(&server, "running") <= 3);
    drop(loops);
    until("what left is gone", || {
        number(&server, "queued") == 0 && number(&server, "running") == 0
    });
}

#[test]
fn after_forty_loops_of_forty_tenants_the_next_tenants_turn_comes_within_their_deadline() {
    let deadline = Duration::from_millis(700);
    let server =
        TestServer::with(ServerConfig { workers: 4, limits: limited(deadline), ..config() });
    for tenant in 0..40 {
        put(&server, &format!("t{tenant}"), &format!("loop{tenant}"), ENDLESS);
    }
    put(&server, "next", "first", "'here'");
    let loops: Vec<_> =
        (0..40).map(|n| begin(&server, &format!("t{n}"), &format!("loop{n}"))).collect();
    until("the loops have come", || number(&server, "queued") > 0);
    // A run waits no longer than its own deadline, and then its client asks again.
    let mut asked = 0;
    until("the next tenant has its answer", || {
        asked += 1;
        let reply = run(&server, "next", "first", &json!({}));
        if reply.status != 200 {
            reply.assert_error(503, "ERR_QUEUE_TIME_LIMIT");
        }
        reply.status == 200
    });
    assert!(asked <= 2, "asked {asked} times");
    drop(loops);
}

#[test]
fn a_tenants_full_queue_is_its_own() {
    let server = TestServer::with(ServerConfig {
        workers: 2,
        tenant_queue: 4,
        limits: patient(),
        ..config()
    });
    put(&server, "noisy", "loop", ENDLESS);
    put(&server, "noisy", "other", "1");
    put(&server, "calm", "quick", "2");
    // All at once, one might find the queue full before any of them runs.
    let first = begin(&server, "noisy", "loop");
    until("one runs", || number(&server, "running") == 1);
    let loops: Vec<_> = (0..3).map(|_| begin(&server, "noisy", "loop")).collect();
    until("the queue of the script is full", || number(&server, "queued") == 3);
    let refused = run(&server, "noisy", "loop", &json!({}));
    let error = refused.assert_error(503, "ERR_QUEUE_FULL");
    assert!(error["detail"].as_str().unwrap().contains("script"), "{error}");
    assert_eq!(refused.retry_after.as_deref(), Some("1"));
    // The tenant's other script has a place in the queue, and the other tenant a worker.
    assert_eq!(run(&server, "calm", "quick", &json!({})).value(), 2);
    assert_eq!(number(&server, "queued"), 3);
    drop((first, loops));
}

#[test]
fn a_run_waits_no_longer_than_its_deadline() {
    let server = TestServer::with(ServerConfig { workers: 1, limits: patient(), ..config() });
    server.put("loop", ENDLESS);
    server.put("quick", "1");
    let client = server.begin("/v1/scripts/loop/runs", &json!({}));
    until("the loop runs", || number(&server, "running") == 1);
    let begun = Instant::now();
    let late = server.run("quick", &json!({"limits": {"wall_ms": 300}}));
    let error = late.assert_error(503, "ERR_QUEUE_TIME_LIMIT");
    assert!(error["detail"].as_str().unwrap().contains("300 ms"), "{error}");
    assert_eq!(late.retry_after.as_deref(), Some("1"));
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!(number(&server, "queued"), 0);
    drop(client);
    until("the worker is free", || number(&server, "running") == 0);
    assert_eq!(server.run("quick", &json!({})).value(), 1);
}

#[test]
fn a_client_that_leaves_frees_its_place() {
    let server = TestServer::with(ServerConfig {
        workers: 1,
        tenant_queue: 1,
        limits: patient(),
        ..config()
    });
    server.put("loop", ENDLESS);
    let running = server.begin("/v1/scripts/loop/runs", &json!({}));
    until("the loop runs", || number(&server, "running") == 1);
    for _ in 0..3 {
        let waiting = server.begin("/v1/scripts/loop/runs", &json!({}));
        until("one waits", || number(&server, "queued") == 1);
        server.run("loop", &json!({})).assert_error(503, "ERR_QUEUE_FULL");
        drop(waiting);
        until("its place is free", || number(&server, "queued") == 0);
    }
    assert_eq!(number(&server, "running"), 1);
    drop(running);
}

#[test]
fn limits_on_runs_at_the_same_time_hold() {
    let server = TestServer::with(ServerConfig {
        workers: 4,
        tenant_runs: Some(2),
        script_runs: Some(1),
        limits: patient(),
        ..config()
    });
    for name in ["a", "b", "c"] {
        put(&server, "t", name, ENDLESS);
    }
    let one: Vec<_> = (0..3).map(|_| begin(&server, "t", "a")).collect();
    until("one runs, and two wait", || {
        number(&server, "queued") == 2 && number(&server, "running") == 1
    });
    let more = [begin(&server, "t", "b"), begin(&server, "t", "c")];
    until("the tenant has its two", || number(&server, "running") == 2);
    until("the rest waits", || number(&server, "queued") == 3);
    assert_eq!(number(&server, "running"), 2);
    drop((one, more));
}

#[test]
fn a_new_version_is_as_unknown_as_a_new_script() {
    let server = TestServer::start();
    server.put("s", "1");
    assert!(server.get("/v1/scripts/s").json().get("cost_us").is_none());
    server.run("s", &json!({}));
    // It is known when the run's turn has ended, a moment after its answer.
    until("its cost is known", || server.get("/v1/scripts/s").json()["cost_us"].is_u64());
    server.put("s", "2");
    assert!(server.get("/v1/scripts/s").json().get("cost_us").is_none());
    server.put("loop", ENDLESS);
    server
        .run("loop", &json!({"limits": {"wall_ms": 200}}))
        .assert_error(422, "ERR_WALL_TIME_LIMIT");
    assert!(server.get("/v1/scripts/loop").json().get("cost_us").is_none());
}

#[test]
fn deploys_of_one_tenant_do_not_hold_up_those_of_another() {
    let server =
        TestServer::with(ServerConfig { limits: limited(Duration::from_secs(5)), ..config() });
    thread::scope(|scope| {
        for n in 0..6 {
            let server = &server;
            scope.spawn(move || {
                let body = json!({"source": "1", "setup": ["for (;;) {}"]}).to_string();
                let headers = [JSON, ("sandtide-tenant", "noisy")];
                server.send("PUT", &format!("/v1/scripts/s{n}"), &headers, body);
            });
        }
        thread::sleep(Duration::from_millis(200));
        // It waits for the one that is being built, and not for all six.
        let begun = Instant::now();
        assert_eq!(put(&server, "calm", "s", "1").status, 201);
        let waited = begun.elapsed();
        assert!(waited < Duration::from_secs(15), "{waited:?}");
    });
}

#[test]
fn sources_that_come_with_their_runs_count_by_tenant() {
    let server = TestServer::with(ServerConfig { workers: 4, limits: patient(), ..config() });
    let source = json!({"source": ENDLESS});
    let quick = json!({"source": "6 * 7"}).to_string();
    let of = |tenant: &str| {
        server.send("POST", "/v1/runs", &[JSON, ("sandtide-tenant", tenant)], quick.clone())
    };
    assert_eq!(of("calm").value(), 42);
    let loops: Vec<_> = (0..20).map(|_| server.begin_as("noisy", "/v1/runs", &source)).collect();
    until("the loops have come", || number(&server, "queued") >= 16);
    for _ in 0..10 {
        assert_eq!(of("calm").value(), 42);
    }
    drop(loops);
}
