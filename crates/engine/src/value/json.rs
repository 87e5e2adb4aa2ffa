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

use super::{MAX_DEPTH, Value};
use crate::error::Error;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use num_bigint::BigInt;
use serde_json::Value as Json;

const TAG: &str = "$type";

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

    /// Reads what [`Value::to_json`] wrote, and any other JSON text.
    ///
    /// # Errors
    /// [`Error::InvalidJson`] for text that is no JSON, and for a tag that is unknown or whose
    /// value does not fit it.
    pub fn from_json(text: &str) -> Result<Value, Error> {
        let invalid = |message: String| Error::InvalidJson { what: "the text".to_owned(), message };
        let json: Json = serde_json::from_str(text).map_err(|error| invalid(error.to_string()))?;
        read(json, 0).map_err(invalid)
    }
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

fn write_number(number: f64, out: &mut String) {
    if number.is_finite() && !(number == 0.0 && number.is_sign_negative()) {
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
            write_tagged("bigint", out, |out| write_string(&number.to_string(), out));
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
    if depth > MAX_DEPTH {
        return Err(format!("nesting deeper than {MAX_DEPTH} levels"));
    }
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

fn read_all(items: Vec<Json>, depth: usize) -> Result<Vec<Value>, String> {
    items.into_iter().map(|item| read(item, depth + 1)).collect()
}

fn read_entries(
    entries: serde_json::Map<String, Json>,
    depth: usize,
) -> Result<Vec<(String, Value)>, String> {
    entries.into_iter().map(|(key, value)| Ok((key, read(value, depth + 1)?))).collect()
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
        ("bigint", Json::String(digits)) => {
            digits.parse::<BigInt>().map(Value::BigInt).map_err(|_| misfit())
        }
        ("bytes", value) => bytes(&value).map(Value::Bytes),
        ("arraybuffer", value) => bytes(&value).map(Value::ArrayBuffer),
        ("date", Json::Null) => Ok(Value::Date(f64::NAN)),
        ("date", Json::Number(ms)) => ms.as_f64().map(Value::Date).ok_or_else(misfit),
        ("set", Json::Array(items)) => read_all(items, depth + 1).map(Value::Set),
        ("map", Json::Array(pairs)) => pairs
            .into_iter()
            .map(|pair| match pair {
                Json::Array(mut pair) if pair.len() == 2 => {
                    let value = pair.pop().unwrap_or_default();
                    let key = pair.pop().unwrap_or_default();
                    Ok((read(key, depth + 1)?, read(value, depth + 1)?))
                }
                _ => Err(misfit()),
            })
            .collect::<Result<_, _>>()
            .map(Value::Map),
        ("object", Json::Object(entries)) => read_entries(entries, depth).map(Value::Object),
        ("undefined" | "number" | "bigint" | "date" | "set" | "map" | "object", _) => Err(misfit()),
        _ => Err(format!("unknown {TAG} {tag:?}")),
    }
}
