//! What the parser reads in a loop and what comes after it does not: long chains of operators, into which that recurses,
//! and long lists of parameters, of which it looks at all for each.

use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_span::GetSpan;

/// Operators of which each has the one before as its operand, with those around them. The stack of a check
/// carries some times as many in a build without optimization.
const MAX_OPERATORS: usize = 5_000;

/// Parameters of one function.
const MAX_PARAMETERS: usize = 500;

/// What of a program is too long, and the byte where it begins.
pub(crate) fn too_long(program: &Program<'_>) -> Option<(&'static str, usize)> {
    let mut chains = Chains { around: 0, too_long: None };
    chains.visit_program(program);
    chains.too_long.map(|(what, at)| (what, at as usize))
}

struct Chains {
    /// Operators that the expression that is looked at is an operand of.
    around: usize,
    too_long: Option<(&'static str, u32)>,
}

impl<'a> Visit<'a> for Chains {
    fn visit_formal_parameters(&mut self, it: &FormalParameters<'a>) {
        if it.items.len() > MAX_PARAMETERS {
            self.too_long = self.too_long.or(Some(("list of parameters", it.span.start)));
        }
        walk::walk_formal_parameters(self, it);
    }

    fn visit_expression(&mut self, it: &Expression<'a>) {
        let mut operators = 0;
        let mut right: Vec<(usize, &Expression<'a>)> = Vec::new();
        let mut left = it;
        loop {
            left = match left {
                Expression::BinaryExpression(it) => {
                    right.push((operators, &it.right));
                    &it.left
                }
                Expression::LogicalExpression(it) => {
                    right.push((operators, &it.right));
                    &it.left
                }
                Expression::TSAsExpression(it) => &it.expression,
                Expression::TSSatisfiesExpression(it) => &it.expression,
                Expression::TSNonNullExpression(it) => &it.expression,
                _ => break,
            };
            operators += 1;
        }
        let around = self.around;
        if around + operators > MAX_OPERATORS {
            self.too_long = self.too_long.or(Some(("chain of operators", it.span().start)));
        }
        if self.too_long.is_some() {
            return;
        }
        self.around = around + operators;
        walk::walk_expression(self, left);
        for (above, it) in right {
            self.around = around + above + 1;
            self.visit_expression(it);
        }
        self.around = around;
    }
}
