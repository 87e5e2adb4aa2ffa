//! Putting an arena back to a snapshot: by copying all of it, or only the pages that were written.
//!
//! Copying a small image is cheaper than asking which of its pages were written. For large images
//! the kernel is asked. A page that a run has written once is taken for one that runs write: it is
//! copied after every run from then on and no longer protected, so that runs do not fault on it
//! again. What is protected and untouched stays uncopied; the set is learnt anew now and then.
//!
//! Must not know what the bytes mean.

use super::Arena;
use super::snapshot::Snapshot;
use crate::error::Error;
use crate::sys::{PAGE, WrittenPages};
use std::sync::Arc;

/// How an arena is put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreStrategy {
    /// The cheaper one for the image's size, as measured (`bench/runs/`, restore).
    #[default]
    Auto,
    /// Copy all of the image.
    Copy,
    /// Copy the pages that were written, where the kernel can tell them (Linux 6.7); all of the
    /// image elsewhere.
    WrittenPages,
}

/// Images from this size on are restored by written pages; see `bench/runs/` for the crossing.
const TRACK_FROM: usize = 512 << 10;
/// Memory past the image that stays resident between runs: most runs need some, and page faults
/// cost more than zeroing it. The rest goes back to the system.
const KEEP_RESIDENT: usize = 256 << 10;
/// Runs after which the set of often-written pages is learnt anew.
const LEARN_EVERY: u32 = 4096;

/// What an arena is put back to, and how.
#[derive(Debug)]
pub(crate) struct Resting {
    flat: Arc<[u8]>,
    strategy: RestoreStrategy,
    tracking: Option<Tracking>,
}

#[derive(Debug)]
struct Tracking {
    pages: WrittenPages,
    restores: u32,
}

impl Resting {
    pub(crate) fn new(strategy: RestoreStrategy) -> Resting {
        Resting { flat: Arc::new([]), strategy, tracking: None }
    }

    /// Whether the kernel is asked which pages were written.
    pub(crate) fn tracks(&self) -> bool {
        self.tracking.is_some()
    }

    /// Puts the arena to another snapshot, whatever is in it now.
    pub(crate) fn load(&mut self, arena: &mut Arena, snapshot: &Snapshot) -> Result<usize, Error> {
        let previous = std::mem::replace(&mut self.flat, Arc::new([]));
        self.flat = snapshot.flat(Some(previous));
        let restored = self.copy_all(arena)?;
        self.track(arena);
        Ok(restored)
    }

    /// Puts the arena back after a run. Answers how many bytes were copied or zeroed.
    pub(crate) fn restore(&mut self, arena: &mut Arena) -> Result<usize, Error> {
        if self.tracking.is_none() {
            return self.copy_all(arena);
        }
        // The mark lies in the arena itself: it is read before the copy takes it back.
        let high_water = arena.heap.high_water();
        match self.copy_written(arena) {
            Some(copied) => Ok(copied + clear(arena, self.flat.len(), high_water)?),
            None => {
                // The kernel no longer tells (a forked child, say): copy, now and from now on.
                self.tracking = None;
                self.strategy = RestoreStrategy::Copy;
                self.copy_all_below(arena, high_water)
            }
        }
    }

    fn copy_all(&self, arena: &mut Arena) -> Result<usize, Error> {
        let high_water = arena.heap.high_water();
        self.copy_all_below(arena, high_water)
    }

    fn copy_all_below(&self, arena: &mut Arena, high_water: usize) -> Result<usize, Error> {
        arena.bytes_mut(self.flat.len()).copy_from_slice(&self.flat);
        Ok(self.flat.len() + clear(arena, self.flat.len(), high_water)?)
    }

    /// `None` where the kernel does not tell which pages were written.
    fn copy_written(&mut self, arena: &mut Arena) -> Option<usize> {
        let len = self.flat.len();
        let tracking = self.tracking.as_mut()?;
        let flat = &self.flat;
        let bytes = arena.bytes_mut(len);
        let mut copied = 0;
        tracking
            .pages
            .written(len, |run| {
                let end = run.end.min(len);
                bytes[run.start..end].copy_from_slice(&flat[run.start..end]);
                copied += end - run.start;
            })
            .ok()?;
        tracking.restores += 1;
        if tracking.restores.is_multiple_of(LEARN_EVERY) {
            tracking.learn_anew(len).ok()?;
        }
        Some(copied)
    }

    fn track(&mut self, arena: &Arena) {
        let len = self.flat.len();
        let wanted = match self.strategy {
            RestoreStrategy::Auto => len >= TRACK_FROM,
            RestoreStrategy::Copy => false,
            RestoreStrategy::WrittenPages => true,
        };
        let pages = self.tracking.take().map(|tracking| tracking.pages);
        if !wanted {
            return;
        }
        // A region can be registered with one userfaultfd at a time: the old one goes first.
        let pages = match pages.filter(|pages| pages.len() >= len) {
            Some(pages) => Some(pages),
            None => WrittenPages::track(&arena.region, len),
        };
        self.tracking = pages.and_then(|pages| {
            let tracking = Tracking { pages, restores: 0 };
            tracking.learn_anew(len).ok()?;
            Some(tracking)
        });
    }
}

impl Tracking {
    /// Protects all pages: only those written from now on count.
    fn learn_anew(&self, len: usize) -> std::io::Result<()> {
        self.pages.protect(0..len.next_multiple_of(PAGE))
    }
}

/// Zeroes what lies between the image's end and the highest byte that a run used, or gives it back,
/// and tells the heap so. Answers the bytes zeroed by hand.
fn clear(arena: &mut Arena, len: usize, high_water: usize) -> Result<usize, Error> {
    let keep = (len + KEEP_RESIDENT).next_multiple_of(PAGE);
    let zero_to = high_water.min(keep);
    if high_water > keep {
        arena.region.give_back(keep, high_water.next_multiple_of(PAGE).min(arena.region.len()))?;
    }
    if zero_to > len {
        arena.bytes_mut(zero_to)[len..].fill(0);
    }
    arena.heap.set_high_water(len);
    Ok(zero_to.saturating_sub(len))
}
