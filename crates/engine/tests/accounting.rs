//! Everything that is done or held for a run is within its limits and in its usage: also what lies
//! outside of its heap, and what is done before its script starts and after it ended.

mod common;

use common::*;
use sandtide_engine::{
    CancelToken, EntryPoint, Error, GlobalsBack, HostError, HostFunction, Input, Limits, LogLevel,
    Outcome, Plan, Request, Source, Stopwatch, Value,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const MIB: usize = 1 << 20;

fn never() -> HostFunction {
    HostFunction::new_async("never", |args| async move {
        std::future::pending::<()>().await;
        drop(args);
        Ok(Value::Undefined)
    })
}

fn now() -> HostFunction {
    HostFunction::new_async("now", |args| async move { Ok(Value::from(args.len() as u32)) })
}

fn take() -> HostFunction {
    HostFunction::new("take", |_| Ok(Value::Undefined))
}

fn within(heap: usize, source: &str) -> Request {
    Request { limits: Limits { heap, ..generous() }, ..ad_hoc(source) }
}

#[test]
fn arguments_of_calls_that_are_out_count_against_the_heap_limit() {
    let mut bench = Bench::hosts(vec![never(), now(), take()]);
    for source in [
        "const s = 'x'.repeat(1 << 20); for (;;) never(s)",
        "const b = new Uint8Array(1 << 20); for (;;) never(b, b.buffer)",
        "const o = { list: Array(1000).fill('ab') }; for (;;) never(o)",
        "const s = 'x'.repeat(1 << 20); for (;;) try { never(s) } catch {}",
        "const n = 1n << 20000n; for (;;) never(n)",
        // Calls without arguments take memory outside as well.
        "for (;;) never()",
        // What the copies of one call take while getters make the next.
        "const s = 'x'.repeat(1 << 20); \
         const o = () => ({ s, get next() { return take(o()) } }); take(o())",
    ] {
        let outcome = bench.run(&within(16 * MIB, source));
        assert_eq!(outcome.result, Err(Error::Heap { limit: 16 * MIB }), "{source}");
        assert!(outcome.usage.peak_heap <= 16 * MIB, "{source}: {:?}", outcome.usage);
        bench.assert_sound();
    }
}

#[test]
fn what_arguments_held_is_free_again_when_their_call_is_done() {
    let mut bench = Bench::hosts(vec![now(), take(), never()]);
    for source in [
        "(async () => { const s = 'x'.repeat(1 << 20); for (let i = 0; i < 100; i++) await now(s); return 1 })()",
        "const s = 'x'.repeat(1 << 20); for (let i = 0; i < 100; i++) take(s); 1",
        "const s = 'x'.repeat(1 << 20); for (let i = 0; i < 100; i++) try { take(s, () => 1) } catch {} 1",
    ] {
        let outcome = bench.run(&within(8 * MIB, source));
        assert_eq!(outcome.result, Ok(1.into()), "{source}");
    }
    let source = "const s = 'x'.repeat(1 << 20); for (let i = 0; i < 9; i++) never(s); \
         const a = new Uint8Array(8 << 20); a.length";
    let error = bench.run(&within(16 * MIB, source)).result.unwrap_err();
    assert_eq!(error, Error::Heap { limit: 16 * MIB }, "the guest's own heap shares the limit");
}

#[test]
fn the_peak_is_that_of_the_heap_and_of_what_is_held_outside_together() {
    let mut bench = Bench::hosts(vec![never(), take()]);
    let held = bench.run(&ad_hoc("const s = 'x'.repeat(4 << 20); never(s); never(s); throw s"));
    assert!((12 * MIB..14 * MIB).contains(&held.usage.peak_heap), "{:?}", held.usage);
    let passing = bench.run(&ad_hoc("const s = 'x'.repeat(4 << 20); take(s); 1"));
    assert!((8 * MIB..10 * MIB).contains(&passing.usage.peak_heap), "{:?}", passing.usage);
}

#[test]
fn digits_of_bigints_are_made_within_the_runs_time() {
    let mut bench = Bench::base();
    let list = "Array.from({length: 15}, (_, i) => (1n << 1000000n) + BigInt(i))";
    let limits = Limits { wall: Duration::from_millis(150), ..generous() };
    let outcome = bench.run(&Request { limits, ..ad_hoc(list) });
    assert_eq!(outcome.result, Err(Error::WallTime { limit: limits.wall }));
    let one = bench.run(&ad_hoc("(1n << 100000n) - 1n"));
    let Ok(Value::BigInt(digits)) = one.result else { panic!("{:?}", one.result) };
    assert_eq!(digits.as_str().len(), 30103);
    assert_eq!(one.usage.output, 8 + 40 + 30103);
}

#[test]
fn a_run_that_is_over_while_its_value_comes_out_has_none() {
    // What is written in Rust asks for no limits by itself: digits of BigInts, and all after the last getter.
    for last in ["5n", "5", "'text'", "new Uint8Array(9)"] {
        let token = CancelToken::new();
        let cancel = token.clone();
        let mut bench = Bench::hosts(vec![HostFunction::new("cancel", move |_| {
            cancel.cancel();
            Ok(Value::Undefined)
        })]);
        let source = format!("({{ get last() {{ cancel(); return {last} }} }})");
        let outcome = bench.run(&Request { cancel: Some(token), ..ad_hoc(&source) });
        assert_eq!(outcome.result, Err(Error::Cancelled), "{last}");
        bench.assert_sound();
    }
}

#[test]
fn digits_of_one_bigint_are_made_within_the_runs_time() {
    let mut bench = Bench::base();
    // Spends all of its time but the end, in which nothing of the engine runs.
    let source =
        "const n = 1n << 1000000n, end = Date.now() + 55; while (Date.now() < end) ; [n, n, n, n]";
    let outcome = bench.run(&Request { limits: short(), ..ad_hoc(source) });
    assert_eq!(outcome.result, Err(Error::WallTime { limit: short().wall }));
}

#[test]
fn digits_that_a_host_function_answers_are_read_within_the_runs_time() {
    // Nothing of the guest's runs while one answer is read.
    let large: Value = Value::BigInt("9".repeat(300_000).parse().unwrap());
    let large = Value::Array(vec![large; 200]);
    let answer = HostFunction::new("answer", move |_| Ok(large.clone()));
    let was_read = Arc::new(AtomicBool::new(false));
    let reached = was_read.clone();
    let after = HostFunction::new("after", move |_| {
        reached.store(true, Ordering::Relaxed);
        Ok(Value::Undefined)
    });
    let mut bench = Bench::hosts(vec![answer, after]);
    let outcome = bench.run(&Request { limits: short(), ..ad_hoc("answer(); after()") });
    assert_eq!(outcome.result, Err(Error::WallTime { limit: short().wall }));
    assert!(!was_read.load(Ordering::Relaxed), "the answer was read to its end");
    bench.assert_sound();
}

/// Bytes that a value counts where it is decoded in another process.
fn decoded(value: &Value) -> usize {
    8 + match value {
        Value::BigInt(digits) => digits.as_str().len(),
        Value::String(text) => text.len(),
        Value::Array(items) | Value::Set(items) => items.iter().map(decoded).sum(),
        Value::Object(entries) => entries.iter().map(|(key, it)| key.len() + decoded(it)).sum(),
        Value::Map(entries) => entries.iter().map(|(key, it)| decoded(key) + decoded(it)).sum(),
        Value::Bytes(bytes) | Value::ArrayBuffer(bytes) => bytes.len(),
        _ => 0,
    }
}

#[test]
fn a_value_as_json_is_no_longer_than_what_is_counted_of_it() {
    let mut bench = Bench::base();
    for source in [
        "'\\u0001'.repeat(3000)",
        "'\"'.repeat(3000)",
        "({ ['\\u0002'.repeat(3000)]: 1 })",
        "Array(300).fill()",
        "Array.from({ length: 300 }, (_, i) => BigInt(i))",
        "Array.from({ length: 300 }, () => new Date(-8.64e15))",
        "Array.from({ length: 300 }, () => new Set())",
        "Array.from({ length: 300 }, () => new Map([[1, 2]]))",
        "Array.from({ length: 300 }, () => '')",
        "Array.from({ length: 300 }, () => ({ a: null }))",
        "Array(300).fill(-Infinity)",
        "Array(300).fill(-0)",
        "Array.from({ length: 300 }, () => ({ x: NaN }))",
        "Array.from({ length: 300 }, () => ({ $type: 1 }))",
        "Array.from({ length: 300 }, () => Object.defineProperties(new Error(), \
         Object.fromEntries(['name', 'message', 'stack'].map((key) => [key, { value: '' }]))))",
    ] {
        let outcome = bench.run(&ad_hoc(source));
        let value = outcome.result.unwrap();
        let (written, counted) = (value.to_json().len(), outcome.usage.output);
        assert!(decoded(&value) <= counted, "{source}: more where it is decoded than {counted}");
        assert!(written <= counted + 2, "{source}: {written} as JSON, {counted} counted");
        let limits = Limits { output: written / 2, ..generous() };
        let outcome = bench.run(&Request { limits, ..ad_hoc(source) });
        assert_eq!(outcome.result, Err(Error::Output { limit: written / 2 }), "{source}");
    }
}

#[test]
fn a_long_name_of_a_function_leaves_room_for_the_place() {
    let mut bench = Bench::base();
    for source in [
        "const o = { ['n'.repeat(4 << 20)]() { throw new Error('no') } }; Object.values(o)[0]()",
        "const o = { ['é'.repeat(1 << 20)]() { null.x } }; Object.values(o)[0]()",
        "const o = { async ['n'.repeat(1 << 20)]() { await (async () => { await 1; null.x })() } }; Object.values(o)[0]()",
    ] {
        let thrown = bench.exception(source);
        assert_eq!((thrown.file.as_deref(), thrown.line), (Some("test.js"), Some(1)), "{thrown:?}");
        assert!(thrown.column.is_some() && thrown.stack.len() < 2000, "{}", thrown.stack.len());
        assert!(!thrown.stack.contains('\u{fffd}'), "cut within a character");
    }
}

#[test]
fn a_bigint_that_the_engine_has_no_room_for_is_refused_before_it_is_read() {
    let mut bench = Bench::base();
    let digits = "9".repeat(3_000_000);
    let globals = vec![("n".to_owned(), Input::Value(Value::BigInt(digits.parse().unwrap())))];
    let outcome = bench.run(&Request { globals, ..ad_hoc("1") });
    assert_eq!(outcome.result.unwrap_err().code(), "ERR_EXCEPTION");
    let largest = "9".repeat(300_000);
    let globals = vec![("n".to_owned(), Input::Value(Value::BigInt(largest.parse().unwrap())))];
    assert_eq!(bench.run(&Request { globals, ..ad_hoc("n > 0n") }).result, Ok(true.into()));
}

/// Bytes of all texts of an error.
fn text_bytes(error: &Error) -> usize {
    match error {
        Error::Exception(thrown) => {
            [&thrown.name, &thrown.message, &thrown.stack].map(String::len).iter().sum::<usize>()
                + thrown.file.as_ref().map_or(0, String::len)
        }
        Error::Syntax(at) => at.message.len() + at.file.len(),
        Error::NotCrossable { path, what } => path.len() + what.len(),
        Error::ModuleNotFound { specifier, from } => specifier.len() + from.len(),
        Error::HostPanic { name, message } => name.len() + message.len(),
        other => panic!("not looked for: {other:?}"),
    }
}

#[test]
fn texts_that_a_guest_writes_into_errors_count_as_output_and_are_bounded_by_it() {
    let boom =
        HostFunction::new("boom", |call| panic!("{}", call.arg(0).as_str().unwrap_or_default()));
    let mut bench = Bench::hosts(vec![boom, take()]);
    let big = "const big = 'k'.repeat(1e6);";
    let mut looked_at = 0;
    for source in [
        "({ [big]: () => 1 })",
        "let o = () => 1; for (let i = 0; i < 12; i++) o = { [big + i]: o }; o",
        "let o = () => 1; for (let i = 0; i < 200; i++) o = { ['k\\u{1b}'.repeat(40)]: o }; o",
        "new Map([[1, { [big]: Symbol() }]])",
        "globalThis[big] = () => 1; 1",
        "import(big)",
        "import('./' + big)",
        "throw new Error(big)",
        "throw big",
        "throw { name: big, message: big, stack: big }",
        "const e = new Error(big); e.name = big; e.stack = big; throw e",
        "throw Object.assign(new Error('x'), { stack: '    at ' + big + ':1:2' })",
        "Promise.reject(new Error(big))",
        "eval(big + ' ' + big)",
        "new RegExp('(' + big)",
        "(0, eval)('#' + big)",
        "take({ [big]: () => 1 })",
        "take({ get [big]() { throw new Error(big) } })",
        "boom(big)",
        "null[big]",
        "undefinedName_ + big",
        "(class { static [big] = undefined.x })",
    ] {
        for output in [0, 3000, 100 * MIB] {
            let limits = Limits { output, ..generous() };
            let source = format!("{big} {source}");
            let globals_back = GlobalsBack::Changed;
            let outcome = bench.run(&Request { limits, globals_back, ..ad_hoc(&source) });
            let error = match outcome.result.unwrap_err() {
                // The keys on the way come out as well, and do not fit.
                Error::Output { .. } => continue,
                error => error,
            };
            looked_at += 1;
            let bytes = text_bytes(&error);
            assert_eq!(outcome.usage.output, bytes, "{source}: {error:?}");
            assert!(bytes > 0 && bytes <= output.clamp(1024, 64 << 10), "{source}: {bytes}");
            assert!(error.to_string().len() <= 6 * bytes + 200, "{source}");
        }
    }
    assert!(looked_at > 50, "{looked_at}");
}

#[test]
fn a_path_shows_where_a_value_stands_however_long_its_keys_are() {
    let mut bench = Bench::base();
    let source = "({ outer: { ['k'.repeat(1000)]: [0, { inner() {} }] } })";
    let Error::NotCrossable { path, .. } = bench.error(source) else { panic!("{source}") };
    assert!(path.starts_with("result.outer[\"kkk") && path.ends_with("k…\"][1].inner"), "{path}");
    let source =
        "let o = { f() {} }; for (let i = 0; i < 200; i++) o = { ['key_number_' + i]: o }; o";
    let Error::NotCrossable { path, .. } = bench.error(source) else { panic!("{source}") };
    assert!(
        path.starts_with("result.key_number_199.") && path.ends_with(".key_number_0.f"),
        "{path}"
    );
    assert!(path.len() < 3000 && path.contains('…'), "{path}");
}

#[test]
fn names_of_globals_are_part_of_the_output() {
    let mut bench = Bench::base();
    let run = |bench: &mut Bench, output| -> Outcome {
        bench.run(&Request {
            limits: Limits { output, ..generous() },
            globals_back: GlobalsBack::Changed,
            ..ad_hoc("for (let i = 0; i < 10; i++) globalThis['k'.repeat(1000) + i] = 1; 1")
        })
    };
    assert_eq!(run(&mut bench, 5000).result, Err(Error::Output { limit: 5000 }));
    let fits = run(&mut bench, 11_000);
    assert_eq!(fits.globals.len(), 10);
    assert_eq!(fits.usage.output, 10 * (1001 + 8) + 8);
    let named = vec!["k".repeat(1000)];
    let outcome = bench.run(&Request {
        limits: Limits { output: 900, ..generous() },
        globals_back: GlobalsBack::Named(named),
        ..ad_hoc("globalThis['k'.repeat(1000)] = 1")
    });
    assert_eq!(outcome.result, Err(Error::Output { limit: 900 }));
    let named = vec!["\u{1}".repeat(100)];
    let outcome = bench.run(&Request {
        globals_back: GlobalsBack::Named(named),
        ..ad_hoc("globalThis['\\u0001'.repeat(100)] = 1")
    });
    assert_eq!(outcome.usage.output, 8 + 600 + 8, "a name counts as it is written");
}

#[test]
fn whatever_is_logged_counts_in_full() {
    let mut bench = Bench::base();
    let big = "const big = 'x'.repeat(1e6);";
    for source in [
        "console.log(Symbol(big))",
        "console.log({ [big]: 1 })",
        "console.log([[[[Symbol(big)]]]])",
        "console.error(new Error(big), new Error(big), new Error(big), new Error(big))",
        "console.log(Object.assign(() => 1, {}), { f: { [big]() {} } })",
        "console.log(new Map([[big, big]]), new Set([big]))",
        "console.assert(false, big)",
        "console.log(...Array(40000).fill(1))",
        "Promise.reject(big); Promise.reject(big); Promise.reject(big); Promise.reject(big); Promise.reject(big)",
    ] {
        let outcome = bench.run(&ad_hoc(&format!("{big} {source}; 1")));
        assert_eq!(outcome.result, Err(Error::Logs { limit: generous().logs }), "{source}");
        assert!(outcome.usage.logs <= generous().logs, "{source}");
    }
}

#[test]
fn all_values_that_a_scope_brings_out_share_the_output_limit() {
    let mut bench = Bench::base();
    let limits = Limits { output: 1000, ..generous() };
    let image = bench.image.clone();
    let request = Request { limits, ..request() };
    let results = bench.instance.scope(&image, &request, |scope| {
        [300, 600, 200].map(|length| {
            let text = scope.eval("a.js", &format!("'x'.repeat({length})")).unwrap();
            scope.to_value(text).map(|value| text_of(&value).len())
        })
    });
    assert_eq!(results, Ok([Ok(300), Ok(600), Err(Error::Output { limit: 1000 })]));
}

fn text_of(value: &Value) -> &str {
    text(value)
}

fn slow_plan() -> Plan {
    let setup = "const end = Date.now() + 120; while (Date.now() < end) ; \
        let big = new Uint8Array(20 << 20); big = null;";
    Plan {
        setup: vec![Source::new("setup.js", setup)],
        entry: EntryPoint::Classic(Source::new("e.js", "1")),
        ..plan()
    }
}

fn timed(limits: Limits) -> Request {
    Request { limits, since: Some(Stopwatch::start()), ..Request::default() }
}

#[test]
fn an_image_that_is_built_for_a_run_is_within_its_limits_and_in_its_usage() {
    let mut bench = Bench::base();
    let request = timed(generous());
    let image = bench.instance.build_for(&slow_plan(), &request).unwrap();
    let usage = bench.instance.run(&image, &request).usage;
    assert!(usage.build >= Duration::from_millis(115), "{usage:?}");
    assert!(usage.wall >= usage.build && usage.cpu > Duration::from_millis(1), "{usage:?}");
    assert!(usage.peak_heap > 20 * MIB, "{usage:?}");
    let again = bench.instance.run(&image, &common::request()).usage;
    assert_eq!(again.build, Duration::ZERO);
    assert!(again.peak_heap < 20 * MIB && again.wall < usage.build, "{again:?}");

    let wall = Duration::from_millis(40);
    let hasty = timed(Limits { wall, ..generous() });
    let error = bench.instance.build_for(&slow_plan(), &hasty).unwrap_err();
    assert_eq!(error, Error::WallTime { limit: wall });
    let outcome = bench.instance.failed(error, &hasty);
    assert!(outcome.usage.wall >= wall && outcome.usage.build >= wall, "{:?}", outcome.usage);

    let small = timed(Limits { heap: 10 * MIB, ..generous() });
    let error = bench.instance.build_for(&slow_plan(), &small).unwrap_err();
    assert_eq!(error, Error::Heap { limit: 10 * MIB });

    let token = CancelToken::new();
    token.cancel();
    let cancelled = Request { cancel: Some(token), ..timed(generous()) };
    let error = bench.instance.build_for(&slow_plan(), &cancelled).unwrap_err();
    assert_eq!(error, Error::Cancelled);
    bench.assert_sound();
}

#[test]
fn the_plans_own_limits_hold_for_a_build_that_is_for_a_run() {
    let mut bench = Bench::base();
    let wall = Duration::from_millis(30);
    let plan = Plan { limits: Limits { wall, ..generous() }, ..slow_plan() };
    let error = bench.instance.build_for(&plan, &timed(generous())).unwrap_err();
    assert_eq!(error, Error::WallTime { limit: wall });
}

#[test]
fn time_that_was_spent_before_the_run_is_not_there_for_it() {
    let mut bench = Bench::base();
    let since = Stopwatch::start();
    std::thread::sleep(Duration::from_millis(60));
    let limits = Limits { wall: Duration::from_millis(50), ..generous() };
    let late = Request { limits, since: Some(since), ..ad_hoc("for (;;) ;") };
    let outcome = bench.run(&late);
    assert_eq!(outcome.result, Err(Error::WallTime { limit: limits.wall }));
    assert!(outcome.usage.build >= Duration::from_millis(60), "{:?}", outcome.usage);
}

#[test]
fn cpu_time_counts_on_the_runs_own_thread_whoever_started_its_clock() {
    let mut bench = Bench::base();
    let since = std::thread::spawn(Stopwatch::start).join().unwrap();
    let request = Request { since: Some(since), ..ad_hoc("for (let i = 0; i < 1e6; i++) ; 1") };
    let usage = bench.run(&request).usage;
    assert!(usage.cpu > Duration::from_millis(1) && usage.cpu <= usage.wall, "{usage:?}");
}

#[test]
fn compiling_to_check_a_source_has_limits() {
    let mut bench = Bench::base();
    let source = Source::new("a.js", format!("[{}]", "[1],".repeat(400_000)));
    let small = Limits { heap: 4 * MIB, ..generous() };
    assert_eq!(bench.instance.check(&source, &small), Err(Error::Heap { limit: 4 * MIB }));
    assert!(bench.instance.check(&source, &generous()).is_ok());
    let deep = Source::new("a.js", "[".repeat(100_000));
    let shallow = Limits { stack: 64 << 10, ..generous() };
    assert_eq!(bench.instance.check(&deep, &shallow), Err(Error::Stack { limit: 64 << 10 }));
}

#[test]
fn an_exception_of_a_microtask_is_the_runs_own() {
    let mut bench = Bench::hosts(vec![now()]);
    for source in [
        "queueMicrotask(() => { throw new TypeError('from a microtask') }); 'value'",
        "Promise.resolve().then(() => queueMicrotask(() => { throw new TypeError('from a microtask') })); 1",
        "queueMicrotask(() => queueMicrotask(() => { throw new TypeError('from a microtask') })); 1",
        "now().then(() => queueMicrotask(() => { throw new TypeError('from a microtask') })); 1",
        "(async () => { queueMicrotask(() => { throw new TypeError('from a microtask') }); await 1; for (;;) await 1 })()",
    ] {
        let error = bench.exception(source);
        assert_eq!((&*error.name, &*error.message), ("TypeError", "from a microtask"), "{source}");
        assert_eq!(error.line, Some(1));
        bench.assert_sound();
    }
    let setup = "queueMicrotask(() => { throw new Error('in set-up') })";
    let plan = Plan { setup: vec![Source::new("s.js", setup)], ..plan() };
    assert_eq!(bench.instance.build(&plan).unwrap_err().to_string(), "Error: in set-up");
    let outcome = bench.run(&ad_hoc("queueMicrotask(() => console.log('ran')); 1"));
    assert_eq!((outcome.result, outcome.logs.len()), (Ok(1.into()), 1));
    assert_eq!(outcome.logs[0].level, LogLevel::Log);
    let rejected = bench.run(&ad_hoc("queueMicrotask(async () => { throw new Error('x') }); 1"));
    assert_eq!(rejected.result, Ok(1.into()), "a rejection is logged");
    assert_eq!(rejected.logs[0].text, "Uncaught (in promise) Error: x");
}

/// Uses about `bytes` of the native stack.
fn use_stack(bytes: usize) -> u64 {
    let block = std::hint::black_box([1_u8; 4096]);
    let rest = if bytes > block.len() { use_stack(bytes - block.len()) } else { 0 };
    std::hint::black_box(rest + u64::from(block[0]))
}

#[test]
fn a_host_function_has_stack_enough_wherever_it_is_called() {
    let deep = |_: sandtide_engine::HostCall<'_>| -> Result<Value, HostError> {
        Ok(Value::Number(use_stack(900 << 10) as f64))
    };
    let hungry = HostFunction::new("hungry", deep);
    let hungry_start = HostFunction::new_async("hungryStart", |_| {
        use_stack(900 << 10);
        async { Ok(Value::Undefined) }
    });
    let hungry_later = HostFunction::new_async("hungryLater", |_| async {
        Ok(Value::Number(use_stack(900 << 10) as f64))
    });
    let run = move || {
        let mut bench = Bench::hosts(vec![hungry, hungry_start, hungry_later]);
        for call in ["hungry()", "hungryStart()", "hungryLater()", "[0].map(hungry)"] {
            // The first catch that has room for a call at all is the deepest one.
            let source = format!(
                "let done; (function f() {{ try {{ f() }} catch {{}} \
                 if (!done) try {{ {call}; done = 1 }} catch {{}} }})(); done"
            );
            assert_eq!(bench.eval(&source), 1.into(), "{call}");
        }
    };
    std::thread::Builder::new().stack_size(2 * MIB).spawn(run).unwrap().join().unwrap();
}
