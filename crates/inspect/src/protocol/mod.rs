//! The protocol of Chrome's debuggers: messages, sessions, and what the domains answer.
//!
//! An [`Agent`] belongs to one program. Its host hands it texts that came from clients and offers it
//! a [`Target`]: the program, its values (through the script [`VALUES`]), and a way to send. Must not
//! know how messages travel, what an engine is made of, or Node's modules.

mod agent;
mod breakpoints;
mod debugger;
pub mod discovery;
mod domains;
mod hidden;
mod message;
mod scripts;
mod target;

pub use agent::Agent;
pub use domains::{descriptor, is_known};
pub use message::{Fault, Request, decode, read_answer};
pub use scripts::NewScript;
pub use target::{Incoming, Place, SessionId, Step, Stop, StopReason, Target, Terminate};

/// The script that shows values, to be run in a realm of its own in the heap that it is to show: its value
/// is a function of what the host offers. See the first lines of `js/values.js`.
pub static VALUES: &str = concat!(
    "(function (given) {\n'use strict';\n",
    include_str!("../../js/values.js"),
    include_str!("../../js/remote.js"),
    include_str!("../../js/evaluate.js"),
    include_str!("../../js/methods.js"),
    "return { addContext, call, consoleCalled, exceptionThrown };\n})"
);

/// The script that joins [`VALUES`] with a sandbox, to be run in the sandbox before anything else: its
/// value is a function of what the engine offers and of the value of [`VALUES`].
pub static SANDBOX: &str = include_str!("../../js/sandbox.js");
