//! Compiles the C side of the engine boundary (`shim/`) against the headers of the engine, which
//! `sandtide-quickjs` compiled.

const SOURCES: [&str; 6] = [
    "shim/callbacks.c",
    "shim/context.c",
    "shim/debug.c",
    "shim/entries.c",
    "shim/platform.c",
    "shim/signal.c",
];
/// Only where the runner of test262 is built.
const TEST262: &str = "shim/test262.c";
const HEADERS: [&str; 5] =
    ["shim/callbacks.h", "shim/engine.h", "shim/entry.h", "shim/named.h", "shim/shim.h"];

fn main() {
    for file in SOURCES.iter().chain(&HEADERS).chain([&TEST262]) {
        println!("cargo:rerun-if-changed={file}");
    }
    println!("cargo:rerun-if-env-changed=CARGO_CFG_SANITIZE");
    println!("cargo:rustc-check-cfg=cfg(sandtide_asan)");
    // Rust's own name for it, `cfg(sanitize)`, is not stable.
    if std::env::var("CARGO_CFG_SANITIZE").is_ok_and(|kind| kind == "address") {
        println!("cargo:rustc-cfg=sandtide_asan");
    }
    let headers = std::env::var_os("DEP_SANDTIDE_QUICKJS_INCLUDE")
        .expect("sandtide-quickjs tells where its headers are");
    cc::Build::new()
        .files(SOURCES)
        .files(std::env::var_os("CARGO_FEATURE_TEST262").map(|_| TEST262))
        .include(headers)
        .flag_if_supported("-std=gnu11")
        .warnings(true)
        .opt_level(2)
        .compile("sandtide_shim");
}
