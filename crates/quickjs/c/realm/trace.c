/* Follows the code before an instruction once more, with the instructions that made the values in the
   place of the values: what names.c finds names by. Must not know what anything is called.

   It uses no memory but its own frame and reads nothing but bytecode: see names.c. */

#define ORIGINS_MAX 192 /* instructions looked back on; a power of two is not needed */
#define SLOTS_MAX 96
#define JUMPS_MAX 32

#define NOT_TRACED 0
#define SECOND_VARIABLE UINT32_MAX /* in the place of an object: of an instruction that reads two */

/* An instruction that made a value, and the origins of its operands. */
typedef struct Origin {
    uint32_t id; /* NOT_TRACED: empty */
    int pos;
    uint32_t object, key;
} Origin;

typedef struct Jump {
    int pos, target, depth;
    uint32_t top;
} Jump;

typedef struct Trace {
    JSContext *ctx;
    const JSFunctionBytecode *code;
    Origin origins[ORIGINS_MAX];
    uint32_t next_id;
    uint32_t slots[SLOTS_MAX];
    int depth;
    bool as_node; /* names are Node's, with operators and all variables */
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

static void note_jump(Trace *t, int pos, int target)
{
    int i;

    for (i = 0; i < JUMPS_MAX; i++) {
        if (t->jumps[i].target < 0) {
            t->jumps[i] = (Jump){ .pos = pos, .target = target, .depth = t->depth, .top = trace_top(t, 0) };
            return;
        }
    }
}

/* Takes over the values of the jumps that end here. A value that comes from two places has a name where
   one of them was asked whether it will do: `a || b`. */
static void arrive(Trace *t, int pos)
{
    Jump *jump;
    uint32_t top;
    int i;

    for (;;) {
        /* the last jump first: `a || b || c` is asked from the left */
        for (i = 0, jump = NULL; i < JUMPS_MAX; i++) {
            if (t->jumps[i].target >= 0 && t->jumps[i].target <= pos && (!jump || t->jumps[i].pos > jump->pos))
                jump = &t->jumps[i];
        }
        if (!jump)
            return;
        if (jump->target == pos) {
            top = jump->top;
            if (t->live && t->depth == jump->depth && trace_top(t, 0) != top)
                top = is_conditional(t->code->byte_code_buf[jump->pos])
                          ? new_origin(t, jump->pos, top, trace_top(t, 0))
                          : NOT_TRACED;
            t->depth = jump->depth;
            if (t->depth > 0 && t->depth <= SLOTS_MAX)
                t->slots[t->depth - 1] = top;
            t->live = true;
        }
        jump->target = -1;
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
    case OP_get_loc0_loc1:
        trace_push(t, new_origin(t, pos, NOT_TRACED, NOT_TRACED));
        trace_push(t, new_origin(t, pos, SECOND_VARIABLE, NOT_TRACED));
        return;
    case OP_lnot:
    case OP_typeof:
    case OP_neg:
    case OP_plus:
    case OP_not:
    case OP_inc:
    case OP_dec:
        object = trace_top(t, 0);
        trace_drop(t, 1);
        trace_push(t, new_origin(t, pos, object, NOT_TRACED));
        return;
    case OP_post_inc:
    case OP_post_dec:
        object = trace_top(t, 0);
        trace_drop(t, 1);
        trace_push(t, new_origin(t, pos, object, NOT_TRACED));
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
        /* from here on it is called as the variable is; `--a` is not */
        origin = find_origin(t, trace_top(t, 0));
        if (t->as_node && origin && (code[origin->pos] == OP_inc || code[origin->pos] == OP_dec))
            return;
        trace_drop(t, 1);
        trace_push(t, new_origin(t, pos, NOT_TRACED, NOT_TRACED));
        return;
    case OP_mul:
    case OP_div:
    case OP_mod:
    case OP_add:
    case OP_sub:
    case OP_pow:
    case OP_shl:
    case OP_sar:
    case OP_shr:
    case OP_lt:
    case OP_lte:
    case OP_gt:
    case OP_gte:
    case OP_instanceof:
    case OP_in:
    case OP_eq:
    case OP_neq:
    case OP_strict_eq:
    case OP_strict_neq:
    case OP_and:
    case OP_xor:
    case OP_or:
    case OP_delete:
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
            note_jump(t, pos, target);
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

/* Follows the code up to `pos`. */
static void trace_to(Trace *t, JSContext *ctx, const JSFunctionBytecode *b, int pos)
{
    int at, i;

    t->ctx = ctx;
    t->code = b;
    t->next_id = 1;
    t->depth = 0;
    t->as_node = ctx->rt->sandtide != NULL;
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
