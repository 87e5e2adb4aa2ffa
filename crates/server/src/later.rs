//! Asynchronous runs: which are under way, and what the last ones ended in, for whoever asks by their identity. In
//! memory only, for a while, bounded in bytes. Knows nothing of HTTP, nor of how runs are carried out.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sandtide_store::{Fingerprint, StoreError};
use serde::Serialize;
use tokio::sync::{Semaphore, oneshot, watch};

use crate::{auth::now_ms, error::ApiError, events, names::Tenant};

/// What a run counts beside its outcome and its texts; its version's name is in it.
const EACH: usize = 512;
/// The most bytes that a script's name and a key, held twice, count.
const LONGEST_TEXTS: usize = 128 + 2 * 255;
/// All tenants' outcomes together have this many times what one tenant's have.
const TENANTS: usize = 8;
/// So many that are gone may stay in the orders of runs.
const FEW: usize = 64;
/// Callbacks of one tenant that are under way, those that are tried again later included.
const CALLBACKS: usize = 256;
/// Those that are being sent at the same time.
const CALLS: usize = 2;
/// The same of all tenants.
const ALL_CALLS: usize = 64;

/// Asynchronous runs of all tenants.
pub(crate) struct Later {
    all: Mutex<All>,
    /// How long outcomes are kept, and how many bytes of one tenant's.
    kept: Duration,
    bytes: usize,
    all_calls: Semaphore,
    under_way: watch::Sender<usize>,
    ending: watch::Sender<bool>,
}

#[derive(Default)]
struct All {
    tenants: HashMap<Tenant, OfTenant>,
    /// In the order in which they ended, which is that in which they go.
    ends: VecDeque<(Instant, Tenant, Arc<str>)>,
    bytes: usize,
}

struct OfTenant {
    runs: HashMap<Arc<str>, Entry>,
    /// Those that ended, the oldest first, some of which may be gone.
    ended: VecDeque<Arc<str>>,
    keys: HashMap<String, (Fingerprint, Arc<str>)>,
    bytes: usize,
    callbacks: usize,
    calls: Arc<Semaphore>,
}

impl Default for OfTenant {
    fn default() -> Self {
        Self {
            runs: HashMap::new(),
            ended: VecDeque::new(),
            keys: HashMap::new(),
            bytes: 0,
            callbacks: 0,
            calls: Arc::new(Semaphore::new(CALLS)),
        }
    }
}

struct Entry {
    script: Option<Arc<str>>,
    version: Option<Arc<str>>,
    asked_ms: i64,
    begun: Arc<AtomicBool>,
    key: Option<String>,
    /// What became of its callback, where it has one.
    callback: Option<Called>,
    /// Whether it was kept for as long as outcomes are, and goes once its callback is done.
    is_old: bool,
    done: Option<Done>,
    /// Cancels the run when it is dropped.
    _cancel: oneshot::Sender<()>,
}

struct Done {
    ended_ms: i64,
    status: u16,
    /// JSON.
    outcome: Arc<Vec<u8>>,
}

impl Entry {
    /// What it counts once it is done; a key is held twice.
    fn bytes(&self, outcome: &[u8]) -> usize {
        let script = self.script.as_ref().map_or(0, |script| script.len());
        let key = self.key.as_ref().map_or(0, String::len);
        EACH + script + 2 * key + outcome.len()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Called {
    Pending,
    Delivered,
    Failed,
}

/// A run that is to be.
pub(crate) struct Wanted {
    pub(crate) script: Option<Arc<str>>,
    /// The script's version that it was given.
    pub(crate) version: Option<Arc<str>>,
    pub(crate) key: Option<(String, Fingerprint)>,
    pub(crate) has_callback: bool,
}

/// A run that has its place; it ends when this is dropped.
pub(crate) struct Reserved {
    pub(crate) id: Arc<str>,
    /// To be set when it has a worker.
    pub(crate) begun: Arc<AtomicBool>,
    /// Ready when nobody wants it any more.
    pub(crate) cancelled: oneshot::Receiver<()>,
    tenant: Tenant,
    has_callback: bool,
    later: Arc<Later>,
}

impl Reserved {
    /// Takes back that it was asked for.
    pub(crate) fn refuse(self) {
        self.later.remove(&self.tenant, &self.id);
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.has_callback {
            let mut all = self.later.lock();
            if let Some(of_tenant) = all.tenants.get_mut(&self.tenant) {
                of_tenant.callbacks = of_tenant.callbacks.saturating_sub(1);
            }
            all.forget_if_empty(&self.tenant);
        }
        self.later.under_way.send_modify(|count| *count -= 1);
    }
}

/// What is told of a run.
#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    script: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    asked_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback: Option<Called>,
}

impl Later {
    pub(crate) fn new(kept: Duration, bytes: usize) -> Arc<Self> {
        let (under_way, _) = watch::channel(0);
        let (ending, _) = watch::channel(false);
        let all_calls = Semaphore::new(ALL_CALLS);
        Arc::new(Self { all: Mutex::default(), kept, bytes, all_calls, under_way, ending })
    }

    /// The run of this key, where it was asked for before.
    ///
    /// # Errors
    ///
    /// [`StoreError::KeyReused`] where that was another one.
    pub(crate) fn known(
        &self,
        tenant: &Tenant,
        (key, fingerprint): &(String, Fingerprint),
    ) -> Result<Option<Arc<str>>, ApiError> {
        let mut all = self.lock();
        all.forget_old(self.kept);
        all.known(tenant, key, *fingerprint)
    }

    /// Makes room for a run; the identity of the one that has its key, where there is one.
    pub(crate) fn reserve(
        self: &Arc<Self>,
        tenant: &Tenant,
        wanted: Wanted,
    ) -> Result<Result<Reserved, Arc<str>>, ApiError> {
        let Wanted { script, version, key, has_callback } = wanted;
        let id = identity()?;
        let mut all = self.lock();
        all.forget_old(self.kept);
        if let Some((key, fingerprint)) = &key
            && let Some(known) = all.known(tenant, key, *fingerprint)?
        {
            return Ok(Err(known));
        }
        let of_tenant = all.tenants.entry(tenant.clone()).or_default();
        if has_callback && of_tenant.callbacks >= CALLBACKS {
            return Err(ApiError::QueueFull(
                "as many callbacks of this tenant are under way as may",
            ));
        }
        of_tenant.callbacks += usize::from(has_callback);
        let key = key.map(|(key, fingerprint)| {
            of_tenant.keys.insert(key.clone(), (fingerprint, Arc::clone(&id)));
            key
        });
        let (cancel, cancelled) = oneshot::channel();
        let begun = Arc::<AtomicBool>::default();
        let entry = Entry {
            script,
            version,
            asked_ms: now_ms(),
            begun: Arc::clone(&begun),
            key,
            callback: has_callback.then_some(Called::Pending),
            is_old: false,
            done: None,
            _cancel: cancel,
        };
        of_tenant.runs.insert(Arc::clone(&id), entry);
        drop(all);
        self.under_way.send_modify(|count| *count += 1);
        let (tenant, later) = (tenant.clone(), Arc::clone(self));
        Ok(Ok(Reserved { id, begun, cancelled, tenant, has_callback, later }))
    }

    /// The largest outcome that is kept.
    pub(crate) fn largest(&self) -> usize {
        self.bytes.saturating_sub(EACH + LONGEST_TEXTS)
    }

    /// A run ended; not where nobody wants to know any more.
    pub(crate) fn ended(&self, tenant: &Tenant, id: &Arc<str>, status: u16, outcome: Vec<u8>) {
        // Not copied while all others wait.
        let outcome = Arc::new(outcome);
        let mut all = self.lock();
        let Some(of_tenant) = all.tenants.get_mut(tenant) else { return };
        let Some(entry) = of_tenant.runs.get_mut(id) else { return };
        let bytes = entry.bytes(&outcome);
        entry.done = Some(Done { ended_ms: now_ms(), status, outcome });
        of_tenant.ended.push_back(Arc::clone(id));
        of_tenant.bytes += bytes;
        all.bytes += bytes;
        all.ends.push_back((Instant::now(), tenant.clone(), Arc::clone(id)));
        all.forget_gone(tenant);
        while all.tenants.get(tenant).is_some_and(|of_tenant| of_tenant.bytes > self.bytes) {
            all.forget_oldest_of(tenant);
        }
        while all.bytes > self.bytes.saturating_mul(TENANTS) {
            let largest = all.tenants.iter().max_by_key(|(_, of_tenant)| of_tenant.bytes);
            let Some(largest) = largest.map(|(tenant, _)| tenant.clone()) else { break };
            all.forget_oldest_of(&largest);
        }
        all.forget_old(self.kept);
    }

    /// About how many bytes are told of a run.
    pub(crate) fn size(&self, tenant: &Tenant, id: &str) -> Option<usize> {
        let all = self.lock();
        let entry = all.tenants.get(tenant)?.runs.get(id)?;
        Some(entry.bytes(entry.done.as_ref().map_or(&[], |done| &done.outcome)))
    }

    /// What is known of a run as JSON, with what became of its callback or without.
    pub(crate) fn told(&self, tenant: &Tenant, id: &str, callback: bool) -> Option<Vec<u8>> {
        let mut all = self.lock();
        all.forget_old(self.kept);
        let entry = all.tenants.get(tenant)?.runs.get(id)?;
        let done = entry.done.as_ref();
        let told = Told {
            id,
            state: match done {
                Some(_) => "done",
                None if entry.begun.load(Ordering::Relaxed) => "running",
                None => "queued",
            },
            script: entry.script.as_deref(),
            version: entry.version.as_deref(),
            asked_ms: entry.asked_ms,
            ended_ms: done.map(|done| done.ended_ms),
            status: done.map(|done| done.status),
            callback: entry.callback.filter(|_| callback),
        };
        // Texts and numbers are always written.
        let mut text = serde_json::to_vec(&told).unwrap_or_default();
        let outcome = done.map(|done| Arc::clone(&done.outcome));
        drop(all);
        if let Some(outcome) = outcome {
            text.pop();
            text.reserve_exact(outcome.len() + 16);
            text.extend_from_slice(b",\"outcome\":");
            text.extend_from_slice(&outcome);
            text.push(b'}');
        }
        Some(text)
    }

    /// Forgets a run, and cancels it where it is under way; false where there is none.
    pub(crate) fn remove(&self, tenant: &Tenant, id: &str) -> bool {
        let mut all = self.lock();
        all.forget_old(self.kept);
        all.forget(tenant, id)
    }

    /// What became of a run's callback.
    pub(crate) fn called(&self, tenant: &Tenant, id: &str, delivered: bool) {
        let mut all = self.lock();
        let entry = all.tenants.get_mut(tenant).and_then(|of_tenant| of_tenant.runs.get_mut(id));
        if let Some(entry) = entry {
            entry.callback = Some(if delivered { Called::Delivered } else { Called::Failed });
            if entry.is_old {
                all.forget(tenant, id);
            }
        }
    }

    /// By which a tenant's callbacks take turns.
    pub(crate) fn calls(&self, tenant: &Tenant) -> Arc<Semaphore> {
        let all = self.lock();
        let of_tenant = all.tenants.get(tenant);
        of_tenant.map_or_else(|| Arc::new(Semaphore::new(CALLS)), |one| Arc::clone(&one.calls))
    }

    /// By which those of all tenants do.
    pub(crate) fn all_calls(&self) -> &Semaphore {
        &self.all_calls
    }

    /// Whether the server ends: nothing is tried again then.
    pub(crate) fn ending(&self) -> watch::Receiver<bool> {
        self.ending.subscribe()
    }

    /// Waits until no run is under way.
    pub(crate) async fn end(&self) {
        self.ending.send_replace(true);
        // The sender is here, so it does not end.
        let _ = self.under_way.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Cancels what is under way, and forgets all.
    pub(crate) fn cancel(&self) {
        let tenants = std::mem::take(&mut *self.lock()).tenants;
        drop(tenants);
    }

    // Nothing panics while the lock is held, so a poisoned lock still holds a sound state.
    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn known(
        &self,
        tenant: &Tenant,
        key: &str,
        fingerprint: Fingerprint,
    ) -> Result<Option<Arc<str>>, ApiError> {
        let known = self.tenants.get(tenant).and_then(|of_tenant| of_tenant.keys.get(key));
        match known {
            Some((of, _)) if *of != fingerprint => Err(StoreError::KeyReused.into()),
            known => Ok(known.map(|(_, id)| Arc::clone(id))),
        }
    }

    fn forget(&mut self, tenant: &Tenant, id: &str) -> bool {
        let Some(of_tenant) = self.tenants.get_mut(tenant) else { return false };
        let Some(entry) = of_tenant.runs.remove(id) else { return false };
        if let Some(done) = &entry.done {
            let bytes = entry.bytes(&done.outcome);
            of_tenant.bytes -= bytes;
            self.bytes -= bytes;
        }
        if let Some(key) = &entry.key {
            of_tenant.keys.remove(key);
        }
        self.forget_if_empty(tenant);
        true
    }

    fn forget_if_empty(&mut self, tenant: &Tenant) {
        let of_tenant = self.tenants.get(tenant);
        if of_tenant.is_some_and(|one| one.runs.is_empty() && one.callbacks == 0) {
            self.tenants.remove(tenant);
        }
    }

    /// Leaves out of the orders what is gone, once that is most of them.
    fn forget_gone(&mut self, tenant: &Tenant) {
        if let Some(of_tenant) = self.tenants.get_mut(tenant)
            && of_tenant.ended.len() > 2 * of_tenant.runs.len() + FEW
        {
            of_tenant.ended.retain(|id| of_tenant.runs.contains_key(id));
        }
        // Each that is kept counts so many bytes at least.
        if self.ends.len() > 2 * self.bytes / EACH + FEW {
            let tenants = &self.tenants;
            let is_kept = |tenant: &Tenant, id: &Arc<str>| {
                tenants.get(tenant).is_some_and(|of_tenant| of_tenant.runs.contains_key(id))
            };
            self.ends.retain(|(_, tenant, id)| is_kept(tenant, id));
        }
    }

    fn forget_oldest_of(&mut self, tenant: &Tenant) {
        let Some(of_tenant) = self.tenants.get_mut(tenant) else { return };
        if let Some(oldest) = of_tenant.ended.pop_front() {
            let entry = of_tenant.runs.get(&oldest);
            if entry.is_some_and(|entry| entry.callback == Some(Called::Pending)) {
                events::callback_lost(tenant, &oldest);
            }
            self.forget(tenant, &oldest);
        }
    }

    fn forget_old(&mut self, kept: Duration) {
        while self.ends.front().is_some_and(|(ended, ..)| ended.elapsed() >= kept) {
            let Some((_, tenant, id)) = self.ends.pop_front() else { return };
            if let Some(of_tenant) = self.tenants.get_mut(&tenant) {
                // What its callback has to tell stays until that is done.
                if let Some(entry) = of_tenant.runs.get_mut(&id)
                    && entry.callback == Some(Called::Pending)
                {
                    entry.is_old = true;
                    continue;
                }
                if of_tenant.ended.front() == Some(&id) {
                    of_tenant.ended.pop_front();
                }
            }
            self.forget(&tenant, &id);
        }
    }
}

fn identity() -> Result<Arc<str>, ApiError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| ApiError::Internal)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    fn tenant(name: &str) -> Tenant {
        Tenant::of(Some(name)).unwrap()
    }

    fn wanted(key: Option<(&str, &str)>) -> Wanted {
        let key = key.map(|(key, what)| (key.to_owned(), Fingerprint::of(&[what.as_bytes()])));
        Wanted { script: None, version: None, key, has_callback: false }
    }

    fn run(later: &Arc<Later>, tenant: &Tenant, bytes: usize) -> Arc<str> {
        let reserved = later.reserve(tenant, wanted(None)).unwrap().ok().unwrap();
        later.ended(tenant, &reserved.id, 200, vec![b'1'; bytes]);
        Arc::clone(&reserved.id)
    }

    fn is_known(later: &Later, tenant: &Tenant, id: &str) -> bool {
        later.told(tenant, id, true).is_some()
    }

    #[test]
    fn a_run_is_queued_then_running_then_done() {
        let later = Later::new(LONG, 1 << 20);
        let (a, b) = (tenant("a"), tenant("b"));
        let reserved = later.reserve(&a, wanted(None)).unwrap().ok().unwrap();
        let told = || -> serde_json::Value {
            serde_json::from_slice(&later.told(&a, &reserved.id, true).unwrap()).unwrap()
        };
        assert_eq!(told()["state"], "queued");
        reserved.begun.store(true, Ordering::Relaxed);
        assert_eq!(told()["state"], "running");
        later.ended(&a, &reserved.id, 200, b"{\"value\":7}".to_vec());
        let done = told();
        assert_eq!((&done["state"], &done["outcome"]["value"]), (&"done".into(), &7.into()));
        assert!(!is_known(&later, &b, &reserved.id) && !later.remove(&b, &reserved.id));
        assert!(later.remove(&a, &reserved.id) && !later.remove(&a, &reserved.id));
        assert!(later.lock().tenants.is_empty());
        assert_eq!(later.lock().bytes, 0);
    }

    #[test]
    fn what_is_kept_is_bounded_and_a_large_tenant_makes_its_own_go() {
        let later = Later::new(LONG, 10_000);
        let (quiet, large) = (tenant("quiet"), tenant("large"));
        let mine = run(&later, &quiet, 10);
        let all: Vec<_> = (0..9).map(|_| run(&later, &large, 2_000)).collect();
        let known: Vec<_> = all.iter().map(|id| is_known(&later, &large, id)).collect();
        assert_eq!(known, [false, false, false, false, false, false, true, true, true]);
        for number in 0..20 {
            run(&later, &tenant(&number.to_string()), 8_000);
        }
        assert!(later.lock().bytes <= 80_000);
        assert!(is_known(&later, &quiet, &mine));
        let all = later.lock();
        let bytes: usize = all.tenants.values().map(|one| one.bytes).sum();
        assert_eq!(bytes, all.bytes);
    }

    #[test]
    fn of_what_was_removed_nothing_stays() {
        let later = Later::new(LONG, 1 << 20);
        let a = tenant("a");
        run(&later, &a, 10);
        for _ in 0..1_000 {
            let id = run(&later, &a, 10);
            assert!(later.remove(&a, &id));
        }
        let all = later.lock();
        assert!(all.ends.len() <= FEW + 4 && all.tenants[&a].ended.len() <= FEW + 4);
    }

    #[test]
    fn what_is_old_goes_and_what_is_under_way_does_not() {
        let later = Later::new(Duration::ZERO, 1 << 20);
        let a = tenant("a");
        let under_way = later.reserve(&a, wanted(None)).unwrap().ok().unwrap();
        let done = run(&later, &a, 10);
        assert!(!is_known(&later, &a, &done) && is_known(&later, &a, &under_way.id));
        assert!(later.lock().ends.is_empty() && later.lock().bytes == 0);
    }

    #[test]
    fn what_a_callback_has_to_tell_stays_until_that_is_done() {
        let later = Later::new(Duration::ZERO, 1 << 20);
        let a = tenant("a");
        let called = Wanted { has_callback: true, ..wanted(Some(("k", "x"))) };
        let reserved = later.reserve(&a, called).unwrap().ok().unwrap();
        later.ended(&a, &reserved.id, 200, b"7".to_vec());
        run(&later, &a, 10);
        let size = later.size(&a, &reserved.id).unwrap();
        assert!(size >= later.told(&a, &reserved.id, false).unwrap().len());
        assert_eq!(later.lock().bytes, size);
        later.called(&a, &reserved.id, true);
        assert!(!is_known(&later, &a, &reserved.id));
        assert_eq!(later.lock().bytes, 0);
    }

    #[test]
    fn keys_and_names_count_with_outcomes() {
        let later = Later::new(LONG, 10_000);
        let a = tenant("a");
        for number in 0..40 {
            let key = format!("{number:0255}");
            let script = Some("s".repeat(128).into());
            let reserved = later.reserve(&a, Wanted { script, ..wanted(Some((&key, "x"))) });
            later.ended(&a, &reserved.unwrap().ok().unwrap().id, 200, Vec::new());
        }
        assert_eq!(later.lock().tenants[&a].runs.len(), 10_000 / (EACH + 2 * 255 + 128));
    }

    #[test]
    fn a_key_has_one_run_as_long_as_that_is_known() {
        let later = Later::new(LONG, 1 << 20);
        let (a, b) = (tenant("a"), tenant("b"));
        let first = later.reserve(&a, wanted(Some(("k", "x")))).unwrap().ok().unwrap();
        let again = later.reserve(&a, wanted(Some(("k", "x")))).unwrap();
        assert_eq!(again.err().as_ref(), Some(&first.id));
        let other = later.reserve(&a, wanted(Some(("k", "y"))));
        assert_eq!(other.err().unwrap().code(), "ERR_IDEMPOTENCY_KEY_REUSED");
        assert!(later.reserve(&b, wanted(Some(("k", "y")))).unwrap().is_ok());
        later.remove(&a, &first.id);
        assert!(later.reserve(&a, wanted(Some(("k", "y")))).unwrap().is_ok());
    }

    #[tokio::test]
    async fn what_nobody_wants_any_more_is_cancelled_and_the_end_waits_for_the_rest() {
        let later = Later::new(LONG, 1 << 20);
        let a = tenant("a");
        let mut first = later.reserve(&a, wanted(None)).unwrap().ok().unwrap();
        let mut second = later.reserve(&a, wanted(None)).unwrap().ok().unwrap();
        later.remove(&a, &first.id);
        assert!((&mut first.cancelled).await.is_err());
        assert!(second.cancelled.try_recv() == Err(oneshot::error::TryRecvError::Empty));
        drop(first);
        assert_eq!(*later.under_way.borrow(), 1);
        later.cancel();
        assert!((&mut second.cancelled).await.is_err());
        drop(second);
        later.end().await;
        assert!(*later.ending().borrow());
    }

    #[test]
    fn so_many_callbacks_are_under_way_and_no_more() {
        let later = Later::new(LONG, 1 << 20);
        let a = tenant("a");
        let called = || Wanted { has_callback: true, ..wanted(None) };
        let mut all: Vec<_> =
            (0..CALLBACKS).map(|_| later.reserve(&a, called()).unwrap().ok().unwrap()).collect();
        assert_eq!(later.reserve(&a, called()).err().unwrap().code(), "ERR_QUEUE_FULL");
        assert!(later.reserve(&a, wanted(None)).is_ok());
        all.pop();
        assert!(later.reserve(&a, called()).is_ok());
    }
}
