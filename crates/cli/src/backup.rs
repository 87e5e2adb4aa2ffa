//! `sandtide backup` and `sandtide restore`: what a server keeps, as one file.

use std::path::PathBuf;

use clap::Args;
use sandtide_store::SqliteStore;

use crate::{
    data::{self, PlaceArgs},
    exit::Exit,
    terminal::complain,
};

#[derive(Args)]
pub(crate) struct BackupArgs {
    /// The file that is written; there must be none of this name
    file: PathBuf,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Args)]
pub(crate) struct RestoreArgs {
    /// A file that `sandtide backup` wrote. It becomes what is kept in the directory; nothing must be kept there yet
    file: PathBuf,
    #[command(flatten)]
    place: PlaceArgs,
}

pub(crate) fn backup(args: &BackupArgs) -> Exit {
    data::with_files_only(&args.place, "pg_dump --format=custom --file FILE DATABASE", |store| {
        store.back_up(&args.file).wait()?;
        complain(&format!("what is kept was written to {}", args.file.display()));
        Ok(Exit::Ok)
    })
}

pub(crate) fn restore(args: &RestoreArgs) -> Exit {
    let instead = "pg_restore --dbname DATABASE FILE, with an empty database and no server started";
    let directory = match data::directory_only(&args.place, instead) {
        Ok(directory) => directory,
        Err(message) => {
            complain(&message);
            return Exit::Usage;
        }
    };
    match SqliteStore::restore(&args.file, &directory) {
        Ok(()) => {
            complain(&format!("{} is kept in {} now", args.file.display(), directory.display()));
            Exit::Ok
        }
        Err(error) => {
            complain(&error.to_string());
            data::exit_of(&error)
        }
    }
}
