//! Skeletons of CLDR (`yMMMd`), and choosing the pattern of a locale that fits one best.
//!
//! Distances and the repair of what a pattern lacks follow UTS 35 as ICU's generator of patterns
//! reads it, so that the same pattern is chosen.

pub(crate) const ERA: usize = 0;
pub(crate) const YEAR: usize = 1;
pub(crate) const MONTH: usize = 3;
pub(crate) const WEEKDAY: usize = 6;
pub(crate) const DAY: usize = 9;
pub(crate) const DAY_PERIOD: usize = 10;
pub(crate) const HOUR: usize = 11;
pub(crate) const MINUTE: usize = 12;
pub(crate) const SECOND: usize = 13;
pub(crate) const FRACTION: usize = 14;
pub(crate) const ZONE: usize = 15;
const FIELDS: usize = 16;
/// The fields of dates among all.
const DATE_MASK: u32 = (1 << DAY_PERIOD) - 1;

const NUMERIC: i32 = 0x100;
const NARROW: i32 = -0x101;
const SHORTER: i32 = -0x102;
const SHORT: i32 = -0x103;
const LONG: i32 = -0x104;
const DELTA: i32 = 0x10;

/// The field of a pattern's letters, and how they compare with others of the field.
pub(crate) fn classify(letter: char, count: usize) -> Option<(usize, i32)> {
    let by_width = |short: i32, shift: i32| match count {
        4 => LONG - shift,
        5 => NARROW - shift,
        6 => SHORTER - shift,
        _ => short - shift,
    };
    let numeric = |shift: i32| NUMERIC + shift + count as i32;
    Some(match letter {
        'G' => (ERA, by_width(SHORT, 0)),
        'y' => (YEAR, numeric(0)),
        'Y' => (YEAR, numeric(DELTA)),
        'u' => (YEAR, numeric(2 * DELTA)),
        'r' => (YEAR, numeric(3 * DELTA)),
        'U' => (YEAR, by_width(SHORT, 0)),
        'M' if count < 3 => (MONTH, numeric(0)),
        'M' => (MONTH, by_width(SHORT, 0)),
        'L' if count < 3 => (MONTH, numeric(DELTA)),
        'L' => (MONTH, by_width(SHORT, DELTA)),
        'E' => (WEEKDAY, by_width(SHORT, 0)),
        'c' if count < 3 => (WEEKDAY, numeric(2 * DELTA)),
        'c' => (WEEKDAY, by_width(SHORT, 2 * DELTA)),
        'e' if count < 3 => (WEEKDAY, numeric(DELTA)),
        'e' => (WEEKDAY, by_width(SHORT, DELTA)),
        'd' => (DAY, numeric(0)),
        'a' => (DAY_PERIOD, by_width(SHORT, 0)),
        'b' => (DAY_PERIOD, by_width(SHORT, DELTA)),
        'B' => (DAY_PERIOD, by_width(SHORT, 3 * DELTA)),
        'H' => (HOUR, numeric(10 * DELTA)),
        'k' => (HOUR, numeric(11 * DELTA)),
        'h' => (HOUR, numeric(0)),
        'K' => (HOUR, numeric(DELTA)),
        'm' => (MINUTE, numeric(0)),
        's' => (SECOND, numeric(0)),
        'S' => (FRACTION, numeric(0)),
        'v' => (ZONE, by_width(SHORT, 2 * DELTA)),
        'z' => (ZONE, by_width(SHORT, 0)),
        'O' => (ZONE, by_width(SHORT, DELTA)),
        _ => return None,
    })
}

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Field(char, usize),
    Literal(String),
}

/// A pattern's pieces.
pub(crate) fn items(pattern: &str) -> Vec<Item> {
    let mut found: Vec<Item> = Vec::new();
    let literal = |found: &mut Vec<Item>, c: char| match found.last_mut() {
        Some(Item::Literal(text)) => text.push(c),
        _ => found.push(Item::Literal(c.into())),
    };
    let mut chars = pattern.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        if c == '\'' {
            if chars.peek() == Some(&'\'') {
                chars.next();
                literal(&mut found, '\'');
            } else {
                quoted = !quoted;
            }
        } else if !quoted && c.is_ascii_alphabetic() {
            match found.last_mut() {
                Some(Item::Field(letter, count)) if *letter == c => *count += 1,
                _ => found.push(Item::Field(c, 1)),
            }
        } else {
            literal(&mut found, c);
        }
    }
    found
}

/// The text of a pattern's pieces.
pub(crate) fn text(items: &[Item]) -> String {
    let mut text = String::new();
    for item in items {
        match item {
            Item::Field(letter, count) => text.extend(std::iter::repeat_n(*letter, *count)),
            Item::Literal(literal)
                if literal.contains(|c: char| c.is_ascii_alphabetic() || c == '\'') =>
            {
                text.push('\'');
                text += &literal.replace('\'', "''");
                text.push('\'');
            }
            Item::Literal(literal) => text += literal,
        }
    }
    text
}

/// The fields of a skeleton: letter, count and kind of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Skeleton {
    fields: [Option<(char, usize, i32)>; FIELDS],
    /// Whether hours are as wide as the locale writes them, whatever is asked for.
    usual_hours: bool,
}

impl Skeleton {
    /// The fields of a skeleton or of a pattern.
    pub(crate) fn parse(pattern: &str) -> Skeleton {
        let mut skeleton = Skeleton::default();
        for item in items(pattern) {
            if let Item::Field(letter, count) = item
                && let Some((field, kind)) = classify(letter, count)
            {
                skeleton.fields[field] = Some((letter, count, kind));
            }
        }
        match skeleton.fields[HOUR] {
            Some(('h' | 'K', ..)) if skeleton.fields[DAY_PERIOD].is_none() => {
                skeleton.fields[DAY_PERIOD] = Some(('a', 1, SHORT));
            }
            Some(('H' | 'k', ..)) => skeleton.fields[DAY_PERIOD] = None,
            _ => {}
        }
        skeleton
    }

    /// The same, with hours as wide as the locale writes them.
    pub(crate) fn with_usual_hours(mut self) -> Skeleton {
        self.usual_hours = true;
        self
    }

    pub(crate) fn get(&self, field: usize) -> Option<(char, usize)> {
        self.fields[field].map(|(letter, count, _)| (letter, count))
    }

    fn kind(&self, field: usize) -> Option<i32> {
        self.fields[field].map(|(_, _, kind)| kind)
    }

    fn mask(&self) -> u32 {
        (0..FIELDS)
            .filter(|field| self.fields[*field].is_some())
            .fold(0, |mask, field| mask | 1 << field)
    }

    /// The distance to another skeleton as to the fields of a mask, and what the other one lacks.
    pub(crate) fn distance(&self, other: &Skeleton, mask: u32) -> (i32, u32, u32) {
        let (mut distance, mut missing, mut extra) = (0, 0, 0);
        for field in 0..FIELDS {
            let mine = self.kind(field).filter(|_| mask & 1 << field != 0);
            match (mine, other.kind(field)) {
                (None, None) => {}
                (None, Some(_)) => {
                    distance += 0x10000;
                    extra |= 1 << field;
                }
                (Some(_), None) => {
                    distance += 0x1000;
                    missing |= 1 << field;
                }
                (Some(mine), Some(other)) => distance += (mine - other).abs(),
            }
        }
        (distance, missing, extra)
    }

    /// Which length of date a skeleton is like: 0 is full, 3 short.
    pub(crate) fn style(&self) -> usize {
        match (self.get(MONTH), self.get(WEEKDAY)) {
            (Some((_, 4)), Some(_)) => 0,
            (Some((_, 4)), None) => 1,
            (Some((_, 3)), _) => 2,
            _ => 3,
        }
    }

    /// The fields as to their kinds only: numbers of all widths are alike.
    fn base(&self) -> [Option<(char, usize)>; FIELDS] {
        self.fields.map(|field| {
            field.map(|(letter, count, kind)| (letter, if kind > 0 { 1 } else { count }))
        })
    }

    fn first_letter(&self) -> char {
        self.fields.iter().flatten().next().map_or('~', |(letter, ..)| *letter)
    }
}

#[derive(Debug)]
struct Entry {
    skeleton: Skeleton,
    pattern: String,
    /// Whether CLDR names the skeleton, or it was read from the pattern.
    named: bool,
}

/// The patterns of a locale and calendar.
#[derive(Debug)]
pub(crate) struct Patterns {
    entries: Vec<Entry>,
    /// How a field that no pattern has is added, by [`FIELDS`]' order.
    append: Vec<(usize, String, String)>,
    /// How dates and times are joined: full, long, medium, short.
    glue: [String; 4],
    decimal: String,
}

/// The fields of `appendItems`, in the order of the table.
const APPENDED: [usize; 11] = [ERA, YEAR, 2, MONTH, 4, WEEKDAY, DAY, HOUR, MINUTE, SECOND, ZONE];

impl Patterns {
    /// `styles` are patterns without a skeleton; `available` is the table's `skeleton=pattern|…`.
    pub(crate) fn new(
        styles: &[&str],
        available: &str,
        append: &str,
        names: &str,
        glue: [String; 4],
        decimal: &str,
    ) -> Patterns {
        let mut entries: Vec<Entry> = Vec::new();
        for pattern in ["G", "y", "M", "E", "d", "H", "m", "s", "S", "v"] {
            let skeleton = Skeleton::parse(pattern);
            entries.push(Entry { skeleton, pattern: pattern.to_owned(), named: false });
        }
        for pattern in styles {
            let skeleton = Skeleton::parse(pattern);
            if !entries.iter().any(|entry| entry.skeleton.base() == skeleton.base()) {
                entries.push(Entry { skeleton, pattern: (*pattern).to_owned(), named: false });
            }
        }
        let mut pairs: Vec<_> =
            available.split('|').filter_map(|pair| pair.split_once('=')).collect();
        // Of those that are as near to a skeleton, ICU takes the first by name.
        pairs.sort_by_key(|(skeleton, _)| *skeleton);
        for (skeleton, pattern) in pairs {
            let entry = Entry {
                skeleton: Skeleton::parse(skeleton),
                pattern: pattern.to_owned(),
                named: true,
            };
            match entries.iter_mut().find(|other| other.skeleton == entry.skeleton) {
                Some(other) if other.named => {}
                Some(other) => *other = entry,
                None => entries.push(entry),
            }
        }
        entries.sort_by_key(|entry| entry.skeleton.first_letter());
        let append = APPENDED.iter().zip(append.split('|').zip(names.split('|')));
        Patterns {
            entries,
            append: append
                .map(|(field, (item, name))| (*field, item.to_owned(), name.to_owned()))
                .collect(),
            glue,
            decimal: decimal.to_owned(),
        }
    }

    /// The pattern that has just the fields of a skeleton.
    pub(crate) fn best(&self, wanted: &Skeleton) -> String {
        let (entry, missing, extra) = self.nearest(wanted, u32::MAX);
        if missing == 0 && extra == 0 {
            return self.adjust(entry, wanted, false);
        }
        let mask = wanted.mask();
        let date = self.appending(wanted, mask & DATE_MASK);
        let time = self.appending(wanted, mask & !DATE_MASK);
        match (date.is_empty(), time.is_empty()) {
            (_, true) => date,
            (true, false) => time,
            (false, false) => self.join(wanted.style(), &date, &time),
        }
    }

    /// A date's pattern and a time's, joined.
    pub(crate) fn join(&self, style: usize, date: &str, time: &str) -> String {
        self.glue[style].replace("{1}", "\u{1}").replace("{0}", time).replace('\u{1}', date)
    }

    fn nearest(&self, wanted: &Skeleton, mask: u32) -> (&Entry, u32, u32) {
        let mut best: Option<(i32, &Entry, u32, u32)> = None;
        for entry in &self.entries {
            let (distance, missing, extra) = wanted.distance(&entry.skeleton, mask);
            // Of two that are as near, the one that lacks the smaller fields.
            let nearer = |(least, _, lacks, _): &(i32, &Entry, u32, u32)| {
                distance < *least || (distance == *least && *lacks < missing)
            };
            if best.as_ref().is_none_or(nearer) {
                best = Some((distance, entry, missing, extra));
            }
        }
        let (_, entry, missing, extra) = best.expect("there are patterns of single fields");
        (entry, missing, extra)
    }

    fn appending(&self, wanted: &Skeleton, mask: u32) -> String {
        if mask == 0 {
            return String::new();
        }
        let (mut entry, mut missing, _) = self.nearest(wanted, mask);
        let mut pattern = self.adjust(entry, wanted, false);
        while missing != 0 {
            let both = 1 << SECOND | 1 << FRACTION;
            if missing & both == 1 << FRACTION && mask & both == both {
                let with = Entry { skeleton: entry.skeleton.clone(), pattern, named: entry.named };
                pattern = self.adjust(&with, wanted, true);
                missing &= !(1 << FRACTION);
                continue;
            }
            let before = missing;
            let (next, still, _) = self.nearest(wanted, missing);
            entry = next;
            missing = still;
            let added = self.adjust(next, wanted, false);
            let found = before & !missing;
            if found == 0 {
                break;
            }
            let top = (u32::BITS - 1 - found.leading_zeros()) as usize;
            let (_, item, name) = match self.append.iter().find(|(field, ..)| *field == top) {
                Some(item) => item,
                None => &(top, "{0} {1}".to_owned(), String::new()),
            };
            pattern = item
                .replace("{0}", "\u{1}")
                .replace("{1}", &added)
                .replace("{2}", &format!("'{name}'"))
                .replace('\u{1}', &pattern);
        }
        pattern
    }

    /// A pattern with the widths that were asked for.
    fn adjust(&self, entry: &Entry, wanted: &Skeleton, fraction: bool) -> String {
        let mut adjusted = Vec::new();
        for item in items(&entry.pattern) {
            let Item::Field(letter, count) = item else {
                adjusted.push(item);
                continue;
            };
            let Some((field, kind)) = classify(letter, count) else {
                adjusted.push(item);
                continue;
            };
            if fraction && field == SECOND {
                adjusted.push(item);
                if let Some((_, digits)) = wanted.get(FRACTION) {
                    adjusted.push(Item::Literal(self.decimal.clone()));
                    adjusted.push(Item::Field('S', digits));
                }
                continue;
            }
            let Some((asked, mut length)) = wanted.get(field) else {
                adjusted.push(item);
                continue;
            };
            if asked == 'E' && length < 3 {
                length = 3;
            }
            let mut width = length;
            if field == MINUTE || field == SECOND || (field == HOUR && wanted.usual_hours) {
                width = count;
            } else if entry.named
                && asked != 'c'
                && asked != 'e'
                && let Some((_, named, named_kind)) = entry.skeleton.fields[field]
                && (named == length || (kind > 0) != (named_kind > 0))
            {
                width = count;
            }
            let keeps = matches!(field, HOUR | MONTH | WEEKDAY) || (field == YEAR && asked != 'Y');
            let mut letter = if keeps { letter } else { asked };
            if letter == 'E' && width < 3 {
                letter = 'e';
            }
            if field == HOUR {
                letter = asked;
            }
            adjusted.push(Item::Field(letter, width));
        }
        text(&adjusted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> Patterns {
        let glue = [(); 4].map(|()| "{1}, {0}".to_owned());
        let available =
            "yMd=M/d/y|yMMMd=MMM d, y|yMMMEd=E, MMM d, y|hm=h:mm a|Hm=HH:mm|hms=h:mm:ss a";
        Patterns::new(
            &[],
            available,
            &["{0} ({2}: {1})"; 11].join("|"),
            &["x"; 11].join("|"),
            glue,
            ".",
        )
    }

    #[test]
    fn the_nearest_pattern_takes_the_widths_that_were_asked_for() {
        let best = |skeleton: &str| english().best(&Skeleton::parse(skeleton));
        assert_eq!(best("yMd"), "M/d/y");
        assert_eq!(best("yMMdd"), "MM/dd/y");
        assert_eq!(best("yMMMMd"), "MMMM d, y");
        assert_eq!(best("yMMMMEEEEd"), "EEEE, MMMM d, y");
        assert_eq!(best("yMdhm"), "M/d/y, h:mm a");
        assert_eq!(best("hmsSSS"), "h:mm:ss.SSS a");
    }
}
