//! Values out of the fuzzer's bytes, in the one form in which a guest holds them: no property, map
//! key or set item twice, properties in the engine's order, dates as `Date` keeps them.

use crate::same;
use arbitrary::{Arbitrary, Result, Unstructured};
use sandtide_engine::{BigInt, Value};

/// How deep containers nest by chance. Deeper values are made by wrapping.
const DEPTH: usize = 6;
/// Levels that are wrapped around a value: as many as may cross, and some that may not.
const WRAPS: u16 = 300;

/// A value, and how deep it nests.
#[derive(Debug)]
pub struct Generated {
    /// The value.
    pub value: Value,
    /// Its levels of containers: 0 for a primitive.
    pub depth: usize,
}

impl<'a> Arbitrary<'a> for Generated {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Generated> {
        // Few values are wrapped: most of the fuzzer's time is for what lies inside.
        let wraps = if u.ratio(1, 16)? { u.int_in_range(0..=WRAPS)? } else { 0 };
        let kind: u8 = u.arbitrary()?;
        let (mut value, mut depth) = value(u, DEPTH)?;
        for _ in 0..wraps {
            value = match kind % 4 {
                0 => Value::Array(vec![value]),
                1 => Value::Object(vec![("in".into(), value)]),
                2 => Value::Map(vec![(Value::Null, value)]),
                _ => Value::Set(vec![value]),
            };
            depth += 1;
        }
        Ok(Generated { value, depth })
    }
}

fn value(u: &mut Unstructured<'_>, room: usize) -> Result<(Value, usize)> {
    let kinds = if room == 0 { 9 } else { 13 };
    Ok(match u.int_in_range(0..=kinds - 1)? {
        0 => (Value::Undefined, 0),
        1 => (Value::Null, 0),
        2 => (Value::Bool(u.arbitrary()?), 0),
        3 => (Value::Number(number(u)?), 0),
        4 => (Value::BigInt(bigint(u)?), 0),
        5 => (Value::String(u.arbitrary()?), 0),
        6 => (Value::Bytes(u.arbitrary()?), 0),
        7 => (Value::ArrayBuffer(u.arbitrary()?), 0),
        8 => (Value::Date(date(number(u)?)), 0),
        9 => {
            let (items, depth) = values(u, room)?;
            (Value::Array(items), depth)
        }
        10 => {
            let (items, depth) = values(u, room)?;
            let mut entries: Vec<(String, Value)> = Vec::new();
            for item in items {
                let key = key(u)?;
                if entries.iter().all(|(have, _)| *have != key) {
                    entries.push((key, item));
                }
            }
            entries.sort_by_key(|(key, _)| array_index(key).map_or(u64::MAX, u64::from));
            (Value::Object(entries), depth)
        }
        11 => {
            let (items, depth) = values(u, room)?;
            let mut entries: Vec<(Value, Value)> = Vec::new();
            let mut items = items.into_iter();
            while let (Some(key), Some(item)) = (items.next(), items.next()) {
                let key = without_minus_zero(key);
                if entries.iter().all(|(have, _)| !one_key(have, &key)) {
                    entries.push((key, item));
                }
            }
            (Value::Map(entries), depth)
        }
        _ => {
            let (items, depth) = values(u, room)?;
            let mut own: Vec<Value> = Vec::new();
            for item in items.into_iter().map(without_minus_zero) {
                if own.iter().all(|have| !one_key(have, &item)) {
                    own.push(item);
                }
            }
            (Value::Set(own), depth)
        }
    })
}

/// The items of a container, and the levels that they make with it.
fn values(u: &mut Unstructured<'_>, room: usize) -> Result<(Vec<Value>, usize)> {
    let count = u.int_in_range(0..=12)?;
    let mut deepest = 0;
    let mut items = Vec::new();
    for _ in 0..count {
        let (item, depth) = value(u, room - 1)?;
        deepest = deepest.max(depth);
        items.push(item);
    }
    Ok((items, deepest + 1))
}

fn number(u: &mut Unstructured<'_>) -> Result<f64> {
    Ok(match u.int_in_range(0..=3)? {
        0 => u.arbitrary::<i32>()?.into(),
        // Where an integer stops being one of the engine's short ones, and where f64 ends.
        1 => *u.choose(&[
            -0.0,
            2_147_483_647.0,
            2_147_483_648.0,
            -2_147_483_648.0,
            -2_147_483_649.0,
            9_007_199_254_740_993.0,
            1e15,
            1e21,
            f64::MAX,
            f64::MIN_POSITIVE,
            5e-324,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ])?,
        2 => u.arbitrary::<i64>()? as f64,
        _ => u.arbitrary()?,
    })
}

fn bigint(u: &mut Unstructured<'_>) -> Result<BigInt> {
    let bytes: &[u8] = u.arbitrary()?;
    let sign = if u.arbitrary()? { "-" } else { "" };
    let digits: String = bytes.iter().map(|byte| char::from(b'0' + byte % 10)).collect();
    Ok(format!("{sign}{digits}").parse().unwrap_or(BigInt::from(0)))
}

fn key(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(match u.int_in_range(0..=4)? {
        0 => u.arbitrary::<u32>()?.to_string(),
        1 => u.int_in_range(0..=20u8)?.to_string(),
        2 => (*u.choose(&[
            "__proto__",
            "constructor",
            "length",
            "toJSON",
            "then",
            "$type",
            "value",
            "",
            "00",
            "-0",
            "-1",
            "1.5",
            "4294967294",
            "4294967295",
            "4294967296",
            "2147483647",
            "2147483648",
            "9007199254740993",
            "NaN",
            "Infinity",
            "\0",
            "a\0b",
            "ünï",
            "\u{10ffff}",
        ])?)
        .to_owned(),
        _ => u.arbitrary()?,
    })
}

/// The number that the engine sorts a property by: array indices come first, in their order.
fn array_index(key: &str) -> Option<u32> {
    let index: u32 = key.parse().ok()?;
    (index != u32::MAX && index.to_string() == key).then_some(index)
}

/// What `new Date(ms)` keeps of its argument.
fn date(ms: f64) -> f64 {
    if ms.abs() <= 8.64e15 { ms.trunc() + 0.0 } else { f64::NAN }
}

/// Maps and sets hold 0 where -0 is given.
fn without_minus_zero(value: Value) -> Value {
    match value {
        Value::Number(0.0) => Value::Number(0.0),
        other => other,
    }
}

/// Whether a map takes both for one key: equal primitives are, objects never.
fn one_key(a: &Value, b: &Value) -> bool {
    let primitive = matches!(
        a,
        Value::Undefined
            | Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::BigInt(_)
            | Value::String(_)
    );
    primitive && same(a, b)
}
