//! Host functions in a worker: each is carried out by the broker, or, where the program gave it as a
//! local one, here.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::panic::resume_unwind;
use std::task::{Poll, Waker};
use std::time::Duration;

use sandtide_engine::{HostError, HostFunction, Value};
use sandtide_wire::{FromWorker, HostReply, ToWorker};

use crate::channel::{Channel, Gone};

/// A function that workers carry out themselves, within their confinement: its name, and what it
/// does. It is granted by name, as others are.
pub type LocalFunction = (&'static str, fn(Vec<Value>) -> Result<Value, HostError>);

/// What is no number of a run.
pub(crate) const NO_RUN: u64 = 0;

thread_local! {
    /// The channel of this worker; none in the zygote.
    static CHANNEL: RefCell<Option<Channel>> = const { RefCell::new(None) };
    /// The number of the run that is on; [`NO_RUN`] while an image is deployed.
    static RUN: Cell<u64> = const { Cell::new(NO_RUN) };
    static NEXT_CALL: Cell<u64> = const { Cell::new(1) };
    /// Replies that came while another one was waited for.
    static REPLIES: RefCell<BTreeMap<u64, HostReply>> = const { RefCell::new(BTreeMap::new()) };
    /// What came while a run was on, and is for the time after it.
    static LATER: RefCell<VecDeque<ToWorker>> = const { RefCell::new(VecDeque::new()) };
    /// Whom to wake when the reply to a call comes.
    static WAITING: RefCell<BTreeMap<u64, Waker>> = const { RefCell::new(BTreeMap::new()) };
}

/// Gives the thread its channel.
pub(crate) fn set_channel(channel: Channel) {
    CHANNEL.set(Some(channel));
}

/// Calls `f` with the thread's channel, and ends the process where the broker is gone.
pub(crate) fn with_channel<R>(f: impl FnOnce(&mut Channel) -> Result<R, Gone>) -> R {
    let done = CHANNEL.with_borrow_mut(|channel| match channel {
        Some(channel) => f(channel),
        None => Err(Gone),
    });
    done.unwrap_or_else(|Gone| sandtide_confine::leave(0))
}

/// Says which run is on from now.
pub(crate) fn begin_run(run: u64) {
    RUN.set(run);
    REPLIES.with_borrow_mut(BTreeMap::clear);
    WAITING.with_borrow_mut(BTreeMap::clear);
}

/// The function that an image calls by this name.
pub(crate) fn function(
    position: usize,
    name: &str,
    answers_promise: bool,
    local: &[LocalFunction],
) -> HostFunction {
    let number = position as u32;
    if let Some(&(_, f)) = local.iter().find(|(local, _)| *local == name) {
        return HostFunction::new(name, move |call| f(call.into_args()));
    }
    if answers_promise {
        return HostFunction::new_async(name, move |args| {
            let call = in_run().map(|()| send_call(number, args));
            async move { reply_to(call?).await }
        });
    }
    HostFunction::new(name, move |call| {
        in_run()?;
        let number_of_call = send_call(number, call.into_args());
        loop {
            let reply = REPLIES.with_borrow_mut(|replies| replies.remove(&number_of_call));
            if let Some(reply) = reply {
                return result_of(reply);
            }
            take_reply(false);
        }
    })
}

/// Waits for the broker's next message outside of a run.
pub(crate) fn next_message() -> Option<ToWorker> {
    let later = LATER.with_borrow_mut(VecDeque::pop_front);
    later.or_else(|| with_channel(|channel| channel.receive(false)))
}

/// Waits for a reply to any call, or a signal: a tick at the latest. Given to the engine for runs that wait.
pub(crate) fn wait(_left: Duration) {
    take_reply(true);
}

/// Whether there is a run that calls can be of: the broker takes none of a deploy.
fn in_run() -> Result<(), HostError> {
    match RUN.get() {
        NO_RUN => Err(HostError::new(
            "host functions are for runs, and not for set-up nor a module's top level, which run once when \
             the image is built",
        )),
        _ => Ok(()),
    }
}

/// The reply to a call.
async fn reply_to(call: u64) -> Result<Value, HostError> {
    let reply = poll_fn(|context| match REPLIES.with_borrow_mut(|replies| replies.remove(&call)) {
        Some(reply) => Poll::Ready(reply),
        None => {
            let waker = context.waker().clone();
            WAITING.with_borrow_mut(|waiting| waiting.insert(call, waker));
            Poll::Pending
        }
    });
    result_of(reply.await)
}

fn send_call(function: u32, args: Vec<Value>) -> u64 {
    let call = NEXT_CALL.get();
    NEXT_CALL.set(call + 1);
    let message = FromWorker::HostCall { run: RUN.get(), call, function, args };
    with_channel(|channel| channel.send(&message));
    call
}

fn take_reply(interruptible: bool) {
    match with_channel(|channel| channel.receive(interruptible)) {
        Some(ToWorker::HostReply { run, call, reply }) if run == RUN.get() => {
            REPLIES.with_borrow_mut(|replies| replies.insert(call, reply));
            if let Some(waker) = WAITING.with_borrow_mut(|waiting| waiting.remove(&call)) {
                waker.wake();
            }
        }
        // A reply to a run that ended before it came.
        Some(ToWorker::HostReply { .. }) | None => {}
        // What the broker said ahead of the end of this run, which waits for a timer.
        Some(message) => LATER.with_borrow_mut(|later| later.push_back(message)),
    }
}

fn result_of(reply: HostReply) -> Result<Value, HostError> {
    match reply {
        HostReply::Value { value } => Ok(value),
        HostReply::Failed { error } => Err(error),
        // The engine catches it, and says in the outcome that the function panicked.
        HostReply::Panicked { message } => resume_unwind(Box::new(message)),
    }
}
