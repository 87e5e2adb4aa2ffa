//! Opening, reading, writing and copying files. Knows nothing of JavaScript.

use std::{
    fs::{File, Permissions},
    io::{self, Read as _, Write as _},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{MetadataExt as _, PermissionsExt as _},
    },
    path::Path,
};

use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};

use super::{
    answer::{Failure, Target},
    fds,
};

/// Flag of `copyFile`: fail if there is a file already.
const COPY_EXCLUSIVE: u32 = 1;
/// Flag of `copyFile`: share the blocks of the original, or fail.
const COPY_FORCE_CLONE: u32 = 4;

pub(super) fn open(path: &Path, flags: u32, mode: u32) -> Result<OwnedFd, Errno> {
    let flags = OFlags::from_bits_retain(flags) | OFlags::CLOEXEC;
    retry(|| rustix::fs::open(path, flags, Mode::from_raw_mode(mode & 0o7777)))
}

fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}

pub(super) fn read(fd: i32, length: usize, position: f64) -> Result<Vec<u8>, Errno> {
    let fd = fds::get(fd)?;
    let mut bytes = vec![0; length];
    let count = retry(|| {
        if position < 0.0 {
            rustix::io::read(&fd, bytes.as_mut_slice())
        } else {
            rustix::io::pread(&fd, bytes.as_mut_slice(), position as u64)
        }
    })?;
    bytes.truncate(count);
    Ok(bytes)
}

pub(super) fn write(fd: i32, bytes: &[u8], position: f64) -> Result<usize, Errno> {
    let fd = fds::get(fd)?;
    retry(|| {
        if position < 0.0 {
            rustix::io::write(&fd, bytes)
        } else {
            rustix::io::pwrite(&fd, bytes, position as u64)
        }
    })
}

pub(super) fn read_whole(target: &Target, flags: u32) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    match target {
        Target::Path(path) => {
            // Reads as much as the file's size at once.
            File::from(open(path, flags, 0o666)?).read_to_end(&mut bytes)?;
        }
        Target::Fd(fd) => {
            let fd = fds::get(*fd)?;
            let mut part = vec![0; 64 << 10];
            loop {
                match retry(|| rustix::io::read(&fd, part.as_mut_slice()))? {
                    0 => break,
                    count => bytes.extend_from_slice(&part[..count]),
                }
            }
        }
    }
    Ok(bytes)
}

pub(super) fn write_whole(
    target: &Target,
    mut bytes: &[u8],
    flags: u32,
    mode: u32,
    flush: bool,
) -> Result<(), Failure> {
    let fd = match target {
        Target::Path(path) => {
            let mut file = File::from(open(path, flags, mode)?);
            file.write_all(bytes)?;
            if flush {
                file.sync_all()?;
            }
            return Ok(());
        }
        Target::Fd(fd) => fds::get(*fd)?,
    };
    while !bytes.is_empty() {
        let written = retry(|| rustix::io::write(&fd, bytes))?;
        bytes = bytes.get(written..).unwrap_or_default();
    }
    if flush {
        rustix::fs::fsync(&fd)?;
    }
    Ok(())
}

pub(super) fn copy(from: &Path, to: &Path, mode: u32) -> Result<(), Failure> {
    if mode & COPY_FORCE_CLONE != 0 {
        return Err(Errno::NOTSUP.into());
    }
    let mut source = File::open(from)?;
    let original = source.metadata()?;
    if original.is_dir() {
        // What reading it would say.
        return Err(Errno::ISDIR.into());
    }
    let mut flags = OFlags::WRONLY | OFlags::CREATE;
    if mode & COPY_EXCLUSIVE != 0 {
        flags |= OFlags::EXCL;
    }
    let mut copy = File::from(open(to, flags.bits(), original.mode())?);
    let existing = copy.metadata()?;
    if (existing.dev(), existing.ino()) == (original.dev(), original.ino()) {
        return Ok(());
    }
    copy.set_len(0)?;
    copy.set_permissions(Permissions::from_mode(original.mode() & 0o7777))?;
    io::copy(&mut source, &mut copy)?;
    Ok(())
}

/// A `File` of the same open file, for what only `File` can do.
pub(super) fn file(fd: i32) -> Result<File, Errno> {
    Ok(File::from(fds::duplicate(fds::get(fd)?.as_fd())?))
}
