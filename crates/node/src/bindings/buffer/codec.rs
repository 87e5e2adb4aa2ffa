//! The encodings of `Buffer`: how text becomes bytes and bytes become text.
//!
//! Decoding is as lenient as Node's: what is not well-formed is replaced, skipped, or ends the text.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rquickjs::{Ctx, IntoJs, Result, String as JsString, Value};
use sandtide_bytes::{self as bytes, Range};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Latin1,
    Ascii,
    Base64,
    Base64Url,
    Hex,
}

impl Encoding {
    pub(super) fn from_number(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Utf8,
            1 => Self::Utf16Le,
            2 => Self::Latin1,
            3 => Self::Ascii,
            4 => Self::Base64,
            5 => Self::Base64Url,
            6 => Self::Hex,
            _ => return None,
        })
    }
}

/// Decoded text, before it is a JavaScript string.
pub(super) enum Text {
    Utf8(String),
    Utf16(Vec<u16>),
}

impl Text {
    pub(super) fn into_value<'js>(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        match self {
            Self::Utf8(text) => text.into_js(ctx),
            Self::Utf16(units) => bytes::string_from_utf16(ctx, &units),
        }
    }
}

pub(super) fn is_utf8(source: &[u8]) -> bool {
    simdutf8::basic::from_utf8(source).is_ok()
}

/// Which bytes are, in this encoding, the text that they are in UTF-8; if there are any.
pub(super) fn plain(encoding: Encoding) -> Option<fn(&[u8]) -> bool> {
    match encoding {
        Encoding::Utf8 => Some(is_utf8),
        Encoding::Latin1 | Encoding::Ascii => Some(<[u8]>::is_ascii),
        _ => None,
    }
}

pub(super) fn decode(source: &[u8], encoding: Encoding) -> Text {
    match encoding {
        Encoding::Utf8 => Text::Utf8(match simdutf8::basic::from_utf8(source) {
            Ok(text) => text.to_owned(),
            Err(_) => String::from_utf8_lossy(source).into_owned(),
        }),
        Encoding::Utf16Le => {
            let units: Vec<u16> =
                source.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            Text::Utf16(units)
        }
        Encoding::Latin1 => Text::Utf8(match ascii(source) {
            Some(text) => text.to_owned(),
            None => source.iter().map(|&byte| char::from(byte)).collect(),
        }),
        Encoding::Ascii => Text::Utf8(match ascii(source) {
            Some(text) => text.to_owned(),
            None => source.iter().map(|&byte| char::from(byte & 0x7f)).collect(),
        }),
        Encoding::Base64 => Text::Utf8(STANDARD.encode(source)),
        Encoding::Base64Url => Text::Utf8(URL_SAFE_NO_PAD.encode(source)),
        Encoding::Hex => {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            let mut text = String::with_capacity(source.len() * 2);
            for &byte in source {
                text.push(char::from(DIGITS[usize::from(byte >> 4)]));
                text.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
            Text::Utf8(text)
        }
    }
}

fn ascii(source: &[u8]) -> Option<&str> {
    if source.is_ascii() { std::str::from_utf8(source).ok() } else { None }
}

pub(super) fn encode(text: &JsString<'_>, encoding: Encoding) -> Result<Vec<u8>> {
    match encoding {
        Encoding::Utf8 => bytes::with_wtf8(text, |wtf8| {
            let mut encoded = wtf8.to_vec();
            replace_surrogates(&mut encoded);
            encoded
        }),
        Encoding::Utf16Le => bytes::with_utf16(text, |units| {
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect()
        }),
        Encoding::Latin1 | Encoding::Ascii => {
            if let Some(plain) = bytes::with_wtf8(text, |wtf8| ascii(wtf8).map(str::to_owned))? {
                return Ok(plain.into_bytes());
            }
            // Only the low half of each unit remains.
            bytes::with_utf16(text, |units| {
                units.iter().map(|unit| unit.to_le_bytes()[0]).collect()
            })
        }
        Encoding::Base64 | Encoding::Base64Url => bytes::with_wtf8(text, decode_base64),
        Encoding::Hex => bytes::with_wtf8(text, decode_hex),
    }
}

/// Writes the text into the range, whole characters only. `None` if the target cannot be written.
pub(super) fn write(
    target: &Value<'_>,
    text: &JsString<'_>,
    range: Range,
    encoding: Encoding,
) -> Result<Option<usize>> {
    let room = range.end.saturating_sub(range.start);
    if encoding == Encoding::Utf8 {
        let written = bytes::with_wtf8(text, |wtf8| {
            let len = whole_characters(wtf8, room);
            is_utf8(wtf8).then(|| bytes::copy_in(target, range.start, &wtf8[..len]))
        })?;
        if let Some(written) = written {
            return Ok(written);
        }
    }
    let encoded = encode(text, encoding)?;
    let len = match encoding {
        Encoding::Utf8 => whole_characters(&encoded, room),
        Encoding::Utf16Le => encoded.len().min(room & !1),
        _ => encoded.len().min(room),
    };
    Ok(bytes::copy_in(target, range.start, &encoded[..len]))
}

/// Replaces each lone surrogate, which takes three bytes, by U+FFFD, which does too.
fn replace_surrogates(wtf8: &mut [u8]) {
    if is_utf8(wtf8) {
        return;
    }
    let mut index = 0;
    while index + 2 < wtf8.len() {
        if wtf8[index] == 0xed && wtf8[index + 1] >= 0xa0 {
            wtf8[index..index + 3].copy_from_slice("\u{fffd}".as_bytes());
            index += 3;
        } else {
            index += 1;
        }
    }
}

/// The longest start of well-formed UTF-8 that takes no more than `room` and ends between characters.
pub(super) fn whole_characters(utf8: &[u8], room: usize) -> usize {
    if utf8.len() <= room {
        return utf8.len();
    }
    let mut end = room;
    while end > 0 && utf8[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    end
}

/// The UTF-16 units of well-formed UTF-8.
pub(super) fn utf16_length(utf8: &[u8]) -> usize {
    utf8.iter().map(|&byte| usize::from(byte & 0xc0 != 0x80) + usize::from(byte >= 0xf0)).sum()
}

/// The length of what, at the end, could become a character by what follows.
pub(super) fn incomplete_utf8(source: &[u8]) -> usize {
    for back in 1..=source.len().min(3) {
        let at = source.len() - back;
        let lead = source[at];
        if lead & 0xc0 == 0x80 {
            continue;
        }
        // The error tells whether the end came too soon or the bytes are wrong.
        return match std::str::from_utf8(&source[at..]) {
            Err(error) if error.error_len().is_none() => back,
            _ => 0,
        };
    }
    0
}

const NOT_BASE64: u8 = 0xff;

/// The values of both alphabets.
const BASE64_VALUES: [u8; 256] = {
    let mut values = [NOT_BASE64; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut index = 0;
    while index < 64 {
        values[alphabet[index] as usize] = index as u8;
        index += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// Base64 of either alphabet: other characters are skipped, and the first '=' ends it.
fn decode_base64(text: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut rest = text;
    while let [a, b, c, d, tail @ ..] = rest {
        let values = [a, b, c, d].map(|&byte| BASE64_VALUES[usize::from(byte)]);
        if values.iter().fold(0, |all, value| all | value) == NOT_BASE64 {
            break;
        }
        let bits = values.iter().fold(0_u32, |bits, &value| bits << 6 | u32::from(value));
        decoded.extend_from_slice(&bits.to_be_bytes()[1..]);
        rest = tail;
    }
    let (mut bits, mut count) = (0_u32, 0);
    for &byte in rest {
        if byte == b'=' {
            break;
        }
        let value = BASE64_VALUES[usize::from(byte)];
        if value == NOT_BASE64 {
            continue;
        }
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count).to_le_bytes()[0]);
        }
    }
    decoded
}

/// Pairs of hexadecimal digits, up to the first that is none.
fn decode_hex(text: &[u8]) -> Vec<u8> {
    fn digit(byte: u8) -> Option<u8> {
        char::from(byte).to_digit(16).map(|digit| digit as u8)
    }
    text.chunks_exact(2).map_while(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_lenient() {
        assert_eq!(decode_base64(b"YWJj=ZGVm"), b"abc");
        assert_eq!(decode_base64(b"YW Jj\nZG-_Vm"), b"abcdo\xbfV");
        assert_eq!(decode_base64(b"Y"), b"");
        assert_eq!(decode_base64(b"YWJ"), b"ab");
    }

    #[test]
    fn hex_ends_at_the_first_other_character() {
        assert_eq!(decode_hex(b"abcz12"), [0xab]);
    }

    #[test]
    fn characters_are_not_cut() {
        assert_eq!(whole_characters("a€".as_bytes(), 3), 1);
        assert_eq!(incomplete_utf8(&[b'a', 0xe2, 0x82]), 2);
        assert_eq!(incomplete_utf8(&[b'a', 0xff]), 0);
        assert_eq!(incomplete_utf8(&[0xf0, 0x9f, 0x98, 0x80]), 0);
        assert_eq!(utf16_length("a€😀".as_bytes()), 4);
    }
}
