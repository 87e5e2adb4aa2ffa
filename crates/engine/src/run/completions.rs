//! Pending calls of asynchronous host functions: their futures, and the promises that wait for
//! them.
//!
//! Must not know how promises are settled.

use super::outside::Held;
use crate::error::HostError;
use crate::host::{HostFuture, on_enough_stack};
use crate::js::raw::JSValue;
use crate::limits::monotonic_ns;
use crate::value::Value;
use futures_util::future::{CatchUnwind, FutureExt, Map};
use futures_util::stream::{FuturesUnordered, Stream};
use std::any::Any;
use std::cell::OnceCell;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

/// Resolve and reject.
pub(crate) type Resolvers = [JSValue; 2];
/// What a host function answered, or the panic that ended it.
pub(crate) type Answer = Result<Result<Value, HostError>, Box<dyn Any + Send>>;
type Tag = Box<dyn FnOnce(Answer) -> Completion>;

/// The host functions that a run waits for.
#[derive(Default)]
pub(crate) struct Completions {
    // Made for the first call: most runs wait for none.
    futures: OnceCell<FuturesUnordered<Map<CatchUnwind<AssertUnwindSafe<HostFuture>>, Tag>>>,
}

/// A host call that has ended.
pub(crate) struct Completion {
    pub(crate) resolvers: Resolvers,
    /// The host function's.
    pub(crate) index: i32,
    pub(crate) answer: Answer,
    /// What its arguments held.
    pub(crate) held: Held,
}

impl Completions {
    pub(crate) fn is_empty(&self) -> bool {
        self.futures.get().is_none_or(FuturesUnordered::is_empty)
    }

    /// Adds a future; the promise with these resolvers waits for it.
    pub(crate) fn push(&self, future: HostFuture, resolvers: Resolvers, index: i32, held: Held) {
        let tag: Tag = Box::new(move |answer| Completion { resolvers, index, answer, held });
        // A future that panicked is never polled again, and ends the run.
        let futures = self.futures.get_or_init(FuturesUnordered::new);
        futures.push(AssertUnwindSafe(future).catch_unwind().map(tag));
    }

    /// Waits for the next one; `None` at the deadline (monotonic, in ns) or once `cancelled` says
    /// so after a wake-up.
    pub(crate) fn wait(
        &mut self,
        deadline: u64,
        cancelled: impl Fn() -> bool,
    ) -> Option<Completion> {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            if cancelled() {
                return None;
            }
            // Where there is none, only the time is waited for.
            if let Some(futures) = self.futures.get_mut()
                && let Poll::Ready(Some(completion)) =
                    on_enough_stack(|| Pin::new(futures).poll_next(&mut context))
            {
                return Some(completion);
            }
            let left = deadline.checked_sub(monotonic_ns()).filter(|left| *left > 0)?;
            wait_for(Duration::from_nanos(left));
        }
    }
}

/// So short a time is not slept through where ticks would have to end it.
const SHORT: Duration = Duration::from_millis(1);

/// What is called in the place of sleeping, if anything.
static WAIT: OnceLock<fn(Duration)> = OnceLock::new();

/// Has `wait` called in the place of sleeping until a future wakes the thread. The first call
/// counts.
pub(crate) fn on_wait(wait: fn(Duration)) {
    let _ = WAIT.set(wait);
}

fn wait_for(time: Duration) {
    match WAIT.get() {
        // A wait that only ticks end, every few ms, would be too long.
        Some(_) if time < SHORT => std::hint::spin_loop(),
        Some(wait) => wait(time),
        None => thread::park_timeout(time),
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
