//! Which of a script's versions a run is given, where one has a share beside the active one. Knows nothing of HTTP,
//! of scripts, nor of how shares are kept.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use sha2::{Digest, Sha256};

use crate::error::ApiError;

/// Parts that all runs are divided into.
const PARTS: u64 = 10_000;

/// Which of two versions a run was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Active,
    Canary,
}

impl Side {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Canary => "canary",
        }
    }
}

/// What decides which version a run is given. It is drawn once for each, however often is looked which version that is.
#[derive(Clone, Copy)]
pub(crate) enum Draw<'a> {
    Key(&'a str),
    Chance(u64),
}

impl<'a> Draw<'a> {
    /// By the run's key, or else by chance.
    pub(crate) fn of(key: Option<&'a str>) -> Self {
        static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        static RUNS: AtomicU64 = AtomicU64::new(0);
        match key {
            Some(key) => Self::Key(key),
            None => Self::Chance(HASHER.hash_one(RUNS.fetch_add(1, Ordering::Relaxed)) % PARTS),
        }
    }

    /// Whether a version with this share, told by its tenant's, script's and own name, gets the run. Runs of one key all
    /// go to one version, on every server, as long as the share is the same; whoever is among 5 % is among 10 % of the
    /// same version too.
    pub(crate) fn falls_to(self, of: [&str; 3], percent: u8) -> bool {
        self.part(of) < share(percent)
    }

    /// In which part the run is, of a version.
    fn part(self, of: [&str; 3]) -> u64 {
        match self {
            Self::Key(key) => part(of, key),
            Self::Chance(part) => part,
        }
    }
}

/// The parts that a share has.
fn share(percent: u8) -> u64 {
    u64::from(percent) * (PARTS / 100)
}

/// In which part a run of a key is.
fn part(of: [&str; 3], key: &str) -> u64 {
    let mut hash = Sha256::new();
    for text in of.into_iter().chain([key]) {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let [a, b, c, d, e, f, g, h, ..] = hash;
    u64::from_le_bytes([a, b, c, d, e, f, g, h]) % PARTS
}

/// A share that a request asks for.
pub(crate) fn percent(asked: u64) -> Result<u8, ApiError> {
    match u8::try_from(asked) {
        Ok(percent @ 1..=99) => Ok(percent),
        _ => Err(ApiError::InvalidRequest(
            "a canary's share is a whole number of percent from 1 to 99; to give a version all runs, activate it"
                .to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{Draw, PARTS, part, percent, share};

    const OF: [&str; 3] = ["tenant", "script", "version"];

    fn share_of(keys: impl Iterator<Item = Option<String>>, percent: u8) -> usize {
        keys.filter(|key| Draw::of(key.as_deref()).part(OF) < share(percent)).count()
    }

    #[test]
    fn of_many_keys_as_many_are_taken_as_the_share_says() {
        // The same keys each time; five standard deviations of as many throws.
        let taken = share_of((0..20_000).map(|key| Some(key.to_string())), 5);
        assert!(taken.abs_diff(1_000) < 155, "{taken}");
    }

    #[test]
    fn of_many_runs_without_a_key_about_as_many_are_taken() {
        let taken = share_of((0..20_000).map(|_| None), 20);
        // Ten standard deviations.
        assert!(taken.abs_diff(4_000) < 570, "{taken}");
    }

    #[test]
    fn a_key_is_in_one_part_which_is_another_one_of_another_version() {
        // Not by chance: it is the same in every process and release.
        assert_eq!(part(OF, "a"), part(["tenant", "script", "version"], "a"));
        let other = ["tenant", "script", "other"];
        let differ = (0..100).filter(|key| {
            let key = key.to_string();
            part(OF, &key) != part(other, &key)
        });
        assert!(differ.count() > 90);
        assert_ne!(part(["ab", "c", ""], "k"), part(["a", "bc", ""], "k"));
    }

    #[test]
    fn a_run_without_a_key_is_in_one_part_however_often_it_is_asked_for() {
        for _ in 0..100 {
            let draw = Draw::of(None);
            let other = ["tenant", "script", "other"];
            assert!(draw.part(OF) == draw.part(OF) && draw.part(OF) == draw.part(other));
        }
    }

    #[test]
    fn a_share_is_from_1_to_99_percent() {
        for bad in [0, 100, 256, 257, u64::MAX] {
            assert_eq!(percent(bad).unwrap_err().code(), "ERR_INVALID_REQUEST", "{bad}");
        }
        assert_eq!((percent(1).unwrap(), percent(99).unwrap()), (1, 99));
        assert!(share(99) < PARTS);
    }
}
