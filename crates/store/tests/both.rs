//! What every store does, with SQLite in real files and with a real PostgreSQL: the same tests for both.

mod cluster;
mod common;

use sandtide_store::{
    Amount, AuditEntry, Canary, Change, Due, EndedRun, Fingerprint, NewCanary, NewSchedule,
    NewVersion, Once, PostgresStore, Quota, Role, Schedule, ScheduleOf, ScheduleStore, Secret,
    SecretOf, SecretValue, SqliteStore, Store, StoreOptions, Tokens, UsageStep, UsageStore,
    UsageWanted, Used, Who,
};

use cluster::Cluster;
use common::{
    activate, deploy, deploy_beside, deploy_with, shown, turn, wait_until, who, with_key,
};

/// All that a store does.
trait Both: Store + UsageStore + ScheduleStore {}

impl<S: Store + UsageStore + ScheduleStore> Both for S {}

/// A place in which a store keeps things.
enum Place {
    Directory(tempfile::TempDir),
    Database(String),
}

impl Place {
    /// For a server.
    fn open(&self, options: StoreOptions) -> Box<dyn Both> {
        match self {
            Self::Directory(directory) => {
                Box::new(SqliteStore::open(directory.path(), options).unwrap())
            }
            Self::Database(address) => Box::new(open_database(address, options)),
        }
    }

    /// For somebody else, while a server has it.
    fn open_beside(&self, options: StoreOptions) -> Box<dyn Store> {
        match self {
            Self::Directory(directory) => {
                Box::new(SqliteStore::open_beside(directory.path(), options).unwrap())
            }
            Self::Database(address) => Box::new(open_database(address, options)),
        }
    }
}

impl Place {
    /// Another server's, where there can be one.
    fn open_schedules(&self) -> Option<Box<dyn ScheduleStore>> {
        match self {
            Self::Directory(_) => None,
            Self::Database(address) => {
                Some(Box::new(open_database(address, StoreOptions::default())))
            }
        }
    }
}

fn open_database(address: &str, options: StoreOptions) -> PostgresStore {
    PostgresStore::open(&address.parse().unwrap(), options).unwrap()
}

/// Carries out a test with SQLite.
fn on_sqlite(test: impl FnOnce(&Place)) {
    test(&Place::Directory(tempfile::tempdir().unwrap()));
}

/// Carries out a test with PostgreSQL.
fn on_postgres(test: impl FnOnce(&Place)) {
    if let Some(cluster) = Cluster::shared() {
        test(&Place::Database(cluster.database()));
    }
}

macro_rules! both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $name() { super::on_sqlite(super::$name); })*
        }
        mod postgres {
            $(#[test] fn $name() { super::on_postgres(super::$name); })*
        }
    };
}

both!(
    what_was_deployed_is_there_after_a_restart_of_each_tenant_its_own,
    a_roll_back_goes_to_the_version_before_and_again_further_back,
    former_versions_are_kept_up_to_a_number_of_each_script,
    former_versions_beyond_the_bytes_go_from_whoever_has_most_and_active_ones_never,
    the_audit_trail_says_who_did_what_and_has_an_end,
    tokens_that_another_process_makes_and_revokes_are_seen,
    quotas_are_kept_and_seen_by_whoever_has_the_store_open,
    a_token_is_made_by_the_first_start_and_no_other,
    an_answer_is_kept_with_its_key_for_its_tenant_and_its_deploy,
    a_deploy_that_expects_another_version_changes_nothing,
    a_removal_that_expects_another_version_changes_nothing,
    a_share_is_kept_and_ends_with_whatever_changes_the_active_version,
    a_version_with_a_share_is_not_among_former_ones_that_go,
    a_share_is_refused_where_the_active_version_is_another_one,
    a_version_that_was_deployed_again_since_it_was_read_is_not_what_is_changed,
    to_activate_the_active_version_ends_a_share_and_is_told_where_it_does,
    a_version_with_a_share_takes_no_room_of_former_ones_until_it_is_one,
    a_run_that_began_before_its_schedule_was_set_says_nothing_of_it,
    a_schedule_is_kept_set_again_and_removed_with_its_script,
    a_run_that_is_due_is_taken_once_and_its_end_is_kept,
    failures_in_a_row_end_a_schedule_until_it_is_set_again,
    a_tenant_has_so_many_schedules_and_no_more,
    a_secret_is_opened_for_its_place_with_its_key_alone,
    minutes_hours_and_days_have_the_same_runs_and_outlive_the_store,
    usage_is_told_apart_by_tenant_script_and_outcome_in_order_and_up_to_a_limit,
    usage_that_is_too_old_goes_and_none_of_it_is_in_the_audit_trail,
    scripts_without_number_are_counted_together,
    numbers_of_usage_have_an_end,
);

const MINUTE_MS: i64 = 60_000;

/// The present moment in milliseconds since 1970.
fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

fn used(at_ms: i64, tenant: &str, script: &str, outcome: &str) -> Used {
    let amount = Amount { runs: 1, cpu_us: 10, wall_us: 20, received_bytes: 3, answered_bytes: 4 };
    let script = (!script.is_empty()).then(|| script.to_owned());
    Used { at_ms, tenant: tenant.to_owned(), script, outcome: outcome.to_owned(), amount }
}

fn all(step: UsageStep) -> UsageWanted {
    let (from_ms, to_ms) = (0, i64::MAX / 2);
    UsageWanted { tenant: None, script: None, from_ms, to_ms, step, limit: 10_000 }
}

fn runs(store: &dyn Both, wanted: &UsageWanted) -> Vec<u64> {
    let told = store.usage(wanted.clone()).wait().unwrap();
    told.iter().map(|used| used.amount.runs).collect()
}

fn minutes_hours_and_days_have_the_same_runs_and_outlive_the_store(place: &Place) {
    let now = UsageStep::Day.begin_ms(now_ms());
    {
        let store = place.open(StoreOptions::default());
        let minutes = [0, 0, 1, 59, 60, 61, 23 * 60].map(|minute| now + minute * MINUTE_MS + 7);
        let (first, others) = minutes.split_at(3);
        for at in others {
            store.add_usage(vec![used(*at, "t", "s", "ok")]).wait().unwrap();
        }
        // Also of one minute in one write.
        let first = first.iter().map(|at| used(*at, "t", "s", "ok")).collect();
        store.add_usage(first).wait().unwrap();
    }
    let store = place.open(StoreOptions::default());
    assert_eq!(runs(&*store, &all(UsageStep::Minute)), [2, 1, 1, 1, 1, 1]);
    assert_eq!(runs(&*store, &all(UsageStep::Hour)), [4, 2, 1]);
    let amount =
        Amount { runs: 7, cpu_us: 70, wall_us: 140, received_bytes: 21, answered_bytes: 28 };
    let days = store.usage(all(UsageStep::Day)).wait().unwrap();
    assert_eq!(days, [Used { amount, ..used(now, "t", "s", "ok") }]);
    // A part of an hour asks for the whole of it.
    let from_ms = now + 61 * MINUTE_MS;
    let part = UsageWanted { from_ms, to_ms: from_ms + 1, ..all(UsageStep::Hour) };
    assert_eq!(runs(&*store, &part), [2]);
}

fn usage_is_told_apart_by_tenant_script_and_outcome_in_order_and_up_to_a_limit(place: &Place) {
    let store = place.open(StoreOptions::default());
    let now = UsageStep::Hour.begin_ms(now_ms());
    let lines = [("b", "s", "ok"), ("a", "s", "ok"), ("a", "s", "ERR_X"), ("a", "", "ok")];
    let given = lines.map(|(tenant, script, outcome)| used(now, tenant, script, outcome));
    store.add_usage(given.to_vec()).wait().unwrap();
    let told = |wanted: &UsageWanted| {
        let told = store.usage(wanted.clone()).wait().unwrap();
        let one = |used: &Used| format!("{} {:?} {}", used.tenant, used.script, used.outcome);
        told.iter().map(one).collect::<Vec<_>>()
    };
    for step in [UsageStep::Minute, UsageStep::Hour, UsageStep::Day] {
        let mut wanted = all(step);
        let in_order = ["a None ok", "a Some(\"s\") ERR_X", "a Some(\"s\") ok", "b Some(\"s\") ok"];
        assert_eq!(told(&wanted), in_order);
        wanted.script = Some("s".to_owned());
        assert_eq!(told(&wanted), in_order[1..]);
        wanted.tenant = Some("a".to_owned());
        assert_eq!(told(&wanted), in_order[1..3]);
        wanted.script = None;
        assert_eq!(told(&wanted), in_order[..3]);
        wanted.limit = 2;
        assert_eq!(told(&wanted), in_order[..2]);
    }
}

fn usage_that_is_too_old_goes_and_none_of_it_is_in_the_audit_trail(place: &Place) {
    let store = place.open(StoreOptions::default());
    let ago = |minutes: i64| used(now_ms() - minutes * MINUTE_MS, "t", "s", "ok");
    let (day, days) = (24 * 60, 90 * 24 * 60);
    store.add_usage(vec![ago(0), ago(day + 2), ago(days + 120)]).wait().unwrap();
    assert_eq!(runs(&*store, &all(UsageStep::Minute)), [1]);
    assert_eq!(runs(&*store, &all(UsageStep::Hour)), [1, 1]);
    assert_eq!(store.audit(None, None, 10).wait().unwrap(), []);
}

fn scripts_without_number_are_counted_together(place: &Place) {
    let (store, now) = (place.open(StoreOptions::default()), now_ms());
    let many = (0..1_005).map(|number| used(now, "t", &format!("{number:04}"), "ok"));
    store.add_usage(many.collect()).wait().unwrap();
    // One that is known still is.
    let more = vec![used(now, "t", "0000", "ok"), used(now, "t", "new", "ok")];
    store.add_usage(more).wait().unwrap();
    store.add_usage(vec![used(now, "u", "s", "ok")]).wait().unwrap();
    for step in [UsageStep::Minute, UsageStep::Hour] {
        let mut wanted = all(step);
        assert_eq!(runs(&*store, &wanted).len(), 1_002);
        assert_eq!(runs(&*store, &wanted).iter().sum::<u64>(), 1_008);
        for (script, expected) in [("*", 6), ("0000", 2), ("0999", 1)] {
            wanted.script = Some(script.to_owned());
            assert_eq!(runs(&*store, &wanted), [expected]);
        }
    }
}

fn numbers_of_usage_have_an_end(place: &Place) {
    let (store, now) = (place.open(StoreOptions::default()), now_ms());
    let most = u64::MAX;
    let amount = Amount {
        runs: most,
        cpu_us: most,
        wall_us: most,
        received_bytes: most,
        answered_bytes: most,
    };
    let most = Used { amount, ..used(now, "t", "s", "ok") };
    // They stay what they are when more comes, and others are counted on.
    for _ in 0..3 {
        store.add_usage(vec![most.clone(), used(now, "u", "s", "ok")]).wait().unwrap();
    }
    let kept = store.usage(all(UsageStep::Minute)).wait().unwrap();
    let most = i64::MAX as u64;
    let Amount { runs, cpu_us, wall_us, received_bytes, answered_bytes } = kept[0].amount;
    assert_eq!([runs, cpu_us, wall_us, received_bytes, answered_bytes], [most; 5]);
    assert_eq!(kept[1].amount.runs, 3);
}

fn a_removal_that_expects_another_version_changes_nothing(place: &Place) {
    let store = place.open(StoreOptions::default());
    let script = who("a", "s");
    let remove = |instead_of: Option<&str>| {
        let instead_of = instead_of.map(str::to_owned);
        store.remove(script.clone(), instead_of, "test".to_owned()).wait()
    };
    assert_eq!(remove(Some("1")).unwrap_err().code(), "ERR_VERSION_CHANGED");
    deploy(&*store, &script, "1", b"x");
    deploy(&*store, &script, "2", b"x");
    assert_eq!(remove(Some("1")).unwrap_err().code(), "ERR_VERSION_CHANGED");
    assert_eq!(shown(&*store, &script), "[2]<1 1");
    assert_eq!(store.audit(None, None, 10).wait().unwrap().len(), 2);
    assert!(remove(Some("2")).unwrap());
    assert!(!remove(None).unwrap());
}

fn canary(store: &dyn Both, script: &Who, version: &str, percent: u8, instead_of: &str) -> String {
    let new = NewCanary {
        script: script.clone(),
        version: version.to_owned(),
        turn: turn(store, script, version),
        percent,
        instead_of: instead_of.to_owned(),
        actor: "test".to_owned(),
    };
    store.set_canary(new).wait().map_or_else(|error| error.code().to_owned(), |_| String::new())
}

fn a_share_is_kept_and_ends_with_whatever_changes_the_active_version(place: &Place) {
    let script = who("a", "s");
    let turn = {
        let store = place.open(StoreOptions::default());
        deploy(&*store, &script, "1", b"x");
        let turn = deploy_beside(&*store, &script, "2", 5).unwrap();
        assert_eq!(shown(&*store, &script), "2:5% [1]");
        turn
    };
    let store = place.open(StoreOptions::default());
    let kept = || store.active_of(script.clone()).wait().unwrap().unwrap();
    let expected =
        Canary { version: "2".to_owned(), percent: 5, turn, facts: "facts of 2".to_owned() };
    assert_eq!((&*kept().version, kept().canary), ("1", Some(expected.clone())));
    assert_eq!(store.active().wait().unwrap(), [kept()]);
    assert_eq!(canary(&*store, &script, "2", 50, "1"), "");
    assert_eq!(kept().canary, Some(Canary { percent: 50, ..expected }));

    activate(&*store, &script, "2", "1", false).unwrap();
    assert_eq!(shown(&*store, &script), "[2]<1 1");
    assert_eq!(canary(&*store, &script, "1", 10, "2"), "");
    assert_eq!(shown(&*store, &script), "[2]<1 1:10%");
    activate(&*store, &script, "1", "2", true).unwrap();
    assert_eq!(shown(&*store, &script), "2<1 [1]");
    assert_eq!(canary(&*store, &script, "2", 99, "1"), "");
    deploy(&*store, &script, "3", b"x");
    assert_eq!(shown(&*store, &script), "[3]<1 2<1 1");
    assert_eq!(canary(&*store, &script, "1", 1, "3"), "");
    let end = |instead_of: Option<&str>| {
        store.end_canary(script.clone(), instead_of.map(str::to_owned), "test".to_owned()).wait()
    };
    assert_eq!(end(Some("1")).unwrap_err().code(), "ERR_VERSION_CHANGED");
    assert!(end(Some("3")).unwrap() && !end(None).unwrap());
    assert_eq!(canary(&*store, &script, "1", 1, "3"), "");
    assert!(store.remove(script.clone(), None, "test".to_owned()).wait().unwrap());
    assert_eq!(store.active_of(script.clone()).wait().unwrap(), None);

    let lines = store.audit(Some("a".to_owned()), None, 100).wait().unwrap();
    let told = lines.iter().rev().filter(|line| line.action.contains("canary"));
    let told: Vec<_> = told.map(|line| format!("{} {}", line.action, line.detail)).collect();
    let expected = [
        "deploy-canary 2 5%",
        "set-canary 2 50%",
        "set-canary 1 10%",
        "set-canary 2 99%",
        "set-canary 1 1%",
        "end-canary 1",
        "set-canary 1 1%",
    ];
    assert_eq!(told, expected);
}

fn of(script: &Who, id: &str) -> ScheduleOf {
    let Who { tenant, script } = script.clone();
    ScheduleOf { tenant, script, id: id.to_owned() }
}

fn set_schedule(store: &dyn Both, of: &ScheduleOf, next_ms: i64) -> Result<bool, &'static str> {
    let new = NewSchedule {
        of: of.clone(),
        cron: "* * * * *".to_owned(),
        time_zone: "UTC".to_owned(),
        run: "{}".to_owned(),
        next_ms,
        actor: "test".to_owned(),
    };
    store.set_schedule(new).wait().map_err(|error| error.code())
}

fn ended(of: &ScheduleOf, due_ms: i64, outcome: &str) -> EndedRun {
    EndedRun {
        of: of.clone(),
        due_ms,
        outcome: outcome.to_owned(),
        failed: outcome == "ERR_X",
        run: Some(format!("run {due_ms}")),
        most_failures: 3,
    }
}

fn schedule(store: &dyn Both, of: &ScheduleOf) -> Schedule {
    let who = Who { tenant: of.tenant.clone(), script: of.script.clone() };
    store.schedules(who, Some(of.id.clone())).wait().unwrap().remove(0)
}

fn a_schedule_is_kept_set_again_and_removed_with_its_script(place: &Place) {
    let script = who("a", "s");
    let (one, two) = (of(&script, "one"), of(&script, "two"));
    {
        let store = place.open(StoreOptions::default());
        assert_eq!(set_schedule(&*store, &one, 5), Err("ERR_VERSION_CHANGED"));
        deploy(&*store, &script, "1", b"x");
        assert_eq!(set_schedule(&*store, &two, 6), Ok(true));
        assert_eq!(set_schedule(&*store, &one, 5), Ok(true));
        assert_eq!(set_schedule(&*store, &one, 7), Ok(false));
    }
    let store = place.open(StoreOptions::default());
    let all = store.schedules(script.clone(), None).wait().unwrap();
    let told: Vec<_> = all.iter().map(|one| (&*one.of.id, one.next_ms)).collect();
    assert_eq!(told, [("one", Some(7)), ("two", Some(6))]);
    let first = schedule(&*store, &one);
    assert_eq!((&*first.cron, &*first.time_zone, &*first.run), ("* * * * *", "UTC", "{}"));
    assert_eq!((&*first.set_by, first.failures, first.off, first.runs), ("test", 0, None, vec![]));
    // Nobody else's are told or removed.
    assert_eq!(store.schedules(who("b", "s"), None).wait().unwrap(), []);
    let remove = |of: ScheduleOf| store.remove_schedule(of, "test".to_owned()).wait().unwrap();
    assert!(!remove(of(&who("b", "s"), "one")));
    assert!(store.take_due(two.clone(), 6, Ok(9)).wait().unwrap());
    assert!(remove(two.clone()) && !remove(two));
    assert!(store.take_due(one.clone(), 7, Ok(9)).wait().unwrap());
    assert!(store.remove(script.clone(), None, "test".to_owned()).wait().unwrap());
    assert_eq!(store.due(i64::MAX, None, 10).wait().unwrap(), []);
    deploy(&*store, &script, "1", b"x");
    assert_eq!(store.schedules(script, None).wait().unwrap(), []);
    let lines = store.audit(None, None, 100).wait().unwrap();
    let told = lines.iter().rev().filter(|line| line.action.ends_with("-schedule"));
    let told: Vec<_> = told.map(|line| format!("{} {}", line.action, line.detail)).collect();
    let expected =
        ["set-schedule two", "set-schedule one", "set-schedule one", "remove-schedule two"];
    assert_eq!(told, expected);
}

fn a_run_that_is_due_is_taken_once_and_its_end_is_kept(place: &Place) {
    let store = place.open(StoreOptions::default());
    let other = place.open_schedules();
    let script = who("a", "s");
    let one = of(&script, "one");
    deploy(&*store, &script, "1", b"x");
    set_schedule(&*store, &one, 1_000).unwrap();
    set_schedule(&*store, &of(&script, "later"), 5_000).unwrap();
    assert_eq!(store.due(999, None, 10).wait().unwrap(), []);
    let due = Due {
        of: one.clone(),
        cron: "* * * * *".to_owned(),
        time_zone: "UTC".to_owned(),
        run: "{}".to_owned(),
        due_ms: 1_000,
    };
    assert_eq!(store.due(1_000, None, 10).wait().unwrap(), std::slice::from_ref(&due));
    assert_eq!(store.due(5_000, None, 10).wait().unwrap().len(), 2);
    assert_eq!(store.due(5_000, None, 1).wait().unwrap(), std::slice::from_ref(&due));
    // Those after it, of which one is due at the same time.
    set_schedule(&*store, &of(&script, "two"), 1_000).unwrap();
    let after = store.due(5_000, Some(due), 10).wait().unwrap();
    assert_eq!(after.iter().map(|due| &*due.of.id).collect::<Vec<_>>(), ["two", "later"]);
    assert_eq!(store.due(5_000, after.last().cloned(), 10).wait().unwrap(), []);
    let two = of(&script, "two");
    assert!(store.remove_schedule(two, "test".to_owned()).wait().unwrap());
    // Of many that ask at the same time one has it.
    let taken = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8)
            .map(|number| {
                let store: &dyn ScheduleStore =
                    if number % 2 == 0 { &*store } else { other.as_deref().unwrap_or(&*store) };
                let one = one.clone();
                scope.spawn(move || store.take_due(one, 1_000, Ok(61_000)).wait().unwrap())
            })
            .collect();
        asked.into_iter().map(|asked| asked.join().unwrap()).filter(|taken| *taken).count()
    });
    assert_eq!(taken, 1);
    let now = schedule(&*store, &one);
    assert_eq!((now.next_ms, now.runs.len()), (Some(61_000), 1));
    assert_eq!((now.runs[0].due_ms, &now.runs[0].outcome), (1_000, &None));
    assert!(!store.end_due(ended(&one, 1_000, "ok")).wait().unwrap());
    let run = schedule(&*store, &one).runs.remove(0);
    assert!(run.ended_ms.is_some_and(|at| at >= run.began_ms));
    assert_eq!((run.outcome.as_deref(), run.run.as_deref()), (Some("ok"), Some("run 1000")));
    // Whoever's clock is behind sets it to a time at which it ran.
    set_schedule(&*store, &one, 1_000).unwrap();
    assert!(!store.take_due(one.clone(), 1_000, Ok(2_000)).wait().unwrap());
    assert_eq!(schedule(&*store, &one).next_ms, Some(2_000));
    // The last ten are kept.
    for due in 2..16 {
        let (at, next) = (due * 1_000, (due + 1) * 1_000);
        assert!(store.take_due(one.clone(), at, Ok(next)).wait().unwrap());
        store.end_due(ended(&one, at, "ok")).wait().unwrap();
    }
    let runs = schedule(&*store, &one).runs;
    let due: Vec<_> = runs.iter().map(|run| run.due_ms / 1_000).collect();
    assert_eq!(due, (6..16).rev().collect::<Vec<_>>());
    // One that is never due again stays, and is told.
    assert!(store.take_due(one.clone(), 16_000, Err("ERR_Y".to_owned())).wait().unwrap());
    let last = schedule(&*store, &one);
    assert_eq!((last.next_ms, last.off.as_deref()), (None, Some("ERR_Y")));
    assert!(!store.take_due(one.clone(), 16_000, Err("ERR_Y".to_owned())).wait().unwrap());
    let lines = store.audit(None, None, 100).wait().unwrap();
    assert_eq!((lines.len(), &*lines[0].action, &*lines[0].detail), (7, "end-schedule", "one"));
}

fn failures_in_a_row_end_a_schedule_until_it_is_set_again(place: &Place) {
    let store = place.open(StoreOptions::default());
    let script = who("a", "s");
    let one = of(&script, "one");
    deploy(&*store, &script, "1", b"x");
    set_schedule(&*store, &one, 0).unwrap();
    let run = |due_ms: i64, outcome: &str| {
        assert!(store.take_due(one.clone(), due_ms, Ok(due_ms + 1)).wait().unwrap());
        store.end_due(ended(&one, due_ms, outcome)).wait().unwrap()
    };
    let (fails, full) = ("ERR_X", "ERR_QUEUE_FULL");
    // What was refused neither counts nor takes back what failed.
    let outcomes = [fails, fails, "ok", fails, full, fails];
    for (due_ms, outcome) in (0..).zip(outcomes) {
        assert!(!run(due_ms, outcome), "{due_ms}");
    }
    assert_eq!(schedule(&*store, &one).failures, 2);
    assert!(run(6, fails));
    let off = schedule(&*store, &one);
    assert_eq!((off.next_ms, off.failures, off.off.as_deref()), (None, 3, Some(fails)));
    assert_eq!(store.due(i64::MAX, None, 10).wait().unwrap(), []);
    let line = store.audit(None, None, 1).wait().unwrap().remove(0);
    assert_eq!((&*line.action, &*line.object, &*line.detail), ("end-schedule", "s", "one"));
    set_schedule(&*store, &one, 100).unwrap();
    let on = schedule(&*store, &one);
    assert_eq!((on.next_ms, on.failures, on.off, on.runs.len()), (Some(100), 0, None, 7));
}

fn a_tenant_has_so_many_schedules_and_no_more(place: &Place) {
    let store = place.open(StoreOptions::default());
    for tenant in ["a", "b"] {
        deploy(&*store, &who(tenant, "s"), "1", b"x");
    }
    for number in 0..100 {
        set_schedule(&*store, &of(&who("a", "s"), &number.to_string()), 5).unwrap();
    }
    let more = of(&who("a", "s"), "more");
    assert_eq!(set_schedule(&*store, &more, 5), Err("ERR_TOO_MANY_SCHEDULES"));
    assert_eq!(set_schedule(&*store, &of(&who("a", "s"), "7"), 6), Ok(false));
    assert_eq!(set_schedule(&*store, &of(&who("b", "s"), "more"), 5), Ok(true));
}

fn a_version_with_a_share_is_not_among_former_ones_that_go(place: &Place) {
    let options =
        StoreOptions { former_versions: 1, former_bytes: 1_000, ..StoreOptions::default() };
    let store = place.open(options);
    let (script, large) = (who("a", "s"), who("a", "large"));
    deploy(&*store, &script, "1", b"x");
    for version in ["2", "3", "4"] {
        deploy_beside(&*store, &script, version, 5).unwrap();
    }
    // One that had a share is a former one.
    assert_eq!(shown(&*store, &script), "4:5% 3 [1]");
    // Nor does it go to make room for others.
    for version in ["1", "2", "3"] {
        deploy_with(&*store, &large, version, &[b'x'; 1_500], "");
    }
    assert_eq!(shown(&*store, &script), "4:5% [1]");
    assert_eq!(shown(&*store, &large), "[3]<2");
}

fn a_version_that_was_deployed_again_since_it_was_read_is_not_what_is_changed(place: &Place) {
    let store = place.open(StoreOptions::default());
    let script = who("a", "s");
    deploy(&*store, &script, "1", b"x");
    deploy(&*store, &script, "2", b"x");
    let read = turn(&*store, &script, "1");
    let now = deploy_beside(&*store, &script, "1", 5).unwrap();
    assert!(now > read && turn(&*store, &script, "1") == now);
    let activate = |turn| {
        let change = Change {
            script: script.clone(),
            version: "1".to_owned(),
            turn,
            instead_of: "2".to_owned(),
            back: false,
            actor: "test".to_owned(),
        };
        store.activate(change).wait().map_err(|error| error.code())
    };
    let share = |turn| {
        let new = NewCanary {
            script: script.clone(),
            version: "1".to_owned(),
            turn,
            percent: 50,
            instead_of: "2".to_owned(),
            actor: "test".to_owned(),
        };
        store.set_canary(new).wait().map_err(|error| error.code())
    };
    assert_eq!(
        (activate(read), share(read)),
        (Err("ERR_VERSION_CHANGED"), Err("ERR_VERSION_CHANGED"))
    );
    assert_eq!(shown(&*store, &script), "1:5% [2]<1");
    assert_eq!(share(now), Ok(now));
    assert_eq!(shown(&*store, &script), "1:50% [2]<1");
    assert!(activate(now).unwrap() > now);
    assert_eq!(shown(&*store, &script), "[1]<2 2<1");
}

fn to_activate_the_active_version_ends_a_share_and_is_told_where_it_does(place: &Place) {
    let store = place.open(StoreOptions::default());
    let script = who("a", "s");
    deploy(&*store, &script, "1", b"x");
    deploy_beside(&*store, &script, "2", 5).unwrap();
    let active = turn(&*store, &script, "1");
    for _ in 0..2 {
        assert_eq!(activate(&*store, &script, "1", "1", false).unwrap(), active);
        assert_eq!(shown(&*store, &script), "2 [1]");
    }
    let lines = store.audit(None, None, 100).wait().unwrap();
    let told: Vec<_> = lines.iter().map(|line| &*line.action).collect();
    assert_eq!(told, ["activate", "deploy-canary", "deploy"]);
}

fn a_version_with_a_share_takes_no_room_of_former_ones_until_it_is_one(place: &Place) {
    let options = StoreOptions { former_bytes: 100, ..StoreOptions::default() };
    let (script, other) = (who("a", "s"), who("b", "s"));
    let versions = |store: &dyn Both, all: &[&str]| {
        for version in all {
            deploy_with(store, &other, version, &[0; 10], "");
        }
    };
    {
        let store = place.open(options.clone());
        deploy(&*store, &script, "1", b"x");
        let beside = NewVersion {
            script: script.clone(),
            version: "2".to_owned(),
            facts: String::new(),
            body: vec![0; 5_000],
            actor: "test".to_owned(),
            once: None,
            instead_of: None,
            share: Some(5),
        };
        store.deploy(beside).wait().unwrap();
        versions(&*store, &["1", "2", "3"]);
        assert_eq!(shown(&*store, &other), "[3]<2 2<1 1");
    }
    let store = place.open(options);
    versions(&*store, &["4"]);
    assert_eq!(shown(&*store, &other), "[4]<3 3<2 2<1 1");
    assert_eq!(shown(&*store, &script), "2:5% [1]");
    assert!(store.end_canary(script.clone(), None, "test".to_owned()).wait().unwrap());
    versions(&*store, &["5"]);
    assert_eq!(shown(&*store, &script), "[1]");
    assert_eq!(shown(&*store, &other), "[5]<4 4<3 3<2 2<1 1");
}

fn a_run_that_began_before_its_schedule_was_set_says_nothing_of_it(place: &Place) {
    let store = place.open(StoreOptions::default());
    let script = who("a", "s");
    let one = of(&script, "one");
    deploy(&*store, &script, "1", b"x");
    let later = |than: i64| wait_until(|| now_ms() > than);
    set_schedule(&*store, &one, 1_000).unwrap();
    assert!(store.take_due(one.clone(), 1_000, Ok(2_000)).wait().unwrap());
    later(now_ms());
    set_schedule(&*store, &one, 2_000).unwrap();
    assert!(!store.end_due(ended(&one, 1_000, "ERR_X")).wait().unwrap());
    let set = schedule(&*store, &one);
    assert_eq!((set.failures, set.runs[0].outcome.as_deref()), (0, Some("ERR_X")));
    // Nor does one that went well take back what failed since.
    assert!(store.take_due(one.clone(), 2_000, Ok(3_000)).wait().unwrap());
    store.end_due(ended(&one, 2_000, "ERR_X")).wait().unwrap();
    store.end_due(ended(&one, 1_000, "ok")).wait().unwrap();
    assert_eq!(schedule(&*store, &one).failures, 1);
    // Nor does one of a schedule of that name that was removed.
    assert!(store.take_due(one.clone(), 3_000, Ok(4_000)).wait().unwrap());
    assert!(store.remove_schedule(one.clone(), "test".to_owned()).wait().unwrap());
    set_schedule(&*store, &one, 4_000).unwrap();
    assert!(!store.end_due(ended(&one, 3_000, "ERR_X")).wait().unwrap());
    let set = schedule(&*store, &one);
    assert_eq!((set.failures, set.runs), (0, vec![]));
}

fn a_share_is_refused_where_the_active_version_is_another_one(place: &Place) {
    let store = place.open(StoreOptions::default());
    let script = who("a", "s");
    let beside = |version| deploy_beside(&*store, &script, version, 5).map_err(|e| e.code());
    assert_eq!(beside("1"), Err("ERR_VERSION_CHANGED"));
    deploy(&*store, &script, "1", b"x");
    deploy(&*store, &script, "2", b"x");
    assert_eq!(beside("2"), Err("ERR_VERSION_CHANGED"));
    assert_eq!(canary(&*store, &script, "1", 5, "1"), "ERR_VERSION_CHANGED");
    assert_eq!(canary(&*store, &script, "2", 5, "2"), "ERR_VERSION_CHANGED");
    assert_eq!(canary(&*store, &script, "9", 5, "2"), "ERR_VERSION_NOT_FOUND");
    assert_eq!(shown(&*store, &script), "[2]<1 1");
    assert_eq!(store.audit(None, None, 10).wait().unwrap().len(), 2);
}

fn what_was_deployed_is_there_after_a_restart_of_each_tenant_its_own(place: &Place) {
    let (a, b) = (who("a", "rules"), who("b", "rules"));
    {
        let store = place.open(StoreOptions::default());
        deploy(&*store, &a, "1", b"one");
        deploy(&*store, &a, "2", b"two");
        deploy(&*store, &b, "1", b"of b");
        deploy(&*store, &who("b", "gone"), "1", b"x");
        assert!(store.remove(who("b", "gone"), None, "test".to_owned()).wait().unwrap());
        assert!(!store.remove(who("b", "gone"), None, "test".to_owned()).wait().unwrap());
    }
    let store = place.open(StoreOptions::default());
    let mut active = store.active().wait().unwrap();
    active.sort_by(|x, y| x.script.tenant.cmp(&y.script.tenant));
    let active: Vec<_> =
        active.iter().map(|one| (&one.script, &*one.version, &*one.facts)).collect();
    assert_eq!(active, [(&a, "2", "facts of 2"), (&b, "1", "facts of 1")]);
    let body = |who: &Who, version: &str| {
        store.version(who.clone(), version.to_owned()).wait().map(|stored| stored.body)
    };
    assert_eq!(body(&a, "1").unwrap(), b"one");
    assert_eq!(body(&a, "2").unwrap(), b"two");
    assert_eq!(body(&b, "1").unwrap(), b"of b");
    assert_eq!(body(&b, "2").unwrap_err().code(), "ERR_VERSION_NOT_FOUND");
    assert_eq!(body(&who("b", "gone"), "1").unwrap_err().code(), "ERR_VERSION_NOT_FOUND");
}

fn a_roll_back_goes_to_the_version_before_and_again_further_back(place: &Place) {
    let store = place.open(StoreOptions::default());
    let script = who("a", "s");
    for version in ["1", "2", "3"] {
        deploy(&*store, &script, version, b"x");
    }
    assert_eq!(shown(&*store, &script), "[3]<2 2<1 1");
    activate(&*store, &script, "2", "3", true).unwrap();
    assert_eq!(shown(&*store, &script), "3<2 [2]<1 1");
    activate(&*store, &script, "1", "2", true).unwrap();
    // What is deployed after that goes back to where it came from, not to what was rolled back.
    deploy(&*store, &script, "4", b"x");
    assert_eq!(shown(&*store, &script), "[4]<1 3<2 2<1 1");
    activate(&*store, &script, "3", "4", false).unwrap();
    assert_eq!(shown(&*store, &script), "[3]<4 4<1 2<1 1");
    // The same once more changes nothing about where it came from.
    deploy(&*store, &script, "3", b"y");
    assert_eq!(shown(&*store, &script), "[3]<4 4<1 2<1 1");

    let error = activate(&*store, &script, "1", "4", false).unwrap_err();
    assert_eq!(error.code(), "ERR_VERSION_CHANGED");
    let error = activate(&*store, &script, "5", "3", false).unwrap_err();
    assert_eq!(error.code(), "ERR_VERSION_NOT_FOUND");
    assert_eq!(shown(&*store, &script), "[3]<4 4<1 2<1 1");
}

fn former_versions_are_kept_up_to_a_number_of_each_script(place: &Place) {
    let options = StoreOptions { former_versions: 2, ..StoreOptions::default() };
    let (store, script) = (place.open(options), who("a", "s"));
    for version in ["1", "2", "3", "4"] {
        deploy(&*store, &script, version, b"x");
    }
    assert_eq!(shown(&*store, &script), "[4]<3 3<2 2<1");
}

fn former_versions_beyond_the_bytes_go_from_whoever_has_most_and_active_ones_never(place: &Place) {
    let options = StoreOptions { former_bytes: 100, ..StoreOptions::default() };
    let store = place.open(options);
    let (large, small) = (who("large", "s"), who("small", "s"));
    // Facts count as well.
    deploy_with(&*store, &small, "1", &[0; 7], "abc");
    deploy_with(&*store, &small, "2", &[0; 500], "");
    for version in ["1", "2", "3", "4"] {
        deploy_with(&*store, &large, version, &[0; 30], "0123456789");
    }
    assert_eq!(shown(&*store, &small), "[2]<1 1");
    assert_eq!(shown(&*store, &large), "[4]<3 3<2 2<1");

    // Whatever is done, no more is kept than may be.
    let scripts: Vec<_> =
        (0..6).map(|n| who(&format!("t{}", n % 2), &format!("s{}", n % 3))).collect();
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for turn in 0..400 {
        let script = &scripts[random(6) as usize];
        let all = store.versions(script.clone()).wait().unwrap();
        match random(10) {
            0 => {
                store.remove(script.clone(), None, "test".to_owned()).wait().unwrap();
            }
            1..=3 if !all.is_empty() => {
                let active = all.iter().find(|one| one.active).unwrap();
                let to = &all[random(all.len() as u64) as usize];
                activate(&*store, script, &to.version, &active.version, random(2) == 0).unwrap();
            }
            _ => {
                let size = random(60) as usize;
                deploy_with(&*store, script, &random(8).to_string(), &vec![0; size], "");
            }
        }
        // It is looked at when something is deployed.
        deploy_with(&*store, &who("last", "s"), &turn.to_string(), b"", "");
        let kept: u64 = scripts
            .iter()
            .chain([&large, &small])
            .flat_map(|script| store.versions(script.clone()).wait().unwrap())
            .filter(|one| !one.active)
            .map(|one| one.bytes)
            .sum();
        assert!(kept <= 100, "{kept}");
    }
    assert!(store.versions(small).wait().unwrap().iter().any(|one| one.active));
}

fn the_audit_trail_says_who_did_what_and_has_an_end(place: &Place) {
    let options = StoreOptions { audit_entries: 4, ..StoreOptions::default() };
    let store = place.open(options);
    let (a, b) = (who("a", "s"), who("b", "s"));
    for version in ["1", "2", "3"] {
        deploy(&*store, &a, version, b"x");
    }
    deploy(&*store, &b, "1", b"x");
    activate(&*store, &a, "2", "3", true).unwrap();
    store.remove(a, None, "somebody".to_owned()).wait().unwrap();
    let said = |tenant: Option<&str>, before, limit| {
        let all = store.audit(tenant.map(str::to_owned), before, limit).wait().unwrap();
        let one = |entry: &AuditEntry| {
            let AuditEntry { actor, action, object, detail, .. } = entry;
            format!("{actor} {action} {object} {detail}")
        };
        (all.iter().map(one).collect::<Vec<_>>(), all.last().map(|entry| entry.number))
    };
    let (all, last) = said(None, None, 3);
    assert_eq!(all, ["somebody remove s ", "test roll-back s 2", "test deploy s 1"]);
    assert_eq!(said(None, last, 3).0, ["test deploy s 3"]);
    assert_eq!(said(Some("b"), None, 3).0, ["test deploy s 1"]);

    // Whatever one tenant does, what others did and what was done to quotas can still be read.
    store.set_quota("a".to_owned(), Quota::default(), "admin".to_owned()).wait().unwrap();
    for version in 0..20 {
        deploy(&*store, &who("a", "s"), &version.to_string(), b"x");
    }
    let (all, _) = said(None, None, 9);
    let mut expected = vec!["test deploy s 19", "test deploy s 18", "test deploy s 17"];
    expected.extend(["admin set-quota a ", "test deploy s 1"]);
    assert_eq!(all, expected);
}

fn tokens_that_another_process_makes_and_revokes_are_seen(place: &Place) {
    let store = place.open(StoreOptions::default());
    let tokens = store.tokens();
    let sees = |holds: &dyn Fn(&Tokens) -> bool| wait_until(|| holds(&tokens.borrow()));

    let beside = place.open_beside(StoreOptions::default());
    let secret = Secret::generate().unwrap();
    let record = secret.record(Role::Tenant("a".to_owned()), "for a", None).unwrap();
    let made = beside.add_token(record, "test".to_owned()).wait().unwrap();
    assert_eq!((made.role.tenant(), &*made.label), (Some("a"), "for a"));
    sees(&|tokens| tokens.find(secret.text(), 0).is_some() && tokens.were_made());

    let id = || secret.id().to_owned();
    assert!(beside.revoke_token(id(), "test".to_owned()).wait().unwrap());
    assert!(!beside.revoke_token(id(), "test".to_owned()).wait().unwrap());
    sees(&|tokens| tokens.find(secret.text(), 0).is_none() && tokens.were_made());
}

fn quotas_are_kept_and_seen_by_whoever_has_the_store_open(place: &Place) {
    let quota = Quota { runs_per_second: Some(5), scripts: Some(0), ..Quota::default() };
    let store = place.open(StoreOptions::default());
    let quotas = store.quotas();
    let beside = place.open_beside(StoreOptions::default());
    beside.set_quota("a".to_owned(), Quota::default(), "test".to_owned()).wait().unwrap();
    beside.set_quota("a".to_owned(), quota, "test".to_owned()).wait().unwrap();
    wait_until(|| quotas.borrow().get("a") == Some(&quota));
    drop(store);
    let store = place.open(StoreOptions::default());
    assert_eq!(store.quotas().borrow().get("a"), Some(&quota));
    let said = store.audit(Some("a".to_owned()), None, 1).wait().unwrap();
    assert_eq!((&*said[0].action, &*said[0].detail), ("set-quota", "runs_per_second=5 scripts=0"));
    assert!(store.remove_quota("a".to_owned(), "test".to_owned()).wait().unwrap());
    assert!(!store.remove_quota("a".to_owned(), "test".to_owned()).wait().unwrap());
    assert!(store.quotas().borrow().is_empty());
}

fn a_token_is_made_by_the_first_start_and_no_other(place: &Place) {
    let text = {
        let store = place.open(StoreOptions::default());
        assert!(store.tokens().borrow().list().is_empty());
        let first = store.make_first_token().wait().unwrap().unwrap();
        let tokens = store.tokens().borrow().clone();
        let found = tokens.find(first.text(), 0).unwrap();
        assert_eq!((&found.role, found.first), (&Role::Admin, true));
        first.text().to_owned()
    };
    let store = place.open(StoreOptions::default());
    assert!(store.make_first_token().wait().unwrap().is_none());
    assert!(store.tokens().borrow().find(&text, 0).is_some());
}

fn an_answer_is_kept_with_its_key_for_its_tenant_and_its_deploy(place: &Place) {
    let store = place.open(StoreOptions::default());
    let fingerprint = |what: &str| Fingerprint::of(&[what.as_bytes()]);
    let new = |version: &str| NewVersion {
        script: who("a", "s"),
        version: version.to_owned(),
        facts: "{}".to_owned(),
        body: vec![0, 255, 7],
        actor: "test".to_owned(),
        once: Some(Once {
            key: "k".to_owned(),
            fingerprint: fingerprint(version),
            answer: format!("made {version}"),
        }),
        instead_of: None,
        share: None,
    };
    store.deploy(new("1")).wait().unwrap();
    let asked = |tenant: &str, what: &str| {
        store.answered(tenant.to_owned(), "k".to_owned(), fingerprint(what)).wait()
    };
    assert_eq!(asked("a", "1").unwrap().as_deref(), Some("made 1"));
    assert_eq!(asked("b", "1").unwrap(), None);
    assert_eq!(asked("a", "2").unwrap_err().code(), "ERR_IDEMPOTENCY_KEY_REUSED");
    // Where another server was faster, nothing is deployed.
    store.deploy(new("2")).wait().unwrap_err();
    assert_eq!(shown(&*store, &who("a", "s")), "[1]");
}

fn a_deploy_that_expects_another_version_changes_nothing(place: &Place) {
    let store = place.open(StoreOptions::default());
    let deploy = |version: &str, instead_of: Option<&str>| {
        let new = NewVersion {
            script: who("a", "s"),
            version: version.to_owned(),
            facts: String::new(),
            body: Vec::new(),
            actor: "test".to_owned(),
            once: None,
            instead_of: Some(instead_of.map(str::to_owned)),
            share: None,
        };
        store.deploy(new).wait()
    };
    assert_eq!(deploy("1", Some("0")).unwrap_err().code(), "ERR_VERSION_CHANGED");
    let first = deploy("1", None).unwrap();
    assert_eq!(deploy("2", None).unwrap_err().code(), "ERR_VERSION_CHANGED");
    let active = || store.active_of(who("a", "s")).wait().unwrap().unwrap();
    assert_eq!((&*active().version, active().turn), ("1", first));
    let second = deploy("2", Some("1")).unwrap();
    assert!(second > first);
    assert_eq!((&*active().version, active().turn), ("2", second));
    // The same once more is another turn, and to roll back is the former one's.
    assert!(deploy("2", Some("2")).unwrap() > second);
    assert_eq!(activate(&*store, &who("a", "s"), "1", "2", true).unwrap(), first);
    assert_eq!(store.active_of(who("a", "other")).wait().unwrap(), None);
}

fn a_secret_is_opened_for_its_place_with_its_key_alone(place: &Place) {
    let of = |script: Option<&str>| SecretOf {
        tenant: "t".to_owned(),
        script: script.map(str::to_owned),
    };
    let set = |store: &dyn Store, script, name: &str, value: &str| {
        let value = SecretValue::new(value.to_owned()).unwrap();
        store.set_secret(of(script), name.to_owned(), value, "test".to_owned()).wait()
    };
    let opened = |store: &dyn Store, script: &str, name: &str| {
        let all = store.open_secrets(who("t", script), vec![name.to_owned()]).wait()?;
        Ok::<_, sandtide_store::StoreError>(all[0].reveal().to_owned())
    };
    {
        let store = place.open(with_key(1));
        assert!(set(&*store, None, "A", "the tenant's").unwrap());
        assert!(set(&*store, Some("s"), "A", "the script's").unwrap());
        assert!(!set(&*store, Some("s"), "A", "the script's newer").unwrap());
        assert_eq!(opened(&*store, "s", "A").unwrap(), "the script's newer");
        assert_eq!(opened(&*store, "other", "A").unwrap(), "the tenant's");
        assert_eq!(opened(&*store, "s", "B").unwrap_err().code(), "ERR_SECRET_NOT_FOUND");
        let error = set(&*store, None, "9", "x").unwrap_err();
        assert_eq!(error.code(), "ERR_INVALID_NAME");
        assert_eq!(store.secrets(of(None)).wait().unwrap().len(), 1);
        deploy(&*store, &who("t", "s"), "v", b"1");
        assert!(store.remove(who("t", "s"), None, "test".to_owned()).wait().unwrap());
        assert_eq!(opened(&*store, "s", "A").unwrap(), "the tenant's");
    }
    let store = place.open(StoreOptions::default());
    assert_eq!(opened(&*store, "s", "A").unwrap_err().code(), "ERR_NO_SECRET_KEY");
    assert_eq!(set(&*store, None, "A", "x").unwrap_err().code(), "ERR_NO_SECRET_KEY");
    assert!(store.remove_secret(of(None), "A".to_owned(), "test".to_owned()).wait().unwrap());
    assert!(!store.remove_secret(of(None), "A".to_owned(), "test".to_owned()).wait().unwrap());
}
