/* Tells the host of the life of promises, of whatever realm, while it asks to be told; and puts functions
   of the host among the microtasks. Knows nothing of what the host makes of it. */

/* The host's function gets the kind of event (a JSPromiseHookType), the promise and its parent. Its errors
   are its own to deal with. */
static void tell_of_promise(JSContext *ctx, JSPromiseHookType type, JSValueConst promise, JSValueConst parent,
                            void *opaque)
{
    Sandtide *s = opaque;
    JSRuntime *rt = s->rt;
    JSValue function = js_dup(s->promise_callback), pending = rt->current_exception, result;
    JSValue kind = js_int32(type), held = js_dup(promise), from = js_dup(parent);
    JSValueConst args[3] = { kind, held, from };

    (void)ctx;
    /* an event may come while an exception is on its way */
    rt->current_exception = JS_UNINITIALIZED;
    result = JS_Call(s->main, function, JS_UNDEFINED, countof(args), args);
    if (JS_IsException(result))
        result = JS_GetException(s->main);
    JS_FreeValueRT(rt, result);
    JS_FreeValueRT(rt, rt->current_exception);
    rt->current_exception = pending;
    JS_FreeValueRT(rt, from);
    JS_FreeValueRT(rt, held);
    JS_FreeValueRT(rt, function);
}

/* setPromiseHook(function): undefined ends it. */
static JSValue async_set_promise_hook(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    JSValue before = s->promise_callback;

    (void)this_val;
    (void)argc;
    s->promise_callback = js_dup(argv[0]);
    JS_SetPromiseHook(ctx->rt, JS_IsUndefined(argv[0]) ? NULL : tell_of_promise, s);
    JS_FreeValue(ctx, before);
    return JS_UNDEFINED;
}

static JSValue microtask_job(JSContext *ctx, int argc, JSValueConst *argv)
{
    (void)argc;
    return JS_Call(ctx, argv[0], JS_UNDEFINED, 0, NULL);
}

/* enqueueMicrotask(function): it runs with the microtasks of the main context. */
static JSValue async_enqueue_microtask(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    (void)argc;
    return JS_EnqueueJob(ctx->rt->sandtide->main, microtask_job, 1, argv) < 0 ? JS_EXCEPTION : JS_UNDEFINED;
}

static const JSCFunctionListEntry async_functions[] = {
    JS_CFUNC_DEF("setPromiseHook", 1, async_set_promise_hook),
    JS_CFUNC_DEF("enqueueMicrotask", 1, async_enqueue_microtask),
};
