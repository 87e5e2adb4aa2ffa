//! Finds the engine's source. Must not know what is changed in it.
//!
//! No third-party code lies in this repository: the source comes with the package `rquickjs-sys` from
//! the registry, a build dependency. Its build script copies the C files to its OUT_DIR and compiles
//! them there, and cargo tells nobody where that is. But this build script is linked with what was
//! compiled, and the engine's assertions name the file that they are in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Names a folder with another copy of the engine's source, for trying another release.
pub(crate) const OVERRIDE: &str = "SANDTIDE_QUICKJS_SOURCE";

/// The folder with `quickjs.c`, or what to do about its absence.
pub(crate) fn find() -> Result<PathBuf, String> {
    if let Some(folder) = env::var_os(OVERRIDE) {
        let folder = PathBuf::from(folder);
        return if is_source(&folder) {
            Ok(folder)
        } else {
            Err(format!("{OVERRIDE}: no quickjs.c and quickjs.h in {}", folder.display()))
        };
    }
    compiled_from().filter(|folder| is_source(folder)).ok_or_else(|| {
        format!(
            "rquickjs-sys did not tell where its copy of the engine's source is: set {OVERRIDE} to the \
             folder `quickjs` of that package (in cargo's registry, or among the vendored packages)"
        )
    })
}

/// Where `quickjs.c` lay when the engine that is linked into this program was compiled.
fn compiled_from() -> Option<PathBuf> {
    // Named here so that the linker takes it from the archive.
    std::hint::black_box(rquickjs_sys::JS_NewRuntime as *const ());
    let program = fs::read(env::current_exe().ok()?).ok()?;
    let end = b"/quickjs.c\0";
    program.windows(end.len()).enumerate().filter(|(_, window)| window == end).find_map(
        |(at, _)| {
            let start = program[..at].iter().rposition(|&byte| byte == 0)? + 1;
            let folder = PathBuf::from(std::str::from_utf8(&program[start..at]).ok()?);
            folder.is_absolute().then_some(folder)
        },
    )
}

fn is_source(folder: &Path) -> bool {
    folder.join("quickjs.c").is_file() && folder.join("quickjs.h").is_file()
}

/// The names of the C files and headers in a folder, sorted.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".c") || name.ends_with(".h"))
        .collect();
    names.sort();
    names
}

/// The texts of files by their names.
pub(crate) fn read(folder: &Path, files: &[String]) -> BTreeMap<String, String> {
    let text = |name: &String| {
        fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    files.iter().map(|name| (name.clone(), text(name))).collect()
}
