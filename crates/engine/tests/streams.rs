//! The streams of guests and what has them, by tables of cases (`streams/*.js`), which follow the sections
//! of the Streams, Encoding, Compression, Fetch and File API standards: each case is the body of an asynchronous function, and what it logs.

mod common;

use common::*;
use sandtide_engine::{Limits, Plan, Request, Source, Value};

const PRELUDE: &str = include_str!("streams/prelude.js");

/// `(title, body, what it logs)` of each case.
fn cases(table: &'static str) -> Vec<(&'static str, &'static str, &'static str)> {
    let case = |text: &'static str| {
        let (title, rest) = text.split_once('\n').expect("a title");
        let (body, expected) = rest.rsplit_once("//= ").expect("what it logs");
        (title, body, expected.trim_end())
    };
    let table = table.strip_prefix("//# ").expect("a case");
    table.split("\n//# ").map(case).collect()
}

fn holds(table: &'static str) {
    let mut bench = Bench::base();
    let mut wrong = Vec::new();
    let all = cases(table);
    assert!(all.len() > 5);
    for (title, body, expected) in all {
        let strict = if body.starts_with("'use strict'") { "'use strict';" } else { "" };
        let source = format!(
            "{strict}{PRELUDE}(async () => {{ await (async () => {{ {body} }})(); return out.join('|'); }})()"
        );
        let outcome = bench.run(&ad_hoc(&source));
        let logs: Vec<&str> = outcome.logs.iter().map(|line| line.text.as_str()).collect();
        if outcome.result != Ok(expected.into()) || !logs.is_empty() {
            wrong.push(format!(
                "{title}\n  expected {expected}\n  got      {:?} {logs:?}",
                outcome.result
            ));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn readable_streams_do_what_the_standard_says() {
    holds(include_str!("streams/readable.js"));
}

#[test]
fn streams_of_bytes_do_what_the_standard_says() {
    holds(include_str!("streams/bytes.js"));
}

#[test]
fn writable_streams_do_what_the_standard_says() {
    holds(include_str!("streams/writable.js"));
}

#[test]
fn pipes_do_what_the_standard_says() {
    holds(include_str!("streams/pipes.js"));
}

#[test]
fn transforms_do_what_the_standards_say() {
    holds(include_str!("streams/transform.js"));
}

#[test]
fn compression_does_what_the_standard_says() {
    holds(include_str!("streams/compression.js"));
}

#[test]
fn bodies_requests_and_responses_do_what_the_standards_say() {
    holds(include_str!("streams/bodies.js"));
}

fn limited(limits: Limits, source: &str) -> Request {
    Request { limits, ..ad_hoc(source) }
}

#[test]
fn endless_streams_end_at_the_runs_limits() {
    let mut bench = Bench::base();
    let jobs = Limits { jobs: 10_000, ..generous() };
    let endless = "new ReadableStream({ pull(c) { c.enqueue(1) } }).pipeTo(new WritableStream())";
    let ended = bench.run(&limited(jobs, endless)).result;
    assert_eq!(ended.unwrap_err().code(), "ERR_JOB_LIMIT");
    let filling = "new ReadableStream({ start(c) { for (;;) c.enqueue('x'.repeat(1000)) } })";
    assert_eq!(bench.error(filling).code(), "ERR_HEAP_LIMIT");
    let never = "new ReadableStream().getReader().read()";
    assert_eq!(bench.error(never).code(), "ERR_NEVER_SETTLED");
    // A bomb: some hundred bytes that make 32 MiB. They are made a piece of 64 KiB at a time, so that the
    // run ends where those that are kept meet its limit.
    let bomb = "(async () => {
        let packed = new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1 << 20)); if (++this.n > 31) c.close(); }, n: 0 }).pipeThrough(new CompressionStream('gzip')));
        packed = await packed.bytes();
        const again = new Response(new Response(packed).body.pipeThrough(new CompressionStream('gzip')));
        const twice = await again.bytes();
        const small = new Response(new Response(twice).body.pipeThrough(new DecompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip')));
        console.log(twice.length < 1000);
        return (await small.bytes()).length;
    })()";
    let lasting = Limits { jobs: 10_000_000, heap: 16 << 20, ..generous() };
    let outcome = bench.run(&limited(lasting, bomb));
    assert_eq!(outcome.result.unwrap_err().code(), "ERR_HEAP_LIMIT");
    assert_eq!(outcome.logs[0].text, "true");
    bench.assert_sound();
}

#[test]
fn a_body_takes_no_more_than_twice_its_length() {
    let mut bench = Bench::base();
    let limits = Limits { heap: 20 << 20, ..generous() };
    for (read, length) in [("arrayBuffer", "byteLength"), ("bytes", "length"), ("blob", "size")] {
        let source = format!(
            "let left = 8;
            const body = new ReadableStream({{ pull(c) {{ c.enqueue(new Uint8Array(1 << 20)); if (--left === 0) c.close(); }} }}, {{ highWaterMark: 0 }});
            new Response(body).{read}().then((all) => all.{length})"
        );
        let outcome = bench.run(&limited(limits, &source));
        assert_eq!(outcome.result, Ok(Value::Number(f64::from(8 << 20))), "{read}");
    }
}

#[test]
fn a_signal_keeps_no_requests_whose_signals_nobody_looked_at() {
    let mut bench = Bench::base();
    let limits = Limits { heap: 8 << 20, ..generous() };
    let source =
        "const { signal } = new AbortController(); let last = new Request('a:b', { signal });
        for (let i = 0; i < 50_000; i++) last = i % 2 ? new Request(last) : last.clone();
        last.signal.aborted";
    assert_eq!(bench.run(&limited(limits, source)).result, Ok(Value::Bool(false)));
}

#[test]
fn pipes_that_end_are_forgotten_by_their_signal_in_time_in_line_with_their_number() {
    let mut bench = Bench::base();
    // Listeners stand for pipes that go on: where all of them are looked at for each pipe that ends, this
    // takes some 10^9 steps.
    let source = "(async () => {
        const { signal } = new AbortController();
        for (let i = 0; i < 25_000; i++) new EventTarget().addEventListener('a', () => 0, { signal });
        for (let i = 0; i < 30_000; i++) await new ReadableStream({ start(c) { c.close(); } }).pipeTo(new WritableStream(), { signal });
        return 1;
    })()";
    let limits = Limits { jobs: 10_000_000, ..generous() };
    assert_eq!(bench.run(&limited(limits, source)).result, Ok(Value::Number(1.0)));
}

#[test]
fn no_object_of_the_platform_is_made_by_who_came_behind_a_lack_of_stack() {
    let mut bench = Bench::base();
    // At each depth of the stack something is made; where that fails, its constructor is tried at once.
    let source = "
        let made = 0, tried = 0, fails;
        const kinds = [
            [() => new ReadableStream(), ReadableStreamDefaultController],
            [() => new WritableStream(), WritableStreamDefaultController],
            [() => new AbortController(), AbortSignal],
        ];
        const deep = (make, of) => {
            try { deep(make, of); } catch {}
            if (!fails) return;
            try { make(); fails = false; } catch {
                tried++;
                try { new of(); made++; } catch {}
            }
        };
        // From several depths, as one call takes more of the stack than what is looked for.
        const from = (depth, make, of) => (depth > 0 ? from(depth - 1, make, of) : deep(make, of));
        for (const [make, of] of kinds) {
            make();
            for (let depth = 0; depth < 30; depth++) {
                fails = true;
                from(depth, make, of);
            }
        }
        [made, tried > 0].join()";
    assert_eq!(bench.eval(source), "0,true".into());
}

#[test]
fn a_stream_that_a_set_up_began_goes_on_in_every_run() {
    let setup = "
        const packed = Uint8Array.from([31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 75, 76, 74, 78, 73, 77, 75, 207, 200, 204, 202, 206, 201, 5, 0, 162, 110, 244, 221, 13, 0, 0, 0]);
        const transform = new DecompressionStream('gzip'), writer = transform.writable.getWriter();
        const text = new Response(transform.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextEncoderStream())).text();
        writer.write(packed.subarray(0, 17)); 0";
    let mut bench = Bench::of(&Plan { setup: vec![Source::new("setup.js", setup)], ..plan() });
    for _ in 0..2 {
        let ends = "writer.write(packed.subarray(17)); writer.close(); text";
        assert_eq!(bench.eval(ends), "abcdefghijklm".into());
        let cut = "writer.close().catch((e) => e.name)";
        assert_eq!(bench.eval(cut), "TypeError".into());
    }
}

#[test]
fn many_chunks_take_time_in_line_with_their_number() {
    let mut bench = Bench::base();
    // Where a queue is moved up for each chunk that is taken, this takes some 10^10 steps.
    let source = "(async () => {
        const queued = new ReadableStream({ start(c) { for (let i = 0; i < 100_000; i++) c.enqueue(i); c.close(); } }, { highWaterMark: 0 });
        let sum = 0; for await (const chunk of queued) sum += chunk;
        let controller; const reader = new ReadableStream({ start(c) { controller = c; } }).getReader();
        const reads = []; for (let i = 0; i < 20_000; i++) reads.push(reader.read());
        for (let i = 0; i < 20_000; i++) controller.enqueue(i);
        for (const read of reads) sum += (await read).value;
        return sum;
    })()";
    let limits = Limits { jobs: 10_000_000, ..generous() };
    let outcome = bench.run(&limited(limits, source));
    assert_eq!(outcome.result, Ok(Value::Number(5_199_940_000.0)));
}
