/* The language's built-in functions as they are when a context is new, whatever a program made of its
   prototypes since: each call makes another function object from the engine's own tables. For code of
   the host's that runs beside programs, which never reach these objects. */

/* `react(promise, fulfilled, rejected)` has functions called with what a promise settles to, as its `then`
   does, but asks its `constructor` nothing, which is a program's, and makes no other promise. What the
   functions throw is nobody's. */
static JSValue sandtide_react(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSValueConst nobody[2] = {JS_UNDEFINED, JS_UNDEFINED};

    if (argc < 3 || !JS_GetOpaque(argv[0], JS_CLASS_PROMISE))
        return JS_ThrowTypeError(ctx, "not a promise");
    return perform_promise_then(ctx, argv[0], argv + 1, nobody) ? JS_EXCEPTION : JS_UNDEFINED;
}

static const JSCFunctionListEntry sandtide_promise_reactions[] = {
    JS_CFUNC_DEF("react", 3, sandtide_react),
};

#define SANDTIDE_TABLE(name, list) {name, list, countof(list)}

static const struct {
    const char *name;
    const JSCFunctionListEntry *list;
    int count;
} sandtide_tables[] = {
    SANDTIDE_TABLE("global", js_global_funcs),
    SANDTIDE_TABLE("Object", js_object_funcs),
    SANDTIDE_TABLE("Object.prototype", js_object_proto_funcs),
    SANDTIDE_TABLE("Function.prototype", js_function_proto_funcs),
    SANDTIDE_TABLE("Error.prototype", js_error_proto_funcs),
    SANDTIDE_TABLE("Array", js_array_funcs),
    SANDTIDE_TABLE("Array.prototype", js_array_proto_funcs),
    SANDTIDE_TABLE("ArrayIterator.prototype", js_array_iterator_proto_funcs),
    SANDTIDE_TABLE("Number", js_number_funcs),
    SANDTIDE_TABLE("Number.prototype", js_number_proto_funcs),
    SANDTIDE_TABLE("Boolean.prototype", js_boolean_proto_funcs),
    SANDTIDE_TABLE("BigInt", js_bigint_funcs),
    SANDTIDE_TABLE("BigInt.prototype", js_bigint_proto_funcs),
    SANDTIDE_TABLE("String", js_string_funcs),
    SANDTIDE_TABLE("String.prototype", js_string_proto_funcs),
    SANDTIDE_TABLE("Symbol.prototype", js_symbol_proto_funcs),
    SANDTIDE_TABLE("Math", js_math_funcs),
    SANDTIDE_TABLE("RegExp", js_regexp_funcs),
    SANDTIDE_TABLE("RegExp.prototype", js_regexp_proto_funcs),
    SANDTIDE_TABLE("JSON", js_json_funcs),
    SANDTIDE_TABLE("Reflect", js_reflect_funcs),
    SANDTIDE_TABLE("Map.prototype", js_map_proto_funcs),
    SANDTIDE_TABLE("MapIterator.prototype", js_map_iterator_proto_funcs),
    SANDTIDE_TABLE("Set.prototype", js_set_proto_funcs),
    SANDTIDE_TABLE("SetIterator.prototype", js_set_iterator_proto_funcs),
    SANDTIDE_TABLE("WeakMap.prototype", js_weak_map_proto_funcs),
    SANDTIDE_TABLE("WeakSet.prototype", js_weak_set_proto_funcs),
    SANDTIDE_TABLE("WeakRef.prototype", js_weakref_proto_funcs),
    SANDTIDE_TABLE("Promise", js_promise_funcs),
    SANDTIDE_TABLE("Promise.prototype", js_promise_proto_funcs),
    SANDTIDE_TABLE("Promise reactions", sandtide_promise_reactions),
    SANDTIDE_TABLE("Text order", sandtide_text_orders),
    SANDTIDE_TABLE("Date", js_date_funcs),
    SANDTIDE_TABLE("Date.prototype", js_date_proto_funcs),
    SANDTIDE_TABLE("ArrayBuffer", js_array_buffer_funcs),
    SANDTIDE_TABLE("ArrayBuffer.prototype", js_array_buffer_proto_funcs),
    SANDTIDE_TABLE("TypedArray.prototype", js_typed_array_base_proto_funcs),
    SANDTIDE_TABLE("DataView.prototype", js_dataview_proto_funcs),
    SANDTIDE_TABLE("DOMException.prototype", js_domexception_proto_funcs),
};

static const JSCFunctionListEntry *sandtide_find_builtin(const char *table, const char *name)
{
    for (size_t i = 0; i < countof(sandtide_tables); i++) {
        if (strcmp(sandtide_tables[i].name, table))
            continue;
        for (int at = 0; at < sandtide_tables[i].count; at++) {
            const JSCFunctionListEntry *e = &sandtide_tables[i].list[at];
            if (strcmp(e->name, name))
                continue;
            if (e->def_type == JS_DEF_ALIAS && e->u.alias.base == -1)
                return sandtide_find_builtin(table, e->u.alias.name);
            return e;
        }
    }
    return NULL;
}

/* A function that takes its `this` as the first argument. */
static JSValue sandtide_uncurried(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                  int magic, JSValueConst *data)
{
    if (argc < 1)
        return JS_Call(ctx, data[0], JS_UNDEFINED, 0, NULL);
    return JS_Call(ctx, data[0], argv[0], argc - 1, argv + 1);
}

JSValue sandtide_builtin(JSContext *ctx, const char *table, const char *name, bool uncurry)
{
    const JSCFunctionListEntry *e = sandtide_find_builtin(table, name);
    JSValue function, made;

    switch (e ? e->def_type : -1) {
    case JS_DEF_CFUNC:
        function = JS_NewCFunction2(ctx, e->u.func.cfunc.generic, e->name, e->u.func.length,
                                    e->u.func.cproto, e->magic);
        break;
    case JS_DEF_CGETSET:
        function = JS_NewCFunction2(ctx, e->u.getset.get.generic, e->name, 0, JS_CFUNC_getter, 0);
        break;
    case JS_DEF_CGETSET_MAGIC:
        function = JS_NewCFunction2(ctx, e->u.getset.get.generic, e->name, 0, JS_CFUNC_getter_magic,
                                    e->magic);
        break;
    default:
        return JS_ThrowInternalError(ctx, "there is no built-in %s of %s", name, table);
    }
    if (!uncurry || JS_IsException(function))
        return function;
    made = JS_NewCFunctionData(ctx, sandtide_uncurried, 0, 0, 1, vc(&function));
    JS_FreeValue(ctx, function);
    return made;
}

JSValue sandtide_prototype(JSContext *ctx, const char *name)
{
    static const struct {
        const char *name;
        JSClassID class_id;
    } known[] = {
        {"Iterator", JS_CLASS_ITERATOR},
        {"ArrayIterator", JS_CLASS_ARRAY_ITERATOR},
        {"DOMException", JS_CLASS_DOM_EXCEPTION},
        {"Object", JS_CLASS_OBJECT},
        {"Error", JS_CLASS_ERROR},
    };
    for (size_t i = 0; i < countof(known); i++) {
        if (!strcmp(known[i].name, name))
            return js_dup(ctx->class_proto[known[i].class_id]);
    }
    if (!strcmp(name, "AsyncIterator"))
        return js_dup(ctx->async_iterator_proto);
    return JS_UNDEFINED;
}

/* `builtin(table, name)` of scripts of the host's: see sandtide_engine.h. With one argument, the prototype
   of that name. */
static JSValue sandtide_call_builtin(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                     int uncurry)
{
    const char *table = JS_ToCString(ctx, argv[0]);
    const char *name = argc > 1 && table ? JS_ToCString(ctx, argv[1]) : NULL;
    JSValue made = JS_EXCEPTION;

    if (name)
        made = sandtide_builtin(ctx, table, name, uncurry);
    else if (table && argc < 2)
        made = sandtide_prototype(ctx, table);

    JS_FreeCString(ctx, name);
    JS_FreeCString(ctx, table);
    return made;
}

JSValue sandtide_new_builtin(JSContext *ctx, bool uncurry)
{
    return JS_NewCFunction2(ctx, (JSCFunction *)(void *)sandtide_call_builtin, "builtin", 1,
                            JS_CFUNC_generic_magic, uncurry);
}

/* The value of an object's own data property, made if it was not yet; undefined where there is none. Calls
   no getter. */
static JSValue sandtide_own_value(JSContext *ctx, JSValueConst object, JSAtom name)
{
    JSPropertyDescriptor desc;
    int found;

    if (JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT)
        return JS_UNDEFINED;
    found = JS_GetOwnPropertyInternal(ctx, &desc, JS_VALUE_GET_OBJ(object), name);
    if (found <= 0)
        return found < 0 ? JS_EXCEPTION : JS_UNDEFINED;
    JS_FreeValue(ctx, desc.getter);
    JS_FreeValue(ctx, desc.setter);
    return desc.value;
}

JSValue sandtide_first(JSContext *ctx)
{
    static const struct {
        const char *name;
        JSClassID class_id;
    } constructors[] = {
        {"Object", JS_CLASS_OBJECT},
        {"Array", JS_CLASS_ARRAY},
        {"String", JS_CLASS_STRING},
        {"Number", JS_CLASS_NUMBER},
        {"Boolean", JS_CLASS_BOOLEAN},
        {"Symbol", JS_CLASS_SYMBOL},
        {"BigInt", JS_CLASS_BIG_INT},
        {"Promise", JS_CLASS_PROMISE},
        {"Error", JS_CLASS_ERROR},
        {"Date", JS_CLASS_DATE},
        {"RegExp", JS_CLASS_REGEXP},
        {"Map", JS_CLASS_MAP},
        {"Set", JS_CLASS_SET},
        {"WeakMap", JS_CLASS_WEAKMAP},
        {"WeakRef", JS_CLASS_WEAK_REF},
        {"ArrayBuffer", JS_CLASS_ARRAY_BUFFER},
        {"DataView", JS_CLASS_DATAVIEW},
        {"Uint8Array", JS_CLASS_UINT8_ARRAY},
        {"Int8Array", JS_CLASS_INT8_ARRAY},
        {"Uint8ClampedArray", JS_CLASS_UINT8C_ARRAY},
        {"Int16Array", JS_CLASS_INT16_ARRAY},
        {"Uint16Array", JS_CLASS_UINT16_ARRAY},
        {"Int32Array", JS_CLASS_INT32_ARRAY},
        {"Uint32Array", JS_CLASS_UINT32_ARRAY},
        {"Float16Array", JS_CLASS_FLOAT16_ARRAY},
        {"Float32Array", JS_CLASS_FLOAT32_ARRAY},
        {"Float64Array", JS_CLASS_FLOAT64_ARRAY},
        {"BigInt64Array", JS_CLASS_BIG_INT64_ARRAY},
        {"BigUint64Array", JS_CLASS_BIG_UINT64_ARRAY},
        {"DOMException", JS_CLASS_DOM_EXCEPTION},
    };
    static const struct {
        const char *name;
        int number;
    } errors[] = {
        {"EvalError", JS_EVAL_ERROR},           {"RangeError", JS_RANGE_ERROR},
        {"ReferenceError", JS_REFERENCE_ERROR}, {"SyntaxError", JS_SYNTAX_ERROR},
        {"TypeError", JS_TYPE_ERROR},           {"URIError", JS_URI_ERROR},
        {"AggregateError", JS_AGGREGATE_ERROR},
    };
    static const struct {
        const char *name;
        JSAtom symbol;
    } symbols[] = {
        {"iterator", JS_ATOM_Symbol_iterator},
        {"asyncIterator", JS_ATOM_Symbol_asyncIterator},
        {"toStringTag", JS_ATOM_Symbol_toStringTag},
    };
    JSValue first = JS_NewObjectProto(ctx, JS_NULL);

#define SANDTIDE_FIRST(name, value)                                                                \
    do {                                                                                           \
        if (JS_IsException(first))                                                                 \
            return JS_EXCEPTION;                                                                   \
        JSValue made = (value);                                                                    \
        if (JS_IsException(made) ||                                                                \
            JS_DefinePropertyValueStr(ctx, first, (name), made, JS_PROP_C_W_E) < 0) {              \
            JS_FreeValue(ctx, first);                                                              \
            return JS_EXCEPTION;                                                                   \
        }                                                                                          \
    } while (0)

    SANDTIDE_FIRST("global", js_dup(ctx->global_obj));
    for (size_t i = 0; i < countof(symbols); i++)
        SANDTIDE_FIRST(symbols[i].name, JS_AtomToValue(ctx, symbols[i].symbol));
    for (size_t i = 0; i < countof(constructors); i++)
        SANDTIDE_FIRST(constructors[i].name,
                       sandtide_own_value(ctx, ctx->class_proto[constructors[i].class_id],
                                          JS_ATOM_constructor));
    for (size_t i = 0; i < countof(errors); i++)
        SANDTIDE_FIRST(errors[i].name,
                       sandtide_own_value(ctx, ctx->native_error_proto[errors[i].number],
                                          JS_ATOM_constructor));
#undef SANDTIDE_FIRST
    return first;
}
