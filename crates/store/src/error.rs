//! What can go wrong with a store.

use std::{io, path::PathBuf};

/// Why a store could not be opened, or not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The directory, or a file in it, could not be made or opened.
    #[error("the directory {path:?} cannot be used for what is to be kept: {source}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another server has the directory.
    #[error(
        "another server uses the directory {path:?}: end it, or give this one a directory of its own"
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The file of a backup could not be written or read.
    #[error("the backup {path:?} cannot be written or read: {source}")]
    Backup {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no backup, or a damaged one.
    #[error("{path:?} is no backup of a store, or it is damaged: {why}")]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// Something is kept in the directory already.
    #[error("something is kept in {path:?} already: give a directory in which nothing is")]
    Kept {
        /// The directory.
        path: PathBuf,
    },
    /// The store was written by a newer release.
    #[error(
        "the store is of a newer release (its schema is {found}, this program knows up to {known}): use that release, or another directory"
    )]
    Newer {
        /// The schema that the store has.
        found: i64,
        /// The newest one that is known here.
        known: i64,
    },
    /// SQLite failed, for example because the disk is full.
    #[error("the store failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL failed.
    #[error("the store failed: {0}")]
    Postgres(String),
    /// The database is away for now: what is known already is still served.
    #[error(
        "the database that keeps scripts cannot be reached or changed just now ({0}): try again when it is back"
    )]
    Unavailable(String),
    /// The address of the database cannot be used.
    #[error("the address of the database (--store) is refused: {0}")]
    Address(&'static str),
    /// What is stored is not what was stored.
    #[error(
        "the version {version} of the script {script:?} is damaged in the store: deploy it again"
    )]
    Damaged {
        /// The script's name.
        script: String,
        /// The version.
        version: String,
    },
    /// The script has no such version.
    #[error("the script {script:?} has no version {version:?} that is kept")]
    NoVersion {
        /// The script's name.
        script: String,
        /// What was asked for.
        version: String,
    },
    /// Another version became active meanwhile, or the script was removed.
    #[error(
        "another version of the script {script:?} became active meanwhile, or it was removed: look, and ask again"
    )]
    Changed {
        /// The script's name.
        script: String,
    },
    /// A token's label is not of the form that labels have.
    #[error("a token's label is at most 200 characters, none of them a control character")]
    Label,
    /// The key of a deploy was another deploy's.
    #[error("this Idempotency-Key came with another deploy: give each deploy a key of its own")]
    KeyReused,
    /// A secret's name is not of the form that names of secrets have.
    #[error(
        "a secret's name is 1 to 128 characters of A-Z, a-z, 0-9 and '_', the first of them no digit; got {0:?}"
    )]
    SecretName(String),
    /// A secret is empty or too large.
    #[error("a secret has 1 to {} bytes", crate::records::MAX_SECRET_BYTES)]
    SecretSize,
    /// There is no secret of this name.
    #[error("there is no secret {0:?}")]
    NoSecret(String),
    /// No key was given to seal secrets with.
    #[error(
        "secrets cannot be kept or read, because there is no key for them: give one with --secret-key-file FILE or SANDTIDE_SECRET_KEY"
    )]
    NoSecretKey,
    /// The key for secrets cannot be used.
    #[error("the key for secrets is refused: {0}")]
    SecretKey(&'static str),
    /// The tenant has as many secrets as it may.
    #[error("the tenant has {limit} secrets, and may have no more: delete some")]
    TooManySecrets {
        /// The most that a tenant may have.
        limit: i64,
    },
    /// The tenant has as many schedules as it may.
    #[error("the tenant has {limit} schedules, and may have no more: remove some")]
    TooManySchedules {
        /// The most that a tenant may have.
        limit: i64,
    },
    /// A secret is not what was stored, or was sealed with another key.
    #[error("the secret {0:?} is damaged in the store: set it again")]
    DamagedSecret(String),
    /// What was asked for of usage is made of more than is read at once.
    #[error(
        "this is made of more than {most} lines that are kept: ask for one tenant or script, or for less time"
    )]
    TooMuchUsage {
        /// The most lines that one answer is made of.
        most: usize,
    },
    /// No random bytes could be had.
    #[error("the system has no random bytes for a token")]
    Random,
    /// The store's thread could not be started.
    #[error("the thread that writes the store could not be started: {0}")]
    Thread(io::Error),
    /// The store has ended.
    #[error("the store has been closed")]
    Closed,
}

impl StoreError {
    /// The same for whoever asks over a network: without what a database or the system said, which may name hosts,
    /// users and paths.
    pub fn public(&self) -> String {
        match self {
            Self::Unavailable(_) => {
                "the database that keeps scripts cannot be reached or changed just now: try \
                                     again when it is back"
                    .to_owned()
            }
            Self::Sqlite(_)
            | Self::Postgres(_)
            | Self::Directory { .. }
            | Self::InUse { .. }
            | Self::Backup { .. }
            | Self::NoBackup { .. }
            | Self::Kept { .. }
            | Self::Thread(_) => {
                "what is kept cannot be read or written: the server's log says why".to_owned()
            }
            other => other.to_string(),
        }
    }

    /// A name for programs that stays the same between releases.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Directory { .. } => "ERR_STORE_DIRECTORY",
            Self::InUse { .. } => "ERR_STORE_IN_USE",
            Self::Newer { .. } => "ERR_STORE_NEWER",
            Self::Unavailable(_) => "ERR_STORE_UNAVAILABLE",
            Self::Address(_) => "ERR_STORE_ADDRESS",
            Self::Sqlite(_) | Self::Postgres(_) | Self::Random | Self::Thread(_) | Self::Closed => {
                "ERR_STORE"
            }
            Self::Backup { .. } => "ERR_BACKUP",
            Self::NoBackup { .. } => "ERR_NO_BACKUP",
            Self::Kept { .. } => "ERR_STORE_KEPT",
            Self::Damaged { .. } => "ERR_STORE_DAMAGED",
            Self::NoVersion { .. } => "ERR_VERSION_NOT_FOUND",
            Self::Changed { .. } => "ERR_VERSION_CHANGED",
            Self::Label => "ERR_INVALID_LABEL",
            Self::SecretName(_) => "ERR_INVALID_NAME",
            Self::SecretSize => "ERR_INVALID_SECRET",
            Self::NoSecret(_) => "ERR_SECRET_NOT_FOUND",
            Self::NoSecretKey => "ERR_NO_SECRET_KEY",
            Self::SecretKey(_) => "ERR_SECRET_KEY",
            Self::TooManySecrets { .. } => "ERR_TOO_MANY_SECRETS",
            Self::TooManySchedules { .. } => "ERR_TOO_MANY_SCHEDULES",
            Self::DamagedSecret(_) => "ERR_STORE_DAMAGED",
            Self::TooMuchUsage { .. } => "ERR_INVALID_REQUEST",
            Self::KeyReused => "ERR_IDEMPOTENCY_KEY_REUSED",
        }
    }
}
