//! What the server tells of its scripts' memory over time and by version.

mod common;

use common::{TestServer, config};
use sandtide::Limits;
use sandtide_server::{Isolation, ServerConfig};
use serde_json::json;

/// A server whose runs are on threads of its own.
fn on_threads() -> TestServer {
    let limits = Limits { heap: 8 << 20, ..Limits::default() };
    TestServer::with(ServerConfig { isolation: Isolation::Thread, limits, ..config() })
}

#[test]
fn the_version_that_made_memory_rise_is_named() {
    let server = on_threads();
    let versions = [
        "function f() { return 1 } f()",
        "function f() { return 2 } f()",
        "const all = []; for (let i = 0; i < 20000; i++) all.push({ i }); all.length",
    ];
    let mut hashes = Vec::new();
    for source in versions {
        let deployed = server.put("rule", source);
        hashes.push(deployed.json()["version"].clone());
        for _ in 0..5 {
            assert_eq!(server.run("rule", &json!({})).status, 200);
        }
    }
    let told = server.get("/v1/scripts/rule/memory").json();
    assert_eq!(told["version"], hashes[2]);
    let seen = told["versions"].as_array().unwrap();
    assert_eq!(
        seen.iter().map(|seen| &seen["version"]).collect::<Vec<_>>(),
        hashes.iter().collect::<Vec<_>>()
    );
    assert!(seen.iter().all(|seen| seen["runs"] == 5 && seen["minutes"][0]["since_ms"].is_u64()));
    let rises = told["rises"].as_array().unwrap();
    let of_peak = rises.iter().filter(|rise| rise["what"] == "peak_heap_bytes").collect::<Vec<_>>();
    let [rise] = of_peak[..] else { panic!("{told}") };
    assert_eq!((&rise["version"], &rise["after"]), (&hashes[2], &hashes[1]));
    assert!(rise["now"].as_u64() > rise["before"].as_u64());
    server.get("/v1/scripts/none/memory").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    server.post("/v1/scripts/rule/memory", &json!({})).assert_error(405, "ERR_METHOD_NOT_ALLOWED");
}
