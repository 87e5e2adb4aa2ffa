//! The candidates behind one C-like interface.
//!
//! talc must be told a block's size when it is freed, and neither dlmalloc nor rlsf tells a
//! block's usable size, which QuickJS-NG counts by. So the three of them get a header of 8 bytes
//! that holds the size. QuickJS-NG asks for an alignment of 8, which such a header keeps; ours
//! gives 16.

use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::{self, NonNull};

use sandtide_engine::arena::heap::Heap;
use talc::DefaultBinning;
use talc::base::Talc;
use talc::source::Manual;

const ALIGN: usize = 8;
const HEADER: usize = 8;

/// # Safety
/// `new` is given a zeroed region that is the candidate's own. Blocks come from the same
/// candidate; its state may be put back by copying it and the region.
pub(crate) unsafe trait Candidate: Sized {
    const NAME: &'static str;
    /// Bytes of state that live outside of the region.
    const OUTSIDE: usize = size_of::<Self>();

    unsafe fn new(base: NonNull<u8>, capacity: usize) -> Self;
    unsafe fn malloc(&mut self, size: usize) -> *mut u8;
    unsafe fn free(&mut self, block: *mut u8);
    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8;

    unsafe fn calloc(&mut self, size: usize) -> *mut u8 {
        // SAFETY: given by the caller; the block has room for `size`.
        unsafe {
            let block = self.malloc(size);
            if !block.is_null() {
                block.write_bytes(0, size);
            }
            block
        }
    }

    /// What the allocator can do before an image is sealed.
    fn seal(&mut self) {}
}

// SAFETY: all state is in the region.
unsafe impl Candidate for Heap {
    const NAME: &'static str = "sandtide";
    const OUTSIDE: usize = 0;

    unsafe fn new(base: NonNull<u8>, capacity: usize) -> Self {
        // SAFETY: given by the caller.
        unsafe { Heap::init(base, capacity) }
    }

    unsafe fn malloc(&mut self, size: usize) -> *mut u8 {
        // SAFETY: given by the caller.
        unsafe { Heap::malloc(*self, size) }
    }

    unsafe fn free(&mut self, block: *mut u8) {
        // SAFETY: given by the caller.
        unsafe { Heap::free(*self, block) }
    }

    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8 {
        // SAFETY: given by the caller.
        unsafe { Heap::realloc(*self, block, size) }
    }

    unsafe fn calloc(&mut self, size: usize) -> *mut u8 {
        // SAFETY: given by the caller.
        unsafe { Heap::calloc(*self, 1, size) }
    }

    fn seal(&mut self) {
        self.compact();
    }
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size + HEADER, ALIGN).expect("sizes of a trace are small")
}

/// Writes the size in front of a block.
///
/// # Safety
/// `start` is null or the start of a block that holds the header and the payload.
unsafe fn with_size(start: *mut u8, size: usize) -> *mut u8 {
    if start.is_null() {
        return start;
    }
    // SAFETY: given by the caller.
    unsafe {
        start.cast::<usize>().write(size);
        start.add(HEADER)
    }
}

/// Start and size of a block.
///
/// # Safety
/// The block came from `with_size`.
unsafe fn sized(block: *mut u8) -> (*mut u8, usize) {
    // SAFETY: given by the caller.
    unsafe {
        let start = block.sub(HEADER);
        (start, start.cast::<usize>().read())
    }
}

// SAFETY: the state is plain data and pointers into the region.
unsafe impl Candidate for Talc<Manual, DefaultBinning> {
    const NAME: &'static str = "talc 5";

    unsafe fn new(base: NonNull<u8>, capacity: usize) -> Self {
        let mut talc = Talc::new(Manual);
        // SAFETY: given by the caller.
        unsafe { talc.claim(base.as_ptr(), capacity) }.expect("room for talc's lists");
        talc
    }

    unsafe fn malloc(&mut self, size: usize) -> *mut u8 {
        // SAFETY: the layout is not empty.
        unsafe {
            let block = self.try_allocate(layout(size));
            with_size(block.map_or(ptr::null_mut(), NonNull::as_ptr), size)
        }
    }

    unsafe fn free(&mut self, block: *mut u8) {
        // SAFETY: given by the caller; the header holds the size it was taken with.
        unsafe {
            let (start, size) = sized(block);
            self.deallocate(start, layout(size));
        }
    }

    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8 {
        // SAFETY: as in `free`.
        unsafe {
            let (start, old) = sized(block);
            if self.try_realloc_in_place(start, layout(old), size + HEADER) {
                return with_size(start, size);
            }
            let moved = Candidate::malloc(self, size);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, old.min(size));
                Candidate::free(self, block);
            }
            moved
        }
    }
}

type Rlsf = rlsf::Tlsf<'static, u32, u32, 28, 16>;

pub(crate) struct RlsfPool(Rlsf);

// SAFETY: the state is plain data and pointers into the region.
unsafe impl Candidate for RlsfPool {
    const NAME: &'static str = "rlsf 0.2";

    unsafe fn new(base: NonNull<u8>, capacity: usize) -> Self {
        let mut tlsf = Rlsf::new();
        let region = NonNull::slice_from_raw_parts(base, capacity);
        // SAFETY: given by the caller.
        unsafe { tlsf.insert_free_block_ptr(region) }.expect("a pool");
        RlsfPool(tlsf)
    }

    unsafe fn malloc(&mut self, size: usize) -> *mut u8 {
        let block = self.0.allocate(layout(size));
        // SAFETY: the block has room for the header.
        unsafe { with_size(block.map_or(ptr::null_mut(), NonNull::as_ptr), size) }
    }

    unsafe fn free(&mut self, block: *mut u8) {
        // SAFETY: given by the caller.
        unsafe {
            let (start, _) = sized(block);
            self.0.deallocate(NonNull::new_unchecked(start), ALIGN);
        }
    }

    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8 {
        // SAFETY: given by the caller.
        unsafe {
            let (start, _) = sized(block);
            let moved = self.0.reallocate(NonNull::new_unchecked(start), layout(size));
            with_size(moved.map_or(ptr::null_mut(), NonNull::as_ptr), size)
        }
    }
}

/// Gives out the region from its start on, so that dlmalloc sees one segment that grows.
pub(crate) struct Source {
    next: Cell<usize>,
    end: usize,
    base: *mut u8,
}

// SAFETY: the bench has one thread.
unsafe impl Send for Source {}

// SAFETY: every range is handed out once, and lies in the region.
unsafe impl dlmalloc::Allocator for Source {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let start = self.next.get();
        if size > self.end - start {
            return (ptr::null_mut(), 0, 0);
        }
        self.next.set(start + size);
        (self.base.wrapping_add(start), size, 0)
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        4096
    }
}

pub(crate) type Dlmalloc = dlmalloc::Dlmalloc<Source>;

// SAFETY: the state is plain data and pointers into the region.
unsafe impl Candidate for Dlmalloc {
    const NAME: &'static str = "dlmalloc 0.2";

    unsafe fn new(base: NonNull<u8>, capacity: usize) -> Self {
        let source = Source { next: Cell::new(0), end: capacity, base: base.as_ptr() };
        Dlmalloc::new_with_allocator(source)
    }

    unsafe fn malloc(&mut self, size: usize) -> *mut u8 {
        // SAFETY: the block has room for the header.
        unsafe { with_size(self.c_malloc(size + HEADER), size) }
    }

    unsafe fn free(&mut self, block: *mut u8) {
        // SAFETY: given by the caller.
        unsafe { self.c_free(sized(block).0) }
    }

    unsafe fn realloc(&mut self, block: *mut u8, size: usize) -> *mut u8 {
        // SAFETY: given by the caller.
        unsafe { with_size(self.c_realloc(sized(block).0, size + HEADER), size) }
    }
}

pub(crate) type TalcHeap = Talc<Manual, DefaultBinning>;
