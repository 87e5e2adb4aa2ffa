//! What `sandtide --version` prints. Knows nothing of the other commands.

use std::io::{Write, stdout};

use crate::exit::Exit;

/// Prints the version, and where `verbose` the engine's identity and target.
pub(crate) fn print(verbose: bool) -> Exit {
    let mut text = format!("sandtide {}\n", env!("CARGO_PKG_VERSION"));
    if verbose {
        text += &format!("engine: {}\n", sandtide::engine_identity());
        text += &format!("target: {}\n", sandtide::ENGINE_TARGET);
    }
    // Whoever closed the pipe has read what they wanted.
    let _ = stdout().write_all(text.as_bytes());
    Exit::Ok
}
