//! When the runs of a schedule are due. Knows nothing of HTTP, nor of how schedules are kept.

use cronexpr::{MakeTimestamp, parse_crontab};
use sandtide::check_time_zone;

use crate::error::ApiError;

/// The most bytes that an expression may have.
const LONGEST: usize = 256;
const FIELDS: usize = 5;

/// When the next run is due after a time, both in milliseconds since 1970.
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
    let crontab = parse_crontab(&format!("{} {time_zone}", fields.join(" "))).map_err(told)?;
    let after = MakeTimestamp::from_millisecond(after_ms).map_err(told)?;
    let never = |_| refused("no run is due in the next four years");
    Ok(crontab.find_next(after).map_err(never)?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
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
