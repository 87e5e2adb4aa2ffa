//! One connection of a client: heads and bodies in, answers out, each within its time; and whether
//! the client is still there while an answer is being made. Knows nothing of what requests mean.

use std::{
    future::Future,
    io::{self, ErrorKind, IoSlice},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use socket2::SockRef;
use tokio::{
    io::Interest,
    net::TcpStream,
    sync::watch,
    task::coop::consume_budget,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    body::BodyReader,
    head::{Framing, Head, HeadReader, MAX_HEAD, Malformed},
    response::{Response, Source},
    stream::Stream,
};
use crate::flight::{Flight, Permit, SlowTransfer};

/// Bytes that are read ahead of what was asked for.
const BUFFER: usize = MAX_HEAD;
/// The buffer's first size, which most requests fit; kept while the connection is idle.
const SMALL_BUFFER: usize = 4 << 10;
/// Bytes that the kernel holds for a client beside those on their way. The rest waits in this
/// process, where it is counted.
const KERNEL_BUFFER: u32 = 256 << 10;
/// How every answer begins, whatever it is.
const ANSWER_START: &[u8] = b"HTTP/1.1 ";
/// How long after a client stopped sending it is first asked whether it is there.
const FIRST_PROBE: Duration = Duration::from_millis(50);
/// How long a client that was refused may go on sending before the connection is closed, so that it
/// gets the answer that says why.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// How long clients may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// To send a head, and to send a body.
    pub(crate) read: Duration,
    /// Without taking any byte of an answer.
    pub(crate) write: Duration,
}

/// What comes next on a connection.
pub(crate) enum Next {
    Request(Box<Head>),
    Malformed(Malformed),
    /// A head that was begun did not arrive in time.
    TimedOut,
    /// Nothing more comes.
    Closed,
}

/// A request's body, and its room among the bytes in flight.
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) permit: Permit,
}

/// Why a body was not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    Malformed(Malformed),
    TooLarge,
    TimedOut,
    /// Too many bytes are in flight.
    NoRoom,
    /// The client left.
    Gone,
}

/// One client's connection.
pub(crate) struct Connection {
    stream: Stream,
    flight: Arc<Flight>,
    timeouts: Timeouts,
    /// What was read; the bytes before `start` are used up.
    buffer: Vec<u8>,
    start: usize,
    heads: HeadReader,
    /// The body of the request in hand.
    body: BodyReader,
    framing: Framing,
    expects_continue: bool,
    /// The client will send no more. It may still read.
    ended: bool,
    /// How much of [`ANSWER_START`] was sent ahead of the answer in the making.
    sent_ahead: usize,
}

impl Connection {
    pub(crate) fn new(stream: Stream, flight: Arc<Flight>, timeouts: Timeouts) -> Self {
        Self {
            stream,
            flight,
            timeouts,
            buffer: Vec::new(),
            start: 0,
            heads: HeadReader::default(),
            body: BodyReader::new(Framing::Empty),
            framing: Framing::Empty,
            expects_continue: false,
            ended: false,
            sent_ahead: 0,
        }
    }

    /// Waits for the head of the next request. An idle connection ends when `stopping` changes.
    pub(crate) async fn next(&mut self, stopping: &mut watch::Receiver<()>) -> Next {
        let deadline = Instant::now() + self.timeouts.read;
        loop {
            // Some clients end a body with a line end that is no part of it.
            while self.unread().starts_with(b"\r\n") {
                self.start += 2;
            }
            let idle = self.unread().is_empty();
            if !idle {
                match self.heads.read(&self.buffer[self.start..]) {
                    Ok(Some((mut head, length))) => {
                        self.start += length;
                        head.secure = self.stream.is_secure();
                        self.body = BodyReader::new(head.framing);
                        self.framing = head.framing;
                        self.expects_continue = head.expects_continue;
                        return Next::Request(Box::new(head));
                    }
                    Ok(None) => {}
                    Err(malformed) => return Next::Malformed(malformed),
                }
            }
            if self.ended {
                return Next::Closed;
            }
            match self.try_fill() {
                Ok(()) => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return Next::Closed,
            }
            if idle && self.buffer.capacity() > SMALL_BUFFER {
                self.buffer = Vec::new();
                self.start = 0;
            }
            tokio::select! {
                readable = self.stream.readable() => {
                    if readable.is_err() {
                        return Next::Closed;
                    }
                }
                () = sleep_until(deadline) => {
                    return if idle { Next::Closed } else { Next::TimedOut };
                }
                _ = stopping.changed(), if idle => return Next::Closed,
            }
        }
    }

    /// Reads the body of the request in hand, of at most `limit` bytes.
    pub(crate) async fn read_body(&mut self, limit: usize) -> Result<Body, Unread> {
        let most = most_of(self.framing, limit)?;
        let deadline = Instant::now() + self.timeouts.read;
        let mut permit = self.flight.take(0).ok_or(Unread::NoRoom)?;
        let mut bytes = Vec::new();
        let mut slow: Option<SlowTransfer> = None;
        if self.expects_continue && self.unread().is_empty() && !self.body.is_done() {
            let told = IoSlice::new(b"HTTP/1.1 100 Continue\r\n\r\n");
            self.write(&mut [told], 0).await.map_err(|_| Unread::Gone)?;
        }
        loop {
            while !self.unread().is_empty() && !self.body.is_done() {
                let step = self.body.step(&self.buffer[self.start..]).map_err(Unread::Malformed)?;
                self.start += step.used;
                if step.data.len() > most - bytes.len() {
                    return Err(Unread::TooLarge);
                }
                make_room(&mut bytes, step.data.len(), most, &mut permit)?;
                bytes.extend_from_slice(step.data);
            }
            if self.body.is_done() {
                return Ok(Body { bytes, permit });
            }
            if self.ended {
                return Err(Unread::Gone);
            }
            match self.try_fill() {
                // A client that sends fast must leave the thread to others now and then.
                Ok(()) => {
                    consume_budget().await;
                    continue;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return Err(Unread::Gone),
            }
            let slow = slow.get_or_insert_with(|| self.flight.slow(0));
            slow.holds(bytes.capacity());
            tokio::select! {
                readable = self.stream.readable() => readable.map_err(|_| Unread::Gone)?,
                () = sleep_until(deadline) => return Err(Unread::TimedOut),
                () = slow.cut_off() => return Err(Unread::NoRoom),
            }
        }
    }

    /// Whether a part of the body in hand was not read: what follows cannot be a head then.
    pub(crate) fn has_body_left(&self) -> bool {
        !self.body.is_done()
    }

    /// Whether the client has sent more than was used.
    pub(crate) fn has_bytes_left(&self) -> bool {
        !self.unread().is_empty()
    }

    /// Waits for `work`; `None` when the client left before.
    pub(crate) async fn unless_gone<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            done = &mut work => Some(done),
            () = self.gone() => None,
        }
    }

    /// Ready when nobody is left to take the answer.
    ///
    /// A client that is gone and one that only closed its side for sending look the same: the end
    /// of its bytes arrives, or hides behind bytes that are not read yet. So the client is sent the
    /// first bytes of its answer, which are the same for all answers, one at a time. Where nobody
    /// reads any more, the system at the other end answers with a reset.
    async fn gone(&mut self) {
        while !self.ended && self.unread().len() < BUFFER {
            match self.try_fill() {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if self.stream.readable().await.is_err() {
                        return;
                    }
                }
                Err(_) => return,
            }
        }
        let mut pause = FIRST_PROBE;
        while let Some(next) = ANSWER_START.get(self.sent_ahead) {
            tokio::select! {
                () = self.reset() => return,
                () = sleep(pause) => {}
            }
            match self.stream.try_write_vectored(&[IoSlice::new(&[*next])]) {
                Ok(sent) => self.sent_ahead += sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
            pause *= 2;
        }
        self.reset().await;
    }

    /// Ready when the connection was reset.
    async fn reset(&self) {
        while let Ok(ready) = self.stream.ready(Interest::ERROR).await {
            if ready.is_error() {
                return;
            }
        }
    }

    /// Sends an answer; its body only `with_body`. An error ends the connection.
    pub(crate) async fn send(
        &mut self,
        response: &Response,
        with_body: bool,
        keep_alive: bool,
    ) -> io::Result<()> {
        let head = response.head(keep_alive);
        let ahead = std::mem::take(&mut self.sent_ahead);
        let body: &[Vec<u8>] = if with_body { &response.body } else { &[] };
        // A head and a small body are one packet.
        let mut parts: Vec<IoSlice<'_>> = Vec::with_capacity(1 + body.len());
        parts.push(IoSlice::new(&head[ahead..]));
        parts.extend(body.iter().map(|piece| IoSlice::new(piece)));
        self.write(&mut parts, response.length()).await
    }

    /// Sends what a source has, until it ends, the client leaves or `stopping` changes.
    pub(crate) async fn send_source(
        &mut self,
        source: &mut dyn Source,
        stopping: &mut watch::Receiver<()>,
    ) -> io::Result<()> {
        loop {
            let next = tokio::select! {
                next = source.next() => next,
                () = self.reset() => None,
                _ = stopping.changed() => None,
            };
            let Some(bytes) = next else { return Ok(()) };
            let mut parts = [IoSlice::new(&bytes)];
            tokio::select! {
                written = self.write(&mut parts, bytes.len()) => written?,
                _ = stopping.changed() => return Ok(()),
            }
        }
    }

    /// Writes all parts, as long as the client takes some of them in time; `holds` is what it makes
    /// the server hold for so long.
    async fn write(&mut self, mut parts: &mut [IoSlice<'_>], holds: usize) -> io::Result<()> {
        let mut slow: Option<SlowTransfer> = None;
        let mut deadline = Instant::now() + self.timeouts.write;
        let mut sent = self.stream.sent();
        loop {
            let tried = match parts.is_empty() {
                true => self.stream.try_flush().map(|()| 0),
                false => self.stream.try_write_vectored(parts),
            };
            match tried {
                Ok(_) if parts.is_empty() => return Ok(()),
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(bytes) => {
                    IoSlice::advance_slices(&mut parts, bytes);
                    if !parts.is_empty() {
                        deadline = Instant::now() + self.timeouts.write;
                        consume_budget().await;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    // What a session of TLS has taken may go piece by piece.
                    let now = self.stream.sent();
                    if now != std::mem::replace(&mut sent, now) {
                        deadline = Instant::now() + self.timeouts.write;
                    }
                    let slow = slow.get_or_insert_with(|| self.flight.slow(holds));
                    tokio::select! {
                        writable = self.stream.writable() => writable?,
                        () = sleep_until(deadline) => return Err(ErrorKind::TimedOut.into()),
                        () = slow.cut_off() => return Err(ErrorKind::ConnectionAborted.into()),
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Ends the connection so that a client which is still sending reads the answer first: closing
    /// at once would reset it.
    pub(crate) async fn linger(mut self) {
        if self.stream.end().is_err() {
            return;
        }
        let discard = async {
            while !self.ended {
                self.buffer.clear();
                self.start = 0;
                match self.try_fill() {
                    Ok(()) => consume_budget().await,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        if self.stream.readable().await.is_err() {
                            return;
                        }
                    }
                    Err(_) => return,
                }
            }
        };
        let _ = timeout(LINGER, discard).await;
    }

    fn unread(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Reads what has arrived, or notes that nothing more will. There has to be room.
    fn try_fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        debug_assert!(self.buffer.len() < BUFFER);
        if self.buffer.len() == self.buffer.capacity() {
            let size = if self.buffer.is_empty() { SMALL_BUFFER } else { BUFFER };
            self.buffer.reserve_exact(size - self.buffer.len());
        }
        self.ended |= self.stream.try_read_buf(&mut self.buffer)? == 0;
        Ok(())
    }
}

/// Has the system hold no more of a client's answers than is meant.
pub(crate) fn bounded(socket: &TcpStream) {
    // Answers are written whole; waiting to fill a segment would only delay them.
    let _ = socket.set_nodelay(true);
    // Where the system has no such option the kernel's own bounds hold.
    let _ = SockRef::from(socket).set_tcp_notsent_lowat(KERNEL_BUFFER);
}

/// The most bytes that a body may have, of which no more than `limit` are taken.
pub(crate) fn most_of(framing: Framing, limit: usize) -> Result<usize, Unread> {
    match framing {
        Framing::Length(length) => match usize::try_from(length) {
            Ok(length) if length <= limit => Ok(length),
            _ => Err(Unread::TooLarge),
        },
        _ => Ok(limit),
    }
}

/// Lets `bytes` hold `more` bytes, and at most `most` in all, where there is room among the bytes
/// in flight.
pub(crate) fn make_room(
    bytes: &mut Vec<u8>,
    more: usize,
    most: usize,
    permit: &mut Permit,
) -> Result<(), Unread> {
    let (needed, capacity) = (bytes.len() + more, bytes.capacity());
    if needed > capacity {
        let larger = capacity.saturating_mul(2).clamp(needed, most);
        if !permit.grow(larger - capacity) {
            return Err(Unread::NoRoom);
        }
        bytes.reserve_exact(larger - bytes.len());
    }
    Ok(())
}
