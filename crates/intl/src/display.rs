//! `Intl.DisplayNames`: what languages, regions, scripts, currencies, calendars and the fields of dates are
//! called (ECMA-402, section 12).

use crate::data::load;
use crate::error::{Error, range};
use crate::locale;
use crate::number::currency_name;
use crate::table::Table;
use icu::experimental::displaynames::provider::{
    LocaleNamesLanguageV0, LocaleNamesLocaleV0, LocaleNamesRegionV0, LocaleNamesScriptV0,
    LocaleNamesVariantV0,
};
use icu::experimental::provider::Baked;
use icu::locale::subtags::{Language, Region, Script, Variant};
use icu::locale::{LanguageIdentifier, Locale};
use icu_provider::DataLocale;
use writeable::Writeable;

static NAMES: Table = Table(include_str!("../data/names.txt"));

/// The fields that have names, in the order of the table's lines.
const FIELDS: [&str; 12] = [
    "era",
    "year",
    "quarter",
    "month",
    "weekOfYear",
    "weekday",
    "day",
    "dayPeriod",
    "hour",
    "minute",
    "second",
    "timeZoneName",
];

/// What is asked for.
pub(crate) struct Asked<'a> {
    pub(crate) locale: &'a str,
    /// `language`, `region`, `script`, `currency`, `calendar` or `dateTimeField`.
    pub(crate) kind: &'a str,
    pub(crate) style: &'a str,
    /// Whether a language in a region may have a name of its own.
    pub(crate) dialect: bool,
}

/// The name of a code, `[canonical code]` where it has none, as JSON: a list of one or of none, and the
/// code.
pub(crate) fn name(asked: &Asked<'_>, code: &str) -> Result<(Option<String>, String), Error> {
    let refused = || {
        range(format!(
            "Invalid argument to Intl.DisplayNames.prototype.of: {}",
            code.chars().take(40).collect::<String>()
        ))
    };
    let data = locale::data_locale(asked.locale)?;
    let short = asked.style != "long";
    match asked.kind {
        "region" => {
            let region: Region = code.parse().map_err(|_| refused())?;
            let name = region_name(region, short, &data).or_else(|| {
                // Names are those of today's codes.
                let today = locale::parse(&format!("und-{region}")).ok()?.id.region?;
                region_name(today, false, &data)
            });
            Ok((name, region.to_string()))
        }
        "script" => {
            let script: Script = code.parse().map_err(|_| refused())?;
            Ok((script_name(script, short, &data, false), script.to_string()))
        }
        "currency" => {
            if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                return Err(refused());
            }
            let code = code.to_ascii_uppercase();
            Ok((currency_name(&code, &data), code))
        }
        "calendar" => {
            let part = |part: &str| {
                (3..=8).contains(&part.len())
                    && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            };
            if !code.split('-').all(part) {
                return Err(refused());
            }
            let code = code.to_ascii_lowercase();
            let code = locale::canonical_value("ca", &code).to_owned();
            Ok((NAMES.inherited(&format!("cal/{code}"), &data).map(str::to_owned), code))
        }
        "dateTimeField" => {
            let at = FIELDS.iter().position(|field| *field == code).ok_or_else(refused)?;
            let width = match asked.style {
                "short" => "-short",
                "narrow" => "-narrow",
                _ => "",
            };
            let names = NAMES.inherited(&format!("fld{width}"), &data).unwrap_or("");
            Ok((names.split('|').nth(at).map(str::to_owned), code.to_owned()))
        }
        _ => {
            let id = locale::parse(code).ok().filter(is_plain).ok_or_else(refused)?.id;
            let (name, known) = language_name(&id, asked, short, &data);
            Ok(if known { (Some(name), id.to_string()) } else { (None, name) })
        }
    }
}

/// Whether a tag has no extensions, and says of which language it is.
fn is_plain(locale: &Locale) -> bool {
    locale.extensions.is_empty()
}

fn region_name(region: Region, short: bool, data: &DataLocale) -> Option<String> {
    let names = load::<LocaleNamesRegionV0>(&Baked, "", data)?;
    let (names, key) = (names.get(), region.to_tinystr().to_unvalidated());
    let name = if short { names.short_names.get(&key) } else { None };
    name.or_else(|| names.names.get(&key)).map(str::to_owned)
}

fn script_name(script: Script, short: bool, data: &DataLocale, beside: bool) -> Option<String> {
    let names = load::<LocaleNamesScriptV0>(&Baked, "", data)?;
    let (names, key) = (names.get(), script.to_tinystr().to_unvalidated());
    let name = if short || beside { names.short_names.get(&key) } else { None };
    name.or_else(|| names.names.get(&key)).map(str::to_owned)
}

fn variant_name(variant: &Variant, data: &DataLocale) -> Option<String> {
    let names = load::<LocaleNamesVariantV0>(&Baked, "", data)?;
    names.get().names.get(&variant.to_tinystr().to_unvalidated()).map(str::to_owned)
}

/// The name of a language in a script or region that has a name of its own.
fn dialect_name(id: &LanguageIdentifier, short: bool, data: &DataLocale) -> Option<String> {
    let names = load::<LocaleNamesLocaleV0>(&Baked, "", data)?;
    let names = names.get();
    let name = match short {
        true => names.short_names.get_by(|key| id.strict_cmp(key).reverse()),
        false => None,
    };
    name.or_else(|| names.names.get_by(|key| id.strict_cmp(key).reverse())).map(str::to_owned)
}

fn plain_name(language: Language, short: bool, data: &DataLocale) -> Option<String> {
    let names = load::<LocaleNamesLanguageV0>(&Baked, "", data)?;
    let (names, key) = (names.get(), language.to_tinystr().to_unvalidated());
    let name = if short { names.short_names.get(&key) } else { None };
    name.or_else(|| names.names.get(&key)).map(str::to_owned)
}

/// UTS 35, part 2, "Display Name Elements"; a dialect's name is taken where it says all but the variants.
/// The second says whether the language has a name.
fn language_name(
    id: &LanguageIdentifier,
    asked: &Asked<'_>,
    short: bool,
    data: &DataLocale,
) -> (String, bool) {
    let dialect = match asked.dialect && (id.script.is_some() || id.region.is_some()) {
        true => {
            let plain = LanguageIdentifier::from((id.language, id.script, id.region));
            dialect_name(&plain, short, data)
        }
        false => None,
    };
    let whole = dialect.is_some();
    let language = dialect.or_else(|| plain_name(id.language, short, data));
    let known = language.is_some();
    let mut said = language.unwrap_or_else(|| id.language.write_to_string().into_owned());
    let patterns = NAMES.inherited("join", data).unwrap_or("{0} ({1})|{0}, {1}");
    let (around, between) = patterns.split_once('|').unwrap_or(("{0} ({1})", "{0}, {1}"));
    let script = id
        .script
        .filter(|_| !whole)
        .map(|script| script_name(script, short, data, true).unwrap_or_else(|| script.to_string()));
    let region = id
        .region
        .filter(|_| !whole)
        .map(|region| region_name(region, short, data).unwrap_or_else(|| region.to_string()));
    let variants = id.variants.iter().map(|variant| {
        variant_name(variant, data).unwrap_or_else(|| variant.to_string().to_uppercase())
    });
    let filled = |pattern: &str, first: &str, second: &str| {
        pattern.replace("{0}", "\u{1}").replace("{1}", second).replace('\u{1}', first)
    };
    let beside = script
        .into_iter()
        .chain(region)
        .chain(variants)
        .map(|name| {
            // Brackets within brackets are square.
            name.replace('(', "[").replace(')', "]").replace('（', "［").replace('）', "］")
        })
        .reduce(|before, next| filled(between, &before, &next));
    if let Some(beside) = beside {
        said = filled(around, &said, &beside);
    }
    (said, known)
}

/// What stands between hours and minutes of a duration in digits of a numbering system.
pub(crate) fn time_separator(tag: &str, system: &str) -> Result<&'static str, Error> {
    let locale = locale::data_locale(tag)?;
    let of = |system: &str| NAMES.inherited(&format!("sep/{system}"), &locale);
    Ok(of(system).or_else(|| of("latn")).unwrap_or(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn german(kind: &str, code: &str) -> Option<String> {
        let asked = Asked { locale: "de", kind, style: "long", dialect: true };
        name(&asked, code).unwrap().0
    }

    #[test]
    fn codes_have_names() {
        for (kind, code, expected) in [
            ("region", "de", Some("Deutschland")),
            ("region", "QX", None),
            ("script", "latn", Some("Lateinisch")),
            ("currency", "usd", Some("US-Dollar")),
            ("calendar", "gregory", Some("Gregorianischer Kalender")),
            ("dateTimeField", "weekday", Some("Wochentag")),
            ("language", "de-AT", Some("Österreichisches Deutsch")),
            (
                "language",
                "de-AT-1996",
                Some("Österreichisches Deutsch (Neue deutsche Rechtschreibung)"),
            ),
            ("region", "UK", Some("Vereinigtes Königreich")),
            ("language", "fr-AT", Some("Französisch (Österreich)")),
            ("language", "sr-Latn-RS", Some("Serbisch (Lateinisch, Serbien)")),
            ("language", "xx", None),
            ("language", "xx-DE", None),
        ] {
            assert_eq!(german(kind, code).as_deref(), expected, "{code}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for (kind, code) in [
            ("region", "Latn"),
            ("script", "DE"),
            ("currency", "EURO"),
            ("calendar", "x"),
            ("dateTimeField", "months"),
            ("language", "de-u-ca-buddhist"),
            ("language", ""),
        ] {
            let asked = Asked { locale: "de", kind, style: "long", dialect: true };
            assert!(name(&asked, code).is_err(), "{kind} {code}");
        }
    }
}
