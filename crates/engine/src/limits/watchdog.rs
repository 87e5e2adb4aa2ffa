//! The thread that ends runs which do not look at their limits themselves.
//!
//! The interpreter asks every few thousand steps whether the run may go on; the engine's own loops
//! (searching, sorting, joining) do not ask. For those the watchdog sets the run's kill word and
//! sends the run's thread a signal, again and again until the run is over; the handler (in the
//! shim) jumps out of the engine. The watchdog looks every [`TICK`] while any run is on and sleeps
//! otherwise.
//!
//! Must not know the engine, nor what a run is beyond its deadlines.

use super::monotonic_ns;
use super::reason::Reason;
use crate::error::Error;
use crate::sys::{self, ticks};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

/// How often the watchdog looks, and so how late it may be.
const TICK: Duration = Duration::from_millis(5);
/// How long after the last run it goes to sleep.
const IDLE_TICKS: u32 = 40;
/// The watchdog acts on runs that are past their deadline by more than this: those that ask have
/// ended by then.
const GRACE_NS: u64 = 2_000_000;

/// One arena's place in the watchdog's list.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    /// Monotonic deadline in ns; 0: no run is on.
    wall_deadline: AtomicU64,
    /// Deadline on the thread's CPU clock in ns.
    cpu_deadline: AtomicU64,
    thread: AtomicI32,
    cancelled: AtomicBool,
    /// Counts the arena's runs, so that a verdict on one run can never end the next.
    epoch: AtomicU64,
    /// The process whose watchdog has this slot in its list; 0: none.
    watched_in: AtomicU64,
    /// Read by the shim: which run must end and why, as `epoch << 8 | reason`.
    pub(crate) kill: AtomicU64,
    /// Whom to wake when the run is cancelled while it waits for host functions.
    waiting: Mutex<Option<Thread>>,
}

impl Slot {
    /// Begins a run, with its deadlines on the monotonic and on the thread's CPU clock in ns.
    /// Answers the run's epoch.
    ///
    /// # Errors
    /// [`Error::System`] in a child that was forked since the last run and cannot start a watchdog
    /// of its own.
    pub(crate) fn start(
        self: &Arc<Self>,
        wall_deadline: u64,
        cpu_deadline: u64,
    ) -> Result<u64, Error> {
        let epoch = self.epoch.load(Ordering::Relaxed) + 1;
        self.epoch.store(epoch, Ordering::SeqCst);
        self.cancelled.store(false, Ordering::Relaxed);
        self.thread.store(sys::thread_id(), Ordering::Relaxed);
        self.cpu_deadline.store(cpu_deadline, Ordering::Relaxed);
        self.wall_deadline.store(wall_deadline, Ordering::SeqCst);
        let watched = self.watch();
        if watched.is_err() {
            self.finish();
        }
        watched.map(|()| epoch)
    }

    /// Makes sure that this process's watchdog has the slot in its list and is awake: a fork leaves
    /// the child without the thread.
    fn watch(self: &Arc<Self>) -> Result<(), Error> {
        if ticks::chosen() {
            return self.watch_by_ticks();
        }
        let process = sys::process();
        let watchdog = Watchdog::of(process)?;
        if self.watched_in.load(Ordering::Relaxed) != process {
            let mut slots = watchdog.slots.lock().unwrap_or_else(PoisonError::into_inner);
            slots.retain(|slot| slot.strong_count() > 0);
            slots.push(Arc::downgrade(self));
            self.watched_in.store(process, Ordering::Relaxed);
        }
        watchdog.wake();
        Ok(())
    }

    /// Makes sure that the ticks look at this slot, and are on.
    fn watch_by_ticks(self: &Arc<Self>) -> Result<(), Error> {
        let me = Arc::as_ptr(self).cast_mut();
        if TICKED.iter().all(|place| place.load(Ordering::Relaxed) != me) {
            let free = TICKED.iter().find(|place| place.load(Ordering::Relaxed).is_null());
            let Some(free) = free else {
                return Err(Error::System {
                    action: "watching another arena by ticks",
                    message: format!("a process without a watchdog thread has {TICKED_ARENAS}"),
                });
            };
            // Stays for good: a tick may come at any time.
            free.store(Arc::into_raw(Arc::clone(self)).cast_mut(), Ordering::SeqCst);
        }
        ticks::start();
        Ok(())
    }

    /// To be called from within a run after code that may have forked. A child goes on with the
    /// run under its own watchdog.
    ///
    /// # Errors
    /// As for [`Slot::start`].
    pub(crate) fn watch_again(self: &Arc<Self>, cpu_deadline: u64) -> Result<(), Error> {
        if ticks::chosen() || self.watched_in.load(Ordering::Relaxed) == sys::process() {
            return Ok(());
        }
        self.thread.store(sys::thread_id(), Ordering::Relaxed);
        self.cpu_deadline.store(cpu_deadline, Ordering::Relaxed);
        self.watch()
    }

    /// Other deadlines for the run that is on.
    pub(crate) fn set_deadlines(&self, wall_deadline: u64, cpu_deadline: u64) {
        self.cpu_deadline.store(cpu_deadline, Ordering::Relaxed);
        self.wall_deadline.store(wall_deadline, Ordering::SeqCst);
    }

    pub(crate) fn finish(&self) {
        self.wall_deadline.store(0, Ordering::SeqCst);
    }

    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = &*waiting {
            thread.unpark();
        }
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// Says that the calling thread waits for host functions, until `f` returns.
    pub(crate) fn while_waiting<R>(&self, f: impl FnOnce() -> R) -> R {
        let set = |thread| {
            *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = thread;
        };
        set(Some(thread::current()));
        let result = f();
        set(None);
        result
    }

    fn overdue(&self, now: u64, cpu: impl FnOnce() -> Option<u64>) -> Option<Reason> {
        let deadline = self.wall_deadline.load(Ordering::SeqCst);
        if deadline == 0 {
            return None;
        }
        if self.is_cancelled() {
            return Some(Reason::Cancelled);
        }
        if now > deadline.saturating_add(GRACE_NS) {
            return Some(Reason::Wall);
        }
        let overdue = cpu()? > self.cpu_deadline.load(Ordering::Relaxed).saturating_add(GRACE_NS);
        overdue.then_some(Reason::Cpu)
    }

    fn end_if_overdue(&self, now: u64) {
        // Read before the deadline: `finish` clears the deadline before `start` raises the epoch,
        // so an old deadline is never held against a new epoch.
        let epoch = self.epoch.load(Ordering::SeqCst);
        let thread = self.thread.load(Ordering::Relaxed);
        if let Some(reason) = self.overdue(now, || sys::cpu_ns_of_thread(thread)) {
            self.kill.store(epoch << 8 | reason as u64, Ordering::SeqCst);
            sys::signals::signal_thread(thread);
        }
    }

    /// As [`Slot::end_if_overdue`], in the handler of the run's own thread, which looks at the word
    /// next. Answers whether a run is on.
    fn look_on_tick(&self, cancel: bool) -> bool {
        if self.wall_deadline.load(Ordering::SeqCst) == 0 {
            return false;
        }
        if cancel {
            self.cancelled.store(true, Ordering::SeqCst);
        }
        let epoch = self.epoch.load(Ordering::SeqCst);
        let cpu = || Some(sys::clock_ns(libc::CLOCK_THREAD_CPUTIME_ID));
        if let Some(reason) = self.overdue(monotonic_ns(), cpu) {
            self.kill.store(epoch << 8 | reason as u64, Ordering::SeqCst);
        }
        true
    }
}

/// Arenas that ticks can look at: a confined process has one, and a few while it is set up.
const TICKED_ARENAS: usize = 4;

/// The slots that ticks look at; each holds a count of its slot for good.
static TICKED: [AtomicPtr<Slot>; TICKED_ARENAS] =
    [const { AtomicPtr::new(ptr::null_mut()) }; TICKED_ARENAS];

/// Called by the handler of the watchdog's signal, on the thread of the runs, in every process.
/// `outside` says that another process sent the signal, which means that the run that is on is
/// cancelled, unless somebody else is to be told of it. Makes no call but of clocks and of the timer, allocates nothing and takes no lock.
#[unsafe(no_mangle)]
extern "C" fn sandtide_tick(outside: bool) {
    if !ticks::chosen() {
        return;
    }
    let outside = outside && !ticks::tell_of_signal();
    let mut active = false;
    for place in &TICKED {
        // SAFETY: null, or a slot whose count this list holds for good.
        if let Some(slot) = unsafe { place.load(Ordering::SeqCst).as_ref() } {
            active |= slot.look_on_tick(outside);
        }
    }
    ticks::note(active);
}

/// The watchdog of one process. A forked child starts another one: the old one's lock may be held
/// by a thread that the child does not have.
struct Watchdog {
    process: u64,
    slots: Mutex<Vec<Weak<Slot>>>,
    asleep: AtomicBool,
    thread: OnceLock<Result<Thread, Error>>,
}

/// The newest watchdog, or null; stays in memory.
static WATCHDOG: AtomicPtr<Watchdog> = AtomicPtr::new(ptr::null_mut());

/// A new slot in the list of the process's watchdog, which is started where it is the first.
pub(crate) fn register() -> Result<Arc<Slot>, Error> {
    let slot = Arc::new(Slot::default());
    slot.watch()?;
    Ok(slot)
}

impl Watchdog {
    /// The running watchdog of this process, whose number is `process`.
    fn of(process: u64) -> Result<&'static Watchdog, Error> {
        loop {
            let newest = WATCHDOG.load(Ordering::Acquire);
            // SAFETY: null, or a box that was let go of for good below.
            match unsafe { newest.as_ref() } {
                Some(watchdog) if watchdog.process == process => return watchdog.started(),
                _ => Watchdog::put_in_place_of(newest, process),
            }
        }
    }

    /// Starts a watchdog in the place of `newest`. Another thread may be faster, so the caller
    /// looks again.
    fn put_in_place_of(newest: *mut Watchdog, process: u64) {
        let new = Box::into_raw(Box::new(Watchdog {
            process,
            slots: Mutex::default(),
            asleep: AtomicBool::new(false),
            thread: OnceLock::new(),
        }));
        if WATCHDOG.compare_exchange(newest, new, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: made above, and nobody else has seen it.
            drop(unsafe { Box::from_raw(new) });
        }
    }

    fn started(&'static self) -> Result<&'static Watchdog, Error> {
        let start = || {
            sys::signals::install_handlers()?;
            let thread = thread::Builder::new()
                .name("sandtide-watchdog".to_owned())
                .stack_size(64 << 10)
                .spawn(|| watch(self))
                .map_err(|error| Error::System {
                    action: "starting the watchdog thread",
                    message: error.to_string(),
                })?;
            Ok(thread.thread().clone())
        };
        match self.thread.get_or_init(start) {
            Ok(_) => Ok(self),
            Err(error) => {
                // The next run tries to start it again.
                let me = ptr::from_ref(self).cast_mut();
                let none = ptr::null_mut();
                let _ = WATCHDOG.compare_exchange(me, none, Ordering::AcqRel, Ordering::Relaxed);
                Err(error.clone())
            }
        }
    }

    fn wake(&self) {
        if self.asleep.load(Ordering::SeqCst)
            && let Some(Ok(thread)) = self.thread.get()
        {
            thread.unpark();
        }
    }
}

fn watch(watchdog: &Watchdog) -> ! {
    let mut idle = 0;
    loop {
        if look(watchdog) {
            idle = 0;
            thread::sleep(TICK);
        } else if idle < IDLE_TICKS {
            idle += 1;
            thread::sleep(TICK);
        } else {
            watchdog.asleep.store(true, Ordering::SeqCst);
            // A run that started before the store did not wake us: look once more.
            if !look(watchdog) {
                thread::park();
            }
            watchdog.asleep.store(false, Ordering::SeqCst);
            idle = 0;
        }
    }
}

/// Ends what is overdue; answers whether any run is on.
fn look(watchdog: &Watchdog) -> bool {
    let slots = watchdog.slots.lock().unwrap_or_else(PoisonError::into_inner);
    let now = monotonic_ns();
    let mut active = false;
    for slot in slots.iter().filter_map(Weak::upgrade) {
        if slot.wall_deadline.load(Ordering::SeqCst) != 0 {
            active = true;
            slot.end_if_overdue(now);
        }
    }
    active
}
