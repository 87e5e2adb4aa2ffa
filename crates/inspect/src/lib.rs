//! Diagnosis: what the engine tells of a heap and of where time goes, in the formats that the usual
//! viewers open.
//!
//! * [`snapshot`] writes `.heapsnapshot`, which Chrome DevTools, VS Code and memlab read.
//! * [`profile`] adds up sampled stacks, and writes `.cpuprofile`, pprof, folded stacks and flame graphs.
//! * [`record`] samples the calling thread for it.
//! * [`allocations`] adds up where what is still there was allocated, and writes `.heapprofile`.
//! * [`leaks`] compares a heap with what it was, and says what grows and who holds it.
//! * [`protocol`] is what debuggers say to a program and what they are answered.
//! * [`files`] has the names that Node gives to such files.
//!
//! This crate owns formats and the protocol. It must not know who asks for them: neither arenas and runs, nor HTTP,
//! nor Node's modules.

#![forbid(unsafe_code)]

pub mod allocations;
mod cells;
pub mod files;
pub mod leaks;
pub mod profile;
pub mod protocol;
pub mod record;
pub mod snapshot;
mod walking;

/// What tells of allocations.
pub use sandtide_quickjs::allocations as watching;
/// What samples a thread.
pub use sandtide_quickjs::sample;
