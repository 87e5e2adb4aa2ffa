//! Sampling of runs for which the broker asks. The recorder is made in the zygote, because a worker can have
//! neither memory nor handlers later; its timer is this process's own.

use std::rc::Rc;
use std::time::Duration;

use sandtide_engine::{
    Sampled, SampledFunction, SampledStack, record_this_thread,
    sample::{Phase, Recorder as _},
};
use sandtide_inspect::profile::{Function, Profile};
use sandtide_inspect::record::{StartError, ThreadRecorder};
use sandtide_wire::{MOST_SAMPLED, sampled_bytes};

/// Bytes for the samples of one run: some thousands. Of a longer one the first are kept.
const ROOM: u32 = 512 << 10;

/// The tag of samples of a run; those between runs have 0.
const OF_RUN: u32 = 1;

/// What stands for stacks that had no room.
const OTHER: &str = "(other)";

pub(crate) struct Sampling {
    recorder: Rc<ThreadRecorder>,
    on: bool,
    /// This process has a timer for it.
    has_timer: bool,
}

impl Sampling {
    /// In the zygote.
    pub(crate) fn prepare() -> Result<Sampling, StartError> {
        Ok(Sampling {
            recorder: Rc::new(ThreadRecorder::asleep(ROOM)?),
            on: false,
            has_timer: false,
        })
    }

    /// For a thread that is sampled for a debugger.
    pub(crate) fn recorder(&self) -> Rc<ThreadRecorder> {
        Rc::clone(&self.recorder)
    }

    /// In a worker that was forked from it; answers the kernel's number of the timer. Where the system gives
    /// none, as to who may have no more pending signals, runs are not sampled, and go on as ever.
    pub(crate) fn adopt(&mut self) -> Option<i32> {
        let timer = self.recorder.adopt().ok();
        self.has_timer = timer.is_some();
        timer
    }

    /// Calls `run`, and says what was seen of it where `interval` says that it is to be sampled. The timer
    /// goes on from run to run, so that short ones are seen as often as they should.
    pub(crate) fn of<T>(
        &mut self,
        interval: Option<Duration>,
        run: impl FnOnce() -> T,
    ) -> (T, Option<Box<Sampled>>) {
        let interval = interval.filter(|_| self.has_timer);
        let on = interval.is_some();
        if on != self.on {
            let recorder = Rc::clone(&self.recorder);
            record_this_thread(on.then_some(recorder as _));
            self.on = on;
        }
        if self.has_timer {
            self.recorder.sample_each(interval);
        }
        if !on {
            return (run(), None);
        }
        self.recorder.set_tag(OF_RUN);
        let sampler = self.recorder.sampler();
        sampler.leave_for(OF_RUN);
        sampler.phase(Phase::Program);
        let result = run();
        self.recorder.set_tag(0);
        sampler.leave_for(0);
        sampler.phase(Phase::Idle);
        let profile = self.recorder.take().remove(&OF_RUN);
        (result, profile.as_ref().map(|profile| Box::new(told(profile))))
    }
}

fn function_of(function: &Function) -> SampledFunction {
    SampledFunction {
        name: function.name.clone(),
        file: function.file.clone(),
        line: function.line,
        column: function.column,
    }
}

/// What the broker is told: all of it, or what it takes and the rest as one.
fn told(profile: &Profile) -> Sampled {
    let mut sampled = Sampled::default();
    let mut numbers = std::collections::HashMap::<&Function, u32>::new();
    let mut room = MOST_SAMPLED / 2;
    let mut left_out = 0_u64;
    for top in profile.tops() {
        let lines: u64 = top.lines.values().sum();
        let unknown =
            (top.hits.saturating_sub(lines) > 0).then(|| (0, top.hits.saturating_sub(lines)));
        let at = top.lines.iter().map(|(&line, &hits)| (line, hits)).chain(unknown);
        for (line, hits) in at {
            let hits = u32::try_from(hits).unwrap_or(u32::MAX);
            let new = top.stack.iter().filter(|function| !numbers.contains_key(*function));
            let functions = vec![0; top.stack.len()];
            let mut stack = SampledStack { hits, line, functions };
            let bytes = sampled_bytes(None, Some(&stack))
                + new
                    .map(|function| sampled_bytes(Some(&function_of(function)), None))
                    .sum::<usize>();
            let Some(rest) = room.checked_sub(bytes) else {
                left_out += u64::from(hits);
                continue;
            };
            room = rest;
            for (number, function) in stack.functions.iter_mut().zip(&top.stack) {
                *number = *numbers.entry(function).or_insert_with(|| {
                    sampled.functions.push(function_of(function));
                    sampled.functions.len() as u32 - 1
                });
            }
            sampled.stacks.push(stack);
        }
    }
    if left_out > 0 {
        let name = OTHER.to_owned();
        sampled.functions.push(SampledFunction { name, ..SampledFunction::default() });
        let functions = vec![sampled.functions.len() as u32 - 1];
        let hits = u32::try_from(left_out).unwrap_or(u32::MAX);
        sampled.stacks.push(SampledStack { hits, line: 0, functions });
    }
    sampled
}

#[cfg(test)]
mod tests {
    use super::*;
    use sandtide_inspect::profile::State;

    #[test]
    fn what_has_no_room_is_told_as_one_and_all_samples_are_there() {
        let mut profile = Profile::new(Duration::from_millis(1), 0);
        for number in 0..20_000_u32 {
            let name = format!("function{number}");
            let function = profile.function(Function { name, ..Function::default() });
            profile.add(1, State::Running, [(function, number)]);
        }
        profile.add(1, State::Restore, []);
        let sampled = told(&profile);
        let hits: u64 = sampled.stacks.iter().map(|stack| u64::from(stack.hits)).sum();
        assert_eq!(hits, 20_001);
        let bytes: usize = sampled.functions.iter().map(|one| sampled_bytes(Some(one), None)).sum();
        assert!(bytes > MOST_SAMPLED / 8 && bytes < MOST_SAMPLED);
        assert_eq!(sampled.functions.last().map(|one| &*one.name), Some(OTHER));
    }
}
