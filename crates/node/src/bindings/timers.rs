//! `internalBinding('timers')`: when `lib/internal/timers.js` wants to be called.

use rquickjs::{Ctx, Function, Object};

use crate::{
    event_loop,
    hooks::{self, Hook},
};

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let setup = |ctx: Ctx<'js>, timers: Function<'js>, immediates: Function<'js>| {
        hooks::set(&ctx, Hook::Timers, timers);
        hooks::set(&ctx, Hook::Immediates, immediates);
    };
    binding.set("setup", Function::new(ctx.clone(), setup)?)?;
    let schedule = |at: f64| event_loop::schedule_timers((at > 0.0).then_some(at));
    binding.set("schedule", Function::new(ctx.clone(), schedule)?)?;
    binding.set("setTimerRef", Function::new(ctx.clone(), event_loop::set_timer_ref)?)?;
    binding.set("setImmediates", Function::new(ctx.clone(), event_loop::set_immediates)?)?;
    binding.set("now", Function::new(ctx.clone(), || event_loop::now().floor())?)?;
    Ok(binding)
}
