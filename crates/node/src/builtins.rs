//! The sources of the built-in modules and how they are compiled. Knows nothing of what they do.

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
};

use rquickjs::{Ctx, Function, context::EvalOptions};

include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// What stands before a built-in's source; no line break, so that line numbers stay true.
const HEAD: &str = "(function (exports, require, module, process, internalBinding) {";

/// Ids of all built-in modules, public and internal.
pub(crate) fn ids() -> Vec<String> {
    let mut ids: Vec<String> = SOURCES.iter().map(|(id, _)| (*id).to_owned()).collect();
    if let Some(lib) = override_folder() {
        collect(&lib, "", &mut ids);
    }
    ids
}

/// Compiles the built-in module `id` to a function of `exports, require, module, process,
/// internalBinding`.
pub(crate) fn compile<'js>(ctx: &Ctx<'js>, id: &str) -> rquickjs::Result<Option<Function<'js>>> {
    let Some(source) = source(id) else { return Ok(None) };
    let mut wrapped = String::with_capacity(HEAD.len() + source.len() + 4);
    wrapped.push_str(HEAD);
    wrapped.push_str(&source);
    wrapped.push_str("\n})");
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(format!("node:{id}"));
    sandtide_realm::debug::compile_own(ctx, || ctx.eval_with_options(wrapped, options)).map(Some)
}

/// The source of the built-in module `id`.
pub(crate) fn source(id: &str) -> Option<Cow<'static, str>> {
    if let Some(lib) = override_folder()
        && let Ok(text) = fs::read_to_string(lib.join(format!("{id}.js")))
    {
        return Some(text.into());
    }
    let at = SOURCES.binary_search_by(|(known, _)| (*known).cmp(id)).ok()?;
    Some(SOURCES[at].1.into())
}

/// In debug builds the sources can be read from disk, so that changing them needs no rebuild.
fn override_folder() -> Option<PathBuf> {
    if !cfg!(debug_assertions) {
        return None;
    }
    std::env::var_os("SANDTIDE_NODE_LIB").map(PathBuf::from)
}

fn collect(folder: &Path, prefix: &str, ids: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), ids);
        } else if let Some(stem) = name.strip_suffix(".js") {
            ids.push(format!("{prefix}{stem}"));
        }
    }
}
