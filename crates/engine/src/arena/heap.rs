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

use std::ptr::{self, NonNull};

mod check;
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

/// Units of a block with room for `size` bytes; none if no region could hold it.
#[inline]
fn units(size: usize) -> Option<u32> {
    const HEADER: usize = size_of::<Header>();
    (size as u64 <= MAX_CAPACITY).then(|| ((size + HEADER).div_ceil(UNIT)).max(1) as u32)
}

fn payload_bytes(units: u32) -> usize {
    units as usize * UNIT - size_of::<Header>()
}

/// Bin of the blocks of this size. All the blocks of a higher bin are larger.
#[inline]
fn bin_of(units: u32) -> usize {
    if units < EXACT {
        return units as usize;
    }
    let log2 = units.ilog2();
    let sub = (units >> (log2 - SUB_LOG2)) & ((1 << SUB_LOG2) - 1);
    (EXACT + ((log2 - EXACT_LOG2) << SUB_LOG2) + sub) as usize
}

#[cold]
#[inline(never)]
fn corrupt(index: u32, what: &str) -> ! {
    panic!("arena heap corrupted at unit {index:#x}: {what}");
}

/// An open heap: the state is borrowed for the length of one call. The functions that `malloc` and
/// `free` go through are inlined by force: without it the recorded trace took an eighth longer.
struct Blocks<'a> {
    state: &'a mut State,
    base: *mut u8,
}

impl Blocks<'_> {
    /// Address of a block's payload. The check keeps every access of this type inside the region,
    /// whatever a guest wrote over the headers and links.
    #[inline]
    fn payload(&self, index: u32) -> *mut u8 {
        if index < FIRST || index > self.state.capacity {
            corrupt(index, "no block of this heap");
        }
        self.base.wrapping_add(index as usize * UNIT)
    }

    #[inline]
    fn index(&self, payload: *const u8) -> u32 {
        let offset = payload.addr().wrapping_sub(self.base.addr());
        if !offset.is_multiple_of(UNIT) || offset >= self.state.top as usize * UNIT {
            corrupt((offset / UNIT) as u32, "pointer to no block of this heap");
        }
        (offset / UNIT) as u32
    }

    #[inline]
    fn header(&self, index: u32) -> Header {
        // SAFETY: `payload` has seen to it that the 8 bytes before it lie in the region, past the
        // state, and an integer may hold any bytes.
        unsafe { self.payload(index).cast::<Header>().sub(1).read() }
    }

    #[inline]
    fn set_header(&mut self, index: u32, header: Header) {
        // SAFETY: as in `header`.
        unsafe { self.payload(index).cast::<Header>().sub(1).write(header) }
    }

    #[inline]
    fn set_before(&mut self, index: u32, before: u32) {
        let header = self.header(index);
        // A write that changes nothing would still dirty the page.
        if header.before != before {
            self.set_header(index, Header { before, ..header });
        }
    }

    #[inline]
    fn live(&self, index: u32) -> Header {
        let header = self.header(index);
        if header.is_free() || header.tag == 0 {
            corrupt(index, "block is not live (freed twice?)");
        }
        header
    }

    #[inline]
    fn links(&self, index: u32) -> Links {
        if index >= self.state.capacity {
            corrupt(index, "link out of the region");
        }
        // SAFETY: the index is below the capacity, so that at least one unit follows it.
        unsafe { self.payload(index).cast::<Links>().read() }
    }

    #[inline]
    fn set_links(&mut self, index: u32, links: Links) {
        if index >= self.state.capacity {
            corrupt(index, "link out of the region");
        }
        // SAFETY: as in `links`.
        unsafe { self.payload(index).cast::<Links>().write(links) }
    }

    #[inline]
    fn set_top(&mut self, top: u32, before: u32) {
        self.state.top = top;
        self.set_header(top, Header { tag: 0, before });
        self.state.high_water = self.state.high_water.max(u64::from(top) * UNIT as u64);
    }

    #[inline]
    fn count_used(&mut self, units: u32) {
        self.state.used = self.state.used.wrapping_add(units);
        self.state.peak = self.state.peak.max(self.state.used);
    }

    #[inline]
    fn count_freed(&mut self, units: u32) {
        self.state.used = self.state.used.wrapping_sub(units);
    }

    #[inline(always)]
    fn link(&mut self, index: u32, size: u32) {
        let bin = bin_of(size);
        let head = self.state.heads[bin];
        if head != 0 && head < index {
            let links = self.links(head);
            self.set_links(head, Links { next: index, ..links });
            self.set_links(index, Links { next: links.next, previous: head });
            if links.next != 0 {
                let next = self.links(links.next);
                self.set_links(links.next, Links { previous: index, ..next });
            }
        } else {
            self.link_head(bin, head, index);
        }
    }

    #[inline(always)]
    fn link_head(&mut self, bin: usize, head: u32, index: u32) {
        self.set_links(index, Links { next: head, previous: 0 });
        if head == 0 {
            self.state.words[bin / 64] |= 1 << (bin % 64);
            self.state.summary |= 1 << (bin / 64);
        } else {
            let links = self.links(head);
            self.set_links(head, Links { previous: index, ..links });
        }
        self.state.heads[bin] = index;
    }

    #[inline(always)]
    fn unlink(&mut self, index: u32, size: u32) {
        let Links { next, previous } = self.links(index);
        if next != 0 {
            let links = self.links(next);
            self.set_links(next, Links { previous, ..links });
        }
        if previous != 0 {
            let links = self.links(previous);
            self.set_links(previous, Links { next, ..links });
            return;
        }
        let bin = bin_of(size);
        self.state.heads[bin] = next;
        if next == 0 {
            self.state.words[bin / 64] &= !(1 << (bin % 64));
            if self.state.words[bin / 64] == 0 {
                self.state.summary &= !(1 << (bin / 64));
            }
        }
    }

    /// First bin from `bin` on that is not empty.
    #[inline]
    fn first_bin(&self, bin: usize) -> Option<usize> {
        let word = bin / 64;
        let bits = *self.state.words.get(word)? & (!0 << (bin % 64));
        if bits != 0 {
            return Some(word * 64 + bits.trailing_zeros() as usize);
        }
        // `word` is at most 6, so that the shift is in range.
        let later = self.state.summary & (!1 << word);
        let word = later.trailing_zeros() as usize;
        let bits = *self.state.words.get(word)?;
        Some(word * 64 + bits.trailing_zeros() as usize)
    }

    /// A free block of at least this size and its size; it stays in its bin.
    #[inline(always)]
    fn find(&self, units: u32, scan: u32) -> Option<(u32, u32)> {
        let own = bin_of(units);
        if units >= EXACT {
            let mut best: Option<(u32, u32)> = None;
            let mut index = *self.state.heads.get(own)?;
            for _ in 0..scan {
                if index == 0 {
                    break;
                }
                let size = self.header(index).size();
                if size >= units && best.is_none_or(|(_, smallest)| size < smallest) {
                    best = Some((index, size));
                    if size == units {
                        break;
                    }
                }
                index = self.links(index).next;
            }
            if best.is_some() {
                return best;
            }
        }
        let bin = self.first_bin(if units < EXACT { own } else { own + 1 })?;
        let index = self.state.heads[bin];
        Some((index, self.header(index).size()))
    }

    /// Makes a live block of at least `units` of a free one that has `size`.
    #[inline(always)]
    fn take_free(&mut self, index: u32, size: u32, units: u32) -> u32 {
        self.unlink(index, size);
        let kept = self.cut(index, size, units);
        let before = self.header(index).before;
        self.set_header(index, Header { tag: kept << 1, before });
        self.count_used(kept);
        index
    }

    /// Cuts `[index, index + size)`, which nothing else holds, to `units`, and frees the rest if it
    /// is large enough for a block. The block after the range is live. Returns what is kept; the
    /// header of `index` is left to the caller.
    #[inline(always)]
    fn cut(&mut self, index: u32, size: u32, units: u32) -> u32 {
        let rest = size - units;
        if rest < MIN_REST {
            self.set_before(index + size, size);
            return size;
        }
        self.set_free(index + units, rest, units);
        units
    }

    /// Makes a free block of a range whose neighbours are live (or the state).
    #[inline(always)]
    fn set_free(&mut self, index: u32, size: u32, before: u32) {
        self.set_header(index, Header { tag: size << 1 | FREE, before });
        self.set_before(index + size, size);
        self.link(index, size);
    }

    #[inline(always)]
    fn take_top(&mut self, units: u32) -> Option<u32> {
        let index = self.state.top;
        if units > self.state.capacity - index {
            return None;
        }
        let before = self.header(index).before;
        self.set_header(index, Header { tag: units << 1, before });
        self.set_top(index + units, units);
        self.count_used(units);
        Some(index)
    }

    #[inline]
    fn take(&mut self, units: u32) -> Option<u32> {
        if let Some((index, size)) = self.find(units, SCAN) {
            return Some(self.take_free(index, size, units));
        }
        self.take_top(units).or_else(|| self.take_last_resort(units))
    }

    /// Looks at the blocks that `SCAN` left out.
    #[cold]
    fn take_last_resort(&mut self, units: u32) -> Option<u32> {
        let (index, size) = self.find(units, u32::MAX)?;
        Some(self.take_free(index, size, units))
    }

    #[inline(always)]
    fn free(&mut self, index: u32) {
        let header = self.live(index);
        self.count_freed(header.size());
        self.release(index, header.size(), header.before);
    }

    /// Frees a range of blocks that nothing holds any more, together with its free neighbours.
    #[inline(always)]
    fn release(&mut self, mut index: u32, mut size: u32, mut before: u32) {
        let after = index + size;
        if before != 0 {
            let start = index.wrapping_sub(before);
            let header = self.header(start);
            if header.is_free() {
                self.unlink(start, header.size());
                index = start;
                size += before;
                before = header.before;
            }
        }
        if after == self.state.top {
            self.set_top(index, before);
            return;
        }
        let next = self.header(after);
        if next.is_free() {
            self.unlink(after, next.size());
            size += next.size();
        }
        self.set_free(index, size, before);
    }

    fn resize(&mut self, index: u32, units: u32) -> Option<u32> {
        let header = self.live(index);
        let size = header.size();
        if units <= size {
            self.shrink(index, header, units);
            return Some(index);
        }
        let after = index + size;
        if after == self.state.top {
            if units - size <= self.state.capacity - after {
                self.set_header(index, Header { tag: units << 1, ..header });
                self.set_top(index + units, units);
                self.count_used(units - size);
                return Some(index);
            }
        } else {
            let next = self.header(after);
            if next.is_free() && size + next.size() >= units {
                self.unlink(after, next.size());
                let kept = self.cut(index, size + next.size(), units);
                self.set_header(index, Header { tag: kept << 1, ..header });
                self.count_used(kept - size);
                return Some(index);
            }
        }
        self.relocate(index, header, units)
    }

    fn shrink(&mut self, index: u32, header: Header, units: u32) {
        let rest = header.size() - units;
        let after = index + header.size();
        // A rest at the end, or before a free block, joins what is there.
        let joins = after == self.state.top || self.header(after).is_free();
        if rest == 0 || (rest < MIN_REST && !joins) {
            return;
        }
        self.set_header(index, Header { tag: units << 1, ..header });
        self.count_freed(rest);
        // The rest looks like a block of its own, whose neighbour before it is live.
        self.set_header(index + units, Header { tag: rest << 1, before: units });
        self.release(index + units, rest, units);
    }

    /// Moves a block that must grow: into a hole, else down over a free block before it, else to
    /// the top, so that the top grows last.
    fn relocate(&mut self, index: u32, header: Header, units: u32) -> Option<u32> {
        let target = if let Some((target, size)) = self.find(units, SCAN) {
            self.take_free(target, size, units)
        } else if let Some(target) = self.slide_down(index, header, units) {
            return Some(target);
        } else {
            self.take_top(units).or_else(|| self.take_last_resort(units))?
        };
        let (from, to) = (self.payload(index), self.payload(target));
        // SAFETY: both blocks are live, apart from each other, and the target is the larger one.
        unsafe { ptr::copy_nonoverlapping(from, to, payload_bytes(header.size())) };
        self.free(index);
        Some(target)
    }

    /// Grows a block over the free neighbours on both sides (or the unused memory past the top).
    fn slide_down(&mut self, index: u32, header: Header, units: u32) -> Option<u32> {
        if header.before == 0 {
            return None;
        }
        let target = index.wrapping_sub(header.before);
        let hole = self.header(target);
        if !hole.is_free() {
            return None;
        }
        let size = header.size();
        let after = index + size;
        let at_top = after == self.state.top;
        let next = self.header(after);
        let room = if at_top {
            self.state.capacity - after
        } else if next.is_free() {
            next.size()
        } else {
            0
        };
        let total = hole.size() + size + room;
        if total < units {
            return None;
        }
        self.unlink(target, hole.size());
        if !at_top && next.is_free() {
            self.unlink(after, next.size());
        }
        // SAFETY: both ranges lie in `[target, after)`, which now holds nothing but the content
        // of the block; they may overlap.
        unsafe { ptr::copy(self.payload(index), self.payload(target), payload_bytes(size)) };
        let kept = if at_top {
            self.set_top(target + units, units);
            units
        } else {
            self.cut(target, total, units)
        };
        self.set_header(target, Header { tag: kept << 1, before: hole.before });
        self.count_freed(size);
        self.count_used(kept);
        Some(target)
    }

    fn sort_bins(&mut self) {
        self.state.heads = [0; BINS];
        self.state.words = [0; WORDS];
        self.state.summary = 0;
        let mut index = self.state.top;
        while index != FIRST {
            let before = self.header(index).before;
            index = index.wrapping_sub(before);
            let header = self.header(index);
            if header.size() != before || before == 0 {
                corrupt(index, "sizes do not agree");
            }
            if header.is_free() {
                let bin = bin_of(before);
                self.link_head(bin, self.state.heads[bin], index);
            }
        }
    }
}
