/* Entries into the engine, and the jump back to them.
 *
 * A run is abandoned by jumping from wherever it is back to the innermost entry into the engine;
 * whatever the jump leaves half done lies in the arena and is put back with it. Rust frames must
 * never be jumped over, so every jump starts in C and crosses C frames only: callbacks run their
 * Rust half to its end first and jump afterwards. `in_rust` keeps the signal handlers from jumping
 * while Rust code runs, and no Rust code starts where the stack has too little room for it: the run is
 * abandoned before that.
 */
#ifndef SANDTIDE_ENTRY_H
#define SANDTIDE_ENTRY_H

#include "shim.h"

#include <stdatomic.h>

/* Mirrors `Reason::Heap` and `Reason::Stack` of src/limits/reason.rs. */
enum { ABANDONED_HEAP = 1, ABANDONED_STACK = 8 };

/* The run whose engine code this thread is in: set by each entry, as scopes of several instances can
 * be open on one thread. Its place is fixed when the program is loaded, because signal handlers read
 * it. */
extern __thread struct st_guard *sandtide_current_guard
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* The Rust side: tells the engine and the guard of the stack that the caller is on. Answers whether
 * it has the room for an entry. */
bool sandtide_adopt_stack(struct st_guard *g);

#define barrier() atomic_signal_fence(memory_order_seq_cst)

/* The watchdog's reason to end this very run, or 0. */
static inline uint32_t killed(struct st_guard *g) {
    uint64_t kill = *g->kill;
    return kill >> 8 == g->epoch ? kill & 0xff : 0;
}

static inline _Noreturn void jump_to_entry(struct st_guard *g) {
    _longjmp(g->top->buf, 1);
}

/* After Rust code that may have taken long: the watchdog's signal does nothing while it runs. */
static inline void leave_if_killed(struct st_guard *g) {
    uint32_t reason = killed(g);
    if (__builtin_expect(reason != 0, 0) && g->top) {
        g->abandoned = reason;
        jump_to_entry(g);
    }
}

/* The Rust side: looks at the heap of a run that has no more room. */
void sandtide_on_heap_limit(struct st_guard *g);

/* Where the stack is too low for Rust code, nobody looks. */
static inline void look_at_limit(struct st_guard *g) {
    if ((uintptr_t)__builtin_frame_address(0) < g->stack_floor)
        return;
    g->in_rust = 1;
    barrier();
    sandtide_on_heap_limit(g);
    barrier();
    g->in_rust = 0;
}

static inline void *abandon_on_null(struct st_guard *g, void *ptr) {
    if (__builtin_expect(!ptr, 0) && g->top) {
        look_at_limit(g);
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

/* Before Rust code: its frames, unlike the engine's, could not be jumped over if it overflowed
   the stack. */
static inline void leave_if_stack_is_low(struct st_guard *g) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    if (__builtin_expect(here < g->stack_floor, 0) && g->top) {
        g->abandoned = ABANDONED_STACK;
        jump_to_entry(g);
    }
}

/* Whether the engine may run on the stack that this is called on. Where another instance's scope
 * was opened within this one's, the engine still knows the stack of this one's run. */
static inline bool stack_is_known(struct st_guard *g) {
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    return __builtin_expect(here - g->stack_low < g->stack_high - g->stack_low, 1) ||
           !g->stack_high || sandtide_adopt_stack(g);
}

static inline void leave_entry(struct st_guard *g, struct st_frame *frame) {
    barrier();
    g->in_rust = frame->in_rust;
    barrier();
    g->top = frame->prev;
    sandtide_current_guard = frame->outer;
}

#define CALL_RUST(g, ...)    \
    do {                     \
        leave_if_stack_is_low(g); \
        (g)->in_rust = 1;    \
        barrier();           \
        __VA_ARGS__;         \
        barrier();           \
        (g)->in_rust = 0;    \
    } while (0)

/* Runs CALL as an entry into the engine. A run that is abandoned, or that the watchdog wants
 * ended, enters no more: this stops Rust code that crosses large values. */
#define ENTRY(g, type, on_abandon, CALL)          \
    struct st_frame frame;                        \
    if (!(g)->abandoned)                          \
        (g)->abandoned = killed(g);               \
    if (!(g)->abandoned && !stack_is_known(g))    \
        (g)->abandoned = ABANDONED_STACK;         \
    if ((g)->abandoned)                           \
        return on_abandon;                        \
    frame.prev = (g)->top;                        \
    frame.outer = sandtide_current_guard;         \
    frame.in_rust = (g)->in_rust;                 \
    if (_setjmp(frame.buf)) {                     \
        leave_entry(g, &frame);                   \
        return on_abandon;                        \
    }                                             \
    sandtide_current_guard = (g);                 \
    (g)->top = &frame;                            \
    barrier();                                    \
    (g)->in_rust = 0;                             \
    barrier();                                    \
    type entry_result = (CALL);                   \
    leave_entry(g, &frame);                       \
    return entry_result

#endif
