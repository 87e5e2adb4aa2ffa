/* How a realm goes: at once, when the last reference from outside goes; after a later look, when
   it has outlived its sandbox; in a collection, when it is in a cycle with other realms.

   Whether anything outside refers to a realm is decided by trial: from the counts of all objects that
   belong to the realm, the references among them are taken away; what keeps a count is referred to
   from outside. A realm that is just as it was made needs no trial: its live half equals its
   pristine half, counts included. */

typedef struct Trial {
    JSGCObjectHeader **members;
    size_t count, size;
    JSGCObjectHeader **work;
    size_t work_count;
    Realm *realm;
    bool failed;
} Trial;

/* One at a time for a thread: trials do not run code that could start another. */
static _Thread_local Trial trial;

static bool is_member(const Realm *realm, JSGCObjectHeader *gp)
{
    const Block *block = realm->block;

    if (block && block_contains(block, gp))
        return true;
    switch (JS_GC_TYPE(gp)) {
    case JS_GC_OBJ_TYPE_JS_OBJECT:
        return (JSObject *)gp == realm->sandbox ||
               (((JSObject *)gp)->sandtide_realm & ~SANDTIDE_ARROW) == realm->number;
    case JS_GC_OBJ_TYPE_SHAPE: {
        JSObject *proto = ((JSShape *)gp)->proto;
        return proto && ((block && block_contains(block, proto)) ||
                         proto->sandtide_realm == realm->number);
    }
    case JS_GC_OBJ_TYPE_FUNCTION_BYTECODE:
        return ((JSFunctionBytecode *)gp)->realm == realm->ctx;
    case JS_GC_OBJ_TYPE_VAR_REF:
    case JS_GC_OBJ_TYPE_ASYNC_FUNCTION:
        return true;
    case JS_GC_OBJ_TYPE_JS_CONTEXT:
        return (JSContext *)gp == realm->ctx;
    }
    return false;
}

static void trial_visit(JSRuntime *rt, JSGCObjectHeader *gp)
{
    (void)rt;
    if (JS_GC_MARK(gp) || trial.failed || !is_member(trial.realm, gp))
        return;
    if (trial.count == trial.size) {
        size_t size = trial.size ? trial.size * 2 : 2048;
        JSGCObjectHeader **members = realloc(trial.members, size * sizeof(*members));
        JSGCObjectHeader **work = realloc(trial.work, size * sizeof(*work));
        if (members)
            trial.members = members;
        if (work)
            trial.work = work;
        if (!members || !work) {
            trial.failed = true;
            return;
        }
        trial.size = size;
    }
    JS_GC_MARK(gp) = 1;
    trial.members[trial.count++] = gp;
}

static void trial_decrement(JSRuntime *rt, JSGCObjectHeader *gp)
{
    (void)rt;
    if (JS_GC_MARK(gp))
        JS_REF_COUNT(gp)--;
}

static void trial_increment(JSRuntime *rt, JSGCObjectHeader *gp)
{
    (void)rt;
    if (JS_GC_MARK(gp))
        JS_REF_COUNT(gp)++;
}

static void trial_keep(JSRuntime *rt, JSGCObjectHeader *gp)
{
    (void)rt;
    if (JS_GC_MARK(gp)) {
        JS_GC_MARK(gp) = 0;
        trial.work[trial.work_count++] = gp;
    }
}

static void trial_unmark(void)
{
    size_t i;

    for (i = 0; i < trial.count; i++)
        JS_GC_MARK(trial.members[i]) = 0;
    trial.count = 0;
}

/* Whether nothing outside refers to the realm. If so, what belongs to it and dies with it is in
   `trial.members`, marked. */
static bool trial_run(Realm *realm)
{
    JSRuntime *rt = realm->owner->rt;
    JSGCObjectHeader *ctx = &realm->ctx->header;
    size_t i;
    bool live; /* the global needs its realm, also where programs took all from it that leads there */

    trial.count = trial.work_count = 0;
    trial.realm = realm;
    trial.failed = false;
    rt->sandtide_weak_maps = SANDTIDE_WEAK_MAPS_TRIAL_VISIT;
    if (realm->sandbox)
        trial_visit(rt, &realm->sandbox->header);
    trial_visit(rt, ctx);
    for (i = 0; i < trial.count && !trial.failed; i++)
        mark_children(rt, trial.members[i], trial_visit);
    rt->sandtide_weak_maps = SANDTIDE_WEAK_MAPS_TRIAL_COUNT;
    if (trial.failed) {
        rt->sandtide_weak_maps = SANDTIDE_WEAK_MAPS_COUNT;
        trial_unmark();
        return false;
    }
    for (i = 0; i < trial.count; i++)
        mark_children(rt, trial.members[i], trial_decrement);
    for (i = 0; i < trial.count; i++) {
        if (JS_REF_COUNT(trial.members[i]) > 0)
            trial.work[trial.work_count++] = trial.members[i];
    }
    for (i = 0; i < trial.count; i++)
        mark_children(rt, trial.members[i], trial_increment);
    live = trial.work_count > 0;
    if (live) {
        size_t roots = trial.work_count;
        for (i = 0; i < roots; i++)
            JS_GC_MARK(trial.work[i]) = 0;
        rt->sandtide_weak_maps = SANDTIDE_WEAK_MAPS_TRIAL_KEEP;
        for (i = 0; i < trial.work_count && JS_GC_MARK(ctx); i++)
            mark_children(rt, trial.work[i], trial_keep);
        live = !JS_GC_MARK(ctx) || (realm->global && !JS_GC_MARK(realm->global));
    }
    rt->sandtide_weak_maps = SANDTIDE_WEAK_MAPS_COUNT;
    if (live)
        trial_unmark();
    return !live;
}

/* Whether the realm is bit for bit as it was made, counts included. Then nothing but its sandbox
   or its handle refers to it. */
static bool is_pristine(Realm *realm)
{
    Block *block = realm->block;
    const Template *t;
    uint64_t saved[256];
    uint32_t i;
    bool same;

    if (!block)
        return false;
    if (realm->sandbox && JS_REF_COUNT(realm->sandbox) > (realm->owns_sandbox ? 1 : 0))
        return false;
    t = block->made_from;
    if (t->volatiles_count > countof(saved))
        return false;
    for (i = 0; i < t->volatiles_count; i++) {
        saved[i] = 0;
        memcpy(&saved[i], (uint8_t *)block + t->volatiles[i].offset, t->volatiles[i].size);
    }
    clear_volatiles(t, block);
    same = memcmp((uint8_t *)block + BLOCK_HEADER_SIZE,
                  (uint8_t *)block + block->size + BLOCK_HEADER_SIZE,
                  t->size - BLOCK_HEADER_SIZE) == 0;
    for (i = 0; i < t->volatiles_count; i++)
        memcpy((uint8_t *)block + t->volatiles[i].offset, &saved[i], t->volatiles[i].size);
    return same;
}

static bool range_is_pristine(const Block *block, const void *start, size_t size)
{
    return memcmp(start, (const uint8_t *)start + block->size, size) == 0;
}

static bool shape_is_pristine(const Block *block, JSShape *sh)
{
    size_t hash_size = (size_t)sh->prop_hash_mask + 1;
    uint8_t *alloc = get_alloc_from_shape(sh);
    uint8_t *fields = (uint8_t *)sh + offsetof(JSShape, is_hashed);
    uint8_t *next = (uint8_t *)sh + offsetof(JSShape, shape_hash_next);
    uint8_t *proto = (uint8_t *)sh + offsetof(JSShape, proto);
    JSShape *was = (JSShape *)((uint8_t *)sh + block->size);

    if (was->prop_hash_mask != sh->prop_hash_mask || was->prop_size != sh->prop_size)
        return false;
    return range_is_pristine(block, fields, next - fields) &&
           range_is_pristine(block, proto,
                             alloc + get_shape_size(hash_size, sh->prop_size) - proto);
}

/* Whether an object of a block holds nothing that it did not hold when the realm was made. */
static bool object_is_pristine(const Block *block, JSObject *p)
{
    const size_t start = offsetof(JSObject, header) + sizeof(p->header);

    if (!range_is_pristine(block, (uint8_t *)p + start, sizeof(*p) - start))
        return false;
    if (!block_contains(block, p->prop))
        return false;
    if (block_contains(block, p->shape) && !shape_is_pristine(block, p->shape))
        return false;
    return range_is_pristine(block, p->prop, sizeof(p->prop[0]) * p->shape->prop_size);
}

static void free_changed_value(JSContext *ctx, JSValue now, JSValue was)
{
    if (JS_VALUE_HAS_REF_COUNT(now) &&
        !(JS_VALUE_HAS_REF_COUNT(was) && JS_VALUE_GET_PTR(now) == JS_VALUE_GET_PTR(was)))
        JS_FreeValue(ctx, now);
}

/* What a context of a block holds that it did not hold when it was made. */
static void free_changed_context(JSContext *ctx, const Block *block)
{
    JSRuntime *rt = ctx->rt;
    JSContext *was = (JSContext *)((uint8_t *)ctx + block->size);
    JSValue *protos_were = (JSValue *)((uint8_t *)was->class_proto + block->size);
    int i;

    js_free_modules(ctx);
    free_changed_value(ctx, ctx->error_back_trace, was->error_back_trace);
    free_changed_value(ctx, ctx->error_prepare_stack, was->error_prepare_stack);
    free_changed_value(ctx, ctx->error_stack_trace_limit, was->error_stack_trace_limit);
    for (i = 0; i < rt->class_count; i++) {
        JSValue proto_was = i < block->made_from->class_count ? protos_were[i] : JS_NULL;
        free_changed_value(ctx, ctx->class_proto[i], proto_was);
    }
    if (!block_contains(block, ctx->class_proto))
        js_free_rt(rt, ctx->class_proto);
}

/* Gives a block back whole: what it still holds is unlinked, not freed. */
static void drop_block(Realm *realm)
{
    Sandtide *s = realm->owner;
    JSRuntime *rt = s->rt;
    Block *block = realm->block;
    const Template *t = block->made_from;
    uint32_t i;

    for (i = 0; i < t->objects_count; i++) {
        JSGCObjectHeader *gp = (JSGCObjectHeader *)((uint8_t *)block + t->objects[i]);
        void *alloc = gp;
        if (JS_GC_TYPE(gp) == JS_GC_OBJ_TYPE_SHAPE)
            alloc = get_alloc_from_shape((JSShape *)gp);
        if (region_is_freed(alloc))
            continue;
        if (JS_GC_TYPE(gp) == JS_GC_OBJ_TYPE_SHAPE && ((JSShape *)gp)->is_hashed)
            js_shape_hash_unlink(rt, (JSShape *)gp);
        list_del(&gp->link);
    }
    rt->malloc_state.malloc_size -= block->live_size;
    rt->malloc_state.malloc_count -= block->live;
    block->live = 0;
    block_recycle(block);
}

static void free_zombies(Sandtide *s)
{
    struct list_head *el, *el1;

    list_for_each_safe(el, el1, &s->zombies)
        js_free_rt(s->rt, list_entry(el, JSGCObjectHeader, link));
    init_list_head(&s->zombies);
}

/* Frees a realm that is as it was made, and its sandbox. */
static void release_pristine(Realm *realm)
{
    Sandtide *s = realm->owner;
    JSRuntime *rt = s->rt;
    Block *block = realm->block;

    if (realm->sandbox) {
        realm->sandbox->sandtide_realm = 0;
        free_object_now(rt, realm->sandbox);
    }
    unlink_block(s, block->made_from, block);
    rt->malloc_state.malloc_size -= block->live_size;
    rt->malloc_state.malloc_count -= block->live;
    block->live = 0;
    block_recycle(block);
}

/* Whether everything that a block was made with was found garbage. An object that does not lead to
   the context may outlive it. */
static bool block_is_garbage(const Block *block)
{
    const Template *t = block->made_from;
    uint32_t i;

    for (i = 0; i < t->objects_count; i++) {
        if (!JS_GC_MARK((uint8_t *)(uintptr_t)block + t->objects[i]))
            return false;
    }
    return true;
}

/* Frees what a trial found, but in a block that goes as a whole only what has changed. */
static void release_members(Realm *realm, bool whole)
{
    JSRuntime *rt = realm->owner->rt;
    Block *block = realm->block;
    JSContext *ctx = realm->ctx;
    size_t i, count = 0;

    if (realm->sandbox)
        realm->sandbox->sandtide_realm = 0;
    if (whole) {
        if (realm->inner)
            realm->global->u.opaque = NULL;
        free_changed_context(ctx, block);
        list_del(&ctx->link);
    }
    /* The others are freed together with what refers to them, so that must not be looked at any
       more. */
    for (i = 0; i < trial.count; i++) {
        JSGCObjectHeader *gp = trial.members[i];
        if (JS_GC_MARK(gp) && (JS_GC_TYPE(gp) == JS_GC_OBJ_TYPE_JS_OBJECT ||
                               JS_GC_TYPE(gp) == JS_GC_OBJ_TYPE_FUNCTION_BYTECODE))
            trial.members[count++] = gp;
    }
    for (i = 0; i < count; i++) {
        JSGCObjectHeader *gp = trial.members[i];
        if (JS_GC_TYPE(gp) == JS_GC_OBJ_TYPE_JS_OBJECT && whole && block_contains(block, gp) &&
            object_is_pristine(block, (JSObject *)gp))
            continue;
        if (JS_GC_TYPE(gp) == JS_GC_OBJ_TYPE_JS_OBJECT)
            free_object_now(rt, (JSObject *)gp);
        else
            free_gc_object(rt, gp);
    }
    trial.count = 0;
}

/* Frees a realm that nothing refers to any more, and its sandbox. The verdict was just made. */
static void release(Realm *realm, bool pristine)
{
    Sandtide *s = realm->owner;
    JSRuntime *rt = s->rt;
    JSGCPhaseEnum phase = rt->gc_phase;
    Block *block = realm->block;
    JSContext *ctx = realm->ctx;
    bool whole = !pristine && block_is_garbage(block);
    struct ScriptInstance *taken = whole ? realm_take_code(realm) : NULL;

    init_list_head(&s->zombies);
    s->releasing = true;
    rt->gc_phase = JS_GC_PHASE_REMOVE_CYCLES;
    realm_free_values(realm);
    if (pristine) {
        release_pristine(realm);
        free_zombies(s);
    } else {
        release_members(realm, whole);
        if (!whole) {
            block->dropped = true;
            JS_FreeContext(ctx);
        }
        free_zombies(s);
        if (whole)
            drop_block(realm);
    }
    rt->gc_phase = phase;
    give_code_back(s, taken);
    s->releasing = false;
    s->released++;
    realm_forget(realm);
    if (s->orphans)
        free_orphans(s);
    if (phase == JS_GC_PHASE_NONE && !list_empty(&rt->gc_zero_ref_count_list))
        free_zero_refcount(rt);
}

/* Frees the realm if nothing refers to it. */
static bool release_if_garbage(Realm *realm)
{
    bool pristine;

    if (realm->running || !realm->block || realm->owner->releasing)
        return false;
    pristine = is_pristine(realm);
    if (!pristine && !trial_run(realm))
        return false;
    release(realm, pristine);
    return true;
}

static void make_suspect(Realm *realm)
{
    if (!realm->suspect) {
        realm->suspect = true;
        realm->owner->suspects++;
    }
    realm->looks = 0;
    realm->next_look = realm->owner->turn;
}

/* Whether the object is the global of a vanilla context, which holds the context. */
static bool is_handle(const Realm *realm, const JSObject *p)
{
    return realm && realm->vanilla && realm->holds_handle && realm->global == p;
}

/* The last reference to a sandbox has gone, or a collection found it or a vanilla context's global. */
static void sandtide_free_sandbox(JSRuntime *rt, JSObject *p)
{
    Sandtide *s = rt->sandtide;
    Realm *realm = s ? realm_of_tag(s, p->sandtide_realm) : NULL;

    if (is_handle(realm, p)) {
        JSContext *ctx = realm->ctx;
        p->sandtide_realm = 0;
        if (realm->block)
            realm->block->dropped = true;
        s->collected++;
        realm_forget(realm);
        free_object_now(rt, p);
        JS_FreeContext(ctx);
        return;
    }
    if (!realm || realm->sandbox != p) {
        free_object_now(rt, p);
        return;
    }
    if (rt->gc_phase == JS_GC_PHASE_REMOVE_CYCLES) {
        /* a collection found it, and its realm with it */
        JSContext *ctx = realm->ctx;
        p->sandtide_realm = 0;
        realm->sandbox = NULL;
        realm->owns_sandbox = false;
        s->collected++;
        free_object_now(rt, p);
        JS_FreeContext(ctx);
        return;
    }
    if (!realm->running && is_pristine(realm) && !s->releasing) {
        release(realm, true);
        return;
    }
    /* Where a reference is dropped, the heap may be halfway through a change, and must not be looked at:
       the realm keeps its sandbox until it can be, which is before the next object is made. */
    JS_REF_COUNT(p) = 1;
    realm->owns_sandbox = true;
    list_del(&p->header.link);
    list_add_tail(&p->header.link, &rt->gc_obj_list);
    make_suspect(realm);
    if (!realm->due) {
        realm->due = true;
        realm->next_due = s->due;
        s->due = realm;
    }
    rt->sandtide_due = true;
}

/* Looks at the realms whose sandbox lost its last reference, as soon as the heap can be looked
   at. */
static void sandtide_look_at_due(JSRuntime *rt)
{
    Sandtide *s = rt->sandtide;
    Realm *realm;

    if (!s || region_is_on(rt) || s->releasing || rt->gc_phase != JS_GC_PHASE_NONE)
        return;
    while ((realm = s->due) != NULL) {
        s->due = realm->next_due;
        realm->due = false;
        release_if_garbage(realm);
    }
    rt->sandtide_due = false;
}

static void sandtide_mark_sandbox(JSRuntime *rt, JSObject *p, JS_MarkFunc *mark_func)
{
    Realm *realm = realm_of_tag(rt->sandtide, p->sandtide_realm);

    if (is_handle(realm, p) || (realm && realm->sandbox == p))
        mark_func(rt, &realm->ctx->header);
}

static void sandtide_mark_context(JSRuntime *rt, JSContext *ctx, JS_MarkFunc *mark_func)
{
    Realm *realm = realm_of_context(ctx);

    if (!realm || realm->ctx != ctx)
        return;
    JS_MarkValue(rt, realm->host_option, mark_func);
    if (realm->declared)
        mark_func(rt, &realm->declared->header);
    realm_mark_instances(realm, mark_func);
    realm_mark_jobs(realm, mark_func);
}

/* Looks at the realms that may have become garbage since; the more often one was still in use,
   the longer until the next look at it. Called once a turn of the event loop, when no script
   runs, and before a realm is made. */
static void look_at_suspects(Sandtide *s, bool all)
{
    uint32_t i, left = s->suspects;

    sandtide_look_at_due(s->rt);
    s->turn++;
    for (i = 0; i < s->realms_size && left; i++) {
        Realm *realm = s->realms[i];
        if (!realm || !realm->suspect)
            continue;
        left--;
        if (!all && (int32_t)(s->turn - realm->next_look) < 0)
            continue;
        if (!release_if_garbage(realm)) {
            if (realm->looks < 12)
                realm->looks++;
            /* the first looks come soon, because often only a variable that is about to go keeps
               the realm */
            realm->next_look = s->turn + (realm->looks < 4 ? 1 : 1u << (realm->looks - 3));
        }
    }
}

/* For the time of a collection realms hold their sandboxes, counted. */
static void sandtide_before_collection(JSRuntime *rt)
{
    Sandtide *s = rt->sandtide;
    uint32_t i;

    if (!s)
        return;
    s->collection_start_size = rt->malloc_state.malloc_size;
    clock_gettime(CLOCK_MONOTONIC, &s->collection_start);
    for (i = 0; i < s->realms_size; i++) {
        Realm *realm = s->realms[i];
        if (realm && realm->sandbox && !realm->owns_sandbox) {
            JS_REF_COUNT(realm->sandbox)++;
            realm->owns_sandbox = true;
            realm->lent = true;
        }
    }
}

static void sandtide_after_collection(JSRuntime *rt)
{
    Sandtide *s = rt->sandtide;
    struct timespec now;
    double ms;
    uint32_t i;
    int reason;

    if (!s)
        return;
    for (i = 0; i < s->realms_size; i++) {
        Realm *realm = s->realms[i];
        if (!realm || !realm->lent)
            continue;
        realm->lent = false;
        if (!realm->sandbox)
            continue;
        if (JS_REF_COUNT(realm->sandbox) > 1) {
            JS_REF_COUNT(realm->sandbox)--;
            realm->owns_sandbox = false;
        } else {
            make_suspect(realm);
        }
    }
    if (s->orphans)
        free_orphans(s);
    clock_gettime(CLOCK_MONOTONIC, &now);
    ms = (now.tv_sec - s->collection_start.tv_sec) * 1e3 +
         (now.tv_nsec - s->collection_start.tv_nsec) / 1e6;
    reason = s->reason;
    s->reason = SANDTIDE_REASON_ALLOCATION;
    if (s->on_collection)
        s->on_collection(s->on_collection_opaque, s->collection_start_size,
                         rt->malloc_state.malloc_size, walk_room_size(rt), ms, reason);
}
