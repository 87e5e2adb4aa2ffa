//! The programs of `crates/node/tests/lib`: plain scripts that use only public modules and end with 0 when they
//! pass. Each runs under `sandtide node` and, where there is one, under a real Node 24 (`SANDTIDE_REFERENCE_NODE`,
//! or the path's `node` if it is one; CI installs it): what they expect is what that does.

#[path = "node/limited.rs"]
mod limited;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    thread,
};

/// Runs of programs at a time.
const WORKERS: usize = 2;

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node/tests/lib");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "js"))
        .map(|path| path.canonicalize().unwrap())
        .collect();
    files.sort();
    // Only some of them, by a part of their name.
    if let Some(wanted) = env::var_os("SANDTIDE_LIB_TEST") {
        let wanted = wanted.to_string_lossy().into_owned();
        files.retain(|path| path.to_string_lossy().contains(&wanted));
    }
    files
}

/// The real Node to compare with: the one that the environment names, which has to be a Node 24, or the one on
/// the path if it is one.
fn reference() -> Option<PathBuf> {
    let named = env::var_os("SANDTIDE_REFERENCE_NODE");
    let name = PathBuf::from(named.clone().unwrap_or_else(|| "node".into()));
    let version = match Command::new(&name).arg("--version").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(error) if named.is_some() => panic!("{}: {error}", name.display()),
        Err(_) => return None,
    };
    let is_node_24 = version.starts_with("v24.");
    assert!(is_node_24 || named.is_none(), "{} is {version}, not a Node 24", name.display());
    is_node_24.then_some(name)
}

/// Runs `program` on every file, and tells which failed and what they wrote.
fn failures(program: impl Fn() -> Command + Sync) -> Vec<String> {
    let waiting = Mutex::new(programs());
    let failed = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(file) = waiting.lock().unwrap().pop() else { return };
            let mut command = program();
            limited::clean(command.arg(&file));
            let output = limited::run(command, "");
            if output.status.is_some_and(|status| status.success()) {
                continue;
            }
            let ending = output.ending();
            let mut text =
                format!("{}: {ending}\n{}{}", file.display(), output.stdout, output.stderr);
            if output.status.is_none() {
                // Where one hangs others may: they are not all waited for.
                let left = waiting.lock().unwrap().drain(..).count();
                text.push_str(&format!("\n{left} programs were not run after this one\n"));
            }
            failed.lock().unwrap().push(text);
        }
    };
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(work);
        }
    });
    failed.into_inner().unwrap()
}

#[test]
fn programs_pass_under_sandtide() {
    let failed = failures(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sandtide"));
        command.arg("node");
        command
    });
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn programs_pass_under_the_real_node() {
    let Some(node) = reference() else { return };
    let failed = failures(|| Command::new(&node));
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}
