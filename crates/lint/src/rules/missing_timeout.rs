//! `missing-timeout`: code that is not the program's own runs without a time limit.

use oxc_ast::ast::Expression;
use oxc_span::GetSpan;

use super::{About, Found, Rule};
use crate::{
    Severity,
    evaluate::{self, Options, Run},
    fix::Edit,
    origin::Origin,
    program::{Call, Program, inner, property},
};

pub(crate) struct MissingTimeout;

static ABOUT: About = About {
    name: "missing-timeout",
    severity: Severity::Error,
    finds: "code that comes from a parameter or a request runs without `timeout`",
    cost: "an endless loop in it stops the whole process for good; with `timeout: 50` one ended after 65 ms",
    source: "Node 20.20; `node --expose-gc crates/lint/figures.mjs`",
    remedy: "pass `timeout`; it bounds synchronous code only, so bound what the code may call as well, or run it \
             with `sandtide`, whose limits also hold within regular expressions, JSON and promise jobs",
    bad: "const vm = require('vm');\nexports.evaluate = function evaluate(code, data) {\n  return vm.runInNewContext(code, { data });\n};\n",
    good: "const vm = require('vm');\nexports.evaluate = function evaluate(code, data) {\n  return vm.runInNewContext(code, { data }, { timeout: 50 });\n};\n",
};

impl Rule for MissingTimeout {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, program: &Program<'_, '_>, found: &mut Found) {
        for call in program.calls() {
            let Some(run) = evaluate::run(program, call) else { continue };
            let from = match evaluate::origin_of_code(program, call, &run) {
                Some(Origin::Request) => "a request",
                // Programs load their own modules with `runInThisContext`.
                Some(Origin::Parameter) if !run.in_this_context => "a parameter",
                _ => continue,
            };
            let without = match evaluate::options(program, call, run.options_at) {
                Options::Absent | Options::Name => true,
                Options::Written(it) => property(it, "timeout").is_none(),
                Options::Unknown => false,
            };
            if without {
                let message = format!("`{}` runs code of {from} without `timeout`", run.name);
                let edits = fix(program, call, &run);
                found.add_with(call.span, message, edits.map(|it| (TITLE, it)));
            }
        }
    }
}

const TITLE: &str = "Bounds the run to a second: choose what your scripts need.";

fn fix<'a>(program: &Program<'_, 'a>, call: Call<'a>, run: &Run<'a>) -> Option<Vec<Edit>> {
    let given = call.arguments.len();
    let edit = match call.argument(run.options_at) {
        Some(argument) => match inner(argument) {
            Expression::ObjectExpression(it) => {
                let at = it.span.start + 1;
                let text = match it.properties.is_empty() {
                    true => " timeout: 1000 ",
                    false => " timeout: 1000,",
                };
                Edit::insert(at, text)
            }
            it @ (Expression::StringLiteral(_) | Expression::TemplateLiteral(_)) => Edit::replace(
                it.span(),
                format!("{{ filename: {}, timeout: 1000 }}", program.source(it.span())),
            ),
            _ => return None,
        },
        None => {
            let fill = match run.options_at.checked_sub(given)? {
                0 => "",
                // The sandbox, which is left out.
                1 if run.context.is_none() && given > 0 => ", {}",
                1 if given == 0 => "{}",
                _ => return None,
            };
            let comma = if given == 0 && fill.is_empty() { "" } else { ", " };
            let at = match call.arguments.last() {
                Some(last) => last.span().end,
                None => call.span.end - 1,
            };
            Edit::insert(at, format!("{fill}{comma}{{ timeout: 1000 }}"))
        }
    };
    Some(vec![edit])
}

#[cfg(test)]
mod tests {
    use crate::rules::testing::{NONE, changed, lines};

    fn found(source: &str) -> Vec<u32> {
        lines("missing-timeout", source)
    }

    #[test]
    fn code_of_parameters_and_requests_needs_a_timeout() {
        for run in [
            "vm.runInNewContext(code)",
            "vm.runInNewContext(code, {}, { filename: 'x' })",
            "vm.runInContext(code, context, 'x.js')",
            "new vm.Script(code).runInContext(context)",
            "const s = new vm.Script(code); s.runInNewContext({ a: 1 })",
            "const text = `(${code})`.trim(); vm.runInNewContext(text)",
        ] {
            let source = format!("import vm from 'node:vm'\nexport function f(code) {{ {run} }}\n");
            assert_eq!(found(&source), [2], "{source}");
        }
        let source = "const vm = require('vm'), http = require('http')\n\
                      http.createServer((request, answer) => {\n\
                        vm.runInThisContext(request.headers.code)\n})";
        assert_eq!(found(source), [3]);
        let source = "import ivm from 'isolated-vm'\n\
                      export async function f(code) {\n\
                        const isolate = new ivm.Isolate({ memoryLimit: 8 })\n\
                        const context = await isolate.createContext()\n\
                        await context.eval(code)\n\
                        await (await isolate.compileScript(code)).run(context)\n\
                        await context.eval(code, { timeout: 5 })\n}";
        assert_eq!(found(source), [5, 6]);
    }

    #[test]
    fn code_of_the_program_and_runs_with_a_timeout_are_let_be() {
        for run in [
            "vm.runInNewContext('1 + 1')",
            "vm.runInNewContext(fs.readFileSync(code))",
            "vm.runInNewContext(code, {}, { filename: options.file })",
            "new vm.Script(code, { filename: options }).runInNewContext({})",
            "vm.runInContext(code, other, `${options}.js`)",
            "vm.runInNewContext(SOURCE + other)",
            "vm.runInNewContext(code, {}, { timeout: 9 })",
            "vm.runInNewContext(code, {}, options)",
            "vm.runInNewContext(code, {}, { ...options })",
            "vm.runInNewContext(...code)",
            "vm.runInThisContext(code)",
            "vm.compile(code)",
            "new vm.Script(code)",
            "other.runInNewContext(code)",
        ] {
            let source = format!(
                "const vm = require('vm'), fs = require('fs'), SOURCE = 'a', other = {{}}\n\
                 module.exports.f = function f(code, options) {{ {run} }}\n"
            );
            assert_eq!(found(&source), NONE, "{source}");
        }
    }

    #[test]
    fn loaders_that_take_a_file_and_its_name_are_let_be() {
        let source = "const vm = require('vm')\n\
                      exports.load = function load(code, filename) { return vm.runInNewContext(code, {}) }";
        assert_eq!(found(source), NONE);
    }

    #[test]
    fn callbacks_that_are_given_files_are_let_be() {
        let source = "const vm = require('vm'), fs = require('fs')\n\
                      function load(name) { fs.readFile(name, (e, text) => vm.runInNewContext(text)) }";
        assert_eq!(found(source), NONE);
    }

    #[test]
    fn the_fix_adds_the_option_where_it_belongs() {
        for (run, fixed) in [
            ("vm.runInNewContext(code)", "vm.runInNewContext(code, {}, { timeout: 1000 })"),
            (
                "vm.runInNewContext(code, { a })",
                "vm.runInNewContext(code, { a }, { timeout: 1000 })",
            ),
            (
                "vm.runInContext(code, c, 'x')",
                "vm.runInContext(code, c, { filename: 'x', timeout: 1000 })",
            ),
            (
                "vm.runInContext(code, c, { filename: 'x' })",
                "vm.runInContext(code, c, { timeout: 1000, filename: 'x' })",
            ),
            (
                "new vm.Script(code).runInContext(c)",
                "new vm.Script(code).runInContext(c, { timeout: 1000 })",
            ),
            (
                "new vm.Script(code).runInNewContext()",
                "new vm.Script(code).runInNewContext({}, { timeout: 1000 })",
            ),
        ] {
            let source = format!("const vm = require('vm')\nfunction f(code, c, a) {{ {run} }}");
            let (added, _) = changed("missing-timeout", &source);
            assert_eq!(added, [format!("function f(code, c, a) {{ {fixed} }}")]);
        }
    }
}
