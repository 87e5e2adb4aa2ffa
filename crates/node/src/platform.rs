//! What programs have of `crates/platform`, which guests of `sandtide run` have too: `Intl` and the methods
//! that write for a locale in each realm, made when they are first looked at; and the modules that
//! `lib/internal/platform.js` asks for, in the main realm. Must not know what any of them does.

use std::{
    fs,
    sync::{LazyLock, OnceLock},
};

use rquickjs::{
    Array, Ctx, Exception, Function, IntoJs, Object, Result, TypedArray, Value, function::Args,
};
use sandtide_platform::{
    Answer, Api, Arg, Fault, GLOBALS, HAS_INTL, MAX_NATIVES, MODULES, Module, STD,
};
use sandtide_realm::host::{self, Code, Host, LazyGlobal};

use crate::hooks::{self, Hook};

pub(crate) static HOST: Host = Host { globals, make, call };

/// The modules with what every realm has, and the switches of their globals.
const REALMS: &[(&str, Api)] = if HAS_INTL {
    &[("intl", Api::Intl), ("temporal", Api::Temporal)]
} else {
    &[("no_intl", Api::NoIntl)]
};

fn globals() -> Vec<LazyGlobal> {
    let ours = GLOBALS.iter().filter(|global| REALMS.iter().any(|(_, api)| global.api == *api));
    ours.map(|global| match global.name.split_once(".prototype.") {
        Some((owner, name)) => LazyGlobal { owner: Some(owner), name, key: global.name },
        None => LazyGlobal { owner: None, name: global.name, key: global.name },
    })
    .collect()
}

/// The compiled modules: [`STD`], and the others in their order.
static CODE: LazyLock<Vec<Code>> = LazyLock::new(|| {
    let all = [&STD].into_iter().chain(MODULES);
    all.map(|module| {
        let name = format!("node:internal/platform/{}", module.name);
        // What every realm has looks native, as in Node.
        let shown = REALMS.iter().all(|(realms, _)| module.name != *realms);
        Code::new(String::leak(name), module.source, shown)
    })
    .collect()
});

/// The module of this name, and its number.
pub(crate) fn find(name: &str) -> Option<(&'static Module, usize)> {
    let number = MODULES.iter().position(|module| module.name == name)?;
    Some((&MODULES[number], number))
}

/// The function that a module is.
fn function<'js>(ctx: &Ctx<'js>, code: usize) -> Result<Function<'js>> {
    Function::from_value(CODE[code].run(ctx)?)
}

/// A module's function; that of `std` is asked for by [`make_std`].
pub(crate) fn code<'js>(ctx: &Ctx<'js>, number: usize) -> Result<Function<'js>> {
    function(ctx, number + 1)
}

/// What all modules are given first; `first` is what they have of the language.
pub(crate) fn make_std<'js>(ctx: &Ctx<'js>, first: Object<'js>) -> Result<Value<'js>> {
    let (plain, uncurried) = (host::builtin(ctx, false)?, host::builtin(ctx, true)?);
    function(ctx, 0)?.call((plain, uncurried, first))
}

/// The natives of a module, and of what its host gives those that are made here (`zone`).
pub(crate) fn natives<'js>(ctx: &Ctx<'js>, module: &Module, number: usize) -> Result<Object<'js>> {
    let natives = Object::new(ctx.clone())?;
    natives.set_prototype(None)?;
    let names = module.natives.iter().map(|(name, _)| name).chain(module.host);
    for (at, name) in names.enumerate() {
        if at < module.natives.len() || *name == "zone" {
            natives.set(*name, host::function(ctx, (number * MAX_NATIVES + at) as i32)?)?;
        }
    }
    Ok(natives)
}

/// Makes what each realm has, in the realm of `ctx`.
fn make<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let std = Object::from_value(make_std(ctx, host::first(ctx)?)?)?;
    let made = Object::new(ctx.clone())?;
    made.set_prototype(None)?;
    for (name, api) in REALMS {
        let Some((module, number)) = find(name) else {
            return Err(Exception::throw_internal(ctx, "there is no such module"));
        };
        let exports: Object<'js> =
            code(ctx, number)?.call((std.clone(), natives(ctx, module, number)?))?;
        for global in GLOBALS.iter().filter(|global| global.api == *api) {
            made.set(global.name, exports.get::<_, Value<'js>>(global.name)?)?;
        }
        // Those behind it find it here.
        std.set(*name, exports)?;
    }
    Ok(made)
}

fn call<'js>(ctx: &Ctx<'js>, number: i32, given: Vec<Value<'js>>) -> Result<Value<'js>> {
    let number = usize::try_from(number).unwrap_or(usize::MAX);
    let Some(module) = MODULES.get(number / MAX_NATIVES) else {
        return Err(Exception::throw_internal(ctx, "there is no such function"));
    };
    let Some((_, native)) = module.natives.get(number % MAX_NATIVES) else {
        return zone().into_js(ctx);
    };
    let args: Vec<Arg> = given.iter().map(argument).collect::<Result<_>>()?;
    match native(&args) {
        Ok(answer) => build(ctx, answer),
        Err(fault) => Err(throw(ctx, fault)),
    }
}

fn argument(value: &Value<'_>) -> Result<Arg> {
    if let Some(array) = value.as_array() {
        return array
            .iter::<Value<'_>>()
            .map(|item| plain(&item?))
            .collect::<Result<_>>()
            .map(Arg::List);
    }
    plain(value)
}

/// An argument that is no list.
fn plain(value: &Value<'_>) -> Result<Arg> {
    if let Some(text) = value.as_string() {
        return sandtide_bytes::with_wtf8(text, |bytes| {
            Arg::Text(sandtide_platform::scalars(bytes))
        });
    }
    if let Some(number) = value.as_number() {
        return Ok(Arg::Number(number));
    }
    if let Some(flag) = value.as_bool() {
        return Ok(Arg::Bool(flag));
    }
    Ok(sandtide_bytes::to_vec(value).map_or(Arg::Nothing, Arg::Bytes))
}

fn build<'js>(ctx: &Ctx<'js>, answer: Answer) -> Result<Value<'js>> {
    match answer {
        Answer::Bool(flag) => flag.into_js(ctx),
        Answer::Number(number) => number.into_js(ctx),
        Answer::Text(text) => text.into_js(ctx),
        Answer::Bytes(bytes) => TypedArray::<u8>::new(ctx.clone(), bytes)?.into_js(ctx),
        Answer::List(items) => {
            let array = Array::new(ctx.clone())?;
            for (index, item) in items.into_iter().enumerate() {
                array.set(index, build(ctx, item)?)?;
            }
            array.into_js(ctx)
        }
        _ => Ok(Value::new_undefined(ctx.clone())),
    }
}

fn throw(ctx: &Ctx<'_>, fault: Fault) -> rquickjs::Error {
    match fault {
        Fault::Type(message) => Exception::throw_type(ctx, &message),
        Fault::Range(message) => Exception::throw_range(ctx, &message),
        Fault::Dom(name, message) => {
            // Node has a class of its own.
            let made = hooks::get(ctx, Hook::DomException).map(|hook| {
                let mut args = Args::new(ctx.clone(), 2);
                args.push_arg(message.as_str())?;
                args.push_arg(name)?;
                hook.call_arg::<Value<'_>>(args)
            });
            match made {
                Some(Ok(exception)) => ctx.throw(exception),
                Some(Err(error)) => error,
                None => Exception::throw_message(ctx, &message),
            }
        }
        other => Exception::throw_internal(ctx, &format!("{other:?}")),
    }
}

/// The time zone of the process by its IANA name, as the system says it: what `Date` follows, too. UTC where
/// that is none which has a name.
fn zone() -> &'static str {
    static ZONE: OnceLock<String> = OnceLock::new();
    ZONE.get_or_init(|| {
        let said = std::env::var("TZ").ok().filter(|said| !said.is_empty());
        let name = match said {
            Some(said) => said.trim_start_matches(':').to_owned(),
            None => system_zone().unwrap_or_default(),
        };
        // A file's path says the name at its end.
        let name = name.split_once("zoneinfo/").map_or(name.as_str(), |(_, name)| name);
        match sandtide_zone::Zone::new(name) {
            Ok(zone) => zone.iana_name().unwrap_or(sandtide_zone::UTC).to_owned(),
            Err(_) => sandtide_zone::UTC.to_owned(),
        }
    })
}

/// What the system's own setting is.
fn system_zone() -> Option<String> {
    if let Ok(target) = fs::canonicalize("/etc/localtime") {
        let path = target.to_string_lossy().into_owned();
        if path.contains("zoneinfo/") {
            return Some(path);
        }
    }
    fs::read_to_string("/etc/timezone").ok().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_all_natives_fit_the_engines_functions() {
        assert!((MODULES.len() * MAX_NATIVES) < i16::MAX as usize);
    }

    #[test]
    fn realms_have_of_the_language_what_guests_have() {
        let runtime = rquickjs::Runtime::new().unwrap();
        let context = rquickjs::Context::full(&runtime).unwrap();
        context.with(|ctx| {
            let kept: Object<'_> = ctx.eval(sandtide_platform::FIRST).unwrap();
            let first = host::first(&ctx).unwrap();
            for key in kept.keys::<String>() {
                let key = key.unwrap();
                let (kept, first): (Value<'_>, Value<'_>) =
                    (kept.get(key.as_str()).unwrap(), first.get(key.as_str()).unwrap());
                assert!(!first.is_undefined() && first == kept, "{key}");
            }
        });
    }

    #[test]
    fn lone_surrogates_become_one_replacement_each() {
        assert_eq!(sandtide_platform::scalars("aé漢🦀".as_bytes()), "aé漢🦀");
        assert_eq!(sandtide_platform::scalars(b"a\xed\xa0\x80b\xed\xbf\xbf"), "a\u{fffd}b\u{fffd}");
    }
}
