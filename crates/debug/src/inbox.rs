//! What clients sent and the program has not taken yet. Any thread puts something in; the program's thread
//! takes it: at the end of a turn, between two steps of a program that runs, or while it is stopped.
//!
//! A process with one thread has a [`Source`] that it is fetched from instead, when it is looked for.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Instant,
};

/// Something that happened at a connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A client has come.
    Connected(u64),
    /// It sent a text.
    Message(u64, String),
    /// It has gone.
    Gone(u64),
    /// Nothing of a client's: somebody wants the program's thread to look around.
    Woken,
}

impl Event {
    fn bytes(&self) -> usize {
        EACH + match self {
            Event::Message(_, text) => text.len(),
            Event::Connected(_) | Event::Gone(_) | Event::Woken => 0,
        }
    }
}

/// What may wait for the program, in bytes: above it, no connection is read from.
const ROOM: usize = 64 << 20;
/// What an event takes beside its text, in bytes: its place in a queue that doubles, and what the allocator
/// needs for a text.
const EACH: usize = 2 * size_of::<Event>() + 32;

/// Where the events of a process with one thread come from.
pub trait Source: Send + Sync {
    /// Puts what has come into the inbox; with `wait` waits for something, or for a while.
    fn fetch(&self, inbox: &Inbox, wait: bool);
}

#[derive(Default)]
struct Events {
    list: VecDeque<Event>,
    bytes: usize,
}

impl Events {
    fn take(&mut self, at: usize) -> Option<Event> {
        let event = self.list.remove(at)?;
        self.bytes -= event.bytes();
        Some(event)
    }
}

/// Hands events to the program's thread.
pub struct Inbox {
    events: Mutex<Events>,
    come: Condvar,
    /// What the engine asks between two steps.
    wanted: Arc<AtomicU32>,
    ended: AtomicBool,
    /// Has the program's thread look at the end of its turn.
    post: Box<dyn Fn() + Send + Sync>,
    source: Option<Box<dyn Source>>,
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inbox")
    }
}

impl Inbox {
    /// An empty one. `post` is called where the program is to look at the end of its turn.
    pub fn new(post: impl Fn() + Send + Sync + 'static) -> Arc<Inbox> {
        Inbox::make(Box::new(post), None)
    }

    /// One that is filled from a source whenever somebody looks for what has come. Nobody sleeps on it.
    pub fn fetched(source: impl Source + 'static) -> Arc<Inbox> {
        Inbox::make(Box::new(|| ()), Some(Box::new(source)))
    }

    fn make(post: Box<dyn Fn() + Send + Sync>, source: Option<Box<dyn Source>>) -> Arc<Inbox> {
        Arc::new(Inbox {
            events: Mutex::default(),
            come: Condvar::new(),
            wanted: Arc::default(),
            ended: AtomicBool::new(false),
            post,
            source,
        })
    }

    /// The flag that is set while there are events.
    pub fn wanted(&self) -> Arc<AtomicU32> {
        Arc::clone(&self.wanted)
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        // An event is only pushed or taken under the lock: the queue is whole even after a panic.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an event in.
    pub fn push(&self, event: Event) {
        let mut events = self.lock();
        events.bytes += event.bytes();
        events.list.push_back(event);
        let first = events.list.len() == 1;
        drop(events);
        self.want();
        if self.source.is_some() {
            // Nobody sleeps on it, and waking takes a call that a confined process does not have.
            return;
        }
        self.come.notify_one();
        if first {
            (self.post)();
        }
    }

    /// Has a program that is stopped go on, now and at each later stop.
    pub fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        self.push(Event::Woken);
    }

    /// Whether [`Inbox::end`] was called.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// Has the engine ask between two steps.
    pub(crate) fn want(&self) {
        self.wanted.store(1, Ordering::Release);
    }

    /// Has the program's thread look soon, though nothing came.
    pub fn look(&self) {
        self.want();
        (self.post)();
    }

    /// The same, if there is anything.
    pub fn look_again(&self) {
        if !self.lock().list.is_empty() {
            self.want();
        }
    }

    /// Whether more may be put in.
    pub fn has_room(&self) -> bool {
        self.lock().bytes <= ROOM
    }

    fn fetch(&self, wait: bool) {
        if let Some(source) = &self.source {
            source.fetch(self, wait);
        }
    }

    /// Bytes that wait.
    pub fn waiting(&self) -> usize {
        self.lock().bytes
    }

    /// The next one, if there is any.
    pub fn take(&self) -> Option<Event> {
        self.fetch(false);
        self.lock().take(0)
    }

    /// The first that `wanted` holds for, whatever came before it.
    pub fn take_first(&self, wanted: impl Fn(&Event) -> bool) -> Option<Event> {
        self.fetch(false);
        let mut events = self.lock();
        let at = events.list.iter().position(wanted)?;
        events.take(at)
    }

    /// Whether it is known that a client has gone.
    pub fn has_gone(&self, client: u64) -> bool {
        self.lock().list.contains(&Event::Gone(client))
    }

    /// Waits for the next one.
    pub fn wait(&self) -> Event {
        let mut events = self.lock();
        loop {
            if let Some(event) = events.take(0) {
                return event;
            }
            if self.source.is_some() {
                drop(events);
                self.fetch(true);
                events = self.lock();
                continue;
            }
            events = self.come.wait(events).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for the next one until then, or as long as its source does.
    pub fn wait_until(&self, until: Instant) -> Option<Event> {
        let mut events = self.lock();
        if self.source.is_some() && events.list.is_empty() {
            drop(events);
            self.fetch(true);
            return self.lock().take(0);
        }
        loop {
            if let Some(event) = events.take(0) {
                return Some(event);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            (events, _) =
                self.come.wait_timeout(events, left).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn what_a_source_has_comes_when_it_is_looked_for() {
        struct Counts(AtomicU64);
        impl Source for Counts {
            fn fetch(&self, inbox: &Inbox, wait: bool) {
                let number = self.0.fetch_add(1, Ordering::Relaxed);
                if wait {
                    inbox.push(Event::Connected(number));
                }
            }
        }
        let inbox = Inbox::fetched(Counts(AtomicU64::new(0)));
        assert_eq!(inbox.take(), None);
        assert_eq!(inbox.take_first(|_| true), None);
        assert_eq!(inbox.wait(), Event::Connected(2));
        assert_eq!(inbox.wait_until(Instant::now()), Some(Event::Connected(3)));
        inbox.push(Event::Woken);
        assert_eq!(inbox.wait(), Event::Woken, "nothing is fetched where there is something");
    }

    #[test]
    fn messages_without_a_text_take_room_too_and_give_it_back() {
        let inbox = Inbox::new(|| ());
        let most = ROOM / EACH + 1;
        let mut count = 0;
        while inbox.has_room() {
            inbox.push(Event::Message(1, String::new()));
            count += 1;
            assert!(count <= most);
        }
        assert!(count > 1000);
        while inbox.take().is_some() {}
        assert!(inbox.has_room());
        assert_eq!(inbox.lock().bytes, 0);
    }
}
