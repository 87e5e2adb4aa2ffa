//! What the suites of generated programs share: random choices from a seed, how many rounds, and rounds
//! that run in a child process, so that one that ends the process is a failure that names its seed.
//!
//! `SANDTIDE_ROUNDS` says how many rounds each such test runs (a long search: 100000), and
//! `SANDTIDE_SEED` with which seed it begins; to see one case again, give its seed and one round.
#![allow(dead_code, reason = "each suite uses a part of it")]

use std::env;
use std::process::Command;

/// Choices from a seed: SplitMix64.
pub(crate) struct Choices(u64);

impl Choices {
    pub(crate) fn new(seed: u64) -> Choices {
        Choices(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5eed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// Whether one of `of` happens.
    pub(crate) fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub(crate) fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not {text:?}")))
}

const CHILD: &str = "SANDTIDE_ROUND_CHILD";

/// Runs `round` with one seed after the other, `rounds` of them unless the environment says another
/// number, in a child process that runs nothing but the test `name`.
pub(crate) fn rounds(name: &str, rounds: u64, mut round: impl FnMut(u64)) {
    let first = number("SANDTIDE_SEED").unwrap_or(1);
    let rounds = number("SANDTIDE_ROUNDS").unwrap_or(rounds);
    if env::var_os(CHILD).is_some() {
        for seed in first..first + rounds {
            eprintln!("seed {seed}");
            round(seed);
        }
        return;
    }
    let program = env::current_exe().expect("a test knows its program");
    let output = Command::new(program)
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .expect("a test can run its own program");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("1 passed") || !output.status.success(),
        "no test of the name {name}"
    );
    if !output.status.success() {
        let at = text.rfind("\nseed ").map_or(0, |at| at + 1);
        panic!("{}: {}", output.status, &text[at..]);
    }
}
