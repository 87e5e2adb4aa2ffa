//! `regexp-backtracking`: a regular expression that takes exponential time is applied to input.

use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{About, Found, Rule};
use crate::{
    Severity,
    origin::{Origin, origin},
    program::{Call, Program, inner},
    regexp::exponential,
};

pub(crate) struct RegexpBacktracking;

static ABOUT: About = About {
    name: "regexp-backtracking",
    severity: Severity::Error,
    finds: "a regular expression that takes exponential time on some text is applied to text that is not the program's own",
    cost: "one of our own took four times as long for each two characters more, and 1.2 s for 26; nothing else runs \
           meanwhile",
    source: "Node 20.20; `node --expose-gc crates/lint/figures.mjs`",
    remedy: "rewrite it so that there is one way only through each text (`(?:a+)+` is `a+`), or bound the input's length; \
             `sandtide` ends a run within a regular expression, too",
    bad: "exports.isList = function isList(text) {\n  return /^(?:\\w+,?)+$/.test(text);\n};\n",
    good: "exports.isList = function isList(text) {\n  return /^\\w+(?:,\\w+)*,?$/.test(text);\n};\n",
};

impl Rule for RegexpBacktracking {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, program: &Program<'_, '_>, found: &mut Found) {
        for node in program.nodes().iter() {
            let (span, pattern, flags): (Span, &str, String) = match node.kind() {
                AstKind::RegExpLiteral(it) => {
                    (it.span, it.regex.pattern.text.as_str(), it.regex.flags.to_string())
                }
                kind => {
                    let Some(it) = crate::program::as_call_kind(kind)
                        .and_then(|call| constructed(program, call))
                    else {
                        continue;
                    };
                    it
                }
            };
            if !is_applied(program, node.id(), span) {
                continue;
            }
            let Some(exponential) = exponential(pattern, &flags, program.work()) else { continue };
            let pump: String = exponential.pump.escape_debug().take(40).collect();
            let message = format!(
                "this regular expression takes exponential time on text that repeats `{pump}` and then does not match"
            );
            found.add(span, message);
        }
    }
}

/// `new RegExp('…')`
fn constructed<'a>(program: &Program<'_, 'a>, call: Call<'a>) -> Option<(Span, &'a str, String)> {
    if program.path(call.callee)? != "global:RegExp" {
        return None;
    }
    let text = |index| match program.value(call.argument(index)?) {
        Expression::StringLiteral(it) => Some(it.value.as_str()),
        _ => None,
    };
    let flags = match call.arguments.len() {
        1 => "",
        _ => text(1)?,
    };
    Some((call.span, text(0)?, flags.to_owned()))
}

/// Whether the expression at `id` is applied to something that the program does not hold itself.
fn is_applied<'a>(program: &Program<'_, 'a>, id: oxc_syntax::node::NodeId, span: Span) -> bool {
    if applied_at(program, id, span) {
        return true;
    }
    // By a name, or a field.
    match program.nodes().kind(program.parent(id)) {
        AstKind::VariableDeclarator(it) => match &it.id {
            BindingPattern::BindingIdentifier(name) => name.symbol_id.get().is_some_and(|symbol| {
                program.scoping().get_resolved_references(symbol).any(|reference| {
                    let id = reference.node_id();
                    applied_at(program, id, program.nodes().kind(id).span())
                })
            }),
            _ => false,
        },
        _ => false,
    }
}

fn applied_at(program: &Program<'_, '_>, id: oxc_syntax::node::NodeId, span: Span) -> bool {
    let nodes = program.nodes();
    let parent = program.parent(id);
    let foreign = |input: Option<&'_ Expression<'_>>| -> bool {
        input.is_some_and(|it| !matches!(inner(it), Expression::StringLiteral(_)))
    };
    match nodes.kind(parent) {
        AstKind::StaticMemberExpression(member) if inner(&member.object).span() == span => {
            if !matches!(member.property.name.as_str(), "test" | "exec") {
                return false;
            }
            let Some(call) = crate::program::as_call_kind(nodes.kind(program.parent(parent)))
            else {
                return false;
            };
            inner(call.callee).span() == member.span
                && foreign(call.argument(0))
                && call.argument(0).is_some_and(|it| origin(program, it) != Origin::Constant)
        }
        kind => {
            let Some(call) = crate::program::as_call_kind(kind) else { return false };
            let Expression::StaticMemberExpression(member) = inner(call.callee) else {
                return false;
            };
            let first = call.argument(0).is_some_and(|it| inner(it).span() == span);
            first
                && matches!(
                    member.property.name.as_str(),
                    "match" | "matchAll" | "replace" | "replaceAll" | "search" | "split"
                )
                && origin(program, &member.object) != Origin::Constant
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{NONE, lines};

    fn found(source: &str) -> Vec<u32> {
        lines("regexp-backtracking", source)
    }

    #[test]
    fn exponential_expressions_on_input_are_found() {
        for use_of in [
            "/^(a+)+$/.test(text)",
            "text.match(/^(a|a)*$/)",
            "text.trim().split(/(?:x+)+y/)",
            "new RegExp('^(a+)+$', 'i').exec(text)",
            "const r = /^(\\w+\\s?)+$/; if (r.test(text)) go()",
        ] {
            let source = format!("function f(text) {{\n{use_of} }}");
            assert_eq!(found(&source), [2], "{source}");
        }
    }

    #[test]
    fn other_expressions_and_text_of_the_program_are_let_be() {
        for use_of in [
            "/^a+$/.test(text)",
            "/^(a+)+$/.test('aaa')",
            "const r = /^(a+)+$/; go(text)",
            "new RegExp(text).test(text)",
            "const list = 'a,b'; list.split(/^(a+)+$/)",
        ] {
            let source = format!("function f(text) {{\n{use_of} }}");
            assert_eq!(found(&source), NONE, "{source}");
        }
    }
}
