//! Values cross both ways without loss, what cannot is named by its path, and no guest can fool
//! the crossing.

mod common;

use common::*;
use proptest::prelude::*;
use sandtide_engine::{BigInt, Error, Input, MAX_DEPTH, Request, Value};
use std::cell::RefCell;

const ECHO: &str = "export default (x) => x";

/// Equality with NaN equal to itself and -0 different from 0.
fn same(a: &Value, b: &Value) -> bool {
    let same_number = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || a.to_bits() == b.to_bits();
    let all =
        |a: &[Value], b: &[Value]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b));
    match (a, b) {
        (Value::Number(a), Value::Number(b)) | (Value::Date(a), Value::Date(b)) => {
            same_number(*a, *b)
        }
        (Value::Array(a), Value::Array(b)) | (Value::Set(a), Value::Set(b)) => all(a, b),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| same(k, l) && same(a, b))
        }
        (a, b) => a == b,
    }
}

fn strings() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just(String::new()),
        Just("a\0b".into()),
        Just("\u{1F600}é\u{FFFD}".into()),
        "[a-z]{0,300}"
    ]
}

fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        any::<i32>().prop_map(f64::from),
        Just(-0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(f64::from(i32::MIN)),
        Just(f64::from(i32::MAX)),
        Just(2_147_483_648.0),
        Just(9_007_199_254_740_993.0),
    ]
}

fn bigints() -> impl Strategy<Value = BigInt> {
    (any::<bool>(), proptest::collection::vec(any::<u8>(), 0..80)).prop_map(|(negative, bytes)| {
        let sign = if negative { num_bigint::Sign::Minus } else { num_bigint::Sign::Plus };
        num_bigint::BigInt::from_bytes_le(sign, &bytes).into()
    })
}

/// Dates hold whole milliseconds of a range, or are invalid; -0 is not among them.
fn dates() -> impl Strategy<Value = f64> {
    prop_oneof![
        (-8_640_000_000_000_000i64..=8_640_000_000_000_000).prop_map(|ms| ms as f64),
        Just(f64::NAN)
    ]
}

/// Objects keep the order of keys that are no array indices, each once.
fn keys() -> impl Strategy<Value = String> {
    prop_oneof![
        strings().prop_filter("an index", |key| key.parse::<u32>().is_err()),
        prop::sample::select(vec![
            "__proto__",
            "constructor",
            "toString",
            "then",
            "length",
            "$type",
            "value",
            "-1",
            "1.5",
            "toJSON",
            ""
        ])
        .prop_map(str::to_owned),
    ]
}

fn without_repeats(entries: Vec<(String, Value)>) -> Value {
    let mut seen = std::collections::HashSet::new();
    Value::Object(entries.into_iter().filter(|(key, _)| seen.insert(key.clone())).collect())
}

/// Keys of maps and items of sets, each once by what the language takes for the same.
fn tell_apart(keys: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for key in keys {
        // -0 is stored as 0; objects are never the same as each other.
        let key = if key == Value::Number(0.0) { Value::Number(0.0) } else { key };
        let primitive = !matches!(
            key,
            Value::Array(_)
                | Value::Object(_)
                | Value::Bytes(_)
                | Value::ArrayBuffer(_)
                | Value::Date(_)
                | Value::Map(_)
                | Value::Set(_)
        );
        if !primitive || !kept.iter().any(|other| same(other, &key)) {
            kept.push(key);
        }
    }
    kept
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Undefined),
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        numbers().prop_map(Value::Number),
        bigints().prop_map(Value::BigInt),
        strings().prop_map(Value::String),
        proptest::collection::vec(any::<u8>(), 0..50).prop_map(Value::Bytes),
        proptest::collection::vec(any::<u8>(), 0..50).prop_map(Value::ArrayBuffer),
        dates().prop_map(Value::Date),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            proptest::collection::vec((keys(), inner.clone()), 0..8).prop_map(without_repeats),
            proptest::collection::vec(inner.clone(), 0..8)
                .prop_map(|items| Value::Set(tell_apart(items))),
            proptest::collection::vec(inner.clone(), 0..6).prop_map(|keys| {
                let keys = tell_apart(keys);
                Value::Map(keys.into_iter().map(|key| (key.clone(), key)).collect())
            }),
        ]
    })
}

thread_local!(static ECHOING: RefCell<Option<Bench>> = const { RefCell::new(None) });

fn echo(value: &Value) -> Value {
    ECHOING.with_borrow_mut(|bench| {
        bench.get_or_insert_with(|| Bench::function(ECHO)).call(value.clone())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_value_comes_out_as_it_went_in(value in values()) {
        let out = echo(&value);
        prop_assert!(same(&out, &value), "{:?} came out as {:?}", value, out);
    }

    #[test]
    fn any_value_is_read_back_from_its_json_text(value in values()) {
        let text = value.to_json();
        let read = Value::from_json(&text).unwrap();
        prop_assert!(same(&read, &value), "{:?} by {} is {:?}", value, text, read);
    }

    #[test]
    fn any_json_text_is_parsed_as_the_language_does(value in values()) {
        // Only the plain part of the value is JSON; the rest is tagged, and must arrive as written.
        let text = value.to_json();
        let request = Request { input: Some(Input::Json(text.clone().into_bytes())), ..request() };
        let mut bench = Bench::function("export default (x) => JSON.stringify(x)");
        let out = bench.run(&request).result.unwrap();
        let normal: serde_json::Value = serde_json::from_str(&text).unwrap();
        let back: serde_json::Value = serde_json::from_str(common::text(&out)).unwrap();
        prop_assert_eq!(sorted(back), sorted(normal));
    }

    #[test]
    fn any_bytes_as_json_input_end_in_a_value_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut bench = Bench::function("export default (x) => 1");
        let result = bench.run(&Request { input: Some(Input::Json(bytes)), ..request() }).result;
        prop_assert!(result == Ok(1.into()) || result.as_ref().unwrap_err().code() == "ERR_INVALID_JSON", "{:?}", result);
    }
}

/// Numbers as floating point: both sides print them their own way.
fn sorted(json: serde_json::Value) -> serde_json::Value {
    match json {
        serde_json::Value::Number(number) => number.as_f64().into(),
        serde_json::Value::Array(items) => items.into_iter().map(sorted).collect(),
        serde_json::Value::Object(entries) => {
            let mut entries: Vec<_> = entries.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            serde_json::Value::Object(entries.into_iter().collect())
        }
        other => other,
    }
}

#[test]
fn every_kind_arrives_as_what_it_is() {
    let mut bench = Bench::function(
        "export default (x) => x.map((v) => Object.prototype.toString.call(v) + (Object.is(v, -0) ? '-0' : String(v)))",
    );
    let given = Value::Array(vec![
        Value::Undefined,
        Value::Null,
        (-0.0).into(),
        f64::NAN.into(),
        Value::BigInt("-123456789012345678901234567890".parse().unwrap()),
        "x".into(),
        Value::Bytes(vec![1, 2]),
        Value::ArrayBuffer(vec![1]),
        Value::Date(f64::NAN),
        Value::Map(vec![]),
        Value::Set(vec![]),
    ]);
    let expected = [
        "[object Undefined]undefined",
        "[object Null]null",
        "[object Number]-0",
        "[object Number]NaN",
        "[object BigInt]-123456789012345678901234567890",
        "[object String]x",
        "[object Uint8Array]1,2",
        "[object ArrayBuffer][object ArrayBuffer]",
        "[object Date]Invalid Date",
        "[object Map][object Map]",
        "[object Set][object Set]",
    ];
    assert_eq!(
        bench.call(given),
        expected.iter().map(|text| Value::from(*text)).collect::<Value>()
    );
}

#[test]
fn numbers_of_every_size_cross() {
    let mut bench = Bench::base();
    let value = bench.eval("[-0, NaN, 1 / 0, 2 ** 31, -(2 ** 31), 2 ** 53 + 2, 5e-324, 2n ** 64n, -(2n ** 4000n), -0n]");
    let list = items(&value);
    assert!(same(&list[0], &(-0.0).into()) && same(&list[1], &f64::NAN.into()));
    assert_eq!(list[7], Value::BigInt("18446744073709551616".parse().unwrap()));
    assert_eq!(list[8], Value::from(-num_bigint::BigInt::from(2).pow(4000)));
    assert_eq!(list[9], Value::BigInt(0.into()));
}

#[test]
fn strings_of_every_form_cross() {
    let mut bench = Bench::base();
    let rope = "let s = ''; for (let i = 0; i < 20000; i++) s += 'é' + i; s";
    let expected: String = (0..20000).map(|i| format!("é{i}")).collect();
    assert_eq!(bench.eval(rope), expected.into());
    assert_eq!(bench.eval("'\\0a\\0' + '\\u{1F600}' + '\\uFEFF'"), "\0a\0\u{1F600}\u{FEFF}".into());
    assert_eq!(bench.eval("Object('boxed') + ''"), "boxed".into());
    assert_eq!(bench.eval("'\\uD83D' + '\\uDE00'"), "\u{1F600}".into(), "halves that meet");
}

#[test]
fn keys_keep_the_languages_order_and_none_is_special() {
    let mut bench = Bench::function(
        "export default (x) => [Object.keys(x).join(), Object.getPrototypeOf(x) === Object.prototype, x]",
    );
    let given = Value::from_iter(
        [("b", 1), ("1", 2), ("a", 3), ("0", 4), ("__proto__", 5), ("constructor", 6)]
            .map(|(k, v)| (k, Value::from(v))),
    );
    let out = bench.call(given);
    assert_eq!(items(&out)[0], "0,1,b,a,__proto__,constructor".into());
    assert_eq!(items(&out)[1], true.into());
    assert_eq!(items(&out)[2].get("__proto__"), Some(&5.into()));
    let polluted =
        Input::Json(br#"{"__proto__": {"admin": true}, "constructor": {"prototype": 1}}"#.to_vec());
    let mut bench =
        Bench::function("export default (x) => [x.admin, ({}).admin, Object.keys(x).join()]");
    let out = bench.run(&Request { input: Some(polluted), ..request() }).result.unwrap();
    assert_eq!(
        out,
        Value::Array(vec![Value::Undefined, Value::Undefined, "__proto__,constructor".into()])
    );
}

#[test]
fn objects_as_keys_of_maps_keep_their_identity_within_the_guest() {
    let mut bench = Bench::function(
        "export default (m) => { const [k] = m.keys(); return [m.get(k), m.get({}) === undefined, m] }",
    );
    let map = Value::Map(vec![(Value::from_iter([("id", Value::from(1))]), "found".into())]);
    let out = bench.call(map.clone());
    assert_eq!(out, Value::Array(vec!["found".into(), true.into(), map]));
}

#[test]
fn values_nest_as_deep_as_is_promised_and_no_deeper() {
    let nested = |levels: usize| {
        (0..levels).fold(Value::Null, |inner, level| match level % 3 {
            0 => Value::Array(vec![inner]),
            1 => Value::from_iter([("a", inner)]),
            _ => Value::Map(vec![(1.into(), inner)]),
        })
    };
    let mut bench = Bench::function(ECHO);
    let roomy = |value| {
        let mut request = with_input(value);
        request.limits.stack = 4 << 20;
        request
    };
    let deep = nested(MAX_DEPTH);
    assert_eq!(bench.run(&roomy(deep.clone())).result, Ok(deep));
    let deeper = bench.run(&roomy(nested(MAX_DEPTH + 1))).result.unwrap_err();
    assert_eq!(deeper.to_string(), "input: nesting deeper than 256 levels cannot cross");
    let mut source = ad_hoc("let a = 1; for (let i = 0; i < 257; i++) a = [a]; a");
    source.limits.stack = 4 << 20;
    assert_eq!(bench.run(&source).result.unwrap_err().code(), "ERR_NOT_CROSSABLE");
}

#[test]
fn the_same_object_in_two_places_crosses_twice() {
    let mut bench = Bench::base();
    let value = bench.eval("const o = {x: 1}; ({a: o, b: [o, o]})");
    assert_eq!(value.get("a"), items(value.get("b").unwrap()).first());
}

#[test]
fn what_cannot_cross_is_refused_by_its_path() {
    let mut bench = Bench::base();
    let cases = [
        ("() => 1", "result: a function cannot cross"),
        ("class A {} A", "result: a function cannot cross"),
        ("console.log", "result: a function cannot cross"),
        ("Symbol('x')", "result: a symbol cannot cross"),
        (
            "({items: [0, 1, 2, {callback() {}}]})",
            "result.items[3].callback: a function cannot cross",
        ),
        ("({'a b': {0: [Symbol.iterator]}})", "result[\"a b\"][\"0\"][0]: a symbol cannot cross"),
        (
            "const c = {list: []}; c.list.push({up: c}); c",
            "result.list[0].up: a cycle cannot cross",
        ),
        ("const m = new Map(); m.set('k', m); m", "result<value 0>: a cycle cannot cross"),
        ("new Map([[1, 2], [{f() {}}, 3]])", "result<key 1>.f: a function cannot cross"),
        ("new Set([1, new Set([() => 1])])", "result<item 1><item 0>: a function cannot cross"),
        ("[Promise.resolve(1)]", "result[0]: a promise cannot cross"),
        ("/x/", "result: a regular expression cannot cross"),
        ("new WeakMap()", "result: a WeakMap cannot cross"),
        ("[new WeakSet()]", "result[0]: a WeakSet cannot cross"),
        ("new WeakRef({})", "result: a WeakRef cannot cross"),
        ("new DataView(new ArrayBuffer(1))", "result: a DataView cannot cross"),
        (
            "[new Float64Array(2)]",
            "result[0]: a typed array other than Uint8Array, or detached cannot cross",
        ),
        (
            "new Uint8ClampedArray(2)",
            "result: a typed array other than Uint8Array, or detached cannot cross",
        ),
        (
            "({s: ['\\uD800']})",
            "result.s[0]: a string with a lone surrogate (use toWellFormed()) cannot cross",
        ),
        (
            "const b = new ArrayBuffer(8); b.transfer(); ({b})",
            "result.b: a typed array other than Uint8Array, or detached cannot cross",
        ),
        ("new Proxy(() => 1, {})", "result: a function cannot cross"),
    ];
    for (source, message) in cases {
        let error = bench.error(source);
        assert_eq!(error.to_string(), message, "{source}");
        assert_eq!(error.code(), "ERR_NOT_CROSSABLE");
    }
}

#[test]
fn views_of_a_part_of_a_buffer_cross_as_that_part() {
    let mut bench = Bench::base();
    let value = bench.eval("const b = new Uint8Array([1, 2, 3, 4]); [b.subarray(1, 3), b.buffer, new Uint8Array(0), new ArrayBuffer(0)]");
    let expected = [
        Value::Bytes(vec![2, 3]),
        Value::ArrayBuffer(vec![1, 2, 3, 4]),
        Value::Bytes(vec![]),
        Value::ArrayBuffer(vec![]),
    ];
    assert_eq!(items(&value), expected);
    let shrunk = "const b = new ArrayBuffer(8, {maxByteLength: 16}); const v = new Uint8Array(b, 4, 4); b.resize(2); v";
    match bench.run(&ad_hoc(shrunk)).result {
        Ok(value) => assert_eq!(value, Value::Bytes(vec![])),
        Err(error) => assert_eq!(error.code(), "ERR_NOT_CROSSABLE"),
    }
}

#[test]
fn holes_accessors_and_hidden_properties_cross_as_reading_them_would() {
    let mut bench = Bench::base();
    assert_eq!(bench.eval("[1,,3]"), Value::Array(vec![1.into(), Value::Undefined, 3.into()]));
    let value = bench.eval(
        "const o = {get a() { return 1 }, [Symbol('s')]: 2}; Object.defineProperty(o, 'hidden', {value: 3}); \
         class P { own = 4; #secret = 5; get inherited() { return 6 } } [o, new P(), Object.create({x: 1})]",
    );
    let object = |key: &str, n: i32| Value::from_iter([(key, Value::from(n))]);
    assert_eq!(value, Value::Array(vec![object("a", 1), object("own", 4), Value::Object(vec![])]));
    let error = bench.eval("Object.assign(new TypeError('x'), {code: 7})");
    assert_eq!(
        (error.get("name"), error.get("message"), error.get("code")),
        (Some(&"TypeError".into()), Some(&"x".into()), Some(&7.into()))
    );
}

#[test]
fn a_getter_that_throws_is_the_runs_exception() {
    let mut bench = Bench::base();
    let error = bench.exception("({a: {get b() { throw new RangeError('mine') }}})");
    assert_eq!((error.name.as_str(), error.message.as_str()), ("RangeError", "mine"));
    let proxy = "new Proxy({}, {ownKeys() { throw new TypeError('keys') }})";
    assert_eq!(bench.exception(proxy).message, "keys");
}

#[test]
fn json_input_that_is_none_says_which_and_where() {
    let mut bench = Bench::function(ECHO);
    for text in [
        "",
        "{",
        "[1,]",
        "{'a': 1}",
        "nul",
        "1 2",
        "{\"a\": undefined}",
        "\"\u{1}\"",
        "01",
        "\u{FEFF}1",
        "[1\0]",
        // What has no form in a guest, or none that could come back out.
        "1e400",
        "\"\\ud800\"",
    ] {
        let input = Some(Input::Json(text.as_bytes().to_vec()));
        let error = bench.run(&Request { input, ..request() }).result.unwrap_err();
        let Error::InvalidJson { what, message } = &error else { panic!("{text:?}: {error:?}") };
        assert_eq!(what, "input");
        assert!(!message.is_empty());
    }
    let global = vec![("config".to_owned(), Input::Json(b"\xff\xfe".to_vec()))];
    let mut bench = Bench::classic("", "1");
    let error = bench.run(&Request { globals: global, ..request() }).result.unwrap_err();
    assert_eq!(error.to_string(), "config is not JSON: the text is not UTF-8");
    assert_eq!(bench.run(&request()).result, Ok(1.into()));
}

/// Whether a value is what serde reads of the same text.
fn as_serde_reads(value: &Value, read: &serde_json::Value) -> bool {
    match (value, read) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(a), serde_json::Value::Bool(b)) => a == b,
        // Its last digit may differ: serde's own reading of decimals is not exact.
        (Value::Number(a), serde_json::Value::Number(b)) => {
            let b = b.as_f64().unwrap();
            a.to_bits() == b.to_bits() || (a - b).abs() <= a.abs() * 1e-15
        }
        (Value::String(a), serde_json::Value::String(b)) => a == b,
        (Value::Array(a), serde_json::Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| as_serde_reads(a, b))
        }
        (Value::Object(a), serde_json::Value::Object(b)) => {
            let same =
                |(name, a): &(String, Value)| b.get(name).is_some_and(|b| as_serde_reads(a, b));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => false,
    }
}

/// Texts of JSON, most of them with names that repeat, and some with a part that is not well formed.
fn json_texts() -> impl Strategy<Value = String> {
    let plain = prop_oneof![
        "null|true|false|-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?",
        "\"[a-zü☃ ]{0,12}\"",
        "\"([a-z]|\\\\[\"\\\\/bfnrt]|\\\\u00[0-9a-f]{2}|\\\\ud83d\\\\ude00){0,6}\"",
    ];
    let nested = plain.prop_recursive(5, 60, 6, |inner| {
        let name = "a|b|id|name|__proto__|0|17|ü|a\\\\u0062";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|all| format!("[{}]", all.join(", "))),
            prop::collection::vec((name, inner), 0..6).prop_map(|all| {
                let all: Vec<_> =
                    all.iter().map(|(name, of)| format!("\"{name}\" :{of}")).collect();
                format!("{{{}}}", all.join(","))
            }),
        ]
    });
    let slip = prop_oneof![3 => Just(None), 1 => "[\\[\\]{}\",:0-9eE.\\\\u-]".prop_map(Some)];
    (nested, slip, any::<prop::sample::Index>()).prop_map(|(text, slip, at)| match slip {
        None => text,
        Some(slip) => {
            let mut all: Vec<char> = text.chars().collect();
            let at = at.index(all.len());
            all.splice(at..=at, slip.chars());
            all.into_iter().collect()
        }
    })
}

#[test]
fn json_input_is_read_as_serde_reads_it() {
    let mut bench = Bench::function(ECHO);
    let bench = RefCell::new(&mut bench);
    proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }, |(text in json_texts())| {
        let input = Some(Input::Json(text.clone().into_bytes()));
        let read = serde_json::from_str::<serde_json::Value>(&text);
        match bench.borrow_mut().run(&Request { input, ..request() }).result {
            Ok(value) => prop_assert!(as_serde_reads(&value, &read.unwrap()), "{text}: {value:?}"),
            Err(Error::InvalidJson { message, .. }) => {
                prop_assert_eq!(message, read.unwrap_err().to_string());
            }
            Err(error) => panic!("{text}: {error:?}"),
        }
    });
}

#[test]
fn json_input_nests_as_deep_as_values_may() {
    let mut bench =
        Bench::function("export default (x) => { let n = 0; while (x = x[0]) n++; return n }");
    let nested = |levels: usize| {
        Input::Json(format!("{}{}", "[".repeat(levels), "]".repeat(levels)).into_bytes())
    };
    let deepest = Request { input: Some(nested(MAX_DEPTH)), ..request() };
    assert_eq!(bench.run(&deepest).result, Ok(Value::Number(MAX_DEPTH as f64 - 1.0)));
    let deeper = Request { input: Some(nested(MAX_DEPTH + 1)), ..request() };
    let error = bench.run(&deeper).result.unwrap_err();
    assert!(error.to_string().contains("nesting deeper than 256 levels"), "{error}");
}

#[test]
fn json_input_crosses_whatever_its_size_and_contents() {
    let mut bench = Bench::function("export default (x) => [x.length, x[0], x.at(-1)]");
    let many =
        format!("[{}\"last\\u0000\\ud83d\\ude00\"]", "{\"a\": [1, -0, 1e300]},".repeat(50_000));
    let out = bench
        .run(&Request { input: Some(Input::Json(many.into_bytes())), ..request() })
        .result
        .unwrap();
    assert_eq!(items(&out)[0], 50_001.into());
    let numbers = items(&out)[1].get("a").unwrap();
    assert!(same(&items(numbers)[1], &(-0.0).into()) && items(numbers)[2] == 1e300.into());
    assert_eq!(items(&out)[2], "last\0\u{1F600}".into());
    let string = format!("\"{}\"", "x".repeat(8 << 20));
    let mut bench = Bench::function("export default (x) => x.length");
    let out = bench.run(&Request { input: Some(Input::Json(string.into_bytes())), ..request() });
    assert_eq!(out.result, Ok((8 << 20).into()));
}

#[test]
fn a_guest_that_patched_its_built_ins_cannot_fool_the_crossing() {
    let tampering = "
      const bad = () => { throw new Error('fooled') };
      const { defineProperty, ownKeys } = Reflect;
      const value = {__proto__: null, value: bad, configurable: true};
      const access = {__proto__: null, get: bad, set: bad, configurable: true};
      const todo = {__proto__: null};
      let count = 0;
      const plan = (object, key, how) => { todo[count++] = {__proto__: null, object, key, how} };
      for (const C of [Map, Set, Array, BigInt, Date, Uint8Array, ArrayBuffer, Object, String, Number, Function])
        for (const k of ownKeys(C.prototype))
          if (k !== '__proto__' && k !== 'constructor' && k !== 'length') plan(C.prototype, k, value);
      for (const k of [0, 1, 2, 3, 'a', 'b', 'k', 'value', 'get', 'set', 'writable', 'enumerable', 'configurable', 'done', 'next'])
        for (const C of [Array, Object]) plan(C.prototype, k, access);
      for (const k of ['Map', 'Set', 'BigInt', 'Date', 'Array', 'Object', 'Reflect', 'JSON', 'Uint8Array', 'Symbol'])
        plan(globalThis, k, value);
      for (let i = 0; i < count; i++) defineProperty(todo[i].object, todo[i].key, todo[i].how);
    ";
    let value = Value::from_iter([
        (
            "k",
            Value::Map(vec![(
                "k".into(),
                Value::Set(vec![1.into(), Value::BigInt(BigInt::from(-5))]),
            )]),
        ),
        (
            "a",
            Value::Array(vec![
                Value::Date(5.0),
                Value::Bytes(vec![1]),
                Value::ArrayBuffer(vec![2]),
                "s".into(),
            ]),
        ),
        ("b", Value::from(num_bigint::BigInt::from(1) << 200)),
    ]);
    let source = format!("export default (x) => {{ {tampering} return x }}");
    assert_eq!(Bench::function(&source).call(value.clone()), value, "patched during the run");
    let source = format!("{tampering} export default (x) => x");
    let mut bench = Bench::function(&source);
    assert_eq!(bench.call(value.clone()), value, "patched at set-up");
    let json = Input::Json(br#"{"a": [1, {"k": 2}]}"#.to_vec());
    let out = bench.run(&Request { input: Some(json), ..request() }).result.unwrap();
    assert_eq!(out.to_json(), r#"{"a":[1,{"k":2}]}"#);
}

#[test]
fn subclasses_and_patched_instances_cross_by_what_they_hold() {
    let mut bench = Bench::base();
    let value = bench.eval(
        "class M extends Map { forEach() { throw 1 } get size() { return 99 } [Symbol.iterator]() { throw 2 } entries() { throw 3 } } \
         class D extends Date { getTime() { return 99 } valueOf() { return 98 } [Symbol.toPrimitive]() { return 97 } } \
         class U extends Uint8Array { get length() { return 1e9 } get byteLength() { return 1e9 } } \
         const fake = {__proto__: Map.prototype, size: 3}; \
         [new M([[1, 2]]), new D(5), new U([7]), fake, {__proto__: Date.prototype}, {__proto__: Uint8Array.prototype}]",
    );
    let empty = Value::Object(vec![]);
    assert_eq!(
        value,
        Value::Array(vec![
            Value::Map(vec![(1.into(), 2.into())]),
            Value::Date(5.0),
            Value::Bytes(vec![7]),
            Value::from_iter([("size", Value::from(3))]),
            empty.clone(),
            empty,
        ])
    );
}

#[test]
fn getters_that_change_what_crosses_meanwhile_cannot_break_it() {
    let mut bench = Bench::base();
    for source in [
        "const a = [1, 2, 3, 4]; Object.defineProperty(a, 0, {get() { a.length = 0; return 1 }}); a",
        "const a = [{get x() { a.length = 0; a.push(...Array(1000).fill(0)); return 1 }}, 2, 3]; a",
        "const o = {get a() { delete o.b; o.c = 1; return 1 }, b: 2}; o",
        "const m = new Map([[{get k() { m.clear(); return 1 }}, 1], [2, 3]]); m",
        "const s = new Set([{get k() { s.clear(); return 1 }}, 2]); s",
        "const u = new Uint8Array(1000); ({get a() { u.buffer.transfer(); return 1 }, b: [1]})",
        "const o = {get a() { for (const k of Object.keys(o)) delete o[k]; return {} }, b: {}, c: {}}; o",
        "new Proxy({}, {ownKeys: () => ['a', 'b'], getOwnPropertyDescriptor: () => ({configurable: true, enumerable: true}), get: (t, k) => k + 1})",
        "new Proxy([1, 2], {get: (t, k) => k === 'length' ? -5 : t[k]})",
    ] {
        let _ =
            bench.run(&ad_hoc(source)).result.unwrap_or_else(|error| panic!("{source}: {error}"));
        bench.assert_sound();
    }
}

#[test]
fn the_deepest_values_of_every_kind_keep_their_text() {
    let kinds: [fn(Value) -> Value; 5] = [
        |inner| Value::Array(vec![inner]),
        |inner| Value::from_iter([("in", inner)]),
        |inner| Value::from_iter([("$type", inner)]),
        |inner| Value::Set(vec![inner]),
        |inner| Value::Map(vec![(Value::Null, inner)]),
    ];
    for wrap in kinds {
        let innermost = Value::Date(f64::NAN);
        let deepest = (0..MAX_DEPTH).fold(innermost, |inner, _| wrap(inner));
        let text = deepest.to_json();
        let back = Value::from_json(&text).expect("as deep as may cross");
        assert!(same(&back, &deepest), "{text}");
        let error = Value::from_json(&wrap(deepest).to_json()).expect_err("one level more");
        assert_eq!(error.code(), "ERR_INVALID_JSON");
    }
    // Brackets in strings do not nest, and no text is deep enough to end the process.
    let brackets = Value::from("[\\\"".repeat(2_000));
    assert_eq!(Value::from_json(&brackets.to_json()), Ok(brackets));
    for text in ["[", "{\"\":", "[{\"$type\":\"set\",\"value\":["] {
        assert!(Value::from_json(&text.repeat(1_000_000)).is_err());
    }
}

#[test]
fn a_bigint_of_a_million_bits_keeps_its_text_and_one_past_the_engines_is_refused_unread() {
    let largest = Bench::base().eval("-(2n ** 1000000n - 1n)");
    assert_eq!(Value::from_json(&largest.to_json()).as_ref(), Ok(&largest));
    // Reading these digits would take minutes.
    let text = format!("{{\"$type\":\"bigint\",\"value\":\"{}\"}}", "9".repeat(8 << 20));
    assert_eq!(Value::from_json(&text).expect_err("too many digits").code(), "ERR_INVALID_JSON");
}

#[test]
fn text_that_is_no_tagged_json_is_refused_with_a_reason() {
    for text in [
        "",
        "{",
        r#"{"$type": "bigint", "value": "x"}"#,
        r#"{"$type": "bigint"}"#,
        r#"{"$type": 5}"#,
        r#"{"$type": "nothing"}"#,
        r#"{"$type": "bytes", "value": "?"}"#,
        r#"{"$type": "map", "value": [[1]]}"#,
        r#"{"$type": "number", "value": "1"}"#,
        r#"{"$type": "date", "value": "now"}"#,
        &"[".repeat(100_000),
    ] {
        assert_eq!(Value::from_json(text).unwrap_err().code(), "ERR_INVALID_JSON", "{text:.40}");
    }
}
