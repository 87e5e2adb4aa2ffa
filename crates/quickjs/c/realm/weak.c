/* Values of weak maps, for collections and for trials (release.c). A value is alive only while
   both its map and its key are. It is counted once, by the map; whether its map or its key leads
   to it depends on what children are followed for. Knows nothing of realms; a runtime without
   any comes here too.

   A collection takes counts away first (the map passes values on), then gives them back from what is
   known to be alive: when the second of map and key is reached, the value is passed on, once. What is
   left is garbage, and gets its counts back as well: values of dead maps from these, and of maps that
   live from their dead keys. */

/* Keys that are symbols are counted, not followed: they are alive. */
static bool weak_key_is_object(const JSMapRecord *mr)
{
    return JS_VALUE_GET_TAG(mr->key) == JS_TAG_OBJECT;
}

static bool weak_key_counts(const JSMapRecord *mr)
{
    return !weak_key_is_object(mr) || JS_REF_COUNT(JS_VALUE_GET_OBJ(mr->key)) > 0;
}

static bool weak_key_is_marked(const JSMapRecord *mr)
{
    return weak_key_is_object(mr) && JS_GC_MARK(JS_VALUE_GET_OBJ(mr->key));
}

/* Once for each collection. */
static void keep_weak_value(JSRuntime *rt, JSMapRecord *mr, JS_MarkFunc *mark_func)
{
    if (mr->sandtide_collection == rt->sandtide_collection)
        return;
    mr->sandtide_collection = rt->sandtide_collection;
    JS_MarkValue(rt, mr->value, mark_func);
}

static void mark_values_of_map(JSRuntime *rt, JSMapState *map, JS_MarkFunc *mark_func)
{
    struct list_head *el;

    list_for_each(el, &map->records) {
        JSMapRecord *mr = list_entry(el, JSMapRecord, link);
        switch (rt->sandtide_weak_maps) {
        case SANDTIDE_WEAK_MAPS_KEEP:
            if (weak_key_counts(mr))
                keep_weak_value(rt, mr, mark_func);
            break;
        case SANDTIDE_WEAK_MAPS_TRIAL_KEEP:
            if (!weak_key_is_marked(mr))
                JS_MarkValue(rt, mr->value, mark_func);
            break;
        default:
            JS_MarkValue(rt, mr->value, mark_func);
        }
    }
}

static void mark_values_of_key(JSRuntime *rt, JSObject *key, JS_MarkFunc *mark_func)
{
    JSWeakRefRecord *wr;

    for (wr = key->first_weak_ref; wr; wr = wr->next_weak_ref) {
        JSMapRecord *mr;
        JSObject *map;
        if (wr->kind != JS_WEAK_REF_KIND_MAP)
            continue;
        mr = wr->u.map_record;
        map = mr->map->sandtide_object;
        switch (rt->sandtide_weak_maps) {
        case SANDTIDE_WEAK_MAPS_COUNT:
            return;
        case SANDTIDE_WEAK_MAPS_KEEP:
            if (JS_REF_COUNT(map) > 0)
                keep_weak_value(rt, mr, mark_func);
            break;
        case SANDTIDE_WEAK_MAPS_TRIAL_VISIT:
            JS_MarkValue(rt, mr->value, mark_func);
            break;
        default: /* the values of maps that are marked are passed on by these, if at all */
            if (!JS_GC_MARK(map))
                JS_MarkValue(rt, mr->value, mark_func);
        }
    }
}

/* Of an object that may be a weak map, a key, or both. */
static void sandtide_mark_weak_map_values(JSRuntime *rt, JSObject *p, JS_MarkFunc *mark_func)
{
    if (p->class_id == JS_CLASS_WEAKMAP && p->u.map_state)
        mark_values_of_map(rt, p->u.map_state, mark_func);
    if (p->first_weak_ref)
        mark_values_of_key(rt, p, mark_func);
}
