//! What the program's exit codes mean, and which one an error leads to.

use sandtide::{Error, ErrorKind};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    Ok = 0,
    Exception = 1,
    Usage = 2,
    Syntax = 3,
    Limit = 4,
    Internal = 5,
}

/// Shown by `--help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  the script ended with a value
  1  the script threw an exception, or its value cannot be given back
  2  wrong usage, a file that cannot be read, or JSON that is not valid
  3  the script cannot be loaded: a syntax error, a module that is missing, no default export
  4  a limit was hit; the message names the flag that raises it
  5  a fault of the system or of sandtide";

impl From<&Error> for Exit {
    fn from(error: &Error) -> Self {
        match error.kind() {
            kind if kind.is_limit() => Self::Limit,
            ErrorKind::Syntax | ErrorKind::ModuleNotFound | ErrorKind::NoDefaultExport => {
                Self::Syntax
            }
            ErrorKind::InvalidJson
            | ErrorKind::InvalidLimit
            | ErrorKind::InvalidClock
            | ErrorKind::InvalidTimeZone => Self::Usage,
            ErrorKind::System | ErrorKind::HeapCorrupted | ErrorKind::BaseImage => Self::Internal,
            _ => Self::Exception,
        }
    }
}

/// The flag of `sandtide run` that raises the limit an error names.
pub(crate) fn flag_that_raises(error: &Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::WallTime | ErrorKind::CpuTime => Some("--timeout"),
        ErrorKind::Heap => Some("--memory"),
        ErrorKind::Stack => Some("--stack"),
        ErrorKind::Output => Some("--max-output"),
        ErrorKind::Logs => Some("--max-logs"),
        ErrorKind::Jobs => Some("--max-jobs"),
        _ => None,
    }
}
