//! Schedules of scripts, and the last runs of each: what is kept, and the statements over a connection. Knows nothing of
//! how times follow from a schedule.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    Answer, StoreError, Who,
    clock::now_ms,
    statements::{active_of, note_script},
};

/// Schedules that a tenant may have.
pub(crate) const OF_A_TENANT: i64 = 100;
/// The last runs that are kept of each.
pub(crate) const RUNS_KEPT: i64 = 10;
/// Who ends a schedule whose runs fail, in the audit trail.
pub(crate) const ITSELF: &str = "schedule";

/// Which schedule is meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScheduleOf {
    /// The tenant's name.
    pub tenant: String,
    /// The script's name.
    pub script: String,
    /// The schedule's, of the script alone.
    pub id: String,
}

impl ScheduleOf {
    pub(crate) fn who(&self) -> Who {
        Who { tenant: self.tenant.clone(), script: self.script.clone() }
    }
}

/// A schedule that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSchedule {
    /// Which it is.
    pub of: ScheduleOf,
    /// When its runs are due, as a cron expression.
    pub cron: String,
    /// The time zone that is meant in, by its name.
    pub time_zone: String,
    /// What its runs are given, as JSON.
    pub run: String,
    /// When the next run is due, in milliseconds since 1970.
    pub next_ms: i64,
    /// Who sets it.
    pub actor: String,
}

/// A schedule that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Which it is.
    pub of: ScheduleOf,
    /// When its runs are due, as a cron expression.
    pub cron: String,
    /// The time zone that is meant in, by its name.
    pub time_zone: String,
    /// What its runs are given, as JSON.
    pub run: String,
    /// When it was set, in milliseconds since 1970.
    pub set_ms: i64,
    /// Who set it.
    pub set_by: String,
    /// When the next run is due, where one is.
    pub next_ms: Option<i64>,
    /// Runs that failed since one went well.
    pub failures: u32,
    /// The error for which no run is due any more.
    pub off: Option<String>,
    /// The last runs, the newest first.
    pub runs: Vec<ScheduledRun>,
}

/// A run of a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledRun {
    /// When it was due, in milliseconds since 1970.
    pub due_ms: i64,
    /// When a server took it.
    pub began_ms: i64,
    /// When it ended; nothing where it is under way, or was lost with its server.
    pub ended_ms: Option<i64>,
    /// `ok`, or an error's code.
    pub outcome: Option<String>,
    /// The identity of the asynchronous run that it was.
    pub run: Option<String>,
}

/// A run that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Of which schedule.
    pub of: ScheduleOf,
    /// When the schedule's runs are due.
    pub cron: String,
    /// The time zone that is meant in.
    pub time_zone: String,
    /// What it is given, as JSON.
    pub run: String,
    /// When it was due, in milliseconds since 1970.
    pub due_ms: i64,
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedRun {
    /// Of which schedule.
    pub of: ScheduleOf,
    /// When it was due.
    pub due_ms: i64,
    /// `ok`, or an error's code.
    pub outcome: String,
    /// Whether the script failed; not where the run was refused, which says nothing of it.
    pub failed: bool,
    /// The identity of the asynchronous run that it was.
    pub run: Option<String>,
    /// Failures in a row after which no run of the schedule is due any more.
    pub most_failures: u32,
}

/// Schedules, kept.
pub trait ScheduleStore: Send + Sync {
    /// Sets a schedule, in the place of one of the same name, whose last runs it has; true where there was none.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooManySchedules`], and [`StoreError::Changed`] where there is no such script.
    fn set_schedule(&self, new: NewSchedule) -> Answer<bool>;

    /// The schedules of a script, or the one of a name, in the order of their names.
    fn schedules(&self, script: Who, id: Option<String>) -> Answer<Vec<Schedule>>;

    /// Removes a schedule; false where there was none.
    fn remove_schedule(&self, of: ScheduleOf, actor: String) -> Answer<bool>;

    /// Runs that are due at a time in milliseconds since 1970, those that have been for longest first; at most `limit`,
    /// of those that come after one that was told.
    fn due(&self, at_ms: i64, after: Option<Due>, limit: u32) -> Answer<Vec<Due>>;

    /// Takes a run that is due, for whoever asks first; false for everybody else. The next one is due at another time,
    /// or never, for the error whose code is given: the schedule is off then.
    fn take_due(&self, of: ScheduleOf, due_ms: i64, next: Result<i64, String>) -> Answer<bool>;

    /// Keeps what became of a run that was taken; true where no run of its schedule is due any more because of it.
    /// What began before the schedule was set last says nothing of it as it is now.
    fn end_due(&self, ended: EndedRun) -> Answer<bool>;
}

/// Sets a schedule within a transaction.
pub(crate) fn set(connection: &Connection, new: &NewSchedule) -> Result<bool, StoreError> {
    let NewSchedule { of, cron, time_zone, run, next_ms, actor } = new;
    let who = of.who();
    if active_of(connection, &who)?.is_none() {
        return Err(StoreError::Changed { script: who.script });
    }
    let known = "SELECT 1 FROM schedules WHERE tenant = ?1 AND script = ?2 AND id = ?3";
    let known = connection.prepare_cached(known)?.exists([&of.tenant, &of.script, &of.id])?;
    let count = "SELECT count(*) FROM schedules WHERE tenant = ?1";
    let count: i64 = connection.prepare_cached(count)?.query_row([&of.tenant], |row| row.get(0))?;
    if !known && count >= OF_A_TENANT {
        return Err(StoreError::TooManySchedules { limit: OF_A_TENANT });
    }
    connection
        .prepare_cached(
            "INSERT INTO schedules
                 (tenant, script, id, cron, time_zone, run, set_ms, set_by, next_ms, failures)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0)
             ON CONFLICT DO UPDATE SET cron = excluded.cron, time_zone = excluded.time_zone,
                 run = excluded.run, set_ms = excluded.set_ms, set_by = excluded.set_by,
                 next_ms = excluded.next_ms, failures = 0, off = NULL",
        )?
        .execute(params![
            of.tenant,
            of.script,
            of.id,
            cron,
            time_zone,
            run,
            now_ms(),
            actor,
            next_ms
        ])?;
    note_script(connection, actor, "set-schedule", &who, &of.id)?;
    Ok(!known)
}

/// Those of a script, or the one of a name.
pub(crate) fn list(
    connection: &Connection,
    who: &Who,
    id: Option<&str>,
) -> Result<Vec<Schedule>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT id, cron, time_zone, run, set_ms, set_by, next_ms, failures, off FROM schedules
         WHERE tenant = ?1 AND script = ?2 AND (?3 IS NULL OR id = ?3) ORDER BY id",
    )?;
    let one = |row: &Row<'_>| {
        let (tenant, script) = (who.tenant.clone(), who.script.clone());
        Ok(Schedule {
            of: ScheduleOf { tenant, script, id: row.get(0)? },
            cron: row.get(1)?,
            time_zone: row.get(2)?,
            run: row.get(3)?,
            set_ms: row.get(4)?,
            set_by: row.get(5)?,
            next_ms: row.get(6)?,
            failures: row.get(7)?,
            off: row.get(8)?,
            runs: Vec::new(),
        })
    };
    let all = statement.query_map(params![who.tenant, who.script, id], one)?;
    let mut all = all.collect::<Result<Vec<_>, _>>()?;
    let mut statement = connection.prepare_cached(
        "SELECT due_ms, began_ms, ended_ms, outcome, run FROM schedule_runs
         WHERE tenant = ?1 AND script = ?2 AND id = ?3 ORDER BY due_ms DESC LIMIT ?4",
    )?;
    for schedule in &mut all {
        let of = params![who.tenant, who.script, schedule.of.id, RUNS_KEPT];
        let runs = statement.query_map(of, |row| {
            Ok(ScheduledRun {
                due_ms: row.get(0)?,
                began_ms: row.get(1)?,
                ended_ms: row.get(2)?,
                outcome: row.get(3)?,
                run: row.get(4)?,
            })
        })?;
        schedule.runs = runs.collect::<Result<_, _>>()?;
    }
    Ok(all)
}

/// Removes one within a transaction.
pub(crate) fn remove(
    connection: &Connection,
    of: &ScheduleOf,
    actor: &str,
) -> Result<bool, StoreError> {
    let which = [&of.tenant, &of.script, &of.id];
    connection
        .prepare_cached("DELETE FROM schedule_runs WHERE tenant = ?1 AND script = ?2 AND id = ?3")?
        .execute(which)?;
    let removed = connection
        .prepare_cached("DELETE FROM schedules WHERE tenant = ?1 AND script = ?2 AND id = ?3")?
        .execute(which)?;
    if removed > 0 {
        note_script(connection, actor, "remove-schedule", &of.who(), &of.id)?;
    }
    Ok(removed > 0)
}

/// Removes all of a script, which is removed itself.
pub(crate) fn remove_all(connection: &Connection, who: &Who) -> Result<(), StoreError> {
    for table in ["schedule_runs", "schedules"] {
        let all = format!("DELETE FROM {table} WHERE tenant = ?1 AND script = ?2");
        connection.prepare_cached(&all)?.execute([&who.tenant, &who.script])?;
    }
    Ok(())
}

/// What is due.
pub(crate) fn due(
    connection: &Connection,
    at_ms: i64,
    after: Option<&Due>,
    limit: u32,
) -> Result<Vec<Due>, StoreError> {
    let (after_ms, of) = after.map_or((i64::MIN, None), |due| (due.due_ms, Some(&due.of)));
    let [tenant, script, id] = of.map_or([""; 3], |of| [&*of.tenant, &*of.script, &*of.id]);
    let mut statement = connection.prepare_cached(
        "SELECT tenant, script, id, cron, time_zone, run, next_ms FROM schedules
         WHERE next_ms IS NOT NULL AND next_ms <= ?1
             AND (next_ms, tenant, script, id) > (?3, ?4, ?5, ?6)
         ORDER BY next_ms, tenant, script, id LIMIT ?2",
    )?;
    let all = statement.query_map(params![at_ms, limit, after_ms, tenant, script, id], |row| {
        Ok(Due {
            of: ScheduleOf { tenant: row.get(0)?, script: row.get(1)?, id: row.get(2)? },
            cron: row.get(3)?,
            time_zone: row.get(4)?,
            run: row.get(5)?,
            due_ms: row.get(6)?,
        })
    })?;
    Ok(all.collect::<Result<_, _>>()?)
}

/// Takes one within a transaction. None is taken twice, also where the schedule was set again meanwhile by somebody whose
/// clock is behind.
pub(crate) fn take(
    connection: &Connection,
    of: &ScheduleOf,
    due_ms: i64,
    next: Result<i64, &str>,
) -> Result<bool, StoreError> {
    let moved = connection
        .prepare_cached(
            "UPDATE schedules SET next_ms = ?5, off = ?6
             WHERE tenant = ?1 AND script = ?2 AND id = ?3 AND next_ms = ?4",
        )?
        .execute(params![of.tenant, of.script, of.id, due_ms, next.ok(), next.err()])?;
    if moved == 0 {
        return Ok(false);
    }
    if next.is_err() {
        note_script(connection, ITSELF, "end-schedule", &of.who(), &of.id)?;
    }
    let taken = connection
        .prepare_cached(
            "INSERT INTO schedule_runs (tenant, script, id, due_ms, began_ms)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute(params![of.tenant, of.script, of.id, due_ms, now_ms()])?;
    Ok(taken > 0)
}

/// Keeps what became of a run, within a transaction.
pub(crate) fn end(connection: &Connection, ended: &EndedRun) -> Result<bool, StoreError> {
    let EndedRun { of, due_ms, outcome, failed, run, most_failures } = ended;
    let began_ms: Option<i64> = connection
        .prepare_cached(
            "UPDATE schedule_runs SET ended_ms = ?5, outcome = ?6, run = ?7
             WHERE tenant = ?1 AND script = ?2 AND id = ?3 AND due_ms = ?4 RETURNING began_ms",
        )?
        .query_row(params![of.tenant, of.script, of.id, due_ms, now_ms(), outcome, run], |row| {
            row.get(0)
        })
        .optional()?;
    let Some(began_ms) = began_ms else { return Ok(false) };
    connection
        .prepare_cached(
            "DELETE FROM schedule_runs WHERE tenant = ?1 AND script = ?2 AND id = ?3 AND due_ms IN (
                 SELECT due_ms FROM schedule_runs WHERE tenant = ?1 AND script = ?2 AND id = ?3
                 ORDER BY due_ms DESC LIMIT -1 OFFSET ?4)",
        )?
        .execute(params![of.tenant, of.script, of.id, RUNS_KEPT])?;
    let failures = match failed {
        true => "failures + 1",
        // What was refused says nothing of the script.
        false if outcome != "ok" => "failures",
        false => "0",
    };
    let count = format!(
        "UPDATE schedules SET failures = {failures}
         WHERE tenant = ?1 AND script = ?2 AND id = ?3 AND set_ms <= ?4
         RETURNING failures, off IS NOT NULL"
    );
    let counted: Option<(u32, bool)> = connection
        .prepare_cached(&count)?
        .query_row(params![of.tenant, of.script, of.id, began_ms], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    if !failed || counted.is_none_or(|(failures, off)| off || failures < *most_failures) {
        return Ok(false);
    }
    connection
        .prepare_cached(
            "UPDATE schedules SET next_ms = NULL, off = ?4
             WHERE tenant = ?1 AND script = ?2 AND id = ?3",
        )?
        .execute(params![of.tenant, of.script, of.id, outcome])?;
    note_script(connection, ITSELF, "end-schedule", &of.who(), &of.id)?;
    Ok(true)
}
