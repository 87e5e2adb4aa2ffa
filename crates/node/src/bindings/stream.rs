//! `internalBinding('stream')`: pipes and local sockets by number, for `lib/` to make streams of. The work
//! is done by [`crate::poller`].

use rquickjs::{Ctx, FromJs as _, Function, Object, Value};
use rustix::io::Errno;

use super::fs::{answer::Data, fds};
use crate::{
    event_loop::{self, Callback},
    poller,
};

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let set = |name: &str, function: Function<'js>| binding.set(name, function);
    set("open", Function::new(ctx.clone(), open)?)?;
    set("read", Function::new(ctx.clone(), poller::read)?)?;
    set("write", Function::new(ctx.clone(), write)?)?;
    set("shutdown", Function::new(ctx.clone(), shutdown)?)?;
    set("setRef", Function::new(ctx.clone(), poller::set_ref)?)?;
    set("after", Function::new(ctx.clone(), after)?)?;
    set("close", Function::new(ctx.clone(), poller::close)?)?;
    Ok(binding)
}

fn number(result: Result<i32, Errno>) -> i32 {
    result.unwrap_or_else(|error| -error.raw_os_error())
}

/// Takes a descriptor over; gives the stream's number, or a negative error number.
fn open<'js>(ctx: Ctx<'js>, fd: i32, on_event: Function<'js>) -> i32 {
    let opened = fds::take(fd).and_then(|fd| poller::open(&ctx, fd, on_event));
    number(opened.map(u32::cast_signed))
}

/// 0: written; 1: there will be an event; negative: an error.
fn write<'js>(ctx: Ctx<'js>, id: u32, data: Value<'js>) -> rquickjs::Result<i32> {
    let data = Data::from_js(&ctx, data)?;
    Ok(number(poller::write(id, &data.0).map(|all| i32::from(!all))))
}

fn shutdown(id: u32, both: bool) -> i32 {
    number(poller::shutdown(id, both).map(|()| 0))
}

/// Calls `callback` after what can be read now is read.
fn after<'js>(ctx: Ctx<'js>, callback: Function<'js>) {
    let callback = Callback::new(&ctx, callback);
    let handle = event_loop::handle();
    let alive = handle.keep_alive();
    poller::post_after(&handle, move |ctx| {
        let _alive = alive;
        callback.take(ctx)?.call::<_, ()>(())
    });
}
