//! `shared-context`: one context of the module runs what different requests or callers bring.

use std::collections::HashSet;

use oxc_ast::{AstKind, ast::*};
use oxc_semantic::SymbolId;
use oxc_span::GetSpan;

use super::{About, Found, Rule};
use crate::{
    Severity, evaluate,
    often::{Often, often},
    origin::{Origin, origin},
    program::{Program, as_call, inner},
};

pub(crate) struct SharedContext;

static ABOUT: About = About {
    name: "shared-context",
    severity: Severity::Error,
    finds: "one context of the module runs code, or is given data, of different requests",
    cost: "what one request leaves in the globals or the built-ins, the next one finds: 999 of 1,000 runs saw the global \
           of the run before",
    source: "Node 20.20; `node --expose-gc crates/lint/figures.mjs`",
    remedy: "take a pristine sandbox for each run: `sandtide` puts one back in microseconds",
    bad: "const vm = require('vm');\nconst context = vm.createContext({});\nhttp.createServer((req, res) => {\n  context.user = req.headers.user;\n  res.end(vm.runInContext(rule, context));\n});\n",
    good: "const vm = require('vm');\nconst context = vm.createContext({});\nvm.runInContext(library, context);\n",
};

impl Rule for SharedContext {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, program: &Program<'_, '_>, found: &mut Found) {
        let made = made_contexts(program);
        for call in program.calls() {
            let Some(run) = evaluate::run(program, call) else { continue };
            let Some(context) = run.context else { continue };
            let Some(from) = evaluate::origin_of_code(program, call, &run) else { continue };
            let Some(symbol) = context_of_module(program, context, &made) else { continue };
            let when = often(program, call.id);
            let counts =
                matches!(when, Often::Request | Often::Call(_)) && from >= Origin::Parameter;
            if counts {
                let name = program.scoping().symbol_name(symbol);
                let said = match from {
                    Origin::Request => "requests",
                    _ => "its callers",
                };
                found.add(call.span, format!("`{name}` is one context for the code of all {said}"));
            }
        }
        for node in program.nodes().iter() {
            let AstKind::AssignmentExpression(it) = node.kind() else { continue };
            let object = match &it.left {
                AssignmentTarget::StaticMemberExpression(it) => &it.object,
                AssignmentTarget::ComputedMemberExpression(it) => &it.object,
                _ => continue,
            };
            // What is asked first is what few have.
            if origin(program, &it.right) != Origin::Request {
                continue;
            }
            if let Some(symbol) = context_of_module(program, object, &made) {
                let name = program.scoping().symbol_name(symbol);
                let message =
                    format!("`{name}`, one context for all requests, is given data of this one");
                found.add(it.left.span(), message);
            }
        }
    }
}

/// The variables whose objects are made contexts when the module is loaded: `vm.createContext(object)`.
fn made_contexts(program: &Program<'_, '_>) -> HashSet<SymbolId> {
    let made = program.calls().filter_map(|call| {
        let Expression::Identifier(name) = inner(call.argument(0)?) else { return None };
        let makes = program.path(call.callee).as_deref() == Some("vm.createContext");
        (makes && often(program, call.id) == Often::Once).then(|| program.symbol(name)).flatten()
    });
    made.collect()
}

/// The variable of the module that holds a context, or the object that was made one.
fn context_of_module<'a>(
    program: &Program<'_, 'a>,
    expr: &'a Expression<'a>,
    made: &HashSet<SymbolId>,
) -> Option<SymbolId> {
    let Expression::Identifier(name) = inner(expr) else { return None };
    let symbol = program.symbol(name)?;
    let scoping = program.scoping();
    if scoping.symbol_scope_id(symbol) != scoping.root_scope_id() {
        return None;
    }
    // It may be made anew: then it is no longer one for all.
    let (value, property) = program.bound(symbol)?;
    if property.is_some() {
        return None;
    }
    let is_context = match as_call(value) {
        Some(call) => program.path(call.callee).as_deref() == Some("vm.createContext"),
        None => false,
    };
    let is_made_one =
        matches!(inner(value), Expression::ObjectExpression(_)) && made.contains(&symbol);
    // Made by a function that is called for each: `let context; function f() { context = createContext() }`.
    let once = |value: &'a Expression<'a>| {
        as_call(value).is_none_or(|call| often(program, call.id) == Often::Once)
    };
    ((is_context && once(value)) || is_made_one).then_some(symbol)
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{NONE, lines};

    fn found(source: &str) -> Vec<u32> {
        lines("shared-context", source)
    }

    #[test]
    fn one_context_for_all_is_found() {
        for source in [
            "const vm = require('vm'), c = vm.createContext({})\nexports.f = function f(code) {\nreturn vm.runInContext(code, c) }",
            "const vm = require('vm'), c = {}; vm.createContext(c)\nhttp.createServer((req, res) => {\nc.query = req.url })",
            "import { createContext, Script } from 'vm'; const c = createContext()\napp.post('/', (req, res) => {\nnew Script(req.body.code).runInContext(c) })",
        ] {
            assert_eq!(found(source), [3], "{source}");
        }
    }

    #[test]
    fn contexts_of_one_caller_and_code_of_the_program_are_let_be() {
        for source in [
            "const vm = require('vm'), c = vm.createContext({}); function f() { return vm.runInContext('a', c) }",
            "const vm = require('vm'); exports.f = function f(code) { const c = vm.createContext({}); return vm.runInContext(code, c) }",
            "const vm = require('vm'); class A { constructor() { this.c = vm.createContext({}) } run(code) { vm.runInContext(code, this.c) } }",
            "const vm = require('vm'); let c = vm.createContext({}); exports.f = function f(code) { c = vm.createContext({}); vm.runInContext(code, c) }",
            "const c = {}; http.createServer((req, res) => { c.query = req.url })",
        ] {
            assert_eq!(found(source), NONE, "{source}");
        }
    }
}
