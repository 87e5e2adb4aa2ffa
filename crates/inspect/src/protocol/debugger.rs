//! The domain Debugger: what clients want of stops, and what happens at one. Must not know how the
//! program is stopped, nor what its values are.

use std::rc::Rc;

use serde_json::{Value, json};

use super::Fault;
use super::agent::{Agent, Pause, Session};
use super::breakpoints::{Breakpoint, Where, resolve};
use super::hidden::Hidden;
use super::message::{Params, event};
use super::scripts::{NewScript, Script};
use super::target::{Incoming, SessionId, Step, Stop, StopReason, Target, Terminate};

/// Which exceptions stop the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Throws {
    #[default]
    None,
    Caught,
    Uncaught,
    All,
}

/// What one client wants of the debugger.
#[derive(Debug)]
pub(crate) struct Debugging {
    breakpoints: Vec<Breakpoint>,
    active: bool,
    skip_all: bool,
    throws: Throws,
    hidden: Hidden,
    /// `Debugger.pause` was sent, and the program has not stopped since.
    asked: bool,
    /// The last step was this client's.
    steps: bool,
}

impl Default for Debugging {
    fn default() -> Debugging {
        Debugging {
            breakpoints: Vec::new(),
            active: true,
            skip_all: false,
            throws: Throws::None,
            hidden: Hidden::default(),
            asked: false,
            steps: false,
        }
    }
}

fn location(script: &str, line: u32, column: u32) -> Value {
    json!({ "scriptId": script, "lineNumber": line, "columnNumber": column })
}

fn not_paused() -> Fault {
    Fault::server("Can only perform operation while paused.")
}

/// Why a stop is told to clients.
struct Told {
    reason: &'static str,
    hits: Vec<String>,
}

impl Agent {
    /// A script was compiled: it is told to clients, and gets the breakpoints that are in it.
    pub fn compiled(&self, target: &dyn Target, script: &NewScript<'_>) {
        let script = self.state.borrow_mut().scripts.add(script);
        let told = event("Debugger.scriptParsed", &script.event());
        for session in self.debugging() {
            target.send(session, told.clone());
            for breakpoint in self.take_breakpoints(session) {
                let mut breakpoint = breakpoint;
                if breakpoint.is_in(&script)
                    && let Some(place) = self.place(target, &script, &mut breakpoint)
                {
                    let params = json!({ "breakpointId": breakpoint.id, "location": place });
                    target.send(session, event("Debugger.breakpointResolved", &params));
                }
                self.with_debugging(session, |one| one.breakpoints.push(breakpoint));
            }
        }
    }

    fn take_breakpoints(&self, session: SessionId) -> Vec<Breakpoint> {
        let mut taken = Vec::new();
        self.with_debugging(session, |one| taken = std::mem::take(&mut one.breakpoints));
        taken
    }

    /// Stops the program at its first place.
    pub fn break_on_start(&self, target: &dyn Target) {
        self.state.borrow_mut().break_on_start = true;
        target.step(Step::Into);
    }

    /// The program is stopped: asks clients whether it is to stay so, and if it is, until one of them has
    /// it go on.
    ///
    /// # Errors
    /// What runs is to be ended.
    pub fn stopped(&self, target: &dyn Target, stop: &Stop) -> Result<(), Terminate> {
        if self.state.borrow().pause.is_some() {
            return Ok(());
        }
        let sessions = self.debugging();
        let found = sessions.iter().find_map(|one| Some((self.wants(target, *one, stop)?, *one)));
        let (mut told, mut asker) =
            found.map_or((None, None), |(told, one)| (Some(told), Some(one)));
        let once = Some((stop.script, stop.line, stop.column));
        if self.state.borrow().once == once {
            self.state.borrow_mut().once = None;
            target.set_breakpoint(stop.script, stop.line, stop.column, self.has_breakpoint(once));
            told.get_or_insert(Told { reason: "other", hits: Vec::new() });
            asker = asker.or_else(|| sessions.first().copied());
        }
        match (told, asker) {
            (Some(told), Some(asker)) => self.pause(target, stop, &told, asker),
            _ => Ok(()),
        }
    }

    fn has_breakpoint(&self, place: Option<(u32, u32, u32)>) -> bool {
        let state = self.state.borrow();
        let all = state.sessions.values().filter_map(|one| one.debugging.as_ref());
        all.flat_map(|one| &one.breakpoints)
            .flat_map(|one| &one.found)
            .any(|one| Some(*one) == place)
    }

    /// Why a client wants the program to stay stopped.
    fn wants(&self, target: &dyn Target, session: SessionId, stop: &Stop) -> Option<Told> {
        let told = |reason, hits| Some(Told { reason, hits });
        let (conditions, hidden) = {
            let state = self.state.borrow();
            let one = state.sessions.get(&session)?.debugging.as_ref()?;
            if one.skip_all {
                return None;
            }
            let url = state.scripts.get(stop.script).map(|script| script.url.clone());
            let hidden =
                url.is_some_and(|url| one.hidden.hides(&url, stop.script, stop.line, stop.column));
            match stop.reason {
                StopReason::Debugger => {
                    return if one.active { told("other", Vec::new()) } else { None };
                }
                StopReason::Throw { caught } => {
                    let wanted = match one.throws {
                        Throws::None => false,
                        Throws::Caught => caught,
                        Throws::Uncaught => !caught,
                        Throws::All => true,
                    };
                    return if wanted && !hidden { told("exception", Vec::new()) } else { None };
                }
                StopReason::Place { .. } => {}
            }
            let place = (stop.script, stop.line, stop.column);
            let here = |one: &&Breakpoint| one.found.contains(&place);
            let conditions: Vec<(String, String)> = one
                .breakpoints
                .iter()
                .filter(here)
                .map(|one| (one.id.clone(), one.condition.clone()))
                .collect();
            (if one.active { conditions } else { Vec::new() }, hidden)
        };
        let hits: Vec<String> = conditions
            .into_iter()
            .filter(|(_, condition)| {
                condition.is_empty()
                    || target
                        .call(session, "condition", &json!({ "expression": condition }), 0)
                        .is_ok_and(|held| held == Some(Value::Bool(true)))
            })
            .map(|(id, _)| id)
            .collect();
        let state = self.state.borrow();
        let one = state.sessions.get(&session)?.debugging.as_ref()?;
        let stepped = matches!(stop.reason, StopReason::Place { step: true, .. });
        if state.break_on_start && stepped {
            return told("Break on start", hits);
        }
        if !hits.is_empty() {
            return told("other", hits);
        }
        if !stepped || hidden {
            return None;
        }
        if one.asked {
            return told("other", hits);
        }
        if one.steps { told("step", hits) } else { None }
    }

    fn pause(
        &self,
        target: &dyn Target,
        stop: &Stop,
        told: &Told,
        asker: SessionId,
    ) -> Result<(), Terminate> {
        target.step(Step::None);
        {
            let mut state = self.state.borrow_mut();
            state.break_on_start = false;
            state.pauses += 1;
            state.pause = Some(Pause { resume: None, terminate: false, frames: 0 });
            for one in state.sessions.values_mut().filter_map(|one| one.debugging.as_mut()) {
                one.asked = false;
                one.steps = false;
            }
        }
        for session in self.debugging() {
            let hits: &[String] = if session == asker { &told.hits } else { &[] };
            self.tell_paused(target, session, stop, told.reason, hits);
        }
        loop {
            let state = self.state.borrow();
            let Some(pause) = &state.pause else { break };
            if pause.resume.is_some() || pause.terminate {
                break;
            }
            drop(state);
            if self.debugging().is_empty() || !target.can_wait() {
                break;
            }
            match target.next() {
                Incoming::Message(session, text) => self.dispatch(target, session, &text),
                Incoming::Gone(session) => self.disconnect(target, session),
                Incoming::End => break,
            }
        }
        let pause = self.state.borrow_mut().pause.take();
        let (step, terminate) = pause
            .map_or((Step::None, false), |one| (one.resume.unwrap_or(Step::None), one.terminate));
        for session in self.debugging() {
            let _ = target.call(session, "resumed", &json!({}), 0);
            target.send(session, event("Debugger.resumed", &json!({})));
        }
        target.step(step);
        if terminate { Err(Terminate) } else { Ok(()) }
    }

    fn tell_paused(
        &self,
        target: &dyn Target,
        session: SessionId,
        stop: &Stop,
        reason: &str,
        hits: &[String],
    ) {
        let frames = target.call(session, "frames", &json!({}), 0).ok().flatten();
        let Some(Value::Array(frames)) = frames else { return };
        let pauses = self.state.borrow().pauses;
        if let Some(pause) = &mut self.state.borrow_mut().pause {
            pause.frames = frames.len();
        }
        let frames: Vec<Value> = frames
            .iter()
            .enumerate()
            .map(|(number, frame)| {
                let script = self.script_id(target, frame);
                let place = |line: &str, column: &str| {
                    json!({
                        "scriptId": script, "lineNumber": frame[line], "columnNumber": frame[column],
                    })
                };
                json!({
                    "callFrameId": format!("{pauses}.{number}"),
                    "functionName": frame["name"],
                    "functionLocation": place("functionLine", "functionColumn"),
                    "location": place("line", "column"),
                    "url": "",
                    "scopeChain": frame["scopeChain"],
                    "this": frame["this"],
                    "canBeRestarted": false,
                })
            })
            .collect();
        let mut params = json!({ "callFrames": frames, "reason": reason, "hitBreakpoints": hits });
        if let StopReason::Throw { caught } = stop.reason {
            let data = target.call(session, "thrown", &json!({ "uncaught": !caught }), 0);
            params["data"] = data.ok().flatten().unwrap_or_default();
        }
        let mut callers = target.call(session, "asyncStack", &json!({}), 0).ok().flatten();
        if let Some(stack @ Value::Object(_)) =
            callers.as_mut().map(|answer| answer["stack"].take())
        {
            params["asyncStackTrace"] = stack;
        }
        target.send(session, event("Debugger.paused", &params));
    }

    /// The id of a frame's script; a built-in one is told to clients when it is first met.
    fn script_id(&self, target: &dyn Target, frame: &Value) -> String {
        match frame["script"].as_u64() {
            Some(number) if number > 0 => number.to_string(),
            _ => self.script_of_file(target, frame["file"].as_str().unwrap_or_default()).0,
        }
    }

    /// The id and the URL of what was compiled as `file`; `0` and no URL where nothing was.
    pub fn script_of_file(&self, target: &dyn Target, file: &str) -> (String, String) {
        let known = self.state.borrow().scripts.of_file(file);
        if let Some(script) = known {
            return (script.id(), script.url.clone());
        }
        if !file.starts_with("node:") {
            return ("0".to_owned(), String::new());
        }
        let text = || target.builtin(file).unwrap_or_default();
        let (script, new) = self.state.borrow_mut().scripts.builtin(file, text);
        if new {
            for session in self.debugging() {
                target.send(session, event("Debugger.scriptParsed", &script.event()));
            }
        }
        (script.id(), script.url.clone())
    }

    /// The id and the URL of a script by its number, or else by its file.
    pub fn script_of(&self, target: &dyn Target, number: u32, file: &str) -> (String, String) {
        let known = self.state.borrow().scripts.get(number);
        match known {
            Some(script) => (script.id(), script.url.clone()),
            None => self.script_of_file(target, file),
        }
    }

    /// Clients with the domain enabled.
    fn debugging(&self) -> Vec<SessionId> {
        let state = self.state.borrow();
        state
            .sessions
            .iter()
            .filter(|(_, one)| one.debugging.is_some())
            .map(|(id, _)| *id)
            .collect()
    }

    fn with_debugging(&self, session: SessionId, change: impl FnOnce(&mut Debugging)) {
        let mut state = self.state.borrow_mut();
        if let Some(one) = state.sessions.get_mut(&session).and_then(|one| one.debugging.as_mut()) {
            change(one);
        }
    }

    /// Takes away what a client that has gone wanted.
    pub(crate) fn debugging_ends(&self, target: &dyn Target, gone: Session) {
        let Some(gone) = gone.debugging else { return };
        for place in gone.breakpoints.iter().flat_map(|one| &one.found) {
            if !self.has_breakpoint(Some(*place)) {
                target.set_breakpoint(place.0, place.1, place.2, false);
            }
        }
        self.update_throws(target);
        if self.debugging().is_empty() && self.state.borrow().pause.is_none() {
            target.step(Step::None);
        }
    }

    fn update_throws(&self, target: &dyn Target) {
        let on = {
            let state = self.state.borrow();
            let mut all = state.sessions.values().filter_map(|one| one.debugging.as_ref());
            all.any(|one| one.throws != Throws::None)
        };
        target.stop_at_throws(on);
    }

    /// Finds the place of a breakpoint in a script, and has the program stop there.
    fn place(&self, target: &dyn Target, script: &Script, one: &mut Breakpoint) -> Option<Value> {
        let found = resolve(&target.places(script.number), one.line, one.column)?;
        one.found.push((script.number, found.line, found.column));
        target.set_breakpoint(script.number, found.line, found.column, true);
        Some(location(&script.id(), found.line, found.column))
    }

    fn script(&self, params: &Params<'_>) -> Result<Rc<Script>, Fault> {
        let id = params.text("scriptId")?;
        let script = self.state.borrow().scripts.by_id(id);
        script.ok_or_else(|| Fault::server("No script for id: ".to_owned() + id))
    }

    fn frame(&self, params: &Params<'_>) -> Result<usize, Fault> {
        let id = params.text("callFrameId")?;
        let state = self.state.borrow();
        let pause = state.pause.as_ref().ok_or_else(not_paused)?;
        let number = id
            .split_once('.')
            .filter(|(pauses, _)| pauses.parse() == Ok(state.pauses))
            .and_then(|(_, number)| number.parse::<usize>().ok())
            .filter(|number| *number < pause.frames);
        number.ok_or_else(|| Fault::server("Invalid call frame id"))
    }

    fn resume(&self, session: SessionId, step: Step, terminate: bool) -> Result<(), Fault> {
        {
            let mut state = self.state.borrow_mut();
            let pause = state.pause.as_mut().ok_or_else(not_paused)?;
            pause.resume = Some(step);
            pause.terminate |= terminate;
        }
        self.with_debugging(session, |one| one.steps = step != Step::None);
        Ok(())
    }

    pub(crate) fn debugger(
        &self,
        target: &dyn Target,
        session: SessionId,
        method: &str,
        params: &Params<'_>,
        request: i64,
    ) -> Result<Option<Value>, Fault> {
        let enabled =
            self.state.borrow().sessions.get(&session).is_some_and(|one| one.debugging.is_some());
        match method {
            "Debugger.enable" => {
                if !enabled {
                    self.with(session, |one| one.debugging = Some(Debugging::default()));
                    let scripts = self.state.borrow().scripts.all();
                    for script in scripts {
                        target.send(session, event("Debugger.scriptParsed", &script.event()));
                    }
                }
                return Ok(Some(
                    json!({ "debuggerId": format!("{}.{session}", self.number.get()) }),
                ));
            }
            "Debugger.disable" => {
                let mut ended = Session::default();
                self.with(session, |one| ended.debugging = one.debugging.take());
                let none = json!({ "maxDepth": 0 });
                target.call(session, "Runtime.setAsyncCallStackDepth", &none, 0)?;
                self.debugging_ends(target, ended);
                return Ok(Some(json!({})));
            }
            "Debugger.setAsyncCallStackDepth" => {
                params.number("maxDepth")?;
                return target.call(session, "Runtime.setAsyncCallStackDepth", params.0, request);
            }
            _ if !enabled => return Err(Fault::server("Debugger agent is not enabled")),
            "Debugger.evaluateOnCallFrame" => {
                let frame = self.frame(params)?;
                params.text("expression")?;
                let params = json!({ "frame": frame, "params": params.0 });
                return target.call(session, "evaluateOnCallFrame", &params, request);
            }
            "Debugger.setVariableValue" => {
                let frame = self.frame(params)?;
                params.number("scopeNumber")?;
                params.text("variableName")?;
                params.object("newValue")?;
                let params = json!({ "frame": frame, "params": params.0 });
                return target.call(session, "setVariableValue", &params, request);
            }
            "Debugger.setBreakpointByUrl" | "Debugger.setBreakpoint" => {
                return self.set_breakpoint(target, session, method, params).map(Some);
            }
            "Debugger.getPossibleBreakpoints" => return self.possible(target, params).map(Some),
            "Debugger.getScriptSource" => {
                let script = self.script(params)?;
                return Ok(Some(json!({ "scriptSource": script.text })));
            }
            "Debugger.searchInContent" => return self.search(params).map(Some),
            _ => {}
        }
        self.change(target, session, method, params)?;
        Ok(Some(json!({})))
    }

    /// The methods that answer nothing.
    fn change(
        &self,
        target: &dyn Target,
        session: SessionId,
        method: &str,
        params: &Params<'_>,
    ) -> Result<(), Fault> {
        match method {
            "Debugger.resume" => {
                let terminate = params.0["terminateOnResume"] == true;
                self.resume(session, Step::None, terminate)?;
            }
            "Debugger.stepOver" => self.resume(session, Step::Over, false)?,
            "Debugger.stepInto" => self.resume(session, Step::Into, false)?,
            "Debugger.stepOut" => self.resume(session, Step::Out, false)?,
            "Debugger.pause" => {
                let paused = self.state.borrow().pause.is_some();
                if !paused {
                    self.with_debugging(session, |one| one.asked = true);
                    target.step(Step::Into);
                }
            }
            "Debugger.continueToLocation" => {
                let place = params.object("location")?;
                let script = self.script(&place)?;
                if self.state.borrow().pause.is_none() {
                    return Err(not_paused());
                }
                let column = place.optional_number("columnNumber")?.unwrap_or(0);
                let line = place.number("lineNumber")?;
                let found = resolve(&target.places(script.number), line, column)
                    .ok_or_else(|| Fault::server("Cannot continue to specified location"))?;
                target.set_breakpoint(script.number, found.line, found.column, true);
                self.state.borrow_mut().once = Some((script.number, found.line, found.column));
                self.resume(session, Step::None, false)?;
            }
            "Debugger.removeBreakpoint" => {
                let id = params.text("breakpointId")?;
                let all = self.take_breakpoints(session);
                let (gone, kept): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.id == id);
                self.with_debugging(session, |one| one.breakpoints = kept);
                for place in gone.iter().flat_map(|one| &one.found) {
                    if !self.has_breakpoint(Some(*place)) {
                        target.set_breakpoint(place.0, place.1, place.2, false);
                    }
                }
            }
            "Debugger.setBreakpointsActive" => {
                let active = params.flag("active")?;
                self.with_debugging(session, |one| one.active = active);
            }
            "Debugger.setSkipAllPauses" => {
                let skip = params.flag("skip")?;
                self.with_debugging(session, |one| one.skip_all = skip);
            }
            "Debugger.setPauseOnExceptions" => {
                let throws = match params.text("state")? {
                    "none" => Throws::None,
                    "caught" => Throws::Caught,
                    "uncaught" => Throws::Uncaught,
                    "all" => Throws::All,
                    other => {
                        let message = format!("Unknown pause on exceptions mode: {other}");
                        return Err(Fault::server(message));
                    }
                };
                self.with_debugging(session, |one| one.throws = throws);
                self.update_throws(target);
            }
            "Debugger.setBlackboxPatterns" => {
                let mut set = Ok(());
                self.with_debugging(session, |one| set = one.hidden.set_patterns(params));
                set?;
            }
            "Debugger.restartFrame" => {
                self.frame(params)?;
                return Err(Fault::server("Restarting frame is not supported"));
            }
            "Debugger.setBlackboxedRanges" => {
                let script = self.state.borrow().scripts.by_id(params.text("scriptId")?);
                let script =
                    script.ok_or_else(|| Fault::server("No script with passed id."))?.number;
                let mut set = Ok(());
                self.with_debugging(session, |one| set = one.hidden.set_ranges(script, params));
                set?;
            }
            _ => {}
        }
        Ok(())
    }

    fn set_breakpoint(
        &self,
        target: &dyn Target,
        session: SessionId,
        method: &str,
        params: &Params<'_>,
    ) -> Result<Value, Fault> {
        let by_url = method == "Debugger.setBreakpointByUrl";
        let (mut one, scripts) = if by_url {
            (Breakpoint::by_url(params)?, self.state.borrow().scripts.all())
        } else {
            let place = params.object("location")?;
            let script = self.script(&place)?;
            let line = place.number("lineNumber")?;
            let column = place.optional_number("columnNumber")?.unwrap_or(0);
            let one = Breakpoint {
                id: format!("4:{line}:{column}:{}", script.id()),
                place: Where::Script(script.number),
                line,
                column,
                condition: params.optional_text("condition")?.unwrap_or_default().to_owned(),
                found: Vec::new(),
            };
            (one, vec![script])
        };
        let exists = {
            let state = self.state.borrow();
            let debugging = state.sessions.get(&session).and_then(|one| one.debugging.as_ref());
            debugging.is_some_and(|all| all.breakpoints.iter().any(|other| other.id == one.id))
        };
        if exists {
            return Err(Fault::server("Breakpoint at specified location already exists."));
        }
        let mut found = Vec::new();
        for script in &scripts {
            if one.is_in(script) {
                found.extend(self.place(target, script, &mut one));
            }
        }
        let id = one.id.clone();
        if !by_url && found.is_empty() {
            return Err(Fault::server("Could not resolve breakpoint"));
        }
        self.with_debugging(session, |all| all.breakpoints.push(one));
        Ok(if by_url {
            json!({ "breakpointId": id, "locations": found })
        } else {
            json!({ "breakpointId": id, "actualLocation": found[0] })
        })
    }

    fn possible(&self, target: &dyn Target, params: &Params<'_>) -> Result<Value, Fault> {
        let point = |place: &Params<'_>| {
            let column = place.optional_number("columnNumber")?.unwrap_or(0);
            Ok::<_, Fault>((place.number("lineNumber")?, column))
        };
        let start = params.object("start")?;
        let script = self.script(&start)?;
        let from = point(&start)?;
        let to = match params.0["end"] {
            Value::Null => (u32::MAX, 0),
            _ => point(&params.object("end")?)?,
        };
        let locations: Vec<Value> = target
            .places(script.number)
            .into_iter()
            .filter(|one| (one.line, one.column) >= from && (one.line, one.column) < to)
            .map(|one| {
                let mut place = location(&script.id(), one.line, one.column);
                if one.returns {
                    place["type"] = json!("return");
                }
                place
            })
            .collect();
        Ok(json!({ "locations": locations }))
    }

    fn search(&self, params: &Params<'_>) -> Result<Value, Fault> {
        let script = self.script(params)?;
        let query = params.text("query")?;
        let exact = params.0["caseSensitive"] == true;
        let pattern = (params.0["isRegex"] == true).then(|| {
            let flags = if exact { "" } else { "i" };
            regress::Regex::with_flags(query, flags)
                .map_err(|error| Fault::server(format!("Pattern parser error: {error}")))
        });
        let pattern = pattern.transpose()?;
        let lower = query.to_lowercase();
        let holds = |line: &str| match &pattern {
            Some(pattern) => pattern.find(line).is_some(),
            None if exact => line.contains(query),
            None => line.to_lowercase().contains(&lower),
        };
        let lines: Vec<Value> = script
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| holds(line))
            .map(|(number, line)| json!({ "lineNumber": number, "lineContent": line }))
            .collect();
        Ok(json!({ "result": lines }))
    }
}
