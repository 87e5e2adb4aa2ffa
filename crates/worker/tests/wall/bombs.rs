//! Ordinary programs and bombs that take all paths on which an engine asks the system for something:
//! none may end the worker, because what it needs was had before the filter.

use std::time::Duration;

use libtest_mimic::Trial;
use sandtide::{Deployment, Error, Image, Limits, Outcome, Run, Runs, ScriptOptions, Value};
use sandtide_supervisor::Supervisor;

use crate::{patient, supervisor, trial};

pub(crate) fn trials() -> impl Iterator<Item = Trial> {
    [
        trial("bombs_end_as_they_do_on_threads", bombs),
        trial("large_inputs_outputs_and_heaps_need_no_call_that_is_forbidden", large),
        trial("overflows_within_native_code_leave_the_worker_its_stack", overflows),
        trial("many_images_of_one_tenant_take_turns", images),
    ]
    .into_iter()
}

fn code(outcome: &Outcome) -> &'static str {
    outcome.result.as_ref().map_or_else(Error::code, |_| "a value")
}

async fn run(supervisor: &Supervisor, source: &str, limits: Limits) -> Outcome {
    let run = Run::new().source(source, ScriptOptions::new()).limits(limits);
    supervisor.run(&supervisor.base("tenant"), run).await
}

fn limits(ms: u64) -> Limits {
    let time = Duration::from_millis(ms);
    Limits { wall: 4 * time, cpu: time, ..Limits::default() }
}

/// From issue threads of other engines.
const BOMBS: &[&str] = include!("bombs.in");

async fn bombs() {
    let supervisor = supervisor(|settings| settings).await;
    let other = supervisor.base("other");
    for bomb in BOMBS {
        let outcome = run(&supervisor, bomb, limits(150)).await;
        let code = code(&outcome);
        assert!(!matches!(code, "ERR_WORKER_LOST" | "ERR_SYSTEM"), "{bomb}: {outcome:?}");
        let one = patient().source("1 + 1", ScriptOptions::new());
        assert_eq!(supervisor.run(&other, one).await.result, Ok(Value::from(2)), "after {bomb}");
    }
    assert_eq!(supervisor.counts().lost, 0);
}

async fn large() {
    // Whether calls are made is asked, not how long a busy machine takes.
    let supervisor = supervisor(|settings| settings.limits(limits(60_000))).await;
    let limits = limits(60_000);
    for round in 0..2 {
        let output = run(&supervisor, "'x'.repeat(4 * 1000 * 1000)", limits).await;
        assert_eq!(code(&output), "a value", "{round}");
        let many = run(&supervisor, "Array.from({ length: 300000 }, (_, i) => i)", limits).await;
        assert_eq!(code(&many), "a value", "{round}");
        let json = format!("[{}1]", "\"some text\", ".repeat(400_000));
        let input = Run::new()
            .source("all.length", ScriptOptions::new())
            .global_json("all", json)
            .limits(limits);
        let input = supervisor.run(&supervisor.base("tenant"), input).await;
        assert_eq!(input.result, Ok(Value::from(400_001)), "{round}");
        let heap = "const all = []; for (let i = 0; i < 40; i++) all.push(new Uint8Array(1 << 20).fill(1)); \
                    all.length";
        assert_eq!(run(&supervisor, heap, limits).await.result, Ok(Value::from(40)), "{round}");
        let digits = run(&supervisor, "3n ** 200000n", limits).await;
        assert_eq!(code(&digits), "a value", "{round}");
        let logs = run(&supervisor, "for (let i = 0; i < 900; i++) console.log('line', i)", limits);
        assert_eq!(logs.await.logs.len(), 900, "{round}");
    }
    assert_eq!(supervisor.counts().lost, 0);
}

/// The handler opens the zone below the stack for a C function, and the stack is used again.
async fn overflows() {
    let supervisor = supervisor(|settings| settings.limits(limits(1000))).await;
    let bound =
        "let f = function () {}; for (let i = 0; i < 1e5; i++) f = f.bind(); ({}) instanceof f";
    let nested = "let t = 'x'; for (let i = 0; i < 1e5; i++) t = '[' + t + ']'; eval(t)";
    let regexp = "new RegExp('('.repeat(1e5) + ')'.repeat(1e5)).test('')";
    for _ in 0..2 {
        for source in [bound, nested, regexp] {
            let outcome = run(&supervisor, source, limits(1000)).await;
            assert!(outcome.result.is_err(), "{source}: {outcome:?}");
            assert_ne!(code(&outcome), "ERR_WORKER_LOST", "{source}: {outcome:?}");
        }
        let small = Limits { stack: 64 << 10, ..limits(1000) };
        assert_eq!(run(&supervisor, "1 + 1", small).await.result, Ok(Value::from(2)));
    }
    assert_eq!(supervisor.counts().lost, 0);
}

/// More than a worker keeps, in turns, each large enough to push others out of its cache.
async fn images() {
    let supervisor =
        supervisor(|settings| settings.image_cache_bytes(4 << 20).limits(limits(60_000))).await;
    let mut deployed = Vec::new();
    for number in 0..70 {
        // Built again within runs, on a machine that may be busy.
        let image = Image::builder().build_limits(limits(20_000)).setup(
            format!("globalThis.big = 'x{number}'.repeat(1e5); globalThis.all = Array.from({{ length: 5000 }}, (_, i) => [i])"),
            ScriptOptions::new(),
        );
        let deployment = Deployment::new("tenant").image(image).script(
            format!("big.slice(0, {})", 1 + number.to_string().len()),
            ScriptOptions::new(),
        );
        deployed.push(supervisor.deploy(deployment).await.unwrap());
    }
    for _ in 0..2 {
        for (number, image) in deployed.iter().enumerate() {
            let outcome = supervisor.run(image, Run::new().limits(limits(20_000))).await;
            assert_eq!(outcome.result, Ok(Value::from(format!("x{number}"))));
        }
    }
    assert_eq!(supervisor.counts().lost, 0);
}
