//! Boundary cases of the allocator; its behaviour over random sequences is tested in
//! `tests/heap_properties.rs`.

use std::ptr::NonNull;

use super::bins::bin_of;
use super::*;

/// Untouched address space, as in production: regions of gigabytes cost nothing.
struct Region {
    base: NonNull<u8>,
    capacity: usize,
}

impl Region {
    fn new(capacity: usize) -> Self {
        // SAFETY: a new anonymous mapping, no memory of ours is replaced.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                capacity,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        assert_ne!(base, libc::MAP_FAILED);
        Region { base: NonNull::new(base.cast()).unwrap(), capacity }
    }

    fn heap(&self) -> Heap {
        // SAFETY: fresh zero pages, alive as long as the region is.
        unsafe { Heap::init(self.base, self.capacity) }
    }

    fn resident_pages(&self) -> usize {
        let mut pages = vec![0u8; self.capacity.div_ceil(4096)];
        // SAFETY: one byte a page of the mapping.
        let done =
            unsafe { libc::mincore(self.base.as_ptr().cast(), self.capacity, pages.as_mut_ptr()) };
        assert_eq!(done, 0);
        pages.iter().filter(|&&page| page & 1 == 1).count()
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: mapped in `new`, and no heap of it is used any more.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.capacity) };
    }
}

/// A block that must be there.
fn take(heap: Heap, size: usize) -> *mut u8 {
    // SAFETY: the tests keep their region alive.
    let block = unsafe { heap.malloc(size) };
    assert!(!block.is_null(), "no room for {size} bytes");
    block
}

fn give(heap: Heap, block: *mut u8) {
    // SAFETY: the tests free live blocks, or expect the panic.
    unsafe { heap.free(block) };
}

fn grow(heap: Heap, block: *mut u8, size: usize) -> *mut u8 {
    // SAFETY: as in `give`.
    unsafe { heap.realloc(block, size) }
}

fn usable(heap: Heap, block: *mut u8) -> usize {
    // SAFETY: as in `give`.
    unsafe { heap.usable_size(block) }
}

#[test]
fn every_size_has_a_bin_and_larger_sizes_have_no_lower_one() {
    let mut last = 0;
    for units in (1..5000).chain((13..28).flat_map(|log2| (1 << log2) - 1..(1 << log2) + 2)) {
        let bin = bin_of(units);
        assert!(bin >= last && bin < BINS, "{units} units in bin {bin}");
        last = bin;
    }
    assert_eq!(bin_of((1 << 28) - 1), BINS - 1);
}

#[test]
fn an_empty_heap_is_its_header() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    assert_eq!(heap.top(), Heap::HEADER_BYTES);
    assert_eq!(heap.high_water(), Heap::HEADER_BYTES);
    assert_eq!((heap.used_bytes(), heap.peak_bytes()), (0, 0));
    heap.check().unwrap();
}

#[test]
fn the_smallest_region_holds_nothing() {
    let region = Region::new(4096);
    // SAFETY: fresh zero pages.
    let heap = unsafe { Heap::init(region.base, Heap::HEADER_BYTES) };
    // SAFETY: the region is alive.
    assert!(unsafe { heap.malloc(0) }.is_null());
    heap.check().unwrap();
}

#[test]
fn a_rest_of_the_capacity_below_a_unit_is_not_used() {
    let region = Region::new(4096);
    // SAFETY: fresh zero pages.
    let heap = unsafe { Heap::init(region.base, Heap::HEADER_BYTES + 31) };
    take(heap, 8);
    assert_eq!(heap.top(), Heap::HEADER_BYTES + 16);
    // SAFETY: the region is alive.
    assert!(unsafe { heap.malloc(1) }.is_null());
    heap.check().unwrap();
}

#[test]
fn one_block_can_take_all_of_four_gibibytes() {
    let region = Region::new(1 << 32);
    let heap = region.heap();
    let most = (1usize << 32) - Heap::HEADER_BYTES - 8;
    // SAFETY: the region is alive.
    assert!(unsafe { heap.malloc(most + 1) }.is_null());
    let block = take(heap, most);
    assert_eq!(heap.top(), 1 << 32);
    assert_eq!(usable(heap, block), most);
    heap.check().unwrap();
    // SAFETY: the region is alive.
    assert!(unsafe { heap.malloc(0) }.is_null());
    give(heap, block);
    assert_eq!(heap.top(), Heap::HEADER_BYTES);

    let low = take(heap, 1 << 31);
    take(heap, 1 << 30);
    give(heap, low);
    heap.check().unwrap();
    assert_eq!(take(heap, 1 << 31), low);
    heap.check().unwrap();
}

#[test]
fn a_large_calloc_leaves_untouched_memory_untouched() {
    let region = Region::new(1 << 30);
    let heap = region.heap();
    // SAFETY: the region is alive.
    assert!(!unsafe { heap.calloc(1 << 18, 1 << 10) }.is_null());
    assert!(region.resident_pages() < 8, "{} pages", region.resident_pages());
}

#[test]
fn calloc_clears_what_an_earlier_block_wrote_and_stops_at_the_high_water_mark() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let first = take(heap, 10_000);
    // SAFETY: a live block of this size.
    unsafe { first.write_bytes(0xff, 10_000) };
    give(heap, first);
    // SAFETY: the region is alive.
    let second = unsafe { heap.calloc(2, 10_000) };
    assert_eq!(first, second);
    // SAFETY: a live block of this size.
    let content = unsafe { std::slice::from_raw_parts(second, 20_000) };
    assert!(content.iter().all(|&byte| byte == 0));
}

#[test]
fn calloc_of_an_overflowing_product_is_null() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    // SAFETY: the region is alive.
    assert!(unsafe { heap.calloc(1 << 40, 1 << 40) }.is_null());
    // SAFETY: the region is alive.
    assert!(unsafe { heap.calloc(usize::MAX, 2) }.is_null());
    assert_eq!(heap.used_bytes(), 0);
}

#[test]
fn the_last_block_grows_in_place_up_to_the_capacity_and_not_past_it() {
    let region = Region::new(1 << 16);
    let heap = region.heap();
    let block = take(heap, 1000);
    let most = (1 << 16) - Heap::HEADER_BYTES - 8;
    assert_eq!(grow(heap, block, most), block);
    assert!(grow(heap, block, most + 1).is_null());
    assert_eq!(usable(heap, block), most);
    assert_eq!(grow(heap, block, 100), block);
    assert_eq!(heap.top(), Heap::HEADER_BYTES + 112);
    heap.check().unwrap();
}

#[test]
fn a_block_grows_into_the_free_block_after_it() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let (block, after, _last) = (take(heap, 1000), take(heap, 4096), take(heap, 1000));
    give(heap, after);
    assert_eq!(grow(heap, block, 3000), block);
    heap.check().unwrap();
    assert_eq!(grow(heap, block, 5000), block);
    heap.check().unwrap();
    assert_ne!(grow(heap, block, 6000), block);
    heap.check().unwrap();
}

#[test]
fn a_block_slides_down_over_the_hole_before_it_rather_than_grow_the_top() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let (hole, block, _last) = (take(heap, 5000), take(heap, 6000), take(heap, 1000));
    // SAFETY: a live block of this size.
    unsafe { block.write_bytes(7, 6000) };
    give(heap, hole);
    let top = heap.top();
    let moved = grow(heap, block, 9000);
    assert_eq!(moved, hole);
    assert_eq!(heap.top(), top);
    // SAFETY: a live block of this size.
    assert!(unsafe { std::slice::from_raw_parts(moved, 6000) }.iter().all(|&byte| byte == 7));
    heap.check().unwrap();
}

#[test]
fn a_full_heap_recovers_when_blocks_are_freed() {
    let region = Region::new(1 << 18);
    let heap = region.heap();
    let mut blocks = Vec::new();
    loop {
        // SAFETY: the region is alive.
        let block = unsafe { heap.malloc(4088) };
        if block.is_null() {
            break;
        }
        blocks.push(block);
    }
    assert_eq!(blocks.len(), ((1 << 18) - Heap::HEADER_BYTES) / 4096);
    let top = heap.top();
    give(heap, blocks[3]);
    give(heap, blocks[5]);
    // SAFETY: the region is alive.
    assert!(unsafe { heap.malloc(8192) }.is_null());
    give(heap, blocks[4]);
    assert_eq!(take(heap, 8192), blocks[3]);
    assert_eq!(heap.top(), top);
    heap.check().unwrap();
}

#[test]
fn a_full_heap_finds_the_one_fitting_block_behind_many_that_are_too_small() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let (small, large) = (4096 + 16 - 8, 4096 + 14 * 16 - 8);
    assert_eq!(bin_of(units(small).unwrap()), bin_of(units(large).unwrap()));
    let count = 2 * SCAN as usize;
    // Every second block stays, so that nothing merges.
    let blocks: Vec<_> = (0..2 * count).map(|_| take(heap, small)).collect();
    let fitting = take(heap, large);
    take(heap, (1 << 20) - heap.top() - 8);
    give(heap, fitting);
    for &block in blocks.iter().step_by(2).rev() {
        give(heap, block);
    }
    heap.check().unwrap();
    assert_eq!(take(heap, large), fitting);
    heap.check().unwrap();
}

#[test]
fn a_sealed_heap_gives_out_its_lowest_hole_first() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let blocks: Vec<_> = (0..9).map(|_| take(heap, 4088)).collect();
    for which in [5, 1, 7, 3] {
        give(heap, blocks[which]);
    }
    heap.compact();
    heap.check().unwrap();
    for which in [1, 3, 5, 7] {
        assert_eq!(take(heap, 4088), blocks[which]);
    }
    heap.check().unwrap();
}

#[test]
fn blocks_of_a_page_lie_within_one_whatever_is_around_them() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let mut live = Vec::new();
    for round in 0..600_usize {
        let size = if round % 3 == 0 { 4088 } else { 600 + round * 37 % 5000 };
        // SAFETY: the region is alive.
        let block = unsafe { heap.malloc(size) };
        if block.is_null() || live.len() > 60 {
            give(heap, live.swap_remove(round * 31 % live.len()));
        }
        if !block.is_null() {
            if size == 4088 && heap.top() + (64 << 10) < 1 << 20 {
                assert_eq!(block as usize % 4096, 0);
            }
            live.push(block);
        }
        heap.check().unwrap();
    }
    for block in live {
        give(heap, block);
        heap.check().unwrap();
    }
    assert_eq!(heap.top(), Heap::HEADER_BYTES);
}

#[test]
fn a_block_of_a_page_is_given_where_no_whole_page_is_left() {
    // Behind its state it has room for one such block, but for no whole page.
    let region = Region::new(Heap::HEADER_BYTES + 4096);
    let heap = region.heap();
    assert_ne!(take(heap, 4088) as usize % 4096, 0);
    heap.check().unwrap();
}

#[test]
fn peak_counts_from_the_last_reset() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let block = take(heap, 40_000);
    give(heap, block);
    assert_eq!(heap.peak_bytes(), 40_016);
    heap.reset_peak();
    assert_eq!(heap.peak_bytes(), 0);
    take(heap, 100);
    assert_eq!(heap.peak_bytes(), heap.used_bytes());
}

#[test]
fn the_high_water_mark_stays_when_the_top_falls_and_follows_the_caller() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let block = take(heap, 40_000);
    let high = heap.high_water();
    give(heap, block);
    assert_eq!(heap.high_water(), high);
    heap.set_high_water(heap.top());
    assert_eq!(heap.high_water(), heap.top());
}

#[test]
#[should_panic(expected = "freed twice")]
fn freeing_a_block_twice_is_noticed() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let (block, _last) = (take(heap, 1000), take(heap, 1000));
    give(heap, block);
    give(heap, block);
}

#[test]
#[should_panic(expected = "no block of this heap")]
fn freeing_a_block_past_the_top_is_noticed() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let block = take(heap, 1000);
    give(heap, block);
    give(heap, block);
}

#[test]
#[should_panic(expected = "corrupted")]
fn a_free_block_overwritten_by_the_guest_does_not_lead_out_of_the_region() {
    let region = Region::new(1 << 20);
    let heap = region.heap();
    let (block, other) = (take(heap, 1000), take(heap, 1000));
    let (again, _last) = (take(heap, 1000), take(heap, 1000));
    give(heap, block);
    give(heap, again);
    for free in [block, again] {
        // SAFETY: the region is alive; a guest could write here.
        unsafe { free.write_bytes(0xf0, 16) };
    }
    give(heap, other);
}

#[test]
#[should_panic(expected = "no heap at this address")]
fn attaching_where_no_heap_is_is_noticed() {
    let region = Region::new(4096);
    // SAFETY: a valid region; that it holds no heap is what is tested.
    unsafe { Heap::attach(region.base) };
}
