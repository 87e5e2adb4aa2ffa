//! What can go wrong, each with a code that stays the same in Rust, in HTTP bodies and in Node.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// An error of building an image or of a run.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The source is not JavaScript.
    #[error("{0}")]
    Syntax(SyntaxError),
    /// The guest threw, and nothing in the guest caught it.
    #[error("{0}")]
    Exception(Box<Exception>),
    /// The run took longer than its wall time.
    #[error("the run took longer than its wall time of {limit:?}")]
    WallTime {
        /// The limit that was hit.
        limit: Duration,
    },
    /// The run took more CPU time than it may.
    #[error("the run used more than its CPU time of {limit:?}")]
    CpuTime {
        /// The limit that was hit.
        limit: Duration,
    },
    /// The run needed more memory than it may have.
    #[error("the run needed more than its heap of {limit} bytes")]
    Heap {
        /// The limit that was hit, in bytes.
        limit: usize,
    },
    /// The run called deeper than its stack.
    #[error("the run called deeper than its stack of {limit} bytes allows")]
    Stack {
        /// The limit that was hit, in bytes.
        limit: usize,
    },
    /// The run's results are larger than they may be.
    #[error("the run's output is larger than {limit} bytes")]
    Output {
        /// The limit that was hit, in bytes.
        limit: usize,
    },
    /// The run wrote more to `console` than it may.
    #[error("the run logged more than {limit} bytes")]
    Logs {
        /// The limit that was hit, in bytes.
        limit: usize,
    },
    /// The run scheduled more promise jobs than it may.
    #[error("the run needed more than {limit} promise jobs")]
    Jobs {
        /// The limit that was hit.
        limit: u32,
    },
    /// Somebody cancelled the run.
    #[error("the run was cancelled")]
    Cancelled,
    /// The result is a promise that nothing is left to settle.
    #[error("the run's promise can never settle: no job and no host call is left that could do it")]
    NeverSettled,
    /// A value has no form on the other side.
    #[error("{path}: {what} cannot cross")]
    NotCrossable {
        /// Where in the value, for example `input.items[3].callback`.
        path: String,
        /// What stands there, for example `a function`.
        what: String,
    },
    /// Bytes that were said to be JSON are not.
    #[error("{what} is not JSON: {message}")]
    InvalidJson {
        /// Which bytes, for example `input`.
        what: String,
        /// What the parser said.
        message: String,
    },
    /// A limit is out of its range.
    #[error("limit {name}: {given} is not between {min} and {max}")]
    InvalidLimit {
        /// The limit's name.
        name: &'static str,
        /// What was asked for.
        given: u64,
        /// The least that can be asked for.
        min: u64,
        /// The most that can be asked for.
        max: u64,
    },
    /// A module without a function as its default export cannot be run.
    #[error(
        "{file} has no function as its default export; add `export default function (input) {{ … }}`"
    )]
    NoDefaultExport {
        /// The module.
        file: String,
    },
    /// An import names a module that was not given with the script.
    #[error("{from} imports {specifier:?}, which was not given with the script")]
    ModuleNotFound {
        /// What the import says.
        specifier: String,
        /// The importing module.
        from: String,
    },
    /// The image has no script, and the run brought none.
    #[error("there is nothing to run: the image has no script and the run gives no source")]
    NoScript,
    /// The run's arguments do not fit the form of its script.
    #[error("{message}")]
    WrongForm {
        /// What does not fit, and what to do.
        message: String,
    },
    /// A host function panicked.
    #[error("the host function {name} panicked: {message}")]
    HostPanic {
        /// The function's name in the guest.
        name: String,
        /// The panic's message.
        message: String,
    },
    /// The operating system refused something.
    #[error("{action}: {message}")]
    System {
        /// What was tried.
        action: &'static str,
        /// What the system answered.
        message: String,
    },
    /// The clock of a frozen run is no time that a `Date` can hold.
    #[error(
        "the frozen clock {given} is no time: give whole ms since 1970, between -8.64e15 and 8.64e15"
    )]
    InvalidClock {
        /// What was given.
        given: f64,
    },
    /// There is no time zone of the name that was given.
    #[error(
        "there is no time zone {given:?}: give a name of the IANA database, as Europe/Berlin, or an offset, as +05:30"
    )]
    InvalidTimeZone {
        /// The beginning of what was given.
        given: String,
    },
    /// The heap's own records were found damaged: a fault of the engine, or of a guest that found
    /// one. The run was abandoned, and its instance runs nothing any more.
    #[error("the heap was found corrupted; this instance is of no more use, make another")]
    HeapCorrupted,
    /// The process that a run was on is lost. Only runs in processes of their own
    /// (`sandtide-supervisor`) end so.
    #[error("the worker of the run is lost: {cause}")]
    WorkerLost {
        /// What ended it, for example `it was killed by a call that its filter forbids`.
        cause: String,
    },
    /// Runs of the script are held back for a while, because they lost their workers again and
    /// again.
    #[error(
        "the script is held back, because its runs lost their workers {lost} times in a row; try again in {wait:?}"
    )]
    Quarantined {
        /// Workers lost in a row.
        lost: u32,
        /// How long it is still held back.
        wait: Duration,
    },
    /// The base image could not be made: the arena is too small for the built-ins.
    #[error("the base image could not be made ({what}); give the arena more memory")]
    BaseImage {
        /// What of it failed.
        what: &'static str,
    },
}

impl Error {
    /// What kind of error it is, to match on.
    ///
    /// ```
    /// use sandtide_engine::{Error, ErrorKind};
    ///
    /// assert_eq!(Error::Cancelled.kind(), ErrorKind::Cancelled);
    /// assert_eq!(ErrorKind::Cancelled.as_str(), "ERR_CANCELLED");
    /// ```
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::Syntax(_) => ErrorKind::Syntax,
            Error::Exception(_) => ErrorKind::Exception,
            Error::WallTime { .. } => ErrorKind::WallTime,
            Error::CpuTime { .. } => ErrorKind::CpuTime,
            Error::Heap { .. } => ErrorKind::Heap,
            Error::Stack { .. } => ErrorKind::Stack,
            Error::Output { .. } => ErrorKind::Output,
            Error::Logs { .. } => ErrorKind::Logs,
            Error::Jobs { .. } => ErrorKind::Jobs,
            Error::Cancelled => ErrorKind::Cancelled,
            Error::NeverSettled => ErrorKind::NeverSettled,
            Error::NotCrossable { .. } => ErrorKind::NotCrossable,
            Error::InvalidJson { .. } => ErrorKind::InvalidJson,
            Error::InvalidLimit { .. } => ErrorKind::InvalidLimit,
            Error::NoDefaultExport { .. } => ErrorKind::NoDefaultExport,
            Error::ModuleNotFound { .. } => ErrorKind::ModuleNotFound,
            Error::NoScript => ErrorKind::NoScript,
            Error::WrongForm { .. } => ErrorKind::WrongForm,
            Error::HostPanic { .. } => ErrorKind::HostPanic,
            Error::System { .. } => ErrorKind::System,
            Error::InvalidClock { .. } => ErrorKind::InvalidClock,
            Error::InvalidTimeZone { .. } => ErrorKind::InvalidTimeZone,
            Error::HeapCorrupted => ErrorKind::HeapCorrupted,
            Error::WorkerLost { .. } => ErrorKind::WorkerLost,
            Error::Quarantined { .. } => ErrorKind::Quarantined,
            Error::BaseImage { .. } => ErrorKind::BaseImage,
        }
    }

    /// The error's stable code, for example `ERR_HEAP_LIMIT`.
    pub fn code(&self) -> &'static str {
        self.kind().as_str()
    }

    /// Whether a limit ended the run; see [`ErrorKind::is_limit`].
    pub fn is_limit(&self) -> bool {
        self.kind().is_limit()
    }

    /// Shortens the texts in it that a guest can have written to what the output limit allows, at
    /// least [`MIN_TEXTS`] together. Answers their bytes.
    pub(crate) fn fit(&mut self, limit: usize) -> usize {
        let mut room = limit.max(MIN_TEXTS);
        let texts: &mut [&mut String] = match self {
            Error::Syntax(at) => &mut [&mut at.message, &mut at.file],
            Error::Exception(thrown) => {
                let Exception { name, message, stack, file, line: _, column: _ } = &mut **thrown;
                match file {
                    Some(file) => &mut [name, file, message, stack],
                    None => &mut [name, message, stack],
                }
            }
            Error::NotCrossable { path, what } => &mut [what, path],
            Error::ModuleNotFound { specifier, from } => &mut [specifier, from],
            Error::HostPanic { name, message } => &mut [name, message],
            Error::InvalidJson { what, message } => &mut [what, message],
            _ => &mut [],
        };
        let mut bytes = 0;
        for text in texts {
            if text.len() > room {
                **text = shortened(text, room).into_owned();
            }
            room = room.saturating_sub(text.len());
            bytes += text.len();
        }
        bytes
    }

    pub(crate) fn last_os_error(action: &'static str) -> Error {
        Error::System { action, message: std::io::Error::last_os_error().to_string() }
    }
}

/// The kinds of [`Error`], without what each carries. More may come with later releases.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// [`Error::Syntax`]
    Syntax,
    /// [`Error::Exception`]
    Exception,
    /// [`Error::WallTime`]
    WallTime,
    /// [`Error::CpuTime`]
    CpuTime,
    /// [`Error::Heap`]
    Heap,
    /// [`Error::Stack`]
    Stack,
    /// [`Error::Output`]
    Output,
    /// [`Error::Logs`]
    Logs,
    /// [`Error::Jobs`]
    Jobs,
    /// [`Error::Cancelled`]
    Cancelled,
    /// [`Error::NeverSettled`]
    NeverSettled,
    /// [`Error::NotCrossable`]
    NotCrossable,
    /// [`Error::InvalidJson`]
    InvalidJson,
    /// [`Error::InvalidLimit`]
    InvalidLimit,
    /// [`Error::NoDefaultExport`]
    NoDefaultExport,
    /// [`Error::ModuleNotFound`]
    ModuleNotFound,
    /// [`Error::NoScript`]
    NoScript,
    /// [`Error::WrongForm`]
    WrongForm,
    /// [`Error::HostPanic`]
    HostPanic,
    /// [`Error::System`]
    System,
    /// [`Error::InvalidClock`]
    InvalidClock,
    /// [`Error::InvalidTimeZone`]
    InvalidTimeZone,
    /// [`Error::HeapCorrupted`]
    HeapCorrupted,
    /// [`Error::WorkerLost`]
    WorkerLost,
    /// [`Error::Quarantined`]
    Quarantined,
    /// [`Error::BaseImage`]
    BaseImage,
}

impl ErrorKind {
    /// The stable code, for example `ERR_HEAP_LIMIT`: the same in Rust and in HTTP bodies, from one
    /// release to the next.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Syntax => "ERR_SYNTAX",
            ErrorKind::Exception => "ERR_EXCEPTION",
            ErrorKind::WallTime => "ERR_WALL_TIME_LIMIT",
            ErrorKind::CpuTime => "ERR_CPU_TIME_LIMIT",
            ErrorKind::Heap => "ERR_HEAP_LIMIT",
            ErrorKind::Stack => "ERR_STACK_LIMIT",
            ErrorKind::Output => "ERR_OUTPUT_LIMIT",
            ErrorKind::Logs => "ERR_LOG_LIMIT",
            ErrorKind::Jobs => "ERR_JOB_LIMIT",
            ErrorKind::Cancelled => "ERR_CANCELLED",
            ErrorKind::NeverSettled => "ERR_NEVER_SETTLED",
            ErrorKind::NotCrossable => "ERR_NOT_CROSSABLE",
            ErrorKind::InvalidJson => "ERR_INVALID_JSON",
            ErrorKind::InvalidLimit => "ERR_INVALID_LIMIT",
            ErrorKind::NoDefaultExport => "ERR_NO_DEFAULT_EXPORT",
            ErrorKind::ModuleNotFound => "ERR_MODULE_NOT_FOUND",
            ErrorKind::NoScript => "ERR_NO_SCRIPT",
            ErrorKind::WrongForm => "ERR_WRONG_FORM",
            ErrorKind::HostPanic => "ERR_HOST_PANIC",
            ErrorKind::System => "ERR_SYSTEM",
            ErrorKind::InvalidClock => "ERR_INVALID_CLOCK",
            ErrorKind::InvalidTimeZone => "ERR_INVALID_TIME_ZONE",
            ErrorKind::HeapCorrupted => "ERR_HEAP_CORRUPTED",
            ErrorKind::WorkerLost => "ERR_WORKER_LOST",
            ErrorKind::Quarantined => "ERR_SCRIPT_QUARANTINED",
            ErrorKind::BaseImage => "ERR_BASE_IMAGE",
        }
    }

    /// Whether a limit ended the run. A cancelled run counts: somebody outside ended it too.
    pub fn is_limit(self) -> bool {
        matches!(
            self,
            ErrorKind::WallTime
                | ErrorKind::CpuTime
                | ErrorKind::Heap
                | ErrorKind::Stack
                | ErrorKind::Output
                | ErrorKind::Logs
                | ErrorKind::Jobs
                | ErrorKind::Cancelled
        )
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Bytes of an error's texts that are kept even under a smaller output limit: an error that does
/// not say what it is helps nobody.
const MIN_TEXTS: usize = 1 << 10;

/// The start of a text, at most `most` bytes with the ellipsis that stands for what is left out.
pub(crate) fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    const ELLIPSIS: &str = "…";
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let Some(kept) = most.checked_sub(ELLIPSIS.len()) else { return Cow::Borrowed("") };
    Cow::Owned(text[..text.floor_char_boundary(kept)].to_owned() + ELLIPSIS)
}

/// Where a source stops being JavaScript.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// The file's name as given with the source.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl SyntaxError {
    /// An error that was found elsewhere, in another process for example.
    pub fn new(
        message: impl Into<String>,
        file: impl Into<String>,
        line: u32,
        column: u32,
    ) -> SyntaxError {
        SyntaxError { message: message.into(), file: file.into(), line, column }
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: SyntaxError: {}", self.file, self.line, self.column, self.message)
    }
}

/// What a guest threw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Exception {
    /// The error's `name`; empty where something that is no `Error` was thrown.
    pub name: String,
    /// The error's `message`, or the thrown value as a string.
    pub message: String,
    /// The guest's frames, innermost first, one a line: `    at f (file:line:column)`.
    pub stack: String,
    /// The file of the innermost frame that has one.
    pub file: Option<String>,
    /// Its line, from 1.
    pub line: Option<u32>,
    /// Its column, from 1.
    pub column: Option<u32>,
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.is_empty() {
            write!(f, "Uncaught {}", self.message)
        } else if self.message.is_empty() {
            f.write_str(&self.name)
        } else {
            write!(f, "{}: {}", self.name, self.message)
        }
    }
}

/// Reads file, line and column from the innermost frame of `stack` that has them.
pub(crate) fn position_in(stack: &str) -> Option<(String, u32, u32)> {
    stack.lines().find_map(|line| {
        let line = line.trim().strip_prefix("at ")?;
        let place = match line.rsplit_once(" (") {
            Some((_, place)) => place.strip_suffix(')')?,
            None => line,
        };
        let (rest, column) = place.rsplit_once(':')?;
        let (file, row) = rest.rsplit_once(':')?;
        Some((file.to_owned(), row.parse().ok()?, column.parse().ok()?))
    })
}

/// What a host function answers when it fails: the guest sees an `Error` with this name and
/// message thrown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {message}")]
#[non_exhaustive]
pub struct HostError {
    /// The error's `name` in the guest.
    pub name: String,
    /// The error's `message` in the guest.
    pub message: String,
}

impl HostError {
    /// An error named `Error`.
    pub fn new(message: impl Into<String>) -> HostError {
        HostError::named("Error", message)
    }

    /// An error with a name of its own, for example `TypeError`.
    pub fn named(name: impl Into<String>, message: impl Into<String>) -> HostError {
        HostError { name: name.into(), message: message.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_position_is_that_of_the_innermost_frame_with_a_file() {
        let stack = "    at map (native)\n    at <anonymous> (a b:c.js:12:5)\n    at g (x.js:1:2)";
        assert_eq!(position_in(stack), Some(("a b:c.js".to_owned(), 12, 5)));
        assert_eq!(position_in("    at x.js:3:4"), Some(("x.js".to_owned(), 3, 4)));
        assert_eq!(position_in("    at map (native)"), None);
    }
}
