/* What a fresh context is made of, and the clocks that its guests see.
 *
 * This file must not know what an image is.
 */
#define _GNU_SOURCE
#include "engine.h"
#include "entry.h"
#include "named.h"
#include "callbacks.h"

#include <math.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static double wall_clock_ms(void) {
    struct timeval tv;
    gettimeofday(&tv, NULL);
    return (double)tv.tv_sec * 1e3 + (double)tv.tv_usec / 1e3;
}

static double monotonic_clock_ms(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/* How far the run's clocks are behind the machine's: a debugger has them stand still. */
static double behind(struct st_guard *g) {
    return isnan(g->still_ms) ? g->behind_ms : g->behind_ms + monotonic_clock_ms() - g->still_ms;
}

static JSValue number(double d) {
    return (JSValue){.u = {.float64 = d}, .tag = JS_TAG_FLOAT64};
}

static double now_ms(struct st_guard *g) {
    return isnan(g->frozen_now_ms) ? trunc(wall_clock_ms() - behind(g)) : trunc(g->frozen_now_ms);
}

static JSValue date_now(JSContext *ctx, JSValue this_val, int argc, JSValue *argv) {
    (void)this_val, (void)argc, (void)argv;
    return number(now_ms(st_guard_of(ctx)));
}

/* Date, with the run's clock where the engine's own would read the machine's. */
static JSValue date_construct(JSContext *ctx, JSValue new_target, int argc, JSValue *argv) {
    struct st_guard *g = st_guard_of(ctx);
    JSValue now = number(now_ms(g));
    if (new_target.tag != JS_TAG_UNDEFINED) {
        return argc ? JS_CallConstructor2(ctx, g->date_constructor, new_target, argc, argv)
                    : JS_CallConstructor2(ctx, g->date_constructor, new_target, 1, &now);
    }
    JSValue date = JS_CallConstructor2(ctx, g->date_constructor, g->date_constructor, 1, &now);
    if (date.tag == JS_TAG_EXCEPTION)
        return date;
    JSValue text = JS_ToString(ctx, date);
    JS_FreeValue(ctx, date);
    return text;
}

/* What Date.now answers. */
double sandtide_now_ms(struct st_guard *g) {
    return now_ms(g);
}

double sandtide_clock_ms(struct st_guard *g) {
    return isnan(g->frozen_now_ms) ? monotonic_clock_ms() - behind(g) - g->origin_ms
                                   : g->frozen_now_ms - g->epoch_ms;
}

void sandtide_read_clocks(struct st_guard *g, uint64_t now_ns) {
    g->behind_ms = 0;
    g->still_ms = NAN;
    if (!isnan(g->frozen_now_ms)) {
        g->epoch_ms = g->frozen_now_ms;
        return;
    }
    g->epoch_ms = wall_clock_ms();
    g->origin_ms = (double)now_ns / 1e6;
}

static int install_date(struct st_guard *g, JSContext *ctx) {
    static const char *const statics[] = {"parse", "UTC"};
    JSValue global = JS_GetGlobalObject(ctx);
    JSValue own = get_named(ctx, global, "Date", 4);
    JSValue proto = get_named(ctx, own, "prototype", 9);
    JSValue date = JS_NewCFunction2(ctx, (JSCFunction *)date_construct, "Date", 7,
                                    JS_CFUNC_constructor_or_func, 0);
    if (JS_SetConstructor(ctx, date, proto) < 0)
        return -1;
    for (size_t i = 0; i < sizeof statics / sizeof *statics; i++) {
        size_t len = strlen(statics[i]);
        define_named(ctx, date, statics[i], len, get_named(ctx, own, statics[i], len),
                     JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);
    }
    define_named(ctx, date, "now", 3, JS_NewCFunction2(ctx, date_now, "now", 0, JS_CFUNC_generic, 0),
                 JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);
    define_named(ctx, global, "Date", 4, date, JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);
    g->date_constructor = own;
    JS_FreeValue(ctx, proto);
    JS_FreeValue(ctx, global);
    return 0;
}

static JSContext *new_context(struct st_guard *g, uint32_t intrinsics) {
    static const JSMallocFunctions functions = {
        .js_calloc = st_on_calloc,
        .js_malloc = st_on_malloc,
        .js_free = st_on_free,
        .js_realloc = st_on_realloc,
        .js_malloc_usable_size = sandtide_heap_usable_size,
    };
    static const struct {
        uint32_t bit;
        int (*add)(JSContext *);
    } optional[] = {
        {ST_DATE, JS_AddIntrinsicDate},
        {ST_REGEXP, JS_AddIntrinsicRegExp},
        {ST_JSON, JS_AddIntrinsicJSON},
        {ST_PROXY, JS_AddIntrinsicProxy},
        {ST_MAP_SET, JS_AddIntrinsicMapSet},
        {ST_TYPED_ARRAYS, JS_AddIntrinsicTypedArrays},
        {ST_PROMISE, JS_AddIntrinsicPromise},
        {ST_WEAK_REF, JS_AddIntrinsicWeakRef},
        {ST_DOM_EXCEPTION, JS_AddIntrinsicDOMException},
        {ST_BASE64, JS_AddIntrinsicAToB},
    };
    JSRuntime *rt = JS_NewRuntime2(&functions, g);
    if (!rt)
        return NULL;
    JS_SetRuntimeOpaque(rt, g);
    JS_SetInterruptHandler(rt, st_on_interrupt, g);
    JS_SetModuleLoaderFunc2(rt, st_on_module_normalize, st_on_module_load, st_check_attributes, g);
    JS_SetHostPromiseRejectionTracker(rt, st_on_rejection, g);
    sandtide_set_zone_clock(st_on_zone_clock);
    JSContext *ctx = JS_NewContextRaw(rt);
    if (!ctx || JS_AddIntrinsicBaseObjects(ctx) || JS_AddIntrinsicEval(ctx))
        return NULL;
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++) {
        if ((intrinsics & optional[i].bit) && optional[i].add(ctx))
            return NULL;
    }
    if ((intrinsics & ST_DATE) && install_date(g, ctx))
        return NULL;
    return ctx;
}

JSContext *st_new_context(struct st_guard *g, uint32_t intrinsics) {
    ENTRY(g, JSContext *, NULL, new_context(g, intrinsics));
}
