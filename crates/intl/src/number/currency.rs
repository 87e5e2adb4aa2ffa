//! Symbols and names of currencies, and how many digits their amounts have.
//!
//! Symbols are read from `data/currencies.txt`, not from ICU4X: its data leaves out a symbol that
//! equals the code, and then falls back to the root's, so that Bulgarian rupees became `₹`.

use super::options::CurrencyDisplay;
use crate::data::load;
use crate::table::Table;
use icu::experimental::dimension::currency::CurrencyType;
use icu::experimental::dimension::provider::currency::displayname::CurrencyDisplaynameV1;
use icu::experimental::dimension::provider::currency::extended::CurrencyExtendedDataV1;
use icu::experimental::dimension::provider::currency::fractions::CurrencyFractionsV1;
use icu::experimental::dimension::provider::currency::patterns::CurrencyPatternsDataV1;
use icu::experimental::provider::Baked;
use icu::pattern::{DoublePlaceholderKey, PatternItem};
use icu::plurals::{PluralOperands, PluralRules};
use icu::properties::CodePointMapData;
use icu::properties::props::{GeneralCategory, GeneralCategoryGroup};
use icu_provider::{DataLocale, DataPayload};

static CURRENCIES: Table = Table(include_str!("../../data/currencies.txt"));

/// The digits after the point of a currency's amounts.
pub(crate) fn digits(currency: &str) -> u8 {
    let Ok(code) = currency.parse::<CurrencyType>() else {
        return 2;
    };
    load::<CurrencyFractionsV1>(&Baked, "", &DataLocale::default())
        .map_or(2, |fractions| fractions.get().resolve(code).digits)
}

/// The codes of the currencies that have a symbol or a name somewhere.
pub(crate) fn codes() -> Vec<String> {
    let code = |line: &'static str| line.split('/').next().filter(|code| code.len() == 3);
    let mut codes: Vec<String> = CURRENCIES.0.lines().filter_map(code).map(str::to_owned).collect();
    codes.dedup();
    codes
}

/// The name of a currency that stands alone.
pub(crate) fn name(code: &str, locale: &DataLocale) -> Option<String> {
    load::<CurrencyDisplaynameV1>(&Baked, code, locale).map(|name| name.get().to_string())
}

/// What names a currency beside an amount.
#[derive(Debug)]
pub(crate) enum Currency {
    /// A symbol or code. The flags say whether its first and last character keep a distance to digits.
    Symbol { text: String, first_apart: bool, last_apart: bool },
    /// A name that agrees with the amount.
    Name {
        code: String,
        names: Option<DataPayload<CurrencyExtendedDataV1>>,
        patterns: DataPayload<CurrencyPatternsDataV1>,
    },
}

/// Neither a symbol nor a separator (CLDR's `[[:^S:]&[:^Z:]]`).
fn apart(c: Option<char>) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new();
    c.is_some_and(|c| {
        let category = category.get(c);
        !GeneralCategoryGroup::Symbol.contains(category)
            && !GeneralCategoryGroup::Separator.contains(category)
    })
}

impl Currency {
    pub(crate) fn new(
        code: &str,
        display: CurrencyDisplay,
        locale: &DataLocale,
    ) -> Option<Currency> {
        if display == CurrencyDisplay::Name {
            let patterns = load::<CurrencyPatternsDataV1>(&Baked, "", locale)?;
            let names = load::<CurrencyExtendedDataV1>(&Baked, code, locale);
            return Some(Currency::Name { code: code.to_owned(), names, patterns });
        }
        let known = CURRENCIES.inherited(code, locale).unwrap_or(code);
        let (symbol, narrow) = known.split_once('|').unwrap_or((known, known));
        let text = match display {
            CurrencyDisplay::NarrowSymbol => narrow,
            CurrencyDisplay::Symbol => symbol,
            _ => code,
        };
        let (first_apart, last_apart) =
            (apart(text.chars().next()), apart(text.chars().next_back()));
        Some(Currency::Symbol { text: text.to_owned(), first_apart, last_apart })
    }
}

/// A name that agrees with an amount, and the pattern for both.
pub(crate) struct Named<'a> {
    pub(crate) name: &'a str,
    pub(crate) pattern: String,
}

/// How an amount is written with a name: in the pattern, `{0}` is the amount and `{1}` the name.
pub(crate) fn named<'a>(
    code: &'a str,
    names: Option<&'a DataPayload<CurrencyExtendedDataV1>>,
    patterns: &DataPayload<CurrencyPatternsDataV1>,
    operands: Option<PluralOperands>,
    rules: &PluralRules,
) -> Named<'a> {
    let (names, patterns) = (names.map(DataPayload::get), patterns.get());
    let (name, pattern) = match operands {
        Some(operands) => {
            (names.map(|names| names.get(operands, rules)), patterns.get(operands, rules))
        }
        None => {
            (names.map(|names| names.elements.get_default().1), patterns.elements.get_default().1)
        }
    };
    let pattern = pattern
        .iter()
        .map(|item| match item {
            PatternItem::Placeholder(DoublePlaceholderKey::Place0) => "{0}",
            PatternItem::Placeholder(DoublePlaceholderKey::Place1) => "{1}",
            PatternItem::Literal(text) => text,
        })
        .collect();
    Named { name: name.unwrap_or(code), pattern }
}
