//! Ranges of dates.

use super::format::{DateFormat, Fields};
use super::skeleton::{DAY_PERIOD, Item, Skeleton, classify, items, text};
use crate::out::Out;

/// A field as the skeletons of intervals have it: numbers are one digit wide but for years, zones short,
/// and zones that are offsets are not there (ICU's `DateIntervalFormat` leaves them out).
fn normal(item: &Item) -> String {
    match item {
        Item::Field('M' | 'L', 1 | 2) => "M".to_owned(),
        Item::Field(letter @ ('d' | 'h' | 'H' | 'K' | 'k' | 'm' | 'z' | 'v'), _) => {
            letter.to_string()
        }
        Item::Field('O', _) => String::new(),
        other => letters(other),
    }
}

/// A field as a skeleton names it.
fn letters(item: &Item) -> String {
    match item {
        Item::Field('L', count) => "M".repeat(*count),
        Item::Field('c', count) => "E".repeat(*count),
        Item::Field(letter, count) => letter.to_string().repeat(*count),
        Item::Literal(_) => String::new(),
    }
}

/// A part of a range: whose it is (`startRange`, `endRange`, `shared`), its kind, and its text.
pub(crate) type RangePart = (&'static str, String, String);

fn parts(whose: &'static str, out: &Out) -> Vec<RangePart> {
    out.pieces().map(|(kind, text)| (whose, kind.to_owned(), text.to_owned())).collect()
}

impl DateFormat {
    /// The parts of a range of times in milliseconds since 1970.
    pub(crate) fn format_range(&self, start: f64, end: f64) -> Vec<RangePart> {
        let (first, second) = (self.fields(start as i64), self.fields(end as i64));
        let whole = |fields: &Fields, pattern: &[Item]| {
            let mut out = Out::parts();
            self.write(pattern, fields, &mut out);
            out
        };
        let (one, other) = (whole(&first, &self.pattern), whole(&second, &self.pattern));
        let days_differ = first.day != second.day;
        let has_date = self.pattern.iter().any(|item| {
            matches!(item, Item::Field(letter, count) if classify(*letter, *count).is_some_and(|(field, _)| field < DAY_PERIOD))
        });
        if (!days_differ || has_date) && one.text == other.text {
            return parts("shared", &whole(&first, &self.plain));
        }
        if let Some(pattern) = self.interval(&first, &second) {
            return self.write_interval(&pattern, &first, &second);
        }
        let joined = items(&self.patterns.best(&self.joined_skeleton(&first, &second)));
        let (one, other) = (whole(&first, &joined), whole(&second, &joined));
        let form = self.fallback();
        let (before, after) = form.split_once("{1}").unwrap_or((form, ""));
        let between = before.strip_prefix("{0}").unwrap_or(" – ");
        let literal = |text: &str| ("shared", "literal".to_owned(), text.to_owned());
        let mut all = parts("startRange", &one);
        all.push(literal(between));
        all.extend(parts("endRange", &other));
        if !after.is_empty() {
            all.push(literal(after));
        }
        all
    }

    /// The largest field in which two times differ, as the table names it.
    fn difference(&self, first: &Fields, second: &Fields) -> char {
        let half = |fields: &Fields| fields.hour < 12;
        let hour = if matches!(self.options.hour_letter(), 'h' | 'K') { 'h' } else { 'H' };
        let (a, b) = (&first.day, &second.day);
        match () {
            () if a.era != b.era => 'G',
            () if a.year != b.year => 'y',
            () if a.month != b.month => 'M',
            () if a.day != b.day => 'd',
            () if hour == 'h' && half(first) != half(second) => 'a',
            () if first.hour != second.hour => hour,
            () if first.minute != second.minute => 'm',
            () => 's',
        }
    }

    /// What both ends are written with where no pattern has both: the format's own fields, with those of
    /// the date that tell the two apart.
    fn joined_skeleton(&self, first: &Fields, second: &Fields) -> Skeleton {
        let has = |wanted: &str| {
            self.pattern
                .iter()
                .any(|item| matches!(item, Item::Field(letter, _) if wanted.contains(*letter)))
        };
        let timed = has("hHkKmsS");
        let dated = has("yuMLdEceG");
        let field = self.difference(first, second);
        let differs = matches!(field, 'G' | 'y' | 'M' | 'd');
        let missing = match field {
            _ if timed && !dated && differs => "yMd",
            // CLDR has no intervals of seconds, and where it has none nothing is added.
            _ if timed && has("sS") => "",
            'G' | 'y' if timed && !has("yu") => "yMd",
            'M' if timed && !has("ML") => "Md",
            'd' if timed => "d",
            _ if timed => "",
            _ => self.told_apart(field),
        };
        let own = |item: &Item| match item {
            Item::Field('O', _) if timed && !dated => String::new(),
            item => letters(item),
        };
        let mut skeleton: String = self.pattern.iter().map(own).collect();
        for letter in missing.chars() {
            if !has(match letter {
                'y' => "yu",
                'M' => "ML",
                _ => "d",
            }) {
                skeleton.push(letter);
            }
        }
        Skeleton::parse(&skeleton).with_usual_hours()
    }

    fn interval(&self, first: &Fields, second: &Fields) -> Option<Vec<Item>> {
        let field = self.difference(first, second);
        let is_time = |item: &Item| match item {
            Item::Field(letter, count) => {
                classify(*letter, *count).is_some_and(|(field, _)| field >= DAY_PERIOD)
            }
            Item::Literal(_) => false,
        };
        let is_field = |item: &&Item| matches!(item, Item::Field(..));
        let has_time = self.pattern.iter().any(is_time);
        let has_date = self.pattern.iter().filter(is_field).any(|item| !is_time(item));
        let days_differ = matches!(field, 'G' | 'y' | 'M' | 'd');
        if has_time && days_differ {
            return None;
        }
        let wanted: String =
            self.pattern.iter().filter(|item| !has_time || is_time(item)).map(normal).collect();
        let wanted = Skeleton::parse(&(wanted + self.told_apart(field))).with_usual_hours();
        let mut best: Option<(i32, &str)> = None;
        for entry in self.names.of_calendar("int").split('|') {
            let Some((name, pattern)) = entry.split_once('=') else { continue };
            let Some((skeleton, of)) = name.split_once(':') else { continue };
            if !of.starts_with(field) {
                continue;
            }
            let (distance, missing, extra) = wanted.distance(&Skeleton::parse(skeleton), u32::MAX);
            if missing == 0 && extra == 0 && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, pattern));
            }
        }
        let fallback;
        let pattern = match best {
            Some((_, pattern)) => pattern,
            None if has_time && has_date => {
                let time = self.patterns.best(&wanted);
                fallback = self.fallback().replace("{0}", &time).replace("{1}", &time);
                &fallback
            }
            None => return None,
        };
        let widths = items(pattern).into_iter().map(|item| match item {
            Item::Field(letter, count) => {
                let asked = classify(letter, count).and_then(|(field, _)| wanted.get(field));
                let least = if matches!(letter, 'E' | 'G') { count.max(3) } else { count };
                match asked {
                    // Names take the width that was asked for, numbers too where it is two digits.
                    Some((_, asked))
                        if (asked > 2) == (least > 2) && !matches!(letter, 'm' | 's' | 'H') =>
                    {
                        Item::Field(letter, asked.max(count.min(2)))
                    }
                    _ => Item::Field(letter, count),
                }
            }
            literal => literal,
        });
        let interval: Vec<Item> = widths.collect();
        if !(has_time && has_date) {
            return Some(interval);
        }
        // The day once, and the times' range beside it.
        let dates: String =
            self.pattern.iter().filter(|item| !is_time(item)).map(letters).collect();
        let wanted = Skeleton::parse(&dates);
        let date = self.patterns.best(&wanted);
        let glue = self.names.of_calendar("glu").split('|').nth(wanted.style())?;
        Some(items(
            &glue.replace("{1}", "\u{1}").replace("{0}", &text(&interval)).replace('\u{1}', &date),
        ))
    }

    /// The fields that a date needs so that its largest difference shows.
    fn told_apart(&self, field: char) -> &'static str {
        let has = |wanted: &str| {
            self.pattern
                .iter()
                .any(|item| matches!(item, Item::Field(letter, _) if wanted.contains(*letter)))
        };
        match field {
            'G' | 'y' if has("yu") => "",
            'G' | 'y' if has("d") && !has("ML") => "yM",
            'G' | 'y' if has("MLd") => "y",
            'M' if has("d") && !has("ML") => "M",
            _ => "",
        }
    }

    /// How two texts are joined that no pattern joins.
    fn fallback(&self) -> &'static str {
        let form =
            self.names.of_calendar("int").split('|').next().and_then(|form| form.strip_prefix('='));
        form.unwrap_or("{0} – {1}")
    }

    fn write_interval(&self, pattern: &[Item], first: &Fields, second: &Fields) -> Vec<RangePart> {
        // The second half begins with the first field that was there before.
        let mut seen = Vec::new();
        let mut split = pattern.len();
        for (at, item) in pattern.iter().enumerate() {
            let Item::Field(letter, count) = item else { continue };
            let Some((field, _)) = classify(*letter, *count) else { continue };
            if seen.contains(&field) {
                split = at;
                break;
            }
            seen.push(field);
        }
        let field_of = |item: &Item| match item {
            Item::Field(letter, count) => classify(*letter, *count).map(|(field, _)| field),
            Item::Literal(_) => None,
        };
        let (one, other) = pattern.split_at(split);
        let span = |half: &[Item], of: &[Item]| {
            let twice = |item: &Item| {
                field_of(item)
                    .is_some_and(|field| of.iter().any(|item| field_of(item) == Some(field)))
            };
            (half.iter().position(twice), half.iter().rposition(twice))
        };
        let mut all = Vec::new();
        for (half, opposite, fields, whose) in
            [(one, other, first, "startRange"), (other, one, second, "endRange")]
        {
            let (from, to) = span(half, opposite);
            for (at, item) in half.iter().enumerate() {
                let own = from.is_some_and(|from| from <= at) && to.is_some_and(|to| at <= to);
                let mut out = Out::parts();
                self.write(std::slice::from_ref(item), fields, &mut out);
                for part in parts(if own { whose } else { "shared" }, &out) {
                    match all.last_mut() {
                        Some((last, kind, text))
                            if kind == "literal" && part.1 == "literal" && *last == part.0 =>
                        {
                            let text: &mut String = text;
                            text.push_str(&part.2);
                        }
                        _ => all.push(part),
                    }
                }
            }
        }
        all
    }
}
