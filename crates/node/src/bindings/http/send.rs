//! Writing messages: what JavaScript gives becomes bytes for the I/O thread, in one call.

use std::{cell::RefCell, time::SystemTime};

use rquickjs::{Ctx, Function, Object, String as JsString, Value, prelude::Opt};

use super::{
    js,
    queue::{Command, Commands, Id, write},
};

/// Bits of the flags that `lib/internal/http` gives, beyond those of [`write`].
mod flag {
    /// Send `Connection: keep-alive`, else `close`.
    pub(super) const KEEP_ALIVE: u32 = 1 << 8;
    pub(super) const DATE: u32 = 1 << 9;
    /// Say how long the body is.
    pub(super) const LENGTH: u32 = 1 << 10;
    /// The body is a chunk.
    pub(super) const CHUNK: u32 = 1 << 11;
    /// One more than the seconds that the connection is kept, 0 for nothing said: all bits from
    /// here on.
    pub(super) const SECONDS_SHIFT: u32 = 16;
}

const WRITE_FLAGS: u32 = write::LAST | write::CLOSE | write::NOTIFY | write::DUMP;

pub(super) fn init<'js>(ctx: &Ctx<'js>, binding: &Object<'js>) -> rquickjs::Result<()> {
    binding.set("respond", Function::new(ctx.clone(), respond)?)?;
    binding.set("send", Function::new(ctx.clone(), send)?)?;
    binding.set("date", Function::new(ctx.clone(), || date(|date| date.to_owned()))?)?;
    Ok(())
}

struct Date {
    second: u64,
    text: String,
}

thread_local! {
    static DATE: RefCell<Date> = const { RefCell::new(Date { second: 0, text: String::new() }) };
}

/// The value of the `Date` header.
fn date<R>(read: impl FnOnce(&str) -> R) -> R {
    let now = SystemTime::now();
    let second = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    DATE.with_borrow_mut(|date| {
        if date.second != second {
            date.second = second;
            date.text = httpdate::fmt_http_date(now);
        }
        read(&date.text)
    })
}

fn decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn hex(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(format!("{number:x}").as_bytes());
}

/// A string or the bytes of a view, as UTF-8 with U+FFFD for each lone surrogate. `before` is told
/// how long it is.
fn put_body(
    out: &mut Vec<u8>,
    body: &Value<'_>,
    before: impl FnOnce(&mut Vec<u8>, usize),
) -> rquickjs::Result<()> {
    if let Some(text) = body.as_string() {
        return sandtide_bytes::with_wtf8(text, |bytes| {
            before(out, bytes.len());
            let start = out.len();
            out.extend_from_slice(bytes);
            if std::str::from_utf8(bytes).is_err() {
                replace_surrogates(&mut out[start..]);
            }
        });
    }
    let Some(len) = sandtide_bytes::len(body) else {
        before(out, 0);
        return Ok(());
    };
    before(out, len);
    let mut moved = std::mem::take(out);
    if let Some(filled) = sandtide_bytes::with_bytes(body, move |bytes| {
        moved.extend_from_slice(bytes);
        moved
    }) {
        *out = filled;
    }
    Ok(())
}

/// Both take three bytes.
fn replace_surrogates(text: &mut [u8]) {
    let mut at = 0;
    while at + 2 < text.len() {
        if text[at] == 0xED && text[at + 1] >= 0xA0 {
            text[at..at + 3].copy_from_slice("\u{FFFD}".as_bytes());
        }
        at += 1;
    }
}

/// A string whose characters are all below U+0100, as one byte each.
fn put_latin1(out: &mut Vec<u8>, text: &JsString<'_>) -> rquickjs::Result<()> {
    sandtide_bytes::with_wtf8(text, |bytes| match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_ascii() => {
            out.extend(text.chars().map(|char| u8::try_from(char).unwrap_or(b'?')));
        }
        _ => out.extend_from_slice(bytes),
    })
}

/// Appends bytes and the command to write them.
fn put(
    conn: Id,
    flags: u32,
    fill: impl FnOnce(&mut Vec<u8>) -> rquickjs::Result<()>,
) -> rquickjs::Result<usize> {
    let mut result = Ok(0);
    js::send(|Commands { bytes, list }| {
        let start = bytes.len();
        if let Err(error) = fill(bytes) {
            bytes.truncate(start);
            result = Err(error);
            return;
        }
        let len = bytes.len() - start;
        result = Ok(len);
        list.push(Command::Write { conn, len, flags: flags & WRITE_FLAGS });
    });
    result
}

/// Sends a whole response with status 200 and no headers of its own.
fn respond(conn: Id, flags: u32, body: Value<'_>) -> rquickjs::Result<()> {
    put(conn, flags, |out| {
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
        if flags & flag::DATE != 0 {
            date(|date| {
                out.extend_from_slice(b"Date: ");
                out.extend_from_slice(date.as_bytes());
                out.extend_from_slice(b"\r\n");
            });
        }
        if flags & flag::KEEP_ALIVE == 0 {
            out.extend_from_slice(b"Connection: close\r\n");
        } else {
            out.extend_from_slice(b"Connection: keep-alive\r\n");
            if let Some(seconds) = (flags >> flag::SECONDS_SHIFT).checked_sub(1) {
                out.extend_from_slice(b"Keep-Alive: timeout=");
                decimal(out, seconds.into());
                out.extend_from_slice(b"\r\n");
            }
        }
        put_body(out, &body, |out, len| {
            if flags & flag::LENGTH != 0 {
                out.extend_from_slice(b"Content-Length: ");
                decimal(out, len as u64);
                out.extend_from_slice(b"\r\n");
            }
            out.extend_from_slice(b"\r\n");
        })
    })
    .map(drop)
}

/// Sends what is ready of a message: a head (with its empty line), a body or a part of it, the
/// trailers (with theirs). Returns how many bytes that are.
fn send(
    conn: Id,
    flags: u32,
    head: Opt<Value<'_>>,
    body: Opt<Value<'_>>,
    trailers: Opt<Value<'_>>,
) -> rquickjs::Result<usize> {
    put(conn, flags, |out| {
        if let Some(head) = head.0.as_ref().and_then(Value::as_string) {
            put_latin1(out, head)?;
        }
        let chunk = flags & flag::CHUNK != 0;
        if let Some(body) = body.0.as_ref().filter(|body| !body.is_undefined()) {
            let mut empty = true;
            put_body(out, body, |out, len| {
                empty = len == 0;
                if chunk && !empty {
                    hex(out, len);
                    out.extend_from_slice(b"\r\n");
                }
            })?;
            if chunk && !empty {
                out.extend_from_slice(b"\r\n");
            }
        }
        if chunk && flags & write::LAST != 0 {
            out.extend_from_slice(b"0\r\n");
            match trailers.0.as_ref().and_then(Value::as_string) {
                Some(trailers) => put_latin1(out, trailers)?,
                None => out.extend_from_slice(b"\r\n"),
            }
        }
        Ok(())
    })
}
