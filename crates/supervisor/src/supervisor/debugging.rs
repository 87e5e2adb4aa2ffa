//! Debugging sessions, each in a worker that is forked for it. Everything that a worker says is taken as
//! hostile: texts for clients are bounded and passed on unread, what it says of its clocks holds as long as
//! somebody looks at it, and one that says too much at a time is not heard any sooner.
//!
//! Must not know how clients come, nor how a session comes to its run: that is the [`DebugHost`]'s.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::process::{Signal, pidfd_send_signal};
use sandtide::{Error, Limits, Outcome, Run};
use sandtide_confine::Turns;
use sandtide_engine::Request;
use sandtide_wire::{
    Budget, DebugEvent, ForkedFor, FromWorker, MOST_TEXT, ToWorker, outcome_budget,
};

use super::{Event, Inner, Lost, Shared, Supervisor, system};
use crate::account::Known;
use crate::image::DeployedImage;
use crate::worker::{Budgets, Worker};

/// How long a worker may take to notice that nobody looks any more, or that a time is over: others may
/// have the processors.
const GRACE: Duration = Duration::from_secs(10);
/// How long a host waits at a time; then it is seen whether the worker is there still.
const WAIT: Duration = Duration::from_millis(250);
/// What a worker may say in each [`TURN`]: so many messages, and so many bytes of texts. One that says more
/// waits for the next turn.
const MESSAGES: u32 = 2_000;
const TEXTS: usize = 64 << 20;
const TURN: Duration = Duration::from_millis(100);

/// What happened to a session.
#[derive(Debug)]
pub enum Happened {
    /// A client has come.
    Connected(u64),
    /// A client sent a text.
    Message(u64, String),
    /// A client has gone.
    Gone(u64),
    /// The run has come that is debugged.
    Run(Box<Run>),
    /// It is cancelled.
    Cancel,
    /// Nobody looks any more: what is stopped goes on, and the session ends with its run.
    End,
}

/// Who has a session carried out. All calls come on the thread that carries it out, and may wait.
pub trait DebugHost {
    /// The worker is there; `prod` tells it that something has happened. Nothing did before this.
    fn started(&mut self, prod: Prod);
    /// The image was built, and clients may come.
    fn opened(&mut self);
    /// A text for a client, whose number may be anybody's or nobody's. What it says is the worker's.
    fn text(&mut self, client: u64, text: String);
    /// Whether the next run is the session's.
    fn takes(&mut self, run: bool);
    /// What happened next; waits for it until then. A run only where it `may_run`.
    fn next(&mut self, may_run: bool, until: Option<Instant>) -> Option<Happened>;
    /// The run is over.
    fn ran(&mut self, outcome: Outcome);
    /// Whether no client is there.
    fn is_for_nobody(&self) -> bool;
    /// Whether the session is to end, whether or not its worker was told so by [`Happened::End`].
    fn is_over(&self) -> bool;
    /// Whether its run is on and is cancelled, whether or not its worker was told so by
    /// [`Happened::Cancel`].
    fn is_cancelled(&self) -> bool;
}

/// Tells a session's worker that something has happened, from any thread.
#[derive(Clone, Debug)]
pub struct Prod(Arc<OwnedFd>);

impl Prod {
    /// Tells it. Nothing happens where it has ended.
    pub fn prod(&self) {
        let _ = pidfd_send_signal(&*self.0, Signal::URG);
    }
}

impl DeployedImage {
    /// Whether a run of it can be debugged: not one that calls host functions, that brings its own source, or
    /// that takes an image of its own, because its seed and clock are given or it is in another time zone
    /// than its image, where the image's set-up could look at them.
    #[must_use]
    pub fn can_be_debugged(&self, run: &Run) -> bool {
        let Inner { plan, hosts, .. } = &*self.inner;
        let Request { source, frozen, time_zone, .. } = run.request();
        let is_module =
            matches!(self.form(), Some(sandtide::Form::Function | sandtide::Form::Handler));
        let own = plan.time_zone.as_deref().unwrap_or("UTC");
        let as_it_is = frozen.is_none() && time_zone.as_deref().is_none_or(|name| name == own);
        let runs_code = is_module || !plan.setup.is_empty();
        hosts.is_empty() && source.is_none() && (as_it_is || !runs_code)
    }
}

impl Supervisor {
    /// Carries out a debugging session of an image's next run, on the calling thread, in a worker that is
    /// forked for it and ended with it. Sessions take no worker of other runs. It is for the caller to bound
    /// how many there are at a time (see
    /// [`debugging_sessions`](crate::SupervisorBuilder::debugging_sessions)), and how long a client may
    /// keep one.
    ///
    /// # Errors
    /// The image cannot be built or debugged, or there is no worker; or the worker was lost, which ends the run.
    ///
    /// # Panics
    /// Where it is called by a task.
    pub fn debug_here(
        &self,
        image: &DeployedImage,
        stop_at_start: bool,
        host: &mut dyn DebugHost,
    ) -> Result<(), Error> {
        self.shared.debug(&image.inner, stop_at_start, host)
    }
}

impl Shared {
    fn debug(
        self: &Arc<Self>,
        inner: &Inner,
        stop_at_start: bool,
        host: &mut dyn DebugHost,
    ) -> Result<(), Error> {
        if self.config.debugging_sessions == 0 || !inner.hosts.is_empty() {
            let message = match inner.hosts.is_empty() {
                true => "nobody is debugged here; say how many sessions there may be",
                false => "scripts with host functions are not debugged in workers; use threads",
            };
            return Err(Error::WrongForm { message: message.to_owned() });
        }
        self.check(inner.script)?;
        let started = self.runtime.block_on(self.start_worker(ForkedFor::Debugging));
        let starting = |message: &dyn std::fmt::Display| system("starting a worker", message);
        let mut worker = started.map_err(|message| starting(&message))?;
        worker.serves(inner.script, &inner.version);
        let prod = worker.descriptor().map_err(|error| starting(&error))?;
        host.started(Prod(Arc::new(prod)));
        let session = self.next.fetch_add(1, Ordering::Relaxed);
        let times = (inner.plan.limits.wall, GRACE);
        let mut driven = Session {
            session,
            worker: &mut worker,
            host,
            most: self.config.limits,
            limits: inner.plan.limits,
            run_began: Instant::now(),
            clock: Clock::new(times),
            budgets: budgets(outcome_budget(&inner.plan.limits)),
            pace: Pace::new(),
            opened: false,
        };
        let plan = (*inner.plan).clone();
        match driven.carry_out(&ToWorker::Debug { session, plan, stop_at_start }) {
            Ok(result) => {
                let (process, tenant) = (worker.pid(), Arc::clone(&inner.tenant));
                drop(worker);
                self.teller.tell(|| Event::WorkerEnded { process, tenant });
                result
            }
            Err(lost) => Err(self.runtime.block_on(self.bury(&inner.tenant, worker, lost, true))),
        }
    }
}

fn budgets(outcome: Budget) -> Budgets {
    Budgets { text: Budget::of_values(MOST_TEXT), ..Budgets::without_calls(outcome) }
}

/// A session that is carried out.
struct Session<'a> {
    /// Its number, which its run has as well.
    session: u64,
    worker: &'a mut Worker,
    host: &'a mut dyn DebugHost,
    /// What any run may take.
    most: Limits,
    /// Those of the run, and when it began.
    limits: Limits,
    run_began: Instant,
    clock: Clock,
    budgets: Budgets,
    pace: Pace,
    opened: bool,
}

impl Session<'_> {
    fn carry_out(&mut self, debug: &ToWorker) -> Result<Result<(), Error>, Lost> {
        // It has an hour of its own, and others are short.
        self.worker.give_turns(Turns::Long);
        self.worker.say(debug)?;
        loop {
            let heard = self.worker.hear_here(self.budgets)?;
            self.look_at_clock()?;
            let Some(message) = heard else { continue };
            self.pace.heard(&message);
            match message {
                FromWorker::Asks { wait, run, .. } => self.answer(wait, run)?,
                FromWorker::Text { client, text, .. } => self.host.text(client, text),
                FromWorker::Still { still, .. } => self.clock.stand(still, Instant::now()),
                FromWorker::Takes { run, .. } => self.host.takes(run),
                FromWorker::Done { mut outcome, .. } => {
                    self.clock.run_ended(Instant::now());
                    let (took, processor) = (self.run_began.elapsed(), self.worker.stands_ready());
                    let (limits, heap) = (&self.limits, self.most.heap);
                    let known = Known { limits, heap, wall: took, told: took, processor };
                    known.hold(&mut outcome.usage);
                    self.host.ran(*outcome);
                }
                FromWorker::Ended { error, .. } => return Ok(error.map_or(Ok(()), Err)),
                // The states of messages let nothing else pass in a session.
                _ => unreachable!("a message that is not legal was let pass"),
            }
        }
    }

    /// Whether the worker has time left. It may never ask what happened, so that the end of the session
    /// counts from when it is known here.
    fn look_at_clock(&mut self) -> Result<(), Lost> {
        let now = Instant::now();
        if !self.clock.cancelled && self.host.is_cancelled() {
            self.clock.cancel(now);
        }
        if !self.clock.over && self.host.is_over() {
            self.clock.end(now);
        }
        self.clock.check(self.host.is_for_nobody(), now)
    }

    /// Tells the worker what happened.
    fn answer(&mut self, wait: bool, may_run: bool) -> Result<(), Lost> {
        // It speaks on, or asks again without having read the answer before, which would pile up here.
        if self.worker.has_said_more() || self.worker.unsent() > 0 {
            return Err(Lost::Impatient);
        }
        if !std::mem::replace(&mut self.opened, true) {
            self.clock.built();
            self.host.opened();
        }
        let mut asked = Instant::now();
        let happened = loop {
            let until = wait.then(|| Instant::now() + WAIT);
            let happened = self.host.next(may_run, until);
            if happened.is_some() || !wait {
                break happened;
            }
            // It waits, and has nothing to say until it is answered.
            match self.worker.is_gone() {
                Some(Lost::SaidMore) => return Err(Lost::Impatient),
                Some(gone) => return Err(gone),
                None => {}
            }
            self.clock.passed(asked, Instant::now());
            asked = Instant::now();
            // Before its run the host says how long it waits for clients.
            if self.clock.over || self.clock.wall.is_some() {
                self.look_at_clock()?;
            }
        };
        self.clock.waited(wait, asked, Instant::now());
        let event = match happened {
            None => DebugEvent::Nothing,
            Some(Happened::Connected(client)) => DebugEvent::Connected { client },
            Some(Happened::Message(client, text)) => DebugEvent::Message { client, text },
            Some(Happened::Gone(client)) => DebugEvent::Gone { client },
            Some(Happened::Run(run)) => self.begin(*run),
            Some(Happened::Cancel) => {
                self.clock.cancel(Instant::now());
                DebugEvent::Cancel
            }
            Some(Happened::End) => {
                self.clock.end(Instant::now());
                DebugEvent::End
            }
        };
        let session = self.session;
        self.worker.say(&ToWorker::Happened { session, event })
    }

    fn begin(&mut self, run: Run) -> DebugEvent {
        let mut request = run.into_request();
        // They mean nothing in another process; who cancels says so by an event.
        (request.cancel, request.since) = (None, None);
        request.limits = request.limits.capped(&self.most);
        self.budgets = budgets(outcome_budget(&request.limits));
        self.limits = request.limits;
        self.run_began = Instant::now();
        self.worker.stands_ready();
        self.clock.run_begins(request.limits.wall, Instant::now());
        DebugEvent::Run { run: self.session, request: Box::new(request) }
    }
}

/// What time a worker has. It says itself when the run's clocks stand still, which is believed as long as a
/// client is there.
#[derive(Debug)]
struct Clock {
    /// Until when the image is to be built; none once it is.
    build: Option<(Instant, Duration)>,
    /// The run's limit of wall time, while it is on.
    wall: Option<Duration>,
    /// What it had of it, and since when more.
    used: Duration,
    goes_since: Option<Instant>,
    still: bool,
    /// When the worker is to have come to its end, or to its next question: nobody looks.
    leave_by: Option<Instant>,
    /// The session is over: nobody looks any more, whoever is there.
    over: bool,
    /// The run is.
    cancelled: bool,
    grace: Duration,
}

impl Clock {
    /// Of an image that may take so much wall time, and of a worker that may be so late.
    fn new((wall, grace): (Duration, Duration)) -> Clock {
        let time = wall.saturating_mul(2).saturating_add(grace);
        Clock {
            build: Some((Instant::now() + time, time)),
            wall: None,
            used: Duration::ZERO,
            goes_since: None,
            still: false,
            leave_by: None,
            over: false,
            cancelled: false,
            grace,
        }
    }

    fn built(&mut self) {
        self.build = None;
    }

    /// What the run took until now.
    fn taken(&self, now: Instant) -> Duration {
        self.used + self.goes_since.map_or(Duration::ZERO, |since| now - since)
    }

    /// What is left of the run's time.
    fn left(&self, now: Instant) -> Duration {
        self.wall.map_or(Duration::ZERO, |wall| wall.saturating_sub(self.taken(now)))
    }

    fn run_begins(&mut self, wall: Duration, now: Instant) {
        (self.wall, self.used) = (Some(wall), Duration::ZERO);
        self.goes_since = (!self.still).then_some(now);
    }

    fn run_ended(&mut self, now: Instant) {
        (self.wall, self.goes_since) = (None, None);
        self.cancelled = false;
        self.leave_by = self.over.then(|| now + self.grace);
    }

    fn stand(&mut self, still: bool, now: Instant) {
        self.still = still;
        self.used = self.taken(now);
        self.goes_since = (!still && self.wall.is_some()).then_some(now);
    }

    /// The worker waited for so long, which is nobody's time.
    fn passed(&mut self, asked: Instant, now: Instant) {
        if let Some(since) = &mut self.goes_since {
            *since += now - asked;
        }
    }

    /// The worker waited for its answer, or for the host.
    fn waited(&mut self, for_more: bool, asked: Instant, now: Instant) {
        self.passed(asked, now);
        if for_more && !self.is_to_end() {
            self.leave_by = None;
        }
    }

    /// Nobody looks from now on: the worker is to end once its run has had its time.
    fn end(&mut self, now: Instant) {
        self.over = true;
        self.leave(now + self.left(now) + self.grace);
    }

    /// The run has nothing left of its time.
    fn cancel(&mut self, now: Instant) {
        self.cancelled = true;
        self.leave(now + self.grace);
    }

    fn is_to_end(&self) -> bool {
        self.over || self.cancelled
    }

    fn leave(&mut self, by: Instant) {
        self.leave_by = Some(self.leave_by.map_or(by, |before| before.min(by)));
    }

    fn check(&mut self, nobody: bool, now: Instant) -> Result<(), Lost> {
        if let Some((by, limit)) = self.build {
            return if now < by { Ok(()) } else { Err(Lost::Overdue { limit, grace: self.grace }) };
        }
        if let Some(limit) = self.wall
            && self.taken(now) > limit + self.grace
        {
            return Err(Lost::Overdue { limit, grace: self.grace });
        }
        if nobody && self.leave_by.is_none() {
            self.leave_by = Some(now + self.left(now) + self.grace);
        } else if !nobody && !self.is_to_end() {
            self.leave_by = None;
        }
        match self.leave_by {
            Some(by) if now >= by => Err(Lost::Deaf { grace: self.grace }),
            _ => Ok(()),
        }
    }
}

/// How much a worker says.
struct Pace {
    since: Instant,
    messages: u32,
    bytes: usize,
}

impl Pace {
    fn new() -> Pace {
        Pace { since: Instant::now(), messages: 0, bytes: 0 }
    }

    /// Waits for the next turn where it said too much in this one.
    fn heard(&mut self, message: &FromWorker) {
        self.messages += 1;
        if let FromWorker::Text { text, .. } = message {
            self.bytes += text.len();
        }
        if self.messages >= MESSAGES || self.bytes >= TEXTS {
            std::thread::sleep(TURN.saturating_sub(self.since.elapsed()));
            *self = Pace::new();
        } else if self.since.elapsed() >= TURN {
            *self = Pace::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;
    use std::thread::JoinHandle;

    use sandtide_wire::{ImagePlan, LENGTH_BYTES};

    use super::*;
    use crate::zygote::Spawned;

    const SESSION: u64 = 7;
    const SOON: Duration = Duration::from_millis(200);
    const NEVER: Duration = Duration::from_secs(600_000);

    /// What a worker of these tests says and hears, as raw as it likes.
    struct Theirs(UnixStream);

    impl Theirs {
        fn say(&mut self, message: &FromWorker) -> bool {
            let mut bytes = Vec::new();
            message.encode(&mut bytes).unwrap();
            self.0.write_all(&bytes).is_ok()
        }

        fn hear(&mut self) -> ToWorker {
            let mut length = [0; LENGTH_BYTES];
            self.0.read_exact(&mut length).unwrap();
            let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
            self.0.read_exact(&mut bytes).unwrap();
            ToWorker::decode(&bytes).unwrap()
        }

        fn ask(&mut self, wait: bool) -> DebugEvent {
            self.say(&FromWorker::Asks { session: SESSION, wait, run: true });
            match self.hear() {
                ToWorker::Happened { event, .. } => event,
                other => panic!("{other:?}"),
            }
        }

        fn still(&mut self, still: bool) -> bool {
            self.say(&FromWorker::Still { session: SESSION, still })
        }

        fn text(&mut self, text: &str) -> bool {
            let (session, client, text) = (SESSION, 9, text.to_owned());
            self.say(&FromWorker::Text { session, client, text })
        }
    }

    /// Counts what it is told, and has a run and clients as a test says.
    #[derive(Default)]
    struct Counts {
        somebody: bool,
        run: Option<Duration>,
        end: bool,
        /// Once it gave the run.
        over: bool,
        cancelled: bool,
        message: Option<String>,
        messages: usize,
        texts: usize,
        ran: Option<Outcome>,
    }

    impl DebugHost for Counts {
        fn started(&mut self, _: Prod) {}
        fn opened(&mut self) {}
        fn text(&mut self, _: u64, _: String) {
            self.texts += 1;
        }
        fn takes(&mut self, _: bool) {}
        fn next(&mut self, may_run: bool, until: Option<Instant>) -> Option<Happened> {
            if let Some(wall) = self.run.take_if(|_| may_run) {
                let limits = Limits { wall, ..Limits::default() };
                return Some(Happened::Run(Box::new(Run::new().limits(limits))));
            }
            if std::mem::take(&mut self.end) {
                return Some(Happened::End);
            }
            if let Some(text) = &self.message {
                self.messages += 1;
                return Some(Happened::Message(9, text.clone()));
            }
            std::thread::sleep(until?.saturating_duration_since(Instant::now()));
            None
        }
        fn ran(&mut self, outcome: Outcome) {
            self.ran = Some(outcome);
        }
        fn is_for_nobody(&self) -> bool {
            !self.somebody
        }
        fn is_over(&self) -> bool {
            self.over && self.run.is_none()
        }
        fn is_cancelled(&self) -> bool {
            self.cancelled && self.run.is_none()
        }
    }

    /// What becomes of a session with a worker that says what `theirs` does once it was told to debug.
    fn carried_out<R: Send + 'static>(
        mut host: Counts,
        (build, grace): (Duration, Duration),
        theirs: impl FnOnce(Theirs) -> R + Send + 'static,
    ) -> (Result<Result<(), Error>, Lost>, Counts, JoinHandle<R>) {
        let (spawned, socket) = Spawned::of_test();
        let mut worker = Worker::new(spawned).unwrap();
        let mut socket = Theirs(socket);
        socket.say(&FromWorker::Ready { layers: 0 });
        let ready = Budgets::without_calls(outcome_budget(&Limits::default()));
        while worker.hear_here(ready).unwrap().is_none() {}
        let says = std::thread::spawn(move || {
            assert!(matches!(socket.hear(), ToWorker::Debug { .. }));
            theirs(socket)
        });
        let mut session = Session {
            session: SESSION,
            worker: &mut worker,
            host: &mut host,
            most: Limits { wall: NEVER, ..Limits::default() },
            limits: Limits::default(),
            run_began: Instant::now(),
            clock: Clock::new((build, grace)),
            budgets: budgets(outcome_budget(&Limits::default())),
            pace: Pace::new(),
            opened: false,
        };
        let plan = ImagePlan::default();
        let debug = ToWorker::Debug { session: SESSION, plan, stop_at_start: false };
        let ended = session.carry_out(&debug);
        drop(worker);
        (ended, host, says)
    }

    fn somebody() -> Counts {
        Counts { somebody: true, ..Counts::default() }
    }

    #[test]
    fn a_worker_that_says_what_is_none_of_its_words_is_lost() {
        let lost = |theirs: fn(&mut Theirs)| {
            let (ended, _, says) =
                carried_out(somebody(), (NEVER, NEVER), move |mut worker| theirs(&mut worker));
            let _ = says.join();
            ended.unwrap_err()
        };
        assert!(matches!(lost(|_| ()), Lost::Closed));
        let no_message = lost(|worker| worker.0.write_all(&[1, 0, 0, 0, 200]).unwrap());
        assert!(matches!(no_message, Lost::Refused(_)));
        let another = lost(|worker| {
            worker.say(&FromWorker::Takes { session: 8, run: true });
        });
        assert!(matches!(another, Lost::OutOfTurn(_)));
        // The end of a run that it was not given.
        let done = lost(|worker| {
            worker.ask(false);
            let outcome = Box::new(Outcome::failed(Error::NeverSettled));
            worker.say(&FromWorker::Done { run: SESSION, outcome });
        });
        assert!(matches!(done, Lost::OutOfTurn(_)));
        let calls = lost(|worker| {
            let call = FromWorker::HostCall { run: SESSION, call: 1, function: 0, args: vec![] };
            worker.say(&call);
        });
        assert!(matches!(calls, Lost::OutOfTurn(_) | Lost::TooLong { .. }), "{calls:?}");
        // It asks, and goes on before it is answered.
        let impatient = lost(|worker| {
            worker.say(&FromWorker::Asks { session: SESSION, wait: true, run: true });
            worker.text("{}");
            let _ = worker.0.read(&mut [0]);
        });
        // It depends on which of them was read first.
        assert!(matches!(impatient, Lost::Impatient | Lost::Closed), "{impatient:?}");
    }

    #[test]
    fn a_text_that_is_longer_than_texts_may_be_is_not_taken_in() {
        let (ended, host, says) = carried_out(somebody(), (NEVER, NEVER), |mut worker| {
            let len = u32::try_from(MOST_TEXT * 2).unwrap();
            worker.0.write_all(&len.to_le_bytes()).unwrap();
            worker.0.write_all(&[8]).unwrap();
            (0..).take_while(|_| worker.0.write_all(&[b'x'; 4096]).is_ok()).count()
        });
        assert!(matches!(ended, Err(Lost::TooLong { .. })), "{ended:?}");
        assert_eq!(host.texts, 0);
        assert!(says.join().unwrap() * 4096 < MOST_TEXT);
    }

    #[test]
    fn a_worker_that_has_no_client_left_and_goes_on_is_lost() {
        // It says that its clocks stand still, sends texts, and never asks again.
        let floods = |mut worker: Theirs| {
            worker.ask(false);
            (0..).take_while(|_| worker.still(true) && worker.text("{}")).count()
        };
        let (ended, host, says) = carried_out(Counts::default(), (NEVER, SOON), floods);
        assert!(matches!(ended, Err(Lost::Deaf { .. })), "{ended:?}");
        // As many as it may say, and what it was slow to notice.
        let said = says.join().unwrap();
        assert!(host.texts <= said + 1);
        // And one that says nothing.
        let (ended, ..) = carried_out(Counts::default(), (NEVER, SOON), |mut worker| {
            worker.ask(false);
            worker.0.read(&mut [0])
        });
        assert!(matches!(ended, Err(Lost::Deaf { .. })), "{ended:?}");
    }

    #[test]
    fn a_worker_that_was_told_to_end_and_goes_on_is_lost_though_clients_are_there() {
        let host = Counts { end: true, ..somebody() };
        let (ended, _, says) = carried_out(host, (NEVER, SOON), |mut worker| {
            assert!(matches!(worker.ask(true), DebugEvent::End));
            while worker.still(true) && worker.text("{}") {}
        });
        assert!(matches!(ended, Err(Lost::Deaf { .. })), "{ended:?}");
        says.join().unwrap();
    }

    #[test]
    fn a_worker_that_was_told_to_end_and_waits_for_more_is_lost() {
        let host = Counts { end: true, ..somebody() };
        let (ended, ..) = carried_out(host, (NEVER, SOON), |mut worker| {
            assert!(matches!(worker.ask(true), DebugEvent::End));
            worker.say(&FromWorker::Asks { session: SESSION, wait: true, run: false });
            worker.0.read(&mut [0])
        });
        assert!(matches!(ended, Err(Lost::Deaf { .. })), "{ended:?}");
    }

    #[test]
    fn a_worker_that_never_asks_and_stands_still_is_lost_when_its_session_ends_or_is_cancelled() {
        let stands = |mut worker: Theirs| {
            assert!(matches!(worker.ask(true), DebugEvent::Run { .. }));
            worker.still(true);
            worker.0.read(&mut [0])
        };
        let over = Counts { over: true, run: Some(SOON), ..somebody() };
        let (ended, ..) = carried_out(over, (NEVER, SOON), stands);
        assert!(matches!(ended, Err(Lost::Deaf { .. })), "{ended:?}");
        // What is cancelled has nothing left of its time.
        let cancelled = Counts { cancelled: true, run: Some(NEVER), ..somebody() };
        let (ended, ..) = carried_out(cancelled, (NEVER, SOON), stands);
        assert!(matches!(ended, Err(Lost::Deaf { .. })), "{ended:?}");
    }

    #[test]
    fn a_worker_that_asks_again_before_it_has_read_its_answer_is_lost() {
        // More than the socket holds.
        let host = Counts { message: Some("x".repeat(8 << 20)), ..somebody() };
        let (ended, host, _) = carried_out(host, (NEVER, NEVER), |mut worker| {
            let asks = FromWorker::Asks { session: SESSION, wait: false, run: false };
            for _ in 0..3 {
                // It is being answered when something has come.
                if !worker.say(&asks) || worker.0.read_exact(&mut [0; LENGTH_BYTES]).is_err() {
                    return;
                }
            }
        });
        assert!(matches!(ended, Err(Lost::Impatient)), "{ended:?}");
        assert_eq!(host.messages, 1);
    }

    #[test]
    fn a_run_whose_clocks_go_has_its_time() {
        let host = || Counts { run: Some(SOON), ..somebody() };
        let (ended, ..) = carried_out(host(), (NEVER, SOON), |mut worker| {
            assert!(matches!(worker.ask(true), DebugEvent::Run { .. }));
            worker.0.read(&mut [0])
        });
        assert!(matches!(ended, Err(Lost::Overdue { limit: SOON, .. })), "{ended:?}");
        let (ended, host, says) = carried_out(host(), (NEVER, NEVER), |mut worker| {
            assert!(matches!(worker.ask(true), DebugEvent::Run { .. }));
            let outcome = Box::new(Outcome::failed(Error::NeverSettled));
            worker.say(&FromWorker::Done { run: SESSION, outcome });
            worker.say(&FromWorker::Ended { session: SESSION, error: None });
        });
        assert!(matches!(ended, Ok(Ok(()))), "{ended:?}");
        assert_eq!(host.ran.unwrap().result, Err(Error::NeverSettled));
        says.join().unwrap();
    }

    #[test]
    fn time_that_a_run_stands_still_is_not_held_against_it_while_a_client_is_there() {
        let second = Duration::from_secs(1);
        let start = Instant::now();
        let at = |seconds: u32| start + seconds * second;
        let clock = || {
            let mut clock = Clock::new((second, 2 * second));
            clock.built();
            clock.run_begins(10 * second, start);
            clock.stand(true, at(1));
            clock
        };
        let mut stood = clock();
        stood.check(false, at(1_000)).unwrap();
        stood.stand(false, at(1_000));
        stood.check(false, at(1_010)).unwrap();
        // It waits for an answer, which takes none of its time.
        stood.waited(true, at(1_010), at(2_000));
        stood.check(false, at(2_001)).unwrap();
        assert!(matches!(stood.check(false, at(2_002)), Err(Lost::Overdue { .. })));
        // Whoever looked at it goes: it has what is left of its time, and no more.
        let mut left = clock();
        left.check(true, at(100)).unwrap();
        left.check(true, at(110)).unwrap();
        assert!(matches!(left.check(true, at(111)), Err(Lost::Deaf { .. })));
        let mut again = clock();
        again.check(true, at(100)).unwrap();
        again.check(false, at(105)).unwrap();
        again.check(false, at(1_000)).unwrap();
    }

    #[test]
    fn an_image_that_is_not_built_in_its_time_loses_its_worker() {
        let (ended, ..) =
            carried_out(somebody(), (SOON, SOON), |mut worker| worker.0.read(&mut [0]));
        assert!(matches!(ended, Err(Lost::Overdue { .. })), "{ended:?}");
    }

    #[test]
    fn a_worker_that_says_much_is_heard_at_its_pace_only() {
        let (ended, host, says) = carried_out(somebody(), (NEVER, NEVER), |mut worker| {
            worker.ask(false);
            let began = Instant::now();
            for _ in 0..5 * MESSAGES {
                worker.text("{}");
            }
            worker.say(&FromWorker::Ended { session: SESSION, error: None });
            let _ = worker.0.read(&mut [0]);
            began.elapsed()
        });
        assert!(matches!(ended, Ok(Ok(()))), "{ended:?}");
        assert_eq!(host.texts, 5 * MESSAGES as usize);
        // However fast the machine is.
        assert!(says.join().unwrap() >= 4 * TURN);
    }
}
