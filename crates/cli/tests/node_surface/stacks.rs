//! What a program prints of `error.stack`, and of call sites, is what Node 24 prints (`stacks/node.json`, recorded
//! by `stacks/record.mjs`), but for the frames of the host's own modules and for the programs below.

use std::{fs, path::Path};

use crate::node::Program;

/// Programs that print something else, and why.
const DIFFER: &[(&str, &str)] = &[
    ("a function that is assigned to a property", "names are not made of what is assigned to"),
    (
        "a function that is assigned to a property of a property",
        "names are not made of what is assigned to",
    ),
    ("a function that is assigned to an element", "names are not made of what is assigned to"),
    ("a function in an array", "names are not made of what is assigned to"),
    ("a constructor of an anonymous class", "a class without a name has its place alone"),
    ("a static block", "static blocks are functions, below one for all of a class"),
    ("a static field", "the place of a class is its name, not its start"),
    ("a private method", "the place of a private call is the name, not the parenthesis"),
    ("a private getter", "private accessors have no names"),
    ("a getter by defineProperty", "an accessor's name of another property is said"),
    ("a getter by defineProperty in short", "an accessor's name of another property is said"),
    ("a toString", "the place of a template is the value, not the template"),
    ("an iterator", "generators are called by what they are, their function is not known"),
    ("a generator", "generators are called by what they are, their function is not known"),
    ("a generator's next", "generators are called by what they are, their function is not known"),
    ("an async generator", "generators are called by what they are, their function is not known"),
    (
        "functions of other kinds from strings",
        "generators are called by what they are, their function is not known",
    ),
    (
        "a function that is called by Reflect",
        "`Reflect.construct` has a frame, as other functions have",
    ),
    ("stackTraceLimits that are no numbers", "as many frames as the host has of its own"),
    (
        "eval in a script of vm",
        "the line is not shown of code from strings that a script evaluates",
    ),
    ("eval in a context", "the line is not shown of code from strings that a script evaluates"),
    ("what call sites say of eval", "the host's own frames are others"),
    ("what call sites say", "the type of a class whose static method is called is `Function`"),
    ("Promise.all", "what `Promise` waits with has no frame"),
    ("Promise.any", "what `Promise` waits with has no frame"),
    ("Promise.allSettled", "what `Promise` waits with has no frame"),
    ("a callback of replace", "the method that `replace` calls has a frame"),
    ("a file with a sourceURL", "the name of a function that the host compiles is its file's"),
    (
        "a function of compileFunction with a sourceURL",
        "the name of a function that the host compiles is its file's",
    ),
];

fn is_of_host(line: &str) -> bool {
    line.starts_with("    at ") && (line.contains("(node:") || line.contains(" node:"))
}

#[test]
fn stacks_are_printed_as_node_24_prints_them() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks");
    let answers = fs::read(directory.join("node.json")).unwrap();
    let answers: serde_json::Value = serde_json::from_slice(&answers).unwrap();
    let programs = fs::read_to_string(directory.join("programs.txt")).unwrap();
    let caught = fs::read_to_string(directory.join("caught.js")).unwrap();
    let mut wrong = Vec::new();
    let mut same = 0;
    for text in programs.split("\n=== ").skip(1) {
        let (name, source) = text.split_once('\n').unwrap();
        let program =
            Program::new().with("caught.js", &caught).with("main.js", &format!("{source}\n"));
        let ended = program.run(&["--no-warnings", "-r", "./caught.js", "main.js"]);
        let node = answers[name].as_str().unwrap_or("nothing recorded");
        let ours: String =
            ended.stdout.split_inclusive('\n').filter(|line| !is_of_host(line)).collect();
        let is_same = ours == node && ended.stderr.is_empty();
        let differs = DIFFER.iter().any(|(other, _)| *other == name);
        same += usize::from(is_same);
        if is_same && differs {
            wrong.push(format!("{name}: is the same now, and stands among those that differ"));
        } else if !is_same && !differs {
            wrong.push(format!("{name}:\n{node}\nhere:\n{ours}{}", ended.stderr));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same >= 110, "{same} are the same");
}
