/* How errors tell where they come from: the form of `stack`, and the source line with a caret that is
   put before it ("the arrow"). Applies to runtimes with realms only. */

static void sandtide_column_offset(JSContext *ctx, JSParseState *state)
{
    Sandtide *s = ctx->rt->sandtide;

    if (s && s->column_offset) {
        state->eol -= s->column_offset;
        s->column_offset = 0;
    }
}

static bool sandtide_parse_error(JSContext *ctx, int line, int column)
{
    Sandtide *s = ctx->rt->sandtide;

    if (!s)
        return false;
    s->error_line = line;
    s->error_column = column;
    return true;
}

/* A property of an error as a C string; NULL if it is undefined or throws. */
static const char *error_text(JSContext *ctx, JSValueConst error, JSAtom name)
{
    JSValue value = JS_GetProperty(ctx, error, name);
    const char *text = NULL;

    if (!JS_IsException(value) && !JS_IsUndefined(value) && !JS_IsSymbol(value))
        text = JS_ToCString(ctx, value);
    JS_FreeValue(ctx, value);
    if (!text)
        JS_FreeValue(ctx, JS_GetException(ctx));
    return text;
}

static void sandtide_stack_header(JSContext *ctx, DynBuf *out, JSValueConst error)
{
    const char *name, *message;
    JSValue saved;

    if (!ctx->rt->sandtide || !JS_IsObject(error))
        return;
    saved = JS_GetException(ctx);
    name = error_text(ctx, error, JS_ATOM_name);
    message = error_text(ctx, error, JS_ATOM_message);
    dbuf_putstr(out, name ? name : "Error");
    if (message && message[0]) {
        if (!name || name[0])
            dbuf_putstr(out, ": ");
        dbuf_putstr(out, message);
    }
    dbuf_putc(out, '\n');
    JS_FreeCString(ctx, name);
    JS_FreeCString(ctx, message);
    JS_Throw(ctx, saved);
}

static bool sandtide_stack_frame(JSContext *ctx, DynBuf *out, JSStackFrame *frame,
                                 JSFunctionBytecode *code, const char *name)
{
    const char *file;
    bool named = name && name[0] && strcmp(name, "<eval>") != 0;
    int line = -1, column = -1;

    if (!ctx->rt->sandtide)
        return false;
    dbuf_putstr(out, "    at ");
    if (named) {
        if (frame->is_constructor)
            dbuf_putstr(out, "new ");
        dbuf_printf(out, "%s (", name);
    }
    if (code) {
        if (frame->cur_pc)
            line = find_line_num(ctx, code, frame->cur_pc - code->byte_code_buf - 1, &column);
        file = code->filename ? JS_AtomToCString(ctx, code->filename) : NULL;
        dbuf_putstr(out, file ? file : "<anonymous>");
        JS_FreeCString(ctx, file);
        if (line != -1)
            dbuf_printf(out, ":%d:%d", line, column);
    } else {
        dbuf_putstr(out, "<anonymous>");
    }
    if (named)
        dbuf_putc(out, ')');
    dbuf_putc(out, '\n');
    return true;
}

static void sandtide_stack_end(JSContext *ctx, DynBuf *out)
{
    if (ctx->rt->sandtide && out->size && out->buf[out->size - 1] == '\n')
        out->size--;
}

/* The text of line `line` (from 1) of a source. */
static const char *source_line(const char *source, size_t len, int line, size_t *line_len)
{
    const char *p = source, *end = source + len, *start;

    while (line > 1 && p < end) {
        if (*p++ == '\n')
            line--;
    }
    start = p;
    while (p < end && *p != '\n' && *p != '\r')
        p++;
    *line_len = p - start;
    return start;
}

/* Puts file, line, source line and caret before an error's stack, once. */
static void add_arrow(JSContext *ctx, JSValueConst error, const char *file, int line,
                      const char *text, size_t text_len, int column)
{
    DynBuf out;
    JSObject *p;
    JSValue stack;
    const char *old;
    char prefix[64];
    int i;

    if (!JS_IsError(error))
        return;
    p = JS_VALUE_GET_OBJ(error);
    if (p->class_id != JS_CLASS_ERROR || !JS_IsString(p->u.object_data))
        return;
    old = JS_ToCString(ctx, p->u.object_data);
    if (!old)
        return;
    js_dbuf_init(ctx, &out);
    dbuf_putstr(&out, file);
    snprintf(prefix, sizeof(prefix), ":%d\n", line);
    dbuf_putstr(&out, prefix);
    if (strncmp(old, (char *)out.buf, out.size) == 0)
        goto done;
    dbuf_put(&out, (const uint8_t *)text, text_len);
    dbuf_putc(&out, '\n');
    for (i = 1; i < column && (size_t)i <= text_len; i++)
        dbuf_putc(&out, text[i - 1] == '\t' ? '\t' : ' ');
    dbuf_putstr(&out, "^\n\n");
    dbuf_putstr(&out, old);
    if (dbuf_error(&out))
        goto done;
    stack = JS_NewStringLen(ctx, (char *)out.buf, out.size);
    if (!JS_IsException(stack)) {
        JS_FreeValue(ctx, p->u.object_data);
        p->u.object_data = stack;
    }
done:
    dbuf_free(&out);
    JS_FreeCString(ctx, old);
}

/* Adds the arrow for an exception thrown while `file` ran: its place is the first frame of the stack
   that is in that file. */
static void add_arrow_of_frame(JSContext *ctx, JSValueConst error, const char *file,
                               const char *source, size_t source_len, int first_line,
                               int column_offset)
{
    const char *stack, *at, *text;
    JSObject *p;
    size_t file_len = strlen(file), text_len;
    int line, column;

    if (!JS_IsError(error))
        return;
    p = JS_VALUE_GET_OBJ(error);
    if (p->class_id != JS_CLASS_ERROR || !JS_IsString(p->u.object_data))
        return;
    stack = JS_ToCString(ctx, p->u.object_data);
    if (!stack)
        return;
    for (at = stack; (at = strstr(at, "\n    at ")) != NULL; at++) {
        const char *place = at + 8, *end = strchr(place, '\n'), *open;
        if (!end)
            end = place + strlen(place);
        for (open = place; open < end && *open != '('; open++)
            ;
        if (open < end)
            place = open + 1;
        if ((size_t)(end - place) <= file_len || strncmp(place, file, file_len) != 0 ||
            sscanf(place + file_len, ":%d:%d", &line, &column) != 2)
            continue;
        if (line < first_line)
            break;
        text = source_line(source, source_len, line - first_line + 1, &text_len);
        if (line == first_line)
            column -= column_offset;
        add_arrow(ctx, error, file, line, text, text_len, column);
        break;
    }
    JS_FreeCString(ctx, stack);
}
