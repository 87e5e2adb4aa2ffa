//! The texts of a snapshot, and at which place in `strings` each will be: first those of atoms, by
//! their numbers, then those of string nodes, in the nodes' order, then all others. None but the
//! others, names of functions and groups, are kept in memory.
//!
//! Where a text will be is only known when all nodes are; until then it is known by a number of its own.

use std::collections::HashMap;
use std::io::{self, Write};

use sandtide_quickjs::walk::{Name, Place, Walk};

use super::fields::TEXT;

/// What the last two bits of a text's number say: an atom, one of the others, the node's own, or that
/// it is no text.
const ATOM: u64 = 0;
const OTHER: u64 = 1;
const OWN: u64 = 2;
const PLAIN: u64 = 3;

/// A number that stands for itself.
pub(super) fn plain(number: u32) -> u64 {
    u64::from(number) << 2 | PLAIN
}

pub(super) struct Texts {
    atoms: u32,
    /// Nodes with a text of their own so far.
    own: u32,
    others: Vec<Box<str>>,
    by_text: HashMap<Box<str>, u32>,
    /// Atoms that nodes are named by.
    by_atom: HashMap<u32, u64>,
    /// The string that was looked up last: functions of one name come together.
    last: Option<(Place, u64)>,
}

impl Texts {
    pub(super) fn new(atoms: u32) -> Texts {
        Texts {
            atoms,
            own: 0,
            others: Vec::new(),
            by_text: HashMap::new(),
            by_atom: HashMap::new(),
            last: None,
        }
    }

    /// Where the text of this number is in `strings`. `own` counts the nodes that have one of their own.
    pub(super) fn index(&self, text: u64, own: &mut u32) -> u32 {
        let number = (text >> 2) as u32;
        match text & 3 {
            ATOM => 1 + number,
            OTHER => 1 + self.atoms + self.own + number,
            OWN => {
                *own += 1;
                self.atoms + *own
            }
            _ => number,
        }
    }

    /// The number of a node's name. Viewers put nodes of one class together by it, so that one text has
    /// one.
    pub(super) fn of_node(&mut self, walk: &Walk<'_>, name: Name<'_>) -> u64 {
        if name == Name::Own {
            self.own += 1;
        }
        let Name::Atom(atom) = name else { return self.of(walk, name) };
        if let Some(&index) = self.by_atom.get(&atom) {
            return index;
        }
        let mut buffer = [0; TEXT];
        let (len, _) = walk.atom_text(atom, &mut buffer);
        let index = self.other(&String::from_utf16_lossy(&buffer[..len]));
        self.by_atom.insert(atom, index);
        index
    }

    /// The number of a name.
    pub(super) fn of(&mut self, walk: &Walk<'_>, name: Name<'_>) -> u64 {
        match name {
            Name::Atom(atom) => u64::from(atom) << 2 | ATOM,
            Name::Static(text) => self.other(text),
            Name::Number(number) => {
                let mut buffer = itoa::Buffer::new();
                self.other(buffer.format(number))
            }
            Name::String(place) => {
                if let Some((last, index)) = self.last
                    && last == place
                {
                    return index;
                }
                let mut buffer = [0; TEXT];
                let (len, _) = walk.text(place, &mut buffer);
                let index = self.other(&String::from_utf16_lossy(&buffer[..len]));
                self.last = Some((place, index));
                index
            }
            Name::Own => OWN,
        }
    }

    fn other(&mut self, text: &str) -> u64 {
        let next = self.others.len() as u32;
        let index = self.by_text.get(text).copied().unwrap_or_else(|| {
            self.others.push(text.into());
            self.by_text.insert(text.into(), next);
            next
        });
        u64::from(index) << 2 | OTHER
    }

    pub(super) fn others(&self) -> impl Iterator<Item = &str> {
        self.others.iter().map(|text| &**text)
    }
}

/// Writes one text of UTF-16 after others: the characters beyond ASCII as escapes, so that halves of
/// pairs come through. Of one that is cut the length is told.
pub(super) fn write(out: &mut impl Write, units: &[u16], whole: usize) -> io::Result<()> {
    out.write_all(b",\n\"")?;
    for &unit in units {
        match u8::try_from(unit) {
            Ok(byte @ (b'"' | b'\\')) => out.write_all(&[b'\\', byte])?,
            Ok(byte @ 0x20..0x7f) => out.write_all(&[byte])?,
            Ok(b'\n') => out.write_all(b"\\n")?,
            _ => write!(out, "\\u{unit:04x}")?,
        }
    }
    if whole > units.len() && !units.is_empty() {
        write!(out, "... ({whole} characters)")?;
    }
    out.write_all(b"\"")
}

pub(super) fn write_str(out: &mut impl Write, text: &str) -> io::Result<()> {
    let units: Vec<u16> = text.encode_utf16().collect();
    write(out, &units, units.len())
}
