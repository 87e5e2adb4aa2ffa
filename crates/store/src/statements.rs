//! The statements, each as a function over a connection. A change is made within a transaction of its
//! caller's.

use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use crate::{
    Active, AuditEntry, Canary, Change, NewToken, NewVersion, Quota, Quotas, Role, StoreError,
    StoredVersion, TokenRecord, VersionFacts, Who, audit::Noted, canaries, clock::now_ms, once,
    schedules, secrets,
};

const ACTIVE: &str =
    "SELECT s.tenant, s.script, s.active, v.turn, v.facts, c.version, c.percent, w.turn, w.facts
     FROM scripts s
     JOIN versions v ON v.tenant = s.tenant AND v.script = s.script AND v.version = s.active
     LEFT JOIN canaries c ON c.tenant = s.tenant AND c.script = s.script
     LEFT JOIN versions w ON w.tenant = c.tenant AND w.script = c.script AND w.version = c.version";

pub(crate) fn active(connection: &Connection) -> Result<Vec<Active>, StoreError> {
    let mut statement = connection.prepare(ACTIVE)?;
    let all = statement.query_map((), one_active)?;
    Ok(all.collect::<Result<_, _>>()?)
}

fn one_active(row: &Row<'_>) -> rusqlite::Result<Active> {
    let script = Who { tenant: row.get(0)?, script: row.get(1)? };
    let canary = match row.get(5)? {
        None => None,
        Some(version) => {
            Some(Canary { version, percent: row.get(6)?, turn: row.get(7)?, facts: row.get(8)? })
        }
    };
    Ok(Active { script, version: row.get(2)?, turn: row.get(3)?, facts: row.get(4)?, canary })
}

pub(crate) fn active_one(connection: &Connection, who: &Who) -> Result<Option<Active>, StoreError> {
    Ok(connection
        .prepare_cached(&format!("{ACTIVE} WHERE s.tenant = ?1 AND s.script = ?2"))?
        .query_row(params![who.tenant, who.script], one_active)
        .optional()?)
}

/// The turn of a version that is kept.
pub(crate) fn turn_of(
    connection: &Connection,
    who: &Who,
    version: &str,
) -> Result<Option<i64>, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT turn FROM versions WHERE tenant = ?1 AND script = ?2 AND version = ?3",
        )?
        .query_row(params![who.tenant, who.script, version], |row| row.get(0))
        .optional()?)
}

/// Fails where a version is not kept, or is another one than of this turn.
pub(crate) fn check_turn(
    connection: &Connection,
    who: &Who,
    version: &str,
    turn: i64,
) -> Result<(), StoreError> {
    match turn_of(connection, who, version)? {
        None => Err(no_version(who, version)),
        Some(now) if now != turn => Err(StoreError::Changed { script: who.script.clone() }),
        Some(_) => Ok(()),
    }
}

/// The version that answers.
pub(crate) fn active_of(connection: &Connection, who: &Who) -> Result<Option<String>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT active FROM scripts WHERE tenant = ?1 AND script = ?2")?
        .query_row(params![who.tenant, who.script], |row| row.get(0))
        .optional()?)
}

pub(crate) fn version(
    connection: &Connection,
    who: &Who,
    version: &str,
) -> Result<StoredVersion, StoreError> {
    let found: Option<(i64, String, Vec<u8>, Vec<u8>)> = connection
        .prepare_cached(
            "SELECT turn, facts, body, checksum FROM versions
             WHERE tenant = ?1 AND script = ?2 AND version = ?3",
        )?
        .query_row(params![who.tenant, who.script, version], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let (turn, facts, body, checksum) = found.ok_or_else(|| no_version(who, version))?;
    if Sha256::digest(&body)[..] != checksum[..] {
        let (script, version) = (who.script.clone(), version.to_owned());
        return Err(StoreError::Damaged { script, version });
    }
    Ok(StoredVersion { turn, facts, body })
}

pub(crate) fn no_version(who: &Who, version: &str) -> StoreError {
    StoreError::NoVersion { script: who.script.clone(), version: version.to_owned() }
}

pub(crate) fn versions(
    connection: &Connection,
    who: &Who,
) -> Result<Vec<VersionFacts>, StoreError> {
    let active = active_of(connection, who)?;
    let mut statement = connection.prepare_cached(
        "SELECT v.version, v.former, v.made_ms, v.made_by, length(v.body), v.facts, c.percent
         FROM versions v LEFT JOIN canaries c
             ON c.tenant = v.tenant AND c.script = v.script AND c.version = v.version
         WHERE v.tenant = ?1 AND v.script = ?2 ORDER BY v.turn DESC",
    )?;
    let all = statement.query_map(params![who.tenant, who.script], |row| {
        let version: String = row.get(0)?;
        Ok(VersionFacts {
            active: active.as_ref() == Some(&version),
            version,
            former: row.get(1)?,
            made_ms: row.get(2)?,
            made_by: row.get(3)?,
            bytes: bytes(row, 4)?,
            facts: row.get(5)?,
            share: row.get(6)?,
        })
    })?;
    Ok(all.collect::<Result<_, _>>()?)
}

fn bytes(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(at).map(i64::unsigned_abs)
}

/// Bytes of the bodies and facts of all versions that are former ones.
pub(crate) fn former_bytes(connection: &Connection) -> Result<u64, StoreError> {
    let all = "SELECT coalesce(sum(bytes), 0) FROM versions";
    let active = "SELECT coalesce(sum(v.bytes), 0) FROM scripts s JOIN versions v
                  ON v.tenant = s.tenant AND v.script = s.script AND v.version = s.active";
    let beside = "SELECT coalesce(sum(v.bytes), 0) FROM canaries c JOIN versions v
                  ON v.tenant = c.tenant AND v.script = c.script AND v.version = c.version";
    let sum = |text| connection.query_row(text, (), |row| row.get::<_, i64>(0));
    Ok((sum(all)? - sum(active)? - sum(beside)?).unsigned_abs())
}

/// The same of one script. A version that is active or has a share is none of them.
pub(crate) fn former_bytes_of(connection: &Connection, who: &Who) -> Result<i64, StoreError> {
    Ok(connection
        .prepare_cached(
            "SELECT coalesce(sum(v.bytes), 0) FROM versions v
             JOIN scripts s ON s.tenant = v.tenant AND s.script = v.script
             WHERE v.tenant = ?1 AND v.script = ?2 AND v.version <> s.active AND NOT EXISTS (
                 SELECT 1 FROM canaries c WHERE c.tenant = v.tenant AND c.script = v.script
                     AND c.version = v.version)",
        )?
        .query_row(params![who.tenant, who.script], |row| row.get(0))?)
}

/// Stores a version and makes it active, or gives it a share; at most `kept` former ones stay. Answers by how much
/// the bytes of former versions grew, and the version's turn.
pub(crate) fn deploy(
    connection: &Connection,
    new: &NewVersion,
    kept: u32,
) -> Result<(i64, i64), StoreError> {
    let NewVersion { script: who, version, facts, body, actor, once, instead_of, share } = new;
    let former = active_of(connection, who)?;
    if instead_of.as_ref().is_some_and(|expected| *expected != former) {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    if share.is_some() && former.as_ref().is_none_or(|active| active == version) {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    // The facts are as much a client's as the body is: they have the source's name.
    let bytes = i64::try_from(body.len() + facts.len()).unwrap_or(i64::MAX);
    let before = former_bytes_of(connection, who)?;
    // A version that is active already keeps the one in whose place it was put, and one with a share has none yet.
    let former = former.filter(|former| share.is_none() && former != version);
    let checksum = &Sha256::digest(body)[..];
    connection
        .prepare_cached(
            "INSERT INTO versions (tenant, script, version, turn, former, made_ms, made_by, facts, bytes, checksum, body)
             VALUES (?1, ?2, ?3, (SELECT coalesce(max(number), 0) + 1 FROM audit), ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT DO UPDATE SET turn = excluded.turn, former = coalesce(excluded.former, former),
                 made_ms = excluded.made_ms, made_by = excluded.made_by, facts = excluded.facts,
                 bytes = excluded.bytes, checksum = excluded.checksum, body = excluded.body",
        )?
        .execute(params![
            who.tenant,
            who.script,
            version,
            former,
            now_ms(),
            actor,
            facts,
            bytes,
            checksum,
            body
        ])?;
    match share {
        Some(percent) => canaries::put(connection, who, version, *percent)?,
        None => drop(set_active(connection, who, version)?),
    }
    prune(connection, who, kept)?;
    let grew = former_bytes_of(connection, who)? - before;
    match share {
        Some(percent) => {
            let detail = canaries::told(version, *percent);
            note_script(connection, actor, "deploy-canary", who, &detail)?;
        }
        None => note_script(connection, actor, "deploy", who, version)?,
    }
    if let Some(once) = once {
        once::keep(connection, &who.tenant, once)?;
    }
    let turn = turn_of(connection, who, version)?;
    Ok((grew, turn.ok_or_else(|| no_version(who, version))?))
}

/// Has a version answer, alone; whether another one had a share beside the one that did.
fn set_active(connection: &Connection, who: &Who, version: &str) -> Result<bool, StoreError> {
    let ended = canaries::take(connection, who)?.is_some();
    connection
        .prepare_cached(
            "INSERT INTO scripts (tenant, script, active) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET active = excluded.active",
        )?
        .execute(params![who.tenant, who.script, version])?;
    Ok(ended)
}

pub(crate) fn note_script(
    connection: &Connection,
    actor: &str,
    action: &str,
    who: &Who,
    detail: &str,
) -> Result<(), StoreError> {
    let (tenant, object) = (Some(&*who.tenant), &*who.script);
    Noted { actor, action, tenant, object, detail }.write(connection)
}

/// Removes the former versions of a script beyond the newest `kept`.
fn prune(connection: &Connection, who: &Who, kept: u32) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM versions WHERE rowid IN (
             SELECT v.rowid FROM versions v
             JOIN scripts s ON s.tenant = v.tenant AND s.script = v.script
             WHERE v.tenant = ?1 AND v.script = ?2 AND v.version <> s.active AND NOT EXISTS (
                 SELECT 1 FROM canaries c WHERE c.tenant = v.tenant AND c.script = v.script
                     AND c.version = v.version)
             ORDER BY v.turn DESC LIMIT -1 OFFSET ?3)",
    )?;
    statement.execute(params![who.tenant, who.script, kept])?;
    Ok(())
}

/// How much each may keep so that all together have no more than `most`, where those with least keep all.
pub(crate) fn level(mut all: Vec<u64>, most: u64) -> u64 {
    all.sort_unstable();
    let (mut left, mut count) = (most, all.len() as u64);
    for one in all {
        if one > left / count {
            return left / count;
        }
        left -= one;
        count -= 1;
    }
    most
}

/// Removes former versions until they have so many bytes less: the oldest ones of the tenants that have most.
/// Answers how many bytes went.
pub(crate) fn trim_former(connection: &Connection, bytes: u64) -> Result<u64, StoreError> {
    let mut have = connection.prepare_cached(
        "SELECT v.tenant, sum(v.bytes) AS has FROM versions v
         JOIN scripts s ON s.tenant = v.tenant AND s.script = v.script
         WHERE v.version <> s.active AND NOT EXISTS (
                 SELECT 1 FROM canaries c WHERE c.tenant = v.tenant AND c.script = v.script
                     AND c.version = v.version)
         GROUP BY v.tenant ORDER BY has DESC",
    )?;
    let have = have.query_map((), |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    let have: Vec<(String, u64)> = have.collect::<Result<_, _>>()?;
    let total: u64 = have.iter().map(|(_, has)| has).sum();
    let level = level(have.iter().map(|(_, has)| *has).collect(), total.saturating_sub(bytes));
    let mut remove = connection.prepare_cached(
        "DELETE FROM versions WHERE rowid IN (
             SELECT id FROM (
                 SELECT v.rowid AS id, sum(v.bytes) OVER older - v.bytes AS before FROM versions v
                 JOIN scripts s ON s.tenant = v.tenant AND s.script = v.script
                 WHERE v.tenant = ?1 AND v.version <> s.active AND NOT EXISTS (
                 SELECT 1 FROM canaries c WHERE c.tenant = v.tenant AND c.script = v.script
                     AND c.version = v.version)
                 WINDOW older AS (ORDER BY v.turn, v.rowid ROWS UNBOUNDED PRECEDING))
             WHERE before < ?2)
         RETURNING bytes",
    )?;
    let mut gone = 0;
    for (tenant, has) in have {
        let too_much = has.saturating_sub(level).min(bytes.saturating_sub(gone));
        if too_much == 0 {
            break;
        }
        let too_much = i64::try_from(too_much).unwrap_or(i64::MAX);
        let removed = remove.query_map(params![tenant, too_much], |row| row.get::<_, i64>(0))?;
        gone += removed.collect::<Result<Vec<_>, _>>()?.into_iter().sum::<i64>().unsigned_abs();
    }
    Ok(gone)
}

/// Answers by how much the bytes of former versions grew, and the version's turn.
pub(crate) fn activate(connection: &Connection, change: &Change) -> Result<(i64, i64), StoreError> {
    let Change { script: who, version, turn: read, instead_of, back, actor } = change;
    if active_of(connection, who)?.as_ref() != Some(instead_of) {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    check_turn(connection, who, version, *read)?;
    let before = former_bytes_of(connection, who)?;
    if version != instead_of && !back {
        connection
            .prepare_cached(
                "UPDATE versions SET former = ?4, turn = (SELECT coalesce(max(number), 0) + 1 FROM audit)
                 WHERE tenant = ?1 AND script = ?2 AND version = ?3",
            )?
            .execute(params![who.tenant, who.script, version, instead_of])?;
    }
    let ended = set_active(connection, who, version)?;
    // Where all was so already there is nothing to tell.
    if ended || version != instead_of {
        note_script(connection, actor, if *back { "roll-back" } else { "activate" }, who, version)?;
    }
    let grew = former_bytes_of(connection, who)? - before;
    let turn = turn_of(connection, who, version)?;
    Ok((grew, turn.ok_or_else(|| no_version(who, version))?))
}

/// Answers how many bytes its former versions had, or none where there is no such script.
pub(crate) fn remove(
    connection: &Connection,
    who: &Who,
    instead_of: Option<&str>,
    actor: &str,
) -> Result<Option<u64>, StoreError> {
    let active = active_of(connection, who)?;
    if instead_of.is_some_and(|expected| active.as_deref() != Some(expected)) {
        return Err(StoreError::Changed { script: who.script.clone() });
    }
    if active.is_none() {
        return Ok(None);
    }
    let whose = params![who.tenant, who.script];
    let former = former_bytes_of(connection, who)?;
    canaries::take(connection, who)?;
    schedules::remove_all(connection, who)?;
    connection.execute("DELETE FROM scripts WHERE tenant = ?1 AND script = ?2", whose)?;
    connection.execute("DELETE FROM versions WHERE tenant = ?1 AND script = ?2", whose)?;
    secrets::remove_all(connection, who)?;
    note_script(connection, actor, "remove", who, "")?;
    Ok(Some(former.unsigned_abs()))
}

const TOKEN: &str =
    "SELECT id, hash, role, tenant, label, first, made_ms, expires_ms, revoked_ms FROM tokens";

fn token(row: &Row<'_>) -> rusqlite::Result<TokenRecord> {
    let (role, tenant): (String, Option<String>) = (row.get(2)?, row.get(3)?);
    Ok(TokenRecord {
        id: row.get(0)?,
        hash: row.get(1)?,
        role: match (&*role, tenant) {
            ("admin", None) => Role::Admin,
            ("metrics", None) => Role::Metrics,
            (_, tenant) => Role::Tenant(tenant.unwrap_or_default()),
        },
        label: row.get(4)?,
        first: row.get(5)?,
        made_ms: row.get(6)?,
        expires_ms: row.get(7)?,
        revoked_ms: row.get(8)?,
    })
}

pub(crate) fn tokens(connection: &Connection) -> Result<Vec<TokenRecord>, StoreError> {
    let mut statement = connection.prepare_cached(TOKEN)?;
    let all = statement.query_map((), token)?;
    Ok(all.collect::<Result<_, _>>()?)
}

pub(crate) fn add_token(
    connection: &Connection,
    new: &NewToken,
    first: bool,
    actor: &str,
) -> Result<TokenRecord, StoreError> {
    let NewToken { id, hash, role, label, expires_ms } = new;
    connection.execute(
        "INSERT INTO tokens (id, hash, role, tenant, label, first, made_ms, expires_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![id, hash, role.name(), role.tenant(), label, first, now_ms(), expires_ms],
    )?;
    let (tenant, action) = (role.tenant(), "create-token");
    Noted { actor, action, tenant, object: id, detail: role.name() }.write(connection)?;
    Ok(connection.query_row(&format!("{TOKEN} WHERE id = ?1"), [id], token)?)
}

pub(crate) fn revoke(connection: &Connection, id: &str, actor: &str) -> Result<bool, StoreError> {
    let tenant: Option<Option<String>> = connection
        .query_row(
            "UPDATE tokens SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms IS NULL RETURNING tenant",
            params![id, now_ms()],
            |row| row.get(0),
        )
        .optional()?;
    let Some(tenant) = tenant else { return Ok(false) };
    let (tenant, action) = (tenant.as_deref(), "revoke-token");
    Noted { actor, action, tenant, object: id, detail: "" }.write(connection)?;
    Ok(true)
}

pub(crate) fn quotas(connection: &Connection) -> Result<Quotas, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT tenant, runs_per_second, concurrent_runs, cpu_ms_per_minute, scripts, script_bytes
         FROM quotas",
    )?;
    let all = statement.query_map((), |row| {
        let quota = Quota {
            runs_per_second: row.get(1)?,
            concurrent_runs: row.get(2)?,
            cpu_ms_per_minute: row.get(3)?,
            scripts: row.get(4)?,
            script_bytes: row.get(5)?,
        };
        Ok((row.get(0)?, quota))
    })?;
    Ok(all.collect::<Result<_, _>>()?)
}

pub(crate) fn set_quota(
    connection: &Connection,
    tenant: &str,
    quota: &Quota,
    actor: &str,
) -> Result<(), StoreError> {
    let Quota { runs_per_second, concurrent_runs, cpu_ms_per_minute, scripts, script_bytes } =
        quota;
    connection.execute(
        "INSERT OR REPLACE INTO quotas VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![tenant, runs_per_second, concurrent_runs, cpu_ms_per_minute, scripts, script_bytes],
    )?;
    let detail = &quota.told();
    Noted { actor, action: "set-quota", tenant: Some(tenant), object: tenant, detail }
        .write(connection)
}

pub(crate) fn remove_quota(
    connection: &Connection,
    tenant: &str,
    actor: &str,
) -> Result<bool, StoreError> {
    if connection.execute("DELETE FROM quotas WHERE tenant = ?1", [tenant])? == 0 {
        return Ok(false);
    }
    let (object, detail) = (tenant, "");
    Noted { actor, action: "remove-quota", tenant: Some(tenant), object, detail }
        .write(connection)?;
    Ok(true)
}

pub(crate) fn audit(
    connection: &Connection,
    tenant: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<AuditEntry>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, at_ms, actor, action, tenant, object, detail FROM audit
         WHERE number < ?1 AND (?2 IS NULL OR tenant = ?2) ORDER BY number DESC LIMIT ?3",
    )?;
    let all = statement.query_map(params![before.unwrap_or(i64::MAX), tenant, limit], |row| {
        Ok(AuditEntry {
            number: row.get(0)?,
            at_ms: row.get(1)?,
            actor: row.get(2)?,
            action: row.get(3)?,
            tenant: row.get(4)?,
            object: row.get(5)?,
            detail: row.get(6)?,
        })
    })?;
    Ok(all.collect::<Result<_, _>>()?)
}

/// What tenants do, and as often as they like.
const DONE_TO_SCRIPTS: &str = "('deploy', 'activate', 'roll-back', 'remove', 'set-secret', 'remove-secret', 'deploy-canary', \
     'set-canary', 'end-canary', 'set-schedule', 'remove-schedule', 'end-schedule')";
/// The same, one by one.
pub(crate) const DONE_TO_SCRIPTS_ARE: [&str; 12] = [
    "deploy",
    "activate",
    "roll-back",
    "remove",
    "set-secret",
    "remove-secret",
    "deploy-canary",
    "set-canary",
    "end-canary",
    "set-schedule",
    "remove-schedule",
    "end-schedule",
];

/// Bounds the audit trail: at most so many lines of what was done to scripts, beyond which the oldest go of the
/// tenants that have most; and as many of what was done to tokens and quotas, so that no tenant makes those
/// disappear. All lines are looked at, so this is done now and then, and somewhat more is removed.
pub(crate) fn trim_audit(connection: &Connection, kept: u32) -> Result<(), StoreError> {
    let each = i64::from(kept / 64).max(1);
    let last = "SELECT coalesce(max(number), 0) FROM audit";
    let last: i64 = connection.prepare_cached(last)?.query_row((), |row| row.get(0))?;
    if last % each != 0 {
        return Ok(());
    }
    // The newest one numbers what comes next.
    let kept = i64::from(kept - kept / 64).max(1);
    let have = format!(
        "SELECT count(*) FROM audit WHERE action IN {DONE_TO_SCRIPTS} GROUP BY coalesce(tenant, '')"
    );
    let mut have = connection.prepare_cached(&have)?;
    let have = have.query_map((), |row| Ok(row.get::<_, i64>(0)?.unsigned_abs()))?;
    let level = level(have.collect::<Result<_, _>>()?, kept.unsigned_abs()).max(1);
    let trim = |which: &str, of: &str, kept: i64| {
        let beyond = format!(
            "DELETE FROM audit WHERE number IN (
                 SELECT number FROM (
                     SELECT number, row_number() OVER ({of} ORDER BY number DESC) AS nth
                     FROM audit WHERE action {which} {DONE_TO_SCRIPTS})
                 WHERE nth > ?1)"
        );
        connection.prepare_cached(&beyond)?.execute([kept])
    };
    trim("IN", "PARTITION BY tenant", i64::try_from(level).unwrap_or(i64::MAX))?;
    // Only where there are more tenants than lines does this find any.
    trim("IN", "", kept)?;
    trim("NOT IN", "", kept)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::level;

    #[test]
    fn those_with_least_keep_all_and_the_others_as_much_as_each_other() {
        for (all, most, expected) in [
            (vec![], 10, 10),
            (vec![3, 4], 10, 10),
            (vec![30, 2], 10, 8),
            (vec![2, 30, 31], 20, 9),
            (vec![30, 30], 0, 0),
        ] {
            assert_eq!(level(all.clone(), most), expected, "{all:?}");
        }
    }
}
