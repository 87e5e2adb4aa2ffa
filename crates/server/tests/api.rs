//! What all of the HTTP API has in common: problems, pages, entity tags, keys of deploys.

mod common;

use common::{Reply, TestServer, config};
use sandtide_server::ServerConfig;
use serde_json::json;

const SOURCE: (&str, &str) = ("content-type", "text/javascript");

fn deploy(server: &TestServer, name: &str, source: &str, headers: &[(&str, &str)]) -> Reply {
    let headers: Vec<_> = headers.iter().copied().chain([SOURCE]).collect();
    server.send("PUT", &format!("/v1/scripts/{name}"), &headers, source)
}

#[test]
fn an_error_is_a_problem_with_our_code_and_a_failed_run_tells_its_logs_and_usage_too() {
    let server = TestServer::start();
    let problem = server.get("/v1/scripts/none").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    assert_eq!(problem["title"], "Not Found");
    server.put("fails", "console.log('so far'); throw new RangeError('too far')");
    for path in ["/v1/scripts/fails/runs", "/v1/scripts/fails/runs?raw"] {
        let problem = server.post(path, &json!({})).assert_error(422, "ERR_EXCEPTION");
        assert_eq!((&problem["name"], &problem["line"]), (&json!("RangeError"), &json!(1)));
        assert_eq!(problem["detail"], "too far");
        assert_eq!(problem["logs"], json!([{"level": "log", "text": "so far"}]));
        assert!(problem["usage"]["wall_us"].is_u64(), "{problem}");
        assert!(problem.get("error").is_none() && problem.get("message").is_none());
    }
}

#[test]
fn scripts_and_versions_are_listed_a_page_at_a_time() {
    let server = TestServer::start();
    for name in ["e", "b", "d", "a", "c"] {
        server.put(name, "1");
    }
    let names = |query: &str| {
        let answer = server.get(&format!("/v1/scripts{query}")).json();
        let scripts = answer["scripts"].as_array().unwrap().iter();
        let names: Vec<_> = scripts.map(|s| s["name"].as_str().unwrap().to_owned()).collect();
        (names.concat(), answer["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(names(""), ("abcde".to_owned(), None));
    let (first, cursor) = names("?limit=2");
    assert_eq!(first, "ab");
    let (second, cursor) = names(&format!("?limit=2&cursor={}", cursor.unwrap()));
    assert_eq!(second, "cd");
    assert_eq!(names(&format!("?limit=2&cursor={}", cursor.unwrap())), ("e".to_owned(), None));
    for version in 0..5 {
        server.put("many", &format!("{version}"));
    }
    let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
    let pages = (1..=3).find(|_| {
        let answer = server.get(&format!("/v1/scripts/many/versions{query}")).json();
        let all = answer["versions"].as_array().unwrap().iter();
        seen.extend(all.map(|one| one["version"].as_str().unwrap().to_owned()));
        let next = answer["next_cursor"].as_str();
        query = format!("?limit=2&cursor={}", next.unwrap_or_default());
        next.is_none()
    });
    assert_eq!((pages, seen.len()), (Some(3), 5));
    for query in ["?limit=0", "?limit=1001", "?before=3"] {
        server.get(&format!("/v1/scripts{query}")).assert_error(400, "ERR_INVALID_REQUEST");
    }
    let unknown = server.get("/v1/scripts/many/versions?cursor=none");
    unknown.assert_error(400, "ERR_INVALID_REQUEST");
    server.get("/v1/audit?cursor=none").assert_error(400, "ERR_INVALID_REQUEST");
}

#[test]
fn a_script_is_not_sent_again_to_whoever_has_its_version() {
    let server = TestServer::start();
    let tag = server.put("a", "1").etag.unwrap();
    let (script, version) = ("/v1/scripts/a".to_owned(), tag.trim_matches('"'));
    for path in [script.clone(), format!("{script}/versions/{version}")] {
        let whole = server.get(&path);
        assert_eq!((whole.status, whole.etag.as_ref()), (200, Some(&tag)));
        for tags in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let known = server.send("GET", &path, &[("if-none-match", &tags)], "");
            assert_eq!((known.status, known.etag.as_ref()), (304, Some(&tag)), "{tags}");
            assert!(known.body.is_empty());
        }
        let other = server.send("GET", &path, &[("if-none-match", "\"x\"")], "");
        assert_eq!(other.status, 200);
        let other = server.send("GET", &path, &[("if-match", "\"x\"")], "");
        other.assert_error(412, "ERR_PRECONDITION_FAILED");
        let bad = server.send("GET", &path, &[("if-none-match", "x")], "");
        bad.assert_error(400, "ERR_INVALID_REQUEST");
    }
    server.put("a", "2");
    let newer = server.send("GET", &script, &[("if-none-match", &tag)], "");
    assert_eq!(newer.status, 200);
}

#[test]
fn a_change_is_made_only_to_the_version_that_its_client_saw() {
    let server = TestServer::start();
    let new = [("if-none-match", "*")];
    let first = deploy(&server, "a", "1", &new);
    assert_eq!(first.status, 201);
    deploy(&server, "a", "2", &new).assert_error(412, "ERR_PRECONDITION_FAILED");
    let first = first.etag.unwrap();
    let second = deploy(&server, "a", "2", &[("if-match", &first)]);
    assert_eq!(second.status, 200);
    let late = [("if-match", &*first)];
    deploy(&server, "a", "3", &late).assert_error(412, "ERR_PRECONDITION_FAILED");
    deploy(&server, "b", "1", &[("if-match", "*")]).assert_error(412, "ERR_PRECONDITION_FAILED");
    let version = first.trim_matches('"');
    for (method, path) in [
        ("DELETE", "/v1/scripts/a".to_owned()),
        ("POST", "/v1/scripts/a/rollback".to_owned()),
        ("POST", format!("/v1/scripts/a/versions/{version}/activate")),
    ] {
        let refused = server.send(method, &path, &late, "");
        refused.assert_error(412, "ERR_PRECONDITION_FAILED");
    }
    assert_eq!(server.run("a", &json!({})).value(), 2);
    let second = second.etag.unwrap();
    let back = server.send("POST", "/v1/scripts/a/rollback", &[("if-match", &second)], "");
    assert_eq!((back.status, back.etag.as_deref()), (200, Some(&*first)));
    let gone = server.send("DELETE", "/v1/scripts/a", &[("if-match", &first)], "");
    assert_eq!(gone.status, 204);
}

#[test]
fn a_deploy_with_a_key_is_carried_out_once() {
    let place = tempfile::tempdir().unwrap();
    let start = || TestServer::with(ServerConfig { data: Some(place.path().into()), ..config() });
    let server = start();
    let key = [("idempotency-key", "5d1f")];
    let first = deploy(&server, "a", "1", &key);
    assert_eq!((first.status, first.replayed), (201, None));
    server.put("a", "2");
    let again = deploy(&server, "a", "1", &key);
    assert_eq!((again.status, again.replayed.as_deref()), (201, Some("true")));
    assert_eq!((again.body, again.etag), (first.body.clone(), first.etag.clone()));
    assert_eq!(server.run("a", &json!({})).value(), 2, "it was not deployed again");
    // A client that does not know whether its first try was taken has the former version's tag.
    let again = deploy(&server, "a", "1", &[("idempotency-key", "5d1f"), ("if-none-match", "*")]);
    assert_eq!(again.status, 201);
    for (name, source) in [("a", "3"), ("b", "1")] {
        let other = deploy(&server, name, source, &key);
        other.assert_error(422, "ERR_IDEMPOTENCY_KEY_REUSED");
    }
    let other_tenant =
        deploy(&server, "b", "1", &[("idempotency-key", "5d1f"), ("sandtide-tenant", "other")]);
    assert_eq!((other_tenant.status, other_tenant.replayed), (201, None));
    server.stop();

    let server = start();
    let again = deploy(&server, "a", "1", &key);
    assert_eq!((again.status, again.replayed.as_deref()), (201, Some("true")));
    assert_eq!(again.body, first.body);
}

#[test]
fn a_key_of_a_deploy_that_failed_can_be_used_again_and_other_requests_take_none() {
    let server = TestServer::start();
    let key = [("idempotency-key", "k")];
    deploy(&server, "a", "1 +", &key).assert_error(422, "ERR_SYNTAX");
    assert_eq!(deploy(&server, "a", "1", &key).status, 201);
    for bad in ["", "a b", &"x".repeat(256)] {
        let refused = deploy(&server, "a", "1", &[("idempotency-key", bad)]);
        refused.assert_error(400, "ERR_INVALID_REQUEST");
    }
    for (method, path) in [("POST", "/v1/scripts/a/runs"), ("DELETE", "/v1/scripts/a")] {
        server.send(method, path, &key, "").assert_error(400, "ERR_INVALID_REQUEST");
    }
}

#[test]
fn the_document_and_its_page_are_served_without_a_token() {
    let server = TestServer::with(ServerConfig { data: None, ..config() });
    let document = server.get("/v1/openapi.json");
    assert_eq!(document.status, 200);
    let document = document.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/v1/scripts/{name}"]["put"]["responses"]["412"].is_object());
    let page = server.get("/v1/docs");
    assert_eq!((page.status, &*page.content_type), (200, "text/html; charset=utf-8"));
    assert!(
        page.text().starts_with("<!doctype html>") && page.text().contains("/v1/scripts/{name}")
    );
    assert_eq!(server.send("POST", "/v1/docs", &[], "").status, 405);
}

fn with_secrets(place: &std::path::Path, key: Option<&str>) -> ServerConfig {
    let secret_key = key.map(|key| sandtide_server::SecretKey::parse(key).unwrap());
    ServerConfig { data: Some(place.into()), secret_key, ..config() }
}

#[test]
fn secrets_are_set_listed_and_removed_and_never_told() {
    const HIDDEN: &str = "hidden from everybody";
    let place = tempfile::tempdir().unwrap();
    let server = TestServer::with(with_secrets(place.path(), Some(&"0a".repeat(32))));
    let (text, json) = (("content-type", "text/plain"), ("content-type", "application/json"));
    let body = json!({ "value": HIDDEN }).to_string();
    let mut said = Vec::new();
    for of in ["/v1/secrets", "/v1/scripts/rules/secrets"] {
        let one = format!("{of}/API_KEY");
        said.push(server.send("PUT", &one, &[text], HIDDEN));
        assert_eq!(said.last().unwrap().status, 201);
        said.push(server.send("PUT", &one, &[json], &body));
        assert_eq!(said.last().unwrap().status, 204);
        server.send("PUT", &format!("{of}/B"), &[text], HIDDEN);
        let listed = server.get(&format!("{of}?limit=1"));
        let all = listed.json();
        assert_eq!(
            (&all["secrets"][0]["name"], &all["next_cursor"]),
            (&json!("API_KEY"), &json!("API_KEY"))
        );
        said.push(listed);
        let other = server.send("GET", of, &[("sandtide-tenant", "other")], "");
        assert_eq!(other.json(), json!({ "secrets": [] }));
        for (name, body) in [("9A", HIDDEN), ("a-b", HIDDEN), ("A", "")] {
            let refused = server.send("PUT", &format!("{of}/{name}"), &[text], body);
            assert_eq!(refused.status, 400, "{name}");
            said.push(refused);
        }
        let broken = format!("{{\"value\": \"{HIDDEN}\", \"{HIDDEN}\": 1}}");
        said.push(server.send("PUT", &one, &[json], broken));
        said.last().unwrap().assert_error(400, "ERR_INVALID_REQUEST");
        let large = "x".repeat(65_537);
        server.send("PUT", &one, &[text], large).assert_error(400, "ERR_INVALID_SECRET");
        assert_eq!(server.send("DELETE", &one, &[], "").status, 204);
        server.send("DELETE", &one, &[], "").assert_error(404, "ERR_SECRET_NOT_FOUND");
        server.get(&one).assert_error(405, "ERR_METHOD_NOT_ALLOWED");
    }
    said.push(server.get("/v1/audit"));
    let trail = said.last().unwrap().json().to_string();
    assert!(trail.contains("set-secret") && trail.contains("remove-secret"), "{trail}");
    said.push(server.get("/v1/usage"));
    said.push(server.get("/metrics"));
    for reply in said {
        assert!(!String::from_utf8_lossy(&reply.body).contains(HIDDEN), "{reply:?}");
    }
}

#[test]
fn a_server_without_a_key_keeps_no_secrets() {
    let place = tempfile::tempdir().unwrap();
    let server = TestServer::with(with_secrets(place.path(), None));
    let refused = server.send("PUT", "/v1/secrets/A", &[("content-type", "text/plain")], "x");
    refused.assert_error(403, "ERR_NO_SECRET_KEY");
    assert_eq!(server.get("/v1/secrets").json(), json!({ "secrets": [] }));
}

#[test]
fn only_a_secret_that_changed_has_scripts_built_again() {
    let place = tempfile::tempdir().unwrap();
    let server = TestServer::with(with_secrets(place.path(), Some(&"0a".repeat(32))));
    let text = [("content-type", "text/plain")];
    assert_eq!(server.send("PUT", "/v1/secrets/KEY", &text, "one").status, 201);
    let source = "export default { fetch: (request, env) => new Response(env.KEY) }";
    server.put_json("s", &json!({ "source": source, "secrets": ["KEY"] }));
    // Where it is built again its runs begin at 0.
    let runs = || server.get("/v1/scripts/s").json()["runs"]["total"].clone();
    assert_eq!(server.get("/h/s/").text(), "one");
    assert_eq!(runs(), 1);
    let too_large = "x".repeat(1 << 20);
    for (name, value, code) in
        [("KEY", &*too_large, "ERR_INVALID_SECRET"), ("no-name", "x", "ERR_INVALID_NAME")]
    {
        let refused = server.send("PUT", &format!("/v1/secrets/{name}"), &text, value);
        refused.assert_error(400, code);
    }
    let path = "/v1/scripts/s/secrets/NONE";
    server.send("DELETE", path, &[], "").assert_error(404, "ERR_SECRET_NOT_FOUND");
    assert_eq!(runs(), 1);
    assert_eq!(server.send("PUT", "/v1/secrets/KEY", &text, "two").status, 204);
    assert_eq!(runs(), 0);
    assert_eq!(server.get("/h/s/").text(), "two");
}
