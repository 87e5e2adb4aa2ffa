//! Putting an arena back to a snapshot: by copying all of it, or only the pages that were written.
//!
//! An arena that has just been loaded is copied whole: for runs that come once this is cheapest.
//! Where runs of one image follow each other, its pages are write-protected, and after each run the
//! kernel is asked which were written. A page that was written once is taken for one that runs
//! write: from then on it is copied after every run and not protected again, so that runs do not
//! fault on it. Pages that stay untouched are not copied. The set of written pages is learnt anew
//! now and then. Which of the two is cheaper differs between machines by more than a constant can
//! tell, so a few restores of each kind are timed: where copying all takes less, all is copied again.
//!
//! Must not know what the bytes mean.

use super::Arena;
use super::snapshot::Snapshot;
use crate::error::Error;
use crate::sys::{PAGE, WrittenPages, ticks};
use std::ops::Range;
use std::os::fd::{BorrowedFd, RawFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How an arena is put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreStrategy {
    /// The cheaper one, by what the image's runs write.
    #[default]
    Auto,
    /// Copy all of the image.
    Copy,
    /// Copy the pages that were written, where the kernel can tell them (Linux 6.7); all of the
    /// image elsewhere.
    WrittenPages,
}

/// Memory past the image that stays resident between runs: most runs need some, and page faults
/// cost more than zeroing it. The rest goes back to the system.
const KEEP_RESIDENT: usize = 256 << 10;
/// Bytes that are copied for an image before its pages are tracked. Protecting the pages, and the
/// faults of the first run after that, cost about as much as copying so many bytes, whatever the
/// image's size (`bench/runs/restore.md`).
const TRACK_AFTER: usize = 4 << 20;
/// Restores of each kind that are timed to find the cheaper one; the fastest of them counts.
const TIMED: usize = 8;
/// Restores after pages were protected that are not timed yet: their runs may still fault on pages that
/// are written seldom.
const SETTLE: usize = 8;
/// Runs after which the set of often-written pages is learnt anew.
const LEARN_EVERY: usize = 4096;

/// What an arena is put back to, and how.
#[derive(Debug)]
pub(crate) struct Resting {
    snapshot: Snapshot,
    /// Its bytes in one piece, while single pages of it are copied.
    flat: Option<Arc<[u8]>>,
    strategy: RestoreStrategy,
    /// The kernel's account of written pages, once it was asked for.
    pages: Option<WrittenPages>,
    mode: Mode,
    costs: Costs,
}

/// The fastest restore of each kind that was timed of the image at hand; zero: none was.
#[derive(Debug, Clone, Copy, Default)]
struct Costs {
    copying: Duration,
    tracking: Duration,
}

impl Costs {
    fn note(fastest: &mut Duration, begun: Instant) {
        let took = begun.elapsed().max(Duration::from_nanos(1));
        *fastest = if fastest.is_zero() { took } else { took.min(*fastest) };
    }

    fn favour_copying(self) -> bool {
        !self.copying.is_zero() && self.copying < self.tracking
    }
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    /// All is copied; tracking begins when `left` more bytes were.
    Copying { left: usize },
    /// Written pages are copied; so many times it was done since the pages were last protected.
    Tracking { restores: usize },
}

impl Mode {
    const COPY_ALWAYS: Mode = Mode::Copying { left: usize::MAX };
}

impl Resting {
    pub(crate) fn new(strategy: RestoreStrategy, snapshot: Snapshot) -> Resting {
        Resting {
            snapshot,
            flat: None,
            strategy,
            pages: None,
            mode: Mode::COPY_ALWAYS,
            costs: Costs::default(),
        }
    }

    /// Makes the kernel's account of written pages now, because it cannot be made later. Answers the
    /// descriptors that it works by, if the kernel can keep one.
    pub(crate) fn track_from_now_on(
        &mut self,
        arena: &Arena,
        proc: BorrowedFd<'_>,
    ) -> Option<[RawFd; 2]> {
        self.stop_tracking();
        self.mode = match self.strategy {
            RestoreStrategy::Copy => Mode::COPY_ALWAYS,
            _ => Mode::Copying { left: TRACK_AFTER },
        };
        self.pages = WrittenPages::track_under(&arena.region, proc);
        self.pages.as_ref().map(WrittenPages::descriptors)
    }

    /// Bytes of the image that the arena is put back to.
    pub(crate) fn image_len(&self) -> usize {
        self.snapshot.len()
    }

    /// Whether the kernel is asked which pages were written.
    pub(crate) fn tracks(&self) -> bool {
        matches!(self.mode, Mode::Tracking { .. })
    }

    /// Puts the arena to another snapshot, whatever is in it now.
    pub(crate) fn load(&mut self, arena: &mut Arena, snapshot: &Snapshot) -> Result<usize, Error> {
        self.stop_tracking();
        self.snapshot = snapshot.clone();
        let high_water = arena.heap.high_water();
        let restored = self.copy_all(arena, high_water)?;
        self.costs = Costs::default();
        self.mode = match self.strategy {
            RestoreStrategy::Auto => Mode::Copying { left: TRACK_AFTER },
            RestoreStrategy::Copy => Mode::COPY_ALWAYS,
            RestoreStrategy::WrittenPages => self.start_tracking(arena),
        };
        Ok(restored)
    }

    /// Puts the arena back after a run. Answers how many bytes were copied or zeroed.
    pub(crate) fn restore(&mut self, arena: &mut Arena) -> Result<usize, Error> {
        // The mark lies in the arena itself: it is read before the copy takes it back.
        let high_water = arena.heap.high_water();
        match self.mode {
            Mode::Copying { left } => {
                let begun = (left <= TIMED * self.snapshot.len()).then(Instant::now);
                let restored = self.copy_all(arena, high_water)?;
                if let Some(begun) = begun {
                    Costs::note(&mut self.costs.copying, begun);
                }
                self.mode = match left.checked_sub(self.snapshot.len()) {
                    _ if left == usize::MAX => Mode::COPY_ALWAYS,
                    Some(left) => Mode::Copying { left },
                    None => self.start_tracking(arena),
                };
                Ok(restored)
            }
            Mode::Tracking { restores } => {
                let timed = (SETTLE..SETTLE + TIMED).contains(&restores);
                let begun = timed.then(Instant::now);
                let Some(copied) = self.copy_written(arena) else {
                    // The kernel no longer tells (in a forked child, say).
                    self.mode = Mode::COPY_ALWAYS;
                    return self.copy_all(arena, high_water);
                };
                let len = self.snapshot.len();
                let restored = copied + clear(arena, len, high_water)?;
                if let Some(begun) = begun {
                    Costs::note(&mut self.costs.tracking, begun);
                }
                self.mode = if restores + 1 == SETTLE + TIMED
                    && self.strategy == RestoreStrategy::Auto
                    && self.costs.favour_copying()
                {
                    self.stop_tracking();
                    self.costs = Costs::default();
                    Mode::Copying { left: LEARN_EVERY * len }
                } else if restores + 1 == LEARN_EVERY {
                    self.costs.tracking = Duration::ZERO;
                    self.start_tracking(arena)
                } else {
                    Mode::Tracking { restores: restores + 1 }
                };
                Ok(restored)
            }
        }
    }

    fn copy_all(&self, arena: &mut Arena, high_water: usize) -> Result<usize, Error> {
        let len = self.snapshot.len();
        self.snapshot.write(arena.bytes_mut(len));
        Ok(len + clear(arena, len, high_water)?)
    }

    /// `None` where the kernel does not tell which pages were written.
    fn copy_written(&self, arena: &mut Arena) -> Option<usize> {
        let len = self.snapshot.len();
        let flat = self.flat.as_ref()?;
        let bytes = arena.bytes_mut(len);
        let mut copied = 0;
        let copy = |run: Range<usize>| {
            let run = run.start..run.end.min(len);
            bytes[run.clone()].copy_from_slice(&flat[run.clone()]);
            copied += run.len();
        };
        self.pages.as_ref()?.written(len, copy).ok()?;
        Some(copied)
    }

    /// Lets all of the image be written again without faults.
    fn stop_tracking(&mut self) {
        self.flat = None;
        if let (Mode::Tracking { .. }, Some(pages)) = (self.mode, &self.pages) {
            let len = self.snapshot.len().next_multiple_of(PAGE);
            // Where the kernel refuses, the only harm is that writes fault as long as pages are
            // protected.
            let _ = pages.unprotect(0..len);
        }
    }

    /// Protects all pages of an arena that is at its snapshot: those written from now on are
    /// reported.
    fn start_tracking(&mut self, arena: &Arena) -> Mode {
        // A process that is confined makes it before, or never.
        if self.pages.is_none() && !ticks::chosen() {
            self.pages = WrittenPages::track(&arena.region);
        }
        let len = self.snapshot.len().next_multiple_of(PAGE);
        match self.pages.as_ref().map(|pages| pages.protect(0..len)) {
            Some(Ok(())) => {
                self.flat.get_or_insert_with(|| self.snapshot.flat());
                Mode::Tracking { restores: 0 }
            }
            Some(Err(_)) | None => Mode::COPY_ALWAYS,
        }
    }
}

/// Zeroes what lies between the image's end and the highest byte that a run used, or gives it back,
/// and tells the heap so. Answers the bytes zeroed by hand.
fn clear(arena: &mut Arena, len: usize, high_water: usize) -> Result<usize, Error> {
    // A guest that broke the engine could have overwritten the mark.
    let high_water = high_water.min(arena.region.len());
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
