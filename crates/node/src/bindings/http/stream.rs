//! Sockets of the kinds there are, as one type. Knows nothing of what is sent over them.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr},
};

use mio::{
    Interest, Registry, Token,
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
};

/// A connection.
pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// The two ends of a connection; a local one has none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    pub(super) local: Option<SocketAddr>,
    pub(super) peer: Option<SocketAddr>,
}

impl Stream {
    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        let on = Interest::READABLE | Interest::WRITABLE;
        match self {
            Self::Tcp(stream) => registry.register(stream, token, on),
            Self::Unix(stream) => registry.register(stream, token, on),
        }
    }

    pub(super) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(into),
            Self::Unix(stream) => stream.read(into),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Unix(stream) => stream.write(bytes),
        }
    }

    /// What became of connecting: `None` while it is going on.
    pub(super) fn connected(&self) -> Option<io::Result<()>> {
        let (error, peer) = match self {
            Self::Tcp(stream) => (stream.take_error(), stream.peer_addr().map(drop)),
            Self::Unix(stream) => (stream.take_error(), stream.peer_addr().map(drop)),
        };
        match (error, peer) {
            (Ok(Some(error)) | Err(error), _) => Some(Err(error)),
            (_, Ok(())) => Some(Ok(())),
            (_, Err(error)) if error.kind() == io::ErrorKind::NotConnected => None,
            (_, Err(error)) => Some(Err(error)),
        }
    }

    pub(super) fn shutdown(&self, how: Shutdown) {
        // Fails only if the connection is gone already.
        let _ = match self {
            Self::Tcp(stream) => stream.shutdown(how),
            Self::Unix(stream) => stream.shutdown(how),
        };
    }

    /// Has closing send a reset.
    pub(super) fn set_reset(&self) {
        if let Self::Tcp(stream) = self {
            let at_once = Some(std::time::Duration::ZERO);
            let _ = rustix::net::sockopt::set_socket_linger(stream, at_once);
        }
    }

    pub(super) fn set_nodelay(&self, on: bool) {
        if let Self::Tcp(stream) = self {
            let _ = stream.set_nodelay(on);
        }
    }

    pub(super) fn ends(&self) -> Ends {
        match self {
            Self::Tcp(stream) => {
                Ends { local: stream.local_addr().ok(), peer: stream.peer_addr().ok() }
            }
            Self::Unix(_) => Ends::default(),
        }
    }
}

/// What accepts connections.
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    pub(super) fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        match self {
            Self::Tcp(listener) => registry.register(listener, token, Interest::READABLE),
            Self::Unix(listener) => registry.register(listener, token, Interest::READABLE),
        }
    }

    pub(super) fn accept(&self) -> io::Result<(Stream, Ends)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, peer) = listener.accept()?;
                let local = stream.local_addr().ok();
                Ok((Stream::Tcp(stream), Ends { local, peer: Some(peer) }))
            }
            Self::Unix(listener) => {
                let (stream, _) = listener.accept()?;
                Ok((Stream::Unix(stream), Ends::default()))
            }
        }
    }
}
