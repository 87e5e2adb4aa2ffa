//! What a host reads of its program, and the other way round: no panic, and what is read is written as it
//! was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sandtide_wire::{FromHost, LENGTH_BYTES, ToHost};

fuzz_target!(|bytes: &[u8]| {
    let mut frame = Vec::new();
    if let Ok(message) = ToHost::decode(bytes) {
        message.encode(&mut frame).expect("what was read fits a frame");
        let again = ToHost::decode(&frame[LENGTH_BYTES..]).expect("what was written is read");
        assert_eq!(format!("{again:?}"), format!("{message:?}"));
    }
    frame.clear();
    if let Ok(message) = FromHost::decode(bytes) {
        message.encode(&mut frame).expect("what was read fits a frame");
        let again = FromHost::decode(&frame[LENGTH_BYTES..]).expect("what was written is read");
        assert_eq!(format!("{again:?}"), format!("{message:?}"));
    }
});
