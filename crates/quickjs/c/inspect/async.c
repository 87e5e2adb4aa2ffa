/* Stacks of asynchronous callers. Where a debugger wants them, what a reaction keeps as its frame
   (patches/node/async-frame.patch) is a record: the host's own frame, and the stack on which the reaction
   was registered. The record is the current frame while the reaction runs, so that what is registered then
   has it as its parent.

   A record is an array that no program is given: [frame, description, frames, parent, depth], its frames
   an array of five values each: name, file, script, line, column. Hosts keep records with their own
   callbacks; whoever reads one checks what it is.
   Must not know the protocol. */

enum { RECORD_FRAME, RECORD_DESCRIPTION, RECORD_FRAMES, RECORD_PARENT, RECORD_DEPTH, RECORD_LENGTH };
enum { ASYNC_DEPTH_MAX = 128, ASYNC_FRAMES_MAX = 64 };

/* The record's values; NULL: it is no record. */
static JSValue *record_of(JSValueConst value)
{
    JSObject *p = JS_IsObject(value) ? JS_VALUE_GET_OBJ(value) : NULL;

    if (!p || p->class_id != JS_CLASS_ARRAY || !p->fast_array || p->u.array.count != RECORD_LENGTH)
        return NULL;
    return p->u.array.u.values;
}

static int record_depth(const JSValue *record)
{
    JSValueConst depth = record[RECORD_DEPTH];

    return JS_VALUE_GET_TAG(depth) == JS_TAG_INT ? JS_VALUE_GET_INT(depth) : 0;
}

/* Takes the values. */
static JSValue new_record(JSContext *ctx, JSValue frame, JSValue description, JSValue frames,
                          JSValue parent, int depth)
{
    JSValue values[RECORD_LENGTH] = { frame, description, frames, parent, JS_NewInt32(ctx, depth) };
    JSValue record = JS_EXCEPTION;
    int i;

    if (!JS_IsException(description))
        record = js_create_array(ctx, RECORD_LENGTH, vc(values));
    for (i = 0; i < RECORD_LENGTH; i++)
        JS_FreeValue(ctx, values[i]);
    return record;
}

/* A copy of the newest `depth` stacks of a record. */
static JSValue cut_record(JSContext *ctx, const JSValue *record, int depth)
{
    const JSValue *parent = record_of(record[RECORD_PARENT]);
    JSValue rest = JS_UNDEFINED;

    if (parent && depth > 1) {
        rest = cut_record(ctx, parent, depth - 1);
        if (JS_IsException(rest))
            return rest;
    }
    return new_record(ctx, JS_UNDEFINED, js_dup(record[RECORD_DESCRIPTION]),
                      js_dup(record[RECORD_FRAMES]), rest, depth);
}

/* The stack of now, innermost first. */
static JSValue stack_of_now(JSContext *ctx, uint32_t *frames)
{
    const JSStackFrame *sf = ctx->rt->current_stack_frame;
    JSValue list = JS_NewArray(ctx);
    uint32_t n = 0;

    *frames = 0;
    if (JS_IsException(list))
        return list;
    for (; sf && *frames < ASYNC_FRAMES_MAX; sf = sf->prev_frame) {
        JSFunctionBytecode *b = (JSFunctionBytecode *)frame_code(sf);
        int line, column;
        if (!b)
            continue;
        line = find_line_num(ctx, b, sf->cur_pc ? sf->cur_pc - b->byte_code_buf - 1 : 0, &column);
        put(ctx, list, n++, JS_AtomToString(ctx, b->func_name));
        put(ctx, list, n++, JS_AtomToString(ctx, b->filename));
        put(ctx, list, n++, JS_NewUint32(ctx, b->sandtide_script));
        put(ctx, list, n++, JS_NewInt32(ctx, line));
        put(ctx, list, n++, JS_NewInt32(ctx, column));
        ++*frames;
    }
    if (JS_HasException(ctx)) {
        JS_FreeValue(ctx, list);
        return JS_EXCEPTION;
    }
    return list;
}

/* What is kept as the frame of something that is registered now. */
static JSValue kept_frame(JSContext *ctx, const char *description)
{
    JSRuntime *rt = ctx->rt;
    const SandtideDebug *d = rt->sandtide_debug;
    JSValue *current = record_of(rt->sandtide_frame);
    JSValue frames, parent, record;
    uint32_t count;

    if (!d || !d->async_depth || d->inside)
        return js_dup(rt->sandtide_frame);
    frames = stack_of_now(ctx, &count);
    if (JS_IsException(frames))
        goto none;
    if (!count) {
        JS_FreeValue(ctx, frames);
        return js_dup(rt->sandtide_frame);
    }
    parent = JS_UNDEFINED;
    if (current) {
        /* the oldest go, now and then all at once */
        parent = record_depth(current) < 2 * (int)d->async_depth
                     ? js_dup(rt->sandtide_frame)
                     : cut_record(ctx, current, d->async_depth);
        if (JS_IsException(parent)) {
            JS_FreeValue(ctx, frames);
            goto none;
        }
    }
    record = new_record(ctx, js_dup(current ? current[RECORD_FRAME] : rt->sandtide_frame),
                        JS_NewString(ctx, description), frames, parent,
                        current ? record_depth(record_of(parent)) + 1 : 1);
    if (!JS_IsException(record))
        return record;
none:
    /* without memory for it, it has no stack */
    JS_FreeValue(ctx, JS_GetException(ctx));
    return js_dup(rt->sandtide_frame);
}

/* Whether a reaction's handler goes on with a function that waits. */
static bool continues_function(JSValueConst handler)
{
    const JSObject *p = JS_IsObject(handler) ? JS_VALUE_GET_OBJ(handler) : NULL;

    if (!p)
        return false;
    switch (p->class_id) {
    case JS_CLASS_ASYNC_FUNCTION_RESOLVE:
    case JS_CLASS_ASYNC_FUNCTION_REJECT:
        return true;
    case JS_CLASS_C_FUNCTION_DATA:
        return p->u.c_function_data_record &&
               p->u.c_function_data_record->func == js_async_generator_resolve_function;
    }
    return false;
}

/* What a promise's reaction keeps; `handler` is what it calls. */
static JSValue sandtide_reaction_frame(JSContext *ctx, JSValueConst handler)
{
    const SandtideDebug *d = ctx->rt->sandtide_debug;
    const JSStackFrame *sf;
    const char *description = "Promise.then";

    if (likely(!d || !d->async_depth))
        return js_dup(ctx->rt->sandtide_frame);
    if (continues_function(handler))
        return kept_frame(ctx, "await");
    /* `catch` and `finally` call `then` */
    for (sf = ctx->rt->current_stack_frame; sf && !frame_code(sf); sf = sf->prev_frame) {
        const JSObject *p = JS_IsObject(sf->cur_func) ? JS_VALUE_GET_OBJ(sf->cur_func) : NULL;
        if (!p || p->class_id != JS_CLASS_C_FUNCTION)
            continue;
        if (p->u.cfunc.c_function.generic == js_promise_catch)
            description = "Promise.catch";
        else if (p->u.cfunc.c_function.generic == js_promise_finally)
            description = "Promise.finally";
    }
    return kept_frame(ctx, description);
}

/* keepFrame(description): the same for what the host registers. */
static JSValue debug_keep_frame(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    const char *description = JS_ToCString(ctx, argv[0]);
    JSValue frame;

    (void)this_val;
    (void)argc;
    if (!description)
        return JS_EXCEPTION;
    frame = kept_frame(ctx, description);
    JS_FreeCString(ctx, description);
    return frame;
}

/* asyncStack(): the record of what runs; undefined: it has none. */
static JSValue debug_async_stack(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    (void)this_val;
    (void)argc;
    (void)argv;
    return record_of(ctx->rt->sandtide_frame) ? js_dup(ctx->rt->sandtide_frame) : JS_UNDEFINED;
}

/* keepAsyncStacks(depth): how many stacks records are kept of; 0: none. */
static JSValue debug_keep_async_stacks(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    SandtideDebug *d = ctx->rt->sandtide_debug;
    int32_t depth;

    (void)this_val;
    (void)argc;
    if (JS_ToInt32Clamp(ctx, &depth, argv[0], 0, ASYNC_DEPTH_MAX, 0))
        return JS_EXCEPTION;
    if (d)
        d->async_depth = depth;
    return JS_UNDEFINED;
}
