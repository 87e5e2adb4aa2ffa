//! The web's common API as guests find it: timers, events, clones, randomness, clocks, `console`.

mod common;

use common::*;
use sandtide_engine::{Error, Frozen, Limits, Plan, Request, Source, Value};

fn frozen(source: &str) -> Request {
    Request { frozen: Some(Frozen { seed: 7, now_ms: 1_000_000.0 }), ..ad_hoc(source) }
}

#[test]
fn timers_fire_by_their_times_and_then_by_their_age_with_microtasks_in_between() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const seen = [];
        setTimeout((a, b) => { seen.push('late' + a + b); }, 20, 1, 2);
        setTimeout(() => { seen.push('first'); Promise.resolve().then(() => seen.push('job')); });
        setTimeout(() => seen.push('second'), 0);
        seen.push(typeof setTimeout(() => 0), setTimeout(() => 0) > 0);
        const cleared = setTimeout(() => seen.push('cleared'), 1);
        clearTimeout(cleared); clearTimeout(cleared); clearTimeout(); clearTimeout('x');
        await new Promise((resolve) => setTimeout(resolve, 40));
        return seen.join();
    })()";
    let expected = "number,true,first,job,second,late12";
    assert_eq!(bench.eval(source), expected.into());
    assert_eq!(bench.run(&frozen(source)).result, Ok(expected.into()));
}

#[test]
fn a_frozen_clock_jumps_to_each_timer_so_that_a_run_of_days_is_instant_and_the_same() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const seen = [Date.now(), performance.now(), performance.timeOrigin];
        const id = setInterval(() => seen.push('i' + performance.now()), 3600e3);
        await new Promise((resolve) => setTimeout(resolve, 86400e3 * 20));
        clearInterval(id);
        seen.push(Date.now(), performance.now(), new Date().getTime(), seen.length);
        return [seen.slice(0, 5).join(), seen.slice(-4).join()].join(' ');
    })()";
    let first = bench.run(&frozen(source)).result;
    let expected = "1000000,0,1000000,i3600000,i7200000 1729000000,1728000000,1729000000,482";
    assert_eq!(first, Ok(expected.into()));
    assert_eq!(bench.run(&frozen(source)).result, first);
    // The next run begins where it was frozen.
    assert_eq!(bench.run(&frozen("Date.now()")).result, Ok(1_000_000.into()));
}

#[test]
fn a_run_with_a_plain_value_waits_for_its_timers_and_one_with_a_promise_only_for_that() {
    let mut bench = Bench::base();
    let waits = "setTimeout(() => console.log('later'), 5); 'value'";
    let outcome = bench.run(&ad_hoc(waits));
    assert_eq!((outcome.result, outcome.logs.len()), (Ok("value".into()), 1));
    let settles = "setTimeout(() => console.log('never'), 50_000); setInterval(() => 0, 1); Promise.resolve('value')";
    let outcome = bench.run(&ad_hoc(settles));
    assert_eq!((outcome.result, outcome.logs.len()), (Ok("value".into()), 0));
}

#[test]
fn timers_are_held_to_the_runs_limits() {
    let mut bench = Bench::base();
    let wall =
        Request { limits: short(), ..ad_hoc("new Promise((r) => setTimeout(r, 3_600_000))") };
    assert_eq!(bench.run(&wall).result.unwrap_err().code(), "ERR_WALL_TIME_LIMIT");
    let jobs = Limits { jobs: 1000, ..generous() };
    let endless = Request { limits: jobs, ..frozen("setInterval(() => 0, 1); 1") };
    assert_eq!(bench.run(&endless).result.unwrap_err().code(), "ERR_JOB_LIMIT");
    let heap = "(function more() { for (let i = 0; i < 1e6; i++) setTimeout(more, 1, 'x'.repeat(1000)) })()";
    assert_eq!(bench.error(heap).code(), "ERR_HEAP_LIMIT");
    // Setting and clearing in turn takes no more and more memory.
    let turns = "for (let i = 0; i < 300_000; i++) clearTimeout(setTimeout(() => 0, 1000)); 'done'";
    let small = Request { limits: Limits { heap: 4 << 20, ..generous() }, ..ad_hoc(turns) };
    assert_eq!(bench.run(&small).result, Ok("done".into()));
    bench.assert_sound();
}

#[test]
fn what_a_timer_throws_is_the_runs_exception() {
    let mut bench = Bench::base();
    let exception = bench.exception("setTimeout(() => { throw new RangeError('late') }, 1); 1");
    assert_eq!((exception.name.as_str(), exception.message.as_str()), ("RangeError", "late"));
}

#[test]
fn timers_of_a_set_up_fire_while_the_image_is_built_and_never_in_its_runs() {
    let setup = "var count = 0; setTimeout(() => count++, 1); 0";
    let plan = Plan { setup: vec![Source::new("s.js", setup)], ..plan() };
    let mut bench = Bench::of(&plan);
    for _ in 0..2 {
        assert_eq!(bench.eval("new Promise((r) => setTimeout(() => r(count), 5))"), 1.into());
    }
    let left = "var count = 0; setTimeout(() => count++, 1); Promise.resolve()";
    let plan = Plan { setup: vec![Source::new("s.js", left)], ..plan };
    let mut bench = Bench::of(&plan);
    assert_eq!(bench.eval("new Promise((r) => setTimeout(() => r(count), 5))"), 0.into());
}

#[test]
fn random_bytes_differ_between_runs_and_are_the_seeds_where_it_is_given() {
    let mut bench = Bench::base();
    let source = "crypto.randomUUID() + [...crypto.getRandomValues(new Uint8Array(40))]";
    let value = |bench: &mut Bench, request: &Request| bench.run(request).result.unwrap();
    let fresh = ad_hoc(source);
    assert_ne!(value(&mut bench, &fresh), value(&mut bench, &fresh));
    let again = value(&mut bench, &frozen(source));
    assert_eq!(value(&mut bench, &frozen(source)), again);
    assert_eq!(value(&mut Bench::base(), &frozen(source)), again);
    let mut other = frozen(source);
    other.frozen = Some(Frozen { seed: 8, now_ms: 1_000_000.0 });
    assert_ne!(value(&mut bench, &other), again);
    // An image's own are not repeated in its runs.
    let setup = vec![Source::new("s.js", "var first = crypto.randomUUID()")];
    let mut bench = Bench::of(&Plan { setup, ..plan() });
    let mut seen = vec![bench.eval("first")];
    for _ in 0..3 {
        let next = bench.eval("crypto.randomUUID()");
        assert!(!seen.contains(&next));
        seen.push(next);
    }
    let form = "/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())";
    assert_eq!(bench.eval(form), Value::Bool(true));
}

#[test]
fn random_values_are_for_views_of_integers_and_of_a_bounded_size() {
    let mut bench = Bench::base();
    for (given, name) in [
        ("new Float64Array(1)", "TypeMismatchError"),
        ("new DataView(new ArrayBuffer(1))", "TypeMismatchError"),
        ("new Uint8Array(65537)", "QuotaExceededError"),
        ("[1]", "TypeError"),
        ("new ArrayBuffer(1)", "TypeError"),
        ("", "TypeError"),
    ] {
        let source = format!("try {{ crypto.getRandomValues({given}) }} catch (e) {{ e.name }}");
        assert_eq!(bench.eval(&source), name.into(), "{given}");
    }
    let part = "const all = new Uint32Array(4); const part = all.subarray(1, 3); \
                crypto.getRandomValues(part) === part && all[0] === 0 && all[3] === 0 && part[0] !== part[1]";
    assert_eq!(bench.eval(part), Value::Bool(true));
}

/// `(value, what it becomes)`: both as sources, the second of `copy` and `from`.
const CLONES: &[(&str, &str)] = &[
    (
        "[undefined, null, true, -0, NaN, 12n, 'text']",
        "Object.is(copy[3], -0) && copy.join() === from.join()",
    ),
    ("[1, , 3]", "copy.length === 3 && !(1 in copy)"),
    ("Object.assign([1], {extra: 2})", "copy.extra === 2 && copy.length === 1"),
    ("({a: {b: [1]}})", "copy.a !== from.a && copy.a.b[0] === 1"),
    ("(() => { const o = {}; o.o = o; return o })()", "copy.o === copy"),
    (
        "(() => { const shared = {}; return [shared, shared] })()",
        "copy[0] === copy[1] && copy[0] !== from[0]",
    ),
    ("new Date(7)", "copy instanceof Date && copy.getTime() === 7 && copy !== from"),
    ("new Date(NaN)", "Number.isNaN(copy.getTime())"),
    (
        "Object.assign(/a.b/gimsuy, {lastIndex: 3})",
        "copy.source === 'a.b' && copy.flags === 'gimsuy' && copy.lastIndex === 0",
    ),
    ("/[a--b]/vd", "copy.flags === 'dv'"),
    (
        "new Map([[{k: 1}, [2]], ['s', 3]])",
        "copy.size === 2 && [...copy][0][0].k === 1 && copy.get('s') === 3",
    ),
    ("new Set([1, {a: 1}])", "copy.size === 2 && copy.has(1) && !copy.has([...from][1])"),
    (
        "(() => { const m = new Map(); m.set(m, new Set([m])); return m })()",
        "copy.has(copy) && copy.get(copy).has(copy)",
    ),
    ("new Boolean(false)", "typeof copy === 'object' && copy.valueOf() === false"),
    ("new Number(3)", "copy instanceof Number && copy + 1 === 4"),
    ("new String('s')", "copy instanceof String && copy + '' === 's'"),
    ("Object(5n)", "typeof copy === 'object' && copy.valueOf() === 5n"),
    (
        "new Uint8Array([1, 2, 3]).buffer",
        "copy.byteLength === 3 && new Uint8Array(copy)[2] === 3 && copy !== from",
    ),
    (
        "new ArrayBuffer(2, {maxByteLength: 9})",
        "copy.resizable && copy.maxByteLength === 9 && copy.byteLength === 2",
    ),
    (
        "(() => { const b = new Uint8Array([1, 2, 3, 4]).buffer; return [new Uint16Array(b), new DataView(b, 1, 2), b] })()",
        "copy[0].buffer === copy[2] && copy[1].buffer === copy[2] && copy[1].byteOffset === 1 && copy[0].length === 2",
    ),
    ("new Float32Array([1.5])", "copy instanceof Float32Array && copy[0] === 1.5"),
    ("new BigInt64Array([5n])", "copy[0] === 5n"),
    (
        "new RangeError('m', {cause: {deep: 1}})",
        "copy instanceof RangeError && copy.message === 'm' && copy.cause.deep === 1 && copy.stack === from.stack",
    ),
    (
        "Object.assign(new Error('m'), {name: 'Custom'})",
        "Object.getPrototypeOf(copy) === Error.prototype && copy.message === 'm'",
    ),
    ("Object.assign(new Error('m'), {name: 'TypeError'})", "copy instanceof TypeError"),
    (
        "new DOMException('m', 'AbortError')",
        "copy instanceof DOMException && copy.name === 'AbortError' && copy.code === 20",
    ),
    (
        "new (class A { x = 1; get y() { return 2 } })()",
        "copy.x === 1 && copy.constructor === Object && !('y' in copy)",
    ),
    ("({get a() { return 4 }})", "Object.getOwnPropertyDescriptor(copy, 'a').value === 4"),
    (
        "Object.create({inherited: 1}, {hidden: {value: 1}, shown: {value: 2, enumerable: true}})",
        "Object.keys(copy).join() === 'shown' && copy.hidden === undefined && copy.inherited === undefined",
    ),
    ("({[Symbol('s')]: 1, a: 1})", "Object.getOwnPropertySymbols(copy).length === 0"),
];

#[test]
fn structured_clones_are_of_the_same_kinds_and_share_what_their_originals_share() {
    let mut bench = Bench::base();
    for (value, holds) in CLONES {
        let source = format!("const from = {value}; const copy = structuredClone(from); {holds}");
        assert_eq!(bench.eval(&source), Value::Bool(true), "{value}");
    }
    let deep = "let deep = {}; for (let i = 0; i < 50_000; i++) deep = [deep]; \
                let copy = structuredClone(deep), n = 0; while (Array.isArray(copy)) { copy = copy[0]; n++ } n";
    assert_eq!(bench.eval(deep), 50_000.into());
}

#[test]
fn what_cannot_be_cloned_is_refused_and_what_a_getter_throws_is_thrown() {
    let mut bench = Bench::base();
    for value in [
        "() => 1",
        "Symbol('s')",
        "[class {}]",
        "({m() {}})",
        "new WeakMap()",
        "new WeakSet()",
        "new WeakRef({})",
        "Promise.resolve(1)",
        "new Proxy({}, {})",
        "(function* () {})()",
        "[].values()",
        "Object(Symbol())",
        "new Map([[1, () => 1]])",
        "new URL('a:b')",
        "[new URLSearchParams()]",
        "new TextDecoder()",
        "new TextEncoder()",
        "new Event('a')",
        "new EventTarget()",
        "new AbortController()",
        "AbortSignal.abort()",
        "new FormData()",
        "new Headers()",
        "crypto",
        "performance",
        "performance.mark('a')",
        "(() => { const b = new ArrayBuffer(1); b.transfer(); return b })()",
    ] {
        let source = format!(
            "try {{ structuredClone({value}) }} catch (e) {{ e instanceof DOMException && e.name + e.code }}"
        );
        assert_eq!(bench.eval(&source), "DataCloneError25".into(), "{value}");
    }
    let thrown = "try { structuredClone({get a() { throw 'mine' }}) } catch (e) { e }";
    assert_eq!(bench.eval(thrown), "mine".into());
    assert_eq!(bench.exception("structuredClone()").name, "TypeError");
}

#[test]
fn what_cannot_be_cloned_is_named_as_node_names_it() {
    let mut bench = Bench::base();
    for (value, message) in [
        ("(a) => a", "(a) => a could not be cloned."),
        ("class A { m() {} }", "class A { m() {} } could not be cloned."),
        ("Math.max", "function max() {\n    [native code]\n} could not be cloned."),
        ("Symbol('s')", "Symbol(s) could not be cloned."),
        ("Object(Symbol('s'))", "[object Symbol] could not be cloned."),
        ("new WeakMap()", "#<WeakMap> could not be cloned."),
        ("new (class Own extends WeakSet {})()", "#<Own> could not be cloned."),
        ("[Promise.resolve()]", "#<Promise> could not be cloned."),
        ("Object.setPrototypeOf(new WeakRef({}), null)", "[object Object] could not be cloned."),
        ("(function* () {})()", "[object Generator] could not be cloned."),
        ("new Map().entries()", "[object Map Iterator] could not be cloned."),
        ("new Proxy({}, { get() { throw 1 } })", "#<Object> could not be cloned."),
        ("(function () { return arguments })()", "#<Object> could not be cloned."),
        ("new URL('a:b')", "Cannot clone object of unsupported type."),
        ("new Headers()", "Cannot clone object of unsupported type."),
        (
            "new ReadableStream()",
            "Object that needs transfer was found in message but not listed in transferList",
        ),
        // Node makes plain objects of these, where the standard refuses them.
        ("new Event('a')", "#<Event> could not be cloned."),
        ("new AbortController()", "#<AbortController> could not be cloned."),
        ("crypto", "#<Crypto> could not be cloned."),
    ] {
        let source = format!("try {{ structuredClone({value}) }} catch (e) {{ e.message }}");
        assert_eq!(bench.eval(&source), message.into(), "{value}");
    }
}

#[test]
fn transferred_buffers_move_and_nothing_moves_where_the_clone_fails() {
    let mut bench = Bench::base();
    let moves = "const buffer = new Uint8Array([1, 2]).buffer; const view = new Uint8Array(buffer, 1);
        const copy = structuredClone({view, buffer}, {transfer: [buffer]});
        [buffer.byteLength, buffer.detached, copy.buffer.byteLength, copy.view[0], copy.view.buffer === copy.buffer].join()";
    assert_eq!(bench.eval(moves), "0,true,2,2,true".into());
    for (transfer, name) in [
        ("[buffer, buffer]", "DataCloneError"),
        ("[{}]", "DataCloneError"),
        ("5", "TypeError"),
        ("[gone]", "DataCloneError"),
        ("[5]", "TypeError"),
    ] {
        let source = format!(
            "const buffer = new ArrayBuffer(4), gone = new ArrayBuffer(1); gone.transfer(); let name;
             try {{ structuredClone(1, {{transfer: {transfer}}}) }} catch (e) {{ name = e.name }} name + buffer.byteLength"
        );
        assert_eq!(bench.eval(&source), format!("{name}4").into(), "{transfer}");
    }
    let fails = "const buffer = new ArrayBuffer(4); try { structuredClone([buffer, () => 1], {transfer: [buffer]}) } catch {} buffer.byteLength";
    assert_eq!(bench.eval(fails), 4.into());
}

#[test]
fn events_reach_their_listeners_as_the_dom_has_it() {
    let mut bench = Bench::base();
    let source = "
        const seen = [], target = new EventTarget();
        const object = { handleEvent(e) { seen.push('object', this === object) } };
        const stops = (e) => { e.stopImmediatePropagation(); seen.push('stops') };
        target.addEventListener('a', object); target.addEventListener('a', object);
        target.addEventListener('a', () => seen.push('capture'), true);
        target.addEventListener('a', () => { seen.push('once'); target.addEventListener('a', () => seen.push('added')) }, {once: true});
        target.addEventListener('a', (e) => { e.preventDefault() }, {passive: true});
        target.addEventListener('a', null);
        seen.push(target.dispatchEvent(new Event('a', {cancelable: true})));
        target.removeEventListener('a', object);
        target.addEventListener('a', stops); target.addEventListener('a', () => seen.push('not'));
        seen.push(target.dispatchEvent(new Event('a')));
        const controller = new AbortController();
        target.addEventListener('b', () => seen.push('gone'), {signal: controller.signal});
        controller.abort(); target.dispatchEvent(new Event('b'));
        class Own extends EventTarget { constructor() { super(); this.x = 1 } }
        const own = new Own(); own.addEventListener('c', function (e) { seen.push(this.x, e.composedPath().length, e.target === own) });
        own.dispatchEvent(new Event('c'));
        const event = new Event('d'); seen.push(event.target, event.timeStamp >= 0, event.composedPath().length, Event.AT_TARGET, event.BUBBLING_PHASE);
        seen.map(String).join()";
    let expected =
        "capture,object,true,once,true,capture,added,stops,true,1,1,true,null,true,0,2,3";
    assert_eq!(bench.eval(source), expected.into());
    // What a listener throws is logged, and the others are called.
    let throws = "const t = new EventTarget(); t.addEventListener('a', () => { throw new Error('mine') }); \
        t.addEventListener('a', () => console.log('next')); t.dispatchEvent(new Event('a')); 1";
    let logs = bench.logs(throws);
    assert!(logs[0].starts_with("Uncaught Error: mine"), "{logs:?}");
    assert_eq!(logs[1], "next");
}

#[test]
fn signals_abort_once_with_a_reason_and_those_that_depend_on_them_too() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const seen = [], a = new AbortController(), b = new AbortController();
        const any = AbortSignal.any([a.signal, b.signal]), both = AbortSignal.any([any]);
        for (const [name, signal] of Object.entries({any, both, a: a.signal})) signal.addEventListener('abort', () => seen.push(name, any.aborted, both.aborted));
        b.abort('why'); a.abort();
        seen.push(any.reason, both.reason, a.signal.reason.name, a.signal.reason.code);
        try { any.throwIfAborted() } catch (e) { seen.push(e) }
        const timeout = AbortSignal.timeout(5);
        await new Promise((resolve) => { timeout.onabort = resolve });
        seen.push(timeout.reason.name, AbortSignal.any([timeout, a.signal]).reason === timeout.reason);
        return seen.join();
    })()";
    let expected =
        "any,true,true,both,true,true,a,true,true,why,why,AbortError,20,why,TimeoutError,true";
    assert_eq!(bench.eval(source), expected.into());
}

#[test]
fn console_formats_groups_counts_and_tables() {
    let mut bench = Bench::base();
    let logs = bench.logs(
        "console.log('%s is %d%% of %i, %f %o %c.', 'a', 4.5, 4.5, '1.25', {x: [1]}, 'color: red', 'rest', 2);
         console.log('100%', 5); console.log('%s'); console.log('%d', Symbol('s'), 3n); console.log(5, '%s', 'x');
         console.group('outer'); console.log('a\\nb'); console.group(); console.warn('deep'); console.groupEnd(); console.groupEnd(); console.groupEnd(); console.log('out');
         console.count(); console.count('x'); console.count(); console.countReset(); console.count(); console.countReset('none');
         console.assert(false, '%s!', 'no'); console.assert(true, 'not'); console.dir({a: 1}, {depth: 0}); console.dirxml(1, 2);
         console.table([{a: 1, b: 'x'}, {a: 2}]); console.table([5]); console.table('plain'); console.clear()",
    );
    let expected = [
        "a is 4.5% of 4, 1.25 { x: [ 1 ] } . rest 2",
        "100% 5",
        "%s",
        "NaN 3n",
        "5 %s x",
        "outer",
        "  a\n  b",
        "    deep",
        "out",
        "default: 1",
        "x: 1",
        "default: 2",
        "default: 1",
        "Count for 'none' does not exist",
        "Assertion failed: no!",
        "{ a: 1 }",
        "1 2",
        "┌─────────┬───┬─────┐\n│ (index) │ a │ b   │\n├─────────┼───┼─────┤\n│ 0       │ 1 │ 'x' │\n│ 1       │ 2 │     │\n└─────────┴───┴─────┘",
        "┌─────────┬────────┐\n│ (index) │ Values │\n├─────────┼────────┤\n│ 0       │ 5      │\n└─────────┴────────┘",
        "plain",
    ];
    assert_eq!(logs, expected);
    let times = bench.run(&frozen("console.time(); console.time(); console.timeLog('default', 1); console.timeEnd(); console.timeEnd()"));
    let times: Vec<String> = times.logs.into_iter().map(|line| line.text).collect();
    assert_eq!(
        times,
        [
            "Timer 'default' already exists",
            "default: 0.000ms 1",
            "default: 0.000ms",
            "Timer 'default' does not exist"
        ]
    );
    let trace = &bench.logs("function here() { console.trace('at %s', 'x') } here()")[0];
    assert!(trace.starts_with("Trace: at x\n") && trace.contains("at here (test.js:1"), "{trace}");
    // Nothing of it is there in the next run.
    assert_eq!(bench.logs("console.group(); console.count()"), ["  default: 1"]);
    assert_eq!(bench.logs("console.count()"), ["default: 1"]);
    assert_eq!(
        bench.eval("String(console) + Object.keys(Object.getPrototypeOf(console))"),
        "[object console]".into()
    );
}

#[test]
fn performance_measures_between_marks_and_follows_the_frozen_clock() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const mark = performance.mark('a', {detail: {x: 1}});
        await new Promise((resolve) => setTimeout(resolve, 250));
        performance.mark('b');
        const measure = performance.measure('m', 'a', 'b');
        const seen = [mark.entryType, mark.detail.x, measure.startTime, measure.duration, performance.getEntriesByType('mark').length];
        performance.clearMarks('a');
        seen.push(performance.getEntries().map((e) => e.name), performance.getEntriesByName('m')[0] === measure);
        try { performance.measure('n', 'a') } catch (e) { seen.push(e.name) }
        seen.push(Object.keys(performance.toJSON()), performance instanceof EventTarget);
        try { new Performance() } catch (e) { seen.push(e.name) }
        return seen.join();
    })()";
    let expected = "mark,1,0,250,2,m,b,true,SyntaxError,timeOrigin,true,TypeError";
    assert_eq!(bench.run(&frozen(source)).result, Ok(expected.into()));
}

#[test]
fn web_assembly_is_there_and_refuses_clearly() {
    let mut bench = Bench::base();
    let source = "(async () => {
        const bytes = new Uint8Array([0, 97, 115, 109]), seen = [WebAssembly.validate(bytes)];
        for (const f of [() => WebAssembly.compile(bytes), () => WebAssembly.instantiate(bytes), () => new WebAssembly.Module(bytes), () => WebAssembly.compile(1)])
            try { await f(); } catch (e) { seen.push(e.name, e instanceof WebAssembly.CompileError, /no WebAssembly/.test(e.message)) }
        return seen.join();
    })()";
    let refused = "CompileError,true,true";
    let expected = format!("false,{refused},{refused},{refused},TypeError,false,false");
    assert_eq!(bench.eval(source), expected.as_str().into());
}

#[test]
fn cancelling_a_run_that_waits_for_a_timer_ends_it() {
    let mut bench = Bench::base();
    let cancel = sandtide_engine::CancelToken::new();
    let other = cancel.clone();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        other.cancel();
    });
    let waits = "new Promise((resolve) => setTimeout(resolve, 3_600_000))";
    let request = Request { cancel: Some(cancel), ..ad_hoc(waits) };
    assert_eq!(bench.run(&request).result, Err(Error::Cancelled));
    thread.join().expect("the thread");
}

#[test]
fn a_signal_with_a_timeout_keeps_no_run_waiting_that_has_nothing_else_to_do() {
    let mut bench = Bench::base();
    let signal = "AbortSignal.timeout(30_000).onabort = () => console.log('aborted');";
    for (rest, logs) in [
        ("'value'", 0),
        ("clearTimeout(setTimeout(() => 0, 40_000)); 'value'", 0),
        ("setTimeout(() => 0, 20_000); 'value'", 0),
        ("setTimeout(() => 0, 40_000); 'value'", 1),
        ("const id = setInterval(() => clearInterval(id), 40_000); 'value'", 1),
        ("new Promise((resolve) => setTimeout(resolve, 40_000, 'value'))", 1),
    ] {
        let outcome = bench.run(&frozen(&format!("{signal} {rest}")));
        assert_eq!((outcome.result, outcome.logs.len()), (Ok("value".into()), logs), "{rest}");
    }
    let waits = "new Promise((resolve) => { AbortSignal.timeout(30_000).onabort = () => resolve('value') })";
    assert_eq!(bench.run(&frozen(waits)).result, Ok("value".into()));
}

#[test]
fn the_time_that_a_run_waited_for_timers_is_told() {
    let mut bench = Bench::base();
    let waits = "new Promise((resolve) => setTimeout(resolve, 300))";
    let real = bench.run(&ad_hoc(waits)).usage;
    assert!(!real.timers.is_zero() && real.timers <= real.wall, "{real:?}");
    assert!(bench.run(&frozen(waits)).usage.timers.is_zero());
    assert!(
        bench.run(&ad_hoc("setTimeout(() => 0, 1e6); Promise.resolve()")).usage.timers.is_zero()
    );
}

#[test]
fn urls_that_would_become_too_long_throw_and_change_nothing() {
    let mut bench = Bench::base();
    let source = "
        const long = 'é'.repeat(1 << 20), url = new URL('http://a/?q=1'), seen = [];
        const params = url.searchParams;
        for (const f of [() => new URL('http://a/' + long), () => { url.pathname = long }, () => { url.search = long },
                         () => params.append('b', long), () => params.set('q', long)])
            try { f(); seen.push('none') } catch (e) { seen.push(e.name) }
        seen.push(URL.parse('http://a/' + long), URL.canParse('http://a/' + long), url.href, String(params));
        params.append('b', 'c');
        seen.push(url.href, URL.parse('b', 'http://a/') instanceof URL);
        seen.join()";
    let expected = "TypeError,TypeError,TypeError,TypeError,TypeError,,false,http://a/?q=1,q=1,\
                    http://a/?q=1&b=c,true";
    assert_eq!(bench.eval(source), expected.into());
}

#[test]
fn a_query_is_the_same_however_long_it_is() {
    let mut bench = Bench::base();
    let source = "
        const wrong = [];
        for (const [count, length] of [[30_000, 3], [3, 100_000], [1, 200_000], [7, 65_533], [2, 65_536]]) {
            for (const between of ['&', '&&']) {
                const pairs = Array.from({length: count}, (_, i) => 'k' + i + '=' + 'v'.repeat(length));
                const params = new URLSearchParams('?' + pairs.join(between) + between);
                const same = [...params].every(([key, value], i) => key + '=' + value === pairs[i]);
                if (!same || params.size !== count) wrong.push([count, length, between, params.size]);
            }
        }
        wrong.push(new URLSearchParams('').size, new URLSearchParams('&'.repeat(200_000)).size);
        wrong.join()";
    assert_eq!(bench.eval(source), "0,0".into());
    assert_eq!(bench.error("new URLSearchParams('a&'.repeat(1e7))").code(), "ERR_HEAP_LIMIT");
    bench.assert_sound();
}

#[test]
fn no_getter_of_a_guests_sees_the_bytes_of_a_blob_or_of_what_is_decoded() {
    let mut bench = Bench::base();
    let source = "
        const blob = new Blob(['abcdef']), bytes = new Uint8Array(300_000).fill(97);
        let asked = 0;
        Object.defineProperty(Uint8Array.prototype, 'constructor', {get() { asked++; return Uint8Array }});
        const sliced = blob.slice(1, 4), whole = new TextDecoder().decode(bytes);
        (async () => [asked, await sliced.text(), (await blob.bytes()).length, (await blob.arrayBuffer()).byteLength,
                      whole.length].join())()";
    assert_eq!(bench.eval(source), "0,bcd,6,6,300000".into());
}

#[test]
fn iterating_headers_sees_what_changes_meanwhile() {
    let mut bench = Bench::base();
    let source = "
        const headers = new Headers({a: 1, c: 3}), seen = [];
        for (const [name, value] of headers) {
            seen.push(name + value);
            if (name === 'a') headers.append('b', 2);
            if (name === 'b') { headers.set('c', 4); headers.append('d', 5); }
            if (name === 'c') headers.delete('d');
        }
        seen.join()";
    assert_eq!(bench.eval(source), "a1,b2,c4".into());
}

#[test]
fn clones_of_views_follow_their_buffers_where_the_views_did() {
    let mut bench = Bench::base();
    let source = "const seen = [];
        for (const [size, most] of [[16, 64], [16, 16], [5, 5], [0, 0]]) {
            for (const kind of [Uint8Array, Uint32Array, DataView]) {
                const unit = kind.BYTES_PER_ELEMENT ?? 1;
                const buffer = new ArrayBuffer(size, { maxByteLength: most });
                new Uint8Array(buffer).set(Array.from({ length: size }, (_, i) => i + 1));
                const fixed = new kind(buffer, 0, size / unit | 0);
                const follows = new kind(buffer);
                const { a, b } = structuredClone({ a: fixed, b: follows });
                const bytes = new Uint8Array(a.buffer).join() === new Uint8Array(buffer).join();
                const before = [a.byteLength, b.byteLength];
                const shorter = size > 8 ? 8 : size;
                a.buffer.resize(shorter);
                const length = (view) => { try { return view.byteLength } catch { return 'out' } };
                seen.push([before, length(a), length(b), bytes, buffer.byteLength].join(' '));
            }
        }
        seen.join('; ')";
    // A fixed view of typed elements has no length beyond its buffer; a DataView throws.
    let expected = "16,16 0 8 true 16; 16,16 0 8 true 16; 16,16 out 8 true 16; \
                    16,16 0 8 true 16; 16,16 0 8 true 16; 16,16 out 8 true 16; \
                    5,5 5 5 true 5; 4,4 4 4 true 5; 5,5 5 5 true 5; \
                    0,0 0 0 true 0; 0,0 0 0 true 0; 0,0 0 0 true 0";
    assert_eq!(bench.eval(source), expected.into());
    for view in
        ["new Uint8Array(buffer, 4)", "new Uint8Array(buffer, 4, 4)", "new DataView(buffer, 4)"]
    {
        let source = format!(
            "const buffer = new ArrayBuffer(8, {{ maxByteLength: 8 }}); const view = {view}; buffer.resize(0);
             try {{ structuredClone(view) }} catch (error) {{ error.name }}"
        );
        assert_eq!(bench.eval(&source), "DataCloneError".into(), "{view}");
    }
}

#[test]
fn a_navigator_answers_text_to_what_scripts_read_of_browsers() {
    let mut bench = Bench::base();
    let source =
        "[navigator.appCodeName, navigator.appName, navigator.appVersion, navigator.platform,
        navigator.product, navigator.userAgent.startsWith('Sandtide/')].join()";
    assert_eq!(bench.eval(source), "Mozilla,Netscape,,,Gecko,true".into());
    assert_eq!(bench.exception("Navigator.prototype.product").name, "TypeError");
}

#[test]
fn only_the_first_question_mark_of_text_is_no_part_of_a_query() {
    let mut bench = Bench::base();
    let source = "[new URLSearchParams('?a=1'), new URLSearchParams('??a=1'), new URL('x:y??a=1').searchParams,
        (() => { const url = new URL('x:y?'); url.search = '??b'; return url.searchParams })()].join()";
    assert_eq!(bench.eval(source), "a=1,%3Fa=1,%3Fa=1,%3Fb=".into());
}
