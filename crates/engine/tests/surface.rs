//! What a guest must not reach, and what a policy turns off.

mod common;

use common::*;
use sandtide_engine::{EntryPoint, InstanceConfig, Intrinsics, Plan, Source, Value};

/// Every object that can be reached from the global one and from literals, without calling guests'
/// functions: what hides somewhere is found by walking, not by guessing.
const WALK: &str = "
function walk(visit) {
  const seen = new Set();
  const todo = [[globalThis, 'globalThis'], [function* () {}, 'gen'], [async () => {}, 'async'],
    [async function* () {}, 'asyncgen'], [[][Symbol.iterator]?.(), 'iter'],
    [''[Symbol.iterator]?.(), 'striter'], [(function () { return arguments })(), 'arguments'],
    [class A {}, 'class'], [Promise.resolve(), 'promise'], [new Error('x'), 'error']];
  try { todo.push([/a/, 'regexp'], ['a'.matchAll(/a/g), 'matchall']) } catch {}
  try { todo.push([new Map().entries(), 'mapiter'], [new Set().values(), 'setiter']) } catch {}
  try { todo.push([new Uint8Array(1), 'bytes'], [new ArrayBuffer(1), 'buffer']) } catch {}
  while (todo.length) {
    const [object, path] = todo.pop();
    if (object === null || (typeof object !== 'object' && typeof object !== 'function')) continue;
    if (seen.has(object)) continue;
    seen.add(object);
    visit(object, path);
    todo.push([Object.getPrototypeOf(object), path + '.__proto__']);
    for (const key of Reflect.ownKeys(object)) {
      const d = Object.getOwnPropertyDescriptor(object, key);
      for (const part of ['value', 'get', 'set']) todo.push([d[part], path + '.' + String(key)]);
    }
  }
  return seen.size;
}
";

#[test]
fn shared_memory_is_nowhere_to_be_found() {
    let mut bench = Bench::classic(WALK, "0");
    let found = bench.eval(
        "const found = []; \
         const size = walk((object, path) => { \
           let name; try { name = object.name } catch {} \
           let tag; try { tag = object[Symbol.toStringTag] } catch {} \
           for (const word of ['SharedArrayBuffer', 'Atomics']) \
             if (name === word || tag === word) found.push(path); }); \
         [size > 500, found.join()]",
    );
    assert_eq!(found, Value::from_iter([Value::Bool(true), "".into()]));
    for look in ["typeof SharedArrayBuffer", "typeof Atomics"] {
        assert_eq!(bench.eval(look), "undefined".into());
    }
    let deny = "try { new Uint8Array(new ArrayBuffer(8, {shared: true})).buffer.constructor.name } catch { 'no' }";
    assert_ne!(bench.eval(deny), "SharedArrayBuffer".into());
    for species in [
        "ArrayBuffer.prototype.constructor.name",
        "Object.getPrototypeOf(new ArrayBuffer(1)).constructor.name",
        "new ArrayBuffer(1, {maxByteLength: 8}).constructor.name",
        "new Uint8Array(1).buffer.constructor.name",
    ] {
        assert_eq!(bench.eval(species), "ArrayBuffer".into());
    }
}

#[test]
fn the_globals_are_the_languages_own_and_no_more() {
    let mut bench = Bench::base();
    let names = bench.eval("Object.getOwnPropertyNames(globalThis).sort()");
    let known = [
        "AggregateError",
        "Array",
        "ArrayBuffer",
        "BigInt",
        "BigInt64Array",
        "BigUint64Array",
        "Boolean",
        "DOMException",
        "DataView",
        "Date",
        "Error",
        "EvalError",
        "FinalizationRegistry",
        "Float16Array",
        "Float32Array",
        "Float64Array",
        "Function",
        "Infinity",
        "Int16Array",
        "Int32Array",
        "Int8Array",
        "InternalError",
        "Iterator",
        "JSON",
        "Map",
        "Math",
        "NaN",
        "Number",
        "Object",
        "Promise",
        "Proxy",
        "RangeError",
        "ReferenceError",
        "Reflect",
        "RegExp",
        "Set",
        "String",
        "SuppressedError",
        "Symbol",
        "SyntaxError",
        "TypeError",
        "URIError",
        "Uint16Array",
        "Uint32Array",
        "Uint8Array",
        "Uint8ClampedArray",
        "WeakMap",
        "WeakRef",
        "WeakSet",
        "atob",
        "btoa",
        "console",
        "decodeURI",
        "decodeURIComponent",
        "encodeURI",
        "encodeURIComponent",
        "escape",
        "eval",
        "globalThis",
        "isFinite",
        "isNaN",
        "parseFloat",
        "parseInt",
        "performance",
        "queueMicrotask",
        "undefined",
        "unescape",
        "AsyncDisposableStack",
        "DisposableStack",
        "CallSite",
    ];
    let platform = sandtide_platform::GLOBALS
        .iter()
        .map(|global| global.name)
        .filter(|name| !name.contains('.'));
    let known: Vec<&str> = known.into_iter().chain(platform).collect();
    for name in items(&names) {
        let name = text(name);
        assert!(known.contains(&name), "{name} is new: may guests have it?");
    }
}

#[test]
fn hosts_of_other_programs_are_not_there() {
    let mut bench = Bench::base();
    for name in [
        "std",
        "os",
        "bjson",
        "require",
        "process",
        "module",
        "exports",
        "global",
        "Buffer",
        "Deno",
        "Bun",
        "window",
        "document",
        "XMLHttpRequest",
        "Worker",
        "load",
        "loadScript",
        "loadFile",
        "read",
        "readFile",
        "print",
        "gc",
        "scriptArgs",
        "setImmediate",
        "__loadScript",
        "__dirname",
        "java",
        "importScripts",
    ] {
        assert_eq!(bench.eval(&format!("typeof {name}")), "undefined".into(), "{name}");
    }
}

#[test]
fn modules_of_the_system_cannot_be_imported() {
    let specifiers = [
        "fs",
        "node:fs",
        "std",
        "os",
        "qjs:std",
        "qjs:os",
        "qjs:bjson",
        "bjson",
        "./main.js.so",
        "/etc/passwd",
        "file:///etc/passwd",
        "../../../etc/passwd",
        "http://127.0.0.1/x.js",
        "data:text/javascript,export default 1",
        "./x.so",
        "libc.so.6",
        "sandtide:helpers",
        "",
    ];
    let mut bench = Bench::base();
    for specifier in specifiers {
        for source in [
            format!("import {{}} from {specifier:?}; export default () => 1"),
            format!("export * from {specifier:?}; export default () => 1"),
            format!("export default () => import({specifier:?})"),
            format!("import({specifier:?})"),
        ] {
            let error = bench.error(&source);
            assert_eq!(error.code(), "ERR_MODULE_NOT_FOUND", "{source}: {error}");
        }
        let caught = format!(
            "(async () => {{ try {{ await import({specifier:?}) }} catch (e) {{ return e instanceof Error }} }})()"
        );
        assert_eq!(bench.eval(&caught), Value::Bool(true), "{specifier}");
    }
}

#[test]
fn a_modules_meta_tells_nothing_of_the_machine() {
    let mut bench = Bench::base();
    let value = bench.eval("export default () => JSON.stringify(import.meta ?? {})");
    assert!(
        matches!(&value, Value::Undefined) || text(&value) == "{}" || !text(&value).contains('/'),
        "{value:?}"
    );
}

#[test]
fn no_bytes_become_code() {
    let mut bench = Bench::classic(WALK, "0");
    let found = bench.eval(
        "const found = []; walk((object, path) => { \
           for (const key of Reflect.ownKeys(object)) \
             if (/bytecode|readobject|writeobject|deserialize|evalmodule/i.test(String(key))) found.push(path + '.' + String(key)); }); \
         found.join()",
    );
    assert_eq!(found, "".into());
    for text in
        ["new Function(new Uint8Array([1, 2, 3]).buffer)", "new Function('\\u0001\\u0002\\u0000')"]
    {
        assert_eq!(bench.error(text).code(), "ERR_EXCEPTION");
    }
}

#[test]
fn queue_microtask_takes_functions_only() {
    let mut bench = Bench::base();
    let source = "typeof queueMicrotask === 'function' ? (() => { try { queueMicrotask('leak = 1') } catch (e) { return e.name } })() : 'TypeError'";
    assert_eq!(bench.eval(source), "TypeError".into());
}

#[test]
fn the_helpers_of_value_crossing_cannot_be_reached() {
    let mut bench = Bench::classic(WALK, "0");
    let found = bench.eval(
        "const found = []; const names = ['mapEntries', 'setItems', 'makeMap', 'makeSet', 'makeBigint', 'bigintHex', 'dateMs', 'refuse']; \
         walk((object, path) => { if (typeof object === 'function' && names.includes(object.name)) found.push(path) }); found.join()",
    );
    assert_eq!(found, "".into());
    let stack = "let at; Map.prototype.forEach = 1; \
        ({get x() { at = new Error('x').stack; return at }})";
    let value = bench.eval(stack);
    assert!(!format!("{value:?}").contains("sandtide:"), "{value:?}");
    assert_eq!(
        bench.eval(
            "(function f() { return String(f.caller) + String(arguments.callee?.caller) })()"
        ),
        "undefinedundefined".into()
    );
}

fn without(change: impl Fn(&mut Intrinsics)) -> Bench {
    let mut intrinsics = Intrinsics::default();
    change(&mut intrinsics);
    let mut config = InstanceConfig::default();
    config.intrinsics = intrinsics;
    Bench::with(config)
}

type Change = fn(&mut Intrinsics);

#[test]
fn what_a_policy_turns_off_is_not_there() {
    let flags: &[(Change, &[&str])] = &[
        (|i| i.date = false, &["Date"]),
        (|i| i.regexp = false, &["RegExp"]),
        (|i| i.json = false, &["JSON"]),
        (|i| i.proxy = false, &["Proxy"]),
        (|i| i.map_set = false, &["Map", "Set", "WeakMap", "WeakSet"]),
        (|i| i.typed_arrays = false, &["ArrayBuffer", "Uint8Array", "DataView", "Float64Array"]),
        (|i| i.weak_ref = false, &["WeakRef", "FinalizationRegistry"]),
        (|i| i.base64 = false, &["atob", "btoa"]),
        (|i| i.performance = false, &["performance"]),
        (|i| i.eval = false, &["eval"]),
    ];
    let names: Vec<&str> = flags.iter().flat_map(|(_, names)| *names).copied().collect();
    for (change, gone) in flags {
        let mut bench = without(change);
        for name in &names {
            let there = !gone.contains(name);
            let found = bench.eval(&format!("typeof {name} !== 'undefined' && {name} != null"));
            assert_eq!(found, Value::Bool(there), "{name} without {gone:?}");
        }
        // What is left works, and values that need nothing of it cross.
        let value = bench.eval("[1, 'a', {b: [true, null]}, 2n].concat([3])");
        assert_eq!(items(&value).len(), 5);
        let awaited = bench.eval("(async () => (await Promise.all([1, 2])).length)()");
        assert_eq!(awaited, 2.into());
    }
}

#[test]
fn a_minimal_instance_runs_the_language_and_has_nothing_else() {
    let mut bench = without(|i| *i = Intrinsics::minimal());
    for name in [
        "Date",
        "RegExp",
        "JSON",
        "Proxy",
        "Map",
        "Uint8Array",
        "WeakRef",
        "atob",
        "eval",
        "performance",
    ] {
        assert_eq!(bench.eval(&format!("typeof {name}")), "undefined".into(), "{name}");
    }
    assert_eq!(bench.eval("[3, 1, 2].sort().map((x) => x * 2).join('-')"), "2-4-6".into());
    assert_eq!(bench.error("/a/.test('a')").code(), "ERR_SYNTAX");
    assert_eq!(bench.logs("console.log({a: [1]}, 'x')"), ["{ a: [ 1 ] } x"]);
    let module = bench.eval("export default async () => { class A { #x = 1; get x() { return this.#x } } return new A().x }");
    assert_eq!(module, 1.into());
}

#[test]
fn values_whose_kind_is_turned_off_are_refused_and_nothing_breaks() {
    for value in [
        Value::Date(1.0),
        Value::Map(vec![(1.into(), 2.into())]),
        Value::Set(vec![1.into()]),
        Value::Bytes(vec![1]),
        Value::ArrayBuffer(vec![1]),
        Value::BigInt(7.into()),
    ] {
        let mut bench = without(|i| *i = Intrinsics::minimal());
        bench.image = bench
            .instance
            .build(&Plan {
                entry: EntryPoint::Module(Source::new("m.js", "export default (x) => typeof x")),
                ..plan()
            })
            .unwrap();
        let _ = bench.run(&with_input(value)).result;
        assert_eq!(bench.call(5), "number".into());
    }
}

#[test]
fn json_input_needs_no_json_in_the_guest() {
    let mut bench = without(|i| i.json = false);
    bench.image = bench
        .instance
        .build(&Plan {
            entry: EntryPoint::Module(Source::new(
                "m.js",
                "export default (x) => x.a[1] + typeof JSON",
            )),
            ..plan()
        })
        .unwrap();
    let input = sandtide_engine::Input::Json(br#"{"a": [1, 2]}"#.to_vec());
    let request = sandtide_engine::Request { input: Some(input), ..request() };
    assert_eq!(bench.run(&request).result, Ok("2undefined".into()));
}

#[test]
fn without_eval_no_text_becomes_code() {
    let mut bench = without(|i| i.eval = false);
    for source in [
        "eval('1')",
        "(0, eval)('1')",
        "globalThis.eval('1')",
        "Function('return 1')()",
        "new Function('return 1')()",
        "(function () {}).constructor('return 1')()",
        "(() => 1).constructor('return 1')()",
        "Reflect.construct(Function, ['return 1'])()",
        "Reflect.construct((function () {}).constructor, ['return 1'], Object)()",
        "(async function () {}).constructor('return 1')()",
        "(function* () {}).constructor('yield 1')().next().value",
        "(async function* () {}).constructor('yield 1')().next()",
        "Object.getPrototypeOf(Object.getPrototypeOf(function* () {})).constructor('return 1')()",
        "Object.getPrototypeOf(async () => {}).constructor.constructor('return 1')()",
        "Object.getPrototypeOf(Object.getPrototypeOf(async () => {}).constructor)('return 1')()",
        "Object.getPrototypeOf(class {}).constructor('return 1')()",
        "console.log.constructor('return 1')()",
        "Math.max.constructor('return 1')()",
        "Function.prototype.constructor('return 1')()",
        "Function.constructor('return 1')()",
        "class F extends Function {}; new F('return 1')()",
        "class F extends (function () {}).constructor {}; new F('return 1')()",
        "Array.from.call(Function, ['return 1'])()",
        "Array.of.call(Function, 'return 1')()",
        "[1].constructor.constructor('return 1')()",
        "(1).constructor.constructor('return 1')()",
        "({}).constructor.constructor('return 1')()",
        "new Proxy(Function, {})('return 1')()",
        "Function.bind(null, 'return 1')()()",
        "Function.prototype.call.call(Function, null, 'return 1')()",
    ] {
        let error = bench.error(source);
        assert_eq!(error.code(), "ERR_EXCEPTION", "{source}: {error}");
    }
    assert_eq!(bench.eval("(function () {}) instanceof Function"), Value::Bool(true));
    let mut walked = without(|i| i.eval = false);
    walked.image = walked
        .instance
        .build(&Plan { setup: vec![Source::new("walk.js", WALK)], ..plan() })
        .unwrap();
    let compiled = walked.eval(
        "const found = []; walk((object, path) => { \
           if (typeof object !== 'function') return; \
           for (const make of [(f) => f('return 1')(), (f) => new f('return 1')(), (f) => f('1'), (f) => f('yield 1')().next().value]) \
             try { if (make(object) === 1 && !/^(globalThis\\.)?(Number|parse|BigInt|Math|is)/.test(path)) found.push(path) } catch {} }); \
         found.join()",
    );
    let compiled = text(&compiled);
    assert!(!compiled.contains("Function") && !compiled.contains("constructor"), "{compiled}");
}
