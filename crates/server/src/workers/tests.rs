//! Turns, charges, and which thread does what.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use sandtide::{Error, Usage};

use super::{
    Books, Place, SMALL_BODY, Workers, always_ended,
    carried::{Owed, occupied},
    end_of,
};
use sandtide_fair::{End, Next, Queue, Request, Script, Shares};

use crate::{
    config::ServerConfig, error::ApiError, flight::Flight, names::Tenant, place::Isolation,
    usage::Meter,
};

#[test]
fn a_run_that_sleeps_is_charged_for_its_worker() {
    let mut usage = Usage::default();
    usage.wall = Duration::from_millis(1000);
    usage.cpu = Duration::from_millis(1);
    usage.timers = Duration::from_millis(900);
    assert_eq!(occupied(&usage), Duration::from_millis(901));
}

#[test]
fn a_panic_ends_the_turn() {
    let limit = Duration::from_secs(3);
    let ended = always_ended(limit, || panic!("a bug"));
    assert_eq!((ended.again, ended.end), (limit, End::Cut));
}

#[test]
fn a_panic_among_several_runs_ends_all_their_turns() {
    let shares = Shares {
        workers: 3,
        cores: 3,
        waiting: 9,
        tenant_waiting: 9,
        tenant_runs: 9,
        script_runs: 9,
        weights: HashMap::new(),
    };
    let queue = Queue::new(shares);
    let mut waits = Vec::new();
    for number in 0..2 {
        waits.push(queue.push(Request {
            tenant: "a".into(),
            script: Script::AdHoc(number),
            cost: Arc::default(),
            limit: Duration::from_secs(1),
            expires: Instant::now() + Duration::from_secs(600_000),
            size: 0,
            job: (),
        }));
    }
    let mut tickets = Vec::new();
    while queue.waiting() > 0 {
        let Some(Next::Run(begun)) = queue.pop() else { panic!("both may run") };
        tickets.push(Some(begun.ticket));
    }
    assert_eq!(queue.running(), 2);
    let limit = Duration::from_secs(1);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _owed = Owed { queue: &*queue, tickets, limit, began: Instant::now() };
        panic!("a bug");
    }));
    assert!(panicked.is_err());
    assert_eq!(queue.running(), 0);
}

#[test]
fn runs_that_were_not_run_teach_nothing_and_those_that_lost_their_worker_are_dear() {
    let lost = Error::WorkerLost { cause: String::new() };
    assert_eq!(end_of(Some(&lost)), End::Cut);
    let wait = Duration::from_secs(1);
    assert_eq!(end_of(Some(&Error::Quarantined { lost: 3, wait })), End::Left);
    let system = Error::System { action: "starting a worker", message: String::new() };
    assert_eq!(end_of(Some(&system)), End::Left);
    assert_eq!(end_of(Some(&Error::NeverSettled)), End::Itself);
    assert_eq!(end_of(None), End::Itself);
}

fn thread_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn only_small_bodies_are_read_on_the_thread_that_does_io() {
    let isolation = Isolation::Thread;
    let config = ServerConfig { workers: 1, isolation, ..ServerConfig::default() };
    let flight = Flight::new(config.max_bytes_in_flight);
    let place = Place::start(&config).await.unwrap();
    let books = Books::new(Arc::new(Meter::new(config.open_store().unwrap().usage)));
    let workers = Workers::start(&config, place, &flight, books).unwrap();
    let (here, tenant) = (thread_name(), Tenant::of(None).unwrap());
    let read = async |size: usize| {
        workers.prepare(&tenant, vec![0; size], |_| Ok::<_, ApiError>(thread_name())).await.unwrap()
    };
    assert_eq!(read(SMALL_BODY).await, here);
    assert_eq!(read(SMALL_BODY + 1).await, "sandtide-desk");
    let built = workers.build(&tenant, "s", || Ok::<_, ApiError>(thread_name())).await.unwrap();
    assert_eq!(built, "sandtide-build");
}
