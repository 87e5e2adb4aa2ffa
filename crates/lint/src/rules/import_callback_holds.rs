//! `import-callback-holds`: `importModuleDynamically` is a closure that holds what the call around it had.

use oxc_ast::{AstKind, ast::*};
use oxc_span::Span;

use super::{About, Found, Rule};
use crate::{
    Severity,
    often::{Often, often},
    program::{Program, as_call_kind, key_name},
};

pub(crate) struct ImportCallbackHolds;

static ABOUT: About = About {
    name: "import-callback-holds",
    severity: Severity::Warning,
    finds: "`importModuleDynamically` is a closure made for each script, which holds variables of the call that made it",
    cost: "under `--experimental-vm-modules` 1,000 of 1,000 scripts whose callback used a buffer held it for good, also those \
           that were dropped; without that flag the callback is never called",
    source: "Node 20.20; `node --expose-gc crates/lint/figures.mjs`",
    remedy: "give one function of the module, or `vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER` (Node 20.12, 21.7 and later)",
    bad: "const vm = require('vm');\nexports.compile = function compile(source, request) {\n  return new vm.Script(source, {\n    importModuleDynamically: (name) => load(name, request),\n  });\n};\n",
    good: "const vm = require('vm');\nconst importModuleDynamically = (name) => load(name);\nexports.compile = function compile(source) {\n  return new vm.Script(source, { importModuleDynamically });\n};\n",
};

impl Rule for ImportCallbackHolds {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, program: &Program<'_, '_>, found: &mut Found) {
        for node in program.nodes().iter() {
            let AstKind::ObjectProperty(it) = node.kind() else { continue };
            if key_name(&it.key) != Some("importModuleDynamically") || !of_vm(program, it) {
                continue;
            }
            let value = program.value(&it.value);
            let function = match value {
                Expression::ArrowFunctionExpression(it) => it.span,
                Expression::FunctionExpression(it) => it.span,
                _ => continue,
            };
            if often(program, it.node_id.get()) == Often::Once {
                continue;
            }
            if let Some(held) = held(program, function) {
                let message = format!(
                    "under `--experimental-vm-modules` this closure holds `{held}` for good"
                );
                found.add(it.span, message);
            }
        }
    }
}

/// Whether the options are those of a call of `vm`.
fn of_vm(program: &Program<'_, '_>, property: &ObjectProperty<'_>) -> bool {
    let nodes = program.nodes();
    let object = nodes.parent_id(property.node_id.get());
    let mut user = program.parent(object);
    // `const options = { … }; new vm.Script(source, options)`
    if let AstKind::VariableDeclarator(it) = nodes.kind(user)
        && let BindingPattern::BindingIdentifier(name) = &it.id
        && let Some(symbol) = name.symbol_id.get()
        && let Some(reference) = program.scoping().get_resolved_references(symbol).next()
    {
        user = program.parent(reference.node_id());
    }
    as_call_kind(nodes.kind(user))
        .and_then(|call| program.path(call.callee))
        .is_some_and(|path| path.starts_with("vm.") || path == "vm")
}

/// A variable of a function around that the function at `span` uses.
fn held<'a>(program: &Program<'_, 'a>, span: Span) -> Option<&'a str> {
    let within = |it: Span| span.start <= it.start && it.end <= span.end;
    let scoping = program.scoping();
    program.nodes_again().find_map(|node| {
        let AstKind::IdentifierReference(it) = node.kind() else { return None };
        if !within(it.span) {
            return None;
        }
        let symbol = program.symbol(it)?;
        let of_module = scoping.symbol_scope_id(symbol) == scoping.root_scope_id();
        let function = matches!(
            program.nodes().kind(scoping.symbol_declaration(symbol)),
            AstKind::Function(_) | AstKind::Class(_)
        );
        (!of_module && !function && !within(scoping.symbol_span(symbol)))
            .then_some(it.name.as_str())
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{NONE, lines};

    fn found(source: &str) -> Vec<u32> {
        lines("import-callback-holds", source)
    }

    #[test]
    fn closures_that_hold_their_script_or_more_are_found() {
        for source in [
            "const vm = require('vm')\nexports.f = function f(code) {\nconst s = new vm.Script(code, { importModuleDynamically: () => s }); return s }",
            "import vm from 'vm'\nexport function f(code, context) {\nconst o = { importModuleDynamically(name) { return link(name, context) } }; return vm.compileFunction(code, [], o) }",
        ] {
            assert_eq!(found(source), [3], "{source}");
        }
    }

    #[test]
    fn the_message_names_the_flag_under_which_it_holds() {
        let checker = crate::Checker::new().only(&["import-callback-holds"]).unwrap();
        let source = super::ABOUT.bad;
        let message = &checker.check("a.js", source).findings[0].message;
        let expected = "under `--experimental-vm-modules` this closure holds `request` for good";
        assert_eq!(message, expected);
    }

    #[test]
    fn functions_of_the_module_and_closures_that_hold_nothing_are_let_be() {
        for source in [
            "const vm = require('vm'); function f(code) { return new vm.Script(code, { importModuleDynamically: (n) => import(n) }) }",
            "const vm = require('vm'); const s = new vm.Script('a', { importModuleDynamically: () => s })",
            "const vm = require('vm'); function f(code) { return other(code, { importModuleDynamically: () => code }) }",
            "const vm = require('vm'); function f(code, importModuleDynamically) { return new vm.Script(code, { importModuleDynamically }) }",
        ] {
            assert_eq!(found(source), NONE, "{source}");
        }
    }
}
