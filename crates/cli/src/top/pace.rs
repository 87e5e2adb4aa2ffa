//! What happened between two readings of a server's metrics: rates, shares and quantiles. Knows nothing of
//! how it is shown.

use std::{collections::BTreeMap, time::Duration};

use super::told::Told;

/// One line of what goes on.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Runs a second, whatever their outcome.
    pub(super) runs: f64,
    /// Runs a second by outcome; those that there were none of are left out.
    pub(super) outcomes: Vec<(String, f64)>,
    /// Half of the runs took at most so long, and 99 of 100: seconds, waiting included. None without runs.
    pub(super) took: Option<(f64, f64)>,
    /// 99 of 100 runs waited at most so long, in seconds.
    pub(super) waited: Option<f64>,
    /// Processors that runs used.
    pub(super) processors: f64,
    /// Bytes written a second to put heaps back.
    pub(super) restored: f64,
    /// The same of scripts with a canary, by side: all, and those in an error.
    pub(super) sides: Vec<(String, f64, f64)>,
    /// Runs a second that schedules asked for: all, and those in an error.
    pub(super) scheduled: (f64, f64),
    /// Requests a second that were answered with a status of 500 or more.
    pub(super) faults: f64,
}

impl Pace {
    /// What happened between two readings that were so long apart. A server that was started anew counts
    /// from its start.
    pub(super) fn between(before: &Told, now: &Told, apart: Duration) -> Self {
        let seconds = apart.as_secs_f64().max(1e-3);
        let more = |name: &str| since(before.sum(name), now.sum(name));
        let mut outcomes = rates(before, now, "sandtide_runs_total", "outcome", seconds);
        outcomes.sort_by(|a, b| b.1.total_cmp(&a.1));
        let took = grown(before, now, "sandtide_run_seconds");
        let waited = grown(before, now, "sandtide_run_wait_seconds");
        let faults = rates(before, now, "sandtide_requests_total", "status", seconds);
        let sides = rates(before, now, "sandtide_canary_runs_total", "version", seconds);
        let side = |(version, all): (String, f64)| {
            let of = |told: &Told| told.failed("sandtide_canary_runs_total", Some(&version));
            let failed = since(of(before), of(now)) / seconds;
            (version, all, failed)
        };
        let schedules = |told: &Told| told.failed("sandtide_scheduled_runs_total", None);
        Self {
            sides: sides.into_iter().map(side).collect(),
            scheduled: (
                more("sandtide_scheduled_runs_total") / seconds,
                since(schedules(before), schedules(now)) / seconds,
            ),
            runs: more("sandtide_runs_total") / seconds,
            outcomes,
            took: quantile(&took, 0.5).zip(quantile(&took, 0.99)),
            waited: quantile(&waited, 0.99),
            processors: more("sandtide_run_cpu_seconds_sum") / seconds,
            restored: more("sandtide_restored_bytes_total") / seconds,
            faults: faults.iter().filter(|(status, _)| status.starts_with('5')).map(|f| f.1).sum(),
        }
    }
}

/// How much a counter grew, which begins at 0 with each start of the server.
fn since(before: f64, now: f64) -> f64 {
    if now >= before { now - before } else { now }
}

fn rates(before: &Told, now: &Told, name: &str, label: &str, seconds: f64) -> Vec<(String, f64)> {
    let had: BTreeMap<String, f64> = before.by(name, label);
    let has = now.by(name, label).into_iter();
    let rates = has.map(|(key, count)| {
        let grown = since(had.get(&key).copied().unwrap_or(0.0), count);
        (key, grown / seconds)
    });
    rates.filter(|(_, rate)| *rate > 0.0).collect()
}

/// A histogram of what was observed between two readings.
fn grown(before: &Told, now: &Told, name: &str) -> Vec<(f64, f64)> {
    let (had, has) = (before.buckets(name), now.buckets(name));
    let same = had.len() == has.len() && had.iter().zip(&has).all(|(a, b)| a.1 <= b.1);
    match same {
        true => has.iter().zip(&had).map(|(now, before)| (now.0, now.1 - before.1)).collect(),
        false => has,
    }
}

/// The value below which this share of the observations is, in seconds, as Prometheus takes it from buckets:
/// evenly spread within each. Of what is beyond the last bound only the bound is known.
fn quantile(buckets: &[(f64, f64)], share: f64) -> Option<f64> {
    let all = buckets.last()?.1;
    if all <= 0.0 {
        return None;
    }
    let rank = share * all;
    let at = buckets.iter().position(|bucket| bucket.1 >= rank)?;
    let (low, below) = at.checked_sub(1).map_or((0.0, 0.0), |before| buckets[before]);
    let (high, up_to) = buckets[at];
    if high.is_infinite() {
        return Some(low);
    }
    let within = if up_to > below { (rank - below) / (up_to - below) } else { 1.0 };
    Some(low + (high - low) * within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(ok: u32, failed: u32, fast: u32) -> Told {
        let all = ok + failed;
        Told::read(&format!(
            "sandtide_workers 2\nsandtide_runs_total{{outcome=\"ok\"}} {ok}\n\
             sandtide_runs_total{{outcome=\"ERR_EXCEPTION\"}} {failed}\n\
             sandtide_run_seconds_bucket{{le=\"0.001\"}} {fast}\n\
             sandtide_run_seconds_bucket{{le=\"0.002\"}} {all}\n\
             sandtide_run_seconds_bucket{{le=\"+Inf\"}} {all}\n\
             sandtide_run_cpu_seconds_sum {all}\n"
        ))
    }

    #[test]
    fn a_pace_is_of_what_happened_since_and_not_of_all() {
        let pace =
            Pace::between(&told(1000, 5, 1005), &told(1190, 15, 1105), Duration::from_secs(2));
        assert_eq!(pace.runs, 100.0);
        assert_eq!(pace.outcomes, [("ok".to_owned(), 95.0), ("ERR_EXCEPTION".to_owned(), 5.0)]);
        assert_eq!(pace.processors, 100.0);
        let (half, most) = pace.took.unwrap();
        assert!((half - 0.001).abs() < 1e-9, "{half}");
        assert!((most - 0.00198).abs() < 1e-9, "{most}");
    }

    #[test]
    fn runs_of_canaries_are_told_by_side_and_those_of_schedules_beside_them() {
        let told = |ok: u32, failed: u32| {
            Told::read(&format!(
                "sandtide_canary_runs_total{{version=\"canary\",outcome=\"ok\"}} {ok}\n\
                 sandtide_canary_runs_total{{version=\"canary\",outcome=\"ERR_EXCEPTION\"}} {failed}\n\
                 sandtide_canary_runs_total{{version=\"active\",outcome=\"ok\"}} 7\n\
                 sandtide_scheduled_runs_total{{outcome=\"ok\"}} {ok}\n\
                 sandtide_scheduled_runs_total{{outcome=\"ERR_EXCEPTION\"}} {failed}\n"
            ))
        };
        let pace = Pace::between(&told(10, 1), &told(30, 5), Duration::from_secs(2));
        assert_eq!(pace.sides, [("canary".to_owned(), 12.0, 2.0)]);
        assert_eq!(pace.scheduled, (12.0, 2.0));
    }

    #[test]
    fn a_server_that_was_started_anew_counts_from_its_start() {
        let pace = Pace::between(&told(1000, 5, 900), &told(10, 0, 10), Duration::from_secs(1));
        assert_eq!(pace.runs, 10.0);
        assert!(pace.took.unwrap().1 <= 0.001);
    }

    #[test]
    fn where_nothing_ran_no_time_is_told() {
        let pace = Pace::between(&told(5, 0, 5), &told(5, 0, 5), Duration::from_secs(1));
        assert_eq!((pace.runs, pace.took, pace.outcomes.len()), (0.0, None, 0));
    }
}
