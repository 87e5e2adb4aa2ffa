//! Debugging runs of scripts in `sandtide serve`, over a real port and WebSocket: the run that is stopped,
//! the runs beside it, and what is refused.

#[path = "inspector/client.rs"]
mod client;
#[path = "inspector/server.rs"]
mod server;

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tungstenite::Message;

use client::Client;
use server::{ISOLATIONS, Server};

/// Attaches as debuggers do.
fn attach(url: &str) -> Client {
    let mut client = Client::open(url).expect("a client may connect");
    client.debug();
    client
}

fn break_at(client: &mut Client, url: &str, line: u32) {
    let params = json!({ "url": url, "lineNumber": line });
    let found = client.call("Debugger.setBreakpointByUrl", params);
    assert_eq!(found["locations"].as_array().map(Vec::len), Some(1), "{found}");
}

/// The session's end closes the connection.
fn assert_ended(mut client: Client) {
    loop {
        match client.socket.read() {
            Ok(Message::Close(_)) => return,
            Ok(_) => {}
            Err(tungstenite::Error::Io(error)) if error.kind() == ErrorKind::ConnectionReset => {
                return;
            }
            Err(error) => panic!("the session did not end: {error}"),
        }
    }
}

fn go(client: &mut Client) {
    client.call("Runtime.runIfWaitingForDebugger", json!({}));
}

fn on_frame(client: &mut Client, stop: &Value, expression: &str) -> Value {
    let frame = &stop["callFrames"][0]["callFrameId"];
    let params = json!({ "callFrameId": frame, "expression": expression, "returnByValue": true });
    client.call("Debugger.evaluateOnCallFrame", params)["result"]["value"].take()
}

const SUM: &str = "export default function (input) {\n  let sum = 0;\n  for (const one of input) {\n    sum += one;\n  }\n  return sum;\n}";

#[test]
fn a_breakpoint_stops_the_next_run_which_then_answers_as_the_debugger_changed_it() {
    for server in Server::debugged() {
        server.deploy("sum", SUM);
        let url = server.session("sum", "");
        let mut client = attach(&url);
        let script = client.event("Debugger.scriptParsed");
        assert_eq!(script["url"], "sum.js", "{script}");
        break_at(&mut client, "sum.js", 5);
        go(&mut client);
        let run = server.run("sum", json!({ "input": [1, 2, 3] }));
        let stop = client.event("Debugger.paused");
        assert_eq!(stop["callFrames"][0]["location"]["lineNumber"], 5, "{stop}");
        assert_eq!(on_frame(&mut client, &stop, "sum + input.length"), json!(9));
        assert_eq!(on_frame(&mut client, &stop, "sum = 40"), json!(40));
        assert_eq!(on_frame(&mut client, &stop, "sum += 2"), json!(42));
        client.call("Debugger.resume", json!({}));
        let (status, body) = run.join().expect("it is answered");
        assert_eq!((status, &body["value"]), (200, &json!(42)), "{body}");
        // The session ends with its run, and what runs later is as it was.
        assert_ended(client);
        let (_, body) = server.run("sum", json!({ "input": [1, 2, 3] })).join().expect("an answer");
        assert_eq!(body["value"], json!(6), "{body}");
    }
}

#[test]
fn a_stop_says_which_functions_wait_for_the_one_that_was_stopped() {
    for server in Server::debugged() {
        let source = "async function rate(of) {\n  await null;\n  return of / 2;\n}\n\
        export default async (input) => {\n  const half = await rate(input);\n  return { half };\n}";
        server.deploy("price", source);
        let mut client = attach(&server.session("price", ""));
        client.call("Debugger.setAsyncCallStackDepth", json!({ "maxDepth": 4 }));
        break_at(&mut client, "price.js", 2);
        go(&mut client);
        let run = server.run("price", json!({ "input": 8 }));
        let stack = &client.event("Debugger.paused")["asyncStackTrace"];
        assert_eq!(stack["description"], "await", "{stack}");
        assert_eq!(stack["callFrames"][0]["url"], "price.js");
        assert_eq!(stack["callFrames"][0]["lineNumber"], 5);
        client.call("Debugger.resume", json!({}));
        assert_eq!(run.join().unwrap().1["value"], json!({ "half": 4 }));
    }
}

#[test]
fn clocks_and_deadlines_stand_still_while_the_run_is_stopped_and_others_are_answered() {
    for server in Server::debugged() {
        let source = "export default function () {\n  const [a, b] = [Date.now(), performance.now()];\n  debugger;\n  return [Date.now() - a, performance.now() - b];\n}";
        server.deploy("clock", source);
        let mut client = attach(&server.session("clock", ""));
        go(&mut client);
        // Time that the run has for itself; those beside it have a minute.
        let run = server.run("clock", json!({ "limits": { "wall_ms": 5000 } }));
        let stop = client.event("Debugger.paused");
        assert_eq!(stop["reason"], "other", "{stop}");
        let began = Instant::now();
        let mut answered = 0;
        // Longer than the run may take.
        while answered == 0 || began.elapsed() < Duration::from_millis(5500) {
            let (status, body) = server.run("clock", json!({})).join().expect("an answer");
            assert_eq!(status, 200, "{body}");
            answered += 1;
        }
        let stood = on_frame(&mut client, &stop, "Date.now() - a");
        client.call("Debugger.resume", json!({}));
        let (status, body) = run.join().expect("it is answered");
        assert_eq!(status, 200, "{body}");
        let took = body["value"].as_array().expect("two numbers").clone();
        for took in took.iter().chain([&stood]).chain([&body["usage"]["wall_us"]]) {
            assert!(took.as_f64() >= Some(0.0), "{body}");
        }
        // Less than the run may take, though it was stopped for longer.
        assert!(took[0].as_f64() < Some(5000.0) && took[1].as_f64() < Some(5000.0), "{body}");
        assert!(stood.as_f64() < Some(5000.0), "{stood}");
    }
}

#[test]
fn a_run_without_an_end_still_ends_at_its_deadline_when_it_was_let_go() {
    for server in Server::debugged() {
        server.deploy("loop", "export default function () {\n  let n = 0;\n  for (;;) n++;\n}");
        let mut client = attach(&server.session("loop", ""));
        break_at(&mut client, "loop.js", 1);
        go(&mut client);
        let run = server.run("loop", json!({ "limits": { "wall_ms": 5000 } }));
        client.event("Debugger.paused");
        client.call("Debugger.resume", json!({}));
        let (status, body) = run.join().expect("it is answered");
        assert_eq!((status, &body["code"]), (422, &json!("ERR_WALL_TIME_LIMIT")), "{body}");
        assert_ended(client);
    }
}

#[test]
fn a_run_that_is_let_loose_is_paused_by_its_client() {
    for server in Server::debugged() {
        server.deploy("spin", "export default function () {\n  let on = true;\n  while (on) {\n    on = on;\n  }\n  return 'out';\n}");
        let mut client = attach(&server.session("spin", ""));
        go(&mut client);
        let run = server.run("spin", json!({}));
        // The answer comes from between two steps of the loop, or from before it.
        loop {
            client.call("Debugger.pause", json!({}));
            let stop = client.event("Debugger.paused");
            let in_loop = stop["callFrames"][0]["location"]["lineNumber"].as_u64() >= Some(2);
            if in_loop {
                on_frame(&mut client, &stop, "on = false");
            }
            client.call("Debugger.resume", json!({}));
            if in_loop {
                break;
            }
        }
        let (_, body) = run.join().expect("it is answered");
        assert_eq!(body["value"], json!("out"), "{body}");
    }
}

#[test]
fn a_run_goes_on_when_its_client_vanishes_while_it_is_stopped() {
    for server in Server::debugged() {
        server.deploy("stop", "export default function () {\n  debugger;\n  return 'went on';\n}");
        let mut client = attach(&server.session("stop", ""));
        go(&mut client);
        let run = server.run("stop", json!({}));
        client.event("Debugger.paused");
        drop(client);
        let (status, body) = run.join().expect("it is answered");
        assert_eq!((status, &body["value"]), (200, &json!("went on")), "{body}");
    }
}

#[test]
fn a_run_that_is_to_stop_at_its_start_does_so_and_its_console_is_told() {
    for server in Server::debugged() {
        server.deploy("say", "export default function (input) {\n  console.log('said', input);\n  throw new TypeError('no ' + input);\n}");
        let mut client = attach(&server.session("say", "?stop=start"));
        go(&mut client);
        let run = server.run("say", json!({ "input": 7 }));
        let stop = client.event("Debugger.paused");
        assert_eq!(stop["reason"], "Break on start", "{stop}");
        assert_eq!(stop["callFrames"][0]["location"]["lineNumber"], 1, "{stop}");
        client.call("Debugger.stepOver", json!({}));
        let said = client.event("Runtime.consoleAPICalled");
        assert_eq!(
            (&said["args"][0]["value"], &said["args"][1]["value"]),
            (&json!("said"), &json!(7))
        );
        let frame = &said["stackTrace"]["callFrames"][0];
        assert_eq!((&frame["url"], &frame["lineNumber"]), (&json!("say.js"), &json!(1)), "{said}");
        client.event("Debugger.paused");
        client.call("Debugger.resume", json!({}));
        let thrown = client.event("Runtime.exceptionThrown");
        let text =
            thrown["exceptionDetails"]["exception"]["description"].as_str().unwrap_or_default();
        assert!(text.starts_with("TypeError: no 7"), "{thrown}");
        let (status, body) = run.join().expect("it is answered");
        assert_eq!((status, &body["detail"]), (422, &json!("no 7")), "{body}");
        let lines = body["logs"].as_array().map(Vec::len);
        assert_eq!(lines, Some(1), "{body}");
    }
}

#[test]
fn a_classic_script_is_stopped_too_and_a_heap_snapshot_comes_from_it() {
    for server in Server::debugged() {
        server.deploy("classic", "var kept = { mark: 'of the run' };\nkept.mark.length + number;");
        let mut client = attach(&server.session("classic", ""));
        break_at(&mut client, "classic.js", 1);
        go(&mut client);
        let run = server.run("classic", json!({ "globals": { "number": 1 } }));
        let stop = client.event("Debugger.paused");
        assert_eq!(on_frame(&mut client, &stop, "kept.mark"), json!("of the run"));
        let id = client.start("HeapProfiler.takeHeapSnapshot", json!({}));
        client.answer(id);
        let chunks = client.events.iter().filter_map(|event| event["params"]["chunk"].as_str());
        let text: String = chunks.collect();
        assert!(text.starts_with("{\"snapshot\"") && text.contains("of the run"), "{}", text.len());
        serde_json::from_str::<Value>(&text).expect("a snapshot is JSON");
        client.call("Debugger.resume", json!({}));
        let (_, body) = run.join().expect("it is answered");
        assert_eq!(body["value"], json!(11), "{body}");
    }
}

#[test]
fn a_run_whose_own_client_leaves_is_ended_though_it_is_stopped() {
    for server in Server::debugged() {
        server.deploy("left", "export default function () {\n  debugger;\n  return 1;\n}");
        let mut client = attach(&server.session("left", ""));
        go(&mut client);
        let address = server.base.trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&address).expect("the server listens");
        let head =
            "POST /v1/scripts/left/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("it is sent");
        client.event("Debugger.paused");
        drop(stream);
        // Nobody resumed it.
        assert_ended(client);
    }
}

#[test]
fn what_a_client_evaluates_takes_nothing_of_the_runs_memory() {
    for server in Server::debugged() {
        let source = "export default function () {\n  debugger;\n  const own = [];\n  for (let i = 0; i < 100; i++) own.push('x'.repeat(20000) + i);\n  return own.length;\n}";
        server.deploy("room", source);
        let mut client = attach(&server.session("room", ""));
        go(&mut client);
        let run = server.run("room", json!({ "limits": { "heap_bytes": 4 << 20 } }));
        let stop = client.event("Debugger.paused");
        let kept =
            "globalThis.kept = 'y'.repeat(8 << 20); globalThis.more = new Array(1e6).fill(1); 1";
        assert_eq!(on_frame(&mut client, &stop, kept), json!(1));
        client.call("Debugger.resume", json!({}));
        let (_, body) = run.join().expect("it is answered");
        assert_eq!(body["value"], json!(100), "{body}");
        // And its own limit still holds.
        server.deploy("full", "export default function () {\n  debugger;\n  const own = [];\n  for (;;) own.push('x'.repeat(20000) + own.length);\n}");
        let mut client = attach(&server.session("full", ""));
        go(&mut client);
        let run = server.run("full", json!({ "limits": { "heap_bytes": 4 << 20 } }));
        client.event("Debugger.paused");
        client.call("Debugger.resume", json!({}));
        let (status, body) = run.join().expect("it is answered");
        assert_eq!((status, &body["code"]), (422, &json!("ERR_HEAP_LIMIT")), "{body}");
        let text = body["detail"].as_str().unwrap_or_default();
        assert!(text.contains(&(4 << 20).to_string()), "{body}");
    }
}

#[test]
fn runs_are_taken_only_once_a_client_says_so_and_by_one_session() {
    for server in Server::debugged() {
        server.deploy("s", "export default function () {\n  debugger;\n  return 1;\n}");
        let url = server.session("s", "");
        let (status, body) = server.post("default", "/v1/scripts/s/debug", "");
        assert_eq!((status, &body["code"]), (409, &json!("ERR_DEBUG_UNDER_WAY")), "{body}");
        // Nobody is attached, and then somebody who is not ready: runs are not held up.
        assert_eq!(server.run("s", json!({})).join().expect("an answer").0, 200);
        let client = attach(&url);
        assert_eq!(server.run("s", json!({})).join().expect("an answer").0, 200);
        drop(client);
    }
}

/// Waits until another session can be opened, because the one before has ended.
fn session_after(server: &Server, name: &str, mut meanwhile: impl FnMut()) -> String {
    let until = Instant::now() + client::PATIENCE;
    loop {
        let (status, body) = server.post("default", &format!("/v1/scripts/{name}/debug"), "");
        if status == 201 {
            return body["url"].as_str().expect("a URL").to_owned();
        }
        assert!(status == 409 && Instant::now() < until, "{body}");
        meanwhile();
        thread::sleep(Duration::from_millis(50));
    }
}

fn evaluate(client: &mut Client, expression: &str) -> Value {
    let params = json!({ "expression": expression, "returnByValue": true });
    client.call("Runtime.evaluate", params)["result"]["value"].take()
}

#[test]
fn promises_of_a_clients_that_have_no_end_hold_up_neither_its_messages_nor_the_run() {
    for server in Server::debugged() {
        server.deploy("s", "export default () => globalThis.enough");
        let mut client = attach(&server.session("s", ""));
        let endless = "(async () => { while (!globalThis.enough) await null; })(); 1";
        assert_eq!(evaluate(&mut client, endless), json!(1));
        assert_eq!(evaluate(&mut client, "6 * 7"), json!(42));
        assert_eq!(evaluate(&mut client, "globalThis.enough = 'it is'"), json!("it is"));
        go(&mut client);
        let (_, body) = server.run("s", json!({})).join().expect("an answer");
        assert_eq!(body["value"], json!("it is"), "{body}");
        assert_ended(client);
    }
}

#[test]
fn a_job_of_a_clients_that_has_no_end_is_ended_when_nobody_is_left() {
    for server in Server::debugged() {
        server.deploy("s", "export default () => globalThis.mark");
        let url = server.session("s", "");
        let mut client = attach(&url);
        let endless = "globalThis.mark = 'same heap'; (async () => { await null; console.log('on'); for (;;); })(); 1";
        evaluate(&mut client, endless);
        client.event("Runtime.consoleAPICalled");
        drop(client);
        let mut client = attach(&url);
        go(&mut client);
        let (_, body) = server.run("s", json!({})).join().expect("an answer");
        assert_eq!(body["value"], json!("same heap"), "{body}");
        assert_ended(client);
    }
}

#[test]
fn conditions_that_have_no_end_are_ended_when_their_client_vanishes() {
    for server in Server::debugged() {
        server.deploy("s", "export default function () {\n  let n = 1;\n  n++;\n  return n;\n}");
        let mut client = attach(&server.session("s", ""));
        for line in [1, 2, 3] {
            let condition = "(() => { console.log('on'); for (;;); })()";
            let params = json!({ "url": "s.js", "lineNumber": line, "condition": condition });
            client.call("Debugger.setBreakpointByUrl", params);
        }
        go(&mut client);
        let run = server.run("s", json!({}));
        client.event("Runtime.consoleAPICalled");
        drop(client);
        let (_, body) = run.join().expect("an answer");
        assert_eq!(body["value"], json!(2), "{body}");
    }
}

#[test]
fn what_a_client_evaluates_without_an_end_does_not_outlive_its_session() {
    for server in Server::debugged() {
        server.deploy("s", "export default () => 1");
        let mut client = attach(&server.session("s", ""));
        go(&mut client);
        client.start("Runtime.evaluate", json!({ "expression": "console.log('on'); for (;;);" }));
        client.event("Runtime.consoleAPICalled");
        // The session has a run whose own client leaves, at some time or other.
        let address = server.base.trim_start_matches("http://").to_owned();
        let leave = || {
            let mut stream = TcpStream::connect(&address).expect("the server listens");
            let head =
                "POST /v1/scripts/s/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
            stream.write_all(head.as_bytes()).expect("it is sent");
            stream.set_read_timeout(Some(Duration::from_millis(300))).expect("a socket");
            let _ = stream.read(&mut [0; 64]);
        };
        session_after(&server, "s", leave);
        assert_ended(client);
    }
}

#[test]
fn a_client_that_fills_the_heap_before_the_run_ends_its_session_and_the_run_is_like_others() {
    for server in Server::debugged() {
        server.deploy("s", "export default function (as) {\n  debugger;\n  return as;\n}");
        let mut client = attach(&server.session("s", ""));
        break_at(&mut client, "s.js", 2);
        go(&mut client);
        let bomb = "console.log('on'); for (let i = 0; i < 3e6; i++); const all = []; for (;;) all.push(new Array(1e5).fill(all))";
        client.start("Runtime.evaluate", json!({ "expression": bomb }));
        client.event("Runtime.consoleAPICalled");
        // It is the session's, or comes too late for it.
        let (status, body) =
            server.run("s", json!({ "input": "as ever" })).join().expect("an answer");
        assert_eq!((status, &body["value"]), (200, &json!("as ever")), "{body}");
        assert_ended(client);
        let mut client = attach(&session_after(&server, "s", || ()));
        go(&mut client);
        let run = server.run("s", json!({ "input": "as ever" }));
        client.event("Debugger.paused");
        client.call("Debugger.resume", json!({}));
        let (_, body) = run.join().expect("an answer");
        assert_eq!(body["value"], json!("as ever"), "{body}");
    }
}

#[test]
fn a_client_that_fills_the_heap_at_a_stop_ends_the_run_and_is_told_nothing_of_its_heap() {
    for server in Server::debugged() {
        server.deploy("s", "export default function () {\n  debugger;\n  return 1;\n}");
        let mut client = attach(&server.session("s", ""));
        go(&mut client);
        let run = server.run("s", json!({}));
        client.event("Debugger.paused");
        let bomb = "const all = []; for (;;) all.push(new Array(1e5).fill(all))";
        client.start("Runtime.evaluate", json!({ "expression": bomb }));
        client.start("HeapProfiler.takeHeapSnapshot", json!({}));
        client.start("Debugger.stepInto", json!({}));
        let (status, body) = run.join().expect("an answer");
        assert_eq!((status, &body["code"]), (422, &json!("ERR_HEAP_LIMIT")), "{body}");
        assert_ended(client);
    }
}

#[test]
fn a_tenant_has_two_sessions_at_a_time() {
    for server in Server::debugged() {
        let mut statuses = Vec::new();
        for (tenant, name) in [("a", "x"), ("a", "y"), ("a", "z"), ("b", "z")] {
            server.deploy_for(tenant, name, "1");
            statuses.push(server.post(tenant, &format!("/v1/scripts/{name}/debug"), "").0);
        }
        assert_eq!(statuses, [201, 201, 409, 201]);
    }
}

#[test]
fn a_run_with_a_large_body_passes_a_session_by() {
    for server in Server::debugged() {
        server.deploy(
            "s",
            "export default function (input) {\n  debugger;\n  return input.length;\n}",
        );
        let mut client = attach(&server.session("s", ""));
        go(&mut client);
        let large = "x".repeat((1 << 20) + 1);
        let (_, body) = server.run("s", json!({ "input": large })).join().expect("an answer");
        assert_eq!(body["value"], json!(large.len()), "{body}");
        let run = server.run("s", json!({ "input": "small" }));
        client.event("Debugger.paused");
        client.call("Debugger.resume", json!({}));
        assert_eq!(run.join().expect("an answer").1["value"], json!(5));
    }
}

#[test]
fn a_session_that_nobody_attaches_to_ends_by_its_time() {
    for server in Server::debugged() {
        server.deploy("s", "export default () => 1");
        let url = server.session("s", "?seconds=1");
        session_after(&server, "s", || ());
        assert!(Client::open(&url).is_err());
    }
}

#[test]
fn debugging_is_refused_unless_the_server_was_started_for_it() {
    for isolation in ISOLATIONS {
        let server = Server::start(&["--isolation", isolation]);
        server.deploy("s", "1");
        let (status, body) = server.post("default", "/v1/scripts/s/debug", "");
        let code = &body["code"];
        assert_eq!((status, code), (403, &json!("ERR_DEBUG_NOT_ALLOWED")), "{body}");
    }
}

#[test]
fn a_session_is_its_tenants_and_its_address_is_not_told_to_others() {
    for server in Server::debugged() {
        server.deploy_for("a", "s", "1");
        let (status, body) = server.post("b", "/v1/scripts/s/debug", "");
        assert_eq!((status, &body["code"]), (404, &json!("ERR_SCRIPT_NOT_FOUND")), "{body}");
        let (_, body) = server.post("a", "/v1/scripts/s/debug", "");
        let url = body["url"].as_str().expect("a URL").to_owned();
        assert!(body["devtools"].as_str().is_some_and(|line| line.ends_with(&url[5..])), "{body}");
        let authority = url[5..].split('/').next().expect("an authority").to_owned();
        let mut list =
            ureq::get(format!("http://{authority}/json/list")).call().expect("an answer");
        let list = list.body_mut().read_to_string().expect("text");
        assert_eq!(list.trim(), "[]");
        assert!(Client::open(&format!("ws://{authority}/")).is_err());
        // A page of the web is turned away, under whatever name it came.
        for (name, value) in [("Origin", "https://evil.example"), ("Host", "evil.example")] {
            let mut stream = TcpStream::connect(&authority).expect("the port is open");
            let (host, more) = match name {
                "Host" => (value, String::new()),
                _ => (authority.as_str(), format!("{name}: {value}\r\n")),
            };
            let path = url[5..].split_once('/').expect("a path").1;
            let head = format!(
                "GET /{path} HTTP/1.1\r\nHost: {host}\r\n{more}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).expect("it is sent");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("an answer");
            assert!(answer.starts_with("HTTP/1.0 400 "), "{answer}");
        }
    }
}

#[test]
fn a_client_profiles_the_run_that_it_debugs() {
    for server in Server::debugged() {
        let source = "export default function () {\n  function hot() { const end = Date.now() + 200; let n = 0; while (Date.now() < end) n++; return n; }\n  const n = hot();\n  return n > 0;\n}";
        server.deploy("s", source);
        let mut client = attach(&server.session("s", ""));
        // So that the session is there when its run is over.
        break_at(&mut client, "s.js", 3);
        client.call("Profiler.enable", json!({}));
        client.call("Profiler.start", json!({}));
        go(&mut client);
        let run = server.run("s", json!({}));
        client.event("Debugger.paused");
        let profile = client.call("Profiler.stop", json!({}))["profile"].take();
        let nodes = profile["nodes"].as_array().expect("a list");
        let is_hot = |node: &Value| node["callFrame"]["functionName"] == "hot";
        assert!(nodes.iter().any(is_hot), "{profile}");
        client.call("Debugger.resume", json!({}));
        let (_, body) = run.join().expect("it is answered");
        assert_eq!(body["value"], json!(true), "{body}");
    }
}

#[test]
fn a_worker_that_dies_while_it_is_debugged_costs_its_run_and_nothing_else() {
    let server = Server::start(&["--allow-debug", "--timeout", "60s"]);
    server.deploy("s", "export default function () {\n  debugger;\n  return 1;\n}");
    let mut client = attach(&server.session("s", ""));
    go(&mut client);
    let run = server.run("s", json!({}));
    client.event("Debugger.paused");
    server.kill_workers();
    let (status, body) = run.join().expect("it is answered");
    assert_eq!((status, &body["code"]), (500, &json!("ERR_WORKER_LOST")), "{body}");
    assert_ended(client);
    // The script is neither held back nor under debugging any more.
    let (_, body) = server.run("s", json!({})).join().expect("an answer");
    assert_eq!(body["value"], json!(1), "{body}");
    let mut client = attach(&session_after(&server, "s", || ()));
    go(&mut client);
    let run = server.run("s", json!({}));
    client.event("Debugger.paused");
    client.call("Debugger.resume", json!({}));
    assert_eq!(run.join().expect("an answer").1["value"], json!(1));
}

#[test]
fn a_message_that_is_none_and_one_of_many_bytes_are_answered_while_the_run_is_stopped() {
    for server in Server::debugged() {
        server.deploy("s", "export default function () {\n  debugger;\n  return 1;\n}");
        let mut client = attach(&server.session("s", ""));
        go(&mut client);
        let run = server.run("s", json!({}));
        let stop = client.event("Debugger.paused");
        client.send("{ no message");
        let refused = client.receive();
        assert_eq!(refused["error"]["code"], json!(-32700), "{refused}");
        let long = format!("'{}'.length", "x".repeat(3 << 20));
        assert_eq!(on_frame(&mut client, &stop, &long), json!(3 << 20));
        assert_eq!(on_frame(&mut client, &stop, "6 * 7"), json!(42));
        client.call("Debugger.resume", json!({}));
        assert_eq!(run.join().expect("an answer").1["value"], json!(1));
    }
}

#[test]
fn an_answer_that_is_longer_than_a_worker_may_say_is_an_error() {
    let server = Server::start(&["--allow-debug", "--timeout", "60s"]);
    server.deploy("s", "export default function () {\n  debugger;\n  return 1;\n}");
    let mut client = attach(&server.session("s", ""));
    go(&mut client);
    let run = server.run("s", json!({}));
    let stop = client.event("Debugger.paused");
    let frame = &stop["callFrames"][0]["callFrameId"];
    let much = "'y'.repeat(20 << 20)";
    let params = json!({ "callFrameId": frame, "expression": much, "returnByValue": true });
    let id = client.start("Debugger.evaluateOnCallFrame", params);
    let answer = client.answer(id);
    let error = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(error.contains("of at most"), "{error}");
    assert_eq!(on_frame(&mut client, &stop, "6 * 7"), json!(42));
    client.call("Debugger.resume", json!({}));
    assert_eq!(run.join().expect("an answer").1["value"], json!(1));
}
