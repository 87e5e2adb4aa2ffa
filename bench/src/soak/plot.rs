//! The plot of the server's memory over the soak, as SVG, from the record.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Record;
use super::processes::Look;
use crate::report::megabytes;

const SIZE: (u32, u32) = (960, 480);
const FONT: &str = "Helvetica, Arial, sans-serif";
const INK: RGBColor = RGBColor(0x24, 0x29, 0x2f);
const FAINT_INK: RGBColor = RGBColor(0x6e, 0x77, 0x81);
const GRID: RGBColor = RGBColor(0xe1, 0xe4, 0xe8);
const ALL: RGBColor = RGBColor(0xb0, 0x6b, 0x12);
const BROKER: RGBColor = RGBColor(0x0b, 0x6e, 0x99);

/// A line of the plot: its name, its colour, and what it shows.
type Line = (&'static str, &'static RGBColor, fn(&Look) -> u64);

type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

pub(crate) fn draw(record: &Record, path: &Path) -> Result<()> {
    draw_at(record, path).map_err(|error| anyhow!("could not draw {}: {error}", path.display()))
}

fn draw_at(record: &Record, path: &Path) -> Drawn {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let text = |size: u32, ink: &'static RGBColor| (FONT, size).into_text_style(&SIZE).color(ink);
    let title = (FONT, 22).into_font().style(FontStyle::Bold).color(&INK);
    root.draw(&Text::new("Memory of a server under hostile load", (24, 20), title))?;
    let subtitle = format!(
        "{} workers, {} clients, one run in twenty hostile, {} workers killed; points are quiet moments; soak-{}.json",
        record.workers, record.clients, record.killed_workers, record.at,
    );
    root.draw(&Text::new(subtitle, (24, 50), text(13, &FAINT_INK)))?;

    let looks = || record.loaded.iter().chain(&record.quiet);
    let end = looks().map(|look| look.at_s).fold(1.0, f64::max);
    let top = looks().map(|look| megabytes(look.all_kib as f64)).fold(1.0, f64::max) * 1.1;
    let mut chart = ChartBuilder::on(&root)
        .margin_top(84)
        .margin_right(40)
        .margin_bottom(58)
        .margin_left(84)
        .build_cartesian_2d(0.0..end, 0.0..top)?;
    let step = 10f64.powf((top / 3.0).log10().floor());
    let step = if top / step > 12.0 { step * 5.0 } else { step * 2.0 };
    for line in (0_u32..).map(|line| f64::from(line) * step).take_while(|line| *line <= top) {
        chart.draw_series([PathElement::new([(0.0, line), (end, line)], GRID)])?;
        let (x, y) = chart.backend_coord(&(0.0, line));
        let style = text(13, &INK).pos(Pos::new(HPos::Right, VPos::Center));
        root.draw(&Text::new(format!("{line} MB"), (x - 8, y), style))?;
    }
    let centred = text(13, &INK).pos(Pos::new(HPos::Center, VPos::Top));
    let step = (end / 12.0).ceil().max(1.0);
    for tick in (0_u32..).map(|tick| f64::from(tick) * step).take_while(|tick| *tick <= end) {
        let (x, y) = chart.backend_coord(&(tick, 0.0));
        root.draw(&PathElement::new([(x, y), (x, y + 5)], FAINT_INK))?;
        root.draw(&Text::new(format!("{tick}"), (x, y + 9), centred.clone()))?;
    }
    let (x, y) = chart.backend_coord(&(end / 2.0, 0.0));
    root.draw(&Text::new("seconds", (x, y + 32), centred))?;

    let lines: [Line; 2] = [
        ("the broker and all its processes", &ALL, |look| look.all_kib),
        ("the broker", &BROKER, |look| look.broker_kib),
    ];
    for (row, (name, ink, of)) in lines.into_iter().enumerate() {
        let at = |look: &Look| (look.at_s, megabytes(of(look) as f64));
        let loaded = record.loaded.iter().map(at);
        chart.draw_series(LineSeries::new(loaded, ink.stroke_width(2)))?;
        let quiet = record.quiet.iter().map(|look| Circle::new(at(look), 5, ink.filled()));
        chart.draw_series(quiet)?;
        let (x, y) = chart.backend_coord(&(0.0, top));
        root.draw(&Text::new(name, (x + 12, y + 4 + 18 * row as i32), text(13, ink)))?;
    }
    root.present()?;
    Ok(())
}
