//! `internalBinding('buffer')`: encoding and decoding, comparing, searching and filling bytes.
//!
//! Bytes are `Uint8Array`s; ranges and encodings have been checked by `lib/buffer.js`.

mod codec;
mod search;

use rquickjs::{ArrayBuffer, Ctx, Exception, Function, Object, Result, String as JsString, Value};
use sandtide_bytes::{self as bytes, Range};

use codec::Encoding;

/// The number of an encoding as `lib/internal/buffer/encodings.js` has it.
fn encoding(ctx: &Ctx<'_>, number: u32) -> Result<Encoding> {
    Encoding::from_number(number)
        .ok_or_else(|| Exception::throw_type(ctx, "No encoding has this number"))
}

fn detached<T>(ctx: &Ctx<'_>, found: Option<T>) -> Result<T> {
    found.ok_or_else(|| Exception::throw_type(ctx, "The bytes are detached or cannot be changed"))
}

fn encode<'js>(ctx: Ctx<'js>, text: JsString<'js>, number: u32) -> Result<ArrayBuffer<'js>> {
    let encoding = encoding(&ctx, number)?;
    if encoding == Encoding::Utf8 {
        // Without lone surrogates the engine's own text is what is wanted.
        let copied = bytes::with_wtf8(&text, |wtf8| {
            codec::is_utf8(wtf8).then(|| ArrayBuffer::new_copy(ctx.clone(), wtf8))
        })?;
        if let Some(buffer) = copied {
            return buffer;
        }
    }
    let encoded = codec::encode(&text, encoding)?;
    bytes::array_buffer(&ctx, encoded)
}

fn byte_length_utf8(text: JsString<'_>) -> Result<usize> {
    // A lone surrogate takes three bytes, as its replacement does.
    bytes::with_wtf8(&text, <[u8]>::len)
}

fn write<'js>(
    ctx: Ctx<'js>,
    target: Value<'js>,
    text: JsString<'js>,
    start: usize,
    end: usize,
    number: u32,
) -> Result<usize> {
    let encoding = encoding(&ctx, number)?;
    let written = codec::write(&target, &text, Range { start, end }, encoding)?;
    detached(&ctx, written)
}

fn decode<'js>(
    ctx: Ctx<'js>,
    source: Value<'js>,
    start: usize,
    end: usize,
    number: u32,
) -> Result<Value<'js>> {
    let encoding = encoding(&ctx, number)?;
    let range = Range { start, end };
    if let Some(text) =
        codec::plain(encoding).and_then(|accept| bytes::string_from_part(&source, range, accept))
    {
        return text;
    }
    let decoded = bytes::with_bytes(&source, move |all| codec::decode(range.of(all), encoding));
    detached(&ctx, decoded)?.into_value(&ctx)
}

/// UTF-8 as `TextDecoder` reads it: `undefined` if it must be well-formed and is not.
fn decode_utf8<'js>(
    ctx: Ctx<'js>,
    source: Value<'js>,
    start: usize,
    end: usize,
    fatal: bool,
) -> Result<Value<'js>> {
    let range = Range { start, end };
    if let Some(text) = bytes::string_from_part(&source, range, codec::is_utf8) {
        return text;
    }
    let decoded = bytes::with_bytes(&source, move |all| {
        let part = range.of(all);
        if fatal && !codec::is_utf8(part) {
            return None;
        }
        Some(codec::decode(part, Encoding::Utf8))
    });
    match detached(&ctx, decoded)? {
        Some(text) => text.into_value(&ctx),
        None => Ok(Value::new_undefined(ctx)),
    }
}

/// How many bytes at the end of the range begin a character that is not complete yet.
fn incomplete_utf8(ctx: Ctx<'_>, source: Value<'_>, start: usize, end: usize) -> Result<usize> {
    let range = Range { start, end };
    let found = bytes::with_bytes(&source, move |all| codec::incomplete_utf8(range.of(all)));
    detached(&ctx, found)
}

fn compare(ctx: Ctx<'_>, first: Value<'_>, second: Value<'_>) -> Result<i32> {
    let order = bytes::with_two(&first, &second, |first, second| first.cmp(second) as i32);
    detached(&ctx, order)
}

fn compare_ranges(
    ctx: Ctx<'_>,
    first: Value<'_>,
    second: Value<'_>,
    first_start: usize,
    first_end: usize,
    second_start: usize,
    second_end: usize,
) -> Result<i32> {
    let first_range = Range { start: first_start, end: first_end };
    let second_range = Range { start: second_start, end: second_end };
    let order = bytes::with_two(&first, &second, move |first, second| {
        first_range.of(first).cmp(second_range.of(second)) as i32
    });
    detached(&ctx, order)
}

fn equals(ctx: Ctx<'_>, first: Value<'_>, second: Value<'_>) -> Result<bool> {
    detached(&ctx, bytes::with_two(&first, &second, |a, b| a == b))
}

/// Where `needle` is in `haystack` at or after (before, if not `forward`) `from`; -1 if nowhere.
fn index_of(
    ctx: Ctx<'_>,
    haystack: Value<'_>,
    needle: Value<'_>,
    from: f64,
    step: usize,
    forward: bool,
) -> Result<f64> {
    let found = bytes::with_two(&haystack, &needle, move |haystack, needle| {
        search::index_of(haystack, needle, from, step, forward)
    });
    Ok(detached(&ctx, found)?.map_or(-1.0, |index| index as f64))
}

/// Fills with the repeated bytes of `pattern`, which must not be empty.
fn fill<'js>(
    ctx: Ctx<'js>,
    target: Value<'js>,
    pattern: Value<'js>,
    start: usize,
    end: usize,
) -> Result<()> {
    fn write(target: &mut [u8], pattern: &[u8], range: Range) {
        for chunk in range.of_mut(target).chunks_mut(pattern.len().max(1)) {
            chunk.copy_from_slice(&pattern[..chunk.len()]);
        }
    }
    let pattern = detached(&ctx, bytes::to_vec(&pattern))?;
    if pattern.is_empty() {
        return Ok(());
    }
    let filled = bytes::with_bytes_mut(&target, pattern.as_slice(), write, Range { start, end });
    detached(&ctx, filled)
}

fn copy<'js>(
    ctx: Ctx<'js>,
    source: Value<'js>,
    target: Value<'js>,
    target_start: usize,
    start: usize,
    end: usize,
) -> Result<usize> {
    let copied = bytes::copy_between(&target, target_start, &source, Range { start, end });
    detached(&ctx, copied)
}

fn swap(ctx: Ctx<'_>, target: Value<'_>, size: usize) -> Result<()> {
    // The range carries the size of an element: nothing else reaches the writer.
    fn write(target: &mut [u8], _: &(), range: Range) {
        for element in target.chunks_exact_mut(range.end) {
            element.reverse();
        }
    }
    if size == 0 {
        return Ok(());
    }
    let range = Range { start: 0, end: size };
    detached(&ctx, bytes::with_bytes_mut(&target, &(), write, range))
}

fn is_utf8(ctx: Ctx<'_>, source: Value<'_>) -> Result<bool> {
    detached(&ctx, bytes::with_bytes(&source, codec::is_utf8))
}

fn is_ascii(ctx: Ctx<'_>, source: Value<'_>) -> Result<bool> {
    detached(&ctx, bytes::with_bytes(&source, <[u8]>::is_ascii))
}

/// Encodes as much UTF-8 as there is room for; gives the UTF-16 units read and the bytes written.
fn encode_into<'js>(
    ctx: Ctx<'js>,
    text: JsString<'js>,
    target: Value<'js>,
) -> Result<(usize, usize)> {
    let room = detached(&ctx, bytes::len(&target))?;
    let text = codec::encode(&text, Encoding::Utf8)?;
    let written = codec::whole_characters(&text, room);
    let read = codec::utf16_length(&text[..written]);
    detached(&ctx, bytes::copy_in(&target, 0, &text[..written]))?;
    Ok((read, written))
}

fn encode_into_array<'js>(
    ctx: Ctx<'js>,
    text: JsString<'js>,
    target: Value<'js>,
) -> Result<rquickjs::Array<'js>> {
    let (read, written) = encode_into(ctx.clone(), text, target)?;
    let result = rquickjs::Array::new(ctx)?;
    result.set(0, read)?;
    result.set(1, written)?;
    Ok(result)
}

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    macro_rules! export {
        ($($name:literal: $function:expr),* $(,)?) => {
            $(binding.set($name, Function::new(ctx.clone(), $function)?.with_name($name)?)?;)*
        };
    }
    export! {
        "encode": encode,
        "byteLengthUtf8": byte_length_utf8,
        "write": write,
        "decode": decode,
        "decodeUtf8": decode_utf8,
        "incompleteUtf8": incomplete_utf8,
        "compare": compare,
        "compareRanges": compare_ranges,
        "equals": equals,
        "indexOf": index_of,
        "fill": fill,
        "copy": copy,
        "swap": swap,
        "isUtf8": is_utf8,
        "isAscii": is_ascii,
        "encodeInto": encode_into_array,
    }
    Ok(binding)
}
