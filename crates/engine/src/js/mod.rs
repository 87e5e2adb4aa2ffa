//! The boundary to the engine's C code: declarations of the shim, calls into the engine, the guard
//! that a run is abandoned through, how a context is made, and the seeds that the engine keeps.
//!
//! Must not know what an image or a pool is.

pub(crate) mod context;
pub(crate) mod cx;
pub(crate) mod guard;
pub(crate) mod raw;
pub(crate) mod seeds;
