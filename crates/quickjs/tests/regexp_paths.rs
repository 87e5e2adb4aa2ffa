//! Regular expressions that nobody changed have paths of their own: they answer as the standard's steps do,
//! and what a program changed is asked.

use sandtide_quickjs::*;
use std::ffi::{CStr, c_int, c_void};

unsafe extern "C" fn count(_: *mut JSRuntime, polls: *mut c_void) -> c_int {
    // SAFETY: what `run` gave, which outlives the runtime.
    unsafe { *polls.cast::<u32>() += 1 };
    0
}

/// The value of `source` as text, or the error's, and how often the engine polled.
fn run(source: &str) -> (Result<String, String>, u32) {
    let mut polls = 0_u32;
    // SAFETY: runtime, context and values are made, used and freed here, and the text ends with a 0
    // behind its length.
    unsafe {
        let rt = JS_NewRuntime();
        let ctx = JS_NewContext(rt);
        JS_SetInterruptHandler(rt, Some(count), (&raw mut polls).cast());
        let text = format!("{source}\0");
        let mut value =
            JS_Eval(ctx, text.as_ptr().cast(), source.len() as _, c"paths.js".as_ptr(), 0);
        let failed = value.tag == i64::from(JS_TAG_EXCEPTION);
        if failed {
            value = JS_GetException(ctx);
        }
        let chars = JS_ToCStringLen2(ctx, std::ptr::null_mut(), value, false);
        assert!(!chars.is_null(), "the value has a text");
        let said = CStr::from_ptr(chars).to_string_lossy().into_owned();
        JS_FreeCString(ctx, chars);
        JS_FreeValue(ctx, value);
        JS_FreeContext(ctx);
        JS_FreeRuntime(rt);
        (if failed { Err(said) } else { Ok(said) }, polls)
    }
}

#[test]
fn random_expressions_answer_as_by_the_steps_of_the_standard() {
    let text = include_str!("regexp_paths.js");
    for seed in 1..=4 {
        let compared = run(&format!("{text}({}, 1000)", seed * 104_729)).0;
        let compared: u32 = compared.unwrap_or_else(|error| panic!("{error}")).parse().unwrap();
        assert!(compared > 1500, "{compared} expressions of seed {seed} are valid");
    }
}

#[test]
fn what_a_program_changed_is_asked() {
    assert_eq!(run(include_str!("regexp_changed.js")).0, Ok(String::new()));
}

/// Each call of a function polls, as the matcher does for a piece of work.
#[test]
fn a_split_does_not_begin_anew_at_each_place() {
    let split =
        |before: &str| run(&format!("{before}; String('m'.repeat(1000000).split(/zq/).length)")).1;
    let plain = split("");
    assert!(plain < 5, "{plain} polls");
    let changed = split(
        "const { exec } = RegExp.prototype; RegExp.prototype.exec = function (text) { return exec.call(this, text) }",
    );
    assert!(changed > 50, "{changed} polls where `exec` is the program's");
}

#[test]
fn a_long_search_is_interrupted() {
    for source in [
        "/(m*)(m*)q/.test('m'.repeat(300))",
        "/m*q/.test('m'.repeat(10000))",
        "/m*?q/.test('m'.repeat(10000))",
        "/(?=(m*))q/.test('m'.repeat(10000))",
        "'m'.repeat(10000).replace(/m+?q|m/g, '')",
        "'m'.repeat(10000).split(/m*q/)",
        "new RegExp('(?=m*)'.repeat(2000)).test('m'.repeat(100000))",
        "/(?=(m*))(?:\\1q|\\1q|\\1q)/.test('m'.repeat(3000))",
        "/(?:(m)){30000}q/.test('m'.repeat(30000))",
        "(() => { const s = 'm'.repeat(1e6); let n = 0; for (let i = 0; i < 50; i++) n += /[qz]x/.test(s); return n })()",
        "'m'.repeat(1000).replace(/m(b)?/g, '$1'.repeat(1000))",
    ] {
        let (_, polls) = run(&format!("String({source})"));
        assert!(polls > 5, "{source}: {polls} polls");
    }
}
