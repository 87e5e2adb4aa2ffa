//! The two programs that run the JavaScript programs in `peers/`: Node and `sandtide node`. It does
//! not know what those programs do.

use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::machine::bench_dir;

/// What runs a Node program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Runtime {
    Node,
    Sandtide,
}

impl Runtime {
    pub(crate) const ALL: [Self; 2] = [Self::Node, Self::Sandtide];
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Node => "Node",
            Self::Sandtide => "sandtide node",
        })
    }
}

/// The program that is asked for, or the one next to this program.
pub(crate) fn sandtide(asked: Option<PathBuf>) -> Result<PathBuf> {
    match asked {
        Some(path) => Ok(path),
        None => Ok(std::env::current_exe()
            .context("could not tell where this program is")?
            .with_file_name("sandtide")),
    }
}

/// Knows how both are started.
pub(crate) struct Runtimes {
    pub(crate) sandtide: PathBuf,
}

impl Runtimes {
    /// The start of a command line: what follows is a JavaScript program and its arguments.
    pub(crate) fn command(&self, runtime: Runtime) -> Command {
        match runtime {
            Runtime::Node => node(),
            Runtime::Sandtide => {
                let mut command = Command::new(&self.sandtide);
                command.arg("node");
                command
            }
        }
    }
}

/// The Node that is on the PATH.
pub(crate) fn node() -> Command {
    Command::new("node")
}

/// What a program in `peers/` writes: one line of JSON.
pub(crate) fn report_of<T: DeserializeOwned>(
    mut runtime: Command,
    program: &str,
    arguments: &[&str],
) -> Result<T> {
    let output = runtime
        .arg(bench_dir().join("peers").join(program))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start {}", runtime.get_program().display()))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{program} {} failed ({}): {errors}", arguments.join(" "), output.status);
    }
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{program} wrote something else"))
}
