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
    /* Where the header of the first hole is, from the block's start; 0 where there is none. Holes are what was
       freed while the region is filled: each realm would be larger by them. */
    uint32_t holes;
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

/* Bytes that an allocation in a region takes beside its data. */
#define REGION_HEADERS (sizeof(RegionHeader) + sizeof(JSMallocBlockHeader))

static RegionHeader *region_at(const SandtideRegion *region, uint32_t offset)
{
    return (RegionHeader *)((uint8_t *)region->block + offset);
}

/* Where the next hole is, in a hole's data. */
static uint32_t *next_hole(RegionHeader *hole)
{
    return (uint32_t *)((uint8_t *)hole + REGION_HEADERS);
}

static void region_dig(SandtideRegion *region, uint32_t from, uint32_t to)
{
    RegionHeader *hole = region_at(region, from);

    hole->size = to - from - REGION_HEADERS;
    hole->offset = from;
    /* Half of a pointer that stood here would differ between the two builds of a template. */
    *(JSMallocBlockHeader *)(hole + 1) = (JSMallocBlockHeader){ .u.block_idx = REGION_FREED };
#ifdef SANDTIDE_POISON
    memset((uint8_t *)hole + REGION_HEADERS, SANDTIDE_POISON_BYTE, hole->size);
#endif
    *next_hole(hole) = region->holes;
    region->holes = from;
}

/* Makes a hole of an allocation and of the holes beside it, or gives it back where nothing comes behind. */
static void region_release(SandtideRegion *region, uint32_t from, uint32_t to)
{
    uint32_t *link = &region->holes;

    while (*link) {
        RegionHeader *hole = region_at(region, *link);
        uint32_t begin = hole->offset, end = begin + hole->size + REGION_HEADERS;
        if (end != from && begin != to) {
            link = next_hole(hole);
            continue;
        }
        *link = *next_hole(hole);
        if (end == from)
            from = begin;
        else
            to = end;
    }
    if (to == region->used)
        region->used = from;
    else
        region_dig(region, from, to);
}

/* The smallest hole that holds so much data, or NULL; what it has more stays a hole. */
static RegionHeader *region_refill(SandtideRegion *region, size_t size)
{
    uint32_t *link, *best = NULL;
    RegionHeader *hole;

    for (link = &region->holes; *link; link = next_hole(region_at(region, *link))) {
        uint32_t room = region_at(region, *link)->size;
        if (room >= size && (!best || room < region_at(region, *best)->size))
            best = link;
    }
    if (!best)
        return NULL;
    hole = region_at(region, *best);
    *best = *next_hole(hole);
    if (hole->size >= size + REGION_HEADERS + 8) {
        uint32_t end = hole->offset + hole->size + REGION_HEADERS;
        hole->size = size;
        region_dig(region, hole->offset + size + REGION_HEADERS, end);
    }
    return hole;
}

static void *sandtide_region_malloc(JSRuntime *rt, size_t size)
{
    SandtideRegion *region = rt->sandtide_region;
    size_t aligned = (size + 7) & ~(size_t)7;
    RegionHeader *header;
    JSMallocBlockHeader *b;

    if (region == &sampled_region)
        return sampled_malloc(rt, size);
    header = region_refill(region, aligned);
    if (!header) {
        if (aligned + REGION_HEADERS > region->block->size - region->used)
            return NULL;
        header = region_at(region, region->used);
        header->size = aligned;
        header->offset = region->used;
        region->used += aligned + REGION_HEADERS;
    }
    aligned = header->size;
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
    RegionHeader *header = region_header(b);

    b->u.block_idx = REGION_FREED;
    block->live_size -= header->size + MALLOC_OVERHEAD;
    if (region_is_on(rt) && rt->sandtide_region->block == block)
        region_release(rt->sandtide_region, header->offset, header->offset + header->size + REGION_HEADERS);
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
