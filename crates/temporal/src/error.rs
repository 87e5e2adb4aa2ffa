//! What an operation can refuse.

use temporal_rs::TemporalError;
use temporal_rs::error::ErrorKind;

/// Why there is no answer. The text is for the guest's programmer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value outside of what is taken: a `RangeError`.
    #[error("{0}")]
    Range(String),
    /// A value of a kind that is not taken, or one that lacks something: a `TypeError`.
    #[error("{0}")]
    Type(String),
}

impl From<TemporalError> for Error {
    fn from(error: TemporalError) -> Error {
        let kind = error.kind();
        let text = match error.into_message() {
            "" => "invalid value",
            text => text,
        };
        match kind {
            ErrorKind::Type => Error::Type(text.to_owned()),
            _ => Error::Range(text.to_owned()),
        }
    }
}

pub(crate) fn range<T>(text: &str) -> Result<T, Error> {
    Err(Error::Range(text.to_owned()))
}
