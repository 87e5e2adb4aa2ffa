//! Makes the engine, loads `lib/`, runs the program to its end.

use std::{
    io::{self, Write},
    process::exit,
    thread,
};

use rquickjs::{Context, Ctx, Function, Object, Runtime};

use crate::{
    bindings, builtins, event_loop,
    hooks::{self, Hook},
    inspector,
    options::{BadOption, Options},
    platform, trace_gc,
};

/// The engine's own bound on the stack of JavaScript.
const STACK: usize = 8 << 20;

/// What native code may take beyond that bound.
const STACK_MARGIN: usize = 4 << 20;

/// The bound for `--stack-size` of so many kilobytes: the interpreter's frames are larger than those
/// of compiled code, for which programs give the size.
fn stack_for(kilobytes: usize) -> usize {
    kilobytes.saturating_mul(1024).saturating_mul(8).clamp(64 << 10, 1 << 30)
}

/// The release of Node whose documentation is followed; `lib/` shows it as `process.version`.
pub(crate) const VERSION: &str = "v24.11.0";

const USAGE: &str = "\
Usage: sandtide node [options] [script.js | -e code | -] [arguments]

Runs a trusted Node program. Node's options are taken; these have an effect:
  -e, --eval CODE            evaluate CODE
  -p, --print CODE           evaluate CODE and print its value
  -c, --check                only check the script's syntax
  -r, --require MODULE       load MODULE first (CommonJS)
      --import MODULE        load MODULE first (ES module)
      --input-type TYPE      `module` or `commonjs`: what CODE is
  -C, --conditions NAME      a condition for the `exports` of packages
      --expose-gc            define the global gc()
      --trace-gc             print a line for each collection, --trace-gc-verbose more
      --cpu-prof             write a CPU profile when the program ends; with
                             --cpu-prof-interval=US, --cpu-prof-dir=DIR, --cpu-prof-name=NAME
      --prof                 the same, and say where it is
      --heap-prof            write where what is left at the end was allocated; with
                             --heap-prof-interval=BYTES, --heap-prof-dir=DIR, --heap-prof-name=NAME
      --leak-watch[=SECONDS] say on standard error what grows, where it is made and what holds it
      --heapsnapshot-signal=SIGNAL   write a heap snapshot at each SIGNAL
      --heapsnapshot-near-heap-limit=N   and when the heap is full, up to N times
      --diagnostic-dir=DIR   where snapshots are written
      --inspect[=[HOST:]PORT]   open a port for debuggers; --inspect-wait also waits for one,
                             --inspect-brk stops at the program's first line as well
      --max-old-space-size=MB   the heap's limit
      --stack-size=KB        the stack's limit
      --stack-trace-limit=N  frames in the stacks of errors
      --unhandled-rejections=MODE
      --no-warnings, --no-deprecation, --trace-warnings, --throw-deprecation
      --test                 run the files with tests, or those that are named
      --test-reporter=spec|tap|dot, --test-name-pattern, --test-skip-pattern, --test-only,
      --test-concurrency, --test-timeout=MS
Options that would do nothing are refused; those that only tune V8 are taken.";

/// Writes a line to standard error. Nobody may be left to be told.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes a line to standard output. A reader who has gone is no error.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Sizes that only a heap with generations has.
const WITHOUT_EFFECT: &[&str] = &["--max-new-space-size", "--max-semi-space-size"];

/// Runs a program; its exit code is the process's.
pub(crate) fn start(args: Vec<String>) -> ! {
    let environment = std::env::var("NODE_OPTIONS").ok();
    let options = match Options::parse(args, environment.as_deref()) {
        Ok(options) => options,
        Err(BadOption(text)) => {
            let program = std::env::args().next().unwrap_or_default();
            complain(&format!("{program}: {text}"));
            exit(9)
        }
    };
    if options.flag("--version") {
        say(VERSION);
        exit(0);
    }
    if options.flag("--help") {
        say(USAGE);
        exit(0);
    }
    for name in WITHOUT_EFFECT {
        if options.settings.contains_key(*name) {
            complain(&format!(
                "sandtide: {name} has no effect: the heap is not divided into generations"
            ));
        }
    }
    bindings::process::signals::restore_defaults();
    let stack = options.number("--stack-size").map_or(STACK, stack_for);
    // The main thread's stack is as large as the system says; this one as the engine is told.
    let thread = thread::Builder::new()
        .name("javascript".to_owned())
        .stack_size(stack + STACK_MARGIN)
        .spawn(move || run(options, stack));
    match thread.map(thread::JoinHandle::join) {
        Ok(Ok(code)) => exit(code),
        Ok(Err(_)) => exit(70),
        Err(error) => {
            complain(&format!("sandtide: cannot start a thread: {error}"));
            exit(70)
        }
    }
}

fn run(options: Options, stack: usize) -> i32 {
    event_loop::start();
    let engine = Runtime::new().and_then(|runtime| Ok((Context::full(&runtime)?, runtime)));
    let (context, runtime) = match engine {
        Ok(engine) => engine,
        Err(error) => {
            complain(&format!("sandtide: cannot start the engine: {error}"));
            return 70;
        }
    };
    runtime.set_max_stack_size(stack);
    runtime.set_host_promise_rejection_tracker(Some(Box::new(|ctx, promise, reason, handled| {
        if let Some(hook) = hooks::get(&ctx, Hook::Rejection) {
            let _ = hook.call::<_, ()>((promise, reason, handled));
        }
    })));
    // Where the heap is full the engine throws, which a program can catch as long as there is memory
    // for it; uncaught, it ends the program by SIGABRT with V8's words (`internal/process/fatal_message`).
    if let Some(megabytes) = options.number("--max-old-space-size") {
        runtime.set_memory_limit(megabytes.saturating_mul(1 << 20));
    }
    runtime.set_loader(bindings::esm::Modules, bindings::esm::Modules);
    bindings::options::set(options);
    let code = context.with(|ctx| {
        if let Err(error) = sandtide_realm::install_with(&ctx, &platform::HOST) {
            complain(&format!("sandtide: cannot start the engine: {error}"));
            return 70;
        }
        if let Err(text) = bindings::heap_utils::start(&ctx) {
            complain(&format!("sandtide: {text}"));
            return 9;
        }
        if bindings::options::with(|options| {
            options.flag("--trace-gc") || options.flag("--trace-gc-verbose")
        }) {
            trace_gc::start(&ctx);
        }
        inspector::start(&ctx, VERSION);
        event_loop::enter(&ctx, || bootstrap(&ctx));
        loop {
            event_loop::run(&ctx);
            call(&ctx, Hook::BeforeExit);
            if !event_loop::is_alive() {
                break;
            }
        }
        let code = hooks::get(&ctx, Hook::Exit).map(|hook| hook.call::<_, i32>(()));
        inspector::end(&ctx);
        code.and_then(Result::ok).unwrap_or(7)
    });
    // Freeing the heap of a process that ends is wasted time, and finalizers are not to run.
    bindings::process::exit(code)
}

fn call(ctx: &Ctx<'_>, hook: Hook) {
    if let Some(function) = hooks::get(ctx, hook) {
        event_loop::enter(ctx, || function.call::<_, ()>(()));
    }
}

/// Runs `lib/internal/bootstrap/loader.js`, which loads the rest and starts the program.
fn bootstrap(ctx: &Ctx<'_>) -> rquickjs::Result<()> {
    let process = Object::new(ctx.clone())?;
    let binding = Function::new(ctx.clone(), bindings::get)?;
    let Some(loader) = builtins::compile(ctx, "internal/bootstrap/loader")? else {
        complain("sandtide: the built-in modules are missing");
        exit(70)
    };
    let exports = Object::new(ctx.clone())?;
    loader.call::<_, ()>((exports, (), (), process, binding))
}
