//! `Intl.Locale`: the parts of a locale's name, put together and told apart, and what is usual where it is
//! spoken (ECMA-402, section 15).

use crate::collation;
use crate::date;
use crate::error::{Error, range};
use crate::locale::{self, Service, refused};
use crate::number::symbols;
use crate::table::Table;
use crate::values;
use icu::calendar::types::Weekday;
use icu::calendar::week::WeekInformation;
use icu::locale::extensions::unicode::{Key, Value, key};
use icu::locale::subtags::{Language, Region, Script, Variant};
use icu::locale::{LanguageIdentifier, Locale, LocaleDirectionality, LocaleExpander};
use serde::Deserialize;
use serde_json::{Map, json};

static REGIONS: Table = Table(include_str!("../data/regions.txt"));

/// The keys of Unicode extensions that have an option and a property.
const KEYS: [Key; 7] =
    [key!("ca"), key!("co"), key!("fw"), key!("hc"), key!("kf"), key!("kn"), key!("nu")];

/// What the program's options say. Keys are those of the extension.
#[derive(Debug, Default, Deserialize)]
struct Options {
    language: Option<String>,
    script: Option<String>,
    region: Option<String>,
    variants: Option<String>,
    #[serde(default)]
    keywords: Map<String, serde_json::Value>,
}

/// The canonical tag of a tag and options, which are JSON.
pub(crate) fn make(tag: &str, options: &str) -> Result<String, Error> {
    let options: Options = serde_json::from_str(options).map_err(|_| refused())?;
    let mut locale = locale::structure(tag)?;
    let id = &mut locale.id;
    if let Some(language) = &options.language {
        id.language = language.parse::<Language>().map_err(|_| refused())?;
    }
    if let Some(script) = &options.script {
        id.script = Some(script.parse::<Script>().map_err(|_| refused())?);
    }
    if let Some(region) = &options.region {
        id.region = Some(region.parse::<Region>().map_err(|_| refused())?);
    }
    if let Some(variants) = &options.variants {
        let parsed: Result<Vec<Variant>, _> = variants.split('-').map(str::parse).collect();
        let mut parsed = parsed.map_err(|_| refused())?;
        parsed.sort_unstable();
        if parsed.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(refused());
        }
        // The only way to give an identifier more than one.
        let named: Vec<String> = parsed.iter().map(Variant::to_string).collect();
        id.variants = format!("und-{}", named.join("-"))
            .parse::<LanguageIdentifier>()
            .map_err(|_| refused())?
            .variants;
    }
    for (name, value) in &options.keywords {
        let value = value.as_str().unwrap_or_default();
        let key: Key = name.parse().map_err(|_| refused())?;
        let value: Value = value.parse().map_err(|_| refused())?;
        locale.extensions.unicode.keywords.set(key, value);
    }
    Ok(locale::canonicalized(locale).to_string())
}

/// The parts of a canonical tag, as JSON.
pub(crate) fn fields(tag: &str) -> Result<serde_json::Value, Error> {
    let locale = locale::parse(tag)?;
    let id = &locale.id;
    let mut found = Map::new();
    found.insert("baseName".into(), id.to_string().into());
    found.insert("language".into(), id.language.to_string().into());
    if let Some(script) = id.script {
        found.insert("script".into(), script.to_string().into());
    }
    if let Some(region) = id.region {
        found.insert("region".into(), region.to_string().into());
    }
    if !id.variants.is_empty() {
        let variants: Vec<String> = id.variants.iter().map(Variant::to_string).collect();
        found.insert("variants".into(), variants.join("-").into());
    }
    for key in KEYS {
        if let Some(value) = locale.extensions.unicode.keywords.get(&key) {
            found.insert(key.to_string(), value.to_string().into());
        }
    }
    Ok(found.into())
}

/// The tag with the parts that are likely, or without them.
pub(crate) fn likely(tag: &str, more: bool) -> Result<String, Error> {
    let mut locale = locale::parse(tag)?;
    let expander = LocaleExpander::new_extended();
    if more {
        expander.maximize(&mut locale.id);
    } else {
        expander.minimize(&mut locale.id);
    }
    Ok(locale.to_string())
}

fn keyword(locale: &Locale, key: Key) -> Option<String> {
    locale.extensions.unicode.keywords.get(&key).map(Value::to_string)
}

/// The region that a locale is of, likely or said.
fn region(id: &LanguageIdentifier) -> String {
    let mut id = id.clone();
    LocaleExpander::new_extended().maximize(&mut id);
    id.region.map_or_else(|| "001".to_owned(), |region| region.to_string())
}

/// A list of what is usual, as JSON; null where there is none.
pub(crate) fn usual(tag: &str, what: &str) -> Result<serde_json::Value, Error> {
    let locale = locale::parse(tag)?;
    let one = |value: String| json!([value]);
    Ok(match what {
        "calendars" => match keyword(&locale, key!("ca")) {
            Some(calendar) => one(calendar),
            None => {
                let usual = REGIONS.get(&format!("calendars/{}", region(&locale.id)));
                let calendars = usual.unwrap_or("gregory").split('|');
                json!(calendars.filter(|name| date::CALENDARS.contains(name)).collect::<Vec<_>>())
            }
        },
        "collations" => match keyword(&locale, key!("co")) {
            Some(collation) => one(collation),
            None => json!(collation::of_language(locale.id.language.as_str())),
        },
        "hours" => match keyword(&locale, key!("hc")) {
            Some(cycle) => one(cycle),
            None => one(date::usual_hours(&locale.id).to_owned()),
        },
        "numbering" => match keyword(&locale, key!("nu")) {
            Some(system) => one(system),
            None => {
                let base = locale::best_available(Service::Numbers, &locale);
                let data = locale::data_locale(base.as_deref().unwrap_or("und"))?;
                one(symbols::default_system(&data).to_owned())
            }
        },
        "zones" => match locale.id.region {
            Some(region) => {
                let zones = REGIONS.get(&format!("zones/{region}")).unwrap_or("").split('|');
                let mut zones: Vec<String> = zones.filter_map(values::primary_zone).collect();
                zones.sort_unstable();
                zones.dedup();
                json!(zones)
            }
            None => serde_json::Value::Null,
        },
        "direction" => {
            let directions = LocaleDirectionality::new_extended();
            json!(if directions.is_right_to_left(&locale.id) { "rtl" } else { "ltr" })
        }
        "week" => {
            let mut locale = locale;
            LocaleExpander::new_extended().maximize(&mut locale.id);
            let week = WeekInformation::try_new((&locale).into())
                .map_err(|_| range("nothing is known of weeks"))?;
            let mut weekend: Vec<u8> = week.weekend().map(number_of).collect();
            weekend.sort_unstable();
            json!([number_of(week.first_weekday), weekend])
        }
        _ => serde_json::Value::Null,
    })
}

/// A day's number; 1 is Monday.
fn number_of(day: Weekday) -> u8 {
    day as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_take_the_place_of_parts_of_a_tag() {
        let options = r#"{"language":"fr","region":"ch","variants":"1996-1901",
            "keywords":{"ca":"islamicc","kn":"true"}}"#;
        assert_eq!(
            make("de-Latn-DE-u-ca-buddhist", options).unwrap(),
            "fr-Latn-CH-1901-1996-u-ca-islamic-civil-kn"
        );
        for bad in [r#"{"language":"root x"}"#, r#"{"variants":"1996-1996"}"#, r#"{"script":"x"}"#]
        {
            assert!(make("de", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_usual_follows_from_the_region() {
        assert_eq!(usual("ar-EG", "week").unwrap().to_string(), "[6,[5,6]]");
        assert_eq!(usual("en", "week").unwrap().to_string(), "[7,[6,7]]");
        assert_eq!(usual("de-AT", "zones").unwrap(), json!(["Europe/Vienna"]));
        assert_eq!(usual("en", "zones").unwrap(), serde_json::Value::Null);
        assert_eq!(usual("he", "direction").unwrap(), "rtl");
        assert_eq!(usual("en-US", "hours").unwrap(), json!(["h12"]));
    }
}
