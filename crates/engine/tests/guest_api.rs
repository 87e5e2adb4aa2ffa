//! `docs/guest-api.md` tells what a guest finds: made here from a guest's own globals and from
//! `docs/guest-api/notes.txt`, which says what is limited, and why what is missing is.

mod common;

use common::*;
use sandtide_engine::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What the Minimum Common Web API (ECMA-429) asks for.
const COMMON: &str = "AbortController AbortSignal Blob ByteLengthQueuingStrategy CompressionStream \
    CountQueuingStrategy Crypto CryptoKey CustomEvent DecompressionStream DOMException ErrorEvent Event EventTarget \
    File FormData Headers MessageChannel MessagePort Performance PromiseRejectionEvent \
    ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest \
    ReadableStreamDefaultController ReadableStreamDefaultReader Request Response SubtleCrypto TextDecoder \
    TextDecoderStream TextEncoder TextEncoderStream TransformStream TransformStreamDefaultController URL URLPattern \
    URLSearchParams WebAssembly WritableStream WritableStreamDefaultController WritableStreamDefaultWriter atob btoa clearInterval clearTimeout console crypto fetch navigator \
    performance queueMicrotask reportError self setInterval setTimeout structuredClone";

/// Names of a global and its prototype, as `name` and `#name`.
const MEMBERS: &str = "
    (name) => {
      const names = (object, sign) => object === null || (typeof object !== 'object' && typeof object !== 'function') ? []
        : Reflect.ownKeys(object).filter((key) => typeof key === 'string' &&
            !['length', 'prototype', 'constructor', 'arguments', 'caller'].includes(key) &&
            (sign || key !== 'name')).map((key) => sign + key);
      const value = globalThis[name];
      if (value === globalThis) return [];
      const of = typeof value === 'function' ? value.prototype : Object.getPrototypeOf(Object(value));
      const own = Object(value) === value && of !== Object.prototype && of !== Function.prototype ? names(of, '#') : [];
      return [...names(value, ''), ...own].filter((key) => !/^#?[A-Z_]+(_ERR)?$/.test(key));
    }";

struct Note {
    absent: bool,
    text: String,
}

fn notes(text: &str) -> BTreeMap<String, Note> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let note = |line: &str| {
        let mut parts = line.splitn(3, ": ");
        let (name, kind, text) = (parts.next()?, parts.next()?, parts.next()?);
        let absent = match kind {
            "absent" => true,
            "limited" => false,
            _ => return None,
        };
        Some((name.to_owned(), Note { absent, text: text.to_owned() }))
    };
    lines.map(|line| note(line).unwrap_or_else(|| panic!("not a note: {line}"))).collect()
}

#[test]
#[cfg_attr(not(feature = "intl"), ignore = "the page is that of builds with Intl")]
fn the_page_of_the_guests_globals_is_up_to_date() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let notes = notes(&fs::read_to_string(docs.join("guest-api/notes.txt")).unwrap());
    let mut bench = Bench::base();
    let there = |bench: &mut Bench, name: &str| {
        bench.eval(&format!("typeof {name} !== 'undefined'")) == Value::Bool(true)
    };
    for (name, note) in &notes {
        assert_eq!(there(&mut bench, name), !note.absent, "{name} is not as its note says");
    }
    let platform = sandtide_platform::GLOBALS
        .iter()
        .map(|global| global.name)
        .filter(|name| !name.contains('.'));
    let mut names: Vec<&str> =
        platform.chain(["console", "atob", "btoa", "queueMicrotask", "DOMException"]).collect();
    names.sort_unstable_by_key(|name| (name.to_lowercase(), *name));
    let missing: Vec<&str> =
        COMMON.split_ascii_whitespace().filter(|name| !names.contains(name)).collect();
    for name in &missing {
        assert!(
            notes.get(*name).is_some_and(|note| note.absent),
            "{name} is missing without a why"
        );
    }
    let all = bench.eval("Object.getOwnPropertyNames(globalThis).sort()");
    let language: Vec<&str> =
        items(&all).iter().map(text).filter(|name| !names.contains(name)).collect();

    let mut page = String::from(
        "# What a guest finds\n\n\
         The globals of a script under `sandtide run`, `sandtide serve` and the crate `sandtide`. This page is\n\
         made by a test (`crates/engine/tests/guest_api.rs`), which fails when it is out of date, from a\n\
         guest's own globals and from [notes](guest-api/notes.txt); `SANDTIDE_WRITE_PAGES=1 cargo test -p\n\
         sandtide-engine --test guest_api` writes it anew. `#` stands before members of a prototype. Each group\n\
         can be turned off by `Intrinsics`; what is not touched costs nothing.\n\n\
         ## Beside the language\n\n| global | members | limits |\n|---|---|---|\n",
    );
    for name in &names {
        let members = bench.eval(&format!("({MEMBERS})({name:?}).join(', ')"));
        let members = match text(&members) {
            "" => String::new(),
            list => format!("`{list}`"),
        };
        let limits = notes.get(*name).map_or("", |note| &note.text);
        writeln!(page, "| `{name}` | {members} | {limits} |").unwrap();
    }
    page.push_str("\n## Not there\n\n| global | why |\n|---|---|\n");
    for (name, note) in notes.iter().filter(|(_, note)| note.absent) {
        writeln!(page, "| `{name}` | {} |", note.text).unwrap();
    }
    let found = COMMON.split_ascii_whitespace().count();
    write!(
        page,
        "\nOf the {found} globals of the Minimum Common Web API (ECMA-429), {} are there.\n\n\
         ## Of the language\n\n{}.\n\nWhat of it differs from the standard: [language.md](language.md).\n",
        found - missing.len(),
        language.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    )
    .unwrap();

    let file = docs.join("guest-api.md");
    if std::env::var_os("SANDTIDE_WRITE_PAGES").is_some() {
        fs::write(&file, &page).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&file).unwrap_or_default(),
        page,
        "docs/guest-api.md is out of date: SANDTIDE_WRITE_PAGES=1 cargo test -p sandtide-engine --test guest_api"
    );
}
