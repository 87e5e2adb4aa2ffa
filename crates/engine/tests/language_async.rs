//! Asynchronous functions, generators, disposal and `Array.fromAsync` as the standard has them, and what
//! test262 found beside them: programs and what they come to. The sections named are those of ECMA-262.

mod common;

use common::*;
use sandtide_engine::{EntryPoint, Error, Plan, Source, Value};

/// Runs each program as an ad hoc run, and compares its value, awaited, with a text.
fn check(before: &str, programs: &[(&str, &str)]) {
    let mut bench = Bench::base();
    let mut wrong = Vec::new();
    for (program, expected) in programs {
        let found = match bench.run(&ad_hoc(&format!("{before}{program}"))).result {
            Ok(Value::String(text)) => text,
            Ok(other) => format!("{other:?}"),
            Err(Error::Exception(thrown)) => format!("!{}", thrown.name),
            Err(Error::Syntax(_)) => "!SyntaxError".to_owned(),
            Err(other) => format!("!{other}"),
        };
        if found != *expected {
            wrong.push(format!("{program}\n    is {found}\n    not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), programs.len(), wrong.join("\n"));
}

/// `run(f)` gives what `f` logged, and the name of what it threw.
const LOGGED: &str = "var log = []; \
    var run = async (f) => { try { await f() } catch (e) { log.push(e?.name ?? e) } \
        for (var k = 0; k < 40; k++) await k; return log.join() }; ";

#[test]
fn what_cannot_be_awaited_throws_where_it_is_awaited() {
    // 27.7.5.3
    check(
        &format!(
            "{LOGGED} var bad = Object.defineProperty(Promise.resolve(1), 'constructor', \
             {{ get() {{ throw 'ctor' }} }});"
        ),
        &[
            ("run(async () => { try { await bad } catch (e) { log.push('in ' + e) } })", "in ctor"),
            (
                "run(async () => { try { await bad } finally { log.push('finally') } })",
                "finally,ctor",
            ),
            ("run(async () => { await bad; log.push('went on') })", "ctor"),
            (
                "run(async () => { var f = async () => { await 1; try { return await bad } catch { return 3 } }; log.push(await f()) })",
                "3",
            ),
            (
                "run(async () => { var g = (async function* () { try { await bad } catch (e) { yield e } })(); log.push((await g.next()).value) })",
                "ctor",
            ),
            (
                "run(async () => { try { for await (var x of { [Symbol.asyncIterator]: () => ({ next: () => bad }) }); } catch (e) { log.push('in ' + e) } })",
                "in ctor",
            ),
        ],
    );
}

#[test]
fn every_request_to_an_asynchronous_generator_is_answered() {
    // 27.6.3.10
    check(
        &format!(
            "{LOGGED} var told = (name) => [(r) => log.push(name + r.value + r.done), (e) => log.push(name + '!' + e)]; \
             var ask = (g, ...how) => how.forEach((h, i) => g[h](i).then(...told(h[0] + i + ':')));"
        ),
        &[
            (
                "run(() => ask((async function* () { yield 'a' })(), 'next', 'next', 'next', 'next'))",
                "n0:afalse,n1:undefinedtrue,n2:undefinedtrue,n3:undefinedtrue",
            ),
            (
                "run(() => ask((async function* () {})(), 'next', 'return', 'next', 'throw', 'return', 'next'))",
                "n0:undefinedtrue,r1:1true,n2:undefinedtrue,t3:!3,r4:4true,n5:undefinedtrue",
            ),
            (
                "run(() => ask((async function* () {})(), 'return', 'next', 'next'))",
                "r0:0true,n1:undefinedtrue,n2:undefinedtrue",
            ),
            (
                "run(() => ask((async function* () { throw 'x' })(), 'next', 'next', 'throw', 'next'))",
                "n0:!x,n1:undefinedtrue,t2:!2,n3:undefinedtrue",
            ),
        ],
    );
}

#[test]
fn resources_are_disposed_of_without_calling_then() {
    // 27.4.3.4 and DisposeResources
    check(
        &format!(
            "{LOGGED} var then = Promise.prototype.then, calls = 0; \
             var spied = (s) => {{ Promise.prototype.then = function (...a) {{ calls++; return then.apply(this, a) }}; \
                 var p = s.disposeAsync(); \
                 return {{ then: (a, b) => then.call(p, (v) => {{ Promise.prototype.then = then; a(v) }}, (e) => {{ Promise.prototype.then = then; b(e) }}) }} }}; \
             var s = new AsyncDisposableStack();"
        ),
        &[
            (
                "s.defer(() => log.push('a')); s.use(null); s.adopt(5, async (v) => log.push('v' + v)); \
                 run(async () => { log.push(String(await spied(s))); log.push(calls) })",
                "v5,a,undefined,0",
            ),
            (
                "s.defer(() => { throw 1 }); s.defer(async () => { throw 2 }); s.defer(() => { throw 3 }); \
                 run(() => spied(s).then(() => 0, (e) => log.push(e.error, e.suppressed.error, e.suppressed.suppressed, calls)))",
                "1,2,3,0",
            ),
            (
                "s.disposeAsync(); run(async () => { log.push(String(await s.disposeAsync()), s.disposed) })",
                "undefined,true",
            ),
            ("run(() => AsyncDisposableStack.prototype.disposeAsync.call({}))", "TypeError"),
            // One turn for each resource, and one where there were only nulls.
            (
                "var turns = async (s) => { var n = 0, done = false; s.disposeAsync().then(() => done = true); \
                 while (!done) { await 0; n++ } return n }; \
                 var two = new AsyncDisposableStack(); two.use(null); two.use(undefined); \
                 var both = new AsyncDisposableStack(); both.defer(() => {}); both.use(null); both.defer(() => {}); \
                 run(async () => { log.push(await turns(s), await turns(two), await turns(both)) })",
                "1,2,3",
            ),
        ],
    );
}

#[test]
fn arrays_are_made_from_asynchronous_iterables() {
    // 23.1.2.1
    check(
        &format!(
            "{LOGGED} function C() {{ log.push('C' + [...arguments]) }} \
             var source = (kind, next, more) => ({{ [Symbol[kind]]() {{ log.push('open'); return {{ \
                 get next() {{ log.push('get'); return next }}, return() {{ log.push('close'); return {{}} }}, ...more }} }} }}); \
             var counted = (n) => {{ var i = 0; return () => ({{ done: i >= n, value: i++ }}) }}; \
             var made = (self, ...a) => run(async () => log.push(JSON.stringify(await Array.fromAsync.call(self, ...a))));"
        ),
        &[
            ("made(Array, source('iterator', counted(2)))", "open,get,[0,1]"),
            ("made(Array, source('asyncIterator', counted(2)))", "open,get,[0,1]"),
            (
                "made(C, source('iterator', counted(1)), async (x, i) => [x, i])",
                "open,get,C,{\"0\":[0,0],\"length\":1}",
            ),
            ("made(undefined, { length: 2, 0: Promise.resolve(5), 1: 6 }, (x) => x + 1)", "[6,7]"),
            ("made(C, { length: 1, 0: 5 })", "C1,{\"0\":5,\"length\":1}"),
            ("made(() => 1, 'ab')", "[\"a\",\"b\"]"),
            (
                "made(Array, source('iterator', counted(2)), () => { throw 'm' })",
                "open,get,close,m",
            ),
            (
                "made(Array, source('asyncIterator', counted(2)), () => Promise.reject('m'))",
                "open,get,close,m",
            ),
            ("made(Array, source('asyncIterator', () => 5))", "open,get,TypeError"),
            ("made(Array, source('iterator', () => { throw 'n' }))", "open,get,n"),
            (
                "made(Array, source('iterator', counted(2), { return: 7 }), () => { throw 'm' })",
                "open,get,m",
            ),
            ("made(Array, { [Symbol.asyncIterator]: 1 })", "TypeError"),
            ("made(Array, null)", "TypeError"),
            ("made(Array, [1], 5)", "TypeError"),
            ("made(function () { return Object.freeze([]) }, [1])", "TypeError"),
            (
                "var f = Array.fromAsync; [f.name, f.length, 'prototype' in f, Object.getPrototypeOf(f) === Function.prototype, \
                 /native code/.test(f)].join()",
                "fromAsync,1,false,true,true",
            ),
        ],
    );
}

#[test]
fn proxies_define_what_their_targets_allow() {
    // 10.5.6
    check(
        "var define = (d, value) => { var t = Object.defineProperty({}, 'x', { value: 1, ...d }); \
             try { return String(Reflect.defineProperty(new Proxy(t, { defineProperty: () => true }), 'x', value)) } \
             catch (e) { return e.name } };",
        &[
            (
                "var p = new Proxy([], { defineProperty: (t, k, d) => Reflect.defineProperty(t, k, d) }); \
                 p.length = 3; p.push(1); p[7] = 2; String(p.length)",
                "8",
            ),
            ("define({ writable: true }, { value: 5 })", "true"),
            ("define({ writable: true }, { writable: true })", "true"),
            ("define({ writable: true }, { writable: false })", "TypeError"),
            ("define({ writable: true }, { value: 1, writable: false })", "TypeError"),
            ("define({}, { value: 1 })", "true"),
            ("define({}, { value: 2 })", "TypeError"),
            ("define({}, { writable: true })", "TypeError"),
            ("define({ configurable: true, writable: true }, { writable: false })", "true"),
        ],
    );
}

#[test]
fn nan_is_a_numeric_index_of_typed_arrays() {
    // 7.1.21
    check(
        "var t = new Int32Array(2), child = Object.create(t);",
        &[
            ("child.NaN = 1; String(Object.hasOwn(child, 'NaN'))", "false"),
            ("t.NaN = 1; String('NaN' in t)", "false"),
            ("child['-NaN'] = 1; String(Object.hasOwn(child, '-NaN'))", "true"),
            ("String(Reflect.defineProperty(t, 'NaN', { value: 1 }))", "false"),
        ],
    );
}

#[test]
fn a_for_of_loop_may_declare_a_catch_parameter_again() {
    // B.3.4
    check(
        "",
        &[
            ("try { throw 1 } catch (e) { for (var e of [2]); String(e) }", "2"),
            ("try { throw [1] } catch ([e]) { for (var e of [2]); }", "!SyntaxError"),
        ],
    );
}

#[test]
fn names_of_exports_are_well_formed() {
    // 16.2.1.1
    for (list, taken) in [
        (r#"import { "\uD83D" as a } from "./m.js";"#, false),
        (r#"export * as "\uD83D" from "./m.js";"#, false),
        (r#"export { "\uD83D" } from "./m.js";"#, false),
        (r#"export { "\uD83D" as a } from "./m.js";"#, false),
        (r#"export { a as "\uD83D" } from "./m.js";"#, false),
        (r#"import { "\uD83D\uDE00" as a } from "./m.js";"#, true),
    ] {
        let mut bench = Bench::of(&Plan {
            modules: modules(&[("m.js", "var a = 1; export { a as '\\uD83D\\uDE00', a }")]),
            ..plan()
        });
        let source = format!("{list} export default () => 1;");
        let result = bench.run(&ad_hoc(&source)).result;
        assert_eq!(result == Ok(1.into()), taken, "{list}: {result:?}");
        assert_eq!(matches!(result, Err(Error::Syntax(_))), !taken, "{list}: {result:?}");
    }
}

#[test]
fn code_from_strings_imports_what_its_script_can() {
    let mut bench = Bench::of(&Plan {
        modules: modules(&[("lib/m.js", "export default 5")]),
        entry: EntryPoint::AdHoc,
        ..plan()
    });
    for program in [
        "eval('import(\"./m.js\")').then((m) => m.default)",
        "(0, eval)('import(\"./m.js\")').then((m) => m.default)",
        "new Function('return import(\"./m.js\")')().then((m) => m.default)",
        "eval('(async () => (await import(\"./m.js\")).default)')()",
    ] {
        let mut request = ad_hoc("");
        request.source = Some(Source::new("lib/script.js", program));
        assert_eq!(bench.run(&request).result, Ok(5.into()), "{program}");
    }
}

#[test]
fn what_asks_a_generator_for_more_while_its_yield_is_answered_waits_its_turn() {
    // 27.6.3.8: the generator executes until its request is answered.
    let ask_on_then = "var more = []; \
        var watched = async (make, steps) => { var out = []; var g = make(out); var left = 1; \
            Object.defineProperty(Object.prototype, 'then', { configurable: true, get() { \
                if (left > 0 && Object.hasOwn(this, 'done')) { left--; more.push(g.next('m')) } } }); \
            try { var asked = []; for (var s of steps) asked.push(g.next(s)); await Promise.all(asked); \
                await Promise.all(more) } finally { delete Object.prototype.then } \
            return out.join() }; ";
    check(
        ask_on_then,
        &[
            (
                "watched(async function* (out) { out.push(yield 1); out.push(await 'awaited'); out.push(yield 2); \
                 out.push(await 'again') }, ['a', 'b', 'c'])",
                "b,awaited,c,again",
            ),
            (
                "watched(async function* (out) { out.push(yield 1); out.push(await 'awaited'); \
                 out.push(yield 2) }, ['a'])",
                "m,awaited",
            ),
            (
                "watched(async function* (out) { try { yield 1 } finally { out.push(await 'awaited') } }, ['a'])",
                "awaited",
            ),
            (
                "watched(async function* (out) { out.push(yield* (async function* () { out.push(yield 1); \
                 out.push(await 'inner'); return 'r' })()); out.push(await 'outer') }, ['a', 'b'])",
                "b,inner,r,outer",
            ),
        ],
    );
}
