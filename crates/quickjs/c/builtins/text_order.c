/* The order of texts that people write, for texts of ASCII: what Unicode's collation says of them where a
   language has no order of its own (UTS 10, and the root of CLDR). Punctuation comes before digits, digits
   before letters; capitals count only where nothing else differs. What this cannot tell it leaves to
   `Intl.Collator`, whose data it must not know. */

/* Longer texts are left to who compares them piece by piece. */
#define SANDTIDE_ORDERED 256

/* The places of ASCII's characters in the order "\t\n\v\f\r _-,;:!?.'\"()[]{}@*\/\\&#%`^+<=>|~$" 0 to 9 a to z,
   with a capital at the place of its letter. 0: the order ignores it, and nothing is told here. */
static const uint8_t sandtide_ascii_places[128] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    6, 12, 16, 28, 38, 29, 27, 15, 17, 18, 24, 32, 9, 8, 14, 25,
    39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 11, 10, 33, 34, 35, 13,
    23, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 19, 26, 20, 31, 7,
    30, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 21, 36, 22, 37, 0,
};

static inline int sandtide_ascii_place(uint32_t c)
{
    return c < 128 ? sandtide_ascii_places[c] : 0;
}

/* Digits from a place on. Sets where they end, and where they begin without leading zeros. */
static void sandtide_digits(JSString *text, uint32_t at, uint32_t *first, uint32_t *end)
{
    while (at < text->len && string_get(text, at) == '0')
        at++;
    *first = at;
    while (at < text->len && is_digit(string_get(text, at)))
        at++;
    *end = at;
}

/* Longer numbers are compared in parts, which is not told here. */
#define SANDTIDE_DIGITS 254

/* Whether the order of two whole numbers in texts can be told; moves both places behind them. Unequal only
   where one of them is larger: leading zeros do not count. */
static bool sandtide_number_order(JSString *a, JSString *b, uint32_t *a_at, uint32_t *b_at, int *order)
{
    uint32_t first, other, end, other_end;

    sandtide_digits(a, *a_at, &first, &end);
    sandtide_digits(b, *b_at, &other, &other_end);
    *a_at = end;
    *b_at = other_end;
    if (end - first > SANDTIDE_DIGITS || other_end - other > SANDTIDE_DIGITS)
        return false;
    *order = (end - first > other_end - other) - (end - first < other_end - other);
    for (; !*order && first < end; first++, other++)
        *order = (int)string_get(a, first) - (int)string_get(b, other);
    return true;
}

/* Whether nothing at a place of a text can combine with what stands before it. */
static bool sandtide_stands_alone(JSString *text, uint32_t at)
{
    return at >= text->len || string_get(text, at) < 128;
}

/* Whether the order of two strings can be told, and what it is: below 0, 0, or above it. With `numeric`,
   digits that stand together are compared as the number that they write. */
static bool sandtide_text_order(JSString *a, JSString *b, bool numeric, int *order)
{
    uint32_t a_at = 0, b_at = 0;
    int capital = 0;

    if (max_uint32(a->len, b->len) > SANDTIDE_ORDERED)
        return false;
    while (a_at < a->len && b_at < b->len) {
        uint32_t c = string_get(a, a_at), d = string_get(b, b_at);
        int first = sandtide_ascii_place(c), second = sandtide_ascii_place(d);

        if (!first || !second)
            return false;
        if (numeric && is_digit(c) && is_digit(d)) {
            if (!sandtide_number_order(a, b, &a_at, &b_at, order))
                return false;
        } else {
            *order = first - second;
            /* A letter comes before its capital, which has the lower code. */
            if (c != d && !capital)
                capital = (int)d - (int)c;
            a_at++;
            b_at++;
        }
        if (*order)
            return sandtide_stands_alone(a, a_at) && sandtide_stands_alone(b, b_at);
    }
    if (a_at == a->len && b_at == b->len) {
        *order = capital;
        return true;
    }
    *order = a_at == a->len ? -1 : 1;
    /* What the longer one goes on with may be ignored, or combine with the last that was compared. */
    return sandtide_ascii_place(a_at == a->len ? string_get(b, b_at) : string_get(a, a_at)) != 0;
}

/* Languages whose own order has the root's for ASCII. */
static bool sandtide_has_root_order(JSString *tag)
{
    static const char languages[][2] = {"en", "de", "fr", "it", "nl", "pt"};

    if (tag->is_wide_char || tag->len < 2 || (tag->len > 2 && str8(tag)[2] != '-'))
        return false;
    for (size_t k = 0; k < countof(languages); k++) {
        if (!memcmp(str8(tag), languages[k], 2))
            return true;
    }
    return false;
}

/* Whether a tag is but such a language, or one and a region. */
static bool sandtide_is_root_locale(JSString *tag)
{
    return sandtide_has_root_order(tag) &&
           (tag->len == 2 || (tag->len == 5 && is_upper_ascii(str8(tag)[3]) && is_upper_ascii(str8(tag)[4])));
}

enum { SANDTIDE_COMPARE, SANDTIDE_COMPARE_NUMBERS, SANDTIDE_LOCALE_COMPARE };

/* A function that compares two texts, the first of which is `this` for `localeCompare`. Where the order
   cannot be told here, or anything else is given than two strings, data[0] is called in its place. */
static JSValue sandtide_compare_texts(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                      int magic, JSValueConst *data)
{
    JSValueConst a = magic == SANDTIDE_LOCALE_COMPARE ? this_val : argv[0];
    JSValueConst b = magic == SANDTIDE_LOCALE_COMPARE ? argv[0] : argv[1];
    bool usual = true;
    int order;

    /* With options, or in another locale, it is another order. */
    if (magic == SANDTIDE_LOCALE_COMPARE && argc > 1) {
        usual = JS_IsUndefined(argv[1]) || (JS_VALUE_GET_TAG(argv[1]) == JS_TAG_STRING &&
                                            sandtide_is_root_locale(JS_VALUE_GET_STRING(argv[1])));
        usual = usual && (argc < 3 || JS_IsUndefined(argv[2]));
    }
    if (usual && JS_VALUE_GET_TAG(a) == JS_TAG_STRING && JS_VALUE_GET_TAG(b) == JS_TAG_STRING &&
        sandtide_text_order(JS_VALUE_GET_STRING(a), JS_VALUE_GET_STRING(b), magic == SANDTIDE_COMPARE_NUMBERS,
                            &order))
        return js_int32((order > 0) - (order < 0));
    return JS_Call(ctx, data[0], this_val, argc, argv);
}

/* `comparer(compare)`, `numberComparer(compare)` and `localeComparer(compare)`: functions that compare texts
   of ASCII by themselves, and leave all others to `compare`. */
static JSValue sandtide_text_comparer(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                      int magic)
{
    if (!JS_IsFunction(ctx, argv[0]))
        return JS_ThrowTypeErrorNotAFunction(ctx);
    return JS_NewCFunctionData2(ctx, sandtide_compare_texts,
                                magic == SANDTIDE_LOCALE_COMPARE ? "localeCompare" : "",
                                magic == SANDTIDE_LOCALE_COMPARE ? 1 : 2, magic, 1, argv);
}

/* `order(left, right)` of two strings: below 0, 0 or above it, and undefined where it is not told here. */
static JSValue sandtide_order_of_texts(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                       int numeric)
{
    int order;

    if (JS_VALUE_GET_TAG(argv[0]) != JS_TAG_STRING || JS_VALUE_GET_TAG(argv[1]) != JS_TAG_STRING ||
        !sandtide_text_order(JS_VALUE_GET_STRING(argv[0]), JS_VALUE_GET_STRING(argv[1]), numeric, &order))
        return JS_UNDEFINED;
    return js_int32((order > 0) - (order < 0));
}

/* `hasRoot(tag)`: whether a locale's language has the root's order for ASCII. */
static JSValue sandtide_text_has_root(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    return js_bool(JS_VALUE_GET_TAG(argv[0]) == JS_TAG_STRING &&
                   sandtide_has_root_order(JS_VALUE_GET_STRING(argv[0])));
}

static const JSCFunctionListEntry sandtide_text_orders[] = {
    JS_CFUNC_MAGIC_DEF("order", 2, sandtide_order_of_texts, false),
    JS_CFUNC_MAGIC_DEF("numberOrder", 2, sandtide_order_of_texts, true),
    JS_CFUNC_DEF("hasRoot", 1, sandtide_text_has_root),
    JS_CFUNC_MAGIC_DEF("comparer", 1, sandtide_text_comparer, SANDTIDE_COMPARE),
    JS_CFUNC_MAGIC_DEF("numberComparer", 1, sandtide_text_comparer, SANDTIDE_COMPARE_NUMBERS),
    JS_CFUNC_MAGIC_DEF("localeComparer", 1, sandtide_text_comparer, SANDTIDE_LOCALE_COMPARE),
};
