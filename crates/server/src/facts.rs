//! What the API tells of deployed scripts. Knows nothing of routes.

use std::{cmp::Reverse, sync::Arc};

use http::StatusCode;
use sandtide_store::Quota;
use serde::Serialize;

use crate::{
    admin::QuotaBody,
    answer,
    bodies::LimitsBody,
    catalog::{Deploy, Version},
    conditions::tag,
    error::ApiError,
    failures::Failure,
    flight::Flight,
    http1::Response,
    memory::Told,
    metrics::Now,
    names::Tenant,
    page::Page,
    place::Shown,
    store::{Canary, Deployed, FormName, Made, Scripts, Slot},
    workers::Workers,
};

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Serialize)]
struct Counters {
    total: u64,
    failed: u64,
}

impl Counters {
    fn of<'a>(all: impl Iterator<Item = &'a Arc<Deployed>>) -> Self {
        all.fold(Self { total: 0, failed: 0 }, |sum, script| Self {
            total: sum.total + script.history.runs(),
            failed: sum.failed + script.history.failed(),
        })
    }
}

/// What the runs of one of two versions came to here.
#[derive(Serialize)]
struct SideFacts<'a> {
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    percent: Option<u8>,
    /// Whether its runs are held back, so that it gets none.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_back: Option<bool>,
    runs: Counters,
    cpu_us: u64,
    /// Left out while nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_us: Option<u128>,
}

impl<'a> SideFacts<'a> {
    fn of(slot: &'a Slot) -> Self {
        let script = slot.ready();
        Self {
            version: &slot.version,
            percent: None,
            held_back: None,
            runs: Counters::of(script.into_iter()),
            cpu_us: script.map_or(0, |script| script.history.cpu_us()),
            cost_us: script.and_then(|script| script.cost.known()).map(|cost| cost.as_micros()),
        }
    }

    fn of_canary(canary: &'a Canary) -> Self {
        let (percent, held_back) = (Some(canary.percent), Some(canary.is_held_back()));
        Self { percent, held_back, ..Self::of(&canary.slot) }
    }
}

/// A script of which a version has a share beside the active one.
pub(crate) fn canary(script: &Slot) -> Result<Response, ApiError> {
    #[derive(Serialize)]
    struct Body<'a> {
        name: &'a str,
        active: SideFacts<'a>,
        canary: SideFacts<'a>,
    }
    let canary = script.canary.as_ref();
    let canary = canary.ok_or_else(|| ApiError::NoCanary(script.name.to_string()))?;
    let canary = SideFacts::of_canary(canary);
    let body = Body { name: &script.name, active: SideFacts::of(script), canary };
    Ok(answer::json(StatusCode::OK, &body))
}

#[derive(Serialize)]
struct Facts<'a> {
    name: &'a str,
    version: &'a str,
    form: FormName,
    image_bytes: usize,
    heap_bytes: usize,
    build_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<Counters>,
    /// Left out while nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_us: Option<u128>,
    /// Left out where workers cannot be lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    workers_lost: Option<u64>,
    /// Left out where it is not held back.
    #[serde(skip_serializing_if = "Option::is_none")]
    held_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<LimitsBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    canary: Option<SideFacts<'a>>,
}

impl<'a> Facts<'a> {
    fn built(slot: &'a Slot) -> Self {
        let Made { form, image_bytes, heap_bytes, build_us } =
            slot.ready().map_or(slot.made, |script| Made::of(script));
        Self {
            name: &slot.name,
            version: &slot.version,
            form,
            image_bytes,
            heap_bytes,
            build_ms: milliseconds(build_us),
            runs: None,
            cost_us: None,
            workers_lost: None,
            held_ms: None,
            file: None,
            limits: None,
            source: None,
            canary: None,
        }
    }

    fn counted(slot: &'a Slot) -> Self {
        let script = slot.ready();
        let runs = Counters::of(script.into_iter());
        let cost_us = script.and_then(|script| script.cost.known()).map(|cost| cost.as_micros());
        let canary = slot.canary.as_ref().map(SideFacts::of_canary);
        Self { runs: Some(runs), cost_us, canary, ..Self::built(slot) }
    }

    fn whole(script: &'a Deployed, slot: &'a Slot) -> Self {
        // What is left of a millisecond is one, as a client must not come before it is over.
        let held = script.built.held().map(|held| held.as_micros().div_ceil(1000));
        Self {
            workers_lost: script.built.workers_lost(),
            held_ms: held.map(|ms| u64::try_from(ms).unwrap_or(u64::MAX)),
            file: Some(&script.source.file),
            limits: Some(LimitsBody::from(&script.limits)),
            source: Some(&script.source.text),
            ..Self::counted(slot)
        }
    }
}

fn milliseconds(us: u64) -> f64 {
    us as f64 / 1e3
}

/// The answer to an activation or a roll back.
pub(crate) fn activated(script: &Slot) -> Response {
    answer::json(StatusCode::OK, &Facts::built(script)).header("etag", tag(&script.version))
}

/// Stands for the tag of an answer that has none: the script's is its active version.
const UNTAGGED: &str = "-";

/// The answer to a deploy as it is kept, for whoever asks for the same again: status, version and body.
pub(crate) fn deploy_told(script: &Slot, new: bool) -> String {
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    told(script, status, &script.version)
}

/// The same for a version beside the active one.
pub(crate) fn deploy_beside_told(script: &Slot) -> String {
    told(script, StatusCode::OK, UNTAGGED)
}

fn told(script: &Slot, status: StatusCode, tagged: &str) -> String {
    // Names and numbers are always written.
    let body = serde_json::to_string(&Facts::built(script)).unwrap_or_default();
    format!("{} {tagged} {body}", status.as_u16())
}

/// The answer to a deploy.
pub(crate) fn deployed(deploy: &Deploy) -> Result<Response, ApiError> {
    let mut parts = deploy.told.splitn(3, ' ');
    let (Some(status), Some(version), Some(body)) = (parts.next(), parts.next(), parts.next())
    else {
        return Err(ApiError::Internal);
    };
    let status = StatusCode::from_bytes(status.as_bytes()).map_err(|_| ApiError::Internal)?;
    let response = answer::written(status, body.to_owned());
    let response = match version {
        UNTAGGED => response,
        version => response.header("etag", tag(version)),
    };
    Ok(if deploy.again { response.header("idempotent-replayed", "true") } else { response })
}

/// That the client has what it asks for already.
pub(crate) fn not_modified(version: &str) -> Response {
    tagged(Response::empty(StatusCode::NOT_MODIFIED), version)
}

/// The tag is of the version, and the answer is its tenant's.
fn tagged(response: Response, version: &str) -> Response {
    response.header("etag", tag(version)).header("cache-control", "private, no-cache")
}

/// Everything about one script.
pub(crate) fn shown(
    flight: &Arc<Flight>,
    script: &Arc<Deployed>,
    canary: Option<Canary>,
) -> Response {
    let slot = Slot::of(Arc::clone(script)).beside(canary);
    tagged(answer::large(flight, &Facts::whole(script, &slot)), &script.version)
}

/// The versions of a script that are kept.
pub(crate) fn versions(
    flight: &Arc<Flight>,
    name: &str,
    all: &[Version],
    page: &Page,
) -> Result<Response, ApiError> {
    #[derive(Serialize)]
    struct Body<'a> {
        name: &'a str,
        active: Option<&'a str>,
        versions: Vec<One<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<&'a str>,
    }
    #[derive(Serialize)]
    struct One<'a> {
        version: &'a str,
        active: bool,
        /// Its share beside the active one.
        #[serde(skip_serializing_if = "Option::is_none")]
        percent: Option<u8>,
        #[serde(skip_serializing_if = "Option::is_none")]
        rolls_back_to: Option<&'a str>,
        deployed_ms: i64,
        deployed_by: &'a str,
        body_bytes: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        form: Option<FormName>,
        #[serde(skip_serializing_if = "Option::is_none")]
        image_bytes: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        heap_bytes: Option<usize>,
    }
    let is_kept = |version: &str| all.iter().any(|one| one.stored.version == version);
    let begin = match &page.cursor {
        None => 0,
        Some(cursor) => {
            let last = all.iter().position(|one| one.stored.version == *cursor);
            last.ok_or_else(Page::refused)? + 1
        }
    };
    let end = all.len().min(begin + page.limit as usize);
    let next_cursor = (end < all.len()).then(|| &*all[end - 1].stored.version);
    let versions = all[begin..end].iter().map(|Version { stored, made }| One {
        version: &stored.version,
        active: stored.active,
        percent: stored.share,
        rolls_back_to: stored.former.as_deref().filter(|former| is_kept(former)),
        deployed_ms: stored.made_ms,
        deployed_by: &stored.made_by,
        body_bytes: stored.bytes,
        form: made.as_ref().map(|made| made.form),
        image_bytes: made.as_ref().map(|made| made.image_bytes),
        heap_bytes: made.as_ref().map(|made| made.heap_bytes),
    });
    let active = all.iter().find(|one| one.stored.active).map(|one| &*one.stored.version);
    let versions = versions.collect();
    Ok(answer::large(flight, &Body { name, active, versions, next_cursor }))
}

/// The source of a version that is kept.
pub(crate) fn source(flight: &Arc<Flight>, name: &str, version: &str, shown: &Shown) -> Response {
    #[derive(Serialize)]
    struct Body<'a> {
        name: &'a str,
        version: &'a str,
        file: &'a str,
        source: &'a str,
    }
    let Shown { file, text } = shown;
    tagged(answer::large(flight, &Body { name, version, file, source: text }), version)
}

/// What the runs of a script's versions took of memory.
pub(crate) fn memory(flight: &Arc<Flight>, script: &Slot) -> Response {
    #[derive(Serialize)]
    struct Body<'a> {
        name: &'a str,
        version: &'a str,
        #[serde(flatten)]
        told: Told,
    }
    let told = script.memory.told();
    answer::large(flight, &Body { name: &script.name, version: &script.version, told })
}

/// What a tenant has, and what became of its runs, of which so many wait and so many are on. Whether
/// workers can be lost is the place's matter, of a tenant without scripts too.
pub(crate) fn usage(
    scripts: &Scripts,
    tenant: &Tenant,
    (queued, running): (usize, usize),
    loses_workers: bool,
    quota: Option<Quota>,
) -> Response {
    #[derive(Serialize)]
    struct Usage<'a> {
        tenant: &'a str,
        queued: usize,
        running: usize,
        scripts: usize,
        script_bytes: usize,
        runs: Counters,
        #[serde(skip_serializing_if = "Option::is_none")]
        workers_lost: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        quota: Option<QuotaBody>,
    }
    let all = scripts.list(tenant);
    let all_ready = || all.iter().flat_map(|slot| slot.all_ready());
    answer::json(
        StatusCode::OK,
        &Usage {
            tenant: tenant.name(),
            queued,
            running,
            scripts: all.len(),
            script_bytes: all.iter().map(|script| script.bytes()).sum(),
            runs: Counters::of(all_ready()),
            quota: quota.as_ref().map(QuotaBody::from),
            workers_lost: loses_workers
                .then(|| all_ready().map(|script| script.built.workers_lost().unwrap_or(0)).sum()),
        },
    )
}

/// The errors that a tenant's runs ended in lately.
pub(crate) fn failures(flight: &Arc<Flight>, tenant: &Tenant, last: &[Failure]) -> Response {
    #[derive(Serialize)]
    struct Body<'a> {
        tenant: &'a str,
        errors: &'a [Failure],
    }
    answer::large(flight, &Body { tenant: tenant.name(), errors: last })
}

/// What each tenant that has scripts takes; those with most runs first, and no more than are looked at.
pub(crate) fn tenants(flight: &Arc<Flight>, scripts: &Scripts) -> Response {
    const MOST: usize = 1000;
    #[derive(Serialize)]
    struct Body {
        total: usize,
        tenants: Vec<One>,
    }
    #[derive(Serialize)]
    struct One {
        tenant: String,
        scripts: usize,
        script_bytes: usize,
        runs: Counters,
    }
    let mut tenants: Vec<_> = scripts
        .names_of_tenants()
        .into_iter()
        .map(|tenant| {
            let all = scripts.list(&tenant);
            One {
                scripts: all.len(),
                script_bytes: all.iter().map(|script| script.bytes()).sum(),
                runs: Counters::of(all.iter().flat_map(|slot| slot.all_ready())),
                tenant: tenant.to_string(),
            }
        })
        .collect();
    let total = tenants.len();
    tenants.sort_by_key(|one| Reverse(one.runs.total));
    tenants.truncate(MOST);
    answer::large(flight, &Body { total, tenants })
}

/// How the server is, and, where `totals` says so, what all tenants have together.
pub(crate) fn health(
    workers: &Workers,
    scripts: &Scripts,
    flight: &Flight,
    totals: bool,
) -> Response {
    #[derive(Serialize)]
    struct Health {
        status: &'static str,
        workers: usize,
        #[serde(flatten)]
        totals: Option<Totals>,
    }
    #[derive(Serialize)]
    struct Totals {
        queued: usize,
        running: usize,
        tenants: usize,
        scripts: usize,
        script_bytes: usize,
        bytes_in_flight: usize,
        runs: u64,
        #[serde(flatten)]
        processes: Option<Processes>,
    }
    #[derive(Serialize)]
    struct Processes {
        workers_started: u64,
        workers_lost: u64,
        batches_parted: u64,
    }
    let totals = totals.then(|| Totals {
        queued: workers.waiting(),
        running: workers.running(),
        tenants: scripts.tenants(),
        scripts: scripts.len(),
        script_bytes: scripts.bytes(),
        bytes_in_flight: flight.used(),
        runs: workers.done(),
        processes: workers.place().counts().map(|counts| Processes {
            workers_started: counts.started,
            workers_lost: counts.lost,
            batches_parted: counts.parted,
        }),
    });
    answer::json(StatusCode::OK, &Health { status: "ok", workers: workers.count(), totals })
}

/// Whether the server can do what it is for, and why not; or what of it cannot be done though it is ready.
pub(crate) fn readiness(because: &[String], though: &[String]) -> Response {
    #[derive(Serialize)]
    struct Body<'a> {
        status: &'static str,
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        because: &'a [String],
    }
    match (because, though) {
        ([], []) => answer::json(StatusCode::OK, &Body { status: "ready", because }),
        ([], because) => answer::json(StatusCode::OK, &Body { status: "degraded", because }),
        _ => answer::json(StatusCode::SERVICE_UNAVAILABLE, &Body { status: "not ready", because }),
    }
}

/// That the server answers.
pub(crate) fn alive() -> Response {
    #[derive(Serialize)]
    struct Body {
        status: &'static str,
    }
    answer::json(StatusCode::OK, &Body { status: "ok" })
}

/// What is counted, as Prometheus reads it.
pub(crate) fn metrics(
    workers: &Workers,
    scripts: &Scripts,
    flight: &Flight,
) -> impl FnOnce(&Arc<Flight>) -> Response + use<> {
    let now = Now {
        queued: workers.waiting(),
        running: workers.running(),
        workers: workers.count(),
        processes: workers.place().counts(),
        tenants: scripts.tenants(),
        scripts: scripts.len(),
        script_bytes: scripts.bytes(),
        in_flight: flight.used(),
    };
    let metrics = Arc::clone(workers.metrics());
    move |flight| answer::as_it_is(flight, OPEN_METRICS, metrics.text(&now).into_bytes())
}

/// Scripts of a tenant.
pub(crate) fn listed(
    flight: &Arc<Flight>,
    scripts: &Scripts,
    tenant: &Tenant,
    page: &Page,
) -> Response {
    #[derive(Serialize)]
    struct List<'a> {
        scripts: Vec<Facts<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_cursor: Option<String>,
    }
    let (all, next_cursor) = page.of(scripts.list(tenant), |script| Arc::clone(&script.name));
    let scripts = all.iter().map(|script| Facts::counted(script)).collect();
    answer::large(flight, &List { scripts, next_cursor })
}
