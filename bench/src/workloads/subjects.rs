//! What runs the workloads, each turn in a process of its own, and how an earlier commit of ours is
//! built beside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::machine::bench_dir;

/// What `guests.js` and `guests-pristine` print.
#[derive(Debug, Deserialize)]
pub(super) struct Turn {
    pub(super) answer: String,
    pub(super) first_ns: f64,
    pub(super) ns: Vec<f64>,
}

/// One column of the table.
pub(super) struct Subject {
    pub(super) name: String,
    /// A command line that the workload's file and the milliseconds are added to.
    command: Vec<PathBuf>,
}

impl Subject {
    fn new(name: impl Into<String>, command: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { name: name.into(), command: command.into_iter().collect() }
    }

    pub(super) fn turn(&self, file: &Path, milliseconds: u64) -> Result<Turn> {
        let (program, arguments) = self.command.split_first().context("no command")?;
        let output = Command::new(program)
            .args(arguments)
            .arg(file)
            .arg(milliseconds.to_string())
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("could not start {}", program.display()))?;
        if !output.status.success() {
            bail!("failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        let mut turn: Turn =
            serde_json::from_slice(&output.stdout).context("it wrote something else")?;
        // `guests-pristine` leaves out what it would have to escape.
        turn.answer.retain(|c| !c.is_control() && !"\"\\".contains(c));
        Ok(turn)
    }
}

/// Pristine runs first: what the others are compared with.
pub(super) fn all(
    sandtide: &Path,
    base: Option<&str>,
    base_program: Option<&Path>,
    nodes: &[String],
) -> Result<Vec<Subject>> {
    let here = std::env::current_exe().context("could not tell where this program is")?;
    let mut subjects = vec![Subject::new("pristine", [here.with_file_name("guests-pristine")])];
    if let Some(base) = base {
        subjects.push(Subject::new("pristine, base", [build(base)?]));
    }
    let program = bench_dir().join("peers/guests.js");
    let mut contexts = |name: &str, start: &[PathBuf]| {
        for mode in ["fresh", "reused"] {
            let end = [program.clone(), PathBuf::from(mode)];
            subjects
                .push(Subject::new(format!("{name}, {mode}"), start.iter().cloned().chain(end)));
        }
    };
    contexts("sandtide node", &[sandtide.to_owned(), "node".into()]);
    if let Some(base) = base_program {
        contexts("sandtide node, base", &[base.to_owned(), "node".into()]);
    }
    for node in nodes {
        let (name, path) =
            node.split_once('=').with_context(|| format!("--node {node}: write NAME=PROGRAM"))?;
        contexts(&format!("Node {name}"), &[path.into()]);
    }
    Ok(subjects)
}

/// Checks a commit out below `target/` and compiles `guests-pristine` against its `sandtide`.
fn build(commit: &str) -> Result<PathBuf> {
    let hash = output(Command::new("git").args([
        "rev-parse",
        "--verify",
        &format!("{commit}^{{commit}}"),
    ]))
    .with_context(|| format!("--base {commit}"))?;
    let room = bench_dir().join("../target/guests").join(&hash);
    let checkout = room.join("checkout");
    if !checkout.join("Cargo.toml").is_file() {
        fs::create_dir_all(&room)
            .with_context(|| format!("could not create {}", room.display()))?;
        output(
            Command::new("git").args(["worktree", "add", "--detach"]).arg(&checkout).arg(&hash),
        )?;
    }
    let package = room.join("pristine");
    fs::create_dir_all(package.join("src"))?;
    fs::copy(bench_dir().join("src/bin/guests-pristine.rs"), package.join("src/main.rs"))?;
    fs::write(
        package.join("Cargo.toml"),
        "[package]\nname = \"guests-pristine\"\nedition = \"2024\"\n\n[dependencies]\n\
         sandtide = { path = \"../checkout/crates/sandtide\" }\n\n[profile.release]\n\
         debug = \"line-tables-only\"\nlto = \"thin\"\ncodegen-units = 4\n\n[workspace]\n",
    )?;
    fs::copy(checkout.join("Cargo.lock"), package.join("Cargo.lock"))?;
    eprintln!("building {commit} in {} ...", room.display());
    let built = Command::new("cargo")
        .args(["build", "--release", "--manifest-path"])
        .arg(package.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(room.join("target"))
        .status()
        .context("could not start cargo")?;
    ensure!(built.success(), "{commit} could not be built");
    Ok(room.join("target/release/guests-pristine"))
}

fn output(command: &mut Command) -> Result<String> {
    let output = command.current_dir(bench_dir()).output().context("could not start git")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
