/* What the engine is given to call. */
#ifndef SANDTIDE_CALLBACKS_H
#define SANDTIDE_CALLBACKS_H

#include "engine.h"

void *st_on_malloc(void *opaque, size_t size);
void *st_on_calloc(void *opaque, size_t count, size_t size);
void *st_on_realloc(void *opaque, void *old, size_t size);
void st_on_free(void *opaque, void *ptr);
void st_call_rust(JSRuntime *rt, void (*f)(void *), void *given);
int st_on_interrupt(JSRuntime *rt, void *opaque);
/* The Rust half, which the engine calls directly: it needs no state. */
size_t sandtide_heap_usable_size(const void *ptr);
struct st_guard *st_guard_of(JSContext *ctx);
JSValue st_on_host_call(JSContext *ctx, JSValue this_val, int argc, JSValue *argv, int magic);
JSValue st_on_lazy(JSContext *ctx, uint32_t number);
char *st_on_module_normalize(JSContext *ctx, const char *base, const char *name,
                              void *opaque);
JSModuleDef *st_on_module_load(JSContext *ctx, const char *name, void *opaque,
                               JSValueConst attributes);
int st_check_attributes(JSContext *ctx, void *opaque, JSValueConst attributes);
void st_on_rejection(JSContext *ctx, JSValue promise, JSValue reason, bool handled,
                     void *opaque);
int64_t st_on_zone_clock(JSContext *ctx, int64_t time);

#endif
