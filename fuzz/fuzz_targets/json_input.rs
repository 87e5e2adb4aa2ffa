//! Bytes as the JSON text of a run's input are accepted exactly when `serde_json` takes them for
//! JSON, and then are the value that it reads.
//!
//! Where the two differ, and the engine is right by ECMA-404 or by `JSON.parse`:
//! - A number beyond f64, such as `1e999`, is an infinity in JavaScript; `serde_json` has none and
//!   refuses it, unless it only skims the text, as it does here.
//! - A lone surrogate written as `\ud800` is a string in JavaScript. It is accepted as input, but
//!   no value with it can cross out.
//! - Properties that are array indices come first in an object of JavaScript.
//! - How deep a text may nest is bounded by the stack of the run, and by [`MAX_DEPTH`] on the way
//!   out; `serde_json` has a bound of its own, where it makes values. Deep texts must only end.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sandtide_engine::{Error, HeapImage, Input, Instance, MAX_DEPTH, Request, Value};
use sandtide_fuzz::{instance, module, same};
use serde::de::IgnoredAny;
use std::cell::RefCell;

thread_local! {
    static SETTING: RefCell<(Instance, HeapImage)> = RefCell::new({
        let mut instance = instance();
        let image = module(&mut instance, "export default x => x", vec![]);
        (instance, image)
    });
}

/// An upper bound: brackets in strings count too.
fn may_nest(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| matches!(byte, b'[' | b'{')).count()
}

/// The value that JavaScript makes of what `serde_json` read.
fn value(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Bool(flag),
        serde_json::Value::Number(number) => {
            Value::Number(number.as_f64().expect("no such feature"))
        }
        serde_json::Value::String(text) => Value::String(text),
        serde_json::Value::Array(items) => Value::Array(items.into_iter().map(value).collect()),
        serde_json::Value::Object(entries) => {
            let mut entries: Vec<_> = entries.into_iter().map(|(k, v)| (k, value(v))).collect();
            entries.sort_by_key(|(key, _)| {
                let index = key.parse::<u32>().ok().filter(|index| *index != u32::MAX);
                index.filter(|index| index.to_string() == *key).map_or(u64::MAX, u64::from)
            });
            Value::Object(entries)
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let input = Some(Input::Json(bytes.to_vec()));
    let outcome = SETTING.with_borrow_mut(|(instance, image)| {
        instance.run(image, &Request { input, ..Request::default() })
    });
    if may_nest(bytes) > MAX_DEPTH {
        return;
    }
    // Skimming does not look at whether strings are UTF-8.
    let is_json = std::str::from_utf8(bytes)
        .is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    match outcome.result {
        Ok(found) => {
            assert!(is_json, "it is no JSON, and was read as {found:?}");
            if let Ok(json) = serde_json::from_slice(bytes) {
                let expected = value(json);
                assert!(same(&found, &expected), "{found:?} instead of {expected:?}");
            }
        }
        Err(Error::InvalidJson { message, .. }) => assert!(!is_json, "refused: {message}"),
        Err(Error::NotCrossable { what, .. }) => {
            assert!(is_json && what.contains("lone surrogate"), "{what}");
        }
        Err(error) => panic!("{error}"),
    }
});
