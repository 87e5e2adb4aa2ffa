//! What the API tells of deployed scripts. Knows nothing of routes.

use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;

use crate::{
    answer,
    bodies::LimitsBody,
    flight::Flight,
    http1::Response,
    memory::Told,
    names::Tenant,
    store::{Deployed, Scripts, form_name},
    workers::Workers,
};

#[derive(Serialize)]
struct Counters {
    total: u64,
    failed: u64,
}

#[derive(Serialize)]
struct Facts<'a> {
    name: &'a str,
    version: &'a str,
    form: &'static str,
    image_bytes: usize,
    heap_bytes: usize,
    build_ms: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<Counters>,
    /// Left out while nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_us: Option<u128>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<LimitsBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
}

impl<'a> Facts<'a> {
    fn built(deployed: &'a Deployed) -> Self {
        Self {
            name: &deployed.name,
            version: deployed.built.version(),
            form: form_name(deployed.built.form()),
            image_bytes: deployed.built.bytes(),
            heap_bytes: deployed.built.heap_bytes(),
            build_ms: deployed.built.build_time().as_secs_f64() * 1e3,
            runs: None,
            cost_us: None,
            file: None,
            limits: None,
            source: None,
        }
    }

    fn counted(deployed: &'a Deployed) -> Self {
        let runs = Counters { total: deployed.history.runs(), failed: deployed.history.failed() };
        let cost_us = deployed.cost.known().map(|cost| cost.as_micros());
        Self { runs: Some(runs), cost_us, ..Self::built(deployed) }
    }

    fn whole(deployed: &'a Deployed) -> Self {
        Self {
            file: Some(&deployed.source.file),
            limits: Some(LimitsBody::from(&deployed.limits)),
            source: Some(&deployed.source.text),
            ..Self::counted(deployed)
        }
    }
}

/// The answer to a deploy.
pub(crate) fn deployed(script: &Deployed, new: bool) -> Response {
    let status = if new { StatusCode::CREATED } else { StatusCode::OK };
    answer::json(status, &Facts::built(script))
}

/// Everything about one script.
pub(crate) fn shown(flight: &Arc<Flight>, script: &Deployed) -> Response {
    answer::large(flight, &Facts::whole(script))
}

/// What the runs of a script's versions took of memory.
pub(crate) fn memory(flight: &Arc<Flight>, script: &Deployed) -> Response {
    #[derive(Serialize)]
    struct Body<'a> {
        name: &'a str,
        version: &'a str,
        #[serde(flatten)]
        told: Told,
    }
    let told = script.memory.told();
    let version = script.built.version();
    answer::large(flight, &Body { name: &script.name, version, told })
}

/// What a tenant has, and what became of its runs, of which so many wait and so many are on. Whether
/// workers can be lost is the place's matter, of a tenant without scripts too.
pub(crate) fn usage(
    scripts: &Scripts,
    tenant: &Tenant,
    (queued, running): (usize, usize),
    loses_workers: bool,
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
    }
    let all = scripts.list(tenant);
    let sum = |of: fn(&Deployed) -> u64| all.iter().map(|script| of(script)).sum();
    answer::json(
        StatusCode::OK,
        &Usage {
            tenant: tenant.name(),
            queued,
            running,
            scripts: all.len(),
            script_bytes: all.iter().map(|script| script.room.bytes()).sum(),
            runs: Counters {
                total: sum(|script| script.history.runs()),
                failed: sum(|script| script.history.failed()),
            },
            workers_lost: loses_workers
                .then(|| sum(|script| script.built.workers_lost().unwrap_or(0))),
        },
    )
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

/// All scripts of a tenant.
pub(crate) fn listed(flight: &Arc<Flight>, scripts: &Scripts, tenant: &Tenant) -> Response {
    #[derive(Serialize)]
    struct List<'a> {
        scripts: Vec<Facts<'a>>,
    }
    let all = scripts.list(tenant);
    let scripts = all.iter().map(|script| Facts::counted(script)).collect();
    answer::large(flight, &List { scripts })
}
