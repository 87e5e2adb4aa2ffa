/* JSON.stringify without a replacer, of values that no script is asked about: plain objects and
   arrays of them, strings, numbers. All or nothing: at the first value that is something else (a
   getter, a proxy, a `toJSON`, a cycle, an object of another class) what was written is thrown away,
   and the engine's own function begins anew. Knows nothing of realms. */

#define JSON_WRITE_DEPTH 200
#define JSON_SHAPE_DEPTHS 16
/* What the buffer has room for at first. */
#define JSON_FIRST_ROOM 120
/* Bytes of stack that so many levels may take: asked for anew each time. */
#define JSON_STACK (64 * 1024)
#define JSON_STACK_LEVELS 50

typedef struct {
    JSContext *ctx;
    StringBuffer *to;
    const JSString *gap; /* of Latin-1 characters; empty for none */
    /* Shapes whose objects neither have nor inherit a `toJSON`: nothing changes meanwhile. `plain` has, for
       each depth, the last one of whose names all are written, in their order, with values as they are. */
    JSShape *object, *array, *plain[JSON_SHAPE_DEPTHS];
    JSObject *above[JSON_WRITE_DEPTH];
    uint32_t depth;
} JsonWriter;

static bool json_write_value(JsonWriter *w, JSValueConst value);

/* Where `count` characters of eight bits can be put, which json_put() then counts. NULL: they have more bits in
   the buffer, or there is no memory for it, which it tells. */
static inline uint8_t *json_room(JsonWriter *w, uint32_t count)
{
    StringBuffer *b = w->to;

    if (unlikely((uint32_t)(b->size - b->len) < count) && string_buffer_realloc(b, b->len + count, 0))
        return NULL;
    return b->is_wide_char ? NULL : str8(b->str) + b->len;
}

static inline void json_put(JsonWriter *w, const uint8_t *end)
{
    w->to->len = end - str8(w->to->str);
}

/* Copies characters that stand for themselves; NULL at one that does not. */
static inline uint8_t *json_copy_plain(uint8_t *to, const uint8_t *text, uint32_t length)
{
    uint32_t i = 0;

    for (; length - i >= 8; i += 8) {
        uint64_t word = read_eight(text + i);
        if (special_in_json(word))
            return NULL;
        memcpy(to + i, &word, sizeof(word));
    }
    for (; i < length; i++) {
        if (text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
            return NULL;
        to[i] = text[i];
    }
    return to + length;
}

static void json_write_latin1(JsonWriter *w, const uint8_t *text, uint32_t length)
{
    uint8_t *to = json_room(w, length + 2);
    uint32_t start = 0, i;

    if (to) {
        *to = '"';
        to = json_copy_plain(to + 1, text, length);
        if (to) {
            *to++ = '"';
            json_put(w, to);
            return;
        }
    }
    string_buffer_putc8(w->to, '"');
    for (i = 0; i < length; i++) {
        uint8_t c = text[i];
        char escape[8];
        int n = 2;
        if (likely(c >= 0x20 && c != '"' && c != '\\'))
            continue;
        if (i > start)
            string_buffer_write8(w->to, text + start, i - start);
        start = i + 1;
        escape[0] = '\\';
        switch (c) {
        case '\t': escape[1] = 't'; break;
        case '\r': escape[1] = 'r'; break;
        case '\n': escape[1] = 'n'; break;
        case '\b': escape[1] = 'b'; break;
        case '\f': escape[1] = 'f'; break;
        case '"':
        case '\\':
            escape[1] = c;
            break;
        default:
            n = snprintf(escape, sizeof(escape), "\\u%04x", c);
        }
        string_buffer_write8(w->to, (const uint8_t *)escape, n);
    }
    if (length > start)
        string_buffer_write8(w->to, text + start, length - start);
    string_buffer_putc8(w->to, '"');
}

static bool json_write_string(JsonWriter *w, JSValueConst value)
{
    JSString *s = JS_VALUE_GET_STRING(value);
    JSValue quoted;

    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING && !s->is_wide_char) {
        json_write_latin1(w, str8(s), s->len);
        return true;
    }
    quoted = JS_ToQuotedString(w->ctx, value);
    if (JS_IsException(quoted))
        string_buffer_set_error(w->to);
    else
        string_buffer_concat_value_free(w->to, quoted);
    return true;
}

static void json_write_integer(JsonWriter *w, int32_t value)
{
    char digits[16];
    int count = i32toa(digits, value);

    string_buffer_write8(w->to, (const uint8_t *)digits, count);
}

static void json_write_float(JsonWriter *w, JSValueConst value)
{
    double d = JS_VALUE_GET_FLOAT64(value);
    char text[32];
    int count;

    if (!isfinite(d)) {
        string_buffer_puts8(w->to, "null");
    } else if (d != trunc(d)) {
        count = sandtide_number_text(text, d);
        string_buffer_write8(w->to, (const uint8_t *)text, count);
    } else {
        string_buffer_concat_value(w->to, value);
    }
}

static void json_write_line(JsonWriter *w)
{
    uint32_t i;

    if (w->gap->len == 0)
        return;
    string_buffer_putc8(w->to, '\n');
    for (i = 0; i < w->depth; i++)
        string_buffer_write8(w->to, str8((JSString *)w->gap), w->gap->len);
}

/* Whether neither the object nor its prototypes have a `toJSON`, or could answer for one. */
static bool json_writes_itself(JSObject *p, JSShape **known)
{
    JSObject *q;

    if (p->shape == *known)
        return true;
    for (q = p; q; q = q->shape->proto) {
        if ((q->is_exotic && q->class_id != JS_CLASS_ARRAY) || find_own_property1(q, JS_ATOM_toJSON))
            return false;
    }
    *known = p->shape;
    return true;
}

static bool json_write_array(JsonWriter *w, JSObject *p)
{
    uint32_t i, count = p->u.array.count;

    string_buffer_putc8(w->to, '[');
    for (i = 0; i < count; i++) {
        JSValue value = p->u.array.u.values[i];
        if (i > 0)
            string_buffer_putc8(w->to, ',');
        json_write_line(w);
        if (JS_VALUE_GET_TAG(value) == JS_TAG_UNDEFINED)
            value = JS_NULL;
        if (!json_write_value(w, value))
            return false;
    }
    w->depth--;
    if (count > 0)
        json_write_line(w);
    string_buffer_putc8(w->to, ']');
    return true;
}

/* Names that may be indices, which come before all others. */
static inline bool is_digit_name(JSAtomStruct *name)
{
    return name->len > 0 && is_digit(string_get(name, 0));
}

/* A name with what stands around it: `,"name":`. */
static inline void json_write_name(JsonWriter *w, JSAtomStruct *name, bool first)
{
    uint8_t *to, *end;

    if (w->gap->len == 0 && !name->is_wide_char && (to = json_room(w, name->len + 4))) {
        *to = ',';
        to += !first;
        *to = '"';
        end = json_copy_plain(to + 1, str8(name), name->len);
        if (end) {
            *end++ = '"';
            *end++ = ':';
            json_put(w, end);
            return;
        }
    }
    if (!first)
        string_buffer_putc8(w->to, ',');
    json_write_line(w);
    json_write_string(w, JS_MKPTR(JS_TAG_STRING, name));
    string_buffer_putc8(w->to, ':');
    if (w->gap->len > 0)
        string_buffer_putc8(w->to, ' ');
}

/* Whether a property is written; -1: that is left to the engine. */
static inline int json_writes_property(JsonWriter *w, const JSShapeProperty *prs)
{
    JSAtomStruct *name;

    if (prs->atom == JS_ATOM_NULL || !(prs->flags & JS_PROP_ENUMERABLE))
        return 0;
    if (__JS_AtomIsTaggedInt(prs->atom))
        return -1;
    name = w->ctx->rt->atom_array[prs->atom];
    if (name->atom_type != JS_ATOM_TYPE_STRING)
        return 0;
    return (prs->flags & JS_PROP_TMASK) != JS_PROP_NORMAL || is_digit_name(name) ? -1 : 1;
}

/* `depth`: how many objects there are around this one. */
static bool json_write_object(JsonWriter *w, JSObject *p, uint32_t depth)
{
    JSShape *shape = p->shape, **plain = depth < JSON_SHAPE_DEPTHS ? &w->plain[depth] : NULL;
    JSShapeProperty *prs = get_shape_prop(shape);
    bool known = plain && *plain == shape, all = true, first = true;
    uint32_t i;

    if (!known && !json_writes_itself(p, &w->object))
        return false;
    string_buffer_putc8(w->to, '{');
    for (i = 0; i < shape->prop_count; i++, prs++) {
        JSValue value;
        if (!known) {
            int writes = json_writes_property(w, prs);
            if (writes < 0)
                return false;
            all = all && writes;
            if (!writes)
                continue;
        }
        value = p->prop[i].u.value;
        if (JS_VALUE_GET_TAG(value) == JS_TAG_UNDEFINED || JS_VALUE_GET_TAG(value) == JS_TAG_SYMBOL)
            continue;
        json_write_name(w, w->ctx->rt->atom_array[prs->atom], first);
        first = false;
        if (!json_write_value(w, value))
            return false;
    }
    if (all && plain)
        *plain = shape;
    w->depth--;
    if (!first)
        json_write_line(w);
    string_buffer_putc8(w->to, '}');
    return true;
}

static bool json_write_value(JsonWriter *w, JSValueConst value)
{
    JSObject *p;
    uint32_t i;

    switch (JS_VALUE_GET_NORM_TAG(value)) {
    case JS_TAG_STRING:
    case JS_TAG_STRING_ROPE:
        return json_write_string(w, value);
    case JS_TAG_INT:
        json_write_integer(w, JS_VALUE_GET_INT(value));
        return true;
    case JS_TAG_FLOAT64:
        json_write_float(w, value);
        return true;
    case JS_TAG_BOOL:
        string_buffer_puts8(w->to, JS_VALUE_GET_BOOL(value) ? "true" : "false");
        return true;
    case JS_TAG_NULL:
        string_buffer_puts8(w->to, "null");
        return true;
    case JS_TAG_OBJECT:
        break;
    default:
        return false;
    }
    p = JS_VALUE_GET_OBJ(value);
    if (w->depth == JSON_WRITE_DEPTH || w->to->error_status)
        return false;
    if (w->depth % JSON_STACK_LEVELS == JSON_STACK_LEVELS - 1 &&
        js_check_stack_overflow(w->ctx->rt, JSON_STACK))
        return false;
    for (i = 0; i < w->depth; i++) {
        if (w->above[i] == p)
            return false;
    }
    w->above[w->depth++] = p;
    if (p->class_id == JS_CLASS_OBJECT && !p->is_exotic)
        return json_write_object(w, p, w->depth - 1);
    if (plain_array(w->ctx, value) && has_no_holes(p))
        return json_writes_itself(p, &w->array) && json_write_array(w, p);
    return false;
}

/* Whether all of the value was written, or there was no memory for it, which the buffer tells then. */
static bool sandtide_json_write(JSContext *ctx, StringBuffer *to, JSValueConst value, JSValueConst gap)
{
    JsonWriter w;

    if (JS_VALUE_GET_TAG(value) != JS_TAG_OBJECT || JS_VALUE_GET_STRING(gap)->is_wide_char ||
        js_check_stack_overflow(ctx->rt, JSON_STACK))
        return false;
    w.ctx = ctx;
    w.to = to;
    w.gap = JS_VALUE_GET_STRING(gap);
    w.object = w.array = NULL;
    memset(w.plain, 0, sizeof(w.plain));
    if (to->size == 0)
        string_buffer_realloc(to, JSON_FIRST_ROOM, 0);
    w.depth = 0;
    return json_write_value(&w, value) || to->error_status;
}
