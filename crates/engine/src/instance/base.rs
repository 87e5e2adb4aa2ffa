//! What the base image holds beside the language: `console`, and none of what guests must not reach.

use crate::image::Globals;
use crate::js::context::{Intrinsics, run_script};
use crate::js::cx::{Cx, Js};
use crate::js::raw::{self, JSValue};
use crate::platform;
use crate::run::console;

/// Gives guests their `console`, and takes away what they must not reach.
pub(super) fn furnish(cx: Cx, intrinsics: Intrinsics) -> Js<()> {
    let global = cx.global();
    let console = cx.new_object()?;
    for (index, function) in console::FUNCTIONS.iter().enumerate() {
        let name = function.name;
        let made = cx.new_host_function(name, 0, index as u16)?;
        cx.define(console, &name.to_string_lossy(), made, true)?;
    }
    cx.define(global, "console", console, false)?;
    let namespace = concat!(include_str!("console.js"), "\0");
    cx.free(run_script(cx, c"sandtide:console", namespace)?);
    // Memory that threads share would outlive the arena's restore, and a run that waits on it would
    // look at no limit.
    for name in ["SharedArrayBuffer", "Atomics"] {
        cx.delete(global, name)?;
    }
    let iterators = concat!(include_str!("iterators.js"), "\0");
    cx.free(run_script(cx, c"sandtide:iterators", iterators)?);
    platform::define(cx, intrinsics)?;
    if !intrinsics.eval {
        // The engine compiles our own scripts, so its compiler has to be there; this takes the
        // guests' ways to it away.
        let no_compilers = concat!(include_str!("no_compilers.js"), "\0");
        cx.free(run_script(cx, c"sandtide:no-compilers", no_compilers)?);
    }
    cx.free(global);
    #[cfg(feature = "test262")]
    cx.add_test262()?;
    Ok(())
}

/// The image's enumerable globals, and what its set-up gave to hidden ones of ours: name atoms, and the
/// bits of their values. `platform` is the array of that name.
pub(super) fn globals_of(cx: Cx, platform: JSValue) -> Js<Globals> {
    let global = cx.global();
    let mut globals = Vec::new();
    cx.own_keys(global, |atom| -> Js<()> {
        let value = cx.get_atom(global, atom)?;
        globals.push((atom, raw::bits(value)));
        cx.free(value);
        Ok(())
    })?;
    cx.free(global);
    platform::assigned(cx, platform, |atom, value| -> Js<()> {
        globals.push((atom, raw::bits(value)));
        cx.free(value);
        Ok(())
    })?;
    Ok(globals.into())
}
