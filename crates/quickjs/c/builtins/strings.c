/* What methods of strings do with whole strings: searching, splitting, changing case and comparing, block by
   block where characters have eight bits each. Calls out to no script. Knows nothing of realms and sandboxes. */

/* Whether `wanted` stands in `text` at `at`, from where it has room. */
static inline bool stands_at(JSString *text, JSString *wanted, int at)
{
    uint32_t i;

    if (!text->is_wide_char && !wanted->is_wide_char)
        return !memcmp(str8(text) + at, str8(wanted), wanted->len);
    if (text->is_wide_char && wanted->is_wide_char)
        return !memcmp(str16(text) + at, str16(wanted), wanted->len * sizeof(uint16_t));
    for (i = 0; i < wanted->len; i++) {
        if (string_get(text, at + i) != string_get(wanted, i))
            return false;
    }
    return true;
}

/* The first place of a character from `from` on; `len` if there is none. */
static int find_wide(const uint16_t *text, int from, int len, uint16_t c)
{
    const uint64_t pattern = 0x0001000100010001ull * c;
    int i = from;

    for (; len - i >= 4; i += 4) {
        uint64_t four;
        memcpy(&four, text + i, sizeof(four));
        four ^= pattern;
        /* a bit is set where a place of sixteen bits is zero, and only then in the lowest such place */
        if ((four - 0x0001000100010001ull) & ~four & 0x8000800080008000ull)
            break;
    }
    while (i < len && text[i] != c)
        i++;
    return i;
}

static int sandtide_find_character(JSString *text, int c, int from)
{
    const uint8_t *found;
    int i;

    if (text->is_wide_char) {
        if (c > 0xffff)
            return -1;
        i = find_wide(str16(text), from, text->len, c);
        return i < (int)text->len ? i : -1;
    }
    if ((c & ~0xff) != 0 || from >= (int)text->len)
        return -1;
    found = memchr(str8(text) + from, c, text->len - from);
    return found ? found - str8(text) : -1;
}

/* The first place from `from` on where `wanted` stands; -1 if there is none. `from` is in the text or at
   its end. */
static int sandtide_find_text(JSString *text, JSString *wanted, int from)
{
    int length = wanted->len, last = (int)text->len - length, i;

    if (length == 0)
        return from;
    if (from > last)
        return -1;
    if (length > 1 && !text->is_wide_char && !wanted->is_wide_char) {
        const uint8_t *found = memmem(str8(text) + from, text->len - from, str8(wanted), length);
        return found ? found - str8(text) : -1;
    }
    for (i = from;; i++) {
        i = sandtide_find_character(text, string_get(wanted, 0), i);
        if (i < 0 || i > last)
            return -1;
        if (length == 1 || stands_at(text, wanted, i))
            return i;
    }
}

/* Whether the text is ASCII; `*changes`: whether one of its characters is among the 26 from `first` on. */
static bool is_ascii_with(const uint8_t *text, size_t length, uint8_t first, bool *changes)
{
    uint64_t all = 0, letters = 0, word;
    size_t i = 0;

    for (; length - i >= 8; i += 8) {
        word = read_eight(text + i);
        all |= word;
        word &= EIGHT(0x7f);
        letters |= (word + EIGHT(0x80 - first)) ^ (word + EIGHT(0x80 - first - 26));
    }
    for (; i < length; i++) {
        all |= text[i];
        letters |= (uint8_t)(text[i] - first) < 26 ? 0x80 : 0;
    }
    *changes = (letters & EIGHT(0x80)) != 0;
    return !(all & EIGHT(0x80));
}

/* toLowerCase and toUpperCase of ASCII. Takes the string over if it says so. */
static bool sandtide_change_case(JSContext *ctx, JSValue text, bool to_lower, JSValue *result)
{
    JSString *s = JS_VALUE_GET_STRING(text), *changed;
    uint8_t first = to_lower ? 'A' : 'a', *to;
    const uint8_t *from;
    uint64_t word;
    bool changes;
    size_t length = s->len, i = 0;

    if (s->is_wide_char || !is_ascii_with(str8(s), length, first, &changes))
        return false;
    if (!changes) {
        *result = text;
        return true;
    }
    changed = js_alloc_string(ctx, length, 0);
    if (!changed) {
        JS_FreeValue(ctx, text);
        *result = JS_EXCEPTION;
        return true;
    }
    from = str8(s);
    to = str8(changed);
    for (; length - i >= 8; i += 8) {
        uint64_t letters;
        word = read_eight(from + i);
        letters = (word + EIGHT(0x80 - first)) ^ (word + EIGHT(0x80 - first - 26));
        word ^= (letters & EIGHT(0x80)) >> 2; /* 0x20 is what the cases of a letter differ by */
        memcpy(to + i, &word, sizeof(word));
    }
    for (; i < length; i++)
        to[i] = (uint8_t)(from[i] - first) < 26 ? from[i] ^ 0x20 : from[i];
    to[length] = '\0';
    JS_FreeValue(ctx, text);
    *result = JS_MKPTR(JS_TAG_STRING, changed);
    return true;
}

/* The characters of a string, each as a string: one for all that are the same, if they are ASCII. */
static int split_characters(JSContext *ctx, JSObject *parts, JSString *s, uint32_t count)
{
    uint32_t places[128], i, c;

    if (expand_fast_array(ctx, parts, count))
        return -1;
    for (i = 0; i < countof(places); i++)
        places[i] = UINT32_MAX;
    for (i = 0; i < count; i++) {
        JSValue character;
        c = string_get(s, i);
        if (c < countof(places) && places[c] != UINT32_MAX)
            character = js_dup(parts->u.array.u.values[places[c]]);
        else
            character = js_new_string_char(ctx, c);
        if (JS_IsException(character))
            return -1;
        if (c < countof(places))
            places[c] = i;
        parts->u.array.u.values[i] = character;
        set_count(parts, i + 1);
    }
    return 0;
}

/* What split() puts into its new array, which no script has seen: at most `limit` parts, which is not 0. */
static int sandtide_split(JSContext *ctx, JSValueConst array, JSString *s, JSString *separator, uint32_t limit)
{
    JSObject *parts = JS_VALUE_GET_OBJ(array);
    int start = 0, end;
    JSValue part;

    if (separator->len == 0) {
        if (s->len == 0)
            return 0;
        return split_characters(ctx, parts, s, min_uint32(s->len, limit));
    }
    for (;;) {
        end = sandtide_find_text(s, separator, start);
        part = js_sub_string(ctx, s, start, end < 0 ? (int)s->len : end);
        if (JS_IsException(part) || add_fast_array_element(ctx, parts, part, JS_PROP_THROW) < 0)
            return -1;
        if (end < 0 || --limit == 0)
            return 0;
        start = end + separator->len;
    }
}

/* A text and an integer behind it. The text, of eight bits a character and short, is taken over. */
static JSValue sandtide_append_integer(JSContext *ctx, JSValue text, int32_t value)
{
    JSString *s = JS_VALUE_GET_STRING(text), *made;
    char digits[16];
    size_t length = s->len, count = i32toa(digits, value);

    if (JS_REF_COUNT(s) == 1 && s->atom_type == 0 && s->kind == JS_STRING_KIND_NORMAL &&
        js_malloc_usable_size(ctx, s) > sizeof(*s) + length + count) {
        s->hash = 0;
        made = s;
    } else {
        made = js_alloc_string(ctx, length + count, 0);
        if (made)
            memcpy(str8(made), str8(s), length);
        JS_FreeValue(ctx, text);
        if (!made)
            return JS_EXCEPTION;
    }
    memcpy(str8(made) + length, digits, count);
    made->len = length + count;
    str8(made)[length + count] = '\0';
    return JS_MKPTR(JS_TAG_STRING, made);
}

/* localeCompare of two strings of Latin-1, which are normalized as they are. */
static bool sandtide_compare_latin1(JSValueConst a, JSValueConst b, JSValue *result)
{
    JSString *s = JS_VALUE_GET_STRING(a), *t = JS_VALUE_GET_STRING(b);
    int order;

    if (s->is_wide_char || t->is_wide_char)
        return false;
    order = js_string_compare(s, t);
    *result = js_int32((order > 0) - (order < 0));
    return true;
}
