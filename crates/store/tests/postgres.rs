//! What is of PostgreSQL alone: servers that hear of each other's changes, and a database that goes away and
//! comes back.

mod cluster;
mod common;

use std::{sync::Arc, time::Duration};

use sandtide_store::{
    Amount, Changes, NewSchedule, News, PostgresAddress, PostgresStore, Quota, Role, ScheduleOf,
    ScheduleStore, Secret, SecretOf, SecretValue, Store, StoreOptions, UsageStore, Used, Who,
};

use cluster::Cluster;
use common::{activate, deploy, shown, wait_until, who, with_key};

fn open(address: &str) -> PostgresStore {
    PostgresStore::open(&address.parse().unwrap(), with_key(1)).unwrap()
}

/// What comes next within a minute; nothing where nothing does.
fn next(news: &Arc<News>) -> Option<Changes> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let next = async { tokio::time::timeout(Duration::from_secs(60), news.next()).await };
    runtime.block_on(next).ok()
}

fn scripts(all: &[&Who]) -> Changes {
    Changes { scripts: all.iter().map(|one| (*one).clone()).collect(), ..Changes::default() }
}

fn code<T: std::fmt::Debug>(answer: Result<T, sandtide_store::StoreError>) -> &'static str {
    answer.unwrap_err().code()
}

#[test]
fn a_server_hears_of_what_others_change_and_not_of_what_it_changed_itself() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let (one, other) = (open(&address), open(&address));
    let (hears, also) = (one.news().unwrap(), other.news().unwrap());
    let (a, b) = (who("a", "s"), who("b", "s"));
    deploy(&one, &a, "1", b"1");
    assert_eq!(next(&also), Some(scripts(&[&a])));
    // It has read its own line by the time it hears of one that came later.
    deploy(&other, &b, "1", b"1");
    assert_eq!(next(&hears), Some(scripts(&[&b])));
    deploy(&other, &b, "2", b"2");
    assert_eq!(next(&hears), Some(scripts(&[&b])));
    activate(&other, &b, "1", "2", true).unwrap();
    assert_eq!(next(&hears), Some(scripts(&[&b])));
    other.remove(b.clone(), None, "test".to_owned()).wait().unwrap();
    assert_eq!(next(&hears), Some(scripts(&[&b])));
    let of = SecretOf { tenant: "a".to_owned(), script: Some("s".to_owned()) };
    let value = SecretValue::new("x".to_owned()).unwrap();
    other.set_secret(of.clone(), "K".to_owned(), value, "test".to_owned()).wait().unwrap();
    let secrets = [of].into_iter().collect();
    assert_eq!(next(&hears), Some(Changes { secrets, ..Changes::default() }));

    let (quotas, tokens) = (one.quotas(), one.tokens());
    let quota = Quota { scripts: Some(3), ..Quota::default() };
    other.set_quota("a".to_owned(), quota, "test".to_owned()).wait().unwrap();
    wait_until(|| quotas.borrow().get("a") == Some(&quota));
    let secret = Secret::generate().unwrap();
    let record = secret.record(Role::Admin, "", None).unwrap();
    other.add_token(record, "test".to_owned()).wait().unwrap();
    wait_until(|| tokens.borrow().find(secret.text(), 0).is_some());
    other.revoke_token(secret.id().to_owned(), "test".to_owned()).wait().unwrap();
    wait_until(|| tokens.borrow().find(secret.text(), 0).is_none());
}

#[test]
fn while_the_database_is_away_it_is_said_at_once_and_what_was_missed_is_read_afterwards() {
    let Some(cluster) = Cluster::start() else { return };
    let address = cluster.database();
    let one = open(&address);
    let script = who("a", "s");
    deploy(&one, &script, "1", b"1");
    let (news, tokens) = (one.news().unwrap(), one.tokens());
    cluster.stop();
    wait_until(|| one.check().wait().is_err());
    assert_eq!(code(one.check().wait()), "ERR_STORE_UNAVAILABLE");
    assert_eq!(code(one.version(script.clone(), "1".to_owned()).wait()), "ERR_STORE_UNAVAILABLE");
    assert_eq!(
        code(one.remove(script.clone(), None, "test".to_owned()).wait()),
        "ERR_STORE_UNAVAILABLE"
    );
    assert_eq!(
        code(PostgresStore::open(&address.parse().unwrap(), StoreOptions::default()).map(|_| ())),
        "ERR_STORE_UNAVAILABLE"
    );
    cluster.start_again();
    // Whoever comes first changes something that the other one has not heard of.
    let other = open(&address);
    deploy(&other, &script, "2", b"2");
    let secret = Secret::generate().unwrap();
    let record = secret.record(Role::Admin, "", None).unwrap();
    other.add_token(record, "test".to_owned()).wait().unwrap();
    assert_eq!(next(&news), Some(scripts(&[&script])));
    wait_until(|| tokens.borrow().find(secret.text(), 0).is_some());
    one.check().wait().unwrap();
    deploy(&one, &script, "3", b"3");
    assert_eq!(shown(&one, &script), "[3]<2 2<1 1");
}

#[test]
fn where_lines_of_the_audit_trail_are_gone_everything_is_looked_at() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let database = address.rsplit('/').next().unwrap();
    let one = open(&address);
    deploy(&one, &who("a", "s"), "1", b"1");
    let news = one.news().unwrap();
    cluster.sql(
        database,
        "INSERT INTO audit SELECT max(number) + 5, 0, '', 'deploy', 'a', 's', '' FROM audit",
    );
    assert!(next(&news).unwrap().all);
    // So it is where the database was put back to a moment before.
    cluster.sql(database, "DELETE FROM audit WHERE number > 1");
    assert!(next(&news).unwrap().all);
}

#[test]
fn where_another_history_has_the_same_numbers_everything_is_looked_at_and_tokens_are_read() {
    let Some(cluster) = Cluster::start() else { return };
    let address = cluster.database();
    let database = address.rsplit('/').next().unwrap();
    let one = open(&address);
    let secret = Secret::generate().unwrap();
    let record = secret.record(Role::Admin, "", None).unwrap();
    one.add_token(record, "test".to_owned()).wait().unwrap();
    deploy(&one, &who("a", "s"), "1", b"1");
    let (news, tokens) = (one.news().unwrap(), one.tokens());
    // What another one changes is read after that.
    deploy(&open(&address), &who("a", "s"), "2", b"2");
    assert_eq!(next(&news), Some(scripts(&[&who("a", "s")])));
    // As after a failover to a copy that had not got the last lines, where somebody was faster to come back.
    cluster.stop();
    cluster.start_again();
    cluster.sql(
        database,
        "BEGIN; UPDATE tokens SET revoked_ms = 1;
         UPDATE audit SET actor = 'another one' WHERE number = (SELECT max(number) FROM audit);
         COMMIT",
    );
    assert!(next(&news).unwrap().all);
    wait_until(|| tokens.borrow().find(secret.text(), 0).is_none());
}

#[test]
fn a_token_that_was_revoked_is_of_no_use_also_where_telling_so_failed() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let database = address.rsplit('/').next().unwrap();
    let one = open(&address);
    let secret = Secret::generate().unwrap();
    let record = secret.record(Role::Admin, "", None).unwrap();
    one.add_token(record, "test".to_owned()).wait().unwrap();
    // Right after the change the tokens cannot be read.
    cluster.sql(
        database,
        "CREATE FUNCTION hide() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN ALTER TABLE tokens RENAME TO hidden; RETURN NULL; END';
         CREATE TRIGGER hide AFTER INSERT ON audit FOR EACH ROW
         WHEN (NEW.action = 'revoke-token') EXECUTE FUNCTION hide()",
    );
    let tokens = one.tokens();
    assert_eq!(
        code(one.revoke_token(secret.id().to_owned(), "test".to_owned()).wait()),
        "ERR_STORE"
    );
    assert!(tokens.borrow().find(secret.text(), 0).is_some());
    cluster.sql(database, "ALTER TABLE hidden RENAME TO tokens");
    wait_until(|| tokens.borrow().find(secret.text(), 0).is_none());
}

#[test]
fn a_database_without_room_is_told_of_until_it_has_some() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let database = address.rsplit('/').next().unwrap();
    let one = open(&address);
    let script = who("a", "s");
    deploy(&one, &script, "1", b"1");
    one.check().wait().unwrap();
    let full = |table: &str| {
        format!(
            "CREATE TRIGGER is_full BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION is_full()"
        )
    };
    cluster.sql(
        database,
        &format!(
            "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$;
             {}; {}",
            full("usage"),
            full("once")
        ),
    );
    // Nothing was refused yet.
    one.check().wait().unwrap();
    let used = Used {
        at_ms: i64::MAX / 2,
        tenant: "a".to_owned(),
        script: None,
        outcome: "ok".to_owned(),
        amount: Amount::default(),
    };
    assert_eq!(code(one.add_usage(vec![used.clone()]).wait()), "ERR_STORE_UNAVAILABLE");
    assert_eq!(code(one.check().wait()), "ERR_STORE_UNAVAILABLE");
    assert_eq!(code(one.check().wait()), "ERR_STORE_UNAVAILABLE");
    // What is there can be read.
    one.version(script.clone(), "1".to_owned()).wait().unwrap();
    cluster.sql(database, "DROP TRIGGER is_full ON once");
    one.check().wait().unwrap();
    cluster.sql(database, "DROP TRIGGER is_full ON usage");
    one.add_usage(vec![used]).wait().unwrap();
    one.check().wait().unwrap();
    assert_eq!(cluster.sql(database, "SELECT count(*) FROM once"), "0");
}

#[test]
fn two_servers_that_count_the_same_runs_lose_none() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let database = address.rsplit('/').next().unwrap();
    let stores: Vec<_> = (0..3).map(|_| open(&address)).collect();
    std::thread::scope(|scope| {
        for store in &stores {
            scope.spawn(|| {
                for _ in 0..20 {
                    let one = |number: usize| Used {
                        at_ms: 1_000_000_000_000_000,
                        tenant: format!("t{}", number % 7),
                        script: Some(format!("s{number}")),
                        outcome: "ok".to_owned(),
                        amount: Amount { runs: 1, ..Amount::default() },
                    };
                    store.add_usage((0..50).map(one).collect()).wait().unwrap();
                }
            });
        }
    });
    let counted = "SELECT count(*), sum(runs), min(runs) FROM usage WHERE minutes = 60";
    assert_eq!(cluster.sql(database, counted), "50|3000|60");
}

#[test]
fn a_port_that_says_nothing_is_no_database() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("postgres://u@{}/d", silent.local_addr().unwrap());
    let refused = PostgresStore::open(&address.parse().unwrap(), StoreOptions::default());
    assert_eq!(code(refused.map(|_| ())), "ERR_STORE_UNAVAILABLE");
}

#[test]
fn servers_that_start_and_change_things_together_lose_nothing() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let script = who("a", "s");
    let watching = open(&address);
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let (address, script) = (address.clone(), script.clone());
            std::thread::spawn(move || {
                let store = open(&address);
                let first = store.make_first_token().wait().unwrap();
                for turn in 0..10 {
                    deploy(&store, &script, &format!("{thread}-{turn}"), b"x");
                    deploy(&store, &who("b", &format!("{thread}")), &format!("{turn}"), b"x");
                }
                first.is_some()
            })
        })
        .collect();
    let firsts = threads.into_iter().map(|one| one.join().unwrap());
    assert_eq!(firsts.filter(|first| *first).count(), 1);
    // Whoever watches hears of each, and never that it cannot be told.
    let (news, mut heard) = (watching.news().unwrap(), std::collections::HashSet::new());
    while heard.len() < 5 {
        let changes = next(&news).unwrap();
        assert!(!changes.all);
        heard.extend(changes.scripts);
    }
    let store = open(&address);
    let lines = store.audit(None, None, 1_000).wait().unwrap();
    let numbers: Vec<_> = lines.iter().rev().map(|line| line.number).collect();
    assert_eq!(numbers, (1..=81).collect::<Vec<_>>());
    assert_eq!(store.versions(script).wait().unwrap().len(), 21);
    assert_eq!(store.active().wait().unwrap().len(), 5);
    let counted = "SELECT bytes = (SELECT sum(v.bytes) FROM versions v JOIN scripts s
                   USING (tenant, script) WHERE v.version <> s.active) FROM former";
    assert_eq!(cluster.sql(address.rsplit('/').next().unwrap(), counted), "t");
}

#[test]
fn what_somebody_changed_in_the_database_is_noticed() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let database = address.rsplit('/').next().unwrap();
    let store = open(&address);
    let script = who("t", "s");
    deploy(&store, &script, "1", b"body");
    cluster.sql(database, "UPDATE versions SET body = 'badly'");
    assert_eq!(code(store.version(script.clone(), "1".to_owned()).wait()), "ERR_STORE_DAMAGED");
    let of = SecretOf { tenant: "t".to_owned(), script: None };
    let value = SecretValue::new("hidden".to_owned()).unwrap();
    store.set_secret(of, "A".to_owned(), value, "test".to_owned()).wait().unwrap();
    assert_eq!(
        cluster.sql(database, "SELECT count(*) FROM secrets WHERE sealed::text LIKE '%hidden%'"),
        "0"
    );
    cluster.sql(database, "UPDATE secrets SET name = 'B'");
    let names = vec!["B".to_owned()];
    assert_eq!(code(store.open_secrets(script, names).wait()), "ERR_STORE_DAMAGED");
    let parsed: PostgresAddress = address.parse().unwrap();
    assert_eq!(code(PostgresStore::open(&parsed, with_key(2)).map(|_| ())), "ERR_SECRET_KEY");
    cluster.sql(database, "UPDATE sandtide_schema SET version = 99");
    assert_eq!(code(PostgresStore::open(&parsed, with_key(1)).map(|_| ())), "ERR_STORE_NEWER");
}

#[test]
fn a_server_that_holds_a_change_up_keeps_others_waiting_and_no_longer() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let store = open(&address);
    deploy(&store, &who("a", "s"), "1", b"x");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let held = runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(&address, tokio_postgres::NoTls).await.unwrap();
        let driven = tokio::spawn(connection);
        client
            .batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7309453715120123906)")
            .await
            .unwrap();
        (client, driven)
    });
    let remove = || store.remove(who("a", "s"), None, "test".to_owned()).wait();
    assert_eq!(code(remove()), "ERR_STORE_UNAVAILABLE");
    // What is there can be read meanwhile.
    wait_until(|| store.version(who("a", "s"), "1".to_owned()).wait().is_ok());
    drop((held, runtime));
    wait_until(|| remove().is_ok());
}

#[test]
fn a_schedule_is_removed_also_while_another_server_takes_a_run_of_it() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let database = address.rsplit('/').next().unwrap();
    let store = open(&address);
    let (script, of) = (who("a", "s"), |id: &str| ScheduleOf {
        tenant: "a".to_owned(),
        script: "s".to_owned(),
        id: id.to_owned(),
    });
    deploy(&store, &script, "1", b"x");
    for id in ["one", "two"] {
        let new = NewSchedule {
            of: of(id),
            cron: "* * * * *".to_owned(),
            time_zone: "UTC".to_owned(),
            run: "{}".to_owned(),
            next_ms: 5,
            actor: "test".to_owned(),
        };
        assert!(store.set_schedule(new).wait().unwrap());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let client = runtime.block_on(async {
        let (client, connection) =
            tokio_postgres::connect(&address, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    });
    let run = |text: &str| runtime.block_on(client.batch_execute(text)).unwrap();
    let is_kept_waiting = || {
        let waiting = "SELECT count(*) FROM pg_stat_activity
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        cluster.sql(database, waiting).trim() == "1"
    };
    let mut due = 5;
    // One by itself, and all with their script.
    for id in ["one", "two"] {
        let removed = loop {
            run(&format!(
                "BEGIN; UPDATE schedules SET next_ms = {} WHERE id = '{id}';
                 INSERT INTO schedule_runs (tenant, script, id, due_ms, began_ms)
                 VALUES ('a', 's', '{id}', {due}, 7)",
                due + 1
            ));
            due += 1;
            let removing = match id {
                "one" => store.remove_schedule(of(id), "test".to_owned()),
                _ => store.remove(script.clone(), None, "test".to_owned()),
            };
            wait_until(is_kept_waiting);
            run("COMMIT");
            match removing.wait() {
                // It was kept waiting for longer than it waits.
                Err(error) if error.code() == "ERR_STORE_UNAVAILABLE" => {
                    wait_until(|| store.check().wait().is_ok());
                }
                removed => break removed,
            }
        };
        assert!(removed.unwrap());
    }
    assert_eq!(store.schedules(script, None).wait().unwrap(), []);
    assert_eq!(cluster.sql(database, "SELECT count(*) FROM schedule_runs").trim(), "0");
}

#[test]
fn tls_is_spoken_with_a_server_whose_certificate_is_trusted_and_with_no_other() {
    let key = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let settings = format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nssl = on\n\
         ssl_cert_file = '{{directory}}/cert.pem'\nssl_key_file = '{{directory}}/key.pem'"
    );
    let files = [("cert.pem", &*key.cert.pem()), ("key.pem", &*key.signing_key.serialize_pem())];
    let Some(_cluster) = Cluster::start_with(&settings, &files) else { return };
    let directory = tempfile::tempdir().unwrap();
    let roots = |name: &str, pem: String| {
        let path = directory.path().join(name);
        std::fs::write(&path, pem).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (good, bad) = (roots("good.pem", key.cert.pem()), roots("bad.pem", other.cert.pem()));
    let none = roots("none.pem", "nothing".to_owned());
    let open = |host: &str, more: &str| {
        let address = format!("postgres://test@{host}:{port}/postgres?sslmode={more}");
        PostgresStore::open(&address.parse().unwrap(), StoreOptions::default())
    };
    let store = open("localhost", &format!("verify-full&sslrootcert={good}")).unwrap();
    deploy(&store, &who("a", "s"), "1", b"1");
    for (host, more) in [
        ("localhost", format!("verify-full&sslrootcert={bad}")),
        // Another name than the certificate's.
        ("127.0.0.1", format!("verify-full&sslrootcert={good}")),
        // The authorities of browsers.
        ("localhost", "verify-full".to_owned()),
    ] {
        assert_eq!(code(open(host, &more).map(|_| ())), "ERR_STORE_UNAVAILABLE", "{host} {more}");
    }
    for file in [none.as_str(), "/nonexistent.pem"] {
        let error = open("localhost", &format!("verify-full&sslrootcert={file}")).map(|_| ());
        assert_eq!(code(error), "ERR_STORE_ADDRESS");
    }
}
