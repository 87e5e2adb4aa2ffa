/* Regions: memory in which all that a new realm allocates lies together, so that it can be copied,
   compared and dropped as one. Knows nothing of realms but their blocks.

   A block is twice a region's size: the live half, and behind it the pristine half, which holds what
   the live half held when the realm was new. A pointer into the live half plus `block->size` points
   to its pristine value. */

#include <sys/mman.h>

#define BLOCK_HEADER_SIZE 64
/* Blocks kept ready when no realm uses them; more are given back to the system. */
#define BLOCKS_KEPT 32
/* `block_idx` of an allocation that was freed. */
#define REGION_FREED 0

typedef struct Block {
    size_t size;          /* bytes of one half, this header included */
    uint32_t live;        /* allocations in the live half that were not freed */
    size_t live_size;     /* what the runtime counts for them, in bytes */
    bool dropped;         /* the realm has gone; the last free gives the block back */
    struct Sandtide *owner;
    struct Block *next;   /* in the list of free blocks */
    struct Template *made_from; /* whose pristine half this is, NULL if none */
} Block;

typedef struct SandtideRegion {
    Block *block;
    size_t used;
} SandtideRegion;

/* Precedes the engine's header of an allocation in a region. */
typedef struct RegionHeader {
    uint32_t size;   /* bytes of user data */
    uint32_t offset; /* of this header, from the block's start */
} RegionHeader;

static_assert(sizeof(Block) <= BLOCK_HEADER_SIZE, "a block's header has its place");
static_assert(sizeof(RegionHeader) == 8, "allocations stay aligned");

static void block_recycle(Block *block);
static void *sampled_malloc(JSRuntime *rt, size_t size);
static void allocations_context(JSRuntime *rt, JSContext *ctx, size_t size);

/* Stands where a region would while allocations are sampled: inspect/allocations.c. */
static SandtideRegion sampled_region;

/* Whether what is allocated now goes into a region. */
static inline bool region_is_on(const JSRuntime *rt)
{
    return rt->sandtide_region && rt->sandtide_region != &sampled_region;
}

static RegionHeader *region_header(const JSMallocBlockHeader *b)
{
    return (RegionHeader *)(uintptr_t)b - 1;
}

static Block *region_block(const JSMallocBlockHeader *b)
{
    RegionHeader *header = region_header(b);
    return (Block *)((uint8_t *)header - header->offset);
}

static void *sandtide_region_malloc(JSRuntime *rt, size_t size)
{
    SandtideRegion *region = rt->sandtide_region;
    size_t aligned = (size + 7) & ~(size_t)7;
    size_t total = aligned + sizeof(RegionHeader) + sizeof(JSMallocBlockHeader);
    RegionHeader *header;
    JSMallocBlockHeader *b;

    if (region == &sampled_region)
        return sampled_malloc(rt, size);
    if (total > region->block->size - region->used)
        return NULL;
    header = (RegionHeader *)((uint8_t *)region->block + region->used);
    header->size = aligned;
    header->offset = region->used;
    region->used += total;
    region->block->live++;
    region->block->live_size += aligned + MALLOC_OVERHEAD;
    b = (JSMallocBlockHeader *)(header + 1);
    memset(b, 0, sizeof(*b) + aligned);
    b->u.block_idx = JS_ARENA_FREE_NIL;
    b->block_size_idx = SANDTIDE_REGION_BLOCK;
    return b->user_data;
}

static size_t sandtide_region_usable_size(const JSMallocBlockHeader *b)
{
    return region_header(b)->size;
}

static void sandtide_region_free(JSRuntime *rt, JSMallocBlockHeader *b)
{
    Block *block = region_block(b);

    (void)rt;
    b->u.block_idx = REGION_FREED;
    block->live_size -= region_header(b)->size + MALLOC_OVERHEAD;
    if (--block->live == 0 && block->dropped)
        block_recycle(block);
}

static void *sandtide_region_realloc(JSRuntime *rt, JSMallocBlockHeader *b, size_t size)
{
    size_t usable = region_header(b)->size;
    JSMallocBlockHeader *moved;
    void *data;

    if (size <= usable)
        return b->user_data;
    data = js_arena_malloc(rt, size);
    if (!data)
        return NULL;
    moved = container_of(data, JSMallocBlockHeader, user_data);
    moved->gc_obj_type = b->gc_obj_type;
    moved->mark = b->mark;
    moved->ref_count = b->ref_count;
    memcpy(data, b->user_data, usable);
    sandtide_region_free(rt, b);
    return data;
}

static Block *block_map(size_t size)
{
    Block *block = mmap(NULL, size * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (block == MAP_FAILED)
        return NULL;
    block->size = size;
    return block;
}

static void block_unmap(Block *block)
{
    munmap(block, block->size * 2);
}

static inline bool region_is_freed(const void *data)
{
    return container_of(data, JSMallocBlockHeader, user_data)->u.block_idx == REGION_FREED;
}

static inline bool block_contains(const Block *block, const void *p)
{
    return (uintptr_t)p - (uintptr_t)block < block->size;
}
