//! What an operation can refuse, as the errors that ECMA-402 names.

/// Why there is no answer. The text is for the guest's programmer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value outside of what an option takes, or that there is no data for: a `RangeError`.
    #[error("{0}")]
    Range(String),
    /// A value of a kind that is not taken: a `TypeError`.
    #[error("{0}")]
    Type(String),
}

impl Error {
    /// The name of the guest's error class.
    pub fn class(&self) -> &'static str {
        match self {
            Error::Range(_) => "RangeError",
            Error::Type(_) => "TypeError",
        }
    }
}

pub(crate) fn range(text: impl Into<String>) -> Error {
    Error::Range(text.into())
}

pub(crate) fn type_error(text: impl Into<String>) -> Error {
    Error::Type(text.into())
}
