//! The allocator of an arena. All of its state lies inside the region it hands out, so putting the
//! bytes `[0, top)` back puts the allocator back as well. It makes no system call, has no global
//! state, and must not know who its client is or how the region is mapped.
//!
//! # Layout
//! ```text
//! base            HEADER_BYTES-8                                        top
//! | State (bins)  | header | payload ...     | header | payload ...  | sentinel |  untouched
//! ```
//! * Everything is counted in units of 16 bytes. A block is named by the index of its payload
//!   (offset / 16), so that a `u32` can name every block of 4 GiB; 0 is "none".
//! * The 8 bytes before a payload are its header: own size and a *free* bit, and the size of the
//!   block before it. Both neighbours are found without footers, and the smallest block (16 bytes)
//!   can hold the two links of a free one.
//! * A sentinel header ends the blocks, so merging needs no case for the last one. The last block
//!   is never free: a free tail goes back below `top` at once, which keeps images short.
//!
//! # Policy
//! * Free blocks are in exact bins below 1 KiB and in 16 bins for each power of two above it. A
//!   bitmap finds the first bin that is large enough; in the bin of the request's own size a few
//!   blocks are compared for the best fit.
//! * Of two blocks in a bin the one at the lower address tends to come first: a run should fill a
//!   hole inside the image, which is copied back anyway, before it takes new memory above it.
//! * Blocks are merged when they are freed. The client pools its small blocks and asks for chunks
//!   of 4 KiB and for large blocks: the recorded runs make 2 to 856 requests each, at about 12 ns
//!   (`bench/runs/allocators.md`). Deferring could save a microsecond of such a run, and would
//!   leave unmerged holes for an image to carry.
//! * A block of a page's size lies within one page: the client's chunks of small blocks are such, and
//!   a run that takes one of their blocks then writes one page, not two.
//! * Every header keeps the previous block's size, not only those after free blocks: taking and
//!   freeing a block of fitting size then leaves the neighbour's page clean, and where only written
//!   pages are restored there is one page less to copy.
//!
//! # Corruption
//! Every header and link is reached through a check that it lies between the first block and the
//! capacity, and freeing a free block is noticed. Both end in a panic (an abort under
//! `extern "C"`), so damaged headers and links cannot make the allocator write outside of the
//! region. The capacity itself is trusted: against a guest that can write anywhere in the region,
//! state included, this is no wall.

use blocks::{Blocks, payload_bytes, units};
use std::ptr::{self, NonNull};

mod bins;
mod blocks;
mod check;
mod taking;
#[cfg(test)]
mod tests;

const UNIT: usize = 16;
/// Largest region, in bytes: that of a JavaScript heap of 4 GiB.
const MAX_CAPACITY: u64 = 1 << 32;
const MAGIC: u64 = u64::from_le_bytes(*b"sandheap");
/// Stands in the place of [`MAGIC`] once a heap was found corrupted.
const CORRUPTED: u64 = u64::from_le_bytes(*b"sandhurt");

/// Sizes (in units) below this one have a bin each.
const EXACT: u32 = 1 << EXACT_LOG2;
const EXACT_LOG2: u32 = 6;
const SUB_LOG2: u32 = 4;
const BINS: usize = EXACT as usize + ((28 - EXACT_LOG2 as usize) << SUB_LOG2);
const WORDS: usize = BINS.div_ceil(64);

/// What is left of a block that is cut becomes a block of its own from this size (in units) on.
/// Smaller rests stay with the block: the client pools whatever is smaller than 512 bytes, so it
/// would never ask for them, and they come back whole when the block is freed.
const MIN_REST: u32 = 8;
/// Size (in units) of a block that fills a page but for its header, which lies before the page.
const PAGE: u32 = 4096 / UNIT as u32;
/// Blocks compared in the bin of the request's own size before a larger bin is taken.
const SCAN: u32 = 8;

const FREE: u32 = 1;

#[derive(Clone, Copy)]
#[repr(C)]
struct Header {
    /// Size in units, shifted left by one; the low bit is `FREE`. Zero is the sentinel.
    tag: u32,
    /// Size in units of the block before this one; zero for the first block.
    before: u32,
}

impl Header {
    fn size(self) -> u32 {
        self.tag >> 1
    }

    fn is_free(self) -> bool {
        self.tag & FREE != 0
    }
}

/// First bytes of a free block's payload.
#[derive(Clone, Copy)]
#[repr(C)]
struct Links {
    next: u32,
    /// Zero for the head of a bin.
    previous: u32,
}

#[repr(C)]
struct State {
    magic: u64,
    /// In bytes, from `base`: see `Heap::high_water`.
    high_water: u64,
    /// In units, as are all the following.
    capacity: u32,
    /// Index that a block appended now would have; its header would overwrite the sentinel.
    top: u32,
    used: u32,
    peak: u32,
    /// One bit a word of `words` that is not zero.
    summary: u64,
    /// One bit a bin that is not empty.
    words: [u64; WORDS],
    heads: [u32; BINS],
}

/// Index of the first block, and with that the top of an empty heap.
const FIRST: u32 = (size_of::<State>() + size_of::<Header>()).div_ceil(UNIT) as u32;

/// Handle of an allocator whose state lies at the start of its region. Copies name the same heap;
/// it belongs to one thread.
#[derive(Clone, Copy, Debug)]
pub struct Heap {
    base: NonNull<u8>,
}

impl Heap {
    /// Bytes of the region that an empty heap takes, and its `top`.
    pub const HEADER_BYTES: usize = FIRST as usize * UNIT;

    /// Makes an empty heap of the region `[base, base + capacity)`; a rest that is no multiple of
    /// 16 bytes stays unused.
    ///
    /// # Panics
    /// If `capacity` is smaller than `HEADER_BYTES` or larger than 4 GiB.
    ///
    /// # Safety
    /// The region must be valid for reads and writes, all zero, aligned to 4096 bytes, used by
    /// nothing else, and outlive every copy of the handle.
    pub unsafe fn init(base: NonNull<u8>, capacity: usize) -> Heap {
        assert!(capacity >= Self::HEADER_BYTES && capacity as u64 <= MAX_CAPACITY);
        let heap = Heap { base };
        // SAFETY: the region is valid, exclusive, aligned, and at least as large as `State`, for
        // which all zeroes is a valid value.
        let mut blocks = unsafe { heap.open() };
        blocks.state.magic = MAGIC;
        blocks.state.capacity = (capacity / UNIT) as u32;
        blocks.set_top(FIRST, 0);
        heap
    }

    /// The heap that `init` made at this address.
    ///
    /// # Panics
    /// If there is none.
    ///
    /// # Safety
    /// As for `init`, but in the place of zeroes the region holds what `init` and the later calls
    /// left there, or a copy of it from an earlier moment: its bytes `[0, top)` as they were, and
    /// zeroes from the high water mark on.
    pub unsafe fn attach(base: NonNull<u8>) -> Heap {
        // SAFETY: given by the caller.
        let heap = unsafe { Heap::at(base) };
        // SAFETY: as above.
        assert_eq!(unsafe { heap.open() }.state.magic, MAGIC, "no heap at this address");
        heap
    }

    /// As `attach`, of a heap that may have been marked as corrupted.
    ///
    /// # Safety
    /// As for `attach`, except that a corrupted heap may hold anything past its state.
    pub(crate) unsafe fn at(base: NonNull<u8>) -> Heap {
        Heap { base }
    }

    /// A block of at least `size` bytes, aligned to 16, its content undefined; null if there is no
    /// room. A size of zero gives a block of its own.
    ///
    /// # Safety
    /// The region is still valid, and no other call on this heap is under way.
    #[inline]
    pub unsafe fn malloc(self, size: usize) -> *mut u8 {
        // SAFETY: given by the caller.
        let mut blocks = unsafe { self.open() };
        match units(size).and_then(|units| blocks.take(units)) {
            Some(index) => blocks.payload(index),
            None => ptr::null_mut(),
        }
    }

    /// Like `malloc` of `count * size` bytes that are zero; null also if the product overflows.
    /// Memory that was never written is known to be zero and stays untouched.
    ///
    /// # Safety
    /// As for `malloc`.
    pub unsafe fn calloc(self, count: usize, size: usize) -> *mut u8 {
        let Some(bytes) = count.checked_mul(size) else {
            return ptr::null_mut();
        };
        // SAFETY: given by the caller.
        let mut blocks = unsafe { self.open() };
        let written = blocks.state.high_water as usize;
        let Some(index) = units(bytes).and_then(|units| blocks.take(units)) else {
            return ptr::null_mut();
        };
        let payload = blocks.payload(index);
        let dirty = written.saturating_sub(index as usize * UNIT).min(bytes);
        // SAFETY: the payload was just taken and has room for `bytes`.
        unsafe { payload.write_bytes(0, dirty) };
        payload
    }

    /// Gives a block back. Null is ignored.
    ///
    /// # Panics
    /// If the block is free already, where that can be seen.
    ///
    /// # Safety
    /// As for `malloc`; `ptr` is null or a live block of this heap.
    #[inline]
    pub unsafe fn free(self, ptr: *mut u8) {
        if !ptr.is_null() {
            // SAFETY: given by the caller.
            let mut blocks = unsafe { self.open() };
            let index = blocks.index(ptr);
            blocks.free(index);
        }
    }

    /// Makes a block larger or smaller, in place where possible, and keeps its content as far as
    /// both sizes reach. Null if there is no room: the block is then untouched. A null `ptr` makes
    /// it a `malloc`; a size of zero keeps the smallest block.
    ///
    /// # Safety
    /// As for `free`. The old pointer must not be used again unless null is returned.
    pub unsafe fn realloc(self, ptr: *mut u8, size: usize) -> *mut u8 {
        if ptr.is_null() {
            // SAFETY: given by the caller.
            return unsafe { self.malloc(size) };
        }
        // SAFETY: given by the caller.
        let mut blocks = unsafe { self.open() };
        let index = blocks.index(ptr);
        match units(size).and_then(|units| blocks.resize(index, units)) {
            Some(index) => blocks.payload(index),
            None => ptr::null_mut(),
        }
    }

    /// Bytes that the owner of a live block may use: at least those asked for. Zero for null.
    ///
    /// # Safety
    /// As for `free`.
    #[inline]
    pub unsafe fn usable_size(self, ptr: *const u8) -> usize {
        if ptr.is_null() {
            return 0;
        }
        // SAFETY: given by the caller.
        let blocks = unsafe { self.open() };
        payload_bytes(blocks.live(blocks.index(ptr)).size())
    }

    /// `usable_size` of a live block whose heap is not known: the engine asks by address alone.
    ///
    /// # Safety
    /// `ptr` is a live block of some heap, or null.
    #[inline]
    pub unsafe fn usable_size_of(ptr: *const u8) -> usize {
        if ptr.is_null() {
            return 0;
        }
        // SAFETY: a live block has its header before it.
        payload_bytes(unsafe { ptr.cast::<Header>().sub(1).read() }.size().max(1))
    }

    /// Moves the end of the heap: nothing is handed out at or past `bytes`. An end below `top` is
    /// raised to it, so that what is live stays reachable. The end is part of the state, so a
    /// restore puts it back too.
    ///
    /// # Safety
    /// `bytes` is at most the region's length.
    pub unsafe fn set_capacity(self, bytes: usize) {
        // SAFETY: as in `used_bytes`.
        let state = unsafe { self.open() }.state;
        state.capacity = ((bytes / UNIT) as u32).max(state.top);
    }

    /// Bytes in live blocks, headers included.
    #[inline]
    pub fn used_bytes(self) -> usize {
        // SAFETY: by the contract of `init` and `attach` the region is valid and ours.
        unsafe { self.open() }.state.used as usize * UNIT
    }

    /// The most bytes that `used_bytes` reached since the last `reset_peak`.
    pub fn peak_bytes(self) -> usize {
        // SAFETY: as in `used_bytes`.
        unsafe { self.open() }.state.peak as usize * UNIT
    }

    /// Lets `peak_bytes` start again from what is used now.
    pub fn reset_peak(self) {
        // SAFETY: as in `used_bytes`.
        let state = unsafe { self.open() }.state;
        state.peak = state.used;
    }

    /// Offset of the first byte past the last block: the bytes an image must hold.
    #[inline]
    pub fn top(self) -> usize {
        // SAFETY: as in `used_bytes`.
        unsafe { self.open() }.state.top as usize * UNIT
    }

    /// Offset from which on every byte is still zero: nothing was handed out or written there
    /// since `init`, or since the offset given to `set_high_water`.
    #[inline]
    pub fn high_water(self) -> usize {
        // SAFETY: as in `used_bytes`.
        unsafe { self.open() }.state.high_water as usize
    }

    /// Tells the heap that every byte from `offset` on is zero again. The caller has zeroed them:
    /// otherwise `calloc` would hand out memory that is not zero.
    ///
    /// # Panics
    /// If `offset` is below `top`, or above the capacity.
    #[inline]
    pub fn set_high_water(self, offset: usize) {
        // SAFETY: as in `used_bytes`.
        let state = unsafe { self.open() }.state;
        assert!(offset >= state.top as usize * UNIT && offset <= state.capacity as usize * UNIT);
        state.high_water = offset as u64;
    }

    /// Makes a heap ready to be sealed into an image: orders the free blocks of each bin by
    /// address, so that the runs to come take the lowest holes first, and all in the same order.
    /// There is nothing to merge and no free tail, because `free` sees to both.
    pub fn compact(self) {
        // SAFETY: as in `used_bytes`.
        unsafe { self.open() }.sort_bins();
    }

    /// Marks a heap whose records were found damaged: `attach` refuses it from now on.
    pub fn mark_corrupted(self) {
        // SAFETY: as in `used_bytes`.
        unsafe { self.open() }.state.magic = CORRUPTED;
    }

    /// Whether it was marked as corrupted.
    pub fn is_corrupted(self) -> bool {
        // SAFETY: as in `used_bytes`.
        unsafe { self.open() }.state.magic == CORRUPTED
    }

    /// Walks all blocks and bins and tells the first inconsistency.
    ///
    /// # Errors
    /// A description of what does not fit together.
    pub fn check(self) -> Result<(), String> {
        // SAFETY: as in `used_bytes`.
        unsafe { self.open() }.check()
    }

    /// # Safety
    /// The region is valid and holds a `State` (all zero is one); no other `Blocks` of it is alive.
    #[inline]
    unsafe fn open<'a>(self) -> Blocks<'a> {
        // SAFETY: `base` is aligned and valid by the contract of `init`, and the state is apart
        // from the blocks, which are reached through `base` alone.
        Blocks { state: unsafe { self.base.cast::<State>().as_mut() }, base: self.base.as_ptr() }
    }
}
