//! What guests find beside the language, by `sandtide-platform`'s lists: each global is a lazy property
//! of the base image, and the module it comes from is made in the guest's heap when a guest first
//! touches one of its globals.
//!
//! The base image holds an array, which no guest reaches: what [`FIRST`] kept of the language, and a
//! place for each module's exports. A module's code is compiled when a process makes its first base
//! image, and kept as bytes outside of arenas, which is all that outlives a run.
//!
//! Must not know what any of the globals does.

mod calls;
mod host;
pub(crate) mod places;
mod timers;

pub(crate) use calls::call;
pub(crate) use timers::{fire_timer, forget_timers, next_timer};

use crate::js::context::{Intrinsics, run_script};
use crate::js::cx::{Cx, Js, Thrown};
use crate::js::raw::{
    JS_EVAL_FLAG_COMPILE_ONLY, JS_EVAL_TYPE_GLOBAL, JS_UNDEFINED, JSAtom, JSValue, bits,
};
use crate::run::state::RunState;
use places::{STD_AT, module_at, place_of};
use sandtide_platform::{FIRST, GLOBALS, HANDLER, MAX_NATIVES, MODULES, Module, TIMERS};
use std::ffi::CString;
use std::sync::{LazyLock, OnceLock};

/// Where the array has what [`FIRST`] kept.
const KEPT: usize = 0;

/// The compiled modules, at their places of the array.
static CODE: LazyLock<Vec<OnceLock<Box<[u8]>>>> =
    LazyLock::new(|| (0..STD_AT + 1 + MODULES.len()).map(|_| OnceLock::new()).collect());

/// Makes the array, before any guest: it belongs to the base image.
pub(crate) fn keep(cx: Cx) -> Js<JSValue> {
    let array = cx.new_array()?;
    let source = format!("{FIRST}\0");
    cx.define_index(array, KEPT as u32, run_script(cx, c"sandtide:first", &source)?)?;
    // A place without a value would be looked up in the guest's prototype.
    for at in STD_AT..=STD_AT + MODULES.len() {
        cx.define_index(array, at as u32, JS_UNDEFINED)?;
    }
    Ok(array)
}

/// Defines the globals that the policy has.
pub(crate) fn define(cx: Cx, intrinsics: Intrinsics) -> Js<()> {
    let object = cx.global();
    for (number, global) in GLOBALS.iter().enumerate() {
        if !intrinsics.has(global.api) {
            continue;
        }
        let Some((constructor, name)) = global.name.split_once(".prototype.") else {
            cx.define_lazy(object, global.name, number as u32)?;
            continue;
        };
        if let Some(prototype) = prototype(cx, constructor)? {
            cx.define_lazy(prototype, name, number as u32)?;
            cx.free(prototype);
        }
    }
    cx.free(object);
    Ok(())
}

/// The prototype of one of the language's constructors, before any guest; None where the policy has
/// none.
fn prototype(cx: Cx, constructor: &str) -> Js<Option<JSValue>> {
    // All typed arrays have one prototype in common, whose constructor has no name.
    let typed = constructor == "TypedArray";
    let global = cx.global();
    let found = cx.get(global, if typed { "Uint8Array" } else { constructor })?;
    cx.free(global);
    if bits(found) == bits(JS_UNDEFINED) {
        return Ok(None);
    }
    let mut prototype = cx.get(found, "prototype")?;
    cx.free(found);
    if typed {
        let common = cx.get(prototype, "__proto__")?;
        cx.free(prototype);
        prototype = common;
    }
    Ok(Some(prototype))
}

/// The value of a lazy global.
pub(crate) fn global(cx: Cx, run: &RunState, number: u32) -> Js<JSValue> {
    let Some(global) = GLOBALS.get(number as usize) else {
        return Err(cx.throw("InternalError", "no such global"));
    };
    let exports = exports(cx, run, place_of(global.module))?;
    let value = cx.get(exports, global.name)?;
    cx.free(exports);
    Ok(value)
}

/// Calls `each` with the lazy globals that a guest gave another value: they stay hidden then, which
/// other globals are not. `array` is what [`keep`] made, or undefined where it made none.
pub(crate) fn assigned<E: From<Thrown>>(
    cx: Cx,
    array: JSValue,
    mut each: impl FnMut(JSAtom, JSValue) -> Result<(), E>,
) -> Result<(), E> {
    if bits(array) == bits(JS_UNDEFINED) {
        return Ok(());
    }
    let object = cx.global();
    for global in GLOBALS {
        let Some(atom) = cx.hidden_and_made(object, global.name) else { continue };
        let value = cx.get_atom(object, atom)?;
        let exports = cx.get_index(array, place_of(global.module))?;
        if bits(exports) != bits(JS_UNDEFINED) {
            let ours = cx.get(exports, global.name)?;
            let same = bits(ours) == bits(value);
            cx.free(ours);
            cx.free(exports);
            if same {
                cx.free(value);
                continue;
            }
        }
        each(atom, value)?;
    }
    cx.free(object);
    Ok(())
}

/// The function that gives requests to `object`, a handler.
pub(crate) fn handler(cx: Cx, run: &RunState, object: JSValue) -> Js<JSValue> {
    let exports = exports(cx, run, place_of(HANDLER))?;
    let adapt = cx.get(exports, "adapt")?;
    let function = cx.call(adapt, JS_UNDEFINED, &mut [object])?;
    cx.free(adapt);
    cx.free(exports);
    Ok(function)
}

/// What the module at this place of the array exports.
fn exports(cx: Cx, run: &RunState, at: usize) -> Js<JSValue> {
    let array = run.helpers.platform;
    let known = cx.get_index(array, at)?;
    if bits(known) != bits(JS_UNDEFINED) {
        return Ok(known);
    }
    let module = module_at(at);
    let mut args = if at == STD_AT {
        vec![cx.new_builtin(false)?, cx.new_builtin(true)?, cx.get_index(array, KEPT)?]
    } else {
        vec![exports(cx, run, STD_AT)?]
    };
    args.push(natives(cx, module, at)?);
    for used in module.uses {
        args.push(exports(cx, run, place_of(used))?);
    }
    let function = code(cx, module, at)?;
    let made = cx.call(function, JS_UNDEFINED, &mut args)?;
    for used in args.into_iter().chain([function]) {
        cx.free(used);
    }
    // What a guest has the engine call meanwhile (`Error.prepareStackTrace`) may have touched the same
    // global: there is one of each.
    let known = cx.get_index(array, at)?;
    if bits(known) != bits(JS_UNDEFINED) {
        cx.free(made);
        return Ok(known);
    }
    cx.define_index(array, at as u32, made)?;
    if module.name == TIMERS {
        run.timers.set(true);
    }
    cx.get_index(array, at)
}

/// The functions that a module calls Rust by.
fn natives(cx: Cx, module: &Module, at: usize) -> Js<JSValue> {
    let object = cx.new_object()?;
    let names = module.natives.iter().map(|(name, _)| *name).chain(module.host.iter().copied());
    for (position, name) in names.enumerate() {
        // Below 0, where no host function of an image is.
        let index = -1 - (at * MAX_NATIVES + position) as i16;
        let native = cx.new_native(&CString::new(name).unwrap_or_default(), index)?;
        cx.define(object, name, native, true)?;
    }
    Ok(object)
}

/// Whether the process has compiled all modules.
pub(crate) fn is_compiled() -> bool {
    CODE[STD_AT..].iter().all(|code| code.get().is_some())
}

/// Compiles all modules that are not yet, in an arena that runs nothing.
pub(crate) fn compile(cx: Cx) -> Js<()> {
    for at in STD_AT..=STD_AT + MODULES.len() {
        if CODE[at].get().is_none() {
            let function = code(cx, module_at(at), at)?;
            cx.free(function);
        }
    }
    Ok(())
}

/// A module's function.
fn code(cx: Cx, module: &Module, at: usize) -> Js<JSValue> {
    let bytes = match CODE[at].get() {
        Some(bytes) => bytes,
        None => {
            let source = format!("{}\0", module.source);
            let flags = JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY;
            let code = cx.eval(source.as_bytes(), c"sandtide:platform", 1, flags)?;
            let bytes = cx.write_code(code)?;
            cx.free(code);
            CODE[at].get_or_init(|| bytes)
        }
    };
    // SAFETY: the bytes are those that `write_code` answered in this process, or in the zygote that
    // it was forked from, and nobody else writes to them.
    unsafe { cx.read_code(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Instance, InstanceConfig};

    #[test]
    fn whoever_has_an_instance_has_all_modules_compiled() {
        Instance::new(InstanceConfig::default()).expect("an instance");
        assert!(is_compiled());
    }
}
