//! `internalBinding('async_context')`: the frame that asynchronous code keeps, as the engine has it.

use rquickjs::{Ctx, Function, Object, Value};

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let swap = |ctx: Ctx<'js>, frame: Value<'js>| sandtide_realm::swap_frame(&ctx, frame);
    binding.set("swap", Function::new(ctx.clone(), swap)?)?;
    let get = |ctx: Ctx<'js>| {
        let frame = sandtide_realm::swap_frame(&ctx, Value::new_undefined(ctx.clone()));
        sandtide_realm::swap_frame(&ctx, frame.clone());
        frame
    };
    binding.set("get", Function::new(ctx.clone(), get)?)?;
    Ok(binding)
}
