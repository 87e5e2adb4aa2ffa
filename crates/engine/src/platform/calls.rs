//! Calls of natives by the platform's own scripts: arguments out, the function, its answer in.
//!
//! No guest calls these functions, so nothing here is told of wrong arguments; but what they are given
//! is the guest's, in any size, and counts against the run's heap limit while it is copied.

use super::host;
use super::places::{module_at, place};
use crate::js::cx::{Cx, Js};
use crate::js::raw::{
    JS_IsArray, JS_MKVAL, JS_TAG_BOOL, JS_TAG_FLOAT64, JS_TAG_INT, JS_TAG_OBJECT, JS_UNDEFINED,
    JSValue, is_string, tag,
};
use crate::limits::reason::Reason;
use crate::run::outside::Held;
use crate::run::state::RunState;
use crate::value::cross_in::number;
use sandtide_platform::{Answer, Arg, Fault};
use std::ffi::CString;
use std::mem;

/// The kinds of `shim/platform.c`.
const TYPE_ERROR: i32 = 0;
const RANGE_ERROR: i32 = 1;
const DOM_EXCEPTION: i32 = 2;

/// The engine's call of the native with this index.
pub(crate) fn call(cx: Cx, run: &RunState, args: &[JSValue], index: i32) -> Js<JSValue> {
    let (at, position) = place(index);
    let module = module_at(at);
    let Some((_, native)) = module.natives.get(position) else {
        let name = module.host.get(position - module.natives.len());
        return host::call(cx, run, name.copied().unwrap_or_default(), args);
    };
    let mut held = Held::default();
    let answer = arguments(cx, run, args, &mut held).map(|args| native(&args));
    // The arguments are gone; the answer is there until it is built.
    run.outside.let_go(mem::take(&mut held));
    let crossed = match answer {
        Ok(Ok(answer)) => hold(cx, run, &mut held, size(&answer)).and_then(|()| build(cx, &answer)),
        Ok(Err(fault)) => Err(throw(cx, &fault)),
        Err(thrown) => Err(thrown),
    };
    run.outside.let_go(held);
    crossed
}

fn throw(cx: Cx, fault: &Fault) -> crate::js::cx::Thrown {
    let (kind, name, message) = match fault {
        Fault::Type(message) => (TYPE_ERROR, "", message.as_str()),
        Fault::Range(message) => (RANGE_ERROR, "", message.as_str()),
        Fault::Dom(name, message) => (DOM_EXCEPTION, *name, message.as_str()),
        other => (TYPE_ERROR, "", &*format!("{other:?}")),
    };
    let text = |text: &str| CString::new(text.replace('\0', "\u{fffd}")).unwrap_or_default();
    cx.throw_of(kind, &text(name), &text(message))
}

fn arguments(cx: Cx, run: &RunState, args: &[JSValue], held: &mut Held) -> Js<Vec<Arg>> {
    let mut crossed = Vec::with_capacity(args.len());
    for &arg in args {
        crossed.push(argument(cx, run, arg, held, true)?);
    }
    Ok(crossed)
}

fn hold(cx: Cx, run: &RunState, held: &mut Held, bytes: usize) -> Js<()> {
    if run.outside.hold_more(held, bytes) {
        return Ok(());
    }
    Err(run.abandon(cx, Reason::Heap))
}

/// Counts an argument of so many bytes, once for the copy and once for what is made of it.
fn hold_given(cx: Cx, run: &RunState, held: &mut Held, bytes: usize) -> Js<()> {
    hold(cx, run, held, bytes.saturating_mul(2))
}

/// Bytes that an answer takes.
fn size(answer: &Answer) -> usize {
    let content = match answer {
        Answer::Text(text) => text.capacity(),
        Answer::Bytes(bytes) => bytes.capacity(),
        Answer::List(items) => items.iter().map(size).sum(),
        _ => 0,
    };
    size_of::<Answer>() + content
}

fn argument(cx: Cx, run: &RunState, arg: JSValue, held: &mut Held, lists: bool) -> Js<Arg> {
    if is_string(arg) {
        let text = cx.with_string_bytes(arg, |bytes| {
            hold_given(cx, run, held, bytes.len()).map(|()| sandtide_platform::scalars(bytes))
        })??;
        return Ok(Arg::Text(text));
    }
    // SAFETY: the tag says which member of the union is meant.
    unsafe {
        match tag(arg) {
            JS_TAG_BOOL => return Ok(Arg::Bool(arg.u.int32 != 0)),
            JS_TAG_INT => return Ok(Arg::Number(f64::from(arg.u.int32))),
            JS_TAG_FLOAT64 => return Ok(Arg::Number(arg.u.float64)),
            JS_TAG_OBJECT => {}
            _ => return Ok(Arg::Nothing),
        }
    }
    // SAFETY: the call only looks at the object's class.
    if unsafe { JS_IsArray(arg) } {
        if !lists {
            return Ok(Arg::Nothing);
        }
        let len = cx.length(arg)?;
        hold_given(cx, run, held, len.saturating_mul(size_of::<Arg>()))?;
        let mut items = Vec::with_capacity(len);
        for index in 0..len {
            let item = cx.get_index(arg, index)?;
            let crossed = argument(cx, run, item, held, false)?;
            cx.free(item);
            items.push(crossed);
        }
        return Ok(Arg::List(items));
    }
    let Some(bytes) = cx.bytes(arg, run.helpers.typed_length)? else { return Ok(Arg::Nothing) };
    hold_given(cx, run, held, bytes.len())?;
    Ok(Arg::Bytes(bytes.to_vec()))
}

fn build(cx: Cx, answer: &Answer) -> Js<JSValue> {
    match answer {
        Answer::Bool(flag) => Ok(JS_MKVAL(JS_TAG_BOOL, i32::from(*flag))),
        Answer::Number(given) => Ok(number(*given)),
        Answer::Text(text) => cx.new_string(text),
        Answer::Bytes(bytes) => cx.new_uint8_array(bytes),
        Answer::List(items) => {
            let array = cx.new_array()?;
            for (index, item) in items.iter().enumerate() {
                cx.define_index(array, index as u32, build(cx, item)?)?;
            }
            Ok(array)
        }
        _ => Ok(JS_UNDEFINED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_with_all_that_is_in_it() {
        let text = || Answer::Text("a".repeat(100));
        let list = Answer::List(vec![text(), Answer::Bytes(vec![0; 50]), Answer::Nothing]);
        assert!(size(&list) >= 4 * size_of::<Answer>() + 150, "{}", size(&list));
    }

    #[test]
    fn lone_surrogates_become_one_replacement_each() {
        assert_eq!(sandtide_platform::scalars("aé漢🦀".as_bytes()), "aé漢🦀");
        assert_eq!(
            sandtide_platform::scalars(b"a\xed\xa0\x80b\xed\xbf\xbf\xed\x9f\xbf"),
            "a\u{fffd}b\u{fffd}\u{d7ff}"
        );
    }
}
