//! The client against a real server.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sandtide_client::{
    AdHocRun, Client, Deploy, Error, Frozen, GlobalsBack, Limits, Method, Run, RunState, Setup,
    Tool,
};
use sandtide_server::{Isolation, Server, ServerConfig, TlsConfig};
use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

/// How often a run is asked for.
const OFTEN: Duration = Duration::from_millis(5);

/// A server, until it is dropped.
struct Running {
    client: Client,
    _end: oneshot::Sender<()>,
}

fn server() -> Running {
    let (address, end) = serve(|_| {});
    Running { client: Client::new(format!("http://{address}/")), _end: end }
}

/// A server with settings of its own: its address, and what ends it when it is dropped.
fn serve(set: impl FnOnce(&mut ServerConfig)) -> (SocketAddr, oneshot::Sender<()>) {
    let mut config = ServerConfig {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        workers: 2,
        // A test program is no zygote.
        isolation: Isolation::Thread,
        ..ServerConfig::default()
    };
    set(&mut config);
    let (tell, address) = mpsc::channel();
    let (end, ended) = oneshot::channel::<()>();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::bind(config).await.unwrap();
            tell.send(server.local_addr()).unwrap();
            server.serve_until(async { drop(ended.await) }).await;
        });
    });
    (address.recv().unwrap(), end)
}

#[test]
fn a_deployed_script_is_run_and_answers_its_value_logs_usage_and_globals() {
    let server = server();
    let mut script = Deploy::new("console.log('adding'); c = a + b");
    script.globals.insert("a".into(), 1.into());
    let deployed = server.client.deploy("sum", &script).unwrap();
    assert_eq!((deployed.name.as_str(), deployed.form.as_str()), ("sum", "classic"));
    let mut run = Run::new().global("b", 41);
    run.globals_back = Some(GlobalsBack::Changed);
    let outcome = server.client.run("sum", &run).unwrap();
    assert_eq!(outcome.value, 42);
    assert_eq!(outcome.globals["c"], 42);
    assert_eq!((outcome.logs[0].level.as_str(), outcome.logs[0].text.as_str()), ("log", "adding"));
    assert!(outcome.usage.peak_heap_bytes > 0);
}

#[test]
fn an_error_of_a_script_has_its_code_its_place_and_what_it_said_before() {
    let server = server();
    server.client.deploy("fails", &Deploy::new("console.log('here');\nmissing()")).unwrap();
    let error = server.client.run("fails", &Run::new()).unwrap_err();
    assert_eq!(error.code(), "ERR_EXCEPTION");
    let problem = error.problem().unwrap();
    assert_eq!(
        (problem.status, problem.line, problem.file.as_deref()),
        (422, Some(2), Some("fails.js"))
    );
    assert!(problem.detail.contains("missing is not defined"), "{problem:?}");
    assert_eq!(problem.rest["logs"][0]["text"], "here");
}

#[test]
fn a_source_that_comes_with_its_run_is_held_to_the_limits_that_it_is_given() {
    let server = server();
    assert_eq!(server.client.run_source(&AdHocRun::new("6 * 7")).unwrap().value, 42);
    let mut endless = AdHocRun::new("for (;;) {}");
    let mut limits = Limits::default();
    limits.wall_ms = Some(50);
    endless.run.limits = Some(limits);
    assert_eq!(server.client.run_source(&endless).unwrap_err().code(), "ERR_WALL_TIME_LIMIT");
}

#[test]
fn a_run_that_was_started_is_waited_for_with_what_it_threw() {
    let server = server();
    let source =
        "export default ({ fail }) => { if (fail) throw new TypeError('as asked'); return 'done' }";
    server.client.deploy("later", &Deploy::new(source)).unwrap();
    let run = |fail: bool| Run::new().input(json!({ "fail": fail }));
    let accepted = server.client.start("later", &run(false)).unwrap();
    assert_eq!(server.client.wait(&accepted.id, OFTEN).unwrap().value, "done");
    let known = server.client.run_of(&accepted.id).unwrap();
    assert_eq!((known.state, known.status), (RunState::Done, Some(200)));
    let failing = server.client.start("later", &run(true)).unwrap();
    let error = server.client.wait(&failing.id, OFTEN).unwrap_err();
    assert!(error.to_string().contains("as asked"), "{error}");
    server.client.cancel(&accepted.id).unwrap();
    let error = server.client.wait(&accepted.id, OFTEN).unwrap_err();
    assert_eq!(error.code(), "ERR_RUN_NOT_FOUND");
}

#[test]
fn versions_are_listed_activated_rolled_back_and_given_a_share() {
    let server = server();
    let one = server.client.deploy("v", &Deploy::new("1")).unwrap().version;
    let two = server.client.deploy("v", &Deploy::new("2")).unwrap().version;
    let versions = server.client.versions("v").unwrap();
    let listed: Vec<_> = versions.iter().map(|v| (v.version.clone(), v.active)).collect();
    assert_eq!(listed, [(two.clone(), true), (one.clone(), false)]);
    assert_eq!(server.client.roll_back("v").unwrap().version, one);
    assert_eq!(server.client.activate("v", &two).unwrap().version, two);
    assert_eq!(server.client.set_canary("v", &one, 50).unwrap()["canary"]["version"], one);
    let three = server.client.deploy_canary("v", &Deploy::new("3"), 10).unwrap().version;
    let versions = server.client.versions("v").unwrap();
    let shares: BTreeMap<_, _> = versions.into_iter().map(|v| (v.version, v.percent)).collect();
    assert_eq!((shares[&three], shares[&one], shares[&two]), (Some(10), None, None));
}

#[test]
fn scripts_are_listed_beyond_a_page_each_tenants_own() {
    let server = server();
    let names: Vec<String> = (0..103).map(|at| format!("script-{at:03}")).collect();
    for name in &names {
        server.client.deploy(name, &Deploy::new("1")).unwrap();
    }
    let listed = server.client.scripts().unwrap();
    assert!(listed.iter().map(|script| &script.name).eq(&names));
    assert!(server.client.clone().tenant("another").scripts().unwrap().is_empty());
    server.client.remove(&names[0]).unwrap();
    assert_eq!(server.client.scripts().unwrap().len(), 102);
}

#[test]
fn events_are_heard_and_go_on_after_one_that_is_known() {
    let server = server();
    let mut heard = server.client.events(None).unwrap();
    server.client.clone().tenant("another").deploy("of-another", &Deploy::new("1")).unwrap();
    server.client.deploy("first", &Deploy::new("1")).unwrap();
    let first = heard.next().unwrap().unwrap();
    assert_eq!((first.kind.as_str(), &first.members["script"]), ("deploy", &json!("first")));
    server.client.deploy("second", &Deploy::new("1")).unwrap();
    let mut again = server.client.events(Some(&first.id)).unwrap();
    assert_eq!(again.next().unwrap().unwrap().members["script"], "second");
}

/// What answers each connection with the next of `answers`, and tells the request's heads.
fn answers(answers: &'static [&'static str]) -> (Client, mpsc::Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let client = Client::new(format!("http://{}", listener.local_addr().unwrap()));
    let (tell, asked) = mpsc::channel();
    thread::spawn(move || {
        for answer in answers {
            let (mut connection, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                connection.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            connection.write_all(answer.as_bytes()).unwrap();
            let _ = tell.send(String::from_utf8(head).unwrap());
        }
    });
    (client, asked)
}

#[test]
fn a_stream_of_events_that_breaks_is_asked_for_again_and_a_refusal_is_its_end() {
    let (client, asked) = answers(&[
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n: here\n\nid: 7\nevent: deploy\ndata: {\"script\":\"s\"}\n\nid: 8\nevent: dep",
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\ncontent-length: 74\r\nconnection: close\r\n\r\n{\"title\":\"t\",\"status\":401,\"detail\":\"revoked\",\"code\":\"ERR_TOKEN_INVALID\"}  ",
    ]);
    let events: Vec<_> = client.events(None).unwrap().collect();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].as_ref().unwrap().id, "7");
    assert_eq!(events[1].as_ref().unwrap_err().code(), "ERR_TOKEN_INVALID");
    let after: Vec<bool> = asked.iter().map(|head| head.contains("last-event-id: 7\r\n")).collect();
    assert_eq!(after, [false, true, true]);
}

#[test]
fn what_is_no_sandtide_server_and_what_does_not_answer_are_told_apart() {
    let (client, _) = answers(&[
        "HTTP/1.1 502 Bad Gateway\r\nretry-after: 7\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>",
    ]);
    let error = client.scripts().unwrap_err();
    assert_eq!(
        (error.code(), error.retry_after()),
        ("ERR_NOT_SANDTIDE", Some(Duration::from_secs(7)))
    );
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let error = Client::new(format!("http://{nobody}")).scripts().unwrap_err();
    assert!(matches!(error, Error::NoAnswer(_)), "{error:?}");
    let error = server().client.token("sandtide_none").scripts().unwrap_err();
    assert_eq!(error.code(), "ERR_TOKEN_INVALID");
}

#[test]
fn a_server_with_a_certificate_of_its_own_is_known_by_it() {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (cert, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let (address, _end) = serve(|config| config.tls = Some(TlsConfig::new(&cert, &key)));
    let client = Client::new(format!("https://{address}"));
    assert_eq!(client.scripts().unwrap_err().code(), "ERR_NO_ANSWER");
    let client = client.certificates(made.cert.pem().as_bytes()).unwrap();
    assert_eq!(client.run_source(&AdHocRun::new("6 * 7")).unwrap().value, 42);
    let none = client.certificates(b"none").unwrap_err();
    assert_eq!(none.code(), "ERR_NO_CERTIFICATE");
}

#[test]
fn names_go_through_paths_unchanged() {
    let server = server();
    let error = server.client.run("../healthz?x", &Run::new()).unwrap_err();
    assert_eq!(error.code(), "ERR_INVALID_NAME");
}

/// The members of an object in the server's document.
fn documented(document: &Value, schema: &str) -> BTreeSet<String> {
    let members = document["components"]["schemas"][schema]["properties"].as_object();
    members.unwrap_or_else(|| panic!("{schema}")).keys().cloned().collect()
}

fn members(value: impl serde::Serialize) -> BTreeSet<String> {
    let value = serde_json::to_value(value).unwrap();
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn what_is_sent_has_each_member_that_the_servers_document_has_and_no_other() {
    let document: Value =
        server().client.request(Method::GET, "/v1/openapi.json", None::<&()>).unwrap();
    let mut limits = Limits::default();
    for limit in [
        &mut limits.wall_ms,
        &mut limits.cpu_ms,
        &mut limits.heap_bytes,
        &mut limits.stack_bytes,
        &mut limits.output_bytes,
        &mut limits.log_bytes,
        &mut limits.jobs,
    ] {
        *limit = Some(1);
    }
    let some = || Some("x".to_owned());
    let object = || Map::from_iter([("a".to_owned(), Value::Null)]);
    let mut deploy = Deploy::new("1");
    (deploy.file, deploy.language, deploy.time_zone) = (some(), some(), some());
    deploy.setup = vec![Setup::new("1")];
    deploy.modules = BTreeMap::from([("m".to_owned(), "1".to_owned())]);
    (deploy.globals, deploy.vars) = (object(), object());
    deploy.secrets = BTreeMap::from([("S".to_owned(), "S".to_owned())]);
    deploy.allow_net = vec!["example.com".to_owned()];
    deploy.tools = BTreeMap::from([("t".to_owned(), Tool::new("https://example.com"))]);
    (deploy.fresh, deploy.limits) = (true, Some(limits));
    let mut run = Run::new().input(1).global("a", 1);
    (run.limits, run.time_zone) = (Some(limits), some());
    run.globals_back = Some(GlobalsBack::Named(Vec::new()));
    run.frozen = Some(Frozen { seed: 1, now_ms: 1.0 });
    let mut ad_hoc = AdHocRun::new("1");
    (ad_hoc.file, ad_hoc.language, ad_hoc.run) = (some(), some(), run.clone());
    assert_eq!(members(limits), documented(&document, "Limits"));
    assert_eq!(members(&deploy), documented(&document, "Deploy"));
    assert_eq!(members(&run), documented(&document, "Run"));
    assert_eq!(members(&ad_hoc), documented(&document, "AdHocRun"));
}
