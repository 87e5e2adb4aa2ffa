//! What tenants used, as statements over a connection to PostgreSQL. Minutes, hours and days have rows each, in the
//! order in which they are read, so that no answer needs more rows than it has. Writes no audit line.

use std::collections::BTreeMap;

use tokio_postgres::Row;

use super::session::{Session, value};
use crate::{
    Amount, StoreError, UsageStep, UsageWanted, Used,
    clock::now_ms,
    usage::{HOUR_ROWS, HOURS_KEPT, MINUTE_MS, MINUTE_ROWS, MINUTES_KEPT, ROWS_OF_TENANT},
};

/// Rows that are sent in one statement.
const TOGETHER: usize = 5_000;

/// Adds to what is known. Given are the rows of periods of `$1` minutes, each once. A row that is new to a tenant's
/// period with as many rows as may be is one of the script `*`.
const ADD: &str = "
    WITH given AS (
        SELECT * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[],
                             $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
        AS g (at, tenant, script, outcome, runs, cpu_us, wall_us, received_bytes, answered_bytes)
    ), has AS (
        SELECT p.at, p.tenant, (SELECT count(*) FROM usage u
            WHERE u.minutes = $1 AND u.at = p.at AND u.tenant = p.tenant) AS rows
        FROM (SELECT DISTINCT at, tenant FROM given) AS p
    ), known AS (
        SELECT g.*, u.runs IS NOT NULL AS known FROM given g LEFT JOIN usage u ON u.minutes = $1
            AND u.at = g.at AND u.tenant = g.tenant AND u.script = g.script AND u.outcome = g.outcome
    ), numbered AS (
        SELECT k.*, row_number() OVER (PARTITION BY at, tenant, known ORDER BY script, outcome) AS nth
        FROM known k
    ), named AS (
        SELECT n.at, n.tenant, n.outcome, n.runs, n.cpu_us, n.wall_us, n.received_bytes, n.answered_bytes,
            CASE WHEN n.known OR h.rows + n.nth <= $11 THEN n.script ELSE '*' END AS script
        FROM numbered n JOIN has h ON h.at = n.at AND h.tenant = n.tenant
    )
    INSERT INTO usage (minutes, at, tenant, script, outcome,
                       runs, cpu_us, wall_us, received_bytes, answered_bytes)
    SELECT $1, at, tenant, script, outcome,
        least(sum(runs), 9223372036854775807)::bigint,
        least(sum(cpu_us), 9223372036854775807)::bigint,
        least(sum(wall_us), 9223372036854775807)::bigint,
        least(sum(received_bytes), 9223372036854775807)::bigint,
        least(sum(answered_bytes), 9223372036854775807)::bigint
    FROM named GROUP BY at, tenant, script, outcome
    ON CONFLICT (minutes, at, tenant, script, outcome) DO UPDATE SET
        runs = least(usage.runs::numeric + excluded.runs, 9223372036854775807)::bigint,
        cpu_us = least(usage.cpu_us::numeric + excluded.cpu_us, 9223372036854775807)::bigint,
        wall_us = least(usage.wall_us::numeric + excluded.wall_us, 9223372036854775807)::bigint,
        received_bytes =
            least(usage.received_bytes::numeric + excluded.received_bytes, 9223372036854775807)::bigint,
        answered_bytes =
            least(usage.answered_bytes::numeric + excluded.answered_bytes, 9223372036854775807)::bigint";

/// When a period begins in minutes since 1970, tenant, script and outcome.
type Key<'a> = (i64, &'a str, &'a str, &'a str);

/// Adds within a transaction.
pub(super) async fn add(session: &mut Session, used: &[Used]) -> Result<(), StoreError> {
    let now = now_ms() / MINUTE_MS;
    for (step, kept) in steps() {
        let minutes = step.minutes();
        let mut rows: BTreeMap<_, Amount> = BTreeMap::new();
        for Used { at_ms, tenant, script, outcome, amount } in used {
            let at = step.begin_ms(*at_ms) / MINUTE_MS;
            // What is too old already would only go again.
            if at > oldest(now, step, kept) {
                let script = script.as_deref().unwrap_or_default();
                rows.entry((at, &**tenant, script, &**outcome)).or_default().add(amount);
            }
        }
        let rows: Vec<_> = rows.into_iter().collect();
        for rows in rows.chunks(TOGETHER) {
            add_rows(session, minutes, rows).await?;
        }
        let old = "DELETE FROM usage WHERE minutes = $1 AND at <= $2";
        session.execute(old, &[&minutes, &oldest(now, step, kept)]).await?;
    }
    Ok(())
}

/// Periods, each with the minutes for which they are kept.
fn steps() -> [(UsageStep, i64); 3] {
    [(UsageStep::Minute, MINUTES_KEPT), (UsageStep::Hour, HOURS_KEPT), (UsageStep::Day, HOURS_KEPT)]
}

/// The last period that is too old, by the present minute.
fn oldest(now: i64, step: UsageStep, kept: i64) -> i64 {
    now - kept - step.minutes()
}

async fn add_rows(
    session: &mut Session,
    minutes: i64,
    rows: &[(Key<'_>, Amount)],
) -> Result<(), StoreError> {
    let numbers = |number: fn(&Amount) -> u64| -> Vec<i64> {
        let whole = |number| i64::try_from(number).unwrap_or(i64::MAX);
        rows.iter().map(|(_, amount)| whole(number(amount))).collect()
    };
    let at: Vec<i64> = rows.iter().map(|(key, _)| key.0).collect();
    let tenants: Vec<&str> = rows.iter().map(|(key, _)| key.1).collect();
    let scripts: Vec<&str> = rows.iter().map(|(key, _)| key.2).collect();
    let outcomes: Vec<&str> = rows.iter().map(|(key, _)| key.3).collect();
    session
        .execute(
            ADD,
            &[
                &minutes,
                &at,
                &tenants,
                &scripts,
                &outcomes,
                &numbers(|amount| amount.runs),
                &numbers(|amount| amount.cpu_us),
                &numbers(|amount| amount.wall_us),
                &numbers(|amount| amount.received_bytes),
                &numbers(|amount| amount.answered_bytes),
                &ROWS_OF_TENANT,
            ],
        )
        .await?;
    Ok(())
}

/// Forgets the oldest of what is too much, within a transaction. It goes through all rows that are kept.
pub(super) async fn trim(session: &mut Session) -> Result<(), StoreError> {
    for (step, _) in steps() {
        let rows = if step == UsageStep::Minute { MINUTE_ROWS } else { HOUR_ROWS };
        let too_much = "DELETE FROM usage WHERE minutes = $1 AND at <= (
            SELECT at FROM usage WHERE minutes = $1 ORDER BY at DESC OFFSET $2 LIMIT 1)";
        session.execute(too_much, &[&step.minutes(), &rows]).await?;
    }
    Ok(())
}

const OF_ALL: &str = "
    SELECT at, tenant, script, outcome, runs, cpu_us, wall_us, received_bytes, answered_bytes
    FROM usage WHERE minutes = $1 AND at >= $2 AND at < $3 AND ($5::text IS NULL OR script = $5)
    ORDER BY at, tenant, script, outcome LIMIT $4";
/// With an index of its own, so that others' rows are not gone through.
const OF_TENANT: &str = "
    SELECT at, tenant, script, outcome, runs, cpu_us, wall_us, received_bytes, answered_bytes
    FROM usage WHERE minutes = $1 AND at >= $2 AND at < $3 AND ($5::text IS NULL OR script = $5)
        AND tenant = $6
    ORDER BY at, script, outcome LIMIT $4";

pub(super) async fn read(
    session: &mut Session,
    wanted: &UsageWanted,
) -> Result<Vec<Used>, StoreError> {
    let UsageWanted { tenant, script, from_ms, to_ms, step, limit } = wanted;
    let from = step.begin_ms(*from_ms) / MINUTE_MS;
    // Up to the end of the period that the last moment is in.
    let to = step.begin_ms(to_ms.saturating_sub(1)) / MINUTE_MS + step.minutes();
    let (minutes, limit) = (step.minutes(), i64::from(*limit));
    let rows = match tenant {
        None => session.rows(OF_ALL, &[&minutes, &from, &to, &limit, script]).await?,
        Some(of) => session.rows(OF_TENANT, &[&minutes, &from, &to, &limit, script, of]).await?,
    };
    rows.iter().map(used).collect()
}

fn used(row: &Row) -> Result<Used, StoreError> {
    let number = |at| Ok::<_, StoreError>(u64::try_from(value::<i64>(row, at)?).unwrap_or(0));
    let script: String = value(row, 2)?;
    Ok(Used {
        at_ms: value::<i64>(row, 0)? * MINUTE_MS,
        tenant: value(row, 1)?,
        script: (!script.is_empty()).then_some(script),
        outcome: value(row, 3)?,
        amount: Amount {
            runs: number(4)?,
            cpu_us: number(5)?,
            wall_us: number(6)?,
            received_bytes: number(7)?,
            answered_bytes: number(8)?,
        },
    })
}
