//! What a run holds outside of its heap: the copies of arguments that host functions work on. They
//! count against the heap limit, so that a run and all that is held for it stay within it.

use crate::arena::heap::Heap;
use std::cell::Cell;

/// Memory outside of the heap, and the peak of both together.
pub(crate) struct Outside {
    heap: Heap,
    /// The run's heap limit.
    limit: usize,
    bytes: Cell<usize>,
    peak: Cell<usize>,
}

impl Outside {
    /// `limit` is no larger than the region of `heap`.
    pub(crate) fn new(heap: Heap, limit: usize) -> Outside {
        Outside { heap, limit, bytes: Cell::new(0), peak: Cell::new(0) }
    }

    /// Bytes that may still be held outside. What lies below the heap's top counts, holes too: the
    /// heap may fill them without asking.
    pub(crate) fn room(&self) -> usize {
        self.limit.saturating_sub(self.heap.top()).saturating_sub(self.bytes.get())
    }

    /// The most bytes in use at one time, of both.
    pub(crate) fn peak(&self) -> usize {
        self.peak.get().max(self.heap.peak_bytes() + self.bytes.get())
    }

    /// Counts `bytes` more as held outside; `false` where the heap limit has no room for them.
    pub(crate) fn hold_more(&self, held: &mut Held, bytes: usize) -> bool {
        if bytes > self.room() {
            return false;
        }
        held.0 += bytes;
        self.set(self.bytes.get() + bytes);
        true
    }

    pub(crate) fn let_go(&self, held: Held) {
        self.set(self.bytes.get().saturating_sub(held.0));
    }

    fn set(&self, bytes: usize) {
        self.peak.set(self.peak());
        self.heap.reset_peak();
        self.bytes.set(bytes);
        // SAFETY: no more than the run's limit, which the instance has seen to be no more than the
        // region's length.
        unsafe { self.heap.set_capacity(self.limit.saturating_sub(bytes)) };
        self.peak.set(self.peak());
    }
}

/// Bytes that are held outside until they are let go.
#[derive(Debug, Default)]
#[must_use = "bytes that are not let go count until the run's end"]
pub(crate) struct Held(usize);
