//! What the JavaScript thread and the I/O thread hand to each other. Both sides take all there is at
//! once; each is woken only if it sleeps. Knows nothing of HTTP beyond the names of what happens.

use std::{
    ops::Range,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc::SyncSender,
    },
};

use super::{
    parse::Bad,
    stream::{Ends, Listener, Stream},
};

/// Names a server or a connection; never used twice.
pub(super) type Id = u32;

/// Bits of [`Command::Write`].
pub(super) mod write {
    /// The message is complete.
    pub(in super::super) const LAST: u32 = 1;
    /// The connection is to be closed when all is written.
    pub(in super::super) const CLOSE: u32 = 2;
    /// Say when all is written.
    pub(in super::super) const NOTIFY: u32 = 4;
    /// Nobody wants the rest of the request's body.
    pub(in super::super) const DUMP: u32 = 8;
}

/// What a server's connections go by; JavaScript may change it at any time. Times in ms, 0 is never.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// Plain connections, of which nothing is parsed.
    pub(super) raw: AtomicBool,
    pub(super) keep_alive: AtomicU32,
    pub(super) headers: AtomicU32,
    pub(super) request: AtomicU32,
    /// No activity for so long.
    pub(super) idle: AtomicU32,
    pub(super) max_head: AtomicU32,
    pub(super) nodelay: AtomicBool,
    /// Set when the server is closed: what was not accepted by then is not to be.
    pub(super) closed: AtomicBool,
}

/// For the I/O thread.
pub(super) enum Command {
    /// The next `len` of the bytes that lie with the commands.
    Write {
        conn: Id,
        len: usize,
        flags: u32,
    },
    Listen {
        server: Id,
        listener: Listener,
        settings: Arc<Settings>,
    },
    Unlisten {
        server: Id,
    },
    Connect {
        conn: Id,
        stream: Stream,
        raw: bool,
    },
    /// A response comes next, to a `HEAD` or a `CONNECT` request.
    Expect {
        conn: Id,
        to_head: bool,
        to_connect: bool,
    },
    /// JavaScript has dealt with so many bytes of content.
    Consumed {
        conn: Id,
        bytes: usize,
    },
    /// From here on nothing is parsed.
    Raw {
        conn: Id,
    },
    /// Stop reading, or go on.
    Pause {
        conn: Id,
        on: bool,
    },
    /// No activity for so many ms is to be told.
    Idle {
        conn: Id,
        ms: u32,
    },
    NoDelay {
        conn: Id,
        on: bool,
    },
    /// Close our side when all is written.
    Shutdown {
        conn: Id,
    },
    /// Close at once; `after` all is written, if so asked.
    Close {
        conn: Id,
        after: bool,
    },
    /// Have the peer learn of the end as of an error.
    Reset {
        conn: Id,
    },
    /// Answer when all that came before is written as far as the sockets take it.
    Sync(SyncSender<()>),
}

/// For the JavaScript thread.
pub(super) enum Event {
    Accepted {
        server: Id,
        conn: Id,
        ends: Box<Ends>,
    },
    Connected {
        conn: Id,
        ends: Box<Ends>,
    },
    /// `text` is the head, in the text that lies with the events.
    Request {
        conn: Id,
        text: Range<usize>,
        flags: u32,
    },
    Response {
        conn: Id,
        text: Range<usize>,
        flags: u32,
    },
    Data {
        conn: Id,
        bytes: Vec<u8>,
    },
    /// The message is complete; `text` is its trailers.
    End {
        conn: Id,
        text: Range<usize>,
    },
    Flushed {
        conn: Id,
    },
    Timeout {
        conn: Id,
    },
    /// A message cannot be parsed (or did not come in time); with the bytes that came last, and how many of them
    /// are right.
    Bad {
        conn: Id,
        bad: Bad,
        parsed: usize,
        packet: Vec<u8>,
    },
    /// The peer will send nothing more.
    Eof {
        conn: Id,
    },
    /// Nothing more will be told of it. `errno` 0: no error.
    Closed {
        conn: Id,
        errno: i32,
    },
}

#[derive(Default)]
pub(super) struct Commands {
    pub(super) bytes: Vec<u8>,
    pub(super) list: Vec<Command>,
}

#[derive(Default)]
pub(super) struct Events {
    pub(super) text: String,
    pub(super) list: Vec<Event>,
}

/// Towards the I/O thread.
pub(super) struct Outbox {
    commands: Mutex<Commands>,
    parked: AtomicBool,
    waker: mio::Waker,
}

/// Only whole entries are pushed or taken under the locks: what is there is good even after a panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outbox {
    pub(super) fn new(waker: mio::Waker) -> Self {
        Self { commands: Mutex::default(), parked: AtomicBool::new(false), waker }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Commands> {
        lock(&self.commands)
    }

    /// Wakes the I/O thread if it sleeps.
    pub(super) fn wake(&self) {
        if self.parked.load(Ordering::SeqCst) && self.parked.swap(false, Ordering::SeqCst) {
            // Fails only if the thread's end of it is closed, which it never is.
            let _ = self.waker.wake();
        }
    }

    pub(super) fn is_parked(&self) -> bool {
        self.parked.load(Ordering::SeqCst)
    }

    /// Takes all there is into the empty `into`, whose memory the queue goes on with.
    pub(super) fn take(&self, into: &mut Commands) {
        std::mem::swap(&mut *self.lock(), into);
    }

    /// Called before the I/O thread sleeps; `false` if it must not.
    pub(super) fn park(&self) -> bool {
        self.parked.store(true, Ordering::SeqCst);
        if self.lock().list.is_empty() {
            return true;
        }
        self.unpark();
        false
    }

    pub(super) fn unpark(&self) {
        self.parked.store(false, Ordering::SeqCst);
    }
}

/// Towards the JavaScript thread.
#[derive(Default)]
pub(super) struct Inbox {
    events: Mutex<Events>,
}

impl Inbox {
    /// Hands over what is in `from`, which is empty then. `true` if the JavaScript thread must be
    /// told: if it was not yet, since it last took what was there.
    pub(super) fn push(&self, from: &mut Events) -> bool {
        let mut events = lock(&self.events);
        if events.list.is_empty() {
            std::mem::swap(&mut *events, from);
            return true;
        }
        let offset = events.text.len();
        events.text.push_str(&from.text);
        from.text.clear();
        events.list.extend(from.list.drain(..).map(|mut event| {
            if let Event::Request { text, .. }
            | Event::Response { text, .. }
            | Event::End { text, .. } = &mut event
            {
                *text = text.start + offset..text.end + offset;
            }
            event
        }));
        false
    }

    /// Takes all there is into the empty `into`.
    pub(super) fn take(&self, into: &mut Events) {
        std::mem::swap(&mut *lock(&self.events), into);
    }
}
