//! Handlers, their environment, networks and tools over HTTP, with ports of this machine as the outside.

mod common;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    thread,
};

use common::{TestServer, config, read_to_end, until};
use sandtide_server::{EndedSpan, NetworkConfig, ServerConfig, SpanKind, SpanSink};
use serde_json::{Value as Json, json};

/// A server that answers every request with the same, and notes what came.
struct Outside {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Outside {
    fn answering(body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&seen);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut bytes = vec![0; 64 << 10];
                let mut length = 0;
                // Head and body, whose length the head says.
                loop {
                    let read = stream.read(&mut bytes[length..]).unwrap_or(0);
                    length += read;
                    let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                    let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
                        let wants = head.split("content-length: ").nth(1);
                        let wants = wants.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
                        body.len() >= wants.unwrap_or(0)
                    });
                    if whole || read == 0 {
                        noted.lock().unwrap().push(text);
                        break;
                    }
                }
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        Self { address, seen }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn allowing(allowed: &str, tools: &str) -> TestServer {
    let network = NetworkConfig {
        allowed: allowed.parse().unwrap(),
        tools: tools.parse().unwrap(),
        ..NetworkConfig::default()
    };
    TestServer::with(ServerConfig { network, ..config() })
}

const ECHO: &str = "export default {
  async fetch(request, env, ctx) {
    const headers = Object.fromEntries(request.headers);
    return Response.json({ method: request.method, url: request.url, headers, body: await request.text(), env });
  },
}";

#[track_caller]
fn deployed(server: &TestServer, name: &str, body: &Json) {
    let reply = server.put_json(name, body);
    assert!(matches!(reply.status, 200 | 201), "{}", reply.text());
}

#[test]
fn a_handler_is_asked_by_all_methods_and_sees_what_was_sent() {
    let server = TestServer::start();
    let made = server.put("echo", ECHO);
    assert_eq!(made.json()["form"], "handler");
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let body = if method == "GET" { "" } else { "körper" };
        let reply = server.send(method, "/h/echo/a/b%20c?q=1&q=2", &[("x-one", "1")], body);
        assert_eq!(reply.status, 200, "{}", reply.text());
        let seen = reply.json();
        assert_eq!((&seen["method"], &seen["body"]), (&json!(method), &json!(body)));
        assert_eq!(seen["url"], format!("{}/a/b%20c?q=1&q=2", server.base));
        assert_eq!(seen["headers"]["x-one"], "1");
        assert_eq!(seen["headers"]["x-forwarded-prefix"], "/h/echo");
        assert_eq!(seen["headers"]["content-length"], Json::Null);
    }
    let own =
        raw(&server, "PROPFIND /h/echo/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert!(own.contains("\"method\":\"PROPFIND\""), "{own}");
    let trace =
        raw(&server, "TRACE /h/echo/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert!(trace.starts_with("HTTP/1.1 405 "), "{trace}");
    assert_eq!(server.get("/h/echo").json()["url"], format!("{}/", server.base));
    let head = server.send("HEAD", "/h/echo/", &[], "");
    assert_eq!((head.status, head.body.len()), (200, 0));
    let shown = server.get("/v1/scripts/echo").json();
    assert_eq!((&shown["form"], &shown["runs"]["failed"]), (&json!("handler"), &json!(0)));
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The values of a header in a request as it came.
fn values<'a>(seen: &'a str, name: &str) -> Vec<&'a str> {
    let lines = seen.lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
}

#[test]
fn a_trace_is_passed_on_to_fetch_and_to_tools_below_spans_of_their_own() {
    let outside = Outside::answering("1");
    let at = outside.address.to_string();
    let told = Arc::<Mutex<Vec<EndedSpan>>>::default();
    let noted = Arc::clone(&told);
    let network = NetworkConfig {
        allowed: at.parse().unwrap(),
        tools: at.parse().unwrap(),
        ..NetworkConfig::default()
    };
    let sink = SpanSink::new(move |span| noted.lock().unwrap().push(span));
    let server = TestServer::with(ServerConfig { network, spans: Some(sink), ..config() });
    let source = "export default { async fetch(request) {
        const forged = '00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01';
        await fetch(request.headers.get('x-to'), { headers: { traceparent: forged, tracestate: 'forged=1' } });
        await tool(1);
        return new Response(request.headers.get('traceparent'));
    } }";
    let to = format!("http://{at}/fetched");
    let tools = json!({"tool": {"url": format!("http://{at}/tool")}});
    deployed(&server, "asks", &json!({"source": source, "allow_net": [at], "tools": tools}));
    let state = "congo=t61rcWkgMzE";
    let headers = [("x-to", &*to), ("traceparent", PARENT), ("tracestate", state)];
    let reply = server.send("GET", "/h/asks/", &headers, "");
    assert_eq!((reply.status, reply.text()), (200, PARENT), "the script sees what the client said");
    let seen = outside.seen();
    assert_eq!(seen.len(), 2, "{seen:?}");
    let trace = &PARENT[..36];
    let mut ids = vec![PARENT[36..52].to_owned()];
    for one in &seen {
        let [parent] = values(one, "traceparent")[..] else { panic!("{one}") };
        assert!(parent.starts_with(trace) && parent.ends_with("-01"), "{parent}");
        assert_eq!(values(one, "tracestate"), [state]);
        ids.push(parent[36..52].to_owned());
    }
    let is_told = || told.lock().unwrap().iter().any(|span| span.name == "GET handler");
    until("the request's own span is told", is_told);
    let spans = told.lock().unwrap();
    let of = |span: &EndedSpan| (span.kind, span.trace.id(), span.trace.span());
    let own = spans.iter().find(|span| span.name == "GET handler").expect("the request's own span");
    assert_eq!(
        (own.kind, own.parent),
        (SpanKind::Server, Some(0xb7ad_6b71_6920_3331_u64.to_be_bytes()))
    );
    assert_eq!((own.status, own.error.as_deref()), (Some(200), None));
    for (id, at) in ids[1..].iter().zip(["GET", "POST"]) {
        let (kind, in_trace, _) = of(own);
        let asked = spans.iter().find(|span| span.trace.span() == *id).expect("one of each");
        assert_eq!((asked.kind, asked.trace.id(), &*asked.name), (SpanKind::Client, in_trace, at));
        assert_eq!((kind, asked.parent), (SpanKind::Server, Some(own.trace.span_bytes())));
    }
    ids.push(own.trace.span());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each span has an identity of its own: {ids:?}");
}

#[test]
fn what_is_no_trace_is_passed_on_to_nobody() {
    let outside = Outside::answering("1");
    let at = outside.address.to_string();
    let server = allowing(&at, "");
    let source = "export default { async fetch(request) {
        await fetch(request.headers.get('x-to'));
        return new Response('asked');
    } }";
    deployed(&server, "asks", &json!({"source": source, "allow_net": [at]}));
    let to = format!("http://{at}/");
    let upper = PARENT.to_uppercase();
    for headers in [
        vec![],
        vec![("tracestate", "a=1")],
        vec![("traceparent", &*upper), ("tracestate", "a=1")],
        vec![("traceparent", PARENT), ("traceparent", PARENT)],
    ] {
        let headers = [&headers[..], &[("x-to", &to)]].concat();
        assert_eq!(server.send("GET", "/h/asks/", &headers, "").text(), "asked");
    }
    // What a client does not record is passed on, and a state that is none is not.
    let unrecorded = PARENT.replace("-01", "-00");
    let headers = [("x-to", &*to), ("traceparent", &unrecorded), ("tracestate", "A")];
    server.send("GET", "/h/asks/", &headers, "");
    let seen = outside.seen();
    let (last, others) = seen.split_last().unwrap();
    assert_eq!(others.len(), 4);
    for one in others {
        assert!(
            values(one, "traceparent").is_empty() && values(one, "tracestate").is_empty(),
            "{one}"
        );
    }
    assert!(values(last, "traceparent")[0].ends_with("-00"), "{last}");
    assert!(values(last, "tracestate").is_empty(), "{last}");
}

/// Sends a request as it is, and answers what comes as it is.
fn raw(server: &TestServer, request: &str) -> String {
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    read_to_end(stream)
}

#[test]
fn headers_of_connections_and_tokens_of_ours_stay_outside() {
    let server =
        TestServer::with(ServerConfig { tokens: sandtide_server::TokenPolicy::Never, ..config() });
    server.put("echo", ECHO);
    let text = raw(
        &server,
        "POST /h/echo/ HTTP/1.1\r\nhost: localhost\r\nconnection: close, x-hop\r\nx-hop: 1\r\nte: trailers\r\n\
         keep-alive: 1\r\nsandtide-tenant: default\r\nauthorization: Bearer sandtide_secret\r\n\
         transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    );
    let (_, body) = text.split_once("\r\n\r\n").unwrap();
    let seen: Json = serde_json::from_str(body).unwrap();
    assert_eq!(seen["body"], "abc");
    assert_eq!(seen["headers"], json!({"host": "localhost", "x-forwarded-prefix": "/h/echo"}));
    // What is for the script reaches it.
    let headers = [
        ("authorization", "Bearer own"),
        ("idempotency-key", "\"its own\""),
        ("x-forwarded-prefix", "/h/other"),
    ];
    let seen = server.send("POST", "/h/echo/", &headers, "").json()["headers"].clone();
    assert_eq!(seen["authorization"], "Bearer own");
    assert_eq!(seen["idempotency-key"], "\"its own\"");
    assert_eq!(seen["x-forwarded-prefix"], "/h/echo");
}

#[test]
fn what_a_handler_answers_is_sent_without_what_is_the_servers() {
    let server = TestServer::start();
    server.put(
        "answers",
        "export default { fetch(request) {
           const path = new URL(request.url).pathname;
           if (path === '/home') return Response.redirect(new URL('/login?x', request.url));
           if (path === '/away') return Response.redirect('http://other.example/login');
           if (path === '/none') return new Response(null, { status: 304, headers: { etag: 'e' } });
           if (path === '/stream') return new Response(new Blob(['st', 'ream']).stream());
           return new Response('<p>', { status: 418, headers: {
             'content-type': 'text/html', connection: 'keep-alive', 'transfer-encoding': 'chunked',
             'sandtide-usage': 'lies', 'access-control-allow-origin': '*', 'x-own': 'caf\\u00e9', 'content-length': '99',
             'Clear-Site-Data': '\"*\"', 'Strict-Transport-Security': 'max-age=1', nel: '{}', 'report-to': '{}',
             'reporting-endpoints': 'a=\"/\"', 'alt-svc': 'clear', 'service-worker-allowed': '/', 'accept-ch': 'dpr',
           } });
         } }",
    );
    let get = |path: &str| {
        raw(
            &server,
            &format!(
                "GET /h/answers{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
            ),
        )
    };
    let mut stream = std::net::TcpStream::connect(server.address).unwrap();
    stream
        .write_all(b"GET /h/answers/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let page: String = bytes.iter().copied().map(char::from).collect();
    assert!(page.starts_with("HTTP/1.1 418 "), "{page}");
    for there in [
        "content-type: text/html\r\n",
        "content-length: 3\r\n",
        "x-own: café\r\n",
        "content-security-policy: sandbox ",
        "\r\n\r\n<p>",
    ] {
        assert!(page.contains(there), "{there} is not in {page}");
    }
    let of_connection = ["keep-alive", "chunked", "lies", "access-control", "99"];
    let of_address = [
        "clear-site-data",
        "strict-transport-security",
        "nel",
        "report-to",
        "reporting-endpoints",
        "alt-svc",
        "service-worker-allowed",
        "accept-ch",
    ];
    for gone in of_connection.into_iter().chain(of_address) {
        assert!(!page.contains(gone), "{gone} is in {page}");
    }
    assert!(get("/home").contains("location: /h/answers/login?x\r\n"), "{}", get("/home"));
    assert!(get("/away").contains("location: http://other.example/login\r\n"));
    let none = get("/none");
    assert!(
        none.starts_with("HTTP/1.1 304 ")
            && none.contains("etag: e\r\n")
            && !none.contains("content-length"),
        "{none}"
    );
    assert!(get("/stream").ends_with("\r\n\r\nstream"));
}

#[test]
fn strangers_are_told_a_code_and_nothing_of_the_script() {
    let server = TestServer::start();
    server.put("fails", "export default { fetch() { throw new Error('private words'); } }");
    let reply = server.get("/h/fails/");
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("ERR_EXCEPTION"), "{}", reply.text());
    assert!(
        !reply.text().contains("private") && !reply.text().contains("fails.js"),
        "{}",
        reply.text()
    );
    server.put("loops", "export default { fetch() { for (;;); } }");
    let reply = server.get("/h/loops/");
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("_TIME_LIMIT"), "{}", reply.text());
    deployed(
        &server,
        "large",
        &json!({
            "source": "export default { fetch: () => new Response('x'.repeat(2000)) }", "limits": {"output_bytes": 1000}
        }),
    );
    assert!(server.get("/h/large/").text().contains("ERR_OUTPUT_LIMIT"));
    assert_eq!(server.get("/h/missing/").status, 404);
    server.put("function", "export default () => 1");
    assert_eq!(server.get("/h/function/").status, 404);
    assert!(server.get("/h/function/").text().contains("ERR_NOT_A_HANDLER"));
    server.run("fails", &json!({})).assert_error(422, "ERR_WRONG_FORM");
}

#[test]
fn handlers_are_their_tenants() {
    let server = TestServer::start();
    let put = |tenant: &str, text: &str| {
        let headers = [("content-type", "text/javascript"), ("sandtide-tenant", tenant)];
        let source = format!("export default {{ fetch: () => new Response('{text}') }}");
        assert_eq!(server.send("PUT", "/v1/scripts/one", &headers, source).status, 201);
    };
    put("a", "of a");
    put("b", "of b");
    let ask = |tenant: &str| server.send("GET", "/h/one/", &[("sandtide-tenant", tenant)], "");
    assert_eq!((ask("a").text(), ask("b").text(), ask("c").status), ("of a", "of b", 404));
}

#[test]
fn an_environment_reaches_the_handler_and_its_secrets_nobody_else() {
    let place = tempfile::tempdir().unwrap();
    let secret_key = Some(sandtide_server::SecretKey::parse(&"0a".repeat(32)).unwrap());
    let kept = || ServerConfig {
        data: Some(place.path().into()),
        secret_key: secret_key.clone(),
        ..config()
    };
    let server = TestServer::with(kept());
    let set = |path: &str, secret: &str| {
        let status = server.send("PUT", path, &[("content-type", "text/plain")], secret).status;
        assert!(matches!(status, 201 | 204), "{path}: {status}");
    };
    let body = |level: u32| json!({"source": ECHO, "vars": {"LEVEL": level, "LIST": [1, {"a": null}]}, "secrets": ["KEY"]});
    server.put_json("echo", &body(1)).assert_error(404, "ERR_SECRET_NOT_FOUND");
    set("/v1/secrets/KEY", "first secret");
    let version = |reply: common::Reply| reply.json()["version"].as_str().unwrap().to_owned();
    let first = version(server.put_json("echo", &body(1)));
    let env = server.get("/h/echo/").json()["env"].clone();
    assert_eq!(env, json!({"LEVEL": 1, "LIST": [1, {"a": null}], "KEY": "first secret"}));
    // Another secret makes no other version and is given at once, the script's own before its tenant's; a variable does.
    set("/v1/secrets/KEY", "second secret");
    assert_eq!(server.get("/h/echo/").json()["env"]["KEY"], "second secret");
    set("/v1/scripts/echo/secrets/KEY", "other secret");
    assert_eq!(server.get("/h/echo/").json()["env"]["KEY"], "other secret");
    assert_eq!(version(server.put_json("echo", &body(1))), first);
    assert_ne!(version(server.put_json("echo", &body(2))), first);
    for path in [
        "/v1/scripts",
        "/v1/scripts/echo",
        "/v1/scripts/echo/versions",
        &format!("/v1/scripts/echo/versions/{first}"),
        "/v1/audit",
        "/v1/usage",
        "/metrics",
        "/v1/scripts/echo/memory",
    ] {
        let reply = server.get(path);
        assert_eq!(reply.status, 200, "{path}");
        for secret in ["first secret", "second secret", "other secret"] {
            assert!(!reply.text().contains(secret), "{path}");
        }
    }
    let snapshot = server.send("POST", "/v1/scripts/echo/heap-snapshot?of=image", &[], "");
    assert_eq!(snapshot.status, 200);
    assert!(!snapshot.text().contains("other secret"));
    let refused = server.send("POST", "/v1/scripts/echo/heap-snapshot?of=limit", &[], "");
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("ERR_SCRIPT_HAS_SECRETS"), "{}", refused.text());
    for (body, says) in [
        (json!({"source": ECHO, "vars": {"KEY": 1}, "secrets": ["KEY"]}), "both"),
        (json!({"source": ECHO, "secrets": {"KEY": "x"}}), "names"),
        (json!({"source": ECHO, "secrets": ["no name"]}), "a name"),
        (json!({"source": "export default () => 1", "vars": {"A": 1}}), "handlers"),
        (
            json!({"source": ECHO, "vars": {"A": "x".repeat(150_000), "B": "x".repeat(150_000)}}),
            "bytes",
        ),
    ] {
        let refused = server.put_json("bad", &body);
        assert_eq!(refused.status, 400, "{says}: {}", refused.text());
    }
    drop(server);
    for entry in std::fs::read_dir(place.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for secret in [&b"first secret"[..], b"second secret", b"other secret"] {
            assert!(
                !bytes.windows(secret.len()).any(|part| part == secret),
                "it lies there in the clear"
            );
        }
    }
    let server = TestServer::with(kept());
    assert_eq!(server.get("/h/echo/").json()["env"]["KEY"], "other secret", "after a restart");
    assert_eq!(server.send("DELETE", "/v1/scripts/echo/secrets/KEY", &[], "").status, 204);
    assert_eq!(server.get("/h/echo/").json()["env"]["KEY"], "second secret");
}

/// A server that keeps secrets, of which the script's tenant has one.
fn with_a_secret(name: &str, secret: &str) -> TestServer {
    let secret_key = Some(sandtide_server::SecretKey::parse(&"0a".repeat(32)).unwrap());
    let server = TestServer::with(ServerConfig { secret_key, ..config() });
    let path = format!("/v1/secrets/{name}");
    assert_eq!(server.send("PUT", &path, &[("content-type", "text/plain")], secret).status, 201);
    server
}

#[test]
fn what_a_handler_with_secrets_throws_is_told_by_its_place_alone() {
    let server = with_a_secret("KEY", "sealed words");
    let source =
        "export default { fetch(request, env) { throw new Error(env.KEY ?? 'plain words'); } }";
    deployed(&server, "secretive", &json!({"source": source, "secrets": ["KEY"]}));
    server.put("open", source);
    for name in ["secretive", "open"] {
        assert_eq!(server.get(&format!("/h/{name}/")).status, 500);
    }
    let errors = |name: &str| server.get(&format!("/v1/errors?script={name}"));
    assert!(errors("open").text().contains("plain words"), "{}", errors("open").text());
    let text = errors("secretive").text().to_owned();
    assert!(text.contains("ERR_EXCEPTION") && text.contains("\"line\":1"), "{text}");
    assert!(!text.contains("sealed words") && !text.contains("stack"), "{text}");
}

#[test]
fn a_snapshot_that_was_asked_for_before_the_secrets_came_shows_none_of_them() {
    let server = with_a_secret("KEY", "sealed words");
    let source = "export default { fetch(request, env) { const all = []; for (;;) all.push(new Array(1000).fill(env)); } }";
    let limits = json!({"heap_bytes": 8 << 20});
    deployed(&server, "grows", &json!({"source": source, "limits": limits}));
    let wait = |seconds: u32| {
        let path = format!("/v1/scripts/grows/heap-snapshot?of=limit&seconds={seconds}");
        server.send("POST", &path, &[], "")
    };
    thread::scope(|scope| {
        let waits = scope.spawn(|| {
            // While this one waits no other does.
            loop {
                let reply = wait(5);
                if reply.status != 409 {
                    return reply;
                }
            }
        });
        while wait(1).status != 409 {}
        deployed(
            &server,
            "grows",
            &json!({"source": source, "limits": limits, "secrets": ["KEY"]}),
        );
        let run = server.get("/h/grows/");
        assert!(run.text().contains("ERR_HEAP_LIMIT"), "{}", run.text());
        let reply = waits.join().unwrap();
        assert!(reply.text().contains("ERR_NO_RUN_AT_LIMIT"), "{}", reply.status);
    });
}

const ASKS: &str = "export default { async fetch(request) {
  try {
    const response = await fetch(new URL(request.url).searchParams.get('to'));
    return Response.json({ status: response.status, body: await response.json() });
  } catch (error) {
    return Response.json({ error: String(error) });
  }
} }";

#[test]
fn a_script_reaches_what_its_deploy_was_granted_within_what_the_server_allows() {
    let outside = Outside::answering("{\"here\": true}");
    let at = outside.address.to_string();
    let server = allowing(&at, "");
    deployed(&server, "asks", &json!({"source": ASKS, "allow_net": [at]}));
    let ask = |name: &str| server.get(&format!("/h/{name}/?to=http://{at}/x")).json();
    assert_eq!(ask("asks"), json!({"status": 200, "body": {"here": true}}));
    assert!(outside.seen()[0].starts_with("GET /x HTTP/1.1\r\n"));
    server.put("granted-none", ASKS);
    let none = ask("granted-none")["error"].as_str().unwrap().to_owned();
    assert!(none.contains("allow_net"), "{none}");
    assert_eq!(outside.seen().len(), 1);
    let refused =
        server.put_json("more", &json!({"source": ASKS, "allow_net": [at, "other.example"]}));
    assert_eq!(refused.status, 403);
    assert!(
        refused.text().contains("ERR_NET_NOT_ALLOWED") && refused.text().contains("other.example")
    );
    let bad = server.put_json("bad", &json!({"source": ASKS, "allow_net": ["http://x"]}));
    assert_eq!(bad.status, 400, "{}", bad.text());
    // Runs of functions have it, too.
    let source = "export default async (url) => (await fetch(url)).status";
    deployed(&server, "function", &json!({"source": source, "allow_net": [at]}));
    assert_eq!(server.run("function", &json!({"input": format!("http://{at}/")})).value(), 200);
}

#[test]
fn tools_are_called_where_the_server_allows() {
    let outside = Outside::answering("{\"price\": 12}");
    let at = outside.address;
    let server = allowing("", &at.to_string());
    let deploy = |url: String| {
        json!({
            "source": "export default async (key) => (await lookup(key, 2)).price",
            "tools": {"lookup": {"url": url, "timeout_ms": 5000}}
        })
    };
    deployed(&server, "priced", &deploy(format!("http://{at}/tools/lookup")));
    assert_eq!(server.run("priced", &json!({"input": "tea"})).value(), 12);
    let seen = outside.seen().remove(0);
    assert!(seen.starts_with("POST /tools/lookup HTTP/1.1\r\n"), "{seen}");
    assert!(
        seen.contains("sandtide-tenant: default\r\n")
            && seen.contains("sandtide-script: priced\r\n"),
        "{seen}"
    );
    assert!(seen.ends_with("{\"tool\":\"lookup\",\"arguments\":[\"tea\",2]}"), "{seen}");
    let refused = server.put_json("else", &deploy("http://127.0.0.1:1/".to_owned()));
    assert_eq!(refused.status, 403, "{}", refused.text());
    for tools in [
        json!({"1x": {"url": format!("http://{at}/")}}),
        json!({"x": {"url": "nowhere"}}),
        json!({"x": {"url": format!("http://{at}/"), "timeout_ms": 0}}),
        json!({"x": {"url": format!("http://{at}/"), "other": 0}}),
        json!({"x": []}),
        (0..17)
            .map(|n| (format!("x{n}"), json!({"url": format!("http://{at}/")})))
            .collect::<Json>(),
    ] {
        let refused = server.put_json("bad", &json!({"source": "1", "tools": tools}));
        assert_eq!(refused.status, 400, "{tools}: {}", refused.text());
    }
}

#[test]
fn a_fresh_script_runs_its_module_level_each_time() {
    let server = TestServer::start();
    let source = "import { step } from './step.js'; let count = 0; const id = crypto.randomUUID(); \
                  export default () => [count += step, id]";
    let body = |fresh: bool| json!({"source": source, "modules": {"./step.js": "export const step = 2"}, "fresh": fresh});
    let version = |reply: common::Reply| reply.json()["version"].clone();
    let kept = version(server.put_json("kept", &body(false)));
    let fresh = version(server.put_json("fresh", &body(true)));
    assert_ne!(kept, fresh);
    let ids = |name: &str| {
        let one = || {
            let value = server.run(name, &json!({})).value();
            assert_eq!(value[0], 2);
            value[1].clone()
        };
        (one(), one())
    };
    let (first, second) = ids("kept");
    assert_eq!(first, second);
    let (first, second) = ids("fresh");
    assert_ne!(first, second);
    // Whatever form it has.
    let text = "export default { fetch: (_, env) => new Response(id + env.A) }; const id = crypto.randomUUID();";
    deployed(&server, "handler", &json!({"source": text, "fresh": true, "vars": {"A": 7}}));
    assert!(server.get("/h/handler/").text().ends_with("7"));
    assert_ne!(server.get("/h/handler/").body, server.get("/h/handler/").body);
    deployed(&server, "classic", &json!({"source": "input * 2", "fresh": true}));
    assert_eq!(server.run("classic", &json!({"input": 4})).value(), 8);
}
