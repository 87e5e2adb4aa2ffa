//! What the engine tells a debugger, and what a debugger may do at that moment. The shim calls the
//! functions at the end.

use crate::arena::heap::Heap;
use crate::instance::Instance;
use crate::js::cx::{Cx, Js, Thrown};
use crate::js::guard::Guard;
use crate::js::raw::{
    JS_EXCEPTION, JS_TAG_FLOAT64, JS_TAG_INT, JS_UNDEFINED, JSContext, JSRuntime, JSValue,
    JSValueUnion, is_string, tag,
};
use crate::limits::reason::Reason;
use crate::run::exception;
use crate::run::state::{RunState, Uncaught};
use sandtide_quickjs::debug::{self as raw, RawScript, Step, Stop};
use sandtide_quickjs::walk::Walk;
use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::{SystemTime, UNIX_EPOCH};

/// Why a program stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// A place with a breakpoint, or one that a step led to.
    Place,
    /// A `debugger` statement.
    Debugger,
    /// An exception, before it is looked for who catches it.
    Throw,
}

impl Why {
    /// What a stop is for.
    pub fn of(stop: &Stop) -> Why {
        match stop.why {
            raw::WHY_DEBUGGER => Why::Debugger,
            raw::WHY_THROW => Why::Throw,
            _ => Why::Place,
        }
    }
}

/// A script that was compiled.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// Its number, from 1.
    pub number: u32,
    /// Line and column of its first character, from 0.
    pub start: (u32, u32),
    /// Whether it is a module.
    pub module: bool,
    /// What it was compiled as.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// A place to stop at, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its line.
    pub line: u32,
    /// Its column.
    pub column: u32,
    /// Whether its function returns there.
    pub returns: bool,
}

/// The code that was stopped is to go no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminate;

/// The script of values gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failed(pub String);

/// Who is told of stops. All calls come on the thread that runs the instance.
pub trait Debugger {
    /// The program stopped, until this returns. Clocks and deadlines stand still.
    ///
    /// # Errors
    /// [`Terminate`]: an error that nobody catches ends what runs.
    fn stopped(&self, at: &At<'_>, stop: &Stop) -> Result<(), Terminate>;
    /// A script was compiled. Must run nothing in the heap: no [`At::call`].
    fn compiled(&self, at: &At<'_>, script: &Script<'_>);
    /// Between two steps of the program, soon after the flag was set. Clocks and deadlines stand still.
    ///
    /// # Errors
    /// [`Terminate`], as above.
    fn wanted(&self, at: &At<'_>) -> Result<(), Terminate>;
    /// The script of values has a text for a client.
    fn send(&self, session: u64, text: String);
    /// The id and the URL of a script, by its number or else by its file.
    fn script_of(&self, at: &At<'_>, number: u32, file: &str) -> (String, String);
}

/// A debugger, as an instance's engine finds it. Stays where it is: the engine holds its address.
pub(crate) struct Hook {
    debugger: Rc<dyn Debugger>,
    wanted: Arc<AtomicU32>,
    /// `call` and `exceptionThrown` of the script of values: values of the base image.
    functions: Cell<[JSValue; 2]>,
    last_script: Cell<u32>,
    /// Bytes that were made while the program stood still.
    made: Cell<usize>,
}

/// What can be done with a program where it is now.
#[derive(Clone, Copy)]
pub struct At<'a> {
    cx: Cx,
    run: &'a RunState,
    hook: &'a Hook,
}

impl std::fmt::Debug for At<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("At")
    }
}

fn number(value: f64) -> JSValue {
    JSValue { u: JSValueUnion { float64: value }, tag: i64::from(JS_TAG_FLOAT64) }
}

impl At<'_> {
    /// Has the script of values call a method. `None`: it answers later.
    ///
    /// # Errors
    /// It threw, what it ran was ended, or the run is being abandoned.
    pub fn call(&self, session: u64, method: &str, text: &str) -> Result<Option<String>, Failed> {
        self.answer(session, method, text).map_err(|Thrown| {
            let ended = || Failed("the run is over".to_owned());
            if self.cx.abandoned() {
                return ended();
            }
            let Ok(thrown) = self.cx.take_exception() else { return ended() };
            let text = exception::describe(self.cx, thrown).unwrap_or_default();
            self.cx.free(thrown);
            Failed(text)
        })
    }

    fn answer(&self, session: u64, method: &str, text: &str) -> Js<Option<String>> {
        let (cx, [call, _]) = (self.cx, self.hook.functions.get());
        let mut args = [number(session as f64), cx.new_string(method)?, cx.new_string(text)?];
        let answer = cx.call(call, JS_UNDEFINED, &mut args);
        for arg in args {
            cx.free(arg);
        }
        let answer = answer?;
        if !is_string(answer) {
            return Ok(None);
        }
        let text =
            cx.with_string_bytes(answer, |bytes| String::from_utf8_lossy(bytes).into_owned())?;
        cx.free(answer);
        Ok(Some(text))
    }

    /// Runs the next promise job that waits, if there is any; answers whether there was.
    pub fn run_job(&self) -> bool {
        match self.cx.execute_job() {
            Ok(ran) => ran,
            Err(Thrown) if self.is_over() => false,
            Err(Thrown) => {
                if let Ok(thrown) = self.cx.take_exception() {
                    self.cx.free(thrown);
                }
                true
            }
        }
    }

    /// Whether what runs is being abandoned: its heap is half changed, and nothing more can be asked of it.
    pub fn is_over(&self) -> bool {
        self.cx.abandoned()
    }

    fn runtime(&self) -> *mut JSRuntime {
        self.cx.runtime()
    }

    /// All places of a script, sorted; none once it is over.
    pub fn places(&self, script: u32) -> Vec<Place> {
        unsafe extern "C" fn add(opaque: *mut c_void, line: i32, column: i32, returns: bool) {
            // SAFETY: `opaque` is the vector below, which nobody else uses meanwhile.
            let places = unsafe { &mut *opaque.cast::<Vec<Place>>() };
            places.push(Place { line: line as u32, column: column as u32, returns });
        }
        let mut places: Vec<Place> = Vec::new();
        if self.is_over() {
            return places;
        }
        // SAFETY: the heap is whole, and the context is the instance's, whose thread this is; nothing is allocated in its heap
        // and nothing run there, and signals do not jump out of Rust code.
        unsafe {
            let places = (&raw mut places).cast();
            raw::sandtide_debug_each_place(self.cx.ctx, script, add, places);
        }
        places.sort();
        places.dedup();
        places
    }

    /// Sets a breakpoint at a place (from 1), or takes it away; nothing once it is over.
    pub fn set_breakpoint(&self, script: u32, line: u32, column: u32, on: bool) {
        if self.is_over() {
            return;
        }
        // SAFETY: the runtime is the instance's, whose thread this is; as for `places`.
        unsafe {
            raw::sandtide_debug_set(self.runtime(), script, line as i32, column as i32, on);
        }
    }

    /// Says where the next stop is; within a stop as seen from there. Nothing once it is over.
    pub fn step(&self, step: Step) {
        if self.is_over() {
            return;
        }
        // SAFETY: as for `set_breakpoint`.
        unsafe { raw::sandtide_debug_step(self.runtime(), step as u32) }
    }

    /// Whether exceptions are stops.
    pub fn stop_at_throws(&self, on: bool) {
        if self.is_over() {
            return;
        }
        // SAFETY: as for `set_breakpoint`.
        unsafe { raw::sandtide_debug_stop_at_throws(self.runtime(), on) }
    }

    /// Goes through the heap; `None` once it is over.
    pub fn walk<R>(&self, f: impl FnOnce(&Walk<'_>) -> R) -> Option<R> {
        if self.is_over() {
            return None;
        }
        // SAFETY: the runtime is the instance's, whose thread this is: no code of its engine goes on until
        // `f` returns, and its lists are whole where it called out, because nothing jumped out of it.
        let walk = unsafe { Walk::begin(self.runtime()) };
        Some(f(&walk))
    }

    /// Collects garbage.
    pub fn collect(&self) {
        // What is thrown by it is an abandoned run's, which ends where it goes on.
        let _ = self.cx.collect_garbage();
    }
}

impl Hook {
    pub(super) fn new(debugger: Rc<dyn Debugger>, wanted: Arc<AtomicU32>) -> Hook {
        Hook {
            debugger,
            wanted,
            functions: Cell::new([JS_UNDEFINED; 2]),
            last_script: Cell::new(0),
            made: Cell::new(0),
        }
    }

    pub(crate) fn opaque(&self) -> *mut c_void {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    pub(crate) fn wanted(&self) -> *mut u32 {
        self.wanted.as_ptr()
    }

    pub(crate) fn set_functions(&self, functions: [JSValue; 2]) {
        self.functions.set(functions);
    }

    pub(super) fn at<R>(&self, cx: Cx, run: &RunState, f: impl FnOnce(&At<'_>) -> R) -> R {
        f(&At { cx, run, hook: self })
    }

    /// Calls `f` where the run stands still: its heap may grow meanwhile, and what it grew by is added to
    /// what the run may have.
    fn standing_still<R>(&self, cx: Cx, run: &RunState, f: impl FnOnce(&At<'_>) -> R) -> R {
        let heap = run.heap;
        let before = heap.used_bytes();
        lift_limit(heap, run.region);
        let result = run.standing_still(cx, || self.at(cx, run, f));
        let made = self.made.get() + heap.used_bytes().saturating_sub(before);
        self.made.set(made);
        lift_limit(heap, run.limits.heap.saturating_add(made).min(run.region));
        result
    }
}

impl Uncaught for Hook {
    fn uncaught(&self, cx: Cx, run: &RunState, thrown: JSValue) {
        let [_, told] = self.functions.get();
        self.standing_still(cx, run, |_| match cx.call(told, JS_UNDEFINED, &mut [thrown]) {
            Ok(answer) => cx.free(answer),
            Err(Thrown) => {
                let _ = cx.take_exception().map(|thrown| cx.free(thrown));
            }
        });
    }
}

/// The heap's end; what is in use stays.
fn lift_limit(heap: Heap, bytes: usize) {
    // SAFETY: the caller's bytes are no more than the region's.
    unsafe { heap.set_capacity(bytes) }
}

/// What the engine keeps of a debugger outside of the arena.
pub(super) struct State(*mut raw::RawState);

impl State {
    pub(super) fn of(instance: &mut Instance) -> State {
        // SAFETY: the runtime is the instance's, and whole.
        State(unsafe { raw::sandtide_debug_state(instance.runtime()) })
    }

    /// What it has of values, frames and scripts is dropped: the arena is about to be put back to what was
    /// before them.
    ///
    /// # Safety
    /// Nothing runs in the instance that it is of, and the arena is put back before anything does.
    pub(super) unsafe fn reset(&mut self) {
        // SAFETY: given by the caller; it was not forgotten yet.
        unsafe { raw::sandtide_debug_reset(self.0) }
    }

    /// # Safety
    /// Nothing runs in the instance that it is of from now on.
    pub(super) unsafe fn forget(&mut self) {
        // SAFETY: given by the caller; it is forgotten once.
        unsafe { raw::sandtide_debug_forget(std::mem::replace(&mut self.0, std::ptr::null_mut())) }
    }
}

/// The run that is on, and the hook.
///
/// # Safety
/// The shim calls with the hook that the instance's engine was given, its guard and a context of it, from
/// within an entry: hook and run live until the entry returns.
unsafe fn parts<'a>(
    hook: *mut c_void,
    guard: *mut Guard,
    ctx: *mut JSContext,
) -> Option<(&'a Hook, Cx, &'a RunState)> {
    // SAFETY: given by the caller.
    unsafe {
        let hook = hook.cast::<Hook>().as_ref()?;
        let run = (*guard).run.cast::<RunState>().as_ref()?;
        Some((hook, Cx::new(guard, ctx), run))
    }
}

/// Runs the body of a callback. No panic may cross the engine's frames: the run ends with one.
fn guarded<R>(guard: *mut Guard, fallback: R, body: impl FnOnce() -> R) -> R {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_panic| {
        // SAFETY: the guard outlives the run, and nobody holds a reference to it.
        unsafe { (*guard).abandoned = Reason::Cancelled as u32 };
        fallback
    })
}

fn code(result: Result<(), Terminate>) -> c_int {
    if result.is_err() { -1 } else { 0 }
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_on_debug_stop(
    hook: *mut c_void,
    guard: *mut Guard,
    ctx: *mut JSContext,
    stop: *const Stop,
) -> c_int {
    guarded(guard, 0, || {
        // SAFETY: the shim calls as `parts` asks, and the stop is a local of C's.
        let Some((hook, cx, run)) = (unsafe { parts(hook, guard, ctx) }) else { return 0 };
        // SAFETY: as above.
        let stop = unsafe { &*stop };
        code(hook.standing_still(cx, run, |at| hook.debugger.stopped(at, stop)))
    })
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_on_debug_wanted(
    hook: *mut c_void,
    guard: *mut Guard,
    ctx: *mut JSContext,
) -> c_int {
    guarded(guard, 0, || {
        // SAFETY: the shim calls as `parts` asks.
        let Some((hook, cx, run)) = (unsafe { parts(hook, guard, ctx) }) else { return 0 };
        code(hook.standing_still(cx, run, |at| hook.debugger.wanted(at)))
    })
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_on_debug_script(
    hook: *mut c_void,
    guard: *mut Guard,
    ctx: *mut JSContext,
    script: *const RawScript,
) {
    guarded(guard, (), || {
        // SAFETY: the shim calls as `parts` asks.
        let Some((hook, cx, run)) = (unsafe { parts(hook, guard, ctx) }) else { return };
        // SAFETY: C passes a local, whose texts live through the call; the file's ends with a 0.
        let (script, file, text) = unsafe {
            let script = &*script;
            let text = slice::from_raw_parts(script.text.cast::<u8>(), script.length);
            (script, CStr::from_ptr(script.file).to_bytes(), text)
        };
        hook.last_script.set(script.number);
        let from_zero = |number: i32| u32::try_from(number).unwrap_or(0);
        let script = Script {
            number: script.number,
            start: (from_zero(script.line), from_zero(script.column)),
            module: script.module,
            file: &String::from_utf8_lossy(file),
            text: &String::from_utf8_lossy(text),
        };
        hook.at(cx, run, |at| hook.debugger.compiled(at, &script));
    });
}

#[unsafe(no_mangle)]
extern "C" fn sandtide_on_debug_ask(
    hook: *mut c_void,
    guard: *mut Guard,
    ctx: *mut JSContext,
    what: c_int,
    argc: c_int,
    argv: *mut JSValue,
) -> JSValue {
    guarded(guard, JS_EXCEPTION, || {
        // SAFETY: the shim calls as `parts` asks.
        let Some((hook, cx, run)) = (unsafe { parts(hook, guard, ctx) }) else {
            return JS_UNDEFINED;
        };
        let args: &[JSValue] = match usize::try_from(argc) {
            Ok(count) if count > 0 && !argv.is_null() => {
                // SAFETY: the engine gives so many values, which live until the call returns.
                unsafe { slice::from_raw_parts(argv, count) }
            }
            _ => &[],
        };
        hook.at(cx, run, |at| ask(at, what as u32, args)).unwrap_or(JS_EXCEPTION)
    })
}

/// What a function of the host's own object answers.
fn ask(at: &At<'_>, what: u32, args: &[JSValue]) -> Js<JSValue> {
    let (cx, hook) = (at.cx, at.hook);
    let text = |value: Option<&JSValue>| match value {
        Some(&value) if is_string(value) => {
            cx.with_string_bytes(value, |bytes| String::from_utf8_lossy(bytes).into_owned())
        }
        _ => Ok(String::new()),
    };
    let count = |value: Option<&JSValue>| match value {
        // SAFETY: the tag says which member of the union is meant.
        Some(value) if tag(*value) == JS_TAG_INT => unsafe { f64::from(value.u.int32) },
        // SAFETY: as above.
        Some(value) if tag(*value) == JS_TAG_FLOAT64 => unsafe { value.u.float64 },
        _ => 0.0,
    };
    match what {
        raw::ASK_SEND => {
            hook.debugger.send(count(args.first()) as u64, text(args.get(1))?);
            Ok(JS_UNDEFINED)
        }
        raw::ASK_SCRIPT_OF => {
            let file = text(args.get(1))?;
            let (id, url) = hook.debugger.script_of(at, count(args.first()) as u32, &file);
            let list = cx.new_array()?;
            cx.define_index(list, 0, cx.new_string(&id)?)?;
            cx.define_index(list, 1, cx.new_string(&url)?)?;
            Ok(list)
        }
        raw::ASK_LAST_SCRIPT => Ok(number(f64::from(hook.last_script.get()))),
        raw::ASK_HEAP_USAGE => {
            let list = cx.new_array()?;
            let sizes = [at.run.heap.used_bytes(), at.run.limits.heap];
            for (index, size) in sizes.into_iter().enumerate() {
                cx.define_index(list, index as u32, number(size as f64))?;
            }
            Ok(list)
        }
        raw::ASK_NOW => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Ok(number(now.as_secs_f64() * 1e3))
        }
        _ => Ok(JS_UNDEFINED),
    }
}

/// The functions that the script of values gives.
pub(crate) fn functions_of(cx: Cx, made: JSValue) -> Js<[JSValue; 2]> {
    Ok([cx.get(made, "call")?, cx.get(made, "exceptionThrown")?])
}
