//! Images: what a script's runs start from.
//!
//! An image names what goes into the heap. The heap itself is built in each arena that runs it,
//! because it holds absolute addresses. Instances keep the heaps that they built, and pools bound
//! how many.

use crate::script::{Script, ScriptOptions};
use crate::version;
use crate::workshop::with_workshop;
use sandtide_engine::{
    EntryPoint, Error, Form, HeapImage, HostCall, HostError, HostFunction, Input, Intrinsics,
    Limits, Plan, Value,
};
use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

static IMAGES: AtomicU64 = AtomicU64::new(1);

/// A script compiled and initialised, ready to be run. Cheap to clone, shared between threads.
#[derive(Clone)]
pub struct Image {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    /// Tells images with the same version apart: a version has host functions only by their names.
    pub(crate) id: u64,
    pub(crate) plan: Plan,
    pub(crate) intrinsics: Intrinsics,
    version: String,
    facts: Facts,
}

#[derive(Clone, Copy, Default)]
struct Facts {
    held: usize,
    heap: usize,
    build_time: Duration,
    handler: bool,
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("version", &self.inner.version)
            .field("bytes", &self.inner.facts.held)
            .field("heap_bytes", &self.inner.facts.heap)
            .finish_non_exhaustive()
    }
}

impl Image {
    /// Begins a new image.
    pub fn builder() -> ImageBuilder {
        ImageBuilder::default()
    }

    /// The pristine image without a script, for ad hoc runs.
    pub fn base() -> Image {
        static BASE: OnceLock<Image> = OnceLock::new();
        BASE.get_or_init(|| ImageBuilder::default().seal(Facts::default())).clone()
    }

    /// The version's name: the SHA-256 of everything in it, in hexadecimal. Host functions count
    /// by their names.
    pub fn version(&self) -> &str {
        &self.inner.version
    }

    /// Bytes that holding it takes in an arena, beside the base image that all share. 0 for the
    /// base image.
    pub fn bytes(&self) -> usize {
        self.inner.facts.held
    }

    /// Bytes of heap that a run starts with. 0 for the base image, which is built with its arena.
    pub fn heap_bytes(&self) -> usize {
        self.inner.facts.heap
    }

    /// Wall time that building it took.
    pub fn build_time(&self) -> Duration {
        self.inner.facts.build_time
    }

    /// The form of its script; `None` without one.
    pub fn form(&self) -> Option<Form> {
        match self.inner.plan.entry {
            EntryPoint::AdHoc => None,
            EntryPoint::Classic(_) => Some(Form::Classic),
            EntryPoint::Module(_) if self.inner.facts.handler => Some(Form::Handler),
            EntryPoint::Module(_) => Some(Form::Function),
        }
    }

    /// The image of a plan that was checked elsewhere; it is built by the first run that asks for it.
    /// For the crates that run images in other processes.
    #[doc(hidden)]
    #[must_use]
    pub fn of_plan(plan: Plan) -> Image {
        ImageBuilder::of_plan(plan).seal(Facts::default())
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn is_base(&self) -> bool {
        let plan = &self.inner.plan;
        plan.entry == EntryPoint::AdHoc
            && plan.setup.is_empty()
            && plan.modules.is_empty()
            && plan.globals.is_empty()
            && plan.hosts.is_empty()
            && plan.time_zone.is_none()
    }
}

/// Collects what goes into an image.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ImageBuilder {
    plan: Plan,
    intrinsics: Intrinsics,
}

impl ImageBuilder {
    /// Adds a classic script that runs once, while the image is built: functions, libraries. They
    /// run in the order in which they are given.
    pub fn setup(mut self, source: impl Into<String>, options: ScriptOptions) -> ImageBuilder {
        self.plan.setup.push(options.source(source));
        self
    }

    /// Sets the script that runs execute.
    pub fn script(mut self, script: &Script) -> ImageBuilder {
        let source = script.source().clone();
        self.plan.entry = match script.form() {
            Form::Function => EntryPoint::Module(source),
            _ => EntryPoint::Classic(source),
        };
        self
    }

    /// Adds a module that scripts can import: by this specifier, and by relative ones that lead to
    /// it.
    pub fn module(
        mut self,
        specifier: impl Into<String>,
        source: impl Into<String>,
    ) -> ImageBuilder {
        Arc::make_mut(&mut self.plan.modules).insert(specifier.into(), source.into());
        self
    }

    /// Sets a global before the set-up runs.
    pub fn global(mut self, name: impl Into<String>, value: impl Into<Value>) -> ImageBuilder {
        self.plan.globals.push((name.into(), Input::Value(value.into())));
        self
    }

    /// Grants a host function under a global name. Its arguments and its result are copied; an
    /// error arrives as an exception of the name and message it carries.
    ///
    /// ```
    /// use sandtide::{HostError, Image, Instance, Run, Script, ScriptOptions, Value};
    ///
    /// let image = Image::builder()
    ///     .host("double", |call| match call.arg(0) {
    ///         Value::Number(number) => Ok(Value::Number(number * 2.0)),
    ///         _ => Err(HostError::named("TypeError", "double takes a number")),
    ///     })
    ///     .script(&Script::compile("double(21)", ScriptOptions::new())?)
    ///     .build()?;
    /// assert_eq!(Instance::new(&image)?.run(&Run::new()).result?, Value::from(42));
    /// # Ok::<(), sandtide::Error>(())
    /// ```
    pub fn host(
        mut self,
        name: impl Into<String>,
        f: impl Fn(HostCall<'_>) -> Result<Value, HostError> + Send + Sync + 'static,
    ) -> ImageBuilder {
        self.plan.hosts.push(HostFunction::new(name, f));
        self
    }

    /// Grants a host function that answers a promise. Its future is polled on the run's thread. A
    /// future that needs a runtime's reactor (timers, sockets) should be spawned on that runtime,
    /// and its join handle awaited here.
    pub fn host_async<F>(
        mut self,
        name: impl Into<String>,
        f: impl Fn(Vec<Value>) -> F + Send + Sync + 'static,
    ) -> ImageBuilder
    where
        F: Future<Output = Result<Value, HostError>> + Send + 'static,
    {
        self.plan.hosts.push(HostFunction::new_async(name, f));
        self
    }

    /// Grants a host function that was made elsewhere, such as a network for the guest's `fetch`.
    pub fn grant(mut self, function: HostFunction) -> ImageBuilder {
        self.plan.hosts.push(function);
        self
    }

    /// Sets the time zone of the set-up and of modules' top levels, and of runs that name none: see
    /// [`Run::time_zone`](crate::Run::time_zone). UTC without one.
    pub fn time_zone(mut self, name: impl Into<String>) -> ImageBuilder {
        self.plan.time_zone = Some(name.into());
        self
    }

    /// Limits what building the image may take.
    pub fn build_limits(mut self, limits: Limits) -> ImageBuilder {
        self.plan.limits = limits;
        self
    }

    /// Chooses the built-ins that the script finds.
    pub fn intrinsics(mut self, intrinsics: Intrinsics) -> ImageBuilder {
        self.intrinsics = intrinsics;
        self
    }

    /// Builds the image once, to see that it can be built and what it costs.
    ///
    /// # Errors
    /// [`Error::Syntax`] and [`Error::Exception`] of its sources, [`Error::NoDefaultExport`] and
    /// [`Error::ModuleNotFound`] of its modules, [`Error::InvalidTimeZone`], and the limit that its
    /// set-up hit.
    pub fn build(self) -> Result<Image, Error> {
        let image = {
            let heap = self.plan.limits.heap;
            with_workshop(self.intrinsics, heap, |engine| engine.build(&self.plan))?
        };
        Ok(self.seal_as(&image))
    }

    /// A builder of what a plan says, with all built-ins.
    #[doc(hidden)]
    pub fn of_plan(plan: Plan) -> ImageBuilder {
        ImageBuilder { plan, intrinsics: Intrinsics::default() }
    }

    /// What goes into the image, with the built-ins it asks for. For the crates that build images in
    /// other processes.
    #[doc(hidden)]
    #[must_use]
    pub fn into_parts(self) -> (Plan, Intrinsics) {
        (self.plan, self.intrinsics)
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn built_ins(&self) -> Intrinsics {
        self.intrinsics
    }

    /// The image that `built` was built from.
    pub(crate) fn seal_as(self, built: &HeapImage) -> Image {
        self.seal(Facts {
            held: built.held_bytes(),
            heap: built.heap_bytes(),
            build_time: built.build_time(),
            handler: built.is_handler(),
        })
    }

    fn seal(self, facts: Facts) -> Image {
        let version = version::of_plan(&self.plan, self.intrinsics);
        let ImageBuilder { plan, intrinsics } = self;
        let id = IMAGES.fetch_add(1, Ordering::Relaxed);
        Image { inner: Arc::new(Inner { id, plan, intrinsics, version, facts }) }
    }
}
