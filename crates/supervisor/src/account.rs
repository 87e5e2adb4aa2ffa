//! What workers say that they took, held to what this process knows itself: time by its own clocks and the
//! kernel's, bytes by limits. A worker may say any number, and what is said here is charged, summed up
//! and kept. Bytes that were answered are counted where they are decoded.
//!
//! Must not know who is charged.

use std::time::Duration;

use sandtide::{Limits, Usage};
use sandtide_wire::Facts;

/// Putting a heap back may write it twice: what an image holds, and what a run wrote.
const WRITTEN_OFTEN: usize = 2;
/// What a worker takes beside a run, for its messages: more than this is the run's.
pub(crate) const BESIDE: Duration = Duration::from_micros(500);

/// What is known of a run, or of a build, whatever its worker says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known<'a> {
    pub(crate) limits: &'a Limits,
    /// Bytes of the largest heap that any run may have: that of a worker.
    pub(crate) heap: usize,
    /// Time since the run was asked for.
    pub(crate) wall: Duration,
    /// Time since its worker was told of it.
    pub(crate) told: Duration,
    /// What its worker had of processors since it last stood ready, where the system tells.
    pub(crate) processor: Option<Duration>,
}

impl Known<'_> {
    /// Lowers what is more than can be.
    pub(crate) fn cap(&self, usage: &mut Usage) {
        let Known { limits, heap, wall, told, processor } = *self;
        let Usage { build, cpu, timers, restore, .. } = usage;
        for time in [build, timers, restore] {
            *time = (*time).min(told);
        }
        *cpu = (*cpu).min(processor.unwrap_or(told));
        usage.wall = usage.wall.min(wall);
        usage.peak_heap = usage.peak_heap.min(limits.heap.min(heap));
        usage.bytes_restored = usage.bytes_restored.min(heap.saturating_mul(WRITTEN_OFTEN));
        usage.logs = usage.logs.min(limits.logs);
        usage.jobs = usage.jobs.min(limits.jobs);
    }

    /// The same, and raises its CPU time to what its worker had, where it says much less.
    pub(crate) fn hold(&self, usage: &mut Usage) {
        self.cap(usage);
        let said = [usage.cpu, usage.restore];
        usage.cpu = usage.cpu.saturating_add(self.unsaid(said.into_iter().sum(), 1));
    }

    /// What a worker had of processors and did not say of so many runs.
    pub(crate) fn unsaid(&self, said: Duration, runs: u32) -> Duration {
        let left = self.processor.and_then(|had| had.checked_sub(said));
        left.filter(|left| *left > BESIDE.saturating_mul(runs)).unwrap_or_default()
    }

    /// What is said of an image, of which so many bytes came along.
    pub(crate) fn facts(&self, facts: &mut Facts, carried: usize) {
        let most = self.heap.saturating_mul(WRITTEN_OFTEN);
        facts.held = facts.held.clamp(carried.min(most), most);
        facts.heap = facts.heap.min(self.heap);
        facts.build_time = facts.build_time.min(self.told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn known(limits: &Limits, processor: Option<Duration>) -> Known<'_> {
        Known { limits, heap: 128 << 20, wall: 3 * SECOND, told: 2 * SECOND, processor }
    }

    fn said(time: Duration, bytes: usize) -> Usage {
        let mut usage = Usage::default();
        for each in [
            &mut usage.wall,
            &mut usage.build,
            &mut usage.cpu,
            &mut usage.timers,
            &mut usage.restore,
        ] {
            *each = time;
        }
        for each in
            [&mut usage.peak_heap, &mut usage.bytes_restored, &mut usage.output, &mut usage.logs]
        {
            *each = bytes;
        }
        usage.jobs = bytes as u32;
        usage
    }

    #[test]
    fn nothing_is_more_than_the_clock_and_the_limits_allow() {
        let limits = Limits::default();
        let mut usage = said(Duration::MAX, usize::MAX);
        known(&limits, Some(SECOND)).hold(&mut usage);
        assert_eq!((usage.wall, usage.cpu), (3 * SECOND, SECOND));
        assert_eq!([usage.build, usage.timers, usage.restore], [2 * SECOND; 3]);
        assert_eq!((usage.peak_heap, usage.logs), (limits.heap, limits.logs));
        assert_eq!((usage.bytes_restored, usage.jobs), (256 << 20, limits.jobs));
        // Where the system does not tell, time is an upper bound.
        let mut usage = said(Duration::MAX, 0);
        known(&limits, None).hold(&mut usage);
        assert_eq!(usage.cpu, 2 * SECOND);
    }

    #[test]
    fn what_was_used_is_charged_whatever_is_said() {
        let limits = Limits::default();
        let charged = |says: Duration, had: Duration| {
            let mut usage = said(Duration::ZERO, 0);
            usage.cpu = says;
            known(&limits, Some(had)).hold(&mut usage);
            usage.cpu
        };
        assert_eq!(charged(Duration::ZERO, SECOND), SECOND);
        assert_eq!(charged(SECOND / 2, SECOND), SECOND);
        // What messages take is not told as the run's.
        assert_eq!(charged(SECOND, SECOND + BESIDE), SECOND);
        assert_eq!(charged(SECOND, SECOND / 2), SECOND / 2);
    }

    #[test]
    fn an_image_takes_what_came_of_it_and_no_more_than_there_is() {
        let limits = Limits::default();
        let mut facts =
            Facts { form: None, held: usize::MAX, heap: usize::MAX, build_time: Duration::MAX };
        known(&limits, None).facts(&mut facts, 0);
        let Facts { held, heap, build_time, .. } = facts;
        assert_eq!((held, heap, build_time), (256 << 20, 128 << 20, 2 * SECOND));
        let mut facts = Facts::default();
        known(&limits, None).facts(&mut facts, 7);
        assert_eq!(facts.held, 7);
    }
}
