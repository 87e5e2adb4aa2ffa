//! One parsed file, and what its expressions stand for.
//!
//! Names are followed to what they were bound to, so that rules compare *paths*: `vm.createContext()` is what a
//! call of `createContext` of module `vm` returned, however the file imported it. Nothing here knows a rule.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use oxc_ast::{AstKind, ast::*};
use oxc_semantic::{AstNode, AstNodes, Scoping, Semantic};
use oxc_span::{GetSpan, Span};
use oxc_syntax::{node::NodeId, symbol::SymbolId};

use crate::work::Work;

/// How many names are followed from one expression: chains of aliases may be cycles.
const MAX_STEPS: u32 = 24;

/// Wrappers that compilers put around a `require`.
const INTEROP: [&str; 8] = [
    "__importDefault",
    "__importStar",
    "__toESM",
    "_interopRequireDefault",
    "_interopRequireWildcard",
    "_interopDefault",
    "_interopDefaultLegacy",
    "_interopNamespace",
];

/// A file that was parsed, with its scopes.
pub(crate) struct Program<'p, 'a> {
    /// Its text.
    pub(crate) text: &'a str,
    semantic: &'p Semantic<'a>,
    /// What `this.NAME` is assigned, where all assignments of the file agree.
    fields: HashMap<&'a str, Option<&'a Expression<'a>>>,
    calls: Vec<Call<'a>>,
    /// What [`Program::writes`] answered.
    writes: RefCell<HashMap<SymbolId, Option<Writes<'a>>>>,
    work: Work,
}

/// The expressions that a variable is given, each with the property of it that is taken.
type Writes<'a> = Rc<[(&'a Expression<'a>, Option<&'a str>)]>;

/// A call or a construction: what is common to both.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) id: NodeId,
    pub(crate) span: Span,
    pub(crate) callee: &'a Expression<'a>,
    pub(crate) arguments: &'a [Argument<'a>],
    pub(crate) is_new: bool,
}

impl<'a> Call<'a> {
    /// The argument at `index`, unless a spread stands there or before.
    pub(crate) fn argument(&self, index: usize) -> Option<&'a Expression<'a>> {
        let before = self.arguments.get(..=index)?;
        before.iter().all(|it| !it.is_spread()).then_some(())?;
        self.arguments[index].as_expression()
    }

    /// Whether a spread makes the places of arguments unknown.
    pub(crate) fn has_spread(&self) -> bool {
        self.arguments.iter().any(Argument::is_spread)
    }
}

/// A function of any form.
#[derive(Clone, Copy)]
pub(crate) struct Func<'a> {
    pub(crate) id: NodeId,
    pub(crate) span: Span,
    pub(crate) params: &'a FormalParameters<'a>,
}

impl<'p, 'a> Program<'p, 'a> {
    pub(crate) fn new(text: &'a str, semantic: &'p Semantic<'a>) -> Program<'p, 'a> {
        let calls = semantic.nodes().iter().filter_map(|node| as_call_kind(node.kind())).collect();
        let mut fields: HashMap<&'a str, Option<&'a Expression<'a>>> = HashMap::new();
        for node in semantic.nodes().iter() {
            let (name, value) = match node.kind() {
                AstKind::AssignmentExpression(it) => {
                    let Some(name) = field_of_this(&it.left) else { continue };
                    (name, &it.right)
                }
                AstKind::PropertyDefinition(it) => {
                    let (Some(name), Some(value)) = (key_name(&it.key), it.value.as_ref()) else {
                        continue;
                    };
                    (name, value)
                }
                _ => continue,
            };
            let inner = value.get_inner_expression();
            if matches!(inner, Expression::NullLiteral(_)) || is_undefined(inner) {
                continue;
            }
            let known = fields.entry(name).or_insert(Some(value));
            if known.is_none_or(|known| known.span() != value.span()) {
                *known = None;
            }
        }
        let writes = RefCell::default();
        Program { text, semantic, fields, calls, writes, work: Work::default() }
    }

    /// What may still be looked at. Once it is used up, what is asked is answered as unknown, and nothing is found.
    pub(crate) fn work(&self) -> &Work {
        &self.work
    }

    /// All nodes, for who looks at them more than once a file.
    pub(crate) fn nodes_again(&self) -> impl Iterator<Item = &'p AstNode<'a>> {
        self.nodes().iter().take_while(|_| self.work.take(1))
    }

    pub(crate) fn nodes(&self) -> &'p AstNodes<'a> {
        self.semantic.nodes()
    }

    pub(crate) fn scoping(&self) -> &'p Scoping {
        self.semantic.scoping()
    }

    pub(crate) fn comments(&self) -> &'p [Comment] {
        self.semantic.comments()
    }

    pub(crate) fn source(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// All calls and constructions, in order.
    pub(crate) fn calls(&self) -> impl Iterator<Item = Call<'a>> {
        self.calls.iter().copied().take_while(|_| self.work.take(1))
    }

    /// The symbol that a name refers to; none for globals.
    pub(crate) fn symbol(&self, name: &IdentifierReference<'a>) -> Option<SymbolId> {
        let reference = name.reference_id.get()?;
        self.scoping().get_reference(reference).symbol_id()
    }

    /// What a symbol was bound to, where that is one expression: its initializer, or the only value that
    /// it is assigned. With it the path of properties that its pattern takes.
    pub(crate) fn bound(&self, symbol: SymbolId) -> Option<(&'a Expression<'a>, Option<&'a str>)> {
        match *self.writes(symbol)? {
            [only] => Some(only),
            _ => None,
        }
    }

    /// All expressions that a variable is given, without `undefined` and `null`. None where something
    /// else gives it a value: a parameter, a loop, `+=`, a nested pattern.
    pub(crate) fn writes(&self, symbol: SymbolId) -> Option<Writes<'a>> {
        if let Some(known) = self.writes.borrow().get(&symbol) {
            return known.clone();
        }
        let found = self.find_writes(symbol);
        if !self.work.is_used_up() {
            self.writes.borrow_mut().insert(symbol, found.clone());
        }
        found
    }

    fn find_writes(&self, symbol: SymbolId) -> Option<Writes<'a>> {
        let scoping = self.scoping();
        let mut values = Vec::new();
        for declaration in scoping.symbol_declarations(symbol) {
            let AstKind::VariableDeclarator(declarator) = self.nodes().kind(declaration) else {
                return None;
            };
            // `for (const x of …)` has no initializer, and gives values all the same.
            let parent = self.nodes().parent_id(declaration);
            if matches!(
                self.nodes().parent_kind(parent),
                AstKind::ForOfStatement(_) | AstKind::ForInStatement(_)
            ) {
                return None;
            }
            let Some(init) = &declarator.init else { continue };
            match &declarator.id {
                BindingPattern::BindingIdentifier(_) => values.push((init, None)),
                BindingPattern::ObjectPattern(pattern) => {
                    self.work.take(pattern.properties.len() as u64).then_some(())?;
                    let found = pattern.properties.iter().find_map(|property| {
                        let BindingPattern::BindingIdentifier(name) = &property.value else {
                            return None;
                        };
                        (name.symbol_id.get() == Some(symbol)).then(|| key_name(&property.key))
                    });
                    values.push((init, Some(found??)));
                }
                _ => return None,
            }
        }
        for reference in scoping.get_resolved_references(symbol) {
            if !reference.is_write() {
                continue;
            }
            // The reference, or patterns and wrappers around it, up to the assignment.
            let AstKind::AssignmentExpression(it) = self.nodes().parent_kind(reference.node_id())
            else {
                return None;
            };
            let plain = matches!(
                it.operator,
                AssignmentOperator::Assign
                    | AssignmentOperator::LogicalNullish
                    | AssignmentOperator::LogicalOr
            );
            if !plain || !matches!(it.left, AssignmentTarget::AssignmentTargetIdentifier(_)) {
                return None;
            }
            values.push((&it.right, None));
        }
        values.retain(|(value, _)| {
            let inner = value.get_inner_expression();
            !matches!(inner, Expression::NullLiteral(_)) && !is_undefined(inner)
        });
        Some(values.into())
    }

    /// The expression that made the value of `expr`, as far as names lead there.
    pub(crate) fn value(&self, expr: &'a Expression<'a>) -> &'a Expression<'a> {
        let mut expr = inner(expr);
        for _ in 0..MAX_STEPS {
            if !self.work.take(1) {
                return expr;
            }
            let next = match expr {
                Expression::Identifier(name) => {
                    match self.symbol(name).and_then(|symbol| self.bound(symbol)) {
                        Some((value, None)) => value,
                        _ => return expr,
                    }
                }
                Expression::AwaitExpression(it) => &it.argument,
                Expression::AssignmentExpression(it) => &it.right,
                Expression::StaticMemberExpression(it)
                    if matches!(it.object, Expression::ThisExpression(_)) =>
                {
                    match self.fields.get(it.property.name.as_str()) {
                        Some(Some(value)) => value,
                        _ => return expr,
                    }
                }
                _ => return expr,
            };
            expr = inner(next);
        }
        expr
    }

    /// The path of an expression, as in `vm.Script().runInContext`: a module or a global (`global:eval`),
    /// members, and `()` for what a call or a construction returned.
    pub(crate) fn path(&self, expr: &'a Expression<'a>) -> Option<String> {
        self.path_within(expr, MAX_STEPS)
    }

    fn path_within(&self, expr: &'a Expression<'a>, steps: u32) -> Option<String> {
        let steps = steps.checked_sub(1)?;
        self.work.take(1).then_some(())?;
        match inner(expr) {
            Expression::Identifier(name) => match self.symbol(name) {
                None => Some(format!("global:{}", name.name)),
                Some(symbol) => self.path_of_symbol(symbol, steps),
            },
            Expression::StaticMemberExpression(it) => {
                let name = it.property.name.as_str();
                if matches!(it.object.get_inner_expression(), Expression::ThisExpression(_)) {
                    let value = *self.fields.get(name)?;
                    return self.path_within(value?, steps);
                }
                Some(member(self.path_within(&it.object, steps)?, name))
            }
            Expression::ComputedMemberExpression(it) => {
                let Expression::StringLiteral(name) = inner(&it.expression) else { return None };
                Some(member(self.path_within(&it.object, steps)?, name.value.as_str()))
            }
            Expression::CallExpression(it) => {
                if let Expression::Identifier(callee) = inner(&it.callee) {
                    let first = it.arguments.first().and_then(|it| it.as_expression());
                    if callee.name == "require" && self.symbol(callee).is_none() {
                        let Expression::StringLiteral(name) = inner(first?) else { return None };
                        return Some(module(name.value.as_str()));
                    }
                    if INTEROP.contains(&callee.name.as_str()) {
                        return self.path_within(first?, steps);
                    }
                }
                Some(self.path_within(&it.callee, steps)? + "()")
            }
            Expression::NewExpression(it) => Some(self.path_within(&it.callee, steps)? + "()"),
            Expression::ImportExpression(it) => {
                let Expression::StringLiteral(name) = inner(&it.source) else { return None };
                Some(module(name.value.as_str()))
            }
            Expression::AwaitExpression(it) => self.path_within(&it.argument, steps),
            Expression::AssignmentExpression(it) => self.path_within(&it.right, steps),
            Expression::SequenceExpression(it) => self.path_within(it.expressions.last()?, steps),
            Expression::LogicalExpression(it) => {
                self.path_within(&it.right, steps).or_else(|| self.path_within(&it.left, steps))
            }
            _ => None,
        }
    }

    fn path_of_symbol(&self, symbol: SymbolId, steps: u32) -> Option<String> {
        let declaration = self.scoping().symbol_declaration(symbol);
        match self.nodes().kind(declaration) {
            AstKind::ImportSpecifier(it) => {
                let name = it.imported.name();
                Some(member(self.import_source(declaration)?, name.as_str()))
            }
            AstKind::ImportDefaultSpecifier(_) | AstKind::ImportNamespaceSpecifier(_) => {
                self.import_source(declaration)
            }
            AstKind::TSImportEqualsDeclaration(it) => match &it.module_reference {
                TSModuleReference::ExternalModuleReference(it) => {
                    Some(module(it.expression.value.as_str()))
                }
                _ => None,
            },
            _ => {
                let (value, property) = self.bound(symbol)?;
                let path = self.path_within(value, steps)?;
                Some(match property {
                    Some(property) => member(path, property),
                    None => path,
                })
            }
        }
    }

    fn import_source(&self, specifier: NodeId) -> Option<String> {
        self.nodes().ancestor_kinds(specifier).find_map(|kind| match kind {
            AstKind::ImportDeclaration(it) => Some(module(it.source.value.as_str())),
            _ => None,
        })
    }

    /// The functions around a node, from the inside out.
    pub(crate) fn functions_around(&self, id: NodeId) -> impl Iterator<Item = Func<'a>> {
        self.nodes().ancestor_kinds(id).take_while(|_| self.work.take(1)).filter_map(as_function)
    }

    /// What a function is called in messages.
    pub(crate) fn function_name(&self, function: Func<'a>) -> Option<&'a str> {
        if let AstKind::Function(it) = self.nodes().kind(function.id)
            && let Some(id) = &it.id
        {
            return Some(id.name.as_str());
        }
        match self.nodes().parent_kind(function.id) {
            AstKind::VariableDeclarator(it) => match &it.id {
                BindingPattern::BindingIdentifier(name) => Some(name.name.as_str()),
                _ => None,
            },
            AstKind::MethodDefinition(it) => key_name(&it.key),
            AstKind::PropertyDefinition(it) => key_name(&it.key),
            AstKind::ObjectProperty(it) => key_name(&it.key),
            AstKind::AssignmentExpression(it) => match &it.left {
                AssignmentTarget::AssignmentTargetIdentifier(name) => Some(name.name.as_str()),
                AssignmentTarget::StaticMemberExpression(it) => Some(it.property.name.as_str()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The symbol by which a function is called, where it has one.
    pub(crate) fn function_symbol(&self, function: Func<'a>) -> Option<SymbolId> {
        if let AstKind::Function(it) = self.nodes().kind(function.id)
            && let Some(id) = &it.id
        {
            return id.symbol_id.get();
        }
        match self.nodes().parent_kind(function.id) {
            AstKind::VariableDeclarator(it) => match &it.id {
                BindingPattern::BindingIdentifier(name) => name.symbol_id.get(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The next node outwards that is no parenthesis and no type assertion.
    pub(crate) fn parent(&self, id: NodeId) -> NodeId {
        let nodes = self.nodes();
        let mut at = nodes.parent_id(id);
        while matches!(
            nodes.kind(at),
            AstKind::ParenthesizedExpression(_)
                | AstKind::TSAsExpression(_)
                | AstKind::TSSatisfiesExpression(_)
                | AstKind::TSNonNullExpression(_)
                | AstKind::TSTypeAssertion(_)
                | AstKind::ChainExpression(_)
                | AstKind::AwaitExpression(_)
        ) {
            at = nodes.parent_id(at);
        }
        at
    }
}

/// The expression within parentheses, type assertions and optional chains.
pub(crate) fn inner<'a>(expr: &'a Expression<'a>) -> &'a Expression<'a> {
    expr.get_inner_expression()
}

/// The call that an expression is.
pub(crate) fn as_call<'a>(expr: &'a Expression<'a>) -> Option<Call<'a>> {
    match inner(expr) {
        Expression::CallExpression(it) => as_call_kind(AstKind::CallExpression(it)),
        Expression::NewExpression(it) => as_call_kind(AstKind::NewExpression(it)),
        Expression::ChainExpression(it) => match &it.expression {
            ChainElement::CallExpression(it) => as_call_kind(AstKind::CallExpression(it)),
            _ => None,
        },
        Expression::AwaitExpression(it) => as_call(&it.argument),
        _ => None,
    }
}

/// The call that a node is.
pub(crate) fn as_call_kind(kind: AstKind<'_>) -> Option<Call<'_>> {
    match kind {
        AstKind::CallExpression(it) => Some(Call {
            id: it.node_id.get(),
            span: it.span,
            callee: &it.callee,
            arguments: &it.arguments,
            is_new: false,
        }),
        AstKind::NewExpression(it) => Some(Call {
            id: it.node_id.get(),
            span: it.span,
            callee: &it.callee,
            arguments: &it.arguments,
            is_new: true,
        }),
        _ => None,
    }
}

/// The function that a node is.
pub(crate) fn as_function(kind: AstKind<'_>) -> Option<Func<'_>> {
    match kind {
        AstKind::Function(it) => {
            Some(Func { id: it.node_id.get(), span: it.span, params: &it.params })
        }
        AstKind::ArrowFunctionExpression(it) => {
            Some(Func { id: it.node_id.get(), span: it.span, params: &it.params })
        }
        _ => None,
    }
}

/// The name of a property, where it is written out.
pub(crate) fn key_name<'a>(key: &'a PropertyKey<'a>) -> Option<&'a str> {
    match key {
        PropertyKey::StaticIdentifier(it) => Some(it.name.as_str()),
        PropertyKey::PrivateIdentifier(it) => Some(it.name.as_str()),
        PropertyKey::StringLiteral(it) => Some(it.value.as_str()),
        _ => None,
    }
}

/// The property `name` of an object literal.
pub(crate) fn property<'a>(
    object: &'a ObjectExpression<'a>,
    name: &str,
) -> Option<&'a ObjectProperty<'a>> {
    object.properties.iter().find_map(|it| match it {
        ObjectPropertyKind::ObjectProperty(it) => {
            (key_name(&it.key) == Some(name)).then_some(&**it)
        }
        ObjectPropertyKind::SpreadProperty(_) => None,
    })
}

fn is_undefined(expr: &Expression<'_>) -> bool {
    expr.is_specific_id("undefined")
        || matches!(expr, Expression::UnaryExpression(it) if it.operator == UnaryOperator::Void)
}

fn field_of_this<'a>(target: &'a AssignmentTarget<'a>) -> Option<&'a str> {
    match target {
        AssignmentTarget::StaticMemberExpression(it)
            if matches!(it.object, Expression::ThisExpression(_)) =>
        {
            Some(it.property.name.as_str())
        }
        _ => None,
    }
}

fn module(name: &str) -> String {
    name.strip_prefix("node:").unwrap_or(name).to_owned()
}

fn member(path: String, name: &str) -> String {
    // What compilers make of a default import.
    if name == "default" { path } else { format!("{path}.{name}") }
}
