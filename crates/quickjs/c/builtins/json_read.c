/* JSON.parse without a reviver, and the inputs of runs: from the text straight into values, without tokens.
   What is not well formed, or nests too deep, is left to the caller's other parser, which finds the words
   for the error; nothing of what was read by then is kept. Calls out to no script. Knows nothing of realms.

   Records repeat: for each depth the shape of the last object is kept, and while the names of the next
   one are the same, its values are only collected, and the object is made with that shape at once. */

#define JSON_DEPTHS 16
#define JSON_SHAPE_MAX 32

typedef struct {
    JSContext *ctx;
    const uint8_t *at;
    const uint8_t *end; /* where a zero stands */
    /* Counted. Their names are ASCII without escapes, as they stand in the text. */
    JSShape *shapes[JSON_DEPTHS];
    int depth;
    int levels;   /* arrays and objects within each other, at most */
    bool checked; /* gives up on infinite numbers, and on escapes of halves of pairs */
    bool threw;   /* an exception is pending; otherwise who gives up leaves none */
} JsonReader;

static bool json_read_value(JsonReader *r, JSValue *value);

static inline void json_skip_space(JsonReader *r)
{
    while (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')
        r->at++;
}

static bool json_threw(JsonReader *r)
{
    r->threw = true;
    return false;
}

/* The end of the characters that stand for themselves, from `p` on. */
static inline const uint8_t *json_plain_end(const uint8_t *p, const uint8_t *end)
{
    for (; end - p >= 8; p += 8) {
        uint64_t word = read_eight(p), others = special_in_json(word) | (word & EIGHT(0x80));
        if (others) {
            p += place_of_lowest(others);
            break;
        }
    }
    while (*p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
        p++;
    return p;
}

/* The second half of a pair, if an escape of one stands next; otherwise 0. */
static uint32_t json_low_half(const uint8_t *p)
{
    uint32_t c = 0;
    int i;

    if (p[0] != '\\' || p[1] != 'u')
        return 0;
    for (i = 2; i < 6; i++) {
        int digit = from_hex(p[i]);
        if (digit < 0)
            return 0;
        c = c << 4 | digit;
    }
    return is_lo_surrogate(c) ? c : 0;
}

/* A string with escapes or other characters than ASCII; the first `p - start` bytes are plain. */
static bool json_read_escaped(JsonReader *r, const uint8_t *start, const uint8_t *p, JSValue *value)
{
    StringBuffer b_s, *b = &b_s;
    const uint8_t *next;
    uint32_t c;
    int i;

    if (string_buffer_init(r->ctx, b, p - start + 16))
        return json_threw(r);
    for (;;) {
        if (p > start && string_buffer_write8(b, start, p - start))
            goto threw;
        c = *p;
        if (c == '"')
            break;
        if (c == '\\') {
            c = p[1];
            p += 2;
            switch (c) {
            case 'b': c = '\b'; break;
            case 'f': c = '\f'; break;
            case 'n': c = '\n'; break;
            case 'r': c = '\r'; break;
            case 't': c = '\t'; break;
            case '"': case '\\': case '/': break;
            case 'u':
                c = 0;
                for (i = 0; i < 4; i++) {
                    int digit = from_hex(*p);
                    if (digit < 0)
                        goto gave_up;
                    c = c << 4 | digit;
                    p++;
                }
                if (r->checked && is_surrogate(c)) {
                    uint32_t low = is_hi_surrogate(c) ? json_low_half(p) : 0;
                    if (!low)
                        goto gave_up;
                    c = from_surrogate(c, low);
                    p += 6;
                }
                break;
            default:
                goto gave_up;
            }
        } else if (c >= 0x80) {
            c = utf8_decode(p, &next);
            if (next == p + 1)
                goto gave_up;
            p = next;
        } else {
            goto gave_up;
        }
        if (string_buffer_putc(b, c))
            goto threw;
        start = p;
        p = json_plain_end(p, r->end);
    }
    *value = string_buffer_end(b);
    if (JS_IsException(*value))
        return json_threw(r);
    r->at = p + 1;
    return true;
threw:
    r->threw = true;
gave_up:
    string_buffer_free(b);
    return false;
}

/* Behind the opening quote. */
static bool json_read_string(JsonReader *r, JSValue *value)
{
    const uint8_t *end = json_plain_end(r->at, r->end);

    if (*end != '"')
        return json_read_escaped(r, r->at, end, value);
    *value = js_new_string8_len(r->ctx, (const char *)r->at, end - r->at);
    if (JS_IsException(*value))
        return json_threw(r);
    r->at = end + 1;
    return true;
}

static bool json_read_number(JsonReader *r, JSValue *value)
{
    const uint8_t *p = r->at, *start = p, *digits, *point = NULL;
    uint64_t n = 0;
    int fraction = 0;
    bool negative = *p == '-', exponent = false;

    if (negative)
        p++;
    if (!is_digit(*p) || (*p == '0' && is_digit(p[1])))
        return false;
    digits = p;
    for (; is_digit(*p); p++)
        n = n * 10 + (*p - '0'); /* wraps where it has too many digits to be used */
    if (*p == '.') {
        point = ++p;
        if (!is_digit(*p))
            return false;
        for (; is_digit(*p); p++)
            n = n * 10 + (*p - '0');
        fraction = p - point;
    }
    if (*p == 'e' || *p == 'E') {
        exponent = true;
        p++;
        if (*p == '+' || *p == '-')
            p++;
        if (!is_digit(*p))
            return false;
        while (is_digit(*p))
            p++;
    }
    r->at = p;
    if (!exponent && p - digits - (fraction > 0) <= 15) {
        if (fraction > 0)
            *value = js_float64((negative ? -(double)n : (double)n) / exact_powers[fraction]);
        else if (n <= INT32_MAX && (n > 0 || !negative))
            *value = js_int32(negative ? -(int32_t)n : (int32_t)n);
        else
            *value = js_float64(negative ? -(double)n : (double)n);
    } else {
        double number = NAN;
        sandtide_read_decimal((const char *)start, p - start, &number);
        if (r->checked && isinf(number))
            return false;
        *value = js_float64(number);
    }
    return true;
}

/* Takes the value over. */
static bool json_define(JsonReader *r, JSObject *object, JSAtom name, JSValue value)
{
    JSProperty *pr;

    if (find_own_property(&pr, object, name)) {
        set_value(r->ctx, &pr->u.value, value);
        return true;
    }
    pr = add_property(r->ctx, object, name, JS_PROP_C_W_E);
    if (!pr) {
        JS_FreeValue(r->ctx, value);
        return json_threw(r);
    }
    pr->u.value = value;
    return true;
}

/* The name that stands next, with its quotes, if it is `name`. */
static inline bool json_read_expected(JsonReader *r, JSAtom name)
{
    JSString *s;

    if (__JS_AtomIsTaggedInt(name))
        return false;
    s = r->ctx->rt->atom_array[name];
    /* who made the name first may have stored its ASCII in two bytes each */
    if (s->is_wide_char || (size_t)(r->end - r->at) < (size_t)s->len + 2 || r->at[s->len + 1] != '"' ||
        memcmp(r->at + 1, str8(s), s->len))
        return false;
    r->at += s->len + 2;
    return true;
}

/* A name, of which the caller gets a count; `*plain` is untouched if it stands there as it is. */
static JSAtom json_read_name(JsonReader *r, bool *plain)
{
    const uint8_t *start, *end;
    JSValue text;
    JSAtom name;

    if (*r->at != '"')
        return JS_ATOM_NULL;
    start = ++r->at;
    end = json_plain_end(start, r->end);
    if (*end == '"') {
        r->at = end + 1;
        name = JS_NewAtomLen(r->ctx, (const char *)start, end - start);
    } else {
        *plain = false;
        if (!json_read_string(r, &text))
            return JS_ATOM_NULL;
        name = JS_ValueToAtom(r->ctx, text);
        JS_FreeValue(r->ctx, text);
    }
    if (name == JS_ATOM_NULL)
        r->threw = true;
    return name;
}

/* An object with the first `count` names of a shape. The values are taken over. */
static JSObject *json_begin_object(JsonReader *r, JSShape *shape, JSProperty *values, uint32_t count)
{
    JSValue object = JS_NewObject(r->ctx);
    uint32_t i;

    if (JS_IsException(object)) {
        for (i = 0; i < count; i++)
            JS_FreeValue(r->ctx, values[i].u.value);
        r->threw = true;
        return NULL;
    }
    for (i = 0; i < count; i++) {
        if (!json_define(r, JS_VALUE_GET_OBJ(object), get_shape_prop(shape)[i].atom, values[i].u.value)) {
            while (++i < count)
                JS_FreeValue(r->ctx, values[i].u.value);
            JS_FreeValue(r->ctx, object);
            return NULL;
        }
    }
    return JS_VALUE_GET_OBJ(object);
}

static void json_keep_shape(JsonReader *r, JSShape *shape)
{
    JSShape **kept;

    if (r->depth >= JSON_DEPTHS || !shape->is_hashed || shape->prop_count == 0 ||
        shape->prop_count > JSON_SHAPE_MAX || shape->deleted_prop_count > 0)
        return;
    kept = &r->shapes[r->depth];
    if (*kept == shape)
        return;
    js_free_shape_null(r->ctx->rt, *kept);
    *kept = js_dup_shape(shape);
}

/* Behind the opening brace. */
static bool json_read_object(JsonReader *r, JSValue *result)
{
    JSProperty values[JSON_SHAPE_MAX];
    JSShape *shape = r->depth < JSON_DEPTHS ? r->shapes[r->depth] : NULL;
    JSObject *object = NULL;
    uint32_t count = 0, i;
    bool plain = true;
    JSValue value;

    json_skip_space(r);
    if (*r->at == '}') {
        r->at++;
        *result = JS_NewObject(r->ctx);
        return !JS_IsException(*result) || json_threw(r);
    }
    for (;;) {
        JSAtom name = JS_ATOM_NULL;
        if (*r->at != '"')
            goto fail;
        if (object || !shape || count == shape->prop_count ||
            !json_read_expected(r, get_shape_prop(shape)[count].atom)) {
            if (!object) {
                object = json_begin_object(r, shape, values, count);
                count = 0;
                if (!object)
                    goto fail;
            }
            name = json_read_name(r, &plain);
            if (name == JS_ATOM_NULL)
                goto fail;
        }
        json_skip_space(r);
        if (*r->at != ':') {
            JS_FreeAtom(r->ctx, name);
            goto fail;
        }
        r->at++;
        if (!json_read_value(r, &value)) {
            JS_FreeAtom(r->ctx, name);
            goto fail;
        }
        if (object) {
            bool defined = json_define(r, object, name, value);
            JS_FreeAtom(r->ctx, name);
            if (!defined)
                goto fail;
        } else {
            values[count++].u.value = value;
        }
        json_skip_space(r);
        if (*r->at == '}')
            break;
        if (*r->at != ',')
            goto fail;
        r->at++;
        json_skip_space(r);
    }
    r->at++;
    if (!object && count == shape->prop_count) {
        *result = JS_NewObjectFromShape(r->ctx, js_dup_shape(shape), JS_CLASS_OBJECT, values);
        return !JS_IsException(*result) || json_threw(r);
    }
    if (!object) {
        object = json_begin_object(r, shape, values, count);
        count = 0;
        if (!object)
            return false;
    }
    if (plain)
        json_keep_shape(r, object->shape);
    *result = JS_MKPTR(JS_TAG_OBJECT, object);
    return true;
fail:
    for (i = 0; i < count; i++)
        JS_FreeValue(r->ctx, values[i].u.value);
    if (object)
        JS_FreeValue(r->ctx, JS_MKPTR(JS_TAG_OBJECT, object));
    return false;
}

/* Behind the opening bracket. */
static bool json_read_array(JsonReader *r, JSValue *result)
{
    JSObject *array = new_array_with_room(r->ctx, 0);
    JSValue value;
    uint32_t count;

    if (!array)
        return json_threw(r);
    json_skip_space(r);
    if (*r->at == ']') {
        r->at++;
    } else {
        for (;;) {
            if (!json_read_value(r, &value))
                goto fail;
            count = array->u.array.count;
            if (count == array->u.array.u1.size && expand_fast_array(r->ctx, array, count < 4 ? 4 : count + 1)) {
                JS_FreeValue(r->ctx, value);
                r->threw = true;
                goto fail;
            }
            array->u.array.u.values[count] = value;
            set_count(array, count + 1);
            json_skip_space(r);
            if (*r->at == ']')
                break;
            if (*r->at != ',')
                goto fail;
            r->at++;
        }
        r->at++;
    }
    *result = JS_MKPTR(JS_TAG_OBJECT, array);
    return true;
fail:
    JS_FreeValue(r->ctx, JS_MKPTR(JS_TAG_OBJECT, array));
    return false;
}

static bool json_read_word(JsonReader *r, const char *word, size_t length, JSValue value, JSValue *result)
{
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, word, length))
        return false;
    r->at += length;
    *result = value;
    return true;
}

static bool json_read_value(JsonReader *r, JSValue *value)
{
    bool done;

    json_skip_space(r);
    switch (*r->at) {
    case '"':
        r->at++;
        return json_read_string(r, value);
    case '{':
    case '[':
        if (r->depth >= r->levels || js_check_stack_overflow(r->ctx->rt, 2 * JSON_SHAPE_MAX * sizeof(JSProperty)))
            return false;
        r->depth++;
        done = *r->at++ == '{' ? json_read_object(r, value) : json_read_array(r, value);
        r->depth--;
        return done;
    case 't':
        return json_read_word(r, "true", 4, JS_TRUE, value);
    case 'f':
        return json_read_word(r, "false", 5, JS_FALSE, value);
    case 'n':
        return json_read_word(r, "null", 4, JS_NULL, value);
    default:
        return json_read_number(r, value);
    }
}

static bool json_read_text(JsonReader *r, const char *text, size_t length, JSValue *value)
{
    bool done;
    int i;

    r->at = (const uint8_t *)text;
    r->end = r->at + length;
    done = json_read_value(r, value);
    if (done) {
        json_skip_space(r);
        if (r->at != r->end) {
            JS_FreeValue(r->ctx, *value);
            done = false;
        }
    } else if (r->threw) {
        *value = JS_EXCEPTION;
        done = true;
    }
    for (i = 0; i < JSON_DEPTHS; i++)
        js_free_shape_null(r->ctx->rt, r->shapes[i]);
    return done;
}

/* Whether the text was read: `*value` is what it says, or an exception for want of memory. */
static bool sandtide_json_read(JSContext *ctx, const char *text, size_t length, JSValue *value)
{
    JsonReader r = { .ctx = ctx, .levels = INT_MAX };

    return json_read_text(&r, text, length, value);
}

bool sandtide_read_json(JSContext *ctx, const char *text, size_t length, int levels, JSValue *value)
{
    JsonReader r = { .ctx = ctx, .levels = levels, .checked = true };

    return json_read_text(&r, text, length, value);
}
