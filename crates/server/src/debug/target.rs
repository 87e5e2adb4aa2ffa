//! The script that is debugged on a thread of this process: how it waits for its run.

use std::{
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use sandtide::debug::At;
use sandtide_debug::{Inbox, Sessions};
use sandtide_debuggee::{Host, Program};
use sandtide_inspect::{record::ThreadRecorder, snapshot::Scratch};

use super::{
    Job, Slot, Wanted,
    session::{Then, then},
};

pub(super) fn program(inbox: &Arc<Inbox>, slot: &Arc<Slot>) -> Program {
    Program::new(Sessions::new(Arc::clone(inbox), || ()), OnThread(Arc::clone(slot)))
}

struct OnThread(Arc<Slot>);

impl Host for OnThread {
    fn may_run(&self) {
        self.0.set_ready(true);
    }

    /// The engine's own clocks are all that there are.
    fn stands_still(&self, _: bool) {}

    fn start_recorder(&self, interval: Duration) -> Result<Rc<ThreadRecorder>, String> {
        ThreadRecorder::start(interval).map(Rc::new).map_err(|error| error.to_string())
    }

    /// It ends when it is dropped.
    fn stop_recorder(&self, _: &ThreadRecorder) {}

    fn scratch(&self) -> Scratch {
        Scratch::Files
    }
}

/// Answers clients until a run has come that may begin; `None`: none will.
pub(super) fn wait(
    program: &Program,
    slot: &Slot,
    at: &At<'_>,
    wanted: Wanted,
    end: Instant,
) -> Option<Job> {
    let here = program.here(at);
    let mut attach_by = Instant::now() + wanted.wait;
    let inbox = program.sessions.inbox();
    loop {
        let clients = program.sessions.agent.has_sessions();
        if !clients {
            // Whoever comes next says again when the run may begin.
            program.sessions.set_waiting(true);
        }
        match then(slot, clients, program.sessions.is_waiting(), attach_by, end) {
            Then::Run(job) => {
                if wanted.stop_at_start {
                    program.sessions.agent.break_on_start(&here);
                }
                return Some(*job);
            }
            Then::End => return None,
            Then::Wait(until) => {
                // Jobs are clients' too, and none may hold up what is sent, nor be the last.
                let event = match clients && program.run_job(at) {
                    true => inbox.take(),
                    false => inbox.wait_until(until),
                };
                if let Some(event) = event {
                    program.sessions.handle(&here, event);
                }
                if clients && !program.sessions.agent.has_sessions() {
                    attach_by = Instant::now() + wanted.wait;
                }
            }
        }
        if inbox.has_ended() || at.is_over() {
            return slot.end();
        }
    }
}
