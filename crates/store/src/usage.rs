//! What tenants used over time, which bills are made of: minutes of a day, hours of 90 days. Knows nothing of how
//! it is counted.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use rusqlite::{Connection, params};

use crate::{Answer, StoreError, clock::now_ms};

pub(crate) const MINUTE_MS: i64 = 60_000;
/// Minutes for which minutes are told apart.
pub(crate) const MINUTES_KEPT: i64 = 24 * 60;
/// Minutes for which hours are told apart.
pub(crate) const HOURS_KEPT: i64 = 90 * 24 * 60;
/// Rows of one tenant in one period; what is beyond counts as one script's, which is called `*`.
pub(crate) const ROWS_OF_TENANT: i64 = 1_000;
/// Rows of minutes, and of hours, of all tenants; beyond them the oldest go.
pub(crate) const MINUTE_ROWS: i64 = 2_000_000;
pub(crate) const HOUR_ROWS: i64 = 5_000_000;
/// Rows that one answer may be made of; the thread that reads them does nothing else meanwhile.
const MOST_READ: usize = 200_000;
/// The script's name where a tenant has more than are told apart, which no script can have.
const OTHERS: &str = "*";

/// A number that is as large as there are stays so: a sum beyond it would be no integer, which the table refuses.
const ADD: &str = "
    INSERT INTO usage (tenant, minutes, at, script, outcome,
                       runs, cpu_us, wall_us, received_bytes, answered_bytes)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
    ON CONFLICT DO UPDATE SET
        runs = runs + min(excluded.runs, 9223372036854775807 - runs),
        cpu_us = cpu_us + min(excluded.cpu_us, 9223372036854775807 - cpu_us),
        wall_us = wall_us + min(excluded.wall_us, 9223372036854775807 - wall_us),
        received_bytes =
            received_bytes + min(excluded.received_bytes, 9223372036854775807 - received_bytes),
        answered_bytes =
            answered_bytes + min(excluded.answered_bytes, 9223372036854775807 - answered_bytes)";

/// What runs took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// How many they were.
    pub runs: u64,
    /// CPU time in microseconds, as it is charged.
    pub cpu_us: u64,
    /// Time with a worker in microseconds.
    pub wall_us: u64,
    /// Bytes of the bodies that came with them.
    pub received_bytes: u64,
    /// Bytes of their values and logs.
    pub answered_bytes: u64,
}

impl Amount {
    /// Adds another one.
    pub fn add(&mut self, other: &Self) {
        self.runs = self.runs.saturating_add(other.runs);
        self.cpu_us = self.cpu_us.saturating_add(other.cpu_us);
        self.wall_us = self.wall_us.saturating_add(other.wall_us);
        self.received_bytes = self.received_bytes.saturating_add(other.received_bytes);
        self.answered_bytes = self.answered_bytes.saturating_add(other.answered_bytes);
    }
}

/// What runs of one script took that ended alike in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// When the period begins, in milliseconds since 1970.
    pub at_ms: i64,
    /// Whose runs they were.
    pub tenant: String,
    /// The script's name; none for sources that came with their runs, `*` for all scripts beyond the thousand or so
    /// that are told apart.
    pub script: Option<String>,
    /// `ok`, or the code of the error that they ended in.
    pub outcome: String,
    /// What they took.
    pub amount: Amount,
}

/// How long periods are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageStep {
    /// Kept for a day.
    Minute,
    /// Kept for 90 days.
    Hour,
    /// Days of UTC, made of hours.
    Day,
}

impl UsageStep {
    /// Minutes of a period.
    pub fn minutes(self) -> i64 {
        match self {
            Self::Minute => 1,
            Self::Hour => 60,
            Self::Day => 24 * 60,
        }
    }

    /// When the period begins that a moment is in, both in milliseconds since 1970.
    pub fn begin_ms(self, at_ms: i64) -> i64 {
        at_ms - at_ms.rem_euclid(self.minutes() * MINUTE_MS)
    }

    /// Minutes of the periods that are kept and that it is made of.
    fn of(self) -> i64 {
        self.minutes().min(60)
    }
}

/// Which part of it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageWanted {
    /// One tenant's, or all.
    pub tenant: Option<String>,
    /// One script's, or all.
    pub script: Option<String>,
    /// From the period on that this is in, in milliseconds since 1970.
    pub from_ms: i64,
    /// What began before this.
    pub to_ms: i64,
    /// How long periods are.
    pub step: UsageStep,
    /// The most that is answered.
    pub limit: u32,
}

/// What tenants used, kept.
pub trait UsageStore: Send + Sync {
    /// Adds what was used in minutes, all of it or nothing. What is too old goes with the first change of a minute.
    fn add_usage(&self, used: Vec<Used>) -> Answer<()>;

    /// What was used, in the order of time, tenant, script and outcome.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooMuchUsage`] where the answer is made of more than is read at once.
    fn usage(&self, wanted: UsageWanted) -> Answer<Vec<Used>>;
}

/// The minute since 1970 that it is.
pub(crate) fn this_minute() -> i64 {
    now_ms() / MINUTE_MS
}

/// Adds within a transaction.
pub(crate) fn add(connection: &Connection, used: &[Used]) -> Result<(), StoreError> {
    let mut rows = Rows::default();
    for used in used {
        for step in [UsageStep::Minute, UsageStep::Hour] {
            add_to(connection, &mut rows, used, step)?;
        }
    }
    Ok(())
}

/// How many rows tenants have in periods, by tenant, minutes and begin; each is counted once in a change.
#[derive(Default)]
struct Rows<'a>(HashMap<(&'a str, i64, i64), i64>);

impl<'a> Rows<'a> {
    /// Whether a tenant has room for one more, which it has then.
    fn grow(
        &mut self,
        connection: &Connection,
        period: (&'a str, i64, i64),
    ) -> Result<bool, StoreError> {
        let rows = match self.0.entry(period) {
            Entry::Occupied(rows) => rows.into_mut(),
            Entry::Vacant(vacant) => {
                let (tenant, minutes, at) = period;
                let rows = connection
                    .prepare_cached(
                        "SELECT count(*) FROM usage WHERE tenant = ?1 AND minutes = ?2 AND at = ?3",
                    )?
                    .query_row(params![tenant, minutes, at], |row| row.get(0))?;
                vacant.insert(rows)
            }
        };
        let has_room = *rows < ROWS_OF_TENANT;
        *rows += i64::from(has_room);
        Ok(has_room)
    }
}

fn add_to<'a>(
    connection: &Connection,
    rows: &mut Rows<'a>,
    used: &'a Used,
    step: UsageStep,
) -> Result<(), StoreError> {
    let Used { at_ms, tenant, script, outcome, amount } = used;
    let (minutes, at) = (step.minutes(), step.begin_ms(*at_ms) / MINUTE_MS);
    let mut script = script.as_deref().unwrap_or_default();
    let known: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM usage
             WHERE tenant = ?1 AND minutes = ?2 AND at = ?3 AND script = ?4 AND outcome = ?5)",
        )?
        .query_row(params![tenant, minutes, at, script, outcome], |row| row.get(0))?;
    if !known && !rows.grow(connection, (tenant, minutes, at))? {
        script = OTHERS;
    }
    let Amount { runs, cpu_us, wall_us, received_bytes, answered_bytes } = *amount;
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    connection.prepare_cached(ADD)?.execute(params![
        tenant,
        minutes,
        at,
        script,
        outcome,
        whole(runs),
        whole(cpu_us),
        whole(wall_us),
        whole(received_bytes),
        whole(answered_bytes)
    ])?;
    Ok(())
}

/// Forgets what is too old, and the oldest of what is too much. It steps over all that is kept, so once a minute is
/// enough.
pub(crate) fn trim(connection: &Connection, now: i64) -> Result<(), StoreError> {
    for (minutes, kept, rows) in [(1, MINUTES_KEPT, MINUTE_ROWS), (60, HOURS_KEPT, HOUR_ROWS)] {
        connection
            .prepare_cached(
                "DELETE FROM usage WHERE minutes = ?1 AND at <= max(?2, coalesce(
                     (SELECT at FROM usage WHERE minutes = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?3), ?2))",
            )?
            .execute(params![minutes, now - kept - minutes, rows])?;
    }
    Ok(())
}

/// Rows in the order of time, tenant, script and outcome, which an index has: none waits for the last one.
fn rows_of(wanted: &UsageWanted) -> String {
    const COLUMNS: &str =
        "at, tenant, script, outcome, runs, cpu_us, wall_us, received_bytes, answered_bytes";
    match (&wanted.tenant, &wanted.script) {
        // Steps from period to period, and over the tenant's other scripts.
        (Some(_), Some(_)) => format!(
            "WITH RECURSIVE periods (period) AS (
                 SELECT min(at) FROM usage WHERE tenant = ?4 AND minutes = ?1 AND at >= ?2 AND at < ?3
                 UNION ALL
                 SELECT (SELECT min(at) FROM usage WHERE tenant = ?4 AND minutes = ?1 AND at > period AND at < ?3)
                 FROM periods WHERE period IS NOT NULL)
             SELECT {COLUMNS} FROM periods
             CROSS JOIN usage ON tenant = ?4 AND minutes = ?1 AND at = period AND script = ?5"
        ),
        (Some(_), None) => format!(
            "SELECT {COLUMNS} FROM usage
             WHERE minutes = ?1 AND at >= ?2 AND at < ?3 AND tenant = ?4 AND ?5 IS NULL
             ORDER BY at, script, outcome"
        ),
        // Scripts are looked at where rows are counted.
        (None, _) => format!(
            "SELECT {COLUMNS} FROM usage
             WHERE minutes = ?1 AND at >= ?2 AND at < ?3 AND ?4 IS NULL AND (?5 IS NULL OR TRUE)
             ORDER BY at, tenant, script, outcome"
        ),
    }
}

/// What was used; no more rows are read than make the answer, and [`MOST_READ`] at most.
pub(crate) fn read(connection: &Connection, wanted: &UsageWanted) -> Result<Vec<Used>, StoreError> {
    let UsageWanted { tenant, script, from_ms, to_ms, step, limit } = wanted;
    let from = step.begin_ms(*from_ms) / MINUTE_MS;
    // Up to the end of the period that the last moment is in.
    let to = step.begin_ms(to_ms.saturating_sub(1)) / MINUTE_MS + step.minutes();
    let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
    let mut statement = connection.prepare_cached(&rows_of(wanted))?;
    let mut rows = statement.query(params![step.of(), from, to, tenant, script])?;
    let mut found = BTreeMap::new();
    let mut last = None;
    for read in 0.. {
        // What comes next may still belong to the periods that were found, unless they are over.
        let Some(row) = rows.next()? else { break };
        if read == MOST_READ {
            return Err(StoreError::TooMuchUsage { most: MOST_READ });
        }
        let begin = step.begin_ms(row.get::<_, i64>(0)? * MINUTE_MS);
        let is_complete = step.minutes() == step.of() || last.is_some_and(|last| last < begin);
        if is_complete && found.len() >= limit {
            break;
        }
        last = Some(begin);
        let name: String = row.get(2)?;
        if script.as_ref().is_some_and(|script| *script != name) {
            continue;
        }
        let number = |at| row.get(at).map(|number: i64| u64::try_from(number).unwrap_or(0));
        let amount = Amount {
            runs: number(4)?,
            cpu_us: number(5)?,
            wall_us: number(6)?,
            received_bytes: number(7)?,
            answered_bytes: number(8)?,
        };
        let line: (i64, String, String, String) = (begin, row.get(1)?, name, row.get(3)?);
        found.entry(line).or_insert_with(Amount::default).add(&amount);
    }
    let used = found.into_iter().take(limit).map(|((at_ms, tenant, script, outcome), amount)| {
        let script = (!script.is_empty()).then_some(script);
        Used { at_ms, tenant, script, outcome, amount }
    });
    Ok(used.collect())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::migrations;

    fn store() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        migrations::apply(&mut connection).unwrap();
        connection
    }

    fn used(at_ms: i64, tenant: &str, script: &str, outcome: &str) -> Used {
        Used {
            at_ms,
            tenant: tenant.to_owned(),
            script: (!script.is_empty()).then(|| script.to_owned()),
            outcome: outcome.to_owned(),
            amount: Amount {
                runs: 1,
                cpu_us: 10,
                wall_us: 20,
                received_bytes: 3,
                answered_bytes: 4,
            },
        }
    }

    fn asked(step: UsageStep) -> UsageWanted {
        UsageWanted {
            tenant: None,
            script: None,
            from_ms: 0,
            to_ms: i64::MAX / 2,
            step,
            limit: 10_000,
        }
    }

    fn runs(connection: &Connection, wanted: &UsageWanted) -> Vec<u64> {
        read(connection, wanted).unwrap().iter().map(|used| used.amount.runs).collect()
    }

    #[test]
    fn minutes_hours_and_days_have_the_same_runs() {
        let connection = store();
        let now = UsageStep::Day.begin_ms(now_ms());
        for minute in [0, 0, 1, 59, 60, 61, 23 * 60] {
            add(&connection, &[used(now + minute * MINUTE_MS + 7, "t", "s", "ok")]).unwrap();
        }
        assert_eq!(runs(&connection, &asked(UsageStep::Minute)), [2, 1, 1, 1, 1, 1]);
        assert_eq!(runs(&connection, &asked(UsageStep::Hour)), [4, 2, 1]);
        let days = read(&connection, &asked(UsageStep::Day)).unwrap();
        let amount =
            Amount { runs: 7, cpu_us: 70, wall_us: 140, received_bytes: 21, answered_bytes: 28 };
        assert_eq!(days, [Used { amount, ..used(now, "t", "s", "ok") }]);
        // A part of an hour asks for the whole of it.
        let from_ms = now + 61 * MINUTE_MS;
        let part = UsageWanted { from_ms, to_ms: from_ms + 1, ..asked(UsageStep::Hour) };
        assert_eq!(runs(&connection, &part), [2]);
    }

    #[test]
    fn tenants_scripts_and_outcomes_are_told_apart() {
        let connection = store();
        let now = UsageStep::Hour.begin_ms(now_ms());
        let all = [("a", "s", "ok"), ("a", "s", "ERR_X"), ("a", "", "ok"), ("b", "s", "ok")];
        add(&connection, &all.map(|(tenant, script, outcome)| used(now, tenant, script, outcome)))
            .unwrap();
        let mut wanted = asked(UsageStep::Minute);
        assert_eq!(runs(&connection, &wanted).len(), 4);
        wanted.tenant = Some("a".to_owned());
        assert_eq!(runs(&connection, &wanted).len(), 3);
        wanted.script = Some("s".to_owned());
        assert_eq!(runs(&connection, &wanted).len(), 2);
        wanted.limit = 1;
        assert_eq!(runs(&connection, &wanted).len(), 1);
    }

    /// Rows of one tenant in one hour, which many scripts have.
    fn fill(connection: &Connection, tenant: &str, scripts: usize, hours: usize) {
        connection
            .execute(
                "WITH RECURSIVE
                     scripts (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM scripts WHERE number < ?2),
                     hours (hour) AS (SELECT 1 UNION ALL SELECT hour + 1 FROM hours WHERE hour < ?3)
                 INSERT INTO usage SELECT ?1, 60, 60 * hour, 's' || number, 'ok', 1, 1, 1, 1, 1 FROM hours, scripts",
                params![tenant, scripts as i64, hours as i64],
            )
            .unwrap();
    }

    #[test]
    fn no_row_waits_for_the_last_one() {
        let connection = store();
        for (tenant, script) in
            [(None, None), (None, Some("s")), (Some("t"), None), (Some("t"), Some("s"))]
        {
            let [tenant, script] = [tenant, script].map(|name| name.map(str::to_owned));
            let wanted = UsageWanted { tenant, script, ..asked(UsageStep::Hour) };
            let text = format!("EXPLAIN QUERY PLAN {}", rows_of(&wanted));
            let mut statement = connection.prepare(&text).unwrap();
            let plan = statement
                .query_map(params![60, 0, 1, wanted.tenant, wanted.script], |row| row.get(3));
            let plan: Vec<String> = plan.unwrap().collect::<Result<_, _>>().unwrap();
            let slow =
                |step: &&String| step.contains("TEMP B-TREE") || step.starts_with("SCAN usage");
            assert_eq!(plan.iter().find(slow), None, "{plan:?}");
        }
    }

    #[test]
    fn an_answer_is_made_of_so_many_rows_and_no_more() {
        let connection = store();
        fill(&connection, "t", 1_000, MOST_READ / 1_000 + 1);
        let of = |step, tenant: Option<&str>, script: Option<&str>| UsageWanted {
            tenant: tenant.map(str::to_owned),
            script: script.map(str::to_owned),
            ..asked(step)
        };
        for wanted in [
            of(UsageStep::Day, None, None),
            of(UsageStep::Day, Some("t"), None),
            of(UsageStep::Hour, None, Some("s7")),
        ] {
            let refused = read(&connection, &UsageWanted { limit: 50_000, ..wanted });
            assert!(matches!(refused, Err(StoreError::TooMuchUsage { .. })), "{refused:?}");
        }
        // What has enough of them stops there.
        assert_eq!(runs(&connection, &of(UsageStep::Hour, Some("t"), None)).len(), 10_000);
    }

    #[test]
    fn of_one_script_no_other_rows_are_read() {
        let connection = store();
        fill(&connection, "t", 1_000, MOST_READ / 1_000 + 1);
        let [tenant, script] = ["t", "s7"].map(|name| Some(name.to_owned()));
        let wanted = UsageWanted { tenant, script, ..asked(UsageStep::Hour) };
        assert_eq!(runs(&connection, &wanted), [1; MOST_READ / 1_000 + 1]);
        let days = UsageWanted { step: UsageStep::Day, to_ms: 3 * 24 * 60 * MINUTE_MS, ..wanted };
        assert_eq!(runs(&connection, &days), [23, 24, 24]);
    }

    #[test]
    fn what_is_too_old_goes() {
        let connection = store();
        let now = now_ms();
        let ago = |minutes: i64| used(now - minutes * MINUTE_MS, "t", "s", "ok");
        add(&connection, &[ago(0), ago(MINUTES_KEPT + 2), ago(HOURS_KEPT + 120)]).unwrap();
        trim(&connection, now / MINUTE_MS).unwrap();
        assert_eq!(runs(&connection, &asked(UsageStep::Minute)).len(), 1);
        assert_eq!(runs(&connection, &asked(UsageStep::Hour)).len(), 2);
    }

    #[test]
    fn scripts_without_number_are_counted_together() {
        let connection = store();
        let now = now_ms();
        let of = |number: i64| used(now, "t", &number.to_string(), "ok");
        for number in 0..ROWS_OF_TENANT / 2 {
            add(&connection, &[of(number)]).unwrap();
        }
        // Those that one change brings count as well.
        let rest: Vec<_> = (ROWS_OF_TENANT / 2..ROWS_OF_TENANT + 5).map(of).collect();
        add(&connection, &rest).unwrap();
        // One that is known still is.
        add(&connection, &[used(now, "t", "0", "ok"), used(now, "u", "s", "ok")]).unwrap();
        let mut wanted = asked(UsageStep::Hour);
        assert_eq!(runs(&connection, &wanted).len(), ROWS_OF_TENANT as usize + 2);
        assert_eq!(runs(&connection, &wanted).iter().sum::<u64>(), ROWS_OF_TENANT as u64 + 7);
        for (script, expected) in [("*", 5), ("0", 2)] {
            wanted.script = Some(script.to_owned());
            assert_eq!(runs(&connection, &wanted), [expected]);
        }
    }
}
