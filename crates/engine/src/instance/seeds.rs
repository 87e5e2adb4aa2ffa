//! Seeds of runs: of `Math.random`, and of the engine's hashes.
//!
//! A guest can compute its own seed from what `Math.random` answers it, because the engine's
//! generator can be turned back. So seeds are drawn from ChaCha under a key that only this process
//! has: no seed can be computed from another. The standard library's keyed hasher would not do,
//! because it promises nothing against somebody who sees its outputs.

use crate::error::Error;
use crate::sys;
use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use std::sync::OnceLock;

/// The seeds that one arena draws.
pub(super) struct Seeds(ChaCha8Rng);

impl std::fmt::Debug for Seeds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seeds")
    }
}

impl Seeds {
    /// The seeds of the arena with this number: a stream of its own under the process's key.
    pub(super) fn new(arena: u64) -> Result<Seeds, Error> {
        let mut generator = ChaCha8Rng::from_seed(key()?);
        generator.set_stream(arena);
        Ok(Seeds(generator))
    }

    /// Seeds under a key of their own, which no other process has: one that came with a fork is
    /// known in all of them.
    pub(super) fn apart() -> Result<Seeds, Error> {
        Ok(Seeds(ChaCha8Rng::from_seed(fresh_key()?)))
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0.next_u64()
    }
}

/// The process's key, from the system's randomness.
fn key() -> Result<[u8; 32], Error> {
    static KEY: OnceLock<[u8; 32]> = OnceLock::new();
    if let Some(key) = KEY.get() {
        return Ok(*key);
    }
    let key = fresh_key()?;
    Ok(*KEY.get_or_init(|| key))
}

fn fresh_key() -> Result<[u8; 32], Error> {
    let mut key = [0; 32];
    sys::fill_random(&mut key)?;
    Ok(key)
}

/// The seeds of `Math.random` and of hashes in a frozen run: they are the caller's, and the same
/// everywhere.
pub(super) fn frozen_seeds(seed: u64) -> (u64, u64) {
    (mix(seed), mix(!seed))
}

/// The output function of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014): seeds that are close to each other start the engine's generator far apart.
fn mix(seed: u64) -> u64 {
    let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// The inverse of `mix`.
    fn unmix(mixed: u64) -> u64 {
        let inverse = |factor: u64| {
            (0..6).fold(1_u64, |x, _| x.wrapping_mul(2_u64.wrapping_sub(factor.wrapping_mul(x))))
        };
        let z = mixed ^ (mixed >> 31) ^ (mixed >> 62);
        let z = z.wrapping_mul(inverse(0x94d0_49bb_1331_11eb));
        let z = z ^ (z >> 27) ^ (z >> 54);
        let z = z.wrapping_mul(inverse(0xbf58_476d_1ce4_e5b9));
        z ^ (z >> 30) ^ (z >> 60)
    }

    #[test]
    fn seeds_are_not_those_of_a_counter_behind_an_invertible_function() {
        assert_eq!(unmix(mix(0x1234_5678_9abc_def0)), 0x1234_5678_9abc_def0);
        let mut seeds = Seeds::new(1).unwrap();
        let steps: HashSet<u64> =
            (0..100).map(|_| unmix(seeds.draw()).wrapping_sub(unmix(seeds.draw()))).collect();
        assert_eq!(steps.len(), 100);
    }

    #[test]
    fn no_two_seeds_of_any_arenas_are_the_same() {
        let mut seen = HashSet::new();
        for arena in 0..20 {
            let mut seeds = Seeds::new(arena).unwrap();
            let drawn: Vec<u64> = (0..100).map(|_| seeds.draw()).collect();
            assert!(drawn.iter().all(|seed| seen.insert(*seed)), "arena {arena}");
        }
    }
}
