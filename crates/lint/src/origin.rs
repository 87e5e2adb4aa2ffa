//! Where the value of an expression comes from, as far as one file tells.

use oxc_ast::{AstKind, ast::*};
use oxc_semantic::SymbolId;

use crate::{
    often,
    program::{Call, Func, Program, as_function, inner},
};

/// How deep expressions and names are followed.
const MAX_STEPS: u32 = 32;

/// Bytes of a template around code that somebody else wrote; with more of them the code is the file's own.
const MAX_WRAPPING: usize = 80;

/// Where a value comes from: of several sources the last of this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// The program's text.
    Constant,
    /// A file that the program reads.
    File,
    /// Nobody knows: another module, a callback.
    Unknown,
    /// A parameter of a function that others call.
    Parameter,
    /// A request or a message from outside.
    Request,
}

/// What callbacks are given by these modules comes from files.
const FILES: [&str; 5] = ["fs", "fs/promises", "fs-extra", "graceful-fs", "module"];

/// Where the value of `expr` comes from.
pub(crate) fn origin<'a>(program: &Program<'_, 'a>, expr: &'a Expression<'a>) -> Origin {
    of(program, expr, MAX_STEPS)
}

fn of<'a>(program: &Program<'_, 'a>, expr: &'a Expression<'a>, steps: u32) -> Origin {
    let Some(steps) = steps.checked_sub(1) else { return Origin::Unknown };
    if !program.work().take(1) {
        return Origin::Unknown;
    }
    let of = |expr: &'a Expression<'a>| of(program, expr, steps);
    match inner(expr) {
        Expression::StringLiteral(_)
        | Expression::NumericLiteral(_)
        | Expression::BooleanLiteral(_)
        | Expression::NullLiteral(_)
        | Expression::BigIntLiteral(_)
        | Expression::RegExpLiteral(_)
        | Expression::ArrowFunctionExpression(_)
        | Expression::FunctionExpression(_)
        | Expression::ClassExpression(_) => Origin::Constant,
        Expression::TemplateLiteral(it) => {
            let found = it.expressions.iter().map(of).max().unwrap_or(Origin::Constant);
            // A program of the file's own, into which names are put.
            let own: usize = it.quasis.iter().map(|it| it.value.raw.len()).sum();
            match found == Origin::Parameter && own > MAX_WRAPPING {
                true => Origin::Unknown,
                false => found,
            }
        }
        Expression::BinaryExpression(it) => of(&it.left).max(of(&it.right)),
        Expression::LogicalExpression(it) => of(&it.left).max(of(&it.right)),
        Expression::ConditionalExpression(it) => of(&it.consequent).max(of(&it.alternate)),
        Expression::UnaryExpression(_) | Expression::UpdateExpression(_) => Origin::Constant,
        Expression::AwaitExpression(it) => of(&it.argument),
        Expression::AssignmentExpression(it) => of(&it.right),
        Expression::SequenceExpression(it) => it.expressions.last().map_or(Origin::Unknown, of),
        Expression::ArrayExpression(it) => it
            .elements
            .iter()
            .map(|it| it.as_expression().map_or(Origin::Unknown, of))
            .max()
            .unwrap_or(Origin::Constant),
        Expression::ObjectExpression(it) => it
            .properties
            .iter()
            .map(|it| match it {
                ObjectPropertyKind::ObjectProperty(it) => of(&it.value),
                ObjectPropertyKind::SpreadProperty(it) => of(&it.argument),
            })
            .max()
            .unwrap_or(Origin::Constant),
        Expression::StaticMemberExpression(it) => {
            if it.property.name == "length" {
                Origin::Constant
            } else {
                of(&it.object)
            }
        }
        Expression::ComputedMemberExpression(it) => of(&it.object),
        Expression::ChainExpression(it) => match &it.expression {
            ChainElement::StaticMemberExpression(it) => of(&it.object),
            ChainElement::ComputedMemberExpression(it) => of(&it.object),
            ChainElement::CallExpression(it) => call(program, &it.callee, &it.arguments, steps),
            _ => Origin::Unknown,
        },
        Expression::CallExpression(it) => call(program, &it.callee, &it.arguments, steps),
        Expression::NewExpression(it) => call(program, &it.callee, &it.arguments, steps),
        Expression::Identifier(name) => match program.symbol(name) {
            None => Origin::Unknown,
            Some(symbol) => of_symbol(program, symbol, steps),
        },
        _ => Origin::Unknown,
    }
}

fn call<'a>(
    program: &Program<'_, 'a>,
    callee: &'a Expression<'a>,
    arguments: &'a [Argument<'a>],
    steps: u32,
) -> Origin {
    let path = program.path(callee);
    if path.as_deref().is_some_and(reads_files) {
        return Origin::File;
    }
    let mut found = arguments
        .iter()
        .filter_map(|it| it.as_expression())
        .map(|it| of(program, it, steps))
        .max()
        .unwrap_or(Origin::Constant);
    match inner(callee) {
        // A method answers from its object: `code.trim()`, `parts.join('')`.
        Expression::StaticMemberExpression(it) => {
            let object = of(program, &it.object, steps);
            let of_text = matches!(
                it.property.name.as_str(),
                "toString"
                    | "trim"
                    | "trimEnd"
                    | "trimStart"
                    | "replace"
                    | "replaceAll"
                    | "slice"
                    | "substring"
                    | "substr"
                    | "concat"
                    | "join"
                    | "map"
                    | "filter"
                    | "split"
                    | "toLowerCase"
                    | "toUpperCase"
                    | "repeat"
                    | "padStart"
                    | "padEnd"
                    | "valueOf"
                    | "text"
                    | "json"
            );
            // What another object makes of something is its own affair: `cache.get(key)`.
            if object == Origin::Request {
                return Origin::Request;
            }
            match of_text {
                true => object.max(found),
                false if path.as_deref() == Some("global:JSON.stringify") => found,
                false => Origin::Unknown,
            }
        }
        Expression::Identifier(name) => {
            // A function of the file, or another's: a value is made of what it is given, or it is its
            // own affair where it is given nothing.
            if arguments.is_empty() {
                return Origin::Unknown;
            }
            if program.symbol(name).is_some() && found == Origin::Constant {
                found = Origin::Unknown;
            }
            found
        }
        _ => Origin::Unknown,
    }
}

fn reads_files(path: &str) -> bool {
    let module = path.split('.').next().unwrap_or_default();
    FILES.contains(&module) || path == "global:require" || path.starts_with("global:require.")
}

fn of_symbol(program: &Program<'_, '_>, symbol: SymbolId, steps: u32) -> Origin {
    let nodes = program.nodes();
    let declaration = program.scoping().symbol_declaration(symbol);
    if let Some(function) = function_of_parameter(program, symbol) {
        return of_parameter(program, function, symbol);
    }
    match nodes.kind(declaration) {
        AstKind::VariableDeclarator(declarator) => {
            if let Some(values) = program.writes(symbol) {
                return values
                    .iter()
                    .map(|(value, _)| of(program, value, steps))
                    .max()
                    .unwrap_or(Origin::Unknown);
            }
            // A pattern, a loop or `+=`: what it begins with, and what is added.
            let mut found = match &declarator.init {
                Some(init) => of(program, init, steps),
                None => Origin::Unknown,
            };
            for reference in program.scoping().get_resolved_references(symbol) {
                if !program.work().take(1) {
                    return Origin::Unknown;
                }
                if reference.is_write() {
                    found = found.max(match nodes.parent_kind(reference.node_id()) {
                        AstKind::AssignmentExpression(it) => of(program, &it.right, steps),
                        _ => Origin::Unknown,
                    });
                }
            }
            found
        }
        AstKind::Function(_) | AstKind::Class(_) => Origin::Constant,
        _ => Origin::Unknown,
    }
}

/// The function whose parameter a symbol is.
pub(crate) fn function_of_parameter<'a>(
    program: &Program<'_, 'a>,
    symbol: SymbolId,
) -> Option<Func<'a>> {
    let nodes = program.nodes();
    let declaration = program.scoping().symbol_declaration(symbol);
    let span = program.scoping().symbol_span(symbol);
    let function = std::iter::once(declaration)
        .chain(nodes.ancestor_ids(declaration))
        .take_while(|_| program.work().take(1))
        .find_map(|id| as_function(nodes.kind(id)))?;
    let params = function.params.span;
    (params.start <= span.start && span.end <= params.end).then_some(function)
}

fn of_parameter<'a>(program: &Program<'_, 'a>, function: Func<'a>, symbol: SymbolId) -> Origin {
    if let Some(handler) = often::handler(program, function) {
        return match handler.is_data(program.scoping().symbol_span(symbol)) {
            true => Origin::Request,
            false => Origin::Unknown,
        };
    }
    // What a callback is given is known to who calls it.
    if let Some(call) = often::callback_of(program, function) {
        return of_callback(program, call);
    }
    match program.function_name(function) {
        Some(_) => Origin::Parameter,
        None => Origin::Unknown,
    }
}

fn of_callback<'a>(program: &Program<'_, 'a>, call: Call<'a>) -> Origin {
    match program.path(call.callee).as_deref().is_some_and(reads_files) {
        true => Origin::File,
        false => Origin::Unknown,
    }
}
