//! Building an image: the plan's set-up and script are compiled and run on the base image, and what
//! the heap then holds is sealed.

use super::base::globals_of;
use super::{Entering, Instance};
use crate::arena::snapshot::Snapshot;
use crate::error::{Error, SyntaxError};
use crate::host::{FIRST_INDEX, HostFunction, MAX_HOST_FUNCTIONS};
use crate::image::{BuiltEntryPoint, EntryPoint, HeapImage, Inner, Plan};
use crate::js::cx::{Cx, Js, Thrown};
use crate::js::raw::{
    JS_EVAL_FLAG_COMPILE_ONLY, JS_EVAL_TYPE_GLOBAL, JS_EVAL_TYPE_MODULE, JS_TAG_OBJECT,
    JS_UNDEFINED, JSValue, tag,
};
use crate::limits::{Limits, Stopwatch};
use crate::platform;
use crate::run::drive::{self, Settled};
use crate::run::exception;
use crate::run::request::{Request, Source, zone_of};
use crate::run::state::RunState;
use crate::value::Input;
use crate::value::MAX_DEPTH;
use crate::value::cross_in::{self, InputError};
use std::ffi::CString;
use std::sync::Arc;

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// A classic script: its last expression is the value.
    Classic,
    /// An ES module: its default export is called with the input.
    Function,
    /// An ES module whose default export has a method `fetch`, which is called with requests. Only building
    /// it shows that: until then it is taken for a function.
    Handler,
}

/// What checking a source tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checked {
    /// What it is.
    pub form: Form,
    /// What it imports other than by `import()`, as it says it, in its order.
    pub imports: Vec<String>,
}

impl Instance {
    /// Builds the image that `plan` describes, in this instance's arena.
    ///
    /// # Errors
    /// [`Error::Syntax`] and [`Error::Exception`] of the plan's sources, [`Error::NoDefaultExport`]
    /// and [`Error::ModuleNotFound`] of its modules, a limit that the set-up hit, and
    /// [`Error::WrongForm`] for more than [`MAX_HOST_FUNCTIONS`] host functions. The arena is put
    /// back before the next run whatever happened.
    pub fn build(&mut self, plan: &Plan) -> Result<HeapImage, Error> {
        self.build_by(plan, None)
    }

    /// Builds the image that `plan` describes for the run of `request`: within the limits of both,
    /// from the moment that the request's time counts from.
    ///
    /// # Errors
    /// As for [`Instance::build`], and the run's limits and its cancelling.
    pub fn build_for(&mut self, plan: &Plan, request: &Request) -> Result<HeapImage, Error> {
        let built = self.build_by(plan, Some(request));
        // For the usage of the run that comes after.
        self.peak_before = self.peak_before.max(self.arena.heap.peak_bytes());
        built
    }

    fn build_by(&mut self, plan: &Plan, request: Option<&Request>) -> Result<HeapImage, Error> {
        let started = Stopwatch::start();
        self.check_usable()?;
        let mut limits = self.checked_limits(&plan.limits)?;
        let mut run_limits = None;
        if let Some(request) = request {
            let asked = self.checked_limits(&request.limits)?;
            // The build's time and the run's are counted from different moments, so each keeps its
            // own.
            limits = Limits { wall: limits.wall, cpu: limits.cpu, ..limits.capped(&asked) };
            run_limits = Some((asked, request.since.unwrap_or(started)));
        }
        if let Some(frozen) = &plan.frozen {
            frozen.validate()?;
        }
        let zone = zone_of(plan.time_zone.as_deref())?;
        if plan.hosts.len() > MAX_HOST_FUNCTIONS {
            return Err(Error::WrongForm {
                message: format!("no more than {MAX_HOST_FUNCTIONS} host functions can be granted"),
            });
        }
        let base = self.base().clone();
        self.load(&base)?;
        self.dirty = true;
        let hosts: Arc<[_]> = plan.hosts.clone().into();
        let mut run = self.state(limits, started, &hosts, &plan.modules);
        run.zone = zone.clone();
        if let Some((asked, since)) = run_limits {
            run.end_by(RunState::deadlines_from(since, &asked), &asked);
        }
        let run = run;
        run.building.set(true);
        let entering = Entering {
            frozen: plan.frozen.as_ref(),
            reseed_hashes: base.inner.reseed_hashes,
            cancel: request.and_then(|request| request.cancel.as_ref()),
        };
        let built = self.enter(&run, entering, |cx| {
            if cx.abandoned() {
                return Err(run.error(cx));
            }
            let entry = prepare(cx, &run, plan)?;
            let seal = || -> Js<_> {
                cx.collect_garbage()?;
                let sealed = (globals_of(cx, run.helpers.platform)?, !cx.holds_hashes());
                cx.sort_blocks();
                // The last call's answer does not tell whether it was abandoned.
                if cx.abandoned() { Err(Thrown) } else { Ok(sealed) }
            };
            let (globals, reseed_hashes) = seal().map_err(|_| run.error(cx))?;
            Ok::<_, Error>((entry, globals, reseed_hashes))
        });
        self.end_if_corrupted()?;
        let (entry, globals, reseed_hashes) = built?.map_err(|mut error| {
            error.fit(limits.output);
            error
        })?;

        let heap = self.arena.heap;
        heap.compact();
        // SAFETY: the region's own length.
        unsafe { heap.set_capacity(self.arena.region.len()) };
        let bytes = self.arena.bytes(heap.top());
        let inner = Inner {
            arena: self.id,
            snapshot: Snapshot::take(bytes, Some(&self.base_bytes)),
            entry,
            hosts,
            modules: Arc::clone(&plan.modules),
            places: run.places.take(),
            reseed_hashes,
            globals,
            timers: run.timers.get(),
            zone,
            build_time: started.elapsed(),
        };
        Ok(HeapImage { inner: Arc::new(inner) })
    }

    /// Compiles `source` within `limits` without running it, and answers its form and its imports.
    ///
    /// # Errors
    /// [`Error::Syntax`] where it is neither a script nor a module, and the limit that compiling it
    /// hit.
    pub fn check(&mut self, source: &Source, limits: &Limits) -> Result<Checked, Error> {
        let started = Stopwatch::start();
        self.check_usable()?;
        let limits = self.checked_limits(limits)?;
        let base = self.base().clone();
        self.load(&base)?;
        self.dirty = true;
        let hosts: Arc<[HostFunction]> = Arc::new([]);
        let run = self.state(limits, started, &hosts, &Arc::default());
        let entering = Entering { frozen: None, reseed_hashes: true, cancel: None };
        // While the engine compiles a module it loads what that imports, and only the text is
        // checked here.
        run.any_module.set(true);
        let form = self.enter(&run, entering, |cx| compile(cx, &run, source).map(|(form, _)| form));
        self.end_if_corrupted()?;
        match form? {
            Ok(form) => Ok(Checked { form, imports: run.imported.take() }),
            Err(mut error) => {
                error.fit(limits.output);
                Err(error)
            }
        }
    }
}

fn prepare(cx: Cx, run: &RunState, plan: &Plan) -> Result<BuiltEntryPoint, Error> {
    let global = cx.global();
    for (index, function) in plan.hosts.iter().enumerate().filter(|(_, host)| host.is_global()) {
        let define = || -> Js<()> {
            let name = CString::new(function.name()).unwrap_or_default();
            let host = cx.new_host_function(&name, 0, FIRST_INDEX + index as u16)?;
            cx.define(global, function.name(), host, false)
        };
        define().map_err(|_| run.error(cx))?;
    }
    for (name, input) in &plan.globals {
        let value = input_value(cx, run, input, &format!("global {name}"))?;
        cx.define(global, name, value, true).map_err(|_| run.error(cx))?;
    }
    for source in &plan.setup {
        let code = compile_as(cx, run, source, Form::Classic)?;
        let value = cx.eval_function(code).map_err(|_| run.error(cx))?;
        settled(cx, run, value)?;
        cx.free(code);
        cx.free(value);
    }
    let entry = match &plan.entry {
        EntryPoint::AdHoc => BuiltEntryPoint::AdHoc,
        EntryPoint::Classic(source) => {
            BuiltEntryPoint::Classic(compile_as(cx, run, source, Form::Classic)?)
        }
        EntryPoint::Module(source) => {
            let module = compile_as(cx, run, source, Form::Function)?;
            match default_export(cx, run, source, module)? {
                (Form::Handler, function) => BuiltEntryPoint::Handler(function),
                (_, function) => BuiltEntryPoint::Function(function),
            }
        }
    };
    cx.free(global);
    Ok(entry)
}

/// Runs a module's top level and takes its default export, as the function that runs call.
pub(super) fn default_export(
    cx: Cx,
    run: &RunState,
    source: &Source,
    module: JSValue,
) -> Result<(Form, JSValue), Error> {
    let error = |_| run.error(cx);
    // What fails once the modules run rejects a promise: what is thrown is thrown by loading and
    // linking them.
    let loaded = cx.eval_function(module).map_err(|_| match run.error(cx) {
        Error::Exception(thrown) => exception::syntax(&thrown, &source.file, source.line)
            .map_or(Error::Exception(thrown), Error::Syntax),
        error => error,
    })?;
    settled(cx, run, loaded)?;
    let namespace = cx.module_namespace(module).map_err(error)?;
    let export = cx.get(namespace, "default").map_err(error)?;
    let no_export = || Error::NoDefaultExport { file: source.file.clone() };
    if tag(export) != JS_TAG_OBJECT {
        return Err(no_export());
    }
    let entry = match cx.is_function(export) {
        true => (Form::Function, export),
        false => (Form::Handler, handler(cx, run, export)?.ok_or_else(no_export)?),
    };
    cx.free(namespace);
    cx.free(loaded);
    Ok(entry)
}

/// The function that gives requests to a handler; `None` for an object that is none.
fn handler(cx: Cx, run: &RunState, object: JSValue) -> Result<Option<JSValue>, Error> {
    let error = |_| run.error(cx);
    let method = cx.get(object, "fetch").map_err(error)?;
    let is_handler = cx.is_function(method);
    cx.free(method);
    if !is_handler {
        return Ok(None);
    }
    if !run.helpers.streams {
        return Err(Error::WrongForm {
            message: "a handler needs `Request` and `Response`, which the intrinsics `files` and `streams` \
                      turn on"
                .to_owned(),
        });
    }
    let function = platform::handler(cx, run, object).map_err(error)?;
    cx.free(object);
    Ok(Some(function))
}

/// Drives the promise jobs that set-up left to their end, and `value` with them where it is a
/// promise.
fn settled(cx: Cx, run: &RunState, value: JSValue) -> Result<(), Error> {
    match drive::settle(cx, run, value).map_err(|_| run.error(cx))? {
        Settled::Value(_) => Ok(()),
        Settled::Rejected(reason) => Err(run.error_of(cx, reason)),
        Settled::Never => Err(Error::NeverSettled),
    }
}

/// Builds an input in the guest's heap; `name` is for error messages.
pub(super) fn input_value(
    cx: Cx,
    run: &RunState,
    input: &Input,
    name: &str,
) -> Result<JSValue, Error> {
    cross_in::input(cx, run, input).map_err(|error| match error {
        InputError::Thrown => run.error(cx),
        InputError::TooDeep => Error::NotCrossable {
            path: name.to_owned(),
            what: format!("nesting deeper than {MAX_DEPTH} levels"),
        },
        InputError::NotJson(message) => Error::InvalidJson { what: name.to_owned(), message },
    })
}

/// Compiles a source as a classic script or, where it is none, as a module.
pub(super) fn compile(cx: Cx, run: &RunState, source: &Source) -> Result<(Form, JSValue), Error> {
    let text = compiled_text(cx, run, source)?;
    let as_script = match compile_or_stop(cx, run, source, &text, Form::Classic) {
        Ok(code) => return Ok((Form::Classic, code)),
        Err(Stop { error: Error::Syntax(at), place }) => (at, place),
        Err(stop) => return Err(stop.error),
    };
    match compile_or_stop(cx, run, source, &text, Form::Function) {
        // Without import, export or await at the top this is no module, but a script with an error.
        Ok(code) if !cx.says_module(code) => Err(Error::Syntax(as_script.0)),
        Ok(code) => Ok((Form::Function, code)),
        Err(Stop { error: Error::Syntax(at), place }) => {
            Err(Error::Syntax(of_its_form(source, as_script, (at, place))))
        }
        Err(stop) => Err(stop.error),
    }
}

/// Chooses the error to report for a source that is neither a script nor a module. It is the
/// module's error where the script's parser stopped at syntax of modules. Otherwise it is the error
/// that stands further on in the text: the parser of the intended form gets further.
fn of_its_form(
    source: &Source,
    (script, script_place): (SyntaxError, Place),
    (module, module_place): (SyntaxError, Place),
) -> SyntaxError {
    let is_module = match (script_place, module_place) {
        (Some(place), _) if stands_at_module_syntax(source, place) => true,
        // Errors in regular expressions have no known place. Both parsers refuse the same
        // expressions, so the one that stopped at a known place had not come to this expression
        // yet.
        (Some(_), None) => true,
        (None, _) => false,
        (Some(script), Some(module)) => module > script,
    };
    if is_module { module } else { script }
}

/// Whether the script's parser stopped at syntax of modules: at `export`, or right after `import`
/// or `import.`.
fn stands_at_module_syntax(source: &Source, (line, column): (u32, u32)) -> bool {
    let lines = line.checked_sub(source.line).map_or(0, |lines| lines as usize);
    let column = (column as usize).saturating_sub(1);
    let Some(text) = source.text.split('\n').nth(lines) else { return false };
    let at = text.char_indices().nth(column).map_or(text.len(), |(at, _)| at);
    let (before, rest) = text.split_at(at);
    let before = before.trim_end();
    let before = before.strip_suffix('.').unwrap_or(before).trim_end();
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '#');
    let starts =
        |rest: &str, name| rest.strip_prefix(name).is_some_and(|rest| !rest.starts_with(word));
    starts(rest, "export")
        || before.strip_suffix("import").is_some_and(|before| !before.ends_with(word))
}

/// Line and column, where the engine knows them.
type Place = Option<(u32, u32)>;

/// Why a source was not compiled.
struct Stop {
    error: Error,
    place: Place,
}

pub(super) fn compile_as(
    cx: Cx,
    run: &RunState,
    source: &Source,
    form: Form,
) -> Result<JSValue, Error> {
    let text = compiled_text(cx, run, source)?;
    compile_or_stop(cx, run, source, &text, form).map_err(|stop| stop.error)
}

/// JavaScript, with the NUL after it that the engine wants.
fn compiled_text(cx: Cx, run: &RunState, source: &Source) -> Result<Vec<u8>, Error> {
    let Source { text, file, line, .. } = source;
    let code = run.javascript(cx, text, (file, *line), source.language());
    let code = code.map_err(|_| run.error(cx))?.map_err(Error::Syntax)?;
    let mut text = Vec::with_capacity(code.len() + 1);
    text.extend_from_slice(code.as_bytes());
    text.push(0);
    Ok(text)
}

fn compile_or_stop(
    cx: Cx,
    run: &RunState,
    source: &Source,
    text: &[u8],
    form: Form,
) -> Result<JSValue, Stop> {
    let file = CString::new(source.file.as_str()).map_err(|_| Stop {
        error: Error::WrongForm {
            message: format!("a file name must not contain a NUL character: {:?}", source.file),
        },
        place: None,
    })?;
    let kind = match form {
        Form::Classic => JS_EVAL_TYPE_GLOBAL,
        Form::Function | Form::Handler => JS_EVAL_TYPE_MODULE,
    };
    cx.eval(text, &file, source.line, kind | JS_EVAL_FLAG_COMPILE_ONLY).map_err(|_| {
        match run.error(cx) {
            Error::Exception(thrown) => Stop {
                place: thrown.line.zip(thrown.column),
                error: exception::syntax(&thrown, &source.file, source.line)
                    .map_or(Error::Exception(thrown), Error::Syntax),
            },
            error => Stop { error, place: None },
        }
    })
}

/// What a function is called with where the run gives no input.
pub(super) const NO_INPUT: JSValue = JS_UNDEFINED;
