//! What a supervisor keeps of a script that was deployed. Must not know which worker has its image.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sandtide::Form;
use sandtide_confine::Turns;
use sandtide_engine::HostFunction;
use sandtide_wire::{Facts, ImagePlan};

use crate::blame::Script;
use crate::link::MOMENT;
use crate::losses::AllLosses;
use crate::shelf::Shelf;

/// A script that was deployed with a [`Supervisor`](crate::Supervisor). Cheap to clone.
#[derive(Clone, Debug)]
pub struct DeployedImage {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    /// None for an image without anything in it.
    pub(crate) number: Option<u64>,
    pub(crate) tenant: Arc<str>,
    pub(crate) plan: Arc<ImagePlan>,
    pub(crate) hosts: Arc<[HostFunction]>,
    pub(crate) facts: Facts,
    pub(crate) version: Arc<str>,
    /// What it is for losses of workers: what it is made of, whatever a worker says of its form, or what whoever
    /// deployed it says;
    pub(crate) known_as: Arc<str>,
    /// and so as its tenant's.
    pub(crate) script: Script,
    pub(crate) losses: Arc<Mutex<AllLosses>>,
    /// Whether its last run was short. Nobody knows of one that has not run.
    pub(crate) short: AtomicBool,
    /// Where the image itself may be, as a worker of this tenant built it; none for other tenants: what one's
    /// worker says is not handed to another's.
    pub(crate) shelf: Option<Arc<Shelf>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let (Some(number), Some(shelf)) = (self.number, &self.shelf) {
            shelf.remove(number);
        }
    }
}

impl Inner {
    pub(crate) fn losses(&self) -> MutexGuard<'_, AllLosses> {
        self.losses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The image as it was built by another worker of this zygote, which served the same tenant.
    pub(crate) fn carried_for(&self, zygote: u64) -> Option<Arc<[u8]>> {
        self.shelf.as_ref()?.get(self.number?, zygote)
    }

    /// The turns on a processor for the next run of it.
    pub(crate) fn turns(&self) -> Turns {
        if self.short.load(Ordering::Relaxed) { Turns::Usual } else { Turns::Long }
    }

    /// Notes what a run of it took.
    pub(crate) fn note_time(&self, took: Duration) {
        let short = took < MOMENT;
        if self.short.load(Ordering::Relaxed) != short {
            self.short.store(short, Ordering::Relaxed);
        }
    }
}

impl DeployedImage {
    /// The tenant whose it is.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.inner.tenant
    }

    /// The same script for another tenant, without building it: a worker of that tenant does so for the
    /// first run there, within that run's limits. Losses are counted apart. Its host functions are the
    /// same closures.
    #[must_use]
    pub fn for_tenant(&self, tenant: impl Into<Arc<str>>) -> DeployedImage {
        let Inner { number, plan, hosts, facts, version, known_as, losses, short, .. } =
            &*self.inner;
        let tenant: Arc<str> = tenant.into();
        DeployedImage {
            inner: Arc::new(Inner {
                // A worker serves one tenant, and two workers may know one number.
                number: *number,
                script: Script::deployed(&tenant, known_as),
                tenant,
                plan: Arc::clone(plan),
                hosts: Arc::clone(hosts),
                facts: *facts,
                version: Arc::clone(version),
                known_as: Arc::clone(known_as),
                losses: Arc::clone(losses),
                short: AtomicBool::new(short.load(Ordering::Relaxed)),
                shelf: None,
            }),
        }
    }

    /// Whether its script was granted host functions.
    #[must_use]
    pub fn has_host_functions(&self) -> bool {
        !self.inner.hosts.is_empty()
    }

    /// The version's name, as [`sandtide::Image::version`].
    #[must_use]
    pub fn version(&self) -> &str {
        &self.inner.version
    }

    /// What losses of workers are laid to, by name: for [`known_as`](sandtide::Deployment::known_as) of another
    /// deployment that is the same script. It has nothing in it that a worker said.
    #[must_use]
    pub fn known_as(&self) -> &str {
        &self.inner.known_as
    }

    /// The form of its script; none without one.
    #[must_use]
    pub fn form(&self) -> Option<Form> {
        self.inner.facts.form
    }

    /// Bytes that holding it takes in a worker, beside the base image that all share.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.inner.facts.held
    }

    /// Bytes of heap that a run starts with.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.inner.facts.heap
    }

    /// Wall time that building it took.
    #[must_use]
    pub fn build_time(&self) -> Duration {
        self.inner.facts.build_time
    }

    /// Workers that were lost by it: by its runs, after them, and by building it. Deploying the same again
    /// does not change it.
    #[must_use]
    pub fn workers_lost(&self) -> u64 {
        self.inner.losses().of(self.inner.script, Instant::now()).0
    }

    /// How long it is held back yet, because it keeps losing workers; none where it may run.
    #[must_use]
    pub fn held(&self) -> Option<Duration> {
        self.inner.losses().of(self.inner.script, Instant::now()).1
    }
}
