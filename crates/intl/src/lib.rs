//! What ECMA-402's objects do, as plain functions: text and numbers in, text and numbers out.
//!
//! There are no handles. An object lives in a guest's heap, as the text of its resolved options;
//! each call brings that text along, and what is made of it is kept here in small caches, thread by
//! thread. So a heap that is put back, or that runs in another process, finds everything as it was,
//! and nothing that one run leaves here changes what another is told.
//!
//! Must not know engines, arenas or HTTP.

#![forbid(unsafe_code)]

mod cache;
mod collation;
mod data;
mod date;
mod display;
mod error;
mod locale;
mod number;
mod operations;
mod out;
mod segments;
mod table;
mod tags;
mod values;
mod words;

/// The JavaScript half: an expression whose value is a function of `std` and `native`, which answers the
/// namespace and the methods of other prototypes.
pub const SOURCE: &str = concat!(
    "(function (std, native) {\n'use strict';\n",
    include_str!("../js/core.js"),
    include_str!("../js/number.js"),
    include_str!("../js/date.js"),
    include_str!("../js/words.js"),
    include_str!("../js/collation.js"),
    include_str!("../js/segmenter.js"),
    include_str!("../js/locale.js"),
    include_str!("../js/names.js"),
    include_str!("../js/duration.js"),
    include_str!("../js/exports.js"),
    "})"
);

pub use error::Error;
pub use operations::{Answer, Argument, call};
pub use values::primary_zone;
