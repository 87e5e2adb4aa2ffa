//! What a program and its host say: each message there and back, and bytes that are none.

use std::sync::Arc;

use proptest::prelude::*;
use sandtide_engine::{
    Error, Frozen, GlobalsBack, HostError, Input, Limits, LogLevel, LogLine, Outcome, Request,
    Source, SyntaxError, Value,
};
use sandtide_wire::{
    Facts, FromHost, HOST_PROTOCOL, HostReply, HostSettings, ImagePlan, ImageSource, LENGTH_BYTES,
    Problem, Refused, ToHost,
};

fn values() -> Value {
    Value::Array(vec![
        Value::Undefined,
        Value::Null,
        Value::Bool(true),
        Value::Number(-0.0),
        Value::BigInt("-12345678901234567890".parse().unwrap()),
        Value::String("ünï".to_owned()),
        Value::Object(vec![("__proto__".to_owned(), Value::Number(f64::NAN))]),
        Value::Bytes(vec![0, 255]),
        Value::ArrayBuffer(vec![1]),
        Value::Date(1e12),
        Value::Map(vec![(Value::Null, Value::Set(vec![Value::Undefined]))]),
    ])
}

fn to_host() -> Vec<ToHost> {
    let settings = HostSettings {
        heap: 1 << 40,
        insecure_without: vec!["landlock".to_owned()],
        cgroup: Some("/sys/fs/cgroup/x".to_owned()),
    };
    let plan = ImagePlan {
        setup: vec![Source::new("s.js", "1")],
        entry: Some(ImageSource { source: Source::new("e.js", "2"), form: None }),
        modules: Arc::new([("./m.js".to_owned(), "3".to_owned())].into()),
        globals: vec![("g".to_owned(), Input::Value(values()))],
        hosts: vec![("h".to_owned(), true), ("s".to_owned(), false)],
        limits: Limits::default(),
        time_zone: Some("Europe/Berlin".to_owned()),
    };
    let request = Request {
        globals: vec![("a".to_owned(), Input::Value(values()))],
        input: Some(Input::Json(b"{}".to_vec())),
        source: Some(Source::new("r.js", "4")),
        globals_back: GlobalsBack::Named(vec!["a".to_owned()]),
        frozen: Some(Frozen { seed: u64::MAX, now_ms: -1.0 }),
        ..Request::default()
    };
    let tenant = || "harbour".to_owned();
    vec![
        ToHost::Start { protocol: HOST_PROTOCOL, settings },
        ToHost::Open { pool: 1, workers: 4 },
        ToHost::Close { pool: 1 },
        ToHost::Compile { script: 2, tenant: tenant(), plan: Box::new(plan) },
        ToHost::Forget { script: 2 },
        ToHost::Run {
            run: 3,
            pool: 1,
            script: Some(2),
            tenant: tenant(),
            request: Box::new(request),
        },
        ToHost::Cancel { run: 3 },
        ToHost::Reply { call: 4, reply: HostReply::Value { value: values() } },
        ToHost::Reply {
            call: 4,
            reply: HostReply::Failed { error: HostError::named("TypeError", "no") },
        },
    ]
}

fn from_host() -> Vec<FromHost> {
    let mut outcome = Outcome::failed(Error::Cancelled);
    outcome.result = Ok(values());
    outcome.globals = vec![("a".to_owned(), values())];
    outcome.logs = vec![LogLine { level: LogLevel::Warn, text: "w".to_owned() }];
    outcome.usage.jobs = 7;
    let syntax = Error::Syntax(SyntaxError::new("m", "f.js", 3, 4));
    vec![
        FromHost::Started {
            version: "0.1.0".to_owned(),
            layers: vec!["landlock".to_owned()],
            most: Limits::default(),
        },
        FromHost::Failed { problem: Problem::new("ERR", "m") },
        FromHost::Compiled { script: 2, version: "v".to_owned(), facts: Facts::default() },
        FromHost::Refused { script: 2, problem: syntax.into() },
        FromHost::Call { call: 4, script: 2, function: 1, args: vec![values()] },
        FromHost::Done { run: 3, outcome: Box::new(outcome.into()) },
    ]
}

/// Reads and writes again; they are told apart by what they show.
fn again_to(bytes: &[u8]) -> Result<(String, Vec<u8>), Refused> {
    let message = ToHost::decode(bytes)?;
    let mut out = Vec::new();
    message.encode(&mut out)?;
    Ok((format!("{message:?}"), out.split_off(LENGTH_BYTES)))
}

fn again_from(bytes: &[u8]) -> Result<(String, Vec<u8>), Refused> {
    let message = FromHost::decode(bytes)?;
    let mut out = Vec::new();
    message.encode(&mut out)?;
    Ok((format!("{message:?}"), out.split_off(LENGTH_BYTES)))
}

fn frames() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let of = |encode: &dyn Fn(&mut Vec<u8>) -> Result<(), Refused>| {
        let mut frame = Vec::new();
        encode(&mut frame).unwrap();
        let body = frame.split_off(LENGTH_BYTES);
        assert_eq!(frame, (body.len() as u32).to_le_bytes());
        body
    };
    let to = to_host().iter().map(|message| of(&|out| message.encode(out))).collect();
    let from = from_host().iter().map(|message| of(&|out| message.encode(out))).collect();
    (to, from)
}

#[test]
fn each_message_is_read_as_it_was_written() {
    let (to, from) = frames();
    for (message, bytes) in to_host().iter().zip(&to) {
        let (shown, again) = again_to(bytes).unwrap();
        assert_eq!((shown, &again), (format!("{message:?}"), bytes));
    }
    for (message, bytes) in from_host().iter().zip(&from) {
        let (shown, again) = again_from(bytes).unwrap();
        assert_eq!((shown, &again), (format!("{message:?}"), bytes));
    }
}

#[test]
fn a_message_that_is_cut_or_goes_on_is_refused() {
    let (to, from) = frames();
    for bytes in to {
        for end in 0..bytes.len() {
            assert!(ToHost::decode(&bytes[..end]).is_err(), "{end} of {bytes:?}");
        }
        assert_eq!(ToHost::decode(&[&*bytes, &[0]].concat()).unwrap_err(), Refused::Trailing);
    }
    for bytes in from {
        for end in 0..bytes.len() {
            assert!(FromHost::decode(&bytes[..end]).is_err(), "{end} of {bytes:?}");
        }
        assert_eq!(FromHost::decode(&[&*bytes, &[0]].concat()).unwrap_err(), Refused::Trailing);
    }
}

#[test]
fn places_and_names_of_what_was_thrown_are_kept() {
    let thrown = Problem::from(Error::Syntax(SyntaxError::new("m", "f.js", 3, 4)));
    assert_eq!(
        (&*thrown.code, &*thrown.name, &*thrown.file, thrown.line, thrown.column),
        ("ERR_SYNTAX", "SyntaxError", "f.js", 3, 4)
    );
    let lost = Problem::from(Error::WorkerLost { cause: "it was killed".to_owned() });
    assert_eq!(lost.code, "ERR_WORKER_LOST");
    assert_eq!(lost.message, "the worker of the run is lost: it was killed");
}

proptest! {
    #[test]
    fn bytes_of_any_kind_are_read_without_harm(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        tag in 0_u8..9,
    ) {
        let bytes = [&[tag], &*bytes].concat();
        if let Ok((shown, again)) = again_to(&bytes) {
            prop_assert_eq!(again_to(&again).unwrap().0, shown);
        }
        if let Ok((shown, again)) = again_from(&bytes) {
            prop_assert_eq!(again_from(&again).unwrap().0, shown);
        }
    }

    #[test]
    fn messages_with_changed_bytes_are_read_without_harm(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (to, from) = frames();
        for frames in [to, from] {
            let mut bytes = which.get(&frames).clone();
            for (at, byte) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            if let Ok((shown, again)) = again_to(&bytes) {
                prop_assert_eq!(again_to(&again).unwrap().0, shown);
            }
            if let Ok((shown, again)) = again_from(&bytes) {
                prop_assert_eq!(again_from(&again).unwrap().0, shown);
            }
        }
    }
}
