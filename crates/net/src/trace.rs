//! The trace that a request is part of, as the W3C's Trace Context has it, and what is told of its spans. Knows
//! nothing of who collects spans.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use http::{HeaderMap, HeaderName, HeaderValue};

const PARENT: HeaderName = HeaderName::from_static("traceparent");
const STATE: HeaderName = HeaderName::from_static("tracestate");

/// Characters of a `traceparent` of the version that is spoken here, and the first of any later one.
const PARENT_LENGTH: usize = 55;
/// The only flag with a meaning: the trace is recorded.
const SAMPLED: u8 = 1;
/// Members that a `tracestate` may have.
const MOST_MEMBERS: usize = 32;
/// Characters of a `tracestate` that are passed on; beyond them members go.
const MOST_STATE: usize = 512;
/// Members with more characters go first.
const LONG_MEMBER: usize = 128;

/// A place in a trace: its identity, the span that what follows is below, and what others keep with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    id: [u8; 16],
    span: [u8; 8],
    sampled: bool,
    state: Option<Arc<str>>,
}

impl Trace {
    /// What the lines of `traceparent` and `tracestate` of a request say; none where the first is missing, is given
    /// twice or is not what the recommendation takes. A `tracestate` that is not is left out.
    #[must_use]
    pub fn of_lines<'a>(
        parents: impl IntoIterator<Item = &'a str>,
        states: impl IntoIterator<Item = &'a str>,
    ) -> Option<Trace> {
        let mut parents = parents.into_iter();
        let trace = Trace::of_parent(parents.next()?).filter(|_| parents.next().is_none())?;
        let state = state_of(&states.into_iter().collect::<Vec<_>>().join(","));
        Some(Trace { state, ..trace })
    }

    fn of_parent(text: &str) -> Option<Trace> {
        let bytes = text.as_bytes();
        let (first, rest) = bytes.split_at_checked(PARENT_LENGTH)?;
        let [version] = hex(&first[..2])?;
        // Of later versions the beginning is as here, and what may follow is behind a hyphen.
        let fits = match version {
            0 => rest.is_empty(),
            0xff => false,
            _ => rest.first().is_none_or(|&byte| byte == b'-'),
        };
        if !fits || [first[2], first[35], first[52]] != *b"---" {
            return None;
        }
        let (id, span, [flags]) = (hex(&first[3..35])?, hex(&first[36..52])?, hex(&first[53..])?);
        let is_none = id == [0; 16] || span == [0; 8];
        (!is_none).then_some(Trace { id, span, sampled: flags & SAMPLED != 0, state: None })
    }

    /// A trace that begins here and is recorded; none where the system has no randomness.
    #[must_use]
    pub fn begun() -> Option<Trace> {
        let (mut id, mut span) = ([0; 16], [0; 8]);
        getrandom::fill(&mut id).ok()?;
        getrandom::fill(&mut span).ok()?;
        let is_none = id == [0; 16] || span == [0; 8];
        (!is_none).then_some(Trace { id, span, sampled: true, state: None })
    }

    /// A new span below this one.
    #[must_use]
    pub fn child(&self) -> Trace {
        let mut span = [0; 8];
        // Without randomness what follows is told to be below the same span, which is true.
        match getrandom::fill(&mut span) {
            Ok(()) if span != [0; 8] => Trace { span, ..self.clone() },
            _ => self.clone(),
        }
    }

    /// The trace's identity in hexadecimal.
    #[must_use]
    pub fn id(&self) -> String {
        to_hex(&self.id)
    }

    /// The span's in hexadecimal.
    #[must_use]
    pub fn span(&self) -> String {
        to_hex(&self.span)
    }

    /// The trace's identity.
    #[must_use]
    pub fn id_bytes(&self) -> [u8; 16] {
        self.id
    }

    /// The span's.
    #[must_use]
    pub fn span_bytes(&self) -> [u8; 8] {
        self.span
    }

    /// Whether its spans are recorded.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.sampled
    }

    /// What `tracestate` says of it.
    #[must_use]
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// What `traceparent` says of it.
    #[must_use]
    pub fn parent(&self) -> String {
        format!("00-{}-{}-0{}", self.id(), self.span(), u8::from(self.sampled))
    }

    /// All of it as one text: what a run is told caused it.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.state {
            Some(state) => format!("{}\n{state}", self.parent()),
            None => self.parent(),
        }
    }

    /// The counterpart of [`text`](Self::text).
    #[must_use]
    pub fn of_text(text: &str) -> Option<Trace> {
        match text.split_once('\n') {
            Some((parent, state)) => Trace::of_lines([parent], [state]),
            None => Trace::of_lines([text], []),
        }
    }

    /// Says it in the headers of a request, in the place of what they said.
    pub(crate) fn put_into(&self, headers: &mut HeaderMap) {
        headers.remove(STATE);
        // Both are visible characters of ASCII.
        if let Ok(parent) = HeaderValue::from_str(&self.parent()) {
            headers.insert(PARENT, parent);
        }
        if let Some(Ok(state)) = self.state.as_deref().map(HeaderValue::from_str) {
            headers.insert(STATE, state);
        }
    }
}

/// The members of a `tracestate` as they are passed on; none where it has none, or one that is not what the
/// recommendation takes.
fn state_of(text: &str) -> Option<Arc<str>> {
    let members = text.split(',').map(|member| member.trim_matches([' ', '\t']));
    let mut members: Vec<&str> = members.filter(|member| !member.is_empty()).collect();
    if members.is_empty() || members.len() > MOST_MEMBERS {
        return None;
    }
    let mut keys = Vec::with_capacity(members.len());
    for member in &members {
        let (key, value) = member.split_once('=')?;
        if !is_key(key) || !is_value(value) || keys.contains(&key) {
            return None;
        }
        keys.push(key);
    }
    let length =
        |members: &[&str]| members.iter().map(|member| member.len() + 1).sum::<usize>() - 1;
    while length(&members) > MOST_STATE {
        let long = members.iter().rposition(|member| member.len() > LONG_MEMBER);
        members.remove(long.unwrap_or(members.len() - 1));
        if members.is_empty() {
            return None;
        }
    }
    Some(members.join(",").into())
}

/// `simple`, or `tenant@system`.
fn is_key(key: &str) -> bool {
    let is_rest =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-*/".contains(&byte);
    let is_part = |part: &str, most: usize, first: fn(&u8) -> bool| {
        part.len() <= most
            && part.bytes().next().is_some_and(|byte| first(&byte))
            && part.bytes().all(is_rest)
    };
    match key.split_once('@') {
        None => is_part(key, 256, u8::is_ascii_lowercase),
        Some((tenant, system)) => {
            let digit_too = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            is_part(tenant, 241, digit_too) && is_part(system, 14, u8::is_ascii_lowercase)
        }
    }
}

/// Up to 256 visible characters and spaces, but not one at the end.
fn is_value(value: &str) -> bool {
    let fits = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b',' && byte != b'=';
    (1..=256).contains(&value.len()) && value.bytes().all(fits) && !value.ends_with(' ')
}

/// Bytes of digits in lower case, as the recommendation has them.
fn hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// On which side of a request a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpanKind {
    /// Of whoever answers it.
    Server,
    /// Of whoever asks.
    Client,
    /// Of what was begun without a request.
    Internal,
}

/// A span that has ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EndedSpan {
    /// Which one it is.
    pub trace: Trace,
    /// The span that it is below.
    pub parent: Option<[u8; 8]>,
    /// Its side.
    pub kind: SpanKind,
    /// What spans of this sort are called.
    pub name: String,
    /// When it began.
    pub began: SystemTime,
    /// How long it took, so far as is known.
    pub took: Duration,
    /// What else is known, by the names of OpenTelemetry's conventions where these have one.
    pub attributes: Vec<(&'static str, String)>,
    /// The status that was answered.
    pub status: Option<u16>,
    /// What went wrong, if something did.
    pub error: Option<String>,
    clock: Instant,
}

impl EndedSpan {
    /// A span that begins now, to be told of at its end.
    #[must_use]
    pub fn begin(trace: Trace, kind: SpanKind, parent: Option<&Trace>) -> EndedSpan {
        EndedSpan {
            trace,
            parent: parent.map(Trace::span_bytes),
            kind,
            name: String::new(),
            began: SystemTime::now(),
            took: Duration::ZERO,
            attributes: Vec::new(),
            status: None,
            error: None,
            clock: Instant::now(),
        }
    }

    /// Notes what was answered. To a client all from 400 on is an error, to a server all from 500 on.
    pub fn answered(&mut self, status: u16) {
        self.status = Some(status);
        let least = if self.kind == SpanKind::Client { 400 } else { 500 };
        if status >= least && self.error.is_none() {
            self.error = Some(status.to_string());
        }
    }
}

/// Who is told of spans that have ended, and which of them are recorded. Neither must take long: they are asked on
/// threads that have more to do.
#[derive(Clone)]
pub struct SpanSink {
    take: Arc<dyn Fn(EndedSpan) + Send + Sync>,
    samples: Option<Arc<Sampling>>,
}

/// Whether a trace of this identity is recorded from here on, whose client says this of it, if it has one.
type Sampling = dyn Fn([u8; 16], Option<bool>) -> bool + Send + Sync;

impl fmt::Debug for SpanSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpanSink")
    }
}

impl SpanSink {
    /// Tells this closure of whatever clients say is recorded, and of all traces that begin here.
    pub fn new(take: impl Fn(EndedSpan) + Send + Sync + 'static) -> SpanSink {
        SpanSink { take: Arc::new(take), samples: None }
    }

    /// Has this closure say which traces are recorded from here on: it is given a trace's identity and, where the trace
    /// is a client's, whether the client records it.
    #[must_use]
    pub fn sampled_by(
        mut self,
        samples: impl Fn([u8; 16], Option<bool>) -> bool + Send + Sync + 'static,
    ) -> SpanSink {
        self.samples = Some(Arc::new(samples));
        self
    }

    /// A new span in a client's trace, or in one that begins here; none where the system has no randomness for that.
    #[must_use]
    pub fn trace(&self, client: Option<&Trace>) -> Option<Trace> {
        let mut own = client.map_or_else(Trace::begun, |client| Some(client.child()))?;
        if let Some(samples) = &self.samples {
            own.sampled = samples(own.id, client.map(Trace::is_sampled));
        }
        Some(own)
    }

    /// Tells of a span that ends now.
    pub fn take(&self, mut span: EndedSpan) {
        span.took = span.clock.elapsed();
        (self.take)(span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_the_recommendation_takes_is_taken_and_passed_on_below_a_new_span() {
        let trace =
            Trace::of_lines([GOOD], ["congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7"]).unwrap();
        assert_eq!((trace.parent(), trace.is_sampled()), (GOOD.to_owned(), true));
        assert_eq!(trace.state(), Some("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"));
        let child = trace.child();
        assert_eq!((child.id(), child.state()), (trace.id(), trace.state()));
        assert_ne!(child.span(), trace.span());
        assert_eq!(Trace::of_text(&child.text()), Some(child));
        // A later version says the same at its beginning, and is answered in this one.
        for later in [
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-follows",
            &GOOD.replacen("00", "01", 1),
        ] {
            assert_eq!(Trace::of_lines([later], []).unwrap().parent(), GOOD, "{later}");
        }
        let unknown_flags = GOOD.replace("-01", "-fe");
        assert!(Trace::of_lines([&*unknown_flags], []).unwrap().parent().ends_with("-00"));
    }

    #[test]
    fn a_parent_that_is_not_as_the_recommendation_has_it_is_dropped() {
        let upper = GOOD.to_uppercase();
        let long = format!("{GOOD}-00");
        for bad in [
            "",
            "00",
            &upper,
            &long,
            &GOOD[..54],
            &GOOD.replacen("00", "ff", 1),
            &GOOD.replacen("00", "0x", 1),
            &format!("{}.", GOOD.replacen("00", "01", 1)),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331_01",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319\u{e9}b7ad6b7169203331-01a",
        ] {
            assert_eq!(Trace::of_lines([bad], ["a=b"]), None, "{bad}");
        }
        assert_eq!(Trace::of_lines([GOOD, GOOD], []), None, "given twice");
    }

    #[test]
    fn a_state_that_is_not_as_the_recommendation_has_it_is_left_out_and_the_rest_stays() {
        let state = |text: &str| Trace::of_lines([GOOD], [text]).unwrap().state;
        let taken = |text: &str| state(text).as_deref().map(str::to_owned);
        assert_eq!(taken("a=1 ,\t b=2, ,").as_deref(), Some("a=1,b=2"));
        assert_eq!(taken("1t@sys=x y").as_deref(), Some("1t@sys=x y"));
        let many =
            |count: usize| (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
        assert!(taken(&many(32)).is_some());
        for bad in [
            "",
            " , ",
            "a",
            "A=1",
            "1a=1",
            "a=",
            "a=1,a=2",
            "a=b=c",
            "a=\u{7f}",
            "@s=1",
            "t@=1",
            "t@1s=1",
            "a@b@c=1",
            &many(33),
        ] {
            assert_eq!(taken(bad), None, "{bad}");
        }
        assert_eq!(taken(&format!("a={}", "x".repeat(257))), None);
        assert!(taken(&format!("{}=x", "k".repeat(256))).is_some());
        assert_eq!(taken(&format!("{}=x", "k".repeat(257))), None);
    }

    #[test]
    fn of_a_long_state_long_members_go_first_and_then_those_at_the_end() {
        let long = format!("long={}", "x".repeat(200));
        let short: Vec<String> = (0..7).map(|n| format!("k{n}={}", "y".repeat(60))).collect();
        let all = [long, short.join(",")].join(",");
        let state = Trace::of_lines([GOOD], [&*all]).unwrap().state.unwrap();
        assert_eq!(&*state, short.join(","));
        let more: Vec<String> = (0..20).map(|n| format!("m{n}={}", "y".repeat(60))).collect();
        let state = Trace::of_lines([GOOD], [&*more.join(",")]).unwrap().state.unwrap();
        assert!(state.len() <= MOST_STATE && more.join(",").starts_with(&*state), "{state}");
    }
}
