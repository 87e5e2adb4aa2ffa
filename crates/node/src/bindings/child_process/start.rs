//! Starting a program: its options, and what its descriptors are. Knows nothing of who waits for it.

use std::{
    ffi::OsString,
    fs,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::{ffi::OsStringExt as _, process::CommandExt as _},
    },
    path::PathBuf,
    process::{Child, Command, Stdio as StdStdio},
};

use command_fds::{CommandFdExt as _, FdMapping};
use rquickjs::{Array, Object, Value};
use rustix::{
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, socketpair},
    pipe::{PipeFlags, pipe_with},
};

use super::super::fs::{
    answer::{Data, Failure, PathArg},
    fds,
};

/// What one of the child's descriptors is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stdio {
    /// Leads nowhere.
    Ignore,
    /// Leads here: one way for the first three, both ways for others.
    Pipe,
    /// Leads here, both ways.
    Channel,
    /// Is one of this process's.
    Fd(i32),
}

impl Stdio {
    /// -1, -2, -3, or a descriptor.
    fn read(number: i32) -> Self {
        match number {
            -1 => Self::Ignore,
            -2 => Self::Pipe,
            -3 => Self::Channel,
            fd => Self::Fd(fd),
        }
    }
}

pub(super) struct Options {
    file: OsString,
    args: Vec<OsString>,
    env: Vec<OsString>,
    cwd: Option<PathBuf>,
    uid: Option<u32>,
    gid: Option<u32>,
    detached: bool,
    pub(super) stdio: Vec<Stdio>,
}

pub(super) struct Started {
    pub(super) child: Child,
    /// This process's ends of pipes.
    pub(super) ends: Vec<Option<OwnedFd>>,
}

fn strings(object: &Object<'_>, key: &str) -> rquickjs::Result<Vec<OsString>> {
    let array: Array<'_> = object.get(key)?;
    array.iter::<Data>().map(|item| Ok(OsString::from_vec(item?.0))).collect()
}

impl Options {
    pub(super) fn read(object: &Object<'_>) -> rquickjs::Result<Self> {
        let cwd: Value<'_> = object.get("cwd")?;
        Ok(Self {
            file: object.get::<_, PathArg>("file")?.0.into_os_string(),
            args: strings(object, "args")?,
            env: strings(object, "envPairs")?,
            cwd: if cwd.is_undefined() { None } else { Some(cwd.get::<PathArg>()?.0) },
            uid: object.get("uid")?,
            gid: object.get("gid")?,
            detached: object.get("detached")?,
            stdio: object.get::<_, Vec<i32>>("stdio")?.into_iter().map(Stdio::read).collect(),
        })
    }

    pub(super) fn start(&self) -> Result<Started, Failure> {
        let mut command = Command::new(&self.file);
        let mut args = self.args.iter();
        if let Some(argv0) = args.next() {
            command.arg0(argv0);
        }
        command.args(args);
        match self.start_command(command) {
            // A script that does not say what it is written for is the shell's.
            Err(Failure(number)) if number == Errno::NOEXEC.raw_os_error() => {
                let mut command = Command::new("/bin/sh");
                command.arg(&self.file).args(self.args.iter().skip(1));
                self.start_command(command)
            }
            result => result,
        }
    }

    fn start_command(&self, mut command: Command) -> Result<Started, Failure> {
        command.env_clear();
        for pair in &self.env {
            let bytes = pair.as_encoded_bytes();
            // A name may start with `=`.
            let at = bytes.iter().skip(1).position(|byte| *byte == b'=').map_or(0, |at| at + 1);
            let key = OsString::from_vec(bytes.get(..at).unwrap_or_default().to_vec());
            let value = OsString::from_vec(bytes.get(at + 1..).unwrap_or_default().to_vec());
            if !key.is_empty() {
                command.env(key, value);
            }
        }
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        if let Some(uid) = self.uid {
            command.uid(uid);
        }
        if let Some(gid) = self.gid {
            command.gid(gid);
        }
        if self.detached {
            command.process_group(0);
        }

        let mut ends = Vec::new();
        let mut mappings = Vec::new();
        for (index, what) in self.stdio.iter().enumerate() {
            let (theirs, ours) = descriptor(index, *what)?;
            ends.push(ours);
            match index {
                0 => command.stdin(theirs.map_or_else(StdStdio::null, StdStdio::from)),
                1 => command.stdout(theirs.map_or_else(StdStdio::null, StdStdio::from)),
                2 => command.stderr(theirs.map_or_else(StdStdio::null, StdStdio::from)),
                _ => {
                    let parent_fd = match theirs {
                        Some(fd) => fd,
                        None => null()?,
                    };
                    let child_fd = i32::try_from(index).map_err(|_| Errno::INVAL)?;
                    mappings.push(FdMapping { parent_fd, child_fd });
                    &mut command
                }
            };
        }
        if !mappings.is_empty() {
            command.fd_mappings(mappings).map_err(|_| Errno::INVAL)?;
        }
        // Dropping the command closes the child's ends here.
        Ok(Started { child: command.spawn()?, ends })
    }
}

fn null() -> Result<OwnedFd, Failure> {
    Ok(fs::OpenOptions::new().read(true).write(true).open("/dev/null")?.into())
}

/// The child's end and ours.
fn descriptor(index: usize, what: Stdio) -> Result<(Option<OwnedFd>, Option<OwnedFd>), Failure> {
    match what {
        Stdio::Ignore => Ok((None, None)),
        Stdio::Fd(fd) => Ok((Some(fds::duplicate(fds::get(fd)?.as_fd())?), None)),
        Stdio::Pipe if index < 3 => {
            let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
            Ok(if index == 0 { (Some(reader), Some(writer)) } else { (Some(writer), Some(reader)) })
        }
        Stdio::Pipe | Stdio::Channel => {
            let (ours, theirs) =
                socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
            Ok((Some(theirs), Some(ours)))
        }
    }
}
