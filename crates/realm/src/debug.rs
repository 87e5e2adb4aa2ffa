//! Stopping a runtime's program where its statements begin, and asking for places to stop at.
//!
//! Must not know the protocol of debuggers, nor what is shown of a stop.

use std::cell::RefCell;
use std::ffi::{CStr, c_int, c_void};
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use rquickjs::{Ctx, Object, Value, qjs};
use sandtide_quickjs::debug::{self as raw, RawDebugger, RawScript};
pub use sandtide_quickjs::debug::{Step, Stop};

use crate::{callback::guarded, runtime};

/// Why a program stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A place with a breakpoint, or one that a step led to.
    Place,
    /// A `debugger` statement.
    Debugger,
    /// An exception, before it is looked for who catches it.
    Throw,
}

/// What a stop is for.
pub fn why(stop: &Stop) -> Why {
    match stop.why {
        raw::WHY_DEBUGGER => Why::Debugger,
        raw::WHY_THROW => Why::Throw,
        _ => Why::Place,
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

/// The code that was stopped is to go no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminate;

/// Who is told of stops.
pub trait Debugger {
    /// The program stopped, until this returns. May run JavaScript, whose stops are not told.
    ///
    /// # Errors
    /// [`Terminate`]: an error that nobody catches ends what runs.
    fn stopped(&self, ctx: &Ctx<'_>, stop: &Stop) -> Result<(), Terminate>;
    /// A script was compiled. Must run nothing in the heap.
    fn compiled(&self, ctx: &Ctx<'_>, script: &Script<'_>);
    /// Between two steps of the program, soon after the flag of [`attach`] was set.
    ///
    /// # Errors
    /// [`Terminate`], as above.
    fn wanted(&self, ctx: &Ctx<'_>) -> Result<(), Terminate>;
}

/// A debugger, and the flag that the engine asks.
type Attached = (Rc<dyn Debugger>, Arc<AtomicU32>);

thread_local! {
    static DEBUGGER: RefCell<Option<Attached>> = const { RefCell::new(None) };
}

fn debugger() -> Option<Rc<dyn Debugger>> {
    DEBUGGER.with_borrow(|kept| kept.as_ref().map(|(debugger, _)| Rc::clone(debugger)))
}

/// # Safety
/// `ctx` is live, and this thread has its runtime's lock.
unsafe fn context<'js>(ctx: *mut sandtide_quickjs::JSContext) -> Option<Ctx<'js>> {
    // SAFETY: the caller's promise; the context counts for as long as the value lives.
    NonNull::new(ctx.cast::<qjs::JSContext>()).map(|ctx| unsafe { Ctx::from_raw(ctx) })
}

unsafe extern "C" fn on_stop(
    _: *mut c_void,
    ctx: *mut sandtide_quickjs::JSContext,
    stop: *const Stop,
) -> c_int {
    guarded(|| {
        // SAFETY: C calls on the thread that runs the program, with its main context and a local.
        let (ctx, stop) = unsafe { (context(ctx), &*stop) };
        let (Some(ctx), Some(debugger)) = (ctx, debugger()) else { return 0 };
        if debugger.stopped(&ctx, stop).is_err() { -1 } else { 0 }
    })
}

unsafe extern "C" fn on_script(
    _: *mut c_void,
    ctx: *mut sandtide_quickjs::JSContext,
    script: *const RawScript,
) {
    guarded(|| {
        // SAFETY: C calls on the thread that runs the program, with its main context.
        let ctx = unsafe { context(ctx) };
        let (Some(ctx), Some(debugger)) = (ctx, debugger()) else { return };
        // SAFETY: C passes a local, whose texts live through the call; the file's ends with a 0.
        let (script, file, text) = unsafe {
            let script = &*script;
            let text = slice::from_raw_parts(script.text.cast::<u8>(), script.length);
            (script, CStr::from_ptr(script.file).to_bytes(), text)
        };
        let from_zero = |number: i32| u32::try_from(number).unwrap_or(0);
        debugger.compiled(
            &ctx,
            &Script {
                number: script.number,
                start: (from_zero(script.line), from_zero(script.column)),
                module: script.module,
                file: &String::from_utf8_lossy(file),
                text: &String::from_utf8_lossy(text),
            },
        );
    });
}

unsafe extern "C" fn on_wanted(_: *mut c_void, ctx: *mut sandtide_quickjs::JSContext) -> c_int {
    guarded(|| {
        // SAFETY: C calls on the thread that runs the program, with its main context.
        let ctx = unsafe { context(ctx) };
        let (Some(ctx), Some(debugger)) = (ctx, debugger()) else { return 0 };
        if debugger.wanted(&ctx).is_err() { -1 } else { 0 }
    })
}

/// Attaches a debugger to the program. Any thread may set `wanted` to 1.
pub fn attach(ctx: &Ctx<'_>, debugger: Rc<dyn Debugger>, wanted: Arc<AtomicU32>) {
    let runtime = runtime(ctx);
    let raw = RawDebugger {
        opaque: ptr::null_mut(),
        on_stop,
        on_script,
        on_wanted,
        wanted: wanted.as_ptr(),
        on_ask: None,
        whole: None,
    };
    DEBUGGER.set(Some((debugger, wanted)));
    // SAFETY: the runtime is live; the flag is kept until the debugger is detached or another one
    // takes its place, which is here, below.
    unsafe { raw::sandtide_debug_attach(runtime.cast(), &raw) };
}

/// Has what is compiled from now on places to stop at, or not.
pub fn compile_places(ctx: &Ctx<'_>, on: bool) {
    // SAFETY: the runtime is live.
    unsafe { raw::sandtide_debug_places(runtime(ctx).cast(), on) }
}

/// Runs what compiles code of the host's own: debuggers are not told of it.
pub fn compile_own<R>(ctx: &Ctx<'_>, compile: impl FnOnce() -> R) -> R {
    let runtime = runtime(ctx).cast();
    // SAFETY: the runtime is live, here and below, and this thread has its lock.
    unsafe { raw::sandtide_debug_own(runtime, true) };
    let result = compile();
    // SAFETY: as above.
    unsafe { raw::sandtide_debug_own(runtime, false) };
    result
}

/// Sets a breakpoint at a place (from 1), or takes it away.
pub fn set_breakpoint(ctx: &Ctx<'_>, script: u32, line: u32, column: u32, on: bool) {
    // SAFETY: the runtime is live, and this thread has its lock.
    unsafe {
        raw::sandtide_debug_set(runtime(ctx).cast(), script, line as i32, column as i32, on);
    }
}

/// Says where the next stop is; within a stop as seen from there.
pub fn step(ctx: &Ctx<'_>, step: Step) {
    // SAFETY: the runtime is live, and this thread has its lock.
    unsafe { raw::sandtide_debug_step(runtime(ctx).cast(), step as u32) }
}

/// Whether exceptions are stops.
pub fn stop_at_throws(ctx: &Ctx<'_>, on: bool) {
    // SAFETY: the runtime is live, and this thread has its lock.
    unsafe { raw::sandtide_debug_stop_at_throws(runtime(ctx).cast(), on) }
}

/// Tells that no JavaScript is on the stack any more. Cheap without a debugger.
pub fn turn(ctx: &Ctx<'_>) {
    // SAFETY: the runtime is live, and this thread has its lock.
    unsafe { raw::sandtide_debug_turn(runtime(ctx).cast()) }
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

/// All places of a script, sorted.
pub fn places(ctx: &Ctx<'_>, script: u32) -> Vec<Place> {
    unsafe extern "C" fn add(opaque: *mut c_void, line: i32, column: i32, returns: bool) {
        // SAFETY: `opaque` is the vector below, which nobody else uses meanwhile.
        let places = unsafe { &mut *opaque.cast::<Vec<Place>>() };
        places.push(Place { line: line as u32, column: column as u32, returns });
    }
    let mut places: Vec<Place> = Vec::new();
    // SAFETY: the context is live, this thread has the lock, and `add` runs nothing in the heap.
    unsafe {
        raw::sandtide_debug_each_place(
            ctx.as_raw().as_ptr().cast(),
            script,
            add,
            (&raw mut places).cast(),
        );
    }
    places.sort();
    places.dedup();
    places
}

/// A new object with functions that look at frames and functions: see `c/inspect/frames.c`.
///
/// # Errors
///
/// When the heap is full.
pub fn binding<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    // SAFETY: the context is live; what comes back is a new value of it. Both declarations of the
    // value are of the same C type.
    let value = unsafe {
        let raw = raw::sandtide_debug_binding(ctx.as_raw().as_ptr().cast());
        let raw: qjs::JSValue = std::mem::transmute(raw);
        if qjs::JS_IsException(raw) {
            return Err(rquickjs::Error::Exception);
        }
        Value::from_raw(ctx.clone(), raw)
    };
    Object::from_value(value)
}
