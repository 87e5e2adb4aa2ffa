//! How scripts come to answer: they are deployed, activated, rolled back and removed, each change on the
//! disk before it is answered; and after a restart they are built again when they are asked for first.
//! Knows nothing of HTTP. What changes something waits for the disk, so it is called on the threads that
//! build and write, never on those that do I/O.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};

use sandtide::{Language, Limits};
use sandtide_store::{
    Active, Change, Fingerprint, NewCanary, NewVersion, Once, Store, StoreError, StoredVersion,
    VersionFacts, Who,
};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::{
    bodies::DeployBody,
    canary::{Draw, Side},
    conditions::Conditions,
    error::ApiError,
    handlers::Net,
    names::{Tenant, check_name},
    place::{Origin, Place, Shown},
    quota::Guard,
    store::{Canary, Deployed, Made, Room, Scripts, Slot},
    workers::Workers,
};

/// A script as it was sent.
pub(crate) struct Content {
    pub(crate) kind: ContentKind,
    /// What a source is written in, where its media type said so.
    pub(crate) language: Option<Language>,
    /// The name in stack traces that came with a source.
    pub(crate) file: Option<String>,
    pub(crate) bytes: Vec<u8>,
    /// By which the deploy is known where it is asked for again.
    pub(crate) key: Option<String>,
    /// The share in percent that the version is to have beside the active one.
    pub(crate) share: Option<u8>,
}

/// What a script was sent as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ContentKind {
    /// A description, as JSON.
    Json,
    /// The source itself.
    Source,
}

impl Content {
    fn parse(&self) -> Result<DeployBody, ApiError> {
        match self.kind {
            ContentKind::Json => DeployBody::parse(&self.bytes),
            ContentKind::Source => {
                DeployBody::of_source(&self.bytes, self.file.clone(), self.language)
            }
        }
    }

    /// The same for the same deploy of the same script alone.
    fn fingerprint(&self, name: &str) -> Fingerprint {
        let kind = match self.kind {
            ContentKind::Json => "json",
            ContentKind::Source => "source",
        };
        let language = self.language.map_or("", Language::as_str);
        // A name that was left out is no name that is empty.
        let (named, file) = self.file.as_deref().map_or(("", ""), |file| ("named", file));
        let texts = [name, kind, language, named, file].map(str::as_bytes);
        let share = self.share.as_ref().map(std::slice::from_ref);
        let parts: Vec<_> = texts.into_iter().chain([&*self.bytes]).chain(share).collect();
        Fingerprint::of(&parts)
    }

    /// What the script counts while it is deployed: what it takes, and at least what was sent, which is kept.
    fn bytes_held(&self, body: &DeployBody) -> usize {
        body.bytes_held().max(self.bytes.len())
    }
}

/// What is kept with a version beside its content.
#[derive(Serialize, Deserialize)]
struct Kept {
    kind: ContentKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Bytes that the script counts while it is deployed.
    held: usize,
    #[serde(flatten)]
    made: Made,
}

impl Kept {
    fn read(facts: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(facts)
    }
}

/// A version that is kept.
pub(crate) struct Version {
    pub(crate) stored: VersionFacts,
    /// Nothing where another release wrote it in a way that is not known here.
    pub(crate) made: Option<Made>,
}

/// A version as it was read.
struct Read {
    body: DeployBody,
    /// Bytes that it counts while it is deployed.
    held: usize,
    turn: i64,
}

/// Which version is to be made active.
pub(crate) enum Target {
    Named(String),
    /// The one in whose place the active one was put.
    Former,
}

/// Who asks for a change, and when it is wanted.
pub(crate) struct Asker {
    /// As the audit trail names it.
    pub(crate) actor: String,
    pub(crate) conditions: Conditions,
}

/// What became of a deploy.
pub(crate) struct Deploy {
    /// As whoever asks for it has it written.
    pub(crate) told: String,
    /// Whether it was carried out before, and is only told again.
    pub(crate) again: bool,
    /// What it made, where it was not.
    pub(crate) version: Option<Arc<str>>,
}

/// A deploy that was asked for, until this is dropped.
pub(crate) struct Coming {
    removed: Arc<AtomicBool>,
}

/// The deploys under way of a script.
struct ComingTo {
    tenant: Tenant,
    name: String,
    /// Set where the script is removed meanwhile.
    removed: Weak<AtomicBool>,
}

/// What became of a change of another server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Up,
    /// Another change was made here first.
    Over,
}

/// All scripts: those in memory, and what is kept of them.
pub(crate) struct Catalog {
    pub(crate) scripts: Arc<Scripts>,
    store: Arc<dyn Store>,
    place: Place,
    net: Net,
    limits: Limits,
    quotas: Arc<Guard>,
    /// Held while a change is written and then made in memory, so that both see changes in one order.
    changing: Mutex<()>,
    /// How often secrets changed.
    renewed: AtomicU64,
    coming: Mutex<Vec<ComingTo>>,
}

impl Catalog {
    /// Takes up all scripts that are kept; none of them is built yet.
    pub(crate) async fn load(
        store: Arc<dyn Store>,
        scripts: Scripts,
        (place, net): (Place, Net),
        limits: Limits,
        quotas: Arc<Guard>,
    ) -> Result<Self, StoreError> {
        for active in store.active().await? {
            let Ok(tenant) = Tenant::of(Some(&active.script.tenant)) else { continue };
            scripts.put(kept_slot(&scripts, tenant, &active, None, false));
        }
        let (changing, coming) = (Mutex::default(), Mutex::default());
        let scripts = Arc::new(scripts);
        let renewed = AtomicU64::default();
        Ok(Self { scripts, store, place, net, limits, quotas, changing, renewed, coming })
    }

    /// Scripts that are not in memory as they are kept, and those whose secrets may be others.
    pub(crate) async fn differing(&self) -> Result<Vec<Who>, StoreError> {
        let mut kept = HashSet::new();
        let mut differing = Vec::new();
        for active in self.store.active().await? {
            let Ok(tenant) = Tenant::of(Some(&active.script.tenant)) else { continue };
            let now = self.scripts.get(&tenant, &active.script.script);
            if now.is_ok_and(|now| now.is_same(&active, true)) {
                kept.insert(active.script);
                continue;
            }
            kept.insert(active.script.clone());
            differing.push(active.script);
        }
        for tenant in self.scripts.names_of_tenants() {
            let here = self.scripts.list(&tenant).into_iter().map(|slot| who(&tenant, &slot.name));
            differing.extend(here.filter(|here| !kept.contains(here)));
        }
        self.secrets_changed();
        Ok(differing)
    }

    /// What is kept as active, and what is beside it, in memory: built where the script that is there has the same
    /// version, and nothing is to be built again. With what the versions of that share.
    pub(crate) fn kept_slot(
        &self,
        tenant: Tenant,
        active: &Active,
        now: Option<&Slot>,
        renew: bool,
    ) -> Arc<Slot> {
        kept_slot(&self.scripts, tenant, active, now, renew)
    }

    /// Secrets changed: what is being built may have former ones.
    pub(crate) fn secrets_changed(&self) {
        self.renewed.fetch_add(1, Ordering::AcqRel);
    }

    /// Has what another server made answer, or nothing where it removed the script; unless something else was put in
    /// its place here meanwhile.
    pub(crate) fn take_up(
        &self,
        tenant: &Tenant,
        name: &str,
        now: Option<&Arc<Slot>>,
        new: Option<Arc<Slot>>,
    ) -> Taken {
        let _changing = self.changing();
        let here = self.scripts.get(tenant, name).ok();
        if here.as_ref().map(Arc::as_ptr) != now.map(Arc::as_ptr) {
            return Taken::Over;
        }
        match new {
            Some(new) => self.scripts.put(new),
            None => {
                self.tell_coming(tenant, name);
                // It is there, as was looked at above.
                let _ = self.scripts.remove(tenant, name);
            }
        }
        Taken::Up
    }

    /// What makes connections for scripts.
    pub(crate) fn network(&self) -> &sandtide_net::Network {
        self.net.network()
    }

    /// Where it is kept.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The active version of a script, built. Who comes while it is built waits for it together.
    pub(crate) async fn ready(
        self: &Arc<Self>,
        workers: &Workers,
        tenant: &Tenant,
        name: &str,
    ) -> Result<Arc<Deployed>, ApiError> {
        let pick = |slot: Arc<Slot>| (slot, None);
        Ok(self.built(workers, tenant, name, pick).await?.0)
    }

    /// The version that a run is given, built, and which that is where there are two.
    pub(crate) async fn ready_for(
        self: &Arc<Self>,
        workers: &Workers,
        tenant: &Tenant,
        name: &str,
        draw: Draw<'_>,
    ) -> Result<(Arc<Deployed>, Option<Side>), ApiError> {
        self.built(workers, tenant, name, |slot| slot.picked(draw)).await
    }

    async fn built(
        self: &Arc<Self>,
        workers: &Workers,
        tenant: &Tenant,
        name: &str,
        pick: impl Fn(Arc<Slot>) -> (Arc<Slot>, Option<Side>),
    ) -> Result<(Arc<Deployed>, Option<Side>), ApiError> {
        loop {
            let (slot, side) = pick(self.scripts.get(tenant, name)?);
            if let Some(script) = slot.ready() {
                return Ok((Arc::clone(script), side));
            }
            let build = || {
                let (catalog, slot) = (Arc::clone(self), Arc::clone(&slot));
                workers.build_again(tenant, name, move || catalog.build_kept(&slot))
            };
            match slot.deployed.get_or_try_init(build).await {
                Ok(script) => return Ok((Arc::clone(script), side)),
                // Another version was put in its place meanwhile.
                Err(_) if !self.scripts.get(tenant, name)?.has(&slot) => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) fn build_kept(&self, slot: &Slot) -> Result<Arc<Deployed>, ApiError> {
        let Read { body, .. } = self.read(&slot.tenant, &slot.name, &slot.version)?;
        let _charged = self.quotas.charging(&slot.tenant);
        let shared = (Arc::clone(&slot.memory), Arc::clone(&slot.trap));
        let room = Arc::clone(&slot.room);
        let script = body.build(
            (&self.place, &self.net, &*self.store),
            slot.tenant.clone(),
            (&slot.name, Origin::Kept),
            &self.limits,
            room,
            shared,
        )?;
        Ok(Arc::new(Deployed { version: Arc::clone(&slot.version), ..script }))
    }

    fn read(&self, tenant: &Tenant, name: &str, version: &str) -> Result<Read, ApiError> {
        // No version has such a name, and not every store can be asked for it.
        if version.contains('\0') {
            let (script, version) = (name.to_owned(), version.to_owned());
            return Err(StoreError::NoVersion { script, version }.into());
        }
        let StoredVersion { turn, facts, body } =
            self.store.version(who(tenant, name), version.to_owned()).wait()?;
        let kept = Kept::read(&facts).map_err(|_| StoreError::Damaged {
            script: name.to_owned(),
            version: version.to_owned(),
        })?;
        let language = kept.language.as_deref().and_then(Language::named);
        let content = Content {
            kind: kept.kind,
            language,
            file: kept.file,
            bytes: body,
            key: None,
            share: None,
        };
        let body = content.parse()?;
        let held = content.bytes_held(&body);
        Ok(Read { body, held, turn })
    }

    /// A secret of a tenant's, or of one of its scripts, is another one now: scripts that are given it are built
    /// again when they are asked for next. Runs that have begun end with the one that they began with.
    pub(crate) fn renew(&self, tenant: &Tenant, script: Option<&str>) {
        let _changing = self.changing();
        self.renewed.fetch_add(1, Ordering::AcqRel);
        for slot in self.scripts.list(tenant) {
            let meant = script.is_none_or(|script| *slot.name == *script);
            if meant && slot.may_have_secrets() {
                self.scripts.put(slot.renewed());
            }
        }
    }

    /// Has a version answer which was built when secrets had changed so often. To be called while a change is made.
    fn put(&self, slot: Arc<Slot>, renewed: u64) {
        let is_old = slot.may_have_secrets() && self.renewed.load(Ordering::Acquire) != renewed;
        self.scripts.put(if is_old { slot.renewed() } else { slot });
    }

    fn room(&self, held: usize) -> Result<Arc<Room>, ApiError> {
        self.scripts.room(held).map(Arc::new)
    }

    /// A deploy was asked for: from now on it is noticed where its script is removed.
    pub(crate) fn coming(&self, tenant: &Tenant, name: &str) -> Coming {
        let removed = Arc::default();
        let (tenant, name) = (tenant.clone(), name.to_owned());
        let to = ComingTo { tenant, name, removed: Arc::downgrade(&removed) };
        let mut all = self.all_coming();
        all.retain(|to| to.removed.strong_count() > 0);
        all.push(to);
        Coming { removed }
    }

    /// Fails where a version of so many bytes would be more than its tenant may have beside its other scripts.
    fn check_quota(&self, tenant: &Tenant, name: &str, bytes: usize) -> Result<(), ApiError> {
        if self.quotas.of(tenant).is_none() {
            return Ok(());
        }
        let others = self.scripts.list(tenant);
        let others: Vec<_> = others.iter().filter(|other| &*other.name != name).collect();
        let held = others.iter().map(|other| other.bytes()).sum::<usize>();
        self.quotas.check_scripts(tenant, others.len() + 1, held + bytes)
    }

    /// What was answered where the deploy of this key was carried out before.
    fn answered(
        &self,
        tenant: &Tenant,
        key: Option<&(String, Fingerprint)>,
    ) -> Result<Option<Deploy>, ApiError> {
        let Some((key, fingerprint)) = key else { return Ok(None) };
        let told = self.store.answered(tenant.to_string(), key.clone(), *fingerprint).wait()?;
        Ok(told.map(|told| Deploy { told, again: true, version: None }))
    }

    /// The version of a script that answers.
    pub(crate) fn active(&self, tenant: &Tenant, name: &str) -> Option<Arc<str>> {
        self.scripts.get(tenant, name).ok().map(|slot| Arc::clone(&slot.version))
    }

    /// Builds a script, keeps it, and has it answer; once only where it has a key. What is told of it, and
    /// whether its name is new, is kept with the key. Not where the script was removed
    /// since the deploy was asked for: who removes it relies on that, where a client has left that deployed it.
    pub(crate) fn deploy(
        &self,
        tenant: Tenant,
        name: &str,
        content: Content,
        asker: Asker,
        coming: &Coming,
        tell: impl FnOnce(&Slot, bool) -> String,
    ) -> Result<Deploy, ApiError> {
        let key = content.key.clone().map(|key| (key, content.fingerprint(name)));
        if let Some(before) = self.answered(&tenant, key.as_ref())? {
            return Ok(before);
        }
        asker.conditions.check(self.active(&tenant, name).as_deref())?;
        let body = content.parse()?;
        let held = content.bytes_held(&body);
        let beside = match content.share {
            Some(_) => self.scripts.get(&tenant, name)?.room.bytes(),
            None => 0,
        };
        self.check_quota(&tenant, name, beside + held)?;
        let room = self.room(held)?;
        let charged = self.quotas.charging(&tenant);
        let shared = self.scripts.shared(&tenant, name);
        let renewed = self.renewed.load(Ordering::Acquire);
        let with = (&self.place, &self.net, &*self.store);
        let script = body.build(with, tenant, (name, Origin::New), &self.limits, room, shared)?;
        drop(charged);
        let slot = Slot::of(Arc::new(script));
        let Content { kind, language, file, bytes, share, .. } = content;
        let language = language.map(|language| language.as_str().to_owned());
        let kept = Kept { kind, language, file, held: slot.room.bytes(), made: slot.made };
        let facts = serde_json::to_string(&kept).map_err(|_| ApiError::Internal)?;

        let _changing = self.changing();
        if coming.removed.load(Ordering::Relaxed) {
            return Err(StoreError::Changed { script: name.to_owned() }.into());
        }
        if let Some(before) = self.answered(&slot.tenant, key.as_ref())? {
            return Ok(before);
        }
        let now = self.scripts.get(&slot.tenant, name).ok();
        let active = now.as_ref().map(|now| Arc::clone(&now.version));
        asker.conditions.check(active.as_deref())?;
        self.scripts.check_room(&slot.tenant, name)?;
        let beside = match (share, now) {
            (None, _) => None,
            (Some(_), None) => return Err(not_beside(&slot)),
            (Some(_), Some(now)) if now.version == slot.version => return Err(is_active(&now)),
            (Some(percent), Some(now)) => Some((percent, now)),
        };
        let of_active = beside.as_ref().map_or(0, |(_, now)| now.room.bytes());
        self.check_quota(&slot.tenant, name, of_active + slot.room.bytes())?;
        // Beside another version than the one that is known here nothing is put.
        let expects = asker.conditions.any() || share.is_some();
        let instead_of = expects.then(|| active.as_deref().map(str::to_owned));
        let told = tell(&slot, active.is_none());
        let answer = told.clone();
        let new = NewVersion {
            script: who(&slot.tenant, name),
            version: slot.version.to_string(),
            facts,
            body: bytes,
            actor: asker.actor,
            once: key.clone().map(|(key, fingerprint)| Once { key, fingerprint, answer }),
            instead_of,
            share,
        };
        let turn = match self.store.deploy(new).wait() {
            // Another server may have been asked for the same, and been faster.
            Err(refused @ (StoreError::KeyReused | StoreError::Changed { .. })) => {
                return self.answered(&slot.tenant, key.as_ref())?.ok_or_else(|| refused.into());
            }
            made => made?,
        };
        slot.turn.store(turn, Ordering::Relaxed);
        let version = Arc::clone(&slot.version);
        self.put(
            match beside {
                Some((percent, now)) => now.beside(Some(Canary { percent, slot })),
                None => slot,
            },
            renewed,
        );
        Ok(Deploy { told, again: false, version: Some(version) })
    }

    /// Builds a version that is kept. Its turn is the one of what it was built of.
    fn build_version(
        &self,
        tenant: &Tenant,
        name: &str,
        version: &str,
        beside: usize,
    ) -> Result<Arc<Slot>, ApiError> {
        let Read { body, held, turn } = self.read(tenant, name, version)?;
        self.check_quota(tenant, name, beside + held)?;
        let room = self.room(held)?;
        let charged = self.quotas.charging(tenant);
        let shared = self.scripts.shared(tenant, name);
        let with = (&self.place, &self.net, &*self.store);
        let script =
            body.build(with, tenant.clone(), (name, Origin::Kept), &self.limits, room, shared)?;
        drop(charged);
        let slot = Slot::of(Arc::new(Deployed { version: version.into(), ..script }));
        slot.turn.store(turn, Ordering::Relaxed);
        Ok(slot)
    }

    /// Builds a version that is kept, and has it answer alone; whether that changed anything. The one that answers
    /// already is not built again.
    pub(crate) fn activate(
        &self,
        tenant: &Tenant,
        name: &str,
        target: Target,
        asker: Asker,
    ) -> Result<(Arc<Slot>, bool), ApiError> {
        let renewed = self.renewed.load(Ordering::Acquire);
        let active = self.scripts.get(tenant, name)?;
        // Where another version becomes active from now on, the store refuses the change.
        asker.conditions.check(Some(&active.version))?;
        let back = matches!(target, Target::Former);
        let version = match target {
            Target::Named(version) => version,
            Target::Former => {
                let all = self.store.versions(who(tenant, name)).wait()?;
                let now = all.into_iter().find(|one| one.version == *active.version);
                now.and_then(|now| now.former).ok_or_else(|| ApiError::NoFormerVersion {
                    name: name.to_owned(),
                    version: active.version.to_string(),
                })?
            }
        };
        let built = match version == *active.version {
            true => None,
            false => Some(self.build_version(tenant, name, &version, 0)?),
        };

        let _changing = self.changing();
        let slot = match built {
            Some(slot) => {
                self.check_quota(tenant, name, slot.room.bytes())?;
                slot
            }
            // The one that answers now, which may have been deployed or given other secrets meanwhile.
            None => self.scripts.get(tenant, name)?,
        };
        let change = Change {
            script: who(tenant, name),
            version,
            turn: slot.turn.load(Ordering::Relaxed),
            instead_of: active.version.to_string(),
            back,
            actor: asker.actor,
        };
        let is_other = *change.version != *active.version;
        let turn = self.store.activate(change).wait()?;
        if is_other {
            slot.turn.store(turn, Ordering::Relaxed);
            self.put(Arc::clone(&slot), renewed);
            return Ok((slot, true));
        }
        if slot.canary.is_none() {
            return Ok((slot, false));
        }
        let alone = slot.beside(None);
        self.scripts.put(Arc::clone(&alone));
        Ok((alone, true))
    }

    /// Gives a version that is kept a share of the runs beside the active one. It is built first.
    pub(crate) fn set_canary(
        &self,
        tenant: &Tenant,
        name: &str,
        (version, percent): (String, u8),
        asker: Asker,
    ) -> Result<Arc<Slot>, ApiError> {
        // Before anything is looked at that may have former secrets.
        let renewed = self.renewed.load(Ordering::Acquire);
        let active = self.scripts.get(tenant, name)?;
        asker.conditions.check(Some(&active.version))?;
        if version == *active.version {
            return Err(is_active(&active));
        }
        let beside = |slot: &Slot| {
            let canary = slot.canary.as_ref().filter(|canary| *canary.slot.version == version);
            canary.map(|canary| Arc::clone(&canary.slot))
        };
        let built = match beside(&active) {
            Some(_) => None,
            None => Some(self.build_version(tenant, name, &version, active.room.bytes())?),
        };

        let _changing = self.changing();
        let now = self.scripts.get(tenant, name)?;
        let changed = || StoreError::Changed { script: name.to_owned() };
        if now.version != active.version {
            return Err(changed().into());
        }
        // What has the share already is taken as it is now, with the secrets of now.
        let slot = built.or_else(|| beside(&now)).ok_or_else(changed)?;
        self.check_quota(tenant, name, now.room.bytes() + slot.room.bytes())?;
        let new = NewCanary {
            script: who(tenant, name),
            version,
            turn: slot.turn.load(Ordering::Relaxed),
            percent,
            instead_of: active.version.to_string(),
            actor: asker.actor,
        };
        self.store.set_canary(new).wait()?;
        let with = now.beside(Some(Canary { percent, slot }));
        self.put(Arc::clone(&with), renewed);
        Ok(with)
    }

    /// Takes the share away from the version that has one, and answers which that was.
    pub(crate) fn end_canary(
        &self,
        tenant: &Tenant,
        name: &str,
        asker: Asker,
    ) -> Result<Option<Arc<str>>, ApiError> {
        let _changing = self.changing();
        let active = self.scripts.get(tenant, name)?;
        asker.conditions.check(Some(&active.version))?;
        let instead_of = asker.conditions.any().then(|| active.version.to_string());
        if !self.store.end_canary(who(tenant, name), instead_of, asker.actor).wait()? {
            return Err(ApiError::NoCanary(name.to_owned()));
        }
        let ended = active.canary.as_ref().map(|canary| Arc::clone(&canary.slot.version));
        self.scripts.put(active.beside(None));
        Ok(ended)
    }

    /// Removes a script with all its versions. Runs that have begun still end.
    pub(crate) fn remove(&self, tenant: &Tenant, name: &str, asker: Asker) -> Result<(), ApiError> {
        check_name(name)?;
        let _changing = self.changing();
        let active = self.scripts.get(tenant, name)?;
        asker.conditions.check(Some(&active.version))?;
        // Another server may have put a version in its place that is not heard of here yet.
        let instead_of = asker.conditions.any().then(|| active.version.to_string());
        self.store.remove(who(tenant, name), instead_of, asker.actor).wait()?;
        self.tell_coming(tenant, name);
        self.scripts.remove(tenant, name)
    }

    /// Tells deploys under way that their script was removed.
    fn tell_coming(&self, tenant: &Tenant, name: &str) {
        for to in self.all_coming().iter().filter(|to| to.tenant == *tenant && to.name == name) {
            if let Some(removed) = to.removed.upgrade() {
                removed.store(true, Ordering::Relaxed);
            }
        }
    }

    /// The versions of a script that are kept, the one put in place last first.
    pub(crate) fn versions(&self, tenant: &Tenant, name: &str) -> Result<Vec<Version>, ApiError> {
        self.scripts.get(tenant, name)?;
        let all = self.store.versions(who(tenant, name)).wait()?.into_iter();
        let version = |stored: VersionFacts| {
            let made = Kept::read(&stored.facts).ok().map(|kept| kept.made);
            Version { stored, made }
        };
        Ok(all.map(version).collect())
    }

    /// The source of a version that is kept.
    pub(crate) fn source(
        &self,
        tenant: &Tenant,
        name: &str,
        version: &str,
    ) -> Result<Shown, ApiError> {
        self.scripts.get(tenant, name)?;
        Ok(self.read(tenant, name, version)?.body.shown(name))
    }

    fn all_coming(&self) -> MutexGuard<'_, Vec<ComingTo>> {
        self.coming.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // It guards nothing that a panic could leave half done.
    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn kept_slot(
    scripts: &Scripts,
    tenant: Tenant,
    active: &Active,
    now: Option<&Slot>,
    renew: bool,
) -> Arc<Slot> {
    let one = |version: &str, turn: i64, facts: &str| {
        let beside = now.and_then(|now| now.canary.as_ref()).map(|canary| &*canary.slot);
        let same = [now, beside].into_iter().flatten().find(|slot| slot.is(version, turn));
        if let Some(same) = same {
            return if renew { same.renewed().beside(None) } else { same.beside(None) };
        }
        // What cannot be read is told to whoever asks for it, and keeps no other script from answering.
        let (held, made) =
            Kept::read(facts).map_or((0, Made::UNKNOWN), |kept| (kept.held, kept.made));
        let (memory, trap) = now
            .map_or_else(Default::default, |now| (Arc::clone(&now.memory), Arc::clone(&now.trap)));
        Arc::new(Slot {
            tenant: tenant.clone(),
            name: active.script.script.as_str().into(),
            version: version.into(),
            turn: AtomicI64::new(turn),
            made,
            room: Arc::new(scripts.room_of_old(held)),
            memory,
            trap,
            deployed: OnceCell::new(),
            canary: None,
        })
    };
    let slot = one(&active.version, active.turn, &active.facts);
    let Some(kept) = &active.canary else { return slot };
    let canary = one(&kept.version, kept.turn, &kept.facts);
    slot.beside(Some(Canary { percent: kept.percent, slot: canary }))
}

fn not_beside(slot: &Slot) -> ApiError {
    let (tenant, name) = (slot.tenant.to_string(), slot.name.to_string());
    ApiError::ScriptNotFound { tenant, name }
}

fn is_active(slot: &Slot) -> ApiError {
    ApiError::InvalidRequest(format!(
        "the version {} is the active one, so that it can have no share beside it",
        slot.version
    ))
}

fn who(tenant: &Tenant, script: &str) -> Who {
    Who { tenant: tenant.to_string(), script: script.to_owned() }
}
