//! Requests that look into runs: profiles, heap snapshots, debugging. Knows nothing of how that is done.

use std::sync::Arc;

use http::StatusCode;

use crate::{
    answer,
    client::Client,
    debug,
    error::ApiError,
    http1::Head,
    names::Tenant,
    profiler,
    query::parameters,
    snapshots::{self, Of},
};

use super::{Ended, Handled, Shared, at_the_desk, ready};

/// Samples the workers for some seconds.
pub(super) async fn profile(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    name: Option<String>,
) -> Handled {
    let [seconds, format, interval] =
        parameters(head.query.as_deref(), ["seconds", "format", "interval"])?;
    let wanted = profiler::wanted(seconds.as_deref(), format.as_deref(), interval.as_deref())?;
    if connection.has_body_left() {
        return Err(Ended::Failed(ApiError::InvalidRequest(
            "POST takes no body here; leave it out".to_owned(),
        )));
    }
    if let Some(name) = &name {
        shared.catalog.scripts.get(tenant, name)?;
    }
    let profiler = shared.workers.profiler();
    let sampling = profiler.begin(Arc::clone(tenant.name()), name, wanted.interval);
    let sampling = sampling.ok_or(ApiError::ProfileUnderWay)?;
    connection.unless_gone(tokio::time::sleep(wanted.time)).await.ok_or(Ended::Gone)?;
    let format = wanted.format;
    at_the_desk(shared, connection, tenant, move |flight| {
        let written = answer::pieces(flight, |out| sampling.end(format, out))?;
        Ok(answer::of_pieces(StatusCode::OK, format.content_type(), written))
    })
    .await
}

/// Takes a snapshot of a script's image, or of the next run that hits its memory limit.
pub(super) async fn heap_snapshot(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    name: &str,
) -> Handled {
    let [of, seconds] = parameters(head.query.as_deref(), ["of", "seconds"])?;
    let of = snapshots::wanted(of.as_deref(), seconds.as_deref())?;
    if connection.has_body_left() {
        return Err(Ended::Failed(ApiError::InvalidRequest(
            "POST takes no body here; leave it out".to_owned(),
        )));
    }
    let script = ready(shared, connection, tenant, name).await?;
    let written = match of {
        Of::Image => {
            let (place, flight) = (shared.workers.place().clone(), Arc::clone(&shared.flight));
            let work = move || place.snapshot(&script.built, &flight);
            let taken = shared.workers.build(tenant, name, work);
            connection.unless_gone(taken).await.ok_or(Ended::Gone)??
        }
        Of::Limit(_) if script.env.has_secrets() => {
            return Err(Ended::Failed(ApiError::HasSecrets));
        }
        Of::Limit(time) => {
            let waits = script.trap.set().ok_or(ApiError::SnapshotUnderWay)?;
            let taken = tokio::time::timeout(time, waits);
            let taken = connection.unless_gone(taken).await.ok_or(Ended::Gone)?;
            let taken = taken.map_err(|_| ApiError::NoRunAtLimit { seconds: time.as_secs() })?;
            taken.map_err(|_| ApiError::Internal)??
        }
    };
    Ok(answer::of_pieces(StatusCode::OK, "application/json", written))
}

/// Opens a debugging session for the script's next run.
pub(super) async fn debug_next_run(
    shared: &Shared,
    head: &Head,
    connection: &mut Client<'_>,
    tenant: &Tenant,
    name: &str,
) -> Handled {
    #[derive(serde::Serialize)]
    struct Session {
        url: String,
        devtools: String,
        attach_within_ms: u128,
        ends_within_ms: u128,
    }
    let [seconds, stop] = parameters(head.query.as_deref(), ["seconds", "stop"])?;
    let wanted = debug::wanted(seconds.as_deref(), stop.as_deref())?;
    if connection.has_body_left() {
        return Err(Ended::Failed(ApiError::InvalidRequest(
            "POST takes no body here; leave it out".to_owned(),
        )));
    }
    let address = shared.config.allow_debug.ok_or(ApiError::DebugNotAllowed)?;
    let script = ready(shared, connection, tenant, name).await?;
    if script.env.has_secrets() {
        return Err(Ended::Failed(ApiError::HasSecrets));
    }
    let with = (shared.workers.place(), &shared.flight);
    let opened = shared.debugging.open(tenant, &script, wanted, address, with);
    let opened = connection.unless_gone(opened).await.ok_or(Ended::Gone)??;
    let at = opened.url.strip_prefix("ws://").unwrap_or(&opened.url);
    let devtools =
        format!("devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws={at}");
    Ok(answer::json(
        StatusCode::CREATED,
        &Session {
            devtools,
            attach_within_ms: opened.wait.as_millis(),
            ends_within_ms: opened.longest.as_millis(),
            url: opened.url,
        },
    ))
}
