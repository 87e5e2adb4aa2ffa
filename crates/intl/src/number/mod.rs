//! `Intl.NumberFormat`: how numbers, percentages, amounts of money and of units are written.
//!
//! Must not know how a guest gave its options, nor where it keeps them.

mod currency;
pub(crate) mod digits;
mod format;
pub(crate) mod options;
mod pattern;
mod ranges;
pub(crate) mod rounding;
pub(crate) mod symbols;
pub(crate) mod units;

pub(crate) use currency::{
    codes as currency_codes, digits as currency_digits, name as currency_name,
};
pub(crate) use format::NumberFormat;
pub(crate) use units::is_sanctioned;
