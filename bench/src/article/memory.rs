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
        self.thread.join().unwrap_or(Memory { samples: Vec::new(), peak_kib: 0 })
    }
}

fn sample_until_stopped(pid: u32, inbox: &mpsc::Receiver<Message>) -> Memory {
    let mut zero = Instant::now();
    let mut taken: Vec<(Instant, u64)> = Vec::new();
    let mut peak_kib = 0;
    let mut sample = || {
        // The kernel's own high-water mark catches what falls between two samples. It is known for
        // a process, not for a family, whose peaks need not be at the same time.
        if let Some((rss_kib, high_kib)) = family_kib(pid) {
            peak_kib = peak_kib.max(rss_kib).max(high_kib);
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
    Memory { samples, peak_kib }
}

fn milliseconds_from(zero: Instant, at: Instant) -> i64 {
    let signed = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    if at >= zero { signed(at - zero) } else { -signed(zero - at) }
}

/// The resident memory of a process and all its descendants, and the process's own high-water mark.
/// Pages that two of them share are counted twice. `None` when the process is gone.
fn family_kib(pid: u32) -> Option<(u64, u64)> {
    let (mut rss, high) = process_kib(pid)?;
    let mut seen = HashSet::from([pid]);
    let mut waiting = children(pid);
    while let Some(child) = waiting.pop() {
        if seen.insert(child) {
            rss += process_kib(child).map_or(0, |(rss, _)| rss);
            waiting.extend(children(child));
        }
    }
    Some((rss, high))
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

    use super::{children, family_kib, parse_status, process_kib};

    #[test]
    fn resident_memory_is_read_in_kib() {
        let status = "Name:\tnode\nVmHWM:\t  853000 kB\nVmRSS:\t  71234 kB\nThreads:\t7\n";
        assert_eq!(parse_status(status), Some((71_234, 853_000)));
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
