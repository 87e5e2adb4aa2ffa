//! The consistency walk of `Heap::check`, for tests and for hunting corruption: reads all blocks and
//! bins, and changes nothing.

use super::bins::bin_of;
use super::blocks::Blocks;
use super::{FIRST, UNIT};

impl Blocks<'_> {
    pub(super) fn check(&self) -> Result<(), String> {
        let state = &*self.state;
        if state.top < FIRST || state.top > state.capacity {
            return Err(format!("top {:#x} out of the region", state.top));
        }
        let high_water = state.high_water as usize;
        if high_water < state.top as usize * UNIT || high_water > state.capacity as usize * UNIT {
            return Err(format!("high water mark {high_water:#x} below top or past the end"));
        }
        let (mut index, mut before, mut used, mut free_blocks) = (FIRST, 0, 0, 0);
        let mut after_free = false;
        while index < state.top {
            let header = self.header(index);
            let size = header.size();
            if size == 0 || size > state.top - index {
                return Err(format!("block {index:#x} has size {size:#x}"));
            }
            if header.before != before {
                return Err(format!("block {index:#x}: the one before has {before:#x} units"));
            }
            if header.is_free() {
                if after_free {
                    return Err(format!("free block {index:#x} was not merged"));
                }
                free_blocks += 1;
            } else {
                used += size;
            }
            after_free = header.is_free();
            before = size;
            index += size;
        }
        let sentinel = self.header(state.top);
        if sentinel.tag != 0 || sentinel.before != before {
            return Err("sentinel damaged".to_owned());
        }
        if after_free {
            return Err("free block below the top".to_owned());
        }
        if used != state.used || state.peak < used {
            return Err(format!(
                "used {used:#x}, counted {:#x}, peak {:#x}",
                state.used, state.peak
            ));
        }
        self.check_bins(free_blocks)
    }

    fn check_bins(&self, free_blocks: usize) -> Result<(), String> {
        let state = &*self.state;
        let mut linked = 0;
        for (bin, &head) in state.heads.iter().enumerate() {
            if (state.words[bin / 64] >> (bin % 64) & 1 == 1) != (head != 0) {
                return Err(format!("bitmap is wrong about bin {bin}"));
            }
            let (mut index, mut previous) = (head, 0);
            while index != 0 {
                let header = self.header(index);
                if !header.is_free() || bin_of(header.size()) != bin {
                    return Err(format!("block {index:#x} does not belong into bin {bin}"));
                }
                let links = self.links(index);
                linked += 1;
                if links.previous != previous || linked > free_blocks {
                    return Err(format!("links of bin {bin} are wrong at {index:#x}"));
                }
                (previous, index) = (index, links.next);
            }
        }
        for (word, &bits) in state.words.iter().enumerate() {
            if (state.summary >> word & 1 == 1) != (bits != 0) {
                return Err(format!("summary is wrong about word {word}"));
            }
        }
        if linked != free_blocks {
            return Err(format!("{free_blocks} free blocks, {linked} in bins"));
        }
        Ok(())
    }
}
