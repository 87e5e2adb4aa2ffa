//! What is to be done to a text, in place: every line stays where it is, and what moves within its line
//! is written down. Knows no syntax.

/// Where a place of the text that came out lies in the text that went in.
///
/// Only lines in which something was put that is longer or shorter than what it replaces have
/// entries. Lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(Vec<Shift>);

/// From `from` on, up to the line's next shift, columns of `line` began at `to` in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shift {
    line: u32,
    from: u32,
    to: u32,
    /// Whether the characters from here on were all put in, for one place of the source.
    made: bool,
}

impl Places {
    /// Whether all places are the same in both texts.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes that are held.
    pub fn held(&self) -> usize {
        self.0.capacity() * size_of::<Shift>()
    }

    /// The column in the source of a place of the text that came out; lines are the same in both.
    pub fn column(&self, line: u32, column: u32) -> u32 {
        let after = self.0.partition_point(|shift| (shift.line, shift.from) <= (line, column));
        match after.checked_sub(1).and_then(|at| self.0.get(at)) {
            Some(shift) if shift.line == line && shift.made => shift.to,
            Some(shift) if shift.line == line => shift.to + (column - shift.from),
            _ => column,
        }
    }
}

enum Fill {
    /// Spaces, but for line terminators.
    Blank,
    /// As [`Fill::Blank`], with this in the place of the first character, which ends no line.
    BlankAfter(char),
    /// As [`Fill::Blank`], with this in the place of the last character, which ends no line.
    BlankBefore(char),
    /// This, with the line terminators of what it replaces after it.
    Text(String),
}

struct Edit {
    start: u32,
    end: u32,
    fill: Fill,
}

/// Edits of one text, in any order; none overlap.
#[derive(Default)]
pub(crate) struct Edits(Vec<Edit>);

impl Edits {
    /// Puts spaces in the place of `start..end`.
    pub(crate) fn blank(&mut self, start: u32, end: u32) {
        self.push(start, end, Fill::Blank);
    }

    /// As [`Edits::blank`], but with `first` as its first character.
    pub(crate) fn blank_after(&mut self, first: char, start: u32, end: u32) {
        self.push(start, end, Fill::BlankAfter(first));
    }

    /// As [`Edits::blank`], but with `last` as its last character.
    pub(crate) fn blank_before(&mut self, last: char, start: u32, end: u32) {
        self.push(start, end, Fill::BlankBefore(last));
    }

    /// Puts `text`, which has no line terminators, in the place of `start..end`, whose line
    /// terminators follow it.
    pub(crate) fn replace(&mut self, start: u32, end: u32, text: impl Into<String>) {
        self.0.push(Edit { start, end, fill: Fill::Text(text.into()) });
    }

    /// Puts `text`, which has no line terminators, before `at`; behind what was put there before.
    pub(crate) fn insert(&mut self, at: u32, text: impl Into<String>) {
        self.replace(at, at, text);
    }

    /// Makes a semicolon of the first character of the blank that ends at `end`, if there is one.
    pub(crate) fn end_statement(&mut self, end: u32) {
        let blank = self.0.iter_mut().rev().take(8).find(|edit| edit.end == end);
        if let Some(edit) = blank
            && matches!(edit.fill, Fill::Blank)
        {
            edit.fill = Fill::BlankAfter(';');
        }
    }

    fn push(&mut self, start: u32, end: u32, fill: Fill) {
        if start < end {
            self.0.push(Edit { start, end, fill });
        }
    }

    /// Carries them out.
    pub(crate) fn apply(mut self, source: &str) -> (String, Places) {
        // Insertions come before what is replaced from the same place on.
        self.0.sort_by_key(|edit| (edit.start, edit.end));
        let mut out = Out { text: String::with_capacity(source.len() + 256), ..Out::default() };
        let mut at = 0;
        for Edit { start, end, fill } in self.0 {
            let (start, end) = (start as usize, end as usize);
            if start < at {
                debug_assert!(false, "edits overlap at {start}");
                continue;
            }
            out.copy(&source[at..start]);
            let old = &source[start..end];
            match fill {
                Fill::Blank => out.blank(old),
                Fill::BlankAfter(first) => {
                    let replaced = old.chars().next().map_or(0, char::len_utf8);
                    out.copy(first.encode_utf8(&mut [0; 4]));
                    out.blank(&old[replaced..]);
                }
                Fill::BlankBefore(last) => {
                    let replaced = old.chars().next_back().map_or(0, char::len_utf8);
                    out.blank(&old[..old.len() - replaced]);
                    out.copy(last.encode_utf8(&mut [0; 4]));
                }
                Fill::Text(text) => out.put(&text, old),
            }
            at = end;
        }
        out.copy(&source[at..]);
        (out.text, Places(out.shifts))
    }
}

/// The text that comes out, and where it and the source are.
#[derive(Default)]
struct Out {
    text: String,
    shifts: Vec<Shift>,
    /// Lines so far.
    line: u32,
    /// Characters of the line so far, in the text that comes out.
    made: u32,
    /// Characters of the line so far, in the source.
    read: u32,
}

pub(crate) fn ends_line(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

impl Out {
    fn step(&mut self, c: char) {
        // Of `\r\n` only the second ends a line; columns after a lone `\r` are those that the
        // engine counts as well.
        if matches!(c, '\n' | '\u{2028}' | '\u{2029}') {
            self.line += 1;
            (self.made, self.read) = (0, 0);
        } else {
            self.made += 1;
            self.read += 1;
        }
    }

    fn copy(&mut self, text: &str) {
        self.text.push_str(text);
        text.chars().for_each(|c| self.step(c));
    }

    fn blank(&mut self, old: &str) {
        for c in old.chars() {
            self.text.push(if ends_line(c) { c } else { ' ' });
            self.step(c);
        }
    }

    fn put(&mut self, text: &str, old: &str) {
        self.shift(true);
        self.text.push_str(text);
        self.made += text.chars().count() as u32;
        for c in old.chars() {
            if ends_line(c) {
                self.text.push(c);
                self.step(c);
            } else {
                self.read += 1;
            }
        }
        self.shift(false);
    }

    fn shift(&mut self, made: bool) {
        let shift = Shift { line: self.line + 1, from: self.made + 1, to: self.read + 1, made };
        // What is as long as what it replaces shifts nothing, but its inside is one place.
        match self.shifts.last_mut() {
            Some(last) if (last.line, last.from) == (shift.line, shift.from) => *last = shift,
            _ => self.shifts.push(shift),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_columns_are_led_back() {
        let source = "a<T>(b);\nfoo é <T\n> bar baz";
        let at = |text: &str| source.find(text).unwrap() as u32;
        let mut edits = Edits::default();
        edits.replace(at("foo"), at("foo") + 3, "something");
        edits.blank(at("<T>"), at("<T>") + 3);
        edits.replace(at("<T\n"), at(" bar"), "x");
        edits.insert(at("baz"), "(");
        let (text, places) = edits.apply(source);
        assert_eq!(text, "a   (b);\nsomething é x\n bar (baz");
        assert_eq!(places.column(1, 5), 5);
        assert_eq!(places.column(2, 4), 1, "the middle of what was put in");
        assert_eq!(places.column(2, 11), 5, "é");
        assert_eq!(places.column(3, 2), 3, "bar");
        assert_eq!(places.column(3, 7), 7, "baz");
    }
}
