//! The rules, each in a file of its own.

pub(crate) mod abandoned_sandbox;
pub(crate) mod context_per_call;
pub(crate) mod contexts_kept;
pub(crate) mod eval_on_input;
pub(crate) mod import_callback_holds;
pub(crate) mod missing_timeout;
pub(crate) mod regexp_backtracking;
pub(crate) mod script_per_call;
pub(crate) mod shared_context;

use oxc_span::Span;

use crate::{Severity, fix::Edit, manifest::Manifest, program::Program, work::Work};

/// What a rule says of itself: in findings, in SARIF and in `docs/doctor.md`.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) name: &'static str,
    pub(crate) severity: Severity,
    /// What it finds, in a sentence.
    pub(crate) finds: &'static str,
    /// What that costs, with a measured figure.
    pub(crate) cost: &'static str,
    /// Where the figure comes from.
    pub(crate) source: &'static str,
    pub(crate) remedy: &'static str,
    /// A program with such a finding, and one without.
    pub(crate) bad: &'static str,
    pub(crate) good: &'static str,
}

/// Units of work for what a finding is shown with: its line, which may be long, and a diff.
const FINDING: u64 = 1_000;

/// What a rule found in one file.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) items: Vec<Item>,
    work: Work,
}

/// One finding, before it has lines.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) fix: Option<(&'static str, Vec<Edit>)>,
}

impl Found {
    pub(crate) fn new(work: Work) -> Found {
        Found { items: Vec::new(), work }
    }

    pub(crate) fn add(&mut self, span: Span, message: String) {
        self.add_with(span, message, None);
    }

    pub(crate) fn add_with(
        &mut self,
        span: Span,
        message: String,
        fix: Option<(&'static str, Vec<Edit>)>,
    ) {
        // An answer that is incomplete may be wrong.
        if self.work.take(FINDING) {
            self.items.push(Item { span, message, fix });
        }
    }
}

pub(crate) trait Rule: Sync {
    fn about(&self) -> &'static About;

    /// Looks at a file of JavaScript or TypeScript.
    fn check(&self, program: &Program<'_, '_>, found: &mut Found);

    /// Looks at a `package.json`.
    fn check_manifest(&self, _: &Manifest<'_>, _: &mut Found) {}
}

/// All rules, by name.
pub(crate) static RULES: [&dyn Rule; 9] = [
    &abandoned_sandbox::AbandonedSandbox,
    &context_per_call::ContextPerCall,
    &contexts_kept::ContextsKept,
    &eval_on_input::EvalOnInput,
    &import_callback_holds::ImportCallbackHolds,
    &missing_timeout::MissingTimeout,
    &regexp_backtracking::RegexpBacktracking,
    &script_per_call::ScriptPerCall,
    &shared_context::SharedContext,
];

#[cfg(test)]
pub(crate) mod testing {
    use crate::Checker;

    pub(crate) const NONE: [u32; 0] = [];

    /// The lines on which a rule finds something.
    pub(crate) fn lines(rule: &str, source: &str) -> Vec<u32> {
        let checker = Checker::new().only(&[rule]).unwrap();
        let report = checker.check("file.js", source);
        assert!(report.notes.is_empty(), "{:?}", report.notes);
        report.findings.iter().map(|it| it.line).collect()
    }

    /// What the fix of the first finding makes of a source.
    pub(crate) fn fix(rule: &str, source: &str) -> Option<String> {
        let checker = Checker::new().only(&[rule]).unwrap();
        let finding = checker.check("file.js", source).findings.into_iter().next()?;
        finding.fix.map(|it| it.diff)
    }

    /// The lines that a fix adds, and those that it removes.
    pub(crate) fn changed(rule: &str, source: &str) -> (Vec<String>, Vec<String>) {
        let diff = fix(rule, source).expect("a fix");
        let of = |sign: char| {
            let lines = diff.lines().skip(2).filter_map(|line| line.strip_prefix(sign));
            lines.map(str::to_owned).collect()
        };
        (of('+'), of('-'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_finds_its_example_and_lets_the_other_be() {
        for rule in RULES {
            let about = rule.about();
            assert!(!testing::lines(about.name, about.bad).is_empty(), "{}", about.bad);
            assert_eq!(testing::lines(about.name, about.good), testing::NONE, "{}", about.good);
        }
    }

    #[test]
    fn rules_are_sorted_by_their_names() {
        assert!(RULES.windows(2).all(|two| two[0].about().name < two[1].about().name));
    }
}
