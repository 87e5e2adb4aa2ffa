//! The statements of scripts, tokens, quotas and the audit trail over a connection to PostgreSQL, each as a
//! function. They do what those for SQLite do. A change is made within a transaction of its caller's.

use sha2::{Digest, Sha256};
use tokio_postgres::Row;

use super::{
    audit::{Noted, note_script},
    canaries, once, schedules, secrets,
    session::{Session, value},
};
use crate::{
    Active, AuditEntry, Canary, Change, NewToken, NewVersion, Quota, Quotas, Role, StoreError,
    StoredVersion, TokenRecord, VersionFacts, Who,
    canaries::told,
    clock::now_ms,
    statements::{DONE_TO_SCRIPTS_ARE, level},
};

/// The statement for all scripts that answer, or for those that the given condition names.
macro_rules! active {
    ($which:literal) => {
        concat!(
            "SELECT s.tenant, s.script, s.active, v.turn, v.facts, c.version, c.percent, w.turn, w.facts
             FROM scripts s
             JOIN versions v ON v.tenant = s.tenant AND v.script = s.script AND v.version = s.active
             LEFT JOIN canaries c ON c.tenant = s.tenant AND c.script = s.script
             LEFT JOIN versions w
                 ON w.tenant = c.tenant AND w.script = c.script AND w.version = c.version ",
            $which
        )
    };
}

const ACTIVE: &str = active!("");
const ACTIVE_OF: &str = active!("WHERE s.tenant = $1 AND s.script = $2");

fn one_active(row: &Row) -> Result<Active, StoreError> {
    let canary = match value(row, 5)? {
        None => None,
        Some(version) => Some(Canary {
            version,
            percent: percent(value(row, 6)?),
            turn: value(row, 7)?,
            facts: value(row, 8)?,
        }),
    };
    Ok(Active {
        script: Who { tenant: value(row, 0)?, script: value(row, 1)? },
        version: value(row, 2)?,
        turn: value(row, 3)?,
        facts: value(row, 4)?,
        canary,
    })
}

/// A share as it is kept, which is within its bounds.
fn percent(kept: i64) -> u8 {
    u8::try_from(kept).unwrap_or(1)
}

pub(super) async fn active(session: &mut Session) -> Result<Vec<Active>, StoreError> {
    session.rows(ACTIVE, &[]).await?.iter().map(one_active).collect()
}

pub(super) async fn active_of(
    session: &mut Session,
    who: &Who,
) -> Result<Option<Active>, StoreError> {
    let row = session.row(ACTIVE_OF, &[&who.tenant, &who.script]).await?;
    row.as_ref().map(one_active).transpose()
}

/// The name of the version that answers.
pub(super) async fn active_name(
    session: &mut Session,
    who: &Who,
) -> Result<Option<String>, StoreError> {
    let row = session
        .row(
            "SELECT active FROM scripts WHERE tenant = $1 AND script = $2",
            &[&who.tenant, &who.script],
        )
        .await?;
    row.map(|row| value(&row, 0)).transpose()
}

pub(super) async fn version(
    session: &mut Session,
    who: &Who,
    version: &str,
) -> Result<StoredVersion, StoreError> {
    let row = session
        .row(
            "SELECT facts, body, checksum, turn FROM versions
             WHERE tenant = $1 AND script = $2 AND version = $3",
            &[&who.tenant, &who.script, &version],
        )
        .await?;
    let row = row.ok_or_else(|| no_version(who, version))?;
    let (body, checksum): (Vec<u8>, Vec<u8>) = (value(&row, 1)?, value(&row, 2)?);
    if Sha256::digest(&body)[..] != checksum[..] {
        let (script, version) = (who.script.clone(), version.to_owned());
        return Err(StoreError::Damaged { script, version });
    }
    Ok(StoredVersion { turn: value(&row, 3)?, facts: value(&row, 0)?, body })
}

pub(super) fn no_version(who: &Who, version: &str) -> StoreError {
    StoreError::NoVersion { script: who.script.clone(), version: version.to_owned() }
}

pub(super) async fn versions(
    session: &mut Session,
    who: &Who,
) -> Result<Vec<VersionFacts>, StoreError> {
    let rows = session
        .rows(
            "SELECT v.version, v.former, v.made_ms, v.made_by, length(v.body)::bigint, v.facts,
                 v.version = s.active, c.percent
             FROM versions v JOIN scripts s ON s.tenant = v.tenant AND s.script = v.script
             LEFT JOIN canaries c
                 ON c.tenant = v.tenant AND c.script = v.script AND c.version = v.version
             WHERE v.tenant = $1 AND v.script = $2 ORDER BY v.turn DESC",
            &[&who.tenant, &who.script],
        )
        .await?;
    let one = |row: &Row| {
        Ok(VersionFacts {
            version: value(row, 0)?,
            former: value(row, 1)?,
            made_ms: value(row, 2)?,
            made_by: value(row, 3)?,
            bytes: value::<i64>(row, 4)?.unsigned_abs(),
            facts: value(row, 5)?,
            active: value(row, 6)?,
            share: value::<Option<i64>>(row, 7)?.map(percent),
        })
    };
    rows.iter().map(one).collect()
}

/// Fails where a version is not kept, or is another one than of this turn.
pub(super) async fn check_turn(
    session: &mut Session,
    who: &Who,
    version: &str,
    turn: i64,
) -> Result<(), StoreError> {
    let row = session
        .row(
            "SELECT turn FROM versions WHERE tenant = $1 AND script = $2 AND version = $3",
            &[&who.tenant, &who.script, &version],
        )
        .await?;
    let now: i64 = value(&row.ok_or_else(|| no_version(who, version))?, 0)?;
    if now != turn {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    Ok(())
}

/// Bytes of a script's former versions. One that is active or has a share is none of them.
pub(super) async fn former_bytes_of(session: &mut Session, who: &Who) -> Result<i64, StoreError> {
    session
        .value(
            "SELECT coalesce(sum(v.bytes), 0)::bigint FROM versions v
             JOIN scripts s ON s.tenant = v.tenant AND s.script = v.script
             WHERE v.tenant = $1 AND v.script = $2 AND v.version <> s.active AND NOT EXISTS (
                 SELECT 1 FROM canaries c WHERE c.tenant = v.tenant AND c.script = v.script
                     AND c.version = v.version)",
            &[&who.tenant, &who.script],
        )
        .await
}

fn sum(rows: &[Row]) -> Result<i64, StoreError> {
    rows.iter().map(|row| value::<i64>(row, 0)).sum()
}

/// Stores a version and makes it active, or gives it a share, and answers its turn.
pub(super) async fn deploy(
    session: &mut Session,
    new: &NewVersion,
    (kept, former_bytes): (u32, u64),
) -> Result<i64, StoreError> {
    let NewVersion { script: who, version, facts, body, actor, once, instead_of, share } = new;
    let former = active_name(session, who).await?;
    if instead_of.as_ref().is_some_and(|expected| *expected != former) {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    if share.is_some() && former.as_ref().is_none_or(|active| active == version) {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    // The facts are as much a client's as the body is: they have the source's name.
    let bytes = i64::try_from(body.len() + facts.len()).unwrap_or(i64::MAX);
    let before = former_bytes_of(session, who).await?;
    // A version that is active already keeps the one in whose place it was put, and one with a share has none yet.
    let former = former.filter(|former| share.is_none() && former != version);
    let checksum = &Sha256::digest(body)[..];
    let turn = session
        .value(
            "INSERT INTO versions (tenant, script, version, turn, former, made_ms, made_by, facts, bytes, checksum, body)
             SELECT $1, $2, $3, coalesce(max(number), 0) + 1, $4, $5, $6, $7, $8, $9, $10 FROM audit
             ON CONFLICT (tenant, script, version) DO UPDATE SET turn = excluded.turn,
                 former = coalesce(excluded.former, versions.former),
                 made_ms = excluded.made_ms, made_by = excluded.made_by, facts = excluded.facts,
                 bytes = excluded.bytes, checksum = excluded.checksum, body = excluded.body
             RETURNING turn",
            &[
                &who.tenant, &who.script, version, &former, &now_ms(), actor, facts, &bytes,
                &checksum, body,
            ],
        )
        .await?;
    match share {
        Some(percent) => canaries::put(session, who, version, *percent).await?,
        None => drop(set_active(session, who, version).await?),
    }
    prune(session, who, kept).await?;
    let grew = former_bytes_of(session, who).await? - before;
    let has = grow(session, grew).await?;
    if has > former_bytes {
        // Somewhat more than has to, so that not each deploy has to look at all of them.
        let gone = trim_former(session, has - former_bytes + former_bytes / 64).await?;
        grow(session, -gone).await?;
    }
    match share {
        Some(percent) => {
            let detail = told(version, *percent);
            note_script(session, actor, "deploy-canary", who, &detail).await?;
        }
        None => note_script(session, actor, "deploy", who, version).await?,
    }
    if let Some(once) = once {
        once::keep(session, &who.tenant, once).await?;
    }
    Ok(turn)
}

/// Counts by how much the bytes of former versions grew, and answers how many there are.
pub(super) async fn grow(session: &mut Session, grew: i64) -> Result<u64, StoreError> {
    let has: i64 = session
        .value("UPDATE former SET bytes = greatest(bytes + $1, 0) RETURNING bytes", &[&grew])
        .await?;
    Ok(has.unsigned_abs())
}

/// Has a version answer, alone; whether another one had a share beside the one that did.
async fn set_active(session: &mut Session, who: &Who, version: &str) -> Result<bool, StoreError> {
    let ended = canaries::take(session, who).await?.is_some();
    session
        .execute(
            "INSERT INTO scripts (tenant, script, active) VALUES ($1, $2, $3)
             ON CONFLICT (tenant, script) DO UPDATE SET active = excluded.active",
            &[&who.tenant, &who.script, &version],
        )
        .await?;
    Ok(ended)
}

/// Removes the former versions of a script beyond the newest `kept`.
async fn prune(session: &mut Session, who: &Who, kept: u32) -> Result<(), StoreError> {
    session
        .execute(
            "DELETE FROM versions WHERE (tenant, script, version) IN (
                 SELECT v.tenant, v.script, v.version FROM versions v
                 JOIN scripts s ON s.tenant = v.tenant AND s.script = v.script
                 WHERE v.tenant = $1 AND v.script = $2 AND v.version <> s.active AND NOT EXISTS (
                 SELECT 1 FROM canaries c WHERE c.tenant = v.tenant AND c.script = v.script
                     AND c.version = v.version)
                 ORDER BY v.turn DESC OFFSET $3)",
            &[&who.tenant, &who.script, &i64::from(kept)],
        )
        .await?;
    Ok(())
}

/// Removes former versions until they have so many bytes less: the oldest ones of the tenants that have most.
/// Answers how many bytes went.
async fn trim_former(session: &mut Session, bytes: u64) -> Result<i64, StoreError> {
    let have = session
        .rows(
            "SELECT v.tenant, sum(v.bytes)::bigint AS has FROM versions v
             JOIN scripts s ON s.tenant = v.tenant AND s.script = v.script
             WHERE v.version <> s.active AND NOT EXISTS (
                 SELECT 1 FROM canaries c WHERE c.tenant = v.tenant AND c.script = v.script
                     AND c.version = v.version)
             GROUP BY v.tenant ORDER BY has DESC",
            &[],
        )
        .await?;
    let one = |row: &Row| Ok((value(row, 0)?, value::<i64>(row, 1)?.unsigned_abs()));
    let have = have.iter().map(one).collect::<Result<Vec<(String, u64)>, StoreError>>()?;
    let total: u64 = have.iter().map(|(_, has)| has).sum();
    let level = level(have.iter().map(|(_, has)| *has).collect(), total.saturating_sub(bytes));
    let mut gone = 0;
    for (tenant, has) in have {
        let too_much = has.saturating_sub(level).min(bytes.saturating_sub(gone));
        if too_much == 0 {
            break;
        }
        let too_much = i64::try_from(too_much).unwrap_or(i64::MAX);
        let removed = session
            .rows(
                "DELETE FROM versions WHERE (tenant, script, version) IN (
                     SELECT tenant, script, version FROM (
                         SELECT v.tenant, v.script, v.version,
                             (sum(v.bytes) OVER older)::bigint - v.bytes AS before FROM versions v
                         JOIN scripts s ON s.tenant = v.tenant AND s.script = v.script
                         WHERE v.tenant = $1 AND v.version <> s.active AND NOT EXISTS (
                 SELECT 1 FROM canaries c WHERE c.tenant = v.tenant AND c.script = v.script
                     AND c.version = v.version)
                         WINDOW older AS (ORDER BY v.turn, v.script, v.version ROWS UNBOUNDED PRECEDING)) AS all_former
                     WHERE before < $2)
                 RETURNING bytes",
                &[&tenant, &too_much],
            )
            .await?;
        gone += sum(&removed)?.unsigned_abs();
    }
    Ok(i64::try_from(gone).unwrap_or(i64::MAX))
}

/// Answers the turn of the version that is active now.
pub(super) async fn activate(session: &mut Session, change: &Change) -> Result<i64, StoreError> {
    let Change { script: who, version, turn: read, instead_of, back, actor } = change;
    if active_name(session, who).await?.as_ref() != Some(instead_of) {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    check_turn(session, who, version, *read).await?;
    let before = former_bytes_of(session, who).await?;
    let mut turn = *read;
    if version != instead_of && !back {
        turn = session
            .value(
                "UPDATE versions SET former = $4, turn = (SELECT coalesce(max(number), 0) + 1 FROM audit)
                 WHERE tenant = $1 AND script = $2 AND version = $3 RETURNING turn",
                &[&who.tenant, &who.script, version, instead_of],
            )
            .await?;
    }
    let ended = set_active(session, who, version).await?;
    let grew = former_bytes_of(session, who).await? - before;
    grow(session, grew).await?;
    // Where all was so already there is nothing to tell.
    if ended || version != instead_of {
        let action = if *back { "roll-back" } else { "activate" };
        note_script(session, actor, action, who, version).await?;
    }
    Ok(turn)
}

/// False where there was no such script.
pub(super) async fn remove(
    session: &mut Session,
    who: &Who,
    instead_of: Option<&str>,
    actor: &str,
) -> Result<bool, StoreError> {
    let active = active_name(session, who).await?;
    if instead_of.is_some_and(|expected| active.as_deref() != Some(expected)) {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    if active.is_none() {
        return Ok(false);
    }
    let former = former_bytes_of(session, who).await?;
    canaries::take(session, who).await?;
    schedules::remove_all(session, who).await?;
    let whose: [super::session::Given<'_>; 2] = [&who.tenant, &who.script];
    session.execute("DELETE FROM scripts WHERE tenant = $1 AND script = $2", &whose).await?;
    session.execute("DELETE FROM versions WHERE tenant = $1 AND script = $2", &whose).await?;
    grow(session, -former).await?;
    secrets::remove_all(session, who).await?;
    note_script(session, actor, "remove", who, "").await?;
    Ok(true)
}

const TOKENS: &str =
    "SELECT id, hash, role, tenant, label, first, made_ms, expires_ms, revoked_ms FROM tokens";
const TOKEN: &str =
    "SELECT id, hash, role, tenant, label, first, made_ms, expires_ms, revoked_ms FROM tokens
     WHERE id = $1";

fn token(row: &Row) -> Result<TokenRecord, StoreError> {
    let (role, tenant): (String, Option<String>) = (value(row, 2)?, value(row, 3)?);
    let hash: Vec<u8> = value(row, 1)?;
    Ok(TokenRecord {
        id: value(row, 0)?,
        hash: hash
            .try_into()
            .map_err(|_| StoreError::Postgres("a token's hash is of another length".to_owned()))?,
        role: match (&*role, tenant) {
            ("admin", None) => Role::Admin,
            ("metrics", None) => Role::Metrics,
            (_, tenant) => Role::Tenant(tenant.unwrap_or_default()),
        },
        label: value(row, 4)?,
        first: value(row, 5)?,
        made_ms: value(row, 6)?,
        expires_ms: value(row, 7)?,
        revoked_ms: value(row, 8)?,
    })
}

pub(super) async fn tokens(session: &mut Session) -> Result<Vec<TokenRecord>, StoreError> {
    session.rows(TOKENS, &[]).await?.iter().map(token).collect()
}

pub(super) async fn add_token(
    session: &mut Session,
    new: &NewToken,
    first: bool,
    actor: &str,
) -> Result<TokenRecord, StoreError> {
    let NewToken { id, hash, role, label, expires_ms } = new;
    session
        .execute(
            "INSERT INTO tokens (id, hash, role, tenant, label, first, made_ms, expires_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &[id, &&hash[..], &role.name(), &role.tenant(), label, &first, &now_ms(), expires_ms],
        )
        .await?;
    let (tenant, action) = (role.tenant(), "create-token");
    Noted { actor, action, tenant, object: id, detail: role.name() }.write(session).await?;
    let row = session.row(TOKEN, &[id]).await?;
    row.as_ref().map(token).unwrap_or(Err(StoreError::Closed))
}

pub(super) async fn revoke(
    session: &mut Session,
    id: &str,
    actor: &str,
) -> Result<bool, StoreError> {
    let row = session
        .row(
            "UPDATE tokens SET revoked_ms = $2 WHERE id = $1 AND revoked_ms IS NULL RETURNING tenant",
            &[&id, &now_ms()],
        )
        .await?;
    let Some(row) = row else { return Ok(false) };
    let tenant: Option<String> = value(&row, 0)?;
    let (tenant, action) = (tenant.as_deref(), "revoke-token");
    Noted { actor, action, tenant, object: id, detail: "" }.write(session).await?;
    Ok(true)
}

pub(super) async fn quotas(session: &mut Session) -> Result<Quotas, StoreError> {
    let rows = session
        .rows(
            "SELECT tenant, runs_per_second, concurrent_runs, cpu_ms_per_minute, scripts, script_bytes
             FROM quotas",
            &[],
        )
        .await?;
    let one = |row: &Row| {
        let bound = |at| {
            let bound: Option<i64> = value(row, at)?;
            Ok::<_, StoreError>(bound.map(|bound| u32::try_from(bound).unwrap_or(u32::MAX)))
        };
        let quota = Quota {
            runs_per_second: bound(1)?,
            concurrent_runs: bound(2)?,
            cpu_ms_per_minute: bound(3)?,
            scripts: bound(4)?,
            script_bytes: bound(5)?,
        };
        Ok((value(row, 0)?, quota))
    };
    rows.iter().map(one).collect()
}

pub(super) async fn set_quota(
    session: &mut Session,
    tenant: &str,
    quota: &Quota,
    actor: &str,
) -> Result<(), StoreError> {
    let bounds = [
        quota.runs_per_second,
        quota.concurrent_runs,
        quota.cpu_ms_per_minute,
        quota.scripts,
        quota.script_bytes,
    ];
    let [a, b, c, d, e] = bounds.map(|bound| bound.map(i64::from));
    session
        .execute(
            "INSERT INTO quotas VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant) DO UPDATE SET runs_per_second = excluded.runs_per_second,
                 concurrent_runs = excluded.concurrent_runs,
                 cpu_ms_per_minute = excluded.cpu_ms_per_minute, scripts = excluded.scripts,
                 script_bytes = excluded.script_bytes",
            &[&tenant, &a, &b, &c, &d, &e],
        )
        .await?;
    let (object, detail) = (tenant, &*quota.told());
    Noted { actor, action: "set-quota", tenant: Some(tenant), object, detail }.write(session).await
}

pub(super) async fn remove_quota(
    session: &mut Session,
    tenant: &str,
    actor: &str,
) -> Result<bool, StoreError> {
    if session.execute("DELETE FROM quotas WHERE tenant = $1", &[&tenant]).await? == 0 {
        return Ok(false);
    }
    let (object, detail) = (tenant, "");
    Noted { actor, action: "remove-quota", tenant: Some(tenant), object, detail }
        .write(session)
        .await?;
    Ok(true)
}

fn entry(row: &Row) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        number: value(row, 0)?,
        at_ms: value(row, 1)?,
        actor: value(row, 2)?,
        action: value(row, 3)?,
        tenant: value(row, 4)?,
        object: value(row, 5)?,
        detail: value(row, 6)?,
    })
}

pub(super) async fn audit(
    session: &mut Session,
    tenant: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    let rows = session
        .rows(
            "SELECT number, at_ms, actor, action, tenant, object, detail FROM audit
             WHERE number < $1 AND ($2::text IS NULL OR tenant = $2) ORDER BY number DESC LIMIT $3",
            &[&before.unwrap_or(i64::MAX), &tenant, &i64::from(limit)],
        )
        .await?;
    rows.iter().map(entry).collect()
}

/// The newest line of the audit trail.
pub(super) async fn last(session: &mut Session) -> Result<Option<AuditEntry>, StoreError> {
    Ok(audit(session, None, None, 1).await?.pop())
}

/// Lines from one of a number on, the oldest first.
pub(super) async fn since(
    session: &mut Session,
    number: i64,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    let rows = session
        .rows(
            "SELECT number, at_ms, actor, action, tenant, object, detail FROM audit
             WHERE number >= $1 ORDER BY number LIMIT $2",
            &[&number, &limit],
        )
        .await?;
    rows.iter().map(entry).collect()
}

/// Bounds the audit trail as the one in SQLite is.
pub(super) async fn trim_audit(session: &mut Session, kept: u32) -> Result<(), StoreError> {
    let each = i64::from(kept / 64).max(1);
    if session.wrote.is_none_or(|number| number % each != 0) {
        return Ok(());
    }
    // The newest one numbers what comes next.
    let kept = i64::from(kept - kept / 64).max(1);
    let of_scripts = DONE_TO_SCRIPTS_ARE.map(str::to_owned).to_vec();
    let have = session
        .rows(
            "SELECT count(*) FROM audit WHERE action = ANY($1) GROUP BY coalesce(tenant, '')",
            &[&of_scripts],
        )
        .await?;
    let have = have.iter().map(|row| Ok(value::<i64>(row, 0)?.unsigned_abs()));
    let level = level(have.collect::<Result<_, StoreError>>()?, kept.unsigned_abs()).max(1);
    let level = i64::try_from(level).unwrap_or(i64::MAX);
    for (text, kept) in [
        (
            "DELETE FROM audit WHERE number IN (
                 SELECT number FROM (
                     SELECT number, row_number() OVER (PARTITION BY tenant ORDER BY number DESC) AS nth
                     FROM audit WHERE action = ANY($1)) AS numbered WHERE nth > $2)",
            level,
        ),
        // Only where there are more tenants than lines does this find any.
        (
            "DELETE FROM audit WHERE number IN (
                 SELECT number FROM audit WHERE action = ANY($1) ORDER BY number DESC OFFSET $2)",
            kept,
        ),
        (
            "DELETE FROM audit WHERE number IN (
                 SELECT number FROM audit WHERE action <> ALL($1) ORDER BY number DESC OFFSET $2)",
            kept,
        ),
    ] {
        session.execute(text, &[&of_scripts, &kept]).await?;
    }
    Ok(())
}
