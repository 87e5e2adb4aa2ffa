//! Holding back what keeps losing its workers: each loss after the first few doubles the pause before
//! the next run. Losses fade with time, and with runs that go well.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use sandtide::Error;

/// So many losses are put up with of one script,
const PUT_UP_WITH: u32 = 3;
/// and of all sources together that a tenant's runs bring: another source is a changed letter away.
const PUT_UP_WITH_OF_TENANT: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Ad hoc sources whose losses are remembered, and tenants of such.
const REMEMBERED: usize = 1024;

/// Half of the losses are forgotten in this time,
const HALF_LIFE: Duration = Duration::from_secs(60);
/// and so much is left of them after a run that goes well.
const LEFT_BY_SUCCESS: f64 = 0.75;
/// More losses are not counted, so that they fade in a bounded time.
const MOST: f64 = 20.0;
/// Fewer are none.
const LEAST: f64 = 0.5;

/// The losses of one script's version.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Losses {
    /// Losses that are not forgotten, as of `counted`.
    score: f64,
    counted: Option<Instant>,
    pub(crate) total: u64,
    held_until: Option<Instant>,
}

impl Losses {
    /// # Errors
    /// [`Error::Quarantined`] while it is held back.
    pub(crate) fn check(&self, now: Instant) -> Result<(), Error> {
        match self.held_until.and_then(|until| until.checked_duration_since(now)) {
            Some(wait) if !wait.is_zero() => {
                Err(Error::Quarantined { lost: self.score.round() as u32, wait })
            }
            _ => Ok(()),
        }
    }

    /// Takes note of a run that went well or lost its worker. Answers the pause that this begins.
    pub(crate) fn note(&mut self, lost: bool, now: Instant) -> Option<Duration> {
        if lost {
            return self.add(PUT_UP_WITH, now);
        }
        self.fade(now);
        self.score *= LEFT_BY_SUCCESS;
        self.held_until = None;
        None
    }

    fn fade(&mut self, now: Instant) {
        let since = self.counted.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.score *= 0.5_f64.powf(since.as_secs_f64() / HALF_LIFE.as_secs_f64());
        self.counted = Some(now);
    }

    fn add(&mut self, put_up_with: u32, now: Instant) -> Option<Duration> {
        self.fade(now);
        self.score = (self.score + 1.0).min(MOST);
        self.total += 1;
        let doublings = (self.score.round() as u32).checked_sub(put_up_with)?;
        let pause = FIRST_PAUSE.saturating_mul(1 << doublings.min(16)).min(LONGEST_PAUSE);
        self.held_until = Some(now + pause);
        Some(pause)
    }
}

/// Its keys are this process's own, so that nobody can bring a source that is taken for another.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// Whose ad hoc source it is, and which of the tenant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AdHoc {
    tenant: u64,
    source: u64,
}

impl AdHoc {
    pub(crate) fn of(tenant: &str, text: &str) -> AdHoc {
        AdHoc { tenant: HASHER.hash_one(tenant), source: HASHER.hash_one((tenant, text)) }
    }
}

/// The losses of so many keys; those that began longest ago are forgotten first.
#[derive(Debug, Default)]
struct Remembered {
    losses: HashMap<u64, Losses>,
    oldest: VecDeque<u64>,
}

impl Remembered {
    fn check(&self, key: u64, now: Instant) -> Result<(), Error> {
        self.losses.get(&key).map_or(Ok(()), |losses| losses.check(now))
    }

    fn lost(&mut self, key: u64, put_up_with: u32, now: Instant) -> Option<Duration> {
        if !self.losses.contains_key(&key) {
            self.oldest.push_back(key);
            if self.oldest.len() > REMEMBERED
                && let Some(oldest) = self.oldest.pop_front()
            {
                self.losses.remove(&oldest);
            }
        }
        self.losses.entry(key).or_default().add(put_up_with, now)
    }

    /// What never lost a worker is not remembered at all.
    fn went_well(&mut self, key: u64, now: Instant) {
        let Some(losses) = self.losses.get_mut(&key) else { return };
        losses.note(false, now);
        if losses.score < LEAST {
            self.losses.remove(&key);
            self.oldest.retain(|other| *other != key);
        }
    }
}

/// The losses of sources that come with their runs: by tenant and text, and by tenant alone. What a
/// tenant's sources lost together fades with time only, because a source that goes well is as easy to
/// bring as one that does not.
#[derive(Debug, Default)]
pub(crate) struct AdHocLosses {
    by_source: Remembered,
    by_tenant: Remembered,
}

impl AdHocLosses {
    pub(crate) fn check(&self, of: AdHoc, now: Instant) -> Result<(), Error> {
        self.by_tenant.check(of.tenant, now)?;
        self.by_source.check(of.source, now)
    }

    /// Takes note of a run, as [`Losses::note`] does.
    pub(crate) fn note(&mut self, of: AdHoc, lost: bool, now: Instant) -> Option<Duration> {
        if !lost {
            self.by_source.went_well(of.source, now);
            return None;
        }
        let of_tenant = self.by_tenant.lost(of.tenant, PUT_UP_WITH_OF_TENANT, now);
        self.by_source.lost(of.source, PUT_UP_WITH, now).max(of_tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_begin_after_three_losses_in_a_row_double_and_end_with_a_run_that_goes_well() {
        let start = Instant::now();
        let mut losses = Losses::default();
        for _ in 0..PUT_UP_WITH - 1 {
            losses.note(true, start);
            assert!(losses.check(start).is_ok());
        }
        for seconds in [1, 2, 4] {
            losses.note(true, start);
            let early = start + Duration::from_secs(seconds) - Duration::from_millis(1);
            let Err(Error::Quarantined { wait, .. }) = losses.check(early) else {
                panic!("not held back")
            };
            assert_eq!(wait, Duration::from_millis(1));
            assert!(losses.check(start + Duration::from_secs(seconds)).is_ok());
        }
        for _ in 0..40 {
            losses.note(true, start);
        }
        assert!(losses.check(start + LONGEST_PAUSE).is_ok());
        losses.note(false, start);
        assert!(losses.check(start).is_ok());
        assert_eq!(losses.total, 45);
    }

    #[test]
    fn losses_fade_with_time_and_a_run_that_goes_well_now_and_then_does_not_hide_them() {
        let start = Instant::now();
        let mut losses = Losses::default();
        // One a few minutes is put up with for ever.
        for minutes in 0..100 {
            let now = start + Duration::from_secs(minutes * 180);
            losses.note(true, now);
            assert!(losses.check(now).is_ok());
        }
        let mut every_other = Losses::default();
        for _ in 0..20 {
            every_other.note(true, start);
            if every_other.check(start).is_err() {
                return;
            }
            every_other.note(false, start);
        }
        panic!("never held back: {every_other:?}");
    }

    #[test]
    fn ad_hoc_sources_are_told_apart_by_tenant_and_the_oldest_are_forgotten() {
        let now = Instant::now();
        let mut losses = AdHocLosses::default();
        let of = AdHoc::of("a", "text");
        assert_ne!(of, AdHoc::of("b", "text"));
        for _ in 0..PUT_UP_WITH {
            losses.note(of, true, now);
        }
        assert!(losses.check(of, now).is_err());
        assert!(losses.check(AdHoc::of("a", "another"), now).is_ok());
        for other in 0..REMEMBERED as u64 {
            losses.note(AdHoc::of(&format!("c{other}"), "text"), true, now);
        }
        assert!(losses.check(of, now).is_ok());
        for kept in [&losses.by_source, &losses.by_tenant] {
            assert_eq!((kept.losses.len(), kept.oldest.len()), (REMEMBERED, REMEMBERED));
        }
    }

    #[test]
    fn a_tenant_that_changes_its_sources_is_held_back_whatever_goes_well_between() {
        let now = Instant::now();
        let mut losses = AdHocLosses::default();
        for other in 0..PUT_UP_WITH_OF_TENANT {
            assert!(losses.check(AdHoc::of("a", "new"), now).is_ok());
            losses.note(AdHoc::of("a", &other.to_string()), true, now);
            for _ in 0..10 {
                losses.note(AdHoc::of("a", "1 + 1"), false, now);
            }
        }
        assert!(losses.check(AdHoc::of("a", "new"), now).is_err());
        assert!(losses.check(AdHoc::of("b", "new"), now).is_ok());
        assert!(losses.check(AdHoc::of("a", "new"), now + FIRST_PAUSE).is_ok());
    }
}
