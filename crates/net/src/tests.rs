//! Scripts' requests against real ports of this machine, which stand for the outside.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    iter,
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use sandtide_engine::{HostAnswer, HostError, HostFunction, Value};
use tokio::runtime::Runtime;

use crate::{Hosts, NetError, NetLimits, Network, Post, Rules, Tool};

/// A server that answers each request with what `answer` makes of its head and its body, and closes.
struct Outside {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Outside {
    fn start(answer: impl Fn(&str, &[u8]) -> Vec<u8> + Send + Sync + 'static) -> Outside {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let (noted, answer) = (Arc::clone(&heads), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &noted, &*answer));
            }
        });
        Outside { address, heads }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn serve(stream: TcpStream, noted: &Mutex<Vec<String>>, answer: &dyn Fn(&str, &[u8]) -> Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let head: String = head.into_iter().map(char::from).collect();
    let lower = head.to_ascii_lowercase();
    let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    noted.lock().unwrap().push(head.clone());
    // The client may have gone.
    let _ = reader.into_inner().write_all(&answer(&head, &body));
}

fn ok(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 Fine\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Go\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

/// One run of a script.
struct Script {
    runtime: Runtime,
    fetch: Arc<[HostFunction]>,
}

impl Script {
    fn new(rules: &str) -> Script {
        Script::with(rules, NetLimits::default(), &[])
    }

    fn with(rules: &str, limits: NetLimits, names: &[(&str, &[&str])]) -> Script {
        let runtime = runtime();
        let mut network = Network::new(runtime.handle().clone()).limits(limits);
        let addresses =
            |all: &[&str]| all.iter().map(|one| one.parse().unwrap()).collect::<Vec<IpAddr>>();
        network.names = names
            .iter()
            .map(|(name, all)| ((*name).to_owned(), addresses(all)))
            .collect::<HashMap<_, _>>();
        let fetch = network.fetch(Rules::new(rules.parse().unwrap()));
        Script { runtime, fetch: HostFunction::of_a_run(&Arc::from([fetch]), None) }
    }

    fn call(&self, args: Vec<Value>) -> Result<Value, HostError> {
        match self.fetch[0].call(args) {
            HostAnswer::Later(later) => self.runtime.block_on(later),
            other => panic!("{other:?}"),
        }
    }

    fn send(
        &self,
        method: &str,
        url: &str,
        redirect: &str,
        headers: &str,
        body: Option<&[u8]>,
    ) -> Result<Value, HostError> {
        self.call(vec![
            "start".into(),
            1.into(),
            method.into(),
            url.into(),
            redirect.into(),
            headers.into(),
            body.map_or(Value::Undefined, |bytes| Value::Bytes(bytes.to_vec())),
        ])
    }

    fn get(&self, url: &str) -> Result<Value, HostError> {
        self.send("GET", url, "follow", "", None)
    }

    #[track_caller]
    fn refused(&self, url: &str, says: &str) {
        let error = self.get(url).expect_err(url);
        assert_eq!(error.name, "TypeError");
        assert!(error.message.contains(says), "{url}: {} does not say {says:?}", error.message);
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn body(answer: &Value) -> String {
    match answer.get("body") {
        Some(Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_arrives_as_it_was_asked_for_and_its_answer_comes_back() {
    let outside = Outside::start(|_, body| {
        let mut answer =
            b"HTTP/1.1 201 Done so\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx-a: \xe9\r\n\r\n"
                .to_vec();
        answer.extend(body);
        answer
    });
    let script = Script::new(&outside.address.to_string());
    let headers = "x-one:\u{e9}\ncontent-length:9\nhost:evil.example\nproxy-authorization:x\ntransfer-encoding:chunked\n\
                   Sandtide-Tenant:evil\nsandtide-script:evil\n";
    let answer =
        script.send("PUT", &outside.url("/a?b=c#d"), "follow", headers, Some(b"text")).unwrap();
    assert_eq!(answer.get("status"), Some(&201.into()));
    assert_eq!(answer.get("statusText"), Some(&"Done so".into()));
    assert_eq!(answer.get("url"), Some(&outside.url("/a?b=c").into()));
    assert_eq!(answer.get("redirected"), Some(&false.into()));
    assert_eq!(answer.get("headers"), Some(&"set-cookie:a=1\nset-cookie:b=2\nx-a:\u{e9}\n".into()));
    assert_eq!(body(&answer), "text");
    let heads = outside.heads();
    let head = heads[0].as_str();
    assert!(head.contains("x-one: \u{e9}\r\n"), "{head}");
    assert!(head.starts_with("PUT /a?b=c HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("host: {}\r\n", outside.address)), "{head}");
    assert!(head.contains("content-length: 4\r\n") && head.contains("accept: */*\r\n"), "{head}");
    assert!(
        !head.contains("proxy") && !head.contains("chunked") && !head.contains("evil"),
        "{head}"
    );
}

#[test]
fn what_was_not_granted_is_refused_by_its_rule_and_never_connected_to() {
    let outside = Outside::start(|_, _| ok("inside"));
    let port = outside.address.port();
    Script::new("a.example").refused(&outside.url("/"), "loopback");
    Script::new("*").refused(&outside.url("/"), "loopback");
    Script::new("").refused("http://a.example/", "not among the hosts");
    Script::new("127.0.0.1:1").refused(&outside.url("/"), "loopback");
    Script::new("*").refused(&format!("http://[::ffff:127.0.0.1]:{port}/"), "mapped");
    Script::new("*").refused("http://169.254.169.254/latest/meta-data/", "link-local");
    Script::new("*").refused("file:///etc/passwd", "no URL of http");
    Script::new("*").refused("http://user:pass@a.example/", "no URL of http");
    assert_eq!(outside.heads().len(), 0);
}

#[test]
fn a_name_is_reached_only_at_addresses_that_may_be() {
    let outside = Outside::start(|_, _| ok("inside"));
    let port = outside.address.port();
    let names: &[(&str, &[&str])] = &[
        ("rebound.example", &["127.0.0.1"]),
        ("both.example", &["10.255.255.1", "127.0.0.1"]),
        ("none.example", &[]),
    ];
    let url = |name: &str| format!("http://{name}:{port}/");
    let of = |rules: &str| {
        Script::with(&rules.replace("PORT", &port.to_string()), NetLimits::default(), names)
    };
    of("*:PORT,rebound.example:PORT").refused(&url("rebound.example"), "loopback");
    of("both.example:PORT").refused(&url("both.example"), "private");
    of("none.example:PORT").refused(&url("none.example"), "no address");
    assert_eq!(outside.heads().len(), 0);
    let listed = of("rebound.example:PORT,127.0.0.1:PORT").get(&url("rebound.example")).unwrap();
    assert_eq!(body(&listed), "inside");
    // Of two addresses the one is taken that passes, and the other is never tried.
    let one = of("both.example:PORT,127.0.0.1:PORT").get(&url("both.example")).unwrap();
    assert_eq!(body(&one), "inside");
}

#[test]
fn redirects_are_followed_to_granted_hosts_only() {
    let hidden = Outside::start(|_, _| ok("hidden"));
    let to = hidden.url("/");
    let outside = Outside::start(move |head, body| match head.split(' ').nth(1).unwrap() {
        "/here" => redirect(302, "/there"),
        "/away" => redirect(307, &to),
        "/file" => redirect(302, "file:///etc/passwd"),
        "/loop" => redirect(302, "/loop"),
        "/keep" => redirect(308, "/there"),
        _ => ok(&format!("{} {}", head.split(' ').next().unwrap(), body.len())),
    });
    let script = Script::new(&outside.address.to_string());
    let send = |path: &str, redirect: &str| {
        script.send(
            "POST",
            &outside.url(path),
            redirect,
            "content-type:text/plain\n",
            Some(b"12345"),
        )
    };
    let answer = send("/here", "follow").unwrap();
    assert_eq!((body(&answer).as_str(), answer.get("redirected")), ("GET 0", Some(&true.into())));
    assert_eq!(answer.get("url"), Some(&outside.url("/there").into()));
    assert!(!outside.heads().last().unwrap().contains("content-type"));
    assert_eq!(body(&send("/keep", "follow").unwrap()), "POST 5");
    assert_eq!(send("/here", "manual").unwrap().get("status"), Some(&302.into()));
    for (path, redirect, says) in [
        ("/away", "follow", "loopback"),
        ("/here", "error", "redirect"),
        ("/file", "follow", "redirect"),
        ("/loop", "follow", "redirects in a row"),
    ] {
        let error = send(path, redirect).expect_err(path);
        assert!(error.message.contains(says), "{path}: {}", error.message);
    }
    assert_eq!(hidden.heads().len(), 0);
}

#[test]
fn what_is_for_one_origin_does_not_follow_to_another() {
    let other = Outside::start(|_, _| ok("other"));
    let to = other.url("/");
    let outside = Outside::start(move |head, _| match head.split(' ').nth(1).unwrap() {
        "/away" => redirect(302, &to),
        "/here" => redirect(302, "/there"),
        _ => ok("here"),
    });
    let script = Script::new(&format!("{},{}", outside.address, other.address));
    let headers = "authorization:Bearer x\ncookie:a=1\nx-kept:yes\n";
    script.send("GET", &outside.url("/here"), "follow", headers, None).unwrap();
    assert!(outside.heads().last().unwrap().contains("authorization: Bearer x"));
    script.send("GET", &outside.url("/away"), "follow", headers, None).unwrap();
    let head = other.heads().pop().unwrap();
    assert!(
        head.contains("x-kept: yes") && !head.contains("Bearer") && !head.contains("a=1"),
        "{head}"
    );
}

#[test]
fn bytes_requests_and_time_are_bounded() {
    let outside = Outside::start(|head, _| {
        if head.starts_with("GET /slow") {
            thread::sleep(Duration::from_secs(60));
        }
        if head.starts_with("GET /chunks") {
            return [
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec(),
                b"64\r\n".to_vec(),
                vec![b'x'; 100],
                b"\r\n0\r\n\r\n".to_vec(),
            ]
            .concat();
        }
        ok(&"x".repeat(if head.contains("/large") { 101 } else { 60 }))
    });
    let limits = || NetLimits {
        answer_bytes: 100,
        request_bytes: 10,
        bytes: 150,
        requests: 4,
        time: Duration::from_millis(300),
        ..NetLimits::default()
    };
    let rules = outside.address.to_string();
    let script = || Script::with(&rules, limits(), &[]);
    script().refused(&outside.url("/large"), "larger than the 100 bytes");
    script().refused(&outside.url("/slow"), "no answer within");
    assert_eq!(body(&script().get(&outside.url("/chunks")).unwrap()).len(), 100);
    let error = script().send("POST", &outside.url("/"), "follow", "", Some(&[0; 11])).unwrap_err();
    assert!(error.message.contains("larger than the 10 bytes"), "{}", error.message);
    let one = script();
    assert!(one.get(&outside.url("/")).is_ok() && one.get(&outside.url("/")).is_ok());
    one.refused(&outside.url("/"), "more than the 150 bytes");
    let heads = script();
    for _ in 0..4 {
        heads.send("HEAD", &outside.url("/"), "follow", "", None).unwrap();
    }
    heads.refused(&outside.url("/"), "has made the 4 requests");
    // Those that wait for their turn are counted as they come.
    let waiting = Script::with(&rules, NetLimits { bytes: 15, at_once: 1, ..limits() }, &[]);
    let post = |path: &str| {
        let args = [1.into(), "POST".into(), outside.url(path).into(), "follow".into(), "".into()];
        let body = Value::Bytes(vec![0; 10]);
        waiting.fetch[0].call(iter::once("start".into()).chain(args).chain([body]).collect())
    };
    let (HostAnswer::Later(_first), HostAnswer::Later(second)) = (post("/slow"), post("/")) else {
        panic!("both are asynchronous");
    };
    let error = waiting.runtime.block_on(second).unwrap_err();
    assert!(error.message.contains("more than the 15 bytes"), "{}", error.message);
}

#[test]
fn an_abort_ends_the_request_itself() {
    let closed = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (begun, begins) = std::sync::mpsc::channel();
    let count = Arc::clone(&closed);
    let outside = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        begun.send(()).unwrap();
        // Its end is the client's.
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        count.fetch_add(1, Ordering::Relaxed);
    });
    let script = Script::new(&address.to_string());
    let start = |args: Vec<Value>| match script.fetch[0].call(args) {
        HostAnswer::Later(later) => script.runtime.spawn(later),
        other => panic!("{other:?}"),
    };
    let url = format!("http://{address}/");
    let hanging = start(vec![
        "start".into(),
        7.into(),
        "GET".into(),
        url.into(),
        "follow".into(),
        "".into(),
        Value::Undefined,
    ]);
    begins.recv().unwrap();
    script.call(vec!["abort".into(), 8.into()]).unwrap();
    assert_eq!(closed.load(Ordering::Relaxed), 0, "of another call");
    script.call(vec!["abort".into(), 7.into()]).unwrap();
    let error = script.runtime.block_on(hanging).unwrap().unwrap_err();
    assert!(error.message.contains("aborted"), "{}", error.message);
    outside.join().unwrap();
    assert_eq!(closed.load(Ordering::Relaxed), 1);
}

#[test]
fn what_a_hostile_worker_says_is_an_error() {
    let script = Script::new("*");
    let start = |at: usize, bad: Value| {
        let mut args: Vec<Value> = vec![
            "start".into(),
            1.into(),
            "GET".into(),
            "http://a.example/".into(),
            "follow".into(),
            "".into(),
            Value::Undefined,
        ];
        args[at] = bad;
        args
    };
    let long = "x".repeat(1 << 20);
    let long_url = format!("http://a.example/{}", "\u{e9}".repeat(3_000));
    // One more name is past what a map of headers takes.
    let names: String = (0..24_576).map(|number| format!("x{number}:\n")).collect();
    for (at, bad) in [
        (0, Value::from("other")),
        (1, Value::Null),
        (2, "G T".into()),
        (2, "CONNECT".into()),
        (2, "trace".into()),
        (2, 7.into()),
        (3, "x".into()),
        (3, "http://a.example:99999/".into()),
        (3, long.into()),
        (4, "maybe".into()),
        (5, "a b:c\n".into()),
        (5, names.into()),
        (5, "a:b\rc:d\n".into()),
        (5, "a".into()),
        (5, "a:\u{100}\n".into()),
        (6, "text".into()),
        (6, Value::Bytes(vec![0; 5 << 20])),
    ] {
        let error = script.call(start(at, bad)).expect_err("bad arguments");
        assert!(error.message.len() < 1_000, "{}", error.message.len());
    }
    assert!(script.call(Vec::new()).is_err());
    let error = script.call(start(3, long_url.into())).unwrap_err();
    assert!(error.message.contains("at most 8 KiB"), "{}", error.message);
}

#[test]
fn a_server_is_trusted_by_its_certificate_only() {
    let key = rcgen::generate_simple_self_signed(vec!["tls.example".to_owned()]).unwrap();
    let certificate = key.cert.der().clone();
    let secret =
        tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der())
            .unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], secret)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let runtime = runtime();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(&ok("over TLS")).await;
            let _ = stream.shutdown().await;
        }
    });
    let rules = |names: &str| {
        Rules::new(format!("{names}:{port},127.0.0.1:{port}").parse::<Hosts>().unwrap())
    };
    let ask = |network: &Network, name: &str| {
        let mut network = network.clone();
        network.names.insert(name.to_owned(), vec!["127.0.0.1".parse().unwrap()]);
        let fetch = network.fetch(rules(name));
        let script = Script {
            runtime: self::runtime(),
            fetch: HostFunction::of_a_run(&Arc::from([fetch]), None),
        };
        script.get(&format!("https://{name}:{port}/"))
    };
    let plain = Network::new(runtime.handle().clone());
    let error = ask(&plain, "tls.example").unwrap_err();
    assert!(error.message.contains("was not trusted"), "{}", error.message);
    let trusting = plain.clone().trusting(key.cert.pem().as_bytes()).unwrap();
    assert_eq!(body(&ask(&trusting, "tls.example").unwrap()), "over TLS");
    let error = ask(&trusting, "other.example").unwrap_err();
    assert!(error.message.contains("was not trusted"), "{}", error.message);
    assert!(plain.trusting(b"no certificates").is_err());
}

#[test]
fn a_tool_is_posted_its_arguments_and_answers_a_value() {
    let outside = Outside::start(|head, body| {
        assert!(
            head.starts_with("POST /tool HTTP/1.1\r\n") && head.contains("sandtide-tenant: me"),
            "{head}"
        );
        let asked: serde_json::Value = serde_json::from_slice(body).unwrap();
        assert_eq!(asked["tool"], "lookup");
        match asked["arguments"][0].as_str() {
            Some("none") => b"HTTP/1.1 204 No\r\n\r\n".to_vec(),
            Some("bad") => ok("{"),
            Some("large") => ok(&"0,".repeat(600_000)),
            Some("fail") => b"HTTP/1.1 404 No\r\ncontent-length: 37\r\n\r\n{\"error\": {\"message\": \"no such key\"}}  ".to_vec(),
            Some("away") => redirect(302, "/tool"),
            Some("slow") => {
                thread::sleep(Duration::from_secs(60));
                Vec::new()
            }
            _ => ok(&format!("{{\"got\": {}}}", asked["arguments"])),
        }
    });
    let runtime = runtime();
    let network = Network::new(runtime.handle().clone());
    let tool = Tool::new(&outside.url("/tool"), Duration::from_millis(500)).unwrap();
    let tool = tool.header("sandtide-tenant", "me").unwrap();
    let rules = Rules::new(outside.address.to_string().parse().unwrap());
    let function = network.tool("lookup", tool.clone(), rules);
    let call = |args: Vec<Value>| match function.call(args) {
        HostAnswer::Later(later) => runtime.block_on(later),
        other => panic!("{other:?}"),
    };
    let got = call(vec!["a".into(), Value::Date(0.0)]).unwrap();
    let Some(Value::Array(got)) = got.get("got") else { panic!("{got:?}") };
    assert_eq!(got[..], ["a".into(), Value::Date(0.0)]);
    assert_eq!(call(vec!["none".into()]), Ok(Value::Undefined));
    for (what, says) in [
        ("bad", "no JSON"),
        ("large", "larger than the 1048576 bytes"),
        ("fail", "404: no such key"),
        ("away", "status 302"),
        ("slow", "no answer within"),
    ] {
        let error = call(vec![what.into()]).unwrap_err();
        assert!(
            error.message.starts_with("lookup: ") && error.message.contains(says),
            "{}",
            error.message
        );
    }
    let refused = network.tool("lookup", tool, Rules::new("*".parse().unwrap()));
    let HostAnswer::Later(later) = refused.call(Vec::new()) else { panic!("it is asynchronous") };
    let error = runtime.block_on(later).unwrap_err();
    assert!(error.message.contains("loopback"), "{}", error.message);
    assert!(Tool::new("ftp://a.example", Duration::from_secs(1)).is_err());
}

#[test]
fn what_is_posted_arrives_whole_and_only_where_the_rules_let_it() {
    let runtime = Runtime::new().unwrap();
    let mut network = Network::new(runtime.handle().clone());
    network.names = HashMap::from([("named.example".to_owned(), vec![[127, 0, 0, 1].into()])]);
    let outside = Outside::start(|_, body| match body {
        b"{}" => b"HTTP/1.1 302 Found\r\nlocation: /else\r\ncontent-length: 0\r\n\r\n".to_vec(),
        _ => b"HTTP/1.1 400 No\r\ncontent-length: 0\r\n\r\n".to_vec(),
    });
    let rules = Rules::new(outside.address.to_string().parse().unwrap());
    let post = Post::new(&outside.url("/in?a=b")).unwrap().header("x-signed", "yes").unwrap();
    let time = Duration::from_secs(30);
    let send =
        |post, rules| runtime.block_on(network.post(post, rules, b"{}".to_vec(), time, None));
    assert_eq!(send(&post, &rules), Ok(302));
    let heads = outside.heads();
    assert_eq!(heads.len(), 1, "redirects are not followed");
    let head = heads[0].to_ascii_lowercase();
    assert!(head.starts_with("post /in?a=b http/1.1\r\n"), "{head}");
    assert!(head.contains("x-signed: yes") && head.contains("content-type: application/json"));

    let other = Rules::new("api.example".parse().unwrap());
    assert!(post.check(&rules).is_ok() && post.check(&other).is_err());
    assert!(matches!(send(&post, &other), Err(NetError::Refused(_))));
    // A name that is let pass leads to no address that is not.
    let named = Post::new(&outside.url("/").replace("127.0.0.1", "named.example")).unwrap();
    let rules = Rules::new(format!("named.example:{}", outside.address.port()).parse().unwrap());
    assert!(named.check(&rules).is_ok());
    assert!(matches!(send(&named, &rules), Err(NetError::Refused(_))));
    assert_eq!(outside.heads().len(), 1);
    for bad in ["ftp://a.example/", "https://a:b@c.example/", "x"] {
        assert!(Post::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn names_of_all_that_is_posted_are_looked_up_in_turn() {
    let runtime = Runtime::new().unwrap();
    let network = Network::new(runtime.handle().clone());
    let rules = Rules::new("localhost:9".parse().unwrap());
    let post = Post::new("http://localhost:9/").unwrap();
    let send = || {
        runtime
            .block_on(network.post(&post, &rules, Vec::new(), Duration::from_secs(30), None))
            .unwrap_err()
    };
    assert!(!matches!(send(), NetError::NoAddress { .. }));
    // Where nobody has a turn any more, this has none either.
    network.lookups.close();
    assert!(matches!(send(), NetError::NoAddress { .. }));
}
