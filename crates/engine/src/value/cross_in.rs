//! How values cross from Rust into the guest's heap.

use super::json::MAX_BIGINT_DIGITS;
use super::{Crossed, Input, LONG_DIGITS, MAX_DEPTH, Value, check_stack, json_in};
use crate::js::cx::{Cx, Js};
use crate::js::raw::{
    JS_MKVAL, JS_NULL, JS_TAG_BOOL, JS_TAG_FLOAT64, JS_TAG_INT, JS_UNDEFINED, JSValue, JSValueUnion,
};

/// Why an input did not come in.
pub(crate) enum InputError {
    /// The text is not JSON, for this reason.
    NotJson(String),
    /// It nests deeper than [`MAX_DEPTH`].
    TooDeep,
    /// Anything else that was thrown, or the run was abandoned.
    Thrown,
}

/// Builds an input in the guest's heap.
pub(crate) fn input(cx: Cx, run: &dyn Crossed, input: &Input) -> Result<JSValue, InputError> {
    match input {
        Input::Value(given) if given.nests_deeper_than(MAX_DEPTH) => Err(InputError::TooDeep),
        Input::Value(given) => build(cx, run, given).map_err(|_| InputError::Thrown),
        Input::Json(text) => json_in::parse(cx, text),
        Input::Request(request) if request.env.nests_deeper_than(MAX_DEPTH - 1) => {
            Err(InputError::TooDeep)
        }
        Input::Request(request) => {
            build(cx, run, &request.to_value()).map_err(|_| InputError::Thrown)
        }
    }
}

pub(crate) fn number(number: f64) -> JSValue {
    let int = number as i32;
    // Small integers take the engine's short form, except -0, which has none.
    if f64::from(int).to_bits() == number.to_bits() {
        return JS_MKVAL(JS_TAG_INT, int);
    }
    JSValue { u: JSValueUnion { float64: number }, tag: i64::from(JS_TAG_FLOAT64) }
}

/// Builds a value in the guest's heap. One that nests too deeply is a `TypeError` in the guest.
pub(crate) fn value(cx: Cx, run: &dyn Crossed, given: &Value) -> Js<JSValue> {
    if given.nests_deeper_than(MAX_DEPTH) {
        let message = format!("a value nested deeper than {MAX_DEPTH} levels cannot cross");
        return Err(cx.throw("TypeError", &message));
    }
    build(cx, run, given)
}

fn build(cx: Cx, run: &dyn Crossed, given: &Value) -> Js<JSValue> {
    match given {
        Value::Undefined => Ok(JS_UNDEFINED),
        Value::Null => Ok(JS_NULL),
        Value::Bool(flag) => Ok(JS_MKVAL(JS_TAG_BOOL, i32::from(*flag))),
        Value::Number(given) => Ok(number(*given)),
        Value::BigInt(given) => {
            if given.as_str().len() > MAX_BIGINT_DIGITS + 1 {
                // Refused before its digits are read, which would take long: the engine has no
                // BigInt so large.
                return Err(cx.throw("RangeError", "BigInt is too large to allocate"));
            }
            let takes_long = given.as_str().len() > LONG_DIGITS;
            if takes_long {
                run.still_on(cx)?;
            }
            // The engine reads hexadecimal digits in time that grows with their number, decimal
            // ones with its square.
            let text = format!("{:x}", num_bigint::BigInt::from(given));
            if takes_long {
                run.still_on(cx)?;
            }
            let digits = text.strip_prefix('-').unwrap_or(&text);
            let digits = cx.new_string(&format!("0x{digits}"))?;
            let negative = JS_MKVAL(JS_TAG_BOOL, i32::from(text.starts_with('-')));
            cx.call(run.helpers().make_bigint, JS_UNDEFINED, &mut [digits, negative])
        }
        Value::String(text) => cx.new_string(text),
        Value::Bytes(bytes) => cx.new_uint8_array(bytes),
        Value::ArrayBuffer(bytes) => cx.new_array_buffer(bytes),
        Value::Date(ms) => cx.new_date(*ms),
        Value::Array(items) => array(cx, run, items.iter()),
        Value::Object(entries) => {
            check_stack(cx)?;
            let object = cx.new_object()?;
            for (key, item) in entries {
                let item = build(cx, run, item)?;
                cx.define(object, key, item, true)?;
            }
            Ok(object)
        }
        Value::Map(entries) => {
            let flat = array(cx, run, entries.iter().flat_map(|(key, item)| [key, item]))?;
            cx.call(run.helpers().make_map, JS_UNDEFINED, &mut [flat])
        }
        Value::Set(items) => {
            let flat = array(cx, run, items.iter())?;
            cx.call(run.helpers().make_set, JS_UNDEFINED, &mut [flat])
        }
    }
}

fn array<'v>(cx: Cx, run: &dyn Crossed, items: impl Iterator<Item = &'v Value>) -> Js<JSValue> {
    check_stack(cx)?;
    let array = cx.new_array()?;
    for (index, item) in items.enumerate() {
        let item = build(cx, run, item)?;
        let index = u32::try_from(index).map_err(|_| cx.throw("RangeError", "array too long"))?;
        cx.define_index(array, index, item)?;
    }
    Ok(array)
}
