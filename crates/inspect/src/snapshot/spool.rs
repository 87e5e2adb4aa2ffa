//! What one visit of each object found, kept on disk until all numbers are known: a snapshot's nodes
//! stand before its edges, and an edge says which node it leads to.
//!
//! Numbers are written in as few bytes as they need. Must not know what they mean.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

/// Bytes that are written or read at once.
const BUFFER: usize = 256 << 10;

/// Is written to first, then read from its start, as often as need be.
pub(super) struct Spool {
    out: BufWriter<File>,
}

impl Spool {
    pub(super) fn new() -> io::Result<Spool> {
        Ok(Spool { out: BufWriter::with_capacity(BUFFER, tempfile::tempfile()?) })
    }

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
        self.out.write_all(&bytes[..=len])
    }

    /// A number that is near to another one, on either side.
    pub(super) fn near(&mut self, number: u64, to: u64) -> io::Result<()> {
        let distance = number.wrapping_sub(to).cast_signed();
        self.number(((distance << 1) ^ (distance >> 63)).cast_unsigned())
    }

    /// All that was written, from the start.
    pub(super) fn read(&mut self) -> io::Result<Reading<'_>> {
        self.out.flush()?;
        let file = self.out.get_mut();
        file.seek(SeekFrom::Start(0))?;
        Ok(Reading { from: BufReader::with_capacity(BUFFER, file) })
    }
}

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

pub(super) struct Reading<'a> {
    from: BufReader<&'a mut File>,
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
        let mut spool = Spool::new().unwrap();
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        for number in numbers {
            spool.number(number).unwrap();
            spool.near(number, 1 << 40).unwrap();
        }
        spool.write_all(b"rest").unwrap();
        for _ in 0..2 {
            let mut reading = spool.read().unwrap();
            for number in numbers {
                assert_eq!(reading.number().unwrap(), number);
                assert_eq!(reading.near(1 << 40).unwrap(), number);
            }
            let mut rest = Vec::new();
            reading.copy(&mut rest).unwrap();
            assert_eq!(rest, b"rest");
        }
    }
}
