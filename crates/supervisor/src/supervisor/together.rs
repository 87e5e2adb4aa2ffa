//! Short runs of one tenant that one worker is told of at once. Must not know who else waits: what
//! does not end here is handed back, and whoever shares workers out decides when it is run.

use sandtide::CancelToken;
use sandtide_confine::Turns;

use super::*;
use crate::account::BESIDE;
use crate::blame::Served;

/// Runs that one worker is told of at once: fewer than the images that it keeps.
const MOST_TOGETHER: usize = 16;
/// No further run is told while so many bytes wait to be taken.
const BYTES_TOGETHER: usize = 64 << 10;

/// Runs that were asked for together and were not run to their end.
#[derive(Debug, Default)]
#[must_use = "they have no outcome yet"]
#[non_exhaustive]
pub struct NotRun {
    /// Their positions, in order, and they themselves. Time goes on for those that brought a clock
    /// (`Run::since`); whoever hands on others takes off what they have waited.
    pub runs: Vec<(usize, Run)>,
    /// Whether they were interrupted: one of them took long or lost its worker, the first of them as
    /// far as can be told. The others had to wait for it.
    pub interrupted: bool,
}

type DueOf = (usize, DeployedImage, Due);

impl Supervisor {
    /// Runs of one tenant that are expected to be short, one after the other, as
    /// [`run_here`](Self::run_here) does: a worker is told of all of them at once, which takes two
    /// wake-ups for all instead of for each. `ended` is told the position and the outcome of each as it
    /// ends. One that turns out to be long delays the others by some milliseconds of processor time.
    ///
    /// Answers those that did not end, to be run one by one, or later: more than 16, or more than
    /// 64 KiB of them, those behind a long one, and all where they are not of one tenant, have host
    /// functions, or where no worker is at hand.
    ///
    /// # Panics
    /// Where it is called by a task.
    pub fn run_together_here(
        &self,
        runs: Vec<(DeployedImage, Run)>,
        mut ended: impl FnMut(usize, Outcome),
    ) -> NotRun {
        let shared = &self.shared;
        let mut due: Vec<DueOf> = Vec::with_capacity(runs.len());
        for (position, (image, run)) in runs.into_iter().enumerate() {
            match shared.admit(&image.inner, run) {
                Ok(run) if run.is_cancelled() => {
                    ended(position, shared.counted(Outcome::failed(Error::Cancelled)));
                }
                Ok(run) => due.push((position, image, run)),
                Err(failed) => ended(position, shared.counted(*failed)),
            }
        }
        let fit = |due: &[DueOf]| {
            let tenant = due[0].1.tenant();
            due.iter().all(|(_, image, _)| image.inner.hosts.is_empty() && image.tenant() == tenant)
        };
        let mut interrupted = false;
        if !due.is_empty() && fit(&due) {
            interrupted = shared.run_together(&mut due, &mut ended);
        }
        let runs = due.into_iter().map(|(position, _, due)| (position, due.into_run())).collect();
        NotRun { runs, interrupted }
    }
}

impl Due {
    fn is_cancelled(&self) -> bool {
        self.request.cancel.as_ref().is_some_and(CancelToken::is_cancelled)
    }

    /// What was asked for, of which nobody was told but a worker that is no more.
    fn into_run(self) -> Run {
        Run::of_request(Request { since: self.since, ..self.request })
    }
}

impl Shared {
    /// Has one worker run what is due, all of one tenant and without host functions. What did not end
    /// stays; whether it was interrupted.
    fn run_together(
        self: &Arc<Self>,
        due: &mut Vec<DueOf>,
        ended: &mut impl FnMut(usize, Outcome),
    ) -> bool {
        let first = due[0].1.clone();
        let tenant = &first.inner.tenant;
        // Those that are suspect have workers of their own.
        if !self.share_a_worker(due) {
            return false;
        }
        let Some((busy, mut worker)) = self.at_hand(&first.inner, due[0].2.script) else {
            return false;
        };
        let said = self.say_all(&mut worker, due);
        let told = said.as_ref().map_or(0, Vec::len);
        let (mut done, mut says, mut corrupted) = (0, Duration::ZERO, false);
        let driven = said.and_then(|bounds| {
            drive::run_together_here(&mut worker, &bounds, |worker, mut outcome| {
                let (position, _, due) = &due[done];
                done += 1;
                // The worker goes on with the next one, so that only what all of them took is known, once the
                // last one has ended.
                let had = worker.used_since_it_stood_ready();
                let known = self.known(due, had.map(|had| had.saturating_sub(says)));
                known.cap(&mut outcome.usage);
                says += outcome.usage.cpu + outcome.usage.restore;
                if done == told {
                    let known = self.known(due, worker.stands_ready());
                    outcome.usage.cpu += known.unsaid(says, told as u32);
                }
                match is_corrupted(&outcome) {
                    true => corrupted = true,
                    false => worker.answered(due.script),
                }
                ended(*position, self.counted(outcome));
            })
        });
        due.drain(..done);
        let interrupted = driven.is_err() || done < told;
        match driven {
            Ok(()) if corrupted => {
                if interrupted {
                    // What runs said is charged with them.
                    let had = worker.stands_ready();
                    self.owe(
                        &worker,
                        had.map(|had| had.saturating_sub(says)),
                        BESIDE * done as u32,
                    );
                }
                self.give_up(tenant, worker, Lost::Corrupted);
            }
            Ok(()) if !interrupted => self.put_back(tenant, worker),
            // It is in the middle of something.
            Ok(()) => self.part(worker, &due[0].1.inner, told - done),
            Err(lost) => {
                let lost = if corrupted { Lost::Corrupted } else { lost };
                // Where some had no answer, the one that it was lost in shows when they are run one by one;
                // where it is another one, which had its answer, only workers of their own show that.
                let all = done == told;
                if !all && done > 0 {
                    lock(&self.losses).suspect(worker.served(), std::time::Instant::now());
                }
                _ = self.runtime.block_on(self.bury(tenant, worker, lost, all));
            }
        }
        drop(busy);
        interrupted
    }

    /// Whether one worker may serve all of these.
    fn share_a_worker(&self, due: &[DueOf]) -> bool {
        let (losses, now) = (lock(&self.losses), std::time::Instant::now());
        let mut served = Served::default();
        due.iter().take(MOST_TOGETHER).all(|(_, image, due)| {
            let fit = losses.fit(&served, due.script, now);
            served.note(due.script, &image.inner.version);
            fit
        })
    }

    /// Tells a worker of as many of these as it may be told of at once.
    fn say_all(&self, worker: &mut Worker, due: &mut [DueOf]) -> Result<Vec<Bounds>, Lost> {
        // What is told together is known to be short.
        worker.give_turns(Turns::Usual);
        // Images are loaded while no run is on.
        let mut loaded = 0;
        for (_, image, due) in due.iter().take(MOST_TOGETHER) {
            if loaded > 0 && worker.unsent() >= BYTES_TOGETHER {
                break;
            }
            load(worker, &image.inner)?;
            worker.serves(due.script, &image.inner.version);
            loaded += 1;
        }
        let mut all = Vec::with_capacity(loaded);
        for (_, image, due) in &mut due[..loaded] {
            if !all.is_empty() && worker.unsent() >= BYTES_TOGETHER {
                break;
            }
            // A copy: it may have to be run again.
            let (run, message, bounds) = self.message(&image.inner, due, due.request.clone());
            match all.is_empty() {
                true => worker.say(&message)?,
                false => worker.say_ahead(run, &message)?,
            }
            all.push(bounds);
        }
        Ok(all)
    }

    /// Ends a worker that has not ended so many runs it was told of together.
    fn part(self: &Arc<Self>, worker: Worker, first: &Inner, runs: usize) {
        let process = worker.pid();
        drop(worker);
        self.parted.fetch_add(1, Ordering::Relaxed);
        self.teller.tell(|| Event::RunsParted {
            process,
            tenant: Arc::clone(&first.tenant),
            version: first.version.to_string(),
            runs,
        });
        self.have_spares();
    }
}
