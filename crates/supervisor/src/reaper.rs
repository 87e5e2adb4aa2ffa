//! The thread that waits for processes that were killed, so that none stays a zombie, and tells how
//! each ended as soon as it has. Must not know what they were.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread;
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;
use rustix::process::{WaitId, WaitIdOptions, WaitIdStatus, waitid};
use tokio::sync::oneshot;

/// How long the thread sleeps where the system cannot tell what happens.
const PAUSE: Duration = Duration::from_millis(1);

/// Hands processes to the thread, which ends after the last clone of this and the last process.
#[derive(Clone, Debug)]
pub(crate) struct Reaper {
    killed: Sender<Killed>,
    // After the sender: the thread that it wakes at its end finds nobody who sends.
    bell: Arc<Bell>,
}

/// A process that was killed.
#[derive(Debug)]
pub(crate) struct Killed {
    pub(crate) pidfd: OwnedFd,
    /// Who wants to know how it ended.
    pub(crate) asked: Option<oneshot::Sender<Option<WaitIdStatus>>>,
}

impl Killed {
    /// Says how it ended to whom that concerns; whether it has not.
    fn still_there(&mut self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        let status = match waitid(WaitId::PidFd(self.pidfd.as_fd()), options) {
            Ok(None) | Err(Errno::INTR) => return true,
            Ok(status) => status,
            Err(_) => None,
        };
        if let Some(asked) = self.asked.take() {
            let _ = asked.send(status);
        }
        false
    }
}

/// Wakes the thread, and once more when nobody can any longer.
#[derive(Debug)]
struct Bell(OwnedFd);

impl Bell {
    fn ring(&self) {
        // Refused only where it has been rung so often that the thread is bound to wake.
        let _ = rustix::io::write(&self.0, &1_u64.to_ne_bytes());
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.ring();
    }
}

impl Reaper {
    pub(crate) fn start() -> io::Result<Reaper> {
        let (killed, queue) = mpsc::channel();
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let rung = bell.try_clone()?;
        let name = "sandtide-reaper".to_owned();
        thread::Builder::new().name(name).spawn(move || reap(&queue, &rung))?;
        Ok(Reaper { killed, bell: Arc::new(Bell(bell)) })
    }

    /// Has a process waited for.
    pub(crate) fn wait_for(&self, killed: Killed) {
        // The thread ends after the last clone of this only.
        let _ = self.killed.send(killed);
        self.bell.ring();
    }
}

fn reap(queue: &Receiver<Killed>, rung: &OwnedFd) {
    // One that the system does not end at once holds up no other.
    let mut waiting: Vec<Killed> = Vec::new();
    loop {
        // Before the queue is looked at: who sends later rings again.
        let _ = rustix::io::read(rung, &mut [0; 8]);
        let nobody_sends = loop {
            match queue.try_recv() {
                Ok(killed) => waiting.push(killed),
                Err(TryRecvError::Empty) => break false,
                Err(TryRecvError::Disconnected) => break true,
            }
        };
        waiting.retain_mut(Killed::still_there);
        if nobody_sends && waiting.is_empty() {
            break;
        }
        let mut polled = Vec::with_capacity(waiting.len() + 1);
        polled.push(PollFd::new(rung, PollFlags::IN));
        polled.extend(waiting.iter().map(|killed| PollFd::new(&killed.pidfd, PollFlags::IN)));
        match poll(&mut polled, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};

    use rustix::process::{Pid, PidfdFlags, pidfd_open};

    use super::*;

    fn child(program: &str) -> (Child, OwnedFd) {
        let child = Command::new(program).stdin(Stdio::piped()).spawn().unwrap();
        let pid = Pid::from_child(&child);
        (child, pidfd_open(pid, PidfdFlags::empty()).unwrap())
    }

    #[test]
    fn each_process_is_waited_for_when_it_ends_and_none_holds_up_another() {
        let reaper = Reaper::start().unwrap();
        let (mut stays, pidfd) = child("cat");
        let (asked, mut of_stays) = oneshot::channel();
        reaper.wait_for(Killed { pidfd, asked: Some(asked) });
        // The thread sleeps by now, as likely as not.
        thread::sleep(Duration::from_millis(20));
        let (mut goes, pidfd) = child("cat");
        let (asked, of_goes) = oneshot::channel();
        reaper.wait_for(Killed { pidfd, asked: Some(asked) });
        drop(goes.stdin.take());
        let ended = of_goes.blocking_recv().unwrap().unwrap();
        assert_eq!(ended.exit_status(), Some(0));
        assert!(of_stays.try_recv().is_err(), "it has not ended");
        // Nobody sends any more, and the last one is waited for all the same.
        drop(reaper);
        stays.kill().unwrap();
        let ended = of_stays.blocking_recv().unwrap().unwrap();
        assert_eq!(ended.terminating_signal(), Some(9));
    }
}
