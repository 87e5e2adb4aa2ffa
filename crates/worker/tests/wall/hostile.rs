//! Workers that say and do what no worker says and does, each with the outcome that must be seen.

use std::time::Duration;

use libtest_mimic::Trial;
use sandtide::{Error, Limits, Run, Runs, ScriptOptions, Value};
use sandtide_supervisor::{DeployedImage, Supervisor};
use sandtide_wire::FromWorker;

use crate::breakout::{ask, deploy_probes, probes};
use crate::{supervisor, trial, until, until_ended};

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    [
        trial("what_a_hostile_worker_writes_ends_it_and_nothing_else", garbage),
        trial("a_worker_that_half_says_something_is_ended_at_its_deadline", half),
        trial("a_worker_that_spins_in_native_code_is_ended_at_its_deadline", spins),
        trial("a_worker_that_was_stopped_is_ended_at_its_deadline", stopped),
        trial("a_worker_that_ends_itself_is_told_by_how", ended),
        trial("what_keeps_losing_workers_is_held_back_and_nothing_else_is", quarantine),
        trial("overwritten_memory_ends_the_worker_at_most", flips),
        trial("a_worker_that_was_killed_while_it_waited_costs_no_run", killed_idle),
        trial("a_worker_that_nobody_needs_is_ended", idle),
        trial("nothing_is_left_of_lost_workers", leftovers),
    ]
    .into_iter()
}

fn bytes(bytes: &[u8]) -> String {
    format!("writeToBroker(new Uint8Array({bytes:?}))")
}

/// A frame with this length before these bytes.
fn frame(len: u32, message: &[u8]) -> Vec<u8> {
    [&len.to_le_bytes()[..], message].concat()
}

fn said(message: &FromWorker) -> Vec<u8> {
    let mut out = Vec::new();
    message.encode(&mut out).unwrap();
    out
}

fn done(run: u64) -> Vec<u8> {
    let outcome = Box::new(sandtide::Outcome::failed(Error::Cancelled));
    said(&FromWorker::Done { run, outcome })
}

/// Runs under a short time.
async fn soon(
    supervisor: &Supervisor,
    image: &DeployedImage,
    source: &str,
) -> Result<Value, Error> {
    let wall = Duration::from_millis(60);
    let run = Run::new()
        .source(source, ScriptOptions::new())
        .limits(Limits { wall, ..Limits::default() });
    supervisor.run(image, run).await.result
}

async fn lost(supervisor: &Supervisor, source: &str, says: &str) {
    let image = probes(supervisor, "hostile").await;
    // On a machine that is busy, its time may be over before a worker has heard of it.
    let mut tries = 0..100;
    let ended = loop {
        match soon(supervisor, &image, source).await {
            Err(Error::WallTime { .. }) if tries.next().is_some() => {}
            ended => break ended,
        }
    };
    match ended {
        Err(Error::WorkerLost { cause }) => assert!(cause.contains(says), "{source}: {cause}"),
        other => panic!("{source}: {other:?}"),
    }
    let other = supervisor.base("other");
    assert_eq!(ask(supervisor, &other, "1 + 1").await, Ok(Value::from(2)), "after {source}");
}

async fn garbage() {
    let supervisor = supervisor(|settings| settings).await;
    let mut deep = vec![3];
    deep.extend_from_slice(&[0; 8 + 8 + 4]);
    deep.extend_from_slice(&[1, 0, 0, 0]);
    for _ in 0..2_000 {
        deep.extend_from_slice(&[7, 1, 0, 0, 0]);
    }
    let cases: &[(Vec<u8>, &str)] = &[
        (vec![0xff; 64], "announced a message"),
        (frame(u32::MAX, &[]), "announced a message"),
        (frame(1, &[200]), "no message"),
        (frame(0, &[]), "no message"),
        (frame(5, &[4, 0, 0, 0, 0]), "no message"),
        (frame(6, &[0, 1, 0, 0, 0, 9]), "no message"),
        (frame(5, &[0, 1, 0, 0, 0]), "out of turn"),
        (frame(deep.len() as u32, &deep), "no message"),
        (done(u64::MAX), "out of turn"),
        (done(0), "out of turn"),
        // What is said only by workers that were told to look or to debug.
        (said(&FromWorker::Piece { run: 1, bytes: vec![1] }), "out of turn"),
        (said(&FromWorker::Looked { run: 1, error: None }), "out of turn"),
        (said(&FromWorker::Asks { session: 1, wait: true, run: true }), "out of turn"),
        (said(&FromWorker::Ended { session: 1, error: None }), "out of turn"),
        (said(&FromWorker::Text { session: 1, client: 1, text: "x".to_owned() }), "no message"),
    ];
    for (message, says) in cases {
        let source = if message.len() < 1000 {
            bytes(message)
        } else {
            // Written by the script itself, as a text of this length would be no literal.
            format!(
                "const m = new Uint8Array({}); m.set([{}]); for (let i = 28; i < m.length; i += 5) \
                 {{ m[i] = 7; m[i + 1] = 1 }} writeToBroker(m)",
                message.len(),
                message[..28].iter().map(u8::to_string).collect::<Vec<_>>().join(",")
            )
        };
        lost(&supervisor, &source, says).await;
    }
    assert_eq!(supervisor.counts().lost as usize, cases.len());
}

async fn half() {
    let supervisor = supervisor(|settings| settings).await;
    // The answer that follows is taken for the rest of what was announced, and is not enough.
    lost(&supervisor, &bytes(&frame(50_000, &[4])), "and was killed").await;
    lost(&supervisor, &bytes(&[1, 0]), "").await;
}

async fn spins() {
    let supervisor = supervisor(|settings| settings).await;
    lost(&supervisor, "spin()", "and was killed").await;
    assert_eq!(supervisor.counts().lost, 1);
}

async fn stopped() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let base = supervisor.base("tenant");
    ask(&supervisor, &base, "1").await.unwrap();
    for pid in supervisor.waiting_processes() {
        // SAFETY: stops workers of this test.
        assert_eq!(unsafe { libc::kill(pid, libc::SIGSTOP) }, 0);
    }
    let Err(Error::WorkerLost { cause }) = soon(&supervisor, &base, "2").await else {
        panic!("a stopped worker answered")
    };
    assert!(cause.contains("and was killed"), "{cause}");
    assert_eq!(ask(&supervisor, &base, "3").await, Ok(Value::from(3)));
}

async fn killed_idle() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let base = supervisor.base("tenant");
    ask(&supervisor, &base, "1").await.unwrap();
    for pid in supervisor.waiting_processes() {
        // SAFETY: kills workers of this test.
        assert_eq!(unsafe { libc::kill(pid, libc::SIGKILL) }, 0);
        until_ended(pid).await;
    }
    assert_eq!(ask(&supervisor, &base, "2").await, Ok(Value::from(2)));
    assert_eq!(supervisor.counts().lost, 1);
    // Nobody asks for this one any more: it is noticed, and waited for, all the same.
    let waiting = supervisor.waiting_processes();
    for pid in &waiting {
        // SAFETY: kills workers of this test.
        assert_eq!(unsafe { libc::kill(*pid, libc::SIGKILL) }, 0);
    }
    let is_there = |pid: &i32| std::path::Path::new(&format!("/proc/{pid}")).exists();
    until("it is noticed and waited for", || {
        supervisor.counts().lost >= 2 && !waiting.iter().any(is_there)
    })
    .await;
    assert_eq!(supervisor.counts().idle, 0);
}

async fn idle() {
    let time = Duration::from_millis(20);
    let supervisor = supervisor(|settings| settings.spare_workers(0).idle_time(time)).await;
    ask(&supervisor, &supervisor.base("tenant"), "1").await.unwrap();
    until("none waits", || supervisor.counts().idle == 0).await;
    assert_eq!(supervisor.counts().lost, 0);
}

async fn ended() {
    let supervisor = supervisor(|settings| settings).await;
    lost(&supervisor, "end(7)", "exit code 7").await;
    lost(&supervisor, "abort()", "SIG").await;
    lost(&supervisor, "crash()", "SIGSEGV").await;
}

async fn quarantine() {
    let supervisor = supervisor(|settings| settings).await;
    let image = probes(&supervisor, "hostile").await;
    let healthy = probes(&supervisor, "hostile").await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        codes.push(ask(&supervisor, &image, "end(1)").await.unwrap_err().code());
    }
    let lost = "ERR_WORKER_LOST";
    assert_eq!(codes, [lost, lost, lost, "ERR_SCRIPT_QUARANTINED"]);
    assert!(image.is_held_back() && !healthy.is_held_back());
    assert_eq!(ask(&supervisor, &healthy, "1 + 1").await, Ok(Value::from(2)));
    assert_eq!(image.workers_lost(), 3);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(!image.is_held_back());
    assert_eq!(ask(&supervisor, &image, "1 + 1").await, Ok(Value::from(2)));
}

/// Memory that a worker may write to, as pairs of addresses.
fn writable(pid: i32) -> Option<Vec<(u64, u64)>> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).ok()?;
    let ranges = maps.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next()?, words.next()?);
        let (start, end) = range.split_once('-')?;
        let address = |text| u64::from_str_radix(text, 16).ok();
        // The beginning of each: what lies behind was hardly ever touched.
        let (start, end) = (address(start)?, address(end)?);
        rights.starts_with("rw").then_some((start, end.min(start + (1 << 20))))
    });
    Some(ranges.collect())
}

async fn flips() {
    let seeds: u64 =
        std::env::var("SANDTIDE_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let supervisor = supervisor(|settings| settings).await;
    // All workers come from one zygote, and have their memory in the same places.
    let Some(ranges) = supervisor.waiting_processes().first().and_then(|pid| writable(*pid)) else {
        return;
    };
    let ranges: Vec<String> = ranges.iter().map(|(start, end)| format!("{start}, {end}")).collect();
    let other = supervisor.base("other");
    let mut ends = std::collections::BTreeMap::<&str, u64>::new();
    for seed in 0..seeds {
        let Ok(image) = deploy_probes(&supervisor, "hostile").await else {
            // The worker that the last seed left was lost meanwhile.
            continue;
        };
        let source = format!("flip({seed}, 2000, {}); [1, 2, 3].map(x => x + 1)", ranges.join(","));
        let end = match soon(&supervisor, &image, &source).await {
            Ok(_) => "a value",
            Err(error) => error.code(),
        };
        *ends.entry(end).or_default() += 1;
        assert_eq!(ask(&supervisor, &other, "1 + 1").await, Ok(Value::from(2)), "seed {seed}");
    }
    println!("{seeds} seeds: {ends:?}");
    assert!(ends.contains_key("ERR_WORKER_LOST"), "the flips reach nothing: {ends:?}");
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn children() -> Vec<String> {
    // Other tests of this program have children, too: only those that ended and were not waited for
    // are looked for.
    let tasks = std::fs::read_dir("/proc").unwrap();
    let me = format!("PPid:\t{}", std::process::id());
    tasks
        .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path().join("status")).ok())
        .filter(|status| status.contains(&me) && status.contains("State:\tZ"))
        .collect()
}

async fn leftovers() {
    let supervisor = supervisor(|settings| settings.spare_workers(1)).await;
    let round = async || {
        for source in ["end(0)", "systemCall(39)", "writeToBroker(new Uint8Array(9))"] {
            let image = probes(&supervisor, "hostile").await;
            soon(&supervisor, &image, source).await.unwrap_err();
        }
        for tenant in 0..40 {
            let base = supervisor.base(&format!("tenant {tenant}"));
            assert_eq!(ask(&supervisor, &base, "1").await, Ok(Value::from(1)));
        }
    };
    round().await;
    // A spare is forked without anybody waiting for it.
    let settle = async || {
        until("a spare waits and none is busy", || {
            let counts = supervisor.counts();
            counts.spare > 0 && counts.busy == 0
        })
        .await;
    };
    settle().await;
    let before = supervisor.counts();
    for _ in 0..3 {
        round().await;
    }
    settle().await;
    let after = supervisor.counts();
    assert_eq!((after.idle, after.spare, after.busy), (before.idle, before.spare, 0));
    let (few, waiting) = (descriptors(), supervisor.waiting_processes());
    assert!(waiting.len() <= after.idle + after.spare);
    supervisor.shut_down().await;
    for pid in waiting {
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "{pid} is still there");
    }
    // Two descriptors a worker, and no more than that.
    assert!(descriptors() < few);
    // Other tests' workers may be on their way, so that one look does not tell.
    until("nobody has ended whom nobody waited for", || children().is_empty()).await;
}
