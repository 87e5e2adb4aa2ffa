//! Patterns of units, from `data/units.txt`.

use super::options::Width;
use crate::table::Table;
use crate::words::category_name;
use icu::plurals::PluralCategory;
use icu_provider::DataLocale;

static UNITS: Table = Table(include_str!("../../data/units.txt"));

/// The simple units that ECMA-402 sanctions (its table 2).
pub(crate) const SANCTIONED: [&str; 45] = [
    "acre",
    "bit",
    "byte",
    "celsius",
    "centimeter",
    "day",
    "degree",
    "fahrenheit",
    "fluid-ounce",
    "foot",
    "gallon",
    "gigabit",
    "gigabyte",
    "gram",
    "hectare",
    "hour",
    "inch",
    "kilobit",
    "kilobyte",
    "kilogram",
    "kilometer",
    "liter",
    "megabit",
    "megabyte",
    "meter",
    "microsecond",
    "mile",
    "mile-scandinavian",
    "milliliter",
    "millimeter",
    "millisecond",
    "minute",
    "month",
    "nanosecond",
    "ounce",
    "percent",
    "petabyte",
    "pound",
    "second",
    "stone",
    "terabit",
    "terabyte",
    "week",
    "yard",
    "year",
];

/// Whether a unit, or both halves of `x-per-y`, are sanctioned.
pub(crate) fn is_sanctioned(unit: &str) -> bool {
    match unit.split_once("-per-") {
        Some((what, per)) => SANCTIONED.contains(&what) && SANCTIONED.contains(&per),
        None => SANCTIONED.contains(&unit),
    }
}

/// The patterns of a unit: `{0}` is the number.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    patterns: Vec<(&'static str, &'static str)>,
    /// What a pattern is put into: `{0}/h`.
    per: Option<String>,
}

fn variants(
    unit: &str,
    width: Width,
    locale: &DataLocale,
) -> Option<Vec<(&'static str, &'static str)>> {
    let text = UNITS.inherited(&format!("{unit}/{}", width.name()), locale)?;
    Some(text.split('|').filter_map(|variant| variant.split_once('=')).collect())
}

fn pick(variants: &[(&'static str, &'static str)], count: &str) -> Option<&'static str> {
    let of =
        |wanted| variants.iter().find(|(count, _)| *count == wanted).map(|(_, pattern)| *pattern);
    of(count).or_else(|| of("other"))
}

impl Unit {
    pub(crate) fn new(unit: &str, width: Width, locale: &DataLocale) -> Option<Unit> {
        if let Some(patterns) = variants(unit, width, locale) {
            return Some(Unit { patterns, per: None });
        }
        let (what, by) = unit.split_once("-per-")?;
        let patterns = variants(what, width, locale)?;
        let divisor = variants(by, width, locale)?;
        let own = divisor
            .iter()
            .find(|(count, _)| *count == "per")
            .map(|(_, pattern)| (*pattern).to_owned());
        let per = own.or_else(|| {
            let joined = UNITS.inherited(&format!("per/{}", width.name()), locale)?;
            let name = pick(&divisor, "one")?.replace("{0}", "");
            Some(joined.replace("{1}", name.trim_matches([' ', '\u{a0}', '\u{202f}'])))
        })?;
        Some(Unit { patterns, per: Some(per) })
    }

    /// The pattern for a plural category.
    pub(crate) fn pattern(&self, category: PluralCategory) -> String {
        let pattern = pick(&self.patterns, category_name(category)).unwrap_or("{0}");
        match &self.per {
            Some(per) => per.replace("{0}", pattern),
            None => pattern.to_owned(),
        }
    }
}
