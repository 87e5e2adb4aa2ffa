//! Handlers and networks as users have them: `sandtide run --request` and `--allow-net`, and `sandtide serve` with
//! confined processes. Ports of this machine stand for the outside.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::{Value as Json, json};

/// A file of its own for a test.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("handler-{}-{number}.mjs", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sandtide"));
        command.arg("run").arg(&self.0).args(args).stdin(Stdio::null()).output().unwrap()
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A server that answers each request with as many bytes as its path says, and notes its head.
struct Outside {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Outside {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                thread::spawn(move || answer(stream, &noted));
            }
        });
        Self { address, heads }
    }
}

fn answer(stream: TcpStream, noted: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    let _ = reader.read_exact(&mut body);
    let path = head.split(' ').nth(1).unwrap_or_default();
    let body = match path.strip_prefix("/bytes/").and_then(|count| count.parse().ok()) {
        Some(count) => vec![b'x'; count],
        None => format!("{{\"path\": \"{path}\", \"length\": {}}}", body.len()).into_bytes(),
    };
    noted.lock().unwrap().push(head);
    let mut stream = reader.into_inner();
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&body);
}

#[test]
fn run_gives_a_handler_a_request_and_prints_its_answer() {
    let file = File::new(
        "export default {
           async fetch(request, env) {
             const { pathname } = new URL(request.url);
             const said = [request.method, pathname, env.NAME, request.headers.get('x-a'), await request.text()];
             return new Response(said.join(' '), { status: 201, headers: { 'x-made': 'yes' } });
           },
         }",
    );
    let plain = file.run(&[
        "--request",
        "http://site.example/a",
        "--var",
        "NAME=Ada",
        "--header",
        "X-A: 1",
    ]);
    assert!(plain.status.success(), "{plain:?}");
    assert_eq!(text(&plain.stdout), "GET /a Ada 1 ");
    let body = File::new("the body");
    let path = body.0.to_str().unwrap();
    let whole = file.run(&["--request", "http://site.example/a", "--body", path, "--include"]);
    assert_eq!(
        text(&whole.stdout),
        "201\ncontent-type: text/plain;charset=UTF-8\nx-made: yes\n\nPOST /a   the body"
    );
    let without = file.run(&[]);
    assert_eq!(without.status.code(), Some(1), "{without:?}");
    assert!(text(&without.stderr).contains("--request"), "{without:?}");
    let bad = file.run(&["--request", "site.example"]);
    assert_eq!(bad.status.code(), Some(2), "{bad:?}");
    let function = File::new("export default () => 1");
    let refused = function.run(&["--request", "http://site.example/"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("handler"), "{refused:?}");
}

#[test]
fn run_grants_the_hosts_that_it_names_and_no_others() {
    let outside = Outside::start();
    let at = outside.address.to_string();
    let file = File::new("export default async (url) => (await (await fetch(url)).json()).path");
    let input = format!("\"http://{at}/there\"");
    let granted = file.run(&["--input", &input, "--allow-net", &at]);
    assert!(granted.status.success(), "{granted:?}");
    assert_eq!(text(&granted.stdout), "/there\n");
    for (args, says) in [
        (vec!["--input", &input], "--allow-net"),
        (vec!["--input", &input, "--allow-net", "*"], "loopback"),
        (vec!["--input", &input, "--allow-net", "a.example"], "loopback"),
        (vec!["--input", &input, "--allow-net", &at, "--net-requests", "0"], "0 requests"),
    ] {
        let refused = file.run(&args);
        assert!(!refused.status.success(), "{refused:?}");
        assert!(text(&refused.stderr).contains(says), "{says}: {refused:?}");
    }
    let bad = file.run(&["--allow-net", "http://x"]);
    assert_eq!(bad.status.code(), Some(2), "{bad:?}");
    assert_eq!(outside.heads.lock().unwrap().len(), 1);
}

/// `sandtide serve`, which ends with this.
struct Server {
    child: Child,
    base: String,
}

impl Server {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sandtide"))
            .args(["serve", "--in-memory", "--listen", "127.0.0.1:0", "--workers", "2"])
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let base = loop {
            let line = lines.next().expect("a line that says where it listens").unwrap();
            if let Some((_, base)) = line.split_once("listens on ") {
                break base.to_owned();
            }
        };
        thread::spawn(move || for _ in lines {});
        Self { child, base }
    }

    fn deploy(&self, name: &str, body: &Json) -> u16 {
        let agent = agent();
        let url = format!("{}/v1/scripts/{name}", self.base);
        let sent = agent.put(url).content_type("application/json").send(body.to_string()).unwrap();
        sent.status().as_u16()
    }

    fn get(&self, path: &str) -> (u16, String) {
        let mut answer = agent().get(format!("{}{path}", self.base)).call().unwrap();
        let body = answer.body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        (answer.status().as_u16(), body)
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn handlers_in_confined_processes_reach_the_network_through_their_broker() {
    let outside = Outside::start();
    let at = outside.address.to_string();
    let server = Server::start(&["--allow-net", &at, "--allow-tools", &at, "--timeout", "20s"]);
    let source = "export default {
      async fetch(request, env, ctx) {
        const { pathname, searchParams } = new URL(request.url);
        ctx.waitUntil(fetch(`http://${env.AT}/waited`));
        if (pathname === '/tool') return Response.json(await lookup('key'));
        const init = { method: 'POST', body: new Uint8Array(Number(searchParams.get('send') ?? 0)) };
        const response = await fetch(`http://${env.AT}${pathname}`, init);
        const bytes = await response.bytes();
        return new Response(`${response.status} ${bytes.length} ${new TextDecoder().decode(bytes.slice(0, 60))}`);
      },
    }";
    let body = json!({
        "source": source, "vars": {"AT": at}, "allow_net": [at],
        "tools": {"lookup": {"url": format!("http://{at}/lookup")}}
    });
    assert_eq!(server.deploy("asks", &body), 201);
    for _ in 0..3 {
        let (status, text) = server.get("/h/asks/there?send=5");
        assert_eq!((status, &*text), (200, "200 31 {\"path\": \"/there\", \"length\": 5}"));
    }
    let (status, text) = server.get("/h/asks/tool");
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("\"path\":\"/lookup\""), "{text}");
    let waited =
        outside.heads.lock().unwrap().iter().filter(|head| head.contains(" /waited ")).count();
    assert_eq!(waited, 4);
    // As large as bodies may be, both ways.
    let (status, text) = server.get(&format!("/h/asks/bytes/{}?send={}", 8 << 20, 4 << 20));
    assert!(text.starts_with(&format!("200 {} xxx", 8 << 20)), "{status} {text}");
    let (status, text) = server.get(&format!("/h/asks/bytes/{}", (8 << 20) + 1));
    assert_eq!((status, text.contains("ERR_EXCEPTION")), (500, true), "{text}");
    let (status, text) = server.get(&format!("/h/asks/x?send={}", (4 << 20) + 1));
    assert_eq!((status, text.contains("ERR_EXCEPTION")), (500, true), "{text}");
    // The process is the same: nothing of it was lost.
    assert_eq!(server.get("/h/asks/there").0, 200);
}

#[test]
fn what_needs_the_network_while_an_image_is_built_is_refused_and_loses_no_process() {
    let outside = Outside::start();
    let at = outside.address.to_string();
    let server = Server::start(&["--allow-net", &at, "--allow-tools", &at]);
    let early = |call: &str| {
        json!({
            "source": format!("await {call}; export default () => 1"), "allow_net": [at],
            "tools": {"lookup": {"url": format!("http://{at}/lookup")}}
        })
    };
    for call in [format!("fetch('http://{at}/')"), "lookup(1)".to_owned()] {
        assert_eq!(server.deploy("early", &early(&call)), 422, "{call}");
    }
    let mut fresh = early("lookup(1)");
    fresh["fresh"] = json!(true);
    // Its first build is one, too.
    assert_eq!(server.deploy("fresh", &fresh), 422);
    assert_eq!(outside.heads.lock().unwrap().len(), 0);
    assert_eq!(
        server.deploy(
            "well",
            &json!({"source": "export default { fetch: () => new Response('well') }"})
        ),
        201
    );
    assert_eq!(server.get("/h/well/"), (200, "well".to_owned()));
}
