//! `sandtide doctor DIR`, as a process.

use std::process::{Command, Output};

fn doctor(args: &[&str], files: &[(&str, &str)]) -> (Output, String) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_sandtide"))
        .arg("doctor")
        .args(args)
        .current_dir(dir.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    (output, said)
}

const RUNS: &str = "const vm = require('vm')\nexports.run = function run(code) {\n  \
                    return vm.runInNewContext(code)\n}\n";

#[test]
fn findings_have_their_place_and_end_with_one() {
    let (output, said) = doctor(&["."], &[("src/a.js", RUNS), ("node_modules/b/c.js", RUNS)]);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("src/a.js:3:10: error: "), "{said}");
    assert!(said.contains("+  return vm.runInNewContext(code, {}, { timeout: 1000 })"), "{said}");
    assert!(said.ends_with("2 findings in 1 file\n"), "{said}");
}

#[test]
fn without_findings_it_ends_with_zero_and_rules_can_be_chosen() {
    let files = [("a.js", RUNS)];
    let (output, said) = doctor(&[".", "--rule", "shared-context"], &files);
    assert_eq!((output.status.code(), said.as_str()), (Some(0), "0 findings in 1 file\n"));
    let without = ["--disable", "context-per-call,missing-timeout"];
    let (output, said) = doctor(&[&["."][..], &without].concat(), &files);
    assert_eq!(output.status.code(), Some(0), "{said}");
}

#[test]
fn wrong_usage_and_what_cannot_be_read_end_with_two() {
    for args in [
        &["no-such-directory"][..],
        &[".", "--rule", "no-such"],
        &[".", "--format", "xml"],
        &["--format", "json"],
        &["--tests"],
    ] {
        let (output, said) = doctor(args, &[("a.js", "1")]);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn each_format_is_what_its_readers_take() {
    // The name turns the direction of text around, which JSON has to escape and not to change.
    let files = [("a\u{202e}.js", RUNS)];
    let (_, said) = doctor(&[".", "--format", "json"], &files);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["findings"][0]["file"], "a\u{202e}.js");
    assert_eq!(json["findings"][1]["rule"], "missing-timeout");
    let (_, said) = doctor(&[".", "--format", "sarif"], &files);
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(json["version"], "2.1.0");
    assert_eq!(json["runs"][0]["results"][1]["ruleId"], "missing-timeout");
    let (_, said) = doctor(&[".", "--format", "github"], &files);
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.lines().all(|line| line.starts_with("::")), "{said}");
}
