//! Time zones for temporal_rs, from the data that `Date` and `Intl` have.

use sandtide_zone::{UTC, Wall, Zone};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;
use temporal_rs::provider::{
    CandidateEpochNanoseconds, EpochNanosecondsAndOffset, GapEntryOffsets, TimeZoneId,
    TimeZoneProvider, TransitionDirection, UtcOffsetSeconds,
};
use temporal_rs::unix_time::EpochNanoseconds;
use timezone_provider::TimeZoneProviderError;
use timezone_provider::provider::{IsoDateTime, NormalizedId, ResolvedId};

const SECOND: i128 = 1_000_000_000;

/// All names, sorted: the number of a zone is its place here.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(sandtide_zone::all_names);

/// The places of names, in lower case.
static PLACES: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    NAMES.iter().enumerate().map(|(place, name)| (name.to_ascii_lowercase(), place)).collect()
});

thread_local! {
    static ZONES: RefCell<HashMap<usize, Zone>> = RefCell::default();
}

/// The number of [`UTC`], which most runs need alone: it takes no list of names.
const UTC_PLACE: usize = usize::MAX;

type Answer<T> = Result<T, TimeZoneProviderError>;

/// The zones of [`sandtide_zone`].
#[derive(Debug)]
pub(crate) struct Zones;

fn with<T>(id: TimeZoneId, act: impl FnOnce(&Zone) -> T) -> Answer<T> {
    ZONES.with_borrow_mut(|zones| {
        if let Some(zone) = zones.get(&id.resolved.0) {
            return Ok(act(zone));
        }
        let zone = Zone::new(name(id.resolved.0))
            .map_err(|_| TimeZoneProviderError::Range("no such time zone"))?;
        Ok(act(zones.entry(id.resolved.0).or_insert(zone)))
    })
}

fn name(place: usize) -> &'static str {
    match place {
        UTC_PLACE => UTC,
        _ => NAMES.get(place).map_or(UTC, String::as_str),
    }
}

/// The number of a name in any case.
fn number(name: &str) -> Answer<TimeZoneId> {
    let place = match name.eq_ignore_ascii_case(UTC) {
        true => Some(UTC_PLACE),
        false => PLACES.get(&name.to_ascii_lowercase()).copied(),
    };
    let place = place.ok_or(TimeZoneProviderError::Range("there is no such time zone"))?;
    Ok(TimeZoneId { normalized: NormalizedId(place), resolved: ResolvedId(place) })
}

fn at(wall: i128, offset: i32) -> EpochNanosecondsAndOffset {
    let offset = i64::from(offset);
    EpochNanosecondsAndOffset {
        ns: EpochNanoseconds(wall - i128::from(offset) * SECOND),
        offset: UtcOffsetSeconds(offset),
    }
}

fn seconds(nanoseconds: i128) -> i64 {
    i64::try_from(nanoseconds.div_euclid(SECOND)).unwrap_or(0)
}

impl TimeZoneProvider for Zones {
    fn get(&self, ident: &[u8]) -> Answer<TimeZoneId> {
        number(std::str::from_utf8(ident).unwrap_or_default())
    }

    fn identifier(&self, id: TimeZoneId) -> Answer<Cow<'_, str>> {
        Ok(Cow::Borrowed(name(id.normalized.0)))
    }

    fn canonicalized(&self, id: TimeZoneId) -> Answer<TimeZoneId> {
        match sandtide_intl::primary_zone(name(id.normalized.0)) {
            Some(primary) => number(&primary),
            None => Ok(id),
        }
    }

    fn candidate_nanoseconds_for_local_epoch_nanoseconds(
        &self,
        id: TimeZoneId,
        local: IsoDateTime,
    ) -> Answer<CandidateEpochNanoseconds> {
        let wall = local.as_nanoseconds().0;
        with(id, |zone| match zone.wall(seconds(wall)) {
            Wall::One(offset) => CandidateEpochNanoseconds::One(at(wall, offset)),
            Wall::Fold { before, after } => {
                CandidateEpochNanoseconds::Two([at(wall, before), at(wall, after)])
            }
            Wall::Gap { before, after } => {
                // What the old offset makes of it is behind the change.
                let behind = seconds(at(wall, before).ns.0);
                let change = zone.change(behind + 1, false).unwrap_or(behind);
                CandidateEpochNanoseconds::Zero(GapEntryOffsets {
                    offset_before: UtcOffsetSeconds(before.into()),
                    offset_after: UtcOffsetSeconds(after.into()),
                    transition_epoch: EpochNanoseconds(i128::from(change) * SECOND),
                })
            }
        })
    }

    fn transition_nanoseconds_for_utc_epoch_nanoseconds(
        &self,
        id: TimeZoneId,
        epoch: i128,
    ) -> Answer<UtcOffsetSeconds> {
        let millis = i64::try_from(epoch.div_euclid(1_000_000)).unwrap_or(0);
        with(id, |zone| UtcOffsetSeconds(zone.offset(millis).into()))
    }

    fn get_time_zone_transition(
        &self,
        id: TimeZoneId,
        epoch: i128,
        direction: TransitionDirection,
    ) -> Answer<Option<EpochNanoseconds>> {
        let next = matches!(direction, TransitionDirection::Next);
        // A change in the middle of a second is before its end.
        let whole = seconds(epoch);
        let from = if next || epoch.rem_euclid(SECOND) == 0 { whole } else { whole + 1 };
        let found = with(id, |zone| zone.change(from, next))?;
        Ok(found.map(|second| EpochNanoseconds(i128::from(second) * SECOND)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_has_one_number_however_it_is_written() {
        for (written, known) in
            [("UTC", "UTC"), ("utc", "UTC"), ("europe/BERLIN", "Europe/Berlin"), ("GMT", "GMT")]
        {
            let id = Zones.get(written.as_bytes()).unwrap();
            assert_eq!(Zones.identifier(id).unwrap(), known, "{written}");
            assert_eq!(number(known).unwrap(), id, "{written}");
        }
        let gmt = Zones.canonicalized(number("GMT").unwrap()).unwrap();
        assert_eq!(gmt, number("UTC").unwrap());
        assert!(Zones.get(b"Mars/Olympus").is_err());
    }
}
