//! Leak watch: compares a heap with what it was a while ago and a while before that. What has grown
//! each time, past all it had been lately, is told of: how much, where it was made, who holds it.
//!
//! Must not know when it is asked, nor who is told.

use std::collections::{HashMap, VecDeque};
use std::fmt;

use sandtide_quickjs::walk::{Name, Node, Place, Walk, What};
use serde::Serialize;

use crate::allocations::{AllocationRecorder, Site};
use crate::cells::Cells;
use crate::walking;

/// Samples in a row that must have grown.
pub const IN_A_ROW: u32 = 5;

/// Samples that a count must be above for it to have grown.
const LATELY: usize = 32;
/// Samples that a count must have: what is emptied when it is full may well grow in the first few.
const KNOWN: usize = 2 * IN_A_ROW as usize;
/// What grew by less than both is not told of.
const FEW: u64 = 10;
const SMALL: u64 = 10 << 10;
/// Classes that a report is about.
const TOLD: usize = 6;
/// Sampled objects of a class that are kept for one comparison.
const SITES: usize = 4096;
/// Steps of a way that are told; of a longer one the middle is left out.
const STEPS: usize = 24;

/// What is counted as one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Class {
    /// Objects of one constructor, strings, symbols.
    Named(String),
    /// Closures of one function's text.
    Closure { name: String, file: String, line: u32, column: u32 },
    /// Contexts of one name.
    Context(String),
}

impl Class {
    fn shown(&self) -> String {
        match self {
            Class::Named(name) => name.clone(),
            Class::Closure { name, .. } if name.is_empty() => "(closure)".to_owned(),
            Class::Closure { name, .. } => format!("(closure) {name}"),
            Class::Context(name) => format!("(context) {name}"),
        }
    }

    /// Whether its name is the program's: such classes say more than those of the language.
    fn is_programs(&self) -> bool {
        const OF_THE_LANGUAGE: &[&str] = &[
            "Object",
            "Array",
            "Function",
            "Map",
            "Set",
            "Date",
            "RegExp",
            "Error",
            "Promise",
            "ArrayBuffer",
            "Uint8Array",
            "Buffer",
            "Arguments",
            "Generator",
            "AsyncResource",
        ];
        match self {
            Class::Named(name) => {
                !name.starts_with('(') && !OF_THE_LANGUAGE.contains(&name.as_str())
            }
            Class::Closure { file, .. } => !file.is_empty() && !file.starts_with("node:"),
            Class::Context(_) => true,
        }
    }
}

/// What one sample has of a class.
#[derive(Debug, Default)]
struct Count {
    count: u64,
    size: u64,
    /// Some object of it.
    any: Option<Place>,
    /// Objects whose allocation was noted, with the number of its sample.
    noted: Vec<(Place, Site, u64)>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Moment {
    count: u64,
    size: u64,
    seconds: f64,
    ordinal: u64,
}

#[derive(Debug, Default)]
struct History {
    lately: VecDeque<u64>,
    row: u32,
    start: Moment,
    last: Moment,
}

/// Watches one heap.
#[derive(Debug, Default)]
pub struct LeakWatch {
    classes: HashMap<Class, History>,
    /// When each context was first seen, by its address and the number of its sample.
    contexts: HashMap<(usize, u64), f64>,
    /// The last comparison.
    before: Option<Moment>,
}

/// Something that grew.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grown {
    /// The constructor's name, or in parentheses what else it is.
    pub what: String,
    /// How many there are.
    pub count: u64,
    /// How many more than when it began to grow.
    pub more: u64,
    /// Bytes of all of them, without what they hold.
    pub size: u64,
    /// Bytes more than when it began to grow.
    pub more_size: i64,
    /// Samples in a row in which it grew.
    pub samples: u32,
    /// Where most of what is new was made, as far as it was noted.
    pub site: Option<Site>,
    /// How many of those that were noted come from there, and how many were noted.
    pub noted: (usize, usize),
    /// The shortest way from a root: what holds it, the root first.
    pub retainers: Vec<String>,
}

/// Contexts of one name.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contexts {
    /// Their name.
    pub name: String,
    /// How many there are.
    pub count: u64,
    /// Seconds since the oldest was first seen.
    pub oldest: f64,
}

/// What grew sample after sample.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Seconds from the sample before the first that had grown.
    pub seconds: f64,
    /// What grew, the most telling first.
    pub grown: Vec<Grown>,
    /// All contexts but the main one.
    pub contexts: Vec<Contexts>,
}

impl LeakWatch {
    /// Compares the heap with what it was. The heap should just have been collected; `seconds` is the
    /// time now.
    pub fn sample(
        &mut self,
        walk: &Walk<'_>,
        recorder: &AllocationRecorder,
        seconds: f64,
    ) -> Option<Report> {
        recorder.settle(walk);
        let cells = walking::all(walk);
        let mut counts = Counts::new(walk, recorder);
        counts.add_all(&cells);
        let contexts = self.see_contexts(&counts, seconds);
        let now = Moment { seconds, ordinal: recorder.last(), ..Moment::default() };
        for (class, _) in &counts.all {
            if !self.classes.contains_key(class) {
                self.classes.insert(class.clone(), History::default());
            }
        }
        for (class, history) in &mut self.classes {
            let count = counts.by_class.get(class).map(|&index| &counts.all[index].1);
            let (count, size) = count.map_or((0, 0), |count| (count.count, count.size));
            history.see(Moment { count, size, ..now }, self.before);
        }
        self.before = Some(now);
        self.classes.retain(|_, history| history.lately.iter().any(|&count| count > 0));
        let grown = self.grown(&counts, &cells);
        if grown.is_empty() {
            return None;
        }
        let start = grown.iter().map(|(start, _)| *start).fold(seconds, f64::min);
        let grown = grown.into_iter().map(|(_, grown)| grown).collect();
        Some(Report { seconds: seconds - start, grown, contexts })
    }

    fn see_contexts(&mut self, counts: &Counts<'_, '_>, seconds: f64) -> Vec<Contexts> {
        let mut all: HashMap<String, Contexts> = HashMap::new();
        let mut seen = HashMap::new();
        for (class, count) in &counts.all {
            let Class::Context(name) = class else { continue };
            let entry = all.entry(name.clone()).or_insert_with(|| Contexts {
                name: name.clone(),
                count: 0,
                oldest: 0.0,
            });
            entry.count += count.count;
            for (place, _, ordinal) in &count.noted {
                let key = (place.address, *ordinal);
                let first = self.contexts.get(&key).copied().unwrap_or(seconds);
                seen.insert(key, first);
                entry.oldest = entry.oldest.max(seconds - first);
            }
        }
        self.contexts = seen;
        let mut all: Vec<Contexts> = all.into_values().collect();
        all.sort_by(|one, other| (other.count, &one.name).cmp(&(one.count, &other.name)));
        all
    }

    /// What is to be told of, each with the time at which it began to grow. It has to grow as often
    /// again before it is told of again.
    fn grown(&mut self, counts: &Counts<'_, '_>, cells: &Cells) -> Vec<(f64, Grown)> {
        let told = |history: &History| {
            history.row >= IN_A_ROW && history.lately.len() >= KNOWN && history.counts()
        };
        let leaks = counts.all.iter().any(|(class, _)| self.classes.get(class).is_some_and(told));
        if !leaks {
            return Vec::new();
        }
        // What began to grow a little later belongs to the same.
        let mut growing: Vec<(&Class, &Count, &History)> = Vec::new();
        for (class, count) in &counts.all {
            if let Some(history) = self.classes.get(class)
                && history.row + 1 >= IN_A_ROW
                && history.counts()
            {
                growing.push((class, count, history));
            }
        }
        growing.sort_by_key(|(class, _, history)| {
            (!class.is_programs(), std::cmp::Reverse(history.more_size()))
        });
        growing.truncate(TOLD);
        let examples: Vec<Place> =
            growing.iter().filter_map(|(_, count, history)| count.example(history)).collect();
        let ways = walking::ways_to(counts.walk, cells, &examples);
        let mut ways: HashMap<Place, Vec<Place>> =
            examples.iter().copied().zip(ways).filter_map(|(to, way)| Some((to, way?))).collect();
        let told = growing.into_iter().map(|(class, count, history)| {
            let (site, noted) = count.site(class, history);
            let way = count.example(history).and_then(|example| ways.remove(&example));
            let grown = Grown {
                what: class.shown(),
                count: history.last.count,
                more: history.last.count - history.start.count,
                size: history.last.size,
                more_size: history.more_size(),
                samples: history.row,
                site,
                noted,
                retainers: way.map(|way| shown(counts.walk, &way)).unwrap_or_default(),
            };
            (history.start.seconds, grown)
        });
        let told = told.collect();
        for history in self.classes.values_mut() {
            history.row = 0;
        }
        told
    }
}

impl History {
    fn see(&mut self, now: Moment, before: Option<Moment>) {
        let most = self.lately.iter().max().copied();
        // Of a class that is new there was none.
        match before {
            Some(before) if now.count > most.unwrap_or(0) => {
                if self.row == 0 {
                    self.start = Moment { count: self.last.count, size: self.last.size, ..before };
                }
                self.row += 1;
            }
            _ => self.row = 0,
        }
        self.lately.push_back(now.count);
        if self.lately.len() > LATELY {
            self.lately.pop_front();
        }
        self.last = now;
    }

    fn more_size(&self) -> i64 {
        self.last.size as i64 - self.start.size as i64
    }

    /// Whether the growth is worth telling, and is not coming to an end.
    fn counts(&self) -> bool {
        let more = self.last.count.saturating_sub(self.start.count);
        if more < FEW && self.more_size() < SMALL as i64 {
            return false;
        }
        let half = self.lately.len().saturating_sub(self.row as usize / 2 + 1);
        let middle = self.lately.get(half).copied().unwrap_or(0);
        let (first, second) =
            (middle.saturating_sub(self.start.count), self.last.count.saturating_sub(middle));
        4 * second >= first
    }
}

impl Count {
    /// What is new since the class began to grow, and was noted.
    fn new_ones(&self, history: &History) -> impl Iterator<Item = &(Place, Site, u64)> {
        let since = history.start.ordinal;
        self.noted.iter().filter(move |(_, _, ordinal)| *ordinal > since)
    }

    /// Where most of the new ones were made; how many of how many.
    fn site(&self, class: &Class, history: &History) -> (Option<Site>, (usize, usize)) {
        if let Class::Closure { name, file, line, column } = class
            && !file.is_empty()
        {
            let (function, file) = (name.clone(), file.clone());
            return (Some(Site { function, file, line: *line, column: *column }), (0, 0));
        }
        let mut by_site: HashMap<&Site, usize> = HashMap::new();
        for (_, site, _) in self.new_ones(history) {
            *by_site.entry(site).or_default() += 1;
        }
        let all = by_site.values().sum();
        let most = by_site.into_iter().max_by_key(|&(site, count)| (count, site.line));
        match most {
            Some((site, count)) => (Some(site.clone()), (count, all)),
            None => (None, (0, 0)),
        }
    }

    /// One that is new, and was there at an earlier comparison if there is such a one: who holds it
    /// holds the others.
    fn example(&self, history: &History) -> Option<Place> {
        let mut new: Vec<(Place, u64)> =
            self.new_ones(history).map(|(place, _, ordinal)| (*place, *ordinal)).collect();
        new.sort_unstable_by_key(|(_, ordinal)| *ordinal);
        new.get(new.len() / 2).map(|(place, _)| *place).or(self.any)
    }
}

/// What a name is, without its text.
#[derive(PartialEq, Eq, Hash)]
enum NameKey {
    Kind(u8),
    Atom(u32),
    Static(usize),
    Text(Place),
    Closure(u32, u32, u32, u32),
}

struct Counts<'a, 'rt> {
    walk: &'a Walk<'rt>,
    recorder: &'a AllocationRecorder,
    by_name: HashMap<NameKey, usize>,
    by_class: HashMap<Class, usize>,
    all: Vec<(Class, Count)>,
}

impl<'a, 'rt> Counts<'a, 'rt> {
    fn new(walk: &'a Walk<'rt>, recorder: &'a AllocationRecorder) -> Self {
        let (by_name, by_class) = (HashMap::new(), HashMap::new());
        Counts { walk, recorder, by_name, by_class, all: Vec::new() }
    }

    fn add_all(&mut self, cells: &Cells) {
        let mut places = Vec::new();
        for chunk in 0..cells.chunks() {
            cells.places_of(chunk, &mut places);
            for &place in places.iter().filter(|place| place.what != What::Group) {
                self.add(place);
            }
        }
    }

    fn add(&mut self, place: Place) {
        let walk = self.walk;
        let node = walk.look(place);
        let is_context = matches!(node.name, Name::Static("system / NativeContext"));
        let index = if is_context {
            let Some(name) = context_name(walk, place) else { return };
            self.index_of_class(Class::Context(name))
        } else {
            let Some(index) = self.index(&node) else { return };
            index
        };
        let count = &mut self.all[index].1;
        count.count += 1;
        count.size += node.size;
        count.any = Some(place);
        if (node.sampled || is_context)
            && count.noted.len() < SITES
            && let Some((site, ordinal)) = self.recorder.site_of(place.address)
        {
            count.noted.push((place, site, ordinal));
        }
    }

    fn index(&mut self, node: &Node<'_>) -> Option<usize> {
        let key = match (node.kind, node.name) {
            (OBJECT, Name::Static(text)) if text.starts_with("system") => return None,
            (CLOSURE, name) => {
                let (file, line, column) = node.code.unwrap_or_default();
                match name {
                    Name::Atom(atom) => NameKey::Closure(atom, file, line, column),
                    _ if file != 0 => NameKey::Closure(0, file, line, column),
                    _ => return None,
                }
            }
            (STRING | CONCATENATED | SLICED | SYMBOL | BIGINT | REGEXP, _) => {
                NameKey::Kind(node.kind)
            }
            (OBJECT | ARRAY, Name::Atom(atom)) => NameKey::Atom(atom),
            (OBJECT | ARRAY, Name::Static(text)) => NameKey::Static(text.as_ptr().addr()),
            (OBJECT | ARRAY, Name::String(place)) => NameKey::Text(place),
            _ => return None,
        };
        if let Some(&index) = self.by_name.get(&key) {
            return Some(index);
        }
        let class = match key {
            NameKey::Kind(kind) => Class::Named(
                match kind {
                    STRING => "(string)",
                    CONCATENATED => "(concatenated string)",
                    SLICED => "(sliced string)",
                    SYMBOL => "(symbol)",
                    REGEXP => "RegExp",
                    _ => "(bigint)",
                }
                .to_owned(),
            ),
            NameKey::Closure(_, file, line, column) => Class::Closure {
                name: walking::text(self.walk, node.name),
                file: walking::text(self.walk, Name::Atom(file)),
                line,
                column,
            },
            _ => Class::Named(walking::text(self.walk, node.name)),
        };
        let index = self.index_of_class(class);
        self.by_name.insert(key, index);
        Some(index)
    }

    fn index_of_class(&mut self, class: Class) -> usize {
        if let Some(&index) = self.by_class.get(&class) {
            return index;
        }
        self.by_class.insert(class.clone(), self.all.len());
        self.all.push((class, Count::default()));
        self.all.len() - 1
    }
}

// The numbers of types of edges and nodes: see `snapshot`.
const ELEMENT: u8 = 1;
const PROPERTY: u8 = 2;
const HIDDEN: u8 = 4;
const SHORTCUT: u8 = 5;
const ARRAY: u8 = 1;
const STRING: u8 = 2;
const OBJECT: u8 = 3;
const CLOSURE: u8 = 5;
const REGEXP: u8 = 6;
const CONCATENATED: u8 = 10;
const SLICED: u8 = 11;
const SYMBOL: u8 = 12;
const BIGINT: u8 = 13;

/// What a context was named; none for the main one.
fn context_name(walk: &Walk<'_>, place: Place) -> Option<String> {
    let mut name = None;
    walk.edges(place, &mut |edge| {
        if let Name::Static("name") = edge.name {
            name = Some(walking::text(walk, Name::String(edge.to)));
        }
    });
    name
}

/// A way from the root, step by step: how each is held, and what it is.
fn shown(walk: &Walk<'_>, way: &[Place]) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for pair in way.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        if to.what == What::Group {
            // Which group of roots says more than that it is one.
            steps.clear();
            steps.push(walking::text(walk, walk.look(to).name));
            continue;
        }
        let by = walking::edge_between(walk, from, to, |edge| match (edge.kind, edge.name) {
            (ELEMENT, Name::Number(number)) => format!("[{number}]"),
            (SHORTCUT, _) => "globalThis".to_owned(),
            (HIDDEN, _) | (_, Name::Number(_)) => String::new(),
            (PROPERTY, name) => format!(".{}", walking::text(walk, name)),
            (_, name) => walking::text(walk, name),
        });
        let by = by.unwrap_or_default();
        let node = walk.look(to);
        let what = match (to.what, node.name) {
            (What::String | What::Rope, _) => "string".to_owned(),
            (_, name) => walking::text(walk, name),
        };
        steps.push(match (by.is_empty(), what.is_empty()) {
            (true, _) => what,
            (false, true) => by,
            (false, false) => format!("{by} ({what})"),
        });
    }
    if steps.len() > STEPS {
        let left_out = steps.len() - STEPS;
        steps.splice(STEPS / 2..STEPS / 2 + left_out, [format!("... {left_out} more ...")]);
    }
    steps
}

impl Report {
    /// The same as a text of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let function = if self.function.is_empty() { "(anonymous)" } else { &self.function };
        write!(f, "{function} ({}:{}:{})", self.file, self.line, self.column)
    }
}

struct Bytes(i64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        if self.0.abs() < 10 << 10 {
            write!(f, "{} B", self.0)
        } else if self.0.abs() < 10 << 20 {
            write!(f, "{:.0} KiB", bytes / 1024.0)
        } else {
            write!(f, "{:.0} MiB", bytes / 1024.0 / 1024.0)
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = self.grown.iter().map(|grown| grown.samples).max().unwrap_or(0);
        writeln!(f, "Leak watch: grew {times} times in a row, in {:.1} s", self.seconds)?;
        for grown in &self.grown {
            let Grown { what, count, more, .. } = grown;
            writeln!(f, "  {what}: {more} more (now {count}), {}", Bytes(grown.more_size))?;
            match (&grown.site, grown.noted) {
                (Some(site), (_, 0)) => writeln!(f, "    made at {site}")?,
                (Some(site), (here, all)) => {
                    writeln!(f, "    made at {site}, {here} of {all} that were noted")?;
                }
                (None, _) => {}
            }
            if !grown.retainers.is_empty() {
                writeln!(f, "    held by {}", grown.retainers.join(" → "))?;
            }
        }
        for contexts in &self.contexts {
            let Contexts { name, count, oldest } = contexts;
            writeln!(f, "  contexts {name:?}: {count}, the oldest {oldest:.1} s old")?;
        }
        Ok(())
    }
}
