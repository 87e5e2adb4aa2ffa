//! Versions that have a share of their scripts' runs, as statements over a connection to PostgreSQL. They do what
//! those for SQLite do.

use super::{
    audit::note_script,
    session::{Session, value},
    statements::{active_name, check_turn, former_bytes_of, grow},
};
use crate::{NewCanary, StoreError, Who, canaries::told};

/// Gives a version a share, and answers its turn.
pub(super) async fn set(session: &mut Session, new: &NewCanary) -> Result<i64, StoreError> {
    let NewCanary { script: who, version, turn, percent, instead_of, actor } = new;
    if active_name(session, who).await?.as_ref() != Some(instead_of) || version == instead_of {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    check_turn(session, who, version, *turn).await?;
    let before = former_bytes_of(session, who).await?;
    put(session, who, version, *percent).await?;
    let grew = former_bytes_of(session, who).await? - before;
    grow(session, grew).await?;
    note_script(session, actor, "set-canary", who, &told(version, *percent)).await?;
    Ok(*turn)
}

/// Writes that a version has a share, in the place of the one that had some.
pub(super) async fn put(
    session: &mut Session,
    who: &Who,
    version: &str,
    percent: u8,
) -> Result<(), StoreError> {
    session
        .execute(
            "INSERT INTO canaries (tenant, script, version, percent) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant, script) DO UPDATE SET version = excluded.version,
                 percent = excluded.percent",
            &[&who.tenant, &who.script, &version, &i64::from(percent)],
        )
        .await?;
    Ok(())
}

/// Takes the share away, of a change that tells of itself. Answers which version had one.
pub(super) async fn take(session: &mut Session, who: &Who) -> Result<Option<String>, StoreError> {
    let row = session
        .row(
            "DELETE FROM canaries WHERE tenant = $1 AND script = $2 RETURNING version",
            &[&who.tenant, &who.script],
        )
        .await?;
    row.map(|row| value(&row, 0)).transpose()
}

/// Takes the share away; false where none had one.
pub(super) async fn end(
    session: &mut Session,
    who: &Who,
    instead_of: Option<&str>,
    actor: &str,
) -> Result<bool, StoreError> {
    if let Some(expected) = instead_of
        && active_name(session, who).await?.as_deref() != Some(expected)
    {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    let before = former_bytes_of(session, who).await?;
    let Some(version) = take(session, who).await? else { return Ok(false) };
    let grew = former_bytes_of(session, who).await? - before;
    grow(session, grew).await?;
    note_script(session, actor, "end-canary", who, &version).await?;
    Ok(true)
}
