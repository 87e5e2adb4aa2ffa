//! What the system knows about files beside their contents. Knows nothing of JavaScript.

use std::{
    fs::{self, Metadata},
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::UNIX_EPOCH,
};

use rustix::{
    fs::{AtFlags, CWD, Timespec, Timestamps},
    io::Errno,
};

use super::{
    answer::{Failure, Target},
    fds, files,
};

/// dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks; then seconds and nanoseconds of
/// access, modification, change and birth.
pub(super) fn stat(target: &Target, follow: bool) -> Result<Vec<i64>, Failure> {
    let found = match target {
        Target::Path(path) if follow => fs::metadata(path)?,
        Target::Path(path) => fs::symlink_metadata(path)?,
        Target::Fd(fd) => files::file(*fd)?.metadata()?,
    };
    let (birth, birth_ns) = birth(&found);
    Ok(vec![
        found.dev().cast_signed(),
        found.mode().into(),
        found.nlink().cast_signed(),
        found.uid().into(),
        found.gid().into(),
        found.rdev().cast_signed(),
        found.blksize().cast_signed(),
        found.ino().cast_signed(),
        found.size().cast_signed(),
        found.blocks().cast_signed(),
        found.atime(),
        found.atime_nsec(),
        found.mtime(),
        found.mtime_nsec(),
        found.ctime(),
        found.ctime_nsec(),
        birth,
        birth_ns,
    ])
}

fn birth(found: &Metadata) -> (i64, i64) {
    let since = found.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    match since {
        Some(since) => (since.as_secs().cast_signed(), since.subsec_nanos().into()),
        // Some file systems do not know.
        None => (found.ctime(), found.ctime_nsec()),
    }
}

/// type, bsize, blocks, bfree, bavail, files, ffree.
#[cfg(target_os = "linux")]
pub(super) fn statfs(path: &Path) -> Result<Vec<i64>, Errno> {
    let found = rustix::fs::statfs(path)?;
    Ok(vec![
        found.f_type,
        found.f_bsize,
        found.f_blocks.cast_signed(),
        found.f_bfree.cast_signed(),
        found.f_bavail.cast_signed(),
        found.f_files.cast_signed(),
        found.f_ffree.cast_signed(),
    ])
}

#[cfg(not(target_os = "linux"))]
pub(super) fn statfs(_path: &Path) -> Result<Vec<i64>, Errno> {
    Err(Errno::NOSYS)
}

/// Times are in seconds.
pub(super) fn set_times(
    target: &Target,
    accessed: f64,
    modified: f64,
    follow: bool,
) -> Result<(), Errno> {
    let times =
        Timestamps { last_access: timespec(accessed), last_modification: timespec(modified) };
    match target {
        Target::Path(path) => {
            let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
            rustix::fs::utimensat(CWD, path, &times, flags)
        }
        Target::Fd(fd) => rustix::fs::futimens(fds::get(*fd)?, &times),
    }
}

fn timespec(time: f64) -> Timespec {
    // To the microsecond: what a double keeps of today's times.
    let micros = (time * 1e6).round() as i64;
    Timespec { tv_sec: micros.div_euclid(1_000_000), tv_nsec: micros.rem_euclid(1_000_000) * 1000 }
}
