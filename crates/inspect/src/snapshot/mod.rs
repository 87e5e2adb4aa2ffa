//! Heap snapshots in the format `.heapsnapshot`, written while the heap is walked.
//!
//! Each object is visited once. What is found goes to temporary files (or, in a process that has none, to
//! memory: [`Scratch`]), because nodes come before edges
//! in the format and an edge says which node it leads to: a node is known by its address, and its number
//! is counted from a map of addresses. That takes some 4 % of the heap's size, and 4 bytes for each node
//! while edges are written. [`fields`](self) has the table of the format.
//!
//! ```no_run
//! # fn runtime() -> *mut sandtide_quickjs::JSRuntime { std::ptr::null_mut() }
//! use sandtide_inspect::snapshot::{self, Ids};
//! // SAFETY (of the caller): the runtime is live and at rest.
//! let walk = unsafe { sandtide_quickjs::walk::Walk::begin(runtime()) };
//! let file = std::fs::File::create("now.heapsnapshot")?;
//! let mut ids = Ids::default(); // kept for the next snapshot of the same heap
//! let summary = snapshot::write(&walk, &mut ids, std::io::BufWriter::new(file))?;
//! println!("{} objects, {} bytes", summary.nodes, summary.bytes);
//! # Ok::<(), std::io::Error>(())
//! ```

mod fields;
mod spool;
mod survey;
mod texts;

use std::io::{self, Write};

/// What a snapshot is made of.
pub use sandtide_quickjs::walk::Walk;
use sandtide_quickjs::walk::{Edge, Name, Place, What};
pub use survey::{Change, Changes, Survey};

use crate::cells::Cells;
use crate::walking::has_text;
use fields::{ELEMENT, HIDDEN, META, NATIVE, NODE_FIELDS};
use spool::Spool;
use texts::Texts;

/// What a snapshot holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Nodes.
    pub nodes: u64,
    /// References between them.
    pub edges: u64,
    /// Bytes of all nodes.
    pub bytes: u64,
}

/// The numbers by which viewers know a heap's objects from one snapshot to the next. One for each
/// heap; starting anew makes all objects look new.
///
/// A number tells when an object was first seen: those of an earlier snapshot are smaller, which
/// viewers take for "allocated between" two of them.
#[derive(Default)]
pub struct Ids {
    generations: Vec<Generation>,
    /// Pairs of numbers given out; objects have the odd ones, what is native the even ones.
    given: u64,
}

/// What one snapshot saw for the first time.
struct Generation {
    cells: Cells,
    first: u64,
}

impl std::fmt::Debug for Ids {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ids").field("given", &self.given).finish_non_exhaustive()
    }
}

impl Ids {
    /// The place's pair, if an earlier snapshot had it. A block that was freed and given out again
    /// is in a later generation than what lay there before.
    fn find(&self, place: Place) -> Option<u64> {
        self.generations.iter().rev().find_map(|generation| {
            Some(generation.first + u64::from(generation.cells.number(place)?))
        })
    }
}

impl Ids {
    /// The place's pair: what it was, or one of `new`.
    fn id_of(&self, place: Place, known: bool, new: &mut Generation) -> u64 {
        known.then(|| self.find(place)).flatten().unwrap_or_else(|| {
            let pair = new.first + u64::from(new.cells.len());
            new.cells.add(place);
            pair
        })
    }

    fn keep(&mut self, mut new: Generation) {
        self.given += u64::from(new.cells.len());
        if new.cells.len() > 0 {
            new.cells.seal();
            self.generations.push(new);
        }
    }
}

/// Writes a snapshot of the heap that `walk` is in. What is found meanwhile lies in files without a
/// name in the system's folder for temporary ones, some third of the heap's size.
///
/// # Errors
/// Those of `out`, which may hold a part of a snapshot then, and of the temporary files.
pub fn write(walk: &Walk<'_>, ids: &mut Ids, out: impl Write) -> io::Result<Summary> {
    write_with(Scratch::Files, walk, ids, out)
}

/// Where what is found lies until it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scratch {
    /// Files without a name in the system's folder for temporary ones.
    Files,
    /// Memory, up to so many bytes; a larger heap's snapshot fails with
    /// [`StorageFull`](io::ErrorKind::StorageFull).
    Memory(usize),
}

/// As [`write()`], with what is found meanwhile elsewhere.
///
/// # Errors
/// As for [`write()`].
pub fn write_with(
    scratch: Scratch,
    walk: &Walk<'_>,
    ids: &mut Ids,
    out: impl Write,
) -> io::Result<Summary> {
    let mut found = Found::visit(walk, scratch)?;
    let summary =
        Summary { nodes: found.cells.len().into(), edges: found.edge_count, bytes: found.bytes };
    let mut out = Numbers { out, buffer: itoa::Buffer::new(), rest: false };
    out.text(META)?;
    out.text(&format!(
        "\"node_count\":{},\"edge_count\":{},\"trace_function_count\":0}},\n\"nodes\":[",
        summary.nodes, summary.edges
    ))?;
    let new = found.write_nodes(ids, &mut out)?;
    out.section("],\n\"edges\":[")?;
    found.write_edges(&mut out)?;
    out.section(
        "],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\"locations\":[",
    )?;
    found.write_locations(&mut out)?;
    out.section("],\n\"strings\":[")?;
    found.write_strings(walk, &mut out.out)?;
    out.text("]}\n")?;
    out.out.flush()?;
    let first = ids.generations.is_empty();
    ids.keep(if first { Generation { cells: found.cells, first: ids.given } } else { new });
    Ok(summary)
}

/// What one visit of each object found. Nodes have the order in which they were visited.
struct Found {
    cells: Cells,
    nodes: Spool,
    edges: Spool,
    locations: Spool,
    /// The texts of string nodes, as they are written.
    own: Spool,
    texts: Texts,
    edge_count: u64,
    bytes: u64,
    located: u64,
}

/// Which bits of a node's first number say what.
const WHAT: u32 = 4;
const DETACHED: u32 = 7;
const KNOWN: u32 = 9;

impl Found {
    fn visit(walk: &Walk<'_>, scratch: Scratch) -> io::Result<Found> {
        let place = spool::Place::of(scratch);
        let mut found = Found {
            cells: Cells::default(),
            nodes: place.spool()?,
            edges: place.spool()?,
            locations: place.spool()?,
            own: place.spool()?,
            texts: Texts::new(walk.atoms()),
            edge_count: 0,
            bytes: 0,
            located: 0,
        };
        // What the collector lists: an edge that leads elsewhere, to what is only half made, is left out.
        walk.all(&mut |place| {
            found.cells.add(place);
        });
        let mut visited = Visited { ordinal: 0, address: 0 };
        let mut waiting: Vec<Place> = Vec::new();
        let mut result = Ok(());
        // Strings, modules and variables are only known from who refers to them.
        walk.all(&mut |place| {
            waiting.push(place);
            while let Some(place) = waiting.pop()
                && result.is_ok()
            {
                result = found.visit_one(walk, place, &mut visited, &mut waiting);
            }
        });
        result?;
        found.cells.seal();
        Ok(found)
    }

    fn visit_one(
        &mut self,
        walk: &Walk<'_>,
        place: Place,
        visited: &mut Visited,
        waiting: &mut Vec<Place>,
    ) -> io::Result<()> {
        let node = walk.node(place);
        let mut count = 0;
        let mut result = Ok(());
        walk.edges(place, &mut |edge| {
            let listed = matches!(edge.to.what, What::Counted | What::Group);
            if !listed && self.cells.add(edge.to) {
                waiting.push(edge.to);
            } else if !self.cells.has(edge.to) {
                return;
            }
            count += 1;
            if result.is_ok() {
                result = self.keep_edge(walk, place, edge);
            }
        });
        result?;
        self.edge_count += count;
        self.bytes += node.size;
        let known = node.known || place.what == What::Group;
        let about = u64::from(node.kind)
            | (place.what as u64) << WHAT
            | u64::from(node.detached) << DETACHED
            | u64::from(known) << KNOWN;
        self.nodes.number(about)?;
        self.nodes.near(place.address as u64 >> 3, visited.address)?;
        self.nodes.number(node.size)?;
        self.nodes.number(count)?;
        self.nodes.number(self.texts.of_node(walk, node.name))?;
        if has_text(place) {
            let mut buffer = [0; fields::TEXT];
            let (len, whole) = walk.text(place, &mut buffer);
            texts::write(&mut self.own, &buffer[..len], whole)?;
        }
        if place.what == What::Counted
            && let Some((file, line @ 1.., column)) = node.code
        {
            self.located += 1;
            for number in [visited.ordinal, file.into(), line.into(), column.into()] {
                self.locations.number(number)?;
            }
        }
        visited.address = place.address as u64 >> 3;
        visited.ordinal += 1;
        Ok(())
    }

    fn keep_edge(&mut self, walk: &Walk<'_>, from: Place, edge: &Edge<'_>) -> io::Result<()> {
        let name = match (edge.kind, edge.name) {
            (ELEMENT | HIDDEN, Name::Number(number)) => texts::plain(number),
            (_, name) => self.texts.of(walk, name),
        };
        self.edges.number(u64::from(edge.kind) | (edge.to.what as u64) << 3)?;
        self.edges.number(name)?;
        self.edges.near(edge.to.address as u64 >> 3, from.address as u64 >> 3)
    }

    /// Writes all nodes; answers those that no earlier snapshot had.
    fn write_nodes(&mut self, ids: &Ids, out: &mut Numbers<impl Write>) -> io::Result<Generation> {
        let mut new = Generation { cells: Cells::default(), first: ids.given };
        let all_new = ids.generations.is_empty();
        if !all_new {
            each_node(&mut self.nodes, self.cells.len(), |_, place, node| {
                if node.about >> KNOWN & 1 == 0 || ids.find(place).is_none() {
                    new.cells.add(place);
                }
                Ok(())
            })?;
            new.cells.seal();
        }
        let mut own = 0;
        let (cells, texts) = (&self.cells, &self.texts);
        each_node(&mut self.nodes, cells.len(), |_, place, node| {
            let fresh = if all_new { cells } else { &new.cells };
            let pair = match fresh.number(place) {
                Some(number) => new.first + u64::from(number),
                None => ids.find(place).unwrap_or_default(),
            };
            let kind = node.about & 15;
            let id = 2 * pair + if kind == u64::from(NATIVE) { 2 } else { 1 };
            let name = texts.index(node.name, &mut own);
            let detached = node.about >> DETACHED & 3;
            out.entry(&[kind, name.into(), id, node.size, node.edges, detached])
        })?;
        Ok(new)
    }

    fn write_edges(&mut self, out: &mut Numbers<impl Write>) -> io::Result<()> {
        let cells = &self.cells;
        let mut ordinals = vec![0_u32; cells.len() as usize];
        each_node(&mut self.nodes, cells.len(), |ordinal, place, _| {
            if let Some(number) = cells.number(place) {
                ordinals[number as usize] = ordinal;
            }
            Ok(())
        })?;
        let mut edges = self.edges.read()?;
        let texts = &self.texts;
        each_node(&mut self.nodes, cells.len(), |_, from, node| {
            for _ in 0..node.edges {
                let about = edges.number()?;
                let name = edges.number()?;
                let address = edges.near(from.address as u64 >> 3)? << 3;
                let Some(what) = What::from_number((about >> 3) as u8) else { continue };
                let to = cells.number(Place { address: address as usize, what });
                let to = to.map_or(0, |number| ordinals[number as usize]);
                let name = texts.index(name, &mut 0);
                out.entry(&[about & 7, name.into(), u64::from(to) * u64::from(NODE_FIELDS)])?;
            }
            Ok(())
        })
    }

    fn write_locations(&mut self, out: &mut Numbers<impl Write>) -> io::Result<()> {
        let mut from = self.locations.read()?;
        for _ in 0..self.located {
            let offset = from.number()? * u64::from(NODE_FIELDS);
            let (file, line, column) = (from.number()?, from.number()?, from.number()?);
            out.entry(&[offset, file, line - 1, column.saturating_sub(1)])?;
        }
        Ok(())
    }

    fn write_strings(&mut self, walk: &Walk<'_>, out: &mut impl Write) -> io::Result<()> {
        let mut buffer = [0; fields::TEXT];
        out.write_all(b"\"<dummy>\"")?;
        for atom in 0..walk.atoms() {
            let (len, whole) = walk.atom_text(atom, &mut buffer);
            texts::write(out, &buffer[..len], whole)?;
        }
        self.own.read()?.copy(out)?;
        for text in self.texts.others() {
            texts::write_str(out, text)?;
        }
        Ok(())
    }
}

/// Where the visit is.
struct Visited {
    ordinal: u64,
    address: u64,
}

/// A node as it was kept.
struct Kept {
    about: u64,
    size: u64,
    edges: u64,
    name: u64,
}

/// Calls `f` with each node, its number in the file and its place.
fn each_node(
    nodes: &mut Spool,
    count: u32,
    mut f: impl FnMut(u32, Place, &Kept) -> io::Result<()>,
) -> io::Result<()> {
    let mut from = nodes.read()?;
    let mut address = 0;
    for ordinal in 0..count {
        let about = from.number()?;
        address = from.near(address)?;
        let (size, edges, name) = (from.number()?, from.number()?, from.number()?);
        let Some(what) = What::from_number((about >> WHAT & 7) as u8) else { continue };
        let place = Place { address: (address << 3) as usize, what };
        f(ordinal, place, &Kept { about, size, edges, name })?;
    }
    Ok(())
}

/// Writes entries of unsigned numbers, one a line.
struct Numbers<W> {
    out: W,
    buffer: itoa::Buffer,
    /// Whether an entry of this section came before.
    rest: bool,
}

impl<W: Write> Numbers<W> {
    fn text(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// The end of a section and the beginning of the next.
    fn section(&mut self, text: &str) -> io::Result<()> {
        self.rest = false;
        self.text(text)
    }

    fn entry(&mut self, numbers: &[u64]) -> io::Result<()> {
        for (index, &number) in numbers.iter().enumerate() {
            match (index, self.rest) {
                (0, false) => {}
                (0, true) => self.out.write_all(b"\n,")?,
                _ => self.out.write_all(b",")?,
            }
            self.out.write_all(self.buffer.format(number).as_bytes())?;
        }
        self.rest = true;
        Ok(())
    }
}
