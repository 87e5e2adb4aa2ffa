/* What a script that shows values is offered where there are no realms, and so none of their bindings:
   compiling and running in the context that is debugged, and what its host answers.

   Must not know the protocol, nor who the host is. */

/* What `compile` gives is a function without an effect that holds the code. */
static JSValue own_nothing(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv, int magic,
                           JSValueConst *data)
{
    (void)ctx, (void)this_val, (void)argc, (void)argv, (void)magic, (void)data;
    return JS_UNDEFINED;
}

/* compile(text, name): something that `run` takes. */
static JSValue own_compile(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    size_t length;
    const char *text = JS_ToCStringLen(ctx, &length, argv[0]);
    const char *name = text ? JS_ToCString(ctx, argv[1]) : NULL;
    JSValue code = JS_EXCEPTION, handle;

    (void)this_val, (void)argc;
    if (name)
        code = JS_Eval(ctx, text, length, name, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
    JS_FreeCString(ctx, name);
    JS_FreeCString(ctx, text);
    if (JS_IsException(code))
        return code;
    handle = JS_NewCFunctionData(ctx, own_nothing, 0, 0, 1, &code);
    JS_FreeValue(ctx, code);
    return handle;
}

/* run(handle, null, timeout): there is one context, and nobody here ends what a client runs in time. */
static JSValue own_run(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSCFunctionDataRecord *held = JS_IsObject(argv[0]) ? JS_GetOpaque(argv[0], JS_CLASS_C_FUNCTION_DATA) : NULL;
    int32_t timeout;

    (void)this_val, (void)argc;
    if (!held || held->func != own_nothing)
        return JS_ThrowTypeError(ctx, "nothing that was compiled");
    if (JS_ToInt32(ctx, &timeout, argv[2]))
        return JS_EXCEPTION;
    if (timeout >= 0)
        return JS_ThrowRangeError(ctx, "what is evaluated here has no timeout of its own");
    return JS_EvalFunction(ctx, js_dup(held->data[0]));
}

static JSValue own_ask(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv, int what)
{
    SandtideDebug *d = ctx->rt->sandtide_debug;

    (void)this_val;
    if (!d || !d->debugger.on_ask)
        return JS_UNDEFINED;
    return d->debugger.on_ask(d->debugger.opaque, ctx, what, argc, argv);
}

static const JSCFunctionListEntry own_functions[] = {
    JS_CFUNC_DEF("compile", 2, own_compile),
    JS_CFUNC_DEF("run", 3, own_run),
    JS_CFUNC_DEF("queryObjects", 1, util_query_objects),
    JS_CFUNC_DEF("classOf", 1, util_class_of),
    JS_CFUNC_DEF("getProxyDetails", 1, util_proxy_details),
    JS_CFUNC_DEF("getPromiseDetails", 1, util_promise_details),
    JS_CFUNC_DEF("previewEntries", 1, util_preview_entries),
    JS_CFUNC_MAGIC_DEF("send", 2, own_ask, SANDTIDE_ASK_SEND),
    JS_CFUNC_MAGIC_DEF("scriptOf", 2, own_ask, SANDTIDE_ASK_SCRIPT_OF),
    JS_CFUNC_MAGIC_DEF("lastScript", 0, own_ask, SANDTIDE_ASK_LAST_SCRIPT),
    JS_CFUNC_MAGIC_DEF("heapUsage", 0, own_ask, SANDTIDE_ASK_HEAP_USAGE),
    JS_CFUNC_MAGIC_DEF("now", 0, own_ask, SANDTIDE_ASK_NOW),
};

JSValue sandtide_debug_own_binding(JSContext *ctx)
{
    JSValue binding = sandtide_debug_binding(ctx);

    if (!JS_IsException(binding))
        JS_SetPropertyFunctionList(ctx, binding, own_functions, countof(own_functions));
    return binding;
}
