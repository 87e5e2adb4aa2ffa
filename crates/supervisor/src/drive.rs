//! Driving one run, or one build, of a worker to its end: messages, host calls, deadlines.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Fuse, FutureExt, pending};
use futures_util::stream::{FuturesUnordered, StreamExt};
use sandtide::{CancelToken, Error, HostError, Limits, Outcome, Value};
use sandtide_confine::Turns;
use sandtide_engine::{HostAnswer, HostFunction};
use sandtide_wire::{Budget, Facts, FromWorker, HostReply, ToWorker, host_budget, outcome_budget};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};

use crate::link::MOMENT;
use crate::look::SnapshotSink;
use crate::lost::Lost;
use crate::worker::{Budgets, Heard, Worker};

/// How often a worker whose run was cancelled is told so.
const SIGNAL_EVERY: Duration = Duration::from_millis(5);
/// Replies up to this size may wait to be taken by a worker; what comes of other calls waits where it
/// came about.
const MOST_UNSENT: usize = 4 << 20;
/// Open calls may hold the arguments of so many of the largest ones,
const FULL_CALLS: usize = 64;
/// and so many bytes beside.
const SMALL_CALLS: usize = 1 << 20;
/// So often a worker is given another grace that had no processor in the last.
const EXTENSIONS: u32 = 20;

/// What bounds a run from the broker's side.
pub(crate) struct Bounds {
    pub(crate) limits: Limits,
    pub(crate) deadline: Instant,
    pub(crate) grace: Duration,
    pub(crate) host_call: usize,
    pub(crate) host_calls: usize,
    /// Its samples were asked for.
    pub(crate) sampled: bool,
    /// How long writing a heap snapshot may take.
    pub(crate) look: Duration,
}

impl Bounds {
    fn budgets(&self) -> Budgets {
        let other = outcome_budget(&self.limits);
        let other = if self.sampled { other.with_samples() } else { other };
        Budgets { call: host_budget(self.host_call), ..Budgets::without_calls(other) }
    }
}

type Call = Pin<Box<dyn Future<Output = (u64, HostReply)> + Send>>;

/// The host calls of one run that were made and whose replies the worker has not taken.
#[derive(Debug, Default)]
struct Open {
    /// The length of each, by its number.
    calls: BTreeMap<u64, usize>,
    /// Those that have a reply, with what must have been sent so that it was.
    answered: VecDeque<(u64, u64)>,
    bytes: usize,
}

impl Open {
    fn admit(&mut self, call: u64, len: usize, bounds: &Bounds) -> Result<(), Lost> {
        if self.calls.len() >= bounds.host_calls {
            return Err(Lost::TooManyCalls { most: bounds.host_calls });
        }
        let most = bounds.host_call.saturating_mul(FULL_CALLS).saturating_add(SMALL_CALLS);
        if self.bytes + len > most {
            return Err(Lost::TooManyArguments { most });
        }
        if self.calls.insert(call, len).is_some() {
            return Err(Lost::CallTwice);
        }
        self.bytes += len;
        Ok(())
    }

    /// Notes that the reply to a call ends where so many bytes were sent.
    fn answer(&mut self, call: u64, sent_at: u64) {
        self.answered.push_back((sent_at, call));
    }

    /// Forgets the calls whose replies were sent.
    fn sent(&mut self, sent_in_all: u64) {
        while let Some(&(at, call)) = self.answered.front()
            && at <= sent_in_all
        {
            self.answered.pop_front();
            self.bytes -= self.calls.remove(&call).unwrap_or(0);
        }
    }

    fn unanswered(&self) -> Vec<u64> {
        let answered: BTreeSet<u64> = self.answered.iter().map(|(_, call)| *call).collect();
        self.calls.keys().copied().filter(|call| !answered.contains(call)).collect()
    }
}

/// Waits for the outcome of the run that `worker` was told of, and executes its host calls.
pub(crate) async fn run(
    worker: &mut Worker,
    number: u64,
    hosts: &[HostFunction],
    bounds: &Bounds,
    blocking: &Arc<Semaphore>,
    cancel: &mut Cancel,
    mut sink: Option<&mut dyn SnapshotSink>,
) -> Result<Outcome, Lost> {
    let budgets = bounds.budgets();
    let mut calls: FuturesUnordered<Call> = FuturesUnordered::new();
    let mut open = Open::default();
    let mut deadline = bounds.deadline;
    let mut signals = interval(SIGNAL_EVERY);
    signals.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // What to say of the worker where it does not end by the deadline.
    let mut ending: Option<Ending> = None;
    // Whether calls were answered that the run is over.
    let mut gave_up = false;
    // Whether it looks at its heap, or has.
    let mut looked = false;
    let mut long = pin!(sleep(MOMENT).fuse());
    loop {
        let heard = tokio::select! {
            heard = worker.listen(budgets) => heard?,
            // A worker that takes no replies gets no more of them.
            Some((call, reply)) = calls.next(),
                if !calls.is_empty() && worker.unsent() < MOST_UNSENT =>
            {
                worker.say(&ToWorker::HostReply { run: number, call, reply })?;
                open.answer(call, worker.said_in_all());
                continue;
            }
            () = sleep_until(deadline) => {
                if let Some(ending) = &mut ending {
                    if !ending.had_no_processor(worker, bounds.grace) {
                        return Err(ending.lost(bounds));
                    }
                } else {
                    ending = Some(Ending::new(worker, false));
                    gave_up |= give_calls_up(worker, number, &mut calls, &mut open)?;
                }
                deadline = Instant::now() + bounds.grace;
                continue;
            }
            () = cancel.ready(), if !cancel.is_cancelled() => {
                if ending.is_none() {
                    ending = Some(Ending::new(worker, true));
                    deadline = Instant::now() + bounds.grace;
                    gave_up |= give_calls_up(worker, number, &mut calls, &mut open)?;
                }
                worker.cancel();
                continue;
            }
            // It takes long: what is short goes first from now on.
            () = &mut long => {
                worker.give_turns(Turns::Long);
                continue;
            }
            // A worker that was signalled before it began the run did not notice.
            _ = signals.tick(), if cancel.is_cancelled() => {
                worker.cancel();
                continue;
            }
        };
        let Heard::Message { message, len } = heard else { continue };
        match message {
            FromWorker::Done { mut outcome, .. } => {
                // What a script made of calls that were given up is not what it came to.
                if let Some(ending) = ending.filter(|_| gave_up) {
                    outcome.result = Err(ending.error(bounds));
                    outcome.globals.clear();
                }
                return Ok(*outcome);
            }
            FromWorker::HostCall { call, function, args, .. } => {
                open.sent(worker.sent_in_all());
                open.admit(call, len, bounds)?;
                let position = usize::try_from(function).ok();
                let host = position.and_then(|position| hosts.get(position));
                let host = host.ok_or(Lost::NoSuchFunction)?.clone();
                if ending.is_some() {
                    gave_up = true;
                    let reply = run_is_over();
                    worker.say(&ToWorker::HostReply { run: number, call, reply })?;
                    open.answer(call, worker.said_in_all());
                    continue;
                }
                let blocking = Arc::clone(blocking);
                calls.push(Box::pin(async move { (call, execute(host, args, blocking).await) }));
            }
            FromWorker::Piece { bytes, .. } => {
                // It hit its limit, and will be abandoned: what follows is not the run's time.
                if !std::mem::replace(&mut looked, true) && !cancel.is_cancelled() {
                    deadline = Instant::now() + bounds.look;
                }
                if let Some(sink) = &mut sink {
                    sink.piece(&bytes);
                }
            }
            FromWorker::Looked { error, .. } => {
                // What is cancelled has its time to end, whatever its worker says.
                if !cancel.is_cancelled() {
                    deadline = bounds.deadline.max(Instant::now() + bounds.grace);
                }
                if let Some(sink) = &mut sink {
                    sink.end(error.map_or(Ok(()), Err));
                }
            }
            // The states of messages let nothing else pass while a run is on.
            _ => unreachable!("a message that is not legal was let pass"),
        }
    }
}

/// As [`run`], on this thread, of a script without host functions. `cancelled` is set where
/// `is_cancelled` was seen to be.
pub(crate) fn run_here(
    worker: &mut Worker,
    bounds: &Bounds,
    is_cancelled: impl Fn() -> bool,
    cancelled: &mut bool,
) -> Result<Outcome, Lost> {
    let budgets = bounds.budgets();
    let mut deadline = bounds.deadline;
    let mut ending: Option<Ending> = None;
    loop {
        match worker.hear_here(budgets)? {
            // It takes long: what is short goes first from now on.
            None => worker.give_turns(Turns::Long),
            Some(FromWorker::Done { outcome, .. }) => return Ok(*outcome),
            Some(FromWorker::HostCall { .. }) => return Err(Lost::NoSuchFunction),
            Some(_) => unreachable!("a message that is not legal was let pass"),
        }
        // Neither comes soon: runs that are short are never looked at here.
        let now = Instant::now();
        if *cancelled {
            // A worker that was signalled before it began the run did not notice.
            worker.cancel();
        } else if is_cancelled() {
            *cancelled = true;
            if ending.is_none() {
                ending = Some(Ending::new(worker, true));
                deadline = now + bounds.grace;
            }
            worker.cancel();
        }
        if now >= deadline {
            match &mut ending {
                None => ending = Some(Ending::new(worker, false)),
                Some(ending) => {
                    if !ending.had_no_processor(worker, bounds.grace) {
                        return Err(ending.lost(bounds));
                    }
                }
            }
            deadline = now + bounds.grace;
        }
    }
}

/// What `worker` may take for all of several runs that are short, as far as is known: of its processor's
/// time,
const TOGETHER: Duration = Duration::from_millis(20);
/// and of anybody's since it ended the last, where it does not even stand ready for a processor.
const ASLEEP: Duration = Duration::from_millis(100);

/// As [`run_here`], of several runs, of which the first is on and the others were said ahead. `ended`
/// is told of each as it ends. Ends early, and well, where they take longer than short runs do, or
/// one of them has waited for too long: which of them does cannot be told, because answers may wait for each
/// other in the worker. That is of no more use then, and those that did not end are to be run again,
/// which nobody notices: without host functions runs change nothing.
pub(crate) fn run_together_here(
    worker: &mut Worker,
    bounds: &[Bounds],
    mut ended: impl FnMut(&mut Worker, Outcome),
) -> Result<(), Lost> {
    // Asking takes longer than short runs do.
    let mut first_look = None;
    for (position, of_run) in bounds.iter().enumerate() {
        let (budgets, since) = (of_run.budgets(), Instant::now());
        let outcome = loop {
            match worker.hear_here(budgets)? {
                Some(FromWorker::Done { outcome, .. }) => break outcome,
                Some(FromWorker::HostCall { .. }) => return Err(Lost::NoSuchFunction),
                Some(_) => unreachable!("a message that is not legal was let pass"),
                None => {}
            }
            let Some((used, ready)) = worker.processor_time() else { return Ok(()) };
            let used = used.saturating_sub(*first_look.get_or_insert(used));
            let now = Instant::now();
            let is_late = bounds[position..].iter().any(|bounds| now >= bounds.deadline);
            if used >= TOGETHER || is_late || (!ready && now - since >= ASLEEP) {
                return Ok(());
            }
        };
        ended(worker, *outcome);
    }
    Ok(())
}

/// A worker whose run is to end.
struct Ending {
    cancelled: bool,
    /// The processor time that it had when it was last looked at.
    used: Option<(Duration, bool)>,
    /// How often it was given more time.
    extended: u32,
}

impl Ending {
    fn new(worker: &Worker, cancelled: bool) -> Ending {
        Ending { cancelled, used: worker.processor_time(), extended: 0 }
    }

    /// Whether the worker stood ready all the time, but others had the processors.
    fn had_no_processor(&mut self, worker: &Worker, grace: Duration) -> bool {
        let before = self.used;
        self.used = worker.processor_time();
        let starved = starved(before, self.used, grace) && self.extended < EXTENSIONS;
        self.extended += 1;
        starved
    }

    /// How a run ended that this ended.
    fn error(&self, bounds: &Bounds) -> Error {
        if self.cancelled {
            Error::Cancelled
        } else {
            Error::WallTime { limit: bounds.limits.wall }
        }
    }

    fn lost(&self, bounds: &Bounds) -> Lost {
        let (limit, grace) = (bounds.limits.wall, bounds.grace);
        if self.cancelled { Lost::Deaf { grace } } else { Lost::Overdue { limit, grace } }
    }
}

/// Whether a worker that had so much processor time before, and stands ready now, had less than half
/// of `grace` between.
fn starved(
    before: Option<(Duration, bool)>,
    now: Option<(Duration, bool)>,
    grace: Duration,
) -> bool {
    match (before, now) {
        (Some((before, _)), Some((now, true))) => now.saturating_sub(before) < grace / 2,
        _ => false,
    }
}

/// Answers all calls that are open, so that the worker can end its run; `true` where there were any.
fn give_calls_up(
    worker: &mut Worker,
    run: u64,
    calls: &mut FuturesUnordered<Call>,
    open: &mut Open,
) -> Result<bool, Lost> {
    calls.clear();
    let unanswered = open.unanswered();
    let any = !unanswered.is_empty();
    for call in unanswered {
        worker.say(&ToWorker::HostReply { run, call, reply: run_is_over() })?;
        open.answer(call, worker.said_in_all());
    }
    Ok(any)
}

fn run_is_over() -> HostReply {
    HostReply::Failed { error: HostError::new("the run is over") }
}

/// Whether a run was cancelled: its caller is gone, or the token that it gave says so.
pub(crate) struct Cancel {
    token: Option<CancelToken>,
    dropped: Fuse<oneshot::Receiver<()>>,
    cancelled: bool,
}

impl Cancel {
    pub(crate) fn new(token: Option<CancelToken>, dropped: oneshot::Receiver<()>) -> Cancel {
        Cancel { token, dropped: dropped.fuse(), cancelled: false }
    }

    /// Whether it has been seen to be.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// Looks whether it is.
    pub(crate) fn look(&mut self) -> bool {
        self.cancelled = self.cancelled
            || self.token.as_ref().is_some_and(CancelToken::is_cancelled)
            || (&mut self.dropped).now_or_never().is_some();
        self.cancelled
    }

    /// Ready once it is. Nothing is lost where the future is dropped.
    pub(crate) async fn ready(&mut self) {
        let Cancel { token, dropped, cancelled } = self;
        let by_token = async {
            let Some(token) = token else { return pending().await };
            while !token.is_cancelled() {
                sleep(MOMENT).await;
            }
        };
        if !*cancelled {
            tokio::select! {
                // Ready when its sender is dropped.
                _ = dropped => {}
                () = by_token => {}
            }
            *cancelled = true;
        }
    }
}

/// Executes a host function. One that may block gets a thread of its own; how
/// many there are at a time is what `blocking` allows, calls of runs that are over included.
async fn execute(host: HostFunction, args: Vec<Value>, blocking: Arc<Semaphore>) -> HostReply {
    let result = if !host.blocks() {
        AssertUnwindSafe(async {
            match host.call(args) {
                HostAnswer::Later(later) => later.await,
                HostAnswer::Now(result) => result,
                _ => Err(HostError::new("the function answers in a way that is not known here")),
            }
        })
        .catch_unwind()
        .await
    } else {
        let permit = blocking.acquire_owned().await;
        let called = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            match host.call(args) {
                HostAnswer::Now(result) => result,
                _ => Err(HostError::new("the function answers in a way that is not known here")),
            }
        });
        match called.await {
            Ok(result) => Ok(result),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => Err(panic),
                Err(_) => Ok(Err(HostError::new("the run is over"))),
            },
        }
    };
    match result {
        Ok(Ok(value)) => HostReply::Value { value },
        Ok(Err(error)) => HostReply::Failed { error },
        Err(panic) => HostReply::Panicked { message: message_of(&*panic) },
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "(no message)".to_owned())
}

/// What a build that went well answers: what the image is, and the image where it is to be kept.
type Built = (Facts, Option<Arc<[u8]>>);

/// Waits for the end of the build that `worker` was told of, which may bring `carry` bytes of image along.
pub(crate) async fn build(
    worker: &mut Worker,
    limits: &Limits,
    grace: Duration,
    carry: usize,
) -> Result<Result<Built, Error>, Lost> {
    // Compiling, and building.
    let time = limits.wall.saturating_mul(2);
    let budget = outcome_budget(limits);
    let budget = Budget { values: budget.values.saturating_add(carry), ..budget };
    let heard = worker.hear(Budgets::without_calls(budget));
    match tokio::time::timeout(time + grace, heard).await {
        Err(_) => Err(Lost::Overdue { limit: time, grace }),
        Ok(Err(lost)) => Err(lost),
        Ok(Ok(FromWorker::Deployed { facts, carried, .. })) => Ok(Ok((facts, carried))),
        Ok(Ok(FromWorker::Refused { error, .. })) => Ok(Err(error)),
        Ok(Ok(_)) => unreachable!("a message that is not legal was let pass"),
    }
}

#[cfg(test)]
mod tests;
