//! A real server on a free port, and a small client for it.
#![expect(dead_code, reason = "each test program uses a part of it")]

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    sync::{LazyLock, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use sandtide_server::{Isolation, Server, ServerConfig};
use serde_json::Value as Json;
use tokio::sync::oneshot;
use ureq::Agent;

/// How long a test waits for something that has to happen before it gives up.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) base: String,
    agent: Agent,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) retry_after: Option<String>,
    pub(crate) usage: Option<String>,
    pub(crate) allow: Option<String>,
    pub(crate) allow_origin: Option<String>,
    pub(crate) allow_methods: Option<String>,
    pub(crate) allow_headers: Option<String>,
    pub(crate) exposed: Option<String>,
    pub(crate) etag: Option<String>,
    pub(crate) replayed: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Json {
        let problem = self.content_type == "application/problem+json" && self.status >= 400;
        assert!(problem || self.content_type == "application/json", "{self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The value of a run that has to have gone well.
    #[track_caller]
    pub(crate) fn value(&self) -> Json {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["value"].clone()
    }

    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, code: &str) -> Json {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.content_type, "application/problem+json");
        let error = self.json();
        assert_eq!((&error["code"], &error["status"]), (&code.into(), &status.into()), "{error}");
        for member in ["title", "detail"] {
            assert!(error[member].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        }
        error
    }
}

pub(crate) fn config() -> ServerConfig {
    ServerConfig {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        workers: 2,
        // A test program is no zygote; `crates/cli/tests/serve.rs` has the same server in processes.
        isolation: Isolation::Thread,
        totals: true,
        ..ServerConfig::default()
    }
}

impl TestServer {
    pub(crate) fn start() -> Self {
        Self::with(config())
    }

    pub(crate) fn with(config: ServerConfig) -> Self {
        let (tell, address) = mpsc::channel();
        let (end, ended) = oneshot::channel::<()>();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let server = Server::bind(config).await.unwrap();
                tell.send(server.local_addr()).unwrap();
                server
                    .serve_until(async {
                        let _ = ended.await;
                    })
                    .await;
            });
        });
        let address: SocketAddr = address.recv().unwrap();
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Self {
            address,
            base: format!("http://{address}"),
            agent,
            end: Some(end),
            thread: Some(thread),
        }
    }

    /// Begins the shutdown and waits until the server has ended.
    pub(crate) fn stop(mut self) {
        self.end_and_join();
    }

    /// Begins the shutdown.
    pub(crate) fn begin_stop(&mut self) {
        self.end = None;
    }

    fn end_and_join(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Reply {
        let mut request =
            http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.as_ref()).unwrap();
        let mut response = self.agent.run(request).unwrap();
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let reply = Reply {
            status: response.status().as_u16(),
            content_type: header("content-type").unwrap_or_default(),
            retry_after: header("retry-after"),
            usage: header("sandtide-usage"),
            allow: header("allow"),
            allow_origin: header("access-control-allow-origin"),
            allow_methods: header("access-control-allow-methods"),
            allow_headers: header("access-control-allow-headers"),
            exposed: header("access-control-expose-headers"),
            etag: header("etag"),
            replayed: header("idempotent-replayed"),
            version: header("sandtide-version"),
            body: response.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap(),
        };
        check_documented(method, path, &reply);
        reply
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "")
    }

    /// Deploys a source as it is.
    pub(crate) fn put(&self, name: &str, source: &str) -> Reply {
        let path = format!("/v1/scripts/{name}");
        self.send("PUT", &path, &[("content-type", "text/javascript")], source)
    }

    pub(crate) fn put_json(&self, name: &str, body: &Json) -> Reply {
        let path = format!("/v1/scripts/{name}");
        self.send("PUT", &path, &[("content-type", "application/json")], body.to_string())
    }

    pub(crate) fn post(&self, path: &str, body: &Json) -> Reply {
        self.post_text(path, &body.to_string())
    }

    pub(crate) fn post_text(&self, path: &str, body: &str) -> Reply {
        self.send("POST", path, &[("content-type", "application/json")], body)
    }

    pub(crate) fn run(&self, name: &str, body: &Json) -> Reply {
        self.post(&format!("/v1/scripts/{name}/runs"), body)
    }

    /// Sends a request and leaves without the answer being read; dropping it goes away.
    pub(crate) fn begin(&self, path: &str, body: &Json) -> TcpStream {
        self.begin_as("default", path, body)
    }

    /// The same for a tenant.
    pub(crate) fn begin_as(&self, tenant: &str, path: &str, body: &Json) -> TcpStream {
        let body = body.to_string();
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             sandtide-tenant: {tenant}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        stream
    }

    pub(crate) fn health(&self) -> Json {
        self.get("/healthz").json()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.end = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !thread::panicking()
        {
            panic!("the server panicked");
        }
    }
}

static DOCUMENT: LazyLock<Json> =
    LazyLock::new(|| serde_json::from_str(sandtide_server::openapi_json()).unwrap());

/// Fails where an answer is none that the OpenAPI document has for its operation.
fn check_documented(method: &str, path: &str, reply: &Reply) {
    let path = path.split('?').next().unwrap();
    let is_it = |template: &str| {
        let (mut parts, mut wanted) = (path.split('/'), template.split('/'));
        loop {
            match (parts.next(), wanted.next()) {
                // All that follows.
                (_, Some("{path}")) | (None, None) => return true,
                (Some(part), Some(wanted)) if part == wanted => {}
                (Some(part), Some(wanted)) if wanted.starts_with('{') && !part.is_empty() => {}
                _ => return false,
            }
        }
    };
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let mut paths = DOCUMENT["paths"].as_object().unwrap().iter();
    // Files for people's browsers are no operations.
    if path == "/ui" || path.starts_with("/ui/") {
        return;
    }
    let Some((template, of_path)) = paths.find(|(template, _)| is_it(template)) else {
        assert!(
            (400..=404).contains(&reply.status),
            "{method} {path} is not documented: {reply:?}"
        );
        return;
    };
    let Some(operation) = of_path.get(&method) else {
        let known =
            reply.status == 405 || matches!(&*method, "options" | "post" | "put" | "delete");
        assert!(known, "{method} {template} is not documented: {reply:?}");
        return;
    };
    let answers = &operation["responses"];
    let answer = answers.get(reply.status.to_string()).unwrap_or(&answers["default"]);
    let what = format!("{} of {method} {template} is not documented: {reply:?}", reply.status);
    assert!(answer.is_object(), "{what}");
    if !reply.body.is_empty() {
        let media = reply.content_type.split(';').next().unwrap();
        let content = &answer["content"];
        assert!(content.get(media).or(content.get("*/*")).is_some(), "{media} in {what}");
    }
}

/// Everything the server still sends.
pub(crate) fn read_to_end(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Tries until it holds; fails the test when that takes unreasonably long.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "never came true: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}
