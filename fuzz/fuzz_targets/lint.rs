//! Files of other people under all rules of `sandtide doctor DIR`: no panic, no overflow of the stack, and reports whose
//! shape does not depend on what the files hold. The first byte chooses the file's name.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sandtide_lint::{Checker, report};

const NAMES: [&str; 5] = ["a.js", "a.ts", "a.tsx", "a.cjs", "package.json"];

fuzz_target!(|text: &str| {
    let Some(first) = text.chars().next() else { return };
    let name = NAMES[first as usize % NAMES.len()];
    let found = Checker::new().check(name, &text[first.len_utf8()..]);
    assert!(found.files + found.notes.len() > 0, "it was looked at, or a note says why not");
    for finding in &found.findings {
        assert!(finding.line > 0 && finding.column > 0 && finding.width > 0);
        if let Some(fix) = &finding.fix {
            assert!(fix.diff.starts_with(&format!("--- a/{name}\n+++ b/{name}\n@@ ")));
        }
    }
    let said = report::text(&found);
    assert!(said.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')), "{said:?}");
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("it is JSON");
    json(&report::json(&found));
    json(&report::sarif(&found));
    assert_eq!(report::github(&found).lines().count(), found.findings.len() + found.notes.len());
});
