//! Tells JavaScript what happened: one call for each event, and after each what follows every
//! callback. Runs on the JavaScript thread.

use std::{net::SocketAddr, sync::Arc};

use rquickjs::{Array, Ctx, Function, Object, String as JsString, Value};

use super::{
    js,
    queue::{Event, Events, Id},
    reactor::Shared,
    stream::Ends,
};
use crate::event_loop;

/// The kinds of events, as `lib/internal/http/binding.js` knows them.
mod kind {
    pub(super) const ACCEPTED: u8 = 0;
    pub(super) const CONNECTED: u8 = 1;
    pub(super) const RESPONSE: u8 = 2;
    pub(super) const DATA: u8 = 3;
    pub(super) const END: u8 = 4;
    pub(super) const FLUSHED: u8 = 5;
    pub(super) const TIMEOUT: u8 = 6;
    pub(super) const BAD: u8 = 7;
    pub(super) const EOF: u8 = 8;
    pub(super) const CLOSED: u8 = 9;
}

/// Takes all events there are and tells JavaScript.
pub(super) fn run(ctx: &Ctx<'_>, shared: &Arc<Shared>) -> rquickjs::Result<()> {
    let Some((on_request, on_event, mut events)) = js::begin_batch() else { return Ok(()) };
    let (on_request, on_event) = (on_request.get(ctx)?, on_event.get(ctx)?);
    shared.inbox.take(&mut events);
    let Events { text, list } = &mut events;
    let mut together = before_faults(list).into_iter();
    let mut list = list.drain(..);
    while !list.as_slice().is_empty() {
        event_loop::enter(ctx, || {
            for event in list.by_ref() {
                let goes_on = together.next().unwrap_or(false);
                tell(ctx, &on_request, &on_event, text, event)?;
                if !goes_on {
                    break;
                }
            }
            Ok(())
        });
    }
    drop(list);
    text.clear();
    js::end_batch(events);
    Ok(())
}

/// For each event whether the next one is told before anything else runs: as in Node, what is wrong behind a
/// message is told before the message is looked at.
fn before_faults(list: &[Event]) -> Vec<bool> {
    if !list.iter().any(|event| matches!(event, Event::Bad { .. })) {
        return Vec::new();
    }
    let mut together = vec![false; list.len()];
    for at in (1..list.len()).rev() {
        let leads = matches!(list[at], Event::Bad { .. }) || together[at];
        together[at - 1] = leads && read_from(&list[at - 1]).is_some_and(|conn| {
            read_from(&list[at]) == Some(conn) && !matches!(list[at - 1], Event::Bad { .. })
        });
    }
    together
}

/// The connection that an event's bytes came from.
fn read_from(event: &Event) -> Option<Id> {
    match event {
        Event::Request { conn, .. }
        | Event::Response { conn, .. }
        | Event::Data { conn, .. }
        | Event::End { conn, .. }
        | Event::Bad { conn, .. } => Some(*conn),
        _ => None,
    }
}

fn tell<'js>(
    ctx: &Ctx<'js>,
    on_request: &Function<'js>,
    on_event: &Function<'js>,
    text: &str,
    event: Event,
) -> rquickjs::Result<()> {
    match event {
        Event::Request { conn, text: range, flags } => {
            let head = JsString::from_str(ctx.clone(), &text[range])?;
            on_request.call((conn, head, flags))
        }
        Event::Response { conn, text: range, flags } => {
            let head = JsString::from_str(ctx.clone(), &text[range])?;
            on_event.call((kind::RESPONSE, conn, head, flags))
        }
        Event::Data { conn, bytes } => {
            let buffer = sandtide_bytes::array_buffer(ctx, bytes)?;
            on_event.call((kind::DATA, conn, buffer))
        }
        Event::End { conn, text: range } => {
            let trailers = JsString::from_str(ctx.clone(), &text[range])?;
            on_event.call((kind::END, conn, trailers))
        }
        Event::Accepted { server, conn, ends } => {
            js::keep(conn, true);
            on_event.call((kind::ACCEPTED, conn, server, ends_of(ctx, &ends)?))
        }
        Event::Connected { conn, ends } => {
            on_event.call((kind::CONNECTED, conn, ends_of(ctx, &ends)?))
        }
        Event::Flushed { conn } => on_event.call((kind::FLUSHED, conn)),
        Event::Timeout { conn } => on_event.call((kind::TIMEOUT, conn)),
        Event::Bad { conn, bad, parsed, packet } => {
            let error = Object::new(ctx.clone())?;
            error.set("code", bad.code)?;
            error.set("reason", bad.reason)?;
            error.set("parsed", parsed)?;
            error.set("packet", sandtide_bytes::array_buffer(ctx, packet)?)?;
            on_event.call((kind::BAD, conn, error))
        }
        Event::Eof { conn } => on_event.call((kind::EOF, conn)),
        Event::Closed { conn, errno } => {
            let _alive = js::forget(conn);
            on_event.call((kind::CLOSED, conn, errno))
        }
    }
}

/// `[local address, local port, local family, peer address, ...]`; empty of local sockets.
fn ends_of<'js>(ctx: &Ctx<'js>, ends: &Ends) -> rquickjs::Result<Array<'js>> {
    let array = Array::new(ctx.clone())?;
    for (at, end) in [ends.local, ends.peer].iter().enumerate() {
        if let Some(address) = end {
            let parts = address_parts(ctx, *address)?;
            for (offset, part) in parts.into_iter().enumerate() {
                array.set(at * 3 + offset, part)?;
            }
        }
    }
    Ok(array)
}

/// Address, port and family.
pub(super) fn address_parts<'js>(
    ctx: &Ctx<'js>,
    address: SocketAddr,
) -> rquickjs::Result<[Value<'js>; 3]> {
    let family = if address.is_ipv4() { 4 } else { 6 };
    Ok([
        JsString::from_str(ctx.clone(), &address.ip().to_string())?.into_value(),
        Value::new_int(ctx.clone(), address.port().into()),
        Value::new_int(ctx.clone(), family),
    ])
}
