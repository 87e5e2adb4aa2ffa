//! `internalBinding('builtins')`: the built-in modules' ids and compiled sources.

use rquickjs::{Ctx, Function, Object};

use crate::builtins;

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    binding.set("ids", builtins::ids())?;
    let compile = |ctx: Ctx<'js>, id: String| builtins::compile(&ctx, &id);
    binding.set("compile", Function::new(ctx.clone(), compile)?)?;
    let source = |id: String| builtins::source(&id).map(String::from);
    binding.set("source", Function::new(ctx.clone(), source)?)?;
    binding.set("webAssembly", cfg!(feature = "wasm"))?;
    Ok(binding)
}
