//! Host functions: Rust closures that an image grants to its script by name. The heap holds their
//! index; the closures stay outside.
//!
//! Must not know how the engine calls them.

use crate::error::HostError;
use crate::sys::stack;
use crate::value::{MAX_DEPTH, Value};
use futures_util::future::FutureExt;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

/// Indices below this one are `console`'s.
pub(crate) const FIRST_INDEX: u16 = 32;
/// The name of the host function that the guest's `fetch` calls. It is no global: names that begin so are not.
pub const FETCH: &str = "sandtide:fetch";
/// How many functions one image can be granted.
pub const MAX_HOST_FUNCTIONS: usize = 4096;

/// Stack that a host function finds at least, however deep the guest was when it called.
const HOST_STACK: usize = 1 << 20;
/// The stack that it gets where there is less.
const NEW_STACK: usize = 2 * HOST_STACK;

/// Runs code of the host's with enough stack: on the stack of its thread, where that has room.
pub(crate) fn on_enough_stack<R>(f: impl FnOnce() -> R) -> R {
    stack::on_hosts_stack(|| stacker::maybe_grow(HOST_STACK, NEW_STACK, f))
}

/// Drops a value that nests too deeply to cross, and answers an error in its place. Dropping it
/// recurses, so it happens here, on the host's stack, where it was made.
pub(crate) fn crossable(result: Result<Value, HostError>) -> Result<Value, HostError> {
    match result {
        Ok(value) if value.nests_deeper_than(MAX_DEPTH) => Err(HostError::named(
            "TypeError",
            format!("a value nested deeper than {MAX_DEPTH} levels cannot cross"),
        )),
        result => result,
    }
}

/// A call of a host function.
#[derive(Debug)]
pub struct HostCall<'run> {
    args: Vec<Value>,
    run: PhantomData<&'run ()>,
}

impl HostCall<'_> {
    pub(crate) fn new(args: Vec<Value>) -> Self {
        HostCall { args, run: PhantomData }
    }

    /// The arguments, as many as the guest gave.
    pub fn args(&self) -> &[Value] {
        &self.args
    }

    /// An argument; undefined where the guest gave fewer.
    pub fn arg(&self, index: usize) -> &Value {
        self.args.get(index).unwrap_or(&Value::Undefined)
    }

    /// The arguments, taken.
    pub fn into_args(self) -> Vec<Value> {
        self.args
    }
}

pub(crate) type HostFuture = Pin<Box<dyn Future<Output = Result<Value, HostError>> + Send>>;
pub(crate) type Sync_ = dyn Fn(HostCall<'_>) -> Result<Value, HostError> + Send + Sync;
pub(crate) type Made = dyn Fn(Option<&str>) -> Arc<Async_> + Send + Sync;
pub(crate) type Async_ = dyn Fn(Vec<Value>) -> HostFuture + Send + Sync;

#[derive(Clone)]
pub(crate) enum Kind {
    Sync(Arc<Sync_>),
    /// The guest waits for the future.
    Waited(Arc<Async_>),
    Async(Arc<Async_>),
    /// One of the last kind for each run.
    PerRun(Arc<Made>),
}

/// What calling a host function gives outside of any run.
#[non_exhaustive]
pub enum HostAnswer {
    /// The result.
    Now(Result<Value, HostError>),
    /// A future of the result, which runs when it is polled.
    Later(Pin<Box<dyn Future<Output = Result<Value, HostError>> + Send>>),
}

impl fmt::Debug for HostAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostAnswer::Now(result) => f.debug_tuple("Now").field(result).finish(),
            HostAnswer::Later(_) => f.write_str("Later"),
        }
    }
}

/// A closure with the name by which guests call it.
#[derive(Clone)]
pub struct HostFunction {
    name: String,
    pub(crate) kind: Kind,
}

impl fmt::Debug for HostFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Sync(_) | Kind::Waited(_) => "sync",
            Kind::Async(_) | Kind::PerRun(_) => "async",
        };
        write!(f, "HostFunction({kind} {})", self.name)
    }
}

impl HostFunction {
    /// A function whose result the guest gets at once. It finds 1 MiB of stack at least, wherever
    /// it is called.
    pub fn new(
        name: impl Into<String>,
        f: impl Fn(HostCall<'_>) -> Result<Value, HostError> + Send + Sync + 'static,
    ) -> HostFunction {
        HostFunction { name: name.into(), kind: Kind::Sync(Arc::new(f)) }
    }

    /// A function whose result the guest gets at once, as with [`new`](Self::new), and that takes up no
    /// thread while a guest in another process waits. The future is polled there as with
    /// [`new_async`](Self::new_async), and dropped when the run ends first. In a run of this process the
    /// future is polled on the run's thread until it is done.
    pub fn new_waited<F>(
        name: impl Into<String>,
        f: impl Fn(Vec<Value>) -> F + Send + Sync + 'static,
    ) -> HostFunction
    where
        F: Future<Output = Result<Value, HostError>> + Send + 'static,
    {
        let boxed = move |args| -> HostFuture { Box::pin(f(args).map(crossable)) };
        HostFunction { name: name.into(), kind: Kind::Waited(Arc::new(boxed)) }
    }

    /// A function whose result the guest gets as a promise. The future is polled on the run's own
    /// thread, and dropped when the run ends first. The arguments count against the run's heap
    /// limit until it is done.
    pub fn new_async<F>(
        name: impl Into<String>,
        f: impl Fn(Vec<Value>) -> F + Send + Sync + 'static,
    ) -> HostFunction
    where
        F: Future<Output = Result<Value, HostError>> + Send + 'static,
    {
        let boxed = move |args| -> HostFuture { Box::pin(f(args).map(crossable)) };
        HostFunction { name: name.into(), kind: Kind::Async(Arc::new(boxed)) }
    }

    /// A function as with [`new_async`](Self::new_async), of which each run has its own: `make` is called
    /// when a run begins, so that what the function counts is that run's. While an image is built it
    /// refuses.
    pub fn new_per_run<F, G>(
        name: impl Into<String>,
        make: impl Fn() -> G + Send + Sync + 'static,
    ) -> HostFunction
    where
        F: Future<Output = Result<Value, HostError>> + Send + 'static,
        G: Fn(Vec<Value>) -> F + Send + Sync + 'static,
    {
        HostFunction::new_per_cause(name, move |_| make())
    }

    /// The same, where `make` is also told what caused the run, as [`Request::cause`](crate::Request::cause)
    /// says it.
    pub fn new_per_cause<F, G>(
        name: impl Into<String>,
        make: impl Fn(Option<&str>) -> G + Send + Sync + 'static,
    ) -> HostFunction
    where
        F: Future<Output = Result<Value, HostError>> + Send + 'static,
        G: Fn(Vec<Value>) -> F + Send + Sync + 'static,
    {
        let made = move |cause: Option<&str>| -> Arc<Async_> {
            let f = make(cause);
            Arc::new(move |args| -> HostFuture { Box::pin(f(args).map(crossable)) })
        };
        HostFunction { name: name.into(), kind: Kind::PerRun(Arc::new(made)) }
    }

    /// The functions as one run has them, which this caused.
    #[must_use]
    pub fn of_a_run(all: &Arc<[HostFunction]>, cause: Option<&str>) -> Arc<[HostFunction]> {
        if !all.iter().any(|host| matches!(host.kind, Kind::PerRun(_))) {
            return Arc::clone(all);
        }
        let begun = |host: &HostFunction| match &host.kind {
            Kind::PerRun(make) => {
                HostFunction { name: host.name.clone(), kind: Kind::Async(make(cause)) }
            }
            _ => host.clone(),
        };
        all.iter().map(begun).collect()
    }

    /// Whether the guest gets its result as a promise.
    pub fn is_async(&self) -> bool {
        matches!(self.kind, Kind::Async(_) | Kind::PerRun(_))
    }

    /// Whether [`call`](Self::call) may keep its thread, for as long as the function likes.
    pub fn blocks(&self) -> bool {
        matches!(self.kind, Kind::Sync(_))
    }

    /// Calls it outside of any run: for a guest that runs in another process.
    pub fn call(&self, args: Vec<Value>) -> HostAnswer {
        match &self.kind {
            Kind::Sync(f) => HostAnswer::Now(crossable(f(HostCall::new(args)))),
            Kind::Waited(f) | Kind::Async(f) => HostAnswer::Later(f(args)),
            Kind::PerRun(make) => HostAnswer::Later(make(None)(args)),
        }
    }

    /// The global's name in the guest.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether guests find it as a global: others are for what the platform's own scripts do.
    pub(crate) fn is_global(&self) -> bool {
        !self.name.starts_with("sandtide:")
    }
}

pub(crate) fn name_of(hosts: &[HostFunction], index: i32) -> &str {
    match usize::try_from(index - i32::from(FIRST_INDEX)) {
        Ok(index) => hosts.get(index).map_or("?", HostFunction::name),
        Err(_) if index < 0 => crate::platform::places::name_of(index),
        Err(_) => "console",
    }
}
