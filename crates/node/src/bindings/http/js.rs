//! What the JavaScript thread knows of its sockets: what keeps the loop alive, and when to wake the
//! I/O thread.

use std::{
    cell::RefCell,
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    queue::{Command, Commands, Events, Id, Settings},
    reactor::{self, Shared},
};
use crate::event_loop::{self, Callback, KeepAlive};

/// While a batch of events is told, the I/O thread is woken at most this often: a wake-up is a
/// system call, and one is enough for all responses given in the meantime.
const WAKE_INTERVAL: Duration = Duration::from_micros(200);

struct Js {
    shared: Arc<Shared>,
    on_request: Callback,
    on_event: Callback,
    alive: HashMap<Id, KeepAlive>,
    servers: HashMap<Id, Arc<Settings>>,
    /// Memory for the next batch.
    spare: Option<Events>,
    in_batch: bool,
    woken: Instant,
}

thread_local! {
    static JS: RefCell<Option<Js>> = const { RefCell::new(None) };
}

/// Starts the I/O thread; from then on JavaScript is told of events.
pub(super) fn start(on_request: Callback, on_event: Callback) -> std::io::Result<()> {
    let shared = reactor::start(event_loop::handle())?;
    JS.set(Some(Js {
        shared,
        on_request,
        on_event,
        alive: HashMap::new(),
        servers: HashMap::new(),
        spare: Some(Events::default()),
        in_batch: false,
        woken: Instant::now(),
    }));
    Ok(())
}

fn with<R>(body: impl FnOnce(&mut Js) -> R) -> Option<R> {
    JS.with_borrow_mut(|js| js.as_mut().map(body))
}

/// Whether there is an I/O thread.
pub(super) fn is_started() -> bool {
    JS.with_borrow(Option::is_some)
}

/// An id for a server or a connection.
pub(super) fn next_id() -> Id {
    with(|js| js.shared.next_id()).unwrap_or_default()
}

/// Hands commands to the I/O thread. `fill` must not run JavaScript.
pub(super) fn send(fill: impl FnOnce(&mut Commands)) {
    with(|js| {
        fill(&mut js.shared.outbox.lock());
        if !js.shared.outbox.is_parked() {
            return;
        }
        if js.in_batch {
            let now = Instant::now();
            if now.duration_since(js.woken) < WAKE_INTERVAL {
                return;
            }
            js.woken = now;
        }
        js.shared.outbox.wake();
    });
}

pub(super) fn command(command: Command) {
    send(|commands| commands.list.push(command));
}

/// `None` if a batch is being told.
pub(super) fn begin_batch() -> Option<(Callback, Callback, Events)> {
    with(|js| {
        let events = js.spare.take()?;
        js.in_batch = true;
        Some((js.on_request, js.on_event, events))
    })?
}

pub(super) fn end_batch(spare: Events) {
    with(|js| {
        js.spare = Some(spare);
        js.in_batch = false;
        js.shared.outbox.wake();
    });
}

/// Has a server or connection keep the loop alive, or not.
pub(super) fn keep(id: Id, on: bool) {
    with(|js| {
        let token = js.alive.entry(id).or_insert_with(|| event_loop::handle().keep_alive_off());
        token.set(on);
    });
}

/// What [`keep`] made, for who wants to give it up later.
pub(super) fn forget(id: Id) -> Option<KeepAlive> {
    with(|js| js.alive.remove(&id))?
}

pub(super) fn add_server(id: Id, settings: Arc<Settings>) {
    with(|js| js.servers.insert(id, settings));
}

pub(super) fn server(id: Id) -> Option<Arc<Settings>> {
    with(|js| js.servers.get(&id).cloned())?
}

pub(super) fn remove_server(id: Id) -> Option<Arc<Settings>> {
    with(|js| js.servers.remove(&id))?
}

/// Has another function called with requests.
pub(super) fn set_request_handler(on_request: Callback) {
    if let Some(old) = with(|js| std::mem::replace(&mut js.on_request, on_request)) {
        old.release();
    }
}

/// Wakes the I/O thread, if there is one and it sleeps.
pub(super) fn wake() {
    with(|js| js.shared.outbox.wake());
}
