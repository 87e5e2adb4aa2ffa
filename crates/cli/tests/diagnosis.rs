//! Profiles, heap snapshots and traces of collections as a user asks for them: which files are
//! written, what they hold, and what is said where they cannot be.

mod folder;

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Command, Output, Stdio},
    thread,
};

use serde_json::Value as Json;

/// A program that burns time in a function, and keeps objects of a class.
const PROGRAM: &str = "
    class Kept { constructor(n) { this.n = n } }
    const kept = globalThis.keptForEver = [];
    for (let i = 0; i < 500; i++) kept.push(new Kept(i));
    function burn() { let s = 0; for (let i = 0; i < 2e6; i++) s += i; return s }
    burn(); burn(); kept.length";

struct Folder(folder::Folder);

impl Folder {
    fn new() -> Self {
        Self(folder::Folder::new("diagnosis"))
    }

    fn with(self, name: &str, text: &str) -> Self {
        Self(self.0.with(name, text))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sandtide"));
        command.current_dir(self.0.path());
        command
    }

    fn sandtide(&self, words: &[&str]) -> Output {
        self.command().args(words).stdin(Stdio::null()).output().unwrap()
    }

    fn json(&self, name: &str) -> Json {
        serde_json::from_slice(&fs::read(self.0.path().join(name)).unwrap()).unwrap()
    }

    /// The names of files with this ending.
    fn ending(&self, ending: &str) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let names = names.map(|name| name.into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(ending)).collect();
        names.sort();
        names
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// How many objects of the class a snapshot has.
fn kept(snapshot: &Json) -> usize {
    ids(snapshot).len()
}

/// The numbers of these objects.
fn ids(snapshot: &Json) -> Vec<Json> {
    let strings = snapshot["strings"].as_array().unwrap();
    let nodes = snapshot["nodes"].as_array().unwrap().chunks(6);
    let of_class =
        |node: &&[Json]| node[0] == 3 && strings[node[1].as_u64().unwrap() as usize] == "Kept";
    nodes.filter(of_class).map(|node| node[2].clone()).collect()
}

/// The share of a profile's samples that were in a function.
fn hits(profile: &Json, name: &str) -> u64 {
    let nodes = profile["nodes"].as_array().unwrap();
    let of_name = nodes.iter().filter(|node| node["callFrame"]["functionName"] == name);
    of_name.map(|node| node["hitCount"].as_u64().unwrap()).sum()
}

#[test]
fn run_writes_a_heap_snapshot_at_its_end_and_says_so() {
    let folder = Folder::new().with("a.js", PROGRAM);
    let output =
        folder.sandtide(&["run", "a.js", "--timeout", "30s", "--heap-snapshot", "a.heapsnapshot"]);
    assert!(output.status.success() && output.stdout == b"500\n", "{output:?}");
    assert!(said(&output).contains("a.heapsnapshot") && said(&output).contains("at the end"));
    assert_eq!(kept(&folder.json("a.heapsnapshot")), 500);
}

#[test]
fn run_writes_a_heap_snapshot_of_the_moment_at_which_memory_ran_out() {
    let text = "class Kept { constructor(n) { this.n = 'n' + n } }
        function fill() { const all = []; for (let i = 0; ; i++) all.push(new Kept(i)) } fill()";
    let folder = Folder::new().with("a.js", text);
    let words = [
        "run",
        "a.js",
        "--timeout",
        "30s",
        "--memory",
        "4MiB",
        "--heap-snapshot",
        "a.heapsnapshot",
    ];
    let output = folder.sandtide(&words);
    assert!(!output.status.success(), "{output:?}");
    assert!(said(&output).contains("at the memory limit"), "{}", said(&output));
    assert!(kept(&folder.json("a.heapsnapshot")) > 5_000);
}

#[test]
fn a_file_that_cannot_be_made_is_refused_before_the_script_runs() {
    let folder = Folder::new().with("a.js", "console.log('ran')");
    for words in [
        &["--heap-snapshot", "none/a.heapsnapshot"][..],
        &["--cpu-prof", "--cpu-prof-dir", "none"],
        &["--cpu-prof", "--cpu-prof-interval", "99"],
        &["--cpu-prof-name", "a"],
    ] {
        let output = folder.sandtide(&[&["run", "a.js"], words].concat());
        assert_eq!(output.status.code(), Some(2), "{words:?}: {output:?}");
        assert!(!said(&output).contains("ran"), "{}", said(&output));
    }
}

#[test]
fn a_run_that_time_ended_has_no_snapshot_but_a_profile() {
    let folder = Folder::new().with("a.js", "function forever() { for (;;) {} } forever()");
    let words = ["run", "a.js", "--timeout", "200ms", "--heap-snapshot", "a.heapsnapshot"];
    let output = folder.sandtide(&words);
    assert!(said(&output).contains("no heap snapshot"), "{}", said(&output));
    let words =
        ["run", "a.js", "--timeout", "500ms", "--cpu-prof", "--cpu-prof-name", "a.cpuprofile"];
    folder.sandtide(&words);
    // One, where the machine has no time for more.
    assert!(hits(&folder.json("a.cpuprofile"), "forever") > 0);
}

#[test]
fn run_writes_profiles_as_their_names_end() {
    let folder = Folder::new().with("a.js", PROGRAM);
    let profile = |name: &str| {
        let words = ["run", "a.js", "--timeout", "30s", "--cpu-prof", "--cpu-prof-name", name];
        let output = folder.sandtide(&words);
        assert!(output.status.success() && said(&output).contains(name), "{output:?}");
        fs::read(folder.0.path().join(name)).unwrap()
    };
    let text: Json = serde_json::from_slice(&profile("a.cpuprofile")).unwrap();
    assert!(hits(&text, "burn") > 5, "{text}");
    let burn = text["nodes"].as_array().unwrap().iter();
    let burn = burn.map(|node| &node["callFrame"]).find(|frame| frame["functionName"] == "burn");
    let url = burn.unwrap()["url"].as_str().unwrap();
    assert!(url.starts_with("file:///") && url.ends_with("/a.js"), "{url}");
    assert!(String::from_utf8(profile("a.folded")).unwrap().contains("burn (a.js:5) "));
    assert!(String::from_utf8(profile("a.svg")).unwrap().contains("<svg"));
    assert!(!profile("a.pb").is_empty());
    let output = folder.sandtide(&["run", "a.js", "--timeout", "30s", "--cpu-prof"]);
    let named = folder.ending(".cpuprofile");
    assert!(output.status.success() && named.iter().any(|name| name.starts_with("CPU.2")));
}

#[test]
fn node_writes_a_profile_when_the_program_ends_in_whatever_way() {
    for end in ["", "process.exit(0)", "process.exitCode = 0"] {
        let folder = Folder::new().with("a.js", &format!("{PROGRAM}; {end}"));
        let output = folder.sandtide(&["node", "--cpu-prof", "a.js"]);
        assert!(output.status.success() && said(&output).is_empty(), "{end}: {output:?}");
        let [name] = &folder.ending(".cpuprofile")[..] else { panic!("{end}") };
        let parts: Vec<&str> = name.split('.').collect();
        assert_eq!((parts[0], parts[5], parts.len()), ("CPU", "001", 7), "{name}");
        assert!(hits(&folder.json(name), "burn") > 5);
    }
}

#[test]
fn node_tells_idle_time_and_collections_apart() {
    let text = "const { setTimeout: wait } = require('timers/promises');
        (async () => { await wait(300); const all = [];
        for (let i = 0; i < 3e5; i++) { const a = {}, b = { a }; a.b = b; all[i % 1000] = b } })()";
    let folder = Folder::new().with("a.js", text);
    folder.sandtide(&["node", "--cpu-prof", "--cpu-prof-name", "a.cpuprofile", "a.js"]);
    let profile = folder.json("a.cpuprofile");
    assert!(hits(&profile, "(idle)") > 5, "{profile}");
    assert!(hits(&profile, "(garbage collector)") > 0, "{profile}");
}

#[test]
fn node_takes_the_options_of_profiles_as_node_does() {
    let folder = Folder::new().with("a.js", PROGRAM);
    let words = [
        "node",
        "--cpu-prof",
        "--cpu-prof-dir=sub/dir",
        "--cpu-prof-name",
        "p-${pid}.cpuprofile",
        "--cpu-prof-interval",
        "500",
        "a.js",
    ];
    let output = folder.sandtide(&words);
    assert!(output.status.success(), "{output:?}");
    let names: Vec<_> = fs::read_dir(folder.0.path().join("sub/dir")).unwrap().collect();
    assert_eq!(names.len(), 1);
    let output = folder.sandtide(&["node", "--cpu-prof-name", "a", "a.js"]);
    assert_eq!(output.status.code(), Some(9));
    assert!(said(&output).contains("--cpu-prof-name must be used with --cpu-prof"), "{output:?}");
    let output = folder.sandtide(&["node", "--prof", "a.js"]);
    assert!(said(&output).starts_with("CPU profile: CPU.2"), "{}", said(&output));
    assert_eq!(said(&output).lines().count(), 1);
}

#[test]
fn v8_writes_heap_snapshots_and_streams_them() {
    let text = format!(
        "{PROGRAM};
        const v8 = require('v8'), fs = require('fs'), assert = require('assert');
        assert.match(v8.writeHeapSnapshot(), /^Heap\\.\\d{{8}}\\.\\d{{6}}\\.\\d+\\.0\\.001\\.heapsnapshot$/);
        assert.strictEqual(v8.writeHeapSnapshot('named'), 'named');
        assert.throws(() => v8.writeHeapSnapshot('none/a'), {{ code: 'ENOENT' }});
        assert.throws(() => v8.writeHeapSnapshot(1), {{ code: 'ERR_INVALID_ARG_TYPE' }});
        for (const name of ['exposeInternals', 'exposeNumericValues']) {{
          for (const take of [v8.getHeapSnapshot, (options) => v8.writeHeapSnapshot('refused', options)])
            assert.throws(() => take({{ [name]: true }}), {{ code: 'ERR_INVALID_ARG_VALUE' }});
          v8.writeHeapSnapshot('named', {{ [name]: false }});
        }}
        assert.ok(!fs.existsSync('refused'));
        let text = '';
        v8.getHeapSnapshot().setEncoding('utf8').on('data', (part) => text += part).on('end', () => {{
          assert.ok(JSON.parse(text).snapshot.node_count > 1000);
          console.log('done');
        }});"
    );
    let folder = Folder::new().with("a.js", &text);
    let output = folder.sandtide(&["node", "a.js"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "done\n", "{output:?}");
    let [name] = &folder.ending(".heapsnapshot")[..] else { panic!() };
    let (first, second) = (folder.json(name), folder.json("named"));
    assert_eq!((kept(&first), kept(&second)), (500, 500));
    assert_eq!(ids(&first), ids(&second), "objects keep their numbers");
}

#[test]
fn a_detached_context_is_marked_as_such() {
    let text = "const vm = require('vm');
        globalThis.attached = vm.createContext({});
        globalThis.held = vm.runInNewContext('(() => { const inside = {}; return () => inside })()');
        setTimeout(() => require('v8').writeHeapSnapshot('a'), 50)";
    let folder = Folder::new().with("a.js", text);
    let output = folder.sandtide(&["node", "a.js"]);
    assert!(output.status.success(), "{output:?}");
    let snapshot = folder.json("a");
    let strings = snapshot["strings"].as_array().unwrap();
    let nodes = snapshot["nodes"].as_array().unwrap().chunks(6);
    let contexts = nodes
        .filter(|node| strings[node[1].as_u64().unwrap() as usize] == "system / NativeContext");
    let mut detached: Vec<u64> = contexts.map(|node| node[5].as_u64().unwrap()).collect();
    detached.sort_unstable();
    assert_eq!(detached, [1, 1, 2]);
}

#[test]
fn a_signal_and_a_full_heap_leave_snapshots() {
    let text = format!("{PROGRAM}; console.log('ready'); setInterval(() => {{}}, 1000)");
    let folder = Folder::new().with("a.js", &text);
    let mut child = folder
        .command()
        .args(["node", "--heapsnapshot-signal=SIGUSR2", "a.js"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "USR2", &pid]).status().unwrap().success());
    let whole = loop {
        if let [name] = &folder.ending(".heapsnapshot")[..]
            && let Ok(text) = fs::read_to_string(folder.0.path().join(name))
            && text.ends_with("]}\n")
        {
            break folder.json(name);
        }
        thread::yield_now();
    };
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(kept(&whole), 500);

    let text =
        format!("{PROGRAM}; const more = []; for (;;) more.push({{ text: 'x' + more.length }})");
    let folder = Folder::new().with("a.js", &text);
    let words = ["--heapsnapshot-near-heap-limit=1", "--max-old-space-size=24", "a.js"];
    let output = folder.sandtide(&[&["node"], &words[..]].concat());
    assert!(!output.status.success() && said(&output).contains("Wrote snapshot to"), "{output:?}");
    let [name] = &folder.ending(".heapsnapshot")[..] else { panic!("{output:?}") };
    assert_eq!(kept(&folder.json(name)), 500);
}

#[test]
fn collections_are_printed_in_the_columns_of_node_24() {
    let folder =
        Folder::new().with("a.js", "let a = []; for (let i = 0; i < 1e5; i++) a.push({}); gc()");
    let output = folder.sandtide(&["node", "--expose-gc", "--trace-gc", "a.js"]);
    let text = String::from_utf8(output.stdout).unwrap();
    // [30525:0x3e520000]      731 ms: Mark-Compact 20.5 (30.6) -> 15.8 (48.5) MB, pooled: 0 MB, 171.44
    // / 0.00 ms  (average mu = 0.747, current mu = 0.747) testing; GC in old space requested
    let line = text.lines().last().unwrap();
    let number = |text: &str| text.trim_matches(['(', ')', ',']).parse::<f64>().unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(
        [words[2], words[3], words[6], words[9]],
        ["ms:", "Mark-Compact", "->", "MB,"],
        "{line}"
    );
    assert!(number(words[4]) <= number(words[5]) && number(words[7]) <= number(words[8]), "{line}");
    assert!(line.contains(" MB, pooled: 0 MB, ") && line.contains(" / 0.00 ms  (average mu = "));
    assert!(line.ends_with(") testing; GC in old space requested"), "{line}");
    let output = folder.sandtide(&["node", "--expose-gc", "--trace-gc-verbose", "a.js"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("All spaces,             used: "), "{text}");
}

#[test]
fn a_reader_of_the_trace_who_goes_is_no_panic() {
    let folder = Folder::new().with("a.js", "for (let i = 0; i < 2000; i++) gc()");
    let mut child = folder
        .command()
        .args(["node", "--expose-gc", "--trace-gc-verbose", "a.js"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut few = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut few).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && said(&output).is_empty(), "{output:?}");
}

#[test]
fn programs_observe_collections() {
    let text = "const { PerformanceObserver, constants } = require('perf_hooks');
        const observer = new PerformanceObserver((list) => {
          const [entry] = list.getEntries();
          console.log(entry.name, entry.entryType, entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR,
            entry.detail.flags === constants.NODE_PERFORMANCE_GC_FLAGS_FORCED, entry.duration >= 0);
          observer.disconnect();
        });
        observer.observe({ entryTypes: ['gc'] });
        gc(); setTimeout(() => {}, 20)";
    let folder = Folder::new().with("a.js", text);
    let output = folder.sandtide(&["node", "--expose-gc", "a.js"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "gc gc true true true\n", "{output:?}");
}

#[test]
fn a_server_profiles_one_script_while_its_threads_run_it() {
    profiles_one_script("thread");
}

#[test]
fn a_server_profiles_one_script_while_confined_workers_run_it() {
    profiles_one_script("process");
}

fn profiles_one_script(isolation: &str) {
    let folder = Folder::new();
    let mut child = folder
        .command()
        .args([
            "serve",
            "--in-memory",
            "--listen",
            "127.0.0.1:0",
            "--workers",
            "2",
            "--isolation",
            isolation,
        ])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    stderr.read_line(&mut line).unwrap();
    let base = line.trim().strip_prefix("sandtide listens on ").expect(&line).to_owned();
    for name in ["wanted", "unwanted"] {
        let source = format!(
            "function {name}() {{ let s = 0; for (let i = 0; i < 2000; i++) s += i; return s }} {name}()"
        );
        ureq::put(format!("{base}/v1/scripts/{name}"))
            .content_type("text/javascript")
            .send(&source)
            .unwrap();
    }
    let ask = |what: &str| {
        ureq::post(format!("{base}{what}"))
            .send_empty()
            .map(|mut answer| answer.body_mut().read_to_string().unwrap())
    };
    let profile = |what: &str| {
        thread::scope(|scope| {
            let profile = scope.spawn(|| ask(what).unwrap());
            while !profile.is_finished() {
                for name in ["wanted", "unwanted"] {
                    ask(&format!("/v1/scripts/{name}/runs")).unwrap();
                }
            }
            profile.join().unwrap()
        })
    };
    let text = profile("/v1/scripts/wanted/profile?seconds=2&format=folded&interval=200");
    assert!(text.contains("wanted (wanted.js:1)") && !text.contains("unwanted"), "{text}");
    // Of many runs that are shorter than the interval, each is sampled as often as it should be.
    let counts = text.lines().filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok());
    assert!(counts.sum::<u64>() > 10, "{text}");
    let all: Json = serde_json::from_str(&profile("/v1/profile?seconds=2&interval=200")).unwrap();
    assert!(hits(&all, "wanted") > 0 && hits(&all, "unwanted") > 0, "{all}");
    for (what, status) in [
        ("/v1/scripts/none/profile", 404),
        ("/v1/scripts/wanted/profile?seconds=0", 400),
        ("/v1/scripts/wanted/profile?format=pdf", 400),
        ("/v1/profile?interval=1", 400),
    ] {
        let answer = ask(what);
        assert!(
            matches!(answer, Err(ureq::Error::StatusCode(code)) if code == status),
            "{what}: {answer:?}"
        );
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Bytes that a profile of allocations gives to functions of this name.
fn allocated(node: &Json, name: &str) -> f64 {
    let own =
        if node["callFrame"]["functionName"] == name { &node["selfSize"] } else { &Json::Null };
    let children = node["children"].as_array().unwrap().iter();
    own.as_f64().unwrap_or(0.0) + children.map(|child| allocated(child, name)).sum::<f64>()
}

#[test]
fn profiles_of_allocations_have_what_is_still_there_by_the_function_that_made_it() {
    // Ten times as much is dropped as is kept; of what is kept, one function makes three parts of four.
    let text = "const kept = globalThis.kept = [];
        function dropped() { for (let i = 0; i < 20000; i++) new Array(100).fill(i) }
        function many(n) { for (let i = 0; i < n; i++) kept.push(new Array(100).fill(i)) }
        function few(n) { for (let i = 0; i < n; i++) kept.push(new Array(100).fill(i)) }
        dropped(); many(1500); few(500); dropped(); kept.length";
    let folder = Folder::new().with("a.js", text);
    let bytes = ["--heap-prof", "--heap-prof-interval", "2048"];
    let run =
        [&["run", "a.js", "--timeout", "30s"], &bytes[..], &["--heap-prof-name", "r"]].concat();
    let output = folder.sandtide(&run);
    assert!(output.status.success() && said(&output).contains("profile of allocations: r "));
    let node =
        [&["node"], &bytes[..], &["--heap-prof-dir=sub", "--heap-prof-name=n", "a.js"]].concat();
    let output = folder.sandtide(&node);
    assert!(output.status.success() && said(&output).is_empty(), "{output:?}");
    for name in ["r", "sub/n"] {
        let profile = folder.json(name);
        // `Array` and `fill` are native, and called by these.
        let below = |function: &str| {
            fn find<'a>(node: &'a Json, name: &str) -> Vec<&'a Json> {
                if node["callFrame"]["functionName"] == name {
                    return vec![node];
                }
                let children = node["children"].as_array().unwrap().iter();
                children.flat_map(|child| find(child, name)).collect()
            }
            fn sum(node: &Json) -> f64 {
                let children = node["children"].as_array().unwrap().iter();
                node["selfSize"].as_f64().unwrap() + children.map(sum).sum::<f64>()
            }
            find(&profile["head"], function).into_iter().map(sum).sum::<f64>()
        };
        let (many, few, dropped) = (below("many"), below("few"), below("dropped"));
        assert!((many / (many + few) - 0.75).abs() < 0.08, "{name}: {many} {few}");
        assert!(dropped < (many + few) / 10.0, "{name}: {dropped} of {}", many + few);
        // 2,000 arrays of 100 values of 16 bytes.
        assert!((many + few - 3.4e6).abs() < 1e6, "{name}: {}", many + few);
        assert!(allocated(&profile["head"], "(root)") < 1e5);
        assert!(!profile["samples"].as_array().unwrap().is_empty());
    }
    let output = folder.sandtide(&["node", "--heap-prof", "a.js"]);
    assert!(output.status.success());
    let names = folder.ending(".heapprofile");
    assert!(names.len() == 1 && names[0].starts_with("Heap.2"), "{names:?}");
    let output = folder.sandtide(&["node", "--heap-prof-interval=7", "a.js"]);
    assert!(said(&output).contains("must be used with --heap-prof"), "{output:?}");
    let output = folder.sandtide(&["run", "a.js", "--timeout", "10ms", "--heap-prof"]);
    assert!(said(&output).contains("no profile of allocations"), "{}", said(&output));
}

#[test]
fn allocations_are_told_while_the_properties_of_running_functions_move() {
    // Functions without a name of their code's have one among their properties, of which there are so
    // many that the system moves them. A place whose name is known is not asked for it: there are many.
    let text = "globalThis.made = [];
        for (let n = 0; n < 30; n++) {
            const f = Function(`let i = 0; const adds = () => { adds['p' + i++] = 0 }; return adds`)();
            made.push(f);
            for (let i = 0; i < 2e4; i++) f();
        }
        for (let i = 0; i < 5e4; i++) made.push(Symbol('s' + i))";
    let folder = Folder::new().with("a.js", text);
    for interval in ["20000", "60000"] {
        let words = ["--heap-prof", "--heap-prof-interval", interval, "--heap-prof-name=p", "a.js"];
        let output = folder.sandtide(&[&["node"], &words[..]].concat());
        assert!(output.status.success() && said(&output).is_empty(), "{interval}: {output:?}");
        let profile = folder.json("p");
        assert!(allocated(&profile["head"], "adds") > 1e6, "{interval}");
    }
}

#[test]
fn large_blocks_are_told_once_however_close_the_samples_are() {
    let text =
        "globalThis.kept = []; function large() { kept.push(new ArrayBuffer(1 << 28)) } large()";
    let folder = Folder::new().with("a.js", text);
    let words = ["node", "--heap-prof", "--heap-prof-interval=1", "--heap-prof-name=p", "a.js"];
    let output = folder.sandtide(&words);
    assert!(output.status.success(), "{output:?}");
    let profile = folder.json("p");
    let sizes: Vec<f64> = profile["samples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|sample| sample["size"].as_f64().unwrap())
        .collect();
    let large = f64::from(1 << 28);
    assert_eq!(sizes.iter().filter(|size| **size >= large).count(), 1);
    let rest = sizes.iter().sum::<f64>() - large;
    assert!(rest < 1e8, "{rest}");
}

#[test]
fn a_file_that_was_there_stays_where_another_cannot_be_written_whole() {
    let text = format!(
        "{PROGRAM}; const assert = require('assert'), v8 = require('v8');
        process.on('SIGXFSZ', () => {{}});
        assert.throws(() => v8.writeHeapSnapshot('s'), {{ code: 'EFBIG', syscall: 'write' }})"
    );
    let folder = Folder::new().with("a.js", &text).with("s", "before").with("p", "before");
    // No file may grow beyond 64 blocks of 512 or 1024 bytes.
    let line = format!(
        "ulimit -f 64; exec {} node --heap-prof --heap-prof-interval=1 --heap-prof-name=p a.js",
        env!("CARGO_BIN_EXE_sandtide")
    );
    let mut command = Command::new("sh");
    let output = command.current_dir(folder.0.path()).args(["-c", &line]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(said(&output).contains("cannot write p"), "{output:?}");
    for name in ["s", "p"] {
        assert_eq!(fs::read(folder.0.path().join(name)).unwrap(), b"before", "{name}");
    }
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 3, "nothing half written is left");
    let text =
        "require('assert').throws(() => require('v8').writeHeapSnapshot('s'), { code: 'ENOTDIR' })";
    let folder = Folder::new().with("a.js", text).with("s", "before");
    let output = folder.command().args(["node", "a.js"]).env("TMPDIR", "/dev/null").output();
    let output = output.unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(fs::read(folder.0.path().join("s")).unwrap(), b"before");
    let folder = Folder::new().with("a.js", "for (;;) {}").with("s", "before");
    let output = folder.sandtide(&["run", "a.js", "--timeout", "100ms", "--heap-snapshot", "s"]);
    assert!(said(&output).contains("no heap snapshot"), "{output:?}");
    assert_eq!(fs::read(folder.0.path().join("s")).unwrap(), b"before");
}

#[test]
fn what_cannot_be_written_is_said_and_the_program_goes_on() {
    let text = "const v8 = require('v8'), assert = require('assert');
        assert.throws(() => v8.writeHeapSnapshot('none/a.heapsnapshot'),
            { code: 'ENOENT', syscall: 'open', path: 'none/a.heapsnapshot' });
        assert.throws(() => v8.writeHeapSnapshot('/dev/full'), { code: 'ENOSPC', syscall: 'write' });
        process.once('SIGUSR2', () => setTimeout(() => console.log('went on'), 20));
        process.kill(process.pid, 'SIGUSR2'); setTimeout(() => {}, 100)";
    let folder = Folder::new().with("a.js", text);
    let words =
        ["--heapsnapshot-signal=SIGUSR2", "--diagnostic-dir=none", "--heap-prof", "--cpu-prof"];
    let full = ["--heap-prof-name=/dev/full", "--cpu-prof-name=/dev/full", "a.js"];
    let output = folder.sandtide(&[&["node"], &words[..], &full[..]].concat());
    assert!(output.status.success() && output.stdout == b"went on\n", "{output:?}");
    let said = said(&output);
    assert!(said.contains("no heap snapshot: ENOENT"), "{said}");
    assert_eq!(said.matches("cannot write /dev/full").count(), 2, "{said}");
    let folder = Folder::new().with("a.js", "1");
    for option in ["--heap-snapshot", "--heap-prof-name", "--cpu-prof-name"] {
        let on = option.trim_end_matches("-name");
        let mut words = vec!["run", "a.js", option, "/dev/full"];
        if on != option {
            words.push(on);
        }
        let output = folder.sandtide(&words);
        assert_eq!(output.stdout, b"1\n", "{option}: {output:?}");
        assert!(!output.status.success() && self::said(&output).contains("could not be written"));
    }
}

#[test]
fn the_leak_watch_tells_the_program_too() {
    let text = "const kept = []; class Kept {}
        const memwatch = require('sandtide:memwatch'); let told;
        memwatch.on('leak', (info) => { if (info.report) told = info });
        setInterval(() => { for (let i = 0; i < 50; i++) kept.push(new Kept()) }, 2);
        process.on('leak', ({ seconds, grown: [first], contexts }) => {
            console.log(first.what, first.site.line, first.retainers.at(-1), told.reason, contexts.length);
            process.exit();
        })";
    let folder = Folder::new().with("a.js", text);
    let output = folder.sandtide(&["node", "--leak-watch=0.05", "a.js"]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.starts_with("Kept 4 [") && printed.contains("] (Kept) Kept grew "),
        "{output:?}"
    );
    for (word, why) in [("--leak-watch=0", "give seconds"), ("--leak-watch=x", "give seconds")] {
        let output = folder.sandtide(&["node", word, "a.js"]);
        assert_eq!(output.status.code(), Some(9));
        assert!(said(&output).contains(why), "{}", said(&output));
    }
}
