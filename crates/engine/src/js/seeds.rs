//! The engine's random state and hash seed, which must differ between two runs of one image. Must not
//! know where seeds come from, nor what else must change after a restore.

use super::cx::Cx;
use super::raw::{sandtide_holds_hashes, sandtide_reseed};
#[cfg(test)]
use sandtide_quickjs::sandtide_hash_seed;
use std::ptr;

impl Cx {
    /// Gives the context another random state, and another hash seed where one is given: only for a
    /// heap that [holds no hashes](Cx::holds_hashes).
    pub(crate) fn reseed(self, random: u64, hash_seed: Option<u32>) {
        let seed = hash_seed.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the context is live as long as `self`, no engine code runs between two entries, and
        // the seed is read during the call.
        unsafe { sandtide_reseed(self.ctx, random, seed) }
    }

    /// The hash seed, which places the keys of maps and sets.
    #[cfg(test)]
    pub(crate) fn hash_seed(self) -> u32 {
        // SAFETY: the context is live as long as `self`.
        unsafe { sandtide_hash_seed(self.ctx) }
    }

    /// Whether the heap holds anything that was placed by the hash seed: such an image keeps the
    /// seed it was built with.
    pub(crate) fn holds_hashes(self) -> bool {
        // SAFETY: the runtime is live as long as `self`, and no engine code runs between two entries.
        unsafe { sandtide_holds_hashes(self.runtime()) }
    }
}
