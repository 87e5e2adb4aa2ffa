/* Reads JSON that is nested more deeply than the stack reaches: what is open is kept in a list instead.
   Called where the engine's own reader, which calls itself, has no stack left. */

/* An array or an object that is open. */
typedef struct OpenValue {
    JSValue value;
    JSAtom name; /* of the property that is read; JS_ATOM_NULL: an array's element */
    uint32_t index;
} OpenValue;

static void free_open_values(JSContext *ctx, OpenValue *open, size_t count)
{
    while (count-- > 0) {
        JS_FreeValue(ctx, open[count].value);
        JS_FreeAtom(ctx, open[count].name);
    }
    js_free(ctx, open);
}

/* Reads the name of the next property, and its colon. */
static int read_property_name(JSParseState *s, OpenValue *object, const char *expected)
{
    if (s->token.val != TOK_STRING) {
        json_parse_error(s, s->token.ptr, expected);
        return -1;
    }
    object->name = JS_ValueToAtom(s->ctx, s->token.u.str.str);
    if (object->name == JS_ATOM_NULL || json_next_token(s))
        return -1;
    if (s->token.val != ':') {
        json_parse_error(s, s->token.ptr, "Expected ':' after property name");
        return -1;
    }
    return json_next_token(s);
}

/* Reads a value that holds no others. */
static JSValue read_simple_value(JSParseState *s)
{
    JSValue value;

    if (s->token.val == TOK_STRING) {
        value = js_dup(s->token.u.str.str);
    } else if (s->token.val == TOK_NUMBER) {
        value = s->token.u.num.val;
    } else if (s->token.val == TOK_IDENT &&
               (s->token.u.ident.atom == JS_ATOM_true || s->token.u.ident.atom == JS_ATOM_false)) {
        value = js_bool(s->token.u.ident.atom == JS_ATOM_true);
    } else if (s->token.val == TOK_IDENT && s->token.u.ident.atom == JS_ATOM_null) {
        value = JS_NULL;
    } else {
        if (s->token.val == TOK_EOF)
            js_parse_error(s, "Unexpected end of JSON input");
        else
            sandtide_json_unexpected(s);
        return JS_EXCEPTION;
    }
    if (json_next_token(s)) {
        JS_FreeValue(s->ctx, value);
        return JS_EXCEPTION;
    }
    return value;
}

static JSValue sandtide_json_value(JSParseState *s)
{
    JSContext *ctx = s->ctx;
    OpenValue *open = NULL, *top;
    size_t count = 0, size = 0;
    JSValue value;
    int is_object, closing;

    for (;;) {
        if (s->token.val != '{' && s->token.val != '[') {
            value = read_simple_value(s);
            if (JS_IsException(value))
                goto fail;
        } else {
            if (count == size) {
                top = js_realloc(ctx, open, (size * 2 + 16) * sizeof(*open));
                if (!top)
                    goto fail;
                open = top;
                size = size * 2 + 16;
            }
            is_object = s->token.val == '{';
            closing = is_object ? '}' : ']';
            top = &open[count];
            *top = (OpenValue){ .value = is_object ? JS_NewObject(ctx) : JS_NewArray(ctx) };
            if (JS_IsException(top->value))
                goto fail;
            count++;
            if (json_next_token(s))
                goto fail;
            if (s->token.val != closing) {
                if (is_object && read_property_name(s, top, "Expected property name or '}'"))
                    goto fail;
                continue;
            }
            value = top->value;
            count--;
            if (json_next_token(s)) {
                JS_FreeValue(ctx, value);
                goto fail;
            }
        }
        /* a value is complete: it goes into what is open, which may be complete then too */
        for (;;) {
            if (count == 0) {
                js_free(ctx, open);
                return value;
            }
            top = &open[count - 1];
            is_object = top->name != JS_ATOM_NULL;
            if ((is_object ? JS_DefinePropertyValue(ctx, top->value, top->name, value, JS_PROP_C_W_E)
                           : JS_DefinePropertyValueUint32(ctx, top->value, top->index++, value,
                                                          JS_PROP_C_W_E)) < 0)
                goto fail;
            JS_FreeAtom(ctx, top->name);
            top->name = JS_ATOM_NULL;
            if (s->token.val == ',') {
                if (json_next_token(s))
                    goto fail;
                if (is_object && read_property_name(s, top, "Expected double-quoted property name"))
                    goto fail;
                break;
            }
            if (s->token.val != (is_object ? '}' : ']')) {
                json_parse_error(s, s->token.ptr, is_object ? "Expected ',' or '}' after property value"
                                                            : "Expected ',' or ']' after array element");
                goto fail;
            }
            value = top->value;
            count--;
            if (json_next_token(s)) {
                JS_FreeValue(ctx, value);
                goto fail;
            }
        }
    }
fail:
    free_open_values(ctx, open, count);
    return JS_EXCEPTION;
}
