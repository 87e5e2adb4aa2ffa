//! Small records are copied out in one call. They come out just as objects do that are read property by
//! property: an object of each kind is brought out as it is, and again with one more property that is got
//! by a call, which the one call leaves to the other way.

mod common;

use common::*;
use sandtide_engine::{Error, Limits, Request, Value};

/// What is added to have an object read property by property.
const LAST: &str = "last";

/// Expressions whose values are objects.
const OBJECTS: &[&str] = &[
    "({})",
    "({ a: 1 })",
    "({ a: undefined, b: null, c: true, d: -0, e: NaN, f: 2 ** 53, g: 'x', h: Infinity })",
    "({ b: 1, 2: 'two', a: 3, 1: 'one' })",
    "({ '01': 1, '4294967295': 2, '4294967294': 3, '-1': 4, '1.5': 5 })",
    "({ '': 1, ' ': 2, 'a b': 3, 'constructor': 4 })",
    "({ ['__proto__']: 1, toString: 2 })",
    "({ '$bytes': 'x', '$type': 1, '$': 2 })",
    "({ 'é': 1, 'ÿ': 'ÿ', '日本': '日本', '😀': '😀' })",
    "({ ['x'.repeat(4096)]: 1 })",
    "({ ['x'.repeat(4097)]: 1 })",
    "({ a: 'y'.repeat(4096), b: 'y'.repeat(4097), c: 'é'.repeat(4096) })",
    "({ a: 'quoted \" and \\\\ and \\n and \\u0001' })",
    "({ a: ('one piece of a longer text ' + 'x'.repeat(100)).slice(4, 60) })",
    "({ a: 'left half '.repeat(300) + 'right half '.repeat(300) })",
    "({ a: { b: { c: 1 } }, d: [1, { e: 2 }], f: new Date(0), g: 5n })",
    "({ [Symbol('s')]: 1, a: 2 })",
    "Object.defineProperty({ a: 1 }, 'hidden', { value: 2, configurable: true })",
    "Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })",
    "Object.assign(Object.create(null), { a: 1 })",
    "Object.fromEntries(Array.from({ length: 15 }, (_, i) => ['k' + i, i]))",
    "Object.fromEntries(Array.from({ length: 16 }, (_, i) => ['k' + i, i]))",
    "Object.fromEntries(Array.from({ length: 17 }, (_, i) => ['k' + i, i]))",
    "(() => { const o = Object.fromEntries(Array.from({ length: 17 }, (_, i) => ['k' + i, i])); \
       for (let i = 0; i < 12; i++) delete o['k' + i]; return o })()",
    "(() => { const o = { a: 1, b: 2, c: 3 }; delete o.b; o.d = 4; o.b = 5; return o })()",
    "new (class Point { x = 1; #secret = 2; y = 'z' })",
    "(function () { return arguments })(1, 'two')",
];

/// The same object with a property that is got by a call.
fn slowly(object: &str) -> String {
    format!(
        "Object.defineProperty({object}, '{LAST}', {{ get() {{ return 0 }}, enumerable: true }})"
    )
}

fn limited(source: &str, output: usize) -> Request {
    Request { limits: Limits { output, ..generous() }, ..ad_hoc(source) }
}

#[test]
fn records_come_out_as_when_each_property_is_read() {
    let mut bench = Bench::base();
    for object in OBJECTS {
        let fast = bench.run(&ad_hoc(object));
        let slow = bench.run(&ad_hoc(&slowly(object)));
        let Ok(Value::Object(mut read)) = slow.result else {
            panic!("{object}: {:?}", slow.result)
        };
        assert_eq!(read.pop(), Some((LAST.to_owned(), 0.into())), "{object}");
        let (copied, read) = (fast.result.unwrap(), Value::Object(read));
        // Numbers are told apart by their bits.
        assert_eq!(format!("{copied:?}"), format!("{read:?}"), "{object}");
        // An entry takes 8 bytes and its name, and so does a number without a name.
        assert_eq!(fast.usage.output + LAST.len() + 8, slow.usage.output, "{object}");
        let just = bench.run(&limited(object, fast.usage.output));
        assert!(just.result.is_ok(), "{object}: {:?}", just.result);
        let short = fast.usage.output - 1;
        let refused = bench.run(&limited(object, short));
        assert_eq!(refused.result, Err(Error::Output { limit: short }), "{object}");
    }
}

#[test]
fn what_a_record_refuses_is_named_as_when_each_property_is_read() {
    let mut bench = Bench::base();
    for object in [
        "({ a: 1, b: '\\ud800' })",
        "({ a: 1, 'b c': '\\udc00 and more' })",
        "({ a: 1, b: Symbol('s') })",
        "({ a: () => 1 })",
        "({ a: { b: Promise.resolve() } })",
        "({ '\\ud800': 1 })",
    ] {
        let fast = bench.error(object);
        assert_eq!(fast, bench.error(&slowly(object)), "{object}");
        assert_eq!(fast.code(), "ERR_NOT_CROSSABLE", "{object}");
    }
}

#[test]
fn nothing_of_a_run_that_is_over_is_copied_out() {
    let mut bench = Bench::base();
    let request = Request { limits: short(), ..request() };
    let codes = bench.instance.scope(&bench.image, &request, |scope| {
        let record = scope.eval("r.js", "({ a: 'x' })")?;
        let text = scope.eval("t.js", "'text'")?;
        let ended = scope.eval("x.js", "for (;;) ;").map(|_| ());
        let copied = [record, text].map(|value| scope.to_value(value).map(|_| ()));
        Ok::<_, Error>([ended, copied[0].clone(), copied[1].clone()])
    });
    for result in codes.unwrap().unwrap() {
        assert_eq!(result.unwrap_err().code(), "ERR_WALL_TIME_LIMIT");
    }
}
