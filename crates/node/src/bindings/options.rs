//! `internalBinding('options')`: what the command line says, by the options' long names.

use std::cell::RefCell;

use rquickjs::{Ctx, Object};

use crate::options::{Options, Setting};

thread_local! {
    static OPTIONS: RefCell<Options> = RefCell::default();
}

/// Keeps what the command line says, for bindings.
pub(crate) fn set(options: Options) {
    OPTIONS.set(options);
}

/// Reads what the command line says.
pub(crate) fn with<R>(read: impl FnOnce(&Options) -> R) -> R {
    OPTIONS.with_borrow(read)
}

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let settings = Object::new_proto(ctx.clone(), None)?;
    with(|options| {
        for (name, setting) in &options.settings {
            match setting {
                Setting::Flag(on) => settings.set(name, *on)?,
                Setting::Text(text) => settings.set(name, text)?,
                Setting::List(list) => settings.set(name, list.clone())?,
            }
        }
        Ok::<_, rquickjs::Error>(())
    })?;
    binding.set("settings", settings)?;
    binding.set("environmentFlags", crate::options::environment_flags().collect::<Vec<_>>())?;
    Ok(binding)
}
