/* Texts that were compiled lately, so that a program which hands the same text over again and again has it
   compiled once. What is kept is the handle of the script: whoever asks for the same text, with the same
   name and place and the same answer to import(), gets the very same one. Bounded in number and in
   what texts and code take, and part of the heap like anything else: let go before the heap's limit or a
   context's is reached. */

#define CACHE_ENTRIES 64
#define CACHE_TEXT_MAX (256u << 10) /* characters; a longer text is not kept */
#define CACHE_TOTAL (4u << 20)      /* bytes of all texts and of their code */
#define CACHE_ENTRY_MAX (1u << 20)  /* bytes of one text and its code */

typedef struct ScriptCache {
    JSValue handles[CACHE_ENTRIES]; /* counted, the one asked for last at first */
    JSValue names[CACHE_ENTRIES];   /* as they were asked for, before any sourceURL */
    uint32_t sizes[CACHE_ENTRIES];  /* what each keeps, in bytes */
    uint32_t count;
    size_t size; /* of all */
} ScriptCache;

/* What a script is found by. None is counted. */
typedef struct ScriptKey {
    JSValueConst source, name, origin;
    int line_offset, column_offset;
} ScriptKey;

/* Options that are objects are one caller's own; code with them is not shared. */
static bool is_shared_origin(JSValueConst origin)
{
    return JS_VALUE_GET_TAG(origin) == JS_TAG_SYMBOL;
}

static bool is_same_text(JSValueConst a, JSValueConst b)
{
    JSString *p, *q;

    if (JS_VALUE_GET_TAG(a) != JS_TAG_STRING || JS_VALUE_GET_TAG(b) != JS_TAG_STRING)
        return false;
    p = JS_VALUE_GET_STRING(a);
    q = JS_VALUE_GET_STRING(b);
    if (p == q)
        return true;
    if (p->len != q->len || p->is_wide_char != q->is_wide_char)
        return false;
    return memcmp(str8(p), str8(q), (size_t)p->len << p->is_wide_char) == 0;
}

static size_t size_of_text(JSValueConst text)
{
    const JSString *p = JS_VALUE_GET_STRING(text);

    return (size_t)p->len << p->is_wide_char;
}

/* Bytes of a function's code and that of all within it, the texts that it keeps included. */
static size_t size_of_code(JSValueConst code)
{
    const JSFunctionBytecode *b;
    size_t size;
    int i;

    if (JS_VALUE_GET_TAG(code) == JS_TAG_STRING)
        return size_of_text(code);
    if (JS_VALUE_GET_TAG(code) != JS_TAG_FUNCTION_BYTECODE)
        return 0;
    b = JS_VALUE_GET_PTR(code);
    size = sizeof(*b) + b->byte_code_len + b->pc2line_len + b->source_len +
           b->cpool_count * sizeof(JSValue) + b->closure_var_count * sizeof(JSClosureVar) +
           (b->arg_count + b->var_count) * sizeof(JSVarDef);
    for (i = 0; i < b->cpool_count; i++)
        size += size_of_code(b->cpool[i]);
    return size;
}

/* Has a text hold no other: what was cut out of a longer one keeps that alive. False: there is no memory
   for it, and the text is what it was. */
static bool make_text_its_own(JSRuntime *rt, JSValue *text)
{
    JSString *p = JS_VALUE_GET_STRING(*text), *own;

    if (p->kind != JS_STRING_KIND_SLICE)
        return true;
    own = js_alloc_string_rt(rt, p->len, p->is_wide_char);
    if (!own)
        return false;
    memcpy(str8(own), str8(p), (size_t)p->len << p->is_wide_char);
    if (!own->is_wide_char)
        str8(own)[p->len] = '\0';
    JS_FreeValueRT(rt, *text);
    *text = JS_MKPTR(JS_TAG_STRING, own);
    return true;
}

static Script *script_of_handle(JSValueConst handle)
{
    return JS_VALUE_GET_OBJ(handle)->u.opaque;
}

static bool is_cached_as(const ScriptCache *cache, uint32_t i, const ScriptKey *key)
{
    const Script *script = script_of_handle(cache->handles[i]);

    return script->column_offset == key->column_offset && script->first_line == key->line_offset + 1 &&
           JS_VALUE_GET_TAG(script->origin) == JS_VALUE_GET_TAG(key->origin) &&
           JS_VALUE_GET_PTR(script->origin) == JS_VALUE_GET_PTR(key->origin) &&
           is_same_text(script->source, key->source) && is_same_text(cache->names[i], key->name);
}

/* The handle for a text, counted; undefined: it is not kept. */
static JSValue script_cache_find(Sandtide *s, const ScriptKey *key)
{
    ScriptCache *cache = s->script_cache;
    JSValue handle, name;
    uint32_t i, size;

    if (!cache || !is_shared_origin(key->origin))
        return JS_UNDEFINED;
    for (i = 0; i < cache->count; i++) {
        if (!is_cached_as(cache, i, key))
            continue;
        handle = cache->handles[i];
        name = cache->names[i];
        size = cache->sizes[i];
        memmove(cache->handles + 1, cache->handles, i * sizeof(handle));
        memmove(cache->names + 1, cache->names, i * sizeof(name));
        memmove(cache->sizes + 1, cache->sizes, i * sizeof(size));
        cache->handles[0] = handle;
        cache->names[0] = name;
        cache->sizes[0] = size;
        return js_dup(handle);
    }
    return JS_UNDEFINED;
}

static void script_cache_drop_last(Sandtide *s)
{
    ScriptCache *cache = s->script_cache;
    JSValue handle, name;

    cache->count--;
    handle = cache->handles[cache->count];
    name = cache->names[cache->count];
    cache->size -= cache->sizes[cache->count];
    JS_FreeValueRT(s->rt, handle);
    JS_FreeValueRT(s->rt, name);
}

/* Keeps a script that was just compiled. */
static void script_cache_keep(Sandtide *s, JSValueConst handle, JSValueConst name)
{
    Script *script = script_of_handle(handle);
    ScriptCache *cache;
    JSValue own_name;
    size_t size;

    if (JS_VALUE_GET_TAG(script->source) != JS_TAG_STRING || JS_VALUE_GET_TAG(name) != JS_TAG_STRING ||
        !is_shared_origin(script->origin))
        return;
    if (JS_VALUE_GET_STRING(script->source)->len > CACHE_TEXT_MAX)
        return;
    size = size_of_text(script->source) + size_of_text(name) + size_of_code(script->code);
    if (size > CACHE_ENTRY_MAX)
        return;
    own_name = js_dup(name);
    if (!make_text_its_own(s->rt, &script->source) || !make_text_its_own(s->rt, &own_name)) {
        JS_FreeValueRT(s->rt, own_name);
        return;
    }
    cache = s->script_cache;
    if (!cache) {
        cache = js_mallocz_rt(s->rt, sizeof(*cache));
        if (!cache) {
            JS_FreeValueRT(s->rt, own_name);
            return;
        }
        s->script_cache = cache;
    }
    while (cache->count == CACHE_ENTRIES || (cache->count && cache->size + size > CACHE_TOTAL))
        script_cache_drop_last(s);
    memmove(cache->handles + 1, cache->handles, cache->count * sizeof(handle));
    memmove(cache->names + 1, cache->names, cache->count * sizeof(name));
    memmove(cache->sizes + 1, cache->sizes, cache->count * sizeof(cache->sizes[0]));
    cache->handles[0] = js_dup(handle);
    cache->names[0] = own_name;
    cache->sizes[0] = size;
    cache->count++;
    cache->size += size;
}

/* Bytes that are kept. */
static size_t script_cache_size(const Sandtide *s)
{
    return s->script_cache ? s->script_cache->size : 0;
}

/* Lets go of all texts. */
static void script_cache_free(Sandtide *s)
{
    while (s->script_cache && s->script_cache->count)
        script_cache_drop_last(s);
    js_free_rt(s->rt, s->script_cache);
    s->script_cache = NULL;
}
