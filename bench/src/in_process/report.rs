//! The table and the bars, from the record. Pure: text out, nothing measured.

use sandtide_engine::RestoreStrategy;

use super::Record;
use crate::report::{Table, megabytes, microseconds as us, spread};
use crate::stats::Spread;

/// At least this many times as fast as a new sandbox of node:vm.
const BAR_NODE: f64 = 25.0;
/// At most this many times a run that is not put back, and what is aimed at.
const BAR_REUSED: f64 = 1.7;
const AIM_REUSED: f64 = 1.4;
/// A restore of the base image takes at most so long, and copies at most so much.
const BAR_RESTORE_US: f64 = 3.0;
const BAR_RESTORE_BYTES: usize = 200_000;
/// At most so much more memory after the last look than after the first, in MB of 10^6 bytes.
const BAR_GROWTH_MB: f64 = 1.0;
/// At least so many images of small scripts in 10^9 bytes.
const BAR_IMAGES: f64 = 10_000.0;

pub(super) fn text(record: &Record) -> String {
    let machine = &record.machine;
    let mut table = Table::new(&["", "figure", "bar", ""]);
    against_node(record, &mut table);
    pristine(record, &mut table);
    restores(record, &mut table);
    memory(record, &mut table);
    let heading = format!(
        "\n{} turns of {} runs each, median (least to most of the turns)\n\
         {} cores of {} | Linux {} | Node {} | commit {}\n\n",
        record.rounds,
        record.runs,
        machine.cores,
        machine.cpu,
        machine.kernel,
        machine.node,
        machine.commit,
    );
    heading + &table.text()
}

fn against_node(record: &Record, table: &mut Table) {
    let (node, ours) = (&record.node_fresh_ns, &record.against_node_ns);
    table.row(&[&format!("fib(10): {}", record.node), &us(node), ""], None);
    table.row(&["fib(10): pristine run", &us(ours), ""], None);
    if let Some(ratio) = Spread::of(node.iter().zip(ours).map(|(node, ours)| node / ours)) {
        let bar = format!("at least {BAR_NODE}");
        table.row(&["- times as fast", &spread(ratio, 1), &bar], Some(ratio.median >= BAR_NODE));
    }
}

fn pristine(record: &Record, table: &mut Table) {
    // The bar speaks of the article's script, which comes first; the next one does next to nothing,
    // and shows what a restore costs by itself.
    for (index, figures) in record.pristine.iter().enumerate() {
        let script = &figures.script;
        table.row(&[&format!("`{script}`: pristine run"), &us(&figures.pristine_ns), ""], None);
        table.row(&[&format!("`{script}`: run not put back"), &us(&figures.reused_ns), ""], None);
        if let Some(ratio) = figures.ratio() {
            let bar = format!("at most {BAR_REUSED}, aim {AIM_REUSED}");
            let (bar, met) = match index {
                0 => (bar.as_str(), Some(ratio.median <= BAR_REUSED)),
                _ => ("", None),
            };
            table.row(&["- times its time", &spread(ratio, 2), bar], met);
        }
    }
    let switching = &record.switching;
    table.row(&["fib(10): staying with one image", &us(&switching.staying_ns), ""], None);
    table.row(&["fib(10): two images in turn", &us(&switching.switching_ns), ""], None);
}

fn restores(record: &Record, table: &mut Table) {
    for figures in &record.restores {
        let Some(ns) = Spread::of(figures.restore_ns.iter().copied()) else { continue };
        let what = format!(
            "restore of {} ({} bytes), {}",
            figures.image, figures.image_bytes, figures.strategy
        );
        // The bar is for what instances do by default; copying all of it is there to compare.
        let default = figures.strategy == format!("{:?}", RestoreStrategy::default());
        let bar = format!("at most {BAR_RESTORE_US} us");
        let (bar, met) = match default {
            true => (bar.as_str(), Some(ns.median / 1e3 <= BAR_RESTORE_US)),
            false => ("", None),
        };
        table.row(&[&what, &us(&figures.restore_ns), bar], met);
        let bytes = figures.bytes;
        let bar = format!("at most {BAR_RESTORE_BYTES}");
        table.row(&["- bytes", &bytes.to_string(), &bar], Some(bytes <= BAR_RESTORE_BYTES));
    }
}

fn memory(record: &Record, table: &mut Table) {
    let after = &record.resident.after;
    if let (Some(first), Some(last)) = (after.first(), after.last()) {
        let mb = |kib: u64| megabytes(kib as f64);
        let grown = mb(last.1) - mb(first.1);
        let what = format!("RSS after {} runs, against after {}", last.0, first.0);
        let figure = format!("{:.2} MB, {:.2} MB: {grown:+.2} MB", mb(last.1), mb(first.1));
        let bar = format!("at most +{BAR_GROWTH_MB} MB");
        table.row(&[&what, &figure, &bar], Some(grown <= BAR_GROWTH_MB));
    }
    let images = &record.images;
    let count = images.count as f64;
    let each = images.grown_kib as f64 * 1024.0 / count;
    let figure = format!(
        "{:.0} bytes of RSS each ({:.0} by their own count, source {:.0}): {:.0} in a GB",
        each,
        images.held_bytes as f64 / count,
        images.source_bytes as f64 / count,
        1e9 / each,
    );
    let what = format!("{} small scripts' images held, {} of them run", images.count, images.ran);
    let bar = format!("at least {BAR_IMAGES} in a GB");
    table.row(&[&what, &figure, &bar], Some(1e9 / each >= BAR_IMAGES));
    let build = format!("{:.0} us", images.build_ns_median / 1e3);
    table.row(&["- building one", &build, ""], None);
}
