//! Memory of an instance: one contiguous region that holds the whole JavaScript heap and the
//! state of the allocator that carves it up, so that copying the bytes back puts both back.
//! Knows nothing of JavaScript.

pub mod heap;
pub(crate) mod restore;
pub(crate) mod snapshot;

use crate::error::Error;
use crate::sys::Region;
use heap::Heap;

/// A region with a heap in it.
#[derive(Debug)]
pub(crate) struct Arena {
    pub(crate) region: Region,
    pub(crate) heap: Heap,
}

// SAFETY: the heap's handle points into the region, which the arena owns; whoever owns the arena
// is the only one to use either.
unsafe impl Send for Arena {}

impl Arena {
    /// Reserves `bytes` of address space and makes an empty heap of it.
    pub(crate) fn new(bytes: usize) -> Result<Arena, Error> {
        let region = Region::reserve(bytes)?;
        // SAFETY: the region is fresh, hence zero, page-aligned and ours; it lives as long as the
        // arena, and the heap's handle is used through the arena and its guard only.
        let heap = unsafe { Heap::init(region.base(), region.len()) };
        Ok(Arena { region, heap })
    }

    /// The first `len` bytes.
    pub(crate) fn bytes(&self, len: usize) -> &[u8] {
        assert!(len <= self.region.len());
        // SAFETY: within the region. Only engine code writes there, and running it takes `&mut` of
        // the instance that owns this arena.
        unsafe { std::slice::from_raw_parts(self.region.base().as_ptr(), len) }
    }

    /// The first `len` bytes, to be put back.
    pub(crate) fn bytes_mut(&mut self, len: usize) -> &mut [u8] {
        assert!(len <= self.region.len());
        // SAFETY: as in `bytes`, and `&mut self` says that nobody reads either.
        unsafe { std::slice::from_raw_parts_mut(self.region.base().as_ptr(), len) }
    }
}
