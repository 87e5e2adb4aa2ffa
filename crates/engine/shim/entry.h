/* Entries into the engine, and the jump back to them.
 *
 * A run is abandoned by jumping from wherever it is back to the innermost entry into the engine;
 * whatever the jump leaves half done lies in the arena and is put back with it. Rust frames must
 * never be jumped over, so every jump starts in C and crosses C frames only: callbacks run their
 * Rust half to its end first and jump afterwards. `in_rust` keeps the watchdog's signal from jumping
 * while Rust code runs.
 */
#ifndef SANDTIDE_ENTRY_H
#define SANDTIDE_ENTRY_H

#include "shim.h"

#include <stdatomic.h>

/* Mirrors `Reason::Heap` of src/limits/mod.rs. */
enum { ABANDONED_HEAP = 1 };

#define barrier() atomic_signal_fence(memory_order_seq_cst)

/* The watchdog's reason to end this very run, or 0. */
static inline uint32_t killed(struct st_guard *g) {
    uint64_t kill = *g->kill;
    return kill >> 8 == g->epoch ? kill & 0xff : 0;
}

static inline _Noreturn void jump_to_entry(struct st_guard *g) {
    _longjmp(g->top->buf, 1);
}

/* After Rust code that may have taken long, where the signal could do nothing. */
static inline void leave_if_killed(struct st_guard *g) {
    uint32_t reason = killed(g);
    if (__builtin_expect(reason != 0, 0) && g->top) {
        g->abandoned = reason;
        jump_to_entry(g);
    }
}

static inline void *abandon_on_null(struct st_guard *g, void *ptr) {
    if (__builtin_expect(!ptr, 0) && g->top) {
        g->abandoned = ABANDONED_HEAP;
        jump_to_entry(g);
    }
    return ptr;
}

/* After the Rust half of a callback: leave if that half, or the watchdog meanwhile, said so. */
static inline void leave_if_abandoned(struct st_guard *g) {
    if (!g->top)
        return;
    if (!g->abandoned)
        g->abandoned = killed(g);
    if (g->abandoned)
        jump_to_entry(g);
}

#define CALL_RUST(g, ...)    \
    do {                     \
        (g)->in_rust = 1;    \
        barrier();           \
        __VA_ARGS__;         \
        barrier();           \
        (g)->in_rust = 0;    \
    } while (0)

/* Runs CALL as an entry into the engine. A run that is abandoned already enters no more, nor does
 * one that the watchdog wants ended: Rust code that crosses large values is stopped here. */
#define ENTRY(g, type, on_abandon, CALL)   \
    struct st_frame frame;                 \
    if (!(g)->abandoned)                   \
        (g)->abandoned = killed(g);        \
    if ((g)->abandoned)                    \
        return on_abandon;                 \
    frame.prev = (g)->top;                 \
    frame.in_rust = (g)->in_rust;          \
    if (_setjmp(frame.buf)) {              \
        (g)->in_rust = frame.in_rust;      \
        barrier();                         \
        (g)->top = frame.prev;             \
        return on_abandon;                 \
    }                                      \
    (g)->top = &frame;                     \
    barrier();                             \
    (g)->in_rust = 0;                      \
    barrier();                             \
    type entry_result = (CALL);            \
    barrier();                             \
    (g)->in_rust = frame.in_rust;          \
    barrier();                             \
    (g)->top = frame.prev;                 \
    return entry_result

#endif
