/* Where exceptions were thrown: noted when it happens, whatever becomes of an error's `stack`. Must not
   know what is shown of it.

   The last few are kept, not only the last: a `finally` block may throw and catch others before it
   passes its own on.

   Most exceptions are caught and nobody asks for their line: noted is the code and the instruction. The line is
   looked up when it is asked for, or when that code goes. */

/* Longer lines of text that is in no file are not kept, nor are longer texts searched for a function's. */
#define THROWN_TEXT_MAX (64 << 10)

static int utf16_length(const uint8_t *p, const uint8_t *end);
static const char *source_line(const char *source, size_t len, int line, size_t *line_len);

static inline const void *thrown_address(JSValueConst value)
{
    return JS_VALUE_HAS_REF_COUNT(value) ? JS_VALUE_GET_PTR(value) : NULL;
}

/* Values that have no address are told apart as far as their bits do. */
static bool is_thrown(const ThrownPlace *place, JSValueConst value)
{
    if (!place->is_used || JS_VALUE_GET_TAG(place->value) != JS_VALUE_GET_TAG(value))
        return false;
    if (JS_VALUE_HAS_REF_COUNT(value))
        return JS_VALUE_GET_PTR(place->value) == JS_VALUE_GET_PTR(value);
    if (JS_VALUE_GET_TAG(value) == JS_TAG_FLOAT64) {
        double was = JS_VALUE_GET_FLOAT64(place->value), is = JS_VALUE_GET_FLOAT64(value);
        return was == is || (isnan(was) && isnan(is));
    }
    return JS_VALUE_GET_TAG(value) == JS_TAG_UNDEFINED || JS_VALUE_GET_TAG(value) == JS_TAG_NULL ||
           JS_VALUE_GET_INT(place->value) == JS_VALUE_GET_INT(value);
}

static void thrown_free(JSRuntime *rt, ThrownPlace *place)
{
    JS_FreeAtomRT(rt, place->file);
    free(place->text);
    *place = (ThrownPlace){ .value = JS_UNDEFINED };
}

/* The newest place of a value; NULL: none is kept. */
static ThrownPlace *find_thrown(Sandtide *s, JSValueConst value)
{
    uint32_t i;

    for (i = 0; i < countof(s->thrown); i++) {
        ThrownPlace *place = &s->thrown[(s->thrown_next - 1 - i) % countof(s->thrown)];
        if (is_thrown(place, value))
            return place;
    }
    return NULL;
}

static inline ThrownPlace *newest_thrown(Sandtide *s)
{
    return &s->thrown[(s->thrown_next - 1) % countof(s->thrown)];
}

/* A new error lies where an older one that was thrown did. */
static void forget_thrown(Sandtide *s, const void *address)
{
    uint32_t i;

    for (i = 0; i < countof(s->thrown); i++) {
        if (s->thrown[i].is_used && thrown_address(s->thrown[i].value) == address)
            thrown_free(s->rt, &s->thrown[i]);
    }
    if (s->made.is_used && thrown_address(s->made.value) == address)
        thrown_free(s->rt, &s->made);
}

/* The newest place, empty yet. */
static ThrownPlace *new_thrown(Sandtide *s, JSValueConst value)
{
    ThrownPlace *place = &s->thrown[s->thrown_next++ % countof(s->thrown)];

    thrown_free(s->rt, place);
    place->value = value;
    place->is_used = true;
    place->width = 1;
    return place;
}

/* Keeps the line of a text that is in no file, after `blanks`. It is not counted as the heap's: code goes where
   nothing may be allocated there, and there are few. Without memory for it the line is missing and nothing else. */
static void keep_line(ThrownPlace *place, const char *line, size_t length, size_t blanks)
{
    if (length > THROWN_TEXT_MAX)
        return;
    place->text = malloc(blanks + length + 1);
    if (!place->text)
        return;
    memset(place->text, ' ', blanks);
    memcpy(place->text + blanks, line, length);
    place->text_len = blanks + length;
}

/* Looks up the line of a place whose code is still there. It runs when code is freed as well: nothing here may
   run or collect anything. */
static void settle_thrown(JSRuntime *rt, ThrownPlace *place)
{
    JSFunctionBytecode *code = place->code, *whole = place->whole;
    const char *text;
    size_t length, blanks = 0;

    if (!code)
        return;
    place->code = place->whole = NULL;
    place->file = JS_DupAtomRT(rt, code->filename);
    place->line = find_line_num(NULL, code, place->at, &place->column);
    if (!whole || !whole->source || place->line < whole->line_num)
        return;
    text = source_line(whole->source, whole->source_len, place->line - whole->line_num + 1, &length);
    /* a function does not know what stands before it in its line */
    if (place->line == whole->line_num && whole->col_num > 1 && whole->col_num < THROWN_TEXT_MAX)
        blanks = whole->col_num - 1;
    keep_line(place, text, length, blanks);
}

/* Code is about to be freed. */
static void thrown_code_goes(JSRuntime *rt, const JSFunctionBytecode *code)
{
    Sandtide *s = rt->sandtide;
    uint32_t i;

    if (!s)
        return;
    for (i = 0; i < countof(s->thrown); i++) {
        if (s->thrown[i].code && (s->thrown[i].code == code || s->thrown[i].whole == code))
            settle_thrown(rt, &s->thrown[i]);
    }
}

/* A block goes with all that was made in it: what is as it was made is not freed. */
static void thrown_block_goes(Sandtide *s, const Block *block)
{
    uint32_t i;

    for (i = 0; i < countof(s->thrown); i++) {
        if (s->thrown[i].code && (block_contains(block, s->thrown[i].code) || block_contains(block, s->thrown[i].whole)))
            settle_thrown(s->rt, &s->thrown[i]);
    }
}

/* The place of a value, looked up; NULL: none is kept. */
static const ThrownPlace *place_of_thrown(Sandtide *s, JSValueConst value)
{
    ThrownPlace *place = find_thrown(s, value);

    if (place)
        settle_thrown(s->rt, place);
    return place;
}

/* An exception from a string leaves `other`: all of what eval() was given has the lines whole, else the outermost
   function does. */
static void widen_thrown(ThrownPlace *place, JSFunctionBytecode *other)
{
    const JSFunctionBytecode *whole = place->whole;

    if (other->filename == whole->filename && whole->source && other->source &&
        other->source_len > whole->source_len && other->source_len <= THROWN_TEXT_MAX &&
        other->line_num <= whole->line_num &&
        memmem(other->source, other->source_len, whole->source, whole->source_len))
        place->whole = other;
}

static void note_thrown(JSContext *ctx, JSFunctionBytecode *code, const uint8_t *pc, JSValueConst value)
{
    Sandtide *s = ctx->rt->sandtide;
    ThrownPlace *place;

    /* of a built-in that is written in the language it is the call that throws */
    if (unlikely(code->filename == JS_ATOM_NULL))
        return;
    place = new_thrown(s, value);
    place->code = code;
    place->at = pc - code->byte_code_buf - 1;
    if (unlikely(code->sandtide_eval_origin != JS_ATOM_NULL))
        place->whole = code;
}

/* What a `finally` block or the end of a `using` throws is no exception of theirs. */
static bool passes_on(const JSFunctionBytecode *code, const uint8_t *pc)
{
    const uint8_t *start = code->byte_code_buf;

    return (pc - start >= 6 && pc[-6] == OP_gosub) || (pc - start >= 4 && pc[-4] == OP_dispose_scope);
}

/* A throw instruction is executed. */
static void sandtide_threw(JSContext *ctx, JSFunctionBytecode *code, const uint8_t *pc,
                           JSValueConst thrown)
{
    Sandtide *s = ctx->rt->sandtide;
    ThrownPlace *place;
    ThrownPlace kept;

    if (!s)
        return;
    place = passes_on(code, pc) ? find_thrown(s, thrown) : NULL;
    if (!place) {
        note_thrown(ctx, code, pc, thrown);
        return;
    }
    /* it is the newest again */
    kept = *place;
    *place = (ThrownPlace){ .value = JS_UNDEFINED };
    *new_thrown(s, thrown) = kept;
}

/* An exception leaves the instruction before `pc`: one that came from a callee was noted there. Asked after a new
   error got its stack, which is when those are forgotten that lay where it lies. */
static void sandtide_unwinds(JSContext *ctx, JSFunctionBytecode *code, const uint8_t *pc)
{
    Sandtide *s = ctx->rt->sandtide;
    JSValue exception = ctx->rt->current_exception;
    ThrownPlace *place;

    if (is_thrown(newest_thrown(s), exception))
        place = newest_thrown(s);
    else
        place = JS_IsObject(exception) ? find_thrown(s, exception) : NULL;
    if (likely(place)) {
        if (unlikely(place->whole))
            widen_thrown(place, code);
    } else if (!JS_IsUncatchableError(exception)) {
        note_thrown(ctx, code, pc, exception);
    }
}

/* An error that belongs to the caller of what runs was thrown where that calls. */
static void note_thrown_at_caller(JSContext *ctx)
{
    const JSStackFrame *frame = ctx->rt->current_stack_frame;

    if (!ctx->rt->sandtide)
        return;
    while (frame && (!JS_IsObject(frame->cur_func) ||
                     !js_class_has_bytecode(JS_VALUE_GET_OBJ(frame->cur_func)->class_id)))
        frame = frame->prev_frame;
    if (frame && frame->cur_pc)
        note_thrown(ctx, JS_VALUE_GET_OBJ(frame->cur_func)->u.func.function_bytecode, frame->cur_pc,
                    ctx->rt->current_exception);
}

/* An error gets what the program's own function makes of its frames. */
static void note_made(JSContext *ctx, JSValueConst error)
{
    Sandtide *s = ctx->rt->sandtide;
    const JSStackFrame *frame;
    JSFunctionBytecode *code;

    thrown_free(s->rt, &s->made);
    for (frame = ctx->rt->current_stack_frame; frame; frame = frame->prev_frame) {
        if (!JS_IsObject(frame->cur_func) || !js_class_has_bytecode(JS_VALUE_GET_OBJ(frame->cur_func)->class_id))
            continue;
        code = JS_VALUE_GET_OBJ(frame->cur_func)->u.func.function_bytecode;
        if (!frame->cur_pc)
            continue;
        s->made.value = error;
        s->made.is_used = true;
        s->made.width = 1;
        s->made.file = JS_DupAtom(ctx, code->filename);
        s->made.line = find_line_num(ctx, code, frame->cur_pc - code->byte_code_buf - 1, &s->made.column);
        return;
    }
}

/* What eval() was given is kept with the code that it becomes, for the lines of its errors. */
static void sandtide_keep_text(JSParseState *state, JSFunctionDef *fd, const char *text, size_t length)
{
    if (fd->sandtide_eval_origin == JS_ATOM_NULL || fd->source || length > THROWN_TEXT_MAX)
        return;
    /* without it, lines are missing and nothing else */
    fd->source = js_strndup(state->ctx, text, length);
    if (fd->source)
        fd->source_len = length;
    else
        JS_FreeValue(state->ctx, JS_GetException(state->ctx));
}

/* A text that is in no file does not parse: its error was thrown there, not where the parse was asked for.
   JSON says by `wrong_from` where; code, at `line` and `column`. */
static void sandtide_note_syntax(JSParseState *state, int line, int column)
{
    JSContext *ctx = state->ctx;
    Sandtide *s = ctx->rt->sandtide;
    JSValue exception = ctx->rt->current_exception;
    const char *text;
    const uint8_t *p, *at = state->wrong_from;
    bool is_json = !state->cur_func;
    size_t length;
    ThrownPlace *place;
    int width;

    if (!s || s->probing || !JS_IsObject(exception) ||
        (!is_json && (!state->filename || strcmp(state->filename, "<input>") != 0)))
        return;
    width = s->error_width;
    if (is_json) {
        if (!at || at < state->buf_start || at > state->buf_end)
            at = state->token.ptr;
        if (!at || at < state->buf_start || at > state->buf_end)
            return;
        for (line = 1, p = state->buf_start; p < at; p++)
            line += *p == '\n';
        for (p = at; p > state->buf_start && p[-1] != '\n' && p[-1] != '\r';)
            p--;
        column = utf16_length(p, at) + 1;
        width = at < state->buf_end ? 1 : -1;
    }
    text = source_line((const char *)state->buf_start, state->buf_end - state->buf_start, line, &length);
    if (length > THROWN_TEXT_MAX)
        return;
    place = new_thrown(s, exception);
    place->file = JS_DupAtom(ctx, s->from_string);
    place->line = line;
    place->column = column;
    place->width = width;
    place->is_of_text = true;
    keep_line(place, text, length, 0);
}
