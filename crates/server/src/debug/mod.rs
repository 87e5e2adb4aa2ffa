//! Debugging one run of a script: `POST /v1/scripts/{name}/debug` opens a session, which takes the next run
//! of that version once a client is attached and says that it may go on. It has a thread and an instance of
//! its own, which is in a worker of its own where scripts run in processes: other runs never notice.
//!
//! While nobody debugs anything, each run reads one number. Must not know how requests are answered.

mod apart;
mod session;
mod target;

use std::{
    io, mem,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use sandtide::{CancelToken, Outcome, debug::DebugInstance};
use sandtide_debug::{Event, Inbox};
use sandtide_supervisor::Prod;
use tokio::sync::oneshot;

use crate::{
    config::DEBUG_SESSIONS,
    error::ApiError,
    flight::{Flight, Permit},
    http1::Response,
    names::Tenant,
    place::{Built, Place},
    quota::Turn,
    store::Deployed,
    workers::{Asked, Program},
};

/// How many of them may be one tenant's.
const OF_TENANT: usize = 2;
/// The longest body of a run that is debugged, in bytes. A run may be stopped for long, and its input is not
/// held against the budget of all tenants meanwhile; so little can be held beside it.
const BODY: usize = 1 << 20;
/// How long a session is open at most, in seconds: what is stopped then goes on.
const LONGEST: u64 = 3_600;
/// How long a client may take to attach.
const LONGEST_WAIT: u64 = 600;
/// What a thread's own frames need beside the stack that a script may use.
const STACK: usize = 1 << 20;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// How long a client may take to attach.
    pub(crate) wait: Duration,
    /// The run stops at its first statement.
    pub(crate) stop_at_start: bool,
}

/// Reads the parameters `seconds` (60 by default) and `stop` (`start`).
pub(crate) fn wanted(seconds: Option<&str>, stop: Option<&str>) -> Result<Wanted, ApiError> {
    let bad = |text: String| Err(ApiError::InvalidRequest(text));
    let wait = match seconds.map_or(Ok(60), str::parse) {
        Ok(seconds) if (1..=LONGEST_WAIT).contains(&seconds) => Duration::from_secs(seconds),
        _ => return bad(format!("`seconds` is a whole number from 1 to {LONGEST_WAIT}")),
    };
    match stop {
        None => Ok(Wanted { wait, stop_at_start: false }),
        Some("start") => Ok(Wanted { wait, stop_at_start: true }),
        Some(_) => bad("`stop` is start".to_owned()),
    }
}

/// What is told of a session that is open.
pub(crate) struct Opened {
    pub(crate) url: String,
    pub(crate) wait: Duration,
    pub(crate) longest: Duration,
}

/// All sessions of a server.
#[derive(Default)]
pub(crate) struct Debugging {
    count: AtomicUsize,
    open: Mutex<Vec<Weak<Inbox>>>,
    slots: Mutex<Vec<Open>>,
    closed: AtomicBool,
}

/// What an open session is about.
struct Open {
    tenant: Arc<str>,
    /// The version.
    script: Arc<Deployed>,
    slot: Arc<Slot>,
}

/// One of so many; another one may be opened when it is dropped.
struct Counted(Arc<Debugging>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Debugging {
    /// Opens a session for the next run of a script, on a port of its own at `address`.
    pub(crate) async fn open(
        self: &Arc<Self>,
        tenant: &Tenant,
        script: &Arc<Deployed>,
        wanted: Wanted,
        address: SocketAddr,
        (place, flight): (&Place, &Arc<Flight>),
    ) -> Result<Opened, ApiError> {
        let before = self.count.fetch_add(1, Ordering::AcqRel);
        let counted = Counted(Arc::clone(self));
        if before >= DEBUG_SESSIONS {
            return Err(ApiError::DebugUnderWay);
        }
        let prod = Arc::<OnceLock<Prod>>::default();
        let told = Arc::clone(&prod);
        let inbox = Inbox::new(move || {
            // A worker process is told; a thread looks by itself.
            if let Some(prod) = told.get() {
                prod.prod();
            }
        });
        let slot = Arc::new(Slot::new(&inbox));
        let ending = {
            let mut slots = lock(&self.slots);
            let same = slots.iter().any(|other| Arc::ptr_eq(&other.script, script));
            let of_tenant = slots.iter().filter(|other| other.tenant == *tenant.name()).count();
            if same || of_tenant >= OF_TENANT {
                return Err(ApiError::DebugUnderWay);
            }
            let (tenant, script) = (Arc::clone(tenant.name()), Arc::clone(script));
            slots.push(Open { tenant, script, slot: Arc::clone(&slot) });
            Ending { debugging: Arc::clone(self), slot: Arc::clone(&slot) }
        };
        {
            let mut open = lock(&self.open);
            open.retain(|inbox| inbox.strong_count() > 0);
            open.push(Arc::downgrade(&inbox));
        }
        if self.closed.load(Ordering::SeqCst) {
            return Err(ApiError::DebugUnderWay);
        }
        let (opened, answer) = oneshot::channel();
        let (place, script, flight) = (place.clone(), Arc::clone(script), Arc::clone(flight));
        let stack = script.limits.stack.saturating_add(STACK);
        let session = move || {
            let _counted = counted;
            let _ending = ending;
            let (script, slot) = (&*script, &slot);
            match (&place, &script.built) {
                (_, Built::Here(image)) => {
                    let about = session::About { image, script, slot };
                    session::carry_out(&about, wanted, address, &flight, &inbox, opened);
                }
                (Place::Processes(supervisor, _), Built::Apart(image)) => {
                    let about = apart::About { supervisor, image, script, slot, prod: &prod };
                    apart::carry_out(&about, wanted, address, &flight, &inbox, opened);
                }
                // Nothing is built apart where there are threads only.
                (Place::Threads(_), Built::Apart(_)) => {}
            }
        };
        thread::Builder::new()
            .name("sandtide-debug".to_owned())
            .stack_size(stack)
            .spawn(session)
            .map_err(|_| ApiError::Internal)?;
        let url = answer.await.map_err(|_| ApiError::Internal)??;
        Ok(Opened { url, wait: wanted.wait, longest: Duration::from_secs(LONGEST) })
    }

    /// Hands a run to the session that waits for it, if there is one; else gives it back.
    pub(crate) fn hand_over(
        &self,
        asked: Asked,
        held: Permit,
        turn: Option<&Arc<Turn>>,
    ) -> Result<Debugged, Box<(Asked, Permit)>> {
        if self.count.load(Ordering::Acquire) == 0 || held.bytes() > BODY {
            return Err(Box::new((asked, held)));
        }
        let Some(slot) = self.slot_of(&asked) else { return Err(Box::new((asked, held))) };
        let (reply, answer) = oneshot::channel();
        let cancel = CancelToken::new();
        let job = Job { asked, cancel: cancel.clone(), held, turn: turn.cloned(), reply };
        if let Err(job) = slot.hand_over(job) {
            return Err(Box::new((job.asked, job.held)));
        }
        slot.inbox.push(Event::Woken);
        Ok(Debugged { cancel, inbox: Arc::clone(&slot.inbox), answer })
    }

    /// The session that may take a run.
    fn slot_of(&self, asked: &Asked) -> Option<Arc<Slot>> {
        let Program::Deployed(script) = &asked.program else { return None };
        let slots = lock(&self.slots);
        let open = slots.iter().find(|other| Arc::ptr_eq(&other.script, script))?;
        // One that runs whole each time comes with its run, and is not in the image that is debugged.
        let can_run = script.fresh.is_none()
            && match &script.built {
                Built::Here(image) => DebugInstance::can_run(image, &asked.run),
                Built::Apart(image) => image.can_be_debugged(&asked.run),
            };
        can_run.then(|| Arc::clone(&open.slot))
    }

    /// Ends all sessions: what is stopped goes on.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        for inbox in lock(&self.open).iter().filter_map(Weak::upgrade) {
            inbox.end();
        }
    }
}

/// How a session gets its run: one, and no other after it.
struct Slot<J = Job> {
    inbox: Arc<Inbox>,
    state: Mutex<State<J>>,
}

enum State<J> {
    /// Runs pass by.
    Closed,
    /// The session takes the next run.
    Ready,
    /// It was handed one, and has not looked yet.
    Taken(J),
    /// It has its run, or will have none.
    Done,
}

/// A run that was handed to a session.
struct Job {
    asked: Asked,
    cancel: CancelToken,
    held: Permit,
    /// Where the tenant has a quota.
    turn: Option<Arc<Turn>>,
    reply: oneshot::Sender<Answer>,
}

/// What becomes of a run that was handed over.
pub(crate) enum Answer {
    Ran(Result<Response, ApiError>),
    /// The session ended before it: it is a run like others.
    Back(Box<(Asked, Permit)>),
}

impl Job {
    /// Charges what it took, and no longer counts it as under way. Not the time that it was stopped.
    fn charge(turn: Option<Arc<Turn>>, outcome: &Outcome) {
        if let Some(turn) = turn {
            turn.charge(outcome.usage.cpu);
        }
    }

    /// For a session that cannot run it.
    fn give_back(self) {
        let Job { asked, held, turn, reply, .. } = self;
        drop(turn);
        let _ = reply.send(Answer::Back(Box::new((asked, held))));
    }
}

/// Another session of the same version may begin when this is dropped.
struct Ending {
    debugging: Arc<Debugging>,
    slot: Arc<Slot>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        lock(&self.debugging.slots).retain(|open| !Arc::ptr_eq(&open.slot, &self.slot));
        // However the session ended.
        if let Some(job) = self.slot.end() {
            job.give_back();
        }
    }
}

impl<J> Slot<J> {
    fn new(inbox: &Arc<Inbox>) -> Slot<J> {
        Slot { inbox: Arc::clone(inbox), state: Mutex::new(State::Closed) }
    }

    /// Whether the session takes the next run; nothing once it has one.
    fn set_ready(&self, ready: bool) {
        let mut state = lock(&self.state);
        if matches!(*state, State::Closed | State::Ready) {
            *state = if ready { State::Ready } else { State::Closed };
        }
    }

    /// Who comes first has it; others have their runs back.
    fn hand_over(&self, job: J) -> Result<(), J> {
        let mut state = lock(&self.state);
        if !matches!(*state, State::Ready) {
            return Err(job);
        }
        *state = State::Taken(job);
        Ok(())
    }

    /// The run that was handed over, if one was.
    fn taken(&self) -> Option<J> {
        let mut state = lock(&self.state);
        if matches!(*state, State::Taken(_)) { Self::done(&mut state) } else { None }
    }

    /// The run that was handed over at the last moment; none is after this.
    fn end(&self) -> Option<J> {
        Self::done(&mut lock(&self.state))
    }

    fn done(state: &mut State<J>) -> Option<J> {
        match mem::replace(state, State::Done) {
            State::Taken(job) => Some(job),
            State::Closed | State::Ready | State::Done => None,
        }
    }
}

/// A run that a session carries out. Dropping it, as when its client goes away, ends it.
pub(crate) struct Debugged {
    cancel: CancelToken,
    inbox: Arc<Inbox>,
    answer: oneshot::Receiver<Answer>,
}

impl Debugged {
    pub(crate) async fn answer(mut self) -> Answer {
        (&mut self.answer).await.unwrap_or(Answer::Ran(Err(ApiError::Internal)))
    }
}

impl Drop for Debugged {
    fn drop(&mut self) {
        self.cancel.cancel();
        // If it is stopped it goes on, to its end.
        self.inbox.end();
    }
}

/// Why a port could not be opened.
fn port_error(address: SocketAddr, error: &io::Error) -> ApiError {
    ApiError::DebugPort { address, message: error.to_string() }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_takes_one_run_and_whoever_comes_second_keeps_theirs() {
        let slot = Slot::new(&Inbox::new(|| ()));
        assert_eq!(slot.hand_over(1), Err(1));
        slot.set_ready(true);
        assert_eq!(slot.hand_over(1), Ok(()));
        // The session has not looked yet, and says what it said before.
        slot.set_ready(true);
        assert_eq!(slot.hand_over(2), Err(2));
        slot.set_ready(false);
        assert_eq!(slot.taken(), Some(1));
        slot.set_ready(true);
        assert_eq!(slot.hand_over(3), Err(3));
        assert_eq!((slot.taken(), slot.end()), (None, None));
    }

    #[test]
    fn a_run_that_is_handed_over_as_its_session_ends_is_not_lost() {
        let slot = Slot::new(&Inbox::new(|| ()));
        slot.set_ready(true);
        assert_eq!(slot.hand_over(1), Ok(()));
        assert_eq!(slot.end(), Some(1));
        slot.set_ready(true);
        assert_eq!(slot.hand_over(2), Err(2));
    }

    #[test]
    fn what_a_session_is_asked_for_is_read_strictly() {
        let minute = Duration::from_secs(60);
        assert_eq!(wanted(None, None).unwrap(), Wanted { wait: minute, stop_at_start: false });
        let stops = Wanted { wait: Duration::from_secs(5), stop_at_start: true };
        assert_eq!(wanted(Some("5"), Some("start")).unwrap(), stops);
        for (seconds, stop) in [(Some("0"), None), (Some("601"), None), (None, Some("end"))] {
            assert_eq!(wanted(seconds, stop).unwrap_err().code(), "ERR_INVALID_REQUEST");
        }
    }
}
