//! Blocks, and how their headers and links are reached: each access is checked to lie inside the region.
//! Must not know which blocks are taken.

use super::{FIRST, Header, Links, MAX_CAPACITY, State, UNIT};

/// Units of a block with room for `size` bytes; none if no region could hold it.
#[inline]
pub(super) fn units(size: usize) -> Option<u32> {
    const HEADER: usize = size_of::<Header>();
    (size as u64 <= MAX_CAPACITY).then(|| ((size + HEADER).div_ceil(UNIT)).max(1) as u32)
}

pub(super) fn payload_bytes(units: u32) -> usize {
    units as usize * UNIT - size_of::<Header>()
}

#[cold]
#[inline(never)]
pub(super) fn corrupt(index: u32, what: &str) -> ! {
    panic!("arena heap corrupted at unit {index:#x}: {what}");
}

/// An open heap: the state is borrowed for the length of one call. The functions that `malloc` and
/// `free` go through are inlined by force: without it the recorded trace took an eighth longer.
pub(super) struct Blocks<'a> {
    pub(super) state: &'a mut State,
    pub(super) base: *mut u8,
}

impl Blocks<'_> {
    /// Address of a block's payload. The check keeps every access of this type inside the region,
    /// whatever a guest wrote over the headers and links.
    #[inline]
    pub(super) fn payload(&self, index: u32) -> *mut u8 {
        if index < FIRST || index > self.state.capacity {
            corrupt(index, "no block of this heap");
        }
        self.base.wrapping_add(index as usize * UNIT)
    }

    #[inline]
    pub(super) fn index(&self, payload: *const u8) -> u32 {
        let offset = payload.addr().wrapping_sub(self.base.addr());
        if !offset.is_multiple_of(UNIT) || offset >= self.state.top as usize * UNIT {
            corrupt((offset / UNIT) as u32, "pointer to no block of this heap");
        }
        (offset / UNIT) as u32
    }

    #[inline]
    pub(super) fn header(&self, index: u32) -> Header {
        // SAFETY: `payload` has seen to it that the 8 bytes before it lie in the region, past the
        // state, and an integer may hold any bytes.
        unsafe { self.payload(index).cast::<Header>().sub(1).read() }
    }

    #[inline]
    pub(super) fn set_header(&mut self, index: u32, header: Header) {
        // SAFETY: as in `header`.
        unsafe { self.payload(index).cast::<Header>().sub(1).write(header) }
    }

    #[inline]
    pub(super) fn set_before(&mut self, index: u32, before: u32) {
        let header = self.header(index);
        // A write that changes nothing would still dirty the page.
        if header.before != before {
            self.set_header(index, Header { before, ..header });
        }
    }

    #[inline]
    pub(super) fn live(&self, index: u32) -> Header {
        let header = self.header(index);
        if header.is_free() || header.tag == 0 {
            corrupt(index, "block is not live (freed twice?)");
        }
        header
    }

    #[inline]
    pub(super) fn links(&self, index: u32) -> Links {
        if index >= self.state.capacity {
            corrupt(index, "link out of the region");
        }
        // SAFETY: the index is below the capacity, so that at least one unit follows it.
        unsafe { self.payload(index).cast::<Links>().read() }
    }

    #[inline]
    pub(super) fn set_links(&mut self, index: u32, links: Links) {
        if index >= self.state.capacity {
            corrupt(index, "link out of the region");
        }
        // SAFETY: as in `links`.
        unsafe { self.payload(index).cast::<Links>().write(links) }
    }

    #[inline]
    pub(super) fn set_top(&mut self, top: u32, before: u32) {
        self.state.top = top;
        self.set_header(top, Header { tag: 0, before });
        self.state.high_water = self.state.high_water.max(u64::from(top) * UNIT as u64);
    }

    #[inline]
    pub(super) fn count_used(&mut self, units: u32) {
        self.state.used = self.state.used.wrapping_add(units);
        self.state.peak = self.state.peak.max(self.state.used);
    }

    #[inline]
    pub(super) fn count_freed(&mut self, units: u32) {
        self.state.used = self.state.used.wrapping_sub(units);
    }
}
