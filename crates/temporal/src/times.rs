//! `PlainTime`, `PlainDateTime`, `Duration`.

use crate::arguments::Arguments;
use crate::bounds;
use crate::dates::{self, calendar};
use crate::error::{Error, range};
use crate::state::{State, zone};
use crate::zones::Zones;
use crate::{Answer, unknown};
use temporal_rs::fields::DateTimeFields;
use temporal_rs::options::{RelativeTo, Unit};
use temporal_rs::partial::PartialDateTime;
use temporal_rs::{Duration, PlainDateTime, PlainTime, Sign};

type Answered = Result<Answer, Error>;

pub(crate) fn time(what: &str, args: &Arguments<'_>) -> Answered {
    let own = || PlainTime::from_text(args.text(0)?);
    let text = |time: PlainTime| Ok(Answer::Text(time.to_text()));
    match what {
        "new" => text(PlainTime::try_new(
            args.whole(0)?,
            args.whole(1)?,
            args.whole(2)?,
            args.whole(3)?,
            args.whole(4)?,
            args.whole(5)?,
        )?),
        "parse" => text(PlainTime::from_utf8(args.text(0)?.as_bytes())?),
        "fields" => {
            let overflow = args.option(1)?;
            let fields = args.fields(0, overflow)?;
            text(PlainTime::default().with(fields.time, Some(overflow))?)
        }
        "with" => {
            let overflow = args.option(2)?;
            text(own()?.with(args.fields(1, overflow)?.time, Some(overflow))?)
        }
        "get" => clock(&own()?, args.text(1)?),
        "add" => text(own()?.add(&Duration::from_text(args.text(1)?)?)?),
        "subtract" => text(own()?.subtract(&Duration::from_text(args.text(1)?)?)?),
        "until" | "since" => {
            let (time, other) = (own()?, PlainTime::from_text(args.text(1)?)?);
            let settings = args.difference(2)?;
            let found = match what {
                "until" => time.until(&other, settings)?,
                _ => time.since(&other, settings)?,
            };
            Ok(found.to_text().into())
        }
        "round" => text(own()?.round(args.rounding(1)?)?),
        "compare" => Ok((own()?.cmp(&PlainTime::from_text(args.text(1)?)?) as i8).into()),
        "toString" => Ok(own()?.to_ixdtf_string(args.printing(1)?)?.into()),
        "epoch" => Ok((own()?.epoch_ns_for_utc().0.div_euclid(1_000_000) as f64).into()),
        _ => Err(unknown(what)),
    }
}

/// What a clock shows.
pub(crate) fn clock(time: &PlainTime, name: &str) -> Answered {
    Ok(match name {
        "hour" => time.hour().into(),
        "minute" => time.minute().into(),
        "second" => time.second().into(),
        "millisecond" => time.millisecond().into(),
        "microsecond" => time.microsecond().into(),
        "nanosecond" => time.nanosecond().into(),
        _ => return Err(unknown(name)),
    })
}

pub(crate) fn date_time(what: &str, args: &Arguments<'_>) -> Answered {
    let own = || PlainDateTime::from_text(args.text(0)?);
    let text = |time: PlainDateTime| Ok(Answer::Text(time.to_text()));
    match what {
        "new" => {
            let calendar = calendar(args.text(9)?)?;
            text(PlainDateTime::try_new(
                args.whole(0)?,
                args.whole(1)?,
                args.whole(2)?,
                args.whole(3)?,
                args.whole(4)?,
                args.whole(5)?,
                args.whole(6)?,
                args.whole(7)?,
                args.whole(8)?,
                calendar,
            )?)
        }
        "parse" => text(PlainDateTime::from_utf8(args.text(0)?.as_bytes())?),
        "fields" => {
            let calendar = calendar(args.text(0)?)?;
            let overflow = args.option(2)?;
            let fields = args.fields(1, overflow)?.bounded(calendar.is_iso());
            let fields = DateTimeFields { calendar_fields: fields.date, time: fields.time };
            let partial = PartialDateTime { fields, calendar };
            text(PlainDateTime::from_partial(partial, Some(overflow))?)
        }
        "with" => {
            let (own, overflow) = (own()?, args.option(2)?);
            let fields = args.fields(1, overflow)?.bounded(own.calendar().is_iso());
            let fields = DateTimeFields { calendar_fields: fields.date, time: fields.time };
            text(own.with(fields, Some(overflow))?)
        }
        "get" => {
            let (own, name) = (own()?, args.text(1)?);
            clock(&own.to_plain_time(), name)
                .or_else(|_| dates::get(own.calendar(), &own.to_plain_date(), name))
        }
        "add" => {
            let duration = Duration::from_text(args.text(1)?)?;
            let time = own()?;
            bounds::addable(time.calendar(), &duration)?;
            text(time.add(&duration, Some(args.option(2)?))?)
        }
        "subtract" => {
            let duration = Duration::from_text(args.text(1)?)?;
            let time = own()?;
            bounds::addable(time.calendar(), &duration)?;
            text(time.subtract(&duration, Some(args.option(2)?))?)
        }
        "until" | "since" => {
            let (time, other) = (own()?, PlainDateTime::from_text(args.text(1)?)?);
            let settings = args.difference(2)?;
            let largest = bounds::largest(settings.largest_unit, settings.smallest_unit, Unit::Day);
            bounds::countable(time.calendar(), time.year(), other.year(), largest)?;
            let found = match what {
                "until" => time.until(&other, settings)?,
                _ => time.since(&other, settings)?,
            };
            Ok(found.to_text().into())
        }
        "round" => text(own()?.round(args.rounding(1)?)?),
        "compare" => {
            Ok((own()?.compare_iso(&PlainDateTime::from_text(args.text(1)?)?) as i8).into())
        }
        "withCalendar" => text(own()?.with_calendar(calendar(args.text(1)?)?)),
        "withPlainTime" => {
            text(own()?.with_time(args.optional(1).map(PlainTime::from_text).transpose()?)?)
        }
        "toString" => Ok(own()?.to_ixdtf_string(args.printing(1)?, args.option(2)?)?.into()),
        "toPlainDate" => Ok(own()?.to_plain_date().to_text().into()),
        "toPlainTime" => Ok(own()?.to_plain_time().to_text().into()),
        "toZonedDateTime" => {
            let (zone, choice) = (zone(args.text(1)?)?, args.option(2)?);
            let zoned = own()?.to_zoned_date_time_with_provider(zone, choice, &Zones)?;
            Ok(zoned.to_text().into())
        }
        "epoch" => Ok((own()?.epoch_ns_for_utc().0.div_euclid(1_000_000) as f64).into()),
        _ => Err(unknown(what)),
    }
}

/// A number that temporal_rs has room for in 64 bits, or in 128.
fn whole<T: TryFrom<i128>>(number: f64) -> Result<T, Error> {
    if number.abs() > 1e30 {
        return range("a duration is out of range");
    }
    T::try_from(number as i128).or_else(|_| range("a duration is out of range"))
}

pub(crate) fn duration(what: &str, args: &Arguments<'_>) -> Answered {
    let own = || Duration::from_text(args.text(0)?);
    let text = |duration: Duration| Ok(Answer::Text(duration.to_text()));
    let relative = |index| args.optional(index).map(RelativeTo::from_text).transpose();
    match what {
        "new" => text(Duration::new(
            whole(args.number(0)?)?,
            whole(args.number(1)?)?,
            whole(args.number(2)?)?,
            whole(args.number(3)?)?,
            whole(args.number(4)?)?,
            whole(args.number(5)?)?,
            whole(args.number(6)?)?,
            whole(args.number(7)?)?,
            whole(args.number(8)?)?,
            whole(args.number(9)?)?,
        )?),
        "parse" => text(Duration::from_utf8(args.text(0)?.as_bytes())?),
        "relative" => {
            let text = args.text(0)?;
            Ok(RelativeTo::try_from_str_with_provider(text, &Zones)?.to_text().into())
        }
        "get" => {
            let own = own()?;
            Ok(match args.text(1)? {
                "years" => own.years().into(),
                "months" => own.months().into(),
                "weeks" => own.weeks().into(),
                "days" => own.days().into(),
                "hours" => own.hours().into(),
                "minutes" => own.minutes().into(),
                "seconds" => own.seconds().into(),
                "milliseconds" => own.milliseconds().into(),
                "microseconds" => own.microseconds().into(),
                "nanoseconds" => own.nanoseconds().into(),
                "sign" => match own.sign() {
                    Sign::Negative => (-1).into(),
                    Sign::Zero => 0.into(),
                    Sign::Positive => 1.into(),
                },
                "blank" => own.is_zero().into(),
                name => return Err(unknown(name)),
            })
        }
        "negated" => text(own()?.negated()),
        "abs" => text(own()?.abs()),
        "add" => text(own()?.add(&Duration::from_text(args.text(1)?)?)?),
        "subtract" => text(own()?.subtract(&Duration::from_text(args.text(1)?)?)?),
        "compare" => {
            let (own, other) = (own()?, Duration::from_text(args.text(1)?)?);
            let relative = relative(2)?;
            bounds::relatable(&own, relative.as_ref(), Unit::Day)?;
            bounds::relatable(&other, relative.as_ref(), Unit::Day)?;
            Ok((own.compare_with_provider(&other, relative, &Zones)? as i8).into())
        }
        "round" => {
            let (own, options, relative) = (own()?, args.rounding(1)?, relative(2)?);
            let by_itself = bounds::largest_of(&own);
            let largest = bounds::largest(options.largest_unit, options.smallest_unit, by_itself);
            bounds::relatable(&own, relative.as_ref(), largest)?;
            text(own.round_with_provider(options, relative, &Zones)?)
        }
        "total" => {
            let (own, unit, relative) = (own()?, args.option::<Unit>(1)?, relative(2)?);
            bounds::relatable(&own, relative.as_ref(), unit)?;
            let total = own.total_with_provider(unit, relative, &Zones)?;
            Ok(total.as_inner().into())
        }
        "toString" => Ok(own()?.as_temporal_string(args.printing(1)?)?.into()),
        _ => Err(unknown(what)),
    }
}
