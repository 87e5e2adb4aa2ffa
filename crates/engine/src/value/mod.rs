//! Values, and how they cross between Rust and a guest: JSON-like data, and those of JavaScript's
//! other kinds that mean the same outside of it.

mod bigint;
pub(crate) mod cross_in;
pub(crate) mod cross_out;
pub(crate) mod inspect;
mod json;
mod json_in;

use crate::handler::HttpRequest;
use crate::js::context::Helpers;
use crate::js::cx::{Cx, Js};
use crate::js::guard::RUST_RESERVE;
use crate::sys::stack;
pub use bigint::{BigInt, ParseBigIntError};
pub(crate) use json::written_length;

/// How deep a value may nest to cross.
pub const MAX_DEPTH: usize = 256;

/// Bytes of the native stack that crossing leaves for the engine's calls at its end. Crossing
/// recurses in Rust, where the engine does not check the stack, and may start from a guest's
/// deepest call.
const STACK_RESERVE: usize = 128 << 10;

/// So many digits of a BigInt take some us to be read or written.
const LONG_DIGITS: usize = 1_000;

/// The run that values cross for.
pub(crate) trait Crossed {
    /// The functions of the heap that crossing calls.
    fn helpers(&self) -> &Helpers;

    /// Abandons the run where it is past its time, or cancelled: to be called around work that nothing
    /// interrupts.
    fn still_on(&self, cx: Cx) -> Js<()>;
}

/// Throws the engine's own stack overflow error where crossing must not go deeper.
fn check_stack(cx: Cx) -> Js<()> {
    if stack::remaining() < RUST_RESERVE + STACK_RESERVE {
        return Err(cx.throw("RangeError", "Maximum call stack size exceeded"));
    }
    Ok(())
}

/// A value outside of any heap.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `undefined`
    #[default]
    Undefined,
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number; NaN, the infinities and -0 included.
    Number(f64),
    /// A BigInt.
    BigInt(BigInt),
    /// A string. JavaScript's lone surrogates have no form here and do not cross.
    String(String),
    /// An array; holes cross as `undefined`.
    Array(Vec<Value>),
    /// An object's own enumerable string-keyed properties, in the engine's order.
    Object(Vec<(String, Value)>),
    /// A `Uint8Array`.
    Bytes(Vec<u8>),
    /// An `ArrayBuffer`.
    ArrayBuffer(Vec<u8>),
    /// A `Date`, in ms since 1970; NaN is an invalid date.
    Date(f64),
    /// A `Map`, in order of insertion.
    Map(Vec<(Value, Value)>),
    /// A `Set`, in order of insertion.
    Set(Vec<Value>),
}

/// Something given to the guest.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A value.
    Value(Value),
    /// JSON text in UTF-8, parsed into the guest's heap in one pass with no tree in between. Unlike
    /// `JSON.parse` it refuses numbers past the largest double and lone surrogates, and it goes no
    /// deeper than [`MAX_DEPTH`].
    Json(Vec<u8>),
    /// A request, for a handler.
    Request(Box<HttpRequest>),
}

impl Value {
    /// Whether it nests deeper than `levels`.
    pub(crate) fn nests_deeper_than(&self, levels: usize) -> bool {
        let Some(levels) = levels.checked_sub(1) else {
            return matches!(
                self,
                Value::Array(_) | Value::Object(_) | Value::Map(_) | Value::Set(_)
            );
        };
        let deep = |value: &Value| value.nests_deeper_than(levels);
        match self {
            Value::Array(items) | Value::Set(items) => items.iter().any(deep),
            Value::Object(entries) => entries.iter().any(|(_, value)| deep(value)),
            Value::Map(entries) => entries.iter().any(|(key, value)| deep(key) || deep(value)),
            _ => false,
        }
    }

    /// A property of an object; `None` for other values and where there is none.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Object(entries) => {
                entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($from:ty => $value:ident: $make:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Value {
                $make
            }
        }
    )*};
}

from! {
    bool => value: Value::Bool(value);
    f64 => value: Value::Number(value);
    i32 => value: Value::Number(value.into());
    u32 => value: Value::Number(value.into());
    &str => value: Value::String(value.to_owned());
    String => value: Value::String(value);
    BigInt => value: Value::BigInt(value);
    num_bigint::BigInt => value: Value::BigInt(value.into());
    Vec<u8> => value: Value::Bytes(value);
    Vec<Value> => value: Value::Array(value);
    Vec<(String, Value)> => value: Value::Object(value);
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

impl FromIterator<Value> for Value {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Value {
        Value::Array(values.into_iter().collect())
    }
}

impl<K: Into<String>> FromIterator<(K, Value)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Value {
        Value::Object(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}
