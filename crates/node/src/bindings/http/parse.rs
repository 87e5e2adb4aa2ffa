//! What the heads of messages mean to `http`, and bodies by how they end. Knows nothing of sockets or
//! of JavaScript; the grammar is `sandtide-http1`'s.

use sandtide_http1::{self as http1, Chunks, Fault, Field, HeadReader, Limits};

/// What the head of a message says of how to go on. Bits that `lib/internal/http` knows too.
pub(super) mod flag {
    /// The peer speaks HTTP/1.0.
    pub(in super::super) const HTTP_1_0: u32 = 1;
    /// The connection may be used for another message.
    pub(in super::super) const KEEP_ALIVE: u32 = 2;
    /// A body follows.
    pub(in super::super) const BODY: u32 = 4;
    /// The peer wants to speak another protocol.
    pub(in super::super) const UPGRADE: u32 = 8;
    /// There is an `Expect` header.
    pub(in super::super) const EXPECT: u32 = 16;
    /// There is no `Host` header.
    pub(in super::super) const NO_HOST: u32 = 32;
    /// The request's method is HEAD.
    pub(in super::super) const HEAD: u32 = 64;
    /// The request's method is CONNECT.
    pub(in super::super) const CONNECT: u32 = 128;
    /// It says both that the connection is kept and that it is closed: another message may follow, and is not answered.
    pub(in super::super) const CONTRADICTS: u32 = 256;
}

/// What is wrong with a message: Node's code and reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) code: &'static str,
    pub(super) reason: &'static str,
}

impl Bad {
    /// What stands behind the last message of a connection.
    pub(super) const AFTER_CLOSE: Self =
        Self { code: "HPE_CLOSED_CONNECTION", reason: "Data after `Connection: close`" };
}

impl From<Fault> for Bad {
    fn from(fault: Fault) -> Self {
        Self { code: fault.code(), reason: fault.reason() }
    }
}

/// The limits of a head; 0 bytes are as many as Node allows where nothing else is said.
pub(super) fn limits(bytes: usize) -> Limits {
    if bytes == 0 { Limits::NODE } else { Limits { bytes, ..Limits::NODE } }
}

/// How the body of a message ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(u64),
    Chunked(http1::Framing),
    /// With the connection; only of responses.
    Close,
}

/// What a head says of the message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The head's bytes, with what stands before it.
    pub(super) len: usize,
    /// The head as JavaScript reads it: one space between the parts of the first line.
    pub(super) text: Vec<u8>,
    pub(super) flags: u32,
    pub(super) framing: Framing,
    /// Of responses.
    pub(super) status: u16,
}

#[derive(Default)]
struct Seen {
    close: bool,
    keep_alive: bool,
    upgrade: bool,
    connection_upgrade: bool,
    expect: bool,
    host: bool,
}

impl Seen {
    fn read(bytes: &[u8], fields: &[Field]) -> Self {
        let mut seen = Self::default();
        for Field { name, value } in fields {
            let name = &bytes[name.clone()];
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted.as_bytes());
            match name.len() {
                4 if is("host") => seen.host = true,
                6 if is("expect") => seen.expect = true,
                7 if is("upgrade") => seen.upgrade = true,
                10 | 16 if is("connection") || is("proxy-connection") => {
                    for token in bytes[value.clone()].split(|byte| *byte == b',') {
                        let token = token.trim_ascii();
                        seen.close |= token.eq_ignore_ascii_case(b"close");
                        seen.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
                        seen.connection_upgrade |= token.eq_ignore_ascii_case(b"upgrade");
                    }
                }
                _ => {}
            }
        }
        seen
    }

    /// `old`: the peer does not speak HTTP/1.1.
    fn flags(&self, old: bool) -> u32 {
        let keep_alive = if old { self.keep_alive } else { !self.close };
        let mut flags = 0;
        for (on, flag) in [
            (old, flag::HTTP_1_0),
            (keep_alive && !self.close, flag::KEEP_ALIVE),
            (keep_alive && self.close, flag::CONTRADICTS),
            (self.upgrade && self.connection_upgrade, flag::UPGRADE),
            (self.expect, flag::EXPECT),
            (!self.host, flag::NO_HOST),
        ] {
            if on {
                flags |= flag;
            }
        }
        flags
    }
}

fn is_old(head: &http1::Head) -> bool {
    head.version.0 == 0 || head.version.1 == 0
}

/// What the head of a request says.
pub(super) fn request(head: &http1::Head, bytes: &[u8]) -> Head {
    let method = &bytes[head.method.clone()];
    let framing = match head.framing.length {
        _ if head.framing.chunked => Framing::Chunked(head.framing),
        None | Some(0) => Framing::None,
        Some(length) => Framing::Length(length),
    };
    let mut flags = Seen::read(bytes, &head.fields).flags(is_old(head));
    match method {
        b"HEAD" => flags |= flag::HEAD,
        b"CONNECT" => flags |= flag::CONNECT,
        _ => {}
    }
    if framing != Framing::None {
        flags |= flag::BODY;
    }
    let mut text = Vec::with_capacity(head.end - head.start);
    text.extend_from_slice(method);
    text.push(b' ');
    text.extend_from_slice(&bytes[head.target.clone()]);
    text.extend_from_slice(format!(" HTTP/{}.{}", head.version.0, head.version.1).as_bytes());
    text.extend_from_slice(&bytes[head.protocol.end..head.end]);
    Head { len: head.end, text, flags, framing, status: 0 }
}

/// What the head of a response to a request says whose method was `HEAD` (or not) or `CONNECT`.
pub(super) fn response(
    head: &http1::Head,
    bytes: &[u8],
    to_head: bool,
    to_connect: bool,
) -> Head {
    let status = head.status;
    let framing = match head.framing.length {
        _ if to_head || status < 200 || status == 204 || status == 304 => Framing::None,
        _ if to_connect && status < 300 => Framing::None,
        _ if head.framing.chunked => Framing::Chunked(head.framing),
        None => Framing::Close,
        Some(0) => Framing::None,
        Some(length) => Framing::Length(length),
    };
    let mut flags = Seen::read(bytes, &head.fields).flags(is_old(head));
    if framing == Framing::Close {
        flags &= !flag::KEEP_ALIVE;
    }
    if framing != Framing::None {
        flags |= flag::BODY;
    }
    let text = bytes[head.start..head.end].to_vec();
    Head { len: head.end, text, flags, framing, status }
}

/// Text of heads that were read before is not limited again.
const UNLIMITED: Limits = Limits { bytes: usize::MAX, fields: usize::MAX };

fn texts(bytes: &[u8], fields: &[Field]) -> Vec<(String, String)> {
    let text = |range: &std::ops::Range<usize>| latin1(&bytes[range.clone()]);
    fields.iter().map(|field| (text(&field.name), text(&field.value))).collect()
}

/// The name and value of each header line of a head that was read before, in their order.
pub(super) fn lines(head: &[u8]) -> Vec<(String, String)> {
    let mut reader = match head.starts_with(b"HTTP/") {
        true => HeadReader::of_response(UNLIMITED),
        false => HeadReader::of_request(UNLIMITED),
    };
    match reader.read(head) {
        Ok(Some(read)) => texts(head, &read.fields),
        _ => Vec::new(),
    }
}

/// The same, of trailers.
pub(super) fn trailer_lines(bytes: &[u8]) -> Vec<(String, String)> {
    match http1::trailers(bytes) {
        Some(fields) => texts(bytes, &fields),
        None => Vec::new(),
    }
}

/// Node reads the bytes of heads as Latin-1.
pub(super) fn latin1(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => text.to_owned(),
        _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Where the reader of a body stands.
#[derive(Debug)]
pub(super) enum Body {
    /// So many bytes are left.
    Length(u64),
    Chunked(Box<Chunks>),
    /// All up to the end of the connection.
    Close,
}

pub(super) use http1::Step;

impl Body {
    pub(super) fn new(framing: Framing, limits: Limits) -> Option<Self> {
        match framing {
            Framing::None => None,
            Framing::Length(length) => Some(Self::Length(length)),
            Framing::Chunked(framing) => Some(Self::Chunked(Box::new(Chunks::new(framing, limits)))),
            Framing::Close => Some(Self::Close),
        }
    }

    /// How many of the bytes that were given last are right, after a fault.
    pub(super) fn parsed_before(&self, fault: Fault) -> usize {
        match self {
            Self::Chunked(chunks) => chunks.parsed_before(fault),
            Self::Length(_) | Self::Close => 0,
        }
    }

    /// Looks at `bytes`, which must be given again from where the step ended.
    pub(super) fn step(&mut self, bytes: &[u8]) -> Result<Step, Fault> {
        Ok(match self {
            Self::Length(0) => Step::End(0),
            Self::Chunked(chunks) => chunks.step(bytes)?,
            _ if bytes.is_empty() => Step::More,
            Self::Length(left) => {
                let taken = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= taken as u64;
                Step::Data(taken)
            }
            Self::Close => Step::Data(bytes.len()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Head {
        let bytes = text.as_bytes();
        let read = HeadReader::of_request(Limits::NODE).read(bytes).expect("a head");
        request(&read.expect("a whole head"), bytes)
    }

    #[test]
    fn the_first_line_is_given_to_javascript_with_one_space_between_its_parts() {
        let text = |line: &str| {
            let head = head(&format!("\r\n{line}\r\nHost: a\r\n\r\n"));
            String::from_utf8(head.text).unwrap()
        };
        let usual = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
        assert_eq!(text("GET /a HTTP/1.1"), usual);
        assert_eq!(text("GET  /a  HTTP/1.1"), usual);
        assert_eq!(text("GET /a"), usual.replace("1.1", "0.9"));
        assert_eq!(text("GET /a RTSP/1.0"), usual.replace("1.1", "1.0"));
    }

    #[test]
    fn the_lines_of_a_head_are_read_off_its_text() {
        let head = head("GET /a\r\nA: \t b \t\r\nc:\r\n\r\n");
        let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(lines(&head.text), [line("A", "b"), line("c", "")]);
        assert_eq!(trailer_lines(b"A: b\r\nc: d\r\n\r\n"), [line("A", "b"), line("c", "d")]);
        assert_eq!(lines(b"HTTP/1.1 200 OK\r\nA:b\r\n\r\n"), [line("A", "b")]);
    }
}
