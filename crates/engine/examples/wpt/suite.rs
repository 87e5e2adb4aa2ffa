//! How the web platform tests lie on disk, and what stands in the front matter of a test.

use std::fs;
use std::path::{Path, PathBuf};

/// The areas whose standards guests have something of.
const AREAS: [&str; 12] = [
    "FileAPI",
    "WebCryptoAPI",
    "compression",
    "console",
    "dom/abort",
    "dom/events",
    "encoding",
    "hr-time",
    "html/webappapis",
    "streams",
    "url",
    "urlpattern",
];

pub(crate) struct Suite {
    root: PathBuf,
    /// The files of tests, relative to `root`, sorted.
    pub(crate) paths: Vec<String>,
    pub(crate) harness: String,
}

/// A file of tests.
pub(crate) struct Test {
    /// Its scripts and itself, in order.
    pub(crate) text: String,
    /// What follows its address for each time that it is run: `?1-1000`, or nothing.
    pub(crate) variants: Vec<String>,
    pub(crate) is_long: bool,
    /// Whether it is for realms only that no guest is, as those of `ShadowRealm`.
    pub(crate) is_elsewhere: bool,
}

impl Suite {
    pub(crate) fn open(dir: &Path) -> Result<Suite, String> {
        let mut paths = Vec::new();
        for area in AREAS {
            collect(&dir.join(area), area, &mut paths);
        }
        paths.sort();
        if paths.is_empty() {
            return Err(format!("{} has none of the tests' folders", dir.display()));
        }
        let harness = read(&dir.join("resources/testharness.js"))?;
        Ok(Suite { root: dir.to_owned(), paths, harness })
    }

    /// The area that a path belongs to.
    pub(crate) fn area(path: &str) -> &str {
        let of = |area: &&str| path.strip_prefix(*area).is_some_and(|rest| rest.starts_with('/'));
        AREAS.into_iter().find(of).unwrap_or(path)
    }

    pub(crate) fn read(&self, path: &str) -> Result<Test, String> {
        let own = read(&self.root.join(path))?;
        let meta = |key: &str| -> Vec<String> {
            own.lines()
                .take_while(|line| line.starts_with("//") || line.trim().is_empty())
                .filter_map(|line| line.trim_start_matches('/').trim().strip_prefix("META:"))
                .filter_map(|entry| entry.trim().split_once('='))
                .filter(|(name, _)| *name == key)
                .map(|(_, value)| value.trim().to_owned())
                .collect()
        };
        let strict = own.lines().find(|line| !line.starts_with("//") && !line.trim().is_empty());
        let strict =
            strict.is_some_and(|line| line.trim().trim_matches([';', '"', '\'']) == "use strict");
        let mut text = format!("{}wpt_begin();\n", if strict { "'use strict';\n" } else { "" });
        for script in meta("script") {
            text.push_str(&read(&self.root.join(beside(path, &script)))?);
            text.push_str("\n;\n");
        }
        text.push_str(&own);
        text.push_str("\n;wpt_done;\n");
        let mut variants = meta("variant");
        if variants.is_empty() {
            variants.push(String::new());
        }
        let is_long = meta("timeout").iter().any(|value| value == "long");
        let realms = meta("global");
        let here = |realm: &str| matches!(realm, "window" | "worker" | "dedicatedworker");
        let is_elsewhere = !realms.is_empty()
            && !realms.iter().flat_map(|realms| realms.split(',')).any(|realm| here(realm.trim()));
        Ok(Test { text, variants, is_long, is_elsewhere })
    }

    /// The bytes of a file that a test asks for by an address relative to itself.
    pub(crate) fn bytes(root: &Path, path: &str, address: &str) -> Option<Vec<u8>> {
        let address = address.split(['?', '#']).next().unwrap_or_default();
        fs::read(root.join(beside(path, address))).ok()
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
}

/// A path below the root for an address that stands in the file `path`.
fn beside(path: &str, address: &str) -> String {
    if address == "/resources/WebIDLParser.js" {
        // Where the suite's own server finds it.
        return "resources/webidl2/lib/webidl2.js".to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    if !address.starts_with('/') {
        parts.extend(path.split('/'));
        parts.pop();
    }
    for part in address.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn collect(dir: &Path, prefix: &str, paths: &mut Vec<String>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}/{name}");
        if entry.path().is_dir() {
            collect(&entry.path(), &path, paths);
        } else if [".any.js", ".window.js", ".worker.js"].iter().any(|end| name.ends_with(end)) {
            paths.push(path);
        }
    }
}
