//! Running an image: globals and input in, the script run to its end, the value out, the arena put
//! back.

use super::build::{self, Form, NO_INPUT};
use super::{Entering, Instance};
use crate::error::Error;
use crate::host::HostFunction;
use crate::image::{BuiltEntryPoint, HeapImage};
use crate::js::cx::{Cx, Js};
use crate::js::raw::{self, JS_GetRuntime, JS_TAG_OBJECT, JS_UNDEFINED, JSValue, tag};
use crate::limits::{Limits, Stopwatch, Usage, monotonic_ns};
use crate::platform;
use crate::profile;
use crate::run::drive::{self, Settled};
use crate::run::local::Scope;
use crate::run::look::{Look, Moment};
use crate::run::request::{GlobalsBack, Outcome, Request, zone_of};
use crate::run::state::{RunState, Uncaught};
use crate::value::cross_out::{self, CrossError};
use crate::value::{Crossed, Input, Value, written_length};
use sandtide_zone::Zone;
use std::mem;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

type Globals = Vec<(String, Value)>;
/// A global given with the run: its name, and the bits of its value. An object has none here,
/// because it can change inside.
type Given = (u32, Option<(i64, u64)>);

impl Instance {
    /// Runs `image` as `request` says and puts the arena back.
    ///
    /// Whatever the guest does ends in the outcome; its error says why there is no value.
    pub fn run(&mut self, image: &HeapImage, request: &Request) -> Outcome {
        self.run_and(image, request, true, None)
    }

    /// Runs `image` in the heap as it is, which is the image's or what a debugger made of it, and leaves it
    /// as the run left it.
    pub(crate) fn run_debugged(
        &mut self,
        image: &HeapImage,
        request: &Request,
        told: Rc<dyn Uncaught>,
    ) -> Outcome {
        self.run_and(image, request, false, Some(told))
    }

    /// Runs `image` and leaves the arena as the run left it, for measurements of what the restore
    /// costs: the next `run_reused` of the same image finds what this one left behind.
    #[doc(hidden)]
    pub fn run_reused(&mut self, image: &HeapImage, request: &Request) -> Outcome {
        self.run_and(image, request, false, None)
    }

    fn run_and(
        &mut self,
        image: &HeapImage,
        request: &Request,
        restore: bool,
        told: Option<Rc<dyn Uncaught>>,
    ) -> Outcome {
        let started = Stopwatch::start();
        let ready = self.ready_for(image, request).and_then(|(limits, zone)| {
            if image.heap_bytes() > limits.heap {
                return Err(Error::Heap { limit: limits.heap });
            }
            // A run that was abandoned leaves the heap half changed, so the image is loaded again.
            // SAFETY: the guard is this instance's.
            let whole = unsafe { (*self.guard.as_ptr()).reason().is_none() };
            if restore || !whole || !Arc::ptr_eq(&self.loaded.inner, &image.inner) {
                self.load(image)?;
            }
            Ok((limits, zone))
        });
        let (limits, zone) = match ready {
            Ok(ready) => ready,
            Err(error) => return self.failed(error, request),
        };
        let began = request.since.map_or(started, Stopwatch::taken_up);
        let build = request
            .since
            .map_or(Duration::ZERO, |since| since.elapsed().saturating_sub(started.elapsed()));
        let inner = &image.inner;
        let hosts = HostFunction::of_a_run(&inner.hosts, request.cause.as_deref());
        let mut run = self.state(limits, began, &hosts, &inner.modules);
        run.places = inner.places.clone().into();
        run.debugger = told;
        run.zone = zone;
        let run = run;
        // What a run left behind that was not put back may hold timers too.
        run.timers.set(inner.timers || !restore);
        *run.look.borrow_mut() = request.look.clone();
        self.dirty = true;
        // SAFETY: the context is this instance's, whose heap is put back below, after the look.
        let watched = unsafe { profile::watch(JS_GetRuntime(self.ctx)) };
        let result = self
            .enter(&run, Entering::of(request, image), |cx| execute(cx, &run, image, request))
            .and_then(|result| result);
        // The run is over: futures that are still pending are dropped, with the arguments in them.
        drop(run.completions.take());
        // A look at the clock is a hundredth of a short run: the run ends where its restore begins.
        let ended = monotonic_ns();
        let (ran, cpu) = run.took_until(ended);
        let peak_heap = run.outside.peak().max(mem::take(&mut self.peak_before));
        let result = self.end_if_corrupted().and(result);
        self.look(&run);
        drop(watched);
        let (bytes_restored, result) = match restore.then(|| self.put_back()) {
            None => (0, result),
            Some(Ok(bytes)) => (bytes, result),
            Some(Err(error)) => (0, result.and(Err(error))),
        };
        let (logs, log_bytes) = run.take_logs();
        let mut usage = Usage {
            wall: Duration::from_nanos(ran),
            build,
            cpu: Duration::from_nanos(cpu),
            timers: Duration::from_nanos(run.waited.get()),
            peak_heap,
            bytes_restored,
            restore: Duration::from_nanos(monotonic_ns().saturating_sub(ended)),
            jobs: run.jobs.get(),
            output: run.output.get(),
            logs: log_bytes,
        };
        match result {
            Ok((value, globals)) => {
                Outcome { result: Ok(value), globals, logs, usage, sampled: None }
            }
            Err(mut error) => {
                usage.output = error.fit(limits.output);
                Outcome { result: Err(error), globals: Vec::new(), logs, usage, sampled: None }
            }
        }
    }

    /// Looks at what a run left behind, where it is whole.
    fn look(&mut self, run: &RunState) {
        let Some(look) = run.look.borrow_mut().take() else { return };
        // SAFETY: the guard is this instance's.
        let whole = unsafe { (*self.guard.as_ptr()).reason().is_none() };
        if whole && self.is_usable() {
            // SAFETY: the context is this instance's, no code of its engine runs, and the run that
            // did so ended by returning, so that the engine's lists are whole.
            unsafe { look.at(JS_GetRuntime(self.ctx), self.arena.heap, Moment::End) };
        }
    }

    /// Looks at an image's heap, of which nothing runs.
    ///
    /// # Errors
    /// As for [`Instance::load`].
    pub fn look_at(&mut self, image: &HeapImage, look: &Look) -> Result<(), Error> {
        self.load(image)?;
        self.dirty = true;
        // SAFETY: the context is this instance's, and no code of its engine runs; the heap is as the
        // image's build left it, and is put back.
        unsafe { look.at(JS_GetRuntime(self.ctx), self.arena.heap, Moment::Image) };
        self.put_back().map(drop)
    }

    /// The outcome of a run that ended in `error` before it was started. Its usage has what was
    /// done for it since its time began to count.
    pub fn failed(&mut self, mut error: Error, request: &Request) -> Outcome {
        let output = error.fit(request.limits.output);
        let (wall, cpu) = request.since.map_or((0, 0), |since| since.took());
        let wall = Duration::from_nanos(wall);
        let usage = Usage {
            wall,
            build: wall,
            cpu: Duration::from_nanos(cpu),
            peak_heap: mem::take(&mut self.peak_before),
            output,
            ..Usage::default()
        };
        Outcome { usage, ..Outcome::failed(error) }
    }

    /// Checks what a run brings, and answers the limits that it has in this arena, and its time zone.
    fn ready_for(
        &self,
        image: &HeapImage,
        request: &Request,
    ) -> Result<(Limits, Option<Zone>), Error> {
        self.check_usable()?;
        if let Some(frozen) = &request.frozen {
            frozen.validate()?;
        }
        let zone = match &request.time_zone {
            Some(name) => zone_of(Some(name))?,
            None => image.inner.zone.clone(),
        };
        Ok((self.checked_limits(&request.limits)?, zone))
    }

    /// Lets `f` work with the values of `image` themselves, and puts the arena back. The handles
    /// that `f` gets cannot leave it.
    ///
    /// # Errors
    /// As for a run: the limits of `request`, and what loading the image can meet. Errors within
    /// `f` are `f`'s.
    pub fn scope<R>(
        &mut self,
        image: &HeapImage,
        request: &Request,
        f: impl for<'run> FnOnce(&Scope<'run>) -> R,
    ) -> Result<R, Error> {
        let started = Stopwatch::start();
        let (limits, zone) = self.ready_for(image, request)?;
        self.load(image)?;
        let inner = &image.inner;
        let began = request.since.map_or(started, Stopwatch::taken_up);
        let hosts = HostFunction::of_a_run(&inner.hosts, request.cause.as_deref());
        let mut run = self.state(limits, began, &hosts, &inner.modules);
        run.places = inner.places.clone().into();
        run.zone = zone;
        run.timers.set(inner.timers);
        self.dirty = true;
        let result = self.enter(&run, Entering::of(request, image), |cx| {
            let global = cx.global();
            set_globals(cx, &run, global, request)?;
            // SAFETY: the run is on until `f` returns.
            Ok(f(&unsafe { Scope::new(cx, &run) }))
        });
        let result = result.and_then(|result| result);
        self.peak_before = 0;
        self.end_if_corrupted()?;
        self.put_back()?;
        result
    }

    fn put_back(&mut self) -> Result<usize, Error> {
        // An arena that runs nothing any more need not be put back.
        if self.ended {
            return Ok(0);
        }
        let restored = profile::restoring(|| self.resting.restore(&mut self.arena))?;
        self.dirty = false;
        Ok(restored)
    }
}

impl Outcome {
    /// The outcome of a run that did not start.
    pub fn failed(error: Error) -> Outcome {
        Outcome {
            result: Err(error),
            globals: Vec::new(),
            logs: Vec::new(),
            usage: Usage::default(),
            sampled: None,
        }
    }
}

fn execute(
    cx: Cx,
    run: &RunState,
    image: &HeapImage,
    request: &Request,
) -> Result<(Value, Globals), Error> {
    if cx.abandoned() {
        return Err(run.error(cx));
    }
    let global = cx.global();
    let given = set_globals(cx, run, global, request)?;
    let value = start(cx, run, image, request)?;
    let value = match drive::settle(cx, run, value).map_err(|_| run.error(cx))? {
        Settled::Value(value) => value,
        Settled::Rejected(reason) => return Err(run.error_of(cx, reason)),
        Settled::Never => return Err(Error::NeverSettled),
    };
    let mut room = run.limits.output;
    let out = |value, room: &mut usize, name: &str| {
        cross_out::value(cx, run, value, room)
            .map_err(|error| run.error_of_crossing(cx, error, name))
    };
    let result = out(value, &mut room, "result")?;
    let mut globals = Vec::new();
    match &request.globals_back {
        GlobalsBack::None => {}
        GlobalsBack::Named(names) => {
            for name in names {
                let value = cx.get(global, name).map_err(|_| run.error(cx))?;
                if tag(value) != raw::JS_TAG_UNDEFINED {
                    room = room
                        .checked_sub(written_length(name))
                        .ok_or(Error::Output { limit: run.limits.output })?;
                    globals.push((name.clone(), out(value, &mut room, name)?));
                }
            }
        }
        GlobalsBack::Changed | GlobalsBack::ChangedData => {
            let only_data = request.globals_back == GlobalsBack::ChangedData;
            for (name, value) in changed_globals(cx, run, image, &given, &mut room)
                .map_err(|error| run.error_of_crossing(cx, error, "globals"))?
            {
                if only_data && cx.is_function(value) {
                    continue;
                }
                let value = out(value, &mut room, &name)?;
                globals.push((name, value));
            }
        }
    }
    run.output.set(run.limits.output - room);
    // Copying a value out asks for no limits on its way.
    run.still_on(cx).map_err(|_| run.error(cx))?;
    Ok((result, globals))
}

fn set_globals(
    cx: Cx,
    run: &RunState,
    global: JSValue,
    request: &Request,
) -> Result<Vec<Given>, Error> {
    for (name, input) in &request.globals {
        let value = build::input_value(cx, run, input, name)?;
        if cx.define(global, name, value, true).is_ok() {
            continue;
        }
        // A global that the image declared with `var` or `function` cannot be defined anew, but can
        // be set. Defining it has used the first value up.
        cx.take_exception().map_err(|_| run.error(cx))?;
        let value = build::input_value(cx, run, input, name)?;
        cx.set(global, name, value).map_err(|_| run.error(cx))?;
    }
    let changed = matches!(request.globals_back, GlobalsBack::Changed | GlobalsBack::ChangedData);
    if request.globals.is_empty() || !changed {
        return Ok(Vec::new());
    }
    let mut given = Vec::new();
    cx.own_keys(global, |atom| -> Js<()> {
        let value = cx.get_atom(global, atom)?;
        // Names and bits are only compared below, so no reference to them is held.
        given.push((atom, (tag(value) != JS_TAG_OBJECT).then(|| raw::bits(value))));
        Ok(())
    })
    .map_err(|_| run.error(cx))?;
    Ok(given)
}

/// Starts the script; answers its value, which may be a promise.
fn start(cx: Cx, run: &RunState, image: &HeapImage, request: &Request) -> Result<JSValue, Error> {
    let error = |_| run.error(cx);
    let (form, code) = match (&request.source, image.inner.entry) {
        (Some(source), _) => {
            let (form, code) = build::compile(cx, run, source)?;
            match form {
                Form::Classic => (form, code),
                _ => build::default_export(cx, run, source, code)?,
            }
        }
        (None, BuiltEntryPoint::Classic(code)) => (Form::Classic, code),
        (None, BuiltEntryPoint::Function(function)) => (Form::Function, function),
        (None, BuiltEntryPoint::Handler(function)) => (Form::Handler, function),
        (None, BuiltEntryPoint::AdHoc) => return Err(Error::NoScript),
    };
    let is_request = matches!(request.input, Some(Input::Request(_)));
    match form {
        Form::Handler if !is_request => Err(Error::WrongForm {
            message: "this module's default export is a handler, which takes requests; give it one \
                      (`Run::http_request`, `sandtide run --request URL`, `/h/NAME/` of a server), or export a function"
                .to_owned(),
        }),
        Form::Classic | Form::Function if is_request => Err(Error::WrongForm {
            message: "only a handler takes requests: a module with `export default { fetch(request) { … } }`"
                .to_owned(),
        }),
        Form::Classic if request.input.is_some() => Err(Error::WrongForm {
            message: "a classic script takes no input; give it globals, or make it a module with \
                      a default export"
                .to_owned(),
        }),
        Form::Classic => cx.eval_function(code).map_err(error),
        Form::Function | Form::Handler => {
            let input = match &request.input {
                Some(input) => build::input_value(cx, run, input, "input")?,
                None => NO_INPUT,
            };
            cx.call(code, JS_UNDEFINED, &mut [input]).map_err(error)
        }
    }
}

/// The globals that the run made, or gave another value.
fn changed_globals(
    cx: Cx,
    run: &RunState,
    image: &HeapImage,
    given: &[Given],
    room: &mut usize,
) -> Result<Vec<(String, JSValue)>, CrossError> {
    let mut changed = Vec::new();
    let mut look = |atom, value| -> Result<(), CrossError> {
        let bits = raw::bits(value);
        let same_as_image = image.inner.globals.contains(&(atom, bits));
        let same_as_given = given.iter().any(|(name, known)| *name == atom && *known == Some(bits));
        if !same_as_image && !same_as_given {
            let name = cx.atom_to_string(atom)?;
            changed.push((cross_out::name(cx, name, room)?, value));
            cx.free(name);
        }
        Ok(())
    };
    let global = cx.global();
    cx.own_keys(global, |atom| -> Result<(), CrossError> {
        look(atom, cx.get_atom(global, atom)?)
    })?;
    platform::assigned(cx, run.helpers.platform, look)?;
    Ok(changed)
}
