//! Reading and writing bytes. Numbers are little-endian, texts and lists begin with their length or
//! count in 4 bytes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sandtide_engine::MAX_DEPTH;

/// Why bytes are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// They end in the middle of something, or a length in them is larger than what follows.
    #[error("a message ends before what it announces")]
    Short,
    /// Something follows the message's end.
    #[error("bytes follow the end of a message")]
    Trailing,
    /// A number stands for none of the alternatives.
    #[error("{tag} stands for no {what}")]
    Tag {
        /// What was to be read.
        what: &'static str,
        /// The number.
        tag: u8,
    },
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    Utf8,
    /// A BigInt's digits are no number.
    #[error("a BigInt is no number")]
    Digits,
    /// A number is out of its range.
    #[error("a number is out of its range")]
    Range,
    /// A value nests deeper than values may.
    #[error("a value nests deeper than {MAX_DEPTH} levels")]
    Depth,
    /// The message holds more than it may.
    #[error("a message holds more than it may")]
    Budget,
}

/// Reads one message.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// Levels that values may still go deeper.
    depth: usize,
    /// Bytes that may still be made of the message.
    budget: usize,
    /// Bytes for lines of a log.
    logs: usize,
    /// Bytes for what was sampled.
    samples: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], budget: crate::budget::Budget) -> Reader<'a> {
        Reader {
            rest: bytes,
            depth: MAX_DEPTH + 1,
            budget: budget.values,
            logs: budget.logs,
            samples: budget.samples,
        }
    }

    /// Charges what `f` reads to the budget for samples.
    pub(crate) fn of_samples<T>(
        &mut self,
        f: impl FnOnce(&mut Self) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        std::mem::swap(&mut self.budget, &mut self.samples);
        let result = f(self);
        std::mem::swap(&mut self.budget, &mut self.samples);
        result
    }

    /// Charges what `f` reads to the budget for lines of a log.
    pub(crate) fn of_logs<T>(
        &mut self,
        f: impl FnOnce(&mut Self) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        std::mem::swap(&mut self.budget, &mut self.logs);
        let result = f(self);
        std::mem::swap(&mut self.budget, &mut self.logs);
        result
    }

    /// Bytes that may still be made of the message: values and texts, and lines of a log.
    pub(crate) fn room(&self) -> (usize, usize) {
        (self.budget, self.logs)
    }

    pub(crate) fn end(&self) -> Result<(), Refused> {
        if self.rest.is_empty() { Ok(()) } else { Err(Refused::Trailing) }
    }

    pub(crate) fn charge(&mut self, bytes: usize) -> Result<(), Refused> {
        self.budget = self.budget.checked_sub(bytes).ok_or(Refused::Budget)?;
        Ok(())
    }

    pub(crate) fn deeper<T>(
        &mut self,
        f: impl FnOnce(&mut Self) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.depth = self.depth.checked_sub(1).ok_or(Refused::Depth)?;
        let result = f(self);
        self.depth += 1;
        result
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Refused> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refused> {
        let (first, rest) = self.rest.split_first_chunk().ok_or(Refused::Short)?;
        self.rest = rest;
        Ok(*first)
    }

    /// A number of things that follow, of which each takes a byte at least.
    fn count(&mut self) -> Result<usize, Refused> {
        let count = u32::take(self)? as usize;
        if count > self.rest.len() { Err(Refused::Short) } else { Ok(count) }
    }

    fn bytes(&mut self) -> Result<&'a [u8], Refused> {
        let len = self.count()?;
        self.charge(len)?;
        let (bytes, rest) = self.rest.split_at(len);
        self.rest = rest;
        Ok(bytes)
    }
}

/// What has a form on the wire.
pub(crate) trait Wire: Sized {
    fn put(&self, out: &mut Vec<u8>);
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused>;
}

/// Lengths are of things in memory that limits bound far below 4 GiB; a longer one makes a message
/// that nobody reads, because its length does not fit.
fn put_len(len: usize, out: &mut Vec<u8>) {
    u32::try_from(len).unwrap_or(u32::MAX).put(out);
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Wire for $number {
            fn put(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
            fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
                Ok(<$number>::from_le_bytes(from.array()?))
            }
        }
    )*};
}

numbers!(u32 u64 f64);

impl Wire for usize {
    fn put(&self, out: &mut Vec<u8>) {
        (*self as u64).put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        usize::try_from(u64::take(from)?).map_err(|_| Refused::Range)
    }
}

impl Wire for bool {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            tag => Err(Refused::Tag { what: "truth value", tag }),
        }
    }
}

/// In ns; a time of more than 584 years is cut.
impl Wire for Duration {
    fn put(&self, out: &mut Vec<u8>) {
        u64::try_from(self.as_nanos()).unwrap_or(u64::MAX).put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        Ok(Duration::from_nanos(u64::take(from)?))
    }
}

impl Wire for String {
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.len(), out);
        out.extend_from_slice(self.as_bytes());
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        std::str::from_utf8(from.bytes()?).map(str::to_owned).map_err(|_| Refused::Utf8)
    }
}

impl Wire for Vec<u8> {
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.len(), out);
        out.extend_from_slice(self);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        from.bytes().map(<[u8]>::to_vec)
    }
}

impl Wire for Arc<[u8]> {
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.len(), out);
        out.extend_from_slice(self);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        from.bytes().map(Arc::from)
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.len(), out);
        for item in self {
            item.put(out);
        }
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        // Grows as items come: the count is only a claim.
        let count = from.count()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(T::take(from)?);
        }
        Ok(items)
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
        self.1.put(out);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        Ok((A::take(from)?, B::take(from)?))
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        Ok(if bool::take(from)? { Some(T::take(from)?) } else { None })
    }
}

impl<T: Wire, E: Wire> Wire for Result<T, E> {
    fn put(&self, out: &mut Vec<u8>) {
        self.is_ok().put(out);
        match self {
            Ok(value) => value.put(out),
            Err(error) => error.put(out),
        }
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        Ok(if bool::take(from)? { Ok(T::take(from)?) } else { Err(E::take(from)?) })
    }
}

impl Wire for Arc<BTreeMap<String, String>> {
    fn put(&self, out: &mut Vec<u8>) {
        put_len(self.len(), out);
        for (key, value) in self.iter() {
            key.put(out);
            value.put(out);
        }
    }
    fn take(from: &mut Reader<'_>) -> Result<Self, Refused> {
        Ok(Arc::new(Vec::<(String, String)>::take(from)?.into_iter().collect()))
    }
}

/// The parts of a structure, one after the other.
macro_rules! structure {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl crate::codec::Wire for $name {
            fn put(&self, out: &mut Vec<u8>) {
                // No `..` here, so that a new part cannot be forgotten.
                let $name { $($field),* } = self;
                $(crate::codec::Wire::put($field, out);)*
            }
            fn take(from: &mut crate::codec::Reader<'_>) -> Result<Self, crate::codec::Refused> {
                $(let $field = crate::codec::Wire::take(from)?;)*
                Ok($name { $($field),* })
            }
        }
    };
}
pub(crate) use structure;

/// Alternatives: a number, and then the parts.
macro_rules! alternatives {
    ($name:ident, $what:literal { $($tag:literal $variant:ident $({ $($field:ident),* $(,)? })?)* }) => {
        impl crate::codec::Wire for $name {
            fn put(&self, out: &mut Vec<u8>) {
                match self {
                    $($name::$variant $({ $($field),* })? => {
                        out.push($tag);
                        $($(crate::codec::Wire::put($field, out);)*)?
                    })*
                }
            }
            fn take(from: &mut crate::codec::Reader<'_>) -> Result<Self, crate::codec::Refused> {
                match from.byte()? {
                    $($tag => {
                        $($(let $field = crate::codec::Wire::take(from)?;)*)?
                        Ok($name::$variant $({ $($field),* })?)
                    })*
                    tag => Err(crate::codec::Refused::Tag { what: $what, tag }),
                }
            }
        }
    };
}
pub(crate) use alternatives;
