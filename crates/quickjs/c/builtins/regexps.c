/* Methods of regular expressions that nobody changed, without asking properties: `exec`, `flags`, the species
   and `lastIndex` are looked at once, and what a match was is positions until a script can see it. Each says
   whether it did all, with the result set, or nothing: then the engine goes by the standard's steps. The
   matcher is in libregexp.c. */

/* Places in js_regexp_proto_funcs, and so of the prototype's properties. */
enum {
    REGEXP_PROTO_FLAGS,
    REGEXP_PROTO_GLOBAL = 2, /* and the other flags up to */
    REGEXP_PROTO_HAS_INDICES = 9,
    REGEXP_PROTO_EXEC,
};

/* Whether the prototype's property at this place still is the function that the engine put there. */
static bool regexp_proto_has(JSContext *ctx, const JSObject *proto, int place)
{
    const JSCFunctionListEntry *entry = &js_regexp_proto_funcs[place];
    const JSShapeProperty *shape = get_shape_prop(proto->shape) + place;
    const JSProperty *property = proto->prop + place;
    const JSObject *function;

    switch (shape->flags & JS_PROP_TMASK) {
    case JS_PROP_AUTOINIT: /* nobody asked for it yet */
        return property->u.init.opaque == entry;
    case JS_PROP_GETSET:
        function = property->u.getset.getter;
        return function && function->class_id == JS_CLASS_C_FUNCTION &&
               function->u.cfunc.c_function.getter == entry->u.getset.get.getter &&
               function->u.cfunc.magic == entry->magic;
    case JS_PROP_NORMAL:
        if (JS_VALUE_GET_TAG(property->u.value) != JS_TAG_OBJECT)
            return false;
        function = JS_VALUE_GET_OBJ(property->u.value);
        return function->class_id == JS_CLASS_C_FUNCTION && function->u.cfunc.realm == ctx &&
               function->u.cfunc.c_function.generic == entry->u.func.cfunc.generic;
    default:
        return false;
    }
}

static bool regexp_proto_name_is(JSContext *ctx, JSAtom atom, const char *name)
{
    const JSString *text = __JS_AtomIsTaggedInt(atom) ? NULL : ctx->rt->atom_array[atom];
    const size_t len = strlen(name);

    return text && !text->is_wide_char && text->len == len && memcmp(str8((JSString *)text), name, len) == 0;
}

/* The expression, if it is one of this realm's whose only property is `lastIndex`, a number that may be
   written, and whose `exec` is the engine's. */
static JSRegExp *plain_regexp(JSContext *ctx, JSValueConst value)
{
    const JSObject *proto;
    JSObject *p;

    if (JS_VALUE_GET_TAG(value) != JS_TAG_OBJECT)
        return NULL;
    p = JS_VALUE_GET_OBJ(value);
    if (p->class_id != JS_CLASS_REGEXP || p->shape != ctx->regexp_shape ||
        JS_VALUE_GET_TAG(p->prop[0].u.value) != JS_TAG_INT || JS_VALUE_GET_INT(p->prop[0].u.value) < 0)
        return NULL;
    proto = p->shape->proto;
    if (proto->shape->prop_count <= REGEXP_PROTO_EXEC ||
        get_shape_prop(proto->shape)[REGEXP_PROTO_EXEC].atom != JS_ATOM_exec ||
        !regexp_proto_has(ctx, proto, REGEXP_PROTO_EXEC))
        return NULL;
    return &p->u.regexp;
}

/* The same, and `flags` says what it was made with. */
static JSRegExp *plain_regexp_with_flags(JSContext *ctx, JSValueConst value)
{
    JSRegExp *re = plain_regexp(ctx, value);
    const JSObject *proto;
    int place;

    if (!re)
        return NULL;
    proto = JS_VALUE_GET_OBJ(value)->shape->proto;
    for (place = REGEXP_PROTO_FLAGS; place <= REGEXP_PROTO_HAS_INDICES; place++) {
        if (place > REGEXP_PROTO_FLAGS && place < REGEXP_PROTO_GLOBAL)
            continue;
        if (!regexp_proto_has(ctx, proto, place) ||
            !regexp_proto_name_is(ctx, get_shape_prop(proto->shape)[place].atom,
                                  js_regexp_proto_funcs[place].name))
            return NULL;
    }
    return re;
}

/* Whether what a method makes of an expression of this realm is made by the realm's own RegExp. */
static bool regexp_species_is_plain(JSContext *ctx, JSValueConst value)
{
    JSObject *proto = JS_VALUE_GET_OBJ(value)->shape->proto;
    JSObject *ctor;
    JSShapeProperty *shape;
    JSProperty *property;

    shape = find_own_property(&property, proto, JS_ATOM_constructor);
    if (!shape || (shape->flags & JS_PROP_TMASK) != JS_PROP_NORMAL ||
        !js_same_value(ctx, property->u.value, ctx->regexp_ctor))
        return false;
    ctor = JS_VALUE_GET_OBJ(ctx->regexp_ctor);
    shape = find_own_property(&property, ctor, JS_ATOM_Symbol_species);
    return shape && (shape->flags & JS_PROP_TMASK) == JS_PROP_GETSET && property->u.getset.getter &&
           property->u.getset.getter->class_id == JS_CLASS_C_FUNCTION &&
           property->u.getset.getter->u.cfunc.c_function.getter == js_get_this;
}

/* Sets `lastIndex`. A debugger may have run code of its own at a poll since the expression was looked at. */
static int sandtide_regexp_set_last_index(JSContext *ctx, JSValueConst value, int index)
{
    JSObject *p = JS_VALUE_GET_OBJ(value);

    if (p->shape != ctx->regexp_shape)
        return JS_SetProperty(ctx, value, JS_ATOM_lastIndex, js_int32(index));
    set_value(ctx, &p->prop[0].u.value, js_int32(index));
    return 0;
}

/* `lastIndex` as a length, which may run code where it is no number. */
static int sandtide_regexp_last_index(JSContext *ctx, JSValueConst value, int64_t *index)
{
    JSObject *p = JS_VALUE_GET_OBJ(value);

    if (p->shape == ctx->regexp_shape && JS_VALUE_GET_TAG(p->prop[0].u.value) == JS_TAG_INT &&
        JS_VALUE_GET_INT(p->prop[0].u.value) >= 0) {
        *index = JS_VALUE_GET_INT(p->prop[0].u.value);
        return 0;
    }
    return JS_ToLengthFree(ctx, index, JS_GetProperty(ctx, value, JS_ATOM_lastIndex));
}

#define REGEXP_FEW 48

/* A text that is matched again and again. The last match is kept, for RegExp.$1 and its like. */
typedef struct {
    JSContext *ctx;
    JSRegExp *re;
    JSString *text;
    JSValue code; /* what `re` had at first, and its owner */
    int flags, count, shift;
    bool matched;
    uint8_t **now, **last; /* captures and registers */
    uint8_t *few[REGEXP_FEW];
} RegExpMatches;

static bool regexp_matches_begin(RegExpMatches *m, JSContext *ctx, JSRegExp *re, JSString *text)
{
    const uint8_t *code = str8(re->bytecode);
    const int room = lre_get_alloc_count(code);

    m->ctx = ctx;
    m->re = re;
    m->text = text;
    m->flags = lre_get_flags(code);
    m->count = lre_get_capture_count(code);
    m->shift = text->is_wide_char;
    m->matched = false;
    m->now = m->few;
    if (2 * room > REGEXP_FEW) {
        m->now = js_malloc(ctx, 2 * room * sizeof(*m->now));
        if (!m->now)
            return false;
    }
    m->last = m->now + room;
    m->code = js_dup(JS_MKPTR(JS_TAG_STRING, re->bytecode));
    return true;
}

/* 1: `last` is the next match from `index` on, 0: there is none, -1: an exception. */
static int regexp_next_match(RegExpMatches *m, int64_t index)
{
    const uint8_t *code = str8(JS_VALUE_GET_STRING(m->code));
    uint8_t **match = m->now;
    int found;

    if (index > m->text->len)
        return 0;
    if (unlikely(js_poll_interrupts(m->ctx)))
        return -1;
    found = lre_exec(match, code, str8(m->text), index, m->text->len, m->shift, m->ctx);
    if (found < 0) {
        if (found == LRE_RET_TIMEOUT)
            JS_ThrowInterrupted(m->ctx);
        else if (found == LRE_RET_MEMORY_ERROR)
            JS_ThrowInternalError(m->ctx, "out of memory in regexp execution");
        else
            JS_ThrowInternalError(m->ctx, "corrupted bytecode in regexp execution");
        return -1;
    }
    if (found == 0)
        return 0;
    m->now = m->last;
    m->last = match;
    m->matched = true;
    return 1;
}

/* Where a group of the last match begins or, with `end`, ends; -1 if it took no part. */
static inline int regexp_at(const RegExpMatches *m, int group, bool end)
{
    uint8_t **const at = m->last + 2 * group;
    return at[0] && at[1] ? (at[end] - str8(m->text)) >> m->shift : -1;
}

static void regexp_matches_end(RegExpMatches *m)
{
    uint8_t **const room = m->now < m->last ? m->now : m->last;

    if (m->matched)
        js_regexp_matched(m->ctx, m->re, m->text, m->last, m->count);
    if (room != m->few)
        js_free(m->ctx, room);
    JS_FreeValue(m->ctx, m->code);
}

/* Where the search goes on behind the last match. */
static int64_t regexp_after(const RegExpMatches *m)
{
    const int end = regexp_at(m, 0, true);
    if (regexp_at(m, 0, false) != end)
        return end;
    return string_advance_index(m->text, end, (m->flags & (LRE_FLAG_UNICODE | LRE_FLAG_UNICODE_SETS)) != 0);
}

static JSValue regexp_group(const RegExpMatches *m, int group)
{
    const int start = regexp_at(m, group, false);
    return start < 0 ? JS_UNDEFINED : js_sub_string(m->ctx, m->text, start, regexp_at(m, group, true));
}

/* What `exec` answers of a match without names and indices. */
static JSValue sandtide_regexp_result(JSContext *ctx, JSValue text, uint8_t **capture, int count)
{
    JSString *const str = JS_VALUE_GET_STRING(text);
    const uint8_t *const start = str8(str);
    const int shift = str->is_wide_char;
    JSProperty props[4]; /* length, index, input, groups */
    JSValue result;
    JSObject *p;
    int i;

    props[0].u.value = js_int32(count);
    props[1].u.value = js_int32((capture[0] - start) >> shift);
    props[2].u.value = text;
    props[3].u.value = JS_UNDEFINED;
    result = JS_NewObjectFromShape(ctx, js_dup_shape(ctx->regexp_result_shape), JS_CLASS_ARRAY, props);
    if (JS_IsException(result))
        return result;
    p = JS_VALUE_GET_OBJ(result);
    if (expand_fast_array(ctx, p, count) < 0)
        goto exception;
    for (i = 0; i < count; i++) {
        JSValue group = JS_UNDEFINED;
        if (capture[2 * i] && capture[2 * i + 1]) {
            group = js_sub_string(ctx, str, (capture[2 * i] - start) >> shift,
                                  (capture[2 * i + 1] - start) >> shift);
            if (JS_IsException(group))
                goto exception;
        }
        p->u.array.u.values[i] = group;
        p->u.array.count = i + 1;
    }
    return result;
exception:
    JS_FreeValue(ctx, result);
    return JS_EXCEPTION;
}

static bool sandtide_regexp_is_plain(JSContext *ctx, JSValueConst regexp)
{
    return plain_regexp(ctx, regexp) != NULL;
}

static bool sandtide_regexp_flags(JSContext *ctx, JSValueConst regexp, int *flags)
{
    JSRegExp *re = plain_regexp_with_flags(ctx, regexp);
    if (re)
        *flags = lre_get_flags(str8(re->bytecode));
    return re != NULL;
}

static bool sandtide_regexp_test(JSContext *ctx, JSValueConst regexp, JSValueConst text, JSValue *result)
{
    JSRegExp *re = JS_IsString(text) ? plain_regexp(ctx, regexp) : NULL;
    RegExpMatches m;
    JSValue str;
    int found;
    bool moves;

    if (!re)
        return false;
    *result = JS_EXCEPTION;
    str = JS_ToString(ctx, text);
    if (JS_IsException(str))
        return true;
    if (regexp_matches_begin(&m, ctx, re, JS_VALUE_GET_STRING(str))) {
        moves = (m.flags & (LRE_FLAG_GLOBAL | LRE_FLAG_STICKY)) != 0;
        found = regexp_next_match(
            &m, moves ? JS_VALUE_GET_INT(JS_VALUE_GET_OBJ(regexp)->prop[0].u.value) : 0);
        if (found >= 0 &&
            (!moves ||
             sandtide_regexp_set_last_index(ctx, regexp, found ? regexp_at(&m, 0, true) : 0) >= 0))
            *result = js_bool(found);
        regexp_matches_end(&m);
    }
    JS_FreeValue(ctx, str);
    return true;
}

static bool sandtide_regexp_search(JSContext *ctx, JSValueConst regexp, JSValueConst text, JSValue *result)
{
    JSRegExp *re = JS_IsString(text) ? plain_regexp(ctx, regexp) : NULL;
    RegExpMatches m;
    JSValue str;
    int found;

    if (!re)
        return false;
    *result = JS_EXCEPTION;
    str = JS_ToString(ctx, text);
    if (JS_IsException(str))
        return true;
    if (regexp_matches_begin(&m, ctx, re, JS_VALUE_GET_STRING(str))) {
        found = regexp_next_match(&m, 0);
        if (found >= 0)
            *result = js_int32(found ? regexp_at(&m, 0, false) : -1);
        regexp_matches_end(&m);
    }
    JS_FreeValue(ctx, str);
    return true;
}

/* Positions of matches: pairs of start and end, of each group. */
typedef struct {
    int32_t (*at)[2];
    size_t len, size;
} RegExpPlaces;

static bool regexp_keep_places(RegExpPlaces *places, const RegExpMatches *m, int groups)
{
    int i;

    if (places->size - places->len < (size_t)groups) {
        const size_t size = places->size + places->size / 2 + groups + 16;
        void *at = js_realloc(m->ctx, places->at, size * sizeof(*places->at));
        if (!at)
            return false;
        places->at = at;
        places->size = size;
    }
    for (i = 0; i < groups; i++) {
        places->at[places->len][0] = regexp_at(m, i, false);
        places->at[places->len++][1] = regexp_at(m, i, true);
    }
    return true;
}

/* Finds what a method finds that goes on to the end where the expression is global, and sets `lastIndex` as
   that leaves it. False: an exception. */
static bool regexp_all_places(RegExpMatches *m, JSValueConst regexp, RegExpPlaces *places, int groups)
{
    const bool global = (m->flags & LRE_FLAG_GLOBAL) != 0, sticky = (m->flags & LRE_FLAG_STICKY) != 0;
    int64_t index = 0;
    int found;

    if (global)
        sandtide_regexp_set_last_index(m->ctx, regexp, 0);
    else if (sticky)
        index = JS_VALUE_GET_INT(JS_VALUE_GET_OBJ(regexp)->prop[0].u.value);
    while ((found = regexp_next_match(m, index)) > 0) {
        if (!regexp_keep_places(places, m, groups))
            return false;
        if (!global) {
            return !sticky || sandtide_regexp_set_last_index(m->ctx, regexp, regexp_at(m, 0, true)) >= 0;
        }
        index = regexp_after(m);
    }
    return found == 0 &&
           (!(global || sticky) || sandtide_regexp_set_last_index(m->ctx, regexp, 0) >= 0);
}

static bool sandtide_regexp_match(JSContext *ctx, JSValueConst regexp, JSValueConst text, JSValue *result)
{
    JSRegExp *re = JS_IsString(text) ? plain_regexp_with_flags(ctx, regexp) : NULL;
    RegExpPlaces places = {};
    RegExpMatches m;
    JSValue str, list = JS_EXCEPTION;
    JSObject *p;
    size_t i;

    if (!re || !(lre_get_flags(str8(re->bytecode)) & LRE_FLAG_GLOBAL))
        return false;
    *result = JS_EXCEPTION;
    str = JS_ToString(ctx, text);
    if (JS_IsException(str))
        return true;
    if (regexp_matches_begin(&m, ctx, re, JS_VALUE_GET_STRING(str))) {
        if (regexp_all_places(&m, regexp, &places, 1))
            list = places.len == 0 ? JS_NULL : js_allocate_fast_array(ctx, places.len);
        regexp_matches_end(&m);
    }
    if (JS_IsObject(list)) {
        p = JS_VALUE_GET_OBJ(list);
        for (i = 0; i < places.len; i++) {
            JSValue one =
                js_sub_string(ctx, JS_VALUE_GET_STRING(str), places.at[i][0], places.at[i][1]);
            if (JS_IsException(one)) {
                JS_FreeValue(ctx, list);
                list = JS_EXCEPTION;
                break;
            }
            p->u.array.u.values[i] = one;
        }
    }
    *result = list;
    js_free(ctx, places.at);
    JS_FreeValue(ctx, str);
    return true;
}

/* Writes a replacement with `$`, where there are no names. */
static int regexp_substitute(StringBuffer *b, JSString *with, JSString *text, const int32_t (*at)[2],
                             int groups)
{
    uint32_t i = 0, len = with->len;

    for (;;) {
        int dollar = string_indexof_char(with, '$', i), next, group = -1;
        uint32_t end;
        if (dollar < 0 || (uint32_t)dollar + 1 >= len)
            break;
        if (unlikely(b->error_status || js_poll_interrupts(b->ctx)))
            return -1;
        string_buffer_concat(b, with, i, dollar);
        next = string_get(with, dollar + 1);
        end = dollar + 2;
        if (next == '$') {
            string_buffer_putc8(b, '$');
        } else if (next == '&') {
            group = 0;
        } else if (next == '`') {
            string_buffer_concat(b, text, 0, at[0][0]);
        } else if (next == '\'') {
            string_buffer_concat(b, text, at[0][1], text->len);
        } else {
            if (next >= '0' && next <= '9') {
                group = next - '0';
                if (end < len) {
                    const int second = string_get(with, end);
                    const int both = group * 10 + second - '0';
                    if (second >= '0' && second <= '9' && both >= 1 && both < groups) {
                        group = both;
                        end++;
                    }
                }
                if (group < 1 || group >= groups)
                    group = -1;
            }
            if (group < 0)
                string_buffer_concat(b, with, dollar, end);
        }
        if (group >= 0 && at[group][0] >= 0)
            string_buffer_concat(b, text, at[group][0], at[group][1]);
        i = end;
    }
    return string_buffer_concat(b, with, i, len);
}

/* The most arguments of a replacing function that are passed without a list of them. */
#define REGEXP_ARGUMENTS 32

/* What the function says is to stand for a match. */
static JSValue regexp_call(JSContext *ctx, JSValueConst function, JSValueConst text, const int32_t (*at)[2],
                           int groups)
{
    JSString *const str = JS_VALUE_GET_STRING(text);
    JSValue arguments[REGEXP_ARGUMENTS], answer = JS_EXCEPTION;
    int i, count = 0;

    for (i = 0; i < groups; i++) {
        arguments[count] = at[i][0] < 0 ? JS_UNDEFINED : js_sub_string(ctx, str, at[i][0], at[i][1]);
        if (JS_IsException(arguments[count]))
            goto done;
        count++;
    }
    arguments[count++] = js_int32(at[0][0]);
    arguments[count++] = js_dup(text);
    answer = JS_ToStringFree(ctx, JS_Call(ctx, function, JS_UNDEFINED, count, vc(arguments)));
done:
    while (count > 0)
        JS_FreeValue(ctx, arguments[--count]);
    return answer;
}

static bool sandtide_regexp_replace(JSContext *ctx, JSValueConst regexp, JSValueConst text, JSValueConst with,
                                    JSValue *result)
{
    const bool calls = JS_IsFunction(ctx, with);
    JSRegExp *re =
        JS_IsString(text) && (calls || JS_IsString(with)) ? plain_regexp_with_flags(ctx, regexp) : NULL;
    RegExpPlaces places = {};
    RegExpMatches m;
    StringBuffer b_s, *b = &b_s;
    JSValue str, replacement = JS_UNDEFINED;
    JSString *sp, *rp = NULL;
    size_t i;
    bool dollars;
    int groups, end = 0;

    if (!re || lre_get_groupnames((const uint8_t *)str8(re->bytecode)) ||
        lre_get_capture_count(str8(re->bytecode)) + 2 > REGEXP_ARGUMENTS)
        return false;
    *result = JS_EXCEPTION;
    str = JS_ToString(ctx, text);
    if (JS_IsException(str))
        return true;
    if (!calls) {
        replacement = JS_ToString(ctx, with);
        if (JS_IsException(replacement)) {
            JS_FreeValue(ctx, str);
            return true;
        }
        rp = JS_VALUE_GET_STRING(replacement);
    }
    sp = JS_VALUE_GET_STRING(str);
    if (!regexp_matches_begin(&m, ctx, re, sp))
        goto done;
    dollars = !calls && string_indexof_char(rp, '$', 0) >= 0;
    groups = calls || dollars ? m.count : 1;
    if (!regexp_all_places(&m, regexp, &places, groups)) {
        regexp_matches_end(&m);
        goto done;
    }
    regexp_matches_end(&m);
    if (places.len == 0) {
        *result = js_dup(str);
        goto done;
    }
    string_buffer_init(ctx, b, sp->len);
    for (i = 0; i < places.len; i += groups) {
        const int32_t (*at)[2] = (const int32_t (*)[2])places.at + i;
        if (unlikely(b->error_status || js_poll_interrupts(ctx))) {
            string_buffer_free(b);
            goto done;
        }
        string_buffer_concat(b, sp, end, at[0][0]);
        end = at[0][1];
        if (calls) {
            JSValue one = regexp_call(ctx, with, str, at, m.count);
            if (JS_IsException(one)) {
                string_buffer_free(b);
                goto done;
            }
            string_buffer_concat_value_free(b, one);
        } else if (dollars) {
            if (regexp_substitute(b, rp, sp, at, m.count) < 0) {
                string_buffer_free(b);
                goto done;
            }
        } else {
            string_buffer_concat(b, rp, 0, rp->len);
        }
    }
    string_buffer_concat(b, sp, end, sp->len);
    *result = string_buffer_end(b);
done:
    js_free(ctx, places.at);
    JS_FreeValue(ctx, replacement);
    JS_FreeValue(ctx, str);
    return true;
}

static bool sandtide_regexp_split(JSContext *ctx, JSValueConst regexp, JSValueConst text, JSValueConst limit,
                                  JSValue *result)
{
    JSRegExp *re = JS_IsString(text) ? plain_regexp_with_flags(ctx, regexp) : NULL;
    uint32_t most = UINT32_MAX, at = 0, from = 0;
    ValueBuffer parts_s, *parts = &parts_s;
    RegExpMatches m;
    JSValue str;
    int found = 0, i, flags;

    if (!re || !(JS_IsUndefined(limit) || (JS_VALUE_GET_TAG(limit) == JS_TAG_INT && JS_VALUE_GET_INT(limit) > 0)) ||
        !regexp_species_is_plain(ctx, regexp))
        return false;
    flags = lre_get_flags(str8(re->bytecode));
    if (flags & (LRE_FLAG_STICKY | LRE_FLAG_UNICODE | LRE_FLAG_UNICODE_SETS))
        return false;
    if (JS_VALUE_GET_TAG(limit) == JS_TAG_INT)
        most = JS_VALUE_GET_INT(limit);
    *result = JS_EXCEPTION;
    str = JS_ToString(ctx, text);
    if (JS_IsException(str))
        return true;
    if (!regexp_matches_begin(&m, ctx, re, JS_VALUE_GET_STRING(str))) {
        JS_FreeValue(ctx, str);
        return true;
    }
    value_buffer_init(ctx, parts);
    /* A match at the end of the text does not split it, but an empty text is split by one. */
    while (from < m.text->len || m.text->len == 0) {
        uint8_t **const kept = m.last;
        const bool had = m.matched;
        int start, end;
        found = regexp_next_match(&m, from);
        if (found <= 0)
            break;
        start = regexp_at(&m, 0, false);
        end = regexp_at(&m, 0, true);
        if (m.text->len == 0)
            goto done;
        if ((uint32_t)start >= m.text->len) {
            /* the standard's steps do not look there */
            m.now = m.last;
            m.last = kept;
            m.matched = had;
            break;
        }
        if ((uint32_t)end == at) {
            from = start + 1;
            continue;
        }
        if (value_buffer_append(parts, js_sub_string(ctx, m.text, at, start)) < 0)
            goto exception;
        if (parts->len == most)
            goto done;
        at = from = end;
        for (i = 1; i < m.count; i++) {
            if (value_buffer_append(parts, regexp_group(&m, i)) < 0)
                goto exception;
            if (parts->len == most)
                goto done;
        }
    }
    if (found < 0 || value_buffer_append(parts, js_sub_string(ctx, m.text, at, m.text->len)) < 0)
        goto exception;
done:
    for (i = 0; i < parts->len; i++) {
        if (JS_IsException(parts->arr[i]))
            goto exception;
    }
    *result = js_create_array(ctx, parts->len, vc(parts->arr));
exception:
    value_buffer_free(parts);
    regexp_matches_end(&m);
    JS_FreeValue(ctx, str);
    return true;
}

/* The copy that `matchAll` goes through a text with. */
static bool sandtide_regexp_copy(JSContext *ctx, JSValueConst regexp, JSValue *copy)
{
    JSRegExp *re = plain_regexp_with_flags(ctx, regexp);

    if (!re || !regexp_species_is_plain(ctx, regexp))
        return false;
    *copy = js_regexp_constructor_internal(ctx, JS_UNDEFINED, js_dup(JS_MKPTR(JS_TAG_STRING, re->pattern)),
                                           js_dup(JS_MKPTR(JS_TAG_STRING, re->bytecode)));
    return true;
}
