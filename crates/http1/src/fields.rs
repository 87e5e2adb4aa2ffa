//! Header lines and trailers, up to the empty line after them.

use std::ops::Range;

use crate::{
    Fault, Framing,
    framing::{self, Framed},
    is_token, is_value,
};

/// How much a head may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the address, of names and of values together: they stay below this.
    pub bytes: usize,
    /// Header lines.
    pub fields: usize,
}

impl Limits {
    /// Those of Node 24, where a program says nothing else.
    pub const NODE: Self = Self { bytes: 16 << 10, fields: 1000 };

    /// What white space, line ends and the start line may have besides.
    pub(crate) fn raw(self) -> usize {
        self.bytes.saturating_add(self.fields.saturating_mul(8)).saturating_add(8 << 10)
    }
}

/// Where the parts of one header line are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The name, as it came.
    pub name: Range<usize>,
    /// The value, without the blanks around it.
    pub value: Range<usize>,
}

/// What the line before was, on which depends what a blank at the start of one means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    StartLine,
    LastChunk,
    Value,
    EmptyValue,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start(Before),
    Name,
    BeforeValue,
    Value,
    EmptyValueEnd,
    ValueEnd,
    End,
}

#[derive(Debug)]
pub(crate) struct FieldReader {
    state: State,
    limits: Limits,
    counted: usize,
    /// Where the part that is being read began.
    start: usize,
    name: Range<usize>,
    /// After the last byte of the value that is no blank.
    value_end: usize,
    framed: Framed,
    pub(crate) list: Vec<Field>,
}

impl FieldReader {
    fn new(limits: Limits, before: Before) -> Self {
        Self {
            state: State::Start(before),
            limits,
            counted: 0,
            start: 0,
            name: 0..0,
            value_end: 0,
            framed: Framed::Not,
            list: Vec::new(),
        }
    }

    pub(crate) fn of_head(limits: Limits) -> Self {
        Self::new(limits, Before::StartLine)
    }

    pub(crate) fn of_trailers(limits: Limits) -> Self {
        Self::new(limits, Before::LastChunk)
    }

    /// Adds to what is counted towards the limit.
    pub(crate) fn count(&mut self, bytes: usize) -> Result<(), Fault> {
        self.counted += bytes;
        if self.counted >= self.limits.bytes { Err(Fault::HeadTooLarge) } else { Ok(()) }
    }

    /// Reads from `at` on; `true` when the empty line was read, of which `at` is behind then. After a fault `at` is
    /// the byte that is wrong.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        at: &mut usize,
        framing: &mut Framing,
    ) -> Result<bool, Fault> {
        while let Some(&byte) = bytes.get(*at) {
            match self.state {
                State::Start(before) => {
                    self.start_line(before, byte, *at).inspect_err(|fault| {
                        // Behind an empty value the blank is read before it is wrong.
                        *at += usize::from(*fault == Fault::ValueCharacter);
                    })?;
                    // An empty value is told from one in a continued line by what follows.
                    if before == Before::EmptyValue {
                        framing.value(self.framed, b"").map_err(|(fault, _)| fault)?;
                    }
                    if self.state == State::Name {
                        continue;
                    }
                }
                State::Name => {
                    let rest = &bytes[*at..];
                    let taken = rest.iter().position(|byte| !is_token(*byte));
                    let taken = taken.unwrap_or(rest.len());
                    *at += taken;
                    self.count(taken)?;
                    let Some(&byte) = bytes.get(*at) else { return Ok(false) };
                    self.name = self.start..*at;
                    let name = &bytes[self.name.clone()];
                    if byte != b':' || name.is_empty() {
                        let watched = byte == b' ' && framing::is_watched(name);
                        return Err(if watched {
                            Fault::FieldCharacter
                        } else {
                            Fault::FieldToken
                        });
                    }
                    self.framed = framing.name(name).inspect_err(|fault| {
                        *at += 1;
                        // This one is found where the value begins.
                        if *fault == Fault::LengthTwice {
                            *at += blanks(&bytes[*at..]);
                        }
                    })?;
                    self.state = State::BeforeValue;
                }
                State::BeforeValue => match byte {
                    b' ' | b'\t' => {}
                    b'\r' => {
                        self.start = *at;
                        self.value_end = *at;
                        self.state = State::EmptyValueEnd;
                    }
                    _ => {
                        self.start = *at;
                        self.value_end = *at;
                        self.state = State::Value;
                        continue;
                    }
                },
                State::Value => {
                    let rest = &bytes[*at..];
                    let taken = rest.iter().position(|byte| !is_value(*byte));
                    let taken = taken.unwrap_or(rest.len());
                    self.count(taken)?;
                    if let Some(last) = rest[..taken].iter().rposition(|byte| !is_blank(*byte)) {
                        self.value_end = *at + last + 1;
                    }
                    *at += taken;
                    match bytes.get(*at) {
                        None => return Ok(false),
                        Some(b'\r') => self.state = State::ValueEnd,
                        Some(b'\n') => return Err(Fault::ValueReturn),
                        Some(_) if self.framed == Framed::Length => {
                            return Err(Fault::LengthCharacter);
                        }
                        Some(_) => return Err(Fault::ValueCharacter),
                    }
                }
                State::EmptyValueEnd | State::ValueEnd if byte != b'\n' => {
                    return Err(Fault::ValueLineFeed);
                }
                State::EmptyValueEnd | State::ValueEnd => {
                    let value = self.start..self.value_end;
                    if self.state == State::ValueEnd {
                        framing.value(self.framed, &bytes[value.clone()]).map_err(
                            |(fault, wrong)| {
                                *at = value.start + wrong;
                                fault
                            },
                        )?;
                    }
                    if self.list.len() == self.limits.fields {
                        return Err(Fault::HeadTooLarge);
                    }
                    self.list.push(Field { name: self.name.clone(), value });
                    self.state = State::Start(match self.state {
                        State::ValueEnd => Before::Value,
                        _ => Before::EmptyValue,
                    });
                }
                State::End if byte == b'\n' => {
                    *at += 1;
                    return Ok(true);
                }
                State::End => return Err(Fault::HeadLineFeed),
            }
            *at += 1;
        }
        Ok(false)
    }

    fn start_line(&mut self, before: Before, byte: u8, at: usize) -> Result<(), Fault> {
        match byte {
            b'\r' => self.state = State::End,
            b'\n' => return Err(Fault::FieldCharacter),
            b' ' | b'\t' => {
                return Err(match before {
                    Before::StartLine if byte == b' ' => Fault::SpaceAfterStart,
                    Before::StartLine | Before::LastChunk => Fault::FieldToken,
                    Before::Value => Fault::ValueContinued,
                    Before::EmptyValue => Fault::ValueCharacter,
                });
            }
            _ => {
                self.start = at;
                self.state = State::Name;
            }
        }
        Ok(())
    }
}

/// How many blanks stand at the front.
fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| is_blank(**byte)).count()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
