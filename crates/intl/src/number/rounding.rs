//! Numbers as decimal digits, rounded as ECMA-402 says (section 16.5, `FormatNumericToString`).

use super::options::{Digits, Mode, Priority, TrailingZeros};
use crate::error::{Error, range};
use fixed_decimal::{
    Decimal, FloatPrecision, RoundingIncrement, Sign, SignedRoundingMode, UnsignedRoundingMode,
};

/// Digits of a number that is written in full.
pub(crate) const MOST_DIGITS: usize = 20_000;

/// A number as it was given.
#[derive(Debug, Clone)]
pub(crate) enum Number {
    Finite(Decimal),
    Infinite { negative: bool },
    Nan,
}

impl Number {
    pub(crate) fn from_f64(value: f64) -> Number {
        if value.is_nan() {
            return Number::Nan;
        }
        match Decimal::try_from_f64(value, FloatPrecision::RoundTrip) {
            Ok(decimal) => Number::Finite(decimal),
            Err(_) => Number::Infinite { negative: value < 0.0 },
        }
    }

    /// A number from text: a decimal literal, `Infinity` or `NaN`. The guest's half has taken care
    /// of other bases and of white space.
    pub(crate) fn from_text(text: &str) -> Result<Number, Error> {
        match text {
            "NaN" => return Ok(Number::Nan),
            "Infinity" | "+Infinity" => return Ok(Number::Infinite { negative: false }),
            "-Infinity" => return Ok(Number::Infinite { negative: true }),
            _ => {}
        }
        let too_long = || range("a number of that many digits cannot be formatted");
        if text.len() > MOST_DIGITS {
            return Err(too_long());
        }
        if let Some((digits, exponent)) = text.split_once(['e', 'E']) {
            let mut number = Decimal::try_from_str(tidy(digits)).map_err(|_| too_long())?;
            let exponent: i64 = exponent.parse().unwrap_or(i64::MAX);
            if number.absolute.is_zero() {
                return Ok(Number::Finite(number));
            }
            if exponent.unsigned_abs() > MOST_DIGITS as u64 {
                return Err(too_long());
            }
            // Digits far from the point would leave what the type can hold, and become 0.
            let reach = i64::from(top(&number)) + exponent;
            let end = i64::from(*number.absolute.magnitude_range().start()) + exponent;
            if reach.unsigned_abs().max(end.unsigned_abs()) > MOST_DIGITS as u64 {
                return Err(too_long());
            }
            number.absolute.multiply_pow10(exponent as i16);
            return Ok(Number::Finite(number));
        }
        Decimal::try_from_str(tidy(text)).map(Number::Finite).map_err(|_| too_long())
    }

    pub(crate) fn is_negative(&self) -> bool {
        match self {
            Number::Finite(decimal) => decimal.sign == Sign::Negative,
            Number::Infinite { negative } => *negative,
            Number::Nan => false,
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Number::Finite(decimal) => decimal.absolute.is_zero(),
            Number::Infinite { .. } => false,
            Number::Nan => true,
        }
    }
}

/// `5.` without its point, which the parser does not take.
fn tidy(digits: &str) -> &str {
    digits.strip_suffix('.').unwrap_or(digits)
}

/// Rounds a number to what is shown of it.
pub(crate) fn round(value: &Decimal, digits: &Digits) -> Decimal {
    let significant = digits.maximum_significant_digits;
    let fraction = digits.maximum_fraction_digits;
    let mut shown = match (significant, fraction) {
        (Some(most), None) => to_precision(value, digits, most),
        (None, _) => to_fixed(value, digits, fraction.unwrap_or(0)),
        (Some(most), Some(fraction)) => {
            let precision_end = top(value) - i16::from(most) + 1;
            let fixed_end = -i16::from(fraction);
            let finer_is_precision = precision_end <= fixed_end;
            let precision = match digits.rounding_priority {
                Priority::Auto => true,
                Priority::MorePrecision => finer_is_precision,
                Priority::LessPrecision => !finer_is_precision,
            };
            match precision {
                true => to_precision(value, digits, most),
                false => to_fixed(value, digits, fraction),
            }
        }
    };
    if digits.trailing_zero_display == TrailingZeros::StripIfInteger {
        shown.absolute.trim_end_if_integer();
    }
    shown.absolute.trim_start();
    shown.absolute.pad_start(i16::from(digits.minimum_integer_digits));
    shown
}

/// The power of ten of a number's first digit; 0 for zero.
pub(crate) fn top(value: &Decimal) -> i16 {
    match value.absolute.is_zero() {
        true => 0,
        false => value.absolute.nonzero_magnitude_start(),
    }
}

fn to_precision(value: &Decimal, digits: &Digits, most: u8) -> Decimal {
    let mut shown = value.clone();
    shown.round_with_mode(top(value) - i16::from(most) + 1, mode(digits.rounding_mode));
    shown.absolute.trim_end();
    let least = i16::from(digits.minimum_significant_digits.unwrap_or(1));
    shown.absolute.pad_end((top(&shown) - least + 1).min(0));
    shown
}

fn to_fixed(value: &Decimal, digits: &Digits, most: u8) -> Decimal {
    let mut shown = value.clone();
    let (increment, shift) = match digits.rounding_increment {
        2 => (RoundingIncrement::MultiplesOf2, 0),
        5 => (RoundingIncrement::MultiplesOf5, 0),
        10 => (RoundingIncrement::MultiplesOf1, 1),
        20 => (RoundingIncrement::MultiplesOf2, 1),
        25 => (RoundingIncrement::MultiplesOf25, 0),
        50 => (RoundingIncrement::MultiplesOf5, 1),
        100 => (RoundingIncrement::MultiplesOf1, 2),
        200 => (RoundingIncrement::MultiplesOf2, 2),
        250 => (RoundingIncrement::MultiplesOf25, 1),
        500 => (RoundingIncrement::MultiplesOf5, 2),
        1000 => (RoundingIncrement::MultiplesOf1, 3),
        2000 => (RoundingIncrement::MultiplesOf2, 3),
        2500 => (RoundingIncrement::MultiplesOf25, 2),
        5000 => (RoundingIncrement::MultiplesOf5, 3),
        _ => (RoundingIncrement::MultiplesOf1, 0),
    };
    shown.round_with_mode_and_increment(
        shift - i16::from(most),
        mode(digits.rounding_mode),
        increment,
    );
    shown.absolute.trim_end();
    shown.absolute.pad_end(-i16::from(digits.minimum_fraction_digits.unwrap_or(0)));
    shown
}

fn mode(mode: Mode) -> SignedRoundingMode {
    match mode {
        Mode::Ceil => SignedRoundingMode::Ceil,
        Mode::Floor => SignedRoundingMode::Floor,
        Mode::HalfCeil => SignedRoundingMode::HalfCeil,
        Mode::HalfFloor => SignedRoundingMode::HalfFloor,
        Mode::Expand => SignedRoundingMode::Unsigned(UnsignedRoundingMode::Expand),
        Mode::Trunc => SignedRoundingMode::Unsigned(UnsignedRoundingMode::Trunc),
        Mode::HalfExpand => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfExpand),
        Mode::HalfTrunc => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfTrunc),
        Mode::HalfEven => SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfEven),
    }
}
