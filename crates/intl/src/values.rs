//! `Intl.supportedValuesOf`: all values of a kind that there is data for (ECMA-402, section 8.3.2).

use crate::collation;
use crate::date;
use crate::error::{Error, range};
use crate::number::{currency_codes, digits, units};
use icu::time::zone::iana::IanaParserExtended;
use std::collections::BTreeSet;

/// The values of a kind, sorted, each once.
pub(crate) fn supported(kind: &str) -> Result<Vec<String>, Error> {
    let mut values: Vec<String> = match kind {
        "calendar" => owned(&date::CALENDARS),
        "collation" => {
            owned(&collation::NAMED).into_iter().filter(|n| collation::is_anywhere(n)).collect()
        }
        "currency" => currency_codes(),
        "numberingSystem" => owned(&digits::systems()),
        "timeZone" => time_zones(),
        "unit" => owned(&units::SANCTIONED),
        _ => return Err(range(format!("Invalid key : {kind}"))),
    };
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The name under which a zone is a zone of its own: `Europe/Oslo` is not `Europe/Berlin`, and
/// `Asia/Calcutta` is `Asia/Kolkata`. None for what is no zone here.
pub fn primary_zone(name: &str) -> Option<String> {
    let known = IanaParserExtended::new().parse(name);
    let name = if known.time_zone.is_unknown() { name } else { known.canonical };
    Some(sandtide_zone::Zone::new(name).ok()?.name().to_owned())
}

fn time_zones() -> Vec<String> {
    let names: BTreeSet<String> =
        sandtide_zone::names().iter().filter_map(|name| primary_zone(name)).collect();
    names.into_iter().collect()
}
