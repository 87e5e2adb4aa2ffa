//! One connection on the I/O thread: reads messages from it and writes what it is given. Knows
//! nothing of JavaScript; what happens is put into [`Io::events`].

use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    net::Shutdown,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use sandtide_http1::{Fault, HeadReader};

use super::{
    parse::{self, Bad, Body, Step, flag},
    queue::{Event, Events, Id, Settings, write},
    stream::Stream,
};

/// So many bytes of content may be on their way to JavaScript before reading stops.
const MAX_UNCONSUMED: usize = 256 << 10;

/// So many bytes may be kept that belong to messages after the one at hand.
const MAX_AHEAD: usize = 64 << 10;

/// While more output than this waits for the client, its next request does too.
const MAX_OUTPUT: usize = 256 << 10;

/// So many bytes are read from one connection, or written to it, before the others have their turn.
const MAX_TURN: usize = 256 << 10;

/// So many unread bytes are thrown away for the peer to get what was written before the end.
const MAX_DISCARDED: usize = 256 << 10;

/// An output buffer larger than this is given back when it is empty.
const KEEP_CAPACITY: usize = 64 << 10;

/// What all connections of the I/O thread use.
pub(super) struct Io {
    pub(super) events: Events,
    /// What is read goes here first.
    pub(super) scratch: Vec<u8>,
    /// The time as of this turn.
    pub(super) now: Instant,
    /// When a deadline must be looked at next.
    pub(super) next_deadline: Option<Instant>,
    /// Connections whose turn ended before their work did.
    pub(super) again: Vec<Id>,
}

impl Io {
    fn expect_at(&mut self, at: Instant) {
        self.next_deadline = Some(self.next_deadline.map_or(at, |next| next.min(at)));
    }

    /// Puts bytes of a head where JavaScript will find them.
    fn put_text(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let text = &mut self.events.text;
        let start = text.len();
        match std::str::from_utf8(bytes) {
            Ok(ascii) if ascii.is_ascii() => text.push_str(ascii),
            _ => text.extend(bytes.iter().map(|byte| char::from(*byte))),
        }
        start..text.len()
    }
}

/// Who is at the other end.
enum Role {
    Client(Arc<Settings>),
    Server { to_head: bool, to_connect: bool },
}

#[derive(Debug)]
enum Reading {
    /// Not connected yet.
    Connecting,
    /// A head comes next; the reader is there once a part of the head is.
    Head(Option<Box<HeadReader>>),
    Body(Body),
    /// Nothing, until the response was given (or the next request made).
    Nothing,
    /// Bytes that are not HTTP.
    Raw,
    /// What comes is thrown away: what came before made no sense.
    Deaf,
}

/// What may follow the message that was read last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    /// What JavaScript decides on: another protocol, or nothing is known yet.
    Anything,
    /// Another message.
    Message,
    /// Nothing but blank lines: one of the two said that the connection is closed.
    Nothing,
}

impl Follows {
    fn of(flags: u32) -> Self {
        if flags & (flag::UPGRADE | flag::CONNECT) != 0 {
            Self::Anything
        } else if flags & (flag::KEEP_ALIVE | flag::CONTRADICTS) != 0 {
            Self::Message
        } else {
            Self::Nothing
        }
    }
}

/// What a deadline is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// The next request on a connection that is kept.
    KeepAlive,
    /// A request's head, or all of it.
    Request,
}

pub(super) struct Conn {
    pub(super) id: Id,
    pub(super) stream: Stream,
    role: Role,
    reading: Reading,
    follows: Follows,
    /// Bytes that were read and not parsed.
    input: Vec<u8>,
    /// How much of it was there before the last piece came.
    known: usize,
    /// Bytes to be written, from `written` on.
    output: Vec<u8>,
    written: usize,
    /// How many bytes were queued when each notification was asked for, less what was flushed.
    notify: VecDeque<usize>,
    /// The request that was read has no response yet.
    responding: bool,
    unconsumed: usize,
    dump: bool,
    paused: bool,
    readable: bool,
    read_closed: bool,
    eof: bool,
    eof_told: bool,
    shutdown: bool,
    close: bool,
    /// Nothing more is to be done with it.
    pub(super) done: bool,
    errno: i32,
    reset: bool,
    deadline: Option<(Instant, Due)>,
    idle: Duration,
    active: Instant,
}

impl Conn {
    fn new(id: Id, stream: Stream, role: Role, reading: Reading, now: Instant) -> Self {
        Self {
            id,
            stream,
            role,
            reading,
            follows: Follows::Anything,
            input: Vec::new(),
            known: 0,
            output: Vec::new(),
            written: 0,
            notify: VecDeque::new(),
            responding: false,
            unconsumed: 0,
            dump: false,
            paused: false,
            readable: false,
            read_closed: false,
            eof: false,
            eof_told: false,
            shutdown: false,
            close: false,
            done: false,
            errno: 0,
            reset: false,
            deadline: None,
            idle: Duration::ZERO,
            active: now,
        }
    }

    /// A connection that a server accepted.
    pub(super) fn accepted(id: Id, stream: Stream, settings: Arc<Settings>, io: &mut Io) -> Self {
        let raw = settings.raw.load(Ordering::Relaxed);
        let reading = if raw { Reading::Raw } else { Reading::Head(None) };
        let idle = settings.idle.load(Ordering::Relaxed);
        let nodelay = settings.nodelay.load(Ordering::Relaxed);
        if nodelay {
            stream.set_nodelay(true);
        }
        let headers = settings.headers.load(Ordering::Relaxed);
        let mut conn = Self::new(id, stream, Role::Client(settings), reading, io.now);
        if !raw {
            conn.set_deadline(headers, Due::Request, io);
        }
        conn.set_idle(idle, io);
        conn
    }

    /// A connection that is being made to a server.
    pub(super) fn connecting(id: Id, stream: Stream, raw: bool, io: &Io) -> Self {
        let role = Role::Server { to_head: false, to_connect: false };
        let mut conn = Self::new(id, stream, role, Reading::Connecting, io.now);
        conn.responding = raw;
        conn
    }

    fn set_deadline(&mut self, ms: u32, due: Due, io: &mut Io) {
        self.deadline = (ms > 0).then(|| {
            let at = io.now + Duration::from_millis(ms.into());
            io.expect_at(at);
            (at, due)
        });
    }

    pub(super) fn set_idle(&mut self, ms: u32, io: &mut Io) {
        self.idle = Duration::from_millis(ms.into());
        self.active = io.now;
        if ms > 0 {
            io.expect_at(io.now + self.idle);
        }
    }

    /// Acts on deadlines that have passed.
    pub(super) fn check_deadlines(&mut self, io: &mut Io) {
        if let Some((at, due)) = self.deadline {
            if at > io.now {
                io.expect_at(at);
            } else {
                self.deadline = None;
                match due {
                    // The client is still taking what it asked for.
                    Due::KeepAlive if self.still_takes_output(io.now) => {
                        let at = self.active + self.keep_alive();
                        self.deadline = Some((at, Due::KeepAlive));
                        io.expect_at(at);
                    }
                    Due::KeepAlive => self.finish(0),
                    // A connection over which nothing came is not worth an answer.
                    Due::Request => self.bad(
                        Bad { code: "ERR_HTTP_REQUEST_TIMEOUT", reason: "Request timeout" },
                        &[],
                        0,
                        io,
                    ),
                }
            }
        }
        if self.idle.is_zero() || self.done {
            return;
        }
        if self.active + self.idle <= io.now {
            self.active = io.now;
            io.events.list.push(Event::Timeout { conn: self.id });
        }
        io.expect_at(self.active + self.idle);
    }

    // --- what the poll says ---

    pub(super) fn on_ready(&mut self, readable: bool, read_closed: bool, io: &mut Io) {
        self.active = io.now;
        if matches!(self.reading, Reading::Connecting) {
            match self.stream.connected() {
                None => return,
                Some(Err(error)) => return self.fail(&error),
                Some(Ok(())) => self.on_connected(io),
            }
        }
        self.readable |= readable;
        self.read_closed |= read_closed;
        if self.output.len() > self.written {
            self.flush(io);
        }
        self.pump(io);
    }

    fn on_connected(&mut self, io: &mut Io) {
        let raw = std::mem::take(&mut self.responding);
        self.reading = if raw { Reading::Raw } else { Reading::Nothing };
        if let Role::Server { to_head: true, .. } | Role::Server { to_connect: true, .. } =
            self.role
        {
            self.reading = Reading::Head(None);
        }
        if self.dump {
            self.dump = false;
            self.reading = Reading::Head(None);
        }
        let ends = Box::new(self.stream.ends());
        io.events.list.push(Event::Connected { conn: self.id, ends });
    }

    // --- reading ---

    fn is_full(&self) -> bool {
        match self.reading {
            Reading::Body(_) => self.paused || self.unconsumed > MAX_UNCONSUMED,
            Reading::Raw => self.paused || self.unconsumed > MAX_UNCONSUMED,
            Reading::Nothing => self.input.len() > MAX_AHEAD,
            Reading::Connecting => true,
            // What follows may be read ahead, but is not answered before the client takes its answers.
            Reading::Head(_) => self.output_is_full() && self.input.len() > MAX_AHEAD,
            Reading::Deaf => false,
        }
    }

    /// Whether so much waits for the client that its next request has to.
    fn output_is_full(&self) -> bool {
        matches!(self.role, Role::Client(_)) && self.output.len() - self.written > MAX_OUTPUT
    }

    /// Parses what is there and reads more, until there is no more, or enough for one turn.
    fn pump(&mut self, io: &mut Io) {
        let mut turn = 0;
        loop {
            if !self.input.is_empty() && !self.is_full() {
                let mut input = std::mem::take(&mut self.input);
                let used = self.feed(&input, io);
                input.drain(..used);
                self.known = self.known.saturating_sub(used);
                self.input = input;
            }
            if self.eof && !self.eof_told && !self.done && !self.has_requests_left() {
                self.tell_eof(io);
            }
            if !self.readable || self.eof || self.done || self.is_full() {
                return;
            }
            if turn >= MAX_TURN {
                io.again.push(self.id);
                return;
            }
            let mut scratch = std::mem::take(&mut io.scratch);
            match self.stream.read(&mut scratch) {
                Ok(0) => self.eof = true,
                Ok(len) => {
                    turn += len;
                    // The next byte that comes makes the socket readable anew.
                    self.readable = len == scratch.len() || self.read_closed;
                    self.known = self.input.len();
                    if self.input.is_empty() {
                        let used = self.feed(&scratch[..len], io);
                        self.input.extend_from_slice(&scratch[used..len]);
                    } else {
                        self.input.extend_from_slice(&scratch[..len]);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.readable = false,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.fail(&error),
            }
            io.scratch = scratch;
        }
    }

    /// Goes on where the turn before ended.
    pub(super) fn go_on(&mut self, io: &mut Io) {
        if self.output.len() > self.written {
            self.flush(io);
        }
        self.pump(io);
    }

    /// Whether what was read before the end holds requests that wait for an answer's end.
    fn has_requests_left(&self) -> bool {
        matches!(self.role, Role::Client(_))
            && !self.input.is_empty()
            && (matches!(self.reading, Reading::Nothing)
                || matches!(self.reading, Reading::Head(_)) && self.output_is_full())
    }

    fn tell_eof(&mut self, io: &mut Io) {
        self.eof_told = true;
        match &self.reading {
            Reading::Body(Body::Close) => self.end_message(&[], io),
            Reading::Head(Some(heads)) if heads.has_begun() => {
                self.bad(Fault::Ended.into(), &[], 0, io);
            }
            Reading::Body(_) if matches!(self.role, Role::Client(_)) => {
                self.bad(Fault::Ended.into(), &[], 0, io);
            }
            _ => {}
        }
        io.events.list.push(Event::Eof { conn: self.id });
    }

    /// Parses the start of `bytes`; returns how much of it is done with.
    fn feed(&mut self, bytes: &[u8], io: &mut Io) -> usize {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            let output_is_full = self.output_is_full();
            match &mut self.reading {
                Reading::Connecting => return at,
                Reading::Nothing => return at + self.feed_after_message(bytes, at, io),
                Reading::Deaf => return bytes.len(),
                Reading::Raw => {
                    if !rest.is_empty() {
                        self.unconsumed += rest.len();
                        io.events.list.push(Event::Data { conn: self.id, bytes: rest.to_vec() });
                    }
                    return bytes.len();
                }
                Reading::Head(heads) => {
                    if rest.is_empty() || output_is_full {
                        return at;
                    }
                    let heads = heads.take();
                    match self.feed_head(rest, heads, io) {
                        Ok(Some(used)) => at += used,
                        Ok(None) => return at,
                        Err((fault, parsed)) => {
                            self.bad(fault.into(), bytes, at + parsed, io);
                            return bytes.len();
                        }
                    }
                }
                Reading::Body(body) => match body.step(rest) {
                    Ok(Step::More) => return at,
                    Ok(Step::Skip(len)) => at += len,
                    Ok(Step::Data(len)) => {
                        if !self.dump {
                            self.unconsumed += len;
                            let bytes = rest[..len].to_vec();
                            io.events.list.push(Event::Data { conn: self.id, bytes });
                        }
                        at += len;
                    }
                    Ok(Step::End(len)) => {
                        self.end_message(&rest[..len], io);
                        at += len;
                    }
                    Err(fault) => {
                        let parsed = at + body.parsed_before(fault);
                        self.bad(fault.into(), bytes, parsed, io);
                        return bytes.len();
                    }
                },
            }
        }
    }

    /// What stands at `at`, behind a message, before anybody asked for it; not at the front: in what was read with
    /// the message. Returns how much of it is done with.
    fn feed_after_message(&mut self, all: &[u8], at: usize, io: &mut Io) -> usize {
        let (bytes, at_once) = (&all[at..], at > 0);
        let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let is_server = matches!(self.role, Role::Client(_));
        let bad = match self.follows {
            // Later a server's bytes are nobody's, as in Node.
            Follows::Nothing if is_server || at_once => Bad::AFTER_CLOSE,
            Follows::Message if !is_server && at_once => {
                let rest = &bytes[blank..];
                if b"HTTP/".starts_with(&rest[..rest.len().min(5)]) {
                    return 0;
                }
                Fault::ResponseProtocol.into()
            }
            _ => return 0,
        };
        if blank < bytes.len() {
            // Node has read the byte that is too many.
            let parsed = at + blank + usize::from(bad == Bad::AFTER_CLOSE);
            self.bad(bad, all, parsed, io);
        }
        bytes.len()
    }

    /// Returns how many bytes the head has; `None` if it is not all there. A fault comes with how many bytes are
    /// right.
    fn feed_head(
        &mut self,
        bytes: &[u8],
        heads: Option<Box<HeadReader>>,
        io: &mut Io,
    ) -> Result<Option<usize>, (Fault, usize)> {
        let limits = match &self.role {
            Role::Client(settings) => {
                parse::limits(settings.max_head.load(Ordering::Relaxed) as usize)
            }
            Role::Server { .. } => parse::limits(0),
        };
        let first = heads.is_none();
        let mut heads = heads.unwrap_or_else(|| {
            Box::new(match self.role {
                Role::Client(_) => HeadReader::of_request(limits),
                Role::Server { .. } => HeadReader::of_response(limits),
            })
        });
        let read = heads.read(bytes);
        let Some(head) = read.map_err(|fault| (fault, heads.parsed_before(fault)))? else {
            self.reading = Reading::Head(Some(heads));
            if first && let Role::Client(settings) = &self.role {
                let ms = settings.headers.load(Ordering::Relaxed);
                self.set_deadline(ms, Due::Request, io);
            }
            return Ok(None);
        };
        let head = match &self.role {
            Role::Client(_) => parse::request(&head, bytes),
            Role::Server { to_head, to_connect } => {
                parse::response(&head, bytes, *to_head, *to_connect)
            }
        };
        let text = io.put_text(&head.text);
        let (conn, flags) = (self.id, head.flags);
        let body = Body::new(head.framing, limits);
        match &self.role {
            Role::Client(settings) => {
                let ms = settings.request.load(Ordering::Relaxed);
                self.responding = true;
                self.follows = Follows::of(flags);
                self.dump = false;
                self.deadline = None;
                if body.is_some() {
                    self.set_deadline(ms, Due::Request, io);
                }
                self.reading = body.map_or(Reading::Nothing, Reading::Body);
                io.events.list.push(Event::Request { conn, text, flags });
            }
            Role::Server { to_connect, .. } => {
                io.events.list.push(Event::Response { conn, text, flags });
                if head.status == 101 || (*to_connect && head.status / 100 == 2) {
                    // JavaScript says what becomes of the bytes that follow.
                    self.reading = Reading::Nothing;
                } else if head.status < 200 {
                    self.reading = Reading::Head(None);
                } else {
                    self.follows = Follows::of(flags & (flag::KEEP_ALIVE | flag::CONTRADICTS));
                    self.reading = body.map_or(Reading::Nothing, Reading::Body);
                }
            }
        }
        Ok(Some(head.len))
    }

    /// The body, with its trailers, is complete.
    fn end_message(&mut self, trailers: &[u8], io: &mut Io) {
        let text = io.put_text(trailers);
        io.events.list.push(Event::End { conn: self.id, text });
        self.deadline = None;
        self.reading = Reading::Nothing;
        // Nobody may read what is left of it: that must not hold up the next message.
        self.unconsumed = 0;
        if matches!(self.role, Role::Client(_)) && !self.responding {
            self.next_request(io);
        }
    }

    fn next_request(&mut self, io: &mut Io) {
        if self.follows != Follows::Nothing {
            self.reading = Reading::Head(None);
        }
        let ms = self.keep_alive().as_millis();
        self.set_deadline(u32::try_from(ms).unwrap_or(u32::MAX), Due::KeepAlive, io);
    }

    /// How long the connection is kept without a request; zero is for ever.
    fn keep_alive(&self) -> Duration {
        let Role::Client(settings) = &self.role else { return Duration::ZERO };
        // A second more than is announced: a client that keeps to it never meets a closed door.
        let ms = settings.keep_alive.load(Ordering::Relaxed);
        Duration::from_millis(if ms == 0 { 0 } else { u64::from(ms) + 1000 })
    }

    /// Whether the client took something of what waits for it, not too long ago.
    fn still_takes_output(&self, now: Instant) -> bool {
        self.output.len() > self.written && self.active + self.keep_alive() > now
    }

    /// Gives up reading: of `bytes`, `parsed` are right. The program is told of the piece that came last.
    fn bad(&mut self, bad: Bad, bytes: &[u8], parsed: usize, io: &mut Io) {
        let known = self.known.min(bytes.len());
        self.reading = Reading::Deaf;
        self.deadline = None;
        io.events.list.push(Event::Bad {
            conn: self.id,
            bad,
            parsed: parsed.saturating_sub(known),
            packet: bytes[known..].to_vec(),
        });
    }

    // --- what JavaScript asks for ---

    /// A response comes next.
    pub(super) fn expect(&mut self, to_head: bool, to_connect: bool, io: &mut Io) {
        self.role = Role::Server { to_head, to_connect };
        self.follows = Follows::Anything;
        if matches!(self.reading, Reading::Connecting) {
            // Taken up when the connection is there.
            self.dump = true;
        } else {
            self.reading = Reading::Head(None);
            self.pump(io);
        }
    }

    pub(super) fn consumed(&mut self, bytes: usize, io: &mut Io) {
        self.unconsumed = self.unconsumed.saturating_sub(bytes);
        self.pump(io);
    }

    pub(super) fn pause(&mut self, on: bool, io: &mut Io) {
        self.paused = on;
        self.pump(io);
    }

    pub(super) fn make_raw(&mut self, io: &mut Io) {
        if !matches!(self.reading, Reading::Connecting) {
            self.reading = Reading::Raw;
            self.deadline = None;
            self.pump(io);
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8], flags: u32, io: &mut Io) {
        self.active = io.now;
        // Its end was written already.
        let mut rest: &[u8] = if self.shutdown { &[] } else { bytes };
        if self.output.is_empty() && !matches!(self.reading, Reading::Connecting) {
            rest = self.write_now(rest, io);
        }
        self.output.extend_from_slice(rest);
        if flags & write::NOTIFY != 0 {
            self.notify.push_back(self.output.len());
        }
        self.close |= flags & write::CLOSE != 0;
        self.after_write(io);
        if flags & write::DUMP != 0 {
            self.dump = true;
            self.unconsumed = 0;
        }
        if flags & write::LAST != 0 {
            self.responding = false;
            if matches!(self.reading, Reading::Nothing) && matches!(self.role, Role::Client(_)) {
                self.next_request(io);
            }
        }
        // What follows may be there already.
        if !self.input.is_empty() || flags & write::DUMP != 0 || self.readable {
            self.pump(io);
        }
    }

    /// Writes what the socket takes in one turn and returns the rest.
    fn write_now<'a>(&mut self, mut bytes: &'a [u8], io: &mut Io) -> &'a [u8] {
        let mut turn = 0;
        while !bytes.is_empty() && !self.done {
            if turn >= MAX_TURN {
                io.again.push(self.id);
                return bytes;
            }
            match self.stream.write(&bytes[..bytes.len().min(MAX_TURN)]) {
                Ok(len) => {
                    turn += len;
                    bytes = &bytes[len..];
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return bytes,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => self.fail(&error),
            }
        }
        &[]
    }

    fn flush(&mut self, io: &mut Io) {
        let output = std::mem::take(&mut self.output);
        let left = self.write_now(&output[self.written..], io).len();
        self.written = output.len() - left;
        self.output = output;
        self.after_write(io);
    }

    fn after_write(&mut self, io: &mut Io) {
        while self.notify.front().is_some_and(|at| *at <= self.written) {
            self.notify.pop_front();
            io.events.list.push(Event::Flushed { conn: self.id });
        }
        if self.written == self.output.len() {
            self.output.clear();
            self.written = 0;
            if self.output.capacity() > KEEP_CAPACITY {
                self.output = Vec::new();
            }
            if self.close {
                self.finish(0);
            } else if self.shutdown {
                self.stream.shutdown(Shutdown::Write);
            }
        } else if self.written > MAX_AHEAD && self.written > self.output.len() / 2 {
            self.output.drain(..self.written);
            for at in &mut self.notify {
                *at -= self.written;
            }
            self.written = 0;
        }
    }

    pub(super) fn shutdown(&mut self, io: &mut Io) {
        self.shutdown = true;
        if !matches!(self.reading, Reading::Connecting) {
            self.after_write(io);
        }
    }

    pub(super) fn close(&mut self, after: bool, io: &mut Io) {
        if after && !matches!(self.reading, Reading::Connecting) {
            self.close = true;
            self.after_write(io);
        } else {
            self.finish(0);
        }
    }

    /// Closes at once, as if something had gone wrong.
    pub(super) fn reset(&mut self) {
        self.stream.set_reset();
        self.reset = true;
        self.finish(0);
    }

    fn fail(&mut self, error: &io::Error) {
        self.finish(error.raw_os_error().unwrap_or(5));
    }

    fn finish(&mut self, errno: i32) {
        if !self.done {
            self.done = true;
            self.errno = errno;
        }
    }

    /// Closes the socket, once it is [`Conn::done`].
    pub(super) fn end(mut self, io: &mut Io) {
        if self.errno == 0 && !self.reset {
            self.stream.shutdown(Shutdown::Write);
            // Unread bytes would make the system throw away what was written.
            let mut scratch = std::mem::take(&mut io.scratch);
            let mut left = if self.readable { MAX_DISCARDED } else { 0 };
            while left > 0 {
                match self.stream.read(&mut scratch) {
                    Ok(len) if len > 0 => left = left.saturating_sub(len),
                    _ => break,
                }
            }
            io.scratch = scratch;
        }
        io.events.list.push(Event::Closed { conn: self.id, errno: self.errno });
    }
}
