//! What the tools of diagnosis cost: sampling a thread and its allocations under the article's workload,
//! turned on and off in turns; a heap snapshot of a large heap, and stops at a breakpoint, beside Node's.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use sandtide_engine::{
    EntryPoint, HeapImage, Input, Instance, InstanceConfig, Limits, Plan, Request, Source, Value,
    record_this_thread, watch_allocations_of_this_thread,
};
use sandtide_inspect::allocations::{AllocationRecorder, INTERVAL};
use sandtide_inspect::record::ThreadRecorder;
use serde::{Deserialize, Serialize};

use crate::report::megabytes;
use crate::runtimes::{self, Runtime, Runtimes, report_of};
use crate::stats::Spread;
use crate::stops;

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How often each way has its turn; 0: none has
    #[arg(long, default_value_t = 301, value_parser = clap::value_parser!(u64).range(0..=10_000))]
    rounds: u64,
    /// Objects of the heap that a snapshot is taken of; 0: none is
    #[arg(long, default_value_t = 270_000)]
    objects: u64,
    /// How often each program is stopped at a breakpoint; 0: never
    #[arg(long, default_value_t = 1_000)]
    stops: u64,
    /// The `sandtide` program [default: the one next to this program]
    #[arg(long)]
    sandtide: Option<PathBuf>,
}

/// The bars: how much slower runs may be while their time is sampled, and how much memory of the heap's
/// size a snapshot may take. Its time is to be half of Node's at most.
const SLOWER: f64 = 1.03;
const MORE: f64 = 0.1;

/// Short, so that whatever else the machine does meets all ways alike.
const TURN: Duration = Duration::from_millis(30);

/// How a turn's runs are watched.
#[derive(Clone, Copy)]
enum Watched {
    Not,
    Time,
    Allocations,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.rounds > 0 {
        sampling(options)?;
    }
    let runtimes = Runtimes { sandtide: runtimes::sandtide(options.sandtide.clone())? };
    if options.stops > 0 {
        stops::run(&runtimes, options.stops)?;
    }
    if options.objects > 0 { snapshots(options, &runtimes) } else { Ok(()) }
}

/// The article's script in an image, and a request for each of its numbers.
fn article(instance: &mut Instance) -> Result<(HeapImage, Vec<Request>)> {
    let setup = "function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }";
    let entry = EntryPoint::Classic(Source::new("article.js", "a = fibonacci(number)"));
    let setup = vec![Source::new("setup.js", setup)];
    let image = instance.build(&Plan { setup, entry, ..Plan::default() })?;
    let long = Duration::from_secs(300);
    let limits = Limits { wall: long, cpu: long, ..Limits::default() };
    let request = |number: u32| Request {
        limits,
        globals: vec![("number".to_owned(), Input::Value(Value::Number(number.into())))],
        ..Request::default()
    };
    Ok((image, (0..20).map(request).collect()))
}

/// Time that this thread had the processor, in ns: what others do on the machine is not in it.
fn processor_ns() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let first = text.split_whitespace().next().context("no time in schedstat")?;
    Ok(first.parse()?)
}

/// Passes through all requests for a while; nanoseconds of the processor for each.
fn turn(instance: &mut Instance, image: &HeapImage, requests: &[Request]) -> Result<f64> {
    // What is only done once for a whole recording is not what is asked.
    for request in requests {
        instance.run(image, request).result?;
    }
    let (began, until) = (processor_ns()?, Instant::now() + TURN);
    let mut passes = 0_u32;
    while Instant::now() < until {
        for request in requests {
            instance.run(image, request).result?;
        }
        passes += 1;
    }
    Ok((processor_ns()? - began) / f64::from(passes))
}

fn watched<R>(how: Watched, f: impl FnOnce() -> R) -> Result<R> {
    match how {
        Watched::Not => Ok(f()),
        Watched::Time => {
            let recorder = Rc::new(ThreadRecorder::start(Duration::from_millis(1))?);
            record_this_thread(Some(Rc::clone(&recorder) as _));
            let result = f();
            record_this_thread(None);
            ensure!(recorder.has_recorded(), "nothing was sampled");
            Ok(result)
        }
        Watched::Allocations => {
            let recorder = Rc::new(AllocationRecorder::new(INTERVAL));
            watch_allocations_of_this_thread(Some((INTERVAL, recorder as _)));
            let result = f();
            watch_allocations_of_this_thread(None);
            Ok(result)
        }
    }
}

fn sampling(options: &Options) -> Result<()> {
    let mut instance = Instance::new(InstanceConfig::default())?;
    let (image, requests) = article(&mut instance)?;
    turn(&mut instance, &image, &requests)?;
    println!("article's workload in process, {} rounds of each, in turns", options.rounds);
    for (name, how) in [
        ("time sampled each 1 ms", Watched::Time),
        ("allocations sampled each 512 KiB", Watched::Allocations),
        ("nothing sampled (what chance does)", Watched::Not),
    ] {
        let mut ratios = Vec::new();
        for _ in 0..options.rounds {
            let mut pass =
                |how| watched(how, || turn(&mut instance, &image, &requests)).and_then(|pass| pass);
            // The other way before and after, so that a machine that slows down slows both.
            let (before, on, after) = (pass(Watched::Not)?, pass(how)?, pass(Watched::Not)?);
            ratios.push(on / f64::midpoint(before, after));
        }
        let spread = Spread::of(ratios).context("no rounds")?;
        let missed = matches!(how, Watched::Time) && spread.median > SLOWER;
        println!(
            "  {name:36} {:+.1} % slower ({:+.1} to {:+.1}){}",
            (spread.median - 1.0) * 100.0,
            (spread.min - 1.0) * 100.0,
            (spread.max - 1.0) * 100.0,
            if missed { "  MISSED" } else { "" },
        );
    }
    Ok(())
}

/// What `peers/heap-snapshot.js` tells.
#[derive(Debug, Deserialize, Serialize)]
struct Taken {
    ms: f64,
    heap: f64,
    more: f64,
}

fn snapshots(options: &Options, runtimes: &Runtimes) -> Result<()> {
    let file = std::env::temp_dir().join(format!("bench-{}.heapsnapshot", std::process::id()));
    println!("heap snapshot of {} orders, in turns", options.objects);
    let mut all: Vec<(Runtime, Taken)> = Vec::new();
    for _ in 0..3 {
        for runtime in Runtime::ALL {
            let mut command = runtimes.command(runtime);
            command.arg("--expose-gc");
            let (objects, file) = (options.objects.to_string(), file.to_string_lossy());
            all.push((runtime, report_of(command, "heap-snapshot.js", &[&objects, &file])?));
        }
    }
    let _ = std::fs::remove_file(&file);
    let median = |runtime: Runtime, f: fn(&Taken) -> f64| {
        Spread::of(all.iter().filter(|(of, _)| *of == runtime).map(|(_, taken)| f(taken)))
            .map_or(0.0, |spread| spread.median)
    };
    let half = median(Runtime::Node, |taken| taken.ms) / 2.0;
    for runtime in Runtime::ALL {
        let of = |f| median(runtime, f);
        let (ms, heap, more) = (of(|t| t.ms), of(|t| t.heap), of(|t| t.more));
        let is_ours = runtime == Runtime::Sandtide;
        let missed = is_ours && (ms > half || more > MORE * heap);
        println!(
            "  {runtime:14} {ms:6.0} ms, {:.0} MB of heap, {:.1} MB more at most ({:.1} %){}",
            megabytes(heap / 1024.0),
            megabytes(more / 1024.0),
            more / heap * 100.0,
            if missed { "  MISSED" } else { "" },
        );
    }
    Ok(())
}
