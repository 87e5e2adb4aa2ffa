//! A search for where a match can begin is used: the matcher, which polls at each place that it tries,
//! is not run at places where no match begins.

use sandtide_quickjs::*;
use std::ffi::{c_int, c_void};

unsafe extern "C" fn count(_: *mut JSRuntime, polls: *mut c_void) -> c_int {
    // SAFETY: what `polls_of` gave, which outlives the runtime.
    unsafe { *polls.cast::<u32>() += 1 };
    0
}

/// How often the engine polled in `source`, whose answer is 1.
fn polls_of(source: &str) -> u32 {
    let mut polls = 0_u32;
    // SAFETY: runtime and context are made, used and freed here, and the text ends with a 0 behind
    // its length.
    unsafe {
        let rt = JS_NewRuntime();
        let ctx = JS_NewContext(rt);
        JS_SetInterruptHandler(rt, Some(count), (&raw mut polls).cast());
        let text = format!("{source}\0");
        let value = JS_Eval(ctx, text.as_ptr().cast(), source.len() as _, c"search.js".as_ptr(), 0);
        let mut answer = 0;
        assert_eq!(JS_ToInt32(ctx, &mut answer, value), 0, "{source}");
        assert_eq!(answer, 1, "{source}");
        JS_FreeValue(ctx, value);
        JS_FreeContext(ctx);
        JS_FreeRuntime(rt);
    }
    polls
}

/// The same of a search through a million characters in which only the last two match.
fn polls_of_search(expression: &str, last: &str) -> u32 {
    polls_of(&format!(
        "({expression}).exec('m'.repeat(1000000) + '{last}').index === 1000000 ? 1 : 0"
    ))
}

#[test]
fn the_matcher_is_run_only_where_a_match_can_begin() {
    let all = polls_of_search("/(?=z)zq/", "zq");
    assert!(all > 50, "the matcher polls where it is run at each place: {all}");
    let found = [
        "/zq/",
        "/(zq)/",
        "/((z)q)/",
        "/[x-z]q/",
        "/(?:(a)|z)q/",
        "/\\bz?zq|zq/",
        "/(?<name>z)q/i",
        "/z+q/",
        "/(?:(y)|z)+q/",
        "/(?:(x)|z){1,3}q/",
        "/(z|y|(x))*?zq/",
    ];
    let polled: Vec<_> = found.iter().map(|one| (one, polls_of_search(one, "zq"))).collect();
    assert!(polled.iter().all(|(_, polls)| *polls < 5), "{polled:?}");
}
