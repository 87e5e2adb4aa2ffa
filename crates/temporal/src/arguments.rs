//! What operations are given: texts and numbers, as the JavaScript half has read and checked them, and the
//! records of temporal_rs that are made of them.

use crate::Argument;
use crate::error::{Error, range};
use std::str::FromStr;
use temporal_rs::fields::{CalendarFields, YearMonthCalendarFields};
use temporal_rs::options::{
    DifferenceSettings, Overflow, RoundingIncrement, RoundingMode, RoundingOptions,
    ToStringRoundingOptions, Unit,
};
use temporal_rs::parsers::Precision;
use temporal_rs::partial::PartialTime;
use temporal_rs::{MonthCode, TinyAsciiStr, UtcOffset};

/// Years of fields are cut to these: no calendar has dates as far away.
const FAR: f64 = 1_000_000.0;

/// The arguments of one operation.
pub(crate) struct Arguments<'a>(pub(crate) &'a [Argument<'a>]);

impl<'a> Arguments<'a> {
    pub(crate) fn text(&self, index: usize) -> Result<&'a str, Error> {
        match self.0.get(index) {
            Some(Argument::Text(text)) => Ok(text),
            _ => Err(lacking()),
        }
    }

    /// A text, or nothing.
    pub(crate) fn optional(&self, index: usize) -> Option<&'a str> {
        match self.0.get(index) {
            Some(Argument::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn number(&self, index: usize) -> Result<f64, Error> {
        match self.0.get(index) {
            Some(Argument::Number(number)) => Ok(*number),
            _ => Err(lacking()),
        }
    }

    /// A whole number that the type has room for.
    pub(crate) fn whole<T: TryFrom<i64>>(&self, index: usize) -> Result<T, Error> {
        narrow(self.number(index)?)
    }

    pub(crate) fn list(&self, index: usize) -> Result<Arguments<'_>, Error> {
        match self.0.get(index) {
            Some(Argument::List(items)) => Ok(Arguments(items)),
            _ => Err(lacking()),
        }
    }

    /// What a name of an option stands for.
    pub(crate) fn option<T: FromStr>(&self, index: usize) -> Result<T, Error> {
        self.text(index)?.parse().or_else(|_| range("invalid value of an option"))
    }

    pub(crate) fn fields(&self, index: usize, overflow: Overflow) -> Result<Fields, Error> {
        Fields::read(&self.list(index)?, overflow)
    }

    /// Largest unit, smallest unit, rounding mode, increment; empty texts for what is not given.
    pub(crate) fn rounding(&self, index: usize) -> Result<RoundingOptions, Error> {
        let list = self.list(index)?;
        let mut options = RoundingOptions::default();
        options.largest_unit = unit(list.text(0)?)?;
        options.smallest_unit = unit(list.text(1)?)?;
        if options.smallest_unit == Some(Unit::Auto) {
            return range("auto is no smallest unit");
        }
        options.rounding_mode = Some(list.option::<RoundingMode>(2)?);
        options.increment = Some(RoundingIncrement::try_from(list.number(3)?)?);
        Ok(options)
    }

    pub(crate) fn difference(&self, index: usize) -> Result<DifferenceSettings, Error> {
        let options = self.rounding(index)?;
        let mut settings = DifferenceSettings::default();
        settings.largest_unit = options.largest_unit;
        settings.smallest_unit = options.smallest_unit;
        settings.rounding_mode = options.rounding_mode;
        settings.increment = options.increment;
        Ok(settings)
    }

    /// Digits (below 0 as many as there are), smallest unit, rounding mode.
    pub(crate) fn printing(&self, index: usize) -> Result<ToStringRoundingOptions, Error> {
        let list = self.list(index)?;
        let digits = list.number(0)?;
        Ok(ToStringRoundingOptions {
            precision: if digits < 0.0 { Precision::Auto } else { Precision::Digit(digits as u8) },
            smallest_unit: unit(list.text(1)?)?,
            rounding_mode: Some(list.option(2)?),
        })
    }
}

fn lacking() -> Error {
    Error::Type("an operation of Temporal lacks an argument".to_owned())
}

fn unit(name: &str) -> Result<Option<Unit>, Error> {
    match name {
        "" => Ok(None),
        _ => name.parse().map(Some).or_else(|_| range("invalid unit")),
    }
}

/// A number that the type has room for.
pub(crate) fn narrow<T: TryFrom<i64>>(number: f64) -> Result<T, Error> {
    // Whole numbers of more than 2^53 have no room anywhere here.
    if number.abs() > 9e15 {
        return range("a number is out of range");
    }
    T::try_from(number as i64).or_else(|_| range("a number is out of range"))
}

/// What an object's properties say.
#[derive(Default)]
pub(crate) struct Fields {
    pub(crate) date: CalendarFields,
    pub(crate) time: PartialTime,
    pub(crate) offset: Option<UtcOffset>,
}

impl Fields {
    /// Names and values in turn.
    fn read(list: &Arguments<'_>, overflow: Overflow) -> Result<Fields, Error> {
        let mut fields = Fields::default();
        for at in (0..list.0.len()).step_by(2) {
            let value = at + 1;
            let small = || saturated(list.number(value)?, overflow, 255.0).map(|n| n as u8);
            let thousand = || saturated(list.number(value)?, overflow, 999.0).map(|n| n as u16);
            let clock = |most| saturated(list.number(value)?, overflow, most).map(|n| n as u8);
            let year = || Ok::<i32, Error>(list.number(value)?.clamp(-FAR, FAR) as i32);
            match list.text(at)? {
                "year" => fields.date.year = Some(list.number(value)? as i32),
                "month" => fields.date.month = Some(small()?),
                "monthCode" => {
                    fields.date.month_code =
                        Some(MonthCode::try_from_utf8(list.text(value)?.as_bytes())?);
                }
                "day" => fields.date.day = Some(small()?),
                "era" => {
                    let era = TinyAsciiStr::try_from_str(list.text(value)?);
                    fields.date.era = Some(era.or_else(|_| range("there is no such era"))?);
                }
                "eraYear" => fields.date.era_year = Some(year()?),
                "hour" => fields.time.hour = Some(clock(23.0)?),
                "minute" => fields.time.minute = Some(clock(59.0)?),
                "second" => fields.time.second = Some(clock(59.0)?),
                "millisecond" => fields.time.millisecond = Some(thousand()?),
                "microsecond" => fields.time.microsecond = Some(thousand()?),
                "nanosecond" => fields.time.nanosecond = Some(thousand()?),
                "offset" => {
                    fields.offset = Some(UtcOffset::from_utf8(list.text(value)?.as_bytes())?);
                }
                _ => return Err(lacking()),
            }
        }
        Ok(fields)
    }

    pub(crate) fn year_month(self) -> YearMonthCalendarFields {
        self.date.into()
    }

    /// Where the year may be of any calendar but ISO's, which has no bounds to check before it is used.
    pub(crate) fn bounded(mut self, is_iso: bool) -> Fields {
        if !is_iso {
            self.date.year = self.date.year.map(|year| year.clamp(-(FAR as i32), FAR as i32));
        }
        self
    }
}

/// A number from 0 to the most that there is, or the nearest of them.
fn saturated(number: f64, overflow: Overflow, most: f64) -> Result<f64, Error> {
    if overflow == Overflow::Reject && !(0.0..=most).contains(&number) {
        return range("a field is out of range");
    }
    Ok(number.clamp(0.0, most))
}
