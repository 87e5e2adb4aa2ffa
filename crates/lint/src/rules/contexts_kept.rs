//! `contexts-kept`: contexts are put into a map or list of the module that only grows.

use oxc_ast::{AstKind, ast::*};
use oxc_semantic::SymbolId;
use oxc_span::GetSpan;

use super::{About, Found, Rule};
use crate::{
    Severity, evaluate,
    often::{Often, often},
    program::{Call, Program, as_call, as_call_kind, inner},
};

pub(crate) struct ContextsKept;

static ABOUT: About = About {
    name: "contexts-kept",
    severity: Severity::Warning,
    finds: "contexts are kept in a map, an object or a list from which the file takes nothing away",
    cost: "a context that is kept holds 176 KB",
    source: "Node 20.20; `node --expose-gc crates/lint/figures.mjs`",
    remedy: "bound it and drop the oldest, or keep the compiled scripts and take a pristine sandbox for each run",
    bad: "const vm = require('vm');\nconst contexts = new Map();\nexports.of = function of(tenant) {\n  contexts.set(tenant, vm.createContext({ tenant }));\n};\n",
    good: "const vm = require('vm');\nconst contexts = new Map();\nexports.of = function of(tenant) {\n  contexts.set(tenant, vm.createContext({ tenant }));\n  if (contexts.size > 100) contexts.delete(contexts.keys().next().value);\n};\n",
};

impl Rule for ContextsKept {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, program: &Program<'_, '_>, found: &mut Found) {
        for node in program.nodes().iter() {
            let stored = match node.kind() {
                AstKind::CallExpression(it) => {
                    as_call_kind(AstKind::CallExpression(it)).and_then(|call| put(program, call))
                }
                AstKind::AssignmentExpression(it) => match &it.left {
                    AssignmentTarget::ComputedMemberExpression(target)
                        if !matches!(
                            inner(&target.expression),
                            Expression::StringLiteral(_) | Expression::NumericLiteral(_)
                        ) =>
                    {
                        container(program, &target.object).zip(made(program, &it.right))
                    }
                    _ => None,
                },
                _ => None,
            };
            let Some((symbol, made)) = stored else { continue };
            if often(program, node.id()) == Often::Once || shrinks(program, symbol) {
                continue;
            }
            let name = program.scoping().symbol_name(symbol);
            let message = format!("what `{made}` made is put into `{name}`, which only grows");
            found.add(node.kind().span(), message);
        }
    }
}

/// What a value was made by, where that is a context.
fn made<'a>(program: &Program<'_, 'a>, value: &'a Expression<'a>) -> Option<&'static str> {
    let value = match inner(value) {
        Expression::ObjectExpression(it) => {
            return it.properties.iter().find_map(|it| match it {
                ObjectPropertyKind::ObjectProperty(it) => made(program, &it.value),
                ObjectPropertyKind::SpreadProperty(_) => None,
            });
        }
        it => program.value(it),
    };
    let call = as_call(value)?;
    // A run in a new context gives a value.
    let made = evaluate::makes_context(program, call)?;
    evaluate::run(program, call).is_none().then_some(made)
}

/// `map.set(key, context)`, `list.push(context)`.
fn put<'a>(program: &Program<'_, 'a>, call: Call<'a>) -> Option<(SymbolId, &'static str)> {
    let Expression::StaticMemberExpression(it) = inner(call.callee) else { return None };
    let value = match it.property.name.as_str() {
        "set" => call.argument(1)?,
        "push" | "add" | "unshift" => call.argument(0)?,
        _ => return None,
    };
    container(program, &it.object).zip(made(program, value))
}

/// A map, object or list that a variable of the module holds.
fn container<'a>(program: &Program<'_, 'a>, expr: &'a Expression<'a>) -> Option<SymbolId> {
    let Expression::Identifier(name) = inner(expr) else { return None };
    let symbol = program.symbol(name)?;
    if program.scoping().symbol_scope_id(symbol) != program.scoping().root_scope_id() {
        return None;
    }
    let holds = match program.bound(symbol)? {
        (value, None) => match inner(value) {
            Expression::ObjectExpression(_) | Expression::ArrayExpression(_) => true,
            Expression::NewExpression(it) => matches!(
                program.path(&it.callee).as_deref(),
                Some("global:Map" | "global:Set" | "global:Array")
            ),
            Expression::CallExpression(it) => {
                program.path(&it.callee).as_deref() == Some("global:Object.create")
            }
            _ => false,
        },
        _ => false,
    };
    holds.then_some(symbol)
}

/// Whether anything in the file may take something away: what is not known may.
fn shrinks(program: &Program<'_, '_>, symbol: SymbolId) -> bool {
    program.scoping().get_resolved_references(symbol).any(|reference| {
        if !program.work().take(1) {
            return true;
        }
        let nodes = program.nodes();
        let id = reference.node_id();
        match nodes.kind(program.parent(id)) {
            AstKind::StaticMemberExpression(it) => {
                let parent = nodes.kind(program.parent(it.node_id.get()));
                match it.property.name.as_str() {
                    "get" | "has" | "set" | "push" | "add" | "unshift" | "size" | "forEach"
                    | "find" | "keys" | "values" | "entries" | "map" | "filter" | "some"
                    | "indexOf" | "includes" => false,
                    "length" => matches!(parent, AstKind::AssignmentExpression(_)),
                    _ => true,
                }
            }
            AstKind::ComputedMemberExpression(it) => {
                // `delete map[key]`, `map[key] = null`
                match nodes.kind(program.parent(it.node_id.get())) {
                    AstKind::UnaryExpression(it) => it.operator == UnaryOperator::Delete,
                    AstKind::AssignmentExpression(it) => {
                        matches!(
                            inner(&it.right),
                            Expression::NullLiteral(_) | Expression::UnaryExpression(_)
                        ) || it.right.is_specific_id("undefined")
                    }
                    _ => false,
                }
            }
            AstKind::BinaryExpression(_)
            | AstKind::ForInStatement(_)
            | AstKind::ForOfStatement(_) => false,
            AstKind::IfStatement(_) | AstKind::VariableDeclarator(_) => false,
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{NONE, lines};

    fn found(source: &str) -> Vec<u32> {
        lines("contexts-kept", source)
    }

    #[test]
    fn contexts_in_what_grows_are_found() {
        for source in [
            "const vm = require('vm'), all = {}\nfunction f(id) {\nall[id] = vm.createContext() }",
            "const vm = require('vm'), all = []\nexports.f = () => {\nall.push(vm.createContext()) }",
            "const vm = require('vm'), all = new Map()\nfunction f(id) { const c = vm.createContext()\nall.set(id, { c, at: 1 }); return c }",
            "import ivm from 'isolated-vm'; const all = Object.create(null)\nfunction f(id) {\nall[id] = new ivm.Isolate() }",
            "const { VM } = require('vm2'); const all = new Set()\napp.get('/', (req, res) => {\nall.add(new VM()) })",
        ] {
            assert_eq!(found(source), [3], "{source}");
        }
    }

    #[test]
    fn what_shrinks_or_is_unknown_is_let_be() {
        for source in [
            "const vm = require('vm'), all = {}; function f(id) { all[id] = vm.createContext() } function g(id) { delete all[id] }",
            "const vm = require('vm'), all = []; function f() { all.push(vm.createContext()); all.shift() }",
            "const vm = require('vm'), all = new WeakMap(); function f(id) { all.set(id, vm.createContext()) }",
            "const vm = require('vm'), all = new LRU(9); function f(id) { all.set(id, vm.createContext()) }",
            "const vm = require('vm'), all = {}; function f(id) { all[id] = vm.createContext() } clean(all)",
            "const vm = require('vm'), all = {}; all[name] = vm.createContext()",
            "const vm = require('vm'), all = {}; function f(id) { all[id] = vm.runInNewContext(id) }",
            "const vm = require('vm'); function f(ids) { const all = []; for (const id of ids) all.push(vm.createContext()); return all }",
        ] {
            assert_eq!(found(source), NONE, "{source}");
        }
    }
}
