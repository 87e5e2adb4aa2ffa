//! Compiles QuickJS-NG, once and whole: its four C files with our changes (`patches/`), and as one
//! translation unit with `quickjs.c` the C of ours that needs its internals (`c/`).
//!
//! Must not know who links the engine. What others need of it is told by cargo's metadata:
//! `DEP_SANDTIDE_QUICKJS_INCLUDE` is a folder with the engine's headers and ours.

mod patch;
mod section;
mod source;

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The engine's C files. `quickjs.c` is included by `c/engine.c`.
const SOURCES: [&str; 4] = ["quickjs.c", "libregexp.c", "libunicode.c", "dtoa.c"];

/// Where the opcodes are, in the order of their numbers.
const OPCODES: &str = "quickjs-opcode.h";

/// The names of the opcodes of finished code.
fn opcodes(texts: &BTreeMap<String, String>) -> Vec<String> {
    let text = texts.get(OPCODES).map_or("", String::as_str);
    let names =
        text.lines().filter_map(|line| line.trim_start().strip_prefix("DEF(")?.split_once(','));
    names.map(|(name, _)| name.trim().to_owned()).collect()
}

fn main() {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=c");
    println!("cargo:rerun-if-changed=patches");
    println!("cargo:rerun-if-env-changed={}", source::OVERRIDE);
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR")).join("engine");
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let original = source::find().unwrap_or_else(|message| panic!("{message}"));
    let patches =
        patch::read_all(&manifest.join("patches")).unwrap_or_else(|message| panic!("{message}"));

    fs::create_dir_all(&out).expect("OUT_DIR is writable");
    let files = source::files(&original);
    let mut texts = source::read(&original, &files);
    let upstream = opcodes(&texts);
    for patch in &patches {
        patch.apply(&mut texts).unwrap_or_else(|message| panic!("{message}"));
    }
    let patched = opcodes(&texts);
    assert!(
        !upstream.is_empty() && patched.starts_with(&upstream),
        "a patch moves the number of an opcode, which built-ins that the engine has as bytecode are \
         made of: put new ones behind the last DEF of {OPCODES}"
    );
    for (name, text) in &texts {
        fs::write(out.join(name), text).expect("OUT_DIR is writable");
    }
    let include = manifest.join("c/include");
    for header in source::files(&include) {
        fs::copy(include.join(&header), out.join(&header)).expect("OUT_DIR is writable");
    }
    println!("cargo:include={}", out.display());

    let mut hash = Sha256::new();
    for (name, text) in &texts {
        hash_file(&mut hash, name, text.as_bytes());
    }
    hash_folder(&mut hash, &manifest.join("c"));
    let poison = env::var_os("CARGO_FEATURE_POISON").is_some();
    let sanitizer = env::var("CARGO_CFG_SANITIZE").unwrap_or_default();
    let flavour = match (poison, sanitizer.as_str()) {
        (true, _) => " poisoned",
        (false, "address") => " with AddressSanitizer",
        _ => "",
    };
    let hash: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    println!("cargo:rustc-env=SANDTIDE_ENGINE_CHANGES={hash}");
    println!(
        "cargo:rustc-env=SANDTIDE_ENGINE_TARGET={}",
        env::var("TARGET").expect("cargo sets it")
    );

    let mut build = cc::Build::new();
    for name in SOURCES.iter().filter(|name| **name != "quickjs.c") {
        build.file(out.join(name));
    }
    build
        .file("c/engine.c")
        .include(&out)
        .include("c")
        .define("_GNU_SOURCE", None)
        .define("SANDTIDE_CHANGES", format!("\"{hash}{flavour}\"").as_str())
        .flag_if_supported("-std=gnu11")
        // Nobody puts other functions in the place of the engine's: so gcc may inline exported ones
        // too (5 % of fib(15) in process, gcc 12).
        .flag_if_supported("-fno-semantic-interposition")
        .extra_warnings(false)
        // A function that is not there would be missed only by programs that link all of the engine.
        .flag("-Werror=implicit-function-declaration")
        .flag_if_supported("-Wno-array-bounds")
        .flag_if_supported("-Wno-stringop-truncation")
        .flag_if_supported("-Wno-implicit-const-int-float-conversion")
        // At -O0 tests that run bombs against the interpreter take minutes; gcc's -O2 gives it 3 to
        // 4 % over its -O3 (fib(19) in process, gcc 12).
        .opt_level(2);
    if poison {
        build.define("SANDTIDE_POISON", None);
    }
    if sanitizer == "address" {
        build.flag("-fsanitize=address").flag("-fno-omit-frame-pointer");
    }
    // Where a fuzz target is built, libFuzzer is shown which of the engine's code was reached. The
    // flag is no one's CFLAGS: the build script of this package links the engine that rquickjs-sys
    // compiled, without libFuzzer.
    if env::var_os("CARGO_CFG_FUZZING").is_some() {
        build.flag_if_supported("-fsanitize=fuzzer-no-link");
    }
    let objects = build.compile_intermediates();
    let engine =
        section::gather(&build, &objects, &out).unwrap_or_else(|message| panic!("{message}"));
    cc::Build::new().object(engine).compile("sandtide_quickjs");
}

/// Names and lengths are hashed too, so that no two sets of files are taken for one another.
fn hash_file(hash: &mut Sha256, name: &str, bytes: &[u8]) {
    hash.update((name.len() as u64).to_le_bytes());
    hash.update(name.as_bytes());
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

fn hash_folder(hash: &mut Sha256, folder: &Path) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder of this package is readable")
        .map(|entry| entry.expect("a folder of this package is readable").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            hash_folder(hash, &path);
        } else {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            hash_file(hash, &name, &fs::read(&path).expect("a file of this package is readable"));
        }
    }
}
