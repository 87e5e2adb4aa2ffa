//! When the runs of a schedule are due. Knows nothing of HTTP, nor of how schedules are kept.

use cronexpr::{Crontab, FallbackTimezoneOption, MakeTimestamp, ParseOptions, parse_crontab_with};
use sandtide::check_time_zone;
use sandtide_zone::Zone;

use crate::error::ApiError;

/// The most bytes that an expression may have.
const LONGEST: usize = 256;
const FIELDS: usize = 5;
/// How far ahead a run is looked for, in seconds.
const FARTHEST: i64 = (4 * 365 + 1) * 86_400;

/// When the next run is due after a time, both in milliseconds since 1970. It takes some milliseconds at most.
///
/// # Errors
///
/// Where the expression or the time zone is none, or no run is ever due.
pub(crate) fn next_ms(cron: &str, time_zone: &str, after_ms: i64) -> Result<i64, ApiError> {
    let refused = |why: &str| ApiError::InvalidRequest(format!("`cron` is refused: {why}"));
    let fields: Vec<_> = cron.split_ascii_whitespace().collect();
    if fields.len() != FIELDS || cron.len() > LONGEST {
        return Err(refused(
            "it has five fields, of minute, hour, day of the month, month and day of the week: `*/15 8-17 * * MON-FRI`",
        ));
    }
    check_time_zone(time_zone)?;
    // An offset is no zone with rules of its own, and its sign would be read otherwise.
    if time_zone.starts_with(['+', '-']) {
        return Err(ApiError::InvalidRequest(
            "`time_zone` is a name, such as Europe/Berlin".to_owned(),
        ));
    }
    let told = |error: cronexpr::Error| {
        let told = error.to_string();
        refused(told.lines().last().unwrap_or_default().trim_start_matches([' ', '^']))
    };
    // The expression knows of no zone: the host's data is not what runs go by, and clocks are not put forward and back
    // by whole hours everywhere.
    let mut options = ParseOptions::default();
    options.fallback_timezone_option = FallbackTimezoneOption::UTC;
    let crontab = parse_crontab_with(&fields.join(" "), options).map_err(told)?;
    let zone = Zone::new(time_zone).map_err(|_| ApiError::Internal)?;
    let next = next(&crontab, &zone, after_ms.div_euclid(1_000));
    next.map(|seconds| seconds * 1_000)
        .ok_or_else(|| refused("no run is due in the next four years"))
}

/// The first time after another at which a clock in the zone shows what the expression says, both in seconds since 1970.
///
/// From one change of the clock to the next it is put forward or back by nothing, so there what it shows is searched in
/// order. What it leaves out at a change is never among that, and what it shows twice is so twice.
fn next(crontab: &Crontab, zone: &Zone, after: i64) -> Option<i64> {
    let last = after + FARTHEST;
    let mut after = after;
    // From where it was searched, and what was found.
    let mut known: Option<(i64, Option<i64>)> = None;
    loop {
        let offset = i64::from(zone.offset(after.checked_mul(1_000)?));
        let change = zone.change(after, true);
        let shown = after + offset;
        let is_known = |&(from, found): &(i64, Option<i64>)| {
            from <= shown && found.is_none_or(|found| found > shown)
        };
        let (from, found) =
            known.filter(is_known).unwrap_or_else(|| (shown, shown_after(crontab, shown)));
        known = Some((from, found));
        let found = found.map(|shown| shown - offset);
        match (found, change) {
            (Some(found), Some(change)) if found < change => return Some(found),
            (found, None) => return found,
            // The moment of the change itself is looked at with what the clock shows then.
            (_, Some(change)) if change <= last => {
                let offset = i64::from(zone.offset(change.checked_mul(1_000)?));
                if shows(crontab, change + offset) {
                    return Some(change);
                }
                after = change;
            }
            _ => return None,
        }
    }
}

/// The first that a clock may show after something else, in seconds, which is what the expression says.
fn shown_after(crontab: &Crontab, shown: i64) -> Option<i64> {
    let after = MakeTimestamp::from_second(shown).ok()?;
    crontab.find_next(after).ok().map(|next| next.timestamp().as_second())
}

fn shows(crontab: &Crontab, shown: i64) -> bool {
    shown.rem_euclid(60) == 0
        && MakeTimestamp::from_second(shown).is_ok_and(|at| crontab.matches(at).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use sandtide_zone::Zone;

    use super::next_ms;

    /// The next times as text, in UTC.
    fn next(cron: &str, time_zone: &str, after: &str, count: usize) -> Vec<String> {
        let mut after: jiff::Timestamp = after.parse().unwrap();
        let mut all = Vec::new();
        for _ in 0..count {
            let next = next_ms(cron, time_zone, after.as_millisecond()).unwrap();
            after = jiff::Timestamp::from_millisecond(next).unwrap();
            all.push(after.to_string());
        }
        all
    }

    #[test]
    fn times_are_those_of_the_expression_in_its_time_zone() {
        let quarters = next("*/15 8 * * MON-FRI", "UTC", "2026-01-02T08:40:00Z", 3);
        assert_eq!(
            quarters,
            ["2026-01-02T08:45:00Z", "2026-01-05T08:00:00Z", "2026-01-05T08:15:00Z"]
        );
        // Winter and summer.
        assert_eq!(
            next("0 9 1 * *", "Europe/Berlin", "2026-03-01T00:00:00Z", 2),
            ["2026-03-01T08:00:00Z", "2026-04-01T07:00:00Z"]
        );
        // One that is due now is not the next.
        assert_eq!(next("0 0 * * *", "UTC", "2026-01-01T00:00:00Z", 1), ["2026-01-02T00:00:00Z"]);
        assert_eq!(next("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", 1), ["2028-02-29T00:00:00Z"]);
    }

    #[test]
    fn a_time_that_clocks_leave_out_is_not_due_and_one_that_they_have_twice_is_due_twice() {
        let nightly = |after| next("30 2 * * *", "Europe/Berlin", after, 2);
        assert_eq!(
            nightly("2026-03-28T00:00:00Z"),
            ["2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"]
        );
        assert_eq!(
            nightly("2026-10-24T12:00:00Z"),
            ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]
        );
    }

    #[test]
    fn clocks_that_are_not_put_forward_and_back_by_an_hour_are_followed() {
        // At a quarter to three, of a zone that is ahead by a quarter of an hour.
        assert_eq!(
            next("50 2 * * *", "Pacific/Chatham", "2027-04-03T00:00:00Z", 3),
            ["2027-04-03T13:05:00Z", "2027-04-03T14:05:00Z", "2027-04-04T14:05:00Z"]
        );
        assert_eq!(
            next("0 3 * * *", "Pacific/Chatham", "2027-09-25T00:00:00Z", 2),
            ["2027-09-26T13:15:00Z", "2027-09-27T13:15:00Z"]
        );
        // Two hours.
        assert_eq!(
            next("30 1,2 * * *", "Antarctica/Troll", "2027-03-27T12:00:00Z", 2),
            ["2027-03-28T23:30:00Z", "2027-03-29T00:30:00Z"]
        );
        assert_eq!(
            next("30 1,2 * * *", "Antarctica/Troll", "2027-10-30T12:00:00Z", 4),
            [
                "2027-10-30T23:30:00Z",
                "2027-10-31T00:30:00Z",
                "2027-10-31T01:30:00Z",
                "2027-10-31T02:30:00Z"
            ]
        );
    }

    #[test]
    fn a_time_that_clocks_leave_out_each_year_is_never_due() {
        let now = 1_796_000_000_000;
        let error = next_ms("30 2 * 3 SUN#2", "America/New_York", now).unwrap_err();
        assert!(error.to_string().contains("four years"), "{error}");
    }

    /// Whether a clock in a zone shows what `*/15 1-3 * * *` says.
    fn is_due(zone: &Zone, at: i64) -> bool {
        let shown = at + i64::from(zone.offset(at * 1_000));
        let minutes = shown.div_euclid(60);
        shown % 60 == 0 && minutes % 15 == 0 && (1..=3).contains(&(minutes.div_euclid(60) % 24))
    }

    #[test]
    fn in_every_zone_runs_are_due_in_exactly_the_minutes_that_its_clock_shows() {
        let year = 1_798_761_600..1_830_297_600;
        let mut seen = HashSet::new();
        for name in sandtide_zone::all_names() {
            let zone = Zone::new(&name).unwrap();
            // Two days around each change, and those at the year's beginning; zones of the same rules once.
            let mut days = vec![year.start + 86_400];
            let mut at = year.start;
            while let Some(change) = zone.change(at, true).filter(|change| year.contains(change)) {
                days.push(change);
                at = change;
            }
            let offset =
                |&day: &i64| (day, zone.offset(day * 1_000), zone.offset((day - 1) * 1_000));
            if !seen.insert(days.iter().map(offset).collect::<Vec<_>>()) {
                continue;
            }
            for day in days {
                let (from, to) = (day - 86_400, day + 86_400);
                let expected: Vec<_> =
                    (from + 1..=to).filter(|at| at % 60 == 0 && is_due(&zone, *at)).collect();
                let (mut all, mut after) = (Vec::new(), from);
                loop {
                    after = next_ms("*/15 1-3 * * *", &name, after * 1_000).unwrap() / 1_000;
                    if after > to {
                        break;
                    }
                    all.push(after);
                }
                assert_eq!(all, expected, "{name} around {day}");
            }
        }
        // Zones without changes and with, of whole hours and others.
        assert!(seen.len() > 50, "{}", seen.len());
    }

    #[test]
    fn what_is_no_expression_or_never_due_is_refused() {
        for (cron, time_zone, says) in [
            ("* * * *", "UTC", "five fields"),
            ("* * * * * *", "UTC", "five fields"),
            ("", "UTC", "five fields"),
            ("60 * * * *", "UTC", "60"),
            ("* * 30 2 *", "UTC", "four years"),
            ("* * * * *", "Mars/Olympus", "Mars/Olympus"),
            ("* * * * *", "+01:00", "is a name"),
            ("H * * * *", "UTC", "`cron` is refused"),
        ] {
            let error = next_ms(cron, time_zone, 0).unwrap_err();
            assert!(error.to_string().contains(says), "{cron} {time_zone}: {error}");
            assert!(!error.to_string().contains('\n'), "{error}");
        }
        assert!(next_ms(&format!("*{} * * * *", ",*".repeat(200)), "UTC", 0).is_err());
    }
}
