//! A candidate in a region of its own, whose whole state can be put back, as an instance does.

use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use crate::{Candidate, Event, Phase};

const CAPACITY: usize = 64 << 20;
pub(crate) const PAGE: usize = 4096;
/// talc and rlsf keep a mark at the very end of the region: it is put back, and counted as a page
/// where it changes, but is no part of an image's length.
const TAIL: usize = PAGE;

struct Region(NonNull<u8>);

impl Region {
    fn new() -> Self {
        // SAFETY: a new anonymous mapping; nothing of ours is replaced.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                CAPACITY,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        assert_ne!(base, libc::MAP_FAILED);
        Region(NonNull::new(base.cast()).expect("a mapping"))
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: mapped for as long as `self`, and no block of it is borrowed.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_ptr(), CAPACITY) }
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: mapped in `new`.
        unsafe { libc::munmap(self.0.as_ptr().cast(), CAPACITY) };
    }
}

/// A block and the bytes asked for; null where a slot is vacant.
type Block = (*mut u8, usize);

pub(crate) struct Snapshot<C> {
    bytes: Vec<u8>,
    tail: Vec<u8>,
    state: MaybeUninit<C>,
    blocks: Vec<Block>,
}

pub(crate) struct Bed<C> {
    region: Region,
    /// Never dropped: the region goes as a whole.
    candidate: MaybeUninit<C>,
    blocks: Vec<Block>,
}

impl<C: Candidate> Bed<C> {
    pub(crate) fn new(phases: &[Phase]) -> Self {
        let region = Region::new();
        // SAFETY: a fresh region that lives as long as the bed.
        let candidate = MaybeUninit::new(unsafe { C::new(region.0, CAPACITY) });
        let slots = phases.iter().flat_map(|phase| &phase.events).map(|event| match *event {
            Event::Malloc { slot, .. }
            | Event::Calloc { slot, .. }
            | Event::Realloc { slot, .. }
            | Event::Free { slot } => slot + 1,
        });
        let blocks = vec![(ptr::null_mut(), 0); slots.max().unwrap_or(0)];
        Bed { region, candidate, blocks }
    }

    pub(crate) fn seal(&mut self) {
        // SAFETY: initialised in `new`.
        unsafe { self.candidate.assume_init_mut() }.seal();
    }

    /// Offset past the last byte that is not zero.
    pub(crate) fn extent(&mut self) -> usize {
        let bytes = &self.region.bytes()[..CAPACITY - TAIL];
        bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1)
    }

    pub(crate) fn live_bytes(&self) -> usize {
        self.blocks.iter().map(|&(_, size)| size).sum()
    }

    pub(crate) fn snapshot(&mut self, length: usize) -> Snapshot<C> {
        let mut state = MaybeUninit::uninit();
        // SAFETY: a bitwise copy that is only ever put back into the same place.
        unsafe { ptr::copy_nonoverlapping(&raw const self.candidate, &raw mut state, 1) };
        Snapshot {
            bytes: self.region.bytes()[..length].to_vec(),
            tail: self.region.bytes()[CAPACITY - TAIL..].to_vec(),
            state,
            blocks: self.blocks.clone(),
        }
    }

    /// Puts a snapshot back and clears what lies between it and `reach`.
    pub(crate) fn restore(&mut self, snapshot: &Snapshot<C>, reach: usize) {
        let length = snapshot.bytes.len();
        let bytes = self.region.bytes();
        bytes[..length].copy_from_slice(&snapshot.bytes);
        bytes[length..reach.max(length)].fill(0);
        bytes[CAPACITY - TAIL..].copy_from_slice(&snapshot.tail);
        // SAFETY: as in `snapshot`.
        unsafe { ptr::copy_nonoverlapping(&raw const snapshot.state, &raw mut self.candidate, 1) };
        self.blocks.clone_from(&snapshot.blocks);
    }

    /// Pages of the image, and of the tail, that are not as they were.
    pub(crate) fn pages_that_differ(&mut self, snapshot: &Snapshot<C>) -> usize {
        let bytes = self.region.bytes();
        let pages = bytes.chunks(PAGE).zip(snapshot.bytes.chunks(PAGE));
        let differing = pages.filter(|(now, before)| now[..before.len()] != **before).count();
        differing + usize::from(bytes[CAPACITY - TAIL..] != snapshot.tail)
    }

    /// Replays events; with a fill byte all the payloads are written.
    pub(crate) fn replay(&mut self, events: &[Event], fill: Option<u8>) {
        // SAFETY: initialised in `new`.
        let candidate = unsafe { self.candidate.assume_init_mut() };
        for event in events {
            // SAFETY: the trace names live blocks only, and they are this candidate's.
            let (slot, block, kept, size) = unsafe {
                match *event {
                    Event::Malloc { slot, size } => (slot, candidate.malloc(size), 0, size),
                    Event::Calloc { slot, size } => (slot, candidate.calloc(size), 0, size),
                    Event::Realloc { slot, size } => {
                        let (block, old) = self.blocks[slot];
                        (slot, candidate.realloc(block, size), old.min(size), size)
                    }
                    Event::Free { slot } => {
                        candidate.free(self.blocks[slot].0);
                        self.blocks[slot] = (ptr::null_mut(), 0);
                        continue;
                    }
                }
            };
            assert!(!block.is_null(), "the region is large enough");
            if let Some(fill) = fill {
                // SAFETY: the block has room for `size` bytes.
                unsafe { block.add(kept).write_bytes(fill, size - kept) };
            }
            self.blocks[slot] = (block, size);
        }
    }
}
