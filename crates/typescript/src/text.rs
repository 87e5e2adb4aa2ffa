//! Looking at a text between the nodes of its tree: what is no comment there.

/// A text, with places in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Text<'s>(pub(crate) &'s str);

impl<'s> Text<'s> {
    pub(crate) fn of(self, start: u32, end: u32) -> &'s str {
        self.0.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The first place from `at` on that is neither space nor in a comment; the text's end where
    /// there is none.
    pub(crate) fn next(self, at: u32) -> u32 {
        let mut at = at as usize;
        loop {
            let rest = self.0.get(at..).unwrap_or_default();
            let space = rest.len() - rest.trim_start_matches(is_space).len();
            at += space;
            let rest = &rest[space..];
            if rest.starts_with("//") {
                at += rest.find(crate::edits::ends_line).unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else {
                return at as u32;
            }
        }
    }

    /// What stands from `at` on, comments and spaces left out.
    pub(crate) fn after(self, at: u32) -> &'s str {
        self.0.get(self.next(at) as usize..).unwrap_or_default()
    }

    /// Where `c` stands between `start` and `end`, outside of comments.
    pub(crate) fn find(self, c: char, start: u32, end: u32) -> Option<u32> {
        let mut at = self.next(start);
        while at < end {
            let here = self.0[at as usize..].chars().next()?;
            if here == c {
                return Some(at);
            }
            at = self.next(at + here.len_utf8() as u32);
        }
        None
    }

    /// The words between `start` and `end`, with their places: only words and spaces stand there, and
    /// comments; it ends at anything else.
    pub(crate) fn words(self, start: u32, end: u32) -> Vec<(u32, &'s str)> {
        let mut words = Vec::new();
        let mut at = self.next(start);
        while at < end {
            let rest = self.of(at, end);
            let len = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
            if len == 0 {
                break;
            }
            words.push((at, &rest[..len]));
            at = self.next(at + len as u32);
        }
        words
    }

    /// Whether lines end between `start` and `end`.
    pub(crate) fn spans_lines(self, start: u32, end: u32) -> bool {
        self.of(start, end).contains(crate::edits::ends_line)
    }

    /// Whether what stands from `at` on would go on with what stands before, if nothing ended that.
    pub(crate) fn goes_on(self, at: u32) -> bool {
        let rest = self.after(at);
        let word = |word: &str| {
            rest.strip_prefix(word).is_some_and(|rest| {
                !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$'))
            })
        };
        rest.starts_with([
            '(', '[', '`', '+', '-', '*', '/', ',', '.', '?', '<', '>', '=', '&', '|', '^', '%',
        ]) || word("in")
            || word("instanceof")
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}
