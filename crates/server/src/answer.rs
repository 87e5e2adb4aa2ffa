//! How outcomes and errors are written: as JSON, or the bare value. Knows nothing of routes, nor of
//! when which error arises.

use std::{borrow::Cow, sync::Arc};

use http::StatusCode;
use sandtide::{Error, LogLine, Outcome, Usage, Value};
use serde::{Serialize, ser::SerializeSeq};

use crate::{
    error::{ApiError, script_status},
    flight::Flight,
    http1::Response,
};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
const USAGE: &str = "sandtide-usage";
/// Bytes of each text of an error that are written.
const MAX_ERROR_TEXT: usize = 64 << 10;

/// How the caller wants an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One JSON object: value, logs, usage, and the globals if they were asked for.
    Json { globals: bool },
    /// The value itself as the body, usage in a header.
    Raw,
}

/// Writes an outcome, so that the threads doing I/O have only to send it.
pub(crate) fn outcome(outcome: Outcome, shape: Shape) -> Response {
    let whole = |status, globals| {
        let body = outcome_json(&outcome, globals).into_bytes();
        may_be_retried(Response::new(status, JSON, body))
    };
    match (&outcome.result, shape) {
        (Err(error), _) => whole(script_status(error), false),
        (Ok(_), Shape::Json { globals }) => whole(StatusCode::OK, globals),
        (Ok(_), Shape::Raw) => bare(outcome),
    }
}

fn bare(outcome: Outcome) -> Response {
    let mut usage = Vec::new();
    append(&mut usage, &UsageBody::from(&outcome.usage));
    let (content_type, body) = match outcome.result {
        Ok(Value::String(text)) => (TEXT, text.into_bytes()),
        Ok(Value::Bytes(bytes) | Value::ArrayBuffer(bytes)) => (BYTES, bytes),
        Ok(value) => (JSON, value.to_json().into_bytes()),
        Err(_) => (JSON, Vec::new()),
    };
    // Numbers and names: nothing in it ends a line.
    let usage = String::from_utf8(usage).unwrap_or_default();
    Response::new(StatusCode::OK, content_type, body).header(USAGE, usage)
}

/// Anything as a JSON body.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut out = Vec::with_capacity(256);
    append(&mut out, body);
    Response::new(status, JSON, out)
}

/// `{"error": {...}}` for a request that led to no run.
pub(crate) fn failure(error: &ApiError) -> Response {
    #[derive(Serialize)]
    struct Envelope<'a> {
        error: ErrorBody<'a>,
    }
    let body = match error {
        ApiError::Script(error) => ErrorBody::from(error),
        other => ErrorBody::new(other.code(), other.to_string()),
    };
    let response = may_be_retried(json(error.status(), &Envelope { error: body }));
    match error {
        ApiError::MethodNotAllowed { allowed, .. } => response.header("allow", *allowed),
        _ => response,
    }
}

/// The answer with its room among the bytes in flight, or a refusal where there is none.
pub(crate) fn admitted(flight: &Arc<Flight>, mut response: Response) -> Response {
    response.body.shrink_to_fit();
    let (bytes, limit) = (response.body.len(), flight.largest());
    match flight.take(bytes) {
        Some(permit) => Response { _permit: Some(permit), ..response },
        None if bytes > limit => failure(&ApiError::AnswerTooLarge { bytes, limit }),
        None => failure(&ApiError::BytesInFlight),
    }
}

fn may_be_retried(response: Response) -> Response {
    if response.status == StatusCode::SERVICE_UNAVAILABLE {
        return response.header("retry-after", "1");
    }
    response
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

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack: Option<Cow<'a, str>>,
}

impl<'a> ErrorBody<'a> {
    fn new(code: &'a str, message: impl Into<Cow<'a, str>>) -> Self {
        Self {
            code,
            message: cut(message.into()),
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
        let text = |text: &'a str| cut(Cow::Borrowed(text));
        match error {
            Error::Syntax(at) => Self {
                file: Some(text(&at.file)),
                line: Some(at.line),
                column: Some(at.column),
                ..Self::new(code, &*at.message)
            },
            Error::Exception(thrown) => Self {
                name: Some(text(&thrown.name)),
                file: thrown.file.as_deref().map(text),
                line: thrown.line,
                column: thrown.column,
                stack: Some(text(&thrown.stack)),
                ..Self::new(code, &*thrown.message)
            },
            Error::NotCrossable { path, .. } => {
                Self { path: Some(text(path)), ..Self::new(code, error.to_string()) }
            }
            other => Self::new(code, other.to_string()),
        }
    }
}

/// The text, or its beginning where a script has made it long: the limit on output does not count
/// what an error says.
fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= MAX_ERROR_TEXT {
        return text;
    }
    Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(MAX_ERROR_TEXT)]))
}

/// Times are in microseconds, so that they are whole numbers everywhere.
#[derive(Serialize)]
struct UsageBody {
    wall_us: u64,
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
