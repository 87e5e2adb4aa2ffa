/* What this build of the engine tells of its heap while nothing in it runs. The Rust side declares
   the same in src/walk.rs. */
#ifndef SANDTIDE_INSPECT_H
#define SANDTIDE_INSPECT_H

#include "quickjs.h"

#include <stdbool.h>
#include <stdint.h>

/* What lies at an address. The pair of both names a node. */
enum SandtideWhat {
    SANDTIDE_WHAT_GROUP = 1, /* of roots, or of what the engine holds for itself: see below */
    SANDTIDE_WHAT_COUNTED,   /* what the collector knows: objects, shapes, code, variables, contexts */
    SANDTIDE_WHAT_STRING,    /* strings and symbols */
    SANDTIDE_WHAT_ROPE,
    SANDTIDE_WHAT_BIGINT,
    SANDTIDE_WHAT_MODULE,
    SANDTIDE_WHAT_VARIABLE,  /* one that is still in its function's frame */
};

/* Groups have an address of their own below the first page: 16 times their number. */
enum SandtideGroup {
    SANDTIDE_GROUP_ROOT,
    SANDTIDE_GROUP_ROOTS,
    SANDTIDE_GROUP_ATOMS,
    SANDTIDE_GROUP_CONTEXTS,
    SANDTIDE_GROUP_EXCEPTION,
    SANDTIDE_GROUP_HANDLES,
    SANDTIDE_GROUP_JOBS,
    SANDTIDE_GROUP_STACK,
    SANDTIDE_GROUP_TABLES,
    SANDTIDE_GROUP_ROOM,
    SANDTIDE_GROUPS,
};

/* Numbered as `.heapsnapshot` numbers them: NODE_TYPES and EDGE_TYPES in crates/inspect. */
enum SandtideNodeType {
    SANDTIDE_NODE_HIDDEN, SANDTIDE_NODE_ARRAY, SANDTIDE_NODE_STRING, SANDTIDE_NODE_OBJECT,
    SANDTIDE_NODE_CODE, SANDTIDE_NODE_CLOSURE, SANDTIDE_NODE_REGEXP, SANDTIDE_NODE_NUMBER,
    SANDTIDE_NODE_NATIVE, SANDTIDE_NODE_SYNTHETIC, SANDTIDE_NODE_CONCATENATED,
    SANDTIDE_NODE_SLICED, SANDTIDE_NODE_SYMBOL, SANDTIDE_NODE_BIGINT, SANDTIDE_NODE_SHAPE,
};
enum SandtideEdgeType {
    SANDTIDE_EDGE_CONTEXT, SANDTIDE_EDGE_ELEMENT, SANDTIDE_EDGE_PROPERTY, SANDTIDE_EDGE_INTERNAL,
    SANDTIDE_EDGE_HIDDEN, SANDTIDE_EDGE_SHORTCUT, SANDTIDE_EDGE_WEAK,
};

/* How a node or an edge is called. */
enum SandtideNaming {
    SANDTIDE_NAME_NUMBER, /* of an element; `number` */
    SANDTIDE_NAME_ATOM,   /* `number` is the atom's */
    SANDTIDE_NAME_STATIC, /* `text` is a C string that stays */
    SANDTIDE_NAME_STRING, /* `text` is the address of a string of the heap */
    SANDTIDE_NAME_OWN,    /* the node's own text: see sandtide_walk_text */
};

typedef struct SandtideName {
    uint32_t naming;
    uint32_t number;
    const void *text;
} SandtideName;

typedef struct SandtideNode {
    uint32_t type;
    uint32_t detached; /* 0: unknown, 1: attached, 2: detached */
    uint64_t size;     /* bytes of all blocks that only this node has, allocator's headers included */
    SandtideName name;
    bool known;        /* it was described before, and was not freed since */
    bool sampled;      /* its allocation was noted, now or in an earlier sampling */
    /* where its code stands: an atom (0: nowhere), from 1 on */
    uint32_t file;
    int32_t line, column;
} SandtideNode;

typedef struct SandtideEdge {
    uint32_t type;
    uint32_t to_what;
    SandtideName name;
    const void *to;
} SandtideEdge;

typedef void SandtideOnNode(void *opaque, const void *address, uint32_t what);
typedef void SandtideOnEdge(void *opaque, const SandtideEdge *edge);

/* A walk changes counts of references, so nothing may run in the heap between the two calls. */
void sandtide_walk_begin(JSRuntime *rt);
void sandtide_walk_end(JSRuntime *rt);
/* Calls for each group and for all that the collector knows; what else there is, edges lead to. */
void sandtide_walk_all(JSRuntime *rt, SandtideOnNode *on_node, void *opaque);
/* Always the same edges in the same order within one walk. */
void sandtide_walk_edges(JSRuntime *rt, const void *address, uint32_t what, SandtideOnEdge *on_edge,
                         void *opaque);
void sandtide_walk_node(JSRuntime *rt, const void *address, uint32_t what, SandtideNode *node);
/* The same, and it is known afterwards only if it was before. */
void sandtide_walk_look(JSRuntime *rt, const void *address, uint32_t what, SandtideNode *node);
/* Puts up to `room` code units of a text there and answers how many; `length` is the whole text's. */
uint32_t sandtide_walk_text(JSRuntime *rt, const void *address, uint32_t what, uint16_t *out,
                            uint32_t room, uint32_t *length);
/* Numbers of atoms are below this. */
uint32_t sandtide_walk_atoms(JSRuntime *rt);
/* The same of an atom's text. */
uint32_t sandtide_walk_atom(JSRuntime *rt, uint32_t atom, uint16_t *out, uint32_t room,
                            uint32_t *length);
/* Bytes that the runtime counts as allocated. */
uint64_t sandtide_walk_used(JSRuntime *rt);

/* Bytes of the heap, without walking it. */
typedef struct SandtideHeapSizes {
    uint64_t used;     /* of all blocks */
    uint64_t pooled;   /* of those in pools */
    uint64_t room;     /* of pools, what is free and their headers */
    uint64_t contexts; /* but the main one */
    uint64_t detached; /* of these, those whose sandbox was dropped and that something holds */
} SandtideHeapSizes;
void sandtide_heap_sizes(JSRuntime *rt, SandtideHeapSizes *sizes);

/* Sampling of one thread: a timer of its own, whose signal has the stack noted. */

enum SandtideFrameKind {
    SANDTIDE_FRAME_CODE = 1, /* `pointer` is a function's code */
    SANDTIDE_FRAME_NATIVE,   /* `pointer` is a C function, which `magic` may choose a part of */
    SANDTIDE_FRAME_DATA,     /* the same of a C function with values of its own */
    SANDTIDE_FRAME_OTHER,    /* a function of a class of the host's */
    SANDTIDE_FRAME_GONE,     /* code that was freed before anybody asked for its name */
};

/* What a thread is about where no function is on its stack. */
enum SandtidePhase {
    SANDTIDE_PHASE_PROGRAM,
    SANDTIDE_PHASE_IDLE,
    SANDTIDE_PHASE_RESTORE,
    SANDTIDE_PHASE_GC,
};

typedef struct SandtideFrame {
    const void *pointer;
    uint32_t offset; /* where in the code, plus 1; 0: unknown */
    uint16_t kind;
    int16_t magic;
} SandtideFrame;

typedef struct SandtideSample {
    uint64_t time;   /* of the monotonic clock, in ns */
    uint32_t tag;    /* what the thread's owner said it is working for */
    uint16_t frames; /* innermost first */
    uint16_t phase;
} SandtideSample;

typedef struct SandtideFunction {
    SandtideName name, file;
    int32_t line, column;  /* of the function, from 1; 0: unknown */
    int32_t current;       /* the line it was at */
} SandtideFunction;

typedef struct SandtideSampler SandtideSampler;

/* Starts to sample the calling thread. NULL: `errno` says why not; EBUSY: somebody else has the
   signal, or the thread is sampled already. */
SandtideSampler *sandtide_sampler_start(uint64_t interval_ns, uint32_t room);
/* By the same thread. */
void sandtide_sampler_stop(SandtideSampler *s);
/* Makes a sampler that came with a fork this process's own, with a timer that is off. The kernel's number of
   it, or -1 with errno. */
int sandtide_sampler_adopt(SandtideSampler *s);
/* Samples at this interval from now on; 0: no longer. What was not drained is lost. */
void sandtide_sampler_every(SandtideSampler *s, uint64_t interval_ns);
/* Whose code the thread may be in: `rt`, unless `*gone` is not 0 or `*entered` is NULL (each may be
   NULL). A NULL `rt` is none. */
void sandtide_sampler_enter(SandtideSampler *s, JSRuntime *rt, const volatile uint32_t *gone,
                            void *const volatile *entered, uint32_t tag);
/* Answers the phase before. */
uint32_t sandtide_sampler_phase(SandtideSampler *s, uint32_t phase);
/* Called before code that samples name is freed. Without it, they lose its name. */
void sandtide_sampler_on_code_goes(SandtideSampler *s, void (*f)(void *opaque), void *opaque);
/* The calling thread's, or NULL. */
SandtideSampler *sandtide_sampler_of_thread(void);
/* Whose code the thread may be in, or NULL. */
JSRuntime *sandtide_sampler_runtime(const SandtideSampler *s);
/* Whether there are samples; cheap. */
bool sandtide_sampler_has_samples(const SandtideSampler *s);
/* Calls with each sample, then forgets them. The names are read from `rt`'s heap in the call, or where
   `*gone` is not 0 are those that were noted before. */
void sandtide_sampler_drain(SandtideSampler *s,
                            void (*on_sample)(void *opaque, const SandtideSample *sample,
                                              const SandtideFrame *frames),
                            void *opaque);
/* Samples that found no room. */
uint32_t sandtide_sampler_lost(const SandtideSampler *s);
/* In a call of the above, by the thread that is sampled. */
void sandtide_sample_function(JSRuntime *rt, const SandtideFrame *frame, SandtideFunction *function);

/* Sampling allocations: one of so many bytes on average has its place noted. The Rust side declares the
   same in src/allocations.rs. */

typedef struct SandtideAllocations SandtideAllocations;

/* What is told, and to whom. None of them may use the heap. */
typedef struct SandtideWatcher {
    void *opaque;
    /* A block was given out, for `size` bytes; whether it lies in a pool. */
    void (*allocated)(void *opaque, const void *block, size_t size, bool pooled);
    /* A context was made, of so many bytes. Those that are there are in the walk's group of contexts. */
    void (*context)(void *opaque, const void *context, size_t size);
    /* A block that was told of goes. Of those in pools sandtide_allocations_alive tells. */
    void (*freed)(void *opaque, const void *block);
    /* Code goes: its address is nobody's from now on. */
    void (*code_goes)(void *opaque, const void *code);
    /* Calls `f`, which is one of the above; NULL: they are just called. */
    void (*around)(JSRuntime *rt, void (*f)(void *), void *given);
} SandtideWatcher;

/* One function on the stack, and where it is. */
typedef struct SandtideCall {
    SandtideFrame frame;
    const void *function; /* the object */
} SandtideCall;

/* Starts to sample what the runtime allocates: one of `interval` bytes on average. NULL: no memory, or
   it is sampled already. */
SandtideAllocations *sandtide_allocations_start(JSRuntime *rt, uint64_t interval, uint64_t seed,
                                                const SandtideWatcher *watcher);
void sandtide_allocations_stop(SandtideAllocations *a);
/* The functions on the stack, innermost first. */
uint32_t sandtide_calls(JSRuntime *rt, SandtideCall *out, uint32_t room);
/* It is a constructor that calls another. */
#define SANDTIDE_CALL_DERIVED 1
/* Its properties move just now, so that its name is that of its code; another time it may be another. */
#define SANDTIDE_CALL_UNNAMED 2
/* What one is called, in the same call of `allocated`; answers the bits above. */
uint32_t sandtide_call_function(JSRuntime *rt, const SandtideCall *call, SandtideFunction *function,
                                int32_t *current_column);
/* Of blocks in pools that were told of, in ascending order: whether they are still what they were. */
void sandtide_allocations_alive(JSRuntime *rt, const void *const *blocks, size_t count, bool *alive);

#endif
