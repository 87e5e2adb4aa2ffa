//! What can go wrong: before the server listens ([`ServerError`]) and with a request
//! ([`ApiError`]), with the code and the HTTP status of each. Knows nothing of how they are written.

use std::{io, net::SocketAddr, time::Duration};

use http::StatusCode;

use sandtide::ErrorKind;
use sandtide_fair::Full;
use sandtide_store::StoreError;

use crate::{http1::Malformed, quota::Bound, tls::TlsError};

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
    /// Two settings do not fit each other.
    #[error("{0}")]
    Config(String),
    /// A setting is out of range, or memory for the instances could not be reserved.
    #[error("cannot prepare the instances: {0}")]
    Instances(#[from] sandtide::Error),
    /// Processes for scripts could not be started, or not be confined.
    #[error(transparent)]
    Processes(#[from] sandtide_supervisor::StartError),
    /// What is kept could not be opened.
    #[error(transparent)]
    Store(StoreError),
    /// There is no certificate to offer.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl ServerError {
    /// A name for programs that stays the same between releases.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "ERR_LISTEN",
            Self::Thread(_) => "ERR_THREAD",
            Self::Config(_) => "ERR_CONFIG",
            Self::Instances(error) => error.code(),
            Self::Processes(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::Tls(error) => error.code(),
        }
    }
}

/// Why a request was refused, or its script could not be deployed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The head or the framing of the request is not HTTP as this server takes it.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The head did not arrive in time.
    #[error("the head of the request did not arrive within {seconds} s")]
    HeadTimeout {
        /// [`ServerConfig::read_timeout`](crate::ServerConfig::read_timeout).
        seconds: u64,
    },
    /// `Host` names a host that this server does not answer for.
    #[error(
        "this server does not answer for the host {0:?}: ask it by its IP address or as localhost, or start it with --allow-host and the name"
    )]
    HostNotAllowed(String),
    /// The request comes from a web page of another origin.
    #[error(
        "this server takes no requests from pages of {0:?}: start it with --allow-origin and the origin if it should"
    )]
    OriginNotAllowed(String),
    /// The body or the query is not what the route takes.
    #[error("{0}")]
    InvalidRequest(String),
    /// A script's name is not of the form that names have.
    #[error(
        "a script's name is 1 to 128 characters of A-Z, a-z, 0-9, '.', '_' and '-', but not '.' or '..'; got {0:?}"
    )]
    InvalidName(String),
    /// A tenant's name is not of the form that names have.
    #[error(
        "a tenant's name (the header sandtide-tenant) is 1 to 64 characters of A-Z, a-z, 0-9, '.', '_' and '-'; got {0:?}"
    )]
    InvalidTenant(String),
    /// No script has this name.
    #[error("the tenant {tenant:?} has no script that is deployed under the name {name:?}")]
    ScriptNotFound {
        /// Whose scripts were looked through.
        tenant: String,
        /// The name that was asked for.
        name: String,
    },
    /// A token is needed, and none was given.
    #[error(
        "a token is needed here: send `Authorization: Bearer` and the token (`sandtide token create` makes one)"
    )]
    TokenMissing,
    /// The token is none, was revoked, or has expired.
    #[error("the token is not good: it is not known here, was revoked, or has expired")]
    TokenInvalid,
    /// The token does not allow this.
    #[error("a token of the role `{role}` does not allow this")]
    TokenNotAllowed {
        /// What the token is for.
        role: &'static str,
    },
    /// The request names another tenant than its token.
    #[error("the token is of the tenant {tenant:?}: leave the header sandtide-tenant out")]
    TenantOfToken {
        /// The token's tenant.
        tenant: String,
    },
    /// No token has this identity, or it was revoked before.
    #[error("there is no token {0:?} that could be revoked")]
    TokenNotFound(String),
    /// The server ends, and takes no new requests.
    #[error("the server is ending; ask another one, or again when it is back")]
    Ending,
    /// The tenant has taken all that it may.
    #[error("the tenant's quota is used up: `{}` is {quota}", .bound.name())]
    OverQuota {
        /// Which bound was reached.
        bound: Bound,
        /// What it allows.
        quota: u32,
        /// Seconds after which it may be tried again, where waiting helps.
        retry_after: Option<u64>,
    },
    /// The tenant has no quota.
    #[error("the tenant {0:?} has no quota")]
    QuotaNotFound(String),
    /// No asynchronous run has this identity, or its outcome is not kept any more.
    #[error("there is no run {0:?}, or its outcome is not kept any more")]
    RunNotFound(String),
    /// The script has no schedule of this name.
    #[error("the script has no schedule {0:?}")]
    ScheduleNotFound(String),
    /// A callback goes to a host that the script may not reach.
    #[error(
        "the run cannot call {url:?} back: its script was deployed without that host in `allow_net`, which sources that come with their runs never have"
    )]
    CallbackNotAllowed {
        /// What was to be called.
        url: String,
    },
    /// No version has a share of the script's runs beside the active one.
    #[error("the script {0:?} has no canary: its active version gets all runs")]
    NoCanary(String),
    /// There is no version to roll back to.
    #[error("the version {version} of the script {name:?} was put in the place of none")]
    NoFormerVersion {
        /// The script's name.
        name: String,
        /// Its active version.
        version: String,
    },
    /// The script is not as the request wants it to be.
    #[error(
        "the script is not as `If-Match` or `If-None-Match` want it; its active version is {}",
        .active.as_deref().unwrap_or("none, because there is no such script")
    )]
    PreconditionFailed {
        /// The version that answers, where there is one.
        active: Option<String>,
    },
    /// What is kept could not be read or written. What the store said of it is its source's to tell.
    #[error("{}", .0.public())]
    Store(#[from] StoreError),
    /// One profile is taken at a time.
    #[error("another profile is being taken; ask again when it is done")]
    ProfileUnderWay,
    /// One snapshot of a script is waited for at a time.
    #[error("another request waits for a snapshot of this script; ask again when it is done")]
    SnapshotUnderWay,
    /// The server was not started for debugging.
    #[error(
        "scripts are not debugged here; start the server with --allow-debug to let clients stop them"
    )]
    DebugNotAllowed,
    /// A version of a script is debugged by one session at a time, and there are not too many of them.
    #[error("this script is being debugged already, or as many scripts as may; ask again later")]
    DebugUnderWay,
    /// The port for debuggers could not be opened.
    #[error("no port for debuggers could be opened at {address}: {message}")]
    DebugPort {
        /// Where it was to be: [`ServerConfig::allow_debug`](crate::ServerConfig::allow_debug).
        address: SocketAddr,
        /// What the system said.
        message: String,
    },
    /// A deploy names a host that the operator does not allow.
    #[error(
        "this server lets scripts not reach {host}: start it with {flag} and the host if it should"
    )]
    NetNotAllowed {
        /// The host, as the deploy names it.
        host: String,
        /// What would allow it.
        flag: &'static str,
    },
    /// The script has secrets, which whoever looks into its runs would see.
    #[error(
        "the script has secrets, which a snapshot of a run or a debugger would show: neither is to be had"
    )]
    HasSecrets,
    /// The script is no handler.
    #[error(
        "the script {0:?} is no handler: only a module with `export default {{ fetch(request) {{ … }} }}` is asked here"
    )]
    NotAHandler(String),
    /// A handler failed; whoever asked it is told no more.
    #[error("the script that answers here failed")]
    Handler {
        /// The error's code.
        code: &'static str,
        /// What is answered.
        status: StatusCode,
    },
    /// Nobody hit the limit in the time.
    #[error("no run of the script hit its memory limit within {seconds} s")]
    NoRunAtLimit {
        /// How long it was waited for.
        seconds: u64,
    },
    /// No route has this path.
    #[error("there is nothing at {0}")]
    NotFound(String),
    /// The path does not take this method.
    #[error("{path} does not take {method}; it takes {allowed}")]
    MethodNotAllowed {
        /// The methods that the path takes.
        allowed: &'static str,
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
    /// As many requests wait as may.
    #[error("{0}; try again later")]
    QueueFull(&'static str),
    /// The request waited for as long as it might have taken.
    #[error(
        "of its limit of {} ms the request spent {} ms waiting for others; try again later",
        .limit.as_millis(), .waited.as_millis()
    )]
    QueueTime {
        /// What the request might have taken, waiting included.
        limit: Duration,
        /// How long it waited.
        waited: Duration,
    },
    /// What connections hold of bodies and answers has used up its budget.
    #[error(
        "the server holds as many bytes of bodies and answers as it may (--in-flight); try again later"
    )]
    BytesInFlight,
    /// The answer would be larger than all bytes in flight may be.
    #[error(
        "the answer is larger than the {limit} bytes that one answer may have of those in flight (--in-flight)"
    )]
    AnswerTooLarge {
        /// The most that one answer may have.
        limit: usize,
    },
    /// No room for the bytes of another script.
    #[error(
        "the script takes {needed} bytes, and of the {limit} that this server holds {used} are taken: delete scripts, or start it with more --script-bytes"
    )]
    ScriptBytes {
        /// What holding the script takes.
        needed: usize,
        /// What the scripts take that are held.
        used: usize,
        /// [`ServerConfig::max_script_bytes`](crate::ServerConfig::max_script_bytes).
        limit: usize,
    },
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

impl From<Full> for ApiError {
    fn from(full: Full) -> Self {
        Self::QueueFull(match full {
            Full::Script => "as many runs of this script wait as may (--queue)",
            Full::Tenant => "as many requests of this tenant wait as may (--queue)",
            Full::All => "as many requests wait as may",
            Full::Closed => "the server is ending",
        })
    }
}

impl ApiError {
    /// A name for programs that stays the same between releases.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(malformed) => malformed.code(),
            Self::HeadTimeout { .. } => "ERR_HEAD_TIMEOUT",
            Self::HostNotAllowed(_) => "ERR_HOST_NOT_ALLOWED",
            Self::OriginNotAllowed(_) => "ERR_ORIGIN_NOT_ALLOWED",
            Self::AnswerTooLarge { .. } => "ERR_ANSWER_TOO_LARGE",
            Self::BytesInFlight => "ERR_BYTES_IN_FLIGHT",
            Self::ScriptBytes { .. } => "ERR_SCRIPT_BYTES",
            Self::InvalidRequest(_) => "ERR_INVALID_REQUEST",
            Self::InvalidName(_) => "ERR_INVALID_NAME",
            Self::InvalidTenant(_) => "ERR_INVALID_TENANT",
            Self::ScriptNotFound { .. } => "ERR_SCRIPT_NOT_FOUND",
            Self::TokenMissing => "ERR_TOKEN_MISSING",
            Self::TokenInvalid => "ERR_TOKEN_INVALID",
            Self::TokenNotAllowed { .. } => "ERR_TOKEN_NOT_ALLOWED",
            Self::TenantOfToken { .. } => "ERR_TENANT_OF_TOKEN",
            Self::TokenNotFound(_) => "ERR_TOKEN_NOT_FOUND",
            Self::Ending => "ERR_ENDING",
            Self::OverQuota { bound, .. } => bound.code(),
            Self::QuotaNotFound(_) => "ERR_QUOTA_NOT_FOUND",
            Self::RunNotFound(_) => "ERR_RUN_NOT_FOUND",
            Self::ScheduleNotFound(_) => "ERR_SCHEDULE_NOT_FOUND",
            Self::CallbackNotAllowed { .. } => "ERR_NET_NOT_ALLOWED",
            Self::NoCanary(_) => "ERR_CANARY_NOT_FOUND",
            Self::NoFormerVersion { .. } => "ERR_NO_FORMER_VERSION",
            Self::PreconditionFailed { .. } => "ERR_PRECONDITION_FAILED",
            Self::Store(error) => error.code(),
            Self::ProfileUnderWay => "ERR_PROFILE_UNDER_WAY",
            Self::SnapshotUnderWay => "ERR_SNAPSHOT_UNDER_WAY",
            Self::DebugNotAllowed => "ERR_DEBUG_NOT_ALLOWED",
            Self::DebugUnderWay => "ERR_DEBUG_UNDER_WAY",
            Self::DebugPort { .. } => "ERR_DEBUG_PORT",
            Self::NoRunAtLimit { .. } => "ERR_NO_RUN_AT_LIMIT",
            Self::NetNotAllowed { .. } => "ERR_NET_NOT_ALLOWED",
            Self::HasSecrets => "ERR_SCRIPT_HAS_SECRETS",
            Self::NotAHandler(_) => "ERR_NOT_A_HANDLER",
            Self::Handler { code, .. } => code,
            Self::NotFound(_) => "ERR_NOT_FOUND",
            Self::MethodNotAllowed { .. } => "ERR_METHOD_NOT_ALLOWED",
            Self::UnsupportedMediaType(_) => "ERR_UNSUPPORTED_MEDIA_TYPE",
            Self::BodyTooLarge { .. } => "ERR_BODY_TOO_LARGE",
            Self::BodyTimeout { .. } => "ERR_BODY_TIMEOUT",
            Self::QueueFull(_) => "ERR_QUEUE_FULL",
            Self::QueueTime { .. } => "ERR_QUEUE_TIME_LIMIT",
            Self::TooManyScripts { .. } => "ERR_TOO_MANY_SCRIPTS",
            Self::Internal => "ERR_INTERNAL",
            Self::Script(error) => error.code(),
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(malformed) => malformed.status(),
            Self::InvalidRequest(_) | Self::InvalidName(_) | Self::InvalidTenant(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::TokenMissing | Self::TokenInvalid => StatusCode::UNAUTHORIZED,
            Self::HostNotAllowed(_)
            | Self::OriginNotAllowed(_)
            | Self::DebugNotAllowed
            | Self::NetNotAllowed { .. }
            | Self::CallbackNotAllowed { .. }
            | Self::HasSecrets
            | Self::TokenNotAllowed { .. }
            | Self::TenantOfToken { .. } => StatusCode::FORBIDDEN,
            Self::ScriptNotFound { .. }
            | Self::NotFound(_)
            | Self::NotAHandler(_)
            | Self::TokenNotFound(_)
            | Self::RunNotFound(_)
            | Self::NoCanary(_)
            | Self::ScheduleNotFound(_)
            | Self::QuotaNotFound(_) => StatusCode::NOT_FOUND,
            Self::Ending => StatusCode::SERVICE_UNAVAILABLE,
            Self::OverQuota { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::PreconditionFailed { .. } => StatusCode::PRECONDITION_FAILED,
            Self::Store(error) => store_status(error),
            Self::NoFormerVersion { .. }
            | Self::ProfileUnderWay
            | Self::SnapshotUnderWay
            | Self::DebugUnderWay => StatusCode::CONFLICT,
            Self::Handler { status, .. } => *status,
            Self::DebugPort { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoRunAtLimit { .. } => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::HeadTimeout { .. } | Self::BodyTimeout { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::QueueFull(_) | Self::QueueTime { .. } | Self::BytesInFlight => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::TooManyScripts { .. } | Self::ScriptBytes { .. } => {
                StatusCode::INSUFFICIENT_STORAGE
            }
            Self::AnswerTooLarge { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Script(error) => script_status(error),
        }
    }
}

/// 503 for what another try may find in order, such as a disk that is full.
fn store_status(error: &StoreError) -> StatusCode {
    match error {
        StoreError::NoVersion { .. } | StoreError::NoSecret(_) => StatusCode::NOT_FOUND,
        StoreError::Changed { .. }
        | StoreError::TooManySecrets { .. }
        | StoreError::TooManySchedules { .. } => StatusCode::CONFLICT,
        StoreError::Label
        | StoreError::SecretName(_)
        | StoreError::SecretSize
        | StoreError::TooMuchUsage { .. } => StatusCode::BAD_REQUEST,
        StoreError::NoSecretKey => StatusCode::FORBIDDEN,
        StoreError::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        StoreError::Damaged { .. } | StoreError::DamagedSecret(_) => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// 422 for what the script did, 400 for what the request gave it, 500 for a fault of ours.
pub(crate) fn script_status(error: &sandtide::Error) -> StatusCode {
    match error.kind() {
        ErrorKind::InvalidJson
        | ErrorKind::InvalidLimit
        | ErrorKind::InvalidClock
        | ErrorKind::InvalidTimeZone => StatusCode::BAD_REQUEST,
        // Only a server that is shutting down cancels a run whose client is still there.
        ErrorKind::Cancelled => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Quarantined => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::WorkerLost
        | ErrorKind::System
        | ErrorKind::HeapCorrupted
        | ErrorKind::BaseImage => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
