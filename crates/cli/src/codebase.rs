//! `sandtide doctor DIR`: what the JavaScript and TypeScript of a directory do that costs memory or safety.
//!
//! The rules are those of `sandtide-lint`; here are its flags, and how its reports end.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use sandtide_lint::{Checker, LintError, NoteKind, Report, check_tree, report};

use crate::{
    exit::Exit,
    terminal::{Line, answer, complain},
};

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// All of it, as JSON.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub's workflows.
    Github,
}

#[derive(Args)]
pub(crate) struct CodebaseArgs {
    /// The directory or file to look at; without it, this machine is looked at.
    dir: Option<PathBuf>,
    /// How the findings are printed.
    #[arg(long, value_enum, default_value = "text", requires = "dir")]
    format: Format,
    /// Applies only these rules (docs/doctor.md lists them).
    #[arg(long, value_name = "RULE", value_delimiter = ',', requires = "dir")]
    rule: Vec<String>,
    /// Leaves these rules out.
    #[arg(long, value_name = "RULE", value_delimiter = ',', requires = "dir")]
    disable: Vec<String>,
    /// Looks at tests, benchmarks and examples as well.
    #[arg(long, requires = "dir")]
    tests: bool,
}

impl CodebaseArgs {
    /// The code base, where one is named.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    fn checker(&self) -> Result<Checker, LintError> {
        let mut checker = Checker::new().with_tests(self.tests);
        if !self.rule.is_empty() {
            checker = checker.only(&self.rule)?;
        }
        checker.without(&self.disable)
    }
}

pub(crate) fn check(path: &Path, args: &CodebaseArgs) -> Exit {
    let found = match args.checker().and_then(|checker| check_tree(path, &checker)) {
        Ok(found) => found,
        Err(error) => {
            complain(&error.to_string());
            return Exit::Usage;
        }
    };
    let line = match args.format {
        Format::Text => Line::Text(trimmed(report::text(&found))),
        Format::Json => Line::Json(trimmed(report::json(&found))),
        Format::Sarif => Line::Json(trimmed(report::sarif(&found))),
        Format::Github => Line::Text(trimmed(report::github(&found))),
    };
    match answer(&[line]) {
        Ok(()) => end(&found),
        Err(error) => {
            complain(&format!("cannot write to standard output: {error}"));
            Exit::Internal
        }
    }
}

/// Without the last line's end, which `answer` writes.
fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end_matches('\n').len());
    text
}

/// What was not read counts more than what was found: nobody knows what it has.
fn end(found: &Report) -> Exit {
    let unread = found.notes.iter().any(|note| note.kind == NoteKind::Unreadable);
    match (unread, found.findings.is_empty()) {
        (true, _) => Exit::Usage,
        (false, false) => Exit::Exception,
        (false, true) => Exit::Ok,
    }
}
