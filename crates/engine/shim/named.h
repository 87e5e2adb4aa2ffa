/* Properties by name: an atom is made and dropped within the one entry. */
#ifndef SANDTIDE_NAMED_H
#define SANDTIDE_NAMED_H

#include "engine.h"

static inline JSValue get_named(JSContext *ctx, JSValue object, const char *name, size_t len) {
    JSAtom atom = JS_NewAtomLen(ctx, name, len);
    JSValue value = JS_GetProperty(ctx, object, atom);
    JS_FreeAtom(ctx, atom);
    return value;
}

static inline int set_named(JSContext *ctx, JSValue object, const char *name, size_t len, JSValue value) {
    JSAtom atom = JS_NewAtomLen(ctx, name, len);
    int done = JS_SetProperty(ctx, object, atom, value);
    JS_FreeAtom(ctx, atom);
    return done;
}

static inline int define_named(JSContext *ctx, JSValue object, const char *name, size_t len,
                        JSValue value, int flags) {
    JSAtom atom = JS_NewAtomLen(ctx, name, len);
    int done = JS_DefinePropertyValue(ctx, object, atom, value, flags | JS_PROP_THROW);
    JS_FreeAtom(ctx, atom);
    return done;
}

static inline int delete_named(JSContext *ctx, JSValue object, const char *name, size_t len) {
    JSAtom atom = JS_NewAtomLen(ctx, name, len);
    int done = JS_DeleteProperty(ctx, object, atom, 0);
    JS_FreeAtom(ctx, atom);
    return done;
}

#endif
