//! `sandtide host` over its pipes, as any program may speak to it. The npm package's own tests have the
//! rest.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use sandtide::{Limits, Value};
use sandtide_engine::{Input, Request, Source};
use sandtide_wire::{
    FromHost, HOST_PROTOCOL, HostReply, HostSettings, ImagePlan, ImageSource, ToHost,
};

struct Host {
    child: Child,
    to: Option<ChildStdin>,
    from: ChildStdout,
}

impl Host {
    fn spawn() -> Host {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sandtide"))
            .arg("host")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take(), child.stdout.take().unwrap());
        Host { child, to, from }
    }

    fn started() -> Host {
        let mut host = Host::spawn();
        host.say(ToHost::Start { protocol: HOST_PROTOCOL, settings: HostSettings::default() });
        let FromHost::Started { version, layers, most } = host.hear() else {
            panic!("not started")
        };
        assert_eq!(version, env!("CARGO_PKG_VERSION"));
        assert!(!layers.is_empty() && most.heap == 256 << 20);
        host.say(ToHost::Open { pool: 1, workers: 2 });
        host
    }

    fn write(&mut self, bytes: &[u8]) {
        self.to.as_mut().unwrap().write_all(bytes).unwrap();
    }

    fn say(&mut self, message: ToHost) {
        let mut frame = Vec::new();
        message.encode(&mut frame).unwrap();
        self.write(&frame);
    }

    fn hear(&mut self) -> FromHost {
        let mut length = [0; 4];
        self.from.read_exact(&mut length).unwrap();
        let mut frame = vec![0; u32::from_le_bytes(length) as usize];
        self.from.read_exact(&mut frame).unwrap();
        FromHost::decode(&frame).unwrap()
    }

    /// The code of what it fails with, its end, and its words.
    fn fails(mut self) -> (String, Option<i32>, String) {
        let FromHost::Failed { problem } = self.hear() else { panic!("it did not fail") };
        let status = self.child.wait().unwrap();
        let mut words = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
        (problem.code, status.code(), words)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(run: u64, script: Option<u64>, source: &str, limits: Limits) -> ToHost {
    let source = script.is_none().then(|| Source::new("run.js", source));
    let globals = vec![("n".to_owned(), Input::Value(Value::from(run as f64)))];
    let request = Request { globals, source, limits, ..Request::default() };
    ToHost::Run { run, pool: 1, script, tenant: "t".to_owned(), request: Box::new(request) }
}

fn patient() -> Limits {
    let hour = std::time::Duration::from_secs(3600);
    Limits { wall: hour, cpu: hour, ..Limits::default() }
}

#[test]
fn it_ends_with_its_input_whatever_is_on() {
    let mut host = Host::started();
    host.say(run(1, None, "for (;;);", patient()));
    host.say(run(2, None, "n + 1", patient()));
    let FromHost::Done { run: 2, outcome } = host.hear() else { panic!("another answer") };
    assert_eq!(outcome.result.unwrap(), Value::from(3));
    drop(host.to.take());
    assert_eq!(host.child.wait().unwrap().code(), Some(0));
    let mut unused = Host::spawn();
    drop(unused.to.take());
    assert_eq!(unused.child.wait().unwrap().code(), Some(0), "and before it was started");
}

#[test]
fn what_is_no_message_or_out_of_turn_is_answered_and_ends_it() {
    let protocol = |(code, status, words): (String, Option<i32>, String), what: &str| {
        assert_eq!((&*code, status), ("ERR_PROTOCOL", Some(2)), "{words}");
        assert!(words.contains(what), "{words}");
    };
    for (bytes, what) in [
        (&b"\x01\0\0\0\x63"[..], "99 stands for no message"),
        (b"\xff\xff\xff\xff", "a frame of 4294967295 bytes"),
        (b"\x02\0\0\0\x03\0", "ends before"),
    ] {
        let mut host = Host::started();
        host.write(bytes);
        protocol(host.fails(), what);
    }
    let mut host = Host::started();
    host.say(ToHost::Start { protocol: HOST_PROTOCOL, settings: HostSettings::default() });
    protocol(host.fails(), "started before");
    let mut host = Host::started();
    host.say(ToHost::Open { pool: 1, workers: 1 });
    protocol(host.fails(), "there is a pool 1");
    let mut host = Host::spawn();
    host.say(ToHost::Cancel { run: 1 });
    protocol(host.fails(), "the first message");
    let mut host = Host::spawn();
    host.say(ToHost::Start { protocol: 77, settings: HostSettings::default() });
    protocol(host.fails(), "protocol 77");
}

#[test]
fn what_it_cannot_start_with_is_answered_with_its_code() {
    let mut host = Host::spawn();
    let settings =
        HostSettings { insecure_without: vec!["walls".to_owned()], ..Default::default() };
    host.say(ToHost::Start { protocol: HOST_PROTOCOL, settings });
    let (code, status, words) = host.fails();
    assert_eq!((&*code, status), ("ERR_INVALID_OPTION", Some(5)));
    assert!(words.contains("\"walls\" is no layer"), "{words}");
}

#[test]
fn runs_of_what_is_not_there_are_answered() {
    let mut host = Host::started();
    let code = |host: &mut Host| match host.hear() {
        FromHost::Done { outcome, .. } => outcome.result.unwrap_err().code,
        other => panic!("{other:?}"),
    };
    host.say(run(1, Some(9), "", patient()));
    assert_eq!(code(&mut host), "ERR_UNKNOWN_SCRIPT");
    host.say(ToHost::Close { pool: 1 });
    host.say(run(2, None, "1", patient()));
    assert_eq!(code(&mut host), "ERR_POOL_CLOSED");
    // Neither of these is there, and nothing comes of it.
    host.say(ToHost::Cancel { run: 77 });
    host.say(ToHost::Reply { call: 77, reply: HostReply::Value { value: Value::Null } });
    host.say(ToHost::Forget { script: 77 });
    host.say(ToHost::Close { pool: 77 });
    host.say(ToHost::Open { pool: 2, workers: 1 });
    host.say(run(3, None, "1", Limits { heap: 5, ..Limits::default() }));
    assert_eq!(code(&mut host), "ERR_INVALID_LIMIT");
}

#[test]
fn a_script_that_is_forgotten_while_it_compiles_is_not_kept() {
    let mut host = Host::started();
    let source = Source::new("s.js", "n * 2");
    let plan =
        ImagePlan { entry: Some(ImageSource { source, form: None }), ..ImagePlan::default() };
    let compile =
        |script| ToHost::Compile { script, tenant: "t".to_owned(), plan: Box::new(plan.clone()) };
    host.say(compile(5));
    host.say(ToHost::Forget { script: 5 });
    host.say(compile(6));
    for _ in 0..2 {
        assert!(matches!(host.hear(), FromHost::Compiled { script: 5 | 6, .. }));
    }
    host.say(run(1, Some(5), "", patient()));
    let FromHost::Done { outcome, .. } = host.hear() else { panic!("no answer") };
    assert_eq!(outcome.result.unwrap_err().code, "ERR_UNKNOWN_SCRIPT");
    host.say(run(2, Some(6), "", patient()));
    let FromHost::Done { outcome, .. } = host.hear() else { panic!("no answer") };
    assert_eq!(outcome.result.unwrap(), Value::from(4));
}

#[test]
fn calls_that_the_program_never_answers_hold_up_no_other_once_their_runs_are_over() {
    let mut host = Host::started();
    let source = Source::new("s.js", "ask(n)");
    let plan = ImagePlan {
        entry: Some(ImageSource { source, form: None }),
        hosts: vec![("ask".to_owned(), false)],
        ..ImagePlan::default()
    };
    host.say(ToHost::Compile { script: 1, tenant: "t".to_owned(), plan: Box::new(plan) });
    assert!(matches!(host.hear(), FromHost::Compiled { .. }));
    // More than may block a thread at a time.
    for number in 1..=70 {
        host.say(run(number, Some(1), "", patient()));
        let FromHost::Call { args, .. } = host.hear() else { panic!("no call") };
        assert_eq!(args, [Value::from(number as f64)]);
        host.say(ToHost::Cancel { run: number });
        let FromHost::Done { outcome, .. } = host.hear() else { panic!("no answer") };
        assert_eq!(outcome.result.unwrap_err().code, "ERR_CANCELLED");
    }
    host.say(run(100, Some(1), "", patient()));
    let FromHost::Call { call, .. } = host.hear() else { panic!("no call") };
    host.say(ToHost::Reply { call, reply: HostReply::Value { value: Value::from(5) } });
    let FromHost::Done { outcome, .. } = host.hear() else { panic!("no answer") };
    assert_eq!(outcome.result.unwrap(), Value::from(5));
}

#[test]
fn runs_that_are_cancelled_behind_one_that_turns_out_long_are_answered_before_it_ends() {
    let mut host = Host::started();
    host.say(ToHost::Open { pool: 2, workers: 1 });
    let asked = |number: u64| {
        let mut asked = run(number, None, "while (n % 100 === 99); n", patient());
        if let ToHost::Run { pool, .. } = &mut asked {
            *pool = 2;
        }
        asked
    };
    // They are known to be short then.
    for number in 1..=20 {
        host.say(asked(number));
        assert!(matches!(host.hear(), FromHost::Done { .. }));
    }
    for round in 1..=20 {
        let first = round * 1000;
        let long = first + 99;
        let mut frames = Vec::new();
        let behind = first + 1000 - 20..first + 1000 - 10;
        for number in [first, first + 1, first + 2, long].into_iter().chain(behind.clone()) {
            asked(number).encode(&mut frames).unwrap();
        }
        host.write(&frames);
        // Each round finds them elsewhere: in their queue, told to a worker, or back.
        std::thread::sleep(std::time::Duration::from_micros(500 * round));
        for run in behind.clone() {
            host.say(ToHost::Cancel { run });
        }
        for _ in 0..3 + behind.count() {
            let FromHost::Done { run, .. } = host.hear() else { panic!("no answer") };
            assert_ne!(run, long);
        }
        host.say(ToHost::Cancel { run: long });
        assert!(matches!(host.hear(), FromHost::Done { run, .. } if run == long));
    }
}
