//! The table and the bars, from the record. Pure: text out, nothing measured.

use std::fmt::Write as _;

use super::servers::Kind;
use super::{Record, Turn};
use crate::report::{megabytes, spread, verdict};
use crate::stats::Spread;

/// At least this many times the requests per second of Node, and what it is compared with: its
/// fresh sandboxes for `sandtide serve`, the same program for the others.
const BAR_RATES: [(Kind, Kind, f64); 4] = [
    (Kind::Sandtide, Kind::Naive, 8.0),
    (Kind::SandtideProcesses, Kind::Naive, 7.0),
    (Kind::SandtideNaive, Kind::Naive, 3.0),
    (Kind::SandtideOpt2, Kind::Opt2, 0.3),
];
/// At most this much resident at the peak, in MB.
const BAR_PEAK_MB: f64 = 40.0;
const BAR_PEAKS: [Kind; 2] = [Kind::Sandtide, Kind::SandtideNaive];

/// At most this much for all processes together, what they share counted once, in MB.
const BAR_PSS: (Kind, f64) = (Kind::SandtideProcesses, 60.0);

/// One server's figures over all rounds.
struct Row {
    server: Kind,
    rate: Spread,
    p50_ms: Spread,
    p99_ms: Spread,
    peak_mb: Spread,
    pss_mb: Spread,
    after_mb: Spread,
    requests: u64,
    refused: u64,
    socket_errors: u64,
}

impl Row {
    /// `None` when the server had no turn.
    fn of(record: &Record, server: Kind) -> Option<Self> {
        let turns: Vec<&Turn> = record.turns.iter().filter(|turn| turn.server == server).collect();
        let spread = |figure: fn(&Turn) -> f64| Spread::of(turns.iter().map(|turn| figure(turn)));
        Some(Self {
            server,
            rate: spread(|turn| turn.load.requests_per_second)?,
            p50_ms: spread(|turn| turn.load.p50_us / 1e3)?,
            p99_ms: spread(|turn| turn.load.p99_us / 1e3)?,
            peak_mb: spread(|turn| megabytes(turn.peak_rss_kib as f64))?,
            pss_mb: spread(|turn| megabytes(turn.peak_pss_kib as f64))?,
            after_mb: spread(|turn| megabytes(turn.after_rss_kib as f64))?,
            requests: turns.iter().map(|turn| turn.load.requests).sum(),
            refused: turns.iter().map(|turn| turn.load.refused).sum(),
            socket_errors: turns.iter().map(|turn| turn.load.socket_errors).sum(),
        })
    }
}

/// Medians, spreads and ratios to Node with fresh sandboxes, for people.
pub(crate) fn text(record: &Record) -> String {
    let rows: Vec<Row> = Kind::ALL.iter().filter_map(|&kind| Row::of(record, kind)).collect();
    let find = |kind| rows.iter().find(|row| row.server == kind);
    let naive = find(Kind::Naive);

    let mut out = heading(record);
    out += "| server | sandbox | req/s (median, min to max) | x naive | p50 ms | p99 ms | \
            peak RSS MB (min to max) | x naive | peak PSS MB | RSS 5 s after, MB |\n\
            |---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n";
    for row in &rows {
        let ratio = |figure: fn(&Row) -> Spread| {
            naive.map_or_else(
                || "-".to_owned(),
                |naive| format!("{:.2}", figure(row).median / figure(naive).median),
            )
        };
        // Writing to a String does not fail.
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {:.2} | {:.2} | {} | {} | {} | {:.1} |",
            row.server,
            row.server.isolation(),
            spread(row.rate, 0),
            ratio(|row| row.rate),
            row.p50_ms.median,
            row.p99_ms.median,
            spread(row.peak_mb, 1),
            ratio(|row| row.peak_mb),
            spread(row.pss_mb, 1),
            row.after_mb.median,
        );
    }
    for row in rows.iter().filter(|row| row.refused + row.socket_errors > 0) {
        let _ = writeln!(
            out,
            "{}: {} answered well, {} refused, {} connections or requests failed",
            row.server, row.requests, row.refused, row.socket_errors
        );
    }
    out += &against_originals(record);
    out += &bars(&rows);
    out
}

fn heading(record: &Record) -> String {
    let machine = &record.machine;
    let rounds = record.turns.iter().map(|turn| turn.round).max().unwrap_or(0);
    format!(
        "{} s of load in each of {rounds} rounds, {} connections, servers taking turns; \
         the load shares the {} cores\n\
         {} | {} | Linux {} | Node {} | {} workers of sandtide serve{} | commit {}\n\n",
        record.seconds,
        record.connections,
        machine.cores,
        record.generator,
        machine.cpu,
        machine.kernel,
        machine.node,
        record.workers,
        record
            .programs
            .as_ref()
            .map_or_else(String::new, |path| format!(" | programs of {}", path.display())),
        machine.commit,
    )
}

/// Programs under `sandtide node` against the same ones under Node, round by round: what disturbs
/// the machine disturbs both turns of a round.
fn against_originals(record: &Record) -> String {
    let mut out = String::new();
    for kind in Kind::ALL {
        let Some(original) = kind.original() else { continue };
        let of = |server| record.turns.iter().filter(move |turn| turn.server == server);
        let ratios = of(kind).filter_map(|turn| {
            let other = of(original).find(|other| other.round == turn.round)?;
            Some(turn.load.requests_per_second / other.load.requests_per_second)
        });
        if let Some(ratios) = Spread::of(ratios) {
            let _ = writeln!(
                out,
                "{kind}: {} times the req/s of {original}, round by round",
                spread(ratios, 2)
            );
        }
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}

/// The bars of those servers that had a turn.
fn bars(rows: &[Row]) -> String {
    let find = |kind| rows.iter().find(|row| row.server == kind);
    let mut out = String::new();
    for (kind, other, bar) in BAR_RATES {
        if let (Some(row), Some(other)) = (find(kind), find(other)) {
            let rate = row.rate.median / other.rate.median;
            let _ = writeln!(
                out,
                "bar: {kind}, at least {bar} times the req/s of {}: {rate:.2} times, {}",
                other.server,
                verdict(rate >= bar)
            );
        }
    }
    for row in BAR_PEAKS.into_iter().filter_map(find) {
        let peak = row.peak_mb.max;
        let _ = writeln!(
            out,
            "bar: {}, at most {BAR_PEAK_MB} MB of peak RSS: {peak:.1} MB at the worst, {}",
            row.server,
            verdict(peak <= BAR_PEAK_MB)
        );
    }
    if let Some(row) = find(BAR_PSS.0) {
        let peak = row.pss_mb.max;
        let _ = writeln!(
            out,
            "bar: {}, at most {} MB of peak PSS of all its processes: {}",
            row.server,
            BAR_PSS.1,
            match peak > 0.0 {
                true => format!("{peak:.1} MB at the worst, {}", verdict(peak <= BAR_PSS.1)),
                false => "not told by the system".to_owned(),
            }
        );
    }
    if out.is_empty() { out } else { format!("\n{out}") }
}

#[cfg(test)]
mod tests {
    use super::super::load::LoadResult;
    use super::*;

    fn turn(server: Kind, round: u64, rate: f64, peak_rss_kib: u64) -> Turn {
        let load = LoadResult {
            requests_per_second: rate,
            requests: 1,
            p50_us: 1.0,
            p99_us: 2.0,
            refused: 0,
            socket_errors: 0,
        };
        let peak_pss_kib = peak_rss_kib / 2;
        Turn {
            server,
            round,
            load,
            peak_rss_kib,
            peak_pss_kib,
            after_rss_kib: 0,
            memory: Vec::new(),
        }
    }

    fn rows_of(turns: Vec<Turn>) -> (Record, Vec<Row>) {
        let record = Record::of_turns(turns);
        let rows = Kind::ALL.iter().filter_map(|&kind| Row::of(&record, kind)).collect();
        (record, rows)
    }

    #[test]
    fn each_bar_is_told_with_its_verdict() {
        let (_, rows) = rows_of(vec![
            turn(Kind::Naive, 1, 2_000.0, 500_000),
            turn(Kind::SandtideNaive, 1, 7_000.0, 50_000),
            turn(Kind::Opt2, 1, 50_000.0, 60_000),
            turn(Kind::SandtideOpt2, 1, 14_000.0, 10_000),
            turn(Kind::SandtideProcesses, 1, 15_000.0, 130_000),
        ]);
        let text = bars(&rows);
        for line in [
            "sandtide node naive, at least 3 times the req/s of Node naive: 3.50 times, met",
            "sandtide node opt2, at least 0.3 times the req/s of Node opt2: 0.28 times, MISSED",
            "sandtide node naive, at most 40 MB of peak RSS: 51.2 MB at the worst, MISSED",
            "sandtide serve, processes, at least 7 times the req/s of Node naive: 7.50 times, met",
            "processes, at most 60 MB of peak PSS of all its processes: 66.6 MB at the worst, MISSED",
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
        assert!(!text.contains("serve, threads"), "it had no turn:\n{text}");
    }

    #[test]
    fn rounds_are_compared_one_by_one() {
        let (record, _) = rows_of(vec![
            turn(Kind::Naive, 1, 1_000.0, 1),
            turn(Kind::SandtideNaive, 1, 4_000.0, 1),
            turn(Kind::Naive, 2, 500.0, 1),
            turn(Kind::SandtideNaive, 2, 1_500.0, 1),
        ]);
        let text = against_originals(&record);
        assert!(
            text.contains("sandtide node naive: 3.50 (3.00 to 4.00) times the req/s of Node naive"),
            "{text}"
        );
    }
}
