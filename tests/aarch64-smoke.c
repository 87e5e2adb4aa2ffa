/* Runs scripts in the engine as it is compiled for another machine: see tests/aarch64. */
#include "sandtide_engine.h"

#include <stdio.h>
#include <string.h>

static int check(JSContext *ctx, const char *source, const char *expected)
{
    JSValue value = JS_Eval(ctx, source, strlen(source), "smoke.js", JS_EVAL_TYPE_GLOBAL);
    const char *text = JS_ToCString(ctx, JS_IsException(value) ? JS_GetException(ctx) : value);
    int failed = !text || strcmp(text, expected) != 0;

    printf("%s %s\n", failed ? "FAILED" : "ok    ", source);
    if (failed)
        printf("       %s, not %s\n", text ? text : "(none)", expected);
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, value);
    return failed;
}

int main(void)
{
    JSRuntime *rt = JS_NewRuntime();
    JSContext *ctx = JS_NewContext(rt);
    uint32_t seed = 7;
    int failed = 0;

    printf("%s\n", sandtide_engine_identity);
    sandtide_reseed(ctx, 42, &seed);
    failed += sandtide_hash_seed(ctx) != 7 || sandtide_holds_hashes(rt);
    failed += check(ctx, "[3, 1, 2].sort().map((n) => n * 1.5).join()", "1.5,3,4.5");
    failed += check(ctx, "2n ** 200n % 1000007n", "446616");
    failed += check(ctx, "'a1b22'.replace(/\\d+/g, (n) => n.length)", "a1b2");
    failed += check(ctx, "JSON.stringify({ a: [1e21, -0, 5e-324] })", "{\"a\":[1e+21,0,5e-324]}");
    failed += check(ctx, "new Map([[NaN, 1]]).get(NaN) + new Float32Array([0.1])[0]",
                    "1.1000000014901161");
    failed += check(ctx, "try { null.x } catch (error) { error.name }", "TypeError");
    failed += check(ctx, "'\\u0130'.toLowerCase().length", "2");
    JS_FreeContext(ctx);
    JS_FreeRuntime(rt);
    return failed != 0;
}
