//! Whoever a request comes from, by whichever version of HTTP: a connection of HTTP/1, or a stream of HTTP/2. Knows
//! nothing of routes.

use crate::{
    http1::{Body, Connection, Unread},
    http2::Exchange,
};

/// The other side of the request in hand.
pub(crate) enum Client<'a> {
    One(&'a mut Connection),
    Two(&'a mut Exchange),
}

impl Client<'_> {
    /// Reads the body of the request in hand, of at most `limit` bytes.
    pub(crate) async fn read_body(&mut self, limit: usize) -> Result<Body, Unread> {
        match self {
            Self::One(connection) => connection.read_body(limit).await,
            Self::Two(exchange) => exchange.read_body(limit).await,
        }
    }

    /// Whether a part of the body in hand was not read.
    pub(crate) fn has_body_left(&self) -> bool {
        match self {
            Self::One(connection) => connection.has_body_left(),
            Self::Two(exchange) => exchange.has_body_left(),
        }
    }

    /// Waits for `work`; `None` when the client left before.
    pub(crate) async fn unless_gone<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        match self {
            Self::One(connection) => connection.unless_gone(work).await,
            Self::Two(exchange) => exchange.unless_gone(work).await,
        }
    }
}
