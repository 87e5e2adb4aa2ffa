//! Stacks of asynchronous callers.

use serde_json::{Value, json};

use crate::client::Client;
use crate::program::{Program, WAITING};

/// The descriptions of a stop's stacks, and the names of their functions that a script has.
fn stacks(paused: &Value, url: &str) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    let mut stack = &paused["asyncStackTrace"];
    while let Some(description) = stack["description"].as_str() {
        let frames = stack["callFrames"].as_array().expect("frames");
        let own = frames.iter().filter(|frame| frame["url"] == url);
        let names = own.map(|frame| frame["functionName"].as_str().expect("a name").to_owned());
        found.push((description.to_owned(), names.collect()));
        stack = &stack["parent"];
    }
    found
}

fn start_with_depth(program: &Program, depth: u32) -> Client {
    let mut client = program.connect();
    client.debug();
    client.call("Debugger.setAsyncCallStackDepth", json!({ "maxDepth": depth }));
    client
}

fn evaluate(client: &mut Client, expression: &str) {
    client.start("Runtime.evaluate", json!({ "expression": expression }));
}

const AWAITS: &str = "async function inner() { await null; debugger }
    async function outer() { await inner() }
    setTimeout(function timer() { outer() }, 1); 0 //# sourceURL=own.js";

#[test]
fn a_stop_says_who_waits_and_what_led_there() {
    let program = Program::start("--inspect=0", WAITING);
    let mut client = start_with_depth(&program, 32);
    evaluate(&mut client, AWAITS);
    let paused = client.event("Debugger.paused");
    let expected = [("await", vec!["outer", "timer"]), ("Timeout", vec![""])];
    let expected = expected.map(|(what, names)| {
        (what.to_owned(), names.into_iter().map(str::to_owned).collect::<Vec<_>>())
    });
    assert_eq!(stacks(&paused, "own.js"), expected);
    assert_eq!(paused["asyncStackTrace"]["callFrames"][0]["lineNumber"], 1);
}

#[test]
fn nothing_is_kept_for_clients_that_did_not_ask_or_take_it_back() {
    let program = Program::start("--inspect=0", WAITING);
    let mut client = program.connect();
    client.debug();
    evaluate(&mut client, AWAITS);
    assert_eq!(client.event("Debugger.paused")["asyncStackTrace"], Value::Null);
    client.call("Debugger.resume", json!({}));
    client.call("Runtime.setAsyncCallStackDepth", json!({ "maxDepth": 8 }));
    evaluate(&mut client, AWAITS);
    assert!(client.event("Debugger.paused")["asyncStackTrace"].is_object());
    client.call("Debugger.resume", json!({}));
    client.call("Debugger.disable", json!({}));
    client.call("Debugger.enable", json!({}));
    evaluate(&mut client, AWAITS);
    assert_eq!(client.event("Debugger.paused")["asyncStackTrace"], Value::Null);
}

#[test]
fn chains_without_an_end_are_kept_as_deep_as_was_asked() {
    let program = Program::start("--inspect=0", WAITING);
    let mut client = start_with_depth(&program, 3);
    let text = "(function link(n) {
        if (n === 0) { debugger; return }
        setImmediate(() => Promise.resolve(n - 1).then(link));
    })(20000); 0 //# sourceURL=own.js";
    evaluate(&mut client, text);
    let paused = client.event("Debugger.paused");
    let found = stacks(&paused, "own.js");
    let what: Vec<&str> = found.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(what, ["Promise.then", "Immediate", "Promise.then"]);
    // The engine keeps some more, and lets the rest go.
    client.call("HeapProfiler.collectGarbage", json!({}));
    let params = json!({ "expression": "process.memoryUsage().heapUsed", "returnByValue": true });
    let used = client.call("Runtime.evaluate", params)["result"]["value"].as_f64().expect("bytes");
    assert!(used < 32e6, "{used}");
}

#[test]
fn storages_hold_what_they_hold_while_stacks_are_kept() {
    let program = Program::start("--inspect=0", WAITING);
    let mut client = start_with_depth(&program, 32);
    let text = "(async () => {
        const { AsyncLocalStorage, AsyncResource } = require('node:async_hooks');
        const storage = new AsyncLocalStorage(), other = new AsyncLocalStorage();
        const seen = [];
        await storage.run(1, async () => {
            await null;
            other.enterWith('a');
            await new Promise((resolve) => setTimeout(resolve, 1));
            seen.push(storage.getStore(), other.getStore());
            const bound = AsyncResource.bind(() => seen.push(storage.getStore()));
            storage.run(2, bound);
            await storage.run(3, () => new Promise((resolve) => setImmediate(() => process.nextTick(() => {
                seen.push(storage.getStore(), other.getStore());
                resolve();
            }))));
            seen.push(storage.exit(() => storage.getStore()), storage.getStore());
        });
        seen.push(storage.getStore());
        return JSON.stringify(seen);
    })()";
    let params = json!({
        "expression": text, "awaitPromise": true, "returnByValue": true, "includeCommandLineAPI": true,
    });
    let answer = client.call("Runtime.evaluate", params);
    assert_eq!(answer["result"]["value"], "[1,\"a\",1,3,\"a\",null,1,null]", "{answer}");
}

#[test]
fn what_is_logged_has_the_stacks_that_led_there() {
    let program = Program::start("--inspect=0", WAITING);
    let mut client = start_with_depth(&program, 32);
    client.call("Runtime.enable", json!({}));
    evaluate(
        &mut client,
        "setTimeout(function timer() { console.log(1) }); 0 //# sourceURL=own.js",
    );
    let logged = client.event("Runtime.consoleAPICalled");
    assert_eq!(logged["stackTrace"]["callFrames"][0]["functionName"], "timer");
    assert_eq!(logged["stackTrace"]["parent"]["description"], "Timeout");
}
