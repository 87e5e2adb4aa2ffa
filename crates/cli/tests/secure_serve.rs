//! `sandtide serve` with a certificate, and with somebody who collects spans: what its settings say, and its signals.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
};

fn sandtide() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandtide"));
    command
        .env_remove("XDG_STATE_HOME")
        .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT")
        .env_remove("OTEL_TRACES_SAMPLER")
        .env_remove("OTEL_TRACES_SAMPLER_ARG")
        .env("HOME", "/nonexistent");
    command.args(["serve", "--in-memory", "--listen", "127.0.0.1:0", "--isolation", "thread"]);
    command.args(["--workers", "2"]).stderr(Stdio::piped()).stdout(Stdio::null());
    command
}

/// A server, which is killed where its test ends before it.
struct Server {
    child: Child,
    stderr: BufReader<ChildStderr>,
    base: String,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let mut server = Self { child, stderr, base: String::new() };
        let line = server.line_with("sandtide listens on ");
        server.base = line.trim().split("listens on ").nth(1).unwrap().to_owned();
        server
    }

    /// The next line that has this in it.
    fn line_with(&mut self, what: &str) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.stderr.read_line(&mut line).unwrap(), 0, "it ended: {all}");
            if line.contains(what) {
                return line;
            }
            all += &line;
        }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// Ends it in order, and answers what else it said.
    fn end(mut self) -> String {
        self.signal("-TERM");
        let mut text = String::new();
        self.stderr.read_to_string(&mut text).unwrap();
        assert!(self.child.wait().unwrap().success(), "{text}");
        text
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Where it has ended already, both say so.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a certificate of localhost and its key.
fn pair(directory: &Path) {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    fs::write(directory.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
}

fn answers(server: &Server, directory: &Path) -> bool {
    let asked = Command::new("curl")
        .args(["--silent", "--fail", "--cacert"])
        .arg(directory.join("cert.pem"))
        .arg(format!("{}/livez", server.base))
        .stdout(Stdio::null())
        .status();
    asked.unwrap().success()
}

#[test]
fn a_certificate_that_is_given_by_the_environment_is_read_again_on_a_signal_and_a_bad_one_is_refused()
 {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    pair(at);
    let mut command = sandtide();
    command
        .env("SANDTIDE_TLS_CERT", at.join("cert.pem"))
        .env("SANDTIDE_TLS_KEY", at.join("key.pem"));
    let mut server = Server::start(command);
    assert!(server.base.starts_with("https://127.0.0.1:"), "{}", server.base);
    assert!(answers(&server, at));
    pair(at);
    server.signal("-HUP");
    // Each client trusts the certificate of now alone. That the files have changed may be seen before the signal.
    server.line_with("the certificate was renewed");
    assert!(answers(&server, at));
    let good = fs::read(at.join("cert.pem")).unwrap();
    fs::write(at.join("key.pem"), "no key").unwrap();
    server.signal("-HUP");
    let refused = server.line_with("the new certificate is refused");
    assert!(refused.contains("ERR_TLS_CERTIFICATE") && refused.contains("key.pem"), "{refused}");
    assert_eq!(fs::read(at.join("cert.pem")).unwrap(), good);
    assert!(answers(&server, at), "the one before is offered on");
    server.end();
}

#[test]
fn top_watches_a_server_whose_certificate_it_is_given() {
    let directory = tempfile::tempdir().unwrap();
    pair(directory.path());
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let mut command = sandtide();
    command.args(["--totals", "--tls-cert", &file("cert.pem"), "--tls-key", &file("key.pem")]);
    let server = Server::start(command);
    let top = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_sandtide"))
            .args(["top", "--once", "--interval", "100ms", "--url", &server.base])
            .args(more)
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (_, unknown) = top(&[]);
    assert!(unknown.contains("certificate"), "{unknown}");
    let known = top(&["--ca-file", &file("cert.pem")]);
    assert!(known.0, "{}", known.1);
    assert!(top(&["--ca-file", &file("key.pem")]).1.contains("has no certificate in PEM"));
    server.end();
}

#[test]
fn a_debugging_session_of_a_server_with_a_certificate_has_a_port_without_one_and_says_so() {
    let directory = tempfile::tempdir().unwrap();
    pair(directory.path());
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let mut command = sandtide();
    command.args(["--tls-cert", &file("cert.pem"), "--tls-key", &file("key.pem"), "--allow-debug"]);
    let server = Server::start(command);
    let curl = |args: &[&str]| {
        let output = Command::new("curl")
            .args(["--silent", "--fail", "--cacert", &file("cert.pem")])
            .args(args)
            .output()
            .unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    };
    let script = format!("{}/v1/scripts/one", server.base);
    let source = ["-H", "content-type: text/javascript", "-d", "export default () => 1"];
    curl(&[&["-X", "PUT", &script][..], &source].concat()).expect("it is deployed");
    let opened = curl(&["-X", "POST", &format!("{script}/debug")]).expect("a session is opened");
    let opened: serde_json::Value = serde_json::from_str(&opened).unwrap();
    let url = opened["url"].as_str().unwrap();
    let port = url.strip_prefix("ws://").expect("no TLS is promised").split('/').next().unwrap();
    let version = curl(&[&format!("http://{port}/json/version")]).expect("it speaks HTTP");
    assert!(version.contains("sandtide/"), "{version}");
    assert_eq!(curl(&[&format!("https://{port}/json/version")]), None);
    server.end();
}

#[track_caller]
fn refused(args: &[&str]) -> String {
    let output = sandtide().args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn half_a_pair_and_files_that_are_none_are_refused_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    pair(directory.path());
    let file = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    let (cert, key, none) = (file("cert.pem"), file("key.pem"), file("none.pem"));
    assert!(refused(&["--tls-cert", &cert]).contains("--tls-key FILE"));
    assert!(refused(&["--tls-key", &key]).contains("--tls-cert FILE"));
    let unreadable = refused(&["--tls-cert", &cert, "--tls-key", &none]);
    assert!(unreadable.contains("the key") && unreadable.contains("none.pem"), "{unreadable}");
    fs::write(&none, "nothing").unwrap();
    assert!(refused(&["--tls-cert", &none, "--tls-key", &key]).contains("has none in PEM"));
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(&none, other.signing_key.serialize_pem()).unwrap();
    let mismatch = refused(&["--tls-cert", &cert, "--tls-key", &none]);
    assert!(mismatch.contains("is not that of the certificate"), "{mismatch}");
}

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn run_as_a_part_of_a_trace(server: &Server) {
    run_with(server, &["-H", &format!("traceparent: {PARENT}")]);
}

fn run_with(server: &Server, headers: &[&str]) {
    let asked = Command::new("curl")
        .args(["--silent", "--fail"])
        .args(headers)
        .args(["-H", "content-type: text/javascript", "--data-binary", "6 * 7"])
        .arg(format!("{}/v1/runs", server.base))
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&asked.stdout).contains("42"), "{asked:?}");
}

#[test]
fn lines_of_a_request_in_a_trace_say_which() {
    let mut command = sandtide();
    command.args(["--log", "json"]).env("RUST_LOG", "sandtide::request=debug");
    let server = Server::start(command);
    run_as_a_part_of_a_trace(&server);
    let log = server.end();
    let lines: Vec<serde_json::Value> =
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let line = lines.iter().find(|line| line["route"] == "ad-hoc-run").expect("the request's line");
    let span = &line["span"];
    assert_eq!(
        (&span["name"], &span["trace_id"]),
        (&"request".into(), &PARENT[3..35].into()),
        "{line}"
    );
    let own = span["span_id"].as_str().unwrap();
    assert!(own.len() == 16 && own != &PARENT[36..52], "{line}");
}

#[cfg(not(feature = "otlp"))]
#[test]
fn a_program_without_otlp_refuses_the_setting_and_says_what_the_variable_comes_to() {
    let message = refused(&["--otlp-endpoint", "http://127.0.0.1:4318"]);
    assert!(message.contains("--features otlp"), "{message}");
    let mut command = sandtide();
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    // It serves all the same, until it is ended here.
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        first.contains("OTEL_EXPORTER_OTLP_ENDPOINT") && first.contains("no spans are sent"),
        "{first}"
    );
}

#[cfg(feature = "otlp")]
mod with_otlp {
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::TcpListener,
        sync::mpsc::{self, Receiver},
        thread,
    };

    use super::{PARENT, Server, refused, run_as_a_part_of_a_trace, run_with, sandtide};

    /// A collector: what it is asked by, and the bytes.
    fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (came, taken) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                let (mut head, mut length) = (String::new(), 0);
                while !head.ends_with("\r\n\r\n") {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap() == 0 {
                        break;
                    }
                    if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = value.trim().parse().unwrap();
                    }
                    head += &line;
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                // Told first: who was answered may end at once, and be looked for.
                let _ = came.send((head, body));
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                reader.into_inner().write_all(answer).unwrap();
            }
        });
        (format!("http://{address}"), taken)
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    fn has(body: &[u8], part: &[u8]) -> bool {
        body.windows(part.len()).any(|at| at == part)
    }

    #[test]
    fn spans_are_sent_to_the_collector_that_a_flag_or_the_usual_variable_names() {
        for by_flag in [true, false] {
            let (base, taken) = collector();
            let mut command = sandtide();
            match by_flag {
                true => command.args(["--otlp-endpoint", &base]),
                false => command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &base),
            };
            let server = Server::start(command);
            run_as_a_part_of_a_trace(&server);
            // What waits is sent before the end.
            server.end();
            let (head, body) = taken.recv().unwrap();
            assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
            assert!(
                head.to_ascii_lowercase().contains("content-type: application/x-protobuf"),
                "{head}"
            );
            for part in [&bytes(&PARENT[3..35]), &bytes(&PARENT[36..52])] {
                assert!(has(&body, part), "{part:x?} in {body:x?}");
            }
            for part in ["sandtide", "POST ad-hoc-run", "http.response.status_code", "service.name"]
            {
                assert!(has(&body, part.as_bytes()), "{part}");
            }
        }
        let message = refused(&["--otlp-endpoint", "no address"]);
        assert!(message.contains("--otlp-endpoint is refused"), "{message}");
    }

    /// Whether a span was sent of a run without a trace, of one in a trace that its client records, and of one in a
    /// trace that it does not.
    fn sent(sampler: Option<&str>, argument: Option<&str>) -> [bool; 3] {
        // By these the spans are told apart; the greater identity is the one that a ratio leaves out.
        let ids = ["0af7651916cd43dd0000000000000001", "0af7651916cd43ddffffffffffffffff"];
        let (base, taken) = collector();
        let mut command = sandtide();
        command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &base);
        for (name, value) in
            [("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument)]
        {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        let server = Server::start(command);
        run_with(&server, &[]);
        for (id, flags) in ids.iter().zip(["01", "00"]) {
            let header = format!("traceparent: 00-{id}-b7ad6b7169203331-{flags}");
            run_with(&server, &["-H", &header]);
        }
        // What waits is sent before the end, and the collector has told of what it answered.
        server.end();
        let bodies: Vec<u8> = taken.try_iter().flat_map(|(_, body)| body).collect();
        let spans = bodies.windows(15).filter(|at| *at == b"POST ad-hoc-run").count();
        let of_clients = ids.map(|id| has(&bodies, &bytes(id)));
        let of_clients_count = of_clients.iter().filter(|there| **there).count();
        [spans > of_clients_count, of_clients[0], of_clients[1]]
    }

    #[test]
    fn what_is_recorded_is_what_the_sampler_of_opentelemetrys_variables_says() {
        for (sampler, argument, expected) in [
            (None, None, [true, true, false]),
            (Some("parentbased_always_on"), None, [true, true, false]),
            (Some("parentbased_always_off"), None, [false, true, false]),
            (Some("always_on"), None, [true; 3]),
            (Some("always_off"), None, [false; 3]),
            (Some("parentbased_traceidratio"), Some("0"), [false, true, false]),
            (Some("traceidratio"), None, [true; 3]),
        ] {
            assert_eq!(sent(sampler, argument), expected, "{sampler:?} {argument:?}");
        }
        // Of clients' traces by their identity alone; what begins here has one by chance.
        assert_eq!(sent(Some("traceidratio"), Some("0.5"))[1..], [true, false]);
    }

    #[test]
    fn a_sampler_that_is_none_and_a_share_that_is_none_are_refused_at_the_start() {
        let refused = |sampler: &str, argument: &str| {
            let mut command = sandtide();
            command.args(["--otlp-endpoint", "http://127.0.0.1:1"]);
            command.env("OTEL_TRACES_SAMPLER", sampler).env("OTEL_TRACES_SAMPLER_ARG", argument);
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            String::from_utf8(output.stderr).unwrap()
        };
        let unknown = refused("sometimes", "");
        assert!(unknown.contains("OTEL_TRACES_SAMPLER is refused: `sometimes`"), "{unknown}");
        assert!(unknown.contains("parentbased_traceidratio"), "{unknown}");
        let share = refused("traceidratio", "10%");
        assert!(share.contains("OTEL_TRACES_SAMPLER_ARG is refused: `10%`"), "{share}");
    }
}
