//! One run: what it is asked, what it knows while it is on, how it is driven to its end, and what
//! comes out.
//!
//! Must not know how an arena is restored.

pub(crate) mod drive;
pub(crate) mod exception;
pub(crate) mod outside;
mod request;
pub(crate) mod state;

pub use request::{Frozen, GlobalsBack, Input, LogLevel, LogLine, Outcome, Request, Source};
