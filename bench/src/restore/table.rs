//! The tables, and what follows from them, as Markdown. Pure: text out, nothing measured.

use std::fmt::Write as _;

use super::{PAGES, Row, STRATEGIES, Tracking};
use crate::machine::Machine;
use crate::stats::Spread;

const COPY: usize = 0;
const WRITTEN: usize = 1;

pub(super) fn text(machine: &Machine, rounds: u64, rows: &[Row], tracking: &[Tracking]) -> String {
    let mut out = format!(
        "# Putting an arena back\n\n\
         `bench/run restore`, on {} cores of {} ({} KiB of memory), Linux {}, commit {}.\n\
         Times are microseconds, medians of {rounds} turns of runs in which the strategies take \
         turns (least and most of the\nturns in brackets). *Restore* is what putting back takes, \
         *whole* the call that runs and puts back: the page faults\nof a strategy are in the \
         second only. *Bytes* are copied or zeroed by one restore; a few pages are the engine's\n\
         own, whatever the script writes. Pages are written as far apart as the image allows.\n\n",
        machine.cores, machine.cpu, machine.memory_kib, machine.kernel, machine.commit,
    );
    restores(&mut out, rows);
    crossings(&mut out, rows);
    begin_and_end(&mut out, tracking);
    constants(&mut out, rows, tracking);
    out
}

// Writing to a String does not fail: the results are let go throughout.

fn restores(out: &mut String, rows: &[Row]) {
    *out += "| image KiB | pages |";
    for strategy in STRATEGIES {
        let _ = write!(out, " {strategy:?}: restore | whole | bytes |");
    }
    *out += " Auto took |\n|---:|---:|";
    *out += &"---:|".repeat(3 * STRATEGIES.len());
    *out += "---|\n";
    for row in rows {
        let _ = write!(out, "| {} | {} |", row.image_bytes >> 10, row.pages);
        for cell in &row.cells {
            let Spread { median, min, max } = cell.restore_us;
            let whole = cell.whole_us.median;
            let _ = write!(out, " {median:.1} ({min:.1}-{max:.1}) | {whole:.1} | {} |", cell.bytes);
        }
        let tracks = row.cells.last().is_some_and(|auto| auto.tracks);
        *out += if tracks { " written pages |\n" } else { " copy |\n" };
    }
}

/// From which size on the written pages are the cheaper ones, by the whole call.
fn crossings(out: &mut String, rows: &[Row]) {
    *out += "\nWhere copying what was written becomes cheaper than copying all:\n\n";
    for pages in PAGES {
        let dear = rows
            .iter()
            .rev()
            .filter(|row| row.pages == pages)
            .find(|row| row.cells[WRITTEN].whole_us.median >= row.cells[COPY].whole_us.median);
        let from = rows
            .iter()
            .filter(|row| row.pages == pages)
            .find(|row| dear.is_none_or(|dear| row.image_bytes > dear.image_bytes));
        let _ = match (dear, from) {
            (None, _) => writeln!(out, "- {pages} pages: at every size measured"),
            (Some(dear), Some(from)) => writeln!(
                out,
                "- {pages} pages: between {} and {} KiB",
                dear.image_bytes >> 10,
                from.image_bytes >> 10
            ),
            (Some(_), None) => writeln!(out, "- {pages} pages: at no size measured"),
        };
    }
}

fn begin_and_end(out: &mut String, tracking: &[Tracking]) {
    *out += "\nTo begin with tracking costs the protecting of all pages and the faults of the \
             first run; a load of another image\nof the same size costs a fault for each page \
             that is still protected:\n\n\
             | image KiB | copy all | protect | first run's faults | both, in KiB copied | \
             load | load, pages tracked before |\n|---:|---:|---:|---:|---:|---:|---:|\n";
    for row in tracking {
        let _ = writeln!(
            out,
            "| {} | {:.1} | {:.1} | {:.1} | {:.0} | {:.1} | {:.1} |",
            row.image_bytes >> 10,
            row.copy_us,
            row.protect_us,
            row.faults_us,
            begin_bytes(row) / 1024.0,
            row.load_us,
            row.load_tracked_us,
        );
    }
}

/// What beginning costs, as bytes that could be copied in that time.
fn begin_bytes(row: &Tracking) -> f64 {
    (row.protect_us + row.faults_us) * row.image_bytes as f64 / row.copy_us
}

/// The least written pages there are, against what copying these bytes alone would take.
fn constants(out: &mut String, rows: &[Row], tracking: &[Tracking]) {
    *out += "\nWhat asking the kernel costs, in bytes that could be copied in that time: the restore\nof written pages at the fewest pages, less the \
             copying of its bytes at the rate of the same image's copy:\n\n";
    let Some(smallest) = tracking.first() else { return };
    let rate = smallest.image_bytes as f64 / smallest.copy_us;
    for row in tracking {
        let Some(least) = rows
            .iter()
            .filter(|other| other.image_bytes == row.image_bytes)
            .min_by_key(|other| other.pages)
        else {
            continue;
        };
        let written = &least.cells[WRITTEN];
        let scan_us = written.restore_us.median - written.bytes as f64 / rate;
        let _ = writeln!(
            out,
            "- {} KiB: {scan_us:.1} us, {:.0} KiB at {:.1} GB/s",
            row.image_bytes >> 10,
            scan_us * rate / 1024.0,
            rate / 1e3
        );
    }
}
