//! What `sandtide serve` keeps, over restarts and `kill -9`, and the tokens that `sandtide token` makes.
//!
//! The server is killed 6 times while it is deployed to; `SANDTIDE_KILLS=200 cargo test -p sandtide-cli --test
//! kept killed -- --nocapture` does it as often as it says, and prints what came of it.

#[path = "../../store/tests/cluster/mod.rs"]
mod cluster;

use std::{
    collections::HashMap,
    env,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::{Child, ChildStderr, Command, Output, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};
use ureq::Agent;

const PATIENCE: Duration = Duration::from_secs(60);

fn sandtide() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandtide"));
    // Nothing of the user's is used, whatever a test forgets to say.
    command.env_remove("XDG_STATE_HOME").env("HOME", "/nonexistent");
    command
}

/// A server, which is killed where its test ends before it.
struct Server {
    child: Child,
    base: String,
    stderr: BufReader<ChildStderr>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Where it has ended already, both say so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(args: &[&str]) -> Self {
        Self::of(sandtide(), args)
    }

    fn of(mut command: Command, args: &[&str]) -> Self {
        let mut child = command
            .args(["serve", "--workers", "2"])
            .args(if args.contains(&"--listen") { &[][..] } else { &["--listen", "127.0.0.1:0"] })
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let mut server = Self { child, base: String::new(), stderr };
        // Warnings come before it: of a directory that others can read, say.
        let mut said = String::new();
        server.base = loop {
            let line = server.line();
            if let Some(base) = line.strip_prefix("sandtide listens on ") {
                break base.replace("0.0.0.0", "127.0.0.1");
            }
            said += &line;
            assert!(!line.is_empty(), "it ended: {said}");
        };
        server
    }

    fn kept_in(directory: &Path, more: &[&str]) -> Self {
        Self::start(&[&["--data", directory.to_str().unwrap()], more].concat())
    }

    /// What it says next.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// All that it says until its end.
    fn lines(&mut self) -> String {
        let mut text = String::new();
        self.stderr.read_to_string(&mut text).unwrap();
        text
    }

    fn end(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }

    /// Sends a request, and answers its status and body; nothing where the server was gone.
    fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> Option<(u16, Json)> {
        let agent: Agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !body.is_empty() {
            let json = body.starts_with('{');
            let kind = if json { "application/json" } else { "text/javascript" };
            request = request.header("content-type", kind);
        }
        let mut reply = agent.run(request.body(body).unwrap()).ok()?;
        let status = reply.status().as_u16();
        let text = reply.body_mut().read_to_string().ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Json::Null)))
    }

    #[track_caller]
    fn run(&self, name: &str) -> Json {
        let (status, body) =
            self.ask("POST", &format!("/v1/scripts/{name}/runs"), "", "{}").unwrap();
        assert_eq!(status, 200, "{body}");
        body["value"].clone()
    }

    #[track_caller]
    fn code(&self, method: &str, path: &str, token: &str) -> (u16, String) {
        let (status, body) = self.ask(method, path, token, "").unwrap();
        (status, body["code"].as_str().unwrap_or_default().to_owned())
    }
}

#[track_caller]
fn said(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap().trim_end().to_owned()
}

fn token(directory: &Path, args: &[&str]) -> Output {
    sandtide().arg("token").args(args).arg("--data").arg(directory).output().unwrap()
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "never came true: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn what_was_deployed_answers_after_a_restart_and_the_token_is_shown_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("made/here");
    let mut server = Server::kept_in(&path, &[]);
    assert!(server.line().ends_with(path.to_str().unwrap()));
    let shown = server.line();
    assert!(shown.contains(": sandtide_"), "{shown}");
    assert_eq!(server.ask("PUT", "/v1/scripts/s", "", "'kept'").unwrap().0, 201);
    server.end();

    let mut server = Server::kept_in(&path, &[]);
    assert_eq!(server.run("s"), "kept");
    assert!(server.line().ends_with(path.to_str().unwrap()));
    let second = sandtide()
        .args(["serve", "--listen", "127.0.0.1:0", "--data", path.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&second.stderr).contains("another server"), "{second:?}");
    let id = server.child.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
    let rest = server.lines();
    assert!(!rest.contains("sandtide_"), "no token is shown again: {rest}");
}

#[test]
fn usage_that_was_written_outlives_kill_9() {
    let directory = tempfile::tempdir().unwrap();
    let runs = |server: &Server| {
        let (status, body) = server.ask("GET", "/v1/usage?step=day", "", "").unwrap();
        assert_eq!(status, 200, "{body}");
        let lines = body["usage"].as_array().unwrap().iter();
        lines.map(|line| line["runs"].as_u64().unwrap()).sum::<u64>()
    };
    // A kill may come before anything is written, so it is tried again.
    until("what was used is kept", || {
        let server = Server::kept_in(directory.path(), &["--usage-interval", "100ms"]);
        if runs(&server) > 0 {
            return true;
        }
        server.ask("POST", "/v1/runs", "", r#"{"source": "1"}"#).unwrap();
        assert_eq!(runs(&server), 1);
        thread::sleep(Duration::from_millis(300));
        let id = server.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "KILL", &id]).status().unwrap().success());
        false
    });
}

#[test]
fn without_a_home_a_server_says_what_to_give_it() {
    let output =
        sandtide().env_remove("HOME").args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--data DIR"), "{output:?}");
}

#[test]
fn a_server_that_others_reach_is_not_started_without_tokens() {
    let start = |args: &[&str]| {
        let output = sandtide().args(["serve", "--listen"]).args(args).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, message) = start(&["0.0.0.0:0", "--in-memory"]);
    assert_eq!(code, Some(2), "{message}");
    assert!(message.contains("need tokens") && message.contains("--data DIR"), "{message}");
    let (code, message) = start(&["127.0.0.1:0", "--in-memory", "--require-tokens"]);
    assert_eq!(code, Some(2), "{message}");

    let mut server =
        Server::start(&["--listen", "0.0.0.0:0", "--in-memory", "--insecure-without-tokens"]);
    assert_eq!(server.ask("PUT", "/v1/scripts/s", "", "1").unwrap().0, 201);
    server.child.kill().unwrap();

    let directory = tempfile::tempdir().unwrap();
    let mut server = Server::kept_in(directory.path(), &["--listen", "0.0.0.0:0"]);
    server.line();
    let shown = server.line();
    let admin = shown.rsplit(' ').next().unwrap();
    assert_eq!(server.code("GET", "/v1/scripts", ""), (401, "ERR_TOKEN_MISSING".to_owned()));
    assert_eq!(server.ask("GET", "/v1/scripts", admin, "").unwrap().0, 200);
    assert_eq!(server.ask("GET", "/healthz", "", "").unwrap().0, 200);
    server.end();
    let id = &admin["sandtide_".len()..][..12];
    said(&token(directory.path(), &["revoke", id]));
    let (code, message) = start(&["0.0.0.0:0", "--data", directory.path().to_str().unwrap()]);
    assert_eq!(code, Some(2), "{message}");
    assert!(message.contains("sandtide token create --admin"), "{message}");
}

#[test]
fn tokens_are_made_listed_and_revoked_while_a_server_runs() {
    let directory = tempfile::tempdir().unwrap();
    let output = token(&directory.path().join("none"), &["list"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");

    let server = Server::kept_in(directory.path(), &[]);
    let with = |token: &str| server.ask("GET", "/v1/usage", token, "").unwrap();
    assert_eq!(with("").0, 200, "none is needed on loopback until one was made");
    let harbour =
        said(&token(directory.path(), &["create", "--tenant", "harbour", "--label", "for tests"]));
    until("a token is needed", || with("").0 == 401);
    assert_eq!(with(&harbour).1["tenant"], "harbour");
    assert_eq!(with(&format!("{harbour}x")).0, 401);

    let listed = said(&token(directory.path(), &["list"]));
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let line = listed.lines().find(|line| line.contains("tenant harbour")).unwrap();
    assert!(line.contains("for tests") && line.contains("  good  "), "{line}");
    assert!(!listed.contains(&harbour[30..]), "{listed}");

    let id = line.split_whitespace().next().unwrap();
    said(&token(directory.path(), &["revoke", id]));
    until("it is refused", || with(&harbour).0 == 401);
    assert_eq!(with("").0, 401, "and none is not enough now");
    assert_eq!(token(directory.path(), &["revoke", id]).status.code(), Some(2));
    for bad in
        [&["create"][..], &["create", "--admin", "--metrics"], &["create", "--tenant", "a b"]]
    {
        assert_eq!(token(directory.path(), bad).status.code(), Some(2), "{bad:?}");
    }
}

#[test]
fn quotas_are_set_listed_and_removed_while_a_server_runs() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::kept_in(directory.path(), &[]);
    let quota = |args: &[&str]| {
        sandtide().arg("quota").args(args).arg("--data").arg(directory.path()).output().unwrap()
    };
    assert_eq!(server.ask("PUT", "/v1/scripts/s", "", "1").unwrap().0, 201);
    let run = || server.ask("POST", "/v1/scripts/s/runs", "", "{}").unwrap();
    assert_eq!(run().0, 200);
    let set =
        said(&quota(&["set", "default", "--concurrent-runs", "0", "--cpu-per-minute", "30s"]));
    assert_eq!(set, "default  concurrent-runs 0  cpu-per-minute 30s");
    until("it is held to", || run().0 == 429);
    assert_eq!(run().1["code"], "ERR_QUOTA_CONCURRENT_RUNS");
    said(&quota(&["set", "other", "--scripts", "3", "--script-bytes", "1MiB"]));
    let listed = said(&quota(&["list"]));
    assert_eq!(listed, format!("{set}\nother  scripts 3  script-bytes 1.0 MiB"));
    said(&quota(&["remove", "default"]));
    until("it is not held to any more", || run().0 == 200);
    assert_eq!(quota(&["remove", "default"]).status.code(), Some(2));
    assert_eq!(quota(&["set", "a b"]).status.code(), Some(2));
}

#[test]
fn a_backup_of_a_server_that_runs_answers_from_another_directory() {
    let directory = tempfile::tempdir().unwrap();
    let (kept, other) = (directory.path().join("kept"), directory.path().join("other"));
    let file = directory.path().join("backup");
    let sandtide = |what: &str, data: &Path| {
        sandtide().arg(what).arg(&file).arg("--data").arg(data).output().unwrap()
    };
    let server = Server::kept_in(&kept, &[]);
    assert_eq!(server.ask("PUT", "/v1/scripts/s", "", "'then'").unwrap().0, 201);
    said(&sandtide("backup", &kept));
    assert_eq!(server.ask("PUT", "/v1/scripts/s", "", "'now'").unwrap().0, 200);
    assert_eq!(sandtide("backup", &kept).status.code(), Some(2), "the file is there");
    assert_eq!(sandtide("restore", &kept).status.code(), Some(2), "a server uses it");
    said(&sandtide("restore", &other));
    assert_eq!(Server::kept_in(&other, &[]).run("s"), "then");
    assert_eq!(server.run("s"), "now");
}

#[test]
fn the_log_is_text_or_json_and_says_what_rust_log_asks_for() {
    let log = |format: &str, wanted: Option<&str>| {
        let mut command = sandtide();
        command.env_remove("RUST_LOG");
        if let Some(wanted) = wanted {
            command.env("RUST_LOG", wanted);
        }
        let mut server = Server::of(command, &["--in-memory", "--log", format]);
        assert_eq!(server.ask("PUT", "/v1/scripts/s", "", "'secret' + 'ive'").unwrap().0, 201);
        assert_eq!(server.run("s"), "secretive");
        let id = server.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
        let text = server.lines();
        assert!(!text.contains("secret"), "no source and no value is logged: {text}");
        text
    };
    let text = log("text", None);
    let line = text.lines().find(|line| line.contains("answered")).unwrap();
    assert!(line.contains("INFO") && line.contains("route=\"script\""), "{line}");
    assert!(line.contains("tenant=\"default\"") && line.contains("script=\"s\""), "{line}");
    assert!(!text.contains("route=\"run\""), "{text}");
    assert!(text.contains("started") && text.contains("ending"), "{text}");

    let lines = log("json", Some("debug"));
    let lines = lines.lines().filter(|line| line.starts_with('{'));
    let all: Vec<Json> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let run = all.iter().find(|line| line["route"] == "run").unwrap();
    assert_eq!((&run["status"], &run["script"]), (&json!(200), &json!("s")));
    assert_eq!((&run["level"], &run["target"]), (&json!("DEBUG"), &json!("sandtide::request")));
    assert!(run["us"].is_u64() && run["request"].is_u64(), "{run}");

    assert!(!log("json", Some("off")).contains("answered"));
    let output = sandtide()
        .args(["serve", "--in-memory", "--listen", "127.0.0.1:0"])
        .env("RUST_LOG", "a=b=c")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("RUST_LOG"), "{output:?}");
}

#[test]
fn metrics_tell_of_worker_processes_and_of_memory_by_role() {
    let server = Server::start(&["--in-memory", "--totals"]);
    assert_eq!(server.ask("PUT", "/v1/scripts/s", "", "1 + 1").unwrap().0, 201);
    assert_eq!(server.run("s"), 2);
    let mut reply = ureq::get(format!("{}/metrics", server.base)).call().unwrap();
    let text = reply.body_mut().read_to_string().unwrap();
    let value = |series: &str| -> f64 {
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("no {series} in:\n{text}")).parse().unwrap()
    };
    for role in ["server", "zygote", "workers"] {
        let bytes = value(&format!("sandtide_resident_memory_bytes{{role=\"{role}\"}}"));
        assert!(bytes > 100_000.0, "{role}: {bytes}");
    }
    assert!(value("sandtide_worker_processes_forked_total") >= 1.0, "{text}");
    assert_eq!(value("sandtide_worker_processes_lost_total"), 0.0, "{text}");
    let alive = ["busy", "idle", "spare"]
        .map(|state| value(&format!("sandtide_worker_processes{{state=\"{state}\"}}")));
    assert!(alive.iter().sum::<f64>() >= 1.0, "{text}");
}

/// Of each script, what was acknowledged last, and what was sent after that.
type Known = HashMap<usize, (Option<u64>, Vec<u64>)>;

/// The source of a deploy, which is of another size each time, and the value that it has where it is whole.
fn deployed(number: u64) -> (String, Json) {
    let size = (number * 7_919) % 60_000;
    let source =
        format!("const pad = '{}'; [{number}, pad.length, 'end']", "x".repeat(size as usize));
    (source, json!([number, size, "end"]))
}

#[test]
fn a_server_that_is_killed_loses_nothing_that_it_acknowledged() {
    const SCRIPTS: usize = 3;
    let kills: u64 = env::var("SANDTIDE_KILLS").map_or(6, |kills| kills.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let known: Mutex<Known> = Mutex::default();
    let (sent, mut acknowledged) = (AtomicU64::new(0), 0);
    let mut longest = Duration::ZERO;
    for round in 0..=kills {
        let began = Instant::now();
        let mut server = Server::kept_in(directory.path(), &[]);
        longest = longest.max(began.elapsed());
        let listed = server.ask("GET", "/v1/scripts", "", "").unwrap().1;
        for (script, (last, since)) in known.lock().unwrap().iter_mut() {
            let name = format!("s{script}");
            let is_listed =
                listed["scripts"].as_array().unwrap().iter().any(|one| one["name"] == *name);
            if !is_listed {
                assert!(last.is_none(), "{name} is gone after {round} kills");
                continue;
            }
            let value = server.run(&name);
            let number = value[0].as_u64().unwrap();
            let may_be = since.iter().chain(last.iter()).any(|one| *one == number);
            assert!(may_be, "{name}: {value} after {last:?} and {since:?}");
            assert_eq!(value, deployed(number).1);
            (*last, *since) = (Some(number), Vec::new());
            // All versions are whole, not only the one that answers.
            let versions = server.ask("GET", &format!("/v1/scripts/{name}/versions"), "", "");
            for version in versions.unwrap().1["versions"].as_array().unwrap() {
                let version = version["version"].as_str().unwrap();
                let path = format!("/v1/scripts/{name}/versions/{version}");
                assert_eq!(server.ask("GET", &path, "", "").unwrap().0, 200, "{path}");
            }
        }
        if round == kills {
            break;
        }

        let (stop, in_round) = (AtomicBool::new(false), AtomicU64::new(0));
        thread::scope(|scope| {
            for script in 0..SCRIPTS {
                let (server, known, sent, stop, in_round) =
                    (&server, &known, &sent, &stop, &in_round);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let number = sent.fetch_add(1, Ordering::Relaxed);
                        known.lock().unwrap().entry(script).or_default().1.push(number);
                        let path = format!("/v1/scripts/s{script}");
                        let Some((status, body)) =
                            server.ask("PUT", &path, "", &deployed(number).0)
                        else {
                            return;
                        };
                        assert!(matches!(status, 200 | 201), "{body}");
                        *known.lock().unwrap().get_mut(&script).unwrap() =
                            (Some(number), Vec::new());
                        in_round.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            // At another moment of a deploy each time: after so many, and a little.
            until("deploys are acknowledged", || in_round.load(Ordering::Relaxed) > round % 5);
            thread::sleep(Duration::from_micros((round * 1_237) % 20_000));
            let id = server.child.id().to_string();
            assert!(Command::new("kill").args(["-s", "KILL", &id]).status().unwrap().success());
            stop.store(true, Ordering::Relaxed);
        });
        server.child.wait().unwrap();
        acknowledged += in_round.load(Ordering::Relaxed);
    }
    let _ = writeln!(
        std::io::stdout(),
        "{kills} kills, {acknowledged} deploys acknowledged, {} sent, nothing lost; the longest start took {longest:?}",
        sent.load(Ordering::Relaxed),
    );
}

#[test]
fn commands_change_what_is_kept_in_a_database_as_they_do_in_files() {
    let Some(cluster) = cluster::Cluster::shared() else { return };
    let address = cluster.database();
    let said = |args: &[&str]| {
        let output = sandtide().args(args).env("SANDTIDE_STORE", &address).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {err}");
        String::from_utf8(output.stdout).unwrap()
    };
    let mut server = Server::start(&["--store", &address]);
    let mut line = server.line();
    let first = loop {
        if let Some(token) =
            line.strip_prefix("the token for everything, which is shown this once: ")
        {
            break token.to_owned();
        }
        assert!(!line.is_empty(), "there is no token");
        line = server.line();
    };
    let token = said(&["token", "create", "--tenant", "harbour"]);
    said(&["quota", "set", "harbour", "--scripts", "3"]);
    assert!(said(&["quota", "list"]).contains("harbour"));
    assert_eq!(said(&["token", "list"]).lines().count(), 2);
    let ask = |token: &str| server.ask("GET", "/v1/scripts", token, "").unwrap().0;
    // The server hears of it by itself.
    let begun = Instant::now();
    while ask(token.trim()) != 200 {
        assert!(begun.elapsed() < PATIENCE);
    }
    assert_eq!(ask(&first), 200);
}
