//! The list of what is left out and what is known to fail, and why: a text file with one entry a line.
//!
//!     without PATH  why this file, or what begins so, is left out
//!     reason NAME  why subtests fail
//!     outside NAME  what subtests need that no guest has, so that they are not counted
//!     NAME PATH | SUBTEST    this subtest fails for that reason; a `*` stands for any text

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

pub(crate) struct Expected {
    without: Vec<(String, String)>,
    reasons: HashMap<String, String>,
    outside: HashSet<String>,
    fails: Vec<Entry>,
}

pub(crate) struct Entry {
    pub(crate) reason: String,
    pub(crate) path: String,
    pub(crate) subtest: String,
    /// How many subtests failed for it.
    pub(crate) hits: Cell<usize>,
}

impl Expected {
    pub(crate) fn read(path: &Path) -> Result<Expected, String> {
        let text =
            fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut expected = Expected {
            without: Vec::new(),
            reasons: HashMap::new(),
            outside: HashSet::new(),
            fails: Vec::new(),
        };
        for (index, line) in text.lines().enumerate() {
            let wrong = |what: &str| format!("{}:{}: {what}", path.display(), index + 1);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (word, rest) = line.split_once(' ').ok_or_else(|| wrong("one word is no entry"))?;
            match word {
                "without" | "reason" | "outside" => {
                    let (name, why) = rest.split_once(' ').ok_or_else(|| wrong("no text"))?;
                    let (name, why) = (name.to_owned(), why.trim().to_owned());
                    if word == "without" {
                        expected.without.push((name, why));
                        continue;
                    }
                    if word == "outside" {
                        expected.outside.insert(name.clone());
                    }
                    expected.reasons.insert(name, why);
                }
                _ if !expected.reasons.contains_key(word) => {
                    return Err(wrong("this reason was not given above"));
                }
                _ => {
                    let (path, subtest) = rest.split_once(" | ").unwrap_or((rest, "*"));
                    expected.fails.push(Entry {
                        reason: word.to_owned(),
                        path: path.to_owned(),
                        subtest: subtest.to_owned(),
                        hits: Cell::new(0),
                    });
                }
            }
        }
        Ok(expected)
    }

    /// Why a file is left out, if it is.
    pub(crate) fn left_out(&self, path: &str) -> Option<&str> {
        let mut without = self.without.iter();
        without.find(|(start, _)| path.starts_with(start.as_str())).map(|(_, why)| why.as_str())
    }

    /// The first entry that knows a failure.
    pub(crate) fn entry(&self, path: &str, subtest: &str) -> Option<&Entry> {
        let mut fails = self.fails.iter();
        fails.find(|entry| fits(&entry.path, path) && fits(&entry.subtest, subtest))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.fails
    }

    /// Whether what fails for this reason is not counted.
    pub(crate) fn is_outside(&self, reason: &str) -> bool {
        self.outside.contains(reason)
    }

    pub(crate) fn text(&self, reason: &str) -> &str {
        self.reasons.get(reason).map_or("", String::as_str)
    }
}

/// Whether a text is as the pattern says, in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = text.find(part) else { return false };
        text = &text[at + part.len()..];
    }
    text.ends_with(end)
}
