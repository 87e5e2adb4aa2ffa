//! Syntax, and built-ins that make something of their own, do what the standard says whatever a script has
//! put in the place of other built-ins or into their prototypes. The sections named are those of ECMA-262.

mod common;

use common::*;
use sandtide_engine::{Error, Value};

/// Runs each program after `before`, and compares its value as text; `!Name` is an uncaught error.
fn check_after(before: &str, programs: &[(&str, &str)]) {
    let mut bench = Bench::base();
    let mut wrong = Vec::new();
    for (program, expected) in programs {
        let outcome = bench.run(&ad_hoc(&format!("{before}\nString((() => {{ {program} }})())")));
        let found = match outcome.result {
            Ok(Value::String(text)) => text,
            Err(Error::Exception(thrown)) => format!("!{}: {}", thrown.name, thrown.message),
            other => format!("{other:?}"),
        };
        if found != *expected {
            wrong.push(format!("{program}\n    is {found}\n    not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), programs.len(), wrong.join("\n"));
}

/// Notes in `log` each call of a method or accessor of the built-ins, which all are replaced.
const SPIES: &str = "
    const log = [];
    let listening = false;
    (() => {
        const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object;
        const { apply, ownKeys } = Reflect;
        const note = (name) => {
            if (listening) log[log.length] = name;
        };
        const spy = (name, holder, key) => {
            const own = getOwnPropertyDescriptor(holder, key);
            if (!own.configurable) return;
            const { value, get } = own;
            if (key === 'constructor') {
                defineProperty(holder, key, { configurable: true, get() { note('get ' + name); return value; } });
            } else if (typeof value === 'function') {
                own.value = { spied(...given) { note(name); return apply(value, this, given); } }.spied;
                defineProperty(holder, key, own);
            } else if (get) {
                own.get = function () { note('get ' + name); return apply(get, this, []); };
                defineProperty(holder, key, own);
            }
        };
        const ArrayIterator = getPrototypeOf([].values());
        const holders = {
            Object, 'Object.prototype': Object.prototype, 'Function.prototype': Function.prototype,
            Array, 'Array.prototype': Array.prototype, String, 'String.prototype': String.prototype,
            Promise, 'Promise.prototype': Promise.prototype, RegExp, 'RegExp.prototype': RegExp.prototype,
            Symbol, 'Symbol.prototype': Symbol.prototype, 'Map.prototype': Map.prototype,
            'Set.prototype': Set.prototype, 'WeakMap.prototype': WeakMap.prototype, Reflect, Math, JSON,
            'Number.prototype': Number.prototype, 'BigInt.prototype': BigInt.prototype, Error,
            'Error.prototype': Error.prototype, ArrayIterator, Iterator: getPrototypeOf(ArrayIterator),
            StringIterator: getPrototypeOf(''[Symbol.iterator]()),
            Generator: getPrototypeOf(function* () {}).prototype,
        };
        for (const holder of ownKeys(holders)) {
            for (const key of ownKeys(holders[holder])) {
                spy(`${holder}.${typeof key === 'symbol' ? key.description : key}`, holders[holder], key);
            }
        }
    })();
    const calls = (run) => {
        listening = true;
        try {
            run();
        } catch (error) {
            log[log.length] = 'threw';
        }
        listening = false;
        let text = '';
        for (let i = 0; i < log.length; i++) text += (i > 0 ? ' ' : '') + log[i];
        return text;
    };
";

#[test]
fn syntax_calls_the_built_ins_that_the_standard_names_and_no_others() {
    let of = "Array.prototype.Symbol.iterator";
    let next = "ArrayIterator.next";
    let steps = |count: usize| format!("{of}{}", format!(" {next}").repeat(count));
    let two = steps(3);
    let one = steps(2);
    check_after(
        SPIES,
        &[
            ("return calls(() => `a${1}b${'x'}c`)", ""),
            ("return calls(() => `${{ toString: () => 'o' }}`)", ""),
            ("return calls(() => ((text, ...values) => text.length)`a${1}b`)", ""),
            ("return calls(() => ({ ...{ a: 1 }, b: 2 }))", ""),
            ("return calls(() => { const { a, ...rest } = { a: 1, b: 2 }; })", ""),
            ("return calls(() => [1, , 2])", ""),
            ("return calls(() => /a/g)", ""),
            ("return calls(() => new (class { x = 1; ['y'] = 2; #z = 3; static s = 4; })())", ""),
            ("return calls(() => new (class extends (class {}) {})(1, 2))", ""),
            ("return calls(() => (function () { return arguments.length; })(1, 2))", ""),
            ("return calls(() => ((...all) => all)(1, 2))", ""),
            ("return calls(() => { for (const key in { a: 1 }); })", ""),
            ("return calls(() => (async () => { await 1; })())", ""),
            ("return calls(() => (async () => { throw 1; })())", ""),
            ("return calls(() => { try { null.x; } catch {} })", ""),
            ("return calls(() => 1 + { valueOf: () => 1 })", ""),
            ("return calls(() => (0, eval)('1'))", ""),
            // What the standard does name (8.6.2, 13.2.4.2, 13.3.8.1, 14.7.5.6).
            ("return calls(() => [...[1, 2]])", &two),
            ("return calls(() => ((a, b) => a)(...[1, 2]))", &two),
            ("return calls(() => { const [a, ...rest] = [1, 2]; })", &two),
            ("return calls(() => { for (const x of [1, 2]); })", &two),
            ("return calls(() => { const [a, b] = [1]; })", &one),
            (
                "const made = (async () => 1)(); return calls(() => (async () => { await made; })())",
                "get Promise.prototype.constructor",
            ),
        ],
    );
}

/// Setters, which a script has put where every object finds them, note what they are given.
const SETTERS: &str = "
    const log = [];
    for (const key of [0, 1, 2]) {
        Object.defineProperty(Object.prototype, key, {
            configurable: true,
            get: () => undefined,
            set(value) { log[log.length] = key; },
        });
    }
    const loop = {};
    loop.loop = [loop];
";

#[test]
fn lists_that_the_engine_makes_get_elements_whatever_prototypes_have() {
    check_after(
        SETTERS,
        &[
            ("return 'aba'.match(/a/g) + ' ' + log", "a,a "),
            ("return JSON.stringify({ a: [1, { b: 2 }] }) + log", r#"{"a":[1,{"b":2}]}"#),
            ("return JSON.stringify({ a: 1, b: 2 }, ['b', 'a']) + log", r#"{"b":2,"a":1}"#),
            (
                "try { JSON.stringify(loop); } catch (error) { return error.name + log; }",
                "TypeError",
            ),
            ("return Array(7, 8) + ' ' + log", "7,8 "),
            ("return new (class extends Array {})(7, 8) + ' ' + log", "7,8 "),
            ("return Object.groupBy([1, 2, 3], (x) => `k${x % 2}`).k1 + ' ' + log", "1,3 "),
            ("return Map.groupBy([1, 2, 3], (x) => x % 2).get(1) + ' ' + log", "1,3 "),
            ("return [[1], [2, [3]]].flat(2) + ' ' + log", "1,2,3 "),
            ("return Array.from({ length: 2 }, (x, i) => i) + ' ' + log", "0,1 "),
            ("return [1, 2].map((x) => x + 1) + ' ' + log", "2,3 "),
            ("return [...[1, 2], 3] + ' ' + log", "1,2,3 "),
        ],
    );
}

#[test]
fn a_template_literal_makes_a_string_of_each_value_as_it_comes() {
    let before = "
        const log = [];
        const value = (text) => {
            log.push('made ' + text);
            return { toString() { log.push('text of ' + text); return text; } };
        };
    ";
    check_after(
        before,
        &[
            ("return `${value('a')}${value('b')}` + log", "abmade a,text of a,made b,text of b"),
            ("return `${{ [Symbol.toPrimitive]: (hint) => hint }}`", "string"),
            ("return `x${1}${2n}${null}${undefined}${true}${1.5}y`", "x12nullundefinedtrue1.5y"),
            ("return `${''}${'a'}` + ``.length + `${`${1}${`n${2}`}`}`", "a01n2"),
            ("return `é${'€'}${'a'.repeat(9000)}${'😀'}`.length", "9004"),
            ("let s = ''; for (let i = 0; i < 50000; i++) s = `${s}ab`; return s.length", "100000"),
            ("return `${Symbol()}`", "!TypeError: cannot convert symbol to string"),
            (
                "return `${value('a')}${(() => { throw new Error(log.join()); })()}`",
                "!Error: made a,text of a",
            ),
            (
                "const g = (function* () { return `a${yield 1}b${yield 2}c`; })();
                 g.next(); g.next('Y'); return g.next('Z').value",
                "aYbZc",
            ),
        ],
    );
}

#[test]
fn an_array_is_made_of_what_is_asked_for_its_iterator_once() {
    check_after(
        "",
        &[
            (
                "let asked = 0;
                 const source = { get [Symbol.iterator]() { asked++; return function* () { yield 1; }; } };
                 return Array.from(source) + ' ' + asked",
                "1 1",
            ),
            ("return Array.from({ [Symbol.iterator]: null, length: 1, 0: 'x' })", "x"),
            ("try { Array.from({ [Symbol.iterator]: 1 }); } catch (error) { return error.name; }", "TypeError"),
            // Made before the iterator is (23.1.2.1, step 6).
            (
                "const log = [];
                 class List { constructor() { log.push('made'); } }
                 try {
                     Array.from.call(List, { [Symbol.iterator]() { log.push('asked'); throw 1; } });
                 } catch {}
                 return log",
                "made,asked",
            ),
            // A list without elements may get some meanwhile.
            (
                "const list = { length: 3 };
                 return Array.from(list, (x, i) => { if (i === 0) list[1] = 'late'; return x; })",
                ",late,",
            ),
            (
                "return Array.from({ length: 2 }, (x, i) => { if (i === 0) Array.prototype[1] = 'array'; return x; })",
                ",",
            ),
            (
                "return Array.from({ length: 2 }, (x, i) => { if (i === 0) Object.prototype[1] = 'object'; return x; })",
                ",object",
            ),
            ("return Array.from(Object.create({ length: 1, 0: 'inherited' }))", "inherited"),
        ],
    );
}

#[test]
fn groups_are_made_as_the_standard_says() {
    let closing = "
        let closed = 0;
        const closing = { [Symbol.iterator]: () => ({
            next: () => ({ value: 1, done: false }),
            return() { closed++; return {}; },
        }) };
    ";
    check_after(
        closing,
        &[
            (
                "let asked = 0; const key = { toString() { asked++; return 'k'; } };
                 return Object.groupBy([1, 2], () => key).k + ' ' + asked",
                "1,2 2",
            ),
            ("return Object.groupBy([1, 2], (x) => Symbol.iterator)[Symbol.iterator]", "1,2"),
            ("return Object.keys(Object.groupBy([3, 1], (x) => x)) + Object.getPrototypeOf(Object.groupBy([], eval))", "1,3null"),
            ("return Map.groupBy([1], function () { 'use strict'; return this; }).has(undefined)", "true"),
            ("return Map.groupBy([-0, 0], (x) => x).size + ' ' + Object.is([...Map.groupBy([-0], (x) => x).keys()][0], 0)", "1 true"),
            ("try { Object.groupBy(closing, () => { throw 1; }); } catch (e) { return e + ' ' + closed; }", "1 1"),
            ("try { Map.groupBy(closing, () => { throw 1; }); } catch (e) { return e + ' ' + closed; }", "1 1"),
            (
                "try { Object.groupBy(closing, () => ({ toString() { throw 1; } })); } catch (e) { return e + ' ' + closed; }",
                "1 1",
            ),
            ("return Map.groupBy(new Set([1, 2, 3]), (x, i) => i % 2).get(0)", "1,3"),
            (
                "const list = [1, 2];
                 return [...Map.groupBy(list, (x) => { if (list.length < 4) list.push(x + 2); return x % 2; })]",
                "1,1,3,0,2,4",
            ),
        ],
    );
}

#[test]
fn maps_and_sets_are_filled_as_their_own_methods_would() {
    check_after(
        "",
        &[
            ("return [...new Map([[1, 2], [1, 3], [NaN, 1], [NaN, 2], [-0, 5]])].join('|')", "1,3|NaN,2|0,5"),
            ("return new Set([1, 1, -0, 0, 'a', 'a']).size", "3"),
            ("return new Map([[1]]).get(1) + ' ' + new Map([[]]).has(undefined)", "undefined true"),
            ("return new Map([{ 0: 'k', 1: 'v' }]).get('k')", "v"),
            ("return new Map(Array.from({ length: 3000 }, (_, i) => [i, i * 2])).get(2999)", "5998"),
            ("try { new Map([[1, 2], 5]); } catch (error) { return error.name; }", "TypeError"),
            (
                "const log = []; const { set } = Map.prototype;
                 Map.prototype.set = function (k, v) { log.push(k); return set.call(this, k, v); };
                 return new Map([[1, 2], [3, 4]]).size + ' ' + log",
                "2 1,3",
            ),
            (
                "class Counted extends Set { add(x) { this.count = (this.count ?? 0) + 1; return super.add(x); } }
                 return new Counted([1, 1, 2]).count",
                "3",
            ),
            (
                "const list = [[1, 1], [2, 2]]; const log = [];
                 list[1] = { get 0() { log.push('key'); return 'k'; }, get 1() { log.push('value'); return 'v'; } };
                 return new Map(list).get('k') + ' ' + log",
                "v key,value",
            ),
            ("Set.prototype.add = 1; new Set([1])", "!TypeError: '1' returned for property 'add' of object '#<Set>' is not a function"),
        ],
    );
}

#[test]
fn lists_of_lists_are_flattened_whatever_is_in_them() {
    check_after(
        "const show = JSON.stringify;",
        &[
            ("return show([1, [2, [3, [4]]]].flat())", "[1,2,[3,[4]]]"),
            ("return show([1, [2, [3, [4]]]].flat(Infinity))", "[1,2,3,4]"),
            ("return show([[, 1], [2, , 3]].flat())", "[1,2,3]"),
            ("return show([1, [2]].flat(0)) + show([[1, [2]]].flat(-1))", "[1,[2]][[1,[2]]]"),
            ("return show([[1, [2]], new Proxy([3], {})].flat())", "[1,[2],3]"),
            ("return [[], [[]]].flat().length", "1"),
            ("const a = [1]; a[1] = a; return a.flat(3).length", "5"),
            (
                "class List extends Array {} return new List([1], [2]).flat() instanceof List",
                "true",
            ),
            ("Array.prototype[1] = 'p'; return [[1, , 3]].flat()", "1,p,3"),
            ("return [[1], { length: 1, 0: 2 }].flat().length", "2"),
        ],
    );
}

#[test]
fn a_loop_over_a_list_sees_what_is_added_to_it() {
    check_after(
        "",
        &[
            (
                "const list = [1, 2], seen = [];
                 for (const x of list) { seen.push(x); if (x < 5) list.push(x + 3); }
                 return seen",
                "1,2,4,5,7",
            ),
            (
                "const list = [1, 2, 3], seen = [];
                 for (const x of list) { seen.push(x); list.length = 2; }
                 return seen",
                "1,2",
            ),
            (
                "const list = [1, 2], seen = [];
                 for (const x of list) {
                     seen.push(x);
                     Object.defineProperty(list, 1, { get: () => 'got' });
                 }
                 return seen",
                "1,got",
            ),
            (
                "const steps = [1, 2, 3].values(); for (const x of steps) break; return [...steps]",
                "2,3",
            ),
            (
                "const list = [1, 2, 3]; return list.map((x, i) => { if (i === 0) list.length = 1; return x; }).length",
                "3",
            ),
            ("return 1 in [, 1].map((x) => x) && !(0 in [, 1].map((x) => x))", "true"),
        ],
    );
}
