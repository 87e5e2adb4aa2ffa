/* What is said of programs that do not parse, in runtimes with realms: the words of Node, and the piece
   of the source that they are about (`wrong_from` to `wrong_to` of the parser's state). Knows the
   parser's own messages and tokens; must not know what is done with the error. */

/* What a message is about. */
enum {
    HERE,   /* the current token */
    BEFORE, /* the token before it */
    MARKED, /* what the parser marked */
};

/* What is said of it. */
enum {
    SAY,        /* the words in the table, with the message's own arguments */
    UNEXPECTED, /* that it was not expected */
    DECLARED,   /* that its name is taken */
    STRICT,     /* that strict code has no such name */
    LABEL,
    TARGET,
    STATEMENT, /* a declaration that stands where only a statement may */
    FUNCTION,
    MEMBER, /* of a class, with a name that it may not have */
    INITIALIZER,
    STRING, /* from here on tokens that could not be read */
    ESCAPE,
    NUMBER,
    CHARACTER,
    REST_OF_TEXT,
};

#define STRICT_WORDS "Unexpected eval or arguments in strict mode"
#define SUPER_WORDS "'super' keyword unexpected here"
#define ILLEGAL "Invalid or unexpected token"
#define NO_REGEXP_END "Invalid regular expression: missing /"

static const struct SyntaxWords {
    const char *ours, *theirs;
    uint8_t what, about;
} syntax_words[] = {
    { "expecting '%c'", NULL, UNEXPECTED, HERE },
    { "Unexpected end of input", NULL, UNEXPECTED, HERE },
    { "Unexpected number", NULL, UNEXPECTED, HERE },
    { "Unexpected string", NULL, UNEXPECTED, HERE },
    { "Unexpected string template", NULL, UNEXPECTED, HERE },
    { "Unexpected identifier '%s'", NULL, UNEXPECTED, HERE },
    { "Unexpected token '%.*s'", NULL, UNEXPECTED, HERE },
    { "unexpected token in expression: '%.*s'", NULL, UNEXPECTED, HERE },
    { "'%s' is a reserved identifier", NULL, UNEXPECTED, HERE },
    { "yield is a reserved identifier", NULL, UNEXPECTED, BEFORE },
    { "unexpected 'await' keyword", NULL, UNEXPECTED, HERE },
    { "unexpected 'yield' keyword", NULL, UNEXPECTED, HERE },
    { "variable name expected", NULL, UNEXPECTED, HERE },
    { "invalid property name", NULL, UNEXPECTED, HERE },
    { "class statement requires a name", NULL, UNEXPECTED, HERE },
    { "missing formal parameter", NULL, UNEXPECTED, HERE },
    { "missing binding pattern...", NULL, UNEXPECTED, HERE },
    { "expecting target", NULL, UNEXPECTED, HERE },
    { "expecting field name", NULL, UNEXPECTED, HERE },
    { "meta expected", NULL, UNEXPECTED, HERE },
    { "invalid switch statement", NULL, UNEXPECTED, HERE },
    { "identifier expected", NULL, UNEXPECTED, HERE },
    { "string expected", NULL, UNEXPECTED, HERE },
    { "identifier or string expected", NULL, UNEXPECTED, HERE },
    { "identifier or string expected expected", NULL, UNEXPECTED, HERE },
    { "from clause expected", NULL, UNEXPECTED, HERE },
    { "expecting 'as'", NULL, UNEXPECTED, HERE },
    { "invalid export syntax", NULL, UNEXPECTED, MARKED },
    { "invalid assignment syntax", NULL, UNEXPECTED, HERE },
    { "unsupported keyword: %s", NULL, UNEXPECTED, HERE },
    { "'using' expected", NULL, UNEXPECTED, HERE },
    { "cannot mix ?? with && or ||", NULL, UNEXPECTED, HERE },
    { "for await is only valid in asynchronous functions", NULL, UNEXPECTED, HERE },
    { "'for await' loop should be used with 'of'", NULL, UNEXPECTED, HERE },
    { "expected 'of' or 'in' in for control expression", NULL, UNEXPECTED, HERE },
    { "class declarations can't appear in single-statement context", NULL, UNEXPECTED, HERE },
    { "lexical declarations can't appear in single-statement context", NULL, STATEMENT, HERE },
    { "function declarations can't appear in single-statement context", NULL, FUNCTION, HERE },
    { "function name expected", "Function statements require a function name", FUNCTION, HERE },
    { "invalid redefinition of lexical identifier", NULL, DECLARED, BEFORE },
    { "invalid redefinition of parameter name", NULL, DECLARED, BEFORE },
    { "invalid redefinition of a variable", NULL, DECLARED, BEFORE },
    { "invalid redefinition of global identifier", NULL, DECLARED, BEFORE },
    { "invalid redefinition of global identifier in module code", NULL, DECLARED, BEFORE },
    { "duplicate import binding", NULL, DECLARED, BEFORE },
    { "'undefined' already declared", NULL, DECLARED, BEFORE },
    { "private class field is already defined", NULL, DECLARED, HERE },
    { "unexpected", NULL, UNEXPECTED, MARKED },
    { "Invalid shorthand property initializer", "Invalid shorthand property initializer", SAY, MARKED },
    { "Invalid regular expression flags", "Invalid regular expression flags", CHARACTER, HERE },
    { "Missing initializer in destructuring declaration", "Missing initializer in destructuring declaration",
      SAY, MARKED },
    { "missing ) after argument list", "missing ) after argument list", SAY, BEFORE },
    { "import() requires a specifier", "import() requires a specifier", SAY, BEFORE },
    { "Cannot use import statement outside a module", "Cannot use import statement outside a module", SAY,
      BEFORE },
    { "Getter must not have any formal parameters.", "Getter must not have any formal parameters.", SAY,
      MARKED },
    { "invalid number of arguments for getter or setter", "Setter must have exactly one formal parameter.",
      SAY, MARKED },
    { "Rest parameter may not have a default initializer", "Rest parameter may not have a default initializer",
      SAY, HERE },
    { "Rest parameter must be last formal parameter", "Rest parameter must be last formal parameter", SAY,
      HERE },
    { "Rest parameter must be last formal parameter.", "Rest parameter must be last formal parameter", SAY,
      BEFORE },
    { "invalid class name", STRICT_WORDS, SAY, HERE },
    { "invalid variable name in strict mode", STRICT_WORDS, SAY, BEFORE },
    { "invalid import binding", STRICT_WORDS, SAY, BEFORE },
    { "invalid lvalue in strict mode", STRICT_WORDS, SAY, MARKED },
    { "invalid function name in strict code", NULL, STRICT, MARKED },
    { "invalid argument name in strict code", NULL, STRICT, MARKED },
    { "invalid destructuring target", NULL, TARGET, HERE },
    { "invalid assignment left-hand side", "Invalid left-hand side in assignment", SAY, MARKED },
    { "invalid for in/of left hand-side", "Invalid left-hand side in for-loop", SAY, MARKED },
    { "invalid increment/decrement operand", "Invalid left-hand side expression in %s operation", TARGET,
      MARKED },
    { "invalid lexical variable name 'let'", "let is disallowed as a lexically bound name", SAY, BEFORE },
    { "'let' is not a valid lexical identifier", "let is disallowed as a lexically bound name", SAY, HERE },
    { "missing initializer for variable", "Missing initializer in const declaration", SAY, BEFORE },
    { "a declaration in the head of a for-%s loop can't have an initializer",
      "for-%s loop variable declaration may not have an initializer.", SAY, MARKED },
    { "'for of' expression cannot start with 'async'",
      "The left-hand side of a for-of loop may not be 'async'.", SAY, HERE },
    { "'for of' expression cannot start with 'let'", "The left-hand side of a for-of loop may not be 'let'.",
      SAY, HERE },
    { "a for-of loop cannot redeclare a catch parameter", NULL, DECLARED, BEFORE },
    { "assignment rest property must be last", "Rest element must be last element", SAY, BEFORE },
    { "rest element must be the last one", "Rest element must be last element", SAY, MARKED },
    { "duplicate __proto__ property name", "Duplicate __proto__ fields are not allowed in object literals",
      SAY, MARKED },
    { "Duplicate parameter name not allowed in this context",
      "Duplicate parameter name not allowed in this context", STRICT, MARKED },
    { "a setter's parameter cannot be a rest parameter",
      "Setter function argument must not be a rest parameter", SAY, MARKED },
    { "\"use strict\" not allowed in function with default or destructuring parameter",
      "Illegal 'use strict' directive in function with non-simple parameter list", SAY, MARKED },
    { "invalid method name", NULL, MEMBER, BEFORE },
    { "invalid field name", NULL, MEMBER, BEFORE },
    { "property constructor appears more than once", "A class may only have one constructor", SAY, BEFORE },
    { "expected '}' after template expression", "Missing } in template expression", SAY, MARKED },
    { "new.target only allowed within functions", "new.target expression is not allowed here", SAY, HERE },
    { "super() is not allowed after new", SUPER_WORDS, SAY, BEFORE },
    { "super() is only valid in a derived class constructor", SUPER_WORDS, SAY, BEFORE },
    { "'super' is only valid in a method", SUPER_WORDS, SAY, BEFORE },
    { "invalid use of 'super'", SUPER_WORDS, SAY, BEFORE },
    { "import.meta only valid in module code", "Cannot use 'import.meta' outside a module", SAY, HERE },
    { "invalid use of 'import()'", "Cannot use new with import", SAY, HERE },
    { "an optional chain is not allowed after new", "Invalid optional chain from new expression", SAY, HERE },
    { "template literal cannot appear in an optional chain", "Invalid tagged template on optional chain", SAY,
      HERE },
    { "illegal export name", "Invalid module export name: contains unpaired surrogate", SAY, HERE },
    { "string export name only allowed with 'from' clause",
      "String literal module export names must be followed by a 'from' clause", SAY, HERE },
    { "private class field forbidden after super", "Unexpected private field", SAY, HERE },
    { "cannot delete a direct reference in strict mode",
      "Delete of an unqualified identifier in strict mode.", SAY, BEFORE },
    { "cannot delete a private class field", "Private fields can not be deleted", SAY, BEFORE },
    { "'arguments' identifier is not allowed in class field initializer",
      "'arguments' is not allowed in class field initializer or static initialization block", SAY, HERE },
    { "await in default expression", "Illegal await-expression in formal parameters of async function", SAY,
      HERE },
    { "yield in default expression", "Yield expression not allowed in formal parameter", SAY, HERE },
    { "unparenthesized unary expression can't appear on the left-hand side of '**'",
      "Unary operator used immediately before exponentiation expression. Parenthesis must be used to "
      "disambiguate operator precedence",
      SAY, MARKED },
    { "continue must be inside loop", "Illegal continue statement: no surrounding iteration statement", SAY,
      BEFORE },
    { "break must be inside loop or switch", "Illegal break statement", SAY, BEFORE },
    { "break/continue label not found", NULL, LABEL, HERE },
    { "duplicate label name", "Label '%s' has already been declared", LABEL, HERE },
    { "return not in a function", "Illegal return statement", SAY, HERE },
    { "return in a static initializer block", "Illegal return statement", SAY, HERE },
    { "line terminator not allowed after throw", "Illegal newline after throw", SAY, BEFORE },
    { "duplicate default", "More than one default clause in switch statement", SAY, MARKED },
    { "expecting catch or finally", "Missing catch or finally after try", SAY, BEFORE },
    { "invalid keyword: with", "Strict mode code may not include a with statement", SAY, HERE },
    { "duplicate exported name '%s'", "Duplicate export of '%s'", SAY, BEFORE },
    { "duplicate with key", NULL, LABEL, MARKED },
    { "reserved name", "Unexpected reserved word", SAY, MARKED },
    { "unexpected end of string", ILLEGAL, STRING, HERE },
    { "unexpected end of comment", ILLEGAL, REST_OF_TEXT, HERE },
    { "invalid number literal", ILLEGAL, NUMBER, HERE },
    { "Octal literals are not allowed in strict mode", NULL, NUMBER, HERE },
    { "unexpected character", ILLEGAL, CHARACTER, HERE },
    { "invalid first character of private name", ILLEGAL, CHARACTER, HERE },
    { "unexpected end of regexp", NO_REGEXP_END, CHARACTER, HERE },
    { "unexpected line terminator in regexp", NO_REGEXP_END, CHARACTER, HERE },
    { "%s are not allowed in %s", "%s are not allowed in %s.", SAY, MARKED },
    { "Invalid %s escape sequence", NULL, ESCAPE, MARKED },
};

static bool sandtide_has_words(JSParseState *s)
{
    return s->ctx->rt->sandtide != NULL;
}

static bool sandtide_may_return(JSContext *ctx)
{
    return ctx->rt->sandtide->may_return;
}

/* Marks the source from `from` to the end of the token before the current one. */
static void sandtide_mark(JSParseState *s, const uint8_t *from)
{
    s->wrong_from = from;
    s->wrong_to = s->last_ptr;
}

static void mark_token(JSParseState *s)
{
    s->wrong_from = s->token.ptr;
    s->wrong_to = s->buf_ptr > s->token.ptr ? s->buf_ptr : s->token.ptr;
}

/* Who parses a piece once more, or another way, may leave marks that are none, or of nothing: then the
   token is what is wrong. */
static void check_mark(JSParseState *s)
{
    if (!s->wrong_from || !s->wrong_to || s->wrong_from < s->buf_start || s->wrong_to > s->buf_end ||
        s->wrong_to < s->wrong_from)
        mark_token(s);
}

static void throw_syntax(JSParseState *s, const char *format, ...)
{
    va_list args;
    JSValue error;

    va_start(args, format);
    error = JS_MakeError(s->ctx, JS_SYNTAX_ERROR, false, format, args);
    va_end(args);
    JS_Throw(s->ctx, JS_IsException(error) ? JS_NULL : error);
}

static bool is_word_byte(uint8_t c)
{
    return isalnum(c) || c == '_' || c == '$' || c >= 0x80;
}

static bool is_one_of(const uint8_t *p, size_t len, const char *words)
{
    const char *end;

    for (; *words; words = *end ? end + 1 : end) {
        end = strchr(words, ' ');
        if (!end)
            end = words + strlen(words);
        if ((size_t)(end - words) == len && memcmp(words, p, len) == 0)
            return true;
    }
    return false;
}

static const char *const reserved_words =
    "break case catch class const continue debugger default delete do else export extends false finally for "
    "function if import in instanceof new null return super switch this throw true try typeof var void while "
    "with";
static const char *const strict_words =
    "let static yield implements interface package private protected public";

static bool is_reserved_word(const uint8_t *p, size_t len)
{
    return is_one_of(p, len, reserved_words) || is_one_of(p, len, "enum await");
}

static const uint8_t *end_of_body(JSParseState *s)
{
    size_t offset = s->ctx->rt->sandtide->body_end;

    return offset ? s->buf_start + offset : NULL;
}

/* Whether what stands at `p` is the brace that we put after a function's body. */
static bool is_end_of_body(JSParseState *s, const uint8_t *p)
{
    const uint8_t *end = end_of_body(s);

    return end && p == end + 1;
}

/* That the marked piece was not expected. */
static void throw_unexpected(JSParseState *s)
{
    const uint8_t *p;
    uint8_t c;
    int len;

    check_mark(s);
    p = s->wrong_from;
    c = p < s->buf_end ? *p : 0;
    len = s->wrong_to - p;
    if (p >= s->buf_end || is_end_of_body(s, p)) {
        throw_syntax(s, "Unexpected end of input");
    } else if (isdigit(c) || (c == '.' && isdigit(p[1]))) {
        throw_syntax(s, "Unexpected number");
    } else if (c == '\'' || c == '"') {
        throw_syntax(s, "Unexpected string");
    } else if (c == '`') {
        throw_syntax(s, "Unexpected template string");
    } else if (c == '\\' && s->token.ptr == p && s->token.val == TOK_IDENT && s->token.u.ident.is_reserved) {
        throw_syntax(s, "Keyword must not contain escaped characters");
    } else if (s->is_module && c == '<' && strncmp((const char *)p, "<!--", 4) == 0) {
        throw_syntax(s, "HTML comments are not allowed in modules");
    } else if (is_word_byte(c) || (c == '#' && len > 1)) {
        if (memchr(p, '\\', len) && s->token.ptr == p && s->token.val == TOK_IDENT &&
            s->token.u.ident.is_reserved)
            throw_syntax(s, "Keyword must not contain escaped characters");
        else if (is_one_of(p, len, reserved_words))
            throw_syntax(s, "Unexpected token '%.*s'", len, p);
        else if (is_one_of(p, len, "enum await"))
            throw_syntax(s, "Unexpected reserved word");
        else if (s->cur_func->is_strict_mode && is_one_of(p, len, strict_words))
            throw_syntax(s, "Unexpected strict mode reserved word");
        else
            throw_syntax(s, "Unexpected identifier '%.*s'", len, p);
    } else if (c == '@' || c == '\\' || c == '#' || c < 0x20) {
        throw_syntax(s, ILLEGAL);
    } else {
        throw_syntax(s, "Unexpected token '%.*s'", len, p);
    }
}

static bool is_catch_parameter(JSFunctionDef *fd, JSAtom name)
{
    int i;

    for (i = fd->scope_first; i >= 0; i = fd->vars[i].scope_next) {
        if (fd->vars[i].var_name == name && fd->vars[i].var_kind == JS_VAR_CATCH)
            return true;
    }
    return false;
}

/* That a name is taken. */
static void throw_declared(JSParseState *s)
{
    char buf[ATOM_GET_STR_BUF_SIZE];

    /* classes are declared at their end, and functions of scripts */
    if (*s->wrong_from == '}' && s->class)
        s->wrong_from = s->class;
    if (!is_one_of(s->wrong_from, 5, "class") &&
        !is_catch_parameter(s->cur_func, s->declared))
        s->wrong_to = s->wrong_from + 1;
    throw_syntax(s, "Identifier '%s' has already been declared",
                 s->declared == JS_ATOM__default_
                     ? ".default"
                     : JS_AtomGetStr(s->ctx, buf, sizeof(buf), s->declared));
}

static bool is_label_of_block(JSParseState *s, JSAtom name)
{
    BlockEnv *block;

    for (block = s->cur_func->top_break; block; block = block->prev) {
        if (block->label_name == name)
            return true;
    }
    return false;
}

static void throw_label(JSParseState *s, const char *format)
{
    char buf[ATOM_GET_STR_BUF_SIZE];
    const char *name = JS_AtomGetStr(s->ctx, buf, sizeof(buf), s->declared);
    bool continues = strncmp((const char *)s->prev_ptr, "continue", 8) == 0;

    if (!token_is_ident(s->token.val)) {
        throw_syntax(s, "Import attribute has duplicate key '%s'", name);
        return;
    }
    name = JS_AtomGetStr(s->ctx, buf, sizeof(buf), s->token.u.ident.atom);
    if (format)
        throw_syntax(s, format, name);
    else if (continues && is_label_of_block(s, s->token.u.ident.atom))
        throw_syntax(s, "Illegal continue statement: '%s' does not denote an iteration statement", name);
    else
        throw_syntax(s, "Undefined label '%s'", name);
}

/* A function's declaration that stands where only a statement may, or that lacks its name. */
static void throw_function(JSParseState *s, const char *no_name)
{
    if (no_name) {
        if (s->token.val != '(') {
            throw_unexpected(s);
            return;
        }
        s->wrong_from = s->prev_ptr;
        s->wrong_to = s->last_ptr;
        throw_syntax(s, no_name);
    } else if (token_is_pseudo_keyword(s, JS_ATOM_async)) {
        throw_syntax(s, "Async functions can only be declared at the top level or inside a block.");
    } else if (peek_token(s, false) == '*') {
        for (s->wrong_from = s->buf_ptr; s->wrong_from < s->buf_end && *s->wrong_from != '*';)
            s->wrong_from++;
        s->wrong_to = s->wrong_from + 1;
        throw_syntax(s, "Generators can only be declared at the top level or inside a block.");
    } else if (s->cur_func->is_strict_mode) {
        throw_syntax(s, "In strict mode code, functions can only be declared at top level or inside a "
                        "block.");
    } else {
        throw_syntax(s, "In non-strict mode code, functions can only be declared at top level, inside a "
                        "block, or as the body of an if statement.");
    }
}

static void throw_member(JSParseState *s)
{
    const uint8_t *p = s->wrong_from;
    int len = s->wrong_to - p;

    if (memmem(p, len, "prototype", 9))
        throw_syntax(s, "Classes may not have a static property named 'prototype'");
    else if (s->token.val == '(' && *p != '#' && s->member_type != PROP_TYPE_IDENT)
        throw_syntax(s, "Class constructor may not be a%s",
                     s->member_type == PROP_TYPE_GET || s->member_type == PROP_TYPE_SET ? "n accessor"
                     : s->member_type == PROP_TYPE_ASYNC                                ? "n async method"
                                                                                       : " generator");
    else
        throw_syntax(s, "Classes may not have a field named 'constructor'");
}

/* Something that cannot be assigned to. */
static void throw_target(JSParseState *s, const char *format)
{
    bool marked = s->wrong_to == s->last_ptr;
    const uint8_t *from, *to;

    if (format) {
        throw_syntax(s, format,
                     (s->token.val == TOK_INC || s->token.val == TOK_DEC) && !s->got_lf ? "postfix"
                                                                                        : "prefix");
        return;
    }
    if (!marked) {
        mark_token(s);
        from = s->wrong_from;
        to = s->wrong_to;
        if (!is_one_of(from, to - from, "eval arguments"))
            throw_unexpected(s);
        else
            throw_syntax(s, STRICT_WORDS);
        return;
    }
    throw_syntax(s, "Invalid destructuring assignment target");
}

/* The digits that belong to a number, as far as it is one. */
static const uint8_t *end_of_number(const uint8_t *p, const uint8_t *end)
{
    const char *digits = "0123456789_";

    if (p + 1 < end && p[0] == '0' && p[1]) {
        if (strchr("xXoObB", p[1])) {
            digits = strchr("xX", p[1]) ? "0123456789abcdefABCDEF_"
                     : strchr("oO", p[1]) ? "01234567_" : "01_";
            p += 2;
            while (p < end && *p && strchr(digits, *p))
                p++;
            return p;
        }
        if (isdigit(p[1])) {
            while (p < end && isdigit(*p))
                p++;
            return p;
        }
    }
    while (p < end && *p && strchr(digits, *p))
        p++;
    if (p < end && *p == '.') {
        p++;
        while (p < end && *p && strchr(digits, *p))
            p++;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        while (p < end && isdigit(*p))
            p++;
    }
    return p;
}

static void throw_number(JSParseState *s)
{
    const uint8_t *p = s->token.ptr, *end = s->buf_end, *q = end_of_number(p, end), *stop;

    s->wrong_from = p;
    s->wrong_to = q;
    if (*p == '0' && q > p + 1 && isdigit(p[1]) && s->cur_func->is_strict_mode) {
        for (stop = p; stop < q && *stop < '8'; stop++)
            ;
        throw_syntax(s, stop < q ? "Decimals with leading zeros are not allowed in strict mode."
                                 : "Octal literals are not allowed in strict mode.");
        return;
    }
    for (stop = p; stop < q && *stop != '_'; stop++)
        ;
    if (stop < q) {
        s->wrong_from = stop;
        if (stop == p + 1 && *p == '0') {
            s->wrong_to = stop + 1;
            throw_syntax(s, "Numeric separator can not be used after leading 0.");
            return;
        }
        for (; stop < q; stop++) {
            if (*stop == '_' && stop + 1 < end && stop[1] == '_') {
                s->wrong_from = stop + 1;
                s->wrong_to = stop + 2;
                throw_syntax(s, "Only one underscore is allowed as numeric separator");
                return;
            }
            if (*stop == '_' && stop + 1 == q) {
                s->wrong_from = stop + 1;
                s->wrong_to = stop + 2;
                throw_syntax(s, "Numeric separators are not allowed at the end of numeric literals");
                return;
            }
        }
        s->wrong_from = p;
    }
    throw_syntax(s, ILLEGAL);
}

/* `wrong_from` is at what follows the backslash. */
static void throw_escape(JSParseState *s)
{
    const uint8_t *p = s->wrong_from, *q;
    uint32_t code = 0;

    s->wrong_from = p - 1;
    if (*p == 'x') {
        s->wrong_to = p + 3;
        throw_syntax(s, "Invalid hexadecimal escape sequence");
        return;
    }
    s->wrong_to = p + 5;
    if (p + 1 < s->buf_end && p[1] == '{') {
        for (q = p + 2; q < s->buf_end && isxdigit(*q) && code <= 0x10ffff; q++)
            code = code * 16 + from_hex(*q);
        if (code > 0x10ffff) {
            s->wrong_to = q;
            throw_syntax(s, "Undefined Unicode code-point");
            return;
        }
        s->wrong_from = q;
        s->wrong_to = q + 1;
    }
    throw_syntax(s, "Invalid Unicode escape sequence");
}

/* Finds the words and the place for a message of the parser, and throws the error. False: the message is
   not one of those that have words of their own. */
static bool sandtide_syntax_error(JSParseState *s, const char *format, va_list args)
{
    const struct SyntaxWords *words = NULL;
    const uint8_t *stop;
    JSValue error;
    size_t i;

    if (!sandtide_has_words(s) || !s->cur_func) {
        s->wrong_to = NULL;
        return false;
    }
    for (i = 0; i < countof(syntax_words) && !words; i++) {
        if (strcmp(format, syntax_words[i].ours) == 0)
            words = &syntax_words[i];
    }
    if (!words || words->about == HERE) {
        if (!words || words->what != TARGET)
            mark_token(s);
    } else if (words->about == BEFORE && s->prev_ptr && s->last_ptr >= s->prev_ptr) {
        s->wrong_from = s->prev_ptr;
        s->wrong_to = s->last_ptr;
    }
    if (!words)
        return false;
    if (words->what == ESCAPE)
        s->wrong_to = s->wrong_from; /* it finds the end itself */
    /* whether anything is marked is what tells two targets apart */
    if (words->what != TARGET)
        check_mark(s);
    switch (words->what) {
    case SAY:
        error = JS_MakeError(s->ctx, JS_SYNTAX_ERROR, false, words->theirs, args);
        JS_Throw(s->ctx, JS_IsException(error) ? JS_NULL : error);
        break;
    case UNEXPECTED:
        /* what was awaited comes after a word that only async functions know */
        if (strcmp(format, "expecting '%c'") == 0 && s->last_ptr == s->prev_ptr + 5 &&
            memcmp(s->prev_ptr, "await", 5) == 0) {
            s->wrong_from = s->prev_ptr;
            s->wrong_to = s->last_ptr;
            throw_syntax(s, "await is only valid in async functions and the top level bodies of modules");
        } else {
            if (*s->wrong_from == '\\') {
                s->wrong_to = s->wrong_from + 1;
                if (*s->wrong_to == 'u') {
                    for (stop = s->wrong_to + 1; stop < s->wrong_to + 5 && isxdigit(*stop); stop++)
                        ;
                    s->wrong_to = stop;
                }
            }
            throw_unexpected(s);
        }
        break;
    case DECLARED:
        throw_declared(s);
        break;
    case STRICT:
        if (words->theirs)
            throw_syntax(s, words->theirs);
        else if (s->declared == JS_ATOM_eval || s->declared == JS_ATOM_arguments)
            throw_syntax(s, STRICT_WORDS);
        else
            throw_syntax(s, "Unexpected strict mode reserved word");
        break;
    case LABEL:
        throw_label(s, words->theirs);
        break;
    case TARGET:
        throw_target(s, words->theirs);
        break;
    case STATEMENT:
        if (s->token.val == TOK_LET || token_is_pseudo_keyword(s, JS_ATOM_let))
            throw_syntax(s, "Lexical declaration cannot appear in a single-statement context");
        else
            throw_unexpected(s);
        break;
    case FUNCTION:
        throw_function(s, words->theirs);
        break;
    case MEMBER:
        throw_member(s);
        break;
    case STRING:
        if (*s->token.ptr == '`' || *s->token.ptr == '}') {
            s->wrong_from = s->wrong_to = s->buf_end;
            throw_syntax(s, "Unexpected end of input");
            break;
        }
        for (stop = s->token.ptr; stop < s->buf_end && *stop != '\n' && *stop != '\r'; stop++)
            ;
        s->wrong_to = stop;
        throw_syntax(s, words->theirs);
        break;
    case ESCAPE:
        throw_escape(s);
        break;
    case NUMBER:
        throw_number(s);
        break;
    case CHARACTER:
        s->wrong_to = s->token.ptr + (*s->token.ptr < 0x80);
        throw_syntax(s, words->theirs);
        break;
    default:
        s->wrong_to = s->buf_end;
        throw_syntax(s, words->theirs);
    }
    return true;
}

/* Line and column of what is wrong, and how many characters of its line are marked; -1: it goes on
   beyond the line, and nothing is marked. */
static void sandtide_syntax_place(JSParseState *s, int *line, int *column)
{
    Sandtide *host = s->ctx->rt->sandtide;
    const uint8_t *from = s->wrong_from, *to = s->wrong_to, *start, *p;

    if (!host || !to || !from || to < from || from < s->buf_start || from > s->buf_end)
        return;
    if (to > s->buf_end)
        to = s->buf_end;
    start = end_of_body(s);
    if (start && from > start) {
        host->error_after_body = from > start + 1 && from < s->buf_end;
        from = to = start;
    }
    host->error_width = utf16_length(from, to);
    for (p = from; p < to && p < s->buf_end; p++) {
        if (*p == '\n' || *p == '\r')
            host->error_width = -1;
    }
    *line = s->token.line_num;
    for (p = from; p < s->token.ptr; p++)
        *line -= *p == '\n';
    for (p = s->token.ptr; p < from; p++)
        *line += *p == '\n';
    for (start = from; start > s->buf_start && start[-1] != '\n' && start[-1] != '\r';)
        start--;
    *column = utf16_length(start, from) + 1;
    s->wrong_to = NULL;
}

/* Marks the word `name` where it stands for the `nth` time (from 1) after `from`. */
static void sandtide_mark_word(JSParseState *s, const uint8_t *from, JSAtom name, int nth)
{
    char buf[ATOM_GET_STR_BUF_SIZE];
    const char *word = JS_AtomGetStr(s->ctx, buf, sizeof(buf), name);
    size_t len = strlen(word);
    const uint8_t *p, *found = from;

    s->declared = name;
    for (p = from; nth > 0 && (p = memmem(p, s->buf_end - p, word, len)) != NULL; p++) {
        if ((p > from && is_word_byte(p[-1])) || (p + len < s->buf_end && is_word_byte(p[len])))
            continue;
        found = p;
        nth--;
    }
    s->wrong_from = found;
    s->wrong_to = found + len;
}
