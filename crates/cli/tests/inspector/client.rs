//! A client of a port for debuggers.

use std::{net::TcpStream, time::Duration};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

/// No test waits longer for anything; it is no bound on how fast things are.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Client {
    pub(crate) socket: WebSocket<MaybeTlsStream<TcpStream>>,
    pub(crate) last: i64,
    pub(crate) events: Vec<Value>,
}

impl Client {
    pub(crate) fn open(url: &str) -> Result<Client, tungstenite::Error> {
        let (socket, _) = tungstenite::connect(url)?;
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        }
        Ok(Client { socket, last: 0, events: Vec::new() })
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.socket.send(Message::text(text)).expect("it is sent");
    }

    pub(crate) fn receive(&mut self) -> Value {
        loop {
            match self.socket.read().expect("a message") {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    pub(crate) fn start(&mut self, method: &str, params: Value) -> i64 {
        self.last += 1;
        self.send(&json!({ "id": self.last, "method": method, "params": params }).to_string());
        self.last
    }

    pub(crate) fn answer(&mut self, id: i64) -> Value {
        loop {
            let message = self.receive();
            if message["id"] == id {
                return message;
            }
            self.events.push(message);
        }
    }

    /// The result of a method, which must have one.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.start(method, params);
        let mut answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// The next event of a kind; those that came already count.
    pub(crate) fn event(&mut self, method: &str) -> Value {
        if let Some(at) = self.events.iter().position(|event| event["method"] == method) {
            return self.events.remove(at)["params"].take();
        }
        loop {
            let mut message = self.receive();
            if message["method"] == method {
                return message["params"].take();
            }
            self.events.push(message);
        }
    }

    pub(crate) fn debug(&mut self) {
        self.call("Runtime.enable", json!({}));
        self.call("Debugger.enable", json!({}));
    }
}
