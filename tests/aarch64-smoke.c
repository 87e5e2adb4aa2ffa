/* Runs scripts in the engine as it is compiled for another machine: see tests/aarch64. */
#include <stdlib.h>
#include <stdbool.h>
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

/* Of crates/quickjs/src/numbers.rs, which is not linked here: by the C library, slowly. */
size_t sandtide_shortest_digits(double value, char *digits, int *exponent)
{
    char text[40];
    size_t len = 0;
    int precision;

    for (precision = 0; precision < 17; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    for (const char *p = text; *p != 'e'; p++) {
        if (*p != '.')
            digits[len++] = *p;
    }
    *exponent = atoi(strchr(text, 'e') + 1);
    return len;
}

bool sandtide_read_decimal(const char *text, size_t len, double *value)
{
    char copy[512], *end;

    if (len >= sizeof(copy))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    *value = strtod(copy, &end);
    return len > 0 && *end == '\0';
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
