//! What `sandtide --version` prints. Knows nothing of the other commands.

use crate::{exit::Exit, terminal::say};

/// Prints the version, and where `verbose` the engine's identity and target.
pub(crate) fn print(verbose: bool) -> Exit {
    say(&format!("sandtide {}", env!("CARGO_PKG_VERSION")));
    if verbose {
        say(&format!("engine: {}", sandtide::engine_identity()));
        say(&format!("target: {}", sandtide::ENGINE_TARGET));
    }
    Exit::Ok
}
