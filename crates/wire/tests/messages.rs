//! Each message in each state, each message there and back, and bytes that are none.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use sandtide_engine::{
    Error, Exception, Form, GlobalsBack, HostError, Input, Limits, LogLevel, LogLine, Outcome,
    Request, Sampled, SampledFunction, SampledStack, Source, SyntaxError, Value,
};
use sandtide_wire::{
    Budget, DebugEvent, Facts, FromWorker, HostReply, ImagePlan, ImageSource, LENGTH_BYTES,
    MOST_SAMPLED, Moment, Refused, State, ToWorker, largest_frame, outcome_budget, sampled_bytes,
};

const STATES: [State; 10] = [
    State::Starting,
    State::Idle,
    State::Building { image: 7 },
    State::Running { run: 7, snapshot: false },
    State::Running { run: 7, snapshot: true },
    State::Looking { run: 7 },
    State::Debugging { session: 7, asks: None, run: None },
    State::Debugging { session: 7, asks: None, run: Some(7) },
    State::Debugging { session: 7, asks: Some(false), run: None },
    State::Debugging { session: 7, asks: Some(true), run: None },
];

fn to_worker(number: u64) -> Vec<ToWorker> {
    let plan = || ImagePlan {
        setup: vec![Source::new("s.js", "1")],
        entry: Some(ImageSource { source: Source::new("e.js", "2"), form: Some(Form::Function) }),
        modules: Arc::new([("./m.js".to_owned(), "3".to_owned())].into()),
        globals: vec![("g".to_owned(), Input::Json(b"[1]".to_vec()))],
        hosts: vec![("h".to_owned(), true)],
        limits: Limits::default(),
        time_zone: Some("Europe/Berlin".to_owned()),
    };
    let request = Request {
        globals: vec![("a".to_owned(), Input::Value(every_value()))],
        input: Some(Input::Json(b"{}".to_vec())),
        source: Some(Source::new("r.js", "4")),
        globals_back: GlobalsBack::Named(vec!["a".to_owned()]),
        sample: Some(Duration::from_micros(200)),
        time_zone: Some("+05:30".to_owned()),
        ..Request::default()
    };
    let happened = |event| ToWorker::Happened { session: number, event };
    vec![
        ToWorker::Deploy { image: number, plan: plan(), carry: 1 << 20 },
        ToWorker::Load { image: number, plan: plan(), carried: Some([1, 2, 3].into()) },
        ToWorker::Forget { image: number },
        ToWorker::Run {
            run: number,
            image: Some(3),
            began: Moment::now(),
            snapshot: true,
            request,
        },
        ToWorker::HostReply {
            run: number,
            call: 1,
            reply: HostReply::Failed { error: HostError::named("TypeError", "no") },
        },
        ToWorker::Snapshot { run: number, image: None },
        ToWorker::Debug { session: number, plan: plan(), stop_at_start: true },
        happened(DebugEvent::Message { client: 1 << 32, text: "{}".to_owned() }),
        happened(DebugEvent::Run { run: number, request: Box::default() }),
        happened(DebugEvent::Nothing),
        happened(DebugEvent::Connected { client: 5 }),
        happened(DebugEvent::Gone { client: 5 }),
        happened(DebugEvent::Cancel),
        happened(DebugEvent::End),
    ]
}

fn from_worker(number: u64) -> Vec<FromWorker> {
    vec![
        FromWorker::Ready { layers: 5 },
        FromWorker::Deployed {
            image: number,
            facts: Facts::default(),
            carried: Some([0, 255].into()),
        },
        FromWorker::Refused { image: number, error: Error::NoScript },
        FromWorker::HostCall { run: number, call: 1, function: 2, args: vec![every_value()] },
        FromWorker::Done { run: number, outcome: Box::new(outcome(Ok(every_value()))) },
        FromWorker::Piece { run: number, bytes: vec![0, 255] },
        FromWorker::Looked { run: number, error: Some(Error::NeverSettled) },
        FromWorker::Asks { session: number, wait: true, run: false },
        FromWorker::Asks { session: number, wait: false, run: true },
        FromWorker::Text { session: number, client: 1 << 32, text: "{}".to_owned() },
        FromWorker::Still { session: number, still: true },
        FromWorker::Takes { session: number, run: true },
        FromWorker::Ended { session: number, error: None },
    ]
}

fn every_value() -> Value {
    Value::Array(vec![
        Value::Undefined,
        Value::Null,
        Value::Bool(true),
        Value::Bool(false),
        Value::Number(-0.0),
        Value::BigInt("-123456789012345678901234567890".parse().unwrap()),
        Value::String("a\u{1f600}".to_owned()),
        Value::Object(vec![("k".to_owned(), Value::Number(f64::INFINITY))]),
        Value::Bytes(vec![0, 255]),
        Value::ArrayBuffer(vec![1]),
        Value::Date(1e12),
        Value::Map(vec![(Value::Null, Value::Set(vec![Value::Bool(true)]))]),
    ])
}

fn outcome(result: Result<Value, Error>) -> Outcome {
    let mut outcome = Outcome::failed(Error::Cancelled);
    outcome.result = result;
    outcome.globals = vec![("g".to_owned(), Value::Null)];
    outcome.logs = vec![LogLine { level: LogLevel::Warn, text: "line".to_owned() }];
    outcome.usage.wall = Duration::from_micros(5);
    outcome.usage.jobs = 3;
    // Of every value: 18 of them with the global, and 41 bytes of texts, keys and buffers.
    (outcome.usage.output, outcome.usage.logs) = (18 * 8 + 41, 32 + 4);
    let function = SampledFunction { name: "f".to_owned(), line: 2, ..Default::default() };
    let stack = SampledStack { hits: 3, line: 4, functions: vec![0, 0] };
    outcome.sampled = Some(Box::new(Sampled { functions: vec![function], stacks: vec![stack] }));
    outcome
}

#[test]
fn each_message_is_legal_in_the_states_that_the_table_names() {
    // Rows are messages, columns states; a letter is the state that follows.
    let names = |state| match state {
        None => '-',
        Some(State::Starting) => 'S',
        Some(State::Idle) => 'I',
        Some(State::Building { .. }) => 'B',
        Some(State::Running { snapshot: false, .. }) => 'R',
        Some(State::Running { snapshot: true, .. }) => 'P',
        Some(State::Looking { .. }) => 'L',
        Some(State::Debugging { asks: None, run: None, .. }) => 'd',
        Some(State::Debugging { asks: None, run: Some(_), .. }) => 'D',
        Some(State::Debugging { asks: Some(false), .. }) => 'a',
        Some(State::Debugging { asks: Some(true), .. }) => 'A',
    };
    let sent: Vec<String> = to_worker(7)
        .iter()
        .map(|message| STATES.map(|state| names(state.after_sending(message))).iter().collect())
        .collect();
    #[rustfmt::skip]
    assert_eq!(sent, [
        "-B--------", "-I--------", "-I--------", "-P--------", "---RP-----", "-L--------",
        "-d--------", "--------dd", "---------D", "--------dd", "--------dd", "--------dd",
        "--------dd", "--------dd",
    ]);
    let heard: Vec<String> = from_worker(7)
        .iter()
        .map(|message| {
            STATES.map(|state| names(state.after_receiving(message).ok())).iter().collect()
        })
        .collect();
    #[rustfmt::skip]
    assert_eq!(heard, [
        "I---------", "--I-------", "--I-------", "---RP-----", "---II--d--", "----PL----",
        "----RI----", "------aa--", "------AA--", "------dD--", "------dD--", "------dD--",
        "------II--",
    ]);
    // None is legal that names another image or run than the one under way.
    for message in &from_worker(8)[1..] {
        assert!(STATES.iter().all(|state| state.after_receiving(message).is_err()), "{message:?}");
    }
    let reply = &to_worker(8)[4];
    assert!(STATES.iter().all(|state| state.after_sending(reply).is_none()));
}

fn every_error() -> Vec<Error> {
    let (limit, time) = (5, Duration::from_millis(5));
    let mut thrown = Exception::default();
    thrown.name = "TypeError".to_owned();
    thrown.line = Some(3);
    let text = || "text".to_owned();
    vec![
        Error::Syntax(SyntaxError::new("m", "f", 1, 2)),
        Error::Exception(Box::new(thrown)),
        Error::WallTime { limit: time },
        Error::CpuTime { limit: time },
        Error::Heap { limit },
        Error::Stack { limit },
        Error::Output { limit },
        Error::Logs { limit },
        Error::Jobs { limit: 5 },
        Error::Cancelled,
        Error::NeverSettled,
        Error::NotCrossable { path: text(), what: text() },
        Error::InvalidJson { what: text(), message: text() },
        Error::InvalidLimit { name: "heap_bytes", given: 1, min: 2, max: 3 },
        Error::NoDefaultExport { file: text() },
        Error::ModuleNotFound { specifier: text(), from: text() },
        Error::NoScript,
        Error::WrongForm { message: text() },
        Error::HostPanic { name: text(), message: text() },
        Error::InvalidClock { given: 1e300 },
        Error::InvalidTimeZone { given: text() },
        Error::HeapCorrupted,
        Error::System { action: "in a worker", message: text() },
    ]
}

fn there_and_back(message: &FromWorker) -> FromWorker {
    let mut frame = Vec::new();
    message.encode(&mut frame).unwrap();
    let (length, bytes) = frame.split_at(LENGTH_BYTES);
    assert_eq!(u32::from_le_bytes(length.try_into().unwrap()) as usize, bytes.len());
    FromWorker::decode(bytes, plenty()).unwrap()
}

#[test]
fn messages_arrive_as_they_were_sent() {
    let mut frame = Vec::new();
    for message in to_worker(1) {
        frame.clear();
        message.encode(&mut frame).unwrap();
        let arrived = ToWorker::decode(&frame[LENGTH_BYTES..]).unwrap();
        assert_eq!(format!("{arrived:?}"), format!("{message:?}"));
    }
    for message in from_worker(1) {
        assert_eq!(format!("{:?}", there_and_back(&message)), format!("{message:?}"));
    }
    for error in every_error() {
        let outcome = Box::new(outcome(Err(error.clone())));
        let FromWorker::Done { outcome, .. } =
            there_and_back(&FromWorker::Done { run: 1, outcome })
        else {
            panic!("another message")
        };
        assert_eq!(outcome.result, Err(error));
    }
}

#[test]
fn what_was_answered_is_counted_and_what_is_said_of_it_is_not_believed() {
    let arrived = |says: usize, logs: usize| {
        let mut outcome = Box::new(outcome(Ok(every_value())));
        (outcome.usage.output, outcome.usage.logs) = (says, logs);
        let done = there_and_back(&FromWorker::Done { run: 1, outcome });
        let FromWorker::Done { outcome, .. } = done else { panic!("another message") };
        (outcome.usage.output, outcome.usage.logs)
    };
    let counted = 18 * 8 + 41;
    // As JSON a text may be longer than it is here, and a value may have a tag.
    for (said, output, logs) in [
        (0, counted, 36),
        (36, counted, 36),
        (40, counted, 40),
        (200, 200, 200),
        (usize::MAX, 6 * counted, 6 * 36),
    ] {
        assert_eq!(arrived(said, said), (output, logs), "{said}");
    }
}

/// A frame's message with so many levels of arrays.
fn nested(levels: usize) -> Vec<u8> {
    let mut value = Value::Null;
    for _ in 0..levels {
        value = Value::Array(vec![value]);
    }
    let mut frame = Vec::new();
    FromWorker::HostCall { run: 1, call: 1, function: 1, args: vec![value] }
        .encode(&mut frame)
        .unwrap();
    frame.split_off(LENGTH_BYTES)
}

#[test]
fn values_nest_as_deep_as_they_may_and_no_deeper() {
    assert!(FromWorker::decode(&nested(sandtide_engine::MAX_DEPTH), plenty()).is_ok());
    let deeper = FromWorker::decode(&nested(sandtide_engine::MAX_DEPTH + 2), plenty());
    assert_eq!(deeper.unwrap_err(), Refused::Depth);
}

#[test]
fn what_a_message_claims_is_not_believed() {
    let refused =
        |bytes: &[u8], budget| FromWorker::decode(bytes, Budget::of_values(budget)).unwrap_err();
    assert_eq!(refused(&[], 0), Refused::Short);
    assert_eq!(refused(&[99], 0), Refused::Tag { what: "message of a worker", tag: 99 });
    // A host call with 4 GiB of arguments.
    let mut claims = vec![3];
    claims.extend([0; 20]);
    claims.extend(u32::MAX.to_le_bytes());
    assert_eq!(refused(&claims, usize::MAX), Refused::Short);
    // As many arguments as there are bytes, each of which takes 32 in memory.
    let many = 100_000_usize;
    claims.truncate(21);
    claims.extend((many as u32).to_le_bytes());
    claims.extend(vec![0; many]);
    assert_eq!(refused(&claims, many), Refused::Budget);
    assert!(FromWorker::decode(&claims, Budget::of_values(8 * many)).is_ok());
}

fn plenty() -> Budget {
    Budget { values: 1 << 20, logs: 1 << 20, samples: 1 << 20 }
}

#[test]
fn lines_of_a_log_count_what_they_take_and_take_nothing_from_the_output() {
    let line = LogLine { level: LogLevel::Log, text: String::new() };
    let mut outcome = outcome(Ok(Value::Undefined));
    outcome.logs = vec![line; 100];
    let mut frame = Vec::new();
    FromWorker::Done { run: 1, outcome: Box::new(outcome) }.encode(&mut frame).unwrap();
    let within = |logs| {
        FromWorker::decode(&frame[LENGTH_BYTES..], Budget { values: 4096, logs, samples: 4096 })
    };
    assert!(within(100 * size_of::<LogLine>()).is_ok());
    assert_eq!(within(100 * size_of::<LogLine>() - 1).unwrap_err(), Refused::Budget);
}

#[test]
fn samples_are_taken_only_where_they_were_asked_for_and_no_more_than_there_is_room_for() {
    let mut outcome = outcome(Ok(Value::Undefined));
    let stack = SampledStack { hits: 1, line: 1, functions: vec![0; 100] };
    let sampled = |count| Sampled { functions: Vec::new(), stacks: vec![stack.clone(); count] };
    let mut decoded = |count, budget| {
        outcome.sampled = Some(Box::new(sampled(count)));
        let mut frame = Vec::new();
        FromWorker::Done { run: 1, outcome: Box::new(outcome.clone()) }.encode(&mut frame).unwrap();
        assert!(frame.len() <= largest_frame(budget) || count > 1, "{count}");
        FromWorker::decode(&frame[LENGTH_BYTES..], budget)
    };
    let asked = outcome_budget(&Limits::default()).with_samples();
    assert!(decoded(1, asked).is_ok());
    let fits = MOST_SAMPLED / sampled_bytes(None, Some(&stack)) - 1;
    assert!(decoded(fits, asked).is_ok());
    assert_eq!(decoded(fits + 2, asked).unwrap_err(), Refused::Budget);
    assert_eq!(decoded(0, outcome_budget(&Limits::default())).unwrap_err(), Refused::Budget);
}

#[test]
fn what_limits_allow_fits_the_budget() {
    let limits = Limits { output: 80_000, logs: 5_000, ..Limits::default() };
    let mut outcome = outcome(Ok(Value::Array(vec![Value::Number(0.0); 10_000 - 10])));
    outcome.logs = vec![LogLine { level: LogLevel::Log, text: String::new() }; 5_000];
    let mut frame = Vec::new();
    FromWorker::Done { run: 1, outcome: Box::new(outcome) }.encode(&mut frame).unwrap();
    let budget = outcome_budget(&limits).with_samples();
    assert!(frame.len() <= largest_frame(budget));
    assert!(FromWorker::decode(&frame[LENGTH_BYTES..], budget).is_ok());
}

proptest! {
    #[test]
    fn bytes_that_are_no_message_are_refused_without_a_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let _ = FromWorker::decode(&bytes, Budget { values: 4_096, logs: 4_096, samples: 4_096 });
    }

    #[test]
    fn a_message_with_a_byte_changed_is_refused_or_another(
        which in 0_usize..13, at in any::<prop::sample::Index>(), to in any::<u8>(),
    ) {
        let mut frame = Vec::new();
        from_worker(1)[which].encode(&mut frame).unwrap();
        let mut bytes = frame.split_off(LENGTH_BYTES);
        let at = at.index(bytes.len());
        bytes[at] = to;
        let _ = FromWorker::decode(&bytes, plenty());
        let _ = FromWorker::decode(&bytes[..at], plenty());
    }
}
