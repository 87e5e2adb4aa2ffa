//! Names of locales: their canonical form, which ones there is data for, and which one a list of
//! requested locales resolves to (ECMA-402, sections 6.2 and 9.2).

use crate::error::{Error, range};
use crate::table::Table;
use icu::casemap::CaseMapper;
use icu::locale::extensions::unicode::{Key, Value};
use icu::locale::{Locale, LocaleCanonicalizer};
use icu_provider::DataLocale;

/// What a program finds where it asks for nothing, or for nothing that there is.
pub(crate) const DEFAULT: &str = "en-US";
/// A tag longer than this names no locale.
const LONGEST_TAG: usize = 512;

static LOCALES: Table = Table(include_str!("../data/locales.txt"));

thread_local! {
    static CANONICALIZER: LocaleCanonicalizer = const { LocaleCanonicalizer::new_extended() };
}

/// The canonical form of a language tag.
pub(crate) fn canonical(tag: &str) -> Result<String, Error> {
    parse(tag).map(|locale| locale.to_string())
}

/// A language tag, canonical.
pub(crate) fn parse(tag: &str) -> Result<Locale, Error> {
    structure(tag).map(canonicalized)
}

/// What is said of a tag that is none: V8's words, which do not repeat it.
pub(crate) fn refused() -> Error {
    range("Incorrect locale information provided")
}

/// A language tag as it is written.
pub(crate) fn structure(tag: &str) -> Result<Locale, Error> {
    if tag.len() > LONGEST_TAG
        || !tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return Err(refused());
    }
    Locale::try_from_str(tag).map_err(|_| refused())
}

/// The canonical form of a locale.
pub(crate) fn canonicalized(mut locale: Locale) -> Locale {
    CANONICALIZER.with(|canonicalizer| canonicalizer.canonicalize(&mut locale));
    // ICU4X leaves the values of extensions as they are (UTS 35, part 1, section 3.2.1).
    let keywords = &mut locale.extensions.unicode.keywords;
    let other = |key: &Key, value: &Value| {
        let text = value.to_string();
        let named = canonical_value(key.as_str(), &text);
        if named == text { None } else { Some((*key, named.parse().ok()?)) }
    };
    let renamed: Vec<(Key, Value)> =
        keywords.iter().filter_map(|(key, value)| other(key, value)).collect();
    for (key, value) in renamed {
        keywords.set(key, value);
    }
    locale
}

/// The canonical name of a value of a key of Unicode extensions, from CLDR's aliases. Those longer
/// than eight letters in a piece are no values in the first place.
pub(crate) fn canonical_value<'a>(key: &str, value: &'a str) -> &'a str {
    match (key, value) {
        ("ca", "islamicc") => "islamic-civil",
        ("ca", "ethiopic-amete-alem") => "ethioaa",
        ("ms", "imperial") => "uksystem",
        ("kb" | "kc" | "kh" | "kk" | "kn", "yes") => "",
        ("ks", "primary") => "level1",
        ("ks", "tertiary") => "level3",
        _ => value,
    }
}

/// Which services' locales are asked for: their mark in `data/locales.txt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Numbers,
    Plurals,
    Collation,
    Lists,
}

impl Service {
    fn mark(self) -> char {
        match self {
            Service::Numbers => 'n',
            Service::Plurals => 'p',
            Service::Collation => 'c',
            Service::Lists => 'l',
        }
    }

    fn has(self, tag: &str) -> bool {
        LOCALES.get(tag).is_some_and(|marks| marks.contains(self.mark()))
    }
}

/// The longest beginning of a tag, without extensions, that there is data for.
pub(crate) fn best_available(service: Service, locale: &Locale) -> Option<String> {
    let mut tag = locale.id.to_string();
    loop {
        if service.has(&tag) {
            return Some(tag);
        }
        tag.truncate(tag.rfind('-')?);
    }
}

/// A locale that a service works with.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    /// The tag without extensions.
    pub(crate) base: String,
    /// The requested locale that it was found for.
    pub(crate) requested: Option<Locale>,
}

impl Resolved {
    /// What the requested tag's extension says of a key, as text; empty for a bare key.
    pub(crate) fn keyword(&self, key: Key) -> Option<String> {
        self.requested.as_ref()?.extensions.unicode.keywords.get(&key).map(Value::to_string)
    }
}

/// The first of the requested locales that there is data for, or the default.
pub(crate) fn resolve(service: Service, requested: &[&str]) -> Result<Resolved, Error> {
    for tag in requested {
        let locale = parse(tag)?;
        if let Some(base) = best_available(service, &locale) {
            return Ok(Resolved { base, requested: Some(locale) });
        }
    }
    Ok(Resolved { base: DEFAULT.into(), requested: None })
}

/// A key of a tag's Unicode extension that a service knows.
pub(crate) struct Relevant<'a> {
    pub(crate) key: &'static str,
    /// What the program's options say.
    pub(crate) option: Option<&'a str>,
    /// Whether the locale can do a value.
    pub(crate) can: &'a dyn Fn(&str) -> bool,
    pub(crate) default: String,
}

/// Resolves the keys that a service knows: their values, and the tag that names those of them that
/// the requested tag asked for.
pub(crate) fn with_keywords(
    resolved: &Resolved,
    relevant: &[Relevant<'_>],
) -> (String, Vec<String>) {
    let mut tag = resolved.base.clone();
    let mut values = Vec::new();
    let mut extension = String::new();
    for relevant in relevant {
        let mut value = relevant.default.clone();
        let mut named = None;
        let key: Option<Key> = relevant.key.parse().ok();
        if let Some(asked) = key.and_then(|key| resolved.keyword(key)) {
            let meant = if asked.is_empty() { "true" } else { asked.as_str() };
            if (relevant.can)(meant) {
                value = meant.to_owned();
                named = Some(asked);
            }
        }
        if let Some(option) = relevant.option
            && (relevant.can)(option)
            && option != value
        {
            value = option.to_owned();
            named = None;
        }
        if let Some(named) = named {
            extension += &format!("-{}", relevant.key);
            if !named.is_empty() {
                extension += &format!("-{named}");
            }
        }
        values.push(value);
    }
    if !extension.is_empty() {
        tag += &format!("-u{extension}");
    }
    (tag, values)
}

/// Those of the requested locales that a service has, as they were requested.
pub(crate) fn supported(service: Service, requested: &[&str]) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for tag in requested {
        let locale = parse(tag)?;
        if best_available(service, &locale).is_some() {
            found.push(locale.to_string());
        }
    }
    Ok(found)
}

/// The place of a tag's data.
pub(crate) fn data_locale(tag: &str) -> Result<DataLocale, Error> {
    Ok((&parse(tag)?).into())
}

/// A text in capitals, as a language writes them.
pub(crate) fn upper(tag: &str, text: &str) -> Result<String, Error> {
    Ok(CaseMapper::new().uppercase_to_string(text, &parse(tag)?.id).into_owned())
}

/// A text in small letters, as a language writes them.
pub(crate) fn lower(tag: &str, text: &str) -> Result<String, Error> {
    Ok(CaseMapper::new().lowercase_to_string(text, &parse(tag)?.id).into_owned())
}
