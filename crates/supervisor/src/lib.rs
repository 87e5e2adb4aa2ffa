//! Runs scripts in processes of their own, confined so that a script which owns its process can end
//! that process and nothing else.
//!
//! The program that uses this crate is the *broker*: it runs no guest code, not even a parser of
//! scripts. A [`Supervisor`] starts the program anew as a *zygote*, which makes an engine once and
//! forks *workers*; each worker serves one tenant until it ends. The broker takes every byte of a
//! worker as hostile, ends a worker that overstays its deadline, and replaces those that are lost.
//! Host functions are executed here, in the broker, on behalf of the script: their arguments come
//! from a hostile process, too.
//!
//! ```no_run
//! use sandtide::{Deployment, Run, Runs, ScriptOptions, Value};
//! use sandtide_supervisor::Supervisor;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! // `main` has called `sandtide_worker::run_if_zygote(&[])` before.
//! let supervisor = Supervisor::builder().start().await?;
//! let deployment = Deployment::new("tenant").script("a + 1", ScriptOptions::new());
//! let image = supervisor.deploy(deployment).await?;
//! let outcome = supervisor.run(&image, Run::new().global("a", 41)).await;
//! assert_eq!(outcome.result?, Value::from(42));
//! # Ok(())
//! # }
//! ```
//!
//! `examples/wall.rs` of `sandtide-worker` is a whole program.
//!
//! Knows messages and processes; must not know HTTP, nor the engine beyond the values that cross.
#![forbid(unsafe_code)]

mod account;
mod blame;
mod builder;
mod cgroup;
mod drive;
mod events;
mod image;
mod link;
mod look;
mod losses;
mod lost;
mod reaper;
mod shelf;
mod start;
mod supervisor;
mod worker;
mod zygote;

pub use builder::{StartError, SupervisorBuilder};
pub use cgroup::{CgroupFound, find_cgroup};
pub use events::{Event, Events};
pub use image::DeployedImage;
pub use look::SnapshotSink;
pub use sandtide_confine::tracks_pages;
pub use sandtide_confine::{
    Allowed, CALLS, Layer, Layers, NEEDED, Needed, ZYGOTE_CALLS, calls_missing, landlock_abi,
    landlock_gaps,
};
pub use sandtide_wire::THREAD_STACK;
pub use supervisor::{Counts, DebugHost, Happened, NotRun, Prod, Supervisor};
