//! Bytes as the JSON text of a run's input are accepted exactly when `serde_json` reads a value from
//! them, and then are that value. Properties that are array indices come first in an object of
//! JavaScript. Texts that may nest deeper than [`MAX_DEPTH`] must only end.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sandtide_engine::{Error, HeapImage, Input, Instance, MAX_DEPTH, Request, Value};
use sandtide_fuzz::{instance, module, same};
use serde::Deserialize;
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

fuzz_target!(init: sandtide_fuzz::check_engine(), |bytes: &[u8]| {
    let input = Some(Input::Json(bytes.to_vec()));
    let outcome = SETTING.with_borrow_mut(|(instance, image)| {
        instance.run(image, &Request { input, ..Request::default() })
    });
    if may_nest(bytes) > MAX_DEPTH {
        return;
    }
    // Its own limit of depth is half of that of an input.
    let mut json = serde_json::Deserializer::from_slice(bytes);
    json.disable_recursion_limit();
    let expected = serde_json::Value::deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value))
        .ok()
        .filter(|_| std::str::from_utf8(bytes).is_ok())
        .map(value);
    match outcome.result {
        Ok(found) => {
            let expected = expected.unwrap_or_else(|| panic!("no JSON, and read as {found:?}"));
            assert!(same(&found, &expected), "{found:?} instead of {expected:?}");
        }
        Err(Error::InvalidJson { message, .. }) => {
            assert!(expected.is_none(), "refused: {message}");
        }
        Err(error) => panic!("{error}"),
    }
});
