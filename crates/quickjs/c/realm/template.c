/* Templates: a new realm in a region, from which further realms are made by copying.

   A template is built twice, at two addresses. Words that differ by just the distance of the two
   are pointers into the region; all others must be equal. What lies outside of the region and is
   counted (the strings of built-ins) is given counts that cannot run out instead of being counted
   for each realm. */

/* A field that is set anew for each realm, or that changes with neighbours outside of the
   region. It is zero in a pristine half. */
typedef struct Volatile {
    uint32_t offset;
    uint32_t size; /* 4 or 8 */
} Volatile;

typedef struct Template {
    size_t size;             /* bytes in use of a region, block header included */
    uint8_t *image;          /* as it was at `address` */
    uintptr_t address;
    uint32_t *pointers;      /* offsets of the words to be moved */
    uint32_t pointers_count;
    uint32_t *shapes;        /* offsets of hashed shapes */
    uint32_t shapes_count;
    uint32_t *objects;       /* offsets of all GC objects, in the order of the list */
    uint32_t objects_count;
    uint32_t ctx, global, inner; /* offsets; inner 0 where there is none */
    Volatile *volatiles;
    uint32_t volatiles_count;
    uint32_t live;           /* allocations */
    size_t live_size;        /* what the runtime counts for them, in bytes */
    int class_count;         /* of the runtime, when it was built */
} Template;

#define TEMPLATE_SIZE_MAX (768 << 10)
/* For two realms. */
#define TEMPLATE_SHAPES_MAX 2048
/* Added to the counts of strings and shapes that every realm refers to without counting. A realm
   that does not go as a whole still drops its references, so `top_up_shared` adds to the counts
   again long before one could run out: a realm refers to the same string some hundred times at
   most. */
#define SHARED_COUNT (1 << 29)

/* Globals of the engine that are the host's to give: no realm has them by itself. */
static const char *const host_globals[] = {
    "performance", "queueMicrotask", "navigator", "atob", "btoa", "DOMException", "gc", "print",
    "InternalError",
};

static JSValue console_silence(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)ctx;
    (void)this_val;
    (void)argc;
    (void)argv;
    return JS_UNDEFINED;
}

/* The same of a method that is given a label. */
static JSValue console_label(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSValue text;

    (void)this_val;
    if (argc == 0 || JS_IsUndefined(argv[0]))
        return JS_UNDEFINED;
    text = JS_ToString(ctx, argv[0]);
    if (JS_IsException(text))
        return text;
    JS_FreeValue(ctx, text);
    return JS_UNDEFINED;
}

static JSValue console_run_task(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSAtom name = JS_NewAtom(ctx, "run");
    JSProperty *pr;
    JSShapeProperty *prs =
        JS_IsObject(this_val) ? find_own_property(&pr, JS_VALUE_GET_OBJ(this_val), name) : NULL;
    bool is_task = prs && !(prs->flags & JS_PROP_TMASK) && JS_IsObject(pr->u.value) &&
                   JS_VALUE_GET_OBJ(pr->u.value)->class_id == JS_CLASS_C_FUNCTION &&
                   JS_VALUE_GET_OBJ(pr->u.value)->u.cfunc.c_function.generic == console_run_task;

    JS_FreeAtom(ctx, name);
    if (!is_task)
        return JS_ThrowPlainError(ctx, "'run' called with illegal receiver.");
    if (argc == 0 || !JS_IsFunction(ctx, argv[0]))
        return JS_ThrowPlainError(ctx, "First argument must be a function.");
    return JS_Call(ctx, argv[0], JS_UNDEFINED, 0, NULL);
}

/* A task runs what it is given: there is no debugger to tell of it. */
static JSValue console_create_task(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSValue task;

    (void)this_val;
    if (argc == 0 || !JS_IsString(argv[0]) ||
        (JS_VALUE_GET_TAG(argv[0]) == JS_TAG_STRING && JS_VALUE_GET_STRING(argv[0])->len == 0))
        return JS_ThrowPlainError(ctx, "First argument must be a non-empty string.");
    task = JS_NewObject(ctx);
    if (!JS_IsException(task) &&
        JS_DefinePropertyValueStr(ctx, task, "run", JS_NewCFunction(ctx, console_run_task, "run", 0),
                                  JS_PROP_C_W_E) < 0) {
        JS_FreeValue(ctx, task);
        return JS_EXCEPTION;
    }
    return task;
}

/* An object whose prototype is an empty object of its own. */
static JSValue new_console(JSContext *ctx)
{
    JSValue prototype = JS_NewObject(ctx), console;

    if (JS_IsException(prototype))
        return prototype;
    console = JS_NewObjectProto(ctx, prototype);
    JS_FreeValue(ctx, prototype);
    return console;
}

/* context(name): a console of its own, which nobody listens to either. */
static JSValue console_context(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    static const char *const names[] = {
        "dir", "dirXml", "table", "groupEnd", "clear", "count", "countReset", "profile", "profileEnd", "debug",
        "error", "info", "log", "warn", "trace", "group", "groupCollapsed", "assert", "time", "timeLog",
        "timeEnd", "timeStamp",
    };
    JSValue console = console_label(ctx, this_val, argc, argv);
    uint32_t i;

    if (!JS_IsException(console))
        console = new_console(ctx);
    for (i = 0; i < countof(names) && !JS_IsException(console); i++) {
        if (JS_DefinePropertyValueStr(ctx, console, names[i], JS_NewCFunction(ctx, console_silence, names[i], 1),
                                      JS_PROP_C_W_E) < 0) {
            JS_FreeValue(ctx, console);
            console = JS_EXCEPTION;
        }
    }
    return console;
}

#define SILENT(name) JS_CFUNC_DEF2(name, 0, console_silence, JS_PROP_C_W_E)
#define LABEL(name) JS_CFUNC_DEF2(name, 0, console_label, JS_PROP_C_W_E)

/* A context has a console that prints nothing, as in Node, where only a debugger listens to it. */
static const JSCFunctionListEntry console_functions[] = {
    SILENT("debug"), SILENT("error"), SILENT("info"), SILENT("log"), SILENT("warn"), SILENT("dir"),
    SILENT("dirxml"), SILENT("table"), SILENT("trace"), SILENT("group"), SILENT("groupCollapsed"),
    SILENT("groupEnd"), SILENT("clear"), LABEL("count"), LABEL("countReset"), SILENT("assert"),
    SILENT("profile"), SILENT("profileEnd"), LABEL("time"), LABEL("timeLog"), LABEL("timeEnd"),
    SILENT("timeStamp"),
    JS_CFUNC_DEF2("context", 1, console_context, JS_PROP_C_W_E),
    JS_CFUNC_DEF2("createTask", 0, console_create_task, JS_PROP_C_W_E),
    JS_PROP_STRING_DEF("[Symbol.toStringTag]", "console", JS_PROP_CONFIGURABLE),
};

/* Errors have a stack of their own: see stack.c. */
static void remove_shared_stack(JSContext *ctx)
{
    JS_DeleteProperty(ctx, ctx->class_proto[JS_CLASS_ERROR], JS_ATOM_stack, 0);
}

/* How many frames a stack has is a plain property. */
static void define_stack_limit(JSContext *ctx)
{
    JS_DefinePropertyValueStr(ctx, ctx->error_ctor, "stackTraceLimit", js_dup(ctx->error_stack_trace_limit),
                              JS_PROP_C_W_E);
}

/* A context with the globals that the language has, and no more. */
static JSContext *template_context(JSRuntime *rt)
{
    JSContext *ctx = JS_NewContext(rt);
    JSValue console;
    JSAtom name;
    uint32_t i;

    if (!ctx)
        return NULL;
    for (i = 0; i < countof(host_globals); i++) {
        name = JS_NewAtom(ctx, host_globals[i]);
        if (name != JS_ATOM_NULL) {
            JS_DeleteProperty(ctx, ctx->global_obj, name, 0);
            JS_FreeAtom(ctx, name);
        }
    }
    JS_DeleteProperty(ctx, ctx->global_obj, JS_ATOM_Symbol_toStringTag, 0);
    remove_shared_stack(ctx);
    define_stack_limit(ctx);
    console = new_console(ctx);
    if (JS_IsException(console))
        return NULL;
    JS_SetPropertyFunctionList(ctx, console, console_functions, countof(console_functions));
    JS_DefinePropertyValueStr(ctx, ctx->global_obj, "console", console,
                              JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    if (define_web_assembly(ctx) < 0 || define_lazy_globals(ctx) < 0)
        return NULL;
    return ctx;
}

/* Turns the global of a new context into one that shows a sandbox: the object with the built-ins
   stays behind it. */
static int contextify_global(JSContext *ctx, JSClassID class_id, JSObject **pinner)
{
    JSValue inner = ctx->global_obj, global, proto;

    /* between the global and Object.prototype there is one more, as in Node */
    proto = JS_NewObject(ctx);
    if (JS_IsException(proto))
        return -1;
    global = JS_NewObjectProtoClassAlloc(ctx, proto, class_id, 0);
    JS_FreeValue(ctx, proto);
    if (JS_IsException(global))
        return -1;
    ctx->global_obj = global;
    *pinner = JS_VALUE_GET_OBJ(inner);
    return JS_DefinePropertyValue(ctx, inner, JS_ATOM_globalThis, js_dup(global),
                                  JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE) < 0 ? -1 : 0;
}

static int build_context(Sandtide *s, Template *t, Block *block, bool contextified)
{
    JSRuntime *rt = s->rt;
    SandtideRegion region = { block, BLOCK_HEADER_SIZE, 0 };
    size_t size = rt->malloc_state.malloc_size, count = rt->malloc_state.malloc_count;
    size_t threshold = rt->malloc_gc_threshold, limit = rt->malloc_state.malloc_limit;
    struct list_head *last = rt->gc_obj_list.prev, *el;
    SandtideRegion *before = rt->sandtide_region;
    JSObject *inner = NULL;
    JSContext *ctx;

    rt->malloc_gc_threshold = SIZE_MAX;
    /* no limit meanwhile: the error of a full heap would lie in the region */
    rt->malloc_state.malloc_limit = 0;
    rt->sandtide_region = &region;
    ctx = template_context(rt);
    if (ctx && contextified && contextify_global(ctx, s->global_class, &inner))
        ctx = NULL;
    rt->sandtide_region = before;
    rt->malloc_gc_threshold = threshold;
    rt->malloc_state.malloc_limit = limit;
    /* what lies in regions is counted when realms are made of it */
    rt->malloc_state.malloc_size = size;
    rt->malloc_state.malloc_count = count;
    if (!ctx)
        return -1;
    t->size = region.used;
    t->ctx = (uint8_t *)ctx - (uint8_t *)block;
    t->global = (uint8_t *)JS_VALUE_GET_OBJ(ctx->global_obj) - (uint8_t *)block;
    t->inner = inner ? (uint8_t *)inner - (uint8_t *)block : 0;
    t->live = block->live;
    t->live_size = block->live_size;
    t->class_count = rt->class_count;
    t->objects_count = 0;
    for (el = last->next; el != &rt->gc_obj_list; el = el->next) {
        if (!block_contains(block, el))
            return -1;
        t->objects_count++;
    }
    return 0;
}

static uintptr_t block_word(const Block *block, uint32_t offset)
{
    return *(const uintptr_t *)((const uint8_t *)block + offset);
}

static JSContext *block_context(const Block *block, const Template *t)
{
    return (JSContext *)((uintptr_t)block + t->ctx);
}

static void add_volatile(Template *t, uint32_t offset, uint32_t size)
{
    t->volatiles[t->volatiles_count++] = (Volatile){ offset, size };
}

static bool list_volatiles(Template *t)
{
    uint32_t i, last = t->objects[t->objects_count - 1];

    t->volatiles = malloc((t->shapes_count + 12) * sizeof(Volatile));
    if (!t->volatiles)
        return false;
    add_volatile(t, t->objects[0] + offsetof(struct list_head, prev), 8);
    add_volatile(t, last + offsetof(struct list_head, next), 8);
    for (i = 0; i < t->shapes_count; i++)
        add_volatile(t, t->shapes[i] + offsetof(JSShape, shape_hash_next), 8);
    add_volatile(t, t->ctx + offsetof(JSContext, link.prev), 8);
    add_volatile(t, t->ctx + offsetof(JSContext, link.next), 8);
    add_volatile(t, t->ctx + offsetof(JSContext, time_origin), 8);
    add_volatile(t, t->ctx + offsetof(JSContext, random_state), 8);
    add_volatile(t, t->ctx + offsetof(JSContext, interrupt_counter), 4);
    add_volatile(t, t->ctx + offsetof(JSContext, sandtide_realm), 4);
    add_volatile(t, t->ctx + offsetof(JSContext, user_opaque), 8);
    if (t->inner)
        add_volatile(t, t->global + offsetof(JSObject, u), 8);
    add_volatile(t, t->global + offsetof(JSObject, sandtide_realm), 4);
    return true;
}

static void clear_volatiles(const Template *t, Block *block)
{
    uint32_t i;

    for (i = 0; i < t->volatiles_count; i++)
        memset((uint8_t *)block + t->volatiles[i].offset, 0, t->volatiles[i].size);
}

/* Takes a new realm's objects, shapes and context out of the runtime's lists again. */
static void unlink_block(Sandtide *s, const Template *t, Block *block)
{
    struct list_head *first = (struct list_head *)((uint8_t *)block + t->objects[0]);
    struct list_head *last =
        (struct list_head *)((uint8_t *)block + t->objects[t->objects_count - 1]);
    uint32_t i;

    first->prev->next = last->next;
    last->next->prev = first->prev;
    for (i = 0; i < t->shapes_count; i++)
        js_shape_hash_unlink(s->rt, (JSShape *)((uint8_t *)block + t->shapes[i]));
    list_del(&block_context(block, t)->link);
}

static bool list_objects(Sandtide *s, Template *t, Block *block)
{
    struct list_head *el;
    uint32_t i = 0, n = 0;

    t->objects = malloc(t->objects_count * sizeof(uint32_t));
    t->shapes = malloc(t->objects_count * sizeof(uint32_t));
    if (!t->objects || !t->shapes)
        return false;
    list_for_each(el, &s->rt->gc_obj_list) {
        if (!block_contains(block, el))
            continue;
        t->objects[i++] = (uint8_t *)el - (uint8_t *)block;
        if (JS_GC_TYPE(el) == JS_GC_OBJ_TYPE_SHAPE && ((JSShape *)el)->is_hashed)
            t->shapes[n++] = (uint8_t *)el - (uint8_t *)block;
    }
    t->shapes_count = n;
    return i == t->objects_count;
}

static bool find_pointers(Template *t, const Block *a, const Block *b)
{
    uint32_t offset, n = 0;

    t->pointers = malloc(t->size / 8 * sizeof(uint32_t));
    if (!t->pointers)
        return false;
    for (offset = BLOCK_HEADER_SIZE; offset < t->size; offset += 8) {
        uintptr_t in_a = block_word(a, offset), in_b = block_word(b, offset);
        if (in_a == in_b)
            continue;
        if (in_a - (uintptr_t)a != in_b - (uintptr_t)b || in_a - (uintptr_t)a >= t->size)
            return false;
        t->pointers[n++] = offset;
    }
    t->pointers_count = n;
    return true;
}

/* Hashes of shapes go by the address of the prototype. */
static void rehash_shapes(const Template *t, Block *at)
{
    uint32_t i;
    int j;

    for (i = 0; i < t->shapes_count; i++) {
        JSShape *sh = (JSShape *)((uint8_t *)at + t->shapes[i]);
        uint32_t hash = shape_initial_hash(sh->proto);
        for (j = 0; j < sh->prop_count; j++) {
            JSShapeProperty *pr = &get_shape_prop(sh)[j];
            hash = shape_hash(shape_hash(hash, pr->atom), pr->flags);
        }
        sh->hash = hash;
    }
}

/* Shapes' hashes differ between two addresses but are no pointers: they are cleared, and
   computed for each block. A shape that was hashed once keeps a pointer to its last neighbour,
   which does not matter. */
static void clear_hashes(const Template *t, Block *block)
{
    uint32_t i;

    for (i = 0; i < t->objects_count; i++) {
        JSShape *sh = (JSShape *)((uint8_t *)block + t->objects[i]);
        if (JS_GC_TYPE(sh) != JS_GC_OBJ_TYPE_SHAPE)
            continue;
        sh->hash = 0;
        sh->shape_hash_next = NULL;
    }
}

/* Clears what was freed while the region was filled: it must not count as a difference. */
static void clear_freed(const Template *t, Block *block)
{
    uint32_t offset = BLOCK_HEADER_SIZE;

    while (offset < t->size) {
        RegionHeader *header = (RegionHeader *)((uint8_t *)block + offset);
        JSMallocBlockHeader *b = (JSMallocBlockHeader *)(header + 1);
        if (b->u.block_idx == REGION_FREED)
            memset(b->user_data, 0, header->size);
        offset += sizeof(*header) + sizeof(*b) + header->size;
    }
}

static bool share(Sandtide *s, void *outside)
{
    void **shared;
    uint32_t size;

    if (JS_REF_COUNT(outside) >= SHARED_COUNT)
        return true;
    if (s->shared_count == s->shared_size) {
        size = s->shared_size ? s->shared_size * 2 : 256;
        shared = realloc(s->shared, size * sizeof(*shared));
        if (!shared)
            return false;
        s->shared = shared;
        s->shared_size = size;
    }
    s->shared[s->shared_count++] = outside;
    JS_REF_COUNT(outside) += SHARED_COUNT;
    return true;
}

static void top_up_shared(Sandtide *s)
{
    uint32_t i;

    for (i = 0; i < s->shared_count; i++) {
        if (JS_REF_COUNT(s->shared[i]) < SHARED_COUNT)
            JS_REF_COUNT(s->shared[i]) += SHARED_COUNT;
    }
}

/* Gives what the region refers to outside of itself counts that cannot run out. */
static bool share_outside(Sandtide *s, const Template *t, Block *block)
{
    uint32_t i;
    int j;

    for (i = 0; i < t->objects_count; i++) {
        JSGCObjectHeader *gp = (JSGCObjectHeader *)((uint8_t *)block + t->objects[i]);
        JSObject *p = (JSObject *)gp;
        if (JS_GC_TYPE(gp) != JS_GC_OBJ_TYPE_JS_OBJECT)
            continue;
        if (!block_contains(block, p->shape) && !share(s, p->shape))
            return false;
        for (j = 0; j < p->shape->prop_count; j++) {
            JSValue value = p->prop[j].u.value;
            if (get_shape_prop(p->shape)[j].flags & JS_PROP_TMASK)
                continue;
            if (JS_VALUE_HAS_REF_COUNT(value) && !block_contains(block, JS_VALUE_GET_PTR(value)) &&
                !share(s, JS_VALUE_GET_PTR(value)))
                return false;
        }
    }
    return true;
}

#include "known.c"

static void template_free(Template *t)
{
    if (!t)
        return;
    free(t->image);
    free(t->pointers);
    free(t->shapes);
    free(t->objects);
    free(t->volatiles);
    free(t);
}

/* Takes what a failed build left out of the runtime's lists again. */
static void unlink_all(Sandtide *s, Block *block)
{
    struct list_head *el, *el1;

    list_for_each_safe(el, el1, &s->rt->gc_obj_list) {
        if (!block_contains(block, el))
            continue;
        if (JS_GC_TYPE(el) == JS_GC_OBJ_TYPE_SHAPE && ((JSShape *)el)->is_hashed)
            js_shape_hash_unlink(s->rt, (JSShape *)el);
        if (JS_GC_TYPE(el) == JS_GC_OBJ_TYPE_JS_CONTEXT)
            list_del(&((JSContext *)el)->link);
        list_del(el);
    }
}

static Template *template_build(Sandtide *s, bool contextified)
{
    Template *t = calloc(1, sizeof(*t)), second = { 0 };
    Block *a = block_map(TEMPLATE_SIZE_MAX), *b = block_map(TEMPLATE_SIZE_MAX);
    int atoms = s->rt->atom_count;
    bool done = false, linked = true;

    if (!t || !a || !b)
        goto out;
    /* the runtime's own table must not grow into a region */
    while (s->rt->shape_hash_size < 2 * (s->rt->shape_hash_count + TEMPLATE_SHAPES_MAX)) {
        if (resize_shape_hash(s->rt, s->rt->shape_hash_bits + 1))
            goto out;
    }
    if (build_context(s, t, a, contextified) || build_context(s, &second, b, contextified))
        goto out;
    if (atoms != s->rt->atom_count)
        goto out;
    if (t->size != second.size ||
        t->objects_count != second.objects_count || !list_objects(s, t, a) || !list_volatiles(t))
        goto out;
    if (!block_is_known(s, a, t))
        goto out;
    if (!share_outside(s, t, a) || !share_outside(s, t, b))
        goto out;
    unlink_block(s, t, b);
    unlink_block(s, t, a);
    linked = false;
    clear_volatiles(t, a);
    clear_volatiles(t, b);
    clear_hashes(t, a);
    clear_hashes(t, b);
    clear_freed(t, a);
    clear_freed(t, b);
    t->image = malloc(t->size);
    if (!t->image || !find_pointers(t, a, b))
        goto out;
    memcpy(t->image, a, t->size);
    t->address = (uintptr_t)a;
    done = true;
out:
    if (!done && a && b) {
        JS_FreeValueRT(s->rt, s->rt->current_exception);
        s->rt->current_exception = JS_UNINITIALIZED;
    }
    if (atoms != s->rt->atom_count) {
        /* the main context lacks a part of the language, so names that are new lie in the
           regions */
        s->no_templates = true;
        s->rt->malloc_state.malloc_size += a->live_size + b->live_size;
        s->rt->malloc_state.malloc_count += a->live + b->live;
        unlink_all(s, a);
        unlink_all(s, b);
        template_free(t);
        return NULL;
    }
    if (a) {
        if (linked)
            unlink_all(s, a);
        block_unmap(a);
    }
    if (b) {
        if (linked)
            unlink_all(s, b);
        block_unmap(b);
    }
    if (!done) {
        template_free(t);
        return NULL;
    }
    return t;
}

static Template *template_get(Sandtide *s, bool contextified)
{
    Template **slot = &s->templates[contextified ? 0 : 1];

    if (s->no_templates)
        return NULL;
    if (*slot && (*slot)->class_count != s->rt->class_count) {
        Block *block, *next;
        /* classes were registered since, so contexts have more prototypes. The old template
           stays, because realms that were made from it still refer to it. */
        for (block = s->free_blocks; block; block = next) {
            next = block->next;
            block_unmap(block);
        }
        s->free_blocks = NULL;
        s->free_blocks_count = 0;
        *slot = NULL;
    }
    if (!*slot)
        *slot = template_build(s, contextified);
    return *slot;
}

static size_t template_block_size(const Template *t)
{
    return (t->size + 4095) & ~(size_t)4095;
}

/* A block whose pristine half is `t`, moved there. */
static Block *block_get(Sandtide *s, Template *t)
{
    Block *block, **pblock;
    uint8_t *pristine;
    uintptr_t delta;
    uint32_t i;

    for (pblock = &s->free_blocks; (block = *pblock); pblock = &block->next) {
        if (block->made_from == t) {
            *pblock = block->next;
            s->free_blocks_count--;
            return block;
        }
    }
    block = block_map(template_block_size(t));
    if (!block)
        return NULL;
    block->owner = s;
    block->made_from = t;
    pristine = (uint8_t *)block + block->size;
    delta = (uintptr_t)block - t->address;
    memcpy(pristine + BLOCK_HEADER_SIZE, t->image + BLOCK_HEADER_SIZE, t->size - BLOCK_HEADER_SIZE);
    for (i = 0; i < t->pointers_count; i++)
        *(uintptr_t *)(pristine + t->pointers[i]) += delta;
    rehash_shapes(t, (Block *)pristine);
    return block;
}

static void thrown_block_goes(Sandtide *s, const Block *block);

static void block_recycle(Block *block)
{
    Sandtide *s = block->owner;

    thrown_block_goes(s, block);
    if (s->free_blocks_count >= BLOCKS_KEPT || !block->made_from ||
        block->made_from->class_count != s->rt->class_count) {
        block_unmap(block);
        return;
    }
    block->next = s->free_blocks;
    s->free_blocks = block;
    s->free_blocks_count++;
}

/* Makes the realm's context by copying the pristine half of a block. */
static bool realm_copy(Realm *realm, Template *t)
{
    Sandtide *s = realm->owner;
    JSRuntime *rt = s->rt;
    Block *block;
    struct list_head *first, *last, *tail;
    JSContext *ctx;
    struct timespec now;
    uint32_t i;

    if (rt->malloc_state.malloc_size + t->live_size > rt->malloc_state.malloc_limit - 1)
        return false;
    block = block_get(s, t);
    if (!block)
        return false;
    memcpy((uint8_t *)block + BLOCK_HEADER_SIZE, (uint8_t *)block + block->size + BLOCK_HEADER_SIZE,
           t->size - BLOCK_HEADER_SIZE);
    block->live = t->live;
    block->dropped = false;
    block->live_size = t->live_size;
    rt->malloc_state.malloc_size += t->live_size;
    rt->malloc_state.malloc_count += t->live;

    first = (struct list_head *)((uint8_t *)block + t->objects[0]);
    last = (struct list_head *)((uint8_t *)block + t->objects[t->objects_count - 1]);
    tail = rt->gc_obj_list.prev;
    tail->next = first;
    first->prev = tail;
    last->next = &rt->gc_obj_list;
    rt->gc_obj_list.prev = last;

    for (i = 0; i < t->shapes_count; i++)
        js_shape_hash_link(rt, (JSShape *)((uint8_t *)block + t->shapes[i]));

    ctx = block_context(block, t);
    js_regexp_statics_forget(ctx);
    list_add_tail(&ctx->link, &rt->context_list);
    clock_gettime(CLOCK_MONOTONIC, &now);
    ctx->time_origin = now.tv_sec * 1e3 + now.tv_nsec / 1e6;
    ctx->random_state = xorshift64star(&s->main->random_state);
    if (ctx->random_state == 0)
        ctx->random_state = 1;
    ctx->interrupt_counter = JS_INTERRUPT_COUNTER_INIT;
    ctx->sandtide_realm = realm->number;
    realm->ctx = ctx;
    realm->block = block;
    realm->global = (JSObject *)((uint8_t *)block + t->global);
    if (t->inner) {
        realm->inner = (JSObject *)((uint8_t *)block + t->inner);
        realm->global->u.opaque = realm;
    }
    realm->global->sandtide_realm = realm->number | SANDTIDE_GLOBAL;
    return true;
}

/* Makes the realm without a template, where there is none. Builds with AddressSanitizer have
   none, so that it sees each allocation. */
static bool realm_build(Realm *realm)
{
    Sandtide *s = realm->owner;
    JSContext *ctx = template_context(s->rt);

    if (!ctx)
        return false;
    ctx->sandtide_realm = realm->number;
    if ((realm->number & SANDTIDE_CONTEXTIFIED) &&
        contextify_global(ctx, s->global_class, &realm->inner)) {
        JS_FreeContext(ctx);
        return false;
    }
    realm->ctx = ctx;
    realm->global = JS_VALUE_GET_OBJ(ctx->global_obj);
    if (realm->inner)
        realm->global->u.opaque = realm;
    realm->global->sandtide_realm = realm->number | SANDTIDE_GLOBAL;
    return true;
}
