//! Handles to values of a run that is on. A handle's lifetime is its run's own: it can neither
//! outlive the run nor be used in another, and the compiler says so.

use super::drive::{self, Settled};
use super::state::RunState;
use crate::error::Error;
use crate::js::cx::Cx;
use crate::js::raw::{self, JS_UNDEFINED, JSValue};
use crate::value::{Value, cross_in, cross_out};
use std::ffi::CString;
use std::fmt;
use std::marker::PhantomData;

/// Ties a type to one run: invariant, so that no two runs' lifetimes can be taken for each other.
type Brand<'run> = PhantomData<*mut &'run ()>;

/// The way into a run that is on, given to the closure of [`crate::Instance::scope`].
pub struct Scope<'run> {
    cx: Cx,
    run: *const RunState,
    brand: Brand<'run>,
}

/// A value of the run `'run`. Copying it copies a pointer; nothing has to be freed, because the
/// heap it points into is put back as a whole.
///
/// ```compile_fail
/// # use sandtide_engine::*;
/// # let mut instance = Instance::new(InstanceConfig::default()).unwrap();
/// # let base = instance.base().clone();
/// let kept = instance.scope(&base, &Request::default(), |scope| scope.global()).unwrap();
/// ```
#[derive(Clone, Copy)]
pub struct Local<'run> {
    value: JSValue,
    brand: Brand<'run>,
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scope")
    }
}

impl fmt::Debug for Local<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Local(tag {})", raw::tag(self.value))
    }
}

impl<'run> Scope<'run> {
    /// # Safety
    /// The run `'run` is on, and `cx` and `run` are its own, for as long as the scope lives.
    pub(crate) unsafe fn new(cx: Cx, run: &RunState) -> Scope<'run> {
        Scope { cx, run, brand: PhantomData }
    }

    fn run(&self) -> &RunState {
        // SAFETY: `new`'s contract: the state outlives the scope, and is only ever shared.
        unsafe { &*self.run }
    }

    /// The engine, for calls in which guest code may run. The closure may have forked or blocked
    /// signals since the last one.
    fn cx(&self) -> Cx {
        self.run().after_foreign_code(self.cx);
        self.cx
    }

    fn local(&self, value: JSValue) -> Local<'run> {
        Local { value, brand: PhantomData }
    }

    fn error(&self) -> Error {
        self.run().error(self.cx)
    }

    /// The global object.
    pub fn global(&self) -> Local<'run> {
        self.local(self.cx.global())
    }

    /// Runs a classic script; its completion value is the result.
    ///
    /// # Errors
    /// [`Error::Exception`] for what it throws, syntax errors included, and the limit that ended
    /// the run.
    pub fn eval(&self, file: &str, source: &str) -> Result<Local<'run>, Error> {
        let mut text = source.as_bytes().to_vec();
        text.push(0);
        let file = CString::new(file).unwrap_or_default();
        let value = self.cx().eval(&text, &file, 1, raw::JS_EVAL_TYPE_GLOBAL);
        value.map(|value| self.local(value)).map_err(|_| self.error())
    }

    /// Makes a value in the run's heap.
    ///
    /// # Errors
    /// The limit that ended the run, most likely [`Error::Heap`].
    pub fn value(&self, value: &Value) -> Result<Local<'run>, Error> {
        cross_in::value(self.cx, self.run(), value)
            .map(|value| self.local(value))
            .map_err(|_| self.error())
    }

    /// A property of an object. May run a getter.
    ///
    /// # Errors
    /// What the getter throws, and the limit that ended the run.
    pub fn get(&self, object: Local<'run>, key: &str) -> Result<Local<'run>, Error> {
        let value = self.cx().get(object.value, key);
        value.map(|value| self.local(value)).map_err(|_| self.error())
    }

    /// Sets a property of an object. May run a setter.
    ///
    /// # Errors
    /// What the setter throws, a property that cannot be set, and the limit that ended the run.
    pub fn set(&self, object: Local<'run>, key: &str, to: Local<'run>) -> Result<(), Error> {
        // SAFETY: the engine takes a reference over, of which the handle keeps its own.
        let to = unsafe { sandtide_quickjs::JS_DupValue(self.cx.ctx, to.value) };
        self.cx().set(object.value, key, to).map_err(|_| self.error())
    }

    /// Calls a function.
    ///
    /// # Errors
    /// What it throws, a `TypeError` for something that is no function, and the limit that ended
    /// the run.
    pub fn call(
        &self,
        function: Local<'run>,
        this: Option<Local<'run>>,
        args: &[Local<'run>],
    ) -> Result<Local<'run>, Error> {
        let this = this.map_or(JS_UNDEFINED, |this| this.value);
        let mut args: Vec<JSValue> = args.iter().map(|arg| arg.value).collect();
        let value = self.cx().call(function.value, this, &mut args);
        value.map(|value| self.local(value)).map_err(|_| self.error())
    }

    /// Drives pending jobs and host functions to the end; answers what a promise settled to, and
    /// any other value as it is.
    ///
    /// # Errors
    /// What the promise was rejected with, [`Error::NeverSettled`], and the limit that ended the
    /// run.
    pub fn settle(&self, value: Local<'run>) -> Result<Local<'run>, Error> {
        match drive::settle(self.cx(), self.run(), value.value).map_err(|_| self.error())? {
            Settled::Value(value) => Ok(self.local(value)),
            Settled::Rejected(reason) => Err(self.run().error_of(self.cx, reason)),
            Settled::Never => Err(Error::NeverSettled),
        }
    }

    /// Whether a value can be called.
    pub fn is_function(&self, value: Local<'run>) -> bool {
        self.cx.is_function(value.value)
    }

    /// Brings a value out.
    ///
    /// # Errors
    /// [`Error::NotCrossable`] with the path to what cannot, [`Error::Output`] where all that came
    /// out of this run is larger than the output limit, and what a getter throws.
    pub fn to_value(&self, value: Local<'run>) -> Result<Value, Error> {
        let run = self.run();
        let given = run.limits.output.saturating_sub(run.output.get());
        let mut room = given;
        let value = cross_out::value(self.cx(), run, value.value, &mut room)
            .map_err(|error| run.error_of_crossing(self.cx, error, "value"))?;
        run.output.set(run.output.get() + (given - room));
        Ok(value)
    }
}
