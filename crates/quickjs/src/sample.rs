//! Sampling the stack of a thread. The C side is `c/inspect/sample.c`.
//!
//! Must not know what is made of samples.

use core::ffi::{c_int, c_void};
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::time::Duration;

use crate::JSRuntime;
use crate::walk::{Name, RawName, name, text_of};

/// What a thread is about where no function is on its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Phase {
    /// The host's own work.
    Program = 0,
    /// Nothing: it waits.
    Idle = 1,
    /// A heap is put back to an image.
    Restore = 2,
    /// Garbage is collected, by whatever function is on the stack.
    GarbageCollector = 3,
}

/// One function on a sampled stack, to be asked for its name while its heap is as it was.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Frame {
    pointer: *const c_void,
    offset: u32,
    kind: u16,
    magic: i16,
}

impl Frame {
    /// Whether it is of a C function, which stays where it is.
    pub fn is_native(&self) -> bool {
        matches!(self.kind, 2 | 3)
    }

    /// Where in the code it was, plus 1; 0: unknown.
    pub(crate) fn offset(&self) -> u32 {
        self.offset
    }

    /// Tells the functions of frames apart within one heap and drain.
    pub fn function_key(&self) -> (usize, u16, i16) {
        (self.pointer.addr(), self.kind, self.magic)
    }
}

#[repr(C)]
struct RawSample {
    time: u64,
    tag: u32,
    frames: u16,
    phase: u16,
}

#[repr(C)]
pub(crate) struct RawFunction {
    name: RawName,
    file: RawName,
    line: i32,
    column: i32,
    current: i32,
}

impl RawFunction {
    pub(crate) fn none() -> RawFunction {
        let none = RawName { naming: 0, number: 0, text: core::ptr::null() };
        RawFunction { name: none, file: none, line: 0, column: 0, current: 0 }
    }

    pub(crate) fn read<'a>(&self) -> Function<'a> {
        let from_one = |number: i32| u32::try_from(number).unwrap_or(0);
        Function {
            name: name(self.name),
            file: name(self.file),
            line: from_one(self.line),
            column: from_one(self.column),
            current: from_one(self.current),
        }
    }
}

/// One sample.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// When, on the monotonic clock, in ns.
    pub time: u64,
    /// What the thread was working for: see [`Sampler::enter`].
    pub tag: u32,
    /// What it was about where `frames` is empty, or that it collected garbage.
    pub phase: Phase,
    /// The functions on the stack, innermost first.
    pub frames: &'a [Frame],
}

/// A function as a profile names it.
#[derive(Clone, Copy, Debug)]
pub struct Function<'a> {
    /// Its name; empty for one without.
    pub name: Name<'a>,
    /// Its file; empty for native ones.
    pub file: Name<'a>,
    /// Where it begins, from 1; 0: unknown.
    pub line: u32,
    /// The same for the column.
    pub column: u32,
    /// The line that the frame was at; where it calls no other function, the last that did.
    pub current: u32,
}

enum Raw {}

unsafe extern "C" {
    fn sandtide_sampler_start(interval_ns: u64, room: u32) -> *mut Raw;
    fn sandtide_sampler_stop(s: *mut Raw);
    fn sandtide_sampler_adopt(s: *mut Raw) -> c_int;
    fn sandtide_sampler_every(s: *mut Raw, interval_ns: u64);
    fn sandtide_sampler_enter(
        s: *mut Raw,
        rt: *mut JSRuntime,
        gone: *const u32,
        entered: *const *mut c_void,
        tag: u32,
    );
    fn sandtide_sampler_phase(s: *mut Raw, phase: u32) -> u32;
    fn sandtide_sampler_on_code_goes(
        s: *mut Raw,
        f: Option<unsafe extern "C" fn(*mut c_void)>,
        opaque: *mut c_void,
    );
    fn sandtide_sampler_runtime(s: *const Raw) -> *mut JSRuntime;
    fn sandtide_sampler_has_samples(s: *const Raw) -> bool;
    fn sandtide_sampler_lost(s: *const Raw) -> u32;
    fn sandtide_sampler_drain(
        s: *mut Raw,
        on_sample: unsafe extern "C" fn(*mut c_void, *const RawSample, *const Frame),
        opaque: *mut c_void,
    );
    fn sandtide_sample_function(rt: *mut JSRuntime, frame: *const Frame, out: *mut RawFunction);
    fn __errno_location() -> *mut c_int;
}

/// Samples the thread that made it, until it is dropped there.
#[derive(Debug)]
pub struct Sampler {
    raw: NonNull<Raw>,
    /// The signal goes to one thread, whose memory the handler finds it by.
    not_send: PhantomData<*mut ()>,
}

impl Sampler {
    /// Starts to sample the calling thread each `interval`; `room` are bytes for samples that were
    /// not drained yet, some 300 for each.
    ///
    /// # Errors
    /// The system's error number: 16 (EBUSY) where the thread is sampled already, or where the
    /// process uses SIGPROF otherwise.
    pub fn start(interval: Duration, room: u32) -> Result<Sampler, i32> {
        let interval = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX).max(1);
        // SAFETY: the call takes plain numbers.
        match NonNull::new(unsafe { sandtide_sampler_start(interval, room) }) {
            Some(raw) => Ok(Sampler { raw, not_send: PhantomData }),
            // SAFETY: the thread's own error number.
            None => Err(unsafe { *__errno_location() }),
        }
    }

    /// As [`Sampler::start`], but without samples until [`Sampler::every`] is called: for a process that
    /// forks others, which cannot have the memory later.
    ///
    /// # Errors
    /// As for [`Sampler::start`].
    pub fn asleep(room: u32) -> Result<Sampler, i32> {
        // SAFETY: the call takes plain numbers; a timer that is set to 0 is off.
        match NonNull::new(unsafe { sandtide_sampler_start(0, room) }) {
            Some(raw) => Ok(Sampler { raw, not_send: PhantomData }),
            // SAFETY: the thread's own error number.
            None => Err(unsafe { *__errno_location() }),
        }
    }

    /// Makes a sampler that came with a fork this process's own: with a timer, which forks do not
    /// inherit. Answers the kernel's number of it.
    ///
    /// # Errors
    /// The system's error number.
    pub fn adopt(&self) -> Result<i32, i32> {
        // SAFETY: the sampler is there until it is dropped, and this is its thread.
        match unsafe { sandtide_sampler_adopt(self.raw.as_ptr()) } {
            timer @ 0.. => Ok(timer),
            // SAFETY: the thread's own error number.
            _ => Err(unsafe { *__errno_location() }),
        }
    }

    /// Samples each `interval` from now on, or with `None` no longer. What was not drained is lost.
    pub fn every(&self, interval: Option<Duration>) {
        let interval = interval
            .map_or(0, |interval| u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX).max(1));
        // SAFETY: as in `adopt`.
        unsafe { sandtide_sampler_every(self.raw.as_ptr(), interval) }
    }

    /// Says whose code the thread runs from now on, and what for. Samples have no functions while
    /// `gone` is not 0, or `entered` is null: the chain of frames is not to be trusted then.
    ///
    /// # Safety
    /// Until the next call of [`Sampler::enter`] or [`Sampler::leave`] runtime and places are live,
    /// and the runtime's chain of frames is whole whenever `gone` and `entered` do not say otherwise.
    pub unsafe fn enter(
        &self,
        rt: *mut JSRuntime,
        gone: *const u32,
        entered: *const *mut c_void,
        tag: u32,
    ) {
        // SAFETY: the sampler is there until it is dropped; the rest is given by the caller.
        unsafe { sandtide_sampler_enter(self.raw.as_ptr(), rt, gone, entered, tag) }
    }

    /// The thread runs no code of any runtime from now on.
    pub fn leave(&self) {
        self.leave_for(0);
    }

    /// As [`Sampler::leave`], with the tag of samples to come.
    pub fn leave_for(&self, tag: u32) {
        let (rt, gone, entered) = (core::ptr::null_mut(), core::ptr::null(), core::ptr::null());
        // SAFETY: no runtime is named.
        unsafe { sandtide_sampler_enter(self.raw.as_ptr(), rt, gone, entered, tag) }
    }

    /// Says what the thread is about where no function is on the stack; answers what it was before.
    pub fn phase(&self, phase: Phase) -> Phase {
        // SAFETY: the sampler is there until it is dropped.
        phase_of(unsafe { sandtide_sampler_phase(self.raw.as_ptr(), phase as u32) })
    }

    /// Whether there are samples to drain. Cheap.
    pub fn has_samples(&self) -> bool {
        // SAFETY: as in `phase`.
        unsafe { sandtide_sampler_has_samples(self.raw.as_ptr()) }
    }

    /// Timer signals that were not noted, for want of room or because samples were being read.
    pub fn lost(&self) -> u32 {
        // SAFETY: as in `phase`.
        unsafe { sandtide_sampler_lost(self.raw.as_ptr()) }
    }

    /// Calls `f` before code that samples name is freed, to drain them while it can be asked for
    /// its name; `None`: they lose it.
    ///
    /// # Safety
    /// `opaque` is good for `f` until the next call, and `f` runs nothing in the heap.
    pub unsafe fn on_code_goes(
        &self,
        f: Option<unsafe extern "C" fn(*mut c_void)>,
        opaque: *mut c_void,
    ) {
        // SAFETY: as in `phase`; the rest is given by the caller.
        unsafe { sandtide_sampler_on_code_goes(self.raw.as_ptr(), f, opaque) }
    }

    /// Calls `f` with each sample and with what names their functions, then forgets them. No samples
    /// are taken meanwhile. To be called before the runtime's heap is put back, and before the sampler
    /// enters another runtime or leaves this one: functions have no names afterwards.
    pub fn drain(&self, f: &mut dyn FnMut(&Sample<'_>, &Names<'_>)) {
        unsafe extern "C" fn on_sample(
            opaque: *mut c_void,
            sample: *const RawSample,
            frames: *const Frame,
        ) {
            // SAFETY: `opaque` is what the call below handed over; the C side gives a sample and so
            // many frames for this call.
            unsafe {
                let (f, names) =
                    &mut *opaque.cast::<(&mut dyn FnMut(&Sample<'_>, &Names<'_>), Names<'_>)>();
                let raw = &*sample;
                let sample = Sample {
                    time: raw.time,
                    tag: raw.tag,
                    phase: phase_of(u32::from(raw.phase)),
                    frames: core::slice::from_raw_parts(frames, usize::from(raw.frames)),
                };
                f(&sample, names);
            }
        }
        // SAFETY: as in `phase`.
        let rt = unsafe { sandtide_sampler_runtime(self.raw.as_ptr()) };
        let mut given = (f, Names { rt, sampler: PhantomData });
        // SAFETY: as in `phase`; `on_sample` takes just this pointer.
        unsafe { sandtide_sampler_drain(self.raw.as_ptr(), on_sample, (&raw mut given).cast()) }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        // SAFETY: made in `start` on this thread (the type stays there), and dropped once.
        unsafe { sandtide_sampler_stop(self.raw.as_ptr()) }
    }
}

/// Names the functions of samples that are being drained.
#[derive(Debug)]
pub struct Names<'a> {
    rt: *mut JSRuntime,
    sampler: PhantomData<&'a Sampler>,
}

impl Names<'_> {
    /// What a frame's function is called; `None` where its runtime was left before it was asked for.
    pub fn function(&self, frame: &Frame) -> Option<Function<'_>> {
        if self.rt.is_null() {
            return None;
        }
        let mut raw = RawFunction::none();
        // SAFETY: `Sampler::enter` was promised that the runtime is live. The frame's code is there,
        // because samples of code that goes are drained or lose it before that. The C side writes the
        // whole of its struct, which has this layout.
        unsafe { sandtide_sample_function(self.rt, frame, &mut raw) };
        Some(raw.read())
    }

    /// Writes the beginning of a name's text; answers how long it is, in code units.
    pub fn text(&self, name: Name<'_>, out: &mut [u16]) -> usize {
        // SAFETY: the name is from `function`, so that the runtime is there, and nothing runs in it
        // while samples are drained.
        unsafe { text_of(self.rt, name, out) }
    }
}

/// Who samples a thread, and keeps what is seen.
pub trait Recorder {
    /// The thread's sampler.
    fn sampler(&self) -> &Sampler;
    /// What the thread works for now: the tag of samples to come.
    fn tag(&self) -> u32;
    /// Takes over what was sampled, while functions can be asked for their names.
    fn drain(&self);
}

fn phase_of(number: u32) -> Phase {
    match number {
        1 => Phase::Idle,
        2 => Phase::Restore,
        3 => Phase::GarbageCollector,
        _ => Phase::Program,
    }
}
