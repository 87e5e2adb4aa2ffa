//! `Intl`'s natives: what `sandtide-intl` does, by name.

#![cfg(feature = "intl")]

use crate::{Answer, Arg, Fault, Native};
use sandtide_intl::{Argument, Error};

/// Arguments of one operation at most.
const MOST: usize = 6;

fn call(operation: &str, args: &[Arg]) -> Result<Answer, Fault> {
    let mut texts = Vec::new();
    if let Some(Arg::List(items)) = args.iter().find(|arg| matches!(arg, Arg::List(_))) {
        texts.extend(items.iter().map(|item| match item {
            Arg::Text(text) => text.as_str(),
            _ => "",
        }));
    }
    let mut given = [Argument::Text(""); MOST];
    for (place, arg) in given.iter_mut().zip(args) {
        match arg {
            Arg::Number(number) => *place = Argument::Number(*number),
            Arg::Text(text) => *place = Argument::Text(text),
            // No operation takes two.
            Arg::List(_) => *place = Argument::List(&texts),
            _ => {}
        }
    }
    match sandtide_intl::call(operation, &given[..args.len().min(MOST)]) {
        Ok(sandtide_intl::Answer::Number(number)) => Ok(Answer::Number(number)),
        Ok(sandtide_intl::Answer::Text(text)) => Ok(Answer::Text(text)),
        Ok(_) => Ok(Answer::Nothing),
        Err(Error::Range(message)) => Err(Fault::Range(message)),
        Err(error) => Err(Fault::Type(error.to_string())),
    }
}

macro_rules! operations {
    ($($name:literal = $operation:literal),* $(,)?) => {
        &[$(($name, |args| call($operation, args))),*]
    };
}

pub(crate) const NATIVES: &[(&str, Native)] = operations![
    "numberFormat" = "number.format",
    "numberParts" = "number.parts",
    "numberRange" = "number.range",
    "numberResolve" = "number.resolve",
    "numberCurrencyDigits" = "number.currencyDigits",
    "numberUnit" = "number.unit",
    "dateFormat" = "date.format",
    "dateParts" = "date.parts",
    "dateRange" = "date.range",
    "dateComponents" = "date.components",
    "dateResolve" = "date.resolve",
    "pluralSelect" = "plural.select",
    "pluralRange" = "plural.range",
    "pluralCategories" = "plural.categories",
    "listFormat" = "list.format",
    "listParts" = "list.parts",
    "relativeFormat" = "relative.format",
    "relativeParts" = "relative.parts",
    "collationCompare" = "collation.compare",
    "collationResolve" = "collation.resolve",
    "localeResolve" = "locale.resolve",
    "zoneCanonical" = "zone.canonical",
    "zoneOffset" = "zone.offset",
    "localeCanonical" = "locale.canonical",
    "localeSupported" = "locale.supported",
    "segmentsOf" = "segments.of",
    "tagMake" = "tag.make",
    "tagFields" = "tag.fields",
    "tagLikely" = "tag.likely",
    "tagUsual" = "tag.usual",
    "displayName" = "display.name",
    "durationSeparator" = "duration.separator",
    "valuesSupported" = "values.supported",
    "textUpper" = "text.upper",
    "textLower" = "text.lower",
];
