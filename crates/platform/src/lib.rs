//! What guests find beside the language: the JavaScript halves (`js/`) and the Rust halves of the APIs,
//! and the lists that say which global comes from where.
//!
//! A [`Module`] is a script whose value is a function. An engine calls that once, when a guest first
//! touches one of the module's globals, with the module `std`, the module's natives, and the modules it
//! uses; it answers an object with the globals' values. Natives are plain functions: text, bytes and
//! numbers in and out, no state between calls. What needs the run (clocks, randomness, logs, timers)
//! is named here (`host`) and made by the engine.
//!
//! Must not know engines, arenas, HTTP or Node's modules.

#![forbid(unsafe_code)]

mod compression;
mod crypto;
mod encoding;
mod file_url;
mod inflate;
mod intl;
mod multipart;
mod temporal;
mod url;

/// An argument that a script gives to a native.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// `undefined`, `null`, and whatever is none of the others.
    Nothing,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string; lone surrogates have become U+FFFD.
    Text(String),
    /// The bytes of a `Uint8Array` or an `ArrayBuffer`.
    Bytes(Vec<u8>),
    /// The items of an array; those that are arrays are nothing.
    List(Vec<Arg>),
}

/// What a native answers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// `undefined`
    Nothing,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A string.
    Text(String),
    /// A `Uint8Array`.
    Bytes(Vec<u8>),
    /// An array.
    List(Vec<Answer>),
}

/// What a native throws: an error of the guest's own classes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// A `TypeError`.
    Type(String),
    /// A `RangeError`.
    Range(String),
    /// A `DOMException` of that name.
    Dom(&'static str, String),
}

/// A Rust half. It cannot be interrupted: its time is about linear in its arguments' lengths, which the
/// run's heap bounds and, where what is made of them is much larger, the scripts.
pub type Native = fn(&[Arg]) -> Result<Answer, Fault>;

/// A group of globals that an intrinsics policy turns on or off together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Api {
    /// `URL`, `URLSearchParams`
    Url,
    /// `URLPattern`, which is made of regular expressions
    UrlPattern,
    /// `TextEncoder`, `TextDecoder`
    Encoding,
    /// `setTimeout`, `setInterval`, and what ends them
    Timers,
    /// `Event`, `EventTarget`, `CustomEvent`, `ErrorEvent`, `AbortController`, `AbortSignal`,
    /// `reportError`
    Events,
    /// `structuredClone`
    StructuredClone,
    /// `Blob`, `File`, `FileReader`, `ProgressEvent`, `FormData`, `Headers`
    Files,
    /// The streams, with their readers, writers, controllers and strategies; streams of text and of
    /// compressed bytes; with `Files`, `Blob.prototype.stream`
    Streams,
    /// `Request`, `Response`, `fetch`, which need `Files` and `Streams`
    Bodies,
    /// `crypto`, with `crypto.subtle` and its keys
    Crypto,
    /// `performance`
    Performance,
    /// `navigator`, `self`
    Navigator,
    /// `WebAssembly`, which refuses
    WebAssembly,
    /// `Intl`, and the methods of numbers, dates and arrays that write for a locale
    Intl,
    /// `Temporal`, and `Date.prototype.toTemporalInstant`
    Temporal,
    /// The methods of `Intl`'s group where there is none: they refuse locales and options
    NoIntl,
}

/// Whether this build has `Intl` and `Temporal`.
pub const HAS_INTL: bool = cfg!(feature = "intl");

/// A script and what it needs.
#[derive(Debug)]
pub struct Module {
    /// Its name, which no guest sees.
    pub name: &'static str,
    /// A function expression.
    pub source: &'static str,
    /// The modules whose exports the function is given behind its natives, in this order.
    pub uses: &'static [&'static str],
    /// Its natives, as the script names them. At most [`MAX_NATIVES`].
    pub natives: &'static [(&'static str, Native)],
    /// What it needs of the engine, as the script names it. `use` answers the exports of the module of
    /// a name, for what most who use this one do without; `streams` whether guests have any.
    pub host: &'static [&'static str],
}

/// Natives of one module at most.
pub const MAX_NATIVES: usize = 64;

/// A global, or a method in a prototype of the language, and where it comes from.
#[derive(Debug)]
pub struct Global {
    /// Its name; that of a method is `CONSTRUCTOR.prototype.NAME`, and its module exports it by the
    /// whole of that.
    pub name: &'static str,
    /// The name of the module that exports it.
    pub module: &'static str,
    /// What turns it on.
    pub api: Api,
}

/// Run while the base image is made, before any guest: its value holds the constructors of the language
/// as they are then, and is what `std` is given.
pub const FIRST: &str = include_str!("../js/first.js");

/// The module that all others are given first. It is called with `builtin` and `method`, which make
/// the language's own functions anew (the second with `this` as the first argument), the value of
/// [`FIRST`], and what its `host` names.
pub static STD: Module = Module {
    name: "std",
    source: include_str!("../js/std.js"),
    uses: &[],
    natives: &[],
    host: &[],
};

/// The module whose exports `next`, `fire` and `forget` a run's loop calls.
pub const TIMERS: &str = "timers";

/// The module of `fetch`, whose native of the same name is the host's network.
pub const FETCH: &str = "fetch";

/// The module whose export `adapt` makes a function of a default export that is a handler.
pub const HANDLER: &str = "handler";

/// All modules but [`STD`]; those that one uses stand before it.
pub static MODULES: &[Module] = &[
    Module {
        name: "url",
        source: include_str!("../js/url.js"),
        uses: &[],
        natives: url::NATIVES,
        host: &["use"],
    },
    Module {
        name: "url_pattern",
        source: include_str!("../js/url_pattern.js"),
        uses: &[],
        natives: url::NATIVES,
        host: &[],
    },
    Module {
        name: "encoding",
        source: include_str!("../js/encoding.js"),
        uses: &[],
        natives: encoding::NATIVES,
        host: &[],
    },
    Module {
        name: TIMERS,
        source: include_str!("../js/timers.js"),
        uses: &[],
        natives: &[],
        host: &["clock"],
    },
    Module {
        name: "events",
        source: include_str!("../js/events.js"),
        uses: &[TIMERS],
        natives: &[],
        host: &["now", "report"],
    },
    Module {
        name: "clone",
        source: include_str!("../js/clone.js"),
        uses: &[],
        natives: &[],
        host: &["kind"],
    },
    Module {
        name: "misc",
        source: include_str!("../js/misc.js"),
        uses: &["events", "clone"],
        natives: &[("version", version)],
        host: &["random", "now", "origin", "use"],
    },
    Module {
        name: "crypto_key",
        source: include_str!("../js/crypto_key.js"),
        uses: &["clone"],
        natives: crypto::KEY_NATIVES,
        host: &["random"],
    },
    Module {
        name: "crypto_secret",
        source: include_str!("../js/crypto_secret.js"),
        uses: &["crypto_key"],
        natives: crypto::SECRET_NATIVES,
        host: &[],
    },
    Module {
        name: "crypto_pairs",
        source: include_str!("../js/crypto_pairs.js"),
        uses: &["crypto_key", "crypto_secret"],
        natives: crypto::PAIR_NATIVES,
        host: &[],
    },
    Module {
        name: "subtle",
        source: include_str!("../js/subtle.js"),
        uses: &["crypto_key", "crypto_secret", "crypto_pairs"],
        natives: encoding::TEXT_NATIVES,
        host: &[],
    },
    Module {
        name: "files",
        source: include_str!("../js/files.js"),
        uses: &["clone"],
        natives: encoding::TEXT_NATIVES,
        host: &["now", "origin", "random", "use", "streams"],
    },
    Module {
        name: "file_reader",
        source: include_str!("../js/file_reader.js"),
        uses: &["files", "events", TIMERS, "encoding"],
        natives: encoding::BASE64_NATIVES,
        host: &[],
    },
    Module {
        name: "base",
        source: include_str!("../js/streams/base.js"),
        uses: &[],
        natives: &[],
        host: &[],
    },
    Module {
        name: "writable",
        source: include_str!("../js/streams/writable.js"),
        uses: &["base", "events"],
        natives: &[],
        host: &[],
    },
    Module {
        name: "readable_default",
        source: include_str!("../js/streams/readable_default.js"),
        uses: &["base"],
        natives: &[],
        host: &[],
    },
    Module {
        name: "readable_bytes",
        source: include_str!("../js/streams/readable_bytes.js"),
        uses: &["base", "readable_default"],
        natives: &[],
        host: &[],
    },
    Module {
        name: "tee",
        source: include_str!("../js/streams/tee.js"),
        uses: &["base", "readable_default", "readable_bytes", "clone"],
        natives: &[],
        host: &[],
    },
    Module {
        name: "pipe",
        source: include_str!("../js/streams/pipe.js"),
        uses: &["base", "readable_default", "writable", "events"],
        natives: &[],
        host: &[],
    },
    Module {
        name: "readable",
        source: include_str!("../js/streams/readable.js"),
        uses: &["base", "readable_default"],
        natives: &[],
        host: &["use"],
    },
    Module {
        name: "transform",
        source: include_str!("../js/streams/transform.js"),
        uses: &["base", "readable_default", "readable", "writable"],
        natives: &[],
        host: &[],
    },
    Module {
        name: "text_streams",
        source: include_str!("../js/streams/text.js"),
        uses: &["transform", "encoding"],
        natives: encoding::TEXT_NATIVES,
        host: &[],
    },
    Module {
        name: "compression",
        source: include_str!("../js/streams/compression.js"),
        uses: &["transform"],
        natives: compression::NATIVES,
        host: &[],
    },
    Module {
        name: "bodies",
        source: include_str!("../js/fetch/body.js"),
        uses: &["base", "readable_default", "url", "files"],
        natives: multipart::NATIVES,
        host: &["random", "use"],
    },
    Module {
        name: "http",
        source: include_str!("../js/fetch/http.js"),
        uses: &["bodies", "url", "files", "events"],
        natives: &[],
        host: &[],
    },
    Module {
        name: FETCH,
        source: include_str!("../js/fetch/fetch.js"),
        uses: &["base", "bodies", "http", "events", "files"],
        natives: &[],
        host: &["fetch"],
    },
    Module {
        name: HANDLER,
        source: include_str!("../js/fetch/handler.js"),
        uses: &["base", "bodies", "http"],
        natives: &[],
        host: &["report"],
    },
    Module {
        name: "webassembly",
        source: include_str!("../js/webassembly.js"),
        uses: &[],
        natives: &[],
        host: &[],
    },
    #[cfg(feature = "intl")]
    Module {
        name: "intl",
        source: sandtide_intl::SOURCE,
        uses: &[],
        natives: intl::NATIVES,
        host: &["zone", "use", "time"],
    },
    #[cfg(feature = "intl")]
    Module {
        name: "temporal",
        source: sandtide_temporal::SOURCE,
        uses: &[],
        natives: temporal::NATIVES,
        host: &["zone", "use", "time"],
    },
    Module {
        name: "no_intl",
        source: include_str!("../js/no_intl.js"),
        uses: &[],
        natives: &[],
        host: &[],
    },
];

/// All lazy globals, in the order in which they are defined.
pub static GLOBALS: &[Global] = &[
    Global { name: "URL", module: "url", api: Api::Url },
    Global { name: "URLSearchParams", module: "url", api: Api::Url },
    Global { name: "URLPattern", module: "url_pattern", api: Api::UrlPattern },
    Global { name: "TextEncoder", module: "encoding", api: Api::Encoding },
    Global { name: "TextDecoder", module: "encoding", api: Api::Encoding },
    Global { name: "setTimeout", module: TIMERS, api: Api::Timers },
    Global { name: "setInterval", module: TIMERS, api: Api::Timers },
    Global { name: "clearTimeout", module: TIMERS, api: Api::Timers },
    Global { name: "clearInterval", module: TIMERS, api: Api::Timers },
    Global { name: "Event", module: "events", api: Api::Events },
    Global { name: "EventTarget", module: "events", api: Api::Events },
    Global { name: "CustomEvent", module: "events", api: Api::Events },
    Global { name: "ErrorEvent", module: "events", api: Api::Events },
    Global { name: "AbortController", module: "events", api: Api::Events },
    Global { name: "AbortSignal", module: "events", api: Api::Events },
    Global { name: "reportError", module: "events", api: Api::Events },
    Global { name: "structuredClone", module: "clone", api: Api::StructuredClone },
    Global { name: "Blob", module: "files", api: Api::Files },
    Global { name: "File", module: "files", api: Api::Files },
    Global { name: "FormData", module: "files", api: Api::Files },
    Global { name: "Headers", module: "files", api: Api::Files },
    Global { name: "FileReader", module: "file_reader", api: Api::Files },
    Global { name: "ProgressEvent", module: "file_reader", api: Api::Files },
    Global { name: "Request", module: "http", api: Api::Bodies },
    Global { name: "Response", module: "http", api: Api::Bodies },
    Global { name: "fetch", module: FETCH, api: Api::Bodies },
    Global { name: "ReadableStream", module: "readable", api: Api::Streams },
    Global { name: "ReadableStreamDefaultReader", module: "readable_default", api: Api::Streams },
    Global { name: "ReadableStreamBYOBReader", module: "readable_bytes", api: Api::Streams },
    Global {
        name: "ReadableStreamDefaultController",
        module: "readable_default",
        api: Api::Streams,
    },
    Global { name: "ReadableByteStreamController", module: "readable_bytes", api: Api::Streams },
    Global { name: "ReadableStreamBYOBRequest", module: "readable_bytes", api: Api::Streams },
    Global { name: "WritableStream", module: "writable", api: Api::Streams },
    Global { name: "WritableStreamDefaultWriter", module: "writable", api: Api::Streams },
    Global { name: "WritableStreamDefaultController", module: "writable", api: Api::Streams },
    Global { name: "TransformStream", module: "transform", api: Api::Streams },
    Global { name: "TransformStreamDefaultController", module: "transform", api: Api::Streams },
    Global { name: "ByteLengthQueuingStrategy", module: "base", api: Api::Streams },
    Global { name: "CountQueuingStrategy", module: "base", api: Api::Streams },
    Global { name: "TextEncoderStream", module: "text_streams", api: Api::Streams },
    Global { name: "TextDecoderStream", module: "text_streams", api: Api::Streams },
    Global { name: "CompressionStream", module: "compression", api: Api::Streams },
    Global { name: "DecompressionStream", module: "compression", api: Api::Streams },
    Global { name: "crypto", module: "misc", api: Api::Crypto },
    Global { name: "Crypto", module: "misc", api: Api::Crypto },
    Global { name: "CryptoKey", module: "crypto_key", api: Api::Crypto },
    Global { name: "SubtleCrypto", module: "subtle", api: Api::Crypto },
    Global { name: "performance", module: "misc", api: Api::Performance },
    Global { name: "Performance", module: "misc", api: Api::Performance },
    Global { name: "PerformanceEntry", module: "misc", api: Api::Performance },
    Global { name: "PerformanceMark", module: "misc", api: Api::Performance },
    Global { name: "PerformanceMeasure", module: "misc", api: Api::Performance },
    Global { name: "navigator", module: "misc", api: Api::Navigator },
    Global { name: "Navigator", module: "misc", api: Api::Navigator },
    Global { name: "self", module: "misc", api: Api::Navigator },
    Global { name: "WebAssembly", module: "webassembly", api: Api::WebAssembly },
    #[cfg(feature = "intl")]
    Global { name: "Intl", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "Number.prototype.toLocaleString", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "BigInt.prototype.toLocaleString", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "Date.prototype.toLocaleString", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "Date.prototype.toLocaleDateString", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "Date.prototype.toLocaleTimeString", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "Array.prototype.toLocaleString", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "TypedArray.prototype.toLocaleString", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "String.prototype.localeCompare", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "String.prototype.toLocaleUpperCase", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "String.prototype.toLocaleLowerCase", module: "intl", api: Api::Intl },
    #[cfg(feature = "intl")]
    Global { name: "Temporal", module: "temporal", api: Api::Temporal },
    #[cfg(feature = "intl")]
    Global { name: "Date.prototype.toTemporalInstant", module: "temporal", api: Api::Temporal },
    Global { name: "Number.prototype.toLocaleString", module: "no_intl", api: Api::NoIntl },
    Global { name: "BigInt.prototype.toLocaleString", module: "no_intl", api: Api::NoIntl },
    Global { name: "Date.prototype.toLocaleString", module: "no_intl", api: Api::NoIntl },
    Global { name: "Date.prototype.toLocaleDateString", module: "no_intl", api: Api::NoIntl },
    Global { name: "Date.prototype.toLocaleTimeString", module: "no_intl", api: Api::NoIntl },
    Global { name: "Array.prototype.toLocaleString", module: "no_intl", api: Api::NoIntl },
    Global { name: "TypedArray.prototype.toLocaleString", module: "no_intl", api: Api::NoIntl },
    Global { name: "String.prototype.localeCompare", module: "no_intl", api: Api::NoIntl },
    Global { name: "String.prototype.toLocaleUpperCase", module: "no_intl", api: Api::NoIntl },
    Global { name: "String.prototype.toLocaleLowerCase", module: "no_intl", api: Api::NoIntl },
];

/// `version()`: Sandtide's.
fn version(_: &[Arg]) -> Result<Answer, Fault> {
    Ok(Answer::Text(env!("CARGO_PKG_VERSION").to_owned()))
}

/// The text of an argument; empty where it is none.
fn text(args: &[Arg], index: usize) -> &str {
    match args.get(index) {
        Some(Arg::Text(text)) => text,
        _ => "",
    }
}

/// The bytes of an argument; none where it has none.
fn bytes(args: &[Arg], index: usize) -> &[u8] {
    match args.get(index) {
        Some(Arg::Bytes(bytes)) => bytes,
        _ => &[],
    }
}

/// The number of an argument; 0 where it is none.
fn number(args: &[Arg], index: usize) -> f64 {
    match args.get(index) {
        Some(Arg::Number(number)) => *number,
        _ => 0.0,
    }
}

/// Text of the engine's, where each lone surrogate (three bytes) becomes U+FFFD.
pub fn scalars(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut valid = bytes.to_vec();
    for at in 0..valid.len().saturating_sub(2) {
        // No byte of another sequence is followed by these two.
        if valid[at] == 0xed && valid[at + 1] >= 0xa0 {
            valid[at..at + 3].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    String::from_utf8_lossy(&valid).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A script without its comments.
    fn code(source: &str) -> impl Iterator<Item = &str> {
        source.lines().filter(|line| !line.trim_start().starts_with("//"))
    }

    #[test]
    fn no_script_says_what_looks_something_up_in_a_guests_prototypes() {
        let all = MODULES.iter().chain([&STD]).map(|module| (module.name, module.source));
        for (name, source) in all.chain([("first", FIRST)]) {
            for line in code(source) {
                for (what, instead) in [
                    ("${", "+, or std.toText"),
                    ("...", "apply"),
                    ("const [", "items by their numbers"),
                    ("let [", "items by their numbers"),
                    (".push(", "std.push"),
                    (".call(", "std.apply"),
                    (".then(", "std.then"),
                    ("await ", "std.then"),
                    ("yield", "a class with next"),
                    ("'TypedArray.prototype', 'slice'", "new Uint8Array, and set"),
                    ("'subarray'", "new Uint8Array(buffer, offset, length)"),
                    ("'TypedArray.prototype', 'map'", "a counted loop"),
                    ("'TypedArray.prototype', 'filter'", "a counted loop"),
                    ("'Array.prototype', 'slice'", "a counted loop"),
                    ("'Array.prototype', 'splice'", "a counted loop"),
                    ("'Array.prototype', 'map'", "a counted loop"),
                    ("'Array.prototype', 'filter'", "a counted loop"),
                    ("'Array.prototype', 'concat'", "a counted loop"),
                    ("'ArrayBuffer.prototype', 'slice'", "new Uint8Array, and set"),
                    ("'RegExp.prototype', 'test'", "a counted loop"),
                    ("'RegExp.prototype', '[", "a counted loop"),
                    ("'String.prototype', 'replace", "slice and indexOf"),
                    ("'String.prototype', 'match", "slice and indexOf"),
                    ("'String.prototype', 'search'", "indexOf"),
                    ("'String.prototype', 'split'", "slice and indexOf"),
                    (".prototype.hasOwnProperty", "std.getOwnPropertyDescriptor"),
                ] {
                    assert!(!line.contains(what), "{name}: {line}: take {instead}");
                }
                let iterates = line.contains("for (") && line.contains(" of ");
                assert!(!iterates, "{name}: {line}: take a counted loop");
            }
        }
    }

    #[test]
    fn every_global_has_a_module_and_no_module_uses_one_behind_it() {
        for global in GLOBALS {
            assert!(MODULES.iter().any(|module| module.name == global.module), "{}", global.name);
        }
        for (at, module) in MODULES.iter().enumerate() {
            assert!(module.natives.len() + module.host.len() <= MAX_NATIVES, "{}", module.name);
            for used in module.uses {
                assert!(MODULES[..at].iter().any(|other| other.name == *used), "{used}");
            }
        }
    }
}
