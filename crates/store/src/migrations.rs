//! Brings a store to the newest schema. The files are never changed once they were released; a change
//! of the schema is another file.

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;

const ALL: [&str; 8] = [
    include_str!("../migrations/0001_scripts.sql"),
    include_str!("../migrations/0002_tokens.sql"),
    include_str!("../migrations/0003_quotas.sql"),
    include_str!("../migrations/0004_once.sql"),
    include_str!("../migrations/0005_secrets.sql"),
    include_str!("../migrations/0006_usage.sql"),
    include_str!("../migrations/0007_canaries.sql"),
    include_str!("../migrations/0008_schedules.sql"),
];

/// The newest schema.
pub(crate) const KNOWN: i64 = ALL.len() as i64;

/// Applies what is missing, each in a transaction with the number that says so.
pub(crate) fn apply(connection: &mut Connection) -> Result<(), StoreError> {
    let known = KNOWN;
    loop {
        // Another process may do the same at this moment, so the number is read with the lock held.
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: i64 = change.query_row("PRAGMA user_version", (), |row| row.get(0))?;
        let next = usize::try_from(found).ok().and_then(|found| ALL.get(found));
        match next {
            Some(migration) => {
                change.execute_batch(migration)?;
                change.pragma_update(None, "user_version", found + 1)?;
                change.commit()?;
            }
            None if found == known => return Ok(()),
            None => return Err(StoreError::Newer { found, known }),
        }
    }
}
