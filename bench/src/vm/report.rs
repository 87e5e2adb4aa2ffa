//! The tables and the bars, from the record. Pure: text out, nothing measured.

use super::{Memory, Record, Times};
use crate::report::{Table, megabytes, microseconds, spread};
use crate::runtimes::Runtime;
use crate::stats::Spread;

/// A new context, a run and its release are at least this many times as fast as Node's.
const BAR_FRESH: f64 = 3.0;
/// At most so much more memory at the last look than at the first, in MB.
const BAR_GROWTH_MB: f64 = 1.0;

pub(super) fn text(record: &Record) -> String {
    let machine = &record.machine;
    let mut out = format!(
        "\nthe same program under both, in {} turns each: median (least to most of the turns)\n\
         {} cores of {} | Linux {} | Node {} | commit {}\n\n",
        record.rounds, machine.cores, machine.cpu, machine.kernel, machine.node, machine.commit,
    );
    out += &times(&record.times);
    if !record.memory.is_empty() {
        out += "\n";
        out += &memory(&record.memory);
    }
    out
}

fn times(all: &[Times]) -> String {
    let mut table = Table::new(&["", "Node", "sandtide node", "times as fast", "bar", ""]);
    for times in all {
        let bar = format!("at least {BAR_FRESH}");
        let ratio = ratio(times);
        let met = ratio.filter(|_| times.variant.barred).map(|it| it.median >= BAR_FRESH);
        table.row(
            &[
                times.variant.what,
                &microseconds(&times.node_ns),
                &microseconds(&times.sandtide_ns),
                &ratio.map_or_else(String::new, |it| spread(it, 2)),
                if times.variant.barred { &bar } else { "" },
            ],
            met,
        );
    }
    table.text()
}

/// Each turn's ratio: what disturbs the machine disturbs both halves of a turn.
fn ratio(times: &Times) -> Option<Spread> {
    Spread::of(times.node_ns.iter().zip(&times.sandtide_ns).map(|(node, ours)| node / ours))
}

fn memory(looks: &[Memory]) -> String {
    let mut table = Table::new(&["contexts", "under", "RSS, MB", "peak, MB", "more", "bar", ""]);
    for look in looks {
        let resident = &look.resident;
        let mb = |kib: u64| megabytes(kib as f64);
        let more = mb(resident.last_kib) - mb(resident.first_kib);
        let ours = look.runtime == Runtime::Sandtide;
        let bar = format!("at most +{BAR_GROWTH_MB}");
        table.row(
            &[
                look.what,
                &look.runtime.to_string(),
                &format!(
                    "{:.2} after {}, {:.2} after {}",
                    mb(resident.first_kib),
                    resident.first,
                    mb(resident.last_kib),
                    resident.last
                ),
                &format!("{:.2}", mb(resident.peak_kib)),
                &format!("{more:+.2}"),
                if ours { &bar } else { "" },
            ],
            ours.then_some(more <= BAR_GROWTH_MB),
        );
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use super::super::peers::{Resident, VARIANTS};
    use super::*;

    #[test]
    fn a_bar_is_held_by_the_median_of_the_turns_ratios() {
        let times = Times {
            variant: VARIANTS[0],
            node_ns: vec![300e3, 310e3, 600e3],
            sandtide_ns: vec![100e3, 155e3, 150e3],
        };
        let text = times_text(times);
        assert!(text.contains("| 3.00 (2.00 to 4.00) | at least 3 | met |"), "{text}");
    }

    #[test]
    fn what_has_no_bar_has_no_verdict() {
        let variant = VARIANTS.into_iter().find(|variant| !variant.barred).unwrap();
        let text = times_text(Times { variant, node_ns: vec![1e3], sandtide_ns: vec![2e3] });
        assert!(text.contains("| 0.50 (0.50 to 0.50) |  |  |"), "{text}");
    }

    #[test]
    fn memory_that_grows_misses_its_bar_and_nodes_has_none() {
        let look = |runtime, last_kib| Memory {
            variant: "turns",
            what: "run, dropped",
            runtime,
            resident: Resident { first: 10, last: 20, first_kib: 8_000, last_kib, peak_kib: 9_500 },
        };
        let text = memory(&[
            look(Runtime::Sandtide, 8_900),
            look(Runtime::Sandtide, 9_000),
            look(Runtime::Node, 90_000),
        ]);
        let lines: Vec<&str> = text.lines().skip(2).collect();
        assert!(lines[0].ends_with("| +0.92 | at most +1 | met |"), "{text}");
        assert!(lines[1].ends_with("| +1.02 | at most +1 | MISSED |"), "{text}");
        assert!(lines[2].ends_with("| +83.97 |  |  |"), "{text}");
    }

    fn times_text(one: Times) -> String {
        times(&[one])
    }
}
