use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use sandtide_wire::{LENGTH_BYTES, Moment};

use super::*;

fn bounds(host_call: usize, host_calls: usize) -> Bounds {
    Bounds {
        limits: Limits::default(),
        deadline: Instant::now(),
        grace: Duration::ZERO,
        host_call,
        host_calls,
        sampled: false,
        look: Duration::ZERO,
    }
}

#[test]
fn a_call_is_open_until_its_reply_was_sent() {
    let (mut open, bounds) = (Open::default(), bounds(10, 2));
    open.admit(1, 5, &bounds).unwrap();
    open.admit(2, 5, &bounds).unwrap();
    assert!(matches!(open.admit(3, 5, &bounds), Err(Lost::TooManyCalls { most: 2 })));
    open.answer(2, 100);
    assert_eq!(open.unanswered(), [1]);
    open.sent(99);
    assert!(matches!(open.admit(3, 5, &bounds), Err(Lost::TooManyCalls { .. })));
    open.sent(100);
    open.admit(3, 7, &bounds).unwrap();
    assert_eq!(open.bytes, 12);
}

#[test]
fn a_number_that_is_open_is_refused_and_what_is_open_is_not_forgotten() {
    let (mut open, bounds) = (Open::default(), bounds(10, 9));
    open.admit(1, 5, &bounds).unwrap();
    assert!(matches!(open.admit(1, 5, &bounds), Err(Lost::CallTwice)));
    assert_eq!(open.calls.len(), 1);
}

#[test]
fn open_calls_have_one_budget() {
    let (mut open, bounds) = (Open::default(), bounds(1 << 20, 1000));
    let fit = (0..).take_while(|call| open.admit(*call, 1 << 20, &bounds).is_ok()).count();
    assert_eq!(fit, FULL_CALLS + 1);
}

#[test]
fn more_time_is_for_who_stood_ready_and_had_no_processor() {
    let ms = |ms| Some((Duration::from_millis(ms), true));
    let asleep = |ms| Some((Duration::from_millis(ms), false));
    let grace = Duration::from_millis(100);
    assert!(starved(ms(500), ms(549), grace));
    assert!(!starved(ms(500), ms(550), grace));
    assert!(starved(asleep(500), ms(500), grace));
    // It waits for something, or was stopped.
    assert!(!starved(ms(500), asleep(500), grace));
    assert!(!starved(ms(500), None, grace));
    assert!(!starved(None, ms(500), grace));
}

/// A worker that was told of a run, and the other end of its socket.
fn told_of_a_run() -> (Worker, UnixStream) {
    told(false)
}

/// The same, where the run may end with a snapshot.
fn told(snapshot: bool) -> (Worker, UnixStream) {
    let (spawned, mut theirs) = crate::zygote::Spawned::of_test();
    let mut worker = Worker::new(spawned).unwrap();
    let mut ready = Vec::new();
    FromWorker::Ready { layers: 0 }.encode(&mut ready).unwrap();
    theirs.write_all(&ready).unwrap();
    let budget = Budgets::without_calls(outcome_budget(&Limits::default()));
    assert!(matches!(worker.hear_here(budget), Ok(Some(FromWorker::Ready { .. }))));
    let request = sandtide_engine::Request::default();
    worker
        .say(&ToWorker::Run { run: 7, image: None, began: Moment::now(), snapshot, request })
        .unwrap();
    (worker, theirs)
}

fn soon() -> Bounds {
    Bounds { deadline: Instant::now() + Duration::from_millis(50), ..bounds(1 << 10, 2) }
}

/// What a thread makes of a worker that answers a run with these bytes.
fn heard_here(bytes: &[u8]) -> Result<Outcome, Lost> {
    let (mut worker, mut theirs) = told_of_a_run();
    theirs.write_all(bytes).unwrap();
    run_here(&mut worker, &soon(), || false, &mut false)
}

fn frame_of_done() -> Vec<u8> {
    let outcome = Box::new(Outcome::failed(Error::NeverSettled));
    frame(&FromWorker::Done { run: 7, outcome })
}

fn frame(message: &FromWorker) -> Vec<u8> {
    let mut out = Vec::new();
    message.encode(&mut out).unwrap();
    out
}

#[test]
fn a_thread_takes_what_a_worker_says_as_hostile() {
    let done = |run| {
        let outcome = Box::new(Outcome::failed(Error::NeverSettled));
        frame(&FromWorker::Done { run, outcome })
    };
    let ended = heard_here(&done(7)).unwrap();
    assert_eq!(ended.result, Err(Error::NeverSettled));
    assert!(matches!(heard_here(&done(8)), Err(Lost::OutOfTurn(_))));
    assert!(matches!(heard_here(&[0xff; 64]), Err(Lost::TooLong { .. })));
    assert!(matches!(heard_here(&[1, 0, 0, 0, 200]), Err(Lost::Refused(_))));
    let call = FromWorker::HostCall { run: 7, call: 1, function: 0, args: vec![Value::Null] };
    assert!(matches!(heard_here(&frame(&call)), Err(Lost::NoSuchFunction)));
    let half = done(7);
    assert!(matches!(heard_here(&half[..half.len() - 1]), Err(Lost::Overdue { .. })));
    assert!(matches!(heard_here(&[]), Err(Lost::Overdue { .. })));
}

/// Says a byte at a time, as fast as they are taken, until nobody listens; how many it said.
fn trickle(mut theirs: UnixStream) -> usize {
    (0..).take_while(|_| theirs.write_all(&[2]).is_ok()).count()
}

#[test]
fn a_worker_that_trickles_bytes_is_lost_at_the_deadline_and_hears_of_a_cancel() {
    for cancelled in [false, true] {
        let (mut worker, mut theirs) = told_of_a_run();
        theirs.write_all(&(4_u32 << 20).to_le_bytes()).unwrap();
        theirs.write_all(&frame_of_done()[LENGTH_BYTES..=LENGTH_BYTES]).unwrap();
        let trickles = std::thread::spawn(|| trickle(theirs));
        let mut bounds = soon();
        if cancelled {
            bounds.deadline += Duration::from_secs(600_000);
        }
        let mut seen = false;
        let lost = run_here(&mut worker, &bounds, || cancelled, &mut seen).unwrap_err();
        match cancelled {
            false => assert!(matches!(lost, Lost::Overdue { .. }), "{lost:?}"),
            true => assert!(seen && matches!(lost, Lost::Deaf { .. }), "{lost:?}"),
        }
        drop(worker);
        let said = trickles.join().unwrap();
        assert!(said < 1 << 20, "{said} bytes were listened to");
    }
}

#[tokio::test]
async fn a_cancelled_run_has_no_other_time_because_its_worker_says_that_it_looked() {
    let (mut worker, theirs) = told(true);
    let grace = Duration::from_secs(1);
    let deadline = Instant::now() + Duration::from_secs(600_000);
    let bounds = Bounds { deadline, grace, ..bounds(1 << 10, 2) };
    let token = CancelToken::new();
    let (_alive, dropped) = oneshot::channel();
    let mut cancel = Cancel::new(Some(token.clone()), dropped);
    token.cancel();
    // After the cancel is seen; where that takes longer, nothing is shown, and nothing fails.
    let mut says = theirs.try_clone().unwrap();
    let says = std::thread::spawn(move || {
        std::thread::sleep(grace / 4);
        says.write_all(&frame(&FromWorker::Looked { run: 7, error: None }))
    });
    let blocking = Arc::new(Semaphore::new(1));
    let lost = run(&mut worker, 7, &[], &bounds, &blocking, &mut cancel, None).await;
    assert!(matches!(lost, Err(Lost::Deaf { .. })), "{lost:?}");
    says.join().unwrap().unwrap();
}

#[test]
fn a_worker_that_takes_little_at_a_time_is_lost_at_the_deadline() {
    let (mut worker, mut theirs) = told_of_a_run();
    let source = sandtide_engine::Source::new("long.js", "x".repeat(8 << 20));
    let request = sandtide_engine::Request { source: Some(source), ..Default::default() };
    worker
        .say_ahead(
            8,
            &ToWorker::Run { run: 8, image: None, began: Moment::now(), snapshot: false, request },
        )
        .unwrap();
    let (ended, goes_on) = std::sync::mpsc::channel::<()>();
    let takes = std::thread::spawn(move || {
        let wait = Duration::from_millis(1);
        while goes_on.recv_timeout(wait) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            theirs.read_exact(&mut [0; 4 << 10]).unwrap();
        }
    });
    let lost = run_here(&mut worker, &soon(), || false, &mut false).unwrap_err();
    assert!(matches!(lost, Lost::Overdue { .. }), "{lost:?}");
    assert!(worker.unsent() > 0);
    drop(ended);
    takes.join().unwrap();
}

#[test]
fn a_worker_that_answers_before_it_takes_more_is_heard() {
    const RUNS: u64 = 16;
    const BYTES: usize = 40 << 10;
    let (mut worker, mut theirs) = told_of_a_run();
    for run in 8..7 + RUNS {
        let source = sandtide_engine::Source::new("long.js", "x".repeat(BYTES));
        let request = sandtide_engine::Request { source: Some(source), ..Default::default() };
        worker
            .say_ahead(
                run,
                &ToWorker::Run { run, image: None, began: Moment::now(), snapshot: false, request },
            )
            .unwrap();
    }
    let honest = std::thread::spawn(move || {
        for run in 7..7 + RUNS {
            let mut len = [0; LENGTH_BYTES];
            theirs.read_exact(&mut len).unwrap();
            let mut told = vec![0; u32::from_le_bytes(len) as usize];
            theirs.read_exact(&mut told).unwrap();
            let mut outcome = Outcome::failed(Error::NeverSettled);
            outcome.result = Ok(Value::from("y".repeat(BYTES)));
            let outcome = Box::new(outcome);
            // A pair's two directions hold less than all of them.
            theirs.write_all(&frame(&FromWorker::Done { run, outcome })).unwrap();
        }
        theirs
    });
    let far = Instant::now() + Duration::from_secs(600_000);
    let bounds: Vec<_> =
        (0..RUNS).map(|_| Bounds { deadline: far, ..bounds(1 << 10, 2) }).collect();
    let mut ended = 0;
    // What has no process is given up after a moment, which may be too short.
    for _ in 0..2_000 {
        let rest = &bounds[ended..];
        run_together_here(&mut worker, rest, |_, outcome| {
            assert_eq!(outcome.result, Ok(Value::from("y".repeat(BYTES))));
            ended += 1;
        })
        .unwrap();
    }
    assert_eq!(ended, bounds.len());
    assert!(worker.is_idle());
    honest.join().unwrap();
}

#[test]
fn a_thread_sees_that_a_worker_closed_its_socket() {
    let (spawned, theirs) = crate::zygote::Spawned::of_test();
    let mut worker = Worker::new(spawned).unwrap();
    assert!(worker.is_gone().is_none());
    drop(theirs);
    assert!(matches!(worker.is_gone(), Some(Lost::Closed)));
    let budget = Budgets::without_calls(outcome_budget(&Limits::default()));
    assert!(matches!(worker.hear_here(budget), Err(Lost::Closed)));
}

#[derive(Default)]
struct Counts {
    pieces: usize,
    ended: bool,
}

impl SnapshotSink for Counts {
    fn piece(&mut self, _: &[u8]) {
        self.pieces += 1;
    }

    fn end(&mut self, _: Result<(), Error>) {
        self.ended = true;
    }
}

#[tokio::test]
async fn a_run_that_looks_has_time_for_it_once() {
    let (spawned, mut theirs) = crate::zygote::Spawned::of_test();
    let mut worker = Worker::new(spawned).unwrap();
    theirs.write_all(&frame(&FromWorker::Ready { layers: 0 })).unwrap();
    let budget = Budgets::without_calls(outcome_budget(&Limits::default()));
    worker.hear(budget).await.unwrap();
    let request = sandtide_engine::Request::default();
    let run = ToWorker::Run { run: 7, image: None, began: Moment::now(), snapshot: true, request };
    worker.say(&run).unwrap();
    // It says again and again that it begins, and never comes to an end.
    let writes = std::thread::spawn(move || {
        let piece = frame(&FromWorker::Piece { run: 7, bytes: Vec::new() });
        while theirs.write_all(&piece).is_ok() {}
    });
    let bounds = Bounds { look: Duration::from_millis(100), ..soon() };
    let (_alive, dropped) = oneshot::channel();
    let (mut told, mut cancel) = (Counts::default(), Cancel::new(None, dropped));
    let blocking = Arc::new(Semaphore::new(1));
    let driven = super::run(&mut worker, 7, &[], &bounds, &blocking, &mut cancel, Some(&mut told));
    let lost = driven.await.unwrap_err();
    assert!(matches!(lost, Lost::Overdue { .. }), "{lost:?}");
    assert!(told.pieces > 0 && !told.ended);
    drop(worker);
    writes.join().unwrap();
}

#[tokio::test]
async fn who_dropped_a_run_or_cancelled_its_token_is_seen() {
    let (alive, dropped) = oneshot::channel();
    let token = CancelToken::new();
    let mut cancel = Cancel::new(Some(token.clone()), dropped);
    assert!(!cancel.look());
    token.cancel();
    assert!(cancel.look());
    cancel.ready().await;
    drop(alive);
    let (alive, dropped) = oneshot::channel();
    let mut cancel = Cancel::new(None, dropped);
    assert!(!cancel.look());
    drop(alive);
    cancel.ready().await;
    assert!(cancel.is_cancelled() && cancel.look());
}

#[tokio::test]
async fn functions_that_block_are_so_many_at_a_time_also_when_nobody_waits_any_more() {
    let blocking = Arc::new(Semaphore::new(1));
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let host = HostFunction::new("wait", move |_| {
        let _ = held.lock().unwrap().recv();
        Ok(Value::from(1))
    });
    let mut first = Box::pin(execute(host.clone(), Vec::new(), Arc::clone(&blocking)));
    assert!((&mut first).now_or_never().is_none());
    drop(first);
    assert_eq!(blocking.available_permits(), 0);
    let mut second = Box::pin(execute(host, Vec::new(), Arc::clone(&blocking)));
    assert!((&mut second).now_or_never().is_none());
    drop(release);
    assert!(matches!(second.await, HostReply::Value { .. }));
}
