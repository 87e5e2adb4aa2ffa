//! `console`: its calls go to the run's log, and count against the log limit.

use super::request::LogLevel;
use super::state::RunState;
use crate::js::cx::{Cx, Js};
use crate::js::raw::{JS_UNDEFINED, JSValue, is_string};
use crate::value::inspect;
use std::ffi::CStr;

/// The functions of `console`, by host index.
pub(crate) const FUNCTIONS: [(&CStr, LogLevel); 8] = [
    (c"debug", LogLevel::Debug),
    (c"log", LogLevel::Log),
    (c"info", LogLevel::Info),
    (c"warn", LogLevel::Warn),
    (c"error", LogLevel::Error),
    (c"trace", LogLevel::Error),
    (c"dir", LogLevel::Log),
    (c"assert", LogLevel::Error),
];
const ASSERT: usize = 7;

/// Logs the arguments of one call.
pub(crate) fn call(cx: Cx, run: &RunState, args: &[JSValue], index: i32) -> Js<JSValue> {
    let Some((position, (_, level))) =
        usize::try_from(index).ok().and_then(|i| FUNCTIONS.get(i).map(|f| (i, f)))
    else {
        return Ok(JS_UNDEFINED);
    };
    let mut text = String::new();
    let mut args = args;
    if position == ASSERT {
        if args.first().is_some_and(|&condition| inspect::is_truthy(condition)) {
            return Ok(JS_UNDEFINED);
        }
        args = args.get(1..).unwrap_or_default();
        text.push_str(if args.is_empty() { "Assertion failed" } else { "Assertion failed:" });
    }
    // One more than there is room for is enough to know that the limit is hit.
    let room = run.log_room().saturating_add(1);
    for &arg in args {
        if !text.is_empty() {
            text.push(' ');
        }
        if is_string(arg) {
            cx.with_string_bytes(arg, |bytes| {
                let end = bytes.len().min(room.saturating_sub(text.len()));
                text.push_str(&String::from_utf8_lossy(&bytes[..end]));
            })?;
        } else {
            inspect::write(cx, &run.helpers, arg, room, &mut text)?;
        }
        if text.len() >= room {
            break;
        }
    }
    run.log(cx, *level, text)?;
    Ok(JS_UNDEFINED)
}
