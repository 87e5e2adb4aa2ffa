/* Modules that the host makes and links by hand: source text and synthetic modules. A module belongs to
   its handle, an object, and goes with it. A handle holds the context that the module lives in, and the
   handles of the modules it was linked to, which may live in other contexts; the module's functions,
   its namespace and what waits for it hold the handle. */

typedef struct ModuleHandle {
    JSContext *ctx;        /* counted */
    JSModuleDef *module;   /* freed with this */
    JSValue host_option;
    JSValue source;        /* a string, undefined for a synthetic module */
    JSValue steps;         /* of a synthetic module */
    JSValue *linked;       /* the handles that the requests mean, in their order */
    uint32_t linked_count;
    JSObject **importers;  /* those that wait for the module's end, counted */
    uint32_t importers_count, importers_size;
    uint8_t *bytes;        /* the code, serialized before it is linked */
    size_t bytes_len;
} ModuleHandle;

static ModuleHandle *handle_of_module(const JSModuleDef *m)
{
    return m->sandtide_handle ? m->sandtide_handle->u.opaque : NULL;
}

static void free_linked(JSRuntime *rt, JSValue *linked, uint32_t count)
{
    uint32_t i;

    for (i = 0; i < count; i++)
        JS_FreeValueRT(rt, linked[i]);
    free(linked);
}

static void free_importers(JSRuntime *rt, ModuleHandle *h)
{
    JSObject **importers = h->importers;
    uint32_t i, count = h->importers_count;

    h->importers = NULL;
    h->importers_count = h->importers_size = 0;
    for (i = 0; i < count; i++)
        JS_FreeValueRT(rt, JS_MKPTR(JS_TAG_OBJECT, importers[i]));
    free(importers);
}

static void module_finalizer(JSRuntime *rt, JSValueConst obj)
{
    ModuleHandle *h = JS_VALUE_GET_OBJ(obj)->u.opaque;

    if (!h)
        return;
    if (h->module)
        js_free_module_def(h->ctx, h->module);
    free_linked(rt, h->linked, h->linked_count);
    free_importers(rt, h);
    JS_FreeValueRT(rt, h->host_option);
    JS_FreeValueRT(rt, h->source);
    JS_FreeValueRT(rt, h->steps);
    js_free_rt(rt, h->bytes);
    JS_FreeContext(h->ctx);
    free(h);
}

static void module_mark(JSRuntime *rt, JSValueConst obj, JS_MarkFunc *mark_func)
{
    ModuleHandle *h = JS_VALUE_GET_OBJ(obj)->u.opaque;
    uint32_t i;

    if (!h)
        return;
    if (h->module)
        js_mark_module_def(rt, h->module, mark_func);
    for (i = 0; i < h->linked_count; i++)
        JS_MarkValue(rt, h->linked[i], mark_func);
    for (i = 0; i < h->importers_count; i++)
        mark_func(rt, &h->importers[i]->header);
    JS_MarkValue(rt, h->host_option, mark_func);
    JS_MarkValue(rt, h->steps, mark_func);
    mark_func(rt, &h->ctx->header);
}

static const JSClassDef module_class = {
    "ModuleWrap",
    .finalizer = module_finalizer,
    .gc_mark = module_mark,
};

/* A namespace holds its module: exports that are namespaces themselves are made when they are read. */
static void namespace_finalizer(JSRuntime *rt, JSValueConst obj)
{
    JSObject *handle = JS_VALUE_GET_OBJ(obj)->u.opaque;

    if (handle)
        JS_FreeValueRT(rt, JS_MKPTR(JS_TAG_OBJECT, handle));
}

static void namespace_mark(JSRuntime *rt, JSValueConst obj, JS_MarkFunc *mark_func)
{
    JSObject *handle = JS_VALUE_GET_OBJ(obj)->u.opaque;

    if (handle)
        mark_func(rt, &handle->header);
}

static void sandtide_hold_by_namespace(JSModuleDef *m, JSValueConst ns)
{
    sandtide_hold_module(m);
    JS_VALUE_GET_OBJ(ns)->u.opaque = m->sandtide_handle;
}

static void sandtide_hold_module(JSModuleDef *m)
{
    if (m->sandtide_handle)
        js_dup(JS_MKPTR(JS_TAG_OBJECT, m->sandtide_handle));
}

static void sandtide_let_module_go(JSModuleDef *m)
{
    ModuleHandle *h = handle_of_module(m);

    if (h)
        JS_FreeValueRT(h->ctx->rt, JS_MKPTR(JS_TAG_OBJECT, m->sandtide_handle));
}

/* `importer` waits for `m`, and is held by what can end the waiting. */
static int sandtide_hold_importer(JSContext *ctx, JSModuleDef *m, JSModuleDef *importer)
{
    ModuleHandle *h = handle_of_module(m);

    if (!h || !importer->sandtide_handle)
        return 0;
    if (h->importers_count == h->importers_size) {
        uint32_t size = h->importers_size ? h->importers_size * 2 : 4;
        JSObject **importers = realloc(h->importers, size * sizeof(*importers));
        if (!importers) {
            JS_ThrowOutOfMemory(ctx);
            return -1;
        }
        h->importers = importers;
        h->importers_size = size;
    }
    sandtide_hold_module(importer);
    h->importers[h->importers_count++] = importer->sandtide_handle;
    return 0;
}

/* The module has ended, and who waited for it was told. */
static void sandtide_let_importers_go(JSModuleDef *m)
{
    ModuleHandle *h = handle_of_module(m);

    if (!h)
        return;
    while (m->async_parent_modules_count > 0)
        js_set_module(h->ctx->rt, &m->async_parent_modules[--m->async_parent_modules_count], NULL);
    free_importers(h->ctx->rt, h);
}

static JSContext *sandtide_context_of_module(JSContext *ctx, JSModuleDef *m)
{
    ModuleHandle *h = handle_of_module(m);

    return h ? h->ctx : ctx;
}

/* The module that a value stands for: a handle, or the engine's own kind of value. Its context is the
   one to go on in. */
static JSModuleDef *sandtide_module_of_value(JSContext **pctx, JSValueConst value)
{
    ModuleHandle *h;

    if (!JS_IsObject(value))
        return JS_VALUE_GET_PTR(value);
    h = JS_VALUE_GET_OBJ(value)->u.opaque;
    *pctx = h->ctx;
    return h->module;
}

static ModuleHandle *module_of(JSContext *ctx, JSValueConst value)
{
    return JS_GetOpaque2(ctx, value, ctx->rt->sandtide->module_class);
}
