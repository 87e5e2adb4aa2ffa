//! Driving a run's promises to the end: pending jobs, and the completions of asynchronous host
//! functions.

use super::host_calls;
use super::state::RunState;
use crate::js::cx::{Cx, Js, PromiseState};
use crate::js::raw::JSValue;
use crate::limits::monotonic_ns;
use crate::limits::reason::Reason;
use crate::platform;

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
                if advance(cx, run, Timers::All)? {
                    continue;
                }
                Settled::Never
            }
        };
        // What the script started without waiting for it is driven on too, until nothing is pending.
        // Who answers a promise has said when the run is over: nobody waits for its timers then, most
        // of which are deadlines that were kept.
        let timers = match cx.promise_state(value) {
            PromiseState::NoPromise => Timers::Holding,
            _ => Timers::None,
        };
        while advance(cx, run, timers)? {
            run_jobs(cx, run)?;
        }
        platform::forget_timers(cx, run)?;
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

/// Which timers a run waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Timers {
    None,
    /// All of them, while it waits for a host call or for one that keeps it waiting.
    Holding,
    All,
}

/// Waits for one host call to complete and settles its promise or calls the next of `timers` that is
/// due before that. `false` where nothing is pending.
fn advance(cx: Cx, run: &RunState, timers: Timers) -> Js<bool> {
    let calls = !run.completions.borrow().is_empty();
    let due = match timers {
        Timers::None => None,
        Timers::Holding => platform::next_timer(cx, run, calls)?,
        Timers::All => platform::next_timer(cx, run, true)?,
    };
    if !calls && due.is_none() {
        return Ok(false);
    }
    run.count_job(cx)?;
    // A frozen clock does not move while a host call is out: whatever it takes, it comes before
    // timers, in each run.
    let due = match due {
        Some(due) if !calls && cx.jump_to(due) => return fire(cx, run),
        Some(_) if cx.is_frozen() => None,
        due => due,
    };
    loop {
        let left = due.map(|due| due - cx.clock_ms());
        if left.is_some_and(|left| left <= 0.0) {
            return fire(cx, run);
        }
        let wall = run.deadlines().0;
        // A timer that is due later than any run ends has no deadline of its own.
        let until = left.map_or(wall, |left| {
            wall.min(monotonic_ns().saturating_add((left * 1e6).ceil() as u64))
        });
        let began = monotonic_ns();
        let next = run
            .slot
            .while_waiting(|| run.completions.borrow_mut().wait(until, || run.slot.is_cancelled()));
        if !calls {
            let waited = monotonic_ns().saturating_sub(began);
            run.waited.set(run.waited.get().saturating_add(waited));
        }
        run.after_foreign_code(cx);
        match next {
            Some(completion) => return host_calls::settle(cx, run, completion).map(|()| true),
            None => {
                let reason = run.overdue().or((until == wall).then_some(Reason::Wall));
                if let Some(reason) = reason {
                    return Err(run.abandon(cx, reason));
                }
            }
        }
    }
}

/// Calls a timer. As nobody can catch what it throws, that is the run's own exception.
fn fire(cx: Cx, run: &RunState) -> Js<bool> {
    platform::fire_timer(cx, run).map(|()| true)
}
