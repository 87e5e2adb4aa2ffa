//! Versions that have a share of their scripts' runs, as statements over a connection. A change is made within a
//! transaction of its caller's.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    NewCanary, StoreError, Who,
    statements::{active_of, no_version, note_script, turn_of},
};

/// As the audit trail tells of it.
pub(crate) fn told(version: &str, percent: u8) -> String {
    format!("{version} {percent}%")
}

/// Gives a version a share, and answers its turn.
pub(crate) fn set(connection: &Connection, new: &NewCanary) -> Result<i64, StoreError> {
    let NewCanary { script: who, version, percent, instead_of, actor } = new;
    if active_of(connection, who)?.as_ref() != Some(instead_of) || version == instead_of {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    let turn = turn_of(connection, who, version)?.ok_or_else(|| no_version(who, version))?;
    put(connection, who, version, *percent)?;
    note_script(connection, actor, "set-canary", who, &told(version, *percent))?;
    Ok(turn)
}

/// Writes that a version has a share, in the place of the one that had some.
pub(crate) fn put(
    connection: &Connection,
    who: &Who,
    version: &str,
    percent: u8,
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO canaries (tenant, script, version, percent) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET version = excluded.version, percent = excluded.percent",
        )?
        .execute(params![who.tenant, who.script, version, percent])?;
    Ok(())
}

/// Takes the share away, of a change that tells of itself. Answers which version had one.
pub(crate) fn take(connection: &Connection, who: &Who) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("DELETE FROM canaries WHERE tenant = ?1 AND script = ?2 RETURNING version")?
        .query_row(params![who.tenant, who.script], |row| row.get(0))
        .optional()?)
}

/// Takes the share away; false where none had one.
pub(crate) fn end(
    connection: &Connection,
    who: &Who,
    instead_of: Option<&str>,
    actor: &str,
) -> Result<bool, StoreError> {
    if let Some(expected) = instead_of
        && active_of(connection, who)?.as_deref() != Some(expected)
    {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    let Some(version) = take(connection, who)? else { return Ok(false) };
    note_script(connection, actor, "end-canary", who, &version)?;
    Ok(true)
}
