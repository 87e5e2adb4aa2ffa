//! Errors lead to the line: programs with one fault each (`errors/programs.txt`) say where it is and
//! what it is as Node 24 does (`errors/node.json`, recorded by `errors/record.mjs`), and `run` gives the
//! same places. So do programs that do not parse (`errors/syntax.txt`, `errors/syntax.json`), which one
//! program compiles one after the other (`errors/syntax.cjs`), and so do expressions that built-ins and calls
//! refuse (`errors/builtins.txt`, `errors/builtins.json`), in the main realm and in a context of `vm`'s. What
//! differs is listed, with the reason,
//! in `ERRORS.md`, which is checked here.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value as Json;

/// What is said of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    message: String,
    /// The places of the frames that lie in the program, "LINE:COLUMN", topmost first; those of async
    /// functions that wait begin with "async ".
    places: Vec<String>,
}

impl Answer {
    fn top(&self) -> &str {
        self.places.first().map_or("", String::as_str)
    }

    /// The functions that wait.
    fn waiting(&self) -> Vec<&String> {
        self.places.iter().filter(|place| place.starts_with("async ")).collect()
    }
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors")
}

fn programs() -> Vec<(String, String)> {
    let text = fs::read_to_string(directory().join("programs.txt")).unwrap();
    let programs: Vec<_> = text
        .split("\n=== ")
        .skip(1)
        .map(|program| {
            let (name, source) = program.split_once('\n').unwrap();
            (name.to_owned(), source.to_owned() + "\n")
        })
        .collect();
    assert!(programs.len() >= 150, "{} programs", programs.len());
    programs
}

/// A frame's function and place, as "async LINE:COLUMN" or "LINE:COLUMN".
fn place(function: &str, place: &str) -> String {
    let prefix = if function.starts_with("async") { "async " } else { "" };
    format!("{prefix}{place}")
}

fn recorded() -> BTreeMap<String, Answer> {
    let json: Json =
        serde_json::from_slice(&fs::read(directory().join("node.json")).unwrap()).unwrap();
    let answer = |json: &Json| Answer {
        message: json["message"].as_str().unwrap().to_owned(),
        places: json["frames"]
            .as_array()
            .unwrap()
            .iter()
            .map(|frame| {
                let frame = frame.as_str().unwrap();
                let (function, at) = frame.rsplit_once(' ').unwrap_or(("", frame));
                place(function, at)
            })
            .collect(),
    };
    json.as_object().unwrap().iter().map(|(name, json)| (name.clone(), answer(json))).collect()
}

/// What the shipped program says of a source, run by `node` or by `run`.
fn ask(command: &str, file: &Path) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_sandtide"))
        .arg(command)
        .arg(if command == "run" { Path::new("user.js") } else { file })
        .current_dir(file.parent().unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let text = text.replace(file.to_str().unwrap(), "user.js");
    let (head, frames) = text.split_once("\n    at ").unwrap_or((&text, ""));
    // Before the message come the place, the source line with a caret, and an empty line.
    let message = head.rsplit_once("\n\n").map_or(head, |(_, message)| message);
    let message = message.rsplit_once("Uncaught:\n").map_or(message, |(_, message)| message);
    let places = frames
        .split("\n    at ")
        .filter_map(|frame| {
            let frame = frame.lines().next()?;
            let (function, at) = match frame.strip_suffix(')').and_then(|f| f.rsplit_once(" (")) {
                Some(parts) => parts,
                None => ("", frame.strip_prefix("async ").unwrap_or(frame)),
            };
            let function = if frame.starts_with("async ") { frame } else { function };
            // Behind where code from strings was compiled comes its own place.
            let at = at.strip_prefix("user.js:")?.split(')').next()?;
            Some(place(function, at))
        })
        .collect();
    Answer { message: message.to_owned(), places }
}

/// One line of the table, without the reason.
fn row(name: &str, what: &str, node: &str, ours: &str) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', "⏎");
    format!("| {} | {what} | {} | {} |", cell(name), cell(node), cell(ours))
}

/// What Node and we say of the programs of a list, which `NAME.cjs` runs one after the other: the name, Node's
/// answer, and ours.
fn answers(list: &str, at_least: usize) -> Vec<(String, Json, Json)> {
    let output = Command::new(env!("CARGO_BIN_EXE_sandtide"))
        .args(["node", "--experimental-vm-modules", "--no-warnings"])
        .arg(format!("{list}.cjs"))
        .current_dir(directory())
        .output()
        .unwrap();
    let ours: BTreeMap<String, Json> = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let node: BTreeMap<String, Json> =
        serde_json::from_slice(&fs::read(directory().join(format!("{list}.json"))).unwrap())
            .unwrap();
    let names = |answers: &BTreeMap<String, Json>| answers.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&ours), names(&node), "record the answers of Node again");
    assert!(node.len() >= at_least, "{} programs", node.len());
    node.into_iter().map(|(name, answer)| (name.clone(), answer, ours[&name].clone())).collect()
}

#[test]
fn errors_have_the_place_and_the_words_that_node_gives_or_are_in_the_table() {
    let directory =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("errors-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let file = directory.join("user.js");
    let recorded = recorded();
    let programs = programs();
    assert_eq!(programs.len(), recorded.len(), "record the answers of Node again");

    let mut rows = Vec::new();
    let mut elsewhere = 0;
    for (name, source) in &programs {
        fs::write(&file, source).unwrap();
        let node = recorded.get(name).unwrap_or_else(|| panic!("{name} is not recorded"));
        let ours = ask("node", &file);
        let run = ask("run", &file);
        if ours.top() != node.top() {
            rows.push(row(name, "place", node.top(), ours.top()));
        }
        if run.top() != node.top() && run.top() != ours.top() {
            rows.push(row(name, "place in `run`", node.top(), run.top()));
        }
        elsewhere += usize::from(ours.top() != node.top() || run.top() != node.top());
        if ours.message != node.message {
            rows.push(row(name, "words", &node.message, &ours.message));
        }
        if !node.waiting().is_empty() {
            assert_eq!(ours.waiting(), node.waiting(), "{name}");
            assert_eq!(run.waiting(), node.waiting(), "{name}, in `run`");
        }
    }
    let _ = fs::remove_dir_all(&directory);

    for (name, node, ours) in answers("syntax", 340) {
        for (key, what) in [("message", "words"), ("place", "place")] {
            if node[key] != ours[key] {
                let [node, ours] = [&node, &ours].map(|answer| answer[key].as_str().unwrap());
                rows.push(row(&format!("does not parse: {name}"), what, node, ours));
            }
        }
    }

    for (name, node, ours) in answers("builtins", 790) {
        if node["main"] != ours["main"] {
            let [node, ours] = [&node, &ours].map(|answer| answer["main"].as_str().unwrap());
            rows.push(row(&format!("`{name}`"), "words", node, ours));
        }
        // What is said in a context is listed where it is not the same as in the main realm.
        let is_same = |answer: &Json| answer["main"] == answer["context"];
        if node["context"] != ours["context"] && !(is_same(&node) && is_same(&ours)) {
            let [node, ours] = [&node, &ours].map(|answer| answer["context"].as_str().unwrap());
            rows.push(row(&format!("`{name}`"), "words in a context", node, ours));
        }
    }

    let table =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ERRORS.md")).unwrap();
    let mut listed: Vec<&str> =
        table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    let mut report = String::new();
    for row in &rows {
        match listed.iter().position(|line| line.starts_with(row.as_str())) {
            Some(index) => {
                let reason = listed.remove(index)[row.len()..].trim_matches([' ', '|']);
                assert!(!reason.is_empty(), "no reason: {row}");
            }
            None => writeln!(report, "differs, and is not in ERRORS.md:\n{row}").unwrap(),
        }
    }
    for line in listed {
        writeln!(report, "is in ERRORS.md, and does not differ so:\n{line}").unwrap();
    }
    assert!(report.is_empty(), "{report}");
    assert!(
        elsewhere <= programs.len() / 30,
        "{elsewhere} of {} have another place",
        programs.len()
    );
}
