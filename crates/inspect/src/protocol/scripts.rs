//! Scripts: what the protocol tells of each. Must not know where they come from.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A script that was compiled.
#[derive(Clone, Copy, Debug)]
pub struct NewScript<'a> {
    /// Its number, from 1.
    pub number: u32,
    /// What it was compiled as: a path, a URL or any other name.
    pub file: &'a str,
    /// Line and column of its first character, from 0.
    pub start: (u32, u32),
    /// Its text.
    pub text: &'a str,
    /// Whether it is a module.
    pub module: bool,
}

/// Texts of scripts are kept up to so many bytes; the oldest go first. Programs may make scripts without
/// end.
const KEPT: usize = 256 << 20;

#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) number: u32,
    pub(crate) url: String,
    pub(crate) hash: String,
    pub(crate) text: String,
    file: String,
    start: (u32, u32),
    module: bool,
    builtin: bool,
    named: bool,
    source_map: String,
}

/// What code without a name, and code that is a text, is called in stacks.
const UNNAMED: [&str; 2] = ["<anonymous>", "<input>"];

/// As a URL: paths become one.
pub(crate) fn url_of(file: &str) -> String {
    if UNNAMED.contains(&file) {
        return String::new();
    }
    if !file.starts_with('/') {
        return file.to_owned();
    }
    let mut url = String::from("file://");
    for byte in file.bytes() {
        match byte {
            b' '
            | b'"'
            | b'#'
            | b'%'
            | b'<'
            | b'>'
            | b'?'
            | b'\\'
            | b'^'
            | b'`'
            | b'{'
            | b'|'
            | b'}'
            | 0..=0x1f
            | 0x7f.. => url.push_str(&format!("%{byte:02X}")),
            _ => url.push(char::from(byte)),
        }
    }
    url
}

/// The value of a comment `//# name=value`, the last one.
fn magic_comment(text: &str, name: &str) -> String {
    for mark in ["//# ", "//@ "] {
        let wanted = format!("{mark}{name}=");
        if let Some(at) = text.rfind(&wanted) {
            let rest = &text[at + wanted.len()..];
            let value = rest.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
            return value.to_owned();
        }
    }
    String::new()
}

impl Script {
    fn new(script: &NewScript<'_>, builtin: bool) -> Script {
        let own = magic_comment(script.text, "sourceURL");
        Script {
            number: script.number,
            named: !own.is_empty(),
            url: if own.is_empty() { url_of(script.file) } else { own },
            hash: Sha256::digest(script.text).iter().map(|byte| format!("{byte:02x}")).collect(),
            text: script.text.to_owned(),
            file: script.file.to_owned(),
            start: script.start,
            module: script.module,
            builtin,
            source_map: magic_comment(script.text, "sourceMappingURL"),
        }
    }

    pub(crate) fn id(&self) -> String {
        self.number.to_string()
    }

    /// Line and column behind its last character.
    pub(crate) fn end(&self) -> (u32, u32) {
        let lines = self.text.matches('\n').count() as u32;
        let last = self.text.rsplit('\n').next().unwrap_or_default();
        let width = last.encode_utf16().count() as u32;
        (self.start.0 + lines, if lines == 0 { self.start.1 + width } else { width })
    }

    pub(crate) fn event(&self) -> Value {
        let (end_line, end_column) = self.end();
        let mut params = json!({
            "scriptId": self.id(),
            "url": self.url,
            "startLine": self.start.0,
            "startColumn": self.start.1,
            "endLine": end_line,
            "endColumn": end_column,
            "executionContextId": if self.builtin { 0 } else { 1 },
            "hash": self.hash,
            "buildId": "",
            "isLiveEdit": false,
            "sourceMapURL": self.source_map,
            "hasSourceURL": self.named,
            "isModule": self.module,
            "length": self.text.encode_utf16().count(),
            "scriptLanguage": "JavaScript",
            "embedderName": url_of(&self.file),
        });
        if !self.builtin {
            params["executionContextAuxData"] = json!({ "isDefault": true });
        }
        params
    }
}

/// All scripts of a program.
#[derive(Debug, Default)]
pub(crate) struct Scripts {
    by_number: BTreeMap<u32, Rc<Script>>,
    by_file: HashMap<String, u32>,
    builtins: HashMap<String, u32>,
    bytes: usize,
}

/// Built-in scripts are numbered downwards from here: the engine numbers the others.
const BUILTINS: u32 = i32::MAX as u32;

impl Scripts {
    pub(crate) fn add(&mut self, script: &NewScript<'_>) -> Rc<Script> {
        let script = Rc::new(Script::new(script, false));
        self.bytes += script.text.len();
        self.by_file.insert(script.file.clone(), script.number);
        self.by_number.insert(script.number, Rc::clone(&script));
        while self.bytes > KEPT && self.by_number.len() > 1 {
            let Some((_, oldest)) = self.by_number.pop_first() else { break };
            self.bytes -= oldest.text.len();
            if self.by_file.get(&oldest.file) == Some(&oldest.number) {
                self.by_file.remove(&oldest.file);
            }
        }
        script
    }

    pub(crate) fn get(&self, number: u32) -> Option<Rc<Script>> {
        self.by_number.get(&number).cloned()
    }

    pub(crate) fn by_id(&self, id: &str) -> Option<Rc<Script>> {
        self.get(id.parse().ok()?)
    }

    pub(crate) fn all(&self) -> Vec<Rc<Script>> {
        self.by_number.values().cloned().collect()
    }

    /// The one that was compiled last as `file`.
    pub(crate) fn of_file(&self, file: &str) -> Option<Rc<Script>> {
        self.get(*self.by_file.get(file).or_else(|| self.builtins.get(file))?)
    }

    /// A built-in script, and whether it is new here.
    pub(crate) fn builtin(
        &mut self,
        file: &str,
        text: impl FnOnce() -> String,
    ) -> (Rc<Script>, bool) {
        if let Some(script) = self.builtins.get(file).and_then(|number| self.get(*number)) {
            return (script, false);
        }
        let number = BUILTINS - self.builtins.len() as u32;
        let text = text();
        let new = NewScript { number, file, start: (0, 0), text: &text, module: false };
        let script = Rc::new(Script::new(&new, true));
        self.builtins.insert(file.to_owned(), number);
        self.by_number.insert(number, Rc::clone(&script));
        (script, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_urls_and_other_names_stay() {
        assert_eq!(url_of("/a b/ü.js"), "file:///a%20b/%C3%BC.js");
        assert_eq!(url_of("evalmachine.<anonymous>"), "evalmachine.<anonymous>");
        assert_eq!(url_of("file:///a.mjs"), "file:///a.mjs");
    }

    #[test]
    fn a_comment_names_a_script_and_its_source_map() {
        let text = "a;\n//# sourceURL=made.js\n//# sourceMappingURL=made.js.map\n";
        let new = NewScript { number: 3, file: "/x.js", start: (0, 0), text, module: false };
        let event = Script::new(&new, false).event();
        assert_eq!(event["url"], "made.js");
        assert_eq!(event["hasSourceURL"], true);
        assert_eq!(event["sourceMapURL"], "made.js.map");
        assert_eq!(event["embedderName"], "file:///x.js");
        assert_eq!((&event["endLine"], &event["endColumn"]), (&json!(3), &json!(0)));
        assert_eq!(event["hash"].as_str().map(str::len), Some(64));
    }

    #[test]
    fn the_oldest_texts_go_first_where_there_are_too_many() {
        let mut scripts = Scripts::default();
        let text = "x".repeat(KEPT / 2);
        for number in 1..=3 {
            let file = format!("{number}");
            scripts.add(&NewScript {
                number,
                file: &file,
                start: (0, 0),
                text: &text,
                module: false,
            });
        }
        assert!(scripts.get(1).is_none() && scripts.get(3).is_some());
        assert!(scripts.of_file("1").is_none() && scripts.of_file("3").is_some());
    }
}
