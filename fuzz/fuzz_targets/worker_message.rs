//! What the broker reads of a worker, which may be anything: no panic, no more memory than the
//! budget allows, and what is read is written as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sandtide_wire::{Budget, FromWorker, LENGTH_BYTES};

const BUDGET: Budget = Budget { values: 1 << 16, logs: 1 << 16, samples: 1 << 16 };

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = FromWorker::decode(bytes, BUDGET) else { return };
    let mut frame = Vec::new();
    message.encode(&mut frame).expect("what was read fits a frame");
    let again = FromWorker::decode(&frame[LENGTH_BYTES..], BUDGET).expect("what was written is read");
    assert_eq!(format!("{again:?}"), format!("{message:?}"));
});
