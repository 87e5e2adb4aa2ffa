//! An instance whose script can be stopped: its code is compiled with places to stop at, and a script that
//! shows values lies in its heap, in a context of its own.
//!
//! While the program is stopped its clocks and deadlines stand still, and its heap may grow to the whole
//! arena; what was made for the debugger meanwhile is not held against the run.
//!
//! Must not know the protocol of debuggers, nor what the script of values says.

mod hook;

pub use hook::{At, Debugger, Failed, Place, Script, Terminate, Why};
use hook::{Hook, functions_of};
pub use sandtide_quickjs::debug::{Step, Stop};

use crate::arena::heap::Heap;
use crate::confined::Adopted;
use crate::error::Error;
use crate::image::{HeapImage, Plan};
use crate::instance::{Instance, InstanceConfig};
use crate::js::cx::{Cx, Js, Thrown};
use crate::js::raw;
use crate::limits::{Limits, MAX_HEAP};
use crate::run::request::{Outcome, Request};
use std::fmt;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// Heap beside a run's own that there is for what a debugger asks for, in bytes.
pub const FOR_DEBUGGERS: usize = 128 << 20;

/// The scripts that show values: see [`Debugged::new`].
#[derive(Clone, Copy, Debug)]
pub struct Scripts<'a> {
    /// Runs in a context of its own. Its value is a function.
    pub values: &'a str,
    /// Runs in the context that is debugged, before anything else does. Its value is a function of the
    /// host's own object and of the function above; what that gives has the functions `call(session,
    /// method, text)`, which answers a text or undefined, and `exceptionThrown(error)`.
    pub setup: &'a str,
}

/// Has an engine tell `hook` of what it runs, and puts the script of values into its heap; answers the bytes
/// that this takes.
fn add_values(cx: Cx, heap: Heap, hook: &Hook, scripts: &Scripts<'_>) -> Js<usize> {
    let before = heap.used_bytes();
    // SAFETY: the runtime is a fresh instance's; the hook lives as long as that (`Debugged`).
    if !unsafe { raw::st_debug_attach(cx.runtime(), hook.opaque(), hook.wanted()) } {
        return Err(Thrown);
    }
    let with_end = |text: &str| [text.as_bytes(), &[0]].concat();
    let (values, setup) = (with_end(scripts.values), with_end(scripts.setup));
    // SAFETY: guard and context are fresh and belong together; both texts end in a NUL byte that is not part
    // of them.
    let made = unsafe {
        raw::st_debug_values(
            cx.guard,
            cx.ctx,
            values.as_ptr().cast(),
            values.len() - 1,
            setup.as_ptr().cast(),
            setup.len() - 1,
        )
    };
    if raw::is_exception(made) {
        return Err(Thrown);
    }
    hook.set_functions(functions_of(cx, made)?);
    Ok(heap.used_bytes().saturating_sub(before))
}

/// An instance for one run that a debugger looks at.
pub struct Debugged {
    // Dropped first: the hook is what its engine calls.
    instance: Instance,
    hook: Rc<Hook>,
    image: Option<HeapImage>,
    /// Bytes of heap that the script of values takes.
    own: usize,
    /// Bytes in use where the image was built.
    used: usize,
    /// What the engine keeps of the debugger outside of the arena.
    state: hook::State,
}

impl fmt::Debug for Debugged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Debugged").field("instance", &self.instance).finish_non_exhaustive()
    }
}

impl Debugged {
    /// Makes an arena for runs of at most `limits.heap` bytes. `wanted` may be set to 1 by any thread: soon
    /// afterwards [`Debugger::wanted`] is called.
    ///
    /// # Errors
    /// As for [`Instance::new`].
    pub fn new(
        config: InstanceConfig,
        scripts: &Scripts<'_>,
        debugger: Rc<dyn Debugger>,
        wanted: Arc<AtomicU32>,
    ) -> Result<Debugged, Error> {
        let hook = Rc::new(Hook::new(debugger, wanted));
        let heap = config.heap.saturating_add(FOR_DEBUGGERS).min(MAX_HEAP);
        let config = InstanceConfig { heap, ..config };
        let add = |cx, heap| add_values(cx, heap, &hook, scripts);
        let (mut instance, own) = Instance::make(config, add)?;
        let state = hook::State::of(&mut instance);
        Ok(Debugged { instance, hook, image: None, own, used: 0, state })
    }

    /// As [`Instance::adopt`].
    ///
    /// # Errors
    /// As for [`Instance::adopt`].
    pub fn adopt(&mut self, proc: BorrowedFd<'_>) -> Result<Adopted, Error> {
        self.instance.adopt(proc)
    }

    /// The plan's limits, or a run's, with room for the script of values.
    fn with_own(&self, limits: &Limits) -> Limits {
        Limits { heap: limits.heap.saturating_add(self.own).min(MAX_HEAP), ..*limits }
    }

    /// Builds the image that is run. The debugger is told of its scripts.
    ///
    /// # Errors
    /// As for [`Instance::build`].
    pub fn build(&mut self, plan: &Plan) -> Result<(), Error> {
        self.image = None;
        // SAFETY: nothing runs, and a build begins with the base image, which knows of no script.
        unsafe { self.state.reset() };
        let plan = Plan { limits: self.with_own(&plan.limits), ..plan.clone() };
        let image = self.instance.build(&plan)?;
        // What the engine keeps of the debugger is as the build left it, which the image is of.
        self.instance.load(&image)?;
        self.used = self.instance.heap_used();
        self.image = Some(image);
        Ok(())
    }

    /// Lets `f` look at the heap and run code of clients, while no run is on: before it, or after it if that
    /// came to its end.
    ///
    /// # Errors
    /// The image was not built; or a run was abandoned, or this was, as by what a client evaluates that fills
    /// the heap. The heap is half changed then, and nothing more can be done here.
    pub fn between<R>(&mut self, f: impl FnOnce(&At<'_>) -> R) -> Result<R, Error> {
        let image = self.image.clone().ok_or(Error::NoScript)?;
        let hook = Rc::clone(&self.hook);
        self.instance.between(&image, |cx, run| run.standing_still(cx, || hook.at(cx, run, f)))
    }

    /// Runs the image, once. Whatever the guest does ends in the outcome. The heap stays as the run left it.
    /// Nothing is run where a run or [`Debugged::between`] was abandoned: the image is not loaded again,
    /// because what the engine keeps of the debugger outside of the heap is of what was there.
    pub fn run(&mut self, request: &Request) -> Outcome {
        let Some(image) = self.image.clone() else {
            return self.instance.failed(Error::NoScript, request);
        };
        if !self.instance.rests_whole_at(&image) {
            return self.instance.failed(Error::Cancelled, request);
        }
        let Limits { heap, .. } = self.with_own(&request.limits);
        // What was made for clients so far is not the run's.
        let made = self.instance.heap_used().saturating_sub(self.used);
        let limits = Limits { heap: heap.saturating_add(made).min(MAX_HEAP), ..request.limits };
        let told = Rc::clone(&self.hook) as _;
        let mut outcome =
            self.instance.run_debugged(&image, &Request { limits, ..request.clone() }, told);
        if let Err(Error::Heap { limit }) = &mut outcome.result {
            *limit = request.limits.heap;
        }
        outcome.usage.peak_heap = outcome.usage.peak_heap.saturating_sub(self.own);
        outcome
    }
}

impl Drop for Debugged {
    fn drop(&mut self) {
        // SAFETY: the instance runs nothing any more, and goes right afterwards.
        unsafe { self.state.forget() };
    }
}
