//! Tokens against the real port: who may ask what, and how tokens come and go.

mod common;

use std::path::Path;

use common::{Reply, TestServer, config};
use sandtide_server::{Server, ServerConfig, TokenPolicy};
use sandtide_store::{Role, Secret, SqliteStore, Store};
use serde_json::{Value as Json, json};

/// Makes a store with a token, as an operator does before the server is started again.
fn with_token(directory: &Path, role: Role, expires_ms: Option<i64>) -> String {
    let store = SqliteStore::open(directory, Default::default()).unwrap();
    let secret = Secret::generate().unwrap();
    let record = secret.record(role, "", expires_ms).unwrap();
    store.add_token(record, "test".to_owned()).wait().unwrap();
    secret.text().to_owned()
}

fn kept_in(directory: &Path) -> ServerConfig {
    ServerConfig { data: Some(directory.to_owned()), ..config() }
}

struct Client<'a>(&'a TestServer, String);

impl Client<'_> {
    fn send(&self, method: &str, path: &str, tenant: Option<&str>, body: &str) -> Reply {
        let bearer = format!("Bearer {}", self.1);
        let mut headers = vec![("authorization", &*bearer)];
        headers.extend(tenant.map(|tenant| ("sandtide-tenant", tenant)));
        if !body.is_empty() {
            let json = body.starts_with('{');
            headers
                .push(("content-type", if json { "application/json" } else { "text/javascript" }));
        }
        self.0.send(method, path, &headers, body)
    }

    fn get(&self, path: &str) -> Reply {
        self.send("GET", path, None, "")
    }

    fn create(&self, body: &Json) -> Reply {
        self.send("POST", "/v1/tokens", None, &body.to_string())
    }
}

#[test]
fn the_tenant_follows_from_the_token() {
    let directory = tempfile::tempdir().unwrap();
    let admin = with_token(directory.path(), Role::Admin, None);
    let a = with_token(directory.path(), Role::Tenant("a".to_owned()), None);
    let server = TestServer::with(kept_in(directory.path()));
    let (admin, a) = (Client(&server, admin), Client(&server, a));
    assert_eq!(a.send("PUT", "/v1/scripts/s", None, "'of a'").status, 201);
    assert_eq!(a.send("PUT", "/v1/scripts/s", Some("a"), "'of a'").status, 200);
    a.send("PUT", "/v1/scripts/s", Some("b"), "1").assert_error(403, "ERR_TENANT_OF_TOKEN");
    a.send("GET", "/v1/usage", Some("default"), "").assert_error(403, "ERR_TENANT_OF_TOKEN");
    assert_eq!(a.get("/v1/usage").json()["tenant"], "a");
    assert_eq!(admin.send("POST", "/v1/scripts/s/runs", Some("a"), "{}").value(), "of a");
    assert_eq!(admin.get("/v1/usage").json()["tenant"], "default");
    admin.get("/v1/scripts/s").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
}

#[test]
fn where_tokens_were_made_every_route_but_health_needs_one() {
    let directory = tempfile::tempdir().unwrap();
    let token = with_token(directory.path(), Role::Tenant("a".to_owned()), None);
    let expired = with_token(directory.path(), Role::Admin, Some(1));
    let server = TestServer::with(kept_in(directory.path()));
    let routes = [
        ("GET", "/v1/scripts"),
        ("GET", "/v1/usage"),
        ("GET", "/v1/errors"),
        ("GET", "/v1/tenants"),
        ("PUT", "/v1/scripts/s"),
        ("DELETE", "/v1/scripts/s"),
        ("GET", "/v1/scripts/s/versions"),
        ("POST", "/v1/scripts/s/rollback"),
        ("POST", "/v1/scripts/s/runs"),
        ("POST", "/v1/runs"),
        ("POST", "/v1/profile"),
        ("POST", "/v1/scripts/s/debug"),
        ("GET", "/v1/audit"),
        ("GET", "/v1/tokens"),
        ("GET", "/metrics"),
    ];
    for (method, path) in routes {
        server.send(method, path, &[], "").assert_error(401, "ERR_TOKEN_MISSING");
        let basic = [("authorization", "Basic YTpi")];
        server.send(method, path, &basic, "").assert_error(401, "ERR_TOKEN_MISSING");
        for wrong in [&expired, "sandtide_", &format!("{}A", &token[..token.len() - 1])] {
            let wrong = if *wrong == token {
                format!("{}B", &token[..token.len() - 1])
            } else {
                wrong.to_string()
            };
            Client(&server, wrong)
                .send(method, path, None, "")
                .assert_error(401, "ERR_TOKEN_INVALID");
        }
    }
    for path in ["/healthz", "/livez", "/readyz"] {
        assert_eq!(server.get(path).status, 200, "{path}");
    }
    assert_eq!(Client(&server, token).get("/v1/scripts").status, 200);
}

#[test]
fn on_loopback_no_token_is_needed_until_one_was_made_and_one_that_is_wrong_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let first = SqliteStore::open(directory.path(), Default::default()).unwrap();
    let admin = first.make_first_token().wait().unwrap().unwrap().text().to_owned();
    drop(first);
    let kept = ServerConfig { totals: false, ..kept_in(directory.path()) };
    let server = TestServer::with(kept);
    assert_eq!(server.put("s", "1").status, 201);
    let headers = [("authorization", "Basic YTpi"), ("sandtide-tenant", "x")];
    assert_eq!(server.send("GET", "/v1/usage", &headers, "").json()["tenant"], "x");
    Client(&server, "sandtide_x".to_owned())
        .get("/v1/usage")
        .assert_error(401, "ERR_TOKEN_INVALID");
    // What outlives the moment is made by a token only.
    server.get("/v1/tokens").assert_error(401, "ERR_TOKEN_MISSING");
    // Without a token the trail is the named tenant's.
    let x = [("sandtide-tenant", "x")];
    assert_eq!(server.send("GET", "/v1/audit", &x, "").json(), json!({"entries": []}));
    let of_default = server.get("/v1/audit").json();
    let of_default = of_default["entries"].as_array().unwrap();
    assert_eq!((of_default.len(), &of_default[0]["actor"]), (1, &json!("anybody")));
    // As what all tenants have together.
    server.get("/metrics").assert_error(401, "ERR_TOKEN_MISSING");
    server.post("/v1/tokens", &json!({"role": "admin"})).assert_error(401, "ERR_TOKEN_MISSING");

    let admin = Client(&server, admin);
    assert_eq!(admin.create(&json!({"role": "tenant", "tenant": "a"})).status, 201);
    server.get("/v1/usage").assert_error(401, "ERR_TOKEN_MISSING");
    server.stop();
    let open = ServerConfig { tokens: TokenPolicy::Never, ..kept_in(directory.path()) };
    assert_eq!(TestServer::with(open).get("/v1/usage").status, 200);
}

#[test]
fn an_admin_makes_lists_and_revokes_tokens_and_the_trail_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let admin = with_token(directory.path(), Role::Admin, None);
    let server = TestServer::with(kept_in(directory.path()));
    let admin = Client(&server, admin);
    let wanted = json!({"role": "tenant", "tenant": "a", "label": "CI", "expires_in_s": 3600});
    let made = admin.create(&wanted);
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let a = Client(&server, made["token"].as_str().unwrap().to_owned());
    assert_eq!(a.get("/v1/usage").json()["tenant"], "a");
    let metrics = admin.create(&json!({"role": "metrics"})).json();
    let metrics = Client(&server, metrics["token"].as_str().unwrap().to_owned());
    assert_eq!(metrics.get("/metrics").status, 200);
    assert_eq!(admin.get("/metrics").status, 200);
    a.get("/metrics").assert_error(403, "ERR_TOKEN_NOT_ALLOWED");
    metrics.get("/v1/usage").assert_error(403, "ERR_TOKEN_NOT_ALLOWED");
    metrics.get("/v1/tokens").assert_error(403, "ERR_TOKEN_NOT_ALLOWED");

    for (body, code) in [
        (json!({"role": "tenant"}), "ERR_INVALID_REQUEST"),
        (json!({"role": "admin", "tenant": "a"}), "ERR_INVALID_REQUEST"),
        (json!({"role": "owner"}), "ERR_INVALID_REQUEST"),
        (json!({"role": "admin", "days": 1}), "ERR_INVALID_REQUEST"),
        (json!({"role": "tenant", "tenant": "a b"}), "ERR_INVALID_TENANT"),
        (json!({"role": "admin", "label": "a\nb"}), "ERR_INVALID_LABEL"),
    ] {
        admin.create(&body).assert_error(400, code);
    }
    a.create(&json!({"role": "admin"})).assert_error(403, "ERR_TOKEN_NOT_ALLOWED");
    a.get("/v1/tokens").assert_error(403, "ERR_TOKEN_NOT_ALLOWED");

    let listed = admin.get("/v1/tokens");
    assert!(!listed.text().contains(&a.1[30..]), "no secret is listed");
    let listed = listed.json();
    let one = |id: &Json| {
        let all = listed["tokens"].as_array().unwrap();
        all.iter().find(|one| one["id"] == *id).unwrap().clone()
    };
    let shown = one(&made["id"]);
    assert_eq!((&shown["label"], &shown["tenant"]), (&json!("CI"), &json!("a")));
    assert_eq!(
        shown["expires_ms"].as_i64().unwrap() / 10_000,
        (shown["created_ms"].as_i64().unwrap() + 3_600_000) / 10_000,
    );

    a.send("PUT", "/v1/scripts/s", None, "1");
    let path = format!("/v1/tokens/{}", made["id"].as_str().unwrap());
    a.send("DELETE", &path, None, "").assert_error(403, "ERR_TOKEN_NOT_ALLOWED");
    assert_eq!(admin.send("DELETE", &path, None, "").status, 204);
    a.get("/v1/usage").assert_error(401, "ERR_TOKEN_INVALID");
    admin.send("DELETE", &path, None, "").assert_error(404, "ERR_TOKEN_NOT_FOUND");

    let trail = |path: &str| admin.get(path).json();
    let actions = |reply: &Json| {
        let all = reply["entries"].as_array().unwrap();
        all.iter().map(|one| one["action"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let newest = trail("/v1/audit?limit=3");
    assert_eq!(actions(&newest), ["revoke-token", "deploy", "create-token"]);
    assert_eq!(newest["entries"][1]["actor"], format!("token {}", made["id"].as_str().unwrap()));
    let rest = trail(&format!("/v1/audit?cursor={}", newest["next_cursor"].as_str().unwrap()));
    assert_eq!(actions(&rest), ["create-token", "create-token"]);
    assert!(rest.get("next_cursor").is_none());
    let of_a = admin.send("GET", "/v1/audit", Some("a"), "").json();
    assert_eq!(actions(&of_a), ["revoke-token", "deploy", "create-token"]);
    admin.get("/v1/audit?limit=0").assert_error(400, "ERR_INVALID_REQUEST");
}

#[test]
fn a_tenant_reads_its_own_part_of_the_trail() {
    let directory = tempfile::tempdir().unwrap();
    let a = with_token(directory.path(), Role::Tenant("a".to_owned()), None);
    let b = with_token(directory.path(), Role::Tenant("b".to_owned()), None);
    let server = TestServer::with(kept_in(directory.path()));
    let (a, b) = (Client(&server, a), Client(&server, b));
    a.send("PUT", "/v1/scripts/s", None, "1");
    b.send("PUT", "/v1/scripts/t", None, "1");
    for (client, tenant) in [(&a, "a"), (&b, "b")] {
        let entries = client.get("/v1/audit").json()["entries"].as_array().unwrap().clone();
        assert_eq!(entries.len(), 2, "{entries:?}");
        assert!(entries.iter().all(|entry| entry["tenant"] == tenant), "{entries:?}");
    }
}

#[tokio::test]
async fn a_server_to_which_nobody_could_say_anything_is_not_started() {
    let everywhere = ([0, 0, 0, 0], 0).into();
    for config in [
        ServerConfig { listen: everywhere, ..config() },
        ServerConfig { tokens: TokenPolicy::Always, ..config() },
    ] {
        let Err(error) = Server::bind(config).await else { panic!("it was started") };
        assert_eq!(error.code(), "ERR_CONFIG");
        assert!(error.to_string().contains("--data DIR"), "{error}");
    }
    let open = ServerConfig { listen: everywhere, tokens: TokenPolicy::Never, ..config() };
    assert!(Server::bind(open).await.is_ok());
    let directory = tempfile::tempdir().unwrap();
    let kept = ServerConfig { listen: everywhere, ..kept_in(directory.path()) };
    let server = Server::bind(kept).await.unwrap();
    assert!(server.first_token().is_some_and(|token| token.starts_with("sandtide_")));
}
