//! Runs test262's scripts and modules, each as an ad hoc run of the engine as `serve` does it, and
//! compares what fails with the list of what is known to fail.
//!
//!     test262 DIR EXPECTED [FILTER]
//!
//! DIR is a checkout of test262, or SpiderMonkey's copy of it. `suite.rs` knows how the suite lies on
//! disk, `expected.rs` the list; this file must know neither.

mod expected;
mod suite;

use expected::Expected;
use sandtide_engine::{
    EntryPoint, Error, HeapImage, Instance, InstanceConfig, Limits, Plan, Request, Source,
};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, thread};
use suite::{Mode, Negative, Suite, Test};

/// As many tests run at the same time.
const THREADS: usize = 2;
const HEAP: usize = 512 << 20;
/// Of one run; the longest test goes through all code points.
const TIME: Duration = Duration::from_secs(40);

/// What a harness finds beside its own files: a `print` for `$DONE`, and a name for its error.
const HOST: &str = "var print = (text) => console.log(text);";
const DONE: &str = "function $DONE(error) { \
    if (error) print('Test262:AsyncTestFailure: ' + \
        (typeof error === 'object' && error !== null && 'name' in error ? error.name + ': ' : '') + \
        (typeof error === 'symbol' ? 'a symbol' : (error.message ?? error))); \
    else print('Test262:AsyncTestComplete'); }";
const ERROR: &str = "Object.defineProperty(Test262Error.prototype, 'name', \
    { value: 'Test262Error', configurable: true, writable: true });";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (dir, list, filter) = match arguments.as_slice() {
        [dir, list] => (dir, list, ""),
        [dir, list, filter] => (dir, list, filter.as_str()),
        _ => {
            eprintln!("usage: test262 DIR EXPECTED [FILTER]");
            return ExitCode::from(2);
        }
    };
    match Suite::open(Path::new(dir))
        .and_then(|suite| Ok((suite, Expected::read(Path::new(list))?)))
    {
        Ok((suite, expected)) => judge(&run_all(&suite, &expected, filter), &expected, filter),
        Err(message) => {
            eprintln!("test262: {message}");
            ExitCode::from(2)
        }
    }
}

/// How one test ended.
struct Ended<'a> {
    path: &'a str,
    end: End,
}

enum End {
    Passed,
    /// What was seen, in each mode that failed.
    Failed(String),
    /// It needs what the engine leaves out: the feature's name.
    LeftOut(String),
}

fn run_all<'a>(suite: &'a Suite, expected: &Expected, filter: &str) -> Vec<Ended<'a>> {
    let next = AtomicUsize::new(0);
    let ended = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut runner = Runner::new(suite);
                loop {
                    let Some(path) = suite.paths.get(next.fetch_add(1, Ordering::Relaxed)) else {
                        break;
                    };
                    if path.contains(filter) {
                        let end = runner.test(path, expected);
                        ended.lock().expect("no thread panicked").push(Ended { path, end });
                    }
                }
            });
        }
    });
    let mut ended = ended.into_inner().expect("no thread panicked");
    ended.sort_by_key(|ended| ended.path);
    ended
}

/// Prints the counts and every difference from the list; fails where there is one.
fn judge(ended: &[Ended<'_>], expected: &Expected, filter: &str) -> ExitCode {
    let mut folders: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let mut left_out: BTreeMap<&str, usize> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differences = 0;
    let mut total = [0; 3];
    for Ended { path, end } in ended {
        let folder = path.split('/').take(2).collect::<Vec<_>>().join("/");
        let column = match end {
            End::Passed => 0,
            End::Failed(_) => 1,
            End::LeftOut(feature) => {
                *left_out.entry(feature).or_default() += 1;
                2
            }
        };
        folders.entry(folder).or_default()[column] += 1;
        total[column] += 1;
        match (end, expected.reason(path)) {
            (End::Failed(_), Some(reason)) => *reasons.entry(reason).or_default() += 1,
            (End::Failed(seen), None) => {
                println!("FAILED {path}\n    {seen}");
                differences += 1;
            }
            (_, Some(reason)) => {
                println!("PASSED although expected to fail ({reason}): {path}");
                differences += 1;
            }
            (_, None) => {}
        }
    }
    for path in expected.paths().filter(|path| path.contains(filter)) {
        if ended.binary_search_by_key(&path, |ended| ended.path).is_err() {
            println!("NOT FOUND {path}, which the list expects to fail");
            differences += 1;
        }
    }
    println!("\n{:>7} {:>7} {:>8}", "passed", "failed", "left out");
    for (folder, [passed, failed, out]) in &folders {
        println!("{passed:>7} {failed:>7} {out:>8}  {folder}");
    }
    println!("{:>7} {:>7} {:>8}  all", total[0], total[1], total[2]);
    println!("\nfailed as expected:");
    for (reason, count) in &reasons {
        println!("{count:>7}  {}: {}", reason, expected.text(reason));
    }
    println!("left out:");
    for (feature, count) in &left_out {
        println!("{count:>7}  {feature}: {}", expected.left_out(feature).unwrap_or_default());
    }
    println!("{differences} differences from the list");
    if differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// One thread's instance, and the images that it built.
struct Runner<'a> {
    suite: &'a Suite,
    instance: Instance,
    images: HashMap<(Vec<String>, String), HeapImage>,
}

impl<'a> Runner<'a> {
    fn new(suite: &'a Suite) -> Runner<'a> {
        let mut config = InstanceConfig::default();
        config.heap = HEAP;
        let instance = Instance::new(config).expect("an instance");
        Runner { suite, instance, images: HashMap::new() }
    }

    fn test(&mut self, path: &str, expected: &Expected) -> End {
        let test = match self.suite.read(path) {
            Ok(test) => test,
            Err(message) => return End::Failed(message),
        };
        if let Some(feature) =
            test.features.iter().find(|feature| expected.left_out(feature).is_some())
        {
            return End::LeftOut(feature.clone());
        }
        let wrong: Vec<String> = test
            .modes()
            .into_iter()
            .filter_map(|mode| {
                self.run(path, &test, mode).err().map(|seen| format!("{mode:?}: {seen}"))
            })
            .collect();
        if wrong.is_empty() { End::Passed } else { End::Failed(wrong.join("\n    ")) }
    }

    fn run(&mut self, path: &str, test: &Test, mode: Mode) -> Result<(), String> {
        let image = self.image(path, test)?;
        let request = Request {
            source: Some(source(path, test, mode)),
            limits: limits(),
            ..Request::default()
        };
        let outcome = self.instance.run(&image, &request);
        let log = |text: &str| outcome.logs.iter().any(|line| line.text.starts_with(text));
        match (&test.negative, outcome.result) {
            (Some(Negative::Early), Err(Error::Syntax(_))) => Ok(()),
            (Some(Negative::Resolution(_)), Err(Error::Syntax(_))) => Ok(()),
            (
                Some(Negative::Resolution(name) | Negative::Runtime(name)),
                Err(Error::Exception(thrown)),
            ) if thrown.name == *name => Ok(()),
            (Some(negative), result) => Err(format!("{negative:?}, but {}", told(&result))),
            (None, result @ Err(_)) => Err(told(&result)),
            (None, Ok(_)) if !test.is_async => Ok(()),
            (None, Ok(_))
                if log("Test262:AsyncTestFailure") || !log("Test262:AsyncTestComplete") =>
            {
                let lines: Vec<&str> = outcome.logs.iter().map(|line| line.text.as_str()).collect();
                Err(format!("not completed: {}", shortened(&lines.join(" | "))))
            }
            (None, Ok(_)) => Ok(()),
        }
    }

    /// The image with the harness files that the test wants, and the modules beside it.
    fn image(&mut self, path: &str, test: &Test) -> Result<HeapImage, String> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let imports = test.is_module || test.text.contains("import");
        let key = (test.harness(), if imports { folder.to_owned() } else { String::new() });
        if let Some(image) = self.images.get(&key) {
            return Ok(image.clone());
        }
        let mut setup = Vec::new();
        if !key.0.is_empty() {
            setup.push(Source::new("host.js", HOST));
            for name in &key.0 {
                setup.push(Source::new(name, self.suite.harness(name)?));
            }
            setup.push(Source::new("done.js", DONE));
            setup.push(Source::new("error.js", ERROR));
        }
        let plan = Plan {
            setup,
            entry: EntryPoint::AdHoc,
            modules: Arc::new(if imports { self.suite.modules(folder) } else { BTreeMap::new() }),
            limits: limits(),
            ..Plan::default()
        };
        let image = self.instance.build(&plan).map_err(|error| format!("harness: {error}"))?;
        self.images.insert(key, image.clone());
        Ok(image)
    }
}

fn limits() -> Limits {
    Limits {
        wall: TIME,
        cpu: TIME,
        heap: HEAP,
        output: 64 << 20,
        jobs: u32::MAX,
        ..Limits::default()
    }
}

/// What is given to the run. The completion value of a script would be the run's result, and that of
/// many tests cannot cross. A module is imported by one that has a function to call.
fn source(path: &str, test: &Test, mode: Mode) -> Source {
    let text = &test.text;
    let valued = !test.raw && test.negative.is_none();
    let text = match mode {
        Mode::Module => {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            let text = format!("import {:?}; export default () => {{}};", format!("./{name}"));
            return Source::new(format!("{folder}/test262-main.js"), text);
        }
        Mode::Sloppy if valued => format!("{text}\n;void 0;"),
        Mode::Sloppy => text.clone(),
        Mode::Strict if valued => format!("\"use strict\";\n{text}\n;void 0;"),
        Mode::Strict => format!("\"use strict\";\n{text}"),
    };
    Source::new(path, text)
}

fn told<T>(result: &Result<T, Error>) -> String {
    match result {
        Ok(_) => "ended well".to_owned(),
        Err(Error::Syntax(error)) => shortened(&format!("SyntaxError: {error}")),
        Err(error) => shortened(&error.to_string()),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(300).collect::<String>().replace('\n', " ")
}
