//! Ranges of numbers.

use super::format::NumberFormat;
use super::options::Style;
use super::rounding::Number;
use crate::error::{Error, range};
use crate::out::Out;

/// A part of a range: whose it is (`startRange`, `endRange`, `shared`), its kind, and its text.
pub(crate) type RangePart = (&'static str, String, String);

impl NumberFormat {
    /// The parts of a range.
    pub(crate) fn format_range(
        &self,
        start: &Number,
        end: &Number,
    ) -> Result<Vec<RangePart>, Error> {
        if matches!(start, Number::Nan) || matches!(end, Number::Nan) {
            return Err(range("a range cannot begin or end with NaN"));
        }
        let parts = |number: &Number| {
            let mut out = Out::parts();
            self.format(number, &mut out);
            out.pieces().map(|(kind, text)| (kind.to_owned(), text.to_owned())).collect::<Vec<_>>()
        };
        let (mut first, mut second) = (parts(start), parts(end));
        if first == second {
            let mut out = Out::parts();
            self.format_about(start, &mut out);
            return Ok(out
                .pieces()
                .map(|(kind, text)| ("shared", kind.into(), text.into()))
                .collect());
        }
        let outer = |kind: &str| {
            matches!(kind, "currency" | "unit" | "percentSign" | "literal" | "compact")
        };
        // What stands on one side of both is written once, if it is more than one character.
        let same = first
            .iter()
            .rev()
            .zip(second.iter().rev())
            .take_while(|(a, b)| a == b && outer(&a.0))
            .count();
        let length = |parts: &[(String, String)]| {
            parts.iter().map(|(_, text)| text.chars().count()).sum::<usize>()
        };
        let whole = |parts: &[(String, String)], count: usize| {
            parts[..parts.len() - count].iter().all(|(kind, _)| !outer(kind))
        };
        let after = match same > 0
            && length(&first[first.len() - same..]) > 1
            && whole(&first, same)
            && whole(&second, same)
        {
            true => second.split_off(second.len() - same),
            false => Vec::new(),
        };
        first.truncate(first.len() - after.len());
        let before =
            match first.iter().zip(&second).take_while(|(a, b)| a == b && outer(&a.0)).count() {
                0 => Vec::new(),
                same if length(&first[..same]) > 1
                    && !first[same..]
                        .iter()
                        .chain(&second[same..])
                        .any(|(kind, _)| outer(kind)) =>
                {
                    second.drain(..same);
                    first.drain(..same).collect()
                }
                _ => Vec::new(),
            };
        let repeated = self.options.style != Style::Decimal
            && after.is_empty()
            && before.is_empty()
            || first.iter().chain(&second).any(|(kind, _)| outer(kind) || kind.ends_with("Sign"));
        let pattern = self.symbols.range;
        let (_, rest) = pattern.split_once("{0}").unwrap_or(("", "–"));
        let between = rest.strip_suffix("{1}").unwrap_or(rest);
        let spaced = between.starts_with(char::is_whitespace);
        let between = if repeated && !spaced { format!(" {between} ") } else { between.to_owned() };
        let all = |whose: &'static str, parts: Vec<(String, String)>| {
            parts.into_iter().map(move |(kind, text)| (whose, kind, text))
        };
        Ok(all("shared", before)
            .chain(all("startRange", first))
            .chain([("shared", "literal".to_owned(), between)])
            .chain(all("endRange", second))
            .chain(all("shared", after))
            .collect())
    }
}
