//! `sandtide node`: runs trusted Node programs on QuickJS-NG.
//!
//! [`main`] is the whole interface. `runtime` sets the engine up and runs the program,
//! `event_loop` is what drives it, `bindings` are the native halves of the modules in `lib/`.
#![forbid(unsafe_code)]
// A closed pipe must be no panic.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod address;
mod allocations;
mod bindings;
mod blocking;
mod builtins;
pub mod event_loop;
mod fatal;
mod hooks;
mod inspector;
mod options;
mod platform;
mod poller;
mod runtime;
mod trace_gc;

/// Runs a Node program as `node` would: `args` are the command line's words without the program.
/// Does not return: the program's exit code is the process's.
pub fn main(args: Vec<String>) -> ! {
    runtime::start(args)
}
