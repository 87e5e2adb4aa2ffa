//! CPU profiles: stacks that were sampled, added up into a tree, and written in the formats that the
//! usual viewers open.
//!
//! | format | opened by |
//! |---|---|
//! | [`Format::CpuProfile`] | Chrome DevTools (Performance), VS Code, speedscope |
//! | [`Format::Pprof`] | `go tool pprof`, Grafana, Datadog, speedscope |
//! | [`Format::Folded`] | flame graph tools, speedscope: a line for each stack |
//! | [`Format::Svg`] | a browser: a flame graph in one file |
//!
//! Must not know how samples are taken.

mod cpuprofile;
mod pprof;
mod stacks;

pub(crate) use cpuprofile::{CallFrame, url};

use std::collections::HashMap;
use std::io::{self, Write};
use std::str::FromStr;
use std::time::Duration;

/// A function as a profile names it. Lines and columns count from 1; 0: there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Function {
    /// Its name; empty for one without.
    pub name: String,
    /// Its file; empty for what is native.
    pub file: String,
    /// The line it begins in.
    pub line: u32,
    /// The column it begins at.
    pub column: u32,
}

/// Where a sampled thread was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// In the functions on its stack.
    Running,
    /// In the host's code, without a function on the stack.
    Program,
    /// Waiting.
    Idle,
    /// Collecting garbage.
    GarbageCollector,
    /// Putting a heap back to an image.
    Restore,
}

impl State {
    /// The state that a function stands for by its name.
    pub fn named(name: &str) -> Option<State> {
        let all = [State::Program, State::Idle, State::GarbageCollector, State::Restore];
        all.into_iter().find(|state| state.name() == name)
    }

    /// What viewers show it as.
    pub fn name(self) -> &'static str {
        match self {
            State::Running => "",
            State::Program => "(program)",
            State::Idle => "(idle)",
            State::GarbageCollector => "(garbage collector)",
            State::Restore => "(restore)",
        }
    }
}

/// A format to write a profile in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// JSON as V8 writes it.
    CpuProfile,
    /// Protocol buffers of pprof, not compressed.
    Pprof,
    /// A line for each stack: `outer;inner COUNT`.
    Folded,
    /// A flame graph.
    Svg,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Format, String> {
        Ok(match text {
            "cpuprofile" => Format::CpuProfile,
            "pprof" => Format::Pprof,
            "folded" => Format::Folded,
            "svg" => Format::Svg,
            _ => return Err(format!("no format {text:?}: cpuprofile, pprof, folded or svg")),
        })
    }
}

impl Format {
    /// Its type in HTTP.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::CpuProfile => "application/json",
            Format::Pprof => "application/octet-stream",
            Format::Folded => "text/plain; charset=utf-8",
            Format::Svg => "image/svg+xml",
        }
    }
}

/// Functions of a profile that are told apart.
pub const MOST_FUNCTIONS: usize = 1 << 16;
/// Places in the tree that are told apart.
const MOST_NODES: usize = 1 << 18;
/// Lines of all places that are told apart; samples beyond have none.
const MOST_LINES: usize = 1 << 19;
/// Bytes of a function's name, and of its file's; the rest is left out.
const LONGEST_NAME: usize = 1024;
/// Samples whose order in time is kept; of more, every second one, then every fourth, and so on.
const MOST_SAMPLES: usize = 1 << 20;
/// What stands for functions and places beyond.
const OTHER: &str = "(other)";

/// A function's number in its profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FunctionId(u32);

/// One place in the tree: a function as called by those above it.
#[derive(Debug)]
struct Node {
    function: u32,
    parent: u32,
    children: Vec<u32>,
    hits: u64,
    /// How many of the hits were at a line.
    lines: HashMap<u32, u64>,
}

/// A place in the tree that was on top of the stack: see [`Profile::tops`].
#[derive(Debug)]
pub struct Top<'a> {
    /// The functions on the stack, outermost first. What is not [`State::Running`] is one function without
    /// a file that has its state's name.
    pub stack: Vec<&'a Function>,
    /// In how many samples.
    pub hits: u64,
    /// How many of them were at a line.
    pub lines: &'a HashMap<u32, u64>,
}

/// Stacks that were sampled.
#[derive(Debug)]
pub struct Profile {
    interval: Duration,
    functions: Vec<Function>,
    by_function: HashMap<Function, u32>,
    nodes: Vec<Node>,
    by_call: HashMap<(u32, u32), u32>,
    /// How many lines nodes have.
    lines: usize,
    /// The node and the time of samples, in ns; in order of time for one thread.
    samples: Vec<(u32, u64)>,
    /// One of so many samples is in the list.
    every: u64,
    /// All samples.
    hits: u64,
    start: u64,
    end: u64,
}

impl Profile {
    /// An empty profile of samples that are taken each `interval`, from `start` on: ns of whatever
    /// clock the samples have.
    pub fn new(interval: Duration, start: u64) -> Profile {
        let mut profile = Profile {
            interval,
            functions: Vec::new(),
            by_function: HashMap::new(),
            nodes: Vec::new(),
            by_call: HashMap::new(),
            lines: 0,
            samples: Vec::new(),
            every: 1,
            hits: 0,
            start,
            end: start,
        };
        let root = profile.function(Function { name: "(root)".to_owned(), ..Function::default() });
        profile.nodes.push(Node {
            function: root.0,
            parent: 0,
            children: Vec::new(),
            hits: 0,
            lines: HashMap::new(),
        });
        profile
    }

    /// The number of a function, the same for the same one. Functions past the first
    /// [`MOST_FUNCTIONS`] are all one, which is called `(other)`.
    pub fn function(&mut self, mut function: Function) -> FunctionId {
        for text in [&mut function.name, &mut function.file] {
            text.truncate(text.floor_char_boundary(LONGEST_NAME));
        }
        if self.functions.len() >= MOST_FUNCTIONS && !self.by_function.contains_key(&function) {
            return self.named(OTHER);
        }
        self.intern(function)
    }

    /// One of those that every profile may have.
    fn named(&mut self, name: &str) -> FunctionId {
        self.intern(Function { name: name.to_owned(), ..Function::default() })
    }

    fn intern(&mut self, function: Function) -> FunctionId {
        if let Some(&id) = self.by_function.get(&function) {
            return FunctionId(id);
        }
        let id = self.functions.len() as u32;
        self.functions.push(function.clone());
        self.by_function.insert(function, id);
        FunctionId(id)
    }

    /// Adds a sample: when, where the thread was, and the functions on its stack, outermost first,
    /// each with the line it was at (0: unknown). What is not [`State::Running`] is a child of the
    /// root, whatever the stack was.
    pub fn add(
        &mut self,
        time: u64,
        state: State,
        stack: impl IntoIterator<Item = (FunctionId, u32)>,
    ) {
        self.add_many(time, 1, state, stack);
    }

    /// As [`Profile::add`], of so many samples at once.
    pub fn add_many(
        &mut self,
        time: u64,
        count: u32,
        state: State,
        stack: impl IntoIterator<Item = (FunctionId, u32)>,
    ) {
        if count == 0 {
            return;
        }
        let mut node = 0;
        let mut line = 0;
        if state == State::Running {
            for (function, at) in stack {
                node = self.child(node, function);
                line = at;
            }
        }
        if node == 0 {
            let name = if state == State::Running { State::Program } else { state }.name();
            let function = self.named(name);
            node = self.child(0, function);
        }
        self.nodes[node as usize].hits += u64::from(count);
        if line != 0 {
            self.add_line(node, line, u64::from(count));
        }
        for _ in 0..count {
            self.hits += 1;
            if self.hits.is_multiple_of(self.every) {
                self.samples.push((node, time));
                self.thin_out();
            }
        }
        self.end = self.end.max(time);
    }

    fn add_line(&mut self, node: u32, line: u32, hits: u64) {
        let lines = &mut self.nodes[node as usize].lines;
        if self.lines < MOST_LINES {
            let before = lines.len();
            *lines.entry(line).or_default() += hits;
            self.lines += lines.len() - before;
        } else if let Some(known) = lines.get_mut(&line) {
            *known += hits;
        }
    }

    /// What was sampled, without its order: each place of the tree that was on top of the stack.
    pub fn tops(&self) -> impl Iterator<Item = Top<'_>> {
        let hit = self.nodes.iter().enumerate().filter(|(_, node)| node.hits > 0);
        hit.map(|(index, node)| {
            let mut stack: Vec<&Function> =
                self.stack_of(index as u32).map(|at| self.function_of(at)).collect();
            stack.reverse();
            Top { stack, hits: node.hits, lines: &node.lines }
        })
    }

    /// Leaves samples out of the list where it is too long; nodes have them all.
    fn thin_out(&mut self) {
        while self.samples.len() > MOST_SAMPLES {
            let mut keep = false;
            self.samples.retain(|_| {
                keep = !keep;
                !keep
            });
            self.every *= 2;
        }
    }

    fn child(&mut self, parent: u32, function: FunctionId) -> u32 {
        if let Some(&node) = self.by_call.get(&(parent, function.0)) {
            return node;
        }
        // Below the root there may be those that every profile has, which are few.
        if self.nodes.len() >= MOST_NODES && parent != 0 {
            let other = self.named(OTHER);
            return self.child(0, other);
        }
        let node = self.nodes.len() as u32;
        self.nodes.push(Node {
            function: function.0,
            parent,
            children: Vec::new(),
            hits: 0,
            lines: HashMap::new(),
        });
        self.nodes[parent as usize].children.push(node);
        self.by_call.insert((parent, function.0), node);
        node
    }

    /// Adds all that another profile has. Samples of several threads have one order of time then, in
    /// which each stands for the interval and not for the time since the one before.
    pub fn merge(&mut self, other: &Profile) {
        let mut nodes = vec![0; other.nodes.len()];
        let functions: Vec<FunctionId> =
            other.functions.iter().map(|one| self.function(one.clone())).collect();
        for (index, node) in other.nodes.iter().enumerate().skip(1) {
            let function = functions[node.function as usize];
            nodes[index] = self.child(nodes[node.parent as usize], function);
            self.nodes[nodes[index] as usize].hits += node.hits;
            for (&line, &hits) in &node.lines {
                self.add_line(nodes[index], line, hits);
            }
        }
        self.samples.extend(other.samples.iter().map(|&(node, time)| (nodes[node as usize], time)));
        self.hits += other.hits;
        self.thin_out();
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
    }

    /// Makes the order of samples one of time, and each stand for as much: for the profile of several
    /// threads, or of many short runs.
    pub fn even_out(&mut self) {
        self.samples.sort_by_key(|&(_, time)| time);
        let interval = self.interval.as_nanos() as u64;
        let count = self.samples.len() as u128;
        let time = u128::from(interval) * u128::from(self.hits);
        for (index, sample) in self.samples.iter_mut().enumerate() {
            sample.1 = self.start + (time * (index as u128 + 1) / count) as u64;
        }
        self.end = self.start + time as u64;
    }

    /// Gives functions' files other names, as viewers are to show them.
    pub fn rename_files(&mut self, mut name: impl FnMut(&str) -> String) {
        let mut named: HashMap<String, String> = HashMap::new();
        for function in self.functions.iter_mut().filter(|function| !function.file.is_empty()) {
            let file = std::mem::take(&mut function.file);
            let new = named.entry(file).or_insert_with_key(|file| name(file));
            function.file.clone_from(new);
        }
        let numbered = self.functions.iter().enumerate();
        self.by_function = numbered.map(|(id, function)| (function.clone(), id as u32)).collect();
    }

    /// How many samples there are.
    pub fn samples(&self) -> u64 {
        self.hits
    }

    /// The time of the last sample, or the start.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The share of samples, from 0 to 1, in which a function of this name was on top of the stack.
    pub fn own_share(&self, name: &str) -> f64 {
        let of_name = |node: &&Node| self.functions[node.function as usize].name == name;
        let hits: u64 = self.nodes.iter().filter(of_name).map(|node| node.hits).sum();
        hits as f64 / (self.hits.max(1)) as f64
    }

    /// Writes the profile.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, format: Format, out: impl Write) -> io::Result<()> {
        match format {
            Format::CpuProfile => cpuprofile::write(self, out),
            Format::Pprof => pprof::write(self, out),
            Format::Folded => stacks::folded(self, out),
            Format::Svg => stacks::svg(self, out),
        }
    }

    fn function_of(&self, node: u32) -> &Function {
        &self.functions[self.nodes[node as usize].function as usize]
    }

    /// From a node to the root, without the root.
    fn stack_of(&self, node: u32) -> impl Iterator<Item = u32> {
        let mut at = node;
        std::iter::from_fn(move || {
            let here = (at != 0).then_some(at)?;
            at = self.nodes[at as usize].parent;
            Some(here)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;

    /// Two functions, of which the inner one has three of four samples of running.
    fn profile() -> Profile {
        let mut profile = Profile::new(Duration::from_millis(1), 5_000_000_000);
        let named = |name: &str, line| Function {
            name: name.to_owned(),
            file: "/work/a;b.js".to_owned(),
            line,
            column: 3,
        };
        let outer = profile.function(named("outer", 1));
        let inner = profile.function(named("inner \"quoted\"", 10));
        let mut time = 5_000_000_000;
        for line in [11, 11, 12] {
            time += 1_000_000;
            profile.add(time, State::Running, [(outer, 2), (inner, line)]);
        }
        profile.add(time + 1_000_000, State::Running, [(outer, 3)]);
        profile.add(time + 2_000_000, State::GarbageCollector, [(outer, 3)]);
        profile.add(time + 3_000_000, State::Running, []);
        profile
    }

    #[test]
    fn a_cpuprofile_has_what_its_readers_ask_for() {
        let mut text = Vec::new();
        profile().write(Format::CpuProfile, &mut text).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!((&json["startTime"], &json["endTime"]), (&5_000_000.into(), &5_006_000.into()));
        let nodes = json["nodes"].as_array().unwrap();
        let by_name = |name: &str| {
            nodes.iter().find(|node| node["callFrame"]["functionName"] == name).unwrap()
        };
        let inner = by_name("inner \"quoted\"");
        assert_eq!(inner["hitCount"], 3);
        assert_eq!(inner["callFrame"]["lineNumber"], 9);
        assert_eq!(inner["callFrame"]["url"], "file:///work/a;b.js");
        assert!(inner["callFrame"]["scriptId"].is_string());
        let ticks = serde_json::json!([{"line": 11, "ticks": 2}, {"line": 12, "ticks": 1}]);
        assert_eq!(inner["positionTicks"], ticks);
        assert_eq!(by_name("(garbage collector)")["callFrame"]["lineNumber"], -1);
        let root = by_name("(root)");
        assert_eq!(root["children"].as_array().unwrap().len(), 3);
        assert_eq!(json["samples"].as_array().unwrap().len(), 6);
        assert_eq!(json["timeDeltas"], serde_json::json!([1000, 1000, 1000, 1000, 1000, 1000]));
    }

    #[test]
    fn folded_stacks_have_one_line_each_and_no_separator_in_a_name() {
        let mut text = Vec::new();
        profile().write(Format::Folded, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let mut lines: Vec<&str> = text.lines().collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            [
                "(garbage collector) 1",
                "(program) 1",
                "outer (a:b.js:1) 1",
                "outer (a:b.js:1);inner \"quoted\" (a:b.js:10) 3",
            ]
        );
    }

    #[test]
    fn pprof_has_each_stack_leaf_first() {
        let mut bytes = Vec::new();
        profile().write(Format::Pprof, &mut bytes).unwrap();
        let read = pprof::Profile::decode(&*bytes).unwrap();
        let text = |index: i64| read.string_table[index as usize].as_str();
        assert_eq!(text(0), "");
        let name = |location: u64| {
            let location = read.location.iter().find(|of| of.id == location).unwrap();
            let function = location.line[0].function_id;
            text(read.function.iter().find(|of| of.id == function).unwrap().name)
        };
        let inner = read.sample.iter().find(|sample| name(sample.location_id[0]).contains("inner"));
        let inner = inner.unwrap();
        assert_eq!(name(inner.location_id[1]), "outer");
        assert_eq!(inner.value, [3, 3_000_000]);
    }

    #[test]
    fn functions_and_places_past_the_bound_are_one() {
        let mut profile = Profile::new(Duration::from_millis(1), 0);
        for line in 0..MOST_FUNCTIONS as u32 + 100 {
            let function = profile.function(Function { line, ..Function::default() });
            profile.add(1, State::Running, [(function, 1)]);
        }
        assert!(profile.functions.len() <= MOST_FUNCTIONS + 1);
        assert!(profile.own_share(OTHER) > 0.0);
        let function = profile.function(Function::default());
        let deep = std::iter::repeat_n((function, 1), MOST_NODES + 100);
        profile.add(2, State::Running, deep);
        assert!(profile.nodes.len() <= MOST_NODES + 2);
        let mut profile = Profile::new(Duration::from_millis(1), 0);
        let long = "é".repeat(LONGEST_NAME);
        let id =
            profile.function(Function { name: long.clone(), file: long, ..Function::default() });
        let kept = &profile.functions[id.0 as usize];
        assert!(kept.name.len() <= LONGEST_NAME && kept.file.len() <= LONGEST_NAME);
    }

    #[test]
    fn lines_past_the_bound_are_left_out_and_their_samples_are_not() {
        let mut profile = Profile::new(Duration::from_millis(1), 0);
        let function = profile.function(Function { name: "f".to_owned(), ..Function::default() });
        profile.add_many(0, 0, State::Running, [(function, 1)]);
        assert_eq!((profile.lines, profile.nodes.len()), (0, 1));
        let all = MOST_LINES as u32 + 100;
        for line in 1..=all {
            profile.add(0, State::Running, [(function, line)]);
        }
        profile.add(0, State::Running, [(function, 1)]);
        let lines = |profile: &Profile| profile.tops().map(|top| top.lines.len()).sum::<usize>();
        assert_eq!((lines(&profile), profile.samples()), (MOST_LINES, u64::from(all) + 1));
        let mut both = Profile::new(Duration::from_millis(1), 0);
        both.merge(&profile);
        both.merge(&profile);
        assert_eq!((lines(&both), both.samples()), (MOST_LINES, 2 * (u64::from(all) + 1)));
    }

    #[test]
    fn a_long_recording_keeps_all_hits_and_a_bounded_list() {
        let mut profile = Profile::new(Duration::from_micros(100), 0);
        let one = profile.function(Function { name: "one".to_owned(), ..Function::default() });
        let other = profile.function(Function { name: "other".to_owned(), ..Function::default() });
        let all = 3 * MOST_SAMPLES as u64;
        for time in 0..all {
            let function = if time % 3 == 0 { one } else { other };
            profile.add(time * 100_000, State::Running, [(function, 1)]);
        }
        assert!(profile.samples.len() <= MOST_SAMPLES, "{}", profile.samples.len());
        assert_eq!(profile.samples(), all);
        assert!((profile.own_share("one") - 1.0 / 3.0).abs() < 1e-6);
        let listed = profile.samples.iter().filter(|(node, _)| *node == 1).count();
        assert!((listed as f64 / profile.samples.len() as f64 - 1.0 / 3.0).abs() < 0.01);
        let mut both = Profile::new(Duration::from_micros(100), 0);
        both.merge(&profile);
        both.merge(&profile);
        both.even_out();
        assert!(both.samples.len() <= MOST_SAMPLES);
        assert_eq!(both.samples.last().unwrap().1, 2 * all * 100_000);
    }

    #[test]
    fn merged_profiles_add_up() {
        let mut both = profile();
        both.merge(&profile());
        both.even_out();
        assert_eq!(both.samples(), 12);
        assert!((both.own_share("inner \"quoted\"") - 0.5).abs() < 1e-9);
        let mut svg = Vec::new();
        both.write(Format::Svg, &mut svg).unwrap();
        assert!(String::from_utf8(svg).unwrap().contains("<svg"));
    }
}
