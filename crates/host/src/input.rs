//! Frames from bytes. Must not know what they say.

use std::io;
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags, poll};
use sandtide_wire::{HOST_FRAME, LENGTH_BYTES};

/// Bytes that are read at once.
const READ: usize = 64 << 10;
/// The buffer is made no smaller than this while it is empty.
const KEPT: usize = 1 << 20;

/// Reads frames.
pub(crate) struct Input {
    from: OwnedFd,
    buffer: Vec<u8>,
    /// Where the first frame begins that was not taken.
    start: usize,
}

impl Input {
    pub(crate) fn new(from: OwnedFd) -> Input {
        Input { from, buffer: Vec::new(), start: 0 }
    }

    /// The next frame, without its length, or none at the end.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::InvalidData`] for a frame that is too long, and
    /// [`io::ErrorKind::UnexpectedEof`] for an end within a frame.
    pub(crate) fn next(&mut self) -> io::Result<Option<&[u8]>> {
        let len = loop {
            let rest = &self.buffer[self.start..];
            if let Some((len, rest)) = rest.split_first_chunk::<LENGTH_BYTES>() {
                let len = u32::from_le_bytes(*len) as usize;
                if len > HOST_FRAME {
                    let message = format!("a frame of {len} bytes, of at most {HOST_FRAME}");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, message));
                }
                if rest.len() >= len {
                    break len;
                }
            }
            if !self.more()? {
                return match self.buffer.len() == self.start {
                    true => Ok(None),
                    false => Err(io::ErrorKind::UnexpectedEof.into()),
                };
            }
        };
        let start = self.start + LENGTH_BYTES;
        self.start = start + len;
        Ok(Some(&self.buffer[start..self.start]))
    }

    /// Waits for more bytes; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        self.buffer.drain(..self.start);
        self.start = 0;
        if self.buffer.is_empty() {
            self.buffer.shrink_to(KEPT);
        }
        // The length is only a claim: room is made as bytes come.
        let had = self.buffer.len();
        self.buffer.resize(had + READ.max(had / 2), 0);
        let read = loop {
            match rustix::io::read(&self.from, &mut self.buffer[had..]) {
                Err(rustix::io::Errno::INTR) => {}
                // It may be one socket with the output.
                Err(rustix::io::Errno::AGAIN) => {
                    let _ = poll(&mut [PollFd::new(&self.from, PollFlags::IN)], None);
                }
                read => break read,
            }
        };
        self.buffer.truncate(had + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn input(bytes: &[u8]) -> Input {
        let (from, to) = rustix::pipe::pipe().unwrap();
        let bytes = bytes.to_vec();
        std::thread::spawn(move || std::fs::File::from(to).write_all(&bytes));
        Input::new(from)
    }

    #[test]
    fn frames_are_read_whole_and_in_order_also_long_and_empty_ones() {
        let long = vec![7; 3 * READ];
        let mut bytes = Vec::new();
        for frame in [&b"one"[..], b"", &long] {
            bytes.extend_from_slice(&(frame.len() as u32).to_le_bytes());
            bytes.extend_from_slice(frame);
        }
        let mut input = input(&bytes);
        assert_eq!(input.next().unwrap().unwrap(), b"one");
        assert_eq!(input.next().unwrap().unwrap(), b"");
        assert_eq!(input.next().unwrap().unwrap(), long);
        assert!(input.next().unwrap().is_none());
    }

    #[test]
    fn an_end_within_a_frame_and_a_length_that_is_too_long_are_errors() {
        for cut in [&b"\x05\0\0\0abcd"[..], b"\x05\0"] {
            assert_eq!(input(cut).next().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        }
        let long = input(b"\xff\xff\xff\xff").next().unwrap_err();
        assert_eq!(long.kind(), io::ErrorKind::InvalidData);
    }
}
