//! A run that is debugged, as the clients of its session see it: the engine's side of a run joined with the
//! protocol's. The same for a run on a thread of the server and for one in a worker process; what differs is
//! the [`Host`].
//!
//! Must not know how sessions begin and end, nor how what is sent reaches clients.

#![forbid(unsafe_code)]

use std::{
    cell::{Cell, RefCell},
    fmt, io,
    rc::Rc,
    time::Duration,
};

use sandtide::{
    debug::{At, Debugger, Script, Scripts, Step, Stop, Terminate, Why},
    record_this_thread,
};
use sandtide_debug::Sessions;
use sandtide_inspect::{
    profile::Format,
    protocol::{
        self, Fault, Incoming, NewScript, Place, SANDBOX, SessionId, StopReason, Target, VALUES,
    },
    record::{INTERVALS, ThreadRecorder},
    snapshot::{self, Ids, Scratch},
};
use serde_json::{Value, json};

/// The scripts that show values to clients.
pub const SCRIPTS: Scripts<'static> = Scripts { values: VALUES, setup: SANDBOX };

/// What a run that is debugged is part of.
pub trait Host {
    /// A client says that the run may begin.
    fn may_run(&self);
    /// The run's clocks and deadlines stand still from now on, or go on.
    fn stands_still(&self, still: bool);
    /// Samples the calling thread.
    ///
    /// # Errors
    /// Why not, for people.
    fn start_recorder(&self, interval: Duration) -> Result<Rc<ThreadRecorder>, String>;
    /// It samples no longer; what it had was taken.
    fn stop_recorder(&self, recorder: &ThreadRecorder);
    /// Where what a snapshot finds may lie.
    fn scratch(&self) -> Scratch;
}

/// The script, and who is attached to it. Belongs to the thread that runs it.
pub struct Program {
    /// Who is attached.
    pub sessions: Sessions,
    /// The run is on.
    pub runs: Cell<bool>,
    host: Box<dyn Host>,
    recorder: RefCell<Option<Rc<ThreadRecorder>>>,
    ids: RefCell<Ids>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("sessions", &self.sessions).finish_non_exhaustive()
    }
}

impl Program {
    /// One that waits for a client to say that its run may begin.
    pub fn new(sessions: Sessions, host: impl Host + 'static) -> Program {
        sessions.set_waiting(true);
        Program {
            sessions,
            runs: Cell::new(false),
            host: Box::new(host),
            recorder: RefCell::default(),
            ids: RefCell::default(),
        }
    }

    /// The script where it is now.
    pub fn here<'a>(&'a self, at: &'a At<'a>) -> impl Target + 'a {
        Here { program: self, at }
    }

    /// Runs what waits to go on of what clients evaluated, up to its next wait; answers whether there was any.
    pub fn run_job(&self, at: &At<'_>) -> bool {
        // It has no end if it likes: it is ended with the session, or when nobody is left.
        let _handling = self.sessions.handling(0);
        at.run_job()
    }

    /// The run is over: clients are told.
    pub fn ended(&self, at: &At<'_>) {
        self.sessions.agent.ended(&Here { program: self, at });
    }

    /// Calls `f` while the run stands still.
    fn still<R>(&self, f: impl FnOnce() -> R) -> R {
        self.host.stands_still(true);
        let result = f();
        self.host.stands_still(false);
        result
    }
}

impl Debugger for Program {
    fn stopped(&self, at: &At<'_>, stop: &Stop) -> Result<(), Terminate> {
        let from_zero = |number: i32| u32::try_from(number - 1).unwrap_or(0);
        let stop = protocol::Stop {
            reason: match Why::of(stop) {
                Why::Debugger => StopReason::Debugger,
                Why::Throw => StopReason::Throw { caught: stop.caught },
                _ => StopReason::Place { breakpoint: stop.breakpoint, step: stop.step },
            },
            script: stop.script,
            line: from_zero(stop.line),
            column: from_zero(stop.column),
        };
        let here = Here { program: self, at };
        self.still(|| self.sessions.stopped(&here, &stop)).map_err(|_| Terminate)
    }

    fn compiled(&self, at: &At<'_>, script: &Script<'_>) {
        let new = NewScript {
            number: script.number,
            file: script.file,
            start: script.start,
            text: script.text,
            module: script.module,
        };
        self.sessions.agent.compiled(&Here { program: self, at }, &new);
    }

    fn wanted(&self, at: &At<'_>) -> Result<(), Terminate> {
        self.still(|| self.sessions.take(&Here { program: self, at }));
        if self.sessions.is_to_terminate() { Err(Terminate) } else { Ok(()) }
    }

    fn send(&self, session: u64, text: String) {
        self.sessions.send(session, text);
    }

    fn script_of(&self, at: &At<'_>, number: u32, file: &str) -> (String, String) {
        self.sessions.agent.script_of(&Here { program: self, at }, number, file)
    }
}

/// The script where it is now: for the time of a call.
struct Here<'a> {
    program: &'a Program,
    at: &'a At<'a>,
}

impl Target for Here<'_> {
    fn call(
        &self,
        session: SessionId,
        method: &str,
        params: &Value,
        request: i64,
    ) -> Result<Option<Value>, Fault> {
        let text = json!({ "params": params, "request": request }).to_string();
        match self.at.call(session, method, &text) {
            Ok(answer) => protocol::read_answer(answer.as_deref()),
            Err(_) if self.program.sessions.was_terminated() => {
                Err(Fault::server("Execution was terminated"))
            }
            Err(failed) => Err(Fault::server(format!("Internal error: {failed}"))),
        }
    }

    fn send(&self, session: SessionId, text: String) {
        self.program.sessions.send(session, text);
    }

    fn next(&self) -> Incoming {
        if self.at.is_over() {
            // Nothing more can be asked of it, and what is stopped goes nowhere.
            return Incoming::End;
        }
        self.program.sessions.next()
    }

    fn can_wait(&self) -> bool {
        self.program.sessions.has_clients()
    }

    fn places(&self, script: u32) -> Vec<Place> {
        let place = |one: sandtide::debug::Place| Place {
            line: one.line.saturating_sub(1),
            column: one.column.saturating_sub(1),
            returns: one.returns,
        };
        self.at.places(script).into_iter().map(place).collect()
    }

    fn set_breakpoint(&self, script: u32, line: u32, column: u32, on: bool) {
        self.at.set_breakpoint(script, line + 1, column + 1, on);
    }

    fn step(&self, step: protocol::Step) {
        self.at.step(match step {
            protocol::Step::None => Step::None,
            protocol::Step::Into => Step::Into,
            protocol::Step::Over => Step::Over,
            protocol::Step::Out => Step::Out,
        });
    }

    fn stop_at_throws(&self, on: bool) {
        self.at.stop_at_throws(on);
    }

    fn run(&self) {
        self.program.sessions.set_waiting(false);
        // Before the client is answered: it may know of a run that comes right then.
        self.program.host.may_run();
    }

    fn is_waiting(&self) -> bool {
        self.program.sessions.is_waiting()
    }

    fn terminate(&self) {
        self.program.sessions.terminate();
    }

    fn builtin(&self, _: &str) -> Option<String> {
        None
    }

    fn start_profile(&self, interval: u32) -> Result<(), Fault> {
        if self.program.runs.get() {
            return Err(Fault::server("A run is profiled from its beginning: start before it"));
        }
        let interval = Duration::from_micros(interval.into());
        let interval = interval.clamp(*INTERVALS.start(), *INTERVALS.end());
        let recorder = self.program.host.start_recorder(interval).map_err(Fault::server)?;
        record_this_thread(Some(Rc::clone(&recorder) as _));
        *self.program.recorder.borrow_mut() = Some(recorder);
        Ok(())
    }

    fn stop_profile(&self) -> Result<Value, Fault> {
        let recorder = self.program.recorder.borrow_mut().take();
        let recorder = recorder.ok_or_else(|| Fault::server("No recording profiles found"))?;
        record_this_thread(None);
        let mut taken = recorder.take();
        self.program.host.stop_recorder(&recorder);
        let mut text = Vec::new();
        let written = match taken.get_mut(&0) {
            Some(profile) => profile.write(Format::CpuProfile, &mut text),
            None => Err(io::Error::other("nothing was sampled")),
        };
        written.map_err(|error| Fault::server(error.to_string()))?;
        serde_json::from_slice(&text).map_err(|error| Fault::server(error.to_string()))
    }

    fn start_allocations(&self, _: u64) -> Result<(), Fault> {
        Err(Fault::server(
            "Allocations are sampled from a run's beginning: sandtide run --heap-prof",
        ))
    }

    fn allocations(&self) -> Result<Value, Fault> {
        Err(Fault::server("no allocations are sampled"))
    }

    fn stop_allocations(&self) {}

    fn snapshot(&self, piece: &mut dyn FnMut(&str)) -> Result<(), Fault> {
        let mut ids = self.program.ids.borrow_mut();
        let mut out = Pieces { piece, held: Vec::new() };
        let scratch = self.program.host.scratch();
        self.at
            .walk(|walk| snapshot::write_with(scratch, walk, &mut ids, &mut out))
            .ok_or_else(|| Fault::server("the run is over"))?
            .map_err(|error| Fault::server(error.to_string()))?;
        Ok(())
    }

    fn collect(&self) {
        self.at.collect();
    }
}

/// Hands on what is written, cut between characters.
struct Pieces<'a> {
    piece: &'a mut dyn FnMut(&str),
    held: Vec<u8>,
}

impl io::Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.held) {
            Ok(text) => text,
            Err(error) => {
                std::str::from_utf8(&self.held[..error.valid_up_to()]).unwrap_or_default()
            }
        };
        (self.piece)(whole);
        let length = whole.len();
        self.held.drain(..length);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
