//! What can go wrong: before the server listens ([`ServerError`]) and with a request
//! ([`ApiError`]), and which HTTP status each is answered with.

use std::{io, net::SocketAddr};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use sandtide::ErrorKind;

use crate::answer;

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A worker thread could not be started.
    #[error("cannot start a worker thread: {0}")]
    Thread(io::Error),
    /// A setting is out of range, or memory for the instances could not be reserved.
    #[error("cannot prepare the instances: {0}")]
    Instances(#[from] sandtide::Error),
}

impl ServerError {
    /// A name for programs that stays the same between releases.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "ERR_LISTEN",
            Self::Thread(_) => "ERR_THREAD",
            Self::Instances(error) => error.code(),
        }
    }
}

/// Why a request was refused, or its script could not be deployed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The body or the query is not what the route takes.
    #[error("{0}")]
    InvalidRequest(String),
    /// A script's name is not of the form that names have.
    #[error(
        "a script's name is 1 to 128 characters of A-Z, a-z, 0-9, '.', '_' and '-', but not '.' or '..'; got {0:?}"
    )]
    InvalidName(String),
    /// No script has this name.
    #[error("no script is deployed under the name {0:?}")]
    ScriptNotFound(String),
    /// No route has this path.
    #[error("there is nothing at {0}")]
    NotFound(String),
    /// The path does not take this method.
    #[error("{path} does not take {method}")]
    MethodNotAllowed {
        /// The request's method.
        method: String,
        /// The request's path.
        path: String,
    },
    /// The body is of a type that the route does not take.
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// The body is larger than the server takes.
    #[error("the body is larger than the {limit} bytes that this server takes")]
    BodyTooLarge {
        /// [`ServerConfig::max_body_bytes`](crate::ServerConfig::max_body_bytes).
        limit: usize,
    },
    /// The body did not arrive in time.
    #[error("the body did not arrive within {seconds} s")]
    BodyTimeout {
        /// [`ServerConfig::read_timeout`](crate::ServerConfig::read_timeout).
        seconds: u64,
    },
    /// All workers are busy and their queues full, or the server is shutting down.
    #[error("all workers are busy and their queues are full; try again later")]
    QueueFull,
    /// No room for another script.
    #[error("{limit} scripts are deployed, and this server holds no more")]
    TooManyScripts {
        /// [`ServerConfig::max_scripts`](crate::ServerConfig::max_scripts).
        limit: usize,
    },
    /// A worker ended without an answer: a fault of the server.
    #[error("the server failed to carry out the request")]
    Internal,
    /// The script, its set-up or the values given to it are at fault.
    #[error(transparent)]
    Script(#[from] sandtide::Error),
}

impl ApiError {
    /// A name for programs that stays the same between releases.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "ERR_INVALID_REQUEST",
            Self::InvalidName(_) => "ERR_INVALID_NAME",
            Self::ScriptNotFound(_) => "ERR_SCRIPT_NOT_FOUND",
            Self::NotFound(_) => "ERR_NOT_FOUND",
            Self::MethodNotAllowed { .. } => "ERR_METHOD_NOT_ALLOWED",
            Self::UnsupportedMediaType(_) => "ERR_UNSUPPORTED_MEDIA_TYPE",
            Self::BodyTooLarge { .. } => "ERR_BODY_TOO_LARGE",
            Self::BodyTimeout { .. } => "ERR_BODY_TIMEOUT",
            Self::QueueFull => "ERR_QUEUE_FULL",
            Self::TooManyScripts { .. } => "ERR_TOO_MANY_SCRIPTS",
            Self::Internal => "ERR_INTERNAL",
            Self::Script(error) => error.code(),
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest(_) | Self::InvalidName(_) => StatusCode::BAD_REQUEST,
            Self::ScriptNotFound(_) | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimeout { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::QueueFull => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooManyScripts { .. } => StatusCode::INSUFFICIENT_STORAGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Script(error) => script_status(error),
        }
    }
}

/// 422 for what the script did, 400 for what the request gave it, 500 for a fault of ours.
pub(crate) fn script_status(error: &sandtide::Error) -> StatusCode {
    match error.kind() {
        ErrorKind::InvalidJson | ErrorKind::InvalidLimit | ErrorKind::InvalidClock => {
            StatusCode::BAD_REQUEST
        }
        // Only a server that is shutting down cancels a run whose client is still there.
        ErrorKind::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::System | ErrorKind::HeapCorrupted | ErrorKind::BaseImage => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response =
            (self.status(), [(header::CONTENT_TYPE, answer::JSON)], answer::error_json(&self))
                .into_response();
        let headers = response.headers_mut();
        if response_may_be_retried(&self) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if may_leave_body_unread(&self) {
            // Said, not just done: a client would send its next request into a closing connection.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// Refusals of the request itself come before its body is read; those of its script after.
fn may_leave_body_unread(error: &ApiError) -> bool {
    !matches!(error, ApiError::QueueFull | ApiError::Internal | ApiError::Script(_))
}

fn response_may_be_retried(error: &ApiError) -> bool {
    error.status() == StatusCode::SERVICE_UNAVAILABLE
}
