//! The program, as the protocol's side sees it.

use std::{cell::Cell, io, rc::Rc, time::Duration};

use rquickjs::{Ctx, Function};
use sandtide_debug::FIRST_CLIENT;
use sandtide_inspect::{
    profile::Format,
    protocol::{self, Fault, Incoming, NewScript, Place, SessionId, Step, Target},
    record::ThreadRecorder,
    snapshot,
};
use sandtide_realm::{debug, inspect};
use serde_json::{Value, json};

use super::Inspector;
use crate::{allocations, builtins};

/// The program with its context: for the time of a call.
pub(super) struct Host<'a, 'js> {
    pub(super) ctx: &'a Ctx<'js>,
    pub(super) inspector: &'a Inspector,
}

impl Host<'_, '_> {
    /// Hands sessions within the program what waits for them, which runs their code.
    pub(super) fn send_late(&self) {
        loop {
            let next = self.inspector.late.borrow_mut().pop_front();
            let Some((session, text)) = next else { return };
            let on_message = self.inspector.inner.borrow().get(&session).cloned();
            let Some(on_message) = on_message.and_then(|one| one.restore(self.ctx).ok()) else {
                continue;
            };
            let _: Result<(), _> = on_message.call((text,)).map_err(|_| drop(self.ctx.catch()));
        }
    }
}

impl Target for Host<'_, '_> {
    fn call(
        &self,
        session: SessionId,
        method: &str,
        params: &Value,
        request: i64,
    ) -> Result<Option<Value>, Fault> {
        let internal = |what: &str| Fault::server(format!("Internal error: {what}"));
        let call = self.inspector.values.borrow().clone();
        let Some(call) = call else { return Err(internal("values are not there yet")) };
        let call: Function<'_> =
            call.restore(self.ctx).map_err(|error| internal(&error.to_string()))?;
        let text = json!({ "params": params, "request": request }).to_string();
        let answer: Option<String> = match call.call((session, method, text)) {
            Ok(answer) => answer,
            Err(error) => {
                // What was thrown is nobody's: it must not be found later.
                let thrown = self.ctx.catch();
                if self.inspector.sessions.was_terminated() {
                    return Err(Fault::server("Execution was terminated"));
                }
                let text = thrown.as_exception().map_or_else(
                    || error.to_string(),
                    |thrown| thrown.message().unwrap_or_default(),
                );
                return Err(internal(&text));
            }
        };
        protocol::read_answer(answer.as_deref())
    }

    fn send(&self, session: SessionId, text: String) {
        if session > FIRST_CLIENT {
            self.inspector.sessions.send(session, text);
            return;
        }
        self.inspector.late.borrow_mut().push_back((session, text));
        if self.inspector.compiling.get() {
            self.inspector.sessions.inbox().look();
        } else {
            self.send_late();
        }
    }

    fn next(&self) -> Incoming {
        inspect::idle(|| self.inspector.sessions.next())
    }

    fn can_wait(&self) -> bool {
        self.inspector.sessions.has_clients()
    }

    fn places(&self, script: u32) -> Vec<Place> {
        let place = |one: debug::Place| Place {
            line: one.line.saturating_sub(1),
            column: one.column.saturating_sub(1),
            returns: one.returns,
        };
        debug::places(self.ctx, script).into_iter().map(place).collect()
    }

    fn set_breakpoint(&self, script: u32, line: u32, column: u32, on: bool) {
        debug::set_breakpoint(self.ctx, script, line + 1, column + 1, on);
    }

    fn step(&self, step: Step) {
        let step = match step {
            Step::None => debug::Step::None,
            Step::Into => debug::Step::Into,
            Step::Over => debug::Step::Over,
            Step::Out => debug::Step::Out,
        };
        debug::step(self.ctx, step);
    }

    fn stop_at_throws(&self, on: bool) {
        debug::stop_at_throws(self.ctx, on);
    }

    fn run(&self) {
        self.inspector.sessions.set_waiting(false);
    }

    fn is_waiting(&self) -> bool {
        self.inspector.sessions.is_waiting()
    }

    fn terminate(&self) {
        self.inspector.sessions.terminate();
    }

    fn builtin(&self, name: &str) -> Option<String> {
        builtins::source(name.strip_prefix("node:")?).map(|text| text.into_owned())
    }

    fn start_profile(&self, interval: u32) -> Result<(), Fault> {
        let interval = Duration::from_micros(interval.clamp(100, 100_000).into());
        let recorder =
            ThreadRecorder::start(interval).map_err(|error| Fault::server(error.to_string()))?;
        let recorder = Rc::new(recorder);
        inspect::record(self.ctx, Some(Rc::clone(&recorder) as _));
        *self.inspector.recorder.borrow_mut() = Some(recorder);
        Ok(())
    }

    fn stop_profile(&self) -> Result<Value, Fault> {
        let recorder = self.inspector.recorder.borrow_mut().take();
        let recorder = recorder.ok_or_else(|| Fault::server("No recording profiles found"))?;
        inspect::record(self.ctx, None);
        let mut text = Vec::new();
        let written = match recorder.take().get_mut(&0) {
            Some(profile) => profile.write(Format::CpuProfile, &mut text),
            None => Err(io::Error::other("nothing was sampled")),
        };
        written.map_err(|error| Fault::server(error.to_string()))?;
        serde_json::from_slice(&text).map_err(|error| Fault::server(error.to_string()))
    }

    fn start_allocations(&self, interval: u64) -> Result<(), Fault> {
        let before = allocations::recorder();
        let recorder = allocations::sample(self.ctx, interval);
        if before.is_none() {
            *self.inspector.allocations.borrow_mut() = Some(recorder);
        }
        Ok(())
    }

    fn allocations(&self) -> Result<Value, Fault> {
        let profile =
            allocations::profile().ok_or_else(|| Fault::server("no allocations are sampled"))?;
        let mut text = Vec::new();
        profile.write(&mut text).map_err(|error| Fault::server(error.to_string()))?;
        serde_json::from_slice(&text).map_err(|error| Fault::server(error.to_string()))
    }

    fn stop_allocations(&self) {
        if let Some(recorder) = self.inspector.allocations.borrow_mut().take() {
            allocations::end(self.ctx, &recorder);
        }
    }

    fn snapshot(&self, piece: &mut dyn FnMut(&str)) -> Result<(), Fault> {
        // The walk may hold nothing of the program's: the text goes through a file without a name.
        let mut file = rustix::fs::memfd_create("snapshot", rustix::fs::MemfdFlags::CLOEXEC)
            .map(std::fs::File::from)
            .map_err(|error| Fault::server(error.to_string()))?;
        let out = file.try_clone().map_err(|error| Fault::server(error.to_string()))?;
        let mut ids = std::mem::take(&mut *self.inspector.ids.borrow_mut());
        let (written, ids) = inspect::walk(self.ctx, move |walk| {
            let out = io::BufWriter::with_capacity(1 << 20, out);
            (snapshot::write(walk, &mut ids, out), ids)
        });
        *self.inspector.ids.borrow_mut() = ids;
        written.map_err(|error| Fault::server(error.to_string()))?;
        read_texts(&mut file, piece).map_err(|error| Fault::server(error.to_string()))
    }

    fn collect(&self) {
        sandtide_realm::collect(self.ctx);
    }
}

/// Sets a flag until what is given is dropped.
fn set_for_now(flag: &Cell<bool>) -> impl Drop + '_ {
    struct Until<'a>(&'a Cell<bool>, bool);
    impl Drop for Until<'_> {
        fn drop(&mut self) {
            self.0.set(self.1);
        }
    }
    let before = flag.replace(true);
    Until(flag, before)
}

/// Reads a file of UTF-8 from its start, in pieces that end between characters.
fn read_texts(file: &mut std::fs::File, piece: &mut dyn FnMut(&str)) -> io::Result<()> {
    use io::{Read as _, Seek as _};
    file.rewind()?;
    let mut bytes = vec![0; 64 << 10];
    let mut held = 0;
    loop {
        let count = file.read(&mut bytes[held..])?;
        if count == 0 {
            return Ok(());
        }
        let end = held + count;
        let whole = match std::str::from_utf8(&bytes[..end]) {
            Ok(_) => end,
            Err(error) => error.valid_up_to(),
        };
        piece(std::str::from_utf8(&bytes[..whole]).unwrap_or_default());
        bytes.copy_within(whole..end, 0);
        held = end - whole;
    }
}

/// A script was compiled. The engine is in the middle of it: nothing may run.
pub(super) fn compiled(inspector: &Inspector, ctx: &Ctx<'_>, script: &NewScript<'_>) {
    let _compiling = set_for_now(&inspector.compiling);
    inspector.sessions.agent.compiled(&Host { ctx, inspector }, script);
}
