//! What `Temporal`'s objects do, as plain functions: text and numbers in, text and numbers out.
//!
//! As with `Intl` there are no handles: an object lives in a guest's heap, as the text of what it holds
//! (`state.rs`), and each call brings that text along. The JavaScript half (`js/`) reads what programs
//! give, in the order that the standard says; calendars, clocks and arithmetic are temporal_rs's.
//!
//! Must not know engines, arenas or HTTP.

#![forbid(unsafe_code)]

mod arguments;
mod bounds;
mod dates;
mod error;
mod moments;
mod state;
mod times;
mod zones;

pub use error::Error;

use arguments::Arguments;

/// The JavaScript half: an expression whose value is a function of `std` and `native`, which answers the
/// namespace and the method of dates.
pub const SOURCE: &str = concat!(
    "(function (std, native) {\n'use strict';\n",
    include_str!("../js/core.js"),
    include_str!("../js/options.js"),
    include_str!("../js/fields.js"),
    include_str!("../js/duration.js"),
    include_str!("../js/plain.js"),
    include_str!("../js/moments.js"),
    include_str!("../js/exports.js"),
    "})"
);

/// What an operation is given.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument<'a> {
    /// `undefined`
    Nothing,
    /// A number.
    Number(f64),
    /// Text. What is not Unicode in it has been replaced.
    Text(&'a str),
    /// Items, none of which is a list.
    List(Vec<Argument<'a>>),
}

/// What an operation gives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// `undefined`
    Nothing,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(f64),
    /// Text: of an object, or what the operation says.
    Text(String),
}

impl From<String> for Answer {
    fn from(text: String) -> Answer {
        Answer::Text(text)
    }
}

impl From<&str> for Answer {
    fn from(text: &str) -> Answer {
        Answer::Text(text.to_owned())
    }
}

impl From<bool> for Answer {
    fn from(flag: bool) -> Answer {
        Answer::Bool(flag)
    }
}

impl<T: Into<Answer>> From<Option<T>> for Answer {
    fn from(value: Option<T>) -> Answer {
        value.map_or(Answer::Nothing, Into::into)
    }
}

macro_rules! numbers {
    ($($kind:ty)*) => {
        $(impl From<$kind> for Answer {
            fn from(number: $kind) -> Answer {
                Answer::Number(number as f64)
            }
        })*
    };
}

numbers!(u8 u16 i8 i32 i64 i128 f64);

/// Does an operation, whose name is `KIND.WHAT`.
///
/// # Errors
///
/// What the standard says of the arguments; `TypeError` for an operation that there is not.
pub fn call(operation: &str, arguments: &[Argument<'_>]) -> Result<Answer, Error> {
    let arguments = Arguments(arguments);
    let (kind, what) = operation.split_once('.').unwrap_or((operation, ""));
    match kind {
        "PlainDate" => dates::date(what, &arguments),
        "PlainYearMonth" => dates::year_month(what, &arguments),
        "PlainMonthDay" => dates::month_day(what, &arguments),
        "PlainTime" => times::time(what, &arguments),
        "PlainDateTime" => times::date_time(what, &arguments),
        "Duration" => times::duration(what, &arguments),
        "Instant" => moments::instant(what, &arguments),
        "ZonedDateTime" => moments::zoned(what, &arguments),
        _ => moments::names(operation, &arguments),
    }
}

fn unknown(operation: &str) -> Error {
    Error::Type(format!("there is no operation {operation}"))
}
