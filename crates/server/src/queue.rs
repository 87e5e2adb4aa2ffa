//! Bounded queues, one a worker, with affinity and stealing. Knows nothing of what a job is.
//!
//! One lock covers all queues: a push or a pop holds it for tens of nanoseconds, and with it "who
//! is idle" and "what waits" cannot disagree, so that no job is left behind a worker that is busy
//! with an endless loop while another one sleeps.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

pub(crate) struct Queues<T> {
    state: Mutex<State<T>>,
    wake: Box<[Condvar]>,
    per_worker: usize,
}

struct State<T> {
    lanes: Vec<VecDeque<T>>,
    idle: Vec<bool>,
    open: bool,
}

impl<T> Queues<T> {
    pub(crate) fn new(workers: usize, per_worker: usize) -> Self {
        let workers = workers.max(1);
        Self {
            state: Mutex::new(State {
                lanes: (0..workers).map(|_| VecDeque::new()).collect(),
                idle: vec![false; workers],
                open: true,
            }),
            wake: (0..workers).map(|_| Condvar::new()).collect(),
            per_worker: per_worker.max(1),
        }
    }

    /// Gives the job to an idle worker if there is one, else queues it; to `preferred` unless
    /// another worker is better off. Hands the job back when all queues are full or closed.
    pub(crate) fn push(&self, job: T, preferred: Option<usize>) -> Result<(), T> {
        let mut state = self.lock();
        if !state.open {
            return Err(job);
        }
        let preferred = preferred.filter(|&worker| worker < state.lanes.len());
        let idle = preferred
            .filter(|&worker| state.idle[worker])
            .or_else(|| state.idle.iter().position(|&idle| idle));
        if let Some(worker) = idle {
            state.idle[worker] = false;
            state.lanes[worker].push_back(job);
            drop(state);
            self.wake[worker].notify_one();
            return Ok(());
        }
        let shortest =
            (0..state.lanes.len()).min_by_key(|&worker| state.lanes[worker].len()).unwrap_or(0);
        let worker = preferred
            .filter(|&worker| state.lanes[worker].len() <= state.lanes[shortest].len())
            .unwrap_or(shortest);
        if state.lanes[worker].len() >= self.per_worker {
            return Err(job);
        }
        state.lanes[worker].push_back(job);
        Ok(())
    }

    /// Waits for a job: the worker's own first, else the oldest of the longest queue. `None` once
    /// the queues are closed and empty.
    pub(crate) fn pop(&self, worker: usize) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.lanes[worker].pop_front() {
                return Some(job);
            }
            if let Some(job) =
                state.lanes.iter_mut().max_by_key(|lane| lane.len()).and_then(VecDeque::pop_front)
            {
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

    /// Jobs waiting in all queues.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().lanes.iter().map(VecDeque::len).sum()
    }

    /// Refuses further jobs and lets the workers end when nothing is left.
    pub(crate) fn close(&self) {
        self.lock().open = false;
        for wake in &self.wake {
            wake.notify_all();
        }
    }

    // A panic cannot happen while the lock is held, so a poisoned lock still holds a sound state.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread};

    use super::Queues;

    #[test]
    fn a_job_goes_to_the_preferred_worker_while_its_queue_is_not_longer() {
        let queues = Queues::new(2, 8);
        queues.push("first", Some(1)).unwrap();
        queues.push("second", Some(1)).unwrap();
        assert_eq!(queues.pop(1), Some("first"));
        assert_eq!(queues.pop(0), Some("second"));
    }

    #[test]
    fn a_worker_without_jobs_takes_over_those_of_a_busy_one() {
        let queues = Queues::new(2, 8);
        for job in 0..4 {
            queues.push(job, None).unwrap();
        }
        let mut seen: Vec<i32> = (0..4).filter_map(|_| queues.pop(0)).collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3]);
    }

    #[test]
    fn full_queues_hand_the_job_back() {
        let queues = Queues::new(2, 1);
        queues.push(0, Some(0)).unwrap();
        queues.push(1, Some(0)).unwrap();
        assert_eq!(queues.push(2, Some(0)), Err(2));
        assert_eq!(queues.waiting(), 2);
    }

    #[test]
    fn closing_lets_waiting_jobs_finish_and_then_ends_the_workers() {
        let queues = Queues::new(1, 4);
        queues.push("left", None).unwrap();
        queues.close();
        assert_eq!(queues.push("late", None), Err("late"));
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
                        queues.push(producer * 1_000 + job, Some(job % 3)).unwrap();
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
