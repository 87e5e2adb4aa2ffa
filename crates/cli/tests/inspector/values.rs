//! What clients are shown and told: values, scripts, contexts, profiles; and sessions within the program.

use serde_json::{Value, json};

use crate::{
    client::Client,
    program::{Program, WAITING},
};

#[test]
fn contexts_are_told_with_their_names_and_evaluated_in() {
    let text = "const vm = require('vm'); globalThis.kept = [vm.createContext({ x: 1 }, { name: 'first', origin: 'https://o.example' }), vm.createContext({ x: 2 })]; setInterval(() => {}, 1000)";
    let program = Program::start("--inspect=0", text);
    let mut client = program.connect();
    client.evaluate("kept.length");
    client.call("Runtime.enable", json!({}));
    let mut contexts = Vec::new();
    for _ in 0..3 {
        let context = client.event("Runtime.executionContextCreated")["context"].take();
        contexts.push((context["name"].as_str().unwrap_or_default().to_owned(), context));
    }
    assert_eq!(contexts[0].0, "VM Context 1", "newest first");
    assert_eq!(
        (contexts[1].0.as_str(), &contexts[1].1["origin"]),
        ("first", &json!("https://o.example"))
    );
    assert_eq!(contexts[2].1["auxData"]["isDefault"], true, "the main one last");
    let id = contexts[1].1["id"].clone();
    let params = json!({ "expression": "x + 10", "contextId": id });
    assert_eq!(client.call("Runtime.evaluate", params)["result"]["value"], 11);
}

#[test]
fn a_profile_and_a_heap_snapshot_come_over_the_socket() {
    let program = Program::start("--inspect=0", WAITING);
    let mut client = program.connect();
    client.call("Profiler.enable", json!({}));
    client.call("Profiler.start", json!({}));
    client
        .evaluate("(function hot() { const end = Date.now() + 100; while (Date.now() < end); })()");
    let profile = client.call("Profiler.stop", json!({}))["profile"].take();
    let nodes = profile["nodes"].as_array().expect("a list");
    assert!(nodes.iter().any(|node| node["callFrame"]["functionName"] == "hot"), "{profile}");
    client.call("HeapProfiler.takeHeapSnapshot", json!({}));
    let text: String = client
        .events
        .drain(..)
        .filter(|event| event["method"] == "HeapProfiler.addHeapSnapshotChunk")
        .map(|event| event["params"]["chunk"].as_str().unwrap_or_default().to_owned())
        .collect();
    let snapshot: Value = serde_json::from_str(&text).expect("a whole snapshot");
    assert!(snapshot["snapshot"]["node_count"].as_u64() > Some(1000));
}

#[test]
fn a_session_within_the_program_speaks_the_same() {
    let text = "
      const inspector = require('inspector/promises');
      (async () => {
        const session = new inspector.Session();
        session.connect();
        const { result } = await session.post('Runtime.evaluate', { expression: '6 * 7' });
        console.log(result.value, inspector.url());
        session.on('Debugger.paused', ({ params }) => console.log('paused', params.reason));
        await session.post('Debugger.enable');
        eval('debugger; 1');
        await session.post('Page.enable').catch((error) => console.log(error.code, error.message));
        session.disconnect();
        require('inspector').open(0);
        console.log(typeof inspector.url());
        inspector.close();
        console.log(inspector.url());
      })();";
    let program = Program::start("--stack-trace-limit=10", text);
    let (out, code) = program.end();
    let expected = "42 undefined\npaused other\nERR_INSPECTOR_COMMAND Inspector error -32601: 'Page.enable' wasn't found\nstring\nundefined\n";
    assert_eq!((out.as_str(), code), (expected, Some(0)));
}

#[test]
fn what_does_not_parse_is_no_script_and_leaves_the_next_ones_right() {
    let text = "const vm = require('vm');
      for (let i = 0; i < 20; i++) {
        try { eval(`(${'wrong'.repeat(100 + i)} `); } catch {}
        globalThis.kept = vm.compileFunction('return 41', [], { filename: 'any.js' });
      }
      setInterval(() => {}, 1000);";
    let program = Program::start("--inspect=0", text);
    let mut client = program.connect();
    assert_eq!(client.evaluate("kept()"), 41);
    client.debug();
    let mut found = 0;
    for event in std::mem::take(&mut client.events) {
        if event["method"] != "Debugger.scriptParsed" {
            continue;
        }
        let id = json!({ "scriptId": event["params"]["scriptId"] });
        let source = client.call("Debugger.getScriptSource", id)["scriptSource"].take();
        let source = source.as_str().expect("a text");
        assert!(!source.starts_with("(wrong"), "{event}");
        if event["params"]["url"] == "any.js" {
            assert_eq!(source, "return 41");
            found += 1;
        }
    }
    assert_eq!(found, 20);
}

#[test]
fn a_session_within_the_program_may_compile_when_it_is_told_of_a_script() {
    let text = "
      const vm = require('vm');
      const inspector = require('inspector');
      const session = new inspector.Session();
      session.connect();
      let told = 0, within = false, wrong = [];
      session.on('Debugger.scriptParsed', ({ params }) => {
        if (within) wrong.push('in the middle');
        if (params.url === 'inner.js') {
          session.post('Debugger.getScriptSource', { scriptId: params.scriptId }, (error, result) => {
            if (result.scriptSource !== '1 + 1') wrong.push(result);
          });
        }
        if (params.url !== 'outer.js' || told++ > 3) return;
        const script = new vm.Script('1 + 1', { filename: 'inner.js' });
        if (script.runInThisContext() !== 2) wrong.push(2);
      });
      session.post('Debugger.enable');
      for (let i = 0; i < 3; i++) {
        within = true;
        const f = vm.compileFunction('return a'.padEnd(1000) + ' + 1', ['a'], { filename: 'outer.js' });
        within = false;
        if (!f.toString().includes('return a')) wrong.push(f.toString());
      }
      setTimeout(() => { console.log(told, wrong); session.disconnect(); }, 10);";
    let (out, code) = Program::start_plain(text).end();
    assert_eq!((out.as_str(), code), ("3 []\n", Some(0)));
}

#[test]
fn a_second_client_is_told_that_the_program_is_being_profiled() {
    let program = Program::start("--inspect=0", WAITING);
    let (mut first, mut second) = (program.connect(), program.connect());
    first.call("Profiler.enable", json!({}));
    second.call("Profiler.enable", json!({}));
    first.call("Profiler.start", json!({}));
    let busy = "(() => { const end = Date.now() + 100; while (Date.now() < end); })()";
    first.evaluate(busy);
    let id = second.start("Profiler.start", json!({}));
    let answer = second.answer(id);
    assert_eq!(answer["error"]["message"], "The program is being profiled for another client");
    assert!(first.call("Profiler.stop", json!({}))["profile"]["nodes"].is_array());
    second.call("Profiler.start", json!({}));
    drop(second);
    first.call("Runtime.enable", json!({}));
}

#[test]
fn what_a_program_changes_of_its_builtins_changes_nothing_of_what_is_shown() {
    let text = "
      globalThis.shown = { a: 1, get b() { return 2; }, list: [1, 2], map: new Map([[1, { c: 3 }]]) };
      globalThis.touched = [];
      const trap = (name) => () => { touched[touched.length] = name; throw new Error(name); };
      const handler = new Proxy({}, { get: (_, name) => trap(name) });
      globalThis.trapped = new Proxy({}, handler);
      globalThis.nested = new Proxy(trapped, handler);
      const revocable = Proxy.revocable({}, {});
      revocable.revoke();
      globalThis.revoked = revocable.proxy;
      Object.defineProperty(globalThis, 'tempting', { get: trap('a global getter'), configurable: true });
      setInterval(() => {}, 1000);
      globalThis.spoil = () => {
        for (const kind of [Array, Map, Set, String, RegExp, WeakRef, Promise]) {
          for (const name of Object.getOwnPropertyNames(kind.prototype)) {
            if (typeof Object.getOwnPropertyDescriptor(kind.prototype, name).value === 'function' && name !== 'constructor') {
              kind.prototype[name] = trap(kind.name + ' ' + name);
            }
          }
        }
        for (const name of ['get', 'set', 'value', 'toJSON', 'uniqueContextId', 'receiver', 'returnByValue']) {
          Object.defineProperty(Object.prototype, name, { __proto__: null, value: trap(name), writable: true, configurable: true });
        }
        Object.getPrototypeOf([][Symbol.iterator]()).next = trap('an iterator');
        Array.prototype[Symbol.iterator] = trap('a list');
        return 1;
      };
      globalThis.stopped = (first) => { const second = 2; debugger; return first + second; };";
    let program = Program::start("--inspect=0", text);
    let mut client = program.connect();
    client.debug();
    let show = |client: &mut Client| {
        let params = json!({ "expression": "shown", "generatePreview": true });
        let mut shown = client.call("Runtime.evaluate", params)["result"].take();
        let id = json!({ "objectId": shown["objectId"].take(), "ownProperties": true });
        let mut properties = client.call("Runtime.getProperties", id)["result"].take();
        for property in properties.as_array_mut().expect("a list") {
            for name in ["value", "get"] {
                if property[name].is_object() {
                    property[name]["objectId"].take();
                }
            }
        }
        (shown, properties)
    };
    let before = show(&mut client);
    let spoiled = client.call("Runtime.evaluate", json!({ "expression": "spoil()" }));
    assert_eq!(spoiled["result"]["value"], 1, "{spoiled}");
    assert_eq!(show(&mut client), before);
    for name in ["trapped", "nested", "revoked"] {
        let params = json!({ "expression": name, "generatePreview": true });
        let shown = client.call("Runtime.evaluate", params);
        assert_eq!(shown["result"]["subtype"], "proxy", "{shown}");
        let id = json!({ "objectId": shown["result"]["objectId"] });
        client.call("Runtime.getProperties", id);
    }
    let id = client.start("Runtime.evaluate", json!({ "expression": "stopped(40)" }));
    let paused = client.event("Debugger.paused");
    let frame = paused["callFrames"][0]["callFrameId"].clone();
    let on_frame = |client: &mut Client, expression: &str, more: Value| {
        let mut params = json!({ "callFrameId": frame, "expression": expression });
        params.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        client.call("Debugger.evaluateOnCallFrame", params)
    };
    let sum = on_frame(&mut client, "first = 50, first + second", json!({}));
    assert_eq!(sum["result"]["value"], 52);
    let refused = on_frame(&mut client, "tempting", json!({ "throwOnSideEffect": true }));
    assert_eq!(refused["result"]["className"], "EvalError");
    let allowed = on_frame(&mut client, "second", json!({ "throwOnSideEffect": true }));
    assert_eq!(allowed["result"]["value"], 2);
    client.call("Debugger.resume", json!({}));
    assert_eq!(client.answer(id)["result"]["result"]["value"], 52);
    assert_eq!(client.evaluate("touched.length"), 0);
}

#[test]
fn scripts_of_the_engine_are_not_told_but_a_program_may_name_its_own_like_a_builtin() {
    let text = "const vm = require('vm');
      Array.fromAsync([1]);
      globalThis.own = new vm.Script('(function () {\\n  return 7;\\n})', { filename: 'node:own' }).runInThisContext();
      setInterval(() => {}, 1000);";
    let program = Program::start("--inspect=0", text);
    let mut client = program.connect();
    assert_eq!(client.evaluate("own()"), 7);
    client.debug();
    client.evaluate(
        "require = process.getBuiltinModule('module').createRequire('/'); require('dgram'); 1",
    );
    let told: Vec<String> = client
        .events
        .iter()
        .filter(|event| event["method"] == "Debugger.scriptParsed")
        .map(|event| event["params"]["url"].as_str().unwrap_or_default().to_owned())
        .filter(|url| url.starts_with("node:") || url.starts_with('<'))
        .collect();
    assert_eq!(told, ["node:own"]);
    let at = json!({ "url": "node:own", "lineNumber": 1 });
    client.call("Debugger.setBreakpointByUrl", at);
    let id = client.start("Runtime.evaluate", json!({ "expression": "own()" }));
    let paused = client.event("Debugger.paused");
    assert_eq!(paused["callFrames"][0]["location"]["lineNumber"], 1);
    client.call("Debugger.resume", json!({}));
    assert_eq!(client.answer(id)["result"]["result"]["value"], 7);
}
