//! Where spans are sent: to a collector that the operator or OpenTelemetry's own variables name, by a program that was
//! built for it. Knows nothing of what spans are of.

#[cfg(not(feature = "otlp"))]
use std::convert::Infallible;
use std::env;

use sandtide_server::SpanSink;

use crate::terminal::complain;

#[cfg(feature = "otlp")]
use sandtide_otlp::{OtlpError, Spans as Exporter};

/// By which the rest of the world says where collectors are.
const VARIABLES: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// What sends spans; there is none in a program that was built without.
#[cfg(not(feature = "otlp"))]
enum Exporter {}

#[cfg(not(feature = "otlp"))]
impl Exporter {
    fn sink(&self) -> SpanSink {
        match *self {}
    }

    fn end(&self) -> Result<(), Infallible> {
        match *self {}
    }
}

/// Sends spans until it is dropped, which waits some seconds for the last ones.
pub(crate) struct Spans(Exporter);

impl Spans {
    /// Who is told of spans.
    pub(crate) fn sink(&self) -> SpanSink {
        self.0.sink()
    }
}

impl Drop for Spans {
    fn drop(&mut self) {
        if let Err(error) = self.0.end() {
            complain(&format!("the last spans may not have been sent: {error}"));
        }
    }
}

/// Sends spans from now on, where somebody says whereto.
///
/// # Errors
///
/// With what is wrong about it, to be shown to whoever started the program.
pub(crate) fn start(endpoint: Option<&str>) -> Result<Option<Spans>, String> {
    let variable =
        VARIABLES.into_iter().find(|name| env::var_os(name).is_some_and(|to| !to.is_empty()));
    match (endpoint, variable) {
        (None, None) => Ok(None),
        (endpoint, variable) => begin(endpoint, variable),
    }
}

#[cfg(feature = "otlp")]
fn begin(endpoint: Option<&str>, variable: Option<&str>) -> Result<Option<Spans>, String> {
    let spans = Exporter::start(endpoint).map_err(|error| match error {
        // It names the variable.
        OtlpError::Sampler(error) => error.to_string(),
        error => format!(
            "{} is refused: {error}",
            variable.filter(|_| endpoint.is_none()).unwrap_or("--otlp-endpoint")
        ),
    })?;
    Ok(Some(Spans(spans)))
}

#[cfg(not(feature = "otlp"))]
fn begin(endpoint: Option<&str>, variable: Option<&str>) -> Result<Option<Spans>, String> {
    const WITHOUT: &str = "this program was built without OTLP (cargo build --features otlp)";
    if endpoint.is_some() {
        return Err(format!("--otlp-endpoint cannot be used: {WITHOUT}"));
    }
    // It may be set for all programs of a machine.
    if let Some(name) = variable {
        complain(&format!("{name} is set, but no spans are sent: {WITHOUT}"));
    }
    Ok(None)
}
