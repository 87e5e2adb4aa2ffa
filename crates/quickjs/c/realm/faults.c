/* Errors that say what failed: what was called, iterated over or taken apart, which property
   cannot be written, which value cannot be used. The words are those of other engines where
   these name the cause; names come from names.c. */

static void describe_object(JSContext *ctx, Name *name, JSValueConst value);

/* What a value is, for messages where it has no name: `number 5`. */
static void describe_value(JSContext *ctx, Name *name, JSValueConst value)
{
    char buf[ATOM_GET_STR_BUF_SIZE];

    name->len = 0;
    name->text[0] = '\0';
    switch (JS_VALUE_GET_NORM_TAG(value)) {
    case JS_TAG_UNDEFINED:
        name_put(name, "undefined");
        break;
    case JS_TAG_NULL:
        name_put(name, "object null");
        break;
    case JS_TAG_BOOL:
        name_put(name, JS_VALUE_GET_BOOL(value) ? "boolean true" : "boolean false");
        break;
    case JS_TAG_INT:
        snprintf(buf, sizeof(buf), "number %d", JS_VALUE_GET_INT(value));
        name_put(name, buf);
        break;
    case JS_TAG_FLOAT64:
        name_put(name, "number ");
        name_put_number(name, JS_VALUE_GET_FLOAT64(value));
        break;
    case JS_TAG_STRING:
        name_put(name, "string \"");
        name_put_string(name, JS_VALUE_GET_STRING(value));
        name_put(name, "\"");
        break;
    default:
        name_put_atom(ctx, name, js_operator_typeof(ctx, value));
    }
}

/* A value as it prints, without running code of the program: `#<Order>`, `x`, `Symbol(a)`. */
static void print_value(JSContext *ctx, Name *name, JSValueConst value)
{
    char buf[ATOM_GET_STR_BUF_SIZE];
    bool is_private;
    JSAtom symbol;

    name->len = 0;
    name->text[0] = '\0';
    switch (JS_VALUE_GET_NORM_TAG(value)) {
    case JS_TAG_OBJECT:
        describe_object(ctx, name, value);
        break;
    case JS_TAG_STRING:
        name_put_string(name, JS_VALUE_GET_STRING(value));
        break;
    case JS_TAG_SYMBOL:
        symbol = js_get_atom_index(ctx->rt, JS_VALUE_GET_PTR(value));
        is_private = JS_AtomGetKind(ctx, symbol) == JS_ATOM_KIND_PRIVATE;
        name_put(name, is_private ? "" : "Symbol(");
        name_put_atom(ctx, name, symbol);
        name_put(name, is_private ? "" : ")");
        break;
    case JS_TAG_BOOL:
        name_put(name, JS_VALUE_GET_BOOL(value) ? "true" : "false");
        break;
    case JS_TAG_NULL:
        name_put(name, "null");
        break;
    case JS_TAG_UNDEFINED:
        name_put(name, "undefined");
        break;
    case JS_TAG_INT:
        snprintf(buf, sizeof(buf), "%d", JS_VALUE_GET_INT(value));
        name_put(name, buf);
        break;
    case JS_TAG_FLOAT64:
        name_put_number(name, JS_VALUE_GET_FLOAT64(value));
        break;
    default:
        name_put_atom(ctx, name, js_operator_typeof(ctx, value));
    }
}

/* What is called. A property that is called on nothing was the last of a list, most often in `(0, a.b)()`, whose
   number is not in the code. */
static void put_callee(const Trace *t, Name *name, uint32_t callee, bool constructs)
{
    const uint8_t *code = t->code->byte_code_buf;
    const Origin *origin = find_origin(t, callee), *object = origin ? find_origin(t, origin->object) : NULL;
    bool is_last = t->as_node && !constructs && object && code[object->pos] != OP_get_super &&
                   (code[origin->pos] == OP_get_field || code[origin->pos] == OP_get_array_el);

    name_put(name, is_last ? "(0 , " : "");
    put_object(t, name, callee, 0);
    name_put(name, is_last ? ")" : "");
}

/* What a class derives from cannot be called: `class` is the one whose constructor runs. Its parent may have
   been exchanged, so that is told of as it is now. */
static void sandtide_throw_super(JSContext *ctx, JSValueConst parent, JSValueConst class)
{
    const char *function = get_func_name(ctx, class), *of = NULL;
    Name name = { .len = 0 };

    if (JS_IsFunction(ctx, parent)) {
        of = get_func_name(ctx, parent);
        name_put(&name, of && of[0] ? of : "null");
    } else {
        print_value(ctx, &name, parent);
    }
    if (function && function[0])
        JS_ThrowTypeError(ctx, "Super constructor %s of %s is not a constructor", name.text, function);
    else
        JS_ThrowTypeError(ctx, "Super constructor %s of anonymous class is not a constructor", name.text);
    JS_FreeCString(ctx, function);
    JS_FreeCString(ctx, of);
}

/* The right side of `instanceof` has no prototype. */
static void sandtide_throw_no_prototype(JSContext *ctx, JSValueConst prototype)
{
    Name name;

    if (!ctx->rt->sandtide) {
        JS_ThrowTypeError(ctx, "operand 'prototype' property is not an object");
        return;
    }
    print_value(ctx, &name, prototype);
    JS_ThrowTypeError(ctx, "Function has non-object prototype '%s' in instanceof check", name.text);
}

/* "a.b is not a function". The value is what was called, if that is known. */
static JSValue sandtide_throw_not_callable(JSContext *ctx, const char *what, const char *plain,
                                           const JSValueConst *value)
{
    const JSFunctionBytecode *b;
    const uint8_t *p;
    Trace trace;
    Name name = { .len = 0 };
    const char *function = NULL;
    const Origin *origin;
    uint32_t callee;
    bool constructs;
    int pos = 0;

    b = running_code(ctx, &pos);
    if (!b || arguments_of(b->byte_code_buf + pos) < 0) {
        if (!value)
            return JS_ThrowTypeError(ctx, "%s", plain);
        if (JS_IsFunction(ctx, *value))
            function = get_func_name(ctx, *value);
        if (function && function[0])
            name_put(&name, function);
        else
            describe_value(ctx, &name, *value);
        JS_FreeCString(ctx, function);
        return JS_ThrowTypeError(ctx, "%s is not %s", name.text, what);
    }
    p = b->byte_code_buf + pos;
    constructs = p[0] == OP_call_constructor || (p[0] == OP_apply && get_u16(p + 1) == 1);
    trace_to(&trace, ctx, b, pos);
    callee = trace_top(&trace, callee_depth(p));
    origin = find_origin(&trace, callee);
    if (origin && b->byte_code_buf[origin->pos] == OP_is_undefined_or_null)
        callee = origin->object; /* `a?.()` */
    if (constructs && value && ctx->rt->sandtide && origin && b->byte_code_buf[origin->pos] == OP_get_super) {
        sandtide_throw_super(ctx, *value, ctx->rt->current_stack_frame->cur_func);
        return JS_EXCEPTION;
    }
    put_callee(&trace, &name, callee, constructs);
    return JS_ThrowTypeError(ctx, "%s is not %s", name.text, constructs ? "a constructor" : what);
}

static int next_instruction(const JSFunctionBytecode *b, int pos)
{
    return pos + short_opcode_info(b->byte_code_buf[pos]).size;
}

/* The instruction `count` after this one; OP_nop past the end. */
static int opcode_after(const JSFunctionBytecode *b, int pos, int count)
{
    while (count-- > 0 && pos < b->byte_code_len)
        pos = next_instruction(b, pos);
    return pos < b->byte_code_len ? b->byte_code_buf[pos] : OP_nop;
}

/* Follows the code to where the value of the pattern at `pos` is on top of the stack. True: it was
   computed for this pattern alone, so it has a name of its own; false: it was taken out of something. */
static bool trace_to_pattern_value(Trace *t, JSContext *ctx, const JSFunctionBytecode *b, int pos,
                                   bool *kept)
{
    int from = jump_back_to(b, pos, kept);

    trace_to(t, ctx, b, from >= 0 ? from : pos);
    return from >= 0;
}

/* The name of the first property that a pattern reads; JS_ATOM_NULL: it reads none, or its name is
   computed. `*has_default`: there is a value for when it is undefined. */
static JSAtom first_key(const JSFunctionBytecode *b, int pos, bool *has_default)
{
    const uint8_t *code = b->byte_code_buf;
    JSAtom key = JS_ATOM_NULL;

    *has_default = false;
    for (pos = next_instruction(b, pos); pos < b->byte_code_len; pos = next_instruction(b, pos)) {
        switch (code[pos]) {
        case OP_object: /* the properties that a rest element leaves out */
        case OP_swap:
        case OP_null:
        case OP_dup:
            continue;
        case OP_define_field:
            return get_u32(code + pos + 1);
        case OP_get_length:
            key = JS_ATOM_length;
            break;
        case OP_get_field:
        case OP_get_field2:
            key = get_u32(code + pos + 1);
            break;
        }
        break;
    }
    *has_default = key != JS_ATOM_NULL && opcode_after(b, pos, 1) == OP_dup &&
                   (opcode_after(b, pos, 2) == OP_undefined || opcode_after(b, pos, 2) == OP_is_undefined);
    return key;
}

static bool is_store(int op)
{
    return op == OP_put_loc || op == OP_set_loc || op == OP_put_loc8 || op == OP_set_loc8 ||
           (op >= OP_put_loc0 && op <= OP_set_loc3) || op == OP_put_var_ref ||
           (op >= OP_put_var_ref0 && op <= OP_put_var_ref3);
}

/* Stands for JS_ToObject in patterns: "Cannot destructure property 'a' of 'b.c' as it is
   undefined." */
static JSValue sandtide_to_object(JSContext *ctx, JSValueConst value)
{
    const JSFunctionBytecode *b;
    const char *is = JS_IsNull(value) ? "null" : "undefined";
    char key[ATOM_GET_STR_BUF_SIZE];
    Trace trace;
    Name name = { .len = 0 };
    const Origin *origin;
    bool computed, kept, has_default, nested = false;
    JSAtom atom;
    int pos = 0;

    if (!JS_IsNull(value) && !JS_IsUndefined(value))
        return JS_ToObject(ctx, value);
    b = running_code(ctx, &pos);
    /* the other use of the instruction, `with`, keeps the object in a variable */
    if (!b || b->byte_code_buf[pos] != OP_to_object || is_store(opcode_after(b, pos, 1)))
        return JS_ToObject(ctx, value);
    computed = trace_to_pattern_value(&trace, ctx, b, pos, &kept);
    origin = find_origin(&trace, trace_top(&trace, 0));
    if (!computed && origin) {
        int op = b->byte_code_buf[origin->pos];
        nested = op == OP_get_field || op == OP_get_field2 || op == OP_get_array_el ||
                 op == OP_get_array_el2 || op == OP_for_of_next;
    }
    atom = first_key(b, pos, &has_default);
    if (atom != JS_ATOM_NULL && (nested || has_default))
        return JS_ThrowTypeErrorAtom(ctx, JS_IsNull(value) ? "cannot read property '%s' of null" :
                                     "cannot read property '%s' of undefined", atom);
    if (nested || !put_name(&trace, &name, trace_top(&trace, 0), 0))
        describe_value(ctx, &name, value);
    if (atom == JS_ATOM_NULL)
        return JS_ThrowTypeError(ctx, "Cannot destructure '%s' as it is %s.", name.text, is);
    return JS_ThrowTypeError(ctx, "Cannot destructure property '%s' of '%s' as it is %s.",
                             JS_AtomGetStr(ctx, key, sizeof(key), atom), name.text, is);
}

static bool is_last_spread_of_call(const JSFunctionBytecode *b, int pos)
{
    int op = opcode_after(b, pos, 2);

    if (opcode_after(b, pos, 1) != OP_drop)
        return false;
    if (op == OP_undefined && opcode_after(b, pos, 3) == OP_swap)
        op = opcode_after(b, pos, 4);
    else if (op == OP_perm3)
        op = opcode_after(b, pos, 3);
    return op == OP_apply || op == OP_apply_eval;
}

/* "a.b is not iterable", in the words that fit what was to be iterated over. */
static JSValue sandtide_throw_not_iterable(JSContext *ctx, JSValueConst value, bool is_async)
{
    const char *what = is_async ? "async iterable" : "iterable";
    const JSFunctionBytecode *b;
    const Origin *origin = NULL;
    Trace trace;
    Name name = { .len = 0 };
    bool named = false, kept;
    uint32_t id;
    int op = OP_nop, pos = 0;

    b = running_code(ctx, &pos);
    if (b)
        op = b->byte_code_buf[pos];
    if (op == OP_append) {
        trace_to(&trace, ctx, b, pos);
        named = true;
        if (is_last_spread_of_call(b, pos)) {
            if (!JS_IsNull(value) && !JS_IsUndefined(value))
                return JS_ThrowTypeError(ctx, "Spread syntax requires ...iterable[Symbol.iterator] to be "
                                              "a function");
            put_object(&trace, &name, trace_top(&trace, 0), 0);
            return JS_ThrowTypeError(ctx, "%s is not iterable (cannot read property %s)", name.text,
                                     JS_IsNull(value) ? "null" : "undefined");
        }
    } else if (op == OP_for_of_start || op == OP_for_await_of_start) {
        int next = opcode_after(b, pos, 1);
        if (next == OP_goto || next == OP_goto8 || next == OP_goto16) {
            trace_to(&trace, ctx, b, pos);
            named = true;
        } else if (next != OP_drop) {
            /* a pattern, not `yield*` */
            named = trace_to_pattern_value(&trace, ctx, b, pos, &kept) && !kept;
        }
    }
    if (named) {
        id = trace_top(&trace, 0);
        origin = find_origin(&trace, id);
        if (origin && arguments_of(b->byte_code_buf + origin->pos) >= 0 &&
            put_name(&trace, &name, origin->object, 0))
            return JS_ThrowTypeError(ctx, "%s is not a function or its return value is not %s", name.text,
                                     what);
        put_object(&trace, &name, id, 0);
        return JS_ThrowTypeError(ctx, "%s is not %s", name.text, what);
    }
    describe_value(ctx, &name, value);
    if (is_async)
        return JS_ThrowTypeError(ctx, "%s is not async iterable", name.text);
    return JS_ThrowTypeError(ctx, "%s is not iterable (cannot read property Symbol(Symbol.iterator))",
                             name.text);
}

/* The name of the function that made an object, as its prototypes tell it; "Object", and false: they do
   not. Looks at data properties only, so that no getter runs. */
static bool put_constructor(Name *name, JSObject *p)
{
    JSShapeProperty *prs;
    JSProperty *pr;
    int steps;

    for (steps = 0; p && steps < 100; p = p->shape->proto, steps++) {
        prs = p->class_id == JS_CLASS_PROXY ? NULL : find_own_property(&pr, p, JS_ATOM_constructor);
        if (!prs)
            continue;
        if ((prs->flags & JS_PROP_TMASK) == JS_PROP_NORMAL && JS_IsObject(pr->u.value)) {
            prs = find_own_property(&pr, JS_VALUE_GET_OBJ(pr->u.value), JS_ATOM_name);
            if (prs && (prs->flags & JS_PROP_TMASK) == JS_PROP_NORMAL &&
                JS_VALUE_GET_TAG(pr->u.value) == JS_TAG_STRING) {
                name_put_string(name, JS_VALUE_GET_STRING(pr->u.value));
                return true;
            }
        }
        break;
    }
    name_put(name, "Object");
    return false;
}

/* Whether the `toString` of an object is that of the running realm's Object.prototype. */
static bool shows_as_object(JSContext *ctx, JSObject *p)
{
    JSObject *plain = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_OBJECT]);
    JSShapeProperty *prs;
    JSProperty *pr;
    int steps;

    for (steps = 0; p && p->class_id != JS_CLASS_PROXY && steps < 100; p = p->shape->proto, steps++) {
        prs = find_own_property(&pr, p, JS_ATOM_toString);
        if (!prs)
            continue;
        if ((prs->flags & JS_PROP_TMASK) == JS_PROP_AUTOINIT)
            return p == plain;
        if ((prs->flags & JS_PROP_TMASK) != JS_PROP_NORMAL || !JS_IsObject(pr->u.value))
            return false;
        p = JS_VALUE_GET_OBJ(pr->u.value);
        return p->class_id == JS_CLASS_C_FUNCTION && p->u.cfunc.realm == ctx &&
               p->u.cfunc.c_function.generic == js_object_toString;
    }
    return false;
}

/* An object's own words for what it is: its tag, or the class that the engine knows. */
static void put_tag(JSContext *ctx, Name *name, JSObject *p)
{
    JSValueConst tag = plain_value(p, JS_ATOM_Symbol_toStringTag);
    char buf[ATOM_GET_STR_BUF_SIZE];
    JSClassID class = p->class_id;

    name_put(name, "[object ");
    if (JS_VALUE_GET_TAG(tag) == JS_TAG_STRING)
        name_put_string(name, JS_VALUE_GET_STRING(tag));
    else if (class == JS_CLASS_MAPPED_ARGUMENTS)
        name_put(name, "Arguments");
    else if (class == JS_CLASS_OBJECT || class >= JS_CLASS_INIT_COUNT)
        name_put(name, "Object");
    else
        name_put(name, JS_AtomGetStrRT(ctx->rt, buf, sizeof(buf), ctx->rt->class_array[class].class_name));
    name_put(name, "]");
}

/* `name: message` of an error. */
static void put_error(Name *name, JSObject *p)
{
    JSValueConst title = plain_value(p, JS_ATOM_name), message = plain_value(p, JS_ATOM_message);
    bool has_message = JS_VALUE_GET_TAG(message) == JS_TAG_STRING && JS_VALUE_GET_STRING(message)->len > 0;

    if (JS_VALUE_GET_TAG(title) == JS_TAG_STRING)
        name_put_string(name, JS_VALUE_GET_STRING(title));
    else
        name_put(name, "Error");
    if (has_message) {
        name_put(name, ": ");
        name_put_string(name, JS_VALUE_GET_STRING(message));
    }
}

/* The text of a function, if it is short and known. */
static bool put_function_text(Name *name, JSObject *p)
{
    JSFunctionBytecode *code = js_class_has_bytecode(p->class_id) ? p->u.func.function_bytecode : NULL;

    if (!code || !code->source || code->source_len >= NAME_MAX_BYTES || strlen(code->source) >= NAME_MAX_BYTES)
        return false;
    name_put(name, code->source);
    return true;
}

/* The name of an object that cannot be written to, as Node finds it without running code: `#<Order>` where its
   `toString` is the running realm's own, else what it is: `[object Date]`. */
static void describe_object(JSContext *ctx, Name *name, JSValueConst value)
{
    JSObject *p = JS_IsObject(value) ? JS_VALUE_GET_OBJ(value) : NULL;
    int steps;

    name->len = 0;
    name->text[0] = '\0';
    for (steps = 0; p && p->class_id == JS_CLASS_PROXY && steps < 100; steps++)
        p = JS_IsObject(p->u.proxy_data->target) ? JS_VALUE_GET_OBJ(p->u.proxy_data->target) : NULL;
    if (!p || p->class_id == JS_CLASS_PROXY || sandtide_is_global(ctx, p->class_id)) {
        name_put(name, p ? "[object Object]" : "#<Object>");
    } else if (p->class_id == JS_CLASS_ERROR) {
        put_error(name, p);
    } else if (is_function_object(p)) {
        if (!put_function_text(name, p))
            name_put(name, "#<Function>");
    } else if (shows_as_object(ctx, p)) {
        name_put(name, "#<");
        put_constructor(name, p);
        name_put(name, ">");
    } else {
        put_tag(ctx, name, p);
    }
}

/* Where an object holds another as its own data property: "property 'a'", "index 0". False: nowhere. */
static bool put_holding_key(JSContext *ctx, Name *name, JSObject *holder, JSObject *held)
{
    char buf[ATOM_GET_STR_BUF_SIZE];
    JSShapeProperty *prs;
    uint32_t i;

    name->len = 0;
    name->text[0] = '\0';
    if (holder->class_id == JS_CLASS_ARRAY && holder->fast_array) {
        for (i = 0; i < holder->u.array.count; i++) {
            JSValueConst value = holder->u.array.u.values[i];
            if (!JS_IsObject(value) || JS_VALUE_GET_OBJ(value) != held)
                continue;
            snprintf(buf, sizeof(buf), "index %u", i);
            name_put(name, buf);
            return true;
        }
        return false;
    }
    for (i = 0, prs = get_shape_prop(holder->shape); i < holder->shape->prop_count; i++, prs++) {
        JSValueConst value = holder->prop[i].u.value;
        if (prs->atom == JS_ATOM_NULL || (prs->flags & JS_PROP_TMASK) != JS_PROP_NORMAL ||
            !(prs->flags & JS_PROP_ENUMERABLE) || !JS_IsObject(value) || JS_VALUE_GET_OBJ(value) != held)
            continue;
        name_put(name, __JS_AtomIsTaggedInt(prs->atom) ? "index " : "property '");
        name_put_atom(ctx, name, prs->atom);
        name_put(name, __JS_AtomIsTaggedInt(prs->atom) ? "" : "'");
        return true;
    }
    return false;
}

/* How many steps of a circle are shown after its first object, and before its end. */
#define CIRCLE_FIRST 2
#define CIRCLE_LAST 1

/* An object is in itself: says by which way. `stack` is the array of the objects on the way to it. */
static void sandtide_throw_circle(JSContext *ctx, JSValueConst stack, JSValueConst value)
{
    const char *plain = "circular reference";
    JSObject *objects = JS_VALUE_GET_OBJ(stack), *end = JS_VALUE_GET_OBJ(value), *holder, *held;
    JSValue message, error;
    uint32_t start, i, count = objects->u.array.count;
    DynBuf text;
    Name name;

    for (start = 0; start < count; start++) {
        if (JS_IsObject(objects->u.array.u.values[start]) &&
            JS_VALUE_GET_OBJ(objects->u.array.u.values[start]) == end)
            break;
    }
    JS_ThrowTypeError(ctx, "%s", ctx->rt->sandtide ? "Converting circular structure to JSON" : plain);
    if (!ctx->rt->sandtide || start == count)
        return;
    /* what goes wrong with the words leaves the error as it is */
    error = JS_GetException(ctx);
    js_dbuf_init(ctx, &text);
    name.len = 0;
    put_constructor(&name, end);
    dbuf_printf(&text, "Converting circular structure to JSON\n    --> starting at object with constructor "
                       "'%s'", name.text);
    for (i = start; i < count; i++) {
        holder = JS_VALUE_GET_OBJ(objects->u.array.u.values[i]);
        held = i + 1 < count ? JS_VALUE_GET_OBJ(objects->u.array.u.values[i + 1]) : end;
        if (i + 1 < count && i >= start + CIRCLE_FIRST && i + 1 + CIRCLE_LAST < count) {
            if (i == start + CIRCLE_FIRST)
                dbuf_putstr(&text, "\n    |     ...");
            continue;
        }
        if (!put_holding_key(ctx, &name, holder, held))
            name_put(&name, "property '<anonymous>'"); /* a function gave it */
        if (i + 1 == count) {
            dbuf_printf(&text, "\n    --- %s closes the circle", name.text);
        } else {
            dbuf_printf(&text, "\n    |     %s -> object with constructor '", name.text);
            name.len = 0;
            put_constructor(&name, held);
            dbuf_printf(&text, "%s'", name.text);
        }
    }
    if (JS_IsObject(error) && !dbuf_error(&text) &&
        JS_VALUE_GET_OBJ(error)->shape->proto == JS_VALUE_GET_OBJ(ctx->native_error_proto[JS_TYPE_ERROR])) {
        message = JS_NewStringLen(ctx, (char *)text.buf, text.size);
        if (!JS_IsException(message))
            JS_DefinePropertyValue(ctx, error, JS_ATOM_message, message,
                                   JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    }
    dbuf_free(&text);
    JS_Throw(ctx, error);
}

static bool throws(JSContext *ctx, int flags)
{
    return (flags & JS_PROP_THROW) || ((flags & JS_PROP_THROW_STRICT) && is_strict_mode(ctx));
}

/* A property's name in a message; `buf` has room for `size` bytes. */
static const char *property_text(JSContext *ctx, JSAtom property, char *buf, size_t size)
{
    char inner[ATOM_GET_STR_BUF_SIZE];

    if (JS_AtomGetKind(ctx, property) != JS_ATOM_KIND_SYMBOL)
        return JS_AtomGetStr(ctx, buf, size, property);
    snprintf(buf, size, "Symbol(%.*s)", (int)(size - sizeof("Symbol()")),
             JS_AtomGetStr(ctx, inner, sizeof(inner), property));
    return buf;
}

/* A property that cannot be assigned to. Returns -1, or 0 where that is no error. */
static int sandtide_throw_read_only(JSContext *ctx, int flags, JSValueConst object, JSAtom property)
{
    char buf[ATOM_GET_STR_BUF_SIZE], type[ATOM_GET_STR_BUF_SIZE];
    Name name;

    if (!throws(ctx, flags))
        return false;
    print_value(ctx, &name, object);
    JS_ThrowTypeError(ctx, "Cannot assign to read only property '%s' of %s '%s'",
                      property_text(ctx, property, buf, sizeof(buf)),
                      JS_AtomGetStr(ctx, type, sizeof(type), js_operator_typeof(ctx, object)), name.text);
    return -1;
}

static int sandtide_throw_no_setter(JSContext *ctx, int flags, JSValueConst object, JSAtom property)
{
    char buf[ATOM_GET_STR_BUF_SIZE];
    Name name;

    if (!throws(ctx, flags))
        return false;
    print_value(ctx, &name, object);
    JS_ThrowTypeError(ctx, "Cannot set property %s of %s which has only a getter",
                      property_text(ctx, property, buf, sizeof(buf)), name.text);
    return -1;
}

/* `format` has a place for the property's name. */
static int sandtide_throw_property(JSContext *ctx, int flags, const char *format, JSAtom property)
{
    if (!throws(ctx, flags))
        return false;
    JS_ThrowTypeErrorAtom(ctx, format, property);
    return -1;
}

static int sandtide_throw_not_deleted(JSContext *ctx, int flags, JSValueConst object, JSAtom property)
{
    char buf[ATOM_GET_STR_BUF_SIZE];
    Name name;

    if (!throws(ctx, flags))
        return false;
    print_value(ctx, &name, object);
    JS_ThrowTypeError(ctx, "Cannot delete property '%s' of %s",
                      property_text(ctx, property, buf, sizeof(buf)), name.text);
    return -1;
}

/* A property cannot be made on a value that is no object. */
static int sandtide_throw_primitive(JSContext *ctx, int flags, JSValueConst value, JSAtom property)
{
    char buf[ATOM_GET_STR_BUF_SIZE], type[ATOM_GET_STR_BUF_SIZE];
    Name name;

    if (!throws(ctx, flags))
        return false;
    print_value(ctx, &name, value);
    JS_ThrowTypeError(ctx, "Cannot create property '%s' on %s '%s'",
                      JS_AtomGetStr(ctx, buf, sizeof(buf), property),
                      JS_AtomGetStr(ctx, type, sizeof(type), js_operator_typeof(ctx, value)), name.text);
    return -1;
}

/* A proxy's trap did what it may not, on the property `name`: `plain` says so in the engine's words, `theirs` in
   Node's, with a place for the name. */
static void sandtide_throw_trap(JSContext *ctx, const char *plain, const char *theirs, JSAtom name)
{
    if (ctx->rt->sandtide)
        JS_ThrowTypeErrorAtom(ctx, theirs, name);
    else
        JS_ThrowTypeError(ctx, "%s", plain);
}

/* The right side of `in` is no object. */
static void sandtide_throw_in(JSContext *ctx, JSValueConst key, JSValueConst value)
{
    Name searched, name;

    print_value(ctx, &searched, key);
    print_value(ctx, &name, value);
    JS_ThrowTypeError(ctx, "Cannot use 'in' operator to search for '%s' in %s", searched.text, name.text);
}

static void throw_error(JSContext *ctx, JSErrorEnum kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    JS_ThrowError(ctx, kind, format, args);
    va_end(args);
}

/* `format` has a place for the value; `kind` is a JSErrorEnum. */
static JSValue sandtide_throw_value(JSContext *ctx, int kind, const char *format, JSValueConst value)
{
    Name name;

    print_value(ctx, &name, value);
    throw_error(ctx, kind, format, name.text);
    return JS_EXCEPTION;
}

/* A built-in was called on what has none of its slots. False: the caller says so in the engine's words. */
static bool sandtide_throw_incompatible(JSContext *ctx, JSValueConst receiver)
{
    Builtin b;
    int steps;
    Name name, method = { .len = 0 };

    if (!ctx->rt->sandtide || !running_builtin(ctx, &b) || !strstr(b.table, ".prototype"))
        return false;
    if (strcmp(b.table, "Date.prototype") == 0 && strncmp(b.name, "set", 3) != 0 &&
        strncmp(b.name, "to", 2) != 0 && strcmp(b.name, "getYear") != 0)
        return false;
    name_put(&method, b.is_getter ? "get " : "");
    put_builtin(&method, &b);
    /* a proxy is called by what it stands for */
    for (steps = 0; steps < 100 && JS_IsObject(receiver); steps++) {
        const JSProxyData *proxy = JS_GetOpaque(receiver, JS_CLASS_PROXY);
        if (!proxy || proxy->is_revoked)
            break;
        receiver = proxy->target;
    }
    print_value(ctx, &name, receiver);
    throw_error(ctx, JS_TYPE_ERROR, "Method %s called on incompatible receiver %s", method.text, name.text);
    return true;
}

/* An error that belongs to the call, not to the function that was called: its frame is not shown.
   `format` may have a place for the function's name. */
static void sandtide_throw_at_caller(JSContext *ctx, const char *format, JSValueConst function)
{
    JSRuntime *rt = ctx->rt;
    JSStackFrame *frame = rt->current_stack_frame;
    const char *name = get_func_name(ctx, function);

    rt->current_stack_frame = frame->prev_frame;
    throw_error(ctx, JS_TYPE_ERROR, format, name ? name : "");
    if (needs_backtrace(rt->current_exception))
        build_backtrace(ctx, rt->current_exception, JS_UNDEFINED, NULL, 0, 0, 0);
    note_thrown_at_caller(ctx);
    rt->current_stack_frame = frame;
    JS_FreeCString(ctx, name);
}

/* An object gets the private methods of a class, whose prototype is `home`, a second time. The frame of what
   initializes fields is not shown, but the constructor's that called it. */
static void sandtide_throw_methods_twice(JSContext *ctx, JSObject *home)
{
    JSRuntime *rt = ctx->rt;
    JSStackFrame *frame = rt->current_stack_frame;
    Name name = { .len = 0 };

    put_constructor(&name, home);
    rt->current_stack_frame = frame->prev_frame;
    throw_error(ctx, JS_TYPE_ERROR, "Cannot initialize private methods of class %s twice on the same object",
                name.len ? name.text : "anonymous");
    if (needs_backtrace(rt->current_exception))
        build_backtrace(ctx, rt->current_exception, JS_UNDEFINED, NULL, 0, 0, 0);
    note_thrown_at_caller(ctx);
    rt->current_stack_frame = frame;
}

/* The stack of a new error begins where `new` stands: not in Error(), nor in the constructors of the
   program's own class of errors. */
static void sandtide_new_error_backtrace(JSContext *ctx, JSValueConst error, JSValueConst new_target)
{
    JSRuntime *rt = ctx->rt;
    JSStackFrame *current = rt->current_stack_frame, *frame = current;

    while (frame && (!JS_IsObject(frame->cur_func) || !JS_IsObject(new_target) ||
                     JS_VALUE_GET_OBJ(frame->cur_func) != JS_VALUE_GET_OBJ(new_target)))
        frame = frame->prev_frame;
    if (frame)
        rt->current_stack_frame = frame;
    build_backtrace(ctx, error, JS_UNDEFINED, NULL, 0, 0, JS_BACKTRACE_FLAG_SKIP_FIRST_LEVEL);
    rt->current_stack_frame = current;
}
