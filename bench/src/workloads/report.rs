//! The tables and the chart of the workloads, from the record. Pure, but for the chart's file.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use super::{Figures, Record};
use crate::report::Table;

const FONT: &str = "Helvetica, Arial, sans-serif";
const BAR: RGBColor = RGBColor(0x0b, 0x6e, 0x99);
const INK: RGBColor = RGBColor(0x24, 0x29, 0x2f);
const GRID: RGBColor = RGBColor(0xe1, 0xe4, 0xe8);

/// How many times a subject's time the first one's pristine runs would fit into: above 1 they are faster.
fn ratio(figures: &[Figures], subject: usize, of: fn(&Figures) -> Option<f64>) -> Option<f64> {
    Some(of(figures.get(subject)?)? / of(figures.first()?)?)
}

fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (!ratios.is_empty()).then(|| (sum / ratios.len() as f64).exp())
}

fn table(record: &Record, of: fn(&Figures) -> Option<f64>) -> String {
    let mut columns = vec!["workload"];
    columns.extend(record.subjects.iter().map(String::as_str));
    columns.push("");
    let mut table = Table::new(&columns);
    let mut ratios: Vec<Vec<f64>> = record.subjects.iter().map(|_| Vec::new()).collect();
    for row in &record.rows {
        let mut cells = vec![row.workload.clone()];
        for (subject, ratios) in ratios.iter_mut().enumerate() {
            let us = row.figures.get(subject).and_then(of).unwrap_or(f64::NAN) / 1e3;
            let ratio = ratio(&row.figures, subject, of).unwrap_or(f64::NAN);
            ratios.push(ratio);
            cells.push(if subject == 0 {
                format!("{us:.1} us")
            } else {
                format!("{us:.1} us ({ratio:.2})")
            });
        }
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        table.row(&cells, None);
    }
    let mut cells = vec!["geometric mean".to_owned()];
    cells.extend(ratios.iter().map(|r| format!("{:.2}", geometric_mean(r).unwrap_or(f64::NAN))));
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    table.row(&cells, None);
    table.text()
}

pub(super) fn text(record: &Record) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "\nOne run, warm, the median of {} turns. In parentheses: times the pristine run's time.\n",
        record.rounds
    );
    text += &table(record, Figures::median);
    text += "\nThe first run of a process.\n\n";
    text += &table(record, Figures::first_median);
    text
}

/// A bar for each subject: the geometric mean of its times, as multiples of the pristine run's.
pub(super) fn chart(record: &Record, path: &Path) -> Result<()> {
    let bars: Vec<(&str, f64)> = record
        .subjects
        .iter()
        .enumerate()
        .filter_map(|(subject, name)| {
            let ratios: Vec<f64> = record
                .rows
                .iter()
                .filter_map(|row| ratio(&row.figures, subject, Figures::median))
                .collect();
            Some((name.as_str(), geometric_mean(&ratios)?))
        })
        .collect();
    draw(&bars, path).map_err(|error| anyhow!("could not draw {}: {error}", path.display()))
}

fn draw(bars: &[(&str, f64)], path: &Path) -> std::result::Result<(), Box<dyn std::error::Error>> {
    const LEFT: i32 = 190;
    const WIDTH: f64 = 620.0;
    let height = 90 + 34 * bars.len() as u32;
    let root = SVGBackend::new(path, (960, height)).into_drawing_area();
    root.fill(&WHITE)?;
    let most = bars.iter().map(|bar| bar.1).fold(1.0, f64::max);
    let ink = |size: i32| (FONT, size).into_font().color(&INK);
    root.draw(&Text::new(
        "Time of a run, times a pristine run's (geometric mean)",
        (24, 20),
        ink(18),
    ))?;
    for (i, (name, value)) in bars.iter().enumerate() {
        let top = 60 + 34 * i as i32;
        let right = LEFT + (WIDTH * value / most).round() as i32;
        root.draw(&Rectangle::new([(LEFT, top), (LEFT + WIDTH as i32, top + 22)], GRID.filled()))?;
        root.draw(&Rectangle::new([(LEFT, top), (right, top + 22)], BAR.filled()))?;
        root.draw(&Text::new((*name).to_owned(), (24, top + 5), ink(13)))?;
        let figure = format!("{value:.2}");
        root.draw(&Text::new(figure, (LEFT + WIDTH as i32 + 12, top + 5), ink(13)))?;
    }
    root.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::geometric_mean;

    #[test]
    fn the_geometric_mean_of_a_half_and_a_double_is_one() {
        assert!((geometric_mean(&[0.5, 2.0]).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(geometric_mean(&[]), None);
    }
}
