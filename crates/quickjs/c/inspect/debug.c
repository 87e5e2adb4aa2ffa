/* Stopping a program where its statements begin.

   Code that is compiled while `sandtide_places` is on has the instruction OP_place there, which does
   nothing. A breakpoint writes OP_stop over its opcode, and a step does so in all functions that it may
   lead to; both instructions have one length and no operands that are owned, so that code with either
   is walked, freed and copied alike. An OP_stop that nobody wants is written back when it is met. So a
   program without breakpoints runs as fast with a debugger as without.

   Must not know the protocol, nor what a host shows of a stop. Looking at frames is frames.c. */

#include "sandtide_debug.h"

typedef struct {
    uint32_t script;
    int32_t line, column;
} BreakPoint;

typedef struct {
    JSAtom file; /* counted */
    uint32_t number;
} ScriptFile;

typedef struct SandtideDebug {
    SandtideDebugger debugger;
    uint32_t scripts;      /* the last one's number */
    bool own;              /* what is compiled is the host's own */
    uint32_t compiling;    /* the number of the script that is compiled now; 0: none */
    const char *text;      /* and its text */
    const char *text_file;
    size_t text_length;
    int text_line, text_column;
    bool text_module;
    ScriptFile *files;     /* newest last */
    uint32_t files_count, files_size;
    BreakPoint *breaks;
    uint32_t breaks_count, breaks_size;
    uint32_t step;
    bool only_frame;       /* the step ends in its own frame, which may be suspended meanwhile */
    const JSStackFrame *frame; /* the step's; compared only */
    const void *function;  /* the same of its function */
    bool throws;
    JSValue thrown;        /* the exception that was told last: held, so that no other has its address */
    uint32_t inside;       /* calls of the debugger that are on */
    JSStackFrame *stopped; /* the innermost frame of the stop that is on */
    uint32_t why;          /* why it stopped */
    uint32_t async_depth;  /* stacks that are kept of asynchronous callers: async.c */
    JSValueConst stopped_this;
    JSValueConst exception; /* what the stop is for; undefined: no exception */
} SandtideDebug;

/* Whether what is compiled is the host's or the engine's. Of names, only those count that the engine and
   the inspector's scripts use: a program's own may begin with "node:". */
static bool is_internal(const JSRuntime *rt, const char *file)
{
    return (rt->sandtide_debug && rt->sandtide_debug->own) ||
           !strncmp(file, "node:internal/", strlen("node:internal/")) || !strcmp(file, "<built-in>");
}

/* Whether a function is of the scripts that show values to debuggers: no program is to see it. Code from strings
   is none of them, whatever its sourceURL says. */
static bool sandtide_is_inspector(JSContext *ctx, JSObject *function)
{
    const JSFunctionBytecode *code;
    const char *file;
    bool result;

    if (!js_class_has_bytecode(function->class_id))
        return false;
    code = function->u.func.function_bytecode;
    if (code->sandtide_eval_origin != JS_ATOM_NULL)
        return false;
    file = JS_AtomToCString(ctx, code->filename);
    result = file && !strncmp(file, "node:internal/inspector/", strlen("node:internal/inspector/"));
    JS_FreeCString(ctx, file);
    return result;
}

/* Whether a statement that begins now is the program's own: not of built-in modules, nor of what stands
   around the text of a function. */
static bool sandtide_wants_place(struct JSParseState *s)
{
    const Sandtide *realms = s->ctx->rt->sandtide;
    size_t at = s->token.ptr - s->buf_start;

    if (is_internal(s->ctx->rt, s->filename))
        return false;
    if (realms && realms->body_end)
        return at >= realms->body_start && at <= realms->body_end;
    return true;
}

static void sandtide_script_begins(JSContext *ctx, struct JSParseState *s)
{
    SandtideDebug *d = ctx->rt->sandtide_debug;
    const Sandtide *realms = ctx->rt->sandtide;

    if (likely(!d))
        return;
    d->compiling = 0;
    d->text = d->text_file = NULL;
    if (is_internal(ctx->rt, s->filename) || (realms && realms->probing))
        return;
    d->compiling = ++d->scripts;
    d->text = (const char *)s->buf_start;
    d->text_length = s->buf_end - s->buf_start;
    d->text_file = s->filename;
    d->text_line = s->line_num - 1;
    d->text_column = s->col_num - 1;
    d->text_module = s->is_module;
    if (realms && realms->body_end && realms->body_end <= d->text_length) {
        d->text += realms->body_start;
        d->text_length = realms->body_end - realms->body_start;
        d->text_line++;
    }
}

static uint32_t sandtide_script_of_new_code(JSContext *ctx)
{
    const SandtideDebug *d = ctx->rt->sandtide_debug;

    return likely(!d) ? 0 : d->compiling;
}

/* Makes room for one more file. A jump in the middle of it would leave the C library's own locks taken. */
static void grow_files(JSRuntime *rt)
{
    SandtideDebug *d = rt->sandtide_debug;
    uint32_t size = d->files_size ? 2 * d->files_size : 64;
    ScriptFile *files = realloc(d->files, size * sizeof(*files));

    if (!files)
        return;
    d->files = files;
    d->files_size = size;
}

static void note_file(JSContext *ctx, SandtideDebug *d, const char *name, uint32_t number)
{
    JSAtom file = JS_NewAtom(ctx, name);
    uint32_t i;

    if (file == JS_ATOM_NULL) {
        JS_FreeValue(ctx, JS_GetException(ctx));
        return;
    }
    for (i = d->files_count; i > 0; i--) {
        if (d->files[i - 1].file == file) {
            d->files[i - 1].number = number;
            JS_FreeAtom(ctx, file);
            return;
        }
    }
    if (d->files_count == d->files_size) {
        if (d->debugger.whole)
            d->debugger.whole(d->debugger.opaque, sandtide_main(ctx), grow_files);
        else
            grow_files(ctx->rt);
        if (d->files_count == d->files_size) {
            JS_FreeAtom(ctx, file);
            return;
        }
    }
    d->files[d->files_count++] = (ScriptFile){ file, number };
}

static const JSFunctionBytecode *frame_code(const JSStackFrame *sf)
{
    JSObject *p;

    if (JS_VALUE_GET_TAG(sf->cur_func) != JS_TAG_OBJECT)
        return NULL;
    p = JS_VALUE_GET_OBJ(sf->cur_func);
    return js_class_has_bytecode(p->class_id) ? p->u.func.function_bytecode : NULL;
}

static inline int code_size(const JSFunctionBytecode *b, int at)
{
    return short_opcode_info(b->byte_code_buf[at]).size;
}

/* Has the function stop at each of its places. */
static void arm(JSFunctionBytecode *b)
{
    int at;

    if (!b->byte_code_buf)
        return;
    for (at = 0; at < b->byte_code_len; at += code_size(b, at)) {
        if (b->byte_code_buf[at] == OP_place)
            b->byte_code_buf[at] = OP_stop;
    }
}

static void arm_tree(JSFunctionBytecode *b)
{
    int i;

    arm(b);
    for (i = 0; i < b->cpool_count; i++) {
        if (JS_VALUE_GET_TAG(b->cpool[i]) == JS_TAG_FUNCTION_BYTECODE)
            arm_tree(JS_VALUE_GET_PTR(b->cpool[i]));
    }
}

/* Code that was read is that of the script which was compiled last under its name. */
static void sandtide_code_was_read(JSContext *ctx, struct JSFunctionBytecode *b)
{
    const SandtideDebug *d = ctx->rt->sandtide_debug;
    uint32_t i;

    if (likely(!d))
        return;
    for (i = d->files_count; i > 0; i--) {
        if (d->files[i - 1].file == b->filename) {
            b->sandtide_script = d->files[i - 1].number;
            break;
        }
    }
    /* a place without a breakpoint is written back when it is met */
    if (b->sandtide_script && (d->breaks_count || d->step == SANDTIDE_STEP_INTO))
        arm(b);
}

static void sandtide_script_ends(JSContext *ctx, JSValueConst code)
{
    SandtideDebug *d = ctx->rt->sandtide_debug;
    Sandtide *realms = ctx->rt->sandtide;
    SandtideScript script;

    if (likely(!d) || !d->compiling)
        return;
    script = (SandtideScript){
        .number = d->compiling,
        .line = d->text_line,
        .column = d->text_column,
        .module = d->text_module,
        .file = d->text_file,
        .text = d->text,
        .length = d->text_length,
    };
    d->compiling = 0;
    d->text = d->text_file = NULL;
    if (JS_IsException(code))
        return;
    note_file(ctx, d, script.file, script.number);
    if (d->step == SANDTIDE_STEP_INTO)
        arm_tree(JS_VALUE_GET_PTR(code));
    if (d->debugger.on_script) {
        /* what is known of the compilation holds for nothing that the debugger may compile */
        size_t start = realms ? realms->body_start : 0, end = realms ? realms->body_end : 0;
        JSValueConst origin = realms ? realms->compiling : NO_ORIGIN;
        if (realms) {
            realms->body_start = realms->body_end = 0;
            realms->compiling = NO_ORIGIN;
        }
        d->debugger.on_script(d->debugger.opaque, sandtide_main(ctx), &script);
        if (realms) {
            realms->body_start = start;
            realms->body_end = end;
            realms->compiling = origin;
        }
    }
}

static void arm_all(JSRuntime *rt)
{
    struct list_head *el;

    list_for_each(el, &rt->gc_obj_list) {
        JSGCObjectHeader *gp = list_entry(el, JSGCObjectHeader, link);
        if (JS_GC_TYPE(gp) == JS_GC_OBJ_TYPE_FUNCTION_BYTECODE)
            arm((JSFunctionBytecode *)gp);
    }
}

static bool has_break(const SandtideDebug *d, uint32_t script, int line, int column)
{
    uint32_t i;

    for (i = 0; i < d->breaks_count; i++) {
        if (d->breaks[i].script == script && d->breaks[i].line == line &&
            d->breaks[i].column == column)
            return true;
    }
    return false;
}

static bool is_on_stack(const JSStackFrame *from, const JSStackFrame *wanted)
{
    for (; from; from = from->prev_frame) {
        if (from == wanted)
            return true;
    }
    return false;
}

static bool step_ends(const SandtideDebug *d, const JSStackFrame *sf)
{
    bool own = sf == d->frame && JS_VALUE_GET_PTR(sf->cur_func) == d->function;

    switch (d->step) {
    case SANDTIDE_STEP_INTO:
        return true;
    case SANDTIDE_STEP_OVER:
        return own || (!d->only_frame && !is_on_stack(sf->prev_frame, d->frame));
    case SANDTIDE_STEP_OUT:
        return !own && !is_on_stack(sf->prev_frame, d->frame);
    }
    return false;
}

static int tell_stop(SandtideDebug *d, JSContext *ctx, JSStackFrame *sf, JSValueConst this_obj,
                     const SandtideStop *stop)
{
    int result;

    d->inside++;
    d->stopped = sf;
    d->why = stop->why;
    d->stopped_this = this_obj;
    result = d->debugger.on_stop(d->debugger.opaque, sandtide_main(ctx), stop);
    /* the debugger may have been detached */
    d = ctx->rt->sandtide_debug;
    if (d) {
        d->stopped = NULL;
        d->stopped_this = d->exception = JS_UNDEFINED;
        d->inside--;
    }
    if (result < 0) {
        JS_ThrowInternalError(ctx, "execution was terminated");
        JS_SetUncatchableError(ctx, ctx->rt->current_exception);
        return -1;
    }
    return 0;
}

/* `pc` is behind an OP_stop or OP_debugger. The frame's place is set. */
static no_inline int sandtide_at_stop(JSContext *ctx, JSStackFrame *sf, JSFunctionBytecode *b,
                                      uint8_t *pc, JSValueConst this_obj)
{
    SandtideDebug *d = ctx->rt->sandtide_debug;
    uint8_t *at = pc - 3;
    SandtideStop stop = { .why = SANDTIDE_STOP_PLACE, .script = b->sandtide_script };

    if (*at == OP_debugger) {
        if (!d || d->inside)
            return 0;
        stop.why = SANDTIDE_STOP_DEBUGGER;
        stop.line = find_line_num(ctx, b, pc - b->byte_code_buf - 1, &stop.column);
        return tell_stop(d, ctx, sf, this_obj, &stop);
    }
    if (!d) {
        *at = OP_place;
        return 0;
    }
    if (d->inside)
        return 0;
    stop.line = find_line_num(ctx, b, pc - b->byte_code_buf - 1, &stop.column);
    stop.breakpoint = has_break(d, stop.script, stop.line, stop.column);
    stop.step = step_ends(d, sf);
    if (!stop.breakpoint && !stop.step) {
        if (d->step == SANDTIDE_STEP_NONE)
            *at = OP_place;
        return 0;
    }
    return tell_stop(d, ctx, sf, this_obj, &stop);
}

/* The offset of what catches at an instruction of a function, or 0. Operands are followed from the
   function's beginning, as the compiler does to find how many there are (compute_stack_size). */
static bool catches_at(JSRuntime *rt, const JSFunctionBytecode *b, int wanted);

/* An exception is pending, and nobody in this frame was asked yet whether it catches it. */
static no_inline void sandtide_at_throw(JSContext *ctx, JSStackFrame *sf, JSFunctionBytecode *b,
                                        uint8_t *pc, JSValueConst this_obj)
{
    JSRuntime *rt = ctx->rt;
    SandtideDebug *d = rt->sandtide_debug;
    JSValue exception = rt->current_exception;
    bool has_address = JS_VALUE_HAS_REF_COUNT(exception);
    SandtideStop stop = { .why = SANDTIDE_STOP_THROW, .script = b->sandtide_script };
    const JSStackFrame *frame;
    uint8_t last = pc > b->byte_code_buf ? pc[-1] : 0;

    if (!d->throws || d->inside || !b->sandtide_script || JS_IsUncatchableError(exception))
        return;
    /* one that comes from a callee was told there, unless it is thrown again */
    if (has_address && JS_VALUE_HAS_REF_COUNT(d->thrown) && last != OP_throw &&
        JS_VALUE_GET_PTR(d->thrown) == JS_VALUE_GET_PTR(exception))
        return;
    set_value(ctx, &d->thrown, has_address ? js_dup(exception) : JS_UNDEFINED);
    for (frame = sf; frame && !stop.caught; frame = frame->prev_frame) {
        const JSFunctionBytecode *code = frame_code(frame);
        if (code && frame->cur_pc)
            stop.caught = catches_at(rt, code, frame->cur_pc - code->byte_code_buf - 1);
    }
    stop.line = find_line_num(ctx, b, pc - b->byte_code_buf - 1, &stop.column);
    rt->current_exception = JS_UNINITIALIZED;
    d->exception = exception;
    if (tell_stop(d, ctx, sf, this_obj, &stop) < 0) {
        JS_FreeValue(ctx, exception);
        return;
    }
    if (JS_HasException(ctx))
        JS_FreeValue(ctx, JS_GetException(ctx));
    rt->current_exception = exception;
}

static bool catches_at(JSRuntime *rt, const JSFunctionBytecode *b, int wanted)
{
    int at, depth = 0;
    int ends[64]; /* where the handlers of open try blocks begin */

    /* A try block's code lies between its OP_catch and its handler, which comes behind it. */
    (void)rt;
    for (at = 0; at < b->byte_code_len && at <= wanted; at += code_size(b, at)) {
        while (depth > 0 && at >= ends[depth - 1])
            depth--;
        if (b->byte_code_buf[at] == OP_catch && depth < (int)countof(ends)) {
            int handler = at + 1 + (int)get_u32(b->byte_code_buf + at + 1);
            /* one that only runs a finally block and throws again catches nothing */
            if (b->byte_code_buf[handler] != OP_gosub)
                ends[depth++] = handler;
        }
    }
    return depth > 0;
}

/* Asked where the interpreter asks whether it is to go on. Built-ins do so too, in the middle of their
   work, which nothing may be run in. Asked within a stop too: what a client evaluates there may have no
   end. */
static int sandtide_debug_poll(JSContext *ctx)
{
    SandtideDebug *d = ctx->rt->sandtide_debug;
    JSStackFrame *sf = ctx->rt->current_stack_frame;
    int result;

    if (!d->debugger.wanted || !sf || !frame_code(sf) ||
        !JS_IsUninitialized(ctx->rt->current_exception))
        return 0;
    if (!__atomic_exchange_n(d->debugger.wanted, 0, __ATOMIC_ACQ_REL))
        return 0;
    d->inside++;
    result = d->debugger.on_wanted(d->debugger.opaque, sandtide_main(ctx));
    if (ctx->rt->sandtide_debug)
        ctx->rt->sandtide_debug->inside--;
    if (JS_HasException(ctx))
        JS_FreeValue(ctx, JS_GetException(ctx));
    return result;
}

void sandtide_debug_places(JSRuntime *rt, bool on)
{
    rt->sandtide_places = on;
}

void sandtide_debug_own(JSRuntime *rt, bool on)
{
    if (rt->sandtide_debug)
        rt->sandtide_debug->own = on;
}

struct SandtideDebug *sandtide_debug_state(JSRuntime *rt)
{
    return rt->sandtide_debug;
}

void sandtide_debug_reset(struct SandtideDebug *d)
{
    SandtideDebug fresh = { .stopped_this = JS_UNDEFINED, .exception = JS_UNDEFINED, .thrown = JS_UNDEFINED };

    if (!d)
        return;
    fresh.debugger = d->debugger;
    /* numbers are not given twice: clients may know them */
    fresh.scripts = d->scripts;
    fresh.files = d->files;
    fresh.files_size = d->files_size;
    fresh.breaks = d->breaks;
    fresh.breaks_size = d->breaks_size;
    *d = fresh;
}

void sandtide_debug_forget(struct SandtideDebug *d)
{
    if (!d)
        return;
    free(d->files);
    free(d->breaks);
    free(d);
}

bool sandtide_debug_attach(JSRuntime *rt, const SandtideDebugger *debugger)
{
    SandtideDebug *d = rt->sandtide_debug;
    uint32_t i;

    if (!debugger) {
        if (!d)
            return true;
        rt->sandtide_debug = NULL;
        JS_FreeValueRT(rt, d->thrown);
        for (i = 0; i < d->files_count; i++)
            JS_FreeAtomRT(rt, d->files[i].file);
        free(d->files);
        free(d->breaks);
        free(d);
        return true;
    }
    if (!d) {
        d = calloc(1, sizeof(*d));
        if (!d)
            return false;
        d->stopped_this = d->exception = d->thrown = JS_UNDEFINED;
        rt->sandtide_debug = d;
    }
    d->debugger = *debugger;
    return true;
}

typedef struct {
    uint32_t script;
    SandtideOnPlace *f;
    void *opaque;
    int32_t line, column; /* only this place, and stop there; 0: all */
} EachPlace;

static bool ends_function(const JSFunctionBytecode *b, int at)
{
    for (at += code_size(b, at); at < b->byte_code_len; at += code_size(b, at)) {
        switch (b->byte_code_buf[at]) {
        case OP_return:
        case OP_return_undef:
        case OP_return_async:
        case OP_tail_call:
        case OP_tail_call_method:
            return true;
        case OP_place:
        case OP_stop:
        case OP_debugger:
        case OP_goto:
        case OP_goto8:
        case OP_goto16:
        case OP_throw:
            return false;
        }
    }
    return true;
}

static void each_place_of(JSContext *ctx, JSFunctionBytecode *b, const EachPlace *each)
{
    int at, line, column;

    if (b->sandtide_script != each->script || !b->byte_code_buf)
        return;
    for (at = 0; at < b->byte_code_len; at += code_size(b, at)) {
        uint8_t *op = &b->byte_code_buf[at];
        if (*op != OP_place && *op != OP_stop && *op != OP_debugger)
            continue;
        line = find_line_num(ctx, b, at + 2, &column);
        if (each->line) {
            if (*op == OP_place && line == each->line && column == each->column)
                *op = OP_stop;
            continue;
        }
        each->f(each->opaque, line, column, ends_function(b, at));
    }
}

static void each_place(JSRuntime *rt, JSContext *ctx, const EachPlace *each)
{
    struct list_head *el;

    list_for_each(el, &rt->gc_obj_list) {
        JSGCObjectHeader *gp = list_entry(el, JSGCObjectHeader, link);
        if (JS_GC_TYPE(gp) == JS_GC_OBJ_TYPE_FUNCTION_BYTECODE)
            each_place_of(ctx, (JSFunctionBytecode *)gp, each);
    }
}

void sandtide_debug_each_place(JSContext *ctx, uint32_t script, SandtideOnPlace *f, void *opaque)
{
    const EachPlace each = { .script = script, .f = f, .opaque = opaque };

    each_place(ctx->rt, ctx, &each);
}

bool sandtide_debug_set(JSRuntime *rt, uint32_t script, int32_t line, int32_t column, bool on)
{
    SandtideDebug *d = rt->sandtide_debug;
    const EachPlace each = { .script = script, .line = line, .column = column };
    uint32_t i;

    if (!d)
        return false;
    for (i = 0; i < d->breaks_count; i++) {
        if (d->breaks[i].script == script && d->breaks[i].line == line &&
            d->breaks[i].column == column) {
            if (!on)
                d->breaks[i] = d->breaks[--d->breaks_count];
            return true;
        }
    }
    if (!on)
        return true;
    if (d->breaks_count == d->breaks_size) {
        uint32_t size = d->breaks_size ? 2 * d->breaks_size : 16;
        BreakPoint *breaks = realloc(d->breaks, size * sizeof(*breaks));
        if (!breaks)
            return false;
        d->breaks = breaks;
        d->breaks_size = size;
    }
    d->breaks[d->breaks_count++] = (BreakPoint){ script, line, column };
    each_place(rt, NULL, &each);
    return true;
}

void sandtide_debug_step(JSRuntime *rt, uint32_t step)
{
    SandtideDebug *d = rt->sandtide_debug;
    const JSStackFrame *sf;

    if (!d)
        return;
    d->step = step;
    d->frame = d->stopped;
    d->function = d->stopped ? JS_VALUE_GET_PTR(d->stopped->cur_func) : NULL;
    d->only_frame = false;
    if (step == SANDTIDE_STEP_NONE)
        return;
    if (step == SANDTIDE_STEP_INTO || !d->stopped) {
        arm_all(rt);
        return;
    }
    for (sf = d->stopped; sf; sf = sf->prev_frame) {
        const JSFunctionBytecode *b = frame_code(sf);
        if (b)
            arm((JSFunctionBytecode *)b);
    }
    /* where an exception is thrown, `cur_pc` need not lie behind a place */
    if (step == SANDTIDE_STEP_OVER && d->why == SANDTIDE_STOP_PLACE && d->stopped->cur_gc_obj) {
        const JSFunctionBytecode *b = frame_code(d->stopped);
        int at = d->stopped->cur_pc - b->byte_code_buf - 3;
        d->only_frame = at >= 0 && !ends_function(b, at);
    }
}

void sandtide_debug_stop_at_throws(JSRuntime *rt, bool on)
{
    if (rt->sandtide_debug)
        rt->sandtide_debug->throws = on;
}

void sandtide_debug_turn(JSRuntime *rt)
{
    SandtideDebug *d = rt->sandtide_debug;
    JSValue thrown;

    if (!d)
        return;
    thrown = d->thrown;
    d->thrown = JS_UNDEFINED;
    JS_FreeValueRT(rt, thrown);
    if (!d->only_frame && (d->step == SANDTIDE_STEP_OVER || d->step == SANDTIDE_STEP_OUT))
        d->step = SANDTIDE_STEP_NONE;
}

/* An element of an answer to the script of values. */
static void put(JSContext *ctx, JSValueConst array, uint32_t at, JSValue value)
{
    JS_DefinePropertyValueUint32(ctx, array, at, value, JS_PROP_C_W_E);
}
