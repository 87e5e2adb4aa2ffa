/* Finds what an expression is called in the program, for "a.b is not a function" and the like.
   The engine keeps no such names, so the code before the instruction that failed is followed
   once more, with the instructions that made the values in the place of the values. Called only
   when the error is thrown.

   It uses no memory but its own frame, calls no code of the program, and reads nothing but
   bytecode, because memory may have run out and the run may be abandoned meanwhile. */

#define NAME_MAX_BYTES 128
#define ORIGINS_MAX 192 /* instructions looked back on; a power of two is not needed */
#define SLOTS_MAX 96
#define JUMPS_MAX 32
#define NAME_DEPTH_MAX 16

#define NOT_TRACED 0

/* An instruction that made a value, and the origins of its operands. */
typedef struct Origin {
    uint32_t id; /* NOT_TRACED: empty */
    int pos;
    uint32_t object, key;
} Origin;

typedef struct Jump {
    int target, depth;
    uint32_t top;
} Jump;

typedef struct Trace {
    JSContext *ctx;
    const JSFunctionBytecode *code;
    Origin origins[ORIGINS_MAX];
    uint32_t next_id;
    uint32_t slots[SLOTS_MAX];
    int depth;
    bool live; /* the instruction before goes on here */
    Jump jumps[JUMPS_MAX];
} Trace;

static uint32_t new_origin(Trace *t, int pos, uint32_t object, uint32_t key)
{
    Origin *origin = &t->origins[t->next_id % ORIGINS_MAX];

    *origin = (Origin){ .id = t->next_id, .pos = pos, .object = object, .key = key };
    return t->next_id++;
}

/* NULL: unknown, or too long ago. */
static const Origin *find_origin(const Trace *t, uint32_t id)
{
    const Origin *origin = &t->origins[id % ORIGINS_MAX];

    return id != NOT_TRACED && origin->id == id ? origin : NULL;
}

static void trace_push(Trace *t, uint32_t id)
{
    if (t->depth >= 0 && t->depth < SLOTS_MAX)
        t->slots[t->depth] = id;
    t->depth++;
}

static uint32_t trace_top(const Trace *t, int below)
{
    int i = t->depth - 1 - below;

    return i >= 0 && i < SLOTS_MAX ? t->slots[i] : NOT_TRACED;
}

static void trace_drop(Trace *t, int count)
{
    t->depth = max_int(t->depth - count, 0);
}

/* Pops `pops` values and pushes some of them again: `order` says which, counted from the deepest. */
static void trace_shuffle(Trace *t, int pops, const char *order)
{
    uint32_t taken[5];
    int i;

    for (i = 0; i < pops; i++)
        taken[i] = trace_top(t, pops - 1 - i);
    trace_drop(t, pops);
    for (; *order; order++)
        trace_push(t, taken[*order - '0']);
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

/* The variable that an instruction reads, or keeps its value in; JS_ATOM_NULL: none. */
static JSAtom variable_of(const JSFunctionBytecode *b, const uint8_t *p)
{
    switch (p[0]) {
    case OP_get_var:
    case OP_get_var_undef:
        return get_u32(p + 1);
    case OP_get_loc:
    case OP_get_loc_check:
    case OP_set_loc:
        return local_name(b, get_u16(p + 1));
    case OP_get_loc8:
    case OP_set_loc8:
        return local_name(b, p[1]);
    case OP_get_loc0:
    case OP_get_loc1:
    case OP_get_loc2:
    case OP_get_loc3:
        return local_name(b, p[0] - OP_get_loc0);
    case OP_set_loc0:
    case OP_set_loc1:
    case OP_set_loc2:
    case OP_set_loc3:
        return local_name(b, p[0] - OP_set_loc0);
    case OP_get_arg:
    case OP_set_arg:
        return argument_name(b, get_u16(p + 1));
    case OP_get_arg0:
    case OP_get_arg1:
    case OP_get_arg2:
    case OP_get_arg3:
        return argument_name(b, p[0] - OP_get_arg0);
    case OP_set_arg0:
    case OP_set_arg1:
    case OP_set_arg2:
    case OP_set_arg3:
        return argument_name(b, p[0] - OP_set_arg0);
    case OP_get_var_ref:
    case OP_get_var_ref_check:
    case OP_set_var_ref:
        return captured_name(b, get_u16(p + 1));
    case OP_get_var_ref0:
    case OP_get_var_ref1:
    case OP_get_var_ref2:
    case OP_get_var_ref3:
        return captured_name(b, p[0] - OP_get_var_ref0);
    case OP_set_var_ref0:
    case OP_set_var_ref1:
    case OP_set_var_ref2:
    case OP_set_var_ref3:
        return captured_name(b, p[0] - OP_set_var_ref0);
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

static bool is_conditional(int op)
{
    return op == OP_if_false || op == OP_if_true || op == OP_if_false8 || op == OP_if_true8;
}

/* How many arguments an instruction calls with, or -1 if it does not call. */
static int arguments_of(const uint8_t *p)
{
    switch (p[0]) {
    case OP_call:
    case OP_tail_call:
    case OP_call_method:
    case OP_tail_call_method:
    case OP_call_constructor:
    case OP_eval:
        return get_u16(p + 1);
    case OP_call0:
    case OP_call1:
    case OP_call2:
    case OP_call3:
        return p[0] - OP_call0;
    case OP_apply:
        return 2; /* `this` and a list */
    }
    return -1;
}

/* Where the callee of an instruction that calls lies, counted from the top of the stack. */
static int callee_depth(const uint8_t *p)
{
    return arguments_of(p) + (p[0] == OP_call_constructor);
}

static void note_jump(Trace *t, int target)
{
    int i;

    for (i = 0; i < JUMPS_MAX; i++) {
        if (t->jumps[i].target < 0) {
            t->jumps[i] = (Jump){ .target = target, .depth = t->depth, .top = trace_top(t, 0) };
            return;
        }
    }
}

/* Takes over the values of the jumps that end here. A value that comes from two places has no
   name. */
static void arrive(Trace *t, int pos)
{
    int i;

    for (i = 0; i < JUMPS_MAX; i++) {
        Jump *jump = &t->jumps[i];
        if (jump->target >= 0 && jump->target <= pos) {
            if (jump->target == pos) {
                uint32_t top = jump->top;
                if (t->live && t->depth == jump->depth && trace_top(t, 0) != top)
                    top = NOT_TRACED;
                t->depth = jump->depth;
                if (t->depth > 0 && t->depth <= SLOTS_MAX)
                    t->slots[t->depth - 1] = top;
                t->live = true;
            }
            jump->target = -1;
        }
    }
}

/* Whether the code goes on with the next instruction. */
static bool goes_on(int op)
{
    switch (op) {
    case OP_goto:
    case OP_goto8:
    case OP_goto16:
    case OP_ret:
    case OP_return:
    case OP_return_undef:
    case OP_return_async:
    case OP_tail_call:
    case OP_tail_call_method:
    case OP_throw:
    case OP_throw_error:
        return false;
    }
    return true;
}

static void trace_step(Trace *t, int pos)
{
    const uint8_t *code = t->code->byte_code_buf, *p = code + pos;
    const JSOpCode *info = &short_opcode_info(p[0]);
    uint32_t object, key;
    const Origin *origin;
    int i, target, pops = info->n_pop;

    switch (p[0]) {
    case OP_get_field:
    case OP_get_length:
        object = trace_top(t, 0);
        trace_drop(t, 1);
        trace_push(t, new_origin(t, pos, object, NOT_TRACED));
        return;
    case OP_get_field2:
        trace_push(t, new_origin(t, pos, trace_top(t, 0), NOT_TRACED));
        return;
    case OP_get_array_el:
    case OP_get_private_field:
    case OP_get_super_value:
        key = trace_top(t, 0);
        object = p[0] == OP_get_super_value ? NOT_TRACED : trace_top(t, 1);
        trace_drop(t, info->n_pop);
        trace_push(t, new_origin(t, pos, object, key));
        return;
    case OP_get_array_el2:
        key = trace_top(t, 0);
        trace_drop(t, 1);
        trace_push(t, new_origin(t, pos, trace_top(t, 0), key));
        return;
    case OP_is_undefined_or_null:
        object = trace_top(t, 0);
        trace_drop(t, 1);
        trace_push(t, new_origin(t, pos, object, NOT_TRACED));
        return;
    case OP_define_field:
        trace_drop(t, 1);
        object = trace_top(t, 0);
        trace_drop(t, 1);
        trace_push(t, new_origin(t, pos, object, NOT_TRACED));
        return;
    case OP_dup:
        trace_shuffle(t, 1, "00");
        return;
    case OP_dup1:
        trace_shuffle(t, 2, "001");
        return;
    case OP_dup2:
        trace_shuffle(t, 2, "0101");
        return;
    case OP_dup3:
        trace_shuffle(t, 3, "012012");
        return;
    case OP_swap:
        trace_shuffle(t, 2, "10");
        return;
    case OP_nip:
        trace_shuffle(t, 2, "1");
        return;
    case OP_insert2:
        trace_shuffle(t, 2, "101");
        return;
    case OP_insert3:
        trace_shuffle(t, 3, "2012");
        return;
    case OP_perm3:
        trace_shuffle(t, 3, "102");
        return;
    case OP_rot3l:
        trace_shuffle(t, 3, "120");
        return;
    case OP_rot3r:
        trace_shuffle(t, 3, "201");
        return;
    case OP_to_propkey:
    case OP_to_propkey2:
    case OP_check_brand:
    case OP_set_name:
    case OP_set_home_object:
        return; /* the values are the ones they were */
    case OP_set_loc:
    case OP_set_loc8:
    case OP_set_loc0:
    case OP_set_loc1:
    case OP_set_loc2:
    case OP_set_loc3:
    case OP_set_arg:
    case OP_set_arg0:
    case OP_set_arg1:
    case OP_set_arg2:
    case OP_set_arg3:
    case OP_set_var_ref:
    case OP_set_var_ref0:
    case OP_set_var_ref1:
    case OP_set_var_ref2:
    case OP_set_var_ref3:
        /* from here on it is called as the variable is */
        trace_drop(t, 1);
        trace_push(t, new_origin(t, pos, NOT_TRACED, NOT_TRACED));
        return;
    case OP_mul:
    case OP_div:
    case OP_mod:
    case OP_add:
    case OP_sub:
        key = trace_top(t, 0);
        object = trace_top(t, 1);
        trace_drop(t, 2);
        trace_push(t, new_origin(t, pos, object, key));
        return;
    }

    target = jump_target(code, pos);
    if (target >= 0) {
        if (is_conditional(p[0])) {
            origin = find_origin(t, trace_top(t, 0));
            trace_drop(t, 1);
            /* `a?.b`: from here on it is called `a?` */
            if (target > pos && origin && code[origin->pos] == OP_is_undefined_or_null &&
                origin->object == trace_top(t, 0) && t->depth > 0 && t->depth <= SLOTS_MAX)
                t->slots[t->depth - 1] = new_origin(t, origin->pos, origin->object, NOT_TRACED);
        }
        if (target > pos)
            note_jump(t, target);
        return;
    }
    if (arguments_of(p) >= 0) {
        object = trace_top(t, callee_depth(p));
        if (info->fmt == OP_FMT_npop || info->fmt == OP_FMT_npop_u16)
            pops += get_u16(p + 1);
        else if (info->fmt == OP_FMT_npopx)
            pops += p[0] - OP_call0;
        trace_drop(t, pops);
        if (info->n_push)
            trace_push(t, new_origin(t, pos, object, NOT_TRACED));
        return;
    }
    if (info->fmt == OP_FMT_npop)
        pops += get_u16(p + 1);
    trace_drop(t, pops);
    for (i = 0; i < info->n_push; i++)
        trace_push(t, new_origin(t, pos, NOT_TRACED, NOT_TRACED));
}

typedef struct Name {
    char text[NAME_MAX_BYTES];
    int len;
} Name;

static void name_put(Name *name, const char *text)
{
    int len = strlen(text);

    if (name->len + len >= NAME_MAX_BYTES) {
        len = NAME_MAX_BYTES - 1 - name->len;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--; /* not within a character */
    }
    memcpy(name->text + name->len, text, len);
    name->len += len;
    name->text[name->len] = '\0';
}

static void name_put_atom(JSContext *ctx, Name *name, JSAtom atom)
{
    char buf[ATOM_GET_STR_BUF_SIZE];

    name_put(name, JS_AtomGetStr(ctx, buf, sizeof(buf), atom));
}

static void name_put_string(Name *name, JSString *string)
{
    char utf8[5];
    uint32_t i, c, low;

    for (i = 0; i < string->len && name->len < NAME_MAX_BYTES - 5; i++) {
        c = string_get(string, i);
        if (is_hi_surrogate(c) && i + 1 < string->len) {
            low = string_get(string, i + 1);
            if (is_lo_surrogate(low)) {
                c = from_surrogate(c, low);
                i++;
            }
        }
        utf8[utf8_encode((uint8_t *)utf8, c)] = '\0';
        name_put(name, c ? utf8 : " ");
    }
}

static bool put_name(const Trace *t, Name *name, uint32_t id, int depth);

/* The object of a property; "(intermediate value)" if it has no name. */
static void put_object(const Trace *t, Name *name, uint32_t id, int depth)
{
    if (!put_name(t, name, id, depth + 1))
        name_put(name, "(intermediate value)");
}

/* Writes a literal as it stands in the program; false: it is none. Strings that are keys are
   written bare. */
static bool put_literal(const Trace *t, Name *name, int pos, bool as_key)
{
    const uint8_t *p = t->code->byte_code_buf + pos;
    JSValueConst value = JS_UNDEFINED;
    JSAtom atom = JS_ATOM_NULL;
    char buf[32];
    int number = 0;

    switch (p[0]) {
    case OP_push_minus1:
    case OP_push_0:
    case OP_push_1:
    case OP_push_2:
    case OP_push_3:
    case OP_push_4:
    case OP_push_5:
    case OP_push_6:
    case OP_push_7:
        number = p[0] - OP_push_0;
        break;
    case OP_push_i8:
        number = (int8_t)p[1];
        break;
    case OP_push_i16:
        number = (int16_t)get_u16(p + 1);
        break;
    case OP_push_i32:
        number = (int)get_u32(p + 1);
        break;
    case OP_push_const:
        value = t->code->cpool[get_u32(p + 1)];
        break;
    case OP_push_const8:
        value = t->code->cpool[p[1]];
        break;
    case OP_push_atom_value:
        atom = get_u32(p + 1);
        break;
    case OP_push_empty_string:
        atom = JS_ATOM_empty_string;
        break;
    case OP_null:
        name_put(name, "null");
        return true;
    case OP_undefined:
        name_put(name, "undefined");
        return true;
    case OP_push_true:
        name_put(name, "true");
        return true;
    case OP_push_false:
        name_put(name, "false");
        return true;
    case OP_object:
        name_put(name, "{}");
        return !as_key;
    case OP_array_from:
        if (get_u16(p + 1) != 0)
            return false;
        name_put(name, "[]");
        return !as_key;
    default:
        return false;
    }
    if (JS_VALUE_GET_TAG(value) == JS_TAG_STRING) {
        name_put(name, "\"");
        name_put_string(name, JS_VALUE_GET_STRING(value));
        name_put(name, "\"");
        return true;
    }
    if (atom != JS_ATOM_NULL) {
        name_put(name, as_key ? "" : "\"");
        name_put_atom(t->ctx, name, atom);
        name_put(name, as_key ? "" : "\"");
        return true;
    }
    if (JS_VALUE_GET_NORM_TAG(value) == JS_TAG_FLOAT64)
        snprintf(buf, sizeof(buf), "%.17g", JS_VALUE_GET_FLOAT64(value));
    else if (JS_IsUndefined(value))
        snprintf(buf, sizeof(buf), "%d", number);
    else
        return false;
    name_put(name, buf);
    return true;
}

static bool is_string_literal(const Trace *t, const Origin *origin)
{
    return origin && (t->code->byte_code_buf[origin->pos] == OP_push_atom_value ||
                      t->code->byte_code_buf[origin->pos] == OP_push_empty_string);
}

static void put_element(const Trace *t, Name *name, const Origin *origin, int depth)
{
    const Origin *object = find_origin(t, origin->object), *key = find_origin(t, origin->key);
    bool optional = object && t->code->byte_code_buf[object->pos] == OP_is_undefined_or_null;

    put_object(t, name, origin->object, depth);
    if (is_string_literal(t, key)) {
        name_put(name, ".");
        put_literal(t, name, key->pos, true);
        return;
    }
    name_put(name, optional ? ".[" : "[");
    put_object(t, name, origin->key, depth);
    name_put(name, "]");
}

/* Writes what the value is called; false, and nothing written, if it has no name. */
static bool put_name(const Trace *t, Name *name, uint32_t id, int depth)
{
    const Origin *origin = find_origin(t, id);
    const uint8_t *p;
    const char *text;
    char buf[ATOM_GET_STR_BUF_SIZE];
    JSAtom variable;
    int before = name->len;

    if (!origin || depth > NAME_DEPTH_MAX)
        return false;
    p = t->code->byte_code_buf + origin->pos;
    variable = variable_of(t->code, p);
    if (variable != JS_ATOM_NULL) {
        text = JS_AtomGetStr(t->ctx, buf, sizeof(buf), variable);
        if (text[0] == '<' || text[0] == '\0')
            return false; /* one of the engine's own */
        name_put(name, text);
        return true;
    }
    switch (p[0]) {
    case OP_get_field:
    case OP_get_field2:
    case OP_get_length:
        put_object(t, name, origin->object, depth);
        name_put(name, ".");
        name_put_atom(t->ctx, name, p[0] == OP_get_length ? JS_ATOM_length : get_u32(p + 1));
        return true;
    case OP_get_private_field:
        put_object(t, name, origin->object, depth);
        name_put(name, ".");
        put_object(t, name, origin->key, depth);
        return true;
    case OP_get_array_el:
    case OP_get_array_el2:
    case OP_get_super_value:
        put_element(t, name, origin, depth);
        return true;
    case OP_is_undefined_or_null:
        put_object(t, name, origin->object, depth);
        name_put(name, "?");
        return true;
    case OP_push_this:
        name_put(name, "this");
        return true;
    case OP_mul:
    case OP_div:
    case OP_mod:
    case OP_add:
    case OP_sub:
        name_put(name, "(");
        put_object(t, name, origin->object, depth);
        name_put(name, p[0] == OP_mul ? " * " : p[0] == OP_div ? " / " : p[0] == OP_mod ? " % " :
                       p[0] == OP_add ? " + " : " - ");
        put_object(t, name, origin->key, depth);
        name_put(name, ")");
        return true;
    case OP_call_constructor:
        return false;
    }
    if (arguments_of(p) >= 0) {
        put_object(t, name, origin->object, depth);
        name_put(name, "(...)");
        return true;
    }
    if (put_literal(t, name, origin->pos, false))
        return true;
    name->len = before;
    name->text[before] = '\0';
    return false;
}

/* The code of the frame that runs now and the instruction in it that is being executed; NULL: a native
   function runs. */
static const JSFunctionBytecode *running_code(JSContext *ctx, int *pos)
{
    JSStackFrame *frame = ctx->rt->current_stack_frame;
    const JSFunctionBytecode *b;
    JSObject *function;
    int at, next, end;

    if (!frame || JS_VALUE_GET_TAG(frame->cur_func) != JS_TAG_OBJECT)
        return NULL;
    function = JS_VALUE_GET_OBJ(frame->cur_func);
    /* frames of native functions have no place */
    if (!js_class_has_bytecode(function->class_id) || !frame->cur_pc)
        return NULL;
    b = function->u.func.function_bytecode;
    end = frame->cur_pc - b->byte_code_buf;
    for (at = 0; at < b->byte_code_len; at = next) {
        next = at + short_opcode_info(b->byte_code_buf[at]).size;
        if (next >= end) {
            *pos = at;
            return b;
        }
    }
    return NULL;
}

static int running_opcode(JSContext *ctx)
{
    int pos = 0;
    const JSFunctionBytecode *b = running_code(ctx, &pos);

    return b ? b->byte_code_buf[pos] : OP_nop;
}

/* Whether a frame is of code that a direct call of `eval` in another runs. */
static bool is_direct_eval(const JSStackFrame *frame)
{
    JSStackFrame *outer = frame->prev_frame;

    /* whoever else runs code of a script is native */
    return outer && JS_VALUE_GET_TAG(outer->cur_func) == JS_TAG_OBJECT &&
           js_class_has_bytecode(JS_VALUE_GET_OBJ(outer->cur_func)->class_id);
}

static bool declares(const JSFunctionBytecode *b, JSAtom name)
{
    const uint8_t *code = b->byte_code_buf;
    int at;

    for (at = 0; at < b->byte_code_len; at += short_opcode_info(code[at]).size) {
        if (code[at] == OP_check_define_var && get_u32(code + at + 1) == name)
            return true;
    }
    return false;
}

/* Whether the code that runs now, and reads a global name before it has a value, is that of another script
   than the one that declares it. For functions that cannot be told: no. */
static bool reads_name_of_another_script(JSContext *ctx)
{
    int pos = 0;
    const JSFunctionBytecode *b = running_code(ctx, &pos);
    const JSStackFrame *frame = ctx->rt->current_stack_frame;
    JSAtom name;

    if (!b || (b->byte_code_buf[pos] != OP_get_var && b->byte_code_buf[pos] != OP_get_var_undef))
        return false;
    name = get_u32(b->byte_code_buf + pos + 1);
    for (;; frame = frame->prev_frame) {
        b = JS_VALUE_GET_OBJ(frame->cur_func)->u.func.function_bytecode;
        if (b->func_name != JS_ATOM__eval_ || declares(b, name))
            return false;
        if (!is_direct_eval(frame))
            return true;
    }
}

/* A function was declared in place of a global property that cannot be changed. */
static int sandtide_refuse_function(JSContext *ctx, JSAtom name)
{
    const JSStackFrame *frame = ctx->rt->current_stack_frame;

    if (frame && frame->prev_frame &&
        (is_direct_eval(frame) || js_same_value(ctx, frame->prev_frame->cur_func, ctx->eval_obj)))
        JS_ThrowTypeErrorAtom(ctx, "redeclaration of '%s'", name);
    else
        JS_ThrowSyntaxErrorVarRedeclaration(ctx, name);
    return -1;
}

/* Follows the code up to `pos`. */
static void trace_to(Trace *t, JSContext *ctx, const JSFunctionBytecode *b, int pos)
{
    int at, i;

    t->ctx = ctx;
    t->code = b;
    t->next_id = 1;
    t->depth = 0;
    t->live = true;
    for (i = 0; i < ORIGINS_MAX; i++)
        t->origins[i].id = NOT_TRACED;
    for (i = 0; i < SLOTS_MAX; i++)
        t->slots[i] = NOT_TRACED;
    for (i = 0; i < JUMPS_MAX; i++)
        t->jumps[i].target = -1;
    for (at = 0; at < pos; at += short_opcode_info(b->byte_code_buf[at]).size) {
        arrive(t, at);
        trace_step(t, at);
        t->live = goes_on(b->byte_code_buf[at]);
    }
    arrive(t, pos);
}

/* The jump back to `pos` from further down: the value of a pattern is computed after the code that
   takes it apart. Returns its place, or -1. `*kept`: the value of the pattern is used as well. */
static int jump_back_to(const JSFunctionBytecode *b, int pos, bool *kept)
{
    const uint8_t *code = b->byte_code_buf;
    int at, target;

    *kept = false;
    for (at = 0; at < b->byte_code_len; at += short_opcode_info(code[at]).size) {
        target = jump_target(code, at);
        if (at > pos && target >= 0 && !is_conditional(code[at]) &&
            (target == pos || (target == pos - 1 && code[target] == OP_dup))) {
            *kept = target != pos;
            return at;
        }
    }
    return -1;
}
