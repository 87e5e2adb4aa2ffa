//! Sessions of one program, and the domains that are not the debugger's. Must not know how the program
//! is stopped.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::debugger::Debugging;
use super::domains::{self, Room};
use super::message::{Params, decode, event, result};
use super::scripts::Scripts;
use super::target::{SessionId, Step, Target};
use super::{Fault, Request};

/// The longest piece of a heap snapshot that is sent at once, in bytes.
const PIECE: usize = 100 << 10;

/// V8's default between two samples, in microseconds.
const INTERVAL: u32 = 1000;

/// V8's default between two samples of allocations, in bytes.
const ALLOCATIONS: f64 = 32768.0;

/// What one client has asked for.
#[derive(Debug, Default)]
pub(crate) struct Session {
    pub(crate) debugging: Option<Debugging>,
    profiler: bool,
    interval: Option<u32>,
    profiling: bool,
    sampling: bool,
    node_runtime: bool,
    waits_for_disconnect: bool,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) sessions: BTreeMap<SessionId, Session>,
    pub(crate) scripts: Scripts,
    pub(crate) pause: Option<Pause>,
    pub(crate) pauses: u64,
    /// The next stop is the program's first.
    pub(crate) break_on_start: bool,
    /// A place where the program is to stop once.
    pub(crate) once: Option<(u32, u32, u32)>,
}

/// The program is stopped.
#[derive(Debug)]
pub(crate) struct Pause {
    /// What ends it, once a client has said so.
    pub(crate) resume: Option<Step>,
    pub(crate) terminate: bool,
    /// Frames that were told.
    pub(crate) frames: usize,
}

/// All that clients want of one program.
#[derive(Debug)]
pub struct Agent {
    pub(crate) state: RefCell<State>,
    /// What tells this program's debuggers from those of others.
    pub(crate) number: Cell<u64>,
}

impl Default for Agent {
    fn default() -> Agent {
        Agent { state: RefCell::default(), number: Cell::new(std::process::id().into()) }
    }
}

impl Agent {
    /// Without clients.
    pub fn new() -> Agent {
        Agent::default()
    }

    /// Has a number tell this program's debuggers from those of others: that of its process, unless this is
    /// called. For what comes with a fork.
    pub fn set_number(&self, number: u64) {
        self.number.set(number);
    }

    /// A client has come.
    pub fn connect(&self, session: SessionId) {
        self.state.borrow_mut().sessions.insert(session, Session::default());
    }

    /// A client has gone, and with it all that it asked for.
    pub fn disconnect(&self, target: &dyn Target, session: SessionId) {
        let gone = self.state.borrow_mut().sessions.remove(&session);
        let Some(gone) = gone else { return };
        if gone.profiling {
            let _ = target.stop_profile();
        }
        if gone.sampling {
            target.stop_allocations();
        }
        if gone.debugging.is_some() {
            self.debugging_ends(target, gone);
        }
        let _ = target.call(session, "gone", &json!({}), 0);
    }

    /// Whether there is any client.
    pub fn has_sessions(&self) -> bool {
        !self.state.borrow().sessions.is_empty()
    }

    /// All clients.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.state.borrow().sessions.keys().copied().collect()
    }

    /// Whether the program is stopped.
    pub fn is_stopped(&self) -> bool {
        self.state.borrow().pause.is_some()
    }

    /// Handles a client's text.
    pub fn dispatch(&self, target: &dyn Target, session: SessionId, text: &str) {
        let answer = match decode(text) {
            Err((id, fault)) => fault.answer(id),
            Ok(request) => match self.handle(target, session, &request) {
                Ok(Some(value)) => result(request.id, &value),
                Ok(None) => return,
                Err(fault) => fault.answer(Some(request.id)),
            },
        };
        target.send(session, answer);
    }

    /// The program has ended. Clients that asked are told; true where some client has to go before the
    /// process may.
    pub fn ended(&self, target: &dyn Target) -> bool {
        let _ = target.call(0, "destroyed", &json!({}), 0);
        let waiting: Vec<SessionId> = {
            let state = self.state.borrow();
            let waiting = state.sessions.iter().filter(|(_, one)| one.waits_for_disconnect);
            waiting.map(|(session, _)| *session).collect()
        };
        for session in waiting {
            target.send(session, event("NodeRuntime.waitingForDisconnect", &json!({})));
        }
        self.has_sessions()
    }

    fn handle(
        &self,
        target: &dyn Target,
        session: SessionId,
        request: &Request,
    ) -> Result<Option<Value>, Fault> {
        let method = request.method.as_str();
        let Some(room) = domains::room(method) else {
            return Err(Fault::new(Fault::METHOD, format!("'{method}' wasn't found")));
        };
        let params = Params(&request.params);
        match room {
            Room::Values => {
                domains::check(method, params.0)?;
                target.call(session, method, params.0, request.id)
            }
            Room::Debugger => self.debugger(target, session, method, &params, request.id),
            Room::Profiler => self.profiler(target, session, method, &params).map(Some),
            Room::Heap => self.heap(target, session, method, &params).map(Some),
            Room::Host => self.host(target, session, method, &params).map(Some),
        }
    }

    fn host(
        &self,
        target: &dyn Target,
        session: SessionId,
        method: &str,
        params: &Params<'_>,
    ) -> Result<Value, Fault> {
        match method {
            "Schema.getDomains" => {
                let domains: Vec<Value> = domains::names()
                    .map(|name| json!({ "name": name, "version": "1.3" }))
                    .collect();
                return Ok(json!({ "domains": domains }));
            }
            "Runtime.runIfWaitingForDebugger" => target.run(),
            "Runtime.terminateExecution" => {
                // One thing ends: the code that is stopped, or else what runs.
                let mut state = self.state.borrow_mut();
                match &mut state.pause {
                    Some(pause) => pause.terminate = true,
                    None => {
                        drop(state);
                        target.terminate();
                    }
                }
            }
            "NodeRuntime.enable" => {
                self.with(session, |one| one.node_runtime = true);
                if target.is_waiting() {
                    target.send(session, event("NodeRuntime.waitingForDebugger", &json!({})));
                }
            }
            "NodeRuntime.disable" => self.with(session, |one| one.node_runtime = false),
            "NodeRuntime.notifyWhenWaitingForDisconnect" => {
                let on = params.flag("enabled")?;
                self.with(session, |one| one.waits_for_disconnect = on);
            }
            // There are no workers to tell of.
            _ => {}
        }
        Ok(json!({}))
    }

    pub(crate) fn with(&self, session: SessionId, change: impl FnOnce(&mut Session)) {
        if let Some(one) = self.state.borrow_mut().sessions.get_mut(&session) {
            change(one);
        }
    }

    fn profiler(
        &self,
        target: &dyn Target,
        session: SessionId,
        method: &str,
        params: &Params<'_>,
    ) -> Result<Value, Fault> {
        let (enabled, profiling, interval) = {
            let state = self.state.borrow();
            let one = state.sessions.get(&session);
            one.map_or((false, false, None), |one| (one.profiler, one.profiling, one.interval))
        };
        match method {
            "Profiler.enable" => self.with(session, |one| one.profiler = true),
            "Profiler.disable" => {
                if profiling {
                    let _ = target.stop_profile();
                }
                self.with(session, |one| {
                    one.profiler = false;
                    one.profiling = false;
                });
            }
            "Profiler.setSamplingInterval" => {
                if profiling {
                    return Err(Fault::server("Cannot change sampling interval when profiling."));
                }
                let interval = params.number("interval")?;
                self.with(session, |one| one.interval = Some(interval));
            }
            "Profiler.start" => {
                if !enabled {
                    return Err(Fault::server("Profiler is not enabled"));
                }
                if !profiling {
                    if self.state.borrow().sessions.values().any(|one| one.profiling) {
                        return Err(Fault::server(
                            "The program is being profiled for another client",
                        ));
                    }
                    target.start_profile(interval.unwrap_or(INTERVAL))?;
                    self.with(session, |one| one.profiling = true);
                }
            }
            "Profiler.stop" => {
                if !profiling {
                    return Err(Fault::server("No recording profiles found"));
                }
                self.with(session, |one| one.profiling = false);
                return Ok(json!({ "profile": target.stop_profile()? }));
            }
            _ => {}
        }
        Ok(json!({}))
    }

    fn is_sampling(&self, session: SessionId) -> bool {
        self.state.borrow().sessions.get(&session).is_some_and(|one| one.sampling)
    }

    /// Sampling of allocations.
    fn sampling(
        &self,
        target: &dyn Target,
        session: SessionId,
        method: &str,
        params: &Params<'_>,
    ) -> Result<Value, Fault> {
        let on = self.is_sampling(session);
        if method == "HeapProfiler.startSampling" {
            for name in ["includeObjectsCollectedByMajorGC", "includeObjectsCollectedByMinorGC"] {
                if params.0[name] == true {
                    return Err(Fault::server(format!("{name}: only what is still there is told")));
                }
            }
            let interval = match &params.0["samplingInterval"] {
                Value::Null => ALLOCATIONS,
                value => value.as_f64().unwrap_or_default(),
            };
            // What is no number of bytes, too.
            if interval.is_nan() || interval < 1.0 {
                return Err(Fault::server("Invalid sampling interval"));
            }
            if !on {
                if self.state.borrow().sessions.values().any(|one| one.sampling) {
                    return Err(Fault::server("Allocations are being sampled for another client"));
                }
                target.start_allocations(interval as u64)?;
                self.with(session, |one| one.sampling = true);
            }
            return Ok(json!({}));
        }
        if !on {
            return Err(Fault::server("V8 sampling heap profiler was not started."));
        }
        let profile = target.allocations()?;
        if method == "HeapProfiler.stopSampling" {
            target.stop_allocations();
            self.with(session, |one| one.sampling = false);
        }
        Ok(json!({ "profile": profile }))
    }

    fn heap(
        &self,
        target: &dyn Target,
        session: SessionId,
        method: &str,
        params: &Params<'_>,
    ) -> Result<Value, Fault> {
        match method {
            "HeapProfiler.startSampling"
            | "HeapProfiler.stopSampling"
            | "HeapProfiler.getSamplingProfile" => {
                return self.sampling(target, session, method, params);
            }
            "HeapProfiler.disable" if self.is_sampling(session) => {
                target.stop_allocations();
                self.with(session, |one| one.sampling = false);
            }
            "HeapProfiler.collectGarbage" => target.collect(),
            "HeapProfiler.takeHeapSnapshot" => {
                let progress = params.0["reportProgress"] == true;
                let tell = |done: u64, finished: bool| {
                    let mut params = json!({ "done": done, "total": 100 });
                    if finished {
                        params["finished"] = json!(true);
                    }
                    if progress {
                        let method = "HeapProfiler.reportHeapSnapshotProgress";
                        target.send(session, event(method, &params));
                    }
                };
                tell(0, false);
                let mut told = false;
                let mut send = |piece: &str| {
                    if !told {
                        told = true;
                        tell(100, true);
                    }
                    let params = json!({ "chunk": piece });
                    target.send(session, event("HeapProfiler.addHeapSnapshotChunk", &params));
                };
                let mut waiting = String::with_capacity(PIECE);
                target.snapshot(&mut |piece| {
                    waiting.push_str(piece);
                    if waiting.len() >= PIECE {
                        send(&waiting);
                        waiting.clear();
                    }
                })?;
                if !waiting.is_empty() {
                    send(&waiting);
                }
            }
            _ => {}
        }
        Ok(json!({}))
    }
}
