//! Asynchronous host functions that are out: their futures, and the promises that wait for them.

use super::{HostFuture, on_enough_stack};
use crate::error::HostError;
use crate::js::cx::{Cx, Js};
use crate::js::raw::{JS_UNDEFINED, JSValue};
use crate::limits::Reason;
use crate::limits::monotonic_ns;
use crate::run::state::RunState;
use crate::value::{Value, cross_in};
use futures_util::future::{CatchUnwind, FutureExt, Map};
use futures_util::stream::{FuturesUnordered, Stream};
use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

/// Resolve and reject.
type Resolvers = [JSValue; 2];
/// What a host function answered, or the panic that ended it.
type Answer = Result<Result<Value, HostError>, Box<dyn Any + Send>>;
type Tag = Box<dyn FnOnce(Answer) -> Completion>;

/// The host functions that a run waits for.
#[derive(Default)]
pub(crate) struct Completions {
    futures: FuturesUnordered<Map<CatchUnwind<AssertUnwindSafe<HostFuture>>, Tag>>,
}

/// One that came back.
pub(crate) struct Completion {
    resolvers: Resolvers,
    /// The host function's.
    index: i32,
    answer: Answer,
}

impl Completions {
    pub(crate) fn is_empty(&self) -> bool {
        self.futures.is_empty()
    }

    /// Takes a future in; answers the promise that stands for it in the guest.
    pub(crate) fn start(&mut self, cx: Cx, future: HostFuture, index: i32) -> Js<JSValue> {
        let (promise, resolvers) = cx.new_promise()?;
        let tag: Tag = Box::new(move |answer| Completion { resolvers, index, answer });
        // A future that panicked is never polled again, and ends the run.
        self.futures.push(AssertUnwindSafe(future).catch_unwind().map(tag));
        Ok(promise)
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
            match on_enough_stack(|| Pin::new(&mut self.futures).poll_next(&mut context)) {
                Poll::Ready(completion) => return completion,
                Poll::Pending => {}
            }
            let left = deadline.checked_sub(monotonic_ns()).filter(|left| *left > 0)?;
            thread::park_timeout(Duration::from_nanos(left));
        }
    }
}

impl Completion {
    /// Resolves or rejects the promise. A result that cannot cross rejects it; a panic ends the run.
    pub(crate) fn settle(self, cx: Cx, run: &RunState) -> Js<()> {
        let [resolve, reject] = self.resolvers;
        let result = match self.answer {
            Ok(result) => result,
            Err(panic) => {
                run.set_host_panic(self.index, &*panic);
                return Err(run.abandon(cx, Reason::HostPanic));
            }
        };
        let (function, value) = match result {
            Ok(value) => match cross_in::value(cx, run, &value) {
                Ok(value) => (resolve, value),
                Err(thrown) if cx.abandoned() => return Err(thrown),
                Err(_) => (reject, cx.take_exception()?),
            },
            Err(error) => {
                let _thrown = cx.throw(&error.name, &error.message);
                (reject, cx.take_exception()?)
            }
        };
        let done = cx.call(function, JS_UNDEFINED, &mut [value])?;
        for used in [done, value, resolve, reject] {
            cx.free(used);
        }
        Ok(())
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
