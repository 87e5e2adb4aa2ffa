//! HTTP/2 through TLS: the requests of a connection, each with a body and an answer of its own, in the bounds that
//! connections of HTTP/1 have. Framing and flow control are the crate `h2`'s. Knows nothing of what requests mean.

use std::{
    future::poll_fn,
    io::{self, ErrorKind},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::FutureExt;
use h2::{
    Reason, RecvStream, SendStream,
    server::{Builder, SendResponse},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{oneshot, watch},
    task::coop::consume_budget,
    time::{Instant, Sleep, sleep_until, timeout},
};
use tokio_rustls::server::TlsStream;

use crate::{
    flight::{Flight, Permit, SlowTransfer},
    http1::{
        Body, Framing, Head, LINGER, MAX_HEAD, Malformed, Response, Source, Timeouts, Unread,
        make_room, most_of,
    },
};

/// Requests of one connection that are under way at the same time.
const STREAMS: u32 = 64;
/// Bytes of bodies that a connection takes before they are read, all of them and of one request.
const WINDOW: u32 = 256 << 10;
const STREAM_WINDOW: u32 = 64 << 10;
/// Bytes of one answer that are handed over before the client has room for them.
const SEND_BUFFER: usize = 16 << 10;
/// Bytes that a request takes beside what it says: its task, and what is kept of its stream.
const REQUEST: usize = 12 << 10;

/// A connection whose handshake is done.
pub(crate) struct Session {
    connection: h2::server::Connection<Impatient, Bytes>,
    flight: Arc<Flight>,
    timeouts: Timeouts,
}

/// A request of a connection, or why it is not taken, and where its body comes from and its answer goes.
pub(crate) type Begun = (Result<Box<Head>, Unread>, Exchange);

impl Session {
    /// Waits for the client's first words; none where they do not come or are not those of HTTP/2.
    pub(crate) async fn begin(
        stream: TlsStream<TcpStream>,
        flight: &Arc<Flight>,
        timeouts: Timeouts,
    ) -> Option<Self> {
        let stream = Impatient { stream, timeouts, until: None, lingers: None };
        let mut builder = Builder::new();
        builder
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(MAX_HEAD as u32)
            .initial_connection_window_size(WINDOW)
            .initial_window_size(STREAM_WINDOW)
            .max_send_buffer_size(SEND_BUFFER);
        let connection = timeout(timeouts.read, builder.handshake(stream)).await.ok()?.ok()?;
        Some(Self { connection, flight: Arc::clone(flight), timeouts })
    }

    /// The next request, while so many are under way; none when the connection is over. May be dropped before it is
    /// ready, but nothing is read or sent for any request unless it is waited for.
    pub(crate) async fn next(&mut self, under_way: usize) -> Option<Begun> {
        if under_way >= STREAMS as usize {
            // To `h2` one that was taken back is over at once, however long it takes to end what is done for it.
            let _ = poll_fn(|cx| self.connection.poll_closed(cx)).await;
            return None;
        }
        let (request, respond) = self.connection.accept().await?.ok()?;
        let (parts, body) = request.into_parts();
        // One alone is what a connection of HTTP/1 may hold, too. Those beside it come out of the bytes in flight.
        let room = match under_way {
            0 => Some(None),
            _ => self.flight.take(REQUEST + 2 * said(&parts)).map(Some),
        };
        let head = match room {
            Some(_) => Head::of_http2(&parts, body.is_end_stream()).map_err(Unread::Malformed),
            None => Err(Unread::NoRoom),
        };
        let framing = head.as_ref().map_or(Framing::Chunked, |head| head.framing);
        let exchange = Exchange {
            is_head: parts.method == http::Method::HEAD,
            flight: Arc::clone(&self.flight),
            timeouts: self.timeouts,
            expects_continue: head.as_ref().is_ok_and(|head| head.expects_continue),
            respond,
            body: Some(body),
            framing,
            sending: None,
            room: room.flatten(),
        };
        Some((head.map(Box::new), exchange))
    }

    /// Whether any request is not answered, or its answer is not sent.
    pub(crate) fn has_requests(&self) -> bool {
        self.connection.has_streams()
    }

    /// Tells the client that no more requests are taken. Those that have begun go on.
    pub(crate) fn end(&mut self) {
        self.connection.graceful_shutdown();
    }
}

/// One request and its answer.
pub(crate) struct Exchange {
    /// Its answer has no body, whatever is wrong with it.
    is_head: bool,
    flight: Arc<Flight>,
    timeouts: Timeouts,
    respond: SendResponse<Bytes>,
    /// Until it is answered: nobody reads what comes then.
    body: Option<RecvStream>,
    framing: Framing,
    expects_continue: bool,
    /// Where an answer's body goes, once its head is sent.
    sending: Option<SendStream<Bytes>>,
    /// Its room among the bytes in flight, where it is not the only one of its connection.
    room: Option<Permit>,
}

/// A piece of an answer, which takes its room until the socket has it.
struct Piece {
    bytes: Vec<u8>,
    _held: Arc<Held>,
}

/// What the pieces of an answer have together.
struct Held {
    _permit: Option<Permit>,
    /// Dropped with the last of them.
    _sent: oneshot::Sender<()>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// An answer on its way: what it makes the server hold, and its place among the slow ones once it is one.
struct Transfer {
    holds: usize,
    slow: Option<SlowTransfer>,
}

impl Transfer {
    fn of(holds: usize) -> Self {
        Self { holds, slow: None }
    }

    /// To be waited for when it cannot go on.
    fn slow(&mut self, flight: &Arc<Flight>) -> &SlowTransfer {
        self.slow.get_or_insert_with(|| flight.slow(self.holds))
    }
}

impl Exchange {
    /// Reads the body, of at most `limit` bytes.
    pub(crate) async fn read_body(&mut self, limit: usize) -> Result<Body, Unread> {
        let most = most_of(self.framing, limit)?;
        let deadline = Instant::now() + self.timeouts.read;
        let mut permit = self.flight.take(0).ok_or(Unread::NoRoom)?;
        let mut bytes = Vec::new();
        let mut slow: Option<SlowTransfer> = None;
        if self.expects_continue && self.has_body_left() {
            let mut told = http::Response::new(());
            *told.status_mut() = StatusCode::CONTINUE;
            self.respond.send_informational(told).map_err(|_| Unread::Gone)?;
        }
        let held = self.held();
        while self.has_body_left() {
            let Some(body) = &mut self.body else { break };
            let next = match poll_fn(|cx| body.poll_data(cx)).now_or_never() {
                Some(next) => {
                    // A client that sends fast must leave the thread to others now and then.
                    consume_budget().await;
                    next
                }
                None => {
                    let slow = slow.get_or_insert_with(|| self.flight.slow(0));
                    slow.holds(held + bytes.capacity());
                    tokio::select! {
                        next = poll_fn(|cx| body.poll_data(cx)) => next,
                        () = sleep_until(deadline) => return Err(Unread::TimedOut),
                        () = slow.cut_off() => return Err(Unread::NoRoom),
                    }
                }
            };
            let Some(data) = next else { break };
            let data = data.map_err(|_| Unread::Gone)?;
            if data.len() > most - bytes.len() {
                return Err(Unread::TooLarge);
            }
            make_room(&mut bytes, data.len(), most, &mut permit)?;
            bytes.extend_from_slice(&data);
            body.flow_control().release_capacity(data.len()).map_err(|_| Unread::Gone)?;
        }
        self.framing = Framing::Empty;
        Ok(Body { bytes, permit })
    }

    /// Whether a part of the body was not read.
    pub(crate) fn has_body_left(&self) -> bool {
        let goes_on = |body: &RecvStream| !body.is_end_stream();
        self.framing != Framing::Empty && self.body.as_ref().is_some_and(goes_on)
    }

    /// Bytes in flight that it takes beside bodies.
    fn held(&self) -> usize {
        self.room.as_ref().map_or(0, Permit::bytes)
    }

    /// Waits for `work`; `None` when the client took its request back, or left, before.
    pub(crate) async fn unless_gone<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            done = &mut work => Some(done),
            _ = poll_fn(|cx| self.respond.poll_reset(cx)) => None,
        }
    }

    /// Sends an answer; its body only `with_body`, and then it waits until that is sent. An error ends the request.
    pub(crate) async fn send(
        &mut self,
        response: &mut Response,
        with_body: bool,
    ) -> io::Result<()> {
        let with_body = with_body && !self.is_head;
        // What still comes of the request would only take room.
        self.body = None;
        let mut head = http::Response::new(());
        *head.status_mut() = response.status;
        response.each_field(|name, value| {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_bytes(&as_bytes(value));
            // Names and values are such that HTTP has.
            if let (Ok(name), Ok(value)) = (name, value) {
                head.headers_mut().append(name, value);
            }
        });
        let goes_on = with_body && response.source.is_some();
        let mut transfer = Transfer::of(response.length() + self.held());
        let pieces = std::mem::take(&mut response.body);
        let pieces = if with_body { pieces } else { Vec::new() };
        let is_whole = pieces.is_empty() && !goes_on;
        let sending = self.respond.send_response(head, is_whole).map_err(io::Error::other)?;
        self.sending = Some(sending);
        let (sent, all_sent) = oneshot::channel();
        let held = Arc::new(Held { _permit: response.permit.take(), _sent: sent });
        let count = pieces.len();
        for (at, bytes) in pieces.into_iter().enumerate() {
            let piece = Bytes::from_owner(Piece { bytes, _held: Arc::clone(&held) });
            self.write(piece, at + 1 == count && !goes_on, &mut transfer).await?;
        }
        drop(held);
        self.give_up_unless(all_sent, &mut transfer).await
    }

    /// Waits until all that was handed over is sent: a client may take back the room that it made.
    async fn give_up_unless(
        &mut self,
        all_sent: oneshot::Receiver<()>,
        transfer: &mut Transfer,
    ) -> io::Result<()> {
        let Some(sending) = &mut self.sending else { return Ok(()) };
        let mut all_sent = pin!(all_sent);
        if (&mut all_sent).now_or_never().is_some() {
            return Ok(());
        }
        let slow = transfer.slow(&self.flight);
        let error = tokio::select! {
            _ = all_sent => return Ok(()),
            () = sleep_until(Instant::now() + self.timeouts.write) => ErrorKind::TimedOut,
            () = slow.cut_off() => ErrorKind::ConnectionAborted,
        };
        sending.send_reset(Reason::CANCEL);
        Err(error.into())
    }

    /// Sends what a source has, until it ends, the client leaves or `stopping` changes.
    pub(crate) async fn send_source(
        &mut self,
        source: &mut dyn Source,
        stopping: &mut watch::Receiver<()>,
    ) -> io::Result<()> {
        loop {
            let Some(sending) = &mut self.sending else { return Ok(()) };
            let next = tokio::select! {
                next = source.next() => next,
                _ = poll_fn(|cx| sending.poll_reset(cx)) => return Ok(()),
                _ = stopping.changed() => None,
            };
            let Some(bytes) = next else { break };
            let mut transfer = Transfer::of(bytes.len() + self.held());
            let written = tokio::select! {
                written = self.write(bytes.into(), false, &mut transfer) => Some(written),
                _ = stopping.changed() => None,
            };
            match written {
                Some(written) => written?,
                None => break,
            }
        }
        self.write(Bytes::new(), true, &mut Transfer::of(0)).await
    }

    /// Hands bytes over as the client has room for them, as long as it takes some in time.
    async fn write(
        &mut self,
        mut bytes: Bytes,
        is_last: bool,
        transfer: &mut Transfer,
    ) -> io::Result<()> {
        let Some(sending) = &mut self.sending else { return Err(ErrorKind::NotConnected.into()) };
        while !bytes.is_empty() {
            sending.reserve_capacity(bytes.len().min(SEND_BUFFER));
            let room = match poll_fn(|cx| sending.poll_capacity(cx)).now_or_never() {
                Some(room) => {
                    consume_budget().await;
                    room
                }
                None => {
                    let slow = transfer.slow(&self.flight);
                    tokio::select! {
                        room = poll_fn(|cx| sending.poll_capacity(cx)) => room,
                        () = sleep_until(Instant::now() + self.timeouts.write) => {
                            sending.send_reset(Reason::CANCEL);
                            return Err(ErrorKind::TimedOut.into());
                        }
                        () = slow.cut_off() => {
                            sending.send_reset(Reason::CANCEL);
                            return Err(ErrorKind::ConnectionAborted.into());
                        }
                    }
                }
            };
            let room = room.ok_or(ErrorKind::ConnectionReset)?.map_err(io::Error::other)?;
            let now = bytes.split_to(room.min(bytes.len()));
            if !now.is_empty() {
                let ends = is_last && bytes.is_empty();
                sending.send_data(now, ends).map_err(io::Error::other)?;
                if ends {
                    return Ok(());
                }
            }
        }
        if is_last {
            sending.send_data(Bytes::new(), true).map_err(io::Error::other)?;
        }
        Ok(())
    }
}

/// Bytes of a request's head.
fn said(parts: &http::request::Parts) -> usize {
    let lines = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    lines.sum::<usize>() + target
}

/// What a script says in a header is bytes, one for each character; all else is ASCII.
fn as_bytes(value: &str) -> Vec<u8> {
    match value.chars().all(|c| c <= '\u{ff}') {
        true => value.chars().map(|c| c as u8).collect(),
        false => value.as_bytes().to_vec(),
    }
}

impl Head {
    /// The head of a request of HTTP/2, whose body has ended with it or not.
    fn of_http2(parts: &http::request::Parts, has_ended: bool) -> Result<Self, Malformed> {
        let target = parts.uri.path_and_query().map(|target| target.as_str());
        let target = target.ok_or(Malformed::Head("the request names no path"))?;
        // What is in several lines here is one line of HTTP/1, from which its readers find the same.
        let cookies: Vec<&[u8]> =
            parts.headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
        let cookies = cookies.join(&b"; "[..]);
        let others = parts.headers.iter().filter(|(name, _)| **name != header::COOKIE);
        let mut lines: Vec<(&str, &[u8])> =
            others.map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        if !cookies.is_empty() {
            lines.push(("cookie", &cookies));
        }
        let authority = parts.uri.authority().map(|authority| authority.as_str());
        Self::of_parts(parts.method.as_str(), target, authority, &lines, has_ended)
    }
}

/// A stream that is over when nobody takes what is written for too long.
struct Impatient {
    stream: TlsStream<TcpStream>,
    timeouts: Timeouts,
    /// Until when something has to be taken, while nothing is.
    until: Option<Pin<Box<Sleep>>>,
    /// Until when what the client still sends is discarded, once all is said.
    lingers: Option<Pin<Box<Sleep>>>,
}

impl Impatient {
    fn waited<T>(
        &mut self,
        cx: &mut Context<'_>,
        done: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if done.is_ready() {
            self.until = None;
            return done;
        }
        let time = self.timeouts.write;
        let until = self.until.get_or_insert_with(|| Box::pin(tokio::time::sleep(time)));
        ready!(until.as_mut().poll(cx));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Impatient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Impatient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.waited(cx, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.waited(cx, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(cx);
        self.waited(cx, done)
    }

    /// Ends it so that a client which is still sending reads all of it first: closing at once would reset it.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingers.is_none() {
            let done = Pin::new(&mut self.stream).poll_shutdown(cx);
            ready!(self.waited(cx, done))?;
        }
        let lingers = self.lingers.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
        let mut is_over = lingers.as_mut().poll(cx).is_ready();
        while !is_over {
            let mut space = [0; 4096];
            let mut discarded = ReadBuf::new(&mut space);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut discarded));
            is_over = read.is_err() || discarded.filled().is_empty();
        }
        Poll::Ready(Ok(()))
    }
}
