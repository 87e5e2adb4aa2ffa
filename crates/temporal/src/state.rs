//! Objects as text: what the JavaScript half keeps of each, in the guest's heap.
//!
//! Numbers with spaces between, and at the end the names of a zone and of a calendar.

use crate::error::{Error, range};
use crate::zones::Zones;
use std::fmt::Write;
use std::str::{FromStr, SplitAsciiWhitespace};
use temporal_rs::options::RelativeTo;
use temporal_rs::{
    Calendar, Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime,
    PlainYearMonth, TimeZone, ZonedDateTime,
};

/// A kind of object that has a text.
pub(crate) trait State: Sized {
    fn read(words: &mut Words<'_>) -> Result<Self, Error>;
    fn write(&self, text: &mut String);

    fn from_text(text: &str) -> Result<Self, Error> {
        Self::read(&mut Words(text.split_ascii_whitespace()))
    }

    fn to_text(&self) -> String {
        let mut text = String::with_capacity(48);
        self.write(&mut text);
        text
    }
}

/// The rest of a text.
pub(crate) struct Words<'a>(SplitAsciiWhitespace<'a>);

impl Words<'_> {
    fn next<T: FromStr>(&mut self) -> Result<T, Error> {
        match self.0.next().map(str::parse) {
            Some(Ok(value)) => Ok(value),
            _ => range("an object of Temporal is broken"),
        }
    }

    fn calendar(&mut self) -> Result<Calendar, Error> {
        Ok(Calendar::try_from_utf8(self.0.next().unwrap_or_default().as_bytes())?)
    }
}

/// Writes numbers and names; text has room for all of it.
macro_rules! put {
    ($text:expr, $($part:expr),+) => {{
        $(let _ = write!($text, "{} ", $part);)+
    }};
}

fn put_date(text: &mut String, date: &PlainDate) {
    let iso = date.with_calendar(Calendar::ISO);
    put!(text, iso.year(), iso.month(), iso.day());
}

impl State for PlainDate {
    fn read(words: &mut Words<'_>) -> Result<PlainDate, Error> {
        let (year, month, day) = (words.next()?, words.next()?, words.next()?);
        Ok(PlainDate::try_new(year, month, day, words.calendar()?)?)
    }

    fn write(&self, text: &mut String) {
        put_date(text, self);
        text.push_str(self.calendar().identifier());
    }
}

impl State for PlainTime {
    fn read(words: &mut Words<'_>) -> Result<PlainTime, Error> {
        let (hour, minute, second) = (words.next()?, words.next()?, words.next()?);
        let (milli, micro, nano) = (words.next()?, words.next()?, words.next()?);
        Ok(PlainTime::try_new(hour, minute, second, milli, micro, nano)?)
    }

    fn write(&self, text: &mut String) {
        put!(text, self.hour(), self.minute(), self.second());
        put!(text, self.millisecond(), self.microsecond(), self.nanosecond());
    }
}

impl State for PlainDateTime {
    fn read(words: &mut Words<'_>) -> Result<PlainDateTime, Error> {
        let (year, month, day) = (words.next()?, words.next()?, words.next()?);
        let (hour, minute, second) = (words.next()?, words.next()?, words.next()?);
        let (milli, micro, nano) = (words.next()?, words.next()?, words.next()?);
        let calendar = words.calendar()?;
        Ok(PlainDateTime::try_new(
            year, month, day, hour, minute, second, milli, micro, nano, calendar,
        )?)
    }

    fn write(&self, text: &mut String) {
        put!(text, self.iso_year(), self.iso_month(), self.iso_day());
        self.to_plain_time().write(text);
        text.push_str(self.calendar().identifier());
    }
}

impl State for PlainYearMonth {
    fn read(words: &mut Words<'_>) -> Result<PlainYearMonth, Error> {
        let (year, month, day) = (words.next()?, words.next()?, words.next()?);
        Ok(PlainYearMonth::try_new(year, month, Some(day), words.calendar()?)?)
    }

    fn write(&self, text: &mut String) {
        // Its text with the calendar has the day that stands for the month.
        put_written(text, &self.to_ixdtf_string(temporal_rs::options::DisplayCalendar::Always));
        text.push_str(self.calendar_id());
    }
}

/// The numbers of `[+-]YYYY-MM-DD[…]`.
fn put_written(text: &mut String, written: &str) {
    let date = written.split('[').next().unwrap_or_default();
    let mut parts = date.rsplitn(3, '-');
    let (day, month, year) = (parts.next(), parts.next(), parts.next());
    let number = |part: Option<&str>| part.and_then(|part| part.parse::<i32>().ok()).unwrap_or(0);
    put!(text, number(year), number(month), number(day));
}

impl State for PlainMonthDay {
    fn read(words: &mut Words<'_>) -> Result<PlainMonthDay, Error> {
        let (year, month, day) = (words.next()?, words.next()?, words.next()?);
        let reject = temporal_rs::options::Overflow::Reject;
        let calendar = words.calendar()?;
        Ok(PlainMonthDay::new_with_overflow(month, day, calendar, reject, Some(year))?)
    }

    fn write(&self, text: &mut String) {
        put!(text, self.iso.year, self.iso.month, self.iso.day);
        text.push_str(self.calendar_id());
    }
}

impl State for Instant {
    fn read(words: &mut Words<'_>) -> Result<Instant, Error> {
        Ok(Instant::try_new(words.next()?)?)
    }

    fn write(&self, text: &mut String) {
        let _ = write!(text, "{}", self.as_i128());
    }
}

impl State for ZonedDateTime {
    fn read(words: &mut Words<'_>) -> Result<ZonedDateTime, Error> {
        let nanoseconds = words.next()?;
        let zone = zone(words.0.next().unwrap_or_default())?;
        Ok(ZonedDateTime::try_new_with_provider(nanoseconds, zone, words.calendar()?, &Zones)?)
    }

    fn write(&self, text: &mut String) {
        let zone = self.time_zone().identifier_with_provider(&Zones).unwrap_or_default();
        put!(text, self.epoch_nanoseconds().0, zone);
        text.push_str(self.calendar().identifier());
    }
}

impl State for Duration {
    fn read(words: &mut Words<'_>) -> Result<Duration, Error> {
        let (years, months, weeks) = (words.next()?, words.next()?, words.next()?);
        let (days, hours, minutes) = (words.next()?, words.next()?, words.next()?);
        let (seconds, millis) = (words.next()?, words.next()?);
        let (micros, nanos) = (words.next()?, words.next()?);
        Ok(Duration::new(
            years, months, weeks, days, hours, minutes, seconds, millis, micros, nanos,
        )?)
    }

    fn write(&self, text: &mut String) {
        put!(text, self.years(), self.months(), self.weeks(), self.days(), self.hours());
        put!(text, self.minutes(), self.seconds(), self.milliseconds());
        put!(text, self.microseconds(), self.nanoseconds());
    }
}

/// `D` and a date, or `Z` and a time in a zone.
impl State for RelativeTo {
    fn read(words: &mut Words<'_>) -> Result<RelativeTo, Error> {
        match words.0.next() {
            Some("D") => Ok(RelativeTo::PlainDate(State::read(words)?)),
            _ => Ok(RelativeTo::ZonedDateTime(State::read(words)?)),
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            RelativeTo::PlainDate(date) => {
                text.push_str("D ");
                date.write(text);
            }
            RelativeTo::ZonedDateTime(time) => {
                text.push_str("Z ");
                time.write(text);
            }
        }
    }
}

/// The zone of an identifier.
pub(crate) fn zone(identifier: &str) -> Result<TimeZone, Error> {
    Ok(TimeZone::try_from_identifier_str_with_provider(identifier, &Zones)?)
}
