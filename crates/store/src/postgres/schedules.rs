//! Schedules of scripts, as statements over a connection to PostgreSQL. They do what those for SQLite do.

use tokio_postgres::Row;

use super::{
    audit::note_script,
    session::{Session, value},
    statements::active_name,
};
use crate::{
    Due, EndedRun, NewSchedule, Schedule, ScheduleOf, ScheduledRun, StoreError, Who,
    clock::now_ms,
    schedules::{ITSELF, OF_A_TENANT, RUNS_KEPT},
};

/// Sets a schedule within a transaction.
pub(super) async fn set(session: &mut Session, new: &NewSchedule) -> Result<bool, StoreError> {
    let NewSchedule { of, cron, time_zone, run, next_ms, actor } = new;
    let who = of.who();
    if active_name(session, &who).await?.is_none() {
        return Err(StoreError::Changed { script: who.script });
    }
    let known = session
        .row(
            "SELECT 1 FROM schedules WHERE tenant = $1 AND script = $2 AND id = $3",
            &[&of.tenant, &of.script, &of.id],
        )
        .await?
        .is_some();
    let count: i64 =
        session.value("SELECT count(*) FROM schedules WHERE tenant = $1", &[&of.tenant]).await?;
    if !known && count >= OF_A_TENANT {
        return Err(StoreError::TooManySchedules { limit: OF_A_TENANT });
    }
    session
        .execute(
            "INSERT INTO schedules
                 (tenant, script, id, cron, time_zone, run, set_ms, set_by, next_ms, failures)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
             ON CONFLICT (tenant, script, id) DO UPDATE SET cron = excluded.cron,
                 time_zone = excluded.time_zone, run = excluded.run, set_ms = excluded.set_ms,
                 set_by = excluded.set_by, next_ms = excluded.next_ms, failures = 0, off = NULL",
            &[&of.tenant, &of.script, &of.id, cron, time_zone, run, &now_ms(), actor, next_ms],
        )
        .await?;
    note_script(session, actor, "set-schedule", &who, &of.id).await?;
    Ok(!known)
}

/// Those of a script, or the one of a name.
pub(super) async fn list(
    session: &mut Session,
    who: &Who,
    id: Option<&str>,
) -> Result<Vec<Schedule>, StoreError> {
    let rows = session
        .rows(
            "SELECT id, cron, time_zone, run, set_ms, set_by, next_ms, failures, off FROM schedules
             WHERE tenant = $1 AND script = $2 AND ($3::text IS NULL OR id = $3) ORDER BY id",
            &[&who.tenant, &who.script, &id],
        )
        .await?;
    let mut all = Vec::new();
    for row in &rows {
        let (tenant, script) = (who.tenant.clone(), who.script.clone());
        let of = ScheduleOf { tenant, script, id: value(row, 0)? };
        let runs = session
            .rows(
                "SELECT due_ms, began_ms, ended_ms, outcome, run FROM schedule_runs
                 WHERE tenant = $1 AND script = $2 AND id = $3 ORDER BY due_ms DESC LIMIT $4",
                &[&of.tenant, &of.script, &of.id, &RUNS_KEPT],
            )
            .await?;
        all.push(Schedule {
            of,
            cron: value(row, 1)?,
            time_zone: value(row, 2)?,
            run: value(row, 3)?,
            set_ms: value(row, 4)?,
            set_by: value(row, 5)?,
            next_ms: value(row, 6)?,
            failures: failures(value(row, 7)?),
            off: value(row, 8)?,
            runs: runs.iter().map(one_run).collect::<Result<_, _>>()?,
        });
    }
    Ok(all)
}

fn one_run(row: &Row) -> Result<ScheduledRun, StoreError> {
    Ok(ScheduledRun {
        due_ms: value(row, 0)?,
        began_ms: value(row, 1)?,
        ended_ms: value(row, 2)?,
        outcome: value(row, 3)?,
        run: value(row, 4)?,
    })
}

fn failures(kept: i64) -> u32 {
    u32::try_from(kept).unwrap_or(u32::MAX)
}

/// Removes one within a transaction.
pub(super) async fn remove(
    session: &mut Session,
    of: &ScheduleOf,
    actor: &str,
) -> Result<bool, StoreError> {
    let which: [super::session::Given<'_>; 3] = [&of.tenant, &of.script, &of.id];
    // Who takes a run waits for no other change: from here on nobody takes one, and what was taken is seen.
    session
        .rows(
            "SELECT 1 FROM schedules WHERE tenant = $1 AND script = $2 AND id = $3 FOR UPDATE",
            &which,
        )
        .await?;
    session
        .execute("DELETE FROM schedule_runs WHERE tenant = $1 AND script = $2 AND id = $3", &which)
        .await?;
    let removed = session
        .execute("DELETE FROM schedules WHERE tenant = $1 AND script = $2 AND id = $3", &which)
        .await?;
    if removed > 0 {
        note_script(session, actor, "remove-schedule", &of.who(), &of.id).await?;
    }
    Ok(removed > 0)
}

/// Removes all of a script, which is removed itself.
pub(super) async fn remove_all(session: &mut Session, who: &Who) -> Result<(), StoreError> {
    let whose: [super::session::Given<'_>; 2] = [&who.tenant, &who.script];
    // As for one of them; in one order, so that two never wait for each other.
    session
        .rows(
            "SELECT 1 FROM schedules WHERE tenant = $1 AND script = $2 ORDER BY id FOR UPDATE",
            &whose,
        )
        .await?;
    for all in [
        "DELETE FROM schedule_runs WHERE tenant = $1 AND script = $2",
        "DELETE FROM schedules WHERE tenant = $1 AND script = $2",
    ] {
        session.execute(all, &whose).await?;
    }
    Ok(())
}

/// What is due.
pub(super) async fn due(
    session: &mut Session,
    at_ms: i64,
    after: Option<&Due>,
    limit: u32,
) -> Result<Vec<Due>, StoreError> {
    let (after_ms, of) = after.map_or((i64::MIN, None), |due| (due.due_ms, Some(&due.of)));
    let [tenant, script, id] = of.map_or([""; 3], |of| [&*of.tenant, &*of.script, &*of.id]);
    let rows = session
        .rows(
            "SELECT tenant, script, id, cron, time_zone, run, next_ms FROM schedules
             WHERE next_ms IS NOT NULL AND next_ms <= $1
                 AND (next_ms, tenant, script, id) > ($3, $4, $5, $6)
             ORDER BY next_ms, tenant, script, id LIMIT $2",
            &[&at_ms, &i64::from(limit), &after_ms, &tenant, &script, &id],
        )
        .await?;
    let one = |row: &Row| {
        Ok(Due {
            of: ScheduleOf { tenant: value(row, 0)?, script: value(row, 1)?, id: value(row, 2)? },
            cron: value(row, 3)?,
            time_zone: value(row, 4)?,
            run: value(row, 5)?,
            due_ms: value(row, 6)?,
        })
    };
    rows.iter().map(one).collect()
}

/// Takes one, in one statement, so that of several servers one does.
pub(super) async fn take(
    session: &mut Session,
    of: &ScheduleOf,
    due_ms: i64,
    next_ms: i64,
) -> Result<bool, StoreError> {
    let taken = session
        .execute(
            "WITH moved AS (
                 UPDATE schedules SET next_ms = $5
                 WHERE tenant = $1 AND script = $2 AND id = $3 AND next_ms = $4
                 RETURNING tenant, script, id)
             INSERT INTO schedule_runs (tenant, script, id, due_ms, began_ms)
             SELECT tenant, script, id, $4::bigint, $6::bigint FROM moved ON CONFLICT DO NOTHING",
            &[&of.tenant, &of.script, &of.id, &due_ms, &next_ms, &now_ms()],
        )
        .await?;
    Ok(taken > 0)
}

/// Takes the last one of a schedule within a transaction, and notes that no other is due.
pub(super) async fn take_last(
    session: &mut Session,
    of: &ScheduleOf,
    due_ms: i64,
    code: &str,
) -> Result<bool, StoreError> {
    let moved = session
        .execute(
            "UPDATE schedules SET next_ms = NULL, off = $5
             WHERE tenant = $1 AND script = $2 AND id = $3 AND next_ms = $4",
            &[&of.tenant, &of.script, &of.id, &due_ms, &code],
        )
        .await?;
    if moved == 0 {
        return Ok(false);
    }
    note_script(session, ITSELF, "end-schedule", &of.who(), &of.id).await?;
    let taken = session
        .execute(
            "INSERT INTO schedule_runs (tenant, script, id, due_ms, began_ms)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            &[&of.tenant, &of.script, &of.id, &due_ms, &now_ms()],
        )
        .await?;
    Ok(taken > 0)
}

/// Keeps what became of a run, within a transaction.
pub(super) async fn end(session: &mut Session, ended: &EndedRun) -> Result<bool, StoreError> {
    let EndedRun { of, due_ms, outcome, failed, run, most_failures } = ended;
    let row = session
        .row(
            "UPDATE schedule_runs SET ended_ms = $5, outcome = $6, run = $7
             WHERE tenant = $1 AND script = $2 AND id = $3 AND due_ms = $4 RETURNING began_ms",
            &[&of.tenant, &of.script, &of.id, due_ms, &now_ms(), outcome, run],
        )
        .await?;
    let Some(row) = row else { return Ok(false) };
    let began_ms: i64 = value(&row, 0)?;
    session
        .execute(
            "DELETE FROM schedule_runs WHERE tenant = $1 AND script = $2 AND id = $3 AND due_ms IN (
                 SELECT due_ms FROM schedule_runs WHERE tenant = $1 AND script = $2 AND id = $3
                 ORDER BY due_ms DESC OFFSET $4)",
            &[&of.tenant, &of.script, &of.id, &RUNS_KEPT],
        )
        .await?;
    let counted = session
        .row(
            // What was refused says nothing of the script.
            "UPDATE schedules SET failures = CASE
                 WHEN $4::boolean THEN failures + 1 WHEN $5::text = 'ok' THEN 0 ELSE failures END
             WHERE tenant = $1 AND script = $2 AND id = $3 AND set_ms <= $6
             RETURNING failures, off IS NOT NULL",
            &[&of.tenant, &of.script, &of.id, failed, outcome, &began_ms],
        )
        .await?;
    let Some(counted) = counted.filter(|_| *failed) else { return Ok(false) };
    let off: bool = value(&counted, 1)?;
    if off || failures(value(&counted, 0)?) < *most_failures {
        return Ok(false);
    }
    session
        .execute(
            "UPDATE schedules SET next_ms = NULL, off = $4
             WHERE tenant = $1 AND script = $2 AND id = $3",
            &[&of.tenant, &of.script, &of.id, outcome],
        )
        .await?;
    note_script(session, ITSELF, "end-schedule", &of.who(), &of.id).await?;
    Ok(true)
}
