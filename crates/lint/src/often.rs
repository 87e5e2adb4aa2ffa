//! How often a piece of code runs: once, for each call of a function, for each request, or in a loop.

use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};
use oxc_syntax::node::NodeId;

use crate::program::{Call, Func, Program, as_call_kind, as_function, inner};

/// How many calls are followed from a function to a handler.
const MAX_CALLS: u32 = 4;

/// How often something runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Often {
    /// When the module is loaded, or a function that only loading calls.
    Once,
    /// With each call of a function, of which the file does not tell who calls it.
    Call(String),
    /// In each turn of a loop, or for each element.
    Turn,
    /// For each request or message.
    Request,
}

impl Often {
    /// How a message says it.
    pub(crate) fn said(&self) -> String {
        match self {
            Often::Once => "once".to_owned(),
            Often::Call(name) => format!("with each call of `{name}`"),
            Often::Turn => "in each turn of a loop".to_owned(),
            Often::Request => "for each request".to_owned(),
        }
    }
}

/// A function that is called for each request or message.
#[derive(Clone, Copy)]
pub(crate) struct Handler {
    data: Span,
}

impl Handler {
    /// Whether the parameter at `span` holds what came from outside.
    pub(crate) fn is_data(&self, span: Span) -> bool {
        self.data.start <= span.start && span.end <= self.data.end
    }
}

/// Objects whose methods take handlers.
const ROUTERS: [&str; 13] = [
    "express()",
    "express.Router()",
    "express.default()",
    "fastify()",
    "koa()",
    "koa-router()",
    "@koa/router()",
    "router()",
    "hono.Hono()",
    "polka()",
    "connect()",
    "restify.createServer()",
    "itty-router.Router()",
];
const ROUTES: [&str; 10] =
    ["get", "post", "put", "patch", "delete", "all", "use", "options", "head", "route"];
const SERVERS: [&str; 5] = [
    "http.createServer",
    "https.createServer",
    "http2.createServer",
    "http2.createSecureServer",
    "http.Server",
];
/// Methods that call a function for each element.
const EACH: [&str; 10] = [
    "forEach",
    "map",
    "flatMap",
    "filter",
    "some",
    "every",
    "find",
    "findIndex",
    "reduce",
    "reduceRight",
];

const REQUESTS: [&str; 3] = ["req", "request", "_req"];
const RESPONSES: [&str; 6] = ["res", "response", "reply", "rep", "_res", "resp"];

/// The call that a function is given to.
pub(crate) fn callback_of<'a>(program: &Program<'_, 'a>, function: Func<'a>) -> Option<Call<'a>> {
    let call = as_call_kind(program.nodes().kind(program.parent(function.id)))?;
    let given = call
        .arguments
        .iter()
        .take_while(|_| program.work().take(1))
        .any(|it| it.as_expression().is_some_and(|it| inner(it).span() == function.span));
    given.then_some(call)
}

/// Whether a function is called for each request or message, and what of its parameters came with it.
pub(crate) fn handler<'a>(program: &Program<'_, 'a>, function: Func<'a>) -> Option<Handler> {
    program.work().take(function.params.items.len() as u64).then_some(())?;
    let params: Vec<(Option<&str>, Span)> =
        function.params.items.iter().map(|it| (parameter_name(&it.pattern), it.span)).collect();
    let is = |at: usize, names: &[&str]| {
        params.get(at).and_then(|it| it.0).is_some_and(|name| names.contains(&name))
    };
    // `(req, res)`, `(error, req, res, next)`, wherever they are registered.
    for (at, (_, span)) in params.iter().enumerate().take(2) {
        if is(at, &REQUESTS) && is(at + 1, &RESPONSES) {
            return Some(Handler { data: *span });
        }
    }
    let first = params.first().map(|it| it.1);
    if let Some(call) = callback_of(program, function) {
        let data = first.unwrap_or(Span::new(0, 0));
        let path = program.path(call.callee).unwrap_or_default();
        if SERVERS.contains(&path.as_str()) {
            return Some(Handler { data });
        }
        if let Some((object, method)) = path.rsplit_once('.')
            && ROUTES.contains(&method)
            && ROUTERS.contains(&object)
        {
            return Some(Handler { data });
        }
        if let Expression::StaticMemberExpression(it) = inner(call.callee)
            && matches!(it.property.name.as_str(), "on" | "addListener")
            && let Some(Expression::StringLiteral(event)) = call.argument(0).map(inner)
        {
            let object = program.path(&it.object).unwrap_or_default();
            let of_server = event.value == "request";
            let of_messages = event.value == "message"
                && (object == "global:process"
                    || object == "worker_threads.parentPort"
                    || object.starts_with("ws."));
            if of_server || of_messages {
                return Some(Handler { data });
            }
        }
        return None;
    }
    // `exports.handler = async (event, context) => …`
    if program.function_name(function) == Some("handler") && is(0, &["event"]) {
        return Some(Handler { data: first? });
    }
    None
}

fn parameter_name<'a>(pattern: &'a BindingPattern<'a>) -> Option<&'a str> {
    match pattern {
        BindingPattern::BindingIdentifier(it) => Some(it.name.as_str()),
        BindingPattern::AssignmentPattern(it) => parameter_name(&it.left),
        _ => None,
    }
}

/// How often the code at `id` runs.
pub(crate) fn often(program: &Program<'_, '_>, id: NodeId) -> Often {
    of(program, id, MAX_CALLS)
}

fn of(program: &Program<'_, '_>, id: NodeId, calls: u32) -> Often {
    let nodes = program.nodes();
    let at = nodes.kind(id).span();
    for ancestor in nodes.ancestors(id) {
        if !program.work().take(1) {
            return Often::Once;
        }
        let kind = ancestor.kind();
        if turns(program, kind, at) {
            return Often::Turn;
        }
        let Some(function) = as_function(kind) else { continue };
        // A default of a parameter runs within the call as well.
        if handler(program, function).is_some() {
            return Often::Request;
        }
        if let Some(call) = callback_of(program, function) {
            let method = match inner(call.callee) {
                Expression::StaticMemberExpression(it) => it.property.name.as_str(),
                _ => "",
            };
            let path = program.path(call.callee).unwrap_or_default();
            if EACH.contains(&method) && !of_few(program, call) || path == "global:setInterval" {
                return Often::Turn;
            }
            // What else calls it runs about as often as what gives it away.
            continue;
        }
        if as_call_kind(nodes.kind(program.parent(function.id)))
            .is_some_and(|call| inner(call.callee).span() == function.span)
        {
            continue;
        }
        return of_function(program, function, calls);
    }
    Often::Once
}

/// Of a function with a name: what its callers in the file tell, or that it is called.
fn of_function<'a>(program: &Program<'_, 'a>, function: Func<'a>, calls: u32) -> Often {
    let name = program.function_name(function).unwrap_or("a function").to_owned();
    let Some(calls) = calls.checked_sub(1) else { return Often::Call(name) };
    if let AstKind::MethodDefinition(it) = program.nodes().parent_kind(function.id)
        && it.kind == MethodDefinitionKind::Constructor
    {
        return Often::Call(format!("new {}", class_name(program, function).unwrap_or("a class")));
    }
    let Some(symbol) = program.function_symbol(function) else { return Often::Call(name) };
    let mut only_loading = true;
    let mut called = false;
    for reference in program.scoping().get_resolved_references(symbol) {
        if !program.work().take(1) {
            return Often::Once;
        }
        let parent = program.parent(reference.node_id());
        let called_here = as_call_kind(program.nodes().kind(parent)).filter(|call| {
            inner(call.callee).span() == program.nodes().kind(reference.node_id()).span()
        });
        match called_here {
            Some(call) => {
                called = true;
                // A function that calls itself tells nothing.
                let within =
                    function.span.start <= call.span.start && call.span.end <= function.span.end;
                if within {
                    continue;
                }
                match of(program, call.id, calls) {
                    Often::Request => return Often::Request,
                    Often::Once => {}
                    _ => only_loading = false,
                }
            }
            None => only_loading = false,
        }
    }
    let exported = program.nodes().ancestor_kinds(function.id).take(3).any(|kind| {
        matches!(kind, AstKind::ExportDeclaration(_) | AstKind::ExportDefaultDeclaration(_))
    });
    match called && only_loading && !exported {
        true => Often::Once,
        false => Often::Call(name),
    }
}

fn class_name<'a>(program: &Program<'_, 'a>, function: Func<'a>) -> Option<&'a str> {
    program.nodes().ancestor_kinds(function.id).find_map(|kind| match kind {
        AstKind::Class(it) => it.id.as_ref().map(|id| id.name.as_str()),
        _ => None,
    })
}

/// Whether `kind` is a loop that has what stands at `at` in each of its turns.
fn turns<'a>(program: &Program<'_, 'a>, kind: AstKind<'a>, at: Span) -> bool {
    let within = |span: Span| span.start <= at.start && at.end <= span.end;
    match kind {
        AstKind::ForStatement(it) => {
            !it.init.as_ref().is_some_and(|init| within(init.span())) && !ends(&it.body)
        }
        AstKind::WhileStatement(it) => !ends(&it.body),
        AstKind::DoWhileStatement(it) => {
            !ends(&it.body)
                && !matches!(inner(&it.test), Expression::BooleanLiteral(it) if !it.value)
        }
        AstKind::ForOfStatement(it) => {
            within(it.body.span()) && !few(program, &it.right) && !ends(&it.body)
        }
        AstKind::ForInStatement(it) => within(it.body.span()) && !ends(&it.body),
        _ => false,
    }
}

/// Whether a loop's body always ends the loop.
fn ends(body: &Statement<'_>) -> bool {
    match body {
        Statement::BlockStatement(it) => it.body.last().is_some_and(ends),
        Statement::BreakStatement(_)
        | Statement::ReturnStatement(_)
        | Statement::ThrowStatement(_) => true,
        _ => false,
    }
}

/// Whether the elements are written out in the program.
fn few<'a>(program: &Program<'_, 'a>, of: &'a Expression<'a>) -> bool {
    matches!(program.value(of), Expression::ArrayExpression(_))
}

fn of_few<'a>(program: &Program<'_, 'a>, call: Call<'a>) -> bool {
    match inner(call.callee) {
        Expression::StaticMemberExpression(it) => few(program, &it.object),
        _ => false,
    }
}
