//! Values as JSON text. What JSON has no form for is a tagged object, so that nothing is lost:
//! `{"$type": "bigint", "value": "12"}`.
//!
//! | tag | value |
//! |---|---|
//! | `undefined` | none |
//! | `number` | `"NaN"`, `"Infinity"`, `"-Infinity"`, `"-0"` |
//! | `bigint` | decimal digits |
//! | `bytes`, `arraybuffer` | base64 |
//! | `date` | ISO 8601 is not exact for all of them: ms since 1970, or `null` for an invalid one |
//! | `map` | array of `[key, value]` |
//! | `set` | array |
//! | `object` | an object that has a property `$type` of its own |

use super::{BigInt, MAX_DEPTH, Value};
use crate::error::Error;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::Value as Json;

/// The property that says what a tagged object is.
pub(super) const TAG: &str = "$type";

/// How deep JSON text may nest: each map is written as three levels (object, array, pair), and the
/// innermost value may be tagged too.
const MAX_TEXT_DEPTH: usize = 3 * MAX_DEPTH + 1;
/// Decimal digits of the largest BigInt that the engine has, of 2^20 bits: more of them could not
/// cross.
pub(super) const MAX_BIGINT_DIGITS: usize = 315_653;
/// Bytes that a tag takes at most, with what stands around the value and its digits where it is a date.
pub(super) const TAG_BYTES: usize = 40;
/// Reading text up to this depth fits any thread's stack.
const SHALLOW: usize = 64;
/// Stack that reads the deepest text in a build without optimisation.
const DEEP_STACK: usize = 16 << 20;

impl Value {
    /// JSON text of the value; see the module for what JSON itself has no form for.
    ///
    /// ```
    /// use sandtide_engine::Value;
    ///
    /// let value = Value::from_iter([("n", Value::from(1)), ("none", Value::Undefined)]);
    /// let text = value.to_json();
    /// assert_eq!(text, r#"{"n":1,"none":{"$type":"undefined"}}"#);
    /// assert_eq!(Value::from_json(&text).unwrap(), value);
    /// ```
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        write(self, &mut out);
        out
    }

    /// Reads what [`Value::to_json`] wrote, and any other JSON text whose value nests no deeper
    /// than [`MAX_DEPTH`].
    ///
    /// # Errors
    /// [`Error::InvalidJson`] for text that is no JSON or nests too deeply, and for a tag that is
    /// unknown or whose value does not fit it.
    pub fn from_json(text: &str) -> Result<Value, Error> {
        let depth = text_depth(text);
        let value = if depth > MAX_TEXT_DEPTH {
            Err(too_deep())
        } else if depth > SHALLOW {
            stacker::maybe_grow(DEEP_STACK, DEEP_STACK, || parse(text))
        } else {
            parse(text)
        };
        value.map_err(|message| Error::InvalidJson { what: "the text".to_owned(), message })
    }
}

/// Reads text that nests no deeper than the stack allows.
fn parse(text: &str) -> Result<Value, String> {
    let mut json = serde_json::Deserializer::from_str(text);
    // The parser's own limit is half of what a value may nest.
    json.disable_recursion_limit();
    let read_all = Json::deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    read(read_all.map_err(|error| error.to_string())?, 0)
}

fn too_deep() -> String {
    format!("nesting deeper than {MAX_DEPTH} levels")
}

/// How deep brackets nest outside of strings; exact for JSON, and no less than what a parser of
/// JSON descends in any other text.
fn text_depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => {
                // To the string's end; an escaped quote does not end it.
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => {
                            bytes.next();
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

/// Bytes of a text as it is written in JSON, its quotes apart.
pub(crate) fn written_length(text: &str) -> usize {
    let written = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..32 => 6,
        _ => 1,
    };
    text.bytes().map(written).sum()
}

fn write_string(text: &str, out: &mut String) {
    // Serialising a string cannot fail.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn write_list<T>(items: &[T], ends: [char; 2], out: &mut String, each: impl Fn(&T, &mut String)) {
    out.push(ends[0]);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        each(item, out);
    }
    out.push(ends[1]);
}

fn write_entries(entries: &[(String, Value)], out: &mut String) {
    write_list(entries, ['{', '}'], out, |(key, value), out| {
        write_string(key, out);
        out.push(':');
        write(value, out);
    });
}

fn write_tagged(tag: &str, out: &mut String, value: impl FnOnce(&mut String)) {
    out.push_str("{\"$type\":\"");
    out.push_str(tag);
    out.push_str("\",\"value\":");
    value(out);
    out.push('}');
}

/// Whether JSON has no form for a number.
pub(super) fn is_tagged(number: f64) -> bool {
    !number.is_finite() || (number == 0.0 && number.is_sign_negative())
}

fn write_number(number: f64, out: &mut String) {
    if !is_tagged(number) {
        // Integers as JavaScript writes them, without a fraction.
        if number.fract() == 0.0 && number.abs() < 1e15 {
            out.push_str(&(number as i64).to_string());
        } else {
            out.push_str(&serde_json::to_string(&number).unwrap_or_default());
        }
        return;
    }
    let name = if number.is_nan() {
        "NaN"
    } else if number == 0.0 {
        "-0"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    };
    write_tagged("number", out, |out| write_string(name, out));
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Undefined => out.push_str("{\"$type\":\"undefined\"}"),
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => write_number(*number, out),
        Value::BigInt(number) => {
            write_tagged("bigint", out, |out| write_string(number.as_str(), out));
        }
        Value::String(text) => write_string(text, out),
        Value::Array(items) => write_list(items, ['[', ']'], out, write),
        Value::Object(entries) => {
            if entries.iter().any(|(key, _)| key == TAG) {
                write_tagged("object", out, |out| write_entries(entries, out));
            } else {
                write_entries(entries, out);
            }
        }
        Value::Bytes(bytes) => {
            write_tagged("bytes", out, |out| write_string(&BASE64.encode(bytes), out));
        }
        Value::ArrayBuffer(bytes) => {
            write_tagged("arraybuffer", out, |out| write_string(&BASE64.encode(bytes), out));
        }
        Value::Date(ms) => write_tagged("date", out, |out| {
            if ms.is_finite() {
                write_number(ms + 0.0, out);
            } else {
                out.push_str("null");
            }
        }),
        Value::Map(entries) => write_tagged("map", out, |out| {
            write_list(entries, ['[', ']'], out, |(key, value), out| {
                out.push('[');
                write(key, out);
                out.push(',');
                write(value, out);
                out.push(']');
            });
        }),
        Value::Set(items) => {
            write_tagged("set", out, |out| write_list(items, ['[', ']'], out, write));
        }
    }
}

fn read(json: Json, depth: usize) -> Result<Value, String> {
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(number) => {
            Value::Number(number.as_f64().ok_or_else(|| format!("{number} is no number"))?)
        }
        Json::String(text) => Value::String(text),
        Json::Array(items) => Value::Array(read_all(items, depth)?),
        Json::Object(mut entries) => match entries.remove(TAG) {
            None => Value::Object(read_entries(entries, depth)?),
            Some(Json::String(tag)) => {
                read_tagged(&tag, entries.remove("value").unwrap_or(Json::Null), depth)?
            }
            Some(other) => return Err(format!("{TAG} must be a string, not {other}")),
        },
    })
}

/// The depth of what lies in a container at `depth`.
fn within(depth: usize) -> Result<usize, String> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(too_deep()) }
}

fn read_all(items: Vec<Json>, depth: usize) -> Result<Vec<Value>, String> {
    let depth = within(depth)?;
    items.into_iter().map(|item| read(item, depth)).collect()
}

fn read_entries(
    entries: serde_json::Map<String, Json>,
    depth: usize,
) -> Result<Vec<(String, Value)>, String> {
    let depth = within(depth)?;
    entries.into_iter().map(|(key, value)| Ok((key, read(value, depth)?))).collect()
}

fn read_tagged(tag: &str, value: Json, depth: usize) -> Result<Value, String> {
    let misfit = || format!("the value does not fit {TAG} {tag:?}");
    let bytes =
        |value: &Json| value.as_str().and_then(|text| BASE64.decode(text).ok()).ok_or_else(misfit);
    match (tag, value) {
        ("undefined", Json::Null) => Ok(Value::Undefined),
        ("number", Json::String(name)) => match name.as_str() {
            "NaN" => Ok(Value::Number(f64::NAN)),
            "Infinity" => Ok(Value::Number(f64::INFINITY)),
            "-Infinity" => Ok(Value::Number(f64::NEG_INFINITY)),
            "-0" => Ok(Value::Number(-0.0)),
            _ => Err(misfit()),
        },
        ("bigint", Json::String(digits)) if digits.len() > MAX_BIGINT_DIGITS + 1 => {
            Err(format!("a BigInt of more than {MAX_BIGINT_DIGITS} digits"))
        }
        ("bigint", Json::String(digits)) => {
            digits.parse::<BigInt>().map(Value::BigInt).map_err(|_| misfit())
        }
        ("bytes", value) => bytes(&value).map(Value::Bytes),
        ("arraybuffer", value) => bytes(&value).map(Value::ArrayBuffer),
        ("date", Json::Null) => Ok(Value::Date(f64::NAN)),
        ("date", Json::Number(ms)) => ms.as_f64().map(Value::Date).ok_or_else(misfit),
        ("set", Json::Array(items)) => read_all(items, depth).map(Value::Set),
        ("map", Json::Array(pairs)) => {
            let depth = within(depth)?;
            let pair = |pair| match pair {
                Json::Array(mut pair) if pair.len() == 2 => {
                    let value = pair.pop().unwrap_or_default();
                    let key = pair.pop().unwrap_or_default();
                    Ok((read(key, depth)?, read(value, depth)?))
                }
                _ => Err(misfit()),
            };
            pairs.into_iter().map(pair).collect::<Result<_, _>>().map(Value::Map)
        }
        ("object", Json::Object(entries)) => read_entries(entries, depth).map(Value::Object),
        ("undefined" | "number" | "bigint" | "date" | "set" | "map" | "object", _) => Err(misfit()),
        _ => Err(format!("unknown {TAG} {tag:?}")),
    }
}
