//! One run: what it is asked, what it knows while it is on, how it is driven to its end, and what
//! comes out.
//!
//! Must not know how an arena is restored.

pub(crate) mod callbacks;
pub(crate) mod completions;
pub(crate) mod console;
pub(crate) mod drive;
pub(crate) mod exception;
pub(crate) mod host_calls;
pub(crate) mod local;
pub(crate) mod look;
pub(crate) mod outside;
pub(crate) mod request;
pub(crate) mod state;

pub use local::{Local, Scope};
pub use look::{Look, Looked, Moment};
pub use request::{
    Frozen, GlobalsBack, LogLevel, LogLine, Outcome, Request, Sampled, SampledFunction,
    SampledStack, Source, check_time_zone,
};
