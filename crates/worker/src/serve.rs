//! A worker's loop: images and runs of one tenant, one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sandtide::{Image, ImageBuilder, Instance, Run};
use sandtide_engine::{EntryPoint, Error, Form, Limits, Outcome, Plan, Request, Stopwatch};
use sandtide_wire::{Facts, FromWorker, ImagePlan, ImageSource, Moment, ToWorker};

use crate::hosts::{self, LocalFunction, NO_RUN, with_channel};
use crate::sampling::Sampling;
use crate::snapshots;

/// Images that are built in less are built again by each worker: that takes about as long as their bytes'
/// way.
const WORTH_CARRYING: Duration = Duration::from_millis(1);
/// The least limit of wall time that there is.
const LEAST_TIME: Duration = Duration::from_millis(1);

/// What is told of an image that was built, and the image itself where it is to be carried.
type Built = (Facts, Option<Arc<[u8]>>);

pub(crate) struct Worker {
    pub(crate) instance: Instance,
    pub(crate) local: &'static [LocalFunction],
    /// The largest stack that a run may have: there is no other one.
    pub(crate) stack: usize,
    pub(crate) images: BTreeMap<u64, Image>,
    pub(crate) sampling: Sampling,
    /// Bytes that what is found for a snapshot may take.
    pub(crate) scratch: usize,
}

impl Worker {
    /// Does what the broker says until it is gone, which ends the process.
    pub(crate) fn serve(mut self) -> ! {
        loop {
            match hosts::next_message() {
                Some(ToWorker::Deploy { image, plan, carry }) => {
                    hosts::begin_run(NO_RUN);
                    let answer = match self.deploy(image, plan, carry) {
                        Ok((facts, carried)) => FromWorker::Deployed { image, facts, carried },
                        Err(error) => FromWorker::Refused { image, error },
                    };
                    with_channel(|channel| channel.send(&answer));
                }
                Some(ToWorker::Load { image, plan, carried }) => {
                    // The broker loads what was deployed before, whose form it knows.
                    let form = plan.entry.as_ref().and_then(|entry| entry.form);
                    let plan = self.plan(plan, form);
                    self.load(image, plan, carried.as_deref());
                }
                Some(ToWorker::Forget { image }) => {
                    if let Some(image) = self.images.remove(&image) {
                        self.instance.forget_built(&image);
                    }
                }
                Some(ToWorker::Snapshot { run, image }) => {
                    let error = self.look(run, image).err();
                    with_channel(|channel| channel.send(&FromWorker::Looked { run, error }));
                }
                Some(ToWorker::Run { run, image, began, snapshot, mut request }) => {
                    hosts::begin_run(run);
                    if snapshot {
                        request.look = Some(snapshots::at_limit(run, self.scratch));
                    }
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
                // Of workers that are forked for it.
                Some(ToWorker::Debug { .. } | ToWorker::Happened { .. }) => {
                    sandtide_confine::leave(0)
                }
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

    /// Keeps an image that is built for the run that first asks for it, or was built elsewhere.
    fn load(&mut self, number: u64, plan: Plan, carried: Option<&[u8]>) {
        let image = Image::of_plan(plan.clone());
        if let Some(bytes) = carried {
            // SAFETY: the broker hands on what a worker of this tenant answered with `to_carried`, to
            // workers of the same zygote only (`Inner::carried_for` in the supervisor), which were forked after it
            // made the instance and ran nothing before; and the plan is the one that was deployed with it.
            // A worker that its guest has taken over can answer anything, and break this: what follows
            // reaches workers of its own tenant only, each as confined as the one that answered.
            let built = unsafe { self.instance.engine().carried_image(&plan, bytes) };
            // Bytes that are no image are one that is built here.
            if let Ok(built) = built {
                self.instance.keep_built(&image, &built);
            }
        }
        self.images.insert(number, image);
    }

    /// Writes a snapshot of an image's heap.
    fn look(&mut self, run: u64, image: Option<u64>) -> Result<(), Error> {
        let image = match image {
            None => Image::base(),
            Some(number) => self.images.get(&number).cloned().ok_or(Error::NoScript)?,
        };
        self.instance.load(&image)?;
        let (look, written) = snapshots::of_image(run, self.scratch);
        self.instance.look(&look)?;
        written.take().unwrap_or(Err(Error::Cancelled))
    }

    /// The image's facts, and the image itself where it takes no more than `carry` bytes.
    fn deploy(&mut self, number: u64, plan: ImagePlan, carry: usize) -> Result<Built, Error> {
        let form = match &plan.entry {
            None => None,
            Some(ImageSource { form: Some(form), .. }) => Some(*form),
            Some(ImageSource { source, form: None }) => {
                let limits = limits_of(&plan.limits, self.stack);
                Some(self.instance.engine().check(source, &limits)?.form)
            }
        };
        let image = self.instance.build(ImageBuilder::of_plan(self.plan(plan, form)))?;
        let facts = Facts {
            // Building it has shown whether it is a handler.
            form: image.form(),
            held: image.bytes(),
            heap: image.heap_bytes(),
            build_time: image.build_time(),
        };
        let worth_it = image.build_time() >= WORTH_CARRYING && image.bytes() <= carry;
        let built = if worth_it { self.instance.built(&image) } else { None };
        let carried = built.map(|built| built.to_carried()).filter(|bytes| bytes.len() <= carry);
        self.images.insert(number, image);
        Ok((facts, carried.map(Arc::from)))
    }

    fn plan(&self, plan: ImagePlan, form: Option<Form>) -> Plan {
        plan_of(plan, form, self.stack, self.local)
    }
}

fn limits_of(limits: &Limits, stack: usize) -> Limits {
    Limits { stack: limits.stack.min(stack), ..*limits }
}

/// What the engine makes of what the broker says. `stack` is the largest that a run may have.
pub(crate) fn plan_of(
    plan: ImagePlan,
    form: Option<Form>,
    stack: usize,
    local: &[LocalFunction],
) -> Plan {
    let entry = match plan.entry {
        None => EntryPoint::AdHoc,
        Some(ImageSource { source, .. }) => match form {
            Some(Form::Function | Form::Handler) => EntryPoint::Module(source),
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
            .map(|(position, (name, promise))| hosts::function(position, name, *promise, local))
            .collect(),
        limits: limits_of(&plan.limits, stack),
        frozen: None,
        time_zone: plan.time_zone,
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
