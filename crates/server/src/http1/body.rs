//! Takes the body of a request out of bytes. Knows nothing of sockets, nor of how large a body may
//! be.

use super::head::{Framing, Malformed};

/// Bytes that the line of a chunk's size may have, its extension included.
const MAX_SIZE_LINE: usize = 256;
/// Bytes that all extensions of a body's chunks, and its trailers, may have together.
const MAX_ASIDES: usize = 16 << 10;

/// The state of one body. Give it what arrives until it is done.
#[derive(Debug)]
pub(crate) struct BodyReader {
    state: State,
    /// Bytes of extensions and trailers so far. They are skipped, but reading them costs time too,
    /// so they are bounded.
    asides: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Length { left: u64 },
    Size { value: u64, digits: u8 },
    Extension { value: u64, line: usize },
    SizeEnd { value: u64 },
    Data { left: u64 },
    DataEnd { seen: u8 },
    Trailer { empty: bool },
    TrailerEnd { empty: bool },
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
        let state = match framing {
            Framing::Empty => State::Done,
            Framing::Length(left) => State::Length { left },
            Framing::Chunked => State::Size { value: 0, digits: 0 },
        };
        Self { state, asides: 0 }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Reads up to the end of the next piece of the body, or of the input. Bytes past the body are
    /// not used.
    pub(crate) fn step<'a>(&mut self, input: &'a [u8]) -> Result<Step<'a>, Malformed> {
        let mut at = 0;
        while at < input.len() {
            if let State::Length { left } | State::Data { left } = &mut self.state {
                let piece = usize::try_from(*left).unwrap_or(usize::MAX).min(input.len() - at);
                *left -= piece as u64;
                if *left == 0 {
                    self.state = match self.state {
                        State::Length { .. } => State::Done,
                        _ => State::DataEnd { seen: 0 },
                    };
                }
                let used = at + piece;
                return Ok(Step { used, data: &input[at..used] });
            }
            if self.is_done() {
                break;
            }
            self.byte(input[at])?;
            at += 1;
        }
        Ok(Step { used: at, data: &[] })
    }

    /// Reads one byte of what frames a chunk's data.
    fn byte(&mut self, byte: u8) -> Result<(), Malformed> {
        let bad = |what| Err(Malformed::Framing(what));
        self.state = match self.state {
            State::Size { value, digits } => match (byte as char).to_digit(16) {
                Some(_) if digits == 15 => return bad("a chunk's size has too many digits"),
                Some(digit) => {
                    State::Size { value: value << 4 | u64::from(digit), digits: digits + 1 }
                }
                None if digits == 0 => return bad("a chunk's size is missing"),
                None => match byte {
                    b'\r' => State::SizeEnd { value },
                    b';' => State::Extension { value, line: 0 },
                    _ => return bad("a chunk's size is no hexadecimal number"),
                },
            },
            State::Extension { value, line } => match byte {
                b'\r' => State::SizeEnd { value },
                _ if line == MAX_SIZE_LINE => return bad("a chunk's extension is too long"),
                _ => {
                    self.aside(byte)?;
                    State::Extension { value, line: line + 1 }
                }
            },
            State::SizeEnd { value } => match (byte, value) {
                (b'\n', 0) => State::Trailer { empty: true },
                (b'\n', left) => State::Data { left },
                _ => return bad("the line of a chunk's size does not end in CR LF"),
            },
            State::DataEnd { seen: 0 } if byte == b'\r' => State::DataEnd { seen: 1 },
            State::DataEnd { seen: 1 } if byte == b'\n' => State::Size { value: 0, digits: 0 },
            State::DataEnd { .. } => return bad("a chunk is not followed by CR LF"),
            State::Trailer { empty } => match byte {
                b'\r' => State::TrailerEnd { empty },
                _ => {
                    self.aside(byte)?;
                    State::Trailer { empty: false }
                }
            },
            State::TrailerEnd { empty } => match (byte, empty) {
                (b'\n', true) => State::Done,
                (b'\n', false) => State::Trailer { empty: true },
                _ => return bad("a trailer does not end in CR LF"),
            },
            State::Length { .. } | State::Data { .. } | State::Done => return Ok(()),
        };
        Ok(())
    }

    /// Skips a byte of an extension or a trailer; a line feed alone ends neither.
    fn aside(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.asides == MAX_ASIDES {
            return Err(Malformed::Framing("its chunks' extensions and its trailers are too long"));
        }
        self.asides += 1;
        if byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t') {
            return Ok(());
        }
        Err(Malformed::Framing("a control character in a chunk's extension or a trailer"))
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
        assert!(chunked(&format!("1;{}", "x".repeat(300))).is_err());
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
