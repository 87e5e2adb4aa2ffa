//! Debugging one run of an image, in an instance of its own.
//!
//! Must not know the protocol of debuggers: `sandtide-inspect` has that, and the scripts that show values.

pub use sandtide_engine::debug::{
    At, Debugger, Failed, Place, Script, Scripts, Step, Stop, Terminate, Why,
};

use crate::image::Image;
use crate::instance::Setting;
use crate::run::Run;
use crate::workshop::config;
use sandtide_engine::{Error, Intrinsics, Outcome, RestoreStrategy};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

/// An image in an instance that a debugger looks at. It stays on the thread that made it.
#[derive(Debug)]
pub struct DebugInstance(sandtide_engine::debug::Debugged);

impl DebugInstance {
    /// Makes an arena for runs of at most `heap` bytes and builds `image` there: its code has places to stop
    /// at. `wanted` may be set to 1 by any thread; soon afterwards [`Debugger::wanted`] is called.
    ///
    /// # Errors
    /// As for [`crate::Instance::with_heap`].
    pub fn new(
        image: &Image,
        heap: usize,
        scripts: &Scripts<'_>,
        debugger: Rc<dyn Debugger>,
        wanted: Arc<AtomicU32>,
    ) -> Result<DebugInstance, Error> {
        let intrinsics = image.inner().intrinsics;
        let mut instance = DebugInstance::make(intrinsics, heap, scripts, debugger, wanted)?;
        instance.build(image)?;
        Ok(instance)
    }

    fn make(
        intrinsics: Intrinsics,
        heap: usize,
        scripts: &Scripts<'_>,
        debugger: Rc<dyn Debugger>,
        wanted: Arc<AtomicU32>,
    ) -> Result<DebugInstance, Error> {
        let config = config(heap, intrinsics, RestoreStrategy::default());
        sandtide_engine::debug::Debugged::new(config, scripts, debugger, wanted).map(DebugInstance)
    }

    /// As [`DebugInstance::new`], of an image that is [built](Self::build) later, and with all built-ins. For
    /// the crate that runs it in a confined process.
    ///
    /// # Errors
    /// As for [`DebugInstance::new`].
    #[doc(hidden)]
    pub fn without_image(
        heap: usize,
        scripts: &Scripts<'_>,
        debugger: Rc<dyn Debugger>,
        wanted: Arc<AtomicU32>,
    ) -> Result<DebugInstance, Error> {
        DebugInstance::make(Intrinsics::default(), heap, scripts, debugger, wanted)
    }

    /// Builds the image that is run.
    ///
    /// # Errors
    /// As for [`crate::ImageBuilder::build`].
    #[doc(hidden)]
    pub fn build(&mut self, image: &Image) -> Result<(), Error> {
        self.0.build(&image.inner().plan)
    }

    /// The engine's side of it. For the crate that runs it in a confined process.
    #[doc(hidden)]
    pub fn engine(&mut self) -> &mut sandtide_engine::debug::Debugged {
        &mut self.0
    }

    /// Whether a run can be debugged: not one whose seed and clock are given, or that is in another time
    /// zone than its image, where the image's set-up could look at them. That takes an image of its own.
    pub fn can_run(image: &Image, run: &Run) -> bool {
        run.request.source.is_none() && Setting::of(image, Some(&run.request)).is_the_images()
    }

    /// Lets `f` look at the heap and run code of clients, while no run is on.
    ///
    /// # Errors
    /// A run was abandoned before, and its heap is half changed.
    pub fn between<R>(&mut self, f: impl FnOnce(&At<'_>) -> R) -> Result<R, Error> {
        self.0.between(f)
    }

    /// Runs the image's script, once. Clocks and deadlines stand still while it is stopped. The heap stays
    /// as the run left it.
    pub fn run(&mut self, run: &Run) -> Outcome {
        self.0.run(&run.request)
    }
}
