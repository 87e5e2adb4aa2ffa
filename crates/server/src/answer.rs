//! How outcomes and errors are written: as JSON, or the bare value. Knows nothing of routes, nor of
//! when which error arises.

use std::{
    borrow::Cow,
    io::{self, Write},
    sync::Arc,
};

use http::StatusCode;
use sandtide::{Error, LogLine, Outcome, Usage, Value};
use serde::{Serialize, ser::SerializeSeq};

use crate::{
    error::{ApiError, script_status},
    flight::{Flight, Pieces},
    handlers,
    http1::Response,
    tagged::Tagged,
};

const JSON: &str = "application/json";
/// Of RFC 9457.
const PROBLEM: &str = "application/problem+json";
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
    /// What a handler answered.
    Handler,
}

/// Writes an outcome, so that the threads doing I/O have only to send it.
pub(crate) fn outcome(flight: &Arc<Flight>, outcome: Outcome, shape: Shape) -> Response {
    if shape == Shape::Handler {
        return handlers::outcome(flight, outcome);
    }
    match (&outcome.result, shape) {
        (Err(error), _) => {
            let status = script_status(error);
            let problem = Problem {
                logs: Some(Logs(&outcome.logs)),
                usage: Some(UsageBody::from(&outcome.usage)),
                ..Problem::new(status, error.into())
            };
            let written = in_flight(flight, (status, PROBLEM), |out| write(out, &problem));
            may_be_retried(written, Some(error))
        }
        (Ok(_), Shape::Json { globals }) => {
            in_flight(flight, (StatusCode::OK, JSON), |out| write_outcome(out, &outcome, globals))
        }
        (Ok(_), _) => bare(flight, outcome),
    }
}

fn bare(flight: &Arc<Flight>, outcome: Outcome) -> Response {
    // It holds numbers and names only, so nothing in it ends a line of the head.
    let usage = text_of(&UsageBody::from(&outcome.usage));
    let response = match outcome.result {
        Ok(Value::String(text)) => as_it_is(flight, TEXT, text.into_bytes()),
        Ok(Value::Bytes(bytes) | Value::ArrayBuffer(bytes)) => as_it_is(flight, BYTES, bytes),
        Ok(value) => in_flight(flight, (StatusCode::OK, JSON), |out| write(out, &Tagged(&value))),
        Err(_) => Response::empty(StatusCode::INTERNAL_SERVER_ERROR),
    };
    response.header(USAGE, usage)
}

/// Anything large as a JSON body, whose room is taken as it is written.
pub(crate) fn large(flight: &Arc<Flight>, body: &impl Serialize) -> Response {
    in_flight(flight, (StatusCode::OK, JSON), |out| write(out, body))
}

fn in_flight(
    flight: &Arc<Flight>,
    (status, content_type): (StatusCode, &'static str),
    fill: impl FnOnce(&mut Pieces) -> io::Result<()>,
) -> Response {
    match pieces(flight, fill) {
        Ok(pieces) => of_pieces(status, content_type, pieces),
        Err(error) => failure(&error),
    }
}

/// What `fill` writes, whose room is taken as it is written.
pub(crate) fn pieces(
    flight: &Arc<Flight>,
    fill: impl FnOnce(&mut Pieces) -> io::Result<()>,
) -> Result<Pieces, ApiError> {
    let mut pieces = Pieces::new(flight);
    match fill(&mut pieces) {
        Ok(()) => Ok(pieces),
        Err(_) if pieces.was_refused() => Err(no_room(flight, pieces.len())),
        // A temporary file, such as those of a snapshot.
        Err(_) => Err(ApiError::Internal),
    }
}

/// A body of this type that was written.
pub(crate) fn of_pieces(
    status: StatusCode,
    content_type: &'static str,
    pieces: Pieces,
) -> Response {
    let (body, permit) = pieces.into_parts();
    Response { permit: Some(permit), ..Response::new(status, content_type, body) }
}

/// A body of this type, for which room is taken.
pub(crate) fn as_it_is(
    flight: &Arc<Flight>,
    content_type: &'static str,
    mut body: Vec<u8>,
) -> Response {
    body.shrink_to_fit();
    match flight.take(body.len()) {
        Some(permit) => {
            let body = if body.is_empty() { Vec::new() } else { vec![body] };
            let response = Response::new(StatusCode::OK, content_type, body);
            Response { permit: Some(permit), ..response }
        }
        None => failure(&no_room(flight, body.len())),
    }
}

/// Why an answer is refused that needs at least so many bytes.
pub(crate) fn no_room(flight: &Flight, bytes: usize) -> ApiError {
    let limit = flight.largest();
    // Room is taken for whole pieces, and the last of them may not be full.
    if bytes + Pieces::SLACK > limit {
        ApiError::AnswerTooLarge { limit }
    } else {
        ApiError::BytesInFlight
    }
}

/// Something small as a JSON body.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    Response::new(status, JSON, vec![text_of(body).into_bytes()])
}

/// JSON that is written already.
pub(crate) fn written(status: StatusCode, body: String) -> Response {
    Response::new(status, JSON, vec![body.into_bytes()])
}

fn text_of(body: &impl Serialize) -> String {
    // Writing strings and numbers to memory cannot fail.
    serde_json::to_string(body).unwrap_or_default()
}

/// A problem for a request that led to no run.
pub(crate) fn failure(error: &ApiError) -> Response {
    let (body, script) = match error {
        ApiError::Script(error) => (ErrorBody::from(error), Some(error)),
        other => (ErrorBody::new(other.code(), other.to_string()), None),
    };
    let problem = text_of(&Problem::new(error.status(), body)).into_bytes();
    let response = Response::new(error.status(), PROBLEM, vec![problem]);
    let response = may_be_retried(response, script);
    match error {
        ApiError::MethodNotAllowed { allowed, .. } => response.header("allow", *allowed),
        ApiError::OverQuota { retry_after: Some(seconds), .. } => {
            response.header("retry-after", seconds.to_string())
        }
        ApiError::TokenMissing => response.header("www-authenticate", "Bearer"),
        ApiError::TokenInvalid => {
            response.header("www-authenticate", "Bearer error=\"invalid_token\"")
        }
        _ => response,
    }
}

/// Says after how many seconds what is refused now may be asked for again.
fn may_be_retried(response: Response, error: Option<&Error>) -> Response {
    if response.status == StatusCode::SERVICE_UNAVAILABLE {
        return response.header("retry-after", retry_after(error).to_string());
    }
    response
}

fn retry_after(error: Option<&Error>) -> u64 {
    match error {
        Some(Error::Quarantined { wait, .. }) => {
            wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
        }
        _ => 1,
    }
}

/// An outcome as one JSON object: `{"value", "globals"?, "logs", "usage"}`, or
/// `{"error", "logs", "usage"}`; `globals` tells whether to write the globals that came back.
#[must_use]
pub fn outcome_json(outcome: &Outcome, globals: bool) -> String {
    let mut out = Vec::with_capacity(256);
    // Writing to memory cannot fail, and what is written is UTF-8.
    let _ = write_outcome(&mut out, outcome, globals);
    String::from_utf8(out).unwrap_or_default()
}

fn write_outcome(out: &mut impl Write, outcome: &Outcome, globals: bool) -> io::Result<()> {
    match &outcome.result {
        Ok(value) => {
            out.write_all(b"{\"value\":")?;
            write(out, &Tagged(value))?;
            if globals {
                out.write_all(b",\"globals\":{")?;
                for (at, (name, value)) in outcome.globals.iter().enumerate() {
                    if at > 0 {
                        out.write_all(b",")?;
                    }
                    write(out, name)?;
                    out.write_all(b":")?;
                    write(out, &Tagged(value))?;
                }
                out.write_all(b"}")?;
            }
        }
        Err(error) => {
            out.write_all(b"{\"error\":")?;
            write(out, &ErrorBody::from(error))?;
        }
    }
    out.write_all(b",\"logs\":")?;
    write(out, &Logs(&outcome.logs))?;
    out.write_all(b",\"usage\":")?;
    write(out, &UsageBody::from(&outcome.usage))?;
    out.write_all(b"}")
}

fn write(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}

/// What went wrong, as RFC 9457 has it. Its `type` is left out: `code` tells problems apart.
#[derive(Serialize)]
struct Problem<'a> {
    title: &'static str,
    status: u16,
    code: &'a str,
    detail: Cow<'a, str>,
    #[serde(flatten)]
    place: ErrorPlace<'a>,
    /// Those of a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    logs: Option<Logs<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageBody>,
}

impl<'a> Problem<'a> {
    fn new(status: StatusCode, error: ErrorBody<'a>) -> Self {
        let ErrorBody { code, message, place } = error;
        let title = status.canonical_reason().unwrap_or_default();
        let status = status.as_u16();
        Self { title, status, code, detail: message, place, logs: None, usage: None }
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    message: Cow<'a, str>,
    #[serde(flatten)]
    place: ErrorPlace<'a>,
}

/// Where in a script or a value an error arose, as far as it is known.
#[derive(Default, Serialize)]
struct ErrorPlace<'a> {
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
        Self { code, message: cut(message.into()), place: ErrorPlace::default() }
    }

    fn at(self, place: ErrorPlace<'a>) -> Self {
        Self { place, ..self }
    }
}

impl<'a> From<&'a Error> for ErrorBody<'a> {
    fn from(error: &'a Error) -> Self {
        let code = error.code();
        let text = |text: &'a str| cut(Cow::Borrowed(text));
        match error {
            Error::Syntax(at) => Self::new(code, &*at.message).at(ErrorPlace {
                file: Some(text(&at.file)),
                line: Some(at.line),
                column: Some(at.column),
                ..ErrorPlace::default()
            }),
            Error::Exception(thrown) => Self::new(code, &*thrown.message).at(ErrorPlace {
                name: Some(text(&thrown.name)),
                file: thrown.file.as_deref().map(text),
                line: thrown.line,
                column: thrown.column,
                stack: Some(text(&thrown.stack)),
                ..ErrorPlace::default()
            }),
            Error::NotCrossable { path, .. } => {
                let path = Some(text(path));
                Self::new(code, error.to_string()).at(ErrorPlace { path, ..ErrorPlace::default() })
            }
            other => Self::new(code, other.to_string()),
        }
    }
}

/// The text, or its beginning where a script has made it long.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn who_is_held_back_is_told_for_how_long() {
        let wait = |millis| Error::Quarantined { lost: 3, wait: Duration::from_millis(millis) };
        assert_eq!(retry_after(Some(&wait(1))), 1);
        assert_eq!(retry_after(Some(&wait(4000))), 4);
        assert_eq!(retry_after(Some(&wait(4001))), 5);
        assert_eq!(retry_after(Some(&Error::Cancelled)), 1);
        assert_eq!(retry_after(None), 1);
    }
}
