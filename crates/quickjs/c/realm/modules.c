/* Modules that the host makes and links by hand: source text and synthetic modules. A handle holds the
   context that the module lives in; a module holds, as its private value, the handles of those it
   was linked to, which may live in other contexts. */

typedef struct ModuleHandle {
    JSContext *ctx;        /* counted */
    JSModuleDef *module;   /* lives as long as `ctx` */
    JSValue host_option;
    JSValue source;        /* a string, undefined for a synthetic module */
    JSValue steps;         /* of a synthetic module */
    uint8_t *bytes;        /* the code, serialized before it is linked */
    size_t bytes_len;
    bool linked;
} ModuleHandle;

static void module_finalizer(JSRuntime *rt, JSValueConst obj)
{
    ModuleHandle *h = JS_VALUE_GET_OBJ(obj)->u.opaque;

    if (!h)
        return;
    JS_FreeValueRT(rt, h->host_option);
    JS_FreeValueRT(rt, h->source);
    JS_FreeValueRT(rt, h->steps);
    js_free_rt(rt, h->bytes);
    if (h->ctx)
        JS_FreeContext(h->ctx);
    free(h);
}

static void module_mark(JSRuntime *rt, JSValueConst obj, JS_MarkFunc *mark_func)
{
    ModuleHandle *h = JS_VALUE_GET_OBJ(obj)->u.opaque;

    if (!h)
        return;
    JS_MarkValue(rt, h->host_option, mark_func);
    JS_MarkValue(rt, h->steps, mark_func);
    if (h->ctx)
        mark_func(rt, &h->ctx->header);
}

static const JSClassDef module_class = {
    "ModuleWrap",
    .finalizer = module_finalizer,
    .gc_mark = module_mark,
};

static ModuleHandle *module_of(JSContext *ctx, JSValueConst value)
{
    return JS_GetOpaque2(ctx, value, ctx->rt->sandtide->module_class);
}

/* The handle of a module, kept as the first of its private values; undefined for others. */
static JSValue module_private(JSContext *ctx, JSModuleDef *m, uint32_t index)
{
    if (!JS_IsArray(m->private_value))
        return JS_UNDEFINED;
    return JS_GetPropertyUint32(ctx, m->private_value, index);
}

static JSValue module_new_handle(JSContext *ctx, JSContext *where, JSModuleDef *m,
                                 JSValueConst host_option, JSValueConst source, JSValueConst steps)
{
    Sandtide *s = ctx->rt->sandtide;
    ModuleHandle *h = calloc(1, sizeof(*h));
    JSValue handle;

    if (!h)
        return JS_ThrowOutOfMemory(ctx);
    h->ctx = JS_DupContext(where);
    h->module = m;
    h->host_option = js_dup(host_option);
    h->source = js_dup(source);
    h->steps = js_dup(steps);
    handle = JS_NewObjectClass(ctx, s->module_class);
    if (JS_IsException(handle)) {
        JS_FreeValue(ctx, h->host_option);
        JS_FreeValue(ctx, h->source);
        JS_FreeValue(ctx, h->steps);
        JS_FreeContext(where);
        free(h);
        return handle;
    }
    JS_VALUE_GET_OBJ(handle)->u.opaque = h;
    m->private_value = JS_NewArray(where);
    return handle;
}

static void set_module(JSValueConst code, JSModuleDef *m)
{
    JSFunctionBytecode *b = JS_VALUE_GET_PTR(code);
    int i;

    b->sandtide_module = m;
    for (i = 0; i < b->cpool_count; i++) {
        if (JS_VALUE_GET_TAG(b->cpool[i]) == JS_TAG_FUNCTION_BYTECODE)
            set_module(b->cpool[i], m);
    }
}

static JSModuleDef *sandtide_module_of_caller(JSContext *ctx)
{
    JSFunctionBytecode *b = code_of_caller(ctx);

    return b ? b->sandtide_module : NULL;
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
    JSContext *where = context_of_argument(ctx, argv[1]);
    JSValueConst origin = argv[5];
    JSValue handle = JS_EXCEPTION, code = JS_UNDEFINED;
    const char *source = NULL, *file = NULL;
    JSModuleDef *m = NULL;
    size_t len;
    int line_offset, column_offset;
    bool rejected = false;

    (void)this_val;
    (void)argc;
    if (is_disposed(ctx, argv[1]))
        return throw_disposed(s);
    source = JS_ToCStringLen(ctx, &len, argv[2]);
    file = JS_ToCString(ctx, argv[0]);
    if (!source || !file || JS_ToInt32(ctx, &line_offset, argv[3]) ||
        JS_ToInt32(ctx, &column_offset, argv[4]))
        goto out;
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
    set_module(m->func_obj, m);
    handle = module_new_handle(ctx, where, m, argv[5], argv[2], JS_UNDEFINED);
    if (JS_IsException(handle))
        goto out;
    JS_SetPropertyUint32(where, m->private_value, 0, js_dup(handle));
    if (!JS_IsUndefined(argv[6]))
        JS_DefinePropertyValueStr(ctx, handle, "cachedDataRejected", JS_NewBool(ctx, rejected),
                                  JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, handle, "sourceMapURL",
                              magic_comment(ctx, source, len, "sourceMappingURL"), JS_PROP_C_W_E);
out:
    JS_FreeCString(ctx, source);
    JS_FreeCString(ctx, file);
    return handle;
}

static int run_synthetic_steps(JSContext *ctx, JSModuleDef *m)
{
    JSValue handle = module_private(ctx, m, 0), result;
    ModuleHandle *h = JS_GetOpaque(handle, ctx->rt->sandtide->module_class);
    int done = 0;

    if (h && JS_IsFunction(ctx, h->steps)) {
        result = JS_Call(ctx, h->steps, JS_UNDEFINED, 0, NULL);
        if (JS_IsException(result))
            done = -1;
        JS_FreeValue(ctx, result);
    }
    JS_FreeValue(ctx, handle);
    return done;
}

/* createSyntheticModule(identifier, context, exportNames, evaluationSteps) */
static JSValue module_create_synthetic(JSContext *ctx, JSValueConst this_val, int argc,
                                       JSValueConst *argv)
{
    JSContext *where = context_of_argument(ctx, argv[1]);
    const char *file;
    JSModuleDef *m;
    JSValue handle;
    uint32_t count, i;

    (void)this_val;
    (void)argc;
    if (is_disposed(ctx, argv[1]))
        return throw_disposed(ctx->rt->sandtide);
    file = JS_ToCString(ctx, argv[0]);
    if (!file)
        return JS_EXCEPTION;
    m = JS_NewCModule(where, file, run_synthetic_steps);
    JS_FreeCString(ctx, file);
    if (!m)
        return JS_EXCEPTION;
    m->resolved = true;
    if (js_get_length32(ctx, &count, argv[2]))
        return JS_EXCEPTION;
    for (i = 0; i < count; i++) {
        JSValue name = JS_GetPropertyUint32(ctx, argv[2], i);
        const char *text = JS_ToCString(ctx, name);
        JS_FreeValue(ctx, name);
        if (!text || JS_AddModuleExport(where, m, text)) {
            JS_FreeCString(ctx, text);
            return JS_EXCEPTION;
        }
        JS_FreeCString(ctx, text);
    }
    handle = module_new_handle(ctx, where, m, JS_UNDEFINED, JS_UNDEFINED, argv[3]);
    if (!JS_IsException(handle))
        JS_SetPropertyUint32(where, m->private_value, 0, js_dup(handle));
    return handle;
}

/* The index of the first request with the same specifier and attributes: requests are told once. */
static int first_request(JSContext *ctx, JSModuleDef *m, int index)
{
    JSReqModuleEntry *entries = m->req_module_entries;
    int i;

    for (i = 0; i < index; i++) {
        if (entries[i].module_name == entries[index].module_name &&
            js_module_attributes_equal(ctx, entries[i].attributes, entries[index].attributes) > 0)
            return i;
    }
    return index;
}

static JSValue module_requests(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);
    JSValue list, entry, attributes;
    uint32_t n = 0;
    int i;

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    list = JS_NewArray(ctx);
    for (i = 0; i < h->module->req_module_entries_count; i++) {
        JSReqModuleEntry *request = &h->module->req_module_entries[i];
        JSPropertyEnum *names;
        uint32_t names_count, j;
        if (first_request(ctx, h->module, i) != i)
            continue;
        entry = JS_NewObject(ctx);
        attributes = JS_NewObjectProto(ctx, JS_NULL);
        if (JS_IsObject(request->attributes) &&
            JS_GetOwnPropertyNames(ctx, &names, &names_count, request->attributes,
                                   JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) == 0) {
            for (j = 0; j < names_count; j++)
                JS_DefinePropertyValue(ctx, attributes, names[j].atom,
                                       JS_GetProperty(ctx, request->attributes, names[j].atom),
                                       JS_PROP_C_W_E);
            JS_FreePropertyEnum(ctx, names, names_count);
        }
        JS_DefinePropertyValueStr(ctx, entry, "specifier",
                                  JS_AtomToString(ctx, request->module_name), JS_PROP_C_W_E);
        JS_DefinePropertyValueStr(ctx, entry, "attributes", attributes, JS_PROP_C_W_E);
        JS_DefinePropertyValueStr(ctx, entry, "phase", JS_NewString(ctx, "evaluation"),
                                  JS_PROP_C_W_E);
        JS_DefinePropertyValueUint32(ctx, list, n++, entry, JS_PROP_C_W_E);
    }
    return list;
}

/* link(handle, handles) */
static JSValue module_link(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);
    uint32_t n = 0, index;
    int i;

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    for (i = 0; i < h->module->req_module_entries_count; i++) {
        JSReqModuleEntry *request = &h->module->req_module_entries[i];
        int first = first_request(ctx, h->module, i);
        JSValue other;
        ModuleHandle *to;
        if (first != i) {
            js_set_module(ctx->rt, &request->module, h->module->req_module_entries[first].module);
            continue;
        }
        index = n++;
        other = JS_GetPropertyUint32(ctx, argv[1], index);
        to = module_of(ctx, other);
        if (!to) {
            JS_FreeValue(ctx, other);
            return JS_EXCEPTION;
        }
        js_set_module(ctx->rt, &request->module, to->module);
        if (JS_SetPropertyUint32(h->ctx, h->module->private_value, index + 1, other) < 0)
            return JS_EXCEPTION;
    }
    h->linked = true;
    return JS_UNDEFINED;
}

/* A linked module's code cannot be written any more: it is before. */
static bool module_serialize(ModuleHandle *h)
{
    JSValue value;

    if (h->bytes || JS_IsUndefined(h->source))
        return h->bytes != NULL;
    value = JS_NewModuleValue(h->ctx, h->module);
    h->bytes = write_code(h->ctx, &h->bytes_len, value);
    JS_FreeValue(h->ctx, value);
    return h->bytes != NULL;
}

/* Each module's function is made in its own context, before the engine would make those of what it
   imports in the context of the first. */
static int create_functions(JSContext *ctx, ModuleHandle *h)
{
    JSModuleWalk walk;
    int i, j, done = -1;

    js_module_walk_begin(ctx, &walk);
    if (js_module_walk_meet(ctx, &walk, h->module) < 0)
        goto out;
    for (i = 0; i < walk.count; i++) {
        JSModuleDef *m = walk.modules[i];
        JSValue own = module_private(ctx, m, 0);
        ModuleHandle *of = JS_GetOpaque(own, ctx->rt->sandtide->module_class);
        bool serialized = m->func_created || !of || JS_IsUndefined(of->source) || module_serialize(of);
        int created = serialized ? js_create_own_module_function(of ? of->ctx : ctx, m) : -1;
        JS_FreeValue(ctx, own);
        if (created < 0)
            goto out;
        for (j = 0; j < m->req_module_entries_count; j++) {
            if (!m->req_module_entries[j].module) {
                JS_ThrowInternalError(ctx, "a request of the module is not linked");
                goto out;
            }
            if (js_module_walk_meet(ctx, &walk, m->req_module_entries[j].module) < 0)
                goto out;
        }
    }
    done = 0;
out:
    js_module_walk_end(ctx, &walk);
    return done;
}

/* The specifier by which a module or one that it imports asks for the module of a name. */
static JSAtom specifier_of(JSModuleDef *m, const char *name, JSContext *ctx, int depth)
{
    int i;

    for (i = 0; i < m->req_module_entries_count; i++) {
        JSReqModuleEntry *request = &m->req_module_entries[i];
        const char *text;
        bool same;
        if (!request->module)
            continue;
        text = JS_AtomToCString(ctx, request->module->module_name);
        same = text && strcmp(text, name) == 0;
        JS_FreeCString(ctx, text);
        if (same)
            return JS_DupAtom(ctx, request->module_name);
    }
    for (i = 0; depth > 0 && i < m->req_module_entries_count; i++) {
        JSAtom found = m->req_module_entries[i].module
                           ? specifier_of(m->req_module_entries[i].module, name, ctx, depth - 1)
                           : JS_ATOM_NULL;
        if (found != JS_ATOM_NULL)
            return found;
    }
    return JS_ATOM_NULL;
}

/* A missing or ambiguous export is told as Node does, by the specifier that asked for it. */
static void reword_link_error(ModuleHandle *h)
{
    JSContext *ctx = h->ctx;
    JSValue error = JS_GetException(ctx), message = JS_GetProperty(ctx, error, JS_ATOM_message);
    const char *text = JS_ToCString(ctx, message);
    char name[256], module[512];
    JSAtom specifier = JS_ATOM_NULL;
    bool missing = false, ambiguous = false;

    if (text) {
        missing = sscanf(text, "Could not find export '%255[^']' in module '%511[^']'", name, module) == 2;
        ambiguous = !missing &&
                    sscanf(text, "export '%255[^']' in module '%511[^']' is ambiguous", name, module) == 2;
    }
    if (missing || ambiguous)
        specifier = specifier_of(h->module, module, ctx, 64);
    if (specifier != JS_ATOM_NULL) {
        const char *asked = JS_AtomToCString(ctx, specifier);
        JS_FreeValue(ctx, error);
        if (missing)
            JS_ThrowSyntaxError(ctx, "The requested module '%s' does not provide an export named '%s'",
                                asked, name);
        else
            JS_ThrowSyntaxError(ctx,
                                "The requested module '%s' contains conflicting star exports for name '%s'",
                                asked, name);
        error = JS_GetException(ctx);
        JS_FreeCString(ctx, asked);
        JS_FreeAtom(ctx, specifier);
    }
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, message);
    JS_Throw(ctx, error);
}

static JSValue module_instantiate(JSContext *ctx, JSValueConst this_val, int argc,
                                  JSValueConst *argv)
{
    ModuleHandle *h = module_of(ctx, argv[0]);

    (void)this_val;
    (void)argc;
    if (!h)
        return JS_EXCEPTION;
    if (h->module->status != JS_MODULE_STATUS_UNLINKED)
        return JS_UNDEFINED;
    if (create_functions(ctx, h) < 0)
        return JS_EXCEPTION;
    if (js_link_module(h->ctx, h->module) < 0) {
        reword_link_error(h);
        return JS_EXCEPTION;
    }
    return JS_UNDEFINED;
}

/* evaluate(handle, timeout, breakOnSigint) */
static JSValue module_evaluate(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    ModuleHandle *h = module_of(ctx, argv[0]);
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
    if (js_create_own_module_function(h->ctx, h->module) < 0)
        return JS_EXCEPTION;
    name = JS_ToCString(ctx, argv[1]);
    if (!name)
        return JS_EXCEPTION;
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
    JSValue handle, result;
    JSValueConst args[3];
    ModuleHandle *h;

    if (!s || JS_IsUndefined(s->meta_callback))
        return 0;
    handle = module_private(ctx, m, 0);
    h = JS_GetOpaque(handle, s->module_class);
    if (!h) {
        JS_FreeValue(ctx, handle);
        return 0;
    }
    args[0] = handle;
    args[1] = h->host_option;
    args[2] = meta;
    result = JS_Call(s->main, s->meta_callback, JS_UNDEFINED, 3, args);
    JS_FreeValue(ctx, handle);
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
