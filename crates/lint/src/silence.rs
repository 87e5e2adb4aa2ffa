//! Comments that silence findings: `// sandtide-ignore RULE, RULE: reason`, on the line or the one before.

use std::collections::HashSet;

use crate::{Note, NoteKind, finding::Lines, program::Program};

const WORD: &str = "sandtide-ignore";

/// What the comments of a file silence.
pub(crate) struct Silence {
    /// A rule, and the line on which it is silent.
    lines: HashSet<(&'static str, u32)>,
    notes: Vec<Note>,
}

impl Silence {
    pub(crate) fn new(program: &Program<'_, '_>, lines: &Lines<'_>, file: &str) -> Silence {
        let mut silence = Silence { lines: HashSet::new(), notes: Vec::new() };
        let mut with_code: Option<Vec<usize>> = None;
        for comment in program.comments() {
            let text = program.source(comment.span);
            let text = text
                .trim_start_matches(['/', '*', ' ', '\t'])
                .trim_end_matches(['/', '*', ' ', '\t']);
            let Some(rest) = text.strip_prefix(WORD) else { continue };
            if !rest.starts_with([' ', '\t']) && !rest.is_empty() {
                continue;
            }
            let first = lines.line_at(comment.span.start as usize);
            let last = lines.line_at(comment.span.end as usize);
            let mut note = |message: String| {
                silence.notes.push(Note {
                    kind: NoteKind::Ignore,
                    file: file.to_owned(),
                    line: Some(first as u32 + 1),
                    message,
                });
            };
            let Some((rules, reason)) = rest.split_once(':') else {
                note(format!("without effect: write `{WORD} RULE: reason`"));
                continue;
            };
            if reason.trim().is_empty() {
                note(format!("without effect: `{WORD}` takes a reason after the colon"));
                continue;
            }
            // Beside code the comment is about its line, alone about the next one that has code.
            let blank = |from: usize, to: usize| {
                program.text.get(from..to).unwrap_or_default().trim().is_empty()
            };
            let alone = blank(lines.range(first).0, comment.span.start as usize)
                && blank(comment.span.end as usize, lines.range(last).1);
            let line = match alone {
                true => {
                    let with_code =
                        with_code.get_or_insert_with(|| lines_with_code(program, lines));
                    with_code.get(last + 1).copied().unwrap_or(lines.count())
                }
                false => last,
            };
            for rule in rules.split(',').map(str::trim) {
                match crate::rule_names().find(|it| *it == rule) {
                    Some(rule) => {
                        silence.lines.insert((rule, line as u32 + 1));
                    }
                    None => note(format!("without effect: there is no rule `{rule}`")),
                }
            }
        }
        silence
    }

    pub(crate) fn silences(&self, rule: &'static str, line: u32) -> bool {
        self.lines.contains(&(rule, line))
    }

    pub(crate) fn notes(self) -> Vec<Note> {
        self.notes
    }
}

/// For each line, and the place after the last: itself or the next one that is neither empty nor begins with a comment.
fn lines_with_code(program: &Program<'_, '_>, lines: &Lines<'_>) -> Vec<usize> {
    let comments: HashSet<usize> =
        program.comments().iter().map(|it| it.span.start as usize).collect();
    let mut found = vec![lines.count(); lines.count() + 1];
    for line in (0..lines.count()).rev() {
        let text = lines.line(line);
        let indent = text.len() - text.trim_start().len();
        let has_code = indent < text.len() && !comments.contains(&(lines.range(line).0 + indent));
        found[line] = if has_code { line } else { found[line + 1] };
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::{Checker, NoteKind};

    #[test]
    fn a_comment_with_a_reason_silences_its_rule_on_its_line() {
        for source in [
            "require('vm2') // sandtide-ignore abandoned-sandbox: we only list it",
            "// sandtide-ignore abandoned-sandbox: we only list it\nrequire('vm2')",
            "/* sandtide-ignore abandoned-sandbox, shared-context: listed */\n\n// more\nrequire('vm2')",
            "/* sandtide-ignore abandoned-sandbox: listed */ require('vm2')",
        ] {
            let report = Checker::new().check("a.js", source);
            assert_eq!((report.silenced, report.findings.len()), (1, 0), "{source}");
        }
    }

    #[test]
    fn any_number_of_comments_before_a_line_is_about_that_line() {
        let comments = "// sandtide-ignore abandoned-sandbox: listed\n".repeat(20_000);
        let report =
            Checker::new().check("a.js", &format!("{comments}\nrequire('vm2')\neval('vm2')"));
        assert_eq!((report.silenced, report.findings.len(), report.notes.len()), (1, 0, 0));
    }

    #[test]
    fn without_a_reason_or_for_another_rule_or_line_it_does_not() {
        for (source, notes) in [
            ("require('vm2') // sandtide-ignore abandoned-sandbox", 1),
            ("require('vm2') // sandtide-ignore abandoned-sandbox: ", 1),
            ("require('vm2') // sandtide-ignore", 1),
            ("require('vm2') // sandtide-ignore no-such: because", 1),
            ("require('vm2') // sandtide-ignore shared-context: because", 0),
            ("// sandtide-ignore abandoned-sandbox: because\na()\nrequire('vm2')", 0),
            ("const a = '// sandtide-ignore abandoned-sandbox: x'; require('vm2')", 0),
        ] {
            let report = Checker::new().check("a.js", source);
            assert_eq!((report.findings.len(), report.silenced), (1, 0), "{source}");
            assert_eq!(report.notes.len(), notes, "{source}");
            assert!(report.notes.iter().all(|it| it.kind == NoteKind::Ignore));
        }
    }
}
