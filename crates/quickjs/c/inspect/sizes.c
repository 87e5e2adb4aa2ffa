/* How much memory belongs to a node of the heap: all blocks that go when it goes. Sums over all
   nodes are what the allocator below counts as used. Knows nothing of edges. */

/* What the allocator below needs for a block beyond what it gives: Heap's header and malloc's. */
#define BACKING_OVERHEAD 8

/* A block of the engine's allocator. Blocks of pools are parts of what GROUP_ROOM measures the rest of. */
static uint64_t walk_block(JSRuntime *rt, const void *block)
{
    const JSMallocBlockHeader *b;

    if (!block)
        return 0;
    b = js_rc(block);
    if (b->u.block_idx != JS_ARENA_FREE_NIL)
        return arena_block_sizes[b->block_size_idx];
    if (b == arena_zero_block(rt))
        return 0;
    if (b->block_size_idx == SANDTIDE_REGION_BLOCK)
        return sandtide_region_usable_size(b) + sizeof(*b) + sizeof(RegionHeader);
    return rt->mf.js_malloc_usable_size(b) + BACKING_OVERHEAD;
}

static uint64_t walk_backing(JSRuntime *rt, const void *block)
{
    return block ? rt->mf.js_malloc_usable_size(block) + BACKING_OVERHEAD : 0;
}

static uint64_t walk_list_blocks(JSRuntime *rt, struct list_head *list, size_t link)
{
    struct list_head *el;
    uint64_t size = 0;

    list_for_each(el, list)
        size += walk_block(rt, (uint8_t *)el - link);
    return size;
}

static uint64_t walk_map_size(JSRuntime *rt, JSMapState *map)
{
    if (!map)
        return 0;
    return walk_block(rt, map) + walk_block(rt, map->hash_table) +
           walk_list_blocks(rt, &map->records, offsetof(JSMapRecord, link));
}

static uint64_t walk_buffer_size(JSRuntime *rt, JSArrayBuffer *buffer)
{
    if (!buffer)
        return 0;
    if (!buffer->data || buffer->realloc_func == js_array_buffer_realloc)
        return walk_block(rt, buffer) + walk_block(rt, buffer->data);
    /* the host's bytes, or those of a shared buffer */
    return walk_block(rt, buffer) + buffer->byte_length;
}

static uint64_t walk_weak_refs_size(JSRuntime *rt, JSWeakRefRecord *wr)
{
    uint64_t size = 0;

    for (; wr; wr = wr->next_weak_ref)
        size += walk_block(rt, wr);
    return size;
}

static uint64_t walk_class_size(JSRuntime *rt, JSObject *p)
{
    switch (p->class_id) {
    case JS_CLASS_ARRAY:
    case JS_CLASS_ARGUMENTS:
        return p->fast_array ? walk_block(rt, sandtide_array_block(p)) : 0;
    case JS_CLASS_MAPPED_ARGUMENTS:
        return p->fast_array ? walk_block(rt, p->u.array.u.var_refs) : 0;
    case JS_CLASS_BYTECODE_FUNCTION:
    case JS_CLASS_GENERATOR_FUNCTION:
    case JS_CLASS_ASYNC_FUNCTION:
    case JS_CLASS_ASYNC_GENERATOR_FUNCTION:
        return walk_block(rt, p->u.func.var_refs);
    case JS_CLASS_ARRAY_BUFFER:
    case JS_CLASS_SHARED_ARRAY_BUFFER:
        return walk_buffer_size(rt, p->u.array_buffer);
    case JS_CLASS_MAP:
    case JS_CLASS_SET:
    case JS_CLASS_WEAKMAP:
    case JS_CLASS_WEAKSET:
        return walk_map_size(rt, p->u.map_state);
    case JS_CLASS_BOUND_FUNCTION:
    case JS_CLASS_C_FUNCTION_DATA:
    case JS_CLASS_C_CLOSURE:
    case JS_CLASS_FOR_IN_ITERATOR:
    case JS_CLASS_ITERATOR_CONCAT:
    case JS_CLASS_ITERATOR_WRAP:
    case JS_CLASS_MAP_ITERATOR:
    case JS_CLASS_SET_ITERATOR:
    case JS_CLASS_ARRAY_ITERATOR:
    case JS_CLASS_STRING_ITERATOR:
    case JS_CLASS_REGEXP_STRING_ITERATOR:
    case JS_CLASS_PROXY:
    case JS_CLASS_ASYNC_FROM_SYNC_ITERATOR:
    case JS_CLASS_DOM_EXCEPTION:
    case JS_CLASS_CALL_SITE:
        return walk_block(rt, p->u.opaque);
    case JS_CLASS_ITERATOR_HELPER: {
        JSIteratorHelperData *it = p->u.opaque;
        return it ? walk_block(rt, it) + walk_block(rt, it->buf) : 0;
    }
    case JS_CLASS_GENERATOR: {
        JSGeneratorData *s = p->u.generator_data;
        if (!s)
            return 0;
        return walk_block(rt, s) + (s->state == JS_GENERATOR_STATE_COMPLETED
                                        ? 0 : walk_block(rt, s->func_state.frame.arg_buf));
    }
    case JS_CLASS_ASYNC_GENERATOR: {
        JSAsyncGeneratorData *s = (void *)p->u.async_generator_data;
        if (!s)
            return 0;
        return walk_block(rt, s) +
               walk_list_blocks(rt, &s->queue, offsetof(JSAsyncGeneratorRequest, link)) +
               (s->state == JS_ASYNC_GENERATOR_STATE_COMPLETED ||
                        s->state == JS_ASYNC_GENERATOR_STATE_AWAITING_RETURN
                    ? 0 : walk_block(rt, s->func_state.frame.arg_buf));
    }
    case JS_CLASS_PROMISE: {
        JSPromiseData *s = p->u.promise_data;
        if (!s)
            return 0;
        return walk_block(rt, s) +
               walk_list_blocks(rt, &s->promise_reactions[0], offsetof(JSPromiseReactionData, link)) +
               walk_list_blocks(rt, &s->promise_reactions[1], offsetof(JSPromiseReactionData, link));
    }
    case JS_CLASS_PROMISE_RESOLVE_FUNCTION:
    case JS_CLASS_PROMISE_REJECT_FUNCTION: {
        JSPromiseFunctionData *s = p->u.promise_function_data;
        if (!s)
            return 0;
        /* the two share `presolved` */
        return walk_block(rt, s) +
               (p->class_id == JS_CLASS_PROMISE_RESOLVE_FUNCTION ? walk_block(rt, s->presolved) : 0);
    }
    case JS_CLASS_DISPOSABLE_STACK:
    case JS_CLASS_ASYNC_DISPOSABLE_STACK: {
        JSDisposableStack *s = p->u.opaque;
        return s ? walk_block(rt, s) + walk_block(rt, s->resources) : 0;
    }
    case JS_CLASS_WEAK_REF:
        return p->u.opaque == &js_weakref_sentinel ? 0 : walk_block(rt, p->u.opaque);
    case JS_CLASS_FINALIZATION_REGISTRY: {
        JSFinalizationRegistryData *s = p->u.opaque;
        return s ? walk_block(rt, s) +
                       walk_list_blocks(rt, &s->entries, offsetof(JSFinRecEntry, link)) : 0;
    }
    default:
        if (p->class_id >= JS_CLASS_UINT8C_ARRAY && p->class_id <= JS_CLASS_DATAVIEW)
            return walk_block(rt, p->u.typed_array);
        return 0; /* what classes of the host hold is not ours to know */
    }
}

static uint64_t walk_counted_size(JSRuntime *rt, const JSGCObjectHeader *gp)
{
    uint64_t size = walk_block(rt, gp);

    switch (JS_GC_TYPE(gp)) {
    case JS_GC_OBJ_TYPE_JS_OBJECT: {
        JSObject *p = (JSObject *)gp;
        size += walk_block(rt, p->prop) + walk_weak_refs_size(rt, p->first_weak_ref);
        return size + walk_class_size(rt, p);
    }
    case JS_GC_OBJ_TYPE_FUNCTION_BYTECODE: {
        JSFunctionBytecode *b = (JSFunctionBytecode *)gp;
        return size + walk_block(rt, b->pc2line_buf) + walk_block(rt, b->source);
    }
    case JS_GC_OBJ_TYPE_ASYNC_FUNCTION: {
        JSAsyncFunctionData *s = (JSAsyncFunctionData *)gp;
        return size + (s->is_active ? walk_block(rt, s->func_state.frame.arg_buf) : 0);
    }
    case JS_GC_OBJ_TYPE_JS_CONTEXT:
        return size + walk_block(rt, ((JSContext *)gp)->class_proto);
    default:
        return size;
    }
}

static uint64_t walk_string_size(JSRuntime *rt, JSString *p)
{
    uint64_t size = walk_block(rt, p);

    /* the field is only there in symbols */
    if (p->atom_type == JS_ATOM_TYPE_SYMBOL)
        size += walk_weak_refs_size(rt, p->first_weak_ref);
    return p->kind == JS_STRING_KIND_INDIRECT ? size + walk_block(rt, strv(p)) : size;
}

static uint64_t walk_module_size(JSRuntime *rt, JSModuleDef *m)
{
    return walk_block(rt, m) + walk_block(rt, m->req_module_entries) +
           walk_block(rt, m->export_entries) + walk_block(rt, m->star_export_entries) +
           walk_block(rt, m->import_entries) + walk_block(rt, m->async_parent_modules);
}

/* The engine's own tables: what no JavaScript refers to. */
static uint64_t walk_tables_size(JSRuntime *rt)
{
    uint64_t size = walk_backing(rt, rt) + walk_block(rt, rt->class_array) +
                    walk_block(rt, rt->atom_hash) + walk_block(rt, rt->atom_array) +
                    walk_block(rt, rt->shape_hash);
    JSRuntimeFinalizerState *finalizer;

    for (finalizer = rt->finalizers; finalizer; finalizer = finalizer->next)
        size += walk_block(rt, finalizer);
    return size;
}

/* The pools' headers and what is free in them. */
static uint64_t walk_room_size(JSRuntime *rt)
{
    uint64_t size = 0;
    struct list_head *el;
    int i;

    for (i = 0; i < JS_ARENA_BLOCK_SIZE_COUNT; i++) {
        list_for_each(el, &rt->arena_state.arena_list[i]) {
            JSArena *ar = list_entry(el, JSArena, link);
            size += walk_backing(rt, ar) - (uint64_t)ar->n_used_blocks * arena_block_sizes[i];
        }
    }
    return size;
}

void sandtide_heap_sizes(JSRuntime *rt, SandtideHeapSizes *sizes)
{
    struct list_head *el;
    uint32_t i;

    memset(sizes, 0, sizeof(*sizes));
    for (i = 0; i < JS_ARENA_BLOCK_SIZE_COUNT; i++) {
        list_for_each(el, &rt->arena_state.arena_list[i]) {
            const JSArena *ar = list_entry(el, JSArena, link);
            sizes->pooled += (uint64_t)ar->n_used_blocks * arena_block_sizes[i];
        }
    }
    sizes->room = walk_room_size(rt);
    sizes->used = rt->malloc_state.malloc_size;
    if (!rt->sandtide)
        return;
    for (i = 0; i < rt->sandtide->realms_size; i++) {
        const Realm *realm = rt->sandtide->realms[i];
        sizes->contexts += realm != NULL;
        sizes->detached += realm && (realm->disposed || realm->owns_sandbox);
    }
}
