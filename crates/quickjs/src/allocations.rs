//! Sampling what a runtime allocates. The C side is `c/inspect/allocations.c`.
//!
//! Must not know what is made of samples.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec;
use alloc::vec::Vec;
use core::ffi::c_void;
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use crate::JSRuntime;
use crate::sample::{Frame, Function, RawFunction};
use crate::walk::{Name, text_of};

/// Who is told of sampled allocations. Nothing of the heap may be used but what is handed over.
pub trait Watcher {
    /// A block was given out at `block`, for `size` bytes. What was known of this address is over.
    fn allocated(&self, stack: &Stack<'_>, block: Block, size: usize);
    /// A context was made at `context`, of `size` bytes. Nobody says when it goes.
    fn context(&self, stack: &Stack<'_>, context: usize, size: usize);
    /// A block that was told of has gone. Not said of pooled ones: see [`Stack::alive`].
    fn freed(&self, block: usize);
    /// Code has gone whose [`Call::code_key`] may be another one's from now on.
    fn code_goes(&self, code: usize);
}

/// A block of the engine's allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where it lies. An object of the heap that lies in it has this address.
    pub address: usize,
    /// Whether it lies in a pool, so that nobody says when it goes.
    pub pooled: bool,
}

/// Calls a function with what it was given.
pub type Around =
    unsafe extern "C" fn(*mut JSRuntime, unsafe extern "C" fn(*mut c_void), *mut c_void);

#[repr(C)]
struct RawWatcher {
    opaque: *mut c_void,
    allocated: unsafe extern "C" fn(*mut c_void, *const c_void, usize, bool),
    context: unsafe extern "C" fn(*mut c_void, *const c_void, usize),
    freed: unsafe extern "C" fn(*mut c_void, *const c_void),
    code_goes: unsafe extern "C" fn(*mut c_void, *const c_void),
    around: Option<Around>,
}

/// One function on the stack of an allocation, and where in it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Call {
    frame: Frame,
    function: *const c_void,
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.frame.fmt(f)
    }
}

impl Call {
    /// Tells places in functions apart, until [`Watcher::code_goes`] takes the first number back. Native
    /// functions are one place each.
    pub fn key(&self) -> (usize, u64) {
        let (pointer, kind, magic) = self.frame.function_key();
        let rest = u64::from(self.frame.offset()) << 32 | u64::from(kind) << 16;
        (pointer, rest | u64::from(magic as u16))
    }

    /// The address of its code; for native ones that of the function, which stays.
    pub fn code_key(&self) -> usize {
        self.frame.function_key().0
    }
}

/// What a place in a function is called.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The function; `current` is the line of the place.
    pub function: Function<'a>,
    /// The place's column, from 1; 0: unknown.
    pub column: u32,
    /// Whether it is a constructor that has another one make the object.
    pub derived: bool,
    /// Whether its own name could not be read, because its properties moved just then: `function` has the
    /// one of its code, and it may have another the next time.
    pub unnamed: bool,
}

/// Bits that the C side answers of a call.
const DERIVED: u32 = 1;
const UNNAMED: u32 = 2;

/// The functions that were on the stack at an allocation.
#[derive(Debug)]
pub struct Stack<'a> {
    rt: *mut JSRuntime,
    calls: &'a [Call],
}

impl Stack<'_> {
    /// The functions, innermost first; at most [`DEEPEST`].
    pub fn calls(&self) -> &[Call] {
        self.calls
    }

    /// What one of them is called.
    pub fn place(&self, call: &Call) -> Place<'_> {
        let mut raw = RawFunction::none();
        let mut column = 0;
        // SAFETY: the calls were noted just now, with the runtime in the midst of an allocation, so
        // that their functions and code are there; properties that move are not looked at.
        let about = unsafe { sandtide_call_function(self.rt, call, &raw mut raw, &raw mut column) };
        Place {
            function: raw.read(),
            column: u32::try_from(column).unwrap_or(0),
            derived: about & DERIVED != 0,
            unnamed: about & UNNAMED != 0,
        }
    }

    /// Which of these pooled blocks that were told of, in ascending order, are still what they were.
    pub fn alive(&self, blocks: &[usize]) -> Vec<bool> {
        // SAFETY: the runtime is live, and its pools are whole at the end of an allocation.
        unsafe { alive(self.rt, blocks) }
    }

    /// Writes the beginning of a name's text; answers how long it is, in code units.
    pub fn text(&self, name: Name<'_>, out: &mut [u16]) -> usize {
        // SAFETY: the name is of this stack, for whose time nothing runs in the heap.
        unsafe { text_of(self.rt, name, out) }
    }
}

/// The most functions of a stack that are told.
pub const DEEPEST: usize = 64;

enum Raw {}

unsafe extern "C" {
    fn sandtide_allocations_start(
        rt: *mut JSRuntime,
        interval: u64,
        seed: u64,
        watcher: *const RawWatcher,
    ) -> *mut Raw;
    fn sandtide_allocations_stop(a: *mut Raw);
    fn sandtide_calls(rt: *mut JSRuntime, out: *mut Call, room: u32) -> u32;
    fn sandtide_call_function(
        rt: *mut JSRuntime,
        call: *const Call,
        function: *mut RawFunction,
        current_column: *mut i32,
    ) -> u32;
    fn sandtide_allocations_alive(
        rt: *mut JSRuntime,
        blocks: *const usize,
        count: usize,
        alive: *mut bool,
    );
}

/// # Safety
/// The runtime is live, and its pools are whole.
pub(crate) unsafe fn alive(rt: *mut JSRuntime, blocks: &[usize]) -> Vec<bool> {
    let mut found = vec![false; blocks.len()];
    // SAFETY: given by the caller; the blocks are addresses that are compared with those of the pools,
    // and both lists are as long as is said.
    unsafe { sandtide_allocations_alive(rt, blocks.as_ptr(), blocks.len(), found.as_mut_ptr()) };
    found
}

/// What the C side hands back.
struct Told {
    rt: *mut JSRuntime,
    watcher: Rc<dyn Watcher>,
}

impl Told {
    fn with_stack(&self, f: impl FnOnce(&dyn Watcher, &Stack<'_>)) {
        with_calls(self.rt, |calls| f(&*self.watcher, &Stack { rt: self.rt, calls }));
    }
}

unsafe extern "C" fn allocated(
    opaque: *mut c_void,
    block: *const c_void,
    size: usize,
    pooled: bool,
) {
    // SAFETY: `opaque` is the `Told` of `start`, which lives until sampling ends.
    let told = unsafe { &*opaque.cast::<Told>() };
    let block = Block { address: block.addr(), pooled };
    told.with_stack(|watcher, stack| watcher.allocated(stack, block, size));
}

unsafe extern "C" fn context(opaque: *mut c_void, context: *const c_void, size: usize) {
    // SAFETY: as in `allocated`.
    let told = unsafe { &*opaque.cast::<Told>() };
    told.with_stack(|watcher, stack| watcher.context(stack, context.addr(), size));
}

fn with_calls(rt: *mut JSRuntime, f: impl FnOnce(&[Call])) {
    let mut calls = [const { MaybeUninit::<Call>::uninit() }; DEEPEST];
    // SAFETY: the runtime is in the midst of an allocation of its own, and there is room for so many;
    // the C side fills in as many as it answers.
    let calls = unsafe {
        let count = sandtide_calls(rt, calls.as_mut_ptr().cast(), DEEPEST as u32);
        core::slice::from_raw_parts(calls.as_ptr().cast::<Call>(), count as usize)
    };
    f(calls);
}

unsafe extern "C" fn freed(opaque: *mut c_void, block: *const c_void) {
    // SAFETY: as in `allocated`.
    unsafe { &*opaque.cast::<Told>() }.watcher.freed(block.addr());
}

unsafe extern "C" fn code_goes(opaque: *mut c_void, code: *const c_void) {
    // SAFETY: as in `allocated`.
    unsafe { &*opaque.cast::<Told>() }.watcher.code_goes(code.addr());
}

/// Samples what a runtime allocates, until it is dropped.
pub struct Allocations {
    raw: NonNull<Raw>,
    /// What the C side hands back.
    _told: Box<Told>,
    /// The C side tells on the thread that runs the runtime.
    not_send: PhantomData<*mut ()>,
}

impl fmt::Debug for Allocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Allocations")
    }
}

impl Allocations {
    /// Has one of `interval` bytes that are allocated told to `watcher`, on average; `around` calls
    /// what tells. None where the runtime is sampled already, or there is no memory.
    ///
    /// # Safety
    /// The runtime is live, is run by this thread, and outlives the result; `around` calls what it is
    /// given, once.
    pub unsafe fn start(
        rt: *mut JSRuntime,
        interval: u64,
        seed: u64,
        watcher: Rc<dyn Watcher>,
        around: Option<Around>,
    ) -> Option<Allocations> {
        let told = Box::new(Told { rt, watcher });
        let opaque = core::ptr::from_ref(&*told).cast_mut().cast();
        let raw = RawWatcher { opaque, allocated, context, freed, code_goes, around };
        // SAFETY: the runtime is live; the C side copies the functions, and calls them with `opaque`,
        // which lies in a box of the result's, until it is stopped.
        let raw = unsafe { sandtide_allocations_start(rt, interval, seed, &raw const raw) };
        Some(Allocations { raw: NonNull::new(raw)?, _told: told, not_send: PhantomData })
    }
}

impl Drop for Allocations {
    fn drop(&mut self) {
        // SAFETY: made in `start`, where it was promised that the runtime is still there.
        unsafe { sandtide_allocations_stop(self.raw.as_ptr()) }
    }
}
