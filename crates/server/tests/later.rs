//! Asynchronous runs against the real port: their outcomes, their end, their keys, and their callbacks.

mod common;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use common::{Reply, TestServer, config, until};
use hmac::{Hmac, KeyInit, Mac};
use sandtide_server::{NetworkConfig, SecretKey, ServerConfig};
use sandtide_store::{Quota, SqliteStore, Store, UsageStep, UsageStore, UsageWanted};
use serde_json::{Value as Json, json};

fn accepted(reply: &Reply) -> String {
    assert_eq!(reply.status, 202, "{}", reply.text());
    let url = reply.json()["url"].as_str().unwrap().to_owned();
    assert_eq!(url, format!("/v1/runs/{}", reply.json()["id"].as_str().unwrap()));
    url
}

fn later(server: &TestServer, name: &str, body: &Json) -> String {
    accepted(&server.post(&format!("/v1/scripts/{name}/runs?async"), body))
}

/// The run when it is done.
fn done(server: &TestServer, url: &str) -> Json {
    let mut told = Json::Null;
    until("the run is done", || {
        told = server.get(url).json();
        told["state"] == "done"
    });
    told
}

#[test]
fn an_asynchronous_run_is_answered_at_once_and_its_outcome_is_told_later() {
    let server = TestServer::start();
    server.put(
        "s",
        "export default n => { console.log('hi'); if (n < 0) throw new Error('no'); return n + 1 }",
    );
    let told = done(&server, &later(&server, "s", &json!({ "input": 4 })));
    assert_eq!((&told["status"], &told["script"]), (&200.into(), &"s".into()));
    assert_eq!(told["outcome"]["value"], 5);
    assert_eq!(told["outcome"]["logs"][0]["text"], "hi");
    assert!(told["outcome"]["usage"]["cpu_us"].is_u64());
    assert!(told["ended_ms"].as_i64() >= told["asked_ms"].as_i64());

    let told = done(&server, &later(&server, "s", &json!({ "input": -1 })));
    assert_eq!((&told["status"], &told["outcome"]["code"]), (&422.into(), &"ERR_EXCEPTION".into()));

    let ad_hoc = server.post("/v1/runs?async", &json!({ "source": "6 * 7" }));
    let told = done(&server, &accepted(&ad_hoc));
    assert_eq!((&told["outcome"]["value"], &told["script"]), (&42.into(), &Json::Null));
    // The input itself, and the outcome is JSON all the same.
    let headers = [("content-type", "text/plain"), ("accept", "text/plain")];
    let raw = server.send("POST", "/v1/scripts/s/runs?async&raw", &headers, "a");
    assert_eq!(done(&server, &accepted(&raw))["outcome"]["value"], "a1");
    assert_eq!(server.get("/v1/usage?script=s").json()["usage"][0]["runs"], 3);
}

#[test]
fn what_is_wrong_with_a_run_is_told_when_it_is_asked_for() {
    let server = TestServer::start();
    server.put("s", "1");
    let refused = |path: &str, body: &str| server.post_text(path, body);
    let run = "/v1/scripts/s/runs";
    refused("/v1/scripts/t/runs?async", "").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    for (query, body) in [
        ("async", "{"),
        ("async", r#"{"inputs": 1}"#),
        ("async=perhaps", ""),
        ("callback=http://a.example/", ""),
        ("async&callback=a.example", ""),
    ] {
        refused(&format!("{run}?{query}"), body).assert_error(400, "ERR_INVALID_REQUEST");
    }
    let keyed = server.send("POST", run, &[("idempotency-key", "k")], "");
    keyed.assert_error(400, "ERR_INVALID_REQUEST");
    let far = format!("{run}?async&callback=http://a.example/");
    refused(&far, "").assert_error(403, "ERR_NET_NOT_ALLOWED");
    let ad_hoc = "/v1/runs?async&callback=http://a.example/";
    refused(ad_hoc, r#"{"source": "1"}"#).assert_error(403, "ERR_NET_NOT_ALLOWED");
    for method in ["GET", "DELETE"] {
        server.send(method, "/v1/runs/none", &[], "").assert_error(404, "ERR_RUN_NOT_FOUND");
    }
}

#[test]
fn a_run_is_cancelled_by_whoever_asked_for_it_and_by_nobody_else() {
    let limits = sandtide::Limits {
        wall: Duration::from_secs(600),
        cpu: Duration::from_secs(600),
        ..Default::default()
    };
    let server = TestServer::with(ServerConfig { limits, workers: 1, ..config() });
    server.put("loop", "for (;;) ;");
    let first = later(&server, "loop", &json!({}));
    until("it runs", || server.get(&first).json()["state"] == "running");
    let second = later(&server, "loop", &json!({}));
    assert_eq!(server.get(&second).json()["state"], "queued");
    let other = [("sandtide-tenant", "other")];
    for method in ["GET", "DELETE"] {
        server.send(method, &first, &other, "").assert_error(404, "ERR_RUN_NOT_FOUND");
    }
    assert_eq!(server.send("DELETE", &second, &[], "").status, 204);
    assert_eq!(server.send("DELETE", &first, &[], "").status, 204);
    server.get(&first).assert_error(404, "ERR_RUN_NOT_FOUND");
    until("nothing runs", || {
        let health = server.health();
        health["running"] == 0 && health["queued"] == 0
    });
}

#[test]
fn a_run_is_carried_out_once_for_each_key() {
    let server = TestServer::start();
    server.put("s", "1");
    let send = |key: &str, body: &str| {
        let headers = [("idempotency-key", key), ("content-type", "application/json")];
        server.send("POST", "/v1/scripts/s/runs?async", &headers, body)
    };
    let first = send("a", "{}");
    assert_eq!(first.replayed, None);
    let again = send("a", "{}");
    assert_eq!((accepted(&first), again.replayed.as_deref()), (accepted(&again), Some("true")));
    assert_ne!(accepted(&send("b", "{}")), accepted(&first));
    send("a", r#"{"input": 1}"#).assert_error(422, "ERR_IDEMPOTENCY_KEY_REUSED");
    done(&server, &accepted(&first));
    assert_eq!(accepted(&send("a", "{}")), accepted(&first));
    // One that is read elsewhere, because it takes time.
    let large = |end| format!(r#"{{"input": "{}{end}"}}"#, "x".repeat(100_000));
    let first = accepted(&send("c", &large(1)));
    assert_eq!(accepted(&send("c", &large(1))), first);
    send("c", &large(2)).assert_error(422, "ERR_IDEMPOTENCY_KEY_REUSED");
}

#[test]
fn asynchronous_runs_count_against_quotas_and_the_queue() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path(), Default::default()).unwrap();
    let quota = Quota { concurrent_runs: Some(1), ..Quota::default() };
    store.set_quota("bounded".to_owned(), quota, "test".to_owned()).wait().unwrap();
    drop(store);
    let limits = sandtide::Limits {
        wall: Duration::from_secs(600),
        cpu: Duration::from_secs(600),
        ..Default::default()
    };
    let data = Some(directory.path().to_owned());
    let server =
        TestServer::with(ServerConfig { limits, workers: 1, tenant_queue: 1, data, ..config() });
    let send = |tenant: &str| {
        let headers = [("sandtide-tenant", tenant), ("content-type", "text/javascript")];
        server.send("POST", "/v1/runs?async", &headers, "for (;;) ;")
    };
    let first = accepted(&send("bounded"));
    send("bounded").assert_error(429, "ERR_QUOTA_CONCURRENT_RUNS");
    let mut waits = Vec::new();
    let refused = loop {
        let reply = send("default");
        if reply.status != 202 {
            break reply;
        }
        waits.push(accepted(&reply));
        assert!(waits.len() < 9);
    };
    refused.assert_error(503, "ERR_QUEUE_FULL");
    let bounded = [("sandtide-tenant", "bounded")];
    assert_eq!(server.send("DELETE", &first, &bounded, "").status, 204);
    for url in waits {
        assert_eq!(server.send("DELETE", &url, &[], "").status, 204);
    }
    let mut last = None;
    until("another may run", || {
        let reply = send("bounded");
        last = (reply.status == 202).then(|| accepted(&reply));
        last.is_some()
    });
    server.send("DELETE", &last.unwrap(), &bounded, "");
}

#[test]
fn outcomes_go_when_they_are_old_or_too_many() {
    let kept = Duration::ZERO;
    let server = TestServer::with(ServerConfig { run_results_kept: kept, ..config() });
    let url = accepted(&server.post("/v1/runs?async", &json!({ "source": "1" })));
    until("its outcome is gone", || server.get(&url).status == 404);

    let limits = sandtide::Limits { output: 40_000, ..Default::default() };
    let server = TestServer::with(ServerConfig { run_result_bytes: 50_000, limits, ..config() });
    let run = |size: u32| {
        let body = json!({ "source": format!("'x'.repeat({size})") });
        let url = accepted(&server.post("/v1/runs?async", &body));
        (done(&server, &url), url)
    };
    let (_, first) = run(30_000);
    let (_, second) = run(30_000);
    assert_eq!((server.get(&first).status, server.get(&second).status), (404, 200));
}

#[test]
fn a_server_that_ends_lets_runs_end_and_cancels_those_that_do_not() {
    let limits = sandtide::Limits {
        wall: Duration::from_secs(600),
        cpu: Duration::from_secs(600),
        ..Default::default()
    };
    let drain_timeout = Duration::from_millis(200);
    let directory = tempfile::tempdir().unwrap();
    let data = Some(directory.path().to_owned());
    let server = TestServer::with(ServerConfig { limits, drain_timeout, data, ..config() });
    let url = accepted(&server.post("/v1/runs?async", &json!({ "source": "for (;;) ;" })));
    until("it runs", || server.get(&url).json()["state"] == "running");
    server.stop();
    // Only a run that ended is counted, and this one does not end by itself.
    let store = SqliteStore::open(directory.path(), Default::default()).unwrap();
    let wanted = UsageWanted {
        tenant: None,
        script: None,
        from_ms: 0,
        to_ms: i64::MAX / 2,
        step: UsageStep::Day,
        limit: 10,
    };
    let used = store.usage(wanted).wait().unwrap();
    let outcomes: Vec<_> = used.iter().map(|used| &*used.outcome).collect();
    assert_eq!(outcomes, ["ERR_CANCELLED"]);
}

#[test]
fn asynchronous_runs_leave_others_room_to_wait() {
    let limits = sandtide::Limits {
        wall: Duration::from_secs(600),
        cpu: Duration::from_secs(600),
        ..Default::default()
    };
    let server = TestServer::with(ServerConfig { limits, workers: 1, tenant_queue: 8, ..config() });
    // Each another one: those of one script have a bound of their own.
    let run = |number: u32| {
        let source = format!("for (;;) ; // {number}");
        server.post("/v1/runs?async", &json!({ "source": source }))
    };
    let first = accepted(&run(0));
    until("it runs", || server.get(&first).json()["state"] == "running");
    let mut all: Vec<_> = (1..=6).map(|number| accepted(&run(number))).collect();
    run(7).assert_error(503, "ERR_QUEUE_FULL");
    let waits: Vec<_> =
        (0..2).map(|_| server.begin("/v1/runs", &json!({ "source": "1" }))).collect();
    until("they wait", || server.health()["queued"] == 8);
    all.push(first);
    for url in all {
        assert_eq!(server.send("DELETE", &url, &[], "").status, 204);
    }
    for stream in waits {
        assert!(common::read_to_end(stream).starts_with("HTTP/1.1 200 "));
    }
}

/// What came: the head's lines and the body.
struct Call {
    head: Vec<String>,
    body: Vec<u8>,
}

impl Call {
    fn header(&self, name: &str) -> &str {
        let prefix = format!("{name}: ");
        let line = self.head.iter().find(|line| line.to_ascii_lowercase().starts_with(&prefix));
        &line.unwrap_or_else(|| panic!("{name}: {:?}", self.head))[prefix.len()..]
    }
}

/// A port that answers with these statuses in turn.
fn outside(statuses: &'static [u16]) -> (SocketAddr, Receiver<Call>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (came, calls) = mpsc::channel();
    thread::spawn(move || {
        for status in statuses {
            let Ok((stream, _)) = listener.accept() else { return };
            let mut reader = BufReader::new(stream);
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                match line.trim_end() {
                    "" => break,
                    line => head.push(line.to_owned()),
                }
            }
            let mut call = Call { head, body: Vec::new() };
            call.body = vec![0; call.header("content-length").parse().unwrap()];
            reader.read_exact(&mut call.body).unwrap();
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
            reader.into_inner().write_all(answer.as_bytes()).unwrap();
            came.send(call).unwrap();
        }
    });
    (address, calls)
}

fn calling(directory: &std::path::Path, address: SocketAddr) -> TestServer {
    TestServer::with(calls_from(directory, address))
}

fn calls_from(directory: &std::path::Path, address: SocketAddr) -> ServerConfig {
    ServerConfig {
        data: Some(directory.to_owned()),
        secret_key: Some(SecretKey::parse(&"0a".repeat(32)).unwrap()),
        network: NetworkConfig {
            allowed: address.to_string().parse().unwrap(),
            ..NetworkConfig::default()
        },
        callback_pause: Duration::from_millis(5),
        ..config()
    }
}

#[test]
fn a_callback_is_signed_and_tried_again_until_it_is_taken() {
    let (address, calls) = outside(&[500, 302, 204]);
    let directory = tempfile::tempdir().unwrap();
    let server = calling(directory.path(), address);
    let at = address.to_string();
    server.put_json("s", &json!({ "source": "export default n => n", "allow_net": [at] }));
    server.put("closed", "1");
    let asks = |name: &str| {
        let path = format!("/v1/scripts/{name}/runs?async&callback=http%3A%2F%2F{address}%2Fdone");
        server.post(&path, &json!({ "input": 7 }))
    };
    asks("closed").assert_error(403, "ERR_NET_NOT_ALLOWED");
    asks("s").assert_error(404, "ERR_SECRET_NOT_FOUND");
    let text = [("content-type", "text/plain")];
    let key = STANDARD.encode("the key of the callbacks");
    let secret = format!("whsec_{key}");
    assert_eq!(server.send("PUT", "/v1/secrets/CALLBACK_KEY", &text, &secret).status, 201);
    let url = accepted(&asks("s"));
    for _ in 0..3 {
        let call = calls.recv_timeout(Duration::from_secs(30)).unwrap();
        assert_eq!(call.head[0], "POST /done HTTP/1.1");
        let (id, at) = (call.header("webhook-id"), call.header("webhook-timestamp"));
        assert!(url.ends_with(id));
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"the key of the callbacks").unwrap();
        mac.update(format!("{id}.{at}.").as_bytes());
        mac.update(&call.body);
        let signed = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(call.header("webhook-signature"), signed);
        let told: Json = serde_json::from_slice(&call.body).unwrap();
        assert_eq!((&told["state"], &told["outcome"]["value"]), (&"done".into(), &7.into()));
    }
    until("it was delivered", || server.get(&url).json()["callback"] == "delivered");
}

#[test]
fn a_callback_is_sent_though_outcomes_are_not_kept_and_though_the_server_ends() {
    let (address, calls) = outside(&[500, 204, 204]);
    let directory = tempfile::tempdir().unwrap();
    let server = TestServer::with(ServerConfig {
        run_results_kept: Duration::ZERO,
        drain_timeout: Duration::from_secs(60),
        ..calls_from(directory.path(), address)
    });
    let at = address.to_string();
    let source =
        "export default time => { const end = Date.now() + time; while (Date.now() < end) ; }";
    server.put_json("s", &json!({ "source": source, "allow_net": [at] }));
    let text = [("content-type", "text/plain")];
    server.send("PUT", "/v1/secrets/CALLBACK_KEY", &text, "plain and long enough");
    let path = format!("/v1/scripts/s/runs?async&callback=http://{address}/");
    let url = accepted(&server.post(&path, &json!({ "input": 0 })));
    for _ in 0..2 {
        calls.recv_timeout(Duration::from_secs(30)).unwrap();
    }
    until("it is forgotten", || server.get(&url).status == 404);

    let url = accepted(&server.post(&path, &json!({ "input": 500 })));
    until("it runs", || server.get(&url).json()["state"] != "queued");
    server.stop();
    let call = calls.try_recv().expect("the server waited until it was sent");
    assert!(url.ends_with(call.header("webhook-id")));
}

#[test]
fn each_try_of_a_callback_is_a_span_of_its_own_in_the_trace_of_the_request() {
    let (address, calls) = outside(&[500, 200]);
    let directory = tempfile::TempDir::new().unwrap();
    let server = calling(directory.path(), address);
    let at = address.to_string();
    server.put_json("s", &json!({ "source": "export default n => n", "allow_net": [at] }));
    server.send("PUT", "/v1/secrets/CALLBACK_KEY", &[], r#"{"value": "the key of the callbacks"}"#);
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let path = format!("/v1/scripts/s/runs?async&callback=http://{address}/");
    let headers =
        [("content-type", "application/json"), ("traceparent", parent), ("tracestate", "a=1")];
    let begun = server.send("POST", &path, &headers, r#"{"input": 1}"#);
    assert_eq!(begun.status, 202, "{}", begun.text());
    let tries = [calls.recv().unwrap(), calls.recv().unwrap()];
    let spans = tries.each_ref().map(|call| {
        assert_eq!(call.header("tracestate"), "a=1");
        let told = call.header("traceparent");
        assert!(told.starts_with(&parent[..36]) && told.ends_with("-01"), "{told}");
        &told[36..52]
    });
    assert!(spans[0] != spans[1] && !spans.contains(&&parent[36..52]), "{spans:?}");
}

#[test]
fn a_callback_that_nobody_takes_is_given_up() {
    let (address, calls) = outside(&[500, 500, 500, 500, 200]);
    let directory = tempfile::tempdir().unwrap();
    let server = calling(directory.path(), address);
    let at = address.to_string();
    server.put_json("s", &json!({ "source": "1", "allow_net": [at] }));
    let text = [("content-type", "text/plain")];
    server.send("PUT", "/v1/scripts/s/secrets/CALLBACK_KEY", &text, "plain and long enough");
    let path = format!("/v1/scripts/s/runs?async&callback=http://{address}/");
    let url = accepted(&server.post(&path, &json!({})));
    until("it is given up", || server.get(&url).json()["callback"] == "failed");
    assert_eq!(calls.try_iter().count(), 4);
}
