//! The one way by which C calls into Rust: a panic ends the process there, with its message, because
//! it cannot pass through the engine's frames.

use std::panic::{AssertUnwindSafe, catch_unwind};

pub(crate) fn guarded<R>(body: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(result) => result,
        Err(_) => std::process::abort(),
    }
}
