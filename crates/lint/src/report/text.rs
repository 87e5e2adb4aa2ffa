//! For people: each finding with its line, what it costs, what to do, and the fix as a diff.

use std::fmt::Write;

use crate::Report;

/// The report as text. What each rule says of costs and remedies is said once, at its first finding.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    let mut said: Vec<&str> = Vec::new();
    for it in &report.findings {
        let severity = it.severity.name();
        let gutter = it.line.to_string().len();
        let caret_room =
            (it.excerpt.chars().count() as u32).saturating_sub(it.excerpt_column).max(1);
        let _ = writeln!(
            out,
            "{}:{}:{}: {severity}: {} [{}]",
            clean(&it.file),
            it.line,
            it.column,
            clean(&it.message),
            it.rule
        );
        let _ = writeln!(out, "  {} | {}", it.line, clean(&it.excerpt));
        let before = " ".repeat(it.excerpt_column as usize);
        let carets = "^".repeat(it.width.min(caret_room) as usize);
        let _ = writeln!(out, "  {} | {before}{carets}", " ".repeat(gutter));
        if !said.contains(&it.rule) {
            said.push(it.rule);
            let _ = writeln!(out, "  costs: {}\n  do: {}", it.cost, it.remedy);
        }
        if let Some(fix) = &it.fix {
            let _ = writeln!(out, "  fix: {}", fix.title);
            for line in fix.diff.lines() {
                let _ = writeln!(out, "    {}", clean(line));
            }
        }
        out.push('\n');
    }
    for note in &report.notes {
        let line = note.line.map_or(String::new(), |line| format!(":{line}"));
        let _ = writeln!(out, "{}{line}: note: {}", clean(&note.file), clean(&note.message));
    }
    let _ = write!(
        out,
        "{} in {}",
        counted(report.findings.len(), "finding"),
        counted(report.files, "file")
    );
    if report.silenced > 0 {
        let _ = write!(out, ", {} silenced by comments", report.silenced);
    }
    if report.tests_left_out > 0 {
        let _ =
            write!(out, ", {} of tests left out (--tests)", counted(report.tests_left_out, "file"));
    }
    out.push('\n');
    out
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Text of the files without what terminals obey.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Checker;

    #[test]
    fn the_caret_is_under_what_was_found_and_costs_are_said_once() {
        let source = "a();\n\tconst { VM } = require('vm2');\nrequire('vm2')\n";
        let said = text(&Checker::new().check("x/a.js", source));
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines[0].starts_with("x/a.js:2:25: error: `vm2` is no sandbox"), "{said}");
        assert!(lines[0].ends_with("[abandoned-sandbox]"), "{said}");
        let column = |line: &str, what: char| line.chars().position(|c| c == what).unwrap();
        assert_eq!(column(lines[1], '\''), column(lines[2], '^'), "{said}");
        assert!(lines[2].ends_with("^^^^^") && !lines[2].ends_with("^^^^^^"), "{said}");
        assert_eq!(said.matches("costs:").count(), 1, "{said}");
        assert!(said.ends_with("2 findings in 1 file\n"), "{said}");
    }

    #[test]
    fn what_files_hold_does_not_reach_the_terminal_as_commands() {
        let said = text(&Checker::new().check("a.js", "require('vm2') // \u{1b}[31m\u{9b}0m"));
        assert!(!said.contains(['\u{1b}', '\u{9b}']), "{said:?}");
    }

    #[test]
    fn names_of_files_add_no_lines() {
        let name = "a\u{1b}[2J\nb.js:1:1: error: forged.js";
        for source in ["require('vm2')", "const ="] {
            let said = text(&Checker::new().check(name, source));
            assert!(!said.contains('\u{1b}'), "{said:?}");
            assert!(said.lines().all(|line| !line.starts_with("b.js")), "{said}");
        }
    }

    #[test]
    fn fixes_are_shown_as_diffs() {
        let source =
            "const vm = require('vm')\nfunction f(code) { return vm.runInNewContext(code) }\n";
        let said = text(&Checker::new().only(&["missing-timeout"]).unwrap().check("a.js", source));
        assert!(
            said.contains(
                "    +function f(code) { return vm.runInNewContext(code, {}, { timeout: 1000 }) }"
            ),
            "{said}"
        );
    }
}
