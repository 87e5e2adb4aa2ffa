//! `PlainDate`, `PlainYearMonth`, `PlainMonthDay`.

use crate::arguments::Arguments;
use crate::bounds;
use crate::error::Error;
use crate::state::{State, zone};
use crate::zones::Zones;
use crate::{Answer, unknown};
use temporal_rs::options::{Overflow, Unit};
use temporal_rs::{Calendar, Duration, PlainDate, PlainMonthDay, PlainTime, PlainYearMonth};

type Answered = Result<Answer, Error>;

/// The calendar of an identifier.
pub(crate) fn calendar(identifier: &str) -> Result<Calendar, Error> {
    Ok(Calendar::try_from_utf8(identifier.as_bytes())?)
}

pub(crate) fn date(what: &str, args: &Arguments<'_>) -> Answered {
    let own = || PlainDate::from_text(args.text(0)?);
    let text = |date: PlainDate| Ok(Answer::Text(date.to_text()));
    match what {
        "new" => {
            let calendar = calendar(args.text(3)?)?;
            text(PlainDate::try_new(args.whole(0)?, args.whole(1)?, args.whole(2)?, calendar)?)
        }
        "parse" => text(PlainDate::from_utf8(args.text(0)?.as_bytes())?),
        "fields" => {
            let calendar = calendar(args.text(0)?)?;
            let overflow = args.option(2)?;
            let fields = args.fields(1, overflow)?.bounded(calendar.is_iso());
            text(calendar.date_from_fields(fields.date, overflow)?)
        }
        "with" => {
            let (date, overflow) = (own()?, args.option(2)?);
            let fields = args.fields(1, overflow)?.bounded(date.calendar().is_iso());
            text(date.with(fields.date, Some(overflow))?)
        }
        "get" => {
            let date = own()?;
            get(date.calendar(), &date, args.text(1)?)
        }
        "add" => {
            let duration = Duration::from_text(args.text(1)?)?;
            let date = own()?;
            bounds::addable(date.calendar(), &duration)?;
            text(date.add(&duration, Some(args.option(2)?))?)
        }
        "subtract" => {
            let duration = Duration::from_text(args.text(1)?)?;
            let date = own()?;
            bounds::addable(date.calendar(), &duration)?;
            text(date.subtract(&duration, Some(args.option(2)?))?)
        }
        "until" | "since" => {
            let (date, other) = (own()?, PlainDate::from_text(args.text(1)?)?);
            let settings = args.difference(2)?;
            let largest = bounds::largest(settings.largest_unit, settings.smallest_unit, Unit::Day);
            bounds::countable(date.calendar(), date.year(), other.year(), largest)?;
            let found = match what {
                "until" => date.until(&other, settings)?,
                _ => date.since(&other, settings)?,
            };
            Ok(found.to_text().into())
        }
        "compare" => Ok((own()?.compare_iso(&PlainDate::from_text(args.text(1)?)?) as i8).into()),
        "withCalendar" => text(own()?.with_calendar(calendar(args.text(1)?)?)),
        "toString" => Ok(own()?.to_ixdtf_string(args.option(1)?).into()),
        "toPlainDateTime" => {
            let time = args.optional(1).map(PlainTime::from_text).transpose()?;
            Ok(own()?.to_plain_date_time(time)?.to_text().into())
        }
        "toPlainYearMonth" => Ok(own()?.to_plain_year_month()?.to_text().into()),
        "toPlainMonthDay" => Ok(own()?.to_plain_month_day()?.to_text().into()),
        "toZonedDateTime" => {
            let time = args.optional(2).map(PlainTime::from_text).transpose()?;
            let zoned = own()?.to_zoned_date_time_with_provider(zone(args.text(1)?)?, time, &Zones);
            Ok(zoned?.to_text().into())
        }
        "epoch" => Ok((own()?.epoch_ns_for_utc().0.div_euclid(1_000_000) as f64).into()),
        _ => Err(unknown(what)),
    }
}

/// What a calendar says of a date.
pub(crate) fn get(calendar: &Calendar, date: &PlainDate, name: &str) -> Answered {
    Ok(match name {
        "calendarId" => calendar.identifier().into(),
        "era" => date.era().map(|era| era.as_str().to_owned()).into(),
        "eraYear" => date.era_year().into(),
        "year" => date.year().into(),
        "month" => date.month().into(),
        "monthCode" => date.month_code().as_str().into(),
        "day" => date.day().into(),
        "dayOfWeek" => date.day_of_week().into(),
        "dayOfYear" => date.day_of_year().into(),
        "weekOfYear" => date.week_of_year().into(),
        "yearOfWeek" => date.year_of_week().into(),
        "daysInWeek" => date.days_in_week().into(),
        "daysInMonth" => date.days_in_month().into(),
        "daysInYear" => date.days_in_year().into(),
        "monthsInYear" => date.months_in_year().into(),
        "inLeapYear" => date.in_leap_year().into(),
        _ => return Err(unknown(name)),
    })
}

pub(crate) fn year_month(what: &str, args: &Arguments<'_>) -> Answered {
    let own = || PlainYearMonth::from_text(args.text(0)?);
    let text = |month: PlainYearMonth| Ok(Answer::Text(month.to_text()));
    match what {
        "new" => {
            let calendar = calendar(args.text(2)?)?;
            let day = Some(args.whole(3)?);
            text(PlainYearMonth::try_new(args.whole(0)?, args.whole(1)?, day, calendar)?)
        }
        "parse" => text(PlainYearMonth::from_utf8(args.text(0)?.as_bytes())?),
        "fields" => {
            let calendar = calendar(args.text(0)?)?;
            let overflow = args.option(2)?;
            let fields = args.fields(1, overflow)?.bounded(calendar.is_iso());
            text(calendar.year_month_from_fields(fields.year_month(), overflow)?)
        }
        "with" => {
            let (month, overflow) = (own()?, args.option(2)?);
            let fields = args.fields(1, overflow)?.bounded(month.calendar().is_iso());
            text(month.with(fields.year_month(), Some(overflow))?)
        }
        "get" => {
            let month = own()?;
            Ok(match args.text(1)? {
                "calendarId" => month.calendar_id().into(),
                "era" => month.era().map(|era| era.as_str().to_owned()).into(),
                "eraYear" => month.era_year().into(),
                "year" => month.year().into(),
                "month" => month.month().into(),
                "monthCode" => month.month_code().as_str().into(),
                "daysInMonth" => month.days_in_month().into(),
                "daysInYear" => month.days_in_year().into(),
                "monthsInYear" => month.months_in_year().into(),
                "inLeapYear" => month.in_leap_year().into(),
                name => return Err(unknown(name)),
            })
        }
        "add" => {
            let duration = Duration::from_text(args.text(1)?)?;
            let month = own()?;
            bounds::addable(month.calendar(), &duration)?;
            text(month.add(&duration, args.option(2)?)?)
        }
        "subtract" => {
            let duration = Duration::from_text(args.text(1)?)?;
            let month = own()?;
            bounds::addable(month.calendar(), &duration)?;
            text(month.subtract(&duration, args.option(2)?)?)
        }
        "until" | "since" => {
            let (month, other) = (own()?, PlainYearMonth::from_text(args.text(1)?)?);
            let settings = args.difference(2)?;
            let largest =
                bounds::largest(settings.largest_unit, settings.smallest_unit, Unit::Year);
            bounds::countable(month.calendar(), month.year(), other.year(), largest)?;
            let found = match what {
                "until" => month.until(&other, settings)?,
                _ => month.since(&other, settings)?,
            };
            Ok(found.to_text().into())
        }
        "compare" => {
            Ok((own()?.compare_iso(&PlainYearMonth::from_text(args.text(1)?)?) as i8).into())
        }
        "toString" => Ok(own()?.to_ixdtf_string(args.option(1)?).into()),
        "toPlainDate" => {
            let fields = args.fields(1, Overflow::Constrain)?;
            Ok(own()?.to_plain_date(Some(fields.date))?.to_text().into())
        }
        "epoch" => Ok((own()?.epoch_ns_for_utc().0.div_euclid(1_000_000) as f64).into()),
        _ => Err(unknown(what)),
    }
}

pub(crate) fn month_day(what: &str, args: &Arguments<'_>) -> Answered {
    let own = || PlainMonthDay::from_text(args.text(0)?);
    let text = |day: PlainMonthDay| Ok(Answer::Text(day.to_text()));
    match what {
        "new" => {
            let calendar = calendar(args.text(2)?)?;
            let (month, day, year) = (args.whole(0)?, args.whole(1)?, args.whole(3)?);
            // A day that is within what dates can be.
            PlainDate::try_new(year, month, day, Calendar::ISO)?;
            let reject = Overflow::Reject;
            text(PlainMonthDay::new_with_overflow(month, day, calendar, reject, Some(year))?)
        }
        "parse" => text(PlainMonthDay::from_utf8(args.text(0)?.as_bytes())?),
        "fields" => {
            let calendar = calendar(args.text(0)?)?;
            let overflow = args.option(2)?;
            let fields = args.fields(1, overflow)?.bounded(calendar.is_iso());
            text(calendar.month_day_from_fields(fields.date, overflow)?)
        }
        "with" => {
            let (day, overflow) = (own()?, args.option(2)?);
            let fields = args.fields(1, overflow)?.bounded(day.calendar().is_iso());
            text(day.with(fields.date, Some(overflow))?)
        }
        "get" => {
            let day = own()?;
            Ok(match args.text(1)? {
                "calendarId" => day.calendar_id().into(),
                "monthCode" => day.month_code().as_str().into(),
                "day" => day.day().into(),
                name => return Err(unknown(name)),
            })
        }
        "toString" => Ok(own()?.to_ixdtf_string(args.option(1)?).into()),
        "toPlainDate" => {
            let day = own()?;
            let fields = args.fields(1, Overflow::Constrain)?.bounded(day.calendar().is_iso());
            Ok(day.to_plain_date(Some(fields.date))?.to_text().into())
        }
        "epoch" => Ok((own()?.epoch_ns_for_utc().0.div_euclid(1_000_000) as f64).into()),
        _ => Err(unknown(what)),
    }
}
