//! `eval-on-input`: what came with a request is evaluated in the process itself.

use oxc_ast::ast::Expression;

use super::{About, Found, Rule};
use crate::{
    Severity, evaluate,
    origin::{Origin, origin},
    program::{Program, inner},
};

pub(crate) struct EvalOnInput;

static ABOUT: About = About {
    name: "eval-on-input",
    severity: Severity::Error,
    finds: "`eval`, `Function` or `runInThisContext` evaluates data of a request",
    cost: "whoever sends the request has the process: its files, its environment, its memory",
    source: "by definition: the code runs in the main realm, with `process` in reach",
    remedy: "parse the data instead (`JSON.parse`); where it has to be code, run it with `sandtide` behind the process wall",
    bad: "app.post('/', (req, res) => {\n  res.json(eval(req.body.formula));\n});\n",
    good: "app.post('/', (req, res) => {\n  res.json(JSON.parse(req.body.formula));\n});\n",
};

impl Rule for EvalOnInput {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, program: &Program<'_, '_>, found: &mut Found) {
        for call in program.calls() {
            let path = program.path(call.callee).unwrap_or_default();
            let name = match path.as_str() {
                "global:eval" | "global:globalThis.eval" | "global:global.eval" if !call.is_new => {
                    "eval"
                }
                "global:Function" | "global:globalThis.Function" => "Function",
                "global:setTimeout" | "global:setInterval" => {
                    // Node takes functions only; browsers and bundles take text.
                    continue;
                }
                _ => match evaluate::run(program, call) {
                    Some(run) if run.in_this_context => run.name,
                    _ => continue,
                },
            };
            let is_run = evaluate::run(program, call);
            let code: Vec<&Expression<'_>> = match is_run {
                Some(run) => run.code.into_iter().collect(),
                None => call.arguments.iter().filter_map(|it| it.as_expression()).collect(),
            };
            if code.iter().any(|it| origin(program, inner(it)) == Origin::Request) {
                found.add(call.span, format!("`{name}` evaluates data of a request"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{NONE, lines};

    fn found(source: &str) -> Vec<u32> {
        lines("eval-on-input", source)
    }

    #[test]
    fn code_of_requests_is_found() {
        for code in [
            "eval(req.query.code)",
            "new Function('a', req.body.code)",
            "Function(`return ${req.params.x}`)()",
            "(0, eval)(req.headers['x-code'])",
            "const { code } = req.body; eval(`(${code.trim()})`)",
            "vm.runInThisContext(req.body)",
            "new vm.Script(req.body).runInThisContext()",
            "const text = JSON.stringify(req.body); eval('(' + text + ')')",
        ] {
            let source = format!(
                "const vm = require('vm')\napp.get('/', async (req, res) => {{\n{code} }})"
            );
            assert_eq!(found(&source), [3], "{source}");
        }
        let source = "exports.handler = async (event, context) =>\neval(event.body)";
        assert_eq!(found(source), [2]);
        let source = "const Koa = require('koa'), app = new Koa()\napp.use(async (ctx) => {\nctx.body = eval(ctx.query.a) })";
        assert_eq!(found(source), [3]);
    }

    #[test]
    fn code_of_the_program_is_let_be() {
        for code in [
            "eval('1 + 1')",
            "new Function('a', 'return a')(req.body)",
            "eval(templates[name])",
            "evaluate(req.body)",
            "res.eval(req.body)",
            "res.send(req.body); eval(res.locals.code)",
        ] {
            let source = format!("app.get('/', (req, res) => {{\n{code} }})");
            assert_eq!(found(&source), NONE, "{source}");
        }
        assert_eq!(found("function f(code) { return eval(code) }"), NONE);
        assert_eq!(
            found("import { eval as e } from 'x'; app.get('/', (req, res) => e(req.body))"),
            NONE
        );
    }
}
