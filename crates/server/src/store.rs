//! The deployed scripts by tenant and name. Knows nothing of HTTP; holds no lock while a script is built or
//! run.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use sandtide::{Form, Limits};

use crate::{
    error::ApiError,
    fair::Cost,
    memory::Memory,
    names::{Tenant, check_name},
    place::{Built, Shown},
    snapshots::Trap,
};

/// One version of a script, ready to run.
pub(crate) struct Deployed {
    pub(crate) tenant: Tenant,
    pub(crate) name: Arc<str>,
    pub(crate) source: Shown,
    pub(crate) built: Built,
    pub(crate) limits: Limits,
    pub(crate) history: History,
    /// What the runs of all its versions took.
    pub(crate) memory: Arc<Memory>,
    /// Who waits for a snapshot of a run.
    pub(crate) trap: Arc<Trap>,
    /// What its runs cost, as far as is known.
    pub(crate) cost: Arc<Cost>,
    /// Room for the bytes that the version counts; given back when nobody uses it any more.
    pub(crate) room: Room,
}

/// How often a version ran.
#[derive(Default)]
pub(crate) struct History {
    runs: AtomicU64,
    failed: AtomicU64,
}

impl History {
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    pub(crate) fn note(&self, failed: bool) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        if failed {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Name of a form as the API spells it.
pub(crate) fn form_name(form: Form) -> &'static str {
    match form {
        Form::Classic => "classic",
        Form::Function => "function",
        _ => "other",
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
    tenants: HashMap<Tenant, HashMap<Arc<str>, Arc<Deployed>>>,
    count: usize,
}

impl ByTenant {
    fn get(&self, tenant: &Tenant, name: &str) -> Option<&Arc<Deployed>> {
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

    /// Bytes that the scripts take.
    pub(crate) fn bytes(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    pub(crate) fn get(&self, tenant: &Tenant, name: &str) -> Result<Arc<Deployed>, ApiError> {
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

    /// Puts a version in the place of the former one; true when the name is new. Runs of the
    /// former version that have begun end with it.
    pub(crate) fn put(&self, script: Arc<Deployed>) -> Result<bool, ApiError> {
        let mut deployed = self.write();
        deployed.check_room(&script.tenant, &script.name, self.max)?;
        let of_tenant = deployed.tenants.entry(script.tenant.clone()).or_default();
        let former = of_tenant.insert(Arc::clone(&script.name), script);
        if former.is_none() {
            deployed.count += 1;
        }
        drop(deployed);
        Ok(former.is_none())
    }

    pub(crate) fn remove(&self, tenant: &Tenant, name: &str) -> Result<(), ApiError> {
        check_name(name)?;
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

    /// A tenant's scripts in the order of their names.
    pub(crate) fn list(&self, tenant: &Tenant) -> Vec<Arc<Deployed>> {
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
