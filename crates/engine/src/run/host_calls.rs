//! Calls of host functions: arguments out, the closure, its answer in.

use super::completions::Completion;
use super::console;
use super::outside::Held;
use super::state::RunState;
use crate::error::HostError;
use crate::host::{
    FIRST_INDEX, HostCall, HostFunction, HostFuture, Kind, crossable, on_enough_stack,
};
use crate::js::cx::{Cx, Js, Thrown};
use crate::js::raw::{JS_EXCEPTION, JS_UNDEFINED, JSValue};
use crate::limits::reason::Reason;
use crate::value::cross_out::{self, CrossError};
use crate::value::{Value, cross_in};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// Why what belongs to a run is refused while an image is built.
pub(crate) const FOR_RUNS: &str = "this is for runs, and not for set-up nor a module's top level, which run once \
     when the image is built";
/// Bytes that a pending call takes beside its arguments and its future: the future's place in the
/// list of all, its box, its tag.
const EACH_CALL: usize = 256;

/// The engine's call of the host function with this index.
pub(crate) fn call(cx: Cx, run: &RunState, args: &[JSValue], index: i32) -> JSValue {
    let result = match usize::try_from(index - i32::from(FIRST_INDEX)) {
        Ok(position) => match run.hosts.get(position) {
            Some(function) => call_function(cx, run, args, function, index),
            None => Err(cx.throw("Error", "no such host function")),
        },
        Err(_) => console::call(cx, run, args, index),
    };
    result.unwrap_or(JS_EXCEPTION)
}

/// A call of one of the image's host functions.
pub(crate) fn call_function(
    cx: Cx,
    run: &RunState,
    args: &[JSValue],
    function: &HostFunction,
    index: i32,
) -> Js<JSValue> {
    let mut held = Held::default();
    let crossed = match arguments(cx, run, args, function, &mut held) {
        Ok(crossed) => crossed,
        Err(thrown) => {
            run.outside.let_go(held);
            return Err(thrown);
        }
    };
    match &function.kind {
        Kind::Sync(f) => {
            let call = HostCall::new(crossed);
            let result = on_enough_stack(|| crossable(f(call)));
            run.outside.let_go(held);
            settle_now(cx, run, result)
        }
        Kind::Waited(f) => {
            let result = on_enough_stack(|| wait_for(f(crossed)));
            run.outside.let_go(held);
            settle_now(cx, run, result)
        }
        Kind::Async(f) => {
            let future = on_enough_stack(|| f(crossed));
            start(cx, run, future, index, held)
        }
        Kind::PerRun(_) => {
            run.outside.let_go(held);
            let message = format!("{}: {FOR_RUNS}", function.name());
            Err(cx.throw("TypeError", &message))
        }
    }
}

/// Polls a future on this thread until it is done.
fn wait_for(mut future: HostFuture) -> Result<Value, HostError> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(result) => return result,
            // A wake that came before is not lost: it lets this return at once.
            Poll::Pending => thread::park(),
        }
    }
}

fn arguments(
    cx: Cx,
    run: &RunState,
    args: &[JSValue],
    function: &HostFunction,
    held: &mut Held,
) -> Js<Vec<Value>> {
    if !run.outside.hold_more(held, args.len() * size_of::<Value>()) {
        return Err(run.abandon(cx, Reason::Heap));
    }
    let mut crossed = Vec::with_capacity(args.len());
    for (position, &arg) in args.iter().enumerate() {
        let value =
            cross_out::argument(cx, run, arg, (&run.outside, held)).map_err(
                |error| match error {
                    CrossError::TooLarge => run.abandon(cx, Reason::Heap),
                    error => {
                        error.throw(cx, &format!("{}: argument {}", function.name(), position + 1))
                    }
                },
            )?;
        crossed.push(value);
    }
    Ok(crossed)
}

fn settle_now(cx: Cx, run: &RunState, result: Result<Value, HostError>) -> Js<JSValue> {
    match result {
        Ok(value) => cross_in::value(cx, run, &value),
        Err(error) => Err::<JSValue, Thrown>(cx.throw(&error.name, &error.message)),
    }
}

/// Adds a future, with what its arguments hold, and answers the promise that stands for it in the
/// guest.
fn start(cx: Cx, run: &RunState, future: HostFuture, index: i32, mut held: Held) -> Js<JSValue> {
    if !run.outside.hold_more(&mut held, EACH_CALL + size_of_val(&*future)) {
        return Err(run.abandon(cx, Reason::Heap));
    }
    let (promise, resolvers) = cx.new_promise()?;
    run.completions.borrow().push(future, resolvers, index, held);
    Ok(promise)
}

/// Resolves or rejects the promise. A result that cannot cross rejects it; a panic ends the run.
pub(super) fn settle(cx: Cx, run: &RunState, completion: Completion) -> Js<()> {
    let Completion { resolvers, index, answer, held } = completion;
    let [resolve, reject] = resolvers;
    // The future is gone, and its arguments with it.
    run.outside.let_go(held);
    let result = match answer {
        Ok(result) => result,
        Err(panic) => {
            run.set_host_panic(index, &*panic);
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
