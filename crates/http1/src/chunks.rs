//! Bodies in chunks: sizes, extensions, data and trailers.

use crate::{Fault, Framing, Limits, fields::FieldReader, is_token, is_value};

/// Bytes that the extensions of one chunk may have.
const MAX_EXTENSIONS: usize = 16 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    FirstDigit,
    Size,
    SizeLineFeed,
    Extension,
    ExtensionName,
    ExtensionValue,
    Quoted,
    Escaped,
    AfterQuote,
    Data,
    DataReturn,
    DataLineFeed,
    Trailers,
    Done,
}

/// What a step found at the front of the bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing that is whole: more bytes are needed, with these before them.
    More,
    /// So many bytes that are no content.
    Skip(usize),
    /// So many bytes of content.
    Data(usize),
    /// The body ended; so many bytes were trailers with the empty line after them.
    End(usize),
}

/// The state of one body. Give it what arrives until it has ended.
#[derive(Debug)]
pub struct Chunks {
    state: State,
    limits: Limits,
    /// Of a chunk: its size, and then how much of it is to come.
    left: u64,
    extensions: usize,
    /// Bytes of all extensions.
    all_extensions: usize,
    trailers: FieldReader,
    /// Bytes of trailers that were looked at.
    seen: usize,
    framing: Framing,
    /// Of the bytes that were given last: the one that is wrong.
    wrong: usize,
}

impl Chunks {
    /// The body after a head that says `framing`; `limits` are those of trailers.
    pub fn new(framing: Framing, limits: Limits) -> Self {
        Self {
            state: State::FirstDigit,
            limits,
            left: 0,
            extensions: 0,
            all_extensions: 0,
            trailers: FieldReader::of_trailers(limits),
            seen: 0,
            framing,
            wrong: 0,
        }
    }

    /// Bytes that extensions and trailers had so far: they are skipped, but reading them takes time.
    pub fn asides(&self) -> usize {
        self.all_extensions + self.seen
    }

    /// How many of the bytes that were given last Node counts as parsed, after a fault.
    pub fn parsed_before(&self, fault: Fault) -> usize {
        self.wrong + usize::from(fault.is_behind())
    }

    /// Looks at `bytes`, which must be given again from where the step ended.
    ///
    /// # Errors
    ///
    /// The first [`Fault`] there is.
    pub fn step(&mut self, bytes: &[u8]) -> Result<Step, Fault> {
        let mut at = 0;
        loop {
            match self.state {
                State::Done => return Ok(Step::End(at)),
                State::Data | State::Trailers if at > 0 => return Ok(Step::Skip(at)),
                State::Data if bytes.is_empty() => return Ok(Step::More),
                State::Data => {
                    let taken = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
                    self.left -= taken as u64;
                    if self.left == 0 {
                        self.state = State::DataReturn;
                    }
                    return Ok(Step::Data(taken));
                }
                State::Trailers => {
                    let done = self.trailers.read(bytes, &mut self.seen, &mut self.framing);
                    self.wrong = self.seen;
                    if done? {
                        self.state = State::Done;
                        return Ok(Step::End(self.seen));
                    }
                    if bytes.len() > self.limits.raw() {
                        return Err(Fault::HeadTooLarge);
                    }
                    return Ok(Step::More);
                }
                _ => {}
            }
            let Some(&byte) = bytes.get(at) else {
                return Ok(if at == 0 { Step::More } else { Step::Skip(at) });
            };
            self.wrong = at;
            self.state = self.byte(byte)?;
            at += 1;
        }
    }

    /// Reads one byte of what frames a chunk's data.
    fn byte(&mut self, byte: u8) -> Result<State, Fault> {
        let size_ends = |fault| match byte {
            b'\r' => Ok(State::SizeLineFeed),
            b';' => Ok(State::Extension),
            b'\n' => Err(fault),
            _ => Err(Fault::SizeCharacter),
        };
        match self.state {
            State::FirstDigit | State::Size => match (byte as char).to_digit(16) {
                Some(digit) => {
                    if self.left >> 60 != 0 {
                        return Err(Fault::SizeOverflow);
                    }
                    self.left = self.left << 4 | u64::from(digit);
                    Ok(State::Size)
                }
                None if self.state == State::FirstDigit => Err(Fault::SizeCharacter),
                None => size_ends(Fault::SizeReturn),
            },
            State::SizeLineFeed if byte != b'\n' => Err(Fault::SizeLineFeed),
            State::SizeLineFeed => {
                self.extensions = 0;
                Ok(if self.left == 0 { State::Trailers } else { State::Data })
            }
            State::DataReturn => match byte {
                b'\r' => Ok(State::DataLineFeed),
                b'\n' => Err(Fault::DataReturn),
                _ => Err(Fault::DataLineFeed),
            },
            State::DataLineFeed if byte == b'\n' => Ok(State::FirstDigit),
            State::DataLineFeed => Err(Fault::DataLineFeed),
            _ => self.extension(byte),
        }
    }

    fn extension(&mut self, byte: u8) -> Result<State, Fault> {
        if byte != b'\r' && byte != b'\n' {
            self.extensions += 1;
            self.all_extensions += 1;
            if self.extensions > MAX_EXTENSIONS {
                return Err(Fault::ExtensionsTooLarge);
            }
        }
        let quotable = is_value(byte);
        match (self.state, byte) {
            (State::Extension, b' ' | b'\r') => Err(Fault::Extension),
            (State::Extension | State::ExtensionName, b'=') => Ok(State::ExtensionValue),
            (State::Extension | State::ExtensionName, _) if is_token(byte) => {
                Ok(State::ExtensionName)
            }
            (State::ExtensionName | State::ExtensionValue | State::AfterQuote, b';') => {
                Ok(State::Extension)
            }
            (State::ExtensionName | State::ExtensionValue | State::AfterQuote, b'\r') => {
                Ok(State::SizeLineFeed)
            }
            (State::Extension | State::ExtensionName, b'\n') => Err(Fault::ExtensionNameReturn),
            (State::ExtensionValue | State::AfterQuote, b'\n') => Err(Fault::ExtensionValueReturn),
            (State::Extension | State::ExtensionName, _) => Err(Fault::ExtensionName),
            (State::ExtensionValue, b'"') => Ok(State::Quoted),
            (State::ExtensionValue, _) if is_token(byte) => Ok(State::ExtensionValue),
            (State::ExtensionValue, _) => Err(Fault::ExtensionValue),
            (State::Quoted, b'"') => Ok(State::AfterQuote),
            (State::Quoted, b'\\') => Ok(State::Escaped),
            (State::Quoted | State::Escaped, _) if quotable => Ok(State::Quoted),
            (State::Escaped, _) => Err(Fault::ExtensionEscape),
            (State::Quoted, _) => Err(Fault::ExtensionQuoted),
            _ => Err(Fault::ExtensionAfterQuote),
        }
    }
}
