//! A worker's side of its channel: frames on one blocking socket, which ticks interrupt.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use sandtide_wire::{FromWorker, LENGTH_BYTES, ToWorker};

/// The broker is gone, or says what is no message: there is nothing left to do for a worker.
#[derive(Debug)]
pub(crate) struct Gone;

pub(crate) struct Channel {
    socket: File,
    out: Vec<u8>,
    /// What was read; the bytes before `used` are used up.
    input: Vec<u8>,
    used: usize,
    /// Since when there are answers in `out` that were not sent.
    kept_since: Option<Instant>,
}

impl Channel {
    pub(crate) fn new(socket: File) -> Channel {
        Channel { socket, out: Vec::new(), input: Vec::new(), used: 0, kept_since: None }
    }

    pub(crate) fn send(&mut self, message: &FromWorker) -> Result<(), Gone> {
        message.encode(&mut self.out).map_err(|_| Gone)?;
        self.flush()
    }

    /// As [`send`](Self::send), but together with what comes next where the broker sent that ahead: who
    /// sent several runs wants their answers together. Not for long, and not much.
    pub(crate) fn send_together(&mut self, message: &FromWorker) -> Result<(), Gone> {
        let since = *self.kept_since.get_or_insert_with(Instant::now);
        message.encode(&mut self.out).map_err(|_| Gone)?;
        if self.has_message() && self.out.len() < KEPT_BACK && since.elapsed() < KEPT_FOR {
            return Ok(());
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Gone> {
        self.kept_since = None;
        let sent = write_all(&mut self.socket, &self.out);
        // A large answer's room is not kept for the next one.
        if self.out.capacity() > KEPT {
            self.out = Vec::new();
        } else {
            self.out.clear();
        }
        sent
    }

    /// Whether the next message is here already, as a whole.
    fn has_message(&self) -> bool {
        let unused = self.input[self.used..].split_first_chunk::<LENGTH_BYTES>();
        unused.is_some_and(|(length, rest)| rest.len() >= u32::from_le_bytes(*length) as usize)
    }

    /// Waits for the next message. With `interruptible`, none is answered when a signal came before
    /// its first byte.
    pub(crate) fn receive(&mut self, interruptible: bool) -> Result<Option<ToWorker>, Gone> {
        loop {
            let unused = &self.input[self.used..];
            // Bytes until the message is whole, as far as that is known.
            let missing = match unused.split_first_chunk::<LENGTH_BYTES>() {
                None => LENGTH_BYTES - unused.len(),
                Some((length, rest)) => {
                    let len = u32::from_le_bytes(*length) as usize;
                    if let Some(bytes) = rest.get(..len) {
                        let message = ToWorker::decode(bytes).map_err(|_| Gone)?;
                        self.use_up(LENGTH_BYTES + len);
                        return Ok(Some(message));
                    }
                    len - rest.len()
                }
            };
            let nothing = unused.is_empty();
            if !self.read(missing)? && interruptible && nothing {
                return Ok(None);
            }
        }
    }

    /// Notes that so many bytes of the input are used.
    fn use_up(&mut self, bytes: usize) {
        self.used += bytes;
        if self.used == self.input.len() {
            self.used = 0;
            if self.input.capacity() > KEPT { self.input = Vec::new() } else { self.input.clear() }
        }
    }

    /// Reads what has come, of which `missing` bytes are waited for; `false` where a signal came first.
    fn read(&mut self, missing: usize) -> Result<bool, Gone> {
        if self.used > 0 {
            self.input.drain(..self.used);
            self.used = 0;
        }
        // Most messages are there whole, their lengths with them.
        self.input.reserve(missing.max(ROOM));
        match rustix::io::read(&self.socket, spare_capacity(&mut self.input)) {
            Ok(0) => Err(Gone),
            Ok(_) => Ok(true),
            // The second is what a socket with a time limit on reads says.
            Err(Errno::INTR | Errno::AGAIN) => Ok(false),
            Err(_) => Err(Gone),
        }
    }
}

/// Answers wait for others up to this size, and for so long.
const KEPT_BACK: usize = 16 << 10;
const KEPT_FOR: Duration = Duration::from_millis(1);
/// Room for bytes that are read ahead.
const ROOM: usize = 4 << 10;
/// Buffers up to this size are kept for the next message.
const KEPT: usize = 64 << 10;

fn write_all(socket: &mut File, mut bytes: &[u8]) -> Result<(), Gone> {
    while !bytes.is_empty() {
        match socket.write(bytes) {
            Ok(0) => return Err(Gone),
            Ok(sent) => bytes = &bytes[sent..],
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            Err(_) => return Err(Gone),
        }
    }
    Ok(())
}
