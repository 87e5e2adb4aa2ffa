//! What was compiled, for each tenant that ran it. Must not know runs.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use sandtide::{Deployment, Error, ImageBuilder, Runs, ScriptOptions};
use sandtide_engine::{EntryPoint, Form, MAX_HOST_FUNCTIONS, Plan};
use sandtide_fair::Cost;
use sandtide_supervisor::{DeployedImage, Supervisor};
use sandtide_wire::{Facts, ImagePlan, ImageSource};

use crate::calls::Calls;

/// Tenants whose image of one script is remembered, with what runs of it cost. One that is forgotten
/// is made again by its next run, and counts losses anew.
const TENANTS: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// A script that was compiled.
pub(crate) struct Script {
    first: DeployedImage,
    tenants: Mutex<LruCache<Arc<str>, Of>>,
}

/// A script as one tenant has it.
#[derive(Clone)]
pub(crate) struct Of {
    pub(crate) image: DeployedImage,
    pub(crate) cost: Arc<Cost>,
}

impl Script {
    pub(crate) fn of(&self, tenant: &Arc<str>) -> Of {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let of = tenants.get_or_insert(Arc::clone(tenant), || Of {
            image: self.first.for_tenant(Arc::clone(tenant)),
            cost: Arc::default(),
        });
        of.clone()
    }
}

#[derive(Default)]
pub(crate) struct Scripts {
    /// None: it is being compiled.
    by_number: Mutex<HashMap<u64, Option<Arc<Script>>>>,
}

impl Scripts {
    /// Takes a number for a script that is being compiled; false where it is taken.
    pub(crate) fn begin(&self, number: u64) -> bool {
        self.lock().insert(number, None).is_none()
    }

    /// Keeps a script that was compiled, unless it was let go of meanwhile.
    pub(crate) fn keep(&self, number: u64, image: DeployedImage) {
        if let Some(place) = self.lock().get_mut(&number) {
            let tenants = Mutex::new(LruCache::new(TENANTS));
            *place = Some(Arc::new(Script { first: image, tenants }));
        }
    }

    pub(crate) fn get(&self, number: u64) -> Option<Arc<Script>> {
        self.lock().get(&number)?.clone()
    }

    pub(crate) fn forget(&self, number: u64) {
        // What it holds may be large: dropped outside of the lock.
        let gone = self.lock().remove(&number);
        drop(gone);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Option<Arc<Script>>>> {
        self.by_number.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compiles a script, in a worker of the tenant.
pub(crate) async fn compile(
    supervisor: &Supervisor,
    calls: &Arc<Calls>,
    number: u64,
    tenant: String,
    plan: ImagePlan,
) -> Result<(DeployedImage, Facts), Error> {
    let ImagePlan { setup, entry, modules, globals, hosts, limits, time_zone } = plan;
    if hosts.len() > MAX_HOST_FUNCTIONS {
        let message = format!("a script can be granted {MAX_HOST_FUNCTIONS} functions");
        return Err(Error::WrongForm { message });
    }
    let functions = (0..).zip(hosts).map(|(function, (name, answers_promise))| {
        calls.function(number, function, name, answers_promise)
    });
    let (entry, unknown) = match entry {
        None => (EntryPoint::AdHoc, None),
        Some(ImageSource { source, form: None }) => (EntryPoint::AdHoc, Some(source)),
        Some(ImageSource { source, form: Some(Form::Function) }) => {
            (EntryPoint::Module(source), None)
        }
        Some(ImageSource { source, .. }) => (EntryPoint::Classic(source), None),
    };
    let plan = Plan {
        setup,
        entry,
        modules,
        globals,
        hosts: functions.collect(),
        limits,
        frozen: None,
        time_zone,
    };
    let mut deployment = Deployment::new(tenant).image(ImageBuilder::of_plan(plan));
    if let Some(source) = unknown {
        let options = ScriptOptions::new().file(source.file).line(source.line);
        deployment = deployment.script(source.text, options);
    }
    let image = supervisor.deploy(deployment).await?;
    let facts = Facts {
        form: image.form(),
        held: image.bytes(),
        heap: image.heap_bytes(),
        build_time: image.build_time(),
    };
    Ok((image, facts))
}
