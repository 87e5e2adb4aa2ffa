//! Which places in a program allocated what is still there: the samples of one runtime's allocations,
//! added up by the calls that led to them, and written as `.heapprofile`.
//!
//! Must not know who asks, nor when sampling starts and ends.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Write};

use sandtide_quickjs::allocations::{Block, Call, Stack, Watcher};
use sandtide_quickjs::walk::Walk;
use serde::Serialize;

use crate::profile::{CallFrame, Function};
use crate::walking;

/// Bytes between two samples on average, unless somebody says otherwise: as in Node.
pub const INTERVAL: u64 = 512 << 10;

/// Calls that are told apart; what comes from others is given to their callers.
const MOST_NODES: usize = 1 << 18;
/// Code units of a name that are kept.
const NAME: usize = 256;
/// Samples that are kept before it is first asked which of them are still there.
const FIRST_LOOK: usize = 1 << 14;

/// A place in a program. Lines and columns count from 1; 0: unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Site {
    /// The function; empty for one without a name.
    pub function: String,
    /// Its file; empty for native ones.
    pub file: String,
    /// The line of the call or literal.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl Site {
    /// Whether it is in the program, and not in what the engine or its host brought along.
    fn is_programs(&self) -> bool {
        !self.file.is_empty() && self.line > 0 && !self.file.starts_with("node:")
    }
}

/// A place, the function that it is in, and whether this is a constructor that has another one make
/// the object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct At {
    function: Function,
    line: u32,
    column: u32,
    derived: bool,
}

/// A place as called by those above it.
#[derive(Debug)]
struct Node {
    place: u32,
    parent: u32,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    node: u32,
    size: u32,
    pooled: bool,
    ordinal: u64,
}

#[derive(Debug, Default)]
struct Recorded {
    places: Vec<At>,
    by_place: HashMap<At, u32>,
    /// What a place in code is, for as long as the code is there.
    known: HashMap<(usize, u64), u32>,
    by_code: HashMap<usize, Vec<(usize, u64)>>,
    /// The first is the root.
    nodes: Vec<Node>,
    by_call: HashMap<(u32, u32), u32>,
    live: HashMap<usize, Sample>,
    contexts: HashMap<usize, Sample>,
    ordinal: u64,
    look_at: usize,
}

/// Keeps what a runtime's allocations are told to be; one for each runtime and sampling.
#[derive(Debug)]
pub struct AllocationRecorder {
    interval: u64,
    recorded: RefCell<Recorded>,
}

impl AllocationRecorder {
    /// A recorder of samples that are taken each `interval` bytes on average.
    pub fn new(interval: u64) -> AllocationRecorder {
        let none = At { function: Function::default(), line: 0, column: 0, derived: false };
        let recorded = Recorded {
            places: vec![none],
            nodes: vec![Node { place: 0, parent: 0 }],
            look_at: FIRST_LOOK,
            ..Recorded::default()
        };
        AllocationRecorder { interval: interval.max(1), recorded: RefCell::new(recorded) }
    }

    /// Bytes between two samples on average.
    pub fn interval(&self) -> u64 {
        self.interval
    }

    /// Forgets the samples of what has gone.
    pub fn settle(&self, walk: &Walk<'_>) {
        let mut recorded = self.recorded.borrow_mut();
        recorded.forget_dead(|blocks| walk.alive(blocks));
        let contexts = walking::contexts(walk);
        recorded.contexts.retain(|context, _| contexts.contains(context));
    }

    /// The place in the program that allocated what lies at this address, a block or a context, and
    /// the number of its sample: later ones have larger numbers.
    pub fn site_of(&self, address: usize) -> Option<(Site, u64)> {
        let recorded = self.recorded.borrow();
        let sample = recorded.live.get(&address).or_else(|| recorded.contexts.get(&address))?;
        Some((recorded.site_of(sample.node)?, sample.ordinal))
    }

    /// The number of the last sample.
    pub fn last(&self) -> u64 {
        self.recorded.borrow().ordinal
    }

    /// The bytes that a sample of this size stands for: those that would be seen of so many allocations
    /// of this size as make one sample on average.
    fn weight(&self, size: u32) -> f64 {
        let size = f64::from(size);
        size / -(-size / self.interval as f64).exp_m1()
    }

    /// What was allocated and is still there, as far as [`settle`](Self::settle) saw last.
    pub fn profile(&self) -> HeapProfile {
        let recorded = self.recorded.borrow();
        let mut tree = Tree::default();
        let mut samples: Vec<&Sample> =
            recorded.live.values().chain(recorded.contexts.values()).collect();
        samples.sort_unstable_by_key(|sample| sample.ordinal);
        let samples = samples
            .into_iter()
            .map(|sample| {
                let node = tree.node_of(&recorded, sample.node);
                let size = self.weight(sample.size);
                tree.nodes[node].size += size;
                (node, size.round() as u64, sample.ordinal)
            })
            .collect();
        HeapProfile { tree, samples }
    }
}

impl Recorded {
    fn place(&mut self, stack: &Stack<'_>, call: &Call) -> u32 {
        let key = call.key();
        if let Some(&place) = self.known.get(&key) {
            return place;
        }
        let told = stack.place(call);
        let text = |name| {
            let mut buffer = [0; NAME];
            let len = stack.text(name, &mut buffer);
            String::from_utf16_lossy(&buffer[..len])
        };
        let function = Function {
            name: text(told.function.name),
            file: text(told.function.file),
            line: told.function.line,
            column: told.function.column,
        };
        let at = At {
            function,
            line: told.function.current,
            column: told.column,
            derived: told.derived,
        };
        let next = self.places.len() as u32;
        let place = *self.by_place.entry(at.clone()).or_insert(next);
        if place == next {
            self.places.push(at);
        }
        if !told.unnamed {
            self.known.insert(key, place);
            self.by_code.entry(call.code_key()).or_default().push(key);
        }
        place
    }

    fn node(&mut self, stack: &Stack<'_>) -> u32 {
        let mut node = 0;
        for call in stack.calls().iter().rev() {
            let place = self.place(stack, call);
            if let Some(&found) = self.by_call.get(&(node, place)) {
                node = found;
            } else if self.nodes.len() < MOST_NODES {
                let next = self.nodes.len() as u32;
                self.nodes.push(Node { place, parent: node });
                self.by_call.insert((node, place), next);
                node = next;
            }
        }
        node
    }

    fn sample(&mut self, stack: &Stack<'_>, size: usize, pooled: bool) -> Sample {
        self.ordinal += 1;
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        Sample { node: self.node(stack), size, pooled, ordinal: self.ordinal }
    }

    fn forget_dead(&mut self, alive: impl FnOnce(&[usize]) -> Vec<bool>) {
        let pooled = self.live.iter().filter(|(_, sample)| sample.pooled);
        let mut blocks: Vec<usize> = pooled.map(|(&block, _)| block).collect();
        blocks.sort_unstable();
        for (block, alive) in blocks.iter().zip(alive(&blocks)) {
            if !alive {
                self.live.remove(block);
            }
        }
        self.look_at = (2 * self.live.len()).max(FIRST_LOOK);
    }

    /// The innermost call that is the program's own; the innermost of all where none is.
    fn site_of(&self, node: u32) -> Option<Site> {
        let mut first = None;
        let mut at = node;
        while at != 0 {
            let node = &self.nodes[at as usize];
            let place = &self.places[node.place as usize];
            let site = Site {
                function: place.function.name.clone(),
                file: place.function.file.clone(),
                line: place.line,
                column: place.column,
            };
            if site.is_programs() && !place.derived {
                return Some(site);
            }
            first.get_or_insert(site);
            at = node.parent;
        }
        first
    }
}

impl Watcher for AllocationRecorder {
    fn allocated(&self, stack: &Stack<'_>, block: Block, size: usize) {
        let mut recorded = self.recorded.borrow_mut();
        let sample = recorded.sample(stack, size, block.pooled);
        if recorded.live.len() >= recorded.look_at {
            recorded.forget_dead(|blocks| stack.alive(blocks));
        }
        recorded.live.insert(block.address, sample);
    }

    fn context(&self, stack: &Stack<'_>, context: usize, size: usize) {
        let mut recorded = self.recorded.borrow_mut();
        let sample = recorded.sample(stack, size, false);
        recorded.contexts.insert(context, sample);
    }

    fn freed(&self, block: usize) {
        self.recorded.borrow_mut().live.remove(&block);
    }

    fn code_goes(&self, code: usize) {
        let mut recorded = self.recorded.borrow_mut();
        for key in recorded.by_code.remove(&code).unwrap_or_default() {
            recorded.known.remove(&key);
        }
    }
}

/// Functions as called by those above them, without the places within.
#[derive(Debug)]
struct Tree {
    nodes: Vec<TreeNode>,
    by_call: HashMap<(usize, Function), usize>,
}

#[derive(Debug, Default)]
struct TreeNode {
    function: Function,
    size: f64,
    children: Vec<usize>,
}

impl Default for Tree {
    fn default() -> Tree {
        let function = Function { name: "(root)".to_owned(), ..Function::default() };
        Tree { nodes: vec![TreeNode { function, ..TreeNode::default() }], by_call: HashMap::new() }
    }
}

impl Tree {
    fn node_of(&mut self, recorded: &Recorded, node: u32) -> usize {
        if node == 0 {
            return 0;
        }
        let parent = self.node_of(recorded, recorded.nodes[node as usize].parent);
        let place = &recorded.places[recorded.nodes[node as usize].place as usize];
        if let Some(&found) = self.by_call.get(&(parent, place.function.clone())) {
            return found;
        }
        let next = self.nodes.len();
        self.nodes.push(TreeNode { function: place.function.clone(), ..TreeNode::default() });
        self.nodes[parent].children.push(next);
        self.by_call.insert((parent, place.function.clone()), next);
        next
    }
}

/// Allocations that are still there, by the functions that made them.
#[derive(Debug)]
pub struct HeapProfile {
    tree: Tree,
    samples: Vec<(usize, u64, u64)>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenNode<'a> {
    call_frame: CallFrame<'a>,
    self_size: u64,
    id: usize,
    children: Vec<WrittenNode<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenSample {
    size: u64,
    node_id: usize,
    ordinal: u64,
}

#[derive(Serialize)]
struct Written<'a> {
    head: WrittenNode<'a>,
    samples: Vec<WrittenSample>,
}

impl HeapProfile {
    /// How many samples there are.
    pub fn samples(&self) -> usize {
        self.samples.len()
    }

    /// Bytes that the samples stand for.
    pub fn bytes(&self) -> u64 {
        self.samples.iter().map(|(_, size, _)| size).sum()
    }

    /// Gives functions' files other names, as viewers are to show them.
    pub fn rename_files(&mut self, mut name: impl FnMut(&str) -> String) {
        for node in self.tree.nodes.iter_mut().filter(|node| !node.function.file.is_empty()) {
            node.function.file = name(&node.function.file);
        }
    }

    /// Writes the profile as V8 writes it: JSON with lines and columns from 0, and −1 where there are
    /// none. At most [`sandtide_quickjs::allocations::DEEPEST`] nodes lie in each other.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, mut out: impl Write) -> io::Result<()> {
        let mut scripts = HashMap::new();
        let head = self.written(0, &mut scripts);
        let samples = self.samples.iter().map(|&(node, size, ordinal)| WrittenSample {
            size,
            node_id: node + 1,
            ordinal,
        });
        serde_json::to_writer(&mut out, &Written { head, samples: samples.collect() })?;
        out.flush()
    }

    fn written<'a>(&'a self, at: usize, scripts: &mut HashMap<&'a str, usize>) -> WrittenNode<'a> {
        let node = &self.tree.nodes[at];
        let function = &node.function;
        let next = scripts.len() + 1;
        let script = match function.file.as_str() {
            "" => 0,
            file => *scripts.entry(file).or_insert(next),
        };
        let call_frame = CallFrame {
            function_name: &function.name,
            script_id: script.to_string(),
            url: crate::profile::url(&function.file),
            line_number: i64::from(function.line) - 1,
            column_number: i64::from(function.column) - 1,
        };
        WrittenNode {
            call_frame,
            self_size: node.size.round() as u64,
            id: at + 1,
            children: node.children.iter().map(|&child| self.written(child, scripts)).collect(),
        }
    }
}
