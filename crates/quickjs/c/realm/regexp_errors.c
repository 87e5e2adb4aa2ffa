/* What is said of regular expressions that cannot be compiled, in runtimes with realms: Node's words, with
   the pattern and its flags. */

/* The message is as long as the pattern. */
static void throw_long_syntax(JSContext *ctx, const char *pattern, const char *flags, const char *words)
{
    DynBuf text;
    JSValue error, message = JS_EXCEPTION;

    js_dbuf_init(ctx, &text);
    dbuf_putstr(&text, "Invalid regular expression: /");
    dbuf_putstr(&text, pattern);
    dbuf_putc(&text, '/');
    dbuf_putstr(&text, flags);
    dbuf_putstr(&text, ": ");
    dbuf_putstr(&text, words);
    if (!dbuf_error(&text))
        message = JS_NewStringLen(ctx, (char *)text.buf, text.size);
    dbuf_free(&text);
    if (JS_IsException(message))
        return;
    JS_ThrowSyntaxError(ctx, "%s", "");
    error = JS_GetException(ctx);
    if (JS_IsObject(error))
        JS_DefinePropertyValue(ctx, error, JS_ATOM_message, message, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    else
        JS_FreeValue(ctx, message);
    JS_Throw(ctx, error);
}

/* Node's words for what is wrong with a regular expression; the engine's own may have an argument. */
static const struct { const char *ours, *theirs; } regexp_words[] = {
    { "expecting ')'", "Unterminated group" },
    { "expecting '}'", "Incomplete quantifier" },
    { "expecting '{' after \\p", "Invalid property name" },
    { "expecting '{' after \\q", "Invalid escape" },
    { "unknown unicode property value", "Invalid property name" },
    { "unknown unicode script", "Invalid property name" },
    { "unknown unicode general category", "Invalid property name" },
    { "unknown unicode property name", "Invalid property name" },
    { "invalid escape sequence in regular expression", "Invalid escape" },
    { "unexpected end", "\\ at end of pattern" },
    { "invalid class set operation in regular expression", "Invalid set operation in character class" },
    { "invalid character in class in regular expression", "Invalid character in character class" },
    { "malformed unicode char", "Invalid Unicode escape" },
    { "invalid class range", "Range out of order in character class" },
    { "invalid operation in regular expression", "Invalid set operation in character class" },
    { "syntax error", "Lone quantifier brackets" },
    { "nothing to repeat", "Nothing to repeat" },
    { "invalid modifiers", "Invalid flag group" },
    { "invalid group name", "Invalid capture group name" },
    { "duplicate group name", "Duplicate capture group name" },
    { "invalid group", "Invalid group" },
    { "too many captures", "Too many captures" },
    { "expecting group name", "Invalid named reference" },
    { "group name not defined", "Invalid named capture referenced" },
    { "invalid decimal escape in regular expression", "Invalid class escape" },
    { "back reference out of range in regular expression", "Invalid escape" },
    { "invalid repetition count", "numbers out of order in {} quantifier" },
    { "extraneous characters at the end", "Unmatched ')'" },
    { "stack overflow", "Regular expression too large" },
    { "too many imbricated quantifiers", "Regular expression too large" },
    { "too many named groups", "Too many captures" },
    { "too many ranges", "Regular expression too large" },
};

/* What follows `text` is a whole quantifier in braces. */
static bool is_interval(const char *text)
{
    const char *p = text + 1;

    if (*text != '{' || !isdigit((unsigned char)*p))
        return false;
    while (isdigit((unsigned char)*p))
        p++;
    if (*p == ',')
        for (p++; isdigit((unsigned char)*p); p++)
            continue;
    return *p == '}';
}

/* A quantifier stands where there is nothing before it. */
static bool begins_with_quantifier(const char *text)
{
    const char *p;

    for (p = text; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if ((strchr("*+?", *p) && !(*p == '?' && p > text && p[-1] == '(')) || is_interval(p)) {
            if (p == text || ((p[-1] == '(' || p[-1] == '|') && (p - text < 2 || p[-2] != '\\')))
                return true;
        }
    }
    return false;
}

/* The words for one of several faults for which the engine has one message; else `words`. */
static const char *words_of_pattern(const char *text, const char *message, const char *words)
{
    if (strcmp(message, "syntax error") == 0 && begins_with_quantifier(text))
        return "Nothing to repeat";
    if (strcmp(message, "nothing to repeat") == 0 && !begins_with_quantifier(text) &&
        (strstr(text, "(?=") || strstr(text, "(?!") || strstr(text, "(?<=") || strstr(text, "(?<!")))
        return "Invalid quantifier";
    if (strcmp(message, "invalid modifiers") == 0 && !strstr(text, "(?-:"))
        return "Repeated flag in flag group";
    if (strcmp(message, "invalid class range") == 0) {
        const char *p;
        for (p = text; (p = strchr(p, '\\')) != NULL && p[1]; p += 2) {
            if (strchr("dDwWsS", p[1]) && (p[2] == '-' || (p - text >= 2 && p[-1] == '-' && p[-2] != '[')))
                return "Invalid character class";
        }
    }
    if (strcmp(words, "Invalid escape") == 0 && strstr(text, "\\c"))
        return "Invalid Unicode escape";
    if (strcmp(words, "Invalid capture group name") == 0 && strstr(text, "(?<\\u"))
        return "Invalid Unicode escape";
    return words;
}

static void sandtide_throw_regexp(JSContext *ctx, JSValueConst pattern, JSValueConst flags, const char *message)
{
    const char *text, *flag_text, *words = message;
    size_t i;

    if (!ctx->rt->sandtide) {
        JS_ThrowSyntaxError(ctx, "%s", message);
        return;
    }
    for (i = 0; i < countof(regexp_words); i++) {
        if (strcmp(message, regexp_words[i].ours) == 0)
            words = regexp_words[i].theirs;
    }
    if (strncmp(message, "duplicate modifier", 18) == 0)
        words = "Repeated flag in flag group";
    /* the engine cuts it off */
    if (strncmp(message, "negated character class with strings", 36) == 0)
        words = "Negated character class may contain strings";
    text = JS_ToCString(ctx, pattern);
    /* where the engine has one message for two faults */
    if (text && strcmp(message, "unexpected end") == 0) {
        size_t len = strlen(text), slashes = 0;
        while (slashes < len && text[len - 1 - slashes] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            words = "Unterminated character class";
    }
    if (text && strstr(text, "&&&") && strncmp(message, "invalid class set", 17) == 0)
        words = "Invalid character in character class";
    if (text && strstr(text, "\\u") && strcmp(words, "Invalid escape") == 0)
        words = "Invalid Unicode escape";
    if (text && strcmp(message, "expecting '}'") == 0 && (strstr(text, "\\p") || strstr(text, "\\P")))
        words = "Invalid property name";
    if (text && strcmp(message, "invalid repetition count") == 0) {
        const char *brace = strrchr(text, '{');
        if (brace && !isdigit((unsigned char)brace[1]))
            words = "Incomplete quantifier";
    }
    if (text)
        words = words_of_pattern(text, message, words);
    flag_text = JS_IsUndefined(flags) ? NULL : JS_ToCString(ctx, flags);
    if (text)
        throw_long_syntax(ctx, text, flag_text ? flag_text : "", words);
    JS_FreeCString(ctx, text);
    JS_FreeCString(ctx, flag_text);
}

static JSValue sandtide_throw_regexp_flags(JSContext *ctx, JSValueConst flags)
{
    if (!ctx->rt->sandtide)
        return JS_ThrowSyntaxError(ctx, "invalid regular expression flags");
    return sandtide_throw_value(ctx, JS_SYNTAX_ERROR, "Invalid flags supplied to RegExp constructor '%s'",
                                flags);
}
