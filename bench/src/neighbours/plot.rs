//! The plot of a neighbour's p99 over time, as SVG, from the record.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Record;
use super::load::quantile;

const SIZE: (u32, u32) = (960, 480);
const FONT: &str = "Helvetica, Arial, sans-serif";
const INK: RGBColor = RGBColor(0x24, 0x29, 0x2f);
const FAINT_INK: RGBColor = RGBColor(0x6e, 0x77, 0x81);
const GRID: RGBColor = RGBColor(0xe1, 0xe4, 0xe8);
const UNDER_ATTACK: RGBColor = RGBColor(0xfb, 0xf1, 0xee);
const LINE: RGBColor = RGBColor(0x0b, 0x6e, 0x99);
const BAR: RGBColor = RGBColor(0xc4, 0x3c, 0x1f);

/// A point of the line is the p99 of so many milliseconds.
const WINDOW: f64 = 1e3;
/// Milliseconds, and lines of the grid. The axis is logarithmic: without fair turns the neighbour
/// waits for seconds.
const FLOOR: f64 = 0.1;
const GRID_LINES: [f64; 6] = [0.1, 1.0, 10.0, 100.0, 1e3, 1e4];

type Drawn = std::result::Result<(), Box<dyn std::error::Error>>;

pub(crate) fn draw(record: &Record, path: &Path) -> Result<()> {
    draw_at(record, path).map_err(|error| anyhow!("could not draw {}: {error}", path.display()))
}

fn points(record: &Record) -> Vec<(f64, f64)> {
    let end = record.attacked.last().map_or(0.0, |sample| sample.at_ms);
    let windows = (end / WINDOW).ceil() as u32;
    let of = |window: u32| {
        let from = f64::from(window) * WINDOW;
        let within = record
            .attacked
            .iter()
            .filter(move |sample| (from..from + WINDOW).contains(&sample.at_ms));
        (
            (from + WINDOW / 2.0) / 1e3,
            quantile(within.map(|sample| sample.took_ms), 0.99).max(FLOOR),
        )
    };
    (0..windows).map(of).collect()
}

fn draw_at(record: &Record, path: &Path) -> Drawn {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let text = |size: u32, ink: &'static RGBColor| (FONT, size).into_text_style(&SIZE).color(ink);
    let title = (FONT, 22).into_font().style(FontStyle::Bold).color(&INK);
    let loops = record.loops;
    root.draw(&Text::new(
        format!("A tenant's p99 beside {loops} endless loops of another"),
        (24, 20),
        title,
    ))?;
    let subtitle = format!(
        "{} requests a second, p99 of each second, logarithmic; {} workers, {} cores; neighbours-{}.json",
        record.rate, record.workers, record.machine.cores, record.at,
    );
    root.draw(&Text::new(subtitle, (24, 50), text(13, &FAINT_INK)))?;

    let points = points(record);
    let end = points.last().map_or(1.0, |point| point.0 + 0.5);
    let ceiling = points.iter().map(|point| point.1).fold(100.0, f64::max) * 1.5;
    let mut chart = ChartBuilder::on(&root)
        .margin_top(84)
        .margin_right(40)
        .margin_bottom(58)
        .margin_left(84)
        .build_cartesian_2d(0.0..end, (FLOOR..ceiling).log_scale())?;
    let attack = record.attack_ms / 1e3;
    chart
        .draw_series([Rectangle::new([(attack, FLOOR), (end, ceiling)], UNDER_ATTACK.filled())])?;
    for line in GRID_LINES.into_iter().filter(|line| *line <= ceiling) {
        chart.draw_series([PathElement::new([(0.0, line), (end, line)], GRID)])?;
        let (x, y) = chart.backend_coord(&(0.0, line));
        let style = text(13, &INK).pos(Pos::new(HPos::Right, VPos::Center));
        root.draw(&Text::new(format!("{line} ms"), (x - 8, y), style))?;
    }
    let centred = text(13, &INK).pos(Pos::new(HPos::Center, VPos::Top));
    let step = (end / 12.0).ceil().max(1.0);
    for tick in (0_u32..).map(|tick| f64::from(tick) * step).take_while(|tick| *tick <= end) {
        let (x, y) = chart.backend_coord(&(tick, FLOOR));
        root.draw(&PathElement::new([(x, y), (x, y + 5)], FAINT_INK))?;
        root.draw(&Text::new(format!("{tick}"), (x, y + 9), centred.clone()))?;
    }
    let (x, y) = chart.backend_coord(&(end / 2.0, FLOOR));
    root.draw(&Text::new("seconds", (x, y + 32), centred))?;
    let (x, y) = chart.backend_coord(&(attack, ceiling));
    root.draw(&Text::new("the loops begin", (x + 6, y + 6), text(12, &FAINT_INK)))?;

    let bar = 2.0 * record.half_p99();
    chart.draw_series([PathElement::new([(0.0, bar), (end, bar)], BAR.stroke_width(1))])?;
    let (x, y) = chart.backend_coord(&(0.0, bar));
    let low = text(12, &BAR).pos(Pos::new(HPos::Left, VPos::Bottom));
    root.draw(&Text::new(
        "the bar: twice its p99 alone on half of the machine",
        (x + 6, y - 3),
        low,
    ))?;
    chart.draw_series(LineSeries::new(points, LINE.stroke_width(2)))?;
    root.present()?;
    Ok(())
}
