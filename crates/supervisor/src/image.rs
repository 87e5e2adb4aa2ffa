//! What a supervisor keeps of a script that was deployed. Must not know which worker has its image.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sandtide::Form;
use sandtide_confine::Turns;
use sandtide_engine::HostFunction;
use sandtide_wire::{Facts, ImagePlan};

use crate::link::MOMENT;
use crate::losses::Losses;
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
    pub(crate) version: String,
    pub(crate) losses: Mutex<Losses>,
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
        let Inner { number, tenant: _, plan, hosts, facts, version, losses: _, short, shelf: _ } =
            &*self.inner;
        DeployedImage {
            inner: Arc::new(Inner {
                // A worker serves one tenant, and two workers may know one number.
                number: *number,
                tenant: tenant.into(),
                plan: Arc::clone(plan),
                hosts: Arc::clone(hosts),
                facts: *facts,
                version: version.clone(),
                losses: Mutex::default(),
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

    /// Whether its runs are held back for now, because they lost their workers again and again.
    #[must_use]
    pub fn is_held_back(&self) -> bool {
        let losses = self.inner.losses.lock().unwrap_or_else(PoisonError::into_inner);
        losses.check(std::time::Instant::now()).is_err()
    }

    /// Workers that runs of it have lost.
    #[must_use]
    pub fn workers_lost(&self) -> u64 {
        self.inner.losses.lock().unwrap_or_else(PoisonError::into_inner).total
    }
}
