//! Carrying runs out on a worker's thread: one, or several short ones of a tenant together, and what each is
//! charged and answered. Knows nothing of queues but that turns are ended.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sandtide::{Error, Limits, Outcome, Run, Usage};
use sandtide_fair::{Begun, End, Ended, Queue, Ticket};
use sandtide_store::Amount;
use tokio::sync::oneshot;

use super::{Books, LEAST_TIME, RunJob, end_of, waited};
use crate::{
    answer::{self, Shape},
    canary::Side,
    error::ApiError,
    events,
    flight::{Flight, Permit},
    http1::Response,
    names::Tenant,
    place::{Built, Place},
    profiler::{Profiler, Told},
    quota::Turn,
    snapshots::Watch,
    store::Deployed,
};

/// A run that is carried out: what is needed to answer it, or to hand it back.
struct Carried {
    tenant: Tenant,
    script: Option<Arc<Deployed>>,
    side: Option<Side>,
    limits: Limits,
    shape: Shape,
    received: usize,
    begun: Option<Arc<AtomicBool>>,
    came: Instant,
    /// What of its time went by before it began.
    waiting: Duration,
    held: Permit,
    /// Whom to tell what its worker sampled.
    told: Option<Told>,
    /// Who waits for its heap, if it hits its limit.
    watch: Option<Watch>,
    books: Arc<Books>,
    turn: Option<Arc<Turn>>,
    span: tracing::Span,
    reply: oneshot::Sender<Result<Response, ApiError>>,
}

impl Carried {
    /// The run of a job and the rest of it, or none where nobody waits for it any more, or it has
    /// waited for too long, which it is told.
    fn begin(
        job: RunJob,
        flight: &Arc<Flight>,
        profiler: Option<&Arc<Profiler>>,
    ) -> Option<(Run, Carried)> {
        let RunJob {
            tenant,
            script,
            side,
            run,
            limits,
            shape,
            received,
            begun,
            held,
            came,
            books,
            turn,
            span,
            reply,
        } = job;
        if reply.is_closed() {
            return None;
        }
        if let Some(begun) = &begun {
            begun.store(true, Ordering::Relaxed);
        }
        let waiting = came.elapsed();
        if waiting >= limits.wall {
            drop(turn);
            let _ = reply.send(Err(waited(limits.wall, came)));
            return None;
        }
        // The time that a request has is for waiting and running together.
        let left = (limits.wall - waiting).max(LEAST_TIME);
        let run = run.limits(Limits { wall: left, ..limits });
        let run = match &script {
            Some(script) => script.begin(run),
            None => run,
        };
        // All versions have one trap, and it may have been set before this one's secrets were given.
        let watch = script.as_ref().filter(|script| !script.env.has_secrets());
        let watch = watch.and_then(|script| script.trap.watch(flight));
        let name = script.as_ref().map(|script| &*script.name);
        let told = profiler.and_then(|profiler| profiler.told_of(tenant.name(), name));
        let run = match &told {
            Some(told) => run.sample(told.interval()),
            None => run,
        };
        Some((
            run,
            Carried {
                tenant,
                script,
                side,
                limits,
                shape,
                received,
                begun,
                came,
                waiting,
                held,
                told,
                watch,
                books,
                turn,
                span,
                reply,
            },
        ))
    }

    /// The job again, which was not carried out.
    fn into_job(self, run: Run) -> RunJob {
        let Carried {
            tenant,
            script,
            side,
            limits,
            shape,
            received,
            begun,
            came,
            waiting: _,
            held,
            told: _,
            watch: _,
            books,
            turn,
            span,
            reply,
        } = self;
        RunJob {
            tenant,
            script,
            side,
            run,
            limits,
            shape,
            received,
            begun,
            held,
            came,
            books,
            turn,
            span,
            reply,
        }
    }

    fn built(&self) -> Option<&Built> {
        self.script.as_ref().map(|script| &script.built)
    }

    /// Answers it, which took so long on this thread.
    fn end(
        self,
        place: &Place,
        flight: &Arc<Flight>,
        mut outcome: Outcome,
        took: Duration,
    ) -> Ended {
        let Carried {
            tenant,
            script,
            side,
            limits,
            shape,
            received,
            begun: _,
            came,
            waiting,
            held,
            told,
            watch: _,
            books,
            turn,
            span,
            reply,
        } = self;
        let _logged = span.enter();
        if let (Some(told), Some(sampled)) = (told, outcome.sampled.take()) {
            told.take(&sampled, took);
        }
        // What it was given is no longer needed.
        drop(held);
        if let Some(script) = &script {
            script.memory.note(&script.version, &outcome.usage);
        }
        let mut end = end_of(outcome.result.as_ref().err());
        // Time that the thread did not have the processor is not charged, where that is known.
        let usage = outcome.usage;
        let busy = occupied(&usage);
        let (idle, again) = match place.accounts_itself() {
            true => (usage.wall.saturating_sub(busy), busy.saturating_sub(usage.build)),
            false => (Duration::ZERO, took),
        };
        let blamed = blame_waiting(&mut outcome, &limits, waiting);
        let told = busy.saturating_sub(usage.build).saturating_add(usage.restore);
        let owed = owed_with(blamed.as_ref(), || place.take_owed(tenant.name()));
        let own = took.saturating_sub(idle);
        let used = own.saturating_add(owed);
        if let Some(script) = &script {
            script.history.note(outcome.result.is_err(), own);
        }
        if blamed.is_none() {
            let error = outcome.result.as_ref().err();
            let name = script.as_ref().map(|script| &script.name);
            let amount = Amount {
                runs: 1,
                cpu_us: microseconds(used),
                wall_us: microseconds(took),
                received_bytes: received as u64,
                answered_bytes: (usage.output as u64).saturating_add(usage.logs as u64),
            };
            books.meter.ran(&tenant, name, error.map(Error::code), amount);
            books.metrics.ran(error.map(Error::code), came.elapsed(), waiting, &usage);
            if let Some(side) = side {
                books.metrics.ran_beside(side, error.map(Error::code));
            }
            let of = script.as_ref().map(|script| (&*script.name, &*script.version));
            events::worker_lost(&tenant, of, error);
            if let Some(error) = error {
                books.feed.failed(&tenant, name, error);
                books.failures.note(&tenant, script.as_deref(), error, &usage);
            }
        }
        if blamed.is_some() {
            // What it would have taken nobody knows.
            end = End::Left;
        }
        let answer = (!reply.is_closed()).then(|| match blamed {
            Some(error) => Err(error),
            None => Ok(answer::outcome(flight, outcome, shape)),
        });
        // Before it is answered: a client that has its answer may send the next run.
        if let Some(turn) = turn {
            turn.charge(used);
        }
        if let Some(answer) = answer {
            let _ = reply.send(answer);
        }
        Ended { used, again, told, end }
    }
}

/// What a run is charged for its worker: what it slept by its own timers too, for nobody else had the
/// worker meanwhile.
pub(super) fn occupied(usage: &Usage) -> Duration {
    usage.cpu.saturating_add(usage.timers)
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// What is owed for a run that was not begun.
const NOT_BEGUN: Ended =
    Ended { used: Duration::ZERO, again: Duration::ZERO, told: Duration::ZERO, end: End::Left };

/// Carries a run out and answers it.
pub(super) fn carry_out(
    place: &Place,
    flight: &Arc<Flight>,
    profiler: Option<&Arc<Profiler>>,
    job: RunJob,
) -> Ended {
    let began = Instant::now();
    let tenant = job.tenant.clone();
    let Some((run, mut carried)) = Carried::begin(job, flight, profiler) else { return NOT_BEGUN };
    let watch = carried.watch.take();
    let outcome = place.run(tenant.name(), carried.built(), run, watch);
    carried.end(place, flight, outcome, began.elapsed())
}

/// The turns of runs that are carried out together. Those that have not ended when this is dropped,
/// as it is in a panic, which would be a bug of ours, end like runs that were cut.
pub(super) struct Owed<'a, T> {
    pub(super) queue: &'a Queue<T>,
    pub(super) tickets: Vec<Option<Ticket>>,
    pub(super) limit: Duration,
    pub(super) began: Instant,
}

impl<T> Owed<'_, T> {
    fn end(&mut self, position: usize, ended: Ended) {
        if let Some(ticket) = self.tickets.get_mut(position).and_then(Option::take) {
            self.queue.end(ticket, ended);
        }
    }
}

impl<T> Drop for Owed<'_, T> {
    fn drop(&mut self) {
        let left = self.tickets.iter_mut().filter_map(Option::take).collect::<Vec<_>>();
        let each = self.began.elapsed() / u32::try_from(left.len()).unwrap_or(u32::MAX).max(1);
        for ticket in left {
            let ended = Ended { used: each, again: self.limit, told: self.limit, end: End::Cut };
            self.queue.end(ticket, ended);
        }
    }
}

/// Carries out runs of one tenant that are short, by one worker, and answers each as it ends. Where
/// one of them turns out to be long, it is run alone, and those behind it go back to where they
/// waited. Answers how many ended.
pub(super) fn carry_out_together(
    place: &Place,
    flight: &Arc<Flight>,
    profiler: Option<&Arc<Profiler>>,
    queue: &Queue<RunJob>,
    all: Vec<Begun<RunJob>>,
) -> u64 {
    let (mut jobs, mut tickets) = (Vec::new(), Vec::new());
    for Begun { job, ticket } in all {
        jobs.push(job);
        tickets.push(Some(ticket));
    }
    let limit = jobs.iter().map(|job| job.limits.wall).max().unwrap_or_default();
    let count = jobs.len();
    let mut owed = Owed { queue, tickets, limit, began: Instant::now() };
    let handed_back =
        catch_unwind(AssertUnwindSafe(|| together(place, flight, profiler, jobs, &mut owed)));
    // After a panic the replies are dropped: who waits is told so.
    (count - handed_back.unwrap_or(0)) as u64
}

/// Answers how many were handed back.
fn together(
    place: &Place,
    flight: &Arc<Flight>,
    profiler: Option<&Arc<Profiler>>,
    jobs: Vec<RunJob>,
    owed: &mut Owed<'_, RunJob>,
) -> usize {
    let Some(tenant) = jobs.first().map(|job| job.tenant.clone()) else { return 0 };
    let (mut runs, mut carried, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for (position, job) in jobs.into_iter().enumerate() {
        match Carried::begin(job, flight, profiler) {
            // A run whose heap is written takes a worker's time for itself.
            Some((run, mut one)) if one.watch.is_some() => {
                let (began, watch) = (Instant::now(), one.watch.take());
                let outcome = place.run(tenant.name(), one.built(), run, watch);
                owed.end(position, one.end(place, flight, outcome, began.elapsed()));
            }
            Some((run, one)) => {
                runs.push(run);
                carried.push(Some(one));
                places.push(position);
            }
            None => owed.end(position, NOT_BEGUN),
        }
    }
    let scripts: Vec<_> = carried.iter().flatten().map(|one| one.script.clone()).collect();
    let built = scripts.iter().map(|script| script.as_ref().map(|script| &script.built));
    let began = Instant::now();
    let (mut last, mut ended) = (began, Vec::new());
    let not_run =
        place.run_together(tenant.name(), built.zip(runs).collect(), |position, outcome| {
            let now = Instant::now();
            if let Some(one) = carried.get_mut(position).and_then(Option::take) {
                ended.push((position, one.end(place, flight, outcome, now - last)));
            }
            last = now;
        });
    // Their answers come together, so that it cannot be told what each of them took.
    let each = (last - began) / u32::try_from(ended.len()).unwrap_or(u32::MAX).max(1);
    for (position, ended) in ended {
        let ended = match place.accounts_itself() {
            true => ended,
            false => Ended { used: each, again: each, ..ended },
        };
        owed.end(places[position], ended);
    }
    let mut back = Vec::new();
    for (position, run) in not_run.runs {
        let Some(one) = carried.get_mut(position).and_then(Option::take) else { continue };
        back.push((places[position], one.into_job(run)));
    }
    if back.is_empty() {
        return 0;
    }
    let (position, first) = back.remove(0);
    let handed_back = back.len();
    let tickets = &mut owed.tickets;
    let back = back.into_iter().filter_map(|(position, job)| {
        let ticket = tickets.get_mut(position)?.take()?;
        Some(Begun { job, ticket })
    });
    owed.queue.hand_back(back.collect::<Vec<_>>());
    let interrupted = last.elapsed();
    if not_run.interrupted
        && let Some(Some(ticket)) = owed.tickets.get(position)
    {
        ticket.note_interrupted(interrupted);
    }
    let ended = carry_out(place, flight, profiler, first);
    owed.end(position, Ended { used: ended.used + interrupted, ..ended });
    handed_back
}

/// What is taken of its tenant's debts with a run. It is taken once, so that one that is not counted leaves it to
/// the next one.
fn owed_with(blamed: Option<&ApiError>, take: impl FnOnce() -> Duration) -> Duration {
    blamed.map_or_else(take, |_| Duration::ZERO)
}

/// A run that hit its limit of wall time may have done so only because it had waited. Where most of
/// its time went by waiting, that is the error; otherwise the limit is told that it was given.
fn blame_waiting(outcome: &mut Outcome, limits: &Limits, waiting: Duration) -> Option<ApiError> {
    let Err(Error::WallTime { limit }) = &mut outcome.result else { return None };
    *limit = limits.wall;
    (waiting > limits.wall / 2)
        .then_some(ApiError::QueueTime { limit: limits.wall, waited: waiting })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_tenant_owes_is_left_to_the_next_run_by_one_that_is_not_counted() {
        let second = Duration::from_secs(1);
        let waited = ApiError::QueueTime { limit: second, waited: second };
        let not_asked = || unreachable!("it would be lost");
        assert_eq!(owed_with(Some(&waited), not_asked), Duration::ZERO);
        assert_eq!(owed_with(None, || second), second);
    }
}
