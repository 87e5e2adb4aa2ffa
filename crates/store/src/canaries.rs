//! Versions that have a share of their scripts' runs, as statements over a connection. A change is made within a
//! transaction of its caller's.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{
    NewCanary, StoreError, Who,
    statements::{active_of, check_turn, former_bytes_of, note_script},
};

/// As the audit trail tells of it.
pub(crate) fn told(version: &str, percent: u8) -> String {
    format!("{version} {percent}%")
}

/// Gives a version a share, and answers by how much the bytes of former versions grew.
pub(crate) fn set(connection: &Connection, new: &NewCanary) -> Result<i64, StoreError> {
    let NewCanary { script: who, version, turn, percent, instead_of, actor } = new;
    if active_of(connection, who)?.as_ref() != Some(instead_of) || version == instead_of {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    check_turn(connection, who, version, *turn)?;
    let before = former_bytes_of(connection, who)?;
    put(connection, who, version, *percent)?;
    note_script(connection, actor, "set-canary", who, &told(version, *percent))?;
    Ok(former_bytes_of(connection, who)? - before)
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

/// Takes the share away, and answers by how much the bytes of former versions grew; nothing where none had one.
pub(crate) fn end(
    connection: &Connection,
    who: &Who,
    instead_of: Option<&str>,
    actor: &str,
) -> Result<Option<i64>, StoreError> {
    if let Some(expected) = instead_of
        && active_of(connection, who)?.as_deref() != Some(expected)
    {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    let before = former_bytes_of(connection, who)?;
    let Some(version) = take(connection, who)? else { return Ok(None) };
    note_script(connection, actor, "end-canary", who, &version)?;
    Ok(Some(former_bytes_of(connection, who)? - before))
}
