//! A run that may begin: what it may take, and since when its time counts.

use std::time::Duration;

use sandtide::{Error, Limits, Outcome};
use sandtide_engine::{Request, Stopwatch};
use sandtide_wire::Moment;
use tokio::time::Instant;

use crate::blame::Script;

#[derive(Debug)]
pub(super) struct Due {
    pub(super) request: Request,
    /// When the caller's clock began, where it told.
    pub(super) since: Option<Stopwatch>,
    pub(super) limits: Limits,
    /// What it is of, when its worker is lost.
    pub(super) script: Script,
    /// When its wall time began.
    pub(super) began: Moment,
    /// When a worker was told of it, as far as one was.
    pub(super) said: Instant,
    pub(super) deadline: Instant,
    /// Whether a snapshot of its heap is wanted where it hits its limit.
    pub(super) snapshot: bool,
}

impl Due {
    /// How it ends that waited too long.
    pub(super) fn is_over(&self) -> Outcome {
        let mut outcome = Outcome::failed(Error::WallTime { limit: self.limits.wall });
        outcome.usage.wall = self.limits.wall;
        outcome
    }

    /// Notes that a worker is told of it now.
    pub(super) fn said(&mut self) {
        self.said = Instant::now();
    }

    /// Time since a worker was told of it.
    pub(super) fn ran(&self) -> Duration {
        self.said.elapsed()
    }
}
