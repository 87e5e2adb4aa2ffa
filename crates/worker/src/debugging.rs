//! The one debugging session of a worker that was forked for it: the engine's and the protocol's side of it
//! are here, the port and its WebSockets are the broker's.
//!
//! The broker says nothing that was not asked for, because a worker has no call by which it could look whether
//! something has come: it sends a signal, whose handler sets flags, and the worker asks.
//!
//! Must not know who the clients are, nor how a session comes to its run.

use std::cell::{Cell, RefCell};
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sandtide::debug::{At, DebugInstance};
use sandtide::{CancelToken, Image, Run};
use sandtide_debug::{Event, Inbox, Remote, Sessions, Source};
use sandtide_debuggee::{Host, Program, SCRIPTS};
use sandtide_engine::confined::{self, Adopted};
use sandtide_engine::sample::Recorder as _;
use sandtide_engine::{Error, Limits, Plan, Request, record_this_thread, sample::Phase};
use sandtide_inspect::record::ThreadRecorder;
use sandtide_inspect::snapshot::Scratch;
use sandtide_wire::{DebugEvent, FromWorker, MOST_TEXT, ToWorker};

use crate::hosts::{self, with_channel};
use crate::sampling::Sampling;
use crate::serve::plan_of;

/// Bytes that may wait here for the program; more waits with the broker.
const ROOM: usize = 4 << 20;

/// Something may have come since it was asked for last.
static SIGNALLED: AtomicBool = AtomicBool::new(false);
/// What the engine asks between two steps.
static WANTED: OnceLock<Arc<AtomicU32>> = OnceLock::new();

thread_local! {
    static SESSION: Cell<u64> = const { Cell::new(0) };
    /// The run may come now.
    static MAY_RUN: Cell<bool> = const { Cell::new(false) };
    /// What the broker was told last of whether the next run is the session's.
    static TAKES: Cell<bool> = const { Cell::new(false) };
    /// The process has a timer to sample with.
    static HAS_TIMER: Cell<bool> = const { Cell::new(false) };
    /// Clients that are there, as far as was asked.
    static CLIENTS: Cell<usize> = const { Cell::new(0) };
    /// The run that has come.
    static JOB: RefCell<Option<Job>> = const { RefCell::new(None) };
    static CANCEL: RefCell<Option<CancelToken>> = const { RefCell::new(None) };
}

/// The run that is debugged.
struct Job {
    run: u64,
    request: Box<Request>,
}

/// In the handler of the broker's signal.
fn note_signal() {
    SIGNALLED.store(true, Ordering::SeqCst);
    if let Some(wanted) = WANTED.get() {
        wanted.store(1, Ordering::SeqCst);
    }
}

/// Asks the broker what happened.
fn ask(wait: bool) -> DebugEvent {
    let (session, run) = (SESSION.get(), MAY_RUN.get());
    with_channel(|channel| channel.send(&FromWorker::Asks { session, wait, run }));
    match with_channel(|channel| channel.receive(false)) {
        Some(ToWorker::Happened { session: of, event }) if of == session => event,
        // The broker says nothing else.
        _ => sandtide_confine::leave(0),
    }
}

fn say(message: &FromWorker) {
    with_channel(|channel| channel.send(message));
}

/// Tells the broker where it does not know whether the next run is the session's.
fn takes(run: bool) {
    if TAKES.replace(run) != run {
        say(&FromWorker::Takes { session: SESSION.get(), run });
    }
}

struct Broker;

impl Source for Broker {
    fn fetch(&self, inbox: &Inbox, wait: bool) {
        if !wait && !SIGNALLED.swap(false, Ordering::SeqCst) {
            return;
        }
        loop {
            if inbox.waiting() > ROOM {
                SIGNALLED.store(true, Ordering::SeqCst);
                return;
            }
            let event = match ask(wait) {
                DebugEvent::Nothing => return,
                DebugEvent::Connected { client } => {
                    CLIENTS.set(CLIENTS.get() + 1);
                    Event::Connected(client)
                }
                DebugEvent::Message { client, text } => Event::Message(client, text),
                DebugEvent::Gone { client } => {
                    CLIENTS.set(CLIENTS.get().saturating_sub(1));
                    Event::Gone(client)
                }
                DebugEvent::Run { run, request } => {
                    JOB.set(Some(Job { run, request }));
                    Event::Woken
                }
                DebugEvent::Cancel => {
                    CANCEL.with_borrow(|cancel| cancel.as_ref().map(CancelToken::cancel));
                    Event::Woken
                }
                DebugEvent::End => {
                    inbox.end();
                    return;
                }
            };
            inbox.push(event);
            if wait {
                // More of it may be there.
                SIGNALLED.store(true, Ordering::SeqCst);
                return;
            }
        }
    }
}

impl Remote for Broker {
    fn send(&self, client: u64, text: String) {
        let session = SESSION.get();
        let text = if text.len() > MOST_TEXT { too_long(&text) } else { Some(text) };
        if let Some(text) = text {
            say(&FromWorker::Text { session, client, text });
        }
    }

    fn has_clients(&self) -> bool {
        CLIENTS.get() > 0
    }
}

/// What a client is told in the place of a text that has no room: an error where it is an answer; events are
/// left out.
fn too_long(text: &str) -> Option<String> {
    let rest = text.strip_prefix("{\"id\":")?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let (id, bytes) = (&rest[..end], text.len());
    let message = format!("the answer has {bytes} bytes, of at most {MOST_TEXT}");
    Some(format!("{{\"id\":{id},\"error\":{{\"code\":-32000,\"message\":\"{message}\"}}}}"))
}

struct InWorker {
    recorder: Rc<ThreadRecorder>,
    scratch: usize,
}

impl Host for InWorker {
    fn may_run(&self) {
        takes(true);
    }

    fn stands_still(&self, still: bool) {
        say(&FromWorker::Still { session: SESSION.get(), still });
    }

    fn start_recorder(&self, interval: Duration) -> Result<Rc<ThreadRecorder>, String> {
        if !HAS_TIMER.get() {
            return Err("the system gives no timer to sample with".to_owned());
        }
        self.recorder.sample_each(Some(interval));
        self.recorder.sampler().phase(Phase::Program);
        Ok(Rc::clone(&self.recorder))
    }

    fn stop_recorder(&self, recorder: &ThreadRecorder) {
        recorder.sample_each(None);
    }

    fn scratch(&self) -> Scratch {
        Scratch::Memory(self.scratch)
    }
}

/// A debugging session's instance, made in the zygote: a worker can have no other memory.
pub(crate) struct Debugging {
    instance: DebugInstance,
    program: Rc<Program>,
}

impl Debugging {
    /// In the zygote.
    pub(crate) fn prepare(
        heap: usize,
        sampling: &Sampling,
        scratch: usize,
    ) -> Result<Debugging, Error> {
        let inbox = Inbox::fetched(Broker);
        let wanted = inbox.wanted();
        let host = InWorker { recorder: sampling.recorder(), scratch };
        let program = Rc::new(Program::new(Sessions::apart(inbox, Broker), host));
        let debugger = Rc::clone(&program) as Rc<_>;
        let instance = DebugInstance::without_image(heap, &SCRIPTS, debugger, Arc::clone(&wanted))?;
        let _ = WANTED.set(wanted);
        Ok(Debugging { instance, program })
    }

    /// In the worker that was forked for a session.
    pub(crate) fn adopt(&mut self, proc: BorrowedFd<'_>) -> Result<Adopted, Error> {
        confined::on_signal_from_outside(note_signal);
        self.instance.engine().adopt(proc)
    }

    /// Says whether the process has a timer to sample with.
    pub(crate) fn note_timer(&self, is_there: bool) {
        HAS_TIMER.set(is_there);
    }

    /// Carries out the session, and ends the process. `stack` is what a run may have.
    pub(crate) fn serve(mut self, stack: usize) -> ! {
        if let Some(ToWorker::Debug { session, plan, stop_at_start }) = hosts::next_message() {
            SESSION.set(session);
            self.program.sessions.agent.set_number(session);
            let form = plan.entry.as_ref().and_then(|entry| entry.form);
            let error = self.carry_out(plan_of(plan, form, stack, &[]), stop_at_start, stack).err();
            say(&FromWorker::Ended { session, error });
        }
        sandtide_confine::leave(0)
    }

    fn carry_out(&mut self, plan: Plan, stop_at_start: bool, stack: usize) -> Result<(), Error> {
        let Debugging { instance, program } = self;
        instance.build(&Image::of_plan(plan))?;
        let mut job = None;
        let whole = instance.between(|at| job = wait(program, at, stop_at_start)).is_ok();
        // A client may have broken the heap that the run was to have: it is told of a session that is over.
        if let Some(Job { run, request }) = job.filter(|_| whole) {
            let cancel = CancelToken::new();
            CANCEL.set(Some(cancel.clone()));
            let limits = Limits { stack: request.limits.stack.min(stack), ..request.limits };
            let request = Request { limits, cancel: Some(cancel), ..*request };
            program.runs.set(true);
            let outcome = Box::new(instance.run(&Run::of_request(request)));
            program.runs.set(false);
            say(&FromWorker::Done { run, outcome });
            // Not where the run was abandoned: nothing can be asked of its heap.
            let _ = instance.between(|at| program.ended(at));
        }
        record_this_thread(None);
        Ok(())
    }
}

/// Answers clients until the run has come; none: it will not.
fn wait(program: &Program, at: &At<'_>, stop_at_start: bool) -> Option<Job> {
    let here = program.here(at);
    let (sessions, inbox) = (&program.sessions, program.sessions.inbox());
    loop {
        let clients = sessions.agent.has_sessions();
        if !clients {
            // Whoever comes next says again when the run may begin.
            sessions.set_waiting(true);
        }
        takes(clients && !sessions.is_waiting());
        if let Some(job) = JOB.take() {
            if stop_at_start {
                sessions.agent.break_on_start(&here);
            }
            return Some(job);
        }
        // Jobs are clients' too, and none may hold up what is sent, nor be the last.
        let ran = clients && program.run_job(at);
        MAY_RUN.set(true);
        let event = match ran {
            true => inbox.take(),
            // As long as the broker waits.
            false => inbox.wait_until(Instant::now()),
        };
        MAY_RUN.set(false);
        if let Some(event) = event {
            sessions.handle(&here, event);
        }
        if inbox.has_ended() || at.is_over() {
            return JOB.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_room_becomes_an_error_and_an_event_is_left_out() {
        let answer = format!("{{\"id\":17,\"result\":{{\"text\":\"{}\"}}}}", "x".repeat(100));
        let told = too_long(&answer).unwrap();
        assert!(told.starts_with("{\"id\":17,\"error\":{\"code\":-32000,"), "{told}");
        assert_eq!(too_long("{\"method\":\"Runtime.consoleAPICalled\"}"), None);
    }
}
