/* Builds with SANDTIDE_POISON, for tests: what was freed is filled with a pattern and kept back for a
   while, so that whoever still uses it reads the pattern and fails at once, in every run of the same
   program. Included before quickjs.c is finished: may name only what it has declared by then. */

#define SANDTIDE_POISON_BYTE 0xdb
/* Larger blocks are filled and freed at once: kept back, they would count against a run's heap limit. */
#define SANDTIDE_QUARANTINE_MAX (64 << 10)

/* Keeps the block back. Answers the block to free in its place, or NULL. */
static void *sandtide_quarantine(JSRuntime *rt, void *ptr)
{
    JSMallocBlockHeader *b = container_of(ptr, JSMallocBlockHeader, user_data);
    void **place = &rt->sandtide_quarantine[rt->sandtide_quarantine_next];
    void *oldest = *place;
    size_t i, size;

    if (b == arena_zero_block(rt) ||
        (b->u.block_idx == JS_ARENA_FREE_NIL && b->block_size_idx == SANDTIDE_REGION_BLOCK))
        return ptr;
    for (i = 0; i < countof(rt->sandtide_quarantine); i++) {
        if (rt->sandtide_quarantine[i] == ptr) {
            fprintf(stderr, "sandtide: a block of the engine's heap is freed twice\n");
            abort();
        }
    }
    size = js_arena_usable_size(rt, ptr);
    memset(ptr, SANDTIDE_POISON_BYTE, size);
    memset(&b->ref_count, SANDTIDE_POISON_BYTE, sizeof(b->ref_count));
    if (size > SANDTIDE_QUARANTINE_MAX)
        return ptr;
    *place = ptr;
    rt->sandtide_quarantine_next =
        (rt->sandtide_quarantine_next + 1) % countof(rt->sandtide_quarantine);
    return oldest;
}

/* The runtime goes: nothing is kept back any more. */
static void sandtide_quarantine_end(JSRuntime *rt)
{
    size_t i;

    for (i = 0; i < countof(rt->sandtide_quarantine); i++) {
        void *ptr = rt->sandtide_quarantine[i];
        rt->sandtide_quarantine[i] = NULL;
        if (ptr)
            js_arena_free_now(rt, ptr);
    }
}
