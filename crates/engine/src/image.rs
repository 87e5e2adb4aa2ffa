//! What goes into an image, and the image of one arena.
//!
//! Images hold absolute addresses: one belongs to the arena it was built in and is rebuilt, never
//! moved, for another.

mod carried;

use crate::arena::snapshot::Snapshot;
use crate::host::HostFunction;
use crate::js::raw::JSValue;
use crate::language::Places;
use crate::limits::Limits;
use crate::run::request::{Frozen, Source};
use crate::run::state::Modules;
use crate::value::Input;
use sandtide_zone::Zone;
use std::sync::Arc;
use std::time::Duration;

/// What a run of an image starts with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum EntryPoint {
    /// Nothing: each run brings its own source.
    #[default]
    AdHoc,
    /// A classic script; its completion value is the result.
    Classic(Source),
    /// A module whose default export is called with the run's input.
    Module(Source),
}

/// What goes into an image. Building it in an arena gives a [`HeapImage`].
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Classic scripts that run once, in order, while the image is built.
    pub setup: Vec<Source>,
    /// What runs execute.
    pub entry: EntryPoint,
    /// Sources that scripts can import, by name.
    pub modules: Arc<Modules>,
    /// Globals to set before the set-up runs.
    pub globals: Vec<(String, Input)>,
    /// Host functions to grant.
    pub hosts: Vec<HostFunction>,
    /// What building the image may take.
    pub limits: Limits,
    /// Randomness and time of the build; real and fresh where it is `None`. An image for frozen runs
    /// is built with theirs: what it holds is then the same wherever it is built.
    pub frozen: Option<Frozen>,
    /// The time zone of the build, and of runs that name none: see [`Request::time_zone`]. UTC where it is
    /// `None`.
    ///
    /// [`Request::time_zone`]: crate::Request::time_zone
    pub time_zone: Option<String>,
}

/// The entry point as it was built: a value in the image's heap.
#[derive(Clone, Copy)]
pub(crate) enum BuiltEntryPoint {
    AdHoc,
    /// The compiled script.
    Classic(JSValue),
    Function(JSValue),
    /// The function that gives requests to the module's handler.
    Handler(JSValue),
}

/// An image as it lies in one arena: the compiled and initialised heap, ready to be run.
#[derive(Clone)]
pub struct HeapImage {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) arena: u64,
    pub(crate) snapshot: Snapshot,
    pub(crate) entry: BuiltEntryPoint,
    pub(crate) hosts: Arc<[HostFunction]>,
    pub(crate) modules: Arc<Modules>,
    /// Where places of its files lie in their sources.
    pub(crate) places: Places,
    /// Whether each run can have a hash seed of its own: only where the image holds nothing that
    /// was placed by the seed of its build.
    pub(crate) reseed_hashes: bool,
    /// Names and value bits of the image's own globals: a run's changes are found by comparing with
    /// them.
    pub(crate) globals: Globals,
    /// Whether the image's set-up touched a timer, so that its heap has the module of that name.
    pub(crate) timers: bool,
    /// The time zone of runs that name none; `None` for UTC.
    pub(crate) zone: Option<Zone>,
    pub(crate) build_time: Duration,
}

/// Name atoms, and the bits of the values.
pub(crate) type Globals = Box<[(u32, (i64, u64))]>;

// SAFETY: the values in it are addresses within the arena it belongs to. They are used only by the
// instance that owns this arena, while it restores and runs (`Instance::run` checks the arena).
unsafe impl Send for Inner {}
// SAFETY: as for Send; nothing in it changes after the image is sealed.
unsafe impl Sync for Inner {}

impl Plan {
    /// Whether building it runs any of its code, which may look at the clock, at local times, or draw
    /// random numbers: then frozen runs need an image that was built frozen, and runs in another time zone
    /// one that was built there.
    pub fn runs_code(&self) -> bool {
        !self.setup.is_empty() || matches!(self.entry, EntryPoint::Module(_))
    }
}

impl HeapImage {
    /// Bytes of memory that holding the image takes beside the base image.
    pub fn held_bytes(&self) -> usize {
        size_of::<Inner>()
            + self.inner.snapshot.held()
            + size_of_val(&*self.inner.globals)
            + self.inner.places.held()
    }

    /// Whether its runs are given requests: see [`Form::Handler`].
    ///
    /// [`Form::Handler`]: crate::Form::Handler
    pub fn is_handler(&self) -> bool {
        matches!(self.inner.entry, BuiltEntryPoint::Handler(_))
    }

    /// Bytes of heap that a run starts with.
    pub fn heap_bytes(&self) -> usize {
        self.inner.snapshot.len()
    }

    /// Wall time that building it took.
    pub fn build_time(&self) -> Duration {
        self.inner.build_time
    }
}

impl std::fmt::Debug for HeapImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HeapImage")
            .field("arena", &self.inner.arena)
            .field("heap_bytes", &self.heap_bytes())
            .field("held_bytes", &self.held_bytes())
            .finish_non_exhaustive()
    }
}
