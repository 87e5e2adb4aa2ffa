//! Ending a run from another thread.

use super::watchdog::Slot;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Cancels the runs that it was given to, from any thread.
///
/// A cancelled token stays cancelled: runs that start with it end at once.
#[derive(Clone, Debug, Default)]
pub struct CancelToken {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    cancelled: AtomicBool,
    running: Mutex<Vec<Arc<Slot>>>,
}

impl CancelToken {
    /// A token that nobody has cancelled yet.
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Ends every run that holds this token, wherever it is: in guest code, in one of the engine's
    /// own loops, or waiting for a host function. A synchronous host function is let finish.
    pub fn cancel(&self) {
        // The flag goes first: a run that misses the list below sees it when it starts.
        self.inner.cancelled.store(true, Ordering::SeqCst);
        let running = self.inner.running.lock().unwrap_or_else(PoisonError::into_inner);
        for slot in running.iter() {
            slot.cancel();
        }
    }

    /// Whether somebody cancelled it.
    pub fn is_cancelled(&self) -> bool {
        self.inner.cancelled.load(Ordering::SeqCst)
    }

    pub(crate) fn attach(&self, slot: &Arc<Slot>) {
        let mut running = self.inner.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.push(Arc::clone(slot));
        drop(running);
        if self.is_cancelled() {
            slot.cancel();
        }
    }

    pub(crate) fn detach(&self, slot: &Arc<Slot>) {
        let mut running = self.inner.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|other| !Arc::ptr_eq(other, slot));
    }
}
