//! Time zones by name: what a clock shows in one. For `Date`, `Intl` and `Temporal`, which must agree.
//!
//! The data is the one that jiff brings along, so that it is the same on every machine; what the host has
//! (`TZ`, `/etc/localtime`, `/usr/share/zoneinfo`) is never read.
//!
//! Must not know engines, runs, or what zones are called in languages.

#![forbid(unsafe_code)]

use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

/// The longest name of a zone that is looked for.
const LONGEST: usize = 64;

/// The zone that runs have unless they ask for another.
pub const UTC: &str = "UTC";

thread_local! {
    static ZONES: TimeZoneDatabase = TimeZoneDatabase::bundled();
}

/// There is no zone of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone {name:?}")]
pub struct UnknownZone {
    /// The beginning of what was given.
    pub name: String,
}

impl UnknownZone {
    fn new(name: &str) -> UnknownZone {
        UnknownZone { name: name.chars().take(LONGEST).collect() }
    }
}

/// A time zone.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    clock: Clock,
}

#[derive(Clone, Debug)]
enum Clock {
    /// So many seconds east of Greenwich, always.
    Fixed(i32),
    Named(TimeZone),
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.name == other.name
    }
}

impl Zone {
    /// The zone of an IANA name in any case (`Europe/Berlin`), or of an offset (`+05:30`, `-0330`, `+05`).
    ///
    /// # Errors
    /// [`UnknownZone`] for what is neither.
    pub fn new(name: &str) -> Result<Zone, UnknownZone> {
        if let Some(minutes) = minutes_of(name) {
            let sign = if minutes < 0 { '-' } else { '+' };
            let shown = minutes.abs();
            let name = format!("{sign}{:02}:{:02}", shown / 60, shown % 60);
            return Ok(Zone { name, clock: Clock::Fixed(minutes * 60) });
        }
        let found = match name.len() {
            1..=LONGEST => ZONES.with(|zones| zones.get(name).ok()),
            _ => None,
        };
        let refused = || UnknownZone::new(name);
        let zone = found.ok_or_else(refused)?;
        let known = zone.iana_name().ok_or_else(refused)?;
        Ok(match is_utc(known) {
            true => Zone { name: UTC.to_owned(), clock: Clock::Fixed(0) },
            false => Zone { name: known.to_owned(), clock: Clock::Named(zone) },
        })
    }

    /// Its name as it is written: [`UTC`] for all names of that, `+05:30` for offsets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name among those of IANA; None for an offset.
    pub fn iana_name(&self) -> Option<&str> {
        match self.clock {
            Clock::Fixed(_) if self.name != UTC => None,
            _ => Some(&self.name),
        }
    }

    /// Seconds east of Greenwich at a time in ms since 1970.
    pub fn offset(&self, millis: i64) -> i32 {
        match &self.clock {
            Clock::Fixed(seconds) => *seconds,
            Clock::Named(zone) => zone.to_offset(timestamp(millis)).seconds(),
        }
    }
}

/// What a clock on the wall stands for, in seconds east of Greenwich.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wall {
    /// One time.
    One(i32),
    /// None: the clock was put forward over it.
    Gap {
        /// The offset before the change.
        before: i32,
        /// The offset after it.
        after: i32,
    },
    /// Two times: the clock was put back.
    Fold {
        /// The offset of the first.
        before: i32,
        /// The offset of the second.
        after: i32,
    },
}

impl Zone {
    /// What a clock in the zone stands for that shows so many seconds since the beginning of 1970.
    pub fn wall(&self, seconds: i64) -> Wall {
        let zone = match &self.clock {
            Clock::Fixed(offset) => return Wall::One(*offset),
            Clock::Named(zone) => zone,
        };
        let shown = TimeZone::UTC.to_datetime(timestamp(seconds.saturating_mul(1000)));
        match zone.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => Wall::One(offset.seconds()),
            AmbiguousOffset::Gap { before, after } => {
                Wall::Gap { before: before.seconds(), after: after.seconds() }
            }
            AmbiguousOffset::Fold { before, after } => {
                Wall::Fold { before: before.seconds(), after: after.seconds() }
            }
        }
    }

    /// When the offset changes next after a time, or changed last before it; both in seconds since 1970.
    /// None where it never does.
    pub fn change(&self, seconds: i64, next: bool) -> Option<i64> {
        let Clock::Named(zone) = &self.clock else { return None };
        let folded = timestamp(seconds.saturating_mul(1000));
        // Before the first rule nothing repeats, and behind the last only what changes each year.
        let moved = if seconds > 0 { seconds - folded.as_second() } else { 0 };
        let repeats = |at: i64| at > folded.as_second() - 2 * 366 * 86_400;
        // Some changes are of names alone.
        let change = |at: &Timestamp| {
            let before = at.checked_sub(SignedDuration::from_secs(1)).ok()?;
            let moved = if repeats(at.as_second()) { moved } else { 0 };
            (zone.to_offset(*at) != zone.to_offset(before)).then_some(at.as_second() + moved)
        };
        if next {
            zone.following(folded).find_map(|found| change(&found.timestamp()))
        } else {
            zone.preceding(folded).find_map(|found| change(&found.timestamp()))
        }
    }
}

/// All names of zones, with those that are links; sorted.
pub fn all_names() -> Vec<String> {
    let mut names: Vec<String> = ZONES.with(|zones| {
        // None is read here: that takes a quarter of a second of whoever needs the first zone.
        zones.available().map(|name| name.as_str().to_owned()).collect()
    });
    names.push(UTC.to_owned());
    names.sort();
    names.dedup();
    names
}

/// The names of all zones that have one of IANA's: each once, sorted, without those that are links to
/// UTC or are no places.
pub fn names() -> Vec<String> {
    let mut names: Vec<String> = ZONES.with(|zones| {
        zones
            .available()
            .map(|name| name.as_str().to_owned())
            .filter(|name| !is_utc(name))
            .collect()
    });
    names.push(UTC.to_owned());
    names.sort();
    names.dedup();
    names
}

fn is_utc(name: &str) -> bool {
    matches!(
        name,
        "UTC"
            | "GMT"
            | "Etc/UTC"
            | "Etc/GMT"
            | "Etc/UCT"
            | "UCT"
            | "Zulu"
            | "Etc/Zulu"
            | "Universal"
            | "Etc/Universal"
            | "Etc/Greenwich"
            | "Greenwich"
            | "GMT0"
            | "Etc/GMT0"
            | "GMT+0"
            | "GMT-0"
            | "Etc/GMT+0"
            | "Etc/GMT-0"
    )
}

/// Minutes of an offset such as `+02:00`, `-0330` or `+05`.
fn minutes_of(name: &str) -> Option<i32> {
    let (sign, rest) = match name.as_bytes().first()? {
        b'+' => (1, &name[1..]),
        b'-' => (-1, &name[1..]),
        _ => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (rest, "00"),
        4 => rest.split_at_checked(2)?,
        5 => rest.split_once(':').filter(|(hours, _)| hours.len() == 2)?,
        _ => return None,
    };
    if !hours.bytes().chain(minutes.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_one_name_and_its_own_clock() {
        for (given, name) in [
            ("europe/berlin", "Europe/Berlin"),
            ("gmt", "UTC"),
            ("UTC", "UTC"),
            ("etc/utc", "UTC"),
            ("-0330", "-03:30"),
            ("+05", "+05:00"),
        ] {
            assert_eq!(Zone::new(given).unwrap().name(), name, "{given}");
        }
        let berlin = Zone::new("Europe/Berlin").unwrap();
        assert_eq!(berlin.offset(1_774_746_000_000 - 1), 3600);
        assert_eq!(berlin.offset(1_774_746_000_000), 7200);
        assert_eq!(berlin.offset(8_640_000_000_000_000), 7200);
        assert_eq!(Zone::new("-0330").unwrap().offset(0), -12_600);
    }

    #[test]
    fn what_is_no_zone_is_refused_by_its_name() {
        let long = "x".repeat(10_000);
        for name in ["", "Mars/Olympus", "+25:00", "+1:2:3", "-0a:00", "+é0", "/etc/passwd", &long]
        {
            let refused = Zone::new(name).unwrap_err();
            assert!(refused.name.len() <= LONGEST && name.starts_with(&refused.name), "{name}");
        }
    }

    #[test]
    fn a_wall_clock_stands_for_one_time_or_two_or_none() {
        let berlin = Zone::new("Europe/Berlin").unwrap();
        let spring = 1_774_746_000;
        assert_eq!(berlin.wall(spring + 3600 - 1), Wall::One(3600));
        assert_eq!(berlin.wall(spring + 3600), Wall::Gap { before: 3600, after: 7200 });
        assert_eq!(berlin.wall(spring + 7200), Wall::One(7200));
        let autumn = 1_792_890_000;
        assert_eq!(berlin.wall(autumn + 3600), Wall::Fold { before: 7200, after: 3600 });
        assert_eq!(berlin.change(spring - 1, true), Some(spring));
        assert_eq!(berlin.change(spring, true), Some(autumn));
        assert_eq!(berlin.change(autumn, false), Some(spring));
        // Beyond the years that jiff knows, 400 years are like the 400 before.
        let cycle = 400 * 146_097 / 400 * 86_400 * 20;
        assert_eq!(berlin.change(spring + cycle - 1, true), Some(spring + cycle));
        // What does not repeat stays where it is, from however far away it is looked for.
        let (year_minus_10_000, year_20_000) = (-377_705_116_800, 568_971_820_800);
        let new_york = Zone::new("America/New_York").unwrap();
        let first = -2_717_650_800;
        for from in [year_minus_10_000, -8_640_000_000_000, first - 1] {
            assert_eq!(new_york.change(from, true), Some(first), "{from}");
            assert_eq!(new_york.change(from, false), None, "{from}");
        }
        let tokyo = Zone::new("Asia/Tokyo").unwrap();
        let last = -577_962_000;
        for from in [last + 1, 253_000_000_001, year_20_000, 8_640_000_000_000] {
            assert_eq!(tokyo.change(from, false), Some(last), "{from}");
            assert_eq!(tokyo.change(from, true), None, "{from}");
        }
        assert_eq!(Zone::new("UTC").unwrap().change(0, true), None);
        assert_eq!(Zone::new("+01:00").unwrap().wall(0), Wall::One(3600));
    }

    #[test]
    fn all_names_are_of_zones_that_are_there() {
        let named = names();
        assert!(named.len() > 400, "{}", named.len());
        for name in &named {
            assert_eq!(Zone::new(name).unwrap().name(), name);
        }
        for name in all_names() {
            assert!(Zone::new(&name).is_ok(), "{name}");
        }
    }
}
