//! Which files of a directory are looked at.

use std::{
    fs::File,
    io::Read,
    path::{Component, Path, PathBuf},
    sync::Mutex,
};

use ignore::WalkBuilder;

use crate::{
    Checker, LintError, Note, NoteKind, Report,
    check::{MAX_LENGTH, note, too_long},
};

const EXTENSIONS: [&str; 8] = ["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx"];
/// Directories of what is tested, measured or shown with: contexts in plenty are their business.
const TESTS: [&str; 13] = [
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "bench",
    "benchmark",
    "benchmarks",
    "example",
    "examples",
    "fixtures",
    "__fixtures__",
    "__mocks__",
];

/// Checks a file, or the files of a directory with what is below it.
///
/// `node_modules` is left out, as is what `.gitignore` and `.ignore` files name, declarations (`.d.ts`), and tests
/// unless [`Checker::with_tests`] says otherwise; so are hidden files and what git ignores for this user. Links are not
/// followed. It uses a thread for each processor.
///
/// Files are named from where it runs if `root` is relative, else from `root`.
///
/// # Errors
/// `root` itself cannot be read.
pub fn check_tree(root: &Path, checker: &Checker) -> Result<Report, LintError> {
    let unreadable = |error: &dyn std::fmt::Display| LintError::Unreadable {
        path: root.display().to_string(),
        reason: error.to_string(),
    };
    let about = std::fs::metadata(root).map_err(|error| unreadable(&error))?;
    if about.is_file() {
        let name = shown(&without_dots(root));
        return Ok(check_file(root, &name, checker));
    }
    std::fs::read_dir(root).map_err(|error| unreadable(&error))?;
    let base = if root.is_relative() { without_dots(root) } else { PathBuf::new() };
    let mut report = Report::default();
    let mut files: Vec<(String, PathBuf)> = Vec::new();
    let walk = WalkBuilder::new(root)
        .require_git(false)
        .filter_entry(|entry| entry.depth() == 0 || entry.file_name() != "node_modules")
        .build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                report.notes.push(Note {
                    kind: NoteKind::Unreadable,
                    file: shown(root),
                    line: None,
                    message: error.to_string(),
                });
                continue;
            }
        };
        let path = entry.path();
        let within = path.strip_prefix(root).unwrap_or(path);
        if !entry.file_type().is_some_and(|it| it.is_file()) || !is_source(within) {
            continue;
        }
        if !checker.tests && is_test(within) {
            report.tests_left_out += 1;
            continue;
        }
        files.push((shown(&base.join(within)), path.to_owned()));
    }
    files.sort();
    let next = Mutex::new(files.iter().enumerate());
    let found: Mutex<Vec<(usize, Report)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let taken = next.lock().ok().and_then(|mut it| it.next());
                    let Some((index, (name, path))) = taken else { break };
                    let report = check_file(path, name, checker);
                    if let Ok(mut found) = found.lock() {
                        found.push((index, report));
                    }
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap_or_default();
    found.sort_by_key(|it| it.0);
    for (_, of_file) in found {
        report.merge(of_file);
    }
    Ok(report)
}

fn check_file(path: &Path, name: &str, checker: &Checker) -> Report {
    let read = match read(path) {
        Ok(Content::All(bytes)) => bytes,
        Ok(Content::TooLong(length)) => return too_long(name, length),
        Err(error) => {
            return note(name, NoteKind::Unreadable, format!("cannot be read: {error}"));
        }
    };
    match String::from_utf8(read) {
        Ok(text) => checker.check(name, &text),
        Err(_) => note(name, NoteKind::Unreadable, "not looked at: it is no UTF-8".to_owned()),
    }
}

/// A file's bytes, or its length where that is too much to be looked at.
enum Content {
    All(Vec<u8>),
    TooLong(u64),
}

/// Reads no more than may be looked at, even where the file grows meanwhile.
fn read(path: &Path) -> std::io::Result<Content> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > MAX_LENGTH as u64 {
        return Ok(Content::TooLong(length));
    }
    let mut bytes = Vec::new();
    file.take(MAX_LENGTH as u64 + 1).read_to_end(&mut bytes)?;
    match bytes.len() > MAX_LENGTH {
        true => Ok(Content::TooLong(bytes.len() as u64)),
        false => Ok(Content::All(bytes)),
    }
}

fn without_dots(path: &Path) -> PathBuf {
    path.components().filter(|it| *it != Component::CurDir).collect()
}

/// A path with `/` between its parts.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn is_source(path: &Path) -> bool {
    let name = path.file_name().map(|it| it.to_string_lossy()).unwrap_or_default();
    if name == "package.json" {
        return true;
    }
    let declares = [".d.ts", ".d.mts", ".d.cts"].iter().any(|end| name.ends_with(end));
    !declares && name.rsplit_once('.').is_some_and(|(_, end)| EXTENSIONS.contains(&end))
}

fn is_test(path: &Path) -> bool {
    let mut parts: Vec<_> = path.components().map(|it| it.as_os_str().to_string_lossy()).collect();
    let name = parts.pop().unwrap_or_default();
    let by_name = name.split('.').rev().skip(1).any(|it| matches!(it, "test" | "spec" | "bench"))
        || matches!(name.split('.').next(), Some("test" | "bench" | "benchmark"));
    by_name || parts.iter().any(|it| TESTS.contains(&&**it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn what_others_wrote_or_git_ignores_and_tests_are_left_out() {
        let code = "require('vm2')";
        let dir = tree(&[
            ("src/a.js", code),
            ("src/b.mts", "import 'vm2'"),
            ("src/types.d.ts", "import 'vm2'"),
            ("node_modules/x/index.js", code),
            ("src/node_modules/x/index.js", code),
            (".gitignore", "dist\n"),
            ("dist/a.js", code),
            ("test/a.js", code),
            ("src/a.test.js", code),
            ("src/deep/package.json", "{\"dependencies\": {\"vm2\": \"3\"}}"),
            ("src/latest.js", code),
            ("README.md", code),
        ]);
        let report = check_tree(dir.path(), &Checker::new()).unwrap();
        let files: Vec<&str> = report.findings.iter().map(|it| it.file.as_str()).collect();
        assert_eq!(files, ["src/a.js", "src/b.mts", "src/deep/package.json", "src/latest.js"]);
        assert_eq!((report.files, report.tests_left_out), (4, 2));
        let report = check_tree(dir.path(), &Checker::new().with_tests(true)).unwrap();
        assert_eq!(report.findings.len(), 6);
        // What is asked for by name is looked at.
        let package = dir.path().join("node_modules/x");
        assert_eq!(check_tree(&package, &Checker::new()).unwrap().findings.len(), 1);
        let file = dir.path().join("test/a.js");
        assert_eq!(check_tree(&file, &Checker::new()).unwrap().findings.len(), 1);
    }

    #[test]
    fn files_are_named_from_where_it_runs_or_from_an_absolute_root() {
        // Tests run in the directory of the crate, which has one such file.
        let checker = Checker::new().with_tests(true);
        let here = std::env::current_dir().unwrap();
        for (root, name) in [
            (Path::new("."), "figures.mjs"),
            (Path::new("./figures.mjs"), "figures.mjs"),
            (Path::new("../lint"), "../lint/figures.mjs"),
            (Path::new("./../lint/."), "../lint/figures.mjs"),
            (&here, "figures.mjs"),
        ] {
            let findings = check_tree(root, &checker).unwrap().findings;
            assert!(!findings.is_empty(), "{root:?}");
            assert!(findings.iter().all(|it| it.file == name), "{root:?}: {findings:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_noted_and_the_rest_is_checked() {
        let dir = tree(&[("a.js", "require('vm2')"), ("b.js", "const = ")]);
        std::fs::write(dir.path().join("c.js"), [0xff, 0xfe, 0x00]).unwrap();
        let report = check_tree(dir.path(), &Checker::new()).unwrap();
        assert_eq!(report.findings.len(), 1);
        let kinds: Vec<NoteKind> = report.notes.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, [NoteKind::Syntax, NoteKind::Unreadable]);
        // It says more than a mebibyte, and holds nothing that takes room.
        std::fs::remove_file(dir.path().join("c.js")).unwrap();
        File::create(dir.path().join("d.js")).unwrap().set_len(1 << 40).unwrap();
        let report = check_tree(dir.path(), &Checker::new()).unwrap();
        let said: Vec<_> = report.notes.iter().map(|it| (it.kind, it.message.as_str())).collect();
        assert_eq!(said[1], (NoteKind::TooLong, "not looked at: 1073741824 KB"));
        let missing = check_tree(&dir.path().join("no-such"), &Checker::new());
        assert_eq!(missing.unwrap_err().code(), "ERR_UNREADABLE");
    }
}
