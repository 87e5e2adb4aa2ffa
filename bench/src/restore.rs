//! What putting an arena back costs, by the image's size, the pages that a run wrote and the
//! strategy; what it costs to begin and to end the tracking of pages; and from these the constants
//! that the engine chooses by. Strategies take turns.

use std::fs;
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use sandtide_bench::guests;
use sandtide_engine::{HeapImage, Instance, InstanceConfig, Outcome, Request, RestoreStrategy};

use crate::machine::{Machine, bench_dir};
use crate::stats::Spread;

mod table;

#[derive(Args, Debug)]
pub(crate) struct Options {
    /// How often each strategy has its turn
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// Where the tables are written
    #[arg(long, default_value_os_t = bench_dir().join("runs/restore.md"))]
    out: PathBuf,
}

const KIB: usize = 1 << 10;
/// 0 is the base's own size: the smallest image there is.
const SIZES: [usize; 6] = [0, 512 * KIB, 1024 * KIB, 2048 * KIB, 4096 * KIB, 16384 * KIB];
const PAGES: [usize; 5] = [0, 1, 16, 64, 256];
/// Images up to this size also have runs that write all their pages.
const ALL_UP_TO: usize = 4096 * KIB;
const STRATEGIES: [RestoreStrategy; 3] =
    [RestoreStrategy::Copy, RestoreStrategy::WrittenPages, RestoreStrategy::Auto];
/// Runs of a turn that are not measured: where strategies settle.
const WARM_UP: usize = 24;
/// Runs after a load that are looked at one by one.
const FIRST_RUNS: usize = 14;
/// How often they are.
const LOADS: usize = 30;
const TURN: Duration = Duration::from_millis(30);

/// One strategy's figures for one size and number of pages.
struct Cell {
    restore_us: Spread,
    /// The whole call, the run and its page faults included.
    whole_us: Spread,
    bytes: usize,
    /// Whether the kernel's account was in use at the end.
    tracks: bool,
}

struct Row {
    image_bytes: usize,
    pages: usize,
    /// One for each of [`STRATEGIES`].
    cells: Vec<Cell>,
}

/// What the tracking of one image's pages costs beside the restores.
struct Tracking {
    image_bytes: usize,
    copy_us: f64,
    /// Write-protecting the image.
    protect_us: f64,
    /// Page faults of the first run after that.
    faults_us: f64,
    /// Loading another image of the same size: where pages are not tracked, and where they are.
    load_us: f64,
    load_tracked_us: f64,
}

struct Arenas {
    strategy: RestoreStrategy,
    instance: Instance,
    images: [HeapImage; 2],
}

impl Arenas {
    fn new(strategy: RestoreStrategy, size: usize) -> Result<Arenas> {
        let mut config = InstanceConfig::default();
        config.restore = strategy;
        let mut instance = Instance::new(config)?;
        let plan = guests::sized(size, instance.base().heap_bytes());
        let images = [instance.build(&plan)?, instance.build(&plan)?];
        Ok(Arenas { strategy, instance, images })
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let (mut rows, mut tracking) = (Vec::new(), Vec::new());
    for size in SIZES {
        eprintln!("images of {} KiB ...", size / KIB);
        let mut arenas = Vec::new();
        for strategy in STRATEGIES {
            arenas.push(Arenas::new(strategy, size)?);
        }
        let base = arenas[0].instance.base().heap_bytes();
        let most = guests::sized_pages(size, base);
        // All that there are comes last, where it does not take too long.
        let all = Some(most).filter(|most| *most > 1 && size <= ALL_UP_TO);
        for pages in PAGES.into_iter().filter(|&pages| pages <= most).chain(all) {
            rows.push(measure(&mut arenas, pages, options.rounds)?);
        }
        for arenas in &mut arenas {
            if arenas.strategy == RestoreStrategy::Auto {
                tracking.extend(measure_tracking(arenas, &rows)?);
            }
        }
    }
    let text = table::text(&Machine::look(), options.rounds, &rows, &tracking);
    print!("{text}");
    fs::write(&options.out, text)
        .with_context(|| format!("could not write {}", options.out.display()))?;
    eprintln!("written: {}", options.out.display());
    Ok(())
}

fn request(pages: usize) -> Request {
    guests::value_input((pages as f64).into())
}

fn ran(outcome: Outcome) -> Result<Outcome> {
    match &outcome.result {
        Ok(_) => Ok(outcome),
        Err(error) => Err(error.clone().into()),
    }
}

fn us(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}

fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    Spread::of(figures).map_or(f64::NAN, |figures| figures.median)
}

fn measure(arenas: &mut [Arenas], pages: usize, rounds: u64) -> Result<Row> {
    let request = request(pages);
    let image_bytes = arenas[0].images[0].heap_bytes();
    let mut turns: Vec<Vec<(f64, f64)>> = vec![Vec::new(); arenas.len()];
    let mut bytes = vec![0; arenas.len()];
    for _ in 0..rounds {
        for (strategy, Arenas { instance, images, .. }) in arenas.iter_mut().enumerate() {
            // What was learnt of other runs is forgotten.
            instance.load(&images[1])?;
            for _ in 0..WARM_UP {
                ran(instance.run(&images[0], &request))?;
            }
            let (mut restore, mut whole) = (Vec::new(), Vec::new());
            let turn = Instant::now();
            while turn.elapsed() < TURN || whole.len() < 20 {
                let start = Instant::now();
                let outcome = instance.run(&images[0], &request);
                whole.push(us(start.elapsed()));
                let outcome = ran(outcome)?;
                restore.push(us(outcome.usage.restore));
                bytes[strategy] = outcome.usage.bytes_restored;
            }
            turns[strategy].push((median(restore), median(whole)));
        }
    }
    let mut cells = Vec::new();
    for (strategy, turns) in turns.iter().enumerate() {
        cells.push(Cell {
            restore_us: Spread::of(turns.iter().map(|turn| turn.0)).context("no turns")?,
            whole_us: Spread::of(turns.iter().map(|turn| turn.1)).context("no turns")?,
            bytes: bytes[strategy],
            tracks: arenas[strategy].instance.tracks_pages(),
        });
    }
    Ok(Row { image_bytes, pages, cells })
}

/// Looks at the runs after a load one by one. `None` where tracking does not begin within them.
fn measure_tracking(arenas: &mut Arenas, rows: &[Row]) -> Result<Option<Tracking>> {
    let Arenas { instance, images, .. } = arenas;
    let image_bytes = images[0].heap_bytes();
    let copied = rows.iter().find(|row| row.image_bytes == image_bytes);
    let request = request(0);
    let mut begins_at = None;
    let mut restores = vec![Vec::new(); FIRST_RUNS];
    let mut walls = vec![Vec::new(); FIRST_RUNS];
    let (mut load, mut load_tracked) = (Vec::new(), Vec::new());
    // Whatever was learnt before is forgotten.
    instance.load(&images[1])?;
    for _ in 0..LOADS {
        instance.load(&images[0])?;
        for run in 0..FIRST_RUNS {
            let outcome = ran(instance.run(&images[0], &request))?;
            if instance.tracks_pages() {
                begins_at.get_or_insert(run);
            }
            restores[run].push(us(outcome.usage.restore));
            walls[run].push(us(outcome.usage.wall));
        }
        // The first of these loads leaves tracking, the second does not.
        let timed = |instance: &mut Instance, image| -> Result<f64> {
            let start = Instant::now();
            instance.load(image)?;
            Ok(us(start.elapsed()))
        };
        load_tracked.push(timed(instance, &images[1])?);
        load.push(timed(instance, &images[0])?);
        instance.load(&images[1])?;
    }
    let (Some(begins_at), Some(copied)) = (begins_at, copied) else { return Ok(None) };
    ensure!(begins_at + 3 < FIRST_RUNS, "tracking began too late to look at");
    let of =
        |figures: &[Vec<f64>], runs: Range<usize>| median(figures[runs].iter().flatten().copied());
    let copy_us = copied.cells[0].restore_us.median;
    Ok(Some(Tracking {
        image_bytes,
        copy_us,
        protect_us: of(&restores, begins_at..begins_at + 1) - copy_us,
        faults_us: of(&walls, begins_at + 1..begins_at + 2) - of(&walls, begins_at + 3..FIRST_RUNS),
        load_us: median(load),
        load_tracked_us: median(load_tracked),
    }))
}
