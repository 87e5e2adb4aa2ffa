//! `internalBinding('util')`: what only the engine knows of a value; all of it is native.

use rquickjs::{Ctx, Object};
use sandtide_realm::Binding;

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    sandtide_realm::binding(ctx, Binding::Util)
}
