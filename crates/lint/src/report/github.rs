//! Annotations of GitHub's workflows: commands on standard output that become marks in the pull request.

use std::fmt::Write;

use crate::Report;

/// The report as workflow commands, one a line.
#[must_use]
pub fn github(report: &Report) -> String {
    let mut out = String::new();
    for it in &report.findings {
        let command = it.severity.name();
        let last = it.column + it.width;
        let message = format!("{}\ncosts: {}\ndo: {}", it.message, it.cost, it.remedy);
        let _ = writeln!(
            out,
            "::{command} file={},line={},col={},endColumn={last},title=sandtide {}::{}",
            property(&it.file),
            it.line,
            it.column,
            it.rule,
            data(&message)
        );
    }
    for note in &report.notes {
        let line = note.line.map_or(String::new(), |line| format!(",line={line}"));
        let _ =
            writeln!(out, "::notice file={}{line}::{}", property(&note.file), data(&note.message));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Checker;

    #[test]
    fn each_finding_is_one_command_whatever_the_names_hold() {
        let mut report = Checker::new().check("a.js", "\n  require('vm2')");
        report.findings[0].file = "a,b:\nc%.js".to_owned();
        let said = github(&report);
        assert_eq!(said.lines().count(), 1, "{said}");
        let start = "::error file=a%2Cb%3A%0Ac%25.js,line=2,col=11,endColumn=16,title=sandtide abandoned-sandbox::`vm2`";
        assert!(said.starts_with(start), "{said}");
        assert!(said.contains("%0Acosts: "), "{said}");
    }
}
