//! The natives of `CompressionStream`: pieces of deflated data, each on its own, and the checks over all.
//!
//! Nothing is kept between calls. A piece is compressed by the crate `flate2` with the bytes before it as
//! its dictionary, and ends at a byte, so that pieces behind one another are one stream, hardly longer
//! than in one go.

use crate::inflate::inflate;
use crate::{Answer, Arg, Fault, Native, bytes, number};
use flate2::{Compress, Compression, FlushCompress, Status};

pub(crate) const NATIVES: &[(&str, Native)] =
    &[("deflate", deflate), ("crc32", crc32), ("adler32", adler32), ("inflate", inflate)];

/// Room for the end of a piece, beside half of its length.
const SPARE: usize = 64;

/// `deflate(before, piece, last)`: the piece without a container.
fn deflate(args: &[Arg]) -> Result<Answer, Fault> {
    let (before, piece) = (bytes(args, 0), bytes(args, 1));
    let flush = match args.get(2) {
        Some(Arg::Bool(true)) => FlushCompress::Finish,
        _ => FlushCompress::Sync,
    };
    let failed = || Fault::Type("The data could not be compressed".to_owned());
    let mut compress = Compress::new(Compression::default(), false);
    if !before.is_empty() {
        compress.set_dictionary(before).map_err(|_| failed())?;
    }
    let mut out = Vec::with_capacity(piece.len() / 2 + SPARE);
    loop {
        let given = compress.total_in() as usize;
        let status =
            compress.compress_vec(&piece[given..], &mut out, flush).map_err(|_| failed())?;
        let whole = compress.total_in() as usize == piece.len();
        if status == Status::StreamEnd || (whole && out.len() < out.capacity()) {
            return Ok(Answer::Bytes(out));
        }
        out.reserve(piece.len() / 2 + SPARE);
    }
}

/// `crc32(before, bytes)`: the check of all bytes so far, from that of those before.
fn crc32(args: &[Arg]) -> Result<Answer, Fault> {
    let mut hasher = crc32fast::Hasher::new_with_initial(number(args, 0) as u32);
    hasher.update(bytes(args, 1));
    Ok(Answer::Number(f64::from(hasher.finalize())))
}

/// `adler32(before, bytes)`: as `crc32`; what comes before anything is 1.
fn adler32(args: &[Arg]) -> Result<Answer, Fault> {
    Ok(Answer::Number(f64::from(adler32_of(number(args, 0) as u32, bytes(args, 1)))))
}

/// The Adler-32 of bytes behind others.
pub(crate) fn adler32_of(before: u32, bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65521;
    let (mut low, mut high) = (before & 0xffff, before >> 16);
    // So many sums stay below 2^32.
    for run in bytes.chunks(5552) {
        for &byte in run {
            low += u32::from(byte);
            high += low;
        }
        low %= MODULUS;
        high %= MODULUS;
    }
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inflate::MOST_BLOCKS;
    use flate2::read::{DeflateDecoder, GzEncoder, ZlibEncoder};
    use std::io::Read;

    fn noise(len: usize, of: u32) -> Vec<u8> {
        let mut state = 12345_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        (0..len).map(|_| (next() % of) as u8).collect()
    }

    fn inputs() -> Vec<Vec<u8>> {
        let text = b"the quick brown fox jumps over the lazy dog, ".repeat(2000);
        vec![vec![], b"a".to_vec(), text, noise(100_000, 256), noise(80_000, 3), vec![0; 200_000]]
    }

    fn deflated(piece: &[u8], before: &[u8], last: bool) -> Vec<u8> {
        let args = [Arg::Bytes(before.to_vec()), Arg::Bytes(piece.to_vec()), Arg::Bool(last)];
        let Ok(Answer::Bytes(bytes)) = deflate(&args) else { panic!("deflated") };
        bytes
    }

    #[test]
    fn pieces_behind_one_another_are_one_stream_that_others_read() {
        for input in inputs() {
            for len in [5000, 65536] {
                let mut whole = Vec::new();
                for (at, piece) in input.chunks(len).enumerate() {
                    let from = (at * len).saturating_sub(32768);
                    whole.extend(deflated(piece, &input[from..at * len], false));
                }
                whole.extend(deflated(&[], &[], true));
                let mut back = Vec::new();
                DeflateDecoder::new(&whole[..]).read_to_end(&mut back).expect("a stream");
                assert!(back == input, "{} by {len}", input.len());
            }
        }
    }

    /// Decompresses what is handed over in pieces of `len`, as the script does.
    fn inflated(format: &str, input: &[u8], len: usize) -> Result<(Vec<u8>, bool, usize), Fault> {
        let (mut state, mut out, mut left) = (Vec::new(), Vec::new(), Vec::new());
        let mut ended = false;
        for piece in input.chunks(len.max(1)) {
            left.extend(piece);
            loop {
                let args =
                    [Arg::Text(format.to_owned()), Arg::Bytes(state), Arg::Bytes(left.clone())];
                let Answer::List(answer) = inflate(&args)? else { panic!("a list") };
                let [
                    Answer::Bytes(new),
                    Answer::Bytes(made),
                    Answer::Number(taken),
                    Answer::Bool(full),
                    Answer::Bool(end),
                ] = &answer[..]
                else {
                    panic!("{answer:?}")
                };
                assert!(made.len() <= 64 * 1024 + 258, "{}", made.len());
                out.extend(made);
                left.drain(..*taken as usize);
                (state, ended) = (new.clone(), *end);
                if !full {
                    break;
                }
            }
        }
        Ok((out, ended, left.len()))
    }

    fn encoded(format: &str, input: &[u8], level: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let level = Compression::new(level);
        match format {
            "gzip" => GzEncoder::new(input, level).read_to_end(&mut bytes),
            "deflate" => ZlibEncoder::new(input, level).read_to_end(&mut bytes),
            _ => flate2::read::DeflateEncoder::new(input, level).read_to_end(&mut bytes),
        }
        .expect("encoded");
        bytes
    }

    #[test]
    fn what_others_compress_is_read_in_pieces_of_any_length() {
        for format in ["gzip", "deflate", "deflate-raw"] {
            for input in inputs() {
                for level in [0, 1, 9] {
                    let bytes = encoded(format, &input, level);
                    for len in [7, 5000, usize::MAX] {
                        // Each call takes the window along.
                        if len == 7 && bytes.len() > 700 {
                            continue;
                        }
                        let (out, ended, left) = inflated(format, &bytes, len).expect("inflated");
                        assert!(out == input && ended && left == 0, "{format} {level} by {len}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_call_on_blocks_that_make_nothing_stops_early_and_is_gone_on_with() {
        // Fixed codes with nothing but their end: ten bits, of which the second says so.
        let count = 64 * 1024 * 8 / 10;
        let mut input = vec![0_u8; 64 * 1024];
        for at in (0..count).map(|block| block * 10 + 1) {
            input[at / 8] |= 1 << (at % 8);
        }
        // And stored ones of no length.
        let stored = [0, 0, 0, 0xff, 0xff].repeat(10_000);
        for (input, bits) in [(&input, 10), (&stored, 40)] {
            let args =
                [Arg::Text("deflate-raw".to_owned()), Arg::Nothing, Arg::Bytes(input.clone())];
            let Ok(Answer::List(answer)) = inflate(&args) else { panic!("a list") };
            let taken = (MOST_BLOCKS * bits / 8) as f64;
            assert_eq!(
                answer[1..4],
                [Answer::Bytes(Vec::new()), Answer::Number(taken), Answer::Bool(true)]
            );
            let (out, ended, left) = inflated("deflate-raw", input, 5000).expect("inflated");
            assert!(out.is_empty() && !ended && left <= 1, "{left}");
        }
        let last = [&stored[..], &[3, 0]].concat();
        let (out, ended, left) = inflated("deflate-raw", &last, usize::MAX).expect("inflated");
        assert_eq!((out.len(), ended, left), (0, true, 0));
    }

    #[test]
    fn what_follows_the_end_is_left_and_what_is_cut_short_does_not_end() {
        for format in ["gzip", "deflate", "deflate-raw"] {
            let bytes = encoded(format, b"some text, some text", 6);
            let mut longer = bytes.clone();
            longer.push(0);
            let (out, ended, left) = inflated(format, &longer, 100).expect("inflated");
            assert_eq!((&out[..], ended, left), (&b"some text, some text"[..], true, 1));
            for len in 0..bytes.len() {
                let cut = inflated(format, &bytes[..len], 100);
                assert!(matches!(cut, Ok((_, false, _))), "{format} {len}");
            }
        }
    }

    #[test]
    fn broken_bytes_are_refused_where_the_crate_refuses_them_and_else_read_alike() {
        use flate2::{Decompress, FlushDecompress};
        let mut seed = 99_u32;
        let mut next = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize
        };
        for input in [noise(3000, 5), b"abcabcabdabe".repeat(50), noise(400, 256)] {
            for level in [0, 1, 6] {
                let bytes = encoded("deflate-raw", &input, level);
                for _ in 0..500 {
                    let mut broken = bytes.clone();
                    for _ in 0..=next() % 3 {
                        let at = next() % broken.len().min(200);
                        broken[at] ^= 1 << (next() % 8);
                    }
                    let mut theirs = Vec::with_capacity(1 << 20);
                    let mut decompress = Decompress::new(false);
                    let status =
                        decompress.decompress_vec(&broken, &mut theirs, FlushDecompress::Finish);
                    let ours = inflated("deflate-raw", &broken, 1000);
                    match status {
                        Ok(Status::StreamEnd) => {
                            let (out, ended, left) = ours.expect("whole");
                            assert!(out == theirs && ended);
                            assert_eq!(left, broken.len() - decompress.total_in() as usize);
                        }
                        Ok(_) => assert!(matches!(ours, Ok((_, false, _)))),
                        // The crate tells of the end of its input and of errors alike.
                        Err(_) => assert!(!matches!(ours, Ok((_, true, _)))),
                    }
                }
            }
        }
    }

    #[test]
    fn checks_of_parts_are_those_of_the_whole() {
        let input = noise(70_000, 256);
        let number = |answer| match answer {
            Ok(Answer::Number(number)) => number as u32,
            other => panic!("{other:?}"),
        };
        for (check, empty, whole) in
            [(crc32 as Native, 0_u32, crc32fast::hash(&input)), (adler32, 1, adler32_of(1, &input))]
        {
            let mut so_far = empty;
            for part in input.chunks(9999) {
                so_far =
                    number(check(&[Arg::Number(f64::from(so_far)), Arg::Bytes(part.to_vec())]));
            }
            assert_eq!(so_far, whole);
        }
        assert_eq!(adler32_of(1, b"Wikipedia"), 0x11e6_0398);
    }
}
