//! Building an image: the plan's set-up and script are compiled and run on the base image, and what
//! the heap then holds is sealed.

use super::{Entering, Instance};
use crate::arena::snapshot::Snapshot;
use crate::error::{Error, SyntaxError};
use crate::host::{FIRST_INDEX, HostFunction, MAX_HOST_FUNCTIONS};
use crate::image::{Entry, EntryPoint, Globals, HeapImage, Inner, Plan};
use crate::js::cx::{Cx, Js, Thrown};
use crate::js::raw::{
    self, JS_EVAL_FLAG_COMPILE_ONLY, JS_EVAL_TYPE_GLOBAL, JS_EVAL_TYPE_MODULE, JS_TAG_OBJECT,
    JS_UNDEFINED, JSValue, tag,
};
use crate::limits::Limits;
use crate::run::drive::{self, Settled};
use crate::run::state::RunState;
use crate::run::{Input, Source, exception};
use crate::value::MAX_DEPTH;
use crate::value::cross_in::{self, InputError};
use std::ffi::CString;
use std::sync::Arc;
use std::time::Instant;

/// What a source is, told by what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Form {
    /// A classic script: vm style.
    Classic,
    /// An ES module, run by calling its default export: function style.
    Function,
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
        let started = Instant::now();
        let limits = self.checked_limits(&plan.limits)?;
        if plan.hosts.len() > MAX_HOST_FUNCTIONS {
            return Err(Error::WrongForm {
                message: format!("no more than {MAX_HOST_FUNCTIONS} host functions can be granted"),
            });
        }
        let base = self.base().clone();
        self.load(&base)?;
        self.dirty = true;
        let hosts: Arc<[_]> = plan.hosts.clone().into();
        let run = self.state(limits, &hosts, &plan.modules);
        let entering = Entering { frozen: None, reseed_hashes: true, cancel: None };
        let (entry, globals, reseed_hashes) = self.enter(&run, entering, |cx| {
            let entry = prepare(cx, &run, plan)?;
            let seal = || -> Js<_> {
                cx.collect_garbage()?;
                let sealed = (globals_of(cx)?, !cx.holds_hashes());
                // The last call may have been abandoned without an answer that says so.
                if cx.abandoned() { Err(Thrown) } else { Ok(sealed) }
            };
            let (globals, reseed_hashes) = seal().map_err(|_| run.error(cx))?;
            Ok::<_, Error>((entry, globals, reseed_hashes))
        })??;

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
            reseed_hashes,
            globals,
            build_time: started.elapsed(),
        };
        Ok(HeapImage { inner: Arc::new(inner) })
    }

    /// Compiles `source` without running it, and tells its form.
    ///
    /// # Errors
    /// [`Error::Syntax`] where it is neither a script nor a module.
    pub fn check(&mut self, source: &Source) -> Result<Form, Error> {
        let base = self.base().clone();
        self.load(&base)?;
        self.dirty = true;
        let limits = self.checked_limits(&Limits::default())?;
        let hosts: Arc<[HostFunction]> = Arc::new([]);
        let run = self.state(limits, &hosts, &Arc::default());
        let entering = Entering { frozen: None, reseed_hashes: true, cancel: None };
        // The engine loads what a module imports while it compiles it.
        run.any_module.set(true);
        self.enter(&run, entering, |cx| compile(cx, &run, source).map(|(form, _)| form))?
    }
}

/// The image's enumerable globals: name atoms, and the bits of their values.
pub(super) fn globals_of(cx: Cx) -> Js<Globals> {
    let global = cx.global();
    let mut globals = Vec::new();
    cx.own_keys(global, |atom| -> Js<()> {
        let value = cx.get_atom(global, atom)?;
        globals.push((atom, raw::bits(value)));
        cx.free(value);
        Ok(())
    })?;
    cx.free(global);
    Ok(globals.into())
}

fn prepare(cx: Cx, run: &RunState, plan: &Plan) -> Result<Entry, Error> {
    let global = cx.global();
    for (index, function) in plan.hosts.iter().enumerate() {
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
        EntryPoint::AdHoc => Entry::AdHoc,
        EntryPoint::Classic(source) => Entry::Classic(compile_as(cx, run, source, Form::Classic)?),
        EntryPoint::Module(source) => {
            let module = compile_as(cx, run, source, Form::Function)?;
            Entry::Function(default_export(cx, run, source, module)?)
        }
    };
    cx.free(global);
    Ok(entry)
}

/// Runs a module's top level and takes its default export.
pub(super) fn default_export(
    cx: Cx,
    run: &RunState,
    source: &Source,
    module: JSValue,
) -> Result<JSValue, Error> {
    let error = |_| run.error(cx);
    let loaded = cx.eval_function(module).map_err(error)?;
    settled(cx, run, loaded)?;
    let namespace = cx.module_namespace(module).map_err(error)?;
    let function = cx.get(namespace, "default").map_err(error)?;
    if tag(function) != JS_TAG_OBJECT || !cx.is_function(function) {
        return Err(Error::NoDefaultExport { file: source.file.clone() });
    }
    cx.free(namespace);
    cx.free(loaded);
    Ok(function)
}

/// Drives what the set-up left going on to its end.
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

/// Compiles a source as what it is: a classic script if it is one, a module if that is all it can
/// be.
pub(super) fn compile(cx: Cx, run: &RunState, source: &Source) -> Result<(Form, JSValue), Error> {
    let script = match compile_as(cx, run, source, Form::Classic) {
        Ok(code) => return Ok((Form::Classic, code)),
        Err(Error::Syntax(error)) => error,
        Err(other) => return Err(other),
    };
    match compile_as(cx, run, source, Form::Function) {
        Ok(code) => Ok((Form::Function, code)),
        // What is neither is reported as that which it is for longer.
        Err(Error::Syntax(module)) => Err(Error::Syntax(later(script, module))),
        Err(other) => Err(other),
    }
}

fn later(script: SyntaxError, module: SyntaxError) -> SyntaxError {
    if (module.line, module.column) > (script.line, script.column) { module } else { script }
}

pub(super) fn compile_as(
    cx: Cx,
    run: &RunState,
    source: &Source,
    form: Form,
) -> Result<JSValue, Error> {
    let file = CString::new(source.file.as_str()).map_err(|_| Error::WrongForm {
        message: format!("a file name must not contain a NUL character: {:?}", source.file),
    })?;
    let mut text = Vec::with_capacity(source.text.len() + 1);
    text.extend_from_slice(source.text.as_bytes());
    text.push(0);
    let kind = match form {
        Form::Classic => JS_EVAL_TYPE_GLOBAL,
        Form::Function => JS_EVAL_TYPE_MODULE,
    };
    cx.eval(&text, &file, source.line, kind | JS_EVAL_FLAG_COMPILE_ONLY).map_err(|_| {
        match run.error(cx) {
            Error::Exception(thrown) => exception::syntax(&thrown, &source.file, source.line)
                .map_or(Error::Exception(thrown), Error::Syntax),
            other => other,
        }
    })
}

/// What a function is called with where the run gives no input.
pub(super) const NO_INPUT: JSValue = JS_UNDEFINED;
