/* What the host asks of modules: made of a text or by hand, evaluated, looked at. Handles are in
   module_handles.c, linking is in module_links.c. */

/* Makes the handle of a module, and takes the module even where there is no memory for one. */
static JSValue module_new_handle(JSContext *ctx, JSContext *where, JSModuleDef *m,
                                 JSValueConst host_option, JSValueConst source, JSValueConst steps)
{
    Sandtide *s = ctx->rt->sandtide;
    ModuleHandle *h = calloc(1, sizeof(*h));
    JSValue handle = h ? JS_NewObjectClass(ctx, s->module_class) : JS_ThrowOutOfMemory(ctx);

    if (JS_IsException(handle)) {
        js_free_module_def(where, m);
        free(h);
        return handle;
    }
    h->ctx = JS_DupContext(where);
    h->module = m;
    h->host_option = js_dup(host_option);
    h->source = js_dup(source);
    h->steps = js_dup(steps);
    JS_VALUE_GET_OBJ(handle)->u.opaque = h;
    /* the handle belongs to the realm, whose trials count what holds it */
    JS_VALUE_GET_OBJ(handle)->sandtide_realm = where->sandtide_realm;
    m->sandtide_handle = JS_VALUE_GET_OBJ(handle);
    return handle;
}

static void set_module(JSValueConst code, JSModuleDef *m)
{
    JSFunctionBytecode *b = JS_VALUE_GET_PTR(code);
    int i;

    sandtide_hold_module(m);
    b->sandtide_module = m->sandtide_handle;
    for (i = 0; i < b->cpool_count; i++) {
        if (JS_VALUE_GET_TAG(b->cpool[i]) == JS_TAG_FUNCTION_BYTECODE)
            set_module(b->cpool[i], m);
    }
}

static JSModuleDef *sandtide_module_of_caller(JSContext *ctx)
{
    JSFunctionBytecode *b = code_of_caller(ctx);
    ModuleHandle *h = b && b->sandtide_module ? b->sandtide_module->u.opaque : NULL;

    return h ? h->module : NULL;
}

static bool sandtide_links_by_hand(JSContext *ctx)
{
    return ctx->rt->sandtide && ctx->rt->sandtide->linking_by_hand;
}

/* Compiles a module without resolving what it imports: the host links it. */
static JSModuleDef *compile_module(Sandtide *s, JSContext *where, const char *source, size_t len,
                                   const char *file, int line_offset, int column_offset,
                                   JSValueConst origin)
{
    JSModuleDef *m;
    JSValue value;

    s->linking_by_hand = true;
    value = compile(s, where, source, len, file, line_offset, column_offset, origin,
                    JS_EVAL_TYPE_MODULE);
    s->linking_by_hand = false;
    if (JS_IsException(value))
        return NULL;
    m = JS_VALUE_GET_PTR(value);
    JS_FreeValue(where, value);
    m->resolved = true;
    return m;
}

/* createSourceTextModule(identifier, context, code, lineOffset, columnOffset, hostOption, cachedData) */
static JSValue module_create_source_text(JSContext *ctx, JSValueConst this_val, int argc,
                                         JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    JSContext *where = NULL;
    JSValueConst origin = argv[5];
    JSValue handle = JS_EXCEPTION, code = JS_UNDEFINED;
    const char *source = NULL, *file = NULL;
    JSModuleDef *m = NULL;
    size_t len;
    int line_offset, column_offset;
    bool rejected = false;

    (void)this_val;
    (void)argc;
    source = JS_ToCStringLen(ctx, &len, argv[2]);
    file = JS_ToCString(ctx, argv[0]);
    if (!source || !file || JS_ToInt32(ctx, &line_offset, argv[3]) ||
        JS_ToInt32(ctx, &column_offset, argv[4]))
        goto out;
    if (is_disposed(ctx, argv[1])) {
        throw_disposed(s);
        goto out;
    }
    where = JS_DupContext(context_of_argument(ctx, argv[1]));
    if (!JS_IsUndefined(argv[6])) {
        s->linking_by_hand = true;
        code = unsealed_code(where, SEALED_MODULE, argv[6], source, len, origin);
        s->linking_by_hand = false;
        rejected = JS_VALUE_GET_TAG(code) != JS_TAG_MODULE;
        if (!rejected) {
            m = JS_VALUE_GET_PTR(code);
            m->resolved = true;
            set_origin(ctx->rt, m->func_obj, origin);
        }
        JS_FreeValue(where, code);
    }
    if (!m)
        m = compile_module(s, where, source, len, file, line_offset, column_offset, origin);
    if (!m) {
        if (where != ctx)
            JS_Throw(ctx, JS_GetException(where));
        goto out;
    }
    handle = module_new_handle(ctx, where, m, argv[5], argv[2], JS_UNDEFINED);
    if (JS_IsException(handle))
        goto out;
    set_module(m->func_obj, m);
    if (!JS_IsUndefined(argv[6]))
        JS_DefinePropertyValueStr(ctx, handle, "cachedDataRejected", JS_NewBool(ctx, rejected),
                                  JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, handle, "sourceMapURL",
                              magic_comment(ctx, source, len, "sourceMappingURL"), JS_PROP_C_W_E);
out:
    if (where)
        JS_FreeContext(where);
    JS_FreeCString(ctx, source);
    JS_FreeCString(ctx, file);
    return handle;
}

static int run_synthetic_steps(JSContext *ctx, JSModuleDef *m)
{
    ModuleHandle *h = handle_of_module(m);
    JSValue result;

    if (!h || !JS_IsFunction(ctx, h->steps))
        return 0;
    sandtide_hold_module(m);
    result = JS_Call(ctx, h->steps, JS_UNDEFINED, 0, NULL);
    sandtide_let_module_go(m);
    if (JS_IsException(result))
        return -1;
    JS_FreeValue(ctx, result);
    return 0;
}

/* createSyntheticModule(identifier, context, exportNames, evaluationSteps) */
static JSValue module_create_synthetic(JSContext *ctx, JSValueConst this_val, int argc,
                                       JSValueConst *argv)
{
    JSContext *where;
    const char *file, **names = NULL;
    JSModuleDef *m = NULL;
    JSValue handle = JS_EXCEPTION;
    uint32_t count = 0, named = 0, i;

    (void)this_val;
    (void)argc;
    file = JS_ToCString(ctx, argv[0]);
    if (!file || js_get_length32(ctx, &count, argv[2]))
        goto out;
    names = js_mallocz(ctx, ((size_t)count + 1) * sizeof(*names));
    if (!names)
        goto out;
    for (; named < count; named++) {
        JSValue name = JS_GetPropertyUint32(ctx, argv[2], named);
        names[named] = JS_ToCString(ctx, name);
        JS_FreeValue(ctx, name);
        if (!names[named])
            goto out;
    }
    if (is_disposed(ctx, argv[1])) {
        throw_disposed(ctx->rt->sandtide);
        goto out;
    }
    where = context_of_argument(ctx, argv[1]);
    m = JS_NewCModule(where, file, run_synthetic_steps);
    if (!m)
        goto out;
    m->resolved = true;
    for (i = 0; i < count; i++) {
        if (JS_AddModuleExport(where, m, names[i])) {
            js_free_module_def(where, m);
            goto out;
        }
    }
    handle = module_new_handle(ctx, where, m, JS_UNDEFINED, JS_UNDEFINED, argv[3]);
out:
    for (i = 0; i < named; i++)
        JS_FreeCString(ctx, names[i]);
    js_free(ctx, names);
    JS_FreeCString(ctx, file);
    return handle;
}

#include "module_links.c"

/* Turns the promise of a module in a context with a queue of its own into one of the caller's
   realm, so that whoever waits for it outside waits in the host's queue. Does nothing while it
   is pending. */
static JSValue settled_outside(JSContext *ctx, JSContext *where, JSValue promise)
{
    JSPromiseStateEnum state = JS_PromiseState(where, promise);
    JSValue resolve[2], outside, value, done;

    if (state != JS_PROMISE_FULFILLED && state != JS_PROMISE_REJECTED)
        return promise;
    outside = JS_NewPromiseCapability(ctx, resolve);
    if (JS_IsException(outside)) {
        JS_FreeValue(ctx, promise);
        return outside;
    }
    value = JS_PromiseResult(where, promise);
    if (state == JS_PROMISE_REJECTED)
        js_promise_set_handled(where, promise);
    done = JS_Call(ctx, resolve[state == JS_PROMISE_REJECTED], JS_UNDEFINED, 1, vc(&value));
    JS_FreeValue(ctx, done);
    JS_FreeValue(ctx, value);
    JS_FreeValue(ctx, resolve[0]);
    JS_FreeValue(ctx, resolve[1]);
    JS_FreeValue(ctx, promise);
    return outside;
}

/* evaluate(handle, timeout, breakOnSigint) */
static JSValue module_evaluate(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    ModuleHandle *h = module_of(ctx, argv[0]); /* held by the caller's argument */
    Realm *realm;
    JSValue result;
    int64_t timeout;
    Run run;

    (void)this_val;
    (void)argc;
    if (!h || JS_ToInt64(ctx, &timeout, argv[1]))
        return JS_EXCEPTION;
    realm = realm_of_context(h->ctx);
    if (realm && realm->disposed)
        return throw_disposed(s);
    if (h->module->status != JS_MODULE_STATUS_LINKED &&
        h->module->status != JS_MODULE_STATUS_EVALUATING_ASYNC &&
        h->module->status != JS_MODULE_STATUS_EVALUATED)
        return throw_coded(ctx, "ERR_VM_MODULE_STATUS",
                           "Module status must be one of linked, evaluated, or errored");
    run_begin(s, &run, realm, timeout, JS_ToBool(ctx, argv[2]) > 0);
    result = js_evaluate_module(h->ctx, h->module);
    if (realm && realm->own_jobs)
        result = run_own_jobs(realm, result);
    /* a limit that ended the module is not its error, but the caller's */
    if (!JS_IsException(result) && (run.timed_out || run.interrupted || run.out_of_memory)) {
        if (JS_VALUE_GET_OBJ(result)->class_id == JS_CLASS_PROMISE) {
            JSPromiseData *promise = JS_VALUE_GET_OBJ(result)->u.promise_data;
            JSHostPromiseRejectionTracker *tracker = ctx->rt->host_promise_rejection_tracker;
            if (!promise->is_handled && promise->promise_state == JS_PROMISE_REJECTED && tracker)
                tracker(h->ctx, result, promise->promise_result, true,
                        ctx->rt->host_promise_rejection_tracker_opaque);
            promise->is_handled = true;
        }
        JS_FreeValue(ctx, result);
        result = JS_Throw(ctx, JS_NULL);
    }
    if (!JS_IsException(result) && realm && realm->own_jobs)
        result = settled_outside(s->main, h->ctx, result);
    return run_end(s, &run, result);
}

static JSValue module_status(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);
    const char *status = "unlinked";

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    switch (h->module->status) {
    case JS_MODULE_STATUS_UNLINKED:
        status = "unlinked";
        break;
    case JS_MODULE_STATUS_LINKING:
        status = "linking";
        break;
    case JS_MODULE_STATUS_LINKED:
        status = "linked";
        break;
    case JS_MODULE_STATUS_EVALUATING:
        status = "evaluating";
        break;
    case JS_MODULE_STATUS_EVALUATING_ASYNC:
    case JS_MODULE_STATUS_EVALUATED:
        status = h->module->eval_has_exception ? "errored" : "evaluated";
        break;
    }
    return JS_NewString(ctx, status);
}

static JSValue module_error(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    return js_dup(h->module->eval_exception);
}

static JSValue module_namespace(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    if (h->module->status == JS_MODULE_STATUS_UNLINKED ||
        h->module->status == JS_MODULE_STATUS_LINKING)
        return throw_coded(ctx, "ERR_VM_MODULE_STATUS",
                           "Module status must not be unlinked or linking");
    return JS_GetModuleNamespace(h->ctx, h->module);
}

/* setExport(handle, name, value) */
static JSValue module_set_export(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);
    const char *name;
    int done;

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    if (!h->module->init_func)
        return JS_ThrowTypeError(ctx, "only a synthetic module's exports can be set");
    name = JS_ToCString(ctx, argv[1]);
    if (!name)
        return JS_EXCEPTION;
    if (js_create_own_module_function(h->ctx, h->module) < 0) {
        JS_FreeCString(ctx, name);
        return JS_EXCEPTION;
    }
    done = JS_SetModuleExport(h->ctx, h->module, name, js_dup(argv[2]));
    JS_FreeCString(ctx, name);
    return done < 0 ? JS_ThrowReferenceError(ctx, "Export is not defined in module") : JS_UNDEFINED;
}

static JSValue module_create_cached_data(JSContext *ctx, JSValueConst this_val, int argc,
                                         JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);
    JSValue array;
    const char *source;
    size_t len;

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    if (JS_IsUndefined(h->source))
        return JS_ThrowTypeError(ctx, "a synthetic module has no code");
    if (!module_serialize(h))
        return JS_EXCEPTION;
    source = JS_ToCStringLen(ctx, &len, h->source);
    if (!source)
        return JS_EXCEPTION;
    array = sealed_bytes(ctx, SEALED_MODULE, h->bytes, h->bytes_len, source, len);
    JS_FreeCString(ctx, source);
    return array;
}

static JSValue module_has_top_level_await(JSContext *ctx, JSValueConst this_val, int argc,
                                          JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    return JS_NewBool(ctx, h->module->has_tla);
}

static int sandtide_fill_meta(JSContext *ctx, JSModuleDef *m, JSValueConst meta)
{
    Sandtide *s = ctx->rt->sandtide;
    ModuleHandle *h = handle_of_module(m);
    JSValue callback, result;
    JSValueConst args[3];

    if (!s || !h || JS_IsUndefined(s->meta_callback))
        return 0;
    callback = js_dup(s->meta_callback);
    args[0] = JS_MKPTR(JS_TAG_OBJECT, m->sandtide_handle); /* held by the function that asks */
    args[1] = h->host_option;
    args[2] = meta;
    result = JS_Call(s->main, callback, JS_UNDEFINED, 3, args);
    JS_FreeValue(ctx, callback);
    if (JS_IsException(result))
        return -1;
    JS_FreeValue(ctx, result);
    return 0;
}

static const JSCFunctionListEntry module_functions[] = {
    JS_CFUNC_DEF("createSourceTextModule", 7, module_create_source_text),
    JS_CFUNC_DEF("createSyntheticModule", 4, module_create_synthetic),
    JS_CFUNC_DEF("moduleRequests", 1, module_requests),
    JS_CFUNC_DEF("link", 2, module_link),
    JS_CFUNC_DEF("instantiate", 1, module_instantiate),
    JS_CFUNC_DEF("evaluate", 3, module_evaluate),
    JS_CFUNC_DEF("getStatus", 1, module_status),
    JS_CFUNC_DEF("getError", 1, module_error),
    JS_CFUNC_DEF("getNamespace", 1, module_namespace),
    JS_CFUNC_DEF("setExport", 3, module_set_export),
    JS_CFUNC_DEF("createCachedData", 1, module_create_cached_data),
    JS_CFUNC_DEF("hasTopLevelAwait", 1, module_has_top_level_await),
};
