//! HTTP/1 over sockets, through TLS or not: strict framing, bounded buffers, time limits, and whether the client is
//! still there. Knows nothing of routes or of scripts.
//!
//! Strict means that every reader finds the same bounds in a message, or the message is refused.
//! Otherwise a proxy before this server, which finds other bounds, could be made to hand one
//! client's request to another. `sandtide-http1` reads chunks and `httparse` heads; what that takes
//! and the standard does not (bare line feeds) is refused before.

mod body;
mod connection;
mod head;
mod response;
mod stream;

pub(crate) use connection::{
    Body, Connection, LINGER, Next, Timeouts, Unread, bounded, make_room, most_of,
};
pub use head::Malformed;
pub(crate) use head::{Framing, HANDLERS, Head, MAX_HEAD, Method};
pub(crate) use response::{Response, Source};
pub(crate) use stream::Stream;
