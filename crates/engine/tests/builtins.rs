//! Built-ins that files of ours replace for plain values (`crates/quickjs/c/builtins`): random programs
//! come to what Node's answers are, whatever the values are, and to what the generic way comes to.

mod common;

use common::*;
use sandtide_engine::{Limits, Request, Value};

const ARRAYS: &str = include_str!("builtins/arrays.js");
const MAPS: &str = include_str!("builtins/maps.js");
const JSON: &str = include_str!("builtins/json.js");
const REGEXPS: &str = include_str!("builtins/regexps.js");
const STRINGS: &str = include_str!("builtins/strings.js");
const LISTS: &str = include_str!("builtins/lists.js");

/// A program, its seed, and how the answer of Node 24.21 begins.
const ANSWERS: &[(&str, u32, &str)] = &[
    (ARRAYS, 1, "-166000814,285856150 differences: "),
    (ARRAYS, 2, "-508569894,492960759 differences: "),
    (ARRAYS, 3, "-22131634,-1649061273 differences: "),
    (MAPS, 1, "1896804456; 1 true false; 1 abc Symbol(abc); 4 5"),
    (MAPS, 2, "727498557; 1 true false; 1 abc Symbol(abc); 4 5"),
    (MAPS, 3, "-660297535; 1 true false; 1 abc Symbol(abc); 4 5"),
    (JSON, 1, "399 1650349861; 799 -1425101505"),
    (JSON, 2, "399 -536320758; 799 -1860709944"),
    (JSON, 3, "399 -1791544615; 799 -1681527012"),
    (REGEXPS, 1, "-1817565585 of 1020 expressions"),
    (REGEXPS, 2, "1324352267 of 1021 expressions"),
    (REGEXPS, 3, "-1637953566 of 1020 expressions"),
    (STRINGS, 1, "1336903459; -1887461029"),
    (STRINGS, 2, "473598980; 487326996"),
    (STRINGS, 3, "1129982052; 1073854747"),
    (LISTS, 1, "1729762486; 1,2 1,2 6; 9 9; 1; 1 2,2; 8 7 4,5 8; z; 1; true 5 0,length"),
    (LISTS, 2, "-813187946; 1,2 1,2 6; 9 9; 1; 1 2,2; 8 7 4,5 8; z; 1; true 5 0,length"),
    (LISTS, 3, "-534725337; 1,2 1,2 6; 9 9; 1; 1 2,2; 8 7 4,5 8; z; 1; true 5 0,length"),
];

#[test]
fn random_operations_have_the_answers_that_node_has() {
    let mut bench = Bench::base();
    for (program, seed, answer) in ANSWERS {
        let found = bench.run(&long(&format!("var SEED = {seed};\n{program}"))).result;
        let found = found.unwrap_or_else(|error| panic!("seed {seed}: {error}\n{program}"));
        assert!(
            text(&found).starts_with(answer),
            "seed {seed}: {found:?}, not {answer}\n{program}"
        );
        assert!(!text(&found).contains("generic"), "seed {seed}: {found:?}");
    }
    bench.assert_sound();
}

fn long(source: &str) -> Request {
    Request { limits: generous(), ..ad_hoc(source) }
}

#[test]
fn a_queue_takes_no_more_memory_than_what_is_in_it() {
    // A million values go through a list of ten: none of the room they leave at its start may stay.
    let request = Request {
        limits: Limits { heap: 2 << 20, ..generous() },
        ..ad_hoc(
            "const q = []; let sum = 0; \
             for (let i = 0; i < 1e6; i++) { q.push(i); if (q.length > 10) sum += q.shift(); } \
             for (let i = 0; i < 1e5; i++) { q.unshift(i); sum += q.pop(); } sum + ':' + q.length",
        )
    };
    let outcome = Bench::base().run(&request);
    assert_eq!(outcome.result.unwrap(), Value::from("504998450055:10"));
}

#[test]
fn a_string_in_pieces_is_the_same_key_as_the_string_whole() {
    let mut bench = Bench::base();
    let program = "let s = 'x'.repeat(9000); for (let i = 0; i < 9; i++) s += 'y'.repeat(600); \
                   const m = new Map([[s, 1]]); const whole = JSON.parse(JSON.stringify(s)); \
                   [m.get(whole), m.has(s), new Set([s, whole]).size].join()";
    assert_eq!(bench.eval(program), "1,true,1".into());
}

#[test]
fn a_name_that_is_appended_to_stays_the_name_it_was() {
    let mut bench = Bench::base();
    let program = "const o = { ['key' + 1.5]: 1 }; let k; for (const name in o) k = name; \
                   delete o[k]; k += 'x'; const same = 'key' + '1.5x'; o[k] = 1; \
                   [o[same], same in o, 'key1.5' in o].join()";
    assert_eq!(bench.eval(program), "1,true,false".into());
}

#[test]
fn a_symbol_is_found_by_a_text_that_was_a_key_before() {
    let mut bench = Bench::base();
    let program = "const ways = { \
          set: (k) => new Set([k]), map: (k) => new Map().set(k, 1), has: (k) => new Set().has(k), \
          name: (k) => ({})[k], symbol: (k) => Symbol(k), json: (k) => JSON.parse(`{${JSON.stringify(k)}:1}`) }; \
        Object.keys(ways).filter((way) => { \
          const key = ['a', way].join('-'), same = ['a', way].join('-'); \
          ways[way](key); \
          const symbol = Symbol.for(key), found = Symbol.for(same), o = { [key]: 1 }; \
          return symbol !== found || Symbol.keyFor(found) !== same || o[same] !== 1 \
            || !new Set([key]).has(same) || !new Set([symbol.description]).has(same); \
        }).join()";
    assert_eq!(bench.eval(program), "".into());
}

#[test]
fn what_is_taken_at_once_is_what_the_iterator_would_give() {
    let mut bench = Bench::base();
    let program = "const out = []; const note = (...values) => out.push(values.join()); \
        { const [a, ...r] = [1, 2, 3]; note(a, r); } \
        { const it = [1, 2, 3][Symbol.iterator](); it.next(); const [...r] = it; note(r, it.next().done); } \
        { const it = [1][Symbol.iterator](); it.next = () => ({ done: true }); const [...r] = it; note(r.length); } \
        { const [a, ...r] = [1, , 3]; note(r.length, 0 in r); } \
        { let n = 0; const o = { get [Symbol.iterator]() { n++; return function* () { yield 1; }; } }; \
          note([...o], n); } \
        { const proto = Object.getPrototypeOf([][Symbol.iterator]()), { next } = proto; \
          proto.next = function () { const r = next.call(this); \
            return r.done ? r : { done: false, value: r.value * 2 }; }; \
          const [a, ...r] = [1, 2, 3]; proto.next = next; note(a, r); } \
        { const list = [1, 2, 3, 4]; \
          note(list.filter((x) => { if (x === 1) list.length = 3; if (x === 2) list.push(9); return true; })); } \
        { const list = [...'aaba']; list[0] = 'z'; note(list); } \
        { const list = []; list.length = 3; \
          const fill = { get() { Object.setPrototypeOf(list, Array.prototype); \
            for (let i = 0; i < 3; i++) list[i] = i; return {}; } }; \
          Object.setPrototypeOf(list, Object.create(Array.prototype, { 0: fill })); \
          const [...r] = list; note(typeof r[0], r); } \
        { const list = [1, [2, , [3, [4]]], , { length: 1, 0: 5 }], flat = list.flat(2); \
          note(flat.length, flat.slice(0, 3), flat[3], typeof flat[4]); \
          class Own extends Array { static get [Symbol.species]() { return function () { \
            return Object.defineProperty({}, 0, { value: 'kept', configurable: true }); }; } } \
          const own = Own.from([[1], 2]).flat(); note(own[0], own[1], Array.isArray(own)); \
          const grows = [[1]]; grows.push({ toString: () => 'x' }); \
          note(grows.flatMap((x) => { if (grows.length < 5) grows.push(9); return [x, [x]]; }).length); } \
        out.join(' ')";
    // Node 24's answer.
    let answer = "1,2,3 2,3,true 0 2,true 1,1 2,4,6 1,2,3,9 z,a,b,a object,[object Object],1,2 5,1,2,3,4,object 1,2,false 4";
    assert_eq!(bench.eval(program), answer.into());
}

#[test]
fn a_comparator_that_throws_leaves_the_array_as_it_was() {
    let mut bench = Bench::base();
    let program = "const a = [5, 3, 4, 1]; let calls = 0; \
                   try { a.sort((x, y) => { if (++calls === 3) throw 1; return x - y }) } catch {} \
                   a.join() + ':' + calls";
    assert_eq!(bench.eval(program), "5,3,4,1:3".into());
}

#[test]
fn a_comparator_that_drops_the_values_does_not_lose_them() {
    let mut bench = Bench::base();
    let program = "const a = Array.from({ length: 50 }, (_, i) => ({ i: i * 7 % 50 })); \
                   a.sort((x, y) => { a.length = 0; return x.i - y.i }); \
                   a.map((x) => x.i).join() === Array.from({ length: 50 }, (_, i) => i).join()";
    assert_eq!(bench.eval(program), true.into());
}
