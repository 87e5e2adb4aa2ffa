//! What happens on a server, as it happens: server-sent events, read line by line.

use std::io::{BufRead, BufReader, Read};
use std::thread;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::Error;

/// How long until a stream that broke is asked for again: doubled each time, up to the second figure.
const AGAIN_AFTER: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
/// No event of a server's is nearly as long.
const LONGEST_LINE: u64 = 1 << 20;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// Where to go on: [`Client::events`] from here tells what came after this event.
    pub id: String,
    /// `deploy`, `failure`, `quarantine`, …; `lost` where events before this one are missing.
    pub kind: String,
    /// What the server says of it: `tenant`, `script`, `version`, `code`, ….
    pub members: Map<String, Value>,
}

/// Events without an end. A stream that ends or breaks is asked for again, from its last event on;
/// what the server refuses for good is told, and is the last item.
#[derive(Debug)]
pub struct Events<'a> {
    client: &'a Client,
    after: Option<String>,
    stream: Option<Stream>,
    pause: Duration,
    over: bool,
}

impl<'a> Events<'a> {
    pub(crate) fn new(client: &'a Client, after: Option<&str>) -> Result<Events<'a>, Error> {
        let after = after.map(str::to_owned);
        let stream = Some(Stream::open(client, after.as_deref())?);
        Ok(Events { client, after, stream, pause: AGAIN_AFTER.0, over: false })
    }
}

impl Iterator for Events<'_> {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Result<Event, Error>> {
        while !self.over {
            if let Some(stream) = &mut self.stream {
                if let Some(event) = stream.next() {
                    self.pause = AGAIN_AFTER.0;
                    self.after = Some(event.id.clone());
                    return Some(Ok(event));
                }
                self.stream = None;
            }
            thread::sleep(self.pause);
            self.pause = (self.pause * 2).min(AGAIN_AFTER.1);
            match Stream::open(self.client, self.after.as_deref()) {
                Ok(stream) => self.stream = Some(stream),
                Err(error) if error.is_final() => {
                    self.over = true;
                    return Some(Err(error));
                }
                Err(_) => {}
            }
        }
        None
    }
}

struct Stream {
    lines: BufReader<Box<dyn Read + Send>>,
    id: String,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Stream {
    fn open(client: &Client, after: Option<&str>) -> Result<Stream, Error> {
        let lines = BufReader::new(client.event_stream(after)?);
        Ok(Stream { lines, id: after.unwrap_or_default().to_owned() })
    }

    /// The next event; `None` where the stream is over or makes no sense.
    fn next(&mut self) -> Option<Event> {
        let (mut kind, mut data) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            let read = (&mut self.lines).take(LONGEST_LINE).read_line(&mut line).ok()?;
            let Some(line) = line.strip_suffix('\n') else {
                // The stream ended, or the line is too long: half an event is none.
                debug_assert!(read < LONGEST_LINE as usize || line.len() == read);
                return None;
            };
            let line = line.strip_suffix('\r').unwrap_or(line);
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                // The end of an event, or of a comment.
                "" if line.is_empty() && !data.is_empty() => {
                    let members: Map<String, Value> = serde_json::from_str(&data).ok()?;
                    return Some(Event { id: self.id.clone(), kind, members });
                }
                "id" => value.clone_into(&mut self.id),
                "event" => value.clone_into(&mut kind),
                "data" => data.push_str(value),
                _ => {}
            }
        }
    }
}
