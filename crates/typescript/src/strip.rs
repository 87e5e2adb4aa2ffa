//! Walks a tree and notes what is to be done to its text: types are blanked, and what stands for
//! values is compiled in its place.

use std::collections::HashSet;

use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};

use crate::Dialect;
use crate::edits::Edits;
use crate::text::Text;

/// Modifiers that only the compiler of types reads.
const MODIFIERS: [&str; 7] =
    ["public", "private", "protected", "readonly", "override", "abstract", "declare"];

pub(crate) struct Strip<'s> {
    pub(crate) text: Text<'s>,
    pub(crate) edits: Edits,
    /// The first thing, by its place, that is refused.
    pub(crate) refused: Option<(Span, String)>,
    pub(crate) dialect: Dialect,
    /// How elements of JSX are made.
    pub(crate) factory: String,
    /// What fragments of JSX are.
    pub(crate) fragment: String,
    /// Whether statements are of a block, where `var` would reach further than the block.
    pub(crate) in_block: bool,
    /// Where an `export` was blanked already.
    pub(crate) gone: HashSet<u32>,
}

impl<'a> Strip<'_> {
    /// Refuses `span` where only types may be erased.
    pub(crate) fn needs_more(&mut self, span: Span, what: &str) {
        if self.dialect == Dialect::Erasable {
            self.refuse(span, &format!("{what} is not supported in strip-only mode"));
        }
    }

    pub(crate) fn refuse(&mut self, span: Span, message: &str) {
        if self.refused.as_ref().is_none_or(|(first, _)| span.start < first.start) {
            self.refused = Some((span, message.to_owned()));
        }
    }

    fn blank(&mut self, span: Span) {
        self.edits.blank(span.start, span.end);
    }

    /// Blanks the word `export` that stands at `at`.
    pub(crate) fn export_goes(&mut self, at: u32) {
        if self.gone.insert(at) {
            self.edits.blank(at, at + "export".len() as u32);
        }
    }

    /// Erases a statement. What came before must not go on with what follows.
    fn erase_statement(&mut self, span: Span) {
        if self.text.goes_on(span.end) {
            self.edits.blank_after(';', span.start, span.end);
        } else {
            self.blank(span);
        }
    }

    /// After a statement whose last part may have been erased: what ended it was perhaps that part.
    fn statement_ended(&mut self, span: Span) {
        if !self.text.of(span.start, span.end).ends_with(';') && self.text.goes_on(span.end) {
            self.edits.end_statement(span.end);
        }
    }

    /// Blanks an item of a list with the comma after it.
    fn blank_item(&mut self, span: Span, end_of_list: u32) {
        let comma = self.text.next(span.end);
        let end = if comma < end_of_list && self.text.of(comma, comma + 1) == "," {
            comma + 1
        } else {
            span.end
        };
        self.edits.blank(span.start, end);
    }

    fn blank_mark(&mut self, mark: char, start: u32, end: u32) {
        if let Some(at) = self.text.find(mark, start, end) {
            self.edits.blank(at, at + 1);
        }
    }

    /// Blanks `mark`, which is perhaps there, between `start` and the type or `end`.
    fn blank_mark_before_type(
        &mut self,
        mark: char,
        start: u32,
        annotation: Option<&TSTypeAnnotation<'a>>,
        end: u32,
    ) {
        let end = annotation.map_or(end, |annotation| annotation.span.start);
        self.blank_mark(mark, start, end);
    }

    /// Whether a declaration stands for types only; what it is erased with.
    fn is_erased(declaration: &Declaration<'a>) -> bool {
        match declaration {
            Declaration::VariableDeclaration(it) => it.declare,
            Declaration::FunctionDeclaration(it) => it.declare || it.body.is_none(),
            Declaration::ClassDeclaration(it) => it.declare,
            Declaration::TSTypeAliasDeclaration(_)
            | Declaration::TSInterfaceDeclaration(_)
            | Declaration::TSExternalModuleDeclaration(_)
            | Declaration::TSGlobalDeclaration(_) => true,
            Declaration::TSEnumDeclaration(it) => it.declare,
            Declaration::TSNamespaceDeclaration(it) => !Self::has_values(it),
            Declaration::TSImportEqualsDeclaration(it) => {
                it.import_kind == ImportOrExportKind::Type
            }
        }
    }

    /// Whether anything of a namespace is there when the program runs.
    fn has_values(it: &TSNamespaceDeclaration<'a>) -> bool {
        !it.declare
            && match &it.body {
                TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => {
                    Self::has_values(inner)
                }
                TSNamespaceDeclarationBody::TSModuleBlock(block) => {
                    !block.body.iter().all(Self::is_type)
                }
            }
    }

    /// Whether nothing of a statement is there when the program runs.
    pub(crate) fn is_type(statement: &Statement<'a>) -> bool {
        if let Some(declaration) = statement.as_declaration() {
            return Self::is_erased(declaration);
        }
        match statement {
            Statement::ExportDeclaration(it) => Self::is_erased(&it.declaration),
            Statement::ImportDeclaration(it) => it.import_kind == ImportOrExportKind::Type,
            Statement::ExportNamedDeclaration(it) => it.export_kind == ImportOrExportKind::Type,
            Statement::ExportFromDeclaration(it) => it.export_kind == ImportOrExportKind::Type,
            Statement::ExportAllDeclaration(it) => it.export_kind == ImportOrExportKind::Type,
            Statement::ExportDefaultDeclaration(it) => match &it.declaration {
                ExportDefaultDeclarationKind::FunctionDeclaration(it) => it.body.is_none(),
                ExportDefaultDeclarationKind::TSInterfaceDeclaration(_) => true,
                _ => false,
            },
            Statement::TSNamespaceExportDeclaration(_) => true,
            _ => false,
        }
    }

    /// Blanks the modifiers of a class's element, which stands after `before`.
    fn modifiers(&mut self, element: &ClassElement<'a>, before: u32, after_field: bool) {
        let (decorators, key) = match element {
            ClassElement::StaticBlock(_) | ClassElement::TSIndexSignature(_) => return,
            ClassElement::MethodDefinition(it) => (&it.decorators, &it.key),
            ClassElement::PropertyDefinition(it) => (&it.decorators, &it.key),
            ClassElement::AccessorProperty(it) => (&it.decorators, &it.key),
        };
        let start = decorators.last().map_or(element.span().start, |it| it.span.end);
        // A field without a semicolon would go on with what follows.
        // A method's brace ends it, and so does that of the class's begin; a field's may be an object's.
        let ends = self.text.of(before - 1, before);
        let mut ended = ends == ";" || (!after_field && matches!(ends, "{" | "}"));
        for (at, word) in self.text.words(start, key.span().start) {
            let end = at + word.len() as u32;
            if !MODIFIERS.contains(&word) {
                // The first word that stays ends what was before, if that needs it.
                ended = true;
            } else if ended {
                self.edits.blank(at, end);
            } else {
                self.edits.blank_after(';', at, end);
                ended = true;
            }
        }
    }

    fn class_body(&mut self, it: &ClassBody<'a>) {
        let mut before = it.span.start + 1;
        let mut after_field = false;
        let properties = Self::parameter_properties(it);
        for element in &it.body {
            let erased = match element {
                ClassElement::TSIndexSignature(_) => true,
                ClassElement::MethodDefinition(it) => {
                    it.value.body.is_none()
                        || it.r#type == MethodDefinitionType::TSAbstractMethodDefinition
                }
                ClassElement::PropertyDefinition(it) => {
                    it.declare || it.r#type == PropertyDefinitionType::TSAbstractPropertyDefinition
                }
                ClassElement::AccessorProperty(it) => {
                    it.r#type == AccessorPropertyType::TSAbstractAccessorProperty
                }
                ClassElement::StaticBlock(_) => false,
            };
            let span = element.span();
            if erased {
                self.edits.blank_after(';', span.start, span.end);
            } else {
                self.modifiers(element, before, after_field);
                self.visit_class_element(element);
                if matches!(element, ClassElement::PropertyDefinition(_)) {
                    self.statement_ended(span);
                }
            }
            before = span.end;
            after_field = !erased
                && matches!(
                    element,
                    ClassElement::PropertyDefinition(_) | ClassElement::AccessorProperty(_)
                );
        }
        if let Some((constructor, names)) = properties {
            // They are fields, and the first ones.
            let fields: String = names.iter().flat_map(|name| [*name, ";"]).collect();
            self.edits.insert(it.span.start + 1, fields);
            self.assign_parameters(constructor, &names);
        }
    }

    /// The constructor of a class, if its parameters make properties, and their names.
    fn parameter_properties<'b>(it: &'b ClassBody<'a>) -> Option<(&'b Function<'a>, Vec<&'b str>)> {
        let constructor = it.body.iter().find_map(|element| match element {
            ClassElement::MethodDefinition(it)
                if it.kind == MethodDefinitionKind::Constructor && it.value.body.is_some() =>
            {
                Some(&*it.value)
            }
            _ => None,
        })?;
        let names: Vec<&str> = constructor
            .params
            .items
            .iter()
            .filter(|item| Self::is_property(item))
            .filter_map(|item| match &item.pattern {
                BindingPattern::BindingIdentifier(id) => Some(id.name.as_str()),
                _ => None,
            })
            .collect();
        (!names.is_empty()).then_some((constructor, names))
    }

    fn is_property(item: &FormalParameter<'a>) -> bool {
        item.accessibility.is_some() || item.readonly || item.r#override
    }

    /// Gives `this` what the constructor's parameters are: first of all, or after `super()`.
    fn assign_parameters(&mut self, constructor: &Function<'a>, names: &[&str]) {
        let Some(body) = &constructor.body else { return };
        let calls_super = |statement: &&Statement<'a>| match statement {
            Statement::ExpressionStatement(it) => match &it.expression {
                Expression::CallExpression(call) => matches!(call.callee, Expression::Super(_)),
                _ => false,
            },
            _ => false,
        };
        let first = body.directives.last().map_or(body.span.start + 1, |it| it.span.end);
        let at = body.statements.iter().find(calls_super).map_or(first, |it| it.span().end);
        let mut text = String::from(";");
        for name in names {
            text.push_str("this.");
            text.push_str(name);
            text.push('=');
            text.push_str(name);
            text.push(';');
        }
        self.edits.insert(at, text);
    }

    /// Blanks the types of an arrow function's head. No line may end before its parameters, nor
    /// before its arrow: the brackets move there.
    fn arrow_head(&mut self, it: &ArrowFunctionExpression<'a>) {
        let params = it.params.span;
        if let Some(parameters) = &it.type_parameters {
            let span = parameters.span;
            let opens = self.text.find('(', span.end, params.end);
            if self.text.spans_lines(span.start, params.start)
                && let Some(at) = opens
            {
                self.edits.blank_after('(', span.start, span.end);
                self.edits.blank(at, at + 1);
            } else {
                self.blank(span);
            }
        }
        self.visit_formal_parameters(&it.params);
        if let Some(annotation) = &it.return_type {
            let start = self.start_of_type(annotation);
            let end = annotation.span.end;
            let before = self.text.0[..start as usize].rfind(')').map(|at| at as u32);
            if let Some(at) = before
                && self.text.spans_lines(at, end)
            {
                self.edits.blank(at, at + 1);
                self.edits.blank_before(')', start, end);
            } else {
                self.edits.blank(start, end);
            }
        }
    }

    /// Where the colon before a type is.
    fn start_of_type(&self, annotation: &TSTypeAnnotation<'a>) -> u32 {
        let start = annotation.span.start;
        if self.text.of(start, start + 1) == ":" {
            return start;
        }
        self.text.0[..start as usize].rfind(':').map_or(start, |at| at as u32)
    }

    fn class_head(&mut self, it: &Class<'a>) {
        let start = it.decorators.last().map_or(it.span.start, |decorator| decorator.span.end);
        for (at, word) in self.text.words(start, it.body.span.start) {
            match word {
                "abstract" => self.edits.blank(at, at + word.len() as u32),
                "class" => break,
                _ => {}
            }
        }
        let after_id = it.id.as_ref().map_or(it.span.start, |id| id.span.end);
        let mut at = it.type_parameters.as_ref().map_or(after_id, |it| it.span.end);
        if let Some(heritage) = &it.heritage {
            let arguments = heritage.type_arguments.as_ref();
            at = arguments.map_or(heritage.expression.span().end, |it| it.span.end);
        }
        if let (Some(first), Some(last)) = (it.implements.first(), it.implements.last()) {
            let words = self.text.of(at, first.span.start);
            if let Some(found) = words.rfind("implements") {
                self.edits.blank(at + found as u32, last.span.end);
            }
        }
    }

    fn specifier_list(&mut self, items: impl Iterator<Item = (Span, bool)>, end: u32) {
        for (span, is_type) in items {
            if is_type {
                self.blank_item(span, end);
            }
        }
    }
}

impl<'a> Visit<'a> for Strip<'_> {
    fn visit_statements(&mut self, it: &oxc_allocator::Vec<'a, Statement<'a>>) {
        self.declarations(it);
        for statement in it {
            self.visit_statement(statement);
        }
    }

    fn visit_statement(&mut self, it: &Statement<'a>) {
        if Self::is_type(it) {
            return self.erase_statement(it.span());
        }
        walk::walk_statement(self, it);
        if matches!(
            it,
            Statement::ExpressionStatement(_)
                | Statement::VariableDeclaration(_)
                | Statement::ReturnStatement(_)
                | Statement::ThrowStatement(_)
                | Statement::ExportDeclaration(_)
                | Statement::ExportDefaultDeclaration(_)
        ) {
            self.statement_ended(it.span());
        }
    }

    fn visit_block_statement(&mut self, it: &BlockStatement<'a>) {
        let outer = std::mem::replace(&mut self.in_block, true);
        self.visit_statements(&it.body);
        self.in_block = outer;
    }

    fn visit_function_body(&mut self, it: &FunctionBody<'a>) {
        let outer = std::mem::replace(&mut self.in_block, false);
        self.visit_statements(&it.statements);
        self.in_block = outer;
    }

    fn visit_switch_case(&mut self, it: &SwitchCase<'a>) {
        let outer = std::mem::replace(&mut self.in_block, true);
        walk::walk_switch_case(self, it);
        self.in_block = outer;
    }

    // Types.

    fn visit_ts_type_annotation(&mut self, it: &TSTypeAnnotation<'a>) {
        let start = self.start_of_type(it);
        self.edits.blank(start, it.span.end);
    }

    fn visit_ts_type_parameter_declaration(&mut self, it: &TSTypeParameterDeclaration<'a>) {
        self.blank(it.span);
    }

    fn visit_ts_type_parameter_instantiation(&mut self, it: &TSTypeParameterInstantiation<'a>) {
        self.blank(it.span);
    }

    fn visit_ts_as_expression(&mut self, it: &TSAsExpression<'a>) {
        self.visit_expression(&it.expression);
        self.edits.blank(it.expression.span().end, it.span.end);
    }

    fn visit_ts_satisfies_expression(&mut self, it: &TSSatisfiesExpression<'a>) {
        self.visit_expression(&it.expression);
        self.edits.blank(it.expression.span().end, it.span.end);
    }

    fn visit_ts_non_null_expression(&mut self, it: &TSNonNullExpression<'a>) {
        self.visit_expression(&it.expression);
        self.edits.blank(it.span.end - 1, it.span.end);
    }

    fn visit_ts_type_assertion(&mut self, it: &TSTypeAssertion<'a>) {
        if self.dialect == Dialect::Erasable {
            let message = "The angle-bracket syntax for type assertions, `<T>expr`, is not supported \
                           in type strip mode. Instead, use the 'as' syntax: `expr as T`.";
            self.refuse(it.span, message);
        }
        // A bracket, as the expression may begin with a brace, and after lines that ended.
        self.edits.blank_after('(', it.span.start, it.expression.span().start);
        self.visit_expression(&it.expression);
        self.edits.insert(it.span.end, ")");
    }

    fn visit_ts_this_parameter(&mut self, it: &TSThisParameter<'a>) {
        let end = it.type_annotation.as_ref().map_or(it.span.end, |it| it.span.end);
        self.blank_item(Span::new(it.span.start, end), u32::MAX);
    }

    // Chains of operators are as long as they like.

    fn visit_binary_expression(&mut self, it: &BinaryExpression<'a>) {
        let mut right = vec![&it.right];
        let mut left = &it.left;
        while let Expression::BinaryExpression(inner) = left {
            right.push(&inner.right);
            left = &inner.left;
        }
        self.visit_expression(left);
        right.into_iter().rev().for_each(|it| self.visit_expression(it));
    }

    fn visit_logical_expression(&mut self, it: &LogicalExpression<'a>) {
        let mut right = vec![&it.right];
        let mut left = &it.left;
        while let Expression::LogicalExpression(inner) = left {
            right.push(&inner.right);
            left = &inner.left;
        }
        self.visit_expression(left);
        right.into_iter().rev().for_each(|it| self.visit_expression(it));
    }

    // Functions and variables.

    fn visit_arrow_function_expression(&mut self, it: &ArrowFunctionExpression<'a>) {
        self.arrow_head(it);
        self.visit_arrow_function_body(&it.body);
    }

    fn visit_formal_parameter(&mut self, it: &FormalParameter<'a>) {
        let pattern = it.pattern.span();
        if Self::is_property(it) {
            self.needs_more(Span::new(pattern.start, it.span.end), "TypeScript parameter property");
            let start = it.decorators.last().map_or(it.span.start, |it| it.span.end);
            for (at, word) in self.text.words(start, pattern.start) {
                self.edits.blank(at, at + word.len() as u32);
            }
        }
        if it.optional {
            let annotation = it.type_annotation.as_deref();
            self.blank_mark_before_type('?', pattern.end, annotation, it.span.end);
        }
        walk::walk_formal_parameter(self, it);
    }

    fn visit_variable_declarator(&mut self, it: &VariableDeclarator<'a>) {
        if it.definite {
            let annotation = it.type_annotation.as_deref();
            self.blank_mark_before_type('!', it.id.span().end, annotation, it.span.end);
        }
        walk::walk_variable_declarator(self, it);
    }

    fn visit_decorator(&mut self, it: &Decorator<'a>) {
        self.refuse(it.span, "Decorators are not supported: no JavaScript engine has them yet");
    }

    // Classes.

    fn visit_class(&mut self, it: &Class<'a>) {
        it.decorators.iter().for_each(|it| self.visit_decorator(it));
        self.class_head(it);
        if let Some(parameters) = &it.type_parameters {
            self.visit_ts_type_parameter_declaration(parameters);
        }
        if let Some(heritage) = &it.heritage {
            self.visit_expression(&heritage.expression);
            if let Some(arguments) = &heritage.type_arguments {
                self.visit_ts_type_parameter_instantiation(arguments);
            }
        }
        self.class_body(&it.body);
    }

    fn visit_method_definition(&mut self, it: &MethodDefinition<'a>) {
        if it.optional {
            self.blank_mark('?', it.key.span().end, it.value.params.span.start);
        }
        walk::walk_method_definition(self, it);
    }

    fn visit_property_definition(&mut self, it: &PropertyDefinition<'a>) {
        let annotation = it.type_annotation.as_deref();
        let value = it.value.as_ref().map_or(it.span.end, |value| value.span().start);
        let key = it.key.span().end;
        if it.optional {
            self.blank_mark_before_type('?', key, annotation, value);
        }
        if it.definite {
            self.blank_mark_before_type('!', key, annotation, value);
        }
        walk::walk_property_definition(self, it);
    }

    // Modules.

    fn visit_import_declaration(&mut self, it: &ImportDeclaration<'a>) {
        let specifiers = it.specifiers.iter().flatten().map(|specifier| match specifier {
            ImportDeclarationSpecifier::ImportSpecifier(it) => {
                (it.span, it.import_kind == ImportOrExportKind::Type)
            }
            other => (other.span(), false),
        });
        self.specifier_list(specifiers, it.source.span.start);
    }

    fn visit_export_named_declaration(&mut self, it: &ExportNamedDeclaration<'a>) {
        let specifiers = it.specifiers.iter();
        let is_type = |it: &ExportSpecifier<'a>| it.export_kind == ImportOrExportKind::Type;
        self.specifier_list(specifiers.map(|it| (it.span, is_type(it))), it.span.end);
    }

    fn visit_export_from_declaration(&mut self, it: &ExportFromDeclaration<'a>) {
        let specifiers = it.specifiers.iter();
        let is_type = |it: &ExportSpecifier<'a>| it.export_kind == ImportOrExportKind::Type;
        self.specifier_list(specifiers.map(|it| (it.span, is_type(it))), it.source.span.start);
    }

    fn visit_ts_export_assignment(&mut self, it: &TSExportAssignment<'a>) {
        self.needs_more(it.span, "TypeScript export assignment");
        self.refuse(it.span, "`export =` is not supported: use `export default`");
    }

    fn visit_ts_import_equals_declaration(&mut self, it: &TSImportEqualsDeclaration<'a>) {
        self.import_equals(it);
    }

    // What stands for values.

    fn visit_ts_enum_declaration(&mut self, it: &TSEnumDeclaration<'a>) {
        self.enumeration(it);
    }

    fn visit_ts_namespace_declaration(&mut self, it: &TSNamespaceDeclaration<'a>) {
        self.namespace(it);
    }

    fn visit_jsx_element(&mut self, it: &JSXElement<'a>) {
        self.jsx_element(it);
    }

    fn visit_jsx_fragment(&mut self, it: &JSXFragment<'a>) {
        self.jsx_fragment(it);
    }
}
