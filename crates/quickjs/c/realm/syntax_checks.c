/* Faults that the parser finds later, or in another place, than Node does: what it asks at these places in
   runtimes with realms. Each answers 0, or -1 when it has thrown the error. */

/* A property of an object literal, without a colon: its name stands for a variable, or it is wrong. */
static int sandtide_check_object_member(JSParseState *s, const uint8_t *start, int type)
{
    if (type == PROP_TYPE_VAR && s->token.val == '=') {
        if (next_token(s) || js_parse_assign_expr(s))
            return -1;
        sandtide_mark(s, start);
        return js_parse_error(s, "Invalid shorthand property initializer");
    }
    if (type == PROP_TYPE_IDENT && *start != '[' &&
        (s->token.val == '}' || s->token.val == ',' || s->token.val == '=')) {
        sandtide_mark(s, start);
        return js_parse_error(s, "unexpected");
    }
    return 0;
}

/* A class member that looks like a property of an object. */
static int sandtide_check_class_member(JSParseState *s)
{
    const uint8_t *name = s->prev_ptr;
    int len = s->last_ptr - name;

    if (s->token.val != ':' && s->token.val != ',')
        return 0;
    s->wrong_from = name;
    s->wrong_to = s->last_ptr;
    js_parse_error(s, "unexpected");
    if (is_word_byte(*name) && len > 0)
        s->ctx->rt->sandtide->error_width = 0;
    return -1;
}

/* A parameter of an arrow function that is none: what was parsed as an expression is a target that it may
   not be. `start` is a JSParsePos. */
static int sandtide_check_arrow_parameter(JSParseState *s, const void *start)
{
    const uint8_t *from = ((const JSParsePos *)start)->ptr;

    if (js_parse_seek_token(s, start) || js_parse_assign_expr(s))
        return -1;
    sandtide_mark(s, from);
    return js_parse_error(s, "invalid destructuring target");
}

/* The head of a loop that is neither of `of` nor `in`, nor has semicolons: its declarations may be what
   is wrong. `start` is a JSParsePos. */
static int sandtide_check_declarations(JSParseState *s, const void *start, int tok)
{
    if (tok != TOK_VAR && tok != TOK_LET && tok != TOK_CONST)
        return 0;
    if (push_scope(s) < 0 || js_parse_seek_token(s, start) || next_token(s))
        return -1;
    return js_parse_var(s, 0, tok, false);
}

/* A name that is exported names a variable; `reserved` is the first that cannot. */
static int sandtide_check_exported_names(JSParseState *s, const uint8_t *reserved)
{
    if (!reserved)
        return 0;
    s->wrong_from = reserved;
    s->wrong_to = reserved + 1;
    while (is_word_byte(*s->wrong_to))
        s->wrong_to++;
    return js_parse_error(s, "reserved name");
}

/* An import that is declared once more. */
static int sandtide_check_imports(JSParseState *s, JSFunctionDef *fd, JSAtom name)
{
    int i;

    for (i = 0; i < fd->closure_var_count; i++) {
        if (fd->closure_var[i].var_name == name)
            return js_parse_error(s, "duplicate import binding");
    }
    return 0;
}

/* A regular expression that cannot be compiled: all of it is marked. */
static void sandtide_mark_regexp(JSParseState *s)
{
    if (sandtide_has_words(s))
        s->ctx->rt->sandtide->error_width = utf16_length(s->token.ptr, s->buf_ptr);
}

static int sandtide_check_import_call(JSParseState *s)
{
    if (s->token.val != '(')
        return s->is_module ? 0 : js_parse_error(s, "Cannot use import statement outside a module");
    if (peek_token(s, false) != ')')
        return 0;
    if (next_token(s))
        return -1;
    return js_parse_error(s, "import() requires a specifier");
}

/* A name that is imported as itself names a variable. */
static int sandtide_check_imported_name(JSParseState *s)
{
    const uint8_t *name = s->prev_ptr;

    if (!is_reserved_word(name, s->last_ptr - name) &&
        !is_one_of(name, s->last_ptr - name, strict_words))
        return 0;
    sandtide_mark(s, name);
    return js_parse_error(s, "reserved name");
}

/* `()` that begins no arrow function. */
static int sandtide_check_empty_parentheses(JSParseState *s)
{
    const uint8_t *end = s->token.ptr;

    if (next_token(s))
        return -1;
    if (s->token.val == TOK_ARROW)
        return js_parse_error(s, "unexpected token in expression: '%.*s'", 2, "=>");
    s->wrong_from = end;
    s->wrong_to = end + 1;
    return js_parse_error(s, "unexpected");
}

static int sandtide_unclosed_arguments(JSParseState *s)
{
    return js_parse_error(s, "missing ) after argument list");
}

/* A pattern in a declaration, with nothing to take apart. */
static int sandtide_pattern_without_value(JSParseState *s, int tok)
{
    const uint8_t *from = s->token.ptr;

    if (js_parse_destructuring_element(s, tok, false, true, -1, false, false) < 0)
        return -1;
    sandtide_mark(s, from);
    return js_parse_error(s, "Missing initializer in destructuring declaration");
}

/* Marks the parameters from their parenthesis on, to the end. */
static void sandtide_mark_parameters(JSParseState *s, const uint8_t *from)
{
    if (!sandtide_has_words(s))
        return;
    while (s->token.val != ')' && s->token.val != TOK_EOF) {
        if (next_token(s)) {
            JS_FreeValue(s->ctx, JS_GetException(s->ctx));
            break;
        }
    }
    s->wrong_from = from;
    s->wrong_to = s->buf_ptr;
}

static int sandtide_check_regexp_flags(JSParseState *s)
{
    JSString *flags = JS_VALUE_GET_STRING(s->token.u.regexp.flags);
    uint32_t i, j, c;

    for (i = 0; i < flags->len; i++) {
        c = string_get(flags, i);
        if (c >= 0x80 || !strchr("dgimsuvy", c))
            return js_parse_error(s, "Invalid regular expression flags");
        for (j = 0; j < i; j++) {
            uint32_t other = string_get(flags, j);
            if (other == c || (other == 'u' && c == 'v') || (other == 'v' && c == 'u'))
                return js_parse_error(s, "Invalid regular expression flags");
        }
    }
    return 0;
}
