//! Whoever reads what `sandtide` writes may go away: that is an end of writing, and no panic.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

/// Standard output or standard error whose reader is gone.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn program(name: &str, source: &str) -> PathBuf {
    let name = format!("closed-{}-{name}", std::process::id());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, source).unwrap();
    file
}

/// How the program ends with one of its outputs closed, and what it writes to the other.
fn run(words: &[&str], close_stdout: bool) -> (ExitStatus, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandtide"));
    command.args(words).stdin(Stdio::null());
    let (mut reader, writer) = std::io::pipe().unwrap();
    match close_stdout {
        true => command.stdout(closed()).stderr(writer),
        false => command.stdout(writer).stderr(closed()),
    };
    let mut child = command.spawn().unwrap();
    // Its copies of the pipe's end would keep the pipe open.
    drop(command);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    (child.wait().unwrap(), text)
}

#[test]
fn a_reader_who_has_gone_is_no_panic() {
    let much = program("much.js", "console.log('a'.repeat(200000)); console.log(2);");
    let later = program("later.js", "console.log(1); setTimeout(() => console.log(2), 1);");
    let throws = program("throws.js", "throw new Error('x'.repeat(100000));");
    let warns =
        program("warns.js", "console.error(1); process.emitWarning('x'); console.error(2);");
    let [much, later, throws, warns] =
        [&much, &later, &throws, &warns].map(|file| file.to_str().unwrap());
    let commands: &[&[&str]] = &[
        &["--help"],
        &["--version", "--verbose"],
        &["nope"],
        &["run"],
        &["run", "--help"],
        &["run", "/nowhere.js"],
        &["run", much],
        &["run", throws],
        &["serve", "--help"],
        &["serve", "--listen", "nowhere"],
        &["node", "--help"],
        &["node", "--version"],
        &["node", "--nope"],
        &["node", "--report-on-signal", much],
        &["node", "--max-semi-space-size=3", later],
        &["node", "--trace-gc", much],
        &["node", "/nowhere.js"],
        &["node", "-p", "1"],
        &["node", much],
        &["node", later],
        &["node", throws],
        &["node", warns],
    ];
    for words in commands {
        for close_stdout in [true, false] {
            let (status, text) = run(words, close_stdout);
            // 101 is what a panic of the main thread ends with, 70 what one of another thread does.
            let code = status.code();
            assert!(code.is_some_and(|code| code != 101 && code != 70), "{words:?}: {status}");
            assert!(!text.contains("panicked"), "{words:?}: {text}");
        }
    }
    for file in [much, later, throws, warns] {
        fs::remove_file(file).unwrap();
    }
}
