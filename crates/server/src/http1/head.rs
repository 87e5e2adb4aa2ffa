//! Reads the head of a request from bytes, and decides how its body is framed. Knows nothing of
//! sockets.

use http::StatusCode;
use httparse::{EMPTY_HEADER, Header, Status};
use sandtide_net::Trace;

/// Bytes that a head may have.
pub(crate) const MAX_HEAD: usize = 16 << 10;
/// Where the paths begin whose requests scripts are given.
pub(crate) const HANDLERS: &str = "/h/";
/// Header lines that a head may have.
const MAX_HEADERS: usize = 100;

/// Why a request is not one: its framing or its head is not of the form that this server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The head breaks the grammar.
    #[error("the request is not HTTP/1.1: {0}")]
    Head(&'static str),
    /// The end of the body cannot be told without doubt.
    #[error("the request's body is not framed well: {0}")]
    Framing(&'static str),
    /// The head has too many bytes or lines.
    #[error(
        "the head of the request is larger than {MAX_HEAD} bytes or has more than {MAX_HEADERS} lines"
    )]
    HeadTooLarge,
    /// A version other than 1.0 and 1.1.
    #[error("this server speaks HTTP/1.1 and HTTP/1.0 only")]
    Version,
    /// A transfer coding other than `chunked`.
    #[error("the only transfer coding that this server takes is `chunked`, given once")]
    TransferCoding,
    /// An `Expect` other than `100-continue`.
    #[error("the only expectation that this server meets is `100-continue`")]
    Expectation,
}

impl Malformed {
    /// A name for programs that stays the same between releases.
    pub fn code(self) -> &'static str {
        match self {
            Self::Head(_) | Self::Framing(_) => "ERR_MALFORMED_REQUEST",
            Self::HeadTooLarge => "ERR_HEAD_TOO_LARGE",
            Self::Version => "ERR_HTTP_VERSION",
            Self::TransferCoding => "ERR_TRANSFER_CODING",
            Self::Expectation => "ERR_EXPECTATION",
        }
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Head(_) | Self::Framing(_) => StatusCode::BAD_REQUEST,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::TransferCoding => StatusCode::NOT_IMPLEMENTED,
            Self::Expectation => StatusCode::EXPECTATION_FAILED,
        }
    }
}

/// The methods that some route takes; any other one is only named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
    Options,
    Other(String),
}

impl Method {
    fn of(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            other => Self::Other(other.to_owned()),
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Other(name) => name,
        }
    }

    /// As [`name`](Self::name) where it is one that HTTP defines: others could be any number of them.
    pub(crate) fn known_name(&self) -> &str {
        match self {
            Self::Other(name) if name != "PATCH" => "_OTHER",
            known => known.name(),
        }
    }

    /// Whether the method only reads, so that a page of another origin may send it by following a
    /// link.
    pub(crate) fn only_reads(&self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is no body.
    Empty,
    /// So many bytes follow; at least 1.
    Length(u64),
    /// Chunks follow, each with its length.
    Chunked,
}

/// The head of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) method: Method,
    /// As it came, percent-encoded; without the query.
    pub(crate) path: String,
    /// What follows the `?`, as it came.
    pub(crate) query: Option<String>,
    pub(crate) framing: Framing,
    /// Whether the client can take another answer on this connection.
    pub(crate) keep_alive: bool,
    /// Whether the client waits to be told to send the body.
    pub(crate) expects_continue: bool,
    /// Whether it came through TLS.
    pub(crate) secure: bool,
    /// The host, where the request names a whole address in the place of a path.
    pub(crate) authority: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) fetch_site: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) accept: Option<String>,
    /// What `sandtide-tenant` says.
    pub(crate) tenant: Option<String>,
    pub(crate) authorization: Option<String>,
    /// What `sandtide-canary-key` says.
    pub(crate) canary_key: Option<String>,
    /// All lines of it, as one.
    pub(crate) if_match: Option<String>,
    /// The same.
    pub(crate) if_none_match: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) last_event_id: Option<String>,
    /// The client's place in a trace.
    pub(crate) trace: Option<Trace>,
    /// This server's own, below the client's, once it is being answered.
    pub(crate) span: Option<Trace>,
    /// Whether this asks, for a page of another origin, if it may send some other request.
    pub(crate) preflight: bool,
    /// All headers of a request that a script may be given, as names and bytes: those under `/h/`.
    pub(crate) lines: Vec<(String, Vec<u8>)>,
}

/// Finds the end of heads in a buffer that grows, looking at each byte once.
#[derive(Debug, Default)]
pub(crate) struct HeadReader {
    /// Bytes at the front of the buffer that were looked at.
    seen: usize,
}

impl HeadReader {
    /// Reads the head at the front of `buffer`, and tells how many bytes it has. `None` while its
    /// end has not come; then the same bytes and more are to be given again.
    pub(crate) fn read(&mut self, buffer: &[u8]) -> Result<Option<(Head, usize)>, Malformed> {
        let Some(end) = self.end(buffer)? else {
            return if buffer.len() >= MAX_HEAD { Err(Malformed::HeadTooLarge) } else { Ok(None) };
        };
        if end > MAX_HEAD {
            return Err(Malformed::HeadTooLarge);
        }
        self.seen = 0;
        parse(&buffer[..end]).map(|head| Some((head, end)))
    }

    /// Where the empty line that closes the head ends. A line ends in a carriage return and a line
    /// feed, never in one alone.
    fn end(&mut self, buffer: &[u8]) -> Result<Option<usize>, Malformed> {
        while let Some(&byte) = buffer.get(self.seen) {
            match byte {
                b'\n' => return Err(Malformed::Head("a line feed without a carriage return")),
                b'\r' => match buffer.get(self.seen + 1) {
                    None => return Ok(None),
                    Some(b'\n') => {
                        let line_end = self.seen + 2;
                        if self.seen == 0 {
                            return Err(Malformed::Head("an empty line before the request line"));
                        }
                        if buffer[..self.seen].ends_with(b"\r\n") {
                            return Ok(Some(line_end));
                        }
                        self.seen = line_end;
                    }
                    Some(_) => {
                        return Err(Malformed::Head("a carriage return without a line feed"));
                    }
                },
                _ => self.seen += 1,
            }
        }
        Ok(None)
    }
}

fn parse(bytes: &[u8]) -> Result<Head, Malformed> {
    let mut lines = [EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut lines);
    match request.parse(bytes) {
        Ok(Status::Complete(length)) if length == bytes.len() => {}
        Ok(_) => return Err(Malformed::Head("its lines do not end where they should")),
        Err(error) => return Err(of_parser(error)),
    }
    let minor = request.version.ok_or(Malformed::Version)?;
    let headers = Headers(request.headers);
    let target = Target::of(request.path.unwrap_or_default())?;
    let framing = framing(&headers, minor)?;
    if headers.single("host")?.is_none() && minor > 0 {
        return Err(Malformed::Head("the Host header is missing"));
    }
    let keep_alive = headers.keep_alive(minor)?;
    let head = Head::of(request.method.unwrap_or_default(), target, &headers, framing)?;
    // A client of HTTP/1.0 would take the interim answer for the answer.
    let expects_continue = head.expects_continue && minor > 0;
    Ok(Head { keep_alive, expects_continue, ..head })
}

impl Head {
    /// The head of a request of HTTP/2, whose body has ended with it or not.
    pub(crate) fn of_parts(
        method: &str,
        target: &str,
        authority: Option<&str>,
        lines: &[(&str, &[u8])],
        has_ended: bool,
    ) -> Result<Self, Malformed> {
        if lines.len() > MAX_HEADERS {
            return Err(Malformed::HeadTooLarge);
        }
        let lines: Vec<_> = lines.iter().map(|&(name, value)| Header { name, value }).collect();
        let headers = Headers(&lines);
        let target = Target { authority, ..Target::of(target)? };
        // Where there are two, nobody knows which one counts.
        let host = headers.single("host")?;
        if host.is_some_and(|host| authority.is_some_and(|known| known != host)) {
            return Err(Malformed::Head("the Host header and the address name two hosts"));
        }
        if host.or(authority).is_none() {
            return Err(Malformed::Head("the request names no host"));
        }
        let framing = match framing(&headers, 1)? {
            Framing::Empty if headers.all("content-length").next().is_some() => Framing::Empty,
            _ if has_ended => Framing::Empty,
            // Where it ends the frames say.
            Framing::Empty => Framing::Chunked,
            framing => framing,
        };
        let head = Self::of(method, target, &headers, framing)?;
        Ok(Head { secure: true, ..head })
    }

    fn of(
        method: &str,
        target: Target<'_>,
        headers: &Headers<'_>,
        framing: Framing,
    ) -> Result<Self, Malformed> {
        let expects_continue = match headers.single("expect")? {
            None => false,
            Some(value) if value.eq_ignore_ascii_case("100-continue") => true,
            Some(_) => return Err(Malformed::Expectation),
        };
        let owned = |value: Option<&str>| value.map(str::to_owned);
        Ok(Head {
            method: Method::of(method),
            path: target.path.to_owned(),
            query: owned(target.query),
            framing,
            keep_alive: true,
            expects_continue,
            secure: false,
            authority: owned(target.authority),
            host: owned(headers.single("host")?),
            origin: owned(headers.single("origin")?),
            fetch_site: owned(headers.single("sec-fetch-site")?),
            content_type: owned(headers.single("content-type")?),
            // Of several `Accept` lines the first one decides, as if they were one line.
            accept: owned(headers.all("accept").next().transpose()?),
            tenant: owned(headers.single("sandtide-tenant")?),
            authorization: owned(headers.single("authorization")?),
            canary_key: owned(headers.single("sandtide-canary-key")?),
            if_match: headers.list("if-match")?,
            if_none_match: headers.list("if-none-match")?,
            idempotency_key: owned(headers.single("idempotency-key")?),
            last_event_id: owned(headers.single("last-event-id")?),
            trace: Trace::of_lines(headers.any("traceparent"), headers.any("tracestate")),
            span: None,
            preflight: headers.all("access-control-request-method").next().is_some(),
            lines: match target.path.starts_with(HANDLERS) {
                true => headers.lines(),
                false => Vec::new(),
            },
        })
    }
}

fn of_parser(error: httparse::Error) -> Malformed {
    use httparse::Error as E;
    match error {
        E::TooManyHeaders => Malformed::HeadTooLarge,
        E::Version => Malformed::Version,
        E::HeaderName => Malformed::Head("a header's name has a character that names do not have"),
        E::HeaderValue => {
            Malformed::Head("a header's value has a character that values do not have")
        }
        E::NewLine => Malformed::Head("a line does not end where it should"),
        E::Token | E::Status => Malformed::Head("the request line is not `METHOD /path HTTP/1.1`"),
    }
}

struct Headers<'a>(&'a [Header<'a>]);

impl<'a> Headers<'a> {
    fn all(&self, name: &'static str) -> impl Iterator<Item = Result<&'a str, Malformed>> {
        let named = self.0.iter().filter(move |line| line.name.eq_ignore_ascii_case(name));
        named.map(|line| {
            let text = str::from_utf8(line.value)
                .map_err(|_| Malformed::Head("a header's value is not UTF-8"))?;
            Ok(text.trim_matches([' ', '\t']))
        })
    }

    fn lines(&self) -> Vec<(String, Vec<u8>)> {
        self.0.iter().map(|line| (line.name.to_owned(), line.value.trim_ascii().to_vec())).collect()
    }

    /// The value of a header that may be given only once: of two values nobody knows which one
    /// counts.
    fn single(&self, name: &'static str) -> Result<Option<&'a str>, Malformed> {
        let mut values = self.all(name);
        let first = values.next().transpose()?;
        if values.next().is_some() {
            return Err(Malformed::Head("a header is given twice that has one value"));
        }
        Ok(first)
    }

    /// The values of a header that spoils nothing when it is not what it should be.
    fn any(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.all(name).map(Result::unwrap_or_default)
    }

    /// The values of a header that is a list, whose lines are one.
    fn list(&self, name: &'static str) -> Result<Option<String>, Malformed> {
        let lines = self.all(name).collect::<Result<Vec<_>, _>>()?;
        Ok((!lines.is_empty()).then(|| lines.join(", ")))
    }

    fn keep_alive(&self, minor: u8) -> Result<bool, Malformed> {
        let mut keep = minor > 0;
        for value in self.all("connection") {
            for option in value?.split(',').map(|option| option.trim_matches([' ', '\t'])) {
                if option.eq_ignore_ascii_case("close") {
                    return Ok(false);
                }
                keep |= option.eq_ignore_ascii_case("keep-alive");
            }
        }
        Ok(keep)
    }
}

fn framing(headers: &Headers<'_>, minor: u8) -> Result<Framing, Malformed> {
    let bad = |what| Err(Malformed::Framing(what));
    let mut codings = headers.all("transfer-encoding");
    let mut lengths = headers.all("content-length");
    let (coding, length) = (codings.next().transpose()?, lengths.next().transpose()?);
    match (coding, length) {
        (None, None) => Ok(Framing::Empty),
        (Some(_), Some(_)) => bad("both Transfer-Encoding and Content-Length are given"),
        (Some(_), None) if minor == 0 => bad("HTTP/1.0 has no Transfer-Encoding"),
        (Some(coding), None) => {
            if codings.next().is_some() || !coding.eq_ignore_ascii_case("chunked") {
                return Err(Malformed::TransferCoding);
            }
            Ok(Framing::Chunked)
        }
        (None, Some(length)) => {
            if lengths.next().is_some() {
                return bad("Content-Length is given twice");
            }
            // Nineteen digits always fit.
            if !(1..=19).contains(&length.len()) || !length.bytes().all(|b| b.is_ascii_digit()) {
                return bad("Content-Length is no number of bytes");
            }
            match length.parse() {
                Ok(0) => Ok(Framing::Empty),
                Ok(length) => Ok(Framing::Length(length)),
                Err(_) => bad("Content-Length is no number of bytes"),
            }
        }
    }
}

/// A request target: a path with its query, or a whole address.
struct Target<'a> {
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Target<'a> {
    fn of(target: &'a str) -> Result<Self, Malformed> {
        if !target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
            return Err(Malformed::Head("the address has a character that addresses do not have"));
        }
        let (authority, rest) = if target.starts_with('/') || target == "*" {
            (None, target)
        } else {
            let (scheme, rest) = target
                .split_once("://")
                .ok_or(Malformed::Head("the address is neither a path nor a whole address"))?;
            if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
                return Err(Malformed::Head("the address is not of http"));
            }
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        };
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        Ok(Self { authority, path: if path.is_empty() { "/" } else { path }, query })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Head, Malformed> {
        let (head, length) = HeadReader::default().read(text.as_bytes())?.expect("a whole head");
        assert_eq!(length, text.len());
        Ok(head)
    }

    #[test]
    fn a_head_is_read_whole() {
        let head = read(
            "POST /v1/runs?raw HTTP/1.1\r\nHost: a:1\r\nContent-Length: 12\r\nAccept: text/*\r\n\
             accept: x\r\nContent-Type: text/plain\r\nExpect: 100-Continue\r\n\r\n",
        )
        .unwrap();
        assert_eq!(head.method, Method::Post);
        assert_eq!((&*head.path, head.query.as_deref()), ("/v1/runs", Some("raw")));
        assert_eq!(head.framing, Framing::Length(12));
        assert_eq!(head.host.as_deref(), Some("a:1"));
        assert_eq!(head.accept.as_deref(), Some("text/*"));
        assert!(head.keep_alive && head.expects_continue);
    }

    #[test]
    fn a_whole_address_gives_its_host_path_and_query() {
        let head = read("GET http://h:2?a=b HTTP/1.0\r\n\r\n").unwrap();
        assert_eq!(head.authority.as_deref(), Some("h:2"));
        assert_eq!((&*head.path, head.query.as_deref()), ("/", Some("a=b")));
        assert!(!head.keep_alive);
    }

    #[test]
    fn the_connection_is_kept_where_the_version_or_the_header_says_so() {
        for (version, header, kept) in [
            ("1.1", "", true),
            ("1.1", "Connection: x, Close\r\n", false),
            ("1.0", "", false),
            ("1.0", "connection: Keep-Alive\r\n", true),
            ("1.0", "connection: keep-alive\r\nconnection: close\r\n", false),
        ] {
            let head = read(&format!("GET / HTTP/{version}\r\nhost: a\r\n{header}\r\n")).unwrap();
            assert_eq!(head.keep_alive, kept, "{version} {header}");
        }
    }

    #[test]
    fn a_head_without_an_end_is_refused_when_it_is_too_long() {
        let long = format!("GET / HTTP/1.1\r\nx: {}", "y".repeat(MAX_HEAD));
        assert_eq!(HeadReader::default().read(long.as_bytes()), Err(Malformed::HeadTooLarge));
    }

    proptest! {
        /// However bytes arrive, the same head or the same refusal comes of them.
        #[test]
        fn pieces_give_what_the_whole_gives(
            lines in prop::collection::vec(
                prop::sample::select(vec![
                    "GET / HTTP/1.1\r\n", "host: a\r\n", "host: a\n", "content-length: 5\r\n",
                    "transfer-encoding: chunked\r\n", "\r\n", "\r", "\n", "x: y\r\n", " x", "\0",
                ]),
                0..8,
            ),
            piece in 1_usize..20,
        ) {
            let bytes = lines.concat().into_bytes();
            let whole = HeadReader::default().read(&bytes);
            let mut reader = HeadReader::default();
            let mut pieces = Ok(None);
            for end in (0..bytes.len()).step_by(piece).chain([bytes.len()]) {
                pieces = reader.read(&bytes[..end]);
                if pieces != Ok(None) {
                    break;
                }
            }
            prop_assert_eq!(pieces, whole);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = HeadReader::default().read(&bytes);
        }
    }
}
