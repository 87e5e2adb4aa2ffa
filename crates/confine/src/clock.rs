//! What a process has had of processors: asked for by the broker, of its workers, once a run, so that it
//! is one call and no file. Must not know what it is compared with.

use std::time::Duration;

/// The clock of a whole process, all its threads: how the kernel makes its number of the process's.
const OF_A_PROCESS: i32 = 2;

/// The time that a process had a processor since it began, one that has ended and was not waited for
/// included. None for a number that is no process's, and where the system does not tell.
#[must_use]
pub fn processor_time_of(process: i32) -> Option<Duration> {
    // The clock of number 0 would be the caller's own.
    if process <= 0 {
        return None;
    }
    let clock = (!process << 3) | OF_A_PROCESS;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one structure of plain numbers, which is there.
    if unsafe { libc::clock_gettime(clock, &raw mut time) } != 0 {
        return None;
    }
    let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?);
    Some(Duration::new(seconds, nanos))
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_that_is_busy_has_more_from_look_to_look_and_one_that_sleeps_has_not() {
        let start = |program: &str, args: &[&str]| {
            Command::new(program).args(args).stdin(Stdio::null()).spawn().unwrap()
        };
        let mut busy = start("sh", &["-c", "while :; do :; done"]);
        let mut asleep = start("sleep", &["600"]);
        let time = |id: u32| processor_time_of(id as i32).unwrap();
        // Starting a program takes some.
        let some = Duration::from_millis(300);
        while time(busy.id()) < some {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(time(asleep.id()) < some);
        for child in [&mut busy, &mut asleep] {
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(processor_time_of(child.id() as i32), None, "it is gone");
        }
        assert_eq!(processor_time_of(0), None);
    }
}
