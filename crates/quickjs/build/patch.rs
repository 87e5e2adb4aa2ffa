//! Patch files: how they are read, and how they are applied. Must not know what any of them changes.
//!
//! A patch is a text file. Its header says why the change is there (`Why:`) and what would let it
//! go (`Until:`). Then come the files it changes (`--- NAME`) with hunks (`@@`), whose lines begin
//! with a space (stays), a minus (goes) or a plus (comes), as in a unified diff. There are no line
//! numbers: the lines of a hunk that stay or go must stand in the file exactly once, one below the
//! other, which is where the hunk belongs. Otherwise the hunk is refused: a release of the engine
//! that these patches were not written for fails the build instead of misbehaving later.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The folders of patches, in the order in which they are applied; within one, by name.
pub(crate) const FOLDERS: [&str; 7] =
    ["fixes", "realm", "sandbox", "places", "node", "speed", "inspect"];

/// One change of one place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hunk {
    /// The file's name.
    pub(crate) file: String,
    /// The line of the patch at which the hunk begins, from 1.
    pub(crate) line: usize,
    old: String,
    new: String,
}

/// One patch file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Patch {
    /// Folder and name, without the ending.
    pub(crate) name: String,
    /// Why the change is there.
    pub(crate) why: String,
    /// What would let it go.
    pub(crate) until: String,
    /// What it changes, in the order of the file.
    pub(crate) hunks: Vec<Hunk>,
}

/// Why a hunk is not applied.
fn misfit(found: usize) -> String {
    match found {
        0 => "its lines are not in the file".to_owned(),
        _ => format!("its lines are in the file {found} times, not once"),
    }
}

impl Patch {
    /// Reads a patch's text.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Patch, String> {
        let error = |line: usize, what: &str| Err(format!("patches/{name}.patch:{line}: {what}"));
        let mut fields: BTreeMap<&str, String> = BTreeMap::new();
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line)).peekable();
        let mut field = None;
        while let Some((number, line)) = lines.next_if(|(_, line)| !line.starts_with("--- ")) {
            if let Some((key @ ("Why" | "Until"), rest)) = line.split_once(": ") {
                if fields.insert(key, rest.to_owned()).is_some() {
                    return error(number, "a second line of this kind");
                }
                field = Some(key);
            } else if line.is_empty() {
                field = None;
            } else if let Some(text) = field.and_then(|key| fields.get_mut(key)) {
                text.push(' ');
                text.push_str(line);
            } else {
                return error(number, "the header has only `Why:` and `Until:`");
            }
        }
        let (Some(why), Some(until)) = (fields.remove("Why"), fields.remove("Until")) else {
            return error(1, "the header lacks `Why:` or `Until:`");
        };

        let mut patch = Patch { name: name.to_owned(), why, until, hunks: Vec::new() };
        let mut file = String::new();
        let mut open = false;
        for (number, line) in lines {
            if let Some(name) = line.strip_prefix("--- ") {
                file = name.trim().to_owned();
                open = false;
            } else if line == "@@" {
                patch.hunks.push(Hunk {
                    file: file.clone(),
                    line: number,
                    old: String::new(),
                    new: String::new(),
                });
                open = true;
            } else if let (true, Some(hunk)) = (open, patch.hunks.last_mut()) {
                let Some((kind, rest)) = line.split_at_checked(1) else {
                    return error(
                        number,
                        "an empty line; one that stays empty begins with a space",
                    );
                };
                if matches!(kind, " " | "-") {
                    hunk.old.push_str(rest);
                    hunk.old.push('\n');
                }
                if matches!(kind, " " | "+") {
                    hunk.new.push_str(rest);
                    hunk.new.push('\n');
                }
                if !matches!(kind, " " | "-" | "+") {
                    return error(
                        number,
                        "a line of a hunk begins with a space, a minus or a plus",
                    );
                }
            } else {
                return error(number, "a hunk begins with `@@`");
            }
        }
        if patch.hunks.is_empty() {
            return error(1, "there is no hunk");
        }
        for hunk in &patch.hunks {
            if hunk.old.is_empty() {
                return error(hunk.line, "the hunk has no line that stays or goes");
            }
            if hunk.old == hunk.new {
                return error(hunk.line, "the hunk changes nothing");
            }
        }
        Ok(patch)
    }

    /// Changes the files. Says which hunk does not fit, and changes nothing then.
    pub(crate) fn apply(&self, files: &mut BTreeMap<String, String>) -> Result<(), String> {
        let mut changed = BTreeMap::new();
        for hunk in &self.hunks {
            let refuse = |what: &str| {
                Err(format!(
                    "patches/{}.patch:{}: {}: {what}. Why the patch is there: {}",
                    self.name, hunk.line, hunk.file, self.why
                ))
            };
            let text = match changed.get(&hunk.file).or_else(|| files.get(&hunk.file)) {
                Some(text) => text,
                None => return refuse("the engine has no such file"),
            };
            let text = match hunk.place(text).as_slice() {
                [start] => {
                    format!("{}{}{}", &text[..*start], hunk.new, &text[start + hunk.old.len()..])
                }
                places => return refuse(&misfit(places.len())),
            };
            changed.insert(hunk.file.clone(), text);
        }
        files.extend(changed);
        Ok(())
    }
}

impl Hunk {
    /// The offsets at which the lines that stay or go stand.
    fn place(&self, text: &str) -> Vec<usize> {
        let mut places = Vec::new();
        let mut from = 0;
        while let Some(found) = text[from..].find(&self.old) {
            let start = from + found;
            if start == 0 || text.as_bytes()[start - 1] == b'\n' {
                places.push(start);
            }
            // The lines may overlap themselves: the search goes on at the next line.
            from = start + text[start..].find('\n').map_or(1, |end| end + 1);
        }
        places
    }
}

/// All patches, in the order in which they are applied.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Patch>, String> {
    let mut patches = Vec::new();
    for room in FOLDERS {
        let Ok(entries) = fs::read_dir(folder.join(room)) else { continue };
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        for name in names {
            let Some(stem) = name.strip_suffix(".patch") else {
                return Err(format!("patches/{room}/{name} is no patch"));
            };
            let text = fs::read_to_string(folder.join(room).join(&name))
                .map_err(|error| format!("patches/{room}/{name}: {error}"))?;
            patches.push(Patch::parse(&format!("{room}/{stem}"), &text)?);
        }
    }
    Ok(patches)
}
