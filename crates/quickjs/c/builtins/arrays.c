/* Methods of arrays on plain ones: all values one behind the other, nothing that a script could have
   put in between. Each function either does the whole of what the standard says and says so, or
   touches nothing and leaves the call to the engine's generic code. None of them calls out to
   JavaScript before that is decided. Knows nothing of realms and sandboxes.

   A plain array has room behind its last value (`size` counts from the first one) and, new here, before
   its first: `sandtide_head`. So a queue loses its first value without moving the others. */

/* The array, if it is plain: its length is the number of its values, it takes more, nothing else is in
   it, and neither it nor its prototypes show anything in place of a value. */
static inline JSObject *plain_array(JSContext *ctx, JSValueConst value)
{
    JSObject *p;

    if (JS_VALUE_GET_TAG(value) != JS_TAG_OBJECT)
        return NULL;
    p = JS_VALUE_GET_OBJ(value);
    if (p->class_id != JS_CLASS_ARRAY || !p->fast_array || !p->extensible || !ctx->std_array_prototype ||
        p->shape->proto != JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_ARRAY]) ||
        p->shape->prop_count != 1 || !(get_shape_prop(p->shape)->flags & JS_PROP_WRITABLE) ||
        JS_VALUE_GET_TAG(p->prop[0].u.value) != JS_TAG_INT)
        return NULL;
    return p;
}

/* Something was or will be put into an object or above it. If that is a realm's Array.prototype or
   Object.prototype, this realm's arrays are not plain any more, whichever realm's script did it. */
static void sandtide_array_prototype_changes(JSContext *ctx, JSObject *p)
{
    struct list_head *el;

    if (p->class_id != JS_CLASS_ARRAY && (p->class_id != JS_CLASS_OBJECT || p->shape->proto))
        return;
    list_for_each(el, &ctx->rt->context_list) {
        JSContext *realm = list_entry(el, JSContext, link);
        if (JS_VALUE_GET_OBJ(realm->class_proto[JS_CLASS_ARRAY]) == p ||
            JS_VALUE_GET_OBJ(realm->class_proto[JS_CLASS_OBJECT]) == p)
            realm->std_array_prototype = false;
    }
}

static inline bool has_no_holes(const JSObject *p)
{
    return (uint32_t)JS_VALUE_GET_INT(p->prop[0].u.value) == p->u.array.count;
}

/* Whether a method that asks a plain array for its species gets the intrinsic Array. */
static bool species_is_array(JSContext *ctx)
{
    JSProperty *pr;
    JSShapeProperty *prs;
    JSObject *getter;

    prs = find_own_property(&pr, JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_ARRAY]), JS_ATOM_constructor);
    if (!prs || (prs->flags & JS_PROP_TMASK) != JS_PROP_NORMAL ||
        JS_VALUE_GET_TAG(pr->u.value) != JS_TAG_OBJECT ||
        JS_VALUE_GET_OBJ(pr->u.value) != JS_VALUE_GET_OBJ(ctx->array_ctor))
        return false;
    prs = find_own_property(&pr, JS_VALUE_GET_OBJ(ctx->array_ctor), JS_ATOM_Symbol_species);
    if (!prs || (prs->flags & JS_PROP_TMASK) != JS_PROP_GETSET)
        return false;
    getter = pr->u.getset.getter;
    return getter && getter->class_id == JS_CLASS_C_FUNCTION &&
           getter->u.cfunc.c_function.getter == js_get_this;
}

/* An argument that counts from the start of a list of `length` or, if it is negative, from its end.
   Only numbers and undefined: others may run a script when they become one. */
static bool plain_index(JSValueConst argument, int64_t length, int64_t max, int64_t *index)
{
    int64_t i;

    switch (JS_VALUE_GET_NORM_TAG(argument)) {
    case JS_TAG_INT:
        i = JS_VALUE_GET_INT(argument);
        break;
    case JS_TAG_UNDEFINED:
        i = 0;
        break;
    case JS_TAG_FLOAT64: {
        double d = JS_VALUE_GET_FLOAT64(argument);
        if (isnan(d))
            i = 0;
        else if (d < INT32_MIN)
            i = INT32_MIN;
        else if (d > INT32_MAX)
            i = INT32_MAX;
        else
            i = (int64_t)d;
        break;
    }
    default:
        return false;
    }
    if (i < 0)
        i += length;
    *index = i < 0 ? 0 : i > max ? max : i;
    return true;
}

/* A new array with room for `room` values, and none in it yet. NULL: an exception is pending. */
static JSObject *new_array_with_room(JSContext *ctx, uint32_t room)
{
    JSValue array = JS_NewArray(ctx);
    JSObject *p;

    if (JS_IsException(array))
        return NULL;
    p = JS_VALUE_GET_OBJ(array);
    if (room > 0 && expand_fast_array(ctx, p, room)) {
        JS_FreeValue(ctx, array);
        return NULL;
    }
    return p;
}

static inline void set_count(JSObject *p, uint32_t count)
{
    p->u.array.count = count;
    p->prop[0].u.value = js_int32(count);
}

static inline void copy_values(JSValue *to, const JSValue *from, uint32_t count)
{
    uint32_t i;

    for (i = 0; i < count; i++)
        to[i] = js_dup(from[i]);
}

/* The block that the values lie in. */
static void *sandtide_array_block(JSObject *p)
{
    return p->u.array.u.values ? p->u.array.u.values - p->u.array.u1.sandtide_head : NULL;
}

/* Moves the values to the start of their block. Whether that made enough room for `new_len`, and so
   much that the next move is as many steps away as this one took. */
static bool sandtide_array_slide(JSObject *p, uint32_t new_len)
{
    uint32_t head = p->u.array.u1.sandtide_head;
    JSValue *block = p->u.array.u.values - head;

    memmove(block, p->u.array.u.values, p->u.array.count * sizeof(*block));
    p->u.array.u.values = block;
    p->u.array.u1.size += head;
    p->u.array.u1.sandtide_head = 0;
    return new_len <= p->u.array.u1.size && head >= p->u.array.count / 4;
}

/* Makes room before the first value of `count` values that are somebody else's now. */
static inline void give_up_first(JSObject *p, uint32_t count)
{
    p->u.array.u.values += count;
    p->u.array.u1.size -= count;
    p->u.array.u1.sandtide_head += count;
}

/* Takes `count` values at `at` out, which are somebody else's now. */
static void close_gap(JSObject *p, uint32_t at, uint32_t count)
{
    JSValue *values = p->u.array.u.values;
    uint32_t length = p->u.array.count, behind = length - at - count;

    if (count > 0) {
        if (at < behind) {
            memmove(values + count, values, at * sizeof(*values));
            give_up_first(p, count);
        } else {
            memmove(values + at, values + at + count, behind * sizeof(*values));
        }
    }
    set_count(p, length - count);
}

/* Room before the first value for `count` more, and for as many again as there are halves of values. */
static int expand_head(JSContext *ctx, JSObject *p, uint32_t count)
{
    uint32_t length = p->u.array.count, head = count + length / 2 + 4;
    JSValue *block;

    if ((uint64_t)head + length > INT32_MAX)
        head = count;
    block = js_malloc(ctx, (size_t)(head + length) * sizeof(*block));
    if (!block)
        return -1;
    if (length > 0)
        memcpy(block + head, p->u.array.u.values, length * sizeof(*block));
    js_free(ctx, sandtide_array_block(p));
    p->u.array.u.values = block + head;
    p->u.array.u1.size = length;
    p->u.array.u1.sandtide_head = head;
    return 0;
}

/* Opens room for `count` values at `at`, whose bytes are nobody's until they are set. */
static int open_gap(JSContext *ctx, JSObject *p, uint32_t at, uint32_t count)
{
    uint32_t length = p->u.array.count, behind = length - at;

    if (count == 0)
        return 0;
    if (at < behind) {
        if (p->u.array.u1.sandtide_head < count && expand_head(ctx, p, count))
            return -1;
        p->u.array.u.values -= count;
        p->u.array.u1.size += count;
        p->u.array.u1.sandtide_head -= count;
        memmove(p->u.array.u.values, p->u.array.u.values + count, at * sizeof(JSValue));
    } else {
        if (length + count > p->u.array.u1.size && expand_fast_array(ctx, p, length + count))
            return -1;
        memmove(p->u.array.u.values + at + count, p->u.array.u.values + at, behind * sizeof(JSValue));
    }
    set_count(p, length + count);
    return 0;
}

/* shift and pop */
static bool sandtide_array_pop(JSContext *ctx, JSValueConst this_val, bool shift, JSValue *result)
{
    JSObject *p = plain_array(ctx, this_val);
    uint32_t count;

    if (!p || !has_no_holes(p))
        return false;
    count = p->u.array.count;
    if (count == 0) {
        *result = JS_UNDEFINED;
    } else if (shift) {
        *result = p->u.array.u.values[0];
        close_gap(p, 0, 1);
    } else {
        *result = p->u.array.u.values[count - 1];
        set_count(p, count - 1);
    }
    return true;
}

static bool sandtide_array_unshift(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                   JSValue *result)
{
    JSObject *p = plain_array(ctx, this_val);

    if (!p || !has_no_holes(p) || (uint64_t)p->u.array.count + argc > INT32_MAX)
        return false;
    if (open_gap(ctx, p, 0, argc)) {
        *result = JS_EXCEPTION;
        return true;
    }
    copy_values(p->u.array.u.values, argv, argc);
    *result = js_int32(p->u.array.count);
    return true;
}

/* slice, and splice */
static bool sandtide_array_slice(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                 bool splice, JSValue *result)
{
    JSObject *p = plain_array(ctx, this_val), *taken;
    int64_t length, start, end, count;
    uint32_t added = 0;

    if (!p || !has_no_holes(p) || !species_is_array(ctx))
        return false;
    length = p->u.array.count;
    if (!plain_index(argv[0], length, length, &start))
        return false;
    if (!splice) {
        end = length;
        if (!JS_IsUndefined(argv[1]) && !plain_index(argv[1], length, length, &end))
            return false;
        count = end > start ? end - start : 0;
    } else if (argc < 2) {
        count = argc == 0 ? 0 : length - start;
    } else {
        /* a negative number of values to delete is none */
        if (!plain_index(argv[1], 0, length - start, &count))
            return false;
        added = argc - 2;
        if (length - count + added > INT32_MAX)
            return false;
    }

    *result = JS_EXCEPTION;
    taken = new_array_with_room(ctx, count);
    if (!taken)
        return true;
    if (!splice) {
        copy_values(taken->u.array.u.values, p->u.array.u.values + start, count);
        set_count(taken, count);
    } else {
        if (added > count && open_gap(ctx, p, start + count, added - count)) {
            JS_FreeValue(ctx, JS_MKPTR(JS_TAG_OBJECT, taken));
            return true;
        }
        if (count > 0)
            memcpy(taken->u.array.u.values, p->u.array.u.values + start, count * sizeof(JSValue));
        set_count(taken, count);
        if (added < count)
            close_gap(p, start + added, count - added);
        if (added > 0)
            copy_values(p->u.array.u.values + start, argv + 2, added);
    }
    *result = JS_MKPTR(JS_TAG_OBJECT, taken);
    return true;
}

/* Whether plain arrays are spread by concat as arrays are, without a script being asked. */
static bool spreads_plainly(JSContext *ctx)
{
    JSProperty *pr;

    return !find_own_property(&pr, JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_ARRAY]),
                              JS_ATOM_Symbol_isConcatSpreadable) &&
           !find_own_property(&pr, JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_OBJECT]),
                              JS_ATOM_Symbol_isConcatSpreadable);
}

static bool sandtide_array_concat(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                  JSValue *result)
{
    JSObject *p = plain_array(ctx, this_val), *all;
    uint64_t length;
    uint32_t at;
    int i;

    if (!p || !has_no_holes(p) || !species_is_array(ctx) || !spreads_plainly(ctx))
        return false;
    length = p->u.array.count;
    for (i = 0; i < argc; i++) {
        if (JS_VALUE_GET_TAG(argv[i]) != JS_TAG_OBJECT) {
            length++;
        } else {
            JSObject *other = plain_array(ctx, argv[i]);
            if (!other || !has_no_holes(other))
                return false;
            length += other->u.array.count;
        }
    }
    if (length > INT32_MAX)
        return false;

    *result = JS_EXCEPTION;
    all = new_array_with_room(ctx, length);
    if (!all)
        return true;
    at = p->u.array.count;
    copy_values(all->u.array.u.values, p->u.array.u.values, at);
    for (i = 0; i < argc; i++) {
        if (JS_VALUE_GET_TAG(argv[i]) != JS_TAG_OBJECT) {
            all->u.array.u.values[at++] = js_dup(argv[i]);
        } else {
            JSObject *other = JS_VALUE_GET_OBJ(argv[i]);
            copy_values(all->u.array.u.values + at, other->u.array.u.values, other->u.array.count);
            at += other->u.array.count;
        }
    }
    set_count(all, at);
    *result = JS_MKPTR(JS_TAG_OBJECT, all);
    return true;
}

static bool sandtide_array_fill(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                JSValue *result)
{
    JSObject *p = plain_array(ctx, this_val);
    int64_t length, start = 0, end, i;
    uint32_t count;

    if (!p)
        return false;
    length = JS_VALUE_GET_INT(p->prop[0].u.value);
    end = length;
    if (argc > 1 && !plain_index(argv[1], length, length, &start))
        return false;
    if (argc > 2 && !JS_IsUndefined(argv[2]) && !plain_index(argv[2], length, length, &end))
        return false;
    count = p->u.array.count;
    /* holes are filled where they follow the values */
    if (end > start && start > count)
        return false;
    if (end > start && end > count) {
        if (end > p->u.array.u1.size && expand_fast_array(ctx, p, end)) {
            *result = JS_EXCEPTION;
            return true;
        }
        for (i = count; i < end; i++)
            p->u.array.u.values[i] = js_dup(argv[0]);
        p->u.array.count = end;
        end = count;
    }
    for (i = start; i < end; i++)
        set_value(ctx, &p->u.array.u.values[i], js_dup(argv[0]));
    *result = js_dup(this_val);
    return true;
}

/* The native function that is the value of a prototype's own property; NULL if it is something else. It is
   made now if nobody has asked for it yet. */
static JSObject *own_native(JSContext *ctx, JSClassID prototype, JSAtom name)
{
    JSProperty *pr;
    JSShapeProperty *prs;

    if (JS_VALUE_GET_TAG(ctx->class_proto[prototype]) != JS_TAG_OBJECT)
        return NULL;
    prs = find_own_property(&pr, JS_VALUE_GET_OBJ(ctx->class_proto[prototype]), name);
    if (prs && (prs->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT) {
        if (JS_AutoInitProperty(ctx, JS_VALUE_GET_OBJ(ctx->class_proto[prototype]), name, pr, prs)) {
            JS_FreeValue(ctx, JS_GetException(ctx));
            return NULL;
        }
        prs = find_own_property(&pr, JS_VALUE_GET_OBJ(ctx->class_proto[prototype]), name);
    }
    if (!prs || (prs->flags & JS_PROP_TMASK) != JS_PROP_NORMAL ||
        JS_VALUE_GET_TAG(pr->u.value) != JS_TAG_OBJECT ||
        JS_VALUE_GET_OBJ(pr->u.value)->class_id != JS_CLASS_C_FUNCTION)
        return NULL;
    return JS_VALUE_GET_OBJ(pr->u.value);
}

/* Whether iterating values of the class is what the engine made it. */
static bool iterates_natively(JSContext *ctx, JSClassID class, int magic, JSClassID iterator,
                              JSCFunctionType next)
{
    JSObject *f = own_native(ctx, class, JS_ATOM_Symbol_iterator);

    if (!f || f->u.cfunc.c_function.generic_magic != js_create_array_iterator ||
        f->u.cfunc.magic != magic || f->u.cfunc.realm != ctx)
        return false;
    f = own_native(ctx, iterator, JS_ATOM_next);
    return f && f->u.cfunc.c_function.iterator_next == next.iterator_next;
}

/* Room behind the values for `count`, and for a few more: `[...list, one]` is what people write. */
static int expand_for(JSContext *ctx, JSObject *p, uint64_t count)
{
    uint64_t length = p->u.array.count + count;

    if (length > INT32_MAX - 4) {
        JS_ThrowOutOfMemory(ctx);
        return -1;
    }
    return length > p->u.array.u1.size && expand_fast_array(ctx, p, length + 4) ? -1 : 0;
}

#define NOWHERE UINT32_MAX

static int append_characters(JSContext *ctx, JSObject *all, JSValueConst text)
{
    JSValue flat = JS_ToString(ctx, text); /* of a string: the same, in one piece */
    JSString *s;
    uint32_t i, start, c, at = all->u.array.count;
    uint32_t places[128]; /* where a character stands already: it is the same string again */

    if (JS_IsException(flat))
        return -1;
    s = JS_VALUE_GET_STRING(flat);
    if (expand_for(ctx, all, s->len))
        goto fail;
    for (i = 0; i < countof(places); i++)
        places[i] = NOWHERE;
    for (i = 0; i < s->len;) {
        JSValue character;
        start = i;
        c = string_getc(s, (int *)&i);
        if (c < countof(places) && places[c] != NOWHERE)
            character = js_dup(all->u.array.u.values[places[c]]);
        else if (c <= 0xffff)
            character = js_new_string_char(ctx, c);
        else
            character = js_new_string16_len(ctx, str16(s) + start, 2);
        if (JS_IsException(character))
            goto fail;
        if (c < countof(places))
            places[c] = at;
        all->u.array.u.values[at++] = character;
        set_count(all, at);
    }
    JS_FreeValue(ctx, flat);
    return 1;
fail:
    JS_FreeValue(ctx, flat);
    return -1;
}

/* The rest of an array literal that spreads a plain array, a string, a Map, a Set or an iterator of one:
   `stack` ends with the array that is being made, the number of its elements, and what is spread. */
static int sandtide_array_append(JSContext *ctx, JSValue *stack)
{
    JSCFunctionType array_next = { .iterator_next = js_array_iterator_next };
    JSCFunctionType string_next = { .iterator_next = js_string_iterator_next };
    JSObject *all = JS_VALUE_GET_OBJ(stack[-3]), *p;
    uint32_t tag = JS_VALUE_GET_TAG(stack[-1]);
    int done = 1;

    if (all->class_id != JS_CLASS_ARRAY || !all->fast_array || !has_no_holes(all) ||
        all->u.array.count != (uint32_t)JS_VALUE_GET_INT(stack[-2]))
        return 0;
    if (tag == JS_TAG_STRING || tag == JS_TAG_STRING_ROPE) {
        if (!iterates_natively(ctx, JS_CLASS_STRING, JS_ITERATOR_KIND_VALUE | 4, JS_CLASS_STRING_ITERATOR,
                               string_next))
            return 0;
        done = append_characters(ctx, all, stack[-1]);
    } else if (tag == JS_TAG_OBJECT && JS_VALUE_GET_OBJ(stack[-1])->class_id != JS_CLASS_ARRAY) {
        done = sandtide_append_map(ctx, all, stack[-1]);
    } else {
        p = plain_array(ctx, stack[-1]);
        if (!p || p == all || !has_no_holes(p) ||
            !iterates_natively(ctx, JS_CLASS_ARRAY, JS_ITERATOR_KIND_VALUE, JS_CLASS_ARRAY_ITERATOR, array_next))
            return 0;
        if (p->u.array.count > 0) {
            if (expand_for(ctx, all, p->u.array.count))
                return -1;
            copy_values(all->u.array.u.values + all->u.array.count, p->u.array.u.values, p->u.array.count);
            set_count(all, all->u.array.count + p->u.array.count);
        }
    }
    stack[-2] = js_int32(all->u.array.count);
    return done;
}

/* What is left of a plain array that is being taken apart: the iterator and its next() are at `offset` of
   `stack`, which ends with an array and its length. It is left alone once it has elements (getters of holes
   may have made the rest plain), and so are other iterators. */
static int sandtide_array_rest(JSContext *ctx, JSValue *stack, int offset)
{
    JSCFunctionType next = { .iterator_next = js_array_iterator_next };
    JSObject *rest = JS_VALUE_GET_OBJ(stack[-2]), *p;
    JSArrayIteratorData *it = JS_GetOpaque(stack[offset], JS_CLASS_ARRAY_ITERATOR);
    uint32_t count;

    if (!it || it->kind != JS_ITERATOR_KIND_VALUE || !JS_IsCFunction(ctx, stack[offset + 1], next.generic, 0))
        return 0;
    p = plain_array(ctx, it->obj);
    if (!p || !has_no_holes(p) || it->idx >= p->u.array.count || rest->u.array.count > 0)
        return 0;
    count = p->u.array.count - it->idx;
    if (expand_fast_array(ctx, rest, count))
        return -1;
    copy_values(rest->u.array.u.values, p->u.array.u.values + it->idx, count);
    set_count(rest, count);
    it->idx = p->u.array.count;
    stack[-1] = js_int32(count);
    if (unlikely(ctx->rt->sandtide_limited))
        sandtide_look_at_limits(ctx);
    return 0;
}

/* Whether defining element `index` of `object` is adding a value behind the last one. */
static inline bool sandtide_appends(JSValueConst object, uint32_t index, int flags)
{
    const int wanted = JS_PROP_C_W_E;
    JSObject *p;

    if (JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT)
        return false;
    p = JS_VALUE_GET_OBJ(object);
    return p->class_id == JS_CLASS_ARRAY && p->fast_array && p->extensible && !p->is_prototype &&
           index == p->u.array.count && (flags & (wanted | JS_PROP_GETSET)) == wanted &&
           JS_VALUE_GET_TAG(p->prop[0].u.value) == JS_TAG_INT &&
           (index < (uint32_t)JS_VALUE_GET_INT(p->prop[0].u.value) ||
            (get_shape_prop(p->shape)->flags & JS_PROP_WRITABLE));
}

/* Adds a value behind the last one, where there is room for it. */
static inline bool sandtide_array_keeps(JSValueConst object, int64_t index, JSValueConst value)
{
    JSObject *p;

    if (index >= INT32_MAX || !sandtide_appends(object, index, JS_PROP_C_W_E))
        return false;
    p = JS_VALUE_GET_OBJ(object);
    if (!has_no_holes(p) || p->u.array.count >= p->u.array.u1.size)
        return false;
    p->u.array.u.values[p->u.array.count] = js_dup(value);
    set_count(p, p->u.array.count + 1);
    return true;
}

/* Adds a value that is the caller's to give behind the last one, where an element `index` would be
   defined so. 0: nothing was done; 1: added; -1: an exception is pending, and the value is freed. */
static inline int sandtide_array_adds(JSContext *ctx, JSValueConst object, int64_t index, JSValue value)
{
    if (index >= INT32_MAX || !sandtide_appends(object, index, JS_PROP_C_W_E))
        return 0;
    return add_fast_array_element(ctx, JS_VALUE_GET_OBJ(object), value, JS_PROP_THROW) < 0 ? -1 : 1;
}

/* Adds a value to a list of the engine's own, which no script has: as an element, whatever a script put
   into the prototypes. The value is the list's, also when there is no memory for it. */
static int sandtide_list_add(JSContext *ctx, JSValueConst list, JSValue value)
{
    JSObject *p = JS_VALUE_GET_OBJ(list);
    int64_t length;

    if (p->fast_array && has_no_holes(p))
        return add_fast_array_element(ctx, p, value, JS_PROP_THROW) < 0 ? -1 : 0;
    if (js_get_length64(ctx, &length, list) < 0) {
        JS_FreeValue(ctx, value);
        return -1;
    }
    return JS_DefinePropertyValueInt64(ctx, list, length, value, JS_PROP_C_W_E | JS_PROP_THROW) < 0 ? -1 : 0;
}

/* Room for the values that an array whose length is said already is about to get, where they are not so
   many that it could be for nothing. */
static void sandtide_array_expects(JSContext *ctx, JSValueConst array)
{
    JSObject *p = plain_array(ctx, array);
    uint32_t length;

    if (!p || p->u.array.count > 0)
        return;
    length = JS_VALUE_GET_INT(p->prop[0].u.value);
    if (length > p->u.array.u1.size && length <= 1 << 16 && expand_fast_array(ctx, p, length))
        JS_FreeValue(ctx, JS_GetException(ctx)); /* it grows step by step then, as far as it goes */
}

/* Whether an object is an ordinary one that neither has nor inherits elements: `{length: 5}`. */
static inline bool sandtide_has_no_elements(JSContext *ctx, JSValueConst object)
{
    JSObject *p = JS_VALUE_GET_OBJ(object);
    JSShapeProperty *pr;
    uint32_t i;

    if (p->class_id != JS_CLASS_OBJECT || p->is_exotic || p->shape->prop_count > 4 || !ctx->std_array_prototype ||
        p->shape->proto != JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_OBJECT]))
        return false;
    pr = get_shape_prop(p->shape);
    for (i = 0; i < p->shape->prop_count; i++) {
        if (__JS_AtomIsTaggedInt(pr[i].atom))
            return false;
    }
    return true;
}

/* The next value of a built-in iterator over an array's values, which is asked without a call. Only where
   there is one: the end is left to the iterator. */
static bool sandtide_array_step(JSValueConst iterator, JSValueConst next, JSValue *value)
{
    JSArrayIteratorData *it;
    JSObject *f, *o, *p;

    if (JS_VALUE_GET_TAG(next) != JS_TAG_OBJECT || JS_VALUE_GET_TAG(iterator) != JS_TAG_OBJECT)
        return false;
    f = JS_VALUE_GET_OBJ(next);
    o = JS_VALUE_GET_OBJ(iterator);
    if (f->class_id != JS_CLASS_C_FUNCTION || f->u.cfunc.cproto != JS_CFUNC_iterator_next ||
        f->u.cfunc.c_function.iterator_next != js_array_iterator_next || o->class_id != JS_CLASS_ARRAY_ITERATOR)
        return false;
    it = o->u.array_iterator_data;
    if (!it || it->kind != JS_ITERATOR_KIND_VALUE || JS_VALUE_GET_TAG(it->obj) != JS_TAG_OBJECT)
        return false;
    p = JS_VALUE_GET_OBJ(it->obj);
    if (p->class_id != JS_CLASS_ARRAY || it->idx >= p->u.array.count)
        return false;
    *value = js_dup(p->u.array.u.values[it->idx++]);
    return true;
}

/* The value at `index`, if the object is an array that has one there, and nothing in place of it. */
static inline bool sandtide_array_value(JSValueConst object, int64_t index, JSValue *value)
{
    JSObject *p = JS_VALUE_GET_OBJ(object);

    if (p->class_id != JS_CLASS_ARRAY || !p->fast_array || index >= p->u.array.count)
        return false;
    *value = js_dup(p->u.array.u.values[index]);
    return true;
}

/* The place of the first of the values from `at` on that equals `wanted`; `count` if none does. */
static uint32_t sandtide_find_value(JSContext *ctx, const JSValue *values, uint32_t at, uint32_t count,
                                    JSValueConst wanted, int equal)
{
    if (JS_VALUE_GET_TAG(wanted) == JS_TAG_INT) {
        int32_t i = JS_VALUE_GET_INT(wanted);
        for (; at < count; at++) {
            if (JS_VALUE_GET_TAG(values[at]) == JS_TAG_INT) {
                if (JS_VALUE_GET_INT(values[at]) == i)
                    return at;
            } else if (JS_TAG_IS_FLOAT64(JS_VALUE_GET_TAG(values[at])) &&
                       JS_VALUE_GET_FLOAT64(values[at]) == i) {
                return at;
            }
        }
        return count;
    }
    if (JS_VALUE_GET_TAG(wanted) == JS_TAG_OBJECT) {
        void *p = JS_VALUE_GET_PTR(wanted);
        for (; at < count; at++) {
            if (JS_VALUE_GET_TAG(values[at]) == JS_TAG_OBJECT && JS_VALUE_GET_PTR(values[at]) == p)
                return at;
        }
        return count;
    }
    if (JS_VALUE_GET_TAG(wanted) == JS_TAG_STRING) {
        JSString *s = JS_VALUE_GET_STRING(wanted);
        for (; at < count; at++) {
            int tag = JS_VALUE_GET_TAG(values[at]);
            if (tag == JS_TAG_STRING) {
                JSString *other = JS_VALUE_GET_STRING(values[at]);
                if (other == s || js_string_eq(other, s))
                    return at;
            } else if (tag == JS_TAG_STRING_ROPE && js_strict_eq2(ctx, wanted, values[at], equal)) {
                return at;
            }
        }
        return count;
    }
    for (; at < count; at++) {
        if (js_strict_eq2(ctx, wanted, values[at], equal))
            return at;
    }
    return count;
}

/* The same from `at` down; -1 if none does. */
static int64_t sandtide_find_last_value(JSContext *ctx, const JSValue *values, int64_t at,
                                        JSValueConst wanted)
{
    if (JS_VALUE_GET_TAG(wanted) == JS_TAG_INT) {
        int32_t i = JS_VALUE_GET_INT(wanted);
        for (; at >= 0; at--) {
            if (JS_VALUE_GET_TAG(values[at]) == JS_TAG_INT) {
                if (JS_VALUE_GET_INT(values[at]) == i)
                    return at;
            } else if (JS_TAG_IS_FLOAT64(JS_VALUE_GET_TAG(values[at])) &&
                       JS_VALUE_GET_FLOAT64(values[at]) == i) {
                return at;
            }
        }
        return -1;
    }
    for (; at >= 0; at--) {
        if (js_strict_eq2(ctx, wanted, values[at], JS_EQ_STRICT))
            return at;
    }
    return -1;
}
