//! File descriptors by number. Rust owns every descriptor that a program opens; the number that the
//! program holds is only a key, so a wrong one can close or change nothing but the program's own.

use std::{
    collections::{HashMap, HashSet},
    fs,
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

/// A duplicate of a descriptor that this process was started with. Those that the runtime opened for
/// itself are closed on exec, which tells them apart.
#[cfg(target_os = "linux")]
fn adopt(number: i32) -> Result<OwnedFd, Errno> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};

    const CLOSE_ON_EXEC: u32 = 0o2_000_000;
    let info =
        fs::read_to_string(format!("/proc/self/fdinfo/{number}")).map_err(|_| Errno::BADF)?;
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|text| u32::from_str_radix(text.trim(), 8).ok());
    if flags.is_none_or(|flags| flags & CLOSE_ON_EXEC != 0) {
        return Err(Errno::BADF);
    }
    let duplicate = pidfd_open(getpid(), PidfdFlags::empty())
        .and_then(|own| pidfd_getfd(own, number, PidfdGetfdFlags::empty()));
    duplicate.or_else(|_| reopen(number, flags.unwrap_or_default()))
}

/// Opens a file or a pipe anew, where descriptors cannot be copied.
#[cfg(target_os = "linux")]
fn reopen(number: i32, flags: u32) -> Result<OwnedFd, Errno> {
    let mut options = fs::OpenOptions::new();
    let access = flags & 3;
    options.read(access != 1).write(access != 0);
    options.open(format!("/proc/self/fd/{number}")).map(OwnedFd::from).map_err(|_| Errno::BADF)
}

#[cfg(not(target_os = "linux"))]
fn adopt(_number: i32) -> Result<OwnedFd, Errno> {
    Err(Errno::BADF)
}
