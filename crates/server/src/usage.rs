//! What tenants use over time, which bills are made of: counted in memory as runs end, written every few seconds, and
//! told with what is kept. Knows nothing of HTTP.

use std::{
    collections::{BTreeMap, HashMap},
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use sandtide_store::{Amount, StoreError, UsageStep, UsageStore, UsageWanted, Used};

use crate::{
    auth::now_ms,
    error::{ApiError, ServerError},
    events,
    names::Tenant,
};

/// What runs that went well ended in.
const OK: &str = "ok";
/// What is counted apart until it is written. Beyond that runs are not counted, and the log says how many.
const MOST_PENDING: usize = 100_000;
/// Writes that may fail, one after the other, before the rest waits for the next time.
const MOST_FAILURES: usize = 64;
/// Times that one line may be refused, each while others are written; then it is given up.
const MOST_REFUSALS: u32 = 10;
/// Lines of what is kept that one answer is made of.
const MOST_LINES: u32 = 50_000;

/// What counts.
pub(crate) struct Meter {
    store: Arc<dyn UsageStore>,
    pending: Mutex<Pending>,
    /// Held while what was counted is on its way to what is kept, so that whoever asks sees it once.
    /// It holds how often lines were refused while others were not.
    writing: Mutex<HashMap<Key, u32>>,
}

#[derive(Default)]
struct Pending {
    used: HashMap<Key, Amount>,
    /// Runs that found no room.
    uncounted: u64,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    /// In milliseconds since 1970.
    minute: i64,
    tenant: Tenant,
    script: Option<Arc<str>>,
    outcome: &'static str,
}

/// One period of a script, or of sources that came with their runs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) amount: Amount,
    /// Runs that failed, by their errors' codes.
    pub(crate) failures: BTreeMap<String, u64>,
}

/// Periods by their begin in milliseconds since 1970, tenant and script.
pub(crate) type Periods = BTreeMap<(i64, String, Option<String>), Period>;

impl Meter {
    pub(crate) fn new(store: Arc<dyn UsageStore>) -> Self {
        Self { store, pending: Mutex::default(), writing: Mutex::default() }
    }

    /// A run ended: in this error, or well.
    pub(crate) fn ran(
        &self,
        tenant: &Tenant,
        script: Option<&Arc<str>>,
        error: Option<&'static str>,
        amount: Amount,
    ) {
        let key = Key {
            minute: UsageStep::Minute.begin_ms(now_ms()),
            tenant: tenant.clone(),
            script: script.cloned(),
            outcome: error.unwrap_or(OK),
        };
        lock(&self.pending).add(key, amount);
    }

    /// Writes what was counted, and waits for it.
    fn write(&self) {
        let mut refusals = lock(&self.writing);
        let Pending { used, uncounted } = mem::take(&mut *lock(&self.pending));
        if uncounted > 0 {
            events::usage_lost(uncounted);
        }
        if used.is_empty() {
            return;
        }
        let all: Vec<_> = used.into_iter().collect();
        let mut failures = MOST_FAILURES;
        let (mut left, mut unwritten, mut refused) = (vec![&*all], Vec::new(), Vec::new());
        let mut any_written = false;
        while let Some(lines) = left.pop() {
            let used = lines.iter().map(|(key, amount)| key.used(*amount)).collect();
            let Err(error) = self.store.add_usage(used).wait() else {
                any_written = true;
                if !refusals.is_empty() {
                    lines.iter().for_each(|(key, _)| _ = refusals.remove(key));
                }
                continue;
            };
            let away = matches!(error, StoreError::Unavailable(_) | StoreError::Closed);
            // Those that follow are the same, of parts of it.
            if failures == MOST_FAILURES {
                events::store_failed(&error.into());
            }
            failures -= 1;
            match lines {
                _ if away || failures == 0 => {
                    unwritten.extend(lines);
                    unwritten.extend(left.drain(..).flatten());
                }
                [line] => refused.push(line),
                // It may be one line that is refused, which must not keep others from being written.
                _ => {
                    let (first, second) = lines.split_at(lines.len() / 2);
                    left.extend([second, first]);
                }
            }
        }
        for line in refused {
            let (key, amount) = line;
            let times = refusals.entry(key.clone()).or_default();
            // Where nothing can be written, it is not the line that is to blame.
            *times += u32::from(any_written);
            if *times < MOST_REFUSALS {
                unwritten.push(line);
            } else {
                refusals.remove(key);
                events::usage_refused(&key.tenant, key.script.as_deref(), amount.runs);
            }
        }
        // They are written with what comes next.
        let mut pending = lock(&self.pending);
        unwritten.into_iter().for_each(|(key, amount)| pending.add(key.clone(), *amount));
    }

    /// What was used, written or not. Waits for the disk.
    pub(crate) fn read(&self, wanted: &UsageWanted) -> Result<Periods, ApiError> {
        let writing = lock(&self.writing);
        let mut pending = Vec::new();
        for (key, amount) in &lock(&self.pending).used {
            if key.is_wanted(wanted) {
                pending.push(key.used(*amount));
            }
        }
        let limit = MOST_LINES + 1;
        let kept = self.store.usage(UsageWanted { limit, ..wanted.clone() }).wait()?;
        drop(writing);
        if kept.len() + pending.len() > MOST_LINES as usize {
            return Err(ApiError::InvalidRequest(format!(
                "this has more than {MOST_LINES} lines: ask for one tenant or script, for less time, or with a longer \
                 `step`"
            )));
        }
        let mut periods = Periods::new();
        for Used { at_ms, tenant, script, outcome, amount } in kept.into_iter().chain(pending) {
            let period = periods.entry((wanted.step.begin_ms(at_ms), tenant, script)).or_default();
            period.amount.add(&amount);
            if outcome != OK {
                *period.failures.entry(outcome).or_default() += amount.runs;
            }
        }
        Ok(periods)
    }
}

impl Pending {
    fn add(&mut self, key: Key, amount: Amount) {
        if self.used.len() < MOST_PENDING || self.used.contains_key(&key) {
            self.used.entry(key).or_default().add(&amount);
        } else {
            self.uncounted += amount.runs;
        }
    }
}

impl Key {
    fn used(&self, amount: Amount) -> Used {
        Used {
            at_ms: self.minute,
            tenant: self.tenant.to_string(),
            script: self.script.as_deref().map(str::to_owned),
            outcome: self.outcome.to_owned(),
            amount,
        }
    }

    fn is_wanted(&self, wanted: &UsageWanted) -> bool {
        let named = |wanted: &Option<String>, name: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == name)
        };
        let last = wanted.step.begin_ms(wanted.to_ms.saturating_sub(1));
        let at = wanted.step.begin_ms(self.minute);
        named(&wanted.tenant, Some(self.tenant.name()))
            && named(&wanted.script, self.script.as_deref())
            && (wanted.step.begin_ms(wanted.from_ms)..=last).contains(&at)
    }
}

/// What writes it from time to time, and a last time when this is dropped.
pub(crate) struct Writing {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Writing {
    pub(crate) fn start(meter: Arc<Meter>, interval: Duration) -> Result<Self, ServerError> {
        let (stop, stopped) = mpsc::channel();
        let write = move || {
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                meter.write();
            }
            meter.write();
        };
        let thread = thread::Builder::new().name("sandtide-usage".to_owned()).spawn(write);
        let thread = Some(thread.map_err(ServerError::Thread)?);
        Ok(Self { stop: Some(stop), thread })
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

// Nothing panics while a lock is held, so a poisoned lock still holds a sound state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use sandtide_store::{SqliteStore, StoreOptions};

    use super::*;

    fn wanted(tenant: &str) -> UsageWanted {
        UsageWanted {
            tenant: Some(tenant.to_owned()),
            script: None,
            from_ms: now_ms() - 60_000,
            to_ms: now_ms() + 60_000,
            step: UsageStep::Day,
            limit: 0,
        }
    }

    fn runs(meter: &Meter, tenant: &str) -> u64 {
        let periods = meter.read(&wanted(tenant)).unwrap();
        periods.values().map(|period| period.amount.runs).sum()
    }

    fn run(meter: &Meter, tenant: &str, error: Option<&'static str>) {
        let tenant = Tenant::of(Some(tenant)).unwrap();
        meter.ran(&tenant, None, error, Amount { runs: 1, ..Amount::default() });
    }

    fn store() -> Arc<SqliteStore> {
        Arc::new(SqliteStore::in_memory(StoreOptions::default()).unwrap())
    }

    #[test]
    fn what_was_written_and_what_was_not_are_told_together() {
        let meter = Meter::new(store());
        run(&meter, "a", None);
        run(&meter, "a", Some("ERR_X"));
        assert_eq!((runs(&meter, "a"), runs(&meter, "b")), (2, 0));
        meter.write();
        assert!(lock(&meter.pending).used.is_empty());
        run(&meter, "a", Some("ERR_X"));
        let periods = meter.read(&wanted("a")).unwrap();
        let failures = BTreeMap::from([("ERR_X".to_owned(), 2)]);
        let amount = Amount { runs: 3, ..Amount::default() };
        assert_eq!(periods.into_values().collect::<Vec<_>>(), [Period { amount, failures }]);
    }

    #[test]
    fn what_could_not_be_written_is_written_later() {
        let directory = tempfile::tempdir().unwrap();
        let kept = SqliteStore::open(directory.path(), StoreOptions::default()).unwrap();
        let other = rusqlite::Connection::open(directory.path().join("sandtide.db")).unwrap();
        let meter = Meter::new(Arc::new(kept));
        run(&meter, "a", None);
        other.execute_batch("ALTER TABLE usage RENAME TO away").unwrap();
        meter.write();
        assert_eq!(lock(&meter.pending).used.len(), 1);
        other.execute_batch("ALTER TABLE away RENAME TO usage").unwrap();
        assert_eq!(runs(&meter, "a"), 1);
        meter.write();
        assert!(lock(&meter.pending).used.is_empty());
        assert_eq!(runs(&meter, "a"), 1);
    }

    #[test]
    fn a_line_that_is_refused_keeps_no_other_from_being_written() {
        let directory = tempfile::tempdir().unwrap();
        let kept = SqliteStore::open(directory.path(), StoreOptions::default()).unwrap();
        let other = rusqlite::Connection::open(directory.path().join("sandtide.db")).unwrap();
        let refuses = "CREATE TRIGGER refuses BEFORE INSERT ON usage WHEN new.tenant = 'bad'
                       BEGIN SELECT raise(ABORT, 'no'); END";
        other.execute_batch(refuses).unwrap();
        let meter = Meter::new(Arc::new(kept));
        for number in 0..20 {
            run(&meter, &format!("t{number}"), None);
        }
        run(&meter, "bad", None);
        meter.write();
        let left: Vec<_> =
            lock(&meter.pending).used.keys().map(|key| key.tenant.to_string()).collect();
        assert_eq!(left, ["bad"]);
        let written = "SELECT count(DISTINCT tenant), sum(runs) FROM usage WHERE minutes = 60";
        let written = other.query_row(written, (), |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(written, Ok((20, 20)));
        // It is not forgotten either.
        other.execute_batch("DROP TRIGGER refuses").unwrap();
        meter.write();
        assert!(lock(&meter.pending).used.is_empty());
        assert_eq!(runs(&meter, "bad"), 1);
    }

    #[test]
    fn a_line_that_is_refused_while_others_are_written_is_given_up_after_some_tries() {
        let directory = tempfile::tempdir().unwrap();
        let kept = SqliteStore::open(directory.path(), StoreOptions::default()).unwrap();
        let other = rusqlite::Connection::open(directory.path().join("sandtide.db")).unwrap();
        let refuses = "CREATE TRIGGER refuses BEFORE INSERT ON usage WHEN new.tenant = 'bad'
                       BEGIN SELECT raise(ABORT, 'no'); END";
        other.execute_batch(refuses).unwrap();
        let meter = Meter::new(Arc::new(kept));
        run(&meter, "bad", None);
        // Alone it may be that nothing can be written.
        for _ in 0..2 * MOST_REFUSALS {
            meter.write();
        }
        assert_eq!(lock(&meter.pending).used.len(), 1);
        for tries in 1..=MOST_REFUSALS {
            run(&meter, "good", None);
            meter.write();
            let left = lock(&meter.pending).used.len();
            assert_eq!(left, usize::from(tries < MOST_REFUSALS), "after {tries}");
        }
        assert!(lock(&meter.writing).is_empty());
        assert_eq!(runs(&meter, "good"), u64::from(MOST_REFUSALS));
    }

    #[test]
    fn what_is_counted_until_it_is_written_is_bounded() {
        let mut pending = Pending::default();
        let key =
            |minute| Key { minute, tenant: Tenant::of(None).unwrap(), script: None, outcome: OK };
        let amount = Amount { runs: 1, ..Amount::default() };
        for minute in 0..MOST_PENDING as i64 + 3 {
            pending.add(key(minute), amount);
        }
        pending.add(key(0), amount);
        assert_eq!((pending.used.len(), pending.uncounted), (MOST_PENDING, 3));
        assert_eq!(pending.used[&key(0)].runs, 2);
    }
}
