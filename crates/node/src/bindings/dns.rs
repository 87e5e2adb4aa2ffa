//! `internalBinding('dns')`: asking the system for the addresses of a host.

use std::net::ToSocketAddrs as _;

use rquickjs::{Ctx, Function, IntoJs as _, Object, Value};

use crate::blocking;

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    binding.set("lookup", Function::new(ctx.clone(), lookup)?)?;
    Ok(binding)
}

/// Calls `callback` with the addresses, as the system orders them, or with a negative error number.
fn lookup<'js>(ctx: Ctx<'js>, hostname: String, callback: Function<'js>) {
    let job = move || {
        let found = (hostname.as_str(), 0).to_socket_addrs().map_err(|error| number(&error))?;
        let mut addresses: Vec<String> = Vec::new();
        for address in found {
            let text = address.ip().to_string();
            if !addresses.contains(&text) {
                addresses.push(text);
            }
        }
        Ok(addresses)
    };
    blocking::run(&ctx, callback, job, |ctx, found: Result<Vec<String>, i32>| match found {
        Ok(addresses) => addresses.into_js(ctx),
        Err(number) => Ok(Value::new_int(ctx.clone(), number)),
    });
}

/// The number that Node has for it. The standard library keeps only the resolver's words.
fn number(error: &std::io::Error) -> i32 {
    if let Some(number) = error.raw_os_error() {
        return -number;
    }
    let text = error.to_string();
    let known = [
        ("Temporary failure", -3001),
        ("Non-recoverable failure", -3004),
        ("No address associated", -3007),
        ("Memory allocation", -3006),
    ];
    known.iter().find(|(words, _)| text.contains(words)).map_or(-3008, |(_, number)| *number)
}
