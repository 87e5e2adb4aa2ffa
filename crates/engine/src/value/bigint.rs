//! BigInts outside of any heap: decimal digits.
//!
//! Turning binary digits into decimal ones takes time that grows with the square of their number.
//! This is done while a number crosses, within the limits of the run; afterwards the value is
//! written as fast as a string.

use std::fmt;
use std::str::FromStr;

/// A BigInt, as its decimal digits. For arithmetic there are the conversions from and to
/// [`num_bigint::BigInt`], whose time grows with the square of the number's length.
///
/// ```
/// use sandtide_engine::BigInt;
///
/// let big: BigInt = "-0012".parse()?;
/// assert_eq!(big.as_str(), "-12");
/// assert_eq!(big, BigInt::from(-12));
/// # Ok::<(), sandtide_engine::ParseBigIntError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BigInt {
    /// Canonical: a minus sign for negative numbers, no leading zeros, `0` for zero. Equal numbers
    /// have equal digits.
    digits: String,
}

/// A text that is not the decimal digits of a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a whole number in decimal digits")]
#[non_exhaustive]
pub struct ParseBigIntError;

impl BigInt {
    /// The decimal digits, after a minus sign where it is negative.
    pub fn as_str(&self) -> &str {
        &self.digits
    }
}

impl FromStr for BigInt {
    type Err = ParseBigIntError;

    /// Reads decimal digits with a sign or without; takes time in proportion to their number.
    fn from_str(text: &str) -> Result<BigInt, ParseBigIntError> {
        let (sign, digits) = match text.as_bytes() {
            [b'-', ..] => ("-", &text[1..]),
            [b'+', ..] => ("", &text[1..]),
            _ => ("", text),
        };
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseBigIntError);
        }
        let digits = match digits.trim_start_matches('0') {
            "" => "0".to_owned(),
            digits => format!("{sign}{digits}"),
        };
        Ok(BigInt { digits })
    }
}

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits.strip_prefix('-').unwrap_or(&self.digits);
        f.pad_integral(digits.len() == self.digits.len(), "", digits)
    }
}

impl fmt::Debug for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BigInt({})", self.digits)
    }
}

macro_rules! from {
    ($($integer:ty)*) => {$(
        impl From<$integer> for BigInt {
            fn from(integer: $integer) -> BigInt {
                BigInt { digits: integer.to_string() }
            }
        }
    )*};
}

from! { i32 u32 i64 u64 i128 u128 usize }

impl From<num_bigint::BigInt> for BigInt {
    fn from(number: num_bigint::BigInt) -> BigInt {
        BigInt { digits: number.to_string() }
    }
}

impl From<&BigInt> for num_bigint::BigInt {
    fn from(number: &BigInt) -> num_bigint::BigInt {
        // Canonical digits always parse.
        number.digits.parse().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equal_numbers_have_equal_digits_and_come_back_as_they_were(
            number: i128,
            zeros in 0..3_usize,
        ) {
            let made = BigInt::from(number);
            let sign = if number < 0 { "-" } else { "" };
            let text = format!("{sign}{}{}", "0".repeat(zeros), number.unsigned_abs());
            prop_assert_eq!(text.parse::<BigInt>(), Ok(made.clone()));
            prop_assert_eq!(num_bigint::BigInt::from(&made), num_bigint::BigInt::from(number));
            prop_assert_eq!(BigInt::from(num_bigint::BigInt::from(number)), made.clone());
            prop_assert_eq!(made.to_string(), number.to_string());
        }

        #[test]
        fn only_digits_with_a_sign_are_read(text in "[-+]{0,2}[0-9_ a]{0,4}") {
            let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
            let fits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(text.parse::<BigInt>().is_ok(), fits);
        }
    }

    #[test]
    fn there_is_one_zero() {
        assert_eq!("-0".parse::<BigInt>(), "000".parse());
        assert_eq!(BigInt::from(0).as_str(), "0");
    }
}
