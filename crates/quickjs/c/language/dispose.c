/* AsyncDisposableStack.prototype.disposeAsync (27.4.3.4): disposes of one resource after the other,
 * and awaits each without calling a `then` that scripts see.
 */

enum {
    DISPOSING_FAILED = 1,
    DISPOSING_NEEDS_AWAIT = 2,
    DISPOSING_HAS_AWAITED = 4,
};

/* func_data of both handlers: an object that scripts never see and that owns the resources which are
   left, resolve, reject, the error so far, the bits above. */
enum { DISPOSING_REST, DISPOSING_RESOLVE, DISPOSING_REJECT, DISPOSING_ERROR, DISPOSING_STATE, DISPOSING };

static JSValue sandtide_disposing_awaited(JSContext *ctx, JSValueConst this_val, int argc,
                                          JSValueConst *argv, int magic, JSValueConst *func_data);

/* The current exception becomes the error, and suppresses the one before it. */
static int disposing_failed(JSContext *ctx, JSValue *error, int *state)
{
    JSValue thrown, both;

    if (JS_IsUncatchableError(ctx->rt->current_exception))
        return -1;
    thrown = JS_GetException(ctx);
    if (*state & DISPOSING_FAILED) {
        both = js_new_suppressed_error(ctx, thrown, *error);
        JS_FreeValue(ctx, thrown);
        thrown = JS_IsException(both) ? JS_GetException(ctx) : both;
    }
    JS_FreeValue(ctx, *error);
    *error = thrown;
    *state |= DISPOSING_FAILED;
    return 0;
}

/* Goes on when `value`, which is freed, is settled. */
static int disposing_await(JSContext *ctx, JSValueConst *data, JSValueConst error, int state,
                           JSValue value)
{
    JSValueConst all[DISPOSING] = {
        data[DISPOSING_REST], data[DISPOSING_RESOLVE], data[DISPOSING_REJECT], error, js_int32(state),
    };
    JSValue promise, handlers[2];
    int ret;

    promise = js_promise_resolve(ctx, ctx->promise_ctor, 1, vc(&value), 0);
    JS_FreeValue(ctx, value);
    if (JS_IsException(promise))
        return -1;
    handlers[0] = JS_NewCFunctionData(ctx, sandtide_disposing_awaited, 1, 0, DISPOSING, all);
    handlers[1] = JS_NewCFunctionData(ctx, sandtide_disposing_awaited, 1, 1, DISPOSING, all);
    ret = js_react(ctx, promise, handlers);
    JS_FreeValue(ctx, promise);
    return ret;
}

static JSValue dispose_of(JSContext *ctx, JSDisposableResource *resource)
{
    switch (resource->hint) {
    case JS_DISPOSE_HINT_ADOPT:
        return JS_Call(ctx, resource->method, JS_UNDEFINED, 1, vc(&resource->value));
    case JS_DISPOSE_HINT_DEFER:
        return JS_Call(ctx, resource->method, JS_UNDEFINED, 0, NULL);
    default:
        return JS_Call(ctx, resource->method, resource->value, 0, NULL);
    }
}

/* Disposes of what is left, up to the next await. `error` is freed. */
static int disposing_go_on(JSContext *ctx, JSValueConst *data, JSValue error, int state)
{
    JSDisposableStack *rest = JS_GetOpaque(data[DISPOSING_REST], JS_CLASS_ASYNC_DISPOSABLE_STACK);
    JSDisposableResource resource;
    JSValue value, ret;

    while (rest && rest->resource_count > 0) {
        resource = rest->resources[--rest->resource_count];
        if (JS_IsUndefined(resource.method)) {
            /* `use` was called with null or undefined */
            state |= DISPOSING_NEEDS_AWAIT;
            continue;
        }
        value = dispose_of(ctx, &resource);
        JS_FreeValue(ctx, resource.value);
        JS_FreeValue(ctx, resource.method);
        if (!JS_IsException(value) &&
            disposing_await(ctx, data, error, state | DISPOSING_HAS_AWAITED, value) == 0)
            goto waits;
        if (disposing_failed(ctx, &error, &state))
            goto fail;
    }
    if ((state & DISPOSING_NEEDS_AWAIT) && !(state & DISPOSING_HAS_AWAITED)) {
        if (disposing_await(ctx, data, error, state | DISPOSING_HAS_AWAITED, JS_UNDEFINED) == 0)
            goto waits;
        if (disposing_failed(ctx, &error, &state))
            goto fail;
    }
    ret = JS_Call(ctx, data[state & DISPOSING_FAILED ? DISPOSING_REJECT : DISPOSING_RESOLVE],
                  JS_UNDEFINED, 1, vc(&error));
    JS_FreeValue(ctx, error);
    if (JS_IsException(ret))
        return -1;
    JS_FreeValue(ctx, ret);
    return 0;
waits:
    JS_FreeValue(ctx, error);
    return 0;
fail:
    JS_FreeValue(ctx, error);
    return -1;
}

static JSValue sandtide_disposing_awaited(JSContext *ctx, JSValueConst this_val, int argc,
                                          JSValueConst *argv, int magic, JSValueConst *func_data)
{
    int state = JS_VALUE_GET_INT(func_data[DISPOSING_STATE]);
    JSValue error = js_dup(func_data[DISPOSING_ERROR]);

    if (magic) {
        JS_Throw(ctx, js_dup(argv[0]));
        if (disposing_failed(ctx, &error, &state)) {
            JS_FreeValue(ctx, error);
            return JS_EXCEPTION;
        }
    }
    return disposing_go_on(ctx, func_data, error, state) ? JS_EXCEPTION : JS_UNDEFINED;
}

/* The object that owns what is left of a stack from now on. */
static JSValue disposing_rest(JSContext *ctx, JSDisposableStack *s)
{
    JSDisposableStack *rest;
    JSValue obj = JS_NewObjectProtoClass(ctx, JS_NULL, JS_CLASS_ASYNC_DISPOSABLE_STACK);

    if (JS_IsException(obj))
        return JS_EXCEPTION;
    rest = js_malloc(ctx, sizeof(*rest));
    if (!rest) {
        JS_FreeValue(ctx, obj);
        return JS_EXCEPTION;
    }
    *rest = *s;
    rest->disposed = true;
    memset(s, 0, sizeof(*s));
    s->disposed = true;
    JS_SetOpaqueInternal(obj, rest);
    return obj;
}

static JSValue sandtide_dispose_async(JSContext *ctx, JSValueConst this_val, int argc,
                                      JSValueConst *argv)
{
    JSDisposableStack *s;
    JSValue promise, resolving_funcs[2], rest = JS_UNDEFINED, ret = JS_UNDEFINED, error;
    int failed = 0;

    promise = JS_NewPromiseCapability(ctx, resolving_funcs);
    if (JS_IsException(promise))
        return JS_EXCEPTION;
    s = JS_GetOpaque2(ctx, this_val, JS_CLASS_ASYNC_DISPOSABLE_STACK);
    if (!s) {
        error = JS_GetException(ctx);
        ret = JS_Call(ctx, resolving_funcs[1], JS_UNDEFINED, 1, vc(&error));
        JS_FreeValue(ctx, error);
    } else if (s->disposed) {
        error = JS_UNDEFINED;
        ret = JS_Call(ctx, resolving_funcs[0], JS_UNDEFINED, 1, vc(&error));
    } else {
        rest = disposing_rest(ctx, s);
        if (JS_IsException(rest)) {
            ret = JS_EXCEPTION;
        } else {
            JSValueConst data[] = { rest, resolving_funcs[0], resolving_funcs[1] };
            failed = disposing_go_on(ctx, data, JS_UNDEFINED, 0);
        }
    }
    JS_FreeValue(ctx, rest);
    JS_FreeValue(ctx, resolving_funcs[0]);
    JS_FreeValue(ctx, resolving_funcs[1]);
    if (failed || JS_IsException(ret)) {
        JS_FreeValue(ctx, promise);
        return JS_EXCEPTION;
    }
    JS_FreeValue(ctx, ret);
    return promise;
}
