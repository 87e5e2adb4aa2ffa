//! What a server answers in the place of a result, and what keeps it from answering.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value};

/// An error as the server tells it (RFC 9457).
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// Tells errors apart, and stays: `ERR_WALL_TIME_LIMIT`, say.
    pub code: String,
    /// The status of the answer.
    pub status: u16,
    /// In short, the same for all errors of this code.
    pub title: String,
    /// What was wrong, and what to do.
    pub detail: String,
    /// The file in which a script failed.
    pub file: Option<String>,
    /// The line there, from 1 on.
    pub line: Option<u32>,
    /// The column there, from 1 on.
    pub column: Option<u32>,
    /// All else: `name`, `stack`, `path`, `logs`, `usage`, and what the thrown value had.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server answered an error.
    #[error("{} ({})", problem.detail, problem.code)]
    Refused {
        /// What it said.
        problem: Box<Problem>,
        /// How long to wait before trying again, where waiting helps.
        retry_after: Option<Duration>,
    },
    /// What answered is no Sandtide server, or something between here and there.
    #[error("answered {status} in no way that a Sandtide server does: {text}")]
    NotSandtide {
        /// The status of the answer.
        status: u16,
        /// The beginning of the answer, or why it cannot be read.
        text: String,
        /// How long to wait before trying again, where it says so.
        retry_after: Option<Duration>,
    },
    /// What should have been certificates has none in PEM.
    #[error("there is no certificate in PEM (-----BEGIN CERTIFICATE-----)")]
    NoCertificate,
    /// Nothing answered, or not to the end.
    #[error("no answer: {0}")]
    NoAnswer(#[from] Box<ureq::Error>),
}

impl Error {
    /// The stable code: the server's, or `ERR_NOT_SANDTIDE`, `ERR_NO_ANSWER` or `ERR_NO_CERTIFICATE`.
    pub fn code(&self) -> &str {
        match self {
            Error::Refused { problem, .. } => &problem.code,
            Error::NotSandtide { .. } => "ERR_NOT_SANDTIDE",
            Error::NoCertificate => "ERR_NO_CERTIFICATE",
            Error::NoAnswer(_) => "ERR_NO_ANSWER",
        }
    }

    /// What the server said, where it was the server.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Error::Refused { problem, .. } => Some(problem),
            _ => None,
        }
    }

    /// How long to wait before trying again, where waiting helps.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Refused { retry_after, .. } | Error::NotSandtide { retry_after, .. } => {
                *retry_after
            }
            Error::NoCertificate | Error::NoAnswer(_) => None,
        }
    }

    /// Whether asking again would be answered the same.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Error::Refused { problem, .. } if problem.status < 500 && problem.status != 429)
    }
}

impl From<ureq::Error> for Error {
    fn from(error: ureq::Error) -> Error {
        Error::NoAnswer(Box::new(error))
    }
}
