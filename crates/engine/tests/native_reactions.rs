//! Errors that come to be where no script is on the stack: in native functions that are reactions of
//! promises themselves, and in generators that natives resume. What their stacks say is looked for
//! from frames that only natives have.

mod common;

use common::Bench;
use sandtide_engine::Value;

/// Built-ins that throw for what they are given, each as a reaction of its own.
const THROWING: [(&str, &str, &str); 12] = [
    ("'[1'", "JSON.parse", "SyntaxError"),
    ("'%'", "decodeURIComponent", "URIError"),
    ("'%zz'", "decodeURI", "URIError"),
    ("null", "Object.setPrototypeOf", "TypeError"),
    ("undefined", "Object.keys", "TypeError"),
    ("Symbol()", "Number", "TypeError"),
    ("1.5", "BigInt", "RangeError"),
    ("3", "Reflect.ownKeys", "TypeError"),
    ("-1", "Array", "RangeError"),
    ("-1", "String.fromCodePoint", "RangeError"),
    ("1", "Symbol.keyFor", "TypeError"),
    ("'('", "RegExp", "SyntaxError"),
];

/// Scripts whose errors are made in a function that a native called, and what their promises give.
const CALLING: [(&str, &str); 9] = [
    (
        "async function* g() { await 0; throw new Error('x') } g().next().catch((e) => e.message)",
        "x",
    ),
    ("async function* g() { await 0; new Error; yield 'y' } g().next().then((r) => r.value)", "y"),
    ("async function* g() { await 0; null.x } g().next().catch((e) => e.name)", "TypeError"),
    (
        "async function* g() { try { await 0; yield 1 } finally { new Error } } \
      const i = g(); i.next().then(() => i.return('r')).then((r) => r.value)",
        "r",
    ),
    (
        "const f = () => { new Error; return 'f' }; \
      Promise.resolve([]).then(Function.prototype.apply.bind(f, null))",
        "f",
    ),
    (
        "const f = () => { new Error }; Promise.resolve(f)\
      .then(Function.prototype.call.bind(Reflect.apply, null, f, null, [])).then(() => 'b')",
        "b",
    ),
    (
        "Promise.resolve([1]).then(Array.prototype.map.call.bind([].map, [1], () => new Error().name))\
      .then((list) => list[0])",
        "Error",
    ),
    ("Promise.resolve({ get then() { throw new Error('t') } }).catch((e) => e.message)", "t"),
    ("(async () => { await { then(done) { new Error; done('d') } } })().then(() => 'w')", "w"),
];

fn outcome(bench: &mut Bench, source: &str) -> Value {
    bench.run(&common::ad_hoc(source)).result.unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn built_ins_that_throw_as_reactions_reject_with_their_error() {
    let mut bench = Bench::base();
    for (value, function, error) in THROWING {
        let source = format!("Promise.resolve({value}).then({function}).catch((e) => e.name)");
        for _ in 0..3 {
            assert_eq!(outcome(&mut bench, &source), Value::from(error), "{source}");
        }
    }
}

#[test]
fn errors_made_in_what_natives_call_have_stacks_like_others() {
    let mut bench = Bench::base();
    for (source, value) in CALLING {
        for _ in 0..3 {
            assert_eq!(outcome(&mut bench, source), Value::from(value), "{source}");
        }
    }
}

#[test]
fn every_global_function_may_be_a_reaction() {
    let mut bench = Bench::base();
    let source = "
        const found = [];
        const look = (object, depth) => {
          for (const key of Reflect.ownKeys(object)) {
            const own = Object.getOwnPropertyDescriptor(object, key);
            for (const value of [own.value, own.get, own.set]) {
              if (typeof value === 'function' && !found.includes(value)) {
                found.push(value);
                if (depth) look(value, depth - 1);
              } else if (depth && value && typeof value === 'object' && value !== object) {
                look(value, depth - 1);
              }
            }
          }
        };
        look(globalThis, 2);
        Promise.allSettled(found.flatMap((f) =>
          [undefined, '%', -1, {}].map((value) => Promise.resolve(value).then(f))))
          .then((all) => all.length > 1000)";
    assert_eq!(outcome(&mut bench, source), Value::from(true));
}
