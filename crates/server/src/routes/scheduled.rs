//! Runs that schedules ask for: taken as they become due, and carried out as asynchronous runs are. Knows nothing of HTTP
//! but what a run is answered.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use sandtide_store::{Due, EndedRun};
use tokio::{
    sync::oneshot,
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::{
    answer::Shape,
    auth::now_ms,
    bodies::RunBody,
    error::ApiError,
    events as log,
    http1::Response,
    later::{Reserved, Wanted},
    names::Tenant,
    schedules::next_ms,
    workers::{Asked, Program},
};

use super::{
    Shared, begin,
    later::{has_room, keep},
};

/// How often it is looked what is due.
const TICK: Duration = Duration::from_secs(1);
/// Runs that are taken at a time.
const MOST: u32 = 64;
/// Failures in a row after which a schedule is off.
const MOST_FAILURES: u32 = 10;
/// What a run that went well ended in.
const OK: &str = "ok";
/// Whoever takes the run's outcome away before it has ended.
const CANCELLED: &str = "ERR_CANCELLED";

/// Carries out what is due until it is told to stop, and then waits for what is under way. Of several servers that share
/// a store one takes each run.
pub(crate) async fn keep_time(shared: Arc<Shared>, mut stop: oneshot::Receiver<()>) {
    let mut under_way = JoinSet::new();
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = &mut stop => break,
            _ = tick.tick() => {}
        }
        while under_way.try_join_next().is_some() {}
        while take(&shared, &mut under_way).await {}
    }
    while under_way.join_next().await.is_some() {}
}

/// Begins what is due; whether there may be more. What cannot be read or taken now is looked for again later.
async fn take(shared: &Arc<Shared>, under_way: &mut JoinSet<()>) -> bool {
    let Ok(all) = shared.schedules.due(now_ms(), MOST).await else { return false };
    let may_be_more = all.len() == MOST as usize;
    for due in all {
        // What was missed is made good by one run, however often it was due.
        let next = next_ms(&due.cron, &due.time_zone, now_ms()).ok();
        match shared.schedules.take_due(due.of.clone(), due.due_ms, next).await {
            Ok(true) => {
                let shared = Arc::clone(shared);
                under_way.spawn(async move { carry_out(&shared, due).await });
            }
            // Another server has it.
            Ok(false) => {}
            Err(error) => {
                log::store_failed(&error.into());
                return false;
            }
        }
    }
    may_be_more
}

/// Carries a run out, and keeps what became of it.
async fn carry_out(shared: &Arc<Shared>, due: Due) {
    let Due { of, run, due_ms, .. } = due;
    let Ok(tenant) = Tenant::of(Some(&of.tenant)) else { return };
    let (reserved, ended) = match begun(shared, &tenant, &of.script, run).await {
        Ok((reserved, ended)) => (Some(reserved), ended),
        Err(error) => (None, Outcome::of_error(&error)),
    };
    let books = shared.workers.books();
    books.metrics.ran_by_schedule(&ended.code);
    let Outcome { code, failed } = ended;
    let (script, id) = (of.script.clone(), of.id.clone());
    let most_failures = MOST_FAILURES;
    // It is held until all is kept: a server that ends waits for it.
    let run = reserved.as_ref().map(|reserved| reserved.id.to_string());
    let kept = EndedRun { of, due_ms, outcome: code.clone(), failed, run, most_failures };
    match shared.schedules.end_due(kept).await {
        Ok(true) => books.feed.schedule_ended(&tenant, &script, id, &code),
        Ok(false) => {}
        Err(error) => log::store_failed(&error.into()),
    }
}

/// What a run came to.
struct Outcome {
    code: String,
    /// Whether the script is at fault, and not that the run found no room or quota.
    failed: bool,
}

impl Outcome {
    fn of_error(error: &ApiError) -> Self {
        Self { code: error.code().to_owned(), failed: is_failure(error.status()) }
    }

    fn of_response(response: &Response) -> Self {
        if response.status.is_success() {
            return Self { code: OK.to_owned(), failed: false };
        }
        #[derive(serde::Deserialize)]
        struct Problem {
            code: String,
        }
        let problem = serde_json::from_slice::<Problem>(&response.body.concat());
        let code = problem.map_or_else(|_| ApiError::Internal.code().to_owned(), |one| one.code);
        Self { code, failed: is_failure(response.status) }
    }
}

fn is_failure(status: StatusCode) -> bool {
    !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
}

/// Begins a run as an asynchronous one, and waits for its end.
async fn begun(
    shared: &Arc<Shared>,
    tenant: &Tenant,
    name: &str,
    run: String,
) -> Result<(Reserved, Outcome), ApiError> {
    has_room(shared, tenant)?;
    let turn = begin(shared, tenant, Some(name))?;
    let permit = shared.flight.take(run.len()).ok_or(ApiError::BytesInFlight)?;
    let workers = &shared.workers;
    let (script, side) = shared.catalog.ready_for(workers, tenant, name, None).await?;
    let (of_script, version) = (Arc::clone(&script.name), Arc::clone(&script.version));
    let received = run.len();
    let prepare = move |bytes: Vec<u8>| {
        let body = RunBody::parse(&bytes)?;
        let limits = body.limits(&script.limits)?;
        let shape = Shape::Json { globals: body.wants_globals() };
        let run = body.into_run(Some(script.form()), limits)?;
        let program = Program::Deployed(script);
        Ok(Asked { program, side, run, limits, shape, received, begun: None })
    };
    let mut asked = workers.prepare(tenant, run.into_bytes(), prepare).await?;
    let wanted =
        Wanted { script: Some(of_script), version: Some(version), key: None, has_callback: false };
    // Without a key there is none that is known already.
    let mut reserved = shared.later.reserve(tenant, wanted)?.map_err(|_| ApiError::Internal)?;
    asked.begun = Some(Arc::clone(&reserved.begun));
    let ended = tokio::select! {
        ended = workers.run(tenant, asked, permit, turn) => ended,
        _ = &mut reserved.cancelled => {
            let outcome = Outcome { code: CANCELLED.to_owned(), failed: false };
            return Ok((reserved, outcome));
        }
    };
    let outcome = match &ended {
        Ok(response) => Outcome::of_response(response),
        Err(error) => Outcome::of_error(error),
    };
    keep(&shared.later, tenant, &reserved.id, ended).await;
    Ok((reserved, outcome))
}
