//! The resolved options of a date format, as a guest keeps them.

use serde::Deserialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Length {
    Full,
    Long,
    Medium,
    Short,
}

/// Everything that decides how a date is written. Components are as ECMA-402 names them.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Options {
    pub(crate) locale: String,
    pub(crate) calendar: String,
    pub(crate) numbering_system: String,
    pub(crate) time_zone: String,
    pub(crate) hour_cycle: Option<String>,
    pub(crate) weekday: Option<String>,
    pub(crate) era: Option<String>,
    pub(crate) year: Option<String>,
    pub(crate) month: Option<String>,
    pub(crate) day: Option<String>,
    pub(crate) day_period: Option<String>,
    pub(crate) hour: Option<String>,
    pub(crate) minute: Option<String>,
    pub(crate) second: Option<String>,
    pub(crate) fractional_second_digits: Option<u8>,
    pub(crate) time_zone_name: Option<String>,
    pub(crate) date_style: Option<Length>,
    pub(crate) time_style: Option<Length>,
}

impl Options {
    /// The letter of hours.
    pub(crate) fn hour_letter(&self) -> char {
        match self.hour_cycle.as_deref() {
            Some("h11") => 'K',
            Some("h12") => 'h',
            Some("h24") => 'k',
            _ => 'H',
        }
    }

    /// The components as a skeleton of CLDR.
    pub(crate) fn skeleton(&self) -> String {
        let mut text = String::new();
        let mut add = |letter: char, value: &Option<String>| {
            let count = match value.as_deref() {
                None => return,
                Some("2-digit") => 2,
                Some("short") => 3,
                Some("long") => 4,
                Some("narrow") => 5,
                Some(_) => 1,
            };
            text.extend(std::iter::repeat_n(letter, count));
        };
        add('E', &self.weekday);
        add('G', &self.era);
        add('y', &self.year);
        add('M', &self.month);
        add('d', &self.day);
        match self.day_period.as_deref() {
            Some("short") => add('B', &Some("numeric".into())),
            _ => add('B', &self.day_period),
        }
        add(self.hour_letter(), &self.hour);
        add('m', &self.minute);
        add('s', &self.second);
        let digits = usize::from(self.fractional_second_digits.unwrap_or(0));
        text.extend(std::iter::repeat_n('S', digits));
        text.push_str(match self.time_zone_name.as_deref() {
            None => "",
            Some("long") => "zzzz",
            Some("shortOffset") => "O",
            Some("longOffset") => "OOOO",
            Some("shortGeneric") => "v",
            Some("longGeneric") => "vvvv",
            Some(_) => "z",
        });
        text
    }
}
