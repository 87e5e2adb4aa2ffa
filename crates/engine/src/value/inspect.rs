//! Values as text for the log: for people to read, never to parse.

use crate::js::context::Helpers;
use crate::js::cx::{Cx, Js};
use crate::js::raw::*;
use crate::run::exception;

/// How deep objects are written out; deeper ones are named only.
const DEPTH: usize = 4;
/// How many elements or properties of one object are written out.
const WIDTH: usize = 100;

/// Whether a value counts as true, as the engine has it.
pub(crate) fn is_truthy(value: JSValue) -> bool {
    // SAFETY: the tag says which member of the union is meant.
    unsafe {
        match tag(value) {
            JS_TAG_INT | JS_TAG_BOOL => value.u.int32 != 0,
            JS_TAG_FLOAT64 => value.u.float64 != 0.0 && !value.u.float64.is_nan(),
            JS_TAG_NULL | JS_TAG_UNDEFINED => false,
            _ => true,
        }
    }
}

/// Appends `value` to `out`, which grows to about `room` bytes at most.
pub(crate) fn write(
    cx: Cx,
    helpers: &Helpers,
    value: JSValue,
    room: usize,
    out: &mut String,
) -> Js<()> {
    Inspect { cx, helpers, room, out }.value(value, 0)
}

struct Inspect<'a> {
    cx: Cx,
    helpers: &'a Helpers,
    room: usize,
    out: &'a mut String,
}

impl Inspect<'_> {
    fn full(&self) -> bool {
        self.out.len() >= self.room
    }

    /// Bytes of a text that are still of use: at one byte more the log limit ends the run.
    fn left(&self) -> usize {
        self.room.saturating_sub(self.out.len())
    }

    fn text_of(&mut self, value: JSValue) -> Js<()> {
        let string = self.cx.to_string(value)?;
        let text = self.cx.string_start(string, self.left())?;
        self.cx.free(string);
        self.out.push_str(&text);
        Ok(())
    }

    fn value(&mut self, value: JSValue, depth: usize) -> Js<()> {
        match tag(value) {
            JS_TAG_STRING | JS_TAG_STRING_ROPE => {
                let text = self.cx.string_start(value, self.left())?;
                let quoted = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
                self.out.push('\'');
                self.out.push_str(&quoted);
                self.out.push('\'');
                Ok(())
            }
            JS_TAG_SYMBOL => {
                let description = self.cx.get(value, "description")?;
                self.out.push_str("Symbol(");
                if is_string(description) {
                    self.out.push_str(&self.cx.string_start(description, self.left())?);
                }
                self.cx.free(description);
                self.out.push(')');
                Ok(())
            }
            JS_TAG_SHORT_BIG_INT | JS_TAG_BIG_INT => {
                self.text_of(value)?;
                self.out.push('n');
                Ok(())
            }
            // SAFETY: the tag says which member of the union is meant.
            JS_TAG_FLOAT64 if unsafe { value.u.float64.to_bits() } == (-0.0f64).to_bits() => {
                self.out.push_str("-0");
                Ok(())
            }
            JS_TAG_OBJECT => self.object(value, depth),
            _ => self.text_of(value),
        }
    }

    fn object(&mut self, value: JSValue, depth: usize) -> Js<()> {
        // SAFETY: these only look at the object's class.
        let (error, array, date, regexp, map, set, proxy) = unsafe {
            (
                JS_IsError(value),
                JS_IsArray(value),
                JS_IsDate(value),
                JS_IsRegExp(value),
                JS_IsMap(value),
                JS_IsSet(value),
                JS_IsProxy(value),
            )
        };
        if error {
            let exception = exception::read(self.cx, value)?;
            self.out.push_str(&exception.to_string());
            if !exception.stack.is_empty() {
                self.out.push('\n');
                self.out.push_str(&exception.stack);
            }
            return Ok(());
        }
        if self.cx.is_function(value) {
            let name = self.cx.get(value, "name")?;
            let name = if is_string(name) {
                self.cx.string_start(name, self.left())?
            } else {
                String::new()
            };
            let name = if name.is_empty() { "(anonymous)".to_owned() } else { name };
            self.out.push_str(&format!("[Function: {name}]"));
            return Ok(());
        }
        if date || regexp {
            return self.text_of(value);
        }
        if proxy {
            self.out.push_str("[Proxy]");
            return Ok(());
        }
        if depth >= DEPTH {
            self.out.push_str(if array { "[Array]" } else { "[Object]" });
            return Ok(());
        }
        if map || set {
            self.out.push_str(if map { "Map " } else { "Set " });
            let helpers = self.helpers;
            let helper = if map { helpers.map_entries } else { helpers.set_items };
            let flat = self.cx.call(helper, JS_UNDEFINED, &mut [value])?;
            let separators = if map { [" => ", ", "] } else { [", ", ", "] };
            return self.list(flat, depth, ['{', '}'], separators);
        }
        if array {
            return self.list(value, depth, ['[', ']'], [", ", ", "]);
        }
        self.plain(value, depth)
    }

    fn list(
        &mut self,
        list: JSValue,
        depth: usize,
        ends: [char; 2],
        separators: [&str; 2],
    ) -> Js<()> {
        let length = self.cx.length(list)?;
        self.out.push(ends[0]);
        for index in 0..length {
            if index > 0 {
                self.out.push_str(separators[(index - 1) % 2]);
            } else {
                self.out.push(' ');
            }
            if index >= WIDTH || self.full() {
                self.out.push_str(&format!("... {} more", length - index));
                break;
            }
            let item = self.cx.get_index(list, index)?;
            self.value(item, depth + 1)?;
            self.cx.free(item);
        }
        if length > 0 {
            self.out.push(' ');
        }
        self.out.push(ends[1]);
        Ok(())
    }

    fn plain(&mut self, value: JSValue, depth: usize) -> Js<()> {
        let cx = self.cx;
        let mut written = 0;
        self.out.push('{');
        cx.own_keys(value, |atom| {
            if written > WIDTH || self.full() {
                return Ok(());
            }
            self.out.push_str(if written > 0 { ", " } else { " " });
            written += 1;
            if written > WIDTH {
                self.out.push_str("...");
                return Ok(());
            }
            let key = cx.atom_to_string(atom)?;
            let key = cx.string_start(key, self.left())?;
            self.out.push_str(&key);
            self.out.push_str(": ");
            let item = cx.get_atom(value, atom)?;
            self.value(item, depth + 1)?;
            cx.free(item);
            Ok::<(), crate::js::cx::Thrown>(())
        })?;
        self.out.push_str(if written > 0 { " }" } else { "}" });
        Ok(())
    }
}
