/* The C side of the engine boundary.
 *
 * A run is abandoned by jumping from wherever it is back to the innermost entry into the engine;
 * whatever the jump leaves half done lies in the arena and is put back with it. Rust frames must
 * never be jumped over, so every jump starts here, in C, and crosses C frames only: callbacks run
 * their Rust half to its end first and jump afterwards. `in_rust` keeps the watchdog's signal from
 * jumping while Rust code runs.
 *
 * This file must not know what a limit, an image or a value is.
 */
#define _GNU_SOURCE
#include "shim.h"

#include <link.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

_Static_assert(sizeof(JSValue) == 16, "the engine is built without NaN boxing");
/* As src/js/guard.rs asserts of its mirror. */
_Static_assert(offsetof(struct st_guard, in_rust) == 12, "guard layout");
_Static_assert(offsetof(struct st_guard, kill) == 24, "guard layout");
_Static_assert(offsetof(struct st_guard, run) == 40, "guard layout");
_Static_assert(offsetof(struct st_guard, date_constructor) == 72, "guard layout");
_Static_assert(sizeof(struct st_guard) == 88, "guard layout");

#define TAG_UNDEFINED 3
#define TAG_EXCEPTION 6
#define TAG_FLOAT64 8
#define MKVAL(t) ((JSValue){.u = {.int32 = 0}, .tag = (t)})
#define EXCEPTION MKVAL(TAG_EXCEPTION)
#define UNDEFINED MKVAL(TAG_UNDEFINED)
#define barrier() atomic_signal_fence(memory_order_seq_cst)

/* ---- the engine's functions that are called from here (QuickJS-NG 0.16, quickjs.h) */

typedef struct JSMallocFunctions {
    void *(*js_calloc)(void *opaque, size_t count, size_t size);
    void *(*js_malloc)(void *opaque, size_t size);
    void (*js_free)(void *opaque, void *ptr);
    void *(*js_realloc)(void *opaque, void *ptr, size_t size);
    size_t (*js_malloc_usable_size)(const void *ptr);
} JSMallocFunctions;
typedef struct JSEvalOptions {
    int version;
    int eval_flags;
    const char *filename;
    int line_num;
} JSEvalOptions;
typedef struct JSPropertyEnum {
    bool is_enumerable;
    JSAtom atom;
} JSPropertyEnum;
typedef JSValue JSCFunction(JSContext *, JSValue, int, JSValue *);

JSRuntime *JS_NewRuntime2(const JSMallocFunctions *, void *);
void JS_SetRuntimeOpaque(JSRuntime *, void *);
void *JS_GetRuntimeOpaque(JSRuntime *);
JSRuntime *JS_GetRuntime(JSContext *);
void JS_SetInterruptHandler(JSRuntime *, int (*)(JSRuntime *, void *), void *);
void JS_SetModuleLoaderFunc(JSRuntime *, char *(*)(JSContext *, const char *, const char *, void *),
                            JSModuleDef *(*)(JSContext *, const char *, void *), void *);
void JS_SetHostPromiseRejectionTracker(JSRuntime *,
                                       void (*)(JSContext *, JSValue, JSValue, bool, void *),
                                       void *);
JSContext *JS_NewContextRaw(JSRuntime *);
int JS_AddIntrinsicBaseObjects(JSContext *);
int JS_AddIntrinsicDate(JSContext *);
int JS_AddIntrinsicEval(JSContext *);
int JS_AddIntrinsicRegExp(JSContext *);
int JS_AddIntrinsicJSON(JSContext *);
int JS_AddIntrinsicProxy(JSContext *);
int JS_AddIntrinsicMapSet(JSContext *);
int JS_AddIntrinsicTypedArrays(JSContext *);
int JS_AddIntrinsicPromise(JSContext *);
int JS_AddIntrinsicWeakRef(JSContext *);
int JS_AddIntrinsicAToB(JSContext *);
JSValue JS_Eval2(JSContext *, const char *, size_t, JSEvalOptions *);
JSValue JS_EvalFunction(JSContext *, JSValue);
JSValue JS_DupValue(JSContext *, JSValue);
void JS_FreeValue(JSContext *, JSValue);
JSValue JS_Call(JSContext *, JSValue, JSValue, int, JSValue *);
JSValue JS_CallConstructor2(JSContext *, JSValue, JSValue, int, JSValue *);
JSValue JS_GetGlobalObject(JSContext *);
JSAtom JS_NewAtomLen(JSContext *, const char *, size_t);
void JS_FreeAtom(JSContext *, JSAtom);
JSValue JS_AtomToString(JSContext *, JSAtom);
JSValue JS_GetProperty(JSContext *, JSValue, JSAtom);
JSValue JS_GetPropertyInt64(JSContext *, JSValue, int64_t);
int JS_SetProperty(JSContext *, JSValue, JSAtom, JSValue);
int JS_DefinePropertyValue(JSContext *, JSValue, JSAtom, JSValue, int);
int JS_DefinePropertyGetSet(JSContext *, JSValue, JSAtom, JSValue, JSValue, int);
int JS_DefinePropertyValueUint32(JSContext *, JSValue, uint32_t, JSValue, int);
int JS_DeleteProperty(JSContext *, JSValue, JSAtom, int);
int JS_GetOwnPropertyNames(JSContext *, JSPropertyEnum **, uint32_t *, JSValue, int);
void JS_FreePropertyEnum(JSContext *, JSPropertyEnum *, uint32_t);
int JS_GetLength(JSContext *, JSValue, int64_t *);
JSValue JS_NewObject(JSContext *);
JSValue JS_NewArray(JSContext *);
JSValue JS_NewStringLen(JSContext *, const char *, size_t);
JSValue JS_NewDate(JSContext *, double);
JSValue JS_NewArrayBufferCopy(JSContext *, const uint8_t *, size_t);
uint8_t *JS_GetArrayBuffer(JSContext *, size_t *, JSValue);
JSValue JS_GetTypedArrayBuffer(JSContext *, JSValue, size_t *, size_t *, size_t *);
JSValue JS_NewUint8ArrayCopy(JSContext *, const uint8_t *, size_t);
JSValue JS_ToString(JSContext *, JSValue);
int JS_ToFloat64(JSContext *, double *, JSValue);
const char *JS_ToCStringLen2(JSContext *, size_t *, JSValue, bool);
void JS_FreeCString(JSContext *, const char *);
JSValue JS_GetException(JSContext *);
JSValue JS_Throw(JSContext *, JSValue);
JSValue JS_NewError(JSContext *);
JSValue JS_NewPromiseCapability(JSContext *, JSValue *);
int JS_ExecutePendingJob(JSRuntime *, JSContext **);
void JS_RunGC(JSRuntime *);
JSValue JS_GetModuleNamespace(JSContext *, JSModuleDef *);
JSValue JS_NewCFunction2(JSContext *, JSCFunction *, const char *, int, int, int);
int JS_SetConstructor(JSContext *, JSValue, JSValue);
char *js_strdup(JSContext *, const char *);
void js_free(JSContext *, void *);
uint8_t *JS_WriteObject(JSContext *, size_t *, JSValue, int);
JSValue JS_ReadObject(JSContext *, const uint8_t *, size_t, int);

#define CFUNC_GENERIC 0
#define CFUNC_GENERIC_MAGIC 1
#define CFUNC_CONSTRUCTOR_OR_FUNC 4
#define CFUNC_GETTER 8
#define PROP_CONFIGURABLE 1
#define PROP_WRITABLE 2
#define PROP_ENUMERABLE 4
#define PROP_THROW (1 << 14)

/* ---- the Rust halves of the callbacks (src/js/callbacks.rs) */

void *sandtide_heap_malloc(void *heap, size_t size);
void *sandtide_heap_calloc(void *heap, size_t count, size_t size);
void *sandtide_heap_realloc(void *heap, void *ptr, size_t size);
void sandtide_heap_free(void *heap, void *ptr);
size_t sandtide_heap_usable_size(const void *ptr);
uint32_t sandtide_on_poll(struct st_guard *g);
JSValue sandtide_on_host_call(struct st_guard *g, JSContext *ctx, int argc, JSValue *argv,
                              int index);
char *sandtide_on_module_normalize(struct st_guard *g, JSContext *ctx, const char *base,
                                   const char *name);
JSModuleDef *sandtide_on_module_load(struct st_guard *g, JSContext *ctx, const char *name);
void sandtide_on_rejection(struct st_guard *g, JSContext *ctx, JSValue promise, JSValue reason,
                           bool handled);

enum { ABANDONED_HEAP = 1 };

/* ---- entries, and the jump back to them */

static __thread struct st_guard *current_guard;

/* The watchdog's reason to end this very run, or 0. */
static uint32_t killed(struct st_guard *g) {
    uint64_t kill = *g->kill;
    return kill >> 8 == g->epoch ? kill & 0xff : 0;
}

static _Noreturn void jump_to_entry(struct st_guard *g) {
    _longjmp(g->top->buf, 1);
}

/* After Rust code that may have taken long, where the signal could do nothing. */
static void leave_if_killed(struct st_guard *g) {
    uint32_t reason = killed(g);
    if (__builtin_expect(reason != 0, 0) && g->top) {
        g->abandoned = reason;
        jump_to_entry(g);
    }
}

static void *abandon_on_null(struct st_guard *g, void *ptr) {
    if (__builtin_expect(!ptr, 0) && g->top) {
        g->abandoned = ABANDONED_HEAP;
        jump_to_entry(g);
    }
    return ptr;
}

/* After the Rust half of a callback: leave if that half, or the watchdog meanwhile, said so. */
static void leave_if_abandoned(struct st_guard *g) {
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

/* ---- callbacks */

static void *on_malloc(void *opaque, size_t size) {
    struct st_guard *g = opaque;
    void *ptr;
    CALL_RUST(g, ptr = sandtide_heap_malloc(g->heap, size));
    return abandon_on_null(g, ptr);
}

static void *on_calloc(void *opaque, size_t count, size_t size) {
    struct st_guard *g = opaque;
    void *ptr;
    CALL_RUST(g, ptr = sandtide_heap_calloc(g->heap, count, size));
    leave_if_killed(g);
    return abandon_on_null(g, ptr);
}

static void *on_realloc(void *opaque, void *old, size_t size) {
    struct st_guard *g = opaque;
    void *ptr;
    CALL_RUST(g, ptr = sandtide_heap_realloc(g->heap, old, size));
    leave_if_killed(g);
    return size ? abandon_on_null(g, ptr) : ptr;
}

static void on_free(void *opaque, void *ptr) {
    struct st_guard *g = opaque;
    CALL_RUST(g, sandtide_heap_free(g->heap, ptr));
}

static int on_interrupt(JSRuntime *rt, void *opaque) {
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

static struct st_guard *guard_of(JSContext *ctx) {
    return JS_GetRuntimeOpaque(JS_GetRuntime(ctx));
}

static JSValue on_host_call(JSContext *ctx, JSValue this_val, int argc, JSValue *argv, int magic) {
    struct st_guard *g = guard_of(ctx);
    JSValue result;
    (void)this_val;
    CALL_RUST(g, result = sandtide_on_host_call(g, ctx, argc, argv, magic));
    leave_if_abandoned(g);
    return result;
}

static char *on_module_normalize(JSContext *ctx, const char *base, const char *name,
                                 void *opaque) {
    struct st_guard *g = opaque;
    char *result;
    CALL_RUST(g, result = sandtide_on_module_normalize(g, ctx, base, name));
    leave_if_abandoned(g);
    return result;
}

static JSModuleDef *on_module_load(JSContext *ctx, const char *name, void *opaque) {
    struct st_guard *g = opaque;
    JSModuleDef *result;
    CALL_RUST(g, result = sandtide_on_module_load(g, ctx, name));
    leave_if_abandoned(g);
    return result;
}

static void on_rejection(JSContext *ctx, JSValue promise, JSValue reason, bool handled,
                         void *opaque) {
    struct st_guard *g = opaque;
    CALL_RUST(g, sandtide_on_rejection(g, ctx, promise, reason, handled));
    leave_if_abandoned(g);
}

/* ---- clocks that guests see */

static double wall_clock_ms(void) {
    struct timeval tv;
    gettimeofday(&tv, NULL);
    return (double)tv.tv_sec * 1000 + (double)(tv.tv_usec / 1000);
}

static double monotonic_clock_ms(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static JSValue number(double d) {
    return (JSValue){.u = {.float64 = d}, .tag = TAG_FLOAT64};
}

static double now_ms(struct st_guard *g) {
    return isnan(g->frozen_now_ms) ? wall_clock_ms() : trunc(g->frozen_now_ms);
}

static JSValue date_now(JSContext *ctx, JSValue this_val, int argc, JSValue *argv) {
    (void)this_val, (void)argc, (void)argv;
    return number(now_ms(guard_of(ctx)));
}

/* Date, with the run's clock where the engine's own would read the machine's. */
static JSValue date_construct(JSContext *ctx, JSValue new_target, int argc, JSValue *argv) {
    struct st_guard *g = guard_of(ctx);
    JSValue now = number(now_ms(g));
    if (new_target.tag != TAG_UNDEFINED) {
        return argc ? JS_CallConstructor2(ctx, g->date_constructor, new_target, argc, argv)
                    : JS_CallConstructor2(ctx, g->date_constructor, new_target, 1, &now);
    }
    JSValue date = JS_CallConstructor2(ctx, g->date_constructor, g->date_constructor, 1, &now);
    if (date.tag == TAG_EXCEPTION)
        return date;
    JSValue text = JS_ToString(ctx, date);
    JS_FreeValue(ctx, date);
    return text;
}

static JSValue performance_now(JSContext *ctx, JSValue this_val, int argc, JSValue *argv) {
    struct st_guard *g = guard_of(ctx);
    (void)this_val, (void)argc, (void)argv;
    return number(isnan(g->frozen_now_ms) ? monotonic_clock_ms() - g->origin_ms : 0);
}

static JSValue performance_origin(JSContext *ctx, JSValue this_val, int argc, JSValue *argv) {
    struct st_guard *g = guard_of(ctx);
    (void)this_val, (void)argc, (void)argv;
    return number(isnan(g->frozen_now_ms) ? g->epoch_ms : g->frozen_now_ms);
}

void sandtide_read_clocks(struct st_guard *g) {
    struct timeval tv;
    gettimeofday(&tv, NULL);
    g->epoch_ms = (double)tv.tv_sec * 1e3 + (double)tv.tv_usec / 1e3;
    g->origin_ms = monotonic_clock_ms();
}

/* ---- properties by name: an atom is made and dropped within the one entry */

static JSValue get_named(JSContext *ctx, JSValue object, const char *name, size_t len) {
    JSAtom atom = JS_NewAtomLen(ctx, name, len);
    JSValue value = JS_GetProperty(ctx, object, atom);
    JS_FreeAtom(ctx, atom);
    return value;
}

static int set_named(JSContext *ctx, JSValue object, const char *name, size_t len, JSValue value) {
    JSAtom atom = JS_NewAtomLen(ctx, name, len);
    int done = JS_SetProperty(ctx, object, atom, value);
    JS_FreeAtom(ctx, atom);
    return done;
}

static int define_named(JSContext *ctx, JSValue object, const char *name, size_t len,
                        JSValue value, int flags) {
    JSAtom atom = JS_NewAtomLen(ctx, name, len);
    int done = JS_DefinePropertyValue(ctx, object, atom, value, flags | PROP_THROW);
    JS_FreeAtom(ctx, atom);
    return done;
}

static int delete_named(JSContext *ctx, JSValue object, const char *name, size_t len) {
    JSAtom atom = JS_NewAtomLen(ctx, name, len);
    int done = JS_DeleteProperty(ctx, object, atom, 0);
    JS_FreeAtom(ctx, atom);
    return done;
}

/* ---- building a context */

static int install_date(struct st_guard *g, JSContext *ctx) {
    static const char *const statics[] = {"parse", "UTC"};
    JSValue global = JS_GetGlobalObject(ctx);
    JSValue own = get_named(ctx, global, "Date", 4);
    JSValue proto = get_named(ctx, own, "prototype", 9);
    JSValue date = JS_NewCFunction2(ctx, (JSCFunction *)date_construct, "Date", 7,
                                    CFUNC_CONSTRUCTOR_OR_FUNC, 0);
    if (JS_SetConstructor(ctx, date, proto) < 0)
        return -1;
    for (size_t i = 0; i < sizeof statics / sizeof *statics; i++) {
        size_t len = strlen(statics[i]);
        define_named(ctx, date, statics[i], len, get_named(ctx, own, statics[i], len),
                     PROP_CONFIGURABLE | PROP_WRITABLE);
    }
    define_named(ctx, date, "now", 3, JS_NewCFunction2(ctx, date_now, "now", 0, CFUNC_GENERIC, 0),
                 PROP_CONFIGURABLE | PROP_WRITABLE);
    define_named(ctx, global, "Date", 4, date, PROP_CONFIGURABLE | PROP_WRITABLE);
    g->date_constructor = own;
    JS_FreeValue(ctx, proto);
    JS_FreeValue(ctx, global);
    return 0;
}

static int install_performance(JSContext *ctx) {
    JSValue global = JS_GetGlobalObject(ctx);
    JSValue performance = JS_NewObject(ctx);
    JSAtom origin = JS_NewAtomLen(ctx, "timeOrigin", 10);
    JSValue getter = JS_NewCFunction2(ctx, performance_origin, "get timeOrigin", 0, CFUNC_GENERIC,
                                      0);
    define_named(ctx, performance, "now", 3,
                 JS_NewCFunction2(ctx, performance_now, "now", 0, CFUNC_GENERIC, 0),
                 PROP_CONFIGURABLE | PROP_WRITABLE | PROP_ENUMERABLE);
    JS_DefinePropertyGetSet(ctx, performance, origin, getter, UNDEFINED,
                            PROP_CONFIGURABLE | PROP_ENUMERABLE);
    JS_FreeAtom(ctx, origin);
    define_named(ctx, global, "performance", 11, performance, PROP_CONFIGURABLE | PROP_WRITABLE);
    JS_FreeValue(ctx, global);
    return 0;
}

static JSContext *new_context(struct st_guard *g, uint32_t intrinsics) {
    static const JSMallocFunctions functions = {
        .js_calloc = on_calloc,
        .js_malloc = on_malloc,
        .js_free = on_free,
        .js_realloc = on_realloc,
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
        {ST_BASE64, JS_AddIntrinsicAToB},
    };
    JSRuntime *rt = JS_NewRuntime2(&functions, g);
    if (!rt)
        return NULL;
    JS_SetRuntimeOpaque(rt, g);
    JS_SetInterruptHandler(rt, on_interrupt, g);
    JS_SetModuleLoaderFunc(rt, on_module_normalize, on_module_load, g);
    JS_SetHostPromiseRejectionTracker(rt, on_rejection, g);
    JSContext *ctx = JS_NewContextRaw(rt);
    if (!ctx || JS_AddIntrinsicBaseObjects(ctx) || JS_AddIntrinsicEval(ctx))
        return NULL;
    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++) {
        if ((intrinsics & optional[i].bit) && optional[i].add(ctx))
            return NULL;
    }
    if ((intrinsics & ST_DATE) && install_date(g, ctx))
        return NULL;
    if ((intrinsics & ST_PERFORMANCE) && install_performance(ctx))
        return NULL;
    return ctx;
}

JSContext *st_new_context(struct st_guard *g, uint32_t intrinsics) {
    ENTRY(g, JSContext *, NULL, new_context(g, intrinsics));
}

/* ---- entries for Rust: each may be abandoned, and then says EXCEPTION, -1 or NULL */

static JSValue eval(JSContext *ctx, const char *source, size_t len, const char *file, int line,
                    int flags) {
    JSEvalOptions options = {
        .version = 1, .eval_flags = flags, .filename = file, .line_num = line};
    return JS_Eval2(ctx, source, len, &options);
}

JSValue st_eval(struct st_guard *g, JSContext *ctx, const char *source, size_t len,
                const char *file, int line, int flags) {
    ENTRY(g, JSValue, EXCEPTION, eval(ctx, source, len, file, line, flags));
}

JSValue st_eval_function(struct st_guard *g, JSContext *ctx, JSValue function) {
    ENTRY(g, JSValue, EXCEPTION, JS_EvalFunction(ctx, JS_DupValue(ctx, function)));
}

static JSValue strip(JSContext *ctx, JSValue code) {
    const int bytecode = 1, without_source = 1 << 4, without_debug = 1 << 5;
    size_t len;
    uint8_t *bytes = JS_WriteObject(ctx, &len, code, bytecode | without_source | without_debug);
    if (!bytes)
        return EXCEPTION;
    JSValue stripped = JS_ReadObject(ctx, bytes, len, bytecode);
    js_free(ctx, bytes);
    return stripped;
}

JSValue st_strip(struct st_guard *g, JSContext *ctx, JSValue code) {
    ENTRY(g, JSValue, EXCEPTION, strip(ctx, code));
}

JSValue st_call(struct st_guard *g, JSContext *ctx, JSValue function, JSValue this_val, int argc,
                JSValue *argv) {
    ENTRY(g, JSValue, EXCEPTION, JS_Call(ctx, function, this_val, argc, argv));
}

JSValue st_get(struct st_guard *g, JSContext *ctx, JSValue object, const char *name, size_t len) {
    ENTRY(g, JSValue, EXCEPTION, get_named(ctx, object, name, len));
}

JSValue st_get_atom(struct st_guard *g, JSContext *ctx, JSValue object, JSAtom atom) {
    ENTRY(g, JSValue, EXCEPTION, JS_GetProperty(ctx, object, atom));
}

JSValue st_get_index(struct st_guard *g, JSContext *ctx, JSValue object, int64_t index) {
    ENTRY(g, JSValue, EXCEPTION, JS_GetPropertyInt64(ctx, object, index));
}

int st_set(struct st_guard *g, JSContext *ctx, JSValue object, const char *name, size_t len,
           JSValue value) {
    ENTRY(g, int, -1, set_named(ctx, object, name, len, value));
}

int st_define(struct st_guard *g, JSContext *ctx, JSValue object, const char *name, size_t len,
              JSValue value, int flags) {
    ENTRY(g, int, -1, define_named(ctx, object, name, len, value, flags));
}

int st_define_index(struct st_guard *g, JSContext *ctx, JSValue object, uint32_t index,
                    JSValue value) {
    ENTRY(g, int, -1,
          JS_DefinePropertyValueUint32(ctx, object, index, value,
                                       PROP_CONFIGURABLE | PROP_WRITABLE | PROP_ENUMERABLE));
}

int st_delete(struct st_guard *g, JSContext *ctx, JSValue object, const char *name, size_t len) {
    ENTRY(g, int, -1, delete_named(ctx, object, name, len));
}

int st_own_names(struct st_guard *g, JSContext *ctx, JSValue object, JSPropertyEnum **names,
                 uint32_t *count, int flags) {
    ENTRY(g, int, -1, JS_GetOwnPropertyNames(ctx, names, count, object, flags));
}

int st_free_names(struct st_guard *g, JSContext *ctx, JSPropertyEnum *names, uint32_t count) {
    ENTRY(g, int, -1, (JS_FreePropertyEnum(ctx, names, count), 0));
}

int st_length(struct st_guard *g, JSContext *ctx, JSValue object, int64_t *length) {
    ENTRY(g, int, -1, JS_GetLength(ctx, object, length));
}

JSValue st_atom_to_string(struct st_guard *g, JSContext *ctx, JSAtom atom) {
    ENTRY(g, JSValue, EXCEPTION, JS_AtomToString(ctx, atom));
}

JSValue st_new_object(struct st_guard *g, JSContext *ctx) {
    ENTRY(g, JSValue, EXCEPTION, JS_NewObject(ctx));
}

JSValue st_new_array(struct st_guard *g, JSContext *ctx) {
    ENTRY(g, JSValue, EXCEPTION, JS_NewArray(ctx));
}

JSValue st_new_string(struct st_guard *g, JSContext *ctx, const char *text, size_t len) {
    ENTRY(g, JSValue, EXCEPTION, JS_NewStringLen(ctx, text, len));
}

JSValue st_new_date(struct st_guard *g, JSContext *ctx, double ms) {
    ENTRY(g, JSValue, EXCEPTION, JS_NewDate(ctx, ms));
}

JSValue st_new_array_buffer(struct st_guard *g, JSContext *ctx, const uint8_t *bytes, size_t len) {
    ENTRY(g, JSValue, EXCEPTION, JS_NewArrayBufferCopy(ctx, bytes, len));
}

JSValue st_new_uint8_array(struct st_guard *g, JSContext *ctx, const uint8_t *bytes, size_t len) {
    ENTRY(g, JSValue, EXCEPTION, JS_NewUint8ArrayCopy(ctx, bytes, len));
}

/* The bytes of a buffer, or of a typed array's stretch of one. Answers 1, 0 where there are none (the
 * buffer is detached or too short by now), and 2 where a typed array may have another length than
 * the one it was made with, which is what the engine answers: `bytes` and `len` are then those from
 * its offset to the buffer's end. An entry, because the engine's getters throw, and with that run
 * `Error.prepareStackTrace`. */
static int bytes_of(JSContext *ctx, JSValue object, bool typed, const uint8_t **bytes,
                    size_t *len) {
    size_t offset = 0, made_with = 0, whole = 0;
    JSValue buffer = typed ? JS_GetTypedArrayBuffer(ctx, object, &offset, &made_with, NULL)
                           : JS_DupValue(ctx, object);
    const uint8_t *start =
        buffer.tag == TAG_EXCEPTION ? NULL : JS_GetArrayBuffer(ctx, &whole, buffer);
    JS_FreeValue(ctx, buffer);
    if (!start || offset > whole) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        return 0;
    }
    *bytes = start + offset;
    *len = whole - offset;
    return typed && *len != made_with ? 2 : 1;
}

int st_bytes(struct st_guard *g, JSContext *ctx, JSValue object, bool typed,
             const uint8_t **bytes, size_t *len) {
    ENTRY(g, int, -1, bytes_of(ctx, object, typed, bytes, len));
}

JSValue st_to_string(struct st_guard *g, JSContext *ctx, JSValue value) {
    ENTRY(g, JSValue, EXCEPTION, JS_ToString(ctx, value));
}

int st_to_number(struct st_guard *g, JSContext *ctx, JSValue value, double *result) {
    ENTRY(g, int, -1, JS_ToFloat64(ctx, result, value));
}

const char *st_string_bytes(struct st_guard *g, JSContext *ctx, JSValue string, size_t *len) {
    ENTRY(g, const char *, NULL, JS_ToCStringLen2(ctx, len, string, false));
}

int st_free_string_bytes(struct st_guard *g, JSContext *ctx, const char *bytes) {
    ENTRY(g, int, -1, (JS_FreeCString(ctx, bytes), 0));
}

int st_free_value(struct st_guard *g, JSContext *ctx, JSValue value) {
    ENTRY(g, int, -1, (JS_FreeValue(ctx, value), 0));
}

JSValue st_take_exception(struct st_guard *g, JSContext *ctx) {
    ENTRY(g, JSValue, EXCEPTION, JS_GetException(ctx));
}

static JSValue throw_error(JSContext *ctx, const char *name, size_t name_len, const char *message,
                           size_t message_len) {
    const int flags = PROP_CONFIGURABLE | PROP_WRITABLE;
    JSValue error = JS_NewError(ctx);
    if (error.tag == TAG_EXCEPTION)
        return error;
    define_named(ctx, error, "name", 4, JS_NewStringLen(ctx, name, name_len), flags);
    define_named(ctx, error, "message", 7, JS_NewStringLen(ctx, message, message_len), flags);
    return JS_Throw(ctx, error);
}

JSValue st_throw_error(struct st_guard *g, JSContext *ctx, const char *name, size_t name_len,
                       const char *message, size_t message_len) {
    ENTRY(g, JSValue, EXCEPTION, throw_error(ctx, name, name_len, message, message_len));
}

JSValue st_new_promise(struct st_guard *g, JSContext *ctx, JSValue *resolving_functions) {
    ENTRY(g, JSValue, EXCEPTION, JS_NewPromiseCapability(ctx, resolving_functions));
}

int st_execute_job(struct st_guard *g, JSRuntime *rt, JSContext **ctx) {
    ENTRY(g, int, -1, JS_ExecutePendingJob(rt, ctx));
}

int st_collect_garbage(struct st_guard *g, JSRuntime *rt) {
    ENTRY(g, int, -1, (JS_RunGC(rt), 0));
}

JSValue st_module_namespace(struct st_guard *g, JSContext *ctx, JSModuleDef *module) {
    ENTRY(g, JSValue, EXCEPTION, JS_GetModuleNamespace(ctx, module));
}

JSValue st_new_host_function(struct st_guard *g, JSContext *ctx, const char *name, int length,
                             int index) {
    ENTRY(g, JSValue, EXCEPTION,
          JS_NewCFunction2(ctx, (JSCFunction *)(void *)on_host_call, name, length,
                           CFUNC_GENERIC_MAGIC, index));
}

char *st_copy_name(struct st_guard *g, JSContext *ctx, const char *name) {
    ENTRY(g, char *, NULL, js_strdup(ctx, name));
}

/* ---- the watchdog's signal */

static uintptr_t text_start, text_end;
static struct sigaction previous_action;

/* Makes `g` the run that this thread is in; answers the one it was in before: a host function may run
 * another instance. */
struct st_guard *sandtide_enter_run(struct st_guard *g) {
    struct st_guard *before = current_guard;
    current_guard = g;
    return before;
}

/* Where libc's functions on plain memory begin, as the loader chose them for this processor. */
static uintptr_t memory_functions[4];
/* They and their neighbours in the same section, all of them of their kind, lie within this. */
#define MEMORY_FUNCTION_BYTES 4096

static int in_engine_text(uintptr_t address) {
    return address >= text_start && address < text_end;
}

/* Whether the thread was stopped where it can be taken away from: in the engine's own code, or in
 * a libc function on plain memory that this code called. Those hold no lock, keep no state and
 * make no frame, so that their caller's address is found where the call left it. The engine's
 * filling, copying and searching loops spend all their time in them. */
static int may_leave(void *context) {
    ucontext_t *uc = context;
#if defined(__x86_64__)
    uintptr_t pc = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
    const uintptr_t *caller = (const uintptr_t *)uc->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    uintptr_t pc = (uintptr_t)uc->uc_mcontext.pc;
    const uintptr_t *caller = (const uintptr_t *)&uc->uc_mcontext.regs[30];
#else
    uintptr_t pc = 0;
    const uintptr_t *caller = &pc;
    (void)uc;
#endif
    if (in_engine_text(pc))
        return 1;
    for (size_t i = 0; i < sizeof memory_functions / sizeof *memory_functions; i++) {
        if (pc - memory_functions[i] < MEMORY_FUNCTION_BYTES)
            return in_engine_text(*caller);
    }
    return 0;
}

/* Jumps only from where `may_leave` says: any other libc function may hold a lock or be half way
 * through its own state. The watchdog sends the signal again until the run is over. */
static void on_signal(int signal, siginfo_t *info, void *context) {
    struct st_guard *g = current_guard;
    uint32_t reason = g ? killed(g) : 0;
    if (reason && g->top && !g->in_rust) {
        if (may_leave(context)) {
            g->abandoned = reason;
            jump_to_entry(g);
        }
        return;
    }
    if (g)
        return;
    if ((previous_action.sa_flags & SA_SIGINFO) && previous_action.sa_sigaction)
        previous_action.sa_sigaction(signal, info, context);
    else if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN)
        previous_action.sa_handler(signal);
}

static int find_engine_text(struct dl_phdr_info *info, size_t size, void *address) {
    uintptr_t wanted = (uintptr_t)address;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_LOAD && (header->p_flags & PF_X) && wanted >= start &&
            wanted < start + header->p_memsz) {
            text_start = start;
            text_end = start + header->p_memsz;
            return 1;
        }
    }
    return 0;
}

/* Called once a process. Returns 0, or -1 with errno set. */
int sandtide_install_signal(int signal) {
    struct sigaction action;
    /* Where libc is part of the same text (a static binary), no jump could be told to be safe. */
    uintptr_t libc_function = (uintptr_t)&localtime_r;
    if (dl_iterate_phdr(find_engine_text, (void *)(uintptr_t)&JS_EvalFunction) != 1)
        text_start = text_end = 0;
    else if (libc_function >= text_start && libc_function < text_end)
        text_start = text_end = 0;
    /* Reads the zone's file now: no run does it later, with the C library's locks held or in a process
     * that may open no file any more. */
    tzset();
    void *(*volatile copy)(void *, const void *, size_t) = memcpy;
    void *(*volatile move)(void *, const void *, size_t) = memmove;
    void *(*volatile set)(void *, int, size_t) = memset;
    void *(*volatile find)(const void *, int, size_t) = memchr;
    memory_functions[0] = (uintptr_t)copy;
    memory_functions[1] = (uintptr_t)move;
    memory_functions[2] = (uintptr_t)set;
    memory_functions[3] = (uintptr_t)find;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    return sigaction(signal, &action, &previous_action);
}
