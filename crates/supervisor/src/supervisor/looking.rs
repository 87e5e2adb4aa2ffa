//! Heap snapshots, which workers write. Must not know what they are of: bytes, from a worker that may say
//! what it likes.

use sandtide_confine::Turns;

use super::*;

impl Supervisor {
    /// As [`run_here`](Self::run_here), and where the run hits its heap limit its worker writes a snapshot of
    /// its heap, as it is at that moment, to `sink`. That takes a minute at most, which is not of the run's
    /// time.
    ///
    /// # Panics
    /// Where it is called by a task.
    #[must_use]
    pub fn run_with_snapshot_here(
        &self,
        image: &DeployedImage,
        run: Run,
        sink: &mut dyn SnapshotSink,
    ) -> Outcome {
        let shared = &self.shared;
        let outcome = match shared.admit(&image.inner, run) {
            Ok(due) => {
                let (_alive, dropped) = oneshot::channel();
                shared.runtime.block_on(shared.run(&image.inner, due, dropped, Some(sink)))
            }
            Err(failed) => *failed,
        };
        shared.counted(outcome)
    }

    /// Has a worker write a snapshot of an image's heap to `sink`, on the calling thread, which waits. A worker
    /// may take a minute for it, beside what building the image may take.
    ///
    /// # Errors
    /// There is no worker, or it was lost; `sink` was not told of the end then.
    ///
    /// # Panics
    /// Where it is called by a task.
    pub fn snapshot_here(
        &self,
        image: &DeployedImage,
        sink: &mut dyn SnapshotSink,
    ) -> Result<(), Error> {
        self.shared.runtime.block_on(self.shared.snapshot(&image.inner, sink))
    }
}

impl Shared {
    async fn snapshot(
        self: &Arc<Self>,
        inner: &Inner,
        sink: &mut dyn SnapshotSink,
    ) -> Result<(), Error> {
        self.check(inner.script)?;
        let _busy = self.busy.acquire().await;
        let taken = self.take(&inner.tenant, inner.script, inner.number).await;
        let mut worker = taken.map_err(|message| system("starting a worker", &message))?;
        worker.serves(inner.script, &inner.version);
        let run = self.next.fetch_add(1, Ordering::Relaxed);
        let written = async {
            load(&mut worker, inner)?;
            worker.give_turns(Turns::Long);
            worker.say(&ToWorker::Snapshot { run, image: inner.number })?;
            let limits = &inner.plan.limits;
            // It may have to build the image first.
            let time = limits.wall.saturating_mul(2).saturating_add(LOOK_TIME);
            look(&mut worker, limits, time, sink).await
        };
        match written.await {
            Ok(()) => {
                worker.stands_ready();
                self.put_back(&inner.tenant, worker);
                Ok(())
            }
            Err(lost) => Err(self.bury(&inner.tenant, worker, lost, true).await),
        }
    }
}
