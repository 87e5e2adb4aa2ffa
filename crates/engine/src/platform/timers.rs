//! The timers of a run, which the module of that name keeps in the guest's heap: what the run's loop asks
//! of it. A guest that never touched a timer has no such module, and is asked nothing.

use super::places::place_of;
use crate::js::cx::{Cx, Js};
use crate::js::raw::{JS_MKVAL, JS_TAG_BOOL, JS_UNDEFINED, JSValue, bits};
use crate::run::state::RunState;
use sandtide_platform::TIMERS;
use std::sync::LazyLock;

/// Calls one of the module's functions; `None` where the module was never made.
fn call(cx: Cx, run: &RunState, name: &str, args: &mut [JSValue]) -> Js<Option<JSValue>> {
    static PLACE: LazyLock<usize> = LazyLock::new(|| place_of(TIMERS));
    let array = run.helpers.platform;
    if !run.timers.get() || bits(array) == bits(JS_UNDEFINED) {
        return Ok(None);
    }
    let exports = cx.get_index(array, *PLACE)?;
    if bits(exports) == bits(JS_UNDEFINED) {
        return Ok(None);
    }
    let function = cx.get(exports, name)?;
    let answer = cx.call(function, JS_UNDEFINED, args)?;
    cx.free(function);
    cx.free(exports);
    Ok(Some(answer))
}

/// When the next timer is due, in ms of the run's clock. Unless the run waits for something else
/// (`waits`), only where there is one that keeps it waiting.
pub(crate) fn next_timer(cx: Cx, run: &RunState, waits: bool) -> Js<Option<f64>> {
    let mut args = [JS_MKVAL(JS_TAG_BOOL, i32::from(waits))];
    match call(cx, run, "next", &mut args)? {
        Some(due) if bits(due) != bits(JS_UNDEFINED) => cx.to_number(due).map(Some),
        _ => Ok(None),
    }
}

/// Calls the timer that [`next_timer`] told of.
pub(crate) fn fire_timer(cx: Cx, run: &RunState) -> Js<()> {
    call(cx, run, "fire", &mut []).map(|_| ())
}

/// Forgets all timers: the run is over, or the image is made.
pub(crate) fn forget_timers(cx: Cx, run: &RunState) -> Js<()> {
    call(cx, run, "forget", &mut []).map(|_| ())
}
