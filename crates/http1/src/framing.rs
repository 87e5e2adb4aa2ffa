//! What the header lines say of where a body ends: one length, or codings that end in `chunked`.

use crate::Fault;

/// The `Content-Length` and `Transfer-Encoding` of a message, as far as they were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Framing {
    length_named: bool,
    /// The `Content-Length`.
    pub length: Option<u64>,
    /// Whether there is a `Transfer-Encoding`.
    pub coded: bool,
    /// Whether the last coding is `chunked`.
    pub chunked: bool,
    /// Whether `chunked` is the only coding, said once.
    pub only_chunked: bool,
}

/// The headers that frame a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framed {
    Length,
    Coding,
    Not,
}

/// Names after which a blank is told apart, because Node looks for them.
const WATCHED: [&str; 5] =
    ["connection", "content-length", "proxy-connection", "transfer-encoding", "upgrade"];

pub(crate) fn is_watched(name: &[u8]) -> bool {
    WATCHED.iter().any(|watched| name.eq_ignore_ascii_case(watched.as_bytes()))
}

impl Framing {
    /// What `Transfer-Encoding: chunked` says.
    pub const CHUNKED: Self =
        Self { length_named: false, length: None, coded: true, chunked: true, only_chunked: true };

    /// A header of this name begins.
    pub(crate) fn name(&mut self, name: &[u8]) -> Result<Framed, Fault> {
        if name.eq_ignore_ascii_case(b"content-length") {
            if self.coded {
                return Err(Fault::LengthAfterCoding);
            }
            if self.length_named {
                return Err(Fault::LengthTwice);
            }
            self.length_named = true;
            return Ok(Framed::Length);
        }
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.length_named {
                return Err(Fault::CodingAfterLength);
            }
            return Ok(Framed::Coding);
        }
        Ok(Framed::Not)
    }

    /// The value of a header that frames the body, without blanks around it. A fault comes with the index of what
    /// is wrong.
    pub(crate) fn value(&mut self, framed: Framed, value: &[u8]) -> Result<(), (Fault, usize)> {
        match framed {
            Framed::Not => {}
            Framed::Length => self.length = Some(length(value)?),
            Framed::Coding => self.codings(value)?,
        }
        Ok(())
    }

    fn codings(&mut self, value: &[u8]) -> Result<(), (Fault, usize)> {
        if value.is_empty() {
            return Err((Fault::CodingEmpty, 0));
        }
        self.only_chunked = !self.coded && value.eq_ignore_ascii_case(b"chunked");
        self.coded = true;
        let mut at = 0;
        for coding in value.split(|byte| *byte == b',') {
            // Nothing may follow what ends the body.
            if self.chunked {
                return Err((Fault::CodingValue, at));
            }
            self.chunked = coding.trim_ascii().eq_ignore_ascii_case(b"chunked");
            // The comma, behind the first.
            at += coding.len() + usize::from(at > 0);
        }
        Ok(())
    }
}

/// Digits only: a sign, a list or white space within are how requests are smuggled.
fn length(value: &[u8]) -> Result<u64, (Fault, usize)> {
    if value.is_empty() {
        return Err((Fault::LengthEmpty, 0));
    }
    let mut length = 0_u64;
    for (at, byte) in value.iter().enumerate() {
        if !byte.is_ascii_digit() {
            let blanks = value[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            return Err((Fault::LengthCharacter, at + blanks));
        }
        let digit = u64::from(byte - b'0');
        length = length
            .checked_mul(10)
            .and_then(|it| it.checked_add(digit))
            .ok_or((Fault::LengthOverflow, at))?;
    }
    Ok(length)
}
