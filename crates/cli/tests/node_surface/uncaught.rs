//! What an uncaught error writes is, byte for byte, what Node 24 writes (`uncaught/node.json`, recorded
//! by `uncaught/record.mjs`), but for the programs below.

use std::{fs, path::Path};

use crate::node::Program;

/// Programs of which something else is written, and why.
const DIFFER: &[(&str, &str)] = &[
    ("text that is no JSON", "Node shows the text, here it is the call"),
    ("a file that cannot be read", "the functions of `fs` are others"),
    ("an error of an argument", "the functions that look at arguments are others"),
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
    assert!(same >= 40, "{same} are the same");
}
