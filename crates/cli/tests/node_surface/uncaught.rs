//! What an uncaught error writes is, byte for byte, what Node 24 writes (`uncaught/node.json`, recorded
//! by `uncaught/record.mjs`), but for the programs below.

use std::{fs, path::Path};

use crate::node::Program;

/// Programs of which something else is written, and why.
const DIFFER: &[(&str, &str)] = &[
    (
        "a syntax error in eval in a function",
        "the place of the call is the call, not the statement that it stands in",
    ),
    ("an error whose stack is a number", "a stack that is no text is shown as the text it becomes"),
    (
        "a prepareStackTrace of the program that gives the frames",
        "a stack that is no text is shown as the text it becomes",
    ),
    ("a string that a generator that has not begun is thrown", "what has not begun has no place"),
    ("a default argument that throws", "ours is the call in the parameter, Node's the parameter"),
    ("a DOMException", "the constructor, which is the program's to call, has no frame"),
    ("an abort that is thrown", "the constructor, which is the program's to call, has no frame"),
    ("a file that cannot be read", "the functions of `fs` are others"),
    ("an error of an argument", "the functions that look at arguments are others"),
    ("a required JSON file that is none", "the functions that read JSON files are others"),
    ("a clone that is refused", "the functions that clone are others"),
    ("a file that changed after it was loaded", "the line is read when it is shown"),
    ("a file that was deleted after it was loaded", "the line is read when it is shown"),
    ("an import() of a module that is not there", "the functions that import are others"),
    ("an import() of a module that does not parse", "the functions that import are others"),
    ("an error in a module that is required", "the functions that import are others"),
];

fn directory() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/uncaught")
}

#[test]
fn uncaught_errors_are_written_as_node_24_writes_them() {
    let answers = fs::read(directory().join("node.json")).unwrap();
    let answers: serde_json::Value = serde_json::from_slice(&answers).unwrap();
    let programs = fs::read_to_string(directory().join("programs.txt")).unwrap();
    let mut wrong = Vec::new();
    let mut same = 0;
    for text in programs.split("\n=== ").skip(1) {
        let mut parts = text.split("\n--- ");
        let name = parts.next().unwrap();
        let mut program = Program::new();
        let mut main = "main.mjs";
        for part in parts {
            let (file, source) = part.split_once('\n').unwrap();
            if file == "main.js" {
                main = "main.js";
            }
            program = program.with(file, &format!("{}\n", source.trim_end()));
        }
        let ended = program.run(&[main]);
        let last = ended.stderr.rfind("Node.js v").map_or(ended.stderr.len(), |at| at + 8);
        let stderr = format!("{}VERSION\n", &ended.stderr[..last]);
        let answer = &answers[name];
        let is_same = answer["stderr"].as_str() == Some(&stderr)
            && answer["status"].as_i64() == ended.code.map(i64::from);
        let differs = DIFFER.iter().any(|(other, _)| *other == name);
        same += usize::from(is_same);
        if is_same && differs {
            wrong.push(format!("{name}: is the same now, and stands among those that differ"));
        } else if !is_same && !differs {
            let node = answer["stderr"].as_str().unwrap_or("nothing recorded");
            wrong.push(format!("{name}:\n{node}\nhere:\n{stderr}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(same >= 200, "{same} are the same");
}
