//! Moments that broker and worker both know: by the machine's monotonic clock, which processes share.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::codec::structure;

/// A moment, for a process of the same machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// On the monotonic clock, in ns.
    ns: u64,
}

structure!(Moment { ns });

impl Moment {
    /// This moment.
    #[must_use]
    pub fn now() -> Moment {
        let now = clock_gettime(ClockId::Monotonic);
        let (seconds, rest) = (now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs());
        Moment { ns: seconds.saturating_mul(1_000_000_000).saturating_add(rest) }
    }

    /// So long before this one.
    #[must_use]
    pub fn before(self, time: Duration) -> Moment {
        let ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Moment { ns: self.ns.saturating_sub(ns) }
    }

    /// Time since then; none where it has not come yet.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        Duration::from_nanos(Moment::now().ns.saturating_sub(self.ns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_counts_from_a_moment_on() {
        // The clock need not be older than this machine.
        let some = Duration::from_secs(5);
        let before = Moment::now().before(some);
        assert!(before.elapsed() >= some && before.elapsed() < 1_000_000 * some);
        let to_come = Moment { ns: u64::MAX };
        assert_eq!(to_come.elapsed(), Duration::ZERO);
    }
}
