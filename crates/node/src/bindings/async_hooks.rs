//! `internalBinding('async_hooks')`: the life of promises, and microtasks; all of it is native.

use rquickjs::{Ctx, Object};
use sandtide_realm::Binding;

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    sandtide_realm::binding(ctx, Binding::Async)
}
