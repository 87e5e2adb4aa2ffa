//! Scripts: named, checked sources with a version.

use crate::version;
use crate::workshop::with_workshop;
use sandtide_engine::{Error, Form, Intrinsics, Language, Limits, Source};
use std::fmt;
use std::sync::Arc;

/// The name of a source that was given none.
const UNNAMED: &str = "script.js";

/// How a source is named in stack traces and errors, and what checking it may take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptOptions {
    file: Option<String>,
    line: Option<u32>,
    limits: Option<Limits>,
    pub(crate) language: Option<Language>,
}

impl ScriptOptions {
    /// A source named `script.js` that starts at line 1.
    pub fn new() -> ScriptOptions {
        ScriptOptions::default()
    }

    /// Names the file.
    #[must_use]
    pub fn file(mut self, name: impl Into<String>) -> ScriptOptions {
        self.file = Some(name.into());
        self
    }

    /// Sets the number of the first line, from 1: for a source that is a part of a file.
    #[must_use]
    pub fn line(mut self, first_line: u32) -> ScriptOptions {
        self.line = Some(first_line.max(1));
        self
    }

    /// Sets what [`Script::compile`] may take: time, heap and stack. The default limits, if none
    /// are given. Sources that come with a run or a set-up are compiled under the limits of these.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> ScriptOptions {
        self.limits = Some(limits);
        self
    }

    /// Says what the source is written in. Without it the file's name tells, by its ending: `.ts`,
    /// `.mts`, `.cts`, `.tsx`, `.jsx`; anything else is JavaScript.
    ///
    /// Types are erased and not checked. Lines and columns of errors are those of the source. The
    /// feature `typescript` has it; without it such sources are syntax errors.
    #[must_use]
    pub fn language(mut self, language: Language) -> ScriptOptions {
        self.language = Some(language);
        self
    }

    pub(crate) fn source(self, text: impl Into<String>) -> Source {
        let mut source = Source::new(self.file.unwrap_or_else(|| UNNAMED.to_owned()), text);
        source.line = self.line.unwrap_or(1);
        source.language = self.language;
        source
    }
}

/// A source that compiles. Cheap to clone.
#[derive(Clone)]
pub struct Script {
    inner: Arc<Inner>,
}

struct Inner {
    source: Source,
    form: Form,
    version: String,
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("file", &self.inner.source.file)
            .field("form", &self.inner.form)
            .field("version", &self.inner.version)
            .finish_non_exhaustive()
    }
}

impl Script {
    /// Compiles a source to check it and to tell its form.
    ///
    /// # Errors
    /// [`Error::Syntax`] with file, line and column where it is neither a script nor a module; the
    /// limit that compiling it hit ([`ScriptOptions::limits`]); [`Error::System`] where there is no
    /// memory for an engine.
    pub fn compile(source: impl Into<String>, options: ScriptOptions) -> Result<Script, Error> {
        let limits = options.limits.unwrap_or_default();
        let source = options.source(source);
        let heap = limits.heap;
        let form =
            with_workshop(Intrinsics::default(), heap, |engine| engine.check(&source, &limits))?
                .form;
        let version = version::of_source(&source);
        Ok(Script { inner: Arc::new(Inner { source, form, version }) })
    }

    /// Whether it is a classic script or a module.
    pub fn form(&self) -> Form {
        self.inner.form
    }

    /// The file's name.
    pub fn file(&self) -> &str {
        &self.inner.source.file
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.inner.source.text
    }

    /// The version's name: the SHA-256 of source and options, in hexadecimal.
    pub fn version(&self) -> &str {
        &self.inner.version
    }

    pub(crate) fn source(&self) -> &Source {
        &self.inner.source
    }
}

/// What a source imports with `import … from` and `export … from`, as it says it, in its order: what
/// [`ImageBuilder::module`](crate::ImageBuilder::module) has to give. What `import()` asks for only
/// shows when it runs.
///
/// # Errors
/// As for [`Script::compile`].
pub fn imports_of(source: impl Into<String>, options: ScriptOptions) -> Result<Vec<String>, Error> {
    let limits = options.limits.unwrap_or_default();
    let source = options.source(source);
    let checked =
        with_workshop(Intrinsics::default(), limits.heap, |engine| engine.check(&source, &limits))?;
    Ok(checked.imports)
}
