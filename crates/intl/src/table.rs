//! Tables of `data/`: sorted lines of a key, a tab and text, searched where they lie.
//!
//! Must not know what the texts mean.

use icu::locale::fallback::LocaleFallbacker;
use icu_provider::DataLocale;

/// A table's text, as `data/generate.mjs` wrote it. Tables are statics: a constant's text is compiled into
/// each unit of code that reads it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table(pub(crate) &'static str);

impl Table {
    /// The text of a key.
    pub(crate) fn get(self, key: &str) -> Option<&'static str> {
        let text = self.0;
        let bytes = text.as_bytes();
        let (mut low, mut high) = (0, bytes.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let start = memchr::memrchr(b'\n', &bytes[low..middle]).map_or(low, |at| low + at + 1);
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            let line = &text[start..end];
            let (found, value) = line.split_once('\t').unwrap_or((line, ""));
            match found.cmp(key) {
                std::cmp::Ordering::Equal => return Some(value),
                std::cmp::Ordering::Less => low = end + 1,
                std::cmp::Ordering::Greater => high = start,
            }
        }
        None
    }

    /// The text of `key/LOCALE`, or of the nearest ancestor of the locale that has one.
    pub(crate) fn inherited(self, key: &str, locale: &DataLocale) -> Option<&'static str> {
        chain(locale).into_iter().find_map(|locale| self.get(&format!("{key}/{locale}")))
    }
}

/// A locale and what it inherits from, up to the root.
pub(crate) fn chain(locale: &DataLocale) -> Vec<String> {
    let fallbacker = LocaleFallbacker::new();
    let mut steps = fallbacker.for_config(Default::default()).fallback_for(*locale);
    let mut names = Vec::new();
    loop {
        names.push(steps.get().to_string());
        if steps.get().is_unknown() {
            return names;
        }
        steps.step();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Table = Table("a/de\teins\na/und\tzwei\nb/und\tdrei\n");

    #[test]
    fn a_table_finds_each_key_and_no_other() {
        assert_eq!(SMALL.get("a/de"), Some("eins"));
        assert_eq!(SMALL.get("a/und"), Some("zwei"));
        assert_eq!(SMALL.get("b/und"), Some("drei"));
        for absent in ["", "a", "a/d", "a/def", "c/und", "0"] {
            assert_eq!(SMALL.get(absent), None, "{absent}");
        }
    }

    #[test]
    fn a_locale_inherits_from_its_parent_and_the_root() {
        let swiss: icu::locale::Locale = "de-CH".parse().unwrap();
        assert_eq!(SMALL.inherited("a", &(&swiss).into()), Some("eins"));
        assert_eq!(SMALL.inherited("b", &(&swiss).into()), Some("drei"));
    }
}
