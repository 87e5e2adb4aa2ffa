//! `sandtide serve` as it is started by an operator, on a free port.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStderr, Command, Stdio},
    thread::{self, JoinHandle},
};

use serde_json::Value;

/// What `--isolation` may be: what is told of runs holds for both.
pub(crate) const ISOLATIONS: [&str; 2] = ["process", "thread"];

pub(crate) struct Server {
    child: Child,
    pub(crate) base: String,
    _stderr: BufReader<ChildStderr>,
}

impl Server {
    pub(crate) fn start(options: &[&str]) -> Server {
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", env!("CARGO_BIN_EXE_sandtide"), "serve", "--in-memory"])
            .args(["--listen", "127.0.0.1:0", "--workers", "2"])
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut line = String::new();
        stderr.read_line(&mut line).expect("standard error is read");
        let base = line.trim().strip_prefix("sandtide listens on ").expect(&line).to_owned();
        Server { child, base, _stderr: stderr }
    }

    /// One for each isolation, whose runs may take long: the machine may be busy.
    pub(crate) fn debugged() -> impl Iterator<Item = Server> {
        let start = |isolation| {
            Server::start(&["--isolation", isolation, "--allow-debug", "--timeout", "60s"])
        };
        ISOLATIONS.into_iter().map(start)
    }

    pub(crate) fn deploy(&self, name: &str, source: &str) {
        self.deploy_for("default", name, source);
    }

    pub(crate) fn deploy_for(&self, tenant: &str, name: &str, source: &str) {
        ureq::put(format!("{}/v1/scripts/{name}?file={name}.js", self.base))
            .header("sandtide-tenant", tenant)
            .content_type("text/javascript")
            .send(source)
            .expect("it is deployed");
    }

    /// Kills all worker processes; the zygote, which is the oldest child, goes on.
    pub(crate) fn kill_workers(&self) {
        let id = self.child.id();
        let tasks = std::fs::read_dir(format!("/proc/{id}/task")).expect("it runs");
        let mut children = Vec::new();
        for task in tasks.flatten() {
            let listed = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
            children.extend(listed.split_whitespace().map(str::to_owned));
        }
        let started = |pid: &String| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            let rest = stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned());
            rest.and_then(|rest| rest.split(' ').nth(19)?.parse().ok()).unwrap_or(u64::MAX)
        };
        children.sort_by_key(|pid| (started(pid), pid.parse::<u32>().ok()));
        assert!(children.len() > 1, "{children:?}");
        let killed = Command::new("kill").arg("-KILL").args(&children[1..]).status();
        assert!(killed.expect("it is killed").success());
    }

    /// Status and body.
    pub(crate) fn post(&self, tenant: &str, path: &str, body: &str) -> (u16, Value) {
        post(&self.base, tenant, path, body)
    }

    /// The WebSocket of a new session.
    pub(crate) fn session(&self, name: &str, query: &str) -> String {
        let (status, body) = self.post("default", &format!("/v1/scripts/{name}/debug{query}"), "");
        assert_eq!(status, 201, "{body}");
        body["url"].as_str().expect("a URL").to_owned()
    }

    /// Runs a script in a thread of its own.
    pub(crate) fn run(&self, name: &str, body: Value) -> JoinHandle<(u16, Value)> {
        let (base, path) = (self.base.clone(), format!("/v1/scripts/{name}/runs"));
        thread::spawn(move || post(&base, "default", &path, &body.to_string()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn post(base: &str, tenant: &str, path: &str, body: &str) -> (u16, Value) {
    let request = ureq::post(format!("{base}{path}"))
        .config()
        .http_status_as_error(false)
        .build()
        .header("sandtide-tenant", tenant);
    let sent = match body {
        "" => request.send_empty(),
        body => request.content_type("application/json").send(body),
    };
    let mut answer = sent.expect("it is answered");
    let text = answer.body_mut().read_to_string().expect("text");
    (answer.status().as_u16(), serde_json::from_str(&text).expect(&text))
}
