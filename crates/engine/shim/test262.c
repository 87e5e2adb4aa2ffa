/* $262: what test262 asks of the host that runs it. Only in builds with the feature `test262`, which
 * nothing but the runner of test262 has (tests/test262).
 *
 * `agent` is not offered: there is no memory that threads could share.
 */
#include "engine.h"
#include "entry.h"
#include "named.h"

#include <string.h>

static int add(JSContext *ctx);

static JSValue test262_of(JSContext *ctx) {
    JSValue global = JS_GetGlobalObject(ctx);
    JSValue value = get_named(ctx, global, "$262", 4);
    JS_FreeValue(ctx, global);
    return value;
}

/* A realm beside this one, in the same heap. It lives until the arena is put back. */
static JSValue create_realm(JSContext *ctx, JSValue this_val, int argc, JSValue *argv) {
    static const char *const shared[] = {"SharedArrayBuffer", "Atomics"};
    (void)this_val, (void)argc, (void)argv;
    JSContext *realm = JS_NewContext(JS_GetRuntime(ctx));
    if (!realm)
        return JS_ThrowOutOfMemory(ctx);
    JSValue global = JS_GetGlobalObject(realm);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        delete_named(realm, global, shared[i], strlen(shared[i]));
    JS_FreeValue(realm, global);
    return add(realm) ? EXCEPTION : test262_of(realm);
}

/* Another script of this realm. */
static JSValue eval_script(JSContext *ctx, JSValue this_val, int argc, JSValue *argv) {
    size_t len;
    (void)this_val;
    const char *text = argc ? JS_ToCStringLen(ctx, &len, argv[0]) : NULL;
    if (!text)
        return EXCEPTION;
    JSValue value = JS_Eval(ctx, text, len, "evalScript", JS_EVAL_TYPE_GLOBAL);
    JS_FreeCString(ctx, text);
    return value;
}

static JSValue detach(JSContext *ctx, JSValue this_val, int argc, JSValue *argv) {
    (void)this_val;
    if (argc)
        JS_DetachArrayBuffer(ctx, argv[0]);
    return JS_NULL;
}

static JSValue collect(JSContext *ctx, JSValue this_val, int argc, JSValue *argv) {
    (void)this_val, (void)argc, (void)argv;
    JS_RunGC(JS_GetRuntime(ctx));
    return UNDEFINED;
}

static JSValue html_dda(JSContext *ctx, JSValue this_val, int argc, JSValue *argv) {
    (void)ctx, (void)this_val, (void)argc, (void)argv;
    return JS_NULL;
}

static int add(JSContext *ctx) {
    static const struct {
        const char *name;
        JSCFunction *function;
        int length;
    } functions[] = {
        {"createRealm", create_realm, 0},
        {"evalScript", eval_script, 1},
        {"detachArrayBuffer", detach, 1},
        {"gc", collect, 0},
        {"IsHTMLDDA", html_dda, 0},
    };
    const int flags = JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE;
    JSValue host = JS_NewObject(ctx);
    if (JS_IsException(host))
        return -1;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const char *name = functions[i].name;
        JSValue function = JS_NewCFunction2(ctx, functions[i].function, name, functions[i].length,
                                            JS_CFUNC_generic, 0);
        if (functions[i].function == html_dda)
            JS_SetIsHTMLDDA(ctx, function);
        if (define_named(ctx, host, name, strlen(name), function, flags) < 0)
            return -1;
    }
    JSValue global = JS_GetGlobalObject(ctx);
    if (define_named(ctx, host, "global", 6, JS_DupValue(ctx, global), flags) < 0)
        return -1;
    int done = define_named(ctx, global, "$262", 4, host, flags);
    JS_FreeValue(ctx, global);
    return done < 0 ? -1 : 0;
}

int st_add_test262(struct st_guard *g, JSContext *ctx) {
    ENTRY(g, int, -1, add(ctx));
}
