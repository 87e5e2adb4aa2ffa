//! Bounded queues, one a worker, with affinity and stealing. Knows nothing of what a job is but
//! its pace.
//!
//! One lock covers all queues, so that "who is idle" and "what waits" cannot disagree: no job is
//! left behind a worker in an endless loop while another one sleeps. A push or a pop holds the lock
//! for tens of nanoseconds.
//!
//! Slow jobs wait in a queue of their own. While brisk ones arrive, half of the workers take no
//! slow job, so that scripts which use up their time leave room for the others, however many they
//! are.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long after a brisk job workers are still kept free for the next one.
const RESERVED_FOR: Duration = Duration::from_secs(1);

/// Whether a job is expected to take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Brisk,
    Slow,
}

pub(crate) struct Queues<T> {
    state: Mutex<State<T>>,
    wake: Box<[Condvar]>,
    per_worker: usize,
    /// Workers from this one on take no slow job while brisk ones arrive.
    reserved_from: usize,
}

struct State<T> {
    lanes: Vec<VecDeque<T>>,
    slow: VecDeque<T>,
    idle: Vec<bool>,
    /// Whether the worker's next job should be a slow one, if one waits: neither kind starves.
    slow_next: Vec<bool>,
    last_brisk: Option<Instant>,
    open: bool,
}

impl<T> State<T> {
    fn brisk_jobs_arrive(&self) -> bool {
        self.last_brisk.is_some_and(|last| last.elapsed() < RESERVED_FOR)
    }
}

impl<T> Queues<T> {
    pub(crate) fn new(workers: usize, per_worker: usize) -> Self {
        let workers = workers.max(1);
        Self {
            state: Mutex::new(State {
                lanes: (0..workers).map(|_| VecDeque::new()).collect(),
                slow: VecDeque::new(),
                idle: vec![false; workers],
                slow_next: vec![false; workers],
                last_brisk: None,
                open: true,
            }),
            wake: (0..workers).map(|_| Condvar::new()).collect(),
            per_worker: per_worker.max(1),
            reserved_from: workers.div_ceil(2),
        }
    }

    /// Gives the job to an idle worker if there is one, else queues it; to `preferred` unless
    /// another worker is better off. Hands the job back when the queues are full or closed.
    pub(crate) fn push(&self, job: T, pace: Pace, preferred: Option<usize>) -> Result<(), T> {
        let mut state = self.lock();
        if !state.open {
            return Err(job);
        }
        match pace {
            Pace::Brisk => self.push_brisk(state, job, preferred),
            Pace::Slow => {
                let takers = self.takers_of_slow(&state);
                if state.slow.len() >= self.per_worker * self.reserved_from {
                    return Err(job);
                }
                state.slow.push_back(job);
                self.rouse(state, takers, preferred);
                Ok(())
            }
        }
    }

    fn push_brisk(
        &self,
        mut state: MutexGuard<'_, State<T>>,
        job: T,
        preferred: Option<usize>,
    ) -> Result<(), T> {
        let workers = state.lanes.len();
        let shortest = (0..workers).min_by_key(|&worker| state.lanes[worker].len()).unwrap_or(0);
        let worker = preferred
            .filter(|&worker| worker < workers)
            .filter(|&worker| state.lanes[worker].len() <= state.lanes[shortest].len())
            .unwrap_or(shortest);
        if state.lanes[worker].len() >= self.per_worker {
            return Err(job);
        }
        state.lanes[worker].push_back(job);
        state.last_brisk = Some(Instant::now());
        self.rouse(state, workers, preferred);
        Ok(())
    }

    /// Wakes one of the first `takers` workers, if one is idle. The worker finds the pushed job
    /// itself.
    fn rouse(&self, mut state: MutexGuard<'_, State<T>>, takers: usize, preferred: Option<usize>) {
        let idle = |worker: &usize| *worker < takers && state.idle[*worker];
        if let Some(worker) = preferred.filter(idle).or_else(|| (0..takers).find(idle)) {
            state.idle[worker] = false;
            drop(state);
            self.wake[worker].notify_one();
        }
    }

    /// Waits for a job: the worker's own first, else the oldest of the longest queue. `None` once
    /// the queues are closed and empty.
    pub(crate) fn pop(&self, worker: usize) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(job) = self.take(&mut state, worker) {
                return Some(job);
            }
            if !state.open {
                return None;
            }
            state.idle[worker] = true;
            state = self.wake[worker].wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle[worker] = false;
        }
    }

    fn take(&self, state: &mut State<T>, worker: usize) -> Option<T> {
        let may_be_slow =
            !state.slow.is_empty() && (!state.open || worker < self.takers_of_slow(state));
        if may_be_slow && state.slow_next[worker] {
            state.slow_next[worker] = false;
            return state.slow.pop_front();
        }
        let lanes = &mut state.lanes;
        let brisk = lanes[worker].pop_front().or_else(|| {
            lanes.iter_mut().max_by_key(|lane| lane.len()).and_then(VecDeque::pop_front)
        });
        if brisk.is_some() {
            state.slow_next[worker] = true;
            return brisk;
        }
        if may_be_slow { state.slow.pop_front() } else { None }
    }

    /// How many of the workers take slow jobs now: the first ones.
    fn takers_of_slow(&self, state: &State<T>) -> usize {
        if state.brisk_jobs_arrive() { self.reserved_from } else { state.lanes.len() }
    }

    /// Jobs waiting in all queues.
    pub(crate) fn waiting(&self) -> usize {
        let state = self.lock();
        state.slow.len() + state.lanes.iter().map(VecDeque::len).sum::<usize>()
    }

    /// Refuses further jobs and lets the workers end when nothing is left.
    pub(crate) fn close(&self) {
        self.lock().open = false;
        for wake in &self.wake {
            wake.notify_all();
        }
    }

    // Nothing panics while the lock is held, so a poisoned lock still holds a sound state.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::{
        Pace::{Brisk, Slow},
        Queues,
    };

    #[test]
    fn a_job_goes_to_the_preferred_worker_while_its_queue_is_not_longer() {
        let queues = Queues::new(2, 8);
        queues.push("first", Brisk, Some(1)).unwrap();
        queues.push("second", Brisk, Some(1)).unwrap();
        assert_eq!(queues.pop(1), Some("first"));
        assert_eq!(queues.pop(0), Some("second"));
    }

    #[test]
    fn a_worker_without_jobs_takes_over_those_of_a_busy_one() {
        let queues = Queues::new(2, 8);
        for job in 0..4 {
            queues.push(job, Brisk, None).unwrap();
        }
        let mut seen: Vec<i32> = (0..4).filter_map(|_| queues.pop(0)).collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3]);
    }

    #[test]
    fn full_queues_hand_the_job_back() {
        let queues = Queues::new(2, 1);
        queues.push(0, Brisk, Some(0)).unwrap();
        queues.push(1, Brisk, Some(0)).unwrap();
        assert_eq!(queues.push(2, Brisk, Some(0)), Err(2));
        assert_eq!(queues.waiting(), 2);
    }

    #[test]
    fn slow_jobs_leave_workers_free_while_brisk_ones_arrive() {
        let queues = Queues::new(2, 8);
        queues.push("brisk", Brisk, None).unwrap();
        for job in ["slow 1", "slow 2", "slow 3"] {
            queues.push(job, Slow, None).unwrap();
        }
        assert_eq!(queues.pop(0), Some("brisk"));
        assert_eq!(queues.pop(0), Some("slow 1"));
        queues.push("brisk again", Brisk, None).unwrap();
        assert_eq!(queues.pop(1), Some("brisk again"));
        queues.close();
        assert_eq!(queues.pop(1), Some("slow 2"));
    }

    #[test]
    fn slow_jobs_have_all_workers_when_nothing_else_is_asked_for() {
        let queues = Queues::new(2, 8);
        queues.push("slow 1", Slow, None).unwrap();
        queues.push("slow 2", Slow, None).unwrap();
        assert_eq!(queues.pop(1), Some("slow 1"));
        assert_eq!(queues.pop(0), Some("slow 2"));
    }

    #[test]
    fn neither_kind_of_job_starves_the_other() {
        let queues = Queues::new(1, 8);
        for _ in 0..3 {
            queues.push("brisk", Brisk, None).unwrap();
            queues.push("slow", Slow, None).unwrap();
        }
        let order: Vec<_> = (0..6).filter_map(|_| queues.pop(0)).collect();
        assert_eq!(order, ["brisk", "slow", "brisk", "slow", "brisk", "slow"]);
    }

    #[test]
    fn closing_lets_waiting_jobs_finish_and_then_ends_the_workers() {
        let queues = Queues::new(1, 4);
        queues.push("left", Brisk, None).unwrap();
        queues.close();
        assert_eq!(queues.push("late", Brisk, None), Err("late"));
        assert_eq!(queues.pop(0), Some("left"));
        assert_eq!(queues.pop(0), None);
    }

    #[test]
    fn every_job_is_done_once_with_many_producers_and_workers() {
        let queues = Arc::new(Queues::new(3, 10_000));
        let workers: Vec<_> = (0..3)
            .map(|worker| {
                let queues = Arc::clone(&queues);
                thread::spawn(move || {
                    let mut done = Vec::new();
                    while let Some(job) = queues.pop(worker) {
                        done.push(job);
                    }
                    done
                })
            })
            .collect();
        thread::scope(|scope| {
            for producer in 0..4 {
                let queues = &queues;
                scope.spawn(move || {
                    for job in 0..1_000 {
                        queues
                            .push(
                                producer * 1_000 + job,
                                if job % 2 == 0 { Brisk } else { Slow },
                                Some(job % 3),
                            )
                            .unwrap();
                    }
                });
            }
        });
        queues.close();
        let mut done: Vec<usize> =
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
        done.sort_unstable();
        assert_eq!(done, (0..4_000).collect::<Vec<_>>());
    }
}
