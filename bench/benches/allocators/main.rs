//! Which allocator for the arena? Replays a recorded QuickJS-NG heap trace against ours and three
//! crates that work inside a given region, and prints a table: time for a request, bytes of the
//! image that the set-up leaves, and what a run dirties.
//!
//! `cargo bench -p sandtide-bench --bench allocators`

mod bed;
mod candidates;
mod trace;

use std::fs;
use std::time::Instant;

use bed::{Bed, PAGE, Snapshot};
use candidates::{Candidate, Dlmalloc, RlsfPool, TalcHeap};
use sandtide_engine::arena::heap::Heap;
use trace::{Event, Phase};

/// Each round measures every candidate once, in turn.
const ROUNDS: usize = 15;
/// Replays of each phase in a round.
const REPLAYS: u32 = 60;

struct Footprint {
    /// Bytes that an image must hold, the state outside of the region included.
    image: usize,
    /// Bytes of `image` that no live block asked for.
    waste: usize,
    /// Highest offset that any phase writes.
    reach: usize,
    runs: Vec<RunFootprint>,
}

struct RunFootprint {
    dirty_pages: usize,
    grown: usize,
}

/// Writes all payloads, as a client would, and compares the bytes.
fn footprint<C: Candidate>(phases: &[Phase]) -> Footprint {
    let mut bed = Bed::<C>::new(phases);
    bed.replay(&phases[0].events, Some(0xa5));
    bed.seal();
    let extent = bed.extent();
    let sealed = bed.snapshot(extent);
    let mut reach = extent;
    let mut runs = Vec::new();
    for phase in &phases[1..] {
        bed.replay(&phase.events, Some(0x5a));
        let after = bed.extent();
        reach = reach.max(after);
        runs.push(RunFootprint {
            dirty_pages: bed.pages_that_differ(&sealed),
            grown: after.saturating_sub(extent.next_multiple_of(PAGE)),
        });
        bed.restore(&sealed, reach);
    }
    // The last phase frees everything: no run.
    runs.pop();
    let image = extent + C::OUTSIDE;
    Footprint { image, waste: image - bed.live_bytes(), reach, runs }
}

/// Nanoseconds a request of each phase, once a round.
trait Timed {
    fn round(&mut self, phases: &[Phase]) -> Vec<f64>;
}

struct TimedBed<C> {
    bed: Bed<C>,
    pristine: Snapshot<C>,
    sealed: Snapshot<C>,
    reach: usize,
}

impl<C: Candidate> TimedBed<C> {
    fn new(phases: &[Phase], footprint: &Footprint) -> Self {
        let mut bed = Bed::<C>::new(phases);
        let extent = bed.extent();
        let pristine = bed.snapshot(extent);
        bed.replay(&phases[0].events, None);
        bed.seal();
        let sealed = bed.snapshot(footprint.image);
        TimedBed { bed, pristine, sealed, reach: footprint.reach + PAGE }
    }
}

impl<C: Candidate> Timed for TimedBed<C> {
    fn round(&mut self, phases: &[Phase]) -> Vec<f64> {
        let time = |(index, phase): (usize, &Phase)| {
            let from = if index == 0 { &self.pristine } else { &self.sealed };
            let mut nanoseconds = 0;
            for _ in 0..REPLAYS {
                self.bed.restore(from, self.reach);
                let start = Instant::now();
                self.bed.replay(&phase.events, None);
                nanoseconds += start.elapsed().as_nanos();
            }
            nanoseconds as f64 / f64::from(REPLAYS) / phase.events.len() as f64
        };
        phases.iter().enumerate().map(time).collect()
    }
}

struct Entry {
    name: &'static str,
    footprint: Footprint,
    timed: Box<dyn Timed>,
    rounds: Vec<Vec<f64>>,
}

fn entry<C: Candidate + 'static>(phases: &[Phase]) -> Entry {
    let footprint = footprint::<C>(phases);
    let timed = Box::new(TimedBed::<C>::new(phases, &footprint));
    Entry { name: C::NAME, footprint, timed, rounds: Vec::new() }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn row(title: &str, entries: &[Entry], cell: impl Fn(&Entry) -> String) {
    let cells: Vec<String> = entries.iter().map(cell).collect();
    println!("| {title} | {} |", cells.join(" | "));
}

fn main() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/traces/quickjs.heap");
    let phases = trace::read(&fs::read(path).expect("the trace")).expect("a whole trace");
    let mut entries = [
        entry::<Heap>(&phases),
        entry::<TalcHeap>(&phases),
        entry::<Dlmalloc>(&phases),
        entry::<RlsfPool>(&phases),
    ];
    for _ in 0..ROUNDS {
        for entry in &mut entries {
            let round = entry.timed.round(&phases);
            entry.rounds.push(round);
        }
    }

    let names: Vec<&str> = entries.iter().map(|entry| entry.name).collect();
    println!("| | {} |\n|---|{}", names.join(" | "), "---:|".repeat(names.len()));
    row("image, bytes", &entries, |e| e.footprint.image.to_string());
    row("of these not asked for, bytes", &entries, |e| e.footprint.waste.to_string());
    for (index, phase) in phases[1..phases.len() - 1].iter().enumerate() {
        row(&format!("run *{}*: image pages dirtied + bytes past it", phase.name), &entries, |e| {
            let run = &e.footprint.runs[index];
            format!("{} + {}", run.dirty_pages, run.grown)
        });
    }
    row("all runs: image pages dirtied + bytes past it", &entries, |e| {
        let pages: usize = e.footprint.runs.iter().map(|run| run.dirty_pages).sum();
        let grown: usize = e.footprint.runs.iter().map(|run| run.grown).sum();
        format!("{pages} + {grown}")
    });
    let cell = |values: &dyn Fn(&[f64]) -> f64, e: &Entry| {
        let of_rounds = || e.rounds.iter().map(|round| values(round));
        let least = of_rounds().fold(f64::INFINITY, f64::min);
        let most = of_rounds().fold(0.0, f64::max);
        format!("{:.1} ({least:.1}-{most:.1})", median(of_rounds()))
    };
    for (index, phase) in phases.iter().enumerate() {
        let title = format!("*{}*: ns a request, of {}", phase.name, phase.events.len());
        row(&title, &entries, |e| cell(&|round| round[index], e));
    }
    let weights: Vec<f64> = phases.iter().map(|phase| phase.events.len() as f64).collect();
    let total: f64 = weights.iter().sum();
    row("whole trace: ns a request", &entries, |e| {
        cell(&|round| round.iter().zip(&weights).map(|(t, w)| t * w).sum::<f64>() / total, e)
    });
}
