//! Breakpoints of one client: what was asked for, and the places that it led to. Must not know how a
//! program is stopped there.

use super::Fault;
use super::message::Params;
use super::scripts::Script;
use super::target::Place;

/// A regular expression as JavaScript has them, because clients write them in it.
#[derive(Debug, Clone)]
pub(crate) struct Pattern(regress::Regex);

impl Pattern {
    pub(crate) fn new(text: &str) -> Result<Pattern, Fault> {
        regress::Regex::new(text)
            .map(Pattern)
            .map_err(|error| Fault::server(format!("Pattern parser error: {error}")))
    }

    pub(crate) fn finds(&self, text: &str) -> bool {
        self.0.find(text).is_some()
    }
}

/// Which scripts a breakpoint is in.
#[derive(Debug, Clone)]
pub(crate) enum Where {
    Url(String),
    UrlPattern(Pattern),
    Hash(String),
    Script(u32),
}

#[derive(Debug, Clone)]
pub(crate) struct Breakpoint {
    pub(crate) id: String,
    pub(crate) place: Where,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) condition: String,
    /// Scripts, lines and columns where the program stops.
    pub(crate) found: Vec<(u32, u32, u32)>,
}

impl Breakpoint {
    /// Of the parameters of `setBreakpointByUrl`.
    pub(crate) fn by_url(params: &Params<'_>) -> Result<Breakpoint, Fault> {
        let line = params.number("lineNumber")?;
        let column = params.optional_number("columnNumber")?.unwrap_or(0);
        let url = params.optional_text("url")?;
        let pattern = params.optional_text("urlRegex")?;
        let hash = params.optional_text("scriptHash")?;
        let (kind, text, place) = match (url, pattern, hash) {
            (Some(url), None, None) => (1, url, Where::Url(url.to_owned())),
            (None, Some(text), None) => (2, text, Where::UrlPattern(Pattern::new(text)?)),
            (None, None, Some(hash)) => (3, hash, Where::Hash(hash.to_owned())),
            _ => {
                return Err(Fault::server(
                    "Either url or urlRegex or scriptHash must be specified.",
                ));
            }
        };
        Ok(Breakpoint {
            id: format!("{kind}:{line}:{column}:{text}"),
            place,
            line,
            column,
            condition: params.optional_text("condition")?.unwrap_or_default().to_owned(),
            found: Vec::new(),
        })
    }

    pub(crate) fn is_in(&self, script: &Script) -> bool {
        match &self.place {
            Where::Url(url) => script.url == *url,
            Where::UrlPattern(pattern) => pattern.finds(&script.url),
            Where::Hash(hash) => script.hash == *hash,
            Where::Script(number) => script.number == *number,
        }
    }
}

/// The place at which a breakpoint at a line and column stops: the first from there on.
pub(crate) fn resolve(places: &[Place], line: u32, column: u32) -> Option<Place> {
    places.iter().find(|place| (place.line, place.column) >= (line, column)).copied()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_breakpoint_is_at_the_next_place() {
        let place = |line, column| Place { line, column, returns: false };
        let places = [place(1, 4), place(1, 9), place(5, 0)];
        assert_eq!(resolve(&places, 0, 0), Some(place(1, 4)));
        assert_eq!(resolve(&places, 1, 5), Some(place(1, 9)));
        assert_eq!(resolve(&places, 2, 0), Some(place(5, 0)));
        assert_eq!(resolve(&places, 5, 1), None);
    }

    #[test]
    fn patterns_are_those_of_javascript() {
        let pattern = Pattern::new("^(?!.*node_modules).*/[aA]\\.js$").expect("it is one");
        assert!(pattern.finds("file:///x/A.js"));
        assert!(!pattern.finds("file:///node_modules/a.js"));
        assert!(Pattern::new("(").is_err());
    }

    #[test]
    fn exactly_one_thing_names_the_scripts() {
        for params in
            [json!({ "lineNumber": 1 }), json!({ "lineNumber": 1, "url": "a", "urlRegex": "a" })]
        {
            let fault = Breakpoint::by_url(&Params(&params)).expect_err("refused");
            assert_eq!(fault.code, Fault::SERVER);
        }
        let params = json!({ "url": "a" });
        assert_eq!(Breakpoint::by_url(&Params(&params)).expect_err("refused").code, Fault::PARAMS);
    }
}
