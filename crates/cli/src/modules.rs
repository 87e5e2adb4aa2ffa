//! Finds the modules that a script imports by relative path, on disk beside the script.
//!
//! The script is not trusted, so it cannot name any file of the machine: only JavaScript files in
//! the directory of the script that is run, or below it, are read.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

/// Largest module that is read, in bytes.
const MAX_MODULE: u64 = 16 << 20;

/// What the names of files end in that are read: those of JavaScript, TypeScript and JSX.
const ENDINGS: [&str; 6] = ["js", "mjs", "ts", "mts", "tsx", "jsx"];

/// What the calls of `import()` in a source ask for, where it is written out in quotes: they run when nothing is
/// read from disk any more. Comments and texts are searched too, which finds no more than files that nobody asks
/// for.
pub(crate) fn imports_at_run_time(source: &str) -> Vec<String> {
    let call = |rest: &str| {
        let rest = past_comments(past_comments(rest).strip_prefix('(')?);
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
        let (specifier, _) = rest[1..].split_once(quote)?;
        let is_filled = quote == '`' && specifier.contains("${");
        let is_plain = !is_filled && !specifier.contains(['\\', '\n']);
        (is_plain && specifier.starts_with('.')).then(|| specifier.to_owned())
    };
    source
        .match_indices("import")
        .filter_map(|(at, word)| call(&source[at + word.len()..]))
        .collect()
}

/// What follows after spaces and comments.
fn past_comments(source: &str) -> &str {
    let mut rest = source.trim_start();
    loop {
        let after = match rest.get(..2) {
            Some("/*") => rest[2..].split_once("*/"),
            Some("//") => rest.split_once('\n'),
            _ => None,
        };
        match after {
            Some((_, after)) => rest = after.trim_start(),
            None => return rest,
        }
    }
}

/// A module that was found.
pub(crate) struct Found {
    /// The name under which the engine looks for it, and which stack traces show.
    pub(crate) name: String,
    pub(crate) source: String,
}

/// The directory that modules are read from.
pub(crate) struct Disk {
    root: Option<PathBuf>,
    /// Where each module came from, by its name.
    files: HashMap<String, PathBuf>,
}

impl Disk {
    /// `script` is the file that is run, under the name that the engine knows it by; without one
    /// (standard input) nothing is read from disk.
    pub(crate) fn beside(script: Option<&Path>) -> Self {
        let real = script.and_then(|file| file.canonicalize().ok());
        let root = real.as_deref().and_then(Path::parent).map(Path::to_owned);
        let name = script.map(|file| file.display().to_string());
        Self { root, files: name.zip(real).into_iter().collect() }
    }

    /// What `from` imports as `specifier`, or why it is not read.
    pub(crate) fn read(&mut self, specifier: &str, from: &str) -> Result<Found, String> {
        let root = self.root.as_deref().ok_or("modules are only read beside a script file")?;
        let base = self.files.get(from).and_then(|file| file.parent()).ok_or_else(|| {
            format!("{from} was not read from disk, so nothing is looked for beside it")
        })?;
        let asked = base.join(specifier);
        let real = asked
            .canonicalize()
            .map_err(|error| format!("cannot read {}: {error}", asked.display()))?;
        if !real.starts_with(root) {
            return Err(format!(
                "{} is outside of {}, the directory of the script",
                real.display(),
                root.display()
            ));
        }
        let is_script =
            real.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
        if !is_script {
            return Err(format!("{} ends in none of .{}", real.display(), ENDINGS.join(", .")));
        }
        let failed = |error| format!("cannot read {}: {error}", real.display());
        let facts = fs::metadata(&real).map_err(failed)?;
        // Reading a pipe or a device may never end.
        if !facts.is_file() {
            return Err(format!("{} is no regular file", real.display()));
        }
        if facts.len() > MAX_MODULE {
            return Err(format!("{} is larger than {MAX_MODULE} bytes", real.display()));
        }
        let source = fs::read_to_string(&real).map_err(failed)?;
        let joined = sandtide::joined_specifier(from, specifier);
        // The script itself may have been named with a leading `./`: it is one module, not two.
        let dotted = format!("./{joined}");
        let name = if self.files.contains_key(&dotted) { dotted } else { joined };
        self.files.insert(name.clone(), real);
        Ok(Found { name, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_imported_at_run_time_is_found_where_it_is_written_out() {
        let found = |source| imports_at_run_time(source).join(" ");
        assert_eq!(found("import('./a.js'); await import ( \"../b.mjs\" )"), "./a.js ../b.mjs");
        assert_eq!(found("import(`./c.js`, { with: {} })"), "./c.js");
        assert_eq!(found("import('lodash'); import(name); import x from './a.js'"), "");
        assert_eq!(found("import(`./${name}.js`); import('./a\\n'); import('./"), "");
        assert_eq!(found("import"), "");
        assert_eq!(
            found("import('./$a.js'); import(`./$b.js`); import('./${c}.js')"),
            "./$a.js ./$b.js ./${c}.js"
        );
        assert_eq!(
            found("import(/* note */ './a.js'); import /**/ ( // b\n /* c */ './b.js')"),
            "./a.js ./b.js"
        );
        assert_eq!(found("import(/* './a.js'); import(// './b.js'"), "");
        assert_eq!(found("import(é'./a.js')"), "");
    }
}
