/* What the Rust side calls. */

static bool is_binding_function(JSCFunction *function)
{
    static const struct { const JSCFunctionListEntry *functions; size_t count; } sets[] = {
        { contextify_functions, countof(contextify_functions) },
        { module_functions, countof(module_functions) },
        { async_functions, countof(async_functions) },
    };
    size_t i, j;

    for (i = 0; i < countof(sets); i++) {
        for (j = 0; j < sets[i].count; j++) {
            if (sets[i].functions[j].u.func.cfunc.generic == function)
                return true;
        }
    }
    return false;
}

/* From now on the atoms below `end` are not counted. */
static void make_immortal(JSRuntime *rt, int end)
{
    int i, next, before = 0;

    /* their strings and symbols are still counted as values, and must not go with the last of
       these */
    for (i = JS_ATOM_END; i < end; i++) {
        if (!atom_is_free(rt->atom_array[i]))
            JS_REF_COUNT(rt->atom_array[i])++;
    }
    /* a later atom with a number below `end` would not be counted either, so the free numbers
       below are never given out */
    for (i = rt->atom_free_index; i != 0; i = next) {
        next = atom_get_free(rt->atom_array[i]);
        if (i >= end)
            before = i;
        else if (before)
            rt->atom_array[before] = atom_set_free(next);
        else
            rt->atom_free_index = next;
    }
    rt->sandtide_immortal_atoms = end;
}

/* Prepares a runtime whose only context is `main`, which has just been made. 0, or -1 without memory. */
int sandtide_install(JSContext *main, const SandtideHost *host)
{
    JSRuntime *rt = main->rt;
    Sandtide *s;
    int i, last = JS_ATOM_END;

    if (rt->sandtide)
        return 0;
    s = calloc(1, sizeof(*s));
    if (!s)
        return -1;
    s->rt = rt;
    s->realms_size = 64;
    s->realms_free = 1;
    s->realms = calloc(s->realms_size, sizeof(*s->realms));
    s->import_callback = s->meta_callback = s->promise_callback = JS_UNDEFINED;
    s->compiling = NO_ORIGIN;
    init_list_head(&s->zombies);
    if (!s->realms || JS_NewClassID(rt, &s->global_class) == 0 ||
        JS_NewClass(rt, s->global_class, &global_class) < 0 ||
        JS_NewClassID(rt, &s->script_class) == 0 ||
        JS_NewClass(rt, s->script_class, &script_class) < 0 ||
        JS_NewClassID(rt, &s->module_class) == 0 ||
        JS_NewClass(rt, s->module_class, &module_class) < 0) {
        free(s->realms);
        free(s);
        return -1;
    }
    rt->class_array[JS_CLASS_MODULE_NS].finalizer = namespace_finalizer;
    rt->class_array[JS_CLASS_MODULE_NS].gc_mark = namespace_mark;
    s->main = JS_DupContext(main);
    /* handles have no prototype of their own */
    JS_SetClassProto(main, s->script_class, js_dup(main->class_proto[JS_CLASS_OBJECT]));
    JS_SetClassProto(main, s->module_class, js_dup(main->class_proto[JS_CLASS_OBJECT]));
    /* all realms share the shape of objects without a prototype, so it must never be a realm's
       own */
    s->anchor = JS_NewObjectProto(main, JS_NULL);
    (void)define_web_assembly(main);
    /* names of what realms have and the main realm does not */
    for (i = 0; i < (int)countof(console_functions); i++)
        (void)JS_NewAtom(main, console_functions[i].name);
    for (i = 0; i < (int)countof(host_globals); i++)
        (void)JS_NewAtom(main, host_globals[i]);
    (void)JS_NewAtom(main, "console");
    s->from_string = JS_NewAtom(main, "<input>");
    s->stack_limit = JS_NewAtom(main, "stackTraceLimit");
    s->anonymous = JS_NewAtom(main, "anonymous");
    if (host) {
        s->host = *host;
        for (i = 0; i < (int)host->lazy_count; i++)
            (void)JS_NewAtom(main, host->lazy[i].name);
    }
    for (i = 0; i < rt->atom_size; i++) {
        if (!atom_is_free(rt->atom_array[i]))
            last = i + 1;
    }
    make_immortal(rt, last);
    rt->sandtide = s;
    remove_shared_stack(main);
    define_stack_limit(main);
    JS_SetInterruptHandler(rt, interrupt, s);
    if (define_lazy_globals(main) < 0) {
        JS_FreeValue(main, JS_GetException(main));
        return -1;
    }
    return 0;
}

static void sandtide_let_go(JSRuntime *rt)
{
    Sandtide *s = rt->sandtide;
    uint32_t i;

    sandtide_keep_job_context(rt, NULL);
    if (!s)
        return;
    let_kept_go(s);
    script_cache_free(s);
    JS_SetPromiseHook(rt, NULL, NULL);
    JS_FreeValueRT(rt, s->import_callback);
    JS_FreeValueRT(rt, s->meta_callback);
    JS_FreeValueRT(rt, s->promise_callback);
    JS_FreeValueRT(rt, s->anchor);
    for (i = 0; i < countof(s->thrown); i++)
        thrown_free(rt, &s->thrown[i]);
    thrown_free(rt, &s->made);
    s->import_callback = s->meta_callback = s->promise_callback = s->anchor = JS_UNDEFINED;
    for (i = 0; i < s->realms_size; i++) {
        Realm *realm = s->realms[i];
        if (!realm)
            continue;
        realm_free_values(realm);
    }
    JS_FreeContext(s->main);
}

static void sandtide_uninstall(JSRuntime *rt)
{
    Sandtide *s = rt->sandtide;
    Block *block, *next;
    uint32_t i;

    if (!s)
        return;
    rt->sandtide = NULL;
    for (block = s->free_blocks; block; block = next) {
        next = block->next;
        block_unmap(block);
    }
    for (i = 0; i < s->realms_size; i++)
        free(s->realms[i]);
    for (i = 0; i < countof(s->thrown); i++)
        free(s->thrown[i].text);
    js_free_rt(rt, s->kept);
    template_free(s->templates[0]);
    template_free(s->templates[1]);
    free(s->realms);
    free(s->shared);
    free(s);
}

void sandtide_set_seal(SealFunction *seal_function, SealFunction *unseal_function)
{
    seal = seal_function;
    unseal = unseal_function;
}

void sandtide_set_on_collection(JSRuntime *rt, SandtideCollected *callback, void *opaque)
{
    rt->sandtide->on_collection = callback;
    rt->sandtide->on_collection_opaque = opaque;
}

void sandtide_set_on_full(JSRuntime *rt, void (*callback)(JSRuntime *rt))
{
    rt->sandtide->on_full = callback;
}

JSValue sandtide_binding(JSContext *ctx, int which)
{
    JSValue binding = JS_NewObject(ctx);

    if (JS_IsException(binding))
        return binding;
    switch (which) {
    case 0:
        JS_SetPropertyFunctionList(ctx, binding, contextify_functions, countof(contextify_functions));
        break;
    case 1:
        JS_SetPropertyFunctionList(ctx, binding, module_functions, countof(module_functions));
        break;
    case 3:
        JS_SetPropertyFunctionList(ctx, binding, async_functions, countof(async_functions));
        break;
    default:
        JS_SetPropertyFunctionList(ctx, binding, util_functions, countof(util_functions));
    }
    return binding;
}

/* Once a turn of the event loop, while no script runs. */
void sandtide_turn(JSRuntime *rt)
{
    let_kept_go(rt->sandtide);
    if (rt->sandtide->suspects)
        look_at_suspects(rt->sandtide, false);
}

/* Collects on request. Every realm that may be garbage is looked at first. */
void sandtide_collect(JSRuntime *rt)
{
    if (!rt->sandtide->runs)
        look_at_suspects(rt->sandtide, true);
    rt->sandtide->reason = SANDTIDE_REASON_REQUESTED;
    JS_RunGC(rt);
    if (!rt->sandtide->runs)
        look_at_suspects(rt->sandtide, true);
}

/* Runs one promise job. 1: ran, 0: none, -1: it threw. */
int sandtide_run_job(JSRuntime *rt)
{
    let_kept_go(rt->sandtide);
    return run_job(rt, NULL);
}

bool sandtide_is_installed(JSContext *ctx)
{
    return ctx->rt->sandtide != NULL;
}

typedef struct SandtideHeap {
    uint64_t size, count, contexts, created, copied, released, collected;
} SandtideHeap;

void sandtide_heap(JSRuntime *rt, SandtideHeap *heap)
{
    Sandtide *s = rt->sandtide;

    sandtide_look_at_due(rt);
    heap->size = rt->malloc_state.malloc_size;
    heap->count = rt->malloc_state.malloc_count;
    heap->contexts = s->realms_live;
    heap->created = s->created;
    heap->copied = s->copied;
    heap->released = s->released;
    heap->collected = s->collected;
}
