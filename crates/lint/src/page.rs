//! The page that lists the rules: `docs/doctor.md`.

use std::fmt::Write;

use crate::rules::RULES;

const INTRODUCTION: &str = include_str!("page.md");

/// The page, in Markdown: the introduction, and what each rule says of itself.
#[must_use]
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for rule in RULES {
        let about = rule.about();
        let severity = about.severity.name();
        let _ = write!(
            page,
            "\n### {}\n\n*{severity}.* Finds: {}.\n\n- Costs: {}.\n- Figures: {}.\n- Do: {}.\n\n\
             ```js\n// found\n{}\n// not found\n{}```\n",
            about.name, about.finds, about.cost, about.source, about.remedy, about.bad, about.good
        );
    }
    page
}

#[cfg(test)]
mod tests {
    /// `SANDTIDE_WRITE=1 cargo test -p sandtide-lint page` writes it.
    #[test]
    fn the_page_in_docs_is_the_one_that_the_rules_make() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/doctor.md");
        if std::env::var_os("SANDTIDE_WRITE").is_some() {
            std::fs::write(path, super::page()).unwrap();
        }
        let there = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            there == super::page(),
            "docs/doctor.md is out of date: the comment of this test says how to write it"
        );
    }
}
