//! The deployed scripts by name. Knows nothing of HTTP; holds no lock while a script is built or
//! run.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use sandtide::{Form, Image, Limits, Script};

use crate::{error::ApiError, queue::Pace};

/// One version of a script, ready to run.
pub(crate) struct Deployed {
    pub(crate) name: String,
    pub(crate) script: Script,
    pub(crate) image: Image,
    pub(crate) limits: Limits,
    pub(crate) history: History,
    /// Room for the bytes that the version counts; given back when nobody uses it any more.
    pub(crate) _room: Room,
}

/// A script whose runs took longer than this lately is a slow one.
const SLOW: Duration = Duration::from_millis(20);

/// What is remembered of a script's runs, to choose the worker for the next one.
pub(crate) struct History {
    runs: AtomicU64,
    failed: AtomicU64,
    /// The longest run of late in microseconds; each run lets an eighth of it be forgotten.
    longest_us: AtomicU64,
    /// The worker that ran it last, which is most likely to find the image loaded.
    last_worker: AtomicUsize,
}

impl Default for History {
    fn default() -> Self {
        Self {
            runs: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            longest_us: AtomicU64::new(0),
            last_worker: AtomicUsize::new(usize::MAX),
        }
    }
}

impl History {
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    pub(crate) fn last_worker(&self) -> Option<usize> {
        let worker = self.last_worker.load(Ordering::Relaxed);
        (worker != usize::MAX).then_some(worker)
    }

    pub(crate) fn pace(&self) -> Pace {
        let longest = Duration::from_micros(self.longest_us.load(Ordering::Relaxed));
        if longest > SLOW { Pace::Slow } else { Pace::Brisk }
    }

    /// Where two workers end at the same moment, the time of one run may be lost; the next run
    /// makes up for it.
    pub(crate) fn note(&self, worker: usize, failed: bool, wall: Duration) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        if failed {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        let took = u64::try_from(wall.as_micros()).unwrap_or(u64::MAX);
        let longest = self.longest_us.load(Ordering::Relaxed);
        self.longest_us.store(took.max(longest - longest / 8), Ordering::Relaxed);
        self.last_worker.store(worker, Ordering::Relaxed);
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

pub(crate) fn check_name(name: &str) -> Result<(), ApiError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    // Clients take '.' and '..' out of paths, so a script of such a name could not be reached.
    if (1..=128).contains(&name.len()) && name.bytes().all(allowed) && !matches!(name, "." | "..") {
        return Ok(());
    }
    Err(ApiError::InvalidName(name.chars().take(140).collect()))
}

/// All deployed scripts.
pub(crate) struct Scripts {
    by_name: RwLock<HashMap<String, Arc<Deployed>>>,
    max: usize,
    used: Arc<AtomicUsize>,
    max_bytes: usize,
}

/// Bytes of the scripts' budget; dropping it gives them back.
pub(crate) struct Room {
    used: Arc<AtomicUsize>,
    bytes: usize,
}

impl Drop for Room {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Scripts {
    pub(crate) fn new(max: usize, max_bytes: usize) -> Self {
        Self { by_name: RwLock::default(), max, used: Arc::default(), max_bytes }
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

    pub(crate) fn get(&self, name: &str) -> Result<Arc<Deployed>, ApiError> {
        let scripts = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        match scripts.get(name) {
            Some(script) => Ok(Arc::clone(script)),
            None => {
                drop(scripts);
                check_name(name)?;
                Err(ApiError::ScriptNotFound(name.to_owned()))
            }
        }
    }

    /// Fails when a script of a new name would be one too many.
    pub(crate) fn check_room(&self, name: &str) -> Result<(), ApiError> {
        let scripts = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        if scripts.len() >= self.max && !scripts.contains_key(name) {
            return Err(ApiError::TooManyScripts { limit: self.max });
        }
        Ok(())
    }

    /// Puts a version in the place of the former one; true when the name is new. Runs of the
    /// former version that have begun end with it.
    pub(crate) fn put(&self, script: Arc<Deployed>) -> Result<bool, ApiError> {
        let mut scripts = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        if scripts.len() >= self.max && !scripts.contains_key(&script.name) {
            return Err(ApiError::TooManyScripts { limit: self.max });
        }
        let former = scripts.insert(script.name.clone(), script);
        drop(scripts);
        Ok(former.is_none())
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), ApiError> {
        check_name(name)?;
        let former = self.by_name.write().unwrap_or_else(PoisonError::into_inner).remove(name);
        former.map(drop).ok_or_else(|| ApiError::ScriptNotFound(name.to_owned()))
    }

    pub(crate) fn len(&self) -> usize {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// All scripts in the order of their names.
    pub(crate) fn list(&self) -> Vec<Arc<Deployed>> {
        let mut all: Vec<_> = {
            let scripts = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
            scripts.values().cloned().collect()
        };
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{History, check_name};
    use crate::queue::Pace;

    #[test]
    fn a_script_is_slow_after_one_slow_run_until_many_brisk_ones() {
        let history = History::default();
        assert_eq!(history.pace(), Pace::Brisk);
        history.note(0, true, Duration::from_secs(1));
        assert_eq!(history.pace(), Pace::Slow);
        history.note(0, false, Duration::from_micros(10));
        assert_eq!(history.pace(), Pace::Slow);
        for _ in 0..40 {
            history.note(0, false, Duration::from_micros(10));
        }
        assert_eq!(history.pace(), Pace::Brisk);
    }

    #[test]
    fn names_are_short_and_need_no_escaping_in_a_path() {
        for good in ["a", "price-rules_v2.1", &"x".repeat(128)] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a b", "a/b", "é", "a\n", &"x".repeat(129)] {
            assert_eq!(check_name(bad).unwrap_err().code(), "ERR_INVALID_NAME", "{bad}");
        }
    }
}
