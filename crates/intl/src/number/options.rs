//! The resolved options of a number format, as a guest keeps them.

use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Style {
    Decimal,
    Percent,
    Currency,
    Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CurrencyDisplay {
    Code,
    #[default]
    Symbol,
    NarrowSymbol,
    Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CurrencySign {
    #[default]
    Standard,
    Accounting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Width {
    #[default]
    Short,
    Narrow,
    Long,
}

impl Width {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Width::Short => "short",
            Width::Narrow => "narrow",
            Width::Long => "long",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Notation {
    #[default]
    Standard,
    Scientific,
    Engineering,
    Compact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SignDisplay {
    #[default]
    Auto,
    Never,
    Always,
    ExceptZero,
    Negative,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Grouping {
    #[default]
    Auto,
    Always,
    Min2,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Mode {
    Ceil,
    Floor,
    Expand,
    Trunc,
    HalfCeil,
    HalfFloor,
    #[default]
    HalfExpand,
    HalfTrunc,
    HalfEven,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Priority {
    #[default]
    Auto,
    MorePrecision,
    LessPrecision,
}

/// How many digits are shown. All counts are at most 100; a guest's half has checked them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Digits {
    #[serde(default = "one")]
    pub(crate) minimum_integer_digits: u8,
    pub(crate) minimum_fraction_digits: Option<u8>,
    pub(crate) maximum_fraction_digits: Option<u8>,
    pub(crate) minimum_significant_digits: Option<u8>,
    pub(crate) maximum_significant_digits: Option<u8>,
    #[serde(default = "one_step")]
    pub(crate) rounding_increment: u16,
    #[serde(default)]
    pub(crate) rounding_mode: Mode,
    #[serde(default)]
    pub(crate) rounding_priority: Priority,
    #[serde(default)]
    pub(crate) trailing_zero_display: TrailingZeros,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum TrailingZeros {
    #[default]
    Auto,
    StripIfInteger,
}

fn one() -> u8 {
    1
}

fn one_step() -> u16 {
    1
}

/// Everything that decides how a number is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Options {
    pub(crate) locale: String,
    pub(crate) numbering_system: String,
    pub(crate) style: Style,
    pub(crate) currency: Option<String>,
    #[serde(default)]
    pub(crate) currency_display: CurrencyDisplay,
    #[serde(default)]
    pub(crate) currency_sign: CurrencySign,
    pub(crate) unit: Option<String>,
    #[serde(default)]
    pub(crate) unit_display: Width,
    #[serde(default)]
    pub(crate) notation: Notation,
    #[serde(default)]
    pub(crate) compact_display: Width,
    #[serde(default)]
    pub(crate) sign_display: SignDisplay,
    #[serde(default)]
    pub(crate) use_grouping: Grouping,
    #[serde(flatten)]
    pub(crate) digits: Digits,
}
