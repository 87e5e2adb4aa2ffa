//! Reports: the same findings for people, programs, code scanning and pull requests.

mod github;
mod sarif;
mod text;

pub use github::github;
pub use sarif::sarif;
pub use text::text;

use crate::Report;

/// The report as JSON: `{"findings": [], "notes": [], "files": 0, "silenced": 0, "tests_left_out": 0}`.
#[must_use]
pub fn json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
