//! The store in SQLite's real files: what is of files alone, and what it refuses. What every store does is
//! tested in `both.rs`.

mod common;

use std::{fs, path::Path, time::Duration};

use sandtide_store::{
    Amount, Role, SecretOf, SecretValue, SqliteStore, Store, StoreOptions, UsageStore, Used, Who,
};

use common::{deploy, shown, wait_until, who, with_key};

fn open(directory: &Path) -> SqliteStore {
    SqliteStore::open(directory, StoreOptions::default()).unwrap()
}

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_damaged_body_is_noticed() {
    let directory = directory();
    let script = who("a", "s");
    let body = vec![b'q'; 3_000];
    deploy(&open(directory.path()), &script, "1", &body);
    let path = directory.path().join("sandtide.db");
    // The thread that closes it writes all into the one file, a moment later.
    wait_until(|| {
        let mut bytes = fs::read(&path).unwrap();
        let Some(at) = bytes.windows(100).position(|part| part == &body[..100]) else {
            return false;
        };
        bytes[at + 50] = b'p';
        fs::write(&path, bytes).unwrap();
        true
    });
    let error = open(directory.path()).version(script, "1".to_owned()).wait().unwrap_err();
    assert_eq!(error.code(), "ERR_STORE_DAMAGED");
}

#[test]
fn a_directory_has_one_server_and_is_of_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = directory();
    let path = directory.path().join("a/b");
    let store = open(&path);
    let Err(error) = SqliteStore::open(&path, StoreOptions::default()) else { panic!("two") };
    assert_eq!(error.code(), "ERR_STORE_IN_USE");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    for file in fs::read_dir(&path).unwrap() {
        assert_eq!(mode(&file.unwrap().path()) & 0o077, 0);
    }
    assert!(store.exposed().is_empty());
    drop(store);
    // What was there before is tightened as well; whose directory it is has to say so.
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    set(&path, 0o755).unwrap();
    fs::write(path.join("sandtide.db-journal"), b"").unwrap();
    for file in fs::read_dir(&path).unwrap() {
        set(&file.unwrap().path(), 0o644).unwrap();
    }
    let store = open(&path);
    deploy(&store, &who("a", "s"), "1", b"x");
    assert_eq!(store.exposed(), [&*path]);
    for file in fs::read_dir(&path).unwrap() {
        assert_eq!(mode(&file.unwrap().path()) & 0o077, 0);
    }
}

#[test]
fn a_store_of_a_newer_release_and_what_is_none_are_refused() {
    let directory = directory();
    drop(open(directory.path()));
    let path = directory.path().join("sandtide.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.busy_timeout(Duration::from_secs(30)).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let Err(error) = SqliteStore::open(directory.path(), StoreOptions::default()) else {
        panic!("it was opened")
    };
    assert_eq!(error.code(), "ERR_STORE_NEWER");
    let Err(error) =
        SqliteStore::open_beside(&directory.path().join("nothing"), StoreOptions::default())
    else {
        panic!("it was opened")
    };
    assert_eq!(error.code(), "ERR_STORE_DIRECTORY");
}

#[test]
fn the_first_start_makes_a_token_once_and_no_file_has_it() {
    let directory = directory();
    let text = {
        let store = open(directory.path());
        assert!(store.tokens().borrow().list().is_empty());
        let first = store.make_first_token().wait().unwrap().unwrap();
        let tokens = store.tokens().borrow().clone();
        let found = tokens.find(first.text(), 0).unwrap();
        assert_eq!((&found.role, found.first), (&Role::Admin, true));
        assert!(!tokens.were_made() && tokens.any_good(0));
        for file in fs::read_dir(directory.path()).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            let secret = &first.text().as_bytes()[first.text().len() - 20..];
            assert!(!bytes.windows(20).any(|part| part == secret));
        }
        first.text().to_owned()
    };
    let store = open(directory.path());
    assert!(store.make_first_token().wait().unwrap().is_none());
    assert!(store.tokens().borrow().find(&text, 0).is_some());
}

#[test]
fn a_backup_has_all_of_one_moment_and_is_taken_into_an_empty_directory_only() {
    let (directory, other) = (directory(), directory());
    let (script, file) = (who("a", "s"), other.path().join("backup"));
    let store = open(directory.path());
    deploy(&store, &script, "1", b"one");
    deploy(&store, &script, "2", b"two");
    store.make_first_token().wait().unwrap().unwrap();
    store.back_up(&file).wait().unwrap();
    deploy(&store, &script, "3", b"three");
    assert_eq!(store.back_up(&file).wait().unwrap_err().code(), "ERR_BACKUP");

    let restored = other.path().join("data");
    SqliteStore::restore(&file, &restored).unwrap();
    let again = open(&restored);
    assert_eq!(shown(&again, &script), "[2]<1 1");
    assert_eq!(again.tokens().borrow().list(), store.tokens().borrow().list());
    let code = |from: &Path, to: &Path| SqliteStore::restore(from, to).unwrap_err().code();
    assert_eq!(code(&file, &restored), "ERR_STORE_IN_USE");
    drop(again);
    assert_eq!(code(&file, &restored), "ERR_STORE_KEPT");
    assert_eq!(code(&other.path().join("none"), &other.path().join("x")), "ERR_BACKUP");
    let half = other.path().join("half");
    let bytes = fs::read(&file).unwrap();
    fs::write(&half, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(code(&half, &other.path().join("x")), "ERR_NO_BACKUP");
    // What is left of a store whose file went would become a part of another.
    for end in ["-wal", "-shm", "-journal"] {
        let left = tempfile::tempdir().unwrap();
        fs::write(left.path().join(format!("sandtide.db{end}")), b"").unwrap();
        assert_eq!(code(&file, left.path()), "ERR_STORE_KEPT", "{end}");
    }
    fs::write(other.path().join("backup-wal"), b"").unwrap();
    assert_eq!(code(&file, &other.path().join("x")), "ERR_NO_BACKUP");
    fs::write(&half, b"no store").unwrap();
    assert_eq!(code(&half, &other.path().join("x")), "ERR_NO_BACKUP");
}

#[test]
fn usage_that_is_too_old_goes_with_the_first_change_of_a_minute() {
    let minute = || {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        now.as_secs() / 60
    };
    let add = |store: &SqliteStore| {
        let used = Used {
            at_ms: (minute() * 60_000) as i64,
            tenant: "t".to_owned(),
            script: None,
            outcome: "ok".to_owned(),
            amount: Amount { runs: 1, ..Amount::default() },
        };
        store.add_usage(vec![used]).wait().unwrap();
    };
    let left = || {
        let directory = directory();
        let store = open(directory.path());
        let other = rusqlite::Connection::open(directory.path().join("sandtide.db")).unwrap();
        let insert = "INSERT INTO usage VALUES ('old', 60, 0, '', 'ok', 1, 1, 1, 1, 1)";
        let mut left = Vec::new();
        for _ in 0..2 {
            other.execute_batch(insert).unwrap();
            add(&store);
            let count = "SELECT count(*) FROM usage WHERE tenant = 'old'";
            left.push(other.query_row(count, [], |row| row.get::<_, i64>(0)).unwrap());
        }
        left
    };
    // A minute may have begun meanwhile.
    let found = loop {
        let (before, left) = (minute(), left());
        if before == minute() {
            break left;
        }
    };
    assert_eq!(found, [0, 1]);
}

#[test]
fn secrets_are_in_no_file_in_the_clear_and_outlive_the_store_and_a_backup() {
    const HIDDEN: &str = "hidden from all who read files";
    let directory = tempfile::tempdir().unwrap();
    let (kept, again) = (directory.path().join("kept"), directory.path().join("again"));
    let backup = directory.path().join("backup");
    let of = SecretOf { tenant: "t".to_owned(), script: Some("s".to_owned()) };
    let who = Who { tenant: "t".to_owned(), script: "s".to_owned() };
    let store = SqliteStore::open(&kept, with_key(1)).unwrap();
    let value = SecretValue::new(HIDDEN.to_owned()).unwrap();
    store.set_secret(of.clone(), "A".to_owned(), value, "test".to_owned()).wait().unwrap();
    let find = |directory: &Path| {
        let files = fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
        let files: Vec<_> = files.filter(|path| path.is_file()).collect();
        assert!(!files.is_empty());
        let has = |path: &std::path::PathBuf| {
            let bytes = fs::read(path).unwrap();
            bytes.windows(HIDDEN.len()).any(|part| part == HIDDEN.as_bytes())
        };
        files.into_iter().find(has)
    };
    assert_eq!(find(&kept), None);
    store.back_up(&backup).wait().unwrap();
    drop(store);
    assert_eq!((find(&kept), find(directory.path())), (None, None));

    let Err(error) = SqliteStore::open(&kept, with_key(2)) else { panic!("another key") };
    assert_eq!(error.code(), "ERR_SECRET_KEY");
    SqliteStore::restore(&backup, &again).unwrap();
    let store = SqliteStore::open(&again, with_key(1)).unwrap();
    let names = || vec!["A".to_owned()];
    let opened = store.open_secrets(who.clone(), names()).wait().unwrap();
    assert_eq!(opened[0].reveal(), HIDDEN);
    assert_eq!(store.secrets(of.clone()).wait().unwrap()[0].name, "A");
    // They go with their script.
    deploy(&store, &who, "v", b"1");
    assert!(store.remove(who.clone(), None, "test".to_owned()).wait().unwrap());
    assert_eq!(store.secrets(of).wait().unwrap(), []);
    let gone = store.open_secrets(who, names()).wait().unwrap_err();
    assert_eq!(gone.code(), "ERR_SECRET_NOT_FOUND");
}
