//! The bytes of a connection, as they are or through TLS, read and written when the socket is ready. Knows nothing of
//! HTTP.

use std::{
    io::{self, BufRead, ErrorKind, IoSlice, Read, Write},
    net::Shutdown,
};

use socket2::SockRef;
use tokio::{
    io::{Interest, Ready},
    net::TcpStream,
    task::coop::consume_budget,
};
use tokio_rustls::{rustls::ServerConnection, server::TlsStream};

/// Bytes that wait in a session of TLS for the socket to take them, at most.
const SESSION_BUFFER: usize = 64 << 10;
/// How often a socket is read for a session before others have a turn: records may have nothing in them.
const READS: usize = 16;

/// What a connection is read from and written to.
pub(crate) struct Stream {
    socket: TcpStream,
    session: Option<Box<ServerConnection>>,
    /// Bytes that the socket took of a session.
    sent: u64,
}

/// The socket, to a session.
struct Socket<'a>(&'a TcpStream);

impl Read for Socket<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(bytes)
    }
}

impl Write for Socket<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(parts)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl From<TcpStream> for Stream {
    fn from(socket: TcpStream) -> Self {
        Self { socket, session: None, sent: 0 }
    }
}

impl From<TlsStream<TcpStream>> for Stream {
    /// Of a session whose handshake is done.
    fn from(stream: TlsStream<TcpStream>) -> Self {
        let (socket, mut session) = stream.into_inner();
        session.set_buffer_limit(Some(SESSION_BUFFER));
        Self { socket, session: Some(Box::new(session)), sent: 0 }
    }
}

impl Stream {
    /// Whether nobody between the client and this process reads along.
    pub(crate) fn is_secure(&self) -> bool {
        self.session.is_some()
    }

    /// Ready when more may have come. What a session has read already is to be taken before.
    pub(crate) async fn readable(&self) -> io::Result<()> {
        // Where more comes all the time, and nothing is in it, this is the only place that waits.
        consume_budget().await;
        self.socket.readable().await
    }

    /// Ready when the socket may take more.
    pub(crate) async fn writable(&self) -> io::Result<()> {
        self.socket.writable().await
    }

    pub(crate) async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        self.socket.ready(interest).await
    }

    /// Reads what has arrived, as far as there is room without making more; 0 at the end. An error of the kind
    /// `WouldBlock` where nothing has, or nothing but what a session has for itself.
    pub(crate) fn try_read_buf(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let Some(session) = &mut self.session else { return self.socket.try_read_buf(buffer) };
        let mut reads = 0;
        loop {
            let mut reader = session.reader();
            match reader.fill_buf() {
                Ok(bytes) => {
                    let taken = bytes.len().min(buffer.capacity() - buffer.len());
                    buffer.extend_from_slice(&bytes[..taken]);
                    reader.consume(taken);
                    return Ok(taken);
                }
                // Requests have ends of their own, so that one that was cut off is known without TLS.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(0),
                Err(error) if error.kind() == ErrorKind::WouldBlock && reads < READS => reads += 1,
                Err(error) => return Err(error),
            }
            session.read_tls(&mut Socket(&self.socket))?;
            let read = session.process_new_packets();
            // An alert, or the answer to new keys; where the socket is full it goes with what is sent next.
            flush(session, &self.socket, &mut self.sent)
                .or_else(|error| if is_full(&error) { Ok(()) } else { Err(error) })?;
            read.map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
        }
    }

    /// Takes bytes to send, as many as there is room for now.
    pub(crate) fn try_write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        let Some(session) = &mut self.session else { return self.socket.try_write_vectored(parts) };
        flush(session, &self.socket, &mut self.sent)?;
        let taken = session.writer().write_vectored(parts)?;
        match flush(session, &self.socket, &mut self.sent) {
            Err(error) if !is_full(&error) => Err(error),
            _ => Ok(taken),
        }
    }

    /// Sends what was taken; an error of the kind `WouldBlock` while the socket has no room for all of it.
    pub(crate) fn try_flush(&mut self) -> io::Result<()> {
        match &mut self.session {
            Some(session) => flush(session, &self.socket, &mut self.sent),
            None => Ok(()),
        }
    }

    /// Grows while a client takes what waits in a session.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Tells the client that nothing more comes.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        if let Some(session) = &mut self.session {
            session.send_close_notify();
            // A client that takes nothing learns it from the socket.
            let _ = flush(session, &self.socket, &mut self.sent);
        }
        SockRef::from(&self.socket).shutdown(Shutdown::Write)
    }
}

impl Drop for Stream {
    /// Without this an answer that ends with its connection looks as if somebody had cut it off.
    fn drop(&mut self) {
        if let Some(session) = &mut self.session {
            session.send_close_notify();
            let _ = flush(session, &self.socket, &mut self.sent);
        }
    }
}

fn flush(session: &mut ServerConnection, socket: &TcpStream, sent: &mut u64) -> io::Result<()> {
    while session.wants_write() {
        match session.write_tls(&mut Socket(socket)) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(bytes) => *sent += bytes as u64,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_full(error: &io::Error) -> bool {
    error.kind() == ErrorKind::WouldBlock
}
