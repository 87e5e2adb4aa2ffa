//! The one way to the terminal. Whatever is written for people goes through here, because much of it
//! holds what a script, a request or a file's name says: that is shown, never obeyed.
//!
//! Control characters become visible escapes, and so do the marks that turn the direction of text
//! around. Only a result that is a string goes out as it is, and only where no terminal is at the
//! other end.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, IsTerminal, Write},
    os::fd::{AsFd, OwnedFd},
};

/// Writes a message and a line break to standard error.
pub(crate) fn complain(message: &str) {
    // Nobody is left to be told.
    let _ = writeln!(io::stderr(), "{}", harmless(message));
}

/// Writes lines of a log, each of which ends its line, to standard error. In JSON they say the same after it.
pub(crate) fn log(lines: &[u8], is_json: bool) {
    let text = String::from_utf8_lossy(lines);
    let text = if is_json { harmless_json(&text) } else { harmless(&text) };
    // Nobody is left to be told where it fails.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Writes a message and a line break to standard output.
pub(crate) fn say(message: &str) {
    let _ = writeln!(io::stdout(), "{}", harmless(message));
}

/// Writes the lines of an answer to standard output. A reader who has gone is no error.
pub(crate) fn answer(lines: &[Line<'_>]) -> io::Result<()> {
    let mut stdout = io::stdout();
    let text = written(lines, stdout.is_terminal());
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Writes bytes that are the result themselves to standard output; to a terminal, as text that is not obeyed.
pub(crate) fn answer_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout();
    let written = match stdout.is_terminal() {
        true => stdout.write_all(harmless(&String::from_utf8_lossy(bytes)).as_bytes()),
        false => stdout.write_all(bytes),
    };
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Standard output as it is, for a program that reads frames there.
pub(crate) fn output_for_frames() -> io::Result<OwnedFd> {
    io::stdout().as_fd().try_clone_to_owned()
}

/// A part of an answer.
pub(crate) enum Line<'a> {
    /// A string that is the result itself: programs take it as it is.
    Raw(&'a str),
    /// Text for people.
    Text(String),
    /// JSON, which says the same with its control characters escaped.
    Json(String),
}

fn written(lines: &[Line<'_>], to_terminal: bool) -> String {
    let mut out = String::new();
    for line in lines {
        match line {
            Line::Raw(text) if !to_terminal => out.push_str(text),
            Line::Raw(text) => out.push_str(&harmless(text)),
            Line::Text(text) => out.push_str(&harmless(text)),
            Line::Json(json) => out.push_str(&harmless_json(json)),
        }
        out.push('\n');
    }
    out
}

/// What a terminal or a reader could take for something else than text: control characters, and the
/// marks by which text is shown in another order than it is written in.
fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text with everything harmful made visible; lines and tabs stay.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let harmful = |char: char| is_harmful(char) && !matches!(char, '\n' | '\t');
    if !text.contains(harmful) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for char in text.chars() {
        match harmful(char) {
            true => out.extend(char.escape_unicode()),
            false => out.push(char),
        }
    }
    Cow::Owned(out)
}

/// The same JSON: outside of its strings there is nothing harmful but the ends of lines, which are never
/// within them, and within them there is an escape for it.
fn harmless_json(json: &str) -> Cow<'_, str> {
    let harmful = |char: char| is_harmful(char) && char != '\n';
    if !json.contains(harmful) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for char in json.chars() {
        if harmful(char) {
            let _ = write!(out, "\\u{:04x}", u32::from(char));
        } else {
            out.push(char);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::PathBuf};

    const NASTY: &str = "a\u{1b}[2J\u{9b}31m\u{7f}\r\u{0}\u{202e}b\u{2066}\n\t";

    #[test]
    fn nothing_but_lines_and_tabs_is_obeyed() {
        let shown = harmless(NASTY);
        assert!(!shown.contains(|c| is_harmful(c) && c != '\n' && c != '\t'), "{shown:?}");
        assert!(shown.starts_with("a\\u{1b}[2J") && shown.ends_with("\n\t"), "{shown}");
        assert_eq!(harmless("ünï 😀"), "ünï 😀");
        assert_eq!(harmless(&shown), shown);
    }

    #[test]
    fn a_string_that_is_the_result_goes_out_as_it_is_but_to_a_terminal() {
        let lines = [Line::Raw(NASTY)];
        assert_eq!(written(&lines, false), format!("{NASTY}\n"));
        assert_eq!(written(&lines, true), format!("{}\n", harmless(NASTY)));
        for to_terminal in [true, false] {
            let text = written(&[Line::Text(NASTY.to_owned())], to_terminal);
            assert_eq!(text, format!("{}\n", harmless(NASTY)));
        }
    }

    #[test]
    fn json_says_the_same_without_control_characters() {
        let json = serde_json::to_string(NASTY).unwrap();
        let shown = written(&[Line::Json(json)], false);
        let line = shown.trim_end();
        assert!(!line.contains(is_harmful), "{line:?}");
        assert_eq!(serde_json::from_str::<String>(line).unwrap(), NASTY);
    }

    #[test]
    fn lines_of_a_log_in_json_stay_what_they_are_but_for_control_characters() {
        let json = serde_json::to_string(NASTY).unwrap();
        let shown = format!("{json}\n{json}\n");
        let shown: Vec<_> = shown.split('\n').map(harmless_json).collect();
        assert_eq!(shown.len(), 3);
        for line in &shown[..2] {
            assert!(!line.contains(is_harmful), "{line:?}");
            assert_eq!(serde_json::from_str::<String>(line).unwrap(), NASTY);
        }
    }

    #[test]
    fn no_other_file_of_the_program_writes_to_the_terminal() {
        let mut left = vec![PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(file) = left.pop() {
            if file.is_dir() {
                left.extend(fs::read_dir(&file).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            if file.ends_with("terminal.rs") {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            for way in ["stdout()", "stderr()", "println!", "eprint", "print!("] {
                assert!(!text.contains(way), "{} has a {way} of its own", file.display());
            }
        }
    }
}
