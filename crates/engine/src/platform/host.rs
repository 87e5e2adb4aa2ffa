//! What the platform's scripts need of the run: its clock and randomness, its log, the engine's classes.

use super::places::place_of;
use crate::host::{FETCH, FIRST_INDEX, HostFunction};
use crate::js::cx::{Cx, Js};
use crate::js::raw::{JS_IsProxy, JS_MKVAL, JS_TAG_BOOL, JS_UNDEFINED, JSValue};
use crate::run::exception;
use crate::run::host_calls::{self, FOR_RUNS};
use crate::run::request::LogLevel;
use crate::run::state::RunState;
use crate::value::cross_in::number;

/// Bytes of randomness that are given at once.
const MAX_RANDOM: f64 = 65536.0;

/// Calls the function with this name.
pub(super) fn call(cx: Cx, run: &RunState, name: &str, args: &[JSValue]) -> Js<JSValue> {
    let first = args.first().copied().unwrap_or(JS_UNDEFINED);
    match name {
        // What timers count by, which no guest sees.
        "clock" => Ok(number(cx.clock_ms())),
        "now" => Ok(number(run.guests_clock(cx))),
        "time" => Ok(number(cx.now_ms())),
        "origin" if !run.helpers.clock => Ok(number(0.0)),
        "origin" => Ok(number(cx.clock_origin_ms())),
        "zone" => cx.new_string(run.zone.as_ref().map_or(sandtide_zone::UTC, |zone| zone.name())),
        "random" => {
            let mut bytes = vec![0; cx.to_number(first)?.clamp(0.0, MAX_RANDOM) as usize];
            run.fill_random(&mut bytes);
            cx.new_uint8_array(&bytes)
        }
        // The engine names a proxy's class as that of any object.
        // SAFETY: the call only looks at the object's class.
        "kind" if unsafe { JS_IsProxy(first) } => cx.new_string("Proxy"),
        "kind" => match cx.class_of(first) {
            Some(atom) => cx.atom_to_string(atom),
            None => cx.new_string(""),
        },
        "fetch" => fetch(cx, run, args),
        "streams" => Ok(JS_MKVAL(JS_TAG_BOOL, i32::from(run.helpers.streams))),
        // A module that only some of what its user does needs.
        "use" => {
            let name =
                cx.with_string_bytes(first, |name| String::from_utf8_lossy(name).into_owned())?;
            super::exports(cx, run, place_of(&name))
        }
        // What nobody can catch is told by the log.
        "report" => {
            let text = exception::describe(cx, first)?;
            run.log(cx, LogLevel::Error, format!("Uncaught {text}"))?;
            Ok(JS_UNDEFINED)
        }
        _ => Err(cx.throw("InternalError", "no such function of the host")),
    }
}

/// The run's network, where it was granted one.
fn fetch(cx: Cx, run: &RunState, args: &[JSValue]) -> Js<JSValue> {
    let refused = |why: &str| Err(cx.throw("TypeError", &format!("fetch: {why}")));
    if run.building.get() {
        return refused(FOR_RUNS);
    }
    if cx.is_frozen() {
        return refused("a frozen run has no network, because its answers could not be repeated");
    }
    let is_network = |host: &HostFunction| host.name() == FETCH;
    let Some(position) = run.hosts.iter().position(is_network) else {
        return refused(
            "this script was granted no network; `sandtide run --allow-net HOST` grants it, or \
             `allow_net` where it is deployed",
        );
    };
    let index = i32::from(FIRST_INDEX) + position as i32;
    host_calls::call_function(cx, run, args, &run.hosts[position], index)
}
