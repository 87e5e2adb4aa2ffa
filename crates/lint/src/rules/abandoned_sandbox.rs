//! `abandoned-sandbox`: a package that promises a sandbox it does not give, or that nobody maintains.

use oxc_ast::{AstKind, ast::*};
use oxc_span::{GetSpan, Span};

use super::{About, Found, Rule};
use crate::{
    Severity,
    manifest::Manifest,
    program::{Program, as_call_kind, inner},
};

pub(crate) struct AbandonedSandbox;

static ABOUT: About = About {
    name: "abandoned-sandbox",
    severity: Severity::Error,
    finds: "a package whose sandbox is known to be broken, by import or in `package.json`",
    cost: "code in it has been shown to reach the process: the commits of vm2 alone name 17 advisories since 2026-04-01, \
           and its README says that further bypasses will be found",
    source: "vm2's repository and README, read on 2026-11-28; GitHub's advisories of each package",
    remedy: "run the code behind a wall that does not depend on JavaScript: `sandtide`, or a process or isolate of its own",
    bad: "const { VM } = require('vm2');\n",
    good: "const { run } = require('sandtide');\n",
};

/// The packages, with what is known.
pub(crate) const PACKAGES: [(&str, &str); 8] = [
    ("vm2", "its README says that new bypasses will likely be discovered"),
    ("@n8n/vm2", "a fork of vm2, with its design"),
    ("@usebruno/vm2", "a fork of vm2, with its design"),
    ("@flowiseai/nodevm", "a fork of vm2, with its design"),
    ("safe-eval", "open reports of sandbox escapes, as hacksparrow/safe-eval#27, #31 and #32"),
    ("safer-eval", "advisories of sandbox escapes, which `npm audit` lists"),
    ("notevil", "advisories of sandbox escapes, which `npm audit` lists"),
    ("jailed", "advisories of sandbox escapes, which `npm audit` lists"),
];

fn known(name: &str) -> Option<(&'static str, &'static str)> {
    // `vm2/lib/main.js` as well, but not `vm2-like`.
    PACKAGES.into_iter().find(|(package, _)| {
        name.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

impl Rule for AbandonedSandbox {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn check(&self, program: &Program<'_, '_>, found: &mut Found) {
        let mut name = |name: &str, span: Span| {
            if let Some((package, why)) = known(name) {
                found.add(span, format!("`{package}` is no sandbox to rely on: {why}"));
            }
        };
        for node in program.nodes().iter() {
            match node.kind() {
                AstKind::ImportDeclaration(it) if !it.import_kind.is_type() => {
                    name(&it.source.value, it.source.span);
                }
                AstKind::ExportFromDeclaration(it) => name(&it.source.value, it.source.span),
                AstKind::ExportAllDeclaration(it) => name(&it.source.value, it.source.span),
                AstKind::ImportExpression(it) => {
                    if let Expression::StringLiteral(it) = inner(&it.source) {
                        name(&it.value, it.span);
                    }
                }
                AstKind::TSExternalModuleReference(it) => {
                    name(&it.expression.value, it.expression.span);
                }
                AstKind::CallExpression(_) => {
                    let Some(call) = as_call_kind(node.kind()) else { continue };
                    if program.path(call.callee).as_deref() == Some("global:require")
                        && let Some(it @ Expression::StringLiteral(text)) = call.argument(0)
                    {
                        name(&text.value, it.span());
                    }
                }
                _ => {}
            }
        }
    }

    fn check_manifest(&self, manifest: &Manifest<'_>, found: &mut Found) {
        for (name, span) in manifest.dependencies() {
            if let Some((package, why)) = known(&name) {
                found.add(span, format!("`{package}` is no sandbox to rely on: {why}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Checker,
        rules::testing::{NONE, lines},
    };

    fn found(source: &str) -> Vec<u32> {
        lines("abandoned-sandbox", source)
    }

    #[test]
    fn imports_of_any_form_are_found() {
        for source in [
            "import { VM } from 'vm2'",
            "import 'safe-eval'",
            "export * from 'notevil'",
            "export { VM } from 'vm2'",
            "const a = await import('vm2')",
            "const e = require('safer-eval')",
            "require('vm2/lib/nodevm')",
            "function f() { return require(`@n8n/vm2`) }",
        ] {
            // A template is no literal: whoever writes one means it to vary.
            let expected: &[u32] = if source.contains('`') { &[] } else { &[1] };
            assert_eq!(found(source), expected, "{source}");
        }
    }

    #[test]
    fn others_of_like_names_are_let_be() {
        for source in
            ["import 'vm2-other'", "import './vm2'", "require('vm')", "mine.require('vm2')"]
        {
            assert_eq!(found(source), NONE, "{source}");
        }
    }

    #[test]
    fn dependencies_are_found_at_their_line() {
        let text = "{\n  \"name\": \"vm2\",\n  \"dependencies\": {\n    \"express\": \"1\",\n    \"vm2\" : \"^3\"\n  },\n\
                    \"devDependencies\": { \"notevil\": \"1\" } }\n";
        let report = Checker::new().check("package.json", text);
        let places: Vec<_> = report.findings.iter().map(|it| (it.line, it.column)).collect();
        assert_eq!(places, [(5, 5)]);
    }
}
