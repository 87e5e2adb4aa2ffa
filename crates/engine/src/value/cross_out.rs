//! How values cross out of the guest's heap. What has no form outside is refused with the path to
//! it.
//!
//! Getters and proxies of the guest run on the way, under the run's limits.

use super::json::{self, TAG_BYTES, written_length};
use super::{BigInt, Crossed, LONG_DIGITS, MAX_DEPTH, Value, check_stack};
use crate::error::shortened;
use crate::js::context::Helpers;
use crate::js::cx::{Cx, Thrown};
use crate::js::raw::*;
use crate::run::outside::{Held, Outside};

/// Why a value did not come out.
pub(crate) enum CrossError {
    /// Something threw on the way, or the run was abandoned.
    Thrown,
    /// There is more of it than the output limit allows.
    TooLarge,
    /// What stands at `path` (innermost step first) has no form outside.
    Refused { path: Vec<String>, what: &'static str },
}

impl From<Thrown> for CrossError {
    fn from(Thrown: Thrown) -> CrossError {
        CrossError::Thrown
    }
}

impl CrossError {
    fn refused(what: &'static str) -> CrossError {
        CrossError::Refused { path: Vec::new(), what }
    }

    fn within(mut self, step: impl FnOnce() -> String) -> CrossError {
        if let CrossError::Refused { path, .. } = &mut self {
            path.push(step());
        }
        self
    }

    /// Throws a refusal into the guest, as a `TypeError`.
    pub(crate) fn throw(self, cx: Cx, root: &str) -> Thrown {
        match self {
            CrossError::Thrown => Thrown,
            // Arguments that are too large end the run before they come here.
            CrossError::TooLarge => cx.throw("RangeError", &format!("{root} is too large")),
            CrossError::Refused { path, what } => {
                cx.throw("TypeError", &format!("{}: {what} cannot cross", full_path(root, &path)))
            }
        }
    }
}

/// Bytes of a key, or of a global's name, that a path shows.
const SHOWN_KEY: usize = 64;
/// Bytes that a path shows, at least, of its start and of its end; of a longer path the middle is
/// left out.
const SHOWN_PATH: usize = 1 << 10;

/// The path to what `steps` lead to, innermost first, from `root`.
pub(crate) fn full_path(root: &str, steps: &[String]) -> String {
    let mut path = shortened(root, SHOWN_KEY).into_owned();
    let mut left = steps;
    while let Some((outermost, inner)) = left.split_last()
        && path.len() < SHOWN_PATH
    {
        path += outermost;
        left = inner;
    }
    // The first step is the innermost: the value that cannot cross.
    let mut shown = 0;
    let fits = |step: &&String| {
        shown += step.len();
        shown <= SHOWN_PATH
    };
    let end = left.iter().take_while(fits).count();
    if end < left.len() {
        path += "…";
    }
    left[..end].iter().rev().fold(path, |path, step| path + step)
}

/// `.key` where that is how one would write it, `["key"]` otherwise.
fn property_step(key: &str) -> String {
    let key = &*shortened(key, SHOWN_KEY);
    let plain = key.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_' || c == '$')
        && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    if plain { format!(".{key}") } else { format!("[{}]", serde_json::Value::from(key)) }
}

/// Bytes that every value counts against the output limit, its text or bytes and its tag apart.
const OUTPUT_EACH: usize = 8;

/// Decimal digits that a number has at least for each hexadecimal one after its first: log10(16),
/// rounded down, in millionths.
const DECIMAL_MILLIONTHS: usize = 1_204_119;

/// Brings a value out. `room` is what may still come out, in bytes; every value takes some.
pub(crate) fn value(
    cx: Cx,
    run: &dyn Crossed,
    from: JSValue,
    room: &mut usize,
) -> Result<Value, CrossError> {
    let room = Room::Output(room);
    let helpers = run.helpers();
    Crossing { cx, run, helpers, room, each: OUTPUT_EACH, ancestors: Vec::new() }.value(from)
}

/// Brings a host function's argument out, and counts it in `held` as it grows: an object that can
/// be reached from many places comes out as often, and getters on the way may call host functions
/// in turn.
pub(crate) fn argument(
    cx: Cx,
    run: &dyn Crossed,
    from: JSValue,
    (outside, held): (&Outside, &mut Held),
) -> Result<Value, CrossError> {
    let each = size_of::<(String, Value)>();
    let (helpers, room) = (run.helpers(), Room::Outside(outside, held));
    Crossing { cx, run, helpers, room, each, ancestors: Vec::new() }.value(from)
}

/// Brings a name out, with U+FFFD for what is no Unicode; its bytes as JSON are taken of `room`.
pub(crate) fn name(cx: Cx, from: JSValue, room: &mut usize) -> Result<String, CrossError> {
    let name = cx.with_string_bytes(from, |bytes| {
        // Each byte that is no Unicode becomes three.
        (bytes.len() <= *room).then(|| String::from_utf8_lossy(bytes).into_owned())
    })?;
    let name = name.ok_or(CrossError::TooLarge)?;
    *room = room.checked_sub(written_length(&name)).ok_or(CrossError::TooLarge)?;
    Ok(name)
}

/// What the bytes that come out count against.
enum Room<'a> {
    /// What is left of the output limit.
    Output(&'a mut usize),
    /// The heap limit of the run.
    Outside(&'a Outside, &'a mut Held),
}

struct Crossing<'a> {
    cx: Cx,
    run: &'a dyn Crossed,
    helpers: &'a Helpers,
    room: Room<'a>,
    /// The least that a value takes of it.
    each: usize,
    /// Addresses of the objects that the current one lies in.
    ancestors: Vec<usize>,
}

/// What an object is that never crosses.
fn refused_kind(from: JSValue) -> Option<&'static str> {
    // SAFETY: these only look at the object's class.
    let kinds = unsafe {
        [
            (JS_IsPromise(from), "a promise"),
            (JS_IsRegExp(from), "a regular expression"),
            (JS_IsWeakMap(from), "a WeakMap"),
            (JS_IsWeakSet(from), "a WeakSet"),
            (JS_IsWeakRef(from), "a WeakRef"),
            (JS_IsDataView(from), "a DataView"),
        ]
    };
    kinds.into_iter().find_map(|(is, what)| is.then_some(what))
}

/// Whether an object has nothing within it that crosses.
fn is_leaf(from: JSValue) -> bool {
    // SAFETY: these only look at the object's class.
    unsafe { JS_IsDate(from) || JS_GetTypedArrayType(from) >= 0 || JS_IsArrayBuffer(from) }
}

impl Crossing<'_> {
    fn take(&mut self, bytes: usize) -> Result<(), CrossError> {
        match &mut self.room {
            Room::Output(room) => {
                **room = room.checked_sub(bytes).ok_or(CrossError::TooLarge)?;
                Ok(())
            }
            Room::Outside(outside, held) => match outside.hold_more(held, bytes) {
                true => Ok(()),
                false => Err(CrossError::TooLarge),
            },
        }
    }

    /// Takes what `text` takes where it will be: as JSON, or in memory.
    fn take_text(&mut self, text: &str) -> Result<(), CrossError> {
        match self.room {
            Room::Output(_) => self.take(written_length(text)),
            Room::Outside(..) => self.take(text.len()),
        }
    }

    /// Takes what JSON has a tag for.
    fn take_tag(&mut self) -> Result<(), CrossError> {
        match self.room {
            Room::Output(_) => self.take(TAG_BYTES),
            Room::Outside(..) => Ok(()),
        }
    }

    /// Bytes that may still come out.
    fn left(&self) -> usize {
        match &self.room {
            Room::Output(room) => **room,
            Room::Outside(outside, _) => outside.room(),
        }
    }

    fn value(&mut self, from: JSValue) -> Result<Value, CrossError> {
        self.take(self.each)?;
        match tag(from) {
            JS_TAG_UNDEFINED => self.take_tag().map(|()| Value::Undefined),
            JS_TAG_NULL => Ok(Value::Null),
            // SAFETY: the tag says which member of the union is meant.
            JS_TAG_BOOL => Ok(Value::Bool(unsafe { from.u.int32 } != 0)),
            // SAFETY: as above.
            JS_TAG_INT => Ok(Value::Number(f64::from(unsafe { from.u.int32 }))),
            // SAFETY: as above.
            JS_TAG_FLOAT64 => self.number(unsafe { from.u.float64 }),
            JS_TAG_STRING | JS_TAG_STRING_ROPE => self.string(from).map(Value::String),
            JS_TAG_SHORT_BIG_INT | JS_TAG_BIG_INT => self.bigint(from),
            JS_TAG_SYMBOL => Err(CrossError::refused("a symbol")),
            JS_TAG_OBJECT => self.object(from),
            _ => Err(CrossError::refused("an engine-internal value")),
        }
    }

    fn number(&mut self, number: f64) -> Result<Value, CrossError> {
        if json::is_tagged(number) {
            self.take_tag()?;
        }
        Ok(Value::Number(number))
    }

    fn string(&mut self, from: JSValue) -> Result<String, CrossError> {
        let room = self.left();
        let short = self.cx.with_short_ascii(from, |text| {
            if text.len() > room { Err(CrossError::TooLarge) } else { Ok(text.to_owned()) }
        });
        if let Some(text) = short {
            let text = text?;
            self.take_text(&text)?;
            return Ok(text);
        }
        let text = self.cx.with_string_bytes(from, |bytes| {
            if bytes.len() > room {
                return Err(CrossError::TooLarge);
            }
            match std::str::from_utf8(bytes) {
                Ok(text) => Ok(text.to_owned()),
                Err(_) => {
                    Err(CrossError::refused("a string with a lone surrogate (use toWellFormed())"))
                }
            }
        })??;
        self.take_text(&text)?;
        Ok(text)
    }

    fn bigint(&mut self, from: JSValue) -> Result<Value, CrossError> {
        self.take_tag()?;
        let hex = self.cx.call(self.helpers.bigint_hex, JS_UNDEFINED, &mut [from])?;
        let text = self.string(hex)?;
        self.cx.free(hex);
        // Writing decimal digits takes time that grows with the square of their number and that
        // nothing interrupts: those that have no room anyway are not written.
        let more =
            text.trim_start_matches('-').len().saturating_sub(1) * (DECIMAL_MILLIONTHS - 1_000_000);
        if more / 1_000_000 > self.left() {
            return Err(CrossError::TooLarge);
        }
        let takes_long = text.len() > LONG_DIGITS;
        if takes_long {
            self.run.still_on(self.cx)?;
        }
        let number = num_bigint::BigInt::parse_bytes(text.as_bytes(), 16)
            .map(BigInt::from)
            .ok_or(CrossError::refused("an unreadable BigInt"))?;
        // The decimal digits come out, and there are more of them than hexadecimal ones.
        self.take(number.as_str().len().saturating_sub(text.len()))?;
        if takes_long {
            self.run.still_on(self.cx)?;
        }
        Ok(Value::BigInt(number))
    }

    fn object(&mut self, from: JSValue) -> Result<Value, CrossError> {
        // SAFETY: the tag says that the union is a pointer; it is compared, not followed.
        let address = unsafe { from.u.ptr } as usize;
        if self.ancestors.contains(&address) {
            return Err(CrossError::refused("a cycle"));
        }
        if self.ancestors.len() >= MAX_DEPTH && !is_leaf(from) {
            return Err(CrossError::refused("nesting deeper than 256 levels"));
        }
        check_stack(self.cx)?;
        self.ancestors.push(address);
        let crossed = self.object_by_kind(from);
        self.ancestors.pop();
        crossed
    }

    // It is part of the recursion into values, so what needs room on the stack is in functions of its own.
    fn object_by_kind(&mut self, from: JSValue) -> Result<Value, CrossError> {
        // SAFETY: the call only looks at the object's class.
        if unsafe { sandtide_is_plain(from) } {
            return match self.listed(from) {
                Some(crossed) => crossed,
                None => self.plain(from),
            };
        }
        if self.cx.is_function(from) {
            return Err(CrossError::refused("a function"));
        }
        // SAFETY: these only look at the object's class.
        unsafe {
            if JS_IsArray(from) {
                return self.array(from).map(Value::Array);
            }
            if JS_IsMap(from) {
                return self.map(from);
            }
            if JS_IsSet(from) {
                return self.set(from);
            }
            if JS_IsDate(from) {
                return self.date(from);
            }
            if JS_GetTypedArrayType(from) >= 0 || JS_IsArrayBuffer(from) {
                return self.bytes(from);
            }
            if let Some(what) = refused_kind(from) {
                return Err(CrossError::refused(what));
            }
            if JS_IsError(from) {
                return self.error(from);
            }
        }
        self.plain(from)
    }

    fn date(&mut self, from: JSValue) -> Result<Value, CrossError> {
        self.take_tag()?;
        let ms = self.cx.call(self.helpers.date_ms, JS_UNDEFINED, &mut [from])?;
        Ok(Value::Date(self.cx.to_number(ms)?))
    }

    fn map(&mut self, from: JSValue) -> Result<Value, CrossError> {
        self.take_tag()?;
        let entries = self.collected(self.helpers.map_entries, from, map_step)?;
        let mut pairs = Vec::with_capacity(entries.len() / 2);
        let mut entries = entries.into_iter();
        while let (Some(key), Some(item)) = (entries.next(), entries.next()) {
            pairs.push((key, item));
        }
        Ok(Value::Map(pairs))
    }

    fn set(&mut self, from: JSValue) -> Result<Value, CrossError> {
        self.take_tag()?;
        let step = |index| format!("<item {index}>");
        self.collected(self.helpers.set_items, from, step).map(Value::Set)
    }

    fn bytes(&mut self, from: JSValue) -> Result<Value, CrossError> {
        self.take_tag()?;
        let Some(bytes) = self.cx.bytes(from, self.helpers.typed_length)? else {
            return Err(CrossError::refused("a typed array other than Uint8Array, or detached"));
        };
        let len = bytes.len();
        if len > self.left() {
            return Err(CrossError::TooLarge);
        }
        let copy = bytes.to_vec();
        self.take(len)?;
        // SAFETY: the call only looks at the object's class.
        let buffer = unsafe { JS_IsArrayBuffer(from) };
        Ok(if buffer { Value::ArrayBuffer(copy) } else { Value::Bytes(copy) })
    }

    fn array(&mut self, from: JSValue) -> Result<Vec<Value>, CrossError> {
        let length = self.cx.length(from)?;
        // Each element takes some room: a sparse giant ends here and not in the loop.
        if length > self.left() / self.each {
            return Err(CrossError::TooLarge);
        }
        let mut items = Vec::with_capacity(length.min(1 << 12));
        for index in 0..length {
            let item = self.cx.get_index(from, index)?;
            let crossed = self.value(item).map_err(|e| e.within(|| format!("[{index}]")))?;
            self.cx.free(item);
            items.push(crossed);
        }
        Ok(items)
    }

    /// What a helper collects from a collection into an array.
    fn collected(
        &mut self,
        helper: JSValue,
        from: JSValue,
        step: impl Fn(usize) -> String,
    ) -> Result<Vec<Value>, CrossError> {
        let flat = self.cx.call(helper, JS_UNDEFINED, &mut [from])?;
        let length = self.cx.length(flat)?;
        let mut items = Vec::new();
        for index in 0..length {
            let item = self.cx.get_index(flat, index)?;
            items.push(self.value(item).map_err(|e| e.within(|| step(index)))?);
            self.cx.free(item);
        }
        self.cx.free(flat);
        Ok(items)
    }

    /// An object of a few values that hold no others: most records are, and they are looked at in one call.
    #[inline(never)]
    fn listed(&mut self, from: JSValue) -> Option<Result<Value, CrossError>> {
        let cx = self.cx;
        let copied = |listed: &mut dyn Iterator<Item = (&str, JSValue)>| {
            let mut entries = Vec::with_capacity(listed.size_hint().0);
            for (name, item) in listed {
                self.take_text(name)?;
                if name == json::TAG {
                    self.take_tag()?;
                }
                let crossed = self.value(item).map_err(|e| e.within(|| property_step(name)))?;
                entries.push((name.to_owned(), crossed));
            }
            Ok(Value::Object(entries))
        };
        // SAFETY: these values are no objects and no BigInts, so that bringing them out calls nothing of the
        // guest's, and writes to no object.
        unsafe { cx.with_entries(from, copied) }
    }

    fn plain(&mut self, from: JSValue) -> Result<Value, CrossError> {
        let mut entries = Vec::new();
        let cx = self.cx;
        cx.own_keys(from, |atom| {
            let key = cx.atom_to_string(atom)?;
            let name = self.string(key)?;
            cx.free(key);
            if name == json::TAG {
                self.take_tag()?;
            }
            let item = cx.get_atom(from, atom)?;
            let crossed = self.value(item).map_err(|e| e.within(|| property_step(&name)))?;
            cx.free(item);
            entries.push((name, crossed));
            Ok::<(), CrossError>(())
        })?;
        Ok(Value::Object(entries))
    }

    /// An error's telling properties are not enumerable; they cross all the same.
    fn error(&mut self, from: JSValue) -> Result<Value, CrossError> {
        let mut entries = Vec::new();
        for name in ["name", "message", "stack"] {
            let item = self.cx.get(from, name)?;
            if is_string(item) {
                self.take(self.each)?;
                self.take_text(name)?;
                entries.push((name.to_owned(), Value::String(self.string(item)?)));
            }
            self.cx.free(item);
        }
        if let Value::Object(own) = self.plain(from)? {
            let new = |(name, _): &(String, Value)| !entries.iter().any(|(have, _)| have == name);
            let own: Vec<_> = own.into_iter().filter(new).collect();
            entries.extend(own);
        }
        Ok(Value::Object(entries))
    }
}

fn map_step(index: usize) -> String {
    let part = if index.is_multiple_of(2) { "key" } else { "value" };
    format!("<{part} {}>", index / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_one_would_write_it() {
        let steps = ["callback", "[3]", "items"]
            .map(|step| if step.starts_with('[') { step.to_owned() } else { property_step(step) });
        assert_eq!(full_path("input", &steps), "input.items[3].callback");
        assert_eq!(property_step("a b"), "[\"a b\"]");
        assert_eq!(property_step("0"), "[\"0\"]");
        assert_eq!(property_step("ünï$"), ".ünï$");
    }
}
