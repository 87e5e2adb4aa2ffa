/* Object.keys, Object.values and Object.entries of ordinary objects, of which no script is asked: their
   properties as they stand. Whatever has indices, which come before all other names, and values that are
   got by a call are left to the engine's generic code. Knows nothing of realms and sandboxes. */

/* How many names the list will have; -1: it is left to the generic code. */
static int64_t count_own_names(JSContext *ctx, JSObject *p, int kind)
{
    JSShapeProperty *prs = get_shape_prop(p->shape);
    int64_t count = 0;
    uint32_t i;

    for (i = 0; i < p->shape->prop_count; i++, prs++) {
        JSAtomStruct *name;
        if (prs->atom == JS_ATOM_NULL)
            continue;
        if (__JS_AtomIsTaggedInt(prs->atom))
            return -1;
        name = ctx->rt->atom_array[prs->atom];
        if (name->atom_type != JS_ATOM_TYPE_STRING || !(prs->flags & JS_PROP_ENUMERABLE))
            continue;
        if (is_digit_name(name) ||
            ((prs->flags & JS_PROP_TMASK) != JS_PROP_NORMAL &&
             (kind != JS_ITERATOR_KIND_KEY || (prs->flags & JS_PROP_TMASK) != JS_PROP_GETSET)))
            return -1;
        count++;
    }
    return count;
}

/* Whether the list was made: it is an exception where there was no memory for it. */
static bool sandtide_own_list(JSContext *ctx, JSValueConst object, int flags, int kind, JSValue *list)
{
    JSShapeProperty *prs;
    JSObject *p, *all;
    JSShape *shape;
    int64_t count;
    uint32_t i, at = 0;

    if (JS_VALUE_GET_TAG(object) != JS_TAG_OBJECT || flags != (JS_GPN_ENUM_ONLY | JS_GPN_STRING_MASK))
        return false;
    p = JS_VALUE_GET_OBJ(object);
    if (p->class_id != JS_CLASS_OBJECT || p->is_exotic)
        return false;
    count = count_own_names(ctx, p, kind);
    if (count < 0)
        return false;
    *list = JS_EXCEPTION;
    all = new_array_with_room(ctx, count);
    if (!all)
        return true;
    shape = p->shape;
    prs = get_shape_prop(shape);
    for (i = 0; i < shape->prop_count; i++, prs++) {
        JSValue name, value;
        if (prs->atom == JS_ATOM_NULL || !(prs->flags & JS_PROP_ENUMERABLE) ||
            ctx->rt->atom_array[prs->atom]->atom_type != JS_ATOM_TYPE_STRING)
            continue;
        if (kind == JS_ITERATOR_KIND_VALUE) {
            value = js_dup(p->prop[i].u.value);
        } else {
            value = name = JS_AtomToString(ctx, prs->atom);
            if (kind == JS_ITERATOR_KIND_KEY_AND_VALUE) {
                JSValueConst pair[2] = { name, p->prop[i].u.value };
                value = js_create_array(ctx, 2, pair);
                JS_FreeValue(ctx, name);
            }
            if (JS_IsException(value)) {
                JS_FreeValue(ctx, JS_MKPTR(JS_TAG_OBJECT, all));
                return true;
            }
        }
        all->u.array.u.values[at++] = value;
        set_count(all, at);
    }
    *list = JS_MKPTR(JS_TAG_OBJECT, all);
    return true;
}
