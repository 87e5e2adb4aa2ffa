//! Built-in functions with receivers and arguments that turn on them: revoked proxies, getters that
//! shrink what is being worked on, species that answer something else. A run may end as it likes, but
//! the process stays, and the next run finds everything as it was.
//!
//! `SANDTIDE_ROUNDS` and `SANDTIDE_SEED` are told in `generated`.

mod common;
mod generated;

use common::*;
use generated::rounds;
use sandtide_engine::{Limits, Plan, Source};
use std::time::Duration;

#[test]
fn no_arguments_of_any_built_in_end_the_process() {
    let setup = vec![Source::new("calls.js", include_str!("hostile/calls.js"))];
    let mut bench = Bench::of(&Plan { setup, ..plan() });
    let mut ended = 0;
    let mut all = 0;
    rounds("no_arguments_of_any_built_in_end_the_process", 300, |seed| {
        let limits = Limits { wall: Duration::from_millis(300), ..generous() };
        let source = format!("attack({seed}, 600)");
        let outcome = bench.run(&sandtide_engine::Request { limits, ..ad_hoc(&source) });
        all += 1;
        if outcome.result.is_ok() {
            ended += 1;
        }
        if seed % 50 == 0 {
            bench.assert_sound();
            eprintln!("{ended} of {all} ended by themselves");
        }
    });
}
