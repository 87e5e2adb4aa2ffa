//! What a server must still know after it was started again: scripts with their versions, tokens,
//! quotas, secrets, and who changed what. Knows neither HTTP nor engines: a version's body and facts are bytes and text here.
//!
//! [`Store`] is the interface, [`SqliteStore`] what stands behind it by default, [`PostgresStore`] for several
//! servers that share scripts. Whoever asks gets an
//! [`Answer`], which a task awaits and a thread waits for; the disk is written by a thread of the
//! store's own. A change is on the disk when its answer says that it was made.
#![forbid(unsafe_code)]

mod answer;
mod audit;
mod canaries;
mod clock;
mod error;
mod migrations;
mod news;
mod once;
mod postgres;
mod records;
mod schedules;
mod secrets;
mod sqlite;
mod statements;
mod token;
mod usage;

use std::{collections::BTreeMap, sync::Arc};

use tokio::sync::watch;

pub use answer::Answer;
pub use error::StoreError;
pub use news::{Changes, News};
pub use postgres::{PostgresAddress, PostgresStore};
pub use records::{
    Active, AuditEntry, Canary, Change, Fingerprint, NewCanary, NewToken, NewVersion, Once, Quota,
    Role, SecretFacts, SecretOf, StoredVersion, TokenRecord, VersionFacts, Who,
};
pub use schedules::{
    Due, EndedRun, NewSchedule, Schedule, ScheduleOf, ScheduleStore, ScheduledRun,
};
pub use secrets::{SecretKey, SecretValue, check_secret_name};
pub use sqlite::{SqliteStore, StoreOptions};
pub use token::{Secret, Tokens};
pub use usage::{Amount, UsageStep, UsageStore, UsageWanted, Used};

/// Quotas by tenant.
pub type Quotas = BTreeMap<String, Quota>;

/// Scripts, versions, tokens, quotas and the audit trail, kept.
pub trait Store: Send + Sync {
    /// All scripts that answer, each with the facts of its active version, in no order.
    fn active(&self) -> Answer<Vec<Active>>;

    /// A script that answers, with the facts of its active version; none where there is no such script.
    fn active_of(&self, script: Who) -> Answer<Option<Active>>;

    /// A version with its body.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoVersion`] where the script has no such version, [`StoreError::Damaged`] where its
    /// body is not what was stored.
    fn version(&self, script: Who, version: String) -> Answer<StoredVersion>;

    /// The versions of a script that are kept, the one that was put in place last first; none for a
    /// script that there is not.
    fn versions(&self, script: Who) -> Answer<Vec<VersionFacts>>;

    /// Stores a version, and makes it the one that answers, which ends a canary; or gives it a
    /// [share](NewVersion::share) beside that one. Former versions beyond what is kept go with
    /// the same change. A version that is there already gets the new body and facts. Answers its
    /// [turn](Active::turn).
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] where another version is active than the change expects, or a share is wanted where
    /// none is active or this one is.
    fn deploy(&self, new: NewVersion) -> Answer<i64>;

    /// What was answered to a tenant's deploy of this key, in the last day; none where there was none.
    ///
    /// # Errors
    ///
    /// [`StoreError::KeyReused`] where it was another deploy.
    fn answered(
        &self,
        tenant: String,
        key: String,
        fingerprint: Fingerprint,
    ) -> Answer<Option<String>>;

    /// Makes a version that is kept the one that answers, which ends a canary, also where it is that one already.
    /// Answers its [turn](Active::turn).
    ///
    /// # Errors
    ///
    /// [`StoreError::NoVersion`] where it is not kept, and [`StoreError::Changed`] where another version is
    /// active than the change expects, or the version has another turn.
    fn activate(&self, change: Change) -> Answer<i64>;

    /// Gives a version that is kept a share of the runs, in the place of the one that had some. Answers its
    /// [turn](Active::turn).
    ///
    /// # Errors
    ///
    /// [`StoreError::NoVersion`] where it is not kept, and [`StoreError::Changed`] where another version is active
    /// than the change expects, or this one is, or it has another turn.
    fn set_canary(&self, new: NewCanary) -> Answer<i64>;

    /// Takes the share away from the version that has one, which stays as a former one; false where none had.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] where a version is named that has to be active, and another one is.
    fn end_canary(&self, script: Who, instead_of: Option<String>, actor: String) -> Answer<bool>;

    /// Removes a script with all its versions; false where there was none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Changed`] where a version is named in whose place nothing is to be, and another one is active.
    fn remove(&self, script: Who, instead_of: Option<String>, actor: String) -> Answer<bool>;

    /// Makes a token that allows everything where there never was one, and none otherwise. To be shown at
    /// once, because nobody can tell it later; so nothing that may fail should come between.
    fn make_first_token(&self) -> Answer<Option<Secret>>;

    /// Stores a token's hash.
    fn add_token(&self, new: NewToken, actor: String) -> Answer<TokenRecord>;

    /// Makes a token worthless from now on; false where there is no such token that was not revoked.
    fn revoke_token(&self, id: String, actor: String) -> Answer<bool>;

    /// The tokens, always as they are now: also changes by another process show here, within a second.
    fn tokens(&self) -> watch::Receiver<Arc<Tokens>>;

    /// Sets what a tenant may take at most, in the place of what it might before.
    fn set_quota(&self, tenant: String, quota: Quota, actor: String) -> Answer<()>;

    /// Takes a tenant's bounds away; false where it had none.
    fn remove_quota(&self, tenant: String, actor: String) -> Answer<bool>;

    /// The quotas by tenant, always as they are now, as [`tokens`](Self::tokens) are.
    fn quotas(&self) -> watch::Receiver<Arc<Quotas>>;

    /// Seals a secret and keeps it, in the place of one of the same name; true where there was none.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSecretKey`] where the store was opened without a key, [`StoreError::SecretName`] and
    /// [`StoreError::TooManySecrets`].
    fn set_secret(
        &self,
        of: SecretOf,
        name: String,
        value: SecretValue,
        actor: String,
    ) -> Answer<bool>;

    /// The secrets that are kept, in the order of their names, without their values.
    fn secrets(&self, of: SecretOf) -> Answer<Vec<SecretFacts>>;

    /// Removes a secret; false where there was none.
    fn remove_secret(&self, of: SecretOf, name: String, actor: String) -> Answer<bool>;

    /// The secrets that a script is given, in the order of the names: its own, or else its tenant's.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSecret`] where there is none of a name, [`StoreError::NoSecretKey`], and
    /// [`StoreError::DamagedSecret`] where what is kept was changed or moved.
    fn open_secrets(&self, script: Who, names: Vec<String>) -> Answer<Vec<SecretValue>>;

    /// Changes from the newest on, or those before one of a number; at most `limit`, of the tenant where
    /// one is named.
    fn audit(
        &self,
        tenant: Option<String>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Vec<AuditEntry>>;

    /// Fails where the store cannot be read, or its last change could not be written.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] where a server goes on with what it knows meanwhile.
    fn check(&self) -> Answer<()>;

    /// What other servers change; none for a store that one server has for itself.
    fn news(&self) -> Option<Arc<News>>;
}
