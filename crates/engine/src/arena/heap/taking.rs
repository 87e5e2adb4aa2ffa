//! Taking blocks, freeing them, and giving them another size.

use super::bins::bin_of;
use super::blocks::{Blocks, payload_bytes};
use super::{FREE, Header, MIN_REST, PAGE, SCAN};
use std::ptr;

impl Blocks<'_> {
    /// Makes a live block of at least `units` of a free one that has `size`.
    #[inline(always)]
    pub(super) fn take_free(&mut self, index: u32, size: u32, units: u32) -> u32 {
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
    pub(super) fn cut(&mut self, index: u32, size: u32, units: u32) -> u32 {
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
    pub(super) fn set_free(&mut self, index: u32, size: u32, before: u32) {
        self.set_header(index, Header { tag: size << 1 | FREE, before });
        self.set_before(index + size, size);
        self.link(index, size);
    }

    #[inline(always)]
    pub(super) fn take_top(&mut self, units: u32) -> Option<u32> {
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

    /// Takes a block of a page's size whose payload lies within one page, with what is left before
    /// it free.
    #[cold]
    fn take_page(&mut self) -> Option<u32> {
        let mut looked = 0;
        let mut bin = bin_of(PAGE);
        while let Some(found) = self.first_bin(bin) {
            let mut index = self.state.heads[found];
            while index != 0 {
                let size = self.header(index).size();
                let lead = index.next_multiple_of(PAGE) - index;
                if size - PAGE >= lead {
                    return Some(self.take_page_of(index, size, lead));
                }
                looked += 1;
                if looked == SCAN {
                    return self.take_page_of_top();
                }
                index = self.links(index).next;
            }
            bin = found + 1;
        }
        self.take_page_of_top()
    }

    fn take_page_of(&mut self, index: u32, size: u32, lead: u32) -> u32 {
        self.unlink(index, size);
        let before = self.header(index).before;
        let at = index + lead;
        let kept = self.cut(at, size - lead, PAGE);
        if lead > 0 {
            self.set_header(index, Header { tag: lead << 1 | FREE, before });
            self.link(index, lead);
        }
        let before = if lead > 0 { lead } else { before };
        self.set_header(at, Header { tag: kept << 1, before });
        self.count_used(kept);
        at
    }

    fn take_page_of_top(&mut self) -> Option<u32> {
        let top = self.state.top;
        let at = top.checked_next_multiple_of(PAGE)?;
        if at > self.state.capacity || PAGE > self.state.capacity - at {
            return self.take_top(PAGE);
        }
        let mut before = self.header(top).before;
        if at > top {
            let lead = at - top;
            self.set_header(top, Header { tag: lead << 1 | FREE, before });
            self.link(top, lead);
            before = lead;
        }
        self.set_header(at, Header { tag: PAGE << 1, before });
        self.set_top(at + PAGE, PAGE);
        self.count_used(PAGE);
        Some(at)
    }

    #[inline]
    pub(super) fn take(&mut self, units: u32) -> Option<u32> {
        if units == PAGE
            && let Some(index) = self.take_page()
        {
            return Some(index);
        }
        if let Some((index, size)) = self.find(units, SCAN) {
            return Some(self.take_free(index, size, units));
        }
        self.take_top(units).or_else(|| self.take_last_resort(units))
    }

    /// Looks at the blocks that `SCAN` left out.
    #[cold]
    pub(super) fn take_last_resort(&mut self, units: u32) -> Option<u32> {
        let (index, size) = self.find(units, u32::MAX)?;
        Some(self.take_free(index, size, units))
    }

    #[inline(always)]
    pub(super) fn free(&mut self, index: u32) {
        let header = self.live(index);
        self.count_freed(header.size());
        self.release(index, header.size(), header.before);
    }

    /// Frees a range of blocks that nothing holds any more, together with its free neighbours.
    #[inline(always)]
    pub(super) fn release(&mut self, mut index: u32, mut size: u32, mut before: u32) {
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

    pub(super) fn resize(&mut self, index: u32, units: u32) -> Option<u32> {
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

    pub(super) fn shrink(&mut self, index: u32, header: Header, units: u32) {
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
    pub(super) fn relocate(&mut self, index: u32, header: Header, units: u32) -> Option<u32> {
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
    pub(super) fn slide_down(&mut self, index: u32, header: Header, units: u32) -> Option<u32> {
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
}
