//! What the rules find, and how places become lines.

use oxc_span::Span;
use serde::Serialize;

use crate::fix::Fix;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Severity {
    /// It costs memory or time.
    Warning,
    /// Whoever sends the input can take the process, its data or its time.
    Error,
}

impl Severity {
    /// `"warning"` or `"error"`, as reports of every form name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing that a rule found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The file, as it was given, with `/` between its parts.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// How many characters of that line it is about.
    pub width: u32,
    /// The line, shortened around the column where it is long.
    pub excerpt: String,
    /// Where in `excerpt` the column is, in characters from 0.
    pub excerpt_column: u32,
    /// What was found here.
    pub message: String,
    /// What it costs, with a measured figure.
    pub cost: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// The mechanical part of that, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

/// Longest excerpt in characters.
const EXCERPT: usize = 160;

/// A place in a text as people name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) width: u32,
    pub(crate) excerpt: String,
    pub(crate) excerpt_column: u32,
}

/// Where the lines of a text begin.
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(crate) fn new(text: &'t str) -> Lines<'t> {
        let after =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Lines { text, starts: std::iter::once(0).chain(after).collect() }
    }

    /// The index of the line that a byte is in.
    pub(crate) fn line_at(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// A line without its end.
    pub(crate) fn line(&self, index: usize) -> &'t str {
        let (start, end) = self.range(index);
        let line = self.text.get(start..end).unwrap_or_default();
        line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line))
    }

    /// From where to where a line goes, with its end.
    pub(crate) fn range(&self, index: usize) -> (usize, usize) {
        let start = self.starts.get(index).copied().unwrap_or(self.text.len());
        let end = self.starts.get(index + 1).copied().unwrap_or(self.text.len());
        (start, end)
    }

    pub(crate) fn count(&self) -> usize {
        self.starts.len()
    }

    /// The place of a span; of more than one line the first counts.
    pub(crate) fn place(&self, span: Span) -> Place {
        let at = floor(self.text, span.start as usize);
        let index = self.line_at(at);
        let line = self.line(index);
        let (start, _) = self.range(index);
        let before = self.text.get(start..at).unwrap_or_default().chars().count();
        let end = floor(self.text, (span.end as usize).max(at)).min(start + line.len());
        let width = self.text.get(at..end.max(at)).unwrap_or_default().chars().count();
        let length = line.chars().count();
        let skip = match length > EXCERPT {
            true => before.saturating_sub(EXCERPT / 4),
            false => 0,
        };
        let excerpt: String = line
            .chars()
            .skip(skip)
            .take(EXCERPT)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        Place {
            line: index as u32 + 1,
            column: before as u32 + 1,
            width: (width as u32).max(1),
            excerpt,
            excerpt_column: (before - skip.min(before)) as u32,
        }
    }
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_long_lines_are_shortened_around_them() {
        let text = "ä\r\n  öü(x)\nend";
        let lines = Lines::new(text);
        let at = text.find('(').unwrap() as u32;
        let place = lines.place(Span::new(at, at + 3));
        assert_eq!((place.line, place.column, place.width), (2, 5, 3));
        assert_eq!(place.excerpt, "  öü(x)");
        let long = format!("{}here{}", "x".repeat(1_000), "y".repeat(1_000));
        let place = Lines::new(&long).place(Span::new(1_000, 1_004));
        assert_eq!(place.column, 1_001);
        let from = place.excerpt_column as usize;
        assert_eq!(&place.excerpt[from..from + 4], "here");
        assert_eq!(place.excerpt.len(), EXCERPT);
    }

    #[test]
    fn places_past_the_end_are_at_the_end() {
        let place = Lines::new("ab\n").place(Span::new(90, 99));
        assert_eq!((place.line, place.column, place.width), (2, 1, 1));
    }
}
