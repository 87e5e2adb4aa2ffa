//! Heads of requests and of responses: the start line, and the header lines by [`crate::fields`].

use std::ops::Range;

use crate::{
    Fault, Field, Framing, Limits,
    fields::FieldReader,
    target::{Next, Target},
};

/// The methods that Node knows.
const METHODS: [&str; 36] = [
    "GET",
    "POST",
    "PUT",
    "HEAD",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "CONNECT",
    "TRACE",
    "ACL",
    "BIND",
    "CHECKOUT",
    "COPY",
    "LINK",
    "LOCK",
    "M-SEARCH",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MOVE",
    "NOTIFY",
    "PRI",
    "PROPFIND",
    "PROPPATCH",
    "PURGE",
    "QUERY",
    "REBIND",
    "REPORT",
    "SEARCH",
    "SOURCE",
    "SUBSCRIBE",
    "UNBIND",
    "UNLINK",
    "UNLOCK",
    "UNSUBSCRIBE",
];

/// Methods of another protocol, which Node tells from unknown ones.
const RTSP_METHODS: [&str; 11] = [
    "ANNOUNCE",
    "DESCRIBE",
    "FLUSH",
    "GET_PARAMETER",
    "PAUSE",
    "PLAY",
    "RECORD",
    "REDIRECT",
    "SETUP",
    "SET_PARAMETER",
    "TEARDOWN",
];

fn is_rtsp(method: &[u8]) -> bool {
    RTSP_METHODS.iter().any(|known| known.as_bytes() == method)
}

/// What the head of a message says. All ranges are of the bytes that it was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Where the start line begins: line ends before it are read over.
    pub start: usize,
    /// Where the empty line after the head ends.
    pub end: usize,
    /// Of a request.
    pub method: Range<usize>,
    /// The address of a request, as it came.
    pub target: Range<usize>,
    /// The protocol's name and version, as they came; empty of HTTP/0.9.
    pub protocol: Range<usize>,
    /// The major and minor version.
    pub version: (u8, u8),
    /// Of a response.
    pub status: u16,
    /// The header lines, in their order.
    pub fields: Vec<Field>,
    /// What they say of the body's end.
    pub framing: Framing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Before,
    Method,
    BeforeTarget,
    Target(Target),
    /// The line feed after the line of HTTP/0.9.
    OldEnd,
    BeforeProtocol,
    Protocol,
    Major,
    Dot,
    Minor,
    VersionEnd,
    VersionLineFeed,
    Status,
    StatusEnd,
    Reason,
    ReasonLineFeed,
    Fields,
}

/// Reads heads from a buffer that grows.
#[derive(Debug)]
pub struct HeadReader {
    response: bool,
    limits: Limits,
    state: State,
    /// Bytes at the front of the buffer that were looked at.
    at: usize,
    head: Head,
    fields: FieldReader,
}

impl HeadReader {
    /// Reads a request's head.
    pub fn of_request(limits: Limits) -> Self {
        Self::new(false, limits)
    }

    /// Reads a response's head.
    pub fn of_response(limits: Limits) -> Self {
        Self::new(true, limits)
    }

    fn new(response: bool, limits: Limits) -> Self {
        Self {
            response,
            limits,
            state: State::Before,
            at: 0,
            head: Head::default(),
            fields: FieldReader::of_head(limits),
        }
    }

    /// Whether a byte of the start line was read.
    pub fn has_begun(&self) -> bool {
        self.state != State::Before
    }

    /// How many of the bytes Node counts as parsed, after a fault.
    pub fn parsed_before(&self, fault: Fault) -> usize {
        self.at + usize::from(fault.is_behind())
    }

    /// Reads the head at the front of `bytes`. `None` while its end has not come: then the same
    /// bytes and more are to be given again. After a head a new reader is needed.
    ///
    /// # Errors
    ///
    /// The first [`Fault`] there is.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Option<Head>, Fault> {
        while self.state != State::Fields {
            let Some(&byte) = bytes.get(self.at) else { return self.unfinished(bytes) };
            self.start_line(byte, bytes)?;
            self.at += 1;
        }
        let mut at = self.at;
        let done = self.fields.read(bytes, &mut at, &mut self.head.framing);
        self.at = at;
        if !done? {
            return self.unfinished(bytes);
        }
        let framing = self.head.framing;
        // Without a last `chunked` nothing says where the body of a request ends.
        if !self.response && framing.coded && !framing.chunked {
            return Err(Fault::CodingOpen);
        }
        let mut head = std::mem::take(&mut self.head);
        head.fields = std::mem::take(&mut self.fields.list);
        head.end = at;
        Ok(Some(head))
    }

    fn unfinished(&self, bytes: &[u8]) -> Result<Option<Head>, Fault> {
        if bytes.len() - self.head.start > self.limits.raw() {
            Err(Fault::HeadTooLarge)
        } else {
            Ok(None)
        }
    }

    fn start_line(&mut self, byte: u8, bytes: &[u8]) -> Result<(), Fault> {
        let at = self.at;
        self.state = match self.state {
            State::Before => {
                self.head.start = at;
                match byte {
                    // Line ends before the line are skipped, but not for ever.
                    b'\r' | b'\n' if at >= self.limits.raw() => return Err(Fault::HeadTooLarge),
                    b'\r' | b'\n' => State::Before,
                    _ if self.response => {
                        self.head.protocol = at..at;
                        self.protocol(byte, bytes)?
                    }
                    _ => {
                        self.head.method = at..at;
                        self.method(byte, bytes)?
                    }
                }
            }
            State::Method => self.method(byte, bytes)?,
            State::BeforeTarget if byte == b' ' => State::BeforeTarget,
            State::BeforeTarget => {
                self.head.target = at..at;
                let to_connect = &bytes[self.head.method.clone()] == b"CONNECT";
                self.target(Target::new(to_connect), byte, bytes)?
            }
            State::Target(target) => self.target(target, byte, bytes)?,
            State::OldEnd if byte == b'\n' => State::Fields,
            State::OldEnd => return Err(Fault::VersionLineFeed),
            State::BeforeProtocol if byte == b' ' => State::BeforeProtocol,
            State::BeforeProtocol => {
                self.head.protocol = at..at;
                self.protocol(byte, bytes)?
            }
            State::Protocol => self.protocol(byte, bytes)?,
            State::Major => {
                self.head.version.0 = digit(byte).ok_or(Fault::VersionMajor)?;
                State::Dot
            }
            State::Dot if byte == b'.' => State::Minor,
            State::Dot => return Err(Fault::VersionDot),
            State::Minor => {
                self.head.version.1 = digit(byte).ok_or(Fault::VersionMinor)?;
                self.head.protocol.end = at + 1;
                if !matches!(self.head.version, (0, 9) | (1, 0 | 1) | (2, 0)) {
                    return Err(Fault::Version);
                }
                State::VersionEnd
            }
            State::VersionEnd if self.response && byte == b' ' => State::Status,
            State::VersionEnd if self.response => return Err(Fault::VersionSpace),
            State::VersionEnd if &bytes[self.head.method.clone()] == b"PRI" => {
                return Err(Fault::Preface);
            }
            State::VersionEnd if byte == b'\r' => State::VersionLineFeed,
            State::VersionEnd => return Err(Fault::VersionEnd),
            State::VersionLineFeed if byte == b'\n' => State::Fields,
            State::VersionLineFeed => return Err(Fault::VersionLineFeed),
            State::Status => {
                let digit = digit(byte).ok_or(Fault::Status)?;
                self.head.status = self.head.status * 10 + u16::from(digit);
                if self.head.status < 100 { State::Status } else { State::StatusEnd }
            }
            State::StatusEnd | State::Reason => match byte {
                b'\r' => State::ReasonLineFeed,
                b'\n' => return Err(Fault::ReasonEnd),
                _ if self.state == State::StatusEnd && byte != b' ' => {
                    return Err(Fault::StatusEnd);
                }
                _ => State::Reason,
            },
            State::ReasonLineFeed if byte == b'\n' => State::Fields,
            State::ReasonLineFeed => return Err(Fault::ReasonLineFeed),
            State::Fields => State::Fields,
        };
        Ok(())
    }

    fn method(&mut self, byte: u8, bytes: &[u8]) -> Result<State, Fault> {
        let so_far = &bytes[self.head.method.clone()];
        let is_method = METHODS.iter().any(|method| method.as_bytes() == so_far);
        if byte == b' ' && (is_method || is_rtsp(so_far)) {
            return Ok(State::BeforeTarget);
        }
        self.head.method.end += 1;
        let longer = &bytes[self.head.method.clone()];
        let mut known = METHODS.iter().chain(&RTSP_METHODS);
        if known.any(|method| method.as_bytes().starts_with(longer)) {
            Ok(State::Method)
        } else {
            Err(if is_method { Fault::MethodSpace } else { Fault::Method })
        }
    }

    fn target(&mut self, mut target: Target, byte: u8, bytes: &[u8]) -> Result<State, Fault> {
        let next = target.byte(byte)?;
        if next == Next::More {
            self.head.target.end = self.at + 1;
            self.fields.count(1)?;
            return Ok(State::Target(target));
        }
        if next == Next::Space {
            return Ok(State::BeforeProtocol);
        }
        if is_rtsp(&bytes[self.head.method.clone()]) {
            return Err(Fault::Method);
        }
        self.head.version = (0, 9);
        self.head.protocol = self.at..self.at;
        Ok(State::OldEnd)
    }

    fn protocol(&mut self, byte: u8, bytes: &[u8]) -> Result<State, Fault> {
        let known: [&[u8]; 3] = [b"HTTP/", b"RTSP/", b"ICE/"];
        self.head.protocol.end = self.at + 1;
        let so_far = &bytes[self.head.protocol.clone()];
        let fault = if self.response { Fault::ResponseProtocol } else { Fault::Protocol };
        if !known.iter().any(|name| name.starts_with(so_far)) {
            return Err(fault);
        }
        if byte != b'/' {
            return Ok(State::Protocol);
        }
        let method = &bytes[self.head.method.clone()];
        match so_far[0] {
            b'H' if is_rtsp(method) => Err(Fault::MethodOfHttp),
            b'I' if !self.response && method != b"SOURCE" => Err(Fault::MethodOfSource),
            b'R' if !self.response && !matches!(method, b"GET" | b"POST" | b"OPTIONS") => {
                Err(fault)
            }
            _ => Ok(State::Major),
        }
    }
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_before_a_start_line_are_bounded() {
        let limits = Limits::NODE;
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut few = b"\r\n".repeat(8);
        few.extend(head);
        assert!(HeadReader::of_request(limits).read(&few).unwrap().is_some());
        let many = vec![b'\n'; limits.raw() + 1];
        assert_eq!(HeadReader::of_request(limits).read(&many).unwrap_err(), Fault::HeadTooLarge);
    }
}
