//! Patch files: what the applier takes and what it refuses, and that each of ours says what it must.

#[path = "../build/patch.rs"]
mod patch;

use patch::{Patch, read_all};
use std::collections::BTreeMap;
use std::path::Path;

const HEADER: &str = "Why: a test\nUntil: never\n\n";

fn parse(body: &str) -> Result<Patch, String> {
    Patch::parse("fixes/test", &format!("{HEADER}{body}"))
}

fn files(text: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("a.c".to_owned(), text.to_owned())])
}

fn applied(body: &str, text: &str) -> Result<String, String> {
    let mut files = files(text);
    parse(body)?.apply(&mut files)?;
    Ok(files.remove("a.c").expect("the file stays"))
}

#[test]
fn a_hunk_is_applied_where_its_lines_stand() {
    let body = "--- a.c\n@@\n one\n-two\n+2\n";
    assert_eq!(applied(body, "zero\none\ntwo\nthree\n").unwrap(), "zero\none\n2\nthree\n");
}

#[test]
fn lines_that_are_missing_or_there_twice_are_refused_with_the_reason_of_the_patch() {
    let body = "--- a.c\n@@\n-one\n+1\n";
    let missing = applied(body, "two\n").unwrap_err();
    assert!(missing.contains("not in the file") && missing.contains("a test"), "{missing}");
    assert!(missing.contains("fixes/test.patch:5"), "{missing}");
    let twice = applied(body, "one\ntwo\none\n").unwrap_err();
    assert!(twice.contains("2 times"), "{twice}");
    // The end of a longer line is another line.
    assert!(applied(body, "and one\n").is_err());
}

#[test]
fn overlapping_places_are_counted() {
    let body = "--- a.c\n@@\n x\n-x\n+y\n";
    assert!(applied(body, "x\nx\nx\n").unwrap_err().contains("2 times"));
}

#[test]
fn a_patch_that_does_not_fit_whole_changes_nothing() {
    let patch = parse("--- a.c\n@@\n-one\n+1\n@@\n-missing\n+2\n").unwrap();
    let mut files = files("one\ntwo\n");
    assert!(patch.apply(&mut files).is_err());
    assert_eq!(files["a.c"], "one\ntwo\n");
}

#[test]
fn malformed_patches_are_refused_with_the_line() {
    for (text, what) in [
        ("", "lacks"),
        ("Why: x\n\n--- a.c\n@@\n-a\n", "lacks"),
        ("Why: x\nWhy: y\nUntil: z\n", "second"),
        ("hello\n", "header"),
        ("Why: x\nUntil: y\n", "no hunk"),
        ("Why: x\nUntil: y\n--- a.c\n-a\n", "begins with `@@`"),
        ("Why: x\nUntil: y\n--- a.c\n@@\n+a\n", "stays or goes"),
        ("Why: x\nUntil: y\n--- a.c\n@@\n a\n", "changes nothing"),
        ("Why: x\nUntil: y\n--- a.c\n@@\n a\n\n+b\n", "empty line"),
        ("Why: x\nUntil: y\n--- a.c\n@@\n a\n*b\n", "a space, a minus or a plus"),
        ("Why: x\nUntil: y\n--- a.c\n@@ -1,2 +1,2 @@\n a\n", "begins with `@@`"),
    ] {
        let error = Patch::parse("fixes/test", text).unwrap_err();
        assert!(error.contains(what), "{text:?}: {error}");
    }
}

#[test]
fn a_file_that_the_engine_does_not_have_is_refused() {
    assert!(applied("--- b.c\n@@\n-a\n+b\n", "a\n").unwrap_err().contains("no such file"));
}

#[test]
fn each_of_ours_says_why_it_is_there_and_what_would_let_it_go() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("patches");
    let patches = read_all(&folder).unwrap();
    assert!(patches.len() > 20);
    for patch in patches {
        assert!(patch.why.len() > 20 && patch.why.ends_with('.'), "{}: {}", patch.name, patch.why);
        assert!(patch.until.ends_with('.'), "{}: {}", patch.name, patch.until);
    }
}
