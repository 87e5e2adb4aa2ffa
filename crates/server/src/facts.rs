//! What the API tells of deployed scripts. Knows nothing of routes.

use std::sync::Arc;

use http::StatusCode;
use serde::Serialize;

use crate::{
    answer,
    bodies::LimitsBody,
    flight::Flight,
    http1::Response,
    store::{Deployed, Scripts, form_name},
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
            version: deployed.image.version(),
            form: form_name(deployed.script.form()),
            image_bytes: deployed.image.bytes(),
            heap_bytes: deployed.image.heap_bytes(),
            build_ms: deployed.image.build_time().as_secs_f64() * 1e3,
            runs: None,
            file: None,
            limits: None,
            source: None,
        }
    }

    fn counted(deployed: &'a Deployed) -> Self {
        let runs = Counters { total: deployed.history.runs(), failed: deployed.history.failed() };
        Self { runs: Some(runs), ..Self::built(deployed) }
    }

    fn whole(deployed: &'a Deployed) -> Self {
        Self {
            file: Some(deployed.script.file()),
            limits: Some(LimitsBody::from(&deployed.limits)),
            source: Some(deployed.script.text()),
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

/// All scripts.
pub(crate) fn listed(flight: &Arc<Flight>, scripts: &Scripts) -> Response {
    #[derive(Serialize)]
    struct List<'a> {
        scripts: Vec<Facts<'a>>,
    }
    let all = scripts.list();
    let scripts = all.iter().map(|script| Facts::counted(script)).collect();
    answer::large(flight, &List { scripts })
}
