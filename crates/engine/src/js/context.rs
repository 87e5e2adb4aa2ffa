//! Making a context: the chosen built-ins, and the helpers that value crossing keeps.

use super::cx::{Cx, Js};
use super::guard::Guard;
use super::raw::*;
use crate::error::Error;
use sandtide_platform::Api;
use std::ffi::CStr;
use std::ptr;

/// Which of the language's optional built-ins a guest finds. What is turned off is not there.
///
/// Never there, whatever is chosen: `SharedArrayBuffer` and `Atomics`, files, modules of the
/// system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Intrinsics {
    /// `eval` and the constructors that compile text (`Function` and its kin).
    pub eval: bool,
    /// `Date`
    pub date: bool,
    /// `RegExp` and regular-expression literals.
    pub regexp: bool,
    /// `JSON`
    pub json: bool,
    /// `Proxy` and `Reflect` traps.
    pub proxy: bool,
    /// `Map`, `Set`, `WeakMap`, `WeakSet`
    pub map_set: bool,
    /// `ArrayBuffer`, the typed arrays, `DataView`
    pub typed_arrays: bool,
    /// `WeakRef` and `FinalizationRegistry`
    pub weak_ref: bool,
    /// `atob` and `btoa`
    pub base64: bool,
    /// `performance`, and the run's clock wherever else a guest could read it: times of events and
    /// files, `console.time`. Not that of timers, which `timers` turns off, nor `Date`'s.
    pub performance: bool,
    /// `URL`, `URLSearchParams` and, where there are regular expressions, `URLPattern`
    pub url: bool,
    /// `TextEncoder` and `TextDecoder`; they need the typed arrays.
    pub encoding: bool,
    /// `setTimeout`, `setInterval` and what ends them.
    pub timers: bool,
    /// `Event`, `EventTarget`, `CustomEvent`, `AbortController`, `AbortSignal`, `reportError`
    pub events: bool,
    /// `structuredClone`; it needs maps.
    pub structured_clone: bool,
    /// `Blob`, `File`, `FormData`, `Headers`; they need the typed arrays. With `streams` also `Request`
    /// and `Response`.
    pub files: bool,
    /// `ReadableStream`, `WritableStream`, `TransformStream`, what belongs to them, and the streams of
    /// text and of compressed bytes; they need the typed arrays. With `files` also `Request`, `Response`
    /// and `Blob.prototype.stream`.
    pub streams: bool,
    /// `crypto`; it needs the typed arrays.
    pub crypto: bool,
    /// `navigator` and `self`
    pub navigator: bool,
    /// `WebAssembly`, which refuses whatever it is given; it needs the typed arrays.
    pub web_assembly: bool,
    /// `Intl`, and locales and options of methods such as `toLocaleString`, which throw without it;
    /// where every group beside the language is off, these methods are the language's own, which
    /// ignore them. Without effect in builds that leave `Intl` out.
    pub intl: bool,
    /// `Temporal` and `Date.prototype.toTemporalInstant`; they need `intl` and `date`.
    pub temporal: bool,
}

impl Default for Intrinsics {
    fn default() -> Intrinsics {
        Intrinsics {
            eval: true,
            date: true,
            regexp: true,
            json: true,
            proxy: true,
            map_set: true,
            typed_arrays: true,
            weak_ref: true,
            base64: true,
            performance: true,
            url: true,
            encoding: true,
            timers: true,
            events: true,
            structured_clone: true,
            files: true,
            streams: true,
            crypto: true,
            navigator: true,
            web_assembly: true,
            intl: true,
            temporal: true,
        }
    }
}

impl Intrinsics {
    /// Nothing but the language's core: objects, functions, arrays, strings, numbers, promises.
    pub fn minimal() -> Intrinsics {
        Intrinsics {
            eval: false,
            date: false,
            regexp: false,
            json: false,
            proxy: false,
            map_set: false,
            typed_arrays: false,
            weak_ref: false,
            base64: false,
            performance: false,
            url: false,
            encoding: false,
            timers: false,
            events: false,
            structured_clone: false,
            files: false,
            streams: false,
            crypto: false,
            navigator: false,
            web_assembly: false,
            intl: false,
            temporal: false,
        }
    }

    /// Turns off all that is not the language: the lazy globals of every group.
    pub fn take_platform_away(&mut self) {
        *self = Intrinsics {
            eval: self.eval,
            date: self.date,
            regexp: self.regexp,
            json: self.json,
            proxy: self.proxy,
            map_set: self.map_set,
            typed_arrays: self.typed_arrays,
            weak_ref: self.weak_ref,
            base64: self.base64,
            ..Intrinsics::minimal()
        };
    }

    /// Whether a guest finds the lazy globals of this group.
    pub(crate) fn has(self, api: Api) -> bool {
        match api {
            Api::Url => self.url,
            Api::UrlPattern => self.url && self.regexp,
            Api::Encoding => self.encoding && self.typed_arrays,
            Api::Timers => self.timers,
            Api::Events => self.events,
            Api::StructuredClone => self.structured_clone && self.map_set,
            Api::Files => self.files && self.typed_arrays,
            Api::Streams => self.streams && self.typed_arrays,
            Api::Bodies => self.files && self.streams && self.typed_arrays,
            Api::Crypto => self.crypto && self.typed_arrays,
            Api::Performance => self.performance,
            Api::Navigator => self.navigator,
            Api::WebAssembly => self.web_assembly && self.typed_arrays,
            Api::Intl => self.intl && sandtide_platform::HAS_INTL,
            Api::Temporal => self.temporal && self.date && self.has(Api::Intl),
            Api::NoIntl => !self.has(Api::Intl) && self.has_platform(),
            // A group that the list of switches does not know is nobody's.
            _ => false,
        }
    }

    /// Whether a guest finds any lazy global at all.
    pub(crate) fn has_platform(self) -> bool {
        let mut globals = sandtide_platform::GLOBALS.iter();
        globals.any(|global| global.api != Api::NoIntl && self.has(global.api))
    }

    /// `DOMException` is there where anything throws one.
    fn dom_exception(self) -> bool {
        self.base64 || self.has_platform()
    }

    /// The bits of `enum st_intrinsic`. Promises are always there: asynchronous functions and
    /// modules need them.
    fn bits(self) -> u32 {
        let chosen = [
            self.date,
            self.regexp,
            self.json,
            self.proxy,
            self.map_set,
            self.typed_arrays,
            true,
            self.weak_ref,
            self.base64,
            self.dom_exception(),
        ];
        chosen.iter().enumerate().fold(0, |bits, (bit, &on)| bits | (u32::from(on) << bit))
    }
}

/// Functions that the Rust side calls. They lie in the base image, and so in every other one.
#[derive(Clone, Copy)]
pub(crate) struct Helpers {
    pub(crate) map_entries: JSValue,
    pub(crate) set_items: JSValue,
    pub(crate) make_map: JSValue,
    pub(crate) make_set: JSValue,
    pub(crate) make_bigint: JSValue,
    pub(crate) bigint_hex: JSValue,
    pub(crate) date_ms: JSValue,
    pub(crate) typed_length: JSValue,
    /// Whether guests may read the run's clock.
    pub(crate) clock: bool,
    /// Whether guests have streams.
    pub(crate) streams: bool,
    /// What `platform` keeps; undefined where the policy has none of it.
    pub(crate) platform: JSValue,
}

/// A fresh context in the arena that `guard` belongs to.
///
/// # Safety
/// The guard's heap is initialised and empty, and both outlive the result.
pub(crate) unsafe fn make(guard: *mut Guard, intrinsics: Intrinsics) -> Result<Cx, Error> {
    let failed = || Error::System {
        action: "making a JavaScript context",
        message: "the arena is too small for the built-ins".to_owned(),
    };
    // SAFETY: the guard is the caller's; the entry is abandoned where memory does not suffice.
    let ctx = unsafe { st_new_context(guard, intrinsics.bits()) };
    if ptr::eq(ctx, ptr::null()) {
        return Err(failed());
    }
    // SAFETY: guard and context are fresh and belong together.
    Ok(unsafe { Cx::new(guard, ctx) })
}

/// Compiles the helpers, and answers their values.
pub(crate) fn make_helpers(cx: Cx) -> Js<Helpers> {
    let list = run_script(cx, c"sandtide:helpers", concat!(include_str!("helpers.js"), "\0"))?;
    let get = |index| cx.get_index(list, index);
    let helpers = Helpers {
        map_entries: get(0)?,
        set_items: get(1)?,
        make_map: get(2)?,
        make_set: get(3)?,
        make_bigint: get(4)?,
        bigint_hex: get(5)?,
        date_ms: get(6)?,
        typed_length: get(7)?,
        clock: true,
        streams: true,
        platform: JS_UNDEFINED,
    };
    cx.free(list);
    Ok(helpers)
}

/// Runs a script of our own; `source` ends in a NUL byte. Its functions keep neither their text nor
/// their line numbers, which every image and every restore would carry.
pub(crate) fn run_script(cx: Cx, file: &CStr, source: &str) -> Js<JSValue> {
    let flags = JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY;
    let code = cx.eval(source.as_bytes(), file, 1, flags)?;
    let stripped = cx.strip(code)?;
    cx.free(code);
    let value = cx.eval_function(stripped)?;
    cx.free(stripped);
    Ok(value)
}
