/* What a debugger asks of frames and functions: where they are, their variables by name, and what these
   hold. Answers are plain values for a script of the host's.

   A variable is [name, where, index, level, constant]: `where` it lies in its frame, `level` of its
   scope: above 0 a block's (a larger number is further in), 0 the function's, -1 of functions around it,
   -2 the module's.

   Frames are numbered from the innermost one of the stop that is on, those of built-ins not counted.
   Must not know the protocol. */

enum { VARIABLE_ARGUMENT, VARIABLE_LOCAL, VARIABLE_CAPTURED };
enum { LEVEL_CLOSURE = -1, LEVEL_MODULE = -2 };

static JSStackFrame *frame_by_number(JSContext *ctx, JSValueConst number)
{
    const SandtideDebug *d = ctx->rt->sandtide_debug;
    JSStackFrame *sf = d ? d->stopped : NULL;
    int32_t left;

    if (JS_ToInt32(ctx, &left, number))
        return NULL;
    for (; sf; sf = sf->prev_frame) {
        if (frame_code(sf) && left-- == 0)
            return sf;
    }
    JS_ThrowRangeError(ctx, "there is no such frame");
    return NULL;
}

/* The first variable of the innermost scope at an instruction: what the place before it says. */
static int scope_at(const JSFunctionBytecode *b, int wanted)
{
    int at, scope = -1;

    for (at = 0; at < b->byte_code_len && at <= wanted; at += code_size(b, at)) {
        uint8_t op = b->byte_code_buf[at];
        if (op == OP_place || op == OP_stop || op == OP_debugger)
            scope = get_u16(b->byte_code_buf + at + 1) + ARG_SCOPE_END;
    }
    return scope;
}

static void put_variable(JSContext *ctx, JSValueConst list, uint32_t *n, JSAtom name, int where,
                         int index, int level, bool constant)
{
    JSValue variable;

    if (name == JS_ATOM_NULL)
        return;
    variable = JS_NewArray(ctx);
    put(ctx, variable, 0, JS_AtomToString(ctx, name));
    put(ctx, variable, 1, JS_NewInt32(ctx, where));
    put(ctx, variable, 2, JS_NewInt32(ctx, index));
    put(ctx, variable, 3, JS_NewInt32(ctx, level));
    put(ctx, variable, 4, JS_NewBool(ctx, constant));
    put(ctx, list, (*n)++, variable);
}

static bool is_readable(int var_kind)
{
    switch (var_kind) {
    case JS_VAR_PRIVATE_FIELD:
    case JS_VAR_PRIVATE_METHOD:
    case JS_VAR_PRIVATE_GETTER:
    case JS_VAR_PRIVATE_SETTER:
    case JS_VAR_PRIVATE_GETTER_SETTER:
        return false;
    }
    return true;
}

static void put_captured(JSContext *ctx, JSValueConst list, uint32_t *n, const JSFunctionBytecode *b)
{
    int i;

    for (i = 0; i < b->closure_var_count; i++) {
        const JSClosureVar *cv = &b->closure_var[i];
        int level = LEVEL_CLOSURE;
        switch (cv->closure_type) {
        case JS_CLOSURE_GLOBAL_REF:
        case JS_CLOSURE_GLOBAL_DECL:
        case JS_CLOSURE_GLOBAL:
            continue;
        case JS_CLOSURE_MODULE_DECL:
        case JS_CLOSURE_MODULE_IMPORT:
            level = LEVEL_MODULE;
        }
        if (is_readable(cv->var_kind))
            put_variable(ctx, list, n, cv->var_name, VARIABLE_CAPTURED, i, level, cv->is_const);
    }
}

/* Whether a variable is the whole function's, as parameters are where the body shares them. */
static bool is_of_function(const JSVarDef *vd)
{
    return vd->scope_level == 0 || vd->var_kind == JS_VAR_PARAMETER;
}

/* Whether it is a parameter of whose name the body has a variable of its own. */
static bool is_declared_again(const JSFunctionBytecode *b, const JSVarDef *parameter)
{
    int i;

    for (i = 0; parameter->var_kind == JS_VAR_PARAMETER && i < b->var_count; i++) {
        const JSVarDef *vd = &b->vardefs[b->arg_count + i];
        if (vd->var_name == parameter->var_name && is_own_var(vd))
            return true;
    }
    return false;
}

static JSValue variables_of(JSContext *ctx, const JSFunctionBytecode *b, int pc)
{
    JSValue list = JS_NewArray(ctx);
    uint32_t n = 0;
    int i;

    for (i = scope_at(b, pc); i >= 0 && i < b->var_count;) {
        const JSVarDef *vd = &b->vardefs[b->arg_count + i];
        if (vd->scope_level > 0 && vd->var_kind != JS_VAR_PARAMETER && is_readable(vd->var_kind))
            put_variable(ctx, list, &n, vd->var_name, VARIABLE_LOCAL, i, vd->scope_level, vd->is_const);
        i = vd->scope_next;
    }
    for (i = 0; i < b->arg_count; i++)
        put_variable(ctx, list, &n, b->vardefs[i].var_name, VARIABLE_ARGUMENT, i, 0, false);
    for (i = 0; i < b->var_count; i++) {
        const JSVarDef *vd = &b->vardefs[b->arg_count + i];
        if (is_of_function(vd) && is_readable(vd->var_kind) && !is_declared_again(b, vd))
            put_variable(ctx, list, &n, vd->var_name, VARIABLE_LOCAL, i, 0, vd->is_const);
    }
    put_captured(ctx, list, &n, b);
    return list;
}

static void set(JSContext *ctx, JSValueConst object, const char *name, JSValue value)
{
    JS_DefinePropertyValueStr(ctx, object, name, value, JS_PROP_C_W_E);
}

static void set_function(JSContext *ctx, JSValueConst object, const JSFunctionBytecode *b)
{
    set(ctx, object, "name", JS_AtomToString(ctx, b->func_name));
    set(ctx, object, "file", JS_AtomToString(ctx, b->filename));
    set(ctx, object, "script", JS_NewUint32(ctx, b->sandtide_script));
    set(ctx, object, "functionLine", JS_NewInt32(ctx, b->line_num));
    set(ctx, object, "functionColumn", JS_NewInt32(ctx, b->col_num));
}

/* frames(whole): the stack of the stop, innermost first; `whole`: with variables, functions and this.
   Outside of a stop, the stack of the caller. */
static JSValue debug_frames(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    const SandtideDebug *d = ctx->rt->sandtide_debug;
    const JSStackFrame *sf = d && d->stopped ? d->stopped : ctx->rt->current_stack_frame;
    bool whole = JS_ToBool(ctx, argv[0]) > 0;
    JSValue list = JS_NewArray(ctx);
    uint32_t n = 0;

    (void)this_val;
    (void)argc;
    for (; sf; sf = sf->prev_frame) {
        const JSFunctionBytecode *b = frame_code(sf);
        int pc, line, column;
        JSValue frame;
        if (!b)
            continue;
        pc = sf->cur_pc ? sf->cur_pc - b->byte_code_buf - 1 : 0;
        line = find_line_num(ctx, (JSFunctionBytecode *)b, pc, &column);
        frame = JS_NewObject(ctx);
        set_function(ctx, frame, b);
        set(ctx, frame, "line", JS_NewInt32(ctx, line));
        set(ctx, frame, "column", JS_NewInt32(ctx, column));
        if (whole) {
            set(ctx, frame, "function", js_dup(sf->cur_func));
            set(ctx, frame, "variables", variables_of(ctx, b, pc));
            set(ctx, frame, "constructs", JS_NewBool(ctx, sf->is_constructor));
            set(ctx, frame, "strict", JS_NewBool(ctx, b->is_strict_mode));
            set(ctx, frame, "global", JS_GetGlobalObject(b->realm));
            if (d && sf == d->stopped)
                set(ctx, frame, "receiver", js_dup(d->stopped_this));
        }
        put(ctx, list, n++, frame);
    }
    return list;
}

/* Whether a variable is one that `variables_of` lists: no slot is given away that has no name, or whose
   scope has not begun. */
static bool is_listed(const JSFunctionBytecode *b, int pc, int where, int index)
{
    const JSVarDef *vd;
    int i;

    switch (where) {
    case VARIABLE_ARGUMENT:
        return index < b->arg_count && b->vardefs[index].var_name != JS_ATOM_NULL;
    case VARIABLE_LOCAL:
        if (index >= b->var_count)
            return false;
        vd = &b->vardefs[b->arg_count + index];
        if (vd->var_name == JS_ATOM_NULL || !is_readable(vd->var_kind))
            return false;
        if (is_of_function(vd))
            return true;
        for (i = scope_at(b, pc); i >= 0 && i < b->var_count; i = b->vardefs[b->arg_count + i].scope_next) {
            if (i == index)
                return true;
        }
        return false;
    case VARIABLE_CAPTURED:
        return index < b->closure_var_count && is_readable(b->closure_var[index].var_kind);
    }
    return false;
}

static JSValue *variable_place(JSContext *ctx, JSValueConst *argv)
{
    JSStackFrame *sf = frame_by_number(ctx, argv[0]);
    const JSFunctionBytecode *b;
    int32_t where, index;

    if (!sf || JS_ToInt32(ctx, &where, argv[1]) || JS_ToInt32(ctx, &index, argv[2]))
        return NULL;
    b = frame_code(sf);
    if (index >= 0 && is_listed(b, sf->cur_pc ? sf->cur_pc - b->byte_code_buf - 1 : 0, where, index)) {
        if (where == VARIABLE_ARGUMENT)
            return &sf->arg_buf[index];
        if (where == VARIABLE_LOCAL)
            return &sf->var_buf[index];
        if (where == VARIABLE_CAPTURED) {
            JSVarRef *ref = JS_VALUE_GET_OBJ(sf->cur_func)->u.func.var_refs[index];
            if (ref)
                return ref->pvalue;
        }
    }
    JS_ThrowRangeError(ctx, "there is no such variable");
    return NULL;
}

/* [value]; null where it has none yet. */
static JSValue boxed(JSContext *ctx, JSValueConst value)
{
    JSValue box;

    if (JS_VALUE_GET_TAG(value) == JS_TAG_UNINITIALIZED)
        return JS_NULL;
    box = JS_NewArray(ctx);
    put(ctx, box, 0, js_dup(value));
    return box;
}

static JSValue debug_get_variable(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSValue *place = variable_place(ctx, argv);

    (void)this_val;
    (void)argc;
    return place ? boxed(ctx, *place) : JS_EXCEPTION;
}

static JSValue debug_set_variable(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSValue *place = variable_place(ctx, argv);

    (void)this_val;
    (void)argc;
    if (!place)
        return JS_EXCEPTION;
    set_value(ctx, place, js_dup(argv[3]));
    return JS_UNDEFINED;
}

static const JSFunctionBytecode *code_of(JSValueConst function)
{
    JSObject *p = JS_IsObject(function) ? JS_VALUE_GET_OBJ(function) : NULL;

    return p && js_class_has_bytecode(p->class_id) ? p->u.func.function_bytecode : NULL;
}

/* describe(function): its place and what it captured; undefined for a native one. */
static JSValue debug_describe(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    const JSFunctionBytecode *b = code_of(argv[0]);
    JSValue result, list;
    uint32_t n = 0;

    (void)this_val;
    (void)argc;
    if (!b)
        return JS_UNDEFINED;
    result = JS_NewObject(ctx);
    list = JS_NewArray(ctx);
    set_function(ctx, result, b);
    put_captured(ctx, list, &n, b);
    set(ctx, result, "variables", list);
    return result;
}

/* getCaptured(function, index) */
static JSValue debug_get_captured(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    const JSFunctionBytecode *b = code_of(argv[0]);
    JSVarRef *ref = NULL;
    int32_t index;

    (void)this_val;
    (void)argc;
    if (JS_ToInt32(ctx, &index, argv[1]))
        return JS_EXCEPTION;
    if (b && index >= 0 && index < b->closure_var_count)
        ref = JS_VALUE_GET_OBJ(argv[0])->u.func.var_refs[index];
    return ref ? boxed(ctx, *ref->pvalue) : JS_NULL;
}

/* lexicals(): the names that scripts of the context declared beside its global object. */
static JSValue debug_lexicals(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSPropertyEnum *names;
    uint32_t count, i;
    JSValue list;

    (void)this_val;
    (void)argc;
    (void)argv;
    if (JS_GetOwnPropertyNames(ctx, &names, &count, ctx->global_var_obj, JS_GPN_STRING_MASK))
        return JS_EXCEPTION;
    list = JS_NewArray(ctx);
    for (i = 0; i < count; i++)
        put(ctx, list, i, JS_AtomToString(ctx, names[i].atom));
    JS_FreePropertyEnum(ctx, names, count);
    return list;
}

/* lexical(name): [value]; null where it has none yet. */
static JSValue debug_lexical(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSAtom name = JS_ValueToAtom(ctx, argv[0]);
    JSShapeProperty *shape;
    JSProperty *property;
    JSValue result = JS_NULL;

    (void)this_val;
    (void)argc;
    if (name == JS_ATOM_NULL)
        return JS_EXCEPTION;
    shape = find_own_property(&property, JS_VALUE_GET_OBJ(ctx->global_var_obj), name);
    if (shape && (shape->flags & JS_PROP_TMASK) == JS_PROP_NORMAL)
        result = boxed(ctx, property->u.value);
    else if (shape && (shape->flags & JS_PROP_TMASK) == JS_PROP_VARREF)
        result = boxed(ctx, *property->u.var_ref->pvalue);
    JS_FreeAtom(ctx, name);
    return result;
}

/* bound(function): [target, this, arguments...] of a bound one. */
static JSValue debug_bound(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSObject *p = JS_IsObject(argv[0]) ? JS_VALUE_GET_OBJ(argv[0]) : NULL;
    JSValue list;
    int i;

    (void)this_val;
    (void)argc;
    if (!p || p->class_id != JS_CLASS_BOUND_FUNCTION)
        return JS_UNDEFINED;
    list = JS_NewArray(ctx);
    put(ctx, list, 0, js_dup(p->u.bound_function->func_obj));
    put(ctx, list, 1, js_dup(p->u.bound_function->this_val));
    for (i = 0; i < p->u.bound_function->argc; i++)
        put(ctx, list, i + 2, js_dup(p->u.bound_function->argv[i]));
    return list;
}

/* privates(object): [name, value] of each private field. */
static JSValue debug_privates(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSObject *p = JS_IsObject(argv[0]) ? JS_VALUE_GET_OBJ(argv[0]) : NULL;
    JSValue list = JS_NewArray(ctx);
    uint32_t n = 0;
    int i;

    (void)this_val;
    (void)argc;
    /* nothing that is called below changes the object */
    for (i = 0; p && i < p->shape->prop_count; i++) {
        const JSShapeProperty *shape = &get_shape_prop(p->shape)[i];
        JSValue pair;
        if (shape->atom == JS_ATOM_NULL || (shape->flags & JS_PROP_TMASK) != JS_PROP_NORMAL ||
            JS_AtomGetKind(ctx, shape->atom) != JS_ATOM_KIND_PRIVATE ||
            JS_VALUE_GET_TAG(p->prop[i].u.value) == JS_TAG_UNINITIALIZED)
            continue;
        pair = JS_NewArray(ctx);
        put(ctx, pair, 0, JS_AtomToString(ctx, shape->atom));
        put(ctx, pair, 1, js_dup(p->prop[i].u.value));
        put(ctx, list, n++, pair);
    }
    return list;
}

/* thrown(): the exception that the stop is for. */
static JSValue debug_thrown(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    const SandtideDebug *d = ctx->rt->sandtide_debug;

    (void)this_val;
    (void)argc;
    (void)argv;
    return d ? js_dup(d->exception) : JS_UNDEFINED;
}

static const JSCFunctionListEntry debug_functions[] = {
    JS_CFUNC_DEF("thrown", 0, debug_thrown),
    JS_CFUNC_DEF("frames", 1, debug_frames),
    JS_CFUNC_DEF("asyncStack", 0, debug_async_stack),
    JS_CFUNC_DEF("keepAsyncStacks", 1, debug_keep_async_stacks),
    JS_CFUNC_DEF("keepFrame", 1, debug_keep_frame),
    JS_CFUNC_DEF("getVariable", 3, debug_get_variable),
    JS_CFUNC_DEF("setVariable", 4, debug_set_variable),
    JS_CFUNC_DEF("describe", 1, debug_describe),
    JS_CFUNC_DEF("getCaptured", 2, debug_get_captured),
    JS_CFUNC_DEF("lexicals", 0, debug_lexicals),
    JS_CFUNC_DEF("lexical", 1, debug_lexical),
    JS_CFUNC_DEF("bound", 1, debug_bound),
    JS_CFUNC_DEF("privates", 1, debug_privates),
};

JSValue sandtide_debug_binding(JSContext *ctx)
{
    JSValue binding = JS_NewObject(ctx);

    if (!JS_IsException(binding))
        JS_SetPropertyFunctionList(ctx, binding, debug_functions, countof(debug_functions));
    return binding;
}
