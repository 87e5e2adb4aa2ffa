//! `Intl.Collator`: which of two texts comes first.

use crate::error::{Error, range};
use crate::locale::{self, Relevant, Service};
use icu::collator::options::{AlternateHandling, CaseLevel, CollatorOptions, Strength};
use icu::collator::preferences::{CollationCaseFirst, CollationNumericOrdering};
use icu::collator::{CollatorBorrowed, CollatorPreferences};
use serde::Deserialize;
use std::cmp::Ordering;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    locale: String,
    usage: String,
    sensitivity: String,
    ignore_punctuation: bool,
    collation: String,
    numeric: bool,
    case_first: String,
}

/// An order of texts.
#[derive(Debug)]
pub(crate) struct Collation(CollatorBorrowed<'static>);

/// Kinds of order that are asked for by name.
pub(crate) const NAMED: [&str; 15] = [
    "compat", "dict", "emoji", "eor", "phonebk", "phonetic", "pinyin", "searchjl", "stroke",
    "trad", "unihan", "zhuyin", "gb2312", "big5han", "reformed",
];

impl Collation {
    pub(crate) fn new(key: &str) -> Result<Collation, Error> {
        let options: Options = serde_json::from_str(key)
            .map_err(|error| range(format!("options of a collator that are none: {error}")))?;
        let mut tag = locale::parse(&options.locale)?.id.to_string();
        match options.collation.as_str() {
            "default" if options.usage == "search" => tag += "-u-co-search",
            "default" => {}
            named => tag += &format!("-u-co-{named}"),
        }
        let mut preferences = CollatorPreferences::from(&locale::parse(&tag)?);
        preferences.numeric_ordering = Some(if options.numeric {
            CollationNumericOrdering::True
        } else {
            CollationNumericOrdering::False
        });
        preferences.case_first = Some(match options.case_first.as_str() {
            "upper" => CollationCaseFirst::Upper,
            "lower" => CollationCaseFirst::Lower,
            _ => CollationCaseFirst::False,
        });
        let mut wanted = CollatorOptions::default();
        wanted.strength = Some(match options.sensitivity.as_str() {
            "base" | "case" => Strength::Primary,
            "accent" => Strength::Secondary,
            _ => Strength::Tertiary,
        });
        if options.sensitivity == "case" {
            wanted.case_level = Some(CaseLevel::On);
        }
        wanted.alternate_handling = Some(match options.ignore_punctuation {
            true => AlternateHandling::Shifted,
            false => AlternateHandling::NonIgnorable,
        });
        CollatorBorrowed::try_new(preferences, wanted)
            .map(Collation)
            .map_err(|_| range(format!("no order of texts for {}", options.locale)))
    }

    /// Below 0 where the first text comes first, above 0 where the second does.
    pub(crate) fn compare(&self, left: &str, right: &str) -> f64 {
        match self.0.compare(left, right) {
            Ordering::Less => -1.0,
            Ordering::Equal => 0.0,
            Ordering::Greater => 1.0,
        }
    }
}

/// `[locale, collation, numeric, caseFirst]` of requested tags and options; empty options are none.
pub(crate) fn resolve(
    tags: &[&str],
    collation: &str,
    numeric: &str,
    case_first: &str,
) -> Result<Vec<String>, Error> {
    let resolved = locale::resolve(Service::Collation, tags)?;
    let option = |text| Some(text).filter(|text: &&str| !text.is_empty());
    let data = locale::parse(&resolved.base)?;
    let can = |named: &str| {
        NAMED.contains(&named) && {
            let preferences = locale::parse(&format!("{}-u-co-{named}", resolved.base));
            preferences.is_ok_and(|tag| {
                CollatorBorrowed::try_new((&tag).into(), CollatorOptions::default()).is_ok()
                    && has_collation(&data.id.language.to_string(), named)
            })
        }
    };
    let relevant = [
        Relevant { key: "co", option: option(collation), can: &can, default: "default".into() },
        Relevant {
            key: "kf",
            option: option(case_first),
            can: &|value| matches!(value, "upper" | "lower" | "false"),
            // In Danish and Maltese capitals come first.
            default: if matches!(data.id.language.as_str(), "da" | "mt") {
                "upper"
            } else {
                "false"
            }
            .into(),
        },
        Relevant {
            key: "kn",
            option: option(numeric),
            can: &|value| matches!(value, "true" | "false"),
            default: "false".into(),
        },
    ];
    let (tag, values) = locale::with_keywords(&resolved, &relevant);
    let [collation, case_first, numeric] =
        values.try_into().map_err(|_| range("a key has no value"))?;
    Ok(vec![tag, collation, numeric, case_first])
}

/// The kinds of order that a language has beside its usual one, sorted.
pub(crate) fn of_language(language: &str) -> Vec<&'static str> {
    let mut found: Vec<_> =
        NAMED.into_iter().filter(|named| has_collation(language, named)).collect();
    found.sort_unstable();
    found
}

/// Whether a kind of order is that of some language.
pub(crate) fn is_anywhere(named: &str) -> bool {
    let languages = ["ar", "de", "es", "ko", "ln", "si", "zh"];
    languages.iter().any(|language| has_collation(language, named))
}

/// The orders that a language has beside its usual one, and that all have.
fn has_collation(language: &str, named: &str) -> bool {
    match named {
        "emoji" | "eor" => true,
        "phonebk" => language == "de",
        "trad" => matches!(language, "es" | "fi" | "kn" | "sv" | "vi" | "bn" | "ln"),
        "pinyin" | "stroke" | "zhuyin" | "unihan" => {
            matches!(language, "zh" | "ja" | "ko") && (language == "zh" || named == "unihan")
        }
        "compat" => language == "ar",
        "dict" => language == "si",
        "phonetic" => language == "ln",
        "searchjl" => language == "ko",
        _ => false,
    }
}
