//! What `sandtide top` shows of a server, as a screen and as lines. Must not know where it comes from.

use std::collections::VecDeque;

use bytesize::ByteSize;
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    style::{Color, Style, Stylize},
    text::{Line, Span},
    widgets::{Block, Paragraph, Row, Sparkline, Table},
};

use super::{pace::Pace, told::Told};
use crate::terminal::harmless;

/// Paces that are kept for the curve: ten minutes of seconds.
const KEPT: usize = 600;

/// A script of the tenant that is looked at.
#[derive(Debug, PartialEq)]
pub(super) struct Script {
    pub(super) name: String,
    /// Runs a second.
    pub(super) rate: f64,
    /// Expected time of a run, in microseconds.
    pub(super) cost_us: f64,
}

/// All that is shown.
pub(super) struct Shown {
    pub(super) address: String,
    pub(super) tenant: String,
    pub(super) now: Told,
    pub(super) pace: Pace,
    /// None where they may not be seen.
    pub(super) scripts: Option<Vec<Script>>,
    /// Why the last reading failed, if it did.
    pub(super) trouble: Option<String>,
    rates: VecDeque<u64>,
}

impl Shown {
    pub(super) fn new(address: String, tenant: String) -> Self {
        Self {
            address,
            tenant,
            now: Told::default(),
            pace: Pace::default(),
            scripts: None,
            trouble: None,
            rates: VecDeque::new(),
        }
    }

    pub(super) fn note(&mut self, now: Told, pace: Pace) {
        // Rates are positive and small.
        self.rates.push_back(pace.runs.round() as u64);
        if self.rates.len() > KEPT {
            self.rates.pop_front();
        }
        (self.now, self.pace, self.trouble) = (now, pace, None);
    }

    /// The figures, each with its name.
    fn figures(&self) -> Vec<(&'static str, String)> {
        let (now, pace) = (&self.now, &self.pace);
        let states = now.by("sandtide_worker_processes", "state");
        let processes = states.iter().map(|(state, count)| format!("{count} {state}"));
        let memory = now.by("sandtide_resident_memory_bytes", "role");
        let memory = memory.iter().map(|(role, size)| format!("{role} {}", bytes(*size)));
        let mut figures = vec![
            ("runs", format!("{}/s", count(pace.runs))),
            (
                "took",
                pace.took.map_or("-".to_owned(), |(half, most)| {
                    format!("p50 {}, p99 {}", time(half), time(most))
                }),
            ),
            ("waited", pace.waited.map_or("-".to_owned(), |most| format!("p99 {}", time(most)))),
            ("processors", format!("{:.2} used by runs", pace.processors)),
            ("put back", format!("{}/s", bytes(pace.restored))),
            (
                "at work",
                format!(
                    "{} of {} workers, {} runs wait",
                    now.sum("sandtide_runs_running"),
                    now.sum("sandtide_workers"),
                    now.sum("sandtide_queue_depth"),
                ),
            ),
        ];
        if !states.is_empty() {
            let lost = now.sum("sandtide_worker_processes_lost_total");
            let all: Vec<String> = processes.collect();
            figures.push(("processes", format!("{}; {lost} lost so far", all.join(", "))));
        }
        figures.push(("memory", memory.collect::<Vec<_>>().join(", ")));
        figures.push((
            "scripts",
            format!(
                "{} of {} tenants, {}",
                now.sum("sandtide_scripts"),
                now.sum("sandtide_tenants"),
                bytes(now.sum("sandtide_scripts_held_bytes")),
            ),
        ));
        if !pace.sides.is_empty() {
            let side = |(version, all, failed): &(String, f64, f64)| {
                format!("{version} {}/s, {}/s in an error", count(*all), count(*failed))
            };
            let sides = pace.sides.iter().map(side).collect::<Vec<_>>();
            figures.push(("canaries", harmless(&sides.join("; ")).into_owned()));
        }
        let (scheduled, failed) = pace.scheduled;
        if scheduled > 0.0 {
            let told = format!("{}/s, {}/s in an error", count(scheduled), count(failed));
            figures.push(("schedules", told));
        }
        if pace.faults > 0.0 {
            figures.push((
                "faults",
                format!("{}/s answered with a status of 5xx", count(pace.faults)),
            ));
        }
        figures
    }

    /// The same as lines, for whoever has no terminal.
    pub(super) fn lines(&self) -> String {
        let mut lines = vec![self.address.clone()];
        lines.extend(self.figures().iter().map(|(name, value)| format!("{name:<11} {value}")));
        for (outcome, rate) in &self.pace.outcomes {
            lines.push(format!("  {outcome:<34} {:>9}/s", count(*rate)));
        }
        for script in self.scripts.iter().flatten() {
            let Script { name, rate, cost_us } = script;
            lines.push(format!("  {name:<34} {:>9}/s  {}", count(*rate), time(cost_us / 1e6)));
        }
        lines.join("\n")
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>) {
        let [head, figures, curve, tables, foot] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(self.figures().len() as u16),
            Constraint::Length(7),
            Constraint::Min(4),
            Constraint::Length(1),
        ])
        .areas(frame.area());
        frame.render_widget(
            Line::from(vec![" sandtide ".bold().reversed(), " ".into(), (&*self.address).into()]),
            head,
        );
        let rows = self.figures().into_iter().map(|(name, value)| {
            Line::from(vec![Span::from(format!(" {name:<11} ")).dim(), Span::from(value)])
        });
        frame.render_widget(Paragraph::new(rows.collect::<Vec<_>>()), figures);
        self.draw_curve(frame, curve);
        let [outcomes, scripts] =
            Layout::horizontal([Constraint::Percentage(45), Constraint::Percentage(55)])
                .areas(tables);
        self.draw_outcomes(frame, outcomes);
        self.draw_scripts(frame, scripts);
        let foot_line = match &self.trouble {
            Some(trouble) => Line::from(format!(" {}", harmless(trouble))).fg(Color::Red),
            None => Line::from(" q quits").dim(),
        };
        frame.render_widget(foot_line, foot);
    }

    fn draw_curve(&self, frame: &mut Frame<'_>, area: Rect) {
        let most = self.rates.iter().max().copied().unwrap_or(0);
        let title = format!(" runs a second, at most {most} ");
        let width = usize::from(area.width.saturating_sub(2));
        let seen = self.rates.iter().skip(self.rates.len().saturating_sub(width)).copied();
        let curve = Sparkline::default()
            .data(seen.collect::<Vec<_>>())
            .style(Style::new().fg(Color::Cyan))
            .block(Block::bordered().title(title));
        frame.render_widget(curve, area);
    }

    fn draw_outcomes(&self, frame: &mut Frame<'_>, area: Rect) {
        let rows = self.pace.outcomes.iter().map(|(outcome, rate)| {
            let row = Row::new([harmless(outcome).into_owned(), format!("{:>9}/s", count(*rate))]);
            if outcome == "ok" { row } else { row.fg(Color::Yellow) }
        });
        let widths = [Constraint::Min(12), Constraint::Length(11)];
        frame.render_widget(
            Table::new(rows, widths).block(Block::bordered().title(" outcomes ")),
            area,
        );
    }

    fn draw_scripts(&self, frame: &mut Frame<'_>, area: Rect) {
        let title = match self.scripts {
            Some(_) => format!(" scripts of {} ", harmless(&self.tenant)),
            None => " scripts: this token may not list them ".to_owned(),
        };
        let rows = self.scripts.iter().flatten().map(|script| {
            Row::new([
                harmless(&script.name).into_owned(),
                format!("{:>9}/s", count(script.rate)),
                format!("{:>9}", time(script.cost_us / 1e6)),
            ])
        });
        let widths = [Constraint::Min(12), Constraint::Length(11), Constraint::Length(9)];
        let head = Row::new(["", "      runs", "    a run"]).dim();
        frame.render_widget(
            Table::new(rows, widths).header(head).block(Block::bordered().title(title)),
            area,
        );
    }
}

fn count(number: f64) -> String {
    if number >= 100.0 { format!("{number:.0}") } else { format!("{number:.1}") }
}

fn time(seconds: f64) -> String {
    match seconds {
        _ if seconds >= 1.0 => format!("{seconds:.2} s"),
        _ if seconds >= 1e-3 => format!("{:.1} ms", seconds * 1e3),
        _ => format!("{:.0} us", seconds * 1e6),
    }
}

fn bytes(number: f64) -> String {
    // Sizes are positive.
    ByteSize::b(number as u64).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ratatui::{Terminal, backend::TestBackend};

    use super::*;

    fn shown() -> Shown {
        let told = |runs: u32| {
            Told::read(&format!(
                "sandtide_workers 2\nsandtide_runs_total{{outcome=\"ok\"}} {runs}\n\
                 sandtide_canary_runs_total{{version=\"canary\",outcome=\"ok\"}} {runs}\n\
                 sandtide_resident_memory_bytes{{role=\"server\"}} 5242880\n"
            ))
        };
        let mut shown = Shown::new("http://127.0.0.1:8080".to_owned(), "harbour".to_owned());
        shown.note(told(120), Pace::between(&told(0), &told(120), Duration::from_secs(1)));
        let name = "rules\u{1b}[2J".to_owned();
        shown.scripts = Some(vec![Script { name, rate: 120.0, cost_us: 48.0 }]);
        shown
    }

    fn drawn(shown: &Shown, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| shown.draw(frame)).unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn a_screen_and_lines_tell_the_same_figures() {
        let shown = shown();
        let (screen, lines) = (drawn(&shown, 100, 30), shown.lines());
        for part in ["120/s", "2 workers", "server 5.0 MiB", "48 us", "rules", "canary 120/s"] {
            assert!(screen.contains(part) && lines.contains(part), "{part}: {screen}\n{lines}");
        }
    }

    #[test]
    fn names_are_shown_and_not_obeyed() {
        assert!(!drawn(&shown(), 100, 30).contains('\u{1b}'));
    }

    #[test]
    fn a_screen_of_any_size_is_drawn() {
        for (width, height) in [(1, 1), (20, 5), (80, 24), (300, 100)] {
            drawn(&shown(), width, height);
        }
    }

    #[test]
    fn a_reading_that_failed_is_told_below_the_last_figures() {
        let mut shown = shown();
        shown.trouble = Some("connection refused".to_owned());
        let screen = drawn(&shown, 100, 30);
        assert!(screen.contains("connection refused") && screen.contains("120/s"), "{screen}");
    }
}
