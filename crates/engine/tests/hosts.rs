//! Host functions: what guests see of Rust closures, and what happens when those fail.

mod common;

use common::*;
use sandtide_engine::{
    EntryPoint, Error, HostError, HostFunction, Limits, LogLevel, Plan, Request, Source, Value,
};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use std::time::{Duration, Instant};

fn echo() -> HostFunction {
    HostFunction::new("echo", |call| Ok(Value::Array(call.into_args())))
}

/// Completes on another thread after a while.
struct Later {
    at: Instant,
    started: bool,
    value: Value,
}

impl Future for Later {
    type Output = Result<Value, HostError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let left = self.at.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Poll::Ready(Ok(std::mem::take(&mut self.value)));
        }
        if !std::mem::replace(&mut self.started, true) {
            let waker = context.waker().clone();
            thread::spawn(move || {
                thread::sleep(left);
                waker.wake();
            });
        }
        Poll::Pending
    }
}

/// `later(ms, value)`
fn later() -> HostFunction {
    HostFunction::new_async("later", |args| {
        let ms = args.first().and_then(Value::as_f64).unwrap_or(0.0);
        let value = args.get(1).cloned().unwrap_or_default();
        Later { at: Instant::now() + Duration::from_millis(ms as u64), started: false, value }
    })
}

#[test]
fn arguments_and_results_of_all_kinds_cross() {
    let mut bench = Bench::hosts(vec![echo()]);
    let value = bench.eval(
        "echo(undefined, null, true, -0, 1.5, 12n, 'ü\\u{1F600}\\0', [1, [2]], {a: {b: 1}}, \
         new Uint8Array([1, 2]), new Uint8Array([3]).buffer, new Date(5), new Map([[1, 'a']]), new Set([1]))",
    );
    let expected = vec![
        Value::Undefined,
        Value::Null,
        true.into(),
        (-0.0).into(),
        1.5.into(),
        Value::BigInt(12.into()),
        "ü\u{1F600}\0".into(),
        Value::Array(vec![1.into(), Value::Array(vec![2.into()])]),
        Value::from_iter([("a", Value::from_iter([("b", Value::from(1))]))]),
        Value::Bytes(vec![1, 2]),
        Value::ArrayBuffer(vec![3]),
        Value::Date(5.0),
        Value::Map(vec![(1.into(), "a".into())]),
        Value::Set(vec![1.into()]),
    ];
    assert_eq!(value, Value::Array(expected));
    assert_eq!(bench.eval("echo().length"), 0.into());
    assert_eq!(bench.eval("echo(...Array(5000).fill(1)).length"), 5000.into());
    assert_eq!(bench.eval("[1, 2].map(echo).length"), 2.into());
}

#[test]
fn an_argument_the_guest_did_not_give_is_undefined() {
    let second = HostFunction::new("second", |call| Ok(call.arg(1).clone()));
    let mut bench = Bench::hosts(vec![second]);
    assert_eq!(
        bench.eval("[second(1), second(1, 2), second()]"),
        Value::Array(vec![Value::Undefined, 2.into(), Value::Undefined])
    );
}

#[test]
fn an_argument_that_cannot_cross_is_a_type_error_that_names_its_path() {
    let called = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&called);
    let take = HostFunction::new("take", move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(Value::Undefined)
    });
    let mut bench = Bench::hosts(vec![take, later()]);
    let error = bench.exception("take(1, {items: [0, {callback() {}}]})");
    assert_eq!(error.name, "TypeError");
    assert_eq!(error.message, "take: argument 2.items[1].callback: a function cannot cross");
    assert_eq!((error.file.as_deref(), error.line), (Some("test.js"), Some(1)));
    assert_eq!(
        bench.eval("try { take(Symbol('x')) } catch (e) { e.message }"),
        "take: argument 1: a symbol cannot cross".into()
    );
    assert_eq!(bench.exception("later(1, () => 1)").name, "TypeError");
    assert_eq!(
        bench.exception("const c = {}; c.c = c; take(c)").message,
        "take: argument 1.c: a cycle cannot cross"
    );
    assert_eq!(called.load(Ordering::Relaxed), 0);
}

#[test]
fn an_error_arrives_as_an_exception_with_its_name_and_message() {
    let fail = HostFunction::new("fail", |call| {
        let name = call.arg(0).as_str().unwrap_or("Error").to_owned();
        Err(HostError::named(name, "went wrong: ü\0"))
    });
    let fail_later =
        HostFunction::new_async("failLater", |_| async { Err(HostError::new("late")) });
    let mut bench = Bench::hosts(vec![fail, fail_later]);
    let caught = "try { fail('NotFoundError') } catch (e) { [e instanceof Error, e.name, e.message, String(e), typeof e.stack] }";
    let expected = Value::from_iter([
        Value::Bool(true),
        "NotFoundError".into(),
        "went wrong: ü\0".into(),
        "NotFoundError: went wrong: ü\0".into(),
        "string".into(),
    ]);
    assert_eq!(bench.eval(caught), expected);
    let error = bench.exception("\n  fail('RangeError')");
    assert_eq!((error.name.as_str(), error.line), ("RangeError", Some(2)));
    let late = bench.exception("failLater()");
    assert_eq!((late.name.as_str(), late.message.as_str()), ("Error", "late"));
    assert_eq!(
        bench.eval("(async () => { try { await failLater() } catch (e) { return e.message } })()"),
        "late".into()
    );
    assert_eq!(bench.eval("failLater().catch((e) => e instanceof Error)"), true.into());
}

#[test]
fn a_panic_ends_the_run_and_the_instance_stays_usable() {
    let boom = HostFunction::new("boom", |_| panic!("on purpose: {}", 1));
    let boom_start = HostFunction::new_async("boomStart", |_| -> std::future::Ready<_> {
        panic!("at the start")
    });
    let mut bench = Bench::hosts(vec![echo(), boom, boom_start]);
    for source in [
        "boom()",
        "try { boom() } catch { 'caught' }",
        "for (;;) try { boom() } finally { continue }",
        "({get a() { return boom() }})",
        "Promise.resolve().then(boom)",
        "[1].map(boom)",
        "console.log({get a() { return boom() }})",
    ] {
        let Error::HostPanic { name, message } = bench.error(source) else { panic!("{source}") };
        assert_eq!((name.as_str(), message.as_str()), ("boom", "on purpose: 1"), "{source}");
        assert_eq!(bench.eval("echo(1)[0]"), 1.into());
        bench.assert_sound();
    }
    assert_eq!(bench.error("boomStart()").code(), "ERR_HOST_PANIC");
    bench.assert_sound();
}

#[test]
fn a_future_that_panics_ends_the_run_and_the_instance_stays_usable() {
    let boom = HostFunction::new_async("boom", |_| async { panic!("in the future") });
    let mut bench = Bench::hosts(vec![boom, echo()]);
    let error = bench.error("boom()");
    assert_eq!(error.code(), "ERR_HOST_PANIC", "{error}");
    assert_eq!(bench.eval("echo(1)[0]"), 1.into());
    bench.assert_sound();
}

#[test]
fn asynchronous_functions_answer_in_the_order_they_complete() {
    let mut bench = Bench::hosts(vec![later()]);
    let source = "const order = []; const go = (ms, x) => later(ms, x).then((v) => order.push(v)); \
        Promise.all([go(120, 'c'), go(60, 'b'), go(1, 'a')]).then(() => order.join(''))";
    assert_eq!(bench.eval(source), "abc".into());
    assert_eq!(bench.eval("Promise.race([later(5000, 1), later(5, 2)]).then((x) => { throw new Error(x) }).catch((e) => e.message).then(() => 0) && 7"), 7.into());
}

#[test]
fn many_can_be_in_flight_at_once() {
    let now = HostFunction::new_async("now", |args| async move {
        Ok(args.into_iter().next().unwrap_or_default())
    });
    let mut bench = Bench::hosts(vec![now, later()]);
    let source = "Promise.all(Array.from({length: 2000}, (_, i) => now(i))).then((list) => list.reduce((a, b) => a + b))";
    assert_eq!(bench.eval(source), 1_999_000.into());
    let slow = "Promise.all(Array.from({length: 100}, (_, i) => later(i % 7, i))).then((list) => list.length)";
    assert_eq!(bench.eval(slow), 100.into());
}

#[test]
fn what_completes_counts_as_jobs() {
    let now = HostFunction::new_async("now", |_| async { Ok(Value::Undefined) });
    let mut bench = Bench::hosts(vec![now]);
    let limits = Limits { jobs: 200, ..generous() };
    let request = Request { limits, ..ad_hoc("(async () => { for (;;) await now() })()") };
    assert_eq!(bench.run(&request).result, Err(Error::Jobs { limit: 200 }));
}

#[test]
fn a_call_that_is_out_past_the_deadline_is_dropped() {
    struct Dropped(Arc<AtomicUsize>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&dropped);
    let hang = HostFunction::new_async("hang", move |_| {
        let guard = Dropped(Arc::clone(&counter));
        async move {
            std::future::pending::<()>().await;
            drop(guard);
            Ok(Value::Undefined)
        }
    });
    let mut bench = Bench::hosts(vec![hang]);
    for (n, source) in ["hang()", "hang(); hang(); for (;;) ;", "(async () => { await hang() })()"]
        .into_iter()
        .enumerate()
    {
        let outcome = bench.run(&Request { limits: short(), ..ad_hoc(source) });
        assert_eq!(outcome.result.unwrap_err().code(), "ERR_WALL_TIME_LIMIT", "{source}");
        assert!(dropped.load(Ordering::SeqCst) > n, "{source}");
    }
    assert_eq!(dropped.load(Ordering::SeqCst), 4);
    let thrown = bench.run(&ad_hoc("hang(); throw new Error('x')"));
    assert_eq!(thrown.result.unwrap_err().code(), "ERR_EXCEPTION");
    assert_eq!(dropped.load(Ordering::SeqCst), 5);
}

#[test]
fn host_functions_can_be_called_while_the_result_crosses() {
    let mut bench = Bench::hosts(vec![echo()]);
    let value = bench.eval(
        "({get a() { return echo('from a getter')[0] }, b: [{get c() { return echo(1)[0] }}]})",
    );
    assert_eq!(value.get("a"), Some(&"from a getter".into()));
    let inner = bench
        .eval("echo({get a() { return echo({get b() { return echo('deep')[0] }})[0].b }})[0].a");
    assert_eq!(inner, "deep".into());
    assert_eq!(bench.logs("console.log({get a() { return echo(7)[0] }})"), ["{ a: 7 }"]);
}

#[test]
fn state_of_a_closure_is_the_hosts_own_and_outlives_runs() {
    let list = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&list);
    let keep = HostFunction::new("keep", move |call| {
        let mut list = kept.lock().unwrap();
        list.extend(call.into_args());
        Ok(Value::from(list.len() as u32))
    });
    let mut bench = Bench::hosts(vec![keep]);
    assert_eq!(bench.eval("keep('a')"), 1.into());
    assert_eq!(bench.eval("keep('b')"), 2.into());
    assert_eq!(*list.lock().unwrap(), ["a".into(), "b".into()]);
}

#[test]
fn a_result_larger_than_the_heap_ends_the_run() {
    let big = HostFunction::new("big", |_| Ok(Value::Bytes(vec![1; 80 << 20])));
    let big_later =
        HostFunction::new_async("bigLater", |_| async { Ok(Value::Bytes(vec![1; 80 << 20])) });
    let mut bench = Bench::hosts(vec![big, big_later]);
    for source in ["big()", "try { big() } catch { 1 }", "bigLater()", "bigLater().catch(() => 1)"]
    {
        assert_eq!(bench.error(source).code(), "ERR_HEAP_LIMIT", "{source}");
        bench.assert_sound();
    }
}

#[test]
fn a_result_nested_too_deeply_is_an_error_of_the_call() {
    fn nested() -> Value {
        (0..100_000).fold(Value::Null, |inner, _| Value::Array(vec![inner]))
    }
    // Dropping a value this deep needs a stack of its own.
    let run = || {
        let deep = HostFunction::new("deep", |_| Ok(nested()));
        let deep_later = HostFunction::new_async("deepLater", |_| async { Ok(nested()) });
        let mut bench = Bench::hosts(vec![deep, deep_later]);
        assert_eq!(bench.exception("deep()").name, "TypeError");
        assert_eq!(bench.exception("deepLater()").name, "TypeError");
        bench.assert_sound();
    };
    thread::Builder::new().stack_size(256 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn only_granted_functions_are_there_under_their_names() {
    let mut bench = Bench::hosts(vec![echo(), later()]);
    assert_eq!(
        bench.eval("[echo.name, later.name, typeof echo, 'prototype' in echo].join()"),
        "echo,later,function,false".into()
    );
    assert_eq!(bench.error("new echo(1)").code(), "ERR_EXCEPTION");
    let base = bench.instance.base().clone();
    assert_eq!(bench.instance.run(&base, &ad_hoc("typeof echo")).result, Ok("undefined".into()));
}

#[test]
fn two_images_of_one_arena_have_each_its_own_functions() {
    let answer = |text: &'static str| HostFunction::new("who", move |_| Ok(text.into()));
    let mut bench = Bench::hosts(vec![answer("one")]);
    let other = bench.instance.build(&Plan { hosts: vec![answer("two")], ..plan() }).unwrap();
    for _ in 0..3 {
        assert_eq!(bench.eval("who()"), "one".into());
        assert_eq!(bench.instance.run(&other, &ad_hoc("who()")).result, Ok("two".into()));
    }
}

#[test]
fn set_up_may_call_and_await_host_functions() {
    let mut bench = Bench::of(&Plan {
        hosts: vec![echo(), later()],
        setup: vec![Source::new(
            "s.js",
            "var a = echo(5)[0]; var b; later(5, 6).then((x) => { b = x })",
        )],
        entry: EntryPoint::Classic(Source::new("e.js", "a + b")),
        ..plan()
    });
    assert_eq!(bench.run(&request()).result, Ok(11.into()));
    let module = "const x = await later(5, 'ready'); export default () => x";
    let plan = Plan {
        hosts: vec![later()],
        entry: EntryPoint::Module(Source::new("m.js", module)),
        ..plan()
    };
    bench.image = bench.instance.build(&plan).unwrap();
    assert_eq!(bench.run(&request()).result, Ok("ready".into()));
}

#[test]
fn a_rejection_that_nobody_handles_is_logged() {
    let fail =
        HostFunction::new_async("fail", |_| async { Err(HostError::named("IoError", "gone")) });
    let mut bench = Bench::hosts(vec![fail]);
    let outcome = bench.run(&ad_hoc("fail(); 1"));
    assert_eq!(outcome.result, Ok(1.into()));
    assert_eq!(outcome.logs.len(), 1);
    assert_eq!(outcome.logs[0].level, LogLevel::Error);
    assert!(outcome.logs[0].text.contains("IoError: gone"), "{:?}", outcome.logs);
}

#[test]
fn too_many_functions_are_refused() {
    let hosts = vec![echo(); sandtide_engine::MAX_HOST_FUNCTIONS + 1];
    let error = Bench::base().instance.build(&Plan { hosts, ..plan() }).unwrap_err();
    assert_eq!(error.code(), "ERR_WRONG_FORM");
}

#[test]
fn rejections_past_those_that_are_described_are_counted() {
    let mut bench = Bench::base();
    let source =
        "const all = Array.from({length: 40}, (_, i) => Promise.reject(new Error('e' + i)));";
    let lines = bench.logs(&format!("{source} 1"));
    assert_eq!(lines.len(), 17);
    assert_eq!(lines[15], "Uncaught (in promise) Error: e15");
    assert_eq!(lines[16], "Uncaught (in promise) 24 more that are not described");
    let handled = bench.logs(&format!("{source} for (const p of all) p.catch(() => 1); 1"));
    assert!(handled.is_empty(), "{handled:?}");
}
