//! Sources in other languages than JavaScript: which one a source is written in, how the engine comes
//! to text that it compiles, and how places in that text lead back to the source.

use crate::error::{Exception, SyntaxError};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// What a source is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// JavaScript.
    JavaScript,
    /// TypeScript, whose types are erased and not checked.
    TypeScript,
    /// TypeScript with JSX, which calls `React.createElement`, or what a comment names: `@jsx h`.
    Tsx,
    /// JavaScript with JSX.
    Jsx,
}

impl Language {
    /// The language that a file's name tells by its ending: `.ts`, `.mts`, `.cts`, `.tsx`, `.jsx`;
    /// JavaScript for any other.
    pub fn of_file(name: &str) -> Language {
        match name.rsplit_once('.').map(|(_, ending)| ending) {
            Some("ts" | "mts" | "cts") => Language::TypeScript,
            Some("tsx") => Language::Tsx,
            Some("jsx") => Language::Jsx,
            _ => Language::JavaScript,
        }
    }

    /// Its name, as interfaces give and take it.
    pub fn as_str(self) -> &'static str {
        match self {
            Language::JavaScript => "javascript",
            Language::TypeScript => "typescript",
            Language::Tsx => "tsx",
            Language::Jsx => "jsx",
        }
    }

    /// The language of that name.
    pub fn named(name: &str) -> Option<Language> {
        [Language::JavaScript, Language::TypeScript, Language::Tsx, Language::Jsx]
            .into_iter()
            .find(|language| language.as_str() == name)
    }
}

/// How places of files lead back to their sources, for those that are not compiled as they stand.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(Option<Arc<HashMap<String, FilePlaces>>>);

#[derive(Clone, Debug)]
struct FilePlaces {
    #[cfg(feature = "typescript")]
    first_line: u32,
    #[cfg(feature = "typescript")]
    places: sandtide_typescript::Places,
}

impl Places {
    /// Leaves the places of a file out, as its name stands for another text now.
    #[cfg(feature = "typescript")]
    fn forget(&mut self, file: &str) {
        if let Some(files) = &mut self.0
            && files.contains_key(file)
        {
            Arc::make_mut(files).remove(file);
        }
    }

    /// Bytes that are held, about.
    pub(crate) fn held(&self) -> usize {
        let Some(files) = &self.0 else { return 0 };
        files.iter().map(|(name, file)| name.len() + file.held()).sum()
    }

    /// Where a place that the engine told lies in the source: its column. Lines stay.
    fn column(&self, file: &str, line: u32, column: u32) -> u32 {
        let known = self.0.as_ref().and_then(|files| files.get(file));
        known.map_or(column, |file| file.column(line, column))
    }

    /// Leads the places of an exception back to the sources.
    pub(crate) fn lead_back(&self, exception: &mut Exception) {
        if self.0.is_none() {
            return;
        }
        let frames = exception.stack.split('\n').map(|frame| self.frame(frame));
        exception.stack = frames.collect::<Vec<_>>().join("\n");
        if let (Some(file), Some(line), Some(column)) =
            (&exception.file, exception.line, exception.column)
        {
            exception.column = Some(self.column(file, line, column));
        }
    }

    /// A line of a stack, with the column in the source.
    fn frame<'f>(&self, frame: &'f str) -> Cow<'f, str> {
        let led_back = || {
            let (place, end) = match frame.strip_suffix(')') {
                Some(place) => (place, ")"),
                None => (frame, ""),
            };
            let (rest, column) = place.rsplit_once(':')?;
            let (before, line) = rest.rsplit_once(':')?;
            let file = match before.rsplit_once(" (") {
                Some((_, file)) if !end.is_empty() => file,
                _ => before.trim_start().strip_prefix("at ")?,
            };
            let (told, line) = (column.parse().ok()?, line.parse().ok()?);
            let column = self.column(file, line, told);
            (column != told).then(|| format!("{rest}:{column}{end}"))
        };
        led_back().map_or(Cow::Borrowed(frame), Cow::Owned)
    }
}

#[cfg(not(feature = "typescript"))]
impl FilePlaces {
    fn held(&self) -> usize {
        0
    }

    fn column(&self, _line: u32, column: u32) -> u32 {
        column
    }
}

#[cfg(feature = "typescript")]
impl FilePlaces {
    fn held(&self) -> usize {
        self.places.held()
    }

    fn column(&self, line: u32, column: u32) -> u32 {
        self.places.column(line.saturating_sub(self.first_line) + 1, column)
    }
}

/// The text that the engine compiles for a source. The parser runs on the stack of the host, where
/// that is called within a run.
#[cfg(feature = "typescript")]
pub(crate) fn javascript<'s>(
    text: &'s str,
    file: &str,
    first_line: u32,
    language: Language,
    places: &mut Places,
) -> Result<Cow<'s, str>, SyntaxError> {
    use sandtide_typescript::{Dialect, STACK, strip};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    places.forget(file);
    let dialect = match language {
        Language::JavaScript => return Ok(Cow::Borrowed(text)),
        Language::TypeScript => Dialect::Full,
        Language::Tsx => Dialect::FullWithJsx,
        Language::Jsx => Dialect::Jsx,
    };
    let error = |message: String, line: u32, column: u32| SyntaxError {
        message,
        file: file.to_owned(),
        line: first_line.saturating_add(line - 1),
        column,
    };
    let parse = || stacker::maybe_grow(STACK, STACK, || strip(text, dialect));
    let parse = || catch_unwind(AssertUnwindSafe(parse));
    let stripped = match crate::sys::stack::on_hosts_stack(parse) {
        Ok(stripped) => stripped.map_err(|it| error(it.message, it.line, it.column))?,
        // A fault of the parser, which holds nothing that outlives it.
        Err(_) => return Err(error("the parser failed on this source".to_owned(), 1, 1)),
    };
    if !stripped.places.is_empty() {
        let files = Arc::make_mut(places.0.get_or_insert_default());
        files.insert(file.to_owned(), FilePlaces { first_line, places: stripped.places });
    }
    Ok(Cow::Owned(stripped.code))
}

/// Without the feature only JavaScript is text that the engine compiles.
#[cfg(not(feature = "typescript"))]
pub(crate) fn javascript<'s>(
    text: &'s str,
    file: &str,
    first_line: u32,
    language: Language,
    _places: &mut Places,
) -> Result<Cow<'s, str>, SyntaxError> {
    if language == Language::JavaScript {
        return Ok(Cow::Borrowed(text));
    }
    Err(SyntaxError {
        message: "this program was built without TypeScript and JSX: give it JavaScript, or build \
                  it with the feature `typescript`"
            .to_owned(),
        file: file.to_owned(),
        line: first_line,
        column: 1,
    })
}
