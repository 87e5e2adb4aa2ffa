//! `sandtide serve` and `sandtide demo` as processes: they say where they listen, answer, and end
//! on a signal.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    ops::{Deref, DerefMut},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

fn sandtide() -> Command {
    Command::new(env!("CARGO_BIN_EXE_sandtide"))
}

fn signal(child: &Child, name: &str) {
    let done = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(done.success());
}

#[test]
fn serve_says_where_it_listens_answers_and_ends_on_a_signal() {
    for name in ["TERM", "INT"] {
        let (mut child, base) = serving(&["--workers", "1", "--timeout", "100ms"]);

        let mut reply = ureq::post(format!("{base}/v1/runs?raw"))
            .content_type("text/javascript")
            .send("'from ' + 'the server'")
            .unwrap();
        assert_eq!(reply.body_mut().read_to_string().unwrap(), "from the server");
        let ended = ureq::post(format!("{base}/v1/runs?raw"))
            .content_type("text/javascript")
            .send("for (;;) {}");
        assert!(matches!(ended, Err(ureq::Error::StatusCode(422))), "{ended:?}");

        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{name}");
    }
}

/// A server, which is killed where its test ends before it: it would go on, and hold the pipes that
/// whoever runs the tests reads to their end.
struct Server(Child);

impl Deref for Server {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Where it has ended already, both say so.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a server, and answers it and where it listens.
fn serving(args: &[&str]) -> (Server, String) {
    let child = sandtide()
        .args(["serve", "--in-memory", "--listen", "127.0.0.1:0"])
        .args(args)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = Server(child);
    let mut line = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    let base = line.trim().strip_prefix("sandtide listens on ").expect(&line).to_owned();
    (child, base)
}

/// Processes below this one, by the system's account: name and number.
fn processes_below(parent: u32) -> Vec<u32> {
    let listed = Command::new("ps").args(["-o", "pid=", "--ppid", &parent.to_string()]).output();
    let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
    listed.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

#[test]
fn scripts_of_each_tenant_run_in_a_process_of_its_own_and_none_outlives_the_server() {
    let (mut child, base) = serving(&["--workers", "2"]);
    let deploy = |tenant: &str, source: &str| {
        ureq::put(format!("{base}/v1/scripts/one"))
            .header("sandtide-tenant", tenant)
            .content_type("text/javascript")
            .send(source)
            .unwrap();
    };
    let run = |tenant: &str| {
        let mut reply = ureq::post(format!("{base}/v1/scripts/one/runs?raw"))
            .header("sandtide-tenant", tenant)
            .content_type("application/json")
            .send("3")
            .unwrap();
        reply.body_mut().read_to_string().unwrap()
    };
    // The zygote, and a spare at least.
    let at_first = processes_below(child.id()).len();
    assert!(at_first >= 2, "{at_first}");
    for tenant in ["a", "b", "c", "d", "e"] {
        deploy(tenant, &format!("export default n => '{tenant}' + n"));
        for _ in 0..3 {
            assert_eq!(run(tenant), format!("{tenant}3"));
        }
    }
    let below = processes_below(child.id());
    assert!(below.len() > 5, "{below:?}");
    signal(&child, "KILL");
    child.wait().unwrap();
    // Also a server that was killed leaves none behind.
    let left = || below.iter().any(|pid| std::path::Path::new(&format!("/proc/{pid}")).exists());
    for _ in 0..200 {
        if !left() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("processes outlive their server");
}

/// Clients that ask at the same time, so that a worker is told of several runs at once.
#[test]
fn each_of_many_requests_at_once_gets_its_own_answer() {
    // On a machine that is busy, some wait for long.
    let (child, base) = serving(&["--workers", "2", "--timeout", "60s"]);
    let put = |name: &str, source: &str| {
        let url = format!("{base}/v1/scripts/{name}");
        let mut reply = ureq::put(url).content_type("text/javascript").send(source).unwrap();
        reply.body_mut().read_to_string().unwrap();
    };
    put("double", "export default ({ n }) => { globalThis.seen = n; return n * 2 }");
    put("seen", "export default () => typeof seen");
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    std::thread::scope(|scope| {
        for client in 0..16 {
            let (agent, base) = (&agent, &base);
            scope.spawn(move || {
                for number in 0..60 {
                    let ask = |name: &str, body: String| {
                        let url = format!("{base}/v1/scripts/{name}/runs?raw");
                        let mut reply =
                            agent.post(url).content_type("application/json").send(body).unwrap();
                        (reply.status().as_u16(), reply.body_mut().read_to_string().unwrap())
                    };
                    let n = client * 1000 + number;
                    let answer = ask("double", format!(r#"{{"n": {n}}}"#));
                    assert_eq!(answer, (200, (n * 2).to_string()));
                    if number % 10 == 9 {
                        assert_eq!(ask("seen", "{}".into()), (200, "undefined".into()));
                    }
                }
            });
        }
    });
    signal(&child, "TERM");
    let mut child = child;
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// The process below this one that has used a processor for a while and goes on, and leads no session, as the one
/// that forks does.
fn busy_worker(server: u32) -> Option<u32> {
    processes_below(server).into_iter().find(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let Some((_, rest)) = stat.rsplit_once(") ") else { return false };
        let words: Vec<&str> = rest.split(' ').collect();
        // In hundredths of a second.
        let used: u64 = words[11].parse().unwrap();
        words[0] == "R" && words[3] != pid.to_string() && used >= 20
    })
}

/// What an endless run comes to whose worker is lost.
fn without_its_worker(server: u32, run: impl FnOnce() -> String + Send) -> String {
    std::thread::scope(|scope| {
        let endless = scope.spawn(run);
        while !endless.is_finished() {
            if let Some(pid) = busy_worker(server) {
                // A first process of a namespace is sent no signal that it does not handle, but this.
                let _ = Command::new("kill").args(["-s", "SEGV", &pid.to_string()]).status();
            }
        }
        endless.join().unwrap()
    })
}

#[test]
fn of_two_names_whose_scripts_are_alike_only_the_one_that_loses_workers_is_held_back() {
    // Those that run whole each time have the same image.
    for fresh in [false, true] {
        let (child, base) = serving(&["--workers", "1", "--timeout", "600s", "--totals"]);
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = config.build().into();
        for name in ["a", "b"] {
            let source =
                format!("export default ({{ endless }}) => {{ while (endless); return '{name}' }}");
            let body = serde_json::json!({ "source": source, "fresh": fresh }).to_string();
            let url = format!("{base}/v1/scripts/{name}");
            let reply = agent.put(url).content_type("application/json").send(body).unwrap();
            assert_eq!(reply.status(), 201);
        }
        let run = |name: &str, endless: bool| {
            let url = format!("{base}/v1/scripts/{name}/runs?raw");
            let body = format!(r#"{{"endless": {endless}}}"#);
            let reply = agent.post(url).content_type("application/json").send(body);
            reply.unwrap().body_mut().read_to_string().unwrap()
        };
        let facts = |name: &str| {
            let mut reply = agent.get(format!("{base}/v1/scripts/{name}")).call().unwrap();
            let text = reply.body_mut().read_to_string().unwrap();
            serde_json::from_str::<serde_json::Value>(&text).unwrap()
        };
        // On a machine that is busy, the first pauses are over when the next run comes.
        let mut lost = 0;
        loop {
            assert!(lost < 40, "never held back");
            let ended = without_its_worker(child.id(), || run("a", true));
            if ended.contains("ERR_SCRIPT_QUARANTINED") {
                break;
            }
            assert!(ended.contains("ERR_WORKER_LOST"), "{ended}");
            lost += 1;
        }
        assert_eq!(run("b", false), "b", "fresh: {fresh}");
        let (a, b) = (facts("a"), facts("b"));
        assert!(a["workers_lost"].as_u64().unwrap() >= 3, "fresh: {fresh}: {a}");
        assert_eq!(
            (&b["workers_lost"], &b["held_ms"]),
            (&0.into(), &serde_json::Value::Null),
            "fresh: {fresh}: {b}"
        );
    }
}

#[test]
fn a_canary_whose_workers_are_lost_is_held_back_and_the_version_beside_it_goes_on() {
    let (child, base) = serving(&["--workers", "1", "--timeout", "600s"]);
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    let agent: ureq::Agent = config.build().into();
    for (name, query) in [("active", ""), ("canary", "?canary=50")] {
        let source =
            format!("export default ({{ endless }}) => {{ while (endless); return '{name}' }}");
        let url = format!("{base}/v1/scripts/s{query}");
        let reply = agent.put(url).content_type("text/javascript").send(source).unwrap();
        assert!(reply.status().is_success(), "{name}: {}", reply.status());
    }
    let run = |key: &str, endless: bool| {
        let url = format!("{base}/v1/scripts/s/runs?raw");
        let asked = agent.post(url).content_type("application/json");
        let reply =
            asked.header("sandtide-canary-key", key).send(format!(r#"{{"endless": {endless}}}"#));
        reply.unwrap().body_mut().read_to_string().unwrap()
    };
    let key_of = |version: &str| {
        let mut keys = (0..64).map(|key| key.to_string());
        keys.find(|key| run(key, false) == version).expect("a key of each version")
    };
    let (active, canary) = (key_of("active"), key_of("canary"));
    let told = |path: &str| {
        let mut reply = agent.get(format!("{base}/v1/scripts/s{path}")).call().unwrap();
        let text = reply.body_mut().read_to_string().unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    // While it is held back its runs are given the version beside it.
    let mut lost = 0;
    while told("/canary")["canary"]["held_back"] != true {
        assert!(lost < 40, "never held back");
        let ended = without_its_worker(child.id(), || run(&canary, true));
        assert!(ended.contains("ERR_WORKER_LOST"), "{ended}");
        lost += 1;
    }
    assert_eq!(run(&active, false), "active");
    let told = told("");
    let held = (&told["workers_lost"], &told["held_ms"]);
    assert_eq!(held, (&0.into(), &serde_json::Value::Null), "{told}");
}

/// The bombs that confined workers are tried with.
const BOMBS: &[&str] = include!("../../worker/tests/wall/bombs.in");

#[test]
fn bombs_end_by_their_limits_and_cost_no_worker_and_nobody_elses_run() {
    let (_child, base) = serving(&["--workers", "2", "--timeout", "30s", "--totals"]);
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let run = |tenant: &str, source: &str| {
        let body = serde_json::json!({"source": source, "limits": {"cpu_ms": 200}}).to_string();
        let mut reply = agent
            .post(format!("{base}/v1/runs"))
            .header("sandtide-tenant", tenant)
            .content_type("application/json")
            .send(body)
            .unwrap();
        let body = reply.body_mut().with_config().limit(64 << 20).read_to_string().unwrap();
        (reply.status().as_u16(), body)
    };
    for bomb in BOMBS {
        let (status, body) = run("hostile", bomb);
        let short: String = body.chars().take(300).collect();
        // A value, or an error of the script's: nothing of the server's, and no worker that was lost.
        assert!(matches!(status, 200 | 422), "{bomb}: {status} {short}");
        assert!(!body.contains("ERR_WORKER_LOST"), "{bomb}: {short}");
        let (status, body) = run("other", "1 + 1");
        assert_eq!(status, 200, "after {bomb}: {body}");
    }
    let mut health = agent.get(format!("{base}/healthz")).call().unwrap();
    let health: serde_json::Value =
        serde_json::from_str(&health.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!(health["workers_lost"], 0, "{health}");
}

/// Requests of one script, one of which never ends: those that a worker was told of behind it are
/// answered while it goes on.
#[test]
fn no_request_waits_for_an_endless_one_that_it_was_told_a_worker_with() {
    let (child, base) = serving(&["--workers", "2", "--timeout", "120s"]);
    let source = "export default ({ n, endless }) => { while (endless); return n * 2 }";
    let url = format!("{base}/v1/scripts/double");
    ureq::put(url).content_type("text/javascript").send(source).unwrap();
    let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
    let answered = AtomicUsize::new(0);
    let ask_all = || {
        std::thread::scope(|scope| {
            for client in 0..16 {
                let (agent, base, answered) = (&agent, &base, &answered);
                scope.spawn(move || {
                    for number in 0..20 {
                        let n = client * 1000 + number;
                        let mut reply = agent
                            .post(format!("{base}/v1/scripts/double/runs?raw"))
                            .content_type("application/json")
                            .send(format!(r#"{{"n": {n}}}"#))
                            .unwrap();
                        let value = reply.body_mut().read_to_string().unwrap();
                        assert_eq!(value, (n * 2).to_string());
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
    };
    for _ in 0..4 {
        // It is known to be short again.
        ask_all();
        let address = base.strip_prefix("http://").unwrap();
        let mut endless = TcpStream::connect(address).unwrap();
        std::thread::scope(|scope| {
            let before = answered.load(Ordering::Relaxed);
            scope.spawn(ask_all);
            // It comes while others wait.
            while answered.load(Ordering::Relaxed) < before + 60 {
                std::thread::yield_now();
            }
            let body = r#"{"endless": true}"#;
            write!(
                endless,
                "POST /v1/scripts/double/runs?raw HTTP/1.1\r\nhost: {address}\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
        });
        // Who goes away ends it.
        drop(endless);
    }
    signal(&child, "TERM");
    let mut child = child;
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn threads_are_taken_where_they_are_asked_for() {
    let (mut child, base) = serving(&["--isolation", "thread"]);
    let mut reply = ureq::post(format!("{base}/v1/runs?raw"))
        .content_type("text/javascript")
        .send("1 + 1")
        .unwrap();
    assert_eq!(reply.body_mut().read_to_string().unwrap(), "2");
    assert_eq!(processes_below(child.id()), Vec::<u32>::new());
    signal(&child, "TERM");
    child.wait().unwrap();
}

#[test]
fn layers_are_left_out_by_name_only_and_the_doctor_names_them() {
    let (mut child, _) = serving(&["--insecure-without", "landlock,no-new-code"]);
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    for args in [
        &["--insecure-without", "walls"][..],
        &["--isolation", "thread", "--insecure-without", "landlock"],
        &["--isolation", "none"],
    ] {
        let output = sandtide()
            .args(["serve", "--in-memory", "--listen", "127.0.0.1:0"])
            .args(args)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {output:?}");
    }
    let output = sandtide().arg("doctor").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for layer in ["namespaces", "empty-root", "landlock", "system-calls"] {
        assert!(said.contains(&format!("layer {layer}: ")), "{said}");
    }
    // What a worker may still call, by the list itself.
    assert!(said.contains("system calls of a worker: 9 "), "{said}");
    // What the zygote may, by its own.
    assert!(said.contains("system calls of the zygote: 34 "), "{said}");
    assert!(said.contains("system calls to make workers: clone, "), "{said}");
}

#[test]
fn serve_says_which_address_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = sandtide().args(["serve", "--in-memory", "--listen", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&address), "{said}");
}

#[test]
fn serve_refuses_settings_out_of_range() {
    for args in [
        ["--workers", "0"],
        ["--queue", "0"],
        ["--tenant-runs", "0"],
        ["--script-runs", "x"],
        ["--tenant-weight", "a"],
        ["--tenant-weight", "a=0"],
        ["--tenant-weight", "a b=2"],
        ["--tenant-weight", "a=1001"],
        ["--script-bytes", "0"],
        ["--memory", "1B"],
        ["--timeout", "0s"],
    ] {
        let output = sandtide()
            .args(["serve", "--in-memory", "--listen", "127.0.0.1:0"])
            .args(args)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {output:?}");
    }
    let output =
        sandtide().args(["serve", "--in-memory", "--workers", "99999999"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("from 1 to 1024"), "{output:?}");
}

#[test]
fn demo_shows_a_result_of_each_of_its_scripts() {
    let output = sandtide()
        .args(["demo", "--once", "--no-libraries", "--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    for expected in [
        r#""value":4181"#,
        "Ines pushed to harbour/tides:main",
        r#""applied":["ten of a kind","returning customer"]"#,
        "Ada &lt;ada@tides.example&gt;",
        "Dover sent nothing",
        "ERR_WALL_TIME_LIMIT",
        "curl --json",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
}

#[test]
fn demo_takes_a_free_port_when_its_own_is_taken() {
    // Taken by this test or by someone else already: both will do.
    let _taken = TcpListener::bind("127.0.0.1:8080");
    let output = sandtide().args(["demo", "--once", "--no-libraries"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("Port 8080 is taken"), "{said}");
}

#[test]
fn top_tells_what_a_server_does_and_says_what_to_do_where_it_may_not_know() {
    let (_open, open) = serving(&["--totals"]);
    let deployed = ureq::put(format!("{open}/v1/scripts/twice"))
        .content_type("text/javascript")
        .send("export default (n) => n * 2");
    assert!(deployed.is_ok(), "{deployed:?}");
    let stop = std::sync::atomic::AtomicBool::new(false);
    let shown = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let ran =
                    ureq::post(format!("{open}/v1/scripts/twice/runs")).send("{\"input\": 4}");
                assert!(ran.is_ok(), "{ran:?}");
            }
        });
        let shown =
            sandtide().args(["top", "--url", &open, "--once", "--interval", "500ms"]).output();
        stop.store(true, Ordering::Relaxed);
        shown.unwrap()
    });
    let text = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown.status.code(), Some(0), "{text}{:?}", shown.stderr);
    let rate_of = |name: &str| -> f64 {
        let line = text.lines().find(|line| line.trim_start().starts_with(name)).expect(&text);
        line.split_whitespace().nth(1).unwrap().trim_end_matches("/s").parse().expect(line)
    };
    for name in ["runs", "ok", "twice"] {
        assert!(rate_of(name) > 0.0, "{name}: {text}");
    }

    let (_closed, closed) = serving(&[]);
    let refused = sandtide().args(["top", "--url", &closed, "--once"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let says = String::from_utf8(refused.stderr).unwrap();
    assert!(says.contains("--token-file") && says.contains("--totals"), "{says}");
}
