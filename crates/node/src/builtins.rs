//! The sources of the built-in modules and how they are compiled. Knows nothing of what they do.

use rquickjs::{Ctx, Function, context::EvalOptions};

include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// What stands before a built-in's source; no line break, so that line numbers stay true.
const HEAD: &str = "(function (exports, require, module, process, internalBinding) {";

/// Ids of all built-in modules, public and internal.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().map(|(id, _)| *id)
}

/// Whether there is a built-in module `id`.
pub(crate) fn exists(id: &str) -> bool {
    SOURCES.binary_search_by(|(known, _)| (*known).cmp(id)).is_ok()
}

/// Compiles the built-in module `id` to a function of `exports, require, module, process,
/// internalBinding`.
pub(crate) fn compile<'js>(ctx: &Ctx<'js>, id: &str) -> rquickjs::Result<Option<Function<'js>>> {
    let Ok(at) = SOURCES.binary_search_by(|(known, _)| (*known).cmp(id)) else { return Ok(None) };
    let override_ = overridden(id);
    let source = override_.as_deref().unwrap_or(SOURCES[at].1);
    let mut wrapped = String::with_capacity(HEAD.len() + source.len() + 4);
    wrapped.push_str(HEAD);
    wrapped.push_str(source);
    wrapped.push_str("\n})");
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(format!("node:{id}"));
    ctx.eval_with_options(wrapped, options).map(Some)
}

/// In debug builds the sources can be read from disk, so that changing one needs no rebuild.
fn overridden(id: &str) -> Option<String> {
    if !cfg!(debug_assertions) {
        return None;
    }
    let lib = std::env::var_os("SANDTIDE_NODE_LIB")?;
    std::fs::read_to_string(std::path::Path::new(&lib).join(format!("{id}.js"))).ok()
}
