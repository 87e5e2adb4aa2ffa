//! The deepest values that a message may hold, on threads with little stack.

use sandtide_engine::{Error, MAX_DEPTH, Outcome, Value};
use sandtide_wire::{Budget, FromHost, FromWorker, LENGTH_BYTES, THREAD_STACK};

/// On a thread that has half of what is promised to be enough.
fn on_half_of_the_stack(work: impl FnOnce() + Send) {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(THREAD_STACK / 2);
        thread.spawn_scoped(scope, work).unwrap().join().unwrap();
    });
}

#[test]
fn the_deepest_values_of_each_kind_are_read_copied_written_and_dropped_on_the_stack_that_is_said() {
    let kinds: [fn(Value) -> Value; 5] = [
        |inner| Value::Array(vec![inner]),
        |inner| Value::Object(vec![("in".to_owned(), inner)]),
        |inner| Value::Set(vec![inner]),
        |inner| Value::Map(vec![(Value::Null, inner)]),
        |inner| Value::Map(vec![(inner, Value::Null)]),
    ];
    for (number, wrap) in kinds.into_iter().enumerate() {
        let deepest = || (0..MAX_DEPTH).fold(Value::Bytes(vec![1]), |inner, _| wrap(inner));
        let mut frame = Vec::new();
        let mut outcome = Outcome::failed(Error::Cancelled);
        outcome.result = Ok(deepest());
        FromWorker::Done { run: 1, outcome: Box::new(outcome) }.encode(&mut frame).unwrap();
        on_half_of_the_stack(|| {
            let read = FromWorker::decode(&frame[LENGTH_BYTES..], Budget::of_values(1 << 20));
            let Ok(FromWorker::Done { outcome, .. }) = read else { panic!("not read: {read:?}") };
            let value = outcome.result.clone().unwrap();
            assert_eq!(value, deepest(), "kind {number}");
            assert!(value.to_json().len() > MAX_DEPTH);
            let outcome = Box::new((*outcome).into());
            FromHost::Done { run: 1, outcome }.encode(&mut Vec::new()).unwrap();
        });
    }
}
