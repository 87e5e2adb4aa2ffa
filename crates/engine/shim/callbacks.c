/* What the engine calls: each runs its Rust half (src/run/callbacks.rs) and jumps only after that.
 *
 * This file must not know what a limit is.
 */
#include "callbacks.h"
#include "entry.h"

/* The Rust halves. */
void *sandtide_heap_malloc(void *heap, size_t size);
void *sandtide_heap_calloc(void *heap, size_t count, size_t size);
void *sandtide_heap_realloc(void *heap, void *ptr, size_t size);
void sandtide_heap_free(void *heap, void *ptr);
uint32_t sandtide_on_poll(struct st_guard *g);
JSValue sandtide_on_host_call(struct st_guard *g, JSContext *ctx, int argc, JSValue *argv,
                              int index);
char *sandtide_on_module_normalize(struct st_guard *g, JSContext *ctx, const char *base,
                                   const char *name);
JSModuleDef *sandtide_on_module_load(struct st_guard *g, JSContext *ctx, const char *name);
JSValue sandtide_on_lazy(struct st_guard *g, JSContext *ctx, uint32_t number);
void sandtide_on_rejection(struct st_guard *g, JSContext *ctx, JSValue promise, JSValue reason,
                           bool handled);
int64_t sandtide_on_zone_clock(struct st_guard *g, int64_t time);

void *st_on_malloc(void *opaque, size_t size) {
    struct st_guard *g = opaque;
    void *ptr;
    CALL_RUST(g, ptr = sandtide_heap_malloc(g->heap, size));
    return abandon_on_null(g, ptr);
}

void *st_on_calloc(void *opaque, size_t count, size_t size) {
    struct st_guard *g = opaque;
    void *ptr;
    CALL_RUST(g, ptr = sandtide_heap_calloc(g->heap, count, size));
    leave_if_killed(g);
    return abandon_on_null(g, ptr);
}

void *st_on_realloc(void *opaque, void *old, size_t size) {
    struct st_guard *g = opaque;
    void *ptr;
    CALL_RUST(g, ptr = sandtide_heap_realloc(g->heap, old, size));
    leave_if_killed(g);
    return size ? abandon_on_null(g, ptr) : ptr;
}

void st_on_free(void *opaque, void *ptr) {
    struct st_guard *g = opaque;
    CALL_RUST(g, sandtide_heap_free(g->heap, ptr));
}

/* Calls Rust code that watches allocations, in the midst of one. */
void st_call_rust(JSRuntime *rt, void (*f)(void *), void *given) {
    struct st_guard *g = JS_GetRuntimeOpaque(rt);
    CALL_RUST(g, f(given));
}

int st_on_interrupt(JSRuntime *rt, void *opaque) {
    struct st_guard *g = opaque;
    uint32_t reason;
    (void)rt;
    CALL_RUST(g, reason = sandtide_on_poll(g));
    if (reason && g->top) {
        g->abandoned = reason;
        jump_to_entry(g);
    }
    return 0;
}

struct st_guard *st_guard_of(JSContext *ctx) {
    return JS_GetRuntimeOpaque(JS_GetRuntime(ctx));
}

JSValue st_on_host_call(JSContext *ctx, JSValue this_val, int argc, JSValue *argv, int magic) {
    struct st_guard *g = st_guard_of(ctx);
    JSValue result;
    (void)this_val;
    CALL_RUST(g, result = sandtide_on_host_call(g, ctx, argc, argv, magic));
    leave_if_abandoned(g);
    return result;
}

JSValue st_on_lazy(JSContext *ctx, uint32_t number) {
    struct st_guard *g = st_guard_of(ctx);
    JSValue result;
    CALL_RUST(g, result = sandtide_on_lazy(g, ctx, number));
    leave_if_abandoned(g);
    return result;
}

char *st_on_module_normalize(JSContext *ctx, const char *base, const char *name,
                                 void *opaque) {
    struct st_guard *g = opaque;
    char *result;
    CALL_RUST(g, result = sandtide_on_module_normalize(g, ctx, base, name));
    leave_if_abandoned(g);
    return result;
}

JSModuleDef *st_on_module_load(JSContext *ctx, const char *name, void *opaque,
                               JSValueConst attributes) {
    struct st_guard *g = opaque;
    JSModuleDef *result;
    (void)attributes;
    CALL_RUST(g, result = sandtide_on_module_load(g, ctx, name));
    leave_if_abandoned(g);
    return result;
}

/* There is no module but JavaScript's, so that no attribute can be heeded; ignoring one would give
   code where data was asked for. */
int st_check_attributes(JSContext *ctx, void *opaque, JSValueConst attributes) {
    JSPropertyEnum *names;
    uint32_t count;
    (void)opaque;
    if (JS_GetOwnPropertyNames(ctx, &names, &count, attributes, JS_GPN_STRING_MASK) < 0)
        return -1;
    if (count > 0) {
        const char *name = JS_AtomToCString(ctx, names[0].atom);
        JS_ThrowSyntaxError(ctx, "the import attribute '%s' is not supported", name ? name : "");
        JS_FreeCString(ctx, name);
    }
    JS_FreePropertyEnum(ctx, names, count);
    return count > 0 ? -1 : 0;
}

void st_on_rejection(JSContext *ctx, JSValue promise, JSValue reason, bool handled,
                         void *opaque) {
    struct st_guard *g = opaque;
    CALL_RUST(g, sandtide_on_rejection(g, ctx, promise, reason, handled));
    leave_if_abandoned(g);
}

int64_t st_on_zone_clock(JSContext *ctx, int64_t time) {
    struct st_guard *g = st_guard_of(ctx);
    int64_t ahead;
    if (!g->has_time_zone)
        return 0;
    CALL_RUST(g, ahead = sandtide_on_zone_clock(g, time));
    leave_if_abandoned(g);
    return ahead;
}
