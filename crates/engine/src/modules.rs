//! Modules that were given with a script: how an import finds its source.
//!
//! There is no file system and no network here: what is not in the map does not exist.

use crate::js::cx::Cx;
use crate::js::raw::{JS_EVAL_FLAG_COMPILE_ONLY, JS_EVAL_TYPE_MODULE, JSModuleDef};
use crate::language::Language;
use crate::run::state::RunState;
use std::ffi::{CString, c_char};

/// The module that `name`, imported by `base`, means; throws where there is none.
pub(crate) fn normalize(cx: Cx, run: &RunState, base: &str, name: &str) -> Option<*mut c_char> {
    let known = |key: &str| run.any_module.get() || run.modules.contains_key(key);
    if run.any_module.get() {
        run.imported.borrow_mut().push(name.to_owned());
    }
    let Some(found) = resolve(base, name, known) else {
        cx.throw("Error", &run.set_missing_module(name, base));
        return None;
    };
    let name = CString::new(found).ok()?;
    cx.copy_name(&name)
}

/// Compiles the module that [`normalize`] found.
pub(crate) fn load(cx: Cx, run: &RunState, name: &str) -> Option<*mut JSModuleDef> {
    let source = match run.modules.get(name) {
        Some(source) => source.as_str(),
        None if run.any_module.get() => "",
        None => return None,
    };
    let file = CString::new(name).ok()?;
    let language = Language::of_file(name);
    let code = match run.javascript(cx, source, (name, 1), language).ok()? {
        Ok(code) => code,
        Err(error) => {
            cx.throw("SyntaxError", &run.set_refused_module(error));
            return None;
        }
    };
    let mut text = Vec::with_capacity(code.len() + 1);
    text.extend_from_slice(code.as_bytes());
    text.push(0);
    let flags = JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY;
    let module = cx.eval(&text, &file, 1, flags).ok()?;
    // The engine keeps the module in its list of loaded ones; the value is another reference.
    cx.free(module);
    // SAFETY: a source compiled with the module flag is a module value, whose union is a pointer.
    Some(unsafe { module.u.ptr.cast() })
}

/// `name` as it stands, or joined to the folder of `base` where it begins with a dot; with and
/// without the leading `./` that people write in maps.
fn resolve(base: &str, name: &str, known: impl Fn(&str) -> bool) -> Option<String> {
    let relative = name.starts_with("./") || name.starts_with("../");
    let mut candidates = Vec::new();
    if relative {
        let joined = joined_specifier(base, name);
        if !joined.starts_with('/') {
            candidates.push(format!("./{joined}"));
        }
        candidates.push(joined);
    }
    candidates.push(name.to_owned());
    candidates.into_iter().find(|candidate| known(candidate))
}

/// The name that a relative specifier leads to from the module named `base`: specifiers are names
/// with slashes, no paths of any file system, and cannot lead above the first folder. A base that
/// begins with a slash leads to names that do.
///
/// ```
/// assert_eq!(sandtide_engine::joined_specifier("lib/a.js", "../b.js"), "b.js");
/// assert_eq!(sandtide_engine::joined_specifier("/lib/a.js", "./b.js"), "/lib/b.js");
/// ```
pub fn joined_specifier(base: &str, name: &str) -> String {
    let folder = base.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(name.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if base.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_names_are_joined_to_the_importing_modules_folder() {
        let known = |key: &str| ["lib/a.js", "./b.js", "lodash"].contains(&key);
        let find = |base, name| resolve(base, name, known);
        assert_eq!(find("main.js", "./lib/a.js").as_deref(), Some("lib/a.js"));
        assert_eq!(find("lib/x.js", "./a.js").as_deref(), Some("lib/a.js"));
        assert_eq!(find("lib/x.js", "../b.js").as_deref(), Some("./b.js"));
        assert_eq!(find("lib/x.js", "lodash").as_deref(), Some("lodash"));
        assert_eq!(find("main.js", "./lodash"), Some("lodash".to_owned()));
        assert_eq!(find("main.js", "fs"), None);
        assert_eq!(find("main.js", "../../../etc/passwd"), None);
    }
}
