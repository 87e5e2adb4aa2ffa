//! Stopping a program where its statements begin. The C side is `c/inspect/debug.c`, and its header,
//! `c/include/sandtide_debug.h`, says what each of these does.
//!
//! Must not know the protocol of debuggers.

use core::ffi::{c_char, c_int, c_void};

use crate::{JSContext, JSRuntime, JSValue};

/// Why a thread stopped: [`Stop::why`].
pub const WHY_PLACE: u32 = 1;
/// A `debugger` statement.
pub const WHY_DEBUGGER: u32 = 2;
/// An exception.
pub const WHY_THROW: u32 = 3;

/// Where the next stop is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum Step {
    /// At breakpoints only.
    #[default]
    None = 0,
    /// At the next place.
    Into = 1,
    /// At the next one that is not in a call from here.
    Over = 2,
    /// At the next one of a caller.
    Out = 3,
}

/// A stop of a program.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Stop {
    /// One of the constants.
    pub why: u32,
    /// The script's number; 0: none that a debugger was told of.
    pub script: u32,
    /// From 1.
    pub line: i32,
    /// From 1.
    pub column: i32,
    /// There is a breakpoint.
    pub breakpoint: bool,
    /// A step led here.
    pub step: bool,
    /// Of an exception: somebody on the stack catches it.
    pub caught: bool,
}

/// A script that was compiled. Its texts are valid during the call.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct RawScript {
    /// Its number, from 1.
    pub number: u32,
    /// Of its first character, from 0.
    pub line: i32,
    /// Of its first character, from 0.
    pub column: i32,
    /// Whether it is a module.
    pub module: bool,
    /// What it was compiled as.
    pub file: *const c_char,
    /// Its text, UTF-8.
    pub text: *const c_char,
    /// The text's length in bytes.
    pub length: usize,
}

/// What is called of a debugger.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct RawDebugger {
    /// Passed to the functions.
    pub opaque: *mut c_void,
    /// The program stopped. May run JavaScript. Below 0: it goes no further.
    pub on_stop: unsafe extern "C" fn(*mut c_void, *mut JSContext, *const Stop) -> c_int,
    /// A script was compiled. Must run nothing in the heap.
    pub on_script: unsafe extern "C" fn(*mut c_void, *mut JSContext, *const RawScript),
    /// `wanted` was set. May run JavaScript.
    pub on_wanted: unsafe extern "C" fn(*mut c_void, *mut JSContext) -> c_int,
    /// Written by any thread; null: never.
    pub wanted: *mut u32,
    /// What functions of the object of `sandtide_debug_own_binding` answer, by the `ASK_` constants.
    pub on_ask: Option<
        unsafe extern "C" fn(*mut c_void, *mut JSContext, c_int, c_int, *mut JSValue) -> JSValue,
    >,
    /// Calls the function where nothing jumps out of it; none: nothing ever jumps.
    pub whole: Option<
        unsafe extern "C" fn(*mut c_void, *mut JSContext, unsafe extern "C" fn(*mut JSRuntime)),
    >,
}

/// `send(session, text)`
pub const ASK_SEND: u32 = 0;
/// `scriptOf(number, file)`: an array of its id and its URL.
pub const ASK_SCRIPT_OF: u32 = 1;
/// `lastScript()`: the number of the script that was compiled last.
pub const ASK_LAST_SCRIPT: u32 = 2;
/// `heapUsage()`: an array of the bytes in use and of those that there may be.
pub const ASK_HEAP_USAGE: u32 = 3;
/// `now()`, in ms since 1970.
pub const ASK_NOW: u32 = 4;

/// What the engine keeps of a debugger.
#[repr(C)]
#[derive(Debug)]
pub struct RawState {
    _private: [u8; 0],
}

/// Called with a place's line and column, both from 1, and whether its function returns there.
pub type OnPlace = unsafe extern "C" fn(*mut c_void, i32, i32, bool);

unsafe extern "C" {
    /// What is compiled from now on has places to stop at, or has none.
    ///
    /// # Safety
    /// The runtime is live.
    pub fn sandtide_debug_places(rt: *mut JSRuntime, on: bool);
    /// Whether what is compiled from now on is the host's own.
    ///
    /// # Safety
    /// The runtime is live, and this thread has its lock.
    pub fn sandtide_debug_own(rt: *mut JSRuntime, on: bool);
    /// Attaches a debugger; null: none. False: there is no memory.
    ///
    /// # Safety
    /// The runtime is live; what the debugger points to stays so until another is attached.
    pub fn sandtide_debug_attach(rt: *mut JSRuntime, debugger: *const RawDebugger) -> bool;
    /// What is kept of the debugger; null: there is none.
    ///
    /// # Safety
    /// The runtime is live.
    pub fn sandtide_debug_state(rt: *mut JSRuntime) -> *mut RawState;
    /// Drops what it has of the heap, which is put back to what it was when the debugger was attached.
    ///
    /// # Safety
    /// It is what the function above gave, or null, and was not forgotten; nothing of its runtime runs.
    pub fn sandtide_debug_reset(debug: *mut RawState);
    /// Frees it, where its runtime runs nothing any more and may be half changed.
    ///
    /// # Safety
    /// It is what the function above gave, or null, and is forgotten once.
    pub fn sandtide_debug_forget(debug: *mut RawState);
    /// Sets a breakpoint, or takes it away.
    ///
    /// # Safety
    /// The runtime is live, and this thread runs it.
    pub fn sandtide_debug_set(
        rt: *mut JSRuntime,
        script: u32,
        line: i32,
        column: i32,
        on: bool,
    ) -> bool;
    /// Says where the next stop is.
    ///
    /// # Safety
    /// The runtime is live, and this thread runs it.
    pub fn sandtide_debug_step(rt: *mut JSRuntime, step: u32);
    /// Whether exceptions stop the program.
    ///
    /// # Safety
    /// The runtime is live, and this thread runs it.
    pub fn sandtide_debug_stop_at_throws(rt: *mut JSRuntime, on: bool);
    /// No JavaScript is on the stack any more.
    ///
    /// # Safety
    /// The runtime is live, and this thread runs it.
    pub fn sandtide_debug_turn(rt: *mut JSRuntime);
    /// Calls with each place of a script, in no order, some of them twice.
    ///
    /// # Safety
    /// The context is live, this thread runs it, and `f` runs nothing in the heap.
    pub fn sandtide_debug_each_place(
        ctx: *mut JSContext,
        script: u32,
        f: OnPlace,
        opaque: *mut c_void,
    );
    /// A new object with functions that look at frames and functions.
    ///
    /// # Safety
    /// The context is live, and this thread runs it.
    pub fn sandtide_debug_binding(ctx: *mut JSContext) -> JSValue;
    /// The same, with what a runtime without realms needs beside.
    ///
    /// # Safety
    /// The context is live, and this thread runs it.
    pub fn sandtide_debug_own_binding(ctx: *mut JSContext) -> JSValue;
}
