//! `sandtide host`: runs scripts for a program in another language that started it, as the npm package
//! `sandtide` does. Frames come by one descriptor and go by another; `crates/wire/HOST.md` is their
//! reference. The host ends when its input does, so that it ends with the program, however that ends.
//!
//! | module | what it is for |
//! |---|---|
//! | `input` | frames from bytes |
//! | `output` | frames to bytes: whoever has something to say writes it, without waiting |
//! | `calls` | calls of the program's functions that wait for their answers |
//! | `scripts` | what was compiled, for each tenant that ran it |
//! | `pools` | runs that wait and runs that are on, and the threads that carry them out |
//! | `session` | which message does what |
//!
//! Must not know what the program is written in, nor how workers are made.
#![forbid(unsafe_code)]

mod calls;
mod input;
mod output;
mod pools;
mod scripts;
mod session;

use std::io;
use std::os::fd::OwnedFd;

pub use session::serve;

/// Why a host ended before its input did.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The program said something that is no message, or not in its turn; it was told so.
    #[error("the program said what is no message: {0}")]
    Protocol(String),
    /// Workers could not be started; the program was told so.
    #[error("{0}")]
    Start(String),
    /// Threads could not be started, or descriptors not be used.
    #[error("the host cannot go on: {0}")]
    System(#[from] io::Error),
}

/// Where frames come from and go to.
#[derive(Debug)]
pub struct Ends {
    /// Frames of the program.
    pub input: OwnedFd,
    /// Frames of the host. It is made non-blocking.
    pub output: OwnedFd,
}
