//! The framings of `crates/http1/tests/framings/table.json`, sent to `sandtide node` and to
//! `sandtide serve`: what Node 24 takes is taken, what it refuses is refused. Where `serve` takes
//! less, the table says why.

use std::{
    fs,
    io::{BufRead, BufReader, PipeReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value as Json;

const NEXT: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Many times what an answer takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

struct Row {
    name: String,
    bytes: Vec<u8>,
    /// What Node answers where the bytes come one at a time, and what a program is told then.
    node: Told,
    /// The same where they come at once.
    at_once: Told,
    /// How `serve` differs, and why.
    serve: Option<(Vec<String>, String)>,
}

/// What Node answers, and what a program is told of what is refused.
struct Told {
    answers: Vec<String>,
    why: Option<String>,
}

fn told(json: &Json) -> Told {
    Told { answers: texts(&json["node"]), why: json["why"].as_str().map(str::to_owned) }
}

fn texts(json: &Json) -> Vec<String> {
    json.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn rows() -> Vec<Row> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../http1/tests/framings/table.json");
    let json: Json = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let rows: Vec<_> = json
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = row["request"].as_str().unwrap();
            let bytes = text.chars().map(|char| u8::try_from(u32::from(char)).unwrap());
            let serve = row.get("serve").map(|serve| {
                (texts(&serve["answers"]), serve["reason"].as_str().unwrap().to_owned())
            });
            Row {
                name: row["name"].as_str().unwrap().to_owned(),
                bytes: bytes.chain(NEXT.iter().copied()).collect(),
                node: told(row),
                at_once: told(row.get("at_once").unwrap_or(row)),
                serve,
            }
        })
        .collect();
    assert!(rows.len() >= 200, "{} framings", rows.len());
    rows
}

/// A program that is ended with the test.
struct Running(Child, BufReader<PipeReader>);

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        // `serve` says its address on standard error.
        let child = Command::new(env!("CARGO_BIN_EXE_sandtide"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(writer.try_clone().unwrap())
            .stderr(writer)
            .spawn()
            .unwrap();
        Self(child, BufReader::new(reader))
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.1.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends the bytes and closes for sending; what comes back until the other side closes too.
fn ask(address: SocketAddr, bytes: &[u8]) -> String {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    // Who refuses at the start may close before all is sent.
    let _ = (&stream).write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match (&stream).read(&mut piece) {
            Ok(0) => break,
            Ok(len) => text.extend_from_slice(&piece[..len]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}: {:?}", String::from_utf8_lossy(bytes)),
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Status and body of each answer, as `record.mjs` writes them.
fn answers(text: &str) -> Vec<String> {
    text.split("HTTP/1.1 ")
        .skip(1)
        // Words about the version may stand in a body.
        .filter(|answer| answer.bytes().take(3).all(|byte| byte.is_ascii_digit()))
        .map(|answer| {
            let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
            let status = &head[..3];
            // What is refused without a program's help has an empty body in chunks.
            let body = body.strip_suffix("0\r\n\r\n").unwrap_or(body);
            if body.is_empty() { status.to_owned() } else { format!("{status} {body}") }
        })
        .collect()
}

fn server_file() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../http1/tests/framings/server.cjs").to_owned()
}

#[test]
fn framings_are_answered_by_node_as_node_24_answers_them() {
    let mut server = Running::start(&["node", &server_file()]);
    let ports = server.line();
    let mut ports = ports.split(' ').map(|port| port.parse::<u16>().unwrap());
    let (plain, telling) = (ports.next().unwrap(), ports.next().unwrap());
    let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let mut wrong = Vec::new();
    for row in rows() {
        let answered = answers(&ask(address(plain), &row.bytes));
        let is = |told: &Told| told.answers.iter().map(|text| text.trim_end()).eq(&answered);
        // What comes at once may be cut by the system, and be answered before the rest is read.
        let Some(told) = [row.at_once, row.node].into_iter().find(is) else {
            wrong.push(format!("{}: {answered:?} is none of Node's answers", row.name));
            continue;
        };
        ask(address(telling), &row.bytes);
        if let Some(why) = told.why {
            // A line for each fault that the program was told of.
            let line = server.line();
            if line != why {
                wrong.push(format!("{}: Node tells {why:?}, here {line:?}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whether an answer's status says that the request was not one.
fn refuses(answer: &str) -> bool {
    matches!(&answer[..3], "400" | "413" | "417" | "431" | "501" | "505")
}

/// What counts of answers for `serve`, whose bodies are its own: how many requests were taken, and
/// whether one was refused then.
fn outcome(answers: &[String]) -> (usize, bool) {
    let finals = answers.iter().filter(|answer| !answer.starts_with("100"));
    let (refused, taken): (Vec<_>, Vec<_>) = finals.partition(|answer| refuses(answer));
    (taken.len(), !refused.is_empty())
}

#[test]
fn framings_are_answered_by_serve_as_node_24_answers_them_or_for_a_reason() {
    let mut server =
        Running::start(&["serve", "--in-memory", "--listen", "127.0.0.1:0", "--workers", "1"]);
    let line = server.line();
    let at = line.find("127.0.0.1:").unwrap_or_else(|| panic!("{line}"));
    let end = line[at..].find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':');
    let address: SocketAddr = line[at..end.map_or(line.len(), |end| at + end)].parse().unwrap();
    let source = "{\"source\": \"export default (input) => input\"}";
    let put = format!(
        "PUT /v1/scripts/echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{source}",
        source.len()
    );
    let made = ask(address, put.as_bytes());
    assert!(made.starts_with("HTTP/1.1 2"), "{made}");
    let mut wrong = Vec::new();
    for row in rows() {
        let statuses: Vec<_> = answers(&ask(address, &row.bytes))
            .iter()
            .map(|answer| answer[..3].to_owned())
            .collect();
        match row.serve {
            Some((expected, reason)) => {
                assert!(reason.len() > 10, "{} has no reason", row.name);
                if statuses != expected {
                    wrong.push(format!(
                        "{}: the table says {expected:?}, here {statuses:?}",
                        row.name
                    ));
                }
                if outcome(&expected) == outcome(&row.node.answers) {
                    wrong.push(format!("{}: not different, and has a reason", row.name));
                }
            }
            None => {
                if outcome(&statuses) != outcome(&row.node.answers) {
                    wrong.push(format!(
                        "{}: Node {:?}, here {statuses:?}",
                        row.name, row.node.answers
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
