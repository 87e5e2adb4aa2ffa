/* Entries for what guests find beside the language: lazy globals, our own scripts as bytes, the
 * built-ins as they were at first, errors of the guest's classes.
 *
 * This file must not know which globals there are.
 */
#include "callbacks.h"
#include "engine.h"
#include "entry.h"
#include "named.h"

static int define_lazy(JSContext *ctx, JSValue object, const char *name, size_t len,
                       uint32_t number) {
    sandtide_set_lazy_maker(st_on_lazy);
    JSAtom atom = JS_NewAtomLen(ctx, name, len);
    int done = sandtide_define_lazy(ctx, object, atom, number);
    JS_FreeAtom(ctx, atom);
    return done;
}

int st_define_lazy(struct st_guard *g, JSContext *ctx, JSValue object, const char *name, size_t len,
                   uint32_t number) {
    ENTRY(g, int, -1, define_lazy(ctx, object, name, len, number));
}

static JSAtom hidden_and_made(JSContext *ctx, JSValue object, const char *name, size_t len) {
    JSAtom atom = JS_NewAtomLen(ctx, name, len);
    bool made = sandtide_is_hidden_and_made(object, atom);
    /* The property holds it too. */
    JS_FreeAtom(ctx, atom);
    return made ? atom : JS_ATOM_NULL;
}

/* The name of a property as an atom, which is valid as long as the property is there; JS_ATOM_NULL where
   the object has no hidden property of that name, or one that was not yet looked at. */
JSAtom st_hidden_and_made(struct st_guard *g, JSContext *ctx, JSValue object, const char *name,
                          size_t len) {
    ENTRY(g, JSAtom, JS_ATOM_NULL, hidden_and_made(ctx, object, name, len));
}

enum { BYTECODE = 1, WITHOUT_SOURCE = 1 << 4, WITHOUT_DEBUG = 1 << 5 };

/* Compiled code as bytes without its text and line numbers; to be freed with st_free_code. */
uint8_t *st_write_code(struct st_guard *g, JSContext *ctx, JSValue code, size_t *len) {
    ENTRY(g, uint8_t *, NULL,
          JS_WriteObject(ctx, len, code, BYTECODE | WITHOUT_SOURCE | WITHOUT_DEBUG));
}

int st_free_code(struct st_guard *g, JSContext *ctx, uint8_t *bytes) {
    ENTRY(g, int, -1, (js_free(ctx, bytes), 0));
}

static JSValue read_code(JSContext *ctx, const uint8_t *bytes, size_t len) {
    JSValue code = JS_ReadObject(ctx, bytes, len, BYTECODE);
    return code.tag == JS_TAG_EXCEPTION ? code : JS_EvalFunction(ctx, code);
}

/* The value of a script of ours. The bytes are those that st_write_code gave this process. */
JSValue st_read_code(struct st_guard *g, JSContext *ctx, const uint8_t *bytes, size_t len) {
    ENTRY(g, JSValue, EXCEPTION, read_code(ctx, bytes, len));
}

JSValue st_new_builtin(struct st_guard *g, JSContext *ctx, bool uncurry) {
    ENTRY(g, JSValue, EXCEPTION, sandtide_new_builtin(ctx, uncurry));
}

enum { TYPE_ERROR, RANGE_ERROR, DOM_EXCEPTION };

static JSValue throw_of(JSContext *ctx, int kind, const char *name, const char *message) {
    switch (kind) {
    case TYPE_ERROR:
        return JS_ThrowTypeError(ctx, "%s", message);
    case RANGE_ERROR:
        return JS_ThrowRangeError(ctx, "%s", message);
    default:
        return JS_ThrowDOMException(ctx, name, "%s", message);
    }
}

/* Throws an error of the guest's own class. */
JSValue st_throw_of(struct st_guard *g, JSContext *ctx, int kind, const char *name,
                    const char *message) {
    ENTRY(g, JSValue, EXCEPTION, throw_of(ctx, kind, name, message));
}
