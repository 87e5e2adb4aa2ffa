/* Finds what an expression is called in the program, for "a.b is not a function" and the like.
   The engine keeps no such names, so the code before the instruction that failed is followed
   once more, with the instructions that made the values in the place of the values. Called only
   when the error is thrown.

   It uses no memory but its own frame, calls no code of the program, and reads nothing but
   bytecode, because memory may have run out and the run may be abandoned meanwhile. */

#define NAME_MAX_BYTES 128
#define NAME_DEPTH_MAX 16

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

/* A number as the language writes it. */
static void name_put_number(Name *name, double value)
{
    char buf[64];

    if (isnan(value)) {
        name_put(name, "NaN");
    } else if (isinf(value)) {
        name_put(name, value < 0 ? "-Infinity" : "Infinity");
    } else if (value == 0) {
        name_put(name, "0");
    } else {
        buf[sandtide_number_text(buf, value)] = '\0';
        name_put(name, buf);
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
        name_put_number(name, JS_VALUE_GET_FLOAT64(value));
    else if (JS_IsUndefined(value))
        name_put_number(name, number);
    else
        return false;
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

/* Writes what an operator made of its operands; false: none did. */
static bool put_operation(const Trace *t, Name *name, const Origin *origin, int depth)
{
    static const struct { int op; const char *before, *between, *after; } operators[] = {
        { OP_mul, "(", " * ", ")" },
        { OP_div, "(", " / ", ")" },
        { OP_mod, "(", " % ", ")" },
        { OP_add, "(", " + ", ")" },
        { OP_sub, "(", " - ", ")" }, /* ARITHMETIC_LAST */
        { OP_pow, "(", " ** ", ")" },
        { OP_shl, "(", " << ", ")" },
        { OP_sar, "(", " >> ", ")" },
        { OP_shr, "(", " >>> ", ")" },
        { OP_lt, "(", " < ", ")" },
        { OP_lte, "(", " <= ", ")" },
        { OP_gt, "(", " > ", ")" },
        { OP_gte, "(", " >= ", ")" },
        { OP_instanceof, "(", " instanceof ", ")" },
        { OP_in, "(", " in ", ")" },
        { OP_eq, "(", " == ", ")" },
        { OP_neq, "(!(", " == ", "))" },
        { OP_strict_eq, "(", " === ", ")" },
        { OP_strict_neq, "(!(", " === ", "))" },
        { OP_and, "(", " & ", ")" },
        { OP_xor, "(", " ^ ", ")" },
        { OP_or, "(", " | ", ")" },
        { OP_if_true, "(", " || ", ")" },
        { OP_if_true8, "(", " || ", ")" },
        { OP_if_false, "(", " && ", ")" },
        { OP_if_false8, "(", " && ", ")" },
        { OP_lnot, "(!", NULL, ")" },
        { OP_typeof, "(typeof ", NULL, ")" },
        { OP_neg, "(-", NULL, ")" },
        { OP_plus, "(+", NULL, ")" },
        { OP_not, "(~", NULL, ")" },
        { OP_inc, "(++", NULL, ")" },
        { OP_dec, "(--", NULL, ")" },
        { OP_post_inc, "(", NULL, "++)" },
        { OP_post_dec, "(", NULL, "--)" },
    };
    enum { ARITHMETIC_LAST = 4 };
    const uint8_t *code = t->code->byte_code_buf;
    int op = code[origin->pos];
    const Origin *left = find_origin(t, origin->object), *right = find_origin(t, origin->key);
    const char *between;
    size_t i;

    for (i = 0; i < countof(operators) && operators[i].op != op; i++)
        ;
    if (i == countof(operators) || (!t->as_node && i > ARITHMETIC_LAST))
        return false;
    between = operators[i].between;
    name_put(name, operators[i].before);
    if (is_conditional(op) && left && code[left->pos] == OP_is_undefined_or_null) {
        between = " ?? ";
        put_object(t, name, left->object, depth);
    } else {
        put_object(t, name, origin->object, depth);
    }
    /* `a || b || c` is one list */
    for (; right && is_conditional(op) && code[right->pos] == op; right = find_origin(t, right->key)) {
        name_put(name, between);
        put_object(t, name, right->object, depth);
        origin = right;
    }
    if (between) {
        name_put(name, between);
        put_object(t, name, origin->key, depth);
    }
    name_put(name, operators[i].after);
    return true;
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
    variable = p[0] == OP_get_loc0_loc1 && t->as_node ? local_name(t->code, origin->object == SECOND_VARIABLE)
                                        : variable_of(t->code, p);
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
    case OP_delete:
        if (!t->as_node)
            break;
        name_put(name, "(delete ");
        put_element(t, name, origin, depth);
        name_put(name, ")");
        return true;
    case OP_define_field:
        if (!t->as_node)
            break;
        name_put(name, "{");
        for (; origin && t->code->byte_code_buf[origin->pos] == OP_define_field;
             origin = find_origin(t, origin->object))
            name_put(name, "(intermediate value)");
        name_put(name, "}");
        return true;
    case OP_call_constructor:
        return false;
    }
    if (arguments_of(p) >= 0) {
        put_object(t, name, origin->object, depth);
        name_put(name, "(...)");
        return true;
    }
    if (put_operation(t, name, origin, depth) || put_literal(t, name, origin->pos, false))
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
