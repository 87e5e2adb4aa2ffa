//! A date format: its pattern, chosen once, and times written with it.

use super::calendar::Day;
use super::names::Names;
use super::options::{Length, Options};
use super::skeleton::{DAY_PERIOD, HOUR, Item, Patterns, Skeleton, classify, items, text};
use super::zone::Zone;
use crate::error::{Error, range};
use crate::locale::parse;
use crate::number::symbols;
use crate::out::Out;
use icu::locale::Locale;
use serde_json::{Map, Value};

/// A formatter of dates.
#[derive(Debug)]
pub(crate) struct DateFormat {
    pub(super) options: Options,
    pub(super) names: Names,
    pub(super) pattern: Vec<Item>,
    pub(super) plain: Vec<Item>,
    pub(super) patterns: Patterns,
    zone: Zone,
    locale: Locale,
    digits: [char; 10],
}

/// What the clock and the calendar show at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    pub(super) day: Day,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) milli: u16,
    /// Milliseconds since 1970.
    pub(super) at: i64,
}

/// The place of a length in the table's lines.
fn place(length: Length) -> usize {
    match length {
        Length::Full => 0,
        Length::Long => 1,
        Length::Medium => 2,
        Length::Short => 3,
    }
}

impl DateFormat {
    /// Makes a formatter from resolved options.
    pub(crate) fn new(options: Options) -> Result<DateFormat, Error> {
        let locale = parse(&options.locale)?;
        let names = Names::new((&locale).into(), &options.calendar);
        let decimal = symbols::decimal(&options.numbering_system, &(&locale).into());
        let four = |kind: &str| {
            let mut parts = names.of_calendar(kind).split('|').map(str::to_owned);
            [(); 4].map(|()| parts.next().unwrap_or_default())
        };
        let (dates, times) = (four("fmt"), names.line("tim"));
        let styles: Vec<&str> = dates.iter().map(String::as_str).chain(times.split('|')).collect();
        let patterns = Patterns::new(
            &styles,
            &names.available(),
            names.of_calendar("app"),
            names.line("fld"),
            four("gat"),
            decimal,
        );
        let pattern = match (options.date_style, options.time_style) {
            (None, None) => patterns.best(&Skeleton::parse(&options.skeleton())),
            (date, time) => {
                let time = time.map(|time| {
                    let pattern = times.split('|').nth(place(time)).unwrap_or("");
                    with_hours(pattern, options.hour_letter(), &patterns)
                });
                match (date, time) {
                    (Some(date), Some(time)) => {
                        patterns.join(place(date), &dates[place(date)], &time)
                    }
                    (Some(date), None) => dates[place(date)].clone(),
                    (None, time) => time.unwrap_or_default(),
                }
            }
        };
        let digits = symbols::digits(&options.numbering_system)
            .ok_or_else(|| range(format!("no digits of {}", options.numbering_system)))?;
        let zone = Zone::new(&options.time_zone)?;
        let pattern = items(&pattern);
        Ok(DateFormat {
            names,
            plain: plain(&pattern),
            pattern,
            patterns,
            zone,
            locale,
            digits,
            options,
        })
    }

    /// What is shown of a time in milliseconds since 1970.
    pub(super) fn fields(&self, at: i64) -> Fields {
        let local = at + i64::from(self.zone.offset(at)) * 1000;
        let of_day = local.rem_euclid(86_400_000);
        Fields {
            day: Day::new(&self.options.calendar, local.div_euclid(86_400_000)),
            hour: (of_day / 3_600_000) as u8,
            minute: (of_day / 60_000 % 60) as u8,
            second: (of_day / 1000 % 60) as u8,
            milli: (of_day % 1000) as u16,
            at,
        }
    }

    /// Writes a time in milliseconds since 1970.
    pub(crate) fn format(&self, at: f64, out: &mut Out) {
        let pattern = if out.has_parts() { &self.pattern } else { &self.plain };
        self.write(pattern, &self.fields(at as i64), out);
        // Names have narrow spaces too: `p. m.` in Spanish.
        if !out.has_parts() && out.text.contains('\u{202f}') {
            out.text = out.text.replace('\u{202f}', " ");
        }
    }

    pub(super) fn write(&self, pattern: &[Item], fields: &Fields, out: &mut Out) {
        for item in pattern {
            match item {
                Item::Literal(text) => out.push("literal", text),
                Item::Field(letter, count) => {
                    let (kind, text) = self.field(*letter, *count, fields);
                    out.push(kind, &text);
                }
            }
        }
    }

    fn number(&self, value: i64, least: usize) -> String {
        let digits = value.unsigned_abs().to_string();
        let padding = least.saturating_sub(digits.len());
        let shown = digits.bytes().map(|byte| self.digits[usize::from(byte - b'0')]);
        let sign = if value < 0 { Some('-') } else { None };
        sign.into_iter().chain(std::iter::repeat_n(self.digits[0], padding)).chain(shown).collect()
    }

    fn local_digit(&self, c: char) -> char {
        c.to_digit(10).map_or(c, |digit| self.digits[digit as usize % 10])
    }

    pub(super) fn field(
        &self,
        letter: char,
        count: usize,
        fields: &Fields,
    ) -> (&'static str, String) {
        let day = &fields.day;
        match letter {
            'G' => {
                let name = day.era.map_or("", |era| self.names.era(era, count));
                ("era", name.to_owned())
            }
            'y' | 'u' if count == 2 => ("year", self.number(day.year.rem_euclid(100), 2)),
            'y' | 'u' => ("year", self.number(day.year, count)),
            'r' => ("relatedYear", self.number(day.related, count)),
            'M' | 'L' if count > 2 => match self.names.month(day.month, count, letter == 'L') {
                Some(name) => ("month", name.to_owned()),
                None => ("month", self.number(day.month.into(), 1)),
            },
            'M' | 'L' => ("month", self.number(day.month.into(), count)),
            'd' => ("day", self.number(day.day.into(), count)),
            'E' | 'c' | 'e' => {
                ("weekday", self.names.weekday(day.weekday, count, letter == 'c').to_owned())
            }
            'a' | 'b' | 'B' => ("dayPeriod", self.period(letter, count, fields)),
            'h' => ("hour", self.number((i64::from(fields.hour) + 11) % 12 + 1, count)),
            'K' => ("hour", self.number(i64::from(fields.hour) % 12, count)),
            'k' => ("hour", self.number((i64::from(fields.hour) + 23) % 24 + 1, count)),
            'H' => ("hour", self.number(fields.hour.into(), count)),
            'm' => ("minute", self.number(fields.minute.into(), count)),
            's' => ("second", self.number(fields.second.into(), count)),
            'S' => {
                let digits = format!("{:03}", fields.milli);
                let shown = digits.bytes().chain(std::iter::repeat(b'0')).take(count);
                (
                    "fractionalSecond",
                    shown.map(|byte| self.digits[usize::from(byte - b'0')]).collect(),
                )
            }
            'z' | 'v' | 'O' => {
                let name = self.zone.name(letter, count, fields.at, &self.locale);
                ("timeZoneName", name.chars().map(|c| self.local_digit(c)).collect())
            }
            _ => ("literal", String::new()),
        }
    }

    fn period(&self, letter: char, count: usize, fields: &Fields) -> String {
        let half = if fields.hour < 12 { "am" } else { "pm" };
        // In these two languages the short names are foreign, and nobody uses them.
        let long = matches!(self.locale.id.language.as_str(), "ko" | "ps");
        let count = if letter == 'a' && count < 4 && long { 4 } else { count };
        let name = |name| self.names.period(name, count);
        let found = match letter {
            'B' => {
                let exactly = fields.minute == 0 && fields.second == 0;
                name(self.names.part_of_day(fields.hour, exactly)).or_else(|| name(half))
            }
            'b' if fields.hour == 12 && fields.minute == 0 => name("noon").or_else(|| name(half)),
            _ => name(half),
        };
        found.unwrap_or(half).to_owned()
    }

    /// The components that the pattern shows, as `resolvedOptions` names them.
    pub(crate) fn components(&self) -> Value {
        let mut found = Map::new();
        for item in &self.pattern {
            let Item::Field(letter, count) = item else { continue };
            let numeric = if *count == 2 { "2-digit" } else { "numeric" };
            let named = match count {
                4 => "long",
                5 => "narrow",
                _ => "short",
            };
            let (name, value): (&str, Value) = match letter {
                'E' | 'c' | 'e' => ("weekday", named.into()),
                'G' => ("era", named.into()),
                'y' | 'u' | 'r' => ("year", numeric.into()),
                'M' | 'L' if *count > 2 => ("month", named.into()),
                'M' | 'L' => ("month", numeric.into()),
                'd' => ("day", numeric.into()),
                'B' => ("dayPeriod", named.into()),
                'h' | 'H' | 'k' | 'K' => ("hour", numeric.into()),
                'm' => ("minute", numeric.into()),
                's' => ("second", numeric.into()),
                'S' => ("fractionalSecondDigits", (*count).into()),
                'z' => ("timeZoneName", if *count == 4 { "long" } else { "short" }.into()),
                'O' => {
                    ("timeZoneName", if *count == 4 { "longOffset" } else { "shortOffset" }.into())
                }
                'v' => (
                    "timeZoneName",
                    if *count == 4 { "longGeneric" } else { "shortGeneric" }.into(),
                ),
                _ => continue,
            };
            found.insert(name.into(), value);
        }
        found.into()
    }
}

/// A pattern with common spaces for narrow ones, as Node prints all but ranges.
fn plain(pattern: &[Item]) -> Vec<Item> {
    let plain = |item: &Item| match item {
        Item::Literal(text) => Item::Literal(text.replace('\u{202f}', " ")),
        field => field.clone(),
    };
    pattern.iter().map(plain).collect()
}

/// A time's pattern with other hours.
fn with_hours(pattern: &str, letter: char, patterns: &Patterns) -> String {
    let mut pieces = items(pattern);
    let hour = pieces.iter().find_map(|item| match item {
        Item::Field(letter, count)
            if classify(*letter, *count).is_some_and(|(field, _)| field == HOUR) =>
        {
            Some(*letter)
        }
        _ => None,
    });
    let Some(hour) = hour else { return pattern.to_owned() };
    if hour == letter {
        return pattern.to_owned();
    }
    let halves = |letter: char| matches!(letter, 'h' | 'K');
    if halves(hour) == halves(letter) {
        for item in &mut pieces {
            if let Item::Field(found, _) = item
                && *found == hour
            {
                *found = letter;
            }
        }
        return text(&pieces);
    }
    let skeleton: String = pieces
        .iter()
        .filter_map(|item| match item {
            Item::Field(found, count) if *found == hour => Some(letter.to_string().repeat(*count)),
            Item::Field(found, count)
                if classify(*found, *count).is_some_and(|(field, _)| field != DAY_PERIOD) =>
            {
                Some(found.to_string().repeat(*count))
            }
            _ => None,
        })
        .collect();
    patterns.best(&Skeleton::parse(&skeleton))
}
