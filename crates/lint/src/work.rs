//! How much a rule may look at in one file: files are made by others, and what some rules follow multiplies.
//!
//! A unit is about as much as looking at one node. Nothing here knows what the units are spent on.

use std::{cell::Cell, rc::Rc};

/// Units for one rule and file.
const UNITS: u64 = 4_000_000;

/// What is left, shared by all who spend it.
#[derive(Clone, Debug)]
pub(crate) struct Work(Rc<Cell<u64>>);

impl Default for Work {
    fn default() -> Work {
        Work(Rc::new(Cell::new(UNITS)))
    }
}

impl Work {
    /// Takes `units`. False where there are not as many: then none are left for anybody.
    pub(crate) fn take(&self, units: u64) -> bool {
        let left = self.0.get().checked_sub(units);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Whether what was answered may be incomplete.
    pub(crate) fn is_used_up(&self) -> bool {
        self.0.get() == 0
    }

    /// For the next rule.
    pub(crate) fn refill(&self) {
        self.0.set(UNITS);
    }
}

#[cfg(test)]
mod tests {
    use crate::{Checker, NoteKind, Report};

    fn check(source: &str) -> Report {
        Checker::new().check("a.js", source)
    }

    /// The rules that did not look at all of a source.
    fn incomplete(source: &str) -> Vec<String> {
        let report = check(source);
        assert_eq!(report.files, 1, "{:?}", report.notes);
        let note = report.notes.iter().find(|it| it.kind == NoteKind::Incomplete);
        let rules = note.and_then(|it| it.message.split_once(": "));
        rules.map_or(Vec::new(), |it| it.1.split(", ").map(str::to_owned).collect())
    }

    /// `first`, and `count` names of which each has the one before in `ten` places.
    fn tower(first: &str, ten: impl Fn(&str) -> String, count: usize) -> String {
        let mut source = format!("const n0 = {first};\n");
        for n in 1..=count {
            source += &format!("const n{n} = {};\n", ten(&format!("n{}", n - 1)));
        }
        source
    }

    #[test]
    fn names_that_multiply_are_not_followed_to_their_end() {
        let list = |name: &str| format!("[{}]", [name; 10].join(", "));
        let source = tower("x.y", list, 12) + "eval(n12)";
        assert_eq!(incomplete(&source), ["eval-on-input"]);
        let template = |name: &str| format!("`{}`", ["${", name, "}"].concat().repeat(10));
        let source =
            tower("`1`", template, 12) + "const vm = require('vm'); for (;;) new vm.Script(n12);";
        assert!(incomplete(&source).contains(&"script-per-call".to_owned()));
        // Neither side is a path.
        let either = |name: &str| {
            let two = format!("({name} || {name})");
            format!("({two} || {two}) || ({two} || {two})")
        };
        let source = tower("x + y", either, 6) + &"n6();\n".repeat(100);
        assert!(incomplete(&source).len() > 5);
    }

    #[test]
    fn callers_that_multiply_are_not_followed_to_their_end() {
        let mut source =
            "const vm = require('vm'); function f0(code) { vm.runInNewContext('a', {}) }\n"
                .to_owned();
        for n in 1..=4 {
            let call = format!("f{}();\n", n - 1);
            source += &format!("function f{n}() {{\n{} }}\n", call.repeat(500));
        }
        assert!(incomplete(&(source + "f4()")).contains(&"context-per-call".to_owned()));
    }

    #[test]
    fn scans_for_each_of_many_are_not_done_to_their_end() {
        let script = "function f() { const s = new vm.Script('a');\ns.x() }\n";
        let source = "const vm = require('vm');\n".to_owned() + &script.repeat(4_000);
        assert_eq!(incomplete(&source), ["script-per-call"]);
        let hold = "function f(a) { new vm.Script(a, { importModuleDynamically: () => b }) }\n";
        let source = "const vm = require('vm');\n".to_owned() + &hold.repeat(4_000);
        assert_eq!(incomplete(&source), ["import-callback-holds"]);
    }

    #[test]
    fn a_regular_expression_for_each_of_many_lines_is_not_tried_to_the_end() {
        let source = "function f(text) {\n".to_owned()
            + &"/^(a|b|ab)*(c|d|cd)*(?:x+,?)+$/.test(text);\n".repeat(4_000)
            + "}";
        assert_eq!(incomplete(&source), ["regexp-backtracking"]);
    }

    #[test]
    fn large_files_as_people_write_them_are_looked_at_to_their_end() {
        let mut source = "const vm = require('vm'), express = require('express');\nconst app = express(), state = {};\n".to_owned();
        for n in 0..1_500 {
            source += &format!(
                "function run{n}(code, data) {{\n  return vm.runInNewContext(code, {{ data }}, {{ timeout: 50 }});\n}}\n\
                 app.get('/{n}', (req, res) => {{\n  const name = req.params.name.trim();\n  state.seen = name;\n  \
                 if (/^\\w+@\\w+$/.test(name)) res.send(run{n}(RULES[{n}], {{ name, n: {n} }}));\n  else other.log(name || 'none');\n}});\n"
            );
        }
        source += "state.count = 1;\n".repeat(1_000).as_str();
        assert!(source.len() > 400_000, "{}", source.len());
        let report = check(&source);
        assert_eq!(report.notes, []);
        assert_eq!(report.findings.len(), 1_500);
    }
}
