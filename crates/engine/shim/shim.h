/* The layouts that the C and the Rust side of the boundary share. Mirrored in src/js/guard.rs. */
#ifndef SANDTIDE_SHIM_H
#define SANDTIDE_SHIM_H

#include "quickjs.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct st_guard;

/* One entry into the engine from Rust; they nest when a host function calls back in. */
struct st_frame {
    jmp_buf buf;
    struct st_frame *prev;
    struct st_guard *outer; /* whose engine code this thread was in before, on whatever instance */
    uint32_t in_rust;
};

/* What is known of the run that is going on in an arena. Lives outside the arena. */
struct st_guard {
    struct st_frame *top;             /* innermost entry into the engine, NULL outside of one */
    uint32_t abandoned;               /* why the run was abandoned; 0: it was not */
    volatile uint32_t in_rust;        /* not 0 while Rust code runs: no jump may start there */
    uint64_t epoch;                   /* which of the arena's runs this is */
    const volatile uint64_t *kill;    /* set by the watchdog to epoch << 8 | reason */
    void *heap;                       /* base of the arena's heap */
    void *run;                        /* the Rust side's state of the run */
    double frozen_now_ms;             /* the clock of a frozen run, which timers move; NaN: the real clock */
    double origin_ms;                 /* monotonic clock at the start of the run, in ms */
    double epoch_ms;                  /* wall or frozen clock at the start of the run, in ms since 1970 */
    JSValue date_constructor;         /* the engine's own Date, behind the one that guests see */
    /* The stack that the engine's code is on, all 0 outside of a run. */
    uintptr_t stack_zone;             /* [stack_zone, stack_low) is for nobody */
    uintptr_t stack_soft;             /* [stack_soft, stack_low) may be opened for the C library */
    uintptr_t stack_low;              /* the lowest usable byte */
    uintptr_t stack_floor;            /* no Rust code is called from below this */
    uintptr_t stack_high;             /* past the highest byte */
    JSRuntime *runtime;
    uint32_t zone_opened;             /* not 0 once the soft part of the zone was opened */
    uint32_t has_time_zone;           /* not 0 where the run's dates are not in UTC */
    /* The clocks of a run that a debugger stops. */
    double behind_ms;                 /* how long they stood still */
    double still_ms;                  /* monotonic clock since when they stand still; NaN: they go */
};

enum st_intrinsic {
    ST_DATE = 1 << 0,
    ST_REGEXP = 1 << 1,
    ST_JSON = 1 << 2,
    ST_PROXY = 1 << 3,
    ST_MAP_SET = 1 << 4,
    ST_TYPED_ARRAYS = 1 << 5,
    ST_PROMISE = 1 << 6,
    ST_WEAK_REF = 1 << 7,
    ST_BASE64 = 1 << 8,
    ST_DOM_EXCEPTION = 1 << 9,
};

#endif
