//! Holding back what keeps losing its workers: each loss after the first few doubles the pause before
//! the next run. Losses fade with time, and with runs that go well; deploying the same script again
//! changes nothing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sandtide::Error;

use crate::blame::{Script, Served, Suspects};

/// So many losses are put up with of one script,
const PUT_UP_WITH: u32 = 3;
/// and of all together that a tenant's runs bring along, and of all that it deploys: another source is a
/// changed letter away.
const PUT_UP_WITH_OF_TENANT: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Scripts whose losses are remembered, and tenants of such.
const REMEMBERED: usize = 1024;

/// Half of the losses are forgotten in this time,
const HALF_LIFE: Duration = Duration::from_secs(60);
/// and so much is left of them after a run that goes well.
const LEFT_BY_SUCCESS: f64 = 0.75;
/// More losses are not counted, so that they fade in a bounded time.
const MOST: f64 = 20.0;
/// Fewer are none.
const LEAST: f64 = 0.5;

/// The losses of one script.
#[derive(Clone, Copy, Debug, Default)]
struct Losses {
    /// Losses that are not forgotten, as of `counted`.
    score: f64,
    counted: Option<Instant>,
    total: u64,
    held_until: Option<Instant>,
}

impl Losses {
    /// # Errors
    /// [`Error::Quarantined`] while it is held back.
    fn check(&self, now: Instant) -> Result<(), Error> {
        match self.held(now) {
            Some(wait) => Err(Error::Quarantined { lost: self.score.round() as u32, wait }),
            None => Ok(()),
        }
    }

    /// Takes note of a run that went well. A pause is not shortened: it began after that run.
    fn went_well(&mut self, now: Instant) {
        self.fade(now);
        self.score *= LEFT_BY_SUCCESS;
    }

    /// How long it is held back yet.
    fn held(&self, now: Instant) -> Option<Duration> {
        let held = self.held_until?.checked_duration_since(now);
        held.filter(|left| !left.is_zero())
    }

    /// Losses that are not forgotten by now.
    fn left(mut self, now: Instant) -> f64 {
        self.fade(now);
        self.score
    }

    fn fade(&mut self, now: Instant) {
        let since = self.counted.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.score *= 0.5_f64.powf(since.as_secs_f64() / HALF_LIFE.as_secs_f64());
        self.counted = Some(now);
    }

    /// Takes note of a loss. Answers the pause that this begins.
    fn add(&mut self, put_up_with: u32, now: Instant) -> Option<Duration> {
        self.fade(now);
        self.score = (self.score + 1.0).min(MOST);
        self.total += 1;
        let doublings = (self.score.round() as u32).checked_sub(put_up_with)?;
        let pause = FIRST_PAUSE.saturating_mul(1 << doublings.min(16)).min(LONGEST_PAUSE);
        self.held_until = self.held_until.max(Some(now + pause));
        Some(pause)
    }
}

/// The losses of so many keys; of more, those are forgotten of which least is left.
#[derive(Debug, Default)]
struct Remembered(HashMap<u64, Losses>);

impl Remembered {
    fn check(&self, key: u64, now: Instant) -> Result<(), Error> {
        self.0.get(&key).map_or(Ok(()), |losses| losses.check(now))
    }

    fn lost(&mut self, key: u64, put_up_with: u32, now: Instant) -> Option<Duration> {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(&key) {
            let left = |losses: &Losses| losses.left(now);
            let least = self.0.iter().min_by(|a, b| left(a.1).total_cmp(&left(b.1)));
            if let Some(least) = least.map(|(key, _)| *key) {
                self.0.remove(&least);
            }
        }
        self.0.entry(key).or_default().add(put_up_with, now)
    }

    /// What never lost a worker is not remembered at all.
    fn went_well(&mut self, key: u64, now: Instant) {
        if let Some(losses) = self.0.get_mut(&key) {
            losses.went_well(now);
        }
    }

    /// Whether any losses are not forgotten.
    fn any(&self, key: u64, now: Instant) -> bool {
        self.0.get(&key).is_some_and(|losses| losses.left(now) >= LEAST)
    }
}

/// The losses of all scripts, and of tenants together, which fade with time only: a script that goes well
/// is as easy to bring as one that does not.
#[derive(Debug, Default)]
pub(crate) struct AllLosses {
    scripts: Remembered,
    /// Of all sources that a tenant's runs bring.
    sources: Remembered,
    /// Of all that a tenant deploys.
    deployed: Remembered,
    suspects: Suspects,
    /// What workers used that nobody had asked for anything, by tenant, and when that was last.
    owed: HashMap<u64, (Duration, Instant)>,
}

impl AllLosses {
    /// Whether the script may run.
    ///
    /// # Errors
    /// [`Error::Quarantined`] while it is held back.
    pub(crate) fn check(&self, script: Script, now: Instant) -> Result<(), Error> {
        self.scripts.check(script.key(), now)?;
        if script.is_source() {
            return self.sources.check(script.tenant(), now);
        }
        // Of a tenant that is held back, scripts that lost no worker go on.
        match self.scripts.any(script.key(), now) {
            true => self.deployed.check(script.tenant(), now),
            false => Ok(()),
        }
    }

    /// Whether the script may be built.
    ///
    /// # Errors
    /// [`Error::Quarantined`] while it, or its tenant, is held back.
    pub(crate) fn check_build(&self, script: Script, now: Instant) -> Result<(), Error> {
        self.scripts.check(script.key(), now)?;
        self.deployed.check(script.tenant(), now)
    }

    /// Takes note of a run that went well.
    pub(crate) fn went_well(&mut self, script: Script, now: Instant) {
        if !self.scripts.0.is_empty() {
            self.scripts.went_well(script.key(), now);
        }
    }

    /// Takes note of a worker that was lost by what it served. Answers the pause that this begins.
    pub(crate) fn lost(&mut self, served: &Served, now: Instant) -> Option<Duration> {
        let last = served.last()?;
        let of_tenant = if last.is_source() { &mut self.sources } else { &mut self.deployed };
        let pause = of_tenant.lost(last.tenant(), PUT_UP_WITH_OF_TENANT, now);
        match served.culprit() {
            Some(script) => self.scripts.lost(script.key(), PUT_UP_WITH, now).max(pause),
            None => {
                self.suspects.suspect(served, now);
                pause
            }
        }
    }

    /// Takes note of a worker that was lost by something that it served, where another account says more.
    pub(crate) fn suspect(&mut self, served: &Served, now: Instant) {
        self.suspects.suspect(served, now);
    }

    /// Workers that the script has lost, as far as it is remembered, and how long it is held back yet.
    pub(crate) fn of(&self, script: Script, now: Instant) -> (u64, Option<Duration>) {
        let total = self.scripts.0.get(&script.key()).map_or(0, |losses| losses.total);
        let held = match self.check(script, now) {
            Err(Error::Quarantined { wait, .. }) => Some(wait),
            _ => None,
        };
        (total, held)
    }

    /// Whether a worker that served these may be asked for something of this script.
    pub(crate) fn fit(&self, served: &Served, script: Script, now: Instant) -> bool {
        self.suspects.fit(served, script, now)
    }

    /// Takes note of what a worker used that had nothing to do. Of more tenants than are remembered, the one is
    /// forgotten that came to owe longest ago: it has run nothing since.
    pub(crate) fn owe(&mut self, script: Script, used: Duration, now: Instant) {
        let tenant = script.tenant();
        if self.owed.len() >= REMEMBERED && !self.owed.contains_key(&tenant) {
            let oldest = self.owed.iter().min_by_key(|(_, (_, at))| *at).map(|(tenant, _)| *tenant);
            oldest.and_then(|oldest| self.owed.remove(&oldest));
        }
        let (owed, at) = self.owed.entry(tenant).or_insert((Duration::ZERO, now));
        (*owed, *at) = (owed.saturating_add(used), now);
    }

    /// What such workers of this tenant's used since this was asked.
    pub(crate) fn take_owed(&mut self, tenant: &str) -> Duration {
        match self.owed.is_empty() {
            true => Duration::ZERO,
            false => {
                let owed = self.owed.remove(&Script::source(tenant, "").tenant());
                owed.map_or(Duration::ZERO, |(owed, _)| owed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(scripts: &[Script]) -> Served {
        let mut served = Served::default();
        scripts.iter().for_each(|script| served.note(*script, &"v".into()));
        served
    }

    #[test]
    fn pauses_begin_after_three_losses_in_a_row_and_double_and_are_shorter_after_runs_that_go_well()
    {
        let start = Instant::now();
        let mut losses = Losses::default();
        for _ in 0..PUT_UP_WITH - 1 {
            losses.add(PUT_UP_WITH, start);
            assert!(losses.check(start).is_ok());
        }
        for seconds in [1, 2, 4] {
            losses.add(PUT_UP_WITH, start);
            let early = start + Duration::from_secs(seconds) - Duration::from_millis(1);
            let Err(Error::Quarantined { wait, .. }) = losses.check(early) else {
                panic!("not held back")
            };
            assert_eq!(wait, Duration::from_millis(1));
            assert!(losses.check(start + Duration::from_secs(seconds)).is_ok());
        }
        for _ in 0..40 {
            losses.add(PUT_UP_WITH, start);
        }
        assert!(losses.check(start + LONGEST_PAUSE).is_ok());
        for _ in 0..8 {
            losses.went_well(start);
        }
        let wait = losses.held(start);
        assert_eq!(wait, Some(LONGEST_PAUSE), "one that began is not shortened");
        let pause = losses.add(PUT_UP_WITH, start);
        assert_eq!(pause, Some(FIRST_PAUSE));
        assert_eq!(losses.total, 46);
    }

    #[test]
    fn losses_fade_with_time_and_a_run_that_goes_well_now_and_then_does_not_hide_them() {
        let start = Instant::now();
        let mut losses = Losses::default();
        // One a few minutes is put up with for ever.
        for minutes in 0..100 {
            let now = start + Duration::from_secs(minutes * 180);
            losses.add(PUT_UP_WITH, now);
            assert!(losses.check(now).is_ok());
        }
        let mut every_other = Losses::default();
        for _ in 0..20 {
            every_other.add(PUT_UP_WITH, start);
            if every_other.check(start).is_err() {
                return;
            }
            every_other.went_well(start);
        }
        panic!("never held back: {every_other:?}");
    }

    #[test]
    fn scripts_are_told_apart_by_tenant_and_those_of_which_least_is_left_are_forgotten() {
        let now = Instant::now();
        for of in [Script::deployed("a", "text"), Script::source("a", "text")] {
            let mut losses = AllLosses::default();
            for _ in 0..PUT_UP_WITH {
                losses.lost(&served(&[of]), now);
            }
            let (lost, held) = losses.of(of, now);
            assert_eq!((lost, held), (3, Some(FIRST_PAUSE)));
            assert!(losses.check(of, now).is_err() && losses.check_build(of, now).is_err());
            let others = [Script::deployed("a", "another"), Script::source("a", "another")];
            let others = others.into_iter().chain([Script::deployed("b", "text")]);
            for other in others.chain([Script::source("b", "text")]) {
                assert!(losses.check(other, now).is_ok(), "{other:?}");
            }
            for other in 0..2 * REMEMBERED {
                let other = format!("c{other}");
                losses.lost(&served(&[Script::deployed(&other, "text")]), now);
                losses.lost(&served(&[Script::source(&other, "text")]), now);
            }
            assert!(losses.check(of, now).is_err(), "more is left of it than of others");
            for kept in [&losses.scripts, &losses.sources, &losses.deployed] {
                assert!(kept.0.len() <= REMEMBERED);
            }
        }
    }

    #[test]
    fn a_tenant_that_changes_its_sources_is_held_back_whatever_goes_well_between() {
        let now = Instant::now();
        let of: [fn(&str, &str) -> Script; 2] = [Script::source, Script::deployed];
        for of in of {
            let mut losses = AllLosses::default();
            let may_begin = |losses: &AllLosses, script: Script, now| match script.is_source() {
                true => losses.check(script, now).is_ok(),
                false => losses.check_build(script, now).is_ok(),
            };
            let well = of("a", "1 + 1");
            for other in 0..PUT_UP_WITH_OF_TENANT {
                assert!(may_begin(&losses, of("a", "new"), now));
                losses.lost(&served(&[of("a", &other.to_string())]), now);
                for _ in 0..10 {
                    losses.went_well(well, now);
                }
            }
            assert!(!may_begin(&losses, of("a", "new"), now));
            assert!(may_begin(&losses, of("b", "new"), now));
            assert!(may_begin(&losses, of("a", "new"), now + FIRST_PAUSE));
        }
    }

    #[test]
    fn deployed_scripts_of_a_tenant_that_is_held_back_go_on_where_they_lost_nothing() {
        let now = Instant::now();
        let mut losses = AllLosses::default();
        let kills = |number: u32| Script::deployed("a", &format!("kills{number}"));
        for number in 0..PUT_UP_WITH_OF_TENANT {
            losses.lost(&served(&[kills(number)]), now);
        }
        assert!(losses.check(kills(0), now).is_err(), "it lost one");
        let well = Script::deployed("a", "1 + 1");
        assert!(losses.check(well, now).is_ok());
        assert!(losses.check_build(well, now).is_err(), "a new one is as easy as another killer");
        assert!(losses.check(Script::source("a", "1 + 1"), now).is_ok());
    }

    #[test]
    fn what_kills_workers_of_others_is_found_and_the_others_are_not_held_back() {
        let now = Instant::now();
        let (kills, well) = (Script::deployed("a", "kills"), Script::deployed("a", "1 + 1"));
        let mut losses = AllLosses::default();
        // It leaves its worker so that the next run there is lost.
        let mut lost_by_others = 0;
        let mut waiting: Vec<Served> = Vec::new();
        for _ in 0..10 {
            for script in [kills, well] {
                if losses.check(script, now).is_err() {
                    assert_eq!(script, kills);
                    continue;
                }
                let found = waiting.iter().position(|one| losses.fit(one, script, now));
                let was_waiting = found.is_some();
                let mut one = found.map(|found| waiting.remove(found)).unwrap_or_default();
                one.note(script, &"v".into());
                if was_waiting && (one.culprit() != Some(well)) {
                    losses.lost(&one, now);
                    lost_by_others += u32::from(script == well);
                } else {
                    losses.went_well(script, now);
                    waiting.push(one);
                }
            }
        }
        assert_eq!(lost_by_others, 1);
        assert!(losses.check(kills, now).is_err());
        assert_eq!(losses.of(well, now), (0, None));
    }

    #[test]
    fn what_is_owed_is_asked_for_once() {
        let mut losses = AllLosses::default();
        let second = Duration::from_secs(1);
        let now = Instant::now();
        losses.owe(Script::deployed("a", "x"), second, now);
        losses.owe(Script::source("a", "y"), second, now);
        assert_eq!(losses.take_owed("b"), Duration::ZERO);
        assert_eq!(losses.take_owed("a"), 2 * second);
        assert_eq!(losses.take_owed("a"), Duration::ZERO);
        // Tenants that never run again leave room for others.
        for number in 0..=REMEMBERED {
            let at = now + Duration::from_millis(number as u64);
            losses.owe(Script::source(&number.to_string(), ""), second, at);
        }
        assert_eq!(losses.owed.len(), REMEMBERED);
        assert_eq!(losses.take_owed("0"), Duration::ZERO);
        assert_eq!(losses.take_owed(&REMEMBERED.to_string()), second);
    }
}
