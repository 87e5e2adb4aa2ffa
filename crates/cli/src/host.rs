//! `sandtide host`: runs scripts for the program that started this one, until it ends.

use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use clap::Args;
use rustix::fs::{CWD, Mode, mkfifoat};
use sandtide_host::{Ends, HostError, serve};

use crate::{
    exit::Exit,
    terminal::{self, complain},
};

#[derive(Args)]
pub(crate) struct HostArgs {
    /// Only makes two named pipes in a directory, `in` and `out`, for programs that cannot make any
    #[arg(long, value_name = "DIRECTORY")]
    make_pipes: Option<PathBuf>,
}

fn make_pipes(directory: &Path) -> Exit {
    for name in ["in", "out"] {
        let path = directory.join(name);
        if let Err(error) = mkfifoat(CWD, &path, Mode::RUSR | Mode::WUSR) {
            complain(&format!("cannot make a pipe at {}: {error}", path.display()));
            return Exit::Internal;
        }
    }
    Exit::Ok
}

pub(crate) fn host(args: &HostArgs) -> Exit {
    if let Some(directory) = &args.make_pipes {
        return make_pipes(directory);
    }
    let ends = || -> io::Result<Ends> {
        Ok(Ends {
            input: io::stdin().as_fd().try_clone_to_owned()?,
            output: terminal::output_for_frames()?,
        })
    };
    let ended = ends().map_err(HostError::from);
    match ended.and_then(|ends| serve(ends, env!("CARGO_PKG_VERSION"))) {
        Ok(()) => Exit::Ok,
        Err(error) => {
            complain(&error.to_string());
            match error {
                HostError::Protocol(_) => Exit::Usage,
                _ => Exit::Internal,
            }
        }
    }
}
