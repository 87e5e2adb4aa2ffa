/* internalBinding('contextify'): contexts, as the host's JavaScript sees them. Arguments were checked
   there. */

static bool sandtide_forbids_strings(JSContext *ctx)
{
    Realm *realm = ctx->sandtide_realm ? realm_of_context(ctx) : NULL;
    JSValue error;

    if (likely(!realm || realm->strings_allowed))
        return false;
    error = JS_MakeError2(ctx, JS_EVAL_ERROR, true,
                          "Code generation from strings disallowed for this context");
    if (!JS_IsException(error))
        JS_Throw(ctx, error);
    return true;
}

static Realm *realm_new(Sandtide *s, bool contextified)
{
    Realm *realm;
    Template *t;

    if (s->suspects)
        look_at_suspects(s, false);
    realm = realm_alloc(s, contextified);
    if (!realm)
        return NULL;
    t = JS_ARENA_LARGE_BLOCKS_ONLY ? NULL : template_get(s, contextified);
    if (!(t ? realm_copy(realm, t) : realm_build(realm))) {
        realm_forget(realm);
        return NULL;
    }
    s->created++;
    if (realm->block)
        s->copied++;
    allocations_context(s->rt, realm->ctx, realm->block ? realm->block->size : sizeof(*realm->ctx));
    js_trigger_gc(s->rt, 0);
    return realm;
}

void sandtide_collect(JSRuntime *rt);

/* The gc() of a context, where the host exposes one. */
static JSValue contextify_gc(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    (void)argc;
    (void)argv;
    sandtide_collect(ctx->rt);
    return JS_UNDEFINED;
}

/* Whether a value stands for a context, even one that was disposed of. */
static bool stands_for_context(JSContext *ctx, JSValueConst value)
{
    if (JS_IsObject(value) && (JS_VALUE_GET_OBJ(value)->sandtide_realm & SANDTIDE_SANDBOX))
        return true;
    return realm_of_value(ctx, value) != NULL;
}

/* A global shows the class of its sandbox, as `[object Shop]`, by a tag of its own. Without memory it does not. */
static void show_class_of_sandbox(Realm *realm, JSObject *sandbox)
{
    JSContext *ctx = realm->ctx;
    JSObject *proto = sandbox->class_id == JS_CLASS_PROXY ? NULL : sandbox->shape->proto;
    JSObject *names = NULL;
    JSValue tag;
    ReceiverName kind;

    if (!proto)
        return;
    object_kind(ctx, &kind, sandbox, proto);
    if (strcmp(kind.text, "Object") == 0)
        return;
    tag = JS_NewString(ctx, kind.text);
    if (!JS_IsException(tag)) {
        names = declared_names(realm);
        if (!names)
            JS_FreeValue(ctx, tag);
    }
    if (!names || JS_DefinePropertyValue(ctx, object_value(names), JS_ATOM_Symbol_toStringTag, tag,
                                         JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) < 0)
        JS_FreeValue(ctx, JS_GetException(ctx));
}

/* makeContext(sandbox | undefined, name, origin, strings, wasm, ownMicrotaskQueue, hostOption,
   memoryLimit, exposeGc) */
static JSValue contextify_make_context(JSContext *ctx, JSValueConst this_val, int argc,
                                       JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    bool contextified = JS_IsObject(argv[0]);
    int64_t memory_limit;
    Realm *realm;

    (void)this_val;
    (void)argc;
    if (JS_ToInt64(ctx, &memory_limit, argv[7]))
        return JS_EXCEPTION;
    /* the caller's code may have made it one while the arguments were read */
    if (stands_for_context(ctx, argv[0]))
        return js_dup(argv[0]);
    realm = realm_new(s, contextified);
    if (!realm)
        return JS_ThrowOutOfMemory(ctx);
    realm->name = js_dup(argv[1]);
    realm->host_option = js_dup(argv[6]);
    realm->memory_limit = memory_limit;
    realm->own_jobs = JS_ToBool(ctx, argv[5]) > 0;
    realm->strings_allowed = JS_ToBool(ctx, argv[3]) != 0;
    realm->wasm_allowed = JS_ToBool(ctx, argv[4]) != 0;
    if (JS_ToBool(ctx, argv[8]) > 0)
        JS_DefinePropertyValueStr(realm->ctx, object_value(realm->inner ? realm->inner : realm->global),
                                  "gc", JS_NewCFunction(realm->ctx, contextify_gc, "gc", 0),
                                  JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    if (!contextified) {
        realm->vanilla = true;
        realm->holds_handle = true;
        make_suspect(realm);
        return js_dup(object_value(realm->global));
    }
    realm->sandbox = JS_VALUE_GET_OBJ(argv[0]);
    if (js_rc(realm->sandbox)->block_size_idx == SANDTIDE_REGION_BLOCK) {
        /* born with another realm, it may go with that realm's block, without a last reference */
        js_dup(argv[0]);
        realm->owns_sandbox = true;
        make_suspect(realm);
    }
    realm->sandbox->sandtide_realm = SANDTIDE_SANDBOX | SANDTIDE_NUMBER(realm->number);
    show_class_of_sandbox(realm, realm->sandbox);
    return js_dup(argv[0]);
}

static JSValue contextify_is_context(JSContext *ctx, JSValueConst this_val, int argc,
                                     JSValueConst *argv)
{
    (void)this_val;
    (void)argc;
    return JS_NewBool(ctx, stands_for_context(ctx, argv[0]));
}

/* disposeContext(object): the context can run nothing more; what it alone holds is freed. */
static JSValue contextify_dispose(JSContext *ctx, JSValueConst this_val, int argc,
                                  JSValueConst *argv)
{
    Realm *realm = realm_of_value(ctx, argv[0]);

    (void)this_val;
    (void)argc;
    if (!realm || realm->disposed)
        return JS_UNDEFINED;
    realm->disposed = true;
    realm_free_instances(realm);
    if (realm->sandbox) {
        JSObject *sandbox = realm->sandbox;
        bool owned = realm->owns_sandbox;
        /* the sandbox's count of the context is the realm's from now on */
        sandbox->sandtide_realm = SANDTIDE_SANDBOX;
        realm->sandbox = NULL;
        realm->owns_sandbox = false;
        realm->holds_handle = true;
        if (owned)
            JS_FreeValue(ctx, object_value(sandbox));
    }
    make_suspect(realm);
    release_if_garbage(realm);
    return JS_UNDEFINED;
}

static JSValue contextify_set_import_callback(JSContext *ctx, JSValueConst this_val, int argc,
                                              JSValueConst *argv)
{
    (void)this_val;
    (void)argc;
    set_value(ctx, &ctx->rt->sandtide->import_callback, js_dup(argv[0]));
    return JS_UNDEFINED;
}

static JSValue contextify_set_meta_callback(JSContext *ctx, JSValueConst this_val, int argc,
                                            JSValueConst *argv)
{
    (void)this_val;
    (void)argc;
    set_value(ctx, &ctx->rt->sandtide->meta_callback, js_dup(argv[0]));
    return JS_UNDEFINED;
}

typedef struct Measure {
    size_t bytes;
    JSValue name;
} Measure;

/* measureMemory(): { total, contexts: [{ bytes, name }] }, the main realm first. What realms
   share is counted for the main realm. All is measured before the answer is made, because making
   it may collect garbage. */
static JSValue contextify_measure_memory(JSContext *ctx, JSValueConst this_val, int argc,
                                         JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    JSRuntime *rt = s->rt;
    JSValue result, contexts, entry;
    struct list_head *el;
    size_t others = 0, total = rt->malloc_state.malloc_size;
    Measure *measures = calloc(s->realms_size, sizeof(*measures));
    uint32_t i, count = 0, size = s->realms_size;

    (void)this_val;
    (void)argc;
    (void)argv;
    if (!measures)
        return JS_ThrowOutOfMemory(ctx);
    list_for_each(el, &rt->gc_obj_list) {
        JSObject *p = list_entry(el, JSObject, header.link);
        uint32_t number;
        if (JS_GC_TYPE(p) != JS_GC_OBJ_TYPE_JS_OBJECT ||
            (p->sandtide_realm & (SANDTIDE_SANDBOX | SANDTIDE_GLOBAL)))
            continue;
        number = SANDTIDE_NUMBER(p->sandtide_realm);
        if (number && number < size && s->realms[number])
            measures[number].bytes += sizeof(JSObject) + sizeof(JSProperty) * p->shape->prop_size;
    }
    for (i = 1; i < size; i++) {
        Realm *realm = s->realms[i];
        if (!realm)
            continue;
        measures[count].bytes = measures[i].bytes + (realm->block ? realm->block->live_size : 0);
        measures[count].name = js_dup(realm->name);
        others += measures[count++].bytes;
    }
    result = JS_NewObject(ctx);
    contexts = JS_NewArray(ctx);
    entry = JS_NewObject(ctx);
    JS_DefinePropertyValueStr(ctx, entry, "bytes", JS_NewInt64(ctx, total - others), JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(ctx, contexts, 0, entry, JS_PROP_C_W_E);
    for (i = 0; i < count; i++) {
        entry = JS_NewObject(ctx);
        JS_DefinePropertyValueStr(ctx, entry, "bytes", JS_NewInt64(ctx, measures[i].bytes),
                                  JS_PROP_C_W_E);
        JS_DefinePropertyValueStr(ctx, entry, "name", measures[i].name, JS_PROP_C_W_E);
        JS_DefinePropertyValueUint32(ctx, contexts, i + 1, entry, JS_PROP_C_W_E);
    }
    free(measures);
    JS_DefinePropertyValueStr(ctx, result, "total", JS_NewInt64(ctx, total), JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, result, "contexts", contexts, JS_PROP_C_W_E);
    return result;
}

/* statistics(): how many contexts were made, freed at once, found in collections, and are live. */
static JSValue contextify_statistics(JSContext *ctx, JSValueConst this_val, int argc,
                                     JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    JSValue result;

    (void)this_val;
    (void)argc;
    (void)argv;
    sandtide_look_at_due(s->rt);
    result = JS_NewObject(ctx);
    JS_DefinePropertyValueStr(ctx, result, "created", JS_NewInt64(ctx, s->created), JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, result, "released", JS_NewInt64(ctx, s->released), JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, result, "collected", JS_NewInt64(ctx, s->collected),
                              JS_PROP_C_W_E);
    JS_DefinePropertyValueStr(ctx, result, "live", JS_NewInt64(ctx, s->realms_live), JS_PROP_C_W_E);
    return result;
}

static const JSCFunctionListEntry contextify_functions[] = {
    JS_CFUNC_DEF("compileScript", 8, contextify_compile_script),
    JS_CFUNC_DEF("createCachedData", 1, contextify_create_cached_data),
    JS_CFUNC_DEF("runScript", 5, contextify_run_script),
    JS_CFUNC_DEF("compileFunction", 10, contextify_compile_function),
    JS_CFUNC_DEF("makeContext", 9, contextify_make_context),
    JS_CFUNC_DEF("isContext", 1, contextify_is_context),
    JS_CFUNC_DEF("disposeContext", 1, contextify_dispose),
    JS_CFUNC_DEF("measureMemory", 0, contextify_measure_memory),
    JS_CFUNC_DEF("statistics", 0, contextify_statistics),
    JS_CFUNC_DEF("ownText", 1, contextify_own_text),
    JS_CFUNC_DEF("setImportModuleDynamicallyCallback", 1, contextify_set_import_callback),
    JS_CFUNC_DEF("setInitializeImportMetaCallback", 1, contextify_set_meta_callback),
};
