//! The type of a request's body, and the form in which the client wants the answer. Knows nothing
//! of routes.

use sandtide::Language;

use crate::{answer::Shape, error::ApiError, http1::Head};

/// The type of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    None,
    Json,
    /// A source, and what it is written in, where its type says more than its file's name.
    Source(Option<Language>),
    Text,
    Other,
}

impl Kind {
    pub(crate) fn of(head: &Head) -> Self {
        let Some(value) = head.content_type.as_deref() else {
            return Self::None;
        };
        let essence = value.split(';').next().unwrap_or(value).trim().to_ascii_lowercase();
        match &*essence {
            "application/json" => Self::Json,
            "text/javascript" | "application/javascript" => Self::Source(None),
            "text/typescript" | "application/typescript" => {
                Self::Source(Some(Language::TypeScript))
            }
            "text/tsx" => Self::Source(Some(Language::Tsx)),
            "text/jsx" => Self::Source(Some(Language::Jsx)),
            text if text.starts_with("text/") => Self::Text,
            _ => Self::Other,
        }
    }
}

impl Kind {
    /// What a source of this kind is written in, where that is said.
    pub(crate) fn language(self) -> Option<Language> {
        match self {
            Self::Source(language) => language,
            _ => None,
        }
    }
}

/// The value of a parameter in the query that is given alone.
pub(crate) fn switch(name: &str, value: Option<&str>) -> Result<bool, ApiError> {
    match value {
        None | Some("false" | "0") => Ok(false),
        Some("" | "true" | "1") => Ok(true),
        Some(_) => {
            Err(ApiError::InvalidRequest(format!("`{name}` is given alone, or is true or false")))
        }
    }
}

/// How the answer of a run is written: `raw`, or as the first media range of `Accept` says, where
/// text or bytes ask for the bare value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    bare: bool,
}

impl Wanted {
    pub(crate) const JSON: Self = Self { bare: false };

    pub(crate) fn of(head: &Head, raw: bool) -> Self {
        let accept = head.accept.as_deref().unwrap_or_default();
        let first = accept.split([',', ';']).next().unwrap_or_default().trim();
        Self { bare: raw || first.starts_with("text/") || first == "application/octet-stream" }
    }

    /// The shape of an answer that is to have the globals, or not.
    pub(crate) fn shape(self, globals: bool) -> Result<Shape, ApiError> {
        match (self.bare, globals) {
            (false, globals) => Ok(Shape::Json { globals }),
            (true, false) => Ok(Shape::Raw),
            (true, true) => Err(ApiError::InvalidRequest(
                "`globals_back` needs a JSON answer, and the bare value was asked for".to_owned(),
            )),
        }
    }
}
