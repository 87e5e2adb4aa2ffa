//! Decompression whose state is bytes: RFC 1950 (`deflate`), 1951 (`deflate-raw`) and 1952 (`gzip`).
//!
//! The crates that do this keep their state in memory of their own, which a run's end, a restore and an
//! image know nothing of. Here it lies in the guest's heap like all else: the window, the lengths of the
//! block's codes, and which bit comes next. Each call reads whole symbols only; bytes that are not
//! enough for one are left to the next call. What a call makes is bounded, and so are the blocks that it
//! reads, whatever it is given: blocks may be empty, and each of them has tables built.
//!
//! Must not know streams.

use crate::compression::adler32_of;
use crate::{Answer, Arg, Fault, bytes, text};
use std::sync::LazyLock;

/// Bytes that one call makes, but for the end of a match.
const MOST: usize = 64 * 1024;
/// Blocks that one call begins.
pub(crate) const MOST_BLOCKS: usize = 256;
/// How far back a match may reach.
const WINDOW: usize = 32 * 1024;
/// Codes of literals and lengths, and of distances, as the fixed codes have them.
const LITERALS: usize = 288;
const DISTANCES: usize = 32;

const LENGTH_BASE: [u16; 29] = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
];
const LENGTH_BITS: [u8; 29] =
    [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE: [u16; 30] = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
    2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_BITS: [u8; 30] = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13,
    13,
];
/// The lengths of the fixed codes: of literals, then of distances.
const FIXED_LENGTHS: [u8; LITERALS + DISTANCES] = {
    let mut lengths = [8; LITERALS + DISTANCES];
    let mut at = 144;
    while at < lengths.len() {
        lengths[at] = match at {
            ..256 => 9,
            256..280 => 7,
            280..LITERALS => 8,
            _ => 5,
        };
        at += 1;
    }
    lengths
};
/// The order in which the lengths of the codes for lengths are told.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// `inflate(format, state, input)`: the new state, what was made, how many bytes of the input are done
/// with, whether there is more to do with what is there, and whether this was the end. The first state is
/// no bytes.
pub(crate) fn inflate(args: &[Arg]) -> Result<Answer, Fault> {
    let format = match text(args, 0) {
        "gzip" => Format::Gzip,
        "deflate" => Format::Zlib,
        _ => Format::Raw,
    };
    let mut state = State::read(format, bytes(args, 1));
    let mut input = Bits { bytes: bytes(args, 2), at: usize::from(state.bit) };
    let mut out = state.window.clone();
    let before = out.len();
    let full = state.advance(&mut input, &mut out)?;
    if state.stage == Stage::End {
        // The last byte has bits that nobody reads.
        input.align();
    }
    let made = out[before..].to_vec();
    state.window = out[out.len().saturating_sub(WINDOW)..].to_vec();
    state.bit = (input.at & 7) as u8;
    Ok(Answer::List(vec![
        Answer::Bytes(state.write()),
        Answer::Bytes(made),
        Answer::Number((input.at / 8) as f64),
        Answer::Bool(full),
        Answer::Bool(state.stage == Stage::End),
    ]))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Gzip,
    Zlib,
    Raw,
}

/// What comes next of the input.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Stage {
    Head,
    ExtraLength,
    Extra,
    Name,
    Comment,
    HeadCheck,
    Block,
    Stored,
    Codes,
    Tail,
    End,
}

const STAGES: [Stage; 11] = [
    Stage::Head,
    Stage::ExtraLength,
    Stage::Extra,
    Stage::Name,
    Stage::Comment,
    Stage::HeadCheck,
    Stage::Block,
    Stage::Stored,
    Stage::Codes,
    Stage::Tail,
    Stage::End,
];

struct State {
    format: Format,
    stage: Stage,
    /// Bits of the next byte that are read already.
    bit: u8,
    /// Whether the block is the last one.
    last: bool,
    /// What of the header of gzip is there.
    flags: u8,
    /// Bytes that are left of the block or field.
    left: u16,
    /// The check over what was made, and how much that was; before, the check over the header.
    check: u32,
    total: u32,
    /// The lengths of the codes of literals, then of distances.
    lengths: Vec<u8>,
    window: Vec<u8>,
}

/// Bytes of a state before its lengths and its window.
const FIXED: usize = 16;

/// There is no more input.
struct Short;

fn broken(what: &str) -> Fault {
    Fault::Type(format!("The compressed data is not valid: {what}"))
}

impl State {
    fn read(format: Format, bytes: &[u8]) -> State {
        let Some((fixed, rest)) = bytes.split_first_chunk::<FIXED>() else {
            let stage = if format == Format::Raw { Stage::Block } else { Stage::Head };
            let check = u32::from(format == Format::Zlib);
            return State {
                format,
                stage,
                bit: 0,
                last: false,
                flags: 0,
                left: 0,
                check,
                total: 0,
                lengths: Vec::new(),
                window: Vec::new(),
            };
        };
        let word = |at: usize| fixed[at..at + 4].try_into().map_or(0, u32::from_le_bytes);
        let stage = STAGES.get(usize::from(fixed[0])).copied().unwrap_or(Stage::End);
        let codes = if stage == Stage::Codes { LITERALS + DISTANCES } else { 0 };
        let (lengths, window) = rest.split_at(codes.min(rest.len()));
        State {
            format,
            stage,
            bit: fixed[1] & 7,
            last: fixed[2] != 0,
            flags: fixed[3],
            left: u16::from_le_bytes([fixed[4], fixed[5]]),
            check: word(8),
            total: word(12),
            lengths: lengths.to_vec(),
            window: window.to_vec(),
        }
    }

    fn write(&self) -> Vec<u8> {
        let mut bytes =
            vec![self.stage as u8, self.bit, u8::from(self.last), self.flags, 0, 0, 0, 0];
        bytes[4..6].copy_from_slice(&self.left.to_le_bytes());
        bytes.extend(self.check.to_le_bytes());
        bytes.extend(self.total.to_le_bytes());
        if self.stage == Stage::Codes {
            bytes.extend(&self.lengths);
        }
        bytes.extend(&self.window);
        bytes
    }

    /// Goes on until the input is used up or enough was done: whether the second.
    fn advance(&mut self, input: &mut Bits<'_>, out: &mut Vec<u8>) -> Result<bool, Fault> {
        let before = out.len();
        let full = self.stages(input, out);
        let made = &out[before..];
        // Whatever is checked, is checked with what was made in this call.
        self.total = self.total.wrapping_add(made.len() as u32);
        match self.format {
            _ if made.is_empty() => {}
            Format::Gzip => {
                let mut hasher = crc32fast::Hasher::new_with_initial(self.check);
                hasher.update(made);
                self.check = hasher.finalize();
            }
            Format::Zlib => self.check = adler32_of(self.check, made),
            Format::Raw => {}
        }
        let full = full?;
        if self.stage == Stage::Tail {
            self.tail(input)?;
        }
        Ok(full)
    }

    fn stages(&mut self, input: &mut Bits<'_>, out: &mut Vec<u8>) -> Result<bool, Fault> {
        let limit = out.len() + MOST;
        let mut blocks = 0;
        loop {
            if out.len() >= limit {
                return Ok(true);
            }
            let done = match self.stage {
                Stage::Tail | Stage::End => return Ok(false),
                Stage::Block if blocks == MOST_BLOCKS => return Ok(true),
                Stage::Block => {
                    blocks += 1;
                    self.block(input)?
                }
                Stage::Stored => self.stored(input, out, limit),
                Stage::Codes => self.codes(input, out, limit)?,
                _ => self.head(input)?,
            };
            match done {
                Ok(()) => {}
                Err(Short) => return Ok(false),
            }
        }
    }

    fn after_block(&mut self) {
        self.stage = match (self.last, self.format) {
            (false, _) => Stage::Block,
            (true, Format::Raw) => Stage::End,
            (true, _) => Stage::Tail,
        };
    }

    // Containers.

    /// The next part of the header.
    fn head(&mut self, input: &mut Bits<'_>) -> Result<Result<(), Short>, Fault> {
        let bytes = input.rest();
        let mut took = 0;
        let stage = self.stage;
        match (self.format, stage) {
            (Format::Zlib, _) => {
                let Some(&[method, flags]) = bytes.first_chunk::<2>() else {
                    return Ok(Err(Short));
                };
                let check = u16::from_be_bytes([method, flags]);
                if method & 15 != 8 || method >> 4 > 7 || check % 31 != 0 {
                    return Err(broken("the header is none of zlib's"));
                }
                if flags & 0x20 != 0 {
                    return Err(broken("it needs a dictionary"));
                }
                took = 2;
                self.stage = Stage::Block;
            }
            (_, Stage::Head) => {
                // What is wrong is told as soon as it is there.
                for (byte, wanted) in bytes.iter().zip([0x1f, 0x8b, 8]) {
                    if *byte != wanted {
                        return Err(broken("the header is none of gzip's"));
                    }
                }
                let Some(head) = bytes.first_chunk::<10>() else { return Ok(Err(Short)) };
                if head[3] & 0xe0 != 0 {
                    return Err(broken("the header has unknown flags"));
                }
                self.flags = head[3];
                took = 10;
                self.stage = Stage::ExtraLength;
            }
            (_, Stage::ExtraLength) if self.flags & 4 == 0 => self.stage = Stage::Name,
            (_, Stage::ExtraLength) => {
                let Some(length) = bytes.first_chunk::<2>() else { return Ok(Err(Short)) };
                self.left = u16::from_le_bytes(*length);
                took = 2;
                self.stage = Stage::Extra;
            }
            (_, Stage::Extra) => {
                took = bytes.len().min(usize::from(self.left));
                self.left -= took as u16;
                if self.left == 0 {
                    self.stage = Stage::Name;
                }
            }
            (_, Stage::Name) if self.flags & 8 == 0 => self.stage = Stage::Comment,
            (_, Stage::Comment) if self.flags & 16 == 0 => self.stage = Stage::HeadCheck,
            (_, Stage::Name | Stage::Comment) => {
                let end = bytes.iter().position(|byte| *byte == 0);
                took = end.map_or(bytes.len(), |end| end + 1);
                if end.is_some() {
                    let name = stage == Stage::Name;
                    self.stage = if name { Stage::Comment } else { Stage::HeadCheck };
                }
            }
            _ => {
                if self.flags & 2 != 0 {
                    let Some(check) = bytes.first_chunk::<2>() else { return Ok(Err(Short)) };
                    if u16::from_le_bytes(*check) != self.check as u16 {
                        return Err(broken("the check of the header is another one"));
                    }
                    input.at += 16;
                }
                self.check = 0;
                self.stage = Stage::Block;
                return Ok(Ok(()));
            }
        }
        if self.format == Format::Gzip {
            let mut hasher = crc32fast::Hasher::new_with_initial(self.check);
            hasher.update(&bytes[..took]);
            self.check = hasher.finalize();
        }
        input.at += took * 8;
        Ok(if took == 0 && self.stage == stage { Err(Short) } else { Ok(()) })
    }

    fn tail(&mut self, input: &mut Bits<'_>) -> Result<(), Fault> {
        let bytes = input.aligned();
        let len = if self.format == Format::Gzip { 8 } else { 4 };
        let Some(tail) = bytes.get(..len) else { return Ok(()) };
        let word = |at: usize| [tail[at], tail[at + 1], tail[at + 2], tail[at + 3]];
        let right = match self.format {
            Format::Gzip => {
                u32::from_le_bytes(word(0)) == self.check
                    && u32::from_le_bytes(word(4)) == self.total
            }
            _ => u32::from_be_bytes(word(0)) == self.check,
        };
        if !right {
            return Err(broken("its check is another one"));
        }
        input.align();
        input.at += len * 8;
        self.stage = Stage::End;
        Ok(())
    }

    // Blocks.

    fn block(&mut self, input: &mut Bits<'_>) -> Result<Result<(), Short>, Fault> {
        let begin = input.at;
        let done = self.block_head(input);
        if matches!(done, Ok(Err(Short))) {
            input.at = begin;
        }
        done
    }

    fn block_head(&mut self, input: &mut Bits<'_>) -> Result<Result<(), Short>, Fault> {
        let Some(head) = input.take(3) else { return Ok(Err(Short)) };
        self.last = head & 1 == 1;
        match head >> 1 {
            0 => {
                let bytes = input.aligned();
                let Some(&[a, b, c, d]) = bytes.first_chunk::<4>() else { return Ok(Err(Short)) };
                let length = u16::from_le_bytes([a, b]);
                if length != !u16::from_le_bytes([c, d]) {
                    return Err(broken("the length of a block contradicts itself"));
                }
                input.align();
                input.at += 32;
                self.left = length;
                self.stage = Stage::Stored;
            }
            1 => {
                self.lengths = FIXED_LENGTHS.to_vec();
                self.stage = Stage::Codes;
            }
            2 => match read_lengths(input)? {
                Ok(lengths) => {
                    self.lengths = lengths;
                    self.stage = Stage::Codes;
                }
                Err(Short) => return Ok(Err(Short)),
            },
            _ => return Err(broken("a block is of no known kind")),
        }
        Ok(Ok(()))
    }

    fn stored(
        &mut self,
        input: &mut Bits<'_>,
        out: &mut Vec<u8>,
        limit: usize,
    ) -> Result<(), Short> {
        let bytes = input.rest();
        let took = bytes.len().min(usize::from(self.left)).min(limit - out.len());
        out.extend(&bytes[..took]);
        input.at += took * 8;
        self.left -= took as u16;
        if self.left == 0 {
            self.after_block();
            return Ok(());
        }
        if took == bytes.len() { Err(Short) } else { Ok(()) }
    }

    fn codes(
        &mut self,
        input: &mut Bits<'_>,
        out: &mut Vec<u8>,
        limit: usize,
    ) -> Result<Result<(), Short>, Fault> {
        static FIXED_CODES: LazyLock<Result<(Codes, Codes), Fault>> =
            LazyLock::new(|| pair_of(&FIXED_LENGTHS));
        let own;
        let (literals, distances) = if self.lengths == FIXED_LENGTHS {
            FIXED_CODES.as_ref().map_err(Clone::clone)?
        } else {
            own = pair_of(&self.lengths)?;
            &own
        };
        while out.len() < limit {
            let begin = input.at;
            match symbol(literals, distances, input, out)? {
                Ok(false) => {}
                Ok(true) => {
                    self.after_block();
                    break;
                }
                Err(Short) => {
                    input.at = begin;
                    return Ok(Err(Short));
                }
            }
        }
        Ok(Ok(()))
    }
}

/// The codes of literals, and of distances.
fn pair_of(lengths: &[u8]) -> Result<(Codes, Codes), Fault> {
    let (literals, distances) = lengths.split_at(LITERALS.min(lengths.len()));
    Ok((Codes::new(literals, false)?, Codes::new(distances, false)?))
}

/// Reads a literal or a match; true at the end of the block.
fn symbol(
    literals: &Codes,
    distances: &Codes,
    input: &mut Bits<'_>,
    out: &mut Vec<u8>,
) -> Result<Result<bool, Short>, Fault> {
    let code = match literals.next(input)? {
        Ok(code) => usize::from(code),
        Err(Short) => return Ok(Err(Short)),
    };
    let Some(length) = code.checked_sub(257) else {
        if code < 256 {
            out.push(code as u8);
        }
        return Ok(Ok(code == 256));
    };
    let (Some(base), Some(bits)) = (LENGTH_BASE.get(length), LENGTH_BITS.get(length)) else {
        return Err(broken("a code is of no length"));
    };
    let Some(extra) = input.take(u32::from(*bits)) else { return Ok(Err(Short)) };
    let length = usize::from(*base) + extra as usize;
    let code = match distances.next(input)? {
        Ok(code) => usize::from(code),
        Err(Short) => return Ok(Err(Short)),
    };
    let (Some(base), Some(bits)) = (DISTANCE_BASE.get(code), DISTANCE_BITS.get(code)) else {
        return Err(broken("a code is of no distance"));
    };
    let Some(extra) = input.take(u32::from(*bits)) else { return Ok(Err(Short)) };
    let distance = usize::from(*base) + extra as usize;
    let Some(from) = out.len().checked_sub(distance) else {
        return Err(broken("a match begins before all data"));
    };
    if distance >= length {
        out.extend_from_within(from..from + length);
    } else {
        // The match repeats what it makes itself.
        for at in from..from + length {
            out.push(out[at]);
        }
    }
    Ok(Ok(false))
}

/// The lengths of a block's own codes.
fn read_lengths(input: &mut Bits<'_>) -> Result<Result<Vec<u8>, Short>, Fault> {
    let Some(counts) = input.take(14) else { return Ok(Err(Short)) };
    let literals = (counts & 31) as usize + 257;
    let distances = (counts >> 5 & 31) as usize + 1;
    if literals > 286 || distances > 30 {
        return Err(broken("a block has too many codes"));
    }
    let mut of_lengths = [0; 19];
    for place in &ORDER[..(counts >> 10) as usize + 4] {
        let Some(length) = input.take(3) else { return Ok(Err(Short)) };
        of_lengths[*place] = length as u8;
    }
    let codes = Codes::new(&of_lengths, true)?;
    let mut all: Vec<u8> = Vec::with_capacity(literals + distances);
    while all.len() < literals + distances {
        let code = match codes.next(input)? {
            Ok(code) => code,
            Err(Short) => return Ok(Err(Short)),
        };
        let (bits, least, length) = match code {
            16 => match all.last() {
                Some(&length) => (2, 3, length),
                None => return Err(broken("there is no length to repeat")),
            },
            17 => (3, 3, 0),
            18 => (7, 11, 0),
            length => (0, 1, length as u8),
        };
        let Some(extra) = input.take(bits) else { return Ok(Err(Short)) };
        let count = least + extra as usize;
        if all.len() + count > literals + distances {
            return Err(broken("lengths are repeated beyond the codes"));
        }
        all.resize(all.len() + count, length);
    }
    if all[256] == 0 {
        return Err(broken("a block has no end"));
    }
    let mut lengths = all[..literals].to_vec();
    lengths.resize(LITERALS, 0);
    lengths.extend(&all[literals..]);
    lengths.resize(LITERALS + DISTANCES, 0);
    // What is wrong with the codes is the block's, not that of a later call.
    pair_of(&lengths)?;
    Ok(Ok(lengths))
}

/// Canonical prefix codes, by their lengths.
struct Codes {
    /// By the next [`QUICK`] bits: the symbol and, in the low four bits, its length; 0 where it is longer.
    quick: Vec<u16>,
    /// How many codes have each length.
    counts: [u16; 16],
    /// The symbols in the order of their codes.
    symbols: Vec<u16>,
}

const QUICK: u32 = 10;

impl Codes {
    /// Codes that leave bits unused are wrong but for a single one, unless `whole`.
    fn new(lengths: &[u8], whole: bool) -> Result<Codes, Fault> {
        let mut counts = [0_u16; 16];
        for length in lengths {
            counts[usize::from(length & 15)] += 1;
        }
        counts[0] = 0;
        let mut left = 1_i32;
        for count in &counts[1..] {
            left = left * 2 - i32::from(*count);
            if left < 0 {
                return Err(broken("there are too many codes of a length"));
            }
        }
        let longest = counts.iter().rposition(|count| *count > 0).unwrap_or(0);
        if left > 0 && longest > 0 && (whole || longest > 1) || (whole && longest == 0) {
            return Err(broken("codes are missing"));
        }
        let (mut codes, mut places) = ([0_u16; 16], [0_u16; 16]);
        for length in 1..16 {
            codes[length] = (codes[length - 1] + counts[length - 1]) << 1;
            places[length] = places[length - 1] + counts[length - 1];
        }
        let mut symbols = vec![0; lengths.len()];
        let mut quick = vec![0; 1 << QUICK];
        for (symbol, length) in lengths.iter().enumerate() {
            let length = usize::from(length & 15);
            if length == 0 {
                continue;
            }
            symbols[usize::from(places[length])] = symbol as u16;
            places[length] += 1;
            let code = codes[length];
            codes[length] += 1;
            if length as u32 <= QUICK {
                // Codes come with their highest bit first, bytes with their lowest.
                let first = usize::from(code.reverse_bits() >> (16 - length));
                for at in (first..1 << QUICK).step_by(1 << length) {
                    quick[at] = (symbol as u16) << 4 | length as u16;
                }
            }
        }
        Ok(Codes { quick, counts, symbols })
    }

    fn next(&self, input: &mut Bits<'_>) -> Result<Result<u16, Short>, Fault> {
        let bits = input.peek();
        let left = input.left();
        let entry = self.quick[(bits & ((1 << QUICK) - 1)) as usize];
        if entry != 0 {
            let length = usize::from(entry & 15);
            if length > left {
                return Ok(Err(Short));
            }
            input.at += length;
            return Ok(Ok(entry >> 4));
        }
        let (mut code, mut first, mut place) = (0_u32, 0_u32, 0_u32);
        for length in 1..16 {
            if length > left {
                return Ok(Err(Short));
            }
            code |= (bits >> (length - 1)) as u32 & 1;
            let count = u32::from(self.counts[length]);
            if code < first + count {
                input.at += length;
                return Ok(Ok(self.symbols[(place + code - first) as usize]));
            }
            place += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(broken("a code is unknown"))
    }
}

/// Bits of bytes, the lowest ones first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// Bits that are read.
    at: usize,
}

impl<'a> Bits<'a> {
    fn left(&self) -> usize {
        (self.bytes.len() * 8).saturating_sub(self.at)
    }

    /// The next bits, at least 57 of them; those behind the end are 0.
    fn peek(&self) -> u64 {
        let rest = self.bytes.get(self.at / 8..).unwrap_or(&[]);
        let word = match rest.first_chunk::<8>() {
            Some(whole) => *whole,
            None => {
                let mut word = [0; 8];
                word[..rest.len()].copy_from_slice(rest);
                word
            }
        };
        u64::from_le_bytes(word) >> (self.at & 7)
    }

    fn take(&mut self, count: u32) -> Option<u32> {
        if self.left() < count as usize {
            return None;
        }
        let bits = self.peek() & ((1 << count) - 1);
        self.at += count as usize;
        Some(bits as u32)
    }

    fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }

    /// The bytes from the next whole one.
    fn aligned(&self) -> &'a [u8] {
        self.bytes.get(self.at.div_ceil(8)..).unwrap_or(&[])
    }

    /// The bytes that are left, where all of them are whole.
    fn rest(&self) -> &'a [u8] {
        self.aligned()
    }
}
