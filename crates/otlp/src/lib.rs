//! Sends spans to a collector, by OpenTelemetry's own exporter. Spans come as they ended, with the identities that were
//! logged and passed on: a tracer, which would make others, is not needed.
//!
//! A crate of its own, so that only programs that want it have OpenTelemetry's. Must not know which program it is, nor
//! where settings come from.
#![forbid(unsafe_code)]

mod sampling;

use std::{env, fmt, str::FromStr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use opentelemetry::{
    InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, SpanKind, Status, TraceState},
};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{BatchSpanProcessor, SpanData, SpanProcessor},
};
use sandtide_server::{EndedSpan, SpanKind as Side, SpanSink};
use ureq::Agent;

pub use sampling::SamplerError;
use sampling::{ARGUMENT, SAMPLER, Sampler};

/// How long a collector may take to answer.
const TIME: Duration = Duration::from_secs(10);
/// How long the end of the program waits for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why no spans can be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OtlpError {
    /// An address is none, or a variable of the exporter's makes no sense.
    #[error(transparent)]
    Exporter(#[from] ExporterBuildError),
    /// What is to be recorded is not said in words that are known.
    #[error(transparent)]
    Sampler(#[from] SamplerError),
}

/// Sends spans in batches, on a thread of its own, until it is [ended](Spans::end). What finds no room to wait is left out.
pub struct Spans {
    processor: Arc<BatchSpanProcessor>,
    sampler: Sampler,
}

impl Spans {
    /// Sends them to this address, or whereto OpenTelemetry's variables say; these have headers, times and what is
    /// recorded too.
    ///
    /// # Errors
    ///
    /// Where an address is none, or a variable makes no sense.
    pub fn start(endpoint: Option<&str>) -> Result<Self, OtlpError> {
        let [name, argument] = [SAMPLER, ARGUMENT]
            .map(|name| env::var_os(name).map(|text| text.to_string_lossy().into_owned()));
        let sampler = Sampler::named(name.as_deref(), argument.as_deref())?;
        let mut exporter = SpanExporter::builder().with_http().with_http_client(Collector::new());
        if let Some(base) = endpoint {
            exporter = exporter.with_endpoint(format!("{}/v1/traces", base.trim_end_matches('/')));
        }
        let mut processor = BatchSpanProcessor::builder(exporter.build()?).build();
        // With what OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say.
        let mut resource = Resource::builder();
        if env::var_os("OTEL_SERVICE_NAME").is_none() {
            resource = resource.with_service_name("sandtide");
        }
        processor.set_resource(&resource.build());
        Ok(Self { processor: Arc::new(processor), sampler })
    }

    /// Who is told of spans, and says which are recorded.
    pub fn sink(&self) -> SpanSink {
        let processor = Arc::clone(&self.processor);
        let scope = InstrumentationScope::builder("sandtide")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        let sampler = self.sampler.clone();
        SpanSink::new(move |span| processor.on_end(data(span, &scope)))
            .sampled_by(move |id, client| sampler.takes(id, client))
    }

    /// Sends what is left, which takes 5 s at most.
    ///
    /// # Errors
    ///
    /// Where the last spans may not have been sent.
    pub fn end(&self) -> OTelSdkResult {
        self.processor.shutdown_with_timeout(PATIENCE)
    }
}

impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spans")
    }
}

/// A span as OpenTelemetry has it.
fn data(span: EndedSpan, scope: &InstrumentationScope) -> SpanData {
    let EndedSpan { trace, parent, kind, name, began, took, attributes, status, error, .. } = span;
    let flags = if trace.is_sampled() { TraceFlags::SAMPLED } else { TraceFlags::default() };
    // It was checked as it came.
    let state =
        trace.state().and_then(|state| TraceState::from_str(state).ok()).unwrap_or_default();
    let context = SpanContext::new(
        TraceId::from_bytes(trace.id_bytes()),
        SpanId::from_bytes(trace.span_bytes()),
        flags,
        false,
        state,
    );
    let mut known: Vec<KeyValue> =
        attributes.into_iter().map(|(name, value)| attribute(name, value)).collect();
    known
        .extend(status.map(|status| KeyValue::new("http.response.status_code", i64::from(status))));
    SpanData {
        span_context: context,
        parent_span_id: parent.map_or(SpanId::INVALID, SpanId::from_bytes),
        parent_span_is_remote: kind == Side::Server && parent.is_some(),
        span_kind: match kind {
            Side::Server => SpanKind::Server,
            Side::Client => SpanKind::Client,
            _ => SpanKind::Internal,
        },
        name: name.into(),
        start_time: began,
        end_time: began + took,
        attributes: known,
        dropped_attributes_count: 0,
        events: Default::default(),
        links: Default::default(),
        status: error.map_or(Status::Unset, Status::error),
        instrumentation_scope: scope.clone(),
    }
}

/// Ports are numbers to OpenTelemetry.
fn attribute(name: &'static str, value: String) -> KeyValue {
    match value.parse::<i64>() {
        Ok(port) if name == "server.port" => KeyValue::new(name, port),
        _ => KeyValue::new(name, value),
    }
}

/// The client of a collector. It waits on the exporter's own thread.
struct Collector(Agent);

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}

impl Collector {
    fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIME))
            .max_redirects(0)
            .build();
        Self(config.into())
    }
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(parts, &body[..]))?;
        let (parts, mut body) = answer.into_parts();
        Ok(Response::from_parts(parts, body.read_to_vec()?.into()))
    }
}
