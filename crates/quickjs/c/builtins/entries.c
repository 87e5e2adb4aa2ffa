/* Small objects as lists of what stands in them, for hosts that copy them out: no script is asked, nothing is
   allocated and nothing thrown. Knows nothing of realms and sandboxes. */

bool sandtide_is_plain(JSValueConst value)
{
    return JS_IsObject(value) && JS_VALUE_GET_OBJ(value)->class_id == JS_CLASS_OBJECT;
}

const char *sandtide_short_ascii(JSValueConst value, size_t most, size_t *length)
{
    JSString *text;

    if (JS_VALUE_GET_TAG(value) != JS_TAG_STRING)
        return NULL;
    text = JS_VALUE_GET_STRING(value);
    if (text->is_wide_char || text->len > most || !sandtide_is_ascii(str8(text), text->len))
        return NULL;
    *length = text->len;
    return (const char *)str8(text);
}

static bool stands_for_itself(JSValueConst value)
{
    switch (JS_VALUE_GET_NORM_TAG(value)) {
    case JS_TAG_INT:
    case JS_TAG_BOOL:
    case JS_TAG_NULL:
    case JS_TAG_UNDEFINED:
    case JS_TAG_FLOAT64:
    case JS_TAG_STRING:
        return true;
    default:
        return false;
    }
}

int sandtide_list_entries(JSContext *ctx, JSValueConst object, SandtideEntry *entries, int most,
                          size_t longest)
{
    JSShapeProperty *prs;
    JSObject *p;
    int i, count = 0;

    if (!sandtide_is_plain(object))
        return -1;
    p = JS_VALUE_GET_OBJ(object);
    if (p->is_exotic || p->shape->prop_count > most)
        return -1;
    prs = get_shape_prop(p->shape);
    for (i = 0; i < p->shape->prop_count; i++, prs++) {
        JSAtomStruct *name;
        if (prs->atom == JS_ATOM_NULL)
            continue;
        if (__JS_AtomIsTaggedInt(prs->atom))
            return -1;
        name = ctx->rt->atom_array[prs->atom];
        if (name->atom_type != JS_ATOM_TYPE_STRING || !(prs->flags & JS_PROP_ENUMERABLE))
            continue;
        if ((prs->flags & JS_PROP_TMASK) != JS_PROP_NORMAL || name->is_wide_char || is_digit_name(name) ||
            name->len > longest || !sandtide_is_ascii(str8(name), name->len) ||
            !stands_for_itself(p->prop[i].u.value))
            return -1;
        entries[count].name = (const char *)str8(name);
        entries[count].length = name->len;
        entries[count++].value = p->prop[i].u.value;
    }
    return count;
}
