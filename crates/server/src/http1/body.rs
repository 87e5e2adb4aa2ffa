//! Takes the body of a request out of bytes. Knows nothing of sockets, nor of how large a body may
//! be.

use sandtide_http1::{Chunks, Limits};

use super::head::{Framing, Malformed};

/// Bytes that all extensions of a body's chunks, and its trailers, may have together.
const MAX_ASIDES: usize = 16 << 10;
/// What trailers may have: they are kept until their end has come.
const TRAILERS: Limits = Limits { bytes: MAX_ASIDES, fields: 100 };

/// The state of one body. Give it what arrives until it is done.
#[derive(Debug)]
pub(crate) struct BodyReader(State);

#[derive(Debug)]
enum State {
    Length {
        left: u64,
    },
    Chunked {
        chunks: Box<Chunks>,
        /// The trailers so far.
        trailers: Vec<u8>,
    },
    Done,
}

/// What one step read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step<'a> {
    /// Bytes of the input that were used up.
    pub(crate) used: usize,
    /// The next piece of the body; empty when the input ended first.
    pub(crate) data: &'a [u8],
}

impl BodyReader {
    pub(crate) fn new(framing: Framing) -> Self {
        Self(match framing {
            Framing::Empty => State::Done,
            Framing::Length(left) => State::Length { left },
            Framing::Chunked => {
                let chunks = Box::new(Chunks::new(sandtide_http1::Framing::CHUNKED, TRAILERS));
                State::Chunked { chunks, trailers: Vec::new() }
            }
        })
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.0, State::Done)
    }

    /// Reads up to the end of the next piece of the body, or of the input. Bytes past the body are
    /// not used.
    pub(crate) fn step<'a>(&mut self, input: &'a [u8]) -> Result<Step<'a>, Malformed> {
        let mut at = 0;
        while at < input.len() {
            match &mut self.0 {
                State::Done => break,
                State::Length { left } => {
                    let piece = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len());
                    *left -= piece as u64;
                    if *left == 0 {
                        self.0 = State::Done;
                    }
                    return Ok(Step { used: piece, data: &input[..piece] });
                }
                State::Chunked { chunks, trailers } => {
                    use sandtide_http1::Step as Found;
                    let before = trailers.len();
                    let found = if before == 0 {
                        chunks.step(&input[at..])
                    } else {
                        trailers.extend_from_slice(&input[at..]);
                        chunks.step(trailers)
                    };
                    let found = found.map_err(|fault| Malformed::Framing(fault.reason()))?;
                    if chunks.asides() > MAX_ASIDES {
                        let what = "its chunks' extensions and its trailers are too long";
                        return Err(Malformed::Framing(what));
                    }
                    match found {
                        // Only of trailers more is needed while there are bytes.
                        Found::More => {
                            if before == 0 {
                                trailers.extend_from_slice(&input[at..]);
                            }
                            at = input.len();
                        }
                        Found::Skip(len) => at += len,
                        Found::Data(len) => {
                            return Ok(Step { used: at + len, data: &input[at..at + len] });
                        }
                        Found::End(len) => {
                            at += len - before;
                            self.0 = State::Done;
                        }
                    }
                }
            }
        }
        Ok(Step { used: at, data: &[] })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The body, and how many bytes it took; `None` where it does not end.
    fn read(framing: Framing, pieces: &[&[u8]]) -> Result<Option<(Vec<u8>, usize)>, Malformed> {
        let (mut reader, mut body, mut used) = (BodyReader::new(framing), Vec::new(), 0);
        for piece in pieces {
            let mut rest = *piece;
            while !rest.is_empty() && !reader.is_done() {
                let step = reader.step(rest)?;
                body.extend_from_slice(step.data);
                used += step.used;
                rest = &rest[step.used..];
            }
        }
        Ok(reader.is_done().then_some((body, used)))
    }

    fn chunked(text: &str) -> Result<Option<(Vec<u8>, usize)>, Malformed> {
        read(Framing::Chunked, &[text.as_bytes()])
    }

    #[test]
    fn a_length_takes_its_bytes_and_no_more() {
        assert_eq!(read(Framing::Length(3), &[b"abcdef"]), Ok(Some((b"abc".to_vec(), 3))));
        assert_eq!(read(Framing::Length(3), &[b"ab"]), Ok(None));
        assert_eq!(read(Framing::Empty, &[b"ab"]), Ok(Some((Vec::new(), 0))));
    }

    #[test]
    fn chunks_are_joined_and_extensions_and_trailers_read_over() {
        let text = "3;a=b\r\nabc\r\n00A\r\n0123456789\r\n0\r\nx: y\r\n\r\n";
        assert_eq!(chunked(text), Ok(Some((b"abc0123456789".to_vec(), text.len()))));
    }

    #[test]
    fn asides_without_end_are_refused() {
        let line = format!("1;{}\r\na\r\n", "x".repeat(200));
        assert!(chunked(&line.repeat(100)).is_err());
        assert!(chunked(&format!("1;{}", "x".repeat(20_000))).is_err());
        assert!(chunked(&format!("0\r\n{}", "a: b\r\n".repeat(5_000))).is_err());
    }

    proptest! {
        /// However the bytes arrive, the same body or the same refusal comes of them.
        #[test]
        fn pieces_give_what_the_whole_gives(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "1\r\n", "a\r\n", "0\r\n", "\r\n", "3;x\r\nabc\r\n", "\n", "t: u\r\n", "\0",
                    "2\r\nab\r\n", "-1", " ",
                ]),
                0..8,
            ),
            piece in 1_usize..6,
        ) {
            let bytes = parts.concat().into_bytes();
            let pieces: Vec<_> = bytes.chunks(piece).collect();
            prop_assert_eq!(read(Framing::Chunked, &pieces), read(Framing::Chunked, &[&bytes]));
        }

        /// What is written in chunks comes out as it went in, with nothing used of what follows.
        #[test]
        fn what_is_written_in_chunks_is_read(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..6),
        ) {
            let mut text = Vec::new();
            for chunk in &chunks {
                text.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                text.extend_from_slice(chunk);
                text.extend_from_slice(b"\r\n");
            }
            text.extend_from_slice(b"0\r\n\r\n");
            let length = text.len();
            text.extend_from_slice(b"GET / HTTP/1.1");
            prop_assert_eq!(
                read(Framing::Chunked, &[&text]),
                Ok(Some((chunks.concat(), length)))
            );
        }
    }
}
