//! Names and patterns of dates in a locale, from `data/dates.txt`.

use crate::table::Table;
use icu_provider::DataLocale;

pub(super) static DATES: Table = Table(include_str!("../../data/dates.txt"));

/// The names that formats of one locale and calendar use.
#[derive(Debug)]
pub(super) struct Names {
    locale: DataLocale,
    calendar: &'static str,
    /// ISO 8601's dates look alike in all languages.
    iso: bool,
}

/// The letter of a width: 3 letters of a pattern are short, 4 long, 5 narrow, 6 the shortest.
fn width(count: usize) -> &'static str {
    match count {
        4 => "w",
        5 => "n",
        6 => "s",
        _ => "a",
    }
}

impl Names {
    pub(super) fn new(locale: DataLocale, calendar: &str) -> Names {
        let iso = calendar == "iso8601";
        let calendar = match calendar {
            "iso8601" | "gregory" => "gregory",
            "buddhist" => "buddhist",
            "roc" => "roc",
            "japanese" => "japanese",
            "persian" => "persian",
            "coptic" => "coptic",
            "ethiopic" => "ethiopic",
            "indian" => "indian",
            _ => "islamic-umalqura",
        };
        Names { locale, calendar, iso }
    }

    fn get(&self, key: &str) -> &'static str {
        DATES.inherited(key, &self.locale).unwrap_or("")
    }

    /// A line of patterns: `fmt`, `glu`, `gat`, `app`, `ava`, `int`. Calendars that are usual in a
    /// place have their own there.
    pub(super) fn of_calendar(&self, kind: &str) -> &'static str {
        if self.iso {
            return match kind {
                "fmt" => "y MMMM d, EEEE|y MMMM d|y MMM d|y-MM-dd",
                "ava" => DATES.get("ava/g/und").unwrap_or(""),
                _ => self.get(&format!("{kind}/g")),
            };
        }
        if self.calendar == "gregory" {
            return self.get(&format!("{kind}/g"));
        }
        let has_own = !self.get(&format!("fmt/{}", self.calendar)).is_empty();
        match (has_own, kind) {
            (true, "fmt" | "ava") => self.get(&format!("{kind}/{}", self.calendar)),
            (true, "glu" | "gat") => self.get(&format!("{kind}/g")),
            _ => self.get(&format!("{kind}/x")),
        }
    }

    /// Skeletons and their patterns. A calendar's own are of dates, and stand before the general ones.
    pub(super) fn available(&self) -> String {
        let own = self.of_calendar("ava");
        if self.calendar == "gregory" || self.get(&format!("fmt/{}", self.calendar)).is_empty() {
            return own.to_owned();
        }
        let time = |pair: &&str| {
            pair.split('=').next().is_some_and(|name| !name.contains(['y', 'M', 'd', 'E', 'G']))
        };
        let times: Vec<&str> = self.get("ava/x").split('|').filter(time).collect();
        format!("{own}|{}", times.join("|"))
    }

    pub(super) fn line(&self, kind: &str) -> &'static str {
        self.get(kind)
    }

    /// A month's name; `alone` where no day stands beside it.
    pub(super) fn month(&self, month: u8, count: usize, alone: bool) -> Option<&'static str> {
        let calendar = match self.calendar {
            "buddhist" | "roc" | "japanese" => "gregory",
            other => other,
        };
        let of = |kind: &str| self.get(&format!("mon/{calendar}/{kind}{}", width(count)));
        let names = match alone {
            true if !of("s").is_empty() => of("s"),
            _ => of("f"),
        };
        names.split('|').nth(usize::from(month.checked_sub(1)?)).filter(|name| !name.is_empty())
    }

    /// A weekday's name; 0 is Sunday.
    pub(super) fn weekday(&self, day: u8, count: usize, alone: bool) -> &'static str {
        let kind = if alone { "s" } else { "f" };
        let names = self.get(&format!("day/{kind}{}", width(count)));
        names.split('|').nth(usize::from(day)).unwrap_or("")
    }

    pub(super) fn era(&self, era: usize, count: usize) -> &'static str {
        let names = self.get(&format!("era/{}/{}", self.calendar, width(count)));
        names.split('|').nth(era).unwrap_or("")
    }

    /// The name of a part of the day: `am`, `morning1`, ….
    pub(super) fn period(&self, name: &str, count: usize) -> Option<&'static str> {
        let names = self.get(&format!("per/{}", width(count)));
        names
            .split('|')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, text)| text)
    }

    /// How the locale's language divides a day. These rules are by language: a script that inherits its
    /// names from nobody has them all the same.
    fn rules_of_day(&self) -> &'static str {
        let mut tag = self.locale.to_string();
        loop {
            if let Some(rules) = DATES.get(&format!("prd/{tag}")) {
                return rules;
            }
            match tag.rfind('-') {
                Some(end) => tag.truncate(end),
                None => return self.get("prd"),
            }
        }
    }

    /// The part of the day that an hour belongs to, as languages divide it.
    pub(super) fn part_of_day(&self, hour: u8, exactly: bool) -> &'static str {
        let rules = self.rules_of_day();
        let mut found = "";
        for rule in rules.split('|') {
            if let Some((name, at)) = rule.split_once('@') {
                if exactly && name == "noon" && at.parse() == Ok(hour) {
                    return name;
                }
            } else if let Some((name, span)) = rule.split_once(':') {
                let Some((from, before)) = span.split_once('-') else { continue };
                let (Ok(from), Ok(before)) = (from.parse::<u8>(), before.parse::<u8>()) else {
                    continue;
                };
                let inside = match from < before {
                    true => (from..before).contains(&hour),
                    false => hour >= from || hour < before,
                };
                if inside {
                    found = name;
                }
            }
        }
        found
    }
}
