//! Realms within one JavaScript heap, for `node:vm`: each context of a program is a realm of its own,
//! made by copying a template and freed the moment its last reference goes.
//!
//! The work is done in C (`c/`), in one translation unit with the engine, whose internals it needs.
//! This side makes it safe to use through [`rquickjs`], and seals cached code. It must not know the
//! event loop, the options of the command line or Node's modules.
//!
//! A runtime is prepared once, by [`install`], right after its one context was made; all other
//! functions need that to have been done.
//!
//! ```
//! let runtime = rquickjs::Runtime::new()?;
//! let context = rquickjs::Context::full(&runtime)?;
//! context.with(|ctx| {
//!     sandtide_realm::install(&ctx)?;
//!     ctx.globals().set("binding", sandtide_realm::binding(&ctx, sandtide_realm::Binding::Contextify)?)?;
//!     ctx.eval::<(), _>("binding.makeContext({}); undefined")?;
//!     assert_eq!(sandtide_realm::heap(&ctx).contexts, 0); // nothing holds it
//!     Ok::<_, Box<dyn std::error::Error>>(())
//! })?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod callback;
mod collections;
pub mod debug;
mod ffi;
pub mod host;
pub mod inspect;
mod seal;

pub use collections::{Collection, Reason, on_collection};
use rquickjs::{Ctx, Object, Value, qjs};

/// A runtime could not be prepared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InstallError {
    /// There was no memory for the runtime's table of realms.
    #[error("out of memory")]
    OutOfMemory,
}

/// Sets of native functions for the host's JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Binding {
    /// Contexts, scripts and functions compiled with parameters.
    Contextify = 0,
    /// Modules that are linked by hand.
    ModuleWrap = 1,
    /// What only the engine knows of a value: its class, a promise's state, a proxy's target.
    Util = 2,
    /// The life of promises, and microtasks.
    Async = 3,
}

/// Prepares the runtime of `ctx`, its main context. Nothing happens the second time.
///
/// # Errors
///
/// When there is no memory.
pub fn install(ctx: &Ctx<'_>) -> Result<(), InstallError> {
    install_raw(ctx, std::ptr::null())
}

/// As [`install`], for a host that gives each realm something beside the language. A process has one host.
///
/// # Errors
///
/// When there is no memory.
pub fn install_with(ctx: &Ctx<'_>, host: &'static host::Host) -> Result<(), InstallError> {
    install_raw(ctx, host::describe(host))
}

fn install_raw(ctx: &Ctx<'_>, host: *const ffi::RawHost) -> Result<(), InstallError> {
    seal::install();
    // SAFETY: `ctx` is a live context, which is all that the function needs: the runtime holds it from
    // then on, so that it is there for every binding, whichever context asks. What the host is described by
    // is there as long as the process.
    let done = unsafe { ffi::sandtide_install(ctx.as_raw().as_ptr(), host) };
    if done != 0 {
        return Err(InstallError::OutOfMemory);
    }
    Ok(())
}

fn assert_installed(ctx: &Ctx<'_>) {
    // SAFETY: `ctx` is a live context.
    let installed = unsafe { ffi::sandtide_is_installed(ctx.as_raw().as_ptr()) };
    assert!(installed, "sandtide_realm::install comes first");
}

fn runtime(ctx: &Ctx<'_>) -> *mut qjs::JSRuntime {
    assert_installed(ctx);
    // SAFETY: `ctx` is a live context.
    unsafe { qjs::JS_GetRuntime(ctx.as_raw().as_ptr()) }
}

/// A new object with the functions of `which`.
///
/// # Errors
///
/// When the heap is full.
pub fn binding<'js>(ctx: &Ctx<'js>, which: Binding) -> rquickjs::Result<Object<'js>> {
    assert_installed(ctx);
    // SAFETY: the runtime is prepared (checked above); what comes back is a new value of `ctx`.
    let value = unsafe {
        let raw = ffi::sandtide_binding(ctx.as_raw().as_ptr(), which as i32);
        if qjs::JS_IsException(raw) {
            return Err(rquickjs::Error::Exception);
        }
        Value::from_raw(ctx.clone(), raw)
    };
    Object::from_value(value)
}

/// Tells that a turn of the event loop has ended and no script runs: contexts that outlived their
/// sandbox are looked at, and freed if nothing refers to them any more. Cheap when there are none.
pub fn turn(ctx: &Ctx<'_>) {
    let runtime = runtime(ctx);
    // SAFETY: the runtime is prepared (`runtime` checked it).
    unsafe { ffi::sandtide_turn(runtime) }
}

/// Makes `frame` what is current for asynchronous code, and returns what was before. Reactions of
/// promises run with the frame that was current when they were registered. At first it is undefined.
pub fn swap_frame<'js>(ctx: &Ctx<'js>, frame: Value<'js>) -> Value<'js> {
    // SAFETY: `ctx` is live, and so is what it swaps: the value's count goes to the runtime, and that
    // of the value which the runtime held comes to us.
    unsafe {
        let frame = qjs::JS_DupValue(ctx.as_raw().as_ptr(), frame.as_raw());
        Value::from_raw(ctx.clone(), ffi::sandtide_swap_frame(ctx.as_raw().as_ptr(), frame))
    }
}

/// Collects garbage, all of it.
pub fn collect(ctx: &Ctx<'_>) {
    let runtime = runtime(ctx);
    // SAFETY: the runtime is prepared (`runtime` checked it).
    unsafe { ffi::sandtide_collect(runtime) }
}

/// Runs the next promise job, of any context without a queue of its own. `false`: there is none.
///
/// # Errors
///
/// What the job threw is the pending exception ([`Ctx::catch`]).
pub fn run_job(ctx: &Ctx<'_>) -> rquickjs::Result<bool> {
    let runtime = runtime(ctx);
    // SAFETY: the runtime is prepared (`runtime` checked it).
    match unsafe { ffi::sandtide_run_job(runtime) } {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(rquickjs::Error::Exception),
    }
}

/// What a runtime's heap holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Heap {
    /// Bytes allocated.
    pub size: u64,
    /// Allocations.
    pub count: u64,
    /// Contexts that are alive, the main one not counted.
    pub contexts: u64,
    /// Contexts made so far.
    pub created: u64,
    /// Of them those that were copied from a template: all, unless the main context lacks a part of
    /// the language, or the engine makes realms of something that the template's makers do not know.
    pub copied: u64,
    /// Contexts freed when their last reference went.
    pub released: u64,
    /// Contexts that were part of cycles and were freed by a collection.
    pub collected: u64,
}

/// What the heap holds now.
pub fn heap(ctx: &Ctx<'_>) -> Heap {
    let runtime = runtime(ctx);
    let mut heap = Heap::default();
    // SAFETY: the runtime is prepared (`runtime` checked it); `Heap` is laid out as C's SandtideHeap.
    unsafe { ffi::sandtide_heap(runtime, &mut heap) }
    heap
}

/// Bytes of a runtime's heap by where they lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct HeapSizes {
    /// All blocks, as [`Heap::size`].
    pub used: u64,
    /// Those that lie in pools: the others are large.
    pub pooled: u64,
    /// What is free in pools, and their headers.
    pub room: u64,
    /// Contexts but the main one.
    pub contexts: u64,
    /// Those of them whose sandbox was dropped, and that something still holds.
    pub detached: u64,
}

/// Where the heap's bytes lie now.
pub fn heap_sizes(ctx: &Ctx<'_>) -> HeapSizes {
    let runtime = runtime(ctx);
    let mut sizes = HeapSizes::default();
    // SAFETY: the runtime is prepared (`runtime` checked it); the layout is C's SandtideHeapSizes.
    unsafe { ffi::sandtide_heap_sizes(runtime, &mut sizes) }
    sizes
}
