//! What one visit of each object found, kept until all numbers are known: a snapshot's nodes stand
//! before its edges, and an edge says which node it leads to. It lies on disk, or in memory where a process
//! has no files.
//!
//! Numbers are written in as few bytes as they need. Must not know what they mean.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

use super::Scratch;

/// Bytes that are written or read at once.
const BUFFER: usize = 256 << 10;
/// Bytes of a block in memory: none is copied to make room for more.
const BLOCK: usize = 64 << 10;

/// Is written to first, then read from its start, as often as need be.
pub(super) struct Spool {
    out: Out,
}

enum Out {
    File(BufWriter<File>),
    Memory(Blocks),
}

/// Where the spools of one snapshot are.
pub(super) struct Place {
    /// Bytes of memory that are left; none where they are files.
    left: Option<Rc<Cell<usize>>>,
}

impl Place {
    pub(super) fn of(scratch: Scratch) -> Place {
        match scratch {
            Scratch::Files => Place { left: None },
            Scratch::Memory(bytes) => Place { left: Some(Rc::new(Cell::new(bytes))) },
        }
    }

    pub(super) fn spool(&self) -> io::Result<Spool> {
        let out = match &self.left {
            None => Out::File(BufWriter::with_capacity(BUFFER, tempfile::tempfile()?)),
            Some(left) => Out::Memory(Blocks { blocks: Vec::new(), left: Rc::clone(left) }),
        };
        Ok(Spool { out })
    }
}

struct Blocks {
    blocks: Vec<Vec<u8>>,
    left: Rc<Cell<usize>>,
}

impl Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = |block: &Vec<u8>| BLOCK - block.len();
        if self.blocks.last().map_or(0, room) == 0 {
            let left = self.left.get().checked_sub(BLOCK).ok_or(ErrorKind::StorageFull)?;
            self.left.set(left);
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        let Some(last) = self.blocks.last_mut() else { return Ok(0) };
        let taken = bytes.len().min(BLOCK - last.len());
        last.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Spool {
    pub(super) fn number(&mut self, mut number: u64) -> io::Result<()> {
        let mut bytes = [0; 10];
        let mut len = 0;
        loop {
            bytes[len] = number as u8 & 0x7f;
            number >>= 7;
            if number == 0 {
                break;
            }
            bytes[len] |= 0x80;
            len += 1;
        }
        self.write_all(&bytes[..=len])
    }

    /// A number that is near to another one, on either side.
    pub(super) fn near(&mut self, number: u64, to: u64) -> io::Result<()> {
        let distance = number.wrapping_sub(to).cast_signed();
        self.number(((distance << 1) ^ (distance >> 63)).cast_unsigned())
    }

    /// All that was written, from the start.
    pub(super) fn read(&mut self) -> io::Result<Reading<'_>> {
        let from = match &mut self.out {
            Out::File(out) => {
                out.flush()?;
                let file = out.get_mut();
                file.seek(SeekFrom::Start(0))?;
                Source::File(BufReader::with_capacity(BUFFER, file))
            }
            Out::Memory(Blocks { blocks, .. }) => Source::Memory { blocks, at: 0 },
        };
        Ok(Reading { from })
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.out {
            Out::File(out) => out.write(bytes),
            Out::Memory(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::File(out) => out.flush(),
            Out::Memory(out) => out.flush(),
        }
    }
}

enum Source<'a> {
    File(BufReader<&'a mut File>),
    /// From this byte of the first block on.
    Memory {
        blocks: &'a [Vec<u8>],
        at: usize,
    },
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::File(file) => file.read(into),
            Source::Memory { blocks, at } => {
                let Some((first, rest)) = blocks.split_first() else { return Ok(0) };
                let taken = into.len().min(first.len() - *at);
                into[..taken].copy_from_slice(&first[*at..*at + taken]);
                *at += taken;
                if *at == first.len() {
                    (*blocks, *at) = (rest, 0);
                }
                Ok(taken)
            }
        }
    }
}

pub(super) struct Reading<'a> {
    from: Source<'a>,
}

impl Reading<'_> {
    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.from.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    pub(super) fn number(&mut self) -> io::Result<u64> {
        let mut number = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
            shift += 7;
        }
    }

    pub(super) fn near(&mut self, to: u64) -> io::Result<u64> {
        let number = self.number()?;
        let distance = (number >> 1).cast_signed() ^ -((number & 1).cast_signed());
        Ok(to.wrapping_add(distance.cast_unsigned()))
    }

    /// What is left, as it is.
    pub(super) fn copy(&mut self, out: &mut impl Write) -> io::Result<()> {
        io::copy(&mut self.from, out).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_as_often_as_need_be() {
        for scratch in [Scratch::Files, Scratch::Memory(1 << 20)] {
            let mut spool = Place::of(scratch).spool().unwrap();
            let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
            // More than a block has.
            for number in numbers.into_iter().cycle().take(20_000) {
                spool.number(number).unwrap();
                spool.near(number, 1 << 40).unwrap();
            }
            spool.write_all(b"rest").unwrap();
            for _ in 0..2 {
                let mut reading = spool.read().unwrap();
                for number in numbers.into_iter().cycle().take(20_000) {
                    assert_eq!(reading.number().unwrap(), number);
                    assert_eq!(reading.near(1 << 40).unwrap(), number);
                }
                let mut rest = Vec::new();
                reading.copy(&mut rest).unwrap();
                assert_eq!(rest, b"rest");
            }
        }
    }

    #[test]
    fn spools_in_memory_share_what_they_may_have() {
        let place = Place::of(Scratch::Memory(2 * BLOCK));
        let (mut first, mut second) = (place.spool().unwrap(), place.spool().unwrap());
        first.write_all(&[0; BLOCK]).unwrap();
        second.write_all(&[0; BLOCK]).unwrap();
        let full = first.write_all(&[0]).unwrap_err();
        assert_eq!(full.kind(), ErrorKind::StorageFull);
        assert!(second.write_all(&[0]).is_err());
    }
}
