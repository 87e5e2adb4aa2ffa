//! Enums, namespaces and aliases of imports, which are there when a program runs: each is compiled in
//! its place, every member in the line where it stood.
//!
//! An enum becomes a function that is called at once, in which each member is a constant: initializers
//! find earlier members by their names. A namespace does as well; what it exports is a variable of
//! that function, which the namespace's object has a getter for.

use std::collections::HashSet;

use oxc_ast::ast::*;
use oxc_ast_visit::Visit;
use oxc_span::GetSpan;
use oxc_syntax::identifier::is_identifier_name;
use oxc_syntax::keyword::is_reserved_keyword;

use crate::strip::Strip;

/// The names of what compiled enums and namespaces use themselves.
const OBJECT: &str = "$ts_object";
const LAST: &str = "$ts_last";
const MEMBER: &str = "$ts_member";

impl<'a> Strip<'_> {
    /// Declares the enums and namespaces of a list of statements, which may have several parts each.
    pub(crate) fn declarations(&mut self, statements: &[Statement<'a>]) {
        let mut known: HashSet<&str> = HashSet::new();
        for statement in statements {
            let declaration = match statement {
                Statement::ExportDeclaration(it) => Some(&it.declaration),
                other => other.as_declaration(),
            };
            match declaration {
                Some(Declaration::FunctionDeclaration(it)) if it.body.is_some() => {
                    known.extend(it.id.as_ref().map(|id| id.name.as_str()));
                }
                Some(Declaration::ClassDeclaration(it)) if !it.declare => {
                    known.extend(it.id.as_ref().map(|id| id.name.as_str()));
                }
                _ => {}
            }
        }
        for statement in statements {
            if Self::is_type(statement) {
                continue;
            }
            let (exported, declaration) = match statement {
                Statement::ExportDeclaration(it) => (Some(it.span.start), &it.declaration),
                other => match other.as_declaration() {
                    Some(declaration) => (None, declaration),
                    None => continue,
                },
            };
            let (name, start) = match declaration {
                Declaration::TSEnumDeclaration(it) => (it.id.name.as_str(), it.span.start),
                Declaration::TSNamespaceDeclaration(it) => (it.id.name.as_str(), it.span.start),
                _ => continue,
            };
            let is_new = known.insert(name);
            let keyword = if self.in_block { "let" } else { "var" };
            if is_new {
                self.edits.insert(start, format!("{keyword} {name};"));
            } else if let Some(at) = exported {
                // The first part is exported already.
                self.export_goes(at);
            }
        }
    }

    pub(crate) fn enumeration(&mut self, it: &TSEnumDeclaration<'a>) {
        self.needs_more(it.span, "TypeScript enum");
        let name = it.id.name.as_str();
        let head = format!(
            ";(function({OBJECT}){{let {LAST}=-1;const {MEMBER}=(name,value)=>{{\
             {OBJECT}[name]=value;if(typeof value!=='string'){OBJECT}[value]=name;\
             return {LAST}=value}};"
        );
        self.edits.replace(it.span.start, it.body.span.start + 1, head);
        let mut counts = true;
        for member in &it.body.members {
            let (id, key) = match &member.id {
                TSEnumMemberName::Identifier(id) => (id.span, Some(id.name.as_str())),
                TSEnumMemberName::String(id) | TSEnumMemberName::ComputedString(id) => {
                    (id.span, Some(id.value.as_str()))
                }
                TSEnumMemberName::ComputedTemplateString(id) => (
                    id.span,
                    id.quasis
                        .first()
                        .and_then(|quasi| quasi.value.cooked.as_ref())
                        .map(|it| it.as_str()),
                ),
            };
            let Some(key) = key else {
                self.refuse(member.span, "The name of an enum's member must be a constant");
                continue;
            };
            let constant = if is_identifier_name(key) && !is_reserved(key) {
                format!("const {key}=")
            } else {
                String::new()
            };
            let call = format!("{constant}{MEMBER}({},", quoted(key));
            match &member.initializer {
                Some(value) => {
                    self.edits.replace(member.span.start, value.span().start, call + "(");
                    self.visit_expression(value);
                    self.edits.insert(member.span.end, "))");
                    counts = !matches!(
                        value,
                        Expression::StringLiteral(_) | Expression::TemplateLiteral(_)
                    );
                }
                None if counts => {
                    let text = format!("{call}{LAST}+1)");
                    self.edits.replace(member.span.start, member.span.end, text);
                }
                None => {
                    self.refuse(id, "This member of an enum needs a value: the one before is text");
                }
            }
            let comma = self.text.next(member.span.end);
            if self.text.of(comma, comma + 1) == "," {
                self.edits.replace(comma, comma + 1, ";");
            }
        }
        let end = it.body.span.end;
        self.edits.insert(end, format!(")({name}||({name}={{}}));"));
    }

    pub(crate) fn namespace(&mut self, it: &TSNamespaceDeclaration<'a>) {
        self.needs_more(it.span, "TypeScript namespace declaration");
        let name = it.id.name.as_str();
        let mut head = format!(";(function({OBJECT}){{");
        let mut tail = format!(")({name}||({name}={{}}));");
        let mut inner = it;
        loop {
            match &inner.body {
                TSNamespaceDeclarationBody::TSNamespaceDeclaration(next) => {
                    let part = next.id.name.as_str();
                    head += &format!(
                        "let {part}={OBJECT}.{part}||({OBJECT}.{part}={{}});(function({OBJECT}){{"
                    );
                    tail = format!(")({part});}}{tail}");
                    inner = next;
                }
                TSNamespaceDeclarationBody::TSModuleBlock(block) => {
                    for (exported, is_constant) in self.exported(&block.body) {
                        let set = if is_constant {
                            String::new()
                        } else {
                            format!(",set:$ts_value=>{exported}=$ts_value")
                        };
                        head += &format!(
                            "Object.defineProperty({OBJECT},{},{{enumerable:true,\
                             configurable:true,get:()=>{exported}{set}}});",
                            quoted(exported)
                        );
                    }
                    self.edits.replace(it.span.start, block.span.start + 1, head);
                    let outer = std::mem::replace(&mut self.in_block, false);
                    self.visit_statements(&block.body);
                    self.in_block = outer;
                    self.edits.insert(it.span.end, tail);
                    return;
                }
            }
        }
    }

    /// What a namespace's statements export, and whether it is constant; notes that `export` goes.
    fn exported<'b>(&mut self, statements: &'b [Statement<'a>]) -> Vec<(&'b str, bool)> {
        let (mut names, mut known) = (Vec::new(), HashSet::new());
        for statement in statements {
            let it = match statement {
                Statement::ExportDeclaration(it) => it,
                Statement::ExportNamedDeclaration(_)
                | Statement::ExportFromDeclaration(_)
                | Statement::ExportAllDeclaration(_)
                | Statement::ExportDefaultDeclaration(_)
                | Statement::ImportDeclaration(_)
                    if !Self::is_type(statement) =>
                {
                    self.refuse(statement.span(), "A namespace exports declarations only");
                    continue;
                }
                _ => continue,
            };
            if Self::is_type(statement) {
                continue;
            }
            let mut add = |name: &'b str, is_constant| {
                if known.insert(name) {
                    names.push((name, is_constant));
                }
            };
            match &it.declaration {
                Declaration::VariableDeclaration(it) => {
                    let is_constant = it.kind.is_const();
                    for declarator in &it.declarations {
                        for id in declarator.id.get_binding_identifiers() {
                            add(id.name.as_str(), is_constant);
                        }
                    }
                }
                Declaration::FunctionDeclaration(it) => {
                    it.id.iter().for_each(|id| add(id.name.as_str(), false));
                }
                Declaration::ClassDeclaration(it) => {
                    it.id.iter().for_each(|id| add(id.name.as_str(), false));
                }
                Declaration::TSEnumDeclaration(it) => add(it.id.name.as_str(), false),
                Declaration::TSNamespaceDeclaration(it) => add(it.id.name.as_str(), false),
                Declaration::TSImportEqualsDeclaration(it) => add(it.id.name.as_str(), true),
                _ => {}
            }
            self.export_goes(it.span.start);
        }
        names
    }

    pub(crate) fn import_equals(&mut self, it: &TSImportEqualsDeclaration<'a>) {
        self.needs_more(it.span, "TypeScript import equals declaration");
        match &it.module_reference {
            TSModuleReference::ExternalModuleReference(_) => {
                self.refuse(
                    it.span,
                    "`import name = require()` is not supported: use `import name from`",
                );
            }
            _ => {
                let start = it.span.start;
                self.edits.replace(start, start + "import".len() as u32, "const");
            }
        }
    }
}

fn is_reserved(word: &str) -> bool {
    is_reserved_keyword(word)
        || matches!(
            word,
            "let"
                | "static"
                | "implements"
                | "interface"
                | "package"
                | "private"
                | "protected"
                | "public"
                | "yield"
                | "await"
                | "eval"
                | "arguments"
        )
}

/// A text as a literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                literal.push('\\');
                literal.push(c);
            }
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\u{2028}' => literal.push_str("\\u2028"),
            '\u{2029}' => literal.push_str("\\u2029"),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}
