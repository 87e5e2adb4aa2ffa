//! `internalBinding('task_queue')`: the functions of `lib/` that the event loop calls, microtasks.

use rquickjs::{Ctx, Function, Object};

use crate::{
    event_loop,
    hooks::{self, Hook},
};

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    for (name, hook) in [
        ("setTickCallback", Hook::Ticks),
        ("setUncaughtCallback", Hook::Uncaught),
        ("setBeforeExitCallback", Hook::BeforeExit),
        ("setExitCallback", Hook::Exit),
        ("setRejectionCallback", Hook::Rejection),
    ] {
        let set = move |ctx: Ctx<'js>, function: Function<'js>| {
            hooks::set(&ctx, hook, function);
        };
        binding.set(name, Function::new(ctx.clone(), set)?)?;
    }
    binding.set("setHasTick", Function::new(ctx.clone(), event_loop::set_has_tick)?)?;
    let run = |ctx: Ctx<'js>| event_loop::run_microtasks(&ctx);
    binding.set("runMicrotasks", Function::new(ctx.clone(), run)?)?;
    // Between two timers or immediates, which run in one call of the loop.
    let drain = |ctx: Ctx<'js>| event_loop::drain(&ctx);
    binding.set("drain", Function::new(ctx.clone(), drain)?)?;
    Ok(binding)
}
