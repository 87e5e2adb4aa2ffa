//! What a script's runs are known to cost, and for sources that come with their runs, a bounded
//! table of it. Knows nothing of queues.

use std::{
    hash::{BuildHasher, RandomState},
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use lru::LruCache;

/// A script whose runs took longer than this lately is a slow one.
const SLOW: Duration = Duration::from_millis(20);
/// Tenants whose ad hoc sources are remembered, and sources of each.
const TENANTS: usize = 256;
const SOURCES: usize = 64;

/// How long a run may keep its worker, as far as is known before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Not long.
    Brisk,
    /// Long, but runs of the script end by themselves.
    Slow,
    /// Nobody can tell; up to its deadline.
    Unknown,
}

impl Pace {
    pub(crate) const COUNT: usize = 3;

    pub(crate) fn index(self) -> usize {
        match self {
            Self::Brisk => 0,
            Self::Slow => 1,
            Self::Unknown => 2,
        }
    }
}

/// What the runs of one version of a script cost. Unknown at first, and again whenever a run had to
/// be ended: it would have gone on for nobody knows how long.
#[derive(Debug)]
pub struct Cost {
    longest: AtomicU64,
    /// The same of what workers say, in microseconds. Others had the processor meanwhile, so that it
    /// may be much less; but a worker may say anything. `u64::MAX` where none has said it.
    told: AtomicU64,
}

/// The bit that says "unknown"; the others are the longest run of late in microseconds.
const UNKNOWN: u64 = 1 << 63;

impl Default for Cost {
    fn default() -> Self {
        Self { longest: AtomicU64::new(UNKNOWN), told: AtomicU64::new(u64::MAX) }
    }
}

impl Cost {
    /// The longest run of late; each run lets an eighth of it be forgotten.
    pub fn known(&self) -> Option<Duration> {
        let state = self.longest.load(Ordering::Relaxed);
        (state & UNKNOWN == 0).then(|| Duration::from_micros(state))
    }

    /// How long a run may keep its worker.
    pub fn pace(&self) -> Pace {
        match self.known() {
            None => Pace::Unknown,
            Some(longest) if longest > SLOW => Pace::Slow,
            Some(_) => Pace::Brisk,
        }
    }

    /// What runs take by what is said of them, where nothing but comfort depends on its truth.
    pub(crate) fn told(&self) -> Option<Duration> {
        let told = self.told.load(Ordering::Relaxed);
        (told != u64::MAX).then(|| Duration::from_micros(told))
    }

    /// Learns what a worker says that a run took.
    pub(crate) fn note_told(&self, took: Duration) {
        let longest = self.told.load(Ordering::Relaxed);
        let longest = if longest == u64::MAX { 0 } else { longest };
        let longest = micros(took).max(longest - longest / 8);
        self.told.store(longest.min(u64::MAX - 1), Ordering::Relaxed);
    }

    /// Learns from a run that ended by itself. Where two end at the same moment one of them may be
    /// lost; the next one makes up for it.
    pub(crate) fn ended(&self, took: Duration) {
        let longest = self.longest.load(Ordering::Relaxed) & !UNKNOWN;
        self.longest.store(micros(took).max(longest - longest / 8), Ordering::Relaxed);
    }

    /// Learns from a run that was ended after so long.
    pub(crate) fn cut(&self, after: Duration) {
        let longest = self.longest.load(Ordering::Relaxed) & !UNKNOWN;
        self.longest.store(micros(after).max(longest) | UNKNOWN, Ordering::Relaxed);
    }

    /// Learns from a run that nobody waited for any longer: nothing, unless it had gone on for
    /// longer than runs of the script do.
    pub(crate) fn left(&self, after: Duration) {
        if after > SLOW && self.known().is_none_or(|longest| after > longest) {
            self.cut(after);
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX) & !UNKNOWN
}

/// The costs of one tenant's sources, by their hashes.
type Sources = LruCache<u64, Arc<Cost>>;

/// The costs of sources that come with their runs, by tenant and the source's hash. The least
/// recently used are forgotten; a tenant that brings ever new sources forgets only its own.
pub struct Costs {
    /// Its keys are this process's own, so that nobody can bring two sources of one hash.
    hasher: RandomState,
    by_tenant: Mutex<LruCache<Arc<str>, Sources>>,
}

impl Default for Costs {
    fn default() -> Self {
        let tenants = NonZeroUsize::new(TENANTS).unwrap_or(NonZeroUsize::MIN);
        Self { hasher: RandomState::new(), by_tenant: Mutex::new(LruCache::new(tenants)) }
    }
}

impl Costs {
    /// The hash that a source is told by.
    pub fn hash(&self, source: &[u8]) -> u64 {
        self.hasher.hash_one(source)
    }

    /// The cost of a tenant's source.
    pub fn of(&self, tenant: &Arc<str>, hash: u64) -> Arc<Cost> {
        let sources = NonZeroUsize::new(SOURCES).unwrap_or(NonZeroUsize::MIN);
        // Nothing panics while the lock is held, so a poisoned lock still holds a sound state.
        let mut by_tenant = self.by_tenant.lock().unwrap_or_else(PoisonError::into_inner);
        let of_tenant = by_tenant.get_or_insert_mut(Arc::clone(tenant), || LruCache::new(sources));
        Arc::clone(of_tenant.get_or_insert(hash, Arc::default))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRISK: Duration = Duration::from_micros(10);
    const LONG: Duration = Duration::from_secs(1);

    #[test]
    fn a_script_is_unknown_until_a_run_ends_by_itself() {
        let cost = Cost::default();
        assert_eq!(cost.pace(), Pace::Unknown);
        cost.cut(LONG);
        assert_eq!(cost.pace(), Pace::Unknown);
        cost.ended(BRISK);
        assert_eq!(cost.pace(), Pace::Slow, "the run that was cut is remembered");
        for _ in 0..40 {
            cost.ended(BRISK);
        }
        assert_eq!(cost.pace(), Pace::Brisk);
        cost.cut(BRISK);
        assert_eq!(cost.pace(), Pace::Unknown);
    }

    #[test]
    fn a_client_that_leaves_says_nothing_of_a_brisk_script_and_much_of_a_looping_one() {
        let cost = Cost::default();
        cost.ended(BRISK);
        cost.left(Duration::from_millis(1));
        assert_eq!(cost.pace(), Pace::Brisk);
        cost.left(LONG);
        assert_eq!(cost.pace(), Pace::Unknown);
    }

    #[test]
    fn sources_are_told_apart_by_tenant_and_remembered_within_bounds() {
        let costs = Costs::default();
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        let hash = costs.hash(b"1 + 1");
        costs.of(&a, hash).ended(BRISK);
        assert_eq!(costs.of(&a, hash).pace(), Pace::Brisk);
        assert_eq!(costs.of(&b, hash).pace(), Pace::Unknown);
        costs.of(&b, hash).ended(BRISK);
        for number in 0..10_000_u64 {
            costs.of(&a, costs.hash(&number.to_le_bytes()));
        }
        assert_eq!(costs.of(&a, hash).pace(), Pace::Unknown, "it was forgotten");
        assert_eq!(costs.of(&b, hash).pace(), Pace::Brisk, "it is another tenant's");
        for number in 0..10_000 {
            costs.of(&format!("t{number}").into(), hash);
        }
        let by_tenant = costs.by_tenant.lock().unwrap();
        assert!(
            by_tenant.iter().map(|(_, sources)| sources.len()).sum::<usize>() <= TENANTS * SOURCES
        );
    }
}
