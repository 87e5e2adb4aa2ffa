/* Entries for Rust. Each may be abandoned, and then answers EXCEPTION, -1 or NULL.
 *
 * This file must not know what a limit, an image or a value is.
 */
#include "callbacks.h"
#include "engine.h"
#include "entry.h"
#include "named.h"

_Static_assert(sizeof(JSValue) == 16, "the engine is built without NaN boxing");
/* src/js/guard.rs asserts the same of its mirror. */
_Static_assert(offsetof(struct st_guard, in_rust) == 12, "guard layout");
_Static_assert(offsetof(struct st_guard, kill) == 24, "guard layout");
_Static_assert(offsetof(struct st_guard, run) == 40, "guard layout");
_Static_assert(offsetof(struct st_guard, date_constructor) == 72, "guard layout");
_Static_assert(offsetof(struct st_guard, stack_low) == 104, "guard layout");
_Static_assert(sizeof(struct st_guard) == 160, "guard layout");

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
                                       JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE | JS_PROP_ENUMERABLE));
}

/* 1 and a value, 0 where the text is not taken, or -1. */
static int read_json(JSContext *ctx, const char *text, size_t len, int levels, JSValue *value) {
    if (!sandtide_read_json(ctx, text, len, levels, value))
        return 0;
    return value->tag == JS_TAG_EXCEPTION ? -1 : 1;
}

int st_read_json(struct st_guard *g, JSContext *ctx, const char *text, size_t len, int levels,
                 JSValue *value) {
    ENTRY(g, int, -1, read_json(ctx, text, len, levels, value));
}

/* Entries that only look: nothing in them can be abandoned. Where a run was, or is wanted to end, the heap may be
 * half changed and is left to entries that say so. */
static inline bool may_look(struct st_guard *g) {
    return !g->abandoned && !killed(g);
}

int st_list_entries(struct st_guard *g, JSContext *ctx, JSValue object, SandtideEntry *entries, int most,
                    size_t longest) {
    return may_look(g) ? sandtide_list_entries(ctx, object, entries, most, longest) : -1;
}

const char *st_short_ascii(struct st_guard *g, JSValue value, size_t most, size_t *length) {
    return may_look(g) ? sandtide_short_ascii(value, most, length) : NULL;
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
        buffer.tag == JS_TAG_EXCEPTION ? NULL : JS_GetArrayBuffer(ctx, &whole, buffer);
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
    const int flags = JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE;
    JSValue error = JS_NewError(ctx);
    if (error.tag == JS_TAG_EXCEPTION)
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
          JS_NewCFunction2(ctx, (JSCFunction *)(void *)st_on_host_call, name, length,
                           JS_CFUNC_generic_magic, index));
}

char *st_copy_name(struct st_guard *g, JSContext *ctx, const char *name) {
    ENTRY(g, char *, NULL, js_strdup(ctx, name));
}
