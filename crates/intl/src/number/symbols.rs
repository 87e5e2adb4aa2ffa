//! The digits, signs and patterns of a numbering system in a locale, and plain digits written with
//! them.

pub(crate) use super::digits::digits;
use super::options::{Grouping, Style};
use super::pattern::Pattern;
use crate::out::Out;
use crate::table::Table;
use fixed_decimal::UnsignedDecimal;
use icu_provider::DataLocale;

static NUMBERS: Table = Table(include_str!("../../data/numbers.txt"));

/// What CLDR says of a numbering system in a locale.
#[derive(Debug, Clone)]
pub(crate) struct Symbols {
    digits: [char; 10],
    decimal: &'static str,
    group: &'static str,
    primary: u8,
    secondary: u8,
    min_grouping: u8,
    pub(crate) minus: &'static str,
    pub(crate) plus: &'static str,
    pub(crate) nan: &'static str,
    pub(crate) infinity: &'static str,
    pub(crate) exponential: &'static str,
    pub(crate) approximately: &'static str,
    pub(crate) percent: &'static str,
    pub(crate) range: &'static str,
    pub(crate) decimal_pattern: &'static str,
    pub(crate) percent_pattern: &'static str,
    pub(crate) currency_pattern: &'static str,
    pub(crate) accounting_pattern: &'static str,
    pub(crate) compact_currency_pattern: &'static str,
}

/// Whether digits of a numbering system are known.
pub(crate) fn has_digits(system: &str) -> bool {
    digits(system).is_some()
}

/// The numbering system that a locale uses where nothing else is asked for.
pub(crate) fn default_system(locale: &DataLocale) -> &'static str {
    NUMBERS.inherited("default", locale).unwrap_or("latn")
}

/// The decimal separator of a numbering system in a locale.
pub(crate) fn decimal(system: &str, locale: &DataLocale) -> &'static str {
    find("symbols", system, locale).split('|').next().unwrap_or(".")
}

/// A line of the table for a numbering system, or else for Latin digits.
fn find(kind: &str, system: &str, locale: &DataLocale) -> &'static str {
    NUMBERS
        .inherited(&format!("{kind}/{system}"), locale)
        .or_else(|| NUMBERS.inherited(&format!("{kind}/latn"), locale))
        .unwrap_or("")
}

impl Symbols {
    /// The symbols of a numbering system; for currencies, those of amounts where they differ.
    pub(crate) fn new(system: &str, locale: &DataLocale, style: Style) -> Symbols {
        let money = style == Style::Currency;
        let mut symbols = find("symbols", system, locale).split('|');
        let mut symbol = || symbols.next().unwrap_or("");
        let (mut decimal, mut group) = (symbol(), symbol());
        let (plus, minus, nan, infinity) = (symbol(), symbol(), symbol(), symbol());
        let (exponential, approximately, percent) = (symbol(), symbol(), symbol());
        let (money_decimal, money_group) = (symbol(), symbol());
        if money && !money_decimal.is_empty() {
            decimal = money_decimal;
        }
        if money && !money_group.is_empty() {
            group = money_group;
        }
        let mut patterns = find("patterns", system, locale).split('|');
        let mut pattern = || patterns.next().unwrap_or("");
        let min_grouping = pattern().parse().unwrap_or(1);
        let (range, decimal_pattern, percent_pattern) = (pattern(), pattern(), pattern());
        let (currency_pattern, accounting_pattern) = (pattern(), pattern());
        let compact_currency_pattern = pattern();
        let sizes = Pattern::parse(match style {
            Style::Currency => currency_pattern,
            Style::Percent => percent_pattern,
            Style::Decimal | Style::Unit => decimal_pattern,
        });
        Symbols {
            digits: digits(system).unwrap_or(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
            decimal,
            group,
            primary: sizes.primary,
            secondary: sizes.secondary,
            min_grouping,
            minus,
            plus,
            nan,
            infinity,
            exponential,
            approximately,
            percent,
            range,
            decimal_pattern,
            percent_pattern,
            currency_pattern,
            accounting_pattern,
            compact_currency_pattern,
        }
    }

    /// Writes digits with groups.
    pub(crate) fn write(&self, value: &UnsignedDecimal, grouping: Grouping, out: &mut Out) {
        let range = value.magnitude_range();
        let (low, high) = (*range.start(), (*range.end()).max(0));
        let groups = self.groups(grouping, high);
        let mut piece = String::with_capacity(16);
        for magnitude in (0..=high).rev() {
            piece.push(self.digit(value, magnitude));
            if groups && magnitude > 0 && self.ends_group(magnitude) {
                out.push("integer", &piece);
                piece.clear();
                out.push("group", self.group);
            }
        }
        out.push("integer", &piece);
        if low < 0 {
            out.push("decimal", self.decimal);
            piece.clear();
            piece.extend((low..0).rev().map(|magnitude| self.digit(value, magnitude)));
            out.push("fraction", &piece);
        }
    }

    fn digit(&self, value: &UnsignedDecimal, magnitude: i16) -> char {
        self.digits[usize::from(value.digit_at(magnitude)) % 10]
    }

    fn ends_group(&self, magnitude: i16) -> bool {
        let (primary, secondary) = self.sizes();
        magnitude == primary || (magnitude > primary && (magnitude - primary) % secondary == 0)
    }

    fn sizes(&self) -> (i16, i16) {
        let primary = if self.primary == 0 { 3 } else { i16::from(self.primary) };
        (primary, if self.secondary == 0 { primary } else { i16::from(self.secondary) })
    }

    fn groups(&self, grouping: Grouping, high: i16) -> bool {
        let least = match grouping {
            Grouping::Never => return false,
            Grouping::Always => 1,
            Grouping::Auto if self.primary == 0 => return false,
            Grouping::Auto => self.min_grouping.max(1),
            Grouping::Min2 => self.min_grouping.max(2),
        };
        high >= self.sizes().0 + i16::from(least) - 1
    }

    /// An integer's digits, without groups.
    pub(crate) fn integer(&self, value: u64) -> String {
        value.to_string().bytes().map(|byte| self.digits[usize::from(byte - b'0')]).collect()
    }
}
