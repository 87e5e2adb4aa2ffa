//! A session whose run is in a worker process: the port, its clients and the session's times are here; what
//! they send and are sent is passed on unread.

use std::{
    mem,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use sandtide::{Error, Outcome};
use sandtide_debug::{Event, Inbox, Port};
use sandtide_supervisor::{DebugHost, DeployedImage, Happened, Prod, Supervisor};
use tokio::sync::oneshot;

use super::{
    Answer, Job, LONGEST, Slot, Wanted,
    session::{self, Alarm, Then, then},
};
use crate::{answer, error::ApiError, flight::Flight, store::Deployed};

/// What a session in a worker is about.
pub(super) struct About<'a> {
    pub(super) supervisor: &'a Supervisor,
    pub(super) image: &'a DeployedImage,
    pub(super) script: &'a Deployed,
    pub(super) slot: &'a Arc<Slot>,
    /// Where the inbox finds whom it tells.
    pub(super) prod: &'a OnceLock<Prod>,
}

/// Carries out a session from its opening, of which `opened` is told, to its end.
pub(super) fn carry_out(
    about: &About<'_>,
    wanted: Wanted,
    address: SocketAddr,
    flight: &Arc<Flight>,
    inbox: &Arc<Inbox>,
    opened: oneshot::Sender<Result<String, ApiError>>,
) {
    let now = Instant::now();
    let end = now + Duration::from_secs(LONGEST);
    let mut broker = Broker {
        about,
        wait: wanted.wait,
        address,
        flight,
        inbox,
        opened: Some(opened),
        port: None,
        clients: 0,
        attach_by: now + wanted.wait,
        end,
        takes: false,
        job: None,
        told_end: false,
    };
    let _alarm = match Alarm::set(Arc::clone(inbox), end) {
        Ok(alarm) => alarm,
        Err(error) => return broker.close(Err(error)),
    };
    let ended = about.supervisor.debug_here(about.image, wanted.stop_at_start, &mut broker);
    broker.close(ended);
}

struct Broker<'a> {
    about: &'a About<'a>,
    wait: Duration,
    address: SocketAddr,
    flight: &'a Arc<Flight>,
    inbox: &'a Arc<Inbox>,
    /// Who asked for the session, until it is open.
    opened: Option<oneshot::Sender<Result<String, ApiError>>>,
    port: Option<Port>,
    /// Clients of whom the worker knows.
    clients: usize,
    attach_by: Instant,
    end: Instant,
    /// The worker takes the next run.
    takes: bool,
    /// The run that it has.
    job: Option<Given>,
    told_end: bool,
}

/// A run that the worker was given, and what is needed to answer it.
struct Given {
    job: Job,
    began: bool,
    told_cancel: bool,
}

impl Broker<'_> {
    /// The session is over, or did not begin.
    fn close(mut self, ended: Result<(), Error>) {
        if let Some(opened) = self.opened.take() {
            let error = ended.as_ref().err().cloned();
            let _ = opened.send(Err(error.map_or(ApiError::Internal, ApiError::from)));
        }
        match (self.job.take(), ended) {
            // Its worker was lost: what the run had done by then nobody knows.
            (Some(Given { job, .. }), Err(error)) => self.answer(job, Outcome::failed(error)),
            // A client broke the heap that the run was to have.
            (Some(Given { job, .. }), Ok(())) => job.give_back(),
            (None, _) => {}
        }
        if let Some(mut port) = self.port.take() {
            port.close();
        }
    }

    fn answer(&self, job: Job, outcome: Outcome) {
        self.about.script.history.note(outcome.result.is_err(), outcome.usage.cpu);
        Job::charge(job.turn, &outcome);
        if !job.reply.is_closed() {
            let answer = answer::outcome(self.flight, outcome, job.asked.shape);
            let _ = job.reply.send(Answer::Ran(Ok(answer)));
        }
    }

    fn give(&mut self, job: Job) -> Happened {
        // A copy: it may come back.
        let run = self.about.script.begin(job.asked.run.clone()).limits(job.asked.limits);
        self.job = Some(Given { job, began: false, told_cancel: false });
        Happened::Run(Box::new(run))
    }

    /// The worker asks for more than its run: it has begun that.
    fn note_begun(&mut self) {
        if let Some(given) = &mut self.job
            && !mem::replace(&mut given.began, true)
            && let Some(nothing) = self.flight.take(0)
        {
            // It may be stopped for long, and is small (`BODY`).
            given.job.held = nothing;
        }
    }

    /// What a client did, if it is anything.
    fn of_client(&mut self, event: Event) -> Option<Happened> {
        match event {
            Event::Connected(client) => {
                self.clients += 1;
                Some(Happened::Connected(client))
            }
            Event::Message(client, text) => Some(Happened::Message(client, text)),
            Event::Gone(client) => {
                self.clients = self.clients.saturating_sub(1);
                if self.clients == 0 {
                    self.attach_by = Instant::now() + self.wait;
                }
                Some(Happened::Gone(client))
            }
            Event::Woken => None,
        }
    }
}

impl DebugHost for Broker<'_> {
    fn started(&mut self, prod: Prod) {
        let _ = self.about.prod.set(prod);
    }

    fn opened(&mut self) {
        let Some(opened) = self.opened.take() else { return };
        let port = session::open_port(self.about.script, self.address, self.inbox);
        self.attach_by = Instant::now() + self.wait;
        let told = match port {
            Ok(port) => {
                let url = port.url();
                self.port = Some(port);
                opened.send(Ok(url)).is_ok()
            }
            Err(error) => {
                let _ = opened.send(Err(error));
                false
            }
        };
        if !told {
            // Who asked has gone, and nobody else knows of it.
            self.inbox.end();
        }
    }

    fn text(&mut self, client: u64, text: String) {
        if let Some(port) = &self.port {
            port.send(client, text);
        }
    }

    fn takes(&mut self, run: bool) {
        self.takes = run;
        self.about.slot.set_ready(run);
    }

    fn next(&mut self, may_run: bool, until: Option<Instant>) -> Option<Happened> {
        self.note_begun();
        loop {
            if let Some(given) = &mut self.job
                && given.job.cancel.is_cancelled()
                && !mem::replace(&mut given.told_cancel, true)
            {
                return Some(Happened::Cancel);
            }
            // Once: the worker knows it from then on.
            if self.is_over() && !mem::replace(&mut self.told_end, true) {
                return Some(Happened::End);
            }
            if let Some(event) = self.inbox.take() {
                match self.of_client(event) {
                    Some(happened) => return Some(happened),
                    None => continue,
                }
            }
            let mut wait_until = until;
            if self.job.is_none() && self.clients == 0 && !may_run && !self.told_end {
                // Whatever its worker says: nobody is there for it to wait for.
                if Instant::now() >= self.attach_by {
                    self.inbox.end();
                    continue;
                }
                wait_until = until.map(|until| until.min(self.attach_by));
            }
            if may_run && self.job.is_none() && !self.told_end {
                let (slot, clients) = (self.about.slot, self.clients > 0);
                match then(slot, clients, !self.takes, self.attach_by, self.end) {
                    Then::Run(job) => return Some(self.give(*job)),
                    Then::End => {
                        self.inbox.end();
                        continue;
                    }
                    Then::Wait(by) => wait_until = until.map(|until| until.min(by)),
                }
            }
            let event = self.inbox.wait_until(wait_until?);
            if let Some(happened) = event.and_then(|event| self.of_client(event)) {
                return Some(happened);
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return None;
            }
        }
    }

    fn ran(&mut self, outcome: Outcome) {
        if let Some(Given { job, .. }) = self.job.take() {
            self.answer(job, outcome);
        }
    }

    fn is_for_nobody(&self) -> bool {
        !self.port.as_ref().is_some_and(Port::has_clients)
    }

    fn is_over(&self) -> bool {
        self.inbox.has_ended() || Instant::now() >= self.end
    }

    fn is_cancelled(&self) -> bool {
        self.job.as_ref().is_some_and(|given| given.job.cancel.is_cancelled())
    }
}
