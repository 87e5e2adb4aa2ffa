//! What people call a time zone, and the zone of a date format.

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

/// A time zone and, where it is one of IANA's, what its names are found by.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    clock: sandtide_zone::Zone,
    id: Option<ZoneId>,
}

fn clock(name: &str) -> Result<sandtide_zone::Zone, Error> {
    sandtide_zone::Zone::new(name)
        .map_err(|unknown| range(format!("Invalid time zone specified: {}", unknown.name)))
}

/// The name of a zone as it is written, from a name in any case.
pub(crate) fn canonical(name: &str) -> Result<String, Error> {
    Ok(clock(name)?.name().to_owned())
}

impl Zone {
    pub(crate) fn new(name: &str) -> Result<Zone, Error> {
        let clock = clock(name)?;
        let id = clock.iana_name().map(|name| match name {
            sandtide_zone::UTC => ZoneId::from_iana_id("Etc/UTC"),
            name => ZoneId::from_iana_id(name),
        });
        Ok(Zone { clock, id })
    }

    /// Seconds east of Greenwich at a time in milliseconds since 1970.
    pub(crate) fn offset(&self, millis: i64) -> i32 {
        self.clock.offset(millis)
    }

    fn has_own_names(&self) -> bool {
        matches!(self.clock.name(), "Europe/London" | "Europe/Dublin" | sandtide_zone::UTC)
    }

    /// What people call the zone: `letter` and `count` are a pattern's.
    pub(super) fn name(&self, letter: char, count: usize, millis: i64, locale: &Locale) -> String {
        let offset = self.offset(millis);
        if let (Some(id), 'z' | 'v') = (self.id, letter) {
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
            // CLDR's names of zones that places share begin in 1970; London and Dublin have summer times
            // of their own.
            if millis < 0 && !self.has_own_names() {
                let name = if letter == 'v' { place } else { None };
                return name.unwrap_or_else(|| of_offset(offset, count == 4, &locale.into()));
            }
            let specific = || match count {
                4 => named!(SpecificLong),
                _ => named!(SpecificShort),
            };
            let specific = || specific().filter(|name| Some(name) != place.as_ref());
            // Where the clock is not changed, what it shows is always the standard time.
            let half_year = 184 * 86_400_000;
            let changes = [millis - half_year, millis + half_year]
                .iter()
                .any(|at| self.offset(*at) != offset);
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

/// Minutes east of Greenwich of a zone at a time in milliseconds since 1970.
pub(crate) fn offset_at(name: &str, millis: f64) -> Result<f64, Error> {
    Ok(f64::from(Zone::new(name)?.offset(millis as i64)) / 60.0)
}
