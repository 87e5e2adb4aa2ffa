//! The natives of `TextEncoder` and `TextDecoder`, on the crate `encoding_rs`.
//!
//! Nothing is kept between calls: what a stream of bytes leaves undecided at the end of a piece (an
//! incomplete sequence, and where the encoding has modes the mode) is given back as bytes, which the
//! script puts in front of the next piece.

use crate::{Answer, Arg, Fault, Native, bytes, number, text};
use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};

pub(crate) const NATIVES: &[(&str, Native)] =
    &[("nameOf", name_of), ("encode", encode), ("encodeInto", encode_into), ("decode", decode)];

/// What other modules need of it.
pub(crate) const TEXT_NATIVES: &[(&str, Native)] = &[("encode", encode), ("decode", decode_utf8)];

pub(crate) const BASE64_NATIVES: &[(&str, Native)] = &[("toBase64", to_base64)];

/// `toBase64(bytes)`: with padding.
fn to_base64(args: &[Arg]) -> Result<Answer, Fault> {
    Ok(Answer::Text(BASE64.encode(bytes(args, 0))))
}

/// `decode(bytes)`: UTF-8 as text, without its mark.
fn decode_utf8(args: &[Arg]) -> Result<Answer, Fault> {
    Ok(Answer::Text(UTF_8.decode_with_bom_removal(bytes(args, 0)).0.into_owned()))
}

/// `nameOf(label)`: the encoding's name in lower case; nothing where no encoding has that label.
fn name_of(args: &[Arg]) -> Result<Answer, Fault> {
    let found = Encoding::for_label_no_replacement(text(args, 0).as_bytes());
    Ok(found.map_or(Answer::Nothing, |found| Answer::Text(found.name().to_ascii_lowercase())))
}

/// `encode(text)`: its UTF-8.
fn encode(args: &[Arg]) -> Result<Answer, Fault> {
    Ok(Answer::Bytes(text(args, 0).as_bytes().to_vec()))
}

/// `encodeInto(text, room)`: how many code units fit into so many bytes, and the bytes.
fn encode_into(args: &[Arg]) -> Result<Answer, Fault> {
    let text = text(args, 0);
    let end = text.floor_char_boundary(number(args, 1) as usize);
    let read = text[..end].encode_utf16().count();
    Ok(Answer::List(vec![
        Answer::Number(read as f64),
        Answer::Bytes(text.as_bytes()[..end].to_vec()),
    ]))
}

/// `decode(name, bytes, fatal, more, mode)`: the text and, where `more` is to come, what is undecided and
/// the mode to go on in.
fn decode(args: &[Arg]) -> Result<Answer, Fault> {
    let Some(encoding) = Encoding::for_label_no_replacement(text(args, 0).as_bytes()) else {
        return Err(Fault::Range("no such encoding".to_owned()));
    };
    let mode_before = bytes(args, 4);
    let bytes = bytes(args, 1);
    // A mode that is left at once says nothing, and two escape sequences in turn would be an error.
    let prefix = if escape_at(bytes, 0).is_some() { &[] } else { mode_before };
    let given = bytes.len();
    let bytes = &*[prefix, bytes].concat();
    let (fatal, more) =
        (args.get(2) == Some(&Arg::Bool(true)), args.get(3) == Some(&Arg::Bool(true)));
    let undecided = if more { undecided(encoding, bytes).min(given) } else { 0 };
    let (now, later) = bytes.split_at(bytes.len() - undecided);
    let (decoded, failed) = encoding.decode_without_bom_handling(now);
    if failed && fatal {
        let message = format!("The encoded data was not valid for encoding {}", text(args, 0));
        return Err(Fault::Type(message));
    }
    let mode = if more { mode(encoding, now) } else { &[] };
    Ok(Answer::List(vec![
        Answer::Text(decoded.into_owned()),
        Answer::Bytes(later.to_vec()),
        Answer::Bytes(mode.to_vec()),
    ]))
}

/// How many bytes at the end are the beginning of a sequence.
fn undecided(encoding: &'static Encoding, bytes: &[u8]) -> usize {
    let tail = |len: usize| &bytes[bytes.len() - len..];
    let most = bytes.len().min(if encoding == ISO_2022_JP { 5 } else { 3 });
    if encoding == UTF_8 {
        let begins = |len: &usize| {
            let error = std::str::from_utf8(tail(*len)).err();
            error.is_some_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
        };
        return (1..=most).rev().find(begins).unwrap_or(0);
    }
    if encoding == UTF_16LE || encoding == UTF_16BE {
        let odd = bytes.len() % 2;
        let Some(&[first, second]) = bytes[..bytes.len() - odd].last_chunk::<2>() else {
            return odd;
        };
        let high = if encoding == UTF_16LE { second } else { first };
        return odd + if (0xd8..0xdc).contains(&high) { 2 } else { 0 };
    }
    if encoding.is_single_byte() {
        return 0;
    }
    // The end is undecided where leaving it out changes nothing of what is decoded so far.
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(0);
    let mut so_far = String::with_capacity(room);
    let _ = decoder.decode_to_string(bytes, &mut so_far, false);
    let same = |len: &usize| {
        let before = &bytes[..bytes.len() - len];
        // An escape sequence at the very end would be an error with another one behind it.
        let escapes = encoding == ISO_2022_JP && before.len() >= 3;
        if escapes && escape_at(before, before.len() - 3).is_some() {
            return false;
        }
        encoding.decode_without_bom_handling(before).0 == so_far
    };
    (0..=most).find(same).unwrap_or(0)
}

/// The escape sequence of ISO-2022-JP that begins here.
fn escape_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let escape = bytes.get(at..at + 3)?;
    let known = matches!(escape, [0x1b, b'(', b'B' | b'J' | b'I'] | [0x1b, b'$', b'@' | b'B']);
    known.then_some(escape)
}

/// The escape sequence that leads to the mode at the end of these bytes, where encodings have modes.
fn mode<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> &'a [u8] {
    if encoding != ISO_2022_JP {
        return &[];
    }
    (0..bytes.len()).rev().find_map(|at| escape_at(bytes, at)).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes `bytes` in pieces of `len`.
    fn in_pieces(label: &str, bytes: &[u8], len: usize) -> String {
        let mut whole = String::new();
        let (mut left, mut mode) = (Vec::new(), Vec::new());
        let pieces: Vec<&[u8]> = bytes.chunks(len).collect();
        for (at, piece) in pieces.iter().enumerate() {
            left.extend(*piece);
            let more = at + 1 < pieces.len();
            let args = [
                Arg::Text(label.to_owned()),
                Arg::Bytes(left),
                Arg::Bool(false),
                Arg::Bool(more),
                Arg::Bytes(mode),
            ];
            let Ok(Answer::List(answer)) = decode(&args) else { panic!("{label}") };
            let [Answer::Text(text), Answer::Bytes(rest), Answer::Bytes(into)] = &answer[..] else {
                panic!("{label}")
            };
            whole += text;
            (left, mode) = (rest.clone(), into.clone());
        }
        whole
    }

    #[test]
    fn bytes_in_pieces_of_any_length_decode_as_the_whole() {
        let text = "aé漢字🦀 かな カナ ｶﾅ\u{fffd}z";
        for label in [
            "utf-8",
            "utf-16le",
            "utf-16be",
            "gb18030",
            "gbk",
            "big5",
            "euc-jp",
            "shift_jis",
            "euc-kr",
            "iso-2022-jp",
        ] {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            let bytes = match label {
                "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                _ => encoding.encode(text).0.into_owned(),
            };
            let mut broken = bytes.clone();
            broken.extend([0xff, 0x81, 0xf0, 0x9f, b'a', 0xe3, 0x81]);
            for bytes in [bytes, broken] {
                let whole = encoding.decode_without_bom_handling(&bytes).0;
                for len in 1..9 {
                    assert_eq!(in_pieces(label, &bytes, len), whole, "{label} by {len}");
                }
            }
        }
    }

    #[test]
    fn every_label_of_the_standard_is_known_but_those_of_replacement() {
        let name = |label: &str| name_of(&[Arg::Text(label.to_owned())]).unwrap();
        assert_eq!(name(" UTF8\n"), Answer::Text("utf-8".to_owned()));
        assert_eq!(name("latin1"), Answer::Text("windows-1252".to_owned()));
        assert_eq!(name("hz-gb-2312"), Answer::Nothing);
        assert_eq!(name("utf-7"), Answer::Nothing);
    }
}
