//! No more than three files of a crate know each other in a circle: what several of them need lies below
//! them. Looks at the sources of all crates of the workspace, without comments, texts and tests; names are
//! followed to the file that they are re-exported from.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// The most files of a circle.
const MOST: usize = 3;

/// A module that is a file: its path from the crate's root.
type Module = Vec<String>;

/// What a crate's files say.
#[derive(Default)]
struct Files {
    /// The file of each module, for the report, and its code.
    code: BTreeMap<Module, (String, String)>,
    /// What each module re-exports: the name, and the whole path of what it stands for.
    exports: BTreeMap<Module, BTreeMap<String, Module>>,
}

/// Code without comments, and without what stands in quotes.
fn without_words(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (String::new(), 0);
    while at < bytes.len() {
        let rest = &text[at..];
        let is_raw = |rest: &str| rest.trim_start_matches('#').starts_with('"');
        let before = out.chars().next_back().unwrap_or(' ');
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if rest.starts_with('r')
            && !before.is_alphanumeric()
            && before != '_'
            && is_raw(&rest[1..])
        {
            let marks = rest[1..].len() - rest[1..].trim_start_matches('#').len();
            let end = format!("\"{}", "#".repeat(marks));
            let begin = marks + 2;
            at += begin
                + rest[begin..].find(&end).map_or(rest.len() - begin, |found| found + end.len());
            out += "\"\"";
        } else if let Some(text) = rest.strip_prefix('"') {
            let mut escaped = false;
            let end = text.find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            at += end.map_or(rest.len(), |end| end + 2);
            out += "\"\"";
        } else if let Some(length) = character(rest) {
            at += length;
            out += "' '";
        } else {
            let next = rest.chars().next().unwrap_or(' ');
            out.push(next);
            at += next.len_utf8();
        }
    }
    out
}

/// Bytes of the character in quotes that `rest` begins with; `None` where it begins with none, as with a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if let Some(escaped) = inner.strip_prefix('\\') {
        let end = escaped.char_indices().skip(1).find(|(_, c)| *c == '\'')?.0;
        return Some(end + 3);
    }
    let first = inner.chars().next()?;
    inner[first.len_utf8()..].starts_with('\'').then(|| first.len_utf8() + 2)
}

/// Code without the items that are compiled for tests; the modules among them that are files are added to `tests`.
fn without_tests(code: &str, tests: &mut BTreeSet<String>) -> String {
    const MARK: &str = "#[cfg(test)]";
    let (mut out, mut rest) = (String::new(), code);
    while let Some(at) = rest.find(MARK) {
        out += &rest[..at];
        rest = &rest[at + MARK.len()..];
        let mut depth = 0;
        let end = rest.char_indices().find(|&(_, c)| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            depth == 0 && (c == '}' || c == ';')
        });
        let (item, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at + 1));
        if let Some(name) = item.trim().strip_suffix(';').and_then(|item| item.rsplit_once("mod "))
        {
            tests.insert(name.1.trim().to_owned());
        }
        rest = after;
    }
    out + rest
}

fn read(folder: &Path, module: &Module, files: &mut Files) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let own: Module = match stem.as_str() {
            "lib" | "main" | "mod" => module.clone(),
            _ => module.iter().cloned().chain([stem]).collect(),
        };
        if path.is_dir() {
            read(&path, &own, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = without_words(&fs::read_to_string(&path).unwrap());
            let shown = path.display().to_string();
            let (_, code) = files.code.entry(own).or_insert((shown, String::new()));
            *code += &text;
        }
    }
}

/// The paths that a tree of `use` names.
fn expanded(tree: &str) -> Vec<Vec<String>> {
    let tree = tree.trim();
    let Some((before, inner)) = tree.split_once('{') else {
        let plain = tree.split(" as ").next().unwrap_or(tree);
        let path: Vec<_> = plain.split("::").map(|part| part.trim().to_owned()).collect();
        return vec![path.into_iter().filter(|part| !part.is_empty()).collect()];
    };
    let before: Vec<_> = before
        .split("::")
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    let inner = inner.trim_end().strip_suffix('}').unwrap_or(inner);
    let (mut depth, mut begin, mut paths) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 {
            let branch = &inner[begin..at];
            begin = (at + 1).min(inner.len());
            if !branch.trim().is_empty() {
                paths.extend(
                    expanded(branch).into_iter().map(|path| [before.clone(), path].concat()),
                );
            }
        }
    }
    paths
}

impl Files {
    fn of_crate(folder: &Path) -> Files {
        let mut files = Files::default();
        read(&folder.join("src"), &Vec::new(), &mut files);
        let mut tests = Vec::new();
        for (module, (_, code)) in &mut files.code {
            let mut names = BTreeSet::new();
            *code = without_tests(code, &mut names);
            tests.extend(names.into_iter().map(|name| [module.clone(), vec![name]].concat()));
        }
        files.code.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
        let exports = files.code.keys().map(|module| (module.clone(), files.exports_of(module)));
        files.exports = exports.collect();
        files
    }

    /// What `module` names by `use`: whether for others too, and the whole path.
    fn uses(&self, module: &Module) -> Vec<(bool, Module)> {
        let code = &self.code[module].1;
        let mut found = Vec::new();
        for (at, _) in code.match_indices("use ") {
            let before = code[..at].trim_end_matches(' ');
            let begins = before.is_empty()
                || before.ends_with(['\n', ';', '}', '{', ']', ')'])
                || before.ends_with("pub");
            if !begins {
                continue;
            }
            let exported = before.ends_with("pub") || before.ends_with(')');
            let tree = code[at + 4..].split(';').next().unwrap_or_default();
            let paths = expanded(tree).into_iter().filter_map(|path| self.whole(module, &path));
            found.extend(paths.map(|path| (exported, path)));
        }
        found
    }

    fn exports_of(&self, module: &Module) -> BTreeMap<String, Module> {
        let exported = self.uses(module).into_iter().filter(|(exported, _)| *exported);
        exported.filter_map(|(_, path)| Some((path.last()?.clone(), path))).collect()
    }

    /// A path from the crate's root; `None` where it leads to another crate.
    fn whole(&self, module: &Module, path: &[String]) -> Option<Module> {
        let first = path.first()?;
        if first == "crate" {
            return Some(path[1..].to_vec());
        }
        let ups = path.iter().take_while(|part| *part == "super").count();
        if ups > 0 || first == "self" {
            let base = module.len().checked_sub(ups)?;
            return Some([&module[..base], &path[ups.max(1)..]].concat());
        }
        let child = [module.clone(), vec![first.clone()]].concat();
        self.code.contains_key(&child).then(|| [module.clone(), path.to_vec()].concat())
    }

    /// The file that a path leads to.
    fn file_of(&self, path: &Module, steps: usize) -> Option<Module> {
        let length =
            (0..=path.len()).rev().find(|&length| self.code.contains_key(&path[..length]))?;
        let (file, rest) = (path[..length].to_vec(), &path[length..]);
        let stands_for = rest.first().and_then(|name| self.exports.get(&file)?.get(name));
        match stands_for {
            Some(whole) if whole != path && steps < 8 => {
                self.file_of(&[whole, &rest[1..]].concat(), steps + 1)
            }
            _ => Some(file),
        }
    }

    /// The files that a file knows. A crate's root knows all of them and is known for its re-exports only.
    fn known_to(&self, module: &Module) -> BTreeSet<Module> {
        let mut paths: Vec<Module> = self
            .uses(module)
            .into_iter()
            .filter(|(exported, path)| !(*exported && path.starts_with(module)))
            .map(|(_, path)| path)
            .collect();
        let code = &self.code[module].1;
        for start in ["crate::", "super::", "self::"] {
            for (at, _) in code.match_indices(start) {
                let is_whole = !code[..at]
                    .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '$'));
                let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
                let path = code[at..].split(|c| !word(c)).next().unwrap_or_default();
                if is_whole {
                    let path: Vec<_> = path
                        .split("::")
                        .map(str::to_owned)
                        .filter(|part| !part.is_empty())
                        .collect();
                    paths.extend(self.whole(module, &path));
                }
            }
        }
        let files = paths.iter().filter_map(|path| self.file_of(path, 0));
        files.filter(|file| file != module && !file.is_empty()).collect()
    }

    /// Files that know each other, by whatever way.
    fn circles(&self) -> Vec<Vec<&str>> {
        let known: BTreeMap<_, _> =
            self.code.keys().map(|module| (module, self.known_to(module))).collect();
        let reached = |from: &Module| {
            let (mut seen, mut left) = (BTreeSet::new(), vec![from.clone()]);
            while let Some(module) = left.pop() {
                for next in &known[&module] {
                    if seen.insert(next.clone()) {
                        left.push(next.clone());
                    }
                }
            }
            seen
        };
        let reach: BTreeMap<_, _> =
            self.code.keys().map(|module| (module, reached(module))).collect();
        let mut circles = BTreeSet::new();
        for (module, seen) in &reach {
            let circle: Vec<&str> = seen
                .iter()
                .filter(|other| reach[other].contains(*module))
                .map(|other| self.code[other].0.as_str())
                .collect();
            if !circle.is_empty() {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }
}

#[test]
fn no_more_than_three_files_of_a_crate_know_each_other_in_a_circle() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut looked_at, mut found, mut large) = (0, 0, String::new());
    for entry in fs::read_dir(crates).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.join("src").is_dir() {
            continue;
        }
        looked_at += 1;
        let files = Files::of_crate(&folder);
        for circle in files.circles() {
            found += 1;
            if circle.len() > MOST {
                large += &format!("{} files: {}\n", circle.len(), circle.join(" "));
            }
        }
    }
    assert!(looked_at > 25, "{looked_at} crates");
    assert!(found > 0, "no small one was found either");
    assert!(large.is_empty(), "{large}");
}

#[test]
fn circles_are_found_through_re_exports_and_not_through_comments_texts_and_tests() {
    let code = |text: &str| without_words(text);
    let mut files = Files::default();
    for (module, text) in [
        ("", "mod a; mod b; mod c; mod d; pub use b::{self as _, B}; #[cfg(test)] mod tests;"),
        ("a", "use crate::B; fn f() -> char { '\"' } fn g<'a>(x: &'a str) {} use crate::{c::C};"),
        ("b", "use super::c::{C, deep::{D, E}};"),
        (
            "c",
            "// use crate::d::D;\nconst T: &str = \"use crate::d::D;\"; fn f() { crate::a::f() }",
        ),
        ("d", "use crate::a; #[cfg(test)] mod tests { use crate::d; fn f() { crate::e::f() } }"),
        ("e", "const R: &str = r#\"\" use crate::d; \"#; use crate::d;"),
    ] {
        let module: Module =
            module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let mut tests = BTreeSet::new();
        let code = without_tests(&code(text), &mut tests);
        files.code.insert(module.clone(), (module.join("::"), code));
    }
    files.exports =
        files.code.keys().map(|module| (module.clone(), files.exports_of(module))).collect();
    assert_eq!(files.circles(), [vec!["a", "b", "c"]]);
}
