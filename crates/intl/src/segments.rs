//! `Intl.Segmenter`: where characters, words and sentences of a text end.

use crate::cache::Cache;
use crate::error::{Error, range};
use crate::locale;
use icu::segmenter::options::{SentenceBreakOptions, WordBreakOptions};
use icu::segmenter::{GraphemeClusterSegmenter, SentenceSegmenter, WordSegmenter};

/// The most of a text that is looked at in one call, in UTF-16 units. A segment's length, twice, is a
/// character below the surrogates.
const LONGEST: usize = 16_384;

/// What finds the ends of one kind of segment in texts of one language.
#[derive(Debug)]
enum Segmenter {
    Grapheme,
    Word(Box<WordSegmenter>),
    Sentence(Box<SentenceSegmenter>),
}

impl Segmenter {
    fn new(granularity: &str, tag: &str) -> Result<Segmenter, Error> {
        let language = locale::parse(tag)?.id;
        let refused = |_| range(format!("no segments of {granularity} in {tag}"));
        match granularity {
            "word" => {
                let mut options = WordBreakOptions::default();
                options.content_locale = Some(&language);
                // Dictionaries, of which Burmese has one too, come nearer to Node's than the models
                // that are ICU4X's choice.
                let segmenter = WordSegmenter::try_new_dictionary(options).map_err(refused)?;
                Ok(Segmenter::Word(Box::new(segmenter)))
            }
            "sentence" => {
                let mut options = SentenceBreakOptions::default();
                options.content_locale = Some(&language);
                let segmenter = SentenceSegmenter::try_new(options).map_err(refused)?;
                Ok(Segmenter::Sentence(Box::new(segmenter)))
            }
            _ => Ok(Segmenter::Grapheme),
        }
    }

    /// The places in bytes where segments end, and whether each is a word.
    fn ends(&self, text: &str) -> Vec<(usize, bool)> {
        let plain = |end: usize| (end, false);
        let mut ends: Vec<(usize, bool)> = match self {
            Segmenter::Grapheme => {
                GraphemeClusterSegmenter::new().segment_str(text).map(plain).collect()
            }
            Segmenter::Word(words) => words
                .as_borrowed()
                .segment_str(text)
                .iter_with_word_type()
                .map(|(end, kind)| (end, kind.is_word_like()))
                .collect::<Vec<_>>(),
            Segmenter::Sentence(sentences) => {
                sentences.as_borrowed().segment_str(text).map(plain).collect()
            }
        };
        ends.retain(|(end, _)| *end > 0);
        if let Segmenter::Word(_) = self {
            // ICU4X says it of the last character, which may be an accent.
            let mut start = 0;
            for (end, word) in &mut ends {
                *word |= text[start..*end].chars().any(char::is_alphabetic);
                start = *end;
            }
        }
        ends
    }
}

thread_local! {
    static SEGMENTERS: Cache<Segmenter> = Cache::new();
}

/// The segments of a piece of a text that begins where a segment does: of each a character whose number
/// is twice its length in UTF-16 units, and one more where it is a word. Where the text goes on behind the
/// piece, the last segment may be longer than it seems: it is left out unless it is the only one.
pub(crate) fn segments(
    granularity: &str,
    tag: &str,
    text: &str,
    goes_on: bool,
) -> Result<String, Error> {
    if text.encode_utf16().count() > LONGEST {
        return Err(range("too much text at once"));
    }
    let segmenter = SEGMENTERS.with(|cache| {
        cache.get(&format!("{granularity}/{tag}"), || Segmenter::new(granularity, tag))
    })?;
    let mut ends = segmenter.ends(text);
    if goes_on && ends.len() > 1 {
        ends.pop();
    }
    let mut start = 0;
    let lengths = ends.into_iter().map(|(end, word)| {
        let units = text[start..end].encode_utf16().count() as u32;
        start = end;
        char::from_u32(units * 2 + u32::from(word)).unwrap_or('\u{0}')
    });
    Ok(lengths.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(granularity: &str, tag: &str, text: &str, goes_on: bool) -> Vec<(u32, bool)> {
        let found = segments(granularity, tag, text, goes_on).unwrap();
        found.chars().map(|c| (u32::from(c) / 2, u32::from(c) % 2 == 1)).collect()
    }

    #[test]
    fn segments_are_told_by_their_lengths_in_utf_16() {
        let family = "👨‍👩‍👧e\u{301}!";
        assert_eq!(lengths("grapheme", "en", family, false), [(8, false), (2, false), (1, false)]);
        let words = [(2, true), (1, false), (3, true), (1, false)];
        assert_eq!(lengths("word", "en", "Hi you.", false), words);
        assert_eq!(lengths("word", "en", "Hi you.", true), words[..3]);
        assert_eq!(lengths("sentence", "en", "Hi. You.", false), [(4, false), (4, false)]);
        assert_eq!(lengths("word", "en", "e\u{301}", false), [(2, true)]);
        assert_eq!(lengths("word", "en", "", false), []);
        assert_eq!(lengths("word", "en", "longer", true), [(6, true)]);
    }

    #[test]
    fn more_than_a_piece_is_refused() {
        let all = "a".repeat(LONGEST);
        assert_eq!(lengths("word", "en", &all, false), [(LONGEST as u32, true)]);
        assert!(segments("word", "en", &(all + "a"), false).is_err());
    }
}
