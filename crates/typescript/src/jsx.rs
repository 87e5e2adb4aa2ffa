//! JSX becomes calls of a factory, `React.createElement` unless the file names another one in a
//! comment, `/** @jsx h */` and `/** @jsxFrag Fragment */`. What stands in braces stays where it is.

use oxc_ast::ast::*;
use oxc_ast_visit::Visit;
use oxc_span::{GetSpan, Span};
use oxc_syntax::identifier::is_identifier_name;
use oxc_syntax::xml_entities::XML_ENTITIES;

use crate::declare::quoted;
use crate::strip::Strip;

/// The factory and the fragment that a file's comments name.
pub(crate) fn pragmas<'s>(comments: impl Iterator<Item = &'s str>) -> (String, String) {
    let (mut factory, mut fragment) = (None, None);
    for comment in comments {
        let mut words = comment.split_whitespace();
        while let Some(word) = words.next() {
            let place = match word.trim_start_matches('*') {
                "@jsx" => &mut factory,
                "@jsxFrag" => &mut fragment,
                _ => continue,
            };
            *place = words.next().filter(|name| is_path(name)).map(str::to_owned);
        }
    }
    let given = |name: Option<String>, or: &str| name.unwrap_or_else(|| or.to_owned());
    (given(factory, "React.createElement"), given(fragment, "React.Fragment"))
}

/// Whether a text is names with dots between.
fn is_path(text: &str) -> bool {
    text.split('.').all(is_identifier_name)
}

impl<'a> Strip<'_> {
    pub(crate) fn jsx_element(&mut self, it: &JSXElement<'a>) {
        let opening = &it.opening_element;
        let start = it.span.start;
        self.edits.replace(start, start + 1, format!("{}(", self.factory));
        self.element_name(&opening.name);
        if let Some(arguments) = &opening.type_arguments {
            self.visit_ts_type_parameter_instantiation(arguments);
        }
        let name_end = opening.name.span().end;
        let after_name = opening.type_arguments.as_ref().map_or(name_end, |it| it.span.end);
        let has_attributes = !opening.attributes.is_empty();
        self.edits.insert(after_name, if has_attributes { ",{" } else { ",null" });
        for (at, attribute) in opening.attributes.iter().enumerate() {
            if at > 0 {
                self.edits.insert(attribute.span().start, ",");
            }
            self.attribute(attribute);
        }
        let end = if has_attributes { "}" } else { "" };
        match &it.closing_element {
            None => {
                let slash = self.text.0[..opening.span.end as usize].rfind('/');
                let slash = slash.map_or(opening.span.end, |at| at as u32);
                self.edits.replace(slash, opening.span.end, format!("{end})"));
            }
            Some(closing) => {
                self.edits.replace(opening.span.end - 1, opening.span.end, end);
                self.children(&it.children);
                self.edits.replace(closing.span.start, closing.span.end, ")");
            }
        }
    }

    pub(crate) fn jsx_fragment(&mut self, it: &JSXFragment<'a>) {
        let opening = it.opening_fragment.span;
        let head = format!("{}({},null", self.factory, self.fragment);
        self.edits.replace(opening.start, opening.end, head);
        self.children(&it.children);
        let closing = it.closing_fragment.span;
        self.edits.replace(closing.start, closing.end, ")");
    }

    fn element_name(&mut self, name: &JSXElementName<'a>) {
        match name {
            JSXElementName::Identifier(_) | JSXElementName::NamespacedName(_) => {
                let span = name.span();
                let text: String = self.text.of(span.start, span.end).split_whitespace().collect();
                self.edits.replace(span.start, span.end, quoted(&text));
            }
            // These are expressions as they stand.
            JSXElementName::IdentifierReference(_)
            | JSXElementName::MemberExpression(_)
            | JSXElementName::ThisExpression(_) => {}
        }
    }

    fn attribute(&mut self, it: &JSXAttributeItem<'a>) {
        match it {
            JSXAttributeItem::SpreadAttribute(it) => self.without_braces(it.span, |strip| {
                strip.visit_expression(&it.argument);
            }),
            JSXAttributeItem::Attribute(it) => {
                let name = it.name.span();
                let text = self.text.of(name.start, name.end);
                if !is_identifier_name(text) || text == "__proto__" {
                    let text: String = text.split_whitespace().collect();
                    // In brackets, as `__proto__` is no ordinary name otherwise.
                    self.edits.replace(name.start, name.end, format!("[{}]", quoted(&text)));
                }
                let Some(value) = &it.value else {
                    return self.edits.insert(name.end, ":true");
                };
                if let Some(at) = self.text.find('=', name.end, value.span().start) {
                    self.edits.replace(at, at + 1, ":");
                }
                match value {
                    JSXAttributeValue::StringLiteral(it) => {
                        let raw = self.text.of(it.span.start + 1, it.span.end - 1);
                        let text = quoted(&decoded(raw));
                        self.edits.replace(it.span.start, it.span.end, text);
                    }
                    JSXAttributeValue::ExpressionContainer(it) => self.container(it),
                    JSXAttributeValue::Element(it) => self.jsx_element(it),
                    JSXAttributeValue::Fragment(it) => self.jsx_fragment(it),
                }
            }
        }
    }

    fn children(&mut self, children: &[JSXChild<'a>]) {
        for child in children {
            let start = child.span().start;
            match child {
                JSXChild::Text(it) => {
                    let raw = self.text.of(it.span.start, it.span.end);
                    let text = match meant(raw) {
                        Some(text) => format!(",{}", quoted(&decoded(&text))),
                        None => String::new(),
                    };
                    self.edits.replace(it.span.start, it.span.end, text);
                }
                JSXChild::ExpressionContainer(it)
                    if matches!(it.expression, JSXExpression::EmptyExpression(_)) =>
                {
                    self.without_braces(it.span, |_| {});
                }
                JSXChild::ExpressionContainer(it) => {
                    self.edits.insert(start, ",");
                    self.container(it);
                }
                JSXChild::Element(it) => {
                    self.edits.insert(start, ",");
                    self.jsx_element(it);
                }
                JSXChild::Fragment(it) => {
                    self.edits.insert(start, ",");
                    self.jsx_fragment(it);
                }
                JSXChild::Spread(it) => {
                    self.edits.insert(start, ",");
                    self.without_braces(it.span, |strip| strip.visit_expression(&it.expression));
                }
            }
        }
    }

    /// An expression in braces, which become brackets.
    fn container(&mut self, it: &JSXExpressionContainer<'a>) {
        if let Some(expression) = it.expression.as_expression() {
            self.edits.blank_after('(', it.span.start, it.span.start + 1);
            self.visit_expression(expression);
            self.edits.blank_before(')', it.span.end - 1, it.span.end);
        } else {
            self.refuse(it.span, "An attribute of JSX needs a value");
        }
    }

    fn without_braces(&mut self, span: Span, inside: impl FnOnce(&mut Self)) {
        self.edits.blank(span.start, span.start + 1);
        inside(self);
        self.edits.blank(span.end - 1, span.end);
    }
}

/// What text between elements means: its lines without the spaces around line ends, those that are
/// not empty with one space between.
fn meant(raw: &str) -> Option<String> {
    let lines: Vec<&str> = raw.split(crate::edits::ends_line).collect();
    let last = lines.len() - 1;
    let blank = [' ', '\t'];
    let kept: Vec<&str> = lines
        .iter()
        .enumerate()
        .map(|(at, line)| {
            let line = if at == 0 { line } else { line.trim_start_matches(blank) };
            if at == last { line } else { line.trim_end_matches(blank) }
        })
        .filter(|line| !line.is_empty())
        .collect();
    (!kept.is_empty()).then(|| kept.join(" "))
}

/// More bytes than any entity has; numbers have as many digits as one likes, but none more than these.
const LONGEST_ENTITY: usize = 32;

/// The text with its entities (`&nbsp;`, `&#38;`) decoded.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let near = rest.as_bytes().iter().take(LONGEST_ENTITY).position(|byte| *byte == b';');
        let entity = near.and_then(|end| Some((end, entity(&rest[1..end])?)));
        let (len, c) = entity.map_or((1, '&'), |(end, c)| (end + 1, c));
        out.push(c);
        rest = &rest[len..];
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else { return XML_ENTITIES.get(name).copied() };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}
