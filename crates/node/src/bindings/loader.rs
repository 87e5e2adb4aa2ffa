//! `internalBinding('loader')`: the file system as the module loaders need it.

use std::{fs, io, path::Path};

use rquickjs::{Ctx, Function, Object, Value};

pub(crate) fn init<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    let binding = Object::new(ctx.clone())?;
    let set = |name: &str, function: Function<'js>| binding.set(name, function);
    set("stat", Function::new(ctx.clone(), stat)?)?;
    set("realpath", Function::new(ctx.clone(), realpath)?)?;
    set("readText", Function::new(ctx.clone(), read_text)?)?;
    #[cfg(feature = "typescript")]
    set("stripTypes", Function::new(ctx.clone(), strip_types)?)?;
    Ok(binding)
}

/// TypeScript with spaces in the place of its types; an object that says what is wrong with it, where
/// that does not give JavaScript.
#[cfg(feature = "typescript")]
fn strip_types<'js>(ctx: Ctx<'js>, source: String) -> rquickjs::Result<Value<'js>> {
    use sandtide_typescript::{Dialect, Kind, STACK, strip};
    match stacker::maybe_grow(STACK, STACK, || strip(&source, Dialect::Erasable)) {
        Ok(stripped) => Ok(rquickjs::String::from_str(ctx, &stripped.code)?.into_value()),
        Err(problem) => {
            let told = Object::new(ctx)?;
            told.set("isUnsupported", problem.kind == Kind::Unsupported)?;
            told.set("message", problem.message)?;
            told.set("line", problem.line)?;
            told.set("column", problem.column)?;
            told.set("width", problem.width)?;
            Ok(told.into_value())
        }
    }
}

/// 0: a file, 1: a folder, negative: neither.
fn stat(path: String) -> i32 {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => 1,
        Ok(_) => 0,
        Err(_) => -2,
    }
}

/// The path without symbolic links; `undefined` if there is nothing.
fn realpath(path: String) -> Option<String> {
    fs::canonicalize(path).ok().map(|path| path.to_string_lossy().into_owned())
}

/// A file's text, or the system's error number.
fn read_text<'js>(ctx: Ctx<'js>, path: String) -> rquickjs::Result<Value<'js>> {
    match read(Path::new(&path)) {
        Ok(text) => Ok(rquickjs::String::from_str(ctx, &text)?.into_value()),
        Err(error) => Ok(Value::new_int(ctx, error.raw_os_error().unwrap_or(5))),
    }
}

pub(crate) fn read(path: &Path) -> io::Result<String> {
    let bytes = fs::read(path)?;
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}
