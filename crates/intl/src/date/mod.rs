//! `Intl.DateTimeFormat`: how days and times are written.
//!
//! ICU4X writes dates by "semantic skeletons", which have no place for most combinations that
//! ECMA-402 has (a numeric month beside a short weekday, say) and pad days where CLDR's patterns do
//! not. So patterns and names are CLDR's own (`data/dates.txt`), chosen as CLDR says (UTS 35, part 4,
//! "Matching Skeletons"); calendars and names of time zones are ICU4X's, the zones' clocks jiff's.
//!
//! Must not know how a guest gave its options.

mod calendar;
mod format;
mod names;
mod options;
mod ranges;
mod resolve;
mod skeleton;
mod zone;

pub(crate) use calendar::SUPPORTED as CALENDARS;
pub(crate) use format::DateFormat;
pub(crate) use resolve::{resolve, usual_hours};
pub(crate) use zone::{canonical as canonical_zone, offset_at};
