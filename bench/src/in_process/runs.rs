//! Times of runs and restores in this process. Answers figures, prints progress only.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Result;
use sandtide_bench::guests;
use sandtide_engine::{HeapImage, Instance, Outcome, Request, RestoreStrategy};

use super::{Options, Pristine, Restores, Switching, checked, instance};
use crate::stats::Spread;
use crate::vm;

/// A request made anew for each run, as a caller would: the making counts.
type MakeRequest = fn() -> Request;

fn fibonacci_of_10() -> Request {
    guests::fibonacci_of(black_box(10))
}

fn sum_of_two() -> Request {
    guests::sum_of(black_box(20), black_box(22))
}

/// Nanoseconds a run over `runs` runs, each of which must answer a value.
fn time_runs(
    runs: u64,
    request: MakeRequest,
    mut run: impl FnMut(u64, &Request) -> Outcome,
) -> Result<f64> {
    let start = Instant::now();
    for number in 0..runs {
        black_box(run(number, &request()).result)?;
    }
    Ok(start.elapsed().as_nanos() as f64 / runs as f64)
}

/// Node's version, its figures with a new sandbox for each run, and ours for the same script.
pub(super) fn against_node(options: &Options) -> Result<(String, Vec<f64>, Vec<f64>)> {
    let mut ours = instance(RestoreStrategy::Auto)?;
    let image = ours.build(&guests::fibonacci())?;
    checked(&mut ours, &image, &fibonacci_of_10(), "55")?;
    let (mut name, mut node_ns, mut our_ns) = (String::new(), Vec::new(), Vec::new());
    for round in 1..=options.rounds {
        let node = vm::node_fresh()?;
        let fresh =
            time_runs(options.runs, fibonacci_of_10, |_, request| ours.run(&image, request))?;
        eprintln!(
            "fib(10), round {round} of {}: Node {:.1} us, Sandtide {:.2} us",
            options.rounds,
            node.ns.median / 1e3,
            fresh / 1e3
        );
        name = format!("Node {}: vm.runInNewContext, new sandbox", node.engine);
        node_ns.push(node.ns.median);
        our_ns.push(fresh);
    }
    Ok((name, node_ns, our_ns))
}

pub(super) fn pristine_against_reused(options: &Options) -> Result<Vec<Pristine>> {
    let mut all = Vec::new();
    for (script, plan, request, expected) in [
        ("a = fibonacci(10)", guests::fibonacci(), fibonacci_of_10 as MakeRequest, "55"),
        ("(input) => ({ sum })", guests::sum(), sum_of_two as MakeRequest, r#"{"sum":42}"#),
    ] {
        // The reused instance is never put back within a turn; it must not share the other's
        // arena, whose pages may be write-protected.
        let mut restored = instance(RestoreStrategy::Auto)?;
        let restored_image = restored.build(&plan)?;
        checked(&mut restored, &restored_image, &request(), expected)?;
        let mut reused = instance(RestoreStrategy::Copy)?;
        let reused_image = reused.build(&plan)?;
        let mut figures =
            Pristine { script: script.to_owned(), pristine_ns: Vec::new(), reused_ns: Vec::new() };
        for round in 1..=options.rounds {
            let fresh = time_runs(options.runs, request, |_, request| {
                restored.run(&restored_image, request)
            })?;
            reused.load(&reused_image)?;
            let used = time_runs(options.runs, request, |_, request| {
                reused.run_reused(&reused_image, request)
            })?;
            eprintln!(
                "{script}, round {round} of {}: pristine {:.2} us, reused {:.2} us",
                options.rounds,
                fresh / 1e3,
                used / 1e3
            );
            figures.pristine_ns.push(fresh);
            figures.reused_ns.push(used);
        }
        all.push(figures);
    }
    Ok(all)
}

pub(super) fn restores(options: &Options) -> Result<Vec<Restores>> {
    let mut all = Vec::new();
    for (name, plan, request) in [
        // The base image has no script of its own: the least that can run in it.
        ("base, ad hoc source `1`", None, guests::ad_hoc("1")),
        ("article's script, fib(10)", Some(guests::fibonacci()), fibonacci_of_10()),
    ] {
        let mut sides = Vec::new();
        for strategy in [RestoreStrategy::Copy, RestoreStrategy::Auto] {
            let mut instance = instance(strategy)?;
            let image = match &plan {
                Some(plan) => instance.build(plan)?,
                None => instance.base().clone(),
            };
            let figures = Restores {
                image: name.to_owned(),
                strategy: format!("{strategy:?}"),
                image_bytes: image.heap_bytes(),
                restore_ns: Vec::new(),
                bytes: 0,
            };
            sides.push((instance, image, figures));
        }
        for _ in 0..options.rounds {
            for (instance, image, figures) in &mut sides {
                measure_restores(instance, image, &request, options.runs, figures)?;
            }
        }
        for (_, _, figures) in sides {
            eprintln!(
                "restore of {name}, {}: {:.2} us",
                figures.strategy,
                Spread::of(figures.restore_ns.iter().copied()).map_or(0.0, |ns| ns.median) / 1e3
            );
            all.push(figures);
        }
    }
    Ok(all)
}

fn measure_restores(
    instance: &mut Instance,
    image: &HeapImage,
    request: &Request,
    runs: u64,
    figures: &mut Restores,
) -> Result<()> {
    let mut ns = Vec::new();
    for number in 0..runs {
        let outcome = instance.run(image, request);
        outcome.result?;
        // The first runs are where a strategy is chosen.
        if number >= runs / 10 {
            ns.push(outcome.usage.restore.as_nanos() as f64);
            figures.bytes = figures.bytes.max(outcome.usage.bytes_restored);
        }
    }
    figures.restore_ns.extend(Spread::of(ns).map(|ns| ns.median));
    Ok(())
}

pub(super) fn switching(options: &Options) -> Result<Switching> {
    let mut instance = instance(RestoreStrategy::Auto)?;
    let images = [instance.build(&guests::fibonacci())?, instance.build(&guests::fibonacci())?];
    let mut figures = Switching { staying_ns: Vec::new(), switching_ns: Vec::new() };
    for round in 1..=options.rounds {
        let staying = time_runs(options.runs, fibonacci_of_10, |_, request| {
            instance.run(&images[0], request)
        })?;
        let switching = time_runs(options.runs, fibonacci_of_10, |number, request| {
            instance.run(&images[(number % 2) as usize], request)
        })?;
        eprintln!(
            "change of image, round {round} of {}: one {:.2} us, two in turn {:.2} us",
            options.rounds,
            staying / 1e3,
            switching / 1e3
        );
        figures.staying_ns.push(staying);
        figures.switching_ns.push(switching);
    }
    Ok(figures)
}
