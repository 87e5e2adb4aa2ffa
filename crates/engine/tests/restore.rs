//! What a run finds is the image and nothing else; what must differ between runs does.

mod common;

use common::*;
use sandtide_engine::{
    EntryPoint, Frozen, Input, Instance, InstanceConfig, Limits, Plan, Request, RestoreStrategy,
    Source, Value,
};
use std::collections::HashSet;
use std::thread;
use std::time::Duration;

#[test]
fn the_sequence_of_math_random_differs_between_runs() {
    let mut bench = Bench::classic("", "[Math.random(), Math.random()]");
    let mut seen = HashSet::new();
    for _ in 0..200 {
        let value = bench.run(&request()).result.unwrap();
        for item in items(&value) {
            let number = item.as_f64().unwrap();
            assert!((0.0..1.0).contains(&number));
            assert!(seen.insert(number.to_bits()), "{number} came twice");
        }
    }
}

#[test]
fn math_random_does_not_go_on_from_where_the_set_up_left_it() {
    let setup = "var first = Math.random();";
    let mut bench = Bench::classic(setup, "first + ':' + Math.random()");
    let texts: HashSet<String> =
        (0..50).map(|_| text(&bench.run(&request()).result.unwrap()).to_owned()).collect();
    assert_eq!(texts.len(), 50, "the number after the image's own was the same in two runs");
    let firsts: HashSet<&str> = texts.iter().filter_map(|t| t.split(':').next()).collect();
    assert_eq!(firsts.len(), 1, "what the set-up drew is part of the image");
}

#[test]
fn two_instances_draw_different_random_numbers() {
    let draw = || Bench::base().eval("[Math.random(), Math.random()]");
    assert_ne!(draw(), draw());
}

#[test]
fn clocks_are_the_runs_own() {
    let setup = "var built = Date.now(); var builtOrigin = performance.timeOrigin;";
    let script = "[built, Date.now(), new Date().getTime(), Date.parse(Date()), \
                   performance.now(), performance.timeOrigin, builtOrigin]";
    let mut bench = Bench::classic(setup, script);
    thread::sleep(Duration::from_millis(30));
    let wall = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.unwrap().as_millis() as f64
    };
    let mut last_origin = 0.0;
    for _ in 0..3 {
        let before = wall();
        let value = bench.run(&request()).result.unwrap();
        let after = wall();
        let numbers: Vec<f64> = items(&value).iter().map(|n| n.as_f64().unwrap()).collect();
        let [built, now, new, text, since, origin, built_origin] = numbers[..] else { panic!() };
        assert!(built + 20.0 < now, "the clock stood at the image's: {built} {now}");
        for clock in [now, new] {
            assert!((before - 1.0..=after + 1.0).contains(&clock), "{before} {clock} {after}");
        }
        assert!((before - 1000.0..=after + 1000.0).contains(&text));
        assert!(since >= 0.0 && since <= after - before + 2.0, "{since}");
        assert!(origin > built_origin + 20.0 && origin > last_origin);
        assert!((before - 2.0..=after + 2.0).contains(&origin), "{before} {origin} {after}");
        last_origin = origin;
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_clock_goes_on_during_a_run() {
    let mut bench = Bench::base();
    let value = bench.eval(
        "const d = Date.now(), p = performance.now(); \
         while (Date.now() < d + 3 || performance.now() < p + 2) ; true",
    );
    assert_eq!(value, Value::Bool(true));
}

#[test]
fn a_map_built_at_set_up_still_finds_its_keys_in_every_run() {
    let setup = "var map = new Map(), set = new Set(), weak = new WeakMap(), keys = []; \
        for (let i = 0; i < 500; i++) { \
          const key = {i}; keys.push(key); \
          map.set('k' + i, i); map.set(key, i); map.set(i, i); map.set(BigInt(i) ** 20n, i); \
          set.add('s' + i); weak.set(key, i); }";
    let script = "let bad = 0; for (let i = 0; i < 500; i++) { \
          if (map.get('k' + i) !== i || map.get(keys[i]) !== i || map.get(i) !== i) bad++; \
          if (map.get(BigInt(i) ** 20n) !== i) bad++; \
          if (!set.has('s' + i) || weak.get(keys[i]) !== i) bad++; } \
        map.set('new', 1); const m = new Map([['x', 1]]); \
        bad + ',' + map.get('new') + ',' + m.get('x') + ',' + map.size";
    let mut bench = Bench::classic(setup, script);
    for _ in 0..20 {
        assert_eq!(bench.run(&request()).result, Ok("0,1,1,2001".into()));
    }
}

#[test]
fn each_run_has_its_whole_time() {
    let mut bench = Bench::classic("", "const end = Date.now() + 40; while (Date.now() < end) ; 1");
    let limits = Limits { wall: Duration::from_millis(400), ..generous() };
    for _ in 0..12 {
        let outcome = bench.run(&Request { limits, ..request() });
        assert_eq!(outcome.result, Ok(1.into()));
    }
}

#[test]
fn an_instance_that_moved_to_another_thread_checks_that_threads_stack() {
    let source = "let depth = 0; (function f() { depth++; f() })()";
    let deep = "(function f(n) { return n ? 1 + f(n - 1) : 0 })(300)";
    let mut bench = Bench::base();
    assert_eq!(bench.error(source).code(), "ERR_STACK_LIMIT");
    for stack in [64 << 10, 16 << 20] {
        let moved = thread::Builder::new().stack_size(stack).spawn(move || {
            for _ in 0..3 {
                assert_eq!(bench.eval(deep), 300.into());
                assert_eq!(bench.error(source).code(), "ERR_STACK_LIMIT");
            }
            bench
        });
        bench = moved.unwrap().join().unwrap();
    }
    assert_eq!(bench.eval(deep), 300.into());
    assert_eq!(bench.error(source).code(), "ERR_STACK_LIMIT");
}

const CHANCE: &str = "[Math.random(), Math.random(), Date.now(), new Date().toISOString(), \
    performance.now(), performance.timeOrigin, [...new Set(['b', 'a'])], \
    [3, 1, 2].sort(() => Math.random() - 0.5)]";

#[test]
fn frozen_runs_with_the_same_seed_and_clock_are_the_same() {
    let frozen = |seed, now_ms| Request { frozen: Some(Frozen { seed, now_ms }), ..ad_hoc(CHANCE) };
    let mut one = Bench::base();
    let mut two = Bench::base();
    let first = one.run(&frozen(7, 1e12)).result.unwrap();
    assert_eq!(one.run(&frozen(7, 1e12)).result.unwrap(), first);
    thread::sleep(Duration::from_millis(5));
    two.eval("Math.random()");
    assert_eq!(two.run(&frozen(7, 1e12)).result.unwrap(), first, "in another instance");
    let list = items(&first);
    assert_eq!((&list[2], &list[4]), (&Value::from(1e12), &Value::from(0)));
    assert_eq!(list[3], "2001-09-09T01:46:40.000Z".into());
    assert_ne!(one.run(&frozen(8, 1e12)).result.unwrap(), first);
    assert_ne!(one.run(&frozen(7, 2e12)).result.unwrap(), first);
    assert_ne!(one.eval(CHANCE), one.eval(CHANCE), "the next runs are not frozen");
}

/// What one run does, and an expression by which the next run would see it.
const TRACES: &[(&str, &str)] = &[
    ("leaked = 1", "typeof leaked"),
    ("var leaked = 1", "typeof leaked"),
    ("function leaked() {}", "typeof leaked"),
    ("let leaked = 1", "typeof leaked"),
    ("class leaked {}", "typeof leaked"),
    ("globalThis.leaked = 1", "'leaked' in globalThis"),
    ("Object.prototype.leaked = 1", "({}).leaked"),
    ("Array.prototype.push = () => 'mine'", "[].push(1)"),
    ("Array.prototype[3] = 'x'", "[,,,,][3]"),
    ("String.prototype.trim = function () { return 'mine' }", "' a '.trim()"),
    ("delete Array.prototype.map", "typeof [].map"),
    ("delete globalThis.JSON", "typeof JSON"),
    ("Math.PI2 = 1; Math.max = 3", "[Math.PI2, typeof Math.max]"),
    ("Object.freeze(Object.prototype)", "Object.isFrozen(Object.prototype)"),
    ("Object.preventExtensions(globalThis)", "Object.isExtensible(globalThis)"),
    (
        "Object.setPrototypeOf(Array.prototype, null)",
        "Object.getPrototypeOf([].__proto__) === null",
    ),
    ("console = null", "typeof console.log"),
    ("console.log = () => { throw 1 }", "console.log('fine')"),
    ("Object.defineProperty(globalThis, 'x', {value: 1})", "typeof x"),
    ("Symbol.for('leaked').x", "Symbol.keyFor(Symbol.for('a'))"),
    ("sharedMap.set('leaked', 1); sharedMap.delete('kept')", "[...sharedMap].join()"),
    ("sharedSet.add('leaked')", "[...sharedSet].join()"),
    ("shared.list.push(1); shared.deep.x = {}; delete shared.gone", "JSON.stringify(shared)"),
    ("sharedBytes.fill(7)", "sharedBytes.join()"),
    ("sharedDate.setTime(5)", "sharedDate.getTime()"),
    ("sharedRegExp.exec('aaa')", "sharedRegExp.lastIndex"),
    ("count(); count()", "count()"),
    ("generator.next(); generator.next()", "generator.next().value"),
    ("Promise.resolve().then(() => { leaked = 1 }); 0", "typeof leaked"),
    ("Promise.reject(new Error('left')); 0", "1"),
    ("sharedPromise.then = 1", "typeof sharedPromise.then"),
    ("new Promise((r) => { keep = r }); 0", "typeof keep"),
    ("throw new Error('pending')", "1"),
    (
        "Error.prepareStackTrace = () => 'mine'; Error.stackTraceLimit = 0",
        "new Error('x').stack.length > 0",
    ),
    ("RegExp.prototype.exec = () => null", "/a/.test('a')"),
    (
        "Object.defineProperty(Promise.prototype, 'then', {get() { return 1 }})",
        "typeof Promise.resolve(1).then",
    ),
    ("(async () => {}).constructor.prototype.leaked = 1", "typeof (async () => {}).leaked"),
    (
        "registry = new FinalizationRegistry(() => { leaked = 1 }); registry.register({}, 1); 0",
        "typeof registry",
    ),
    ("weak = new WeakRef(shared); 0", "typeof weak"),
    ("new Uint8Array(3 << 20).fill(255); 0", "new Uint8Array(8 << 20).every((x) => x === 0)"),
    ("'leak'.repeat(1 << 20).length", "typeof leaked"),
];

const SHARED: &str = "var sharedMap = new Map([['kept', 1]]), sharedSet = new Set(['kept']), \
    shared = {list: [], deep: {}, gone: 1}, sharedBytes = new Uint8Array(4), \
    sharedDate = new Date(0), sharedRegExp = /a/g, count = (() => { let n = 0; return () => ++n })(), \
    generator = (function* () { let i = 0; for (;;) yield i++ })(), \
    sharedPromise = Promise.resolve(1);";

fn assert_no_trace(restore: RestoreStrategy, setup: &str) {
    let config = {
        let mut c = InstanceConfig::default();
        c.restore = restore;
        c
    };
    let mut bench = Bench::with(config);
    let setup = vec![Source::new("setup.js", SHARED), Source::new("more.js", setup)];
    bench.image = bench.instance.build(&Plan { setup, ..plan() }).unwrap();
    for (change, look) in TRACES {
        let pristine = bench.run(&ad_hoc(look));
        let _ = bench.run(&ad_hoc(change)).result;
        let next = bench.run(&ad_hoc(look));
        assert_eq!(next.result, pristine.result, "{change}");
        assert_eq!(next.logs, pristine.logs, "{change}");
        // The change is one that the very same run would see.
        assert!(next.result.is_ok(), "{look}: {next:?}");
    }
}

#[test]
fn nothing_that_a_run_changed_is_there_in_the_next() {
    assert_no_trace(RestoreStrategy::Copy, "");
    assert_no_trace(RestoreStrategy::WrittenPages, "");
}

#[test]
fn nothing_that_a_run_changed_in_a_large_image_is_there_in_the_next() {
    let big = "var big = Array.from({length: 20000}, (_, i) => ({i, name: 'n' + i, list: [i]}));";
    assert_no_trace(RestoreStrategy::WrittenPages, big);
    assert_no_trace(RestoreStrategy::Copy, big);
}

#[test]
fn a_modules_state_starts_anew_in_each_run() {
    let mut bench = Bench::function(
        "let n = 0; const seen = []; export default (x) => { n++; seen.push(x); return [n, seen.length] }",
    );
    for _ in 0..5 {
        assert_eq!(bench.call(1), Value::from_iter([Value::from(1), Value::from(1)]));
    }
}

#[test]
fn a_run_that_was_abandoned_anywhere_leaves_nothing_behind() {
    let mut bench = Bench::classic("var list = [1, 2, 3];", "list.length + ':' + typeof leaked");
    for source in [
        "leaked = 1; list.push(4); for (;;) ;",
        "leaked = 1; for (;;) list.push({})",
        "leaked = 1; list.sort(() => { for (;;) ; })",
        "leaked = 1; list.toString = 1; Array.prototype.indexOf.call({length: 2 ** 53 - 1}, 1)",
        "leaked = 1; list.length = 0; (function f() { f() })()",
        "leaked = 1; list = null; Promise.resolve().then(function f() { return Promise.resolve().then(f) })",
    ] {
        let outcome = bench.run(&Request { limits: short(), ..ad_hoc(source) });
        assert!(outcome.result.unwrap_err().is_limit(), "{source}");
        assert_eq!(bench.run(&request()).result, Ok("3:undefined".into()), "{source}");
    }
}

#[test]
fn images_of_one_arena_take_turns_without_seeing_each_other() {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let images: Vec<_> = (0..30)
        .map(|n| {
            // Every third one is large, so that strategies take turns too.
            let size = if n % 3 == 0 { 20_000 } else { 10 };
            let setup = format!(
                "var id{n} = {n}; var list = Array.from({{length: {size}}}, (_, i) => ({{i}}));"
            );
            let script = format!(
                "list[0].i += id{n}; var mine = Object.keys(globalThis).filter((k) => /^id/.test(k)); \
                 mine.join() + ':' + list.length + ':' + list[0].i"
            );
            let plan = Plan {
                setup: vec![Source::new("setup.js", setup)],
                entry: EntryPoint::Classic(Source::new("script.js", script)),
                ..plan()
            };
            (instance.build(&plan).unwrap(), format!("id{n}:{size}:{n}"))
        })
        .collect();
    for round in 0..3 {
        for step in 0..images.len() {
            let (image, expected) = &images[(step * 7 + round) % images.len()];
            let outcome = instance.run(image, &request());
            assert_eq!(outcome.result, Ok(expected.as_str().into()));
        }
    }
}

#[test]
fn the_image_of_another_arena_is_refused() {
    let one = Bench::classic("", "1");
    let mut other = Bench::base();
    assert!(!other.instance.owns(&one.image));
    let refused = other.instance.run(&one.image, &request()).result.unwrap_err();
    assert_eq!(refused.code(), "ERR_WRONG_FORM");
    assert_eq!(other.instance.load(&one.image).unwrap_err().code(), "ERR_WRONG_FORM");
    other.assert_sound();
}

#[test]
fn a_build_that_fails_leaves_the_instance_as_it_was() {
    let mut bench = Bench::classic("var x = 1;", "x");
    for setup in ["leaked = 1; throw new Error('no')", "leaked = 1; }", "leaked = 1; for (;;) ;"] {
        let plan = Plan { setup: vec![Source::new("s.js", setup)], limits: short(), ..plan() };
        assert!(bench.instance.build(&plan).is_err());
        assert_eq!(bench.eval("typeof leaked + x"), "undefined1".into());
    }
}

#[test]
fn a_panic_in_a_scope_leaves_nothing_behind() {
    let mut bench = Bench::classic("var x = 1;", "x + typeof leaked");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        bench.instance.scope(&bench.image, &request(), |scope| {
            scope.eval("a.js", "leaked = 1; x = 2").unwrap();
            panic!("on purpose");
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(bench.run(&request()).result, Ok("1undefined".into()));
}

#[test]
fn globals_and_input_of_one_run_are_gone_in_the_next() {
    let mut bench = Bench::classic("var given = 'image';", "given + typeof extra");
    let globals = vec![
        ("given".to_owned(), Input::Value("run".into())),
        ("extra".to_owned(), Input::Json(b"{}".to_vec())),
    ];
    let outcome = bench.run(&Request { globals, ..request() });
    assert_eq!(outcome.result, Ok("runobject".into()));
    assert_eq!(bench.run(&request()).result, Ok("imageundefined".into()));
}

#[test]
fn large_images_are_put_back_by_what_was_written_and_still_whole() {
    let config = {
        let mut c = InstanceConfig::default();
        c.restore = RestoreStrategy::WrittenPages;
        c
    };
    let mut bench = Bench::with(config);
    let setup = "var list = Array.from({length: 40000}, (_, i) => ({i, s: 'text ' + i, a: [i, i + 1]})); \
        var sum = () => list.reduce((n, o) => n + o.i + o.s.length + o.a[1], 0); var right = sum();";
    bench.image =
        bench.instance.build(&Plan { setup: vec![Source::new("s.js", setup)], ..plan() }).unwrap();
    assert!(bench.image.heap_bytes() > 4 << 20);
    let tracked = {
        bench.eval("1");
        bench.instance.tracks_pages()
    };
    for n in 0..12 {
        let change = format!(
            "for (let k = 0; k < 40000; k += {step}) {{ list[k].i = -1; list[k].s += 'x'; list[k].a = null }} list.length",
            step = 1 + n * 997
        );
        let outcome = bench.run(&ad_hoc(&change));
        assert_eq!(outcome.result, Ok(40000.into()));
        let quick = bench.run(&ad_hoc("list[5].i"));
        assert_eq!(quick.result, Ok(5.into()));
        assert_eq!(bench.eval("sum() === right"), Value::Bool(true));
        if tracked && n == 0 {
            assert!(outcome.usage.bytes_restored > 1 << 20);
        }
    }
}

#[test]
fn a_script_that_writes_little_of_a_large_image_has_little_put_back() {
    let config = {
        let mut c = InstanceConfig::default();
        c.restore = RestoreStrategy::WrittenPages;
        c
    };
    let mut bench = Bench::with(config);
    let setup = "var list = Array.from({length: 40000}, (_, i) => ({i, s: 'text ' + i}));";
    let entry = EntryPoint::Classic(Source::new("e.js", "list[7].i = 1; list.length"));
    let setup = vec![Source::new("s.js", setup)];
    bench.image = bench.instance.build(&Plan { setup, entry, ..plan() }).unwrap();
    let outcome = bench.run(&request());
    if bench.instance.tracks_pages() {
        assert!(outcome.usage.bytes_restored < 1 << 20, "{:?}", outcome.usage);
    } else {
        assert!(outcome.usage.bytes_restored >= bench.image.heap_bytes());
    }
}
