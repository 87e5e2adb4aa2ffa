//! Any body of a request to the server is refused or becomes a run, and the run's answer is JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sandtide::{Image, Instance, Limits, Script, ScriptOptions};
use sandtide_server::{outcome_json, runs_of_body};
use serde::de::IgnoredAny;
use std::cell::RefCell;
use std::time::Duration;

thread_local! {
    static INSTANCE: RefCell<Instance> = RefCell::new({
        let script = Script::compile("export default x => x", ScriptOptions::new());
        let image = Image::builder().script(&script.expect("it compiles")).build();
        Instance::with_heap(&image.expect("it builds"), 8 << 20).expect("there is memory")
    });
}

fuzz_target!(init: sandtide_fuzz::check_engine(), |body: &[u8]| {
    let limits = Limits {
        wall: Duration::from_millis(20),
        cpu: Duration::from_millis(20),
        heap: 8 << 20,
        ..Limits::default()
    };
    for run in runs_of_body(body, &limits) {
        let outcome = INSTANCE.with_borrow_mut(|instance| instance.run(&run));
        let answer = outcome_json(&outcome, true);
        assert!(serde_json::from_str::<IgnoredAny>(&answer).is_ok(), "{answer}");
    }
});
