//! Server-sent events against the real port: who hears what, how a client resumes, and how streams end.

mod common;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use common::{TestServer, config, until};
use sandtide_server::ServerConfig;
use sandtide_store::{Quota, Role, Secret, SqliteStore, Store};
use serde_json::{Value as Json, json};

fn open(directory: &Path) -> SqliteStore {
    SqliteStore::open(directory, Default::default()).unwrap()
}

fn kept_in(directory: &Path) -> TestServer {
    TestServer::with(ServerConfig { data: Some(directory.to_owned()), ..config() })
}

/// A token's identity, and what a request bears.
fn with_token(directory: &Path, role: Role) -> (String, String) {
    let secret = Secret::generate().unwrap();
    let record = secret.record(role, "", None).unwrap();
    let made = open(directory).add_token(record, "test".to_owned()).wait().unwrap();
    (made.id, format!("Bearer {}", secret.text()))
}

/// An open stream.
struct Stream(BufReader<TcpStream>);

#[derive(Debug)]
struct Event {
    id: String,
    name: String,
    data: Json,
}

impl Stream {
    fn open(server: &TestServer, headers: &[(&str, &str)]) -> Self {
        let mut stream = Self::ask(server, headers);
        let head = stream.head();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("content-type: text/event-stream\r\n"), "{head}");
        assert!(!head.contains("content-length") && head.contains("connection: close"), "{head}");
        assert_eq!(stream.block(), ["retry: 2000"]);
        stream
    }

    fn ask(server: &TestServer, headers: &[(&str, &str)]) -> Self {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let headers: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        write!(stream, "GET /v1/events HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n").unwrap();
        Self(BufReader::new(stream))
    }

    fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "{head}");
        }
        head
    }

    /// Lines up to an empty one; none at the stream's end.
    fn block(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let read = self.0.read_line(&mut line).unwrap();
            match line.trim_end() {
                "" if read > 0 && lines == [":"] => lines.clear(),
                "" => return lines,
                line => lines.push(line.to_owned()),
            }
        }
    }

    fn next(&mut self) -> Event {
        let lines = self.block();
        let field = |name: &str| {
            let prefix = format!("{name}: ");
            lines.iter().find_map(|line| line.strip_prefix(&prefix)).unwrap_or_default().to_owned()
        };
        let data = serde_json::from_str(&field("data")).unwrap_or_else(|_| panic!("{lines:?}"));
        Event { id: field("id"), name: field("event"), data }
    }

    /// Names of events with what they are about.
    fn heard(&mut self, count: usize) -> Vec<String> {
        let told = |event: Event| {
            assert_eq!(event.data["type"], *event.name);
            assert!(event.data["at_ms"].as_i64().unwrap() > 0 && !event.id.is_empty());
            let text = |name: &str| event.data[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {}", event.name, text("tenant"), text("script"))
        };
        (0..count).map(|_| told(self.next())).collect()
    }
}

#[test]
fn a_tenant_hears_what_happens_to_its_scripts_and_an_admin_hears_all() {
    let directory = tempfile::tempdir().unwrap();
    let (_, admin) = with_token(directory.path(), Role::Admin);
    let [(_, a), (_, b)] =
        ["a", "b"].map(|name| with_token(directory.path(), Role::Tenant(name.to_owned())));
    let server = kept_in(directory.path());
    let mut of_a = Stream::open(&server, &[("authorization", &a)]);
    let mut of_all = Stream::open(&server, &[("authorization", &admin)]);
    let mut of_b = Stream::open(&server, &[("authorization", &admin), ("sandtide-tenant", "b")]);
    let send = |token: &str, method: &str, path: &str, body: &str| {
        let headers = [("authorization", token), ("content-type", "text/javascript")];
        let reply = server.send(method, path, &headers[..1 + usize::from(!body.is_empty())], body);
        assert!(reply.status < 500, "{}", reply.text());
        reply
    };
    send(&a, "PUT", "/v1/scripts/s", "1");
    let former = send(&a, "PUT", "/v1/scripts/s", "throw 1").json()["version"].clone();
    send(&a, "POST", "/v1/scripts/s/runs", "").assert_error(422, "ERR_EXCEPTION");
    // It did not change: there is nothing to tell.
    let again = format!("/v1/scripts/s/versions/{}/activate", former.as_str().unwrap());
    assert_eq!(send(&a, "POST", &again, "").status, 200);
    send(&b, "PUT", "/v1/scripts/t", "1");
    send(&a, "POST", "/v1/scripts/s/rollback", "");
    assert_eq!(send(&a, "POST", &again, "").status, 200);
    send(&a, "DELETE", "/v1/scripts/s", "");
    let of_a_alone = ["deploy", "deploy", "failure", "roll-back", "activate", "remove"];
    assert_eq!(of_a.heard(6), of_a_alone.map(|name| format!("{name} a s")));
    assert_eq!(of_b.heard(1), ["deploy b t"]);
    let all = of_all.heard(7);
    assert_eq!(all[3], "deploy b t");
    assert_eq!((&*all[2], &*all[6]), ("failure a s", "remove a s"));
    let denied = Stream::ask(&server, &[("authorization", &a), ("sandtide-tenant", "b")]).head();
    assert!(denied.starts_with("HTTP/1.1 403"), "{denied}");
}

#[test]
fn events_say_what_there_is_to_know_and_no_more() {
    let server = TestServer::start();
    let mut stream = Stream::open(&server, &[]);
    let version = server.put("s", "throw new Error('told to nobody')").json()["version"].clone();
    let deploy = stream.next();
    let told = json!({"type": "deploy", "at_ms": deploy.data["at_ms"], "tenant": "default",
        "script": "s", "version": version, "actor": "anybody"});
    assert_eq!(deploy.data, told);
    server.run("s", &json!({}));
    let failure = stream.next();
    let told = json!({"type": "failure", "at_ms": failure.data["at_ms"], "tenant": "default",
        "script": "s", "code": "ERR_EXCEPTION", "times": 1});
    assert_eq!(failure.data, told);
    let beside = server.send("PUT", "/v1/scripts/s?canary=7", &[], "1").json()["version"].clone();
    let canary = stream.next();
    let told = json!({"type": "canary", "at_ms": canary.data["at_ms"], "tenant": "default",
        "script": "s", "version": beside, "percent": 7, "actor": "anybody"});
    assert_eq!(canary.data, told);
    assert_eq!(server.send("DELETE", "/v1/scripts/s/canary", &[], "").status, 204);
    let end = stream.next();
    let told = json!({"type": "end-canary", "at_ms": end.data["at_ms"], "tenant": "default",
        "script": "s", "version": beside, "actor": "anybody"});
    assert_eq!(end.data, told);
    // A source that comes with its run has no name.
    server.post("/v1/runs", &json!({ "source": "throw 1" }));
    assert_eq!(stream.next().data["script"], Json::Null);
}

#[test]
fn a_client_resumes_where_it_was_and_is_told_what_it_lost() {
    let server = TestServer::start();
    let mut stream = Stream::open(&server, &[]);
    server.put("first", "1");
    let first = stream.next();
    drop(stream);
    server.put("second", "1");
    let mut stream = Stream::open(&server, &[("last-event-id", &first.id)]);
    let second = stream.next();
    assert_eq!(second.data["script"], "second");
    drop(stream);
    for number in 0..300 {
        assert!(server.put("third", &number.to_string()).status < 300);
    }
    let mut stream = Stream::ask(&server, &[("last-event-id", &second.id)]);
    stream.head();
    assert_eq!(stream.block(), ["retry: 2000"],);
    assert_eq!(stream.next().name, "lost");
    let names: Vec<_> = (0..256).map(|_| stream.next().name).collect();
    assert!(names.iter().all(|name| name == "deploy"), "told once that some are lost: {names:?}");
    server.put("last", "1");
    assert_eq!(stream.next().data["script"], "last");
    // An identity of another start: all that is kept comes.
    let mut stream = Stream::open(&server, &[("last-event-id", "1a2b-7")]);
    assert_eq!(stream.next().name, "lost");
    assert_eq!(stream.next().data["script"], "third");
}

#[test]
fn refusals_by_quota_are_told_and_not_each_of_them() {
    let directory = tempfile::tempdir().unwrap();
    let quota = Quota { scripts: Some(1), ..Quota::default() };
    let set = open(directory.path()).set_quota("default".to_owned(), quota, "test".to_owned());
    set.wait().unwrap();
    let server = kept_in(directory.path());
    let mut stream = Stream::open(&server, &[]);
    server.put("s", "1");
    assert_eq!(stream.heard(1), ["deploy default s"]);
    server.put("t", "1").assert_error(429, "ERR_QUOTA_SCRIPTS");
    let told = stream.next();
    assert_eq!((&*told.name, &told.data["code"]), ("quota", &"ERR_QUOTA_SCRIPTS".into()));
    for _ in 0..50 {
        server.put("u", "1").assert_error(429, "ERR_QUOTA_SCRIPTS");
    }
    server.put("s", "2");
    let mut told = 0;
    while stream.next().name == "quota" {
        told += 1;
    }
    // However slow this machine is: one a second.
    assert!((1..50).contains(&told), "{told}");
}

#[test]
fn streams_end_with_their_token_and_with_the_server() {
    let directory = tempfile::tempdir().unwrap();
    let (id, a) = with_token(directory.path(), Role::Tenant("a".to_owned()));
    let (_, other) = with_token(directory.path(), Role::Tenant("a".to_owned()));
    let (_, admin) = with_token(directory.path(), Role::Admin);
    let server = kept_in(directory.path());
    let mut revoked = Stream::open(&server, &[("authorization", &a)]);
    let mut stays = Stream::open(&server, &[("authorization", &other)]);
    let path = format!("/v1/tokens/{id}");
    assert_eq!(server.send("DELETE", &path, &[("authorization", &admin)], "").status, 204);
    let headers = [("authorization", &*other), ("content-type", "text/javascript")];
    server.send("PUT", "/v1/scripts/s", &headers, "1");
    assert!(revoked.block().is_empty(), "it ended");
    assert_eq!(stays.heard(1), ["deploy a s"]);
    server.stop();
    let mut rest = String::new();
    stays.0.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn so_many_streams_of_a_tenant_are_open_and_no_more() {
    let server = TestServer::start();
    let mut open: Vec<_> = (0..16).map(|_| Stream::open(&server, &[])).collect();
    let refused = Stream::ask(&server, &[]).head();
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    Stream::open(&server, &[("sandtide-tenant", "other")]);
    open.pop();
    until("one has room again", || {
        // What left is noticed when something is sent.
        server.put("s", "1");
        Stream::ask(&server, &[]).head().starts_with("HTTP/1.1 200")
    });
}
