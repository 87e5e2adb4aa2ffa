//! Runs that a thread drives itself, as the server's do, and what a supervisor tells of its workers.

use std::time::Duration;

use libtest_mimic::Trial;
use sandtide::{
    CancelToken, Deployment, Error, HostCall, Limits, Outcome, Run, Runs, ScriptOptions, Value,
};
use sandtide_supervisor::{DeployedImage, Event, Events, NotRun, Supervisor};

use crate::{PATIENCE, supervisor, trial, until, until_ended};

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    [
        trial("a_thread_that_drives_its_run_gets_what_a_task_gets", same),
        trial("a_thread_has_its_run_cancelled_and_its_time_kept", ends),
        trial("a_worker_that_dies_under_a_thread_is_told_by_how", dies),
        trial("threads_and_tasks_take_turns_with_one_worker", turns),
        trial("runs_that_are_told_together_end_as_they_do_alone", together),
        trial("a_long_run_parts_those_that_were_told_together_and_the_rest_is_handed_back", parted),
        trial("any_number_of_runs_may_be_told_together", many),
        trial("large_inputs_and_outputs_may_be_told_together", large),
        trial("a_long_run_among_short_ones_costs_them_no_answer", long_among_short),
        trial(
            "a_worker_that_dies_of_one_of_several_runs_costs_the_others_nothing",
            dies_among_others,
        ),
        trial("a_long_run_is_given_long_turns_and_a_short_one_usual_ones", long_turns),
        trial("changing_the_source_does_not_get_round_the_quarantine", changing),
        trial("what_happens_to_workers_is_told", events),
        trial("a_zygote_that_is_stuck_is_replaced_and_one_that_ended_is", zygotes),
        trial("a_zygote_that_ends_is_replaced_before_the_next_worker_is_wanted", zygote_noticed),
    ]
    .into_iter()
}

/// On a thread that is not the runtime's.
async fn here(supervisor: &Supervisor, image: &DeployedImage, run: Run) -> Outcome {
    let (supervisor, image) = (supervisor.clone(), image.clone());
    tokio::task::spawn_blocking(move || supervisor.run_here(&image, run)).await.unwrap()
}

fn source(text: &str) -> Run {
    let limits = Limits { wall: PATIENCE, ..Limits::default() };
    Run::new().source(text, ScriptOptions::new()).limits(limits)
}

fn within(ms: u64) -> Limits {
    let time = Duration::from_millis(ms);
    Limits { wall: time, cpu: time, ..Limits::default() }
}

async fn same() {
    let supervisor = supervisor(|settings| settings).await;
    let base = supervisor.base("tenant");
    let sources = [
        "1 + 1",
        "[1, 'a', 2n ** 70n, new Map([[1, new Set([null])]]), new Uint8Array([1, 2])]",
        "console.log('a'); 'x'.repeat(300000)",
        "throw new TypeError('mine')",
        "'x'.repeat(5 << 20)",
        "syntax error",
        "(async () => { await null; return 7 })()",
    ];
    for text in sources {
        let (a, b) = (
            here(&supervisor, &base, source(text)).await,
            supervisor.run(&base, source(text)).await,
        );
        assert_eq!(a.result, b.result, "{text}");
        assert_eq!(a.logs, b.logs, "{text}");
    }
    let big = source("all.length").global("all", "y".repeat(6 << 20));
    assert_eq!(here(&supervisor, &base, big).await.result, Ok(Value::from(6 << 20)));
    let hosts = Deployment::new("tenant").host("double", |call: HostCall<'_>| match call.arg(0) {
        Value::Number(number) => Ok(Value::Number(number * 2.0)),
        _ => Ok(Value::Null),
    });
    let hosts = supervisor.deploy(hosts).await.unwrap();
    assert_eq!(here(&supervisor, &hosts, source("double(4)")).await.result, Ok(Value::from(8)));
    let counts = supervisor.counts();
    assert_eq!((counts.runs, counts.lost, counts.busy), (sources.len() as u64 * 2 + 2, 0, 0));
}

async fn ends() {
    let supervisor = supervisor(|settings| settings).await;
    let base = supervisor.base("tenant");
    let outcome = here(&supervisor, &base, source("for (;;) {}").limits(within(60))).await;
    let code = outcome.result.unwrap_err().code();
    assert!(["ERR_CPU_TIME_LIMIT", "ERR_WALL_TIME_LIMIT"].contains(&code), "{code}");
    let token = CancelToken::new();
    let endless = source("for (;;) {}").limits(within(600_000)).cancel(&token);
    let cancels = async {
        until("a worker is busy", || supervisor.counts().busy > 0).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        token.cancel();
    };
    let (outcome, ()) = tokio::join!(here(&supervisor, &base, endless), cancels);
    assert_eq!(outcome.result, Err(Error::Cancelled));
    let outcome = here(&supervisor, &base, source("1").cancel(&token)).await;
    assert_eq!(outcome.result, Err(Error::Cancelled), "it was before the run");
    assert_eq!(supervisor.counts().busy, 0);
    assert_eq!(here(&supervisor, &base, source("2")).await.result, Ok(Value::from(2)));
}

pub(crate) fn signal(pid: i32, signal: i32) {
    // SAFETY: a worker of this test.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
}

async fn dies() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let base = supervisor.base("tenant");
    here(&supervisor, &base, source("1")).await.result.unwrap();
    for (how, says) in [(libc::SIGKILL, "SIGKILL"), (libc::SIGSTOP, "and was killed")] {
        let [pid] = supervisor.waiting_processes()[..] else { panic!("one worker waits") };
        let kills = async {
            until("a worker is busy", || supervisor.counts().busy > 0).await;
            tokio::time::sleep(Duration::from_millis(30)).await;
            signal(pid, how);
        };
        let endless = here(&supervisor, &base, source("for (;;) {}").limits(within(500)));
        let (outcome, ()) = tokio::join!(endless, kills);
        let Err(Error::WorkerLost { cause }) = outcome.result else { panic!("{outcome:?}") };
        assert!(cause.contains(says), "{cause}");
        assert_eq!(here(&supervisor, &base, source("3")).await.result, Ok(Value::from(3)));
    }
    // Whoever cancels is told so also where the worker has to be killed for that.
    let [pid] = supervisor.waiting_processes()[..] else { panic!("one worker waits") };
    let token = CancelToken::new();
    let cancels = async {
        until("a worker is busy", || supervisor.counts().busy > 0).await;
        signal(pid, libc::SIGSTOP);
        token.cancel();
    };
    // Another source: what was lost before has a worker of its own for a while.
    let endless = source("for (;;) { 0 }").limits(within(600_000)).cancel(&token);
    let (outcome, ()) = tokio::join!(here(&supervisor, &base, endless), cancels);
    assert_eq!(outcome.result, Err(Error::Cancelled));
    assert_eq!(supervisor.counts().lost, 3);
    here(&supervisor, &base, source("5")).await.result.unwrap();
    let [pid] = supervisor.waiting_processes()[..] else { panic!("one worker waits") };
    signal(pid, libc::SIGKILL);
    until_ended(pid).await;
    let after = here(&supervisor, &base, source("4")).await;
    assert_eq!(after.result, Ok(Value::from(4)), "it died while it waited");
    assert_eq!(supervisor.counts().lost, 4);
}

async fn turns() {
    let supervisor = supervisor(|settings| settings.workers(1).spare_workers(0)).await;
    let base = supervisor.base("tenant");
    for number in 0..50 {
        let text = format!("{number} + 1");
        let outcome = match number % 2 {
            0 => here(&supervisor, &base, source(&text)).await,
            _ => supervisor.run(&base, source(&text)).await,
        };
        assert_eq!(outcome.result, Ok(Value::from(number + 1)));
    }
    // One has to wait for the other, whoever waits.
    let slow = || source("const end = Date.now() + 20; while (Date.now() < end); 1");
    let all = tokio::join!(
        here(&supervisor, &base, slow()),
        supervisor.run(&base, slow()),
        here(&supervisor, &base, slow()),
        supervisor.run(&base, slow()),
    );
    for outcome in [all.0, all.1, all.2, all.3] {
        assert_eq!(outcome.result, Ok(Value::from(1)));
    }
    let counts = supervisor.counts();
    assert_eq!((counts.started, counts.lost, counts.idle), (1, 0, 1), "{counts:?}");
}

/// Runs that are told a worker together; the result of each.
async fn all(
    supervisor: &Supervisor,
    runs: Vec<(DeployedImage, Run)>,
) -> Vec<Result<Value, Error>> {
    let images: Vec<_> = runs.iter().map(|(image, _)| image.clone()).collect();
    let (mut results, not_run) = told_together(supervisor, runs).await;
    for (position, run) in not_run.runs {
        let result = here(supervisor, &images[position], run).await.result;
        assert!(results[position].replace(result).is_none(), "{position} ended twice");
    }
    results.into_iter().map(|result| result.expect("all end")).collect()
}

/// The results of those that ended, and the rest.
async fn told_together(
    supervisor: &Supervisor,
    runs: Vec<(DeployedImage, Run)>,
) -> (Vec<Option<Result<Value, Error>>>, NotRun) {
    let supervisor = supervisor.clone();
    let mut results: Vec<_> = runs.iter().map(|_| None).collect();
    let thread = tokio::task::spawn_blocking(move || {
        let not_run = supervisor.run_together_here(runs, |position, outcome| {
            let before = results[position].replace(outcome.result);
            assert!(before.is_none(), "{position} ended twice");
        });
        (results, not_run)
    });
    thread.await.unwrap()
}

async fn parted() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let base = supervisor.base("tenant");
    here(&supervisor, &base, source("0")).await.result.unwrap();
    let mut events = supervisor.events();
    let endless = source("for (;;) {}").limits(within(600_000));
    let runs = vec![(base.clone(), source("1")), (base.clone(), endless), (base, source("3"))];
    let (results, not_run) = told_together(&supervisor, runs).await;
    // The first one's answer may have waited for the next one's.
    let left: Vec<_> = not_run.runs.iter().map(|(position, _)| *position).collect();
    assert!(left.ends_with(&[1, 2]), "{left:?}");
    assert!(not_run.interrupted);
    for (position, result) in results.iter().enumerate() {
        assert_eq!(result.is_none(), left.contains(&position), "{position}");
    }
    let event = next(&mut events, "end", |event| matches!(event, Event::RunsParted { .. })).await;
    let Event::RunsParted { tenant, runs, .. } = event else { unreachable!("it is one") };
    assert_eq!((&*tenant, runs), ("tenant", left.len()));
    let counts = supervisor.counts();
    assert_eq!((counts.parted, counts.lost, counts.busy, counts.idle), (1, 0, 0, 0), "{counts:?}");
}

async fn many() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    // More than a worker keeps.
    let mut images = Vec::new();
    for number in 0..70 {
        let script = Deployment::new("tenant").script(format!("{number}"), ScriptOptions::new());
        images.push(supervisor.deploy(script).await.unwrap());
    }
    let mut left: Vec<_> = images.iter().map(|image| (image.clone(), Run::new())).collect();
    let mut number = 0;
    while !left.is_empty() {
        let images: Vec<_> = left.iter().map(|(image, _)| image.clone()).collect();
        let (results, not_run) = told_together(&supervisor, left).await;
        for result in results.into_iter().flatten() {
            assert_eq!(result, Ok(Value::from(number)));
            number += 1;
        }
        left = not_run.runs.into_iter().map(|(at, run)| (images[at].clone(), run)).collect();
    }
    assert_eq!((number, supervisor.counts().lost), (70, 0));
}

async fn large() {
    let supervisor = supervisor(|settings| settings).await;
    let base = supervisor.base("tenant");
    let texts: Vec<_> = (0..16).map(|number| format!("{number}").repeat(40 << 10)).collect();
    let echo = |text: &String| (base.clone(), source("all").global("all", text.clone()));
    let results = all(&supervisor, texts.iter().map(echo).collect()).await;
    for (result, text) in results.into_iter().zip(texts) {
        assert!(result == Ok(Value::from(text)));
    }
    assert_eq!(supervisor.counts().lost, 0);
}

async fn together() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let base = supervisor.base("tenant");
    let deployed = Deployment::new("tenant").script("a * 2", ScriptOptions::new());
    let deployed = supervisor.deploy(deployed).await.unwrap();
    let big = "'x'.repeat(1e6)";
    let invalid = Limits { heap: 1, ..Limits::default() };
    let runs = || {
        vec![
            (base.clone(), source("1 + 1")),
            (deployed.clone(), Run::new().global("a", 4)),
            (base.clone(), source("throw new TypeError('mine')")),
            (base.clone(), source(big)),
            (base.clone(), source("1").limits(invalid)),
            (base.clone(), source("const a = []; for (;;) a.push(new Uint8Array(1 << 20))")),
            (deployed.clone(), Run::new().global("a", 5)),
            (base.clone(), source("globalThis.left = 1")),
            (base.clone(), source("typeof left")),
        ]
    };
    for _ in 0..3 {
        let results = all(&supervisor, runs()).await;
        for (position, (image, run)) in runs().into_iter().enumerate() {
            assert_eq!(results[position], supervisor.run(&image, run).await.result, "{position}");
        }
        assert_eq!(results[8], Ok(Value::from("undefined")));
    }
    let other = supervisor.base("other");
    let mixed = vec![(base.clone(), source("1")), (other, source("2"))];
    assert_eq!(all(&supervisor, mixed).await, [Ok(Value::from(1)), Ok(Value::from(2))]);
    assert_eq!(all(&supervisor, Vec::new()).await, []);
    let counts = supervisor.counts();
    assert_eq!((counts.lost, counts.busy), (0, 0), "{counts:?}");
}

async fn long_among_short() {
    let supervisor = supervisor(|settings| settings).await;
    let base = supervisor.base("tenant");
    let token = CancelToken::new();
    token.cancel();
    let runs = vec![
        (base.clone(), source("1")),
        (base.clone(), source("for (;;) {}").limits(within(200))),
        (base.clone(), source("3")),
        (base.clone(), source("4").cancel(&token)),
    ];
    let results = all(&supervisor, runs).await;
    assert_eq!(results[0], Ok(Value::from(1)));
    let code = results[1].as_ref().unwrap_err().code();
    assert!(["ERR_CPU_TIME_LIMIT", "ERR_WALL_TIME_LIMIT"].contains(&code), "{code}");
    assert_eq!(results[2], Ok(Value::from(3)));
    assert_eq!(results[3], Err(Error::Cancelled));
}

async fn dies_among_others() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let base = supervisor.base("tenant");
    here(&supervisor, &base, source("0")).await.result.unwrap();
    let [pid] = supervisor.waiting_processes()[..] else { panic!("one worker waits") };
    // It is given all of them, does none, and is killed then.
    signal(pid, libc::SIGSTOP);
    let runs = (0..5).map(|number| (base.clone(), source(&format!("{number}")))).collect();
    let kills = async {
        until("a worker is busy", || supervisor.counts().busy > 0).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        signal(pid, libc::SIGKILL);
    };
    let (results, ()) = tokio::join!(all(&supervisor, runs), kills);
    assert_eq!(results, [0, 1, 2, 3, 4].map(|number| Ok(Value::from(number))));
    // On a machine that is busy it is given up before it is killed.
    let counts = supervisor.counts();
    assert_eq!(counts.lost + counts.parted, 1, "{counts:?}");
}

/// Whether a process has turns of the kind for long runs.
fn has_long_turns(pid: i32) -> bool {
    // SAFETY: asks the system about a process.
    unsafe { libc::sched_getscheduler(pid) == libc::SCHED_BATCH }
}

async fn long_turns() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let script = "while (typeof endless === 'boolean') {}";
    let image = Deployment::new("tenant").script(script, ScriptOptions::new());
    let image = supervisor.deploy(image).await.unwrap();
    let [pid] = supervisor.waiting_processes()[..] else { panic!("one worker waits") };
    // On a machine that is busy, what is short may seem long.
    let short = async |by_thread: bool| loop {
        let outcome = match by_thread {
            true => here(&supervisor, &image, Run::new()).await,
            false => supervisor.run(&image, Run::new()).await,
        };
        assert_eq!(outcome.result, Ok(Value::Undefined));
        if !has_long_turns(pid) {
            break;
        }
    };
    assert!(!has_long_turns(pid));
    here(&supervisor, &image, Run::new()).await.result.unwrap();
    assert!(has_long_turns(pid), "nobody knows what a new script takes");
    for by_thread in [true, false] {
        short(by_thread).await;
        let token = CancelToken::new();
        let endless = Run::new().global("endless", true).limits(within(600_000)).cancel(&token);
        let looks = async {
            until("it has long turns", || has_long_turns(pid)).await;
            token.cancel();
        };
        let run = async {
            match by_thread {
                true => here(&supervisor, &image, endless).await,
                false => supervisor.run(&image, endless).await,
            }
        };
        let (outcome, ()) = tokio::join!(run, looks);
        assert_eq!(outcome.result, Err(Error::Cancelled));
    }
    short(true).await;
}

async fn changing() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let base = supervisor.base("hostile");
    let deployed = Deployment::new("hostile").script("1 + 1", ScriptOptions::new());
    let deployed = supervisor.deploy(deployed).await.unwrap();
    let mut lost = 0;
    // On a machine that is busy, the first ones are half forgotten when the last ones come.
    let held = loop {
        assert!(lost < 40, "never held back");
        // What is suspect has a worker of its own, and each of them waits.
        supervisor.run(&deployed, Run::new()).await.result.unwrap();
        if let Err(error) = supervisor.run(&base, source("0")).await.result {
            break error.code();
        }
        // The worker that waits for the tenant does not hear of the run that it is given.
        for pid in supervisor.waiting_processes() {
            signal(pid, libc::SIGSTOP);
        }
        let run = source(&format!("{lost}; 1")).limits(within(40));
        let ended = supervisor.run(&base, run).await.result.unwrap_err();
        for pid in supervisor.waiting_processes() {
            signal(pid, libc::SIGCONT);
        }
        match ended.code() {
            "ERR_WORKER_LOST" => lost += 1,
            code => break code,
        }
    };
    assert_eq!(held, "ERR_SCRIPT_QUARANTINED");
    assert!(lost >= 10, "held back after {lost}");
    for pid in supervisor.waiting_processes() {
        signal(pid, libc::SIGCONT);
    }
    let healthy = supervisor.run(&deployed, Run::new()).await;
    assert_eq!(healthy.result, Ok(Value::from(2)), "what was deployed is not held back");
    let other = supervisor.run(&supervisor.base("other"), source("1")).await;
    assert_eq!(other.result, Ok(Value::from(1)), "nor are other tenants");
}

/// The next event that `is` one of.
pub(crate) async fn next(events: &mut Events, what: &str, is: impl Fn(&Event) -> bool) -> Event {
    loop {
        match events.next().await {
            Some(event) if is(&event) => return event,
            Some(_) => {}
            None => panic!("no {what} came"),
        }
    }
}

async fn events() {
    let time = Duration::from_millis(20);
    let supervisor = supervisor(|settings| settings.spare_workers(0).idle_time(time)).await;
    let mut events = supervisor.events();
    let image = crate::breakout::probes(&supervisor, "hostile").await;
    for _ in 0..3 {
        crate::breakout::ask(&supervisor, &image, "end(7)").await.unwrap_err();
        let lost = next(&mut events, "loss", |event| matches!(event, Event::WorkerLost { .. }));
        let Event::WorkerLost { process, tenant, version, cause } = lost.await else {
            unreachable!()
        };
        assert!(process > 0 && cause.contains("exit code 7"), "{process}: {cause}");
        assert_eq!((&*tenant, &*version), ("hostile", image.version()));
    }
    let held = next(&mut events, "quarantine", |event| matches!(event, Event::Quarantined { .. }));
    let Event::Quarantined { tenant, version, pause } = held.await else { unreachable!() };
    assert_eq!((&*tenant, &*version), ("hostile", image.version()));
    assert_eq!(pause, Duration::from_secs(1));
    supervisor.run(&supervisor.base("idler"), source("1")).await.result.unwrap();
    let forked = next(&mut events, "fork", |event| matches!(event, Event::WorkerForked { .. }));
    let Event::WorkerForked { process } = forked.await else { unreachable!() };
    let ended = next(&mut events, "end", |event| matches!(event, Event::WorkerEnded { .. })).await;
    assert_eq!(ended, Event::WorkerEnded { process, tenant: "idler".into() });
    drop(supervisor);
    while events.next().await.is_some() {}
}

/// Processes of this one's that lead a session, as zygotes do, by the number that they have.
pub(crate) fn zygotes_of(workers: &[i32]) -> Vec<i32> {
    let session = |pid: &i32| {
        // SAFETY: asks the system about a process.
        unsafe { libc::getsid(*pid) }
    };
    let mut sessions: Vec<i32> = workers.iter().map(session).filter(|sid| *sid > 0).collect();
    sessions.dedup();
    sessions
}

/// Whether a zygote was replaced.
pub(crate) fn replacement(event: &Event) -> bool {
    matches!(event, Event::ZygoteReplaced { .. })
}

/// Nobody asks for a worker: the next one that somebody wants need not wait for a zygote to start.
async fn zygote_noticed() {
    let supervisor = supervisor(|settings| settings.spare_workers(0)).await;
    let mut events = supervisor.events();
    supervisor.run(&supervisor.base("tenant"), source("1")).await.result.unwrap();
    let [zygote] = zygotes_of(&supervisor.waiting_processes())[..] else { panic!("no zygote") };
    signal(zygote, libc::SIGKILL);
    next(&mut events, "replacement", replacement).await;
    let status = std::fs::read_to_string(format!("/proc/{zygote}/stat"));
    assert!(status.is_err(), "the old zygote is still there: {status:?}");
    // The new one forks.
    let other = supervisor.run(&supervisor.base("other"), source("2")).await;
    assert_eq!(other.result, Ok(Value::from(2)));
    assert_eq!(supervisor.counts().lost, 0);
}

async fn zygotes() {
    // A zygote that does not answer is waited for before it is replaced.
    let long = Limits { wall: Duration::from_secs(30), ..Limits::default() };
    let supervisor = supervisor(|settings| settings.spare_workers(0).limits(long)).await;
    let mut events = supervisor.events();
    for (round, how) in [libc::SIGKILL, libc::SIGSTOP].into_iter().enumerate() {
        let tenant = |name: &str| supervisor.base(&format!("{name}{round}"));
        let before = tenant("before");
        supervisor.run(&before, source("1").limits(long)).await.result.unwrap();
        let workers = supervisor.waiting_processes();
        let last = workers.last().copied().into_iter().collect::<Vec<_>>();
        let [zygote] = zygotes_of(&last)[..] else { panic!("one zygote forked {workers:?}") };
        signal(zygote, how);
        let outcome = supervisor.run(&tenant("after"), source("2").limits(long)).await;
        assert_eq!(outcome.result, Ok(Value::from(2)), "{how}");
        let replaced = next(&mut events, "replacement", replacement).await;
        let Event::ZygoteReplaced { cause } = replaced else { unreachable!() };
        // On a machine that is busy, one that was killed may have been late before.
        let late = cause.contains("did not answer within");
        assert!(late || (how == libc::SIGKILL && cause.contains("it was killed")), "{cause}");
        // Its workers are the broker's children, and outlive it.
        let outcome = supervisor.run(&before, source("3").limits(long)).await;
        assert_eq!(outcome.result, Ok(Value::from(3)), "{how}");
        let status = std::fs::read_to_string(format!("/proc/{zygote}/stat"));
        assert!(status.is_err(), "the old zygote is still there: {status:?}");
    }
    assert_eq!(supervisor.counts().lost, 0);
}
