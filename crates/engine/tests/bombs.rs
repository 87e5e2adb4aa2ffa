//! Scripts that try to take the process with them: memory bombs, endless loops within the engine,
//! and stacks of all kinds. Each ends with its error, and the instance runs on.

mod common;

use common::*;
use sandtide_engine::{EntryPoint, HostFunction, Limits, Plan, Request, Source};
use std::thread;
use std::time::Duration;

/// Runs each source under a short wall time; the code must be one of `codes`, and the instance
/// right afterwards.
fn all_end(sources: &[&str], codes: &[&str]) {
    let mut bench = Bench::base();
    for source in sources {
        let outcome = bench.run(&Request { limits: short(), ..ad_hoc(source) });
        let error = outcome.result.expect_err(source);
        assert!(codes.contains(&error.code()), "{source}: {error}");
        bench.assert_sound();
    }
}

/// The same with time enough: another limit or an exception ends it.
fn all_end_in_time(sources: &[&str], codes: &[&str]) {
    let mut bench = Bench::base();
    for source in sources {
        let outcome = bench.run(&ad_hoc(source));
        let error = outcome.result.expect_err(source);
        assert!(codes.contains(&error.code()), "{source}: {error}");
        bench.assert_sound();
    }
}

const HEAP: &[&str] = &["ERR_HEAP_LIMIT"];
const WALL: &[&str] = &["ERR_WALL_TIME_LIMIT"];
const STACK: &[&str] = &["ERR_STACK_LIMIT"];
const EXCEPTION: &[&str] = &["ERR_EXCEPTION"];

#[test]
fn spreading_a_huge_string_ends_with_the_heap_limit() {
    all_end_in_time(&["[...'.'.repeat(1e9)]"], HEAP);
}

#[test]
fn padding_a_string_to_half_a_gigabyte_ends_with_the_heap_limit() {
    all_end_in_time(&["'x'.padEnd(2**29).repeat(8)"], HEAP);
}

#[test]
fn filling_a_huge_array_ends_with_the_heap_limit() {
    all_end_in_time(&["new Array(1e9).fill(0)"], HEAP);
}

#[test]
fn an_array_buffer_beyond_the_languages_range_is_a_range_error() {
    let error = Bench::base().exception("new ArrayBuffer(2**33)");
    assert_eq!(error.name, "RangeError");
    all_end_in_time(&["new ArrayBuffer(2**30)", "new Uint8Array(2**30)"], HEAP);
}

#[test]
fn collecting_byte_arrays_ends_with_the_heap_limit() {
    all_end_in_time(&["const a = []; while (true) a.push(new Uint8Array(1 << 20))"], HEAP);
}

#[test]
fn a_bigint_beyond_the_engines_range_is_a_range_error() {
    let error = Bench::base().exception("2n ** (2n ** 40n)");
    assert_eq!(error.name, "RangeError");
}

#[test]
fn a_regular_expression_that_backtracks_for_ever_ends_with_the_wall_limit() {
    all_end(&["/(a+)+$/.test('a'.repeat(40) + '!')"], WALL);
}

#[test]
fn deep_recursion_ends_with_the_stack_limit() {
    all_end_in_time(&["(function f() { f() })()", "const f = () => [1].map(f); f()"], STACK);
}

#[test]
fn deep_nested_json_ends_the_run_and_nothing_else() {
    all_end_in_time(
        &[
            "JSON.parse('['.repeat(1e6))",
            "JSON.parse('{\"a\":'.repeat(1e5) + '1' + '}'.repeat(1e5))",
            "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a)",
        ],
        STACK,
    );
    let mut bench = Bench::function("export default (x) => 1");
    let input = sandtide_engine::Input::Json("[".repeat(1_000_000).into_bytes());
    let outcome = bench.run(&Request { input: Some(input), ..request() });
    assert_eq!(outcome.result.unwrap_err().code(), "ERR_INVALID_JSON");
    bench.assert_sound();
}

#[test]
fn a_getter_that_recurses_as_it_crosses_ends_with_the_stack_limit() {
    all_end_in_time(
        &[
            "({get a() { return this.a }})",
            "globalThis.o = {get a() { return o.a }}; o",
            "const p = new Proxy({}, {get(t, k, r) { return r[k] }, ownKeys() { return ['x'] }, \
               getOwnPropertyDescriptor() { return {value: 1, configurable: true, enumerable: true} }}); p",
        ],
        STACK,
    );
}

#[test]
fn a_getter_that_gives_itself_again_for_ever_is_refused_as_too_deep() {
    let source = "const make = () => ({get a() { return make() }}); make()";
    // Unoptimised code may run out of stack first.
    all_end_in_time(&[source], &["ERR_NOT_CROSSABLE", "ERR_STACK_LIMIT"]);
}

#[test]
fn crossing_that_starts_from_the_deepest_call_does_not_overflow_the_native_stack() {
    let echo = HostFunction::new("echo", |call| Ok(call.into_args().pop().unwrap_or_default()));
    let mut bench = Bench::hosts(vec![echo]);
    let setup = "let deep = 1; for (let i = 0; i < 250; i++) deep = i % 2 ? [deep] : {deep}; \
        let wide = new Map([[1, new Set([new Map([[1, [new Set([1])]]])])]]); ";
    for call in ["echo(deep)", "console.log(deep, wide)", "echo(wide)", "[1].map(() => echo(deep))"]
    {
        let source = format!(
            "{setup} let most = 0; (function f(n) {{ most = n; try {{ f(n + 1) }} catch {{}} \
               try {{ {call} }} catch {{}} }})(0); most > 100"
        );
        let request = Request { limits: Limits { logs: 1 << 30, ..generous() }, ..ad_hoc(&source) };
        // Whichever limit: what matters is that the process is there to tell.
        // Threads with hardly more stack than the run may use.
        for stack in [64 << 10, 900 << 10] {
            let request = request.clone();
            let thread = thread::Builder::new().stack_size(stack).spawn(move || {
                let outcome = bench.run(&request);
                let limit = outcome.result.as_ref().is_err_and(|error| error.is_limit());
                assert!(limit || outcome.result.is_ok(), "{outcome:?}");
                bench.assert_sound();
                bench
            });
            bench = thread.unwrap().join().unwrap();
        }
    }
}

#[test]
fn promise_chains_that_never_end_hit_the_job_limit() {
    all_end_in_time(
        &[
            "Promise.resolve().then(function f() { return Promise.resolve().then(f) })",
            "(async () => { for (;;) await 1 })()",
            "const t = {then(r) { r(t) }}; Promise.resolve(t)",
            "(async function f() { for await (const x of (async function* () { for (;;) yield 1 })()) ; })()",
            "queueMicrotask(function f() { queueMicrotask(f) })",
        ],
        &["ERR_JOB_LIMIT"],
    );
}

#[test]
fn out_of_memory_ends_the_run_however_often_it_is_caught() {
    all_end_in_time(
        &[
            "for (;;) { try { const a = []; for (;;) a.push(new Array(1000).fill(0)) } catch {} }",
            "for (;;) { try { 'x'.padEnd(2 ** 29) } catch {} finally { continue } }",
            "for (;;) { try { new Uint8Array(2 ** 30) } catch {} }",
            "(async () => { for (;;) try { await (async () => { const a = []; for (;;) a.push(a.slice(), 1) })() } catch {} })()",
            "const a = []; const more = () => { try { for (;;) a.push({a, more}) } catch { more() } finally { more() } }; more()",
            "new Proxy({}, {get() { try { return 'x'.repeat(2 ** 29) } finally { return 1 } }}).x; \
               Promise.reject().catch(() => 'x'.repeat(2 ** 29))",
        ],
        HEAP,
    );
}

#[test]
fn memory_of_every_kind_counts() {
    all_end_in_time(
        &[
            "const a = []; for (let i = 0; ; i++) a.push('text ' + i)",
            "const a = []; for (;;) a.push({})",
            "const o = {}; for (;;) o[Symbol()] = 1",
            "const a = []; for (;;) a.push(() => a)",
            "const a = []; for (;;) a.push(7n ** 5000n)",
            "const a = []; for (;;) a.push(new ArrayBuffer(1000))",
            "const a = []; for (;;) a.push(Promise.resolve())",
            "const a = []; for (;;) a.push(/a/)",
            "const a = []; for (;;) a.push(new Map([[1, 2]]))",
            "const a = []; for (;;) a.push((function* () { yield 1 })())",
            "const a = []; for (let i = 0; ; i++) a.push(new Function('return ' + i))",
            "const a = []; for (;;) a.push(new Error('x'))",
            "const a = []; for (;;) a.push(new Proxy({}, {}))",
            "Array.from({length: 1e9})",
            "'a'.repeat(1e6).replaceAll('a', 'b'.repeat(1e6))",
            "'a'.repeat(1e7).split('')",
            "btoa('x'.repeat(6e7))",
            "Object.assign({}, new Uint8Array(1e7))",
            "const b = new ArrayBuffer(10, {maxByteLength: 5e7}); b.resize(5e7); new ArrayBuffer(5e7)",
        ],
        HEAP,
    );
}

#[test]
fn strings_that_double_end_with_an_error() {
    all_end_in_time(
        &[
            "let s = 'x'; for (;;) s += s",
            "let s = 'x'; for (;;) s = s.concat(s, s)",
            "'x'.repeat(2 ** 30)",
        ],
        &["ERR_HEAP_LIMIT", "ERR_EXCEPTION"],
    );
}

#[test]
fn array_functions_on_the_longest_array_likes_end_with_the_wall_limit() {
    let calls = [
        "indexOf.call(L, 1)",
        "lastIndexOf.call(L, 1)",
        "includes.call(L, 1)",
        "join.call(L)",
        "reverse.call(L)",
        "fill.call(L)",
        "copyWithin.call(L, 0, 1)",
        "find.call(L, () => false)",
        "findLast.call(L, () => false)",
        "forEach.call(L, () => 1)",
        "every.call(L, () => true)",
        "some.call(L, () => false)",
        "shift.call(M)",
        "unshift.call(M, 1)",
        "splice.call(M, 0, 1)",
        "slice.call(L, 0, 2**32 - 2)",
        "sort.call(L)",
        "flat.call(L)",
        "flatMap.call(L, (x) => x)",
        "filter.call(L, (x) => x)",
        "reduce.call(L, isNaN)",
        "reduceRight.call(L, isNaN)",
        "toLocaleString.call(L)",
        "concat.call([], S)",
    ];
    let sources: Vec<String> = calls
        .iter()
        .map(|call| {
            format!(
                "const L = {{length: 2 ** 53 - 1}}, M = {{length: 2 ** 53 - 3}}, \
                 S = {{length: 2 ** 53 - 2, [Symbol.isConcatSpreadable]: true}}; Array.prototype.{call}"
            )
        })
        .collect();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    all_end(&sources, WALL);
}

#[test]
fn sparse_arrays_as_long_as_can_be_end_with_a_limit() {
    all_end(
        &[
            "new Array(2**32-1).join()",
            "new Array(2**32-1).indexOf(1)",
            "new Array(2**32-1).sort()",
            "new Array(2**32-1).includes(1)",
            "new Array(1e9).toString()",
            "[...new Array(2**32-1)]",
            "JSON.stringify(new Array(2**32-1))",
            "const a = []; a[2**32-2] = 1; a.reverse()",
            "const a = []; a[2**32-2] = 1; a.concat(a)",
        ],
        &["ERR_WALL_TIME_LIMIT", "ERR_HEAP_LIMIT"],
    );
    all_end_in_time(
        &["new Array(2**32-1)", "const a = []; a[2**32-2] = 1; a"],
        &["ERR_OUTPUT_LIMIT"],
    );
}

#[test]
fn loops_within_libcs_memory_functions_end_with_the_wall_limit() {
    all_end(
        &[
            "const a = new Uint8Array(6e7); for (;;) a.fill(1)",
            "const a = new Uint8Array(6e7); for (;;) a.indexOf(1)",
            "const a = new Uint8Array(6e7); for (;;) a.copyWithin(1, 0)",
            "const a = new Uint8Array(3e7), b = new Uint8Array(3e7); for (;;) a.set(b)",
            "for (;;) new ArrayBuffer(3e7)",
            "new RegExp('a|'.repeat(1e6))",
            "const s = 'x'.repeat(2e7); for (;;) s.slice(1)",
            "const s = 'x'.repeat(2e7); for (;;) (s + 'y').at(0)",
            "const s = 'x'.repeat(2e7), t = 'x'.repeat(2e7); for (;;) s == t",
            "const s = '\\u1234'.repeat(1e7); for (;;) s.indexOf('y')",
        ],
        WALL,
    );
}

#[test]
fn long_native_loops_end_with_the_wall_limit() {
    all_end(
        &[
            "const a = new Float64Array(7e6); for (;;) a.sort()",
            "const a = new Uint8Array(6e7); for (;;) a.reverse()",
            "const a = new Uint8Array(5e6); a.join(); for (;;) a.join()",
            "const s = 'a'.repeat(2e7); for (;;) s.indexOf('a'.repeat(1e6) + 'b')",
            "const s = '\\u1234'.repeat(1e6); s.indexOf('\\u1234'.repeat(5e5) + 'b')",
            "'a'.repeat(4e6).lastIndexOf('a'.repeat(2e6) + 'b')",
            "const s = 'x'.repeat(2e7); for (;;) s.toUpperCase()",
            "const x = 3n ** 300000n; for (;;) x * x",
            "const x = 3n ** 600000n; for (;;) x.toString()",
            "const x = 1n << 1000000n; for (;;) x % 7n ** 100000n",
            "for (;;) parseInt('9'.repeat(1e7))",
            "for (;;) JSON.parse(' '.repeat(3e7) + '1')",
            "for (;;) JSON.stringify('\\u0001'.repeat(3e6))",
            "for (;;) encodeURIComponent('\\u{1F600}'.repeat(1e6))",
            "for (;;) '\\u0300\\u0301'.repeat(1e6).normalize('NFD')",
            "const s = 'a'.repeat(3e5); for (;;) s.localeCompare(s)",
            "for (;;) eval('1+'.repeat(1e6) + '1')",
            "eval('var ' + Array.from({length: 70000}, (_, i) => 'v' + i).join()); for (;;) ;",
        ],
        WALL,
    );
}

#[test]
fn regular_expressions_end_with_a_limit_whatever_they_do() {
    all_end(
        &[
            "/(?:(?:(?:a*)*)*)*b/.test('a'.repeat(30))",
            "/(?:.*){1,32000}[bc]/.test('a'.repeat(1e5))",
            "/(.*)*\\1x/.test('a'.repeat(1000))",
            "/^(a|a?)+$/.test('a'.repeat(100000) + 'b')",
            "new RegExp('a{1,1000}'.repeat(1000)).test('a'.repeat(1e4))",
            "/a*?/g[Symbol.match]('x'.repeat(5e6))",
            "const r = /(?:)/y; r.exec = () => null; 'x'.repeat(2e7).split(r)",
            "/a/[Symbol.replace].call({exec() { return {index: 0, length: 0} }, flags: 'g'}, 'aa', 'b')",
            "for (;;) 'x'.repeat(2e7).search(/y/)",
            "new RegExp('\\\\p{L}'.repeat(5e4), 'iu').test('a'); for (;;) ;",
        ],
        &["ERR_WALL_TIME_LIMIT", "ERR_HEAP_LIMIT"],
    );
}

#[test]
fn iterators_and_proxies_that_never_end_hit_the_wall_limit() {
    all_end(
        &[
            "new Map((function* () { for (;;) yield [1, 2] })())",
            "for (const x of {[Symbol.iterator]() { return {next: Object} }}) ;",
            "const q = new Proxy({}, {getPrototypeOf() { return q }}); Object.prototype.isPrototypeOf.call({}, q)",
            "const q = new Proxy(function () {}, {getPrototypeOf() { return q }}); q instanceof Array",
            "({toString() { for (;;) ; }}) + ''",
            "({get a() { for (;;) ; }})",
            "console.log({get a() { for (;;) ; }})",
            "const d = new Date(); d.toString = () => { for (;;) ; }; console.log(d)",
            "throw {toString() { for (;;) ; }}",
            "const e = new Error('x'); Object.defineProperty(e, 'name', {get() { for (;;) ; }}); throw e",
            "Promise.reject({toString() { for (;;) ; }}); 1",
            "JSON.stringify({toJSON() { for (;;) ; }})",
            "for (;;) { try { (function f() { f() })() } catch {} }",
            "(function f() { try { f() } finally { f() } })()",
            "[1, 2, 3].sort(() => { for (;;) ; })",
            "'a'.replace(/a/, () => { for (;;) ; })",
            "class A { static { for (;;) ; } }",
            "`${{toString() { for (;;) ; }}}`",
            "for (;;) ;",
            "do { } while (true)",
            "label: for (;;) continue label",
        ],
        WALL,
    );
}

#[test]
fn deep_structures_end_with_an_error_and_not_with_the_process() {
    all_end_in_time(
        &[
            "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; String(a)",
            "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a.flat(Infinity)",
            "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; a",
            "let a = {}; for (let i = 0; i < 1e5; i++) a = new Proxy(a, {}); a.x",
            "let a = {}; for (let i = 0; i < 1e5; i++) a = new Proxy(a, {}); a",
            "let a = []; for (let i = 0; i < 1e5; i++) a = new Proxy(a, {}); [].concat(a)",
            "let a = {}; for (let i = 0; i < 1e5; i++) a = new Proxy(a, {}); Object.getPrototypeOf(a)",
            "let a = () => 1; for (let i = 0; i < 1e5; i++) a = new Proxy(a, {}); a()",
            "let a = () => 1; for (let i = 0; i < 5e4; i++) a = a.bind(null); a()",
            "let a = function () {}; for (let i = 0; i < 5e4; i++) a = a.bind(null); ({}) instanceof a",
            "let p = {}; const q = new Proxy(p, {}); p.__proto__ = q; p.x",
            "let p = {}; const q = new Proxy(p, {}); p.__proto__ = q; 'x' in p",
        ],
        &["ERR_STACK_LIMIT", "ERR_NOT_CROSSABLE", "ERR_HEAP_LIMIT"],
    );
}

#[test]
fn deep_structures_can_be_let_go_and_logged() {
    let mut bench = Bench::base();
    for source in [
        "let a = []; for (let i = 0; i < 2e5; i++) a = {a}; a = null; 1",
        "let a = null; for (let i = 0; i < 1e5; i++) { const b = a; a = () => b } a = null; 1",
        "let a = null; for (let i = 0; i < 5e4; i++) a = new Proxy({a}, {}); a = null; 1",
        "let a = null; for (let i = 0; i < 5e4; i++) a = new Map([[1, a]]); a = null; 1",
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; console.log(a); 1",
        "let p = Promise.resolve(1); for (let i = 0; i < 1e4; i++) p = p.then((x) => x); p",
        "let s = ''; for (let i = 0; i < 3e5; i++) s = 'x' + s; s.indexOf('z') + 2",
    ] {
        assert_eq!(bench.eval(source), 1.into(), "{source}");
        bench.assert_sound();
    }
}

#[test]
fn sources_that_nest_deeply_end_with_an_error() {
    let nests = [
        "(",
        "[",
        "{",
        "-",
        "!",
        "- ",
        "a=>",
        "a?b:",
        "new ",
        "typeof ",
        "`${",
        "if(1)",
        "while(1)",
        "try{",
        "switch(1){case 1:",
        "function f(){",
        "class A extends ",
        "(class extends ",
        "async()=>",
        "a**",
        "{a:",
        "var {a:",
        "let [",
        "x=[",
        "(()=>{",
        "for(;;)",
        "a:",
        "do ",
    ];
    let mut bench = Bench::base();
    for nest in nests {
        let source = nest.repeat(100_000);
        let limits = Limits { stack: 256 << 10, ..generous() };
        for request in
            [ad_hoc(&source), ad_hoc(&format!("{source}1")), ad_hoc(&format!("eval({source:?})"))]
        {
            let error = bench.run(&Request { limits, ..request }).result.expect_err(nest);
            let codes = ["ERR_STACK_LIMIT", "ERR_SYNTAX", "ERR_EXCEPTION", "ERR_HEAP_LIMIT"];
            assert!(codes.contains(&error.code()), "{nest}: {error}");
        }
        bench.assert_sound();
        let plan = Plan { entry: EntryPoint::Module(Source::new("m.js", source)), ..plan() };
        assert!(bench.instance.build(&plan).is_err());
    }
}

#[test]
fn regular_expressions_that_nest_deeply_end_with_an_error() {
    all_end_in_time(
        &[
            "new RegExp('('.repeat(1e5))",
            "new RegExp('(?:'.repeat(1e5) + ')'.repeat(1e5))",
            "new RegExp('(?='.repeat(1e5) + ')'.repeat(1e5))",
            "new RegExp('(?<='.repeat(1e5) + ')'.repeat(1e5))",
            "new RegExp('['.repeat(1e5), 'v')",
            "new RegExp('(?:a|'.repeat(1e4) + ')'.repeat(1e4))",
            "new RegExp('(?:'.repeat(200) + 'a' + '){0,5}'.repeat(200))",
            "new RegExp(Array.from({length: 60000}, (_, i) => '(?<n' + i + '>a)').join('|'))",
        ],
        &["ERR_STACK_LIMIT", "ERR_EXCEPTION"],
    );
}

#[test]
fn sources_of_many_megabytes_are_compiled_or_refused() {
    let mut bench = Bench::base();
    let line = format!("'{}'.length", "x".repeat(10 << 20));
    assert_eq!(bench.eval(&line), (10 << 20).into());
    assert_eq!(bench.eval(&format!("1{}", "\n".repeat(10 << 20))), 1.into());
    let sum = format!("1{}", "+1".repeat(100_000));
    assert_eq!(bench.eval(&sum), 100_001.into());
    let huge = bench.run(&ad_hoc(&"x;".repeat(40 << 20)));
    assert!(huge.result.is_err());
    bench.assert_sound();
    all_end_in_time(&["f(", &format!("Math.max({})", "1,".repeat(70_000))], &["ERR_SYNTAX"]);
}

#[test]
fn calls_with_too_many_arguments_are_range_errors() {
    all_end_in_time(
        &[
            "Reflect.apply(Math.max, null, {length: 2**32-1})",
            "((...a) => 1).apply(null, {length: 2**53-1})",
            "String.fromCharCode.apply(null, new Uint16Array(3e6))",
            "new Array(-1)",
            "Array.from({length: 2**53-1}, () => 0)",
            "1n << 2n ** 30n",
            "BigInt.asUintN(2**53-1, -1n)",
        ],
        EXCEPTION,
    );
}

#[test]
fn set_up_is_held_to_its_limits_as_well() {
    let mut bench = Bench::base();
    for (source, code) in [
        ("for (;;) ;", "ERR_WALL_TIME_LIMIT"),
        ("Array.prototype.indexOf.call({length: 2 ** 53 - 1}, 1)", "ERR_WALL_TIME_LIMIT"),
        ("const a = []; for (;;) a.push(new Uint8Array(1 << 20))", "ERR_HEAP_LIMIT"),
        ("(function f() { f() })()", "ERR_STACK_LIMIT"),
        (
            "Promise.resolve().then(function f() { return Promise.resolve().then(f) })",
            "ERR_JOB_LIMIT",
        ),
    ] {
        let wall =
            if code == "ERR_WALL_TIME_LIMIT" { short().wall } else { Duration::from_secs(60) };
        let limits = Limits { wall, ..generous() };
        let plan = Plan { setup: vec![Source::new("s.js", source)], limits, ..plan() };
        assert_eq!(bench.instance.build(&plan).unwrap_err().code(), code, "{source}");
        bench.assert_sound();
    }
}
