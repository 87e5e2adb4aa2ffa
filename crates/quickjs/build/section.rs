//! Puts the engine's code into a section of its own, `sandtide_engine`. The linker tells where it
//! begins and ends (`__start_sandtide_engine`, `__stop_sandtide_engine`). The signal handlers of
//! the shim jump out of this code only, so the section must hold the engine's functions, and
//! nothing of the C library or of Rust in a statically linked program.
//!
//! No compiler has an option for it: the objects are linked into one (`-r`) by a script, which GNU ld,
//! gold, lld and mold know alike. The order is the one in which linkers put functions otherwise, those
//! that are seldom called first.

use std::path::{Path, PathBuf};
use std::{fs, process::Command};

const SCRIPT: &str = "SECTIONS {
  sandtide_engine : {
    *(.text.unlikely .text.unlikely.*)
    *(.text.exit .text.exit.*)
    *(.text.startup .text.startup.*)
    *(.text.hot .text.hot.*)
    *(.text .text.*)
  }
}
";

/// Links `objects` into one in the folder `out`, with the compiler that `build` has; answers its path.
pub(crate) fn gather(
    build: &cc::Build,
    objects: &[PathBuf],
    out: &Path,
) -> Result<PathBuf, String> {
    let script = out.join("engine.ld");
    let gathered = out.join("engine.o");
    fs::write(&script, SCRIPT).map_err(|error| format!("{}: {error}", script.display()))?;
    let compiler = build.get_compiler();
    let mut command = Command::new(compiler.path());
    // Which machine it compiles for is all that linking needs of its options.
    let machine = |arg: &&std::ffi::OsString| {
        let arg = arg.to_string_lossy();
        arg.starts_with("--target") || arg.starts_with("-m")
    };
    command.args(compiler.args().iter().filter(machine));
    command.args(["-r", "-nostdlib", "-o"]).arg(&gathered).arg("-T").arg(&script).args(objects);
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}: {said}", output.status));
    }
    Ok(gathered)
}
