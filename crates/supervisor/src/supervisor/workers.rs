//! Workers on their way between runs: taken, put back, replaced, ended when nobody needs them. Must not know
//! what a run is.

use super::*;

const ENDED_WAITING: &str = "it ended while it waited";

impl Shared {
    /// What a run takes where it need not wait.
    pub(super) fn at_hand(self: &Arc<Self>, inner: &Inner) -> Option<(Permit, Worker)> {
        let busy = Arc::clone(&self.busy).try_acquire_owned().ok()?;
        Some((busy, self.take_at_hand(whom(inner), inner.number)?))
    }

    /// A worker of this tenant, with the image if there is one; else one that nobody had before.
    pub(super) async fn take(
        self: &Arc<Self>,
        whom: Whom<'_>,
        image: Option<u64>,
    ) -> Result<Worker, String> {
        match self.take_at_hand(whom, image) {
            Some(worker) => Ok(worker),
            None => self.start_worker(ForkedFor::Runs).await,
        }
    }

    /// As [`take`](Self::take), but none where one would have to be forked.
    pub(super) fn take_at_hand(
        self: &Arc<Self>,
        whom: Whom<'_>,
        image: Option<u64>,
    ) -> Option<Worker> {
        let mut gone = Vec::new();
        let (worker, was_spare) = loop {
            let mut state = lock(&self.state);
            let of_tenant = |idle: &Idle| idle.tenant == *whom.tenant;
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
            // Somebody killed it while it waited: the run is given another.
            match worker {
                Some(worker) if worker.is_gone() => {
                    self.tell_lost(whom, worker.pid(), || ENDED_WAITING.to_owned());
                    gone.push(worker);
                }
                worker => break (worker, found.is_none()),
            }
        };
        drop(gone);
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

    pub(super) fn put_back(&self, whom: Whom<'_>, worker: Worker) {
        if !worker.is_idle() {
            self.unshelve(&worker);
            self.tell_lost(whom, worker.pid(), || "it said more than its answer".to_owned());
            return;
        }
        let mut state = lock(&self.state);
        state.idle.push(Idle::of(whom, worker));
        let oldest = (state.idle.len() > self.config.most_idle()).then(|| state.idle.remove(0));
        drop(state);
        // Killing takes a system call, so it happens outside of the lock.
        self.tell_ended(oldest);
    }

    /// Ends a worker that is of no more use, and answers what its run is told.
    pub(super) async fn bury(
        self: &Arc<Self>,
        whom: Whom<'_>,
        worker: Worker,
        lost: Lost,
    ) -> Buried {
        self.have_spares();
        self.unshelve(&worker);
        let process = worker.pid();
        let status = worker.end().await;
        let of_script = is_of_script(&lost, status.as_ref());
        let cause = cause(&lost, status.as_ref());
        self.tell_lost(whom, process, || cause.clone());
        Buried { error: Error::WorkerLost { cause }, of_script }
    }

    /// Lets go of the bytes that a worker had images from which was lost while it was asked for something:
    /// they may be what it was lost by. The next worker builds these images itself.
    pub(super) fn unshelve(&self, worker: &Worker) {
        for image in worker.carried() {
            self.shelf.remove(*image);
        }
    }

    pub(super) fn tell_lost(&self, whom: Whom<'_>, process: i32, cause: impl FnOnce() -> String) {
        self.lost.fetch_add(1, Ordering::Relaxed);
        let Whom { tenant, version } = whom;
        self.teller.tell(|| Event::WorkerLost {
            process,
            tenant: Arc::clone(tenant),
            version: version.to_owned(),
            cause: cause(),
        });
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

/// Ends workers whose tenants did not need them for a while, and sees that some have ended which nobody
/// has asked for anything since, as long as the supervisor is there.
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
            let gone: Vec<Idle> = state.idle.extract_if(.., |idle| idle.worker.is_gone()).collect();
            let spare: Vec<Worker> = state.spare.extract_if(.., |spare| spare.is_gone()).collect();
            drop(state);
            shared.tell_ended(old);
            let nobody: Arc<str> = "".into();
            let spare = spare.iter().map(|worker| (worker, &nobody));
            let gone = gone.iter().map(|idle| (&idle.worker, &idle.tenant));
            let mut any = false;
            for (worker, tenant) in spare.chain(gone) {
                any = true;
                let whom = Whom { tenant, version: "" };
                shared.tell_lost(whom, worker.pid(), || ENDED_WAITING.to_owned());
            }
            if any {
                shared.have_spares();
            }
        }
    });
}
