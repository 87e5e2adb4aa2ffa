//! Heap snapshots that workers write: who takes them, and one of an image, driven to its end. What is in them
//! is bytes here, of a worker that may say what it likes.

use std::time::Duration;

use sandtide::{Error, Limits};
use sandtide_wire::{FromWorker, outcome_budget};

use crate::lost::Lost;
use crate::worker::{Budgets, Worker};

/// How long writing a heap snapshot may take.
pub(crate) const LOOK_TIME: Duration = Duration::from_secs(60);

/// Takes a heap snapshot, which a worker writes and says what it likes in.
pub trait SnapshotSink: Send {
    /// The next bytes; none where the worker begins to look. Comes on a thread of the runtime, so that
    /// it must not wait. What has no room for more leaves the rest.
    fn piece(&mut self, bytes: &[u8]);
    /// That was all; or why it is not whole. Not called where the worker is lost.
    fn end(&mut self, result: Result<(), Error>);
}

/// Waits for the end of the snapshot that `worker` was told to write, for which it has so much time.
pub(crate) async fn look(
    worker: &mut Worker,
    limits: &Limits,
    time: Duration,
    sink: &mut dyn SnapshotSink,
) -> Result<(), Lost> {
    let budgets = Budgets::without_calls(outcome_budget(limits));
    let written = async {
        loop {
            match worker.hear(budgets).await? {
                FromWorker::Piece { bytes, .. } => sink.piece(&bytes),
                FromWorker::Looked { error, .. } => return Ok(error.map_or(Ok(()), Err)),
                _ => unreachable!("a message that is not legal was let pass"),
            }
        }
    };
    match tokio::time::timeout(time, written).await {
        Err(_) => Err(Lost::Looking { limit: time }),
        Ok(Err(lost)) => Err(lost),
        Ok(Ok(result)) => {
            sink.end(result);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use sandtide::Outcome;
    use sandtide_wire::ToWorker;

    use super::*;

    fn frame(message: &FromWorker) -> Vec<u8> {
        let mut out = Vec::new();
        message.encode(&mut out).unwrap();
        out
    }

    /// Keeps what it is told.
    #[derive(Default)]
    struct Told {
        bytes: Vec<u8>,
        ended: Option<Result<(), Error>>,
    }

    impl SnapshotSink for Told {
        fn piece(&mut self, bytes: &[u8]) {
            self.bytes.extend_from_slice(bytes);
        }

        fn end(&mut self, result: Result<(), Error>) {
            self.ended = Some(result);
        }
    }

    fn piece(bytes: &[u8]) -> Vec<u8> {
        frame(&FromWorker::Piece { run: 7, bytes: bytes.to_vec() })
    }

    /// What is made of a worker that writes this when it is told to look at an image, and goes on with the
    /// last of it.
    async fn looked(says: Vec<Vec<u8>>, goes_on: bool) -> (Result<(), Lost>, Told) {
        let (spawned, mut theirs) = crate::zygote::Spawned::of_test();
        let mut worker = Worker::new(spawned).unwrap();
        theirs.write_all(&frame(&FromWorker::Ready { layers: 0 })).unwrap();
        let limits = Limits::default();
        let budget = Budgets::without_calls(outcome_budget(&limits));
        worker.hear(budget).await.unwrap();
        worker.say(&ToWorker::Snapshot { run: 7, image: None }).unwrap();
        let writes = std::thread::spawn(move || {
            // Who has heard enough does not wait for the rest.
            let _ = says.iter().try_for_each(|said| theirs.write_all(said));
            while goes_on && theirs.write_all(&says[says.len() - 1]).is_ok() {}
            theirs
        });
        let mut told = Told::default();
        let time = Duration::from_secs(if goes_on { 1 } else { 600 });
        let looked = look(&mut worker, &limits, time, &mut told).await;
        drop(worker);
        writes.join().unwrap();
        (looked, told)
    }

    #[tokio::test]
    async fn what_a_worker_writes_of_a_snapshot_is_taken_as_hostile() {
        let end = |error| frame(&FromWorker::Looked { run: 7, error });
        let (looked_well, told) =
            looked(vec![piece(b"a"), piece(&[0, 255]), end(None)], false).await;
        looked_well.unwrap();
        assert_eq!((&*told.bytes, told.ended), (&[b'a', 0, 255][..], Some(Ok(()))));
        let (failed, told) = looked(vec![end(Some(Error::NeverSettled))], false).await;
        failed.unwrap();
        assert_eq!(told.ended, Some(Err(Error::NeverSettled)));
        // One that has no end, and ones that say what nobody asked for.
        let (endless, told) = looked(vec![piece(&[1; 1000])], true).await;
        assert!(matches!(endless, Err(Lost::Looking { .. })), "{endless:?}");
        assert!(told.ended.is_none());
        let outcome = Box::new(Outcome::failed(Error::Cancelled));
        let done = frame(&FromWorker::Done { run: 7, outcome });
        assert!(matches!(looked(vec![done], false).await.0, Err(Lost::OutOfTurn(_))));
        let other = frame(&FromWorker::Piece { run: 8, bytes: Vec::new() });
        assert!(matches!(looked(vec![other], false).await.0, Err(Lost::OutOfTurn(_))));
        let huge = vec![u32::MAX.to_le_bytes().to_vec(), vec![5]];
        assert!(matches!(looked(huge, false).await.0, Err(Lost::TooLong { .. })));
    }
}
