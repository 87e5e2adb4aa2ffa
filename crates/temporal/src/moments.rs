//! `Instant`, `ZonedDateTime`, and the names of zones, calendars and offsets.

use crate::arguments::Arguments;
use crate::bounds;
use crate::dates::{self, calendar};
use crate::error::Error;
use crate::state::{State, zone};
use crate::times::clock;
use crate::zones::Zones;
use crate::{Answer, unknown};
use temporal_rs::fields::ZonedDateTimeFields;
use temporal_rs::options::{Disambiguation, OffsetDisambiguation, Overflow, Unit};
use temporal_rs::parsed_intermediates::ParsedZonedDateTime;
use temporal_rs::partial::PartialZonedDateTime;
use temporal_rs::{Calendar, Duration, Instant, PlainTime, TimeZone, UtcOffset, ZonedDateTime};

type Answered = Result<Answer, Error>;

pub(crate) fn instant(what: &str, args: &Arguments<'_>) -> Answered {
    let own = || Instant::from_text(args.text(0)?);
    let text = |instant: Instant| Ok(Answer::Text(instant.to_text()));
    match what {
        "new" => text(own()?),
        "parse" => text(Instant::from_utf8(args.text(0)?.as_bytes())?),
        "milliseconds" => text(Instant::from_epoch_milliseconds(args.whole(0)?)?),
        "epochMilliseconds" | "epoch" => Ok((own()?.epoch_milliseconds() as f64).into()),
        "add" => text(own()?.add(&Duration::from_text(args.text(1)?)?)?),
        "subtract" => text(own()?.subtract(&Duration::from_text(args.text(1)?)?)?),
        "until" | "since" => {
            let (instant, other) = (own()?, Instant::from_text(args.text(1)?)?);
            let settings = args.difference(2)?;
            let found = match what {
                "until" => instant.until(&other, settings)?,
                _ => instant.since(&other, settings)?,
            };
            Ok(found.to_text().into())
        }
        "round" => text(own()?.round(args.rounding(1)?)?),
        "compare" => Ok((own()?.cmp(&Instant::from_text(args.text(1)?)?) as i8).into()),
        "toString" => {
            let zone = args.optional(2).map(zone).transpose()?;
            let printing = args.printing(1)?;
            Ok(own()?.to_ixdtf_string_with_provider(zone, printing, &Zones)?.into())
        }
        _ => Err(unknown(what)),
    }
}

pub(crate) fn zoned(what: &str, args: &Arguments<'_>) -> Answered {
    let own = || ZonedDateTime::from_text(args.text(0)?);
    let text = |zoned: ZonedDateTime| Ok(Answer::Text(zoned.to_text()));
    match what {
        "new" => text(own()?),
        "check" => {
            ParsedZonedDateTime::from_utf8_with_provider(args.text(0)?.as_bytes(), &Zones)?;
            Ok(Answer::Nothing)
        }
        "parse" => text(ZonedDateTime::from_utf8_with_provider(
            args.text(0)?.as_bytes(),
            args.option(1)?,
            args.option(2)?,
            &Zones,
        )?),
        "fields" => {
            let calendar = calendar(args.text(0)?)?;
            let overflow: Overflow = args.option(3)?;
            let fields = args.fields(2, overflow)?.bounded(calendar.is_iso());
            let mut partial = PartialZonedDateTime::new();
            partial.calendar = calendar;
            partial.timezone = Some(zone(args.text(1)?)?);
            partial.fields.calendar_fields = fields.date;
            partial.fields.time = fields.time;
            partial.fields.offset = fields.offset;
            text(ZonedDateTime::from_partial_with_provider(
                partial,
                Some(overflow),
                Some(args.option::<Disambiguation>(4)?),
                Some(args.option::<OffsetDisambiguation>(5)?),
                &Zones,
            )?)
        }
        "with" => {
            let (own, overflow) = (own()?, args.option::<Overflow>(2)?);
            let fields = args.fields(1, overflow)?.bounded(own.calendar().is_iso());
            let mut given = ZonedDateTimeFields::new();
            given.calendar_fields = fields.date;
            given.time = fields.time;
            given.offset = fields.offset;
            text(own.with_with_provider(
                given,
                Some(args.option::<Disambiguation>(3)?),
                Some(args.option::<OffsetDisambiguation>(4)?),
                Some(overflow),
                &Zones,
            )?)
        }
        "get" => {
            let (own, name) = (own()?, args.text(1)?);
            Ok(match name {
                "timeZoneId" => own.time_zone().identifier_with_provider(&Zones)?.into(),
                "offset" => own.offset().into(),
                "offsetNanoseconds" => own.offset_nanoseconds().into(),
                "epochMilliseconds" => own.epoch_milliseconds().into(),
                "epochNanoseconds" => own.epoch_nanoseconds().0.to_string().into(),
                "hoursInDay" => own.hours_in_day_with_provider(&Zones)?.into(),
                _ => {
                    return clock(&own.to_plain_time(), name)
                        .or_else(|_| dates::get(own.calendar(), &own.to_plain_date(), name));
                }
            })
        }
        "add" => {
            let duration = Duration::from_text(args.text(1)?)?;
            let own = own()?;
            bounds::addable(own.calendar(), &duration)?;
            text(own.add_with_provider(&duration, Some(args.option(2)?), &Zones)?)
        }
        "subtract" => {
            let duration = Duration::from_text(args.text(1)?)?;
            let own = own()?;
            bounds::addable(own.calendar(), &duration)?;
            text(own.subtract_with_provider(&duration, Some(args.option(2)?), &Zones)?)
        }
        "until" | "since" => {
            let (own, other) = (own()?, ZonedDateTime::from_text(args.text(1)?)?);
            let settings = args.difference(2)?;
            let largest =
                bounds::largest(settings.largest_unit, settings.smallest_unit, Unit::Hour);
            let largest = bounds::in_zone(largest);
            bounds::countable(own.calendar(), own.year(), other.year(), largest)?;
            let found = match what {
                "until" => own.until_with_provider(&other, settings, &Zones)?,
                _ => own.since_with_provider(&other, settings, &Zones)?,
            };
            Ok(found.to_text().into())
        }
        "round" => text(own()?.round_with_provider(args.rounding(1)?, &Zones)?),
        "compare" => {
            Ok((own()?.compare_instant(&ZonedDateTime::from_text(args.text(1)?)?) as i8).into())
        }
        "equals" => {
            let other = ZonedDateTime::from_text(args.text(1)?)?;
            Ok(own()?.equals_with_provider(&other, &Zones)?.into())
        }
        "withCalendar" => text(own()?.with_calendar(calendar(args.text(1)?)?)),
        "withTimeZone" => text(own()?.with_time_zone_with_provider(zone(args.text(1)?)?, &Zones)?),
        "withPlainTime" => {
            let time = args.optional(1).map(PlainTime::from_text).transpose()?;
            text(own()?.with_plain_time_and_provider(time, &Zones)?)
        }
        "startOfDay" => text(own()?.start_of_day_with_provider(&Zones)?),
        "transition" => {
            let direction = args.option(1)?;
            let found = own()?.get_time_zone_transition_with_provider(direction, &Zones)?;
            Ok(found.map(|found| found.to_text()).into())
        }
        "toString" => {
            let printing = args.printing(1)?;
            let (calendar, offset, zone) = (args.option(2)?, args.option(3)?, args.option(4)?);
            Ok(own()?
                .to_ixdtf_string_with_provider(offset, zone, calendar, printing, &Zones)?
                .into())
        }
        "toInstant" => Ok(own()?.to_instant().to_text().into()),
        "toPlainDate" => Ok(own()?.to_plain_date().to_text().into()),
        "toPlainTime" => Ok(own()?.to_plain_time().to_text().into()),
        "toPlainDateTime" => Ok(own()?.to_plain_date_time().to_text().into()),
        _ => Err(unknown(what)),
    }
}

/// What names stand for.
pub(crate) fn names(operation: &str, args: &Arguments<'_>) -> Answered {
    match operation {
        "zone.parse" => {
            let zone = TimeZone::try_from_str_with_provider(args.text(0)?, &Zones)?;
            Ok(zone.identifier_with_provider(&Zones)?.into())
        }
        "zone.identifier" => Ok(zone(args.text(0)?)?.identifier_with_provider(&Zones)?.into()),
        "calendar.parse" => Ok(args.text(0)?.parse::<Calendar>()?.identifier().into()),
        "calendar.identifier" => Ok(calendar(args.text(0)?)?.identifier().into()),
        "offset.check" => {
            UtcOffset::from_utf8(args.text(0)?.as_bytes())?;
            Ok(Answer::Nothing)
        }
        _ => Err(unknown(operation)),
    }
}
