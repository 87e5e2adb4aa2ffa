//! `GET /v1/events`: what happens, as server-sent events. Knows nothing of what is told.

use std::{fmt::Write as _, pin::Pin, sync::Arc, time::Duration};

use http::StatusCode;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::{
    auth::{Caller, Credentials, Gate},
    client::Client,
    error::ApiError,
    feed::{Feed, Listening},
    http1::{Head, Response, Source},
    names::Tenant,
    query::parameters,
};

use super::{Handled, Shared, takes_no_body};

const TYPE: &str = "text/event-stream";
/// How often something is sent where nothing happens, so that a connection nobody reads any more is noticed, and no
/// proxy takes it for idle.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Events that are written together.
const TOGETHER: usize = 64;
/// Streams of one tenant, and of all tenants together, that are open at a time.
const MOST_STREAMS: usize = 16;

/// What the client is told first: how long to wait before it comes again, in milliseconds.
const BEGIN: &str = "retry: 2000\n\n";
/// That events are missing.
const LOST: &str = "event: lost\ndata: {\"type\":\"lost\"}\n\n";

pub(super) fn events(
    shared: &Shared,
    head: &Head,
    connection: &Client<'_>,
    caller: &Caller,
) -> Handled {
    let [tenant] = parameters(head.query.as_deref(), ["tenant"])?;
    takes_no_body(head, connection)?;
    let of = caller.looks_at(tenant.as_deref())?;
    let feed = &shared.workers.books().feed;
    // Other requests need connections, too.
    let most_of_all = (shared.config.max_connections / 4).max(1);
    let listening = feed
        .listen(of.as_ref(), MOST_STREAMS, most_of_all)
        .ok_or(ApiError::QueueFull("as many streams of events are open as may"))?;
    let mut changed = feed.last();
    let now = *changed.borrow_and_update();
    let known = head.last_event_id.as_deref().filter(|id| !id.is_empty());
    let (after, lost) = match known.map(|id| feed.number(id)) {
        None => (now, false),
        Some(Some(number)) => (number, false),
        // Of another start: all that is kept of this one comes.
        Some(None) => (0, true),
    };
    let stream = Events {
        feed: Arc::clone(feed),
        of,
        after,
        told: 0,
        lost,
        begun: false,
        changed,
        gate: Arc::clone(&shared.gate),
        credentials: Credentials::of(head),
        alive: Instant::now(),
        _listening: listening,
    };
    let response = Response::new(StatusCode::OK, TYPE, Vec::new());
    let response = response.header("cache-control", "no-store").header("x-accel-buffering", "no");
    Ok(Response { source: Some(Box::new(stream)), ..response })
}

/// One client's.
struct Events {
    feed: Arc<Feed>,
    of: Option<Tenant>,
    after: u64,
    /// That events are missing up to this one was told.
    told: u64,
    /// Whether that they are missing is still to be told.
    lost: bool,
    begun: bool,
    changed: watch::Receiver<u64>,
    gate: Arc<Gate>,
    credentials: Credentials,
    /// When something was sent last.
    alive: Instant,
    _listening: Listening,
}

impl Events {
    /// What is to be sent; none where nothing happened.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        if !self.begun {
            self.begun = true;
            text.push_str(BEGIN);
        }
        let part = self.feed.after(self.of.as_ref(), self.after, TOGETHER);
        if self.lost || part.forgotten > self.after.max(self.told) {
            (self.lost, self.told) = (false, part.forgotten);
            text.push_str(LOST);
        }
        for event in &part.events {
            let (id, data) = (self.feed.id(event.number), event.json());
            // Writing to a text cannot fail.
            let _ = write!(text, "id: {id}\nevent: {}\ndata: {data}\n\n", event.kind);
        }
        self.after = part.after;
        (!text.is_empty()).then_some(text)
    }

    async fn more(&mut self) -> Option<Vec<u8>> {
        loop {
            self.changed.borrow_and_update();
            // A token may be revoked meanwhile.
            self.gate.caller_with(&self.credentials).ok()?;
            let text = self.text();
            let due = self.alive + KEEP_ALIVE;
            if text.is_some() || Instant::now() >= due {
                self.alive = Instant::now();
                return Some(text.unwrap_or_else(|| ":\n\n".to_owned()).into_bytes());
            }
            tokio::select! {
                changed = self.changed.changed() => changed.ok()?,
                () = sleep_until(due) => {}
            }
        }
    }
}

impl Source for Events {
    fn next(&mut self) -> Pin<Box<dyn Future<Output = Option<Vec<u8>>> + Send + '_>> {
        Box::pin(self.more())
    }
}
