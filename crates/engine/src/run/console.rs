//! `console`: its calls go to the run's log, and count against the log limit. Groups, counters and timers
//! are the run's: none outlives it.

use super::exception::without_ours;
use super::request::LogLevel;
use super::state::RunState;
use crate::js::cx::{Cx, Js};
use crate::js::raw::{
    JS_TAG_BIG_INT, JS_TAG_OBJECT, JS_TAG_SHORT_BIG_INT, JS_TAG_SYMBOL, JS_UNDEFINED, JSValue,
    bits, is_string, tag,
};
use crate::value::inspect;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::CStr;

/// What a function of `console` does with its arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Log,
    Trace,
    Dir,
    Assert,
    Table,
    Count,
    CountReset,
    Group,
    GroupEnd,
    Time,
    TimeLog,
    TimeEnd,
    Nothing,
}

/// A function of `console`.
pub(crate) struct Function {
    pub(crate) name: &'static CStr,
    level: LogLevel,
    does: Does,
}

const fn function(name: &'static CStr, level: LogLevel, does: Does) -> Function {
    Function { name, level, does }
}

/// The functions of `console`, by host index.
pub(crate) const FUNCTIONS: [Function; 19] = [
    function(c"debug", LogLevel::Debug, Does::Log),
    function(c"log", LogLevel::Log, Does::Log),
    function(c"info", LogLevel::Info, Does::Log),
    function(c"warn", LogLevel::Warn, Does::Log),
    function(c"error", LogLevel::Error, Does::Log),
    function(c"trace", LogLevel::Error, Does::Trace),
    function(c"dir", LogLevel::Log, Does::Dir),
    function(c"assert", LogLevel::Error, Does::Assert),
    function(c"dirxml", LogLevel::Log, Does::Log),
    function(c"table", LogLevel::Log, Does::Table),
    function(c"count", LogLevel::Log, Does::Count),
    function(c"countReset", LogLevel::Warn, Does::CountReset),
    function(c"group", LogLevel::Log, Does::Group),
    function(c"groupCollapsed", LogLevel::Log, Does::Group),
    function(c"groupEnd", LogLevel::Log, Does::GroupEnd),
    function(c"time", LogLevel::Warn, Does::Time),
    function(c"timeLog", LogLevel::Log, Does::TimeLog),
    function(c"timeEnd", LogLevel::Log, Does::TimeEnd),
    function(c"clear", LogLevel::Log, Does::Nothing),
];

/// Counters and timers that a run may have at one time: they are held outside of its heap.
const MAX_LABELS: usize = 1000;
/// Bytes of a label that are kept.
const MAX_LABEL: usize = 1000;
/// Groups deeper than this are indented no further.
const MAX_INDENT: usize = 50;
/// Rows and columns of a table.
const MAX_ROWS: usize = 1000;
const MAX_COLUMNS: usize = 100;

/// What a run's `console` remembers.
#[derive(Default)]
pub(crate) struct Console {
    groups: Cell<usize>,
    counts: RefCell<BTreeMap<String, u64>>,
    timers: RefCell<BTreeMap<String, f64>>,
}

/// One call of the function with this index.
pub(crate) fn call(cx: Cx, run: &RunState, args: &[JSValue], index: i32) -> Js<JSValue> {
    let function = usize::try_from(index).ok().and_then(|index| FUNCTIONS.get(index));
    let Some(function) = function else { return Ok(JS_UNDEFINED) };
    let console = &run.console;
    let level = function.level;
    match function.does {
        Does::Nothing => {}
        Does::Log => log(cx, run, level, &formatted(cx, run, args, "")?)?,
        Does::Dir => log(cx, run, level, &formatted(cx, run, args.get(..1).unwrap_or(args), "")?)?,
        Does::Assert => {
            if !args.first().is_some_and(|&condition| inspect::is_truthy(condition)) {
                let rest = args.get(1..).unwrap_or_default();
                let start = if rest.is_empty() { "Assertion failed" } else { "Assertion failed:" };
                log(cx, run, level, &formatted(cx, run, rest, start)?)?;
            }
        }
        Does::Trace => {
            let start = if args.is_empty() { "Trace" } else { "Trace:" };
            let text = formatted(cx, run, args, start)?;
            let _thrown = cx.throw("Trace", "");
            let error = cx.take_exception()?;
            let stack = cx.get(error, "stack")?;
            let stack =
                if is_string(stack) { cx.string_start(stack, room(run))? } else { String::new() };
            log(cx, run, level, format!("{text}\n{}", without_ours(&stack)).trim_end())?;
        }
        Does::Table => table(cx, run, level, args)?,
        Does::Count => {
            let label = label(cx, args)?;
            let mut counts = console.counts.borrow_mut();
            if counts.len() < MAX_LABELS || counts.contains_key(&label) {
                let count = counts.entry(label.clone()).or_default();
                *count += 1;
                log(cx, run, level, &format!("{label}: {count}"))?;
            }
        }
        Does::CountReset => {
            let label = label(cx, args)?;
            match console.counts.borrow_mut().get_mut(&label) {
                Some(count) => *count = 0,
                None => log(cx, run, level, &format!("Count for '{label}' does not exist"))?,
            }
        }
        Does::Group => {
            if !args.is_empty() {
                log(cx, run, level, &formatted(cx, run, args, "")?)?;
            }
            console.groups.set(console.groups.get().saturating_add(1));
        }
        Does::GroupEnd => console.groups.set(console.groups.get().saturating_sub(1)),
        Does::Time => {
            let label = label(cx, args)?;
            let mut timers = console.timers.borrow_mut();
            if timers.contains_key(&label) {
                log(cx, run, level, &format!("Timer '{label}' already exists"))?;
            } else if timers.len() < MAX_LABELS {
                timers.insert(label, run.guests_clock(cx));
            }
        }
        Does::TimeLog | Does::TimeEnd => {
            let label = label(cx, args)?;
            let began = if function.does == Does::TimeEnd {
                console.timers.borrow_mut().remove(&label)
            } else {
                console.timers.borrow().get(&label).copied()
            };
            match began {
                None => {
                    log(cx, run, LogLevel::Warn, &format!("Timer '{label}' does not exist"))?;
                }
                Some(began) => {
                    let took = format!("{label}: {:.3}ms", run.guests_clock(cx) - began);
                    let rest = if function.does == Does::TimeLog { args.get(1..) } else { None };
                    log(cx, run, level, &joined(cx, run, rest.unwrap_or_default(), took)?)?;
                }
            }
        }
    }
    Ok(JS_UNDEFINED)
}

/// Bytes that a text may have: one more than there is room for is enough to know that the limit is hit.
fn room(run: &RunState) -> usize {
    run.log_room().saturating_add(1)
}

/// Adds a text to the log, indented by the groups that are open.
fn log(cx: Cx, run: &RunState, level: LogLevel, text: &str) -> Js<()> {
    let groups = run.console.groups.get().min(MAX_INDENT);
    if groups == 0 {
        return run.log(cx, level, text.to_owned());
    }
    let indent = "  ".repeat(groups);
    let mut indented = String::new();
    for (number, line) in text.split('\n').enumerate() {
        if indented.len() > room(run) {
            break;
        }
        if number > 0 {
            indented.push('\n');
        }
        indented.push_str(&indent);
        indented.push_str(line);
    }
    run.log(cx, level, indented)
}

fn label(cx: Cx, args: &[JSValue]) -> Js<String> {
    match args.first() {
        Some(&label) if bits(label) != bits(JS_UNDEFINED) => {
            let text = cx.to_string(label)?;
            let start = cx.string_start(text, MAX_LABEL);
            cx.free(text);
            start
        }
        _ => Ok("default".to_owned()),
    }
}

/// Appends one argument as it is logged: strings as they are, other values as people read them.
fn append(cx: Cx, run: &RunState, arg: JSValue, text: &mut String) -> Js<()> {
    if !is_string(arg) {
        return inspect::write(cx, &run.helpers, arg, room(run), text);
    }
    cx.with_string_bytes(arg, |bytes| {
        let end = bytes.len().min(room(run).saturating_sub(text.len()));
        text.push_str(&String::from_utf8_lossy(&bytes[..end]));
    })
}

/// Appends the arguments, with spaces between them and before the first.
fn joined(cx: Cx, run: &RunState, args: &[JSValue], mut text: String) -> Js<String> {
    for &arg in args {
        if !text.is_empty() {
            text.push(' ');
        }
        append(cx, run, arg, &mut text)?;
        if text.len() >= room(run) {
            break;
        }
    }
    Ok(text)
}

/// The arguments as text, where the first may be a format of the others.
fn formatted(cx: Cx, run: &RunState, args: &[JSValue], start: &str) -> Js<String> {
    let mut text = start.to_owned();
    let [format, rest @ ..] = args else { return Ok(text) };
    if rest.is_empty() || !is_string(*format) {
        return joined(cx, run, args, text);
    }
    if !text.is_empty() {
        text.push(' ');
    }
    let mut given = String::new();
    append(cx, run, *format, &mut given)?;
    let mut rest = rest.iter();
    let mut left = given.as_str();
    while let Some(at) = left.find('%') {
        text.push_str(&left[..at]);
        let specifier = left[at + 1..].chars().next();
        let known = matches!(specifier, Some('s' | 'd' | 'i' | 'f' | 'o' | 'O' | 'c'));
        left = &left[at + 1 + specifier.map_or(0, char::len_utf8)..];
        match specifier {
            Some('%') => text.push('%'),
            Some(specifier) if known && rest.len() > 0 => {
                if let Some(&arg) = rest.next() {
                    substitute(cx, run, specifier, arg, &mut text)?;
                }
            }
            other => {
                text.push('%');
                text.extend(other);
            }
        }
        if text.len() >= room(run) {
            return Ok(text);
        }
    }
    text.push_str(left);
    joined(cx, run, rest.as_slice(), text)
}

fn substitute(cx: Cx, run: &RunState, by: char, arg: JSValue, text: &mut String) -> Js<()> {
    match by {
        // A style.
        'c' => Ok(()),
        'd' | 'i' | 'f' => {
            let number = match tag(arg) {
                JS_TAG_SYMBOL | JS_TAG_OBJECT => f64::NAN,
                JS_TAG_BIG_INT | JS_TAG_SHORT_BIG_INT => return append(cx, run, arg, text),
                _ => cx.to_number(arg)?,
            };
            let number = if by == 'i' { number.trunc() } else { number };
            append(cx, run, crate::value::cross_in::number(number), text)
        }
        _ => append(cx, run, arg, text),
    }
}

/// Logs rows as a table, or what has none as it is.
fn table(cx: Cx, run: &RunState, level: LogLevel, args: &[JSValue]) -> Js<()> {
    const INDEX: &str = "(index)";
    const VALUES: &str = "Values";
    let Some(&data) = args.first().filter(|&&data| tag(data) == JS_TAG_OBJECT) else {
        return log(cx, run, level, &formatted(cx, run, args, "")?);
    };
    let mut wanted = None;
    if let Some(&columns) = args.get(1).filter(|&&columns| tag(columns) == JS_TAG_OBJECT) {
        let mut names = Vec::new();
        for index in 0..cx.length(columns)?.min(MAX_COLUMNS) {
            let name = cx.get_index(columns, index)?;
            let text = cx.to_string(name)?;
            names.push(cx.string_start(text, MAX_LABEL)?);
        }
        wanted = Some(names);
    }
    let mut columns = wanted.clone().unwrap_or_default();
    let mut values = false;
    let mut rows: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    let mut bytes = 0;
    let cell = |value: JSValue, bytes: &mut usize| -> Js<String> {
        let mut text = String::new();
        inspect::write(cx, &run.helpers, value, room(run).saturating_sub(*bytes), &mut text)?;
        *bytes += text.len();
        Ok(text.replace('\n', " "))
    };
    let name_of = |atom| -> Js<String> { cx.string_start(cx.atom_to_string(atom)?, MAX_LABEL) };
    cx.own_keys(data, |atom| -> Js<()> {
        if rows.len() >= MAX_ROWS || bytes >= room(run) {
            return Ok(());
        }
        let mut cells = BTreeMap::new();
        let row = cx.get_atom(data, atom)?;
        if tag(row) == JS_TAG_OBJECT && !cx.is_function(row) {
            cx.own_keys(row, |column| -> Js<()> {
                let name = name_of(column)?;
                let known = columns.contains(&name);
                if !known && (wanted.is_some() || columns.len() >= MAX_COLUMNS) {
                    return Ok(());
                }
                // Each row has the names too until the table is drawn.
                bytes += name.chars().count();
                if bytes >= room(run) {
                    return Ok(());
                }
                if !known {
                    columns.push(name.clone());
                }
                cells.insert(name, cell(cx.get_atom(row, column)?, &mut bytes)?);
                Ok(())
            })?;
        } else {
            values = true;
            cells.insert(String::new(), cell(row, &mut bytes)?);
        }
        let name = name_of(atom)?;
        bytes += name.chars().count();
        rows.push((name, cells));
        Ok(())
    })?;
    let mut lines = Vec::new();
    let mut head = vec![INDEX.to_owned()];
    head.extend(columns.iter().cloned());
    head.extend(values.then(|| VALUES.to_owned()));
    lines.push(head);
    for (name, mut cells) in rows {
        let mut line = vec![name];
        line.extend(columns.iter().map(|column| cells.remove(column).unwrap_or_default()));
        line.extend(values.then(|| cells.remove("").unwrap_or_default()));
        lines.push(line);
    }
    log(cx, run, level, &drawn(&lines, room(run)))
}

/// Draws a table, whose first line is its head, with at most about `room` bytes.
fn drawn(lines: &[Vec<String>], room: usize) -> String {
    let count = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..count).map(|column| width(column).unwrap_or(0)).collect();
    let rule = |left: char, between: char, right: char| {
        let dashes: Vec<String> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
        format!("{left}{}{right}", dashes.join(&between.to_string()))
    };
    let mut text = rule('┌', '┬', '┐');
    for (number, line) in lines.iter().enumerate() {
        if number == 1 {
            text.push('\n');
            text.push_str(&rule('├', '┼', '┤'));
        }
        if text.len() >= room {
            break;
        }
        text.push_str("\n│");
        for (cell, width) in line.iter().zip(&widths) {
            text.push_str(&format!(" {cell}{} │", " ".repeat(width - cell.chars().count())));
        }
    }
    text.push('\n');
    text.push_str(&rule('└', '┴', '┘'));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_as_wide_as_their_cells() {
        let lines = [vec!["a".to_owned(), "bé".to_owned()], vec!["long".to_owned(), String::new()]];
        assert_eq!(
            drawn(&lines, 1000),
            "┌──────┬────┐\n│ a    │ bé │\n├──────┼────┤\n│ long │    │\n└──────┴────┘"
        );
    }
}
