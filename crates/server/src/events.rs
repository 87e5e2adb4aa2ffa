//! What is logged, for whoever operates the server. Of what clients sent only names are, after they were
//! checked: no source, no input, no token. Knows nothing of where it is written.

use std::{io, path::Path, time::Duration};

use sandtide::Error;
use sandtide_net::{EndedSpan, Trace};
use sandtide_store::Who;
use sandtide_supervisor::Event;

use crate::{
    error::ApiError,
    http1::{Head, Response},
    names::Tenant,
};

/// What is known of a request when it is answered.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) route: &'static str,
    pub(crate) changes: bool,
    pub(crate) tenant: Option<Tenant>,
    pub(crate) script: Option<String>,
    pub(crate) code: Option<&'static str>,
}

/// What is logged while a request is answered says of which trace that is. It is there for lines of all levels.
pub(crate) fn traced(own: &Trace) -> tracing::Span {
    tracing::error_span!(target: "sandtide::request", "request", trace_id = own.id(), span_id = own.span())
}

/// What is told of a request to whoever collects spans; without an answer where its client left.
pub(crate) fn span(
    mut span: EndedSpan,
    head: &Head,
    seen: &Seen,
    response: Option<&Response>,
) -> EndedSpan {
    span.name = format!("{} {}", head.method.known_name(), seen.route);
    span.attributes.extend([
        ("http.request.method", head.method.known_name().to_owned()),
        ("http.route", seen.route.to_owned()),
    ]);
    let tenant = seen.tenant.as_ref().map(|tenant| tenant.name().to_string());
    let others = [("sandtide.tenant", tenant), ("sandtide.script", seen.script.clone())];
    span.attributes.extend(others.into_iter().filter_map(|(name, value)| Some((name, value?))));
    if let Some(code) = seen.code {
        span.attributes.push(("error.type", code.to_owned()));
    }
    match response {
        Some(response) => span.answered(response.status.as_u16()),
        None => span.error = Some("the client left".to_owned()),
    }
    span
}

/// The same of a run of a schedule, which came to this.
pub(crate) fn schedule_span(
    mut span: EndedSpan,
    tenant: &Tenant,
    script: &str,
    code: &str,
) -> EndedSpan {
    span.name = "schedule".to_owned();
    span.attributes.extend([
        ("sandtide.tenant", tenant.name().to_string()),
        ("sandtide.script", script.to_owned()),
        ("sandtide.outcome", code.to_owned()),
    ]);
    if code.starts_with("ERR_") {
        span.error = Some(code.to_owned());
    }
    span
}

/// A request was answered: told where it changed something, or failed by the server's own fault; others only
/// to whoever wants to see all.
pub(crate) fn answered(seen: &Seen, number: u64, status: u16, took: Duration) {
    let Seen { route, changes, tenant, script, code } = seen;
    let (tenant, script) = (tenant.as_ref().map(|tenant| &**tenant.name()), script.as_deref());
    let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    macro_rules! tell {
        ($level:ident) => {
            tracing::$level!(
                target: "sandtide::request",
                request = number, route, tenant, script, status, code, us, "answered"
            )
        };
    }
    match status {
        500.. => tell!(warn),
        _ if *changes => tell!(info),
        _ => tell!(debug),
    }
}

/// A run took its worker with it, or was held back because its script did so again and again.
pub(crate) fn worker_lost(tenant: &Tenant, script: Option<(&str, &str)>, error: Option<&Error>) {
    let Some(error) = error else { return };
    let tenant = &**tenant.name();
    let (script, version) = script.unzip();
    match error {
        Error::WorkerLost { cause } => {
            let cause = &**cause;
            tracing::warn!(
                target: "sandtide::worker", tenant, script, version, cause, "a run lost its worker"
            );
        }
        Error::Quarantined { lost, wait } => {
            let (lost, wait_ms) = (*lost, u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
            tracing::info!(
                target: "sandtide::worker", tenant, script, version, lost, wait_ms, "a run was held back"
            );
        }
        _ => {}
    }
}

/// Something happened to a worker, in a run or while it waited, or to the zygote.
pub(crate) fn worker_event(event: &Event) {
    match event {
        Event::WorkerLost { process, tenant, version, cause, .. } => tracing::info!(
            target: "sandtide::worker", process, tenant = &**tenant, version, cause, "a worker was lost"
        ),
        Event::ZygoteReplaced { cause, .. } => tracing::warn!(
            target: "sandtide::worker", cause, "the zygote, which forks workers, was replaced"
        ),
        Event::Missed { events, .. } => tracing::warn!(
            target: "sandtide::worker",
            events,
            "so much happened to workers that some of it is not logged"
        ),
        _ => {}
    }
}

/// What is kept could not be read or written.
pub(crate) fn store_failed(error: &ApiError) {
    if error.status().is_server_error()
        && let ApiError::Store(error) = error
    {
        tracing::error!(target: "sandtide::store", %error, code = error.code(), "the store failed");
    }
}

/// A schedule is off.
pub(crate) fn schedule_ended(tenant: &Tenant, script: &str, schedule: &str, code: &str) {
    let tenant = &**tenant.name();
    tracing::info!(target: "sandtide::schedule", tenant, script, schedule, code, "a schedule is off");
}

/// Looking for what is due, or a run of a schedule, came to a bug; the others go on.
pub(crate) fn schedule_panicked() {
    tracing::error!(target: "sandtide::schedule", "keeping time came to a bug of the server's; it goes on");
}

/// What is kept refused a line of usage again and again while it took others.
pub(crate) fn usage_refused(tenant: &Tenant, script: Option<&str>, runs: u64) {
    tracing::error!(
        target: "sandtide::store",
        tenant = %tenant.name(),
        script,
        runs,
        "the usage of these runs is refused for good, and missing in the usage over time"
    );
}

/// What was used could not be written for so long that there was no room to count more.
pub(crate) fn usage_lost(runs: u64) {
    tracing::error!(target: "sandtide::store", runs, "runs are missing in the usage over time");
}

/// What a callback was to tell went to make room, so that it is never sent.
pub(crate) fn callback_lost(tenant: &Tenant, run: &str) {
    tracing::warn!(
        target: "sandtide::runs",
        tenant = %tenant.name(),
        run,
        "a callback is lost, because its tenant's outcomes have no more room: allow them more (--run-results)"
    );
}

/// What is kept can be read or changed by others than its user.
pub(crate) fn exposed(path: &Path) {
    tracing::warn!(
        target: "sandtide::store",
        ?path,
        "others than its user can read or write this: give the directory mode 0700 and the files 0600"
    );
}

/// The database went away, or came back.
pub(crate) fn store_away(why: Option<&str>) {
    match why {
        Some(why) => {
            tracing::warn!(target: "sandtide::store", why, "the database is away; runs go on");
        }
        None => tracing::info!(target: "sandtide::store", "the database is back"),
    }
}

/// A script was changed by another server that has the same store.
pub(crate) fn taken_up(who: &Who, version: Option<&str>) {
    let Who { tenant, script } = who;
    tracing::info!(target: "sandtide::store", tenant, script, version, "another server changed it");
}

/// A client came to no session of TLS.
pub(crate) fn handshake_failed(error: &io::Error) {
    tracing::debug!(target: "sandtide::tls", %error, "a handshake failed");
}

/// The server takes requests.
pub(crate) fn started(scripts: usize, tenants: usize) {
    tracing::info!(target: "sandtide::server", scripts, tenants, "started");
}

/// The server takes no more requests, and ends those that have begun.
pub(crate) fn ending() {
    tracing::info!(target: "sandtide::server", "ending");
}
