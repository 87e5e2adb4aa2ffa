/* In which order small blocks are handed out from a sealed image on: a run that fills few slabs writes
   few pages, and only written pages need to be put back. */

/* Makes the lowest free block of a slab the first that is handed out. A header's count is left from what
   used the page before, which may be half of an address: an image has none. */
static void sandtide_sort_slab(JSArena *slab)
{
    uint64_t free_blocks[(JS_ARENA_SIZE / 16 + 63) / 64] = { 0 };
    unsigned int block_size = arena_block_sizes[slab->block_size_idx];
    uint16_t next = JS_ARENA_FREE_NIL;
    unsigned int i;

    for (i = slab->first_free_block; i != JS_ARENA_FREE_NIL;
         i = ((JSMallocBlockHeader *)arena_get_block(slab, i, block_size))->u.free_next)
        free_blocks[i / 64] |= (uint64_t)1 << (i % 64);
    for (i = slab->n_blocks; i-- > 0;) {
        if (free_blocks[i / 64] >> (i % 64) & 1) {
            JSMallocBlockHeader *block = (JSMallocBlockHeader *)arena_get_block(slab, i, block_size);
            block->u.free_next = next;
            block->ref_count = 0;
            next = i;
        }
    }
    slab->first_free_block = next;
}

void sandtide_sort_blocks(JSRuntime *rt)
{
    /* by how many free blocks they have */
    struct list_head slabs[JS_ARENA_SIZE / 16 + 1];
    int class, i;

    for (class = 0; class < JS_ARENA_BLOCK_SIZE_COUNT; class++) {
        struct list_head *with_room = &rt->arena_state.free_arena_list[class], *el, *next;
        int most = 0;

        list_for_each_safe(el, next, with_room) {
            JSArena *slab = list_entry(el, JSArena, free_link);
            int room = slab->n_blocks - slab->n_used_blocks;

            sandtide_sort_slab(slab);
            for (; most < room; most++)
                init_list_head(&slabs[most + 1]);
            list_del(el);
            list_add_tail(el, &slabs[room]);
        }
        for (i = most; i > 0; i--) {
            list_for_each_safe(el, next, &slabs[i]) {
                list_del(el);
                list_add_tail(el, with_room);
            }
        }
    }
}
