//! The broker's end of a worker's socket, for who waits on it in a task and for who waits on a thread
//! of its own. Waiting on a thread takes no turn of the runtime: the worker's answer wakes the thread
//! that wants it, and nobody else.
//!
//! Knows bytes; must not know messages.

use std::io;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{RecvFlags, SendFlags, recv, send};

/// How long a worker is waited for before somebody looks at the time and at who cancels; a run that
/// takes longer is a long one.
pub(crate) const MOMENT: Duration = Duration::from_millis(5);
const A_MOMENT: Timespec = Timespec { tv_sec: 0, tv_nsec: MOMENT.as_nanos() as i64 };
/// Room that is made for bytes that come.
const ROOM: usize = 8 << 10;

/// What a link did.
#[derive(Debug)]
pub(crate) enum Moved {
    /// Bytes came.
    In,
    /// So many bytes went, or some may go now, or need not, because nobody takes them any more. What
    /// the worker had said before is to be read still.
    Out(usize),
    /// Nothing comes any more.
    Closed,
}

/// What a worker does that should wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unasked {
    Gone,
    Speaks,
}

#[derive(Debug)]
enum Socket {
    /// Nobody but who reads it hears of it, and reading blocks for a moment at most.
    Plain(UnixStream),
    /// The runtime watches it, and no call blocks.
    Watched(tokio::net::UnixStream),
    /// Between the two.
    Gone,
}

#[derive(Debug)]
pub(crate) struct Link {
    socket: Socket,
}

impl Link {
    pub(crate) fn new(socket: UnixStream) -> io::Result<Link> {
        set_socket_timeout(&socket, Timeout::Recv, Some(MOMENT))?;
        Ok(Link { socket: Socket::Plain(socket) })
    }

    /// What the other end does that was asked for nothing; none where it waits in silence.
    pub(crate) fn unasked(&self) -> Option<Unasked> {
        let mut byte = [0];
        let received = match &self.socket {
            Socket::Plain(socket) => recv(socket, &mut byte, RecvFlags::DONTWAIT),
            Socket::Watched(socket) => recv(socket, &mut byte, RecvFlags::DONTWAIT),
            Socket::Gone => return Some(Unasked::Gone),
        };
        match received {
            Err(Errno::AGAIN | Errno::INTR) => None,
            Ok((1.., _)) => Some(Unasked::Speaks),
            _ => Some(Unasked::Gone),
        }
    }

    /// Waits until bytes came, which are put behind `input`, or some of `unsent` went. Nothing is lost
    /// where the future is dropped.
    pub(crate) async fn next(&mut self, unsent: &[u8], input: &mut Vec<u8>) -> Moved {
        let Some(socket) = self.watched() else { return Moved::Closed };
        loop {
            let moved = tokio::select! {
                ready = socket.readable() => match ready {
                    Ok(()) => {
                        make_room(input);
                        socket.try_read_buf(input).map(|more| came(Ok(more)))
                    }
                    Err(_) => return Moved::Closed,
                },
                ready = socket.writable(), if !unsent.is_empty() => match ready {
                    Ok(()) => match socket.try_write(unsent) {
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(error),
                        sent => Ok(went(sent, unsent)),
                    },
                    Err(_) => return Moved::Closed,
                },
            };
            match moved {
                Ok(moved) => return moved,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return Moved::Closed,
            }
        }
    }

    /// Sends of `unsent` what goes, or waits for bytes, which are put behind `input`; for both where
    /// nothing goes at once, because a worker may take no more before it has got rid of its answers.
    /// None where a [`MOMENT`] was too short.
    pub(crate) fn next_here(&mut self, unsent: &[u8], input: &mut Vec<u8>) -> Option<Moved> {
        let Some(socket) = self.plain() else { return Some(Moved::Closed) };
        if !unsent.is_empty() {
            match send(socket, unsent, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
                Err(Errno::INTR) => return None,
                Err(Errno::AGAIN) => {}
                sent => return Some(went(sent.map_err(io::Error::from), unsent)),
            }
            let mut polled = [PollFd::new(socket, PollFlags::IN | PollFlags::OUT)];
            match poll(&mut polled, Some(&A_MOMENT)) {
                Ok(0) | Err(Errno::INTR) => return None,
                Ok(_) => {}
                Err(_) => return Some(Moved::Closed),
            }
            // What went wrong shows when it is read.
            if polled[0].revents() == PollFlags::OUT {
                return Some(Moved::Out(0));
            }
        }
        make_room(input);
        match recv(socket, spare_capacity(input), RecvFlags::empty()) {
            Ok((more, _)) => Some(came(Ok(more))),
            Err(Errno::AGAIN | Errno::INTR) => None,
            Err(_) => Some(Moved::Closed),
        }
    }

    fn plain(&mut self) -> Option<&UnixStream> {
        if let Socket::Watched(_) = self.socket
            && let Socket::Watched(socket) = std::mem::replace(&mut self.socket, Socket::Gone)
        {
            let socket = socket.into_std().ok()?;
            socket.set_nonblocking(false).ok()?;
            self.socket = Socket::Plain(socket);
        }
        match &self.socket {
            Socket::Plain(socket) => Some(socket),
            _ => None,
        }
    }

    fn watched(&mut self) -> Option<&tokio::net::UnixStream> {
        if let Socket::Plain(_) = self.socket
            && let Socket::Plain(socket) = std::mem::replace(&mut self.socket, Socket::Gone)
        {
            socket.set_nonblocking(true).ok()?;
            self.socket = Socket::Watched(tokio::net::UnixStream::from_std(socket).ok()?);
        }
        match &self.socket {
            Socket::Watched(socket) => Some(socket),
            _ => None,
        }
    }
}

fn make_room(input: &mut Vec<u8>) {
    if input.capacity() - input.len() < ROOM / 2 {
        input.reserve(ROOM);
    }
}

fn came(received: io::Result<usize>) -> Moved {
    match received {
        Ok(0) | Err(_) => Moved::Closed,
        Ok(_) => Moved::In,
    }
}

fn went(sent: io::Result<usize>, unsent: &[u8]) -> Moved {
    match sent {
        // It may have said something before it ended; a read tells.
        Ok(0) | Err(_) => Moved::Out(unsent.len()),
        Ok(more) => Moved::Out(more),
    }
}
