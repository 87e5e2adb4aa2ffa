//! `Intl.PluralRules`, `Intl.ListFormat` and `Intl.RelativeTimeFormat`: the words around counts.

use crate::data::load;
use crate::error::{Error, range};
use crate::locale::{data_locale, parse};
use crate::number::NumberFormat;
use crate::number::options::{Digits, Notation, Width};
use crate::number::rounding::{self, Number};
use crate::out::Out;
use icu::experimental::provider::Baked;
use icu::experimental::relativetime::provider::*;
use icu::list::ListFormatter;
use icu::list::options::{ListFormatterOptions, ListLength};
use icu::list::parts::ELEMENT;
use icu::pattern::PatternItem;
use icu::plurals::{PluralCategory, PluralOperands, PluralRuleType, PluralRulesWithRanges};
use icu_provider::marker::ErasedMarker;
use icu_provider::{DataLocale, DataPayload};
use serde::Deserialize;
use writeable::{Part, PartsWrite, Writeable};

/// The name that CLDR gives a plural category.
pub(crate) fn category_name(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Cardinal,
    Ordinal,
}

#[derive(Debug, Deserialize)]
struct PluralOptions {
    locale: String,
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    notation: Notation,
    #[serde(flatten)]
    digits: Digits,
}

/// Plural rules of a locale, for numbers as they would be shown.
#[derive(Debug)]
pub(crate) struct Plurals {
    digits: Digits,
    notation: Notation,
    rules: PluralRulesWithRanges<icu::plurals::PluralRules>,
}

impl Plurals {
    pub(crate) fn new(key: &str) -> Result<Plurals, Error> {
        let options: PluralOptions = options(key)?;
        let kind = match options.kind {
            Kind::Cardinal => PluralRuleType::Cardinal,
            Kind::Ordinal => PluralRuleType::Ordinal,
        };
        let locale = parse(&options.locale)?;
        let rules = PluralRulesWithRanges::try_new(locale.into(), kind.into())
            .map_err(|_| range(format!("no plural rules for {}", options.locale)))?;
        Ok(Plurals { digits: options.digits, notation: options.notation, rules })
    }

    fn operands(&self, number: &Number) -> Option<PluralOperands> {
        let Number::Finite(value) = number else { return None };
        if self.notation == Notation::Compact {
            // The rules of a compact number are those of what it stands for.
            let mut shown = value.clone();
            shown.absolute.round(rounding::top(value) - 1);
            return Some((&shown).into());
        }
        Some((&rounding::round(value, &self.digits)).into())
    }

    fn category(&self, number: &Number) -> PluralCategory {
        self.operands(number)
            .map_or(PluralCategory::Other, |operands| self.rules.rules().category_for(operands))
    }

    pub(crate) fn select(&self, number: &Number) -> &'static str {
        category_name(self.category(number))
    }

    pub(crate) fn select_range(&self, start: &Number, end: &Number) -> Result<&'static str, Error> {
        if matches!(start, Number::Nan) || matches!(end, Number::Nan) {
            return Err(range("a range cannot begin or end with NaN"));
        }
        Ok(category_name(self.rules.resolve_range(self.category(start), self.category(end))))
    }

    /// All categories of the rules, the general one last.
    pub(crate) fn categories(&self) -> Vec<&'static str> {
        let all = ["zero", "one", "two", "few", "many", "other"];
        let own: Vec<_> = self.rules.rules().categories().map(category_name).collect();
        all.into_iter().filter(|name| own.contains(name)).collect()
    }
}

fn options<'a, T: Deserialize<'a>>(key: &'a str) -> Result<T, Error> {
    serde_json::from_str(key).map_err(|error| range(format!("options that are none: {error}")))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Join {
    Conjunction,
    Disjunction,
    Unit,
}

#[derive(Debug, Deserialize)]
struct ListOptions {
    locale: String,
    #[serde(rename = "type")]
    kind: Join,
    style: Width,
}

/// A formatter of lists.
#[derive(Debug)]
pub(crate) struct List(ListFormatter);

impl List {
    pub(crate) fn new(key: &str) -> Result<List, Error> {
        let options: ListOptions = options(key)?;
        let length = match options.style {
            Width::Long => ListLength::Wide,
            Width::Short => ListLength::Short,
            Width::Narrow => ListLength::Narrow,
        };
        let with = ListFormatterOptions::default().with_length(length);
        let locale = parse(&options.locale)?;
        let made = match options.kind {
            Join::Conjunction => ListFormatter::try_new_and(locale.into(), with),
            Join::Disjunction => ListFormatter::try_new_or(locale.into(), with),
            Join::Unit => ListFormatter::try_new_unit(locale.into(), with),
        };
        made.map(List).map_err(|_| range(format!("no lists for {}", options.locale)))
    }

    pub(crate) fn format(&self, items: &[&str], out: &mut Out) {
        if !out.has_parts() {
            out.text = self.0.format_to_string(items.iter());
            return;
        }
        let mut sink = Sink { out, element: false };
        let _ = self.0.format(items.iter()).write_to_parts(&mut sink);
    }
}

/// Takes the parts of a list.
struct Sink<'a> {
    out: &'a mut Out,
    element: bool,
}

impl std::fmt::Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.out.push_whole(if self.element { "element" } else { "literal" }, text);
        Ok(())
    }
}

impl PartsWrite for Sink<'_> {
    type SubPartsWrite = Self;

    fn with_part(
        &mut self,
        part: Part,
        mut write: impl FnMut(&mut Self) -> std::fmt::Result,
    ) -> std::fmt::Result {
        let before = self.element;
        self.element |= part == ELEMENT;
        let written = write(self);
        self.element = before;
        written
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RelativeOptions {
    locale: String,
    numbering_system: String,
    style: Width,
    numeric: String,
}

/// A formatter of times as seen from now.
#[derive(Debug)]
pub(crate) struct Relative {
    locale: DataLocale,
    style: Width,
    auto: bool,
    numbers: NumberFormat,
}

type Patterns = DataPayload<ErasedMarker<RelativeTimePatternData<'static>>>;

impl Relative {
    pub(crate) fn new(key: &str) -> Result<Relative, Error> {
        let options: RelativeOptions = options(key)?;
        let numbers = serde_json::json!({
            "locale": options.locale, "numberingSystem": options.numbering_system, "style": "decimal",
            "minimumFractionDigits": 0, "maximumFractionDigits": 3,
        });
        let numbers = NumberFormat::new(self::options(&numbers.to_string())?)?;
        let auto = options.numeric == "auto";
        Ok(Relative { locale: data_locale(&options.locale)?, style: options.style, auto, numbers })
    }

    fn patterns(&self, unit: &str) -> Option<Patterns> {
        macro_rules! find {
            ($long:ty, $short:ty, $narrow:ty) => {
                match self.style {
                    Width::Long => {
                        load::<$long>(&Baked, "", &self.locale).map(|found| found.cast())
                    }
                    Width::Short => {
                        load::<$short>(&Baked, "", &self.locale).map(|found| found.cast())
                    }
                    Width::Narrow => {
                        load::<$narrow>(&Baked, "", &self.locale).map(|found| found.cast())
                    }
                }
            };
        }
        match unit {
            "second" => find!(
                DatetimeRelativeSecondLongV1,
                DatetimeRelativeSecondShortV1,
                DatetimeRelativeSecondNarrowV1
            ),
            "minute" => find!(
                DatetimeRelativeMinuteLongV1,
                DatetimeRelativeMinuteShortV1,
                DatetimeRelativeMinuteNarrowV1
            ),
            "hour" => find!(
                DatetimeRelativeHourLongV1,
                DatetimeRelativeHourShortV1,
                DatetimeRelativeHourNarrowV1
            ),
            "day" => find!(
                DatetimeRelativeDayLongV1,
                DatetimeRelativeDayShortV1,
                DatetimeRelativeDayNarrowV1
            ),
            "week" => find!(
                DatetimeRelativeWeekLongV1,
                DatetimeRelativeWeekShortV1,
                DatetimeRelativeWeekNarrowV1
            ),
            "month" => find!(
                DatetimeRelativeMonthLongV1,
                DatetimeRelativeMonthShortV1,
                DatetimeRelativeMonthNarrowV1
            ),
            "quarter" => find!(
                DatetimeRelativeQuarterLongV1,
                DatetimeRelativeQuarterShortV1,
                DatetimeRelativeQuarterNarrowV1
            ),
            "year" => find!(
                DatetimeRelativeYearLongV1,
                DatetimeRelativeYearShortV1,
                DatetimeRelativeYearNarrowV1
            ),
            _ => None,
        }
    }

    /// Writes `value` units from now; negative ones are past.
    pub(crate) fn format(&self, value: f64, unit: &str, out: &mut Out) -> Result<(), Error> {
        let patterns =
            self.patterns(unit).ok_or_else(|| range(format!("Invalid unit argument '{unit}'")))?;
        let patterns = patterns.get();
        if self.auto
            && value.fract() == 0.0
            && value.abs() <= 2.0
            && let Some(name) = patterns.get_relative(value as i8)
        {
            out.push_whole("literal", name);
            return Ok(());
        }
        let number = Number::from_f64(value.abs());
        let direction = if value.is_sign_negative() { &patterns.past } else { &patterns.future };
        let pattern = direction.get(self.numbers.shown_operands(&number), self.numbers.plurals());
        for item in pattern.iter() {
            match item {
                PatternItem::Placeholder(_) => self.numbers.format(&number, out),
                PatternItem::Literal(text) => out.push_whole("literal", text),
            }
        }
        Ok(())
    }
}
