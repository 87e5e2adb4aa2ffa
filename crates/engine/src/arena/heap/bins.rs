//! Which bin a free block is in, and finding one that is large enough.

use super::blocks::{Blocks, corrupt};
use super::{BINS, EXACT, EXACT_LOG2, FIRST, Links, SUB_LOG2, WORDS};

/// Bin of the blocks of this size. All the blocks of a higher bin are larger.
#[inline]
pub(super) fn bin_of(units: u32) -> usize {
    if units < EXACT {
        return units as usize;
    }
    let log2 = units.ilog2();
    let sub = (units >> (log2 - SUB_LOG2)) & ((1 << SUB_LOG2) - 1);
    (EXACT + ((log2 - EXACT_LOG2) << SUB_LOG2) + sub) as usize
}

impl Blocks<'_> {
    #[inline(always)]
    pub(super) fn link(&mut self, index: u32, size: u32) {
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
    pub(super) fn link_head(&mut self, bin: usize, head: u32, index: u32) {
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
    pub(super) fn unlink(&mut self, index: u32, size: u32) {
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
    pub(super) fn first_bin(&self, bin: usize) -> Option<usize> {
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
    pub(super) fn find(&self, units: u32, scan: u32) -> Option<(u32, u32)> {
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

    pub(super) fn sort_bins(&mut self) {
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
