//! TypeScript and JSX to JavaScript, in place.
//!
//! Types are replaced by spaces, so that all that is left stands where it stood. What is there when a
//! program runs (enums, namespaces, parameter properties, JSX) is compiled in its line, and
//! [`Places`] leads columns of that line back. The parser is oxc's; nothing is checked against types,
//! and imports stay unless they say `type`.
//!
//! Text goes in, text or errors with lines and columns come out: this crate knows no engine, no files.

#![forbid(unsafe_code)]

mod declare;
mod depth;
mod edits;
mod jsx;
mod strip;
mod text;

use oxc_allocator::Allocator;
use oxc_ast_visit::Visit;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

pub use edits::Places;

use crate::edits::Edits;
use crate::strip::Strip;
use crate::text::Text;

/// How much of TypeScript there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// What erasing leaves JavaScript of, as Node strips types: no enums, no namespaces with values,
    /// no parameter properties, no `<T>value`.
    Erasable,
    /// All of it but decorators, `export =` and `import name = require()`.
    Full,
    /// As [`Dialect::Full`], and JSX; there are no `<T>value` and no `<T>(x) => x` then.
    FullWithJsx,
    /// JavaScript with JSX.
    Jsx,
}

/// JavaScript, each line of which stands where it stood in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stripped {
    /// The text.
    pub code: String,
    /// Where its columns come from.
    pub places: Places,
}

/// Why a source is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// It is no TypeScript.
    Syntax,
    /// It is, but of what is not supported.
    Unsupported,
    /// It nests too deeply to be parsed.
    TooDeep,
}

/// What is wrong with a source, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct Problem {
    /// Of which kind.
    pub kind: Kind,
    /// What is wrong.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// How many characters of that line it is about.
    pub width: u32,
}

impl Problem {
    pub(crate) fn at(kind: Kind, message: String, source: &str, at: u32, len: u32) -> Problem {
        let mut end = (at as usize).min(source.len());
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        let before = &source[..end];
        let line = before.rfind(['\n', '\u{2028}', '\u{2029}']);
        let line_before = line.map_or(before, |line| {
            let end = before[line..].chars().next().map_or(0, char::len_utf8);
            &before[line + end..]
        });
        let lines = before.matches(['\n', '\u{2028}', '\u{2029}']).count();
        let about = source[end..].char_indices().take_while(|(at, _)| *at < len as usize);
        let of_line = about.take_while(|(_, c)| !edits::ends_line(*c)).count();
        Problem {
            width: (of_line as u32).max(1),
            kind,
            message,
            line: lines as u32 + 1,
            column: line_before.chars().count() as u32 + 1,
        }
    }
}

/// Bytes of stack that [`strip()`] takes at most: a caller whose stack is smaller makes room before.
pub const STACK: usize = 4 << 20;

/// Longest source, in bytes: places are numbers of 32 bits.
const LONGEST: usize = 1 << 30;

/// Checks that a source does not nest too deeply for the parser, whose stack nobody watches: one that passes
/// is parsed within [`STACK`] bytes in an optimized build. In `jsx` there may be JSX.
///
/// # Errors
/// The byte from which on it nests too deeply.
pub fn check_depth(source: &str, jsx: bool) -> Result<(), usize> {
    depth::check(source, jsx).map_err(|depth::TooDeep { at }| at)
}

/// Makes JavaScript of a source.
///
/// It takes time and memory in proportion to the source, of which brackets that may be parameters are read
/// again for each level that they nest, and no more than [`STACK`] bytes of the stack.
///
/// # Errors
/// The first thing that is wrong with the source, by its place.
pub fn strip(source: &str, dialect: Dialect) -> Result<Stripped, Problem> {
    if source.len() > LONGEST {
        let message = format!("the source is longer than {LONGEST} bytes");
        return Err(Problem::at(Kind::TooDeep, message, "", 0, 0));
    }
    let jsx = matches!(dialect, Dialect::FullWithJsx | Dialect::Jsx);
    depth::check(source, jsx).map_err(|depth::TooDeep { at }| {
        let message = "the source nests too deeply".to_owned();
        Problem::at(Kind::TooDeep, message, source, at as u32, 1)
    })?;
    let allocator = Allocator::default();
    let language = match dialect {
        Dialect::Erasable | Dialect::Full => SourceType::ts(),
        Dialect::FullWithJsx => SourceType::tsx(),
        Dialect::Jsx => SourceType::jsx(),
    };
    // A body of a CommonJS module returns as functions do.
    let options = ParseOptions {
        allow_return_outside_function: dialect == Dialect::Erasable,
        ..ParseOptions::default()
    };
    let parser = Parser::new(&allocator, source, language.with_unambiguous(true));
    let parsed = parser.with_options(options).parse();
    if let Some(error) = parsed.diagnostics.errors().next() {
        let place = error.labels.first();
        let (at, len) = place.map_or((0, 0), |label| (label.offset(), label.len()));
        return Err(Problem::at(Kind::Syntax, error.message.to_string(), source, at, len));
    }
    let program = &parsed.program;
    let comments = program.comments.iter();
    let (factory, fragment) =
        jsx::pragmas(comments.map(|it| &source[it.span.start as usize..it.span.end as usize]));
    let mut strip = Strip {
        text: Text(source),
        edits: Edits::default(),
        refused: None,
        dialect,
        factory,
        fragment,
        in_block: false,
        gone: std::collections::HashSet::new(),
    };
    strip.visit_statements(&program.body);
    if let Some((span, message)) = strip.refused {
        return Err(Problem::at(Kind::Unsupported, message, source, span.start, span.size()));
    }
    let (code, places) = strip.edits.apply(source);
    Ok(Stripped { code, places })
}
