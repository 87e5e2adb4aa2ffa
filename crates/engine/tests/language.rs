//! The language as the standard has it, where engines are known to differ: each table has programs and
//! what they come to. The sections named are those of ECMA-262.

mod common;

use common::*;
use sandtide_engine::{EntryPoint, Error, Plan, Source, Value};

/// Runs each program as an ad hoc run and compares its value as text; `!Name` is an uncaught error of
/// that name, and `!SyntaxError` one that is found before anything runs.
fn check(programs: &[(&str, &str)]) {
    check_after("", programs);
}

/// The same, each program after `before`.
fn check_after(before: &str, programs: &[(&str, &str)]) {
    let mut bench = Bench::base();
    let mut wrong = Vec::new();
    for (program, expected) in programs {
        let outcome = bench.run(&ad_hoc(&format!("{before}{program}")));
        let found = match outcome.result {
            Ok(Value::String(text)) => text,
            Ok(Value::Undefined) => "undefined".to_owned(),
            Ok(Value::Null) => "null".to_owned(),
            Ok(Value::Bool(value)) => value.to_string(),
            Ok(Value::Number(value)) => value.to_string(),
            Ok(other) => format!("{other:?}"),
            Err(Error::Syntax(_)) => "!SyntaxError".to_owned(),
            Err(Error::Exception(thrown)) => format!("!{}", thrown.name),
            Err(other) => format!("!{other}"),
        };
        if found != *expected {
            wrong.push(format!("{program}\n    is {found}\n    not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), programs.len(), wrong.join("\n"));
}

/// Compiles each program without running it, directly and by `eval`: none may be taken.
fn refuse(programs: &[&str]) {
    let mut bench = Bench::base();
    let taken: Vec<&str> = programs
        .iter()
        .copied()
        .filter(|program| {
            // Behind an error, so that only an error before it shows.
            let late = format!("throw null; {program}");
            let guarded =
                if program.starts_with("\"use strict\"") { program } else { late.as_str() };
            !matches!(bench.run(&ad_hoc(guarded)).result, Err(Error::Syntax(_)))
        })
        .collect();
    assert!(taken.is_empty(), "{} of {} are taken: {taken:#?}", taken.len(), programs.len());
}

/// Compiles each program as the body of a function that is never called.
fn take(programs: &[&str]) {
    let mut bench = Bench::base();
    for program in programs {
        let never = format!("if (false) {{ (function () {{ {program}\n}}) }} 'taken'");
        assert_eq!(bench.eval(&never), "taken".into(), "{program}");
    }
}

/// An object `oo` with an accessor `p`, and functions that say in `log` that they were called: `o()`
/// gives the object, `kk()` a key that says when it becomes a string, `v()` a value.
const LOGGED: &str = "var log = []; \
    var k = { toString() { log.push('k'); return 'p' } }; \
    function o() { log.push('o'); return oo } function kk() { log.push('kk'); return k } \
    function v() { log.push('v'); return 1 } \
    var oo = { get p() { log.push('get'); return 1 }, set p(x) { log.push('set') } };";

#[test]
fn keys_of_references_become_property_keys_when_the_reference_is_used() {
    // 13.3.3, 6.2.5.5, 6.2.5.6, 13.15
    check_after(
        LOGGED,
        &[
            ("o()[kk()] = v(); log.join()", "o,kk,v,k,set"),
            ("o()[kk()] += v(); log.join()", "o,kk,k,get,v,set"),
            ("o()[kk()]++; log.join()", "o,kk,k,get,set"),
            ("--o()[kk()]; log.join()", "o,kk,k,get,set"),
            ("o()[kk()] ??= v(); log.join()", "o,kk,k,get"),
            ("o()[kk()] &&= v(); log.join()", "o,kk,k,get,v,set"),
            ("delete o()[kk()]; log.join()", "o,kk,k"),
            (
                "try { null[kk()] = v() } catch (e) { log.push(e.name) } log.join()",
                "kk,v,TypeError",
            ),
            ("try { null[kk()] += v() } catch (e) { log.push(e.name) } log.join()", "kk,TypeError"),
            ("try { null[kk()]++ } catch (e) { log.push(e.name) } log.join()", "kk,TypeError"),
            ("try { delete null[kk()] } catch (e) { log.push(e.name) } log.join()", "kk,TypeError"),
            ("try { null[kk()]() } catch (e) { log.push(e.name) } log.join()", "kk,TypeError"),
            (
                "try { undefined[kk()] ??= v() } catch (e) { log.push(e.name) } log.join()",
                "kk,TypeError",
            ),
            ("({ [kk()]: v() }); log.join()", "kk,k,v"),
            ("class C { [kk()] = v() } log.join()", "kk,k"),
            ("({ [kk()]: () => 1 }).p.name", "p"),
            ("({ [kk()]: class {} }).p.name", "p"),
        ],
    );
}

#[test]
fn destructuring_resolves_its_target_before_its_source() {
    // 13.15.5
    check_after(
        LOGGED,
        &[
            ("[o()[kk()]] = [v()]; log.join()", "v,o,kk,k,set"),
            (
                "[o()[kk()]] = { [Symbol.iterator]() { log.push('it'); \
                 return { next() { log.push('next'); return { done: true } } } } }; log.join()",
                "it,o,kk,next,k,set",
            ),
            (
                "({ [(log.push('s'), { toString() { log.push('sk'); return 'q' } })]: o()[kk()] } = \
                 { get q() { log.push('getq') } }); log.join()",
                "s,sk,o,kk,getq,k,set",
            ),
            (
                "({ q: o()[kk()] = v() } = { get q() { log.push('getq') } }); log.join()",
                "o,kk,getq,v,k,set",
            ),
            (
                "({ ...o()[kk()] } = { get q() { log.push('getq') } }); log.join()",
                "o,kk,getq,k,set",
            ),
            (
                "[...o()[kk()]] = { *[Symbol.iterator]() { log.push('it') } }; log.join()",
                "o,kk,it,k,set",
            ),
            ("for (o()[kk()] of [1]); log.join()", "o,kk,k,set"),
            ("for (o()[kk()] in { a: 1 }); log.join()", "o,kk,k,set"),
        ],
    );
}

#[test]
fn the_base_of_super_is_taken_after_its_key_and_looked_at_before_it() {
    // 13.3.7
    check_after(
        LOGGED,
        &[
            ("({ __proto__: oo, m() { super[kk()] = v() } }).m(); log.join()", "kk,v,k,set"),
            ("({ __proto__: oo, m() { super[kk()] += v() } }).m(); log.join()", "kk,k,get,v,set"),
            ("({ __proto__: oo, m() { super[kk()]++ } }).m(); log.join()", "kk,k,get,set"),
            ("({ __proto__: oo, m() { [super[kk()]] = [v()] } }).m(); log.join()", "v,kk,k,set"),
            (
                "var a = { p: 1 }, b = { p: 2 }; \
                 var c = { __proto__: a, m() { return super[Object.setPrototypeOf(c, b), 'p'] } }; c.m()",
                "2",
            ),
            (
                "var a = { p: 1 }, b = { p: 2 }; var c = { __proto__: a, m() { \
                 return super[{ toString() { Object.setPrototypeOf(c, b); return 'p' } }] } }; c.m()",
                "1",
            ),
            (
                "({ __proto__: { f() { return this.n } }, n: 7, m() { return super['f']() } }).m()",
                "7",
            ),
            (
                "({ __proto__: null, m() { return super[{ toString() { throw 1 } }] } }).m()",
                "!TypeError",
            ),
            (
                "({ __proto__: null, m() { super[{ toString() { throw 1 } }] = 1 } }).m()",
                "!TypeError",
            ),
            (
                "({ __proto__: null, m() { super[{ toString() { throw 1 } }] += 1 } }).m()",
                "!TypeError",
            ),
            (
                "class A extends Object { constructor() { super[log.push('k')] = log.push('v') } } \
                 try { new A } catch (e) { log.push(e.name) } log.join()",
                "ReferenceError",
            ),
        ],
    );
}

#[test]
fn a_target_stays_what_it_was_when_the_right_side_began() {
    check(&[
        // A direct eval on the right side declares a variable of the name.
        (
            "var x = 0; var y = (function () { x = (eval('var x = 2'), 1); return x })(); y + ',' + x",
            "2,1",
        ),
        (
            "var x = 3; var y = (function () { x += (eval('var x = 2'), 1); return x })(); y + ',' + x",
            "2,4",
        ),
        ("var x = 3; (function () { x **= (eval('var x = 5'), 2) })(); x", "9"),
        ("var x; (function () { x ??= (eval('var x = 5'), 2) })(); x", "2"),
        ("var x = 0; (function () { x ||= (eval('var x = 5'), 2) })(); x", "2"),
        ("(function () { var x = 1; x = eval('x + 1'); return x })()", "2"),
        ("(function () { let x = 1; x += eval('x + 1'); return x })()", "3"),
        ("(function (x) { x = eval('x + 1'); return x + arguments[0] })(1)", "4"),
        ("(function () { 'use strict'; let x = 1; x = eval('var x = 5; x'); return x })()", "5"),
        ("(function () { var f = (eval('1'), function () {}); return f.name })()", ""),
        ("(function () { var f; f = function () { eval('1') }; return f.name })()", "f"),
        // The error of an assignment to a constant comes after the right side.
        (
            "var n = 0; (function () { const c = 1; try { c = eval('n++') } catch { c += n++ } })()",
            "!TypeError",
        ),
        ("var n = 0; (function () { const c = 1; try { c = eval('n++') } catch {} })(); n", "1"),
        ("var n = 0; (function () { const c = 1; try { c -= eval('n++') } catch {} })(); n", "1"),
        // The right side deletes what a with statement gave.
        ("var x = 0, s = { x: 1 }; with (s) { x = (delete s.x, 2) } s.x + ',' + x", "2,0"),
        ("var x = 0, s = { x: 1 }; with (s) { x += (delete s.x, 3) } s.x + ',' + x", "4,0"),
        ("var x = 0, s = { x: 0 }; with (s) { x ||= (delete s.x, 3) } s.x + ',' + x", "3,0"),
        (
            "var x = 0, s = { get x() { delete s.x; return 5 } }; with (s) { x++ } s.x + ',' + x",
            "6,0",
        ),
        (
            "var x = 0, s = { x: 1 }; with (s) { ({ a: x } = { get a() { delete s.x; return 7 } }) } s.x",
            "7",
        ),
        (
            "var x = 0, s = { x: 1 }; with (s) { var { a: x } = { get a() { delete s.x; return 7 } } } s.x",
            "7",
        ),
        (
            "var x = 0, s = { x: 1 }; with (s) { var { ...x } = { get a() { delete s.x; return 7 } } } s.x.a",
            "7",
        ),
        (
            "var x = 0, s = { x: 1 }; with (s) { var [x] = { *[Symbol.iterator]() { delete s.x; yield 7 } } } s.x",
            "7",
        ),
        (
            "(function () { var x = 0, s = { x: 1 }; with (s) { var [...x] = [delete s.x] } return s.x })()",
            "undefined",
        ),
    ]);
}

#[test]
fn with_asks_its_object_as_the_standard_says() {
    // 9.1.1.2
    let logged = "var log = []; var p = (o) => new Proxy(o, new Proxy({}, { get(t, trap) { \
        return (o, key, ...rest) => { log.push(trap + ':' + String(key)); return Reflect[trap](o, key, ...rest) } } }));";
    let unscopables = "get:Symbol(Symbol.unscopables)";
    let expected = |rest: &str| format!("has:q,{unscopables},{rest}");
    let read = expected("has:q,get:q");
    let write = expected("has:q,set:q,getOwnPropertyDescriptor:q,defineProperty:q");
    let both = expected("has:q,get:q,has:q,set:q,getOwnPropertyDescriptor:q,defineProperty:q");
    let delete = expected("deleteProperty:q");
    check_after(
        logged,
        &[
            ("with (p({ q: 1 })) { q } log.join()", &read),
            ("with (p({ q() {} })) { q() } log.join()", &read),
            ("with (p({ q: 1 })) { typeof q } log.join()", &read),
            ("with (p({ q: 1 })) { (() => { 'use strict'; return q })() } log.join()", &read),
            ("with (p({ q: 1 })) { q = 2 } log.join()", &write),
            ("with (p({ q: 1 })) { var q = 2 } log.join()", &write),
            ("with (p({ q: 1 })) { q += 2 } log.join()", &both),
            ("with (p({ q: 1 })) { q++ } log.join()", &both),
            ("with (p({ q: 1 })) { q &&= 2 } log.join()", &both),
            ("with (p({ q: 1 })) { delete q } log.join()", &delete),
        ],
    );
    let deleted = "var e = { get [Symbol.unscopables]() { delete e.v }, v: 1 };";
    check_after(
        deleted,
        &[
            ("with (e) { v }", "undefined"),
            ("with (e) { v = 2 } e.v", "2"),
            ("with (e) { (function () { 'use strict'; return v })() }", "!ReferenceError"),
            ("with (e) { (function () { 'use strict'; v = 1 })() }", "!ReferenceError"),
            ("with (e) { (function () { 'use strict'; return typeof v })() }", "!ReferenceError"),
        ],
    );
}

#[test]
fn a_call_as_a_target_fails_when_it_is_reached_in_sloppy_code() {
    check_after(
        "var n = 0; function f() { n++; return {} } function name(g) { try { g() } catch (e) { return e.name + n } }",
        &[
            ("name(() => { f() = n++ })", "ReferenceError1"),
            ("name(() => { f() += n++ })", "ReferenceError1"),
            ("name(() => { f()++ })", "ReferenceError1"),
            ("name(() => { --f() })", "ReferenceError1"),
            ("name(() => { (f()) = n++ })", "ReferenceError1"),
            ("name(() => { f(...[1]) = n++ })", "ReferenceError1"),
            ("name(() => { for (f() of [1, 2]) n++ })", "ReferenceError1"),
            ("name(() => { for (f() in { a: 1 }) n++ })", "ReferenceError1"),
            ("var async = f; name(() => { async() = n++ })", "ReferenceError1"),
            ("name(() => { f() = n ? f() : [...f()] })", "ReferenceError1"),
            ("for (f() of []); for (f() in {}); n", "0"),
            ("f().x = 1; [f().y] = [1]; n", "2"),
        ],
    );
    refuse(&[
        "f() &&= 1",
        "f() ||= 1",
        "f() ??= 1",
        "f`` = 1",
        "new f() = 1",
        "[f()] = [1]",
        "({ a: f() } = {})",
        "f?.() = 1",
        "a?.f() = 1",
        "(1, f()) = 1",
        "-f() = 1",
        "import('a') = 1",
        "class A extends Object { constructor() { super() = 1 } }",
        "\"use strict\"; f() = 1",
        "\"use strict\"; f()++",
        "\"use strict\"; for (f() of []);",
        "async () => { for await (f() of []); \"use strict\"; f() ||= 1 }",
    ]);
}

#[test]
fn early_errors_are_found_before_anything_runs() {
    refuse(&[
        // 13.3.1
        "new a?.b()",
        "new a?.b",
        "new a?.()",
        "new a.b?.c()",
        "a?.b = 1",
        "a?.b`x`",
        "class C extends D { constructor() { new super() } }",
        // 13.5.1.1
        "class C { #b; f() { delete this.#b } }",
        "class C { #b; f() { delete this?.#b } }",
        "class C { #b; f() { delete (this?.#b) } }",
        "class C { #b; f() { delete this?.a.#b } }",
        // 15.1.1 and its like: what the body declares and what the parameters do
        "([a]) => { let a }",
        "({ a }) => { const a = 1 }",
        "async ([a]) => { let a }",
        "function f([a]) { let a }",
        "function f({ a: b }) { let b }",
        "function f({ a = 1 }) { let a }",
        "function f([a] = []) { class a {} }",
        "function f(...[a]) { let a }",
        "function* f([a]) { let a }",
        "async function f([a]) { let a }",
        "({ f([a]) { let a } })",
        "({ set f([a]) { let a } })",
        "class C { constructor({ a }) { let a } }",
        "({ set f(...a) {} })",
        "class C { set f(...a) {} }",
        "async await => 1",
        // 16.1.1
        "let a; function a() {}",
        "function a() {} let a",
        // 15.7.1
        "class eval {}",
        "(class arguments {})",
        // 14.15.1, 14.7.5.1
        "try {} catch ([a] = []) {}",
        "try {} catch ({ a } = {}) {}",
        "for (let.a of []);",
        "for (let() of []);",
        // 13.2.5, 15.4: names are assignment expressions
        "({ [a, b]: 1 })",
        "({ [a, b]() {} })",
        "class C { [a, b]() {} }",
        "({ [a, b]: c } = {})",
        "let { [a, b]: c } = {}",
        // 13.15.1: patterns are targets only as a whole left side
        "1 + {} = 0",
        "!{} = 1",
        "typeof [a] = 1",
        "new {} = 1",
        "class C { #a; f() { #a in {} = 0 } }",
        "class C { get *f() {} }",
        "({ get\n*f() {} })",
        // 14.8.1
        "a: { while (1) { continue a } }",
        "a: b: { while (1) { continue a } }",
        "a: while (1) { continue b }",
    ]);
    take(&[
        "function f([a]) { { let a } }",
        "function f([a]) { var a; function a() {} }",
        "function f({ a }) { try {} catch (a) {} for (let a;;); }",
        "let f = function g() { let g }",
        "function f() { let arguments }",
        "try {} catch (a) { for (var a in []); for (var a;;); }",
        "try {} catch ([b]) { for (var a of []); }",
        "{} [a] = [b] = [c]",
        "a = {} = {}",
        "a ? {} = {} : [b] = []",
        "x => [a] = []",
        "function* g() { yield {} = {} }",
        "for ({} of []); for ([a] = []; 0;);",
        "[{} = {}] = [[]]; ({ a: {} = {} } = { a: 1 })",
        "new (a?.b)(); new a.b(c?.d); a?.[new b()]",
        "class C { get\n*f() {} set\n*g() {} static get\n*h() {} }",
        "for (let in {}); for (let.a in {}); for (let;;); let\n(a)",
    ]);
}

#[test]
fn a_loop_answers_to_each_of_its_labels() {
    // 14.13
    check(&[
        ("a: b: c: for (var i = 0; i < 3; i++) { for (;;) { continue a } } i", "3"),
        ("a: b: for (var x of [1, 2]) { switch (1) { default: continue a } } x", "2"),
        (
            "var n = 0; a: b: while (n < 3) { n++; c: d: for (;;) { try { continue a } finally { n++ } } } n",
            "4",
        ),
        ("a: b: do { for (;;) { break a } } while (true); 'after'", "after"),
    ]);
}

#[test]
fn comments_may_look_like_those_of_html() {
    // B.1.1
    check(&[
        ("--> all of this", "undefined"),
        ("/* a */ /* b */ --> all of this\n1", "1"),
        ("var x = 1\n--> x\n;x", "1"),
        ("var x = [23]\n-->[0];\nx[0]", "23"),
        ("0 /*\n*/ /* b */ --> rest\n", "0"),
        ("1 <!-- rest\n", "1"),
        ("1 // rest\u{2028}--> and rest\n", "1"),
        ("1 // rest\u{2029}/* a */ --> and rest\n", "1"),
        ("var i = 3, n = 0; while (i --> 0) n++; n", "3"),
        ("eval('-->\\n1')", "1"),
        ("Function('-->')()", "undefined"),
        ("Function('<!--', '')()", "undefined"),
        ("Function('-->', '')", "!SyntaxError"),
        ("/* a */ 0 --> 1 2", "!SyntaxError"),
        ("; --> 1", "!SyntaxError"),
    ]);
}

#[test]
fn line_and_paragraph_separators_end_lines() {
    // 12.3
    check(&[
        ("var a = 1 // one\u{2028}var b = 2; a + b", "3"),
        ("var a = 1 /* \u{2029} */ var b = 2; a + b", "3"),
    ]);
}

#[test]
fn iterators_that_are_awaited_are_closed_once_and_only_by_who_stops_early() {
    // 27.1.6, 14.7.5.6
    check_after(
        "var log = []; \
         var iterable = (next, more) => ({ [Symbol.iterator]: () => ({ next() { log.push('next'); return next() }, \
             return() { log.push('return'); return {} }, ...more }) }); \
         var run = async (f) => { try { await f() } catch (e) { log.push(e?.name ?? e) } return log.join() }; \
         var loop = (i) => run(async () => { for await (var x of i); }); \
         var delegate = (i, then) => run(async () => { \
             var g = (async function* () { yield* i })(); await g.next(); await then?.(g) }); \
         var rejected = (done) => ({ value: Promise.reject(7), done }); \
         var poisoned = () => ({ value: Object.defineProperty(Promise.resolve(), 'constructor', \
             { get() { throw 5 } }), done: false }); \
         var one = () => ({ value: 1, done: false });",
        &[
            ("loop(iterable(() => rejected(false)))", "next,return,7"),
            ("loop(iterable(() => rejected(true)))", "next,7"),
            ("loop(iterable(poisoned))", "next,return,5"),
            ("loop(iterable(() => { throw 8 }))", "next,8"),
            ("loop(iterable(() => 8))", "next,TypeError"),
            ("loop(iterable(() => ({ done: false, get value() { throw 3 } })))", "next,3"),
            ("run(async () => { for await (var x of iterable(one)) throw 9 })", "next,return,9"),
            ("run(async () => { for await (var x of iterable(one)) break })", "next,return"),
            (
                "loop({ [Symbol.asyncIterator]: () => ({ next() { return Promise.reject(4) }, \
                 return() { log.push('return') } }) })",
                "4",
            ),
            (
                "loop({ [Symbol.asyncIterator]: () => ({ next() { throw 4 }, return() { log.push('return') } }) })",
                "4",
            ),
            (
                "var m = 0; run(async () => { for await (var x of iterable(() => ({ value: m++, done: m > 3 }))); })",
                "next,next,next,next",
            ),
            ("delegate(iterable(() => rejected(false)))", "next,return,7"),
            (
                "delegate(iterable(one, { throw: () => rejected(false) }), (g) => g.throw(1))",
                "next,return,7",
            ),
            (
                "delegate(iterable(one, { throw: () => poisoned() }), (g) => g.throw(1))",
                "next,return,5",
            ),
            ("delegate(iterable(one), (g) => g.throw(1))", "next,return,TypeError"),
            (
                "delegate(iterable(one, { return: () => rejected(false) }), (g) => g.return(1))",
                "next,7",
            ),
        ],
    );
}

#[test]
fn an_iterator_that_wraps_another_calls_it_without_arguments() {
    // 27.1.3.2.1.2
    check(&[(
        "var n = []; var f = (...a) => { n.push(a.length); return {} }; \
         var w = Iterator.from({ next: f, return: f }); w.next(1); w.return(1); n.join()",
        "0,0",
    )]);
}

#[test]
fn promises_can_be_awaited_by_key() {
    check_after(
        "var text = (p) => p.then(JSON.stringify, (e) => 'rejected ' + (e?.name ?? e));",
        &[
            (
                "text(Promise.allKeyed({ b: Promise.resolve(1), 2: 4, a: 2, 1: 5 }))",
                r#"{"1":5,"2":4,"b":1,"a":2}"#,
            ),
            ("text(Promise.allKeyed({ a: 1, b: Promise.reject(5) }))", "rejected 5"),
            ("text(Promise.allKeyed({}))", "{}"),
            ("Promise.allKeyed({ a: 1 }).then(Object.getPrototypeOf)", "null"),
            ("var s = Symbol(); Promise.allKeyed({ [s]: 3 }).then((r) => r[s])", "3"),
            ("text(Promise.allKeyed(1))", "rejected TypeError"),
            ("text(Promise.allKeyed())", "rejected TypeError"),
            ("text(Promise.allSettledKeyed(1n))", "rejected TypeError"),
            ("Promise.allKeyed.call(undefined, {})", "!TypeError"),
            (
                "text(Promise.allKeyed(Object.defineProperty({ a: 1 }, 'b', { value: 2 })))",
                r#"{"a":1}"#,
            ),
            ("text(Promise.allKeyed({ a: { then() { throw 3 } } }))", "rejected 3"),
            ("Promise.allKeyed.length + Promise.allSettledKeyed.name", "1allSettledKeyed"),
            (
                "text(Promise.allSettledKeyed({ a: 1, b: Promise.reject(5) }))",
                r#"{"a":{"status":"fulfilled","value":1},"b":{"status":"rejected","reason":5}}"#,
            ),
            (
                "var log = []; var p = new Proxy({ a: 1, b: 2 }, new Proxy({}, { get: (t, trap) => (o, ...rest) => { \
                 log.push(trap); return Reflect[trap](o, ...rest) } })); Promise.allKeyed(p); log.join()",
                "ownKeys,getOwnPropertyDescriptor,get,getOwnPropertyDescriptor,get",
            ),
            // The internal lists have no prototype that a program could have changed.
            (
                "Object.defineProperty(Array.prototype, 3, { get() { throw 'seen' }, set() { throw 'seen' } }); \
                 text(Promise.allKeyed({ a: 1, b: 2, c: 3, d: 4 }))",
                r#"{"a":1,"b":2,"c":3,"d":4}"#,
            ),
        ],
    );
}

#[test]
fn an_element_of_settled_promises_counts_once() {
    // 27.2.4.2
    check_after(
        "var calls = []; class P { constructor(f) { f((v) => { calls.push(v) }, (e) => { calls.push(e) }) } \
             static resolve(v) { return v } } \
         var late; var twice = { then(a, b) { a(1); b(2); a(3) } }, once = { then(a) { late = a } };",
        &[
            (
                "Promise.allSettled.call(P, [twice, once]); var early = calls.length; late(5); early + JSON.stringify(calls)",
                r#"0[[{"status":"fulfilled","value":1},{"status":"fulfilled","value":5}]]"#,
            ),
            (
                "Promise.allSettledKeyed.call(P, { a: twice, b: once }); late(5); JSON.stringify(calls)",
                r#"[{"a":{"status":"fulfilled","value":1},"b":{"status":"fulfilled","value":5}}]"#,
            ),
            (
                "twice.then = (a) => { a(1); a(3) }; Promise.all.call(P, [twice, once]); late(5); late(6); JSON.stringify(calls)",
                "[[1,5]]",
            ),
        ],
    );
}

#[test]
fn regexp_tells_of_the_last_match() {
    check_after(
        "var R = RegExp; var all = () => JSON.stringify([R.input, R.lastMatch, R.lastParen, R.leftContext, \
             R.rightContext, R.$1, R.$2, R.$3]); class S extends RegExp {}",
        &[
            ("all()", r#"["","","","","","","",""]"#),
            ("/(b)(c)?(d)/.exec('xabde'); all()", r#"["xabde","bd","d","xa","e","b","","d"]"#),
            ("/(b)/.exec('abc'); /z/.exec('y'); all()", r#"["abc","b","b","a","c","b","",""]"#),
            ("/(a)|(b)/.exec('a'); all()", r#"["a","a","","","","a","",""]"#),
            (
                "'12345678901'.match(/(1)(2)(3)(4)(5)(6)(7)(8)(9)(0)(1)/); R.$9 + R.lastParen + R['$+']",
                "911",
            ),
            ("/b/.test('abc'); [R.$_, R['$&'], R['$`'], R[\"$'\"]].join()", "abc,b,a,c"),
            (
                "'hello world'.replace(/o/g, ''); all()",
                r#"["hello world","o","","hello w","rld","","",""]"#,
            ),
            ("var s = ''; 'a1b2'.replace(/(\\w)(\\d)/g, () => { s += R.$1 }); s", "bb"),
            ("/a/.exec('a'); R.input = 5; R.$_ + R.lastMatch", "5a"),
            ("/a/.exec('a'); R.input = 5; /b/.exec('b'); R.input", "b"),
            ("(() => { 'use strict'; R.lastMatch = 1 })()", "!TypeError"),
            ("S.lastMatch", "!TypeError"),
            ("S.$_ = 1", "!TypeError"),
            ("Reflect.get(R, '$1', /a/)", "!TypeError"),
            // A match of a derived class is nobody's business.
            ("/a/.exec('a'); new S('b').exec('b'); R.lastMatch", "!TypeError"),
            ("new S('b').exec('b'); R.input", "!TypeError"),
            ("new S('b').exec('b'); R.input = 1; R.input", "1"),
            ("new S('b').exec('b'); /c/.exec('c'); R.lastMatch", "c"),
            ("new S('b').compile('c')", "!TypeError"),
            ("/a/.compile('b').source", "b"),
            (
                "var d = Object.getOwnPropertyDescriptor(R, '$&'); \
                 [typeof d.get, typeof d.set, d.enumerable, d.configurable].join()",
                "function,undefined,false,true",
            ),
        ],
    );
}

#[test]
fn regexp_of_unicode_sets_refuses_characters_in_classes_only() {
    check(&[
        ("/^foo-bar::a&&b@@$/v.test('foo-bar::a&&b@@')", "true"),
        ("new RegExp('a/b', 'v').test('a/b')", "true"),
        ("/[\\-]/v.test('-')", "true"),
        ("new RegExp('[-]', 'v')", "!SyntaxError"),
        ("new RegExp('[/]', 'v')", "!SyntaxError"),
        ("new RegExp('[a&&&]', 'v')", "!SyntaxError"),
        ("new RegExp('[::]', 'v')", "!SyntaxError"),
    ]);
}

#[test]
fn what_was_matched_does_not_outlive_the_run() {
    let mut bench = Bench::base();
    assert_eq!(bench.eval("/s(.*)/.exec('secret'); RegExp.$1"), "ecret".into());
    assert_eq!(bench.eval("RegExp.$1 + RegExp.input"), "".into());
}

#[test]
fn scripts_of_one_context_share_their_lexical_names() {
    // 16.1.7
    let setup =
        "let x = 1; const c = 2; class K { static n = 3 } var v = 4; function f() { return x }";
    let mut bench = Bench::of(&Plan {
        setup: vec![Source::new("setup.js", setup)],
        entry: EntryPoint::AdHoc,
        ..plan()
    });
    let mut value = |program: &str| match bench.run(&ad_hoc(program)).result {
        Ok(value) => format!("{value:?}"),
        Err(Error::Exception(thrown)) => format!("!{}", thrown.name),
        Err(Error::Syntax(_)) => "!SyntaxError".to_owned(),
        Err(other) => other.to_string(),
    };
    let text = |text: &str| format!("{:?}", Value::from(text));
    assert_eq!(value("[x, c, K.n, v, f()].join()"), text("1,2,3,4,1"));
    assert_eq!(value("x = 5; f() + ',' + ('x' in globalThis)"), text("5,false"));
    assert_eq!(value("c = 1"), "!TypeError");
    for redeclared in [
        "let x",
        "const x = 1",
        "class x {}",
        "var x",
        "function x() {}",
        "let v",
        "class f {}",
        "let undefined",
    ] {
        assert_eq!(value(&format!("throw 1; {redeclared}")), "!SyntaxError", "{redeclared}");
    }
    // Nothing of a script whose declarations do not fit is declared.
    assert_eq!(
        value("eval('try { (0, eval)(\"var x\") } catch (e) { e.name }')"),
        text("SyntaxError")
    );
    assert_eq!(value("let Array = 1; Array + typeof globalThis.Array"), text("1function"));
}

#[test]
fn a_script_with_an_error_is_no_module_without_a_default_export() {
    let mut bench = Bench::base();
    for program in ["let undefined", "with (a) { let b; var b }", "var a = 1; let a"] {
        assert!(
            matches!(bench.error(program), Error::Syntax(_)),
            "{program}: {:?}",
            bench.error(program)
        );
    }
    for program in ["export const a = 1", "await 1", "import 'a'; let undefined"] {
        assert!(!matches!(bench.error(program), Error::Syntax(_)), "{program}");
    }
}

#[test]
fn brackets_nest_as_deep_as_the_stack_allows() {
    let nested = |open: &str, inner: &str, close: &str| {
        format!("'{open}'.repeat(300) + '{inner}' + '{close}'.repeat(300)")
    };
    let list = |inner| nested("[", inner, "]");
    let object = |inner| nested("{a:", inner, "}");
    for (source, expected) in [
        (format!("'var ' + {} + '=' + {} + '; v'", list("v"), list("7")), "7"),
        (format!("'var v; ' + {} + '=' + {} + '; v'", list("v"), list("7")), "7"),
        (format!("'var ' + {} + '=' + {} + '; v'", object("v"), object("8")), "8"),
        (format!("{} + '(5)'", nested("(", "v => v", ")")), "5"),
        (format!("'(v = ' + {} + ') => 1; 2'", list("3")), "2"),
        (nested("`${", "6", "}`"), "6"),
    ] {
        check(&[(&format!("eval({source})"), expected)]);
    }
}

#[test]
fn what_nests_deeper_than_the_stack_is_a_range_error() {
    for (part, count) in [
        ("[", 200_000),
        ("(", 200_000),
        ("{", 200_000),
        ("({a:", 200_000),
        ("var [", 20_000),
        ("[{a = ", 20_000),
        ("`${", 20_000),
        ("f(", 20_000),
        ("!", 200_000),
        ("a => ", 20_000),
        ("a ? ", 20_000),
        ("if (1) ", 20_000),
        ("for (;;) ", 20_000),
        ("switch (1) { case 1: ", 20_000),
        ("function f() {", 5_000),
        ("(function () {", 5_000),
        ("function f(a = [", 5_000),
        ("class A { m() {", 5_000),
        ("class A { [", 5_000),
        ("class A { static {", 5_000),
        ("({ get a() {", 5_000),
        ("async () => { await (", 5_000),
        ("new (", 20_000),
        ("a[", 20_000),
    ] {
        let source = format!("try {{ eval('{part}'.repeat({count})) }} catch (e) {{ String(e) }}");
        check(&[(&source, "RangeError: Maximum call stack size exceeded")]);
        let mut bench = Bench::base();
        let error = bench.error(&part.repeat(count));
        assert_eq!(error.code(), "ERR_STACK_LIMIT", "{part}: {error}");
    }
}
