//! Records the calling thread: takes what its sampler notes, names the functions, and adds up a
//! profile for each thing that the thread worked for.
//!
//! Must not know what these things are.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use sandtide_quickjs::sample::{Frame, Names, Phase, Recorder, Sample, Sampler};

use crate::profile::{Function, FunctionId, Profile, State};

/// The least and the most that an interval may be.
pub const INTERVALS: std::ops::RangeInclusive<Duration> =
    Duration::from_micros(100)..=Duration::from_millis(100);

/// Bytes for samples between two times at which they are taken over: some seconds' worth.
const ROOM: u32 = 4 << 20;

/// Code units of a name that are kept.
const NAME: usize = 256;

/// A thread cannot be sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The interval is out of range.
    #[error("an interval of {} us: give {} to {}", .0.as_micros(), INTERVALS.start().as_micros(), INTERVALS.end().as_micros())]
    Interval(Duration),
    /// The thread is sampled already, or the process uses SIGPROF for something else.
    #[error("the thread is profiled already, or the process uses SIGPROF otherwise")]
    Busy,
    /// The system refused.
    #[error("the system gives no timer: {}", std::io::Error::from_raw_os_error(*.0))]
    System(i32),
}

/// Functions by what tells them apart within one heap.
type Known = HashMap<(usize, u16, i16), KnownFunction>;

#[derive(Clone, Copy)]
struct KnownFunction {
    id: FunctionId,
    native: bool,
}

/// What was recorded for one tag.
struct Recorded {
    profile: Profile,
    known: Known,
}

/// Samples the thread that made it until it is finished or dropped there.
pub struct ThreadRecorder {
    sampler: Sampler,
    interval: Cell<Duration>,
    start: Cell<u64>,
    tag: Cell<u32>,
    recorded: RefCell<BTreeMap<u32, Recorded>>,
}

impl std::fmt::Debug for ThreadRecorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ThreadRecorder").field("interval", &self.interval).finish_non_exhaustive()
    }
}

impl ThreadRecorder {
    /// Starts to sample the calling thread.
    ///
    /// # Errors
    /// An interval out of [`INTERVALS`], or what the system says.
    pub fn start(interval: Duration) -> Result<ThreadRecorder, StartError> {
        if !INTERVALS.contains(&interval) {
            return Err(StartError::Interval(interval));
        }
        Sampler::start(interval, ROOM).map(|sampler| Self::of(sampler, interval)).map_err(failed)
    }

    /// A recorder that samples nothing until it is woken, with room for so many bytes of samples: for a
    /// process that forks others, which can have neither memory nor handlers later.
    ///
    /// # Errors
    /// What the system says.
    pub fn asleep(room: u32) -> Result<ThreadRecorder, StartError> {
        Sampler::asleep(room).map(|sampler| Self::of(sampler, Duration::ZERO)).map_err(failed)
    }

    fn of(sampler: Sampler, interval: Duration) -> ThreadRecorder {
        ThreadRecorder {
            sampler,
            interval: Cell::new(interval),
            start: Cell::new(monotonic_ns()),
            tag: Cell::new(0),
            recorded: RefCell::default(),
        }
    }

    /// Makes a recorder that came with a fork this process's own; answers the kernel's number of its timer.
    ///
    /// # Errors
    /// What the system says.
    pub fn adopt(&self) -> Result<i32, StartError> {
        self.sampler.adopt().map_err(failed)
    }

    /// Samples each `interval` from now on, or with `None` no longer. Nothing is asked where it does so
    /// already.
    pub fn sample_each(&self, interval: Option<Duration>) {
        let new = interval.unwrap_or_default();
        if self.interval.replace(new) != new {
            self.start.set(monotonic_ns());
            self.recorded.take();
            self.sampler.every(interval);
        }
    }

    /// Says what the thread works for from now on.
    pub fn set_tag(&self, tag: u32) {
        self.tag.set(tag);
    }

    /// What was recorded so far, by tag; recording goes on with empty profiles.
    pub fn take(&self) -> BTreeMap<u32, Profile> {
        self.drain();
        let recorded = self.recorded.take();
        recorded.into_iter().map(|(tag, recorded)| (tag, recorded.profile)).collect()
    }

    /// Whether anything was recorded that nobody has taken.
    pub fn has_recorded(&self) -> bool {
        !self.recorded.borrow().is_empty()
    }

    /// A profile of this recorder's without samples.
    pub fn empty(&self) -> Profile {
        Profile::new(self.interval.get(), self.start.get())
    }

    fn record(&self, sample: &Sample<'_>, names: &Names<'_>, fresh: &mut bool) {
        let mut all = self.recorded.borrow_mut();
        // What code lay at an address before the last drain may be something else now; C functions
        // stay.
        if std::mem::take(fresh) {
            for recorded in all.values_mut() {
                recorded.known.retain(|_, known| known.native);
            }
        }
        let recorded = all
            .entry(sample.tag)
            .or_insert_with(|| Recorded { profile: self.empty(), known: Known::new() });
        let state = match sample.phase {
            Phase::GarbageCollector => State::GarbageCollector,
            Phase::Restore if sample.frames.is_empty() => State::Restore,
            Phase::Idle if sample.frames.is_empty() => State::Idle,
            _ if sample.frames.is_empty() => State::Program,
            _ => State::Running,
        };
        let mut stack = Vec::with_capacity(sample.frames.len());
        if state == State::Running {
            for (depth, frame) in sample.frames.iter().enumerate().rev() {
                // Of the others the line is of no use to a profile.
                stack.push(function_of(recorded, names, frame, depth == 0));
            }
        }
        recorded.profile.add(sample.time, state, stack);
    }
}

fn failed(error: i32) -> StartError {
    const EBUSY: i32 = 16;
    match error {
        EBUSY => StartError::Busy,
        error => StartError::System(error),
    }
}

/// The clock that samples have.
fn monotonic_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn function_of(
    recorded: &mut Recorded,
    names: &Names<'_>,
    frame: &Frame,
    with_line: bool,
) -> (FunctionId, u32) {
    let key = frame.function_key();
    let known = recorded.known.get(&key).copied();
    if let Some(KnownFunction { id, native }) = known
        && (native || !with_line)
    {
        return (id, 0);
    }
    let told = names.function(frame);
    let line = told.map_or(0, |told| told.current);
    if let Some(KnownFunction { id, .. }) = known {
        return (id, line);
    }
    let text = |name| {
        let mut buffer = [0; NAME];
        let len = names.text(name, &mut buffer);
        String::from_utf16_lossy(&buffer[..len])
    };
    let function = told.map_or_else(Function::default, |told| Function {
        name: text(told.name),
        file: text(told.file),
        line: told.line,
        column: told.column,
    });
    let native = frame.is_native();
    let id = recorded.profile.function(function);
    recorded.known.insert(key, KnownFunction { id, native });
    (id, line)
}

impl Recorder for ThreadRecorder {
    fn sampler(&self) -> &Sampler {
        &self.sampler
    }

    fn tag(&self) -> u32 {
        self.tag.get()
    }

    fn drain(&self) {
        let mut fresh = true;
        self.sampler.drain(&mut |sample, names| self.record(sample, names, &mut fresh));
    }
}
