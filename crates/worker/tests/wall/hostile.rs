//! Workers that say and do what no worker says and does, each with the outcome that must be seen.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use libtest_mimic::Trial;
use sandtide::{Deployment, Error, Image, Limits, Run, Runs, ScriptOptions, Value};
use sandtide_supervisor::{DeployedImage, Event, Supervisor};
use sandtide_wire::FromWorker;

use crate::breakout::{ask, deploy_probes, probes};
use crate::here::{next, signal};
use crate::{PATIENCE, may_look_into_workers, patient, supervisor, trial, until, until_ended};

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    [
        trial("what_a_hostile_worker_writes_ends_it_and_nothing_else", garbage),
        trial("a_worker_that_half_says_something_is_ended_at_its_deadline", half),
        trial("a_worker_that_spins_in_native_code_is_ended_at_its_deadline", spins),
        trial("a_worker_that_was_stopped_is_ended_at_its_deadline", stopped),
        trial("a_worker_that_ends_itself_is_told_by_how", ended),
        trial("what_keeps_losing_workers_is_held_back_and_nothing_else_is", quarantine),
        trial("a_set_up_that_keeps_losing_workers_is_held_back_however_it_changes", killed_builds),
        trial("what_a_worker_does_after_its_answer_counts_and_is_owed", after_the_answer),
        trial("what_always_answers_and_loses_its_worker_is_held_back_for_longer_each_time", longer),
        trial("what_a_worker_uses_after_its_answer_is_owed_and_not_the_next_runs", burnt),
        trial("what_spoils_workers_is_found_and_no_innocent_script_is_held_back", innocent),
        trial("what_a_worker_says_that_it_took_is_held_to_what_is_known", lies),
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
    within(Duration::from_millis(60), supervisor, image, source).await
}

async fn within(
    wall: Duration,
    supervisor: &Supervisor,
    image: &DeployedImage,
    source: &str,
) -> Result<Value, Error> {
    let run = Run::new()
        .source(source, ScriptOptions::new())
        .limits(Limits { wall, ..Limits::default() });
    supervisor.run(image, run).await.result
}

async fn lost(supervisor: &Supervisor, source: &str, says: &str) {
    // Of another tenant each time, so that it is not held back.
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let tenant = format!("hostile {}", NEXT.fetch_add(1, Ordering::Relaxed));
    let image = probes(supervisor, &tenant).await;
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
    let healthy = Deployment::new("hostile").script("1 + 1", ScriptOptions::new());
    let healthy = supervisor.deploy(healthy).await.unwrap();
    // On a machine that is busy, the first pauses are over when the next run comes.
    let mut lost = 0;
    let held = loop {
        match ask(&supervisor, &image, "end(1)").await.unwrap_err().code() {
            "ERR_WORKER_LOST" if lost < 40 => lost += 1,
            code => break code,
        }
    };
    assert_eq!(held, "ERR_SCRIPT_QUARANTINED");
    assert!(lost >= 4, "held back after {lost}");
    let well = supervisor.run(&healthy, patient()).await;
    assert_eq!(well.result, Ok(Value::from(2)));
    // The other one was deployed by the worker that was lost first, which says nothing of either.
    assert_eq!((image.workers_lost(), healthy.workers_lost()), (lost - 1, 0));
    assert_eq!(healthy.held(), None);
    let elsewhere = probes(&supervisor, "another").await;
    assert_eq!((elsewhere.workers_lost(), elsewhere.held()), (0, None));
    // Deploying the same again neither ends the pause nor forgets what was lost.
    let again = loop {
        match deploy_probes(&supervisor, "hostile").await {
            Ok(again) => break again,
            Err(Error::Quarantined { wait, .. }) => tokio::time::sleep(wait).await,
            Err(other) => panic!("{other}"),
        }
    };
    assert_eq!(again.workers_lost(), lost - 1);
    // The next loss has it held back at once, whichever of both is asked.
    assert_eq!(ask(&supervisor, &again, "end(1)").await.unwrap_err().code(), "ERR_WORKER_LOST");
    assert_eq!((image.workers_lost(), again.workers_lost()), (lost, lost));
    while let Some(wait) = image.held() {
        tokio::time::sleep(wait).await;
    }
    assert_eq!(ask(&supervisor, &image, "1 + 1").await, Ok(Value::from(2)));
}

/// Deploys a script whose worker is killed as it is set up; the code of the error.
async fn killed_build(supervisor: &Supervisor, setup: &str) -> &'static str {
    until("a spare waits alone", || {
        let counts = supervisor.counts();
        (counts.spare, counts.idle, counts.busy) == (1, 0, 0)
    })
    .await;
    let [pid] = supervisor.waiting_processes()[..] else { panic!("one worker waits") };
    let image = Image::builder()
        .build_limits(Limits { wall: PATIENCE, cpu: PATIENCE, ..Limits::default() })
        .setup(setup, ScriptOptions::new());
    let deployment = Deployment::new("hostile").image(image);
    let kills = async {
        // One that is held back takes no worker.
        until("it is taken, or nobody wants it", || supervisor.waiting_processes() != [pid]).await;
        // The first process of its namespace is sent no other signal that it does not handle.
        signal(pid, libc::SIGSEGV);
    };
    tokio::select! {
        deployed = supervisor.deploy(deployment) => deployed.unwrap_err().code(),
        () = async { kills.await; std::future::pending().await } => unreachable!("it is pending"),
    }
}

async fn killed_builds() {
    let supervisor = supervisor(|settings| settings.spare_workers(1)).await;
    let mut lost = 0;
    let held = loop {
        match killed_build(&supervisor, "for (;;) {}").await {
            "ERR_WORKER_LOST" if lost < 40 => lost += 1,
            code => break code,
        }
    };
    assert_eq!(held, "ERR_SCRIPT_QUARANTINED");
    assert!(lost >= 3, "held back after {lost}");
    // Another source is a changed letter away: after a while all of them wait.
    let mut changed = 0;
    let held = loop {
        match killed_build(&supervisor, &format!("for (;;) {{ {changed} }}")).await {
            "ERR_WORKER_LOST" if changed < 60 => changed += 1,
            code => break code,
        }
    };
    assert_eq!(held, "ERR_SCRIPT_QUARANTINED");
    assert!(changed + lost >= 10, "held back after {lost} and {changed}");
    let other = Deployment::new("other").script("1 + 1", ScriptOptions::new());
    let other = supervisor.deploy(other).await.unwrap();
    assert_eq!(supervisor.run(&other, patient()).await.result, Ok(Value::from(2)));
}

/// What a script says that owns its worker: the answer to the run of this number, and then something else.
fn answers(run: u64, then: &str) -> String {
    format!("answerAndThen({run}, '{then}', 0)")
}

async fn after_the_answer() {
    for (then, says) in [
        ("speak", "more than its answer"),
        ("end", "exit code 3"),
        ("spin", "of a processor while it waited"),
        ("corrupted", "corrupted"),
    ] {
        let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
        let mut events = supervisor.events();
        // The broker numbers images and runs.
        let image = probes(&supervisor, "hostile").await;
        let mut runs = 2..;
        let held = loop {
            let run = runs.next().unwrap();
            assert!(run < 60, "{then}: never held back");
            match ask(&supervisor, &image, &answers(run, then)).await {
                Ok(value) => assert_eq!(value, Value::from("answered")),
                Err(Error::HeapCorrupted) => assert_eq!(then, "corrupted"),
                Err(error) => break error.code(),
            }
            // It is noticed although nobody asks for another run.
            let is_loss = |event: &Event| matches!(event, Event::WorkerLost { .. });
            let Event::WorkerLost { tenant, version, cause, .. } =
                next(&mut events, "loss", is_loss).await
            else {
                unreachable!("it is one")
            };
            assert_eq!((&*tenant, &*version), ("hostile", image.version()), "{cause}");
            assert!(cause.contains(says), "{then}: {cause}");
            assert_eq!(supervisor.counts().idle, 0, "{then}");
        };
        assert_eq!(held, "ERR_SCRIPT_QUARANTINED", "{then}");
        assert!(image.workers_lost() >= 3, "{then}: {}", image.workers_lost());
        assert_eq!(supervisor.counts().lost, image.workers_lost(), "{then}");
        let other = supervisor.base("other");
        assert_eq!(ask(&supervisor, &other, "1 + 1").await, Ok(Value::from(2)), "after {then}");
        // What was burnt is owed, and by nobody else.
        assert_eq!(supervisor.take_owed("other"), Duration::ZERO);
        let owed = supervisor.take_owed("hostile");
        if then == "spin" {
            assert!(owed > Duration::from_millis(50), "{owed:?}");
        }
        assert_eq!(supervisor.take_owed("hostile"), Duration::ZERO);
    }
}

async fn longer() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let mut events = supervisor.events();
    let image = probes(&supervisor, "hostile").await;
    // The broker numbers images and runs.
    for run in 2..42 {
        while let Some(wait) = image.held() {
            tokio::time::sleep(wait).await;
        }
        let answered = ask(&supervisor, &image, &answers(run, "end")).await;
        assert_eq!(answered, Ok(Value::from("answered")));
        let is_loss = |event: &Event| matches!(event, Event::WorkerLost { .. });
        next(&mut events, "loss", is_loss).await;
        // If each answer were a run that goes well, none would be longer than two.
        if image.held().is_some_and(|pause| pause > Duration::from_secs(3)) {
            return;
        }
    }
    panic!("its pauses are no longer after 40 workers that it lost: {}", image.workers_lost());
}

async fn burnt() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let image = probes(&supervisor, "hostile").await;
    let answered = ask(&supervisor, &image, &answers(2, "burn")).await;
    assert_eq!(answered, Ok(Value::from("answered")));
    let [pid] = supervisor.waiting_processes()[..] else { panic!("one worker waits") };
    until("it listens", || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('S'))
    })
    .await;
    assert_eq!(supervisor.take_owed("hostile"), Duration::ZERO, "nobody has looked");
    // It hears of the next run, and does nothing of it.
    assert!(within(Duration::from_secs(2), &supervisor, &image, "1").await.is_err());
    let owed = supervisor.take_owed("hostile");
    assert!(owed > Duration::from_millis(1), "{owed:?}");
    assert_eq!(supervisor.take_owed("other"), Duration::ZERO);
}

/// One that answers and leaves its worker so that it is lost in the next run costs an innocent script of the
/// same tenant one run, and is found.
async fn innocent() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let spoils = probes(&supervisor, "tenant").await;
    let innocent = Deployment::new("tenant").script("1 + 1", ScriptOptions::new());
    let innocent = supervisor.deploy(innocent).await.unwrap();
    let limits = Limits { wall: Duration::from_secs(1), ..Limits::default() };
    let (mut lost, mut held) = (0, false);
    // The broker numbers images and runs.
    let mut run = 3;
    for _ in 0..40 {
        let source = Run::new().source(answers(run, "listen"), ScriptOptions::new());
        match supervisor.run(&spoils, source.limits(limits)).await.result {
            Err(Error::Quarantined { .. }) => held = true,
            _ => run += 1,
        }
        if held {
            break;
        }
        match supervisor.run(&innocent, Run::new().limits(limits)).await.result {
            Ok(value) => assert_eq!(value, Value::from(2)),
            Err(Error::WorkerLost { .. }) => lost += 1,
            // On a machine that is busy.
            Err(Error::WallTime { .. }) => {}
            Err(other) => panic!("{other}"),
        }
        run += 1;
    }
    assert!(lost <= 1, "{lost} runs of the innocent one were lost");
    assert!(held, "the other one was never held back");
    assert_eq!((innocent.workers_lost(), innocent.held()), (0, None));
}

/// What a hostile worker says that its run took is held to what is known.
async fn lies() {
    let supervisor = supervisor(|settings| settings).await;
    let limits = Limits { wall: PATIENCE, ..Limits::default() };
    let mut numbers = 1..;
    for says in [u64::MAX as f64, (1_u64 << 63) as f64, 0.0] {
        let image = probes(&supervisor, &format!("says {says}")).await;
        let run = numbers.by_ref().nth(1).unwrap();
        let source =
            format!("for (let i = 0; i < 3e5; i++); answerAndThen({run}, 'listen', {says})");
        let run = Run::new().source(source, ScriptOptions::new()).limits(limits);
        let began = std::time::Instant::now();
        let outcome = supervisor.run(&image, run).await;
        let took = began.elapsed();
        assert_eq!(outcome.result, Ok(Value::from("answered")), "{says}");
        let usage = outcome.usage;
        // What came, or what JSON can make of it at most.
        let came = 8 + "answered".len();
        assert_eq!(usage.output, if says == 0.0 { came } else { 6 * came }, "{says}");
        assert_eq!(usage.logs, 0, "{says}");
        assert!(usage.peak_heap <= limits.heap && usage.jobs <= limits.jobs, "{usage:?}");
        assert!(usage.bytes_restored <= 2 * limits.heap, "{usage:?}");
        for time in [usage.wall, usage.build, usage.cpu, usage.timers, usage.restore] {
            assert!(time <= took, "{says}: {usage:?}");
        }
        assert!(usage.cpu > Duration::from_millis(1), "{says}: {usage:?}");
    }
}

/// Memory that a worker may write to, as pairs of addresses.
fn writable(pid: i32) -> std::io::Result<Vec<(u64, u64)>> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let ranges = maps.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next()?, words.next()?);
        let (start, end) = range.split_once('-')?;
        let address = |text| u64::from_str_radix(text, 16).ok();
        // The beginning of each: what lies behind was hardly ever touched.
        let (start, end) = (address(start)?, address(end)?);
        rights.starts_with("rw").then_some((start, end.min(start + (1 << 20))))
    });
    Ok(ranges.collect())
}

/// Runs until it is known that a worker was told of it.
async fn tried(
    supervisor: &Supervisor,
    image: &DeployedImage,
    source: &str,
) -> Result<Value, Error> {
    // On a machine that is busy, its time may be over before a worker has heard of it.
    for _ in 0..20 {
        match within(Duration::from_millis(60), supervisor, image, source).await {
            Err(Error::WallTime { .. }) => {}
            ended => return ended,
        }
    }
    within(Duration::from_secs(5), supervisor, image, source).await
}

async fn flips() {
    if !may_look_into_workers("overwritten memory") {
        return;
    }
    let seeds: u64 =
        std::env::var("SANDTIDE_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let supervisor = supervisor(|settings| settings).await;
    // All workers come from one zygote, and have their memory in the same places.
    let [pid, ..] = supervisor.waiting_processes()[..] else { panic!("no worker waits") };
    let ranges = writable(pid).expect("root may see where a process's memory is");
    assert!(!ranges.is_empty());
    let ranges: Vec<String> = ranges.iter().map(|(start, end)| format!("{start}, {end}")).collect();
    let other = supervisor.base("other");
    let mut ends = std::collections::BTreeMap::<&str, u64>::new();
    for seed in 0..seeds {
        // Of another tenant each time, so that it is not held back.
        let image = probes(&supervisor, &format!("hostile {seed}")).await;
        let source = format!("flip({seed}, 2000, {}); [1, 2, 3].map(x => x + 1)", ranges.join(","));
        let end = match tried(&supervisor, &image, &source).await {
            Ok(_) => "a value",
            Err(error) => error.code(),
        };
        *ends.entry(end).or_default() += 1;
        assert_eq!(ask(&supervisor, &other, "1 + 1").await, Ok(Value::from(2)), "seed {seed}");
    }
    let unknown = ends.get("ERR_WALL_TIME_LIMIT").copied().unwrap_or(0);
    println!("{} of {seeds} seeds were tried for sure: {ends:?}", seeds - unknown);
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
    let round = async |round: u32| {
        for source in ["end(0)", "systemCall(39)", "writeToBroker(new Uint8Array(9))"] {
            let image = probes(&supervisor, &format!("{round} {source}")).await;
            soon(&supervisor, &image, source).await.unwrap_err();
        }
        for tenant in 0..40 {
            let base = supervisor.base(&format!("tenant {tenant}"));
            assert_eq!(ask(&supervisor, &base, "1").await, Ok(Value::from(1)));
        }
    };
    round(0).await;
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
    for number in 1..4 {
        round(number).await;
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
