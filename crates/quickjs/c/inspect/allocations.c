/* Sampling allocations. A runtime that is sampled has `sampled_region` for its region, so that each
   allocation comes here; one that is not asks nothing more than it always does.

   A block that was noted has a bit in its header, which goes when the block is given out again. Nothing
   is asked when a small one is freed: whether it is still there shows in its pool, whose free blocks
   say which is the next free one and whose used ones say which they are.

   Must not know what is made of samples. */

#include <math.h>

struct SandtideAllocations {
    JSRuntime *rt;
    SandtideWatcher watcher;
    double left;       /* bytes until the next is noted */
    double interval;
    uint64_t random;
    uintptr_t moved;   /* where a block lay that moves now: who has it may not know yet; 0: none */
};

/* How far it is to the next sample: the distances of a process without memory, so that no pattern of
   allocations is missed for ever. */
static double allocations_distance(SandtideAllocations *a)
{
    a->random ^= a->random << 13;
    a->random ^= a->random >> 7;
    a->random ^= a->random << 17;
    return -log(((a->random >> 11) + 1) * 0x1p-53) * a->interval;
}

typedef struct {
    SandtideAllocations *a;
    const void *block;
    size_t size;
} AllocationEvent;

static void allocations_tell_made(void *opaque)
{
    AllocationEvent *event = opaque;
    event->a->watcher.allocated(event->a->watcher.opaque, event->block, event->size,
                                js_rc(event->block)->u.block_idx != JS_ARENA_FREE_NIL);
}

static void allocations_tell_context(void *opaque)
{
    AllocationEvent *event = opaque;
    event->a->watcher.context(event->a->watcher.opaque, event->block, event->size);
}

static void allocations_tell_freed(void *opaque)
{
    AllocationEvent *event = opaque;
    event->a->watcher.freed(event->a->watcher.opaque, event->block);
}

static void allocations_tell_code(void *opaque)
{
    AllocationEvent *event = opaque;
    event->a->watcher.code_goes(event->a->watcher.opaque, event->block);
}

static void allocations_tell(JSRuntime *rt, void (*f)(void *), const void *block, size_t size)
{
    AllocationEvent event = { rt->sandtide_allocations, block, size };

    if (event.a->watcher.around)
        event.a->watcher.around(rt, f, &event);
    else
        f(&event);
}

/* Counts an allocation, and notes it if it is its turn. The block lay at `from` just now; 0: nowhere. */
static void allocations_count(JSRuntime *rt, JSMallocBlockHeader *b, size_t size, uintptr_t from)
{
    SandtideAllocations *a = rt->sandtide_allocations;

    a->left -= (double)size;
    if (likely(a->left > 0))
        return;
    /* however many it went past: the distances have no memory, so that the next is as far from its end
       as from any other byte */
    a->left = allocations_distance(a);
    b->sandtide_sampled = 1;
    a->moved = from;
    allocations_tell(rt, allocations_tell_made, b->user_data, size);
    a->moved = 0;
}

/* A run may be jumped out of here, which puts its heap back with this all. */
static void *sampled_malloc(JSRuntime *rt, size_t size)
{
    void *ptr;

    rt->sandtide_region = NULL;
    ptr = js_arena_malloc(rt, size);
    rt->sandtide_region = &sampled_region;
    if (ptr)
        allocations_count(rt, js_rc(ptr), size, 0);
    return ptr;
}

static void sandtide_sample_goes(JSRuntime *rt, JSMallocBlockHeader *b)
{
    b->sandtide_sampled = 0;
    if (rt->sandtide_allocations)
        allocations_tell(rt, allocations_tell_freed, b->user_data, 0);
}

/* A large block grew or shrank, maybe elsewhere: it is as if it had been freed and allocated. Whoever
   has it still points to where it lay. */
static void sandtide_sample_moves(JSRuntime *rt, uintptr_t from, JSMallocBlockHeader *b, size_t size)
{
    SandtideAllocations *a = rt->sandtide_allocations;

    if (rt->sandtide_region != &sampled_region)
        return;
    if (b->sandtide_sampled) {
        b->sandtide_sampled = 0;
        allocations_tell(rt, allocations_tell_freed, (const void *)from, 0);
    }
    /* no name can be read while the table of names moves: the next allocation is noted instead */
    if (from == (uintptr_t)rt->atom_array) {
        a->left -= (double)size;
        return;
    }
    allocations_count(rt, b, size, from);
}

/* A context was made, by copying or otherwise. */
static void allocations_context(JSRuntime *rt, JSContext *ctx, size_t size)
{
    if (unlikely(rt->sandtide_allocations))
        allocations_tell(rt, allocations_tell_context, ctx, size);
}

static void allocations_code_goes(JSRuntime *rt, const JSFunctionBytecode *b)
{
    allocations_tell(rt, allocations_tell_code, b, 0);
}

SandtideAllocations *sandtide_allocations_start(JSRuntime *rt, uint64_t interval, uint64_t seed,
                                                const SandtideWatcher *watcher)
{
    SandtideAllocations *a;

    if (rt->sandtide_allocations || rt->sandtide_region)
        return NULL;
    a = calloc(1, sizeof(*a));
    if (!a)
        return NULL;
    a->rt = rt;
    a->watcher = *watcher;
    a->interval = interval ? interval : 1;
    a->random = seed | 1;
    a->left = allocations_distance(a);
    rt->sandtide_allocations = a;
    rt->sandtide_region = &sampled_region;
    return a;
}

void sandtide_allocations_stop(SandtideAllocations *a)
{
    a->rt->sandtide_allocations = NULL;
    a->rt->sandtide_region = NULL;
    free(a);
}

uint32_t sandtide_calls(JSRuntime *rt, SandtideCall *out, uint32_t room)
{
    const JSStackFrame *sf;
    uint32_t count = 0;

    for (sf = rt->current_stack_frame; sf && count < room; sf = sf->prev_frame) {
        sample_frame(sf, &out[count].frame);
        out[count].function = JS_IsObject(sf->cur_func) ? JS_VALUE_GET_PTR(sf->cur_func) : NULL;
        count++;
    }
    return count;
}

/* Whether what an object has may lie where nothing is any more. */
static bool allocations_moves(const JSRuntime *rt, const JSObject *p)
{
    const SandtideAllocations *a = rt->sandtide_allocations;

    return a && a->moved && ((uintptr_t)p->prop == a->moved || (uintptr_t)p->shape == a->moved);
}

uint32_t sandtide_call_function(JSRuntime *rt, const SandtideCall *call, SandtideFunction *function,
                                int32_t *current_column)
{
    JSFunctionBytecode *b = (JSFunctionBytecode *)(uintptr_t)call->frame.pointer;
    JSObject *p = (JSObject *)(uintptr_t)call->function;
    uint32_t about = 0;
    int column = 0;

    if (p && allocations_moves(rt, p)) {
        about = SANDTIDE_CALL_UNNAMED;
        p = NULL;
    }
    memset(function, 0, sizeof(*function));
    walk_name_static(&function->name, "");
    walk_name_static(&function->file, "");
    *current_column = 0;
    if (call->frame.kind != SANDTIDE_FRAME_CODE) {
        if (!p || !walk_function_name(p, &function->name))
            walk_name_static(&function->name, "(native function)");
        return about;
    }
    /* a class is named by a property of its constructor */
    if (!p || !walk_function_name(p, &function->name))
        walk_name_atom(&function->name, b->func_name);
    walk_name_atom(&function->file, b->filename);
    function->line = b->line_num;
    function->column = b->col_num;
    function->current = b->line_num;
    if (call->frame.offset) {
        function->current = find_line_num(b->realm, b, call->frame.offset - 1, &column);
        *current_column = column;
    }
    return about | (b->is_derived_class_constructor ? SANDTIDE_CALL_DERIVED : 0);
}

/* The first of these blocks that is not before `from`. */
static size_t allocations_first(const void *const *blocks, size_t count, uintptr_t from)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uintptr_t)blocks[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void sandtide_allocations_alive(JSRuntime *rt, const void *const *blocks, size_t count, bool *alive)
{
    int i;

    for (i = 0; i < JS_ARENA_BLOCK_SIZE_COUNT; i++) {
        const size_t size = arena_block_sizes[i];
        struct list_head *el;
        list_for_each(el, &rt->arena_state.arena_list[i]) {
            const JSArena *ar = list_entry(el, JSArena, link);
            const uintptr_t start = (uintptr_t)ar->blocks, end = start + ar->n_blocks * size;
            size_t at = allocations_first(blocks, count, start);
            for (; at < count && (uintptr_t)blocks[at] < end; at++) {
                const JSMallocBlockHeader *b = js_rc(blocks[at]);
                const size_t offset = (uintptr_t)b - start;
                alive[at] = offset % size == 0 && b->u.block_idx == offset / size &&
                            b->sandtide_sampled;
            }
        }
    }
}
