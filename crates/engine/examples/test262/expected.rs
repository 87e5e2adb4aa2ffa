//! The list of what is known to fail, and why: a text file with one entry a line.
//!
//!     without FEATURE  why tests with this feature are left out
//!     reason NAME  why tests fail
//!     NAME PATH    this test fails for that reason

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

pub(crate) struct Expected {
    without: HashMap<String, String>,
    reasons: HashMap<String, String>,
    /// The name of the reason, by path.
    fails: BTreeMap<String, String>,
}

impl Expected {
    pub(crate) fn read(path: &Path) -> Result<Expected, String> {
        let text =
            fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut expected =
            Expected { without: HashMap::new(), reasons: HashMap::new(), fails: BTreeMap::new() };
        for (index, line) in text.lines().enumerate() {
            let wrong = |what: &str| format!("{}:{}: {what}", path.display(), index + 1);
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (word, rest) = line.split_once(' ').ok_or_else(|| wrong("one word is no entry"))?;
            match (word, rest.split_once(' ')) {
                ("without", Some((name, why))) => {
                    expected.without.insert(name.to_owned(), why.trim().to_owned());
                }
                ("reason", Some((name, why))) => {
                    expected.reasons.insert(name.to_owned(), why.trim().to_owned());
                }
                ("without" | "reason", None) => return Err(wrong("no text")),
                _ if !expected.reasons.contains_key(word) => {
                    return Err(wrong("this reason was not given above"));
                }
                _ => {
                    if expected.fails.insert(rest.trim().to_owned(), word.to_owned()).is_some() {
                        return Err(wrong("named twice"));
                    }
                }
            }
        }
        Ok(expected)
    }

    /// Why tests with this feature are left out, if they are.
    pub(crate) fn left_out(&self, feature: &str) -> Option<&str> {
        self.without.get(feature).map(String::as_str)
    }

    /// The name of the reason for which this test is known to fail.
    pub(crate) fn reason(&self, path: &str) -> Option<&str> {
        self.fails.get(path).map(String::as_str)
    }

    pub(crate) fn text(&self, reason: &str) -> &str {
        self.reasons.get(reason).map_or("", String::as_str)
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.fails.keys().map(String::as_str)
    }
}
