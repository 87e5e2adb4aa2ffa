//! `internalBinding('http')`: servers and connections that speak HTTP/1, or plain bytes.
//!
//! All sockets belong to one I/O thread, which reads whole message heads, takes bodies apart and
//! writes what it is given; the JavaScript thread sees events that come in batches
//! ([`dispatch`]) and hands out bytes ([`send`]). What HTTP means (which headers a response has, when
//! a connection is kept) is up to `lib/internal/http`.

mod address;
mod conn;
mod dispatch;
mod fields;
mod js;
mod parse;
mod queue;
mod reactor;
mod send;
mod stream;

use std::sync::{Arc, atomic::Ordering};

use rquickjs::{Ctx, Function, Object, Value};

use self::queue::{Command, Id, Settings};
use crate::event_loop::Callback;

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let set = |name: &str, function: Function<'js>| binding.set(name, function);
    set("setup", Function::new(ctx.clone(), setup)?)?;
    set("setRequestHandler", Function::new(ctx.clone(), set_request_handler)?)?;
    set("setOption", Function::new(ctx.clone(), set_option)?)?;
    set("setRef", Function::new(ctx.clone(), js::keep)?)?;
    set("unlisten", Function::new(ctx.clone(), unlisten)?)?;
    let consumed = |conn, bytes| js::command(Command::Consumed { conn, bytes });
    set("consumed", Function::new(ctx.clone(), consumed)?)?;
    let raw = |conn| js::command(Command::Raw { conn });
    set("makeRaw", Function::new(ctx.clone(), raw)?)?;
    let pause = |conn, on| js::command(Command::Pause { conn, on });
    set("pause", Function::new(ctx.clone(), pause)?)?;
    let idle = |conn, ms| js::command(Command::Idle { conn, ms });
    set("setTimeout", Function::new(ctx.clone(), idle)?)?;
    let nodelay = |conn, on| js::command(Command::NoDelay { conn, on });
    set("setNoDelay", Function::new(ctx.clone(), nodelay)?)?;
    let shutdown = |conn| js::command(Command::Shutdown { conn });
    set("shutdown", Function::new(ctx.clone(), shutdown)?)?;
    let close = |conn, after| js::command(Command::Close { conn, after });
    set("close", Function::new(ctx.clone(), close)?)?;
    let reset = |conn| js::command(Command::Reset { conn });
    set("reset", Function::new(ctx.clone(), reset)?)?;
    let expect =
        |conn, to_head, to_connect| js::command(Command::Expect { conn, to_head, to_connect });
    set("expectResponse", Function::new(ctx.clone(), expect)?)?;
    set("flush", Function::new(ctx.clone(), flush)?)?;
    fields::init(ctx, &binding)?;
    send::init(ctx, &binding)?;
    address::init(ctx, &binding)?;
    Ok(binding)
}

/// Starts the I/O thread. `on_request(connection, head, flags)` and `on_event(kind, connection, ...)`
/// are called from then on.
fn setup<'js>(
    ctx: Ctx<'js>,
    on_request: Function<'js>,
    on_event: Function<'js>,
) -> rquickjs::Result<()> {
    let (on_request, on_event) = (Callback::new(&ctx, on_request), Callback::new(&ctx, on_event));
    js::start(on_request, on_event)
        .map_err(|error| rquickjs::Exception::throw_message(&ctx, &error.to_string()))
}

fn set_request_handler<'js>(ctx: Ctx<'js>, on_request: Function<'js>) {
    js::set_request_handler(Callback::new(&ctx, on_request));
}

/// Sets what a server's connections go by.
fn set_option(server: Id, name: String, value: u32) {
    let Some(settings) = js::server(server) else { return };
    let set = |option: &std::sync::atomic::AtomicU32| option.store(value, Ordering::Relaxed);
    match name.as_str() {
        "keepAlive" => set(&settings.keep_alive),
        "headers" => set(&settings.headers),
        "request" => set(&settings.request),
        "idle" => set(&settings.idle),
        "maxHead" => set(&settings.max_head),
        "noDelay" => settings.nodelay.store(value != 0, Ordering::Relaxed),
        _ => {}
    }
}

/// Has a server take no more connections.
fn unlisten(server: Id) {
    if let Some(settings) = js::remove_server(server) {
        settings.closed.store(true, Ordering::Release);
    }
    drop(js::forget(server));
    js::command(Command::Unlisten { server });
    // Whoever is told that a server is closed may count on its address being free.
    flush();
}

/// Waits until what was sent so far is written, as far as the sockets take it: the process may end.
pub(crate) fn flush() {
    if !js::is_started() {
        return;
    }
    let (done, wait) = std::sync::mpsc::sync_channel(1);
    js::command(Command::Sync(done));
    js::wake();
    // The I/O thread is not that slow; but a program that wants to end must.
    let _ = wait.recv_timeout(std::time::Duration::from_millis(200));
}

fn new_settings(raw: bool) -> Arc<Settings> {
    let settings = Settings::default();
    settings.raw.store(raw, Ordering::Relaxed);
    settings.nodelay.store(true, Ordering::Relaxed);
    Arc::new(settings)
}

/// A value for JavaScript: an error's number, or what was made.
fn errno<'js>(ctx: &Ctx<'js>, error: &std::io::Error) -> Value<'js> {
    Value::new_int(ctx.clone(), error.raw_os_error().unwrap_or(5))
}
