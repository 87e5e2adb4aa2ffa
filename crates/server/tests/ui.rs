//! The web page and the last errors against the real port: what is sent, with which headers, and to whom.

mod common;

use std::{io::Write, net::TcpStream, time::Duration};

use common::{TestServer, config, read_to_end};
use sandtide_server::{ServerConfig, TokenPolicy};
use sandtide_store::{Role, Secret, SqliteStore, Store};
use serde_json::{Value as Json, json};

/// An answer as it is on the wire.
fn ask(server: &TestServer, request_line: &str, headers: &str) -> (String, String) {
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(
        stream,
        "{request_line} HTTP/1.1\r\nhost: localhost\r\n{headers}connection: close\r\n\r\n"
    )
    .unwrap();
    let answer = read_to_end(stream);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter(|(of, _)| *of == name).map(|(_, value)| value);
    let value = values.next();
    assert!(values.next().is_none(), "{name} is there twice: {head}");
    value
}

/// Every file that the page is made of, by what names it: the page itself, its scripts' imports, its styles.
fn files(server: &TestServer) -> Vec<String> {
    let mut files = vec!["/ui".to_owned()];
    let mut at = 0;
    while let Some(path) = files.get(at).cloned() {
        let (head, body) = ask(server, &format!("GET {path}"), "");
        assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head}");
        let quoted = body.split(['"', '\'']).filter_map(|text| {
            let name = text.strip_prefix("/ui/").or_else(|| text.strip_prefix("./"))?;
            name.contains('.').then(|| format!("/ui/{name}"))
        });
        let new: Vec<_> = quoted.filter(|path| !files.contains(path)).collect();
        for path in new {
            if !files.contains(&path) {
                files.push(path);
            }
        }
        at += 1;
    }
    files
}

#[test]
fn each_file_of_the_page_may_load_nothing_from_elsewhere_and_run_nothing_inline() {
    let server = TestServer::start();
    let files = files(&server);
    assert!(files.len() > 10, "{files:?}");
    for path in files {
        let (head, body) = ask(&server, &format!("GET {path}"), "");
        let policy = header(&head, "content-security-policy").unwrap();
        let mut directives: Vec<_> = policy.split("; ").collect();
        directives.sort_unstable();
        let expected = [
            "base-uri 'none'",
            "connect-src 'self'",
            "default-src 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "img-src 'self' data:",
            "script-src 'self'",
            "style-src 'self'",
        ];
        assert_eq!(directives, expected, "{path}");
        assert_eq!(header(&head, "x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(header(&head, "cache-control"), Some("no-cache"), "{path}");
        assert_eq!(header(&head, "referrer-policy"), Some("no-referrer"), "{path}");
        let expected = match path.rsplit_once('.') {
            None => "text/html; charset=utf-8",
            Some((_, "js")) => "text/javascript; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(header(&head, "content-type"), Some(expected), "{path}");
        assert_eq!(header(&head, "content-length"), Some(&*body.len().to_string()), "{path}");
        if expected.starts_with("text/html") {
            assert!(!body.contains("<style") && !body.contains(" style="), "inline styles");
            assert_eq!(
                body.matches("<script").count(),
                body.matches("<script type=\"module\" src=").count()
            );
        } else if expected.starts_with("text/javascript") {
            for name in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "new Function",
            ] {
                assert!(
                    !body.contains(name),
                    "{path} has {name}: texts of scripts could become part of the page"
                );
            }
        }
    }
}

#[test]
fn a_file_that_the_client_has_is_not_sent_again() {
    let server = TestServer::start();
    for path in ["/ui", "/ui/", "/ui/main.js"] {
        let (head, body) = ask(&server, &format!("GET {path}"), "");
        let tag = header(&head, "etag").unwrap();
        let (again, nothing) =
            ask(&server, &format!("GET {path}"), &format!("if-none-match: W/{tag}\r\n"));
        assert!(again.starts_with("HTTP/1.1 304 ") && nothing.is_empty(), "{again}");
        assert_eq!(header(&again, "etag"), Some(tag));
        assert_eq!(header(&again, "content-type"), None);
        let (other, whole) = ask(&server, &format!("GET {path}"), "if-none-match: \"another\"\r\n");
        assert!(other.starts_with("HTTP/1.1 200 ") && whole == body, "{other}");
        let (only_head, nothing) = ask(&server, &format!("HEAD {path}"), "");
        assert!(only_head.starts_with("HTTP/1.1 200 ") && nothing.is_empty(), "{only_head}");
        assert_eq!(header(&only_head, "content-length"), Some(&*body.len().to_string()));
    }
    let tag = |path: &str| {
        header(&ask(&server, &format!("GET {path}"), "").0, "etag").unwrap().to_owned()
    };
    assert_eq!(tag("/ui"), tag("/ui/"));
    assert_ne!(tag("/ui"), tag("/ui/main.js"));
}

#[test]
fn paths_beside_the_page_are_not_there_and_it_is_only_read() {
    let server = TestServer::start();
    for path in [
        "/ui/x.js",
        "/ui/index.html",
        "/ui/../ui.rs",
        "/ui/%2e%2e/ui.rs",
        "/ui//main.js",
        "/uix",
        "/ui/main.js/",
    ] {
        server.get(path).assert_error(404, "ERR_NOT_FOUND");
    }
    let refused = server.send("POST", "/ui", &[("content-type", "text/plain")], "x");
    refused.assert_error(405, "ERR_METHOD_NOT_ALLOWED");
    assert_eq!(refused.allow.as_deref(), Some("GET, HEAD"));
    server.get("/ui?x=1").assert_error(400, "ERR_INVALID_REQUEST");
    // A page of another name that stands for this server's address could read what it shows.
    server
        .send("GET", "/ui", &[("host", "evil.example")], "")
        .assert_error(403, "ERR_HOST_NOT_ALLOWED");
}

fn token(directory: &std::path::Path, role: Role) -> String {
    let store = SqliteStore::open(directory, Default::default()).unwrap();
    let secret = Secret::generate().unwrap();
    store.add_token(secret.record(role, "", None).unwrap(), "test".to_owned()).wait().unwrap();
    format!("Bearer {}", secret.text())
}

#[test]
fn the_page_needs_no_token_and_what_it_shows_does() {
    let directory = tempfile::tempdir().unwrap();
    let admin = token(directory.path(), Role::Admin);
    let of_a = token(directory.path(), Role::Tenant("a".to_owned()));
    let metrics = token(directory.path(), Role::Metrics);
    let server = TestServer::with(ServerConfig {
        data: Some(directory.path().to_owned()),
        tokens: TokenPolicy::Always,
        ..config()
    });
    assert_eq!(server.get("/ui").status, 200);
    assert_eq!(server.get("/ui/main.js").status, 200);
    for path in ["/v1/errors", "/v1/tenants"] {
        server.get(path).assert_error(401, "ERR_TOKEN_MISSING");
        let refused = server.send("GET", path, &[("authorization", &metrics)], "");
        refused.assert_error(403, "ERR_TOKEN_NOT_ALLOWED");
    }
    server
        .send("GET", "/v1/tenants", &[("authorization", &of_a)], "")
        .assert_error(403, "ERR_TOKEN_NOT_ALLOWED");
    for (token, tenant) in [(&of_a, "a"), (&admin, "b")] {
        let headers = [
            ("authorization", token.as_str()),
            ("sandtide-tenant", tenant),
            ("content-type", "text/javascript"),
        ];
        let source = format!("throw new Error('of {tenant}')");
        server.send("POST", "/v1/runs", &headers, source).assert_error(422, "ERR_EXCEPTION");
        assert_eq!(server.send("PUT", "/v1/scripts/s", &headers, "1").status, 201);
    }
    let told = |headers: &[(&str, &str)]| server.send("GET", "/v1/errors", headers, "").json();
    let own = told(&[("authorization", &of_a)]);
    assert_eq!((&own["tenant"], &own["errors"][0]["message"]), (&json!("a"), &json!("of a")));
    assert_eq!(own["errors"].as_array().unwrap().len(), 1);
    // An admin sees those of the tenant that it names.
    assert_eq!(told(&[("authorization", &admin)])["errors"], json!([]));
    let named = told(&[("authorization", &admin), ("sandtide-tenant", "b")]);
    assert_eq!(named["errors"][0]["message"], "of b");
    server
        .send("GET", "/v1/errors", &[("authorization", &of_a), ("sandtide-tenant", "b")], "")
        .assert_error(403, "ERR_TENANT_OF_TOKEN");
    let tenants = server.send("GET", "/v1/tenants", &[("authorization", &admin)], "").json();
    assert_eq!(tenants["total"], 2);
    let names: Vec<_> =
        tenants["tenants"].as_array().unwrap().iter().map(|one| &one["tenant"]).collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn an_error_is_told_with_its_place_and_stack_and_once_for_all_that_are_alike() {
    let mut limits = sandtide::Limits::default();
    (limits.cpu, limits.wall) = (Duration::from_millis(50), Duration::from_secs(30));
    let server = TestServer::with(ServerConfig { limits, ..config() });
    assert_eq!(server.get("/v1/errors").json(), json!({"tenant": "default", "errors": []}));
    let deployed = server.put("s", "function f(x) {\n  return x.y.z;\n}\nf({});").json();
    for _ in 0..3 {
        server.run("s", &json!({})).assert_error(422, "ERR_EXCEPTION");
    }
    server
        .post("/v1/runs", &json!({"source": "for (;;) {}"}))
        .assert_error(422, "ERR_CPU_TIME_LIMIT");
    server.post("/v1/runs", &json!({"source": "1 +"})).assert_error(422, "ERR_SYNTAX");
    assert_eq!(server.post("/v1/runs", &json!({"source": "1"})).value(), 1);

    let errors = server.get("/v1/errors").json()["errors"].clone();
    let codes: Vec<&str> =
        errors.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["ERR_SYNTAX", "ERR_CPU_TIME_LIMIT", "ERR_EXCEPTION"]);
    assert_eq!((&errors[0]["line"], &errors[0]["file"]), (&json!(1), &json!("adhoc.js")));
    assert_eq!((&errors[1]["stack"], &errors[1]["script"]), (&Json::Null, &Json::Null));
    let thrown = &errors[2];
    assert_eq!((&thrown["script"], &thrown["version"]), (&json!("s"), &deployed["version"]));
    assert_eq!(
        (&thrown["name"], &thrown["file"], &thrown["line"]),
        (&json!("TypeError"), &json!("s.js"), &json!(2))
    );
    assert_eq!(thrown["times"], 3);
    assert!(thrown["stack"].as_str().unwrap().contains("at f (s.js:2:"), "{thrown}");
    assert!(thrown["first_ms"].as_i64() <= thrown["last_ms"].as_i64());
    assert!(thrown["peak_heap_bytes"].as_u64().unwrap() > 0);

    let of_script = server.get("/v1/errors?script=s&limit=5").json()["errors"].clone();
    assert_eq!(of_script.as_array().unwrap().len(), 1);
    assert_eq!(server.get("/v1/errors?limit=1").json()["errors"].as_array().unwrap().len(), 1);
    server.get("/v1/errors?limit=0").assert_error(400, "ERR_INVALID_REQUEST");
    server.get("/v1/errors?last=1").assert_error(400, "ERR_INVALID_REQUEST");
    let other = server.send("GET", "/v1/errors", &[("sandtide-tenant", "other")], "").json();
    assert_eq!(other["errors"], json!([]));
}
