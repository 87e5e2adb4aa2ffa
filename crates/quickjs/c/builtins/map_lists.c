/* Lists of what Maps, Sets and their iterators hold: `[...set]`, `[...map.values()]`, Array.from(set). No script
   is asked while one is made, where iterating is what the engine made it. Knows nothing of realms. */

/* Whether next() of a realm's iterators of Maps or, with MAGIC_SET, of Sets is the built-in one. */
static bool map_steps_natively(JSContext *ctx, int magic)
{
    JSObject *next = own_native(ctx, JS_CLASS_MAP_ITERATOR + magic, JS_ATOM_next);

    return next && next->u.cfunc.c_function.iterator_next == js_map_iterator_next &&
           next->u.cfunc.magic == magic;
}

/* Whether the iterators of Maps or Sets are their own iterators, by the built-in method. */
static bool map_iterators_iterate_natively(JSContext *ctx, int magic)
{
    JSObject *prototype = JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_MAP_ITERATOR + magic]), *f;

    if (JS_VALUE_GET_TAG(ctx->class_proto[JS_CLASS_ITERATOR]) != JS_TAG_OBJECT ||
        prototype->shape->proto != JS_VALUE_GET_OBJ(ctx->class_proto[JS_CLASS_ITERATOR]) ||
        find_own_property1(prototype, JS_ATOM_Symbol_iterator))
        return false;
    f = own_native(ctx, JS_CLASS_ITERATOR, JS_ATOM_Symbol_iterator);
    return f && f->u.cfunc.c_function.generic == js_iterator_proto_iterator;
}

/* The iterator over a Map or a Set by a method that was found for it. Undefined: it is another method. */
static JSValue map_iterator_by(JSContext *ctx, JSObject *p, JSObject *method)
{
    int magic = p->class_id - JS_CLASS_MAP;

    if (method->class_id != JS_CLASS_C_FUNCTION ||
        method->u.cfunc.c_function.generic_magic != js_create_map_iterator ||
        (method->u.cfunc.magic & 3) != magic || method->u.cfunc.realm != ctx ||
        !map_steps_natively(ctx, magic))
        return JS_UNDEFINED;
    return js_create_map_iterator(ctx, JS_MKPTR(JS_TAG_OBJECT, p), 0, NULL, method->u.cfunc.magic);
}

/* What spreading an object would iterate by, if that is an iterator of a Map or a Set. */
static JSValue map_iterator_of(JSContext *ctx, JSValueConst object)
{
    JSObject *p = JS_VALUE_GET_OBJ(object), *method;
    int magic;

    if (p->shape->prop_count > 0 || JS_VALUE_GET_TAG(ctx->class_proto[p->class_id]) != JS_TAG_OBJECT ||
        p->shape->proto != JS_VALUE_GET_OBJ(ctx->class_proto[p->class_id]))
        return JS_UNDEFINED;
    switch (p->class_id) {
    case JS_CLASS_MAP:
    case JS_CLASS_SET:
        method = own_native(ctx, p->class_id, JS_ATOM_Symbol_iterator);
        return method ? map_iterator_by(ctx, p, method) : JS_UNDEFINED;
    case JS_CLASS_MAP_ITERATOR:
    case JS_CLASS_SET_ITERATOR:
        magic = p->class_id - JS_CLASS_MAP_ITERATOR;
        if (map_steps_natively(ctx, magic) && map_iterators_iterate_natively(ctx, magic))
            return js_dup(object);
    }
    return JS_UNDEFINED;
}

/* Adds what is left of an iterator, which is freed. -1: an exception is pending. */
static int add_all_of_map(JSContext *ctx, JSObject *all, JSValue iterator)
{
    int magic = JS_VALUE_GET_OBJ(iterator)->class_id - JS_CLASS_MAP_ITERATOR, done = false;
    JSValue value;

    for (;;) {
        value = js_map_iterator_next(ctx, iterator, 0, NULL, &done, magic);
        if (done || JS_IsException(value) ||
            add_fast_array_element(ctx, all, value, JS_PROP_THROW) < 0)
            break;
    }
    JS_FreeValue(ctx, iterator);
    return done ? 0 : -1;
}

/* The same of what is spread into an array that no script has yet. 0: nothing was done; 1: all was added. */
static int sandtide_append_map(JSContext *ctx, JSObject *all, JSValueConst object)
{
    JSValue iterator = map_iterator_of(ctx, object);

    if (JS_IsUndefined(iterator))
        return 0;
    return JS_IsException(iterator) || add_all_of_map(ctx, all, iterator) ? -1 : 1;
}

/* Array.from(items), where `method` is what iterates the items. */
static bool sandtide_array_from_map(JSContext *ctx, JSValueConst constructor, JSValueConst items,
                                    JSValueConst method, JSValue *result)
{
    JSValue iterator, array;
    JSObject *p;

    if (JS_VALUE_GET_TAG(items) != JS_TAG_OBJECT || JS_VALUE_GET_TAG(constructor) != JS_TAG_OBJECT ||
        JS_VALUE_GET_OBJ(constructor) != JS_VALUE_GET_OBJ(ctx->array_ctor))
        return false;
    p = JS_VALUE_GET_OBJ(items);
    if (p->class_id != JS_CLASS_MAP && p->class_id != JS_CLASS_SET)
        return false;
    iterator = map_iterator_by(ctx, p, JS_VALUE_GET_OBJ(method));
    if (JS_IsUndefined(iterator))
        return false;
    *result = JS_EXCEPTION;
    if (JS_IsException(iterator))
        return true;
    array = JS_NewArray(ctx);
    if (JS_IsException(array)) {
        JS_FreeValue(ctx, iterator);
        return true;
    }
    if (add_all_of_map(ctx, JS_VALUE_GET_OBJ(array), iterator))
        JS_FreeValue(ctx, array);
    else
        *result = array;
    return true;
}
