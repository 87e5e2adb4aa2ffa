//! A worker's loop: images and runs of one tenant, one after the other.

use std::collections::BTreeMap;
use std::time::Duration;

use sandtide::{Image, ImageBuilder, Instance, Run};
use sandtide_engine::{EntryPoint, Error, Form, Limits, Outcome, Plan, Request, Stopwatch};
use sandtide_wire::{Facts, FromWorker, ImagePlan, ImageSource, Moment, ToWorker};

use crate::hosts::{self, LocalFunction, with_channel};
use crate::sampling::Sampling;

/// The least limit of wall time that there is.
const LEAST_TIME: Duration = Duration::from_millis(1);

pub(crate) struct Worker {
    pub(crate) instance: Instance,
    pub(crate) local: &'static [LocalFunction],
    /// The largest stack that a run may have: there is no other one.
    pub(crate) stack: usize,
    pub(crate) images: BTreeMap<u64, Image>,
    pub(crate) sampling: Sampling,
}

impl Worker {
    /// Does what the broker says until it is gone, which ends the process.
    pub(crate) fn serve(mut self) -> ! {
        loop {
            match hosts::next_message() {
                Some(ToWorker::Deploy { image, plan }) => {
                    let answer = match self.deploy(image, plan) {
                        Ok(facts) => FromWorker::Deployed { image, facts },
                        Err(error) => FromWorker::Refused { image, error },
                    };
                    with_channel(|channel| channel.send(&answer));
                }
                Some(ToWorker::Load { image, plan }) => {
                    // The broker loads what was deployed before, whose form it knows.
                    let form = plan.entry.as_ref().and_then(|entry| entry.form);
                    let plan = self.plan(plan, form);
                    self.images.insert(image, Image::of_plan(plan));
                }
                Some(ToWorker::Forget { image }) => _ = self.images.remove(&image),
                Some(ToWorker::Run { run, image, began, request }) => {
                    hosts::begin_run(run);
                    let outcome = Box::new(self.run(image, began, request));
                    let done = FromWorker::Done { run, outcome };
                    if !self.instance.is_usable() {
                        with_channel(|channel| channel.send(&done));
                        sandtide_confine::leave(0);
                    }
                    with_channel(|channel| channel.send_together(&done));
                }
                // To a call of a run that ended before its reply came.
                Some(ToWorker::HostReply { .. }) | None => {}
            }
        }
    }

    /// Runs, within what is left of the wall time that counts from `began`.
    fn run(&mut self, image: Option<u64>, began: Moment, request: Request) -> Outcome {
        let wall = request.limits.wall;
        let waited = began.elapsed();
        match wall.checked_sub(waited) {
            Some(left) if left >= LEAST_TIME => {
                as_of_whole(self.run_for(left, image, request), left, wall)
            }
            _ => {
                let mut over = Outcome::failed(Error::WallTime { limit: wall });
                over.usage.wall = waited.max(wall);
                over
            }
        }
    }

    fn run_for(&mut self, wall: Duration, image: Option<u64>, request: Request) -> Outcome {
        let stack = request.limits.stack.min(self.stack);
        let limits = Limits { stack, wall, ..request.limits };
        let request = Request { limits, since: Some(Stopwatch::start()), ..request };
        let image = match image {
            None => Image::base(),
            Some(number) => match self.images.get(&number) {
                Some(image) => image.clone(),
                None => return Outcome::failed(Error::NoScript),
            },
        };
        let (instance, sample) = (&mut self.instance, request.sample);
        let run = Run::of_request(request);
        let (mut outcome, sampled) = self.sampling.of(sample, || instance.run_image(&image, &run));
        outcome.sampled = sampled;
        outcome
    }

    fn deploy(&mut self, number: u64, plan: ImagePlan) -> Result<Facts, Error> {
        let form = match &plan.entry {
            None => None,
            Some(ImageSource { form: Some(form), .. }) => Some(*form),
            Some(ImageSource { source, form: None }) => {
                let limits = self.limits(&plan.limits);
                Some(self.instance.engine().check(source, &limits)?.form)
            }
        };
        let image = self.instance.build(ImageBuilder::of_plan(self.plan(plan, form)))?;
        let facts = Facts {
            form,
            held: image.bytes(),
            heap: image.heap_bytes(),
            build_time: image.build_time(),
        };
        self.images.insert(number, image);
        Ok(facts)
    }

    fn limits(&self, limits: &Limits) -> Limits {
        Limits { stack: limits.stack.min(self.stack), ..*limits }
    }

    fn plan(&self, plan: ImagePlan, form: Option<Form>) -> Plan {
        let entry = match plan.entry {
            None => EntryPoint::AdHoc,
            Some(ImageSource { source, .. }) => match form {
                Some(Form::Function) => EntryPoint::Module(source),
                _ => EntryPoint::Classic(source),
            },
        };
        let hosts = plan.hosts.iter().enumerate();
        Plan {
            setup: plan.setup,
            entry,
            modules: plan.modules,
            globals: plan.globals,
            hosts: hosts
                .map(|(position, (name, promise))| {
                    hosts::function(position, name, *promise, self.local)
                })
                .collect(),
            limits: self.limits(&plan.limits),
            frozen: None,
            time_zone: plan.time_zone,
        }
    }
}

/// The outcome of a run that had `left` of its wall time, as of one that had `wall`.
fn as_of_whole(mut outcome: Outcome, left: Duration, wall: Duration) -> Outcome {
    outcome.usage.wall += wall - left;
    if let Err(Error::WallTime { limit }) = &mut outcome.result
        // An image that had to be built has a limit of its own.
        && *limit == left
    {
        *limit = wall;
        outcome.usage.wall = outcome.usage.wall.max(wall);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_ended_a_run_is_told_whole_and_that_of_a_build_as_it_is() {
        let second = Duration::from_secs(1);
        let ended = |limit| {
            let outcome = Outcome::failed(Error::WallTime { limit });
            let outcome = as_of_whole(outcome, 5 * second, 8 * second);
            let Err(Error::WallTime { limit }) = outcome.result else { panic!("it was") };
            (limit, outcome.usage.wall)
        };
        assert_eq!(ended(5 * second), (8 * second, 8 * second), "its own");
        assert_eq!(ended(second), (second, 3 * second), "of the build, after a wait");
    }
}
