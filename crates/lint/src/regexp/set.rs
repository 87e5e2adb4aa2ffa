//! Sets of code points.

/// A set of code points, as ranges in order that do not touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Set(Vec<(u32, u32)>);

const LAST: u32 = 0x10_ffff;

impl Set {
    pub(crate) fn new(ranges: impl IntoIterator<Item = (u32, u32)>) -> Set {
        let mut ranges: Vec<_> = ranges.into_iter().filter(|(from, to)| from <= to).collect();
        ranges.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (from, to) in ranges {
            match out.last_mut() {
                Some(last) if from <= last.1.saturating_add(1) => last.1 = last.1.max(to),
                _ => out.push((from, to)),
            }
        }
        Set(out)
    }

    pub(crate) fn one(c: u32) -> Set {
        Set(vec![(c, c)])
    }

    pub(crate) fn has(&self, c: u32) -> bool {
        let at = self.0.partition_point(|range| range.1 < c);
        self.0.get(at).is_some_and(|range| range.0 <= c)
    }

    pub(crate) fn not(&self) -> Set {
        let mut out = Vec::new();
        let mut next = 0;
        for (from, to) in &self.0 {
            if *from > next {
                out.push((next, from - 1));
            }
            next = to + 1;
        }
        if next <= LAST {
            out.push((next, LAST));
        }
        Set(out)
    }

    pub(crate) fn or(&self, other: &Set) -> Set {
        Set::new(self.0.iter().chain(&other.0).copied())
    }

    /// A code point of both, preferably one that people can read.
    pub(crate) fn common(&self, other: &Set) -> Option<u32> {
        let mut found: Option<(u32, u32)> = None;
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let (from, to) = (a.0.max(b.0), a.1.min(b.1));
            if from <= to {
                for c in ['a', '0', 'A', ' ', '-'] {
                    if (from..=to).contains(&(c as u32)) {
                        return Some(c as u32);
                    }
                }
                // Halves of pairs are no characters.
                if found.is_none() && !(0xd800..=0xdfff).contains(&from) {
                    found = Some((from, to));
                }
            }
            if a.1 < b.1 {
                left.next()
            } else {
                right.next()
            };
        }
        found.map(|(from, to)| from.max(to.min(0x21)))
    }

    /// The set with both cases of each ASCII letter in it.
    pub(crate) fn any_case(&self) -> Set {
        let flipped = (0..128u8)
            .filter(|c| c.is_ascii_alphabetic() && self.has(u32::from(*c)))
            .map(|c| u32::from(c ^ 0x20))
            .map(|c| (c, c));
        Set::new(self.0.iter().copied().chain(flipped))
    }
}

pub(crate) fn digits() -> Set {
    Set::new([(0x30, 0x39)])
}

pub(crate) fn words() -> Set {
    Set::new([(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)])
}

pub(crate) fn spaces() -> Set {
    Set::new([
        (0x09, 0x0d),
        (0x20, 0x20),
        (0xa0, 0xa0),
        (0x1680, 0x1680),
        (0x2000, 0x200a),
        (0x2028, 0x2029),
        (0x202f, 0x202f),
        (0x205f, 0x205f),
        (0x3000, 0x3000),
        (0xfeff, 0xfeff),
    ])
}

/// What ends a line.
pub(crate) fn line_ends() -> Set {
    Set::new([(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_joined_negated_and_intersected() {
        let set = Set::new([(5, 9), (0, 2), (3, 4), (20, 30)]);
        assert_eq!(set, Set(vec![(0, 9), (20, 30)]));
        assert_eq!(set.not().not(), set);
        assert!(set.has(9) && !set.has(10) && set.has(20));
        assert_eq!(digits().common(&words()), Some('0' as u32));
        assert_eq!(digits().common(&spaces()), None);
        assert_eq!(words().not().common(&words()), None);
        assert!(Set::one('a' as u32).any_case().has('A' as u32));
    }
}
