//! Schedules against the real port: set, carried out when they are due, and ended.

mod common;

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use common::{Reply, TestServer, config, until};
use sandtide_server::ServerConfig;
use sandtide_store::{
    NewSchedule, NewVersion, Quota, ScheduleOf, ScheduleStore, SqliteStore, Store, Who,
};
use serde_json::{Value as Json, json};

const SCHEDULE: &str = "/v1/scripts/s/schedules/hourly";

fn kept_in(directory: &Path) -> TestServer {
    TestServer::with(ServerConfig { data: Some(directory.to_owned()), ..config() })
}

fn put(server: &TestServer, path: &str, body: &Json) -> Reply {
    server.send("PUT", path, &[("content-type", "application/json")], body.to_string())
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// Has the next run of all schedules be due at a time that was.
fn make_due(directory: &Path, at_ms: i64) {
    let kept = rusqlite::Connection::open(directory.join("sandtide.db")).unwrap();
    kept.busy_timeout(Duration::from_secs(30)).unwrap();
    let moved = kept.execute("UPDATE schedules SET next_ms = ?1", [at_ms]).unwrap();
    assert!(moved > 0);
}

/// The schedule when so many runs of it have ended.
fn after_runs(server: &TestServer, count: usize) -> Json {
    let mut told = Json::Null;
    until("the runs have ended", || {
        told = server.get(SCHEDULE).json();
        let runs = told["runs"].as_array().unwrap();
        runs.len() == count && runs.iter().all(|run| run["outcome"].is_string())
    });
    told
}

#[test]
fn a_schedule_is_set_shown_listed_and_removed() {
    let server = TestServer::start();
    server.put("s", "input => input");
    let body =
        json!({"cron": "5 4 * * MON-FRI", "time_zone": "Europe/Berlin", "run": {"input": [1]}});
    let made = put(&server, SCHEDULE, &body);
    assert_eq!(made.status, 201, "{}", made.text());
    let told = made.json();
    for (member, value) in body.as_object().unwrap() {
        assert_eq!(told[member], *value, "{told}");
    }
    let week = 7 * 24 * 3_600_000;
    let next = told["next_ms"].as_i64().unwrap();
    assert!(next > now_ms() - 60_000 && next < now_ms() + week, "{next}");
    assert_eq!(
        (&told["runs"], &told["failures"], &told["off"]),
        (&json!([]), &json!(0), &Json::Null)
    );
    assert_eq!(server.get(SCHEDULE).json(), told);
    // What is left out is UTC and nothing given.
    let other = "/v1/scripts/s/schedules/a";
    let plain = put(&server, other, &json!({"cron": "* * * * *"})).json();
    assert_eq!((&plain["time_zone"], &plain["run"]), (&json!("UTC"), &json!({})));
    assert_eq!(put(&server, other, &json!({"cron": "0 * * * *"})).status, 200);
    let list = server.get("/v1/scripts/s/schedules?limit=1").json();
    assert_eq!((&list["schedules"][0]["id"], &list["next_cursor"]), (&json!("a"), &json!("a")));
    let list = server.get("/v1/scripts/s/schedules?cursor=a").json();
    assert_eq!(list, json!({"schedules": [told]}));
    // Of its tenant alone.
    let stranger = [("sandtide-tenant", "other")];
    server.send("GET", SCHEDULE, &stranger, "").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    server.send("DELETE", SCHEDULE, &stranger, "").assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    assert_eq!(server.send("DELETE", SCHEDULE, &[], "").status, 204);
    server.send("DELETE", SCHEDULE, &[], "").assert_error(404, "ERR_SCHEDULE_NOT_FOUND");
    server.get(SCHEDULE).assert_error(404, "ERR_SCHEDULE_NOT_FOUND");
    // They go with their script.
    assert_eq!(server.send("DELETE", "/v1/scripts/s", &[], "").status, 204);
    server.put("s", "1");
    assert_eq!(server.get("/v1/scripts/s/schedules").json(), json!({"schedules": []}));
    let audit = server.get("/v1/audit").json();
    let lines = audit["entries"].as_array().unwrap().iter();
    let lines: Vec<_> = lines.filter(|line| line["detail"] == "hourly").collect();
    assert_eq!(lines.len(), 2, "{audit}");
    assert_eq!(
        (&lines[0]["action"], &lines[1]["action"]),
        (&json!("remove-schedule"), &json!("set-schedule"))
    );
}

#[test]
fn what_is_no_schedule_is_refused_when_it_is_set() {
    let server = TestServer::start();
    let good = json!({"cron": "* * * * *"});
    put(&server, SCHEDULE, &good).assert_error(404, "ERR_SCRIPT_NOT_FOUND");
    server.put("s", "1");
    for (body, code) in [
        (json!({}), "ERR_INVALID_REQUEST"),
        (json!({"cron": "* * * *"}), "ERR_INVALID_REQUEST"),
        (json!({"cron": "61 * * * *"}), "ERR_INVALID_REQUEST"),
        (json!({"cron": "0 0 30 2 *"}), "ERR_INVALID_REQUEST"),
        (json!({"cron": "* * * * *", "time_zone": "Nowhere/At_All"}), "ERR_INVALID_TIME_ZONE"),
        (json!({"cron": "* * * * *", "runs": {}}), "ERR_INVALID_REQUEST"),
        (json!({"cron": "* * * * *", "run": {"inputs": 1}}), "ERR_INVALID_REQUEST"),
        (json!({"cron": "* * * * *", "run": [1]}), "ERR_INVALID_REQUEST"),
        (json!({"cron": "* * * * *", "run": {"limits": {"wall_ms": 0}}}), "ERR_INVALID_LIMIT"),
        (json!({"cron": "* * * * *", "run": {"input": "x".repeat(65_536)}}), "ERR_INVALID_REQUEST"),
    ] {
        put(&server, SCHEDULE, &body).assert_error(400, code);
    }
    put(&server, "/v1/scripts/s/schedules/a%20b", &good).assert_error(400, "ERR_INVALID_NAME");
    let text = server.send("PUT", SCHEDULE, &[("content-type", "text/plain")], "x");
    text.assert_error(415, "ERR_UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(server.get("/v1/scripts/s/schedules").json(), json!({"schedules": []}));
}

#[test]
fn a_run_that_is_due_is_carried_out_with_its_input_and_its_outcome_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let server = kept_in(directory.path());
    let version = server.put("s", "export default n => n + 1").json()["version"].clone();
    put(&server, SCHEDULE, &json!({"cron": "0 * * * *", "run": {"input": 4}}));
    let due = now_ms() - 1_000;
    make_due(directory.path(), due);
    let told = after_runs(&server, 1);
    let run = &told["runs"][0];
    assert_eq!((&run["outcome"], &run["due_ms"]), (&json!("ok"), &json!(due)));
    assert!(
        run["began_ms"].as_i64() >= Some(due)
            && run["ended_ms"].as_i64() >= run["began_ms"].as_i64()
    );
    assert!(told["next_ms"].as_i64().unwrap() > due);
    let outcome = server.get(&format!("/v1/runs/{}", run["run"].as_str().unwrap())).json();
    assert_eq!((&outcome["state"], &outcome["outcome"]["value"]), (&json!("done"), &json!(5)));
    assert_eq!((&outcome["script"], &outcome["version"]), (&json!("s"), &version));
    assert_eq!(server.get("/v1/usage?script=s").json()["usage"][0]["runs"], 1);
    let metrics = server.get("/metrics").text().to_owned();
    assert!(metrics.contains(r#"sandtide_scheduled_runs_total{outcome="ok"} 1"#), "{metrics}");
}

#[test]
fn what_was_due_while_the_server_was_away_is_made_good_by_one_run() {
    let directory = tempfile::tempdir().unwrap();
    let server = kept_in(directory.path());
    server.put("s", "1");
    put(&server, SCHEDULE, &json!({"cron": "0 * * * *"}));
    drop(server);
    // Many hours ago.
    make_due(directory.path(), 3_600_000);
    let began = now_ms();
    let server = kept_in(directory.path());
    let told = after_runs(&server, 1);
    assert_eq!(told["runs"][0]["due_ms"], 3_600_000);
    assert!(told["next_ms"].as_i64().unwrap() > began);
    // What is due later is not taken before.
    let later = put(&server, "/v1/scripts/s/schedules/other", &json!({"cron": "0 0 1 1 *"}));
    assert_eq!(later.status, 201);
    assert_eq!(server.get("/v1/usage?script=s").json()["usage"][0]["runs"], 1);
}

#[test]
fn a_schedule_whose_runs_fail_again_and_again_ends_and_begins_when_it_is_set() {
    let directory = tempfile::tempdir().unwrap();
    let server = kept_in(directory.path());
    server.put("s", "throw new Error('no')");
    put(&server, SCHEDULE, &json!({"cron": "0 0 1 1 *"}));
    for count in 1..=10 {
        make_due(directory.path(), now_ms() - 1_000);
        let told = after_runs(&server, count);
        assert_eq!(told["runs"][0]["outcome"], "ERR_EXCEPTION");
        assert_eq!((&told["failures"], told["next_ms"].is_i64()), (&json!(count), count < 10));
    }
    let told = server.get(SCHEDULE).json();
    assert_eq!(told["off"], "ERR_EXCEPTION");
    let audit = server.get("/v1/audit").json();
    let line = &audit["entries"][0];
    assert_eq!((&line["action"], &line["actor"]), (&json!("end-schedule"), &json!("schedule")));
    server.put("s", "1");
    let told = put(&server, SCHEDULE, &json!({"cron": "0 0 1 1 *"})).json();
    assert_eq!((&told["failures"], &told["off"]), (&json!(0), &Json::Null));
    assert!(told["next_ms"].is_i64());
}

#[test]
fn a_run_that_a_quota_refuses_is_told_and_is_no_failure_of_the_script() {
    let directory = tempfile::tempdir().unwrap();
    let server = kept_in(directory.path());
    server.put("s", "1");
    put(&server, SCHEDULE, &json!({"cron": "0 0 1 1 *"}));
    let beside = SqliteStore::open_beside(directory.path(), Default::default()).unwrap();
    let quota = Quota { concurrent_runs: Some(0), ..Quota::default() };
    beside.set_quota("default".to_owned(), quota, "test".to_owned()).wait().unwrap();
    until("it holds", || server.get("/v1/usage").json()["quota"]["concurrent_runs"] == 0);
    make_due(directory.path(), now_ms() - 1_000);
    let told = after_runs(&server, 1);
    assert_eq!(told["runs"][0]["outcome"], "ERR_QUOTA_CONCURRENT_RUNS");
    assert_eq!((&told["failures"], &told["runs"][0]["run"]), (&json!(0), &Json::Null));
}

#[test]
fn a_schedule_that_is_never_due_again_is_off_and_its_last_run_is_carried_out() {
    let directory = tempfile::tempdir().unwrap();
    let server = kept_in(directory.path());
    server.put("s", "1");
    put(&server, SCHEDULE, &json!({"cron": "0 0 1 1 *"}));
    // As another release may have kept it.
    let kept = rusqlite::Connection::open(directory.path().join("sandtide.db")).unwrap();
    kept.busy_timeout(Duration::from_secs(30)).unwrap();
    kept.execute("UPDATE schedules SET cron = '0 0 30 2 *'", ()).unwrap();
    make_due(directory.path(), now_ms() - 1_000);
    let told = after_runs(&server, 1);
    assert_eq!((&told["runs"][0]["outcome"], &told["failures"]), (&json!("ok"), &json!(0)));
    assert_eq!((&told["off"], &told["next_ms"]), (&json!("ERR_INVALID_REQUEST"), &Json::Null));
    let audit = server.get("/v1/audit").json();
    let line = &audit["entries"][0];
    assert_eq!((&line["action"], &line["detail"]), (&json!("end-schedule"), &json!("hourly")));
}

#[test]
fn runs_that_are_due_together_wait_until_there_is_room_and_are_all_carried_out() {
    let directory = tempfile::tempdir().unwrap();
    let data = Some(directory.path().to_owned());
    let server = TestServer::with(ServerConfig { data, tenant_queue: 1, ..config() });
    server.put("s", "const end = Date.now() + 100; while (Date.now() < end);");
    for id in 0..4 {
        let path = format!("/v1/scripts/s/schedules/n{id}");
        assert_eq!(put(&server, &path, &json!({"cron": "0 0 1 1 *"})).status, 201);
    }
    make_due(directory.path(), now_ms() - 1_000);
    let outcomes = || {
        let told = server.get("/v1/scripts/s/schedules").json();
        let all = told["schedules"].as_array().unwrap().iter();
        all.map(|one| one["runs"][0]["outcome"].clone()).collect::<Vec<_>>()
    };
    until("all have ended", || outcomes().iter().all(Json::is_string));
    assert_eq!(outcomes(), ["ok"; 4]);
}

#[test]
fn a_run_of_a_script_that_is_not_known_yet_is_left_to_others_for_a_while_and_is_no_failure() {
    let directory = tempfile::tempdir().unwrap();
    let server = kept_in(directory.path());
    server.put("s", "1");
    put(&server, SCHEDULE, &json!({"cron": "0 0 1 1 *"}));
    // This server hears nothing of it.
    let beside = SqliteStore::open_beside(directory.path(), Default::default()).unwrap();
    let script = Who { tenant: "default".to_owned(), script: "unheard".to_owned() };
    let new = NewVersion {
        script: script.clone(),
        version: "1".to_owned(),
        facts: "{}".to_owned(),
        body: b"1".to_vec(),
        actor: "test".to_owned(),
        once: None,
        instead_of: None,
        share: None,
    };
    beside.deploy(new).wait().unwrap();
    let Who { tenant, script: name } = script.clone();
    let new = NewSchedule {
        of: ScheduleOf { tenant, script: name, id: "x".to_owned() },
        cron: "0 0 1 1 *".to_owned(),
        time_zone: "UTC".to_owned(),
        run: "{}".to_owned(),
        next_ms: now_ms() + 3_600_000,
        actor: "test".to_owned(),
    };
    beside.set_schedule(new).wait().unwrap();
    let unheard = || beside.schedules(script.clone(), None).wait().unwrap().remove(0);
    // What comes after it is looked at all the same.
    make_due(directory.path(), now_ms() - 1_000);
    after_runs(&server, 1);
    let due = unheard();
    // On a machine that took a minute for this it may have been taken.
    if due.next_ms.is_some_and(|at| now_ms() - at < 60_000) {
        assert_eq!(due.runs, []);
    }
    let kept = rusqlite::Connection::open(directory.path().join("sandtide.db")).unwrap();
    kept.busy_timeout(Duration::from_secs(30)).unwrap();
    let long_ago = "UPDATE schedules SET next_ms = 60000 WHERE script = 'unheard'";
    assert_eq!(kept.execute(long_ago, ()).unwrap(), 1);
    until("it has ended", || unheard().runs.first().is_some_and(|run| run.outcome.is_some()));
    let ended = unheard();
    assert_eq!(ended.runs[0].outcome.as_deref(), Some("ERR_SCRIPT_NOT_FOUND"));
    assert_eq!((ended.failures, ended.off), (0, None));
}

#[test]
fn a_server_that_ends_waits_for_the_run_of_a_schedule_and_keeps_what_became_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let limits = sandtide::Limits {
        wall: Duration::from_secs(600),
        cpu: Duration::from_secs(600),
        ..Default::default()
    };
    let config = || ServerConfig {
        data: Some(directory.path().to_owned()),
        drain_timeout: Duration::from_secs(600),
        limits,
        ..config()
    };
    let server = TestServer::with(config());
    server.put("s", "const end = Date.now() + 500; while (Date.now() < end);");
    put(&server, SCHEDULE, &json!({"cron": "0 0 1 1 *"}));
    make_due(directory.path(), now_ms() - 1_000);
    until("it has begun", || server.get(SCHEDULE).json()["runs"][0]["began_ms"].is_i64());
    drop(server);
    let server = TestServer::with(config());
    let told = server.get(SCHEDULE).json();
    assert_eq!(
        (told["runs"].as_array().unwrap().len(), &told["runs"][0]["outcome"]),
        (1, &json!("ok"))
    );
}
