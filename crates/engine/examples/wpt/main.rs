//! Runs the web platform tests that are scripts, each as an ad hoc run of the engine as `serve` does it,
//! and compares the subtests that fail with the list of what is known to fail.
//!
//!     wpt DIR EXPECTED [FILTER]
//!
//! DIR is a checkout of web-platform-tests, or a browser's copy of it. `suite.rs` knows how the tests lie
//! on disk, `expected.rs` the list, `shell.js` what tests find beside a guest's globals; this file must
//! know none of these.

mod expected;
mod suite;

use expected::Expected;
use sandtide_engine::{
    EntryPoint, Error, HostError, HostFunction, Input, Instance, InstanceConfig, Limits, Plan,
    Request, Source, Value,
};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, thread};
use suite::Suite;

/// As many files run at the same time.
const THREADS: usize = 2;
const HEAP: usize = 1 << 30;
/// Of one file, and of one that says it takes long.
const TIME: [Duration; 2] = [Duration::from_secs(40), Duration::from_secs(150)];

const SHELL: &str = include_str!("shell.js");

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (dir, list, filter) = match arguments.as_slice() {
        [dir, list] => (dir, list, ""),
        [dir, list, filter] => (dir, list, filter.as_str()),
        _ => {
            eprintln!("usage: wpt DIR EXPECTED [FILTER]");
            return ExitCode::from(2);
        }
    };
    match Suite::open(Path::new(dir))
        .and_then(|suite| Ok((suite, Expected::read(Path::new(list))?)))
    {
        Ok((suite, expected)) => {
            let (ended, left_out) = run_all(&suite, &expected, filter);
            judge(&ended, &left_out, &expected, filter)
        }
        Err(message) => {
            eprintln!("wpt: {message}");
            ExitCode::from(2)
        }
    }
}

/// How one file ended, in one of its variants.
struct Ended {
    /// With its variant behind.
    path: String,
    passed: usize,
    /// Names and messages; what befell the file as a whole has no name.
    failed: Vec<(String, String)>,
}

/// What ran, and the paths of files that were left out.
fn run_all(suite: &Suite, expected: &Expected, filter: &str) -> (Vec<Ended>, Vec<String>) {
    let matching = suite.paths.iter().filter(|path| path.contains(filter));
    let (left_out, paths): (Vec<&String>, Vec<&String>) =
        matching.partition(|path| expected.left_out(path).is_some());
    let next = AtomicUsize::new(0);
    let ended = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut config = InstanceConfig::default();
                config.heap = HEAP;
                let mut instance = Instance::new(config).expect("an instance");
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let of_file = run_file(&mut instance, suite, path);
                    ended.lock().expect("no thread panicked").extend(of_file);
                }
            });
        }
    });
    let mut ended = ended.into_inner().expect("no thread panicked");
    ended.sort_by(|one, other| one.path.cmp(&other.path));
    (ended, left_out.into_iter().cloned().collect())
}

fn run_file(instance: &mut Instance, suite: &Suite, path: &str) -> Vec<Ended> {
    let test = match suite.read(path) {
        Ok(test) => test,
        Err(message) => {
            let failed = vec![(String::new(), message)];
            return vec![Ended { path: path.to_owned(), passed: 0, failed }];
        }
    };
    if test.is_elsewhere {
        return Vec::new();
    }
    let limits = limits(TIME[usize::from(test.is_long)]);
    let run = |variant: &String| {
        let place = format!("{path}{variant}");
        let results = Arc::new(Mutex::new(Vec::new()));
        let result = run(instance, suite, &place, path, &test.text, limits, &results);
        let mut ended = Ended { path: place, passed: 0, failed: Vec::new() };
        for (name, status, message) in results.lock().expect("no thread panicked").drain(..) {
            match status {
                PASS => ended.passed += 1,
                OPTIONAL => {}
                _ => ended.failed.push((name, message)),
            }
        }
        if let Err(message) = result {
            ended.failed.push((String::new(), message));
        }
        ended
    };
    test.variants.iter().map(run).collect()
}

/// The harness's numbers for how subtests end.
const PASS: u32 = 0;
/// A feature that the standard leaves open and that is not there.
const OPTIONAL: u32 = 4;

type Results = Arc<Mutex<Vec<(String, u32, String)>>>;

fn run(
    instance: &mut Instance,
    suite: &Suite,
    place: &str,
    path: &str,
    text: &str,
    limits: Limits,
    results: &Results,
) -> Result<(), String> {
    let global =
        |name: &str, text: &str| (name.to_owned(), Input::Value(Value::String(text.to_owned())));
    let plan = Plan {
        setup: vec![Source::new("shell.js", SHELL)],
        entry: EntryPoint::AdHoc,
        globals: vec![global("wpt_place", place), global("wpt_harness", &suite.harness)],
        hosts: vec![files(suite.root(), path), collector(results)],
        limits,
        ..Plan::default()
    };
    let image = instance.build(&plan).map_err(|error| format!("shell: {error}"))?;
    let request = Request { source: Some(Source::new(path, text)), limits, ..Request::default() };
    match instance.run(&image, &request).result {
        Ok(_) => Ok(()),
        Err(Error::Syntax(error)) => Err(format!("SyntaxError: {error}")),
        Err(error) => Err(error.to_string()),
    }
}

/// Reads files for tests.
fn files(root: &Path, path: &str) -> HostFunction {
    let (root, path) = (root.to_owned(), path.to_owned());
    HostFunction::new("wpt_file", move |call| match call.arg(0) {
        Value::String(address) => {
            Ok(Suite::bytes(&root, &path, address).map_or(Value::Null, Value::Bytes))
        }
        _ => Err(HostError::named("TypeError", "an address is asked for")),
    })
}

/// Takes the end of each subtest.
fn collector(results: &Results) -> HostFunction {
    let results = Arc::clone(results);
    HostFunction::new("wpt_result", move |call| {
        let text = |index| match call.arg(index) {
            Value::String(text) => text.clone(),
            _ => String::new(),
        };
        let status = call.arg(1).as_f64().map_or(u32::MAX, |status| status as u32);
        results.lock().expect("no thread panicked").push((text(0), status, text(2)));
        Ok(Value::Undefined)
    })
}

fn limits(time: Duration) -> Limits {
    Limits {
        wall: time,
        cpu: time,
        heap: HEAP,
        stack: 4 << 20,
        output: 64 << 20,
        logs: 64 << 20,
        jobs: u32::MAX,
    }
}

/// Prints the counts and every difference from the list; fails where there is one.
fn judge(ended: &[Ended], left_out: &[String], expected: &Expected, filter: &str) -> ExitCode {
    let mut areas: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differences = 0;
    for Ended { path, passed, failed } in ended {
        let counts = areas.entry(Suite::area(path)).or_default();
        counts[0] += passed;
        for (name, message) in failed {
            let name = one_line(name);
            if let Some(entry) = expected.entry(path, &name) {
                entry.hits.set(entry.hits.get() + 1);
                *reasons.entry(&entry.reason).or_default() += 1;
                counts[if expected.is_outside(&entry.reason) { 2 } else { 1 }] += 1;
            } else {
                counts[1] += 1;
                println!("FAILED {path} | {name}\n    {}", shortened(message));
                differences += 1;
            }
        }
    }
    for entry in
        expected.entries().iter().filter(|entry| filter.is_empty() && entry.hits.get() == 0)
    {
        println!(
            "PASSED OR NOT FOUND although expected to fail: {} | {}",
            entry.path, entry.subtest
        );
        differences += 1;
    }
    println!("\n{:>7} {:>7} {:>8} {:>9}", "passed", "failed", "of 100", "outside");
    let mut all = [0; 3];
    for (area, counts) in &areas {
        print_row(area, counts);
        for (sum, count) in all.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    print_row("all", &all);
    println!("\nfailed as expected, or outside:");
    for (reason, count) in &reasons {
        println!("{count:>7}  {}: {}", reason, expected.text(reason));
    }
    println!("files left out:");
    let whys: HashSet<&str> = left_out.iter().filter_map(|path| expected.left_out(path)).collect();
    for why in whys {
        let count = left_out.iter().filter(|path| expected.left_out(path) == Some(why)).count();
        println!("{count:>7}  {why}");
    }
    println!("{differences} differences from the list");
    if differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print_row(area: &str, [passed, failed, out]: &[usize; 3]) {
    let share = 100.0 * *passed as f64 / (passed + failed).max(1) as f64;
    println!("{passed:>7} {failed:>7} {share:>8.2} {out:>9}  {area}");
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn shortened(text: &str) -> String {
    one_line(&text.chars().take(300).collect::<String>())
}
