//! Runs that schedules ask for: taken as they become due, and carried out as asynchronous runs are. Knows nothing of HTTP
//! but what a run is answered.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use http::StatusCode;
use sandtide_net::{EndedSpan, SpanKind, Trace};
use sandtide_store::{Due, EndedRun, StoreError};
use tokio::{
    sync::watch,
    task::{self, JoinError, JoinSet},
    time::{MissedTickBehavior, interval},
};

use crate::{
    answer::Shape,
    auth::now_ms,
    bodies::RunBody,
    canary::Draw,
    error::ApiError,
    events as log,
    flight::Permit,
    http1::Response,
    later::{Reserved, Wanted},
    names::Tenant,
    schedules::next_ms,
    workers::{Asked, Program},
};

use super::{
    Shared, begin,
    later::{has_room, is_full, keep},
};

/// How often it is looked what is due.
const TICK: Duration = Duration::from_secs(1);
/// Runs that are looked at together.
const TOGETHER: u32 = 64;
/// Runs of schedules that a server has under way at most; what else is due waits, or another server takes it.
const MOST: usize = 1_024;
/// The same of one tenant.
const MOST_OF_A_TENANT: usize = 64;
/// How long a run of a script that is not known here is left to servers that have heard of it, in milliseconds.
const UNKNOWN_MS: i64 = 60_000;
/// Failures in a row after which a schedule is off.
const MOST_FAILURES: u32 = 10;
/// What a run that went well ended in.
const OK: &str = "ok";
/// Whoever takes the run's outcome away before it has ended.
const CANCELLED: &str = "ERR_CANCELLED";
/// What says nothing of the script, because there was none, or no longer that version.
const NOT_THERE: [&str; 2] = ["ERR_SCRIPT_NOT_FOUND", "ERR_VERSION_NOT_FOUND"];

/// Carries out what is due until whoever may stop it does, and then waits for what is under way. Of several servers that
/// share a store one takes each run.
pub(crate) async fn keep_time(shared: Arc<Shared>, mut stop: watch::Receiver<()>) {
    let mut keeper = Keeper { shared, tasks: JoinSet::new(), of: HashMap::new(), failing: false };
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            _ = tick.tick() => {}
        }
        // What is due is not forgotten for as long as the server lives because of one of them.
        if survived(keeper.take_all(&stop)).await.is_none() {
            log::schedule_panicked();
        }
    }
    while let Some(done) = keeper.tasks.join_next_with_id().await {
        keeper.ended(done);
    }
}

/// What comes of something; nothing where it panicked.
async fn survived<T>(what: impl Future<Output = T>) -> Option<T> {
    AssertUnwindSafe(what).catch_unwind().await.ok()
}

/// What keeps time has.
struct Keeper {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
    /// Whose they are.
    of: HashMap<task::Id, Tenant>,
    /// Whether the store failed when it was asked last, which is logged once.
    failing: bool,
}

impl Keeper {
    fn ended(&mut self, done: Result<(task::Id, ()), JoinError>) {
        let id = match done {
            Ok((id, ())) => id,
            Err(error) => {
                if error.is_panic() {
                    log::schedule_panicked();
                }
                error.id()
            }
        };
        self.of.remove(&id);
    }

    /// Begins what is due and has room. What cannot be read or taken now is looked for again later.
    async fn take_all(&mut self, stop: &watch::Receiver<()>) {
        while let Some(done) = self.tasks.try_join_next_with_id() {
            self.ended(done);
        }
        let now = now_ms();
        let mut after = None;
        loop {
            let all = self.shared.schedules.due(now, after.take(), TOGETHER).await;
            let Some(all) = self.told(all) else { return };
            if all.len() == TOGETHER as usize {
                after = all.last().cloned();
            }
            for due in all {
                // Whoever is told to stop takes nothing more, so that another one does.
                if stop.has_changed().is_err() || self.tasks.len() >= MOST {
                    return;
                }
                if self.take(due).await.is_none() {
                    return;
                }
            }
            if after.is_none() {
                return;
            }
        }
    }

    /// What the store answered, where it did.
    fn told<T>(&mut self, answer: Result<T, StoreError>) -> Option<T> {
        let before = std::mem::replace(&mut self.failing, answer.is_err());
        answer
            .map_err(|error| {
                if !before {
                    log::store_failed(&error.into());
                }
            })
            .ok()
    }

    /// Begins one where it can be begun here; nothing where the store does not answer.
    async fn take(&mut self, due: Due) -> Option<()> {
        let Ok(tenant) = Tenant::of(Some(&due.of.tenant)) else { return Some(()) };
        let shared = Arc::clone(&self.shared);
        let is_known = shared.catalog.scripts.get(&tenant, &due.of.script).is_ok();
        // Servers hear of scripts one after another, and one of them has.
        if !is_known && now_ms().saturating_sub(due.due_ms) < UNKNOWN_MS {
            return Some(());
        }
        let of_tenant = self.of.values().filter(|of| **of == tenant).count();
        if of_tenant >= MOST_OF_A_TENANT || is_full(&shared, &tenant, (of_tenant, self.tasks.len()))
        {
            return Some(());
        }
        let Some(permit) = shared.flight.take(due.run.len()) else { return Some(()) };
        // What was missed is made good by one run, however often it was due.
        let next = next_ms(&due.cron, &due.time_zone, now_ms());
        let next = next.map_err(|error| error.code().to_owned());
        let taken = shared.schedules.take_due(due.of.clone(), due.due_ms, next.clone()).await;
        // Or another server has it.
        if self.told(taken)? {
            if let Err(code) = &next {
                set_off(&shared, &tenant, &due.of.script, due.of.id.clone(), code);
            }
            let of = tenant.clone();
            let run = async move { carry_out(&shared, &tenant, due, permit).await };
            let task = self.tasks.spawn(run);
            self.of.insert(task.id(), of);
        }
        Some(())
    }
}

/// Tells that a schedule is off.
fn set_off(shared: &Shared, tenant: &Tenant, script: &str, id: String, code: &str) {
    log::schedule_ended(tenant, script, &id, code);
    shared.workers.books().feed.schedule_ended(tenant, script, id, code);
}

/// Carries a run out, and keeps what became of it.
async fn carry_out(shared: &Arc<Shared>, tenant: &Tenant, due: Due, permit: Permit) {
    let Due { of, run, due_ms, .. } = due;
    let spans = shared.config.spans.as_ref();
    let trace = spans.and_then(|spans| spans.trace(None));
    let recorded = trace.clone().filter(Trace::is_sampled);
    let span = recorded.map(|trace| EndedSpan::begin(trace, SpanKind::Internal, None));
    let ended = begun(shared, tenant, &of.script, (run, permit), trace.as_ref()).await;
    let (reserved, ended) = match ended {
        Ok((reserved, ended)) => (Some(reserved), ended),
        Err(error) => (None, Outcome::of_error(&error)),
    };
    if let Some((spans, span)) = spans.zip(span) {
        spans.take(log::schedule_span(span, tenant, &of.script, &ended.code));
    }
    let books = shared.workers.books();
    books.metrics.ran_by_schedule(&ended.code);
    let Outcome { code, failed } = ended;
    let (script, id) = (of.script.clone(), of.id.clone());
    let most_failures = MOST_FAILURES;
    // It is held until all is kept: a server that ends waits for it.
    let run = reserved.as_ref().map(|reserved| reserved.id.to_string());
    let kept = EndedRun { of, due_ms, outcome: code.clone(), failed, run, most_failures };
    match shared.schedules.end_due(kept).await {
        Ok(true) => set_off(shared, tenant, &script, id, &code),
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
        let code = error.code().to_owned();
        Self { failed: is_failure(error.status(), &code), code }
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
        Self { failed: is_failure(response.status, &code), code }
    }
}

fn is_failure(status: StatusCode, code: &str) -> bool {
    !matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
        && !NOT_THERE.contains(&code)
}

/// Begins a run as an asynchronous one, and waits for its end.
async fn begun(
    shared: &Arc<Shared>,
    tenant: &Tenant,
    name: &str,
    (run, permit): (String, Permit),
    trace: Option<&Trace>,
) -> Result<(Reserved, Outcome), ApiError> {
    has_room(shared, tenant)?;
    let turn = begin(shared, tenant, Some(name))?;
    let workers = &shared.workers;
    let (script, side) = shared.catalog.ready_for(workers, tenant, name, Draw::of(None)).await?;
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
    let asked = workers.prepare(tenant, run.into_bytes(), prepare).await?;
    let mut asked = asked.caused_by(trace);
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

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::{is_failure, survived};

    #[test]
    fn what_was_refused_and_what_was_not_there_is_no_failure_of_the_script() {
        for (status, code, fails) in [
            (StatusCode::UNPROCESSABLE_ENTITY, "ERR_EXCEPTION", true),
            (StatusCode::TOO_MANY_REQUESTS, "ERR_QUOTA_RUNS_PER_SECOND", false),
            (StatusCode::SERVICE_UNAVAILABLE, "ERR_QUEUE_FULL", false),
            (StatusCode::NOT_FOUND, "ERR_SCRIPT_NOT_FOUND", false),
            (StatusCode::NOT_FOUND, "ERR_VERSION_NOT_FOUND", false),
            (StatusCode::NOT_FOUND, "ERR_SECRET_NOT_FOUND", true),
        ] {
            assert_eq!(is_failure(status, code), fails, "{code}");
        }
    }

    #[tokio::test]
    async fn what_panics_ends_nothing_else() {
        let panics = async {
            tokio::task::yield_now().await;
            assert_eq!(1, 2, "on purpose");
        };
        assert_eq!(survived(panics).await, None);
        assert_eq!(survived(async { 1 }).await, Some(1));
    }
}
