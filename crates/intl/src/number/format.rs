//! A number format: what its options mean, worked out once, and numbers written with it.

use super::currency::{Currency, named};
use super::options::{CurrencySign, Notation, Options, SignDisplay, Style, Width};
use super::pattern::{Pattern, Piece};
use super::rounding::{self, Number};
use super::symbols::Symbols;
use super::units::Unit;
use crate::data::load;
use crate::error::{Error, range};
use crate::locale::{data_locale, parse};
use crate::out::Out;
use fixed_decimal::{CompactDecimal, Decimal, Sign};
use icu::decimal::provider::{Baked, CompactPatterns, DecimalCompactLongV1, DecimalCompactShortV1};
use icu::pattern::{PatternItem, SinglePlaceholder};
use icu::plurals::{PluralCategory, PluralOperands, PluralRules};
use icu_provider::DataPayload;

/// A formatter of numbers.
#[derive(Debug)]
pub(crate) struct NumberFormat {
    pub(super) options: Options,
    pub(super) symbols: Symbols,
    around: Around,
    compact: Option<Compact>,
    plurals: PluralRules,
}

#[derive(Debug)]
enum Around {
    /// What a pattern of CLDR says, with the currency's symbol if there is one.
    Pattern(Pattern, Option<Currency>),
    /// Amounts, and amounts that are written in thousands and more.
    CompactCurrency(Pattern, Pattern, Currency),
    CurrencyName(Currency),
    Unit(Unit),
}

#[derive(Debug)]
enum Compact {
    Short(DataPayload<DecimalCompactShortV1>),
    Long(DataPayload<DecimalCompactLongV1>),
}

/// The sign that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    None,
    Minus,
    Plus,
}

/// A number that is ready to be written.
struct Ready {
    shown: Option<Decimal>,
    exponent: i16,
    sign: Shown,
    /// None for what is not finite: such numbers are of the category `other`.
    operands: Option<PluralOperands>,
}

impl NumberFormat {
    /// Makes a formatter from resolved options.
    pub(crate) fn new(options: Options) -> Result<NumberFormat, Error> {
        let locale = data_locale(&options.locale)?;
        let symbols = Symbols::new(&options.numbering_system, &locale, options.style);
        let is_compact = options.notation == Notation::Compact;
        let unit = |unit: &str, width| {
            Unit::new(unit, width, &locale)
                .map(Around::Unit)
                .ok_or_else(|| range(format!("Invalid unit argument '{unit}'")))
        };
        let around = match options.style {
            Style::Decimal => Around::Pattern(Pattern::parse(symbols.decimal_pattern), None),
            Style::Percent if is_compact => unit("percent", Width::Short)?,
            Style::Percent => Around::Pattern(Pattern::parse(symbols.percent_pattern), None),
            Style::Currency => {
                let code = options.currency.as_deref().unwrap_or_default();
                let currency = Currency::new(code, options.currency_display, &locale)
                    .ok_or_else(|| range(format!("no names for currency {code}")))?;
                match (&currency, options.currency_sign) {
                    (Currency::Name { .. }, _) => Around::CurrencyName(currency),
                    (_, CurrencySign::Standard) if is_compact => {
                        let compact = Pattern::parse(symbols.compact_currency_pattern);
                        Around::CompactCurrency(
                            Pattern::parse(symbols.currency_pattern),
                            compact,
                            currency,
                        )
                    }
                    (_, CurrencySign::Standard) => {
                        Around::Pattern(Pattern::parse(symbols.currency_pattern), Some(currency))
                    }
                    (_, CurrencySign::Accounting) => {
                        Around::Pattern(Pattern::parse(symbols.accounting_pattern), Some(currency))
                    }
                }
            }
            Style::Unit => match options.unit.as_deref().unwrap_or_default() {
                "percent" if !is_compact && options.unit_display != Width::Long => {
                    Around::Pattern(Pattern::parse(symbols.percent_pattern), None)
                }
                name => unit(name, options.unit_display)?,
            },
        };
        // Amounts with a symbol have no long form.
        let short = matches!(around, Around::Pattern(_, Some(_)) | Around::CompactCurrency(..))
            || options.compact_display == Width::Short;
        let compact = is_compact.then(|| {
            let system = &options.numbering_system;
            match short {
                false => load::<DecimalCompactLongV1>(&Baked, system, &locale)
                    .or_else(|| load::<DecimalCompactLongV1>(&Baked, "", &locale))
                    .map(Compact::Long),
                true => load::<DecimalCompactShortV1>(&Baked, system, &locale)
                    .or_else(|| load::<DecimalCompactShortV1>(&Baked, "", &locale))
                    .map(Compact::Short),
            }
        });
        let plurals = PluralRules::try_new_cardinal((&parse(&options.locale)?).into())
            .map_err(|_| range(format!("no plural rules for {}", options.locale)))?;
        Ok(NumberFormat { options, symbols, around, compact: compact.flatten(), plurals })
    }

    /// Writes a number.
    pub(crate) fn format(&self, number: &Number, out: &mut Out) {
        let ready = self.prepare(number);
        self.write(number, &ready, false, out);
    }

    /// Writes a number of which nothing but its neighbourhood is known.
    pub(super) fn format_about(&self, number: &Number, out: &mut Out) {
        let ready = self.prepare(number);
        self.write(number, &ready, true, out);
    }

    fn prepare(&self, number: &Number) -> Ready {
        let mut exponent = 0;
        let shown = match number {
            Number::Finite(value) => {
                let mut value = value.clone();
                if self.options.style == Style::Percent {
                    value.absolute.multiply_pow10(2);
                }
                let (shown, found) = self.round(&value);
                exponent = found;
                Some(shown)
            }
            _ => None,
        };
        let zero = match &shown {
            Some(shown) => shown.absolute.is_zero(),
            None => number.is_zero(),
        };
        let negative = number.is_negative();
        let sign = match self.options.sign_display {
            SignDisplay::Never => Shown::None,
            SignDisplay::Auto if negative => Shown::Minus,
            SignDisplay::Negative if negative && !zero => Shown::Minus,
            SignDisplay::Auto | SignDisplay::Negative => Shown::None,
            SignDisplay::ExceptZero if zero => Shown::None,
            SignDisplay::Always | SignDisplay::ExceptZero if negative => Shown::Minus,
            SignDisplay::Always | SignDisplay::ExceptZero => Shown::Plus,
        };
        let operands = match &shown {
            Some(shown) if self.compact.is_some() => {
                let exponent = u8::try_from(exponent).unwrap_or(0);
                let absolute = Decimal::new(Sign::None, shown.absolute.clone());
                Some((&CompactDecimal::from_significand_and_exponent(absolute, exponent)).into())
            }
            Some(shown) if exponent != 0 => {
                let mut value = shown.clone();
                value.absolute.multiply_pow10(exponent);
                Some((&value).into())
            }
            Some(shown) => Some(shown.into()),
            None => None,
        };
        Ready { shown, exponent, sign, operands }
    }

    /// The digits that are shown, and the power of ten that they are to be multiplied with.
    fn round(&self, value: &Decimal) -> (Decimal, i16) {
        let at = |exponent: i16| {
            let mut scaled = value.clone();
            scaled.absolute.multiply_pow10(-exponent);
            rounding::round(&scaled, &self.options.digits)
        };
        let top = rounding::top(value);
        let exponent = self.exponent(top);
        let shown = at(exponent);
        // Rounding 999.9 up gives a thousand, which may be written with another exponent.
        if !shown.absolute.is_zero() && rounding::top(&shown) + exponent > top {
            let next = self.exponent(top + 1);
            if next != exponent {
                return (at(next), next);
            }
        }
        (shown, exponent)
    }

    fn exponent(&self, top: i16) -> i16 {
        match self.options.notation {
            Notation::Standard => 0,
            Notation::Scientific => top,
            Notation::Engineering => top.div_euclid(3) * 3,
            Notation::Compact => match &self.compact {
                Some(Compact::Short(data)) => compact_exponent(data.get(), top),
                Some(Compact::Long(data)) => compact_exponent(data.get(), top),
                None => 0,
            },
        }
    }

    fn write(&self, number: &Number, ready: &Ready, about: bool, out: &mut Out) {
        let sign = ready.sign;
        match &self.around {
            Around::Pattern(pattern, currency) => {
                self.write_pattern(number, ready, pattern, currency.as_ref(), about, out);
            }
            Around::CompactCurrency(standard, compact, currency) => {
                let pattern = if ready.exponent == 0 { standard } else { compact };
                self.write_pattern(number, ready, pattern, Some(currency), about, out);
            }
            Around::CurrencyName(currency) => {
                let Currency::Name { code, names, patterns } = currency else { return };
                let named = named(code, names.as_ref(), patterns, ready.operands, &self.plurals);
                let mut rest = named.pattern.as_str();
                while let Some(at) = rest.find('{') {
                    out.push("literal", &rest[..at]);
                    let (place, more) = rest[at..].split_at(3.min(rest.len() - at));
                    rest = more;
                    if place == "{1}" {
                        out.push("currency", named.name);
                    } else {
                        self.write_sign(sign, about, out);
                        self.write_number(number, ready, out);
                    }
                }
                out.push("literal", rest);
            }
            Around::Unit(unit) => {
                let pattern = unit.pattern(self.category(ready));
                let kind = "unit";
                // Some languages say "a day" and "two days" without a number.
                let Some((before, after)) = pattern.split_once("{0}") else {
                    return write_outer(kind, &pattern, out);
                };
                write_outer(kind, before, out);
                self.write_sign(sign, about, out);
                self.write_number(number, ready, out);
                write_outer(kind, after, out);
            }
        }
    }

    fn write_pattern(
        &self,
        number: &Number,
        ready: &Ready,
        pattern: &Pattern,
        currency: Option<&Currency>,
        about: bool,
        out: &mut Out,
    ) {
        let sign = ready.sign;
        // A negative half with a sign serves for plus too; one in brackets does not.
        let own = pattern.negative.as_ref().filter(|negative| match (sign, about) {
            (Shown::Minus, false) => true,
            (Shown::None, false) => false,
            _ => negative.contains(&Piece::Sign),
        });
        if own.is_none() {
            self.write_sign(sign, about, out);
        }
        let pieces = own.unwrap_or(&pattern.positive);
        let beside = |at: Option<usize>| at.and_then(|at| pieces.get(at)) == Some(&Piece::Number);
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Number => self.write_number(number, ready, out),
                Piece::Sign => self.write_sign(sign, about, out),
                Piece::Percent => out.push("percentSign", self.symbols.percent),
                Piece::Literal(c) => out.push("literal", c.encode_utf8(&mut [0; 4])),
                Piece::Currency => {
                    let Some(Currency::Symbol { text, first_apart, last_apart }) = currency else {
                        continue;
                    };
                    // Digits keep a distance to what is no symbol: `CHF 5`, but `$5`.
                    let digits = ready.shown.is_some();
                    if *first_apart && digits && beside(at.checked_sub(1)) {
                        out.push("literal", "\u{a0}");
                    }
                    out.push("currency", text);
                    if *last_apart && digits && beside(Some(at + 1)) {
                        out.push("literal", "\u{a0}");
                    }
                }
            }
        }
    }

    fn write_sign(&self, sign: Shown, about: bool, out: &mut Out) {
        if about {
            out.push("approximatelySign", self.symbols.approximately);
        }
        match sign {
            Shown::None => {}
            Shown::Minus => out.push("minusSign", self.symbols.minus),
            Shown::Plus => out.push("plusSign", self.symbols.plus),
        }
    }

    /// Writes a number's digits, its exponent, and what a compact notation puts around them.
    fn write_number(&self, number: &Number, ready: &Ready, out: &mut Out) {
        let shown = match (number, &ready.shown) {
            (Number::Nan, _) => return out.push("nan", self.symbols.nan),
            (_, None) => return out.push("infinity", self.symbols.infinity),
            (_, Some(shown)) => shown,
        };
        if let (Some(compact), true) = (&self.compact, ready.exponent != 0) {
            let top = rounding::top(shown) + ready.exponent;
            let operands = PluralOperands::from(shown);
            let pattern = match compact {
                Compact::Short(data) => compact_pattern(data.get(), top, operands, &self.plurals),
                Compact::Long(data) => compact_pattern(data.get(), top, operands, &self.plurals),
            };
            let (before, after) = pattern.split_once("{0}").unwrap_or(("", ""));
            write_outer("compact", before, out);
            self.symbols.write(&shown.absolute, self.options.use_grouping, out);
            write_outer("compact", after, out);
            return;
        }
        self.symbols.write(&shown.absolute, self.options.use_grouping, out);
        if matches!(self.options.notation, Notation::Scientific | Notation::Engineering) {
            out.push("exponentSeparator", self.symbols.exponential);
            if ready.exponent < 0 {
                out.push("exponentMinusSign", self.symbols.minus);
            }
            out.push(
                "exponentInteger",
                &self.symbols.integer(u64::from(ready.exponent.unsigned_abs())),
            );
        }
    }

    /// What the plural rules are told of a number as it is shown.
    pub(crate) fn shown_operands(&self, number: &Number) -> PluralOperands {
        self.prepare(number).operands.unwrap_or_else(|| 0u64.into())
    }

    pub(crate) fn plurals(&self) -> &PluralRules {
        &self.plurals
    }

    fn category(&self, ready: &Ready) -> PluralCategory {
        ready.operands.map_or(PluralCategory::Other, |operands| self.plurals.category_for(operands))
    }
}

/// Writes text beside a number: its words are of a kind, the spaces around them are literal.
fn write_outer(kind: &'static str, text: &str, out: &mut Out) {
    let space = |c: char| c.is_whitespace();
    let inner = text.trim_matches(space);
    if inner.is_empty() {
        return out.push("literal", text);
    }
    let start = text.len() - text.trim_start_matches(space).len();
    out.push("literal", &text[..start]);
    out.push(kind, inner);
    out.push("literal", &text[start + inner.len()..]);
}

fn compact_exponent(data: &CompactPatterns<'_, SinglePlaceholder>, top: i16) -> i16 {
    let found = data.0.iter().take_while(|entry| i16::from(entry.sized) <= top).last();
    found.map_or(0, |entry| i16::from(entry.sized - entry.variable.get_default().0.get()))
}

fn compact_pattern(
    data: &CompactPatterns<'_, SinglePlaceholder>,
    top: i16,
    operands: PluralOperands,
    rules: &PluralRules,
) -> String {
    let found = data.0.iter().take_while(|entry| i16::from(entry.sized) <= top).last();
    let Some(entry) = found else { return "{0}".into() };
    let pattern = entry.variable.get(operands, rules).1;
    pattern
        .iter()
        .map(|item| match item {
            PatternItem::Placeholder(_) => "{0}".to_owned(),
            PatternItem::Literal(text) => text.to_owned(),
        })
        .collect()
}
