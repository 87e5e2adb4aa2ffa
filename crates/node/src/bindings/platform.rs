//! `internalBinding('platform')`: the modules of `crates/platform`, for `lib/internal/platform.js`.

use rquickjs::{Array, Ctx, Exception, Function, Object, Value};

use crate::{
    hooks::{self, Hook},
    platform,
};

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    binding.set("first", Function::new(ctx.clone(), first)?)?;
    binding.set("makeStd", Function::new(ctx.clone(), make_std)?)?;
    binding.set("find", Function::new(ctx.clone(), find)?)?;
    binding.set("natives", Function::new(ctx.clone(), natives)?)?;
    binding.set("setDomException", Function::new(ctx.clone(), set_dom_exception)?)?;
    Ok(binding)
}

/// The language's constructors.
fn first(ctx: Ctx<'_>) -> rquickjs::Result<Object<'_>> {
    sandtide_realm::host::first(&ctx)
}

fn make_std<'js>(ctx: Ctx<'js>, first: Object<'js>) -> rquickjs::Result<Value<'js>> {
    platform::make_std(&ctx, first)
}

/// A module's function, its natives, and the names of the modules and of the host's functions that it needs.
fn find<'js>(ctx: Ctx<'js>, name: String) -> rquickjs::Result<Array<'js>> {
    let Some((module, number)) = platform::find(&name) else {
        return Err(Exception::throw_internal(&ctx, &format!("there is no module {name}")));
    };
    let found = Array::new(ctx.clone())?;
    found.set(0, platform::code(&ctx, number)?)?;
    found.set(1, platform::natives(&ctx, module, number)?)?;
    found.set(2, module.uses.to_vec())?;
    found.set(3, module.host.to_vec())?;
    Ok(found)
}

/// The natives of a module.
fn natives<'js>(ctx: Ctx<'js>, name: String) -> rquickjs::Result<Object<'js>> {
    let Some((module, number)) = platform::find(&name) else {
        return Err(Exception::throw_internal(&ctx, &format!("there is no module {name}")));
    };
    platform::natives(&ctx, module, number)
}

/// Takes what makes a DOMException of a message and a name.
fn set_dom_exception<'js>(ctx: Ctx<'js>, make: Function<'js>) {
    hooks::set(&ctx, Hook::DomException, make);
}
