//! The schedule behind a lock, for threads that work and for those who wait. Knows nothing of what
//! is carried out.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use super::schedule::{Begun, Ended, Full, Next, Place, Request, Room, Schedule, Shares, Ticket};

/// Work that waits, and those who are free for it. A push or a pop holds the lock for about a
/// microsecond.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    wake: Condvar,
}

struct State<T> {
    schedule: Schedule<T>,
    idle: usize,
    /// When one of those who are free looks again by itself.
    alarm: Option<Instant>,
    open: bool,
}

impl<T> Queue<T> {
    /// An empty one that hands out by these shares.
    pub fn new(shares: Shares) -> Arc<Self> {
        let state = State { schedule: Schedule::new(shares), idle: 0, alarm: None, open: true };
        Arc::new(Self { state: Mutex::new(state), wake: Condvar::new() })
    }

    /// Queues a run, and wakes a worker where one is free for it. Dropping what is answered takes
    /// the run out of its queue again if it still waits.
    pub fn push(self: &Arc<Self>, request: Request<T>) -> Result<Waits<T>, Full> {
        let mut state = self.lock();
        if !state.open {
            return Err(Full::Closed);
        }
        let now = Instant::now();
        let place = match state.schedule.push(request, now) {
            Ok(place) => place,
            Err((full, job)) => {
                drop(state);
                // Its drop may take long, and may ask for the lock.
                drop(job);
                return Err(full);
            }
        };
        self.rouse(state, now);
        Ok(Waits { queue: Arc::clone(self), place })
    }

    /// Waits for the next run; `None` once the queue is closed and empty.
    pub fn pop(&self) -> Option<Next<T>> {
        let mut state = self.lock();
        loop {
            let now = Instant::now();
            if let Some(next) = state.schedule.next(now) {
                self.rouse(state, now);
                return Some(next);
            }
            if !state.open && state.schedule.waiting() == 0 {
                return None;
            }
            state.idle += 1;
            state.alarm = state.schedule.is_ready(now).err().flatten();
            state = match state.alarm {
                None => self.wake.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(alarm) => {
                    let wait = alarm.saturating_duration_since(now);
                    let woken = self.wake.wait_timeout(state, wait);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
            state.idle -= 1;
            state.alarm = None;
        }
    }

    /// Brisk runs to be carried out by the same worker right behind the one with this ticket, at most
    /// so many; all of them together, that one included, have this room. None while somebody is free
    /// to carry them out.
    pub fn along(&self, with: &Ticket, most: usize, room: Room) -> Vec<Begun<T>> {
        let time = with.told().and_then(|first| room.time.checked_sub(first));
        let bytes = room.bytes.checked_sub(with.size());
        let (Some(mut time), Some(mut bytes)) = (time, bytes) else { return Vec::new() };
        let mut state = self.lock();
        if state.idle > 0 || state.schedule.waiting() == 0 {
            return Vec::new();
        }
        let (now, mut along) = (Instant::now(), Vec::new());
        let most = most.min(state.schedule.each_workers_part());
        while along.len() < most
            && let Some(begun) = state.schedule.next_along(with, Room { time, bytes }, now)
        {
            time = time.saturating_sub(begun.ticket.told().unwrap_or(time));
            bytes = bytes.saturating_sub(begun.ticket.size());
            along.push(begun);
        }
        along
    }

    /// Puts runs that were handed out, and not carried out, back to where they waited.
    pub fn hand_back(&self, runs: impl IntoIterator<Item = Begun<T>>) {
        for begun in runs {
            let mut state = self.lock();
            state.schedule.hand_back(begun);
            self.rouse(state, Instant::now());
        }
    }

    /// Takes note that a run has ended, which may let others begin.
    pub fn end(&self, ticket: Ticket, ended: Ended) {
        let mut state = self.lock();
        let now = Instant::now();
        state.schedule.end(ticket, ended, now);
        self.rouse(state, now);
    }

    /// Runs of a tenant that wait, and that have begun and not ended.
    pub fn of_tenant(&self, name: &str) -> (usize, usize) {
        self.lock().schedule.of_tenant(name)
    }

    /// Runs that wait.
    pub fn waiting(&self) -> usize {
        self.lock().schedule.waiting()
    }

    /// Runs that have begun and not ended.
    pub fn running(&self) -> usize {
        self.lock().schedule.running()
    }

    /// Refuses further runs and lets the workers end when nothing is left.
    pub fn close(&self) {
        self.lock().open = false;
        self.wake.notify_all();
    }

    /// Wakes one who is free if there is something to begin, or a moment to be waited for. Whoever
    /// is woken and begins something wakes the next.
    fn rouse(&self, state: MutexGuard<'_, State<T>>, now: Instant) {
        if state.idle == 0 {
            return;
        }
        if !state.open {
            drop(state);
            self.wake.notify_all();
            return;
        }
        let wanted = match state.schedule.is_ready(now) {
            Ok(()) => true,
            Err(None) => false,
            Err(Some(again)) => state.alarm.is_none_or(|alarm| alarm > again),
        };
        drop(state);
        if wanted {
            self.wake.notify_one();
        }
    }

    // Nothing panics while the lock is held, so a poisoned lock still holds a sound state.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run in its queue, as long as this is kept.
pub struct Waits<T> {
    queue: Arc<Queue<T>>,
    place: Place,
}

impl<T> Waits<T> {
    /// Takes the run out of its queue; false where it waits no longer.
    pub fn leave(&self) -> bool {
        let mut state = self.queue.lock();
        let left = state.schedule.leave(&self.place);
        if left.is_some() {
            self.queue.rouse(state, Instant::now());
        }
        left.is_some()
    }
}

impl<T> Drop for Waits<T> {
    fn drop(&mut self) {
        self.leave();
    }
}
