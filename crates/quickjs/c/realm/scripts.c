/* Scripts: compiled once, run in any realm. Code belongs to one realm at a time; a script's code that
   nobody holds after a run is lent to the next realm, and code that a realm keeps (its functions do)
   is replaced by a copy, until the realm goes and gives it back. */

typedef struct Script {
    JSValue code;        /* of the main realm, held by nobody else; undefined while it is lent or kept */
    JSValueConst lent;   /* the code while a realm runs it */
    uint8_t *bytes;      /* the code, serialized */
    size_t bytes_len;
    JSValue source;      /* a string */
    char *file;
    int first_line, column_offset;
    JSValue origin;
    struct ScriptInstance *instances;
} Script;

/* A script's code in a realm that keeps it. It goes with either. */
typedef struct ScriptInstance {
    struct ScriptInstance *next; /* of the realm */
    struct ScriptInstance *next_of_script;
    Script *script;              /* NULL: gone */
    JSValue code;
} ScriptInstance;

/* Of the innermost frame that runs bytecode; or NULL. */
static JSFunctionBytecode *code_of_caller(JSContext *ctx)
{
    JSStackFrame *frame;

    for (frame = ctx->rt->current_stack_frame; frame; frame = frame->prev_frame) {
        JSObject *p;
        if (JS_VALUE_GET_TAG(frame->cur_func) != JS_TAG_OBJECT)
            continue;
        p = JS_VALUE_GET_OBJ(frame->cur_func);
        if (js_class_has_bytecode(p->class_id))
            return p->u.func.function_bytecode;
    }
    return NULL;
}

static JSValueConst origin_of_caller(JSContext *ctx)
{
    JSFunctionBytecode *b = code_of_caller(ctx);

    return b ? b->sandtide_origin : NO_ORIGIN;
}

static bool is_origin(JSValueConst origin)
{
    return JS_VALUE_GET_TAG(origin) != JS_TAG_INT;
}

static JSValue sandtide_origin_of_new_code(JSContext *ctx)
{
    Sandtide *s = ctx->rt->sandtide;

    if (!s)
        return NO_ORIGIN;
    return js_dup(is_origin(s->compiling) ? s->compiling : origin_of_caller(ctx));
}

static void set_origin(JSRuntime *rt, JSValueConst code, JSValueConst origin)
{
    JSFunctionBytecode *b = JS_VALUE_GET_PTR(code);
    int i;

    JS_FreeValueRT(rt, b->sandtide_origin);
    b->sandtide_origin = js_dup(origin);
    for (i = 0; i < b->cpool_count; i++) {
        if (JS_VALUE_GET_TAG(b->cpool[i]) == JS_TAG_FUNCTION_BYTECODE)
            set_origin(rt, b->cpool[i], origin);
    }
}

/* Whether no closure holds any of the code. */
static bool code_is_free(JSValueConst code)
{
    JSFunctionBytecode *b = JS_VALUE_GET_PTR(code);
    int i;

    if (JS_REF_COUNT(b) != 1)
        return false;
    for (i = 0; i < b->cpool_count; i++) {
        int tag = JS_VALUE_GET_TAG(b->cpool[i]);
        if (tag == JS_TAG_FUNCTION_BYTECODE) {
            if (!code_is_free(b->cpool[i]))
                return false;
        } else if (tag == JS_TAG_OBJECT) {
            /* template objects belong to the realm that made them */
            return false;
        }
    }
    return true;
}

static void move_code(JSValueConst code, JSContext *to)
{
    JSFunctionBytecode *b = JS_VALUE_GET_PTR(code);
    JSContext *from = b->realm;
    int i;

    b->realm = JS_DupContext(to);
    for (i = 0; i < b->cpool_count; i++) {
        if (JS_VALUE_GET_TAG(b->cpool[i]) == JS_TAG_FUNCTION_BYTECODE)
            move_code(b->cpool[i], to);
    }
    if (from)
        JS_FreeContext(from);
}

static void free_instance(JSRuntime *rt, ScriptInstance *instance)
{
    ScriptInstance **link;

    if (instance->script) {
        for (link = &instance->script->instances; *link != instance; link = &(*link)->next_of_script)
            ;
        *link = instance->next_of_script;
    }
    JS_FreeValueRT(rt, instance->code);
    free(instance);
}

static void realm_free_instances(Realm *realm)
{
    ScriptInstance *instance, *next;

    instance = realm->instances;
    realm->instances = NULL;
    for (; instance; instance = next) {
        next = instance->next;
        free_instance(realm->owner->rt, instance);
    }
}

static bool has_template_objects(JSValueConst code)
{
    const JSFunctionBytecode *b = JS_VALUE_GET_PTR(code);
    int i;

    for (i = 0; i < b->cpool_count; i++) {
        int tag = JS_VALUE_GET_TAG(b->cpool[i]);
        if (tag == JS_TAG_OBJECT ||
            (tag == JS_TAG_FUNCTION_BYTECODE && has_template_objects(b->cpool[i])))
            return true;
    }
    return false;
}

/* Whether what the code was compiled with goes with the realm. A script holds the same value, and scripts
   are the main realm's, so that a trial counts them as references from outside; should one ever be a
   member, its code must not be taken. */
static bool origin_goes(JSValueConst code)
{
    JSValueConst origin = ((JSFunctionBytecode *)JS_VALUE_GET_PTR(code))->sandtide_origin;

    return JS_IsObject(origin) && JS_GC_MARK(&JS_VALUE_GET_OBJ(origin)->header);
}

static void unmark_code(JSValueConst code)
{
    JSFunctionBytecode *b = JS_VALUE_GET_PTR(code);
    int i;

    JS_GC_MARK(b) = 0;
    for (i = 0; i < b->cpool_count; i++) {
        if (JS_VALUE_GET_TAG(b->cpool[i]) == JS_TAG_FUNCTION_BYTECODE)
            unmark_code(b->cpool[i]);
    }
}

/* Takes from a realm that goes as a whole, before that, the code that its scripts lack: what was marked to be
   freed is not any more, and what the realm's functions hold of it goes with them. */
static ScriptInstance *realm_take_code(Realm *realm)
{
    ScriptInstance *instance, **link = &realm->instances, *taken = NULL;

    while ((instance = *link) != NULL) {
        Script *script = instance->script;
        if (!script || !JS_IsUndefined(script->code) || !JS_IsUndefined(script->lent) ||
            has_template_objects(instance->code) || origin_goes(instance->code)) {
            link = &instance->next;
            continue;
        }
        unmark_code(instance->code);
        *link = instance->next;
        instance->next = taken;
        taken = instance;
    }
    return taken;
}

/* The realm's context has gone without looking at what counted it. */
static void leave_context(JSValueConst code, JSContext *to)
{
    JSFunctionBytecode *b = JS_VALUE_GET_PTR(code);
    int i;

    b->realm = JS_DupContext(to);
    for (i = 0; i < b->cpool_count; i++) {
        if (JS_VALUE_GET_TAG(b->cpool[i]) == JS_TAG_FUNCTION_BYTECODE)
            leave_context(b->cpool[i], to);
    }
}

/* Gives scripts back what was taken, after the realm has gone. A script may have gone with it, or have got
   code from elsewhere meanwhile. */
static void give_code_back(Sandtide *s, ScriptInstance *taken)
{
    ScriptInstance *instance;

    while ((instance = taken) != NULL) {
        Script *script = instance->script;
        taken = instance->next;
        leave_context(instance->code, s->main);
        if (script && JS_IsUndefined(script->code) && JS_IsUndefined(script->lent) &&
            code_is_free(instance->code)) {
            script->code = instance->code;
            instance->code = JS_UNDEFINED;
        }
        free_instance(s->rt, instance);
    }
}

/* Frees the instances of scripts that have gone, but not while a collection or a release is
   under way, which may be about to free the same code. */
static void free_orphans(Sandtide *s)
{
    ScriptInstance *instance, **link, *orphans = NULL;
    uint32_t i;

    if (s->rt->gc_phase == JS_GC_PHASE_REMOVE_CYCLES)
        return;
    s->orphans = false;
    for (i = 0; i < s->realms_size; i++) {
        if (!s->realms[i])
            continue;
        link = &s->realms[i]->instances;
        while ((instance = *link) != NULL) {
            if (instance->script) {
                link = &instance->next;
            } else {
                *link = instance->next;
                instance->next = orphans;
                orphans = instance;
            }
        }
    }
    /* freeing an instance may make others orphans, and come here again */
    while ((instance = orphans) != NULL) {
        orphans = instance->next;
        free_instance(s->rt, instance);
    }
}

static void realm_mark_instances(Realm *realm, JS_MarkFunc *mark_func)
{
    ScriptInstance *instance;

    for (instance = realm->instances; instance; instance = instance->next)
        JS_MarkValue(realm->owner->rt, instance->code, mark_func);
}

static void realm_add_instance(Realm *realm, Script *script, JSValue code)
{
    ScriptInstance *instance = malloc(sizeof(*instance));

    if (!instance) {
        JS_FreeValueRT(realm->owner->rt, code);
        return;
    }
    instance->script = script;
    instance->code = code;
    instance->next = realm->instances;
    realm->instances = instance;
    instance->next_of_script = script->instances;
    script->instances = instance;
}

/* Leaves its instances, if any, to `free_orphans`. */
static void script_free(Sandtide *s, Script *script)
{
    JSRuntime *rt = s->rt;
    ScriptInstance *instance;

    for (instance = script->instances; instance; instance = instance->next_of_script) {
        instance->script = NULL;
        s->orphans = true;
    }
    JS_FreeValueRT(rt, script->code);
    JS_FreeValueRT(rt, script->source);
    JS_FreeValueRT(rt, script->origin);
    js_free_rt(rt, script->bytes);
    free(script->file);
    free(script);
}

static void script_finalizer(JSRuntime *rt, JSValueConst obj)
{
    Script *script = JS_VALUE_GET_OBJ(obj)->u.opaque;

    if (!script)
        return;
    script_free(rt->sandtide, script);
    if (rt->sandtide->orphans)
        free_orphans(rt->sandtide);
}

static void script_mark(JSRuntime *rt, JSValueConst obj, JS_MarkFunc *mark_func)
{
    Script *script = JS_VALUE_GET_OBJ(obj)->u.opaque;

    if (script) {
        JS_MarkValue(rt, script->code, mark_func);
        JS_MarkValue(rt, script->origin, mark_func);
    }
}

static const JSClassDef script_class = {
    "ContextifyScript",
    .finalizer = script_finalizer,
    .gc_mark = script_mark,
};

/* Compiles for `ctx`. `flags`: of JS_Eval. Syntax errors get an arrow unless it is a module; `shown` is
   the part of the source that the arrow may show, from its line `shown_line`. */
static JSValue compile_shown(Sandtide *s, JSContext *ctx, const char *source, size_t len,
                             const char *file, int first_line, int column_offset,
                             JSValueConst origin, int flags, const char *shown, size_t shown_len,
                             int shown_line)
{
    JSValueConst outer = s->compiling;
    JSValue code, error;
    const char *text;
    size_t text_len;
    int column;

    s->compiling = origin;
    s->column_offset = column_offset;
    s->column_line = shown - source;
    s->error_line = 0;
    s->error_after_body = false;
    code = JS_EvalInternal(ctx, ctx->global_obj, source, len, file, first_line,
                           flags | JS_EVAL_FLAG_COMPILE_ONLY, -1);
    s->column_offset = 0;
    s->compiling = outer;
    if (!JS_IsException(code) || !s->error_line || (flags & JS_EVAL_TYPE_MASK) == JS_EVAL_TYPE_MODULE)
        return code;
    error = JS_GetException(ctx);
    text = source_line(shown, shown_len, max_int(s->error_line - shown_line + 1, 1), &text_len);
    column = s->error_column;
    add_arrow(ctx, error, file, s->error_line, text, text_len, column, s->error_width);
    return JS_Throw(ctx, error);
}

static JSValue compile(Sandtide *s, JSContext *ctx, const char *source, size_t len, const char *file,
                       int line_offset, int column_offset, JSValueConst origin, int flags)
{
    return compile_shown(s, ctx, source, len, file, line_offset + 1, column_offset, origin, flags,
                         source, len, line_offset + 1);
}

static JSContext *context_of_argument(JSContext *ctx, JSValueConst value)
{
    Realm *realm = realm_of_value(ctx, value);

    return realm ? realm->ctx : ctx->rt->sandtide->main;
}

static JSValue throw_disposed(Sandtide *s)
{
    return throw_coded(s->main, "ERR_CONTEXT_DISPOSED", "The context has been disposed");
}

/* Whether a value stands for a context that was disposed of. */
static bool is_disposed(JSContext *ctx, JSValueConst value)
{
    Realm *realm = realm_of_value(ctx, value);

    if (realm)
        return realm->disposed;
    return JS_IsObject(value) && (JS_VALUE_GET_OBJ(value)->sandtide_realm & SANDTIDE_SANDBOX);
}

/* The value of a magic comment of a source (`//# name=value`); the last one wins. */
static JSValue magic_comment(JSContext *ctx, const char *source, size_t len, const char *name)
{
    size_t name_len = strlen(name);
    const char *p = source, *end = source + len, *found = NULL, *found_end = NULL, *stop;

    while ((p = memmem(p, end - p, "//", 2)) != NULL) {
        p += 2;
        if (end - p <= (ptrdiff_t)name_len + 3 || (p[0] != '#' && p[0] != '@') ||
            (p[1] != ' ' && p[1] != '\t') || strncmp(p + 2, name, name_len) != 0 ||
            p[2 + name_len] != '=')
            continue;
        found = p + 3 + name_len;
        for (stop = found; stop < end && !strchr(" \t\r\n\"'`", *stop); stop++)
            ;
        found_end = stop;
        while (stop < end && (*stop == ' ' || *stop == '\t'))
            stop++;
        /* anything else on the line: it is no such comment, or stands in a string */
        if (stop < end && *stop != '\n' && *stop != '\r')
            found = NULL;
    }
    if (!found || found_end == found)
        return JS_UNDEFINED;
    return JS_NewStringLen(ctx, found, found_end - found);
}

/* Seal bytecode for `source`, so that only this build on this machine takes it back, and open
   it. The Rust side has the key. A result's memory is js_malloc's; NULL: refused or no memory. */
typedef uint8_t *SealFunction(JSRuntime *rt, const uint8_t *bytes, size_t len, const uint8_t *source,
                              size_t source_len, size_t *out_len);
static SealFunction *seal, *unseal;

/* Code is written and read without a context's limit, as it is compiled. */
static uint8_t *write_code(JSContext *ctx, size_t *len, JSValueConst code)
{
    size_t limit = sandtide_lift_limit(ctx->rt);
    uint8_t *bytes = JS_WriteObject(ctx, len, code, JS_WRITE_OBJ_BYTECODE);

    sandtide_restore_limit(ctx->rt, limit);
    return bytes;
}

static JSValue read_code(JSContext *ctx, const uint8_t *bytes, size_t len)
{
    size_t limit = sandtide_lift_limit(ctx->rt);
    JSValue code = JS_ReadObject(ctx, bytes, len, JS_READ_OBJ_BYTECODE);

    sandtide_restore_limit(ctx->rt, limit);
    return code;
}

/* The first byte of sealed code: what the code is. */
enum { SEALED_SCRIPT = 's', SEALED_MODULE = 'm' };

static JSValue bytes_to_array(JSContext *ctx, const uint8_t *bytes, size_t len)
{
    return JS_NewUint8ArrayCopy(ctx, bytes, len);
}

static JSValue sealed_bytes(JSContext *ctx, int kind, const uint8_t *bytes, size_t len,
                            const char *source, size_t source_len)
{
    size_t sealed_len;
    uint8_t *plain = js_malloc(ctx, len + 1), *sealed = NULL;
    JSValue array;

    if (!plain)
        return JS_EXCEPTION;
    plain[0] = kind;
    memcpy(plain + 1, bytes, len);
    if (seal)
        sealed = seal(ctx->rt, plain, len + 1, (const uint8_t *)source, source_len, &sealed_len);
    js_free(ctx, plain);
    if (!sealed)
        return JS_ThrowOutOfMemory(ctx);
    array = bytes_to_array(ctx, sealed, sealed_len);
    js_free(ctx, sealed);
    return array;
}

static JSValue sealed_code(JSContext *ctx, JSValueConst code, const char *source, size_t source_len)
{
    size_t len;
    uint8_t *bytes = write_code(ctx, &len, code);
    JSValue array;

    if (!bytes)
        return JS_EXCEPTION;
    array = sealed_bytes(ctx, SEALED_SCRIPT, bytes, len, source, source_len);
    js_free(ctx, bytes);
    return array;
}

/* Code from sealed bytes, or undefined if they are refused. */
static JSValue unsealed_code(JSContext *ctx, int kind, JSValueConst data, const char *source,
                             size_t source_len, JSValueConst origin)
{
    size_t len, offset, bytes_len, size;
    uint8_t *bytes, *all;
    JSValue code, buffer;

    if (JS_IsObject(data) && JS_VALUE_GET_OBJ(data)->class_id == JS_CLASS_DATAVIEW) {
        JSTypedArray *view = JS_VALUE_GET_OBJ(data)->u.typed_array;
        offset = view->offset;
        len = view->length;
        buffer = js_dup(JS_MKPTR(JS_TAG_OBJECT, view->buffer));
    } else {
        buffer = JS_GetTypedArrayBuffer(ctx, data, &offset, &len, NULL);
    }
    if (JS_IsException(buffer)) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        return JS_UNDEFINED;
    }
    all = JS_GetArrayBuffer(ctx, &size, buffer);
    bytes = all && unseal && offset + len <= size
                ? unseal(ctx->rt, all + offset, len, (const uint8_t *)source, source_len, &bytes_len)
                : NULL;
    JS_FreeValue(ctx, buffer);
    if (!bytes)
        return JS_UNDEFINED;
    code = JS_UNDEFINED;
    if (bytes_len > 1 && bytes[0] == kind)
        code = read_code(ctx, bytes + 1, bytes_len - 1);
    js_free(ctx, bytes);
    if (JS_IsException(code)) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        return JS_UNDEFINED;
    }
    if (JS_VALUE_GET_TAG(code) == JS_TAG_FUNCTION_BYTECODE)
        set_origin(ctx->rt, code, origin);
    return code;
}

#include "script_cache.c"

/* compileScript(code, filename, lineOffset, columnOffset, hostOption, cachedData, produceCachedData,
   parsingContext) */
static JSValue contextify_compile_script(JSContext *ctx, JSValueConst this_val, int argc,
                                         JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    JSContext *parsing = NULL;
    JSValue code = JS_UNDEFINED, handle = JS_EXCEPTION, data;
    JSValue text, name;
    const char *source = NULL, *file = NULL;
    size_t source_len = 0;
    int line_offset, column_offset;
    Script *script = NULL;
    bool plain = JS_IsUndefined(argv[5]) && JS_ToBool(ctx, argv[6]) <= 0;

    (void)this_val;
    (void)argc;
    if (JS_ToInt32(ctx, &line_offset, argv[2]) || JS_ToInt32(ctx, &column_offset, argv[3]))
        return JS_EXCEPTION;
    /* a text that was put together is one string from here on */
    text = JS_ToString(ctx, argv[0]);
    name = JS_ToString(ctx, argv[1]);
    if (plain && !JS_IsException(text) && !JS_IsException(name)) {
        const ScriptKey key = { text, name, argv[4], line_offset, column_offset };
        handle = script_cache_find(s, &key);
        if (!JS_IsUndefined(handle))
            goto out;
        handle = JS_EXCEPTION;
    }
    if (JS_IsException(text) || JS_IsException(name))
        goto out;
    script = calloc(1, sizeof(*script));
    if (!script) {
        JS_ThrowOutOfMemory(ctx);
        goto out;
    }
    script->code = script->lent = script->source = script->origin = JS_UNDEFINED;
    source = JS_ToCStringLen(ctx, &source_len, text);
    file = JS_ToCString(ctx, name);
    if (!source || !file)
        goto out;
    parsing = JS_DupContext(context_of_argument(ctx, argv[7]));
    if (memmem(source, source_len, "sourceURL=", 10)) {
        JSValue url = magic_comment(ctx, source, source_len, "sourceURL");
        if (JS_IsString(url)) {
            JS_FreeCString(ctx, file);
            file = JS_ToCString(ctx, url);
        }
        JS_FreeValue(ctx, url);
        if (!file)
            goto out;
    }
    script->file = strdup(file);
    script->first_line = line_offset + 1;
    script->column_offset = column_offset;
    script->source = js_dup(text);
    script->origin = js_dup(argv[4]);
    if (!JS_IsUndefined(argv[5]))
        code = unsealed_code(s->main, SEALED_SCRIPT, argv[5], source, source_len, script->origin);
    if (JS_IsUndefined(code)) {
        code = compile(s, parsing, source, source_len, file, line_offset, column_offset,
                       script->origin, JS_EVAL_TYPE_GLOBAL);
        if (JS_IsException(code)) {
            if (parsing != ctx)
                JS_Throw(ctx, JS_GetException(parsing));
            goto out;
        }
        if (!JS_IsUndefined(argv[5]))
            data = JS_TRUE;
        else
            data = JS_UNDEFINED;
    } else {
        data = JS_FALSE;
    }
    if (parsing != s->main)
        move_code(code, s->main);
    script->code = code;
    handle = JS_NewObjectClass(ctx, s->script_class);
    if (JS_IsException(handle))
        goto out;
    JS_VALUE_GET_OBJ(handle)->u.opaque = script;
    if (!JS_IsUndefined(data))
        JS_DefinePropertyValueStr(ctx, handle, "cachedDataRejected", data, JS_PROP_C_W_E);
    if (JS_ToBool(ctx, argv[6]) > 0) {
        data = sealed_code(ctx, code, source, source_len);
        if (JS_IsException(data)) {
            JS_FreeValue(ctx, handle);
            handle = JS_EXCEPTION;
            script = NULL;
            goto out;
        }
        JS_DefinePropertyValueStr(ctx, handle, "cachedData", data, JS_PROP_C_W_E);
        JS_DefinePropertyValueStr(ctx, handle, "cachedDataProduced", JS_TRUE, JS_PROP_C_W_E);
    }
    if (memmem(source, source_len, "//#", 3) || memmem(source, source_len, "//@", 3)) {
        JS_DefinePropertyValueStr(ctx, handle, "sourceMapURL",
                                  magic_comment(ctx, source, source_len, "sourceMappingURL"),
                                  JS_PROP_C_W_E);
        JS_DefinePropertyValueStr(ctx, handle, "sourceURL",
                                  magic_comment(ctx, source, source_len, "sourceURL"), JS_PROP_C_W_E);
    }
    script = NULL;
    /* objects of templates are of the realm that they were compiled in */
    if (plain && (parsing == s->main || code_is_free(code)))
        script_cache_keep(s, handle, name);
out:
    JS_FreeValue(ctx, text);
    JS_FreeValue(ctx, name);
    if (parsing)
        JS_FreeContext(parsing);
    JS_FreeCString(ctx, source);
    JS_FreeCString(ctx, file);
    if (script)
        script_free(s, script);
    return handle;
}

/* ownText(text): the same text, which holds no other. */
static JSValue contextify_own_text(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSValue text = JS_ToString(ctx, argv[0]);

    (void)this_val;
    (void)argc;
    if (JS_VALUE_GET_TAG(text) == JS_TAG_STRING && !make_text_its_own(ctx->rt, &text)) {
        JS_FreeValue(ctx, text);
        return JS_ThrowOutOfMemory(ctx);
    }
    return text;
}

static Script *script_of(JSContext *ctx, JSValueConst value)
{
    return JS_GetOpaque2(ctx, value, ctx->rt->sandtide->script_class);
}

/* Makes the serialized copy, if there is memory and any code left. The code may be running. */
static void script_serialize(JSContext *ctx, Script *script)
{
    JSValueConst code = JS_IsUndefined(script->code) ? script->lent : script->code;
    JSValue pending;

    if (JS_IsUndefined(code) && script->instances)
        code = script->instances->code;
    if (script->bytes || JS_IsUndefined(code))
        return;
    pending = JS_GetException(ctx);
    script->bytes = write_code(ctx, &script->bytes_len, code);
    JS_Throw(ctx, pending);
}

/* A copy of the script's code for a realm. */
static JSValue script_copy(JSContext *ctx, Script *script)
{
    const char *source;
    size_t len;
    JSValue code;

    script_serialize(ctx, script);
    if (script->bytes) {
        code = read_code(ctx, script->bytes, script->bytes_len);
        if (!JS_IsException(code))
            set_origin(ctx->rt, code, script->origin);
        return code;
    }
    source = JS_ToCStringLen(ctx, &len, script->source);
    if (!source)
        return JS_EXCEPTION;
    code = compile(ctx->rt->sandtide, ctx, source, len, script->file, script->first_line - 1,
                   script->column_offset, script->origin, JS_EVAL_TYPE_GLOBAL);
    JS_FreeCString(ctx, source);
    return code;
}

static JSValue contextify_create_cached_data(JSContext *ctx, JSValueConst this_val, int argc,
                                             JSValueConst *argv)
{
    Script *script = script_of(ctx, argv[0]);
    JSValue code = JS_UNDEFINED, array = JS_EXCEPTION;
    const char *source;
    size_t source_len;

    (void)this_val;
    (void)argc;
    if (!script)
        return JS_EXCEPTION;
    source = JS_ToCStringLen(ctx, &source_len, script->source);
    if (!source)
        return JS_EXCEPTION;
    code = JS_IsUndefined(script->code) ? script_copy(ctx, script) : js_dup(script->code);
    if (!JS_IsException(code))
        array = sealed_code(ctx, code, source, source_len);
    JS_FreeValue(ctx, code);
    JS_FreeCString(ctx, source);
    return array;
}

/* The copy of the script's code that the realm holds, or undefined if the script's own code may
   be lent to it. */
static JSValue script_instance(Script *script, Realm *realm)
{
    ScriptInstance *instance;
    JSValue code;

    for (instance = realm->instances; instance; instance = instance->next) {
        if (instance->script == script)
            return js_dup(instance->code);
    }
    /* template objects, if it has any, are of the realm that it was compiled in */
    if (!JS_IsUndefined(script->code) && code_is_free(script->code))
        return JS_UNDEFINED;
    code = script_copy(realm->ctx, script);
    if (!JS_IsException(code))
        realm_add_instance(realm, script, js_dup(code));
    return code;
}

/* Runs in a realm of ours the code that the script lends it. */
static JSValue run_lent(Sandtide *s, Script *script, Realm *realm)
{
    JSValue code = script->code, result;

    script->code = JS_UNDEFINED;
    script->lent = code;
    move_code(code, realm->ctx);
    result = JS_EvalFunction(realm->ctx, js_dup(code));
    if (code_is_free(code)) {
        move_code(code, s->main);
        script->code = code;
    } else {
        script_serialize(realm->ctx, script);
        realm_add_instance(realm, script, code);
    }
    script->lent = JS_UNDEFINED;
    return result;
}

/* runScript(handle, contextifiedObject | null, timeout, displayErrors, breakOnSigint) */
static JSValue contextify_run_script(JSContext *ctx, JSValueConst this_val, int argc,
                                     JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    Script *script = script_of(ctx, argv[0]); /* held by the caller's argument */
    Realm *realm = NULL;
    JSContext *where;
    JSValue code, result;
    int64_t timeout;
    Run run;

    (void)this_val;
    (void)argc;
    if (!script || JS_ToInt64(ctx, &timeout, argv[2]))
        return JS_EXCEPTION;
    if (is_disposed(ctx, argv[1]))
        return throw_disposed(s);
    realm = realm_of_value(ctx, argv[1]);
    where = realm ? realm->ctx : s->main;
    run_begin(s, &run, realm, timeout, JS_ToBool(ctx, argv[4]) > 0);
    if (realm) {
        code = script_instance(script, realm);
        if (JS_IsException(code))
            result = code;
        else if (JS_IsUndefined(code))
            result = run_lent(s, script, realm);
        else
            result = JS_EvalFunction(where, code);
    } else {
        code = JS_IsUndefined(script->code) ? script_copy(where, script) : js_dup(script->code);
        result = JS_IsException(code) ? code : JS_EvalFunction(where, code);
    }
    if (realm && realm->own_jobs)
        result = run_own_jobs(realm, result);
    if (JS_IsException(result) && JS_ToBool(ctx, argv[3]) > 0 && !run.timed_out &&
        !run.interrupted && !run.out_of_memory && !JS_IsUncatchableError(ctx->rt->current_exception)) {
        JSValue error = JS_GetException(where);
        size_t len;
        const char *source = JS_ToCStringLen(ctx, &len, script->source);
        if (source)
            add_arrow_of_frame(ctx, error, script->file, source, len, script->first_line,
                               script->column_offset);
        JS_FreeCString(ctx, source);
        JS_Throw(ctx, error);
    }
    return run_end(s, &run, result);
}
