//! Days in calendars.

use icu::calendar::cal::hijri::{TabularAlgorithmEpoch, TabularAlgorithmLeapYears};
use icu::calendar::cal::{Coptic, Ethiopian, Hijri, Indian, Persian};
use icu::calendar::types::RataDie;
use icu::calendar::{AsCalendar, Date, Iso};

/// The calendars that dates are written in.
pub(crate) const SUPPORTED: [&str; 12] = [
    "buddhist",
    "coptic",
    "ethiopic",
    "gregory",
    "indian",
    "islamic-civil",
    "islamic-tbla",
    "islamic-umalqura",
    "iso8601",
    "japanese",
    "persian",
    "roc",
];

/// A day of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    /// The place of the era among those of the table; None for one that it lacks.
    pub(super) era: Option<usize>,
    /// The year of its era.
    pub(super) year: i64,
    /// The year of the Gregorian calendar.
    pub(super) related: i64,
    pub(super) month: u8,
    pub(super) day: u8,
    /// 0 is Sunday.
    pub(super) weekday: u8,
}

/// The Gregorian date of a day since 1970.
fn gregorian(days: i64) -> (i64, u8, u8) {
    // Counted in years that begin in March, in cycles of 400 years.
    let shifted = days + 719_468;
    let cycle = shifted.div_euclid(146_097);
    let day = shifted.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * shifted_month + 2) / 5 + 1) as u8;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u8;
    (year + cycle * 400 + i64::from(month <= 2), month, day)
}

fn of<C: AsCalendar>(days: i64, calendar: C) -> (i64, u8, u8) {
    let date = Date::from_rata_die(RataDie::new(days + 719_163), Iso).to_calendar(calendar);
    (i64::from(date.year().extended_year()), date.month().number(), date.day_of_month().0)
}

impl Day {
    /// The day of a calendar, for a day since 1970.
    pub(super) fn new(calendar: &str, days: i64) -> Day {
        let (related, month, day) = gregorian(days);
        let weekday = (days + 4).rem_euclid(7) as u8;
        let made = |era: Option<usize>, year: i64, month: u8, day: u8| Day {
            era,
            year,
            related,
            month,
            day,
            weekday,
        };
        let single = |(year, month, day): (i64, u8, u8)| made(Some(0), year, month, day);
        match calendar {
            "buddhist" => made(Some(0), related + 543, month, day),
            "roc" if related > 1911 => made(Some(1), related - 1911, month, day),
            "roc" => made(Some(0), 1912 - related, month, day),
            "japanese" => {
                // The first days of the modern eras.
                let eras = [
                    (2019, 5, 1, 4),
                    (1989, 1, 8, 3),
                    (1926, 12, 25, 2),
                    (1912, 7, 30, 1),
                    (1868, 10, 23, 0),
                ];
                match eras.iter().find(|(y, m, d, _)| (related, month, day) >= (*y, *m, *d)) {
                    Some((first, _, _, era)) => made(Some(*era), related - first + 1, month, day),
                    None => made(None, related, month, day),
                }
            }
            "persian" => single(of(days, Persian)),
            "coptic" => single(of(days, Coptic)),
            "ethiopic" => {
                let (year, month, day) = of(days, Ethiopian::new());
                made(Some(0), year, month, day)
            }
            "indian" => single(of(days, Indian)),
            "islamic-umalqura" => single(of(days, Hijri::new_umm_al_qura())),
            "islamic-civil" | "islamic-tbla" => {
                let epoch = match calendar {
                    "islamic-civil" => TabularAlgorithmEpoch::Friday,
                    _ => TabularAlgorithmEpoch::Thursday,
                };
                single(of(days, Hijri::new_tabular(TabularAlgorithmLeapYears::TypeII, epoch)))
            }
            _ if related > 0 => made(Some(1), related, month, day),
            _ => made(Some(0), 1 - related, month, day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(calendar: &str, days: i64) -> (i64, u8, u8, u8) {
        let day = Day::new(calendar, days);
        (day.year, day.month, day.day, day.weekday)
    }

    #[test]
    fn days_are_counted_as_calendars_count_them() {
        assert_eq!(date("gregory", 0), (1970, 1, 1, 4));
        assert_eq!(date("gregory", -719_163), (1, 12, 31, 0));
        assert_eq!(date("gregory", 20_786), (2026, 11, 29, 0));
        assert_eq!(date("buddhist", 20_786), (2569, 11, 29, 0));
        assert_eq!(date("japanese", 20_786), (8, 11, 29, 0));
        assert_eq!(date("persian", 20_786), (1405, 9, 8, 0));
        assert_eq!(date("islamic-umalqura", 20_786), (1448, 6, 19, 0));
    }
}
