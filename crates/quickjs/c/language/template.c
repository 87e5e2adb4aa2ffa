/* Template literals (13.2.8): one string of several values. Knows nothing of how the values came
   onto the stack. */

static inline bool is_text(JSValueConst value)
{
    return JS_VALUE_GET_TAG(value) == JS_TAG_STRING || JS_VALUE_GET_TAG(value) == JS_TAG_STRING_ROPE;
}

/* The strings behind one another, in a block of their own, where they are short and in one piece each;
   undefined where they are not. */
static JSValue join_short(JSContext *ctx, const JSValue *parts, int count)
{
    uint32_t length = 0, at = 0;
    bool wide = false;
    JSString *all;
    int i;

    for (i = 0; i < count; i++) {
        JSString *s;
        if (JS_VALUE_GET_TAG(parts[i]) != JS_TAG_STRING)
            return JS_UNDEFINED;
        s = JS_VALUE_GET_STRING(parts[i]);
        length += s->len;
        if (length > JS_STRING_ROPE_SHORT2_LEN)
            return JS_UNDEFINED;
        wide |= s->is_wide_char;
    }
    all = js_alloc_string(ctx, length, wide);
    if (!all)
        return JS_EXCEPTION;
    for (i = 0; i < count; i++) {
        JSString *s = JS_VALUE_GET_STRING(parts[i]);
        if (wide)
            copy_str16(str16(all) + at, s, 0, s->len);
        else
            memcpy(str8(all) + at, str8(s), s->len);
        at += s->len;
    }
    if (!wide)
        str8(all)[length] = '\0';
    return JS_MKPTR(JS_TAG_STRING, all);
}

/* Puts one string of `count` values, at least one, in place of the first of them; the others are gone.
   A value that is no string becomes one, which may call out to JavaScript: the parser has each value but
   literal text go through here alone. -1: an exception is pending, and the values are as before, or
   undefined. */
static int sandtide_template(JSContext *ctx, JSValue *parts, int count)
{
    JSValue all;
    int i;

    for (i = 0; i < count; i++) {
        if (is_text(parts[i]))
            continue;
        all = JS_ToString(ctx, parts[i]);
        if (JS_IsException(all))
            return -1;
        set_value(ctx, &parts[i], all);
    }
    if (count == 1)
        return 0;
    all = join_short(ctx, parts, count);
    if (JS_IsException(all))
        return -1;
    if (!JS_IsUndefined(all)) {
        for (i = 0; i < count; i++)
            JS_FreeValue(ctx, parts[i]);
    } else {
        all = parts[0];
        parts[0] = JS_UNDEFINED;
        for (i = 1; i < count; i++) {
            all = JS_ConcatString(ctx, all, parts[i]);
            parts[i] = JS_UNDEFINED;
            if (JS_IsException(all))
                return -1;
        }
    }
    parts[0] = all;
    return 0;
}
