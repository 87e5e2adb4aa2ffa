//! Runs programs under `sandtide node`, in a folder of their own.

#[path = "../folder/mod.rs"]
mod folder;
mod limited;

use std::process::Command;

use folder::Folder;

/// A folder with a program's files.
pub(crate) struct Program(Folder);

impl Program {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self(Folder::new("node"))
    }

    /// Adds a file.
    pub(crate) fn with(self, name: &str, text: &str) -> Self {
        Self(self.0.with(name, text))
    }

    /// A command that runs a program in the folder: `sandtide node`, or what the environment names, to
    /// see that the real Node does the same.
    pub(crate) fn command(&self) -> Command {
        let mut command = match std::env::var_os("SANDTIDE_TEST_HOST") {
            Some(other) => Command::new(other),
            None => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_sandtide"));
                command.arg("node");
                command
            }
        };
        limited::clean(&mut command);
        command.current_dir(self.0.path());
        command
    }

    /// Runs `sandtide node WORDS`.
    pub(crate) fn run(&self, words: &[&str]) -> Ended {
        self.run_with(words, "")
    }

    /// The same, with text for standard input.
    pub(crate) fn run_with(&self, words: &[&str], stdin: &str) -> Ended {
        let mut command = self.command();
        command.args(words);
        self.finish(command, stdin)
    }

    /// Runs `command` to its end.
    #[track_caller]
    pub(crate) fn finish(&self, command: Command, stdin: &str) -> Ended {
        let output = limited::run(command, stdin);
        let folder = self.0.path().to_str().unwrap();
        let text = |written: &str| written.replace(folder, "DIR");
        let status = output.status.unwrap_or_else(|| panic!("{}: {output:?}", output.ending()));
        Ended { code: status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none after a signal.
    pub(crate) code: Option<i32>,
    /// What it wrote to standard output; the folder's path is `DIR`.
    pub(crate) stdout: String,
    /// What it wrote to standard error; the folder's path is `DIR`.
    pub(crate) stderr: String,
}

impl Ended {
    /// Asserts that the program ended well and wrote these lines.
    #[track_caller]
    pub(crate) fn wrote(&self, lines: &[&str]) {
        assert_eq!(self.code, Some(0), "{self:?}");
        assert_eq!(self.stdout.lines().collect::<Vec<_>>(), lines, "{self:?}");
    }
}
