/* Where code comes from that is compiled from a string (eval, Function and its kin), as Node shows it: the name
   that a sourceURL gives it, or `eval at f (file.js:3:5)`. Kept with each function of such code. Must not know
   how frames are written. */

/* Bytes of an origin: code that evals code that evals code would be called ever longer. */
#define EVAL_ORIGIN_MAX 1000

static JSValue magic_comment(JSContext *ctx, const char *source, size_t len, const char *name);

static void put_atom(JSContext *ctx, DynBuf *out, JSAtom atom)
{
    const char *text = JS_AtomToCString(ctx, atom);

    if (text)
        dbuf_putstr(out, text);
    else
        JS_FreeValue(ctx, JS_GetException(ctx));
    JS_FreeCString(ctx, text);
}

/* Whether a function was made by Function, which names it "anonymous"; stacks do not. */
static bool is_made_by_function(JSContext *ctx, const JSFunctionBytecode *code)
{
    return code->sandtide_eval_origin != JS_ATOM_NULL && code->func_name == ctx->rt->sandtide->anonymous;
}

/* The innermost frame of code in the language. */
static const JSStackFrame *calling_frame(JSContext *ctx)
{
    const JSStackFrame *frame = ctx->rt->current_stack_frame;

    while (frame && (!JS_IsObject(frame->cur_func) ||
                     !js_class_has_bytecode(JS_VALUE_GET_OBJ(frame->cur_func)->class_id)))
        frame = frame->prev_frame;
    return frame;
}

static void put_caller(JSContext *ctx, DynBuf *out)
{
    const JSStackFrame *frame = calling_frame(ctx);
    JSFunctionBytecode *code;
    const char *name;
    int line, column;

    dbuf_putstr(out, "eval at ");
    if (!frame)
        return;
    code = JS_VALUE_GET_OBJ(frame->cur_func)->u.func.function_bytecode;
    name = get_func_name(ctx, frame->cur_func);
    if (!name)
        JS_FreeValue(ctx, JS_GetException(ctx)); /* for want of memory */
    if (name && name[0] && name[0] != '<' && !is_made_by_function(ctx, code))
        dbuf_putstr(out, name);
    else
        dbuf_putstr(out, "<anonymous>");
    JS_FreeCString(ctx, name);
    dbuf_putstr(out, " (");
    if (code->sandtide_eval_origin != JS_ATOM_NULL) {
        put_atom(ctx, out, code->sandtide_eval_origin);
    } else {
        if (code->filename != JS_ATOM_NULL)
            put_atom(ctx, out, code->filename);
        if (frame->cur_pc) {
            line = find_line_num(ctx, code, frame->cur_pc - code->byte_code_buf - 1, &column);
            dbuf_printf(out, ":%d:%d", line, column);
        }
    }
    dbuf_putc(out, ')');
}

/* Cuts a text before a character that would end beyond `max`. */
static void cut_text(DynBuf *text, size_t max)
{
    if (text->size <= max)
        return;
    for (text->size = max; text->size > 0 && (text->buf[text->size] & 0xc0) == 0x80;)
        text->size--;
    dbuf_putstr(text, "\xe2\x80\xa6)"); /* an ellipsis */
}

/* A text is about to be compiled, as `fd`: says where it comes from. Without memory that stays unsaid. */
static void sandtide_eval_begins(JSContext *ctx, JSFunctionDef *fd, const char *text, size_t len)
{
    JSValue url = JS_UNDEFINED;
    JSAtom origin = JS_ATOM_NULL;
    DynBuf caller;

    if (!ctx->rt->sandtide || (fd->eval_type != JS_EVAL_TYPE_DIRECT && fd->eval_type != JS_EVAL_TYPE_INDIRECT))
        return;
    if (memmem(text, len, "sourceURL=", 10))
        url = magic_comment(ctx, text, len, "sourceURL");
    if (JS_IsString(url)) {
        origin = JS_ValueToAtom(ctx, url);
        if (origin != JS_ATOM_NULL) {
            JS_FreeAtom(ctx, fd->filename);
            fd->filename = JS_DupAtom(ctx, origin);
        }
    } else if (!JS_IsException(url)) {
        js_dbuf_init(ctx, &caller);
        put_caller(ctx, &caller);
        cut_text(&caller, EVAL_ORIGIN_MAX);
        if (!dbuf_error(&caller))
            origin = JS_NewAtomLen(ctx, (char *)caller.buf, caller.size);
        dbuf_free(&caller);
    }
    JS_FreeValue(ctx, url);
    if (origin == JS_ATOM_NULL)
        JS_FreeValue(ctx, JS_GetException(ctx));
    fd->sandtide_eval_origin = origin;
}

/* Whether code from a string has a name of its own, which is then that of its file. */
static bool eval_is_named(const JSFunctionBytecode *code)
{
    return code->sandtide_eval_origin == code->filename;
}
