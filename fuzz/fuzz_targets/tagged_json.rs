//! Reading values from any text never panics, and what was read survives being written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sandtide_engine::Value;
use sandtide_fuzz::same;

fuzz_target!(init: sandtide_fuzz::check_engine(), |text: &str| {
    if let Ok(value) = Value::from_json(text) {
        let written = value.to_json();
        let back = Value::from_json(&written).expect("its own text is read");
        // A date of -0 is written as 0, which is what `Date` keeps of it.
        assert!(same(&back, &value) || back == value, "{value:?} was read back as {back:?}");
        assert_eq!(back.to_json(), written);
    }
});
