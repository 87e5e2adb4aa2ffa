//! The thread that starts the zygote and asks it for workers. The system ends a zygote and its
//! workers when the thread that started the zygote ends, so that none outlives the broker.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, WaitId, WaitIdOptions, WaitIdStatus, getrlimit,
    kill_process, pidfd_open, pidfd_send_signal, setrlimit, waitid,
};
use sandtide_wire::{ForkedFor, ZygoteSettings};
use tokio::sync::oneshot;

use crate::cgroup::Cgroup;
use crate::events::{Event, Teller};
use crate::lost::ending;
use crate::reaper::{Killed, Reaper};

/// A worker that has just been forked.
#[derive(Debug)]
pub(crate) struct Spawned {
    pub(crate) process: Handle,
    /// The number of the zygote that forked it; each one that is started gets a higher one.
    pub(crate) zygote: u64,
    pub(crate) socket: UnixStream,
}

/// How long the zygote may take to fork, and to be told to.
const CONTROL_TIME: Duration = Duration::from_secs(3);

/// How long it may take until it answers for the first time: it starts as a program and makes its heap before.
const START_TIME: Duration = Duration::from_secs(30);

#[cfg(test)]
impl Spawned {
    /// Without a process, and the socket's other end.
    pub(crate) fn of_test() -> (Spawned, UnixStream) {
        let (socket, theirs) = UnixStream::pair().expect("a pair of sockets");
        let reaper = Reaper::start().expect("a thread");
        let process = Handle { pid: 0, pidfd: None, reaper };
        (Spawned { process, zygote: 1, socket }, theirs)
    }
}

/// Lets this process have as many descriptors as it may: each worker takes two.
pub(crate) fn raise_descriptor_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Where the system refuses, there are fewer workers.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// What the zygote's thread is told.
enum Told {
    /// What a worker is to be forked for, and who waits for it.
    Wanted(ForkedFor, oneshot::Sender<io::Result<Spawned>>),
    /// The zygote of this number ended, whoever ended it.
    Ended(u64),
}

/// Asks the zygote's thread for workers. The thread, the zygote and all workers end when the last
/// clone of this is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Zygote {
    // Those who watch a zygote hold it weakly: the thread ends with the last clone of this.
    queue: Arc<mpsc::Sender<Told>>,
}

impl Zygote {
    /// Starts the thread and the zygote, which is this or another program with its first argument.
    pub(crate) fn start(
        program: PathBuf,
        settings: ZygoteSettings,
        cgroup: Option<Arc<Cgroup>>,
        reaper: Reaper,
        teller: Teller,
    ) -> io::Result<Zygote> {
        let (sender, told) = mpsc::channel();
        let queue = Arc::new(sender);
        let watchers = Arc::downgrade(&queue);
        let (started, has_started) = mpsc::channel();
        thread::Builder::new().name("sandtide-zygote".to_owned()).spawn(move || {
            let start = || Process::start(&program, settings, cgroup.as_deref(), &watchers);
            let mut process = match start() {
                Ok(process) => {
                    let _ = started.send(Ok(()));
                    process
                }
                Err(error) => {
                    let _ = started.send(Err(error));
                    return;
                }
            };
            let replace = |process: &mut Process, error: &io::Error| {
                let Ok(another) = start() else { return false };
                let cause = mem::replace(process, another).end(error);
                teller.tell(|| Event::ZygoteReplaced { cause });
                true
            };
            for told in told {
                match told {
                    Told::Wanted(what_for, reply) => {
                        let mut spawned = process.spawn(what_for, &reaper);
                        // A zygote that was ended by somebody is started again.
                        if let Err(error) = &spawned
                            && replace(&mut process, error)
                        {
                            spawned = process.spawn(what_for, &reaper);
                        }
                        // Where nobody waits any more, the worker is ended.
                        let _ = reply.send(spawned);
                    }
                    Told::Ended(number) if number == process.number => {
                        // No zombie stays, and the next worker waits for no zygote to start. One that has
                        // forked nothing may end again at once: that one is started when it is needed.
                        let _ = process.child.try_wait();
                        if process.has_answered {
                            replace(&mut process, &io::Error::other("the zygote ended"));
                        }
                    }
                    Told::Ended(_) => {}
                }
            }
        })?;
        has_started.recv().map_err(|_| io::Error::other("the zygote's thread ended"))??;
        Ok(Zygote { queue })
    }

    pub(crate) async fn spawn(&self, what_for: ForkedFor) -> io::Result<Spawned> {
        let ended = || io::Error::other("the zygote's thread ended");
        let (reply, spawned) = oneshot::channel();
        self.queue.send(Told::Wanted(what_for, reply)).map_err(|_| ended())?;
        spawned.await.map_err(|_| ended())?
    }
}

struct Process {
    number: u64,
    child: Child,
    control: OwnedFd,
    has_answered: bool,
}

impl Process {
    fn start(
        program: &PathBuf,
        settings: ZygoteSettings,
        cgroup: Option<&Cgroup>,
        queue: &Weak<mpsc::Sender<Told>>,
    ) -> io::Result<Process> {
        let (control, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        // A zygote that is stuck is noticed, and another one started.
        set_socket_timeout(&control, Timeout::Send, Some(CONTROL_TIME))?;
        set_socket_timeout(&control, Timeout::Recv, Some(START_TIME))?;
        // Secrets of the broker's environment have no business in a process that forks workers.
        let child = Command::new(program)
            .args(settings.arguments())
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .spawn()?;
        static STARTED: AtomicU64 = AtomicU64::new(1);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let process = Process { number, child, control, has_answered: false };
        process.watch(queue.clone())?;
        if let Some(cgroup) = cgroup {
            // Before it is asked for a worker. What it took until now is its own program and heap.
            cgroup.take(process.child.id())?;
        }
        Ok(process)
    }

    /// Has the zygote's thread told when it ends.
    fn watch(&self, queue: Weak<mpsc::Sender<Told>>) -> io::Result<()> {
        let pidfd = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty())?;
        let number = self.number;
        thread::Builder::new().name("sandtide-zygote-end".to_owned()).spawn(move || {
            let mut ended = [PollFd::new(&pidfd, PollFlags::IN)];
            while let Err(rustix::io::Errno::INTR) = poll(&mut ended, None) {}
            // Nobody is told where the supervisor has gone.
            if let Some(queue) = queue.upgrade() {
                let _ = queue.send(Told::Ended(number));
            }
        })?;
        Ok(())
    }

    fn spawn(&mut self, what_for: ForkedFor, reaper: &Reaper) -> io::Result<Spawned> {
        let (socket, theirs) = UnixStream::pair()?;
        self.send_channel(&theirs, what_for)?;
        drop(theirs);
        let (number, pidfd) = self.answer()?;
        if !self.has_answered {
            self.has_answered = true;
            set_socket_timeout(&self.control, Timeout::Recv, Some(CONTROL_TIME))?;
        }
        match pidfd {
            Some(pidfd) if number > 0 => {
                let (pidfd, reaper) = (Some(pidfd), reaper.clone());
                let process = Handle { pid: number, pidfd, reaper };
                Ok(Spawned { process, zygote: self.number, socket })
            }
            // There was no descriptor left here to take it with.
            None if number > 0 => {
                if let Some(pid) = Pid::from_raw(number) {
                    end_by_number(pid);
                }
                Err(io::Error::from_raw_os_error(rustix::io::Errno::MFILE.raw_os_error()))
            }
            _ => Err(io::Error::from_raw_os_error(number.saturating_neg())),
        }
    }

    fn send_channel(&self, channel: &UnixStream, what_for: ForkedFor) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        let descriptors = [channel.as_fd()];
        ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
        let byte = [what_for.byte()];
        sendmsg(&self.control, &[IoSlice::new(&byte)], &mut ancillary, SendFlags::NOSIGNAL)?;
        Ok(())
    }

    fn answer(&self) -> io::Result<(i32, Option<OwnedFd>)> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut bytes = [0; 4];
        let mut parts = [IoSliceMut::new(&mut bytes)];
        let received = loop {
            match recvmsg(&self.control, &mut parts, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => {
                    let time = if self.has_answered { CONTROL_TIME } else { START_TIME };
                    let late = format!("the zygote did not answer within {time:?}");
                    return Err(io::Error::new(io::ErrorKind::TimedOut, late));
                }
                other => break other?,
            }
        };
        if received.bytes != bytes.len() {
            return Err(io::Error::other("the zygote ended"));
        }
        let pidfd = ancillary.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        Ok((i32::from_le_bytes(bytes), pidfd))
    }
}

/// Kills and waits for a child of this process. Its number is nobody else's until it is waited for.
fn end_by_number(pid: Pid) {
    let _ = kill_process(pid, Signal::KILL);
    while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED) {}
}

impl Process {
    /// Ends it, and says why it had to be replaced: how it had ended by itself, or what it did not do.
    fn end(mut self, error: &io::Error) -> String {
        // One that had ended before keeps its own cause.
        let _ = self.child.kill();
        let status = self.child.wait().ok();
        let ending = status.and_then(|status| ending(status.code(), status.signal()));
        ending.unwrap_or_else(|| match error.kind() {
            io::ErrorKind::TimedOut => error.to_string(),
            _ => format!("it was killed, or forks no more: {error}"),
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A worker's process. It is killed and waited for when this is dropped.
#[derive(Debug)]
pub(crate) struct Handle {
    pid: i32,
    /// There until it is waited for.
    pidfd: Option<OwnedFd>,
    reaper: Reaper,
}

impl Handle {
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    /// Another descriptor of it.
    pub(crate) fn descriptor(&self) -> io::Result<OwnedFd> {
        let ended = || io::Error::from(io::ErrorKind::NotFound);
        self.pidfd.as_ref().ok_or_else(ended)?.try_clone()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(pidfd) = &self.pidfd {
            // An error means that it has ended.
            let _ = pidfd_send_signal(pidfd, signal);
        }
    }

    /// Kills it and waits for its end. A process that had ended before keeps its own cause.
    pub(crate) async fn end(mut self) -> Option<WaitIdStatus> {
        let (asked, status) = oneshot::channel();
        self.kill(Some(asked));
        status.await.ok().flatten()
    }

    fn kill(&mut self, asked: Option<oneshot::Sender<Option<WaitIdStatus>>>) {
        self.signal(Signal::KILL);
        if let Some(pidfd) = self.pidfd.take() {
            // The thread ends after the last clone of this only.
            self.reaper.wait_for(Killed { pidfd, asked });
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.kill(None);
    }
}
