/* What this build of the engine offers a debugger: to be told of scripts, to stop at places, to look at
   frames. The Rust side declares the same in src/debug.rs. */
#ifndef SANDTIDE_DEBUG_H
#define SANDTIDE_DEBUG_H

#include "quickjs.h"

#include <stdbool.h>
#include <stdint.h>

/* Why a thread stopped. */
enum {
    SANDTIDE_STOP_PLACE = 1, /* a place with a breakpoint, or one that a step led to */
    SANDTIDE_STOP_DEBUGGER,  /* a debugger statement */
    SANDTIDE_STOP_THROW,     /* an exception, before it is looked for who catches it */
};

/* Where the next stop is. */
enum {
    SANDTIDE_STEP_NONE,
    SANDTIDE_STEP_INTO, /* the next place */
    SANDTIDE_STEP_OVER, /* the next one that is not in a call from here */
    SANDTIDE_STEP_OUT,  /* the next one of a caller */
};

typedef struct SandtideStop {
    uint32_t why;
    uint32_t script;
    int32_t line, column; /* from 1 */
    bool breakpoint;      /* there is one */
    bool step;            /* a step led here */
    bool caught;          /* of a throw: somebody on the stack catches it */
} SandtideStop;

typedef struct SandtideScript {
    uint32_t number;
    int32_t line, column; /* of its first character, from 0 */
    bool module;
    const char *file;
    const char *text;
    size_t length;
} SandtideScript;

typedef struct SandtideDebugger {
    void *opaque;
    /* May run JavaScript; what stops in it is not told. Below 0: the code goes no further. */
    int (*on_stop)(void *opaque, JSContext *ctx, const SandtideStop *stop);
    /* A script was compiled. Runs nothing in the heap. */
    void (*on_script)(void *opaque, JSContext *ctx, const SandtideScript *script);
    /* Between two steps of the program, soon after `*wanted` was set; that is cleared before. Also
       within a stop or this itself, where code is run for a client. Below 0: the code goes no further. */
    int (*on_wanted)(void *opaque, JSContext *ctx);
    volatile uint32_t *wanted;
    /* What the functions `send`, `scriptOf`, `lastScript`, `heapUsage` and `now` of the host's own object
       answer; NULL where nobody made that. An exception is thrown to who calls. */
    JSValue (*on_ask)(void *opaque, JSContext *ctx, int what, int argc, JSValueConst *argv);
    /* Calls `f`, which takes memory that is not the heap's, where nothing jumps out of it; NULL: nothing
       ever jumps. */
    void (*whole)(void *opaque, JSContext *ctx, void (*f)(JSRuntime *rt));
} SandtideDebugger;

/* What `on_ask` is asked. */
enum {
    SANDTIDE_ASK_SEND,
    SANDTIDE_ASK_SCRIPT_OF,
    SANDTIDE_ASK_LAST_SCRIPT,
    SANDTIDE_ASK_HEAP_USAGE,
    SANDTIDE_ASK_NOW,
};

typedef void SandtideOnPlace(void *opaque, int32_t line, int32_t column, bool returns);

/* What is compiled from now on has places to stop at, or has none. */
void sandtide_debug_places(JSRuntime *rt, bool on);
/* What is compiled from now on is the host's own, or is not: debuggers are told of the rest. */
void sandtide_debug_own(JSRuntime *rt, bool on);
/* Attaches a debugger; NULL: none. false: no memory. */
bool sandtide_debug_attach(JSRuntime *rt, const SandtideDebugger *debugger);
/* Gives up what is known of a debugger where the heap may be half changed, and nothing of its code runs
   any more: `debug` is what sandtide_debug_state gave while it was whole. */
struct SandtideDebug *sandtide_debug_state(JSRuntime *rt);
/* The same where the heap is put back to what it was when the debugger was attached, and goes on from
   there: the debugger stays, but no script, breakpoint, step or value is known. */
void sandtide_debug_reset(struct SandtideDebug *debug);
void sandtide_debug_forget(struct SandtideDebug *debug);
/* Breakpoints are at places; one where no place is does nothing. */
bool sandtide_debug_set(JSRuntime *rt, uint32_t script, int32_t line, int32_t column, bool on);
/* Within a stop: what follows it. Outside of one, only INTO is sensible: the program stops soon. */
void sandtide_debug_step(JSRuntime *rt, uint32_t step);
void sandtide_debug_stop_at_throws(JSRuntime *rt, bool on);
/* No JavaScript is on the stack any more: steps over and out are over. */
void sandtide_debug_turn(JSRuntime *rt);
/* Calls with each place of a script, in no order, some of them twice. */
void sandtide_debug_each_place(JSContext *ctx, uint32_t script, SandtideOnPlace *f, void *opaque);
/* The functions for what looks at values and frames, as an object. */
JSValue sandtide_debug_binding(JSContext *ctx);
/* The same, with what realms have from the bindings of `vm` and `util`, for a runtime without them: compile
   and run, what only the engine knows of a value, and what `on_ask` answers. */
JSValue sandtide_debug_own_binding(JSContext *ctx);

#endif
