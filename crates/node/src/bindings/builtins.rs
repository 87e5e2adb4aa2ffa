//! `internalBinding('builtins')`: the built-in modules' ids and compiled sources.

use rquickjs::{Ctx, Function, Object};

use crate::builtins;

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    binding.set("ids", builtins::ids().collect::<Vec<_>>())?;
    let exists = |id: String| builtins::exists(&id);
    binding.set("exists", Function::new(ctx.clone(), exists)?)?;
    let compile = |ctx: Ctx<'js>, id: String| builtins::compile(&ctx, &id);
    binding.set("compile", Function::new(ctx.clone(), compile)?)?;
    Ok(binding)
}
