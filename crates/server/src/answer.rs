//! How outcomes and errors are written: as JSON, or the bare value. Knows nothing of routes.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sandtide::{Error, LogLine, Outcome, Usage, Value};
use serde::{Serialize, ser::SerializeSeq};

use crate::error::{ApiError, script_status};

pub(crate) const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
const USAGE: HeaderName = HeaderName::from_static("sandtide-usage");

/// How the caller wants an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One JSON object: value, logs, usage, and the globals if they were asked for.
    Json { globals: bool },
    /// The value itself as the body, usage in a header.
    Raw,
}

/// An outcome that is written already, so that the threads doing I/O have only to send it.
pub(crate) struct Answer {
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
    usage: Option<String>,
    retry: bool,
}

impl Answer {
    pub(crate) fn new(outcome: Outcome, shape: Shape) -> Self {
        let json = |status, globals| Self {
            status,
            content_type: JSON,
            body: outcome_json(&outcome, globals).into_bytes(),
            usage: None,
            retry: status == StatusCode::SERVICE_UNAVAILABLE,
        };
        match (&outcome.result, shape) {
            (Err(error), _) => json(script_status(error), false),
            (Ok(_), Shape::Json { globals }) => json(StatusCode::OK, globals),
            (Ok(_), Shape::Raw) => Self::raw(outcome),
        }
    }

    fn raw(outcome: Outcome) -> Self {
        let mut usage = Vec::new();
        append(&mut usage, &UsageBody::from(&outcome.usage));
        let (content_type, body) = match outcome.result {
            Ok(Value::String(text)) => (TEXT, text.into_bytes()),
            Ok(Value::Bytes(bytes) | Value::ArrayBuffer(bytes)) => (BYTES, bytes),
            Ok(value) => (JSON, value.to_json().into_bytes()),
            Err(_) => (JSON, Vec::new()),
        };
        Self {
            status: StatusCode::OK,
            content_type,
            body,
            usage: String::from_utf8(usage).ok(),
            retry: false,
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Some(usage) = self.usage.and_then(|usage| HeaderValue::from_str(&usage).ok()) {
            headers.insert(USAGE, usage);
            // The body is a stranger's: a browser must not take it for a page.
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        }
        if self.retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// An outcome as one JSON object: `{"value", "globals"?, "logs", "usage"}`, or
/// `{"error", "logs", "usage"}`; `globals` tells whether to write the globals that came back.
#[must_use]
pub fn outcome_json(outcome: &Outcome, globals: bool) -> String {
    let mut out = Vec::with_capacity(256);
    match &outcome.result {
        Ok(value) => {
            out.extend_from_slice(b"{\"value\":");
            out.extend_from_slice(value.to_json().as_bytes());
            if globals {
                out.extend_from_slice(b",\"globals\":{");
                for (at, (name, value)) in outcome.globals.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    append(&mut out, name);
                    out.push(b':');
                    out.extend_from_slice(value.to_json().as_bytes());
                }
                out.push(b'}');
            }
        }
        Err(error) => {
            out.extend_from_slice(b"{\"error\":");
            append(&mut out, &ErrorBody::from(error));
        }
    }
    out.extend_from_slice(b",\"logs\":");
    append(&mut out, &Logs(&outcome.logs));
    out.extend_from_slice(b",\"usage\":");
    append(&mut out, &UsageBody::from(&outcome.usage));
    out.push(b'}');
    String::from_utf8(out).unwrap_or_default()
}

/// `{"error": {...}}` for a request that led to no run.
pub(crate) fn error_json(error: &ApiError) -> Vec<u8> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        error: ErrorBody<'a>,
    }
    let body = match error {
        ApiError::Script(error) => ErrorBody::from(error),
        other => ErrorBody::new(other.code(), other.to_string()),
    };
    let mut out = Vec::with_capacity(128);
    append(&mut out, &Envelope { error: body });
    out
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack: Option<&'a str>,
}

impl<'a> ErrorBody<'a> {
    fn new(code: &'a str, message: String) -> Self {
        Self {
            code,
            message,
            name: None,
            file: None,
            line: None,
            column: None,
            path: None,
            stack: None,
        }
    }
}

impl<'a> From<&'a Error> for ErrorBody<'a> {
    fn from(error: &'a Error) -> Self {
        let code = error.code();
        match error {
            Error::Syntax(at) => Self {
                file: Some(&at.file),
                line: Some(at.line),
                column: Some(at.column),
                ..Self::new(code, at.message.clone())
            },
            Error::Exception(thrown) => Self {
                name: Some(&thrown.name),
                file: thrown.file.as_deref(),
                line: thrown.line,
                column: thrown.column,
                stack: Some(&thrown.stack),
                ..Self::new(code, thrown.message.clone())
            },
            Error::NotCrossable { path, .. } => {
                Self { path: Some(path), ..Self::new(code, error.to_string()) }
            }
            other => Self::new(code, other.to_string()),
        }
    }
}

/// Times are in microseconds, so that they are whole numbers everywhere.
#[derive(Serialize)]
struct UsageBody {
    wall_us: u64,
    build_us: u64,
    cpu_us: u64,
    peak_heap_bytes: usize,
    bytes_restored: usize,
    restore_us: u64,
    jobs: u32,
    output_bytes: usize,
    log_bytes: usize,
}

impl From<&Usage> for UsageBody {
    fn from(usage: &Usage) -> Self {
        let microseconds =
            |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Self {
            wall_us: microseconds(usage.wall),
            build_us: microseconds(usage.build),
            cpu_us: microseconds(usage.cpu),
            peak_heap_bytes: usage.peak_heap,
            bytes_restored: usage.bytes_restored,
            restore_us: microseconds(usage.restore),
            jobs: usage.jobs,
            output_bytes: usage.output,
            log_bytes: usage.logs,
        }
    }
}

struct Logs<'a>(&'a [LogLine]);

impl Serialize for Logs<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            level: &'a str,
            text: &'a str,
        }
        let mut lines = serializer.serialize_seq(Some(self.0.len()))?;
        for line in self.0 {
            lines.serialize_element(&Line { level: line.level.as_str(), text: &line.text })?;
        }
        lines.end()
    }
}

fn append(out: &mut Vec<u8>, value: &impl Serialize) {
    // Writing strings and numbers to memory cannot fail.
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok());
}
