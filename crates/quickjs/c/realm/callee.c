/* The name of what was called but is no function, for "a.b is not a function": the engine does not keep
   it, so the code before the call is followed once more, with names in place of values. Called only
   when the error is thrown. */

#define CALLEE_NAME_MAX 96
#define CALLEE_STACK_MAX 64

typedef struct CalleeStack {
    char names[CALLEE_STACK_MAX][CALLEE_NAME_MAX]; /* "": not a name */
    int depth;
} CalleeStack;

static void callee_push(CalleeStack *stack, const char *name)
{
    if (stack->depth < CALLEE_STACK_MAX)
        snprintf(stack->names[stack->depth], CALLEE_NAME_MAX, "%s", name);
    stack->depth++;
}

static void callee_push_atom(JSContext *ctx, CalleeStack *stack, const char *object, JSAtom atom)
{
    char buf[ATOM_GET_STR_BUF_SIZE], name[CALLEE_NAME_MAX];
    const char *text = JS_AtomGetStr(ctx, buf, sizeof(buf), atom);

    if (object && !object[0])
        snprintf(name, sizeof(name), "(intermediate value).%s", text);
    else
        snprintf(name, sizeof(name), "%s%s%s", object ? object : "", object ? "." : "", text);
    callee_push(stack, name);
}

static const char *callee_top(const CalleeStack *stack, int below)
{
    int i = stack->depth - 1 - below;

    return i >= 0 && i < CALLEE_STACK_MAX ? stack->names[i] : "";
}

static void callee_drop(CalleeStack *stack, int count)
{
    stack->depth = max_int(stack->depth - count, 0);
}

static JSAtom local_name(const JSFunctionBytecode *b, int index)
{
    return index < b->var_count ? b->vardefs[b->arg_count + index].var_name : JS_ATOM_NULL;
}

static JSAtom argument_name(const JSFunctionBytecode *b, int index)
{
    return index < b->arg_count ? b->vardefs[index].var_name : JS_ATOM_NULL;
}

static JSAtom captured_name(const JSFunctionBytecode *b, int index)
{
    return index < b->closure_var_count ? b->closure_var[index].var_name : JS_ATOM_NULL;
}

/* The variable that an instruction reads, or JS_ATOM_NULL. */
static JSAtom variable_of(const JSFunctionBytecode *b, const uint8_t *p)
{
    switch (p[0]) {
    case OP_get_var:
    case OP_get_var_undef:
        return get_u32(p + 1);
    case OP_get_loc:
    case OP_get_loc_check:
        return local_name(b, get_u16(p + 1));
    case OP_get_loc8:
        return local_name(b, p[1]);
    case OP_get_loc0:
    case OP_get_loc1:
    case OP_get_loc2:
    case OP_get_loc3:
        return local_name(b, p[0] - OP_get_loc0);
    case OP_get_arg:
        return argument_name(b, get_u16(p + 1));
    case OP_get_arg0:
    case OP_get_arg1:
    case OP_get_arg2:
    case OP_get_arg3:
        return argument_name(b, p[0] - OP_get_arg0);
    case OP_get_var_ref:
    case OP_get_var_ref_check:
        return captured_name(b, get_u16(p + 1));
    case OP_get_var_ref0:
    case OP_get_var_ref1:
    case OP_get_var_ref2:
    case OP_get_var_ref3:
        return captured_name(b, p[0] - OP_get_var_ref0);
    }
    return JS_ATOM_NULL;
}

/* Where a jump goes, or -1 if the instruction does not jump. */
static int jump_target(const uint8_t *code, int pos)
{
    switch (code[pos]) {
    case OP_goto:
    case OP_if_false:
    case OP_if_true:
        return pos + 1 + (int)get_u32(code + pos + 1);
    case OP_goto8:
    case OP_if_false8:
    case OP_if_true8:
        return pos + 1 + (int8_t)code[pos + 1];
    case OP_goto16:
        return pos + 1 + (int16_t)get_u16(code + pos + 1);
    }
    return -1;
}

static void callee_step(JSContext *ctx, const JSFunctionBytecode *b, CalleeStack *stack,
                        const uint8_t *p)
{
    const JSOpCode *info = &short_opcode_info(p[0]);
    JSAtom variable = variable_of(b, p);
    char object[CALLEE_NAME_MAX];
    int i, pops = info->n_pop;

    if (variable != JS_ATOM_NULL) {
        char buf[ATOM_GET_STR_BUF_SIZE];
        const char *text = JS_AtomGetStr(ctx, buf, sizeof(buf), variable);
        callee_push(stack, text[0] == '<' ? "" : text);
        return;
    }
    switch (p[0]) {
    case OP_get_field:
    case OP_get_field2:
        snprintf(object, sizeof(object), "%s", callee_top(stack, 0));
        if (p[0] == OP_get_field)
            callee_drop(stack, 1);
        callee_push_atom(ctx, stack, object, get_u32(p + 1));
        return;
    case OP_get_array_el:
    case OP_get_array_el2:
        snprintf(object, sizeof(object) - 6, "%s", callee_top(stack, 1));
        callee_drop(stack, p[0] == OP_get_array_el ? 2 : 1);
        callee_push(stack, object[0] ? strcat(object, "[...]") : "");
        return;
    case OP_dup:
        snprintf(object, sizeof(object), "%s", callee_top(stack, 0));
        callee_push(stack, object);
        return;
    }
    if (info->fmt == OP_FMT_npop || info->fmt == OP_FMT_npop_u16)
        pops += get_u16(p + 1);
    else if (info->fmt == OP_FMT_npopx)
        pops += p[0] - OP_call0;
    callee_drop(stack, pops);
    for (i = 0; i < info->n_push; i++)
        callee_push(stack, "");
}

/* The name, in `name`; false: there is none. `constructs`: it was called by `new`. */
static bool callee_name(JSContext *ctx, char *name, bool *constructs)
{
    JSStackFrame *frame = ctx->rt->current_stack_frame;
    const JSFunctionBytecode *b;
    const uint8_t *code;
    CalleeStack *stack;
    int16_t *depths;
    JSObject *function;
    int pos, end, next, target, argc;
    bool found = false;

    name[0] = '\0';
    if (!frame || JS_VALUE_GET_TAG(frame->cur_func) != JS_TAG_OBJECT)
        return false;
    function = JS_VALUE_GET_OBJ(frame->cur_func);
    /* frames of native functions have no place, nor do they say so */
    if (!js_class_has_bytecode(function->class_id) || !frame->cur_pc)
        return false;
    b = function->u.func.function_bytecode;
    code = b->byte_code_buf;
    end = frame->cur_pc - code;
    stack = calloc(1, sizeof(*stack));
    depths = malloc((b->byte_code_len + 1) * sizeof(*depths));
    if (!stack || !depths)
        goto out;
    for (pos = 0; pos <= b->byte_code_len; pos++)
        depths[pos] = -1;
    for (pos = 0; pos < b->byte_code_len; pos = next) {
        next = pos + short_opcode_info(code[pos]).size;
        if (depths[pos] >= 0)
            stack->depth = depths[pos];
        if (next == end) {
            argc = -1;
            switch (code[pos]) {
            case OP_call:
            case OP_tail_call:
            case OP_call_method:
            case OP_tail_call_method:
                argc = get_u16(code + pos + 1);
                break;
            case OP_call_constructor:
                argc = get_u16(code + pos + 1) + 1;
                *constructs = true;
                break;
            case OP_call0:
            case OP_call1:
            case OP_call2:
            case OP_call3:
                argc = code[pos] - OP_call0;
                break;
            }
            if (argc >= 0) {
                snprintf(name, CALLEE_NAME_MAX, "%s", callee_top(stack, argc));
                found = name[0] != '\0';
            }
            break;
        }
        callee_step(ctx, b, stack, code + pos);
        target = jump_target(code, pos);
        if (target > pos && target <= b->byte_code_len)
            depths[target] = min_int(stack->depth, INT16_MAX);
    }
out:
    free(stack);
    free(depths);
    return found;
}

static inline bool sandtide_names_callee(int opcode)
{
    return opcode == OP_scope_get_var || opcode == OP_get_field || opcode == OP_get_field_opt_chain ||
           opcode == OP_scope_get_private_field;
}

/* "a.b is not a function", or what the engine says where there is no name. */
static JSValue sandtide_throw_not_callable(JSContext *ctx, const char *what, const char *plain)
{
    char name[CALLEE_NAME_MAX];
    bool constructs = false;

    if (!ctx->rt->sandtide)
        return JS_ThrowTypeError(ctx, "%s", plain);
    if (!callee_name(ctx, name, &constructs))
        snprintf(name, sizeof(name), "(intermediate value)");
    return JS_ThrowTypeError(ctx, "%s is not %s", name, constructs ? "a constructor" : what);
}
