//! Time zones: their names, what a clock shows in one, and what people call it there.
//!
//! The data is the one that jiff brings along; the host's is never read.

use super::names::DATES;
use crate::error::{Error, range};
use icu::datetime::NoCalendarFormatter;
use icu::datetime::fieldsets::zone::{
    GenericLong, GenericShort, Location, SpecificLong, SpecificShort,
};
use icu::locale::Locale;
use icu::time::TimeZone as ZoneId;
use icu::time::zone::{UtcOffset, ZoneNameTimestamp};
use icu_provider::DataLocale;
use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

thread_local! {
    static ZONES: TimeZoneDatabase = TimeZoneDatabase::bundled();
}

/// A time zone.
#[derive(Debug, Clone)]
pub(crate) enum Zone {
    /// So many seconds east of Greenwich, always.
    Fixed(i32),
    Named(TimeZone, ZoneId),
}

/// Minutes of an offset such as `+02:00`, `-0330` or `+5`.
fn fixed(name: &str) -> Option<i32> {
    let (sign, rest) = match name.as_bytes().first()? {
        b'+' => (1, &name[1..]),
        b'-' => (-1, &name[1..]),
        _ => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (rest, "0"),
        4 => rest.split_at_checked(2)?,
        5 => rest.split_once(':').filter(|(hours, _)| hours.len() == 2)?,
        _ => return None,
    };
    if !rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b':') {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// The name of a zone as it is written, from a name in any case.
pub(crate) fn canonical(name: &str) -> Result<String, Error> {
    if let Some(minutes) = fixed(name) {
        let sign = if minutes < 0 { '-' } else { '+' };
        let minutes = minutes.abs();
        return Ok(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
    }
    let found = ZONES.with(|zones| zones.get(name).ok());
    match found.as_ref().and_then(TimeZone::iana_name) {
        Some(
            "GMT" | "Etc/UTC" | "Etc/GMT" | "Etc/UCT" | "UCT" | "Zulu" | "Etc/Zulu" | "Universal"
            | "Etc/Universal" | "Etc/Greenwich" | "Greenwich" | "GMT0" | "Etc/GMT0" | "GMT+0"
            | "GMT-0" | "Etc/GMT+0" | "Etc/GMT-0",
        ) => Ok("UTC".into()),
        Some(name) => Ok(name.to_owned()),
        None => Err(range(format!(
            "Invalid time zone specified: {}",
            name.chars().take(64).collect::<String>()
        ))),
    }
}

impl Zone {
    pub(crate) fn new(name: &str) -> Result<Zone, Error> {
        if let Some(minutes) = fixed(name) {
            return Ok(Zone::Fixed(minutes * 60));
        }
        let refused = || range(format!("Invalid time zone specified: {name}"));
        let zone = ZONES.with(|zones| zones.get(name)).map_err(|_| refused())?;
        let id = ZoneId::from_iana_id(zone.iana_name().unwrap_or("Etc/UTC"));
        Ok(Zone::Named(zone, id))
    }

    /// Seconds east of Greenwich at a time in milliseconds since 1970.
    pub(crate) fn offset(&self, millis: i64) -> i32 {
        match self {
            Zone::Fixed(seconds) => *seconds,
            Zone::Named(zone, _) => zone.to_offset(timestamp(millis)).seconds(),
        }
    }

    /// What people call the zone: `letter` and `count` are a pattern's.
    pub(super) fn name(&self, letter: char, count: usize, millis: i64, locale: &Locale) -> String {
        let offset = self.offset(millis);
        if let (Zone::Named(zone, id), 'z' | 'v') = (self, letter) {
            let info =
                id.with_offset(UtcOffset::try_from_seconds(offset).ok()).with_zone_name_timestamp(
                    ZoneNameTimestamp::from_epoch_seconds(millis.div_euclid(1000)),
                );
            // A name; not the place or the offset that stand in for one.
            macro_rules! named {
                ($fields:expr) => {
                    NoCalendarFormatter::try_new(locale.into(), $fields)
                        .map(|formatter| formatter.format(&info).to_string())
                        .ok()
                        .filter(|name| !name.chars().any(char::is_numeric))
                };
            }
            let place = named!(Location);
            let specific = || match count {
                4 => named!(SpecificLong),
                _ => named!(SpecificShort),
            };
            let specific = || specific().filter(|name| Some(name) != place.as_ref());
            // Where the clock is not changed, what it shows is always the standard time.
            let half_year = 184 * 86_400_000;
            let changes = [millis - half_year, millis + half_year]
                .iter()
                .any(|at| zone.to_offset(timestamp(*at)).seconds() != offset);
            let name = match (letter, count) {
                ('z', _) => specific(),
                (_, 4) if changes => named!(GenericLong),
                (_, 4) => specific().or_else(|| named!(GenericLong)),
                _ if changes => named!(GenericShort),
                _ => specific().or_else(|| named!(GenericShort)),
            };
            if let Some(name) = name {
                return name;
            }
        }
        of_offset(offset, count == 4, &locale.into())
    }
}

/// `GMT+2`, or `GMT+02:00`.
fn of_offset(seconds: i32, long: bool, locale: &DataLocale) -> String {
    let mut forms = DATES.inherited("gmt", locale).unwrap_or("GMT{0}|GMT|+HH:mm;-HH:mm").split('|');
    let (form, hours) = (forms.next().unwrap_or("{0}"), forms.nth(1).unwrap_or(""));
    let (positive, negative) = hours.split_once(';').unwrap_or(("+HH:mm", "-HH:mm"));
    let pattern = if seconds < 0 { negative } else { positive };
    let (minutes, rest) = (seconds.abs() / 60, seconds.abs() % 60);
    let (hour, minute) = (minutes / 60, minutes % 60);
    let sign: String = pattern.chars().take_while(|c| *c != 'H').collect();
    let separator: String = pattern.chars().filter(|c| matches!(c, ':' | '.')).take(1).collect();
    let mut text = match (long, minute) {
        (true, _) => format!("{sign}{hour:02}{separator}{minute:02}"),
        (false, 0) => format!("{sign}{hour}"),
        (false, _) => format!("{sign}{hour}{separator}{minute:02}"),
    };
    if rest != 0 {
        text += &format!("{separator}{rest:02}");
    }
    form.replace("{0}", &text)
}

/// A time that jiff can hold: beyond its years the zones' rules repeat every 400.
fn timestamp(millis: i64) -> Timestamp {
    const CYCLE: i64 = 146_097 * 86_400_000;
    const EDGE: i64 = 253_000_000_000_000;
    let folded = match millis {
        _ if millis > EDGE => EDGE - CYCLE + (millis - EDGE).rem_euclid(CYCLE),
        _ if millis < -EDGE => -EDGE,
        _ => millis,
    };
    Timestamp::from_millisecond(folded).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Minutes east of Greenwich of a zone at a time in milliseconds since 1970.
pub(crate) fn offset_at(name: &str, millis: f64) -> Result<f64, Error> {
    Ok(f64::from(Zone::new(name)?.offset(millis as i64)) / 60.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_one_name_and_its_own_clock() {
        assert_eq!(canonical("europe/berlin").unwrap(), "Europe/Berlin");
        assert_eq!(canonical("gmt").unwrap(), "UTC");
        assert_eq!(canonical("-0330").unwrap(), "-03:30");
        assert!(canonical("Mars/Olympus").is_err());
        assert!(canonical("+25:00").is_err());
        let berlin = Zone::new("Europe/Berlin").unwrap();
        assert_eq!(berlin.offset(1_774_746_000_000 - 1), 3600);
        assert_eq!(berlin.offset(1_774_746_000_000), 7200);
        assert_eq!(berlin.offset(8_640_000_000_000_000), 7200);
    }
}
