/* What a call site says beside its place: the text of its frame, where its code comes from, what it was called on
   and as what. All of it is text: no function and no receiver is handed out. */

static void sandtide_free_said(JSRuntime *rt, JSValue *said)
{
    int i;

    for (i = 0; said && i < SANDTIDE_SAID; i++)
        JS_FreeValueRT(rt, said[i]);
    js_free_rt(rt, said);
}

/* A new string, or null without memory. */
static JSValue text_or_null(JSContext *ctx, const char *text, size_t length)
{
    JSValue value = JS_NewStringLen(ctx, text, length);

    if (!JS_IsException(value))
        return value;
    JS_FreeValue(ctx, JS_GetException(ctx));
    return JS_NULL;
}

/* The frame's line of a stack, without what comes before the function. */
static JSValue text_of_frame(JSContext *ctx, JSStackFrame *frame, JSFunctionBytecode *code)
{
    static const char before[] = "    at ";
    const char *name = get_func_name(ctx, frame->cur_func);
    JSValue text = JS_NULL;
    DynBuf out;

    js_dbuf_init(ctx, &out);
    sandtide_stack_frame(ctx, &out, frame, code, name);
    sandtide_stack_end(ctx, &out);
    if (!dbuf_error(&out) && out.size >= strlen(before))
        text = text_or_null(ctx, (char *)out.buf + strlen(before), out.size - strlen(before));
    dbuf_free(&out);
    JS_FreeCString(ctx, name);
    return text;
}

/* Fills in what `csd`, which has the frame's place and function, is to say. Without memory it says nothing. */
static void sandtide_say(JSContext *ctx, JSCallSiteData *csd, JSStackFrame *frame)
{
    JSObject *function = JS_VALUE_GET_OBJ(frame->cur_func);
    JSFunctionBytecode *code = js_class_has_bytecode(function->class_id) ? function->u.func.function_bytecode : NULL;
    JSValueConst receiver = frame->sandtide_receiver;
    JSValue *said;
    ReceiverName kind, method;
    const char *name;
    bool has_kind;
    int i;

    csd->sandtide_said = NULL;
    if (!ctx->rt->sandtide)
        return;
    said = csd->sandtide_said = js_malloc(ctx, sizeof(*said) * SANDTIDE_SAID);
    if (!said) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        return;
    }
    for (i = 0; i < SANDTIDE_SAID; i++)
        said[i] = JS_UNDEFINED;
    said[SANDTIDE_SAID_TEXT] = text_of_frame(ctx, frame, code);
    /* of a constructor the object is not made yet, and of code that eval compiles it is another's */
    has_kind = !frame->is_constructor && !(code && code->func_name == JS_ATOM__eval_) &&
               receiver_kind(ctx, &kind, receiver);
    said[SANDTIDE_SAID_TOPLEVEL] = JS_NewBool(ctx, !has_kind && !frame->is_constructor);
    said[SANDTIDE_SAID_TYPE] = said[SANDTIDE_SAID_METHOD] = JS_NULL;
    if (has_kind) {
        if (JS_IsObject(receiver) && is_function_object(JS_VALUE_GET_OBJ(receiver)))
            set_text(&kind, "Function");
        said[SANDTIDE_SAID_TYPE] = text_or_null(ctx, kind.text, strlen(kind.text));
        method_name(ctx, &method, receiver, function);
        if (method.text[0])
            said[SANDTIDE_SAID_METHOD] = text_or_null(ctx, method.text, strlen(method.text));
    }
    if (!code)
        return;
    if (code->func_name == JS_ATOM__eval_) {
        JS_FreeValue(ctx, csd->func_name);
        csd->func_name = JS_NULL;
    }
    if (code->sandtide_eval_origin == JS_ATOM_NULL)
        return;
    said[SANDTIDE_SAID_ORIGIN] = JS_AtomToString(ctx, code->sandtide_eval_origin);
    if (JS_IsException(said[SANDTIDE_SAID_ORIGIN])) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        said[SANDTIDE_SAID_ORIGIN] = JS_NULL;
    }
    JS_FreeValue(ctx, csd->filename);
    csd->filename = JS_UNDEFINED;
    name = JS_ToCString(ctx, csd->func_name);
    if (!name)
        JS_FreeValue(ctx, JS_GetException(ctx));
    if (is_made_by_function(ctx, code) || JS_IsNull(csd->func_name) || !name || name[0] == '<') {
        JS_FreeValue(ctx, csd->func_name);
        csd->func_name = text_or_null(ctx, "eval", strlen("eval"));
    }
    JS_FreeCString(ctx, name);
}

/* saidByCallSite(site, index): one of the above; undefined: `site` is no call site, or says nothing. */
static JSValue util_said_by_call_site(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSCallSiteData *csd = JS_GetOpaque(argv[0], JS_CLASS_CALL_SITE);
    uint32_t index;

    (void)this_val;
    (void)argc;
    if (!csd || !csd->sandtide_said || JS_ToUint32(ctx, &index, argv[1]) < 0 || index >= SANDTIDE_SAID)
        return JS_UNDEFINED;
    return js_dup(csd->sandtide_said[index]);
}

/* `Error.stackTraceLimit`, as it is without asking anybody: no getter runs. */
static JSValueConst sandtide_stack_limit(JSContext *ctx)
{
    Sandtide *s = ctx->rt->sandtide;

    if (!s)
        return ctx->error_stack_trace_limit;
    if (!JS_IsObject(ctx->error_ctor))
        return js_int32(10);
    return plain_value(JS_VALUE_GET_OBJ(ctx->error_ctor), s->stack_limit);
}

/* An error that a disposal makes of two gets its words and its stack. */
static void sandtide_suppressed(JSContext *ctx, JSValueConst error)
{
    JSStackFrame *frame = ctx->rt->current_stack_frame;
    bool is_code = frame && JS_IsObject(frame->cur_func) &&
                   js_class_has_bytecode(JS_VALUE_GET_OBJ(frame->cur_func)->class_id);
    JSValue message;

    if (ctx->rt->sandtide) {
        message = JS_NewString(ctx, "An error was suppressed during disposal");
        /* without memory it is an error without words */
        if (JS_IsException(message) ||
            JS_DefinePropertyValue(ctx, error, JS_ATOM_message, message, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) < 0)
            JS_FreeValue(ctx, JS_GetException(ctx));
    }
    build_backtrace(ctx, error, JS_UNDEFINED, NULL, 0, 0,
                    is_code || ctx->rt->sandtide ? 0 : JS_BACKTRACE_FLAG_SKIP_FIRST_LEVEL);
}
