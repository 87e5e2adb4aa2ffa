//! The table and the bars, from the record. Pure: text out, nothing measured.

use std::fmt::Write as _;

use super::servers::Kind;
use super::{Record, Turn};
use crate::stats::Spread;

/// At least this many times the requests per second of Node's fresh sandboxes.
const BAR_RATE: f64 = 8.0;
/// At most this much resident at the peak, in MB.
const BAR_PEAK_MB: f64 = 40.0;

/// Megabytes of 10^6 bytes.
pub(crate) fn megabytes(kib: f64) -> f64 {
    kib * 1024.0 / 1e6
}

/// One server's figures over all rounds.
struct Row {
    server: Kind,
    rate: Spread,
    p50_ms: Spread,
    p99_ms: Spread,
    peak_mb: Spread,
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
            peak RSS MB (min to max) | x naive | RSS 5 s after, MB |\n\
            |---|---|---:|---:|---:|---:|---:|---:|---:|\n";
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
            "| {} | {} | {} | {} | {:.2} | {:.2} | {} | {} | {:.1} |",
            row.server,
            row.server.isolation(),
            spread(row.rate, 0),
            ratio(|row| row.rate),
            row.p50_ms.median,
            row.p99_ms.median,
            spread(row.peak_mb, 1),
            ratio(|row| row.peak_mb),
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
    if let (Some(naive), Some(sandtide)) = (naive, find(Kind::Sandtide)) {
        out += &bars(naive, sandtide);
    }
    out
}

fn heading(record: &Record) -> String {
    let machine = &record.machine;
    let rounds = record.turns.iter().map(|turn| turn.round).max().unwrap_or(0);
    format!(
        "{} s of load in each of {rounds} rounds, {} connections, servers taking turns; \
         the load shares the {} cores\n\
         {} | {} | Linux {} | Node {} | {} Sandtide workers | commit {}\n\n",
        record.seconds,
        record.connections,
        machine.cores,
        record.generator,
        machine.cpu,
        machine.kernel,
        machine.node,
        record.workers,
        machine.commit,
    )
}

fn bars(naive: &Row, sandtide: &Row) -> String {
    let rate = sandtide.rate.median / naive.rate.median;
    let peak = sandtide.peak_mb.max;
    let verdict = |met| if met { "met" } else { "MISSED" };
    format!(
        "\nbar: at least {BAR_RATE} times the req/s of Node naive: {rate:.2} times, {}\n\
         bar: at most {BAR_PEAK_MB} MB of peak RSS: {peak:.1} MB at the worst, {}\n",
        verdict(rate >= BAR_RATE),
        verdict(peak <= BAR_PEAK_MB),
    )
}

fn spread(figures: Spread, decimals: usize) -> String {
    let Spread { median, min, max } = figures;
    format!("{median:.decimals$} ({min:.decimals$} to {max:.decimals$})")
}
