//! Compiles the engine as one translation unit with `c/`, which needs its internals.
//!
//! The C source is that of the pinned `rquickjs-sys`. It is changed on the way by the replacements in
//! `patches.rs`, each of which must match exactly once: a new release of the engine fails the build
//! here instead of misbehaving later. The objects made here define every symbol of the engine, so the
//! linker never takes the ones that `rquickjs-sys` compiled.

mod patches;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=c");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let quickjs = engine_source(&out);
    let original = fs::read_to_string(quickjs.join("quickjs.c")).expect("quickjs.c is readable");
    let patched = patches::apply(&original);
    fs::write(out.join("quickjs_patched.c"), &patched).expect("OUT_DIR is writable");
    println!("cargo:rustc-env=SANDTIDE_ENGINE_BUILD={}", build_id(&patched));

    let mut build = cc::Build::new();
    build
        .file("c/engine.c")
        .include(&out)
        .include(&quickjs)
        .include("c")
        .define("_GNU_SOURCE", None)
        .flag_if_supported("-std=gnu11")
        // The engine's functions are called by its own callers as they are: lets gcc inline across
        // exported ones (5 % of fib(15) in process, gcc 12).
        .flag_if_supported("-fno-semantic-interposition")
        .flag_if_supported("-Wno-unused-parameter")
        .flag_if_supported("-Wno-sign-compare")
        .flag_if_supported("-Wno-missing-field-initializers")
        .flag_if_supported("-Wno-implicit-fallthrough")
        .flag_if_supported("-Wno-array-bounds")
        .flag_if_supported("-Wno-stringop-truncation")
        .opt_level(2);
    if env::var("CARGO_CFG_SANITIZE").as_deref() == Ok("address") {
        build.flag("-fsanitize=address").flag("-fno-omit-frame-pointer");
    }
    build.compile("sandtide_realm");
}

/// Tells builds apart whose cached code must not be mixed. Not a secret.
fn build_id(patched: &str) -> String {
    let mut hasher = DefaultHasher::new();
    patched.hash(&mut hasher);
    env::var("TARGET").expect("cargo sets TARGET").hash(&mut hasher);
    env::var("CARGO_PKG_VERSION").expect("cargo sets it").hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Where cargo put the source of `rquickjs-sys`: a build script is told nothing of a dependency's
/// place, so cargo is asked, about a package that depends on nothing else (of the workspace's own
/// packages it might not have everything at hand).
fn engine_source(out: &Path) -> PathBuf {
    let probe = out.join("probe");
    fs::create_dir_all(&probe).expect("OUT_DIR is writable");
    fs::write(
        probe.join("Cargo.toml"),
        "[package]\nname = \"probe\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
         [lib]\npath = \"lib.rs\"\n[dependencies]\nrquickjs-sys = \"=0.14.0\"\n[workspace]\n",
    )
    .expect("OUT_DIR is writable");
    fs::write(probe.join("lib.rs"), "").expect("OUT_DIR is writable");
    let cargo = env::var_os("CARGO").expect("cargo sets CARGO");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--offline", "--manifest-path"])
        .arg(probe.join("Cargo.toml"))
        .output()
        .expect("cargo metadata runs");
    assert!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let package = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == "rquickjs-sys")
        .expect("rquickjs-sys is a dependency");
    let manifest = package["manifest_path"].as_str().expect("a package has a manifest");
    Path::new(manifest).with_file_name("quickjs")
}
