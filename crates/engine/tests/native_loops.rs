//! Loops of the engine's own C code end at the run's limits, whatever thread, process and program they
//! are in, and code of the host's is never jumped out of.
//!
//! Each case changes what belongs to the whole process (signal handlers, masks, forks), so each runs
//! in a child of its own, which may hang or die without the others.

mod common;

use common::*;
use sandtide_engine::{HostFunction, Instance, InstanceConfig, Limits, Request, Value};
use std::hint::black_box;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, process, ptr, thread};

/// Loops that ask nobody whether they may go on: the engine's own, and within the C library's.
const LOOPS: [&str; 9] = [
    "'a'.repeat(4e6).lastIndexOf('a'.repeat(2e6) + 'b')",
    "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)",
    "const a = new Uint8Array(5e7); for (;;) a.fill(1)",
    "const a = 'a'.repeat(2e7), b = 'a'.repeat(2e7) + 'b', c = [a, b, a, b]; for (;;) c.sort()",
    "const a = Array.from({ length: 2e5 }, (_, i) => (i * 7919) % 2e5); for (;;) a.toSorted((x, y) => x - y)",
    "const a = new Array(1e6).fill(1); for (;;) a.concat(a, a).includes(2)",
    "const a = new Array(2e5).fill('text'); for (;;) JSON.stringify(a)",
    "const a = JSON.stringify(new Array(2e5).fill({ id: 1, name: 'text' })); for (;;) JSON.parse(a)",
    "const a = new Array(2e6).fill(1); for (;;) { a.splice(9e5, 1); a.splice(9e5, 0, 1) }",
];

/// Recursion that looks at no stack.
const RECURSION: &str = "let f = function () {}; for (let i = 0; i < 4e4; i++) { f = f.bind(); \
     Object.defineProperties(f, { name: { value: '' }, [Symbol.hasInstance]: { value: null } }) } \
     ({}) instanceof f";

type Case = (&'static str, fn());

const CASES: &[Case] = &[
    ("signals blocked before the first run", blocked_before),
    ("signals blocked between two runs", blocked_between),
    ("signals blocked by a host function within the run", blocked_within),
    ("a thread that is not of Rust's and has no alternate stack", foreign_thread),
    ("a coroutine's stack", coroutine),
    ("nested scopes of two instances", nested_scopes),
    ("signals blocked within a scope", blocked_in_scope),
    ("a child that was forked within a scope", forked_in_scope),
    ("a forked child", forked_child),
    ("a child that a host function forked", forked_within),
    ("a child of a child", forked_twice),
    ("handlers that were replaced", replaced_handlers),
    ("a handler of the host's that is at work", handlers_at_work::<0>),
    ("the same on the alternate stack", handlers_at_work::<{ libc::SA_ONSTACK }>),
    ("the host's own signals", own_signals),
    ("a fault that is the host's", own_fault),
    ("a host function that overflows its stack", own_overflow),
    ("recursion that ends just where the stack does", tuned_recursion),
];

#[test]
fn child() {
    let Some(case) = child::case() else { return };
    CASES.iter().find(|(name, _)| *name == case).unwrap().1();
    println!("the case ended well");
}

#[test]
fn native_loops_end_in_every_thread_and_process_and_leave_the_hosts_code_alone() {
    if child::case().is_some() {
        return;
    }
    let mut faults = Vec::new();
    for (name, _) in CASES {
        let ended = child::run("child", name, Duration::from_secs(120)).unwrap();
        if !ended.said.contains("the case ended well") || !ended.well() {
            faults.push(format!("{name}: {ended:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn limited(source: &str) -> Request {
    Request { limits: Limits { wall: Duration::from_millis(40), ..generous() }, ..ad_hoc(source) }
}

/// That loops and recursion end as they should, here and now.
fn assert_limits_hold(bench: &mut Bench) {
    for source in LOOPS {
        let error = bench.run(&limited(source)).result.expect_err(source);
        assert_eq!(error.code(), "ERR_WALL_TIME_LIMIT", "{source}: {error}");
    }
    assert_eq!(bench.error(RECURSION).code(), "ERR_STACK_LIMIT");
    bench.assert_sound();
}

fn all_signals() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the call fills the set in.
    unsafe {
        libc::sigfillset(set.as_mut_ptr());
        set.assume_init()
    }
}

fn block_all() {
    // SAFETY: changes this thread's mask only.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &all_signals(), ptr::null_mut()) };
}

fn is_blocked(signal: i32) -> bool {
    let mut now = MaybeUninit::uninit();
    // SAFETY: the call fills the set in.
    unsafe {
        libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), now.as_mut_ptr());
        libc::sigismember(now.as_ptr(), signal) == 1
    }
}

fn blocked_before() {
    block_all();
    assert_limits_hold(&mut Bench::base());
    assert!(is_blocked(libc::SIGURG) && is_blocked(libc::SIGSEGV), "the thread's mask is its own");
}

fn blocked_between() {
    let mut bench = Bench::classic("var first = 1", "first");
    bench.assert_sound();
    block_all();
    assert_limits_hold(&mut bench);
    assert!(is_blocked(libc::SIGURG) && is_blocked(libc::SIGUSR1));
}

fn blocked_within() {
    let block = HostFunction::new("block", |_| {
        block_all();
        Ok(Value::Undefined)
    });
    let mut bench = Bench::hosts(vec![block]);
    for source in LOOPS {
        let error = bench.run(&limited(&format!("block(); {source}"))).result.unwrap_err();
        assert_eq!(error.code(), "ERR_WALL_TIME_LIMIT", "{source}");
        assert!(is_blocked(libc::SIGURG), "as the host function left it");
    }
    assert_eq!(bench.error(&format!("block(); {RECURSION}")).code(), "ERR_STACK_LIMIT");
}

fn blocked_in_scope() {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let base = instance.base().clone();
    for source in LOOPS {
        let result = instance.scope(&base, &limited(""), |scope| {
            block_all();
            scope.eval("a.js", source).map(|_| ())
        });
        assert_eq!(result.unwrap().unwrap_err().code(), "ERR_WALL_TIME_LIMIT", "{source}");
        assert!(is_blocked(libc::SIGURG), "as the closure left it");
    }
}

fn forked_in_scope() {
    let mut instance = Instance::new(InstanceConfig::default()).unwrap();
    let base = instance.base().clone();
    let result = instance.scope(&base, &limited(""), |scope| {
        in_fork(|| {
            let error = scope.eval("a.js", LOOPS[1]).map(|_| ()).unwrap_err();
            assert_eq!(error.code(), "ERR_WALL_TIME_LIMIT");
        });
    });
    assert_eq!(result, Ok(()));
}

extern "C" fn on_foreign_thread(_: *mut libc::c_void) -> *mut libc::c_void {
    let mut none = libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: 0, ss_size: 0 };
    // SAFETY: only fills in the structure.
    unsafe { libc::sigaltstack(ptr::null(), &mut none) };
    assert_ne!(none.ss_flags & libc::SS_DISABLE, 0, "the thread has no alternate stack yet");
    assert_limits_hold(&mut Bench::base());
    ptr::null_mut()
}

fn foreign_thread() {
    // SAFETY: the attributes are initialised first; the thread is joined. A small stack without a
    // guard page, as C programs may make them.
    unsafe {
        let mut attributes = MaybeUninit::uninit();
        libc::pthread_attr_init(attributes.as_mut_ptr());
        libc::pthread_attr_setstacksize(attributes.as_mut_ptr(), 512 << 10);
        libc::pthread_attr_setguardsize(attributes.as_mut_ptr(), 0);
        let mut thread = MaybeUninit::uninit();
        let made = libc::pthread_create(
            thread.as_mut_ptr(),
            attributes.as_ptr(),
            on_foreign_thread,
            ptr::null_mut(),
        );
        assert_eq!(made, 0);
        libc::pthread_join(thread.assume_init(), ptr::null_mut());
    }
}

/// A stack that nobody but this function knows of.
fn coroutine() {
    let mut stack = vec![0_u128; (512 << 10) / 16];
    let size = stack.len() * 16;
    // SAFETY: the memory is this function's until the call returns.
    unsafe {
        psm::on_stack(stack.as_mut_ptr().cast(), size, || assert_limits_hold(&mut Bench::base()));
    }
}

fn nested_scopes() {
    let mut outer = Instance::new(InstanceConfig::default()).unwrap();
    let mut inner = Instance::new(InstanceConfig::default()).unwrap();
    let (base, inner_base) = (outer.base().clone(), inner.base().clone());
    for source in LOOPS.into_iter().chain([RECURSION]) {
        let request = if source == RECURSION { request() } else { limited("") };
        let code = outer
            .scope(&base, &request, |outer| {
                let result = inner.scope(&inner_base, &common::request(), |inner| {
                    assert!(inner.eval("a.js", "1 + 1").is_ok());
                    assert!(outer.eval("a.js", "[1].map((x) => x)").is_ok());
                    let code = outer.eval("a.js", source).map(|_| ()).unwrap_err().code();
                    assert!(
                        inner.eval("a.js", "(function f(n) { return n && f(n - 1) })(99)").is_ok()
                    );
                    code
                });
                result.unwrap()
            })
            .unwrap();
        let expected = if source == RECURSION { "ERR_STACK_LIMIT" } else { "ERR_WALL_TIME_LIMIT" };
        assert_eq!(code, expected, "{source}");
    }
    // The inner one's limits hold as well, and the outer one's stack is its own afterwards.
    let code = outer.scope(&base, &request(), |outer| {
        let code = inner.scope(&inner_base, &limited(""), |inner| {
            inner.eval("a.js", LOOPS[0]).map(|_| ()).unwrap_err().code()
        });
        let deep = outer.eval("a.js", "(function f(n) { return n && f(n - 1) })(99)");
        assert!(deep.is_ok());
        code.unwrap()
    });
    assert_eq!(code.unwrap(), "ERR_WALL_TIME_LIMIT");
}

/// Calls `f` in a forked child; asserts that it ends well, and in time.
fn in_fork(f: impl FnOnce()) {
    // SAFETY: what the child must not rely on after a fork is what this test is about.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let well = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).is_ok();
        // SAFETY: ends the child without running the parent's exit handlers.
        unsafe { libc::_exit(if well { 0 } else { 3 }) };
    }
    let started = Instant::now();
    let mut status = -1;
    // SAFETY: waits for the child made above, and ends it where it hangs.
    unsafe {
        while libc::waitpid(child, &mut status, libc::WNOHANG) == 0 {
            if started.elapsed() > Duration::from_secs(60) {
                libc::kill(child, libc::SIGKILL);
                libc::waitpid(child, &mut status, 0);
                panic!("the child hangs");
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
    assert_eq!(status, 0);
}

fn forked_child() {
    let mut bench = Bench::base();
    assert_limits_hold(&mut bench);
    in_fork(|| {
        assert_limits_hold(&mut bench);
        assert_limits_hold(&mut Bench::base());
        // Several threads at once: one of them starts the watchdog.
        let threads: Vec<_> =
            (0..3).map(|_| thread::spawn(|| assert_limits_hold(&mut Bench::base()))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    assert_limits_hold(&mut bench);
}

fn forked_twice() {
    let mut bench = Bench::base();
    bench.assert_sound();
    in_fork(|| {
        bench.assert_sound();
        in_fork(|| assert_limits_hold(&mut bench));
        assert_limits_hold(&mut bench);
    });
    in_fork(|| in_fork(|| assert_limits_hold(&mut bench)));
}

fn forked_within() {
    static CHILD: AtomicUsize = AtomicUsize::new(usize::MAX);
    let fork = HostFunction::new("fork", |_| {
        // SAFETY: as in `in_fork`.
        CHILD.store(unsafe { libc::fork() } as usize, Ordering::Relaxed);
        Ok(Value::Undefined)
    });
    let mut bench = Bench::hosts(vec![fork]);
    for source in LOOPS {
        let error = bench.run(&limited(&format!("fork(); {source}"))).result.unwrap_err();
        let ended = error.code() == "ERR_WALL_TIME_LIMIT";
        match CHILD.load(Ordering::Relaxed) {
            // SAFETY: ends the child without running the parent's exit handlers.
            0 => unsafe { libc::_exit(if ended { 0 } else { 3 }) },
            child => {
                assert!(ended);
                let started = Instant::now();
                let mut status = -1;
                // SAFETY: waits for the child made above.
                while unsafe { libc::waitpid(child as i32, &mut status, libc::WNOHANG) } == 0 {
                    assert!(started.elapsed() < Duration::from_secs(30), "the child hangs");
                    thread::sleep(Duration::from_millis(5));
                }
                assert_eq!(status, 0, "{source}");
            }
        }
    }
}

fn install(signal: i32, flags: i32, handler: extern "C" fn(i32)) {
    // SAFETY: the structure is plain data; the handlers of this test are async-signal-safe.
    unsafe {
        let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
        action.sa_sigaction = handler as usize;
        action.sa_flags = flags;
        assert_eq!(libc::sigaction(signal, &action, ptr::null_mut()), 0);
    }
}

static ENTERED: AtomicUsize = AtomicUsize::new(0);
static LEFT: AtomicUsize = AtomicUsize::new(0);

extern "C" fn counting(_: i32) {
    ENTERED.fetch_add(1, Ordering::Relaxed);
    LEFT.fetch_add(1, Ordering::Relaxed);
}

/// A handler that does not call the one before it.
fn replaced_handlers() {
    let mut bench = Bench::base();
    assert_limits_hold(&mut bench);
    install(libc::SIGURG, libc::SA_ONSTACK, counting);
    install(libc::SIGSEGV, libc::SA_ONSTACK, counting);
    // Handlers are looked at each millisecond.
    thread::sleep(Duration::from_millis(5));
    assert_limits_hold(&mut bench);
    // SAFETY: raises a signal that has a handler.
    unsafe { libc::raise(libc::SIGURG) };
    assert_eq!(LEFT.load(Ordering::Relaxed), 1, "the host's handler is called for its own signals");
}

/// Works for a tenth of the time from tick to tick: on a busy machine the engine must get some, too.
extern "C" fn working(_: i32) {
    ENTERED.fetch_add(1, Ordering::Relaxed);
    let mut bytes = [0_u8; 2048];
    let started = Instant::now();
    while started.elapsed() < Duration::from_micros(400) {
        bytes.fill(black_box(LEFT.load(Ordering::Relaxed)) as u8);
        black_box(&mut bytes);
    }
    LEFT.fetch_add(1, Ordering::Relaxed);
}

fn handlers_at_work<const FLAGS: i32>() {
    let mut bench = Bench::base();
    // Only its own signal is masked while it works: the watchdog's comes within.
    install(libc::SIGALRM, FLAGS, working);
    let tick = libc::timespec { tv_sec: 0, tv_nsec: 4_000_000 };
    let ticks = libc::itimerspec { it_interval: tick, it_value: tick };
    // SAFETY: starts a timer whose signal has a handler and goes to this thread.
    unsafe {
        let mut event: libc::sigevent = MaybeUninit::zeroed().assume_init();
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = libc::SIGALRM;
        event.sigev_notify_thread_id = libc::gettid();
        let mut timer = MaybeUninit::uninit();
        assert_eq!(libc::timer_create(libc::CLOCK_MONOTONIC, &mut event, timer.as_mut_ptr()), 0);
        assert_eq!(libc::timer_settime(timer.assume_init(), 0, &ticks, ptr::null_mut()), 0);
    }
    for _ in 0..4 {
        for source in LOOPS {
            let request = Request {
                limits: Limits { wall: Duration::from_millis(8), ..generous() },
                ..ad_hoc(source)
            };
            let error = bench.run(&request).result.expect_err(source);
            assert_eq!(error.code(), "ERR_WALL_TIME_LIMIT", "{source}: {error}");
            assert_eq!(ENTERED.load(Ordering::Relaxed), LEFT.load(Ordering::Relaxed));
            assert!(!is_blocked(libc::SIGALRM), "the mask is that of before the run");
        }
    }
    assert!(ENTERED.load(Ordering::Relaxed) > 20);
}

fn own_signals() {
    install(libc::SIGURG, 0, counting);
    let mut bench = Bench::base();
    assert_limits_hold(&mut bench);
    assert_eq!(ENTERED.load(Ordering::Relaxed), 0, "the watchdog's signals are not the host's");
    // SAFETY: raises a signal that has a handler.
    unsafe { libc::raise(libc::SIGURG) };
    let raise = HostFunction::new("raise", |_| {
        // SAFETY: as above.
        unsafe { libc::raise(libc::SIGURG) };
        Ok(Value::Undefined)
    });
    Bench::hosts(vec![raise]).eval("raise()");
    assert_eq!(LEFT.load(Ordering::Relaxed), 2);
}

extern "C" fn leaving(_: i32) {
    println!("the case ended well");
    // SAFETY: ends the process, which is the test.
    unsafe { libc::_exit(0) };
}

fn own_fault() {
    install(libc::SIGSEGV, libc::SA_ONSTACK, leaving);
    let touch = HostFunction::new("touch", |_| {
        let nowhere: *const u8 = black_box(ptr::without_provenance(4096));
        // SAFETY: none: the fault is the test, and its handler ends the process.
        Ok(Value::from(f64::from(unsafe { nowhere.read_volatile() })))
    });
    let mut bench = Bench::hosts(vec![touch]);
    assert_limits_hold(&mut bench);
    bench.eval("touch()");
    unreachable!("the host's handler is called");
}

#[expect(unconditional_recursion, reason = "the overflow is the test")]
fn overflow(depth: usize) -> usize {
    let bytes = black_box([depth; 100]);
    bytes[depth % 100] + overflow(depth + 1) + bytes[0]
}

/// In a child of this child: Rust's own account of a stack overflow is what there has to be.
fn own_overflow() {
    if env::var("SANDTIDE_TEST_OVERFLOW").is_ok() {
        let deep = HostFunction::new("deep", |_| Ok(Value::from(overflow(0) as f64)));
        let mut bench = Bench::hosts(vec![deep]);
        assert_limits_hold(&mut bench);
        bench.eval("deep()");
        return;
    }
    let mut command = process::Command::new(env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture", "--test-threads=1"]);
    command.env("SANDTIDE_TEST_OVERFLOW", "1");
    let ended = child::wait(&mut command, Duration::from_secs(60)).unwrap();
    assert!(ended.said.contains("has overflowed its stack"), "{ended:?}");
    assert!(!ended.well());
}

/// The chain ends with an error whose text is made by the C library, one level after the other
/// nearer to the end of the stack and then past it. It must not matter in whose code the zone is
/// touched.
fn tuned_recursion() {
    let chains = "const chains = []; let f = () => 1; for (let i = 0; i < 9000; i++) { f = f.bind(); \
                  Object.defineProperties(f, { name: { value: '' }, \
                  [Symbol.hasInstance]: { value: null } }); chains.push(f) }";
    let mut bench = Bench::classic(chains, "chains.length");
    let limits = Limits { stack: 32 << 10, ..generous() };
    let mut code = |levels: usize| {
        let source = format!("({{}}) instanceof chains[{levels}]");
        bench.run(&Request { limits, ..ad_hoc(&source) }).result.unwrap_err().code()
    };
    assert_eq!((code(0), code(8999)), ("ERR_EXCEPTION", "ERR_STACK_LIMIT"));
    for levels in 1000..9000 {
        assert_eq!(code(levels), "ERR_STACK_LIMIT", "{levels}");
    }
    assert_eq!(code(0), "ERR_EXCEPTION");
    bench.assert_sound();
}

/// What a statically linked program does: loops and recursion end there too.
const STATIC: &str = r#"
    use sandtide_engine::{Instance, InstanceConfig, Limits, Request, Source};
    fn main() {
        let mut instance = Instance::new(InstanceConfig::default()).unwrap();
        let base = instance.base().clone();
        for source in std::env::args().skip(1) {
            let wall = std::time::Duration::from_millis(if source.contains("bind") { 60_000 } else { 40 });
            let request = Request {
                source: Some(Source::new("a.js", source)),
                limits: Limits { wall, cpu: std::time::Duration::from_secs(60), ..Limits::default() },
                ..Request::default()
            };
            println!("{}", instance.run(&base, &request).result.unwrap_err().code());
        }
    }
"#;

#[test]
fn native_loops_end_in_a_statically_linked_program() {
    if child::case().is_some() || cfg!(sandtide_asan) {
        return;
    }
    // The library as it was just built, next to this test.
    let deps = env::current_exe().unwrap().parent().unwrap().to_owned();
    let built = |entry: &fs::DirEntry| entry.metadata().and_then(|data| data.modified()).ok();
    let library = fs::read_dir(&deps)
        .unwrap()
        .filter_map(Result::ok)
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.starts_with("libsandtide_engine-") && name.ends_with(".rlib")
        })
        .max_by_key(built)
        .expect("the library beside its test");
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (source, program) = (folder.join("static.rs"), folder.join("static"));
    fs::write(&source, STATIC).unwrap();
    let mut rustc = process::Command::new(env::var("RUSTC").unwrap_or("rustc".to_owned()));
    rustc.args(["--edition=2024", "--crate-type=bin", "-Ctarget-feature=+crt-static", "-o"]);
    rustc.arg(&program).arg("-L").arg(format!("dependency={}", deps.display()));
    for folder in native_folders(&deps) {
        rustc.arg("-L").arg(format!("native={}", folder.display()));
    }
    rustc.arg("--extern").arg(format!("sandtide_engine={}", library.path().display())).arg(&source);
    let linked = child::wait(&mut rustc, Duration::from_secs(300)).unwrap();
    assert!(linked.well(), "{}", linked.said);
    let bytes = fs::read(&program).unwrap();
    assert!(!contains(&bytes, b"/ld-linux"), "no loader is asked for");

    let mut command = process::Command::new(&program);
    command.args(LOOPS).arg(RECURSION);
    let ended = child::wait(&mut command, Duration::from_secs(120)).unwrap();
    let expected = "ERR_WALL_TIME_LIMIT\n".repeat(LOOPS.len()) + "ERR_STACK_LIMIT\n";
    assert_eq!(ended.said, expected, "{ended:?}");
}

/// Where build scripts put the C libraries that are not within a Rust one.
fn native_folders(deps: &std::path::Path) -> Vec<std::path::PathBuf> {
    let build = deps.with_file_name("build");
    let entries = fs::read_dir(build).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.path().join("out")).filter(|path| path.is_dir()).collect()
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}
