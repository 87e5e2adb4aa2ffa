//! The plots of memory over time, as SVG, from the record.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::coord::combinators::LogCoord;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::servers::Kind;
use super::{Record, Turn};
use crate::report::megabytes;

const SIZE: (u32, u32) = (960, 540);
const FONT: &str = "Helvetica, Arial, sans-serif";
const INK: RGBColor = RGBColor(0x24, 0x29, 0x2f);
const FAINT_INK: RGBColor = RGBColor(0x6e, 0x77, 0x81);
const GRID: RGBColor = RGBColor(0xe1, 0xe4, 0xe8);
const UNDER_LOAD: RGBColor = RGBColor(0xf3, 0xf5, 0xf8);

/// MB. The servers are two orders of magnitude apart, so the axis is logarithmic.
const FLOOR: f64 = 2.0;
const GRID_LINES: [f64; 9] = [2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];
/// Seconds from the start of the load, where the plot begins.
const BEFORE: f64 = -0.5;
/// Pixels.
const NAME_HEIGHT: i32 = 36;

/// A picture of some of the servers.
pub(crate) struct Plot {
    pub(crate) file: &'static str,
    title: &'static str,
    servers: &'static [Kind],
}

pub(crate) const PLOTS: [Plot; 2] = [
    Plot {
        file: "article-memory.svg",
        title: "Memory of a server that runs a script for each request",
        servers: &[Kind::Naive, Kind::Opt1, Kind::Opt2, Kind::Sandtide],
    },
    Plot {
        file: "article-memory-naive.svg",
        title: "Memory of naive.js, unchanged, under Node and under sandtide node",
        servers: &[Kind::Naive, Kind::SandtideNaive],
    },
];

type Root<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, LogCoord<f64>>>;
type Drawn<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The colours keep apart for readers who do not see red and green as two.
fn colour(server: Kind) -> RGBColor {
    match server {
        Kind::Naive => RGBColor(0xc4, 0x3c, 0x1f),
        Kind::Opt1 => RGBColor(0xa8, 0x8b, 0x2a),
        Kind::Opt2 => RGBColor(0x75, 0x6b, 0xb1),
        Kind::SandtideNaive
        | Kind::SandtideOpt1
        | Kind::SandtideOpt2
        | Kind::Sandtide
        | Kind::SandtideProcesses => RGBColor(0x0b, 0x6e, 0x99),
    }
}

impl Plot {
    /// Whether each of its servers had a turn: a picture that lacks one takes no other's place.
    pub(crate) fn is_possible(&self, record: &Record) -> bool {
        self.servers.iter().all(|&server| record.turns.iter().any(|turn| turn.server == server))
    }

    /// Every round as a faint line, and the round whose peak is the median as a strong one.
    pub(crate) fn draw(&self, record: &Record, path: &Path) -> Result<()> {
        let root = SVGBackend::new(path, SIZE).into_drawing_area();
        self.draw_on(record, &root)
            .map_err(|error| anyhow!("could not draw {}: {error}", path.display()))
    }

    fn draw_on<'a>(&self, record: &Record, root: &Root<'a>) -> Drawn {
        root.fill(&WHITE)?;
        let bold = (FONT, 22).into_font().style(FontStyle::Bold).color(&INK);
        root.draw(&Text::new(self.title, (24, 20), bold))?;
        root.draw(&Text::new(subtitle(record), (24, 50), text_style(13, &FAINT_INK)))?;

        let ends = self.turns(record).filter_map(|turn| turn.memory.last());
        let end = ends.map(|sample| seconds(sample.at_ms)).fold(1.0, f64::max);
        let peaks = self.turns(record).map(|turn| megabytes(turn.peak_rss_kib as f64));
        let ceiling = peaks.fold(100.0, f64::max) * 1.8;

        // The names of the lines stand on the right, the axes' labels on the other two sides.
        let mut chart: Chart<'a> = ChartBuilder::on(root)
            .margin_top(84)
            .margin_right(220)
            .margin_bottom(58)
            .margin_left(76)
            .build_cartesian_2d(BEFORE..end, (FLOOR..ceiling).log_scale())?;
        draw_axes(&mut chart, root, record.seconds as f64, end, ceiling)?;
        for &kind in self.servers {
            draw_lines(&mut chart, record, kind)?;
        }
        self.draw_names(&chart, root, record, end)?;
        root.present()?;
        Ok(())
    }

    /// The name of each line next to its end, moved apart where lines end close to each other.
    fn draw_names(&self, chart: &Chart<'_>, root: &Root<'_>, record: &Record, end: f64) -> Drawn {
        let mut names: Vec<(i32, i32, i32, &Turn)> = self
            .servers
            .iter()
            .filter_map(|&server| middle_turn(record, server))
            .filter_map(|turn| {
                let last = points(turn).last()?;
                let (x, y) = chart.backend_coord(&(end, last.1));
                Some((x, y, y, turn))
            })
            .collect();
        names.sort_by_key(|name| name.1);
        let ys: Vec<i32> = names.iter().map(|name| name.1).collect();
        for (name, y) in names.iter_mut().zip(apart(&ys, NAME_HEIGHT)) {
            name.2 = y;
        }
        for (x, line_y, y, turn) in names {
            let ink = colour(turn.server);
            root.draw(&PathElement::new([(x + 3, line_y), (x + 14, y)], ink.mix(0.6)))?;
            let name = (FONT, 15).into_font().style(FontStyle::Bold).color(&ink);
            let low = Pos::new(HPos::Left, VPos::Bottom);
            root.draw(&Text::new(
                format!("{}, {} sandbox", turn.server, turn.server.isolation()),
                (x + 18, y + 2),
                name.pos(low),
            ))?;
            let figures = format!(
                "peak {:.0} MB, after {:.0} MB",
                megabytes(turn.peak_rss_kib as f64),
                megabytes(turn.after_rss_kib as f64)
            );
            root.draw(&Text::new(figures, (x + 18, y + 3), text_style(12, &FAINT_INK)))?;
        }
        Ok(())
    }

    fn turns<'r>(&self, record: &'r Record) -> impl Iterator<Item = &'r Turn> {
        let servers = self.servers;
        record.turns.iter().filter(move |turn| servers.contains(&turn.server))
    }
}

fn subtitle(record: &Record) -> String {
    let rounds = record.turns.iter().map(|turn| turn.round).max().unwrap_or(0);
    format!(
        "resident set, logarithmic; {} connections for {} s; Node {}, {} cores; {rounds} rounds \
         (faint) and the middle one of each; article-{}.json",
        record.connections, record.seconds, record.machine.node, record.machine.cores, record.at,
    )
}

fn draw_axes(
    chart: &mut Chart<'_>,
    root: &Root<'_>,
    load_end: f64,
    end: f64,
    ceiling: f64,
) -> Drawn {
    let shade = Rectangle::new([(0.0, FLOOR), (load_end, ceiling)], UNDER_LOAD.filled());
    chart.draw_series([shade])?;
    let label = text_style(13, &INK);
    for line in GRID_LINES.into_iter().filter(|line| *line <= ceiling) {
        chart.draw_series([PathElement::new([(BEFORE, line), (end, line)], GRID)])?;
        let (x, y) = chart.backend_coord(&(BEFORE, line));
        let style = label.clone().pos(Pos::new(HPos::Right, VPos::Center));
        root.draw(&Text::new(format!("{line} MB"), (x - 8, y), style))?;
    }
    let centred = label.pos(Pos::new(HPos::Center, VPos::Top));
    let step = (end / 12.0).ceil().max(1.0);
    let ticks = (0_u32..).map(|tick| f64::from(tick) * step).take_while(|tick| *tick <= end);
    for tick in ticks {
        let (x, y) = chart.backend_coord(&(tick, FLOOR));
        root.draw(&PathElement::new([(x, y), (x, y + 5)], FAINT_INK))?;
        root.draw(&Text::new(format!("{tick}"), (x, y + 9), centred.clone()))?;
    }
    let (x, y) = chart.backend_coord(&(end / 2.0, FLOOR));
    root.draw(&Text::new("seconds from the start of the load", (x, y + 32), centred))?;
    let (x, y) = chart.backend_coord(&(load_end / 2.0, ceiling));
    let style = text_style(12, &FAINT_INK).pos(Pos::new(HPos::Center, VPos::Top));
    root.draw(&Text::new("under load", (x, y + 5), style))?;
    Ok(())
}

fn draw_lines(chart: &mut Chart<'_>, record: &Record, server: Kind) -> Drawn {
    for turn in record.turns.iter().filter(|turn| turn.server == server) {
        let style = colour(server).mix(0.25).stroke_width(1);
        chart.draw_series(LineSeries::new(points(turn), style))?;
    }
    if let Some(turn) = middle_turn(record, server) {
        let style = colour(server).stroke_width(2);
        chart.draw_series(LineSeries::new(points(turn), style))?;
    }
    Ok(())
}

/// Moves sorted positions apart until neighbours have `distance` between them, each group of them
/// staying around its middle.
fn apart(sorted: &[i32], distance: i32) -> Vec<i32> {
    // Groups as (first position, how many); a group swallows the one before it when they touch.
    let mut groups: Vec<(i32, i32)> = Vec::new();
    for &position in sorted {
        let (mut first, mut count) = (position, 1);
        while let Some(&(before, members)) = groups.last() {
            if before + members * distance <= first {
                break;
            }
            groups.pop();
            let middle_before = before + (members - 1) * distance / 2;
            let middle = first + (count - 1) * distance / 2;
            let joined = (middle_before * members + middle * count) / (members + count);
            count += members;
            first = joined - (count - 1) * distance / 2;
        }
        groups.push((first, count));
    }
    groups
        .into_iter()
        .flat_map(|(first, count)| (0..count).map(move |member| first + member * distance))
        .collect()
}

/// The turn whose peak is the middle one of the server's turns.
fn middle_turn(record: &Record, server: Kind) -> Option<&Turn> {
    let mut turns: Vec<&Turn> = record.turns.iter().filter(|turn| turn.server == server).collect();
    turns.sort_by_key(|turn| turn.peak_rss_kib);
    turns.get(turns.len() / 2).copied()
}

fn points(turn: &Turn) -> impl Iterator<Item = (f64, f64)> {
    let samples = turn.memory.iter().filter(|sample| seconds(sample.at_ms) >= BEFORE);
    samples.map(|sample| (seconds(sample.at_ms), megabytes(sample.rss_kib as f64).max(FLOOR)))
}

fn seconds(ms: i64) -> f64 {
    ms as f64 / 1e3
}

fn text_style(size: u32, ink: &RGBColor) -> TextStyle<'_> {
    (FONT, size).into_text_style(&SIZE).color(ink)
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn names_that_are_far_from_each_other_stay_where_they_are() {
        assert_eq!(apart(&[10, 50, 90], 30), [10, 50, 90]);
    }

    #[test]
    fn names_that_touch_are_moved_apart_around_their_middle() {
        assert_eq!(apart(&[50, 52], 30), [36, 66]);
    }

    #[test]
    fn a_group_that_grows_into_its_neighbour_takes_it_along() {
        let moved = apart(&[40, 60, 62, 200], 30);
        assert!(moved.windows(2).all(|pair| pair[1] - pair[0] >= 30), "{moved:?}");
        assert_eq!(moved[3], 200);
    }
}
