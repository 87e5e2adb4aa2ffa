//! The native bindings: what `internalBinding(name)` of `lib/` gives.
//!
//! Each has a file with `pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>>`
//! and a line in [`bindings`]. A binding trusts its arguments: `lib/` has checked them.

use rquickjs::{Ctx, Exception, Object};

macro_rules! bindings {
    ($($name:ident)*) => {
        $(pub(crate) mod $name;)*
        #[cfg(feature = "wasm")]
        mod web_assembly;

        /// Makes the binding `name`; `lib/internal/bootstrap/loader.js` keeps it.
        pub(crate) fn get<'js>(ctx: Ctx<'js>, name: String) -> rquickjs::Result<Object<'js>> {
            match name.as_str() {
                $(stringify!($name) => $name::init(&ctx),)*
                #[cfg(feature = "wasm")]
                "web_assembly" => web_assembly::init(&ctx),
                _ => Err(Exception::throw_message(&ctx, &format!("No such binding: {name}"))),
            }
        }
    };
}

bindings! {
    async_context
    async_hooks
    buffer
    builtins
    child_process
    contextify
    crypto
    dns
    fs
    heap_utils
    http
    esm
    leak_watch
    inspector
    loader
    module_wrap
    options
    os
    platform
    process
    stream
    task_queue
    timers
    util
    url
    zlib
}
