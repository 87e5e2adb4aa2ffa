//! Reads message heads and bodies of HTTP/1 from bytes. Knows nothing of sockets or of JavaScript.

use httparse::{EMPTY_HEADER, Header, Status};

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
}

/// Heads with more header lines than this are refused.
const MAX_HEADERS: usize = 2000;

/// Enough for nearly all; more are parsed with a table on the heap.
const USUAL_HEADERS: usize = 64;

/// A line of a chunk's size, or the trailers, may be this long.
const MAX_LINE: usize = 16 << 10;

/// Heads longer than this are refused, where nothing else is said.
pub(super) const MAX_HEAD: usize = 16 << 10;

/// What is wrong with a message: Node's code and reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bad {
    pub(super) code: &'static str,
    pub(super) reason: &'static str,
}

const fn bad(code: &'static str, reason: &'static str) -> Bad {
    Bad { code, reason }
}

pub(super) const OVERFLOW: Bad = bad("HPE_HEADER_OVERFLOW", "Header overflow");
pub(super) const EXPECTED_END: Bad = bad("HPE_INVALID_EOF_STATE", "Invalid EOF state");
const CHUNK_SIZE: Bad = bad("HPE_INVALID_CHUNK_SIZE", "Invalid character in chunk size");
const CHUNK_END: Bad = bad("HPE_STRICT", "Expected LF after chunk data");
const LENGTH: Bad = bad("HPE_INVALID_CONTENT_LENGTH", "Invalid character in Content-Length");
const LENGTH_TWICE: Bad = bad("HPE_UNEXPECTED_CONTENT_LENGTH", "Content-Length already present");
const BOTH: Bad =
    bad("HPE_INVALID_TRANSFER_ENCODING", "Transfer-Encoding can't be present with Content-Length");
const ENCODING: Bad =
    bad("HPE_INVALID_TRANSFER_ENCODING", "Request has invalid `Transfer-Encoding`");

/// The methods that Node knows.
const METHODS: [&str; 35] = [
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

const METHOD: Bad = bad("HPE_INVALID_METHOD", "Invalid method encountered");

fn of_parser(error: httparse::Error) -> Bad {
    use httparse::Error as E;
    match error {
        E::HeaderName | E::NewLine => bad("HPE_INVALID_HEADER_TOKEN", "Invalid header token"),
        E::HeaderValue => bad("HPE_INVALID_HEADER_TOKEN", "Invalid header value char"),
        E::Status => bad("HPE_INVALID_STATUS", "Invalid status code"),
        E::Token => METHOD,
        E::TooManyHeaders => OVERFLOW,
        E::Version => bad("HPE_INVALID_VERSION", "Invalid HTTP version"),
    }
}

/// How the body of a message ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    None,
    Length(u64),
    Chunked,
    /// With the connection; only of responses.
    Close,
}

/// What a head says of the message; the head itself is the first `len` bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) len: usize,
    pub(super) flags: u32,
    pub(super) framing: Framing,
    /// Of responses.
    pub(super) status: u16,
}

#[derive(Default)]
struct Seen {
    length: Option<u64>,
    encoded: bool,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    upgrade: bool,
    connection_upgrade: bool,
    expect: bool,
    host: bool,
}

impl Seen {
    fn read(headers: &[Header<'_>]) -> Result<Self, Bad> {
        let mut seen = Self::default();
        for header in headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            match header.name.len() {
                4 if is("host") => seen.host = true,
                6 if is("expect") => seen.expect = true,
                7 if is("upgrade") => seen.upgrade = true,
                10 if is("connection") => {
                    for token in header.value.split(|byte| *byte == b',') {
                        let token = token.trim_ascii();
                        seen.close |= token.eq_ignore_ascii_case(b"close");
                        seen.keep_alive |= token.eq_ignore_ascii_case(b"keep-alive");
                        seen.connection_upgrade |= token.eq_ignore_ascii_case(b"upgrade");
                    }
                }
                14 if is("content-length") => {
                    if seen.length.is_some() {
                        return Err(LENGTH_TWICE);
                    }
                    seen.length = Some(length(header.value)?);
                }
                17 if is("transfer-encoding") => {
                    // Only the last of all codings can end the body.
                    let last = header.value.rsplit(|byte| *byte == b',').next();
                    if seen.chunked {
                        return Err(ENCODING);
                    }
                    seen.encoded = true;
                    seen.chunked =
                        last.is_some_and(|it| it.trim_ascii().eq_ignore_ascii_case(b"chunked"));
                }
                _ => {}
            }
        }
        if seen.encoded && seen.length.is_some() {
            return Err(BOTH);
        }
        Ok(seen)
    }

    fn flags(&self, version: u8) -> u32 {
        let keep_alive = if version == 0 { self.keep_alive } else { !self.close };
        let mut flags = 0;
        for (on, flag) in [
            (version == 0, flag::HTTP_1_0),
            (keep_alive && !self.close, flag::KEEP_ALIVE),
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

/// Digits only: a sign, a list or white space within are how requests are smuggled.
fn length(value: &[u8]) -> Result<u64, Bad> {
    let value = value.trim_ascii();
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return Err(LENGTH);
    }
    let text = std::str::from_utf8(value).map_err(|_| LENGTH)?;
    text.parse().map_err(|_| LENGTH)
}

type Read = Result<Option<Head>, Bad>;

/// Parses with a table of the usual size, and again with a large one if that is too small.
fn with_table<'b, T>(
    bytes: &'b [u8],
    parse: impl Fn(&'b [u8], &mut [Header<'b>]) -> Result<T, httparse::Error>,
) -> Result<T, Bad> {
    let mut usual = [EMPTY_HEADER; USUAL_HEADERS];
    match parse(bytes, &mut usual) {
        Err(httparse::Error::TooManyHeaders) => {
            parse(bytes, &mut vec![EMPTY_HEADER; MAX_HEADERS]).map_err(of_parser)
        }
        other => other.map_err(of_parser),
    }
}

/// Reads the head of a request; `None` if it is not all there.
pub(super) fn request(bytes: &[u8]) -> Read {
    with_table(bytes, |bytes, table| {
        let mut request = httparse::Request::new(table);
        let Status::Complete(len) = request.parse(bytes)? else { return Ok(Ok(None)) };
        let method = request.method.unwrap_or_default();
        Ok(request_head(len, method, request.version.unwrap_or(1), request.headers).map(Some))
    })?
}

fn request_head(
    len: usize,
    method: &str,
    version: u8,
    headers: &[Header<'_>],
) -> Result<Head, Bad> {
    if !METHODS.contains(&method) {
        return Err(METHOD);
    }
    let seen = Seen::read(headers)?;
    let framing = match seen.length {
        _ if seen.chunked => Framing::Chunked,
        // Without a last "chunked" nothing says where the body ends.
        _ if seen.encoded => return Err(ENCODING),
        None | Some(0) => Framing::None,
        Some(length) => Framing::Length(length),
    };
    let mut flags = seen.flags(version);
    match method {
        "HEAD" => flags |= flag::HEAD,
        "CONNECT" => flags |= flag::CONNECT,
        _ => {}
    }
    if framing != Framing::None {
        flags |= flag::BODY;
    }
    Ok(Head { len, flags, framing, status: 0 })
}

/// Reads the head of a response to a request whose method was `HEAD` (or not) or `CONNECT`.
pub(super) fn response(bytes: &[u8], to_head: bool, to_connect: bool) -> Read {
    with_table(bytes, |bytes, table| {
        let mut response = httparse::Response::new(table);
        let Status::Complete(len) = response.parse(bytes)? else { return Ok(Ok(None)) };
        let status = response.code.unwrap_or_default();
        let version = response.version.unwrap_or(1);
        Ok(Seen::read(response.headers).map(|seen| {
            let framing = match seen.length {
                _ if to_head || status < 200 || status == 204 || status == 304 => Framing::None,
                _ if to_connect && status < 300 => Framing::None,
                _ if seen.chunked => Framing::Chunked,
                None => Framing::Close,
                Some(0) => Framing::None,
                Some(length) => Framing::Length(length),
            };
            let mut flags = seen.flags(version);
            if framing == Framing::Close {
                flags &= !flag::KEEP_ALIVE;
            }
            if framing != Framing::None {
                flags |= flag::BODY;
            }
            Some(Head { len, flags, framing, status })
        }))
    })?
}

/// The name and value of each header line of a head that was parsed before, in their order.
pub(super) fn lines(head: &[u8]) -> Vec<(String, String)> {
    let collect = |headers: &[Header<'_>]| {
        headers.iter().map(|header| (header.name.to_owned(), latin1(header.value))).collect()
    };
    let parsed = with_table(head, |head, table| {
        if head.starts_with(b"HTTP/") {
            let mut response = httparse::Response::new(table);
            response.parse(head)?;
            Ok(collect(response.headers))
        } else {
            let mut request = httparse::Request::new(table);
            request.parse(head)?;
            Ok(collect(request.headers))
        }
    });
    parsed.unwrap_or_default()
}

/// The same, of trailers.
pub(super) fn trailer_lines(bytes: &[u8]) -> Vec<(String, String)> {
    let parsed = with_table(bytes, |bytes, table| {
        let Status::Complete((_, headers)) = httparse::parse_headers(bytes, table)? else {
            return Ok(Vec::new());
        };
        Ok(headers.iter().map(|line| (line.name.to_owned(), latin1(line.value))).collect())
    });
    parsed.unwrap_or_default()
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
    /// The size of a chunk comes next.
    ChunkSize,
    /// So many bytes of a chunk are left.
    Chunk(u64),
    /// The line break after a chunk comes next.
    ChunkEnd,
    Trailers,
    /// All up to the end of the connection.
    Close,
}

/// What a step of reading a body found at the start of the bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing: more bytes are needed.
    More,
    /// So many bytes that are not content.
    Skip(usize),
    /// So many bytes of content.
    Data(usize),
    /// The body ended; so many bytes were trailers.
    End(usize),
}

impl Body {
    pub(super) fn new(framing: Framing) -> Option<Self> {
        match framing {
            Framing::None => None,
            Framing::Length(length) => Some(Self::Length(length)),
            Framing::Chunked => Some(Self::ChunkSize),
            Framing::Close => Some(Self::Close),
        }
    }

    /// Looks at `bytes`, which must be given again from where the step ended.
    pub(super) fn step(&mut self, bytes: &[u8]) -> Result<Step, Bad> {
        let take = |left: &mut u64| {
            let taken = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= taken as u64;
            taken
        };
        Ok(match self {
            Self::Length(0) => Step::End(0),
            _ if bytes.is_empty() => Step::More,
            Self::Length(left) => Step::Data(take(left)),
            Self::Close => Step::Data(bytes.len()),
            Self::ChunkSize => match httparse::parse_chunk_size(bytes) {
                Ok(Status::Complete((len, size))) => {
                    *self = if size == 0 { Self::Trailers } else { Self::Chunk(size) };
                    Step::Skip(len)
                }
                Ok(Status::Partial) if bytes.len() < MAX_LINE => Step::More,
                _ => return Err(CHUNK_SIZE),
            },
            Self::Chunk(left) => {
                let taken = take(left);
                if *left == 0 {
                    *self = Self::ChunkEnd;
                }
                Step::Data(taken)
            }
            Self::ChunkEnd => match bytes {
                [b'\r', b'\n', ..] => {
                    *self = Self::ChunkSize;
                    Step::Skip(2)
                }
                [b'\r'] => Step::More,
                _ => return Err(CHUNK_END),
            },
            Self::Trailers => {
                let parsed = with_table(bytes, |bytes, table| {
                    httparse::parse_headers(bytes, table).map(|status| match status {
                        Status::Complete((len, _)) => Some(len),
                        Status::Partial => None,
                    })
                })?;
                match parsed {
                    Some(len) => Step::End(len),
                    None if bytes.len() < MAX_LINE => Step::More,
                    None => return Err(OVERFLOW),
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framing(head: &str) -> Result<Framing, &'static str> {
        request(head.as_bytes())
            .map(|head| head.map_or(Framing::None, |head| head.framing))
            .map_err(|bad| bad.code)
    }

    #[test]
    fn a_request_says_where_its_body_ends_or_is_refused() {
        let with = |lines: &str| framing(&format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n"));
        assert_eq!(with(""), Ok(Framing::None));
        assert_eq!(with("Content-Length: 5\r\n"), Ok(Framing::Length(5)));
        assert_eq!(with("transfer-encoding: gzip, Chunked\r\n"), Ok(Framing::Chunked));
        for refused in [
            "Content-Length: 5\r\nContent-Length: 5\r\n",
            "Content-Length: +5\r\n",
            "Content-Length: 5, 5\r\n",
            "Content-Length: \r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked, gzip\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        ] {
            assert!(with(refused).is_err(), "{refused}");
        }
    }

    /// Reads a body that comes in pieces of `size` bytes.
    fn read(mut body: Body, text: &str, size: usize) -> Result<(String, usize), Bad> {
        let (mut content, mut at, mut there) = (Vec::new(), 0, 0);
        loop {
            match body.step(&text.as_bytes()[at..there])? {
                Step::More if there == text.len() => panic!("the body does not end"),
                Step::More => there = text.len().min(there + size),
                Step::Skip(len) => at += len,
                Step::Data(len) => {
                    content.extend_from_slice(&text.as_bytes()[at..at + len]);
                    at += len;
                }
                Step::End(len) => return Ok((latin1(&content), at + len)),
            }
        }
    }

    #[test]
    fn chunks_are_read_however_they_come() {
        let text = "4;x=y\r\nwiki\r\nA\r\n0123456789\r\n0\r\nA: b\r\n\r\nGET";
        for size in 1..text.len() {
            let (content, used) = read(Body::ChunkSize, text, size).expect("a body");
            assert_eq!(content, "wiki0123456789");
            assert_eq!(&text[used..], "GET");
        }
        assert!(read(Body::ChunkSize, "4\r\nwikix\r\n", 3).is_err());
        assert!(read(Body::ChunkSize, "xyz\r\n", 3).is_err());
    }
}
