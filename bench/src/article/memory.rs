//! Samples the resident memory of a process and of the processes that it started. Reads /proc; it
//! does not know what the process is.

use std::collections::HashSet;
use std::fs;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde::Serialize;

const INTERVAL: Duration = Duration::from_millis(100);

/// Resident memory at one moment, the children's with it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Sample {
    /// Milliseconds from the start of the load; negative before it.
    pub(crate) at_ms: i64,
    pub(crate) rss_kib: u64,
}

/// What a sampler has seen.
pub(crate) struct Memory {
    pub(crate) samples: Vec<Sample>,
    pub(crate) peak_kib: u64,
    /// Of the process and its family at one moment; pages that several share count once. 0 where
    /// the system does not tell.
    pub(crate) peak_pss_kib: u64,
}

/// A thread that samples until it is stopped.
pub(crate) struct Sampler {
    thread: JoinHandle<Memory>,
    messages: mpsc::Sender<Message>,
}

enum Message {
    LoadStarts(Instant),
    Stop,
}

impl Sampler {
    pub(crate) fn start(pid: u32) -> Self {
        let (messages, inbox) = mpsc::channel();
        let thread = thread::spawn(move || sample_until_stopped(pid, &inbox));
        Self { thread, messages }
    }

    /// Moves 0 ms to now.
    pub(crate) fn mark_start_of_load(&self) {
        // The thread ends only when it is told to, so someone is there to receive this.
        let _ = self.messages.send(Message::LoadStarts(Instant::now()));
    }

    /// Takes a last sample and gives all of them.
    pub(crate) fn stop(self) -> Memory {
        let _ = self.messages.send(Message::Stop);
        self.thread.join().unwrap_or(Memory { samples: Vec::new(), peak_kib: 0, peak_pss_kib: 0 })
    }
}

fn sample_until_stopped(pid: u32, inbox: &mpsc::Receiver<Message>) -> Memory {
    let mut zero = Instant::now();
    let mut taken: Vec<(Instant, u64)> = Vec::new();
    let (mut peak_kib, mut peak_pss_kib) = (0, 0);
    let mut sample = || {
        // The kernel's own high-water mark catches what falls between two samples. It is known for
        // a process, not for a family, whose peaks need not be at the same time.
        if let Some((rss_kib, high_kib)) = family_kib(pid) {
            peak_kib = peak_kib.max(rss_kib).max(high_kib);
            peak_pss_kib = peak_pss_kib.max(family_pss_kib(pid).unwrap_or(0));
            taken.push((Instant::now(), rss_kib));
        }
    };
    let mut due = Instant::now();
    loop {
        match inbox.recv_timeout(due.saturating_duration_since(Instant::now())) {
            Ok(Message::LoadStarts(at)) => zero = at,
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                sample();
                due = Instant::now() + INTERVAL;
            }
        }
    }
    sample();
    let samples = taken
        .into_iter()
        .map(|(at, rss_kib)| Sample { at_ms: milliseconds_from(zero, at), rss_kib })
        .collect();
    Memory { samples, peak_kib, peak_pss_kib }
}

fn milliseconds_from(zero: Instant, at: Instant) -> i64 {
    let signed = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    if at >= zero { signed(at - zero) } else { -signed(zero - at) }
}

/// A process and all its descendants.
fn family(pid: u32) -> HashSet<u32> {
    let mut seen = HashSet::from([pid]);
    let mut waiting = children(pid);
    while let Some(child) = waiting.pop() {
        if seen.insert(child) {
            waiting.extend(children(child));
        }
    }
    seen
}

/// What a process and all its descendants take, each with its part of what it shares. `None` where that
/// is not told of one of them: they are another user's, or this user may not look into them.
fn family_pss_kib(pid: u32) -> Option<u64> {
    let one = |pid: u32| match fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) {
        Ok(text) => parse_pss(&text),
        // It ended since the family was listed, whether or not anybody has waited for it.
        Err(_) if process_kib(pid).is_none() => Some(0),
        Err(_) => None,
    };
    family(pid).into_iter().map(one).sum()
}

fn parse_pss(rollup: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// The resident memory of a process and all its descendants, and the process's own high-water mark.
/// Pages that two of them share are counted twice. `None` when the process is gone.
fn family_kib(pid: u32) -> Option<(u64, u64)> {
    let (own, high) = process_kib(pid)?;
    let rss = |child: u32| process_kib(child).map_or(0, |(rss, _)| rss);
    let others: u64 = family(pid).into_iter().filter(|child| *child != pid).map(rss).sum();
    Some((own + others, high))
}

fn process_kib(pid: u32) -> Option<(u64, u64)> {
    parse_status(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

/// `VmRSS` and `VmHWM`; a zombie has neither.
fn parse_status(status: &str) -> Option<(u64, u64)> {
    let field = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    };
    Some((field("VmRSS:")?, field("VmHWM:")?))
}

/// The kernel lists a child under the thread that started it.
fn children(pid: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|list| {
            list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::{children, family_kib, family_pss_kib, parse_pss, parse_status, process_kib};

    #[test]
    fn resident_memory_is_read_in_kib() {
        let status = "Name:\tnode\nVmHWM:\t  853000 kB\nVmRSS:\t  71234 kB\nThreads:\t7\n";
        assert_eq!(parse_status(status), Some((71_234, 853_000)));
    }

    #[test]
    fn a_familys_own_memory_is_what_each_has_and_its_part_of_what_is_shared() {
        let rollup = "55e0-7fff ---p 00000000 00:00 0 [rollup]\nRss:  900 kB\nPss:   345 kB\n";
        assert_eq!(parse_pss(rollup), Some(345));
        assert_eq!(parse_pss("Rss: 900 kB\nPss_Anon: 1 kB\n"), None);
        let own = std::process::id();
        let (rss, _) = process_kib(own).unwrap();
        let pss = family_pss_kib(own).unwrap();
        assert!(pss > 0 && pss < 100 * rss, "{pss} of {rss}");
    }

    #[test]
    fn a_child_that_nobody_has_waited_for_adds_nothing() {
        let mut child = Command::new("true").stdin(Stdio::null()).spawn().unwrap();
        while process_kib(child.id()).is_some() {
            std::thread::yield_now();
        }
        assert_eq!(family_pss_kib(child.id()), Some(0));
        child.wait().unwrap();
    }

    #[test]
    fn a_zombie_has_no_resident_memory() {
        assert_eq!(parse_status("Name:\tnode\nState:\tZ (zombie)\n"), None);
    }

    #[test]
    fn a_childs_memory_is_counted_with_its_parents() {
        let own = std::process::id();
        let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
        let listed = children(own);
        let (family, _) = family_kib(own).unwrap();
        let (childs, _) = process_kib(child.id()).unwrap_or_default();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(listed.contains(&child.id()));
        assert!(childs > 0 && family > childs, "{family} KiB of both, {childs} of the child");
    }
}
