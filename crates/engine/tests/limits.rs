//! Every limit has its own error, holds whatever the guest does, and is for one run alone.

mod common;

use common::*;
use sandtide_engine::{
    CancelToken, Error, GlobalsBack, HostError, HostFunction, InstanceConfig, Limits, MAX_HEAP,
    MIN_HEAP, Request, Value,
};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

fn limited(source: &str, change: impl Fn(&mut Limits)) -> Request {
    let mut request = ad_hoc(source);
    change(&mut request.limits);
    request
}

const MS_50: Duration = Duration::from_millis(50);

#[test]
fn each_limit_ends_the_run_with_its_own_error() {
    let mut bench = Bench::base();
    let mut error = |request: Request| bench.run(&request).result.unwrap_err();
    assert_eq!(error(limited("for (;;) ;", |l| l.wall = MS_50)), Error::WallTime { limit: MS_50 });
    assert_eq!(error(limited("for (;;) ;", |l| l.cpu = MS_50)), Error::CpuTime { limit: MS_50 });
    assert_eq!(
        error(limited("'x'.repeat(5 << 20)", |l| l.heap = 4 << 20)),
        Error::Heap { limit: 4 << 20 }
    );
    assert_eq!(
        error(limited("(function f() { f() })()", |l| l.stack = 64 << 10)),
        Error::Stack { limit: 64 << 10 }
    );
    assert_eq!(error(limited("'x'.repeat(100)", |l| l.output = 100)), Error::Output { limit: 100 });
    assert_eq!(
        error(limited("console.log('x'.repeat(100))", |l| l.logs = 100)),
        Error::Logs { limit: 100 }
    );
    assert_eq!(
        error(limited("(async () => { for (;;) await 1 })()", |l| l.jobs = 10)),
        Error::Jobs { limit: 10 }
    );
}

#[test]
fn a_run_just_within_its_limits_is_let_be() {
    let mut bench = Bench::base();
    let exact = limited("'x'.repeat(92)", |l| l.output = 100);
    assert!(bench.run(&exact).result.is_ok());
    let logged = bench.run(&limited("console.log('x'.repeat(68)); 1", |l| l.logs = 100));
    assert_eq!((logged.result, logged.usage.logs), (Ok(1.into()), 100));
    let none = bench.run(&limited("1", |l| {
        l.logs = 0;
        l.jobs = 0;
        l.output = 8
    }));
    assert_eq!(none.result, Ok(1.into()));
}

#[test]
fn limits_out_of_range_are_named_before_anything_runs() {
    let mut bench = Bench::base();
    type Change = fn(&mut Limits);
    let changes: [(&str, Change); 10] = [
        ("wall_ms", |l| l.wall = Duration::ZERO),
        ("wall_ms", |l| l.wall = Duration::from_secs(3601)),
        ("cpu_ms", |l| l.cpu = Duration::ZERO),
        ("cpu_ms", |l| l.cpu = Duration::MAX),
        ("heap_bytes", |l| l.heap = MIN_HEAP - 1),
        ("heap_bytes", |l| l.heap = MAX_HEAP + 1),
        ("stack_bytes", |l| l.stack = 1000),
        ("stack_bytes", |l| l.stack = 65 << 20),
        ("output_bytes", |l| l.output = (1 << 30) + 1),
        ("log_bytes", |l| l.logs = usize::MAX),
    ];
    for (expected, change) in changes {
        let outcome = bench.run(&limited("console.log('ran')", change));
        let Err(Error::InvalidLimit { name, given, min, max }) = outcome.result else {
            panic!("{expected}: {outcome:?}");
        };
        assert_eq!(name, expected);
        assert!(given < min || given > max);
        assert!(outcome.logs.is_empty());
    }
    for heap in [0, MIN_HEAP - 1, MAX_HEAP + 1, usize::MAX] {
        let mut config = InstanceConfig::default();
        config.heap = heap;
        let error = sandtide_engine::Instance::new(config).unwrap_err();
        assert_eq!(error.code(), "ERR_INVALID_LIMIT");
    }
}

#[test]
fn the_smallest_limits_run_a_small_script() {
    let mut config = InstanceConfig::default();
    config.heap = MIN_HEAP;
    let mut bench = Bench::with(config);
    let limits = Limits { heap: MIN_HEAP, stack: 32 << 10, ..generous() };
    let request = Request { limits, ..ad_hoc("[1, 2, 3].map((x) => x + 1).join()") };
    assert_eq!(bench.run(&request).result, Ok("2,3,4".into()));
    bench.assert_sound();
}

#[test]
fn the_largest_arena_takes_what_a_small_one_does_not() {
    let mut config = InstanceConfig::default();
    config.heap = 1 << 30;
    let mut bench = Bench::with(config);
    let source = "new Uint8Array(200 << 20).length";
    let small = bench.run(&limited(source, |l| l.heap = 100 << 20));
    assert_eq!(small.result.unwrap_err().code(), "ERR_HEAP_LIMIT");
    let large = bench.run(&limited(source, |l| l.heap = 300 << 20));
    assert_eq!(large.result, Ok((200 << 20).into()));
}

#[test]
fn a_heap_limit_beyond_the_arena_is_the_arenas() {
    let mut config = InstanceConfig::default();
    config.heap = 4 << 20;
    let mut bench = Bench::with(config);
    let outcome = bench.run(&limited("new Uint8Array(5 << 20)", |l| l.heap = 1 << 30));
    assert_eq!(outcome.result, Err(Error::Heap { limit: 4 << 20 }));
}

#[test]
fn a_heap_limit_below_the_image_ends_the_run_at_once() {
    let mut bench =
        Bench::classic("var big = new Uint8Array(5 << 20);", "big.length + [1, 2, 3].join()");
    let limits = Limits { heap: 2 << 20, ..generous() };
    let outcome = bench.run(&Request { limits, ..request() });
    assert_eq!(outcome.result, Err(Error::Heap { limit: 2 << 20 }));
    assert_eq!(bench.run(&request()).result, Ok("52428801,2,3".into()));
}

#[test]
fn a_limit_of_one_run_is_not_the_next_ones() {
    let mut bench = Bench::base();
    let source = "const a = new Uint8Array(3 << 20); (function f(n) { return n ? 1 + f(n - 1) : 1 })(200) + a.length";
    for _ in 0..3 {
        let tight = bench.run(&limited(source, |l| {
            l.heap = 2 << 20;
            l.stack = 32 << 10
        }));
        assert!(tight.result.unwrap_err().is_limit());
        assert_eq!(bench.eval(source), ((3 << 20) + 201).into());
    }
}

#[test]
fn a_larger_stack_limit_lets_guests_call_deeper() {
    let mut bench = Bench::base();
    let source = "let depth = 0; (function f() { depth++; try { f() } catch {} })(); depth";
    let mut depth =
        |stack| bench.run(&limited(source, |l| l.stack = stack)).result.unwrap().as_f64().unwrap();
    let (small, large, huge) = (depth(64 << 10), depth(512 << 10), depth(32 << 20));
    assert!(small * 4.0 < large && large * 16.0 < huge, "{small} {large} {huge}");
}

#[test]
fn a_stack_error_can_be_caught_and_the_run_goes_on() {
    let mut bench = Bench::base();
    let source = "let caught; try { (function f() { f() })() } catch (e) { caught = e } caught instanceof RangeError";
    assert_eq!(bench.eval(source), Value::Bool(true));
}

#[test]
fn output_counts_all_that_comes_out() {
    let mut bench = Bench::base();
    let tight = |source: &str| limited(source, |l| l.output = 1000);
    for source in [
        "'x'.repeat(1001)",
        "new Uint8Array(1001)",
        "new ArrayBuffer(1001)",
        "new Array(1001)",
        "Array.from({length: 300}, () => 'four')",
        "({['k'.repeat(1001)]: 1})",
        "1n << 5000n",
        "new Map([['k', 'x'.repeat(1001)]])",
        "new Set(['x'.repeat(1001)])",
        "const s = 'x'.repeat(300); [s, s, s, s]",
        "({get a() { return 'x'.repeat(1001) }})",
        "new Error('x'.repeat(1001))",
        "Object.fromEntries(Array.from({length: 300}, (_, i) => ['key' + i, 1]))",
    ] {
        assert_eq!(
            bench.run(&tight(source)).result,
            Err(Error::Output { limit: 1000 }),
            "{source}"
        );
    }
    let globals = |names: GlobalsBack| Request {
        globals_back: names,
        ..tight("a = 'x'.repeat(600); b = 'x'.repeat(600); 1")
    };
    for back in [GlobalsBack::Changed, GlobalsBack::Named(vec!["a".into(), "b".into()])] {
        assert_eq!(bench.run(&globals(back)).result, Err(Error::Output { limit: 1000 }));
    }
    let one = bench.run(&globals(GlobalsBack::Named(vec!["a".into()])));
    assert_eq!(one.result, Ok(1.into()));
    assert!((600..700).contains(&one.usage.output), "{:?}", one.usage);
}

#[test]
fn logs_up_to_the_limit_are_kept_and_cannot_be_gone_on_with() {
    let mut bench = Bench::base();
    let source = "for (let i = 0; ; i++) { try { console.log('line ' + i) } catch {} }";
    let outcome = bench.run(&limited(source, |l| l.logs = 1000));
    assert_eq!(outcome.result, Err(Error::Logs { limit: 1000 }));
    assert_eq!(outcome.logs[0].text, "line 0");
    let bytes: usize = outcome.logs.iter().map(|line| 32 + line.text.len()).sum();
    assert!((950..=1000).contains(&bytes), "{bytes}");
    let empty = bench.run(&limited("for (;;) console.log('')", |l| l.logs = 1000));
    assert_eq!((empty.result, empty.logs.len()), (Err(Error::Logs { limit: 1000 }), 31));
    let escaped = bench.run(&limited("console.log('\\0'.repeat(200))", |l| l.logs = 1000));
    assert_eq!(escaped.result, Err(Error::Logs { limit: 1000 }), "each is written as six bytes");
    let nested = "const o = {}; o.a = o.b = [o, 'x'.repeat(50)]; for (;;) console.log(o)";
    assert_eq!(
        bench.run(&limited(nested, |l| l.logs = 1000)).result.unwrap_err().code(),
        "ERR_LOG_LIMIT"
    );
}

#[test]
fn jobs_are_counted_whatever_schedules_them() {
    let mut bench = Bench::base();
    let few = "(async () => { for (let i = 0; i < 20; i++) await i; return 'done' })()";
    let outcome = bench.run(&limited(few, |l| l.jobs = 1000));
    assert_eq!(outcome.result, Ok("done".into()));
    assert!((20..100).contains(&outcome.usage.jobs), "{:?}", outcome.usage);
    assert_eq!(bench.run(&limited(few, |l| l.jobs = 5)).result, Err(Error::Jobs { limit: 5 }));
    assert_eq!(bench.run(&ad_hoc("1")).usage.jobs, 0);
}

fn sleeper() -> HostFunction {
    HostFunction::new("sleep", |call| {
        thread::sleep(Duration::from_millis(call.arg(0).as_f64().unwrap_or(0.0) as u64));
        Ok(Value::Undefined)
    })
}

fn never() -> HostFunction {
    HostFunction::new_async("never", |_| std::future::pending::<Result<Value, HostError>>())
}

#[test]
fn waiting_costs_wall_time_and_no_cpu_time() {
    let mut bench = Bench::hosts(vec![sleeper(), never()]);
    let slept = bench.run(&limited("sleep(120); 'done'", |l| l.cpu = Duration::from_millis(60)));
    assert_eq!(slept.result, Ok("done".into()));
    assert!(slept.usage.wall >= Duration::from_millis(120));
    assert!(slept.usage.cpu < slept.usage.wall, "{:?}", slept.usage);
    let late = bench.run(&limited("sleep(80); for (;;) ;", |l| l.wall = MS_50));
    assert_eq!(late.result, Err(Error::WallTime { limit: MS_50 }));
    let awaited = bench.run(&limited("never()", |l| l.wall = MS_50));
    assert_eq!(awaited.result, Err(Error::WallTime { limit: MS_50 }));
    assert!(awaited.usage.wall >= MS_50);
}

#[test]
fn a_run_can_be_cancelled_from_another_thread_wherever_it_is() {
    let (started, at) = mpsc::channel();
    let ready = HostFunction::new("ready", move |_| {
        started.send(()).unwrap();
        Ok(Value::Undefined)
    });
    let mut bench = Bench::hosts(vec![ready, never()]);
    for source in [
        "ready(); for (;;) ;",
        "ready(); for (;;) { try { for (;;) ; } finally { continue } }",
        "ready(); Array.prototype.indexOf.call({length: 2 ** 53 - 1}, 1)",
        "ready(); const a = new Uint8Array(5e7); for (;;) a.fill(1)",
        "ready(); never()",
        "ready(); (async () => { for (;;) try { await never() } catch {} })()",
        "ready(); /(a+)+$/.test('a'.repeat(40) + '!')",
    ] {
        let token = CancelToken::new();
        let request = Request { cancel: Some(token.clone()), ..ad_hoc(source) };
        let outcome = thread::scope(|scope| {
            let run = scope.spawn(|| bench.run(&request));
            at.recv().unwrap();
            thread::sleep(Duration::from_millis(10));
            token.cancel();
            run.join().unwrap()
        });
        assert_eq!(outcome.result, Err(Error::Cancelled), "{source}");
        bench.assert_sound();
    }
}

#[test]
fn a_run_with_a_token_that_was_cancelled_before_does_not_start() {
    let mut bench = Bench::base();
    let token = CancelToken::new();
    token.cancel();
    assert!(token.is_cancelled());
    let source = ad_hoc("console.log('ran'); 1");
    for _ in 0..2 {
        let outcome = bench.run(&Request { cancel: Some(token.clone()), ..source.clone() });
        assert_eq!(outcome.result, Err(Error::Cancelled));
        assert!(outcome.logs.is_empty());
    }
    assert_eq!(bench.eval("1"), 1.into());
    let late = CancelToken::new();
    assert_eq!(
        bench.run(&Request { cancel: Some(late.clone()), ..source.clone() }).result,
        Ok(1.into())
    );
    late.cancel();
    assert_eq!(bench.eval("2"), 2.into(), "a run that is over cannot be cancelled");
}

#[test]
fn one_token_cancels_the_runs_of_several_instances() {
    let token = CancelToken::new();
    let (started, at) = mpsc::channel();
    let runs: Vec<_> = (0..3)
        .map(|_| {
            let started = started.clone();
            let ready = HostFunction::new("ready", move |_| {
                started.send(()).unwrap();
                Ok(Value::Undefined)
            });
            let request = Request { cancel: Some(token.clone()), ..ad_hoc("ready(); for (;;) ;") };
            thread::spawn(move || Bench::hosts(vec![ready]).run(&request).result)
        })
        .collect();
    for _ in 0..3 {
        at.recv().unwrap();
    }
    token.cancel();
    for run in runs {
        assert_eq!(run.join().unwrap(), Err(Error::Cancelled));
    }
}

#[test]
fn usage_tells_what_the_run_took() {
    let mut bench = Bench::base();
    let small = bench.run(&ad_hoc("1")).usage;
    let large = bench.run(&ad_hoc("const a = new Uint8Array(10 << 20).fill(1); a.length")).usage;
    assert!(small.peak_heap > 50_000 && small.peak_heap < 1 << 20, "{small:?}");
    assert!(large.peak_heap >= small.peak_heap + (9 << 20), "{large:?}");
    assert!(large.peak_heap <= generous().heap);
    let after = bench.run(&ad_hoc("1")).usage;
    assert_eq!(after.peak_heap, small.peak_heap, "the peak is the run's own");
    for usage in [small, large, after] {
        assert!(usage.bytes_restored >= bench.image.heap_bytes(), "{usage:?}");
        assert!(usage.restore > Duration::ZERO && usage.wall > Duration::ZERO);
        assert!(usage.cpu <= usage.wall + Duration::from_millis(20));
        assert_eq!((usage.jobs, usage.logs), (0, 0));
    }
    let busy = bench.run(&ad_hoc("const end = Date.now() + 30; while (Date.now() < end) ;")).usage;
    assert!(busy.wall >= Duration::from_millis(29) && busy.cpu > Duration::ZERO);
    let failed = bench.run(&ad_hoc("const a = new Uint8Array(10 << 20); throw a")).usage;
    assert!(failed.peak_heap >= 10 << 20, "a run that failed has its usage too");
}

#[test]
fn runs_of_many_instances_at_once_end_at_their_own_limits() {
    let threads: Vec<_> = (0..6)
        .map(|n| {
            thread::spawn(move || {
                let mut bench = Bench::base();
                for round in 0..5 {
                    let limits = short();
                    match (n + round) % 3 {
                        0 => {
                            let source = "Array.prototype.includes.call({length: 2 ** 53 - 1}, 1)";
                            let outcome = bench.run(&Request { limits, ..ad_hoc(source) });
                            assert_eq!(outcome.result.unwrap_err().code(), "ERR_WALL_TIME_LIMIT");
                        }
                        1 => assert_eq!(bench.eval("[3, 1].sort().join()"), "1,3".into()),
                        _ => {
                            assert_eq!(bench.error("'x'.padEnd(2 ** 29)").code(), "ERR_HEAP_LIMIT")
                        }
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}
