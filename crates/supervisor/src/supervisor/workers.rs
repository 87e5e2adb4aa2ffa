//! Workers on their way between runs: taken, put back, replaced, ended when nobody needs them. Must not know
//! what a run is.

use super::*;
use crate::account::BESIDE;
use crate::blame::Served;
use crate::lost::{Memory, by_others, cause, is_of_script};

impl Shared {
    /// What a run takes where it need not wait.
    pub(super) fn at_hand(
        self: &Arc<Self>,
        inner: &Inner,
        script: Script,
    ) -> Option<(Permit, Worker)> {
        let busy = Arc::clone(&self.busy).try_acquire_owned().ok()?;
        Some((busy, self.take_at_hand(&inner.tenant, script, inner.number)?))
    }

    /// A worker of this tenant, with the image if there is one; else one that nobody had before.
    pub(super) async fn take(
        self: &Arc<Self>,
        tenant: &Arc<str>,
        script: Script,
        image: Option<u64>,
    ) -> Result<Worker, String> {
        match self.take_at_hand(tenant, script, image) {
            Some(worker) => Ok(worker),
            None => self.start_worker(ForkedFor::Runs).await,
        }
    }

    /// As [`take`](Self::take), but none where one would have to be forked.
    pub(super) fn take_at_hand(
        self: &Arc<Self>,
        tenant: &Arc<str>,
        script: Script,
        image: Option<u64>,
    ) -> Option<Worker> {
        let (worker, was_spare) = loop {
            let (losses, now) = (lock(&self.losses), std::time::Instant::now());
            let mut state = lock(&self.state);
            let of_tenant = |idle: &Idle| {
                idle.tenant == *tenant && losses.fit(idle.worker.served(), script, now)
            };
            let has = |idle: &Idle| image.is_some_and(|image| idle.worker.has(image));
            let found = state
                .idle
                .iter()
                .rposition(|idle| of_tenant(idle) && has(idle))
                .or_else(|| state.idle.iter().rposition(of_tenant));
            let worker = match found {
                Some(found) => Some(state.idle.remove(found).worker),
                None => state.spare.pop(),
            };
            drop(state);
            drop(losses);
            // Somebody killed it while it waited: the run is given another.
            match worker.map(|worker| (worker.is_gone(), worker)) {
                Some((Some(lost), worker)) => self.give_up(tenant, worker, lost),
                worker => break (worker.map(|(_, worker)| worker), found.is_none()),
            }
        };
        let worker = worker.map(|mut worker| {
            let (may_use, used) = (worker.may_use(), worker.stands_ready());
            if used.is_none_or(|used| used <= may_use) {
                self.proved_sound(&mut worker);
            }
            // It is owed by those that it served, and not the next one's.
            self.owe(&worker, used, BESIDE);
            worker
        });
        if was_spare {
            self.have_spares();
        }
        worker
    }

    pub(super) async fn start_worker(&self, what_for: ForkedFor) -> Result<Worker, String> {
        self.started.fetch_add(1, Ordering::Relaxed);
        match start_worker(&self.zygote, what_for, self.layers).await {
            Ok((worker, _)) => {
                self.teller.tell(|| Event::WorkerForked { process: worker.pid() });
                Ok(worker)
            }
            Err(error) => {
                if matches!(error, NotStarted::Layers(_)) {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                }
                let reason = error.to_string();
                self.teller.tell(|| Event::WorkerRefused { reason: reason.clone() });
                Err(reason)
            }
        }
    }

    /// Has as many spares forked as are missing, without waiting for them.
    pub(super) fn have_spares(self: &Arc<Self>) {
        let missing = {
            let mut state = lock(&self.state);
            let have = state.spare.len() + state.coming;
            let missing = self.config.spares.saturating_sub(have);
            state.coming += missing;
            missing
        };
        for _ in 0..missing {
            let shared = Arc::clone(self);
            self.runtime.spawn(async move {
                let started = shared.start_worker(ForkedFor::Runs).await;
                let mut state = lock(&shared.state);
                state.coming -= 1;
                // Where none could be started, the run that needs one says so.
                state.spare.extend(started);
            });
        }
    }

    pub(super) fn put_back(self: &Arc<Self>, tenant: &Arc<str>, worker: Worker) {
        if !worker.is_idle() {
            self.give_up(tenant, worker, Lost::SaidMore);
            return;
        }
        let mut state = lock(&self.state);
        state.idle.push(Idle::of(tenant, worker));
        let oldest = (state.idle.len() > self.config.most_idle()).then(|| state.idle.remove(0));
        drop(state);
        // Killing takes a system call, so it happens outside of the lock.
        self.tell_ended(oldest);
    }

    /// Ends a worker that is of no more use, and answers what its run is told. `blamed` says whether that
    /// counts for whom it served.
    pub(super) async fn bury(
        self: &Arc<Self>,
        tenant: &Arc<str>,
        worker: Worker,
        lost: Lost,
        blamed: bool,
    ) -> Error {
        self.count_lost();
        self.unshelve(worker.carried());
        self.buried(tenant, worker, lost, blamed).await
    }

    /// The same of one that nobody waits for.
    pub(super) fn give_up(self: &Arc<Self>, tenant: &Arc<str>, worker: Worker, lost: Lost) {
        self.count_lost();
        self.owe(&worker, worker.used_since_it_stood_ready(), BESIDE);
        let known = lost.is_of_worker();
        if known {
            self.unshelve(worker.carried());
        }
        // At once: the next run of the script must not slip by.
        let pause = if known { self.blame(worker.served()) } else { None };
        let (shared, tenant) = (Arc::clone(self), Arc::clone(tenant));
        self.runtime.spawn(async move {
            let version = worker.served().version();
            shared.buried(&tenant, worker, lost, !known).await;
            shared.tell_held(&tenant, &version, pause);
        });
    }

    /// Has the tenant of a worker owe what it used and was not asked for, where that is more than so much.
    pub(super) fn owe(&self, worker: &Worker, used: Option<Duration>, beside: Duration) {
        if let Some(script) = worker.served().last()
            && let Some(used) = used.filter(|used| *used > beside)
        {
            lock(&self.losses).owe(script, used, std::time::Instant::now());
        }
    }

    fn count_lost(self: &Arc<Self>) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        self.have_spares();
    }

    async fn buried(
        &self,
        tenant: &Arc<str>,
        mut worker: Worker,
        lost: Lost,
        blamed: bool,
    ) -> Error {
        let process = worker.pid();
        let served = worker.take_served();
        let carried = worker.carried().to_vec();
        let status = worker.end().await;
        let memory = match by_others(&lost, status.as_ref()) {
            true => self.memory_ran_out(),
            false => Memory::Unknown,
        };
        let blamed = blamed && is_of_script(&lost, status.as_ref());
        if blamed {
            self.unshelve(&carried);
        }
        let pause = if blamed { self.blame(&served) } else { None };
        let cause = cause(&lost, status.as_ref(), memory);
        self.teller.tell(|| Event::WorkerLost {
            process,
            tenant: Arc::clone(tenant),
            version: served.version().to_string(),
            cause: cause.clone(),
        });
        self.tell_held(tenant, &served.version(), pause);
        Error::WorkerLost { cause }
    }

    /// Whether the system has killed more processes for want of memory than when this was last asked.
    fn memory_ran_out(&self) -> Memory {
        let Some(killed) = self.cgroup.as_ref().and_then(|cgroup| cgroup.killed_for_memory())
        else {
            return Memory::Unknown;
        };
        match self.killed_for_memory.fetch_max(killed, Ordering::Relaxed) < killed {
            true => Memory::RanOut,
            false => Memory::Sufficed,
        }
    }

    /// Lays the loss of a worker to what it served. Answers the pause that this begins.
    fn blame(&self, served: &Served) -> Option<Duration> {
        lock(&self.losses).lost(served, std::time::Instant::now())
    }

    fn tell_held(&self, tenant: &Arc<str>, version: &str, pause: Option<Duration>) {
        if let Some(pause) = pause {
            self.teller.tell(|| Event::Quarantined {
                tenant: Arc::clone(tenant),
                version: version.to_owned(),
                pause,
            });
        }
    }

    /// Lets go of the bytes that a worker had images from which was lost while it was asked for something, or by
    /// what it did: they may be what it was lost by. The next worker builds these images itself.
    fn unshelve(&self, carried: &[u64]) {
        for image in carried {
            self.shelf.remove(*image);
        }
    }

    /// Ends workers that nobody needs.
    pub(super) fn tell_ended(&self, workers: impl IntoIterator<Item = Idle>) {
        for Idle { tenant, worker, .. } in workers {
            let process = worker.pid();
            drop(worker);
            self.teller.tell(|| Event::WorkerEnded { process, tenant });
        }
    }
}

/// How often workers that wait are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Ends workers whose tenants did not need them for a while, and those that have ended, speak or are busy while
/// nobody has asked them for anything, as long as the supervisor is there.
pub(super) fn end_idle_workers(shared: &Arc<Shared>) {
    let (weak, after) = (Arc::downgrade(shared), shared.config.idle_time);
    let pause = (after / 4).clamp(Duration::from_millis(1), LOOK_EVERY);
    shared.runtime.spawn(async move {
        loop {
            sleep(pause).await;
            let Some(shared) = weak.upgrade() else { break };
            let now = Instant::now();
            let mut state = lock(&shared.state);
            // The one that was used last is at the end.
            let old = state.idle.iter().take_while(|idle| now - idle.since >= after).count();
            let old: Vec<Idle> = state.idle.drain(..old).collect();
            let (mut spoilt, mut sound) = (Vec::new(), Vec::new());
            for position in (0..state.idle.len()).rev() {
                let worker = &mut state.idle[position].worker;
                if let Some(lost) = worker.is_spoilt() {
                    let Idle { tenant, worker, .. } = state.idle.remove(position);
                    spoilt.push((tenant, worker, lost));
                } else if worker.rests() {
                    sound.extend(worker.take_unproven());
                }
            }
            for position in (0..state.spare.len()).rev() {
                if let Some(lost) = state.spare[position].is_gone() {
                    spoilt.push(("".into(), state.spare.remove(position), lost));
                }
            }
            drop(state);
            shared.tell_ended(old);
            if !sound.is_empty() {
                let mut losses = lock(&shared.losses);
                let now = std::time::Instant::now();
                sound.into_iter().for_each(|script| losses.went_well(script, now));
            }
            for (tenant, worker, lost) in spoilt {
                shared.give_up(&tenant, worker, lost);
            }
        }
    });
}
