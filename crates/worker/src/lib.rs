//! The processes that run scripts: the *zygote*, which makes an engine once, and the *workers* that
//! it forks, each for one tenant.
//!
//! A program whose supervisor starts it anew as its zygote calls [`run_if_zygote`] first thing in
//! `main`:
//!
//! ```no_run
//! sandtide_worker::run_if_zygote(&[]);
//! // … the program itself
//! ```
//!
//! Knows the engine and the messages; must not know tenants, queues, HTTP, or who asks.

mod channel;
mod debugging;
mod hosts;
mod sampling;
mod serve;
mod snapshots;
mod zygote;

pub use hosts::LocalFunction;
pub use zygote::run_if_zygote;
