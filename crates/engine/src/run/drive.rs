//! Driving a run's promises to the end: pending jobs, and the completions of asynchronous host
//! functions.

use super::host_calls;
use super::state::RunState;
use crate::js::cx::{Cx, Js, PromiseState};
use crate::js::raw::JSValue;
use crate::limits::reason::Reason;

/// What became of a run's value.
pub(crate) enum Settled {
    Value(JSValue),
    Rejected(JSValue),
    /// A promise that nothing is left to settle.
    Never,
}

/// Runs jobs until none is left and, while `value` is a promise that is not settled, waits for host
/// functions.
pub(crate) fn settle(cx: Cx, run: &RunState, value: JSValue) -> Js<Settled> {
    loop {
        run_jobs(cx, run)?;
        let settled = match cx.promise_state(value) {
            PromiseState::NoPromise => Settled::Value(value),
            PromiseState::Fulfilled(result) => Settled::Value(result),
            PromiseState::Rejected(reason) => Settled::Rejected(reason),
            PromiseState::Pending => {
                if await_host(cx, run)? {
                    continue;
                }
                Settled::Never
            }
        };
        // What the script started without waiting for it is driven on too, until only host calls
        // are pending.
        while await_host(cx, run)? {
            run_jobs(cx, run)?;
        }
        run.log_rejections(cx, Some(value))?;
        return Ok(settled);
    }
}

fn run_jobs(cx: Cx, run: &RunState) -> Js<()> {
    loop {
        match cx.execute_job() {
            Ok(false) => return Ok(()),
            Ok(true) => run.count_job(cx)?,
            // Promise jobs turn what they throw into rejections. But nobody can catch what a
            // callback of `queueMicrotask` throws, so it is the run's own exception.
            Err(thrown) => {
                run.count_job(cx)?;
                return Err(thrown);
            }
        }
    }
}

/// Waits for one host call to complete and settles its promise. `false` where none is pending.
fn await_host(cx: Cx, run: &RunState) -> Js<bool> {
    if run.completions.borrow().is_empty() {
        return Ok(false);
    }
    run.count_job(cx)?;
    let next = run.slot.while_waiting(|| {
        run.completions.borrow_mut().wait(run.deadlines().0, || run.slot.is_cancelled())
    });
    run.after_foreign_code(cx);
    match next {
        Some(completion) => host_calls::settle(cx, run, completion).map(|()| true),
        None => {
            let reason = run.overdue().unwrap_or(Reason::Wall);
            Err(run.abandon(cx, reason))
        }
    }
}
