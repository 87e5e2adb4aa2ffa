//! The server's processes, from outside: what they take, and killing some of them. Reads /proc; must
//! not know what they do.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use serde::Serialize;

/// Of so many kills one is the zygote's.
const ZYGOTE_EVERY: u64 = 20;

/// The server at one moment.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Look {
    pub(crate) at_s: f64,
    /// Resident memory of the broker, and of it and all its processes together.
    pub(crate) broker_kib: u64,
    pub(crate) all_kib: u64,
    /// Processes that ended and that nobody waited for.
    pub(crate) zombies: u64,
    /// Those that have not.
    pub(crate) children: u64,
    /// Of the broker.
    pub(crate) descriptors: u64,
    pub(crate) threads: u64,
}

/// What /proc/PID/stat says.
struct Stat {
    state: char,
    parent: u32,
    session: u32,
}

fn stat_of(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before it, in brackets, may hold anything.
    let (_, rest) = text.rsplit_once(") ")?;
    let mut words = rest.split(' ');
    let state = words.next()?.chars().next()?;
    let parent = words.next()?.parse().ok()?;
    let session = words.nth(1)?.parse().ok()?;
    Some(Stat { state, parent, session })
}

fn children_of(parent: u32) -> Vec<(u32, Stat)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| Some((pid, stat_of(pid)?)))
        .filter(|(_, stat)| stat.parent == parent)
        .collect()
}

/// Private memory of a process and its part of what is shared, where that is told; else what is
/// resident.
fn memory_kib(pid: u32) -> u64 {
    let field = |file: &str, name: &str| -> Option<u64> {
        let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    field("smaps_rollup", "Pss:").or_else(|| field("status", "VmRSS:")).unwrap_or(0)
}

impl Look {
    pub(crate) fn at(broker: u32, since: Duration) -> Result<Self> {
        let children = children_of(broker);
        let is_zombie = |stat: &Stat| stat.state == 'Z';
        let broker_kib = memory_kib(broker);
        let count = |directory: &str| -> Result<u64> {
            let path = Path::new("/proc").join(broker.to_string()).join(directory);
            Ok(fs::read_dir(&path).context("the server ended")?.count() as u64)
        };
        Ok(Self {
            at_s: since.as_secs_f64(),
            broker_kib,
            all_kib: broker_kib + children.iter().map(|(pid, _)| memory_kib(*pid)).sum::<u64>(),
            zombies: children.iter().filter(|(_, stat)| is_zombie(stat)).count() as u64,
            children: children.iter().filter(|(_, stat)| !is_zombie(stat)).count() as u64,
            descriptors: count("fd")?,
            threads: count("task")?,
        })
    }

    /// Descriptors of the broker without those that it has for its processes: two each.
    pub(crate) fn own_descriptors(&self) -> u64 {
        self.descriptors.saturating_sub(2 * self.children)
    }
}

/// Kills one process of the server after the other, wherever it is.
pub(crate) struct Killer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<(u64, u64)>,
}

impl Killer {
    pub(crate) fn start(broker: u32, pause: Duration) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let (mut workers, mut zygotes) = (0, 0);
            while !stopped.load(Ordering::Relaxed) {
                thread::sleep(pause);
                let wants_zygote = (workers + zygotes) % ZYGOTE_EVERY == ZYGOTE_EVERY - 1;
                // A zygote leads its session, and its workers are in it.
                let found: Vec<u32> = children_of(broker)
                    .into_iter()
                    .filter(|(pid, stat)| {
                        stat.state != 'Z' && (stat.session == *pid) == wants_zygote
                    })
                    .map(|(pid, _)| pid)
                    .collect();
                if found.is_empty() {
                    continue;
                }
                let one = found[(workers as usize * 7) % found.len()];
                let killed = Pid::from_raw(one as i32)
                    .is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok());
                if killed {
                    *(if wants_zygote { &mut zygotes } else { &mut workers }) += 1;
                }
            }
            (workers, zygotes)
        });
        Self { stop, thread }
    }

    /// How many workers and zygotes it killed.
    pub(crate) fn stop(self) -> (u64, u64) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}
