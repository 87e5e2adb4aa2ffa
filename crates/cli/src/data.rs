//! Where a server keeps what it was given, and who else looks there.

use std::{env, fs, path::PathBuf};

use clap::Args;
use sandtide_store::{
    PostgresAddress, PostgresStore, SecretKey, SqliteStore, Store, StoreError, StoreOptions,
};

use crate::{exit::Exit, terminal::complain};

/// The variable that has the key for secrets.
pub(crate) const SECRET_KEY: &str = "SANDTIDE_SECRET_KEY";

/// The variable that has the password of the database.
pub(crate) const STORE_PASSWORD: &str = "SANDTIDE_STORE_PASSWORD";

/// Where a server keeps what it was given, for commands that look there.
#[derive(Args)]
pub(crate) struct PlaceArgs {
    /// The directory in which the server keeps what it was given
    /// [default: $XDG_STATE_HOME/sandtide, or ~/.local/state/sandtide]
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// The database in which it does instead, as for `serve`: postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "URL", global = true, conflicts_with = "data")]
    store: Option<String>,
}

impl PlaceArgs {
    /// The database, where it is one: a directory that is given goes before the environment.
    fn database(&self) -> Result<Option<PostgresAddress>, String> {
        if self.store.is_some() || self.data.is_some() {
            return database(self.store.as_deref());
        }
        match env::var("SANDTIDE_STORE") {
            Ok(url) if !url.is_empty() => database(Some(&url)),
            Ok(_) | Err(env::VarError::NotPresent) => Ok(None),
            Err(env::VarError::NotUnicode(_)) => {
                Err("SANDTIDE_STORE is no text in UTF-8".to_owned())
            }
        }
    }
}

/// The address of a database that was given, with the password of the environment. No message has what was given.
pub(crate) fn database(url: Option<&str>) -> Result<Option<PostgresAddress>, String> {
    let Some(url) = url else { return Ok(None) };
    let address: PostgresAddress = url.parse().map_err(|error: StoreError| error.to_string())?;
    match env::var(STORE_PASSWORD) {
        Ok(password) if !password.is_empty() => Ok(Some(address.with_password(&password))),
        Err(env::VarError::NotUnicode(_)) => Err(format!("{STORE_PASSWORD} is no text in UTF-8")),
        _ => Ok(Some(address)),
    }
}

/// Where what is kept lies where no `--data` says so, by the conventions for the state of programs: nothing
/// where the user has no home.
fn usual() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = absolute("XDG_STATE_HOME");
    Some(state.or_else(|| Some(absolute("HOME")?.join(".local/state")))?.join("sandtide"))
}

/// As `serve` takes it.
fn in_environment() -> Option<PathBuf> {
    env::var_os("SANDTIDE_DATA").filter(|directory| !directory.is_empty()).map(PathBuf::from)
}

/// The directory that was given, or the usual one.
pub(crate) fn directory(given: Option<&PathBuf>) -> Result<PathBuf, String> {
    let missing = "there is no place for what is to be kept, because neither XDG_STATE_HOME nor HOME is \
                   set: give one with --data DIR";
    given.cloned().or_else(in_environment).or_else(usual).ok_or_else(|| missing.to_owned())
}

/// The key for secrets: that of a file, or of the environment.
pub(crate) fn secret_key(file: Option<&PathBuf>) -> Result<Option<SecretKey>, String> {
    let given = match env::var(SECRET_KEY) {
        Err(env::VarError::NotUnicode(_)) => {
            return Err(format!("{SECRET_KEY} is no text in UTF-8"));
        }
        given => given.ok().filter(|key| !key.is_empty()),
    };
    let (text, place) = match (file, given) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(format!(
                "the key for secrets is in {SECRET_KEY} and in a file (--secret-key-file): give one of them"
            ));
        }
        (None, Some(key)) => (key, SECRET_KEY.to_owned()),
        (Some(file), None) => {
            let text = fs::read_to_string(file)
                .map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
            (text, file.display().to_string())
        }
    };
    SecretKey::parse(&text).map(Some).map_err(|error| format!("{place}: {error}"))
}

/// Does something with what a server keeps, whether it is running or not.
pub(crate) fn with_store(
    place: &PlaceArgs,
    secret_key: Option<SecretKey>,
    work: impl FnOnce(&dyn Store) -> Result<Exit, StoreError>,
) -> Exit {
    let options = StoreOptions { secret_key, ..StoreOptions::default() };
    let done = match place.database() {
        Ok(Some(address)) => PostgresStore::open(&address, options).and_then(|store| work(&store)),
        Ok(None) => {
            return with_files(place.data.as_ref(), options, |store| work(store));
        }
        Err(message) => return misused(&message),
    };
    ended(done)
}

/// Does something with the files in which a server keeps what it was given.
fn with_files(
    given: Option<&PathBuf>,
    options: StoreOptions,
    work: impl FnOnce(&SqliteStore) -> Result<Exit, StoreError>,
) -> Exit {
    match directory(given) {
        Ok(directory) => {
            ended(SqliteStore::open_beside(&directory, options).and_then(|store| work(&store)))
        }
        Err(message) => misused(&message),
    }
}

/// Does something that files alone can do, and refuses it, with what to do, where a database is meant.
pub(crate) fn with_files_only(
    place: &PlaceArgs,
    instead: &str,
    work: impl FnOnce(&SqliteStore) -> Result<Exit, StoreError>,
) -> Exit {
    match no_database(place, instead) {
        Ok(()) => with_files(place.data.as_ref(), StoreOptions::default(), work),
        Err(message) => misused(&message),
    }
}

/// The directory that is meant; an error with what to do where it is a database.
pub(crate) fn directory_only(place: &PlaceArgs, instead: &str) -> Result<PathBuf, String> {
    no_database(place, instead)?;
    directory(place.data.as_ref())
}

fn no_database(place: &PlaceArgs, instead: &str) -> Result<(), String> {
    match place.database()? {
        Some(address) => Err(format!(
            "what is kept is in the database {address}, which has its own tools for that: {instead}"
        )),
        None => Ok(()),
    }
}

fn misused(message: &str) -> Exit {
    complain(message);
    Exit::Usage
}

fn ended(done: Result<Exit, StoreError>) -> Exit {
    done.unwrap_or_else(|error| {
        complain(&error.to_string());
        exit_of(&error)
    })
}

/// How the program ends with an error of what is kept.
pub(crate) fn exit_of(error: &StoreError) -> Exit {
    match error {
        StoreError::Directory { .. }
        | StoreError::InUse { .. }
        | StoreError::Newer { .. }
        | StoreError::Backup { .. }
        | StoreError::NoBackup { .. }
        | StoreError::Kept { .. }
        | StoreError::Address(_)
        | StoreError::Label
        | StoreError::SecretName(_)
        | StoreError::SecretSize
        | StoreError::NoSecret(_)
        | StoreError::NoSecretKey
        | StoreError::SecretKey(_)
        | StoreError::TooManySecrets { .. } => Exit::Usage,
        _ => Exit::Internal,
    }
}
