//! Fixes: edits of a text, and the unified diff that says them.

use std::fmt::Write;

use oxc_span::Span;
use serde::Serialize;

use crate::finding::Lines;

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// The mechanical part of a remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Fix {
    /// What it does, and what to look at before it is applied.
    pub title: &'static str,
    /// A unified diff, from the directory that the file's name starts at.
    pub diff: String,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) span: Span,
    pub(crate) text: String,
}

impl Edit {
    pub(crate) fn replace(span: Span, text: impl Into<String>) -> Edit {
        Edit { span, text: text.into() }
    }

    pub(crate) fn insert(at: u32, text: impl Into<String>) -> Edit {
        Edit { span: Span::new(at, at), text: text.into() }
    }
}

/// The diff of what `edits`, which may not overlap, make of `text`, whose `lines` are given. None where they do, or
/// change nothing, or where a diff cannot say the file's name.
pub(crate) fn diff(file: &str, text: &str, lines: &Lines<'_>, edits: &[Edit]) -> Option<String> {
    // Names are not quoted: one with a line's end would begin another file of the diff.
    if file.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) {
        return None;
    }
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let apart = edits.windows(2).all(|two| two[0].span.end <= two[1].span.start);
    let inside = edits
        .iter()
        .all(|edit| text.get(edit.span.start as usize..edit.span.end as usize).is_some());
    if edits.is_empty() || !apart || !inside {
        return None;
    }
    // Lines are changed in groups: edits that share one.
    let mut groups: Vec<(usize, usize, Vec<Edit>)> = Vec::new();
    for edit in edits {
        let first = lines.line_at(edit.span.start as usize);
        let mut last = lines.line_at(edit.span.end as usize);
        // An edit that ends where a line begins leaves that line alone, unless it is an insertion there.
        if last > first && lines.range(last).0 == edit.span.end as usize && edit.text.is_empty() {
            last -= 1;
        }
        match groups.last_mut() {
            Some(group) if first <= group.1 => {
                group.1 = group.1.max(last);
                group.2.push(edit);
            }
            _ => groups.push((first, last, vec![edit])),
        }
    }
    let mut said = format!("--- a/{file}\n+++ b/{file}\n");
    let mut shift = 0i64;
    let mut at = 0;
    while at < groups.len() {
        // Hunks whose contexts touch are one.
        let mut end = at + 1;
        while end < groups.len() && groups[end].0 <= groups[end - 1].1 + 2 * CONTEXT {
            end += 1;
        }
        let (body, from, old, new) = hunk(text, lines, &groups[at..end]);
        let start = if old == 0 { from } else { from + 1 };
        let _ = writeln!(said, "@@ -{start},{old} +{},{new} @@", start as i64 + shift);
        said += &body;
        shift += new as i64 - old as i64;
        at = end;
    }
    Some(said)
}

/// The lines of a hunk; the index of its first line; how many lines it has before and after.
fn hunk(
    text: &str,
    lines: &Lines<'_>,
    groups: &[(usize, usize, Vec<Edit>)],
) -> (String, usize, usize, usize) {
    let mut body = String::new();
    let (mut old, mut new) = (0, 0);
    let from = groups[0].0.saturating_sub(CONTEXT);
    let mut at = from;
    let mut put = |sign: char, line: &str| {
        body.push(sign);
        body.push_str(line);
        if !line.ends_with('\n') {
            body.push_str("\n\\ No newline at end of file\n");
        }
    };
    let whole = |index: usize| {
        let (start, end) = lines.range(index);
        &text[start..end]
    };
    for (first, last, edits) in groups {
        for index in at..*first {
            put(' ', whole(index));
            (old, new) = (old + 1, new + 1);
        }
        let (start, end) = (lines.range(*first).0, lines.range(*last).1);
        let mut changed = String::new();
        let mut done = start;
        for edit in edits {
            changed += &text[done..edit.span.start as usize];
            changed += &edit.text;
            done = edit.span.end as usize;
        }
        changed += &text[done.min(end)..end];
        let before: Vec<&str> =
            (*first..=*last).map(whole).filter(|line| !line.is_empty()).collect();
        let after: Vec<&str> = changed.split_inclusive('\n').collect();
        // Lines that an insertion only moves stay as they are.
        let same = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
        let rest = before[same..].iter().rev().zip(after[same..].iter().rev());
        let tail = rest.take_while(|(a, b)| a == b).count();
        for line in &before[..same] {
            put(' ', line);
        }
        for line in &before[same..before.len() - tail] {
            put('-', line);
        }
        for line in &after[same..after.len() - tail] {
            put('+', line);
        }
        for line in &before[before.len() - tail..] {
            put(' ', line);
        }
        old += before.len();
        new += after.len();
        at = last + 1;
    }
    for index in at..(at + CONTEXT).min(lines.count()) {
        let line = whole(index);
        if !line.is_empty() {
            put(' ', line);
            (old, new) = (old + 1, new + 1);
        }
    }
    (body, from, old, new)
}

/// What edits make of a text.
#[cfg(test)]
pub(crate) fn applied(text: &str, edits: &[Edit]) -> String {
    let mut edits = edits.to_vec();
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::new();
    let mut done = 0;
    for edit in edits {
        out += &text[done..edit.span.start as usize];
        out += &edit.text;
        done = edit.span.end as usize;
    }
    out + &text[done..]
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, edits: &[Edit]) {
        let expected = applied(text, edits);
        let Some(diff) = diff("dir/file.js", text, &Lines::new(text), edits) else { return };
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("dir")).unwrap();
        std::fs::write(dir.path().join("dir/file.js"), text).unwrap();
        std::fs::write(dir.path().join("fix.diff"), &diff).unwrap();
        let git = Command::new("git")
            .args(["apply", "--whitespace=nowarn", "fix.diff"])
            .env("GIT_CEILING_DIRECTORIES", dir.path().parent().unwrap())
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert!(git.status.success(), "{diff}\n{}", String::from_utf8_lossy(&git.stderr));
        let made = std::fs::read_to_string(dir.path().join("dir/file.js")).unwrap();
        assert_eq!(made, expected, "{diff}");
    }

    #[test]
    fn diffs_are_applied_by_git() {
        let text = (1..=40).map(|n| format!("line {n}\n")).collect::<String>();
        let at = |what: &str| text.find(what).unwrap() as u32;
        check(&text, &[Edit::insert(0, "first\n")]);
        check(
            &text,
            &[
                Edit::insert(at("line 5\n"), "x\n"),
                Edit::replace(Span::new(at("line 9\n"), at("line 10\n")), ""),
            ],
        );
        check(&text, &[Edit::insert(at("line 5\n") + 4, "A"), Edit::insert(at("line 30\n"), "B")]);
        check("no end", &[Edit::insert(2, "X")]);
        check("one\r\ntwo\r\n", &[Edit::insert(5, "X")]);
    }

    #[test]
    fn names_that_a_diff_cannot_say_have_none() {
        let edits = [Edit::insert(0, "x")];
        for (file, has) in
            [("a b.js", true), ("a\n+++ b/c.js", false), ("a\"b.js", false), ("a\\b.js", false)]
        {
            assert_eq!(diff(file, "a\n", &Lines::new("a\n"), &edits).is_some(), has, "{file:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
        #[test]
        fn any_edit_is_applied_by_git(
            lines in prop::collection::vec("[a-c]{0,4}", 1..30),
            cuts in prop::collection::vec((0usize..200, 0usize..12, "[x\n]{0,5}"), 1..4),
        ) {
            let text = lines.join("\n");
            let mut edits: Vec<Edit> = Vec::new();
            for (at, length, new) in cuts {
                let start = at.min(text.len());
                let end = (start + length).min(text.len());
                let edit = Edit::replace(Span::new(start as u32, end as u32), new);
                let apart = edits.iter().all(|it| it.span.end < edit.span.start || edit.span.end < it.span.start);
                if apart && text[start..end] != edit.text {
                    edits.push(edit);
                }
            }
            check(&text, &edits);
        }
    }
}
