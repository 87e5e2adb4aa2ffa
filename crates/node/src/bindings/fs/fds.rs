//! File descriptors by number. Rust owns every descriptor that a program opens; the number that the
//! program holds is only a key, so a wrong one can close or change nothing but the program's own.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::{IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use rustix::{io::Errno, stdio};

/// A descriptor in use: it stays open until this is dropped, even if the program closes it.
#[derive(Clone)]
pub(crate) enum Fd {
    Standard(BorrowedFd<'static>),
    Own(Arc<OwnedFd>),
}

impl AsFd for Fd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Standard(fd) => *fd,
            Self::Own(fd) => fd.as_fd(),
        }
    }
}

#[derive(Default)]
struct Table {
    open: HashMap<i32, Arc<OwnedFd>>,
    /// Standard and inherited descriptors that the program has closed.
    closed: HashSet<i32>,
}

static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);

fn table() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps `fd`; gives its number.
pub(crate) fn insert(fd: OwnedFd) -> i32 {
    let number = fd.as_raw_fd();
    let mut table = table();
    table.closed.remove(&number);
    table.open.insert(number, Arc::new(fd));
    number
}

/// The descriptor of this number.
pub(crate) fn get(number: i32) -> Result<Fd, Errno> {
    let mut table = table();
    if let Some(fd) = table.open.get(&number) {
        return Ok(Fd::Own(Arc::clone(fd)));
    }
    if table.closed.contains(&number) {
        return Err(Errno::BADF);
    }
    match number {
        0 => Ok(Fd::Standard(stdio::stdin())),
        1 => Ok(Fd::Standard(stdio::stdout())),
        2 => Ok(Fd::Standard(stdio::stderr())),
        _ => {
            let fd = Arc::new(adopt(number)?);
            table.open.insert(number, Arc::clone(&fd));
            Ok(Fd::Own(fd))
        }
    }
}

/// Closes the descriptor of this number.
pub(crate) fn close(number: i32) -> Result<(), Errno> {
    let fd = get(number)?;
    let mut table = table();
    let inherited = match fd {
        Fd::Own(fd) => fd.as_raw_fd() != number,
        Fd::Standard(_) => true,
    };
    table.open.remove(&number);
    if !inherited {
        return Ok(());
    }
    table.closed.insert(number);
    if number > 2 {
        return Ok(());
    }
    // The standard ones must stay open, or the next file opened would take their place.
    let null = fs::OpenOptions::new().read(true).write(true).open("/dev/null");
    let null = null.map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
    match number {
        0 => stdio::dup2_stdin(null),
        1 => stdio::dup2_stdout(null),
        _ => stdio::dup2_stderr(null),
    }
}

/// Takes out a descriptor that nothing else uses, for good.
pub(crate) fn take(number: i32) -> Result<OwnedFd, Errno> {
    let fd = get(number)?;
    let mut table = table();
    if let Some(kept) = table.open.remove(&number) {
        drop(fd);
        if kept.as_raw_fd() != number {
            table.closed.insert(number);
        }
        return Arc::try_unwrap(kept).or_else(|kept| duplicate(kept.as_fd()));
    }
    duplicate(fd.as_fd())
}

/// Another descriptor of the same open file.
pub(crate) fn duplicate(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    rustix::io::fcntl_dupfd_cloexec(fd, 3)
}

/// Takes over a descriptor that this process was started with. Those that the runtime opened for
/// itself are closed on exec, which tells them apart: nothing here owns the others.
#[cfg(target_os = "linux")]
fn adopt(number: i32) -> Result<OwnedFd, Errno> {
    const CLOSE_ON_EXEC: u32 = 0o2_000_000;
    let info =
        fs::read_to_string(format!("/proc/self/fdinfo/{number}")).map_err(|_| Errno::BADF)?;
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|text| u32::from_str_radix(text.trim(), 8).ok());
    if flags.is_none_or(|flags| flags & CLOSE_ON_EXEC != 0) {
        return Err(Errno::BADF);
    }
    let copy = send_to_self(number)?;
    // Whoever is at the other end must see it close when the program closes it.
    nix::unistd::close(number).map_err(|error| Errno::from_raw_os_error(error as i32))?;
    match rustix::io::fcntl_dupfd_cloexec(&copy, number) {
        Ok(fd) if fd.as_raw_fd() == number => Ok(fd),
        // Another thread was faster.
        _ => Ok(copy),
    }
}

/// A copy of a descriptor of which only the number is known: sent, and received again.
#[cfg(target_os = "linux")]
fn send_to_self(number: i32) -> Result<OwnedFd, Errno> {
    use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
    use rustix::net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SocketFlags,
        SocketType, recvmsg, socketpair,
    };

    let (to, from) =
        socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    let fds = [number];
    let message = [ControlMessage::ScmRights(&fds)];
    sendmsg::<()>(to.as_raw_fd(), &[IoSlice::new(b"!")], &message, MsgFlags::empty(), None)
        .map_err(|error| Errno::from_raw_os_error(error as i32))?;
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut received = RecvAncillaryBuffer::new(&mut space);
    recvmsg(&from, &mut [IoSliceMut::new(&mut byte)], &mut received, RecvFlags::CMSG_CLOEXEC)?;
    let mut fds = received.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
        _ => None,
    });
    fds.next().ok_or(Errno::BADF)
}

#[cfg(not(target_os = "linux"))]
fn adopt(_number: i32) -> Result<OwnedFd, Errno> {
    Err(Errno::BADF)
}
