//! `--config`, the environment and `sandtide config` as processes.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

fn sandtide(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandtide"));
    command.current_dir(directory).env("HOME", directory).env_remove("XDG_STATE_HOME");
    command
}

/// A server, which is killed where its test ends before it.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn text(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn config_prints_what_holds_and_where_it_comes_from_and_reads_that_again() {
    let place = tempfile::tempdir().unwrap();
    let file = "data = 'it''s \"here\"'\nmax_body = '1MiB'\nallow_host = ['a.example']\n";
    fs::write(place.path().join("s.toml"), file.replace("''s", "s")).unwrap();
    let printed = sandtide(place.path())
        .args(["config", "--config", "s.toml", "--workers", "3"])
        .env("SANDTIDE_QUEUE", "7")
        .env("SANDTIDE_TENANT_WEIGHT", "a=2,b=3")
        .output()
        .unwrap();
    let (code, first, complaints) = text(&printed);
    assert_eq!(code, Some(0), "{complaints}");
    let line = |start: &str| {
        let found = first.lines().find(|line| line.starts_with(start));
        found.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    for expected in [
        "workers = 3 # --workers",
        "queue = 7 # SANDTIDE_QUEUE",
        "max_body = \"1MiB\" # s.toml",
        "data = \"its \\\"here\\\"\" # s.toml",
        "allow_host = [\"a.example\"] # s.toml",
        "tenant_weight = [\"a=2\", \"b=3\"] # SANDTIDE_TENANT_WEIGHT",
        "drain = \"10s\" # default",
        "timeout = \"1s\" # default",
    ] {
        let start = expected.split(" #").next().unwrap();
        assert_eq!(line(start).as_deref(), Some(expected), "{first}");
    }

    fs::write(place.path().join("again.toml"), &first).unwrap();
    let again = sandtide(place.path()).args(["config", "--config", "again.toml"]).output().unwrap();
    let (code, second, complaints) = text(&again);
    assert_eq!(code, Some(0), "{complaints}");
    let settings = |text: &str| {
        let line =
            |line: &str| line.rsplit_once(" # ").map(|(setting, _)| setting.trim().to_owned());
        text.lines().filter_map(line).collect::<Vec<_>>()
    };
    assert_eq!(settings(&second), settings(&first));
}

#[test]
fn a_server_takes_its_settings_from_a_file() {
    let place = tempfile::tempdir().unwrap();
    let file = "listen = '127.0.0.1:0'\nworkers = 1\ntotals = true\nmax_body = 100\n";
    fs::write(place.path().join("s.toml"), file).unwrap();
    let child = sandtide(place.path())
        .args(["serve", "--in-memory"])
        .env("SANDTIDE_CONFIG", "s.toml")
        .env("SANDTIDE_WORKERS", "3")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut server = Server(child);
    let mut line = String::new();
    BufReader::new(server.0.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let base = line.trim().strip_prefix("sandtide listens on ").expect(&line).to_owned();
    let health = ureq::get(format!("{base}/healthz")).call().unwrap().body_mut().read_to_string();
    let large = ureq::put(format!("{base}/v1/scripts/a")).send("1;".repeat(60));
    drop(server);
    let health = health.unwrap();
    assert!(health.contains("\"workers\":3") && health.contains("\"tenants\":0"), "{health}");
    assert!(matches!(large, Err(ureq::Error::StatusCode(413))), "{large:?}");
}

#[test]
fn a_file_with_a_mistake_starts_nothing() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("s.toml"), "wokers = 3\n").unwrap();
    for command in ["serve", "config"] {
        let ended = sandtide(place.path()).args([command, "--config", "s.toml"]).output().unwrap();
        let (code, _, complaints) = text(&ended);
        assert_eq!(
            (code, &*complaints),
            (Some(2), "s.toml: `wokers` is no setting; `workers` is\n")
        );
        let ended =
            sandtide(place.path()).args([command, "--config", "none.toml"]).output().unwrap();
        let (code, _, complaints) = text(&ended);
        assert_eq!(code, Some(2));
        assert!(complaints.starts_with("none.toml cannot be read: "), "{complaints}");
    }
}

#[test]
fn the_address_of_a_database_is_printed_without_its_password_and_has_no_backup_of_ours() {
    let place = tempfile::tempdir().unwrap();
    let url = "postgres://user:hidden@127.0.0.1:1/things";
    let printed = sandtide(place.path()).args(["config"]).env("SANDTIDE_STORE", url).output();
    let (code, out, err) = text(&printed.unwrap());
    assert_eq!((code, err.contains("hidden"), out.contains("hidden")), (Some(0), false, false));
    assert!(out.contains("postgres://user@127.0.0.1:1/things?sslmode=disable"), "{out}");
    assert!(out.contains("the password of the database is not shown"), "{out}");
    fs::write(place.path().join("again.toml"), &out).unwrap();
    let again = sandtide(place.path()).args(["config", "--config", "again.toml"]).output().unwrap();
    assert_eq!(text(&again).0, Some(0), "{}", text(&again).2);

    // It is no reason to look elsewhere.
    let unreadable =
        <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"postgres://\xff");
    let listed =
        sandtide(place.path()).args(["token", "list"]).env("SANDTIDE_STORE", unreadable).output();
    let (code, _, err) = text(&listed.unwrap());
    assert!(code != Some(0) && err.contains("SANDTIDE_STORE is no text in UTF-8"), "{err}");

    for (args, advice) in [
        (["backup", "file", "--store", url], "pg_dump"),
        (["restore", "file", "--store", url], "pg_restore"),
        (["token", "list", "--store", url], "cannot be reached"),
        (["serve", "--listen=127.0.0.1:0", "--store", url], "cannot be reached"),
        (["token", "list", "--store", "postgres://user:hidden@h"], "names no database"),
    ] {
        let (code, out, err) = text(&sandtide(place.path()).args(args).output().unwrap());
        assert!(code != Some(0) && err.contains(advice), "{args:?}: {err}");
        assert!(!out.contains("hidden") && !err.contains("hidden"), "{args:?}: {err}");
    }
}
