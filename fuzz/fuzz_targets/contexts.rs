//! Contexts that run generated programs, which keep, drop and change things of each other and of the
//! language, leave nothing of them once nothing is kept, and neither does their runtime.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sandtide_fuzz::{Step, World};

fuzz_target!(init: sandtide_fuzz::check_engine(), |steps: Vec<Step>| {
    let world = World::new();
    for step in steps.iter().take(20) {
        world.act(step);
    }
    assert_eq!(world.empty(), 0, "contexts are left");
});
