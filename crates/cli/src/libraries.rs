//! The two npm libraries of the demo: bundled on the user's machine, never part of the project.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A bundled library with an input to try it on.
pub(crate) struct Library {
    pub(crate) name: &'static str,
    pub(crate) source: String,
    pub(crate) input: PathBuf,
}

/// The root of sandtide's sources: where it was built, or the current directory.
pub(crate) fn source_tree() -> Option<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    [built, PathBuf::from(".")]
        .into_iter()
        .filter_map(|root| root.canonicalize().ok())
        .find(|root| root.join("crates/cli").is_dir() && root.join("examples").is_dir())
}

/// The libraries' bundles, made first if they are not there yet; `Err` says why there are none.
pub(crate) fn libraries(tell: impl Fn(&str)) -> Result<Vec<Library>, String> {
    let root = source_tree().ok_or("sandtide's source tree is not here")?;
    let place = root.join("examples/libraries");
    let program = place.join("bundle");
    let bundle = |file: &str| place.join("bundles").join(file);
    let names = [
        ("handlebars-list", "handlebars-list.js", "list.json"),
        ("html-minifier", "html-minifier.js", "page.json"),
    ];
    if !names.iter().all(|(_, file, _)| bundle(file).is_file()) {
        if !program.is_file() {
            return Err(format!("{} is not there", program.display()));
        }
        let npm = Command::new("npm").arg("--version").stdout(Stdio::null()).status();
        if !npm.is_ok_and(|status| status.success()) {
            return Err("npm is not on the PATH".to_owned());
        }
        tell(
            "First start: fetching handlebars and html-minifier from npm and bundling each into one \
             file\n(examples/libraries/bundle; needs the network, takes some seconds) ...",
        );
        let made = Command::new(&program)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        if !made.status.success() {
            let said = String::from_utf8_lossy(&made.stderr);
            let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("");
            return Err(format!("bundling them ended with {}: {last}", made.status));
        }
    }
    names
        .into_iter()
        .map(|(name, file, input)| {
            let file = bundle(file);
            let source = fs::read_to_string(&file)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            Ok(Library { name, source, input: place.join("inputs").join(input) })
        })
        .collect()
}
