//! What a run knows while it is on. Lives on the stack of the call that runs it; the engine's
//! callbacks reach it through the guard, so everything that changes is in a cell.

use super::completions::Completions;
use super::console::Console;
use super::exception;
use super::look::Look;
use super::outside::Outside;
use super::request::{LogLevel, LogLine};
use crate::arena::heap::Heap;
use crate::error::{Error, Exception, SyntaxError, shortened};
use crate::host::HostFunction;
use crate::js::context::Helpers;
use crate::js::cx::{Cx, Js, Thrown};
use crate::js::raw::{self, JSValue};
use crate::language::{self, Language, Places};
use crate::limits::reason::Reason;
use crate::limits::watchdog::Slot;
use crate::limits::{Limits, Stopwatch, monotonic_ns, thread_cpu_estimate, thread_cpu_ns};
use crate::sys::signals;
use crate::value::cross_out::{self, CrossError};
use crate::value::{Crossed, written_length};
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use sandtide_zone::Zone;
use std::any::Any;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// Bytes of a module's name that are kept for an error.
const MAX_NAME: usize = 4 << 10;

/// So many unhandled rejections are kept with their texts.
const MAX_REJECTIONS: usize = 16;

/// What a line of the log counts beside its text: about what it takes to hold it, and to write it
/// as JSON.
const BYTES_OF_A_LINE: usize = 32;

/// Bytes of the heap limit that a source takes for each of its bytes where another parser than the
/// engine's reads it. The tree of a program typically takes a third of them, and lists of what is shortest
/// some more (`crates/typescript/tests/memory.rs`). What is read several times, as `(x=(x=({a,b})))`, takes more
/// by each level: there the bounds of the process hold.
const HEAP_OF_A_BYTE: usize = 64;

/// Named sources that scripts can import.
pub type Modules = BTreeMap<String, String>;

/// Who is told of what a run throws and nobody catches.
pub(crate) trait Uncaught {
    fn uncaught(&self, cx: Cx, run: &RunState, thrown: JSValue);
}

pub(crate) struct RunState {
    pub(crate) limits: Limits,
    pub(crate) slot: Arc<Slot>,
    pub(crate) hosts: Arc<[HostFunction]>,
    pub(crate) modules: Arc<Modules>,
    pub(crate) helpers: Helpers,
    /// Whether a source is only checked: the modules it imports need not be there.
    pub(crate) any_module: Cell<bool>,
    /// Whether an image is built, and nothing is run yet.
    pub(crate) building: Cell<bool>,
    /// What a source that is only checked imports, as it says it.
    pub(crate) imported: RefCell<Vec<String>>,
    pub(crate) completions: RefCell<Completions>,
    pub(crate) jobs: Cell<u32>,
    /// Time in ns that it waited for nothing but timers.
    pub(crate) waited: Cell<u64>,
    pub(crate) output: Cell<usize>,
    pub(crate) outside: Outside,
    /// Taken by whoever looks first.
    pub(crate) look: RefCell<Option<Look>>,
    pub(crate) heap: Heap,
    /// Bytes of the region that the heap lies in.
    pub(crate) region: usize,
    logs: RefCell<Vec<LogLine>>,
    log_bytes: Cell<usize>,
    missing_module: RefCell<Option<Error>>,
    /// Where places of compiled files lie in their sources.
    pub(crate) places: RefCell<Places>,
    host_panic: RefCell<Option<Error>>,
    /// Rejections that nobody has handled yet: the promise, and the text for the log. The promise
    /// is held, so that no other one gets its address and is taken for it.
    rejections: RefCell<Vec<(JSValue, String)>>,
    /// How many there are past [`MAX_REJECTIONS`].
    more_rejections: Cell<u32>,
    began: Stopwatch,
    deadlines: Cell<(u64, u64)>,
    /// Wall and CPU time in which a debugger had the run stand still, in ns.
    stood_still: Cell<(u64, u64)>,
    /// Told of what the run throws and nobody catches.
    pub(crate) debugger: Option<Rc<dyn Uncaught>>,
    /// The key of the run's random bytes, and their generator once one was asked for.
    random_key: Cell<[u64; 4]>,
    random: RefCell<Option<ChaCha20Rng>>,
    /// The time zone of the guest's dates; `None` for UTC.
    pub(crate) zone: Option<Zone>,
    pub(crate) console: Console,
    /// Whether the heap has the module of timers: others are not asked for any.
    pub(crate) timers: Cell<bool>,
}

impl Crossed for RunState {
    fn helpers(&self) -> &Helpers {
        &self.helpers
    }

    fn still_on(&self, cx: Cx) -> Js<()> {
        if cx.abandoned() {
            return Err(Thrown);
        }
        // The thread's own clock takes a system call: it is asked where the estimate is past the deadline.
        let (now, (wall, cpu)) = (monotonic_ns(), self.deadlines.get());
        let is_in_time = now <= wall && thread_cpu_estimate(now) <= cpu;
        if is_in_time && !self.slot.is_cancelled() && !self.heap.is_corrupted() {
            return Ok(());
        }
        self.overdue().map_or(Ok(()), |reason| Err(self.abandon(cx, reason)))
    }
}

impl RunState {
    /// A run whose time counts from `began` on, in a heap whose region has so many bytes: no fewer than its
    /// limit.
    pub(crate) fn new(
        limits: Limits,
        began: Stopwatch,
        (heap, region): (Heap, usize),
        slot: &Arc<Slot>,
        hosts: &Arc<[HostFunction]>,
        modules: &Arc<Modules>,
        helpers: Helpers,
    ) -> RunState {
        let deadlines = RunState::deadlines_from(began, &limits);
        RunState {
            limits,
            slot: Arc::clone(slot),
            hosts: Arc::clone(hosts),
            modules: Arc::clone(modules),
            helpers,
            any_module: Cell::new(false),
            building: Cell::new(false),
            imported: RefCell::default(),
            completions: RefCell::default(),
            jobs: Cell::new(0),
            waited: Cell::new(0),
            output: Cell::new(0),
            outside: Outside::new(heap, limits.heap),
            look: RefCell::default(),
            heap,
            region,
            logs: RefCell::default(),
            log_bytes: Cell::new(0),
            missing_module: RefCell::default(),
            places: RefCell::default(),
            host_panic: RefCell::default(),
            rejections: RefCell::default(),
            more_rejections: Cell::new(0),
            began,
            deadlines: Cell::new(deadlines),
            stood_still: Cell::default(),
            debugger: None,
            random_key: Cell::default(),
            random: RefCell::default(),
            zone: None,
            console: Console::default(),
            timers: Cell::new(false),
        }
    }

    /// Gives the run the key that its random bytes come from.
    pub(crate) fn set_random_key(&self, key: [u64; 4]) {
        self.random_key.set(key);
    }

    /// The run's clock in ms as guests may read it: 0 where their policy has no `performance`.
    pub(crate) fn guests_clock(&self, cx: Cx) -> f64 {
        if self.helpers.clock { cx.clock_ms() } else { 0.0 }
    }

    /// Fills `bytes` with what nobody can compute who does not have the key, however much of it was
    /// seen.
    pub(crate) fn fill_random(&self, bytes: &mut [u8]) {
        let mut random = self.random.borrow_mut();
        let generator = random.get_or_insert_with(|| {
            let mut seed = [0; 32];
            for (place, word) in seed.chunks_exact_mut(8).zip(self.random_key.get()) {
                place.copy_from_slice(&word.to_le_bytes());
            }
            ChaCha20Rng::from_seed(seed)
        });
        generator.fill_bytes(bytes);
    }

    /// The deadlines of `limits` for time that counts from `began` on: see [`RunState::deadlines`].
    pub(crate) fn deadlines_from(began: Stopwatch, limits: &Limits) -> (u64, u64) {
        let (wall, cpu) = began.started();
        (
            wall.saturating_add(limits.wall.as_nanos() as u64),
            cpu.saturating_add(limits.cpu.as_nanos() as u64),
        )
    }

    /// Lets the run end by other deadlines too, on the same two clocks, where they come first.
    pub(crate) fn end_by(&mut self, deadlines: (u64, u64), limits: &Limits) {
        let own = self.deadlines.get_mut();
        if deadlines.0 < own.0 {
            own.0 = deadlines.0;
            self.limits.wall = limits.wall;
        }
        if deadlines.1 < own.1 {
            own.1 = deadlines.1;
            self.limits.cpu = limits.cpu;
        }
    }

    /// Deadlines on the monotonic and on the thread's CPU clock, in ns.
    pub(crate) fn deadlines(&self) -> (u64, u64) {
        self.deadlines.get()
    }

    /// Wall and CPU time since the start in which it did not stand still, in ns; `now` by the monotonic clock.
    pub(crate) fn took_until(&self, now: u64) -> (u64, u64) {
        let ((wall, cpu), (still, used)) = (self.began.took_until(now), self.stood_still.get());
        (wall.saturating_sub(still), cpu.saturating_sub(used))
    }

    /// Calls `f`, for whose time the run's clocks and deadlines stand still. Only cancelling ends the run
    /// meanwhile.
    pub(crate) fn standing_still<R>(&self, cx: Cx, f: impl FnOnce() -> R) -> R {
        if self.deadlines.get() == (u64::MAX, u64::MAX) {
            // It does already.
            return f();
        }
        let (now, cpu) = (monotonic_ns(), thread_cpu_ns());
        let deadlines = self.deadlines.replace((u64::MAX, u64::MAX));
        self.slot.set_deadlines(u64::MAX, u64::MAX);
        // SAFETY: the guard outlives the run, and nobody holds a reference to it.
        unsafe { (*cx.guard).clocks_stand_still(now) };
        let result = f();
        let (now_ns, cpu_now) = (monotonic_ns(), thread_cpu_ns());
        // SAFETY: as above.
        unsafe { (*cx.guard).clocks_go(now_ns) };
        let (still, used) = (now_ns.saturating_sub(now), cpu_now.saturating_sub(cpu));
        let later = (deadlines.0.saturating_add(still), deadlines.1.saturating_add(used));
        self.deadlines.set(later);
        self.slot.set_deadlines(later.0, later.1);
        let (before, used_before) = self.stood_still.get();
        self.stood_still.set((before + still, used_before + used));
        result
    }

    /// Why the run must end now, if it must.
    pub(crate) fn overdue(&self) -> Option<Reason> {
        if self.heap.is_corrupted() {
            Some(Reason::HeapCorrupted)
        } else if self.slot.is_cancelled() {
            Some(Reason::Cancelled)
        } else if monotonic_ns() > self.deadlines.get().0 {
            Some(Reason::Wall)
        } else if thread_cpu_ns() > self.deadlines.get().1 {
            Some(Reason::Cpu)
        } else {
            None
        }
    }

    /// Abandons the run: no entry into the engine does anything from now on.
    pub(crate) fn abandon(&self, cx: Cx, reason: Reason) -> Thrown {
        // SAFETY: the guard outlives the run, and nobody holds a reference to it: the shim works
        // through its own pointer.
        unsafe { (*cx.guard).abandoned = reason as u32 };
        Thrown
    }

    /// To be called after code that is not ours ran within the run: it may have changed the thread's
    /// signal mask, and this may be a child that it forked.
    pub(crate) fn after_foreign_code(&self, cx: Cx) {
        let through = signals::let_through_again();
        let cpu_left = self.deadlines.get().1.saturating_sub(self.began.started().1);
        // The CPU clock of a forked child's thread began at the fork.
        if through.and_then(|()| self.slot.watch_again(cpu_left)).is_err() {
            self.abandon(cx, Reason::Cancelled);
        }
    }

    /// Counts one promise job or host completion.
    pub(crate) fn count_job(&self, cx: Cx) -> Js<()> {
        if self.jobs.get() >= self.limits.jobs {
            return Err(self.abandon(cx, Reason::Jobs));
        }
        self.jobs.set(self.jobs.get() + 1);
        Ok(())
    }

    /// Bytes that may still be logged.
    pub(crate) fn log_room(&self) -> usize {
        self.limits.logs - self.log_bytes.get()
    }

    /// Adds a line to the log. It counts as many bytes as it takes where it is held and written, or
    /// lines of nothing, and of what has to be escaped, would make answers that no limit bounds.
    pub(crate) fn log(&self, cx: Cx, level: LogLevel, text: String) -> Js<()> {
        let bytes = BYTES_OF_A_LINE + written_length(&text);
        if bytes > self.log_room() {
            return Err(self.abandon(cx, Reason::Logs));
        }
        self.log_bytes.set(self.log_bytes.get() + bytes);
        self.logs.borrow_mut().push(LogLine { level, text });
        Ok(())
    }

    pub(crate) fn take_logs(&self) -> (Vec<LogLine>, usize) {
        (self.logs.take(), self.log_bytes.get())
    }

    /// The text that the engine compiles for a source, whose file has its first line at this number.
    /// Parsing happens outside of the heap, and nothing interrupts it: the run is abandoned for a source
    /// that is too long for its heap limit, and afterwards where it took too long.
    pub(crate) fn javascript<'s>(
        &self,
        cx: Cx,
        text: &'s str,
        (file, line): (&str, u32),
        language: Language,
    ) -> Js<Result<Cow<'s, str>, SyntaxError>> {
        let parsed = language != Language::JavaScript;
        if parsed {
            self.still_on(cx)?;
            if text.len() > self.limits.heap / HEAP_OF_A_BYTE {
                return Err(self.abandon(cx, Reason::Heap));
            }
        }
        let code = language::javascript(text, file, line, language, &mut self.places.borrow_mut());
        if parsed {
            self.still_on(cx)?;
        }
        Ok(code)
    }

    /// Notes that a module is missing; answers the message of the exception to throw for it.
    pub(crate) fn set_missing_module(&self, specifier: &str, from: &str) -> String {
        let [specifier, from] =
            [specifier, from].map(|name| shortened(name, MAX_NAME).into_owned());
        let error = Error::ModuleNotFound { specifier, from };
        let message = error.to_string();
        *self.missing_module.borrow_mut() = Some(error);
        message
    }

    /// Notes that a module's source is no text that can be compiled; answers the message of the
    /// exception to throw for it.
    pub(crate) fn set_refused_module(&self, error: SyntaxError) -> String {
        let error = Error::Syntax(error);
        let message = error.to_string();
        *self.missing_module.borrow_mut() = Some(error);
        message
    }

    pub(crate) fn set_host_panic(&self, index: i32, panic: &(dyn Any + Send)) {
        let message = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        let name = crate::host::name_of(&self.hosts, index).to_owned();
        let message = shortened(&message, exception::MAX_TEXT).into_owned();
        *self.host_panic.borrow_mut() = Some(Error::HostPanic { name, message });
    }

    /// Called by the engine when a promise is rejected without a handler, and again when it gets
    /// one after all.
    pub(crate) fn on_rejection(&self, cx: Cx, promise: JSValue, reason: JSValue, handled: bool) {
        let mut rejections = self.rejections.borrow_mut();
        if handled {
            let bits = raw::bits(promise);
            let found = rejections.iter().position(|(other, _)| raw::bits(*other) == bits);
            let held = found.map(|index| rejections.remove(index));
            drop(rejections);
            match held {
                Some((promise, _)) => cx.free(promise),
                None => self.more_rejections.set(self.more_rejections.get().saturating_sub(1)),
            }
            return;
        }
        if rejections.len() >= MAX_REJECTIONS {
            self.more_rejections.set(self.more_rejections.get().saturating_add(1));
            return;
        }
        drop(rejections);
        let text = exception::describe(cx, reason).unwrap_or_default();
        // SAFETY: the engine keeps the promise alive during this call; the count taken here does
        // so from then on. The call neither allocates nor runs guest code.
        let promise = unsafe { sandtide_quickjs::JS_DupValue(cx.ctx, promise) };
        self.rejections.borrow_mut().push((promise, text));
    }

    /// Logs the rejections that nobody handled. `except` is the promise that is the run's result:
    /// its rejection is the outcome.
    pub(crate) fn log_rejections(&self, cx: Cx, except: Option<JSValue>) -> Js<()> {
        let except = except.map(raw::bits);
        for (promise, text) in self.rejections.take() {
            if Some(raw::bits(promise)) != except {
                self.log(cx, LogLevel::Error, format!("Uncaught (in promise) {text}"))?;
            }
            cx.free(promise);
        }
        match self.more_rejections.take() {
            0 => Ok(()),
            more => {
                let text = format!("Uncaught (in promise) {more} more that are not described");
                self.log(cx, LogLevel::Error, text)
            }
        }
    }

    /// The error for a call that answered [`Thrown`].
    pub(crate) fn error(&self, cx: Cx) -> Error {
        // SAFETY: the guard outlives the run.
        let reason = unsafe { (*cx.guard).reason() };
        if let Some(reason) = reason {
            return self.limit_error(reason);
        }
        let thrown = match cx.take_exception() {
            Ok(thrown) => thrown,
            Err(Thrown) => return self.error_after_abandon(cx),
        };
        self.error_of(cx, thrown)
    }

    /// The error for a value that could not cross; `root` names it, for example `result`.
    pub(crate) fn error_of_crossing(&self, cx: Cx, error: CrossError, root: &str) -> Error {
        match error {
            CrossError::Thrown => self.error(cx),
            CrossError::TooLarge => Error::Output { limit: self.limits.output },
            CrossError::Refused { path, what } => Error::NotCrossable {
                path: cross_out::full_path(root, &path),
                what: what.to_owned(),
            },
        }
    }

    /// The error for a value that was thrown.
    pub(crate) fn error_of(&self, cx: Cx, thrown: JSValue) -> Error {
        if let Some(debugger) = &self.debugger {
            debugger.uncaught(cx, self, thrown);
        }
        match exception::read(cx, thrown) {
            Ok(mut exception) => {
                self.places.borrow().lead_back(&mut exception);
                self.error_of_exception(exception)
            }
            Err(Thrown) => self.error_after_abandon(cx),
        }
    }

    fn error_of_exception(&self, exception: Exception) -> Error {
        // A missing module may have been caught before: only its own exception is its error.
        let missing = self.missing_module.take();
        match missing.filter(|missing| missing.to_string() == exception.message) {
            Some(missing) => missing,
            None if exception::is_stack_overflow(&exception) => {
                Error::Stack { limit: self.limits.stack }
            }
            None => Error::Exception(Box::new(exception)),
        }
    }

    /// The error where reading an exception failed in turn.
    fn error_after_abandon(&self, cx: Cx) -> Error {
        // SAFETY: the guard outlives the run.
        match unsafe { (*cx.guard).reason() } {
            Some(reason) => self.limit_error(reason),
            None => Error::Exception(Box::new(exception::unreadable())),
        }
    }

    fn limit_error(&self, reason: Reason) -> Error {
        let limits = &self.limits;
        if self.heap.is_corrupted() {
            return Error::HeapCorrupted;
        }
        match reason {
            Reason::Heap => Error::Heap { limit: limits.heap },
            Reason::Wall => Error::WallTime { limit: limits.wall },
            Reason::Cpu => Error::CpuTime { limit: limits.cpu },
            Reason::Logs => Error::Logs { limit: limits.logs },
            Reason::Jobs => Error::Jobs { limit: limits.jobs },
            Reason::Cancelled => Error::Cancelled,
            Reason::HeapCorrupted => Error::HeapCorrupted,
            Reason::Stack => Error::Stack { limit: limits.stack },
            Reason::HostPanic => self.host_panic.take().unwrap_or(Error::Cancelled),
        }
    }
}
