//! How test262 lies on disk, in its own layout and in that of SpiderMonkey's copy, and what stands in
//! the front matter of a test.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

const FOLDERS: [&str; 3] = ["annexB", "built-ins", "language"];

/// Harness files that every test finds.
const ALWAYS: [&str; 2] = ["assert.js", "sta.js"];

pub(crate) struct Suite {
    root: PathBuf,
    /// Harness files by name.
    harness: HashMap<String, String>,
    /// The tests, relative to `root`, sorted.
    pub(crate) paths: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    Sloppy,
    Strict,
    Module,
}

#[derive(Debug)]
pub(crate) enum Negative {
    /// A syntax error before anything runs.
    Early,
    /// An error of this name while modules are linked.
    Resolution(String),
    /// An uncaught error of this name.
    Runtime(String),
}

pub(crate) struct Test {
    pub(crate) text: String,
    pub(crate) features: Vec<String>,
    pub(crate) negative: Option<Negative>,
    pub(crate) raw: bool,
    pub(crate) is_async: bool,
    pub(crate) is_module: bool,
    includes: Vec<String>,
    only: Option<Mode>,
}

impl Suite {
    pub(crate) fn open(dir: &Path) -> Result<Suite, String> {
        let own = dir.join("test");
        let mut harness = HashMap::new();
        let root = if own.is_dir() {
            for path in files(&dir.join("harness")) {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                harness.extend(name.zip(fs::read_to_string(&path).ok()));
            }
            own
        } else {
            dir.to_owned()
        };
        let mut paths = Vec::new();
        for path in FOLDERS.iter().flat_map(|folder| files(&root.join(folder))) {
            let Ok(relative) = path.strip_prefix(&root) else { continue };
            let name = relative.to_string_lossy().into_owned();
            if name.ends_with(".js")
                && !name.ends_with("_FIXTURE.js")
                && !name.ends_with("/shell.js")
                && !name.ends_with("/browser.js")
            {
                paths.push(name);
            }
        }
        for shell in FOLDERS.iter().flat_map(|folder| files(&root.join(folder))) {
            if shell.ends_with("shell.js") {
                add_shell(&mut harness, &shell);
            }
        }
        if harness.is_empty() || root == dir {
            add_shell(&mut harness, &root.join("shell.js"));
        }
        if paths.is_empty() || ALWAYS.iter().any(|name| !harness.contains_key(*name)) {
            return Err(format!("{} is no copy of test262", dir.display()));
        }
        paths.sort();
        Ok(Suite { root, harness, paths })
    }

    pub(crate) fn harness(&self, name: &str) -> Result<String, String> {
        self.harness.get(name).cloned().ok_or_else(|| format!("no harness file {name}"))
    }

    /// The modules in a folder and below, by the names that tests in the folder know them by, with
    /// the tests themselves, which import each other.
    pub(crate) fn modules(&self, folder: &str) -> BTreeMap<String, String> {
        files(&self.root.join(folder))
            .into_iter()
            .filter_map(|path| {
                let name = path.strip_prefix(&self.root).ok()?.to_string_lossy().into_owned();
                Some((name, own_text(fs::read_to_string(path).ok()?)))
            })
            .collect()
    }

    pub(crate) fn read(&self, path: &str) -> Result<Test, String> {
        let bytes = fs::read(self.root.join(path)).map_err(|error| error.to_string())?;
        let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
        Test::parse(own_text(text))
    }
}

/// Without what SpiderMonkey's import puts around a test.
fn own_text(text: String) -> String {
    let mut text = text.as_str();
    if let Some((first, rest)) = text.split_once('\n')
        && first.starts_with("// |reftest|")
    {
        text = rest;
    }
    if let Some((first, rest)) = text.split_once('\n')
        && first == "'use strict';"
        && front_matter(rest).is_some_and(|front| front.contains("onlyStrict"))
    {
        text = rest;
    }
    match text.trim_end().strip_suffix("reportCompare(0, 0);") {
        Some(rest) => rest.to_owned(),
        None => text.to_owned(),
    }
}

impl Test {
    fn parse(text: String) -> Result<Test, String> {
        let front = front_matter(&text).ok_or("no front matter")?;
        let flags = list(front, "flags");
        let flag = |name: &str| flags.iter().any(|flag| flag == name);
        let negative = section(front, "negative").map(|negative| {
            let name = section(negative, "type").unwrap_or_default().trim().to_owned();
            match section(negative, "phase").unwrap_or_default().trim() {
                "runtime" => Negative::Runtime(name),
                "resolution" => Negative::Resolution(name),
                _ => Negative::Early,
            }
        });
        let only = match () {
            () if flag("module") => Some(Mode::Module),
            () if flag("onlyStrict") => Some(Mode::Strict),
            () if flag("noStrict") || flag("raw") => Some(Mode::Sloppy),
            () => None,
        };
        let (includes, features) = (list(front, "includes"), list(front, "features"));
        let raw = flag("raw");
        let is_async = flag("async");
        let is_module = flag("module");
        Ok(Test { text, features, negative, raw, is_async, is_module, includes, only })
    }

    /// The modes that it must pass in.
    pub(crate) fn modes(&self) -> Vec<Mode> {
        self.only.map_or_else(|| vec![Mode::Sloppy, Mode::Strict], |mode| vec![mode])
    }

    /// The harness files that it needs, in order.
    pub(crate) fn harness(&self) -> Vec<String> {
        if self.raw {
            return Vec::new();
        }
        let mut names: Vec<String> = ALWAYS.iter().map(|&name| name.to_owned()).collect();
        for name in &self.includes {
            if !names.contains(name) && name != "doneprintHandle.js" {
                names.push(name.clone());
            }
        }
        names
    }
}

fn front_matter(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("/*---")?;
    rest.split_once("---*/").map(|(front, _)| front)
}

/// What belongs to a key: the rest of its line, and the lines after it that stand further in.
fn section<'a>(front: &'a str, key: &str) -> Option<&'a str> {
    let mut at = 0;
    for line in front.split_inclusive(['\n', '\r']) {
        let start = at;
        at += line.len();
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().strip_prefix(key).is_some_and(|rest| rest.starts_with(':')) {
            let mut end = at;
            for next in front[at..].split_inclusive(['\n', '\r']) {
                let inner = next.len() - next.trim_start().len();
                let is_item = next.trim_start().starts_with("- ") || next.trim() == "]";
                if !next.trim().is_empty() && inner <= indent && !is_item {
                    break;
                }
                end += next.len();
            }
            return Some(&front[start + indent + key.len() + 1..end]);
        }
    }
    None
}

/// A list: `[a, b]`, or a line `- a` for each.
fn list(front: &str, key: &str) -> Vec<String> {
    let text = section(front, key).unwrap_or_default();
    text.split(['\n', '\r'])
        .map(|line| line.split(" #").next().unwrap_or_default())
        .flat_map(|line| line.split(['[', ']', ',']))
        .map(|item| item.trim().trim_start_matches("- ").trim())
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The harness files that SpiderMonkey's import put together into a folder's `shell.js`.
fn add_shell(harness: &mut HashMap<String, String>, path: &Path) {
    let Ok(text) = fs::read_to_string(path) else { return };
    for part in text.split("// file: ").skip(1) {
        if let Some((name, text)) = part.split_once('\n') {
            harness.entry(name.trim().to_owned()).or_insert_with(|| text.to_owned());
        }
    }
}

/// All files in a folder and below.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found
}
