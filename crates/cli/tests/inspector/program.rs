//! A program under `sandtide node`, with a port for debuggers or without.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStderr, Command, Stdio},
};

use serde_json::{Value, json};
use tungstenite::Message;

use crate::client::{Client, PATIENCE};

pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) stderr: BufReader<ChildStderr>,
    pub(crate) said: String,
    /// `ws://HOST:PORT/ID`
    pub(crate) url: String,
}

impl Program {
    pub(crate) fn start(option: &str, text: &str) -> Program {
        Program::start_with(&[option], text)
    }

    pub(crate) fn start_with(options: &[&str], text: &str) -> Program {
        let mut program = Program::spawn(options, text);
        let line = program.until("Debugger listening on ");
        program.url = line.trim_start_matches("Debugger listening on ").trim().to_owned();
        program
    }

    /// Without a port.
    pub(crate) fn start_plain(text: &str) -> Program {
        Program::spawn(&[], text)
    }

    pub(crate) fn spawn(options: &[&str], text: &str) -> Program {
        // The kernel ends the program where this process is killed, which drops nothing.
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", env!("CARGO_BIN_EXE_sandtide"), "node"])
            .args(options)
            .args(["-e", text])
            .env_remove("NODE_OPTIONS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        Program { child, stderr, said: String::new(), url: String::new() }
    }

    /// The next line on standard error that has `text`.
    pub(crate) fn until(&mut self, text: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.stderr.read_line(&mut line).expect("standard error is read");
            assert!(read > 0, "{text:?} was not said, but: {}", self.said);
            self.said.push_str(&line);
            if line.contains(text) {
                return line;
            }
        }
    }

    pub(crate) fn authority(&self) -> &str {
        self.url.trim_start_matches("ws://").split('/').next().expect("an authority")
    }

    pub(crate) fn connect(&self) -> Client {
        Client::open(&self.url).expect("a client may connect")
    }

    /// Sends a request as it is; gives all that is answered.
    pub(crate) fn request(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(self.authority()).expect("the port is open");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        stream.write_all(text.as_bytes()).expect("it is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it is answered");
        answer
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let host = self.authority();
        let answer = self.request(&format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        assert!(head.starts_with("HTTP/1.0 200 OK"), "{head}");
        serde_json::from_str(body).expect("JSON")
    }

    /// Waits for the end; gives standard output and the exit code.
    pub(crate) fn end(mut self) -> (String, Option<i32>) {
        let mut out = String::new();
        let mut stdout = self.child.stdout.take().expect("it is piped");
        stdout.read_to_string(&mut out).expect("UTF-8");
        (out, self.child.wait().expect("it ends").code())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Client {
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true });
        self.call("Runtime.evaluate", params)["result"]["value"].take()
    }

    /// Waits for the other side's end of the connection; gives the code that it closed with.
    pub(crate) fn closed(&mut self) -> Option<u16> {
        loop {
            match self.socket.read() {
                Ok(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }
}

/// A program that does nothing until it is told to end.
pub(crate) const WAITING: &str = "globalThis.stop = setInterval(() => {}, 1000); globalThis.f = (a) => {\n  const b = a + 1;\n  return b;\n};\n//# sourceURL=waiting.js";
