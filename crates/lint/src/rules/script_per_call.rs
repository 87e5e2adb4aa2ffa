//! `script-per-call`: a script whose source does not change is compiled again and again.

use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{About, Found, Rule};
use crate::{
    Severity, evaluate,
    fix::Edit,
    often::{Often, often},
    origin::{Origin, origin},
    program::{Call, Program, inner},
};

pub(crate) struct ScriptPerCall;

static ABOUT: About = About {
    name: "script-per-call",
    severity: Severity::Warning,
    finds: "the same source is compiled for each request, each call, or in a loop",
    cost: "a run of six lines took 18 us with compiling and 6.5 us without, though V8 had them in its cache; 108 us where each \
           source was another",
    source: "Node 20.20; `node --expose-gc crates/lint/figures.mjs`",
    remedy: "compile once, outside, and run the script; with `sandtide`, `Script.compile` once and `pool.run` often",
    bad: "const vm = require('vm');\nhttp.createServer((req, res) => {\n  const script = new vm.Script('price(order)');\n  res.end(script.runInContext(context));\n});\n",
    good: "const vm = require('vm');\nconst script = new vm.Script('price(order)');\nhttp.createServer((req, res) => {\n  res.end(script.runInContext(context));\n});\n",
};

impl Rule for ScriptPerCall {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, program: &Program<'_, '_>, found: &mut Found) {
        for call in program.calls() {
            let path = program.path(call.callee).unwrap_or_default();
            let compiled = match path.as_str() {
                "vm.Script" if call.is_new => "new vm.Script",
                "vm.compileFunction" => "vm.compileFunction",
                "vm.runInContext" => "vm.runInContext",
                "vm.runInNewContext" => "vm.runInNewContext",
                "vm.runInThisContext" => "vm.runInThisContext",
                _ => continue,
            };
            let Some(source) = call.argument(0) else { continue };
            if origin(program, source) != Origin::Constant || !is_fixed(program, source) {
                continue;
            }
            let when = often(program, call.id);
            let counts = match when {
                Often::Once => false,
                Often::Request | Often::Turn => true,
                // Who compiles once and keeps it does so in a function, too.
                Often::Call(_) => compiled == "new vm.Script" && is_run_at_once(program, call),
            };
            if counts && !is_kept(program, call) {
                let message = format!("`{compiled}` compiles the same source {}", when.said());
                let edits = hoist(program, call);
                found.add_with(call.span, message, edits.map(|it| (TITLE, it)));
            }
        }
    }
}

/// Whether a source is written out, or a name for what is.
fn is_fixed<'a>(program: &Program<'_, 'a>, source: &'a Expression<'a>) -> bool {
    match program.value(source) {
        Expression::StringLiteral(_) => true,
        Expression::TemplateLiteral(it) => it.expressions.iter().all(|it| is_fixed(program, it)),
        Expression::BinaryExpression(it) => {
            is_fixed(program, &it.left) && is_fixed(program, &it.right)
        }
        Expression::NumericLiteral(_) => true,
        _ => false,
    }
}

/// Whether an argument is written out: a literal, or an object of such.
fn is_literal(expr: &Expression<'_>) -> bool {
    match inner(expr) {
        Expression::StringLiteral(_)
        | Expression::NumericLiteral(_)
        | Expression::BooleanLiteral(_)
        | Expression::NullLiteral(_) => true,
        Expression::ObjectExpression(it) => it.properties.iter().all(|it| match it {
            ObjectPropertyKind::ObjectProperty(it) => {
                it.kind == PropertyKind::Init && !it.computed && is_literal(&it.value)
            }
            ObjectPropertyKind::SpreadProperty(_) => false,
        }),
        _ => false,
    }
}

fn is_run_at_once<'a>(program: &Program<'_, 'a>, call: Call<'a>) -> bool {
    program.calls().any(|it| {
        evaluate::run(program, it).is_some()
            && evaluate::receiver(it).is_some_and(|it| program.value(it).span() == call.span)
            && program.functions_around(it.id).next().map(|it| it.span)
                == program.functions_around(call.id).next().map(|it| it.span)
    })
}

/// Whether the script is assigned to something that outlives the function: `script ??= new vm.Script(…)`.
fn is_kept<'a>(program: &Program<'_, 'a>, call: Call<'a>) -> bool {
    match program.nodes().kind(program.parent(call.id)) {
        AstKind::AssignmentExpression(_)
        | AstKind::LogicalExpression(_)
        | AstKind::ConditionalExpression(_)
        | AstKind::ObjectProperty(_) => evaluate::run(program, call).is_none(),
        _ => false,
    }
}

const TITLE: &str = "Compiles the script once, when the module is loaded.";

/// Moves `const name = new vm.Script(…)` before the statement of the module that it is in.
fn hoist<'a>(program: &Program<'_, 'a>, call: Call<'a>) -> Option<Vec<Edit>> {
    let nodes = program.nodes();
    let AstKind::VariableDeclarator(declarator) = nodes.parent_kind(call.id) else { return None };
    let BindingPattern::BindingIdentifier(name) = &declarator.id else { return None };
    let declaration_id = nodes.parent_id(declarator.node_id.get());
    let AstKind::VariableDeclaration(declaration) = nodes.kind(declaration_id) else {
        return None;
    };
    if declaration.kind != VariableDeclarationKind::Const || declaration.declarations.len() != 1 {
        return None;
    }
    // Nothing may be taken from the function, nor from what the module has only later.
    let mut statement = None;
    for id in std::iter::once(declaration_id).chain(nodes.ancestor_ids(declaration_id)) {
        if matches!(nodes.parent_kind(id), AstKind::Program(_)) {
            statement = Some(nodes.kind(id).span());
            break;
        }
    }
    let at = statement?.start;
    for node in program.nodes_again() {
        let AstKind::IdentifierReference(it) = node.kind() else { continue };
        if it.span.start < call.span.start || call.span.end < it.span.end {
            continue;
        }
        let Some(symbol) = program.symbol(it) else { continue };
        let declared = program.scoping().symbol_span(symbol);
        let of_module =
            program.scoping().symbol_scope_id(symbol) == program.scoping().root_scope_id();
        if !of_module || declared.start >= at {
            return None;
        }
    }
    // Nor what only the call has (`this`, `arguments`, `await`), nor what changes from call to call.
    if !call.arguments.iter().skip(1).all(|it| it.as_expression().is_some_and(is_literal)) {
        return None;
    }
    // Another of that name, in the module or on the way to it.
    let scoping = program.scoping();
    program.work().take(scoping.symbols_len() as u64).then_some(())?;
    let taken = scoping.symbol_ids().any(|symbol| {
        scoping.symbol_name(symbol) == name.name.as_str() && Some(symbol) != name.symbol_id.get()
    });
    if taken
        || scoping.root_unresolved_references().keys().any(|it| it.as_str() == name.name.as_str())
    {
        return None;
    }
    let text = program.text;
    let span = declaration.span;
    let line_start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[span.end as usize..].find('\n').map(|it| span.end as usize + it + 1)?;
    let alone = text[line_start..span.start as usize].trim().is_empty()
        && text[span.end as usize..line_end].trim().is_empty();
    if !alone || text[..at as usize].rfind('\n').map_or(0, |it| it + 1) != at as usize {
        return None;
    }
    let source = program.source(span);
    // Its further lines would keep the indentation of the function, and templates must.
    if source.contains('\n') {
        return None;
    }
    let whole = Span::new(line_start as u32, line_end as u32);
    Some(vec![Edit::insert(at, format!("{source}\n\n")), Edit::replace(whole, "")])
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{NONE, changed, fix, lines};

    fn found(source: &str) -> Vec<u32> {
        lines("script-per-call", source)
    }

    #[test]
    fn sources_that_do_not_change_are_found() {
        for source in [
            "const vm = require('vm'), CODE = 'a' + 'b'\nhttp.createServer((req, res) => {\n\
             vm.runInContext(CODE, c) })",
            "import { Script } from 'vm'\nfor (const c of contexts)\n\
             new Script(`a()`).runInContext(c)",
            "const vm = require('vm')\nexports.f = function f(c) {\n\
             const s = new vm.Script('a()')\ns.runInContext(c) }",
        ] {
            assert_eq!(found(source), [3], "{source}");
        }
    }

    #[test]
    fn sources_that_change_and_scripts_that_are_kept_are_let_be() {
        for source in [
            "const vm = require('vm'); const s = new vm.Script('a'); for (;;) s.runInContext(c)",
            "const vm = require('vm'); http.createServer((req, res) => vm.runInContext(rules[req.url], c))",
            "const vm = require('vm'); let s; function f() { s ??= new vm.Script('a'); s.runInContext(c) }",
            "const vm = require('vm'); function f() { return new vm.Script('a') }",
            "const vm = require('vm'); function f() { vm.runInThisContext('a') }",
            "const vm = require('vm'); for (const name of names) vm.runInContext(`load(${name})`, c)",
        ] {
            assert_eq!(found(source), NONE, "{source}");
        }
    }

    #[test]
    fn the_script_is_moved_before_the_statement_of_the_module() {
        let source = "const vm = require('vm');\nconst c = vm.createContext();\n\n\
                      exports.f = function f() {\n  const rule = new vm.Script('a()', { filename: 'x' });\n  rule.runInContext(c);\n};\n";
        let (added, removed) = changed("script-per-call", source);
        assert_eq!(added, ["const rule = new vm.Script('a()', { filename: 'x' });", ""]);
        assert_eq!(removed, ["  const rule = new vm.Script('a()', { filename: 'x' });"]);
        for body in [
            "  const rule = new vm.Script(A);\n  rule.runInContext(c);\n}\nconst A = 'a';\n",
            "  const rule = new vm.Script('a', { filename: this.name });\n  rule.runInContext(c);\n}\n",
            "  const rule = new vm.Script('a', { filename: next() });\n  rule.runInContext(c);\n}\n",
            "  const rule = new vm.Script('a', { filename: arguments[0] });\n  rule.runInContext(c);\n}\n",
            "  const rule = new vm.Script('a', { get filename() { return 'b' } });\n  rule.runInContext(c);\n}\n",
            "  const rule = new vm.Script('a', { [NAME]: 'b' });\n  rule.runInContext(c);\n}\n",
            "  const rule = new vm.Script('a', options);\n  rule.runInContext(c);\n}\n",
            "  const rule = new vm.Script('a');\n  rule.runInContext(c);\n}\nconst rule = 1;\n",
            "  const rule = new vm.Script('a'); rule.runInContext(c);\n}\n",
            "  let rule = new vm.Script('a');\n  rule.runInContext(c);\n}\n",
        ] {
            let source = format!("const vm = require('vm');\nfunction f(options, c) {{\n{body}");
            assert_eq!(found(&source), [3], "{source}");
            assert_eq!(fix("script-per-call", &source), None, "{source}");
        }
    }
}
