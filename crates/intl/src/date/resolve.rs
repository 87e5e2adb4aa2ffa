//! Which locale, calendar, digits and hours a date format works with.

use super::calendar::SUPPORTED;
use super::names::DATES;
use crate::error::{Error, range};
use crate::locale::{self, Relevant, Service};
use crate::number::symbols;
use icu::locale::{LanguageIdentifier, LocaleExpander, extensions::unicode::key};

/// Calendars that ECMA-402 knows and that are not written here.
const ABSENT: [&str; 6] = ["chinese", "dangi", "ethioaa", "hebrew", "islamic", "islamic-rgsa"];

/// What a request resolves to.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub(crate) locale: String,
    pub(crate) calendar: String,
    pub(crate) numbering_system: String,
    /// The hours that the request named; empty where it named none.
    pub(crate) hour_cycle: String,
    /// The locale's own hours; those of its half days; those of its whole days.
    pub(crate) locale_cycles: [&'static str; 3],
}

fn of(kind: &str, what: &str) -> Option<&'static str> {
    DATES.get(&format!("{kind}:{what}/und"))
}

/// A locale's region, and the letters of the hours that are usual there.
fn hours(id: &LanguageIdentifier) -> (String, &'static str) {
    let mut id = id.clone();
    LocaleExpander::new_extended().maximize(&mut id);
    let region = id.region.map_or_else(|| "001".to_owned(), |region| region.to_string());
    let preferred = of("hour", &format!("{}-{region}", id.language))
        .or_else(|| of("hour", &region))
        .or_else(|| of("hour", "001"))
        .unwrap_or("H");
    (region, preferred)
}

/// The hours that are usual where a locale is spoken.
pub(crate) fn usual_hours(id: &LanguageIdentifier) -> &'static str {
    match hours(id).1 {
        "h" | "hb" | "hB" => "h12",
        "K" => "h11",
        "k" => "h24",
        _ => "h23",
    }
}

/// Resolves requested tags and options; empty options are none. With `hour12` a cycle of the tag's
/// does not count.
pub(crate) fn resolve(
    tags: &[&str],
    calendar: &str,
    numbering: &str,
    hour_cycle: &str,
    hour12: bool,
) -> Result<Resolved, Error> {
    let resolved = locale::resolve(Service::Numbers, tags)?;
    let calendar = locale::canonical_value("ca", calendar);
    let by_tag = resolved.keyword(key!("ca"));
    for asked in by_tag.as_deref().into_iter().chain([calendar]) {
        if ABSENT.contains(&asked) {
            return Err(range(format!("calendar {asked} is not available")));
        }
    }
    let data = locale::data_locale(&resolved.base)?;
    let (region, preferred) = hours(&locale::parse(&resolved.base)?.id);
    let own = match of("calendar", &region) {
        Some("islamic-umalqura") => "islamic-umalqura",
        Some("persian") => "persian",
        Some("buddhist") => "buddhist",
        _ => "gregory",
    };
    let half_day = if region == "JP" { "h11" } else { "h12" };
    let locale_cycles = match preferred {
        "h" | "hb" | "hB" => ["h12", "h12", "h23"],
        "K" => ["h11", "h11", "h23"],
        "k" => ["h24", half_day, "h24"],
        _ => ["h23", half_day, "h23"],
    };
    let option = |text| Some(text).filter(|text: &&str| !text.is_empty());
    let relevant = [
        Relevant {
            key: "ca",
            option: option(calendar),
            can: &|calendar| SUPPORTED.contains(&calendar),
            default: own.to_owned(),
        },
        Relevant {
            key: "hc",
            option: if hour12 { Some("") } else { option(hour_cycle) },
            can: &|cycle| matches!(cycle, "" | "h11" | "h12" | "h23" | "h24"),
            default: String::new(),
        },
        Relevant {
            key: "nu",
            option: option(numbering),
            can: &symbols::has_digits,
            default: symbols::default_system(&data).to_owned(),
        },
    ];
    let (locale, values) = locale::with_keywords(&resolved, &relevant);
    let [calendar, hour_cycle, numbering_system] =
        values.try_into().map_err(|_| range("a key of a locale has no value"))?;
    Ok(Resolved { locale, calendar, numbering_system, hour_cycle, locale_cycles })
}
