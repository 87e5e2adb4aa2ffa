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
    let asked = Command::new("curl")
        .args(["--silent", "--fail", "-H", &format!("traceparent: {PARENT}")])
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

    use super::{PARENT, Server, refused, run_as_a_part_of_a_trace, sandtide};

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
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                reader.into_inner().write_all(answer).unwrap();
                let _ = came.send((head, body));
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
}
