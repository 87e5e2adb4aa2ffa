//! `internalBinding('inspector')`: sessions, and the port; see [`crate::inspector`].

use rquickjs::{Ctx, Object};

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    crate::inspector::binding(ctx)
}
