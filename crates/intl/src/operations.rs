//! The operations by name, as guests call them.

use crate::cache::Cache;
use crate::collation::{self, Collation};
use crate::date::{self, DateFormat};
use crate::display::{self, Asked};
use crate::error::{Error, range, type_error};
use crate::locale::{self, Relevant, Service};
use crate::number::rounding::Number;
use crate::number::{self, NumberFormat, symbols};
use crate::out::Out;
use crate::segments;
use crate::tags;
use crate::values;
use crate::words::{List, Plurals, Relative};
use serde_json::{Value, json};
use std::rc::Rc;

/// What an operation is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Argument<'a> {
    /// A number.
    Number(f64),
    /// Text. What is not Unicode in it has been replaced.
    Text(&'a str),
    /// Texts.
    List(&'a [&'a str]),
}

/// What an operation gives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// A number.
    Number(f64),
    /// Text, in some operations JSON.
    Text(String),
}

impl From<String> for Answer {
    fn from(text: String) -> Answer {
        Answer::Text(text)
    }
}

impl From<Value> for Answer {
    fn from(value: Value) -> Answer {
        Answer::Text(value.to_string())
    }
}

struct Arguments<'a>(&'a [Argument<'a>]);

impl<'a> Arguments<'a> {
    fn text(&self, index: usize) -> Result<&'a str, Error> {
        match self.0.get(index) {
            Some(Argument::Text(text)) => Ok(text),
            _ => Err(type_error("an operation of Intl lacks a text")),
        }
    }

    /// A number, or the text of one.
    fn number(&self, index: usize) -> Result<Number, Error> {
        match self.0.get(index) {
            Some(Argument::Number(value)) => Ok(Number::from_f64(*value)),
            Some(Argument::Text(text)) => Number::from_text(text),
            _ => Err(type_error("an operation of Intl lacks a number")),
        }
    }

    fn list(&self, index: usize) -> Result<&'a [&'a str], Error> {
        match self.0.get(index) {
            Some(Argument::List(list)) => Ok(list),
            _ => Err(type_error("an operation of Intl lacks a list")),
        }
    }

    fn plain_number(&self, index: usize) -> Result<f64, Error> {
        match self.0.get(index) {
            Some(Argument::Number(value)) => Ok(*value),
            _ => Err(type_error("an operation of Intl lacks a number")),
        }
    }

    /// A list of tags, which are parted by commas.
    fn tags(&self, index: usize) -> Result<Vec<&'a str>, Error> {
        Ok(self.text(index)?.split(',').filter(|tag| !tag.is_empty()).collect())
    }
}

thread_local! {
    static NUMBERS: Cache<NumberFormat> = Cache::new();
    static DATES: Cache<DateFormat> = Cache::new();
    static PLURALS: Cache<Plurals> = Cache::new();
    static LISTS: Cache<List> = Cache::new();
    static RELATIVES: Cache<Relative> = Cache::new();
    static COLLATIONS: Cache<Collation> = Cache::new();
}

/// Does an operation.
///
/// # Errors
///
/// What ECMA-402 says of the arguments; `TypeError` for an operation that there is not.
pub fn call(operation: &str, arguments: &[Argument<'_>]) -> Result<Answer, Error> {
    let arguments = Arguments(arguments);
    match operation {
        "number.format" => {
            let mut out = Out::text();
            number_format(&arguments)?.format(&arguments.number(1)?, &mut out);
            Ok(out.text.into())
        }
        "number.parts" => {
            let mut out = Out::parts();
            number_format(&arguments)?.format(&arguments.number(1)?, &mut out);
            Ok(out.into_json().into())
        }
        "number.range" => {
            let parts = number_format(&arguments)?
                .format_range(&arguments.number(1)?, &arguments.number(2)?)?;
            let list: Vec<_> =
                parts.iter().map(|(whose, kind, text)| json!([kind, text, whose])).collect();
            Ok(Value::from(list).into())
        }
        "number.resolve" => resolve_number(&arguments),
        "number.currencyDigits" => {
            Ok(Answer::Number(number::currency_digits(arguments.text(0)?).into()))
        }
        "number.unit" => Ok(Answer::Number(number::is_sanctioned(arguments.text(0)?).into())),
        "date.format" => {
            let mut out = Out::text();
            date_format(&arguments)?.format(arguments.plain_number(1)?, &mut out);
            Ok(out.text.into())
        }
        "date.parts" => {
            let mut out = Out::parts();
            date_format(&arguments)?.format(arguments.plain_number(1)?, &mut out);
            Ok(out.into_json().into())
        }
        "date.range" => {
            let parts = date_format(&arguments)?
                .format_range(arguments.plain_number(1)?, arguments.plain_number(2)?);
            Ok(range_json(&parts))
        }
        "date.components" => Ok(date_format(&arguments)?.components().into()),
        "date.resolve" => {
            let text = |index| arguments.text(index);
            let found = date::resolve(
                &arguments.tags(0)?,
                text(1)?,
                text(2)?,
                text(3)?,
                !text(4)?.is_empty(),
            )?;
            let [own, half, whole] = found.locale_cycles;
            let parts = json!([
                found.locale,
                found.calendar,
                found.numbering_system,
                found.hour_cycle,
                own,
                half,
                whole
            ]);
            Ok(parts.into())
        }
        "plural.select" => {
            plurals(&arguments, |rules| Ok(rules.select(&arguments.number(1)?).to_owned().into()))
        }
        "plural.range" => plurals(&arguments, |rules| {
            rules
                .select_range(&arguments.number(1)?, &arguments.number(2)?)
                .map(|name| name.to_owned().into())
        }),
        "plural.categories" => plurals(&arguments, |rules| Ok(rules.categories().join(",").into())),
        "list.format" | "list.parts" => {
            let list = LISTS
                .with(|cache| cache.get(arguments.text(0)?, || List::new(arguments.text(0)?)))?;
            let mut out = out_for(operation);
            list.format(arguments.list(1)?, &mut out);
            Ok(finished(out))
        }
        "relative.format" | "relative.parts" => {
            let relative = RELATIVES.with(|cache| {
                cache.get(arguments.text(0)?, || Relative::new(arguments.text(0)?))
            })?;
            let mut out = out_for(operation);
            relative.format(arguments.plain_number(1)?, arguments.text(2)?, &mut out)?;
            Ok(finished(out))
        }
        "collation.compare" => {
            let order = COLLATIONS.with(|cache| {
                cache.get(arguments.text(0)?, || Collation::new(arguments.text(0)?))
            })?;
            Ok(Answer::Number(order.compare(arguments.text(1)?, arguments.text(2)?)))
        }
        "collation.resolve" => {
            let text = |index| arguments.text(index);
            Ok(json!(collation::resolve(&arguments.tags(0)?, text(1)?, text(2)?, text(3)?)?).into())
        }
        "locale.resolve" => {
            let found = locale::resolve(service(arguments.text(0)?)?, &arguments.tags(1)?)?;
            Ok(found.base.into())
        }
        "text.upper" => Ok(locale::upper(arguments.text(0)?, arguments.text(1)?)?.into()),
        "text.lower" => Ok(locale::lower(arguments.text(0)?, arguments.text(1)?)?.into()),
        "zone.canonical" => date::canonical_zone(arguments.text(0)?).map(Answer::from),
        "zone.offset" => {
            date::offset_at(arguments.text(0)?, arguments.plain_number(1)?).map(Answer::Number)
        }
        "locale.canonical" => locale::canonical(arguments.text(0)?).map(Answer::from),
        "locale.supported" => {
            let found = locale::supported(service(arguments.text(0)?)?, &arguments.tags(1)?)?;
            Ok(found.join(",").into())
        }
        "segments.of" => {
            let text = |index| arguments.text(index);
            Ok(segments::segments(text(0)?, text(1)?, text(2)?, !text(3)?.is_empty())?.into())
        }
        "tag.make" => Ok(tags::make(arguments.text(0)?, arguments.text(1)?)?.into()),
        "tag.fields" => Ok(tags::fields(arguments.text(0)?)?.into()),
        "tag.likely" => Ok(tags::likely(arguments.text(0)?, arguments.text(1)? == "more")?.into()),
        "tag.usual" => Ok(tags::usual(arguments.text(0)?, arguments.text(1)?)?.into()),
        "display.name" => {
            let asked = Asked {
                locale: arguments.text(0)?,
                kind: arguments.text(1)?,
                style: arguments.text(2)?,
                dialect: arguments.text(3)? == "dialect",
            };
            let (name, code) = display::name(&asked, arguments.text(4)?)?;
            Ok(json!([name, code]).into())
        }
        "duration.separator" => {
            Ok(display::time_separator(arguments.text(0)?, arguments.text(1)?)?.to_owned().into())
        }
        "values.supported" => Ok(values::supported(arguments.text(0)?)?.join(",").into()),
        _ => Err(type_error(format!("Intl has no operation {operation}"))),
    }
}

/// A text with parts where the operation's name ends so.
fn out_for(operation: &str) -> Out {
    if operation.ends_with("parts") { Out::parts() } else { Out::text() }
}

fn finished(out: Out) -> Answer {
    if out.has_parts() { out.into_json().into() } else { out.text.into() }
}

fn plurals(
    arguments: &Arguments<'_>,
    then: impl FnOnce(&Plurals) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    let key = arguments.text(0)?;
    then(&*PLURALS.with(|cache| cache.get(key, || Plurals::new(key)))?)
}

fn service(name: &str) -> Result<Service, Error> {
    match name {
        "NumberFormat" | "DateTimeFormat" | "RelativeTimeFormat" | "DisplayNames"
        | "DurationFormat" | "Segmenter" => Ok(Service::Numbers),
        "PluralRules" => Ok(Service::Plurals),
        "ListFormat" => Ok(Service::Lists),
        "Collator" => Ok(Service::Collation),
        _ => Err(range(format!("Intl has no {name}"))),
    }
}

fn range_json(parts: &[(&'static str, String, String)]) -> Answer {
    let list: Vec<_> = parts.iter().map(|(whose, kind, text)| json!([kind, text, whose])).collect();
    Value::from(list).into()
}

fn date_format(arguments: &Arguments<'_>) -> Result<Rc<DateFormat>, Error> {
    let key = arguments.text(0)?;
    DATES.with(|cache| {
        cache.get(key, || {
            let options = serde_json::from_str(key).map_err(|error| {
                range(format!("options of a date format that are none: {error}"))
            })?;
            DateFormat::new(options)
        })
    })
}

fn number_format(arguments: &Arguments<'_>) -> Result<Rc<NumberFormat>, Error> {
    let key = arguments.text(0)?;
    NUMBERS.with(|cache| {
        cache.get(key, || {
            let options = serde_json::from_str(key).map_err(|error| {
                range(format!("options of a number format that are none: {error}"))
            })?;
            NumberFormat::new(options)
        })
    })
}

/// `[locale, numbering system]` for requested tags and the option `numberingSystem` (empty: none).
fn resolve_number(arguments: &Arguments<'_>) -> Result<Answer, Error> {
    let resolved = locale::resolve(Service::Numbers, &arguments.tags(0)?)?;
    let asked = arguments.text(1)?;
    let data = locale::data_locale(&resolved.base)?;
    let numbering = Relevant {
        key: "nu",
        option: (!asked.is_empty()).then_some(asked),
        can: &symbols::has_digits,
        default: symbols::default_system(&data).to_owned(),
    };
    let (tag, values) = locale::with_keywords(&resolved, &[numbering]);
    Ok(json!([tag, values[0]]).into())
}
