/* internalBinding('util'): what only the engine knows of a value. Answers do not depend on the
   value's realm, and run none of its code. */

static JSValue util_class_of(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSClassID id;
    JSAtom name;
    JSValue result;

    (void)this_val;
    (void)argc;
    if (!JS_IsObject(argv[0]))
        return JS_UNDEFINED;
    id = JS_VALUE_GET_OBJ(argv[0])->class_id;
    switch (id) {
    case JS_CLASS_PROXY:
        return JS_NewString(ctx, "Proxy");
    case JS_CLASS_MODULE_NS:
        return JS_NewString(ctx, "ModuleNamespace");
    case JS_CLASS_GENERATOR:
        return JS_NewString(ctx, "GeneratorObject");
    case JS_CLASS_ASYNC_GENERATOR:
        return JS_NewString(ctx, "AsyncGeneratorObject");
    case JS_CLASS_GENERATOR_FUNCTION:
        return JS_NewString(ctx, "GeneratorFunction");
    case JS_CLASS_ASYNC_FUNCTION:
        return JS_NewString(ctx, "AsyncFunction");
    case JS_CLASS_ASYNC_GENERATOR_FUNCTION:
        return JS_NewString(ctx, "AsyncGeneratorFunction");
    case JS_CLASS_MAP_ITERATOR:
        return JS_NewString(ctx, "MapIterator");
    case JS_CLASS_SET_ITERATOR:
        return JS_NewString(ctx, "SetIterator");
    case JS_CLASS_ARGUMENTS:
    case JS_CLASS_MAPPED_ARGUMENTS:
        return JS_NewString(ctx, "Arguments");
    case JS_CLASS_BYTECODE_FUNCTION:
    case JS_CLASS_C_FUNCTION:
    case JS_CLASS_BOUND_FUNCTION:
    case JS_CLASS_C_FUNCTION_DATA:
    case JS_CLASS_C_CLOSURE:
        return JS_NewString(ctx, "Function");
    }
    name = ctx->rt->class_array[id].class_name;
    result = JS_AtomToString(ctx, name);
    return result;
}

static JSValue util_proxy_details(JSContext *ctx, JSValueConst this_val, int argc,
                                  JSValueConst *argv)
{
    JSProxyData *data;
    JSValue pair;

    (void)this_val;
    (void)argc;
    if (!JS_IsObject(argv[0]) || JS_VALUE_GET_OBJ(argv[0])->class_id != JS_CLASS_PROXY)
        return JS_UNDEFINED;
    data = JS_VALUE_GET_OBJ(argv[0])->u.proxy_data;
    pair = JS_NewArray(ctx);
    JS_DefinePropertyValueUint32(ctx, pair, 0, data->is_revoked ? JS_NULL : js_dup(data->target),
                                 JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(ctx, pair, 1, data->is_revoked ? JS_NULL : js_dup(data->handler),
                                 JS_PROP_C_W_E);
    return pair;
}

static JSValue util_promise_details(JSContext *ctx, JSValueConst this_val, int argc,
                                    JSValueConst *argv)
{
    JSPromiseStateEnum state = JS_PromiseState(ctx, argv[0]);
    JSValue pair;

    (void)this_val;
    (void)argc;
    if (state != JS_PROMISE_PENDING && state != JS_PROMISE_FULFILLED && state != JS_PROMISE_REJECTED)
        return JS_UNDEFINED;
    pair = JS_NewArray(ctx);
    JS_DefinePropertyValueUint32(ctx, pair, 0, JS_NewInt32(ctx, state), JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(ctx, pair, 1, JS_PromiseResult(ctx, argv[0]), JS_PROP_C_W_E);
    return pair;
}

/* getOwnNonIndexProperties(object, filter): 2 is enumerable ones only. */
static JSValue util_non_index_properties(JSContext *ctx, JSValueConst this_val, int argc,
                                         JSValueConst *argv)
{
    JSPropertyEnum *names;
    uint32_t count, i, n = 0;
    int32_t filter = 0;
    JSValue list;

    (void)this_val;
    (void)argc;
    if (JS_ToInt32(ctx, &filter, argv[1]))
        return JS_EXCEPTION;
    if (JS_GetOwnPropertyNames(ctx, &names, &count, argv[0],
                               JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK |
                                   (filter == 2 ? JS_GPN_ENUM_ONLY : 0)))
        return JS_EXCEPTION;
    list = JS_NewArray(ctx);
    for (i = 0; i < count; i++) {
        uint32_t index;
        if (JS_AtomIsArrayIndex(ctx, &index, names[i].atom))
            continue;
        JS_DefinePropertyValueUint32(ctx, list, n++, JS_AtomToValue(ctx, names[i].atom),
                                     JS_PROP_C_W_E);
    }
    JS_FreePropertyEnum(ctx, names, count);
    return list;
}

static void preview_add(JSContext *ctx, JSValue list, uint32_t *n, JSValueConst value)
{
    JS_DefinePropertyValueUint32(ctx, list, (*n)++, js_dup(value), JS_PROP_C_W_E);
}

/* previewEntries(map, set or iterator of one): [entries, whether keys and values alternate]. */
static JSValue util_preview_entries(JSContext *ctx, JSValueConst this_val, int argc,
                                    JSValueConst *argv)
{
    JSObject *p;
    JSMapState *map;
    JSMapRecord *from = NULL;
    JSIteratorKindEnum kind = JS_ITERATOR_KIND_KEY_AND_VALUE;
    bool set = false;
    struct list_head *el;
    JSValue list, pair;
    uint32_t n = 0;

    (void)this_val;
    (void)argc;
    if (!JS_IsObject(argv[0]))
        return JS_UNDEFINED;
    p = JS_VALUE_GET_OBJ(argv[0]);
    switch (p->class_id) {
    case JS_CLASS_SET:
    case JS_CLASS_WEAKSET:
        set = true;
        map = p->u.map_state;
        break;
    case JS_CLASS_MAP:
    case JS_CLASS_WEAKMAP:
        map = p->u.map_state;
        break;
    case JS_CLASS_SET_ITERATOR:
    case JS_CLASS_MAP_ITERATOR: {
        JSMapIteratorData *it = p->u.map_iterator_data;
        set = p->class_id == JS_CLASS_SET_ITERATOR;
        map = it && JS_IsObject(it->obj) ? JS_VALUE_GET_OBJ(it->obj)->u.map_state : NULL;
        kind = it ? it->kind : JS_ITERATOR_KIND_KEY;
        from = it ? it->cur_record : NULL;
        break;
    }
    default:
        return JS_UNDEFINED;
    }
    list = JS_NewArray(ctx);
    if (map) {
        /* nothing in the loop collects, so that no record of a weak map goes meanwhile */
        el = from ? from->link.next : map->records.next;
        for (; el != &map->records; el = el->next) {
            JSMapRecord *record = list_entry(el, JSMapRecord, link);
            if (record->empty)
                continue;
            if (set) {
                preview_add(ctx, list, &n, record->key);
                if (p->class_id == JS_CLASS_SET_ITERATOR && kind == JS_ITERATOR_KIND_KEY_AND_VALUE)
                    preview_add(ctx, list, &n, record->key);
                continue;
            }
            if (kind != JS_ITERATOR_KIND_VALUE)
                preview_add(ctx, list, &n, record->key);
            if (kind != JS_ITERATOR_KIND_KEY)
                preview_add(ctx, list, &n, record->value);
        }
    }
    pair = JS_NewArray(ctx);
    JS_DefinePropertyValueUint32(ctx, pair, 0, list, JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(
        ctx, pair, 1,
        JS_NewBool(ctx, kind == JS_ITERATOR_KIND_KEY_AND_VALUE &&
                            (!set || p->class_id == JS_CLASS_SET_ITERATOR)),
        JS_PROP_C_W_E);
    return pair;
}

static JSValue util_is_constructor(JSContext *ctx, JSValueConst this_val, int argc,
                                   JSValueConst *argv)
{
    (void)this_val;
    (void)argc;
    return JS_NewBool(ctx, JS_IsConstructor(ctx, argv[0]));
}

/* [file, line, column, how many characters are marked or -1, the line's text or undefined, whether it is of
   a text that did not parse] */
static JSValue thrown_to_value(JSContext *ctx, const ThrownPlace *place)
{
    JSValue array = JS_NewArray(ctx);
    JSValue text = place->text ? JS_NewStringLen(ctx, place->text, place->text_len) : JS_UNDEFINED;

    JS_DefinePropertyValueUint32(ctx, array, 0, JS_AtomToString(ctx, place->file), JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(ctx, array, 1, JS_NewInt32(ctx, place->line), JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(ctx, array, 2, JS_NewInt32(ctx, place->column), JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(ctx, array, 3, JS_NewInt32(ctx, place->width), JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(ctx, array, 4, text, JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(ctx, array, 5, JS_NewBool(ctx, place->is_of_text), JS_PROP_C_W_E);
    return array;
}

/* placeOfThrow(value): where the exception was thrown, or undefined. */
static JSValue util_place_of_throw(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    const ThrownPlace *place = place_of_thrown(ctx->rt->sandtide, argv[0]);

    (void)this_val;
    (void)argc;
    return place && place->file != JS_ATOM_NULL ? thrown_to_value(ctx, place) : JS_UNDEFINED;
}

/* madeAt(error): where an error was made, as far as its stack is still what it got then: the text of its
   frames, or, where the program formats stacks itself, a place like placeOfThrow()'s. */
static JSValue util_made_at(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    JSShapeProperty *prs;
    JSProperty *pr;
    JSObject *p;

    (void)this_val;
    (void)argc;
    if (!JS_IsObject(argv[0]))
        return JS_UNDEFINED;
    p = JS_VALUE_GET_OBJ(argv[0]);
    if (p->class_id != JS_CLASS_ERROR)
        return JS_UNDEFINED;
    prs = find_own_property(&pr, p, JS_ATOM_stack);
    if (is_thrown(&s->made, argv[0]) && s->made.file != JS_ATOM_NULL) {
        if (!prs || (prs->flags & JS_PROP_TMASK) || !js_same_value(ctx, pr->u.value, p->u.object_data))
            return JS_UNDEFINED;
        return thrown_to_value(ctx, &s->made);
    }
    return JS_IsString(p->u.object_data) ? js_dup(p->u.object_data) : JS_UNDEFINED;
}

/* lastSyntaxError(): [line, column, number of characters that are marked or -1] of the last syntax error. */
static JSValue util_last_syntax_error(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    Sandtide *s = ctx->rt->sandtide;
    JSValue place = JS_NewArray(ctx);

    (void)this_val;
    (void)argc;
    (void)argv;
    JS_DefinePropertyValueUint32(ctx, place, 0, JS_NewInt32(ctx, s->error_line), JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(ctx, place, 1, JS_NewInt32(ctx, s->error_column), JS_PROP_C_W_E);
    JS_DefinePropertyValueUint32(ctx, place, 2, JS_NewInt32(ctx, s->error_width), JS_PROP_C_W_E);
    return place;
}

/* queryObjects(constructor): the live objects that inherit from its prototype. */
static JSValue util_query_objects(JSContext *ctx, JSValueConst this_val, int argc,
                                  JSValueConst *argv)
{
    JSRuntime *rt = ctx->rt;
    struct list_head *el, *last;
    JSValue list, prototype;
    JSObject *wanted;
    uint32_t n = 0;

    (void)this_val;
    (void)argc;
    prototype = JS_GetProperty(ctx, argv[0], JS_ATOM_prototype);
    if (!JS_IsObject(prototype))
        return JS_IsException(prototype) ? prototype : JS_NewArray(ctx);
    wanted = JS_VALUE_GET_OBJ(prototype);
    /* nothing below collects: the list of all objects stays as it is but for its end */
    list = JS_NewArray(ctx);
    last = rt->gc_obj_list.prev;
    for (el = rt->gc_obj_list.next; el != &rt->gc_obj_list; el = el->next) {
        JSObject *p = list_entry(el, JSObject, header.link), *proto;
        if (JS_GC_TYPE(p) == JS_GC_OBJ_TYPE_JS_OBJECT && !p->free_mark &&
            p != JS_VALUE_GET_PTR(list)) {
            for (proto = p->shape->proto; proto && proto != wanted; proto = proto->shape->proto)
                ;
            if (proto)
                JS_DefinePropertyValueUint32(ctx, list, n++, js_dup(JS_MKPTR(JS_TAG_OBJECT, p)),
                                             JS_PROP_C_W_E);
        }
        if (el == last)
            break;
    }
    JS_FreeValue(ctx, prototype);
    return list;
}

/* isGlobal(value): whether it is the global object of a context. */
static JSValue util_is_global(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv)
{
    JSObject *p = JS_IsObject(argv[0]) ? JS_VALUE_GET_OBJ(argv[0]) : NULL;

    (void)this_val;
    (void)argc;
    return JS_NewBool(ctx, p && (sandtide_is_global(ctx, p->class_id) || (p->sandtide_realm & SANDTIDE_GLOBAL)));
}

static const JSCFunctionListEntry util_functions[] = {
    JS_CFUNC_DEF("placeOfThrow", 1, util_place_of_throw),
    JS_CFUNC_DEF("madeAt", 1, util_made_at),
    JS_CFUNC_DEF("saidByCallSite", 2, util_said_by_call_site),
    JS_CFUNC_DEF("lastSyntaxError", 0, util_last_syntax_error),
    JS_CFUNC_DEF("queryObjects", 1, util_query_objects),
    JS_CFUNC_DEF("classOf", 1, util_class_of),
    JS_CFUNC_DEF("getProxyDetails", 1, util_proxy_details),
    JS_CFUNC_DEF("getPromiseDetails", 1, util_promise_details),
    JS_CFUNC_DEF("getOwnNonIndexProperties", 2, util_non_index_properties),
    JS_CFUNC_DEF("previewEntries", 1, util_preview_entries),
    JS_CFUNC_DEF("isConstructor", 1, util_is_constructor),
    JS_CFUNC_DEF("isGlobal", 1, util_is_global),
};
