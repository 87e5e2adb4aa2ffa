//! What calendars are not asked: they step through years and months one at a time, and nothing stops a
//! call in the middle.
//!
//! Must not know what an answer would be.

use crate::error::{Error, range};
use temporal_rs::options::{RelativeTo, Unit};
use temporal_rs::{Calendar, Duration};

const NANOSECONDS_OF_DAY: i128 = 86_400_000_000_000;

/// The most years over which months are counted, so that a call takes some 20 ms (temporal_rs 0.2.6, ICU4X
/// 2.4, release build). None where months are computed.
fn most_counted(calendar: &Calendar) -> Option<u32> {
    match calendar.identifier() {
        // ICU4X begins too early and then looks at all years again for each month that is left.
        "chinese" | "dangi" => Some(1_000),
        "hebrew" | "islamic-civil" | "islamic-tbla" | "islamic-umalqura" => Some(50_000),
        _ => None,
    }
}

/// The most years over which months, weeks or days are added. Where a step is cheap these are all years from
/// the first date to the last, of which Islamic calendars have the most.
fn most_added(calendar: &Calendar) -> i64 {
    match calendar.identifier() {
        "chinese" | "dangi" => 50_000,
        _ => 565_000,
    }
}

/// The largest unit of a difference: what is said, else the larger of the smallest unit and what a kind of
/// object has by itself.
pub(crate) fn largest(said: Option<Unit>, smallest: Option<Unit>, by_itself: Unit) -> Unit {
    match said {
        None | Some(Unit::Auto) => smallest.map_or(by_itself, |smallest| smallest.max(by_itself)),
        Some(unit) => unit,
    }
}

/// Checks a difference from a year to another, both of the calendar. Months are counted one at a time, and
/// rounding adds the weeks that were found.
pub(crate) fn countable(
    calendar: &Calendar,
    from: i32,
    to: i32,
    largest: Unit,
) -> Result<(), Error> {
    let (most, units) = match largest {
        Unit::Month => (most_counted(calendar), "months"),
        Unit::Week => (u32::try_from(most_added(calendar)).ok(), "weeks"),
        _ => return Ok(()),
    };
    match most {
        Some(most) if from.abs_diff(to) > most => {
            let name = calendar.identifier();
            range(&format!("{units} of the calendar {name} are counted over at most {most} years"))
        }
        _ => Ok(()),
    }
}

/// The largest unit, with weeks in the place of days: from a time in a zone days are added as well.
pub(crate) fn in_zone(largest: Unit) -> Unit {
    if largest == Unit::Day { Unit::Week } else { largest }
}

/// Checks a duration that is added to a date. Its years take no steps, and ISO takes none for anything.
pub(crate) fn addable(calendar: &Calendar, duration: &Duration) -> Result<(), Error> {
    if calendar.is_iso() {
        return Ok(());
    }
    let seconds = i128::from(duration.hours()) * 3600
        + i128::from(duration.minutes()) * 60
        + i128::from(duration.seconds());
    let below = i128::from(duration.milliseconds()) * 1_000_000
        + duration.microseconds() * 1000
        + duration.nanoseconds();
    let days = i128::from(duration.weeks()) * 7
        + i128::from(duration.days())
        + (seconds * 1_000_000_000 + below) / NANOSECONDS_OF_DAY;
    let most = most_added(calendar);
    // The longest years, and those of the most months.
    if days.abs() > i128::from(most * 366) || duration.months().abs() > most * 13 {
        let name = calendar.identifier();
        return range(&format!(
            "months, weeks and days of the calendar {name} are added over at most {most} years"
        ));
    }
    Ok(())
}

/// Checks a duration that is brought into another unit from a date on.
pub(crate) fn relatable(
    duration: &Duration,
    relative: Option<&RelativeTo>,
    largest: Unit,
) -> Result<(), Error> {
    let (from, largest) = match relative {
        None => return Ok(()),
        Some(RelativeTo::PlainDate(date)) => (date.clone(), largest),
        Some(RelativeTo::ZonedDateTime(time)) => (time.to_plain_date(), in_zone(largest)),
    };
    let calendar = from.calendar();
    addable(calendar, duration)?;
    if matches!(largest, Unit::Month | Unit::Week) && !calendar.is_iso() {
        countable(calendar, from.year(), from.add(duration, None)?.year(), largest)?;
    }
    Ok(())
}

/// The largest unit that a duration has, or days.
pub(crate) fn largest_of(duration: &Duration) -> Unit {
    match (duration.years(), duration.months()) {
        (0, 0) => Unit::Day,
        (0, _) => Unit::Month,
        _ => Unit::Year,
    }
}
