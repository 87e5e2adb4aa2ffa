//! Reading what a guest threw.

use crate::error::{Exception, SyntaxError, position_in};
use crate::js::cx::{Cx, Js};
use crate::js::raw::{JS_IsError, JS_TAG_OBJECT, JS_TAG_SYMBOL, JSValue, is_string, tag};

/// Bytes of a name, message or stack that are read at most: a guest can throw strings as large as
/// its heap. What is kept of them counts against the output limit (`Error::fit`).
pub(super) const MAX_TEXT: usize = 16 << 10;

/// Name, message and stack of what was thrown, each shortened to [`MAX_TEXT`]. Reading them may run
/// getters of the guest.
pub(crate) fn read(cx: Cx, thrown: JSValue) -> Js<Exception> {
    let mut exception = Exception::default();
    if tag(thrown) != JS_TAG_OBJECT {
        exception.message = text(cx, thrown)?;
        return Ok(exception);
    }
    // A guest may throw any object; one that looks like an error is read as one.
    let name = cx.get(thrown, "name")?;
    let message = cx.get(thrown, "message")?;
    let stack = cx.get(thrown, "stack")?;
    // SAFETY: the call only looks at the value.
    if is_string(message) || unsafe { JS_IsError(thrown) } {
        exception.name =
            if is_string(name) { cx.string_start(name, MAX_TEXT)? } else { "Error".to_owned() };
        exception.message = text(cx, message)?;
    } else {
        exception.message = text(cx, thrown)?;
    }
    if is_string(stack) {
        exception.stack = without_ours(&cx.string_start(stack, MAX_TEXT)?);
    }
    if let Some((file, line, column)) = position_in(&exception.stack) {
        exception.file = Some(file);
        exception.line = Some(line);
        exception.column = Some(column);
    }
    Ok(exception)
}

/// A stack without the frames of our own scripts, which have no file.
pub(super) fn without_ours(stack: &str) -> String {
    let theirs = stack.trim_end().split('\n').filter(|line| !line.ends_with(" (<null>:0:0)"));
    theirs.collect::<Vec<_>>().join("\n")
}

/// What was thrown, in one line.
pub(crate) fn describe(cx: Cx, thrown: JSValue) -> Js<String> {
    let exception = read(cx, thrown)?;
    Ok(if exception.name.is_empty() { exception.message } else { exception.to_string() })
}

fn text(cx: Cx, value: JSValue) -> Js<String> {
    if tag(value) == JS_TAG_SYMBOL {
        return Ok("a symbol".to_owned());
    }
    let string = cx.to_string(value)?;
    let text = cx.string_start(string, MAX_TEXT)?;
    cx.free(string);
    Ok(text)
}

/// Stands for an error whose own getters throw.
pub(crate) fn unreadable() -> Exception {
    Exception {
        name: "Error".to_owned(),
        message: "an error was thrown that throws again when it is read".to_owned(),
        ..Exception::default()
    }
}

/// The engine throws stack overflows as ordinary errors, so that guests can catch them.
pub(crate) fn is_stack_overflow(exception: &Exception) -> bool {
    matches!(exception.name.as_str(), "RangeError" | "InternalError" | "SyntaxError")
        && (exception.message == "Maximum call stack size exceeded"
            || exception.message == "stack overflow")
}

/// The syntax error that an exception of the compiler is.
pub(crate) fn syntax(exception: &Exception, file: &str, line: u32) -> Option<SyntaxError> {
    (exception.name == "SyntaxError").then(|| SyntaxError {
        message: exception.message.clone(),
        file: exception.file.clone().unwrap_or_else(|| file.to_owned()),
        line: exception.line.unwrap_or(line),
        column: exception.column.unwrap_or(1),
    })
}
