//! Stops, steps, and ending what runs.

use serde_json::{Value, json};

use crate::{
    client::Client,
    program::{Program, WAITING},
};

#[test]
fn a_program_that_is_to_wait_does_so_and_stops_at_its_first_statement() {
    let text = "const a = 1;\nconsole.log('ran', a);\n//# sourceURL=own.js";
    let mut program = Program::start("--inspect-brk=0", text);
    let mut client = program.connect();
    program.until("Debugger attached.");
    client.call("NodeRuntime.enable", json!({}));
    client.event("NodeRuntime.waitingForDebugger");
    client.debug();
    client.call("Runtime.runIfWaitingForDebugger", json!({}));
    let paused = client.event("Debugger.paused");
    assert_eq!(paused["reason"], "Break on start");
    assert_eq!(paused["callFrames"][0]["location"]["lineNumber"], 0);
    client.call("Debugger.resume", json!({}));
    program.until("Waiting for the debugger to disconnect...");
    drop(client);
    assert_eq!(program.end(), ("ran 1\n".to_owned(), Some(0)));
}

#[test]
fn a_program_that_waits_without_a_break_runs_when_it_is_told_to() {
    let mut program = Program::start("--inspect-wait=0", "console.log('ran')");
    let mut client = program.connect();
    client.debug();
    client.call("Runtime.runIfWaitingForDebugger", json!({}));
    program.until("Waiting for the debugger to disconnect...");
    assert!(client.events.iter().all(|event| event["method"] != "Debugger.paused"));
    drop(client);
    assert_eq!(program.end().0, "ran\n");
}

/// Stops in the function that the program has; gives the stop.
fn stop_in_function(client: &mut Client) -> Value {
    client.debug();
    let at = json!({ "url": "waiting.js", "lineNumber": 2 });
    let set = client.call("Debugger.setBreakpointByUrl", at);
    assert_eq!(set["locations"][0]["lineNumber"], 2, "{set}");
    client.start("Runtime.evaluate", json!({ "expression": "setTimeout(f, 0, 41); 0" }));
    client.event("Debugger.paused")
}

#[test]
fn a_breakpoint_stops_with_the_frame_and_its_variables() {
    let program = Program::start("--inspect=0", WAITING);
    let mut client = program.connect();
    let paused = stop_in_function(&mut client);
    assert_eq!(paused["hitBreakpoints"].as_array().map(Vec::len), Some(1));
    let frame = &paused["callFrames"][0];
    let params = json!({ "callFrameId": frame["callFrameId"], "expression": "[a, b, b = 7, b]", "returnByValue": true });
    let value = client.call("Debugger.evaluateOnCallFrame", params);
    // `b` is constant.
    assert_eq!(value["exceptionDetails"]["exception"]["className"], "TypeError");
    let params = json!({ "callFrameId": frame["callFrameId"], "expression": "[a, b]", "returnByValue": true });
    assert_eq!(
        client.call("Debugger.evaluateOnCallFrame", params)["result"]["value"],
        json!([41, 42])
    );
    let scope = frame["scopeChain"][0]["object"]["objectId"].clone();
    let variables = client.call("Runtime.getProperties", json!({ "objectId": scope }));
    let names: Vec<&str> = variables["result"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert!(names.contains(&"a") && names.contains(&"b"), "{names:?}");
    client.call("Debugger.resume", json!({}));
    client.event("Debugger.resumed");
}

#[test]
fn a_program_that_runs_without_an_end_is_stopped_and_asked() {
    let program =
        Program::start("--inspect=0", "globalThis.n = 0; while (n >= 0) n++; console.log('out')");
    let mut client = program.connect();
    client.debug();
    assert!(client.evaluate("n").as_f64().expect("a number") > 0.0);
    client.call("Debugger.pause", json!({}));
    let paused = client.event("Debugger.paused");
    assert_eq!(paused["callFrames"][0]["location"]["lineNumber"], 0);
    assert_eq!(client.evaluate("n = -5"), -5);
    client.call("Debugger.resume", json!({}));
    drop(client);
    assert_eq!(program.end().0, "out\n");
}

#[test]
fn a_program_goes_on_when_its_client_vanishes_while_it_is_stopped() {
    let program = Program::start(
        "--inspect-brk=0",
        "console.log('before');\ndebugger;\nconsole.log('after');",
    );
    let mut client = program.connect();
    client.debug();
    client.call("Runtime.runIfWaitingForDebugger", json!({}));
    client.event("Debugger.paused");
    // No close frame: the connection is just gone.
    drop(client);
    assert_eq!(program.end(), ("before\nafter\n".to_owned(), Some(0)));
}

#[test]
fn what_a_client_evaluates_without_an_end_is_ended_by_another_or_by_its_going() {
    let mut program = Program::start("--inspect=0", WAITING);
    let mut first = program.connect();
    let mut second = program.connect();
    for endless in
        ["for (;;) {}", "(() => { try { for (;;) {} } finally { globalThis.after = 1 } })()"]
    {
        let expression = format!("process.stderr.write('begun\\n'); {endless}");
        let id = first.start("Runtime.evaluate", json!({ "expression": expression }));
        program.until("begun");
        second.call("Runtime.terminateExecution", json!({}));
        let answer = first.answer(id);
        assert_eq!(answer["error"]["message"], "Execution was terminated", "{answer}");
        assert_eq!(second.evaluate("1 + 1"), 2);
    }
    first.start("Runtime.evaluate", json!({ "expression": "for (;;) {}" }));
    drop(first);
    assert_eq!(second.evaluate("2 + 2"), 4);
}

#[test]
fn what_a_client_evaluates_without_an_end_is_stopped_and_asked() {
    let mut program = Program::start("--inspect=0", WAITING);
    let mut client = program.connect();
    client.debug();
    let id = client
        .start("Runtime.evaluate", json!({ "expression": "let n = 0; while (n >= 0) n++; n" }));
    client.call("Debugger.pause", json!({}));
    let paused = client.event("Debugger.paused");
    let frame = paused["callFrames"][0]["callFrameId"].clone();
    // Within the stop too.
    let endless = "process.stderr.write('begun\\n'); for (;;) {}";
    let endless = json!({ "callFrameId": frame, "expression": endless });
    let evaluated = client.start("Debugger.evaluateOnCallFrame", endless);
    program.until("begun");
    let mut other = program.connect();
    other.call("Runtime.terminateExecution", json!({}));
    assert_eq!(client.answer(evaluated)["error"]["message"], "Execution was terminated");
    client.call(
        "Debugger.evaluateOnCallFrame",
        json!({ "callFrameId": frame, "expression": "n = -5" }),
    );
    client.call("Debugger.resume", json!({}));
    // It goes on before or behind `n++`.
    assert!(client.answer(id)["result"]["result"]["value"].as_f64() < Some(0.0));
}

#[test]
fn ending_what_is_stopped_ends_nothing_that_runs_later() {
    let program = Program::start("--inspect=0", WAITING);
    let mut client = program.connect();
    stop_in_function(&mut client);
    client.call("Runtime.terminateExecution", json!({}));
    client.event("Debugger.resumed");
    let expression =
        "(() => { let sum = 0; for (let i = 0; i < 1e6; i++) sum += 1; return sum; })()";
    assert_eq!(client.evaluate(expression), 1_000_000);
}

#[test]
fn each_exception_stops_though_it_lies_where_one_lay_that_was_freed() {
    let text = "globalThis.provoke = () => {
      for (let i = 0; i < 5; i++) { try { null.x } catch {} }
    };
    setInterval(() => {}, 1000)";
    let program = Program::start("--inspect=0", text);
    let mut client = program.connect();
    client.debug();
    client.call("Debugger.setPauseOnExceptions", json!({ "state": "all" }));
    client.start("Runtime.evaluate", json!({ "expression": "provoke()" }));
    for _ in 0..5 {
        assert_eq!(client.event("Debugger.paused")["reason"], "exception");
        client.call("Debugger.resume", json!({}));
    }
    assert_eq!(client.evaluate("1 + 1"), 2);
}

#[test]
fn a_step_from_an_exception_goes_to_the_handler() {
    let text = "globalThis.provoke = async () => {
      try {
        await 0; null.x;
      } catch (error) {
        error.name;
      }
    };
    setInterval(() => {}, 1000)";
    let program = Program::start("--inspect=0", text);
    let mut client = program.connect();
    client.debug();
    client.call("Debugger.setPauseOnExceptions", json!({ "state": "all" }));
    client.start("Runtime.evaluate", json!({ "expression": "provoke(); 0" }));
    assert_eq!(client.event("Debugger.paused")["callFrames"][0]["location"]["lineNumber"], 2);
    client.call("Debugger.stepOver", json!({}));
    assert_eq!(client.event("Debugger.paused")["callFrames"][0]["location"]["lineNumber"], 4);
}
