//! Takes the engine's own tests of scripts, values, limits, bombs, surface, the web's API, streams and
//! `crypto.subtle` for this suite: the same text, in which `common` is this suite's. Those that ask an instance for what no worker does are
//! left out by name.

use std::path::Path;
use std::{env, fs};

/// The files, and the tests of each that are left out.
const FILES: &[(&str, &[&str])] = &[
    (
        "scripts",
        &[
            // Values as handles, which live in the engine's own process.
            "a_scope_works_with_the_values_themselves",
            "a_frozen_clock_that_is_no_time_is_refused",
            // What a look at a source finds beside its faults.
            "a_source_given_with_the_run_is_told_by_what_it_is",
        ],
    ),
    ("values", &[]),
    ("limits", &[]),
    ("bombs", &[]),
    ("web_api", &[]),
    // Workers have all built-ins.
    ("subtle", &["it_needs_no_more_of_the_language_than_the_typed_arrays"]),
    ("streams", &[]),
    (
        "surface",
        // Workers have all built-ins.
        &[
            "what_a_policy_turns_off_is_not_there",
            "a_minimal_instance_runs_the_language_and_has_nothing_else",
            "json_input_needs_no_json_in_the_guest",
            "without_eval_no_text_becomes_code",
        ],
    ),
];

fn main() {
    let out = env::var("OUT_DIR").expect("cargo sets it");
    let tests = env::current_dir().expect("the package's").join("../../crates/engine/tests");
    for (file, left_out) in FILES {
        let path = format!("../../crates/engine/tests/{file}.rs");
        println!("cargo::rerun-if-changed={path}");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut text: String = text
            .lines()
            .filter(|line| !line.starts_with("//!") && *line != "mod common;")
            .flat_map(|line| [line, "\n"])
            .collect();
        // The files beside it are where they were.
        text = text.replace("include_str!(\"", &format!("include_str!(\"{}/", tests.display()));
        for name in *left_out {
            let start = text
                .find(&format!("#[test]\nfn {name}()"))
                .unwrap_or_else(|| panic!("{path} has no test {name}: take it off the list"));
            let end = start + text[start..].find("\n}\n").expect("a function ends") + 3;
            text.replace_range(start..end, "");
        }
        fs::write(Path::new(&out).join(format!("{file}.rs")), text).expect("a file is written");
    }
}
