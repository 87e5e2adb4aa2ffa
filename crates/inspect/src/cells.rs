//! A set of places, and the number that each has among them in order of addresses: what edges of a
//! snapshot point with. Half a byte for each 16 bytes of heap, and four hundredths of that for
//! numbers, so that it takes some 3.5 % of the memory that it is about.
//!
//! Must not know what the places are for.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use sandtide_quickjs::walk::{Place, What};

/// Bytes of heap that one cell stands for. Blocks are at least as large, so that no two begin in one.
const CELL_LOG2: usize = 4;
const CHUNK_LOG2: usize = 16;
/// Cells of a chunk.
const CELLS: usize = 1 << (CHUNK_LOG2 - CELL_LOG2);
/// Cells in a word.
const PER_WORD: usize = 16;
/// Words between two numbers that are kept.
const STEP: usize = 4;
const WORDS: usize = CELLS / PER_WORD;

/// A cell is 0, or the kind of what begins there and, in its top bit, in which half of the cell.
struct Chunk {
    cells: [u64; WORDS],
    /// How many begin in this chunk before each `STEP` of words.
    before: [u16; WORDS / STEP],
    /// How many begin before this chunk.
    first: u32,
    key: usize,
}

/// Places, and from [`Cells::seal`] on their numbers.
pub(crate) struct Cells {
    #[expect(
        clippy::vec_box,
        reason = "a chunk has 2 KiB: none is copied when the list grows or is sorted"
    )]
    chunks: Vec<Box<Chunk>>,
    by_key: HashMap<usize, u32, BuildHasherDefault<Mixed>>,
    /// The chunk that was asked for last.
    last: Cell<(usize, u32)>,
    count: u32,
}

/// No chunk has this key.
const NO_CHUNK: (usize, u32) = (usize::MAX, 0);

impl Default for Cells {
    fn default() -> Cells {
        Cells {
            chunks: Vec::new(),
            by_key: HashMap::default(),
            last: Cell::new(NO_CHUNK),
            count: 0,
        }
    }
}

/// Addresses are mixed by one multiplication: they come from our own heap, not from a client.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(usize::from(byte));
        }
    }

    fn write_usize(&mut self, number: usize) {
        let mixed = (self.0 ^ number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }
}

fn cell_of(address: usize) -> (usize, usize, u32) {
    let cell = (address >> CELL_LOG2) % CELLS;
    (address >> CHUNK_LOG2, cell / PER_WORD, (cell % PER_WORD) as u32 * 4)
}

fn value_of(place: Place) -> u64 {
    place.what as u64 | ((place.address >> (CELL_LOG2 - 1)) as u64 & 1) << 3
}

/// How many of a word's cells are not 0.
fn used(word: u64) -> u32 {
    let any = word | word >> 1;
    ((any | any >> 2) & 0x1111_1111_1111_1111).count_ones()
}

impl Cells {
    fn find(&self, key: usize) -> Option<usize> {
        let (last, index) = self.last.get();
        if last == key {
            return Some(index as usize);
        }
        let index = *self.by_key.get(&key)?;
        self.last.set((key, index));
        Some(index as usize)
    }

    /// Adds a place; answers whether it is new.
    pub(crate) fn add(&mut self, place: Place) -> bool {
        let (key, word, shift) = cell_of(place.address);
        let index = self.find(key).unwrap_or_else(|| {
            let cells = [0; WORDS];
            let before = [0; WORDS / STEP];
            self.by_key.insert(key, self.chunks.len() as u32);
            self.chunks.push(Box::new(Chunk { cells, before, first: 0, key }));
            self.chunks.len() - 1
        });
        let cells = &mut self.chunks[index].cells[word];
        if *cells >> shift & 15 != 0 {
            return false;
        }
        *cells |= value_of(place) << shift;
        self.count += 1;
        true
    }

    pub(crate) fn has(&self, place: Place) -> bool {
        let (key, word, shift) = cell_of(place.address);
        let Some(index) = self.find(key) else { return false };
        self.chunks[index].cells[word] >> shift & 15 == value_of(place)
    }

    pub(crate) fn len(&self) -> u32 {
        self.count
    }

    /// Gives the places their numbers. None may be added afterwards.
    pub(crate) fn seal(&mut self) {
        self.chunks.sort_by_key(|chunk| chunk.key);
        self.last.set(NO_CHUNK);
        let mut first = 0;
        for (index, chunk) in self.chunks.iter_mut().enumerate() {
            self.by_key.insert(chunk.key, index as u32);
            chunk.first = first;
            let mut here = 0;
            for (step, words) in chunk.cells.chunks_exact(STEP).enumerate() {
                chunk.before[step] = here as u16;
                here += words.iter().map(|&word| used(word)).sum::<u32>();
            }
            first += here;
        }
    }

    /// The number of a place among all, by address, from 0; none if it was not added.
    pub(crate) fn number(&self, place: Place) -> Option<u32> {
        let (key, word, shift) = cell_of(place.address);
        let index = self.find(key)?;
        let chunk = &self.chunks[index];
        if chunk.cells[word] >> shift & 15 != value_of(place) {
            return None;
        }
        let step = word / STEP;
        let whole = &chunk.cells[step * STEP..word];
        let part = chunk.cells[word] & ((1 << shift) - 1);
        let here =
            u32::from(chunk.before[step]) + whole.iter().map(|&word| used(word)).sum::<u32>();
        Some(chunk.first + here + used(part))
    }

    /// The place with this number, once sealed.
    pub(crate) fn place(&self, number: u32) -> Option<Place> {
        let chunk = self.chunks.partition_point(|chunk| chunk.first <= number).checked_sub(1)?;
        let mut places = Vec::new();
        self.places_of(chunk, &mut places);
        places.get((number - self.chunks[chunk].first) as usize).copied()
    }

    pub(crate) fn chunks(&self) -> usize {
        self.chunks.len()
    }

    /// The places of one chunk, in the order of their numbers once sealed.
    pub(crate) fn places_of(&self, chunk: usize, out: &mut Vec<Place>) {
        out.clear();
        let chunk = &self.chunks[chunk];
        for (index, &word) in chunk.cells.iter().enumerate() {
            let mut left = word;
            while left != 0 {
                let shift = left.trailing_zeros() & !3;
                let value = (word >> shift & 15) as u8;
                left &= !(15 << shift);
                let cell = index * PER_WORD + shift as usize / 4;
                let half = usize::from(value >> 3) << (CELL_LOG2 - 1);
                let address = (chunk.key << CHUNK_LOG2) + (cell << CELL_LOG2) + half;
                if let Some(what) = What::from_number(value & 7) {
                    out.push(Place { address, what });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn numbers_are_those_of_a_sorted_map() {
        let mut state = 7_u64;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        let mut cells = Cells::default();
        let mut expected = BTreeMap::new();
        for _ in 0..20_000 {
            let address = (random(5) << 20) + random(1 << 14) * 16 + random(2) * 8;
            let what = What::from_number(1 + random(7) as u8).unwrap();
            let place = Place { address, what };
            let new = cells.add(place);
            assert_eq!(new, !expected.contains_key(&(address >> 4)));
            expected.entry(address >> 4).or_insert(place);
        }
        cells.seal();
        assert_eq!(cells.len() as usize, expected.len());
        for (number, &place) in expected.values().enumerate() {
            assert_eq!(cells.number(place), Some(number as u32));
            assert!(cells.has(place));
            assert_eq!(cells.place(number as u32), Some(place));
            let other = Place { address: place.address ^ 8, ..place };
            assert_eq!(cells.number(other), None);
        }
        let (mut all, mut some) = (Vec::new(), Vec::new());
        for chunk in 0..cells.chunks() {
            cells.places_of(chunk, &mut some);
            all.extend_from_slice(&some);
        }
        assert_eq!(all, expected.into_values().collect::<Vec<_>>());
        assert_eq!(cells.number(Place { address: 1 << 40, what: What::Rope }), None);
    }
}
