//! What runs of a script's versions took of memory over time, and which version made it rise. Nothing
//! stays in a heap between runs, so that a leak shows in two numbers: the most a run used, and the
//! bytes that putting its heap back took.
//!
//! Must not know how runs are carried out, nor how requests are answered.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sandtide::Usage;
use serde::Serialize;

/// Versions of a script that are remembered, the last ones.
const VERSIONS: usize = 16;
/// Stretches of time that are told apart for each version, the last ones, and how long each is.
const STRETCHES: usize = 60;
const STRETCH: Duration = Duration::from_secs(60);
/// A version has made a number rise if its runs take more than this share more than those of the one
/// before, and so many bytes.
const RISE: f64 = 1.25;
const RISE_BYTES: f64 = 16.0 * 1024.0;

/// One number of many runs.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Bytes {
    mean: u64,
    max: u64,
    #[serde(skip)]
    sum: u128,
    #[serde(skip)]
    count: u64,
}

impl Bytes {
    fn add(&mut self, bytes: usize) {
        self.count += 1;
        self.sum += bytes as u128;
        self.max = self.max.max(bytes as u64);
        self.mean = u64::try_from(self.sum / u128::from(self.count)).unwrap_or(u64::MAX);
    }
}

#[derive(Clone, Debug, Default, Serialize)]
struct Taken {
    runs: u64,
    peak_heap_bytes: Bytes,
    bytes_restored: Bytes,
}

impl Taken {
    fn add(&mut self, usage: &Usage) {
        self.runs += 1;
        self.peak_heap_bytes.add(usage.peak_heap);
        self.bytes_restored.add(usage.bytes_restored);
    }
}

#[derive(Clone, Debug, Serialize)]
struct Stretch {
    /// When it began, in ms since 1970.
    since_ms: u64,
    #[serde(flatten)]
    taken: Taken,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct OfVersion {
    version: String,
    /// When its first run ended, in ms since 1970.
    since_ms: u64,
    #[serde(flatten)]
    taken: Taken,
    minutes: VecDeque<Stretch>,
}

/// A version whose runs take more than those of the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Rise {
    version: String,
    since_ms: u64,
    /// The version before.
    after: String,
    /// Which number.
    what: &'static str,
    /// Its mean before and since.
    before: u64,
    now: u64,
}

/// What is told of a script.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Told {
    /// The versions that ran, in the order of time.
    versions: Vec<OfVersion>,
    /// Those that made a number rise, in the same order.
    rises: Vec<Rise>,
}

/// What the runs of one script took, whichever version it was.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    versions: Mutex<VecDeque<OfVersion>>,
}

impl Memory {
    /// Notes one run. One that failed before it had a heap says nothing of the version's memory.
    pub(crate) fn note(&self, version: &str, usage: &Usage) {
        self.note_at(version, usage, SystemTime::now());
    }

    fn note_at(&self, version: &str, usage: &Usage, now: SystemTime) {
        if usage.peak_heap == 0 {
            return;
        }
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let mut versions = self.lock();
        // Runs of a version that was replaced may end after the first ones of the next.
        let known = versions.iter().rposition(|known| known.version == version);
        let at = known.unwrap_or_else(|| {
            if versions.len() == VERSIONS {
                versions.pop_front();
            }
            versions.push_back(OfVersion {
                version: version.to_owned(),
                since_ms: now_ms,
                taken: Taken::default(),
                minutes: VecDeque::new(),
            });
            versions.len() - 1
        });
        let Some(of) = versions.get_mut(at) else { return };
        of.taken.add(usage);
        let stretch = now_ms - now_ms % STRETCH.as_millis() as u64;
        if of.minutes.back().is_none_or(|last| last.since_ms < stretch) {
            if of.minutes.len() == STRETCHES {
                of.minutes.pop_front();
            }
            of.minutes.push_back(Stretch { since_ms: stretch, taken: Taken::default() });
        }
        if let Some(minute) = of.minutes.back_mut() {
            minute.taken.add(usage);
        }
    }

    /// What is known.
    pub(crate) fn told(&self) -> Told {
        let versions: Vec<OfVersion> = self.lock().iter().cloned().collect();
        let rises = versions.windows(2).flat_map(|pair| rises(&pair[0], &pair[1])).collect();
        Told { versions, rises }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<OfVersion>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rises(before: &OfVersion, now: &OfVersion) -> Vec<Rise> {
    let means = |of: &OfVersion| [of.taken.peak_heap_bytes.mean, of.taken.bytes_restored.mean];
    let names = ["peak_heap_bytes", "bytes_restored"];
    let rise = |(what, (was, is)): (&'static str, (u64, u64))| {
        let rose = is as f64 > was as f64 * RISE && is as f64 > was as f64 + RISE_BYTES;
        rose.then(|| Rise {
            version: now.version.clone(),
            since_ms: now.since_ms,
            after: before.version.clone(),
            what,
            before: was,
            now: is,
        })
    };
    let pairs = means(before).into_iter().zip(means(now));
    names.into_iter().zip(pairs).filter_map(rise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(peak_heap: usize, bytes_restored: usize) -> Usage {
        let mut usage = Usage::default();
        usage.peak_heap = peak_heap;
        usage.bytes_restored = bytes_restored;
        usage
    }

    #[test]
    fn the_version_that_made_a_number_rise_is_named() {
        let memory = Memory::default();
        for (version, peak, restored) in
            [("a", 100_000, 50_000), ("b", 104_000, 50_000), ("c", 900_000, 51_000)]
        {
            for more in 0..100 {
                memory.note(version, &usage(peak + more, restored));
            }
        }
        let told = memory.told();
        assert_eq!(told.versions.len(), 3);
        let [rise] = &told.rises[..] else { panic!("{:?}", told.rises) };
        assert_eq!((&*rise.version, &*rise.after, rise.what), ("c", "b", "peak_heap_bytes"));
        assert_eq!((rise.before, rise.now), (104_049, 900_049));
        assert_eq!(told.versions[2].taken.peak_heap_bytes.max, 900_099);
    }

    #[test]
    fn late_runs_of_a_version_that_was_replaced_are_its_own_and_make_nothing_rise() {
        let memory = Memory::default();
        for _ in 0..50 {
            memory.note("small", &usage(100_000, 0));
            memory.note("large", &usage(900_000, 0));
        }
        let told = memory.told();
        let of = |told: &OfVersion| (told.version.clone(), told.taken.runs);
        assert_eq!(
            told.versions.iter().map(of).collect::<Vec<_>>(),
            [("small".to_owned(), 50), ("large".to_owned(), 50)]
        );
        assert_eq!(told.rises.len(), 1, "{:?}", told.rises);
    }

    #[test]
    fn runs_that_failed_before_they_had_a_heap_do_not_count() {
        let memory = Memory::default();
        memory.note("none", &Usage::default());
        assert!(memory.told().versions.is_empty());
        for _ in 0..9 {
            memory.note("a", &usage(100_000, 0));
            memory.note("a", &Usage::default());
        }
        let told = memory.told();
        assert_eq!(told.versions[0].taken.runs, 9);
        assert_eq!(told.versions[0].taken.peak_heap_bytes.mean, 100_000);
    }

    #[test]
    fn what_is_kept_is_bounded_and_in_order_of_time() {
        let memory = Memory::default();
        for minute in 0..200 {
            let at = UNIX_EPOCH + Duration::from_secs(1_000_000_000 + minute * 60);
            memory.note_at("a", &usage(1, 1), at);
        }
        let told = memory.told();
        assert_eq!(told.versions[0].minutes.len(), STRETCHES);
        assert_eq!(told.versions[0].taken.runs, 200);
        let starts: Vec<u64> =
            told.versions[0].minutes.iter().map(|minute| minute.since_ms).collect();
        assert!(starts.is_sorted() && starts.iter().all(|start| start % 60_000 == 0));
        for version in 0..100 {
            memory.note(&version.to_string(), &usage(1, 1));
        }
        let told = memory.told();
        assert_eq!(told.versions.len(), VERSIONS);
        assert_eq!(told.versions.last().unwrap().version, "99");
    }
}
