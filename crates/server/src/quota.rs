//! What tenants may take at most: whether a run may begin, what it is charged, and what scripts may take. Only of
//! tenants that have a quota is anything remembered. Knows nothing of HTTP.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sandtide_store::{Quota, Quotas};
use tokio::sync::watch;

use crate::{error::ApiError, names::Tenant};

/// In which the quota of CPU time is meant.
const MINUTE: f64 = 60.0;

/// Who has taken what.
pub(crate) struct Guard {
    quotas: watch::Receiver<Arc<Quotas>>,
    /// Of tenants that have a quota and asked for something.
    taken: Mutex<HashMap<Tenant, Arc<Mutex<Taken>>>>,
}

/// What a tenant has taken lately.
struct Taken {
    /// Until when what follows is meant.
    at: Instant,
    /// Runs that may begin now.
    runs: f64,
    /// CPU time in seconds that is not forgotten yet.
    cpu: f64,
    /// The bound that the CPU time is held to.
    cpu_bound: Option<u32>,
    under_way: u32,
}

/// A run that is under way, until this is dropped.
pub(crate) struct Turn(Arc<Mutex<Taken>>);

impl Turn {
    /// Charges CPU time to the run's tenant.
    pub(crate) fn charge(&self, time: Duration) {
        lock(&self.0).cpu += time.as_secs_f64();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut taken = lock(&self.0);
        taken.under_way = taken.under_way.saturating_sub(1);
    }
}

/// Work that is under way, until this is dropped, and charged then.
pub(crate) struct Charging {
    /// Where the tenant has a quota.
    taken: Option<Arc<Mutex<Taken>>>,
    since: Instant,
}

impl Drop for Charging {
    fn drop(&mut self) {
        if let Some(taken) = &self.taken {
            lock(taken).cpu += self.since.elapsed().as_secs_f64();
        }
    }
}

/// A bound that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bound {
    /// Runs in a second.
    RunRate,
    /// Runs under way.
    ConcurrentRuns,
    /// CPU time in a minute.
    Cpu,
    /// Scripts.
    Scripts,
    /// Bytes of scripts.
    ScriptBytes,
}

impl Bound {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::RunRate => "ERR_QUOTA_RUN_RATE",
            Self::ConcurrentRuns => "ERR_QUOTA_CONCURRENT_RUNS",
            Self::Cpu => "ERR_QUOTA_CPU",
            Self::Scripts => "ERR_QUOTA_SCRIPTS",
            Self::ScriptBytes => "ERR_QUOTA_SCRIPT_BYTES",
        }
    }

    /// As the quota names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RunRate => "runs_per_second",
            Self::ConcurrentRuns => "concurrent_runs",
            Self::Cpu => "cpu_ms_per_minute",
            Self::Scripts => "scripts",
            Self::ScriptBytes => "script_bytes",
        }
    }
}

fn over(bound: Bound, quota: u32, wait: Option<f64>) -> ApiError {
    // It is asked again in whole seconds.
    let retry_after = wait.map(|seconds| (seconds.min(MINUTE).ceil() as u64).max(1));
    ApiError::OverQuota { bound, quota, retry_after }
}

impl Taken {
    /// Forgets what time has made good.
    fn forget(&mut self, quota: &Quota, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        let rate = f64::from(quota.runs_per_second.unwrap_or(0));
        self.runs = (self.runs + passed * rate).min(rate.max(1.0));
        let Some(bound) = quota.cpu_ms_per_minute else {
            (self.cpu, self.cpu_bound) = (0.0, None);
            return;
        };
        let seconds = f64::from(bound) / 1e3;
        if self.cpu_bound != Some(bound) {
            // What was used while there was no bound, or another, keeps nobody waiting for long.
            let most = if self.cpu_bound.is_some() { seconds } else { 0.0 };
            (self.cpu, self.cpu_bound) = (self.cpu.min(most), Some(bound));
        }
        self.cpu = (self.cpu - passed * seconds / MINUTE).max(0.0);
    }

    fn begin(&mut self, quota: &Quota, now: Instant) -> Result<(), ApiError> {
        self.forget(quota, now);
        if let Some(most) = quota.concurrent_runs
            && self.under_way >= most
        {
            return Err(over(Bound::ConcurrentRuns, most, Some(1.0)));
        }
        if let Some(most) = quota.cpu_ms_per_minute {
            let seconds = f64::from(most) / 1e3;
            if self.cpu >= seconds {
                let wait = (self.cpu - seconds) / (seconds / MINUTE);
                return Err(over(Bound::Cpu, most, Some(wait)));
            }
        }
        if let Some(most) = quota.runs_per_second {
            if self.runs < 1.0 || most == 0 {
                let wait = (1.0 - self.runs) / f64::from(most);
                return Err(over(Bound::RunRate, most, Some(wait)));
            }
            self.runs -= 1.0;
        }
        self.under_way += 1;
        Ok(())
    }
}

impl Guard {
    pub(crate) fn new(quotas: watch::Receiver<Arc<Quotas>>) -> Self {
        Self { quotas, taken: Mutex::default() }
    }

    /// What a tenant may take at most, where it is bounded.
    pub(crate) fn of(&self, tenant: &Tenant) -> Option<Quota> {
        self.quotas.borrow().get(&**tenant.name()).copied()
    }

    /// Begins a run, where its tenant may. None where the tenant has no quota.
    pub(crate) fn begin(&self, tenant: &Tenant) -> Result<Option<Arc<Turn>>, ApiError> {
        let Some(quota) = self.of(tenant) else { return Ok(None) };
        let now = Instant::now();
        let taken = {
            let mut all = lock(&self.taken);
            if !all.contains_key(tenant) {
                // Of those that have no quota any more.
                let quotas = self.quotas.borrow();
                all.retain(|tenant, _| quotas.contains_key(&**tenant.name()));
            }
            Arc::clone(all.entry(tenant.clone()).or_insert_with(|| {
                let runs = f64::from(quota.runs_per_second.unwrap_or(0)).max(1.0);
                Arc::new(Mutex::new(Taken {
                    at: now,
                    runs,
                    cpu: 0.0,
                    cpu_bound: quota.cpu_ms_per_minute,
                    under_way: 0,
                }))
            }))
        };
        lock(&taken).begin(&quota, now)?;
        Ok(Some(Arc::new(Turn(taken))))
    }

    /// Charges a tenant that is bounded the time until what this gives is dropped.
    pub(crate) fn charging(&self, tenant: &Tenant) -> Charging {
        Charging { taken: lock(&self.taken).get(tenant).cloned(), since: Instant::now() }
    }

    /// Fails where a tenant with so many scripts, of so many bytes, would have more than it may.
    pub(crate) fn check_scripts(
        &self,
        tenant: &Tenant,
        scripts: usize,
        bytes: usize,
    ) -> Result<(), ApiError> {
        let Some(quota) = self.of(tenant) else { return Ok(()) };
        let bounds = [
            (Bound::Scripts, quota.scripts, scripts),
            (Bound::ScriptBytes, quota.script_bytes, bytes),
        ];
        for (bound, most, would) in bounds {
            if let Some(most) = most
                && would > most as usize
            {
                return Err(over(bound, most, None));
            }
        }
        Ok(())
    }
}

// Nothing panics while a lock is held, so a poisoned lock still holds a sound state.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use sandtide_store::Quota;

    use super::{Bound, Taken};
    use crate::error::ApiError;

    fn taken(at: Instant, runs: f64) -> Taken {
        Taken { at, runs, cpu: 0.0, cpu_bound: None, under_way: 0 }
    }

    fn refused(result: Result<(), ApiError>) -> (Bound, Option<u64>) {
        match result {
            Err(ApiError::OverQuota { bound, retry_after, .. }) => (bound, retry_after),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn as_many_runs_begin_as_the_rate_allows() {
        let quota = Quota { runs_per_second: Some(4), ..Quota::default() };
        let start = Instant::now();
        let mut taken = taken(start, 4.0);
        let mut begun = |at: u64| taken.begin(&quota, start + Duration::from_millis(at)).is_ok();
        let first: Vec<_> = (0..5).map(|_| begun(0)).collect();
        assert_eq!(first, [true, true, true, true, false]);
        assert!(!begun(200) && begun(250) && !begun(300));
        // What was not used for long is not saved up.
        let later: Vec<_> = (0..5).map(|_| begun(60_000)).collect();
        assert_eq!(later, [true, true, true, true, false]);
    }

    #[test]
    fn a_quota_of_no_runs_lets_none_begin() {
        let quota = Quota { concurrent_runs: Some(0), ..Quota::default() };
        let start = Instant::now();
        assert_eq!(refused(taken(start, 1.0).begin(&quota, start)).0, Bound::ConcurrentRuns);
        let quota = Quota { cpu_ms_per_minute: Some(0), ..Quota::default() };
        assert_eq!(refused(taken(start, 1.0).begin(&quota, start)), (Bound::Cpu, Some(60)));
    }

    #[test]
    fn cpu_time_is_forgotten_over_a_minute() {
        let quota = Quota { cpu_ms_per_minute: Some(6_000), ..Quota::default() };
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut taken = taken(start, 1.0);
        taken.begin(&quota, at(0)).unwrap();
        taken.cpu += 6.95;
        // A tenth of a second is forgotten in each.
        assert_eq!(refused(taken.begin(&quota, at(1))), (Bound::Cpu, Some(9)));
        taken.begin(&quota, at(11)).unwrap();
    }

    #[test]
    fn cpu_time_used_under_no_bound_or_another_locks_nobody_out() {
        let (free, start) = (Quota::default(), Instant::now());
        let bounded = |bound| Quota { cpu_ms_per_minute: Some(bound), ..Quota::default() };
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut taken = taken(start, 1.0);
        taken.begin(&free, at(0)).unwrap();
        taken.cpu += 5_000.0;
        taken.begin(&bounded(60_000), at(1)).unwrap();
        taken.cpu += 60.0;
        assert_eq!(refused(taken.begin(&bounded(60_000), at(1))).0, Bound::Cpu);
        // A bound that is lowered is used up, and no more.
        assert_eq!(refused(taken.begin(&bounded(60), at(1))), (Bound::Cpu, Some(1)));
        taken.begin(&bounded(60), at(2)).unwrap();
    }
}
