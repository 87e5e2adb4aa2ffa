//! What a run is asked to do, and what it answers.

use super::look::Look;
use crate::error::Error;
use crate::language::Language;
use crate::limits::{CancelToken, Limits, Stopwatch, Usage};
use crate::value::{Input, Value};
use sandtide_zone::Zone;
use std::{sync::Arc, time::Duration};

/// JavaScript source with the name that its stack traces show.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The text.
    pub text: String,
    /// The file's name in stack traces and syntax errors.
    pub file: String,
    /// The number of the text's first line, from 1.
    pub line: u32,
    /// What it is written in; what the file's name tells where it is `None`.
    pub language: Option<Language>,
}

impl Source {
    /// What it is written in: what was said, or what its file's name tells.
    pub fn language(&self) -> Language {
        self.language.unwrap_or_else(|| Language::of_file(&self.file))
    }

    /// A source whose first line is line 1.
    pub fn new(file: impl Into<String>, text: impl Into<String>) -> Source {
        Source { text: text.into(), file: file.into(), line: 1, language: None }
    }
}

/// Which of the guest's globals an outcome brings back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum GlobalsBack {
    /// None of them.
    #[default]
    None,
    /// Those that the run made, or gave another value. A global whose object was changed inside
    /// counts as changed only where it was given with the run.
    Changed,
    /// The same without functions, which do not cross: a script that declares some has them there.
    ChangedData,
    /// Those with these names; a name that is not there is left out.
    Named(Vec<String>),
}

/// Makes a run replayable: the same seed and clock give the same run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frozen {
    /// Seeds `Math.random`.
    pub seed: u64,
    /// What `Date.now()` answers at the run's start, in ms since 1970, of which the fraction is
    /// dropped; `performance.now()` answers 0 then. Only timers move this clock: it jumps to each
    /// one's time. A time that a `Date` can hold: between -8.64e15 and 8.64e15.
    pub now_ms: f64,
}

impl Frozen {
    /// # Errors
    /// [`Error::InvalidClock`] for what is no time, or one that no `Date` can hold.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        if self.now_ms.abs() <= MAX_DATE_MS {
            return Ok(());
        }
        Err(Error::InvalidClock { given: self.now_ms })
    }
}

/// The latest time that a `Date` can hold, in ms since 1970.
const MAX_DATE_MS: f64 = 8.64e15;

/// Checks the name of a time zone, as [`Request::time_zone`] takes it.
///
/// # Errors
/// [`Error::InvalidTimeZone`] where there is none of that name.
pub fn check_time_zone(name: &str) -> Result<(), Error> {
    zone_of(Some(name)).map(drop)
}

/// The zone of a name; none where it is UTC, which is what there is without one.
pub(crate) fn zone_of(name: Option<&str>) -> Result<Option<Zone>, Error> {
    let Some(name) = name else { return Ok(None) };
    let zone = Zone::new(name).map_err(|unknown| Error::InvalidTimeZone { given: unknown.name })?;
    Ok(Some(zone).filter(|zone| zone.name() != sandtide_zone::UTC))
}

/// What a run is asked to do.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Globals to set before the script runs.
    pub globals: Vec<(String, Input)>,
    /// The argument of a module's function.
    pub input: Option<Input>,
    /// A source that is compiled for this run alone, in the place of the image's script.
    pub source: Option<Source>,
    /// Which globals the outcome brings back.
    pub globals_back: GlobalsBack,
    /// What the run may take.
    pub limits: Limits,
    /// Randomness and time given by the caller; real and fresh where it is `None`.
    pub frozen: Option<Frozen>,
    /// The time zone of `Date`'s local times and of `Intl`, by its IANA name or its offset (`+05:30`):
    /// that of the image where it is `None`. Never the host's.
    pub time_zone: Option<String>,
    /// What caused the run, in words of the host's: told to those of its functions that each run has its own of
    /// ([`HostFunction::new_per_cause`](crate::HostFunction::new_per_cause)), and never to guests.
    pub cause: Option<Arc<str>>,
    /// Ends the run from another thread.
    pub cancel: Option<CancelToken>,
    /// The moment from which the run's time counts, where something was done for it before it was
    /// started; the start itself where it is `None`.
    pub since: Option<Stopwatch>,
    /// Looks at the heap when the run is over or out of memory.
    pub look: Option<Look>,
    /// Has a worker process sample the run, each so often, and say in the outcome what it saw. Threads are
    /// sampled by [`crate::record_this_thread`].
    pub sample: Option<Duration>,
}

/// What a worker process saw of a run that it sampled. It may be lies: nobody else was there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sampled {
    /// The functions that stacks name.
    pub functions: Vec<SampledFunction>,
    /// The stacks, each once for each line.
    pub stacks: Vec<SampledStack>,
}

/// A function as a profile names it. Lines and columns count from 1; 0: there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampledFunction {
    /// Its name.
    pub name: String,
    /// Its file; empty for what is native.
    pub file: String,
    /// The line it begins in.
    pub line: u32,
    /// The column it begins at.
    pub column: u32,
}

/// A stack that was sampled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampledStack {
    /// How often.
    pub hits: u32,
    /// The line that its innermost function was at; 0: unknown.
    pub line: u32,
    /// Positions in [`Sampled::functions`], outermost first.
    pub functions: Vec<u32>,
}

/// How a line was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogLevel {
    /// `console.debug`
    Debug,
    /// `console.log`
    Log,
    /// `console.info`
    Info,
    /// `console.warn`
    Warn,
    /// `console.error`, and promises whose rejection nobody handled
    Error,
}

impl LogLevel {
    /// The name of the `console` function.
    pub fn as_str(self) -> &'static str {
        match self {
            LogLevel::Debug => "debug",
            LogLevel::Log => "log",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
        }
    }
}

/// One call of a `console` function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Which function.
    pub level: LogLevel,
    /// Its arguments as text; may span lines.
    pub text: String,
}

/// What came out of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The script's value, or why there is none.
    pub result: Result<Value, Error>,
    /// The globals that were asked back.
    pub globals: Vec<(String, Value)>,
    /// What was written to `console`, up to the end of the run, however it ended.
    pub logs: Vec<LogLine>,
    /// What the run took.
    pub usage: Usage,
    /// What was sampled, where [`Request::sample`] asked for it.
    pub sampled: Option<Box<Sampled>>,
}
