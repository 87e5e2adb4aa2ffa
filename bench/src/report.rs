//! How figures look in the tables of all benchmarks. Pure.

use std::fmt::Write as _;

use crate::stats::Spread;

/// Rows of figures, each with a verdict at its end if there is a bar for it.
pub(crate) struct Table(String);

impl Table {
    /// The last column is the verdict's.
    pub(crate) fn new(columns: &[&str]) -> Self {
        Self(format!("| {} |\n{}|\n", columns.join(" | "), "|---".repeat(columns.len())))
    }

    pub(crate) fn row(&mut self, cells: &[&str], met: Option<bool>) {
        let verdict = met.map_or("", verdict);
        // Writing to a String does not fail.
        let _ = writeln!(self.0, "| {} | {verdict} |", cells.join(" | "));
    }

    pub(crate) fn text(self) -> String {
        self.0
    }
}

/// What a bar's line ends with.
pub(crate) fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

/// Median, least and most.
pub(crate) fn spread(figures: Spread, decimals: usize) -> String {
    let Spread { median, min, max } = figures;
    format!("{median:.decimals$} ({min:.decimals$} to {max:.decimals$})")
}

/// Median, least and most of figures in ns.
pub(crate) fn microseconds(ns: &[f64]) -> String {
    Spread::of(ns.iter().map(|ns| ns / 1e3))
        .map_or_else(|| "-".to_owned(), |figures| spread(figures, 2) + " us")
}

/// Megabytes of 10^6 bytes.
pub(crate) fn megabytes(kib: f64) -> f64 {
    kib * 1024.0 / 1e6
}

#[cfg(test)]
mod tests {
    use super::{Table, megabytes, microseconds};

    #[test]
    fn a_row_without_a_bar_has_no_verdict() {
        let mut table = Table::new(&["what", "figure", ""]);
        table.row(&["a", "1"], None);
        table.row(&["b", "2"], Some(false));
        assert_eq!(
            table.text(),
            "| what | figure |  |\n|---|---|---|\n| a | 1 |  |\n| b | 2 | MISSED |\n"
        );
    }

    #[test]
    fn figures_are_shown_as_median_least_and_most() {
        assert_eq!(microseconds(&[3000.0, 1000.0, 2500.0]), "2.50 (1.00 to 3.00) us");
        assert_eq!(microseconds(&[]), "-");
    }

    #[test]
    fn megabytes_are_of_a_million_bytes() {
        assert_eq!(megabytes(1000.0), 1.024);
    }
}
