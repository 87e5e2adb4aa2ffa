//! What clients of a debugger send, which may be anything: no panic, and one answer to each text.
#![no_main]

use std::cell::{Cell, RefCell};

use libfuzzer_sys::fuzz_target;
use sandtide_inspect::protocol::{
    Agent, Fault, Incoming, NewScript, Place, SessionId, Step, Stop, StopReason, Target,
};
use serde_json::{Value, json};

const SESSION: SessionId = 1;

/// A program that is not there: it has one script, and stops once.
#[derive(Default)]
struct Nothing {
    sent: Cell<usize>,
    left: RefCell<Vec<String>>,
}

impl Target for Nothing {
    fn call(
        &self,
        _: SessionId,
        method: &str,
        _: &Value,
        _: i64,
    ) -> Result<Option<Value>, Fault> {
        Ok(Some(match method {
            "frames" => json!([{ "name": "f", "script": 1, "file": "/a.js", "line": 0, "column": 0 }]),
            "condition" => Value::Bool(true),
            _ => json!({}),
        }))
    }
    fn send(&self, _: SessionId, text: String) {
        let message: Value = serde_json::from_str(&text).expect("what is sent is JSON");
        if message.get("method").is_none() {
            self.sent.set(self.sent.get() + 1);
        }
    }
    fn next(&self) -> Incoming {
        match self.left.borrow_mut().pop() {
            Some(text) => Incoming::Message(SESSION, text),
            None => Incoming::End,
        }
    }
    fn can_wait(&self) -> bool {
        true
    }
    fn places(&self, _: u32) -> Vec<Place> {
        vec![Place { line: 0, column: 0, returns: false }, Place { line: 2, column: 4, returns: true }]
    }
    fn set_breakpoint(&self, _: u32, _: u32, _: u32, _: bool) {}
    fn step(&self, _: Step) {}
    fn stop_at_throws(&self, _: bool) {}
    fn run(&self) {}
    fn is_waiting(&self) -> bool {
        false
    }
    fn terminate(&self) {}
    fn builtin(&self, _: &str) -> Option<String> {
        None
    }
    fn start_profile(&self, _: u32) -> Result<(), Fault> {
        Ok(())
    }
    fn stop_profile(&self) -> Result<Value, Fault> {
        Ok(Value::Null)
    }
    fn snapshot(&self, piece: &mut dyn FnMut(&str)) -> Result<(), Fault> {
        piece("{}");
        Ok(())
    }
    fn collect(&self) {}
}

// Texts stand in lines; those after an empty line come while the program is stopped.
fuzz_target!(|text: &str| {
    let (before, while_stopped) = text.split_once("\n\n").unwrap_or((text, ""));
    let target = Nothing::default();
    let agent = Agent::new();
    agent.connect(SESSION);
    let new =
        NewScript { number: 1, file: "/a.js", start: (0, 0), text: "a;\n\n    b;", module: false };
    agent.compiled(&target, &new);
    for (number, line) in before.lines().enumerate() {
        agent.dispatch(&target, SESSION, line);
        assert_eq!(target.sent.get(), number + 1, "one answer to each text");
    }
    *target.left.borrow_mut() = while_stopped.lines().rev().map(str::to_owned).collect();
    let reason = StopReason::Place { breakpoint: true, step: true };
    let _ = agent.stopped(&target, &Stop { reason, script: 1, line: 2, column: 4 });
    let _ = agent.stopped(&target, &Stop { reason: StopReason::Debugger, script: 1, line: 0, column: 0 });
    agent.disconnect(&target, SESSION);
});
