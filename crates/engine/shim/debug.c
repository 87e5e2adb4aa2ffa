/* What the engine calls of a debugger: each runs its Rust half (src/debug/hook.rs) and jumps only after
 * that. And the script that shows values, in a context of its own in the heap that it shows.
 *
 * This file must not know the protocol of debuggers.
 */
#include "callbacks.h"
#include "entry.h"
#include "named.h"
#include "sandtide_debug.h"

/* The Rust halves. */
int sandtide_on_debug_stop(void *hook, struct st_guard *g, JSContext *ctx, const SandtideStop *stop);
void sandtide_on_debug_script(void *hook, struct st_guard *g, JSContext *ctx,
                              const SandtideScript *script);
int sandtide_on_debug_wanted(void *hook, struct st_guard *g, JSContext *ctx);
JSValue sandtide_on_debug_ask(void *hook, struct st_guard *g, JSContext *ctx, int what, int argc,
                              JSValueConst *argv);

static int on_stop(void *hook, JSContext *ctx, const SandtideStop *stop) {
    struct st_guard *g = st_guard_of(ctx);
    int result;
    CALL_RUST(g, result = sandtide_on_debug_stop(hook, g, ctx, stop));
    leave_if_abandoned(g);
    return result;
}

static void on_script(void *hook, JSContext *ctx, const SandtideScript *script) {
    struct st_guard *g = st_guard_of(ctx);
    CALL_RUST(g, sandtide_on_debug_script(hook, g, ctx, script));
    leave_if_abandoned(g);
}

static int on_wanted(void *hook, JSContext *ctx) {
    struct st_guard *g = st_guard_of(ctx);
    int result;
    CALL_RUST(g, result = sandtide_on_debug_wanted(hook, g, ctx));
    leave_if_abandoned(g);
    return result;
}

static JSValue on_ask(void *hook, JSContext *ctx, int what, int argc, JSValueConst *argv) {
    struct st_guard *g = st_guard_of(ctx);
    JSValue result;
    CALL_RUST(g, result = sandtide_on_debug_ask(hook, g, ctx, what, argc, argv));
    leave_if_abandoned(g);
    return result;
}

/* No signal jumps out of what Rust code calls, which this counts as. */
static void whole(void *hook, JSContext *ctx, void (*f)(JSRuntime *rt)) {
    struct st_guard *g = st_guard_of(ctx);
    (void)hook;
    CALL_RUST(g, f(JS_GetRuntime(ctx)));
    leave_if_abandoned(g);
}

/* Has the runtime tell `hook`. Allocates outside of the arena only. */
bool st_debug_attach(JSRuntime *rt, void *hook, volatile uint32_t *wanted) {
    const SandtideDebugger debugger = {
        .opaque = hook,
        .on_stop = on_stop,
        .on_script = on_script,
        .on_wanted = on_wanted,
        .wanted = wanted,
        .on_ask = on_ask,
        .whole = whole,
    };
    if (!sandtide_debug_attach(rt, &debugger))
        return false;
    sandtide_debug_places(rt, true);
    return true;
}

/* Runs the two scripts: `values` in a context of its own, `setup` in the one that is debugged. The first
 * one's value is a function that the second one's is called with, beside the host's own object. */
static JSValue make_values(JSContext *ctx, const char *values, size_t values_len, const char *setup,
                           size_t setup_len) {
    static const char values_name[] = "node:internal/inspector/values";
    static const char setup_name[] = "node:internal/inspector/setup";
    JSContext *apart = JS_NewContext(JS_GetRuntime(ctx));
    JSValue args[2], function, result;
    if (!apart)
        return EXCEPTION;
    args[0] = sandtide_debug_own_binding(ctx);
    args[1] = JS_Eval(apart, values, values_len, values_name, JS_EVAL_TYPE_GLOBAL);
    function = JS_Eval(ctx, setup, setup_len, setup_name, JS_EVAL_TYPE_GLOBAL);
    result = args[1].tag == JS_TAG_EXCEPTION || function.tag == JS_TAG_EXCEPTION
                 ? EXCEPTION
                 : JS_Call(ctx, function, UNDEFINED, 2, args);
    JS_FreeValue(ctx, args[0]);
    JS_FreeValue(ctx, args[1]);
    JS_FreeValue(ctx, function);
    return result;
}

JSValue st_debug_values(struct st_guard *g, JSContext *ctx, const char *values, size_t values_len,
                        const char *setup, size_t setup_len) {
    ENTRY(g, JSValue, EXCEPTION, make_values(ctx, values, values_len, setup, setup_len));
}
