//! Who is answered at the port, and what cannot harm the program.

use std::{net::TcpStream, process::Command, time::Duration};

use serde_json::{Value, json};
use tungstenite::{Message, client::IntoClientRequest as _};

use crate::{
    client::Client,
    program::{Program, WAITING},
};

#[test]
fn a_program_is_found_by_its_lists() {
    let program = Program::start("--inspect=0", WAITING);
    let list = program.get("/json/list");
    assert_eq!(list[0]["webSocketDebuggerUrl"], program.url);
    assert_eq!(list[0]["type"], "node");
    assert_eq!(program.get("/json"), list);
    assert_eq!(program.get("/json/version")["Protocol-Version"], "1.1");
    let protocol = program.get("/json/protocol");
    let names: Vec<&str> = protocol["domains"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|domain| domain["domain"].as_str())
        .collect();
    for name in
        ["Runtime", "Debugger", "Profiler", "HeapProfiler", "Console", "Schema", "NodeRuntime"]
    {
        assert!(names.contains(&name), "{name} of {names:?}");
    }
}

#[test]
fn names_that_a_page_could_have_made_lead_nowhere() {
    let program = Program::start("--inspect=0", WAITING);
    for host in ["evil.example", "evil.example:9229", "localhost.evil.example"] {
        let answer = program.request(&format!("GET /json HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.0 400"), "{host}: {answer}");
    }
    let mut request = program.url.as_str().into_client_request().expect("a URL");
    request.headers_mut().insert("origin", "https://evil.example".parse().expect("a value"));
    assert!(tungstenite::connect(request).is_err(), "a page of the web may not connect");
    let other = format!("ws://{}/00000000-0000-4000-8000-000000000000", program.authority());
    assert!(Client::open(&other).is_err(), "another id leads nowhere");
    assert_eq!(program.connect().evaluate("1 + 1"), 2);
}

#[test]
fn texts_that_are_no_requests_are_answered_with_what_is_wrong() {
    let program = Program::start("--inspect=0", WAITING);
    let mut client = program.connect();
    for (text, id, code) in [
        ("", Value::Null, -32700),
        ("{\"id\":", Value::Null, -32700),
        ("[]", Value::Null, -32600),
        ("{\"method\":\"Runtime.enable\"}", Value::Null, -32600),
        ("{\"id\":3}", json!(3), -32600),
        ("{\"id\":4,\"method\":\"Page.enable\"}", json!(4), -32601),
        ("{\"id\":5,\"method\":\"Runtime.evaluate\"}", json!(5), -32602),
    ] {
        client.send(text);
        let answer = client.receive();
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&id, &json!(code)), "{text}");
    }
    assert_eq!(client.evaluate("1 + 1"), 2);
}

#[test]
fn binary_and_giant_messages_end_their_connection_only() {
    let program = Program::start("--inspect=0", WAITING);
    let mut client = program.connect();
    client.socket.send(Message::binary(vec![1, 2, 3])).expect("it is sent");
    assert_eq!(client.closed(), Some(1003));
    let mut client = program.connect();
    // It may be refused before all of it was sent.
    let _ = client.socket.send(Message::text("x".repeat(100 << 20)));
    assert!(matches!(client.closed(), Some(1009) | None));
    assert_eq!(program.connect().evaluate("1 + 1"), 2);
}

#[test]
fn a_thousand_connections_leave_the_program_running() {
    let program = Program::start("--inspect=0", WAITING);
    let mut open = Vec::new();
    for _ in 0..1000 {
        // Some are turned away at once.
        if let Ok(stream) = TcpStream::connect(program.authority()) {
            open.push(stream);
        }
    }
    assert!(open.len() > 128);
    drop(open);
    // Connections end one after the other.
    let mut client = loop {
        match Client::open(&program.url) {
            Ok(client) => break client,
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    assert_eq!(client.evaluate("1 + 1"), 2);
}

#[test]
fn a_port_that_is_taken_is_told_and_the_program_runs() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("it is bound").port();
    let output = Command::new(env!("CARGO_BIN_EXE_sandtide"))
        .args(["node", &format!("--inspect={port}"), "-e", "console.log('ran')"])
        .output()
        .expect("the program starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let told = format!("Starting inspector on 127.0.0.1:{port} failed: address already in use");
    assert!(stderr.contains(&told), "{stderr}");
    assert_eq!(output.stdout, b"ran\n");
}

#[test]
fn a_wrong_address_is_refused() {
    for wrong in ["--inspect=80", "--inspect=127.0.0.1:99999", "--inspect-port=no:port"] {
        let output = Command::new(env!("CARGO_BIN_EXE_sandtide"))
            .args(["node", wrong, "-e", "1"])
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(9), "{wrong}");
    }
}

#[test]
fn a_port_can_be_opened_again_as_soon_as_it_was_closed() {
    let text = "
      const inspector = require('inspector');
      inspector.open(0);
      const { port } = new URL(inspector.url());
      for (let i = 0; i < 50; i++) {
        inspector.close();
        inspector.open(Number(port));
        if (new URL(inspector.url()).port !== port) throw new Error(`turn ${i}`);
      }
      inspector.close();
      console.log('done');";
    let (out, code) = Program::start_plain(text).end();
    assert_eq!((out.as_str(), code), ("done\n", Some(0)));
}

#[test]
fn a_client_that_reads_nothing_does_not_halt_the_program() {
    let text = "setInterval(() => {}, 1000); globalThis.tell = () => {
      for (let i = 0; i < 64; i++) console.debug(`${i}`.repeat(1 << 20));
      process.stderr.write('told all\\n');
    }";
    let mut program = Program::start("--inspect=0", text);
    let mut stdout = program.child.stdout.take().expect("it is piped");
    std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
    let mut client = program.connect();
    client.call("Runtime.enable", json!({}));
    client.start("Runtime.evaluate", json!({ "expression": "setTimeout(tell, 0)" }));
    program.until("told all");
    let mut other = program.connect();
    assert_eq!(other.evaluate("1 + 1"), 2);
}

#[test]
fn sigusr1_opens_the_port_of_a_program_that_does_not_listen_for_it() {
    let send = |program: &Program, name: &str| {
        let pid = program.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("kill is there").success());
    };
    let text = "setInterval(() => {}, 1000); console.error('ready'); globalThis.mark = 7";
    let mut program = Program::spawn(&["--inspect-port=0"], text);
    program.until("ready");
    send(&program, "USR1");
    let line = program.until("Debugger listening on ");
    program.url = line.trim_start_matches("Debugger listening on ").trim().to_owned();
    assert_eq!(program.connect().evaluate("mark"), 7);
    // A second one changes nothing.
    send(&program, "USR1");
    assert_eq!(program.connect().evaluate("mark"), 7);

    let text = "process.on('SIGUSR1', () => { console.error('own'); process.exit(3) }); setInterval(() => {}, 1000); console.error('ready')";
    let mut listens = Program::start_plain(text);
    listens.until("ready");
    send(&listens, "USR1");
    listens.until("own");
    assert!(!listens.said.contains("Debugger listening"), "{}", listens.said);
    assert_eq!(listens.end().1, Some(3));
}
