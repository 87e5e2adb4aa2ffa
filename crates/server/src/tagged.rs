//! Values as tagged JSON, written to anything as they are walked: [`Value::to_json`] makes the whole
//! text in memory first, and large answers are many at a time here. Both write the same text.

use base64::{display::Base64Display, engine::general_purpose::STANDARD as BASE64};
use sandtide::Value;
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

const TAG: &str = "$type";

pub(crate) struct Tagged<'a>(pub(crate) &'a Value);

impl Serialize for Tagged<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Undefined => {
                let mut map = to.serialize_map(Some(1))?;
                map.serialize_entry(TAG, "undefined")?;
                map.end()
            }
            Value::Null => to.serialize_unit(),
            Value::Bool(flag) => to.serialize_bool(*flag),
            Value::Number(number) => match unusual(*number) {
                None => plain(*number, to),
                Some(name) => tag(to, "number", name),
            },
            Value::BigInt(number) => tag(to, "bigint", &Text(number)),
            Value::String(text) => to.serialize_str(text),
            Value::Array(items) => Items(items).serialize(to),
            Value::Object(entries) if entries.iter().any(|(name, _)| name == TAG) => {
                tag(to, "object", &Entries(entries))
            }
            Value::Object(entries) => Entries(entries).serialize(to),
            Value::Bytes(bytes) => tag(to, "bytes", &Text(&Base64Display::new(bytes, &BASE64))),
            Value::ArrayBuffer(bytes) => {
                tag(to, "arraybuffer", &Text(&Base64Display::new(bytes, &BASE64)))
            }
            Value::Date(ms) => tag(to, "date", &Time(*ms)),
            Value::Map(pairs) => tag(to, "map", &Pairs(pairs)),
            Value::Set(items) => tag(to, "set", &Items(items)),
            // A kind that this does not know yet: as the library writes it.
            other => match serde_json::value::RawValue::from_string(other.to_json()) {
                Ok(raw) => raw.serialize(to),
                Err(error) => Err(serde::ser::Error::custom(error)),
            },
        }
    }
}

fn tag<S: Serializer>(
    to: S,
    name: &str,
    value: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(2))?;
    map.serialize_entry(TAG, name)?;
    map.serialize_entry("value", value)?;
    map.end()
}

/// The name of a number that JSON has no form for.
fn unusual(number: f64) -> Option<&'static str> {
    if number.is_nan() {
        Some("NaN")
    } else if number.is_infinite() {
        Some(if number > 0.0 { "Infinity" } else { "-Infinity" })
    } else if number == 0.0 && number.is_sign_negative() {
        Some("-0")
    } else {
        None
    }
}

/// Whole numbers as JavaScript writes them, without a fraction.
fn plain<S: Serializer>(number: f64, to: S) -> Result<S::Ok, S::Error> {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        to.serialize_i64(number as i64)
    } else {
        to.serialize_f64(number)
    }
}

struct Text<'a, T>(&'a T);

impl<T: std::fmt::Display> Serialize for Text<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self.0)
    }
}

/// Milliseconds since 1970, or `null` for a date that is none.
struct Time(f64);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() { plain(self.0, to) } else { to.serialize_unit() }
    }
}

struct Items<'a>(&'a [Value]);

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(Tagged))
    }
}

struct Entries<'a>(&'a [(String, Value)]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, Tagged(value))))
    }
}

struct Pairs<'a>(&'a [(Value, Value)]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut pairs = to.serialize_seq(Some(self.0.len()))?;
        for (key, value) in self.0 {
            pairs.serialize_element(&(Tagged(key), Tagged(value)))?;
        }
        pairs.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let number = prop_oneof![
            any::<f64>(),
            any::<i32>().prop_map(f64::from),
            Just(-0.0),
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            Just(1e15),
            Just(-1e14),
        ];
        let name = prop_oneof![".{0,3}", Just(TAG.to_owned())];
        let leaf = prop_oneof![
            Just(Value::Undefined),
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            number.clone().prop_map(Value::Number),
            number.prop_map(Value::Date),
            any::<i128>().prop_map(|number| Value::BigInt(number.into())),
            "[\\x00-\\x7fä€😀]{0,8}".prop_map(Value::String),
            prop::collection::vec(any::<u8>(), 0..9).prop_map(Value::Bytes),
            prop::collection::vec(any::<u8>(), 0..9).prop_map(Value::ArrayBuffer),
        ];
        leaf.prop_recursive(4, 64, 6, move |inner| {
            let items = prop::collection::vec(inner.clone(), 0..6);
            prop_oneof![
                items.clone().prop_map(Value::Array),
                items.prop_map(Value::Set),
                prop::collection::vec((name.clone(), inner.clone()), 0..6).prop_map(Value::Object),
                prop::collection::vec((inner.clone(), inner), 0..6).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_is_written_as_the_library_writes_it(value in value()) {
            prop_assert_eq!(serde_json::to_string(&Tagged(&value)).unwrap(), value.to_json());
        }
    }
}
