//! What one run takes of the network: counted here, in the host's process, whatever the run's own process says.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Semaphore, task::AbortHandle};

use crate::{exchange::NetError, trace::Trace};

/// What a run may take of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetLimits {
    /// Requests, those that redirects lead to included. Default: 50.
    pub requests: u32,
    /// Requests at the same time; others wait. Default: 6.
    pub at_once: usize,
    /// Time for one call, redirects and the body included. Default: 30 s. The run's own time holds too.
    pub time: Duration,
    /// Bytes of one request's body. Default: 4 MiB.
    pub request_bytes: usize,
    /// Bytes of one answer's body. Default: 8 MiB.
    pub answer_bytes: usize,
    /// Bytes of all bodies of the run, both ways. Default: 32 MiB.
    pub bytes: usize,
}

impl Default for NetLimits {
    fn default() -> Self {
        Self {
            requests: 50,
            at_once: 6,
            time: Duration::from_secs(30),
            request_bytes: 4 << 20,
            answer_bytes: 8 << 20,
            bytes: 32 << 20,
        }
    }
}

/// The account of one run.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) limits: NetLimits,
    pub(crate) turns: Semaphore,
    /// The span that the run's requests are below, if any.
    pub(crate) trace: Option<Trace>,
    requests: AtomicU32,
    bytes: AtomicUsize,
    /// Calls under way, by the guest's numbers.
    calls: Mutex<HashMap<u64, AbortHandle>>,
}

impl Account {
    /// The account of a run that this caused, as [`Trace::text`] says it.
    pub(crate) fn new(limits: NetLimits, cause: Option<&str>) -> Self {
        Self {
            limits,
            turns: Semaphore::new(limits.at_once.clamp(1, Semaphore::MAX_PERMITS)),
            trace: cause.and_then(Trace::of_text),
            requests: AtomicU32::new(0),
            bytes: AtomicUsize::new(0),
            calls: Mutex::default(),
        }
    }

    /// Counts a request.
    pub(crate) fn begin(&self) -> Result<(), NetError> {
        let most = self.limits.requests;
        let counted = self.requests.try_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            count.checked_add(1).filter(|&count| count <= most)
        });
        counted.map(drop).map_err(|_| NetError::TooManyRequests { most })
    }

    /// Counts bytes of a body.
    pub(crate) fn take(&self, bytes: usize) -> Result<(), NetError> {
        let most = self.limits.bytes;
        let counted = self.bytes.try_update(Ordering::Relaxed, Ordering::Relaxed, |count| {
            count.checked_add(bytes).filter(|&count| count <= most)
        });
        counted.map(drop).map_err(|_| NetError::TooManyBytes { most })
    }

    pub(crate) fn note(&self, call: u64, handle: AbortHandle) {
        self.calls().insert(call, handle);
    }

    pub(crate) fn forget(&self, call: u64) {
        self.calls().remove(&call);
    }

    /// Ends a call that is under way.
    pub(crate) fn abort(&self, call: u64) {
        if let Some(handle) = self.calls().remove(&call) {
            handle.abort();
        }
    }

    // Nothing panics while it is held.
    fn calls(&self) -> MutexGuard<'_, HashMap<u64, AbortHandle>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_past_a_limit_is_not_counted() {
        let account =
            Account::new(NetLimits { requests: 2, bytes: 10, ..NetLimits::default() }, None);
        assert!(account.begin().is_ok() && account.begin().is_ok());
        assert!(matches!(account.begin(), Err(NetError::TooManyRequests { most: 2 })));
        assert!(account.take(8).is_ok());
        assert!(matches!(account.take(3), Err(NetError::TooManyBytes { most: 10 })));
        assert!(account.take(usize::MAX).is_err());
        assert!(account.take(2).is_ok());
    }
}
