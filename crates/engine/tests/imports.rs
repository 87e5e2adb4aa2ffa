//! Which files of a crate use which: no more than three of them in a circle. Where everything uses
//! everything, no part can be read or changed by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The text of a file without comments, strings and its module of tests.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut code = String::new();
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        // Every other part lies within quotes, closely enough for lines of code.
        code.extend(line.split('"').step_by(2));
        code.push('\n');
    }
    code
}

/// All files of a crate by their module path, for example `run::state`.
fn modules_of(src: &Path) -> BTreeMap<String, String> {
    fn walk(dir: &Path, prefix: &str, into: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(dir).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if path.is_dir() {
                walk(&path, &format!("{prefix}{name}::"), into);
            } else if path.extension().is_some_and(|ending| ending == "rs")
                && !name.ends_with("tests")
            {
                let module = match name {
                    "mod" => prefix.trim_end_matches("::").to_owned(),
                    "lib" | "main" => String::new(),
                    name => format!("{prefix}{name}"),
                };
                into.insert(module, code_of(&fs::read_to_string(&path).expect("a source")));
            }
        }
    }
    let mut modules = BTreeMap::new();
    walk(src, "", &mut modules);
    modules
}

/// The paths that a tree of `use` stands for: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else { return vec![tree.to_owned()] };
    let prefix = &tree[..open];
    let inner = tree[open + 1..].rsplit_once('}').map_or("", |(inner, _)| inner);
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, char) in inner.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| expand(part).into_iter().map(|path| format!("{prefix}{path}"))).collect()
}

/// The file that a path leads to, from within `module`; none where it leads out of the crate.
fn file_of(path: &str, module: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    let mut parts: Vec<&str> = path.split("::").map(str::trim).collect();
    let mut at: Vec<&str> = module.split("::").filter(|part| !part.is_empty()).collect();
    match parts.remove(0) {
        "crate" => at.clear(),
        "self" => {}
        "super" => {
            at.pop();
        }
        // A child that is named as such, as in `pub use child::Thing`.
        child if modules.contains_key(&[&at[..], &[child]].concat().join("::")) => at.push(child),
        _ => return None,
    }
    let mut found = at.join("::");
    for part in parts {
        if part == "super" {
            at.pop();
        } else {
            at.push(part);
        }
        if modules.contains_key(&at.join("::")) {
            found = at.join("::");
        }
    }
    Some(found)
}

fn uses(module: &str, code: &str, modules: &BTreeMap<String, String>) -> BTreeSet<String> {
    let mut paths = Vec::new();
    for start in code.match_indices("use ").map(|(at, found)| at + found.len()) {
        if let Some(end) = code[start..].find(';') {
            paths.extend(expand(&code[start..start + end]));
        }
    }
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(root) {
            let word = |char: char| char.is_alphanumeric() || char == '_' || char == ':';
            let path: String = code[at..].chars().take_while(|char| word(*char)).collect();
            // What a tree in braces names was read above.
            let path = path.trim_end_matches(':');
            if path.contains("::") {
                paths.push(path.to_owned());
            }
        }
    }
    let files = paths.iter().filter_map(|path| file_of(path, module, modules));
    files.filter(|file| file != module && modules.contains_key(file)).collect()
}

/// The largest set of files each of which reaches all others.
fn largest_circle(uses: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let reach = |from: &String| {
        let mut seen = BTreeSet::new();
        let mut left = vec![from];
        while let Some(file) = left.pop() {
            for next in uses.get(file).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    left.push(next);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        uses.keys().map(|file| (file, reach(file))).collect();
    let circle = |file: &String| -> BTreeSet<String> {
        let back = |other: &&String| reached.get(*other).is_some_and(|r| r.contains(file));
        reached[file].iter().filter(back).cloned().collect()
    };
    uses.keys().map(circle).max_by_key(BTreeSet::len).unwrap_or_default()
}

#[test]
fn no_more_than_three_files_of_a_crate_use_each_other_in_a_circle() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for name in ["engine", "sandtide", "server", "node", "realm", "cli"] {
        let modules = modules_of(&crates.join(name).join("src"));
        let uses: BTreeMap<_, _> = modules
            .iter()
            .map(|(module, code)| (module.clone(), uses(module, code, &modules)))
            .collect();
        let edges: usize = uses.values().map(BTreeSet::len).sum();
        assert!(edges > modules.len(), "{name}: {edges} uses found in {} files", modules.len());
        let circle = largest_circle(&uses);
        if circle.len() > 3 {
            for file in &circle {
                let within: Vec<_> = uses[file].intersection(&circle).collect();
                eprintln!("{file} uses {within:?}");
            }
            panic!("{name}: these files use each other: {circle:?}");
        }
    }
}

#[test]
fn trees_of_uses_and_paths_are_read_as_the_compiler_does() {
    assert_eq!(expand("a::{b, c::{d, e}, f}"), ["a::b", "a::c::d", "a::c::e", "a::f"]);
    let modules: BTreeMap<String, String> =
        ["", "run", "run::state", "js", "js::cx"].map(|m| (m.to_owned(), String::new())).into();
    let file = |path, from| file_of(path, from, &modules);
    assert_eq!(file("crate::run::state::RunState", "js").as_deref(), Some("run::state"));
    assert_eq!(file("super::state::RunState", "run::drive").as_deref(), Some("run::state"));
    assert_eq!(file("super::Value", "run::state").as_deref(), Some("run"));
    assert_eq!(file("state::RunState", "run").as_deref(), Some("run::state"));
    assert_eq!(file("std::fmt", "run"), None);
    assert_eq!(code_of("a \"crate::x\" b // crate::y\n"), "a  b \n");
}
