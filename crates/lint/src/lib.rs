//! Reads JavaScript and TypeScript for what evaluating code costs a service: contexts that pile up, runs
//! without a time limit, sandboxes that are none.
//!
//! Each rule is a file of `rules/`. A [`Checker`] applies them to one text, [`check_tree`] to a directory;
//! [`report`] says what they found as text, JSON, SARIF or annotations of GitHub. Nothing is executed, and
//! nothing here knows engines or the command line.
//!
//! ```
//! use sandtide_lint::Checker;
//!
//! let source = "const { VM } = require('vm2');";
//! let report = Checker::new().check("app.js", source);
//! assert_eq!(report.findings[0].rule, "abandoned-sandbox");
//! assert_eq!((report.findings[0].line, report.findings[0].column), (1, 24));
//! ```

#![forbid(unsafe_code)]

mod chains;
mod check;
mod evaluate;
mod finding;
mod fix;
mod manifest;
mod often;
mod origin;
mod page;
mod program;
mod regexp;
pub mod report;
mod rules;
mod silence;
mod tree;
mod work;

pub use check::{Checker, Note, NoteKind, Report};
pub use finding::{Finding, Severity};
pub use fix::Fix;
pub use page::page;
pub use tree::check_tree;

/// What can go wrong before anything is read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LintError {
    /// No rule has that name.
    #[error("there is no rule `{name}`; there are {known}")]
    UnknownRule {
        /// The name.
        name: String,
        /// All names, with commas.
        known: String,
    },
    /// The file or directory to check cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Unreadable {
        /// As it was given.
        path: String,
        /// What the system says.
        reason: String,
    },
}

impl LintError {
    /// A code that does not change between versions.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            LintError::UnknownRule { .. } => "ERR_UNKNOWN_RULE",
            LintError::Unreadable { .. } => "ERR_UNREADABLE",
        }
    }
}

/// The names of all rules, in order.
pub fn rule_names() -> impl Iterator<Item = &'static str> {
    rules::RULES.iter().map(|rule| rule.about().name)
}
