/* Array.prototype.flat on plain arrays of plain arrays (arrays.c says what those are): what it will meet is
   looked at first, and then all of it is copied, or nothing is done. Knows nothing of realms and sandboxes. */

/* Looks at what flat() will meet: all lists down to `depth` are plain, and nothing is an array that is not.
   `visits` bounds the work, since the same list may stand in many places. */
static bool flattens_plainly(JSContext *ctx, const JSObject *p, int depth, uint32_t *visits, uint32_t *count)
{
    uint32_t i;

    for (i = 0; i < p->u.array.count; i++) {
        JSValueConst element = p->u.array.u.values[i];
        if ((*visits)-- == 0)
            return false;
        if (JS_VALUE_GET_TAG(element) == JS_TAG_OBJECT && depth > 0) {
            JSObject *inner = JS_VALUE_GET_OBJ(element);
            if (inner->class_id == JS_CLASS_PROXY)
                return false;
            if (inner->class_id == JS_CLASS_ARRAY) {
                inner = plain_array(ctx, element);
                if (!inner || !has_no_holes(inner) || !flattens_plainly(ctx, inner, depth - 1, visits, count))
                    return false;
                continue;
            }
        }
        ++*count;
    }
    return true;
}

static void flatten_plainly(JSObject *all, const JSObject *p, int depth)
{
    uint32_t i;

    for (i = 0; i < p->u.array.count; i++) {
        JSValueConst element = p->u.array.u.values[i];
        if (JS_VALUE_GET_TAG(element) == JS_TAG_OBJECT && depth > 0 &&
            JS_VALUE_GET_OBJ(element)->class_id == JS_CLASS_ARRAY)
            flatten_plainly(all, JS_VALUE_GET_OBJ(element), depth - 1);
        else
            all->u.array.u.values[all->u.array.count++] = js_dup(element);
    }
}

/* flat(), where no script can be in between and nothing is nested deeper than a few lists. */
static bool sandtide_array_flat(JSContext *ctx, JSValueConst this_val, int argc, JSValueConst *argv,
                                JSValue *result)
{
    JSObject *p = plain_array(ctx, this_val), *all;
    uint32_t visits = 1 << 20, count = 0;
    int depth = 1;

    if (!p || !has_no_holes(p) || !species_is_array(ctx))
        return false;
    if (argc > 0 && !JS_IsUndefined(argv[0])) {
        if (JS_VALUE_GET_TAG(argv[0]) != JS_TAG_INT)
            return false;
        depth = JS_VALUE_GET_INT(argv[0]);
        if (depth > 8)
            return false;
    }
    if (!flattens_plainly(ctx, p, depth, &visits, &count))
        return false;
    *result = JS_EXCEPTION;
    all = new_array_with_room(ctx, count);
    if (!all)
        return true;
    flatten_plainly(all, p, depth);
    set_count(all, all->u.array.count);
    *result = JS_MKPTR(JS_TAG_OBJECT, all);
    return true;
}
