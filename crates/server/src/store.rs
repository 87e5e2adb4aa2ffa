//! The scripts that answer, by tenant and name, as they are in memory. Knows nothing of HTTP, nor of what is
//! kept on a disk; holds no lock while a script is built or run.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use sandtide::{Form, Limits, Run};
use sandtide_net::Rules;
use sandtide_store::Active;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use sandtide_fair::Cost;

use crate::{
    canary::{Draw, Side},
    error::ApiError,
    handlers::{Env, Fresh},
    memory::Memory,
    names::{Tenant, check_name},
    place::{Built, Shown},
    snapshots::Trap,
};

/// One version of a script, ready to run.
pub(crate) struct Deployed {
    pub(crate) tenant: Tenant,
    pub(crate) name: Arc<str>,
    /// As it was named when it was deployed, whatever release builds it now.
    pub(crate) version: Arc<str>,
    pub(crate) source: Shown,
    /// As it was built; of a script that runs whole each time, what comes before it.
    pub(crate) built: Built,
    pub(crate) env: Env,
    pub(crate) fresh: Option<Fresh>,
    pub(crate) limits: Limits,
    /// Where it may go, if anywhere.
    pub(crate) reach: Option<Rules>,
    pub(crate) history: History,
    /// What the runs of all its versions took.
    pub(crate) memory: Arc<Memory>,
    /// Who waits for a snapshot of a run.
    pub(crate) trap: Arc<Trap>,
    /// What its runs cost, as far as is known.
    pub(crate) cost: Arc<Cost>,
    /// Room for the bytes that the version counts; given back when nobody uses it any more.
    pub(crate) room: Arc<Room>,
}

impl Deployed {
    pub(crate) fn form(&self) -> Form {
        self.fresh.as_ref().map_or_else(|| self.built.form(), |fresh| fresh.form)
    }

    /// What a run is given of the script as it begins, not while it waits: its `env`, and the script itself where it
    /// runs whole each time.
    pub(crate) fn begin(&self, run: Run) -> Run {
        let run = run.env(self.env.value());
        match &self.fresh {
            Some(fresh) => fresh.brings(run, &self.source.text),
            None => run,
        }
    }
}

/// The version of a script that answers. After a restart it is built when it is asked for first.
pub(crate) struct Slot {
    pub(crate) tenant: Tenant,
    pub(crate) name: Arc<str>,
    pub(crate) version: Arc<str>,
    /// By which what is kept is known to be another one, also of the same version.
    pub(crate) turn: AtomicI64,
    pub(crate) made: Made,
    /// The same as the built version's.
    pub(crate) room: Arc<Room>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) trap: Arc<Trap>,
    pub(crate) deployed: OnceCell<Arc<Deployed>>,
    /// The version that has a share of its runs.
    pub(crate) canary: Option<Canary>,
}

/// What building a version told, which is kept with it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Made {
    pub(crate) form: FormName,
    pub(crate) image_bytes: usize,
    pub(crate) heap_bytes: usize,
    pub(crate) build_us: u64,
}

/// A form as the API and what is kept spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FormName {
    Classic,
    Function,
    Handler,
    Other,
}

impl Made {
    pub(crate) const UNKNOWN: Self =
        Self { form: FormName::Other, image_bytes: 0, heap_bytes: 0, build_us: 0 };

    pub(crate) fn of(deployed: &Deployed) -> Self {
        let built = &deployed.built;
        Self {
            form: match deployed.form() {
                Form::Classic => FormName::Classic,
                Form::Function => FormName::Function,
                Form::Handler => FormName::Handler,
                _ => FormName::Other,
            },
            image_bytes: built.bytes(),
            heap_bytes: built.heap_bytes(),
            build_us: u64::try_from(built.build_time().as_micros()).unwrap_or(u64::MAX),
        }
    }
}

/// A version with a share of its script's runs.
#[derive(Clone)]
pub(crate) struct Canary {
    /// 1 to 99.
    pub(crate) percent: u8,
    pub(crate) slot: Arc<Slot>,
}

impl Canary {
    /// Whether its runs are held back here because they lose their workers.
    pub(crate) fn is_held_back(&self) -> bool {
        self.slot.ready().is_some_and(|script| script.built.held().is_some())
    }

    fn takes(&self, draw: Draw<'_>) -> bool {
        let Slot { tenant, name, version, .. } = &*self.slot;
        !self.is_held_back() && draw.falls_to([tenant.name(), name, version], self.percent)
    }
}

impl Slot {
    pub(crate) fn of(deployed: Arc<Deployed>) -> Arc<Self> {
        Arc::new(Self {
            tenant: deployed.tenant.clone(),
            name: Arc::clone(&deployed.name),
            version: Arc::clone(&deployed.version),
            turn: AtomicI64::default(),
            made: Made::of(&deployed),
            room: Arc::clone(&deployed.room),
            memory: Arc::clone(&deployed.memory),
            trap: Arc::clone(&deployed.trap),
            deployed: OnceCell::new_with(Some(deployed)),
            canary: None,
        })
    }

    /// The same version with what is given of it.
    fn like(&self, deployed: Option<Arc<Deployed>>, canary: Option<Canary>) -> Arc<Self> {
        Arc::new(Self {
            tenant: self.tenant.clone(),
            name: Arc::clone(&self.name),
            version: Arc::clone(&self.version),
            turn: self.turn.load(Ordering::Relaxed).into(),
            made: self.made,
            room: Arc::clone(&self.room),
            memory: Arc::clone(&self.memory),
            trap: Arc::clone(&self.trap),
            deployed: OnceCell::new_with(deployed),
            canary,
        })
    }

    /// The same version with this one beside it, or none.
    pub(crate) fn beside(&self, canary: Option<Canary>) -> Arc<Self> {
        self.like(self.ready().cloned(), canary)
    }

    /// The same versions, of which those are built again that may have secrets.
    pub(crate) fn renewed(&self) -> Arc<Self> {
        let built = self.ready().filter(|built| !built.env.has_secrets());
        let canary = self
            .canary
            .as_ref()
            .map(|canary| Canary { slot: canary.slot.renewed(), ..canary.clone() });
        self.like(built.cloned(), canary)
    }

    /// Whether it, or the version beside it, is not known to have no secrets. One that is being built may have them.
    pub(crate) fn may_have_secrets(&self) -> bool {
        self.ready().is_none_or(|built| built.env.has_secrets())
            || self.canary.as_ref().is_some_and(|canary| canary.slot.may_have_secrets())
    }

    /// Whether it is what is kept as active; where secrets changed, only if it is built and has none.
    pub(crate) fn is_same(&self, active: &Active, secrets_changed: bool) -> bool {
        let canary = match (&self.canary, &active.canary) {
            (None, None) => true,
            (Some(here), Some(kept)) => {
                here.percent == kept.percent && here.slot.is(&kept.version, kept.turn)
            }
            _ => false,
        };
        let same = canary && self.is(&active.version, active.turn);
        same && (!secrets_changed || !self.may_have_secrets())
    }

    /// Whether it is this version of this turn.
    pub(crate) fn is(&self, version: &str, turn: i64) -> bool {
        *self.version == *version && self.turn.load(Ordering::Relaxed) == turn
    }

    /// The version, where it is built.
    pub(crate) fn ready(&self) -> Option<&Arc<Deployed>> {
        self.deployed.get()
    }

    /// All versions that answer, where they are built.
    pub(crate) fn all_ready(&self) -> impl Iterator<Item = &Arc<Deployed>> {
        let canary = self.canary.as_ref().and_then(|canary| canary.slot.ready());
        self.ready().into_iter().chain(canary)
    }

    /// Bytes that all versions that answer count.
    pub(crate) fn bytes(&self) -> usize {
        self.room.bytes() + self.canary.as_ref().map_or(0, |canary| canary.slot.room.bytes())
    }

    /// Which version a run is given; no side where there is only one.
    pub(crate) fn picked(self: &Arc<Self>, draw: Draw<'_>) -> (Arc<Self>, Option<Side>) {
        match &self.canary {
            None => (Arc::clone(self), None),
            Some(canary) if canary.takes(draw) => (Arc::clone(&canary.slot), Some(Side::Canary)),
            Some(_) => (Arc::clone(self), Some(Side::Active)),
        }
    }

    /// Whether a slot is this one, or the one beside it.
    pub(crate) fn has(&self, slot: &Self) -> bool {
        std::ptr::eq(self, slot)
            || self.canary.as_ref().is_some_and(|canary| std::ptr::eq(&*canary.slot, slot))
    }
}

/// How often a version ran.
#[derive(Default)]
pub(crate) struct History {
    runs: AtomicU64,
    failed: AtomicU64,
    cpu_us: AtomicU64,
}

impl History {
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// CPU time of all runs, as it was charged, in microseconds.
    pub(crate) fn cpu_us(&self) -> u64 {
        self.cpu_us.load(Ordering::Relaxed)
    }

    pub(crate) fn note(&self, failed: bool, cpu: Duration) {
        let cpu_us = u64::try_from(cpu.as_micros()).unwrap_or(u64::MAX);
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.cpu_us.fetch_add(cpu_us, Ordering::Relaxed);
        if failed {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// All deployed scripts. Tenants see only their own.
pub(crate) struct Scripts {
    deployed: RwLock<ByTenant>,
    max: usize,
    used: Arc<AtomicUsize>,
    max_bytes: usize,
}

/// A tenant without scripts has no entry.
#[derive(Default)]
struct ByTenant {
    tenants: HashMap<Tenant, HashMap<Arc<str>, Arc<Slot>>>,
    count: usize,
}

impl ByTenant {
    fn get(&self, tenant: &Tenant, name: &str) -> Option<&Arc<Slot>> {
        self.tenants.get(tenant)?.get(name)
    }

    fn check_room(&self, tenant: &Tenant, name: &str, limit: usize) -> Result<(), ApiError> {
        if self.count >= limit && self.get(tenant, name).is_none() {
            return Err(ApiError::TooManyScripts { limit });
        }
        Ok(())
    }
}

/// Bytes of the scripts' budget; dropping it gives them back.
pub(crate) struct Room {
    used: Arc<AtomicUsize>,
    bytes: usize,
}

impl Room {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Scripts {
    pub(crate) fn new(max: usize, max_bytes: usize) -> Self {
        Self { deployed: RwLock::default(), max, used: Arc::default(), max_bytes }
    }

    /// Takes room for a version that holds so many bytes.
    pub(crate) fn room(&self, bytes: usize) -> Result<Room, ApiError> {
        let more = |used: usize| used.checked_add(bytes).filter(|&total| total <= self.max_bytes);
        match self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(Room { used: Arc::clone(&self.used), bytes }),
            Err(used) => Err(ApiError::ScriptBytes { needed: bytes, used, limit: self.max_bytes }),
        }
    }

    /// Takes room for a version that was deployed before the server started, whether or not there is any.
    pub(crate) fn room_of_old(&self, bytes: usize) -> Room {
        self.used.fetch_add(bytes, Ordering::Relaxed);
        Room { used: Arc::clone(&self.used), bytes }
    }

    /// Bytes that the scripts take.
    pub(crate) fn bytes(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    pub(crate) fn get(&self, tenant: &Tenant, name: &str) -> Result<Arc<Slot>, ApiError> {
        let found = self.read().get(tenant, name).cloned();
        match found {
            Some(script) => Ok(script),
            None => {
                check_name(name)?;
                Err(not_found(tenant, name))
            }
        }
    }

    /// What all versions of a script share: those that are there, or new ones for a new name.
    pub(crate) fn shared(&self, tenant: &Tenant, name: &str) -> (Arc<Memory>, Arc<Trap>) {
        let deployed = self.read();
        deployed.get(tenant, name).map_or_else(Default::default, |script| {
            (Arc::clone(&script.memory), Arc::clone(&script.trap))
        })
    }

    /// Fails when a script of a new name would be one too many.
    pub(crate) fn check_room(&self, tenant: &Tenant, name: &str) -> Result<(), ApiError> {
        self.read().check_room(tenant, name, self.max)
    }

    /// Puts a version in the place of the former one, if there is one. Runs of the former version that
    /// have begun end with it.
    pub(crate) fn put(&self, script: Arc<Slot>) {
        let mut deployed = self.write();
        let of_tenant = deployed.tenants.entry(script.tenant.clone()).or_default();
        let former = of_tenant.insert(Arc::clone(&script.name), script);
        if former.is_none() {
            deployed.count += 1;
        }
        drop(deployed);
        drop(former);
    }

    pub(crate) fn remove(&self, tenant: &Tenant, name: &str) -> Result<(), ApiError> {
        let mut deployed = self.write();
        let Some(of_tenant) = deployed.tenants.get_mut(tenant) else {
            return Err(not_found(tenant, name));
        };
        let former = of_tenant.remove(name).ok_or_else(|| not_found(tenant, name))?;
        if of_tenant.is_empty() {
            deployed.tenants.remove(tenant);
        }
        deployed.count -= 1;
        drop(deployed);
        drop(former);
        Ok(())
    }

    /// Scripts of all tenants.
    pub(crate) fn len(&self) -> usize {
        self.read().count
    }

    /// Tenants that have scripts.
    pub(crate) fn tenants(&self) -> usize {
        self.read().tenants.len()
    }

    /// Those tenants, in the order of their names.
    pub(crate) fn names_of_tenants(&self) -> Vec<Tenant> {
        let mut all: Vec<_> = self.read().tenants.keys().cloned().collect();
        all.sort();
        all
    }

    /// A tenant's scripts in the order of their names.
    pub(crate) fn list(&self, tenant: &Tenant) -> Vec<Arc<Slot>> {
        let mut all: Vec<_> = match self.read().tenants.get(tenant) {
            Some(of_tenant) => of_tenant.values().cloned().collect(),
            None => Vec::new(),
        };
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn read(&self) -> RwLockReadGuard<'_, ByTenant> {
        self.deployed.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, ByTenant> {
        self.deployed.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_found(tenant: &Tenant, name: &str) -> ApiError {
    ApiError::ScriptNotFound { tenant: tenant.to_string(), name: name.to_owned() }
}
