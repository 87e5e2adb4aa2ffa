//! CPU profiles of runs: planted hot spots are found with their shares.
//!
//! Each program keeps its own account of the time that its parts take, by the thread's CPU clock; the
//! profile has to agree with it. Nothing here depends on how fast the machine is, or how busy.

use sandtide_engine::{
    EntryPoint, HostFunction, Instance, InstanceConfig, Limits, Plan, Request, Source, Value,
    record_this_thread,
};
use sandtide_inspect::profile::{Format, Profile};
use sandtide_inspect::record::{StartError, ThreadRecorder};
use std::rc::Rc;
use std::time::Duration;

/// How far a share of so much of the profile may be from the program's own account: 3 points of a
/// hundred, or what chance makes of few samples: five standard deviations of a share of one half.
fn near(profile: &Profile, part: f64) -> f64 {
    (2.5 / (profile.samples() as f64 * part).sqrt()).max(0.03)
}

/// How often the profiles look.
const INTERVAL: Duration = Duration::from_micros(200);

fn limits() -> Limits {
    let long = Duration::from_secs(300);
    Limits { wall: long, cpu: long, ..Limits::default() }
}

/// The calling thread's CPU time in ms.
fn cpu_ms() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call only fills in the structure.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// The host function by which programs keep their account.
fn cpu() -> HostFunction {
    HostFunction::new("cpu", |_| Ok(Value::Number(cpu_ms())))
}

/// The profile of what `f` does on a thread of its own.
fn recorded(f: impl FnOnce() + Send + 'static) -> Profile {
    let on_thread = std::thread::Builder::new().stack_size(16 << 20).spawn(move || {
        let recorder = Rc::new(ThreadRecorder::start(INTERVAL).unwrap());
        record_this_thread(Some(Rc::clone(&recorder) as _));
        f();
        record_this_thread(None);
        recorder.take().remove(&0).unwrap_or_else(|| recorder.empty())
    });
    on_thread.unwrap().join().unwrap()
}

/// Share of `one` in the time of both, as the program itself counted it.
fn share(result: &Value) -> f64 {
    let Value::Array(times) = result else { panic!("{result:?}") };
    let time = |index: usize| match times[index] {
        Value::Number(time) => time,
        ref other => panic!("{other:?}"),
    };
    time(0) / (time(0) + time(1))
}

/// Runs `source`, which answers the times of its two parts, and compares with what the profile says of
/// the functions of these names.
fn assert_shares(source: &str, one: &[&str], other: &[&str], hosts: &[HostFunction]) {
    let source = source.to_owned();
    let plan = Plan { hosts: [&[cpu()], hosts].concat(), ..Plan::default() };
    let (told, answer) = std::sync::mpsc::channel();
    let profile = recorded(move || {
        let mut instance = Instance::new(InstanceConfig::default()).unwrap();
        let entry = EntryPoint::Classic(Source::new("hot.js", source));
        let image = instance.build(&Plan { entry, ..plan }).unwrap();
        let request = Request { limits: limits(), ..Request::default() };
        told.send(share(&instance.run(&image, &request).result.unwrap())).unwrap();
    });
    let truth = answer.recv().unwrap();
    let sum = |names: &[&str]| names.iter().map(|name| profile.own_share(name)).sum::<f64>();
    let (one, other) = (sum(one), sum(other));
    let found = one / (one + other);
    let mut folded = Vec::new();
    profile.write(Format::Folded, &mut folded).unwrap();
    let folded = String::from_utf8(folded).unwrap();
    assert!((found - truth).abs() <= near(&profile, one + other), "{found} for {truth}:\n{folded}");
    // Starting, asking for the time and the sampler itself take their part on a busy machine.
    assert!(one + other > 0.8, "most of the time is in them:\n{folded}");
    assert!(profile.samples() > 100);
}

/// Calls two functions, one three times as often, for a second of CPU time. In no regular order: what takes
/// turns as often as the sampler looks is seen at the same moments always.
const IN_TURNS: &str = "
    const times = [0, 0];
    // What asking for the time takes is counted for nobody: the profile gives it to `cpu`.
    function timed(part, f) {
        const began = cpu();
        f();
        const ended = cpu();
        times[part] += ended - began - (cpu() - ended);
    }
    const until = cpu() + 1000;
    let turn = 1;
    while (cpu() < until) {
        turn = Math.imul(turn, 1103515245) + 12345 | 0;
        if (turn >>> 16 & 3) timed(0, one); else timed(1, other);
    }
    times";

#[test]
fn two_loops() {
    let source = "function one() { let s = 0; for (let i = 0; i < 20000; i++) s += i; return s }
        function other() { let s = ''; for (let i = 0; i < 5000; i++) s = String.fromCharCode(65 + i % 26); return s }";
    let source = format!("{source}{IN_TURNS}");
    assert_shares(&source, &["one"], &["other", "fromCharCode"], &[]);
}

#[test]
fn a_regular_expression() {
    let source = "const text = 'a'.repeat(22);
        function one() { /^(a|aa)+$/.test(text + 'b') }
        function other() { let s = 0; for (let i = 0; i < 20000; i++) s += i; return s }";
    let source = format!("{source}{IN_TURNS}");
    assert_shares(&source, &["one", "test", "exec"], &["other"], &[]);
}

#[test]
fn a_callback_of_sort() {
    let source = "const numbers = Array.from({ length: 3000 }, (_, i) => (i * 7919) % 3001);
        function compare(a, b) { let s = 0; for (let i = 0; i < 10; i++) s += i; return a - b + s - s }
        function one() { numbers.slice().sort(compare) }
        function other() { let s = 0; for (let i = 0; i < 200000; i++) s += i; return s }";
    let source = format!("{source}{IN_TURNS}");
    assert_shares(&source, &["one", "compare", "sort", "slice"], &["other"], &[]);
}

#[test]
fn a_host_function() {
    let source = "function one() { busy() }
        function other() { let s = 0; for (let i = 0; i < 20000; i++) s += i; return s }";
    let source = format!("{source}{IN_TURNS}");
    let busy = HostFunction::new("busy", |_| {
        let until = cpu_ms() + 0.3;
        while cpu_ms() < until {}
        Ok(Value::Undefined)
    });
    assert_shares(&source, &["one", "busy"], &["other"], &[busy]);
}

#[test]
fn thousands_of_runs_that_are_shorter_than_the_interval() {
    let (told, answer) = std::sync::mpsc::channel();
    let profile = recorded(move || {
        let mut instance = Instance::new(InstanceConfig::default()).unwrap();
        let mut build = |name: &str, steps: u32| {
            let text = format!(
                "function {name}() {{ let s = 0; for (let i = 0; i < {steps}; i++) s += i; return s }}
                cpu();
                const began = cpu(); {name}(); const ended = cpu();
                ended - began - (cpu() - ended)"
            );
            let entry = EntryPoint::Classic(Source::new(format!("{name}.js"), text));
            instance.build(&Plan { entry, hosts: vec![cpu()], ..Plan::default() }).unwrap()
        };
        // The runs are some parts of the interval long, and many times what asking for the time takes.
        let images = [build("short", 6000), build("shorter", 2000)];
        let request = Request { limits: limits(), ..Request::default() };
        let until = cpu_ms() + 2000.0;
        let (mut runs, mut times, mut random) = (0_u32, [0.0, 0.0], 1_u32);
        while cpu_ms() < until {
            // In no regular order either.
            random = random.wrapping_mul(1_103_515_245).wrapping_add(12345);
            let turn = (random >> 31) as usize;
            let Value::Number(took) = instance.run(&images[turn], &request).result.unwrap() else {
                panic!("a run answers its time")
            };
            times[turn] += took;
            runs += 1;
        }
        assert!(runs > 1000, "{runs}");
        told.send(times[0] / (times[0] + times[1])).unwrap();
    });
    // A page that is written for the first time after a restore counts for the function that wrote it,
    // and costs what the machine asks for it: so that the runs' own account is the truth, not the steps.
    let truth = answer.recv().unwrap();
    let (one, other) = (profile.own_share("short"), profile.own_share("shorter"));
    let found = one / (one + other);
    assert!((found - truth).abs() <= near(&profile, one + other), "{found} for {truth}");
    assert!(profile.own_share("(restore)") > 0.0);
}

#[test]
fn a_run_that_is_abandoned_leaves_a_profile() {
    let profile = recorded(|| {
        let mut instance = Instance::new(InstanceConfig::default()).unwrap();
        let text = "function forever() { for (;;) {} } forever()";
        let entry = EntryPoint::Classic(Source::new("forever.js", text));
        let image = instance.build(&Plan { entry, ..Plan::default() }).unwrap();
        let cpu = Duration::from_millis(50);
        for _ in 0..5 {
            let limits = Limits { cpu, ..limits() };
            let request = Request { limits, ..Request::default() };
            instance.run(&image, &request).result.unwrap_err();
        }
        let text = "const kept = []; function fill() { for (;;) kept.push(new Array(100)) } fill()";
        let entry = EntryPoint::Classic(Source::new("fill.js", text));
        let image = instance.build(&Plan { entry, ..Plan::default() }).unwrap();
        for _ in 0..20 {
            let limits = Limits { heap: 8 << 20, ..limits() };
            let request = Request { limits, ..Request::default() };
            instance.run(&image, &request).result.unwrap_err();
        }
    });
    assert!(profile.own_share("forever") > 0.1);
    assert!(profile.own_share("fill") > 0.0);
}

/// What is jumped out of while the heap's own tables change: atoms, shapes, code, lists of objects.
#[test]
fn runs_that_are_abandoned_while_they_allocate_are_named_by_what_was_known_before() {
    let growing = [
        "const o = {}; function grow() { for (let i = 0; ; i++) o['a' + i] = i } grow()",
        "let o = {}; function grow() { for (let i = 0; ; i++) { o = { o: null }; o['b' + i % 9e4] = {} } } grow()",
        "let f = []; function grow() { for (let i = 0; ; i++) f[i % 500] = new Function('return function n' + i + '() {}') } grow()",
        "let a = []; function grow() { for (let i = 0; ; i++) a[i % 3e4] = [[i], new Map, Symbol(i), i + ''] } grow()",
        "let f; function grow() { for (let i = 0; ; i++) { f = eval('(function m' + i + '() { return 1 })'); f() } } grow()",
    ];
    let profile = recorded(move || {
        let mut instance = Instance::new(InstanceConfig::default()).unwrap();
        for text in growing {
            let entry = EntryPoint::Classic(Source::new("grow.js", text));
            let image = instance.build(&Plan { entry, ..Plan::default() }).unwrap();
            for n in 0..60 {
                let cpu = Duration::from_micros(2000 + n * 137);
                let limits = Limits { cpu, ..limits() };
                let request = Request { limits, ..Request::default() };
                instance.run(&image, &request).result.unwrap_err();
            }
        }
    });
    let mut folded = Vec::new();
    profile.write(Format::Folded, &mut folded).unwrap();
    let folded = String::from_utf8(folded).unwrap();
    let of = |what: &str| -> u64 {
        let lines = folded.lines().filter(|line| line.contains(what));
        lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    };
    assert!(of("grow") > 100, "{folded}");
    assert!(of("grow") > 9 * of("(unknown)"), "almost all are noted before a run ends:\n{folded}");
}

#[test]
fn a_thread_is_recorded_once_and_within_bounds() {
    let interval = Duration::from_micros(99);
    assert_eq!(ThreadRecorder::start(interval).unwrap_err(), StartError::Interval(interval));
    let first = ThreadRecorder::start(Duration::from_millis(1)).unwrap();
    let second = ThreadRecorder::start(Duration::from_millis(1));
    assert_eq!(second.unwrap_err(), StartError::Busy);
    drop(first);
    ThreadRecorder::start(Duration::from_millis(1)).unwrap();
}
