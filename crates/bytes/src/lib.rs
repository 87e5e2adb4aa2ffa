//! The bytes of JavaScript buffers and the code units of JavaScript strings, through a safe interface.
//!
//! `rquickjs` gives bytes only by unsafe functions, because JavaScript that runs while a slice is
//! alive can detach or resize what the slice points to. Here a slice is only seen by a closure that
//! is `'static`: it cannot hold a `Ctx<'js>`, and so cannot run JavaScript.
//!
//! Knows nothing of Node: what the bytes mean is up to the caller.

use std::{ptr, slice};

// The engine that `rquickjs` runs on.
use sandtide_quickjs as _;

use rquickjs::{ArrayBuffer, Ctx, Error, Result, String as JsString, Value, qjs};

/// Where the bytes of a view or a buffer lie at this moment.
struct Region {
    start: *mut u8,
    len: usize,
    immutable: bool,
}

/// The region of a typed array, an `ArrayBuffer` or a `SharedArrayBuffer`; none for other values,
/// and for detached or shrunk ones.
fn region(value: &Value<'_>) -> Option<Region> {
    let ctx = value.ctx().as_raw().as_ptr();
    let raw = value.as_raw();
    if !value.is_object() {
        return None;
    }
    // SAFETY: `ctx` is the live context of `value`, and `raw` is a live value that `value` owns.
    unsafe {
        if qjs::JS_IsArrayBuffer(raw) {
            return buffer_region(ctx, raw, 0, None);
        }
        if qjs::JS_GetTypedArrayType(raw) < 0 {
            return None;
        }
        let (mut offset, mut len) = (0, 0);
        let buffer = qjs::JS_GetTypedArrayBuffer(ctx, raw, &mut offset, &mut len, ptr::null_mut());
        if qjs::JS_IsException(buffer) {
            discard_exception(ctx);
            return None;
        }
        let found = buffer_region(ctx, buffer, offset as usize, Some(len as usize));
        // The view, which the caller holds, holds the buffer.
        qjs::JS_FreeValue(ctx, buffer);
        found
    }
}

/// # Safety
/// `ctx` must be live and `buffer` a live `ArrayBuffer` of its runtime.
unsafe fn buffer_region(
    ctx: *mut qjs::JSContext,
    buffer: qjs::JSValue,
    offset: usize,
    len: Option<usize>,
) -> Option<Region> {
    let mut size = 0;
    // SAFETY: by the function's own contract.
    let start = unsafe { qjs::JS_GetArrayBuffer(ctx, &mut size, buffer) };
    let size = size as usize;
    let len = len.unwrap_or(size);
    if start.is_null() {
        // A detached buffer throws; an empty one may have no memory.
        // SAFETY: as above.
        let detached = unsafe { qjs::JS_HasException(ctx) };
        // SAFETY: as above.
        unsafe { discard_exception(ctx) };
        return (!detached && len == 0).then(|| Region {
            start: ptr::NonNull::dangling().as_ptr(),
            len: 0,
            immutable: false,
        });
    }
    if offset.checked_add(len)? > size {
        return None;
    }
    Some(Region {
        // SAFETY: `offset <= size`, inside of one allocation.
        start: unsafe { start.add(offset) },
        len,
        // SAFETY: as above.
        immutable: unsafe { qjs::JS_IsImmutableArrayBuffer(buffer) } > 0,
    })
}

/// # Safety
/// `ctx` must be live.
unsafe fn discard_exception(ctx: *mut qjs::JSContext) {
    // SAFETY: by the function's own contract; the exception is ours once taken.
    unsafe {
        if qjs::JS_HasException(ctx) {
            let exception = qjs::JS_GetException(ctx);
            qjs::JS_FreeValue(ctx, exception);
        }
    }
}

/// Calls `read` with the bytes of a typed array or buffer. `None` if `value` is neither, or is detached.
pub fn with_bytes<R>(value: &Value<'_>, read: impl FnOnce(&[u8]) -> R + 'static) -> Option<R> {
    let region = region(value)?;
    // SAFETY: the region is live and initialised; `read` cannot run JavaScript (see the module's text),
    // so nothing moves, frees or writes it meanwhile.
    Some(read(unsafe { slice::from_raw_parts(region.start, region.len) }))
}

/// Calls `read` with the bytes of two values. They may overlap.
pub fn with_two<R>(
    first: &Value<'_>,
    second: &Value<'_>,
    read: impl FnOnce(&[u8], &[u8]) -> R + 'static,
) -> Option<R> {
    let (first, second) = (region(first)?, region(second)?);
    // SAFETY: as in `with_bytes`; shared slices may overlap.
    Some(unsafe {
        read(
            slice::from_raw_parts(first.start, first.len),
            slice::from_raw_parts(second.start, second.len),
        )
    })
}

/// Calls `write` with the bytes of a typed array or buffer, to change them, and with `source`.
/// `None` if `value` is neither, is detached, or cannot be changed.
pub fn with_bytes_mut<S: Plain + ?Sized, R>(
    value: &Value<'_>,
    source: &S,
    write: fn(&mut [u8], &S, Range) -> R,
    range: Range,
) -> Option<R> {
    let region = region(value).filter(|region| !region.immutable)?;
    // SAFETY: the region is live and initialised. `write` is a plain function that is given nothing of
    // the engine's, so it cannot run JavaScript. `source` is Rust's own memory or a copy, never the region.
    Some(write(unsafe { slice::from_raw_parts_mut(region.start, region.len) }, source, range))
}

/// A part of a buffer, checked by who uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first byte.
    pub start: usize,
    /// The byte past the last.
    pub end: usize,
}

impl Range {
    /// The part of `bytes` that lies in this range; empty if the range lies outside.
    pub fn of<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let end = self.end.min(bytes.len());
        bytes.get(self.start..end).unwrap_or_default()
    }

    /// The same, to change it.
    pub fn of_mut<'a>(&self, bytes: &'a mut [u8]) -> &'a mut [u8] {
        let end = self.end.min(bytes.len());
        bytes.get_mut(self.start..end).unwrap_or_default()
    }
}

/// What may be handed to a writer: data without a way into the engine.
pub trait Plain: private::Sealed {}
impl Plain for [u8] {}
impl Plain for str {}
impl Plain for [u16] {}
impl Plain for () {}

mod private {
    pub trait Sealed {}
    impl Sealed for [u8] {}
    impl Sealed for str {}
    impl Sealed for [u16] {}
    impl Sealed for () {}
}

/// A copy of the bytes of a typed array or buffer.
pub fn to_vec(value: &Value<'_>) -> Option<Vec<u8>> {
    with_bytes(value, <[u8]>::to_vec)
}

/// The number of bytes of a typed array or buffer.
pub fn len(value: &Value<'_>) -> Option<usize> {
    region(value).map(|region| region.len)
}

/// Writes `source` at `offset`, as much as there is room for; tells how much that was.
pub fn copy_in(value: &Value<'_>, offset: usize, source: &[u8]) -> Option<usize> {
    fn write(target: &mut [u8], source: &[u8], range: Range) -> usize {
        let target = range.of_mut(target);
        let len = source.len().min(target.len());
        target[..len].copy_from_slice(&source[..len]);
        len
    }
    let range = Range { start: offset, end: usize::MAX };
    with_bytes_mut(value, source, write, range)
}

/// Copies bytes from one value to another, which may share memory; as many as both have room for.
pub fn copy_between(
    target: &Value<'_>,
    target_start: usize,
    source: &Value<'_>,
    source_range: Range,
) -> Option<usize> {
    let target = region(target).filter(|region| !region.immutable)?;
    let source = region(source)?;
    let room = target.len.saturating_sub(target_start);
    let len = source_range.end.min(source.len).saturating_sub(source_range.start).min(room);
    if len > 0 {
        // SAFETY: both ranges were just cut to their regions, which are live; `copy` allows overlap.
        unsafe {
            ptr::copy(source.start.add(source_range.start), target.start.add(target_start), len);
        }
    }
    Some(len)
}

/// Calls `read` with the string in UTF-8, except that lone surrogates are there as three bytes each.
pub fn with_wtf8<R>(string: &JsString<'_>, read: impl FnOnce(&[u8]) -> R) -> Result<R> {
    let ctx = string.ctx().as_raw().as_ptr();
    let mut len = 0;
    // SAFETY: the context and the string are live; the text is freed below, and is not changed meanwhile:
    // JavaScript's strings are immutable.
    unsafe {
        let text = qjs::JS_ToCStringLen(ctx, &mut len, string.as_raw());
        if text.is_null() {
            return Err(Error::Exception);
        }
        let guard = CText { ctx, text };
        let result = read(slice::from_raw_parts(text.cast(), len));
        drop(guard);
        Ok(result)
    }
}

struct CText {
    ctx: *mut qjs::JSContext,
    text: *const std::ffi::c_char,
}

impl Drop for CText {
    fn drop(&mut self) {
        // SAFETY: the text came from `JS_ToCStringLen` of this context and is freed once.
        unsafe { qjs::JS_FreeCString(self.ctx, self.text) }
    }
}

/// Calls `read` with the string's UTF-16 code units.
pub fn with_utf16<R>(string: &JsString<'_>, read: impl FnOnce(&[u16]) -> R) -> Result<R> {
    let ctx = string.ctx().as_raw().as_ptr();
    let mut len = 0;
    // SAFETY: as in `with_wtf8`.
    unsafe {
        let text = qjs::JS_ToCStringLenUTF16(ctx, &mut len, string.as_raw());
        if text.is_null() {
            return Err(Error::Exception);
        }
        let guard = WideText { ctx, text };
        let result = read(slice::from_raw_parts(text, len as usize));
        drop(guard);
        Ok(result)
    }
}

struct WideText {
    ctx: *mut qjs::JSContext,
    text: *const u16,
}

impl Drop for WideText {
    fn drop(&mut self) {
        // SAFETY: the text came from `JS_ToCStringLenUTF16` of this context and is freed once.
        unsafe { qjs::JS_FreeCStringUTF16(self.ctx, self.text) }
    }
}

/// A JavaScript string of these code units, lone surrogates included.
pub fn string_from_utf16<'js>(ctx: &Ctx<'js>, units: &[u16]) -> Result<Value<'js>> {
    // SAFETY: the context is live, and the units are copied.
    unsafe {
        let value = qjs::JS_NewStringUTF16(ctx.as_raw().as_ptr(), units.as_ptr(), units.len() as _);
        if qjs::JS_IsException(value) {
            return Err(Error::Exception);
        }
        Ok(Value::from_raw(ctx.clone(), value))
    }
}

/// The string that the bytes of a part of a typed array or buffer are in UTF-8, made without a copy in
/// between. `None` if the value has no bytes, or `accept` does not take them.
pub fn string_from_part<'js>(
    value: &Value<'js>,
    range: Range,
    accept: fn(&[u8]) -> bool,
) -> Option<Result<Value<'js>>> {
    let region = region(value)?;
    // SAFETY: as in `with_bytes`: a plain function that is given only bytes cannot run JavaScript.
    let part = range.of(unsafe { slice::from_raw_parts(region.start, region.len) });
    if !accept(part) {
        return None;
    }
    let ctx = value.ctx();
    // SAFETY: making a string runs no JavaScript, and `value` keeps the bytes where they are.
    Some(unsafe {
        let string =
            qjs::JS_NewStringLen(ctx.as_raw().as_ptr(), part.as_ptr().cast(), part.len() as _);
        if qjs::JS_IsException(string) {
            Err(Error::Exception)
        } else {
            Ok(Value::from_raw(ctx.clone(), string))
        }
    })
}

/// A new `ArrayBuffer` that takes over these bytes.
pub fn array_buffer<'js>(ctx: &Ctx<'js>, bytes: Vec<u8>) -> Result<ArrayBuffer<'js>> {
    // The engine makes less work of its own memory than of a foreign allocation with a callback.
    if bytes.len() <= 4096 {
        ArrayBuffer::new_copy(ctx.clone(), bytes)
    } else {
        ArrayBuffer::new(ctx.clone(), bytes)
    }
}

#[cfg(test)]
mod tests {
    use rquickjs::{Context, Runtime};

    use super::*;

    fn run(test: impl FnOnce(Ctx<'_>)) {
        let runtime = Runtime::new().expect("a runtime");
        let context = Context::full(&runtime).expect("a context");
        context.with(test);
    }

    fn eval<'js>(ctx: &Ctx<'js>, source: &str) -> Value<'js> {
        ctx.eval(source).expect("a value")
    }

    #[test]
    fn views_and_buffers_have_bytes() {
        run(|ctx| {
            let view = eval(&ctx, "new Uint16Array([1, 2, 3]).subarray(1)");
            assert_eq!(to_vec(&view), Some(vec![2, 0, 3, 0]));
            assert_eq!(len(&eval(&ctx, "new ArrayBuffer(0)")), Some(0));
            assert_eq!(len(&eval(&ctx, "({ length: 3 })")), None);
            assert_eq!(len(&eval(&ctx, "'text'")), None);
        });
    }

    #[test]
    fn detached_and_immutable_buffers_are_refused() {
        run(|ctx| {
            let detached = eval(&ctx, "globalThis.b = new Uint8Array(4); b.buffer.transfer(); b");
            assert_eq!(len(&detached).unwrap_or(0), 0);
            assert_eq!(copy_in(&detached, 0, b"x").unwrap_or(0), 0);
            let source = eval(&ctx, "new ArrayBuffer(2)");
            assert_eq!(copy_in(&source, 1, b"xyz"), Some(1));
            assert_eq!(to_vec(&source), Some(vec![0, b'x']));
        });
    }

    #[test]
    fn copies_may_overlap() {
        run(|ctx| {
            let view = eval(&ctx, "new Uint8Array([1, 2, 3, 4])");
            let all = Range { start: 0, end: usize::MAX };
            assert_eq!(copy_between(&view, 1, &view, all), Some(3));
            assert_eq!(to_vec(&view), Some(vec![1, 1, 2, 3]));
            assert_eq!(copy_between(&view, 9, &view, all), Some(0));
        });
    }

    #[test]
    fn lone_surrogates_survive() {
        run(|ctx| {
            let text = string_from_utf16(&ctx, &[0x61, 0xd800]).expect("a string");
            let text = text.into_string().expect("a string");
            let units = with_utf16(&text, <[u16]>::to_vec).expect("units");
            assert_eq!(units, [0x61, 0xd800]);
            let bytes = with_wtf8(&text, <[u8]>::to_vec).expect("bytes");
            assert_eq!(bytes, [0x61, 0xed, 0xa0, 0x80]);
        });
    }
}
