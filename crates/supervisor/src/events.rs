//! What happens to a supervisor's workers, told to whoever listens. Nobody waits for a listener: one
//! that is slow is told how much it missed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Events that are kept for a listener that is slow.
const KEPT: usize = 1024;

/// Something that happened to a supervisor's workers or to the process that forks them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A worker was forked, is confined, and has no tenant yet.
    WorkerForked {
        /// The number of its process.
        process: i32,
    },
    /// A worker was forked, but not taken, or could not be forked.
    WorkerRefused {
        /// Why.
        reason: String,
    },
    /// A worker was lost: it was killed, or ended itself.
    WorkerLost {
        /// The number that its process had.
        process: i32,
        /// Whose run, or whose deployment, it was lost in; for one that waited, whose worker it was.
        /// Empty for a spare one.
        tenant: Arc<str>,
        /// The version of the script; empty where none was run.
        version: String,
        /// Why, for people.
        cause: String,
    },
    /// Runs are held back that keep losing their workers.
    Quarantined {
        /// Whose they are.
        tenant: Arc<str>,
        /// The version of the script; the base image's where runs bring their source.
        version: String,
        /// For how long.
        pause: Duration,
    },
    /// A worker was ended because its tenant did not need it.
    WorkerEnded {
        /// The number that its process had.
        process: i32,
        /// Whose it was.
        tenant: Arc<str>,
    },
    /// A worker was ended because it was told of several runs together, and one of them took long.
    /// Which one shows when the rest are run one by one.
    RunsParted {
        /// The number that its process had.
        process: i32,
        /// Whose it was.
        tenant: Arc<str>,
        /// The version of the first that had not ended, which is probably the one; the base image's
        /// where runs bring their source.
        version: String,
        /// How many had not ended.
        runs: usize,
    },
    /// The zygote had ended or did not answer, and another one was started in its place.
    ZygoteReplaced {
        /// Why, for people.
        cause: String,
    },
    /// So many events came that this listener was too slow for.
    Missed {
        /// How many.
        events: u64,
    },
}

/// The events of a supervisor from the moment on when this was asked for.
#[derive(Debug)]
pub struct Events {
    receiver: broadcast::Receiver<Event>,
}

impl Events {
    /// Waits for the next event; none once the supervisor is gone. No event is lost where the future
    /// is dropped.
    pub async fn next(&mut self) -> Option<Event> {
        match self.receiver.recv().await {
            Ok(event) => Some(event),
            Err(RecvError::Lagged(events)) => Some(Event::Missed { events }),
            Err(RecvError::Closed) => None,
        }
    }
}

/// Where events are told.
#[derive(Clone, Debug)]
pub(crate) struct Teller(broadcast::Sender<Event>);

impl Teller {
    pub(crate) fn new() -> Teller {
        Teller(broadcast::Sender::new(KEPT))
    }

    /// Tells of what `event` makes, which is not made where nobody listens.
    pub(crate) fn tell(&self, event: impl FnOnce() -> Event) {
        if self.0.receiver_count() > 0 {
            // An error says that the last listener has just gone.
            let _ = self.0.send(event());
        }
    }

    pub(crate) fn listen(&self) -> Events {
        Events { receiver: self.0.subscribe() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_listener_hears_in_order_and_is_told_what_it_missed_and_of_the_end() {
        let teller = Teller::new();
        teller.tell(|| unreachable!("nobody listens"));
        let mut events = teller.listen();
        for process in 0..KEPT as i32 + 3 {
            teller.tell(|| Event::WorkerForked { process });
        }
        assert_eq!(events.next().await, Some(Event::Missed { events: 3 }));
        assert_eq!(events.next().await, Some(Event::WorkerForked { process: 3 }));
        drop(teller);
        let mut last = None;
        while let Some(event) = events.next().await {
            last = Some(event);
        }
        assert_eq!(last, Some(Event::WorkerForked { process: KEPT as i32 + 2 }));
    }
}
