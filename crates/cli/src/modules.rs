//! Finds the modules that a script imports by relative path, on disk beside the script.
//!
//! The script is not trusted, so it cannot name any file of the machine: only JavaScript files in
//! the directory of the script that is run, or below it, are read.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

/// Largest module that is read, in bytes.
const MAX_MODULE: u64 = 16 << 20;

pub(crate) struct Disk {
    root: Option<PathBuf>,
}

impl Disk {
    /// `script` is the file that is run; without one (standard input) nothing is read from disk.
    pub(crate) fn beside(script: Option<&Path>) -> Self {
        let directory = script.map(|file| match file.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        });
        Self { root: directory.and_then(|directory| directory.canonicalize().ok()) }
    }

    /// The source of what `from` imports as `specifier`, or why it is not read.
    pub(crate) fn read(&self, specifier: &str, from: &str) -> Result<String, String> {
        let root = self.root.as_deref().ok_or("modules are only read beside a script file")?;
        let base = Path::new(from).parent().unwrap_or(Path::new(""));
        let path = lexical(&base.join(specifier));
        let real = path.canonicalize().map_err(|error| format!("{}: {error}", path.display()))?;
        if !real.starts_with(root) {
            return Err(format!(
                "{} is outside of {}, the directory of the script",
                path.display(),
                root.display()
            ));
        }
        let javascript = real.extension().is_some_and(|ending| ending == "js" || ending == "mjs");
        if !javascript {
            return Err(format!("{} does not end in .js or .mjs", path.display()));
        }
        let size = fs::metadata(&real).map_or(0, |data| data.len());
        if size > MAX_MODULE {
            return Err(format!("{} is larger than {MAX_MODULE} bytes", path.display()));
        }
        fs::read_to_string(&real).map_err(|error| format!("{}: {error}", path.display()))
    }
}

/// The path without `.` and, where it can be told from the text, without `..`.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(out.components().next_back(), Some(Component::Normal(_))) =>
            {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}
