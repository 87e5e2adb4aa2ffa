//! `internalBinding('util')`: what values are inside, as far as the language itself tells.

use rquickjs::{Ctx, Function, Object, Type, Value, context::EvalOptions, promise::PromiseState};

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let mut options = EvalOptions::default();
    options.filename = Some("node:internal/util/classes".to_owned());
    let make: Function<'js> = ctx.eval_with_options(include_str!("util.js"), options)?;
    let natives = Object::new(ctx.clone())?;
    natives.set("kind", Function::new(ctx.clone(), kind)?)?;
    natives.set("promise", Function::new(ctx.clone(), promise)?)?;
    natives.set("proxy", Function::new(ctx.clone(), proxy)?)?;
    make.call((natives,))
}

fn kind(value: Value<'_>) -> &'static str {
    match value.type_of() {
        Type::Promise => "Promise",
        Type::Proxy => "Proxy",
        Type::Exception => "Error",
        Type::Array => "Array",
        _ => "",
    }
}

fn promise<'js>(ctx: Ctx<'js>, value: Value<'js>) -> rquickjs::Result<Vec<Value<'js>>> {
    let state = |state: i32| Value::new_int(ctx.clone(), state);
    let Some(promise) = value.as_promise() else { return Ok(vec![state(0)]) };
    Ok(match promise.state() {
        PromiseState::Pending => vec![state(0)],
        PromiseState::Resolved => {
            let value = promise.result::<Value<'js>>().transpose()?;
            vec![state(1), value.unwrap_or_else(|| Value::new_undefined(ctx.clone()))]
        }
        PromiseState::Rejected => {
            let _ = promise.result::<Value<'js>>();
            vec![state(2), ctx.catch()]
        }
    })
}

fn proxy(value: Value<'_>) -> rquickjs::Result<Option<Vec<Value<'_>>>> {
    let Some(proxy) = value.as_proxy() else { return Ok(None) };
    Ok(Some(vec![proxy.target()?.into_value(), proxy.handler()?.into_value()]))
}
