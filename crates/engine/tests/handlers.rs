//! Handlers (`export default { fetch(request, env, ctx) { … } }`), and the guest's half of `fetch`, whose network is a
//! function here.

mod common;

use common::*;
use sandtide_engine::{
    EntryPoint, Error, FETCH, Form, Frozen, HostError, HostFunction, HttpRequest, HttpResponse,
    Input, InstanceConfig, Intrinsics, Plan, Request, Source, Value,
};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

fn handler_with(source: &str, hosts: Vec<HostFunction>) -> Bench {
    let entry = EntryPoint::Module(Source::new("main.js", source));
    Bench::of(&Plan { entry, hosts, ..plan() })
}

fn get(path: &str) -> HttpRequest {
    HttpRequest {
        method: "GET".to_owned(),
        url: format!("http://site.example{path}"),
        ..HttpRequest::default()
    }
}

fn asking(asked: HttpRequest) -> Request {
    Request { input: Some(Input::Request(Box::new(asked))), ..request() }
}

fn answer(bench: &mut Bench, request: HttpRequest) -> HttpResponse {
    let outcome = bench.run(&asking(request));
    let value = outcome.result.unwrap_or_else(|error| panic!("{error:?}"));
    HttpResponse::of(value).expect("a response")
}

fn failure(source: &str) -> Error {
    let mut bench = handler_with(source, Vec::new());
    bench.run(&asking(get("/"))).result.expect_err("no answer")
}

#[test]
fn a_handler_sees_the_whole_request_and_its_answer_arrives_whole() {
    let mut bench = handler_with(
        "export default {
           async fetch(request, env, ctx) {
             const { pathname, searchParams } = new URL(request.url);
             const headers = new Headers({ 'X-Made': 'yes \\u00e9', 'content-type': 'application/x-own' });
             headers.append('set-cookie', 'a=1');
             headers.append('set-cookie', 'b=2');
             const seen = [request instanceof Request, request.method, pathname, searchParams.get('q'),
               request.headers.get('x-one'), await request.text(), env.name, typeof ctx.waitUntil];
             return new Response(JSON.stringify(seen), { status: 201, statusText: 'Made', headers });
           },
         }",
        Vec::new(),
    );
    assert!(bench.image.is_handler());
    let request = HttpRequest {
        method: "PATCH".to_owned(),
        headers: vec![("X-One".to_owned(), "ä".to_owned())],
        body: Some("körper".into()),
        env: [("name", Value::from("Ada"))].into_iter().collect(),
        ..get("/a/b?q=1%202")
    };
    for _ in 0..2 {
        let response = answer(&mut bench, request.clone());
        assert_eq!((response.status, &*response.status_text), (201, "Made"));
        let seen = r#"[true,"PATCH","/a/b","1 2","ä","körper","Ada","function"]"#;
        assert_eq!(String::from_utf8(response.body).unwrap(), seen);
        let header = |name, value: &str| (String::from(name), value.to_owned());
        let expected = [
            header("content-type", "application/x-own"),
            header("set-cookie", "a=1"),
            header("set-cookie", "b=2"),
            header("x-made", "yes é"),
        ];
        assert_eq!(response.headers, expected);
    }
}

#[test]
fn bodies_from_streams_and_answers_without_a_body_arrive() {
    let mut bench = handler_with(
        "const parts = () => new ReadableStream({
           start(controller) {
             for (const text of ['one ', 'two']) controller.enqueue(new TextEncoder().encode(text));
             controller.close();
           },
         });
         export default {
           fetch(request) {
             if (request.url.endsWith('/stream')) return new Response(parts());
             if (request.url.endsWith('/echo')) return new Response(request.body);
             return new Response(null, { status: 204 });
           },
         }",
        Vec::new(),
    );
    assert_eq!(answer(&mut bench, get("/stream")).body, b"one two");
    let echo =
        HttpRequest { method: "POST".to_owned(), body: Some(vec![0, 255, 7]), ..get("/echo") };
    assert_eq!(answer(&mut bench, echo).body, [0, 255, 7]);
    let empty = answer(&mut bench, get("/"));
    assert_eq!((empty.status, empty.body.len()), (204, 0));
}

#[test]
fn what_a_handler_waits_for_is_over_before_the_run_and_its_failures_are_logged() {
    let mut bench = handler_with(
        "export default {
           fetch(request, env, ctx) {
             const late = async (ms, then) => {
               await new Promise((resolve) => setTimeout(resolve, ms));
               then();
             };
             ctx.waitUntil(late(5, () => {
               console.log('first');
               ctx.waitUntil(late(1, () => console.log('second')));
             }));
             ctx.waitUntil(Promise.reject(new Error('lost')));
             return new Response('ok');
           },
         }",
        Vec::new(),
    );
    let outcome = bench.run(&asking(get("/")));
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    let logs: Vec<_> = outcome.logs.iter().map(|line| &*line.text).collect();
    assert!(logs.contains(&"first") && logs.contains(&"second"), "{logs:?}");
    assert!(logs.iter().any(|line| line.contains("lost")), "{logs:?}");
}

#[test]
fn waiting_ends_at_the_runs_limit() {
    let mut bench = handler_with(
        "export default {
           fetch(request, env, ctx) {
             ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 1e6)));
             return new Response('ok');
           },
         }",
        Vec::new(),
    );
    let outcome = bench.run(&Request { limits: short(), ..asking(get("/")) });
    assert!(matches!(outcome.result, Err(Error::WallTime { .. })), "{:?}", outcome.result);
}

#[test]
fn what_is_no_answer_is_an_exception_that_says_so() {
    for (answer, says) in [
        ("'text'", "no Response"),
        ("undefined", "no Response"),
        ("Response.error()", "an error"),
        (
            "(async () => { const used = new Response('x'); await used.text(); return used; })()",
            "used already",
        ),
        ("(() => { throw new RangeError('mine'); })()", "mine"),
        ("ctx.passThroughOnException()", "no server behind"),
        ("ctx.waitUntil()", "argument"),
        ("new Response(null, { headers: { 'x-one': 'a\\x1bb' } })", "x-one has characters"),
    ] {
        let source =
            format!("export default {{ fetch(request, env, ctx) {{ return {answer}; }} }}");
        let Error::Exception(thrown) = failure(&source) else { panic!("{answer}") };
        assert!(thrown.message.contains(says), "{answer}: {}", thrown.message);
    }
}

#[test]
fn requests_are_for_handlers_and_values_for_functions() {
    let mut handler = handler_with("export default { fetch: () => new Response('x') }", Vec::new());
    for request in [request(), with_input("x")] {
        let error = handler.run(&request).result.expect_err("no request");
        assert!(matches!(error, Error::WrongForm { .. }), "{error:?}");
    }
    let mut function = Bench::function("export default (input) => input");
    assert!(!function.image.is_handler());
    let error = function.run(&asking(get("/"))).result.expect_err("no handler");
    assert!(matches!(error, Error::WrongForm { .. }), "{error:?}");
    let error =
        Bench::base().run(&Request { source: Some(Source::new("a.js", "1")), ..asking(get("/")) });
    assert!(matches!(error.result, Err(Error::WrongForm { .. })), "{:?}", error.result);
}

#[test]
fn a_handler_may_come_with_its_run() {
    let source = "let count = 0; export default { fetch: () => new Response(String(++count)) }";
    let mut bench = Bench::base();
    for _ in 0..2 {
        let request = Request { source: Some(Source::new("fresh.js", source)), ..asking(get("/")) };
        let value = bench.run(&request).result.expect("an answer");
        assert_eq!(HttpResponse::of(value).expect("a response").body, b"1");
    }
}

#[test]
fn an_object_without_a_method_is_no_default_export_and_a_handler_needs_its_classes() {
    let module =
        |text: &str| Plan { entry: EntryPoint::Module(Source::new("m.js", text)), ..plan() };
    for text in ["export default {}", "export default { fetch: 1 }", "export default null"] {
        let built = Bench::base().instance.build(&module(text));
        assert!(matches!(built, Err(Error::NoDefaultExport { .. })), "{text}: {built:?}");
    }
    let mut intrinsics = Intrinsics::default();
    intrinsics.streams = false;
    let mut config = InstanceConfig::default();
    config.intrinsics = intrinsics;
    let built = Bench::with(config).instance.build(&module("export default { fetch() {} }"));
    assert!(matches!(built, Err(Error::WrongForm { .. })), "{built:?}");
    assert_eq!(
        Bench::base()
            .instance
            .check(&Source::new("m.js", "export default {}"), &generous())
            .unwrap()
            .form,
        Form::Function
    );
}

#[test]
fn a_guest_that_changed_the_language_first_is_still_answered() {
    let mut bench = handler_with(
        "const { Promise: P } = globalThis;
         for (const name of ['then', 'constructor']) {
           Object.defineProperty(P.prototype, name, { get() { throw new Error('asked'); } });
         }
         Object.defineProperty(Object.prototype, 'status', { get() { return 999; } });
         Array.prototype[Symbol.iterator] = undefined;
         export default { fetch: (request) => new Response(request.url) }",
        Vec::new(),
    );
    let response = answer(&mut bench, get("/x"));
    assert_eq!((response.status, response.body), (200, b"http://site.example/x".to_vec()));
}

// `fetch`.

/// A network that answers what it was asked, and counts the calls of each run.
fn network() -> HostFunction {
    HostFunction::new_per_run(FETCH, || {
        let calls = Arc::new(AtomicU32::new(0));
        // Calls that were aborted, and whom to wake.
        let aborted = Arc::<Mutex<(Vec<Value>, Vec<Waker>)>>::default();
        move |args: Vec<Value>| {
            let (calls, aborted) = (Arc::clone(&calls), Arc::clone(&aborted));
            async move {
                let text = |at: usize| args[at].as_str().unwrap_or_default().to_owned();
                if text(0) == "abort" {
                    let mut all = aborted.lock().unwrap();
                    all.0.push(args[1].clone());
                    all.1.drain(..).for_each(Waker::wake);
                    return Ok(Value::Undefined);
                }
                let url = text(3);
                if url.contains("/fails") {
                    return Err(HostError::named("TypeError", "fetch: it failed"));
                }
                if url.contains("/hangs") {
                    std::future::poll_fn(|context| {
                        let mut all = aborted.lock().unwrap();
                        all.1.push(context.waker().clone());
                        if all.0.contains(&args[1]) { Poll::Ready(()) } else { Poll::Pending }
                    })
                    .await;
                    return Err(HostError::named("TypeError", "fetch: it was aborted"));
                }
                let number = calls.fetch_add(1, Ordering::Relaxed) + 1;
                let body = match &args[6] {
                    Value::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                    other => format!("{other:?}"),
                };
                let said = format!(
                    "{number} {} {url} {} {} {body}",
                    text(2),
                    text(4),
                    text(5).replace('\n', ";")
                );
                Ok([
                    ("status", Value::from(200)),
                    ("statusText", Value::from("OK")),
                    ("url", Value::String(url)),
                    ("redirected", Value::Bool(true)),
                    (
                        "headers",
                        Value::from("content-type:text/plain\nset-cookie:a\nset-cookie:b\n"),
                    ),
                    ("body", Value::Bytes(said.into_bytes())),
                ]
                .into_iter()
                .collect())
            }
        }
    })
}

fn fetches(source: &str) -> Value {
    let mut bench = Bench::hosts(vec![network()]);
    bench.eval(&format!("(async () => {{ {source} }})()"))
}

#[test]
fn what_is_asked_for_reaches_the_host_and_its_answer_is_a_response() {
    let value = fetches(
        "const response = await fetch('http://a.example/x#y', {
           method: 'post', body: 'körper', headers: { 'X-A': '1' }, redirect: 'manual',
         });
         let immutable = false;
         try { response.headers.set('a', 'b'); } catch (error) { immutable = error instanceof TypeError; }
         return JSON.stringify([response instanceof Response, response.ok, response.status, response.statusText,
           response.url, response.redirected, response.type, response.headers.getSetCookie(), immutable,
           await response.text()]);",
    );
    assert_eq!(
        value.as_str().unwrap(),
        r#"[true,true,200,"OK","http://a.example/x#y",true,"basic",["a","b"],true,"1 POST http://a.example/x#y manual content-type:text/plain;charset=UTF-8;x-a:1; körper"]"#
    );
}

#[test]
fn each_run_has_a_network_of_its_own() {
    let mut bench = Bench::hosts(vec![network()]);
    let twice = "(async () => {
        const all = await Promise.all([fetch('http://a.example/'), fetch(new Request('http://a.example/'))]);
        return (await Promise.all(all.map((one) => one.text()))).map((text) => text[0]).sort().join();
    })()";
    for _ in 0..2 {
        assert_eq!(bench.eval(twice), "1,2".into());
    }
}

#[test]
fn failures_and_aborts_reject_and_nothing_is_left_waiting() {
    let value = fetches(
        "const said = async (f) => { try { await f(); return 'no'; } catch (e) { return e.name + ': ' + e.message; } };
         const controller = new AbortController();
         const hanging = said(() => fetch('http://a.example/hangs', { signal: controller.signal }));
         await new Promise((resolve) => setTimeout(resolve, 1));
         controller.abort();
         return JSON.stringify([
           await said(() => fetch('http://a.example/fails')),
           await hanging,
           await said(() => fetch('http://a.example/', { signal: AbortSignal.abort(new Error('mine')) })),
           await said(() => fetch('http://a.example/hangs', { signal: AbortSignal.timeout(2) })),
           await said(() => fetch('/relative')),
           await said(() => fetch()),
         ]);",
    );
    let said: Vec<String> = {
        let text = value.as_str().unwrap().to_owned();
        text.trim_matches(['[', ']']).split("\",\"").map(str::to_owned).collect()
    };
    for (said, starts) in said.iter().zip([
        "\"TypeError: fetch: it failed",
        "AbortError: ",
        "Error: mine",
        "TimeoutError: ",
        "TypeError: ",
        "TypeError: ",
    ]) {
        assert!(said.starts_with(starts), "{said} does not start with {starts}");
    }
}

#[test]
fn without_a_grant_it_says_how_to_grant_one() {
    let said = "(async () => { try { await fetch('http://a.example/'); } catch (e) { return String(e); } })()";
    let value = Bench::base().eval(said);
    let text = value.as_str().unwrap();
    assert!(text.starts_with("TypeError: ") && text.contains("--allow-net"), "{text}");
}

#[test]
fn a_frozen_run_has_no_network() {
    let mut bench = Bench::hosts(vec![network()]);
    let frozen = Some(Frozen { seed: 1, now_ms: 0.0 });
    let outcome = bench.run(&Request { frozen, ..ad_hoc("fetch('http://a.example/')") });
    let Err(Error::Exception(thrown)) = outcome.result else { panic!("{:?}", outcome.result) };
    assert!(thrown.message.contains("frozen"), "{}", thrown.message);
}

#[test]
fn while_an_image_is_built_there_is_no_network() {
    let entry = EntryPoint::Module(Source::new(
        "m.js",
        "const response = await fetch('http://a.example/'); export default () => 1",
    ));
    let built = Bench::base().instance.build(&Plan { entry, hosts: vec![network()], ..plan() });
    let Err(Error::Exception(thrown)) = built else { panic!("{built:?}") };
    assert!(thrown.message.contains("when the image is built"), "{}", thrown.message);
}

#[test]
fn the_hosts_half_is_no_global() {
    let mut bench = Bench::hosts(vec![network()]);
    let names =
        "Object.getOwnPropertyNames(globalThis).filter((name) => name.includes(':')).length";
    assert_eq!(bench.eval(names), 0.into());
    assert_eq!(bench.eval("typeof fetch + fetch.length + fetch.name"), "function1fetch".into());
}
