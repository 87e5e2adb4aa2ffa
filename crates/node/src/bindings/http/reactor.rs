//! The I/O thread: waits for all sockets at once and for what JavaScript asks for.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use mio::{Poll, Token, Waker};

use super::{
    conn::{Conn, Io},
    dispatch,
    queue::{Command, Commands, Event, Events, Id, Inbox, Outbox, Settings},
    stream::Listener,
};
use crate::event_loop::LoopHandle;

const WAKER: Token = Token(usize::MAX);

/// Read at most so many bytes at a time.
const SCRATCH: usize = 64 << 10;

/// How long after the last work the queue is looked at without having been woken.
const LINGER: Duration = Duration::from_millis(1);

/// Connections that one listener accepts before the others have their turn.
const ACCEPT_TURN: usize = 64;

/// How long to leave a listener alone that cannot accept (out of descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What both threads share.
pub(super) struct Shared {
    pub(super) outbox: Outbox,
    pub(super) inbox: Inbox,
    next_id: AtomicU32,
    handle: LoopHandle,
}

impl Shared {
    pub(super) fn next_id(&self) -> Id {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }
}

/// Starts the thread.
pub(super) fn start(handle: LoopHandle) -> io::Result<Arc<Shared>> {
    let poll = Poll::new()?;
    let waker = Waker::new(poll.registry(), WAKER)?;
    let shared = Arc::new(Shared {
        outbox: Outbox::new(waker),
        inbox: Inbox::default(),
        next_id: AtomicU32::new(1),
        handle,
    });
    let mut reactor = Reactor {
        shared: Arc::clone(&shared),
        poll,
        conns: HashMap::default(),
        listeners: HashMap::default(),
        io: Io {
            events: Events::default(),
            scratch: vec![0; SCRATCH],
            now: Instant::now(),
            next_deadline: None,
            again: Vec::new(),
        },
        accept_again: None,
        accept_more: Vec::new(),
    };
    thread::Builder::new().name("io".to_owned()).spawn(move || reactor.run())?;
    Ok(shared)
}

/// Ids count up: they are as good as hashes.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8) | u64::from(*byte);
        }
    }

    fn write_u32(&mut self, id: u32) {
        // The table takes its marks from the top bits.
        self.0 = u64::from(id).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

type Map<T> = HashMap<Id, T, BuildHasherDefault<IdHasher>>;

struct Reactor {
    shared: Arc<Shared>,
    poll: Poll,
    conns: Map<Conn>,
    listeners: Map<(Listener, Arc<Settings>)>,
    io: Io,
    accept_again: Option<Instant>,
    /// Listeners whose turn ended before nobody was left to accept.
    accept_more: Vec<Id>,
}

impl Reactor {
    fn run(&mut self) {
        let mut ready = mio::Events::with_capacity(256);
        let mut commands = Commands::default();
        let mut worked = false;
        loop {
            let timeout = self.timeout(worked);
            let sleeps = self.shared.outbox.park();
            let timeout = if sleeps { timeout } else { Some(Duration::ZERO) };
            if let Err(error) = self.poll.poll(&mut ready, timeout) {
                if error.kind() != io::ErrorKind::Interrupted {
                    crate::runtime::complain(&format!("sandtide: cannot wait for sockets: {error}"));
                    return;
                }
                continue;
            }
            self.shared.outbox.unpark();
            self.io.now = Instant::now();
            worked = !ready.is_empty();
            self.go_on();
            for event in &ready {
                if event.token() != WAKER {
                    let read_closed = event.is_read_closed() || event.is_error();
                    self.on_ready(event.token(), event.is_readable() || read_closed, read_closed);
                }
            }
            self.shared.outbox.take(&mut commands);
            worked |= !commands.list.is_empty();
            self.obey(&mut commands);
            self.check_deadlines();
            self.hand_over();
        }
    }

    /// Gives a turn to all whose last one ended before their work did.
    fn go_on(&mut self) {
        for server in std::mem::take(&mut self.accept_more) {
            self.accept(server);
        }
        let mut again = std::mem::take(&mut self.io.again);
        again.sort_unstable();
        again.dedup();
        for id in again {
            self.with(id, Conn::go_on);
        }
    }

    fn timeout(&self, worked: bool) -> Option<Duration> {
        if !self.io.again.is_empty() || !self.accept_more.is_empty() {
            return Some(Duration::ZERO);
        }
        let until = |at: Instant| at.saturating_duration_since(self.io.now);
        let deadline = self.io.next_deadline.map(until);
        let linger = worked.then_some(LINGER);
        [deadline, linger, self.accept_again.map(until)].into_iter().flatten().min()
    }

    fn hand_over(&mut self) {
        if self.io.events.list.is_empty() {
            return;
        }
        if self.shared.inbox.push(&mut self.io.events) {
            let shared = Arc::clone(&self.shared);
            self.shared.handle.post(move |ctx| dispatch::run(ctx, &shared));
        }
    }

    fn on_ready(&mut self, token: Token, readable: bool, read_closed: bool) {
        let Ok(id) = Id::try_from(token.0) else { return };
        if self.conns.contains_key(&id) {
            self.with(id, |conn, io| conn.on_ready(readable, read_closed, io));
        } else if self.listeners.contains_key(&id) {
            self.accept(id);
        }
    }

    /// Does something with a connection, if it is still there, and drops it if that ended it.
    fn with(&mut self, id: Id, act: impl FnOnce(&mut Conn, &mut Io)) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        act(conn, &mut self.io);
        if conn.done {
            self.remove(id);
        }
    }

    fn remove(&mut self, id: Id) {
        if let Some(conn) = self.conns.remove(&id) {
            conn.end(&mut self.io);
        }
    }

    fn accept(&mut self, server: Id) {
        let mut turn = 0;
        while let Some((listener, settings)) = self.listeners.get(&server) {
            turn += 1;
            if turn > ACCEPT_TURN {
                self.accept_more.push(server);
                return;
            }
            if settings.closed.load(Ordering::Acquire) {
                return;
            }
            match listener.accept() {
                Ok((mut stream, ends)) => {
                    let settings = Arc::clone(settings);
                    let conn = self.shared.next_id();
                    if stream.register(self.poll.registry(), Token(conn as usize)).is_ok() {
                        let made = Conn::accepted(conn, stream, settings, &mut self.io);
                        self.conns.insert(conn, made);
                        let ends = Box::new(ends);
                        self.io.events.list.push(Event::Accepted { server, conn, ends });
                    }
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => return,
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => {}
                    _ => {
                        self.accept_again = Some(self.io.now + ACCEPT_PAUSE);
                        return;
                    }
                },
            }
        }
    }

    fn obey(&mut self, commands: &mut Commands) {
        let mut at = 0;
        for command in commands.list.drain(..) {
            match command {
                Command::Write { conn, len, flags } => {
                    let bytes = &commands.bytes[at..at + len];
                    at += len;
                    self.with(conn, |conn, io| conn.write(bytes, flags, io));
                }
                Command::Listen { server, mut listener, settings } => {
                    if listener.register(self.poll.registry(), Token(server as usize)).is_ok() {
                        self.listeners.insert(server, (listener, settings));
                        self.accept(server);
                    }
                }
                Command::Unlisten { server } => drop(self.listeners.remove(&server)),
                Command::Connect { conn, mut stream, raw } => {
                    let registered = stream.register(self.poll.registry(), Token(conn as usize));
                    if let Err(error) = registered {
                        let errno = error.raw_os_error().unwrap_or(5);
                        self.io.events.list.push(Event::Closed { conn, errno });
                    } else {
                        self.conns.insert(conn, Conn::connecting(conn, stream, raw, &self.io));
                    }
                }
                Command::Expect { conn, to_head, to_connect } => {
                    self.with(conn, |conn, io| conn.expect(to_head, to_connect, io));
                }
                Command::Consumed { conn, bytes } => {
                    self.with(conn, |conn, io| conn.consumed(bytes, io));
                }
                Command::Raw { conn } => self.with(conn, Conn::make_raw),
                Command::Pause { conn, on } => self.with(conn, |conn, io| conn.pause(on, io)),
                Command::Idle { conn, ms } => self.with(conn, |conn, io| conn.set_idle(ms, io)),
                Command::NoDelay { conn, on } => {
                    self.with(conn, |conn, _| conn.stream.set_nodelay(on));
                }
                Command::Shutdown { conn } => self.with(conn, Conn::shutdown),
                Command::Close { conn, after } => {
                    self.with(conn, |conn, io| conn.close(after, io));
                }
                Command::Reset { conn } => self.with(conn, |conn, _| conn.reset()),
                // Who waits may have given up.
                Command::Sync(done) => drop(done.send(())),
            }
        }
        commands.bytes.clear();
        // One large response must not hold its memory forever.
        commands.bytes.shrink_to(4 * SCRATCH);
    }

    fn check_deadlines(&mut self) {
        if self.accept_again.is_some_and(|at| at <= self.io.now) {
            self.accept_again = None;
            let servers: Vec<Id> = self.listeners.keys().copied().collect();
            for server in servers {
                self.accept(server);
            }
        }
        if self.io.next_deadline.is_none_or(|at| at > self.io.now) {
            return;
        }
        self.io.next_deadline = None;
        let mut done = Vec::new();
        for (id, conn) in &mut self.conns {
            conn.check_deadlines(&mut self.io);
            if conn.done {
                done.push(*id);
            }
        }
        for id in done {
            self.remove(id);
        }
    }
}
