/* How errors tell where they come from: columns, the async functions that wait, and, in runtimes with
   realms, the form of `stack` and the source line with a caret that is put before it ("the arrow"). */

static void sandtide_column_offset(JSContext *ctx, JSParseState *state)
{
    Sandtide *s = ctx->rt->sandtide;

    if (s && s->column_offset) {
        state->sandtide_line = state->buf_start + s->column_line;
        state->sandtide_columns = s->column_offset;
        s->column_offset = 0;
        s->column_line = 0;
    }
}

static int sandtide_error_column(JSParseState *state)
{
    Sandtide *s = state->ctx->rt->sandtide;
    int column = (int)(state->token.ptr - state->token.line_start) + 1;

    if (s)
        s->error_in_module = state->is_module;
    return column;
}

/* How many UTF-16 units a piece of UTF-8 text has. */
static int utf16_length(const uint8_t *p, const uint8_t *end)
{
    int length = 0;

    for (; p < end; p++) {
        if ((*p & 0xc0) != 0x80)
            length += *p >= 0xf0 ? 2 : 1;
    }
    return length;
}

/* The column of the current token, from 1, in UTF-16 units as every other tool counts them. Counted
   on from the token before (or back from it, when the parser looks again at what it had skipped): a
   line may be the whole of a program. */
static int sandtide_column(JSParseState *state)
{
    const uint8_t *start = state->token.line_start, *ptr = state->token.ptr;
    int column;

    if (!ptr || ptr < start)
        return 1;
    if (state->column_line != start) {
        state->column_line = state->column_ptr = start;
        state->column = 0;
    }
    if (ptr >= state->column_ptr)
        state->column += utf16_length(state->column_ptr, ptr);
    else
        state->column -= utf16_length(ptr, state->column_ptr);
    state->column_ptr = ptr;
    column = state->column + 1;
    if (state->sandtide_columns && start == state->sandtide_line)
        column += state->sandtide_columns;
    return max_int(column, 1);
}

/* Takes the place of a syntax error. True: it is shown by an arrow, not as a frame. The host finds the
   place of errors in its own modules in the first frame. */
static bool sandtide_parse_error(JSContext *ctx, int line, int column)
{
    Sandtide *s = ctx->rt->sandtide;

    if (!s)
        return false;
    s->error_line = line;
    s->error_column = column;
    return !s->error_in_module || s->linking_by_hand;
}

/* Messages of the engine, and Node's words for each. The arguments are the same. */
static const struct { const char *ours, *theirs; } messages[] = {
    { "cannot read property '%s' of null", "Cannot read properties of null (reading '%s')" },
    { "cannot read property '%s' of undefined", "Cannot read properties of undefined (reading '%s')" },
    { "cannot set property '%s' of null", "Cannot set properties of null (setting '%s')" },
    { "cannot set property '%s' of undefined", "Cannot set properties of undefined (setting '%s')" },
    { "'%s' is read-only", "Assignment to constant variable." },
    { "value is not iterable", "object is not iterable" },
    { "invalid array length", "Invalid array length" },
    { "invalid 'instanceof' right operand", "Right-hand side of 'instanceof' is not an object" },
    { "cannot convert symbol to number", "Cannot convert a Symbol value to a number" },
    { "cannot convert BigInt to number", "Cannot convert a BigInt value to a number" },
    { "bigint argument with unary +", "Cannot convert a BigInt value to a number" },
    { "BigInt division by zero", "Division by zero" },
    { "toPrimitive", "Cannot convert object to primitive value" },
    { "'this' can be initialized only once", "Super constructor may only be called once" },
    { "cannot invoke a running generator", "Generator is already running" },
    { "BigInt are forbidden in JSON.stringify", "Do not know how to serialize a BigInt" },
    { "empty array", "Reduce of empty array with no initial value" },
    { "Date value is NaN", "Invalid time value" },
    { "expecting %%", "URI malformed" },
    { "expecting hex digit", "URI malformed" },
    { "malformed UTF-8", "URI malformed" },
    { "expecting surrogate pair", "URI malformed" },
    { "circular reference", "Converting circular structure to JSON" },
    { "cannot convert symbol to string", "Cannot convert a Symbol value to a string" },
    { "redeclaration of '%s'", "Identifier '%s' has already been declared" },
    { "%s is not initialized", "Cannot access '%s' before initialization" },
    { "invalid string length", "Invalid string length" },
    { "string too long", "Invalid string length" },
    { "undefined private field '%s'", "Private field '%s' must be declared in an enclosing class" },
    { "bad normalization form", "The normalization form should be one of NFC, NFD, NFKC, NFKD." },
    { "BigInt is too large to allocate", "Maximum BigInt size exceeded" },
    { "BigInt is too large", "Maximum BigInt size exceeded" },
    { "not a Date object", "this is not a Date object." },
    { "circular prototype chain", "Cyclic __proto__ value" },
    { "invalid typed array index", "Invalid typed array index" },
    { "invalid array buffer max length", "Invalid array buffer max length" },
    { "invalid max array buffer length", "Invalid array buffer max length" },
    { "BigInt operands are forbidden for >>>", "BigInts have no unsigned right shift, use >> instead" },
    { "RegExp exec method must return an object or null",
      "RegExp exec method returned something other than an Object or null" },
    { "'Immutable prototype object \'Object.prototype\' cannot have their prototype set'",
      "Immutable prototype object 'Object.prototype' cannot have their prototype set" },
    { "invalid property access", "'caller', 'callee', and 'arguments' properties may not be accessed on strict mode "
                                 "functions or the arguments objects for calls to them" },
    { "resolving function already set", "Promise executor has already been invoked with non-undefined arguments" },
    { "object needs toISOString method", "toISOString is not a function" },
    { "proxy: ownKeys must return an object", "CreateListFromArrayLike called on non-object" },
    { "proxy: duplicate property", "'ownKeys' on proxy: trap returned duplicate entries" },
    { "proxy: property not present in target were returned by non extensible proxy",
      "'ownKeys' on proxy: trap returned extra keys but proxy target is non-extensible" },
    { "proxy: bad prototype", "'setPrototypeOf' on proxy: trap returned falsish for property 'undefined'" },
    { "proxy: inconsistent preventExtensions",
      "'preventExtensions' on proxy: trap returned truish but the proxy target is extensible" },
    { "invalid value used as WeakMap key", "Invalid value used as weak map key" },
    { "invalid assignment left-hand side", "Invalid left-hand side in assignment" },
    { "exported variable '%s' does not exist", "Export '%s' is not defined in module" },
    { "cannot define variable '%s'", "Cannot add property %s, object is not extensible" },
    { "options.with must be an object", "The 'with' option must be an object" },
    { "module attribute values must be strings", "Import attribute value must be a string" },
};

/* The instruction that is being executed; OP_nop: a native function runs. */
static int running_opcode(JSContext *ctx);
static bool reads_name_of_another_script(JSContext *ctx);
static const char *words_of_builtin(JSContext *ctx, const char *format, va_list args);

/* Words that depend on more than the message: on its first argument, or on what was being done. */
static const char *message_in_context(JSContext *ctx, const char *format, va_list args)
{
    const char *word;
    va_list copy;
    int op;

    if (strcmp(format, "cannot convert BigInt to number") == 0) {
        op = running_opcode(ctx);
        return op >= OP_mul && op <= OP_pow ? "Cannot mix BigInt and other types, use explicit conversions"
                                            : NULL;
    }
    if (strcmp(format, "private class field '%s' does not exist") == 0)
        return running_opcode(ctx) == OP_put_private_field
                   ? "Cannot write private member %s to an object whose class did not declare it"
                   : "Cannot read private member %s from an object whose class did not declare it";
    if (strcmp(format, "%s is not initialized") != 0 && strcmp(format, "'%s' is read-only") != 0 &&
        strcmp(format, "Class constructor %s cannot be invoked without 'new'") != 0)
        return NULL;
    va_copy(copy, args);
    word = va_arg(copy, const char *);
    va_end(copy);
    if (format[0] == 'C')
        return word[0] ? NULL : "Class constructors cannot be invoked without 'new'";
    if (format[0] == '%' && strcmp(word, "this") == 0)
        return "Must call super constructor in derived class before accessing 'this' or returning from "
               "derived constructor";
    if (format[0] == '%')
        return reads_name_of_another_script(ctx) ? "%s is not defined" : NULL;
    return word[0] == '#' ? "'%s' was defined without a setter" : NULL;
}

static const char *sandtide_message(JSContext *ctx, const char *format, va_list args)
{
    const char *words;
    uint32_t i;

    if (!ctx->rt->sandtide)
        return format;
    words = message_in_context(ctx, format, args);
    if (!words)
        words = words_of_builtin(ctx, format, args);
    if (words)
        return words;
    for (i = 0; i < countof(messages); i++) {
        if (strcmp(format, messages[i].ours) == 0)
            return messages[i].theirs;
    }
    return format;
}

/* Names a symbol as one. The words for what has no iterator are others. `name` has room for `size` bytes. */
static const char *sandtide_name_in_message(JSContext *ctx, const char *format, JSAtom atom, char *name,
                                            size_t size)
{
    char text[ATOM_GET_STR_BUF_SIZE];

    if (JS_AtomGetKind(ctx, atom) != JS_ATOM_KIND_SYMBOL)
        return format;
    if (atom == JS_ATOM_Symbol_iterator && strcmp(format, "cannot read property '%s' of null") == 0)
        return "object null is not iterable (cannot read property Symbol(Symbol.iterator))";
    if (atom == JS_ATOM_Symbol_iterator && strcmp(format, "cannot read property '%s' of undefined") == 0)
        return "undefined is not iterable (cannot read property Symbol(Symbol.iterator))";
    snprintf(text, sizeof(text), "%s", name);
    snprintf(name, size, "Symbol(%.*s)", (int)(size - sizeof("Symbol()")), text);
    return format;
}

static bool is_binding_function(JSCFunction *function);

/* Node shows no frames of its native bindings, nor of call and apply, nor of Array. */
static bool sandtide_hides_frame(JSContext *ctx, JSObject *function)
{
    JSCFunction *native;

    if (unlikely(ctx->rt->sandtide_debug != NULL) && sandtide_is_inspector(ctx, function))
        return true;
    if (!ctx->rt->sandtide || function->class_id != JS_CLASS_C_FUNCTION)
        return false;
    native = function->u.cfunc.c_function.generic;
    return native == js_array_constructor || native == js_function_call || native == js_reflect_apply || (void *)native == (void *)js_function_apply ||
           is_binding_function(native);
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

static void write_header(JSContext *ctx, DynBuf *out, JSValueConst error)
{
    const char *name, *message;

    name = error_text(ctx, error, JS_ATOM_name);
    message = error_text(ctx, error, JS_ATOM_message);
    if (!name)
        dbuf_putstr(out, "Error");
    else
        dbuf_putstr(out, name);
    if (message && message[0]) {
        if (!name || name[0])
            dbuf_putstr(out, ": ");
        dbuf_putstr(out, message);
    }
    JS_FreeCString(ctx, name);
    JS_FreeCString(ctx, message);
}

/* An object that gets a stack but is no error gets all of it now. */
static void sandtide_stack_header(JSContext *ctx, DynBuf *out, JSValueConst error)
{
    JSValue saved;

    if (!ctx->rt->sandtide || !JS_IsObject(error) || can_store_error_stack(error))
        return;
    saved = JS_GetException(ctx);
    write_header(ctx, out, error);
    dbuf_putc(out, '\n');
    JS_Throw(ctx, saved);
}

/* Whose `Error.prepareStackTrace` is asked about errors of a realm. */
static JSContext *sandtide_formats_stacks(JSContext *ctx)
{
    JSContext *main = sandtide_main(ctx);

    return JS_IsFunction(ctx, ctx->error_prepare_stack) || JS_IsNull(main->error_ctor) ? ctx : main;
}

/* An error keeps its frames as text; name and message are put before them when `stack` is first read,
   as in Node. */
static void sandtide_stack_kept(JSContext *ctx, JSValueConst error, bool prepared)
{
    JSObject *p = JS_VALUE_GET_OBJ(error);

    if (ctx->rt->sandtide)
        forget_thrown(ctx->rt->sandtide, p);
    if (ctx->rt->sandtide && prepared)
        note_made(ctx, error);
    if (prepared && ctx->rt->sandtide && p->extensible)
        JS_DefinePropertyValue(ctx, error, JS_ATOM_stack, js_dup(p->u.object_data),
                               JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    else if (ctx->rt->sandtide && p->extensible && !find_own_property1(p, JS_ATOM_stack))
        JS_DefineAutoInitProperty(ctx, error, JS_ATOM_stack, JS_AUTOINIT_ID_PROP, NULL,
                                  JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
}

static JSValue sandtide_make_stack(JSContext *ctx, JSObject *error)
{
    JSValueConst value = JS_MKPTR(JS_TAG_OBJECT, error);
    JSValue saved, stack;
    const char *frames;
    DynBuf out;

    if (!JS_IsString(error->u.object_data))
        return js_dup(error->u.object_data);
    saved = JS_GetException(ctx);
    js_dbuf_init(ctx, &out);
    write_header(ctx, &out, value);
    frames = JS_ToCString(ctx, error->u.object_data);
    if (frames && frames[0]) {
        dbuf_putc(&out, '\n');
        dbuf_putstr(&out, frames);
    }
    JS_FreeCString(ctx, frames);
    stack = dbuf_error(&out) ? JS_NULL : JS_NewStringLen(ctx, (char *)out.buf, out.size);
    if (JS_IsException(stack))
        stack = JS_NULL;
    dbuf_free(&out);
    JS_Throw(ctx, saved);
    return stack;
}

static JSValue keep_job(JSContext *ctx, int argc, JSValueConst *argv)
{
    (void)ctx;
    (void)argc;
    (void)argv;
    return JS_UNDEFINED;
}

/* Lets an object go that the caller will look at once more, though it may not hold it. */
static void sandtide_free_later(JSContext *ctx, JSValue object)
{
    if (JS_REF_COUNT(JS_VALUE_GET_PTR(object)) > 1 || JS_EnqueueJob(ctx, keep_job, 1, vc(&object)) == 0)
        JS_FreeValue(ctx, object);
}

/* Makes the property `stack` of an error. That reads its name and message, so any code may run
   meanwhile: it may give the error other properties, delete this one, or drop the error. */
static int sandtide_init_stack(JSContext *ctx, JSObject *error, JSContext *realm)
{
    JSValue held = js_dup(JS_MKPTR(JS_TAG_OBJECT, error)), stack;
    JSShapeProperty *prs;
    JSProperty *pr;
    int done = 0;

    JS_DupContext(realm);
    stack = sandtide_make_stack(realm, error);
    prs = find_own_property(&pr, error, JS_ATOM_stack);
    if (prs && (prs->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT) {
        done = js_shape_prepare_update(ctx, error, &prs);
        if (done == 0) {
            js_autoinit_free(ctx->rt, pr);
            prs->flags &= ~JS_PROP_TMASK;
            pr->u.value = stack;
            stack = JS_UNDEFINED;
        }
    }
    JS_FreeValue(ctx, stack);
    sandtide_free_later(ctx, held);
    JS_FreeContext(realm);
    return done;
}

/* Writes a place in code, or what the code is called where there is none (a line before the first). */
static void put_place(JSContext *ctx, DynBuf *out, const JSFunctionBytecode *code, int line, int column)
{
    if (code->sandtide_eval_origin != JS_ATOM_NULL && !eval_is_named(code)) {
        put_atom(ctx, out, code->sandtide_eval_origin);
        dbuf_putstr(out, ", <anonymous>");
    } else if (code->filename != JS_ATOM_NULL && code->filename != JS_ATOM_empty_string) {
        put_atom(ctx, out, code->filename);
    } else {
        dbuf_putstr(out, "<anonymous>");
    }
    if (line > 0)
        dbuf_printf(out, ":%d:%d", line, column);
}

static bool sandtide_stack_frame(JSContext *ctx, DynBuf *out, JSStackFrame *frame,
                                 JSFunctionBytecode *code, const char *name)
{
    bool named;
    int line = -1, column = -1;

    if (!ctx->rt->sandtide)
        return false;
    dbuf_putstr(out, "    at ");
    named = put_frame_name(ctx, out, frame, code, frame->sandtide_receiver, name);
    if (named)
        dbuf_putstr(out, " (");
    if (code) {
        if (frame->cur_pc)
            line = find_line_num(ctx, code, frame->cur_pc - code->byte_code_buf - 1, &column);
        put_place(ctx, out, code, line, column);
    } else {
        dbuf_putstr(out, "<anonymous>");
    }
    if (named)
        dbuf_putc(out, ')');
    dbuf_putc(out, '\n');
    return true;
}

/* Bytes of a function's name that a frame shows. */
#define FRAME_NAME_MAX 256

static void sandtide_put_function_name(DynBuf *out, const char *name)
{
    size_t length = strlen(name);

    if (length <= FRAME_NAME_MAX) {
        dbuf_putstr(out, name);
        return;
    }
    for (length = FRAME_NAME_MAX; length > 0 && ((uint8_t)name[length] & 0xc0) == 0x80; length--)
        continue;
    dbuf_put(out, (const uint8_t *)name, length);
    dbuf_putstr(out, "\xe2\x80\xa6"); /* an ellipsis */
}

/* How many promises are followed from one async function to the next. */
#define ASYNC_STEPS_MAX 16

/* The promise that a function settles; NULL: it settles none. */
static JSPromiseData *promise_of(JSValueConst function)
{
    JSPromiseFunctionData *data;
    JSCFunctionDataRecord *record;
    JSObject *p;

    if (!JS_IsObject(function))
        return NULL;
    p = JS_VALUE_GET_OBJ(function);
    if (p->class_id == JS_CLASS_C_FUNCTION_DATA) {
        /* a function that Promise.all() and the like wait with: its fourth value settles their
           promise */
        record = p->u.c_function_data_record;
        if (!record || record->func != js_promise_all_resolve_element || !JS_IsObject(record->data[3]))
            return NULL;
        p = JS_VALUE_GET_OBJ(record->data[3]);
    }
    if (p->class_id != JS_CLASS_PROMISE_RESOLVE_FUNCTION && p->class_id != JS_CLASS_PROMISE_REJECT_FUNCTION)
        return NULL;
    data = p->u.promise_function_data;
    return data ? JS_GetOpaque(data->promise, JS_CLASS_PROMISE) : NULL;
}

/* The async function that waits for a promise, or for a promise that waits for it in turn. NULL:
   none waits, or more than one, so nobody can say which of them it was for. */
static JSAsyncFunctionData *awaiter(JSPromiseData *promise)
{
    JSPromiseReactionData *reaction;
    struct list_head *reactions;
    JSObject *handler;
    int steps;

    for (steps = 0; promise && steps < ASYNC_STEPS_MAX; steps++) {
        reactions = &promise->promise_reactions[0];
        if (promise->promise_state != JS_PROMISE_PENDING || list_empty(reactions) ||
            reactions->next != reactions->prev)
            return NULL;
        reaction = list_entry(reactions->next, JSPromiseReactionData, link);
        handler = JS_IsObject(reaction->handler) ? JS_VALUE_GET_OBJ(reaction->handler) : NULL;
        if (handler && handler->class_id == JS_CLASS_ASYNC_FUNCTION_RESOLVE)
            return handler->u.async_function_data;
        promise = promise_of(reaction->handler);
        if (!promise)
            promise = promise_of(reaction->resolving_funcs[0]);
    }
    return NULL;
}

/* Adds the async functions that wait for the one at the bottom of the stack, at most `room` of them. */
static void sandtide_async_frames(JSContext *ctx, DynBuf *out, JSStackFrame *frame, int room)
{
    JSAsyncFunctionData *waiting;
    JSFunctionBytecode *code;
    const char *name;
    int line, column;
    JSStackFrame *outermost = NULL;
    bool named;

    /* the host's own functions that drive jobs do not count */
    for (; frame; frame = frame->prev_frame) {
        JSObject *function = JS_VALUE_GET_OBJ(frame->cur_func);
        if (js_class_has_bytecode(function->class_id) && !is_of_host(ctx, function->u.func.function_bytecode))
            outermost = frame;
    }
    for (frame = outermost; frame && room > 0; room--) {
        /* generators have such an object as well */
        if (!frame->cur_gc_obj || JS_GC_TYPE(frame->cur_gc_obj) != JS_GC_OBJ_TYPE_ASYNC_FUNCTION)
            return;
        waiting = (JSAsyncFunctionData *)frame->cur_gc_obj;
        waiting = awaiter(promise_of(waiting->resolving_funcs[0]));
        if (!waiting || !waiting->is_active)
            return;
        frame = &waiting->func_state.frame;
        if (!JS_IsObject(frame->cur_func) || !frame->cur_pc ||
            !js_class_has_bytecode(JS_VALUE_GET_OBJ(frame->cur_func)->class_id))
            return;
        code = JS_VALUE_GET_OBJ(frame->cur_func)->u.func.function_bytecode;
        line = find_line_num(ctx, code, frame->cur_pc - code->byte_code_buf - 1, &column);
        name = get_func_name(ctx, frame->cur_func);
        named = name && name[0] && name[0] != '<';
        dbuf_putstr(out, "    at async ");
        if (ctx->rt->sandtide)
            named = put_frame_name(ctx, out, frame, code, waiting->func_state.this_val, name);
        else
            sandtide_put_function_name(out, named ? name : "<anonymous>");
        if (named || !ctx->rt->sandtide)
            dbuf_putstr(out, " (");
        put_place(ctx, out, code, line, column);
        dbuf_putstr(out, named || !ctx->rt->sandtide ? ")\n" : "\n");
        JS_FreeCString(ctx, name);
    }
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

/* The text of an error's own stack; NULL if it has none that is a string. */
static const char *own_stack(JSContext *ctx, JSObject *p, JSProperty **pr)
{
    JSShapeProperty *prs = find_own_property(pr, p, JS_ATOM_stack);
    JSValue value;

    if (!prs)
        return NULL;
    if ((prs->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT) {
        value = JS_GetProperty(ctx, JS_MKPTR(JS_TAG_OBJECT, p), JS_ATOM_stack);
        JS_FreeValue(ctx, value);
        prs = find_own_property(pr, p, JS_ATOM_stack);
    }
    if (!prs || (prs->flags & JS_PROP_TMASK) || !JS_IsString((*pr)->u.value))
        return NULL;
    return JS_ToCString(ctx, (*pr)->u.value);
}

/* Puts file, line, source line and carets (fewer than none: not even their line) before an error's stack,
   once. */
static void add_arrow(JSContext *ctx, JSValueConst error, const char *file, int line,
                      const char *text, size_t text_len, int column, int carets)
{
    DynBuf out;
    JSObject *p;
    JSProperty *pr;
    JSValue stack;
    const char *old;
    int i;

    if (!JS_IsError(error))
        return;
    p = JS_VALUE_GET_OBJ(error);
    if (p->sandtide_realm & SANDTIDE_ARROW)
        return;
    old = own_stack(ctx, p, &pr);
    if (!old)
        return;
    p->sandtide_realm |= SANDTIDE_ARROW;
    js_dbuf_init(ctx, &out);
    dbuf_printf(&out, "%s:%d\n", file, line);
    dbuf_put(&out, (const uint8_t *)text, text_len);
    dbuf_putc(&out, '\n');
    for (i = 1; carets >= 0 && i < column && (size_t)i <= text_len; i++)
        dbuf_putc(&out, text[i - 1] == '\t' ? '\t' : ' ');
    for (i = 0; i < carets; i++)
        dbuf_putc(&out, '^');
    dbuf_putstr(&out, carets >= 0 ? "\n\n" : "\n");
    dbuf_putstr(&out, old);
    JS_FreeCString(ctx, old);
    stack = dbuf_error(&out) ? JS_EXCEPTION : JS_NewStringLen(ctx, (char *)out.buf, out.size);
    dbuf_free(&out);
    /* written past the attributes: a frozen error shows its line as well */
    if (!JS_IsException(stack))
        set_value(ctx, &pr->u.value, stack);
}

/* Adds the arrow for an exception thrown while `file` ran. One that was thrown in another has its line
   shown when it ends the program. */
static void add_arrow_of_frame(JSContext *ctx, JSValueConst error, const char *file,
                               const char *source, size_t source_len, int first_line,
                               int column_offset)
{
    Sandtide *s = ctx->rt->sandtide;
    const ThrownPlace *place;
    const char *text, *thrown_file;
    JSObject *p;
    size_t text_len;
    int line, column;
    bool known;

    if (!JS_IsError(error))
        return;
    p = JS_VALUE_GET_OBJ(error);
    place = place_of_thrown(s, error);
    if ((p->sandtide_realm & SANDTIDE_ARROW) || !place)
        return;
    thrown_file = JS_AtomToCString(ctx, place->file);
    known = thrown_file && strcmp(thrown_file, file) == 0;
    JS_FreeCString(ctx, thrown_file);
    line = place->line;
    column = place->column;
    if (!known || line < first_line)
        return;
    text = source_line(source, source_len, line - first_line + 1, &text_len);
    if (line == first_line)
        column -= column_offset;
    add_arrow(ctx, error, file, line, text, text_len, max_int(column, 1), 1);
}
