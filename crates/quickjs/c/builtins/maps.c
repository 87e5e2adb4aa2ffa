/* How the keys of Map, Set, WeakMap and WeakSet are placed and found. The records themselves, their
   order and their lives are the engine's. Knows nothing of realms and sandboxes.

   A table has a chain of records in each place; a record keeps the hash of its key, so that chains
   are walked, unlinked and moved to a larger table without hashing again. */

static inline uint32_t mix32(uint32_t h)
{
    h ^= h >> 16;
    h *= 0x85ebca6b;
    h ^= h >> 13;
    h *= 0xc2b2ae35;
    return h ^ (h >> 16);
}

static inline uint32_t mix64(uint64_t h)
{
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93;
    return h ^ (h >> 32);
}

/* The hash of a string's characters, which the string keeps; a name has it already. A symbol's
   description can be the symbol's own string, whose field says something else. */
static inline uint32_t sandtide_string_hash(JSString *s)
{
    if (unlikely(s->atom_type > JS_ATOM_TYPE_STRING))
        return hash_string(s, JS_ATOM_TYPE_STRING) & JS_ATOM_HASH_MASK;
    if (s->hash == 0)
        s->hash = hash_string(s, JS_ATOM_TYPE_STRING) & JS_ATOM_HASH_MASK;
    return s->hash;
}

/* The same for a string in pieces, as if it were whole. Pieces nest JS_STRING_ROPE_MAX_DEPTH deep. */
static uint32_t hash_pieces(JSValueConst value, uint32_t h)
{
    JSStringRope *r;
    JSString *s;
    uint32_t i;

    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING_ROPE) {
        r = JS_VALUE_GET_STRING_ROPE(value);
        return hash_pieces(r->right, hash_pieces(r->left, h));
    }
    s = JS_VALUE_GET_STRING(value);
    for (i = 0; i < s->len; i++)
        h = h * 263 + (s->is_wide_char ? str16(s)[i] : str8(s)[i]);
    return h;
}

static uint32_t hash_rope(JSValueConst value)
{
    uint32_t h = hash_pieces(value, JS_ATOM_TYPE_STRING) ^ hash32(JS_VALUE_GET_STRING_ROPE(value)->len);

    return h & JS_ATOM_HASH_MASK;
}

/* Keys that are the same value have the same hash, whatever they are held as. The seed is the runtime's:
   a map of one realm is asked by methods of another. */
static uint32_t map_hash_key(JSContext *ctx, JSValueConst key)
{
    uint32_t tag = JS_VALUE_GET_NORM_TAG(key), seed = ctx->rt->sandtide_hash_seed;

    switch (tag) {
    case JS_TAG_INT:
        return mix32(JS_VALUE_GET_INT(key) ^ seed);
    case JS_TAG_STRING:
        return mix32(sandtide_string_hash(JS_VALUE_GET_STRING(key)) ^ seed);
    case JS_TAG_STRING_ROPE:
        return mix32(hash_rope(key) ^ seed);
    case JS_TAG_OBJECT:
    case JS_TAG_SYMBOL:
        return mix64((uintptr_t)JS_VALUE_GET_PTR(key) ^ seed);
    case JS_TAG_FLOAT64: {
        JSFloat64Union u;
        u.d = JS_VALUE_GET_FLOAT64(key);
        if (u.d >= INT32_MIN && u.d <= INT32_MAX && u.d == (int32_t)u.d)
            return mix32((int32_t)u.d ^ seed);
        if (isnan(u.d))
            u.d = NAN;
        return mix64(u.u64 ^ ((uint64_t)seed << 16));
    }
    case JS_TAG_SHORT_BIG_INT:
        return mix64((uint64_t)(int64_t)JS_VALUE_GET_SHORT_BIG_INT(key) ^ ((uint64_t)seed << 8));
    case JS_TAG_BIG_INT: {
        JSBigInt *r = JS_VALUE_GET_PTR(key);
        return mix32(hash_string8((void *)r->tab, r->len * sizeof(*r->tab), 0) ^ seed);
    }
    case JS_TAG_BOOL:
        return mix32((JS_VALUE_GET_INT(key) + 1) ^ hash32(tag) ^ seed);
    default:
        return mix32(hash32(tag) ^ seed);
    }
}

static inline bool same_key(JSContext *ctx, JSValueConst a, JSValueConst b)
{
    if (JS_VALUE_GET_TAG(a) == JS_VALUE_GET_TAG(b)) {
        switch (JS_VALUE_GET_TAG(a)) {
        case JS_TAG_INT:
            return JS_VALUE_GET_INT(a) == JS_VALUE_GET_INT(b);
        case JS_TAG_OBJECT:
            return JS_VALUE_GET_PTR(a) == JS_VALUE_GET_PTR(b);
        case JS_TAG_STRING: {
            JSString *s = JS_VALUE_GET_STRING(a), *t = JS_VALUE_GET_STRING(b);
            return s == t || js_string_eq(s, t);
        }
        }
    }
    return js_same_value_zero(ctx, a, b);
}

static inline JSMapRecord *find_record(JSContext *ctx, JSMapState *s, JSValueConst key, uint32_t hash)
{
    JSMapRecord *mr;

    for (mr = s->hash_table[hash & (s->hash_size - 1)]; mr; mr = mr->sandtide_next) {
        if (mr->sandtide_hash == hash && same_key(ctx, mr->key, key))
            return mr;
    }
    return NULL;
}

static JSMapRecord *map_find_record(JSContext *ctx, JSMapState *s, JSValueConst key)
{
    return s->record_count > 0 ? find_record(ctx, s, key, map_hash_key(ctx, key)) : NULL;
}

/* Puts a record where its hash says. */
static void map_link_record(JSMapState *s, JSMapRecord *mr)
{
    JSMapRecord **place = &s->hash_table[mr->sandtide_hash & (s->hash_size - 1)];

    mr->sandtide_next = *place;
    *place = mr;
}

static void map_unlink_record(JSMapState *s, JSMapRecord *mr)
{
    JSMapRecord **place = &s->hash_table[mr->sandtide_hash & (s->hash_size - 1)];

    while (*place != mr)
        place = &(*place)->sandtide_next;
    *place = mr->sandtide_next;
}

/* A table of another size, a power of two. Without memory for one the old one stays: it is only slower. */
static void map_set_size(JSContext *ctx, JSMapState *s, uint32_t size)
{
    JSMapRecord **table;
    struct list_head *el;

    table = js_mallocz_rt(ctx->rt, size * sizeof(*table));
    if (!table)
        return;
    js_free(ctx, s->hash_table);
    s->hash_table = table;
    s->hash_size = size;
    s->record_count_threshold = size;
    list_for_each(el, &s->records) {
        JSMapRecord *mr = list_entry(el, JSMapRecord, link);
        if (!mr->empty)
            map_link_record(s, mr);
    }
}

static void map_hash_resize(JSContext *ctx, JSMapState *s)
{
    uint32_t size = s->hash_size == 1 ? 8 : s->hash_size * 2;

    if (size != 0)
        map_set_size(ctx, s, size);
}

/* The record of a key, which is added if it is not there yet: its value is undefined then. NULL: an
   exception is pending. */
static JSMapRecord *map_record_of(JSContext *ctx, JSMapState *s, JSValueConst key)
{
    uint32_t hash = map_hash_key(ctx, key);
    JSMapRecord *mr = find_record(ctx, s, key, hash);

    if (!mr) {
        mr = sandtide_map_add(ctx, s, key, hash);
        if (mr)
            mr->value = JS_UNDEFINED;
    }
    return mr;
}

/* Room for what a plain array is about to bring: the table is made once. */
static void sandtide_map_expects(JSContext *ctx, JSMapState *s, JSValueConst source)
{
    JSObject *p = plain_array(ctx, source);
    uint32_t size = 8;

    if (!p || p->u.array.count < size || p->u.array.count > 1 << 20)
        return;
    while (size <= p->u.array.count)
        size *= 2;
    map_set_size(ctx, s, size);
}

/* Whether the function adds to a Map (or a Set) what it is given, and does nothing else. */
static bool sandtide_adds_natively(JSContext *ctx, JSValueConst adder, int magic)
{
    JSCFunctionType set = { .generic_magic = js_map_set };

    return !(magic & MAGIC_WEAK) && JS_IsCFunction(ctx, adder, set.generic, magic);
}

/* Adds what an iterator brought to a Map (an array with key and value) or a Set. 0: it is something
   else, and nothing was done; 1: it was added; -1: an exception is pending. */
static int sandtide_map_takes(JSContext *ctx, JSMapState *s, JSValueConst item, bool is_set)
{
    JSValueConst key = item, value = JS_UNDEFINED;
    JSMapRecord *mr;
    JSValue old;

    if (!is_set) {
        JSObject *pair;
        if (JS_VALUE_GET_TAG(item) != JS_TAG_OBJECT)
            return 0;
        pair = JS_VALUE_GET_OBJ(item);
        if (pair->class_id != JS_CLASS_ARRAY || !pair->fast_array || pair->u.array.count < 2)
            return 0;
        key = pair->u.array.u.values[0];
        value = pair->u.array.u.values[1];
    }
    mr = map_record_of(ctx, s, map_normalize_key_const(ctx, key));
    if (!mr)
        return -1;
    old = mr->value;
    mr->value = js_dup(value);
    JS_FreeValue(ctx, old);
    return 1;
}

/* The list of a key of Map.groupBy, which is made if it is not there yet. NULL: an exception is
   pending. Nobody else has it before all are made. */
static JSObject *group_of(JSContext *ctx, JSMapState *s, JSValueConst key)
{
    JSMapRecord *mr = map_record_of(ctx, s, key);

    if (!mr)
        return NULL;
    if (JS_IsUndefined(mr->value)) {
        JSValue list = JS_NewArray(ctx);
        if (JS_IsException(list))
            return NULL;
        mr->value = list;
    }
    return JS_VALUE_GET_OBJ(mr->value);
}

/* The same of Object.groupBy. */
static JSObject *named_group(JSContext *ctx, JSValueConst groups, JSValueConst key)
{
    JSAtom name = JS_ValueToAtom(ctx, key);
    JSValue list;
    JSObject *p = NULL;

    if (name == JS_ATOM_NULL)
        return NULL;
    list = JS_GetProperty(ctx, groups, name);
    if (JS_IsUndefined(list)) {
        list = JS_NewArray(ctx);
        if (!JS_IsException(list) &&
            JS_DefinePropertyValue(ctx, groups, name, js_dup(list), JS_PROP_C_W_E | JS_PROP_THROW) < 0) {
            JS_FreeValue(ctx, list);
            list = JS_EXCEPTION;
        }
    }
    JS_FreeAtom(ctx, name);
    if (!JS_IsException(list)) {
        p = JS_VALUE_GET_OBJ(list);
        JS_FreeValue(ctx, list); /* the groups hold it */
    }
    return p;
}

/* Map.groupBy, and Object.groupBy. The lists are filled as lists: no script sees one grow. */
static JSValue sandtide_group_by(JSContext *ctx, JSValueConst items, JSValueConst callback, bool is_map)
{
    JSValue iterator, next, groups = JS_UNDEFINED, value, key;
    JSMapState *s = NULL;
    JSObject *list;
    int64_t index;
    int done;

    if (check_function(ctx, callback))
        return JS_EXCEPTION;
    iterator = JS_GetIterator(ctx, items, /*is_async*/ false);
    if (JS_IsException(iterator))
        return JS_EXCEPTION;
    next = JS_GetProperty(ctx, iterator, JS_ATOM_next);
    if (JS_IsException(next))
        goto fail;
    groups = is_map ? js_map_constructor(ctx, JS_UNDEFINED, 0, NULL, 0) : JS_NewObjectProto(ctx, JS_NULL);
    if (JS_IsException(groups))
        goto close;
    if (is_map)
        s = JS_GetOpaque(groups, JS_CLASS_MAP);
    for (index = 0;; index++) {
        JSValueConst args[2];
        value = JS_IteratorNext(ctx, iterator, next, 0, NULL, &done);
        if (JS_IsException(value))
            goto fail; /* an iterator that fails is not closed */
        if (done)
            break;
        args[0] = value;
        args[1] = js_int64(index);
        key = JS_Call(ctx, callback, JS_UNDEFINED, 2, args);
        if (JS_IsException(key)) {
            JS_FreeValue(ctx, value);
            goto close;
        }
        list = is_map ? group_of(ctx, s, map_normalize_key_const(ctx, key)) : named_group(ctx, groups, key);
        JS_FreeValue(ctx, key);
        if (!list) {
            JS_FreeValue(ctx, value);
            goto close;
        }
        if (add_fast_array_element(ctx, list, value, JS_PROP_THROW) < 0)
            goto close;
    }
    JS_FreeValue(ctx, iterator);
    JS_FreeValue(ctx, next);
    return groups;
close:
    JS_IteratorClose(ctx, iterator, true);
fail:
    JS_FreeValue(ctx, groups);
    JS_FreeValue(ctx, iterator);
    JS_FreeValue(ctx, next);
    return JS_EXCEPTION;
}
