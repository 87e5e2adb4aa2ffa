//! The thread of one session: its instance, its clients, its run.

use std::{
    net::SocketAddr,
    rc::Rc,
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};

use sandtide::{Error, Image, debug::DebugInstance};
use sandtide_debug::{About as AboutPort, Inbox, Port, uuid};
use sandtide_debuggee::{Program, SCRIPTS};
use tokio::sync::oneshot;

use super::{Answer, Job, LONGEST, Slot, Wanted, port_error, target};
use crate::{answer, error::ApiError, flight::Flight, store::Deployed, workers::Asked};

/// What a session is about.
pub(super) struct About<'a> {
    pub(super) image: &'a Image,
    pub(super) script: &'a Deployed,
    pub(super) slot: &'a Arc<Slot>,
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
    let About { image, script, slot } = *about;
    let program = Rc::new(target::program(inbox, slot));
    let made = open(image, script, address, inbox, &program);
    let (mut instance, url) = match made {
        Ok(made) => made,
        Err(error) => {
            let _ = opened.send(Err(error));
            return;
        }
    };
    let end = Instant::now() + Duration::from_secs(LONGEST);
    let _alarm = match Alarm::set(Arc::clone(inbox), end) {
        Ok(alarm) => alarm,
        Err(error) => {
            let _ = opened.send(Err(error.into()));
            return;
        }
    };
    if opened.send(Ok(url)).is_err() {
        // Who asked has gone, and nobody else knows of it.
        return;
    }
    let mut job = None;
    let whole = instance.between(|at| job = target::wait(&program, slot, at, wanted, end)).is_ok();
    match job {
        Some(job) if whole => run(&mut instance, &program, script, flight, job),
        // What a client evaluated broke the heap that the run was to have.
        Some(job) => job.give_back(),
        None => {}
    }
    if let Some(mut port) = program.sessions.take_port() {
        port.close();
    }
}

/// Has the image built where clients can look at it, and the port opened.
fn open(
    image: &Image,
    script: &Deployed,
    address: SocketAddr,
    inbox: &Arc<Inbox>,
    program: &Rc<Program>,
) -> Result<(DebugInstance, String), ApiError> {
    let debugger = Rc::clone(program) as Rc<_>;
    let instance =
        DebugInstance::new(image, script.limits.heap, &SCRIPTS, debugger, inbox.wanted())?;
    let port = open_port(script, address, inbox)?;
    let url = port.url();
    program.sessions.set_port(port);
    Ok((instance, url))
}

/// The port that a session's clients come to.
pub(super) fn open_port(
    script: &Deployed,
    address: SocketAddr,
    inbox: &Arc<Inbox>,
) -> Result<Port, ApiError> {
    let about = AboutPort {
        id: uuid().map_err(|_| ApiError::Internal)?,
        // Other tenants may reach the port.
        listed: false,
        title: script.name.to_string(),
        url: script.source.file.to_string(),
        browser: concat!("sandtide/", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let host = address.ip().to_string();
    Port::open(&host, address.port(), about, Arc::clone(inbox))
        .map_err(|error| port_error(address, &error))
}

fn run(
    instance: &mut DebugInstance,
    program: &Program,
    script: &Deployed,
    flight: &Arc<Flight>,
    job: Job,
) {
    let Job { asked: Asked { run, limits, shape, .. }, cancel, held, turn, reply } = job;
    let run = script.begin(run).limits(limits).cancel(&cancel);
    // It may be stopped for long, and is small (`BODY`).
    drop(held);
    program.runs.set(true);
    let outcome = instance.run(&run);
    program.runs.set(false);
    drop(run);
    script.history.note(outcome.result.is_err(), outcome.usage.cpu);
    Job::charge(turn, &outcome);
    if !reply.is_closed() {
        let _ = reply.send(Answer::Ran(Ok(answer::outcome(flight, outcome, shape))));
    }
    // Not where the run was abandoned: nothing can be asked of its heap.
    let _ = instance.between(|at| program.ended(at));
}

/// Ends a session at a given time, unless it is dropped before.
pub(super) struct Alarm {
    _stop: mpsc::Sender<()>,
}

impl Alarm {
    /// # Errors
    /// There is no thread for it. Without it, what is stopped goes on when its clients go and no sooner.
    pub(super) fn set(inbox: Arc<Inbox>, at: Instant) -> Result<Alarm, Error> {
        let (stop, stopped) = mpsc::channel();
        let wait = move || {
            let left = at.saturating_duration_since(Instant::now());
            if stopped.recv_timeout(left) == Err(mpsc::RecvTimeoutError::Timeout) {
                inbox.end();
            }
        };
        let spawned = thread::Builder::new()
            .name("sandtide-debug-alarm".to_owned())
            .stack_size(64 << 10)
            .spawn(wait);
        let action = "starting a debugging session";
        match spawned {
            Ok(_) => Ok(Alarm { _stop: stop }),
            Err(error) => Err(Error::System { action, message: error.to_string() }),
        }
    }
}

/// What a program that waits for its run is to do next.
pub(super) enum Then {
    Wait(Instant),
    Run(Box<Job>),
    End,
}

/// Looks at what a session waits for: a client, its word that the run may begin, and the run.
pub(super) fn then(
    slot: &Slot,
    clients: bool,
    waiting: bool,
    attach_by: Instant,
    end: Instant,
) -> Then {
    slot.set_ready(clients && !waiting);
    if let Some(job) = slot.taken() {
        return Then::Run(Box::new(job));
    }
    let until = if clients { end } else { attach_by.min(end) };
    if Instant::now() < until {
        Then::Wait(until)
    } else {
        slot.end().map_or(Then::End, |job| Then::Run(Box::new(job)))
    }
}
