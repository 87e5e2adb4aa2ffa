//! Heap snapshots, which go to the broker in pieces while they are written. What is found meanwhile lies
//! in memory: a worker has no files.

use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex, PoisonError};

use sandtide::{Look, Looked, Moment};
use sandtide_engine::Error;
use sandtide_inspect::snapshot::{self, Ids, Scratch};
use sandtide_wire::{FromWorker, MOST_PIECE};

use crate::hosts::with_channel;

/// Writes a snapshot of a run that hits its heap limit.
pub(crate) fn at_limit(run: u64, scratch: usize) -> Look {
    Look::new(move |looked: &Looked<'_>| {
        if looked.moment != Moment::HeapLimit {
            return;
        }
        // Says that it begins: going through a large heap takes a while.
        send_piece(run, Vec::new());
        let error = write(looked, run, scratch).err();
        with_channel(|channel| channel.send(&FromWorker::Looked { run, error }));
    })
}

/// What came of a look.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Option<Result<(), Error>>>>);

impl Written {
    /// None where nobody looked.
    pub(crate) fn take(&self) -> Option<Result<(), Error>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Writes a snapshot of an image.
pub(crate) fn of_image(run: u64, scratch: usize) -> (Look, Written) {
    let written = Written::default();
    let result = written.clone();
    let look = Look::new(move |looked: &Looked<'_>| {
        let written = write(looked, run, scratch);
        *result.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(written);
    });
    (look, written)
}

fn write(looked: &Looked<'_>, run: u64, scratch: usize) -> Result<(), Error> {
    let mut out = Pieces { run, bytes: Vec::with_capacity(MOST_PIECE) };
    let scratch = Scratch::Memory(scratch);
    match snapshot::write_with(scratch, looked.walk, &mut Ids::default(), &mut out) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::System {
            action: "writing a heap snapshot",
            message: match error.kind() {
                ErrorKind::StorageFull => {
                    "a worker has no room for what it finds; take the snapshot of a smaller heap"
                        .to_owned()
                }
                _ => error.to_string(),
            },
        }),
    }
}

fn send_piece(run: u64, bytes: Vec<u8>) {
    with_channel(|channel| channel.send(&FromWorker::Piece { run, bytes }));
}

/// Sends what is written, as much at a time as a piece may have.
struct Pieces {
    run: u64,
    bytes: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(MOST_PIECE - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..taken]);
        if self.bytes.len() == MOST_PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.bytes.is_empty() {
            let next = Vec::with_capacity(MOST_PIECE);
            send_piece(self.run, std::mem::replace(&mut self.bytes, next));
        }
        Ok(())
    }
}
