//! Applying rules to the text of one file.

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;
use serde::Serialize;

use crate::{
    Finding, Fix, LintError, chains,
    finding::Lines,
    fix,
    manifest::Manifest,
    program::Program,
    rules::{Found, Item, RULES, Rule},
    silence::Silence,
};

/// Longest file that is looked at, in bytes.
pub(crate) const MAX_LENGTH: usize = 1 << 20;
/// Lines of more bytes are what tools write.
const LONG_LINE: usize = 1_000;
/// Bytes of stack for one file: the parser recurses, and texts may nest as deep as they nest at most.
const STACK: usize = 32 << 20;

/// Why something was not looked at, or a comment has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NoteKind {
    /// It is no JavaScript or TypeScript, or no JSON.
    Syntax,
    /// It nests too deeply to be parsed, or has too long a chain of operators or list of
    /// parameters.
    TooDeep,
    /// It is longer than a mebibyte.
    TooLong,
    /// A tool wrote it: its lines are too long to be read.
    Minified,
    /// It cannot be read, or is no UTF-8.
    Unreadable,
    /// Some rules looked at a part only: what they follow through it takes too much work.
    Incomplete,
    /// A `sandtide-ignore` without a reason, or of a rule that there is not.
    Ignore,
}

/// Something that is no finding but that a reader should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Note {
    /// Of which kind.
    pub kind: NoteKind,
    /// The file.
    pub file: String,
    /// The line, from 1, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What is said.
    pub message: String,
}

/// What was found, and what was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// In order of files and places.
    pub findings: Vec<Finding>,
    /// What was not looked at.
    pub notes: Vec<Note>,
    /// How many files were.
    pub files: usize,
    /// How many findings a comment silenced.
    pub silenced: usize,
    /// How many files of tests were left out.
    pub tests_left_out: usize,
}

impl Report {
    pub(crate) fn merge(&mut self, other: Report) {
        self.findings.extend(other.findings);
        self.notes.extend(other.notes);
        self.files += other.files;
        self.silenced += other.silenced;
        self.tests_left_out += other.tests_left_out;
    }
}

/// The rules that are applied.
#[derive(Clone)]
pub struct Checker {
    pub(crate) rules: Vec<&'static dyn Rule>,
    pub(crate) tests: bool,
}

impl std::fmt::Debug for Checker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.rules.iter().map(|rule| rule.about().name)).finish()
    }
}

impl Default for Checker {
    fn default() -> Self {
        Self::new()
    }
}

impl Checker {
    /// All rules; files of tests are left out of directories.
    #[must_use]
    pub fn new() -> Checker {
        Checker { rules: RULES.to_vec(), tests: false }
    }

    /// These rules only.
    ///
    /// # Errors
    /// One of them does not exist.
    pub fn only<S: AsRef<str>>(mut self, names: &[S]) -> Result<Checker, LintError> {
        known(names)?;
        self.rules.retain(|rule| names.iter().any(|name| name.as_ref() == rule.about().name));
        Ok(self)
    }

    /// Without these rules.
    ///
    /// # Errors
    /// One of them does not exist.
    pub fn without<S: AsRef<str>>(mut self, names: &[S]) -> Result<Checker, LintError> {
        known(names)?;
        self.rules.retain(|rule| names.iter().all(|name| name.as_ref() != rule.about().name));
        Ok(self)
    }

    /// Whether files of tests are looked at in directories.
    #[must_use]
    pub fn with_tests(mut self, yes: bool) -> Checker {
        self.tests = yes;
        self
    }

    /// Looks at the text of a file. Its name says what it is: `package.json`, TypeScript by `.ts`, `.mts`,
    /// `.cts` and `.tsx`, else JavaScript.
    ///
    /// It takes a thread of its own for the parser's stack, whatever the caller's is.
    #[must_use]
    pub fn check(&self, file: &str, text: &str) -> Report {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK);
            match thread.spawn_scoped(scope, || self.check_here(file, text)) {
                Ok(thread) => {
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                }
                Err(error) => {
                    note(file, NoteKind::Unreadable, format!("no thread to check it: {error}"))
                }
            }
        })
    }

    fn check_here(&self, file: &str, text: &str) -> Report {
        if text.len() > MAX_LENGTH {
            return too_long(file, text.len() as u64);
        }
        match file.rsplit('/').next() {
            Some("package.json") => self.check_manifest(file, text),
            _ => self.check_program(file, text),
        }
    }

    fn check_manifest(&self, file: &str, text: &str) -> Report {
        let manifest = match Manifest::read(text) {
            Ok(manifest) => manifest,
            Err(error) => return note(file, NoteKind::Syntax, format!("no JSON: {error}")),
        };
        let lines = Lines::new(text);
        let mut report = Report { files: 1, ..Report::default() };
        for rule in &self.rules {
            let mut found = Found::default();
            rule.check_manifest(&manifest, &mut found);
            report
                .findings
                .extend(found.items.into_iter().map(|it| finding(*rule, file, &lines, text, it)));
        }
        sort(&mut report);
        report
    }

    fn check_program(&self, file: &str, text: &str) -> Report {
        if is_minified(text) {
            return note(
                file,
                NoteKind::Minified,
                "not looked at: its lines are too long".to_owned(),
            );
        }
        let has_mark = text.starts_with('\u{feff}');
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Err(at) = sandtide_typescript::check_depth(text, may_have_jsx(file)) {
            let line = Lines::new(text).line_at(at) as u32 + 1;
            let message = "not looked at: it nests too deeply".to_owned();
            let mut report = note(file, NoteKind::TooDeep, message);
            report.notes[0].line = Some(line);
            return report;
        }
        let mut failed = None;
        for language in languages(file) {
            match self.parsed(file, text, language) {
                Ok(mut report) => {
                    // A diff of what follows the mark would not apply to the file.
                    if has_mark {
                        report.findings.iter_mut().for_each(|it| it.fix = None);
                    }
                    return report;
                }
                Err(it) => failed = failed.or(Some(it)),
            }
        }
        failed.unwrap_or_default()
    }

    /// What is found in a program, or the note that it is none.
    fn parsed(&self, file: &str, text: &str, language: SourceType) -> Result<Report, Report> {
        let allocator = Allocator::default();
        // Modules of CommonJS return at their top level.
        let options =
            ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
        let parsed = Parser::new(&allocator, text, language).with_options(options).parse();
        let lines = Lines::new(text);
        if let Some(error) = parsed.diagnostics.errors().next() {
            let at = error.labels.first().map_or(0, |label| label.offset());
            let mut report = note(file, NoteKind::Syntax, format!("not looked at: {error}"));
            report.notes[0].line = Some(lines.line_at(at as usize) as u32 + 1);
            return Err(report);
        }
        if let Some((what, at)) = chains::too_long(&parsed.program) {
            let message = format!("not looked at: a {what} is too long");
            let mut report = note(file, NoteKind::TooDeep, message);
            report.notes[0].line = Some(lines.line_at(at) as u32 + 1);
            return Ok(report);
        }
        let built = SemanticBuilder::new().with_build_nodes(true).build(&parsed.program);
        let program = Program::new(text, &built.semantic);
        let silence = Silence::new(&program, &lines, file);
        let mut report = Report { files: 1, ..Report::default() };
        let mut incomplete: Vec<&str> = Vec::new();
        for rule in &self.rules {
            program.work().refill();
            let mut found = Found::new(program.work().clone());
            rule.check(&program, &mut found);
            if program.work().is_used_up() {
                incomplete.push(rule.about().name);
            }
            for item in found.items {
                let finding = finding(*rule, file, &lines, text, item);
                match silence.silences(finding.rule, finding.line) {
                    true => report.silenced += 1,
                    false => report.findings.push(finding),
                }
            }
        }
        report.notes = silence.notes();
        if !incomplete.is_empty() {
            report.notes.push(Note {
                kind: NoteKind::Incomplete,
                file: file.to_owned(),
                line: None,
                message: format!("not looked at to its end: {}", incomplete.join(", ")),
            });
        }
        sort(&mut report);
        Ok(report)
    }
}

fn known<S: AsRef<str>>(names: &[S]) -> Result<(), LintError> {
    let all: Vec<&str> = crate::rule_names().collect();
    match names.iter().map(AsRef::as_ref).find(|name| !all.contains(name)) {
        Some(name) => Err(LintError::UnknownRule { name: name.to_owned(), known: all.join(", ") }),
        None => Ok(()),
    }
}

pub(crate) fn too_long(file: &str, bytes: u64) -> Report {
    note(file, NoteKind::TooLong, format!("not looked at: {} KB", bytes >> 10))
}

pub(crate) fn note(file: &str, kind: NoteKind, message: String) -> Report {
    let note = Note { kind, file: file.to_owned(), line: None, message };
    Report { notes: vec![note], ..Report::default() }
}

fn finding(rule: &dyn Rule, file: &str, lines: &Lines<'_>, text: &str, item: Item) -> Finding {
    let about = rule.about();
    let place = lines.place(item.span);
    let fix = item.fix.and_then(|(title, edits)| {
        fix::diff(file, text, lines, &edits).map(|diff| Fix { title, diff })
    });
    Finding {
        rule: about.name,
        severity: about.severity,
        file: file.to_owned(),
        line: place.line,
        column: place.column,
        width: place.width,
        excerpt: place.excerpt,
        excerpt_column: place.excerpt_column,
        message: item.message,
        cost: about.cost,
        remedy: about.remedy,
        fix,
    }
}

fn sort(report: &mut Report) {
    report.findings.sort_by(|a, b| (a.line, a.column, a.rule).cmp(&(b.line, b.column, b.rule)));
    report.findings.dedup_by(|a, b| (a.line, a.column, a.rule) == (b.line, b.column, b.rule));
}

fn may_have_jsx(file: &str) -> bool {
    !matches!(extension(file), "ts" | "mts" | "cts")
}

fn extension(file: &str) -> &str {
    file.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |it| it.1)
}

/// The languages that a file may be in, in the order in which they are tried.
fn languages(file: &str) -> Vec<SourceType> {
    match extension(file) {
        "ts" | "mts" | "cts" => vec![SourceType::ts()],
        "tsx" => vec![SourceType::tsx()],
        "mjs" => vec![SourceType::mjs().with_jsx(true)],
        "cjs" => vec![SourceType::cjs().with_jsx(true)],
        // A module, or a script that says what a module may not.
        _ => vec![SourceType::unambiguous().with_jsx(true), SourceType::cjs().with_jsx(true)],
    }
}

/// Whether most of a text is in lines that nobody wrote by hand.
fn is_minified(text: &str) -> bool {
    let long: usize = text.lines().map(str::len).filter(|it| *it > LONG_LINE).sum();
    long * 2 > text.len() && text.len() > LONG_LINE
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::RULES;

    #[test]
    fn what_cannot_be_read_is_noted_and_nothing_else() {
        let checker = Checker::new();
        for (file, text, kind) in [
            ("a.js", "const = 1".to_owned(), NoteKind::Syntax),
            ("a.js", "(".repeat(100_000), NoteKind::Minified),
            ("a.js", "(\n".repeat(100_000), NoteKind::TooDeep),
            ("a.js", format!("x = 1{}", "\n+1".repeat(300_000)), NoteKind::TooDeep),
            ("a.js", format!("function f({}) {{}}", "a,\n".repeat(50_000)), NoteKind::TooDeep),
            ("a.js", format!("x = 1{}", "\n&&1\n||1".repeat(100_000)), NoteKind::TooDeep),
            ("a.ts", format!("x = 1{}", " as\nT".repeat(100_000)), NoteKind::TooDeep),
            (
                "a.js",
                "(".repeat(100) + "1" + &("\n+1".repeat(1_000) + ")").repeat(100),
                NoteKind::TooDeep,
            ),
            ("a.ts", "a = {\n".repeat(100_000), NoteKind::TooDeep),
            ("a.js", "a\n".repeat(1 << 20), NoteKind::TooLong),
            ("a.min.js", format!("a={}", "1+".repeat(2_000)), NoteKind::Minified),
            ("package.json", "{".to_owned(), NoteKind::Syntax),
        ] {
            let report = checker.check(file, &text);
            let kinds: Vec<NoteKind> = report.notes.iter().map(|it| it.kind).collect();
            assert_eq!(kinds, [kind], "{text:.20}");
            assert_eq!((report.findings.len(), report.files), (0, 0));
        }
    }

    #[test]
    fn chains_of_operators_as_people_write_them_are_looked_at() {
        for operator in ["\n+", "\n- 1 +"] {
            let chain = format!("require('vm2'){}", format!("{operator}a").repeat(2_450));
            let report = Checker::new().check("a.js", &chain);
            assert_eq!((report.findings.len(), report.notes), (1, Vec::new()), "{operator}");
        }
    }

    #[test]
    fn files_that_begin_with_a_byte_order_mark_have_findings_without_fixes() {
        let source = "const vm = require('vm')\nfunction f(code) { vm.runInNewContext(code) }";
        let checker = Checker::new().only(&["missing-timeout"]).unwrap();
        for (mark, fixed) in [("", true), ("\u{feff}", false)] {
            let report = checker.check("a.js", &format!("{mark}{source}"));
            assert_eq!(report.findings.len(), 1);
            assert_eq!(report.findings[0].fix.is_some(), fixed);
        }
    }

    #[test]
    fn each_language_is_read_as_what_it_is() {
        let checker = Checker::new().only(&["abandoned-sandbox"]).unwrap();
        for (file, text) in [
            ("a.ts", "import { VM } from 'vm2'; const a = <T>b as C;"),
            ("a.tsx", "import { VM } from 'vm2'; const a: T = <p>x</p>;"),
            ("a.js", "import { VM } from 'vm2'; const a = <p>x</p>;"),
            ("a.mjs", "import { VM } from 'vm2'; await 1;"),
            ("a.cjs", "#!/usr/bin/env node\nwith (a) {} return require('vm2')"),
            ("a.js", "with (a) {} require('vm2')"),
            ("a.js", "\u{feff}if (x) return; require('vm2')"),
            ("a.cts", "import vm2 = require('vm2')"),
        ] {
            let report = checker.check(file, text);
            assert_eq!(report.findings.len(), 1, "{file}: {text}: {:?}", report.notes);
        }
    }

    #[test]
    fn rules_are_chosen_by_name_and_unknown_names_refused() {
        assert_eq!(Checker::new().only(&["shared-context"]).unwrap().rules.len(), 1);
        assert_eq!(
            Checker::new().without(&["shared-context"]).unwrap().rules.len(),
            RULES.len() - 1
        );
        let error = Checker::new().only(&["no-such"]).unwrap_err();
        assert_eq!(error.code(), "ERR_UNKNOWN_RULE");
        assert!(error.to_string().contains("context-per-call"), "{error}");
    }

    fn examples() -> Vec<String> {
        RULES
            .iter()
            .flat_map(|rule| [rule.about().bad, rule.about().good])
            .map(str::to_owned)
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), file in "a\\.(js|ts|tsx|mjs)") {
            let _ = Checker::new().check(&file, &String::from_utf8_lossy(&bytes));
            let _ = Checker::new().check("package.json", &String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn no_changed_program_panics(
            which in any::<prop::sample::Index>(),
            cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<bool>()), 1..6),
            file in "a\\.(js|ts|tsx|cjs)",
        ) {
            let all = examples();
            let mut words: Vec<String> = tokens(&all[which.index(all.len())]);
            for (from, to, copies) in cuts {
                let (from, to) = (from.index(words.len()), to.index(words.len()));
                let word = words[from].clone();
                match copies {
                    true => words.insert(to, word),
                    false => words.swap(from, to),
                }
            }
            let report = Checker::new().check(&file, &words.concat());
            for finding in report.findings {
                prop_assert!(finding.line > 0 && finding.column > 0 && finding.width > 0);
            }
        }
    }

    /// Words and single characters.
    fn tokens(text: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        let mut of_word = false;
        for c in text.chars() {
            let word = c.is_alphanumeric();
            match out.last_mut() {
                Some(last) if word && of_word => last.push(c),
                _ => out.push(c.to_string()),
            }
            of_word = word;
        }
        out
    }
}
