/* Array.prototype.sort on plain arrays, where there is a function that compares, or where all values
   are strings or all are small integers; the rest is left to the engine's generic code. Merging keeps
   what is in order already and asks the function as seldom as may be; what a function that only subtracts
   will say is known without asking. */

/* How far the sorting has got wrong: once a comparison threw, all that follow are equal, and every
   value is still there once. */
typedef struct {
    JSContext *ctx;
    JSValueConst function;
    bool threw;
    const double *keys; /* by the places of the values, where places are sorted */
} SortState;

typedef int SortCompare(SortState *state, JSValueConst a, JSValueConst b);

/* Compiled once for each way of comparing. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Runs shorter than this are made longer by inserting. */
#define SORT_SHORT_RUN 12
/* Each run that waits is longer than the two behind it together: 2^31 values make no more. */
#define SORT_MAX_RUNS 48

static int compare_by_function(SortState *state, JSValueConst a, JSValueConst b)
{
    JSValueConst arguments[2] = { a, b };
    JSValue result;
    double d;

    if (unlikely(state->threw))
        return 0;
    result = JS_Call(state->ctx, state->function, JS_UNDEFINED, 2, arguments);
    if (JS_VALUE_GET_TAG(result) == JS_TAG_INT)
        return JS_VALUE_GET_INT(result);
    if (JS_IsException(result) || JS_ToFloat64Free(state->ctx, &d, result) < 0) {
        state->threw = true;
        return 0;
    }
    return (d > 0) - (d < 0);
}

static inline int compare_numbers(SortState *state, JSValueConst a, JSValueConst b)
{
    double x = JS_VALUE_GET_TAG(a) == JS_TAG_INT ? JS_VALUE_GET_INT(a) : JS_VALUE_GET_FLOAT64(a);
    double y = JS_VALUE_GET_TAG(b) == JS_TAG_INT ? JS_VALUE_GET_INT(b) : JS_VALUE_GET_FLOAT64(b);

    return (x - y > 0) - (x - y < 0);
}

static inline int compare_numbers_down(SortState *state, JSValueConst a, JSValueConst b)
{
    return compare_numbers(state, b, a);
}

/* Of places: of what stands at them in the list of keys. */
static inline int compare_keys(SortState *state, JSValueConst a, JSValueConst b)
{
    double difference = state->keys[JS_VALUE_GET_INT(a)] - state->keys[JS_VALUE_GET_INT(b)];

    return (difference > 0) - (difference < 0);
}

static inline int compare_keys_down(SortState *state, JSValueConst a, JSValueConst b)
{
    return compare_keys(state, b, a);
}

static inline int compare_strings(SortState *state, JSValueConst a, JSValueConst b)
{
    JSString *s = JS_VALUE_GET_STRING(a), *t = JS_VALUE_GET_STRING(b);

    return s == t ? 0 : js_string_compare(s, t);
}

/* A number that orders integers as their decimal texts are ordered. */
static int64_t text_order(int32_t value)
{
    int64_t n = value < 0 ? -(int64_t)value : value, scaled = n;
    int digits = 1;

    for (; n >= 10; n /= 10)
        digits++;
    for (int i = digits; i < 10; i++)
        scaled *= 10;
    /* of two numbers one of which begins the other's text the shorter comes first */
    scaled = scaled * 16 + digits;
    return value < 0 ? scaled - ((int64_t)1 << 40) : scaled;
}

static inline int compare_texts_of_integers(SortState *state, JSValueConst a, JSValueConst b)
{
    int64_t x = text_order(JS_VALUE_GET_INT(a)), y = text_order(JS_VALUE_GET_INT(b));

    return (x > y) - (x < y);
}

/* The length of the run that begins at `values`, which is ascending afterwards. */
static ALWAYS_INLINE size_t next_run(SortState *state, SortCompare *compare, JSValue *values, size_t count)
{
    size_t n = 2, i;

    if (count < 2)
        return count;
    if (compare(state, values[1], values[0]) < 0) {
        /* strictly descending, so that equal values keep their order */
        while (n < count && compare(state, values[n], values[n - 1]) < 0)
            n++;
        for (i = 0; i < n / 2; i++) {
            JSValue value = values[i];
            values[i] = values[n - 1 - i];
            values[n - 1 - i] = value;
        }
    } else {
        while (n < count && compare(state, values[n], values[n - 1]) >= 0)
            n++;
    }
    for (; n < SORT_SHORT_RUN && n < count; n++) {
        JSValue value = values[n];
        size_t low = 0, high = n;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (compare(state, value, values[middle]) < 0)
                high = middle;
            else
                low = middle + 1;
        }
        memmove(values + low + 1, values + low, (n - low) * sizeof(*values));
        values[low] = value;
    }
    return n;
}

/* Merges two runs, one behind the other. `room` holds the shorter one. */
static ALWAYS_INLINE void merge_runs(SortState *state, SortCompare *compare, JSValue *values, size_t left,
                                    size_t right, JSValue *room)
{
    size_t i, j, k;

    if (compare(state, values[left], values[left - 1]) >= 0)
        return;
    if (left <= right) {
        memcpy(room, values, left * sizeof(*values));
        for (i = 0, j = left, k = 0; i < left && j < left + right; k++) {
            if (compare(state, values[j], room[i]) < 0)
                values[k] = values[j++];
            else
                values[k] = room[i++];
        }
        memcpy(values + k, room + i, (left - i) * sizeof(*values));
    } else {
        memcpy(room, values + left, right * sizeof(*values));
        for (i = left, j = right, k = left + right; i > 0 && j > 0;) {
            if (compare(state, room[j - 1], values[i - 1]) < 0)
                values[--k] = values[--i];
            else
                values[--k] = room[--j];
        }
        memcpy(values + k - j, room, j * sizeof(*values));
    }
}

static ALWAYS_INLINE void sort_values(SortState *state, SortCompare *compare, JSValue *values, size_t count,
                                     JSValue *room)
{
    struct { size_t at, length; } runs[SORT_MAX_RUNS];
    size_t at = 0;
    int n = 0, i;

    while (at < count || n > 1) {
        if (at < count) {
            runs[n].at = at;
            runs[n].length = next_run(state, compare, values + at, count - at);
            at += runs[n++].length;
        }
        for (;;) {
            if (n < 2)
                break;
            i = n - 2;
            if (at < count) {
                bool grows = runs[i].length > runs[i + 1].length;
                bool above = i < 1 || runs[i - 1].length > runs[i].length + runs[i + 1].length;
                bool second = i < 2 || runs[i - 2].length > runs[i - 1].length + runs[i].length;
                if (grows && above && second)
                    break;
                if (i > 0 && !(above && second) && runs[i - 1].length < runs[i + 1].length)
                    i--;
            } else if (i > 0 && runs[i - 1].length < runs[i + 1].length) {
                i--;
            }
            merge_runs(state, compare, values + runs[i].at, runs[i].length, runs[i + 1].length, room);
            runs[i].length += runs[i + 1].length;
            if (i + 2 < n)
                runs[i + 1] = runs[i + 2];
            n--;
        }
    }
}

/* Whether calling a function is `a - b` (1) or `b - a` (-1) of its arguments, and nothing else. */
static int subtracts(JSContext *ctx, JSValueConst function)
{
    static const uint8_t up[] = { OP_get_arg0, OP_get_arg1, OP_sub, OP_return };
    static const uint8_t down[] = { OP_get_arg1, OP_get_arg0, OP_sub, OP_return };
    JSObject *p = JS_VALUE_GET_OBJ(function);
    JSFunctionBytecode *b;

    if (p->class_id != JS_CLASS_BYTECODE_FUNCTION)
        return 0;
    b = p->u.func.function_bytecode;
    if (b->func_kind != JS_FUNC_NORMAL || b->arg_count != 2 || b->byte_code_len != sizeof(up))
        return 0;
    if (!memcmp(b->byte_code_buf, up, sizeof(up)))
        return 1;
    return memcmp(b->byte_code_buf, down, sizeof(down)) ? 0 : -1;
}

/* The name NAME of a function that is `a.NAME - b.NAME` (`*order` is 1) or `b.NAME - a.NAME` (-1) of its
   arguments, and nothing else; JS_ATOM_NULL: it is another function. The name is the function's. */
static JSAtom subtracts_properties(JSValueConst function, int *order)
{
    JSObject *p = JS_VALUE_GET_OBJ(function);
    JSFunctionBytecode *b;
    const uint8_t *code;
    JSAtom name;

    if (p->class_id != JS_CLASS_BYTECODE_FUNCTION)
        return JS_ATOM_NULL;
    b = p->u.func.function_bytecode;
    code = b->byte_code_buf;
    if (b->func_kind != JS_FUNC_NORMAL || b->arg_count != 2 || b->byte_code_len != 14 ||
        code[1] != OP_get_field || code[7] != OP_get_field || code[12] != OP_sub || code[13] != OP_return)
        return JS_ATOM_NULL;
    if (code[0] == OP_get_arg0 && code[6] == OP_get_arg1)
        *order = 1;
    else if (code[0] == OP_get_arg1 && code[6] == OP_get_arg0)
        *order = -1;
    else
        return JS_ATOM_NULL;
    name = get_u32(code + 2);
    return name == get_u32(code + 8) ? name : JS_ATOM_NULL;
}

/* The numbers that the values, which are objects, have as their own property of a name. NULL: one of them
   is no such object, or there is no memory for them, and nothing is pending. */
static double *numbers_named(JSContext *ctx, const JSValue *values, size_t count, JSAtom name)
{
    double *keys = js_malloc_rt(ctx->rt, count * sizeof(*keys));
    JSShape *shape = NULL;
    size_t i, at = 0;

    if (!keys)
        return NULL;
    for (i = 0; i < count; i++) {
        JSObject *p;
        JSProperty *pr;
        JSShapeProperty *prs;
        uint32_t tag;
        if (JS_VALUE_GET_TAG(values[i]) != JS_TAG_OBJECT)
            goto fail;
        p = JS_VALUE_GET_OBJ(values[i]);
        if (p->shape != shape || p->is_exotic) {
            prs = find_own_property(&pr, p, name);
            if (p->is_exotic || !prs || (prs->flags & JS_PROP_TMASK) != JS_PROP_NORMAL)
                goto fail;
            at = pr - p->prop;
            shape = p->shape;
        }
        tag = JS_VALUE_GET_TAG(p->prop[at].u.value);
        if (tag == JS_TAG_INT)
            keys[i] = JS_VALUE_GET_INT(p->prop[at].u.value);
        else if (JS_TAG_IS_FLOAT64(tag))
            keys[i] = JS_VALUE_GET_FLOAT64(p->prop[at].u.value);
        else
            goto fail;
    }
    return keys;
fail:
    js_free_rt(ctx->rt, keys);
    return NULL;
}

/* Sorts by numbers, one for each of the values, by sorting the values' places. The numbers are freed. */
static bool sort_by_keys(SortState *state, JSValue *values, size_t count, double *keys, int order)
{
    JSRuntime *rt = state->ctx->rt;
    JSValue *places = js_malloc_rt(rt, (count + count / 2 + 1) * sizeof(*places));
    size_t i;

    if (places) {
        for (i = 0; i < count; i++)
            places[i] = js_int32(i);
        state->keys = keys;
        if (order > 0)
            sort_values(state, compare_keys, places, count, places + count);
        else
            sort_values(state, compare_keys_down, places, count, places + count);
        for (i = 0; i < count; i++)
            places[i] = values[JS_VALUE_GET_INT(places[i])];
        memcpy(values, places, count * sizeof(*values));
    }
    js_free_rt(rt, keys);
    js_free_rt(rt, places);
    return places != NULL;
}

/* Sorts objects by numbers that they have, if that is what the function does. */
static bool sort_by_property(SortState *state, JSValue *values, size_t count)
{
    int order;
    JSAtom name = subtracts_properties(state->function, &order);
    double *keys = name == JS_ATOM_NULL ? NULL : numbers_named(state->ctx, values, count, name);

    return keys && sort_by_keys(state, values, count, keys, order);
}

/* Sorts integers as their decimal texts are ordered. */
static bool sort_texts_of_integers(SortState *state, JSValue *values, size_t count)
{
    double *keys = js_malloc_rt(state->ctx->rt, count * sizeof(*keys));
    size_t i;

    if (!keys)
        return false;
    for (i = 0; i < count; i++)
        keys[i] = text_order(JS_VALUE_GET_INT(values[i]));
    return sort_by_keys(state, values, count, keys, 1);
}

enum { SORT_GENERIC = 0, SORT_INTEGERS = 1, SORT_NUMBERS = 2, SORT_STRINGS = 4 };

/* What all of the values are. */
static int kinds_of(const JSValue *values, size_t count)
{
    int kinds = SORT_INTEGERS | SORT_NUMBERS | SORT_STRINGS;
    size_t i;

    for (i = 0; i < count && kinds; i++) {
        uint32_t tag = JS_VALUE_GET_TAG(values[i]);
        if (tag == JS_TAG_INT)
            kinds &= SORT_INTEGERS | SORT_NUMBERS;
        else if (JS_TAG_IS_FLOAT64(tag))
            kinds &= SORT_NUMBERS;
        else if (tag == JS_TAG_STRING)
            kinds &= SORT_STRINGS;
        else
            kinds = SORT_GENERIC;
    }
    return kinds;
}

/* Puts the sorted values where they came from. The function may have made of the array what it liked. */
static int put_sorted(JSContext *ctx, JSValueConst array, JSValue *values, uint32_t count, uint32_t undefined)
{
    JSObject *p = plain_array(ctx, array);
    uint32_t i;

    if (p && has_no_holes(p) && p->u.array.count == count + undefined) {
        for (i = 0; i < count; i++)
            set_value(ctx, &p->u.array.u.values[i], values[i]);
        for (; i < count + undefined; i++)
            set_value(ctx, &p->u.array.u.values[i], JS_UNDEFINED);
        return 0;
    }
    for (i = 0; i < count + undefined; i++) {
        if (JS_SetPropertyInt64(ctx, array, i, i < count ? values[i] : JS_UNDEFINED) < 0) {
            while (++i < count)
                JS_FreeValue(ctx, values[i]);
            return -1;
        }
    }
    return 0;
}

static bool sandtide_array_sort(JSContext *ctx, JSValueConst this_val, JSValueConst function,
                                JSValue *result)
{
    SortState state = { ctx, function, false, NULL };
    JSObject *p = plain_array(ctx, this_val);
    bool by_function = !JS_IsUndefined(function);
    uint32_t length, i, count = 0;
    JSValue *values;
    int kinds;

    if (!p || !has_no_holes(p) || (by_function && !JS_IsFunction(ctx, function)))
        return false;
    length = p->u.array.count;
    if (length < 2) {
        *result = js_dup(this_val);
        return true;
    }
    *result = JS_EXCEPTION;
    /* the values, and room for the shorter of two runs */
    values = js_malloc(ctx, ((size_t)length + length / 2 + 1) * sizeof(*values));
    if (!values)
        return true;
    for (i = 0; i < length; i++) {
        JSValue value = p->u.array.u.values[i];
        if (JS_VALUE_GET_TAG(value) != JS_TAG_UNDEFINED)
            values[count++] = value;
    }
    kinds = kinds_of(values, count);
    if (!by_function && !(kinds & (SORT_INTEGERS | SORT_STRINGS))) {
        js_free(ctx, values);
        return false;
    }
    for (i = 0; i < count; i++)
        js_dup(values[i]);

    if (!by_function) {
        if (kinds & SORT_STRINGS)
            sort_values(&state, compare_strings, values, count, values + count);
        else if (!sort_texts_of_integers(&state, values, count))
            sort_values(&state, compare_texts_of_integers, values, count, values + count);
    } else {
        int order = kinds & SORT_NUMBERS ? subtracts(ctx, function) : 0;
        if (order > 0)
            sort_values(&state, compare_numbers, values, count, values + count);
        else if (order < 0)
            sort_values(&state, compare_numbers_down, values, count, values + count);
        else if (!sort_by_property(&state, values, count))
            sort_values(&state, compare_by_function, values, count, values + count);
    }
    if (state.threw) {
        for (i = 0; i < count; i++)
            JS_FreeValue(ctx, values[i]);
    } else if (put_sorted(ctx, this_val, values, count, length - count) == 0) {
        *result = js_dup(this_val);
    }
    js_free(ctx, values);
    return true;
}
