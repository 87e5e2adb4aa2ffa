//! The leak watch: programs with one planted leak each, of which constructor and line are told, and
//! programs that cache up to a bound, of which nothing is told.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Mutex,
    thread,
};

/// Programs that run at a time.
const WORKERS: usize = 2;
/// Seconds between two samples.
const PERIOD: &str = "0.05";

fn programs(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "js"))
        .collect();
    files.sort();
    files
}

/// What a program says on standard error under the leak watch.
fn watched(program: &Path, words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_sandtide"))
        .args(["node", &format!("--leak-watch={PERIOD}")])
        .args(words)
        .arg(program)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {output:?}", program.display());
    said
}

/// Calls `check` with each program, on a few threads.
fn each(folder: &str, check: impl Fn(&Path) -> Result<(), String> + Sync) {
    let waiting = Mutex::new(programs(folder));
    assert_eq!(waiting.lock().unwrap().len(), 10);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let Some(program) = waiting.lock().unwrap().pop() else { return };
                    if let Err(text) = check(&program) {
                        wrong.lock().unwrap().push(format!("{}: {text}", program.display()));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn ten_leaks_are_named_by_constructor_and_line_with_who_holds_them() {
    each("leaks", |program| {
        let text = fs::read_to_string(program).unwrap();
        let first = text.lines().next().unwrap().strip_prefix("// grows: ").unwrap();
        let (what, line) = first.rsplit_once(" at ").unwrap();
        let said = watched(program, &[]);
        let mut lines = said.lines();
        let name = program.file_name().unwrap().to_string_lossy();
        let told = lines.any(|told| told.starts_with(&format!("  {what}: ")));
        let place = lines.next().unwrap_or_default();
        let holder = lines.next().unwrap_or_default();
        let right = told
            && place.contains(&format!("/{name}:{line}:"))
            && holder.starts_with("    held by ")
            && holder.contains('→');
        if right { Ok(()) } else { Err(format!("{first} was not said:\n{said}")) }
    });
}

#[test]
fn nothing_is_told_of_programs_that_cache_up_to_a_bound() {
    // They end by themselves, after some dozens of samples.
    let end = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/leaks/support/end.js");
    each("caches", |program| {
        let said = watched(program, &["--require", end.to_str().unwrap()]);
        if said.is_empty() { Ok(()) } else { Err(said) }
    });
}
