//! `context-per-call`: a context or a sandbox is made for each request, call or turn of a loop.

use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{About, Found, Rule};
use crate::{
    Severity, evaluate,
    fix::Edit,
    often::{Often, often},
    origin::Origin,
    program::{Call, Program, as_call, as_function, inner, key_name},
};

pub(crate) struct ContextPerCall;

static ABOUT: About = About {
    name: "context-per-call",
    severity: Severity::Warning,
    finds: "a context or a sandbox is made for each request, for each call that runs given code, or in a loop",
    cost: "each stays until a full garbage collection: a server that made one per request peaked at 345 MB (157 to \
           629) instead of 9.9 MB, and a new context with one run took 253 us",
    source: "Node 20.20; `bench/run article` and `bench/run vm`, README.md",
    remedy: "make the context once where the code is your own; for other people's code take a pristine sandbox that is \
             cheap: `sandtide` (13 us a run), or `sandtide/vm` where only data and functions go in and out",
    bad: "const vm = require('vm');\nhttp.createServer((req, res) => {\n  res.end(String(vm.runInNewContext(rule, { url: req.url })));\n});\n",
    good: "const vm = require('vm');\nconst context = vm.createContext({ limit: 3 });\nvm.runInContext(rules, context);\n",
};

impl Rule for ContextPerCall {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, program: &Program<'_, '_>, found: &mut Found) {
        let calls: Vec<Call<'_>> = program.calls().collect();
        let mut replaced = None;
        for call in &calls {
            let Some(made) = evaluate::makes_context(program, *call) else { continue };
            if is_kept(program, *call) {
                continue;
            }
            let when = often(program, call.id);
            let counts = match &when {
                Often::Once => false,
                Often::Request | Often::Turn => true,
                // A function that is called with code: others may call it once, with a file of their own.
                Often::Call(_) => runs_given_code(program, *call, &calls),
            };
            // A context of an isolate goes with it.
            let with_its_isolate = made == "isolate.createContext"
                && evaluate::receiver(*call).is_some_and(|it| {
                    as_call(program.value(it)).is_some_and(|it| same_function(program, it, *call))
                });
            if counts && !with_its_isolate {
                let message = format!("`{made}` makes a new context {}", when.said());
                let fix = replaced.get_or_insert_with(|| fix(program, &calls)).clone();
                found.add_with(call.span, message, fix);
            }
        }
    }
}

/// Whether what a call makes outlives the call of its function: by a name from outside, or by returning it.
fn is_kept<'a>(program: &Program<'_, 'a>, call: Call<'a>) -> bool {
    // What is run at once gives its value, not its context.
    if evaluate::run(program, call).is_some() {
        return false;
    }
    let function = program.functions_around(call.id).next();
    match program.nodes().kind(program.parent(call.id)) {
        AstKind::ReturnStatement(_) | AstKind::ArrowFunctionExpression(_) => true,
        AstKind::ArrayExpression(_)
        | AstKind::ObjectProperty(_)
        | AstKind::PropertyDefinition(_) => true,
        AstKind::LogicalExpression(_) | AstKind::ConditionalExpression(_) => true,
        AstKind::AssignmentExpression(it) => match &it.left {
            AssignmentTarget::AssignmentTargetIdentifier(name) => match program.symbol(name) {
                Some(symbol) => {
                    let declared = program.scoping().symbol_span(symbol);
                    function.is_none_or(|it| {
                        declared.start < it.span.start || it.span.end < declared.end
                    }) || goes_out(program, symbol)
                }
                None => true,
            },
            _ => true,
        },
        AstKind::VariableDeclarator(it) => match &it.id {
            BindingPattern::BindingIdentifier(name) => {
                name.symbol_id.get().is_none_or(|symbol| goes_out(program, symbol))
            }
            _ => true,
        },
        // Given to another function, which may keep it.
        AstKind::CallExpression(it) => {
            inner(&it.callee).span() != call.span && !runs_it(program, it)
        }
        AstKind::NewExpression(it) => inner(&it.callee).span() != call.span,
        _ => false,
    }
}

fn runs_it<'a>(program: &Program<'_, 'a>, it: &'a CallExpression<'a>) -> bool {
    as_call_of(it).is_some_and(|call| evaluate::run(program, call).is_some())
}

fn as_call_of<'a>(it: &'a CallExpression<'a>) -> Option<Call<'a>> {
    crate::program::as_call_kind(AstKind::CallExpression(it))
}

/// Whether a variable's value is returned, stored, or given to what may store it.
fn goes_out(program: &Program<'_, '_>, symbol: oxc_semantic::SymbolId) -> bool {
    program.scoping().get_resolved_references(symbol).any(|reference| {
        if !program.work().take(1) {
            return true;
        }
        let id = reference.node_id();
        let span = program.nodes().kind(id).span();
        match program.nodes().kind(program.parent(id)) {
            AstKind::ReturnStatement(_)
            | AstKind::ArrayExpression(_)
            | AstKind::ObjectProperty(_)
            | AstKind::YieldExpression(_) => true,
            AstKind::ArrowFunctionExpression(_) => true,
            AstKind::AssignmentExpression(it) => it.right.span() == span,
            AstKind::CallExpression(it) => {
                let argument = inner(&it.callee).span() != span;
                let path = program.path(&it.callee).unwrap_or_default();
                argument && !runs_it(program, it) && !path.starts_with("vm.")
            }
            AstKind::NewExpression(it) => inner(&it.callee).span() != span,
            _ => false,
        }
    })
}

/// Whether the function around runs code that it is given, in what the call makes.
fn runs_given_code<'a>(program: &Program<'_, 'a>, call: Call<'a>, calls: &[Call<'a>]) -> bool {
    let given = |it: Call<'a>| {
        evaluate::run(program, it)
            .and_then(|run| evaluate::origin_of_code(program, it, &run))
            .is_some_and(|from| from >= Origin::Parameter)
    };
    if evaluate::run(program, call).is_some() {
        return given(call);
    }
    calls
        .iter()
        .take_while(|_| program.work().take(1))
        .any(|it| same_function(program, *it, call) && given(*it))
}

fn same_function<'a>(program: &Program<'_, 'a>, a: Call<'a>, b: Call<'a>) -> bool {
    let of = |call: Call<'a>| {
        program.functions_around(call.id).next().map_or(Span::new(0, 0), |it| it.span)
    };
    of(a) == of(b)
}

const TITLE: &str = "Runs each in a pristine sandbox behind the process wall (`npm i sandtide`). Values are copied: look \
                     whether functions or classes come back, which they cannot.";

/// The module's replacement, where all that the file does with it is to run code over a literal of data.
fn fix<'a>(program: &Program<'_, 'a>, calls: &[Call<'a>]) -> Option<(&'static str, Vec<Edit>)> {
    let mut edits = Vec::new();
    let mut uses = 0;
    for node in program.nodes().iter() {
        match node.kind() {
            AstKind::StringLiteral(it) if matches!(it.value.as_str(), "vm" | "node:vm") => {
                let quote = program.source(it.span).chars().next()?;
                edits.push(Edit::replace(it.span, format!("{quote}sandtide/vm{quote}")));
            }
            _ => {}
        }
    }
    for call in calls {
        let Some(path) = program.path(call.callee) else { continue };
        if !path.starts_with("vm.") {
            continue;
        }
        if path != "vm.runInNewContext" || call.has_spread() || call.arguments.len() > 3 {
            return None;
        }
        uses += 1;
        // A sandbox that has a name may be read afterwards; a function may answer a promise.
        let plain = match call.argument(1).map(inner) {
            None => true,
            Some(Expression::ObjectExpression(it)) => it.properties.iter().all(|it| match it {
                ObjectPropertyKind::ObjectProperty(it) => {
                    key_name(&it.key).is_some()
                        && it.kind == PropertyKind::Init
                        && !as_function_value(program, &it.value)
                }
                ObjectPropertyKind::SpreadProperty(_) => false,
            }),
            _ => false,
        };
        let known = match call.argument(2).map(inner) {
            None | Some(Expression::StringLiteral(_)) => true,
            Some(Expression::ObjectExpression(it)) => it.properties.iter().all(|it| match it {
                ObjectPropertyKind::ObjectProperty(it) => {
                    matches!(key_name(&it.key), Some("filename" | "timeout"))
                }
                ObjectPropertyKind::SpreadProperty(_) => false,
            }),
            _ => false,
        };
        if !plain || !known {
            return None;
        }
    }
    // Whatever else is done with the module: it is given away, or other members are read.
    let mentions = program
        .nodes_again()
        .filter(|node| match node.kind() {
            AstKind::IdentifierReference(it) => program.symbol(it).is_some_and(|symbol| {
                program
                    .bound(symbol)
                    .is_some_and(|(value, _)| program.path(value).as_deref() == Some("vm"))
                    || is_import_of_vm(program, symbol)
            }),
            _ => false,
        })
        .count();
    let all = !program.work().is_used_up();
    (all && edits.len() == 1 && uses == mentions).then_some((TITLE, edits))
}

fn is_import_of_vm(program: &Program<'_, '_>, symbol: oxc_semantic::SymbolId) -> bool {
    let declaration = program.scoping().symbol_declaration(symbol);
    program
        .nodes()
        .ancestor_kinds(declaration)
        .take(2)
        .chain([program.nodes().kind(declaration)])
        .any(|kind| match kind {
            AstKind::ImportDeclaration(it) => matches!(it.source.value.as_str(), "vm" | "node:vm"),
            _ => false,
        })
}

/// Whether a property is a function that is written there, and asynchronous.
fn as_function_value<'a>(program: &Program<'_, 'a>, value: &'a Expression<'a>) -> bool {
    match program.value(value) {
        Expression::FunctionExpression(it) => it.r#async || it.generator,
        Expression::ArrowFunctionExpression(it) => it.r#async,
        Expression::ClassExpression(_) | Expression::NewExpression(_) => true,
        Expression::Identifier(name) => program.symbol(name).is_some_and(|symbol| {
            let kind = program.nodes().kind(program.scoping().symbol_declaration(symbol));
            matches!(kind, AstKind::Class(_))
                || as_function(kind).is_some()
                    && matches!(kind, AstKind::Function(it) if it.r#async || it.generator)
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{NONE, changed, fix, lines};

    fn found(source: &str) -> Vec<u32> {
        lines("context-per-call", source)
    }

    #[test]
    fn contexts_of_requests_calls_and_turns_are_found() {
        for source in [
            "import { createContext, runInContext } from 'vm'\n\
             app.get('/', (req, res) => {\n\
             const c = createContext({})\nres.send(runInContext(CODE, c)) })",
            "const vm = require('node:vm'), http = require('http'); function go(x) {\n\n\
             vm.runInNewContext('a', { x }) }\nhttp.createServer((q, s) => go(q.url))",
            "const express = require('express'), vm = require('vm')\nconst app = express()\n\
             app.post('/', (a, b) => b.send(vm.runInNewContext('a', {})))",
            "const vm_1 = __importDefault(require('vm'))\nfor (const it of rules) {\n\
             (0, vm_1.default.runInNewContext)(it) }",
            "const vm = require('vm')\nrules.forEach(\nit => vm.runInNewContext('a', { it }))",
            "const { VM } = require('vm2')\nexports.run = (req, res) => {\nnew VM().run('1') }",
            "const ivm = require('isolated-vm')\nprocess.on('message', async (code) => {\n\
             const i = new ivm.Isolate(); const c = await i.createContext(); await c.eval(code) })",
            "const vm = require('vm')\nexports.f = function f(code) {\n\
             const c = vm.createContext({}); return vm.runInContext(code, c) }",
            "const vm = require('vm')\nclass A { go(code) {\n\
             return new vm.Script(code).runInNewContext({}) } }",
        ] {
            assert_eq!(found(source), [3], "{source}");
        }
    }

    #[test]
    fn contexts_that_are_made_once_or_kept_are_let_be() {
        for source in [
            "const vm = require('vm'); const c = vm.createContext({}); vm.runInContext('a', c)",
            "const vm = require('vm'); let c; function get(code) { if (!c) c = vm.createContext({}); vm.runInContext(code, c) }",
            "const vm = require('vm'); function make(code) { return vm.createContext({ code }) }",
            "const vm = require('vm'); class A { constructor(code) { this.c = vm.createContext({}) } }",
            "const vm = require('vm'); function init() { vm.runInNewContext('1') } init()",
            "const vm = require('vm'); for (const a of ['x', 'y']) vm.runInNewContext(a)",
            "const vm = require('vm'); function config(file) { return vm.runInNewContext(fs.readFileSync(file)) }",
            "const vm = mine(); http.createServer((req, res) => vm.runInNewContext('a'))",
            "const vm = require('vm'); function f(code) { const c = vm.createContext({}); vm.runInContext(code, c); return { c } }",
            "for (;;) { const c = canvas.createContext() }",
        ] {
            assert_eq!(found(source), NONE, "{source}");
        }
    }

    #[test]
    fn the_module_is_replaced_where_only_data_crosses() {
        let source = "const vm = require('node:vm')\n\
                      exports.f = function f(code, a) { return vm.runInNewContext(code, { a }, { timeout: 9 }) }";
        let (added, removed) = changed("context-per-call", source);
        assert_eq!(added, ["const vm = require('sandtide/vm')"]);
        assert_eq!(removed, ["const vm = require('node:vm')"]);
        for other in [
            "vm.runInNewContext(code, sandbox)",
            "vm.runInNewContext(code, { async f() {} })",
            "vm.runInNewContext(code, {}, { importModuleDynamically })",
            "vm.runInNewContext(code, {}); vm.runInThisContext('a')",
            "vm.runInNewContext(code, {}); other(vm)",
            "new vm.Script(code).runInNewContext({})",
        ] {
            let source =
                format!("const vm = require('vm')\nfunction f(code, sandbox) {{ {other} }}");
            assert_eq!(found(&source), [2], "{source}");
            assert_eq!(fix("context-per-call", &source), None, "{source}");
        }
    }
}
