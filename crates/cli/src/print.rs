//! Values and errors for people's eyes. `terminal` sees to it that none of it does harm there.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

use sandtide::{Error, LogLine, Usage, Value};

use crate::terminal::harmless;

/// Longest part of a source line that is shown around an error, in characters.
const SHOWN_LINE: usize = 100;

/// The result of a run: a string as it is, everything else in JavaScript's notation.
pub(crate) fn result(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(Shown { value: other, depth: 0 }.to_string()),
    }
}

struct Shown<'a> {
    value: &'a Value,
    depth: usize,
}

impl Shown<'_> {
    fn list(
        &self,
        f: &mut fmt::Formatter<'_>,
        (open, close): (&str, &str),
        items: &[Item<'_>],
    ) -> fmt::Result {
        if items.is_empty() {
            return write!(f, "{open}{close}");
        }
        let inner = "  ".repeat(self.depth + 1);
        writeln!(f, "{open}")?;
        for (at, item) in items.iter().enumerate() {
            let comma = if at + 1 < items.len() { "," } else { "" };
            let value = Shown { value: item.value, depth: self.depth + 1 };
            match &item.key {
                None => writeln!(f, "{inner}{value}{comma}")?,
                Some(Key::Name(name)) => writeln!(f, "{inner}{}: {value}{comma}", quoted(name))?,
                Some(Key::Value(key)) => {
                    let key = Shown { value: key, depth: self.depth + 1 };
                    writeln!(f, "{inner}{key} => {value}{comma}")?;
                }
            }
        }
        write!(f, "{}{close}", "  ".repeat(self.depth))
    }
}

struct Item<'a> {
    key: Option<Key<'a>>,
    value: &'a Value,
}

enum Key<'a> {
    Name(&'a str),
    Value(&'a Value),
}

fn items(values: &[Value]) -> Vec<Item<'_>> {
    values.iter().map(|value| Item { key: None, value }).collect()
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Value::Undefined => f.write_str("undefined"),
            Value::Null => f.write_str("null"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Number(number) => f.write_str(&number_text(*number)),
            Value::BigInt(number) => write!(f, "{number}n"),
            Value::String(text) => f.write_str(&quoted(text)),
            Value::Array(values) => self.list(f, ("[", "]"), &items(values)),
            Value::Object(members) => {
                let members: Vec<_> = members
                    .iter()
                    .map(|(name, value)| Item { key: Some(Key::Name(name)), value })
                    .collect();
                self.list(f, ("{", "}"), &members)
            }
            Value::Bytes(bytes) => write!(f, "Uint8Array({}) {}", bytes.len(), hex(bytes)),
            Value::ArrayBuffer(bytes) => write!(f, "ArrayBuffer({}) {}", bytes.len(), hex(bytes)),
            Value::Date(milliseconds) => f.write_str(&date(*milliseconds)),
            Value::Map(entries) => {
                let open = format!("Map({}) {{", entries.len());
                let entries: Vec<_> = entries
                    .iter()
                    .map(|(key, value)| Item { key: Some(Key::Value(key)), value })
                    .collect();
                self.list(f, (&open, "}"), &entries)
            }
            Value::Set(values) => {
                let open = format!("Set({}) {{", values.len());
                self.list(f, (&open, "}"), &items(values))
            }
            other => f.write_str(&other.to_json()),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// JSON's notation where it has one, else the tagged form's inner text.
fn number_text(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else if number == 0.0 && number.is_sign_negative() {
        "-0".to_owned()
    } else {
        Value::Number(number).to_json()
    }
}

fn date(milliseconds: f64) -> String {
    // Outside of the years that humantime knows, the number says more than an error.
    let time = std::time::Duration::try_from_secs_f64(milliseconds / 1e3)
        .ok()
        .and_then(|since| std::time::UNIX_EPOCH.checked_add(since))
        .map(|time| humantime::format_rfc3339_millis(time).to_string());
    match time {
        Some(time) if milliseconds < 253_402_300_800_000.0 => format!("Date {time}"),
        _ => format!("Date {}", number_text(milliseconds)),
    }
}

fn hex(bytes: &[u8]) -> String {
    const SHOWN: usize = 32;
    let mut text = String::from("<");
    for (at, byte) in bytes.iter().take(SHOWN).enumerate() {
        let space = if at == 0 { "" } else { " " };
        let _ = write!(text, "{space}{byte:02x}");
    }
    text.push_str(if bytes.len() > SHOWN { " ...>" } else { ">" });
    text
}

/// A line of the script's console.
pub(crate) fn log_line(line: &LogLine) -> String {
    format!("[{}] {}", line.level.as_str(), line.text)
}

/// The sources that an error can point into, by the file name given to the engine.
#[derive(Default)]
pub(crate) struct Sources(Vec<(String, String)>);

impl Sources {
    pub(crate) fn add(&mut self, file: impl Into<String>, source: impl Into<String>) {
        self.0.push((file.into(), source.into()));
    }

    fn line(&self, file: &str, line: u32) -> Option<&str> {
        let (_, source) = self.0.iter().find(|(name, _)| name == file)?;
        source.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)
    }
}

/// An error: where it happened with a caret under the column, what it is, and the stack.
pub(crate) fn error(error: &Error, sources: &Sources) -> String {
    match error {
        Error::Syntax(at) => {
            let place = place(sources, &at.file, at.line, at.column);
            format!("{place}SyntaxError: {}", at.message)
        }
        Error::Exception(thrown) => {
            let mut out = match (&thrown.file, thrown.line, thrown.column) {
                (Some(file), Some(line), column) => place(sources, file, line, column.unwrap_or(0)),
                _ => String::new(),
            };
            let _ = write!(out, "{thrown}");
            let stack = thrown.stack.trim_end();
            if !stack.is_empty() {
                let _ = write!(out, "\n{stack}");
            }
            out
        }
        other => format!("error: {other} ({})", other.code()),
    }
}

fn place(sources: &Sources, file: &str, line: u32, column: u32) -> String {
    let mut out = format!("{file}:{line}");
    if column > 0 {
        let _ = write!(out, ":{column}");
    }
    out.push('\n');
    let Some(text) = sources.line(file, line) else {
        return out;
    };
    let column = usize::try_from(column).unwrap_or(0);
    // A minified line is shown only around the column.
    let start =
        if text.chars().count() > SHOWN_LINE { column.saturating_sub(SHOWN_LINE / 2) } else { 0 };
    let shown: String = text.chars().skip(start).take(SHOWN_LINE).collect();
    let _ = writeln!(out, "{shown}");
    if column > 0 {
        let before: String = shown.chars().take(column - 1 - start.min(column - 1)).collect();
        // As wide as it is shown.
        let pad: String =
            harmless(&before).chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let _ = writeln!(out, "{pad}^");
    }
    out.push('\n');
    out
}

/// What a run took, on one line.
pub(crate) fn usage(usage: &Usage) -> String {
    let size = |bytes: usize| bytesize::ByteSize(bytes as u64).display().iec();
    format!(
        "wall {:?} ({:?} of it to prepare), cpu {:?}, peak heap {}, restored {} in {:?}, {} jobs, output {}, logs {}",
        usage.wall,
        usage.build,
        usage.cpu,
        size(usage.peak_heap),
        size(usage.bytes_restored),
        usage.restore,
        usage.jobs,
        size(usage.output),
        size(usage.logs),
    )
}

#[cfg(test)]
mod tests {
    use sandtide::Value;

    use super::{Sources, place, result};

    #[test]
    fn a_string_is_printed_as_it_is_and_other_values_in_javascript_notation() {
        assert_eq!(result(&Value::String("a\"b".into())), "a\"b");
        assert_eq!(result(&Value::Number(f64::NAN)), "NaN");
        assert_eq!(result(&Value::Date(0.0)), "Date 1970-01-01T00:00:00.000Z");
        let map = Value::Map(vec![(Value::String("k".into()), Value::Array(vec![]))]);
        assert_eq!(result(&map), "Map(1) {\n  \"k\" => []\n}");
        assert_eq!(result(&Value::Bytes(vec![0, 255])), "Uint8Array(2) <00 ff>");
    }

    #[test]
    fn the_caret_stands_under_the_column() {
        let mut sources = Sources::default();
        sources.add("a.js", "one\n\tlet x = y;\n");
        assert_eq!(place(&sources, "a.js", 2, 6), "a.js:2:6\n\tlet x = y;\n\t    ^\n\n");
    }

    #[test]
    fn a_minified_line_is_shown_around_the_column() {
        let mut sources = Sources::default();
        sources.add("a.js", format!("{}!{}", "a".repeat(500), "b".repeat(500)));
        let shown = place(&sources, "a.js", 1, 501);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[1].chars().count(), 100);
        assert_eq!(lines[1].chars().nth(lines[2].len() - 1), Some('!'));
    }

    #[test]
    fn the_caret_stands_under_the_column_also_after_what_is_shown_as_an_escape() {
        let mut sources = Sources::default();
        sources.add("a.js", "'\u{1b}' x");
        assert_eq!(place(&sources, "a.js", 1, 5), "a.js:1:5\n'\u{1b}' x\n         ^\n\n");
    }
}
