//! `sandtide node --test`: which files it runs, what it writes of them, how it ends. What is expected
//! here is what Node 24 writes, but for times and frames.

use crate::node::{Ended, Program};

/// Times and frames differ from run to run and from host to host.
fn steady(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("at ") || line.trim_start().starts_with("# at ") {
            continue;
        }
        let line = match line.find("ms)") {
            Some(end) => {
                let start = line[..end].rfind('(').unwrap();
                format!("{}(ms){}", &line[..start], &line[end + 3..])
            }
            None => line.to_owned(),
        };
        let line =
            line.split_once("duration_ms").map_or(line.clone(), |(a, _)| format!("{a}duration_ms"));
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn project() -> Program {
    Program::new()
        .with(
            "a.test.js",
            "const { test, describe, it, beforeEach } = require('node:test');
             test('passes', () => {});
             test('fails', () => { throw new Error('no'); });
             test('has tests', async (t) => {
               await t.test('inner', () => {});
               await t.test('left out', { skip: 'why' }, () => {});
             });
             describe('suite', () => {
               beforeEach(() => {});
               it('one', () => {});
               it.todo('later');
               it('throws', { todo: true }, () => { throw new Error('x'); });
             });
             test('tells', (t) => t.diagnostic('hello'));",
        )
        .with("test/b.js", "require('node:test')('ok', () => {}); console.log('out');")
        .with("test-c.mjs", "console.log('no tests');")
        .with("d-test.cjs", "process.exitCode = 3;")
        .with("e_test.js", "require('node:test').it('e', () => {});")
        .with("other.js", "throw new Error('not a test');")
        .with("lib/test.txt", "not a test")
        .with("node_modules/x/test.js", "throw new Error('not ours');")
}

fn ended(ended: &Ended, code: i32, expected: &str) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert_eq!(steady(&ended.stdout).trim_end(), expected.trim_end(), "{ended:?}");
}

#[test]
fn files_with_tests_are_found_and_run_and_failures_stand_at_the_end() {
    let expected = "\
✔ passes (ms)
✖ fails (ms)
▶ has tests
  ✔ inner (ms)
  ﹣ left out (ms) # why
✔ has tests (ms)
▶ suite
  ✔ one (ms)
  ✔ later (ms) # TODO
  ⚠ throws (ms) # TODO
✔ suite (ms)
✔ tells (ms)
ℹ hello
✖ d-test.cjs (ms)
✔ e (ms)
no tests
✔ test-c.mjs (ms)
out
✔ ok (ms)
ℹ tests 13
ℹ suites 1
ℹ pass 8
ℹ fail 2
ℹ cancelled 0
ℹ skipped 1
ℹ todo 2
ℹ duration_ms

✖ failing tests:

test at a.test.js:3:14
✖ fails (ms)
  Error: no

test at a.test.js:12:16
⚠ throws (ms) # TODO
  Error: x

test at d-test.cjs:1:1
✖ d-test.cjs (ms)
  'test failed'
";
    ended(&project().run(&["--test"]), 1, expected);
}

#[test]
fn named_files_are_run_and_written_as_tap() {
    let run =
        project().run(&["--test", "--test-reporter=tap", "test/*.js", "e_test.js", "d-test.cjs"]);
    ended(
        &run,
        1,
        "TAP version 13
# Subtest: d-test.cjs
not ok 1 - d-test.cjs
  ---
  duration_ms
  type: 'test'
  location: 'd-test.cjs:1:1'
  failureType: 'testCodeFailure'
  exitCode: 3
  signal: ~
  error: 'test failed'
  code: 'ERR_TEST_FAILURE'
  ...
# Subtest: e
ok 2 - e
  ---
  duration_ms
  type: 'test'
  ...
# out
# Subtest: ok
ok 3 - ok
  ---
  duration_ms
  type: 'test'
  ...
1..3
# tests 3
# suites 0
# pass 2
# fail 1
# cancelled 0
# skipped 0
# todo 0
# duration_ms
",
    );
}

#[test]
fn the_end_says_whether_all_passed() {
    assert_eq!(project().run(&["--test", "e_test.js"]).code, Some(0));
    assert_eq!(project().run(&["--test", "a.test.js"]).code, Some(1));
    // What is left out by its name is not told of.
    let one = project().run(&["--test", "--test-name-pattern=passes", "a.test.js"]);
    assert!(
        steady(&one.stdout).starts_with("✔ passes (ms)\nℹ tests 1\nℹ suites 0\nℹ pass 1\n"),
        "{one:?}"
    );
    assert_eq!(one.code, Some(0));
    assert_eq!(project().run(&["--test", "--test-skip-pattern=fails", "a.test.js"]).code, Some(0));
    let nothing = project().run(&["--test", "nothing.js"]);
    assert_eq!((nothing.code, nothing.stderr.as_str()), (Some(1), "Could not find 'nothing.js'\n"));
    let empty = Program::new().run(&["--test"]);
    assert_eq!(empty.code, Some(0), "{empty:?}");
    assert!(empty.stdout.starts_with("ℹ tests 0\n"), "{empty:?}");
    // A file alone, without --test, runs its tests too.
    assert_eq!(project().run(&["a.test.js"]).code, Some(1));
}
